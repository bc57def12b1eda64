"""`heelrise live` as a person runs it: real model, real window under Xvfb, real stream."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clips import SAMPLES, copy_start, half_the_pictures
from heelrise.frames import VideoFile
from heelrise.grabber import Grab
from heelrise.history import recordings
from heelrise.image import Image
from heelrise.live import LiveOptions, LiveSession
from heelrise.models import ensure_model
from heelrise.recorded import analyze
from heelrise.result import Result
from heelrise.settings import SessionOptions
from heelrise.sound import Speaker
from mjpeg_server import MjpegServer
from screen import Screen, needs_screen

SAMPLE = SAMPLES / "floor_profile_clean.mp4"
SLOW = "heelrise: this computer is slow for this model: 'heelrise models fetch lite' helps"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's first 11 seconds, with two reps: 15 pictures a second do, and cost half."""
    path = tmp_path_factory.mktemp("clip") / "two reps.mp4"
    return half_the_pictures(SAMPLE, path, 11.0)


@pytest.fixture(scope="module")
def recorded(clip: Path) -> Result:
    return analyze(clip, SessionOptions(), ensure_model("full", progress=False)).result


@pytest.fixture
def screen() -> Iterator[Screen]:
    with Screen() as one:
        yield one


def start(screen: Screen, camera: object, folder: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "heelrise", "live", "--camera", str(camera)]
    command += ["--save", str(folder), "--mute", *more]
    return subprocess.Popen(
        command,
        env={**screen.environment, "HEELRISE_DATA": str(folder / "own")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def saved(folder: Path) -> dict[str, Any]:
    (path,) = folder.glob("*.json")
    return dict(json.loads(path.read_text()))


def end(process: subprocess.Popen[str], limit_s: float = 60.0) -> tuple[str, str]:
    out, err = process.communicate(timeout=limit_s)
    assert "Traceback" not in err
    return out, err


@needs_screen
@pytest.mark.model
def test_a_file_as_a_camera_gives_the_reps_of_analyze(
    screen: Screen, clip: Path, recorded: Result, tmp_path: Path
) -> None:
    process = start(screen, clip, tmp_path, "--record", "--stats", "--no-mirror")
    screen.wait_for_window()
    time.sleep(3.0)
    shot = screen.wait_for_picture()  # a busy machine starts slowly
    screen.press("h")
    for _ in range(50):  # a busy machine answers late
        if np.abs(screen.picture().astype(int) - shot).mean() > 3:
            break
        time.sleep(0.1)
    else:
        pytest.fail("no help came up")
    screen.press("h", "m", "f", "f")
    out, err = end(process)
    assert process.returncode == 0, err
    assert "inference" in out

    (video,) = tmp_path.glob("*.mp4")
    with VideoFile(video) as copy:
        assert (copy.info.width, copy.info.height) == (640, 480)
        count = sum(1 for _ in copy)
    live = saved(tmp_path)
    if live["video"]["fps"] < 10:
        pytest.skip("too busy here to see a film that runs in real time")
    assert count > 60
    assert [rep["side"] for rep in live["reps"]] == [rep.side for rep in recorded.reps]
    for found, true in zip(live["reps"], recorded.reps, strict=True):
        # where a top is held, its highest moment is anywhere on it when pictures were dropped
        assert true.top_start_s - 0.15 < found["peak_s"] < true.top_end_s + 0.15


class PatientCamera:
    """Stands in for the grabber: a file of which no picture is dropped, however slow the loop."""

    def __init__(self, source: str) -> None:
        self._video = VideoFile(source)
        self.name, self.trouble, self.ended = source, None, False

    def start(self) -> None:
        pass

    def latest(self, timeout_s: float) -> Grab | None:
        frame = next(self._video, None)
        self.ended = frame is None
        return None if frame is None else Grab(frame, time.perf_counter())

    def close(self) -> None:
        self._video.close()


class NobodysWindow:
    """Stands in for the window: no Qt in the tests' own process, which would outlive its screen."""

    closed = False

    def __init__(self, width: int, height: int, fullscreen: bool) -> None:
        self._shape = (height, width, 3)

    def __enter__(self) -> NobodysWindow:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def show(self, image: Image) -> None:
        assert image.shape == self._shape


@pytest.mark.model
def test_a_sample_played_through_both_gives_the_same_reps(
    clip: Path, recorded: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heelrise.live.Grabber", PatientCamera)
    monkeypatch.setattr("heelrise.live.Window", NobodysWindow)
    model = ensure_model("full", progress=False)
    speaker = Speaker(None, None)
    session = LiveSession(
        LiveOptions(str(clip)), model, "full", speaker, lambda so_far: None, lambda: None
    )
    try:
        live = session.run().result
    finally:
        speaker.close()
    assert len(live.reps) == len(recorded.reps) == 2
    for found, true in zip(live.reps, recorded.reps, strict=True):
        assert found.side == true.side
        assert found.peak_s == pytest.approx(true.peak_s, abs=0.15)
        assert found.hold_s == pytest.approx(true.hold_s, abs=0.05)
        assert found.faults == true.faults


@needs_screen
@pytest.mark.model
def test_an_unplugged_camera_loses_nothing(screen: Screen, clip: Path, tmp_path: Path) -> None:
    with VideoFile(clip) as video:
        pictures = [frame.image for frame in video]
    with MjpegServer(pictures, fps=15.0) as server:
        process = start(screen, server.url, tmp_path, "--target-reps", "2")
        screen.wait_for_window()
        time.sleep(12.0)  # the clip goes round: some of it was over before the model was there
        before = screen.wait_for_picture()
        server.vanish()
        time.sleep(3.0)
        message = screen.picture()
        server.listen()
        time.sleep(4.0)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = end(process)
    assert process.returncode == 0, err
    assert "JSON:" in out
    result = saved(tmp_path)
    assert result["counts"]["left"] >= 1  # of the two in a round, before the camera went
    assert result["counts"]["right"] == 0
    assert np.abs(message.astype(int) - before).mean() > 0.5


@needs_screen
@pytest.mark.model
def test_a_closed_window_and_sigterm_end_cleanly(
    screen: Screen, clip: Path, tmp_path: Path
) -> None:
    first = start(screen, clip, tmp_path / "a")
    screen.wait_for_window()
    time.sleep(1.0)
    screen.close_window()
    _, err = end(first)
    assert first.returncode == 0, err
    assert len(saved(tmp_path / "a")["reps"]) <= 2  # what the clip has: none, where all is quick
    second = start(screen, clip, tmp_path / "b")
    screen.wait_for_window()
    screen.wait_for_picture()
    second.send_signal(signal.SIGTERM)
    _, err = end(second)
    assert second.returncode == 143
    # on a busy machine it also says, rightly, that the model is too slow
    assert [line for line in err.splitlines() if line != SLOW] == ["heelrise: terminated"]
    assert len(saved(tmp_path / "b")["reps"]) <= 2


@needs_screen
@pytest.mark.model
def test_the_heel_rise_test_ends_in_json_report_and_history(screen: Screen, tmp_path: Path) -> None:
    clip = copy_start(SAMPLE, tmp_path / "one rep.mp4", 8.5)
    person = ("--age", "34", "--sex", "female", "--body-mass", "60", "--body-height", "170")
    process = start(screen, clip, tmp_path, "--test", "heel-rise", "--person", "Ada", *person)
    out, err = end(process)
    assert process.returncode == 0, err
    test = saved(tmp_path)["test"]
    assert test["legs"]["left"]["raw_reps"] == 1
    assert test["norm"]["median_reps"] == 27
    assert "Not a medical device" in out
    (page,) = tmp_path.glob("*.html")
    assert "Ada" in page.read_text()
    (kept,) = recordings(path=tmp_path / "own" / "history.sqlite")
    assert (kept.person, len(kept.sets[0].reps)) == ("Ada", 1)


@pytest.mark.parametrize(
    ("camera", "display", "why"),
    [
        ("7", ":0", "there is no camera 7"),
        ("http://127.0.0.1:9/video", ":0", "127.0.0.1:9"),
        ("no such file.mp4", ":0", "no such file.mp4"),
        (str(SAMPLE), "", "there is no screen"),
    ],
)
def test_what_cannot_be_opened_is_one_line(
    camera: str, display: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    command = [sys.executable, "-m", "heelrise", "live", "--camera", camera, "--mute"]
    ran = subprocess.run(
        [*command, "--save", str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 2
    assert len(ran.stderr.strip().splitlines()) == 1
    assert why in ran.stderr
    assert not ran.stdout
