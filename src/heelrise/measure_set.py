"""The reps of one set measured on its track: which frames, which height, which unit.

:mod:`heelrise.measure` has the definitions of a rep's numbers; here is what they are measured on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from heelrise.balance import Event, Hop, lost_balances, touch_downs
from heelrise.level import true_share
from heelrise.measure import Measured, Span, measure, timed_by
from heelrise.reps import Candidate, Found
from heelrise.result import Side
from heelrise.settings import BalanceLimits, Counting, Rejection, Settings
from heelrise.texture import with_texture
from heelrise.track import Floats, Track, TrackRecorder

# Whose best, and of what: levels above flat foot where that was seen, rises where it was not.
Kind = tuple[Side, bool]


@dataclass(frozen=True)
class MeasuredSet:
    """A set, or the last of its reps, measured.

    Attributes
    ----------
    side : {"left", "right", "both"}
        Which leg carried.
    on_step : bool or None
        Over the edge of a step; None when that cannot be told.
    found : sequence of Found
        Its heel rises.
    reps : tuple of Measured
        Their times (seconds) and heel levels (shin lengths).
    events : tuple of Event
        Touch-downs and losses of balance from its first start to its last end.
    event_ends_s : tuple of float
        When they ended, with those around the set.
    track : Track
        The samples of the set and a while around it.
    """

    side: Side
    on_step: bool | None
    found: Sequence[Found]
    reps: tuple[Measured, ...]
    events: tuple[Event, ...]
    event_ends_s: tuple[float, ...]
    track: Track

    @property
    def levels(self) -> list[tuple[Kind, float]]:
        """Of which kind each rep is, and its level: shin lengths above flat foot, or risen."""
        kinds = [(self.side, one.flat is not None or self.on_step is False) for one in self.found]
        return [
            (kind, rep.peak if kind[1] else rep.rise)
            for kind, rep in zip(kinds, self.reps, strict=True)
        ]


def measure_set(
    leg_set: Sequence[Found],
    on_step: bool | None,
    hops: Sequence[Hop],
    recorder: TrackRecorder,
    settings: Settings,
    ahead_s: float = 0.0,
) -> MeasuredSet:
    """Return the heel rises of a set measured, with what happened in it.

    Parameters
    ----------
    leg_set : sequence of Found
        The set, or the last of its reps.
    on_step : bool or None
        Over the edge of a step; None when that cannot be told.
    hops : sequence of Hop
        No heel rises, but in a set losses of balance.
    recorder : TrackRecorder
        The samples of the session.
    settings : Settings
        Thresholds.
    ahead_s : float
        A touch-down that began in the last rep is looked for until so long after its bottom.
    """
    around_s = settings.counting.around_set_s
    first, last = leg_set[0].candidate, leg_set[-1].candidate
    track = recorder.between(first.low_s - around_s, last.bottom_s + around_s)
    side = leg_set[0].side
    # Some time before it, too: a foot that touches down was up.
    from_s = first.low_s - 2 * settings.balance.touch_up_s
    inside = track.between(from_s, last.bottom_s + ahead_s)
    events = _events(inside, side, hops, settings)
    reps = tuple(
        measure_rep(track, leg_set, index, on_step, events, ahead_s, settings)
        for index in range(len(leg_set))
    )
    return MeasuredSet(
        side,
        on_step,
        leg_set,
        reps,
        # Faults are judged inside the set only: from its first start to its last end.
        tuple(e for e in events if e.end_s > reps[0].start_s and e.start_s < reps[-1].end_s),
        tuple(event.end_s for event in events),
        track,
    )


def _events(
    inside: Track, side: Side, hops: Sequence[Hop], settings: Settings
) -> tuple[Event, ...]:
    """Return touch-downs and losses of balance from a set's first rep to after its last."""
    if side == "both" or len(inside.t_s) < 5:
        return ()
    sign = 1.0 if side == "left" else -1.0
    touches = touch_downs(inside, sign, settings.balance)
    own = [hop for hop in hops if hop.side == side]
    return (*touches, *lost_balances(inside, touches, sign, settings.balance, own))


def measure_rep(
    track: Track,
    leg_set: Sequence[Found],
    index: int,
    on_step: bool | None,
    events: Sequence[Event],
    ahead_s: float,
    settings: Settings,
) -> Measured:
    """Measure one rep of a set.

    Parameters
    ----------
    track : Track
        Of the set, and some time before and after it.
    leg_set : sequence of Found
        The reps of the set, in order: the neighbours tell the rests.
    index : int
        Which of them.
    on_step : bool or None
        Over the edge of a step; None when that cannot be told.
    events : sequence of Event
        Touch-downs and losses of balance in the set.
    ahead_s : float
        How long after the last rep's bottom its end may lie, seconds.
    settings : Settings
    """
    found = leg_set[index]
    candidate = found.candidate
    span = _span(leg_set, index, events, ahead_s, settings.counting)
    ground, rested = _ground(leg_set, index, settings)
    flat = found.flat if found.flat is not None else ground
    if on_step is False:
        flat = ground
    # The unit of the heights was held still; the size of the person in this set is better.
    around = track.between(candidate.low_s, candidate.bottom_s)
    unit = float(np.median(around.shin_px / around.size_px)) if len(around.t_s) else 1.0
    # A trunk that leans takes head and shoulders along: then the hips alone tell the height.
    usual_lean = float(np.median(track.lean)) if len(track.lean) else 0.0
    most_lean = float(around.lean.max()) if len(around.lean) else usual_lean
    leaned = most_lean - usual_lean > settings.framing.lean_shin
    height = track.hips - usual_lean * 2 / 3 if leaned else track.height
    lag_s, texture = settings.counting.model_lag_s, settings.texture
    height, believed = with_texture(track, height, span.from_s, span.to_s, lag_s, texture)
    inside = (track.t_s >= candidate.low_s) & (track.t_s <= candidate.bottom_s)
    if inside.any():
        above = track.hips_above if leaned else _above(track, texture.share * believed)
        unit *= true_share(
            float(np.median(track.facing)),
            float(np.median(above[inside])),
            settings.perspective,
        )

    dropped = (height - flat) * unit < -settings.counting.dropped_shin
    dropped &= on_step is not False
    excused = _excused(track, events, settings.balance, dropped)

    def on(frames: NDArray[np.bool_]) -> Measured:
        return measure(
            track.t_s[frames],
            (height[frames] - flat) * unit,
            span,
            0.0,
            settings,
            excused[frames],
            leaned,
            on_floor=on_step is False,
        )

    in_the_way = _in_the_way(track, settings.balance)
    clean = _clean(track, candidate, in_the_way, settings)
    measured = on(clean)
    if not _top_seen(track.t_s[clean], measured, settings):
        measured = timed_by(measured, on(np.ones_like(clean)))
    followed = believed[inside & np.isfinite(believed)]
    refused = 1.0 - float(followed.mean()) if len(followed) else 0.0
    measured = replace(measured, rested=rested, refused=refused)
    return _as_seen(track, candidate, measured, clean, in_the_way, settings.balance)


def _span(
    leg_set: Sequence[Found], index: int, events: Sequence[Event], ahead_s: float, c: Counting
) -> Span:
    """Return where to look for a rep and its rests: not into the tops next to it."""
    candidate = leg_set[index].candidate
    beside_s = c.beside_rep_s
    # In a touch the body stops on its way: the rest before it is further back then.
    touched = any(
        event.start_s - beside_s < candidate.low_s < event.end_s + beside_s for event in events
    )
    from_s = candidate.low_s - (c.around_set_s if touched else beside_s)
    to_s = candidate.bottom_s + max(beside_s, ahead_s)
    if candidate.rest_s is not None:
        from_s = max(from_s, candidate.rest_s)
    if index > 0:
        from_s = max(from_s, leg_set[index - 1].candidate.peak_s)
    if index + 1 < len(leg_set):
        following_s = leg_set[index + 1].candidate.peak_s
        to_s = min(candidate.bottom_s + c.around_set_s, following_s)
    return Span(from_s, candidate.peak_s, to_s)


def _excused(
    track: Track, events: Sequence[Event], limits: BalanceLimits, dropped: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return in which frames the body may dip with the heel still up.

    Where it has ``dropped`` below flat foot, over a step, the heel is down whatever the other foot
    seems to do; a knee that gives way takes it there only in a touch-down that is sure.
    """
    excused = np.zeros(len(track.t_s), dtype=bool)
    for event in events:
        if _parts(event, limits):
            from_s = event.start_s - limits.dip_before_s * (not event.from_rest)
            to_s = event.end_s + limits.dip_after_s
            inside = (track.t_s >= from_s) & (track.t_s <= to_s)
            excused |= inside if event.sure else inside & ~dropped
    return excused


def _ground(leg_set: Sequence[Found], index: int, settings: Settings) -> tuple[float, bool]:
    """Return the body's height at rest near a rep, and whether it did rest there.

    On the floor that is the flat foot. The lower quarter of the rests around it: the heel
    cannot be lower, but a knee that bends at the start of a rep makes one of them too low. A
    heel that stays up, or a knee that swings before the rise, be it rep after rep, is not at
    rest: flat foot is followed from where it is known.
    """
    near = leg_set[max(index - 1, 0) : index + 2]
    rests = np.array([(f.candidate.low, f.candidate.bottom) for f in near]).ravel()
    limits = settings.rejection
    flat = _flat_followed(leg_set[: index + 2], limits)
    if flat is not None:
        rests = rests[rests - flat <= limits.stays_up_body]
        if not len(rests):
            return flat, False
        # Where all are lower than flat foot, it has gone along: a hand holds the camera.
        on_flat = rests[flat - rests <= limits.swings_body]
        rests = on_flat if len(on_flat) else rests
    return float(np.percentile(rests, 25)), True


def _flat_followed(leg_set: Sequence[Found], limits: Rejection) -> float | None:
    """Return flat foot at the end of a set's reps, told from their rests; None if never seen.

    A rest further from it than a heel that stays up is none: the heel stays up, or a knee bends.
    """
    known = flat = None
    most = limits.stays_up_body
    for found in leg_set:
        if found.flat is not None and (known is None or abs(found.flat - known) > most):
            known = found.flat
            flat = max(found.candidate.low, known)  # a knee may bend for the first rise
        for rest in (found.candidate.low, found.candidate.bottom):
            if flat is not None and abs(rest - flat) <= most:
                flat += limits.flat_follow_share * (rest - flat)
    return flat


def _as_seen(
    track: Track,
    candidate: Candidate,
    rep: Measured,
    clean: NDArray[np.bool_],
    in_the_way: NDArray[np.bool_],
    limits: BalanceLimits,
) -> Measured:
    """Return a rep with what is to be known of how well it was seen.

    Parameters
    ----------
    track : Track
    candidate : Candidate
    rep : Measured
    clean : ndarray of bool, shape (N,)
        The frames it was measured on.
    in_the_way : ndarray of bool, shape (N,)
        Frames in which, or near which, somebody else may have been in the way.
    limits : BalanceLimits
    """
    usual_s = float(np.median(np.diff(track.t_s))) if len(track.t_s) > 1 else 0.0
    clean_s = track.t_s[clean]
    down_s = clean_s[(clean_s > rep.top_end_s) & (clean_s < candidate.bottom_s)]
    steps = np.diff([rep.top_end_s, *down_s.tolist(), candidate.bottom_s])
    seen = track.between(rep.start_s, rep.end_s)
    facing, unseen = 0.0, 1.0
    if len(seen.t_s) > 2:
        facing = float(np.median(seen.facing))
        gaps = seen.gaps(limits.gap_s)
        unseen = float(np.diff(gaps).sum() / (seen.t_s[-1] - seen.t_s[0]))
    # Whoever passes draws the landmarks along: the trunk's texture goes another way than they do.
    drawn_along = rep.refused > limits.drawn_refused
    from_s, to_s = min(rep.start_s, candidate.low_s), max(rep.end_s, candidate.bottom_s)
    inside = (track.t_s >= from_s) & (track.t_s <= to_s)
    others = bool((track.people[inside] > 1).any())
    return replace(
        rep,
        facing=facing,
        unseen=unseen,
        down_seen=candidate.complete and bool(steps.max() <= limits.gap_s + usual_s),
        passed_by=others and (drawn_along or bool(in_the_way[inside].any())),
    )


def _above(track: Track, share: Floats) -> Floats:
    """Return how far what the heights are taken from is above the camera's height, tangents.

    The height of the texture, whose ``share`` is NaN where it was not followed, is the trunk's; the
    landmarks' is that of the head too.
    """
    share = np.nan_to_num(share)
    return np.asarray((1 - share) * track.above + share * track.trunk_above)


def _parts(event: Event, limits: BalanceLimits) -> bool:
    """Whether an event parts the body from the heel: a small, short and unsure one may be noise."""
    lasting = event.end_s - event.start_s >= limits.touch_sure_s
    return event.sure or (lasting and event.measured >= limits.touch_sure_shin)


def _in_the_way(track: Track, limits: BalanceLimits) -> NDArray[np.bool_]:
    """Return in which frames, or near which, somebody else may have been in the way.

    Of who is alone pictures that show nobody say nothing about those beside them.
    """
    near_gap = np.zeros(len(track.t_s), dtype=bool)
    for at_s in track.gaps(limits.gap_s).flat:
        about = np.abs(track.t_s - at_s) < limits.others_about_s
        if (track.people[about] > 1).any():
            near_gap |= np.abs(track.t_s - at_s) < limits.clean_gap_s
    return np.asarray((track.split >= limits.clean_split_shin) | near_gap)


def _clean(
    track: Track, candidate: Candidate, in_the_way: NDArray[np.bool_], settings: Settings
) -> NDArray[np.bool_]:
    """Return which frames to measure a rep on: not those in which somebody else is in the way.

    All of them where too few would be left, or none where the rise begins: it would be too small.
    """
    clean = ~in_the_way
    inside = (track.t_s >= candidate.low_s) & (track.t_s <= candidate.bottom_s)
    rising = (track.t_s >= candidate.low_s) & (track.t_s <= candidate.peak_s)
    rests = track.height < candidate.low + settings.balance.clean_low_share * candidate.rise
    few = clean[inside].sum() < 3 or clean[inside].mean() < settings.rejection.trusted_share
    if few or not (clean & rising & rests).any():
        return np.ones(len(track.t_s), dtype=bool)
    return clean


def _top_seen(t_s: Floats, rep: Measured, settings: Settings) -> bool:
    """Whether the frames at these times (s) show when the top of a rep began and ended.

    Not where some are missing there, or so near that what is left of the top may be no part of it.
    """
    limit_s = settings.balance.clean_gap_s
    gaps = np.flatnonzero(np.diff(t_s) > limit_s)
    return not any(
        t_s[at] < edge_s + limit_s and t_s[at + 1] > edge_s - limit_s
        for at in gaps
        for edge_s in (rep.top_start_s, rep.top_end_s)
    )
