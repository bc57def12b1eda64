"""All that the history holds, written into a folder: the JSON of each recording, tables as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from heelrise.errors import HeelriseError
from heelrise.history import ABOUT_COLUMNS, REP_COLUMNS
from heelrise.history_file import check_rows, history_path, is_there, opened, transaction
from heelrise.outputs import CsvLines, Job, Outputs, check, reason, write_text

_SET_CELLS = ("set", "side", "start_s", "end_s", "reps")
_REP_CELLS = ("set", *REP_COLUMNS)
_JOINED = "JOIN recording ON id = recording ORDER BY started_s, id, number"


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
    if not is_there(path):
        return []
    with opened(path) as connection, transaction(connection, writing=False):
        check_rows(connection, path)
        kept = connection.execute("SELECT * FROM recording ORDER BY started_s, id").fetchall()
        sets = connection.execute(f"SELECT * FROM leg_set {_JOINED}").fetchall()
        reps = connection.execute(f"SELECT * FROM rep {_JOINED}").fetchall()
    if not kept:
        return []
    texts = {folder / f"recording-{row['id']}.json": _indented(row["json"]) for row in kept}
    abouts = {row["id"]: {name: row[name] for name in ABOUT_COLUMNS} for row in kept}
    texts[folder / "recordings.csv"] = _csv_text((), abouts.values())
    texts[folder / "sets.csv"] = _csv_text(_SET_CELLS, _set_cells(sets, reps, abouts))
    texts[folder / "reps.csv"] = _csv_text(_REP_CELLS, _rep_cells(reps, abouts))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, ValueError) as error:
        raise HeelriseError(f"cannot make the folder {folder}: {reason(error)}") from error
    outputs = [
        Outputs(csv=place) if place.suffix == ".csv" else Outputs(json=place) for place in texts
    ]
    check([Job(path, output) for output in outputs], force=force)
    for place, text in texts.items():
        write_text(place, text)
    return list(texts)


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
            **{name: row[name] for name in REP_COLUMNS},
        }


def _csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows under what is known of their recording and these columns, null left empty."""
    text = io.StringIO()
    writer = csv.writer(CsvLines(text))
    writer.writerow(["recording", *ABOUT_COLUMNS[1:], *columns])
    writer.writerows([[row[name] for name in (*ABOUT_COLUMNS, *columns)] for row in rows])
    return text.getvalue()
