"""Opens videos and cameras; a file becomes frames, each with its true time. Nobody else does.

Times are the container's own (presentation times), counted from the first picture, because that
is where a player starts to count: a time in a result is the time the player shows. Frame counts
and durations in file headers are hints for a progress bar and nothing depends on them.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
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

MAX_STRIP = 100
"""Most times one side of a picture is as long as the other: in a thinner strip nobody is to be
seen, and what scales pictures down would be left with no side at all."""

MAX_FRAMES = 5_000_000
"""Most frames an MP4's index may claim: a day at 60 a second. libav makes room for all of them,
70 bytes each, before it reads one: a number without frames behind it would fill the memory."""

MAX_DURATION_S = 86_400.0
"""Longest duration believed of a header; some say years."""

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

# What MKV and WebM, FLV, Ogg, GIF and WMV files start with, and what still pictures do.
_VIDEO_STARTS = (b"\x1aE\xdf\xa3", b"FLV\x01", b"OggS", b"GIF8", b"0&\xb2u")
_PICTURE_STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"BM", b"II*\0", b"MM\0*")

# Boxes of MP4 and MOV that hold others on the way to what counts frames, and how many are looked at
_BOXES_OF_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"}
_MOST_BOXES = 200_000

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
        _opencv_first()
        import av

        av.logging.set_level(None)
        self._errors = (av.FFmpegError, ValueError)
        self._path = os.fspath(path)
        self._frames: Iterator[Frame] = iter(())
        self.truncated = False
        start = _first_bytes(self._path)
        if _frames_claimed(self._path) > MAX_FRAMES:
            _refuse(
                self._path,
                f"its index claims more than {MAX_FRAMES:,} pictures; it is damaged, or should be "
                "cut into shorter videos",
            )
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
            if start.startswith(_VIDEO_STARTS) or start[8:12] == b"AVI ":
                _refuse(self._path, "it is damaged or was cut short; copy or record it again")
            if start.startswith(_PICTURE_STARTS):
                _refuse(self._path, "it is a still picture; choose a video")
            if Path(self._path).suffix.lower() == ".json":
                _refuse(self._path, "it is not a video; name the video that this JSON belongs to")
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
        if max(width, height) > MAX_STRIP * min(width, height):
            _refuse(
                self._path,
                f"its picture of {width} x {height} pixels is too thin a strip to show anybody; "
                "choose another video",
            )
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
        # The container counts in microseconds (AV_TIME_BASE).
        claimed = [
            (stream.duration, stream.time_base),
            (self._container.duration, Fraction(1, 10**6)),
        ]
        for ticks, tick_s in claimed:
            if ticks and tick_s and 0 < ticks * tick_s <= MAX_DURATION_S:
                return float(ticks * tick_s)
        return None


def _shown(path: str) -> str:
    """Return a file name fit to stand in a one-line message, whatever bytes it is made of."""
    text = path.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _opencv_first() -> None:
    """Load OpenCV, to be called before PyAV is loaded.

    On Linux both wheels bring a library of the same name for X's shared memory (libxcb-shm), and
    the second to come gets the first one's. PyAV's is tied to a libxcb of its own: with it, a
    window of OpenCV's Qt hangs (seen with PyAV 18.1 and OpenCV 5.1).
    """
    import cv2  # noqa: F401


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


def _frames_claimed(path: str) -> int:
    """Return how many frames the index of an MP4 or MOV file claims; 0 for other files."""
    whole = fragments = position = 0
    sound = False
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        for _ in range(_MOST_BOXES):
            file.seek(position)
            head = file.read(32)
            if len(head) < 8:
                break
            length, kind = struct.unpack_from(">I4s", head)
            start = 8
            if length == 1 and len(head) >= 16:
                length, start = struct.unpack_from(">Q", head, 8)[0], 16
            if kind in _BOXES_OF_BOXES:
                position += start
                continue
            body = head[start:]
            if kind == b"hdlr" and body[4:8] != b"dhlr":  # QuickTime's says how data are stored
                sound = body[8:12] == b"soun"
            elif kind == b"stsz" and len(body) >= 12 and not sound:  # of PCM sound every sample
                whole = max(whole, struct.unpack_from(">I", body, 8)[0])
            elif kind == b"trun" and len(body) >= 8:
                fragments += struct.unpack_from(">I", body, 4)[0]
            if not start <= length <= size - position:
                break
            position += length
    return int(max(whole, fragments))


def _video_stream(path: str, container: Any) -> VideoStream:
    from av.stream import Disposition

    if not container.streams:
        _refuse(path, "there is nothing in it, no picture and no sound; copy or record it again")
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
    wide = max(1, round(width * aspect))
    if wide * height > MAX_PIXELS:  # no more than is decoded: the height makes up for the shape
        return width, max(1, round(height / aspect))
    return wide, height


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


# --- cameras ----------------------------------------------------------------------------------

CAMERA_SIZE = (640, 480)
"""Width and height in pixels asked of a webcam: the pose model looks at 256 x 256."""

CAMERA_FPS = 30
"""Pictures a second asked of a webcam; what it then gives is its own affair."""

PROBED = range(6)
"""Camera numbers tried where the system keeps no list of cameras that can be read."""

OPEN_S = 10.0
"""Longest wait for a stream to open."""

READ_S = 5.0
"""Longest wait for a stream's next picture."""

SYSFS = "/sys/class/video4linux"
"""Where Linux lists its video devices."""

_SCHEMES = ("http", "https", "rtsp", "rtp", "udp", "tcp")

_STREAM_OPTIONS = {
    # Redirects and session descriptions may name other addresses: never a file.
    "protocol_whitelist": "http,https,tcp,tls,rtsp,rtp,udp",
    # As for files, no playlists; no still pictures either, which are no stream.
    "format_whitelist": (
        "mpjpeg,mjpeg,rtsp,rtp,sdp,mpegts,mpeg,mpegvideo,h264,hevc,m4v,flv,matroska,webm,mov,asf,"
        "ogg"
    ),
    "max_pixels": str(MAX_PIXELS),
    "fflags": "nobuffer",
    "rtsp_transport": "tcp",
}


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
            raise HeelriseError(not_opened(platform, number, exists=False, readable=False))
        backends = {"linux": cv2.CAP_V4L2, "win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}
        self._lost = (cv2.error,)
        self._capture = cv2.VideoCapture(number, backends.get(platform, cv2.CAP_ANY))
        if not self._capture.isOpened():
            self._capture.release()
            readable = os.access(device, os.R_OK | os.W_OK)
            raise HeelriseError(not_opened(platform, number, exists=True, readable=readable))
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
        if url.partition("://")[0].lower() not in _SCHEMES:
            raise HeelriseError(
                f"cannot open {self.name}: use an address that begins with http://, https:// or "
                "rtsp://; a file is opened by its plain name"
            )
        try:
            self._container = av.open(
                url, options=_STREAM_OPTIONS, timeout=(OPEN_S, READ_S), metadata_errors="replace"
            )
        except self._errors as error:
            raise HeelriseError(f"cannot open {self.name}: {_why_not(error)}") from None
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
            return [_bgr(p, aspect) for p in self._stream.codec_context.decode(packet)]
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
        f"there is no camera {_shown(source)}: give a number (0 is the first webcam), an address "
        "(http://... or rtsp://...) or the name of a video file"
    )


def list_cameras(sysfs: str = SYSFS) -> list[tuple[int, str]]:
    """List the webcams there are.

    Linux knows their names. Elsewhere the first few numbers are tried, which switches every
    camera on for a moment.

    Parameters
    ----------
    sysfs : str
        Where Linux lists its video devices.

    Returns
    -------
    list of (int, str)
        Number and name, by number.
    """
    if sys.platform == "linux":
        return _listed_cameras(Path(sysfs))
    found = []
    for number in PROBED:
        try:
            camera = Camera(number)
        except HeelriseError:
            continue
        camera.close()
        found.append((number, camera.name))
    return found


def _listed_cameras(sysfs: Path) -> list[tuple[int, str]]:
    found = []
    for node in sysfs.glob("video*"):
        number = node.name.removeprefix("video")
        try:
            # A camera has several nodes; those after the first carry its metadata.
            if number.isdecimal() and (node / "index").read_text().strip() == "0":
                name = (node / "name").read_text(errors="replace").strip()
                found.append((int(number), _shown(name)))
        except OSError:
            continue  # unplugged this very moment
    return sorted(found)


def not_opened(platform: str, number: int, exists: bool, readable: bool) -> str:
    """Say why a webcam did not open and what to do.

    Parameters
    ----------
    platform : str
        As `sys.platform` names it.
    number : int
        The camera's number.
    exists, readable : bool
        Whether its device is there and may be used; asked of Linux alone.
    """
    if platform == "darwin":
        return (
            f"camera {number} cannot be opened: allow it under System Settings > Privacy & "
            "Security > Camera (switch the terminal on), or choose another with --camera"
        )
    if platform == "win32":
        return (
            f"camera {number} cannot be opened: allow it under Settings > Privacy > Camera, close "
            "other programs that use it, and check that it is plugged in"
        )
    if not exists:
        return (
            f"there is no camera {number}: plug it in, heelrise live --list-cameras shows those "
            "there are"
        )
    if not readable:
        return (
            f"camera {number} may not be used by you: add yourself to the group video: sudo "
            "usermod -aG video $USER, then log in again"
        )
    return (
        f"camera {number} is used by another program: close it (fuser /dev/video{number} shows "
        "which)"
    )


def address_shown(url: str) -> str:
    """Return an address without user name, password and query, which may hold a password too."""
    scheme, _, rest = url.partition("://")
    # The last @: passwords with a bare @, / or ? do not work, but are typed.
    return _shown(f"{scheme}://{re.split('[?#]', rest.rpartition('@')[2])[0]}")


def _why_not(error: Exception) -> str:
    """Say why a stream did not open and what to do."""
    from av import error as av_error

    if isinstance(error, av_error.HTTPUnauthorizedError | av_error.HTTPForbiddenError):
        return "it asks for a user name and password: write http://user:password@ before the host"
    if isinstance(error, av_error.HTTPNotFoundError):
        return "the device has no such page: check what stands after the host"
    if isinstance(error, av_error.ExitError):
        return f"no picture came within {OPEN_S:.0f} s: check that it runs, and the network"
    if isinstance(error, av_error.ConnectionRefusedError):
        return "nothing answers there: start the camera, and check the number after the colon"
    if isinstance(error, av_error.InvalidDataError | av_error.ArgumentError):
        return "what it sends is no video that is known here: check the address"
    return "no video comes from there: check the address, and that both are in the same network"


def _bgr(picture: VideoFrame, aspect: Fraction | None) -> Image:
    """Convert to BGR with square pixels, in memory of its own."""
    width, height = _square_pixels(picture.width, picture.height, aspect)
    image: Any = picture.to_ndarray(format="bgr24", width=width, height=height)
    if picture.format.name == "bgr24":
        image = image.copy()  # the decoder's own memory, as for files
    return np.ascontiguousarray(image, dtype=np.uint8)
