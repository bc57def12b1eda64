"""Opens videos: a file becomes frames, each with its true time. Nobody else reads pictures.

Times are the container's own (presentation times), counted from the first picture, because that
is where a player starts to count: a time in a result is the time the player shows. Frame counts
and durations in file headers are hints for a progress bar and nothing depends on them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

import numpy as np
import numpy.typing as npt

from heelrise.clock import FrameClock
from heelrise.errors import HeelriseError

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.video.stream import VideoStream

Image = npt.NDArray[np.uint8]

MAX_PIXELS = 8192 * 4320
"""Largest picture decoded: what an 8K camera makes. Beyond it one BGR picture takes over 100 MB,
and a decoder holds several; no phone or webcam films that large."""

MAX_THREADS = 4
"""Decoding takes 1 ms (VGA) to 5 ms (1080p) of one core a frame, inference 20: more threads would
only hold memory, every one a picture or more of its own."""

TIMEOUT_S = 15.0
"""Longest wait for the file to open or for one read: a network share may be slow, a dead one must
not hang the program."""

FALLBACK_FPS = 30.0
"""For a stream that names no believable rate: what nearly all phones film at."""

MIN_FPS, MAX_FPS = 0.1, 960.0
"""Rates outside are not rates: browser recordings (MediaRecorder) say 1000, their clock's tick."""

CUT_SHORT_S = 1.0
"""A video that ends this much before its header says is reported as cut short. Below it is
everyday: sound that outlasts the picture, a rounded header."""

MAX_ASPECT = 4.0
"""Widest pixel shape believed; DV and HDV cameras use 0.9 to 1.46."""

# Playlists and the like (HLS, DASH, concat) are left out on purpose: they make the demuxer open
# other files and addresses; so are the ones that take any text for a picture (tty).
_FORMATS = (
    "mov,matroska,webm,avi,gif,apng,mpegts,mpeg,mpegvideo,m4v,flv,asf,ogg,mxf,dv,nut,ivf,rm,wtv,"
    "h264,hevc,av1,obu,mjpeg,yuv4mpegpipe,"
    "png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe"
)

_NO_PICTURE = (
    "no picture in it can be decoded; it is damaged, or larger than 8192 x 4320 pixels: export it "
    "again as MP4 (H.264) of at most 4K"
)

# Counterclockwise angle -> whether to transpose, then which way to flip (as cv2.flip counts).
_TURNS = {90: (True, 0), 180: (False, -1), 270: (True, 1)}


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
class VideoInfo:
    """What is known of a video once its first picture is decoded.

    Attributes
    ----------
    path : str
        As it was given.
    duration_s : float or None
        What the header says: an estimate for a progress bar, wrong in some files.
    fps : float
        Average rate, frames a second; phones vary it from frame to frame.
    width, height : int
        Pixels of the upright picture, as a player shows it.
    """

    path: str
    duration_s: float | None
    fps: float
    width: int
    height: int


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
        import av

        av.logging.set_level(None)
        self._errors = (av.FFmpegError, ValueError)
        self._path = os.fspath(path)
        self._frames: Iterator[Frame] = iter(())
        self.truncated = False
        start = _first_bytes(self._path)
        try:
            self._container = av.open(
                f"file:{self._path}",
                options={
                    "format_whitelist": _FORMATS,
                    "protocol_whitelist": "file",
                    "max_pixels": str(MAX_PIXELS),
                },
                timeout=TIMEOUT_S,
                metadata_errors="replace",
            )
        except av.error.ExitError:
            wait = f"opening it took over {TIMEOUT_S:.0f} s"
            _refuse(self._path, f"{wait}; copy it to this computer's disk and try again")
        except self._errors:
            if start[4:8] == b"ftyp":
                _refuse(
                    self._path,
                    "the recording is incomplete (its index is missing); copy it from the camera "
                    "again, or record it again",
                )
            _refuse(self._path, "it is not a video; use MP4, MOV, MKV, WebM or AVI")
        try:
            self._open_stream()
        except BaseException:
            self.close()
            raise

    def _open_stream(self) -> None:
        """Pick the video stream, decode its first picture and learn from it what `info` says."""
        stream = _video_stream(self._path, self._container)
        codec = stream.codec_context
        codec.thread_type = "AUTO"
        codec.thread_count = min(MAX_THREADS, os.cpu_count() or 1)
        codec.options = {"max_pixels": str(MAX_PIXELS)}
        self._stream = stream
        self._end_s = 0.0
        pictures = self._pictures()
        first = next(pictures, None)
        if first is None:
            _refuse(self._path, _NO_PICTURE)
        fps = _rate(stream, stamped=first.pts is not None)
        self._size = _square_pixels(first.width, first.height, stream.sample_aspect_ratio)
        self._transpose, self._flip = _turn(first)
        width, height = self._size[::-1] if self._transpose else self._size
        self.info = VideoInfo(self._path, self._header_duration_s(), fps, width, height)
        self._clock = FrameClock(stream.time_base, fps)
        # AVI knows no time of showing: libav's is the order of coding, backward at B-frames.
        self._by_decoding = self._container.format.name == "avi"
        frames = self._timed(first, pictures)
        start = next(frames, None)
        if start is None:
            _refuse(self._path, _NO_PICTURE)
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
        width, height = self._size
        try:
            image: Any = picture.to_ndarray(format="bgr24", width=width, height=height)
        except self._errors:
            self.truncated = True
            return None
        if picture.format.name == "bgr24":
            # Nothing to convert: this is the decoder's own memory, and who draws on the frame
            # would draw on the pictures that build on it.
            image = image.copy()
        if self._transpose or self._flip is not None:
            import cv2  # NumPy's strided copies take several times as long

            image = cv2.transpose(image) if self._transpose else image
            image = image if self._flip is None else cv2.flip(image, self._flip)
        return np.ascontiguousarray(image, dtype=np.uint8)

    def _header_duration_s(self) -> float | None:
        stream = self._stream
        if stream.duration and stream.duration > 0 and stream.time_base:
            return float(stream.duration * stream.time_base)
        # The container counts in microseconds (AV_TIME_BASE).
        duration = self._container.duration
        return duration / 1e6 if duration and duration > 0 else None


def _shown(path: str) -> str:
    """Return a file name fit to stand in a one-line message, whatever bytes it is made of."""
    text = path.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _refuse(path: str, reason: str) -> NoReturn:
    raise HeelriseError(f"cannot read {_shown(path)}: {reason}") from None


def _first_bytes(path: str) -> bytes:
    """Read a file's first bytes, or say why it cannot be read."""
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            _refuse(path, "it is a folder; name the video file in it")
        if not stat.S_ISREG(mode):
            # A pipe cannot be read twice and may never end; opening it may block for ever.
            _refuse(path, "it is not a file; save the video as a file first")
        with open(path, "rb") as file:
            start = file.read(16)
    except FileNotFoundError:
        _refuse(path, "there is no such file; check the name and the folder")
    except PermissionError:
        _refuse(path, "permission denied; make it readable for you")
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the name.
        why = getattr(error, "strerror", None) or str(error)
        _refuse(path, f"{why.lower()}; check the name, or copy it to this computer's disk")
    if not start:
        _refuse(path, "it is empty (0 bytes); copy or record it again")
    return start


def _video_stream(path: str, container: Any) -> VideoStream:
    from av.stream import Disposition

    # An audio file's cover picture is a video stream too; it is no video.
    covers = int(Disposition.attached_pic)
    streams = [s for s in container.streams.video if not int(s.disposition) & covers]
    if not streams:
        _refuse(path, "there is no picture in it (a sound recording?); choose a video file")
    best = container.streams.best("video")
    stream: VideoStream = best if best in streams else streams[0]
    codec = stream.codec_context
    if codec is None:
        _refuse(path, "its video format is not known here; convert it to MP4 (H.264)")
    if codec.width * codec.height > MAX_PIXELS:
        size = f"{codec.width} x {codec.height}"
        _refuse(path, f"its picture of {size} pixels is too large; scale it down to 4K or less")
    return stream


def _rate(stream: VideoStream, stamped: bool) -> float:
    """Return the average rate in frames a second.

    A bare stream (.h264) has no time stamps, and its average is only the demuxer's default; the
    guess then comes from the stream itself.
    """
    rates = [stream.average_rate, stream.guessed_rate]
    for rate in rates if stamped else reversed(rates):
        if rate and MIN_FPS <= rate <= MAX_FPS:
            return float(rate)
    return FALLBACK_FPS


def _square_pixels(width: int, height: int, aspect: Fraction | None) -> tuple[int, int]:
    """Return the size with square pixels; within 2 % of square, scaling is not worth its time."""
    if not aspect or not 1 / MAX_ASPECT <= aspect <= MAX_ASPECT or abs(aspect - 1) < 0.02:
        return width, height
    return max(1, round(width * aspect)), height


def _turn(picture: VideoFrame) -> tuple[bool, int | None]:
    """Return whether to transpose, then which way to flip (as cv2.flip counts; None: not at all).

    The display matrix says x' = a x + c y, y' = b x + d y (libavutil/display.h). Front cameras
    mirror with it as well as turn, so it is followed in full: a mirrored body has its left leg
    on the right.
    """
    try:
        matrix: Any = picture.side_data.get("DISPLAYMATRIX")
    except ValueError:
        # PyAV stumbles over kinds of side data it does not know (EXIF); the angle it still reads.
        return _TURNS.get(picture.rotation % 360, (False, None))
    raw = b"" if matrix is None else bytes(matrix)
    if len(raw) != 36:
        return False, None
    a, b, _, c, d = (int(v) for v in np.frombuffer(raw, "=i4")[:5])
    transpose = abs(b) + abs(c) > abs(a) + abs(d)
    mirror_x, mirror_y = (c < 0, b < 0) if transpose else (a < 0, d < 0)
    flips = {(True, True): -1, (True, False): 1, (False, True): 0}
    return transpose, flips.get((mirror_x, mirror_y))
