"""The history: what is kept comes back, is never mixed up, and is forgotten without rest."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from heelrise import history_file
from heelrise.errors import HeelriseError
from heelrise.history import forget, keep, recordings, take_out
from heelrise.history_export import export_all
from heelrise.history_file import MIGRATIONS
from heelrise.result import Rep
from histories import NOON, rep, result_json, rows

STRANGE_NAMES = [
    "'; DROP TABLE recording; --",
    '" OR 1=1 --',
    "<script>alert(1)</script>",
    "Zoë 💪 % _ ?",
    "a\0b",
    "\x1b[31mred",
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite"


def test_what_is_kept_comes_back(path: Path) -> None:
    number = keep(result_json(3, 2, "no_pause"), NOON, "Anna", 5.0, path=path)
    (one,) = recordings(path=path)
    assert (one.id, one.started, one.person) == (number, NOON, "Anna")
    assert one.load_kg == 5.0
    assert one.started.utcoffset() == NOON.utcoffset()
    left, right = one.sets
    assert (left.number, left.side, left.start_s, left.end_s) == (1, "left", 3.0, 11.4)
    assert left.reps == tuple(rep(n, "left", "no_pause") for n in (1, 2, 3))
    assert [one.number for one in right.reps] == [4, 5]


def test_the_table_of_reps_has_every_field_of_a_rep(path: Path) -> None:
    keep(result_json(), NOON, path=path)
    columns = {row[1] for row in rows(path, "PRAGMA table_info(rep)")}
    assert columns == {field.name for field in fields(Rep)} | {"recording", "leg_set"}


def test_a_result_is_kept_once_when_that_is_asked_for(path: Path) -> None:
    first = keep(result_json(), NOON, "Ada", path=path, once=True)
    assert keep(result_json(), NOON + timedelta(days=1), "Ada", path=path, once=True) == first
    assert keep(result_json(), NOON, "Ada", 5.0, path=path, once=True) != first
    assert keep(result_json(), NOON, "Bea", path=path, once=True) != first
    assert len(recordings(path=path)) == 3


def test_a_session_that_went_on_replaces_what_was_kept_of_it(path: Path) -> None:
    longer = result_json()
    first_set = {**longer, "sets": longer["sets"][:1]}
    number = keep(first_set, NOON, "Ada", path=path)
    keep(result_json(), NOON + timedelta(hours=1), "Bea", path=path)
    assert keep(longer, NOON, "Ada", path=path, number=number) == number
    ada, bea = recordings(path=path)
    assert (ada.id, ada.person, len(ada.sets)) == (number, "Ada", len(longer["sets"]))
    assert bea.person == "Bea"
    assert sum(len(one.reps) for one in ada.sets) == len(longer["reps"]) - 1  # one is in no set


def test_a_number_that_was_forgotten_is_given_to_nobody_else(path: Path) -> None:
    live = keep(result_json(), NOON, "Ada", path=path)
    forget("Ada", path=path)
    bea = keep(result_json(), NOON, "Bea", path=path)
    take_out(live, path=path)
    assert [one.id for one in recordings(path=path)] == [bea]
    assert keep(result_json(), NOON, "Ada", path=path, number=live) == live  # it has gone on
    assert {one.person for one in recordings(path=path)} == {"Ada", "Bea"}


def test_no_name_is_kept_that_nobody_asked_for(path: Path) -> None:
    keep(result_json(), NOON, path=path)
    assert b"secret" not in path.read_bytes()
    (text,) = rows(path, "SELECT json FROM recording")[0]
    expected = result_json()
    expected["video"]["path"] = ""
    assert json.loads(text) == expected


def test_the_clock_of_the_person_is_kept_and_order_is_that_of_time(path: Path) -> None:
    later = datetime(2026, 1, 31, 11, 30, tzinfo=UTC)
    first = keep(result_json(), later, path=path)
    second = keep(result_json(), NOON, path=path)
    assert [one.id for one in recordings(path=path)] == [second, first]
    local = datetime(2026, 5, 1, 8, 0)
    keep(result_json(), local, path=path)
    assert recordings(path=path)[-1].started.replace(tzinfo=None) == local


def test_since_leg_and_person_choose(path: Path) -> None:
    keep(result_json(3, 0), NOON - timedelta(days=10), "Anna", path=path)
    keep(result_json(3, 2), NOON, "Ben", path=path)
    keep(result_json(0, 2), NOON, path=path)
    assert [r.person for r in recordings(since=NOON, path=path)] == ["Ben", None]
    right = recordings(leg="right", path=path)
    assert [[s.side for s in r.sets] for r in right] == [["right"], ["right"]]
    assert [r.person for r in recordings(person="Anna", path=path)] == ["Anna"]
    assert [r.person for r in recordings(person="", path=path)] == [None]
    assert recordings(person="anna' OR '1'='1", path=path) == []


@pytest.mark.parametrize("name", STRANGE_NAMES)
def test_a_strange_name_is_only_a_name(path: Path, name: str) -> None:
    keep(result_json(), NOON, "Anna", path=path)
    keep(result_json(), NOON, name, path=path)
    (one,) = recordings(person=name, path=path)
    assert one.person == name
    assert forget(name, path=path) == 1
    assert [r.person for r in recordings(path=path)] == ["Anna"]


def test_a_name_is_the_same_in_every_unicode_form_and_needs_no_valid_bytes(path: Path) -> None:
    keep(result_json(), NOON, " Zoe\u0308 ", path=path)
    keep(result_json(), NOON, "\udcff", path=path)
    assert [r.person for r in recordings(person="Zo\u00eb", path=path)] == ["Zo\u00eb"]
    assert [r.person for r in recordings(person="\udcff", path=path)] == ["?"]


@pytest.mark.parametrize("load_kg", [-1.0, float("nan"), float("inf")])
def test_a_load_that_cannot_be_is_refused(path: Path, load_kg: float) -> None:
    with pytest.raises(HeelriseError, match="load of"):
        keep(result_json(), NOON, None, load_kg, path=path)
    assert not path.exists()


def test_another_schema_is_refused(path: Path) -> None:
    with pytest.raises(HeelriseError, match="schema 1"):
        keep({**result_json(), "schema_version": 2}, NOON, path=path)


def test_a_recording_that_fails_half_way_is_absent(path: Path) -> None:
    keep(result_json(), NOON, path=path)
    broken = result_json()
    del broken["reps"][-1]["start_s"]
    with pytest.raises(HeelriseError, match="NOT NULL"):
        keep(broken, NOON, path=path)
    assert rows(path, "SELECT count(*) FROM recording") == [(1,)]
    assert rows(path, "SELECT count(*) FROM rep") == [(6,)]


def test_looking_makes_nothing(path: Path, tmp_path: Path) -> None:
    assert recordings(path=path) == []
    assert export_all(tmp_path / "out", path=path) == []
    assert forget(path=path) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_recording_is_taken_out_by_its_number(path: Path) -> None:
    first, second = (keep(result_json(), NOON, path=path) for _ in range(2))
    take_out(first, path=path)
    take_out(first, path=path)  # it is gone already
    assert [one.id for one in recordings(path=path)] == [second]
    assert {row for (row,) in rows(path, "SELECT recording FROM rep")} == {second}


# -- forget --------------------------------------------------------------------------------------


def _traces(folder: Path, text: str) -> list[str]:
    return [file.name for file in folder.iterdir() if text.encode() in file.read_bytes()]


def test_what_is_forgotten_remains_nowhere_in_the_file(path: Path) -> None:
    for number in range(10):
        day = NOON + timedelta(days=number)
        keep(result_json(30, 30), day, "Wilhelmina", path=path)
    keep(result_json(), NOON, "Ben", path=path)
    assert _traces(path.parent, "Wilhelmina") == [path.name]
    size = path.stat().st_size
    assert forget("Wilhelmina", NOON + timedelta(days=4), path=path) == 4
    assert len(recordings(path=path)) == 7
    assert forget("Wilhelmina", path=path) == 6
    assert _traces(path.parent, "Wilhelmina") == []
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    assert path.stat().st_size < size / 3
    assert [r.person for r in recordings(path=path)] == ["Ben"]
    assert rows(path, "SELECT count(*) FROM rep") == [(6,)]
    assert forget(path=path) == 1
    assert recordings(path=path) == []


def test_nothing_remains_in_the_side_files_of_a_wal_either(path: Path, tmp_path: Path) -> None:
    # another tool may have turned WAL on, and a crash left its files
    keep(result_json(), NOON, path=path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("UPDATE recording SET person = 'Wilhelmina'")
    connection.commit()
    crashed = tmp_path / "crashed"
    shutil.copytree(path.parent, crashed)
    connection.close()
    assert "history.sqlite-wal" in _traces(crashed, "Wilhelmina")
    assert forget("Wilhelmina", path=crashed / path.name) == 1
    assert [p.name for p in crashed.iterdir()] == [path.name]
    assert _traces(crashed, "Wilhelmina") == []


@pytest.mark.parametrize("version", [2, len(MIGRATIONS)])
def test_deleted_rows_are_gone_even_when_the_vacuum_never_came(
    path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    with monkeypatch.context() as older:
        older.setattr(history_file, "MIGRATIONS", MIGRATIONS[:version])
        keep(result_json(30, 30), NOON, "Wilhelmina", path=path)
    monkeypatch.setattr(history_file.sqlite3, "connect", _connect_without_vacuum)
    forget(path=path)
    assert _traces(path.parent, "Wilhelmina") == []


class _NoVacuum(sqlite3.Connection):
    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return super().execute("SELECT 1" if sql == "VACUUM" else sql, *values)


_connect = sqlite3.connect


def _connect_without_vacuum(*args: Any, **named: Any) -> sqlite3.Connection:
    return _connect(*args, **named, factory=_NoVacuum)
