"""The export: it leaves nothing out and overwrites nothing."""

from __future__ import annotations

import csv
import json
import os
import stat
from pathlib import Path

import pytest

from heelrise.errors import HeelriseError
from heelrise.history import keep
from heelrise.history_export import export_all
from histories import NOON, result_json


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite"


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_export_leaves_nothing_out(path: Path, tmp_path: Path) -> None:
    first = keep(result_json(3, 2, "no_pause", "rushed"), NOON, 'A "b", c', 5.0, path=path)
    empty = keep(result_json(0, 0), NOON, "Ben", path=path)
    out = tmp_path / "new" / "out"
    files = export_all(out, path=path)
    assert sorted(files) == sorted(out.iterdir())
    kept = json.loads((out / f"recording-{first}.json").read_text())
    assert kept == {**result_json(3, 2, "no_pause", "rushed"), "video": kept["video"]}
    assert kept["video"]["path"] == ""
    about = _table(out / "recordings.csv")
    assert [row["recording"] for row in about] == [str(first), str(empty)]
    assert (about[0]["person"], about[0]["load_kg"]) == ('A "b", c', "5.0")
    assert (about[1]["person"], about[1]["load_kg"]) == ("Ben", "")
    sets = _table(out / "sets.csv")
    assert [(row["set"], row["side"], row["reps"]) for row in sets] == [
        ("1", "left", "1;2;3"),
        ("2", "right", "4;5"),
    ]
    reps = _table(out / "reps.csv")
    assert [row["set"] for row in reps] == ["1", "1", "1", "2", "2", "", ""]
    assert reps[0]["faults"] == "no_pause;rushed"
    for row, one in zip(reps, kept["reps"], strict=False):
        for name, value in one.items():
            if name != "faults":
                assert row[name] == ("" if value is None else str(value))
    if os.name == "posix":
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@pytest.mark.parametrize("name", ["a\rb", "a\r\nb", "a\nb\n"])
def test_a_name_with_a_line_end_in_it_is_one_row(path: Path, tmp_path: Path, name: str) -> None:
    keep(result_json(), NOON, name, path=path)
    export_all(tmp_path / "out", path=path)
    table = tmp_path / "out" / "recordings.csv"
    assert [row["person"] for row in _table(table)] == [name.strip()]
    assert table.read_bytes().startswith(b"recording,started,person,load_kg\n1,")
    assert table.read_bytes().endswith(b",\n")


def test_an_export_never_overwrites_without_force(path: Path, tmp_path: Path) -> None:
    keep(result_json(), NOON, path=path)
    (tmp_path / "reps.csv").write_text("mine")
    with pytest.raises(HeelriseError, match=r"reps\.csv exists already: add --force"):
        export_all(tmp_path, path=path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "reps.csv"]
    assert (tmp_path / "reps.csv").read_text() == "mine"
    export_all(tmp_path, force=True, path=path)
    assert len(_table(tmp_path / "reps.csv")) == 6


def test_an_export_into_no_folder_is_one_line(path: Path, tmp_path: Path) -> None:
    keep(result_json(), NOON, path=path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(HeelriseError, match="cannot make the folder"):
        export_all(tmp_path / "file", path=path)
