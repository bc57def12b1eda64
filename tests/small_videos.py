"""Small videos, made frame by frame so that what is in them is known."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile


def level(number):
    """Brightness that tells which frame a picture is, for up to 35 frames."""
    return 20 + 6 * number


def number_of(image):
    # libav's conversion to BGR comes out up to 3 too dark.
    return round((float(image.mean()) - 19) / 6)


def grey(number, width, height):
    return np.full((height, width, 3), level(number), np.uint8)


def make(
    path,
    codec="libx264",
    pix_fmt="yuv420p",
    *,
    rate=Fraction(30),
    stamps=None,
    time_base=None,
    count=20,
    size=(64, 48),
    picture=grey,
    file_format=None,
    options=None,
    file_options=None,
    aspect=None,
):
    """Write a video; frame number i has brightness level(i) and the i-th stamp."""
    stamps = list(range(count)) if stamps is None else stamps
    with av.open(str(path), "w", format=file_format, options=file_options or {}) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.options = options or {}
        if time_base is not None:
            stream.codec_context.time_base = time_base
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        for number, stamp in enumerate(stamps):
            frame = av.VideoFrame.from_ndarray(picture(number, *size), format="bgr24")
            frame.pts, frame.time_base = stamp, time_base or 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def make_with_any_stamps(path, stamps_ms):
    """Write a video whose time stamps no encoder would make: they are set on the way to disk."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for number, stamp in enumerate(stamps_ms):
            frame = av.VideoFrame.from_ndarray(grey(number, 64, 48), format="bgr24")
            for packet in stream.encode(frame):
                packet.pts = packet.dts = stamp
                packet.time_base = Fraction(1, 1000)
                container.mux(packet)
    return path


def make_sound(path):
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=44100)
        for number in range(10):
            silence = np.zeros((1, 1024), np.float32)
            frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
            frame.rate, frame.pts = 44100, 1024 * number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def read(path):
    with VideoFile(path) as video:
        return video.info, list(video), video.truncated


def complaint(path):
    with pytest.raises(HeelriseError) as caught:
        VideoFile(path)
    message = str(caught.value)
    assert message.isprintable()
    return message


def times(found):
    return [frame.t_s for frame in found]
