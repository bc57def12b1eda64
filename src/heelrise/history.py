"""The history: every recording that was kept, in one SQLite file on this computer.

A recording goes in whole or not at all, whatever ends the program, and two programs may write at
once. The rollback journal is used, not WAL: it leaves no file behind that `forget` would have to
clean up, and it works on network disks too. Whatever is wrong with the file is one
:class:`HeelriseError`; a file that cannot be understood is left as it is.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path

from heelrise.errors import HeelriseError
from heelrise.outputs import Job, Outputs, check, reason, write_text
from heelrise.result import SCHEMA_VERSION, Rep, Side

Leg = Literal["left", "right"]

DATA_VARIABLE = "HEELRISE_DATA"
FILE_NAME = "history.sqlite"
# "hlrs": tells this file from the databases of other programs
APPLICATION_ID = 0x686C7273

# Step n takes a file of version n to version n + 1. Steps are never changed, only added.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        f"PRAGMA application_id = {APPLICATION_ID}",
        """
        CREATE TABLE recording (
            id INTEGER PRIMARY KEY,
            started TEXT NOT NULL,      -- ISO 8601 with the offset of the person's clock
            started_s REAL NOT NULL,    -- the same in seconds since 1970, UTC
            person TEXT,
            source TEXT,
            note TEXT,
            json TEXT NOT NULL          -- docs/json.md, schema 1
        )
        """,
        "CREATE INDEX recording_started ON recording (started_s)",
        """
        CREATE TABLE leg_set (
            recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
            number INTEGER NOT NULL,
            side TEXT NOT NULL,
            start_s REAL NOT NULL,
            end_s REAL NOT NULL,
            PRIMARY KEY (recording, number)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE rep (
            recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
            leg_set INTEGER,            -- number of its set, null outside of sets
            number INTEGER NOT NULL,
            side TEXT NOT NULL,
            start_s REAL NOT NULL,
            top_start_s REAL NOT NULL,
            peak_s REAL NOT NULL,
            top_end_s REAL NOT NULL,
            end_s REAL NOT NULL,
            hold_s REAL NOT NULL,
            up_s REAL NOT NULL,
            down_s REAL NOT NULL,
            rise_cm REAL,
            rise_shin REAL NOT NULL,
            peak_cm REAL,
            peak_shin REAL,
            bottom_cm REAL,
            bottom_shin REAL,
            faults TEXT NOT NULL,       -- kinds of its sure faults, joined by ";"
            rise_sd_cm REAL,
            rise_sd_shin REAL,
            PRIMARY KEY (recording, number)
        ) WITHOUT ROWID
        """,
    ),
    ("ALTER TABLE recording ADD COLUMN load_kg REAL",),
)

_BUSY_S = 30.0
_LEAST_BYTES = 512  # the smallest page of SQLite
_REP_FIELDS = tuple(field.name for field in fields(Rep))
# The columns source and note of the first step were never filled: a step is not changed.
_ABOUT = ("id", "started", "person", "load_kg")
# The JSON tells, also of what was kept before anybody asked: no column of its own is needed.
_IS_TEST = "json_type(json, '$.test') IS 'object'"
_SET_CELLS = ("set", "side", "start_s", "end_s", "reps")
_REP_CELLS = ("set", *_REP_FIELDS)
_JOINED = "JOIN recording ON id = recording ORDER BY started_s, id, number"


@dataclass(frozen=True)
class KeptSet:
    """Reps of one leg done without putting the leg to rest; times in seconds of the recording."""

    number: int
    side: Side
    start_s: float
    end_s: float
    reps: tuple[Rep, ...]


@dataclass(frozen=True)
class Recording:
    """One live session or analysed video.

    ``started`` carries the offset of the person's clock; ``load_kg`` is None when nothing was
    said about a load; ``test`` says whether it was a heel-rise test.
    """

    id: int
    started: datetime
    person: str | None
    load_kg: float | None
    sets: tuple[KeptSet, ...]
    test: bool = False


def history_path() -> Path:
    """Return where the history is: in the folder HEELRISE_DATA, else the user's data folder."""
    named = os.environ.get(DATA_VARIABLE)
    return (Path(named) if named else user_data_path("heelrise")) / FILE_NAME


def keep(
    result_json: Mapping[str, Any],
    when: datetime,
    person: str | None = None,
    load_kg: float | None = None,
    *,
    number: int | None = None,
    once: bool = False,
    path: Path | None = None,
) -> int:
    """Keep a recording: when this returns it is on the disk.

    The name of the video or camera is not kept: ``video.path`` is empty in the JSON that is.

    Parameters
    ----------
    result_json : mapping
        What :func:`heelrise.result.to_json` gave.
    when : datetime
        When it was recorded; without a time zone it is local time.
    person : str, optional
        Whose it is.
    load_kg : float, optional
        What was carried besides the body, kg.
    number : int, optional
        The recording's own number, when it was kept before and has gone on since: what was kept
        is replaced, in one transaction.
    once : bool
        Leave it at that when the very same result is kept already, for the same person with the
        same load: a video analysed again must not count twice in a trend.
    path : Path, optional
        The history's file, made when it is missing; :func:`history_path` by default.

    Returns
    -------
    int
        The recording's number in the history.

    Raises
    ------
    HeelriseError
        When it cannot be kept; the history is as it was.
    """
    if result_json.get("schema_version") != SCHEMA_VERSION:
        raise HeelriseError(
            f"only results of schema {SCHEMA_VERSION} can be kept in the history: "
            "analyse the video again"
        )
    if load_kg is not None and not 0 <= load_kg < math.inf:
        raise HeelriseError(f"a load of {load_kg:g} kg cannot be: give it in kg, such as 5")
    values = {**result_json, "video": {**result_json["video"], "path": ""}}
    started = when if when.tzinfo else when.astimezone()
    row = {
        "started": started.isoformat(),
        "started_s": started.timestamp(),
        "person": _clean(person),
        "load_kg": load_kg,
        "json": json.dumps(values, ensure_ascii=False, allow_nan=False),
    }
    path = path or history_path()
    _make(path)
    with _opened(path) as connection, _transaction(connection):
        if number is not None:
            connection.execute("DELETE FROM recording WHERE id = ?", [number])
            row["id"] = number
        elif once:
            same = connection.execute(
                "SELECT id FROM recording"
                " WHERE json = :json AND person IS :person AND load_kg IS :load_kg",
                row,
            ).fetchone()
            if same is not None:
                return int(same["id"])
        number = _insert(connection, "recording", [row])
        _insert(connection, "leg_set", _set_rows(number, values["sets"]))
        _insert(connection, "rep", _rep_rows(number, values))
    return number


def recordings(
    since: datetime | None = None,
    leg: Leg | None = None,
    person: str | None = None,
    *,
    path: Path | None = None,
) -> list[Recording]:
    """Return what was kept, the oldest first.

    Parameters
    ----------
    since : datetime, optional
        Only what was recorded then or later.
    leg : {"left", "right"}, optional
        Only recordings with a set of this leg, and of these only its sets.
    person : str, optional
        Only this person's; "" is what was kept without a name.
    path : Path, optional
        The history's file; a missing one holds nothing and is not made.
    """
    path = path or history_path()
    if not _is_there(path):
        return []
    where, values = _chosen(person, since=since)
    with _opened(path) as connection, _transaction(connection, writing=False):
        abouts = connection.execute(
            f"SELECT {', '.join(_ABOUT)}, {_IS_TEST} AS test FROM recording "
            f"WHERE {where} ORDER BY started_s, id",
            values,
        ).fetchall()
        reps = _reps_by_set(connection, where, values)
        sets = _sets_by_recording(connection, where, values, reps)
    found = []
    for about in abouts:
        own = tuple(s for s in sets.get(about["id"], ()) if leg is None or s.side == leg)
        if own or leg is None:
            started = datetime.fromisoformat(about["started"])
            told = {**about, "started": started, "test": bool(about["test"])}
            found.append(Recording(**told, sets=own))
    return found


def export_all(folder: Path, *, force: bool = False, path: Path | None = None) -> list[Path]:
    """Write all that the history holds into a folder.

    ``recording-N.json`` is the JSON of each recording, ``recordings.csv`` what else is known of it
    (a row a recording), ``sets.csv`` has a row a set and ``reps.csv`` a row a rep. Text stands as
    it was given.

    Parameters
    ----------
    folder : Path
        Made when it is missing, readable by its owner alone.
    force : bool
        Overwrite files that exist.
    path : Path, optional
        The history's file.

    Returns
    -------
    list of Path
        The files written; none when the history is empty.

    Raises
    ------
    HeelriseError
        When a file exists (without `force`; nothing is written then) or cannot be written.
    """
    path = path or history_path()
    if not _is_there(path):
        return []
    with _opened(path) as connection, _transaction(connection, writing=False):
        kept = connection.execute("SELECT * FROM recording ORDER BY started_s, id").fetchall()
        sets = connection.execute(f"SELECT * FROM leg_set {_JOINED}").fetchall()
        reps = connection.execute(f"SELECT * FROM rep {_JOINED}").fetchall()
    if not kept:
        return []
    texts = {folder / f"recording-{row['id']}.json": _indented(row["json"]) for row in kept}
    abouts = {row["id"]: {name: row[name] for name in _ABOUT} for row in kept}
    texts[folder / "recordings.csv"] = _csv_text((), abouts.values())
    texts[folder / "sets.csv"] = _csv_text(_SET_CELLS, _set_cells(sets, reps, abouts))
    texts[folder / "reps.csv"] = _csv_text(_REP_CELLS, _rep_cells(reps, abouts))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, ValueError) as error:
        raise HeelriseError(f"cannot make the folder {folder}: {reason(error)}") from error
    check([Job(path, Outputs(json=place)) for place in texts], force=force)
    for place, text in texts.items():
        write_text(place, text)
    return list(texts)


def forget(
    person: str | None = None, before: datetime | None = None, *, path: Path | None = None
) -> int:
    """Delete recordings for good: nothing of them remains in the history's file.

    Parameters
    ----------
    person : str, optional
        Only this person's; "" is what was kept without a name.
    before : datetime, optional
        Only what was recorded before this moment.
    path : Path, optional
        The history's file.

    Returns
    -------
    int
        How many recordings were deleted.
    """
    return _delete(*_chosen(person, before=before), path or history_path())


def take_out(number: int, *, path: Path | None = None) -> None:
    """Delete the recording of a number for good, as :func:`forget` does, if it is there.

    Parameters
    ----------
    number : int
        What :func:`keep` returned.
    path : Path, optional
        The history's file.
    """
    _delete("id = ?", [number], path or history_path())


def _delete(where: str, values: Sequence[Any], path: Path) -> int:
    """Delete the recordings that meet a condition; return how many they were."""
    if not _is_there(path):
        return 0
    with _opened(path) as connection:
        # so that a program killed before the VACUUM leaves nothing either
        connection.execute("PRAGMA secure_delete = ON")
        with _transaction(connection):
            gone = connection.execute(f"DELETE FROM recording WHERE {where}", values).rowcount
        connection.execute("VACUUM")
    return int(gone)


def _clean(text: str | None) -> str | None:
    """Return text in the one form in which it is kept and searched; nothing is None."""
    if text is None:
        return None
    valid = text.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", valid).strip() or None


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise HeelriseError(f"cannot open the history {path}: {reason(error)}") from error
    return True


def _make(path: Path) -> None:
    """Make the file and its folder, for the owner alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # SQLite gives its journal the mode of the database; and never open what is there:
        # closing it would take away the locks of another connection of this process
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if not path.exists():
            raise HeelriseError(f"{path.parent} is no folder: name another") from None
    except (OSError, ValueError) as error:
        raise HeelriseError(f"cannot make the history {path}: {reason(error)}") from error


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection to a history that is whole and of the latest version.

    Rows come as dicts, and no transaction begins by itself.
    """
    try:
        # SQLite would take such a file for an empty one, and write over it
        if 0 < path.stat().st_size < _LEAST_BYTES:
            raise _damaged(path)
        # absolute: SQLite takes some relative names, such as ":memory:", for something else
        with closing(
            sqlite3.connect(os.path.abspath(path), timeout=_BUSY_S, isolation_level=None)
        ) as connection:
            connection.row_factory = _as_dict
            _refuse_strange(connection, path)
            _make_private(path)
            # EXTRA is FULL, and the folder too: a power cut brings no finished recording back
            for setting in (
                "journal_mode = DELETE",
                "synchronous = EXTRA",
                "foreign_keys = ON",
                "temp_store = MEMORY",
            ):
                connection.execute(f"PRAGMA {setting}")
            _migrate(connection)
            yield connection
    except (sqlite3.Error, OSError) as error:
        raise _in_one_line(error, path) from error


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def _pragma(connection: sqlite3.Connection, name: str) -> Any:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone().values()
    return value


def _refuse_strange(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is damaged, another program's or a newer heelrise's, untouched."""
    with _transaction(connection, writing=False):
        version = _pragma(connection, "user_version")
        ours = _pragma(connection, "application_id") == APPLICATION_ID
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone().values()
        sound = _pragma(connection, "quick_check(1)") == "ok"
    if not ours and (version or tables):
        raise HeelriseError(f"{path} belongs to another program: name another {DATA_VARIABLE}")
    if version > len(MIGRATIONS):
        raise HeelriseError(
            f"the history {path} was written by a newer heelrise (version {version}, this one "
            f"knows {len(MIGRATIONS)}): install the newer heelrise"
        )
    if not sound:
        raise _damaged(path)


def _make_private(path: Path) -> None:
    """Take the rights of others away, also from heelrise's own folder made by something else."""
    if os.name != "posix":
        return
    own_folder = path.parent == user_data_path("heelrise")
    for place, mode in ((path, 0o600), *(((path.parent, 0o700),) if own_folder else ())):
        state = place.stat()
        if state.st_mode & 0o077 and state.st_uid == os.geteuid():
            place.chmod(mode)


def _migrate(connection: sqlite3.Connection) -> None:
    if _pragma(connection, "user_version") == len(MIGRATIONS):
        return
    with _transaction(connection):
        # once more: another program may have been first
        for statements in MIGRATIONS[_pragma(connection, "user_version") :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


@contextmanager
def _transaction(connection: sqlite3.Connection, *, writing: bool = True) -> Iterator[None]:
    """Run a block as one transaction, undone when the block fails."""
    # IMMEDIATE: two writers wait for each other at the start, where the busy timeout holds
    connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _in_one_line(error: Exception, path: Path) -> HeelriseError:
    # extended codes carry the plain one in their lowest byte
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return _damaged(path)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return HeelriseError(f"the history {path} is in use by another program: try again later")
    why = reason(error) if isinstance(error, OSError) else error
    return HeelriseError(f"cannot use the history {path}: {why}")


def _damaged(path: Path) -> HeelriseError:
    return HeelriseError(
        f"the history {path} is damaged or no history: it was left as it is; "
        "move it away to start anew, or put a copy in its place"
    )


def _chosen(
    person: str | None, *, since: datetime | None = None, before: datetime | None = None
) -> tuple[str, list[Any]]:
    """Return a condition on `recording`, and the values of its parameters."""
    conditions: list[str] = []
    values: list[Any] = []
    if person is not None:
        conditions.append("person IS ?")
        values.append(_clean(person))
    if since is not None:
        conditions.append("started_s >= ?")
        values.append(since.timestamp())
    if before is not None:
        conditions.append("started_s < ?")
        values.append(before.timestamp())
    return " AND ".join(conditions) or "TRUE", values


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows of the same columns; return the number of the last."""
    last = 0
    for row in rows:
        marks = ", ".join("?" * len(row))
        # the columns are this module's own names, never a user's
        text = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"
        last = connection.execute(text, list(row.values())).lastrowid or 0
    return last


def _set_rows(recording: int, sets: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "recording": recording,
            "number": number,
            **{name: leg_set[name] for name in ("side", "start_s", "end_s")},
        }
        for number, leg_set in enumerate(sets, start=1)
    ]


def _rep_rows(recording: int, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    set_of = {
        rep: number
        for number, leg_set in enumerate(values["sets"], start=1)
        for rep in leg_set["reps"]
    }
    return [
        {
            "recording": recording,
            "leg_set": set_of.get(rep["number"]),
            # earlier results of schema 1 lack what was added since
            **{name: rep.get(name) for name in _REP_FIELDS},
            "faults": ";".join(rep["faults"]),
        }
        for rep in values["reps"]
    ]


def _reps_by_set(
    connection: sqlite3.Connection, where: str, values: Sequence[Any]
) -> dict[tuple[int, int], list[Rep]]:
    rows = connection.execute(
        f"SELECT recording, leg_set, {', '.join(_REP_FIELDS)} FROM rep WHERE leg_set IS NOT NULL "
        f"AND recording IN (SELECT id FROM recording WHERE {where}) ORDER BY recording, number",
        values,
    )
    found: dict[tuple[int, int], list[Rep]] = {}
    for row in rows:
        place = (row.pop("recording"), row.pop("leg_set"))
        faults = tuple(filter(None, row["faults"].split(";")))
        found.setdefault(place, []).append(Rep(**{**row, "faults": faults}))
    return found


def _sets_by_recording(
    connection: sqlite3.Connection,
    where: str,
    values: Sequence[Any],
    reps: Mapping[tuple[int, int], Sequence[Rep]],
) -> dict[int, list[KeptSet]]:
    rows = connection.execute(
        "SELECT * FROM leg_set WHERE recording IN "
        f"(SELECT id FROM recording WHERE {where}) ORDER BY recording, number",
        values,
    )
    found: dict[int, list[KeptSet]] = {}
    for row in rows:
        recording = row.pop("recording")
        own = tuple(reps.get((recording, row["number"]), ()))
        found.setdefault(recording, []).append(KeptSet(**row, reps=own))
    return found


def _indented(text: str) -> str:
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


def _set_cells(
    sets: Sequence[Mapping[str, Any]],
    reps: Sequence[Mapping[str, Any]],
    abouts: Mapping[int, Mapping[str, Any]],
) -> Iterator[dict[str, Any]]:
    numbers: dict[tuple[int, int], list[str]] = {}
    for rep in reps:
        numbers.setdefault((rep["recording"], rep["leg_set"]), []).append(str(rep["number"]))
    for row in sets:
        own = numbers.get((row["recording"], row["number"]), ())
        yield {
            **abouts[row["recording"]],
            **{name: row[name] for name in ("side", "start_s", "end_s")},
            "set": row["number"],
            "reps": ";".join(own),
        }


def _rep_cells(
    reps: Sequence[Mapping[str, Any]], abouts: Mapping[int, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    for row in reps:
        yield {
            **abouts[row["recording"]],
            "set": row["leg_set"],
            **{name: row[name] for name in _REP_FIELDS},
        }


def _csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows under what is known of their recording and these columns, null left empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["recording", *_ABOUT[1:], *columns])
    writer.writerows([[row[name] for name in (*_ABOUT, *columns)] for row in rows])
    return text.getvalue()
