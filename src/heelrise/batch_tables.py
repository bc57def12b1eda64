"""The tables of a batch: a row a video and a row a rep, written from one JSON after the other."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from statistics import mean
from typing import Any, Literal

from heelrise.batch_list import VIDEO_COLUMNS, Video, result_path, shown
from heelrise.errors import HeelriseError
from heelrise.outputs import CsvLines, pyarrow_for, written
from heelrise.report import FAULT_WORDS
from heelrise.result import Rep
from heelrise.result_file import read_result

TableKind = Literal["csv", "parquet"]
_AddRow = Callable[[Mapping[str, Any]], object]
_ROW_GROUP = 1000  # rows of Parquet in memory at a time
# Column -> what is in it. An empty cell is what is not known.
_REP_COLUMNS: dict[str, type] = {
    "path": str,
    **{field.name: float for field in fields(Rep)},
    **{"number": int, "side": str, "faults": str},
}


def check_tables(out: Path, kind: TableKind, given: Path) -> None:
    """Find out before the work whether the tables can be written; HeelriseError if not.

    Parameters
    ----------
    out : Path
        The folder of the batch.
    kind : {"csv", "parquet"}
        What the tables are.
    given : Path
        The folder or list of videos, which is not to be written over.
    """
    if kind == "parquet":
        pyarrow_for("--table parquet")
    if os.path.realpath(given) in map(os.path.realpath, table_paths(out, kind)):
        raise HeelriseError(f"{given} is the list itself, and a table goes there: name another -o")


def table_paths(out: Path, kind: TableKind) -> tuple[Path, Path]:
    """Return where the tables of videos and of reps go."""
    return out / f"videos.{kind}", out / f"reps.{kind}"


def write_tables(
    out: Path, kind: TableKind, videos: Sequence[Video], failed: Mapping[str, str]
) -> int:
    """Write a row a video and a row a rep, from one JSON after the other.

    Parameters
    ----------
    out : Path
        The folder of the batch.
    kind : {"csv", "parquet"}
        What the tables are.
    videos : sequence of Video
        All of the batch; each has a result or failed.
    failed : mapping
        Why a video has no result, by its name.

    Returns
    -------
    int
        How many recordings were refused: no rep, and a warning that says why.
    """
    columns = {**VIDEO_COLUMNS, **dict.fromkeys(videos[0].more, str)}
    videos_path, reps_path = table_paths(out, kind)
    refused = 0
    with _table(videos_path, columns) as add_video, _table(reps_path, _REP_COLUMNS) as add_rep:
        for video in videos:
            path = shown(video.name)
            row = {"path": path, **_told(video)}
            if video.name in failed:
                add_video({**row, "status": "failed", "reason": failed[video.name]})
                continue
            try:
                made = read_result(result_path(out, video.name))
            except HeelriseError as error:
                raise HeelriseError(
                    f"the result of {video.name} was changed meanwhile: add --resume"
                ) from error
            found = _found(made)
            refused += found["status"] == "refused"
            add_video({**row, **found})
            for rep in made["reps"]:
                add_rep({"path": path, **rep, "faults": ";".join(rep["faults"])})
    return refused


def _told(video: Video) -> dict[str, Any]:
    return {**asdict(video.options), **{key: shown(cell) for key, cell in video.more.items()}}


def _found(made: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of a video that its result fills."""
    warnings = "; ".join(made["warnings"])
    refused = bool(warnings) and not made["reps"]
    row: dict[str, Any] = {
        "status": "refused" if refused else "ok",
        "reason": warnings if refused else None,
        "warnings": warnings,
        **made["counts"],
        **{name: value for name, value in made["video"].items() if name != "path"},
    }
    for side in ("left", "right"):
        reps = [rep for rep in made["reps"] if rep["side"] == side]
        for what in ("rise_cm", "rise_shin", "hold_s"):
            known = [rep[what] for rep in reps if rep[what] is not None]
            row[f"{side}_mean_{what}"] = round(mean(known), 4) if known else None
    kinds = Counter(fault["kind"] for fault in made["faults"] if not fault["unsure"])
    return {**row, **{f"faults_{kind}": kinds[kind] for kind in FAULT_WORDS}}


@contextmanager
def _table(path: Path, columns: Mapping[str, type]) -> Iterator[_AddRow]:
    """Give a function that takes the rows of a table one by one."""
    with written(path) as part:
        if path.suffix == ".parquet":
            with _parquet_table(part, columns) as add:
                yield add
        else:
            with part.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(CsvLines(file), list(columns), extrasaction="ignore")
                writer.writeheader()
                yield writer.writerow


@contextmanager
def _parquet_table(part: Path, columns: Mapping[str, type]) -> Iterator[_AddRow]:
    pyarrow = pyarrow_for("--table parquet")
    kinds = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64()}
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
    rows: list[Mapping[str, Any]] = []
    with pyarrow.parquet.ParquetWriter(part, schema) as writer:

        def flush() -> None:
            cells = {name: [row.get(name) for row in rows] for name in columns}
            writer.write_table(pyarrow.table(cells, schema=schema))
            rows.clear()

        def add(row: Mapping[str, Any]) -> None:
            rows.append(row)
            if len(rows) == _ROW_GROUP:
                flush()

        yield add
        flush()
