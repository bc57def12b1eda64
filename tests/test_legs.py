"""Why a frame is not trusted, what the knees and the view are, and the body's height."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heelrise import landmarks as lm
from heelrise.landmarks import STILL, CameraMove, Pose, nobody
from heelrise.legs import BodyHeight, LegReader, LegSample, flexion_deg
from heelrise.result import Side
from heelrise.settings import Settings
from motion import Script
from motion_body import Camera
from motion_model import PERFECT

FPS = 30.0  # of films whose pictures are told by their numbers


def read(poses: list[Pose]) -> list[LegSample]:
    reader = LegReader(Settings())
    return [reader.read(pose) for pose in poses]


def standing(camera: Camera = Camera(15.0), seconds: float = 1.5) -> list[Pose]:  # noqa: B008
    return Script().stand(seconds).film(camera, PERFECT, fps=FPS).poses


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


def with_sides(poses: list[Pose], moved_px: tuple[float, float], seconds: float) -> list[Pose]:
    """Move the left and the right side of the trunk across the picture, from 1.5 s on."""
    sides = [
        (lm.LEFT_EAR, lm.LEFT_SHOULDER, lm.LEFT_HIP),
        (lm.RIGHT_EAR, lm.RIGHT_SHOULDER, lm.RIGHT_HIP),
    ]
    changed = []
    for pose in poses:
        xy = pose.xy_px.copy()
        if 1.5 < pose.t_s < 1.5 + seconds:
            for side, by_px in zip(sides, moved_px, strict=True):
                xy[list(side), 0] += by_px
        changed.append(replace(pose, xy_px=xy))
    return changed


@pytest.mark.parametrize(
    ("left", "right", "trusted"),
    [(-0.5, 0.5, True), (-0.25, 0.25, True), (0.6, 0.0, False), (0.0, -0.6, False)],
    ids=["changed places", "on each other", "the left is caught", "the right is caught"],
)
def test_one_side_that_leaves_is_somebody_elses(left: float, right: float, trusted: bool) -> None:
    """The model may take a front for a back: left and right change places, the middle stays."""
    poses = standing(Camera(90.0), 3.0)
    shin_px = read(poses)[-1].shin_px
    samples = read(with_sides(poses, (left * shin_px, right * shin_px), 0.6))
    assert {s.trusted for s in samples if 1.55 < s.t_s < 2.05} == {trusted}
    assert all(s.trusted for s in samples if s.t_s > 2.2)


@pytest.mark.parametrize(("moves_s", "trusted"), [(1.8, False), (5.5, True)])
def test_sides_that_have_changed_places_for_good_may_move_aside(
    moves_s: float, trusted: bool
) -> None:
    """As a rise takes them along that is seen aslant: the person has turned round meanwhile."""
    poses = standing(Camera(90.0), 7.0)
    shin_px = read(poses)[-1].shin_px
    moved = []
    for pose in with_sides(poses, (-0.5 * shin_px, 0.5 * shin_px), 9.0):
        xy = pose.xy_px.copy()
        xy[:, 0] += 0.12 * shin_px if pose.t_s > moves_s else 0.0
        moved.append(replace(pose, xy_px=xy))
    after = [s.trusted for s in read(moved) if moves_s + 0.1 < s.t_s < moves_s + 0.6]
    assert set(after) == {trusted}


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
        samples = read(script.film(camera, PERFECT, fps=FPS).poses)
        return samples[round(top_s * FPS)].height - samples[round(2.3 * FPS)].height

    near, far = rise(Camera(15.0)), rise(Camera(15.0, 1.0, 4.5))
    big = rise(Camera(15.0, 1.0, 3.0, 1300.0, 1920, 1080))
    assert near == pytest.approx(0.12, abs=0.03)
    assert far == pytest.approx(near, abs=0.01)
    assert big == pytest.approx(near, abs=0.01)


def test_height_does_not_follow_a_lean() -> None:
    script = Script().stand(2.0).bow(15.0, 2.0).stand(1.0)
    heights = [sample.height for sample in read(script.film(model=PERFECT).poses)]
    assert np.ptp(heights) < 0.05


BIG = Camera(15.0, 1.0, 3.0, 579.0, 640, 900)  # room above and below the body


def leaping(
    shins: float, from_frame: int = 45, frames: int | None = None, aside: float = 0.0
) -> list[LegSample]:
    """Read 3 s of standing, all landmarks so far up from a frame on, or for some frames."""
    poses = standing(BIG, 3.0)
    up = np.array([aside, -shins]) * read(poses)[-1].shin_px
    last = len(poses) if frames is None else from_frame + frames
    return read(
        [
            replace(pose, xy_px=pose.xy_px + up) if from_frame <= pose.index < last else pose
            for pose in poses
        ]
    )


@pytest.mark.parametrize("shins", [1.0, -1.0, 0.7], ids=["up", "down", "by less"])
def test_a_leap_that_stays_is_a_cut_and_no_height(shins: float) -> None:
    samples = leaping(shins)
    assert {sample.cuts for sample in samples[:45]} == {0}
    assert samples[-1].cuts == 1
    assert samples[-1].height == pytest.approx(samples[44].height, abs=0.01)
    assert {sample.why for sample in samples[45:55]} == {"landmarks jump"}
    assert all(sample.trusted for sample in samples[60:])


def test_who_is_back_in_their_place_has_risen_meanwhile() -> None:
    """A heel rises while somebody who walks by has the landmarks."""
    samples = leaping(0.2)
    assert {sample.why for sample in samples[45:55]} == {"landmarks jump"}
    assert samples[-1].cuts == 0
    assert samples[-1].height == pytest.approx(samples[44].height + 0.2, abs=0.01)
    elsewhere = leaping(0.2, aside=0.5)
    assert elsewhere[-1].cuts == 1
    assert elsewhere[-1].height == pytest.approx(elsewhere[44].height, abs=0.01)


def test_two_cuts_are_two() -> None:
    samples = leaping(1.0, 30, 30)
    assert [samples[number].cuts for number in (29, 59, -1)] == [0, 1, 2]
    assert samples[-1].height == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("shins", [1.0, -1.0, 0.3])
def test_a_leap_of_three_frames_is_none(shins: float) -> None:
    samples = leaping(shins, frames=3)
    assert {sample.cuts for sample in samples} == {0}
    assert not any(sample.trusted for sample in samples[45:48])
    assert {sample.trusted for sample in samples[48:]} == {True}
    assert samples[-1].height == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("azimuth_deg", [90.0, 270.0, 45.0, 10.0])
def test_a_squat_does_not_change_the_size(azimuth_deg: float) -> None:
    script = Script().stand(2.0).squat(80.0, 3.0, 1.0).stand(1.0)
    samples = read(script.film(Camera(azimuth_deg), PERFECT).poses)
    sizes = np.array([sample.size_px for sample in samples])
    heights = np.array([sample.height for sample in samples])
    assert heights.min() < -0.3, "it is a deep one"
    assert sizes == pytest.approx(sizes[59], rel=0.015)
    assert len({sample.shin_px for sample in samples[45:]}) == 1


def test_coming_nearer_changes_the_size() -> None:
    script = Script().stand(2.0).walk(0.6, 0.0).stand(6.0)
    samples = read(script.film(Camera(90.0, 1.0, 3.6), PERFECT).poses)
    for name in ("size_px", "shin_px"):
        after, before = getattr(samples[-1], name), getattr(samples[59], name)
        assert after / before == pytest.approx(3.6 / 3.0, rel=0.03), name


@pytest.mark.parametrize("azimuth_deg", range(0, 360, 45))
def test_facing_is_the_sine_of_the_view(azimuth_deg: int) -> None:
    sample = read(standing(Camera(float(azimuth_deg))))[-1]
    assert sample.facing == pytest.approx(np.sin(np.radians(azimuth_deg)), abs=0.06)
    assert sample.profile == pytest.approx(abs(np.cos(np.radians(azimuth_deg))), abs=0.15)


def test_above_is_the_angle_from_the_middle_of_the_picture() -> None:
    """A camera that looks straight ahead, horizon known: the hips are at their true angle."""
    level = Camera(90.0, 1.0, 3.0, 0.9 * 640, aim_height=1.0)
    pose = standing(level)[-1]
    sample = read([pose])[0]
    lens = Settings().perspective
    focal_px = np.sqrt(lens.focal_share * 640 * lens.away_shins * sample.size_px)
    assert focal_px == pytest.approx(0.9 * 640, rel=0.06), "3 m away, by the size of the body too"
    hips = (240.0 - pose.xy_px[[lm.LEFT_HIP, lm.RIGHT_HIP], 1].mean()) / focal_px
    assert sample.hips_above == pytest.approx(hips - lens.horizon_tan)
    assert sample.above > sample.trunk_above > sample.hips_above + 0.05, "the head is highest"
    higher = read([replace(pose, xy_px=pose.xy_px - [0.0, 20.0])])[0]
    by = 20.0 / focal_px
    assert higher.above - sample.above == pytest.approx(by)
    assert higher.trunk_above - sample.trunk_above == pytest.approx(by)
    assert higher.hips_above - sample.hips_above == pytest.approx(by)


@pytest.mark.parametrize("stripes_px", [0, 300, 800, 2000])
def test_stripes_around_a_picture_change_the_guess_of_the_lens_by_a_root_and_little(
    stripes_px: int,
) -> None:
    pose = standing(Camera(90.0, 1.0, 3.0, 0.9 * 640))[-1]
    tall = replace(
        pose,
        xy_px=pose.xy_px + np.array([0.0, stripes_px / 2]),
        height_px=pose.height_px + stripes_px,
    )
    lens = Settings().perspective
    as_filmed, with_stripes = (read([one])[0] for one in (pose, tall))
    by_body_px = lens.away_shins * as_filmed.size_px
    by_picture_px = lens.focal_share * max(640, pose.height_px + stripes_px)
    expected = 0.9 * 640 / min(by_picture_px, lens.farthest * by_body_px)
    found = (with_stripes.above + lens.horizon_tan) / (as_filmed.above + lens.horizon_tan)
    assert found == pytest.approx(np.sqrt(expected))
    assert found > 0.83


def test_a_camera_that_moves_changes_no_measure() -> None:
    """The landmarks go along with the background: all is as if it had stood still."""
    poses = Script().stand(1.0).stand_on("left").stand(0.5).rep().film(model=PERFECT).poses
    moves = [
        CameraMove(0.01 * np.sin(n / 7), 9.0 * np.sin(n / 5), 6.0 * np.cos(n / 9) - 6.0)
        for n in range(len(poses))
    ]
    carried = [
        replace(pose, xy_px=move.apply(pose.xy_px, 640, 480), camera=move)
        for pose, move in zip(poses, moves, strict=True)
    ]
    for still, moved in zip(read(poses), read(carried), strict=True):
        assert moved.trusted
        assert moved.height == pytest.approx(still.height, abs=1e-6)
        assert moved.xy_px == pytest.approx(still.xy_px, abs=1e-6)
        assert moved.knee_flexion_deg == pytest.approx(still.knee_flexion_deg, abs=1e-6)
    uncorrected = [replace(pose, camera=STILL) for pose in carried]
    assert (
        np.ptp([s.height - t.height for s, t in zip(read(uncorrected), read(poses), strict=True)])
        > 0.05
    )


@pytest.mark.parametrize("unit_px", [70.0, 92.0])
def test_another_unit_is_no_other_body(unit_px: float) -> None:
    """The first second measures a person's size, and who comes nearer gets another one."""
    xy_px = standing()[0].xy_px
    body = BodyHeight(Settings().framing)
    assert all(body.update(number / 30, xy_px, 80.0) for number in range(30))
    assert all(body.update(1.0 + number / 30, xy_px, unit_px) for number in range(30))
    assert body.cuts == 0
    assert body.height == pytest.approx(0.0, abs=1e-9)
    assert body.hips == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("empty_s", [0.0, 1.2, 2.0, 3.5, 6.0])
def test_the_first_look_at_somebody_is_one_of_a_second_however_long_nobody_was_there(
    empty_s: float,
) -> None:
    """The pose model settles on a body: the first three frames show it a tenth too small."""
    poses = standing(seconds=4.0)
    before = [nobody(k / 30.0, k, 640, 480) for k in range(round(30 * empty_s))]
    for k in range(3):
        xy = poses[k].xy_px
        poses[k] = replace(poses[k], xy_px=xy.mean(axis=0) + 0.9 * (xy - xy.mean(axis=0)))
    seen = read(before + [replace(pose, t_s=pose.t_s + empty_s) for pose in poses])
    assert seen[-1].shin_px == pytest.approx(read(standing(seconds=4.0))[-1].shin_px, rel=0.01)


def test_a_leap_just_after_somebody_was_lost_is_not_believed() -> None:
    framing = Settings().framing
    body, poses = BodyHeight(framing), standing(seconds=3.0)
    shin_px = read(poses)[-1].shin_px
    for pose in poses[:30]:
        assert body.update(pose.t_s, pose.xy_px, shin_px)
    body.forget()
    later_s = poses[30].t_s + 5.0
    assert body.update(later_s, poses[30].xy_px, shin_px)
    assert not body.update(later_s + 1 / 30, poses[31].xy_px - [0.0, 0.5 * shin_px], shin_px)
