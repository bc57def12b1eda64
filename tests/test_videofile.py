"""Writing the annotated video: read back with PyAV itself, and what must never be left behind."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.videofile import LONGEST_LAST_S, VideoWriter

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")


def grey(number, size=(64, 48)):
    return np.full((size[1], size[0], 3), 20 + 6 * number, np.uint8)


def number_of(image):
    return round((float(image.mean()) - 19) / 6)


def write(path, times, size=(64, 48), fps=30.0):
    with VideoWriter(path, *size, fps) as writer:
        for number, t_s in enumerate(times):
            writer.write(grey(number % 35, size), t_s)
    return path


def read(path):
    with VideoFile(path) as video:
        return video.info, list(video)


def packets(path):
    with av.open(str(path)) as container:
        return [p for p in container.demux(video=0) if p.pts is not None]


def unwritable(folder):
    """Make a folder refuse new files, for root too (who then is nobody)."""
    folder.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)


@pytest.mark.parametrize(
    "times",
    [
        [i / 30 for i in range(30)],
        [i * 1001 / 30000 for i in range(30)],
        [i * 1001 / 24000 for i in range(30)],
        [0.0, 0.033, 0.067, 0.068, 0.150, 0.4, 0.401, 0.433, 1.9, 1.9333],
        [0.0, 0.5, 12.25, 3600.0],
        [0.0],
    ],
    ids=["30", "29.97", "23.976", "variable", "gaps", "one frame"],
)
def test_times_and_pictures_come_back(tmp_path, times):
    info, found = read(write(tmp_path / "a.mp4", times))
    assert [frame.t_s for frame in found] == pytest.approx(times, abs=1e-4)
    assert [number_of(frame.image) for frame in found] == list(range(len(times)))
    assert (info.width, info.height) == (64, 48)


def test_what_browsers_and_phones_play(tmp_path):
    path = write(tmp_path / "a.mp4", [i / 30 for i in range(70)])
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context
        assert [s.type for s in container.streams] == ["video"]
        assert (codec.name, codec.pix_fmt, codec.profile) == ("h264", "yuv420p", "High")
        assert (codec.color_primaries, codec.color_trc, codec.colorspace) == (1, 1, 6)
        assert codec.color_range == 1
        assert float(stream.average_rate) == pytest.approx(30, rel=1e-3)
    data = path.read_bytes()
    assert data[4:8] == b"ftyp"
    assert data.index(b"moov") < data.index(b"mdat")
    found = packets(path)
    assert all(packet.pts == packet.dts for packet in found)
    keys = [float(p.pts * p.time_base) for p in found if p.is_keyframe]
    assert keys[0] == 0
    assert max(np.diff(keys)) <= 2.01


def test_colours_come_back(tmp_path):
    columns = [(0, 0, 255), (0, 255, 0), (255, 0, 0), (200, 120, 40), (90, 140, 210), (255,) * 3]
    image = np.repeat(np.array(columns, np.uint8), 32, axis=0)[None].repeat(48, axis=0)
    with VideoWriter(tmp_path / "a.mp4", 192, 48, 30) as writer:
        writer.write(image, 0.0)
    frame = read(tmp_path / "a.mp4")[1][0]
    for number, colour in enumerate(columns):
        assert frame.image[24, 32 * number + 16] == pytest.approx(colour, abs=8)


@pytest.mark.parametrize("size", [(63, 47), (64, 47), (63, 48), (1, 1), (16, 16), (66, 50)])
def test_odd_sizes_keep_every_pixel(tmp_path, size):
    width, height = size
    image = np.full((height, width, 3), 60, np.uint8)
    image[-1:] = image[:, -1:] = 220
    with VideoWriter(tmp_path / "a.mp4", width, height, 30) as writer:
        for number in range(3):
            writer.write(image, number / 30)
    info, found = read(tmp_path / "a.mp4")
    assert (info.width, info.height) == (width + width % 2, height + height % 2)
    back = found[-1].image.astype(int)
    assert abs(back[:height, :width] - image).mean() < 12
    assert back[-1].mean() == pytest.approx(220, abs=12)
    assert back[:, -1].mean() == pytest.approx(220, abs=12)


def test_the_picture_given_is_not_changed(tmp_path):
    image = grey(3, (63, 47))
    with VideoWriter(tmp_path / "a.mp4", 63, 47, 30) as writer:
        writer.write(image, 0.0)
        image[:] = 200
    assert number_of(read(tmp_path / "a.mp4")[1][0].image) == 3


@pytest.mark.parametrize(
    ("times", "stay"),
    [([0.0, 0.1, 0.2], 0.1), ([0.0, 0.1, 50.0], LONGEST_LAST_S), ([0.0], 1 / 25)],
)
def test_the_last_frame_stays_a_sensible_while(tmp_path, times, stay):
    path = write(tmp_path / "a.mp4", times, fps=25)
    last = packets(path)[-1]
    assert float(last.duration * last.time_base) == pytest.approx(stay, abs=1e-3)
    with av.open(str(path)) as container:
        assert container.duration / 1e6 == pytest.approx(times[-1] + stay, abs=2e-3)


@pytest.mark.parametrize("fps", [float("nan"), float("inf"), 0.0, -5.0, 1e9])
def test_a_senseless_rate_does_no_harm(tmp_path, fps):
    _, found = read(write(tmp_path / "a.mp4", [0.0, 0.1, 0.3], fps=fps))
    assert [frame.t_s for frame in found] == pytest.approx([0.0, 0.1, 0.3], abs=1e-4)


def test_times_that_do_not_advance_are_moved_on(tmp_path):
    _, found = read(write(tmp_path / "a.mp4", [0.0, 0.1, 0.1, 0.05, 0.2]))
    assert [frame.t_s for frame in found] == pytest.approx([0.0, 0.1, 0.1, 0.1, 0.2], abs=1e-3)
    assert [number_of(frame.image) for frame in found] == [0, 1, 2, 3, 4]


def test_a_picture_of_another_size_is_a_mistake(tmp_path):
    with (
        pytest.raises(ValueError, match="expected a picture of shape"),
        VideoWriter(tmp_path / "a.mp4", 64, 48, 30) as writer,
    ):
        writer.write(grey(0, (48, 64)), 0.0)
    assert list(tmp_path.iterdir()) == []


# --- whole or not at all ----------------------------------------------------------------------


def write_and_raise(path, frames, error):
    with VideoWriter(path, 64, 48, 30) as writer:
        for number in range(frames):
            writer.write(grey(number % 35), number / 30)
        raise error


@pytest.mark.parametrize("frames", [0, 1, 40])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_exception_leaves_nothing(tmp_path, frames, error):
    with pytest.raises(error):
        write_and_raise(tmp_path / "a.mp4", frames, error)
    assert list(tmp_path.iterdir()) == []


def test_an_exception_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError):
        write_and_raise(path, 5, RuntimeError)
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
    assert path.read_bytes() == b"old"


def test_the_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")
    with VideoWriter(path, 64, 48, 30) as writer:
        for number in range(30):
            writer.write(grey(number), number / 30)
        assert path.read_bytes() == b"old"
    assert len(read(path)[1]) == 30
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_no_frames_is_no_file(tmp_path):
    with (
        pytest.raises(HeelriseError, match="the video has no frames"),
        VideoWriter(tmp_path / "a.mp4", 64, 48, 30),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


@posix_only
def test_readable_by_the_owner_alone(tmp_path):
    with VideoWriter(tmp_path / "a.mp4", 64, 48, 30) as writer:
        (part,) = tmp_path.iterdir()
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
        writer.write(grey(0), 0.0)
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a.mp4").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["Übung 左.mp4", "9:16 50%.mp4", "f%03d.mp4", "y" * 200 + ".mp4"])
def test_names(tmp_path, name):
    write(tmp_path / name, [0.0, 0.1])
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert len(read(tmp_path / name)[1]) == 2


def test_a_missing_folder(tmp_path):
    with pytest.raises(HeelriseError) as caught:
        write(tmp_path / "none" / "a.mp4", [0.0])
    assert str(caught.value).isprintable()
    assert "cannot write" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@posix_only
def test_a_read_only_folder(tmp_path):
    user = os.geteuid()
    unwritable(tmp_path)
    try:
        with pytest.raises(HeelriseError, match=r"(?i)permission denied"):
            write(tmp_path / "a.mp4", [0.0])
    finally:
        os.seteuid(user)
        tmp_path.chmod(0o755)
    assert list(tmp_path.iterdir()) == []


FULL_DISK = """
import resource, sys
import numpy as np
from heelrise.errors import HeelriseError
from heelrise.videofile import VideoWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
rng = np.random.default_rng(0)
try:
    with VideoWriter(sys.argv[1], 320, 240, 30) as writer:
        for number in range(60):
            writer.write(rng.integers(0, 256, (240, 320, 3), np.uint8), number / 30)
except HeelriseError as error:
    print(error)
"""


@posix_only
@pytest.mark.parametrize("room", [0, 1000, 300_000, 700_000])
def test_a_full_disk_leaves_nothing(tmp_path, room):
    # A limit on the file's size is the full disk that needs no disk; writing ends alike.
    path = tmp_path / "a.mp4"
    code = [sys.executable, "-c", FULL_DISK, path, str(room)]
    run = subprocess.run(code, capture_output=True, text=True, check=True)
    assert run.stdout.startswith(f"cannot write {path}: ")
    assert run.stdout.count("\n") == 1
    assert run.stderr == ""
    assert list(tmp_path.iterdir()) == []


@posix_only
def test_a_pipe_gets_the_finished_video(tmp_path):
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as cat:
        write(pipe, [0.0, 0.1, 0.2])
        data = cat.stdout.read()
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [p.name for p in tmp_path.iterdir()] == ["pipe.mp4"]
    (tmp_path / "copy.mp4").write_bytes(data)
    assert len(read(tmp_path / "copy.mp4")[1]) == 3


@posix_only
def test_a_device_is_written_not_replaced():
    write("/dev/null", [0.0, 0.1])
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    if Path("/dev/full").exists():
        with pytest.raises(HeelriseError, match=r"(?i)no space left"):
            write("/dev/full", [0.0, 0.1])


def test_importing_the_module_loads_no_encoder():
    code = "import sys, heelrise.videofile; print('av' in sys.modules, 'cv2' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]
