"""Heights along a recording, made to meet the reps that were measured in it afterwards."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heelrise.result import Result
from heelrise.settings import Settings

# Between sets nothing says how far a height is off; two seconds is about a rep.
FADE_S = 2.0
_AROUND_S = 0.15  # half of the time a peak is the mean of


def fit_levels(
    times: NDArray[np.float64], levels: NDArray[np.float64], result: Result
) -> NDArray[np.float64] | None:
    """Return heights that meet those of the result's reps.

    While a recording runs, the flat foot and the person's size are known only so far; a rep is
    measured afterwards, on all of its set. What the two differ by at a rep's start, top and end
    is added to the heights, in a straight line from one to the next, and fades within
    `FADE_S` seconds where no rep is near.

    Parameters
    ----------
    times : ndarray of float, shape (N,)
        Seconds, rising.
    levels : ndarray of float, shape (N,)
        Heights of the heel's sole above flat foot, shin lengths; NaN where unknown.
    result : Result
        What was found in the recording.

    Returns
    -------
    ndarray of float, shape (N,), or None
        None when no rep says how high flat foot is: there is nothing to meet.
    """
    known = np.isfinite(levels)
    anchors = _anchors(times[known], levels[known], result)
    if not anchors:
        return None
    when, by = zip(*anchors, strict=True)
    fitted: NDArray[np.float64] = levels + np.interp(times, when, by)
    return fitted


def _anchors(
    times: NDArray[np.float64], levels: NDArray[np.float64], result: Result
) -> list[tuple[float, float]]:
    """Return moments and what to add to the levels at them, in order of time."""
    anchors: list[tuple[float, float]] = []
    edge = Settings().counting.start_share
    for rep in sorted(result.reps, key=lambda one: one.start_s):
        if rep.peak_shin is None or rep.bottom_shin is None:
            continue
        start = rep.peak_shin - (1 - edge) * rep.rise_shin
        end = rep.bottom_shin + edge * (rep.peak_shin - rep.bottom_shin)
        wanted = ((rep.start_s, start), (rep.peak_s, rep.peak_shin), (rep.end_s, end))
        seen = [_level_at(times, levels, at_s) for at_s, _ in wanted]
        if any(level is None for level in seen):
            continue
        first, top, last = (
            level - was for (_, level), was in zip(wanted, seen, strict=True) if was is not None
        )
        if not anchors or rep.start_s - anchors[-1][0] > 2 * FADE_S:
            anchors += [(at_s + FADE_S, 0.0) for at_s, _ in anchors[-1:]]
            anchors.append((rep.start_s - FADE_S, 0.0))
        anchors += [(rep.start_s, first), (rep.top_start_s, top)]
        anchors += [(rep.top_end_s, top), (rep.end_s, last)]
    return anchors + [(at_s + FADE_S, 0.0) for at_s, _ in anchors[-1:]]


def _level_at(times: NDArray[np.float64], levels: NDArray[np.float64], at_s: float) -> float | None:
    """Return the middle of the levels around a moment; None where none was measured."""
    near = levels[np.abs(times - at_s) <= _AROUND_S]
    return float(np.median(near)) if len(near) else None
