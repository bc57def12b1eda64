"""Whether the person has walked to another place: their size in the picture is another there."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from heelrise.landmarks import (
    LEFT_ANKLE,
    LEFT_HIP,
    LEFT_SHOULDER,
    RIGHT_ANKLE,
    RIGHT_HIP,
    RIGHT_SHOULDER,
)
from heelrise.settings import Framing

Floats = NDArray[np.float64]


class WalkWatch:
    """Notices walks: feet and trunk have been away from their place for a while.

    Whoever comes nearer or goes away looks like a squat that rises or sinks; the feet of a squat
    stay where they are.
    """

    def __init__(self, framing: Framing) -> None:
        self._f = framing
        self._place_px: Floats | None = None  # where ankles and trunk are when they are in place
        self._seen_s = self._there_s = 0.0  # at all, and in their place
        self.last_s = -np.inf  # when a walk was noticed last
        self.count = 0

    def update(self, t_s: float, xy_px: Floats, shin_px: float, usual_shin_px: float) -> bool:
        """Take the next landmarks (33, 2); return whether the person has walked.

        In a long walk that is said again and again, for the last time where it ends. ``shin_px`` is
        as long as the body of just now says.
        """
        trunk_px = [(xy_px[LEFT_SHOULDER] + xy_px[RIGHT_SHOULDER]) / 2]
        trunk_px.append((xy_px[LEFT_HIP] + xy_px[RIGHT_HIP]) / 2)
        body_px = np.array([xy_px[LEFT_ANKLE], xy_px[RIGHT_ANKLE], *trunk_px])
        place_px = body_px if self._place_px is None else self._place_px
        moved_px = body_px - place_px
        since_s, self._seen_s = t_s - self._seen_s, t_s
        if not self._away(t_s, moved_px, max(shin_px, 1e-6), usual_shin_px):
            pace = 1.0 - float(np.exp(-since_s / self._f.place_feet_s))
            self._place_px = place_px + pace * moved_px
            self._there_s = t_s
            return False
        if t_s - self._there_s <= self._f.walked_s:
            return False
        self._place_px = body_px
        self.last_s = self._there_s = t_s
        self.count += 1
        return True

    def _away(self, t_s: float, moved_px: Floats, shin_px: float, usual_shin_px: float) -> bool:
        """Whether a body that moved so far, shape (4, 2), is in another place.

        Both feet are, on the same side of where they were: no lifted leg, no jumping jack. The legs
        may be short because somebody who walks by has caught the feet, but not the trunk.
        """
        left, right, *trunk_px = moved_px
        feet = min(math.hypot(*moved) for moved in (left, right, (left + right) / 2)) / shin_px
        trunk = max(math.hypot(*moved) for moved in trunk_px) / max(shin_px, usual_shin_px)
        resized = abs(shin_px / max(usual_shin_px, 1e-6) - 1.0) > self._f.scale_change
        if resized or t_s - self.last_s < self._f.walking_s:
            least = self._f.walking_shin
        elif feet > self._f.walked_shin or trunk > self._f.walked_trunk_shin:
            least = self._f.walked_shin
        else:
            return False
        return feet > self._f.walking_shin and trunk > self._f.walked_trunk_share * least
