"""The generator itself: what the other tests take for the truth must be true."""

from __future__ import annotations

import numpy as np
import pytest

from heelrise import landmarks as lm
from motion import Film, Script, variable_times
from motion_body import (
    ANKLE_HEIGHT,
    ANKLE_TO_BALL,
    HEEL_TO_BALL,
    SHIN,
    THIGH,
    Camera,
    Floats,
    body_points,
)
from motion_model import PERFECT, PoseModel


def pixels(film: Film) -> Floats:
    return np.array([pose.xy_px for pose in film.poses])


def bodies(script: Script, times: Floats) -> Floats:
    return body_points(script.posture(times))


def one_leg() -> Script:
    return Script().stand(1.0).stand_on("left").stand(0.5)


def test_bones_keep_their_length() -> None:
    script = one_leg().rep(lean=15.0).one_leg_knee_bend().knee_lift().put_down().squat()
    points = bodies(script, np.arange(0.0, script.duration_s, 0.05))
    for side in ("left", "right"):
        knee = points[:, lm.KNEE[side]]
        thigh = np.linalg.norm(points[:, lm.HIP[side]] - knee, axis=1)
        shin = np.linalg.norm(points[:, lm.ANKLE[side]] - knee, axis=1)
        assert np.percentile(np.abs(thigh - THIGH), 95) < 0.02
        assert np.percentile(np.abs(shin - SHIN), 95) < 0.02


def test_body_rises_with_the_ankle_on_the_lever_of_the_foot() -> None:
    script = one_leg().rep(height=0.09, hold_s=2.0)
    top_s = script.truth().reps[0].peak_s
    low, top = bodies(script, np.array([2.3, top_s]))
    angle = np.arcsin(0.09 / HEEL_TO_BALL)
    rise = ANKLE_TO_BALL * np.sin(angle) - ANKLE_HEIGHT * (1 - np.cos(angle))
    for index in (lm.LEFT_ANKLE, lm.LEFT_KNEE, lm.LEFT_HIP, lm.LEFT_SHOULDER, lm.NOSE):
        assert top[index, 2] - low[index, 2] == pytest.approx(rise, abs=0.002)
    assert rise / 0.09 == pytest.approx(0.60, abs=0.06), "measured: 0.52 to 0.66"
    assert top[lm.LEFT_TOE] == pytest.approx(low[lm.LEFT_TOE], abs=1e-6)


def test_one_leg_carries_and_the_other_foot_is_crossed_behind() -> None:
    script = one_leg().stand(1.0)
    (body,) = bodies(script, np.array([script.duration_s]))
    left, right = body[lm.LEFT_ANKLE], body[lm.RIGHT_ANKLE]
    assert 0.25 < (right[2] - left[2]) / SHIN < 0.5
    assert right[0] < left[0] - 0.05, "behind"
    middle = body[[lm.LEFT_HIP, lm.RIGHT_HIP], 1].mean()
    assert middle == pytest.approx(left[1], abs=0.01), "the body stands over its foot"


def test_squat_lowers_the_hips_two_to_three_times_as_far_as_the_knees() -> None:
    script = Script().stand(1.0).squat(60.0, 2.0, 0.0)
    stood, deep = bodies(script, np.array([0.5, 2.0]))
    fall = {i: stood[i, 2] - deep[i, 2] for i in (lm.LEFT_HIP, lm.LEFT_KNEE, lm.LEFT_ANKLE)}
    assert fall[lm.LEFT_HIP] > 2 * fall[lm.LEFT_KNEE] > 0
    assert fall[lm.LEFT_ANKLE] == 0


@pytest.mark.parametrize(
    ("azimuth_deg", "toe_is"), [(0.0, "right"), (180.0, "left")], ids=["right side", "left side"]
)
def test_camera_sees_the_side_it_stands_on(azimuth_deg: float, toe_is: str) -> None:
    xy = pixels(Script().stand(0.5).film(Camera(azimuth_deg), PERFECT))[-1]
    ahead = xy[lm.LEFT_TOE, 0] - xy[lm.LEFT_HEEL, 0]
    assert (ahead > 0) == (toe_is == "right")


def test_camera_in_front_sees_left_on_the_right_and_upright() -> None:
    xy = pixels(Script().stand(0.5).film(Camera(90.0), PERFECT))[-1]
    assert xy[lm.LEFT_SHOULDER, 0] > xy[lm.RIGHT_SHOULDER, 0] + 50
    assert xy[lm.NOSE, 1] < xy[lm.LEFT_HIP, 1] < xy[lm.LEFT_KNEE, 1] < xy[lm.LEFT_TOE, 1]
    assert (xy > 0).all()
    assert (xy < [640, 480]).all()


def test_truth_of_a_rep_is_its_definition() -> None:
    """Minimum jerk passes 5 % after 0.189, 90 % after 0.715 of its time."""
    script = one_leg().rep(height=0.10, up_s=1.0, hold_s=2.0, down_s=1.5, rest_s=0.5)
    (rep,) = script.truth().reps
    begin = 2.4
    assert rep.side == "left"
    assert rep.start_s == pytest.approx(begin + 0.189, abs=0.01)
    assert rep.top_start_s == pytest.approx(begin + 1.0 * 0.753, abs=0.01)
    assert rep.top_end_s == pytest.approx(begin + 3.0 + 1.5 * (1 - 0.753), abs=0.01)
    assert rep.end_s == pytest.approx(begin + 3.0 + 1.5 * (1 - 0.189), abs=0.01)
    assert rep.rise_m == pytest.approx(0.10)


def test_truth_from_below_step_level() -> None:
    script = Script().stand(1.0).stand_on("right").reps(2, height=0.08, bottom=-0.03)
    first, second = script.truth().reps
    assert (first.start_m, first.peak_m, first.bottom_m) == pytest.approx((0.0, 0.08, -0.03))
    assert second.rise_m == pytest.approx(0.11)


def test_same_seed_same_film_other_seed_another() -> None:
    one, same, other = (Script().set_of("left", 1).film(seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(pixels(one), pixels(same))
    assert not np.array_equal(pixels(one), pixels(other))
    assert one.truth == same.truth == other.truth


def test_truth_does_not_depend_on_the_frames() -> None:
    script = Script().set_of("left", 2)
    assert script.film(fps=15.0).truth == script.film(times=variable_times(8.0)).truth


def test_variable_times_vary_and_rise() -> None:
    steps = np.diff(variable_times(10.0))
    assert steps.min() >= 0.02
    assert steps.max() <= 0.05
    assert steps.std() > 0.005


@pytest.mark.parametrize("fps", [15.0, 60.0])
def test_noise_is_as_large_as_asked_at_every_rate(fps: float) -> None:
    film = Script().stand(60.0).film(fps=fps)
    xy = pixels(film)
    shin = np.linalg.norm(xy[:, lm.LEFT_KNEE] - xy[:, lm.LEFT_ANKLE], axis=1).mean()
    for index, share in ((lm.NOSE, 0.003), (lm.LEFT_HEEL, 0.012), (lm.LEFT_TOE, 0.018)):
        assert xy[:, index, 1].std() / shin == pytest.approx(share, rel=0.2)


def test_idling_is_as_unquiet_as_real_one_leg_stance() -> None:
    """Field notes, 5th to 95th percentile: heel 0.04-0.07 shins, hip 0.03-0.08."""
    xy = pixels(Script().stand(1.5).stand_on("left").idle(20.0).film())[90:]
    shin = np.linalg.norm(xy[:, lm.LEFT_KNEE] - xy[:, lm.LEFT_ANKLE], axis=1).mean()

    def spread(heights: Floats) -> float:
        return float(np.subtract(*np.percentile(heights, [95, 5]))) / float(shin)

    assert 0.03 <= spread(xy[:, [lm.LEFT_HIP, lm.RIGHT_HIP], 1].mean(axis=1)) <= 0.08
    assert 0.035 <= spread(xy[:, lm.LEFT_HEEL, 1]) <= 0.07


def test_lag_delays_by_its_time() -> None:
    script = one_leg().rep(hold_s=1.0)

    def half_up_s(lag_s: float) -> float:
        film = script.film(model=PoseModel(0, 0, 0, 0, lag_s=lag_s), fps=200.0)
        nose = pixels(film)[:, lm.NOSE, 1][470:]  # from before the rep on
        return float(np.argmax(nose < (nose[0] + nose.min()) / 2)) / 200

    assert half_up_s(0.06) - half_up_s(0.0) == pytest.approx(0.06, abs=0.02)


def test_heel_is_under_read_and_the_body_is_not() -> None:
    script = one_leg().rep(hold_s=2.0)
    top = int(script.truth().reps[0].peak_s * 30)
    whole, half = (
        pixels(script.film(model=PoseModel(0, 0, 0, 0, lag_s=0.0, heel_shown=shown), fps=30.0))
        for shown in (1.0, 0.5)
    )
    rise = [xy[60, lm.LEFT_HEEL, 1] - xy[top, lm.LEFT_HEEL, 1] for xy in (whole, half)]
    assert rise[1] == pytest.approx(rise[0] / 2, rel=0.1)
    assert whole[top, lm.LEFT_HIP] == pytest.approx(half[top, lm.LEFT_HIP])


def test_collapses_swaps_and_dropouts_happen_when_they_are_told_to() -> None:
    script = one_leg().stand(3.0)
    plain = script.film(model=PERFECT, fps=30.0)
    model = PoseModel(
        0, 0, 0, 0, lag_s=0.0, heel_shown=1.0, collapses=((3.0, 2),), swaps=((3.5, 3.8),),
        dropouts=((4.0, 4.3),),
    )  # fmt: skip
    film = script.film(model=model, fps=30.0)
    changed = [
        pose.index
        for pose, other in zip(film.poses, plain.poses, strict=True)
        if not np.array_equal(pose.xy_px, other.xy_px)
    ]
    assert changed == [90, 91, *range(105, 114), *range(120, 130)]
    assert [pose.index for pose in film.poses if not pose.found] == list(range(120, 130))
    assert film.poses[105].xy_px[lm.LEFT_HEEL] == pytest.approx(
        plain.poses[105].xy_px[lm.RIGHT_HEEL]
    )
    fell = plain.poses[90].xy_px[lm.LEFT_HEEL, 1] - film.poses[90].xy_px[lm.LEFT_HEEL, 1]
    assert fell > 25


def test_leaving_is_nobody() -> None:
    film = Script().stand(1.0).leave(2.0).stand(1.0).film(fps=30.0)
    assert [pose.found for pose in film.poses[::15]] == [True, True, *[False] * 5, True, True]


def test_walking_ends_where_it_should_with_both_feet_side_by_side() -> None:
    script = Script().walk(0.0, 1.0).stand(0.5)
    (body,) = bodies(script, np.array([script.duration_s]))
    left, right = body[lm.LEFT_ANKLE], body[lm.RIGHT_ANKLE]
    assert left[1] - right[1] == pytest.approx(0.12, abs=0.01)
    assert (left[1] + right[1]) / 2 == pytest.approx(1.0, abs=0.05)
    assert left[0] == pytest.approx(right[0], abs=0.01)


def test_walking_out_of_the_picture_is_nobody() -> None:
    poses = Script().walk(3.0, 0.0).stand(1.0).film(Camera(0.0)).poses
    assert poses[0].found
    assert not poses[-1].found


def test_turning_takes_the_feet_along() -> None:
    script = Script().stand(0.5).turn(90.0).stand(0.5)
    (body,) = bodies(script, np.array([script.duration_s]))
    across = body[lm.LEFT_ANKLE] - body[lm.RIGHT_ANKLE]
    assert across[:2] == pytest.approx([-0.12, 0.0], abs=0.02)
