"""Which files the results go to, and how a file is written.

A file appears whole or not at all: it is written beside its place under another name and then
renamed, readable by its owner alone. What is no regular file (a pipe, /dev/stdout, /dev/null) is
written straight. Whatever would stop the writing is found out before the minutes of work.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from platformdirs import user_data_path

from heelrise.errors import HeelriseError

STDOUT = Path("-")

_STDOUT_NAMES = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}
_OPEN_DESCRIPTORS = ("/dev/fd/", "/dev/stderr", "/proc/self/fd/")
_LONGEST_SUFFIX = 8
# The first ending is the one to name; an MP4 may also be called .m4v.
_ENDINGS = {
    "json": (".json",),
    "csv": (".csv",),
    "video": (".mp4", ".m4v"),
    "series": (".csv", ".parquet"),
    "plot": (".png",),
    "report": (".html", ".htm"),
}
# Text may have any name (set.txt, set.v2), but for those that programs take for something else.
_TEXTS = {"json", "csv", "report"}
_OTHER_FORMATS = {
    *(ending for endings in _ENDINGS.values() for ending in endings),
    *(".3gp", ".avi", ".flv", ".gif", ".m2ts", ".mkv", ".mov", ".mpeg", ".mpg", ".mts", ".ogv"),
    *(".ts", ".webm", ".wmv", ".jpeg", ".jpg", ".svg", ".webp", ".doc", ".docx", ".md", ".pdf"),
    *(".jsonl", ".npz", ".ods", ".tsv", ".xls", ".xlsx", ".xml", ".yaml", ".yml", ".zip"),
}
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Outputs:
    """Where results go: files, or for several videos folders; None where nothing is wanted."""

    json: Path | None = None
    csv: Path | None = None
    video: Path | None = None
    landmarks: Path | None = None
    series: Path | None = None
    plot: Path | None = None
    report: Path | None = None

    def paths(self) -> tuple[Path, ...]:
        """Return the places that are wanted."""
        named = (getattr(self, field.name) for field in fields(self))
        return tuple(path for path in named if path is not None)

    @property
    def need_moments(self) -> bool:
        """Whether what is wanted shows every frame, and not the reps alone."""
        return any(path is not None for path in (self.series, self.plot, self.report))


@dataclass(frozen=True)
class Job:
    """One video and where its results go."""

    source: Path
    outputs: Outputs


def plan(videos: Sequence[Path], wanted: Outputs, *, folders: bool) -> list[Job]:
    """Say for each video where its results go.

    Parameters
    ----------
    videos : sequence of Path
        The videos to analyse.
    wanted : Outputs
        As the user named them.
    folders : bool
        The names are folders, for :func:`check` to make: one file a video goes there, named
        after the video's stem. Only the JSON may still be "-": one line of it a video.

    Raises
    ------
    HeelriseError
        When a folder is something else, or a single stream would have to take several files.
    """
    wanted = Outputs(**{f.name: _named(getattr(wanted, f.name)) for f in fields(wanted)})
    if not folders:
        return [Job(video, wanted) for video in videos]
    for path in wanted.paths():
        if path == STDOUT and path is not wanted.json:
            raise HeelriseError("with several videos only --json can go to stdout: name a folder")
        if path != STDOUT and os.path.exists(path) and not os.path.isdir(path):
            raise _no_folder(path)
    return [
        Job(
            video,
            Outputs(
                _inside(wanted.json, f"{name}.json"),
                _inside(wanted.csv, f"{name}.csv"),
                _inside(wanted.video, f"{name}.mp4"),
                _inside(wanted.landmarks, f"{name}.npz"),
                _inside(wanted.series, f"{name}-series.csv"),
                _inside(wanted.plot, f"{name}.png"),
                _inside(wanted.report, f"{name}.html"),
            ),
        )
        for video, name in zip(videos, _distinct_stems(videos), strict=True)
    ]


def check(jobs: Sequence[Job], *, force: bool, make_folders: bool = False) -> None:
    """Find out before the work whether all results can be written.

    Parameters
    ----------
    jobs : sequence of Job
        The videos, and where their results go.
    force : bool
        Overwrite what exists.
    make_folders : bool
        Make the folders that are missing. A refusal leaves none of them behind.

    Raises
    ------
    HeelriseError
        When an output exists (without `force`), is an input or another output, is a folder, has
        the ending of another format than is written, or when its folder is missing, cannot be
        made, or takes no files.
    """
    inputs = {os.path.realpath(job.source) for job in jobs}
    files = {_file_of(job.source) for job in jobs} - {None}
    taken: set[str] = set()
    existing: list[Path] = []
    for job in jobs:
        if job.outputs.paths().count(STDOUT) > 1:
            raise HeelriseError("only one output can go to stdout")
        for path in job.outputs.paths():
            if goes_straight(path):
                continue
            place = os.path.realpath(path)
            if place in inputs or _file_of(path) in files:
                raise HeelriseError(f"{path} is the input itself: name another output")
            if place in taken:
                two = "two folders, for two videos meet in it" if make_folders else "two files"
                raise HeelriseError(f"{path} is named for two outputs: name {two}")
            taken.add(place)
            if _exists(path):
                existing.append(path)
        _check_endings(job.outputs)
    if existing and not force:
        more = f" (and {len(existing) - 1} more)" if len(existing) > 1 else ""
        raise HeelriseError(f"{existing[0]}{more} exists already: add --force to overwrite")
    made: list[Path] = []
    try:
        for folder in sorted({Path(place).parent for place in taken}):
            if make_folders:
                made += _make_folder(folder)
            _check_folder(folder)
    except HeelriseError:
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        raise


def _check_endings(outputs: Outputs) -> None:
    """Refuse a name that promises another format than what is written."""
    for kind, endings in _ENDINGS.items():
        path: Path | None = getattr(outputs, kind)
        if path is None or goes_straight(path) or not path.suffix:
            continue
        ending = path.suffix.lower()
        if ending not in endings and (kind not in _TEXTS or ending in _OTHER_FORMATS):
            raise HeelriseError(f"cannot write {path}: name it {' or '.join(endings)}")


def pyarrow_for(wanted: str) -> Any:
    """Return pyarrow, with what writes Parquet; HeelriseError names what wanted it."""
    try:
        import_module("pyarrow.parquet")
        return import_module("pyarrow")
    except ImportError:
        raise HeelriseError(
            f"{wanted} needs pyarrow: pip install 'heelrise[parquet]', or take CSV"
        ) from None


def session_files(folder: Path | None, started: datetime) -> tuple[Path, Path]:
    """Return where the JSON and the video of a live session go: new names in a folder.

    Parameters
    ----------
    folder : Path or None
        Made when it is missing; None is the user's data folder, readable by its owner alone.
    started : datetime
        What the files are named after.

    Raises
    ------
    HeelriseError
        When the folder cannot be made or takes no files.
    """
    if folder is None:
        folder = user_data_path("heelrise") / "sessions"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, ValueError) as error:
        raise HeelriseError(
            f"cannot make the folder {folder}: {reason(error)}; name another place"
        ) from error
    _check_folder(folder)
    stem, number = f"{started:%Y-%m-%d-%H%M%S}", 1
    name = stem
    while (folder / f"{name}.json").exists() or (folder / f"{name}.mp4").exists():
        number += 1
        name = f"{stem}-{number}"
    return folder / f"{name}.json", folder / f"{name}.mp4"


def goes_straight(path: Path) -> bool:
    """Whether an output is no regular file: written as it comes, never renamed over."""
    if path == STDOUT or str(path).startswith(_OPEN_DESCRIPTORS):
        return True
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Give a file to write to, which takes its place when the block ends well.

    Parameters
    ----------
    path : Path
        Where the content is to be in the end, `STDOUT` included.

    Yields
    ------
    Path
        An empty file, readable by its owner alone; gone after the block.

    Raises
    ------
    HeelriseError
        When it cannot be made or written, or not be put in its place.
    """
    straight = goes_straight(path)
    # a link stays a link: what it points to is replaced
    target = Path(os.path.realpath(path))
    suffix = path.suffix if len(path.suffix) <= _LONGEST_SUFFIX else ""
    try:
        handle, name = tempfile.mkstemp(
            prefix=".heelrise-", suffix=suffix, dir=None if straight else target.parent
        )
    except OSError as error:
        raise cannot_write(path, error) from error
    os.close(handle)
    part = Path(name)
    try:
        yield part
        if straight:
            with part.open("rb") as content:
                _pour(content, path)
        else:
            os.replace(part, target)
    except BrokenPipeError:
        raise
    except OSError as error:
        # a failed write names no file; one that names another is not of this file's making
        if error.filename is not None and str(error.filename) not in (name, str(path)):
            raise
        raise cannot_write(path, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all; HeelriseError when it cannot be."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all; HeelriseError when it cannot be."""
    with written(path) as part:
        part.write_bytes(content)


class CsvLines:
    """Where a writer of CSV with free text writes to: into a file whose lines end in a line feed.

    The writer itself ends them in CR LF, as is its default: Python before 3.13 quotes a cell with a
    carriage return in it only then.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, line: str) -> int:
        """Write a whole row."""
        return self._file.write(line.removesuffix("\r\n") + "\n")


def reason(error: Exception) -> str:
    """Say in a few words why the system refused something."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]


def cannot_write(path: Path, error: Exception) -> HeelriseError:
    """Say that a file could not be written, why, and what to do."""
    full = isinstance(error, OSError) and error.errno in _NO_ROOM
    advice = "make room, or name another place" if full else "name another place"
    place = "to stdout" if path == STDOUT else path
    return HeelriseError(f"cannot write {place}: {reason(error)}; {advice}")


def _pour(content: BinaryIO, path: Path) -> None:
    if path == STDOUT:
        sys.stdout.flush()
        shutil.copyfileobj(content, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    # append: what a shell redirected to a file must not be cut off or written over
    with open(os.open(path, os.O_WRONLY | os.O_APPEND), "wb", buffering=0) as stream:
        shutil.copyfileobj(content, stream)


def _named(path: Path | None) -> Path | None:
    return STDOUT if path is not None and str(path) in _STDOUT_NAMES else path


def _inside(folder: Path | None, name: str) -> Path | None:
    return folder if folder is None or folder == STDOUT else folder / name


def _distinct_stems(videos: Sequence[Path]) -> list[str]:
    """Stems, numbered where two are equal for some file system (case, Unicode form)."""
    used: set[str] = set()
    own = [_folded(video.stem) for video in videos]
    names: list[str] = []
    for video, folded in zip(videos, own, strict=True):
        name, number = video.stem, 1
        while _folded(name) in used or (number > 1 and _folded(name) in own):
            number += 1
            name = f"{video.stem}-{number}"
        used.add(_folded(name) if number > 1 else folded)
        names.append(name)
    return names


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _no_folder(path: Path) -> HeelriseError:
    return HeelriseError(f"{path} is a file, and several outputs go to a folder: name another")


def _make_folder(path: Path) -> list[Path]:
    """Make a folder; return what was made for it, the outermost first."""
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
        return missing[::-1]
    except FileExistsError as error:
        raise _no_folder(path) from error
    except (OSError, ValueError) as error:
        raise HeelriseError(
            f"cannot make the folder {path}: {reason(error)}; name another place"
        ) from error


def _exists(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise cannot_write(path, error) from error
    if stat.S_ISDIR(mode):
        raise HeelriseError(f"{path} is a folder: name a file in it")
    return True


def _file_of(path: Path) -> tuple[int, int] | None:
    """Return by what a file is the same under two names; None where there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise HeelriseError(f"the folder {folder} does not exist: make it first")
    try:
        # the only sure test, also on a read-only disk and for the super-user
        with tempfile.TemporaryFile(prefix=".heelrise-", dir=folder):
            pass
    except OSError as error:
        raise HeelriseError(
            f"cannot write into the folder {folder}: {reason(error)}; name another place"
        ) from error
