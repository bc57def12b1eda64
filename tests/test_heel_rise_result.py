"""The result of a heel-rise test: figures, norm, symmetry, and what has to be said with them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from heelrise.heel_rise_result import MDC_CM, MDC_REPS, evaluate, protocol_lines
from heelrise.heel_rise_test import NOTHING_SAID
from heelrise.heel_rise_test import TestOptions as OptionsOfTheTest
from heelrise.result import Rep, Result, Side
from raises import LOW, PERSON, rep

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "result.schema.json").read_text())


def of(*reps: Rep) -> Result:
    return Result(reps, (), (), ())


def leg(side: Side, count: int, from_s: float, first: int = 1, rise: float = 0.2) -> list[Rep]:
    return [rep(first + n, from_s + 2 * n, side=side, rise=rise) for n in range(count)]


def both_legs(rest_s: float = 130.0) -> Result:
    warm_up = leg("both", 5, 0.0)
    right = leg("right", 20, 15.0, 6)
    left = leg("left", 16, right[-1].end_s + 0.7 + rest_s, 26, rise=0.15)
    return of(*warm_up, *right, *left)


def test_without_a_body_height_a_leg_without_a_valid_raise_has_no_work_either() -> None:
    raises = [replace(rep(n + 1, 10.0 + 2 * n, "trunk_lean"), rise_cm=None) for n in range(5)]
    test = evaluate(of(*raises), options=PERSON)
    (found,) = test.legs
    assert len(found.run.valid) == 0
    assert (found.displacement_cm, found.work_j, found.displacement_shin) == (None, None, 0.0)
    assert any(note.startswith("No work and no power") for note in test.notes)
    known = evaluate(
        of(*[rep(n + 1, 10.0 + 2 * n, "trunk_lean") for n in range(5)]), options=PERSON
    )
    assert (known.legs[0].displacement_cm, known.legs[0].work_j) == (0.0, 0.0)


def test_the_figures_are_those_of_the_valid_raises() -> None:
    reps = [*leg("left", 4, 10.0), rep(5, 18.0, LOW), rep(6, 20.0, LOW), rep(7, 22.0)]
    test = evaluate(of(*reps), options=PERSON)
    (found,) = test.legs
    assert (len(found.run.raw), len(found.run.valid)) == (7, 4)
    assert found.displacement_cm == pytest.approx(4 * 8.4)
    assert found.displacement_shin == pytest.approx(0.8)
    assert found.highest_cm == pytest.approx(8.4)
    assert found.mean_cm == pytest.approx(8.4)
    assert found.work_j == pytest.approx(70 * 9.81 * 4 * 0.084)
    assert found.power_w == pytest.approx(70 * 9.81 * 4 * 0.084 / 7.6)
    assert found.of_norm_percent == pytest.approx(100 * 4 / 27)


def test_legs_are_in_the_order_they_were_filmed() -> None:
    test = evaluate(both_legs(), options=PERSON)
    assert [leg.run.side for leg in test.legs] == ["right", "left"]
    assert test.warm_up_raises == 5
    assert test.rest_s == pytest.approx(130.0)
    assert test.deviations == ()


def test_symmetry_is_the_lower_leg_over_the_other() -> None:
    symmetry = evaluate(both_legs(), options=PERSON).symmetry
    percent = {name: round(lsi.percent) for name, lsi in symmetry.items() if lsi}
    assert percent == {"reps": 80, "displacement": 60, "work": 60}
    assert {lsi.leg for lsi in symmetry.values() if lsi} == {"left"}


def test_symmetry_of_a_named_leg_may_be_over_100() -> None:
    lsi = evaluate(both_legs(), options=replace(PERSON, involved="right")).symmetry["reps"]
    assert lsi is not None
    assert (lsi.leg, round(lsi.percent)) == ("right", 125)


def test_there_is_no_symmetry_of_what_is_not_known() -> None:
    assert evaluate(both_legs()).symmetry["work"] is None
    one = evaluate(of(*leg("left", 5, 5.0)), options=PERSON)
    assert set(one.symmetry.values()) == {None}


def test_what_was_done_otherwise_is_said() -> None:
    short = evaluate(both_legs(rest_s=30.0))
    assert short.deviations == ("rested for 30 s between the legs (at least 120 s)",)
    almost = evaluate(both_legs(rest_s=119.7))
    assert almost.deviations == ("rested for 119 s between the legs (at least 120 s)",)
    one = evaluate(of(*leg("left", 5, 5.0)))
    assert one.deviations == (
        "no warm-up on two legs was seen",
        "only the left leg was tested: no symmetry",
    )


@pytest.mark.parametrize(
    "options", [NOTHING_SAID, replace(PERSON, age_years=19), replace(PERSON, sex=None)]
)
def test_no_norm_without_age_and_sex_or_outside_of_its_ages(options: OptionsOfTheTest) -> None:
    test = evaluate(both_legs(), options=options)
    assert test.norm is None
    assert test.legs[0].of_norm_percent is None


def test_nobody_s_test_is_empty() -> None:
    test = evaluate(of())
    assert (test.legs, test.rest_s, test.warm_up_raises, test.deviations) == ((), None, 0, ())
    json.dumps(test.to_json())


def test_json_is_plain_and_complete() -> None:
    written = evaluate(both_legs(), options=PERSON).to_json()
    assert json.loads(json.dumps(written, allow_nan=False)) == written
    jsonschema.validate(written, SCHEMA["properties"]["test"])
    jsonschema.validate(evaluate(of()).to_json(), SCHEMA["properties"]["test"])
    assert written["protocol"]["period_s"] == 2.0
    left = written["legs"]["left"]
    assert (left["raw_reps"], left["valid_reps"], left["practice_reps"]) == (16, 16, 0)
    assert left["valid_rep_numbers"] == list(range(26, 42))
    assert left["stop"]["why"] == "no further raise came"
    assert left["stop"]["criteria"] == ["pace"]
    assert left["misses"][0]["criteria"] == ["pace"]
    assert written["norm"]["median_reps"] == 27
    assert "Physiotherapy 2017" in written["norm"]["source"]
    assert "differs by 1" in written["norm"]["uncertainty"]
    assert written["symmetry"]["reps"] == {"percent": 80.0, "leg": "left"}
    assert written["least_real_change"] == {"reps": 18.6, "height_cm": 2.2, "work_j": 1161}
    assert written["notes"] == list(protocol_lines())


def test_the_smallest_changes_are_those_of_the_source() -> None:
    # 1.96 x sqrt(2) x SEM, docs/sources.md
    assert pytest.approx(1.96 * 2**0.5 * 6.7, abs=0.05) == MDC_REPS
    assert pytest.approx(1.96 * 2**0.5 * 0.8, abs=0.05) == MDC_CM
    text = (Path(__file__).parents[1] / "docs" / "sources.md").read_text()
    assert f"{MDC_REPS} repetitions, {MDC_CM} cm" in text


def test_what_cannot_be_known_is_null() -> None:
    reps = [replace(rep, rise_cm=None) for rep in leg("left", 4, 10.0)]
    left = evaluate(of(*reps), options=PERSON).to_json()["legs"]["left"]
    names = ("displacement_cm", "highest_cm", "mean_cm", "work_j", "power_w")
    assert [left[name] for name in names] == [None] * 5
    assert left["displacement_shin"] == pytest.approx(0.8)


def test_the_lines_say_what_has_to_be_said() -> None:
    text = " ".join(protocol_lines())
    for said in ("60 beats", "120 s", "incline", "fingertips", "21-25 %", "18.6", "2.2 cm"):
        assert said in text
    assert "1161 J" in text
    assert protocol_lines()[-1] == "Not a medical device."


def test_it_says_why_there_is_no_norm_and_no_work() -> None:
    old = evaluate(both_legs(), options=replace(PERSON, age_years=95))
    assert old.notes[0] == "No norm for an age of 95: there is one for 20 to 89 years."
    assert old.to_json()["notes"] == list(old.notes)
    reps = [replace(rep, rise_cm=None) for rep in leg("left", 4, 10.0)]
    in_shins = evaluate(of(*reps), options=PERSON).notes
    assert in_shins[0].startswith("No work and no power: they need rises in cm")
    for notes in (in_shins, evaluate(both_legs()).notes):
        assert not any("body mass x" in line for line in notes)
    assert evaluate(both_legs(), options=PERSON).notes == protocol_lines()
