"""The recorder writes beside the loop: a whole video, whatever is slow or breaks."""

from __future__ import annotations

import os
import subprocess
import sys
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


@pytest.mark.parametrize("pictures", [1, 100])
def test_a_disk_that_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pictures: int
) -> None:
    """Neither where the end still finds a place in the queue nor where that is full."""
    answers = threading.Event()
    monkeypatch.setattr(module, "VideoWriter", Broken)
    monkeypatch.setattr(Broken, "write", lambda *_: answers.wait())
    monkeypatch.setattr(module, "_END_S", 0.2, raising=False)
    recorder = Recorder(tmp_path / "set.mp4", 160, 120)
    recorder.__enter__()
    for index in range(pictures):
        recorder.write(picture(0), index / 20)
    ending = threading.Thread(target=recorder.__exit__, args=(None, None, None), daemon=True)
    ending.start()
    ending.join(20.0)
    ended = not ending.is_alive()
    answers.set()
    assert ended
    path = tmp_path / "set.mp4"
    why = f"cannot write {path}: the disk does not answer; name another place"
    assert str(recorder.error) == why


@pytest.mark.skipif(os.name != "posix", reason="a pipe takes what the disk does not")
def test_a_disk_that_hangs_keeps_no_process_from_ending(tmp_path: Path) -> None:
    script = (
        "import os\n"
        "import numpy as np\n"
        "from heelrise import recorder as module\n"
        "from heelrise.videofile import VideoWriter\n"
        "module._END_S = 0.2\n"
        "_, full = os.pipe()\n"
        "VideoWriter.write = lambda *_: os.write(full, bytes(1 << 20))\n"
        f"with module.Recorder({str(tmp_path / 'set.mp4')!r}, 160, 120) as recorder:\n"
        "    for index in range(100):\n"
        "        recorder.write(np.zeros((120, 160, 3), np.uint8), index / 20)\n"
        "print(recorder.error)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "the disk does not answer" in ran.stdout


def test_an_end_that_breaks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no end")

    monkeypatch.setattr(module, "VideoWriter", Broken)
    monkeypatch.setattr(Broken, "__exit__", fail)
    with Recorder(tmp_path / "set.mp4", 160, 120) as recorder:
        recorder.write(picture(0), 0.0)
    assert str(recorder.error) == "cannot write the video: RuntimeError: no end"
