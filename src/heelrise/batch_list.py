"""Which videos a batch has: those of a folder, or of a list; what each is called everywhere."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, get_args

from heelrise.errors import HeelriseError
from heelrise.inputs import VIDEO_SUFFIXES
from heelrise.outputs import reason
from heelrise.recording import is_recording
from heelrise.report import FAULT_WORDS
from heelrise.result import SIDES
from heelrise.settings import BODY_HEIGHT_CM, LOWER_FOR_S, Leg, SessionOptions, Surface

JSON_FOLDER = "json"
# Of the table of videos: column -> what is in it. A list may not name them for its own.
VIDEO_COLUMNS: dict[str, type] = {
    **{"path": str, "status": str, "reason": str},
    **dict.fromkeys(SIDES, int),
    **{"duration_s": float, "fps": float, "width": int, "height": int, "frames": int},
    **{"body_height_cm": float, "surface": str, "leg": str, "lower_for_s": float},
    **{
        f"{side}_mean_{what}": float
        for side in ("left", "right")
        for what in ("rise_cm", "rise_shin", "hold_s")
    },
    **{f"faults_{kind}": int for kind in FAULT_WORDS},
    "warnings": str,
}
_OPTION_COLUMNS = ("body_height_cm", "surface", "leg", "lower_for_s")
_OWN_COLUMNS = ("path", *_OPTION_COLUMNS)


@dataclass(frozen=True)
class Video:
    """One video of a batch.

    Attributes
    ----------
    name : str
        Its path beneath the folder of the batch, ``/`` between: what it is called everywhere.
    source : Path
        Where it lies.
    options : SessionOptions
        What the user said about it.
    more : mapping
        Further columns of the list it stood in, for the table of videos.
    """

    name: str
    source: Path
    options: SessionOptions
    more: Mapping[str, str]


def find(given: Path, root: Path | None, options: SessionOptions) -> list[Video]:
    """Return the videos of a folder or of a list.

    Parameters
    ----------
    given : Path
        A folder, searched with its sub-folders; or a list, a path a line or CSV by its name.
    root : Path, optional
        The folder the paths of a list start from, by default the list's own.
    options : SessionOptions
        What holds for every video of which a list says nothing else.

    Raises
    ------
    HeelriseError
        When there is no video, or a list cannot be used; then with the number of the line.
    """
    if given.is_dir():
        if root is not None:
            raise HeelriseError("--root goes with a list of videos, not with a folder")
        videos = [Video(name, given.absolute() / name, options, {}) for name in _names_in(given)]
        if not videos:
            raise HeelriseError(f"{given} holds no video and no landmarks, nor do its sub-folders")
        return videos
    if _is_source(given.name):
        raise HeelriseError(
            f"{given} is no folder and no list of videos: for a single one, heelrise analyze"
        )
    videos = _listed(given, Path(os.path.abspath(root or given.parent)), options)
    if not videos:
        raise HeelriseError(f"{given} names no video")
    return videos


def result_path(out: Path, name: str) -> Path:
    """Return where the JSON of a video goes: its own suffix stays, for set.mp4 and set.mov."""
    return out / JSON_FOLDER / f"{name}.json"


def shown(name: str) -> str:
    """Return a name as text: bytes that are no UTF-8 exist on disk, but cannot stand in JSON."""
    return os.fsencode(name).decode("utf-8", "replace")


def _names_in(folder: Path) -> list[str]:
    """Return what of a folder and its sub-folders is no hidden file and named like a source."""
    found = []
    for place, folders, files in os.walk(folder, onerror=_cannot_list):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(place).relative_to(folder)
        found += [(inside / name).as_posix() for name in files if _is_source(name)]
    return sorted(found)


def _cannot_list(error: OSError) -> NoReturn:
    raise HeelriseError(f"cannot read the folder {error.filename}: {reason(error)}") from error


def _is_source(name: str) -> bool:
    named = Path(name).suffix.lower() in VIDEO_SUFFIXES or is_recording(Path(name))
    return named and not name.startswith(".")


def _listed(given: Path, root: Path, options: SessionOptions) -> list[Video]:
    try:
        # a name that is no UTF-8 still finds its file
        text = given.read_bytes().decode("utf-8-sig", "surrogateescape")
    except (OSError, ValueError) as error:
        raise HeelriseError(f"cannot read {given}: {reason(error)}") from error
    if "\0" in text:
        raise HeelriseError(f"{given} is no text in UTF-8, so no list of videos")
    rows = _csv_rows if given.suffix.lower() == ".csv" else _plain_rows
    videos: dict[str, Video] = {}
    lines: dict[str, int] = {}
    try:
        for line, cells in rows(text):
            video = _video_of(cells, line, root, options)
            if video.name in videos:
                raise _bad_line(line, f"{video.name} stands in line {lines[video.name]} already")
            videos[video.name], lines[video.name] = video, line
    except HeelriseError as error:
        raise HeelriseError(f"{given}, {error}") from error
    return list(videos.values())


def _bad_line(line: int, why: str) -> HeelriseError:
    return HeelriseError(f"line {line}: {why}")


def _plain_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    for line, content in enumerate(text.split("\n"), start=1):
        path = content.strip()
        if path and not path.startswith("#"):
            yield line, {"path": path}


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Give each row with its line; ";" may separate, as where the comma is decimal."""
    head = text.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if ";" in head else ",", strict=True
    )
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_columns(names)
        for row in reader:
            if len(row) not in (0, len(names)):
                why = f"it has {len(row)} cells, and the first line names {len(names)} columns"
                raise _bad_line(reader.line_num, why)
            if any(row):
                yield reader.line_num, dict(zip(names, row, strict=True))
    except csv.Error as error:
        raise _bad_line(reader.line_num, f"this is no CSV: {error}") from error


def _check_columns(names: Sequence[str]) -> None:
    for name in names:
        if name not in _OWN_COLUMNS and name.lower() in _OWN_COLUMNS:
            raise _bad_line(1, f"the column {name} means nothing here: write {name.lower()}")
    if "path" not in names:
        raise _bad_line(1, "the first line of a CSV names its columns, and one must be path")
    if len(set(names)) < len(names) or "" in names:
        raise _bad_line(1, "each column needs a name of its own")
    results = set(VIDEO_COLUMNS) - {"path", *_OPTION_COLUMNS}
    for name in names:
        if name in results:
            raise _bad_line(1, f"{name} is a column of the results: give it another name")


def _video_of(cells: Mapping[str, str], line: int, root: Path, options: SessionOptions) -> Video:
    given = cells["path"].strip()
    if not given:
        raise _bad_line(line, "it names no path")
    source = Path(os.path.abspath(root / given))
    try:
        name = source.relative_to(root).as_posix()
    except ValueError:
        raise _bad_line(
            line,
            f"{given} lies outside of {root}: name the folder that holds all videos with --root",
        ) from None
    height = _number(cells, "body_height_cm", line, *BODY_HEIGHT_CM)
    lower = _number(cells, "lower_for_s", line, *LOWER_FOR_S)
    told = SessionOptions(
        options.body_height_cm if height is None else height,
        _word(cells, "surface", line, get_args(Surface)) or options.surface,
        _word(cells, "leg", line, get_args(Leg)) or options.leg,
        options.lower_for_s if lower is None else lower,
    )
    more = {name: cell for name, cell in cells.items() if name not in ("path", *_OPTION_COLUMNS)}
    return Video(name, source, told, more)


def _number(
    cells: Mapping[str, str], name: str, line: int, least: float, most: float
) -> float | None:
    cell = cells.get(name, "").strip()
    if not cell:
        return None
    try:
        number = float(cell.replace(",", "."))
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise _bad_line(line, f"{name} is {cell!r}: it can be {least:g} to {most:g}, or empty")
    return number


def _word(cells: Mapping[str, str], name: str, line: int, words: Sequence[Any]) -> Any:
    cell = cells.get(name, "").strip()
    if cell and cell not in words:
        raise _bad_line(line, f"{name} is {cell!r}: it can be {', '.join(words)}, or empty")
    return cell
