"""The foot as a lever, against its closed form; and what is taken for the flat foot."""

from __future__ import annotations

import numpy as np
import pytest

from heelrise.level import FlatLevel, heel_level
from heelrise.settings import FootLever, Settings
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
