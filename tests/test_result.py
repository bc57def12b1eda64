"""The written form of a result: the schema that is promised in docs/json.md."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from heelrise.faults import REP_FAULTS
from heelrise.result import Fault, LegSet, Rep, Result, Side, Tip, VideoFacts, to_json, without

DOCS = Path(__file__).parents[1] / "docs"
SCHEMA: dict[str, Any] = json.loads((DOCS / "result.schema.json").read_text())

VIDEO = VideoFacts("clip.mp4", 12.3456789, 29.97002997, 640, 480, 370)
SETTINGS = {
    "body_height_cm": None,
    "surface": "auto",
    "leg": "auto",
    "model": {"name": "full", "sha256": "0" * 64},
    "thresholds": {},
}
REP = Rep(
    number=1,
    side="left",
    start_s=1.00001,
    top_start_s=1.6,
    peak_s=1.8,
    top_end_s=2.0,
    end_s=2.8,
    hold_s=0.4,
    up_s=0.6,
    down_s=0.8,
    rise_cm=9.123456,
    rise_shin=0.22,
    peak_cm=None,
    peak_shin=None,
    bottom_cm=-1.5,
    bottom_shin=-0.04,
    faults=("no_pause",),
)
FAULT = Fault("no_pause", "left", 1, 1.6, 2.0, 0.4, 0.5, "s", False, "held for 0.40 s")
DOUBT = Fault("incomplete_top", "left", None, 1.6, 2.0, None, None, "shin", True, "not seen")
TIP = Tip("head_down", "left", 1.23456, 2.5, 31.23456, 25.0, "deg", "head up, eyes forward")
RESULT = Result((REP,), (FAULT, DOUBT), (LegSet("left", 1.0, 2.8, (1,)),), ("too dark",), (TIP,))
NOTHING = Result((), (), (), ("feet out of the picture",))


def written(result: Result) -> Any:
    return json.loads(json.dumps(to_json(result, VIDEO, SETTINGS), allow_nan=False))


def test_the_schema_itself_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("result", [RESULT, NOTHING])
def test_what_is_written_keeps_the_schema(result: Result) -> None:
    jsonschema.validate(written(result), SCHEMA)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.pop("warnings"),
        lambda d: d.update(schema_version=2),
        lambda d: d["reps"][0].pop("hold_s"),
        lambda d: d["reps"][0].update(side="none"),
        lambda d: d["reps"][0].update(start_s=None),
        lambda d: d["reps"][0].update(rise_shin="0.2"),
        lambda d: d["faults"][0].update(unsure="no"),
        lambda d: d["sets"][0].update(reps=[]),
        lambda d: d["reps"][0].update(rise_sd_cm="0.4"),
        lambda d: d["reps"][0].update(rise_sd_shin=-0.1),
        lambda d: d["tips"][0].update(measured=None),
        lambda d: d["tips"][0].update(kind="Head down"),
        lambda d: d["tips"][0].pop("message"),
        lambda d: d.update(tips=None),
        lambda d: d["settings"].pop("model"),
    ],
)
def test_the_schema_refuses_what_is_not_promised(spoil: Any) -> None:
    values = written(RESULT)
    spoil(values)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values, SCHEMA)


def test_the_schema_lets_fields_be_added() -> None:
    values = written(RESULT)
    values["reps"][0]["rise_in"] = 3.5
    values["tips"][0]["more"] = values["more"] = {}
    jsonschema.validate(values, SCHEMA)


@pytest.mark.parametrize("sd", [0.4, 0, None])
def test_the_spread_of_a_rise_is_a_number_or_unknown(sd: float | None) -> None:
    values = written(RESULT)
    values["reps"][0].update(rise_sd_cm=sd, rise_sd_shin=sd)
    jsonschema.validate(values, SCHEMA)


def test_a_result_of_before_the_tips_keeps_the_schema() -> None:
    values = written(RESULT)
    del values["tips"]
    jsonschema.validate(values, SCHEMA)


def test_tips_are_written_beside_the_faults() -> None:
    values = written(RESULT)
    assert values["tips"] == [
        {
            "kind": "head_down",
            "side": "left",
            "start_s": 1.2346,
            "end_s": 2.5,
            "measured": 31.2346,
            "limit": 25.0,
            "unit": "deg",
            "message": "head up, eyes forward",
        }
    ]
    assert len(values["faults"]) == 2
    assert written(NOTHING)["tips"] == []


def test_every_kind_of_fault_is_documented() -> None:
    text = section("faults[]")
    for kind in (*(check.__name__ for check in REP_FAULTS), "foot_touchdown", "lost_balance"):
        assert f"`{kind}`" in text


def section(name: str) -> str:
    """Return a section of docs/json.md."""
    return (DOCS / "json.md").read_text().split(f"## `{name}`")[1].split("\n#")[0]


@pytest.mark.parametrize(
    ("part", "name", "where"),
    [
        (Rep, "reps[]", SCHEMA["properties"]["reps"]["items"]),
        (Fault, "faults[]", SCHEMA["properties"]["faults"]["items"]),
        (LegSet, "sets[]", SCHEMA["properties"]["sets"]["items"]),
        (Tip, "tips[]", SCHEMA["properties"]["tips"]["items"]),
        (VideoFacts, "video", SCHEMA["properties"]["video"]),
    ],
)
def test_every_field_is_documented(part: Any, name: str, where: dict[str, Any]) -> None:
    names = {field.name for field in fields(part)}
    assert names <= where["properties"].keys()
    assert names <= set(re.findall(r"`(\w+)`", section(name)))


def test_counts_are_the_reps_by_side() -> None:
    reps = tuple(
        Rep(**{**vars(REP), "number": n, "side": side})
        for n, side in enumerate(["left", "right", "both", "left"], start=1)
    )
    assert written(Result(reps, (), (), ()))["counts"] == {"left": 2, "right": 1, "both": 1}


def test_numbers_are_rounded_to_what_can_be_read() -> None:
    values = written(RESULT)
    assert values["video"]["fps"] == 29.97
    assert values["reps"][0]["rise_cm"] == 9.1235
    assert values["reps"][0]["peak_cm"] is None


def numbered(number: int, side: Side, start_s: float) -> Rep:
    times = (start_s, start_s + 1, start_s + 1.5, start_s + 2, start_s + 3, 1.0, 1.0, 1.0)
    return Rep(number, side, *times, None, 0.2, None, 0.2, None, 0.0)


def told(rep: int | None) -> Fault:
    return Fault("no_pause", "left", rep, 0.0, 1.0, 0.2, 0.5, "s", False, "")


def five() -> Result:
    reps = [numbered(n, "left" if n < 4 else "right", 4.0 * n) for n in range(1, 6)]
    sets = (LegSet("left", 4.0, 15.0, (1, 2, 3)), LegSet("right", 16.0, 23.0, (4, 5)))
    return Result(tuple(reps), (told(2), told(5), told(None)), sets, ())


def test_reps_taken_back_leave_no_trace() -> None:
    left = without(five(), {2})
    assert [(rep.number, rep.start_s) for rep in left.reps] == [(1, 4), (2, 12), (3, 16), (4, 20)]
    assert [fault.rep for fault in left.faults] == [4, None]
    assert [leg_set.reps for leg_set in left.sets] == [(1, 2), (3, 4)]


def test_a_set_is_as_long_as_its_reps_and_goes_with_the_last() -> None:
    left = without(five(), {1, 4, 5})
    assert [(s.side, s.start_s, s.end_s) for s in left.sets] == [("left", 8.0, 15.0)]
    assert without(five(), {1, 2, 3, 4, 5}).sets == ()


@pytest.mark.parametrize(
    ("taken_back", "side", "stays"),
    [
        ({1, 2, 3}, "left", False),
        ({2, 3}, "left", False),
        ({1}, "left", True),
        ({4, 5}, "left", True),
        ({1, 2, 3}, "right", True),
    ],
)
def test_what_lies_between_the_reps_of_a_set_goes_with_them(
    taken_back: set[int], side: Side, stays: bool
) -> None:
    between = Fault("foot_touchdown", side, None, 11.2, 11.8, 0.6, 0.1, "s", False, "")
    tip = Tip("head_down", side, 11.2, 11.8, 31.0, 25.0, "deg", "")
    result = replace(five(), faults=(between,), tips=(tip,))
    left = without(result, taken_back)
    assert (left.faults, left.tips) == (((between,), (tip,)) if stays else ((), ()))


def test_nothing_taken_back_changes_nothing() -> None:
    assert without(five(), frozenset()) == five()
