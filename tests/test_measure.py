"""Rep numbers on built signals whose start, top, hold, end, peak and bottom are known."""

from __future__ import annotations

import numpy as np
import pytest

from heelrise.measure import Measured, Span, measure
from heelrise.settings import FootLever, Settings
from motion_body import Floats

SETTINGS = Settings()
LAG_S = SETTINGS.counting.model_lag_s
NEAR_S = 0.05


def body_of(heel: Floats, lever: FootLever) -> Floats:
    """Return the body's height for the heel's: the lever read from the other end."""
    angle = np.arcsin(heel / lever.heel_to_ball)
    return np.asarray(
        lever.ankle_to_ball * np.sin(angle) - lever.ankle_height * (1 - np.cos(angle))
    )


def straight(points: list[tuple[float, float]], fps: float = 60.0) -> tuple[Floats, Floats]:
    """Return times and body heights for a heel that moves straight between (time, level)s."""
    times = np.arange(0.0, points[-1][0], 1 / fps)
    moments, levels = (np.array(column) for column in zip(*points, strict=True))
    heel = np.interp(times, moments, levels)
    return times, body_of(heel, SETTINGS.lever)


def measured(
    points: list[tuple[float, float]],
    flat: float = 0.0,
    offset: float = 0.0,
    fps: float = 60.0,
    on_floor: bool = False,
) -> Measured:
    times, body = straight(points, fps)
    peak_s = max(points, key=lambda point: point[1])[0]
    span = Span(0.0, peak_s, points[-1][0])
    return measure(times + LAG_S, body + offset, span, flat, SETTINGS, on_floor=on_floor)


# From 0 to 0.2 shins in 1 s, held 1.5 s, down in 2 s: 5 % after 0.05 s, 90 % after 0.9 s.
TRAPEZE = [(0.0, 0.0), (2.0, 0.0), (3.0, 0.2), (4.5, 0.2), (6.5, 0.0), (8.0, 0.0)]


@pytest.mark.parametrize("fps", [15.0, 30.0, 60.0])
def test_times_are_the_definitions(fps: float) -> None:
    rep = measured(TRAPEZE, fps=fps)
    near_s = NEAR_S + 1 / fps
    assert rep.start_s == pytest.approx(2.05, abs=near_s)
    assert rep.top_start_s == pytest.approx(2.90, abs=near_s)
    assert rep.top_end_s == pytest.approx(4.70, abs=near_s)
    assert rep.end_s == pytest.approx(6.40, abs=near_s)
    assert rep.top_start_s <= rep.peak_s <= rep.top_end_s


def test_heights_are_the_heels() -> None:
    rep = measured(TRAPEZE)
    assert (rep.start, rep.peak, rep.bottom) == pytest.approx((0.0, 0.2, 0.0), abs=0.003)
    assert rep.rise == pytest.approx(0.2, abs=0.003)


def test_heights_are_told_from_flat_wherever_the_body_is() -> None:
    rep = measured(TRAPEZE, flat=3.0, offset=3.0)
    assert (rep.start, rep.peak, rep.bottom) == pytest.approx((0.0, 0.2, 0.0), abs=0.003)


def test_bottom_below_step_level() -> None:
    drop = -0.08
    points = [(0.0, drop), (2.0, drop), (3.0, 0.2), (4.0, 0.2), (6.0, drop), (7.0, drop)]
    rep = measured(points)
    assert (rep.start, rep.peak, rep.bottom) == pytest.approx((drop, 0.2, drop), abs=0.004)
    assert rep.rise == pytest.approx(0.28, abs=0.005)


def test_incomplete_bottom_ends_where_it_is_lowest() -> None:
    points = [(0.0, 0.0), (2.0, 0.0), (3.0, 0.2), (4.0, 0.2), (5.0, 0.08), (6.5, 0.08)]
    rep = measured(points)
    assert rep.bottom == pytest.approx(0.08, abs=0.003)
    assert rep.end_s == pytest.approx(4.95, abs=NEAR_S + 0.02)


@pytest.mark.parametrize(("sinks_s", "end_s"), [(0.8, 5.47), (0.1, 5.5)])
def test_a_body_that_sinks_on_after_the_heel_is_down_makes_no_rep_longer(
    sinks_s: float, end_s: float
) -> None:
    points = [*TRAPEZE[:4], (5.5, 0.016), (5.5 + sinks_s, 0.0), (8.0, 0.0)]
    assert measured(points, on_floor=True).end_s == pytest.approx(end_s, abs=NEAR_S + 0.02)


@pytest.mark.parametrize(
    ("later", "on_floor", "end_s"),
    [
        ([(5.3, 0.02), (5.6, 0.06), (6.0, 0.0)], True, 5.95),  # it comes up once more
        ([(5.3, 0.026), (6.5, 0.0)], False, 5.77),  # over a step the heel may go on so slowly
    ],
)
def test_a_heel_that_goes_on_is_no_body_that_sinks(
    later: list[tuple[float, float]], on_floor: bool, end_s: float
) -> None:
    rep = measured([*TRAPEZE[:4], *later, (8.0, 0.0)], on_floor=on_floor)
    assert rep.end_s == pytest.approx(end_s, abs=NEAR_S + 0.03)


def test_a_touch_that_hides_the_way_down_leaves_the_end_where_it_is() -> None:
    """The knee gives way by more than half of the rise at the end of the top."""
    points = [*TRAPEZE[:3], (3.5, 0.2), (3.6, 0.08), (4.0, 0.08), (5.4, 0.0), (8.0, 0.0)]
    times, body = straight(points)
    touching = (times > 3.45) & (times < 4.0)
    rep = measure(times, body, Span(0.0, 3.2, 8.0), 0.0, SETTINGS, touching, on_floor=True)
    assert rep.end_s == pytest.approx(5.22, abs=0.1)


def test_a_moment_out_of_the_top_is_bridged_and_a_longer_one_is_not() -> None:
    def hold_s(dip_s: float) -> float:
        half = dip_s / 2
        points = [*TRAPEZE[:3], (4.0, 0.2), (4.0 + half, 0.17), (4.0 + 2 * half, 0.19)]
        rep = measured([*points, (5.5, 0.19), (7.0, 0.0), (8.0, 0.0)])
        return rep.top_end_s - rep.top_start_s

    assert hold_s(0.16) > 2.5
    assert hold_s(0.9) < 1.4


def test_an_excused_dip_belongs_to_the_hold() -> None:
    """The free foot touches at 3.5 s for a second and the carrying knee gives way."""
    points = [*TRAPEZE[:3], (3.5, 0.2), (3.7, 0.12), (4.3, 0.12), (4.5, 0.2), (5.0, 0.2)]
    times, body = straight([*points, (7.0, 0.0), (8.0, 0.0)])
    span = Span(0.0, 3.0, 8.0)
    touching = (times > 3.4) & (times < 4.6)
    plain = measure(times, body, span, 0.0, SETTINGS)
    excused = measure(times, body, span, 0.0, SETTINGS, touching)
    assert plain.top_end_s - plain.top_start_s < 1.0
    assert excused.top_end_s - excused.top_start_s == pytest.approx(2.3, abs=0.1)


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        (0.0, True),  # at flat foot the heel is down, whatever the other foot does
        (0.05, False),  # higher up, a knee may have given way under a heel that is up
    ],
)
def test_a_body_at_flat_foot_rests_although_a_touch_is_told(rest: float, told: bool) -> None:
    """Landmarks of the free foot that creep to the other one look like a touch."""
    points = [(0.0, 0.0), (2.0, 0.0), (3.0, 0.2), (4.5, 0.2), (5.5, rest), (8.0, rest)]
    times, body = straight(points)
    touching = times > 5.0
    rep = measure(times, body, Span(0.0, 3.5, 8.0), 0.0, SETTINGS, touching, on_floor=True)
    assert (rep.end_s > 5.2) is told


def test_a_nod_at_the_end_of_a_hold_is_not_its_level() -> None:
    """The trunk comes up by a ninth of the rise for the last third of a second of two."""
    points = [*TRAPEZE[:2], (3.0, 0.18), (4.6, 0.18), (4.7, 0.2), (4.95, 0.2), (6.5, 0.0), (8, 0)]
    rep = measured(points)
    assert rep.peak < 0.195
    assert rep.top_start_s == pytest.approx(2.92, abs=0.1)
    assert rep.top_end_s == pytest.approx(5.1, abs=0.1)


@pytest.mark.parametrize("pause_s", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("up_s", [0.5, 0.7, 1.2])
def test_a_top_is_as_high_however_short(up_s: float, pause_s: float) -> None:
    # Smoothing and the mean of the highest would take up to 10 % off the shortest of these.
    times = np.arange(0.0, 4.0 + 2 * up_s + pause_s, 1 / 60)
    gone = np.clip((np.minimum(times, times[-1] - times) - 2.0) / up_s, 0.0, 1.0)
    heel = 0.2 * gone**3 * (10 - 15 * gone + 6 * gone**2)  # minimum jerk
    span = Span(0.0, float(times.mean()), float(times[-1]))
    rep = measure(times + LAG_S, body_of(heel, SETTINGS.lever), span, 0.0, SETTINGS)
    assert rep.rise == pytest.approx(0.2, rel=0.025)


@pytest.mark.parametrize("bottom", [0.0, 0.04, 0.08])
def test_a_slow_way_down_ends_the_hold_where_it_is_left_however_far_it_goes(bottom: float) -> None:
    """Who takes two seconds has no shape that is known: the moment at 90 % is the end."""
    points = [*TRAPEZE[:4], (4.5 + 2.5 * (1 - bottom / 0.2), bottom), (8.5, bottom)]
    rep = measured(points)
    assert rep.top_end_s == pytest.approx(4.5 + 2.5 * 0.1, abs=0.03)


@pytest.mark.parametrize(("again", "regained"), [(0.2, True), (0.14, False)])
def test_a_top_that_is_reached_once_more_is_told(again: float, regained: bool) -> None:
    points = [*TRAPEZE[:3], (3.4, 0.2), (3.8, 0.12), (4.4, 0.12), (4.8, again), (5.4, again)]
    rep = measured([*points, (6.9, 0.0), (8.0, 0.0)])
    assert rep.top_end_s - rep.top_start_s < 0.8
    assert rep.regained == regained
    assert not measured(TRAPEZE).regained


def test_a_knee_that_bends_for_the_next_rise_is_not_the_end_of_this_one() -> None:
    """After a rest of 0.8 s that creeps a little, the body dips before it rises again."""
    points = [*TRAPEZE[:4], (5.5, 0.0), (6.3, -0.006), (6.6, -0.06), (6.8, -0.06), (7.2, 0.1)]
    rep = measured([*points, (8.0, 0.2)])
    assert rep.end_s == pytest.approx(5.45, abs=NEAR_S + 0.02)
    assert rep.bottom == pytest.approx(0.0, abs=0.005)


def test_no_heel_is_lower_than_the_floor() -> None:
    # A knee that bends for a swing lowers the body; on a step the heel may have gone along.
    dip = [(0.0, 0.0), (2.0, 0.0), (2.4, -0.1), (3.2, 0.2), (4.5, 0.2), (5.5, -0.1), (7.0, -0.1)]
    times, body = straight(dip)
    on_floor, on_step = (
        measure(times + LAG_S, body, Span(0.0, 4.0, 7.0), 0.0, SETTINGS, on_floor=floor)
        for floor in (True, False)
    )
    noise = SETTINGS.counting.floor_noise_shin
    assert on_floor.rise == pytest.approx(0.2, abs=noise + 0.004)
    assert on_floor.bottom == pytest.approx(0.0, abs=noise)
    assert on_step.rise > 0.2 + 2 * noise
    assert on_step.bottom == pytest.approx(-0.1, abs=0.004)


def test_a_heel_that_stays_up_on_the_floor_is_measured_there() -> None:
    points = [(0.0, 0.06), (2.0, 0.06), (3.0, 0.2), (4.5, 0.2), (5.5, 0.08), (7.0, 0.08)]
    times, body = straight(points)
    rep = measure(times + LAG_S, body, Span(0.0, 4.0, 7.0), 0.0, SETTINGS, on_floor=True)
    assert (rep.start, rep.peak, rep.bottom) == pytest.approx((0.06, 0.2, 0.08), abs=0.004)


def test_the_neighbours_stay_out_of_the_span() -> None:
    points = [(0.0, 0.0), (1.0, 0.0), (2.0, 0.25), (3.0, 0.0), (4.0, 0.0), (5.0, 0.15)]
    points += [(6.0, 0.15), (7.0, 0.0), (8.0, 0.0), (9.0, 0.25), (10.0, 0.0)]
    times, body = straight(points)
    rep = measure(times, body, Span(3.2, 5.5, 7.8), 0.0, SETTINGS)
    assert rep.peak == pytest.approx(0.15, abs=0.003)
    assert rep.start_s == pytest.approx(4.05 - LAG_S, abs=NEAR_S)


def test_noise_moves_the_times_little() -> None:
    times, body = straight(TRAPEZE, 30.0)
    noise = np.random.default_rng(5).normal(0.0, 0.002, len(body))
    exact = measure(times, body, Span(0.0, 3.5, 8.0), 0.0, SETTINGS)
    noisy = measure(times, body + noise, Span(0.0, 3.5, 8.0), 0.0, SETTINGS)
    for name in ("start_s", "top_start_s", "top_end_s", "end_s"):
        assert getattr(noisy, name) == pytest.approx(getattr(exact, name), abs=0.1)


def test_too_few_frames_are_refused() -> None:
    times, body = straight(TRAPEZE)
    with pytest.raises(ValueError, match="three frames"):
        measure(times, body, Span(3.0, 3.01, 3.02), 0.0, SETTINGS)


def jerkless(quick_s: float) -> list[tuple[float, float]]:
    """Return a rep whose flanks are minimum-jerk movements of ``quick_s``, held from 3 to 4.5 s."""
    share = np.linspace(0.0, 1.0, 40)
    shape = 10 * share**3 - 15 * share**4 + 6 * share**5
    up = [(3.0 - quick_s + quick_s * s, 0.2 * h) for s, h in zip(share, shape, strict=True)]
    down = [(7.5 - at_s, level) for at_s, level in reversed(up)]
    return [(0.0, 0.0), *up, *down, (8.0, 0.0)]


# A minimum-jerk movement is at 90 % after 0.765 of its time (root of its polynomial).
@pytest.mark.parametrize("quick_s", [0.5, 0.8, 1.2])
@pytest.mark.parametrize("seed", range(4))
def test_a_noisy_top_keeps_its_hold(quick_s: float, seed: int) -> None:
    """Noise of 1.5 % of the rise that lasts a fifth of a second, as the pose model's does."""
    times, body = straight(jerkless(quick_s))
    rng = np.random.default_rng(seed)
    wander = np.interp(times, np.arange(0.0, 8.2, 0.2), rng.normal(0.0, 0.0015, 41))
    rep = measure(times, body + wander, Span(0.0, 3.7, 8.0), 0.0, SETTINGS)
    true_s = 1.5 + 2 * 0.235 * quick_s
    assert rep.top_end_s - rep.top_start_s == pytest.approx(true_s, abs=0.12)


def test_a_slow_flank_is_measured_where_it_crosses() -> None:
    """Three seconds at one speed: 90 % is where it is, whatever quick movements look like."""
    points = [(0.0, 0.0), (1.0, 0.0), (4.0, 0.2), (5.0, 0.2), (8.0, 0.0), (9.0, 0.0)]
    rep = measured(points)
    assert rep.top_start_s == pytest.approx(3.7, abs=NEAR_S + 0.02)
    assert rep.top_end_s == pytest.approx(5.3, abs=NEAR_S + 0.02)


def test_a_leg_on_its_way_up_is_no_rest() -> None:
    """The level creeps by a tenth of the rise for two seconds, stays, and then the heel rises."""
    points = [(0.0, -0.02), (1.0, -0.02), (3.0, 0.0), (4.0, 0.0), (5.0, 0.2), (6.0, 0.2)]
    rep = measured([*points, (7.0, 0.0), (8.0, 0.0)])
    assert rep.start == pytest.approx(0.0, abs=0.003)
    assert rep.start_s == pytest.approx(4.05, abs=NEAR_S + 0.02)
