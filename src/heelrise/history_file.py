"""The history's file: one SQLite database on this computer, its place, versions and locks.

A transaction is there whole or not at all, whatever ends the program, and two programs may write
at once. The rollback journal is used, not WAL: it leaves no file behind that `forget` would have
to clean up, and it works on network disks too. Whatever is wrong with the file is one
:class:`HeelriseError`; a file that cannot be understood is left as it is.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from heelrise.errors import HeelriseError
from heelrise.outputs import reason
from heelrise.result import SIDES

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
    # AUTOINCREMENT: a live session that was forgotten while it runs replaces nobody else's
    (
        """
        CREATE TABLE numbered (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            started TEXT NOT NULL,
            started_s REAL NOT NULL,
            person TEXT,
            source TEXT,
            note TEXT,
            json TEXT NOT NULL,
            load_kg REAL
        )
        """,
        # named: a user's own column is not among them
        "INSERT INTO numbered (id, started, started_s, person, source, note, json, load_kg) "
        "SELECT id, started, started_s, person, source, note, json, load_kg "
        "FROM recording ORDER BY id",
        "DROP TABLE recording",
        "ALTER TABLE numbered RENAME TO recording",
        "CREATE INDEX recording_started ON recording (started_s)",
    ),
)

# SQLite takes any value into any column; a row may also come from another hand.
_KINDS = {"INTEGER": "'integer'", "REAL": "'real', 'integer'", "TEXT": "'text'"}
_BUSY_S = 30.0
_LEAST_BYTES = 512  # the smallest page of SQLite


def history_path() -> Path:
    """Return where the history is: in the folder HEELRISE_DATA, else the user's data folder."""
    named = os.environ.get(DATA_VARIABLE)
    folder = Path(os.path.expanduser(named)) if named else user_data_path("heelrise")
    return folder / FILE_NAME


def is_there(path: Path) -> bool:
    """Return whether there is a history, or anything else, at a place.

    Raises
    ------
    HeelriseError
        When the place cannot be looked at.
    """
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise HeelriseError(f"cannot open the history {path}: {reason(error)}") from error
    return True


def make_file(path: Path) -> None:
    """Make the file, if it is missing, and its folder, for the owner alone.

    Raises
    ------
    HeelriseError
        When the file or its folder cannot be made.
    """
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
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection to a history that is whole and of the latest version.

    Rows come as dicts, and no transaction begins by itself.

    Parameters
    ----------
    path : Path
        A file that is there; an older version is brought to the latest.

    Raises
    ------
    HeelriseError
        When the file is damaged, no history, a newer heelrise's or in use, and when anything that
        is done with the connection fails.
    """
    try:
        # SQLite would take such a file for an empty one, and write over it
        if 0 < path.stat().st_size < _LEAST_BYTES:
            raise damaged(path)
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
                "temp_store = MEMORY",
                # so that a program killed before the VACUUM of a forget leaves nothing either
                "secure_delete = ON",
                "foreign_keys = OFF",  # a migration that drops a table keeps what refers to it
                "legacy_alter_table = ON",  # and views and triggers of the user's own as they are
            ):
                connection.execute(f"PRAGMA {setting}")
            _migrate(connection)
            connection.execute("PRAGMA foreign_keys = ON")
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
    with transaction(connection, writing=False):
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
        raise damaged(path)


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
    with transaction(connection):
        # once more: another program may have been first
        for statements in MIGRATIONS[_pragma(connection, "user_version") :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


@contextmanager
def transaction(connection: sqlite3.Connection, *, writing: bool = True) -> Iterator[None]:
    """Run a block as one transaction, undone when the block fails.

    Parameters
    ----------
    connection : sqlite3.Connection
        What :func:`opened` gave.
    writing : bool
        Whether the block writes: then no other program may until it ends.
    """
    # IMMEDIATE: two writers wait for each other at the start, where the busy timeout holds
    connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def check_rows(connection: sqlite3.Connection, path: Path) -> None:
    """Find out before rows are read whether each value is of its column's kind.

    Parameters
    ----------
    connection : sqlite3.Connection
        What :func:`opened` gave, within a :func:`transaction`.
    path : Path
        The history's file.

    Raises
    ------
    HeelriseError
        When a row holds something else than heelrise writes.
    """
    for table in ("recording", "leg_set", "rep"):
        odd = [
            f"typeof({column['name']}) NOT IN ('null', {_KINDS[column['type']]})"
            for column in connection.execute(f"PRAGMA table_info({table})").fetchall()
            if column["type"] in _KINDS  # another program may have added one of any type or none
        ]
        odd.append("NOT json_valid(json)" if table == "recording" else f"side NOT IN {SIDES}")
        if connection.execute(f"SELECT 1 FROM {table} WHERE {' OR '.join(odd)}").fetchone():
            raise damaged(path)


def _in_one_line(error: Exception, path: Path) -> HeelriseError:
    # extended codes carry the plain one in their lowest byte
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return damaged(path)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return HeelriseError(f"the history {path} is in use by another program: try again later")
    why = reason(error) if isinstance(error, OSError) else error
    return HeelriseError(f"cannot use the history {path}: {why}")


def damaged(path: Path) -> HeelriseError:
    """Say that the file cannot be understood, and what to do."""
    return HeelriseError(
        f"the history {path} is damaged or no history: it was left as it is; "
        "move it away to start anew, or put a copy in its place"
    )


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows into a table.

    Parameters
    ----------
    connection : sqlite3.Connection
        What :func:`opened` gave, within a :func:`transaction`.
    table : str
        The table's name.
    rows : sequence of mapping
        The values by their columns.

    Returns
    -------
    int
        The number of the last row; 0 without rows.
    """
    last = 0
    for row in rows:
        marks = ", ".join("?" * len(row))
        # table and columns are heelrise's own names, never a user's
        text = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"
        last = connection.execute(text, list(row.values())).lastrowid or 0
    return last
