"""The recorder writes beside the loop: a whole video, whatever is slow or breaks."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from heelrise import recorder as module
from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.recorder import Recorder
from heelrise.videofile import VideoWriter


def picture(grey: int) -> np.ndarray:
    return np.full((120, 160, 3), grey, np.uint8)


def test_what_was_written_can_be_played(tmp_path: Path) -> None:
    path = tmp_path / "set.mp4"
    with Recorder(path, 160, 120) as recorder:
        for index in range(20):
            recorder.write(picture(10 * index), index / 20)
    with VideoFile(path) as video:
        frames = list(video)
    assert len(frames) == 20
    assert frames[-1].t_s == pytest.approx(0.95, abs=0.01)
    assert frames[-1].image.mean() > frames[0].image.mean() + 150


def test_the_video_is_kept_when_the_session_breaks(tmp_path: Path) -> None:
    path = tmp_path / "set.mp4"
    with suppress(KeyboardInterrupt), Recorder(path, 160, 120) as recorder:
        for index in range(5):
            recorder.write(picture(0), index / 20)
        raise KeyboardInterrupt
    with VideoFile(path) as video:
        assert len(list(video)) == 5


class Broken:
    """A writer whose disk is full after two pictures."""

    why: Exception = HeelriseError("the disk is full")

    def __init__(self, *_: object) -> None:
        self.left = 2

    def __enter__(self) -> Broken:
        return self

    def write(self, *_: object) -> None:
        self.left -= 1
        if self.left < 0:
            raise self.why

    def __exit__(self, *_: object) -> None:
        pass


def test_a_full_disk_ends_the_recording_and_not_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "VideoWriter", Broken)
    with Recorder(tmp_path / "set.mp4", 160, 120) as recorder:
        for index in range(100):
            recorder.write(picture(0), index / 20)
    assert str(recorder.error) == "the disk is full"


def test_what_a_full_disk_has_taken_is_given_back_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise HeelriseError("the disk is full")

    monkeypatch.setattr(VideoWriter, "write", full)
    with Recorder(tmp_path / "set.mp4", 160, 120) as recorder:
        assert len(list(tmp_path.iterdir())) == 1
        recorder.write(picture(0), 0.0)
        until_s = time.monotonic() + 20.0
        while list(tmp_path.iterdir()):
            assert time.monotonic() < until_s
            time.sleep(0.01)
    assert str(recorder.error) == "the disk is full"


def test_whatever_breaks_in_the_writer_is_told_and_blocks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "VideoWriter", Broken)
    monkeypatch.setattr(Broken, "why", MemoryError("no room for a picture"))
    recorder = Recorder(tmp_path / "set.mp4", 160, 120)
    recorder.__enter__()
    for index in range(100):
        recorder.write(picture(0), index / 20)
    ending = threading.Thread(target=recorder.__exit__, args=(None, None, None), daemon=True)
    ending.start()
    ending.join(5.0)
    assert not ending.is_alive()
    assert str(recorder.error) == "cannot write the video: MemoryError: no room for a picture"


def test_an_end_that_breaks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no end")

    monkeypatch.setattr(module, "VideoWriter", Broken)
    monkeypatch.setattr(Broken, "__exit__", fail)
    with Recorder(tmp_path / "set.mp4", 160, 120) as recorder:
        recorder.write(picture(0), 0.0)
    assert str(recorder.error) == "cannot write the video: RuntimeError: no end"
