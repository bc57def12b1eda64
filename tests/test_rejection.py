"""What must not be counted: whole films without a heel rise, and each test of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from heelrise.landmarks import (
    LANDMARK_COUNT,
    LEFT_ANKLE,
    LEFT_HEEL,
    LEFT_KNEE,
    LEFT_TOE,
    RIGHT_TOE,
    Pose,
)
from heelrise.legs import LegSample
from heelrise.moment import Phase
from heelrise.rejection import (
    Suspect,
    heel_not_seen,
    jumped,
    not_above_flat,
    squatted,
    too_little_seen,
    too_quick,
    too_small_for_this_person,
    walked,
    why_not,
)
from heelrise.reps import Candidate
from heelrise.result import Side
from heelrise.settings import Settings
from heelrise.stance import Stance
from heelrise.stretch import stretch_of
from motion import Script
from motion_body import Camera
from runs import cases, run, sides

NOT_REPS: dict[str, Callable[[], Script]] = {
    "standing": lambda: Script().stand(12.0),
    "an empty room": lambda: Script().leave(10.0),
    "squats": lambda: Script().stand(1.5).squat().squat(100.0).squat(60.0).stand(1.0),
    "squats held": lambda: (
        Script().stand(1.5).squat(90.0, 4.0, 2.0).squat(90.0, 4.0, 2.0).stand(1.0)
    ),
    "squat pulses": lambda: (
        Script().stand(1.5).squat(40, 1.0, 0.0).squat(40, 1.0, 0.0).squat(40, 1.0)
    ),
    "one-leg idling": lambda: Script().stand(1.5).stand_on("left").idle(20.0).put_down().stand(1.0),
    "one-leg idling, not crossed": lambda: (
        Script().stand(1.5).stand_on("right", crossed=False).idle(15.0).put_down().stand(1.0)
    ),
    "one-leg knee bends": lambda: (
        Script()
        .stand(1.5)
        .stand_on("left")
        .stand(0.6)
        .one_leg_knee_bend()
        .one_leg_knee_bend(30.0)
        .one_leg_knee_bend(60.0)
        .put_down()
        .stand(1.0)
    ),
    "knee lifts": lambda: (
        Script()
        .stand(1.5)
        .stand_on("left")
        .knee_lift()
        .knee_lift()
        .knee_lift()
        .put_down()
        .stand_on("right")
        .knee_lift()
        .knee_lift()
        .put_down()
        .stand(1.0)
    ),
    "toe taps": lambda: (
        Script().stand(1.5).stand_on("right").toe_tap().toe_tap().toe_tap().put_down().stand(1.0)
    ),
    "crossing and putting down": lambda: (
        Script().stand(1.5).stand_on("left").put_down().stand_on("right").put_down().stand(1.0)
    ),
    "walking": lambda: Script().stand(1.0).walk(0.0, 1.2).walk(0.0, -1.2).walk(0.0, 0.8).stand(1.0),
    "walking in and out": lambda: (
        Script().walk(0.0, 2.4).walk(0.0, -2.4).stand(2.0).walk(0.0, -2.4).stand(1.0)
    ),
    "turning round": lambda: Script().stand(1.5).turn(90).turn(90).stand(1.0).turn(-180).stand(1.0),
    "arm raises": lambda: Script().stand(1.5).arm_raise().arm_raise().arm_raise().stand(1.0),
    "arm raises on one leg": lambda: (
        Script().stand(1.5).stand_on("left").arm_raise().arm_raise().put_down().stand(1.0)
    ),
    "fidgeting": lambda: Script().stand(1.5).fidget(15.0).stand(1.0),
    "jumping": lambda: Script().stand(1.5).jump().jump(0.2).jump(0.08).stand(1.0),
    "hopping on one leg": lambda: (
        Script().stand(1.5).stand_on("left").hop().hop(0.06).hop().put_down().stand(1.0)
    ),
    "swaying on one leg": lambda: (
        Script().stand(1.5).stand_on("left").sway().sway(-10.0, -0.04).put_down().stand(1.0)
    ),
    "bowing": lambda: Script().stand(1.5).bow().bow().bow(30.0).stand(1.0),
}


@pytest.mark.parametrize(("story", "view"), cases(NOT_REPS, ("profile", "front", "rear oblique")))
def test_counts_nothing_that_is_no_heel_rise(story: str, view: Camera) -> None:
    ran = run(NOT_REPS[story]().film(view, fps=24.0))
    assert sides(ran.result) == []
    assert ran.moments[-1].counts.left + ran.moments[-1].counts.right == 0


@pytest.mark.parametrize(
    ("seed", "view"), cases((f"idle {seed}" for seed in range(4)), ("profile", "front"))
)
def test_idling_is_never_counted(seed: str, view: Camera) -> None:
    script = Script(int(seed[-1])).stand(1.5).stand_on("left").idle(15.0).put_down()
    film = script.fidget(8.0).film(view, fps=24.0, seed=int(seed[-1]))
    assert sides(run(film).result) == []


def test_empty_room_says_so() -> None:
    ran = run(Script().leave(10.0).film())
    assert any("Nobody" in warning for warning in ran.result.warnings)
    assert {moment.phase for moment in ran.moments} == {Phase.AWAY}


# ---- each test of its own: what must fire, what must not -----------------------------------

FLAT = 0.30
ON_LEFT = Stance("left", 0.6, False)


def suspect(
    *,
    side: Side = "left",
    rise: float = 0.12,
    low: float = FLAT,
    lasts_s: float = 2.0,
    flat: float | None = FLAT,
    usual: tuple[float | None, float | None] = (0.12, 0.12),
    moved: Mapping[int, tuple[float, float]] | None = None,
    knee_deg: tuple[float, float] = (6.0, 6.0),
    unseen: float = 0.0,
    end: Stance = ON_LEFT,
) -> Suspect:
    """Return a candidate on built samples: up to the middle of its time and down again.

    ``moved``: landmark -> how far it goes (right, up; shins) by the peak, and back after it;
    ``knee_deg``: flexion at low and peak; ``unseen``: share of the frames missing at the end.
    """
    count, shin_px = 61, 80.0
    swing = 1.0 - np.abs(np.linspace(-1.0, 1.0, count))
    kept = []
    for number, share in enumerate(swing):
        xy = np.full((LANDMARK_COUNT, 2), 200.0)
        for index, (right, up) in (moved or {}).items():
            xy[index] += shin_px * share * np.array([right, -up])
        bent = knee_deg[0] + share * (knee_deg[1] - knee_deg[0])
        pose = Pose(number / (count - 1) * lasts_s, number, xy, np.ones(LANDMARK_COUNT), 640, 480)
        seen = number < (1.0 - unseen) * count
        why = "" if seen else "nobody in the picture"
        sample = LegSample(
            pose, seen, why, shin_px, height=low + share * rise, knee_flexion_deg=(bent, bent)
        )
        kept.append((sample, end if number > 0.9 * count else ON_LEFT))
    candidate = Candidate(0.0, lasts_s / 2, lasts_s, low, low + rise, low)
    return Suspect(candidate, stretch_of(kept), side, flat, *usual, Settings())


HEEL_RISE = {LEFT_HEEL: (0.0, 0.12), LEFT_ANKLE: (0.0, 0.10), LEFT_KNEE: (0.0, 0.12)}
FIRES: dict[str, tuple[Callable[[Suspect], str], dict[str, Any]]] = {
    "half of it unseen": (too_little_seen, {"unseen": 0.5}),
    "a bounce of 0.4 s": (too_quick, {"lasts_s": 0.4}),
    "up from a squat to flat": (not_above_flat, {"low": FLAT - 0.12}),
    "both, a little above flat": (not_above_flat, {"side": "both", "rise": 0.045}),
    "both, flat unknown": (not_above_flat, {"side": "both", "flat": None}),
    "a quarter of one's own": (too_small_for_this_person, {"rise": 0.03}),
    "heels stay, flat unknown": (
        heel_not_seen,
        {"side": "both", "flat": None, "usual": (None, None)},
    ),
    "the foot goes away and back": (walked, {"moved": {LEFT_TOE: (2.5, 0.0)}}),
    "both forefeet leave": (
        jumped,
        {"side": "both", "moved": {LEFT_TOE: (0.0, 0.11), RIGHT_TOE: (0.0, 0.11)}},
    ),
    "the knee straightens alone": (squatted, {"flat": None, "knee_deg": (45.0, 6.0)}),
}
QUIET: dict[str, tuple[Callable[[Suspect], str], dict[str, Any]]] = {
    "all seen": (too_little_seen, {}),
    "the end unseen": (too_little_seen, {"unseen": 0.2}),
    "0.8 s": (too_quick, {"lasts_s": 0.8}),
    "above flat": (not_above_flat, {}),
    "from below step level": (not_above_flat, {"low": FLAT - 0.06, "rise": 0.15}),
    "flat unknown on one leg": (not_above_flat, {"flat": None}),
    "half of one's own": (too_small_for_this_person, {"rise": 0.06}),
    "nobody's own is known": (too_small_for_this_person, {"rise": 0.04, "usual": (None, None)}),
    "deep drop, low peak": (too_small_for_this_person, {"low": FLAT - 0.08, "rise": 0.11}),
    "one leg carries, flat unknown": (heel_not_seen, {"flat": None, "usual": (None, None)}),
    "heel seen, flat unknown": (
        heel_not_seen,
        {"flat": None, "usual": (None, None), "moved": HEEL_RISE},
    ),
    "a hop aside": (walked, {"moved": {LEFT_TOE: (0.3, 0.0)}}),
    "the free foot goes away": (walked, {"moved": {RIGHT_TOE: (2.5, 0.0)}}),
    "forefeet stay": (jumped, {"side": "both", "moved": {LEFT_TOE: (0.0, 0.02)}}),
    "knee goes along": (
        squatted,
        {"flat": None, "knee_deg": (30.0, 6.0), "moved": HEEL_RISE},
    ),
    "knee stays straight": (squatted, {"flat": None}),
}


@pytest.mark.parametrize(("test", "how"), FIRES.values(), ids=FIRES.keys())
def test_fires(test: Callable[[Suspect], str], how: dict[str, Any]) -> None:
    assert test(suspect(**how))


@pytest.mark.parametrize(("test", "how"), QUIET.values(), ids=QUIET.keys())
def test_stays_quiet(test: Callable[[Suspect], str], how: dict[str, Any]) -> None:
    assert test(suspect(**how)) == ""


def test_a_heel_rise_passes_them_all_and_the_first_reason_wins() -> None:
    assert why_not(suspect(moved=HEEL_RISE)) == ""
    assert why_not(suspect(lasts_s=0.3, low=FLAT - 0.12)) == too_quick(suspect(lasts_s=0.3))


def test_putting_the_other_foot_down_is_no_rep() -> None:
    down = Stance("both", 0.05, True)
    assert too_small_for_this_person(suspect(rise=0.055, end=down))
    assert not too_small_for_this_person(suspect(rise=0.11, end=down))
