"""Which videos are read: what the user named, and what lies in the folders among it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from heelrise.outputs import reason
from heelrise.recording import is_recording

VIDEO_SUFFIXES = (
    *(".3gp", ".avi", ".flv", ".gif", ".m2ts", ".m4v", ".mkv", ".mov"),
    *(".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".webm", ".wmv"),
)

_ADDRESS = re.compile(r"[a-z]{2,}:/", re.IGNORECASE)


def find_videos(inputs: Sequence[Path], *, landmarks: bool = False) -> tuple[list[Path], list[str]]:
    """Resolve what the user named into video files.

    Parameters
    ----------
    inputs : sequence of Path
        Files, and folders of which the video files are taken (by suffix, sorted, none of
        their subfolders, none that are hidden).
    landmarks : bool
        Take files of recorded landmarks from folders too, as a batch does.

    Returns
    -------
    videos : list of Path
        Each file once, in the order given.
    complaints : list of str
        One line for every input that holds no video.
    """
    found: list[Path] = []
    complaints: list[str] = []
    for path in inputs:
        try:
            if path.is_dir():
                inside = sorted(path.iterdir())
                videos = [file for file in inside if _is_source(file, landmarks=landmarks)]
                if not videos:
                    complaints.append(f"cannot read {path}: it is a folder without video files")
                found += videos
            else:
                path.stat()
                found.append(path)
        except FileNotFoundError:
            why = "there is no such file; check the name"
            named = str(path)
            if _ADDRESS.match(named):
                why = "it is an address, not a file; save the video as a file first"
                named = named.replace(":/", "://", 1)  # a path has lost one of two
            complaints.append(f"cannot read {named}: {why}")
        except (OSError, ValueError) as error:
            complaints.append(f"cannot read {path}: {reason(error)}")
    return list({os.path.realpath(path): path for path in reversed(found)}.values())[
        ::-1
    ], complaints


def _is_source(path: Path, *, landmarks: bool) -> bool:
    named = path.suffix.lower() in VIDEO_SUFFIXES or (landmarks and is_recording(path))
    return named and not path.name.startswith(".") and not path.is_dir()
