"""Rep numbers from the height of the body: start, top, hold, end, rise, peak and bottom.

Definitions (docs/how-a-rep-is-defined.md): start is the last moment within 5 % of the rise above
the rest before it, the top is the time within the top 10 % of the rise, the end the first moment
within 5 % of the rest after it.

A top is nearly flat, so that a millimetre of noise moves the moment at which it is reached by a
tenth of a second. The middle of a flank is steep. So the moment is taken from there, with the shape
that unhindered movements have.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from heelrise.level import heel_level
from heelrise.settings import Counting, Settings

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Span:
    """Where to look for a rep: seconds. ``from_s`` and ``to_s`` keep the neighbours out."""

    from_s: float
    peak_s: float
    to_s: float


@dataclass(frozen=True)
class Measured:
    """One rep's numbers: seconds, and heel levels in shin lengths above ``flat``.

    ``regained`` says that the body sank out of the top and came up to it again, ``rested`` that the
    heel came down to flat foot in this rep or one next to it, ``refused`` how far, from 0 to 1, the
    trunk's texture was not believed. ``facing`` is as in :class:`~heelrise.legs.LegSample`,
    ``unseen`` the share of the rep's time in which frames are missing, ``down_seen`` whether the
    way down was seen without a gap, ``passed_by`` whether somebody else passed and was in the way:
    then no number of it is sure.
    """

    start_s: float
    top_start_s: float
    peak_s: float
    top_end_s: float
    end_s: float
    start: float
    peak: float
    bottom: float
    regained: bool = False
    rested: bool = True
    refused: float = 0.0
    facing: float = 0.0
    unseen: float = 0.0
    down_seen: bool = True
    passed_by: bool = False

    @property
    def rise(self) -> float:
        """How far the heel rose."""
        return self.peak - self.start


def measure(
    t_s: Floats,
    height: Floats,
    span: Span,
    flat: float,
    settings: Settings,
    excused: NDArray[np.bool_] | None = None,
    leaned: bool = False,
    on_floor: bool = False,
) -> Measured:
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
    excused : ndarray of bool, shape (N,), optional
        Frames in which the body may dip with the heel still up: the free foot touches down.
    leaned : bool
        The trunk leans: the body's height wanders, and more of the rise than usual is its top.
    on_floor : bool
        There is no lower than flat: a body that goes lower bends a knee.

    Raises
    ------
    ValueError
        With fewer than three frames in the span.
    """
    inside = (t_s >= span.from_s) & (t_s <= span.to_s)
    times = t_s[inside]
    if len(times) < 3:
        raise ValueError("a rep needs at least three frames")
    counting = settings.counting
    top_share = counting.leaned_top_share if leaned else counting.top_share
    smooth = height[inside]
    for _ in range(2):  # twice: a window with edges lets through what is faster than it
        smooth = _smooth(times, smooth, counting.smooth_s)
    levels = heel_level(smooth - flat, settings.lever)
    # Where the peak itself cannot be measured on, what is nearest to it: not another rep's top.
    nearest_s = times[np.argmin(np.abs(times - span.peak_s))]
    peak_s = span.peak_s if abs(nearest_s - span.peak_s) <= counting.near_peak_s else nearest_s
    near_peak = np.flatnonzero(np.abs(times - peak_s) <= counting.near_peak_s)
    top = int(near_peak[np.argmax(levels[near_peak])])
    dips = np.zeros(len(times), dtype=bool) if excused is None else excused[inside]
    rests = np.where(dips, np.inf, levels)
    rests[top] = levels[top]
    for side in (slice(None, top), slice(top + 1, None)):
        # Nothing else is near flat foot: there the heel was down, whatever the other foot did.
        near = counting.dip_share * levels[top]
        only_there = on_floor and (rests[side] > near).all() and (levels[side] <= near).any()
        if only_there or not np.isfinite(rests[side]).any():
            rests[side] = levels[side]
    low = top - nearest_low(times[: top + 1][::-1], rests[: top + 1][::-1], counting)
    bottom_at = top + nearest_low(times[top:], rests[top:], counting)
    start, bottom = (
        _rest_level(times[part], rests[part], float(levels[at]), float(levels[top]), counting)
        for part, at in ((slice(top, None, -1), low), (slice(top, None), bottom_at))
    )
    if on_floor:
        start, bottom = (max(level, -counting.floor_noise_shin) for level in (start, bottom))
    peak = _believed_peak(times, levels, top, start, counting)
    rise = peak - start
    edge = start + (1 - top_share) * rise
    first, last = _run_around(levels >= edge, dips, top, times, counting.dip_s)
    first, last = _through_dips(levels >= start + counting.still_up_share * rise, dips, first, last)
    # An excused dip does not come from the rise before this one, nor go on into the next.
    first, last = max(first, min(low + 1, top)), min(last, max(bottom_at - 1, top))
    elsewhere = levels >= edge
    elsewhere[first : last + 1] = False
    regained = bool(elsewhere[low + 1 : bottom_at].any())
    below = np.flatnonzero(levels[: first + 1] <= start + counting.start_share * rise)
    down = last + np.flatnonzero(levels[last:] <= bottom + counting.start_share * (peak - bottom))
    reached = _crossing(times, levels, first, edge, -1)
    left = _crossing(times, levels, last, edge, +1)
    if not leaned:
        before, after = (
            _by_flank(times, levels, first, -1, reached, (start, edge, peak), counting),
            _by_flank(times, levels, last, +1, left, (bottom, edge, peak), counting),
        )
        if before < after:
            reached, left = before, after
    begun = float(times[int(below[-1])]) if len(below) else float(times[low])
    over = float(times[int(down[0])]) if len(down) else float(times[bottom_at])
    if on_floor:  # over a step a slow stretch at the end is the heel's
        over = min(over, _landed(times[last:], levels[last:], bottom, peak, over, counting))
    # A flank of a shape that no body has would put the top outside of its own rep.
    reached = min(max(reached, begun), over)
    left = min(max(left, reached), over)
    moments = (begun, reached, min(max(float(times[top]), reached), left), left, over)
    peak = start + rise / (1 - _rounded_off(left - reached, top_share, counting))
    # The pose model's own filter lags: every moment was a little earlier.
    start_s, top_start_s, peak_s, top_end_s, end_s = (
        max(moment - counting.model_lag_s, float(t_s[0])) for moment in moments
    )
    return Measured(start_s, top_start_s, peak_s, top_end_s, end_s, start, peak, bottom, regained)


def timed_by(levels: Measured, times: Measured) -> Measured:
    """Return the levels of one measure of a rep with the moments of another."""
    return replace(
        levels,
        start_s=times.start_s,
        top_start_s=times.top_start_s,
        peak_s=times.peak_s,
        top_end_s=times.top_end_s,
        end_s=times.end_s,
        regained=times.regained,
    )


def _rest_level(
    t_s: Floats, levels: Floats, lowest: float, top: float, counting: Counting
) -> float:
    """Return the level of the rest next to a rise.

    The single lowest sample depends on chance, and further away a leg may still be on its way up.

    Parameters
    ----------
    t_s, levels : ndarray, shape (N,)
        Times (seconds, in either direction) and levels, the top first; infinite where not told.
    lowest, top : float
        Levels of the low next to the top, and of the top.
    counting : Counting
    """
    onset = lowest + counting.start_share * (top - lowest)
    from_at = int(np.argmax(levels <= onset))
    rest = np.abs(t_s - t_s[from_at]) <= counting.rest_level_s
    rest[:from_at] = False
    again = np.flatnonzero(rest & (levels > onset))  # the next rise, or what is not told
    if len(again):
        rest[again[0] :] = False
    if not rest.any():
        return lowest
    return float(np.median(levels[rest]))


def _believed_peak(t_s: Floats, levels: Floats, top: int, start: float, c: Counting) -> float:
    """Return the level of the top without a leap that sticks out of it.

    A leap shorter than any top would make the time within the top 10 % of the rise its own. And of
    a longer top the mean of the highest is steadier than the one highest sample: the longer it is
    held, the longer the mean, lest a nod of the trunk at its end become the level of all of it.
    """
    highest = float(levels[top])
    near = np.abs(t_s - t_s[top]) <= c.spike_s
    kept = max(
        float(levels[(t_s >= from_s - 1e-9) & (t_s <= from_s + c.spike_s + 1e-9)].min())
        for from_s in t_s[near]
        if from_s <= t_s[top]
    )
    believed = min(highest, kept + c.spike_share * (highest - start))
    spans = np.gradient(t_s)
    up = (np.abs(t_s - t_s[top]) <= c.peak_look_s) & (levels >= (start + believed) / 2)
    if not up.any():
        return believed  # a top of two samples, one of them a leap
    held = up & (levels >= start + c.held_from * (believed - start))
    mean_s = max(c.peak_s, c.held_share * float(spans[held].sum()))
    order = np.flatnonzero(up)[np.argsort(-levels[up], kind="stable")]
    most = order[: max(1, int(np.searchsorted(np.cumsum(spans[order]), mean_s)))]
    return min(believed, float(levels[most].mean()))


def _rounded_off(held_s: float, top_share: float, c: Counting) -> float:
    """Return what smoothing and averaging take off a top, as a share of the rise.

    A top is taken for a parabola that sinks by ``top_share`` of the rise at both ends of the time
    held; the mean of one over a window is lower than its summit by the window's own variance.
    """
    variance_s2 = (c.peak_s**2 + 2 * c.smooth_s**2) / 12
    return top_share * variance_s2 / (max(held_s, c.spike_s) / 2) ** 2


def _landed(
    t_s: Floats, levels: Floats, rest: float, peak: float, over_s: float, counting: Counting
) -> float:
    """Return when the heel was down, where the body goes on sinking after it.

    Parameters
    ----------
    t_s, levels : ndarray, shape (N,)
        Times (seconds) and levels from the end of the top on.
    rest, peak : float
        Levels of the rest after the rep, and of the peak.
    over_s : float
        When the level came to the rest: the answer where the body did not lag behind, or came up
        once more, and where an excused dip hides the flank.
    """

    def level_at(share: float) -> float:
        return rest + share * (peak - rest)

    def passed(share: float) -> float:
        below = np.flatnonzero(levels <= level_at(share))
        return float(t_s[below[0]]) if len(below) else over_s

    near_s, flank_s = (
        passed(counting.landing_from),
        passed(counting.flank_from) - passed(counting.flank_to),
    )
    landing_s = counting.landing_share * flank_s
    again = levels[(t_s > near_s) & (t_s < over_s)] > level_at(counting.landing_from)
    if levels[0] < level_at(counting.flank_to) or again.any():
        return over_s
    sinks = over_s - near_s > landing_s + counting.sinks_on_s
    return near_s + landing_s if sinks else over_s


def nearest_low(t_s: Floats, levels: Floats, counting: Counting) -> int:
    """Return the index of the low next to a top at index 0, going away from it.

    Parameters
    ----------
    t_s, levels : ndarray, shape (N,)
        Times (seconds, in either direction) and levels, the top first.
    counting : Counting

    Notes
    -----
    A camera that drifts, or a leg being lifted, makes a far low lower than the rest next to the
    rise: so the walk down stops where for ``rest_look_s`` nothing clearly lower comes.
    """
    lowest = float(levels.min())
    height = float(levels[0]) - lowest
    at = int(np.argmax(levels <= lowest + counting.near_low_share * height))
    for index in range(at + 1, len(levels)):
        if levels[index] < levels[at] - counting.lower_share * height:
            at = index
        elif abs(t_s[index] - t_s[at]) > counting.rest_look_s:
            break
    return at


def _smooth(t_s: Floats, values: Floats, span_s: float) -> Floats:
    """Average over a centred window of time (s); the ends use what there is."""
    left = np.searchsorted(t_s, t_s - span_s / 2, side="left")
    right = np.searchsorted(t_s, t_s + span_s / 2, side="right")
    total = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray((total[right] - total[left]) / (right - left))


def _run_around(
    high: NDArray[np.bool_], excused: NDArray[np.bool_], top: int, t_s: Floats, dip_s: float
) -> tuple[int, int]:
    """Return the first and last index of the run of highs around the top, dips bridged.

    A dip is bridged when it is shorter than ``dip_s``, not counting the ``excused`` frames.
    """
    step_s = np.diff(t_s, prepend=t_s[0]) * ~excused
    first = last = top
    dip = 0.0
    for index in range(top - 1, -1, -1):
        dip = 0.0 if high[index] else dip + step_s[index + 1]
        if high[index]:
            first = index
        elif dip > dip_s:
            break
    dip = 0.0
    for index in range(top + 1, len(high)):
        dip = 0.0 if high[index] else dip + step_s[index]
        if high[index]:
            last = index
        elif dip > dip_s:
            break
    return first, last


def _through_dips(
    up: NDArray[np.bool_], excused: NDArray[np.bool_], first: int, last: int
) -> tuple[int, int]:
    """Extend a top through an excused dip that begins or ends it.

    When the free foot touches, the carrying knee gives way: the body sinks although the heel stays
    up. So a top that ends in such a dip lasts as long as the dip does and the body is well up.
    """
    if excused[last]:
        while last + 1 < len(up) and excused[last + 1] and up[last + 1]:
            last += 1
    if excused[first]:
        while first > 0 and excused[first - 1] and up[first - 1]:
            first -= 1
    return first, last


def _crossing(t_s: Floats, levels: Floats, inside: int, level: float, step: int) -> float:
    """Return when the level is crossed between an index inside the top and its neighbour."""
    outside = inside + step
    if not 0 <= outside < len(levels) or levels[inside] == levels[outside]:
        return float(t_s[inside])
    share = (levels[inside] - level) / (levels[inside] - levels[outside])
    return float(t_s[inside] + np.clip(share, 0.0, 1.0) * (t_s[outside] - t_s[inside]))


def _by_flank(
    t_s: Floats,
    levels: Floats,
    edge: int,
    step: int,
    crossed_s: float,
    marks: tuple[float, float, float],
    counting: Counting,
) -> float:
    """Return when the top was reached (``step`` -1) or left (+1), judged by the flank's middle.

    Parameters
    ----------
    t_s, levels : ndarray, shape (N,)
        Times (seconds) and levels.
    edge : int
        The outermost index of the top on this side.
    step : int
        Outward: -1 to earlier, +1 to later.
    crossed_s : float
        When the level of 90 % was crossed. The answer is no further from it than
        ``counting.flank_most_s``, and it is this where the flank is slow: who takes two seconds
        moves at any speed they like, and has no shape that could be known.
    marks : tuple of float
        Levels of the rest, of the edge of the top and of the peak.
    """
    rest, shoulder, peak = marks

    def crossing(share: float) -> float:
        level, at = rest + share * (peak - rest), edge
        # An excused dip may have put the edge at any height.
        while 0 <= at - step < len(levels) and levels[at] < level:
            at -= step
        while 0 <= at + step < len(levels) and levels[at + step] >= level:
            at += step
        return _crossing(t_s, levels, at, level, step)

    outer_s, inner_s = (crossing(share) for share in (counting.flank_from, counting.flank_to))
    off_s = inner_s + counting.flank_on * (inner_s - outer_s) - crossed_s
    most_s, quick_s, slow_s = counting.flank_most_s, counting.quick_flank_s, counting.slow_flank_s
    # An excused dip hides the shoulder, and makes the flank look slow and far away.
    if levels[edge] >= shoulder:
        if abs(off_s) > 2 * most_s:  # the heel stopped on its way
            return crossed_s
        off_s *= min(max((slow_s - abs(inner_s - outer_s)) / (slow_s - quick_s), 0.0), 1.0)
    return crossed_s + counting.flank_trust * min(max(off_s, -most_s), most_s)
