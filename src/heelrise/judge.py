"""Found heel rises -> reps, sets and faults: measured on the spot, and once more at the end."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from heelrise.legs import LegSample
from heelrise.measure import Measured, Span, measure
from heelrise.result import Fault, LegSet, Rep, Result, Side
from heelrise.settings import SessionOptions, Settings
from heelrise.stance import Stance

if TYPE_CHECKING:
    from heelrise.session import Found


class Judge:
    def __init__(self, options: SessionOptions, settings: Settings) -> None:
        self._options = options
        self._settings = settings
        self._t = array("d")
        self._h = array("d")
        self._found: list[Found] = []
        self._breaks: list[float] = []
        self._both_since_s: float | None = None

    @property
    def on_step(self) -> bool | None:
        return None

    def best(self, side: Side | None) -> float | None:
        return None

    def update(self, sample: LegSample, stance: Stance) -> tuple[Fault, ...]:
        if sample.trusted:
            self._t.append(sample.t_s)
            self._h.append(sample.height)
        return ()

    def leave(self) -> None:
        pass

    def add(self, found: Found) -> tuple[Rep, tuple[Fault, ...]]:
        self._found.append(found)
        return None, ()

    def finish(self, warnings: tuple[str, ...]) -> Result:
        t, h = np.array(self._t), np.array(self._h)
        reps = []
        for i, f in enumerate(self._found):
            c = f.candidate
            lo = max(c.low_s - 2.0, self._found[i - 1].candidate.bottom_s if i else 0)
            hi = c.bottom_s + 1.5
            if i + 1 < len(self._found):
                hi = min(hi, self._found[i + 1].candidate.low_s + 0.3)
            flat = f.flat if f.flat is not None else min(c.low, c.bottom)
            lo = min(lo, c.low_s)
            hi = max(hi, c.bottom_s)
            m = measure(t, h, Span(lo, c.peak_s, hi), flat, self._settings)
            cm = self._options.body_height_cm
            k = cm * self._settings.lever.shin_of_stature if cm else None
            reps.append(Rep(i + 1, f.side, m.start_s, m.top_start_s, m.peak_s, m.top_end_s, m.end_s,
                m.top_end_s - m.top_start_s, m.top_start_s - m.start_s, m.end_s - m.top_end_s,
                m.rise * k if k else None, m.rise, m.peak * k if k else None, m.peak, m.bottom * k if k else None, m.bottom, ()))
        return Result(tuple(reps), (), (), warnings)
