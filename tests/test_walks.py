"""Walks to another place, and what is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from heelrise import landmarks as lm
from heelrise.legs import LegReader
from heelrise.settings import Framing, Settings
from heelrise.walks import WalkWatch
from motion import Film, Script
from motion_body import Camera
from motion_model import PERFECT
from motion_negatives import Restless, shin_px
from runs import FRONT, PROFILE_RIGHT

LOW = Camera(90.0, 0.25, aim_height=0.8)


def watched(film: Film) -> list[float]:
    """Return when walks are noticed, seconds."""
    reader = LegReader(Settings())
    counts = [reader.read(pose).walks for pose in film.poses]
    steps = np.flatnonzero(np.diff(counts, prepend=0))
    return [film.poses[number].t_s for number in steps]


def standing() -> Script:
    return Script().stand(1.5)


WALKS: dict[str, tuple[Callable[[], Script], Camera]] = {
    "away from the camera": (lambda: standing().walk(-1.0, 0.0).stand(2.0), FRONT),
    "nearer": (lambda: standing().walk(0.8, 0.0).stand(2.0), replace(FRONT, distance=4.0)),
    "across": (lambda: standing().walk(0.0, 1.0).stand(2.0), FRONT),
    "across, in profile": (lambda: standing().walk(-1.0, 0.0).stand(2.0), PROFILE_RIGHT),
    "across, far away": (
        lambda: standing().walk(0.0, 1.0).stand(2.0),
        replace(FRONT, distance=6.0),
    ),
}
STAYS: dict[str, tuple[Callable[[], Script], Camera]] = {
    "heel rises": (lambda: Script().set_of("left", 3, height=0.14), FRONT),
    "heel rises in profile": (lambda: Script().set_of("left", 3, height=0.14), PROFILE_RIGHT),
    "heel rises, near the floor": (lambda: Script().set_of("left", 3, height=0.14), LOW),
    "squats": (lambda: standing().squat(90.0, 3.0, 1.0).squat(90.0, 3.0, 1.0), FRONT),
    "squats, near the floor": (lambda: standing().squat(90.0, 3.0, 1.0).stand(1.0), LOW),
    "a hop aside": (lambda: standing().stand_on("left").stand(1.0).hop().stand(2.0), FRONT),
    "a sway": (lambda: standing().stand_on("left").stand(1.0).sway().stand(2.0), FRONT),
    "jumping jacks": (
        lambda: Restless(3).stand(1.5).jumping_jacks().stand(1.0),
        replace(FRONT, distance=4.5),
    ),
    "both legs in turn": (
        lambda: standing().stand_on("left").stand(1.0).put_down().stand_on("right").stand(1.0),
        FRONT,
    ),
}


@pytest.mark.parametrize(("story", "camera"), WALKS.values(), ids=WALKS.keys())
def test_a_walk_is_noticed_and_for_the_last_time_where_it_ends(
    story: Callable[[], Script], camera: Camera
) -> None:
    film = story().film(camera, PERFECT)
    noticed = watched(film)
    assert noticed
    ended_s = film.poses[-1].t_s - 2.0
    assert noticed[0] > 1.5
    assert ended_s - 1.0 < noticed[-1] < ended_s + 0.6


@pytest.mark.parametrize(("story", "camera"), STAYS.values(), ids=STAYS.keys())
def test_who_stays_has_not_walked(story: Callable[[], Script], camera: Camera) -> None:
    assert watched(story().film(camera, PERFECT)) == []


@pytest.mark.parametrize(("lasts_s", "walks"), [(0.4, 0), (0.7, 2)])
@pytest.mark.parametrize("trunk", [True, False], ids=["the whole body", "feet alone"])
def test_who_walks_by_can_catch_the_feet_for_a_moment(
    lasts_s: float, walks: int, trunk: bool
) -> None:
    film = standing().stand(2.0).film(FRONT, PERFECT)
    caught = list(range(lm.LEFT_KNEE, lm.LANDMARK_COUNT))
    aside = np.zeros((lm.LANDMARK_COUNT, 2))
    aside[slice(None) if trunk else caught, 0] = 0.8 * shin_px(film)
    poses = tuple(
        replace(pose, xy_px=pose.xy_px + aside) if 1.5 < pose.t_s < 1.5 + lasts_s else pose
        for pose in film.poses
    )
    assert len(watched(replace(film, poses=poses))) == (walks if trunk else 0)


def test_hops_and_a_slow_drift_do_not_add_up() -> None:
    film = standing().stand(12.0).film(FRONT, PERFECT)
    shin = shin_px(film)
    poses = tuple(
        replace(pose, xy_px=pose.xy_px + np.array([0.15 * shin * pose.t_s, 0.0]))
        for pose in film.poses
    )
    assert watched(replace(film, poses=poses)) == []


def test_a_body_without_any_size_is_no_trouble() -> None:
    film = standing().film(FRONT, PERFECT)
    watch = WalkWatch(Framing())
    assert not any(
        watch.update(pose.t_s, np.zeros_like(pose.xy_px), 0.0, 0.0) for pose in film.poses
    )
