"""Opens videos and cameras; a file becomes frames, each with its true time. Nobody else does.

Times are the container's own (presentation times), counted from the first picture, because that
is where a player starts to count: a time in a result is the time the player shows. Frame counts
and durations in file headers are hints for a progress bar and nothing depends on them.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from itertools import chain
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from heelrise.allowed import FILE_OPTIONS, MAX_PIXELS, STREAM_OPTIONS, STREAM_SCHEMES
from heelrise.clock import FrameClock
from heelrise.errors import HeelriseError
from heelrise.image import Frame, Image, bgr, square_pixels, turn_of, turned
from heelrise.not_opened import (
    NO_PICTURE,
    address_shown,
    refuse,
    shown,
    why_no_file,
    why_no_stream,
    why_no_video,
    why_no_webcam,
    why_not_read,
)
from heelrise.video_header import VideoInfo, check_index, video_info, video_stream

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.video.stream import VideoStream

MAX_THREADS = 4
"""Decoding takes 1 ms (VGA) to 5 ms (1080p) of one core a frame, inference 20: more threads would
only hold memory, every one a picture or more of its own."""

TIMEOUT_S = 15.0
"""Longest wait for the file to open or for one read: a network share may be slow, a dead one must
not hang the program."""

CUT_SHORT_S = 1.0
"""A video that ends this much before its header says is reported as cut short. Below it is
everyday: sound that outlasts the picture, a rounded header."""


class VideoFile:
    """A video file as an iterator of frames; closed by leaving the ``with`` block.

    ``for frame in VideoFile(path)`` goes through once. The rotation and mirror flags and pixels
    that are not square are honoured; any pixel format becomes 8-bit BGR; a picture size that
    changes on the way is scaled to the first one's. Interlaced video is not taken apart.

    Parameters
    ----------
    path : str or PathLike
        A regular file. A still picture is a video of one frame.

    Raises
    ------
    HeelriseError
        The file cannot be read, is no video, or not one picture of it can be decoded. Once this
        went well, iterating never raises for what is in the file.

    Attributes
    ----------
    info : VideoInfo
    truncated : bool
        So far: a part of the file could not be decoded, or (known at the end) the file stops
        before its header says. What could be decoded was yielded.
    """

    info: VideoInfo
    truncated: bool

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open the file and decode its first picture."""
        _opencv_first()
        import av

        av.logging.set_level(None)
        self._errors = (av.FFmpegError, ValueError)
        self._path = os.fspath(path)
        self._frames: Iterator[Frame] = iter(())
        self.truncated = False
        start = _first_bytes(self._path)
        with open(self._path, "rb") as file:
            check_index(self._path, file)
        try:
            self._container = av.open(
                f"file:{self._path}",
                options=FILE_OPTIONS,
                timeout=TIMEOUT_S,
                metadata_errors="replace",
            )
        except av.error.ExitError:
            wait = f"opening it took over {TIMEOUT_S:.0f} s"
            refuse(self._path, f"{wait}; copy it to this computer's disk and try again")
        except self._errors:
            refuse(self._path, why_no_video(self._path, start))
        try:
            self._open_stream()
        except BaseException:
            self.close()
            raise

    def _open_stream(self) -> None:
        """Pick the video stream, decode its first picture and learn from it what `info` says."""
        stream = video_stream(self._path, self._container)
        codec = stream.codec_context
        codec.thread_type = "AUTO"
        codec.thread_count = min(MAX_THREADS, os.cpu_count() or 1)
        codec.options = {"max_pixels": str(MAX_PIXELS)}
        self._stream = stream
        self._end_s = 0.0
        pictures = self._pictures()
        first = next(pictures, None)
        if first is None:
            refuse(self._path, NO_PICTURE)
        self._size = square_pixels(first.width, first.height, stream.sample_aspect_ratio)
        self._turn = turn_of(first)
        width, height = self._size[::-1] if self._turn.transpose else self._size
        self.info = video_info(
            self._path, self._container, stream, (width, height), stamped=first.pts is not None
        )
        self._clock = FrameClock(stream.time_base, self.info.fps)
        # AVI knows no time of showing: libav's is the order of coding, backward at B-frames.
        self._by_decoding = self._container.format.name == "avi"
        frames = self._timed(first, pictures)
        start = next(frames, None)
        if start is None:
            refuse(self._path, NO_PICTURE)
        self._frames = chain((start,), frames)

    def __enter__(self) -> Self:
        """Return the open file itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        """Return the iterator: the file itself, good for one pass."""
        return self

    def __next__(self) -> Frame:
        """Decode and return the next frame."""
        return next(self._frames)

    def close(self) -> None:
        """Close the file and end the iteration; closing twice does no harm."""
        self._frames = iter(())
        self._container.close()

    def _timed(self, first: VideoFrame, rest: Iterator[VideoFrame]) -> Iterator[Frame]:
        index = 0
        picture: VideoFrame | None = first
        while picture is not None:
            t_s = self._clock.time_of(picture.dts if self._by_decoding else picture.pts)
            image = self._upright(picture)
            if image is not None:
                yield Frame(t_s, index, image)
                index += 1
            picture = next(rest, None)
        duration_s = self.info.duration_s
        if duration_s is not None and self._end_s < duration_s - CUT_SHORT_S:
            self.truncated = True

    def _pictures(self) -> Iterator[VideoFrame]:
        """Decode to the end of the file, past what cannot be decoded."""
        zero: int | None = None
        time_base = self._stream.time_base
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except self._errors:
                # Reading fails for good; the decoder still holds pictures, one or more a thread.
                self.truncated = True
                yield from self._decoded(None)
                return
            if packet is None:
                return
            if packet.pts is not None and time_base:
                zero = packet.pts if zero is None else zero
                end = packet.pts + (packet.duration or 0) - zero
                self._end_s = max(self._end_s, float(end * time_base))
            self.truncated |= packet.is_corrupt
            yield from self._decoded(packet)

    def _decoded(self, packet: Packet[VideoStream] | None) -> list[VideoFrame]:
        try:
            return list(self._stream.codec_context.decode(packet))
        except EOFError:
            return []
        except self._errors:
            self.truncated = True
            return []

    def _upright(self, picture: VideoFrame) -> Image | None:
        """Convert to BGR of the first picture's size, turned the right way up."""
        try:
            image = bgr(picture, self._size)
        except self._errors:
            self.truncated = True
            return None
        return turned(image, self._turn)


def _opencv_first() -> None:
    """Load OpenCV, to be called before PyAV is loaded.

    On Linux both wheels bring a library of the same name for X's shared memory (libxcb-shm), and
    the second to come gets the first one's. PyAV's is tied to a libxcb of its own: with it, a
    window of OpenCV's Qt hangs (seen with PyAV 18.1 and OpenCV 5.1).
    """
    import cv2  # noqa: F401


def _first_bytes(path: str) -> bytes:
    """Read a file's first bytes, or say why it cannot be read."""
    try:
        no_file = why_no_file(os.stat(path).st_mode)
        if no_file is not None:
            refuse(path, no_file)
        with open(path, "rb") as file:
            start = file.read(16)
    except (OSError, ValueError) as error:
        refuse(path, why_not_read(error))
    if not start:
        refuse(path, "it is empty (0 bytes); copy or record it again")
    return start


# --- cameras ----------------------------------------------------------------------------------

CAMERA_SIZE = (640, 480)
"""Width and height in pixels asked of a webcam: the pose model looks at 256 x 256."""

CAMERA_FPS = 30
"""Pictures a second asked of a webcam; what it then gives is its own affair."""

OPEN_S = 10.0
"""Longest wait for a stream to open."""

READ_S = 5.0
"""Longest wait for a stream's next picture."""


class CameraLost(HeelriseError):  # noqa: N818 (what happened, as the user would say it)
    """A camera or stream that was open gives no picture any more."""


class Camera:
    """A webcam, opened by its number.

    Parameters
    ----------
    number : int
        0 for the first.

    Raises
    ------
    HeelriseError
        It cannot be opened: the message says why, as far as the system tells, and what to do.

    Attributes
    ----------
    name : str
        "camera 0".
    """

    name: str

    def __init__(self, number: int) -> None:
        """Open the camera and ask it for the size and rate wanted."""
        import cv2

        cv2.utils.logging.setLogLevel(0)  # its warnings would stand in the user's terminal
        self.name = f"camera {number}"
        device = f"/dev/video{number}"
        platform = sys.platform
        if platform == "linux" and not os.path.exists(device):
            raise HeelriseError(why_no_webcam(platform, number, exists=False, readable=False))
        backends = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}
        self._lost = (cv2.error,)
        self._capture = cv2.VideoCapture(number, backends.get(platform, cv2.CAP_ANY))
        if not self._capture.isOpened():
            self._capture.release()
            readable = os.access(device, os.R_OK | os.W_OK)
            raise HeelriseError(why_no_webcam(platform, number, exists=True, readable=readable))
        if platform != "darwin":
            # Raw pictures fill the USB wire: many cameras give 5 to 15 a second then. The format
            # is chosen first, for the sizes and rates on offer depend on it.
            self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, CAMERA_SIZE[0])
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, CAMERA_SIZE[1])
        self._capture.set(cv2.CAP_PROP_FPS, CAMERA_FPS)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def read(self) -> Image:
        """Wait for the next picture.

        Returns
        -------
        ndarray, shape (H, W, 3), uint8
            BGR, C-contiguous, the caller's own.

        Raises
        ------
        CameraLost
            No picture comes.
        """
        try:
            there, image = self._capture.read()
        except self._lost:
            there, image = False, None
        if not there or image is None:
            raise CameraLost(f"{self.name} gives no picture any more: check its cable")
        return np.ascontiguousarray(image, dtype=np.uint8)

    def close(self) -> None:
        """Give the camera back to the system; closing twice does no harm."""
        self._capture.release()


class Stream:
    """A camera on the network, opened by its address: MJPEG or other video over HTTP, or RTSP.

    Parameters
    ----------
    url : str
        May hold a user name and password (``rtsp://user:password@host/...``).

    Raises
    ------
    HeelriseError
        It cannot be opened: the message says why and what to do, without the password.

    Attributes
    ----------
    name : str
        The address without user name, password and query.
    """

    name: str

    def __init__(self, url: str) -> None:
        """Connect and find the video in what comes; takes up to `OPEN_S` seconds."""
        _opencv_first()
        import av

        av.logging.set_level(None)
        self._errors = (av.FFmpegError, ValueError)
        self._pictures: Iterator[Image] = iter(())
        self.name = address_shown(url)
        if url.partition("://")[0].lower() not in STREAM_SCHEMES:
            raise HeelriseError(
                f"cannot open {self.name}: use an address that begins with http://, https:// or "
                "rtsp://; a file is opened by its plain name"
            )
        try:
            self._container = av.open(
                url,
                options={**STREAM_OPTIONS, "fflags": "nobuffer", "rtsp_transport": "tcp"},
                timeout=(OPEN_S, READ_S),
                metadata_errors="replace",
            )
        except self._errors as error:
            raise HeelriseError(
                f"cannot open {self.name}: {why_no_stream(error, OPEN_S)}"
            ) from None
        try:
            self._open_stream()
        except BaseException:
            self.close()
            raise

    def _open_stream(self) -> None:
        streams = [s for s in self._container.streams.video if s.codec_context is not None]
        if not streams:
            raise HeelriseError(f"cannot open {self.name}: there is no picture in what it sends")
        if self._container.duration:
            # Read as fast as it downloads, its movements would come at the wrong speed.
            raise HeelriseError(
                f"cannot open {self.name}: it is a recording, not a camera; download it and give "
                "the name of the file"
            )
        self._stream = streams[0]
        codec = self._stream.codec_context
        codec.thread_type = "SLICE"  # threads over frames would each hold one back
        codec.options = {"max_pixels": str(MAX_PIXELS), "flags": "low_delay"}
        self._pictures = self._decoded()

    def read(self) -> Image:
        """Wait for the next picture, up to `READ_S` seconds.

        Returns
        -------
        ndarray, shape (H, W, 3), uint8
            BGR, C-contiguous, the caller's own; its size may change on the way.

        Raises
        ------
        CameraLost
            The connection is lost, or no picture comes over it.
        """
        image = next(self._pictures, None)
        if image is None:
            raise CameraLost(f"{self.name} sends no picture any more: check it and the network")
        return image

    def close(self) -> None:
        """Close the connection; closing twice does no harm."""
        self._pictures = iter(())
        self._container.close()

    def _decoded(self) -> Iterator[Image]:
        """Decode until the connection is lost or only rubbish comes."""
        packets = self._container.demux(self._stream)
        last_s = time.monotonic()
        while time.monotonic() - last_s < READ_S:
            try:
                packet = next(packets, None)
            except self._errors:
                return
            if packet is None:
                return
            for image in self._images(packet):
                yield image
                last_s = time.monotonic()  # not while the caller was busy

    def _images(self, packet: Packet[VideoStream]) -> list[Image]:
        """Decode one packet; a damaged one gives nothing."""
        aspect = self._stream.sample_aspect_ratio
        try:
            return [
                bgr(p, square_pixels(p.width, p.height, aspect))
                for p in self._stream.codec_context.decode(packet)
            ]
        except (EOFError, *self._errors):
            return []


def open_camera(source: str) -> Camera | Stream:
    """Open a camera by what the user calls it.

    Parameters
    ----------
    source : str
        A webcam's number or the address of a stream.

    Raises
    ------
    HeelriseError
        It is neither, or cannot be opened.
    """
    if re.fullmatch(r"[0-9]{1,3}", source):
        return Camera(int(source))
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", source):
        return Stream(source)
    raise HeelriseError(
        f"there is no camera {shown(source)}: give a number (0 is the first webcam), an address "
        "(http://... or rtsp://...) or the name of a video file"
    )
