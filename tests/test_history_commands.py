"""The commands history, export and forget, as they are called."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from heelrise.cli import main
from heelrise.errors import HeelriseError
from heelrise.history import keep, recordings
from heelrise.history_commands import export, forget, history
from heelrise.result import LegSet, Rep, Side, VideoFacts, to_json
from heelrise.result import Result as Found
from heelrise.trends import WANTED_REPS

SCRIPT = "<script>alert(1)</script>"
INJECTION = "x'; DROP TABLE recording; --"


def rep(number: int, side: Side) -> Rep:
    start = 3.0 * number
    return Rep(
        *(number, side, start, start + 0.6, start + 1.0, start + 1.6, start + 2.4),
        *(1.0, 0.6, 0.8, 9.0, 0.225, None, None, None, None),
    )


def result_json(left: int, right: int) -> dict[str, Any]:
    sides: list[Side] = ["left"] * left + ["right"] * right
    reps = tuple(rep(number, side) for number, side in enumerate(sides, start=1))
    sets = []
    for side in ("left", "right"):
        own = [one for one in reps if one.side == side]
        if own:
            numbers = tuple(one.number for one in own)
            sets.append(LegSet(own[0].side, own[0].start_s, own[-1].end_s, numbers))
    video = VideoFacts("set.mp4", 60.0, 30.0, 640, 480, 1800)
    return to_json(Found(reps, (), tuple(sets), ()), video, {})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEELRISE_DATA", str(tmp_path / "data"))
    return tmp_path


def days_ago(days: int) -> datetime:
    return datetime.now().astimezone() - timedelta(days=days)


def fill(person: str | None = "Anna") -> None:
    for number, days in enumerate((40, 20, 1)):
        keep(result_json(10 + number, 9 + number), days_ago(days), person)


def run(command: click.Command, *arguments: str, answer: str | None = None) -> Result:
    result = CliRunner().invoke(command, arguments, input=answer, catch_exceptions=False)
    assert "Traceback" not in result.output
    return result


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (history, []),
        (history, ["--plot", "p.png", "--html", "h.html"]),
        (export, ["--all", "out"]),
        (forget, []),
    ],
)
def test_an_empty_history_is_one_friendly_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: click.Command, arguments: list[str]
) -> None:
    monkeypatch.chdir(folder)
    result = run(command, *arguments)
    assert result.exit_code == 0
    assert result.output == "The history is empty: nothing was kept yet.\n"
    assert list(folder.iterdir()) == []


def test_the_history_is_a_plain_table_and_the_verdict() -> None:
    fill()
    lines = run(history).output.splitlines()
    assert lines[0].startswith("Anna: 3 recordings, ")
    names = ["when", "leg", "load", "reps", "no", "fault", "mean", "rise", "total", "rise"]
    assert lines[1].split() == names
    assert lines[2].split()[2:] == ["left", "body", "10", "100", "%", "9.0", "cm", "90", "cm"]
    assert len([line for line in lines if " body " in line]) == 6
    assert "12 reps, +2 (within noise)" in run(history).output
    assert "Add load? Not yet, because the right leg did 11 of 12 reps" in lines[-1]
    assert not any(line != line.rstrip() for line in lines)


def test_a_test_is_known_in_the_history_and_not_held_against_the_rule(folder: Path) -> None:
    keep(result_json(12, 12), days_ago(9), "Anna")
    keep({**result_json(3, 2), "test": {"legs": {}}}, days_ago(1), "Anna")
    assert [one.test for one in recordings()] == [False, True]
    page = folder / "h.html"
    text = run(history, "--html", str(page)).output
    for shown in (text, page.read_text()):
        assert "left, test" in shown
        assert "right, test" in shown
        assert "The rule is met." in shown
        assert "A heel-rise test is not held against it" in shown


def test_raises_on_both_legs_are_noted_and_in_no_row(folder: Path) -> None:
    reps = tuple(rep(number, "both" if number < 4 else "left") for number in range(1, 6))
    sets = LegSet("both", 3.0, 12.0, (1, 2, 3)), LegSet("left", 12.0, 18.0, (4, 5))
    video = VideoFacts("set.mp4", 60.0, 30.0, 640, 480, 1800)
    keep(to_json(Found(reps, (), sets, ()), video, {}), days_ago(1), "Anna")
    page = folder / "h.html"
    text = run(history, "--html", str(page)).output
    assert len([line for line in text.splitlines() if " body " in line]) == 1
    note = "On both legs together: 3 reps in 1 recording, in no row and in no comparison."
    assert text.count(note) == 1
    assert page.read_text().count(note) == 1


def test_since_and_leg_choose_what_is_shown_but_not_the_verdict() -> None:
    fill()
    lines = run(history, "--since", "30d", "--leg", "left").output.splitlines()
    assert len([line for line in lines if " body " in line]) == 2
    assert "the right leg did 11 of 12" in lines[-1]
    day = f"{days_ago(20):%Y-%m-%d}"
    assert run(history, "--since", day).output.startswith("Anna: 2 recordings")
    assert "Nothing of that kind" in run(history, "--since", "0d").output


def test_the_wanted_reps_can_be_named() -> None:
    fill()
    assert "The rule is met" in run(history, "--target-reps", "11").output
    (option,) = (p for p in history.params if p.name == "wanted_reps")
    assert option.default == WANTED_REPS


@pytest.mark.parametrize(
    "value",
    ["yesterday", "2026-02-30", "2026-1-1", "-3d", "9999999999999999d", "0001-01-01x", "٣d"],
)
def test_a_date_that_is_none_is_a_usage_error(value: str) -> None:
    result = run(history, "--since", value)
    assert result.exit_code == 2
    assert "is no date such as 2026-01-31" in result.output


def test_several_people_are_shown_apart_and_drawn_one_at_a_time(folder: Path) -> None:
    for person in ("Anna", "Ben", None):
        fill(person)
    text = run(history).output
    assert text.count("Add load?") == 3
    assert text.startswith("no name: 3 recordings")
    page = folder / "h.html"
    with pytest.raises(HeelriseError, match=r"\(no name, Anna, Ben\): choose one with --person"):
        run(history, "--html", str(page))
    assert not page.exists()
    assert run(history, "--html", str(page), "--person", "Ben").exit_code == 0
    assert "Calf raises: Ben" in page.read_text()
    assert "Nothing of that kind" in run(history, "--person", "Carl").output
    assert run(history, "--person", "").output.startswith("no name: 3 recordings")


@pytest.mark.parametrize("name", [SCRIPT, INJECTION, "\x1b[31mred\nline", "[bold]x[/bold] :smile:"])
def test_a_strange_name_harms_nothing(folder: Path, name: str) -> None:
    fill(name)
    text = run(history, "--person", name).output
    assert text.startswith(f"{name if name.isprintable() else '?[31mred line'}: 3 recordings")
    page, plot = folder / "h.html", folder / "p.png"
    assert run(history, "--html", str(page), "--plot", str(plot)).exit_code == 0
    assert "<script" not in page.read_text()
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert run(export, "--all", str(folder / "out")).exit_code == 0
    assert "3 recordings deleted" in run(forget, "--person", name, "--yes").output
    assert recordings() == []


def test_outputs_are_never_overwritten_without_force(folder: Path) -> None:
    fill()
    page, plot, out = folder / "h.html", folder / "p.png", folder / "out"
    out.mkdir()
    for taken, arguments in ((page, ["--html"]), (plot, ["--plot"])):
        taken.write_text("mine")
        with pytest.raises(HeelriseError, match="exists already: add --force"):
            run(history, *arguments, str(taken))
        assert taken.read_text() == "mine"
        text = run(history, *arguments, str(taken), "--force").output
        assert text.endswith(f": {taken}\n")
        assert taken.read_bytes() != b"mine"
    (out / "reps.csv").write_text("mine")
    with pytest.raises(HeelriseError, match="exists already: add --force"):
        run(export, "--all", str(out))
    assert run(export, "--all", str(out), "--force").output == f"{out}: 6 files written\n"


def test_the_history_itself_is_never_an_output(folder: Path) -> None:
    fill()
    with pytest.raises(HeelriseError, match="is the input itself"):
        run(history, "--html", str(folder / "data" / "history.sqlite"), "--force")
    assert len(recordings()) == 3


def test_a_plot_is_a_png(folder: Path) -> None:
    fill()
    with pytest.raises(HeelriseError, match=r"name it \.png"):
        run(history, "--plot", str(folder / "p.svg"))
    run(history, "--plot", str(folder / "p"))  # as --plot of analyze takes it
    assert (folder / "p").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("arguments", [("export", "--all"), ("history", "--html")])
def test_an_empty_name_is_not_the_current_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, str]
) -> None:
    fill()
    monkeypatch.chdir(folder)
    assert main([*arguments, ""]) == 2
    assert [path.name for path in folder.iterdir()] == ["data"]


def test_a_page_on_stdout_is_alone_there() -> None:
    fill()
    text = run(history, "--html", "-").output
    assert text.startswith("<!DOCTYPE html>")
    assert text.endswith("</html>\n")


def test_a_page_of_nothing_leaves_stdout_empty(capsys: pytest.CaptureFixture[str]) -> None:
    for told in ("The history is empty", "No set of one leg", "Nothing of that kind was kept"):
        person = ("--person", "Ben") if told.startswith("Nothing") else ()
        assert main(["history", "--html", "-", *person]) == 0
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"heelrise: {told}")
        assert err.count("\n") == 1
        keep(result_json(0, 0), days_ago(1), "Anna")


def test_a_recording_without_a_set_is_shown_and_draws_nothing(folder: Path) -> None:
    keep(result_json(0, 0), days_ago(1), "Anna")
    text = run(history, "--html", str(folder / "h.html")).output
    assert "No set of one leg in them." in text
    assert not (folder / "h.html").exists()


def test_forgetting_asks(folder: Path) -> None:
    fill("Anna")
    fill("Ben")
    result = run(forget, "--person", "Anna", answer="n\n")
    assert "Delete 3 recordings of 6 (Anna) for good? [y/N]" in result.output
    assert "Nothing was deleted." in result.output
    with pytest.raises(HeelriseError, match="add --yes"):
        run(forget, "--person", "Anna", answer="")
    assert len(recordings()) == 6
    assert "3 recordings deleted" in run(forget, "--person", "Anna", answer="y\n").output
    assert "2 recordings deleted" in run(forget, "--before", "10d", "--yes").output
    assert [one.person for one in recordings()] == ["Ben"]
    assert "Nothing of that kind" in run(forget, "--person", "Anna", "--yes").output
    assert "1 recording deleted" in run(forget, "--yes").output


@pytest.mark.parametrize(
    "change",
    [
        "recording SET started = 'yesterday'",
        "recording SET started = '2026-01-31T12:00:00'",
        "recording SET load_kg = 'heavy'",
        "recording SET person = X'ff'",
        "recording SET json = '{oops'",
        "leg_set SET side = 'third'",
        "rep SET rise_shin = 'x'",
        "rep SET faults = X'ff'",
    ],
)
def test_a_row_of_another_hand_is_one_line_and_can_be_forgotten(folder: Path, change: str) -> None:
    fill()
    connection = sqlite3.connect(folder / "data" / "history.sqlite")
    connection.execute(f"UPDATE {change}")
    connection.commit()
    connection.close()
    html, out = ("--html", str(folder / "h.html")), ("--all", str(folder / "out"))
    for command, arguments in ((history, ()), (history, html), (export, out)):
        if command is export and "started" in change:
            continue  # there it is a text like another
        with pytest.raises(HeelriseError, match="is damaged") as error:
            run(command, *arguments)
        assert "\n" not in str(error.value)
    assert "Delete 3 recordings of 3" in run(forget, answer="n\n").output
    assert "3 recordings deleted" in run(forget, "--yes").output
    assert recordings() == []


def test_help_imports_nothing_heavy() -> None:
    text = (
        "import sys, heelrise.history_commands\n"
        "heavy = {'sqlite3', 'rich', 'matplotlib', 'numpy', 'heelrise.history'} & {*sys.modules}\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", text], check=True, env=dict(os.environ))
