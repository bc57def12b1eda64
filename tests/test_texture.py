"""Landmarks and texture as one height: curves and films whose truth is known."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from heelrise.landmarks import Pose, TrunkPlace
from heelrise.session import Session
from heelrise.settings import SessionOptions, Settings, Texture
from heelrise.texture import with_texture
from heelrise.track import Track
from motion import Film, Script
from motion_body import Camera, Floats
from motion_model import PERFECT, PoseModel
from runs import OBLIQUE, PROFILE_RIGHT

LIMITS = Texture()
T_S = np.arange(150) / 30.0
TRUE = 0.12 * np.clip(np.sin(2 * np.pi * (T_S - 1.25) / 2.5), 0.0, 1.0)
NOISE = np.random.default_rng(2).normal(0.0, 0.01, len(T_S))


def track(texture: Floats, run: Floats | float = 0.0) -> Track:
    """Return a track of which only times and texture matter."""
    nothing = np.zeros((len(fields(Track)), len(T_S)))
    return replace(Track(*nothing), t_s=T_S, texture=texture, texture_run=np.zeros(len(T_S)) + run)


def mixed(seen: Track, height: Floats, lag_s: float = 0.0, limits: Texture = LIMITS) -> Floats:
    return with_texture(seen, height, 0.0, 5.0, lag_s, limits)[0]


def test_the_textures_share_of_the_landmarks_noise_goes() -> None:
    found = mixed(track(TRUE + 7.5), TRUE + NOISE)  # where the texture's zero is does not matter
    assert np.std(found - TRUE) == pytest.approx(np.std(NOISE) * (1 - LIMITS.share), rel=0.03)
    assert np.median(found - TRUE) == pytest.approx(np.median(NOISE), abs=0.002)


def test_the_texture_waits_for_landmarks_that_come_late() -> None:
    late = np.interp(T_S - 0.1, T_S, TRUE)
    assert mixed(track(TRUE), late, 0.1) == pytest.approx(late, abs=1e-3)
    assert np.abs(mixed(track(TRUE), late) - late).max() > 0.01


LONELY = {
    "never followed": track(np.full(len(T_S), np.nan), np.nan),
    "followed in shreds": track(TRUE, np.arange(len(T_S)) // (LIMITS.least_frames - 1)),
    "it follows something else": track(TRUE + np.where(T_S > 2.0, 0.3, 0.0)),
}


@pytest.mark.parametrize("seen", LONELY.values(), ids=LONELY.keys())
def test_landmarks_alone_tell_the_height_where_the_texture_cannot(seen: Track) -> None:
    height = TRUE + NOISE
    np.testing.assert_array_equal(mixed(seen, height), height)


@pytest.mark.parametrize(
    ("moved", "believed"),
    [(1.0, 1.0), (0.85, 1.0), (0.7, 0.5), (0.55, 0.0), (0.4, 0.0), (0.01, 0.0)],
)
def test_a_texture_that_is_held_back_is_believed_less(moved: float, believed: float) -> None:
    _, told = with_texture(track(moved * TRUE), TRUE, 0.0, 5.0, 0.0, LIMITS)
    np.testing.assert_allclose(told, believed, atol=1e-6)


@pytest.mark.parametrize("noise", [0.0, 0.001, 0.004])
def test_a_texture_that_stands_still_is_not_believed(noise: float) -> None:
    """In a rep that is long enough at its top for the middle of the heights to be up there."""
    height = np.interp(T_S, [0.0, 0.5, 1.5, 3.5, 4.5, 5.0], [0.0, 0.0, 0.12, 0.12, 0.0, 0.0])
    _, told = with_texture(track(noise * NOISE / 0.01), height, 0.0, 5.0, 0.0, LIMITS)
    np.testing.assert_array_equal(told, 0.0)


def test_a_texture_is_believed_that_moves_less_because_the_landmarks_went_elsewhere() -> None:
    elsewhere = TRUE + np.where(T_S > 4.2, 0.08, 0.0)
    found = mixed(track(TRUE), elsewhere)
    assert np.ptp(found) < np.ptp(elsewhere) - 0.04


def test_every_run_has_its_own_zero_and_what_is_outside_stays() -> None:
    run = np.where(T_S < 2.5, 0.0, 75.0)
    texture = TRUE + np.where(run > 0, 3.0, -4.0)
    height = TRUE + NOISE
    found, believed = with_texture(track(texture, run), height, 1.0, 4.0, 0.0, LIMITS)
    inside = (T_S >= 1.0) & (T_S <= 4.0)
    assert np.std((found - TRUE)[inside]) < 0.6 * np.std(NOISE[inside])
    np.testing.assert_array_equal(found[~inside], height[~inside])
    np.testing.assert_array_equal(believed, np.where(inside, 1.0, np.nan))


# ---- through the whole core ----------------------------------------------------------------


def films(camera: Camera, seed: int) -> tuple[Film, list[Pose]]:
    """Return a noisy film, and its poses with the texture's place as a perfect model sees it."""
    script = Script(seed).stand(2.0).stand_on("left").reps(4).put_down()
    noisy = script.film(camera, PoseModel(body_noise=0.016), seed=seed)
    clear = script.film(camera, PERFECT)
    poses = []
    for seen, true in zip(noisy.poses, clear.poses, strict=True):
        x_px, y_px = true.xy_px[[11, 12, 23, 24]].mean(axis=0)
        poses.append(replace(seen, trunk=TrunkPlace(0, 5.0 + x_px, y_px - 9.0)))
    return noisy, poses


def rise_errors_cm(film: Film, poses: list[Pose], settings: Settings) -> list[float]:
    session = Session(SessionOptions(body_height_cm=170.0, surface="floor"), settings)
    for pose in poses:
        session.update(pose)
    reps = session.finish().reps
    assert [rep.side for rep in reps] == ["left"] * 4
    rises = [rep.rise_cm for rep in reps if rep.rise_cm is not None]
    return [cm - 100 * rep.rise_m for cm, rep in zip(rises, film.truth.reps, strict=True)]


@pytest.mark.parametrize("camera", [PROFILE_RIGHT, OBLIQUE], ids=["profile", "oblique"])
def test_noisy_landmarks_give_steadier_rises_with_the_texture(camera: Camera) -> None:
    without, by_both = [], []
    alone = replace(Settings(), texture=Texture(share=0.0))
    for seed in range(1, 6):
        film, poses = films(camera, seed)
        # Half of an error is one of the foot as a lever, the same for all reps: only the rest.
        for errors, settings in ((without, alone), (by_both, Settings())):
            off = rise_errors_cm(film, poses, settings)
            errors.extend(np.array(off) - np.mean(off))
    assert np.std(by_both) < 0.7 * np.std(without)


def test_a_texture_that_is_held_back_makes_a_rise_more_doubtful() -> None:
    film, poses = films(PROFILE_RIGHT, 1)
    y_px = poses[0].trunk.y_px if poses[0].trunk is not None else 0.0
    held = [
        replace(pose, trunk=replace(pose.trunk, y_px=y_px + 0.4 * (pose.trunk.y_px - y_px)))
        for pose in poses
        if pose.trunk is not None
    ]

    def sd(given: list[Pose]) -> float:
        session = Session(SessionOptions(body_height_cm=170.0, surface="floor"))
        for pose in given:
            session.update(pose)
        return float(np.mean([rep.rise_sd_cm for rep in session.finish().reps]))

    assert len(held) == len(film.poses)
    assert sd(held) > 1.5 * sd(poses)


@pytest.mark.parametrize(("share", "people"), [(1.0, 1), (1.0, 2), (0.4, 1), (0.4, 2)])
def test_where_landmarks_leave_the_texture_while_somebody_passes_a_fault_is_unsure(
    share: float, people: int
) -> None:
    script = Script(1).stand(2.0).stand_on("left").rep(0.10).rep(0.05).rep(0.10).put_down()
    film = script.film(PROFILE_RIGHT, PERFECT)
    session = Session(SessionOptions(body_height_cm=170.0, surface="floor"))
    middle_px = [pose.xy_px[[11, 12, 23, 24]].mean(axis=0).tolist() for pose in film.poses]
    flat_px = middle_px[0][1]
    for pose, (x_px, y_px) in zip(film.poses, middle_px, strict=True):
        trunk = TrunkPlace(0, x_px, flat_px + share * (y_px - flat_px))
        session.update(replace(pose, trunk=trunk, people=people))
    (fault,) = session.finish().faults
    assert (fault.kind, fault.rep) == ("incomplete_top", 2)
    assert fault.unsure is (share < 1.0 and people > 1)
