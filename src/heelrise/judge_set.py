"""One measured set -> reps, faults and tips.

What is known of the person by then comes with it; the same functions serve a rep that has just
ended and the whole set at the end of the session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from heelrise.balance import LEAN_LOOKS_SO, Event
from heelrise.faults import RepView, event_fault, knee_bend, rep_faults
from heelrise.level import rise_sd
from heelrise.measure import Measured
from heelrise.measure_set import Kind, MeasuredSet
from heelrise.posture import nods, postures
from heelrise.reps import Found
from heelrise.result import Fault, Rep, Side, Tip
from heelrise.settings import SessionOptions, Settings
from heelrise.track import TrackRecorder


@dataclass(frozen=True)
class JudgedSet:
    """One set with all its reps judged."""

    side: Side
    reps: tuple[Rep, ...]
    faults: tuple[Fault, ...]
    tips: tuple[Tip, ...]


def judge_set(
    leg_set: MeasuredSet,
    first_number: int,
    best: Mapping[Kind, float],
    recorder: TrackRecorder,
    options: SessionOptions,
    settings: Settings,
    before: Sequence[Measured] = (),
) -> JudgedSet:
    """Return the reps, faults and tips of a measured set.

    Parameters
    ----------
    leg_set : MeasuredSet
        The set, or the last of its reps.
    first_number : int
        The number of its first rep.
    best : mapping of Kind to float
        The person's own best, shin lengths; a rep of a kind that is not in it is its own.
    recorder : TrackRecorder
        The samples of the session.
    options : SessionOptions
        Body height and how long the way down is to last, if the user gave them.
    settings : Settings
        Thresholds.
    before : sequence of Measured
        The reps of the set before these: they tell how this person holds themselves.
    """
    views = _views(leg_set, first_number, best, recorder, options, settings, before)
    reps = [_rep(view, _rise_sd(view, settings)) for view in views]
    if leg_set.side == "both":
        return JudgedSet("both", tuple(reps), (), ())
    spans = [(rep.number, rep.start_s, rep.end_s) for rep in reps]
    faults = [fault for view in views for fault in rep_faults(view)]
    faults.extend(event_fault(event, leg_set.side, spans) for event in leg_set.events)
    sure = {
        rep.number: tuple(
            dict.fromkeys(f.kind for f in faults if f.rep == rep.number and not f.unsure)
        )
        for rep in reps
    }
    return JudgedSet(
        leg_set.side,
        tuple(replace(rep, faults=sure[rep.number]) for rep in reps),
        tuple(faults),
        _tips(leg_set, settings),
    )


def leg_seen(leg_set: Sequence[Found]) -> float:
    """Return how clearly the feet spoke for the leg of a set, 1 to -1: for the other one."""
    return fmean(found.leg_seen for found in leg_set)


def _views(
    leg_set: MeasuredSet,
    first_number: int,
    best: Mapping[Kind, float],
    recorder: TrackRecorder,
    options: SessionOptions,
    settings: Settings,
    before: Sequence[Measured],
) -> list[RepView]:
    """Return what each rep of a set is judged on."""
    whole = leg_set.track
    if before:
        from_s = before[0].start_s - settings.counting.around_set_s
        to_s = leg_set.found[-1].candidate.bottom_s + settings.counting.around_set_s
        whole = recorder.between(from_s, to_s)
    known = [*before, *leg_set.reps]
    held = postures(whole, known, leg_set.side, settings.posture, leg_set.event_ends_s)
    usual_s = np.median([_phases_s(rep) for rep in known], axis=0)
    views = []
    for index, (rep, posture, (kind, level)) in enumerate(
        zip(leg_set.reps, held[len(before) :], leg_set.levels, strict=True)
    ):
        within = [event for event in leg_set.events if _overlap(event, rep)]
        views.append(
            RepView(
                number=first_number + index,
                side=leg_set.side,
                measured=rep,
                best_peak=best.get(kind, level),
                flat_seen=kind[1],
                on_step=leg_set.on_step,
                shin_cm=_shin_cm(options, settings),
                disturbed=bool(within),
                swayed=any(event.kind == "lost_balance" for event in within),
                limits=settings.faults,
                posture=posture,
                posture_limits=settings.posture,
                lower_for_s=options.lower_for_s,
                feet_alike=abs(leg_seen(leg_set.found)) < settings.stance.leg_seen,
                balance_limits=settings.balance,
                maybe_leaned=bool(within) and all(e.why == LEAN_LOOKS_SO for e in within),
                slower_s=float((_phases_s(rep) - usual_s)[:2].max()),
                usual_hold_s=float(usual_s[2]),
            )
        )
    return views


def _shin_cm(options: SessionOptions, settings: Settings) -> float | None:
    height_cm = options.body_height_cm
    return None if height_cm is None else height_cm * settings.lever.shin_of_stature


def _rise_sd(view: RepView, settings: Settings) -> float:
    """Return the standard deviation of a rep's rise, shin lengths."""
    rep, posture, error = view.measured, settings.posture, settings.rise_error
    bent = view.posture.leg_short >= posture.bent_leg_short or knee_bend(view) is not None
    parted = view.disturbed or view.posture.lean_deg > posture.lean_deg
    parted_shin = error.bent_shin if bent else error.disturbed_shin * parted
    return rise_sd(rep.rise, rep.facing, parted_shin, rep.unseen, rep.refused, error)


def _tips(leg_set: MeasuredSet, settings: Settings) -> tuple[Tip, ...]:
    """Return what is worth a word although nothing is wrong with a rep."""
    limits, reps = settings.posture, leg_set.reps
    return tuple(
        Tip(
            "head_down",
            leg_set.side,
            nod.start_s,
            nod.end_s,
            nod.down_deg,
            limits.nod_deg,
            "deg",
            f"head turned down by {nod.down_deg:.0f} degrees: head up, eyes forward",
        )
        for nod in nods(leg_set.track, reps[0].start_s, reps[-1].end_s, limits)
    )


def _phases_s(rep: Measured) -> NDArray[np.float64]:
    """Return how long the way up, the way down and the hold lasted, seconds, shape (3,)."""
    moments_s = (rep.start_s, rep.top_start_s, rep.top_end_s, rep.end_s)
    up_s, hold_s, down_s = np.diff(moments_s)
    return np.array([up_s, down_s, hold_s])


def _overlap(event: Event, rep: Measured) -> bool:
    return event.end_s > rep.start_s and event.start_s < rep.end_s


def _rep(view: RepView, sd: float) -> Rep:
    """Return the numbers of a rep in their written form, faults still missing."""
    m, cm = view.measured, view.shin_cm
    peak = m.peak if view.flat_seen else None
    bottom = m.bottom if view.flat_seen else None
    return Rep(
        number=view.number,
        side=view.side,
        start_s=m.start_s,
        top_start_s=m.top_start_s,
        peak_s=m.peak_s,
        top_end_s=m.top_end_s,
        end_s=m.end_s,
        hold_s=m.top_end_s - m.top_start_s,
        up_s=m.top_start_s - m.start_s,
        down_s=m.end_s - m.top_end_s,
        rise_cm=None if cm is None else m.rise * cm,
        rise_shin=m.rise,
        rise_sd_cm=None if cm is None else sd * cm,
        rise_sd_shin=sd,
        peak_cm=None if cm is None or peak is None else peak * cm,
        peak_shin=peak,
        bottom_cm=None if cm is None or bottom is None else bottom * cm,
        bottom_shin=bottom,
    )
