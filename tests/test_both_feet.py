"""Rises on both feet, wherever these stand, beside rises on one leg that look like them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heelrise.result import Side
from motion import Film, Script
from motion_body import Camera
from motion_negatives import UNSTEADY, Restless
from runs import run, sides

ROUND = [10.0, 45.0, 105.0, 172.0, 235.0, 280.0]


def from_then_on(story: Script, start_s: float, camera: Camera, fps: float = 25.0) -> Film:
    """Film a story from some moment on: nothing was seen of what went before."""
    film = story.film(camera, UNSTEADY, times=np.arange(start_s, story.duration_s, 1 / fps))
    poses = [replace(pose, t_s=pose.t_s - start_s) for pose in film.poses]
    return replace(film, poses=poses)


@pytest.mark.parametrize("apart_m", [0.24, 0.36])
@pytest.mark.parametrize("azimuth_deg", ROUND)
def test_feet_may_stand_as_far_apart_as_they_like(azimuth_deg: float, apart_m: float) -> None:
    """The farther one is higher in the picture, as if it were lifted."""
    story = Script().feet(apart_m).stand(2.0).reps(4).stand(1.0)
    ran = run(story.film(Camera(azimuth_deg), UNSTEADY))
    assert sides(ran.result) == ["both"] * 4, ran.rejected


@pytest.mark.parametrize("azimuth_deg", ROUND)
def test_nor_must_they_be_side_by_side(azimuth_deg: float) -> None:
    story = Script().feet(0.3, 0.12).stand(2.0).reps(4).stand(1.0)
    ran = run(story.film(Camera(azimuth_deg), UNSTEADY))
    assert sides(ran.result) == ["both"] * 4, ran.rejected


@pytest.mark.parametrize("apart_m", [0.16, 0.3])
@pytest.mark.parametrize("azimuth_deg", ROUND)
def test_set_wider_apart_after_standing_they_both_carry(azimuth_deg: float, apart_m: float) -> None:
    story = Script().stand(2.0).set_apart(apart_m).stand(1.0).reps(4).stand(1.0)
    ran = run(story.film(Camera(azimuth_deg), UNSTEADY))
    assert sides(ran.result) == ["both"] * 4, ran.rejected


@pytest.mark.parametrize("held", ["flat beside", "crossed behind"])
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("azimuth_deg", ROUND)
def test_a_foot_that_is_up_from_the_first_picture_on_stays_a_free_one(
    azimuth_deg: float, side: Side, held: str
) -> None:
    story = Script().stand_on(side, crossed=held == "crossed behind")
    up_s = story.duration_s
    story.stand(0.8).reps(4).put_down().stand(1.0)
    ran = run(from_then_on(story, up_s, Camera(azimuth_deg)))
    assert sides(ran.result) == [side] * 4, ran.rejected


@pytest.mark.parametrize("apart_m", [0.12, 0.3])
@pytest.mark.parametrize("azimuth_deg", ROUND)
def test_a_film_may_begin_with_both_heels_up(azimuth_deg: float, apart_m: float) -> None:
    """The first level that is seen is no flat foot then; at most the first rise is lost."""
    story = Script().feet(apart_m).reps(5).stand(1.0)
    ran = run(from_then_on(story, 0.9, Camera(azimuth_deg)))
    assert sides(ran.result) == ["both"] * 4, ran.rejected


@pytest.mark.parametrize("azimuth_deg", ROUND)
def test_a_film_that_begins_with_a_squat_shows_no_rise(azimuth_deg: float) -> None:
    """From front and back a bent knee does not show: the first level is none of a flat foot."""
    story = Restless(1).stand(1.5).again(24.0, Restless.deep_squat)
    ran = run(from_then_on(story, 1.7, Camera(azimuth_deg), fps=15.0))
    assert sides(ran.result) == []
