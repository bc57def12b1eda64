"""The foot as a lever, against its closed form; and what is taken for the flat foot."""

from __future__ import annotations

import numpy as np
import pytest

from heelrise.level import FlatLevel, heel_level, true_share
from heelrise.settings import FootLever, Perspective, Settings
from heelrise.stance import Stance

LEVER = FootLever()
BOTH, LEFT = Stance("both", 0.0, True), Stance("left", 0.6, True)
FPS = 30


def ankle_rise(angle: float, lever: FootLever) -> float:
    rise = lever.ankle_to_ball * np.sin(angle) - lever.ankle_height * (1 - np.cos(angle))
    return float(rise)


@pytest.mark.parametrize("lever", [LEVER, FootLever(0.47, 0.30, 0.20)], ids=["ours", "high ankle"])
@pytest.mark.parametrize("degrees", [-20.0, -5.0, 0.0, 5.0, 20.0, 30.0, 34.0])
def test_heel_level_is_the_levers(degrees: float, lever: FootLever) -> None:
    angle = np.radians(degrees)
    found = heel_level(np.array(ankle_rise(angle, lever)), lever)
    assert float(found) == pytest.approx(lever.heel_to_ball * np.sin(angle), abs=1e-9)


def test_heel_level_only_rises_and_has_no_edge() -> None:
    body = np.linspace(-0.15, 0.35, 2001)
    slope = np.diff(heel_level(body, LEVER)) / np.diff(body)
    assert (slope > 0).all()
    assert np.abs(np.diff(slope)).max() < 0.02 * slope.max()


def test_heel_moves_more_over_the_body_high_up_than_below_flat() -> None:
    below, above = (heel_level(np.array(body), LEVER) / body for body in (-0.06, 0.14))
    assert below < above


def feed(level: FlatLevel, start_s: float, heights: list[float], stance: Stance) -> float:
    """Feed one value a frame; return the time after the last."""
    for number, height in enumerate(heights):
        level.update(start_s + number / FPS, height, stance, raised=False, bent=False)
    return start_s + len(heights) / FPS


def test_flat_is_unknown_before_anybody_stood_flat() -> None:
    level = FlatLevel(Settings().stance)
    assert level.body is None
    feed(level, 0.0, [0.3] * 60, LEFT)
    assert level.body is None, "one leg alone may stand on its toes"


def test_flat_is_where_both_feet_stood_still() -> None:
    level = FlatLevel(Settings().stance)
    feed(level, 0.0, [0.30] * 60, BOTH)
    assert level.body == pytest.approx(0.30)


def test_flat_on_one_leg_counts_more_when_near() -> None:
    level = FlatLevel(Settings().stance)
    now = feed(level, 0.0, [0.30] * 60, BOTH)
    feed(level, now, [0.31] * 20, LEFT)
    assert level.body == pytest.approx(0.31)


def test_flat_is_not_the_dropped_heel_over_a_step() -> None:
    level = FlatLevel(Settings().stance)
    now = feed(level, 0.0, [0.30] * 60, BOTH)
    feed(level, now, [0.23] * 30, LEFT)
    assert level.body == pytest.approx(0.30)


def test_flat_is_not_learned_from_a_short_squat() -> None:
    level = FlatLevel(Settings().stance)
    now = feed(level, 0.0, [0.30] * 60, BOTH)
    now = feed(level, now, [-0.40] * 40, BOTH)
    feed(level, now, [0.30] * 10, BOTH)
    assert level.body == pytest.approx(0.30, abs=0.01)


def test_flat_is_not_learned_from_a_touch_down_with_the_heel_still_up() -> None:
    level = FlatLevel(Settings().stance)
    t_s = feed(level, 0.0, [0.0] * FPS, BOTH)
    t_s = feed(level, t_s, [0.01] * FPS, LEFT)
    t_s = feed(level, t_s + 8.0, [0.039] * int(0.6 * FPS), BOTH)
    feed(level, t_s, [0.01] * FPS, LEFT)
    assert level.body == pytest.approx(0.01)


def test_flat_follows_whoever_stands_on_both_feet_between_sets() -> None:
    level = FlatLevel(Settings().stance)
    t_s = feed(level, 0.0, [0.0] * FPS, BOTH)
    t_s = feed(level, t_s, [0.01] * FPS, LEFT)
    feed(level, t_s + 8.0, [0.03] * (2 * FPS), BOTH)
    assert level.body == pytest.approx(0.03, abs=0.002)


def test_a_heel_that_drops_after_a_while_does_not_take_flat_along() -> None:
    """A free foot crossed behind may look as if it stood, and the heel is soon far below flat."""
    level = FlatLevel(Settings().stance)
    t_s = feed(level, 0.0, [0.0] * FPS, BOTH)
    t_s = feed(level, t_s, [0.0] * 3 * FPS, LEFT)
    feed(level, t_s, [0.0] * 24 + [-0.032] * 2 + [-0.06] * FPS, BOTH)
    assert level.body == pytest.approx(0.0, abs=0.01)


def test_flat_is_learned_anew_after_a_lasting_change() -> None:
    level = FlatLevel(Settings().stance)
    now = feed(level, 0.0, [0.30] * 60, BOTH)
    feed(level, now, [0.60] * 150, BOTH)
    assert level.body == pytest.approx(0.60, abs=0.01)


def test_forgotten_is_unknown() -> None:
    level = FlatLevel(Settings().stance)
    feed(level, 0.0, [0.30] * 60, BOTH)
    level.forget()
    assert level.body is None


LENS = Perspective()


@pytest.mark.parametrize("above", [-0.3, 0.0, 0.3])
def test_in_profile_the_rise_that_is_seen_is_the_true_one(above: float) -> None:
    assert true_share(0.0, above, LENS) == 1.0


@pytest.mark.parametrize(
    ("facing", "above", "sign"),
    [
        (1.0, 0.2, -1),
        (0.5, 0.2, -1),
        (-1.0, 0.2, 1),
        (1.0, -0.2, 1),
        (-1.0, -0.2, -1),
        (1.0, 0.0, 0),
    ],
)
def test_towards_the_camera_what_is_above_it_seems_to_rise_more(
    facing: float, above: float, sign: int
) -> None:
    assert np.sign(true_share(facing, above, LENS) - 1.0) == sign


@pytest.mark.parametrize("azimuth_deg", [90.0, 45.0, 0.0, 225.0, 270.0])
@pytest.mark.parametrize("height_m", [0.3, 1.0, 1.8])
def test_true_share_is_what_a_pinhole_does(azimuth_deg: float, height_m: float) -> None:
    """A point 1.3 m up, 3 m from a camera at some height, rises by 2 mm and goes forward."""
    facing = float(np.sin(np.radians(azimuth_deg)))
    rise_m, away_m, point_m = 0.002, 3.0, 1.3
    before = (point_m - height_m) / away_m
    nearer_m = away_m - LENS.forward_share * rise_m * facing
    seen_m = ((point_m + rise_m - height_m) / nearer_m - before) * away_m
    assert true_share(facing, before, LENS) == pytest.approx(rise_m / seen_m, rel=0.002)
