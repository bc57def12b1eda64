"""Reading videos: all sorts are made here, frame by frame, so that what is in them is known."""

import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from heelrise.frames import VideoFile
from small_videos import complaint, level, make, make_with_any_stamps, number_of, read, times

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")


# --- good files -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rate", [Fraction(30), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(1), Fraction(240)]
)
def test_constant_rates(tmp_path, rate):
    info, found, truncated = read(make(tmp_path / "a.mp4", rate=rate))
    assert times(found) == pytest.approx([float(i / rate) for i in range(20)], abs=1e-4)
    assert info.fps == pytest.approx(float(rate), rel=1e-4)
    assert isinstance(info.fps, float)
    assert info.duration_s == pytest.approx(float(20 / rate), rel=1e-3)
    assert [frame.index for frame in found] == list(range(20))
    assert [number_of(frame.image) for frame in found] == list(range(20))
    assert not truncated


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov"])
def test_variable_rate(tmp_path, name):
    stamps = [0, 33, 67, 68, 150, 400, 401, 433, 1900, 1933]
    path = make(tmp_path / name, stamps=stamps, time_base=Fraction(1, 1000))
    _, found, truncated = read(path)
    assert times(found) == pytest.approx([t / 1000 for t in stamps], abs=1e-3)
    assert [number_of(frame.image) for frame in found] == list(range(10))
    assert not truncated


def test_the_first_picture_is_at_zero(tmp_path):
    stamps = [700, 740, 800]
    _, found, _ = read(make(tmp_path / "a.mkv", stamps=stamps, time_base=Fraction(1, 1000)))
    assert times(found) == pytest.approx([0.0, 0.04, 0.1], abs=1e-3)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "count"),
    [
        ("vp8.webm", "libvpx", "yuv420p", 20),
        ("vp9.webm", "libvpx-vp9", "yuv420p", 20),
        ("alpha.webm", "libvpx-vp9", "yuva420p", 20),
        ("ten-bit.mov", "prores_ks", "yuv422p10le", 20),
        ("ten-bit.mkv", "ffv1", "yuv420p10le", 20),
        ("alpha.mov", "qtrle", "argb", 20),
        ("plain.avi", "mpeg4", "yuv420p", 20),
        ("b-frames.avi", "libx264", "yuv420p", 20),
        ("old.mpg", "mpeg1video", "yuv420p", 20),
        ("camera.m2ts", "libx264", "yuv420p", 20),
        ("bare.h264", "libx264", "yuv420p", 20),
        ("full-range.mkv", "mjpeg", "yuvj420p", 20),
        ("screen.flv", "flashsv", "bgr24", 20),
        ("loop.gif", "gif", "rgb8", 20),
    ],
)
def test_formats(tmp_path, name, codec, pix_fmt, count):
    info, found, truncated = read(make(tmp_path / name, codec, pix_fmt, count=count))
    assert len(found) == count
    assert times(found) == pytest.approx([i / 30 for i in range(count)], abs=0.011)
    assert [frame.image.shape for frame in found] == [(48, 64, 3)] * count
    if codec != "gif":  # which has 8 greys here
        levels = [float(frame.image.mean()) for frame in found]
        assert levels == sorted(set(levels))
        assert levels == pytest.approx([level(i) for i in range(count)], abs=6)
    assert info.fps == pytest.approx(100 / 3 if codec == "gif" else 30, rel=0.01)
    assert not truncated


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [("a.png", "png", "rgba"), ("a.jpg", "mjpeg", "yuvj420p"), ("a.bmp", "bmp", "bgr24")],
)
def test_a_still_picture_is_one_frame(tmp_path, name, codec, pix_fmt):
    path = make(tmp_path / name, codec, pix_fmt, count=1, file_format="image2")
    info, found, truncated = read(path)
    assert times(found) == [0.0]
    assert number_of(found[0].image) == 0
    assert info.duration_s is None
    assert not truncated


@pytest.mark.parametrize("size", [(16, 16), (63, 47), (2, 2), (1, 1), (500, 17)])
def test_sizes(tmp_path, size):
    info, found, _ = read(make(tmp_path / "a.mkv", "ffv1", size=size, count=3))
    assert (info.width, info.height) == size
    assert [number_of(frame.image) for frame in found] == [0, 1, 2]
    assert all(frame.image.shape == (size[1], size[0], 3) for frame in found)
    assert all(frame.image.flags.c_contiguous for frame in found)


def test_a_size_that_changes_is_scaled_to_the_first(tmp_path):
    parts = [
        make(
            tmp_path / f"{w}.mjpeg", "mjpeg", "yuvj420p", size=(w, h), count=5, file_format="mjpeg"
        )
        for w, h in ((64, 48), (96, 80), (32, 32))
    ]
    joined = tmp_path / "joined.mjpeg"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    _, found, _ = read(joined)
    assert [frame.image.shape for frame in found] == [(48, 64, 3)] * 15
    assert [number_of(frame.image) for frame in found] == [0, 1, 2, 3, 4] * 3


@pytest.mark.parametrize(
    "name",
    [
        "Übung 左.mp4",
        "9:16 50%.mp4",
        "f%03d.mp4",
        "a'b\"c.mp4",
        "x" * 200 + ".mp4",
        "no-suffix",
        pytest.param(os.fsdecode(b"latin-\xe9.mp4"), marks=posix_only),
    ],
)
def test_names(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(make(tmp_path / "a.mp4", count=2).read_bytes())
    assert len(read(path)[1]) == 2
    assert len(read(str(path))[1]) == 2


def test_a_name_that_looks_like_an_address_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pipe:0").write_bytes(make(tmp_path / "a.mp4", count=2).read_bytes())
    assert len(read("pipe:0")[1]) == 2
    assert "no such file" in complaint("http://127.0.0.1:9/a.mp4")


def test_one_pass_and_closing(tmp_path):
    path = make(tmp_path / "a.mp4")
    with VideoFile(path) as video:
        assert next(video).index == 0
        assert len(list(video)) == 19
        assert list(video) == []
    video = VideoFile(path)
    next(video)
    video.close()
    video.close()
    assert list(video) == []
    assert not video.truncated


# --- broken times ---------------------------------------------------------------------------


def test_repeated_stamps(tmp_path):
    stamps = [0, 33, 33, 67, 100, 100, 100, 133]
    _, found, _ = read(make_with_any_stamps(tmp_path / "a.mkv", stamps))
    got = times(found)
    assert got == sorted(set(got))
    assert [got[i] for i in (0, 1, 3, 4, 7)] == pytest.approx(
        [0.0, 0.033, 0.067, 0.1, 0.133], abs=1e-3
    )
    assert [number_of(frame.image) for frame in found] == list(range(8))


def test_a_joined_recording_whose_clock_starts_again(tmp_path):
    part = make(tmp_path / "a.ts", "mpeg2video", count=30).read_bytes()
    (tmp_path / "joined.ts").write_bytes(part + part)
    _, found, _ = read(tmp_path / "joined.ts")
    got = times(found)
    assert got == sorted(set(got))
    assert len(got) >= 59
    assert got[-1] - got[-10] == pytest.approx(0.3, abs=1e-3)
    assert 1.8 < got[-1] < 2.0


# --- damaged files --------------------------------------------------------------------------

FASTSTART = {"movflags": "+faststart"}


def noisy(number, width, height):
    rng = np.random.default_rng(number)
    return rng.integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_file_gives_what_is_there(tmp_path, share):
    path = make(tmp_path / "a.mp4", picture=noisy, count=40, file_options=FASTSTART)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    _, found, truncated = read(path)
    assert 40 * share - 10 < len(found) < 40
    assert times(found) == pytest.approx([i / 30 for i in range(len(found))], abs=1e-4)
    assert truncated


def test_a_file_that_ends_long_before_its_header_says(tmp_path):
    path = make(tmp_path / "a.webm", "libvpx", picture=noisy, count=90)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 3])
    with VideoFile(path) as video:
        assert not video.truncated
        assert 20 < len(list(video)) < 40
        assert video.truncated


def test_a_file_damaged_in_the_middle_goes_on_after_it(tmp_path):
    path = make(tmp_path / "a.mp4", picture=noisy, count=40, options={"g": "5"})
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4 + (len(data) // 3)
    data[start : start + 3000] = np.random.default_rng(0).bytes(3000)
    path.write_bytes(data)
    _, found, truncated = read(path)
    assert len(found) > 30
    assert times(found)[-1] == pytest.approx(39 / 30, abs=0.05)
    assert truncated


def test_nothing_of_libav_reaches_the_terminal(tmp_path):
    whole = make(tmp_path / "whole.mp4", picture=noisy, count=20, file_options=FASTSTART)
    data = bytearray(whole.read_bytes())
    half = len(data) // 2
    data[half : half + 2000] = np.random.default_rng(0).bytes(2000)
    (tmp_path / "damaged.mp4").write_bytes(data[:-500])
    (tmp_path / "text.mp4").write_text("no video\n" * 50)
    code = (
        "import sys\n"
        "from heelrise.frames import VideoFile, HeelriseError\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(len(list(VideoFile(name))))\n"
        "    except HeelriseError: print('refused')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "damaged.mp4", tmp_path / "text.mp4"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""
    assert run.stdout.endswith("refused\n")
    assert len(run.stdout.split()) == 2


def test_no_frames(tmp_path):
    path = make(tmp_path / "a.mp4", count=3)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    data[start : start + 3000] = bytes(len(data[start : start + 3000]))
    head = path.read_bytes()
    data[head.index(b"moov") - 4 :] = head[head.index(b"moov") - 4 :]
    path.write_bytes(data)
    assert "no picture in it can be decoded" in complaint(path)


# --- libraries ------------------------------------------------------------------------------


def test_importing_the_module_loads_no_decoder():
    code = "import sys, heelrise.frames; print('av' in sys.modules, 'cv2' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]


def test_opencv_is_loaded_before_pyav(tmp_path):
    # the other way round its window hangs on Linux: see _opencv_first
    path = make(tmp_path / "a.mp4")
    code = (
        "import sys; from heelrise.frames import VideoFile; VideoFile(sys.argv[1]).close(); "
        "names = list(sys.modules); print(names.index('cv2') < names.index('av'))"
    )
    command = [sys.executable, "-c", code, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "True"
