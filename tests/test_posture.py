"""How knee, trunk and head are held: tracks built by hand, what must show beside what must not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from heelrise.measure import Measured
from heelrise.posture import Posture, nods, postures
from heelrise.settings import PostureLimits
from heelrise.track import Track
from motion import Script
from runs import run

LIMITS = PostureLimits()
FPS = 30
STARTS = (3.0, 6.0, 9.0, 12.0)
REPS = tuple(
    Measured(start, start + 0.6, start + 1.0, start + 1.4, start + 2.0, 0.0, 0.22, 0.0)
    for start in STARTS
)


def quiet(profile: float = 1.0) -> Track:
    """Return 16 s of somebody upright on the left leg; the knee bends by 3 degrees in a rep."""
    t_s = np.arange(16 * FPS) / FPS
    noise = np.random.default_rng(5).normal(0.0, 0.002, (len(fields(Track)), len(t_s)))
    each = sum(in_rep(t_s, number) for number in range(len(REPS)))
    return replace(
        Track(*noise),
        t_s=t_s,
        left_knee_deg=6.0 + 3.0 * each + 50 * noise[0],
        right_knee_deg=40.0 + 50 * noise[1],
        left_leg=2.0 - 0.01 * each + noise[2],
        right_leg=1.6 + noise[3],
        trunk_deg=2.0 + 50 * noise[4],
        nose_low=noise[5],
        profile=np.full(len(t_s), profile),
        facing=np.full(len(t_s), np.sqrt(1 - profile**2)),
    )


def in_rep(t_s: np.ndarray, number: int, lasts_s: float = 1.6) -> np.ndarray:
    """Return 1 around a rep's peak for so long, 0 elsewhere."""
    return (np.abs(t_s - REPS[number].peak_s) < lasts_s / 2).astype(float)


def with_bend(number: int = 2, lasts_s: float = 1.2) -> Track:
    """Bend the left knee by 8 degrees more in a rep: its leg gets 2 % shorter."""
    track = quiet()
    more = in_rep(track.t_s, number, lasts_s)
    return replace(
        track,
        left_knee_deg=track.left_knee_deg + 8.0 * more,
        left_leg=track.left_leg * (1 - 0.02 * more),
    )


def with_lean(
    *numbers: int, deg: float = 12.0, lasts_s: float = 1.2, profile: float = 1.0
) -> Track:
    """Lean the trunk in reps, as far as it is seen."""
    track = quiet(profile)
    leaning = sum(in_rep(track.t_s, number, lasts_s) for number in numbers)
    return replace(track, trunk_deg=track.trunk_deg + deg * leaning)


def test_a_quiet_set_is_like_itself() -> None:
    for posture in postures(quiet(), REPS, "left", LIMITS):
        assert abs(posture.knee_deg) < 1.0
        assert posture.knee_noise_deg < 1.0
        assert abs(posture.leg_short) < 0.003
        assert posture.lean_deg < 1.0
        assert abs(posture.lean_hint_shin) < 0.01
        assert posture.profile == 1.0


@pytest.mark.parametrize("number", range(4))
def test_a_bend_of_one_rep_shows_in_that_rep_only(number: int) -> None:
    held = postures(with_bend(number), REPS, "left", LIMITS)
    assert [round(posture.knee_deg) for posture in held] == [8 * (n == number) for n in range(4)]
    assert [round(posture.leg_short, 2) for posture in held] == [
        0.02 * (n == number) for n in range(4)
    ]
    assert held[number].knee_noise_deg < 1.0, "one rep does not make the others noisy"


def test_a_bend_just_before_the_rise_belongs_to_the_rep() -> None:
    track = quiet()
    swing = (track.t_s > 8.62) & (track.t_s < 9.0)
    bent = replace(track, left_knee_deg=track.left_knee_deg + 9.0 * swing)
    assert postures(bent, REPS, "left", LIMITS)[2].knee_deg == pytest.approx(6.0, abs=1.0)
    earlier = replace(track, left_knee_deg=track.left_knee_deg + 9.0 * np.roll(swing, -FPS // 2))
    assert abs(postures(earlier, REPS, "left", LIMITS)[2].knee_deg) < 1.0


NO_BENDS: dict[str, Callable[[], Track]] = {
    "the other leg's": lambda: replace(
        quiet(), right_knee_deg=quiet().right_knee_deg + 30.0 * in_rep(quiet().t_s, 2)
    ),
    "landmarks that leap for 4 frames": lambda: with_bend(lasts_s=4 / FPS),
    "in every rep alike": lambda: replace(
        quiet(), left_knee_deg=quiet().left_knee_deg + 8.0 * (quiet().left_leg < 1.995)
    ),
}


@pytest.mark.parametrize("built", NO_BENDS.values(), ids=NO_BENDS.keys())
def test_what_is_no_bend_of_one_rep_does_not_show(built: Callable[[], Track]) -> None:
    assert abs(postures(built(), REPS, "left", LIMITS)[2].knee_deg) < 1.5


def test_the_leg_that_carries_is_looked_at() -> None:
    track = with_bend()
    other = replace(
        track,
        right_knee_deg=track.left_knee_deg,
        right_leg=track.left_leg,
        left_knee_deg=track.right_knee_deg,
        left_leg=track.right_leg,
    )
    assert postures(other, REPS, "right", LIMITS) == postures(track, REPS, "left", LIMITS)


def test_of_two_reps_the_straighter_is_usual_and_how_they_vary_is_unknown() -> None:
    for reps, bent in ((REPS[1:3], (0, 8)), (REPS[2:4], (8, 0))):
        held = postures(with_bend(2), reps, "left", LIMITS)
        assert tuple(round(posture.knee_deg) for posture in held) == bent
        assert {posture.knee_noise_deg for posture in held} == {np.inf}


LEANS: dict[str, tuple[Callable[[], Track], list[float]]] = {
    "in one rep": (lambda: with_lean(1), [0, 12, 0, 0]),
    "in every rep: the start is what counts": (lambda: with_lean(0, 1, 2, 3), [12, 12, 12, 12]),
    "backwards": (lambda: with_lean(3, deg=-12.0), [0, 0, 0, 12]),
    "for 0.5 s": (lambda: with_lean(1, lasts_s=0.5), [0, 12, 0, 0]),
    "seen at 45 degrees: 8.4 are 12": (
        lambda: with_lean(1, deg=8.4, profile=0.7),
        [0, 12, 0, 0],
    ),
    "a short sway is none": (lambda: with_lean(1, deg=20.0, lasts_s=0.12), [0, 0, 0, 0]),
    "two sways of 0.25 s are none": (
        lambda: replace(
            quiet(),
            trunk_deg=quiet().trunk_deg
            + 20.0 * (np.abs(np.abs(quiet().t_s - REPS[1].peak_s) - 0.4) < 0.125),
        ),
        [0, 0, 0, 0],
    ),
    "seen from the front it does not show": (
        lambda: with_lean(1, profile=0.45),
        [0, 0, 0, 0],
    ),
    "between reps": (
        lambda: replace(
            quiet(),
            trunk_deg=quiet().trunk_deg + 20.0 * ((quiet().t_s > 5.1) & (quiet().t_s < 5.5)),
        ),
        [0, 0, 0, 0],
    ),
}


@pytest.mark.parametrize(("built", "leans"), LEANS.values(), ids=LEANS.keys())
def test_a_lean_is_held_against_the_start(built: Callable[[], Track], leans: list[float]) -> None:
    held = postures(built(), REPS, "left", LIMITS)
    assert [posture.lean_deg for posture in held] == pytest.approx(leans, abs=1.0)


def test_head_and_shoulders_that_come_down_in_one_rep_are_a_hint() -> None:
    track = quiet(profile=0.1)
    lower = replace(track, lean=track.lean + 0.07 * in_rep(track.t_s, 1))
    held = postures(lower, REPS, "left", LIMITS)
    assert [posture.lean_hint_shin for posture in held] == pytest.approx([0, 0.07, 0, 0], abs=0.01)
    assert held[1].profile == 0.1


def test_a_top_is_low_against_the_usual_one_of_the_set() -> None:
    reps = [replace(rep, peak=peak) for rep, peak in zip(REPS, (0.2, 0.15, 0.21, 0.2), strict=True)]
    held = postures(quiet(), reps, "left", LIMITS)
    assert [posture.top_low for posture in held] == pytest.approx([0, 0.25, -0.05, 0], abs=0.01)


def test_of_both_legs_nothing_is_said() -> None:
    assert postures(with_bend(), REPS, "both", LIMITS) == [Posture()] * 4
    assert postures(quiet(), (), "left", LIMITS) == []
    nothing = quiet().between(99.0, 100.0)
    assert postures(nothing, REPS, "left", LIMITS) == [Posture()] * 4


def test_a_bend_and_a_lean_in_a_film_show_in_their_reps() -> None:
    script = Script().stand(1.5).stand_on("left").stand(1.6)
    script.reps(2).rep(knee=25.0).rep(lean=20.0).rep().put_down().stand(1.0)
    result = run(script.film()).result
    sure = [(fault.kind, fault.rep) for fault in result.faults if not fault.unsure]
    assert [fault for fault in sure if fault[0] in ("knee_bend", "trunk_lean")] == [
        ("knee_bend", 3),
        ("trunk_lean", 4),
    ]


def with_nod(
    deg: float, from_s: float, lasts_s: float, facing: float = 0.0, usual_deg: float = 0.0
) -> Track:
    """Turn the head down by so much for so long, from how it usually is held."""
    track = quiet()
    down = usual_deg + deg * ((track.t_s >= from_s) & (track.t_s < from_s + lasts_s))
    nose = LIMITS.ear_to_nose_shin * np.sin(np.radians(down))
    return replace(track, nose_low=track.nose_low + nose, facing=np.full(len(track.t_s), facing))


NODS: dict[str, tuple[Track, float]] = {
    "30 degrees for 1.5 s": (with_nod(30.0, 6.0, 1.5), 30.0),
    "facing the camera": (with_nod(30.0, 6.0, 1.5, facing=1.0), 30.0),
    "60 degrees": (with_nod(60.0, 6.0, 1.5), 60.0),
    "further down than where it always is": (with_nod(30.0, 6.0, 1.5, usual_deg=20.0), 30.0),
}
NO_NODS: dict[str, Track] = {
    "nothing": quiet(),
    "20 degrees": with_nod(20.0, 6.0, 1.5),
    "0.6 s": with_nod(30.0, 6.0, 0.6),
    "two glances of 0.7 s": replace(
        quiet(),
        nose_low=with_nod(30.0, 6.0, 0.7).nose_low + with_nod(30.0, 7.2, 0.7).nose_low,
    ),
    "always held so": with_nod(0.0, 6.0, 1.5, usual_deg=30.0),
    "up": with_nod(-40.0, 6.0, 1.5),
    "before the set": with_nod(30.0, 0.0, 1.2),
    "after the set": with_nod(30.0, 14.2, 1.5),
    "from behind": with_nod(30.0, 6.0, 1.5, facing=-0.8),
}


@pytest.mark.parametrize(("track", "down_deg"), NODS.values(), ids=NODS.keys())
def test_a_head_turned_down_is_found(track: Track, down_deg: float) -> None:
    (nod,) = nods(track, REPS[0].start_s, REPS[-1].end_s, LIMITS)
    assert nod.down_deg == pytest.approx(down_deg, abs=2.0)
    assert (nod.start_s, nod.end_s) == pytest.approx((6.0, 7.5), abs=0.1)


@pytest.mark.parametrize("track", NO_NODS.values(), ids=NO_NODS.keys())
def test_a_head_held_up_is_left_alone(track: Track) -> None:
    assert nods(track, REPS[0].start_s, REPS[-1].end_s, LIMITS) == []


def test_two_nods_are_two() -> None:
    first, second = with_nod(30.0, 4.0, 1.5), with_nod(40.0, 8.0, 1.5)
    track = replace(first, nose_low=first.nose_low + second.nose_low)
    found = nods(track, REPS[0].start_s, REPS[-1].end_s, LIMITS)
    assert [round(nod.start_s) for nod in found] == [4, 8]
    assert [nod.down_deg for nod in found] == pytest.approx([30.0, 40.0], abs=2.0)
