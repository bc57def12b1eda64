"""The report: what a person reads, and the CSV and JSON texts."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from heelrise.faults import REP_FAULTS
from heelrise.report import csv_text, doubt_lines, fault_words, json_text, print_report
from heelrise.result import Fault, LegSet, Rep, Result, Side, Tip, VideoFacts

VIDEO = VideoFacts("clip.mp4", 30.0, 30.0, 640, 480, 900)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def rep(number: int, side: Side = "left", *faults: str, rise_cm: float | None = 9.0) -> Rep:
    start = 3.0 * number
    return Rep(
        *(number, side, start, start + 0.6, start + 1.0, start + 1.6, start + 2.4),
        *(1.0, 0.6, 0.8, rise_cm, 0.225, rise_cm, 0.23, 0.1, 0.01, faults),
    )


def fault(kind: str, number: int | None, *, unsure: bool = False, message: str = "why") -> Fault:
    return Fault(kind, "left", number, 65.25, 66.0, 0.3, 0.5, "s", unsure, message)


def report_of(result: Result, title: str = "clip.mp4") -> str:
    stream = io.StringIO()
    print_report(result, title, stream)
    return stream.getvalue()


def test_every_rep_has_its_line() -> None:
    reps = (rep(1), rep(2, "right", "no_pause", "incomplete_top"))
    lines = report_of(Result(reps, (), (), ())).splitlines()
    assert lines[1].split() == ["rep", "leg", "rise", "hold", "up", "down", "faults"]
    assert lines[2].split() == "1 left 9.0 cm 1.00 s 0.60 s 0.80 s".split()  # noqa: SIM905
    words = f"{fault_words('no_pause')}, {fault_words('incomplete_top')}"
    assert lines[3].split("0.80 s")[1].strip() == words


def test_without_a_body_height_rises_are_in_shins() -> None:
    text = report_of(Result((rep(1, rise_cm=None),), (), (), ()))
    assert "22 % shin" in text
    assert " cm" not in text


def test_each_leg_that_worked_has_a_summary_line() -> None:
    reps = (rep(1, rise_cm=8.0), rep(2, rise_cm=9.0), rep(3, "both"))
    faults = (fault("no_pause", 1), fault("lost_balance", None), fault("x", 2, unsure=True))
    lines = report_of(Result(reps, faults, (), ())).splitlines()
    assert "Left: 2 reps, mean rise 8.5 cm, mean hold 1.00 s, 2 faults" in lines
    assert "Both legs together: 1 rep, mean rise 9.0 cm, mean hold 1.00 s, not judged" in lines
    assert not any(line.startswith("Right") for line in lines)


def test_a_tip_is_no_fault() -> None:
    tip = Tip("head_down", "left", 3.0, 5.0, 31.0, 25.0, "deg", "head up, eyes forward")
    lines = report_of(Result((rep(1), rep(2)), (), (), (), (tip,))).splitlines()
    assert "Left: 2 reps, mean rise 9.0 cm, mean hold 1.00 s, no faults" in lines
    assert not any("judged" in line or "Between" in line for line in lines)
    assert [line.split("0.80 s")[1] for line in lines[2:4]] == ["", ""]


def test_every_fault_of_a_rep_has_words_of_its_own() -> None:
    words = [fault_words(check.__name__) for check in REP_FAULTS]
    assert len(set(words)) == len(words)
    assert not any("_" in word for word in words)


def test_sets_and_faults_between_reps_have_their_time() -> None:
    sets = (LegSet("left", 3.0, 119.96, (1, 2, 3, 5)),)
    text = report_of(Result((rep(1),), (fault("foot_touchdown", None),), sets, ()))
    assert "Set 1: left, 0:03.0 to 2:00.0, reps 1-3, 5" in text
    assert "Between reps: other foot touched down at 1:05.2 (left)" in text


def test_doubts_are_named_as_such_and_put_together() -> None:
    doubts = [fault("incomplete_bottom", n, unsure=True) for n in (1, 2, 4)]
    doubts += [fault("lost_balance", None, unsure=True, message="too small"), fault("no_pause", 3)]
    assert doubt_lines(doubts) == [
        "Could not be judged: not lowered all the way, reps 1-2, 4: why",
        "Could not be judged: lost balance, at 1:05.2: too small",
    ]


def test_nothing_found_says_so_and_why() -> None:
    text = report_of(Result((), (), (), ("the feet are out of the picture: step back",)))
    assert "No heel rise found." in text
    assert "Warning: the feet are out of the picture: step back" in text


def test_a_file_gets_plain_text_of_the_same_width_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = Result((rep(1, "left", "no_pause", "incomplete_top", "lost_balance"),), (), (), ())
    texts = []
    for columns in ("30", "300"):
        monkeypatch.setenv("COLUMNS", columns)
        monkeypatch.setenv("FORCE_COLOR", "1")
        texts.append(report_of(result))
    assert texts[0] == texts[1]
    assert texts[0].isascii()
    assert "\x1b" not in texts[0]


def test_a_terminal_gets_the_same_words() -> None:
    result = Result((rep(1, "left", "no_pause"),), (), (), ("careful",))
    stream = Terminal()
    print_report(result, "clip.mp4", stream)
    for words in ("clip.mp4", "9.0 cm", "no pause at the top", "Left: 1 rep", "careful"):
        assert words in stream.getvalue()


def test_a_name_cannot_steer_the_terminal_or_the_table() -> None:
    text = report_of(Result((rep(1),), (), (), ("a\x1b[2Jb",)), "x\x1b]0;y\x07[red]\nz")
    assert text.splitlines()[0] == "x?]0;y?[red] z"
    assert "Warning: a?[2Jb" in text


def test_csv_has_a_row_a_rep_under_the_names_of_the_json() -> None:
    result = Result((rep(1, "left", "no_pause", "lost_balance"), rep(2, rise_cm=None)), (), (), ())
    rows = list(csv.DictReader(io.StringIO(csv_text(result))))
    values = json.loads(json_text(result, VIDEO, {}))["reps"]
    assert [list(row) for row in rows] == [list(value) for value in values]
    assert rows[0]["faults"] == "no_pause;lost_balance"
    assert (rows[0]["rise_cm"], rows[1]["rise_cm"], rows[1]["faults"]) == ("9.0", "", "")
    assert [int(row["number"]) for row in rows] == [1, 2]


def test_csv_of_nothing_is_its_header() -> None:
    text = csv_text(Result((), (), (), ()))
    assert text.startswith("number,side,start_s,")
    assert text.count("\n") == 1


def test_json_on_one_line_is_the_same_json() -> None:
    result = Result((rep(1),), (), (), ("\u00e9",))
    one, many = (json_text(result, VIDEO, {}, one_line=line) for line in (True, False))
    assert one.count("\n") == 1
    assert json.loads(one) == json.loads(many)
    assert "\u00e9" in one


def test_json_never_holds_a_nan() -> None:
    spoilt = replace(rep(1), rise_shin=float("nan"))
    with pytest.raises(ValueError, match="JSON"):
        json_text(Result((spoilt,), (), (), ()), VIDEO, {})
