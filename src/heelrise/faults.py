"""The form checker: one small pure function a fault, of a rep or of a stretch of a set.

Each says what was measured, against which limit, in which unit; and "unsure", with the reason,
where the picture cannot carry the claim. Adding a rep fault: one function, one line in
REP_FAULTS, one threshold in settings, one test table; its cue in each language of words, its words
in report.FAULT_WORDS, its marker in charts, and a line in docs/json.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from heelrise.balance import Event
from heelrise.measure import Measured
from heelrise.posture import Posture
from heelrise.result import Fault, Side
from heelrise.settings import BalanceLimits, FaultLimits, PostureLimits


@dataclass(frozen=True)
class RepView:
    """What a rep fault is judged on.

    Attributes
    ----------
    number, side : int, {"left", "right"}
        Which rep.
    measured : Measured
        Its times (seconds) and heel levels (shin lengths above flat foot).
    best_peak : float
        The person's own highest peak on this leg, shin lengths above flat foot; where that was not
        seen, their highest rise among the reps of which it was not.
    flat_seen : bool
        Whether the flat-foot level was seen; without it levels mean little.
    on_step : bool or None
        Over the edge of a step; None when that cannot be told.
    shin_cm : float or None
        Shin length, from the body height; None without it.
    disturbed : bool
        Whether the free foot touched down or balance was lost in it: then the body's height says
        less of the heel's.
    swayed : bool
        Whether balance was lost in it.
    limits : FaultLimits
    posture : Posture
        How knee and trunk were held.
    posture_limits : PostureLimits
    lower_for_s : float or None
        How long the way down is to last in training; None where nobody asked for it.
    feet_alike : bool
        The feet look so much alike in this set that it is a guess which one is free.
    balance_limits : BalanceLimits
    maybe_leaned : bool
        Whether all that disturbed it is a sway that may as well be a lean.
    slower_s : float
        How much longer than usual in this set the way up or down lasted, whichever it is more of.
    usual_hold_s : float
        The middle one of the set's holds.
    """

    number: int
    side: Side
    measured: Measured
    best_peak: float
    flat_seen: bool
    on_step: bool | None
    shin_cm: float | None
    disturbed: bool
    swayed: bool
    limits: FaultLimits
    posture: Posture = field(default_factory=Posture)
    posture_limits: PostureLimits = field(default_factory=PostureLimits)
    lower_for_s: float | None = None
    feet_alike: bool = False
    balance_limits: BalanceLimits = field(default_factory=BalanceLimits)
    maybe_leaned: bool = False
    slower_s: float = 0.0
    usual_hold_s: float = 1.0

    def fault(
        self,
        kind: str,
        when: tuple[float, float],
        measured: float | None,
        limit: float,
        unit: str,
        message: str,
        unsure: bool = False,
    ) -> Fault:
        """Return a fault of this rep; ``when`` is its start and end in seconds."""
        if self.measured.passed_by and not unsure:
            message, unsure = f"{message}, perhaps: somebody else was in the way", True
        return Fault(kind, self.side, self.number, *when, measured, limit, unit, unsure, message)


def incomplete_top(view: RepView) -> Fault | None:
    """The heel's highest level stays well under the person's own best on that leg."""
    rep, limit = view.measured, view.limits.low_peak_share
    when = (rep.top_start_s, rep.top_end_s)
    if not view.flat_seen:
        # Without a flat stance only the rise itself can be compared, and that says less.
        share = rep.rise / view.best_peak if view.best_peak > 0 else 1.0
        if share >= limit:
            return None
        message = "looks low, but no flat stance was seen to measure from"
        return view.fault("incomplete_top", when, share, limit, "share of own best", message, True)
    share = rep.peak / view.best_peak if view.best_peak > 0 else 1.0
    if share >= view.limits.low_peak_doubt:
        return None
    message = f"top at {share:.0%} of your own best (at least {limit:.0%})"
    message, unsure = _doubted(view, message)
    if share >= limit:
        if unsure:
            return None  # something else that lowers the body says enough
        message, unsure = _nearly(message, True)
    return view.fault("incomplete_top", when, share, limit, "share of own best", message, unsure)


def incomplete_bottom(view: RepView) -> Fault | None:
    """On a step the heel does not drop below step level; on the floor it does not come down."""
    rep, limits = view.measured, view.limits
    when = (rep.top_end_s, rep.end_s)
    if not view.flat_seen or view.on_step is None:
        message = "no flat stance was seen: the bottom cannot be judged"
        limit, unit = -limits.step_bottom_shin, "shin"
        if view.shin_cm is not None:
            limit, unit = -limits.step_bottom_cm, "cm"
        return view.fault("incomplete_bottom", when, None, limit, unit, message, True)
    if not view.on_step:
        left = max(rep.bottom, 0.0) / rep.rise if rep.rise > 0 else 0.0
        if left <= limits.floor_bottom_share:
            return None
        message = (
            f"heel stayed up by {left:.0%} of the rise (at most {limits.floor_bottom_share:.0%})"
        )
        limit = limits.floor_bottom_share
        unit = "share of rise"
        message, unsure = _doubted(view, message)
        if not unsure and rep.bottom < limits.floor_doubt_shin:
            message, unsure = f"{message}, perhaps: of so low a rise that is within its error", True
        if not unsure and not rep.rested:
            unsure = True
            message += ", perhaps: it is some reps since flat foot was seen"
        told = _way_down(view, message, unsure)
        return view.fault("incomplete_bottom", when, left, limit, unit, *told)
    if view.shin_cm is None:
        if rep.bottom <= -limits.step_bottom_shin:
            return None
        height = f"{abs(rep.bottom):.3f} shin lengths"
        where = f"{height} above" if rep.bottom > 0 else f"only {height} below"
        message = f"heel {where} step level (at least {limits.step_bottom_shin:.3f} below)"
        limit = -limits.step_bottom_shin
        told = _way_down(view, *_nearly(message, rep.bottom - limit < limits.step_doubt_shin))
        return view.fault("incomplete_bottom", when, rep.bottom, limit, "shin", *told)
    bottom_cm = rep.bottom * view.shin_cm
    if bottom_cm <= -limits.step_bottom_cm:
        return None
    where = f"{bottom_cm:.1f} cm above" if bottom_cm > 0 else f"only {-bottom_cm:.1f} cm below"
    message = f"heel {where} step level (at least {limits.step_bottom_cm:.0f} cm below)"
    limit = -limits.step_bottom_cm
    told = _way_down(view, *_nearly(message, bottom_cm - limit < limits.step_doubt_cm))
    return view.fault("incomplete_bottom", when, bottom_cm, limit, "cm", *told)


def no_pause(view: RepView) -> Fault | None:
    """The top was not held."""
    rep, limit = view.measured, view.limits.least_hold_s
    hold_s = rep.top_end_s - rep.top_start_s
    if hold_s >= limit:
        return None
    message = f"held for {hold_s:.2f} s (at least {limit:.1f} s)"
    when = (rep.top_start_s, rep.top_end_s)
    if rep.regained:
        message += ", perhaps: the body sank and came up again, with the heel up or not"
        return view.fault("no_pause", when, hold_s, limit, "s", message, True)
    message, unsure = _doubted(view, message)
    if not unsure and _maybe_sank(view):
        message, unsure = f"{message}, perhaps: the body sank with the heel up", True
    if not unsure:
        message, unsure = _nearly(message, hold_s > limit - view.limits.hold_doubt_s)
    return view.fault("no_pause", when, hold_s, limit, "s", message, unsure)


def _maybe_sank(view: RepView) -> bool:
    """Whether what looks like a slow way up or down may be a part of the top.

    A lean or a bent knee takes the body down within the top; facing the camera neither shows. In a
    set that is quick all along there is no top to sink in.
    """
    seen = view.posture
    if view.usual_hold_s < view.limits.least_hold_s:
        return False
    hidden = seen.profile < view.posture_limits.knee_profile
    return view.slower_s >= view.limits.sank_s or (hidden and seen.top_low >= view.limits.sank_low)


def rushed(view: RepView) -> Fault | None:
    """The heel is dropped instead of lowered."""
    rep, limits = view.measured, view.limits
    down_s = rep.end_s - rep.top_end_s
    limit = max(limits.least_down_s, view.lower_for_s or 0.0)
    if down_s >= limit:
        return None
    when = (rep.top_end_s, rep.end_s)
    message = f"down in {down_s:.2f} s (at least {limit:.2f} s)"
    return view.fault(
        "rushed", when, down_s, limit, "s", *_way_down(view, *_doubted(view, message))
    )


def knee_bend(view: RepView) -> Fault | None:
    """The standing knee bends beyond its own posture in the set: it helps, or cheats.

    With the other foot down, or the balance gone, a bent knee belongs to that; and in a lean the
    landmarks of the leg are drawn along.
    """
    seen, limits = view.posture, view.posture_limits
    if view.disturbed or trunk_lean(view) is not None:
        return None
    when = (view.measured.start_s, view.measured.end_s)
    message = f"standing knee bent by {seen.knee_deg:.0f} degrees more, as seen, than in your reps"
    unsure = True
    if seen.knee_deg < limits.knee_deg:
        if seen.profile >= limits.knee_profile or seen.leg_short < limits.front_leg_short:
            return None
        message = (
            f"standing leg shorter by {100 * seen.leg_short:.0f} % than in your reps, perhaps: "
        )
        message += "seen so much from the front a bent knee hardly shows"
    elif _clearly_bent(seen, limits):
        unsure = False
    elif seen.leg_short < limits.leg_short and seen.knee_deg < limits.knee_doubt_deg:
        return None
    else:
        message += ", perhaps: the leg is seen too unsteadily"
    return view.fault("knee_bend", when, seen.knee_deg, limits.knee_deg, "deg", message, unsure)


def _clearly_bent(seen: Posture, limits: PostureLimits) -> bool:
    """Whether the angle stands out, and the leg is shorter or the body lower at the top."""
    noise_deg = seen.knee_noise_deg
    if seen.leg_short >= limits.leg_clearly_short:
        return seen.knee_deg >= limits.knee_noise_times * noise_deg
    least_deg = max(limits.knee_clear_deg, limits.knee_clear_times * noise_deg)
    return seen.knee_deg >= least_deg and seen.top_low >= limits.knee_top_low


def trunk_lean(view: RepView) -> Fault | None:
    """The trunk leans forward or backward, beyond the person's own start.

    A sway to the side, or a lean in which the balance goes, is ``lost_balance``.
    """
    seen, limits = view.posture, view.posture_limits
    when = (view.measured.start_s, view.measured.end_s)
    if view.swayed and not view.maybe_leaned:
        return None
    if seen.profile >= limits.lean_profile:
        if seen.lean_deg <= limits.lean_deg:
            return None
        message = f"trunk leaned by {seen.lean_deg:.0f} degrees (at most {limits.lean_deg:.0f})"
        if view.maybe_leaned:
            message += ", perhaps: a sway looks so too, seen from here"
        unsure = view.maybe_leaned
        return view.fault(
            "trunk_lean", when, seen.lean_deg, limits.lean_deg, "deg", message, unsure
        )
    quiet = view.maybe_leaned or not view.disturbed
    if not quiet or seen.lean_hint_shin <= limits.lean_hint_shin:
        return None
    message = "the trunk may have leaned: this view, from the front or behind, cannot show it"
    return view.fault("trunk_lean", when, None, limits.lean_deg, "deg", message, True)


def _doubted(view: RepView, message: str) -> tuple[str, bool]:
    """Return the message, and whether something else that lowers the body makes it unsure."""
    if view.disturbed:
        return f"{message}, perhaps: balance was disturbed in it", True
    bent = view.posture.leg_short >= view.posture_limits.bent_leg_short
    if bent or knee_bend(view) is not None:
        return f"{message}, perhaps: a bent knee lowers the body", True
    if trunk_lean(view) is not None:
        return f"{message}, perhaps: a lean lowers the body", True
    return message, False


def _nearly(message: str, within: bool) -> tuple[str, bool]:
    """Return the message, and whether it is unsure: it is when the measure may err by so much."""
    return (f"{message}, perhaps: that is within its error", True) if within else (message, False)


def _way_down(view: RepView, message: str, unsure: bool = False) -> tuple[str, bool]:
    """Return the message, and whether it is unsure: it is when the way down was not seen."""
    if unsure or view.measured.down_seen:
        return message, unsure
    return f"{message}, perhaps: the way down was not seen", True


def touch_unseen(view: RepView) -> Fault | None:
    """Whether the free foot touched cannot be seen: it looks like the other one all along.

    Where a touch-down or a loss of balance was found in it all the same, that is reported.
    """
    if not view.feet_alike or view.disturbed:
        return None
    when = (view.measured.start_s, view.measured.end_s)
    message = "the feet look alike, seen so: whether the free one took the ground does not show"
    limit = view.balance_limits.touch_drop_shin
    return view.fault("foot_touchdown", when, None, limit, "shin", message, True)


REP_FAULTS: tuple[Callable[[RepView], Fault | None], ...] = (
    incomplete_top,
    incomplete_bottom,
    no_pause,
    rushed,
    knee_bend,
    trunk_lean,
)


def rep_faults(view: RepView) -> tuple[Fault, ...]:
    """Return all faults of one rep."""
    found = (check(view) for check in (*REP_FAULTS, touch_unseen))
    return tuple(fault for fault in found if fault is not None)


def event_fault(event: Event, side: Side, reps: Sequence[tuple[int, float, float]]) -> Fault:
    """Return a touch-down or a loss of balance as a fault.

    Parameters
    ----------
    event : Event
    side : str
        Which leg carries.
    reps : sequence of tuple
        Number, start and end (seconds) of each rep: the fault belongs to the one it fell into, to
        none between them.
    """
    middle_s = (event.start_s + event.end_s) / 2
    number = next((n for n, start_s, end_s in reps if start_s <= middle_s <= end_s), None)
    message = event.message if event.sure else f"{event.message}, perhaps: {event.why}"
    return Fault(
        event.kind,
        side,
        number,
        event.start_s,
        event.end_s,
        event.measured,
        event.limit,
        event.unit,
        not event.sure,
        message,
    )
