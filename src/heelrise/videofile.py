"""Writes the annotated video: H.264 in MP4 with the source's own timing.

Made to play everywhere: 8-bit 4:2:0 of even size, the index in front (faststart), no B-frames, so
that the first picture is at 0 in every player.
"""

from __future__ import annotations

import math
import os
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

import numpy as np
import numpy.typing as npt

from heelrise.errors import HeelriseError
from heelrise.outputs import cannot_write, written

if TYPE_CHECKING:
    from av import VideoFrame

TICKS_PER_S = 90_000
"""MPEG's own clock: 29.97 and 25 are whole ticks in it, and any other time is 6 us off at most."""

PRESET = "veryfast"
"""x264's speed. On rendered VGA clips "medium" took twice the time for files no smaller,
"superfast" the same time for files of three times the size."""

CRF = 23
"""x264's quality, its default. A minute of VGA takes 1 MB, more where the camera shakes."""

KEYFRAME_S = 2.0
"""A picture to jump to at least so often: who looks for a fault drags the slider to and fro."""

FALLBACK_FPS = 30.0
"""Where no believable rate is given. It only steers the rate control and the last frame's stay."""

LONGEST_LAST_S = 1.0
"""Longest the last frame stays, whatever gap came before it."""

# OpenCV converts to 4:2:0 in a fifth (VGA) to a twelfth (1080p) of libav's time, and knows BT.601's
# matrix only. The file says so; primaries and transfer are BT.709's, as sRGB's primaries are.
_BT709, _BT601, _LIMITED_RANGE = 1, 6, 1


class VideoWriter:
    """Writes frames to an MP4 file, which takes its place when the ``with`` block ends well.

    Until then the file is under another name in the same folder, readable by its owner alone; it
    is removed when the block ends with an exception. An existing file is replaced. What is no
    regular file (a pipe, /dev/stdout) gets the finished video poured into it.

    Parameters
    ----------
    path : str or PathLike
        The file to make; ``-`` is stdout.
    width, height : int
        Size of the pictures in pixels. H.264 needs even numbers: an odd picture gets its last
        column or row twice.
    fps_hint : float
        About how many frames a second come; the true times come with the frames.

    Raises
    ------
    HeelriseError
        When the file cannot be made or written: a missing or read-only folder, a full disk.
    """

    def __init__(
        self, path: str | os.PathLike[str], width: int, height: int, fps_hint: float
    ) -> None:
        """Remember what is wanted; the file is made on entering the block."""
        believable = math.isfinite(fps_hint) and 0.1 <= fps_hint <= 1000
        self._path = Path(path)
        self._shape = (height, width, 3)
        self._fps = fps_hint if believable else FALLBACK_FPS
        self._stack = ExitStack()
        self._last_ticks: int | None = None
        self._interval = round(TICKS_PER_S / self._fps)

    def __enter__(self) -> Self:
        """Make the file."""
        import av

        av.logging.set_level(None)
        height, width, _ = self._shape
        with ExitStack() as stack:
            self._part = stack.enter_context(written(self._path))
            try:
                self._container = av.open(
                    f"file:{self._part}", "w", format="mp4", options={"movflags": "+faststart"}
                )
                rate = Fraction(self._fps).limit_denominator(1001)
                stream: Any = self._container.add_stream("libx264", rate=rate)
                stream.width, stream.height = width + width % 2, height + height % 2
                stream.pix_fmt = "yuv420p"
                stream.options = {"preset": PRESET, "crf": str(CRF), "bf": "0"}
                codec = stream.codec_context
                codec.time_base = Fraction(1, TICKS_PER_S)
                codec.gop_size = max(1, round(KEYFRAME_S * self._fps))
                codec.color_primaries = codec.color_trc = _BT709
                codec.colorspace, codec.color_range = _BT601, _LIMITED_RANGE
                self._stream = stream
            except (av.FFmpegError, OSError) as error:
                self._fail(error)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the file and put it in its place; after an exception remove it."""
        if error is None:
            with self._stack:
                self._finish()
        else:
            with suppress(Exception):
                self._container.close()
            self._stack.__exit__(kind, error, trace)

    def write(self, image_bgr: npt.NDArray[np.uint8], t_s: float) -> None:
        """Append one frame.

        Parameters
        ----------
        image_bgr : ndarray, shape (height, width, 3), uint8
            Not kept and not changed.
        t_s : float
            When it is shown, in seconds. A time that does not come after the last one's is
            moved just behind it.

        Raises
        ------
        HeelriseError
            When the file cannot be written.
        ValueError
            When the picture has another shape than was announced.
        """
        import av

        if image_bgr.shape != self._shape:
            raise ValueError(f"expected a picture of shape {self._shape}, got {image_bgr.shape}")
        ticks = round(t_s * TICKS_PER_S)
        if self._last_ticks is not None:
            ticks = max(ticks, self._last_ticks + 1)
            self._interval = ticks - self._last_ticks
        self._last_ticks = ticks
        frame = av.VideoFrame.from_ndarray(_planar(image_bgr), format="yuv420p")
        frame.pts, frame.time_base = ticks, Fraction(1, TICKS_PER_S)
        self._encode(frame)

    def _encode(self, frame: VideoFrame | None) -> None:
        import av

        try:
            for packet in self._stream.encode(frame):
                # Only the very last one's counts: the others last until the next.
                packet.duration = min(self._interval, round(LONGEST_LAST_S * TICKS_PER_S))
                self._container.mux(packet)
        except (av.FFmpegError, OSError) as error:
            self._fail(error)

    def _finish(self) -> None:
        import av

        if self._last_ticks is None:
            raise HeelriseError(f"cannot write {self._path}: the video has no frames")
        self._encode(None)
        try:
            self._container.close()
        except (av.FFmpegError, OSError) as error:
            self._fail(error)

    def _fail(self, error: Exception) -> NoReturn:
        raise cannot_write(self._path, error) from error


def _planar(image_bgr: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Convert to planar 4:2:0 (BT.601, limited range), padded to even size."""
    import cv2

    height, width = image_bgr.shape[:2]
    image: Any = image_bgr
    if height % 2 or width % 2:
        edges = (0, height % 2, 0, width % 2)
        image = cv2.copyMakeBorder(image, *edges, borderType=cv2.BORDER_REPLICATE)
    planar: Any = cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420)
    return np.asarray(planar, dtype=np.uint8)
