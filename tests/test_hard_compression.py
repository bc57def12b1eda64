"""What a hard-compressed film still shows: which picture each one is exchanged for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hard_compression import Grey, around, exchanged, main, most_like
from heelrise.landmarks import (
    LEFT_ANKLE,
    LEFT_HIP,
    LEFT_SHOULDER,
    NOSE,
    RIGHT_HIP,
    RIGHT_SHOULDER,
    Pose,
    nobody,
)
from heelrise.recording import Recording

FPS = 10.0
COUNT = 60
SIZE = (64, 48)  # width and height


def picture(up_px: int) -> Grey:
    """Return a bright body, so many pixels above where it stands, and a room with a pattern."""
    chance = np.random.default_rng(0)
    grey = chance.integers(60, 100, (SIZE[1], SIZE[0])).astype(np.uint8)
    grey[16 - up_px : 40 - up_px, 24:36] = 220
    return grey


def body(number: int) -> Pose:
    """Return somebody whose trunk is 12 px long."""
    xy = np.full((33, 2), (30.0, 30.0))
    xy[[LEFT_ANKLE, NOSE], 1] = 40.0, 6.0
    xy[[LEFT_SHOULDER, RIGHT_SHOULDER]] = 30.0, 18.0
    xy[[LEFT_HIP, RIGHT_HIP]] = 30.0, 30.0
    return replace(nobody(number / FPS, number, *SIZE), xy_px=xy, visibility=np.ones(33), people=1)


HEIGHTS = [number % 12 for number in range(COUNT)]  # up by a pixel a picture, and down at once
FILM = [picture(up_px) for up_px in HEIGHTS]
POSES = [body(number) for number in range(COUNT)]


@pytest.mark.parametrize("late", [0, 1, 3])
def test_a_picture_that_comes_late_is_told_by_how_much(late: int) -> None:
    hard = FILM[:1] * late + FILM[: COUNT - late]
    found = most_like(FILM, hard, POSES)
    for number in range(12 + late, COUNT):
        assert HEIGHTS[found[number]] == HEIGHTS[number - late]


def test_only_pictures_near_in_time_are_looked_at() -> None:
    hard = [FILM[HEIGHTS.index(11)]] * COUNT
    times = np.array([pose.t_s for pose in POSES])
    assert np.abs(times[most_like(FILM, hard, POSES)] - times).max() <= 1.5 + 1e-9


def test_what_is_beside_the_body_does_not_count() -> None:
    clean, hard = [grey.copy() for grey in FILM], [grey.copy() for grey in FILM]
    for number in range(COUNT):
        clean[number][:, 50:] = 40 * (number % 6)
        hard[number][:, 50:] = 40 * ((number + 3) % 6)
    assert [HEIGHTS[at] for at in most_like(clean, hard, POSES)] == HEIGHTS


def test_where_nobody_is_seen_a_picture_stays_itself() -> None:
    empty = [nobody(number / FPS, number, *SIZE) for number in range(COUNT)]
    assert most_like(FILM, FILM[::-1], empty) == list(range(COUNT))
    assert around(empty, FILM[0].shape) is None


def test_a_pose_is_exchanged_at_its_own_time() -> None:
    film = Recording(POSES, FPS, "full", "0" * 64, False)
    other = exchanged(film, [max(number - 2, 0) for number in range(COUNT)])
    assert [pose.t_s for pose in other.poses] == [pose.t_s for pose in POSES]
    assert [pose.index for pose in other.poses] == list(range(COUNT))
    assert other.poses[10].xy_px is POSES[8].xy_px


def test_a_video_without_a_truth_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hard_compression.ensure_model", lambda: tmp_path)
    assert main([str(tmp_path / "none.mp4")]) == 2
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1
    assert "none" in complaint
