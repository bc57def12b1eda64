"""What is true of a generated film, by the words of docs/how-a-rep-is-defined.md."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heelrise.result import Side
from motion_body import Floats


@dataclass(frozen=True)
class TrueRep:
    """One heel rise as it was: seconds, and metres of the heel's sole above flat foot."""

    side: Side
    start_s: float
    top_start_s: float
    peak_s: float
    top_end_s: float
    end_s: float
    start_m: float
    peak_m: float
    bottom_m: float

    @property
    def hold_s(self) -> float:
        return self.top_end_s - self.top_start_s

    @property
    def rise_m(self) -> float:
        return self.peak_m - self.start_m


@dataclass(frozen=True)
class Span:
    """Something that went on for a while: a segment of the story, or an event in it."""

    kind: str
    side: Side | None
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Truth:
    """All that is true of a film."""

    reps: tuple[TrueRep, ...]
    events: tuple[Span, ...]
    segments: tuple[Span, ...]
    duration_s: float

    def sides(self) -> list[str]:
        return [rep.side for rep in self.reps]


def true_rep(side: Side, times: Floats, heel: Floats, first: float, last: float) -> TrueRep:
    """Read one rep off the heel's true height; ``first`` and ``last`` keep the neighbours out."""
    inside = (times >= first) & (times <= last)
    t, h = times[inside], heel[inside]
    top = int(np.argmax(h))
    start, peak, bottom = float(h[0]), float(h[top]), float(h[top:].min())
    rise = peak - start
    high = np.flatnonzero(h >= start + 0.9 * rise)
    begun = np.flatnonzero(h[: top + 1] <= start + 0.05 * rise)[-1]
    down = high[-1] + np.flatnonzero(h[high[-1] :] <= bottom + 0.05 * rise)[0]
    return TrueRep(
        side,
        start_s=float(t[begun]),
        top_start_s=float(t[high[0]]),
        peak_s=float(t[high[0]] + t[high[-1]]) / 2,
        top_end_s=float(t[high[-1]]),
        end_s=float(t[down]),
        start_m=start,
        peak_m=peak,
        bottom_m=bottom,
    )
