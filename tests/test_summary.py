"""Sums, fatigue with its band, and symmetry, on results whose answers are known by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from heelrise.result import Fault, LegSet, Rep, Result, Side
from heelrise.summary import fatigue, fatigue_words, summarize

SHIN_CM = 40.0


def rep(number: int, side: Side, rise_cm: float | None = 8.0, sd_cm: float = 0.2) -> Rep:
    start = 3.0 * number
    shin = 0.2 if rise_cm is None else rise_cm / SHIN_CM
    return Rep(
        *(number, side, start, start + 0.6, start + 1.0, start + 1.6, start + 2.4),
        *(1.0, 0.6, 0.8, rise_cm, shin, None, None, None, None, ()),
        rise_sd_cm=None if rise_cm is None else sd_cm,
        rise_sd_shin=sd_cm / SHIN_CM,
    )


def leg_set(side: Side, rises_cm: list[float], sd_cm: float = 0.2) -> Result:
    reps = tuple(rep(n, side, rise, sd_cm) for n, rise in enumerate(rises_cm, 1))
    numbers = tuple(one.number for one in reps)
    return Result(reps, (), (LegSet(side, 3.0, reps[-1].end_s, numbers),), ())


def test_a_leg_is_summed_up() -> None:
    reps = tuple(rep(n, "left", rise) for n, rise in ((1, 6.0), (2, 7.0), (3, 11.0)))
    faults = (
        Fault("no_pause", "left", 1, 3.0, 4.0, 0.1, 0.5, "s", False, "held"),
        Fault("lost_balance", "left", None, 3.0, 4.0, 0.1, 0.5, "s", True, "perhaps"),
    )
    (leg,) = summarize(Result(reps, faults, (), ())).legs
    assert (leg.reps, leg.faults, leg.unsure) == (3, 1, 1)
    assert leg.rise_cm is not None
    assert leg.rise_cm.mean == pytest.approx(8.0)
    assert leg.rise_cm.median == pytest.approx(7.0)
    assert leg.rise_cm.total == pytest.approx(24.0)
    assert leg.hold_s is not None
    assert leg.hold_s.mean == pytest.approx(1.0)
    assert leg.up_s is not None
    assert leg.down_s is not None
    assert (leg.up_s.median, leg.down_s.median) == pytest.approx((0.6, 0.8))


def test_without_a_body_height_there_are_no_centimetres() -> None:
    leg = summarize(Result((rep(1, "left", None),), (), (), ())).legs[0]
    assert leg.rise_cm is None
    assert leg.rise_shin is not None


def test_a_rise_that_is_not_known_is_left_out_and_gives_no_total() -> None:
    unknown = replace(rep(2, "left"), rise_cm=None, rise_shin=math.nan)
    leg = summarize(Result((rep(1, "left", 8.0), unknown), (), (), ())).legs[0]
    assert leg.rise_cm is not None
    assert (leg.rise_cm.mean, leg.rise_cm.known, leg.rise_cm.total) == (8.0, 1, None)


def test_nothing_has_no_legs() -> None:
    summary = summarize(Result((), (), (), ()))
    assert summary.legs == ()
    assert summary.symmetry is None


def test_symmetry_is_given_both_ways() -> None:
    reps = (rep(1, "left", 8.0), rep(2, "left", 8.0), rep(3, "right", 10.0))
    found = summarize(Result(reps, (), (), ())).symmetry
    assert found is not None
    by_name = {one.measure: one for one in found}
    assert by_name["reps"].left_right_pct == pytest.approx(200.0)
    assert by_name["reps"].lower_higher_pct == pytest.approx(50.0)
    assert by_name["reps"].lower == "right"
    assert by_name["mean rise"].left_right_pct == pytest.approx(80.0)
    assert (by_name["mean rise"].lower, by_name["mean rise"].unit) == ("left", "cm")
    assert by_name["total rise"].left_right_pct == pytest.approx(160.0)


@pytest.mark.parametrize("side", ["right", "both"])
def test_one_leg_alone_has_no_symmetry(side: Side) -> None:
    other: Side = "right" if side == "right" else "left"
    assert summarize(Result((rep(1, side), rep(2, other)), (), (), ())).symmetry is None


def test_equal_legs_have_no_lower_one() -> None:
    found = summarize(Result((rep(1, "left"), rep(2, "right")), (), (), ())).symmetry
    assert found is not None
    assert {(one.lower, one.lower_higher_pct) for one in found} == {(None, 100.0)}


def test_a_total_that_is_not_known_is_not_compared() -> None:
    reps = (rep(1, "left"), replace(rep(2, "left"), rise_cm=None), rep(3, "right"))
    found = summarize(Result(reps, (), (), ())).symmetry
    assert found is not None
    assert [one.measure for one in found] == ["reps", "mean rise"]


def test_a_clear_loss_is_told_with_its_band() -> None:
    lost = fatigue(leg_set("left", [10.0, 9.9, 9.0, 8.1, 7.0, 6.1]), "left")
    assert lost.told
    assert lost.third == 2
    assert lost.lost_cm == pytest.approx(9.95 - 6.55)
    assert lost.band_cm is not None
    assert 0.2 < lost.band_cm < 3.4
    assert lost.lost_share == pytest.approx(3.4 / 9.95)
    assert "3.4 cm lost" in fatigue_words(lost)
    assert "last 2 reps of 6 rise 34 % less" in fatigue_words(lost)


def test_a_loss_inside_its_band_is_not_told() -> None:
    lost = fatigue(leg_set("left", [10.0, 8.0, 9.5, 8.5, 9.8, 7.9]), "left")
    assert not lost.told
    assert fatigue_words(lost).startswith("Cannot be told: 0.2 cm lost")


def test_what_the_view_gets_wrong_widens_the_band() -> None:
    rises = [10.0, 9.9, 9.0, 8.1, 7.0, 6.1]
    assert not fatigue(leg_set("left", rises, sd_cm=2.0), "left").told


def test_a_gain_is_no_loss() -> None:
    lost = fatigue(leg_set("right", [6.0, 6.1, 7.0, 8.1, 9.0, 10.0]), "right")
    assert lost.told
    assert "gained" in fatigue_words(lost)
    assert "more than the first 2" in fatigue_words(lost)


def test_fewer_than_six_reps_tell_nothing() -> None:
    lost = fatigue(leg_set("left", [10.0, 8.0, 6.0, 4.0, 2.0]), "left")
    assert (lost.told, lost.lost_shin) == (False, None)
    assert "5 reps" in fatigue_words(lost)


def test_an_unknown_error_tells_nothing() -> None:
    result = leg_set("left", [10.0, 9.0, 8.0, 7.0, 6.0, 5.0])
    reps = (replace(result.reps[0], rise_sd_shin=None), *result.reps[1:])
    assert not fatigue(replace(result, reps=reps), "left").told


def test_no_set_and_no_leg_tell_nothing() -> None:
    assert "no set" in fatigue(Result((rep(1, "left"),), (), (), ()), "left").why_not


def test_the_band_holds_what_it_promises() -> None:
    rng = np.random.default_rng(5)
    outside = 0
    for _ in range(400):
        rises = (9.0 + rng.normal(0.0, 0.5, 12)).tolist()
        outside += fatigue(leg_set("left", rises, sd_cm=0.01), "left").told
    assert outside / 400 < 0.07
