"""Cameras: a real server on this machine plays the network camera; webcams are faked."""

import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from heelrise import frames, grabber
from heelrise.errors import HeelriseError
from heelrise.frames import CameraLost, Stream, VideoFile, open_camera
from heelrise.grabber import Grabber, Trouble, fitted
from mjpeg_server import MjpegServer, pictures
from small_videos import make, number_of

CLIP = Path(__file__).parent.parent / "sample_videos" / "floor_profile_clean.mp4"

BLACK = [np.zeros((48, 64, 3), np.uint8)]


@pytest.fixture
def server():
    with MjpegServer() as running:
        yield running


@contextmanager
def grabbing(source, **options):
    running = Grabber(source, **options)
    running.start()
    try:
        yield running
    finally:
        running.close()


def collect(running, enough, timeout_s=5.0):
    """Grab until `enough(grabs)` and return the grabs; fails when it never is."""
    grabs = []
    end = time.perf_counter() + timeout_s
    while not enough(grabs):
        assert time.perf_counter() < end, f"{running.trouble}, {len(grabs)} pictures"
        grab = running.latest(0.05)
        if grab is not None:
            grabs.append(grab)
    return grabs


def seconds(duration_s):
    end = time.perf_counter() + duration_s
    return lambda _: time.perf_counter() > end


def trouble_is(running, trouble):
    return lambda _: running.trouble is trouble


def times(grabs):
    return [grab.frame.t_s for grab in grabs]


def complaint(source):
    with pytest.raises(HeelriseError) as caught:
        open_camera(source)
    message = str(caught.value)
    assert message.isprintable()
    return message


# --- the network camera ---------------------------------------------------------------------


def test_a_stream_gives_pictures_on_the_clock(server):
    with grabbing(server.url) as running:
        grabs = collect(running, lambda got: len(got) == 20)
        now_s = time.perf_counter()
        assert running.trouble is None
        assert not running.ended
        assert running.name == server.url
    first = grabs[0]  # of those taken in time: on a busy machine the camera's very first may go by
    assert (first.frame.t_s == 0.0) == (first.frame.index == 0)
    assert times(grabs) == sorted(set(times(grabs)))
    since_first = [g.captured_s - first.captured_s for g in grabs]
    assert times(grabs) == pytest.approx([first.frame.t_s + s for s in since_first])
    assert 0 <= now_s - grabs[-1].captured_s < 1.0
    assert grabs[-1].frame.t_s - grabs[5].frame.t_s > 14 / 30 - 0.25
    image = grabs[-1].frame.image
    assert (image.shape, image.dtype) == ((48, 64, 3), np.uint8)
    assert image.flags.c_contiguous
    assert image.flags.writeable


def test_a_slow_reader_drops_pictures_and_does_not_lag(server):
    with grabbing(server.url) as running:
        first = running.latest(5.0)
        time.sleep(0.6)
        grab = running.latest(1.0)
        assert time.perf_counter() - grab.captured_s < 0.4
        assert grab.frame.index - first.frame.index > 8


def test_5_pictures_a_second_are_no_trouble(server):
    server.fps = 5
    with grabbing(server.url) as running:
        found = set()
        grabs = collect(running, lambda got: found.add(running.trouble) or len(got) == 8)
        assert found == {None}
        assert running.latest(0.001) is None
    assert np.median(np.diff(times(grabs)[3:])) == pytest.approx(0.2, abs=0.1)


def test_a_stall_is_frozen_then_lost_then_over(server, monkeypatch):
    monkeypatch.setattr(frames, "READ_S", 2.5)
    with grabbing(server.url) as running:
        before = collect(running, lambda got: len(got) == 5)
        server.stalled = True
        start_s = time.perf_counter()
        before += collect(running, trouble_is(running, Trouble.FROZEN))
        assert 1.7 < time.perf_counter() - start_s < 4.0
        collect(running, trouble_is(running, Trouble.LOST))
        server.stalled = False
        after = collect(running, trouble_is(running, None))
        after += collect(running, lambda got: len(got) == 3)
        assert server.connections == 2
    assert times(before + after) == sorted(set(times(before + after)))
    assert after[0].frame.t_s - before[-1].frame.t_s == pytest.approx(
        after[0].captured_s - before[-1].captured_s
    )


def test_a_short_stall_needs_no_new_connection(server):
    with grabbing(server.url) as running:
        collect(running, lambda got: len(got) == 3)
        server.stalled = True
        collect(running, trouble_is(running, Trouble.FROZEN))
        server.stalled = False
        collect(running, trouble_is(running, None))
        assert server.connections == 1


def test_a_dropped_connection_is_made_again(server):
    with grabbing(server.url) as running:
        before = collect(running, lambda got: len(got) == 5)
        server.drop()
        before += collect(running, trouble_is(running, Trouble.LOST))
        after = collect(running, trouble_is(running, None))
        after += collect(running, lambda got: len(got) == 3)
        assert server.connections == 2
    assert times(before + after) == sorted(set(times(before + after)))
    assert after[0].frame.t_s - before[-1].frame.t_s > 0.9


def test_a_camera_that_goes_and_comes_back(server, monkeypatch):
    monkeypatch.setattr(grabber, "RETRY_S", 0.3)
    with grabbing(server.url) as running:
        before = collect(running, lambda got: len(got) == 5)
        server.vanish()
        before += collect(running, trouble_is(running, Trouble.LOST))
        collect(running, seconds(1.0))
        assert running.trouble is Trouble.LOST
        server.listen()
        after = collect(running, trouble_is(running, None))
        after += collect(running, lambda got: len(got) == 3)
    assert times(before + after) == sorted(set(times(before + after)))
    assert after[0].frame.t_s - before[-1].frame.t_s > 1.0


def test_another_size_is_fitted_to_the_first(server):
    with grabbing(server.url) as running:
        collect(running, lambda got: len(got) == 3)
        server.show(pictures(48, 96))
        grabs = collect(running, lambda got: got and got[-1].frame.image[:, 0].max() < 10)
        image = grabs[-1].frame.image
        assert image.shape == (48, 64, 3)
        assert image[:, 22:42].min() > 25
        assert running.trouble is None


def test_black_pictures(server):
    with grabbing(server.url) as running:
        collect(running, lambda got: len(got) == 3)
        server.show(BLACK)
        start_s = time.perf_counter()
        collect(running, trouble_is(running, Trouble.BLACK))
        assert 0.7 < time.perf_counter() - start_s < 3.0
        # The same black picture for over 2 s is a covered lens still; and pictures go on coming.
        grabs = collect(running, seconds(1.3))
        assert len(grabs) > 15
        assert grabs[-1].frame.image.max() < 3
        assert running.trouble is Trouble.BLACK
        server.show(pictures())
        collect(running, trouble_is(running, None))


def test_the_same_picture_for_long(server):
    with grabbing(server.url) as running:
        server.show(pictures(count=1))
        start_s = time.perf_counter()
        while running.trouble is None:
            grab = running.latest(1.0)
            grab.frame.image[:] = 7  # drawing on it must not make it another picture
        assert running.trouble is Trouble.FROZEN
        assert 1.7 < time.perf_counter() - start_s < 4.0
        server.show(pictures())
        collect(running, trouble_is(running, None))


def test_a_stream_alone(server):
    stream = Stream(server.url)
    first, second = stream.read(), stream.read()
    assert second.mean() - first.mean() == pytest.approx(8, abs=3)
    server.vanish()
    rest = iter(lambda: stream.read() is not None, False)  # what is still on its way
    with pytest.raises(CameraLost, match="sends no picture any more"):
        list(rest)
    stream.close()
    stream.close()
    with pytest.raises(CameraLost):
        stream.read()


def test_a_password_is_sent_and_not_shown(server):
    server.wanted = "Basic amFuZTpzZWNyZXQ="  # jane:secret
    host = server.url.removeprefix("http://")
    with grabbing(f"http://jane:secret@{host}?token=secret") as running:
        assert running.latest(5.0) is not None
        assert running.name == f"http://{host}"
    message = complaint(f"http://jane:wrong-secret@{host}")
    assert "asks for a user name and password" in message
    assert "secret" not in message
    assert "jane" not in message


@pytest.mark.parametrize(
    "source", ["file:/etc/passwd", "concat:a|b", "", "-1", "1234567", "²", "no-such.mp4", "a\nb"]
)
def test_what_is_no_camera(source):
    assert "give a number (0 is the first webcam)" in complaint(source)


def test_what_does_not_open(server, monkeypatch):
    assert "has no such page" in complaint(server.url + "2")
    assert "no video comes from there" in complaint(server.url.replace("/video", "/text"))
    monkeypatch.setattr(frames, "OPEN_S", 0.3)
    server.stalled = True
    assert "no picture came within" in complaint(server.url)
    server.vanish()
    assert "nothing answers there" in complaint(server.url)
    with pytest.raises(HeelriseError, match="nothing answers there"):
        Grabber(server.url).start()


# --- webcams ----------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="looks for /dev/video999")
def test_a_webcam_that_is_not_there():
    assert "there is no camera 999" in complaint("999")


class FakeCapture:
    """Stands in for cv2.VideoCapture: gives three pictures, then none."""

    def __init__(self, number, _backend, opens=True):
        self.number, self.opens, self.left, self.settings = number, opens, 3, {}

    def isOpened(self):  # noqa: N802
        return self.opens

    def set(self, key, value):
        self.settings[key] = value

    def read(self):
        self.left -= 1
        there = self.left >= 0
        return there, np.full((480, 640, 3), 9, np.uint8)[:, ::-1] if there else None

    def release(self):
        self.opens = False


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_a_webcam(monkeypatch, platform):
    import cv2

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(cv2, "VideoCapture", FakeCapture)
    monkeypatch.setattr(os.path, "exists", lambda _: True)
    camera = open_camera("2")
    settings = camera._capture.settings
    assert (settings[cv2.CAP_PROP_FRAME_WIDTH], settings[cv2.CAP_PROP_FRAME_HEIGHT]) == (640, 480)
    assert (settings[cv2.CAP_PROP_FPS], settings[cv2.CAP_PROP_BUFFERSIZE]) == (30, 1)
    assert (cv2.CAP_PROP_FOURCC in settings) == (platform != "darwin")
    assert camera.name == "camera 2"
    assert all(camera.read().flags.c_contiguous for _ in range(3))
    with pytest.raises(CameraLost, match="camera 2 gives no picture"):
        camera.read()
    camera.close()
    assert not camera._capture.opens


@pytest.mark.parametrize(
    ("named", "opened"),
    [
        ("2", "2"),
        ("/dev/video12", "12"),
        ("/dev/videos", "/dev/videos"),
        ("/mnt/dev/video1", "/mnt/dev/video1"),
        ("/dev/video1/film.mp4", "/dev/video1/film.mp4"),
    ],
)
def test_linux_calls_cameras_so(named, opened):
    asked = []

    def opener(source):
        asked.append(source)
        raise HeelriseError("no camera here")

    with pytest.raises(HeelriseError, match="no camera here"):
        Grabber(named, opener).start()
    assert asked == [opened]


# --- a file as a camera ---------------------------------------------------------------------


def test_a_file_is_played_at_its_own_speed():
    with VideoFile(CLIP) as video:
        own = {frame.index: frame for frame, _ in zip(video, range(100), strict=False)}
    with grabbing(str(CLIP)) as running:
        assert running.name == CLIP.name
        grabs = collect(running, lambda got: got and got[-1].frame.t_s >= 2.0)
        time.sleep(0.6)  # a slow reader
        grabs += [running.latest(1.0)]
        assert grabs[-1].frame.index - grabs[-2].frame.index > 8
        grabs += collect(running, lambda got: got and got[-1].frame.t_s >= 3.0)
        assert not running.ended
        assert running.trouble is None
    for grab in grabs:
        frame = own[grab.frame.index]
        assert grab.frame.t_s == frame.t_s
        assert (grab.frame.image == frame.image).all()
    # By the file's clock, which began with its first picture: that one may have been given late.
    late = [grab.captured_s - grab.frame.t_s for grab in grabs]
    assert np.median(late) - min(late) < 0.2


def test_a_file_ends(tmp_path):
    path = make(tmp_path / "a.mp4", count=10)
    with grabbing(str(path)) as running:
        grabs = []
        while not running.ended:
            grabs.append(running.latest(2.0))
        if (last := running.latest(2.0)) is not None:
            grabs.append(last)
        start_s = time.perf_counter()
        assert running.latest(2.0) is None
        assert time.perf_counter() - start_s < 1.5  # not the 2 s that it was given
    shown = [number_of(grab.frame.image) for grab in grabs if grab is not None]
    assert shown[-1] == 9
    assert shown == sorted(set(shown))


def test_a_file_that_is_no_video(tmp_path):
    (tmp_path / "a.mp4").write_text("hello")
    with pytest.raises(HeelriseError, match="is not a video"):
        Grabber(str(tmp_path / "a.mp4")).start()


# --- cameras that hang --------------------------------------------------------------------------


class Hanging:
    """A camera whose read hangs after three pictures until `let_go`."""

    name = "hanging"

    def __init__(self):
        self.let_go, self.closed, self.count = threading.Event(), threading.Event(), 0

    def read(self):
        self.count += 1
        if self.count > 3:
            self.let_go.wait()
        return np.full((6, 8, 3), 100 + self.count % 100, np.uint8)

    def close(self):
        self.closed.set()


def test_closing_does_not_wait_for_a_hanging_read():
    camera = Hanging()
    running = Grabber("0", lambda _: camera)
    running.start()
    time.sleep(0.2)
    start_s = time.perf_counter()
    running.close()
    assert time.perf_counter() - start_s < 1.0
    assert running.latest(5.0) is None
    assert not camera.closed.is_set()
    camera.let_go.set()
    assert camera.closed.wait(1.0)
    running.close()


def test_a_read_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(grabber, "FROZEN_S", 0.2)
    monkeypatch.setattr(grabber, "GIVE_UP_S", 0.5)
    monkeypatch.setattr(grabber, "RETRY_S", 0.2)
    cameras = []

    def opener(_):
        cameras.append(Hanging())
        return cameras[-1]

    with grabbing("0", opener=opener) as running:
        before = collect(running, trouble_is(running, Trouble.FROZEN))
        before += collect(running, trouble_is(running, Trouble.LOST))
        cameras[0].let_go.set()  # too late: its pictures count no more
        assert cameras[0].closed.wait(1.0)
        after = collect(running, trouble_is(running, None))
        assert len(cameras) == 2
        cameras[1].let_go.set()
        after += collect(running, lambda got: len(got) > 3)
    assert cameras[1].closed.wait(1.0)
    assert times(before + after) == sorted(set(times(before + after)))


def test_a_camera_that_cannot_be_opened_again_is_tried_for_ever(monkeypatch):
    monkeypatch.setattr(grabber, "RETRY_S", 0.02)
    tries = []

    class Short(Hanging):
        def read(self):
            if len(tries) in (1, 6) and self.count < 3:
                return super().read()
            raise CameraLost("gone")

    def opener(_):
        tries.append(0)
        if 1 < len(tries) < 6:
            raise HeelriseError("busy")
        return Short()

    with grabbing("0", opener=opener) as running:
        grabs = collect(running, lambda _: len(tries) > 8)
        assert running.trouble is Trouble.LOST
    assert times(grabs) == sorted(set(times(grabs)))


def test_times_rise_even_if_the_clock_does_not():
    with grabbing("0", opener=lambda _: Hanging(), clock=lambda: 5.0) as running:
        grabs = collect(running, seconds(0.2))
        assert grabs[-1].frame.t_s == pytest.approx(grabs[-1].frame.index * 1e-4)


def test_closing_at_once_closes_the_camera():
    camera = Hanging()
    camera.let_go.set()
    running = Grabber("0", lambda _: camera)
    running.close()
    running.start()
    assert camera.closed.wait(1.0)
    running.close()


# --- parts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((64, 48), (0, 0, 64, 48)),
        ((128, 96), (0, 0, 64, 48)),
        ((48, 96), (20, 0, 44, 48)),
        ((160, 40), (0, 16, 64, 32)),
        ((1, 1), (8, 0, 56, 48)),
        ((5000, 1), (0, 23, 64, 24)),
    ],
)
def test_fitting(size, box):
    out = fitted(np.full((size[1], size[0], 3), 200, np.uint8), (64, 48))
    assert (out.shape, out.flags.c_contiguous) == ((48, 64, 3), True)
    left, top, right, bottom = box
    assert (out[top:bottom, left:right] == 200).all()
    assert out.sum() == 600 * (right - left) * (bottom - top)


def test_a_recording_at_an_address_is_refused(tmp_path):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    make(tmp_path / "a.mp4")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as web:
        threading.Thread(target=web.serve_forever, args=(0.02,), daemon=True).start()
        message = complaint(f"http://127.0.0.1:{web.server_address[1]}/a.mp4")
        web.shutdown()
    assert "a recording, not a camera" in message


def test_nothing_reaches_the_terminal_and_a_hanging_thread_does_not_keep_python(server):
    code = (
        "import sys, time\n"
        "from heelrise.grabber import Grabber, HeelriseError\n"
        "assert 'av' not in sys.modules and 'cv2' not in sys.modules\n"
        "try: Grabber('998').start()\n"
        "except HeelriseError: print('refused')\n"
        "grabber = Grabber(sys.argv[1])\n"
        "grabber.start()\n"
        "print(grabber.latest(5.0) is not None)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, server.url],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert run.stderr == ""
    assert run.stdout.split() == ["refused", "True"]
