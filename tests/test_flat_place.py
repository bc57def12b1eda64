"""Where the feet stood when flat foot was learned, and what is another place."""

from __future__ import annotations

import numpy as np
import pytest

from heelrise.flat_place import FlatPlace
from heelrise.landmarks import LANDMARK_COUNT, LEFT_TOE, RIGHT_TOE, nobody
from heelrise.legs import LegSample
from heelrise.settings import Settings
from heelrise.stance import Stance

BOTH, LEFT = Stance("both", 0.0, True), Stance("left", 0.6, True)
FPS = 30


def standing(
    toes_down_shin: tuple[float, float],
    t_s: float = 0.0,
    aside_shin: tuple[float, float] = (0.0, 0.0),
) -> LegSample:
    """Return somebody whose toes are so far down the picture, and aside, shin lengths."""
    xy_px = np.full((LANDMARK_COUNT, 2), 200.0)
    xy_px[[LEFT_TOE, RIGHT_TOE]] += 80.0 * np.column_stack([aside_shin, toes_down_shin])
    return LegSample(nobody(t_s, 0, 640, 480), True, "", 80.0, xy_px=xy_px)


@pytest.mark.parametrize(
    ("toes_down_shin", "body_shin", "stepped"),
    [
        ((0.25, 0.25), -0.25, True),  # down from a step
        ((-0.18, -0.18), 0.18, True),  # up on a low one
        ((-0.08, -0.16), 0.16, True),  # the landmarks of a toe are a little off
        ((0.13, 0.13), -0.05, False),  # a heel drops over an edge, and the toes' landmarks with it
        ((0.05, 0.05), -0.05, False),  # less than a hand's breadth may be the landmarks' doing
        ((0.25, 0.0), -0.2, False),  # one foot is lifted, or put down
        ((0.05, 0.05), 0.3, False),  # up with the body, hardly down with the feet: no step
    ],
)
def test_who_stands_on_a_step_now_has_gone_up_or_down_as_a_whole(
    toes_down_shin: tuple[float, float], body_shin: float, stepped: bool
) -> None:
    place = FlatPlace(Settings().rejection)
    place.learn(standing((0.0, 0.0)))
    assert place.elsewhere(standing(toes_down_shin), BOTH, body_shin) is stepped


NEARER, FURTHER, BOTH_ASIDE = (0.15, 0.15), (-0.15, -0.15), (0.45, 0.45)


@pytest.mark.parametrize(
    ("stance", "down_shin", "aside_shin", "body_shin", "elsewhere"),
    [
        (BOTH, NEARER, (0.0, 0.0), 0.2, True),  # to a camera as high as the hips
        (BOTH, FURTHER, (0.0, 0.0), -0.2, True),
        (BOTH, FURTHER, BOTH_ASIDE, 0.15, True),  # away from a camera above the head
        (BOTH, (0.0, 0.0), BOTH_ASIDE, 0.01, False),  # no other level there
        (BOTH, (0.15, 0.0), (0.0, -0.3), 0.2, False),  # one foot alone
        (BOTH, (-0.05, -0.05), (0.0, 0.0), 0.12, False),  # a rise takes the toes along
        (LEFT, NEARER, (0.0, 0.0), 0.2, False),  # one foot alone must have gone further
        (LEFT, (0.3, -0.1), (0.0, -0.5), 0.2, True),
    ],
)
def test_who_has_come_nearer_or_gone_away_stands_elsewhere(
    stance: Stance,
    down_shin: tuple[float, float],
    aside_shin: tuple[float, float],
    body_shin: float,
    elsewhere: bool,
) -> None:
    place = FlatPlace(Settings().rejection)
    place.learn(standing((0.0, 0.0)))
    now = standing(down_shin, 1.0, aside_shin)
    assert place.elsewhere(now, stance, body_shin) is elsewhere


def test_a_foot_that_goes_up_already_still_stands_where_it_stood() -> None:
    """In the half second of a step in which the body has not begun to rise."""
    place = FlatPlace(Settings().rejection)
    for frame in range(60):
        place.learn(standing((0.0, 0.0), frame / FPS))
    for frame in range(12):
        place.learn(standing((-0.015 * frame, 0.0), 2.0 + frame / FPS))
    assert place.elsewhere(standing((-0.18, -0.18), 3.0), BOTH, 0.18)


@pytest.mark.parametrize(
    ("on_leg_s", "body_shin", "stepped"),
    [
        (0.7, 0.18, True),  # the other foot follows
        (3.0, 0.18, False),  # a rep on a leg, seen as both feet at its top
        (3.0, -0.18, True),  # down from a step after a set
    ],
)
def test_nobody_steps_up_from_one_leg(on_leg_s: float, body_shin: float, stepped: bool) -> None:
    place = FlatPlace(Settings().rejection)
    place.learn(standing((0.0, 0.0)))
    for frame in range(round(on_leg_s * FPS)):
        place.elsewhere(standing((0.0, -0.3), frame / FPS), LEFT, 0.0)
    now = standing((-body_shin, -body_shin), on_leg_s)
    assert place.elsewhere(now, BOTH, body_shin) is stepped
    later = standing((-body_shin, -body_shin), on_leg_s + 1.2)
    assert place.elsewhere(later, BOTH, body_shin)


@pytest.mark.parametrize(("away_s", "left"), [(0.1, False), (0.6, True)])
def test_a_leap_of_the_feet_is_no_walk_however_often(away_s: float, left: bool) -> None:
    """Of somebody who is never still, as in a hand-held camera's picture."""
    place = FlatPlace(Settings().rejection)
    place.learn(standing((0.0, 0.0)))
    gone = []
    for frame in range(30 * FPS):
        t_s = frame / FPS
        aside = 0.9 if t_s % 5.0 > 5.0 - away_s else 0.0
        gone.append(place.left(standing((0.0, 0.0), t_s, (aside, aside)), False, False))
    assert any(gone) is left
