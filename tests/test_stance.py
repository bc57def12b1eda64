"""Which leg carries, on built poses: from every view, through swaps and collapses."""

from __future__ import annotations

import pytest

from heelrise.legs import LegReader
from heelrise.result import Side
from heelrise.settings import Settings
from heelrise.stance import Stance, StanceTracker
from motion import Film, Script
from motion_body import Camera
from motion_model import PoseModel

VIEWS = [Camera(10.0), Camera(45.0), Camera(90.0), Camera(172.0), Camera(235.0, 1.2)]
IDS = ["profile", "45 degrees", "front", "profile left", "rear oblique"]


def stances(film: Film) -> list[tuple[float, Stance]]:
    reader, tracker = LegReader(Settings()), StanceTracker(Settings())
    return [(pose.t_s, tracker.update(reader.read(pose))) for pose in film.poses]


def seen_between(film: Film, start_s: float, end_s: float) -> set[str | None]:
    return {stance.side for t_s, stance in stances(film) if start_s <= t_s <= end_s}


@pytest.mark.parametrize("view", VIEWS, ids=IDS)
@pytest.mark.parametrize("side", ["left", "right"])
def test_tells_the_leg_after_half_a_second(view: Camera, side: Side) -> None:
    film = Script().stand(2.0).stand_on(side).stand(2.0).put_down().stand(2.0).film(view)
    assert seen_between(film, 1.0, 1.9) == {"both"}
    assert seen_between(film, 3.4, 4.8) == {side}
    assert seen_between(film, 6.4, 7.5) == {"both"}


@pytest.mark.parametrize("view", VIEWS, ids=IDS)
def test_follows_a_change_of_legs(view: Camera) -> None:
    script = Script().stand(2.0).stand_on("left").stand(2.0).put_down().stand_on("right").stand(2.0)
    film = script.film(view)
    assert seen_between(film, 3.4, 4.8) == {"left"}
    assert seen_between(film, 7.1, 8.5) == {"right"}


@pytest.mark.parametrize("view", VIEWS, ids=IDS)
def test_a_heel_rise_does_not_change_the_leg(view: Camera) -> None:
    film = Script().stand(2.0).stand_on("left").stand(0.5).reps(3).film(view)
    assert seen_between(film, 3.4, 13.0) == {"left"}


@pytest.mark.parametrize("view", VIEWS, ids=IDS)
def test_two_leg_raises_squats_and_arms_stay_on_both(view: Camera) -> None:
    film = Script().stand(2.0).reps(2).squat().arm_raise().film(view)
    assert seen_between(film, 1.0, 13.0) == {"both"}


def test_short_swaps_and_collapses_change_nothing() -> None:
    model = PoseModel(swaps=((4.0, 4.1),), collapses=((5.0, 2), (5.6, 3)))
    film = Script().stand(2.0).stand_on("left").stand(4.0).film(model=model)
    assert seen_between(film, 3.4, 6.8) == {"left"}


def test_frames_without_a_person_keep_the_leg_and_say_nothing() -> None:
    model = PoseModel(dropouts=((4.0, 4.3),))
    film = Script().stand(2.0).stand_on("left").stand(3.0).film(model=model)
    gone = [stance for t_s, stance in stances(film) if 4.0 <= t_s <= 4.3]
    assert {stance.side for stance in gone} == {"left"}
    assert not any(stance.still for stance in gone)


def test_still_is_standing_still() -> None:
    film = Script().stand(2.0).stand_on("left").stand(1.5).rep(hold_s=0.0).film()
    rep = film.truth.reps[0]
    for t_s, stance in stances(film):
        if 1.0 <= t_s <= 1.9:
            assert stance.still
        if rep.start_s + 0.3 <= t_s <= rep.top_start_s:
            assert not stance.still


def test_reset_forgets_the_leg() -> None:
    reader, tracker = LegReader(Settings()), StanceTracker(Settings())
    poses = Script().stand(2.0).stand_on("left").stand(1.5).film().poses
    samples = [reader.read(pose) for pose in poses]
    for sample in samples:
        assert tracker.update(sample)
    tracker.reset()
    assert tracker.update(samples[0]).side is None
