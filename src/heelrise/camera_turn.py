"""How far the camera is turned about its own axis, told by the body of who stands before it.

A picture turned by 3 degrees looks straight to whoever props up a laptop, and puts one of two
standing feet lower than the other. Whoever stands has the trunk over the feet.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from heelrise.landmarks import (
    LEFT_ANKLE,
    LEFT_HEEL,
    LEFT_HIP,
    LEFT_SHOULDER,
    LEFT_TOE,
    RIGHT_ANKLE,
    RIGHT_HEEL,
    RIGHT_HIP,
    RIGHT_SHOULDER,
    RIGHT_TOE,
)
from heelrise.running_median import RunningMedian
from heelrise.settings import Stance

TRUNK = (LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP)
GROUND = (LEFT_ANKLE, RIGHT_ANKLE, LEFT_TOE, RIGHT_TOE)


class CameraTurn:
    """Learns the picture's turn from who stands in it, and takes it off where it can be told."""

    def __init__(self, stance: Stance) -> None:
        self._limits = stance
        self._seen_deg = RunningMedian(stance.turn_remembered_s)
        self._facing = RunningMedian(stance.turn_steadied_s)
        self._believed_deg = 0.0

    def forget(self) -> None:
        """Forget the turn: another camera shows the picture."""
        self._seen_deg.clear()
        self._facing.clear()
        self._believed_deg = 0.0

    def levelled(
        self, t_s: float, xy_px: NDArray[np.float64], facing: float
    ) -> NDArray[np.float64]:
        """Return landmarks as a camera that stands upright would see them.

        Parameters
        ----------
        t_s : float
            Time of the picture, seconds.
        xy_px : ndarray, shape (33, 2)
            The landmarks of the next picture, pixels.
        facing : float
            1 facing the camera, 0 in profile, -1 seen from behind. Seen from the side a body that
            leans looks like a camera that turns: nothing is learned there. What was learned from
            front and back is taken off in every view, as the camera stays as it stands.
        """
        limits = self._limits
        self._facing.add(abs(facing), t_s)
        if min(abs(facing), self._facing.median) > limits.turn_facing:
            self._seen_deg.add(self._upright_deg(xy_px, facing), t_s)
        if len(self._seen_deg):
            seen_deg = self._seen_deg.median
            most_deg = max(abs(seen_deg) - limits.turn_doubt_deg, 0.0)
            turn_deg = math.copysign(most_deg, seen_deg)
            if abs(turn_deg - self._believed_deg) > limits.turn_change_deg:
                self._believed_deg = turn_deg
        if not self._believed_deg:
            return xy_px
        turn = math.radians(self._believed_deg)
        cos, sin = math.cos(turn), math.sin(turn)
        x, y = xy_px[:, 0], xy_px[:, 1]
        return np.stack([cos * x + sin * y, cos * y - sin * x], axis=-1)

    def _upright_deg(self, xy: NDArray[np.float64], facing: float) -> float:
        """Return how far one picture seems turned, degrees clockwise.

        The middle of the trunk is over the feet; seen from the side it is a little ahead of them.
        """
        up = (xy[list(TRUNK)].sum(axis=0) - xy[list(GROUND)].sum(axis=0)) / len(TRUNK)
        ahead = np.sign(xy[[LEFT_TOE, RIGHT_TOE], 0].sum() - xy[[LEFT_HEEL, RIGHT_HEEL], 0].sum())
        seen_deg = math.degrees(math.atan2(up[0], -up[1]))
        return float(seen_deg - self._limits.ahead_deg * (1.0 - facing**2) * ahead)
