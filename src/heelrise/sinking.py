"""Whether a body that comes down does so over a heel that stays up: a knee bends, the trunk leans.

It is told from the moment of the rest before the rise and the highest one: in a heel that comes
down the carrying knee stays as it is, and the hips come down with head and shoulders.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from heelrise.legs import LegSample
from heelrise.moment import Phase
from heelrise.result import Side
from heelrise.settings import Counting


@dataclass(frozen=True)
class _Held:
    """How the body is held: knee (degrees), lean, hips and height (shin lengths)."""

    knee_deg: float
    lean: float
    hips: float
    height: float


class Sinking:
    """Follows how the body is held through a rise.

    Parameters
    ----------
    counting : Counting
        Thresholds.

    Attributes
    ----------
    hips_up : bool
        It is the trunk that leans, over hips that are up still.
    """

    def __init__(self, counting: Counting) -> None:
        """Start with nothing seen."""
        self._c = counting
        self._recent: deque[tuple[float, tuple[float, float, float, float]]] = deque()
        self._rest: _Held | None = None
        self._top: _Held | None = None
        self._sunk = False
        self.hips_up = False

    def forget(self) -> None:
        """Another person, another place, or another leg."""
        self._recent.clear()
        self._rest = self._top = None
        self._sunk = self.hips_up = False

    def follow(self, sample: LegSample, side: Side | None, phase: Phase) -> bool:
        """Take the next sample; return whether the body has sunk over a heel that is up.

        Parameters
        ----------
        sample : LegSample
            A trusted one.
        side : {"left", "right"} or None
            The leg of the set under way.
        phase : Phase
            Of the rise, as the finder had it a sample before.
        """
        if side not in ("left", "right"):
            self.forget()
            return False
        knee_deg = sample.knee_flexion_deg[0 if side == "left" else 1]
        self._recent.append((sample.t_s, (knee_deg, sample.lean, sample.hips, sample.height)))
        while self._recent[0][0] < sample.t_s - self._c.held_s:
            self._recent.popleft()
        now = _Held(*(float(v) for v in np.median([held for _, held in self._recent], axis=0)))
        if phase == Phase.STANDING:
            if self._rest is None or self._top is not None or now.height <= self._rest.height:
                self._rest = now
            self._top, self._sunk, self.hips_up = None, False, False
            return False
        if self._top is None or now.height >= self._top.height:
            self._top = now
        if self._rest is None:
            return False
        # What has sunk once comes up again by more than what trembles.
        share = self._c.sunk_still_share if self._sunk else 1.0
        bends = self._knee_bends(now, self._rest, self._top, share)
        self.hips_up = self._leans(now, self._rest, self._top, share)
        self._sunk = bends or self.hips_up
        return self._sunk

    def _knee_bends(self, now: _Held, rest: _Held, top: _Held, share: float) -> bool:
        bent = now.knee_deg - top.knee_deg > share * self._c.sunk_knee_deg
        return bent and now.knee_deg - rest.knee_deg > share * self._c.sunk_from_rest_deg

    def _leans(self, now: _Held, rest: _Held, top: _Held, share: float) -> bool:
        leaned = abs(now.lean - top.lean) > share * self._c.sunk_lean_shin
        return leaned and top.hips - now.hips < self._c.sunk_hips_share * (top.hips - rest.hips)
