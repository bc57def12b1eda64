"""Gets files out of published packages, with the ordinary clients pip and npm as they are set up.

Nothing is installed, unpacked to disk or run: a package is downloaded into a folder of its own and
single members are read from it by name and size. What they hold is for the caller to verify.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from heelrise.errors import HeelriseError

Report = Callable[[str, int, int], None]
"""Told while something is fetched: what it is, bytes so far, bytes in all."""

_POLL_S = 0.2
# A 40 MB package at 0.5 Mbit/s takes eleven minutes; a client that takes longer hangs.
_CLIENT_TIMEOUT_S = 900.0


def pip_download(
    requirement: str, options: Sequence[str], folder: Path, size: int, report: Report
) -> Path:
    """Download one wheel with pip, for whatever Python and system it was built.

    Parameters
    ----------
    requirement : str
        Name and version, ``name==1.2.3``.
    options : sequence of str
        Which of its wheels: pip's ``--python-version``, ``--platform`` and the like.
    folder : Path
        An empty folder that the wheel lands in and pip works in.
    size : int
        Roughly how many bytes it has, for the progress bar.
    report : Report
        Told how far it is.

    Returns
    -------
    Path
        The wheel.

    Raises
    ------
    HeelriseError
        When there is no pip or it fails; says why.
    """
    if importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip"]
    elif found := shutil.which("pip3") or shutil.which("pip"):
        pip = [found]
    else:
        raise HeelriseError("pip is not installed here")
    command = [*pip, "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--retries=1", *options, "--dest", ".", requirement]
    _run("pip", command, folder, lambda done: report(requirement, min(done, size), size))
    return _only(folder, "*.whl", "pip")


def npm_pack(requirement: str, folder: Path, size: int, report: Report) -> Path:
    """Download one npm package with npm; parameters as those of `pip_download`.

    Returns
    -------
    Path
        The ``.tgz``.

    Raises
    ------
    HeelriseError
        When there is no npm or it fails; says why.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise HeelriseError("npm is not installed here")
    command = [npm, "pack", requirement, "--ignore-scripts", "--loglevel=error"]
    command += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    _run("npm", command, folder, lambda done: report(requirement, min(done, size), size))
    return _only(folder, "*.tgz", "npm")


def read_member(package: Path, member: str, size: int) -> bytes:
    """Read one file out of a wheel or an npm package.

    Parameters
    ----------
    package : Path
        A ``.whl`` or ``.tgz`` file.
    member : str
        The file's whole name inside; nothing else is looked at.
    size : int
        How many bytes it must have: no more is ever read.

    Raises
    ------
    HeelriseError
        When it is not there, is no plain file or has another size, or the package is damaged.
    """
    try:
        if package.suffix == ".whl":
            with zipfile.ZipFile(package) as wheel:
                found = wheel.getinfo(member)
                if found.file_size != size:
                    raise HeelriseError(f"{member} has {found.file_size} bytes instead of {size}")
                with wheel.open(found) as content:
                    return content.read(size)
        with tarfile.open(package, "r:gz") as archive:
            entry = archive.getmember(member)
            plain = archive.extractfile(entry) if entry.isreg() else None
            if plain is None or entry.size != size:
                raise HeelriseError(f"{member} is not the file of {size} bytes it should be")
            return plain.read(size)
    except KeyError:
        raise HeelriseError(f"{package.name} holds no {member}") from None
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise HeelriseError(f"{package.name} cannot be read: {error}") from None


def _run(client: str, command: Sequence[str], folder: Path, told: Callable[[int], None]) -> None:
    """Run a client inside `folder`, its temporary files too, so their growth is its progress."""
    log = folder / "client.log"
    inside = {name: str(folder) for name in ("TMPDIR", "TEMP", "TMP")}
    give_up = time.monotonic() + _CLIENT_TIMEOUT_S
    try:
        with (
            log.open("wb") as output,
            subprocess.Popen(
                command,
                cwd=folder,
                env=os.environ | inside,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            try:
                while process.poll() is None:
                    if time.monotonic() > give_up:
                        raise HeelriseError(f"{client} took over {_CLIENT_TIMEOUT_S / 60:.0f} min")
                    told(_bytes_in(folder))
                    time.sleep(_POLL_S)
            finally:
                process.kill()
    except OSError as error:
        raise HeelriseError(f"{client} cannot be run: {error}") from None
    if process.returncode != 0:
        raise HeelriseError(f"{client} failed: {_complaint(log)}")


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # the client has just removed it
            continue
    return total


def _complaint(log: Path) -> str:
    """Tell what a client complained of: its first error line names the cause."""
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    said = [line for line in lines if line]
    errors = [line for line in said if line.lower().startswith(("error", "npm err"))]
    return (errors or said[-1:] or ["it does not say why"])[0][:200]


def _only(folder: Path, pattern: str, client: str) -> Path:
    files = list(folder.glob(pattern))
    if len(files) != 1:
        raise HeelriseError(f"{client} brought {len(files)} packages instead of one")
    return files[0]
