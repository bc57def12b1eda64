"""Reading videos: all sorts are made here, frame by frame, so that what is in them is known."""

import os
import struct
import subprocess
import sys
import zlib
from fractions import Fraction

import av
import numpy as np
import pytest
from av.stream import Disposition

from heelrise import frames
from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")


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


def test_frames_are_upright_contiguous_bgr(tmp_path):
    def blue(number, width, height):
        return np.full((height, width, 3), (200, 60, 20), np.uint8)

    info, found, _ = read(make(tmp_path / "a.mp4", count=1, picture=blue))
    image = found[0].image
    assert (info.width, info.height, len(found)) == (64, 48, 1)
    assert (image.shape, image.dtype) == ((48, 64, 3), np.uint8)
    assert image.flags.c_contiguous
    assert image.flags.writeable
    assert image.mean(axis=(0, 1)) == pytest.approx([200, 60, 20], abs=8)


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


CORNERS = np.zeros((48, 64, 3), np.uint8)
CORNERS[:24, :32], CORNERS[:24, 32:], CORNERS[24:, :32] = (0, 0, 250), (0, 250, 0), (250, 0, 0)


@pytest.mark.parametrize(
    ("matrix", "stored"),
    [
        # a, b, c, d as QuickTime writes them; what the camera stored for an upright CORNERS
        ((1, 0, 0, 1), CORNERS),
        ((0, 1, -1, 0), np.rot90(CORNERS, 1)),
        ((-1, 0, 0, -1), np.rot90(CORNERS, 2)),
        ((0, -1, 1, 0), np.rot90(CORNERS, 3)),
        ((-1, 0, 0, 1), CORNERS[:, ::-1]),
        ((1, 0, 0, -1), CORNERS[::-1]),
        ((0, 1, 1, 0), CORNERS.transpose(1, 0, 2)),
        ((0, -1, -1, 0), np.rot90(CORNERS, 2).transpose(1, 0, 2)),
    ],
    ids=["none", "90", "180", "270", "mirror", "upside-down mirror", "mirror 90", "mirror 270"],
)
def test_rotation_and_mirror_flags(tmp_path, matrix, stored):
    height, width = stored.shape[:2]
    stored = np.ascontiguousarray(stored)
    path = make(tmp_path / "a.mp4", size=(width, height), picture=lambda *_: stored, count=2)
    data = bytearray(path.read_bytes())
    a, b, c, d = (65536 * v for v in matrix)
    struct.pack_into(">9i", data, data.index(b"tkhd") + 44, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    info, found, _ = read(path)
    assert (info.width, info.height) == (64, 48)
    image = found[1].image
    assert image.flags.c_contiguous
    for row, column in ((12, 16), (12, 48), (36, 16), (36, 48)):
        assert image[row, column] == pytest.approx(CORNERS[row, column].astype(int), abs=20)


def test_pixels_that_are_not_square_are_made_square(tmp_path):
    path = make(tmp_path / "dv.mp4", aspect=Fraction(4, 3), size=(48, 48), count=2)
    info, found, _ = read(path)
    assert (info.width, info.height) == (64, 48)
    assert found[0].image.shape == (48, 64, 3)


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


def test_drawing_on_a_frame_leaves_the_next_ones_alone(tmp_path):
    path = make(tmp_path / "a.flv", "flashsv", "bgr24", picture=lambda *_: CORNERS, count=4)
    with VideoFile(path) as video:
        for frame in video:
            assert (frame.image == CORNERS).all()
            frame.image[:] = 77


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
    assert info.fps == frames.FALLBACK_FPS
    assert times(found) == pytest.approx([float(i / rate) for i in range(5)], abs=1e-3)


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


# --- what is refused, in one line that says what to do -----------------------------------------


def test_no_such_file(tmp_path):
    assert "there is no such file; check the name" in complaint(tmp_path / "a.mp4")


def test_the_message_is_one_line_whatever_the_name(tmp_path):
    assert "a\\nb\\x1b[31m" in complaint(tmp_path / "a\nb\x1b[31m.mp4")
    assert "\\udcff" in complaint(tmp_path / "a\udcff.mp4")
    assert "null" in complaint("a\0.mp4")


def test_a_folder(tmp_path):
    assert "is a folder; name the video" in complaint(tmp_path)


def test_an_empty_file(tmp_path):
    (tmp_path / "a.mp4").touch()
    assert "is empty (0 bytes); copy" in complaint(tmp_path / "a.mp4")


@pytest.mark.parametrize("content", [b"x", b"hello\n" * 200, bytes(5000), b"\x7fELF" + bytes(300)])
@pytest.mark.parametrize("name", ["a.mp4", "a.txt", "a.avi", "a.mkv"])
def test_something_else_named_like_a_video(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert "is not a video; use MP4" in complaint(tmp_path / name)


def test_a_recording_that_was_never_finished(tmp_path):
    path = make(tmp_path / "a.mp4")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 4])
    assert "incomplete (its index is missing); copy it from the camera" in complaint(path)


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


def test_no_frames(tmp_path):
    path = make(tmp_path / "a.mp4", count=3)
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    data[start : start + 3000] = bytes(len(data[start : start + 3000]))
    head = path.read_bytes()
    data[head.index(b"moov") - 4 :] = head[head.index(b"moov") - 4 :]
    path.write_bytes(data)
    assert "no picture in it can be decoded" in complaint(path)


def test_a_result_is_sent_to_its_video(tmp_path):
    (tmp_path / "a.json").write_text('{"schema_version": 1}')
    assert "name the video that this JSON belongs to" in complaint(tmp_path / "a.json")


@pytest.mark.parametrize("name", ["a.m3u8", "a.mp4"])
def test_a_playlist_opens_nothing_else(tmp_path, name):
    make(tmp_path / "part.ts", "mpeg2video")
    (tmp_path / name).write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\npart.ts\n")
    assert "is not a video" in complaint(tmp_path / name)


def test_too_large_a_picture_by_its_header(tmp_path, monkeypatch):
    path = make(tmp_path / "a.mp4", count=1)
    monkeypatch.setattr(frames, "MAX_PIXELS", 64 * 48 - 1)
    assert "scale it down to 4K" in complaint(path) or "at most 4K" in complaint(path)
    monkeypatch.setattr(frames, "MAX_PIXELS", 64 * 48 * 4)
    assert len(read(path)[1]) == 1


def test_a_picture_of_10000_x_10000_is_never_decoded(tmp_path):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">2I5B", 10_000, 10_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(30_001 * 100))
    path = tmp_path / "a.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    assert "larger than 8192 x 4320 pixels" in complaint(path)


@posix_only
def test_a_pipe_is_refused_and_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "is not a file" in complaint(tmp_path / "pipe.mp4")
    assert "is not a file" in complaint("/dev/zero")


@posix_only
def test_no_permission(tmp_path):
    path = make(tmp_path / "a.mp4")
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        message = complaint(path)
    finally:
        os.seteuid(user)
    assert "permission denied; make it readable" in message


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
