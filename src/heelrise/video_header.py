"""What a video file says of itself before its pictures do, and how much of that is believed."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, BinaryIO

from heelrise.allowed import MAX_PIXELS
from heelrise.not_opened import refuse

if TYPE_CHECKING:
    from av.video.stream import VideoStream

MAX_FRAMES = 5_000_000
"""Most frames an MP4's index may claim: a day at 60 a second. libav makes room for all of them,
70 bytes each, before it reads one: a number without frames behind it would fill the memory."""

MAX_STRIP = 100
"""Most times one side of a picture is as long as the other: in a thinner strip nobody is to be
seen, and what scales pictures down would be left with no side at all."""

MAX_DURATION_S = 86_400.0
"""Longest duration believed of a header; some say years."""

FALLBACK_FPS = 30.0
"""For a stream that names no believable rate: what nearly all phones film at."""

MIN_FPS, MAX_FPS = 0.1, 960.0
"""Rates outside are not rates: browser recordings (MediaRecorder) say 1000, their clock's tick."""

# Boxes of MP4 and MOV that hold others on the way to what counts frames, and how many are looked at
_BOXES_OF_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"}
_MOST_BOXES = 200_000


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


def check_index(path: str, file: BinaryIO) -> None:
    """Refuse a file whose index claims more frames than a day has; read before libav does.

    Parameters
    ----------
    path : str
        What it is called in the message.
    file : binary file
        Open for reading, at any position.

    Raises
    ------
    HeelriseError
        It claims more than `MAX_FRAMES`.
    """
    if _frames_claimed(file) > MAX_FRAMES:
        refuse(
            path,
            f"its index claims more than {MAX_FRAMES:,} pictures; it is damaged, or should be "
            "cut into shorter videos",
        )


def _frames_claimed(file: BinaryIO) -> int:
    """Return how many frames the index of an MP4 or MOV file claims; 0 for other files."""
    whole = fragments = position = 0
    sound = False
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


def video_stream(path: str, container: Any) -> VideoStream:
    """Choose which of a file's streams is the video.

    Parameters
    ----------
    path : str
        What the file is called in the message.
    container : av.container.InputContainer
        The open file.

    Raises
    ------
    HeelriseError
        There is none, or its pictures are of an unknown kind or too large.
    """
    from av.stream import Disposition

    if not container.streams:
        refuse(path, "there is nothing in it, no picture and no sound; copy or record it again")
    # An audio file's cover picture is a video stream too; it is no video.
    covers = int(Disposition.attached_pic)
    streams = [s for s in container.streams.video if not int(s.disposition) & covers]
    if not streams:
        refuse(path, "there is no picture in it (a sound recording?); choose a video file")
    best = container.streams.best("video")
    stream: VideoStream = best if best in streams else streams[0]
    codec = stream.codec_context
    if codec is None:
        refuse(path, "its video format is not known here; convert it to MP4 (H.264)")
    if codec.width * codec.height > MAX_PIXELS:
        size = f"{codec.width} x {codec.height}"
        refuse(path, f"its picture of {size} pixels is too large; scale it down to 4K or less")
    return stream


def video_info(
    path: str, container: Any, stream: VideoStream, size: tuple[int, int], *, stamped: bool
) -> VideoInfo:
    """Tell what is to be believed of a video.

    Parameters
    ----------
    path : str
        As it was given.
    container : av.container.InputContainer
        The open file.
    stream : VideoStream
        The one that is the video.
    size : tuple of int
        Width and height of the upright picture, pixels.
    stamped : bool
        Its pictures have time stamps.

    Raises
    ------
    HeelriseError
        The picture is too thin a strip to show anybody.
    """
    width, height = size
    if max(size) > MAX_STRIP * min(size):
        refuse(
            path,
            f"its picture of {width} x {height} pixels is too thin a strip to show anybody; "
            "choose another video",
        )
    return VideoInfo(path, _duration_s(stream, container), _fps(stream, stamped), width, height)


def _fps(stream: VideoStream, stamped: bool) -> float:
    """Return the average rate in frames a second.

    A bare stream (.h264) has no time stamps, and its average is only the demuxer's default; the
    guess then comes from the stream itself.
    """
    rates = [stream.average_rate, stream.guessed_rate]
    for rate in rates if stamped else reversed(rates):
        if rate and MIN_FPS <= rate <= MAX_FPS:
            return float(rate)
    return FALLBACK_FPS


def _duration_s(stream: VideoStream, container: Any) -> float | None:
    # The container counts in microseconds (AV_TIME_BASE).
    claimed = [(stream.duration, stream.time_base), (container.duration, Fraction(1, 10**6))]
    for ticks, tick_s in claimed:
        if ticks and tick_s and 0 < ticks * tick_s <= MAX_DURATION_S:
            return float(ticks * tick_s)
    return None
