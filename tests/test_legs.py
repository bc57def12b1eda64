"""Why a frame is not trusted, what the knees and the view are, and the body's height."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heelrise import landmarks as lm
from heelrise.landmarks import Pose, nobody
from heelrise.legs import LegReader, LegSample, flexion_deg
from heelrise.result import Side
from heelrise.settings import Settings
from motion import Script
from motion_body import Camera
from motion_model import PERFECT


def read(poses: list[Pose]) -> list[LegSample]:
    reader = LegReader(Settings())
    return [reader.read(pose) for pose in poses]


def standing(camera: Camera = Camera(15.0), seconds: float = 1.5) -> list[Pose]:  # noqa: B008
    return Script().stand(seconds).film(camera, PERFECT).poses


@pytest.mark.parametrize("bent", [0.0, 20.0, 60.0, 90.0])
def test_flexion(bent: float) -> None:
    angle = np.radians(bent)
    hip, knee = np.array([0.0, 0.0]), np.array([0.0, 50.0])
    ankle = knee + 50 * np.array([np.sin(angle), np.cos(angle)])
    assert flexion_deg(hip, knee, ankle) == pytest.approx(bent, abs=1e-6)


def test_flexion_of_points_on_each_other_is_none() -> None:
    assert flexion_deg(np.zeros(2), np.zeros(2), np.ones(2)) == 0.0


CAMERAS = {
    "whole body": (Camera(15.0), ""),
    "far away": (Camera(15.0, 1.0, 12.0), "too small in the picture"),
    "feet cut off": (Camera(15.0, 1.0, 2.0, aim_height=1.5), "feet out of the picture"),
    "head cut off": (Camera(15.0, 1.0, 2.3, aim_height=0.4), "head out of the picture"),
}


@pytest.mark.parametrize(("camera", "why"), CAMERAS.values(), ids=CAMERAS.keys())
def test_says_why_a_picture_cannot_be_measured(camera: Camera, why: str) -> None:
    samples = read(standing(camera))
    assert {sample.why for sample in samples} == {why}
    assert all(sample.trusted == (why == "") for sample in samples)


def test_nobody_is_said_and_has_no_height() -> None:
    (sample,) = read([nobody(0.0, 0, 640, 480)])
    assert not sample.trusted
    assert sample.why == "nobody in the picture"
    assert np.isnan(sample.height)


def test_a_torso_that_leaps_is_not_trusted() -> None:
    poses = standing()
    xy = poses[-1].xy_px.copy()
    xy[[lm.LEFT_SHOULDER, lm.RIGHT_SHOULDER], 1] += 60
    samples = read([*poses[:-1], replace(poses[-1], xy_px=xy)])
    assert samples[-2].trusted
    assert samples[-1].why == "landmarks jump"


@pytest.mark.parametrize(
    ("azimuth_deg", "least", "most"), [(0.0, 0.9, 1.0), (90.0, 0.0, 0.35), (180.0, 0.9, 1.0)]
)
def test_profile_tells_the_view(azimuth_deg: float, least: float, most: float) -> None:
    sample = read(standing(Camera(azimuth_deg)))[-1]
    assert least <= sample.profile <= most


@pytest.mark.parametrize("azimuth_deg", [0.0, 45.0, 90.0, 235.0])
@pytest.mark.parametrize("side", ["left", "right"])
def test_clues_point_to_the_free_foot(azimuth_deg: float, side: Side) -> None:
    poses = Script().stand_on(side).stand(0.5).film(Camera(azimuth_deg), PERFECT).poses
    clues = read(poses)[-1].clues
    assert clues is not None
    assert (clues.mean() > 0) == (side == "left"), "positive: the right foot is free"
    assert abs(np.clip(clues, -2.5, 2.5).mean()) > 0.3


def test_height_is_in_shins_whatever_the_picture() -> None:
    script = Script().stand(1.0).stand_on("left").stand(0.5).rep(hold_s=1.5)
    top_s = script.truth().reps[0].peak_s

    def rise(camera: Camera) -> float:
        samples = read(script.film(camera, PERFECT).poses)
        return samples[round(top_s * 30)].height - samples[round(2.3 * 30)].height

    near, far = rise(Camera(15.0)), rise(Camera(15.0, 1.0, 4.5))
    big = rise(Camera(15.0, 1.0, 3.0, 1300.0, 1920, 1080))
    assert near == pytest.approx(0.12, abs=0.03)
    assert far == pytest.approx(near, abs=0.01)
    assert big == pytest.approx(near, abs=0.01)


def test_height_does_not_follow_a_lean() -> None:
    script = Script().stand(2.0).bow(15.0, 2.0).stand(1.0)
    heights = [sample.height for sample in read(script.film(model=PERFECT).poses)]
    assert np.ptp(heights) < 0.05
