"""The history: recordings are kept, asked for and forgotten.

What goes into the rows of :mod:`heelrise.history_file` and what comes out of them again. A
recording goes in whole or not at all.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from heelrise.errors import HeelriseError
from heelrise.history_file import (
    check_rows,
    damaged,
    history_path,
    insert,
    is_there,
    make_file,
    opened,
    transaction,
)
from heelrise.result import SCHEMA_VERSION, Rep, Side

Leg = Literal["left", "right"]

REP_COLUMNS = tuple(field.name for field in fields(Rep))
# The columns source and note of the first step were never filled: a step is not changed.
ABOUT_COLUMNS = ("id", "started", "person", "load_kg")
# The JSON tells, also of what was kept before anybody asked: no column of its own is needed.
_IS_TEST = "json_type(json, '$.test') IS 'object'"


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
    make_file(path)
    with opened(path) as connection, transaction(connection):
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
        number = insert(connection, "recording", [row])
        insert(connection, "leg_set", _set_rows(number, values["sets"]))
        insert(connection, "rep", _rep_rows(number, values))
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

    Raises
    ------
    HeelriseError
        When the file cannot be read.
    """
    path = path or history_path()
    if not is_there(path):
        return []
    where, values = _chosen(person, since=since)
    with opened(path) as connection, transaction(connection, writing=False):
        check_rows(connection, path)
        abouts = connection.execute(
            f"SELECT {', '.join(ABOUT_COLUMNS)}, {_IS_TEST} AS test FROM recording "
            f"WHERE {where} ORDER BY started_s, id",
            values,
        ).fetchall()
        of_these = f"recording IN (SELECT id FROM recording WHERE {where})"
        set_rows = connection.execute(
            "SELECT recording, number, side, start_s, end_s FROM leg_set "
            f"WHERE {of_these} ORDER BY recording, number",
            values,
        ).fetchall()
        rep_rows = connection.execute(
            f"SELECT recording, leg_set, {', '.join(REP_COLUMNS)} FROM rep "
            f"WHERE leg_set IS NOT NULL AND {of_these} ORDER BY recording, number",
            values,
        ).fetchall()
    sets = _sets_by_recording(set_rows, _reps_by_set(rep_rows))
    found = []
    for about in abouts:
        own = tuple(s for s in sets.get(about["id"], ()) if leg is None or s.side == leg)
        if own or leg is None:
            told = {**about, "started": _time(about["started"], path), "test": bool(about["test"])}
            found.append(Recording(**told, sets=own))
    return found


def owners(
    person: str | None = None, before: datetime | None = None, *, path: Path | None = None
) -> list[str]:
    """Return whose recordings :func:`forget` would delete, a name or "" for each.

    Rows that are damaged are among them: they are to be got rid of too.
    """
    path = path or history_path()
    if not is_there(path):
        return []
    where, values = _chosen(person, before=before)
    with opened(path) as connection:
        connection.text_factory = bytes  # what is no text is named too
        rows = connection.execute(f"SELECT person FROM recording WHERE {where}", values)
        return [(row["person"] or b"").decode("utf-8", "replace") for row in rows]


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

    Raises
    ------
    HeelriseError
        When the file cannot be used.
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

    Raises
    ------
    HeelriseError
        When the file cannot be used.
    """
    _delete("id = ?", [number], path or history_path())


def _delete(where: str, values: Sequence[Any], path: Path) -> int:
    """Delete the recordings that meet a condition; return how many they were."""
    if not is_there(path):
        return 0
    with opened(path) as connection:
        with transaction(connection):
            gone = connection.execute(f"DELETE FROM recording WHERE {where}", values).rowcount
        connection.execute("VACUUM")
    return int(gone)


def _time(text: str, path: Path) -> datetime:
    """Read when a recording was made; the offset is always there."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise damaged(path) from None
    if time.tzinfo is None:
        raise damaged(path)
    return time


def _clean(text: str | None) -> str | None:
    """Return text in the one form in which it is kept and searched; nothing is None."""
    if text is None:
        return None
    valid = text.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFC", valid).strip() or None


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
            **{name: rep.get(name) for name in REP_COLUMNS},
            "faults": ";".join(rep["faults"]),
        }
        for rep in values["reps"]
    ]


def _reps_by_set(rows: Iterable[dict[str, Any]]) -> dict[tuple[int, int], list[Rep]]:
    """Return the reps of each set, known by its recording and its number in that."""
    found: dict[tuple[int, int], list[Rep]] = {}
    for row in rows:
        place = (row.pop("recording"), row.pop("leg_set"))
        faults = tuple(filter(None, row["faults"].split(";")))
        found.setdefault(place, []).append(Rep(**{**row, "faults": faults}))
    return found


def _sets_by_recording(
    rows: Iterable[dict[str, Any]], reps: Mapping[tuple[int, int], Sequence[Rep]]
) -> dict[int, list[KeptSet]]:
    found: dict[int, list[KeptSet]] = {}
    for row in rows:
        recording = row.pop("recording")
        own = tuple(reps.get((recording, row["number"]), ()))
        found.setdefault(recording, []).append(KeptSet(**row, reps=own))
    return found
