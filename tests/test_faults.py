"""Faults of a rep: for each a table of what must fire beside what must not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from heelrise.faults import (
    RepView,
    incomplete_bottom,
    incomplete_top,
    knee_bend,
    no_pause,
    rep_faults,
    rushed,
    touch_unseen,
    trunk_lean,
)
from heelrise.measure import Measured
from heelrise.posture import Posture
from heelrise.settings import FaultLimits

GOOD = Measured(
    start_s=1.0,
    top_start_s=1.6,
    peak_s=2.0,
    top_end_s=2.8,
    end_s=3.4,
    start=0.0,
    peak=0.22,
    bottom=0.0,
)
ON_FLOOR = RepView(
    number=3,
    side="left",
    measured=GOOD,
    best_peak=0.22,
    flat_seen=True,
    on_step=False,
    shin_cm=42.0,
    disturbed=False,
    swayed=False,
    limits=FaultLimits(),
)
PASSED_BY = replace(GOOD, passed_by=True)
ON_STEP = replace(ON_FLOOR, on_step=True, measured=replace(GOOD, start=-0.09, bottom=-0.09))


def seen(view: RepView, rep: dict[str, float] | None = None, **changed: Any) -> RepView:
    return replace(view, measured=replace(view.measured, **(rep or {})), **changed)


def held(posture: Posture, **changed: Any) -> RepView:
    """Return a good rep on the floor with knee and trunk held so."""
    return seen(ON_FLOOR, posture=posture, **changed)


COACHED = {"lower_for_s": 2.0}
# A bend of some 20 degrees: a third of it is seen, and the leg is 1.5 % shorter.
BENT = Posture(knee_deg=7.0, knee_noise_deg=1.0, leg_short=0.015, profile=1.0)
LEANING = Posture(lean_deg=14.0)
FROM_THE_FRONT = Posture(lean_hint_shin=0.06, profile=0.2)


FIRES = {
    "top at half of the best": (incomplete_top, seen(ON_FLOOR, {"peak": 0.11}), 0.5),
    "top just under the limit": (incomplete_top, seen(ON_FLOOR, {"peak": 0.135}), 0.614),
    "low over a step, long rise from below": (incomplete_top, seen(ON_STEP, {"peak": 0.12}), 0.545),
    "step: ends at step level": (incomplete_bottom, seen(ON_STEP, {"bottom": 0.0}), 0.0),
    "step: 0.4 cm below": (incomplete_bottom, seen(ON_STEP, {"bottom": -0.01}), -0.42),
    "step without a body height": (
        incomplete_bottom,
        seen(ON_STEP, {"bottom": -0.01}, shin_cm=None),
        -0.01,
    ),
    "floor: a third is left": (incomplete_bottom, seen(ON_FLOOR, {"bottom": 0.075}), 0.341),
    "held for 0.3 s": (no_pause, seen(ON_FLOOR, {"top_end_s": 1.9}), 0.3),
    "held for 0.44 s": (no_pause, seen(ON_FLOOR, {"top_end_s": 2.04}), 0.44),
    "held for 0.3 s, the way up a little slower": (
        no_pause,
        seen(ON_FLOOR, {"top_end_s": 1.9}, slower_s=0.3),
        0.3,
    ),
    "a short top beside a slow way down, in a set of short tops": (
        no_pause,
        seen(ON_FLOOR, {"top_end_s": 1.9}, slower_s=0.5, usual_hold_s=0.35),
        0.3,
    ),
    "held for 0.3 s, low, in profile": (
        no_pause,
        seen(ON_FLOOR, {"top_end_s": 1.9}, posture=Posture(top_low=0.3)),
        0.3,
    ),
    "dropped in 0.2 s": (rushed, seen(ON_FLOOR, {"end_s": 3.0}), 0.2),
    "down just under the limit": (rushed, seen(ON_FLOOR, {"end_s": 3.14}), 0.34),
    "down in 0.6 s, 2 s are wanted": (rushed, seen(ON_FLOOR, **COACHED), 0.6),
    "knee bent by 7 degrees as seen": (knee_bend, held(BENT), 7.0),
    "knee bent clearly, the body a fifth lower at the top": (
        knee_bend,
        held(Posture(12.0, 2.0, 0.0, top_low=0.2)),
        12.0,
    ),
    "knee just over all three limits": (knee_bend, held(Posture(4.6, 1.8, 0.0151)), 4.6),
    "knee bent in a lean that is allowed": (
        knee_bend,
        held(replace(BENT, lean_deg=9.0)),
        7.0,
    ),
    "trunk leaned by 14 degrees": (trunk_lean, held(LEANING), 14.0),
    "trunk just over the limit": (trunk_lean, held(Posture(lean_deg=10.1)), 10.1),
    "trunk leaned at 60 degrees to the camera": (
        trunk_lean,
        held(replace(LEANING, profile=0.5)),
        14.0,
    ),
    "trunk leaned with the other foot down": (trunk_lean, held(LEANING, disturbed=True), 14.0),
}
QUIET = {
    "top at seven tenths": (incomplete_top, seen(ON_FLOOR, {"peak": 0.154})),
    "top at 0.65 of the best, balance lost": (
        incomplete_top,
        seen(ON_FLOOR, {"peak": 0.143}, disturbed=True),
    ),
    "the best itself": (incomplete_top, ON_FLOOR),
    "a touch-down of a foot that is told from the other": (touch_unseen, ON_FLOOR),
    "a touch-down that was found, of feet that look alike": (
        touch_unseen,
        seen(ON_FLOOR, feet_alike=True, disturbed=True),
    ),
    "step: 3 cm below": (incomplete_bottom, seen(ON_STEP, {"bottom": -0.07})),
    "step: just beyond 1 cm": (incomplete_bottom, seen(ON_STEP, {"bottom": -0.0245})),
    "step without a height, 0.03 below": (
        incomplete_bottom,
        seen(ON_STEP, {"bottom": -0.03}, shin_cm=None),
    ),
    "floor: a tenth is left": (incomplete_bottom, seen(ON_FLOOR, {"bottom": 0.02})),
    "held for 0.6 s": (no_pause, seen(ON_FLOOR, {"top_end_s": 2.2})),
    "held for 0.6 s, and reached once more": (
        no_pause,
        seen(ON_FLOOR, {"top_end_s": 2.2, "regained": True}),
    ),
    "down in 0.4 s": (rushed, seen(ON_FLOOR, {"end_s": 3.2})),
    "down in 0.6 s, nothing more is wanted": (rushed, ON_FLOOR),
    "down in 2.1 s, 2 s are wanted": (rushed, seen(ON_FLOOR, {"end_s": 4.9}, **COACHED)),
    "knee as always": (knee_bend, ON_FLOOR),
    "knee bent by 4 degrees as seen": (knee_bend, held(replace(BENT, knee_deg=4.0))),
    "from the front, the leg hardly shorter": (
        knee_bend,
        held(replace(BENT, knee_deg=0.5, leg_short=0.011, profile=0.4)),
    ),
    "knee bent with the other foot down": (knee_bend, held(BENT, disturbed=True)),
    "knee bent in a lean": (knee_bend, held(replace(BENT, lean_deg=14.0))),
    "knee bent in what may be a lean": (
        knee_bend,
        held(replace(BENT, lean_hint_shin=0.06, profile=0.2)),
    ),
    "a small angle, and the leg as long as ever": (knee_bend, held(replace(BENT, leg_short=0.0))),
    "a small angle among unsteady ones, leg as long as ever": (
        knee_bend,
        held(replace(BENT, knee_noise_deg=5.0, leg_short=0.0)),
    ),
    "trunk upright": (trunk_lean, ON_FLOOR),
    "trunk leaned by 9 degrees": (trunk_lean, held(Posture(lean_deg=9.0))),
    "trunk leaned while the balance was lost": (trunk_lean, held(LEANING, swayed=True)),
    "from the front, upright": (trunk_lean, held(replace(FROM_THE_FRONT, lean_hint_shin=0.03))),
    "from the front, balance lost": (trunk_lean, held(FROM_THE_FRONT, swayed=True)),
    "from the front, the other foot down": (trunk_lean, held(FROM_THE_FRONT, disturbed=True)),
    "in profile a hint is no more than that": (
        trunk_lean,
        held(replace(FROM_THE_FRONT, profile=1.0)),
    ),
}


@pytest.mark.parametrize(
    ("bottom", "said"), [(0.018, "0.018 shin lengths above"), (-0.018, "only")]
)
def test_a_heel_over_the_step_is_said_to_be_above_it(bottom: float, said: str) -> None:
    fault = incomplete_bottom(seen(ON_STEP, {"bottom": bottom}, shin_cm=None))
    assert fault is not None
    assert said in fault.message
    assert "-" not in fault.message


@pytest.mark.parametrize(("check", "view", "measured"), FIRES.values(), ids=FIRES.keys())
def test_fires(check: Any, view: RepView, measured: float) -> None:
    fault = check(view)
    assert fault is not None
    assert not fault.unsure
    assert fault.measured == pytest.approx(measured, abs=0.005)
    assert (fault.rep, fault.side) == (3, "left")
    assert fault.limit is not None
    assert fault.unit
    assert fault.start_s <= fault.end_s


@pytest.mark.parametrize(("check", "view"), QUIET.values(), ids=QUIET.keys())
def test_stays_quiet(check: Any, view: RepView) -> None:
    assert check(view) is None


UNSURE = {
    "bottom, no flat stance seen": (incomplete_bottom, seen(ON_FLOOR, flat_seen=False)),
    "bottom, floor or step unknown": (incomplete_bottom, seen(ON_FLOOR, on_step=None)),
    "low rise, no flat stance seen": (
        incomplete_top,
        seen(ON_FLOOR, {"start": 0.0, "peak": 0.1}, flat_seen=False),
    ),
    "top at 0.65 of the best": (incomplete_top, seen(ON_FLOOR, {"peak": 0.143})),
    "low top with a touch-down in it": (
        incomplete_top,
        seen(ON_FLOOR, {"peak": 0.1}, disturbed=True),
    ),
    "low top in a lean": (
        incomplete_top,
        seen(ON_FLOOR, {"peak": 0.1}, posture=LEANING),
    ),
    "floor: a third is left, in a lean": (
        incomplete_bottom,
        seen(ON_FLOOR, {"bottom": 0.075}, posture=LEANING),
    ),
    "floor: a third is left of a low rise": (
        incomplete_bottom,
        seen(ON_FLOOR, {"peak": 0.1, "bottom": 0.03}),
    ),
    "floor: a third is left, flat foot seen some reps ago": (
        incomplete_bottom,
        seen(ON_FLOOR, {"bottom": 0.075, "rested": False}),
    ),
    "a short top that is reached once more": (
        no_pause,
        seen(ON_FLOOR, {"top_end_s": 1.9, "regained": True}),
    ),
    "held for 0.47 s": (no_pause, seen(ON_FLOOR, {"top_end_s": 2.07})),
    "a short top, the way down longer by half a second than in the other reps": (
        no_pause,
        seen(ON_FLOOR, {"top_end_s": 1.9}, slower_s=0.5),
    ),
    "a short top, facing the camera and lower by a fifth": (
        no_pause,
        seen(ON_FLOOR, {"top_end_s": 1.9}, posture=Posture(profile=0.3, top_low=0.2)),
    ),
    "no pause with balance lost in it": (
        no_pause,
        seen(ON_FLOOR, {"top_end_s": 1.9}, disturbed=True),
    ),
    "dropped, or not seen": (rushed, seen(ON_FLOOR, {"end_s": 2.9, "down_seen": False})),
    "floor: it stayed up, or was not seen": (
        incomplete_bottom,
        seen(ON_FLOOR, {"bottom": 0.2, "down_seen": False}),
    ),
    "step: ends above it, or was not seen": (
        incomplete_bottom,
        seen(ON_STEP, {"bottom": 0.05, "down_seen": False}),
    ),
    "step: 0.8 cm below, which may be 1 cm": (
        incomplete_bottom,
        seen(ON_STEP, {"bottom": -0.019}),
    ),
    "step without a body height, 0.02 below": (
        incomplete_bottom,
        seen(ON_STEP, {"bottom": -0.02}, shin_cm=None),
    ),
    "dropped with balance lost in it": (rushed, seen(ON_FLOOR, {"end_s": 3.0}, disturbed=True)),
    "knee bent, as it varies from rep to rep": (
        knee_bend,
        held(replace(BENT, knee_noise_deg=3.0)),
    ),
    "knee bent, the leg hardly shorter": (knee_bend, held(replace(BENT, leg_short=0.012))),
    "knee bent in one of two reps": (knee_bend, held(replace(BENT, knee_noise_deg=float("inf")))),
    "knee bent, seen from the front": (
        knee_bend,
        held(replace(BENT, knee_deg=0.5, profile=0.4)),
    ),
    "knee bent clearly, the leg as long as ever": (
        knee_bend,
        held(replace(BENT, knee_deg=9.5, leg_short=0.002)),
    ),
    "knee bent clearly, the body hardly lower": (
        knee_bend,
        held(Posture(12.0, 2.0, 0.0, top_low=0.1)),
    ),
    "knee bent as it varies, the body lower": (
        knee_bend,
        held(Posture(12.0, 3.5, 0.0, top_low=0.2)),
    ),
    "seen aslant, what may be a sway": (
        trunk_lean,
        held(FROM_THE_FRONT, disturbed=True, swayed=True, maybe_leaned=True),
    ),
    "seen from the side, what may be a sway": (
        trunk_lean,
        held(replace(LEANING, profile=0.55), disturbed=True, swayed=True, maybe_leaned=True),
    ),
    "lower head and shoulders, seen from the front": (trunk_lean, held(FROM_THE_FRONT)),
    "low top while somebody passed": (
        incomplete_top,
        seen(ON_FLOOR, {"peak": 0.1, "passed_by": True}),
    ),
    "no bottom while somebody passed": (
        incomplete_bottom,
        seen(ON_STEP, {"bottom": 0.05, "passed_by": True}),
    ),
    "knee bent while somebody passed": (knee_bend, replace(held(BENT), measured=PASSED_BY)),
    "a touch-down of a foot that looks like the other": (
        touch_unseen,
        seen(ON_FLOOR, feet_alike=True),
    ),
    "leaned while somebody passed": (trunk_lean, replace(held(LEANING), measured=PASSED_BY)),
}


@pytest.mark.parametrize("shin_cm", [40.0, None])
@pytest.mark.parametrize("bottom", [0.018, 0.0, -0.01])
def test_the_message_of_a_bottom_on_a_step_names_its_limit(
    bottom: float, shin_cm: float | None
) -> None:
    fault = incomplete_bottom(seen(ON_STEP, {"bottom": bottom}, shin_cm=shin_cm))
    assert fault is not None
    limit = "0.025" if shin_cm is None else "1 cm"
    assert f"step level (at least {limit} below)" in fault.message


@pytest.mark.parametrize(("shin_cm", "limit", "unit"), [(40.0, -1.0, "cm"), (None, -0.025, "shin")])
@pytest.mark.parametrize("without", [{"flat_seen": False}, {"on_step": None}])
def test_a_bottom_that_cannot_be_judged_has_the_limit_of_all_bottoms(
    without: dict[str, Any], shin_cm: float | None, limit: float, unit: str
) -> None:
    fault = incomplete_bottom(seen(ON_FLOOR, shin_cm=shin_cm, **without))
    assert fault is not None
    assert (fault.limit, fault.unit) == (limit, unit)


@pytest.mark.parametrize(("check", "view"), UNSURE.values(), ids=UNSURE.keys())
def test_says_unsure_and_why(check: Any, view: RepView) -> None:
    fault = check(view)
    assert fault is not None
    assert fault.unsure
    assert len(fault.message) > 20


def test_all_faults_of_a_rep_are_found_together() -> None:
    poor = seen(ON_STEP, {"peak": 0.1, "bottom": 0.0, "top_end_s": 1.8, "end_s": 2.0})
    kinds = [fault.kind for fault in rep_faults(replace(poor, posture=BENT))]
    assert kinds == ["incomplete_top", "incomplete_bottom", "no_pause", "rushed", "knee_bend"]
    kinds = [fault.kind for fault in rep_faults(replace(poor, posture=LEANING))]
    assert kinds[-1] == "trunk_lean"
    assert rep_faults(ON_STEP) == ()


def test_a_lean_that_the_view_hides_has_no_figure() -> None:
    fault = trunk_lean(held(FROM_THE_FRONT))
    assert fault is not None
    assert fault.measured is None
    assert (fault.limit, fault.unit) == (10.0, "deg")


def test_the_way_down_is_held_against_the_longer_limit() -> None:
    dropped = seen(ON_FLOOR, {"end_s": 3.0})
    for wanted_s, limit in ((None, 0.35), (2.0, 2.0), (0.1, 0.35)):
        fault = rushed(replace(dropped, lower_for_s=wanted_s))
        assert fault is not None
        assert fault.limit == limit
