"""Where the feet stood when flat foot was learned: elsewhere it is another level."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from heelrise.landmarks import LEFT_TOE, RIGHT_TOE, STILL
from heelrise.legs import LegSample
from heelrise.settings import Rejection
from heelrise.stance import Stance

Floats = NDArray[np.float64]


class FlatPlace:
    """Where the feet stood when flat foot was learned, and whether they have left it."""

    def __init__(self, limits: Rejection) -> None:
        self._r = limits
        self._toes_px: Floats | None = None
        self._learned_s = 0.0  # when they were seen to stand there last
        self._camera = STILL  # where it was then
        self._near_s = 0.0  # when they were near that place last
        self._last_s = self._elsewhere_s = 0.0  # the last picture; for how long elsewhere
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
        self._elsewhere_s = 0.0

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
        self._elsewhere_s = 0.0

    def elsewhere(self, sample: LegSample, stance: Stance, above_flat: float) -> bool:
        """Whether they stand on a step now, on the floor beside it, nearer or further away.

        On a step both forefeet are higher or lower than they were, and so is the body, by
        ``above_flat`` shin lengths and about as far: what looked like a rise was the way there. A
        heel that drops over an edge takes the landmarks of the toes along, and the body by much
        less than these. Nor is somebody on a step who stood on one leg a moment ago: that is the
        top of a rise.
        """
        self._follow_leg(sample.t_s, stance)
        if self._toes_px is None or stance.side is None or not stance.still:
            return False
        gone = (_toes(sample) - self._toes_px) / sample.shin_px
        steady = self.camera_stayed(sample)
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

    def camera_stayed(self, sample: LegSample) -> bool:
        """Whether the camera is where it was: one that is carried comes nearer itself."""
        now, then = sample.pose.camera, self._camera
        moved_px = math.hypot(now.x_px - then.x_px, now.y_px - then.y_px)
        turned_px = abs(now.turn_rad - then.turn_rad) * sample.pose.height_px
        return max(moved_px, turned_px) < self._r.flat_camera_shin * sample.shin_px

    def _came_along(self, gone: Floats, above_flat: float, times: float = 1.0) -> bool:
        """Whether both feet, (2, 2) shins from where they stood, have gone nearer or further.

        Either far, or down the picture while the body went up in it, or the other way round: no
        heel that rises or drops does that.
        """
        limits, (aside, down) = self._r, (gone[0] + gone[1]) / 2
        together, apart = math.hypot(aside, down), math.dist(*gone) / 2
        if apart > limits.flat_moved_share * together or abs(above_flat) < limits.flat_moved_body:
            return False
        against = abs(down) > times * limits.flat_against_shin and down * above_flat > 0.0
        return bool(against) or together > times * limits.flat_moved_shin

    def _follow_leg(self, t_s: float, stance: Stance) -> None:
        if stance.side not in ("left", "right"):
            self._leg_since_s = None
        elif self._leg_since_s is None:
            self._leg_since_s = t_s
        elif t_s - self._leg_since_s > self._r.flat_step_most_s:
            self._on_leg_s = t_s

    def left(self, sample: LegSample, still: bool, elsewhere: bool) -> bool:
        """Whether both feet have been elsewhere for long enough.

        Where they are not ``still`` for a moment, that says nothing of where they stand.
        """
        step_s, self._last_s = sample.t_s - self._last_s, sample.t_s
        if self._toes_px is None:
            return False
        gone = np.linalg.norm(_toes(sample) - self._toes_px, axis=1) / sample.shin_px
        if gone.min() < self._r.flat_travel_shin:
            self._near_s = sample.t_s
        if elsewhere:
            self._elsewhere_s += min(step_s, self._r.flat_place_step_s)
        elif still:
            self._elsewhere_s = 0.0
        return max(sample.t_s - self._near_s, self._elsewhere_s) > self._r.flat_travel_s


def _toes(sample: LegSample) -> Floats:
    """Return where the toes are, pixels, shape (2, 2)."""
    return np.asarray(sample.xy_px[[LEFT_TOE, RIGHT_TOE]])
