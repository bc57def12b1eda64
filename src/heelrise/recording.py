"""Recorded landmarks: what a video showed of the body, without a picture (docs/landmarks.md).

A file of these is small, shows nobody's face, and gives the very same result as its video.
"""

from __future__ import annotations

import io
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from heelrise.errors import HeelriseError
from heelrise.landmarks import (
    LANDMARK_COUNT,
    MOST_PX,
    MOST_S,
    CameraMove,
    Pose,
    TrunkPlace,
    nobody,
)

SUFFIX = ".npz"
FORMAT = "heelrise landmarks"
VERSION = 1

_MOST_BYTES = 1_000_000_000
"""Largest file unpacked: ten hours at 60 frames a second."""


# What zipfile, zlib and NumPy raise over bytes that are not what they seem to be.
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, tokenize.TokenError, EOFError, MemoryError, RuntimeError),
    *(AttributeError, KeyError, OverflowError, TypeError, ValueError),
)


@dataclass(frozen=True, eq=False)
class Recording:
    """The landmarks of one video.

    Attributes
    ----------
    poses : sequence of Pose
        One a frame, in the order of time.
    fps : float
        Rate the container gave, frames a second; 0 when it gave none.
    model_name, model_sha256 : str
        The pose model that found them.
    truncated : bool
        Whether the video was damaged or cut off.
    """

    poses: Sequence[Pose]
    fps: float
    model_name: str
    model_sha256: str
    truncated: bool

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the pictures."""
        return self.poses[0].width_px, self.poses[0].height_px


def is_recording(path: Path) -> bool:
    """Tell by its name whether a file holds landmarks instead of pictures."""
    return path.suffix.lower() == SUFFIX


def to_bytes(recording: Recording) -> bytes:
    """Return a recording as the content of a file (NumPy's npz, compressed, no pickle)."""
    poses = recording.poses
    brightness = [np.nan if pose.brightness is None else pose.brightness for pose in poses]
    content = io.BytesIO()
    np.savez_compressed(
        content,
        format=np.array(FORMAT),
        version=np.array(VERSION),
        t_s=np.array([pose.t_s for pose in poses]),
        xy_px=np.array([pose.xy_px for pose in poses], dtype=np.float32),
        visibility=np.array([pose.visibility for pose in poses], dtype=np.float32),
        people=np.array([pose.people for pose in poses], dtype=np.uint8),
        brightness=np.array(brightness, dtype=np.float64),
        camera=np.array([_camera_row(pose.camera) for pose in poses]),
        trunk=np.array([_trunk_row(pose.trunk) for pose in poses]),
        size_px=np.array(recording.size_px),
        fps=np.array(recording.fps),
        model=np.array([recording.model_name, recording.model_sha256]),
        truncated=np.array(recording.truncated),
    )
    return content.getvalue()


def read(path: Path) -> Recording:
    """Read a file of landmarks.

    Raises
    ------
    HeelriseError
        When it cannot be read, is no such file, is of another version, or holds what no video
        can have shown; nothing in it is executed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MOST_BYTES:
                raise HeelriseError(f"{path} is too large for a file of landmarks")
        with np.load(path, allow_pickle=False) as arrays:
            return _checked(arrays)
    except _WrongFileError as error:
        raise HeelriseError(f"{path}: {error}; make it anew with 'heelrise extract'") from error
    except OSError as error:
        raise HeelriseError(f"cannot read {path}: {error.strerror or error}") from error
    except _DAMAGED as error:
        raise HeelriseError(
            f"{path} is no file of landmarks, or damaged; make it anew with 'heelrise extract'"
        ) from error


class _WrongFileError(Exception):
    """What is wrong with a file that could be unpacked."""


def _checked(arrays: Any) -> Recording:
    _demand("format" in arrays and str(arrays["format"]) == FORMAT, "it holds no landmarks")
    version = arrays["version"].item()
    _demand(version == VERSION, f"its format is version {version}, this heelrise reads {VERSION}")
    times = arrays["t_s"].astype(np.float64)
    count = len(times)
    _demand(count > 0 and times.ndim == 1, "it holds no frame")
    _demand(bool(np.isfinite(times).all() and (np.diff(times) > 0).all()), "its times do not rise")
    _demand(times[0] >= 0 and times[-1] < MOST_S, "its times begin before 0 or end after 30 years")
    xy = _shaped(arrays, "xy_px", (count, LANDMARK_COUNT, 2))
    here = np.asarray(np.isfinite(xy).all(axis=(1, 2)))
    gone = np.isnan(xy).all(axis=(1, 2))
    _demand(bool((here | gone).all()), "landmarks are missing from some of its frames")
    _demand(bool((np.abs(xy[here]) < MOST_PX).all()), "its landmarks are far out of the picture")
    visibility = _shaped(arrays, "visibility", (count, LANDMARK_COUNT))
    _demand(bool(((visibility >= 0) & (visibility <= 1)).all()), "its visibility is not 0 to 1")
    people = _shaped(arrays, "people", (count,))
    _demand(bool(((people >= 0) & (people <= 255)).all()), "its numbers of people are none")
    brightness = _shaped(arrays, "brightness", (count,)).astype(np.float64)
    camera = _shaped(arrays, "camera", (count, 3)).astype(np.float64)
    _demand(bool((np.abs(camera) < MOST_PX).all()), "no camera moves like the one in it")
    trunk = np.full((count, 3), np.nan)  # files made before there was one
    if "trunk" in arrays:
        trunk = _shaped(arrays, "trunk", (count, 3)).astype(np.float64)
    followed, lost = np.isfinite(trunk).all(axis=1), np.isnan(trunk).all(axis=1)
    _demand(bool((followed | lost).all()), "places of the trunk in it are no numbers")
    _demand(bool((np.abs(trunk[followed]) < MOST_PX).all()), "its trunks are far out of sight")
    width, height = (int(side) for side in _shaped(arrays, "size_px", (2,)))
    _demand(0 < width < MOST_PX and 0 < height < MOST_PX, "the size of its pictures cannot be")
    fps = float(arrays["fps"])
    _demand(0 <= fps < np.inf, "its rate of pictures is none")
    name, sha256 = (str(text) for text in _shaped(arrays, "model", (2,)))
    poses = _Poses(times, xy, visibility, people, brightness, camera, trunk, here, (width, height))
    return Recording(poses, fps, name, sha256, bool(arrays["truncated"]))


@dataclass(frozen=True, eq=False)
class _Poses(Sequence[Pose]):
    """The poses of a file, each made when it is asked for: an hour of them takes 50 MB, not 300.

    Attributes
    ----------
    times, people, brightness, here : ndarray, shape (N,)
        Seconds, how many people, grey level or NaN, whether somebody was seen.
    xy, visibility, camera, trunk : ndarray, shapes (N, 33, 2), (N, 33), (N, 3), (N, 3)
        Pixels, 0 to 1, turn and shift, run and place of the trunk's texture or NaN.
    size_px : tuple of int
        Width and height of the pictures.
    """

    times: NDArray[Any]
    xy: NDArray[Any]
    visibility: NDArray[Any]
    people: NDArray[Any]
    brightness: NDArray[Any]
    camera: NDArray[Any]
    trunk: NDArray[Any]
    here: NDArray[np.bool_]
    size_px: tuple[int, int]

    def __len__(self) -> int:
        return len(self.times)

    @overload
    def __getitem__(self, index: int) -> Pose: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Pose, ...]: ...

    def __getitem__(self, index: int | slice) -> Pose | tuple[Pose, ...]:
        if isinstance(index, slice):
            return tuple(self[number] for number in range(*index.indices(len(self))))
        number = range(len(self))[index]
        pose = nobody(float(self.times[number]), number, *self.size_px)
        if self.here[number]:
            pose = replace(
                pose,
                xy_px=self.xy[number].astype(np.float64),
                visibility=self.visibility[number].astype(np.float64),
            )
        light = float(self.brightness[number])
        return replace(
            pose,
            people=int(self.people[number]),
            brightness=None if np.isnan(light) else light,
            camera=CameraMove(*self.camera[number].tolist()),
            trunk=_trunk_place(*self.trunk[number].tolist()),
        )


def _camera_row(move: CameraMove) -> tuple[float, float, float]:
    return move.turn_rad, move.x_px, move.y_px


def _trunk_row(place: TrunkPlace | None) -> tuple[float, float, float]:
    return (np.nan, np.nan, np.nan) if place is None else (place.run, place.x_px, place.y_px)


def _trunk_place(run: float, x_px: float, y_px: float) -> TrunkPlace | None:
    return None if np.isnan(run) else TrunkPlace(int(run), x_px, y_px)


def _shaped(arrays: Any, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    array: NDArray[Any] = arrays[name]
    _demand(array.shape == shape, f"{name} in it has the shape {array.shape}, not {shape}")
    return array


def _demand(holds: bool, complaint: str) -> None:
    if not holds:
        raise _WrongFileError(complaint)
