"""Trends: what a set amounts to, what is only noise, the guide's rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from heelrise.history import KeptSet
from heelrise.trends import (
    both_lines,
    change,
    changes,
    progress,
    rule_lines,
    set_points,
    symmetries,
    table_rows,
    trend_lines,
)
from kept import START, kept_set, point, recording, rep


def test_a_set_amounts_to_its_reps() -> None:
    mixed = KeptSet(1, "left", 3.0, 20.0, (rep(1, "left", 8.0, "rushed"), rep(2, "left", 10.0)))
    (one,) = set_points([recording(1, 0, mixed, load_kg=5.0)])
    assert (one.reps, one.clean, one.load_kg) == (2, 1, 5.0)
    assert (one.rise_cm, one.total_cm) == (9.0, 18.0)
    assert (one.rise_shin, one.total_shin) == pytest.approx((0.225, 0.45))
    assert one.when == START


def test_a_mean_in_cm_needs_every_rep_in_cm() -> None:
    mixed = KeptSet(1, "left", 3.0, 20.0, (rep(1, "left", 8.0), rep(2, "left", None)))
    (one,) = set_points([recording(1, 0, mixed)])
    assert (one.rise_cm, one.total_cm) == (None, None)
    assert one.rise_shin == pytest.approx(0.2)


def test_sets_of_both_legs_together_are_no_point() -> None:
    sets = kept_set(1, "both", 4, 9.0), kept_set(2, "right", 4, 9.0), KeptSet(3, "left", 1, 2, ())
    assert [p.side for p in set_points([recording(1, 0, *sets)])] == ["right"]


def test_points_are_in_order_of_time() -> None:
    late, early = recording(1, 3, kept_set(1, "left", 4, 9.0)), recording(2, 1)
    early = replace(early, sets=(kept_set(1, "left", 5, 9.0), kept_set(2, "left", 6, 9.0)))
    assert [p.reps for p in set_points([late, early])] == [5, 6, 4]


@pytest.mark.parametrize("apart_s", [0, 3])
def test_a_recording_stays_whole_wherever_its_sets_lie_in_it(apart_s: int) -> None:
    # two videos analysed one after the other: the first one's set is late in it
    first = recording(1, 0, kept_set(1, "right", 4, 9.0), kept_set(2, "left", 4, 9.0))
    later = replace(recording(2, 0), started=first.started + timedelta(seconds=apart_s))
    later = replace(later, sets=(KeptSet(1, "left", 5.0, 23.0, kept_set(1, "left", 6, 9.0).reps),))
    points = set_points([later, first])
    assert [(p.recording, p.side) for p in points] == [(1, "right"), (1, "left"), (2, "left")]
    assert [p.when for p in points] == sorted(p.when for p in points)
    assert [c.reps for c in changes(points)] == [2]
    left = progress(points).legs[0].latest
    assert left is not None
    assert left.reps == 6


def test_symmetry_is_the_lower_of_the_best_sets_of_a_day() -> None:
    sets = kept_set(1, "left", 8, 10.0), kept_set(2, "left", 10, 10.0), kept_set(3, "right", 8, 9.0)
    (day,) = symmetries(set_points([recording(1, 0, *sets)]))
    assert day.reps_percent == pytest.approx(80)
    assert day.rise_percent == pytest.approx(90)
    assert day.total_percent == pytest.approx(72)
    assert day.lower == "right"


def test_two_videos_of_a_day_are_one_symmetry_and_two_loads_are_none() -> None:
    both = [point("left", 0, 10), point("right", 0, 10)]
    assert [(s.total_percent, s.lower) for s in symmetries(both)] == [(100.0, None)]
    assert symmetries([point("left", 0, 10), point("right", 0, 10, load=5.0)]) == []
    assert symmetries([point("left", 0, 10), point("right", 1, 10)]) == []


@pytest.mark.parametrize(
    ("reps", "verdict"), [(10, "within noise"), (28, "within noise"), (29, "more than noise")]
)
def test_reps_are_held_against_the_published_figure(reps: int, verdict: str) -> None:
    there = change(point("left", 0, 10), point("left", 7, reps))
    back = change(point("left", 0, reps), point("left", 7, 10))
    assert there.reps_verdict == back.reps_verdict == verdict
    assert there.reps == -back.reps == reps - 10


@pytest.mark.parametrize(
    ("cm", "verdict"),
    [(9.0, "within noise"), (11.19, "within noise"), (11.2, "more than noise"), (6.8, None)],
)
def test_rises_in_cm_are_held_against_the_published_figure(cm: float, verdict: str | None) -> None:
    one = change(point("left", 0, 10, cm=9.0), point("left", 7, 10, cm=cm))
    assert one.rise_verdict == (verdict or "more than noise")
    assert one.rise_cm == pytest.approx(cm - 9.0)


def test_rises_in_shins_are_held_against_nothing() -> None:
    one = change(point("left", 0, 10), point("left", 7, 10, cm=None))
    assert (one.rise_cm, one.rise_verdict) == (None, "cannot be told")
    lines = trend_lines([point("left", 0, 10, cm=None), point("left", 7, 10, cm=None)])
    assert "mean rise 20 % shin, +0 % shin (cannot be told)" in lines[0]
    assert any("--body-height" in line for line in lines)


def test_the_latest_is_compared_with_the_first_and_with_the_one_before() -> None:
    points = [point("left", day, reps) for day, reps in ((0, 10), (7, 12), (14, 15))]
    assert [(c.before.reps, c.later.reps) for c in changes(points)] == [(10, 15), (12, 15)]
    first, before = trend_lines(points)[:2]
    assert first.startswith("Left, latest against the first (2026-01-05): 15 reps, +5")
    assert before.startswith("Left, latest against the one before (2026-01-12): 15 reps, +3")
    assert [(c.before.reps, c.later.reps) for c in changes(points[:2])] == [(10, 12)]
    assert changes(points[:1]) == changes([]) == []


def test_a_recording_counts_with_its_best_set() -> None:
    first = recording(1, 0, kept_set(1, "left", 12, 9.0), kept_set(2, "left", 6, 9.0))
    later = recording(2, 7, kept_set(1, "left", 9, 9.0), kept_set(2, "left", 14, 9.0))
    (one,) = changes(set_points([first, later]))
    assert (one.before.reps, one.later.reps) == (12, 14)


def test_only_sets_of_one_load_are_compared() -> None:
    points = [point("left", 0, 10), point("left", 7, 8, load=5.0), point("left", 14, 12, load=5.0)]
    assert [(c.before.reps, c.later.reps) for c in changes(points)] == [(8, 12)]
    assert changes(points[:2]) == []


def test_the_rule_is_met_by_whole_clean_bodyweight_sets_of_both_legs() -> None:
    held = progress([point("left", 0, 12), point("right", 0, 13)])
    assert held.met
    assert held.verdict == "the rule is met"
    assert rule_lines(held)[-1] == "Add load? The rule is met."
    assert not progress([point("left", 0, 12), point("right", 0, 13)], 13).met


def test_a_heel_rise_test_is_named_and_held_against_nothing_but_tests() -> None:
    training = [point(side, 0, 12) for side in ("left", "right")]
    tests = [point(side, 7, 20, test=True) for side in ("left", "right")]
    held = progress([*training, *tests])
    assert [leg.latest for leg in held.legs] == training
    assert any("A heel-rise test is not held against it" in line for line in rule_lines(held))
    assert not any("heel-rise" in line for line in rule_lines(progress(training)))
    assert [row[1] for row in table_rows([training[0], tests[0]])] == ["left", "left, test"]
    assert changes([*training, *tests]) == []
    again = point("left", 14, 25, test=True)
    assert [c.reps for c in changes([*training, *tests, again])] == [5]
    later = point("left", 21, 13)
    assert [c.reps for c in changes([*training, *tests, again, later])] == [1, 5]
    one_day = [training[0], replace(tests[1], when=training[0].when)]
    assert symmetries(one_day) == []
    assert "Symmetry on 2026-01-12, test (" in trend_lines([*training, *tests])[-1]


def test_what_the_rule_lacks_is_said() -> None:
    faulty = set_points([recording(1, 0, kept_set(1, "right", 12, 9.0, faulty=3))])
    held = progress([point("left", 0, 10), *faulty])
    assert held.verdict == (
        "not yet, because the left leg did 10 of 12 reps; "
        "3 of 12 reps of the right leg have a fault (75 % without)"
    )
    text = "\n".join(rule_lines(held))
    assert "add load only when whole bodyweight sets on both legs are done with good form" in text
    assert "Right, latest bodyweight set (2026-01-05): 12 reps, 75 % without a fault" in text
    assert progress([]).verdict.startswith("not yet, because there is no bodyweight set of the l")


def test_the_rule_looks_at_the_latest_set_without_load() -> None:
    legs = [point("left", 0, 12), point("right", 0, 12)]
    assert progress([*legs, point("left", 7, 5, load=5.0)]).met
    assert not progress([*legs, point("left", 7, 5)]).met


def test_one_fault_in_many_reps_is_not_rounded_away() -> None:
    points = set_points([recording(1, 0, kept_set(1, "left", 300, 9.0, faulty=1))])
    assert next(table_rows(points))[4] == "99 %"
    assert "1 of 300 reps of the left leg has a fault" in progress(points).verdict
    points = set_points([recording(1, 0, kept_set(1, "left", 300, 9.0, faulty=299))])
    assert next(table_rows(points))[4] == "1 %"


@pytest.mark.parametrize(("faulty", "share"), [(0, "100 %"), (2, "67 %"), (4, "33 %"), (6, "0 %")])
def test_a_share_is_rounded(faulty: int, share: str) -> None:
    points = set_points([recording(1, 0, kept_set(1, "left", 6, 9.0, faulty=faulty))])
    assert next(table_rows(points))[4] == share


def test_the_history_has_one_unit() -> None:
    row = next(table_rows([point("left", 0, 10, cm=None)]))
    assert row[5:] == ("20 % shin", "200 % shin")
    # the later one is known in cm, the change in shins alone
    mixed = trend_lines([point("left", 0, 10, cm=None), point("left", 7, 10, cm=9.0)])[0]
    assert "mean rise 22 % shin, +2 % shin" in mixed
    in_cm = trend_lines([point("left", 0, 10, cm=8.0), point("left", 7, 10, cm=9.0)])[0]
    assert "mean rise 9.0 cm, +1.0 cm" in in_cm


def test_raises_on_both_legs_are_one_note() -> None:
    sets = kept_set(1, "both", 4, 9.0), kept_set(2, "left", 4, 9.0)
    with_both, without = recording(1, 0, *sets), recording(2, 1, sets[1])
    note = "On both legs together: 4 reps in 1 recording, in no row and in no comparison."
    assert both_lines([with_both, without]) == [note]
    assert both_lines([without]) == []
