"""Work by hand: mass x g x height, and nothing where a part of it is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heelrise.result import Rep
from heelrise.work import (
    BIAS,
    displacement_cm,
    displacement_shin,
    mean_power_w,
    under_way_s,
    work_j,
)


def rep(number: int, rise_cm: float | None, start_s: float = 0.0) -> Rep:
    return Rep(
        number=number,
        side="left",
        start_s=start_s,
        top_start_s=start_s + 0.7,
        peak_s=start_s + 0.8,
        top_end_s=start_s + 0.9,
        end_s=start_s + 1.6,
        hold_s=0.2,
        up_s=0.7,
        down_s=0.7,
        rise_cm=rise_cm,
        rise_shin=(rise_cm or 8.4) / 42,
        peak_cm=rise_cm,
        peak_shin=0.2,
        bottom_cm=0.0,
        bottom_shin=0.0,
    )


REPS = (rep(1, 10.0, 1.0), rep(2, 8.0, 3.0), rep(3, 7.0, 5.0))


def test_displacement_is_the_sum_of_the_rises() -> None:
    assert displacement_cm(REPS) == pytest.approx(25.0)
    assert displacement_shin(REPS) == pytest.approx(25.0 / 42)


def test_work_is_mass_times_g_times_displacement() -> None:
    # 70 kg x 9.81 m/s2 x 0.25 m
    assert work_j(REPS, 70.0) == pytest.approx(171.675)


def test_power_is_work_over_the_time_from_first_start_to_last_end() -> None:
    assert under_way_s(REPS) == pytest.approx(5.6)
    assert mean_power_w(REPS, 70.0) == pytest.approx(171.675 / 5.6)


def test_a_typical_test_gives_typical_work() -> None:
    """25 raises of 9.3 cm, of a body of 60 kg: the order of the 1330-1370 J of the literature."""
    assert work_j([rep(n, 9.3) for n in range(25)], 60.0) == pytest.approx(1368.5, abs=0.1)


def test_nothing_is_known_without_body_mass() -> None:
    assert work_j(REPS, None) is None
    assert mean_power_w(REPS, None) is None


def test_nothing_is_known_without_body_height() -> None:
    reps = (*REPS, replace(REPS[0], number=4, rise_cm=None))
    assert displacement_cm(reps) is None
    assert work_j(reps, 70.0) is None
    assert mean_power_w(reps, 70.0) is None
    assert displacement_shin(reps) == pytest.approx(35.0 / 42)


def test_no_raise_is_no_work_and_no_power() -> None:
    assert work_j((), 70.0) == 0.0
    assert mean_power_w((), 70.0) is None


def test_the_bias_is_named() -> None:
    assert "21-25 %" in BIAS
    assert "Andreasen 2021" in BIAS
