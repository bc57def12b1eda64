"""The live loop on built motion: camera, window, model and sound are stubs, all else is real."""

from __future__ import annotations

import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from heelrise import guided_test as gt
from heelrise import live as module
from heelrise.errors import HeelriseError
from heelrise.grabber import Grab, Trouble
from heelrise.heel_rise_test import NOTHING_SAID
from heelrise.image import Frame, Image
from heelrise.landmarks import CameraMove, Pose, nobody
from heelrise.live import LiveOptions, LiveSession, LiveSoFar
from heelrise.live_overlay import LiveView
from heelrise.moment import Moment
from heelrise.pose import Picture
from heelrise.recorder import Recorder
from heelrise.result import Result
from heelrise.session import Session
from heelrise.settings import Live, SessionOptions
from heelrise.sound import Sound, Speaker
from heelrise.stops import Terminated, terminating_cleanly
from heelrise.videofile import VideoWriter
from heelrise.words import ENGLISH, Guide
from heelrise.workout import Now, Workout
from motion import Film, Script
from runs import PROFILE_RIGHT, run

FPS = 15.0  # of the longer films: a picture that is drawn and shown takes longer than its motion
SIGHUP = getattr(signal, "SIGHUP", signal.SIGTERM)  # Windows has none


@dataclass
class Sink:
    """A sound card that remembers what was played."""

    rate_hz: int = 8000
    played: list[np.ndarray] = field(default_factory=list)
    beats: list[float | None] = field(default_factory=list)

    def beat(self, period_s: float | None) -> None:
        self.beats.append(period_s)

    def play(self, samples: np.ndarray) -> None:
        self.played.append(samples)

    def close(self) -> None:
        pass


@dataclass
class Hearer(Speaker):
    """A speaker that remembers which sounds, which words, and when."""

    def __init__(self, muted: bool = False) -> None:
        super().__init__(Sink(), None, muted)
        self.sounds: list[Sound] = []
        self.words: list[str] = []

    def play(self, sound: Sound) -> None:
        if not self.muted:
            self.sounds.append(sound)
        super().play(sound)

    def say(self, text: str) -> None:
        if not self.muted:
            self.words.append(text)


class Camera:
    """A grabber over a film: a picture whenever it is asked for one."""

    def __init__(self, poses: list[Pose], gaps: dict[int, Trouble] | None = None) -> None:
        self._times = [pose.t_s for pose in poses]
        self._next = 0
        self._gaps = dict(gaps or {})
        self.trouble: Trouble | None = None
        self.ended = False
        self.name = "film"

    def start(self) -> None:
        pass

    def latest(self, timeout_s: float) -> Grab | None:
        self.trouble = self._gaps.pop(self._next, None)
        if self.trouble is not None:
            return None
        if self._next >= len(self._times):
            self.ended = True
            return None
        image = np.zeros((480, 640, 3), np.uint8)
        image[0, 0] = self._next % 256, self._next // 256, 0  # which one it is, for the reader
        frame = Frame(self._times[self._next], self._next, image)
        self._next += 1
        return Grab(frame, time.perf_counter())

    def close(self) -> None:
        pass


class Screen:
    """A window that presses keys by itself: at which shown picture -> key."""

    def __init__(self, keys: dict[int, str | signal.Signals]) -> None:
        self.keys = keys  # a signal comes from outside
        self.shown = 0
        self.closed = False
        self.fullscreen = 0
        self.seen: list[Image] | None = None  # a list keeps all that is shown

    def __call__(self, *_: object) -> Screen:
        return self

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, image: Image) -> str | None:
        if self.seen is not None:
            self.seen.append(image.copy())
        self.shown += 1
        key = self.keys.get(self.shown)
        if key == "close":
            self.closed = True
            return None
        if isinstance(key, signal.Signals):
            signal.raise_signal(key)
            return None
        return key

    def toggle_fullscreen(self) -> None:
        self.fullscreen += 1


@dataclass
class Ran:
    end: LiveSoFar
    saves: list[LiveSoFar]
    hearer: Hearer
    screen: Screen
    session: LiveSession


@pytest.fixture
def coach_live(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Ran]]:
    def go(
        film: Film | list[Pose],
        keys: dict[int, str | signal.Signals] | None = None,
        gaps: dict[int, Trouble] | None = None,
        spent_s: float = 0.0,
        slow_from: int = 0,
        broken: bool = False,
        lighter: Path | Callable[[], Path | None] | None = None,
        live: Live = Live(),
        hearer: Hearer | None = None,
        saves: list[LiveSoFar] | None = None,
        seen: list[Image] | None = None,
        **options: object,
    ) -> Ran:
        poses = film.poses if isinstance(film, Film) else film
        saves = [] if saves is None else saves

        class Reader:
            inference_s = 0.001
            before_px = None

            def __init__(self, model: Path) -> None:
                self.model = model
                self.first: CameraMove | None = None  # as of the first picture that it gets

            def __enter__(self) -> Reader:
                return self

            def __exit__(self, *_: object) -> None:
                pass

            def change_model(self, model: Path) -> None:
                if broken:
                    raise HeelriseError("the pose model cannot be started")
                self.model = model

            def prepare(self, picture: Picture, body_px: object) -> SimpleNamespace:
                return SimpleNamespace(picture=picture)

            def look(self, prepared: SimpleNamespace) -> Pose:
                frame = prepared.picture.frame
                low, high, _ = frame.image[0, 0].tolist()
                number = low + 256 * high
                slow = self.model.name == "full" and number >= slow_from
                time.sleep(spent_s if slow else 0.0)
                pose = poses[number]
                self.first = self.first or pose.camera
                camera = pose.camera.after(self.first.inverse())
                return replace(pose, t_s=frame.t_s, index=frame.index, camera=camera)

        screen, heard = Screen(keys or {}), hearer or Hearer()
        screen.seen = seen
        monkeypatch.setattr(module, "PoseReader", Reader)
        monkeypatch.setattr(module, "Grabber", lambda source: Camera(poses, gaps))
        monkeypatch.setattr(module, "Window", screen)
        session = LiveSession(
            LiveOptions("film", **options),  # type: ignore[arg-type]
            Path("full"),
            "full",
            heard,
            saves.append,
            lighter if callable(lighter) else lambda: lighter,
            live,
        )
        return Ran(session.run(), saves, heard, screen, session)

    return go


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> list[LiveView]:
    """What every picture is to show."""
    shown: list[LiveView] = []

    def keep(image: Image, moment: Moment, cue: str | None, view: LiveView, *_: object) -> None:
        shown.append(view)

    monkeypatch.setattr(module, "draw_live", keep)
    return shown


def three_reps() -> Film:
    return Script().stand(2.0).set_of("left", 3).stand(4.0).film(PROFILE_RIGHT, fps=FPS)


def index_at(film: Film, t_s: float) -> int:
    """Return which picture is shown at a time, from 1."""
    return next(i for i, pose in enumerate(film.poses, 1) if pose.t_s >= t_s)


def test_live_gives_what_the_recorded_core_gives(coach_live: Callable[..., Ran]) -> None:
    film = three_reps()
    assert coach_live(film).end.result == run(film).result


def test_the_end_of_the_file_ends_the_session_and_saves(coach_live: Callable[..., Ran]) -> None:
    ran = coach_live(three_reps())
    last = ran.saves[-1]
    result, facts, name = last.result, last.facts, last.model_name
    assert result == ran.end.result
    assert (facts.path, facts.width, facts.height, name) == ("film", 640, 480, "full")
    assert facts.fps == pytest.approx(FPS, rel=0.01)


def test_it_saves_after_every_set(coach_live: Callable[..., Ran]) -> None:
    film = Script().stand(2.0).set_of("left", 2).stand(4.0).set_of("right", 2).stand(4.0)
    counts = [
        len(saved.result.reps) for saved in coach_live(film.film(PROFILE_RIGHT, fps=FPS)).saves
    ]
    assert counts == [2, 4, 4]


@pytest.mark.parametrize("key", ["q", "escape", "close", signal.SIGINT])
def test_every_way_to_end_saves_what_was_counted(
    coach_live: Callable[..., Ran], key: str | signal.Signals
) -> None:
    film = three_reps()
    ends = [rep.end_s for rep in film.truth.reps]
    ran = coach_live(film, {index_at(film, ends[1] + 0.8): key})
    assert len(ran.end.result.reps) == 2
    assert len(ran.saves[-1].result.reps) == 2


@pytest.fixture
def taken_in_hand() -> Iterator[None]:
    """Signals end a run as in the program."""
    here = sys._getframe().f_code
    with terminating_cleanly(here):
        yield


@pytest.mark.usefixtures("taken_in_hand")
@pytest.mark.parametrize("number", [signal.SIGTERM, SIGHUP])
def test_a_terminated_session_saves_and_says_so(
    coach_live: Callable[..., Ran], number: signal.Signals
) -> None:
    film = three_reps()
    saves: list[LiveSoFar] = []
    with pytest.raises(Terminated):
        coach_live(film, {index_at(film, film.truth.reps[1].end_s + 0.8): number}, saves=saves)
    assert [len(save.result.reps) for save in saves] == [2]


@pytest.mark.usefixtures("taken_in_hand")
@pytest.mark.parametrize("first", ["q", signal.SIGINT, SIGHUP])
@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM, SIGHUP])
@pytest.mark.parametrize("when", ["video", "judging", "saving"])
def test_a_second_stop_cuts_no_end_short(
    coach_live: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    first: str | signal.Signals,
    second: signal.Signals,
    when: str,
) -> None:
    """It comes while the video is finished, while all is judged or while it is saved."""
    path = tmp_path / "set.mp4"
    leave, finish = Recorder.__exit__, Session.finish

    def stop(now: str) -> None:
        if now == when:
            signal.raise_signal(second)

    def left(recorder: Recorder, *error: None) -> None:
        stop("video")
        leave(recorder, *error)

    def finished(session: Session) -> Result:
        stop("judging")
        return finish(session)

    class Saves(list[LiveSoFar]):
        def append(self, so_far: LiveSoFar) -> None:
            stop("saving")
            super().append(so_far)

    monkeypatch.setattr(Recorder, "__exit__", left)
    monkeypatch.setattr(Session, "finish", finished)
    saves = Saves()
    film = Script().stand(1.0).film(PROFILE_RIGHT)
    with nullcontext() if first == signal.SIGINT else suppress(Terminated):
        coach_live(film, {20: first}, saves=saves, video_out=path)
    assert len(saves) == 1
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.usefixtures("taken_in_hand")
@pytest.mark.parametrize("third", [signal.SIGINT, signal.SIGTERM, SIGHUP])
def test_a_third_stop_ends_what_hangs(
    coach_live: Callable[..., Ran], third: signal.Signals
) -> None:
    class Hanging(list[LiveSoFar]):
        def append(self, so_far: LiveSoFar) -> None:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(third)
            super().append(so_far)

    saves = Hanging()
    film = Script().stand(1.0).film(PROFILE_RIGHT)
    with pytest.raises(KeyboardInterrupt) as stopped:
        coach_live(film, {20: signal.SIGTERM}, saves=saves)
    assert stopped.type is (KeyboardInterrupt if third == signal.SIGINT else Terminated)
    assert not saves


@pytest.mark.usefixtures("taken_in_hand")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_before_anything_was_seen_saves_nothing(
    coach_live: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setattr(LiveSession, "_look", lambda *_: signal.raise_signal(number))
    saves: list[LiveSoFar] = []
    with pytest.raises(KeyboardInterrupt):
        coach_live(three_reps(), saves=saves)
    assert not saves


def test_u_takes_back_a_rep_in_the_result_too(coach_live: Callable[..., Ran]) -> None:
    film = three_reps()
    at = index_at(film, film.truth.reps[0].end_s + 0.8)
    ran = coach_live(film, {at: "u"})
    assert [rep.number for rep in ran.end.result.reps] == [1, 2]
    assert ran.end.result.reps[0].start_s == pytest.approx(film.truth.reps[1].start_s, abs=0.2)


def test_u_takes_back_the_last_rep_on_both_feet_too(coach_live: Callable[..., Ran]) -> None:
    script = Script().stand(2.0).set_of("left", 2).stand(4.0).reps(2).stand(4.0)
    film = script.film(PROFILE_RIGHT, fps=FPS)
    reps = coach_live(film, {index_at(film, film.poses[-1].t_s - 1.0): "u"}).end.result.reps
    assert [rep.side for rep in reps] == ["left", "left", "both"]


def test_a_rep_taken_back_is_held_against_none(coach_live: Callable[..., Ran]) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).rep(0.13).reps(3, height=0.06)
    film = script.put_down().stand(2.0).film(PROFILE_RIGHT, fps=FPS)
    kinds = {fault.kind for fault in coach_live(film).end.result.faults}
    assert "incomplete_top" in kinds
    end = coach_live(film, {index_at(film, film.truth.reps[0].end_s + 0.8): "u"}).end
    assert len(end.result.reps) == 3
    assert "incomplete_top" not in {fault.kind for fault in end.result.faults}


def test_no_verdict_comes_on_a_rep_that_was_just_taken_back(
    coach_live: Callable[..., Ran],
) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(3).rep(0.05, rest_s=1.5)
    film = script.put_down().stand(4.0).film(PROFILE_RIGHT, fps=FPS)
    heard = coach_live(film).hearer
    assert (heard.sounds.count(Sound.FAULT), heard.words[-1]) == (1, ENGLISH.cues["incomplete_top"])
    moments = enumerate(run(film).moments, start=1)
    at = next(number for number, m in moments if m.rep is not None and m.rep.number == 4)
    heard = coach_live(film, {at: "u"}).hearer
    assert heard.words[-1] == "4"
    assert Sound.FAULT not in heard.sounds


def test_r_starts_the_set_again(coach_live: Callable[..., Ran]) -> None:
    film = three_reps()
    ran = coach_live(film, {index_at(film, film.truth.reps[1].end_s + 0.8): "r"})
    assert len(ran.end.result.reps) == 1


def test_b_says_what_is_stood_on(coach_live: Callable[..., Ran]) -> None:
    film = three_reps()
    ran = coach_live(film, {20: "b"})
    assert ran.end.options.surface == "step"
    assert {fault.kind for fault in ran.end.result.faults} >= {"incomplete_bottom"}
    again = coach_live(film, {20: "b", 30: "b"})
    assert "incomplete_bottom" not in {fault.kind for fault in again.end.result.faults}


def test_b_turns_round_what_the_core_sees(coach_live: Callable[..., Ran]) -> None:
    script = Script(step_m=0.15).stand(2.0).stand_on("left").stand(0.6).reps(3, bottom=-0.04)
    film = script.put_down().stand(1.0).film(PROFILE_RIGHT, fps=FPS)
    at = index_at(film, film.truth.reps[2].end_s + 0.8)
    seen = coach_live(film).session._last
    assert seen is not None
    assert seen[1].on_step
    assert coach_live(film, {at: "b"}).end.options.surface == "floor"
    assert coach_live(film, {at: "b", at + 5: "b"}).end.options.surface == "step"


def test_a_pause_stops_the_time_and_not_the_set(coach_live: Callable[..., Ran]) -> None:
    film = Script().stand(2.0).set_of("left", 4).stand(2.0).film(PROFILE_RIGHT)
    reps = film.truth.reps
    from_s, to_s = reps[1].end_s + 0.4, reps[1].end_s + 0.7
    before = [p for p in film.poses if p.t_s <= to_s]
    after = [replace(p, t_s=p.t_s + 20.0) for p in film.poses if p.t_s > to_s]
    keys = {index_at(film, from_s): " ", len(before): " "}
    ran = coach_live(before + after, keys)
    assert len(ran.end.result.sets) == 1
    assert len(ran.end.result.reps) == 4
    assert ran.end.facts.duration_s < film.poses[-1].t_s + 1.5


def test_a_pause_ends_the_rep_under_way(coach_live: Callable[..., Ran]) -> None:
    """What is seen after it belongs to no rise that was seen before."""
    film = Script().stand(2.0).set_of("left", 3).stand(8.0).film(PROFILE_RIGHT, fps=FPS)
    reps = film.truth.reps
    for from_s, to_s in (
        (reps[1].start_s + 0.4, reps[2].end_s + 4.0),
        (reps[1].top_start_s + 0.3, reps[1].end_s + 0.25),
    ):
        keys = {index_at(film, from_s): " ", index_at(film, to_s): " "}
        found = coach_live(film, keys).end.result
        assert len(found.sets) == 1
        assert len(found.reps) == (2 if to_s < reps[2].start_s else 1)
        assert not any(from_s < rep.end_s < to_s for rep in found.reps)
        assert {fault.kind for fault in found.faults} == set()


def test_a_pause_is_one_for_the_beat_of_the_test_too(
    coach_live: Callable[..., Ran], views: list[LiveView]
) -> None:
    film = Script().stand(4.0).film(PROFILE_RIGHT)
    sink = coach_live(film, {30: " ", 60: " "}, test=NOTHING_SAID).hearer._output
    assert isinstance(sink, Sink)
    assert sink.beats == [1.0, None, None, 1.0]
    assert {view.beat for view in views if view.paused} == {None}
    assert views[-1].beat is not None


def test_a_lost_camera_ends_nothing(coach_live: Callable[..., Ran]) -> None:
    film = Script().stand(2.0).set_of("left", 4).stand(4.0).film(PROFILE_RIGHT, fps=FPS)
    at = index_at(film, film.truth.reps[1].end_s + 0.3)
    later = [p if i < at else replace(p, t_s=p.t_s + 6.0) for i, p in enumerate(film.poses)]
    ran = coach_live(later, gaps={at: Trouble.LOST})
    assert len(ran.end.result.reps) == 4
    assert ran.session._workout.again(ran.session._last[2]).counts.left == 4  # type: ignore[index]


def test_sounds_come_on_the_frame_that_knows(coach_live: Callable[..., Ran]) -> None:
    film = three_reps()
    hearer = coach_live(film).hearer
    assert hearer.sounds.count(Sound.REP) == 3
    assert hearer.sounds.count(Sound.READY) == 1
    assert hearer.sounds.index(Sound.TOP) < hearer.sounds.index(Sound.REP)
    assert hearer.words == ["1", ENGLISH.praise, "2", "3"]


def test_what_sounds_goes_to_the_sound_card(coach_live: Callable[..., Ran]) -> None:
    hearer = coach_live(three_reps()).hearer
    sink = hearer._output
    assert isinstance(sink, Sink)
    assert len(sink.played) == len(hearer.sounds)


def test_s_mutes(coach_live: Callable[..., Ran]) -> None:
    assert not coach_live(three_reps(), {1: "s"}).hearer.sounds


def test_digits_set_the_aim(coach_live: Callable[..., Ran]) -> None:
    assert Sound.CHANGE in coach_live(three_reps(), {5: "3"}).hearer.sounds
    assert Sound.CHANGE not in coach_live(three_reps(), {5: "3", 6: "0"}).hearer.sounds


def test_a_digit_that_is_no_number_does_nothing(coach_live: Callable[..., Ran]) -> None:
    assert len(coach_live(three_reps(), {5: "\N{SUPERSCRIPT TWO}"}).end.result.reps) == 3


def test_a_mistake_in_the_loop_loses_no_set(
    coach_live: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    film = three_reps()
    at_s, update = film.truth.reps[1].end_s + 0.8, Workout.update

    def mistaken(workout: Workout, moment: Moment) -> Now:
        if moment.t_s >= at_s:
            raise ValueError("a mistake")
        return update(workout, moment)

    monkeypatch.setattr(Workout, "update", mistaken)
    saves: list[LiveSoFar] = []
    with pytest.raises(ValueError, match="a mistake"):
        coach_live(film, saves=saves)
    assert [len(save.result.reps) for save in saves] == [2]


def test_f_changes_the_window(coach_live: Callable[..., Ran]) -> None:
    assert coach_live(three_reps(), {5: "f"}).screen.fullscreen == 1


def test_a_slow_machine_gets_the_lighter_model_once(coach_live: Callable[..., Ran]) -> None:
    live = Live(slow_for_s=0.5)
    film = Script().stand(1.0).film(PROFILE_RIGHT)
    slow = coach_live(film, spent_s=0.08, lighter=Path("lite"), live=live)
    assert slow.end.model_name == "lite"
    assert slow.end.times.median_s("inference") < 0.01
    quick = coach_live(film, lighter=Path("lite"), live=live)
    assert quick.end.model_name == "full"
    none_there = coach_live(film, spent_s=0.08, lighter=None, live=live)
    assert none_there.end.model_name == "full"


@pytest.mark.parametrize(
    ("looks", "slow"),
    [
        # (when it was over, how long it took), s; after a pause of a minute some are slow
        ([(0.0, 0.05), (0.05, 0.05), *((60 + 0.15 * n, 0.15) for n in range(20))], False),
        ([(0.0, 0.05), (0.05, 0.05), *((60 + 0.15 * n, 0.15) for n in range(40))], True),
        ([(2.0 * n, 1.9) for n in range(5)], True),
    ],
)
def test_a_pause_makes_no_machine_slow(looks: list[tuple[float, float]], slow: bool) -> None:
    asked: list[None] = []
    session = LiveSession(
        *(LiveOptions("film"), Path("full"), "full", Hearer()),
        *(lambda so_far: None, lambda: asked.append(None)),
    )
    for at_s, took_s in looks:
        session._step_down(at_s, took_s)
    assert bool(asked) is slow


def test_a_lighter_model_that_is_not_there_is_asked_for_once(
    coach_live: Callable[..., Ran],
) -> None:
    asked: list[None] = []
    film = Script().stand(1.0).film(PROFILE_RIGHT)
    coach_live(film, spent_s=0.08, lighter=lambda: asked.append(None), live=Live(slow_for_s=0.3))
    assert len(asked) == 1


def test_a_camera_that_was_nudged_stays_so_with_the_lighter_model(
    coach_live: Callable[..., Ran],
) -> None:
    film = three_reps()
    nudged = CameraMove(0.0, 0.0, 15.0)
    poses = [
        replace(pose, xy_px=nudged.apply(pose.xy_px, 640, 480), camera=nudged)
        if pose.t_s > 0.5
        else pose
        for pose in film.poses
    ]
    second = index_at(film, film.truth.reps[1].start_s)
    slow = {"spent_s": 0.08, "slow_from": second, "live": Live(slow_for_s=0.5)}
    changed = coach_live(poses, lighter=Path("lite"), **slow).end
    assert changed.model_name == "lite"
    assert changed.result == coach_live(poses).end.result
    assert len(changed.result.reps) == 3


def test_a_lighter_model_that_cannot_be_loaded_ends_nothing(
    coach_live: Callable[..., Ran], capsys: pytest.CaptureFixture[str]
) -> None:
    slow = {"spent_s": 0.08, "live": Live(slow_for_s=0.5), "lighter": Path("lite")}
    film = Script().stand(1.0).film(PROFILE_RIGHT)
    end = coach_live(film, broken=True, **slow).end
    assert end.model_name == "full"
    assert end.facts.frames == len(film.poses)
    assert "cannot be started" in capsys.readouterr().err


def test_every_stage_is_timed(coach_live: Callable[..., Ran]) -> None:
    times = coach_live(three_reps()).end.times
    for stage in ("inference", "core", "drawing", "window", "from capture to window"):
        assert times.median_s(stage) >= 0.0
    assert times.median_s("from capture to window") < 0.150


def test_the_picture_shows_the_mirror_and_the_result_does_not(
    coach_live: Callable[..., Ran],
) -> None:
    film = three_reps()
    straight, mirrored = (coach_live(film, mirror=mirror) for mirror in (False, True))
    assert straight.end.result == mirrored.end.result


def test_what_is_recorded_is_what_was_shown(coach_live: Callable[..., Ran], tmp_path: Path) -> None:
    from heelrise.frames import VideoFile

    path = tmp_path / "set.mp4"
    film = Script().stand(2.0).film(PROFILE_RIGHT)
    shown: list[Image] = []
    coach_live(film, {20: "h", 30: "m", 40: "h"}, video_out=path, seen=shown)
    assert len(shown) == len(film.poses)
    with VideoFile(path) as video:
        frames = list(video)
    assert 30 <= len(frames) <= len(shown)
    times_s = np.array([pose.t_s for pose in film.poses])
    for frame in frames:  # by its time: a slow disk leaves pictures out
        own = shown[int(np.abs(times_s - frame.t_s).argmin())]
        # encoding: 0.4-0.7 grey levels; help, mirror and guidance change 7 and more
        assert np.abs(frame.image.astype(int) - own).mean() < 1.5


def test_a_video_that_is_lost_is_told(
    coach_live: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full_disk(*_: object) -> None:
        raise HeelriseError("cannot write set.mp4: no space left on device")

    monkeypatch.setattr(VideoWriter, "write", full_disk)
    film = Script().stand(1.0).film(PROFILE_RIGHT)
    coach_live(film, video_out=tmp_path / "set.mp4")
    (line,) = capsys.readouterr().err.splitlines()
    assert "no space left on device; the session went on" in line
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_hangs_costs_the_video_alone(
    coach_live: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = threading.Event()
    # on a code that waits, it answers in the end: the test fails instead of hanging
    late = threading.Timer(20.0, answers.set)
    late.start()
    monkeypatch.setattr(VideoWriter, "write", lambda *_: answers.wait())
    monkeypatch.setattr("heelrise.recorder._END_S", 0.2, raising=False)
    film = Script().stand(1.0).film(PROFILE_RIGHT)
    try:
        ran = coach_live(film, {20: "q"}, video_out=tmp_path / "set.mp4")
        assert not answers.is_set()
    finally:
        late.cancel()
        answers.set()
    assert len(ran.saves) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "the disk does not answer; name another place; the session went on without" in line


@pytest.mark.parametrize("key", ["q", signal.SIGINT])
def test_the_video_is_whole_before_the_last_save(
    coach_live: Callable[..., Ran], tmp_path: Path, key: str | signal.Signals
) -> None:
    """Or gone, where the disk is full: what it had taken is room for the JSON."""
    path = tmp_path / "set.mp4"

    class Saves(list[LiveSoFar]):
        def append(self, so_far: LiveSoFar) -> None:
            assert path.exists()
            super().append(so_far)

    saves = Saves()
    film = Script().stand(1.0).film(PROFILE_RIGHT)
    coach_live(film, {20: key}, saves=saves, video_out=path)
    assert len(saves) == 1


def test_pictures_that_are_missing_in_the_video_are_told(
    coach_live: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write = VideoWriter.write

    def slow_disk(writer: VideoWriter, image: Image, t_s: float) -> None:
        time.sleep(0.1)
        write(writer, image, t_s)

    monkeypatch.setattr(VideoWriter, "write", slow_disk)
    monkeypatch.setattr("heelrise.recorder._QUEUE_PICTURES", 2)
    coach_live(Script().stand(2.0).film(PROFILE_RIGHT), video_out=tmp_path / "set.mp4")
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(r"[1-9]\d* pictures are missing", line)


def test_a_camera_that_never_gives_a_picture_is_refused(
    coach_live: Callable[..., Ran],
) -> None:
    with pytest.raises(HeelriseError, match="gives no picture"):
        coach_live([])


def test_the_options_of_the_session_reach_the_core(coach_live: Callable[..., Ran]) -> None:
    options = SessionOptions(body_height_cm=180)
    reps = coach_live(three_reps(), session=options).end.result.reps
    assert all(rep.rise_cm is not None for rep in reps)


def test_in_the_test_what_is_wrong_with_the_picture_comes_before_the_stage(
    coach_live: Callable[..., Ran], views: list[LiveView]
) -> None:
    away = [nobody(i / 30, i, 640, 480) for i in range(30)]
    there = [replace(pose, t_s=pose.t_s + 1.0) for pose in Script().stand(2.0).film().poses]
    coach_live(away + there, test=NOTHING_SAID)
    assert {view.note for view in views if view.now.guide is Guide.NOBODY} == {None}
    warm_up = ENGLISH.test_stages[gt.TestStage.WARM_UP]
    assert all(str(view.note).startswith(warm_up) for view in views[-20:])


def test_who_rests_in_the_test_may_leave_the_picture(
    coach_live: Callable[..., Ran], views: list[LiveView]
) -> None:
    script = Script().stand(2.0).reps(5).stand(1.0).stand_on("left").stand(0.5)
    for _ in range(4):
        script.rep(up_s=0.8, hold_s=0.2, down_s=0.8, rest_s=0.2)
    poses = script.put_down().stand(6.0).film(PROFILE_RIGHT, fps=FPS).poses
    last_s = poses[-1].t_s
    left = [nobody(last_s + i / 30, 0, 640, 480) for i in range(1, 60)]
    coach_live(poses + left, test=NOTHING_SAID)
    assert views[-1].now.guide is Guide.NOBODY
    assert str(views[-1].note).startswith(ENGLISH.test_stages[gt.TestStage.REST])
