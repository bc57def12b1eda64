"""A minute of everything that is no heel rise, with the noise of real recordings: no rep.

For more minutes: ``HEELRISE_SEEDS=4 pytest tests/test_negatives.py`` takes every kind from every
view with four seeds, at 15 and 30 pictures a second. docs/accuracy.md says what was found so.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from heelrise import landmarks as lm
from heelrise.result import Side
from motion import Film
from motion_body import Camera, Floats
from motion_model import PoseModel
from motion_negatives import (
    BACKGROUND_SHARE,
    ROCKING,
    UNSTEADY,
    Restless,
    carried,
    collapses,
    empty_room,
    shin_px,
    shots,
    with_walkers,
)
from runs import BEHIND, FRONT, OBLIQUE, PROFILE_RIGHT, run, sides

MINUTE_S = 60.0
ROOMY_M = 3.6  # from so far away somebody can walk about and stay in the picture
VIEWS = {"profile": PROFILE_RIGHT, "45 degrees": OBLIQUE, "front": FRONT, "behind": BEHIND}
# Three views of every kind, with a seed and a frame rate (fps); front and behind take turns.
TAKES = (
    ("profile", 1, 30.0),
    ("45 degrees", 2, 15.0),
    ("front", 2, 24.0),
    ("behind", 1, 20.0),
)
MORE_SEEDS = int(os.environ.get("HEELRISE_SEEDS", "0"))
NOISE_SHIN = {  # of real one-leg stance: 5th to 95th percentile, from recording to recording
    "one-leg balance": {"heel": (0.04, 0.07), "hip": (0.03, 0.08), "over toe": (0.05, 0.09)},
    "catching a ball on one leg": {"over toe": (0.17, 0.25)},  # 0.21 in the one that was measured
}

DRIFTING = replace(UNSTEADY, drift_shin=0.3, background=BACKGROUND_SHARE)

Act = Callable[[Restless], object]
Kind = Callable[[Camera, int], Film]


def on_one_leg(seed: int) -> Restless:
    """Stand on both feet for a moment, then on the left leg (odd seeds) or the right one."""
    return Restless(seed).stand(1.5).stand_on("left" if seed % 2 else "right")


def on_each_leg(act: Act) -> Callable[[int], Restless]:
    """Do something for a minute, half of it on each leg."""

    def tell(seed: int) -> Restless:
        story = on_one_leg(seed).again(MINUTE_S / 2, act).put_down().stand(0.8)
        story.stand_on("right" if seed % 2 else "left", crossed=False)
        return story.again(MINUTE_S / 2, act)

    return tell


def on_both(act: Act, seconds: float = MINUTE_S) -> Callable[[int], Restless]:
    """Do something for a minute, from standing on both feet."""
    return lambda seed: Restless(seed).stand(1.5).again(seconds, act)


def filmed(
    tell: Callable[[int], Restless], distance: float = 3.0, model: PoseModel = UNSTEADY
) -> Kind:
    """Return a kind that is nothing but the first minute of a story in front of a camera."""

    def film(camera: Camera, seed: int) -> Film:
        story = tell(seed)
        story.cut(story.duration_s - MINUTE_S)
        return story.film(replace(camera, distance=distance), model, seed=seed)

    return film


def wavering(story: Restless) -> Restless:
    return story.waver(5.0)


def lifting_a_knee(story: Restless) -> Restless:
    return story.high_knee().waver(1.5).high_knee(1.0).high_knee(2.2)


def catching(story: Restless) -> Restless:
    return story.catch().waver(1.2)


def collapsing(camera: Camera, seed: int) -> Film:
    model = replace(UNSTEADY, collapses=collapses(MINUTE_S, seed))
    return filmed(on_each_leg(wavering), model=model)(camera, seed)


def walked_behind(camera: Camera, seed: int) -> Film:
    return with_walkers(filmed(on_each_leg(wavering))(camera, seed), camera, seed)


def carried_before_one_leg(camera: Camera, seed: int) -> Film:
    return carried(filmed(on_each_leg(wavering), ROOMY_M)(camera, seed), seed)


def carried_before_both(camera: Camera, seed: int) -> Film:
    return carried(filmed(on_both(lambda story: story.stand(5.0)), ROOMY_M)(camera, seed), seed)


KINDS: dict[str, Kind] = {
    "walking": filmed(on_both(Restless.about), ROOMY_M),
    "turning": filmed(on_both(Restless.turn_about)),
    "stepping on and off": filmed(on_both(Restless.on_and_off), ROOMY_M),
    "one-leg balance": filmed(on_each_leg(wavering)),
    "one-leg balance with fidgeting": filmed(on_each_leg(lambda story: story.fidgets(30.0))),
    "catching a ball on one leg": filmed(on_each_leg(catching), model=ROCKING),
    "knee lifts": filmed(on_each_leg(lifting_a_knee)),
    "marching": filmed(on_both(lambda story: story.march(6).stand(0.5))),
    "squats": filmed(on_both(Restless.deep_squat)),
    "squat pulses": filmed(on_both(Restless.squat_pulses)),
    "arm swings": filmed(on_both(Restless.arm_swings)),
    "arm swings on one leg": filmed(on_each_leg(lambda story: story.arm_swings().waver(2.0))),
    "jumping jacks": filmed(on_both(Restless.jumping_jacks), ROOMY_M),
    "somebody walking through behind": walked_behind,
    "a cut between shots": shots,
    "a camera carried, both feet": carried_before_both,
    "a camera carried, one leg": carried_before_one_leg,
    "a camera that drifts": filmed(on_each_leg(wavering), model=DRIFTING),
    "collapses of the standing foot": collapsing,
    "an empty room": empty_room,
}


def takes() -> list[pytest.ParameterSet]:
    chosen = []
    for number, kind in enumerate(KINDS):
        third = 2 + number % 2
        chosen += [(kind, *take) for take in (*TAKES[:2], TAKES[third])]
    if MORE_SEEDS:
        chosen = list(product(KINDS, VIEWS, range(1, MORE_SEEDS + 1), (15.0, 30.0)))
    return [pytest.param(*take, id="{}, {}, {}, {:.0f} fps".format(*take)) for take in chosen]


@pytest.mark.parametrize(("kind", "view", "seed", "fps"), takes())
def test_a_minute_without_a_rep(kind: str, view: str, seed: int, fps: float) -> None:
    film = KINDS[kind](replace(VIEWS[view], fps=fps), seed)
    assert film.poses[-1].t_s > 0.98 * MINUTE_S
    ran = run(film)
    assert [(rep.side, round(rep.peak_s, 1)) for rep in ran.result.reps] == []


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kind", NOISE_SHIN)
def test_noise_is_that_of_real_one_leg_stance(kind: str, seed: int, view: str) -> None:
    film = KINDS[kind](VIEWS[view], seed)
    side = "left" if seed % 2 else "right"
    seen = np.array([pose.xy_px for pose in film.poses if 3.0 < pose.t_s < MINUTE_S / 2])
    up = -seen[:, :, 1] / shin_px(film)
    heel, toe = up[:, lm.HEEL[side]], up[:, lm.TOE[side]]
    spans = {"heel": span(heel), "hip": span(up[:, lm.HIP[side]]), "over toe": span(heel - toe)}
    for part, (least, most) in NOISE_SHIN[kind].items():
        assert least <= spans[part] <= most, part


def span(values: Floats) -> float:
    """Return how far apart the 5th and the 95th percentile are."""
    return float(np.ptp(np.percentile(values, (5, 95))))


def then_reps(act: Act) -> Restless:
    """Do something for 20 s, then four real reps on the left leg."""
    story = on_one_leg(1).again(20.0, act)
    return story.settle().stand(0.8).reps(4).put_down().stand(1.0)


BEFORE_REPS: dict[str, Callable[[Camera], Film]] = {
    "one-leg balance": lambda camera: then_reps(wavering).film(camera, UNSTEADY),
    "catching a ball": lambda camera: then_reps(catching).film(camera, ROCKING),
    "knee lifts": lambda camera: then_reps(lifting_a_knee).film(camera, UNSTEADY),
    "squats": lambda camera: (
        on_both(Restless.deep_squat, 20.0)(1).set_of("left", 4).film(camera, UNSTEADY)
    ),
    "walking": lambda camera: (
        on_both(Restless.about, 20.0)(1)
        .set_of("left", 4)
        .film(replace(camera, distance=ROOMY_M), UNSTEADY)
    ),
    "somebody walking through behind": lambda camera: with_walkers(
        then_reps(wavering).film(camera, UNSTEADY), camera, 1, until_s=22.0
    ),
    "collapses of the standing foot": lambda camera: then_reps(wavering).film(
        camera, replace(UNSTEADY, collapses=collapses(20.0, 1))
    ),
}


@pytest.mark.parametrize(
    ("view", "fps"),
    [("profile", 30.0), ("front", 20.0), ("behind", 24.0)],
    ids=["profile", "front", "behind"],
)
@pytest.mark.parametrize("before", BEFORE_REPS)
def test_real_reps_after_it_are_all_counted(before: str, view: str, fps: float) -> None:
    film = BEFORE_REPS[before](replace(VIEWS[view], fps=fps))
    ran = run(film)
    assert sides(ran.result) == ["left"] * 4, ran.rejected
    for rep, true in zip(ran.result.reps, film.truth.reps, strict=True):
        assert true.start_s < rep.peak_s < true.end_s


@pytest.mark.parametrize("knee_deg", [95.0, 60.0], ids=["a chair", "a stool"])
@pytest.mark.parametrize("view", ["front", "behind", "45 degrees"])
def test_reps_after_a_seat_are_all_counted(view: str, knee_deg: float) -> None:
    """From the front a bent knee does not show: a level learned on the seat is no flat foot."""
    story = Restless().sit(3.0, knee_deg, down_s=0.01).get_up().stand(2.0).set_of("left", 3)
    story.sit(6.0, knee_deg).get_up().stand(2.0).set_of("left", 2)
    ran = run(story.film(VIEWS[view]))
    assert sides(ran.result) == ["left"] * 5, ran.rejected


@pytest.mark.parametrize("set_before", ["both", "left", "right"])
@pytest.mark.parametrize("view", VIEWS)
def test_knee_lifts_after_a_set_are_none(view: str, set_before: Side) -> None:
    story = Restless(3).stand(1.2).set_of(set_before, 3).stand(1.0).stand_on("left", crossed=False)
    for _ in range(4):
        story.high_knee()
    ran = run(story.put_down().stand(1.0).film(VIEWS[view]))
    assert sides(ran.result) == [set_before] * 3
