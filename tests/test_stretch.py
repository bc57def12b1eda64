"""When a first rise may begin: once the other leg, on its way up, has come to rest."""

from __future__ import annotations

import numpy as np
import pytest

from heelrise.landmarks import LANDMARK_COUNT
from heelrise.reps import Candidate
from heelrise.settings import Settings
from heelrise.stretch import Floats, Stretch, rest_after_lift

LIMITS = Settings().stance
FPS = 30.0


def seen(height: list[tuple[float, float]], score: list[tuple[float, float]]) -> Stretch:
    """Return a stretch whose height and clue go straight from (second, value) to the next."""
    times = np.arange(0.0, height[-1][0], 1 / FPS)
    ones = np.ones(len(times))

    def along(points: list[tuple[float, float]]) -> Floats:
        seconds, values = zip(*points, strict=True)
        return np.interp(times, seconds, values)

    return Stretch(
        times,
        along(height),
        0 * ones,
        np.zeros((len(times), LANDMARK_COUNT, 2)),
        along(score),
        along(score),
        np.zeros((len(times), 2)),
        ones > 2,
        ones > 2,
        ones > 2,
        np.ones(len(times), dtype=int),
        1.0,
    )


# The leg comes up from 0.3 to 1.1 s and lifts the body by 0.03; the heel rises at 2.0 s.
LIFTED = [(0.3, -0.4), (0.7, -2.2), (1.1, -1.0), (5.0, -1.0)]
RESTED = [(0.3, 0.0), (1.1, 0.03), (2.0, 0.03), (2.6, 0.12), (4.0, 0.12), (5.0, 0.03)]
RISE = Candidate(0.2, 3.0, 5.0, 0.0, 0.12, 0.03)


def test_the_rest_begins_when_the_leg_is_up() -> None:
    assert rest_after_lift(seen(RESTED, LIFTED), RISE, LIMITS) == pytest.approx(1.0, abs=0.15)


QUIET = {
    "the leg is up all the time": (RESTED, [(0.0, -1.0), (5.0, -1.1)], RISE),
    "it rises at once, without a rest": (
        [(0.3, 0.0), (1.6, 0.12), (4.0, 0.12), (5.0, 0.03)],
        LIFTED,
        RISE,
    ),
    "the clue wavers at the top": (
        RESTED,
        [(2.2, -1.0), (2.5, -2.0), (2.8, -1.0), (5.0, -1.0)],
        RISE,
    ),
    "the leg moves until the top": (RESTED, [(0.0, -0.2), (3.0, -0.2), (3.1, -1.0)], RISE),
}


@pytest.mark.parametrize(("height", "score", "rise"), QUIET.values(), ids=QUIET.keys())
def test_otherwise_nothing_is_said(
    height: list[tuple[float, float]], score: list[tuple[float, float]], rise: Candidate
) -> None:
    assert rest_after_lift(seen(height, score), rise, LIMITS) is None


@pytest.mark.parametrize(("from_s", "clue"), [(1.0, 0.5), (-3.0, 0.2), (9.0, 0.8)])
def test_a_clue_of_a_moment_that_was_not_seen_is_the_nearest_one(
    from_s: float, clue: float
) -> None:
    stretch = seen([(0.0, 0.0), (2.0, 0.1)], [(0.0, 0.2), (0.8, 0.5), (1.4, 0.5), (1.9, 0.8)])
    assert stretch.clue_from(from_s, 0.2) == pytest.approx(clue, abs=0.01)
