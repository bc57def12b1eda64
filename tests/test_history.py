"""The history: whole or absent, private, never mixed up, exported and forgotten without rest."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from heelrise import history
from heelrise.errors import HeelriseError
from heelrise.history import (
    MIGRATIONS,
    export_all,
    forget,
    history_path,
    keep,
    recordings,
    take_out,
)
from heelrise.result import LegSet, Rep, Result, Side, VideoFacts, to_json

VIDEO = VideoFacts("rtsp://user:secret@camera/1", 30.0, 30.0, 640, 480, 900)
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=timezone(timedelta(hours=1)))
STRANGE_NAMES = [
    "'; DROP TABLE recording; --",
    '" OR 1=1 --',
    "<script>alert(1)</script>",
    "Zoë 💪 % _ ?",
    "a\0b",
    "\x1b[31mred",
]


def rep(number: int, side: Side = "left", *faults: str, rise_cm: float | None = 9.0) -> Rep:
    start = 3.0 * number
    return Rep(
        *(number, side, start, start + 0.6, start + 1.0, start + 1.6, start + 2.4),
        *(1.0, 0.6, 0.8, rise_cm, 0.225, rise_cm, 0.23, 0.1, 0.01, faults, 0.5, None),
    )


def result_json(left: int = 3, right: int = 2, *faults: str) -> dict[str, Any]:
    """Return a set of the left leg, then one of the right, and a rep of both that is in none."""
    sides: list[Side] = ["left"] * left + ["right"] * right
    reps = [rep(number, side, *faults) for number, side in enumerate(sides, start=1)]
    sets = []
    for side in ("left", "right"):
        own = [one for one in reps if one.side == side]
        if own:
            numbers = tuple(one.number for one in own)
            sets.append(LegSet(own[0].side, own[0].start_s, own[-1].end_s, numbers))
    reps.append(rep(len(reps) + 1, "both"))
    return to_json(Result(tuple(reps), (), tuple(sets), ("a warning",)), VIDEO, {"leg": "auto"})


def rows(path: Path, text: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(text).fetchall()
    finally:
        connection.close()


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


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_it_is_readable_by_its_owner_alone(path: Path) -> None:
    keep(result_json(), NOON, path=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)
    recordings(path=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_place_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HEELRISE_DATA", str(tmp_path / "own"))
    assert history_path() == tmp_path / "own" / "history.sqlite"
    keep(result_json(), NOON)
    assert len(recordings()) == 1
    monkeypatch.setenv("HEELRISE_DATA", "")
    assert history_path().parent.name == "heelrise"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_heelrises_own_folder_is_closed_when_something_else_made_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HEELRISE_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if history_path().parent != tmp_path / "heelrise":
        pytest.skip("not an XDG system")
    (tmp_path / "heelrise" / "sessions").mkdir(parents=True)
    keep(result_json(), NOON)
    assert stat.S_IMODE((tmp_path / "heelrise").stat().st_mode) == 0o700


def test_looking_makes_nothing(path: Path, tmp_path: Path) -> None:
    assert recordings(path=path) == []
    assert export_all(tmp_path / "out", path=path) == []
    assert forget(path=path) == 0
    assert list(tmp_path.iterdir()) == []


# -- versions ------------------------------------------------------------------------------------


def _version_1(path: Path) -> None:
    """Write a file as version 1 did, with one recording."""
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    for statement in MIGRATIONS[0]:
        connection.execute(statement)
    connection.execute("PRAGMA user_version = 1")
    connection.execute(
        "INSERT INTO recording (started, started_s, person, json) VALUES (?, ?, ?, ?)",
        (NOON.isoformat(), NOON.timestamp(), "Anna", json.dumps(result_json())),
    )
    connection.commit()
    connection.close()


def test_a_file_of_version_1_goes_on(path: Path) -> None:
    _version_1(path)
    assert "load_kg" not in {row[1] for row in rows(path, "PRAGMA table_info(recording)")}
    keep(result_json(), NOON, "Ben", 7.5, path=path)
    assert [(r.person, r.load_kg) for r in recordings(path=path)] == [("Anna", None), ("Ben", 7.5)]
    assert rows(path, "PRAGMA user_version") == [(2,)]


def test_a_migration_that_fails_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _version_1(path)
    before = rows(path, "SELECT * FROM sqlite_master")
    steps = (MIGRATIONS[0], (*MIGRATIONS[1], "ALTER TABLE absent ADD COLUMN x"))
    monkeypatch.setattr(history, "MIGRATIONS", steps)
    with pytest.raises(HeelriseError, match="no such table"):
        recordings(path=path)
    assert rows(path, "SELECT * FROM sqlite_master") == before
    assert rows(path, "PRAGMA user_version") == [(1,)]


def test_a_newer_file_is_refused_untouched(path: Path) -> None:
    keep(result_json(), NOON, path=path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    content = path.read_bytes()
    with pytest.raises(HeelriseError, match="newer heelrise") as caught:
        keep(result_json(), NOON, path=path)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


# -- files that are no history -------------------------------------------------------------------


def _damage(path: Path) -> None:
    """Overwrite the second half of a history, which keeps its header."""
    for _ in range(20):
        keep(result_json(20, 20), NOON, path=path)
    size = path.stat().st_size
    with path.open("r+b") as stream:
        stream.seek(size // 2)
        stream.write(os.urandom(size - size // 2))


def _truncate(path: Path) -> None:
    for _ in range(20):
        keep(result_json(20, 20), NOON, path=path)
    os.truncate(path, path.stat().st_size // 2)


def _text(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("my diary, no database\n" * 200)


def _short(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")


def _foreign(path: Path) -> None:
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recording (id INTEGER)")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_damage, "damaged"),
        (_truncate, "damaged"),
        (_text, "damaged or no history"),
        (_short, "damaged or no history"),
        (_foreign, "belongs to another program"),
    ],
)
def test_a_file_that_is_no_history_is_one_line_and_left_alone(
    path: Path, tmp_path: Path, spoil: Any, why: str
) -> None:
    spoil(path)
    path.chmod(0o640)
    content, mode = path.read_bytes(), path.stat().st_mode
    for use in (
        lambda: keep(result_json(), NOON, path=path),
        lambda: recordings(path=path),
        lambda: export_all(tmp_path / "out", path=path),
        lambda: forget(path=path),
    ):
        with pytest.raises(HeelriseError, match=why) as caught:
            use()
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)
    assert (path.read_bytes(), path.stat().st_mode) == (content, mode)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_place_that_takes_no_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere" / "x")
    for name in ("file/h.sqlite", "folder", "a\0b", "dangling"):
        place = tmp_path / name
        with pytest.raises(HeelriseError, match=r"cannot (make|open|use) the history|no folder"):
            keep(result_json(), NOON, path=place)


def test_a_history_in_use_is_one_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_BUSY_S", 0.1)
    keep(result_json(), NOON, path=path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(HeelriseError, match="in use by another program"):
            keep(result_json(), NOON, path=path)
        assert len(recordings(path=path)) == 1
    finally:
        other.close()


# -- several processes, and processes that die ---------------------------------------------------

_WRITER = """
import json, sys
from datetime import datetime, timezone
from pathlib import Path
from heelrise.history import keep

result = json.loads(sys.stdin.read())
print("ready", flush=True)
for number in range(int(sys.argv[2])):
    when = datetime.fromtimestamp(1e9 + number, timezone.utc)
    kept = keep(result, when, sys.argv[3], path=Path(sys.argv[1]))
    print(kept, flush=True)
"""


def _start_writer(path: Path, number: int, person: str, reps: int) -> subprocess.Popen[str]:
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path), str(number), person],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdin is not None
    writer.stdin.write(json.dumps(result_json(reps, reps)))
    writer.stdin.close()
    return writer


def _assert_all_whole(path: Path) -> None:
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(path, "PRAGMA foreign_key_check") == []
    for number, text in rows(path, "SELECT id, json FROM recording"):
        kept = json.loads(text)
        for table, name in (("rep", "reps"), ("leg_set", "sets")):
            ((count,),) = rows(path, f"SELECT count(*) FROM {table} WHERE recording = {number}")
            assert count == len(kept[name])


def test_two_processes_at_once_lose_and_double_nothing(path: Path) -> None:
    writers = {person: _start_writer(path, 50, person, 10) for person in ("Anna", "Ben")}
    said = {}
    for person, writer in writers.items():
        assert writer.stdout is not None
        said[person] = writer.stdout.read().split()[1:]
        assert writer.wait(timeout=120) == 0
    for person, numbers in said.items():
        found = recordings(person=person, path=path)
        assert [one.started.timestamp() - 1e9 for one in found] == list(range(50))
        assert sorted(str(one.id) for one in found) == sorted(numbers)
    assert len(recordings(path=path)) == 100
    _assert_all_whole(path)


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX's")
def test_a_writer_killed_at_any_moment_leaves_whole_recordings(path: Path) -> None:
    moments = random.Random(4)
    promised = 0
    for _ in range(10):
        writer = _start_writer(path, 10_000, "Anna", 200)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(moments.uniform(0.02, 0.25))
        writer.send_signal(signal.SIGKILL)
        promised += len(writer.stdout.read().split())
        assert writer.wait(timeout=60) == -signal.SIGKILL
        # the first to look is heelrise itself, as after a real crash
        kept = len(recordings(path=path))
        _assert_all_whole(path)
        # what keep() promised is there; one more may be, whose promise was not yet said
        assert promised <= kept <= promised + 1
        promised = kept
    assert promised > 10


# -- export --------------------------------------------------------------------------------------


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


def test_deleted_rows_are_gone_even_when_the_vacuum_never_came(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(result_json(30, 30), NOON, "Wilhelmina", path=path)
    monkeypatch.setattr(history.sqlite3, "connect", _connect_without_vacuum)
    forget(path=path)
    assert _traces(path.parent, "Wilhelmina") == []


class _NoVacuum(sqlite3.Connection):
    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        return super().execute("SELECT 1" if sql == "VACUUM" else sql, *values)


_connect = sqlite3.connect


def _connect_without_vacuum(*args: Any, **named: Any) -> sqlite3.Connection:
    return _connect(*args, **named, factory=_NoVacuum)
