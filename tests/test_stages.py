"""Stage times: medians, the rate, the table."""

from __future__ import annotations

import math

import pytest

from heelrise.stages import StageTimes


def filled(frames: int = 50) -> StageTimes:
    times = StageTimes()
    for index in range(frames):
        times.frame(index / 25)
        times.add("inference", 0.02 if index % 2 else 0.03)
        times.add("drawing", 0.5 if index < 10 else 0.001)
    return times


def test_the_rate_is_that_of_the_latest_frames() -> None:
    times = filled()
    assert times.fps == pytest.approx(25.0)
    for index in range(60):
        times.frame(100 + index / 10)
    assert times.fps == pytest.approx(10.0)


def test_no_rate_before_two_frames() -> None:
    times = StageTimes()
    assert times.fps is None
    times.frame(1.0)
    assert times.fps is None
    assert times.overall_fps is None


def test_the_slow_start_is_left_out_of_the_median() -> None:
    times = filled()
    assert times.median_s("inference") == pytest.approx(0.025, abs=0.006)
    assert times.median_s("drawing") == pytest.approx(0.001)
    assert math.isnan(times.median_s("never"))


def test_the_table_names_every_stage_and_the_rate() -> None:
    table = filled().table()
    assert "inference" in table
    assert "drawing" in table
    assert "50, 25.0 a second" in table


def test_memory_does_not_grow() -> None:
    times = StageTimes(kept=100)
    for index in range(5000):
        times.frame(index / 30)
        times.add("core", 0.001)
    assert len(times._frames_s) == 100
    assert len(times._spent_s["core"]) == 100
