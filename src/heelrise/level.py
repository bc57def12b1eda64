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

from heelrise.landmarks import LEFT_TOE, RIGHT_TOE, STILL
from heelrise.legs import LegSample
from heelrise.settings import FootLever, Perspective, Rejection, RiseError, Stance
from heelrise.stance import Stance as StanceNow

Floats = NDArray[np.float64]


def heel_level(body_above_flat: Floats, lever: FootLever) -> Floats:
    """Return the heel's level above flat foot for the body's, both in shin lengths.

    With the ball of the foot as the fulcrum, ``a`` the ankle's distance behind it, ``c`` the
    ankle's height and ``t`` the foot's angle, the ankle rises by ``a sin t - c (1 - cos t)`` and
    the heel's sole by ``h sin t``. Beyond the angle where the first stops growing the second is
    continued along its slope at 35 degrees: noise must not meet an edge.
    """
    a, c, h = lever.ankle_to_ball, lever.ankle_height, lever.heel_to_ball
    body = np.asarray(body_above_flat, dtype=np.float64)
    bend = np.radians(35.0)
    body_bend = a * np.sin(bend) - c * (1 - np.cos(bend))
    slope = h * np.cos(bend) / (a * np.cos(bend) - c * np.sin(bend))
    within = np.minimum(body, body_bend)
    angle = np.arcsin(np.clip((within + c) / np.hypot(a, c), -1.0, 1.0)) - np.arctan2(c, a)
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
    disturbed: bool,
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
    disturbed : bool
        Whether something in the rep parts the body's height from the heel's.
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
        error.disturbed_shin * disturbed,
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


class FlatPlace:
    """Where the feet stood when flat foot was learned, and whether they have left it."""

    def __init__(self, limits: Rejection) -> None:
        self._r = limits
        self._toes_px: Floats | None = None
        self._learned_s = 0.0  # when they were seen to stand there last
        self._camera = STILL  # where it was then
        self._near_s = 0.0  # when they were near that place last
        self._last_s = self._stepped_s = 0.0  # the last picture's time; for how long on a step
        self._leg_since_s: float | None = None  # since when one leg carries
        self._on_leg_s = -math.inf  # when one leg last carried for longer than a step takes

    @property
    def known(self) -> bool:
        """Whether somebody was seen to stand still at that level."""
        return self._toes_px is not None

    def forget(self) -> None:
        """The level is not known any more, nor its place."""
        self._toes_px = self._leg_since_s = None
        self._on_leg_s = -math.inf
        self._stepped_s = 0.0

    def learn(self, sample: LegSample) -> None:
        """Take the place of somebody who stands still on both feet.

        Slowly: of a foot that has begun a step nobody is to say that it stands where it is now. At
        once where both feet are elsewhere.
        """
        toes, since_s = _toes(sample), sample.t_s - self._learned_s
        weight = 1.0 - math.exp(-min(since_s, self._r.flat_place_step_s) / self._r.flat_place_s)
        known = self._toes_px
        if known is not None:
            gone = np.linalg.norm(toes - known, axis=1) / sample.shin_px
            known = None if gone.min() > self._r.flat_aside_shin else known
        self._toes_px = toes if known is None else known + weight * (toes - known)
        self._learned_s = sample.t_s
        self._camera = sample.pose.camera
        self._on_leg_s = -math.inf
        self._stepped_s = 0.0

    def stepped(self, sample: LegSample, stance: StanceNow, above_flat: float) -> bool:
        """Whether they stand on a step now, or on the floor beside it.

        Both forefeet are higher or lower than they were, and so is the body, by ``above_flat``
        shin lengths and about as far: what looked like a rise was the way there. A heel that drops
        over an edge takes the landmarks of the toes along, and the body by much less than these.
        Nor is somebody on a step who stood on one leg a moment ago: that is the top of a rise.
        """
        self._follow_leg(sample.t_s, stance)
        if self._toes_px is None or stance.side is None or not stance.still:
            return False
        gone = (_toes(sample) - self._toes_px) / sample.shin_px
        steady = self._camera_stayed(sample)
        if stance.side != "both":
            foot, times = gone[0 if stance.side == "left" else 1], self._r.flat_leg_times
            return steady and self._came_along(np.array([foot, foot]), above_flat, times)
        if steady and self._came_along(gone, above_flat):
            return True
        if above_flat > 0.0 and sample.t_s - self._on_leg_s < self._r.flat_off_leg_s:
            return False
        down = gone[:, 1]
        least = max(self._r.flat_step_shin, self._r.flat_step_share * abs(above_flat))
        most = abs(above_flat) / self._r.flat_step_body_share
        toes = float(down.min() if down.min() > 0.0 else -down.max())
        return least < toes < most

    def _camera_stayed(self, sample: LegSample) -> bool:
        """Whether it is where it was: one that is carried comes nearer itself."""
        now, then = sample.pose.camera, self._camera
        moved_px = math.hypot(now.x_px - then.x_px, now.y_px - then.y_px)
        turned_px = abs(now.turn_rad - then.turn_rad) * sample.pose.height_px
        return max(moved_px, turned_px) < self._r.flat_camera_shin * sample.shin_px

    def _came_along(self, gone: Floats, above_flat: float, times: float = 1.0) -> bool:
        """Whether both feet, (2, 2) shins from where they stood, have gone nearer or further.

        Either far, or down the picture while the body went up in it, or the other way round: no
        heel that rises or drops does that.
        """
        limits, (aside, down) = self._r, gone.mean(axis=0)
        together, apart = math.hypot(aside, down), math.dist(*gone) / 2
        if apart > limits.flat_moved_share * together or abs(above_flat) < limits.flat_moved_body:
            return False
        against = abs(down) > times * limits.flat_against_shin and down * above_flat > 0.0
        return bool(against) or together > times * limits.flat_moved_shin

    def _follow_leg(self, t_s: float, stance: StanceNow) -> None:
        if stance.side not in ("left", "right"):
            self._leg_since_s = None
        elif self._leg_since_s is None:
            self._leg_since_s = t_s
        elif t_s - self._leg_since_s > self._r.flat_step_most_s:
            self._on_leg_s = t_s

    def left(self, sample: LegSample, still: bool, stepped: bool) -> bool:
        """Whether both feet have been elsewhere for long enough.

        Where they are not ``still`` for a moment, that says nothing of a step.
        """
        step_s, self._last_s = sample.t_s - self._last_s, sample.t_s
        if self._toes_px is None:
            return False
        gone = np.linalg.norm(_toes(sample) - self._toes_px, axis=1) / sample.shin_px
        if gone.min() < self._r.flat_travel_shin:
            self._near_s = sample.t_s
        if stepped:
            self._stepped_s += min(step_s, self._r.flat_place_step_s)
        elif still:
            self._stepped_s = 0.0
        return max(sample.t_s - self._near_s, self._stepped_s) > self._r.flat_travel_s


def _toes(sample: LegSample) -> Floats:
    """Return where the toes are, pixels, shape (2, 2)."""
    return np.asarray(sample.xy_px[[LEFT_TOE, RIGHT_TOE]])
