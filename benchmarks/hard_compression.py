"""Asks how much of a heel rise a hard-compressed film still shows: to whoever knows the film.

Each picture of the compressed film is exchanged for that picture of the film as it was which it
looks most like, of those less than a second and a half away, with all that heelrise saw in that
one. Nobody who has the compressed film alone can know as much: what is out of bounds even so, no
way of following it can be asked for. Where the exchange is within the bounds and heelrise is not,
the movement is in the picture and heelrise does not see it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from devices import HOLD_S, RISE_CM, SAMPLES, compare, options_for, true_colours, write
from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.image import Image
from heelrise.landmarks import Pose
from heelrise.models import DEFAULT_MODEL, ensure_model
from heelrise.place import trunk_px
from heelrise.recorded import analyze_recording, extract
from heelrise.recording import Recording, to_bytes
from heelrise.result import Result
from heelrise.settings import SessionOptions
from heelrise.terminal import complain, native_logs

WITHIN_S = 1.5
"""How far in time the picture may be that another is exchanged for: less than from rep to rep."""

AROUND_TRUNK = 0.3
"""Margin around the body within which pictures are compared, of the trunk's length."""

BLUR_PX = 1.0
"""Of both pictures before they are compared: grain is no movement."""

CRFS = (31, 37, 40)

Grey = NDArray[np.uint8]


def greys(video: Path) -> list[Grey]:
    """Return the pictures of a film, grey and a little blurred, each of shape (H, W)."""
    with VideoFile(video) as frames:
        return [_grey(frame.image) for frame in frames]


def around(poses: Iterable[Pose], shape: tuple[int, ...]) -> tuple[slice, slice] | None:
    """Return rows and columns of the picture that hold the body in all poses; None without one."""
    bodies = [pose.xy_px for pose in poses if pose.found]
    if not bodies:
        return None
    margin_px = AROUND_TRUNK * max(trunk_px(body) for body in bodies)
    points = np.concatenate(bodies)
    low = np.maximum(points.min(axis=0) - margin_px, 0).astype(int)
    high = np.minimum(points.max(axis=0) + margin_px, shape[1::-1]).astype(int)
    return slice(low[1], high[1]), slice(low[0], high[0])


def most_like(clean: Sequence[Grey], hard: Sequence[Grey], poses: Sequence[Pose]) -> list[int]:
    """Return for each picture of the compressed film the number of the clean one it looks like.

    Parameters
    ----------
    clean, hard : sequence of ndarray, shape (H, W)
        The film before and after, picture by picture.
    poses : sequence of Pose
        Of the film before.
    """
    times = np.array([pose.t_s for pose in poses])
    found = []
    for number, picture in enumerate(hard):
        first = int(np.searchsorted(times, times[number] - WITHIN_S))
        last = int(np.searchsorted(times, times[number] + WITHIN_S, side="right"))
        box = around(poses[first:last], picture.shape)
        if box is None:
            found.append(number)
            continue
        off = [cv2.norm(clean[at][box], picture[box], cv2.NORM_L2SQR) for at in range(first, last)]
        found.append(first + int(np.argmin(off)))
    return found


def exchanged(recording: Recording, numbers: Sequence[int]) -> Recording:
    """Return a recording with each pose exchanged for another one of it, at its own time."""
    poses = tuple(
        replace(recording.poses[other], t_s=pose.t_s, index=pose.index)
        for pose, other in zip(recording.poses, numbers, strict=True)
    )
    return replace(recording, poses=poses)


def result_of(recording: Recording, options: SessionOptions) -> Result:
    """Analyse landmarks that are in no file yet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "landmarks.npz"
        path.write_bytes(to_bytes(recording))
        return analyze_recording(path, options)[0].result


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 2 when something cannot be done."""
    parser = argparse.ArgumentParser(description="What a hard-compressed film still shows.")
    parser.add_argument("videos", metavar="VIDEO", nargs="*", type=Path, help="with a JSON beside")
    parser.add_argument("--crf", type=int, nargs="+", default=list(CRFS), help="of x264")
    options = parser.parse_args(arguments)
    videos = options.videos or [path for path in sorted(SAMPLES.glob("*.mp4")) if _has_reps(path)]
    try:
        _print_table(videos, options.crf, ensure_model())
    except (HeelriseError, OSError) as error:
        complain(str(error))
        return 2
    return 0


def _print_table(videos: Sequence[Path], crfs: Sequence[int], model: Path) -> None:
    print(f"Reps within {HOLD_S} s and {RISE_CM} cm of what the film as it was gives.\n")
    print(
        "| crf | reps | heelrise | who knows the film | pictures earlier, median and nine of ten |"
    )
    print("|---|---|---|---|---|")
    with native_logs():
        films = [extract(video, DEFAULT_MODEL, model) for video in videos]
        for crf in crfs:
            found = [_compressed(*each, crf, model) for each in zip(videos, films, strict=True)]
            reps, seen, known = (sum(row[at] for row in found) for at in range(3))
            middle, most = np.percentile(np.concatenate([row[3] for row in found]), (50, 90))
            print(f"| {crf} | {reps} | {seen} | {known} | {middle:.0f}, {most:.0f} |", flush=True)


def _compressed(
    video: Path, film: Recording, crf: int, model: Path
) -> tuple[int, int, int, NDArray[np.int64]]:
    """Compress a film whose landmarks are known.

    Returns
    -------
    reps, seen, known : int
        All reps, those within the bounds by heelrise, and by who knows the film.
    earlier : ndarray, shape (N,)
        For each picture, how many pictures earlier the one is that it looks most like.
    """
    options = options_for(video)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / video.name
        write(copy, true_colours(video), crf)
        numbers = most_like(greys(video), greys(copy), film.poses)
        seen = result_of(extract(copy, DEFAULT_MODEL, model), options)
    original = result_of(film, options)
    known = result_of(exchanged(film, numbers), options)
    ours, theirs = (compare(video.stem, original, other, False) for other in (seen, known))
    return ours.reps, ours.near, theirs.near, np.arange(len(numbers)) - np.array(numbers)


def _grey(image: Image) -> Grey:
    blurred = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (0, 0), BLUR_PX)
    return np.asarray(blurred, dtype=np.uint8)


def _has_reps(video: Path) -> bool:
    truth = video.with_suffix(".json")
    return truth.exists() and bool(json.loads(truth.read_text(encoding="utf-8"))["reps"])


if __name__ == "__main__":
    sys.exit(main())
