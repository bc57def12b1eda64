"""Which leg carried: a rise's own clues against those of its set."""

from __future__ import annotations

import numpy as np
import pytest

from heelrise.carrying_leg import CarryingLeg
from heelrise.landmarks import LANDMARK_COUNT
from heelrise.reps import Candidate, Found
from heelrise.result import Side
from heelrise.settings import Settings
from heelrise.stance import Stance
from heelrise.stretch import Stretch

LIMITS = Settings().stance
CLEAR, WEAK = 1.0, 0.5 * LIMITS.one_leg_on
LOW_S = 6.0


def set_on(side: Side, until_s: float = LOW_S) -> CarryingLeg:
    """Return what was gathered while one leg carried, clearly."""
    leg = CarryingLeg("auto", LIMITS)
    score = CLEAR if side == "left" else -CLEAR
    for t_s in np.arange(0.0, until_s, 1 / 30):
        leg.follow(float(t_s), Stance(side, score, True, leg=score), False)
    return leg


def rise(score: float, both_from: float = 1.0, floor_from: float = 1.0) -> Stretch:
    """Return a rise whose clue is the same all the time; both feet carry from a share of it on.

    From another share on both are seen on the floor in the very pictures.
    """
    times = np.arange(LOW_S, LOW_S + 2.0, 1 / 30)
    ones = np.ones(len(times))
    return Stretch(
        times,
        0 * ones,
        0 * ones,
        np.zeros((len(times), LANDMARK_COUNT, 2)),
        score * ones,
        score * ones,
        np.zeros((len(times), 2)),
        np.linspace(0.0, 1.0, len(times)) > both_from,
        ones > 2,
        np.linspace(0.0, 1.0, len(times)) > floor_from,
        np.ones(len(times), dtype=int),
        1.0,
    )


def before(side: Side, rest_s: float) -> Found:
    """Return the heel rise before, so long before this one."""
    bottom_s = LOW_S - rest_s
    return Found(side, Candidate(bottom_s - 2.0, bottom_s - 1.0, bottom_s, 0.0, 0.1, 0.0), 0.0)


SOON, LATE = 0.5 * LIMITS.rest_both_s, 2.0 * LIMITS.rest_both_s


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("usual", "now", "reps_on", "touches"),
    [
        (CLEAR, CLEAR, "same", False),
        (CLEAR, 0.6 * CLEAR, "same", False),
        (CLEAR, 0.4 * CLEAR, "same", True),  # the feet look alike
        (CLEAR, 0.0, "same", True),
        (CLEAR, -0.4 * CLEAR, "same", True),
        (CLEAR, -CLEAR, "same", True),  # the free foot is the lower one: the carrying heel is up
        (CLEAR, -CLEAR, "other", False),
        (CLEAR, -CLEAR, None, False),  # not in a set: somebody may walk
        (
            WEAK,
            -CLEAR,
            "same",
            False,
        ),  # nothing clear was seen on this leg: noise may change its sign
    ],
)
def test_a_free_foot_that_looks_lower_than_the_carrying_one_is_down(
    side: Side, usual: float, now: float, reps_on: str | None, touches: bool
) -> None:
    sign = 1.0 if side == "left" else -1.0
    leg = CarryingLeg("auto", LIMITS)
    for t_s in np.arange(0.0, LOW_S, 1 / 30):
        leg.follow(float(t_s), Stance(side, sign * usual, True, leg=sign * usual), False)
    other: Side = "right" if side == "left" else "left"
    last = None if reps_on is None else before(side if reps_on == "same" else other, 1.0)
    assert leg.follow(LOW_S, Stance(side, sign * now, False, leg=sign * now), True, last) is touches


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("own", "last", "told"),
    [
        (CLEAR, None, "same"),
        (WEAK, None, "same"),
        (-WEAK, None, None),  # looks a little like the other leg's, and nothing goes on
        (-WEAK, ("same", LATE), None),
        (-WEAK, ("other", SOON), "other"),  # that one's set goes on
        (-WEAK, ("same", SOON), "same"),  # a lean hides the carrying leg for one rise of a set
        (WEAK, ("same", SOON), "same"),
    ],
)
def test_a_set_that_goes_on_keeps_its_leg_through_a_rise_that_hides_it(
    side: Side, own: float, last: tuple[str, float] | None, told: str | None
) -> None:
    other: Side = "right" if side == "left" else "left"
    sign = 1.0 if side == "left" else -1.0
    found = None if last is None else before(side if last[0] == "same" else other, last[1])
    leg = set_on(side).side_of(rise(sign * own), LOW_S, found, in_set=True)
    assert leg == (None if told is None else side if told == "same" else other)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(("rests", "told"), [(CLEAR, True), (WEAK, False), (-CLEAR, False)])
def test_the_rests_tell_the_leg_of_a_rise_that_hides_it(
    side: Side, rests: float, told: bool
) -> None:
    """In a dark picture the landmarks of the legs may change places while the heel is up."""
    sign = 1.0 if side == "left" else -1.0
    hidden = rise(-sign * WEAK)
    hidden.score[:8] = hidden.score[-8:] = sign * rests
    leg = set_on(side).side_of(hidden, LOW_S, None, in_set=False)
    assert leg == (side if told else None)


@pytest.mark.parametrize("last", ["left", None])
@pytest.mark.parametrize(
    ("rests", "top", "changed"),
    [
        (-CLEAR, -CLEAR, True),
        (-WEAK, -CLEAR, True),
        (0.9 * CLEAR, -CLEAR, False),  # for the top alone the landmarks have changed places
        (-CLEAR, 0.9 * CLEAR, False),
        (-CLEAR, 0.5 * CLEAR, False),  # the rise speaks for the new leg by little: a guess
    ],
)
def test_a_set_that_goes_on_changes_no_leg_against_its_rests(
    last: Side | None, rests: float, top: float, changed: bool
) -> None:
    """Nobody puts a foot down and lifts the other one within a second and a half."""
    leg = set_on("right")
    seen = rise(top)
    seen.leg[:8] = seen.leg[-8:] = seen.score[:8] = seen.score[-8:] = rests
    found = None if last is None else before(last, SOON)
    told = leg.side_of(seen, LOW_S, found, in_set=True)
    if last is None:
        assert told != "left"
    else:
        assert told == ("right" if changed else "left")


@pytest.mark.parametrize(
    ("start", "last", "put_down", "told"),
    [
        (CLEAR, SOON, False, "left"),
        (WEAK, SOON, False, "right"),
        (-CLEAR, SOON, False, "right"),
        (CLEAR, LATE, False, "right"),
        (CLEAR, SOON, True, "right"),  # both feet stood on the way up: the legs may have changed
    ],
)
def test_who_stands_on_the_leg_as_its_rise_begins_has_changed_none(
    start: float, last: float, put_down: bool, told: Side
) -> None:
    """In profile the landmarks of the legs may change places in most tops of a set."""
    seen = rise(-CLEAR)
    seen.height[:] = np.sin(np.linspace(0.0, np.pi, len(seen.height)))
    seen.leg[:8] = seen.score[:8] = start
    seen.both_feet[10:14] = put_down
    leg = set_on("right").side_of(seen, LOW_S, before("left", last), in_set=True)
    assert leg == told


@pytest.mark.parametrize(
    ("last", "both_from", "own", "told"),
    [
        (("both", SOON), 0.4, WEAK, "both"),  # nobody lifts a foot between one rise and the next
        (("both", LATE), 0.4, WEAK, "left"),  # time enough to lift it
        (None, 0.4, WEAK, "left"),
        (("left", SOON), 0.4, WEAK, "left"),  # the free foot touches down in mid-rise
        (("both", SOON), 0.8, WEAK, "left"),  # on one leg for the most of it
        (("both", SOON), 0.4, CLEAR, "left"),  # and clearly so
    ],
)
def test_a_set_on_both_feet_that_goes_on_is_on_both_although_one_seemed_up(
    last: tuple[Side, float] | None, both_from: float, own: float, told: Side
) -> None:
    found = None if last is None else before(*last)
    leg = set_on("left").side_of(rise(own, both_from), LOW_S, found, in_set=True)
    assert leg == told


@pytest.mark.parametrize("last", [None, ("left", SOON)])
@pytest.mark.parametrize(("floor_from", "told"), [(0.4, "both"), (0.6, "left")])
def test_feet_that_are_seen_on_the_floor_carry_whatever_was_gathered(
    floor_from: float, told: Side, last: tuple[Side, float] | None
) -> None:
    """A film that begins with both heels up shows one foot farther away, as if it were lifted."""
    found = None if last is None else before(*last)
    seen = rise(CLEAR, floor_from=floor_from)
    assert set_on("left").side_of(seen, LOW_S, found, in_set=last is not None) == told
