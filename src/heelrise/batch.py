"""A batch: what is done with each video, what is done already, and where its result goes.

The state of a batch is its output folder alone. Each result is one JSON, written whole or not at
all, and holds what it was made from and with; so a batch that was killed goes on where it was,
and nothing has to be kept beside it (docs/batch.md).
"""

from __future__ import annotations

import errno
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, get_args

from heelrise import __version__
from heelrise.batch_list import JSON_FOLDER, Video, result_path, shown
from heelrise.batch_tables import TableKind, table_paths
from heelrise.errors import HeelriseError
from heelrise.models import find_model, sha256_of
from heelrise.outputs import cannot_write, reason, write_text
from heelrise.recorded import analyze, analyze_recording, settings_used
from heelrise.recording import is_recording
from heelrise.report import json_text
from heelrise.result_file import read_result
from heelrise.settings import SessionOptions
from heelrise.terminal import printable

_PART_PREFIX = ".heelrise-"  # how heelrise.outputs names a file that is not whole yet
# What is wrong with the name of one result; anything else would stop the next ones too.
_NAME_ERRORS = {errno.ENAMETOOLONG, errno.EINVAL, errno.ENOTDIR, errno.EISDIR, errno.EEXIST}


@dataclass(frozen=True)
class Task:
    """What a worker needs to know: the video, and what its result is to be made with.

    ``model_sha256`` is None when there are only recorded landmarks, which need no model.
    """

    video: Video
    model: str
    model_sha256: str | None
    heelrise: str = __version__


@dataclass(frozen=True)
class Outcome:
    """What became of a video: the JSON of its result, or why there is none."""

    name: str
    json: str | None = None
    reason: str | None = None


def work_on(task: Task) -> Outcome:
    """Analyse one video: what every worker runs, in a process of this machine or on a cluster.

    Nothing but the end of the process keeps it from returning.
    """
    video = task.video
    try:
        return Outcome(video.name, json=_result_text(task))
    except HeelriseError as error:
        why = str(error)
    except OSError as error:
        why = f"cannot read {video.source}: {reason(error)}"
    except Exception as error:
        why = f"heelrise made a mistake: {type(error).__name__}: {error}"
    # tables are shared, and folders carry names of people
    return Outcome(video.name, reason=printable(why.replace(str(video.source), shown(video.name))))


@contextmanager
def claimed(out: Path, *, over_results: bool) -> Iterator[None]:
    """Make the output folder ready, and keep other batches out of it for the block.

    Parameters
    ----------
    out : Path
        The folder, made when it is missing.
    over_results : bool
        Take it also when it holds results.

    Raises
    ------
    HeelriseError
        When it holds results and is not to be taken then, is in use, or takes no files.
    """
    tables = [path for kind in get_args(TableKind) for path in table_paths(out, kind)]
    with ExitStack() as undo:
        try:
            out.mkdir(parents=True, exist_ok=True)
            _lock(out, undo)
            there = any(path.exists() for path in (out / JSON_FOLDER, *tables))
            if there and not over_results:
                raise HeelriseError(
                    f"{out} holds results already: add --resume to go on with them, or --force "
                    "to begin anew"
                )
            _sweep(out)
            with tempfile.TemporaryFile(prefix=_PART_PREFIX, dir=out):
                pass  # the only sure test that it takes files
        except FileExistsError as error:
            raise HeelriseError(f"{out} is no folder: name one for the results") from error
        except (OSError, ValueError) as error:
            raise HeelriseError(f"cannot use the folder {out}: {reason(error)}") from error
        yield


def is_done(task: Task, out: Path) -> bool:
    """Whether the result of a video is there, made by the same program from and with the same."""
    video = task.video
    made = _made(video, out)
    if made is None:
        return False
    settings = _settings(video.options, task.model, task.model_sha256)
    if is_recording(video.source):
        settings = {**settings, "model": made["settings"].get("model")}  # it came with the file
    if made.get("heelrise") != task.heelrise or made["settings"] != settings:
        return False
    try:
        return bool(made.get("source") == _stamp(video.source))
    except (OSError, HeelriseError):
        return True  # moved away since, or seen by the workers alone


def other_options(task: Task, out: Path) -> tuple[str, ...]:
    """Return which of the user's options the result that is there was not made with."""
    video = task.video
    made = _made(video, out)
    if made is None:
        return ()
    used = made["settings"]
    wanted = asdict(video.options)
    other = [name for name, value in wanted.items() if used.get(name) != value]
    model = used.get("model")
    if not is_recording(video.source) and isinstance(model, dict):
        other += ["model"] * (model.get("name") != task.model)
    return tuple(other)


def record(out: Path, outcome: Outcome, *, over: bool) -> str | None:
    """Write the result of a video; return why there is none.

    ``over``: what is there is to be replaced, and goes also when there is nothing in its place.

    Raises
    ------
    HeelriseError
        When it cannot be written and the next one could not be either, such as on a full disk.
    """
    path = result_path(out, outcome.name)
    if outcome.json is None:
        if over:
            with suppress(OSError):  # no name for a file, or a folder that takes none either
                path.unlink(missing_ok=True)
        return outcome.reason
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, outcome.json)
    except (OSError, HeelriseError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(cause, OSError):
            raise
        if cause.errno in _NAME_ERRORS:
            return f"cannot write its result: {reason(cause)}"
        raise cannot_write(path, cause) from error
    return None


def _made(video: Video, out: Path) -> dict[str, Any] | None:
    """Return the result of a video that is there; None where there is none that is whole."""
    try:
        made = read_result(result_path(out, video.name))
    except HeelriseError:
        return None
    return made if isinstance(made.get("settings"), dict) else None


def _result_text(task: Task) -> str:
    video = task.video
    if task.heelrise != __version__:
        raise HeelriseError(f"its worker has heelrise {__version__}, not {task.heelrise}")
    # before it is read: a video that changes meanwhile is done anew by --resume
    stamp = _stamp(video.source)
    if is_recording(video.source):
        analysis, recording = analyze_recording(video.source, video.options)
        model, sha256 = recording.model_name, recording.model_sha256
    else:
        bundle, sha256 = model_here(task.model)
        model = task.model
        if sha256 != task.model_sha256:
            raise HeelriseError(f"its worker has another file of the pose model {model!r}")
        analysis = analyze(video.source, video.options, bundle)
    facts = replace(analysis.facts, path=shown(video.name))
    used = settings_used(video.options, model, sha256)
    return json_text(analysis.result, facts, used, more={"source": stamp})


@cache
def model_here(name: str) -> tuple[Path, str]:
    """Return a model of this machine and its SHA-256; a worker never fetches one."""
    found = find_model(name)
    if found is None:
        raise HeelriseError(
            f"its worker lacks the pose model {name!r}: 'heelrise models fetch {name}' there"
        )
    return found, sha256_of(found)


@cache
def _settings(options: SessionOptions, model: str, sha256: str | None) -> dict[str, Any]:
    """Return what stands in a result made so, as JSON gives it back."""
    used: dict[str, Any] = json.loads(json.dumps(settings_used(options, model, sha256 or "")))
    return used


def _stamp(source: Path) -> dict[str, float]:
    """Return by what a file is known again."""
    found = source.stat()
    if not stat.S_ISREG(found.st_mode):
        raise HeelriseError(f"{source} is no file")
    return {"size_bytes": found.st_size, "modified_s": found.st_mtime}


def _lock(out: Path, undo: ExitStack) -> None:
    """Hold the folder until the end of the process, whatever ends it."""
    try:
        import fcntl
    except ImportError:
        return  # Windows
    handle = os.open(out, os.O_RDONLY)
    undo.callback(os.close, handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise HeelriseError(
            f"another heelrise batch is writing into {out}: wait for its end"
        ) from None
    except OSError:
        return  # a file system without locks


def _sweep(out: Path) -> None:
    """Delete what a batch that was killed had half written."""
    parts = [part for kind in get_args(TableKind) for part in out.glob(f"{_PART_PREFIX}*.{kind}")]
    for part in (*parts, *(out / JSON_FOLDER).rglob(f"{_PART_PREFIX}*.json")):
        part.unlink(missing_ok=True)
