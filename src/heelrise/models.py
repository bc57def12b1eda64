"""Where the pose models lie, whether they are the right ones, and the one that is asked for.

A model is one `.task` file for MediaPipe's pose landmarker. It is looked for in the folder that the
environment variable HEELRISE_MODELS names, in `models/` of a checkout, and in the user's cache; it
is only used when its SHA-256 is a known one, and fetched when there is none.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from heelrise.errors import HeelriseError
from heelrise.model_sources import MODELS, SOURCES, ModelBundle, Source, verify
from heelrise.packages import Report

DEFAULT_MODEL = "full"
FOLDER_VARIABLE = "HEELRISE_MODELS"


@dataclass(frozen=True)
class ModelStatus:
    """What of a model is on this machine.

    Attributes
    ----------
    path : Path or None
        The verified file that is used.
    damaged : tuple of Path
        Files of its name whose SHA-256 is unknown; they are never used.
    lands_in : Path
        Where its file is written when fetched, and to be put by hand.
    """

    model: ModelBundle
    path: Path | None
    damaged: tuple[Path, ...]
    lands_in: Path


def model_named(name: str) -> ModelBundle:
    """Give the model of that name, or raise HeelriseError with the names there are."""
    for model in MODELS:
        if model.name == name:
            return model
    names = ", ".join(model.name for model in MODELS)
    raise HeelriseError(f"there is no pose model called {name!r}; there are: {names}")


def find_model(name: str) -> Path | None:
    """Where a model's verified file lies on this machine, or None."""
    return _status(model_named(name)).path


def sha256_of(model: Path) -> str:
    """Return the SHA-256 of a model's file."""
    with model.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def list_models() -> tuple[ModelStatus, ...]:
    """Every model, and what of it is on this machine (reads and verifies the files)."""
    return tuple(_status(model) for model in MODELS)


def ensure_model(
    name: str = DEFAULT_MODEL, *, progress: bool = True, sources: Sequence[Source] | None = None
) -> Path:
    """Find a model, fetching it if it is not there; parameters as those of `fetch_model`."""
    return find_model(name) or fetch_model(name, progress=progress, sources=sources)


def fetch_model(
    name: str = DEFAULT_MODEL, *, progress: bool = True, sources: Sequence[Source] | None = None
) -> Path:
    """Fetch a model, whether or not it is there.

    Parameters
    ----------
    name : str
        lite, full or heavy.
    progress : bool
        Show a progress bar on stderr, if that is a terminal.
    sources : sequence of Source, optional
        What to try, in order; by default the packages, then Google.

    Returns
    -------
    Path
        The verified file. It appears whole or not at all.

    Raises
    ------
    HeelriseError
        In one line: why, and which file to put where by hand, with its SHA-256.
    """
    model = model_named(name)
    statuses = list_models()
    status = next(status for status in statuses if status.model == model)
    at_hand = [status.path for status in statuses if status.path]
    reasons = [f"{path} is damaged or not this model" for path in status.damaged]
    with _progress_bar(progress) as report:
        for source in SOURCES if sources is None else sources:
            try:
                data = source(model, at_hand, report)
                verify(data, model.accepted_sha256, "what came")
                return _write_whole(status.lands_in / model.file_name, data)
            except (HeelriseError, OSError) as error:
                reasons.append(" ".join(str(error).split()))
    raise HeelriseError(
        f"the pose model {name!r} could not be made ready ({'; '.join(reasons)}): "
        f"download {model.url}, check that its SHA-256 is {model.published_sha256}, "
        f"and put it at {status.lands_in / model.file_name}"
    )


def places() -> tuple[Path, ...]:
    """Give the folders a model is looked for in, in that order."""
    named = os.environ.get(FOLDER_VARIABLE)
    checkout = Path(__file__).resolve().parents[2]
    folders = [Path(named).expanduser().absolute()] if named else []
    if (checkout / "pyproject.toml").is_file() and (checkout / "models" / "README.md").is_file():
        folders.append(checkout / "models")
    return (*folders, _cache_folder())


def _status(model: ModelBundle) -> ModelStatus:
    found: Path | None = None
    damaged: list[Path] = []
    for folder in places():
        path = folder / model.file_name
        if not path.is_file():
            continue
        try:
            known = sha256_of(path) in model.accepted_sha256
        except OSError:
            known = False
        if not known:
            damaged.append(path)
        elif found is None:
            found = path
    return ModelStatus(model, found, tuple(damaged), _landing_folder())


def _cache_folder() -> Path:
    return user_cache_path("heelrise", appauthor=False) / "models"


def _landing_folder() -> Path:
    """The first of the places that can be written to, or that can be made."""
    for folder in places():
        above = folder
        while not above.exists() and above != above.parent:
            above = above.parent
        if above.is_dir() and os.access(above, os.W_OK):
            return folder
    return _cache_folder()


def _write_whole(path: Path, data: bytes) -> Path:
    """Write a file so that it appears whole or not at all, also when two do it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(suffix=".part", prefix=f"{path.stem}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # mkstemp's file is for its owner alone; a model is for all
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    return path


@contextmanager
def _progress_bar(shown: bool) -> Iterator[Report]:
    if not (shown and sys.stderr.isatty()):
        yield lambda what, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("getting the pose model: {task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total
        )
