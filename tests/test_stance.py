"""Which leg carries, on built poses: from every view, through swaps and collapses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from heelrise.camera_turn import TRUNK
from heelrise.landmarks import (
    LANDMARK_COUNT,
    LEFT_ANKLE,
    LEFT_HEEL,
    LEFT_HIP,
    LEFT_TOE,
    RIGHT_ANKLE,
    RIGHT_HEEL,
    RIGHT_HIP,
    RIGHT_TOE,
    nobody,
)
from heelrise.legs import LegReader, LegSample
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


# ---- clues built by hand -------------------------------------------------------------------

ALIKE = np.zeros(6)
LEFT_FOOT = [LEFT_ANKLE, LEFT_HEEL, LEFT_TOE]
RIGHT_FOOT = [RIGHT_ANKLE, RIGHT_HEEL, RIGHT_TOE]
LEFT_CARRIES = np.full(6, 1.0)
# A foot crossed behind, seen from behind: it looks higher and more bent, but lower in the picture.
CONTRADICTING = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])


def told(
    *parts: tuple[np.ndarray, float], apart_shin: float = 0.3, facing: float | list[float] = -1.0
) -> list[Stance]:
    """Return the stance at the end of each part: clues, and for how many seconds.

    ``facing`` is that of all parts, or one for each.
    """
    tracker = StanceTracker(Settings())
    xy_px = np.full((LANDMARK_COUNT, 2), 200.0)
    xy_px[LEFT_ANKLE, 0] -= 80.0 * apart_shin
    ends, number = [], 0
    faced = facing if isinstance(facing, list) else [facing] * len(parts)
    for (clues, seconds), facing_now in zip(parts, faced, strict=True):
        for _ in range(round(seconds * 30)):
            sample = LegSample(
                nobody(number / 30, number, 640, 480),
                True,
                "",
                80.0,
                height=0.0,
                clues=clues,
                profile=0.0,
                facing=facing_now,
                knee_flexion_deg=(6.0, 6.0),
                xy_px=xy_px,
            )
            stance = tracker.update(sample)
            number += 1
        ends.append(stance)
    return ends


@pytest.mark.parametrize("side", ["left", "right"])
def test_clues_that_cancel_out_keep_the_leg(side: Side) -> None:
    sign = 1.0 if side == "left" else -1.0
    both, leg, crossed, down = told(
        (ALIKE, 1.0), (sign * LEFT_CARRIES, 3.0), (CONTRADICTING, 3.0), (ALIKE, 1.0)
    )
    assert (both.side, leg.side, crossed.side, down.side) == ("both", side, side, "both")
    assert crossed.score == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("parts", "side"),
    [
        ([(ALIKE, 1.0), (CONTRADICTING, 3.0)], "both"),
        ([(ALIKE, 1.0), (LEFT_CARRIES, 3.0), (0.5 * CONTRADICTING, 2.0)], "both"),
        ([(ALIKE, 1.0), (0.3 * LEFT_CARRIES, 3.0), (0.24 * CONTRADICTING, 2.0)], "both"),
        ([(ALIKE, 1.0), (0.3 * LEFT_CARRIES, 3.0), (0.27 * CONTRADICTING, 2.0)], "left"),
        ([(ALIKE, 1.0), (LEFT_CARRIES, 3.0), (CONTRADICTING, 1.0), (-LEFT_CARRIES, 1.0)], "right"),
    ],
    ids=["never on a leg", "half as unlike", "no more than noise", "hardly on the leg", "changed"],
)
def test_clues_that_cancel_out_tell_no_leg_by_themselves(
    parts: list[tuple[np.ndarray, float]], side: str
) -> None:
    assert told(*parts, facing=0.6)[-1].side == side


@pytest.mark.parametrize(
    ("apart_shin", "facing", "side"),
    [
        (0.3, 1.0, "both"),
        (0.25, -0.95, "both"),
        (0.15, 1.0, None),
        (0.1, -0.95, None),
        (0.0, 0.6, "both"),  # seen obliquely, feet that are one behind the other look near
        (0.0, 0.0, "both"),
    ],
)
def test_feet_nearer_than_anybody_puts_them_are_no_stance_on_both(
    apart_shin: float, facing: float, side: str | None
) -> None:
    (seen,) = told((ALIKE, 2.0), apart_shin=apart_shin, facing=facing)
    assert (seen.side, seen.crossed) == (side, side is None)
    (leg,) = told((0.5 * LEFT_CARRIES, 2.0), apart_shin=apart_shin, facing=facing)
    assert leg.side == "left"


@pytest.mark.parametrize(
    ("clue", "apart_shin", "facing", "side"),
    [
        (0.3, 0.3, 1.0, "both"),
        (0.3, 0.3, -0.85, "both"),
        (0.5, 0.3, 1.0, "left"),  # a foot that hangs beside the other is higher up
        (0.3, 0.1, 1.0, "left"),  # crossed behind, it is not beside it
        (0.3, 0.3, 0.6, "left"),  # obliquely nearer feet stand lower in the picture
    ],
)
@pytest.mark.parametrize("bad", [0.0, -0.4])
def test_feet_seen_side_by_side_on_the_ground_are_both_whatever_was_learned(
    bad: float, clue: float, apart_shin: float, facing: float, side: str
) -> None:
    """How both feet look may have been learned in a bad moment: it kept a leg for good."""
    parts = [(bad * LEFT_CARRIES, 1.0), (LEFT_CARRIES, 2.0), (clue * LEFT_CARRIES, 2.0)]
    seen = told(*parts, apart_shin=apart_shin, facing=facing)[-1]
    assert seen.side == side


@pytest.mark.parametrize(("facing", "learned"), [(1.0, True), (0.0, False)])
def test_a_front_taken_for_a_back_is_learned_anew(facing: float, learned: bool) -> None:
    """In a dark picture the pose model turns a person round, and left is right from then on."""
    # As of a camera that is turned a little: one foot, and its knee, look higher.
    unlike = np.array([0.25, 0.25, 0.1, 0.4, 0.1, 0.0])
    before, after = told((unlike, 2.0), (-unlike, 2.0), facing=[-1.0, facing])
    assert before.side == "both"
    assert (after.side == "both") is learned  # only straight from front or back
    assert (abs(after.score) < 0.01) is learned


@pytest.mark.parametrize(("apart_shin", "side"), [(0.3, "both"), (0.1, "left")])
def test_a_leg_stays_while_the_feet_are_crossed(apart_shin: float, side: str) -> None:
    """In a blurred picture the hidden foot comes to lie on the other one."""
    tracker, ends = StanceTracker(Settings()), []
    for number in range(210):
        crossed = number >= 120
        xy_px = np.full((LANDMARK_COUNT, 2), 200.0)
        xy_px[LEFT_ANKLE, 0] -= 80.0 * (apart_shin if crossed else 0.3)
        clues = ALIKE if number < 30 or crossed else LEFT_CARRIES
        pose = nobody(number / 30, number, 640, 480)
        sample = LegSample(
            pose, True, "", 80.0, height=0.0, clues=clues, profile=0.0, facing=-1.0, xy_px=xy_px
        )
        ends.append(tracker.update(replace(sample, knee_flexion_deg=(6.0, 6.0))).side)
    assert (ends[29], ends[119], ends[-1]) == ("both", "left", side)


@pytest.mark.parametrize("free", ["left", "right"])
@pytest.mark.parametrize(
    ("moved_shin", "facing", "told"),
    [
        (0.2, -1.0, True),
        (0.2, 0.95, True),
        (0.05, -1.0, False),  # still a foot's breadth apart
        (0.12, 1.0, False),  # feet set close together
        (0.2, 0.6, False),  # seen obliquely, feet one behind the other look near
    ],
)
def test_the_foot_that_comes_to_the_other_one_is_free(
    free: Side, moved_shin: float, facing: float, told: bool
) -> None:
    """Crossed behind, seen straight from front or back, it looks as low and as straight."""
    tracker = StanceTracker(Settings())
    moving = LEFT_FOOT if free == "left" else RIGHT_FOOT
    for number in range(120):
        xy_px = np.full((LANDMARK_COUNT, 2), 200.0)
        xy_px[LEFT_FOOT, 0] -= 80.0 * 0.3
        if number >= 60:
            xy_px[moving, 0] += 80.0 * moved_shin * (1.0 if free == "left" else -1.0)
        pose = nobody(number / 30, number, 640, 480)
        sample = LegSample(
            pose, True, "", 80.0, height=0.0, clues=ALIKE, profile=0.0, facing=facing, xy_px=xy_px
        )
        stance = tracker.update(replace(sample, knee_flexion_deg=(6.0, 6.0)))
    other = "right" if free == "left" else "left"
    assert stance.side == (other if told else "both")
    assert stance.leg * (1.0 if other == "left" else -1.0) > 0.0


def test_where_the_feet_stand_is_learned_anew_while_both_stand() -> None:
    """One foot was put down a little further back: that one is not free for good."""
    tracker = StanceTracker(Settings())
    for number in range(180):
        xy_px = np.full((LANDMARK_COUNT, 2), 200.0)
        xy_px[LEFT_FOOT, 0] -= 80.0 * (0.3 if number < 60 else 0.42)
        pose = nobody(number / 30, number, 640, 480)
        sample = LegSample(
            pose, True, "", 80.0, height=0.0, clues=ALIKE, profile=0.0, facing=1.0, xy_px=xy_px
        )
        stance = tracker.update(replace(sample, knee_flexion_deg=(6.0, 6.0)))
        if number == 70:
            assert stance.leg < -0.1
    assert stance.side == "both"
    assert abs(stance.leg) < 0.01


@pytest.mark.parametrize("free", ["left", "right"])
@pytest.mark.parametrize(
    ("moved_shin", "bent", "lifted"),
    [(0.3, 2.0, True), (0.1, 2.0, False), (0.3, 1.0, False)],
    ids=["away and bent", "still there", "hardly bent"],
)
def test_a_foot_away_from_its_place_on_a_bent_knee_is_lifted(
    free: Side, moved_shin: float, bent: float, lifted: bool
) -> None:
    """Nearer to the camera than where it stood it looks as low as before."""
    tracker, sign = StanceTracker(Settings()), 1.0 if free == "right" else -1.0
    for number in range(120):
        xy_px, clues = np.full((LANDMARK_COUNT, 2), 200.0), ALIKE
        if number >= 60:
            xy_px[RIGHT_FOOT if free == "right" else LEFT_FOOT, 1] += 80.0 * moved_shin
            clues = sign * np.array([-0.3, -0.3, -0.3, -0.6, bent, 0.0])
        pose = nobody(number / 30, number, 640, 480)
        sample = LegSample(
            pose, True, "", 80.0, height=0.0, clues=clues, profile=1.0, facing=0.0, xy_px=xy_px
        )
        stance = tracker.update(replace(sample, knee_flexion_deg=(6.0, 6.0)))
    other = "left" if free == "right" else "right"
    assert stance.side == (other if lifted else "both")


def standing(
    apart: float = 0.0,
    nearer: float = 0.0,
    higher: float = 0.0,
    toe_higher: float | None = None,
    shorter: float = 0.0,
    bent_deg: float = 0.0,
    straight_deg: float = 5.0,
    profile: float = 1.0,
) -> LegSample:
    """Return one picture of two legs (shins, degrees).

    The right foot is so far beside the left one and so much higher, on a leg that looks so much
    shorter and is bent by so much more than the left one; the trunk is so much nearer to the left.
    """
    scale = Settings().stance
    toe = higher if toe_higher is None else toe_higher
    clues = np.array(
        [
            higher / scale.ankle_shin,
            higher / scale.heel_shin,
            toe / scale.toe_shin,
            0.0,
            bent_deg / scale.flexion_deg,
            nearer / scale.support_shin,
        ]
    )
    xy_px = np.full((LANDMARK_COUNT, 2), 200.0)
    xy_px[RIGHT_FOOT, 0] += 80.0 * apart
    xy_px[list(TRUNK), 0] += 80.0 * (apart - nearer) / 2
    xy_px[[LEFT_HIP, RIGHT_HIP], 1] -= 80.0 * np.array([2.0, 2.0 - shorter])
    return LegSample(
        nobody(0.0, 0, 640, 480),
        True,
        "",
        80.0,
        height=0.0,
        clues=clues,
        profile=profile,
        facing=float(np.sqrt(1.0 - profile**2)),
        knee_flexion_deg=(straight_deg, straight_deg + bent_deg),
        xy_px=xy_px,
    )


FARTHER: dict[str, Any] = {"higher": 0.3, "shorter": 0.3}
ON_FLOOR: dict[str, dict[str, Any]] = {
    "the trunk in the middle": {"apart": 0.4},
    "a little nearer to one foot": {"apart": 0.4, "nearer": 0.12},
    "one leg farther away": FARTHER,
    "seen obliquely": FARTHER | {"profile": 0.6},
    "as straight as a pose model sees it": FARTHER | {"bent_deg": 8.0},
}
NOT_ON_FLOOR: dict[str, dict[str, Any]] = {
    "feet as of both, near to each other": {"apart": 0.25},
    "the trunk over one foot": {"apart": 0.4, "nearer": 0.3},
    "the trunk in the middle, a knee bent": {"apart": 0.4, "bent_deg": 20.0},
    "lifted ahead on a straight leg": FARTHER | {"shorter": 0.1},
    "lifted by a bent knee": FARTHER | {"bent_deg": 20.0},
    "toe down": FARTHER | {"toe_higher": 0.1},
    "seen from so far in front that a bent knee hardly shows": FARTHER | {"profile": 0.4},
    "the nearer knee bent": FARTHER | {"straight_deg": 20.0},
}


@pytest.mark.parametrize("how", ON_FLOOR.values(), ids=ON_FLOOR.keys())
def test_both_feet_are_on_the_floor(how: dict[str, Any]) -> None:
    assert StanceTracker(Settings()).update(standing(**how)).on_floor


@pytest.mark.parametrize("how", NOT_ON_FLOOR.values(), ids=NOT_ON_FLOOR.keys())
def test_one_foot_may_be_up(how: dict[str, Any]) -> None:
    assert not StanceTracker(Settings()).update(standing(**how)).on_floor
