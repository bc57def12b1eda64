"""The recorded loop: real little videos, with the model and the core replaced by known answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from heelrise import recorded as module
from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.image import Frame
from heelrise.landmarks import Pose, nobody
from heelrise.moment import Counts, Moment, Phase
from heelrise.recorded import analyze, settings_used, settle
from heelrise.result import Fault, LegSet, Rep, Result, Side
from heelrise.settings import SessionOptions, Settings
from heelrise.videofile import VideoWriter
from readers import StandIn

FPS = 20.0
OPTIONS = SessionOptions(body_height_cm=172.0, surface="step")


def rep(number: int, start_s: float, side: Side = "left", peak_shin: float | None = 0.2) -> Rep:
    """A rep of 1 s: up 0.25, hold 0.5, down 0.25."""
    times = [start_s + part for part in (0.0, 0.25, 0.5, 0.75, 1.0)]
    return Rep(
        number, side, *times, 0.5, 0.25, 0.25, None, 0.2, None, peak_shin, None, 0.0, ("no_pause",)
    )


def fault(end_s: float, number: int | None = None, *, unsure: bool = False) -> Fault:
    return Fault("no_pause", "left", number, end_s - 0.1, end_s, 0.1, 0.5, "s", unsure, "why")


def moments(seconds: float, phase: Phase = Phase.STANDING, **known: Any) -> list[Moment]:
    base = {"level_shin": 0.1, "best_shin": 0.9, "on_step": None, "hold_s": 7.0}
    values = {"side": "right", "counts": Counts(left=5), **base, **known}
    return [
        Moment(pose=nobody(index / FPS, index, 64, 48), phase=phase, **values)
        for index in range(round(seconds * FPS))
    ]


def settled(given: list[Moment], *reps: Rep, faults: tuple[Fault, ...] = ()) -> list[Moment]:
    return list(settle(given, Result(reps, faults, (), ())))


def test_counts_rise_at_each_final_end_and_reach_the_result() -> None:
    given = moments(6.0, faults=(fault(0.0),))
    found = settled(given, rep(1, 1.0), rep(2, 2.52, "right"), rep(3, 4.5, "both"))
    ends = {1.0 + 1.0: (1, 0, 0), 3.55: (1, 1, 0), 5.5: (1, 1, 1)}
    expected = (0, 0, 0)
    for moment in found:
        expected = ends.get(round(moment.t_s, 3), expected)
        assert moment.counts == Counts(*expected)
    assert [(m.rep.number, round(m.t_s, 3)) for m in found if m.rep] == [
        (number, time_s) for number, time_s in enumerate(ends, start=1)
    ]


def test_a_rep_that_ends_with_the_video_still_counts() -> None:
    found = settled(moments(2.0), rep(1, 1.0))
    assert found[-1].t_s < 2.0
    assert found[-1].counts == Counts(left=1)
    assert not any(moment.counts.left for moment in found[:-1])


def test_faults_show_once_at_the_frame_where_they_end() -> None:
    first, second, late = fault(0.5, 1), fault(0.52, unsure=True), fault(9.0)
    found = settled(moments(1.0, faults=(fault(0.1),)), faults=(late, first, second))
    assert {round(m.t_s, 3): m.faults for m in found if m.faults} == {
        0.5: (first,),
        0.55: (second,),
        0.95: (late,),
    }


def test_phase_leg_and_hold_are_those_of_the_final_rep() -> None:
    found = settled(moments(3.0, Phase.LOWERING), rep(1, 1.0))
    by_time = {round(moment.t_s, 3): moment for moment in found}
    assert [by_time[t].phase for t in (0.95, 1.0, 1.2, 1.25, 1.75, 1.8, 1.95, 2.0)] == [
        Phase.STANDING,
        Phase.RISING,
        Phase.RISING,
        Phase.TOP,
        Phase.TOP,
        Phase.LOWERING,
        Phase.LOWERING,
        Phase.STANDING,
    ]
    assert [by_time[t].side for t in (0.95, 1.0, 1.95, 2.0)] == ["right", "left", "left", "right"]
    assert max(moment.hold_s for moment in found) == pytest.approx(0.5)
    assert [by_time[t].hold_s for t in (1.0, 1.8, 2.5)] == [0.0, 0.0, 0.0]


def test_between_the_reps_of_a_set_the_leg_is_the_sets() -> None:
    leg_set = LegSet("left", 1.0, 3.5, (1, 2))
    found = settle(moments(5.0), Result((rep(1, 1.0), rep(2, 2.5)), (), (leg_set,), ()))
    sides = {round(moment.t_s, 3): moment.side for moment in found}
    assert [sides[t] for t in (0.95, 1.0, 2.25, 3.5, 3.55)] == ["right", *["left"] * 3, "right"]


def test_nobody_there_stays_nobody_there() -> None:
    assert {moment.phase for moment in settled(moments(1.0, Phase.AWAY))} == {Phase.AWAY}


def test_the_best_peak_is_the_legs_own_so_far() -> None:
    given = moments(6.0, side="left")
    reps = (
        rep(1, 1.0, "left", 0.2),
        rep(2, 2.5, "right", 0.4),
        rep(3, 4.0, "left", None),
    )
    by_time = {round(moment.t_s, 3): moment.best_shin for moment in settled(given, *reps)}
    assert [by_time[t] for t in (1.4, 1.5, 2.0, 2.75, 3.25, 5.9)] == [
        None,
        0.2,
        0.2,
        None,
        0.4,
        0.2,
    ]


def test_the_gauge_shows_the_heights_of_the_final_reps() -> None:
    # the live heights stood 0.1 shin lengths too high all along
    risen = replace(rep(1, 4.0, peak_shin=0.2), bottom_shin=0.0)
    given = moments(9.0)
    by_time = {round(moment.t_s, 3): moment.level_shin for moment in settled(given, risen)}
    edge = Settings().counting.start_share * 0.2
    assert by_time[4.0] == pytest.approx(edge)
    assert by_time[5.0] == pytest.approx(edge)
    assert by_time[4.5] == pytest.approx(0.2)
    assert [by_time[t] for t in (1.0, 7.5)] == [0.1, 0.1]


def test_a_height_nobody_saw_stays_unknown() -> None:
    risen = replace(rep(1, 1.0, peak_shin=0.2), bottom_shin=0.0)
    given = [replace(moment, level_shin=None) for moment in moments(3.0)]
    assert {moment.level_shin for moment in settled(given, risen)} == {None}
    given[30:] = moments(3.0)[30:]
    assert [moment.level_shin is None for moment in settled(given, risen)] == [
        index < 30 for index in range(60)
    ]


def test_a_warning_only_the_whole_shows_opens_the_video() -> None:
    given = moments(6.0, warnings=("too dark",))
    result = Result((), (), (), ("too dark", "too far away"))
    said = [moment.warnings for moment in settle(given, result)]
    assert said[0] == ("too dark", "too far away")
    assert said[-1] == ("too dark",)


def test_nothing_to_settle() -> None:
    assert settled([], rep(1, 0.0), faults=(fault(1.0),)) == []


@dataclass
class Reader(StandIn):
    """Stands in for the model: sees nobody, remembers what it was shown."""

    shown: ClassVar[list[int]] = []
    model: Path

    def read(self, frame: Frame) -> Pose:
        self.shown.append(frame.index)
        return nobody(frame.t_s, frame.index, 64, 48)


@dataclass
class Session:
    """Stands in for the core: one rep from 0.2 s on, whatever it is shown."""

    options: SessionOptions
    settings: object = None
    seen: list[float] = field(default_factory=list)

    def update(self, pose: Pose) -> Moment:
        self.seen.append(pose.t_s)
        return Moment(pose, "left", Phase.STANDING, None, None, None, 0.0, Counts())

    def finish(self) -> Result:
        height = self.options.body_height_cm
        return Result((rep(1, 0.2),), (), (), (f"{len(self.seen)} frames, {height:g} cm",))


@pytest.fixture(autouse=True)
def _known_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    Reader.shown.clear()
    monkeypatch.setattr("heelrise.poses.PoseReader", Reader)
    monkeypatch.setattr(module, "Session", Session)


def clip(path: Path, frames: int = 40, width: int = 64, height: int = 48) -> Path:
    with VideoWriter(path, width, height, FPS) as writer:
        for index in range(frames):
            writer.write(np.full((height, width, 3), index % 250, np.uint8), index / FPS)
    return path


def test_every_frame_goes_through_the_core_once(tmp_path: Path) -> None:
    analysis = analyze(clip(tmp_path / "a.mp4"), OPTIONS, tmp_path / "model")
    assert Reader.shown == list(range(40))
    assert analysis.result.warnings == ("40 frames, 172 cm",)
    facts = analysis.facts
    assert (facts.width, facts.height, facts.frames) == (64, 48, 40)
    assert facts.fps == pytest.approx(FPS)
    assert facts.duration_s == pytest.approx(2.0)
    assert facts.path == str(tmp_path / "a.mp4")


def test_one_frame_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(HeelriseError, match="holds a single picture: choose a video"):
        analyze(clip(tmp_path / "a.mp4", frames=1), OPTIONS, tmp_path / "model")


def test_the_annotated_copy_has_the_sources_size_frames_and_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Moment] = []
    monkeypatch.setattr(module, "draw", lambda image, moment, cue: drawn.append(moment))
    source, copy = clip(tmp_path / "a.mp4", width=80), tmp_path / "copy.mp4"
    analyze(source, OPTIONS, tmp_path / "model", copy)
    assert Reader.shown == list(range(40))  # the second pass needs no model
    with VideoFile(source) as before, VideoFile(copy) as after:
        assert (after.info.width, after.info.height) == (80, 48)
        assert [f.t_s for f in after] == pytest.approx([f.t_s for f in before], abs=1e-4)
    assert drawn[-1].counts == Counts(left=1)
    assert [moment.counts.left for moment in drawn].index(1) == round(1.2 * FPS)


def test_progress_goes_up_to_one_over_both_passes(tmp_path: Path) -> None:
    source, told = clip(tmp_path / "a.mp4"), list[float]()
    analyze(source, OPTIONS, tmp_path / "model", tmp_path / "copy.mp4", told.append)  # type: ignore[arg-type]
    assert len(told) == 80
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_a_file_that_ends_early_is_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    whole = tmp_path / "whole.mp4"
    with VideoWriter(whole, 64, 48, FPS) as writer:
        for index in range(100):
            writer.write(rng.integers(0, 255, (48, 64, 3), np.uint8), index / FPS)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    analysis = analyze(cut, OPTIONS, tmp_path / "model")
    assert 0 < analysis.facts.frames < 100
    assert "cut off" in analysis.result.warnings[-1]
    assert f"first {analysis.facts.duration_s:.1f} s" in analysis.result.warnings[-1]


def test_what_is_no_video_is_one_line_and_no_output(tmp_path: Path) -> None:
    text = tmp_path / "a.mp4"
    text.write_text("not a video")
    with pytest.raises(HeelriseError, match=r"a\.mp4"):
        analyze(text, OPTIONS, tmp_path / "model", tmp_path / "copy.mp4")
    assert list(tmp_path.iterdir()) == [text]


def test_a_failure_in_the_second_pass_leaves_no_half_video(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(image: Any, moment: Moment, cue: str | None) -> None:
        if moment.pose.index == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(module, "draw", stop)
    source = clip(tmp_path / "a.mp4")
    with pytest.raises(KeyboardInterrupt):
        analyze(source, OPTIONS, tmp_path / "model", tmp_path / "copy.mp4")
    assert list(tmp_path.iterdir()) == [source]


def test_the_settings_say_what_a_result_was_made_with() -> None:
    used = settings_used(OPTIONS, "lite", "abc")
    assert used["model"] == {"name": "lite", "sha256": "abc"}
    assert (used["body_height_cm"], used["surface"], used["leg"]) == (172.0, "step", "auto")
    assert used["thresholds"] == Settings().as_dict()
