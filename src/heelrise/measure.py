"""Rep numbers from the height of the body: start, top, hold, end, rise, peak and bottom.

Definitions (docs/how-a-rep-is-defined.md): start is the last moment within 5 % of the rise above
the start level, the top is the time within the top 10 % of the rise, the end the first moment
within 5 % of the lowest level after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heelrise.level import heel_level
from heelrise.settings import Settings

Floats = NDArray[np.float64]

START_SHARE = 0.05
TOP_SHARE = 0.10


@dataclass(frozen=True)
class Span:
    """Where to look for a rep: seconds. ``from_s`` and ``to_s`` keep the neighbours out."""

    from_s: float
    peak_s: float
    to_s: float


@dataclass(frozen=True)
class Measured:
    """One rep's numbers: seconds, and heel levels in shin lengths above ``flat``."""

    start_s: float
    top_start_s: float
    peak_s: float
    top_end_s: float
    end_s: float
    start: float
    peak: float
    bottom: float

    @property
    def rise(self) -> float:
        """How far the heel rose."""
        return self.peak - self.start


def measure(t_s: Floats, height: Floats, span: Span, flat: float, settings: Settings) -> Measured:
    """Measure one rep.

    Parameters
    ----------
    t_s, height : ndarray, shape (N,)
        Times (seconds) and heights of the body (shin lengths, up) of the trusted frames.
    span : Span
        Where the rep is.
    flat : float
        Height of the body on the flat foot, shin lengths.
    settings : Settings
        For the lever and the smoothing.

    Raises
    ------
    ValueError
        With fewer than three frames in the span.
    """
    inside = (t_s >= span.from_s) & (t_s <= span.to_s)
    times = t_s[inside]
    if len(times) < 3:
        raise ValueError("a rep needs at least three frames")
    levels = heel_level(_smooth(times, height[inside], settings.counting.smooth_s) - flat, settings.lever)
    near_peak = np.flatnonzero(np.abs(times - span.peak_s) <= 0.25)
    top = int(near_peak[np.argmax(levels[near_peak])]) if len(near_peak) else int(np.argmax(levels))
    low = int(np.argmin(levels[: top + 1]))
    bottom_at = top + int(np.argmin(levels[top:]))
    start, peak, bottom = float(levels[low]), float(levels[top]), float(levels[bottom_at])
    rise = peak - start
    high = levels >= start + (1 - TOP_SHARE) * rise
    first, last = _run_around(high, top, times, settings.counting.dip_s)
    top_start = _crossing(times, levels, first, start + (1 - TOP_SHARE) * rise, -1)
    top_end = _crossing(times, levels, last, start + (1 - TOP_SHARE) * rise, +1)
    below = np.flatnonzero(levels[: first + 1] <= start + START_SHARE * rise)
    begun = int(below[-1]) if len(below) else low
    down = last + np.flatnonzero(levels[last:] <= bottom + START_SHARE * rise)
    ended = int(down[0]) if len(down) else bottom_at
    return Measured(
        float(times[begun]),
        top_start,
        float(times[top]),
        top_end,
        float(times[ended]),
        start,
        peak,
        bottom,
    )


def _smooth(t_s: Floats, values: Floats, span_s: float) -> Floats:
    """Average over a centred window of time (s); the ends use what there is."""
    left = np.searchsorted(t_s, t_s - span_s / 2, side="left")
    right = np.searchsorted(t_s, t_s + span_s / 2, side="right")
    total = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray((total[right] - total[left]) / (right - left))


def _run_around(high: NDArray[np.bool_], top: int, t_s: Floats, dip_s: float) -> tuple[int, int]:
    """Return the first and last index of the run of highs around the top, dips bridged."""
    first = last = top
    for index in range(top - 1, -1, -1):
        if high[index]:
            first = index
        elif t_s[first] - t_s[index] > dip_s:
            break
    for index in range(top + 1, len(high)):
        if high[index]:
            last = index
        elif t_s[index] - t_s[last] > dip_s:
            break
    return first, last


def _crossing(t_s: Floats, levels: Floats, inside: int, level: float, step: int) -> float:
    """Return when the level is crossed between an index inside the top and its neighbour."""
    outside = inside + step
    if not 0 <= outside < len(levels) or levels[inside] == levels[outside]:
        return float(t_s[inside])
    share = (levels[inside] - level) / (levels[inside] - levels[outside])
    return float(t_s[inside] + np.clip(share, 0.0, 1.0) * (t_s[outside] - t_s[inside]))
