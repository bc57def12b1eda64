"""A picture as everybody here knows it: upright, of square pixels, BGR; made of a decoded one."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from heelrise.allowed import MAX_PIXELS

if TYPE_CHECKING:
    from av import VideoFrame

Image = npt.NDArray[np.uint8]

MAX_ASPECT = 4.0
"""Widest pixel shape believed; DV and HDV cameras use 0.9 to 1.46."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture and when it is shown.

    Attributes
    ----------
    t_s : float
        Seconds since the first picture; strictly increasing from frame to frame.
    index : int
        0, 1, 2, ... in the order of showing.
    image : ndarray, shape (H, W, 3), uint8
        BGR, upright, C-contiguous; every frame of a video has the same shape.
    """

    t_s: float
    index: int
    image: Image


@dataclass(frozen=True)
class Turn:
    """What brings the pictures of a video upright.

    Attributes
    ----------
    transpose : bool
        Change rows with columns, first of all.
    flip : int or None
        Then flip as ``cv2.flip`` counts (0 top and bottom, 1 left and right, -1 both); None: not
        at all.
    """

    transpose: bool
    flip: int | None


_AS_STORED = Turn(False, None)

# By the angle, degrees counterclockwise
_TURNS = {90: Turn(True, 0), 180: Turn(False, -1), 270: Turn(True, 1)}


def turn_of(picture: VideoFrame) -> Turn:
    """Read off a decoded picture how it is brought upright.

    The display matrix says x' = a x + c y, y' = b x + d y (libavutil/display.h). Front cameras
    mirror with it as well as turn, so it is followed in full: a mirrored body has its left leg
    on the right.

    Parameters
    ----------
    picture : VideoFrame
        Of a file; only its side data are looked at.
    """
    try:
        matrix: Any = picture.side_data.get("DISPLAYMATRIX")
    except ValueError:
        # PyAV stumbles over kinds of side data it does not know (EXIF); the angle it still reads.
        return _TURNS.get(picture.rotation % 360, _AS_STORED)
    raw = b"" if matrix is None else bytes(matrix)
    if len(raw) != 36:
        return _AS_STORED
    a, b, _, c, d = (int(v) for v in np.frombuffer(raw, "=i4")[:5])
    transpose = abs(b) + abs(c) > abs(a) + abs(d)
    mirror_x, mirror_y = (c < 0, b < 0) if transpose else (a < 0, d < 0)
    flips = {(True, True): -1, (True, False): 1, (False, True): 0}
    return Turn(transpose, flips.get((mirror_x, mirror_y)))


def square_pixels(width: int, height: int, aspect: Fraction | None) -> tuple[int, int]:
    """Return the size of a picture with square pixels.

    Parameters
    ----------
    width, height : int
        Pixels as they are stored.
    aspect : Fraction or None
        Width of a pixel over its height; None where nothing is known of it.

    Returns
    -------
    tuple of int
        Width and height; as stored within 2 % of square, where scaling is not worth its time.
    """
    if not aspect or not 1 / MAX_ASPECT <= aspect <= MAX_ASPECT or abs(aspect - 1) < 0.02:
        return width, height
    wide = max(1, round(width * aspect))
    if wide * height > MAX_PIXELS:  # no more than is decoded: the height makes up for the shape
        return width, max(1, round(height / aspect))
    return wide, height


def bgr(picture: VideoFrame, size: tuple[int, int]) -> Image:
    """Convert a decoded picture to BGR.

    Parameters
    ----------
    picture : VideoFrame
        Of any size and pixel format.
    size : tuple of int
        Width and height to scale it to.

    Returns
    -------
    ndarray, shape (H, W, 3), uint8
        C-contiguous, in memory of its own.

    Raises
    ------
    av.FFmpegError, ValueError
        It cannot be converted.
    """
    width, height = size
    image: Any = picture.to_ndarray(format="bgr24", width=width, height=height)
    if picture.format.name == "bgr24":
        # Nothing to convert: this is the decoder's own memory, and who draws on the frame
        # would draw on the pictures that build on it.
        image = image.copy()
    return np.ascontiguousarray(image, dtype=np.uint8)


def turned(image: Image, turn: Turn) -> Image:
    """Bring a picture upright; as it is where there is nothing to turn.

    Parameters
    ----------
    image : ndarray, shape (H, W, 3), uint8

    Returns
    -------
    ndarray, shape (H, W, 3) or (W, H, 3), uint8
        C-contiguous.
    """
    if turn == _AS_STORED:
        return image
    import cv2  # NumPy's strided copies take several times as long

    changed: Any = cv2.transpose(image) if turn.transpose else image
    changed = changed if turn.flip is None else cv2.flip(changed, turn.flip)
    return np.ascontiguousarray(changed, dtype=np.uint8)
