"""The core from end to end: generated people in, counted reps out, truth by construction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from heelrise.framing import NO_FLAT
from heelrise.landmarks import ANKLE, HEEL, KNEE, TOE, Pose, nobody
from heelrise.legs import LegReader
from heelrise.moment import Counts, Phase
from heelrise.result import Result, Side
from heelrise.result import without as less
from heelrise.session import Session
from heelrise.settings import SessionOptions, Settings
from motion import Film, Script, variable_times
from motion_body import STATURE_M, TRUE_SHIN_M, Camera
from motion_model import PoseModel
from runs import (
    BEHIND,
    FRONT,
    FRONT_OBLIQUE,
    OBLIQUE,
    PROFILE_LEFT,
    PROFILE_RIGHT,
    REAR_LEFT,
    REAR_RIGHT,
    TIME_S,
    UNTOLD,
    VIEWS,
    assert_counted,
    cases,
    run,
    sides,
    sunk,
    turned,
    with_free_foot_lost,
    with_step,
)

# ---- what must be counted, when and on which leg ------------------------------------------


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_counts_both_legs_from_every_view(view: Camera) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(2).put_down()
    script.stand_on("right").stand(0.6).reps(2).put_down().stand(1.0)
    assert_counted(script.film(view))


@pytest.mark.parametrize("view", [PROFILE_RIGHT, REAR_LEFT], ids=["profile", "rear"])
@pytest.mark.parametrize("count", [1, 2, 10])
def test_counts_any_number(count: int, view: Camera) -> None:
    assert_counted(Script().set_of("right", count, hold_s=0.6, rest_s=0.4).film(view))


@pytest.mark.parametrize("degrees", [-5.0, -3.0, 3.0, 5.0])
@pytest.mark.parametrize("view", [FRONT, BEHIND, FRONT_OBLIQUE], ids=["front", "behind", "oblique"])
def test_a_camera_that_stands_crooked_takes_no_leg_for_both_nor_both_for_a_leg(
    view: Camera, degrees: float
) -> None:
    """One foot is then lower in the picture than the other, though both stand."""
    script = Script().set_of("both", 3).set_of("left", 3).set_of("right", 3)
    assert_counted(turned(script.film(view, fps=15.0), degrees))


FRAMES = {
    "15 fps": {"fps": 15.0},
    "24 fps": {"fps": 24.0},
    "29.97 fps": {"fps": 30000 / 1001},
    "60 fps": {"fps": 60.0},
    "variable": {"times": variable_times(20.0)},
}


@pytest.mark.parametrize("frames", FRAMES.values(), ids=FRAMES.keys())
@pytest.mark.parametrize("view", [PROFILE_RIGHT, OBLIQUE], ids=["profile", "45 degrees"])
def test_counts_at_every_frame_rate(frames: dict[str, Any], view: Camera) -> None:
    assert_counted(Script().set_of("left", 4).film(view, **frames))


def _fading() -> Script:
    script = Script().stand(1.5).stand_on("right").stand(0.6)
    for height in (0.10, 0.095, 0.09, 0.085, 0.08, 0.075, 0.07, 0.065):
        script.rep(height)
    return script.put_down().stand(1.0)


SETS: dict[str, Callable[[], Script]] = {
    "short holds": lambda: Script().set_of("left", 4, hold_s=0.0, up_s=0.6, down_s=0.7),
    "a hold of 8 s": lambda: Script().set_of("left", 2, hold_s=8.0),
    "fast, 0.8 s each": lambda: Script().set_of(
        "left", 8, up_s=0.4, hold_s=0.0, down_s=0.4, rest_s=0.1
    ),
    "metronome, 30 a minute": lambda: Script().set_of(
        "right", 8, up_s=0.7, hold_s=0.3, down_s=0.7, rest_s=0.3
    ),
    "slow": lambda: Script().set_of("right", 3, up_s=2.0, hold_s=2.0, down_s=3.0, rest_s=1.0),
    "no rest at the bottom": lambda: Script().set_of("left", 5, rest_s=0.0),
    "long rests at the bottom": lambda: Script().set_of("left", 3, rest_s=4.0),
    "a step, from below its level": lambda: (
        Script(step_m=0.16)
        .stand(1.5)
        .stand_on("right")
        .stand(0.6)
        .rep(height=0.09, bottom=-0.035)
        .reps(4, height=0.09, bottom=-0.035, down_s=1.4)
        .put_down()
        .stand(1.0)
    ),
    "a first rep that is low": lambda: (
        Script().stand(1.5).stand_on("left").stand(0.6).rep(0.045).reps(4).put_down().stand(1.0)
    ),
    "low reps between high ones": lambda: (
        Script()
        .stand(1.5)
        .stand_on("left")
        .stand(0.6)
        .reps(2)
        .rep(0.045)
        .rep()
        .rep(0.045)
        .put_down()
        .stand(1.0)
    ),
    "height fading with fatigue": _fading,
    "a lean in one": lambda: (
        Script()
        .stand(1.5)
        .stand_on("left")
        .stand(0.6)
        .rep()
        .rep(lean=18.0)
        .rep()
        .put_down()
        .stand(1.0)
    ),
    "both legs": lambda: Script().set_of("left", 4).set_of("right", 4),
    "both legs, changed at once": lambda: (
        Script()
        .stand(1.5)
        .stand_on("left")
        .stand(0.5)
        .reps(3)
        .put_down()
        .stand_on("right")
        .stand(0.5)
        .reps(3)
        .put_down()
        .stand(1.0)
    ),
    "two-leg raises": lambda: Script().set_of("both", 5),
    "two legs, one leg, two legs": lambda: (
        Script().set_of("both", 3).set_of("right", 3).set_of("both", 2)
    ),
    "reps after everything else": lambda: (
        Script()
        .stand(1.5)
        .squat()
        .squat()
        .arm_raise()
        .stand_on("right")
        .idle(4.0)
        .put_down()
        .set_of("left", 3)
    ),
    "a rest on both feet in between": lambda: (
        Script()
        .set_of("left", 2)
        .stand(3.0)
        .stand_on("left")
        .stand(0.6)
        .reps(2)
        .put_down()
        .stand(1)
    ),
    "walks in and starts": lambda: (
        Script().walk(0.0, 1.2).walk(0.0, -1.2).stand(0.5).set_of("left", 3).walk(0.0, 1.2)
    ),
}


@pytest.mark.parametrize(("story", "view"), cases(SETS, ("profile", "front")))
def test_counts_every_kind_of_set(story: str, view: Camera) -> None:
    assert_counted(SETS[story]().film(view))


@pytest.mark.parametrize("fps", [15.0, 20.0, 60.0])
@pytest.mark.parametrize("view", [PROFILE_RIGHT, FRONT_OBLIQUE, REAR_LEFT])
def test_who_walks_in_and_starts_is_counted_at_every_frame_rate(view: Camera, fps: float) -> None:
    assert_counted(SETS["walks in and starts"]().film(view, fps=fps))


def set_with(**model: Any) -> Film:
    """Four left reps in profile seen by a model with a weakness; tops at 4, 7, 10.2, 13.4 s."""
    return Script().set_of("left", 4).film(PROFILE_RIGHT, PoseModel(**model))


TROUBLES = {
    "0.3 s without a person, going up": {"dropouts": ((3.2, 3.5),)},
    "0.3 s without a person, at the top": {"dropouts": ((4.2, 4.5), (7.4, 7.7))},
    "0.3 s without a person, going down": {"dropouts": ((5.0, 5.3),)},
    "many short dropouts": {"dropouts": tuple((t / 2, t / 2 + 0.07) for t in range(4, 30))},
    "collapses of one frame": {"collapses": tuple((2.9 + 0.61 * i, 1) for i in range(16))},
    "collapses of three frames": {"collapses": tuple((3.1 + 1.37 * i, 3) for i in range(8))},
    "feet swapped now and then": {"swaps": ((4.0, 4.4), (7.0, 7.3), (12.0, 12.5))},
    "feet swapped for a whole rep": {"swaps": ((6.3, 9.0),)},
    "a heel that hardly shows": {"heel_shown": 0.1},
    "a hard case for the feet": {
        "ankle_noise": 0.04,
        "heel_noise": 0.05,
        "toe_noise": 0.06,
        "body_noise": 0.006,
    },
    "a camera that drifts": {"drift_shin": 0.15},
    "a hand-held camera": {"shake_shin": 0.008},
    "a slow model": {"lag_s": 0.07},
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_counts_whatever_the_model_does(trouble: dict[str, Any]) -> None:
    film = set_with(**trouble)
    ran = run(film)
    assert sides(ran.result) == film.truth.sides(), ran.rejected


LOST = {
    "to the top": (2, 0.1, -0.1, "end"),
    "to its end": (2, 0.1, 0.2, "end"),
    "the whole first rep": (0, -0.8, 0.1, "end"),
}


@pytest.mark.parametrize(("number", "from_s", "to_s", "of"), LOST.values(), ids=LOST.keys())
def test_a_free_foot_that_is_lost_makes_no_raise_on_both(
    number: int, from_s: float, to_s: float, of: str
) -> None:
    """For a rep its landmarks lie where they do when both feet stand."""
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(4).put_down().stand(1.0)
    film = script.film(PROFILE_RIGHT)
    rep = film.truth.reps[number]
    until_s = to_s + (rep.end_s if of == "end" else rep.start_s)
    ran = run(with_free_foot_lost(film, rep.start_s + from_s, until_s))
    assert sides(ran.result) == ["left"] * 4, ran.rejected
    assert ran.moments[-1].counts == Counts(left=4)
    mended = [m.mended for m in ran.moments if m.mended is not None]
    assert [(rep.number, rep.side) for rep in mended] == ([(1, "left")] if number == 0 else [])
    assert len(ran.result.sets) == 1


def standing() -> Script:
    return Script().stand(1.5)


HARD_FIRSTS: dict[str, tuple[Script, Camera, PoseModel, float]] = {
    "on both feet, of which the heels are not seen": (
        standing().reps(6, height=0.06).stand(1.0),
        FRONT,
        PoseModel(heel_shown=0.0),
        12.0,
    ),
    "on both feet after one was put down, with a dropout": (
        standing().stand_on("left").stand(0.5).put_down(0.8).stand(0.4).reps(2).stand(1.0),
        FRONT,
        PoseModel(dropouts=((4.4, 4.6),)),
        30.0,
    ),
    "a long touch at the top, the foot hardly lifted": (
        standing()
        .stand_on("left", crossed=False, lift_m=0.03)
        .stand(0.5)
        .rep(hold_s=1.2, touch_s=0.9)
        .rep()
        .put_down()
        .stand(1.0),
        FRONT,
        PoseModel(),
        20.0,
    ),
    "a quick change of legs": (
        standing()
        .stand_on("right", seconds=0.6)
        .stand(0.6)
        .put_down(0.4)
        .stand_on("left", seconds=0.4)
        .reps(2, rest_s=0.8)
        .put_down()
        .stand(1.0),
        Camera(170.0),
        PoseModel(),
        20.0,
    ),
}


@pytest.mark.parametrize(("script", "view", "model", "fps"), HARD_FIRSTS.values(), ids=HARD_FIRSTS)
def test_first_reps_that_look_like_none_are_counted(
    script: Script, view: Camera, model: PoseModel, fps: float
) -> None:
    film = script.film(view, model, fps=fps)
    ran = run(film)
    assert sides(ran.result) == film.truth.sides(), ran.rejected


@pytest.mark.parametrize(
    ("share", "options", "guess"),
    [
        (0.92, UNTOLD, True),
        (0.85, UNTOLD, False),
        (0.0, UNTOLD, False),
        (0.92, SessionOptions(leg="left"), False),  # the user knows
    ],
)
def test_a_leg_that_is_hardly_seen_is_called_a_guess(
    share: float, options: SessionOptions, guess: bool
) -> None:
    film = Script().stand(1.5).set_of("left", 4).stand(2.0).set_of("right", 2).film(PROFILE_RIGHT)
    to_s = film.truth.reps[3].end_s + 1.0
    result = run(with_free_foot_lost(film, 0.0, to_s, share), options).result
    assert [rep.side for rep in result.reps][:4] == ["left"] * 4
    told = [warning for warning in result.warnings if "is a guess" in warning]
    assert [" the left leg is a guess" in warning for warning in told] == [True] * guess


def test_raises_on_both_feet_are_no_guess() -> None:
    result = run(Script().stand(1.5).set_of("both", 3).film(PROFILE_RIGHT)).result
    assert result.count("both") == 3
    assert result.warnings == ()


@pytest.mark.parametrize("until_s", [0.2, 0.5])
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_a_free_foot_that_is_told_late_starts_no_rise_at_its_top(
    view: Camera, until_s: float
) -> None:
    """Its landmarks leave the floor when the heel is half up, or all of it."""
    film = Script().stand(1.5).set_of("left", 4).stand(1.0).film(view, fps=20.0)
    start_s = film.truth.reps[2].start_s
    ran = run(with_free_foot_lost(film, start_s - 0.9, start_s + until_s))
    assert sides(ran.result) == ["left"] * 4, ran.rejected


def test_a_touch_before_the_last_rep_makes_it_no_raise_on_both() -> None:
    """Of a free foot that is hardly ever told from the other, in a blurred picture."""
    film = Script().set_of("left", 4).film(PROFILE_RIGHT)
    blurred = with_free_foot_lost(film, 2.5, film.truth.reps[-1].end_s + 0.3, share=0.915)
    start_s = film.truth.reps[-1].start_s
    ran = run(with_free_foot_lost(blurred, start_s - 0.9, start_s + 0.3))
    assert sides(ran.result) == ["left"] * 4, ran.rejected


@pytest.mark.parametrize("before_s", [-1.2, -0.4])
def test_a_rep_over_a_step_that_cannot_be_one_on_both_is_the_sets(before_s: float) -> None:
    """On both feet most of the way up from below the step would be a squat's."""
    script = Script(step_m=0.16).stand(1.5).stand_on("left").stand(0.6)
    film = script.reps(5, height=0.05, bottom=-0.06).put_down().stand(1.0).film(PROFILE_RIGHT)
    third = film.truth.reps[2]
    ran = run(with_free_foot_lost(film, third.start_s + before_s, third.end_s + 0.3))
    assert sides(ran.result) == ["left"] * 5, ran.rejected


@pytest.mark.parametrize(
    ("view", "ahead_m", "aside_m"),
    [(PROFILE_RIGHT, 0.0, 1.0), (REAR_RIGHT, 1.0, 0.0), (BEHIND, 1.0, 0.0)],
)
def test_who_comes_nearer_or_goes_away_between_sets_loses_no_rep(
    view: Camera, ahead_m: float, aside_m: float
) -> None:
    """The new size is believed 2 s after the walk, which may be in the middle of a rep."""
    script = Script(2).set_of("left", 3).walk(ahead_m, aside_m).stand(1.2).set_of("right", 4)
    ran = run(script.film(view))
    assert sides(ran.result) == ["left"] * 3 + ["right"] * 4, ran.rejected


@pytest.mark.parametrize("azimuth_deg", [20.0, 142.0, 213.0, 330.0])
@pytest.mark.parametrize(
    ("nearer_m", "stand_s", "camera_m"),
    [(0.45, 0.6, 1.0), (0.3, 1.4, 0.5), (-0.45, 1.4, 1.0), (0.45, 1.0, 1.3)],
)
def test_a_step_nearer_or_back_before_the_other_leg_loses_no_rep(
    azimuth_deg: float, nearer_m: float, stand_s: float, camera_m: float
) -> None:
    """Not so far that a walk is told, and body and feet are at other heights of the picture."""
    angle = np.radians(azimuth_deg)
    towards = nearer_m * np.array([np.sin(angle), -np.cos(angle)])
    script = Script(3).set_of("left", 3).walk(*towards).stand(stand_s).stand_on("right").stand(0.5)
    ran = run(script.reps(3).put_down().stand(1.0).film(Camera(azimuth_deg, camera_m, fps=24.0)))
    assert sides(ran.result) == ["left"] * 3 + ["right"] * 3, ran.rejected


@pytest.mark.parametrize(
    ("view", "near_m", "stand_s"),
    [
        (FRONT, 1.0, 0.8),
        (replace(OBLIQUE, height=0.25, aim_height=0.8), 1.0, 2.0),
        (replace(PROFILE_RIGHT, height=0.8), 1.6, 0.8),
        (replace(PROFILE_LEFT, height=1.2), 1.0, 2.0),
        (replace(REAR_LEFT, height=0.8), 1.0, 2.0),
    ],
    ids=["front", "45 degrees, near the floor", "profile", "other profile", "rear"],
)
def test_who_walks_back_from_the_camera_and_starts_is_counted_from_the_first_rep(
    view: Camera, near_m: float, stand_s: float
) -> None:
    """Whoever starts a recording is near the camera, half in the picture, and goes to their place.

    They are 2 to 3 times smaller there; that is neither a squat nor another body.
    """
    film = walked_back(view, near_m, stand_s)
    result = assert_counted(film).result
    assert [fault.kind for fault in result.faults if not fault.unsure] == []
    rises = [rep.rise_shin for rep in result.reps]
    assert max(rises) < 1.15 * min(rises)


def walked_back(view: Camera, near_m: float, stand_s: float) -> Film:
    """Film four raises after a walk back from so near to the camera."""
    angle, way_m = np.radians(view.azimuth_deg), view.distance - near_m
    ahead, aside = np.sin(angle) * way_m, -np.cos(angle) * way_m
    script = Script().walk(ahead, aside).stand(1.0)
    first_s = script.duration_s - 0.6
    script.walk(-ahead, -aside).stand(stand_s).stand_on("left").stand(0.6)
    film = script.reps(4).put_down().stand(1.0).film(view)
    return replace(film, poses=tuple(pose for pose in film.poses if pose.t_s >= first_s))


@pytest.mark.parametrize(
    ("azimuth_deg", "side", "lift_m"),
    [(64.0, "left", 0.025), (64.0, "left", 0.03), (112.0, "right", 0.025), (118.0, "right", 0.03)],
)
def test_a_free_foot_hardly_lifted_beside_the_other_is_no_foot_on_the_ground(
    azimuth_deg: float, side: Side, lift_m: float
) -> None:
    """Seen a little from the side the nearer foot stands lower in the picture: both look alike."""
    script = Script(seed=5).stand(2.0).stand_on(side, crossed=False, lift_m=lift_m).stand(1.0)
    script.reps(5, hold_s=1.2).stand(0.5).put_down().stand(1.5)
    ran = run(script.film(Camera(azimuth_deg)))
    assert sides(ran.result) == [side] * 5, ran.rejected


@pytest.mark.parametrize(
    ("view", "height_shin", "fps"),
    [
        (PROFILE_RIGHT, 0.18, 20.0),
        (OBLIQUE, 0.25, 30.0),
        (FRONT, 0.36, 15.0),
        (OBLIQUE, -0.25, 25.0),
        (FRONT, -0.36, 20.0),
        (PROFILE_RIGHT, -0.15, 25.0),
        (OBLIQUE, 0.15, 20.0),
        (FRONT, -0.2, 30.0),
        (OBLIQUE, 0.3, 5.0),
    ],
)
def test_who_steps_up_or_down_between_sets_is_counted_there(
    view: Camera, height_shin: float, fps: float
) -> None:
    """By 6 to 15 cm where they stand: not so far that the body shows a step, nor a walk."""
    script = Script().set_of("left", 3)
    at_s = script.duration_s + 0.2
    script.stand(3.0).stand_on("left").stand(0.5).reps(4).put_down().stand(0.5)
    ran = run(with_step(script.film(view, fps=fps), at_s, height_shin))
    assert sides(ran.result) == ["left"] * 7, ran.rejected
    rises = [rep.rise_shin for rep in ran.result.reps]
    assert max(rises[3:]) < 1.1 * np.mean(rises[:3])
    assert min(rises[3:]) > 0.9 * np.mean(rises[:3])
    assert all(rep.peak_shin is not None for rep in ran.result.reps)


@pytest.mark.parametrize("view", [PROFILE_RIGHT, OBLIQUE, FRONT])
def test_who_steps_up_as_soon_as_the_foot_is_down_is_counted_there(view: Camera) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(3).put_down()
    at_s = script.duration_s - 0.2
    script.stand(4.0).stand_on("left").stand(0.5).reps(3).put_down().stand(0.5)
    ran = run(with_step(script.film(view), at_s, 0.3))
    assert sides(ran.result) == ["left"] * 6, ran.rejected


@pytest.mark.parametrize("azimuth_deg", [10.0, 200.0])
def test_raises_on_both_feet_soon_after_a_step_aside_are_counted(azimuth_deg: float) -> None:
    script = Script().stand(2.5).walk(0.28, 0.0).stand(0.3).reps(3, hold_s=1.0).stand(1.0)
    assert sides(run(script.film(Camera(azimuth_deg, fps=25.0))).result) == ["both"] * 3


@pytest.mark.parametrize("view", [PROFILE_RIGHT, PROFILE_LEFT, REAR_RIGHT])
def test_a_free_foot_lost_at_a_long_top_makes_it_no_flat_stance(view: Camera) -> None:
    """Of a film that begins with the first rep: nobody was seen on both feet before."""
    film = Script(3).set_of("left", 4, hold_s=2.0).film(view)
    first, third = film.truth.reps[0], film.truth.reps[2]
    lost = with_free_foot_lost(film, third.top_start_s - 0.2, third.top_end_s)
    poses = tuple(pose for pose in lost.poses if pose.t_s >= first.start_s - 0.4)
    ran = run(replace(lost, poses=poses))
    assert sides(ran.result) == ["left"] * 4, ran.rejected


@pytest.mark.parametrize("view", [PROFILE_RIGHT, OBLIQUE, FRONT, BEHIND])
@pytest.mark.parametrize(("shift_s", "rest_s"), [(0.9, 0.0), (0.6, 0.2), (0.9, 0.6)])
def test_a_lone_raise_on_both_feet_stays_one(view: Camera, shift_s: float, rest_s: float) -> None:
    """However quickly the weight is shifted to one leg after it."""
    script = Script().stand(1.5).rep().stand_on("left", seconds=shift_s).stand(rest_s).reps(3)
    assert_counted(script.put_down().stand(1.0).film(view))


@pytest.mark.parametrize("view", [PROFILE_RIGHT, OBLIQUE, FRONT, BEHIND])
@pytest.mark.parametrize("touch_s", [0.3, 0.6, 0.9])
def test_touch_in_mid_rep_is_one_rep_and_the_set_goes_on(view: Camera, touch_s: float) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(2)
    script.rep(hold_s=1.8, touch_s=touch_s).reps(2).put_down().stand(1.0)
    film = script.film(view)
    ran = run(film)
    assert sides(ran.result) == ["left"] * 5, ran.rejected
    for rep, truth in zip(ran.result.reps, film.truth.reps, strict=True):
        assert rep.start_s == pytest.approx(truth.start_s, abs=TIME_S)
        assert rep.end_s == pytest.approx(truth.end_s, abs=TIME_S)


def test_a_touch_in_which_the_free_foot_looks_like_the_carrying_one_splits_no_rep() -> None:
    """The carrying heel is up, so the foot that took the ground is the lower one of the two."""
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(2)
    script.rep(hold_s=1.8, touch_s=0.6).reps(2).put_down().stand(1.0)
    film = script.film(PROFILE_LEFT, PoseModel(swaps=((10.3, 11.1),)))
    ran = run(sunk(film, 10.3, 11.2, by_shin=0.03))
    assert sides(ran.result) == ["left"] * 5, ran.rejected


@pytest.mark.parametrize(("_story", "view"), cases(("touch",), ("profile", "front")))
def test_touch_between_reps_keeps_the_leg_and_the_times(_story: str, view: Camera) -> None:
    script = Script().stand(1.5).stand_on("right").stand(0.6).reps(2).touch(0.6).reps(2)
    assert_counted(script.put_down().stand(1.0).film(view))


@pytest.mark.parametrize("view", [PROFILE_RIGHT, OBLIQUE])
@pytest.mark.parametrize("sooner_s", [0.0, 0.3, 0.5])
def test_a_knee_that_bends_for_a_touch_helps_no_rep_after_it(view: Camera, sooner_s: float) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(2).touch(0.5).stand(-sooner_s)
    ran = run(script.reps(2).put_down().stand(2.0).film(view, fps=24.0))
    assert [fault.kind for fault in ran.result.faults] == ["foot_touchdown"]


@pytest.mark.parametrize(
    ("loss", "view"), cases(("hop", "sway"), ("profile", "45 degrees", "front"))
)
def test_lost_balance_between_reps_is_no_rep(loss: str, view: Camera) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(2)
    getattr(script, loss)()
    assert_counted(script.reps(2).put_down().stand(1.0).film(view))


@pytest.mark.parametrize("azimuth_deg", [20.0, 120.0, 160.0, 200.0])
def test_a_hop_is_no_rep_however_unsteady_the_landmarks(azimuth_deg: float) -> None:
    """With the bend of the knee before it and after, it takes as long as a quick rep."""
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(2, height=0.11, hold_s=2.0).hop()
    script.reps(2, height=0.11, hold_s=2.0).put_down().stand(1.0)
    unsteady = PoseModel(0.0051, 0.017, 0.0204, 0.0306)
    ran = run(script.film(Camera(azimuth_deg, 0.7, fps=30.0), unsteady, seed=1))
    assert sides(ran.result) == ["left"] * 4


@pytest.mark.parametrize("before_the_end_s", [0.5, 0.7, 0.9])
def test_last_rep_counts_when_the_film_ends_on_the_way_down(before_the_end_s: float) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(3).cut(before_the_end_s)
    assert_counted(script.film(), ended=False)


def test_no_rep_when_the_film_ends_on_the_way_up() -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(3).cut(2.4)
    ran = run(script.film())
    assert sides(ran.result) == ["left", "left"]


@pytest.mark.parametrize("away_s", [4.0, 10.0])
def test_goes_on_after_leaving_the_picture(away_s: float) -> None:
    script = Script().set_of("left", 3).leave(away_s).set_of("left", 3)
    assert_counted(script.film())


def test_a_leg_that_was_named_is_taken() -> None:
    film = Script().set_of("left", 3).film()
    assert sides(run(film, SessionOptions(leg="left")).result) == ["left"] * 3


# ---- what must hold of every run ------------------------------------------------------------

MIXED = {
    "profile": (PROFILE_RIGHT, lambda: Script().set_of("left", 3).set_of("right", 2)),
    "front": (FRONT, lambda: Script().set_of("both", 2).set_of("right", 3)),
    "cut short": (OBLIQUE, lambda: Script().stand(1.5).stand_on("left").stand(1).reps(3).cut(0.8)),
}


@pytest.mark.parametrize(("view", "story"), MIXED.values(), ids=MIXED.keys())
def test_same_poses_give_the_same_result(view: Camera, story: Callable[[], Script]) -> None:
    film = story().film(view)
    assert run(film).result == run(film).result


@pytest.mark.parametrize(("view", "story"), MIXED.values(), ids=MIXED.keys())
def test_slow_and_fast_cameras_agree(view: Camera, story: Callable[[], Script]) -> None:
    slow, fast = (run(story().film(view, fps=fps)).result for fps in (15.0, 60.0))
    assert sides(slow) == sides(fast)
    for one, other in zip(slow.reps, fast.reps, strict=True):
        assert one.start_s == pytest.approx(other.start_s, abs=0.1)
        assert one.top_start_s == pytest.approx(other.top_start_s, abs=0.1)
        assert one.top_end_s == pytest.approx(other.top_end_s, abs=0.1)
        assert one.end_s == pytest.approx(other.end_s, abs=0.1)


@pytest.mark.parametrize(("view", "story"), MIXED.values(), ids=MIXED.keys())
def test_moments_tell_the_same_story_as_the_result(
    view: Camera, story: Callable[[], Script]
) -> None:
    ran = run(story().film(view))
    totals = [m.counts.left + m.counts.right + m.counts.both for m in ran.moments]
    steps = [after - before for before, after in zip([0, *totals], totals, strict=False)]
    assert set(steps) <= {0, 1}, "a count rises by one and never falls"
    at_the_end = len(ran.result.reps) - totals[-1]
    assert at_the_end in (0, 1), "only the rep under way may be added at the end"
    if at_the_end == 1:
        assert ran.moments[-1].phase in (Phase.TOP, Phase.LOWERING)
    for moment, step in zip(ran.moments, steps, strict=True):
        assert (moment.rep is not None) == (step == 1)


LOW_M = 0.031  # a heel as low as in the lowest reps: somebody who idles goes up as high


@pytest.mark.parametrize("view", [PROFILE_RIGHT, OBLIQUE, BEHIND], ids=["side", "45", "behind"])
@pytest.mark.parametrize(
    ("then", "count"),
    [
        (lambda script: script.stand(2.0), 0),
        (lambda script: script.rep(LOW_M).stand(2.0), 2),
        (lambda script: script.rep(LOW_M).rep(LOW_M), 3),
        (lambda script: script.rep(0.08), 2),
        (lambda script: script.stand(10.0).rep(LOW_M).stand(2.0), 0),
        (lambda script: script.stand(10.0).rep(0.08), 1),
        (lambda script: script.put_down().stand(0.8).stand_on("right").stand(0.6).rep(0.08), 1),
    ],
    ids=["alone", "again", "twice", "high", "much later", "high, much later", "other leg"],
)
def test_a_first_low_rise_counts_with_a_second(
    view: Camera, then: Callable[[Script], Script], count: int
) -> None:
    script = then(Script().stand(1.5).stand_on("left").stand(0.6).rep(LOW_M))
    ran = run(script.put_down().stand(1.0).film(view))
    assert len(ran.result.reps) == ran.moments[-1].counts.left + ran.moments[-1].counts.right
    assert len(ran.result.reps) == count
    told = [rep.number for m in ran.moments for rep in (m.mended, m.rep) if rep is not None]
    assert told == list(range(1, count + 1))
    assert [m.judged.number for m in ran.moments if m.judged is not None] == told


def test_after_a_counted_rep_low_ones_count_alone() -> None:
    film = Script().set_of("left", 2).stand_on("left").stand(9.0).rep(0.04).put_down().film()
    assert sides(run(film).result) == ["left"] * 3


def test_a_rep_is_told_soon_after_it_has_ended() -> None:
    film = Script().set_of("left", 3).film()
    told = [moment.t_s for moment in run(film).moments if moment.rep is not None]
    for told_s, truth in zip(told, film.truth.reps, strict=True):
        assert -0.5 < told_s - truth.end_s < 0.6


def test_phases_follow_the_rep() -> None:
    film = Script().set_of("left", 1, hold_s=1.5).film()
    truth = film.truth.reps[0]
    moments = run(film).moments

    def phase_at(t_s: float) -> Phase:
        return min(moments, key=lambda moment: abs(moment.t_s - t_s)).phase

    assert phase_at(truth.start_s - 0.3) is Phase.STANDING
    assert phase_at(truth.top_start_s + 0.6) is Phase.TOP
    assert phase_at(truth.end_s - 0.1) is Phase.LOWERING
    assert phase_at(truth.end_s + 0.8) is Phase.STANDING


def test_hold_timer_runs_at_the_top_and_only_there() -> None:
    film = Script().set_of("left", 1, hold_s=3.0).film()
    truth = film.truth.reps[0]
    moments = run(film).moments
    last_at_top = max((m for m in moments if m.phase is Phase.TOP), key=lambda m: m.hold_s)
    assert last_at_top.hold_s == pytest.approx(truth.hold_s, abs=0.35)
    assert all(moment.hold_s == 0.0 for moment in moments if moment.phase is not Phase.TOP)


def test_standing_leg_is_shown_while_it_carries() -> None:
    script = Script().set_of("left", 2).set_of("right", 2)
    film = script.film(OBLIQUE)
    moments = run(film).moments
    for rep in film.truth.reps:
        during = [m.side for m in moments if rep.start_s <= m.t_s <= rep.end_s]
        assert during.count(rep.side) > 0.9 * len(during)
    resting = [m.side for m in moments if 0.8 <= m.t_s <= 1.4]
    assert set(resting) == {"both"}


# ---- heights ---------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [PROFILE_RIGHT, OBLIQUE, FRONT, BEHIND])
@pytest.mark.parametrize("height", [0.06, 0.09, 0.11])
def test_rise_is_the_heels(view: Camera, height: float) -> None:
    film = Script().set_of("left", 4, height=height).film(view)
    result = run(film, SessionOptions(body_height_cm=100 * STATURE_M)).result
    assert len(result.reps) == 4
    for rep in result.reps:
        assert rep.rise_cm == pytest.approx(100 * height, abs=1.5)
        assert rep.rise_shin == pytest.approx(height / TRUE_SHIN_M, abs=0.045)


@pytest.mark.parametrize("view", [PROFILE_RIGHT, OBLIQUE, FRONT])
def test_bottom_below_step_level_is_told_from_level(view: Camera) -> None:
    def bottoms(bottom: float) -> list[float]:
        script = Script(step_m=0.16).set_of("right", 4, bottom=bottom, down_s=1.3)
        result = run(script.film(view), SessionOptions(100 * STATURE_M, surface="step")).result
        return [rep.bottom_cm for rep in result.reps if rep.bottom_cm is not None]

    deep, level = bottoms(-0.035), bottoms(0.005)
    assert len(deep) == len(level) == 4
    assert max(deep) < -1.0 < min(level)


def test_centimetres_need_a_body_height() -> None:
    result = run(Script().set_of("left", 2).film()).result
    assert all(rep.rise_cm is None and rep.peak_cm is None for rep in result.reps)
    assert all(rep.peak_shin is not None for rep in result.reps)


# ---- cuts ------------------------------------------------------------------------------------

ROOMY = Camera(15.0, 1.0, 3.0, 579.0, 640, 900)


def joined(*shots: Film) -> Film:
    """Return the shots as one film, without a break; the truth is the first one's."""
    poses: list[Pose] = []
    for shot in shots:
        start_s = poses[-1].t_s + 1 / 30 if poses else 0.0
        poses += [
            replace(pose, t_s=start_s + pose.t_s, index=len(poses) + pose.index)
            for pose in shot.poses
        ]
    return Film(poses, shots[0].truth)


def shifted(film: Film, up_px: float, from_s: float, to_s: float) -> Film:
    """Film a span of it with another framing."""
    by = np.array([0.0, -up_px])
    return replace(
        film,
        poses=[
            replace(pose, xy_px=pose.xy_px + by) if from_s <= pose.t_s < to_s else pose
            for pose in film.poses
        ],
    )


@pytest.mark.parametrize("up_px", [60.0, 80.0, -60.0])
@pytest.mark.parametrize("leg", [True, False], ids=["one leg", "both feet"])
def test_a_cut_to_another_framing_and_back_is_no_rep(up_px: float, leg: bool) -> None:
    script = Script().stand(1.5)
    film = (script.stand_on("left") if leg else script.stand(0.9)).stand(6.0).film(ROOMY)
    assert sides(run(shifted(film, up_px, 4.0, 6.0)).result) == []


def test_a_cut_forgets_the_flat_level() -> None:
    film = Script().stand(1.5).stand_on("left").stand(6.0).film(ROOMY)
    moments = run(shifted(film, 80.0, 5.0, 99.0)).moments
    levels = [(moment.pose.t_s, moment.level_shin) for moment in moments]
    assert all(level is not None for t_s, level in levels if 3.0 <= t_s < 5.0)
    assert all(level is None for t_s, level in levels if t_s >= 5.0)


def test_a_rep_that_is_cut_into_is_not_counted_with_what_follows() -> None:
    """Up to the top in one shot, down from the top in the next one."""
    script = Script().stand(1.5).stand_on("left").stand(0.6).rep(hold_s=1.6).stand(1.5)
    top_s = script.truth().reps[0].peak_s + 0.5
    assert sides(run(script.film(ROOMY)).result) == ["left"]
    assert sides(run(shifted(script.film(ROOMY), 80.0, top_s, 99.0)).result) == []


def test_reps_on_both_sides_of_a_cut_are_counted() -> None:
    first = Script().set_of("left", 3).cut(1.0).film(ROOMY)
    second = Script().set_of("right", 2).film(replace(ROOMY, aim_height=1.25))
    ran = run(joined(first, second))
    assert sides(ran.result) == ["left"] * 3 + ["right"] * 2, ran.rejected
    peaks = [rep.peak_shin for rep in ran.result.reps]
    assert None not in peaks
    assert peaks == pytest.approx([0.09 / TRUE_SHIN_M] * 5, abs=0.045)


@pytest.mark.parametrize("aim_m", [1.25, 1.1])
def test_reps_on_one_leg_before_and_after_a_cut_are_two_sets(aim_m: float) -> None:
    first = Script().stand(1.5).stand_on("left").stand(0.6).reps(3).cut(0.1).film(ROOMY)
    second = Script().stand(0.7).stand_on("left").stand(0.6).reps(3).put_down().stand(1.0)
    ran = run(joined(first, second.film(replace(ROOMY, aim_height=aim_m))))
    assert_two_places(ran.result, 3)


@pytest.mark.parametrize(
    ("view", "ahead_m", "aside_m"),
    [
        (PROFILE_RIGHT, 0.0, 1.0),
        (REAR_RIGHT, 1.0, 0.0),
        (BEHIND, 1.0, 0.0),
        (FRONT, -0.8, 0.0),
        (OBLIQUE, 0.8, 0.0),
    ],
)
def test_reps_on_one_leg_before_and_after_a_walk_are_two_sets(
    view: Camera, ahead_m: float, aside_m: float
) -> None:
    """Although both feet are down together for no longer than between two reps."""
    script = Script(2).stand(1.5).stand_on("left").stand(0.6).reps(4).put_down()
    script.walk(ahead_m, aside_m).stand(0.7).stand_on("left").stand(0.6).reps(4)
    assert_two_places(run(script.put_down().stand(1.0).film(view)).result, 4)


def assert_two_places(result: Result, reps: int) -> None:
    """Nothing of either set is held against the other."""
    assert [len(leg_set.reps) for leg_set in result.sets] == [reps, reps]
    peaks = [rep.peak_shin for rep in result.reps if rep.peak_shin is not None]
    assert peaks == pytest.approx([0.09 / TRUE_SHIN_M] * 2 * reps, abs=0.045)
    assert result.faults == ()


@pytest.mark.parametrize(
    ("view", "degrees", "stand_s"),
    [
        (Camera(90.0, 1.0, 3.4), 60.0, 0.8),
        (Camera(90.0, 1.0, 3.4), 60.0, 2.5),
        (Camera(90.0, 1.0, 3.4), 45.0, 0.8),
        (Camera(270.0, 1.2, 3.4), 40.0, 1.5),
        (OBLIQUE, 60.0, 1.5),
        (PROFILE_RIGHT, 60.0, 1.5),
    ],
)
def test_a_film_that_begins_bowed_loses_no_rep(
    view: Camera, degrees: float, stand_s: float
) -> None:
    """Who starts the camera stands bent in its first second: that is no flat stance."""
    script = Script().bow(degrees, 3.2).stand(stand_s).stand_on("left").stand(0.3).reps(4)
    film = script.put_down().stand(3.0).stand_on("right").stand(0.3).reps(3).put_down().film(view)
    poses = tuple(replace(p, t_s=p.t_s - 1.0) for p in film.poses if p.t_s >= 1.0)
    ran = run(replace(film, poses=poses))
    assert sides(ran.result) == ["left"] * 4 + ["right"] * 3, ran.rejected
    rises = [rep.rise_shin for rep in ran.result.reps]
    assert rises == pytest.approx([float(np.median(rises))] * 7, rel=0.1)


@pytest.mark.parametrize("fps", [3.2, 3.6, 4.0, 4.5, 6.0])
def test_the_slowest_cameras_know_flat_foot_too(fps: float) -> None:
    script = Script().stand(2.5).stand_on("left").stand(0.6).reps(5).put_down().stand(1.5)
    ran = run(script.film(replace(PROFILE_RIGHT, fps=fps)))
    peaks = [rep.peak_shin for rep in ran.result.reps if rep.peak_shin is not None]
    assert peaks == pytest.approx([0.09 / TRUE_SHIN_M] * 5, abs=0.03)


@pytest.mark.parametrize("view", [FRONT, BEHIND], ids=["front", "behind"])
@pytest.mark.parametrize("side", ["left", "both"])
def test_a_shot_by_a_crooked_camera_turns_no_leg_of_the_next(view: Camera, side: Side) -> None:
    first = turned(Script().stand(20.0).film(view), 5.0)
    second = Script().set_of(side, 3).film(replace(view, aim_height=1.25))
    alone = turned(second, 0.0)
    found, true = run(joined(first, alone)), run(alone)
    assert sides(found.result) == sides(true.result) == [side] * 3
    known = [moment.side for moment in true.moments if moment.t_s > 1.0]
    after = [moment.side for moment in found.moments][-len(known) :]
    assert np.mean([one == other for one, other in zip(known, after, strict=True)]) > 0.97


def test_a_long_hold_is_told_while_it_lasts() -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).rep(hold_s=12.0)
    ran = run(script.stand(1.0).film())
    assert max(moment.hold_s for moment in ran.moments) == pytest.approx(12.0, abs=0.5)


def test_a_rep_taken_back_is_no_own_best() -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).rep(0.13).reps(4, height=0.06)
    film = script.put_down().stand(1.0).film()
    assert "incomplete_top" in {fault.kind for fault in run(film).result.faults}
    session = Session()
    told, best = [], None
    for pose in film.poses:
        moment = session.update(pose)
        best = moment.best_shin or best
        told += [fault.kind for fault in moment.faults]
        if moment.rep is not None and moment.rep.number == 1:
            session.take_back([1])
    result = less(session.finish(), [1])
    assert len(result.reps) == 4
    assert "incomplete_top" not in {*told, *(fault.kind for fault in result.faults)}
    assert best == pytest.approx(max(rep.peak_shin or 0.0 for rep in result.reps), abs=0.02)


@pytest.mark.parametrize("view", [PROFILE_RIGHT, FRONT], ids=["profile", "front"])
def test_a_body_that_sinks_with_the_heel_up_is_no_sure_lack_of_a_pause(view: Camera) -> None:
    script = (
        Script().stand(1.5).stand_on("left").stand(0.6).reps(5, up_s=0.5, hold_s=1.2, down_s=0.6)
    )
    reps = script.rep(up_s=0.4, hold_s=0.0, down_s=0.5).truth().reps
    film = script.put_down().stand(1.0).film(view)
    film = sunk(film, reps[2].start_s + 0.7, reps[2].end_s - 0.45, 0.04)
    film = sunk(film, reps[4].start_s + 0.4, reps[4].end_s - 0.65, 0.04)
    faults = run(film).result.faults
    assert {f.rep: f.unsure for f in faults if f.kind == "no_pause"} == {3: True, 5: True, 6: False}


def test_a_slow_way_down_is_asked_for_on_request_only() -> None:
    film = Script().set_of("left", 3, down_s=1.0).film()

    def rushed(lower_for_s: float | None) -> list[int | None]:
        result = run(film, SessionOptions(lower_for_s=lower_for_s)).result
        return [fault.rep for fault in result.faults if fault.kind == "rushed"]

    assert rushed(None) == []
    assert rushed(2.0) == [1, 2, 3]


STAYS_UP = {
    "one": [0.0, 0.045, 0.0],
    "two": [0.0, 0.045, 0.045, 0.0],
    "all but the last": [0.045] * 4,
}


@pytest.mark.parametrize("bottoms", STAYS_UP.values(), ids=STAYS_UP.keys())
@pytest.mark.parametrize("view", [PROFILE_RIGHT, REAR_LEFT], ids=["profile", "rear"])
def test_a_heel_that_does_not_come_back_to_the_floor_is_a_fault(
    view: Camera, bottoms: list[float]
) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6)
    for bottom in (*bottoms, 0.0):
        script.rep(0.10, bottom=bottom)
    ran = run(script.put_down().stand(1.0).film(view), SessionOptions(surface="floor"))
    assert sides(ran.result) == ["left"] * (len(bottoms) + 1)
    found = [fault.rep for fault in ran.result.faults if fault.kind == "incomplete_bottom"]
    assert found == [number for number, bottom in enumerate(bottoms, 1) if bottom]
    unsure = [fault.rep for fault in ran.result.faults if fault.unsure]
    assert unsure == ([3] if all(bottoms) else [])  # nothing near it shows flat foot
    assert not {fault.kind for fault in ran.result.faults} - {"incomplete_bottom"}
    rises = [rep.rise_shin for rep in ran.result.reps]
    starts = [0.0, *bottoms]
    assert rises == pytest.approx([(0.10 - low) / TRUE_SHIN_M for low in starts], rel=0.12)


@pytest.mark.parametrize("from_s", [0.0, 3.4], ids=["whole", "begins on one leg"])
def test_a_film_without_a_stance_on_both_feet_says_that_reps_may_be_missing(from_s: float) -> None:
    film = Script().stand(1.5).stand_on("left").stand(1.0).reps(3).film()
    poses = tuple(pose for pose in film.poses if pose.t_s >= from_s)
    result = run(replace(film, poses=poses)).result
    assert (NO_FLAT in result.warnings) is (from_s > 0)
    short = tuple(pose for pose in poses if pose.t_s < poses[0].t_s + 3.0)
    assert run(replace(film, poses=short)).result.warnings == ()


@pytest.mark.parametrize("gap_s", [0.8, 1.6, 4.0])
@pytest.mark.parametrize("from_start_s", [0.6, 1.0])
def test_a_gap_without_pictures_is_one_without_anybody(gap_s: float, from_start_s: float) -> None:
    film = Script().set_of("left", 4).film(PROFILE_RIGHT)
    empty = without(film, film.truth.reps[1].start_s + from_start_s, gap_s)
    gone = replace(film, poses=tuple(pose for pose in empty.poses if pose.found))
    found, ran = run(empty).result, run(gone)
    assert ran.result.reps == found.reps
    assert sum(moment.rep is not None for moment in ran.moments) == len(found.reps)


def without(film: Film, from_s: float, lasts_s: float) -> Film:
    """A film in which nobody is seen for some time."""
    poses = tuple(
        nobody(pose.t_s, pose.index, pose.width_px, pose.height_px)
        if from_s <= pose.t_s <= from_s + lasts_s
        else pose
        for pose in film.poses
    )
    return replace(film, poses=poses)


@pytest.mark.parametrize("from_start_s", [-0.4, -0.3, -0.15, 0.0, 0.3])
@pytest.mark.parametrize(("lasts_s", "fps"), [(0.2, 25.0), (0.4, 20.0), (0.4, 30.0)])
def test_a_dropout_where_a_rise_begins_makes_it_no_smaller(
    from_start_s: float, lasts_s: float, fps: float
) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.8).reps(3).put_down().stand(1.0)
    film = script.film(fps=fps)
    whole = run(film).result.reps
    reps = run(without(film, whole[1].start_s + from_start_s - lasts_s / 2, lasts_s)).result.reps
    assert len(reps) == 3
    assert reps[1].rise_shin == pytest.approx(whole[1].rise_shin, rel=0.05)


@pytest.mark.parametrize("from_end_s", [-0.3, 0.0, 0.15, 0.3, 0.45])
@pytest.mark.parametrize("hold_s", [0.4, 1.0])
def test_a_dropout_where_a_top_ends_leaves_its_hold(from_end_s: float, hold_s: float) -> None:
    reps = Script().stand(1.5).stand_on("left").stand(0.8).reps(3, hold_s=hold_s, rest_s=0.2)
    film = reps.put_down().stand(1.0).film()
    whole = run(film).result.reps
    found = run(without(film, whole[1].top_end_s + from_end_s, 0.2)).result.reps
    assert len(found) == 3
    assert found[1].hold_s == pytest.approx(whole[1].hold_s, abs=0.1)


@pytest.mark.parametrize(("people", "unsure"), [(1, False), (2, True)])
def test_a_fault_in_a_rep_in_which_somebody_else_was_in_the_way_is_unsure(
    people: int, unsure: bool
) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.8)
    script.rep(0.10).rep(0.05).rep(0.10)
    film = script.put_down().stand(1.0).film()
    whole = run(film).result.reps
    film = without(film, whole[1].start_s + 0.1, 0.15)
    poses = tuple(
        replace(pose, people=people) if whole[1].start_s < pose.t_s < whole[1].peak_s else pose
        for pose in film.poses
    )
    (fault,) = run(replace(film, poses=poses)).result.faults
    assert (fault.kind, fault.rep, fault.unsure) == ("incomplete_top", 2, unsure)
    assert ("somebody else" in fault.message) is unsure


def test_rises_from_a_dropped_heel_are_not_held_against_levels_above_flat_foot() -> None:
    """A film that begins on one leg over a step has no levels until both feet have stood."""
    script = Script(step_m=0.15).stand_on("left", seconds=0.9).stand(0.3)
    for _ in range(4):
        script.rep(0.08, bottom=-0.05)  # the first is over before there is anything to go by
    script.leave(6.0).put_down().stand(2.5).stand_on("left").stand(0.6)
    for height in (0.08, 0.08, 0.04, 0.08):
        script.rep(height, bottom=-0.05)
    film = script.put_down().stand(1.0).film(PROFILE_RIGHT)
    poses = tuple(pose for pose in film.poses if pose.t_s > 1.3)
    result = run(replace(film, poses=poses), SessionOptions(surface="step")).result
    assert [rep.peak_shin is None for rep in result.reps] == [True] * 3 + [False] * 4
    low = [fault.rep for fault in result.faults if fault.kind == "incomplete_top"]
    assert low == [6]


@pytest.mark.parametrize("rest_s", [0.05, 0.3])
def test_every_rep_of_a_quick_set_gets_its_verdict(rest_s: float) -> None:
    script = Script().stand(2.0).stand_on("left").stand(0.8)
    for _ in range(6):
        script.rep(0.08, up_s=0.3, hold_s=0.0, down_s=0.3, rest_s=rest_s)
    ran = run(script.put_down().stand(2.0).film(fps=30.0))
    judged = [moment.judged.number for moment in ran.moments if moment.judged is not None]
    assert judged == [1, 2, 3, 4, 5, 6]
    told = [(fault.rep, fault.kind) for moment in ran.moments for fault in moment.faults]
    assert sorted(told) == sorted((fault.rep, fault.kind) for fault in ran.result.faults)


@pytest.mark.parametrize("view", [PROFILE_RIGHT, OBLIQUE], ids=["side", "45"])
@pytest.mark.parametrize(
    ("kind", "reps", "then"),
    [
        ("knee_bend", [5], lambda script: script.reps(4).rep(knee=25)),
        ("trunk_lean", [3, 4, 5], lambda script: script.reps(2).lean(18)),
        ("trunk_lean", [3, 4, 5], lambda s: s.reps(2).lean(18).reps(3).lean(-18).stand(1.0)),
    ],
    ids=["a bent knee", "leaning from the third on", "and upright again"],
)
def test_the_verdict_on_the_spot_knows_the_whole_set(
    view: Camera, kind: str, reps: list[int], then: Callable[[Script], Script]
) -> None:
    script = then(Script().stand(1.5).stand_on("left").stand(0.6))
    ran = run(script.reps(3).put_down().stand(2.0).film(view))
    told = [fault.rep for m in ran.moments for fault in m.faults if fault.kind == kind]
    sure = [fault.rep for m in ran.moments for fault in m.faults if not fault.unsure]
    assert (told, [number for number in sure if number in reps]) == (reps, reps)
    assert [fault.rep for fault in ran.result.faults if fault.kind == kind] == reps


LEGS_BELOW = tuple((part["left"], part["right"]) for part in (KNEE, ANKLE, HEEL, TOE))


@pytest.mark.parametrize("view", [FRONT, BEHIND], ids=["front", "behind"])
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("step_m", [0.0, 0.15])
def test_a_film_that_begins_on_one_leg_with_the_other_foot_hidden_behind_it(
    view: Camera, side: Side, step_m: float
) -> None:
    """The model puts the foot it cannot see nearly as low as the one that hides it."""
    script = Script(step_m=step_m).stand(1.5).stand_on(side).stand(1.0)
    for _ in range(4):
        script.rep(0.09, bottom=-0.04 if step_m else 0.0)
    film = script.film(view)
    poses = []
    for pose in film.poses:
        xy = pose.xy_px.copy()
        for left, right in LEGS_BELOW:
            free, carries = (right, left) if side == "left" else (left, right)
            xy[free, 1] += 0.95 * (xy[carries, 1] - xy[free, 1])
        poses.append(replace(pose, xy_px=xy))
    from_s = film.truth.reps[0].start_s - 0.8
    begun = replace(film, poses=tuple(pose for pose in poses if pose.t_s >= from_s))
    ran = run(begun, SessionOptions(surface="step" if step_m else "floor"))
    assert sides(ran.result) == [side] * 4


@pytest.mark.parametrize("view", [FRONT, BEHIND], ids=["front", "behind"])
def test_a_film_of_both_feet_close_together_is_one_of_both(view: Camera) -> None:
    film = Script().stand(2.5).reps(4).stand(1.0).film(view)
    shin_px = LegReader(Settings()).read(film.poses[0]).shin_px
    poses = []
    for pose in film.poses:
        xy = pose.xy_px.copy()
        for left, right in LEGS_BELOW:
            middle, apart = (xy[left, 0] + xy[right, 0]) / 2, xy[left, 0] - xy[right, 0]
            xy[[left, right], 0] = middle + np.array([0.5, -0.5]) * np.sign(apart) * 0.25 * shin_px
        poses.append(replace(pose, xy_px=xy))
    assert sides(run(replace(film, poses=tuple(poses))).result) == ["both"] * 4


@pytest.mark.parametrize("bends", [(0, 1, 2, 3, 4), (1, 3)], ids=["all", "two"])
@pytest.mark.parametrize("view", [PROFILE_RIGHT, OBLIQUE, FRONT], ids=["side", "oblique", "front"])
def test_a_knee_that_swings_before_a_rise_is_no_heel_that_stays_up(
    view: Camera, bends: tuple[int, ...]
) -> None:
    """The body is lower then than on flat foot: that is no rest to measure the others from."""
    story = Script().stand(1.5).stand_on("left").stand(0.6)
    for number in range(5):
        story.rep(rest_s=1.0, swings=22.0 if number in bends else 0.0)
    film = story.put_down().stand(1.0).film(view)
    result = run(film, SessionOptions(body_height_cm=100 * STATURE_M, surface="floor")).result
    assert result.count("left") == 5
    sure = [fault.kind for fault in result.faults if not fault.unsure]
    assert "incomplete_bottom" not in sure


@pytest.mark.parametrize("view", [PROFILE_RIGHT, FRONT, BEHIND], ids=["side", "front", "behind"])
@pytest.mark.parametrize("at_s", [0.05, 0.3])
@pytest.mark.parametrize("number", [0, 1])
def test_a_touch_as_a_rise_begins_is_told_in_every_rep(
    view: Camera, at_s: float, number: int
) -> None:
    story = Script().stand(1.5).stand_on("left").stand(0.6)
    for index in range(4):
        touch_s = 0.4 if index == number else 0.0
        story.rep(up_s=1.2, down_s=1.2, rest_s=0.7, touch_s=touch_s, touch_at_s=at_s)
    result = run(story.put_down().stand(1.0).film(view)).result
    assert [fault.kind for fault in result.faults].count("foot_touchdown") == 1
