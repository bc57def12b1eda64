"""The history's file: private, of one version, whole whatever happens, strange files untouched."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from heelrise import history_file
from heelrise.errors import HeelriseError
from heelrise.history import forget, keep, recordings
from heelrise.history_export import export_all
from heelrise.history_file import MIGRATIONS, history_path
from histories import NOON, result_json, rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite"


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
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("HEELRISE_DATA", "~/hist")
    assert history_path() == tmp_path / "hist" / "history.sqlite"
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
    connection.execute("INSERT INTO leg_set VALUES (1, 1, 'left', 3.0, 11.4)")
    connection.commit()
    connection.close()


def test_a_file_of_version_1_goes_on(path: Path) -> None:
    _version_1(path)
    assert "load_kg" not in {row[1] for row in rows(path, "PRAGMA table_info(recording)")}
    keep(result_json(), NOON, "Ben", 7.5, path=path)
    assert [(r.person, r.load_kg) for r in recordings(path=path)] == [("Anna", None), ("Ben", 7.5)]
    assert [len(r.sets) for r in recordings(path=path)] == [1, 2]
    assert rows(path, "PRAGMA user_version") == [(3,)]
    assert rows(path, "PRAGMA foreign_key_check") == []
    assert forget("Anna", path=path) == 1
    assert rows(path, "SELECT recording FROM leg_set") == [(2,), (2,)]


def test_what_a_user_added_to_an_old_file_keeps_it_from_nothing(path: Path) -> None:
    _version_1(path)
    connection = sqlite3.connect(path)
    for own in (
        "ALTER TABLE recording ADD COLUMN mood TEXT",
        "CREATE INDEX people ON recording (person)",
        "CREATE TRIGGER any AFTER INSERT ON recording BEGIN SELECT 1; END",
        "CREATE VIEW of_whom AS SELECT person, count(*) FROM recording GROUP BY person",
        "CREATE TRIGGER noted AFTER INSERT ON leg_set "
        "BEGIN UPDATE recording SET note = 'new' WHERE id = NEW.recording; END",
    ):
        connection.execute(own)
    connection.close()
    keep(result_json(), NOON, "Ben", path=path)
    assert [r.person for r in recordings(path=path)] == ["Anna", "Ben"]
    assert rows(path, "SELECT * FROM of_whom") == [("Anna", 1), ("Ben", 1)]
    assert rows(path, "SELECT note FROM recording") == [(None,), ("new",)]


def test_a_migration_that_fails_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _version_1(path)
    before = rows(path, "SELECT * FROM sqlite_master")
    steps = (MIGRATIONS[0], (*MIGRATIONS[1], "ALTER TABLE absent ADD COLUMN x"))
    monkeypatch.setattr(history_file, "MIGRATIONS", steps)
    with pytest.raises(HeelriseError, match="no such table"):
        recordings(path=path)
    assert rows(path, "SELECT * FROM sqlite_master") == before
    assert rows(path, "PRAGMA user_version") == [(1,)]


@pytest.mark.parametrize("kind", ["", "BLOB", "VARCHAR(9)"])
def test_a_column_of_another_program_is_no_damage(path: Path, kind: str) -> None:
    keep(result_json(), NOON, "Anna", path=path)
    connection = sqlite3.connect(path)
    for table in ("recording", "leg_set", "rep"):
        connection.execute(f"ALTER TABLE {table} ADD COLUMN own {kind}")
    connection.close()
    keep(result_json(), NOON, "Ben", path=path)
    assert [r.person for r in recordings(path=path)] == ["Anna", "Ben"]
    assert export_all(path.parent / "out", path=path)


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
    monkeypatch.setattr(history_file, "_BUSY_S", 0.1)
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
