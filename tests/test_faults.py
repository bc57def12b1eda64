"""Faults of a rep: for each a table of what must fire beside what must not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from heelrise.faults import RepView, incomplete_bottom, incomplete_top, no_pause, rep_faults
from heelrise.measure import Measured
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
    limits=FaultLimits(),
)
ON_STEP = replace(ON_FLOOR, on_step=True, measured=replace(GOOD, start=-0.09, bottom=-0.09))


def seen(view: RepView, rep: dict[str, float] | None = None, **changed: Any) -> RepView:
    return replace(view, measured=replace(view.measured, **(rep or {})), **changed)


FIRES = {
    "top at half of the best": (incomplete_top, seen(ON_FLOOR, {"peak": 0.11}), 0.5),
    "top just under the limit": (incomplete_top, seen(ON_FLOOR, {"peak": 0.135}), 0.614),
    "low over a step, long rise from below": (incomplete_top, seen(ON_STEP, {"peak": 0.12}), 0.545),
    "step: ends at step level": (incomplete_bottom, seen(ON_STEP, {"bottom": 0.0}), 0.0),
    "step: 0.8 cm below": (incomplete_bottom, seen(ON_STEP, {"bottom": -0.019}), -0.8),
    "step without a body height": (
        incomplete_bottom,
        seen(ON_STEP, {"bottom": -0.02}, shin_cm=None),
        -0.02,
    ),
    "floor: a third is left": (incomplete_bottom, seen(ON_FLOOR, {"bottom": 0.075}), 0.341),
    "held for 0.3 s": (no_pause, seen(ON_FLOOR, {"top_end_s": 1.9}), 0.3),
}
QUIET = {
    "top at two thirds": (incomplete_top, seen(ON_FLOOR, {"peak": 0.15})),
    "the best itself": (incomplete_top, ON_FLOOR),
    "step: 3 cm below": (incomplete_bottom, seen(ON_STEP, {"bottom": -0.07})),
    "step: just beyond 1 cm": (incomplete_bottom, seen(ON_STEP, {"bottom": -0.0245})),
    "step without a height, 0.03 below": (
        incomplete_bottom,
        seen(ON_STEP, {"bottom": -0.03}, shin_cm=None),
    ),
    "floor: a tenth is left": (incomplete_bottom, seen(ON_FLOOR, {"bottom": 0.02})),
    "held for 0.6 s": (no_pause, seen(ON_FLOOR, {"top_end_s": 2.2})),
}


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
    "low top with a touch-down in it": (
        incomplete_top,
        seen(ON_FLOOR, {"peak": 0.1}, disturbed=True),
    ),
    "no pause with balance lost in it": (
        no_pause,
        seen(ON_FLOOR, {"top_end_s": 1.9}, disturbed=True),
    ),
}


@pytest.mark.parametrize(("check", "view"), UNSURE.values(), ids=UNSURE.keys())
def test_says_unsure_and_why(check: Any, view: RepView) -> None:
    fault = check(view)
    assert fault is not None
    assert fault.unsure
    assert len(fault.message) > 20


def test_all_faults_of_a_rep_are_found_together() -> None:
    poor = seen(ON_STEP, {"peak": 0.1, "bottom": 0.0, "top_end_s": 1.8})
    kinds = [fault.kind for fault in rep_faults(poor)]
    assert kinds == ["incomplete_top", "incomplete_bottom", "no_pause"]
    assert rep_faults(ON_STEP) == ()
