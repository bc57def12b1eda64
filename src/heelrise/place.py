"""Where the person followed stands: who stays there is they, whoever else walks by.

The pose model is drawn along by somebody who passes near: it stretches the body over both, or goes
away with the other one. Who stands on one leg stays where they are and keeps the shape of head and
trunk, so a body that does not is doubted until a look at the whole picture has seen the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from heelrise.landmarks import (
    LEFT_EAR,
    LEFT_HIP,
    LEFT_SHOULDER,
    NOSE,
    RIGHT_EAR,
    RIGHT_HIP,
    RIGHT_SHOULDER,
)
from heelrise.settings import Framing

Points = NDArray[np.float64]

SHOULDERS = [LEFT_SHOULDER, RIGHT_SHOULDER]
HIPS = [LEFT_HIP, RIGHT_HIP]
# In a heel rise they go up and down as one, whatever arms and legs do.
_RIGID = [NOSE, LEFT_EAR, RIGHT_EAR, *SHOULDERS, *HIPS]


def middle(xy_px: Points, part: list[int]) -> Points:
    """Return the middle, shape (2,), of a left and a right landmark of (33, 2)."""
    left, right = part
    return np.asarray((xy_px[left] + xy_px[right]) / 2)


def trunk_px(xy_px: Points) -> float:
    """Return the length of the trunk, mid shoulders to mid hips, of landmarks (33, 2)."""
    return math.dist(middle(xy_px, SHOULDERS), middle(xy_px, HIPS))


def apart(one: Points, other: Points) -> float:
    """Return how far shoulders and hips of two bodies (33, 2) are apart, in trunks of the larger.

    So a small phantom inside a person is near.
    """
    apart_px = [math.dist(middle(one, part), middle(other, part)) for part in (SHOULDERS, HIPS)]
    return fmean(apart_px) / max(trunk_px(one), trunk_px(other), 1e-6)


def unlike(one: Points, other: Points) -> float:
    """Return how differently head and trunk of two bodies (33, 2) are shaped, in trunks.

    Root mean square over their landmarks, wherever the bodies are.
    """
    moved = one[_RIGID] - other[_RIGID]
    moved = moved - moved.mean(axis=0)
    size_px = max(trunk_px(one), trunk_px(other), 1e-6)
    return float(np.sqrt((moved**2).sum(axis=1).mean())) / size_px


class Place:
    """Learns where somebody stands, and doubts what leaves it while somebody else is about.

    Parameters
    ----------
    framing : Framing
        How long somebody stands before they have a place, and what differs from it.
    """

    def __init__(self, framing: Framing) -> None:
        """Start with no place known."""
        self._f = framing
        self._points: Points | None = None  # landmarks, followed slowly
        self._believed: Points | None = None  # and as they were last, without a doubt
        self._known = False
        self._since_s = self._last_s = 0.0
        self._away_since_s: float | None = None
        self._vouched_s = -np.inf  # when a look last saw the body as it is followed
        self._others_s = -np.inf  # when a look last saw somebody else
        self.odd = False  # the body followed is elsewhere, or of another shape

    def forget(self) -> None:
        """Forget it: the person has left it, or another one is followed."""
        self._points = self._believed = self._away_since_s = None
        self._known = self.odd = False

    def follow(self, t_s: float, xy_px: Points) -> None:
        """Take the body followed (33, 2) in the next picture."""
        step_s, self._last_s = t_s - self._last_s, t_s
        if self._points is None:
            self._points, self._since_s = xy_px, t_s
            return
        there = apart(xy_px, self._points) < self._f.place_trunks
        like = unlike(xy_px, self._points) <= self._f.odd_trunks
        self.odd = self._known and not (there and like)
        vouched = t_s - self._vouched_s <= self._f.vouched_s
        if vouched or not self.odd:
            self._believed = xy_px
        if there:
            self._away_since_s = None
            self._known = self._known or t_s - self._since_s >= self._f.place_s
            if vouched or not self.odd or not self._others_about(t_s):
                pace = 1.0 - float(np.exp(-step_s / self._f.place_learn_s))
                self._points = self._points + pace * (xy_px - self._points)
        elif not self._known:
            self._points, self._since_s = xy_px, t_s
        elif self._away_since_s is None:
            self._away_since_s = t_s
        elif t_s - self._away_since_s > self._f.place_left_s:
            self.forget()

    def look(
        self, t_s: float, followed: Points | None, mine: Points | None, others: Sequence[Points]
    ) -> Points | None:
        """Take what a look at the whole picture found; return who stands there instead.

        Parameters
        ----------
        t_s : float
            Time of the picture, seconds.
        followed : ndarray, shape (33, 2), or None
            The body followed, pixels.
        mine : ndarray, shape (33, 2), or None
            The body the look found where the one followed is.
        others : sequence of ndarray, shape (33, 2)
            Everybody else it found.

        Returns
        -------
        ndarray, shape (33, 2), or None
            The body of the person, when the one followed is somebody else's or spread over both.
        """
        about = self._others_about(t_s)
        if others:
            self._others_s = t_s
        place = self._points
        if place is None or not self._known:
            return None
        if followed is None or self._away_since_s is not None:
            there = [xy for xy in others if apart(xy, place) < self._f.place_trunks]
            if there:
                return min(there, key=lambda xy: apart(xy, place))
        if followed is None or mine is None:
            return None
        near = apart(mine, followed) < self._f.place_trunks
        if near and others and self._away_since_s is not None:
            self.forget()  # all are seen, and nobody is there: the person has moved
        elif unlike(mine, followed) < self._f.vouch_trunks:
            self._vouched_s = t_s if near else self._vouched_s
        elif self.odd and about and self._away_since_s is None:
            return mine if unlike(mine, place) < self._f.vouch_trunks else None
        return None

    def astray(self, t_s: float) -> bool:
        """Whether the body followed may be somebody else's, or spread over both."""
        vouched = t_s - self._vouched_s <= self._f.vouched_s
        return self.odd and self._others_about(t_s) and not vouched

    def box(self, t_s: float) -> Points | None:
        """Return points (N, 2), pixels, about which alone the person is to be looked for.

        None where nobody else is about.
        """
        if not self._known or self._points is None or not self._others_about(t_s):
            return None
        return np.concatenate(
            [self._points, self._points if self._believed is None else self._believed]
        )

    def _others_about(self, t_s: float) -> bool:
        return t_s - self._others_s < self._f.about_s
