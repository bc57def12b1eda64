"""What must not be counted: whole films without a heel rise, and each test of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from heelrise.first_rise import (
    began_high,
    began_otherwise,
    first_up_on_both,
    heel_not_seen,
    stayed_up,
    straightened,
)
from heelrise.landmarks import (
    LANDMARK_COUNT,
    LEFT_ANKLE,
    LEFT_HEEL,
    LEFT_HIP,
    LEFT_KNEE,
    LEFT_SHOULDER,
    LEFT_TOE,
    RIGHT_ANKLE,
    RIGHT_HEEL,
    RIGHT_HIP,
    RIGHT_KNEE,
    RIGHT_SHOULDER,
    RIGHT_TOE,
    Pose,
)
from heelrise.legs import LegSample
from heelrise.moment import Phase
from heelrise.rejection import (
    bowed,
    came_back_up,
    down_into_a_squat,
    heels_stayed,
    is_hop,
    jumped,
    jumped_astride,
    leg_changed,
    not_above_flat,
    not_rigid,
    squatted,
    stood_up,
    too_little_seen,
    too_quick,
    too_slow,
    too_small_for_this_person,
    walked,
    why_not,
)
from heelrise.reps import Candidate
from heelrise.result import Side
from heelrise.settings import Settings
from heelrise.stance import Stance
from heelrise.stretch import stretch_of
from heelrise.suspect import Suspect
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
SURE_LEFT = Stance("left", 0.6, False, leg=2.0)
ON_RIGHT = Stance("right", -0.6, False, leg=-0.6)
ON_BOTH_FEET = Stance("both", 0.05, False)
UNLIKE = Stance("both", 0.3, False)
ON_BOTH = Stance("left", 0.1, False)  # so far: it must last to be believed


def suspect(
    *,
    side: Side = "left",
    rise: float = 0.12,
    low: float = FLAT,
    lasts_s: float = 2.0,
    flat: float | None = FLAT,
    usual: tuple[float | None, float | None] = (0.12, 0.12),
    before: float | None = None,
    moved: Mapping[int, tuple[float, float]] | None = None,
    knee_deg: tuple[float, float] = (6.0, 6.0),
    right_knee_deg: tuple[float, float] | None = None,
    lean: float = 0.0,
    away: bool = False,
    unseen: float = 0.0,
    end: Stance | None = None,
    bottom: float | None = None,
    people: int = 1,
    feet_apart: float = 0.3,
    rest: tuple[float, float] = (0.0, 0.0),
    ended: bool = True,
    start: Stance = ON_LEFT,
    at_top: Stance = ON_LEFT,
) -> Suspect:
    """Return a candidate on built samples: up to the middle of its time and down again.

    ``moved``: landmark -> how far it goes (to the right, up; shins) by the peak, and back after it;
    ``before``: how high the body came in the rep before;
    ``knee_deg``: flexion at low and peak, of both knees unless the right one has its own;
    ``lean``: how far the trunk is down at the peak (shins); ``away``: what moved stays there;
    ``unseen``: share of the frames missing at the end; ``feet_apart``: one ankle beside the other
    (shins); ``rest``: how long what came before was seen (s), and how far the body moved (shins);
    ``ended``: before the film did; ``start``, ``at_top``, ``end``: the stance in the first tenth
    of it, from there on, and in the last tenth.
    """
    count, shin_px = 61, 80.0
    swing = 1.0 - np.abs(np.linspace(-1.0, 1.0, count))
    kept = []
    for number, share in enumerate(swing):
        past = number > count // 2
        xy = np.full((LANDMARK_COUNT, 2), 200.0)
        xy[[RIGHT_ANKLE, RIGHT_HEEL, RIGHT_TOE], 0] += shin_px * feet_apart
        for index, (aside, up) in (moved or {}).items():
            xy[index] += shin_px * (1.0 if away and past else share) * np.array([aside, -up])
        left, right = (
            low_deg + share * (peak_deg - low_deg)
            for low_deg, peak_deg in (knee_deg, right_knee_deg or knee_deg)
        )
        pose = Pose(number / (count - 1) * lasts_s, number, xy, np.ones(LANDMARK_COUNT), 640, 480)
        pose = replace(pose, people=people)
        seen = number < (1.0 - unseen) * count
        why = "" if seen else "nobody in the picture"
        sample = LegSample(
            pose,
            seen,
            why,
            shin_px,
            height=low + share * rise,
            lean=share * lean,
            knee_flexion_deg=(left, right),
            xy_px=xy,
        )
        now = at_top if number > 0.1 * count else start
        kept.append((sample, (end or now) if number > 0.9 * count else now))
    first, (rest_s, moved_by) = kept[0][0], rest
    for share in np.linspace(0.1, 1.0, 10) if rest_s else ():
        t_s, height = -share * rest_s, low - share * moved_by
        earlier = replace(first, pose=replace(first.pose, t_s=float(t_s)), height=height)
        kept.insert(0, (earlier, ON_LEFT))
    end_low = low if bottom is None else bottom
    candidate = Candidate(0.0, lasts_s / 2, lasts_s, low, low + rise, end_low, ended)
    return Suspect(candidate, stretch_of(kept), side, flat, *usual, before, Settings())


def going(up: float, *landmarks: int, aside: float = 0.0) -> dict[int, tuple[float, float]]:
    """Return landmarks that go up, and aside, by so many shins."""
    return dict.fromkeys(landmarks, (aside, up))


HIPS, SHOULDERS, TOES = (
    (LEFT_HIP, RIGHT_HIP),
    (LEFT_SHOULDER, RIGHT_SHOULDER),
    (LEFT_TOE, RIGHT_TOE),
)
# A body of which everything but the forefoot rides on the lever.
HEEL_RISE = going(0.12, LEFT_HEEL, LEFT_KNEE, *HIPS, *SHOULDERS) | going(0.10, LEFT_ANKLE)
BOTH_RISE = HEEL_RISE | going(0.10, RIGHT_HEEL, RIGHT_ANKLE) | going(0.12, RIGHT_KNEE)
KNEES = (LEFT_KNEE, RIGHT_KNEE)
# The right foot goes aside by more than a hand's breadth, and stays there.
ASIDE: dict[str, Any] = {"moved": going(0.1, RIGHT_ANKLE, RIGHT_TOE, aside=0.3), "away": True}
TWO_THIRDS = going(0.12, *HIPS) | going(0.095, *SHOULDERS)
CLEAR_FIRST: dict[str, Any] = {
    "usual": (None, None),
    "at_top": SURE_LEFT,
    "end": SURE_LEFT,
    "moved": TWO_THIRDS,
}
FIRES: dict[str, tuple[Callable[[Suspect], str], dict[str, Any]]] = {
    "two thirds of it unseen": (too_little_seen, {"unseen": 0.67}),
    "a bounce of 0.4 s": (too_quick, {"lasts_s": 0.4}),
    "up from a squat to flat": (not_above_flat, {"low": FLAT - 0.12}),
    "both, a little above flat": (not_above_flat, {"side": "both", "rise": 0.07}),
    "both, half of it above flat": (
        not_above_flat,
        {"side": "both", "low": FLAT - 0.08, "rise": 0.16},
    ),
    "a person's first, a little above flat": (
        not_above_flat,
        {"rise": 0.04, "usual": (None, None)},
    ),
    "a person's first, small, flat unknown": (
        not_above_flat,
        {"flat": None, "rise": 0.07, "usual": (None, None)},
    ),
    "small for oneself, flat unknown": (not_above_flat, {"flat": None, "rise": 0.04}),
    "it ends on both feet hardly lower, flat unknown": (
        not_above_flat,
        {"flat": None, "rise": 0.09, "end": ON_BOTH, "bottom": FLAT + 0.065},
    ),
    "hardly above flat from a bent knee": (
        not_above_flat,
        {"low": FLAT - 0.18, "rise": 0.21},
    ),
    "it begins on one leg and is up on both feet": (
        stood_up,
        {"at_top": ON_BOTH_FEET, "low": FLAT - 0.04, "bottom": FLAT},
    ),
    "it begins on one leg, and arms go up on both feet": (
        stood_up,
        {"at_top": ON_BOTH_FEET, "end": ON_BOTH_FEET, "rise": 0.06},
    ),
    "up in 7 s": (too_slow, {"lasts_s": 17.0}),
    "both, flat unknown": (not_above_flat, {"side": "both", "flat": None}),
    "both, flat unknown, the heels go up and the knees straighten": (
        not_above_flat,
        {"side": "both", "flat": None, "moved": BOTH_RISE, "knee_deg": (20.0, 6.0)},
    ),
    "both, flat unknown, only one heel goes up": (
        not_above_flat,
        {"side": "both", "flat": None, "moved": HEEL_RISE},
    ),
    "both, no heel goes up": (
        heels_stayed,
        {"side": "both", "moved": going(0.12, *KNEES, *HIPS)},
    ),
    "both, the knees go up by a third of the hips": (
        heels_stayed,
        {"side": "both", "moved": BOTH_RISE | going(0.04, *KNEES)},
    ),
    "a quarter of one's own": (too_small_for_this_person, {"rise": 0.03}),
    "up from a squat to a little above flat": (
        too_small_for_this_person,
        {"low": FLAT - 0.12, "rise": 0.155},
    ),
    "a little above flat, and down into a squat": (
        down_into_a_squat,
        {"low": FLAT - 0.04, "rise": 0.09, "bottom": FLAT - 0.25},
    ),
    "heels stay, flat unknown": (
        heel_not_seen,
        {"side": "both", "flat": None, "usual": (None, None)},
    ),
    "the foot goes away and back": (walked, {"moved": {LEFT_TOE: (2.5, 0.0)}}),
    "both stand, one foot goes aside": (walked, {"side": "both", "moved": {RIGHT_TOE: (0.3, 0.0)}}),
    "both stand, the body goes away": (
        walked,
        {"side": "both", "moved": going(0.0, *SHOULDERS, aside=0.9), "away": True},
    ),
    "both forefeet leave": (jumped, {"side": "both", "moved": going(0.11, *TOES)}),
    "both stand, one forefoot leaves": (jumped, {"side": "both", "moved": going(0.11, RIGHT_TOE)}),
    "both stand, both forefeet by 0.08": (
        jumped,
        {"side": "both", "moved": going(0.08, *TOES), "lasts_s": 1.2},
    ),
    "both stand, both forefeet by 0.12, slowly": (
        jumped,
        {"side": "both", "moved": going(0.12, *TOES)},
    ),
    "the carrying forefoot goes along": (jumped, {"moved": going(0.2, *TOES)}),
    "it goes along with a long rise": (jumped, {"rise": 0.34, "moved": going(0.22, *TOES)}),
    "the feet part in a hop": (jumped_astride, {"lasts_s": 0.9, "end": ON_BOTH, **ASIDE}),
    "they part in a quick hop, one foot raised all along": (
        jumped_astride,
        {"lasts_s": 0.65, **ASIDE},
    ),
    "a person's first, from far above flat": (
        began_high,
        {"low": FLAT + 0.09, "usual": (None, None)},
    ),
    "a person's first, from where the body came to just before": (
        began_high,
        {"low": FLAT + 0.09, "usual": (None, None), "rest": (0.3, 0.06)},
    ),
    "a person's first, from a rest that is not come back to": (
        began_high,
        {"low": FLAT + 0.09, "usual": (None, None), "rest": (0.3, 0.0), "bottom": FLAT + 0.14},
    ),
    "a person's first, from a rest higher than a lift can seem": (
        began_high,
        {"low": FLAT + 0.13, "usual": (None, None), "rest": (0.3, 0.0)},
    ),
    "up from a dropped heel at the end, flat unknown": (
        came_back_up,
        {"flat": None, "rise": 0.11, "before": FLAT + 0.2, "bottom": FLAT + 0.06},
    ),
    "it goes along further than the body, in a set": (
        jumped,
        {"rise": 0.06, "moved": going(0.135, *TOES)},
    ),
    "the foot of a clear leg goes along for a moment, the free one's landmarks stay": (
        jumped,
        {"lasts_s": 0.7, "at_top": SURE_LEFT, "end": SURE_LEFT, "moved": going(0.12, LEFT_TOE)},
    ),
    "a low hop": (jumped, {"lasts_s": 0.7, "moved": going(0.12, *TOES)}),
    "a hop higher than one's own, its feet hardly seen": (
        jumped,
        {"lasts_s": 0.6, "rise": 0.16, "moved": going(0.05, *TOES)},
    ),
    "a jump, one foot hides the other": (
        jumped,
        {"lasts_s": 1.2, "moved": going(0.2, *TOES), "feet_apart": 0.05},
    ),
    "both jump, one foot hides the other": (
        jumped,
        {"side": "both", "moved": going(0.11, *TOES), "feet_apart": 0.05},
    ),
    "hips alone": (not_rigid, {"moved": going(0.12, *HIPS)}),
    "hips, and a knee that is lifted": (
        not_rigid,
        {"moved": going(0.12, *HIPS) | going(0.4, LEFT_KNEE)},
    ),
    "the free knee goes along instead": (not_rigid, {"moved": going(0.12, *HIPS, RIGHT_KNEE)}),
    "a lean by a little, hips alone": (
        not_rigid,
        {"lean": 0.08, "before": FLAT + 0.12, "moved": going(0.12, *HIPS)},
    ),
    "a lean in a first rise, hips alone": (
        not_rigid,
        {"lean": 0.15, "usual": (None, None), "moved": going(0.12, *HIPS)},
    ),
    "a lean that ends with the other foot down, hips alone": (
        not_rigid,
        {"lean": 0.15, "before": FLAT + 0.12, "moved": going(0.12, *HIPS), "end": ON_BOTH},
    ),
    "a lean in a set, hips by half": (
        not_rigid,
        {"lean": 0.15, "before": FLAT + 0.12, "moved": going(0.06, *HIPS)},
    ),
    "a person's first, shoulders by two thirds": (
        not_rigid,
        {"usual": (None, None), "moved": TWO_THIRDS},
    ),
    "a person's first on a clear leg, low": (
        not_rigid,
        {**CLEAR_FIRST, "rise": 0.075, "moved": going(0.075, *HIPS) | going(0.06, *SHOULDERS)},
    ),
    "a person's first on a clear leg, from above flat": (
        not_rigid,
        {**CLEAR_FIRST, "low": FLAT + 0.03},
    ),
    "a person's first on a clear leg, not all the way back": (
        not_rigid,
        {**CLEAR_FIRST, "bottom": FLAT + 0.03},
    ),
    "a first one that begins on the other leg": (
        began_otherwise,
        {"usual": (None, None), "start": ON_RIGHT, "unseen": 0.1},
    ),
    "both, one foot is up at its end, of which a part was not seen": (
        began_otherwise,
        {"side": "both", "start": ON_BOTH_FEET, "at_top": ON_RIGHT, "unseen": 0.1},
    ),
    "a first one, both feet at its top": (
        first_up_on_both,
        {"usual": (None, None), "at_top": ON_BOTH_FEET, "lasts_s": 1.1},
    ),
    "both, arms go up and the hips by half": (
        not_rigid,
        {"side": "both", "moved": HEEL_RISE | going(0.055, *HIPS)},
    ),
    "both, shoulders by two thirds": (not_rigid, {"side": "both", "moved": TWO_THIRDS}),
    "shoulders alone": (not_rigid, {"moved": going(0.18, *SHOULDERS)}),
    "shoulders by half": (not_rigid, {"moved": going(0.12, *HIPS) | going(0.06, *SHOULDERS)}),
    "a first low one from the knee": (
        straightened,
        {"rise": 0.055, "usual": (None, None), "knee_deg": (20.0, 6.0)},
    ),
    "a first low one that stays up": (
        stayed_up,
        {"rise": 0.055, "usual": (None, None), "bottom": FLAT + 0.03},
    ),
    "both, the trunk comes down": (bowed, {"side": "both", "lean": 0.3}),
    "the knee straightens alone": (squatted, {"flat": None, "knee_deg": (45.0, 6.0)}),
    "the knee straightens alone, less high than the rep before": (
        squatted,
        {"flat": None, "knee_deg": (45.0, 6.0), "before": FLAT + 0.18},
    ),
    "both, the heels go down as the body rises": (
        squatted,
        {"side": "both", "moved": HEEL_RISE | going(-0.1, LEFT_HEEL, RIGHT_HEEL)},
    ),
    "both knees straighten": (squatted, {"side": "both", "knee_deg": (24.0, 6.0)}),
    "both knees straighten, flat unknown": (
        squatted,
        {"side": "both", "flat": None, "knee_deg": (24.0, 6.0), "moved": HEEL_RISE},
    ),
}
QUIET: dict[str, tuple[Callable[[Suspect], str], dict[str, Any]]] = {
    "all seen": (too_little_seen, {}),
    "the end unseen": (too_little_seen, {"unseen": 0.2}),
    "0.8 s": (too_quick, {"lasts_s": 0.8}),
    "above flat": (not_above_flat, {}),
    "from below step level": (not_above_flat, {"low": FLAT - 0.06, "rise": 0.15}),
    "flat unknown on one leg": (not_above_flat, {"flat": None}),
    "it ends on both feet well below, flat unknown": (
        not_above_flat,
        {"flat": None, "end": ON_BOTH, "bottom": FLAT + 0.03},
    ),
    "it ends on one foot hardly lower, flat unknown": (
        not_above_flat,
        {"flat": None, "rise": 0.09, "bottom": FLAT + 0.065},
    ),
    "a person's first, flat unknown, just large enough": (
        not_above_flat,
        {"flat": None, "rise": 0.10, "usual": (None, None)},
    ),
    "small, but not for oneself, flat unknown": (not_above_flat, {"flat": None, "rise": 0.07}),
    "a person's first, clearly above flat": (
        not_above_flat,
        {"rise": 0.05, "usual": (None, None)},
    ),
    "a later one, a little above flat": (not_above_flat, {"rise": 0.04}),
    "both, clearly above flat": (not_above_flat, {"side": "both", "rise": 0.08}),
    "both, flat unknown, heels and knees go up": (
        not_above_flat,
        {"side": "both", "flat": None, "moved": BOTH_RISE},
    ),
    "both, one ankle is seen to go up a little": (
        heels_stayed,
        {"side": "both", "moved": going(0.02, LEFT_ANKLE) | going(0.12, *KNEES, *HIPS)},
    ),
    "both, the knees go up by two thirds of the hips": (
        heels_stayed,
        {"side": "both", "moved": BOTH_RISE | going(0.08, *KNEES)},
    ),
    "on one leg, no heel is seen to go up": (heels_stayed, {"moved": going(0.12, *HIPS)}),
    "both stand, both forefeet by 0.07, slowly": (
        jumped,
        {"side": "both", "moved": going(0.07, *TOES)},
    ),
    "both, from below step level": (
        not_above_flat,
        {"side": "both", "low": FLAT - 0.05, "rise": 0.14},
    ),
    "a quarter of it above flat, over a step": (not_above_flat, {"low": FLAT - 0.12, "rise": 0.16}),
    "it begins and ends on one leg, the feet look alike at the top": (
        stood_up,
        {"at_top": ON_BOTH_FEET, "end": ON_LEFT, "bottom": FLAT + 0.04},
    ),
    "the other foot is put down at its end": (
        stood_up,
        {"end": ON_BOTH_FEET, "low": FLAT - 0.04, "bottom": FLAT},
    ),
    "it comes down all the way, the free foot not told from the other": (
        stood_up,
        {"at_top": ON_BOTH_FEET},
    ),
    "the feet look alike at a top of one's own height, and the other is put down": (
        stood_up,
        {"at_top": ON_BOTH_FEET, "end": ON_BOTH_FEET},
    ),
    "a low top in which the feet look alike": (
        stood_up,
        {"at_top": ON_BOTH_FEET, "end": ON_LEFT, "rise": 0.06},
    ),
    "quick, higher than one's own, and the feet stay": (jumped, {"lasts_s": 0.6, "rise": 0.16}),
    "quick, no higher than one's own": (
        jumped,
        {"lasts_s": 0.6, "rise": 0.14, "moved": going(0.05, *TOES)},
    ),
    "high, and slow": (
        jumped,
        {"lasts_s": 1.6, "rise": 0.16, "moved": going(0.05, *TOES)},
    ),
    "half of it above flat, on one leg": (not_above_flat, {"low": FLAT - 0.08, "rise": 0.16}),
    "up in 4 s": (too_slow, {"lasts_s": 10.0}),
    "up from a bent knee, low at the top": (
        too_small_for_this_person,
        {"low": FLAT - 0.09, "rise": 0.125},
    ),
    "half of one's own, and down into a squat": (
        down_into_a_squat,
        {"rise": 0.06, "bottom": FLAT - 0.25},
    ),
    "the legs swap for all of it": (leg_changed, {"at_top": ON_RIGHT, "end": ON_RIGHT}),
    "the legs swap at the top": (leg_changed, {"at_top": ON_RIGHT, "end": ON_LEFT}),
    "the foot is put down at its end": (
        leg_changed,
        {"at_top": replace(ON_LEFT, leg=0.6), "end": ON_RIGHT},
    ),
    "both, the legs swap": (leg_changed, {"side": "both", "at_top": ON_RIGHT, "end": ON_RIGHT}),
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
    "both stand, feet wander by an inch": (
        walked,
        {"side": "both", "moved": going(0.0, *TOES, aside=0.15)},
    ),
    "the body goes and comes back": (walked, {"moved": going(0.0, *SHOULDERS, aside=0.9)}),
    "the feet part in a longer rise": (jumped_astride, {"lasts_s": 1.4, "end": ON_BOTH, **ASIDE}),
    "both raised, the feet part": (jumped_astride, {"lasts_s": 0.9, "side": "both", **ASIDE}),
    "a free foot that is up at both ends swings": (jumped_astride, {"lasts_s": 0.9, **ASIDE}),
    "it swings to and fro in a quick rep": (
        jumped_astride,
        {"lasts_s": 0.65, **ASIDE, "away": False},
    ),
    "the end of a quick rep unseen": (jumped_astride, {"lasts_s": 0.65, "unseen": 0.2, **ASIDE}),
    "the free foot is put down where it was": (jumped_astride, {"lasts_s": 0.9, "end": ON_BOTH}),
    "a person's first, from a little above flat": (
        began_high,
        {"low": FLAT + 0.06, "usual": (None, None)},
    ),
    "a person's first low one, from a little above flat": (
        began_high,
        {"low": FLAT + 0.045, "rise": 0.06, "usual": (None, None)},
    ),
    "a person's first, from a rest on a leg whose lift seemed to lift the body": (
        began_high,
        {"low": FLAT + 0.09, "usual": (None, None), "rest": (0.3, 0.01)},
    ),
    "half a step higher, and half of it taken back, flat unknown": (
        came_back_up,
        {"flat": None, "rise": 0.11, "before": FLAT + 0.165, "bottom": FLAT + 0.06},
    ),
    "up from a dropped heel where the film ends, flat unknown": (
        came_back_up,
        {"flat": None, "rise": 0.11, "before": FLAT + 0.2, "bottom": FLAT + 0.06, "ended": False},
    ),
    "up from a dropped heel and down again, flat unknown": (
        came_back_up,
        {"flat": None, "rise": 0.11, "before": FLAT + 0.2},
    ),
    "as high as before, with the step down after it, flat unknown": (
        came_back_up,
        {"flat": None, "before": FLAT + 0.13, "bottom": FLAT + 0.08},
    ),
    "little taken back, flat known": (
        came_back_up,
        {"rise": 0.11, "before": FLAT + 0.2, "bottom": FLAT + 0.06},
    ),
    "a first one, flat unknown": (came_back_up, {"flat": None, "bottom": FLAT + 0.06}),
    "a later one from far above flat": (began_high, {"low": FLAT + 0.09}),
    "a person's first on both legs from far above flat": (
        began_high,
        {"side": "both", "low": FLAT + 0.09, "usual": (None, None)},
    ),
    "a person's first, flat unknown": (began_high, {"flat": None, "usual": (None, None)}),
    "forefeet stay": (jumped, {"side": "both", "moved": going(0.02, LEFT_TOE)}),
    "both forefeet by the landmarks' unrest": (
        jumped,
        {"side": "both", "moved": going(0.05, *TOES)},
    ),
    "slow, both feet's landmarks on the free one": (
        jumped,
        {"moved": going(0.2, *TOES), "feet_apart": 0.08},
    ),
    "the free forefoot goes along": (jumped, {"moved": going(0.3, RIGHT_TOE)}),
    "one leg, landmarks of the forefoot wander": (jumped, {"moved": going(0.10, *TOES)}),
    "a quick rep, the forefoot stays": (jumped, {"lasts_s": 0.7, "moved": going(0.05, *TOES)}),
    "in a set it goes further along than the body of a bent knee": (
        jumped,
        {"rise": 0.06, "moved": going(0.10, *TOES)},
    ),
    "the foot of a clear leg wanders in a longer top": (
        jumped,
        {"lasts_s": 0.9, "at_top": SURE_LEFT, "end": SURE_LEFT, "moved": going(0.12, LEFT_TOE)},
    ),
    "the foot of a leg that is a guess goes along for a moment": (
        jumped,
        {"lasts_s": 0.7, "moved": going(0.12, LEFT_TOE)},
    ),
    "in a set shoulders by two thirds": (not_rigid, {"moved": TWO_THIRDS}),
    "a person's first, from flat and back on a clear leg, shoulders by two thirds": (
        not_rigid,
        CLEAR_FIRST,
    ),
    "all on one lever": (not_rigid, {"moved": HEEL_RISE}),
    "a lean keeps the shoulders down": (
        not_rigid,
        {"moved": HEEL_RISE | going(0.02, *SHOULDERS)},
    ),
    "a lean in a set keeps the shoulders down and a crossed leg hides the knee": (
        not_rigid,
        {"lean": 0.15, "before": FLAT + 0.12, "moved": going(0.09, *HIPS)},
    ),
    "a crossed leg hides the knee": (not_rigid, {"moved": HEEL_RISE | going(0.0, LEFT_KNEE)}),
    "in a set it begins on the other leg": (began_otherwise, {"start": ON_RIGHT, "unseen": 0.1}),
    "a first one after a quick change of legs, all of it seen": (
        began_otherwise,
        {"usual": (None, None), "start": ON_RIGHT},
    ),
    "a first one, the legs swap for all of it": (
        began_otherwise,
        {"usual": (None, None), "start": ON_RIGHT, "end": ON_RIGHT},
    ),
    "both, one foot is up at its end, and all was seen": (
        began_otherwise,
        {"side": "both", "at_top": ON_BOTH_FEET, "end": ON_RIGHT},
    ),
    "both, one foot is up as it begins, and a part was not seen": (
        began_otherwise,
        {"side": "both", "at_top": ON_BOTH_FEET, "unseen": 0.06},
    ),
    "both, the feet look a little unlike": (
        began_otherwise,
        {"side": "both", "start": UNLIKE, "at_top": UNLIKE, "unseen": 0.1},
    ),
    "in a set the feet look alike at the top": (
        first_up_on_both,
        {"at_top": ON_BOTH_FEET, "lasts_s": 1.1},
    ),
    "a first one, the other foot touches down at its top": (
        first_up_on_both,
        {"usual": (None, None), "at_top": ON_BOTH_FEET},
    ),
    "a first one, on one leg": (first_up_on_both, {"usual": (None, None)}),
    "both, hips by two thirds": (
        not_rigid,
        {"side": "both", "moved": HEEL_RISE | going(0.085, *HIPS)},
    ),
    "hips seen by half": (not_rigid, {"moved": HEEL_RISE | going(0.06, *HIPS)}),
    "both, one knee is enough": (
        not_rigid,
        {"side": "both", "moved": going(0.12, *HIPS, RIGHT_KNEE)},
    ),
    "a first high one with a knee that straightens": (
        straightened,
        {"rise": 0.08, "usual": (None, None), "knee_deg": (20.0, 6.0)},
    ),
    "a first low one with a steady knee": (
        straightened,
        {"rise": 0.055, "usual": (None, None), "knee_deg": (12.0, 6.0)},
    ),
    "a first low one, the other knee straightens": (
        straightened,
        {"rise": 0.055, "usual": (None, None), "right_knee_deg": (20.0, 6.0)},
    ),
    "a later low one from the knee": (straightened, {"rise": 0.055, "knee_deg": (20.0, 6.0)}),
    "a first low one that comes down": (
        stayed_up,
        {"rise": 0.055, "usual": (None, None), "bottom": FLAT + 0.01},
    ),
    "a first high one that stays up": (
        stayed_up,
        {"rise": 0.08, "usual": (None, None), "bottom": FLAT + 0.05},
    ),
    "a later low one that stays up": (stayed_up, {"rise": 0.055, "bottom": FLAT + 0.03}),
    "both, the trunk nods": (bowed, {"side": "both", "lean": 0.15}),
    "one leg, the trunk comes down": (bowed, {"lean": 0.3}),
    "knee goes along": (
        squatted,
        {"flat": None, "knee_deg": (30.0, 6.0), "moved": HEEL_RISE},
    ),
    "knee stays straight": (squatted, {"flat": None}),
    "the knee straightens alone, as high as the rep before": (
        squatted,
        {"flat": None, "knee_deg": (45.0, 6.0), "before": FLAT + 0.15},
    ),
    "the knee straightens alone, flat known": (squatted, {"knee_deg": (45.0, 6.0)}),
    "both, the heels are seen unsteadily": (
        squatted,
        {"side": "both", "moved": HEEL_RISE | going(-0.03, LEFT_HEEL, RIGHT_HEEL)},
    ),
    "both, knees straighten a little": (squatted, {"side": "both", "knee_deg": (16.0, 6.0)}),
    "both, one knee straightens": (
        squatted,
        {"side": "both", "knee_deg": (40.0, 6.0), "right_knee_deg": (6.0, 6.0)},
    ),
}


def test_a_foot_put_down_before_the_body_rose_is_no_rep() -> None:
    """From then on the clues of feet that look alike may speak for the other leg."""
    swapped = suspect(at_top=ON_RIGHT, end=ON_RIGHT)
    both_feet = swapped.stretch.both_feet.copy()
    both_feet[10:14] = True
    put_down = replace(swapped, stretch=replace(swapped.stretch, both_feet=both_feet))
    assert leg_changed(put_down) == "the other foot was put down"
    assert leg_changed(replace(put_down, side="right")) == ""


@pytest.mark.parametrize(
    ("how", "hop"),
    [
        ({"lasts_s": 0.6, "moved": going(0.12, *TOES)}, True),
        ({"lasts_s": 0.6, "moved": going(0.02, *TOES)}, False),
        ({"lasts_s": 0.6, "rise": 0.06, "moved": going(0.06, *TOES)}, False),
        ({"lasts_s": 1.2, "moved": going(0.2, *TOES)}, False),
        ({"lasts_s": 0.6, "moved": going(0.12, *TOES), "end": ON_BOTH}, False),
        ({"lasts_s": 0.6, "side": "right", "moved": going(0.12, *TOES)}, False),
    ],
    ids=["a hop", "a quick rep", "a twitch", "slow", "it lands on both", "the other leg's"],
)
def test_a_hop_is_quick_on_one_leg_all_along(how: dict[str, Any], hop: bool) -> None:
    assert is_hop(suspect(**how)) is hop


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
    # Held higher for a while and up still: less of the leg's clue is left than it had, and enough.
    assert not too_small_for_this_person(suspect(rise=0.055, end=Stance("left", 0.28, False)))
    assert too_small_for_this_person(suspect(rise=0.055, end=Stance("left", 0.2, False)))
    assert too_small_for_this_person(suspect(rise=0.055, end=Stance("right", -0.28, False)))
    passed = suspect(rise=0.055, end=down, people=2, unseen=0.05)
    assert not too_small_for_this_person(passed)
    assert too_small_for_this_person(suspect(rise=0.055, end=down, people=2))


PASSER: dict[str, dict[str, Any]] = {
    "the feet go with the passer": {"moved": HEEL_RISE | {LEFT_TOE: (2.5, 0.3)}},
    "the hips do not go along": {"moved": going(0.12, *SHOULDERS)},
}
NO_PASSER: dict[str, dict[str, Any]] = {
    "nobody else about": {"people": 1},
    "the first rep": {"usual": (None, None), "before": None},
    "far higher than one's own": {"rise": 0.20},
    "far lower than one's own": {"rise": 0.065},
    "not as high as the rep before": {"before": FLAT + 0.20},
}


@pytest.mark.parametrize("how", PASSER.values(), ids=PASSER.keys())
def test_a_rise_like_those_before_counts_although_somebody_walks_by(how: dict[str, Any]) -> None:
    assert why_not(suspect(before=FLAT + 0.12, people=2, **how)) == ""


@pytest.mark.parametrize("how", NO_PASSER.values(), ids=NO_PASSER.keys())
def test_feet_that_go_away_are_no_passers(how: dict[str, Any]) -> None:
    away = {"before": FLAT + 0.12, "people": 2} | PASSER["the feet go with the passer"] | how
    assert why_not(suspect(**away))
