"""From the body's height to the heel's: the flat-foot level, and the foot as a lever.

When the heel rises the foot turns about its ball. The ankle, and the whole body on it, rises by
less than the heel, and by a share that changes with the angle: below flat foot the ankle moves
almost as much as the heel, high up much less (measured: the heel moves 1.75-2.0 times the body on
the floor, 1.4-1.65 times where the rise starts below step level).
"""

from __future__ import annotations

import math
from collections import deque
from statistics import median

import numpy as np
from numpy.typing import NDArray

from heelrise.settings import FootLever, Perspective, RiseError, Stance
from heelrise.stance import Stance as StanceNow

Floats = NDArray[np.float64]


def heel_level(body_above_flat: Floats, lever: FootLever) -> Floats:
    """Return the heel's level above flat foot for the body's, both in shin lengths, shape (N,).

    With the ball of the foot as the fulcrum, ``a`` the ankle's distance behind it, ``c`` the
    ankle's height and ``t`` the foot's angle, the ankle rises by ``a sin t - c (1 - cos t)`` and
    the heel's sole by ``h sin t``. Beyond the angle where the first stops growing the second is
    continued along its slope at 35 degrees: noise must not meet an edge.
    """
    a, c, h = lever.ankle_to_ball, lever.ankle_height, lever.heel_to_ball
    body = np.asarray(body_above_flat, dtype=np.float64)
    bend = math.radians(35.0)
    body_bend = a * math.sin(bend) - c * (1 - math.cos(bend))
    slope = h * math.cos(bend) / (a * math.cos(bend) - c * math.sin(bend))
    within = np.minimum(body, body_bend)
    angle = np.arcsin(np.clip((within + c) / math.hypot(a, c), -1.0, 1.0)) - math.atan2(c, a)
    return np.asarray(h * np.sin(angle) + slope * np.maximum(body - body_bend, 0.0))


def true_share(facing: float, above: float, perspective: Perspective) -> float:
    """Return the true rise of the body as a share of the rise that is seen.

    A body that rises by ``B`` on the ball of the foot goes forward by ``forward_share * B``. Facing
    the camera, what is above the camera's height seems to rise by that times ``above`` more.

    Parameters
    ----------
    facing : float
        1 facing the camera, 0 in profile, -1 from behind.
    above : float
        Tangent of the angle at which the body's points are seen above the camera's height.
    perspective : Perspective
    """
    return 1.0 / (1.0 + perspective.forward_share * facing * above)


def rise_sd(
    rise: float,
    facing: float,
    parted_shin: float,
    unseen_share: float,
    refused: float,
    error: RiseError,
) -> float:
    """Return the standard deviation of a measured rise, in the unit of the rise (shins).

    Parameters
    ----------
    rise : float
        As measured, shin lengths.
    facing : float
        1 facing the camera, 0 in profile, -1 from behind.
    parted_shin : float
        How far something in the rep may part the body's height from the heel's, shin lengths.
    unseen_share : float
        Share of the rep's time without a trusted frame, 0 to 1.
    refused : float
        How far the trunk's texture was not believed, 0 to 1: it and the landmarks disagree.
    error : RiseError
    """
    parts = (
        error.body_share * rise,
        error.view_share * rise * facing,
        error.least_shin,
        parted_shin,
        error.unseen_shin * unseen_share,
        error.refused * rise * refused,
    )
    return float(np.linalg.norm(parts))


class FlatLevel:
    """The body's height on the flat foot: learned on both feet, refined on one.

    Lifting the other leg shifts the landmarks of the body by up to 0.03 shins (measured); so the
    first still moments on one leg count more, when they are near what both feet showed.
    """

    def __init__(self, stance: Stance) -> None:
        self._s = stance
        self._both: float | None = None
        self._both_s = 0.0
        self._put_down_s: float | None = None  # since when both feet are down
        self._other: tuple[float, float] | None = None  # (since, level) of another flat level
        self._shaky: deque[tuple[float, float]] = deque()
        self._one: list[float] = []
        self._one_since_s: float | None = None

    def forget(self) -> None:
        """The person is gone, or stands elsewhere."""
        self._both = None
        self._other = None
        self._shaky.clear()
        self._one.clear()
        self._one_since_s = self._put_down_s = None

    @property
    def body(self) -> float | None:
        """Height of the body on the flat foot, shin lengths; None when no flat stance was seen."""
        if len(self._one) >= self._s.flat_frames:
            return median(self._one)
        return self._both

    def shift(self, by: float) -> None:
        """Follow a camera that drifts: everything known moves by so many shin lengths."""
        if self._both is not None:
            self._both += by
        self._one = [height + by for height in self._one]

    def update(
        self, t_s: float, height: float, stance: StanceNow, raised: bool, bent: bool
    ) -> None:
        """Take the next height.

        ``raised``: a rise is under way, the foot is not flat. ``bent``: a knee is; on both feet
        that is a squat, whose level says nothing of the flat foot's.
        """
        if self._other is not None and abs(height - self._other[1]) > self._s.still_shin:
            self._other = None
        if stance.side != "both":
            self._put_down_s = None
        elif self._put_down_s is None:
            self._put_down_s = t_s
        if self._put_down_s is not None:
            # A foot that touches down in a rise, with the other heel still up, is no flat stance.
            brief = t_s - self._put_down_s < self._s.flat_both_s and self._both is not None
            if bent:
                self._other = None
                self._shaky.clear()
            elif stance.still and not raised and not brief:
                self._learn_both(t_s, height)
            elif self._both is None:
                self._learn_shaky(t_s, height)
            return
        self._shaky.clear()
        if stance.side is None or self._both is None or raised:
            return
        if self._one_since_s is None:
            self._one_since_s = t_s
        early = t_s - self._one_since_s < self._s.flat_within_s
        off = height - self._both
        near = -self._s.flat_near_shin < off < self._s.flat_lift_shin
        # The first rest on one leg: later ones may be of a heel that has dropped over the edge.
        first = not self._one or abs(height - self._one[0]) < self._s.flat_same_shin
        if early and near and first and stance.still:
            self._one.append(height)

    def _learn_shaky(self, t_s: float, height: float) -> None:
        """A hand-held camera is never still: the middle of a longer look must do."""
        self._shaky.append((t_s, height))
        while self._shaky[0][0] < t_s - self._s.shaky_s:
            self._shaky.popleft()
        heights = [kept for _, kept in self._shaky]
        long = t_s - self._shaky[0][0] > 0.9 * self._s.shaky_s
        if long and max(heights) - min(heights) < self._s.shaky_shin:
            self._both, self._both_s = float(np.median(heights)), t_s

    def _learn_both(self, t_s: float, height: float) -> None:
        known = self._both
        if known is not None and abs(height - known) > self._s.flat_change_shin:
            # A squat held still, or another place: only the second lasts.
            if self._other is None:
                self._other = (t_s, height)
            if t_s - self._other[0] < self._s.flat_change_s:
                return
            known = None
        self._other = None
        if known is None:
            self._both = height
        else:
            seen_s = t_s - self._both_s
            if height < known:  # so it would be on a heel that drops over an edge, a foot crossed
                seen_s = min(seen_s, self._s.baseline_step_s)
            weight = 1.0 - float(np.exp(-seen_s / self._s.baseline_s))
            self._both = known + weight * (height - known)
        self._both_s = t_s
        self._one.clear()
        self._one_since_s = None
