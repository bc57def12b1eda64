"""What becomes of a live session: JSON, history and report after every set, whatever goes wrong."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from heelrise.cli import main
from heelrise.heel_rise_test import NOTHING_SAID
from heelrise.history import recordings
from heelrise.history_file import history_path
from heelrise.live import LiveOptions, LiveSoFar
from heelrise.live_command import Saving
from heelrise.moment import Moment
from heelrise.options import About
from heelrise.result import Result, VideoFacts
from heelrise.series import rows_of
from heelrise.settings import SessionOptions, Settings
from heelrise.sound import Sound
from heelrise.stages import StageTimes
from heelrise.stops import Terminated
from motion import Script
from runs import PROFILE_RIGHT, run

NOON = datetime(2026, 1, 31, 12, 0)


@pytest.fixture(autouse=True)
def own_history(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HEELRISE_DATA", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def counted() -> tuple[Result, list[Moment]]:
    film = Script().stand(2.0).set_of("left", 3).stand(4.0).set_of("right", 2).stand(2.0)
    ran = run(film.film(PROFILE_RIGHT))
    return ran.result, ran.moments


@pytest.fixture
def reports() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def so_far(counted: tuple[Result, list[Moment]], reps: int) -> LiveSoFar:
    result, moments = counted
    kept = result.reps[:reps]
    sets = tuple(one for one in result.sets if one.reps[-1] <= reps)
    shorter = replace(result, reps=kept, sets=sets, faults=())
    facts = VideoFacts("camera 0", kept[-1].end_s if kept else 1.0, 30.0, 640, 480, 100)
    rows = tuple(rows_of(moments, None))
    return LiveSoFar(shorter, SessionOptions(), facts, "full", Settings(), StageTimes(), rows)


def saving(folder: Path, reports: ThreadPoolExecutor, about: About = About(keep=True)) -> Saving:
    return Saving(folder / "set.json", NOON, about, {"full": "0" * 64}, reports)


def test_a_test_is_in_the_report_of_a_live_session(
    counted: tuple[Result, list[Moment]], reports: ThreadPoolExecutor, tmp_path: Path
) -> None:
    one = saving(tmp_path, reports, About(keep=False, test=NOTHING_SAID))
    one.save(so_far(counted, 3))
    reports.shutdown()
    assert "the pace was lost" in one.report_path.read_text()


def test_each_set_is_in_json_history_and_report(
    counted: tuple[Result, list[Moment]], reports: ThreadPoolExecutor, tmp_path: Path
) -> None:
    one = saving(tmp_path, reports, About(keep=True, person="Ada", load_kg=5.0))
    for reps, sets in ((3, 1), (5, 2)):
        one.save(so_far(counted, reps))
        assert len(json.loads((tmp_path / "set.json").read_text())["reps"]) == reps
        (kept,) = recordings()
        assert (kept.person, kept.load_kg, len(kept.sets)) == ("Ada", 5.0, sets)
    reports.shutdown()
    page = one.report_path.read_text()
    assert "Ada" in page
    assert "Right" in page


def test_what_is_not_to_be_kept_is_not(
    counted: tuple[Result, list[Moment]], reports: ThreadPoolExecutor, tmp_path: Path
) -> None:
    saving(tmp_path, reports, About(keep=False)).save(so_far(counted, 3))
    assert not history_path().exists()


def test_a_session_without_a_rep_leaves_json_alone(
    counted: tuple[Result, list[Moment]], reports: ThreadPoolExecutor, tmp_path: Path
) -> None:
    one = saving(tmp_path, reports)
    one.save(so_far(counted, 0))
    reports.shutdown()
    assert (tmp_path / "set.json").exists()
    assert not history_path().exists()
    assert not one.report_path.exists()


def test_reps_that_are_taken_back_are_in_no_result(
    counted: tuple[Result, list[Moment]], reports: ThreadPoolExecutor, tmp_path: Path
) -> None:
    one = saving(tmp_path, reports)
    for reps in (3, 0):
        one.save(so_far(counted, reps))
    reports.shutdown()
    assert json.loads((tmp_path / "set.json").read_text())["reps"] == []
    assert recordings() == []
    assert "Left leg" not in one.report_path.read_text()


def test_a_session_goes_on_after_all_its_reps_were_taken_back(
    counted: tuple[Result, list[Moment]], reports: ThreadPoolExecutor, tmp_path: Path
) -> None:
    one = saving(tmp_path, reports)
    for reps in (3, 0, 0, 5):
        one.save(so_far(counted, reps))
    reports.shutdown()
    (kept,) = recordings()
    assert len(kept.sets) == 2
    assert "Left leg" in one.report_path.read_text()


@pytest.mark.parametrize("disk_full", [False, True])
def test_a_video_is_named_where_there_is_one(
    counted: tuple[Result, list[Moment]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    disk_full: bool,
) -> None:
    class Session:
        def __init__(self, options: LiveOptions, *parts: Any) -> None:
            self._video, self._save = options.video_out, parts[3]

        def run(self) -> LiveSoFar:
            if self._video is not None and not disk_full:
                self._video.write_bytes(b"a video")
            self._save(so_far(counted, 3))
            return so_far(counted, 3)

    bundle = tmp_path / "full.task"
    bundle.write_bytes(b"a model")
    monkeypatch.setattr("heelrise.models.ensure_model", lambda name, progress: bundle)
    monkeypatch.setattr("heelrise.live.LiveSession", Session)
    assert main(["live", "--record", "--mute", "--no-keep", "--save", str(tmp_path)]) == 0
    told = capsys.readouterr()
    assert ("video: " in told.out) is not disk_full
    assert told.err == ""


@pytest.mark.parametrize("stop", [None, Terminated])
@pytest.mark.parametrize("somewhere", [True, False])
def test_a_json_that_finds_no_place_is_named_nowhere(
    counted: tuple[Result, list[Moment]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    somewhere: bool,
    stop: type[BaseException] | None,
) -> None:
    """The stick was pulled out; the data folder takes the session, if that is there."""
    stick, own = tmp_path / "stick", tmp_path / "own"

    class Session:
        def __init__(self, *parts: Any) -> None:
            self._save = parts[4]

        def run(self) -> LiveSoFar:
            stick.rmdir()
            self._save(so_far(counted, 3))
            if stop is not None:
                raise stop
            return so_far(counted, 3)

    if not somewhere:
        own.write_text("no folder")
    bundle = tmp_path / "full.task"
    bundle.write_bytes(b"a model")
    monkeypatch.setattr("heelrise.models.ensure_model", lambda name, progress: bundle)
    monkeypatch.setattr("heelrise.outputs.user_data_path", lambda name: own)
    monkeypatch.setattr("heelrise.live.LiveSession", Session)
    status = main(["live", "--mute", "--person", "Ada", "--save", str(stick)])
    assert status == (2 if stop is None else 143)
    told = capsys.readouterr()
    assert told.err.startswith(f"heelrise: cannot write {stick}")
    assert str(stick) not in told.out
    assert ("JSON: " in told.out) is (somewhere and stop is None)
    files = sorted((own / "sessions").glob("*")) if somewhere else []
    assert [file.suffix for file in files] == [".html", ".json"] * somewhere
    assert stop or all(f": {file}\n" in told.out for file in files)
    (kept,) = recordings()
    assert (kept.person, len(kept.sets)) == ("Ada", 1)


@pytest.mark.skipif(os.name != "posix", reason="os.kill ends a process on Windows")
@pytest.mark.parametrize(("stop", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_a_stop_waits_for_the_report_that_is_being_drawn(
    counted: tuple[Result, list[Moment]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stop: signal.Signals,
    status: int,
) -> None:
    """Python that is left while a thread draws crashes."""

    class Session:
        def __init__(self, *parts: Any) -> None:
            self._save = parts[4]

        def run(self) -> LiveSoFar:
            self._save(so_far(counted, 3))
            return so_far(counted, 3)

    def drawn(*parts: Any) -> str:
        time.sleep(0.2)  # the session ends in the meantime
        os.kill(os.getpid(), stop)
        time.sleep(0.2)
        return "a page"

    bundle = tmp_path / "full.task"
    bundle.write_bytes(b"a model")
    monkeypatch.setattr("heelrise.models.ensure_model", lambda name, progress: bundle)
    monkeypatch.setattr("heelrise.live.LiveSession", Session)
    monkeypatch.setattr("heelrise.page.page", drawn)
    assert main(["live", "--mute", "--no-keep", "--save", str(tmp_path)]) == status
    (report,) = tmp_path.glob("*.html")
    assert report.read_text() == "a page"


def test_a_model_whose_file_is_gone_ends_no_session(
    counted: tuple[Result, list[Moment]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "full.task"
    bundle.write_bytes(b"a model")

    class Session:
        def __init__(self, *parts: Any) -> None:
            self._save = parts[4]

        def run(self) -> LiveSoFar:
            bundle.unlink()
            self._save(so_far(counted, 3))
            return so_far(counted, 3)

    monkeypatch.setattr("heelrise.models.ensure_model", lambda name, progress: bundle)
    monkeypatch.setattr("heelrise.live.LiveSession", Session)
    assert main(["live", "--mute", "--no-keep", "--save", str(tmp_path)]) == 0
    (path,) = tmp_path.glob("*.json")
    used = json.loads(path.read_text())["settings"]["model"]
    assert used == {"name": "full", "sha256": hashlib.sha256(b"a model").hexdigest()}


@pytest.mark.parametrize(
    ("options", "there", "told", "heard"),
    [
        ((), True, (), [True, True]),
        (("--mute",), True, (), [False, True]),  # s brings the tones
        (("--voice",), True, (), [True, True]),
        (("--mute", "--voice"), True, (), [False, False]),  # the voice alone
        ((), False, ("no tones",), [False, False]),
        (("--mute",), False, (), [False, False]),
        (("--voice",), False, ("no tones", "no voice"), [False, False]),
        (("--mute", "--voice"), False, ("no voice",), [False, False]),
        (("--test", "heel-rise"), False, ("no tones",), [False, False]),
    ],
)
def test_sound_that_was_asked_for_comes_or_is_told(
    counted: tuple[Result, list[Moment]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    there: bool,
    told: tuple[str, ...],
    heard: list[bool],
) -> None:
    played: list[Any] = []
    things = {"rate_hz": 8000, "play": played.append, "close": lambda: None}
    device = SimpleNamespace(**things) if there else None

    class Session:
        def __init__(self, *parts: Any) -> None:
            self._speaker, self._save = parts[3:5]

        def run(self) -> LiveSoFar:
            for expected in heard:
                played.clear()
                self._speaker.play(Sound.READY)
                assert bool(played) is expected
                self._speaker.muted = False
            self._save(so_far(counted, 3))
            return so_far(counted, 3)

    bundle = tmp_path / "full.task"
    bundle.write_bytes(b"a model")
    monkeypatch.setattr("heelrise.models.ensure_model", lambda name, progress: bundle)
    monkeypatch.setattr("heelrise.sound.open_output", lambda: device)
    monkeypatch.setattr("heelrise.voice.open_voice", lambda language: device)
    monkeypatch.setattr("heelrise.live.LiveSession", Session)
    assert main(["live", "--no-keep", "--save", str(tmp_path), *options]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(told)
    assert all(why in line for why, line in zip(told, lines, strict=True))


def test_a_history_that_takes_nothing_ends_no_session(
    counted: tuple[Result, list[Moment]],
    reports: ThreadPoolExecutor,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    history_path().parent.mkdir()
    history_path().write_text("no history, but long enough to be looked at as one" * 20)
    one = saving(tmp_path, reports)
    one.save(so_far(counted, 3))
    reports.shutdown()
    assert "damaged or no history" in capsys.readouterr().err
    assert (tmp_path / "set.json").exists()
    assert one.report_path.exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--no-keep --load 5", "--load goes to your history"),
        ("--test heel-rise --lower-for 2", "--lower-for is for training"),
        ("--involved left", "go with --test heel-rise"),
    ],
)
def test_what_could_only_do_nothing_is_refused(
    options: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["live", *options.split()]) == 2
    assert told in capsys.readouterr().err
