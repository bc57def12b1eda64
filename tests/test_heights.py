"""The comparison of heights: its geometry and its fits, on made-up numbers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from heelrise.settings import Settings
from heights import Reading, follow, fused, left_out, times_constant, turn

SHIN_PX = 100.0


def _readings(true_cm):
    return [Reading(f"clip{i // 2}", "profile", cm) for i, cm in enumerate(true_cm)]


@pytest.mark.parametrize("toe", [-1, 1])
@pytest.mark.parametrize("facing", [0.0, 0.5])
def test_the_turn_of_a_shoe_is_its_heels_rise(toe, facing):
    low = np.array([[-60, 0], [-50, -20], [-30, -10], [-45, -5], [-20, 0], [-38, -22]], float)
    angle, width = np.radians(25), np.sqrt(1 - facing**2)
    seen = np.arctan(np.tan(angle) / width)
    turned = low @ np.array([[np.cos(seen), np.sin(seen)], [-np.sin(seen), np.cos(seen)]])
    mirror = [toe, 1]
    rise = turn(low * mirror, turned * mirror, facing, np.array([toe, 0.0]), SHIN_PX)
    assert rise == pytest.approx(Settings().lever.heel_to_ball * np.sin(angle), rel=1e-3)


def test_points_are_followed_to_a_part_of_a_pixel():
    texture = np.random.default_rng(0).integers(0, 255, (120, 120)).astype(np.uint8)
    texture = cv2.GaussianBlur(texture, (0, 0), 2)
    shifted = [
        cv2.warpAffine(texture, np.array([[1, 0, 0], [0, 1, -0.7 * i]]), (120, 120))
        for i in range(6)
    ]
    mask = np.zeros((120, 120), np.uint8)
    mask[40:80, 40:80] = 255
    points = follow(shifted, mask)
    rise = np.median(points[0, :, 1] - points[-1, :, 1])
    assert rise == pytest.approx(3.5, abs=0.05)


def test_a_constant_is_fitted_without_the_clip_it_is_for():
    true_cm = np.array([8.0, 8, 8, 8, 40, 40])
    rises = left_out(_readings(true_cm), times_constant(true_cm, np.full(6, 4.0)))
    assert rises[-1] == pytest.approx(8.0)


def test_the_better_measure_weighs_more_and_a_missing_one_nothing():
    true_cm = np.full(12, 9.0)
    off = np.tile([1.0, -1.0], 6)
    good, bad = true_cm + 0.1 * off, true_cm + 2 * off
    bad[0] = np.nan
    views = np.full(12, "profile")
    result = left_out(_readings(true_cm), fused(true_cm, views, [good, bad]))
    assert abs(result - 9).max() < 0.12
    assert result[0] == pytest.approx(good[0])
