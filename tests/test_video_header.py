"""What a file says of itself, and how much of it is believed."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from av.stream import Disposition

from heelrise import video_header
from heelrise.frames import VideoFile
from small_videos import complaint, grey, make, make_sound, read, times


def test_wild_numbers_in_the_header_change_nothing(tmp_path):
    path = make(tmp_path / "a.mp4")
    data = bytearray(path.read_bytes())
    struct.pack_into(">I", data, data.index(b"mvhd") + 20, 0x7FFFFFFF)
    struct.pack_into(">I", data, data.index(b"mdhd") + 20, 0x7FFFFFFF)
    path.write_bytes(data)
    _, found, _ = read(path)
    assert times(found) == pytest.approx([i / 30 for i in range(20)], abs=1e-4)


@pytest.mark.parametrize("rate", [Fraction(1000), Fraction(1, 100)])
def test_a_rate_beyond_belief_is_replaced(tmp_path, rate):
    path = make(tmp_path / "a.mkv", "mjpeg", "yuvj420p", rate=rate, count=5)
    info, found, _ = read(path)
    assert info.fps == video_header.FALLBACK_FPS
    assert times(found) == pytest.approx([float(i / rate) for i in range(5)], abs=1e-3)


def test_a_header_of_years_is_no_reason_to_say_that_the_file_was_cut(tmp_path):
    path = make(tmp_path / "a.avi", "mpeg4")
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"strh") + 40, 2**32 - 1)
    path.write_bytes(data)
    with VideoFile(path) as video:
        assert video.info.duration_s is None
        assert len(list(video)) == 20
        assert not video.truncated


def test_more_pictures_than_a_day_has_are_refused_whatever_comes_before_the_index(
    tmp_path, monkeypatch
):
    path = make(tmp_path / "a.mp4")
    monkeypatch.setattr(video_header, "MAX_FRAMES", 20)
    with VideoFile(path) as video:
        assert len(list(video)) == 20
    monkeypatch.setattr(video_header, "MAX_FRAMES", 19)
    assert "its index claims more than 19 pictures" in complaint(path)
    start = path.read_bytes()
    long_box = struct.pack(">I4sQ", 1, b"free", 24) + bytes(8)
    path.write_bytes(start[:32] + long_box + start[32:])
    assert start[:8] == struct.pack(">I4s", 32, b"ftyp")
    assert "its index claims more than 19 pictures" in complaint(path)


def test_samples_of_sound_are_no_pictures(tmp_path, monkeypatch):
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("pcm_s16le", rate=44100, layout="mono")
        pictures = container.add_stream("mjpeg", rate=30)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuvj420p"
        for number in range(10):
            noise = av.AudioFrame.from_ndarray(np.ones((1, 1470), np.int16), "s16", "mono")
            noise.rate, noise.pts = 44100, 1470 * number
            container.mux(sound.encode(noise))
            picture = av.VideoFrame.from_ndarray(grey(number, 64, 48), format="bgr24")
            container.mux(pictures.encode(picture))
        container.mux(sound.encode(None))
        container.mux(pictures.encode(None))
    assert b"dhlr" in path.read_bytes()  # QuickTime's second kind of handler
    monkeypatch.setattr(video_header, "MAX_FRAMES", 10)
    with VideoFile(path) as video:
        assert len(list(video)) == 10


def test_sound_only(tmp_path):
    assert "no picture in it (a sound recording?)" in complaint(make_sound(tmp_path / "a.m4a"))


def test_sound_with_a_cover_picture(tmp_path):
    path = make_sound(tmp_path / "a.m4a")
    with av.open(str(path)) as source, av.open(str(tmp_path / "b.m4a"), "w", "mp4") as container:
        sound = container.add_stream_from_template(source.streams.audio[0])
        cover = container.add_stream("mjpeg")
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        container.mux(cover.encode(av.VideoFrame.from_ndarray(grey(0, 64, 48), format="bgr24")))
        container.mux(cover.encode(None))
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = sound
                container.mux(packet)
    assert "no picture in it (a sound recording?)" in complaint(tmp_path / "b.m4a")


def test_an_index_of_no_track_is_called_empty(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    assert "there is nothing in it, no picture and no sound" in complaint(path)


def test_too_large_a_picture_by_its_header(tmp_path, monkeypatch):
    path = make(tmp_path / "a.mp4", count=1)
    monkeypatch.setattr(video_header, "MAX_PIXELS", 64 * 48 - 1)
    assert "its picture of 64 x 48 pixels is too large; scale it down to 4K" in complaint(path)
    monkeypatch.setattr(video_header, "MAX_PIXELS", 64 * 48)
    assert len(read(path)[1]) == 1
