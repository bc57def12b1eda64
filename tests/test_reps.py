"""The state machine on built signals: body heights in shin lengths, one value a frame."""

from __future__ import annotations

import numpy as np
import pytest

from heelrise.moment import Phase
from heelrise.reps import Candidate, RepFinder
from heelrise.settings import Counting
from motion_body import Floats

FPS = 30


def path(*legs: tuple[float, float], start: float = 0.0, fps: float = FPS) -> Floats:
    """Join (seconds, height) legs by smooth curves: each ends at its height."""
    parts, at = [], start
    for seconds, height in legs:
        share = np.arange(1, round(seconds * fps) + 1) / round(seconds * fps)
        parts.append(at + (height - at) * share**3 * (10 - 15 * share + 6 * share**2))
        at = height
    return np.concatenate([[start], *parts])


def rep(rise: float = 0.12, hold_s: float = 0.8, rest_s: float = 0.6) -> list[tuple[float, float]]:
    return [(0.8, rise), (hold_s, rise), (1.0, 0.0), (rest_s, 0.0)]


STAND = (1.0, 0.0)


def find(heights: Floats, fps: float = FPS) -> tuple[list[Candidate], RepFinder]:
    finder = RepFinder(Counting())
    found = [finder.update(i / fps, float(height)) for i, height in enumerate(heights)]
    return [candidate for candidate in found if candidate is not None], finder


FOUND = {
    "one": (path(STAND, *rep()), 1),
    "five": (path(STAND, *(rep() * 5)), 5),
    "no rest between": (path(STAND, *(rep(rest_s=0.05) * 4)), 4),
    "no hold": (path(STAND, *(rep(hold_s=0.05) * 3)), 3),
    "a hold of 10 s": (path(STAND, *rep(hold_s=10.0)), 1),
    "from below flat": (path(STAND, (1.0, -0.06), *rep(), (1.0, -0.06), *rep()), 2),
    "two thirds down and up again": (
        path(STAND, (0.8, 0.12), (0.7, 0.04), (0.7, 0.12), (0.8, 0.0), STAND),
        2,
    ),
    "a small dip at the top": (
        path(STAND, (0.8, 0.12), (0.3, 0.10), (0.3, 0.12), (0.8, 0.0), STAND),
        1,
    ),
    "up from a squat, and soon from there": (
        path((1.5, -0.28), (0.8, 0.0), (1.5, 0.02), (0.4, 0.12), (0.1, 0.12), (0.4, 0.02), STAND),
        1,
    ),
    "a stop on the way up": (
        path(STAND, (0.5, 0.05), (0.4, 0.05), (0.6, 0.13), (0.8, 0.0), STAND),
        1,
    ),
}
NOT_FOUND = {
    "standing": path((10.0, 0.0)),
    "a wobble": path(*([(0.4, 0.03), (0.4, 0.0)] * 6)),
    "up and staying": path(STAND, (1.0, 0.12), (5.0, 0.12)),
    "down and up: a knee bend": path(STAND, (0.8, -0.1), (0.8, 0.0), (3.0, 0.0)),
    "up from a chair": path(STAND, (1.0, -1.2), (1.0, 0.0), (3.0, 0.0)),
}


@pytest.mark.parametrize(("heights", "count"), FOUND.values(), ids=FOUND.keys())
def test_finds(heights: Floats, count: int) -> None:
    candidates, _ = find(heights)
    assert len(candidates) == count
    assert all(c.complete and c.low_s < c.peak_s < c.bottom_s for c in candidates)


@pytest.mark.parametrize("heights", NOT_FOUND.values(), ids=NOT_FOUND.keys())
def test_does_not_find(heights: Floats) -> None:
    assert find(heights)[0] == []


@pytest.mark.parametrize("fps", [15.0, 60.0])
def test_finds_the_same_at_every_rate(fps: float) -> None:
    candidates, _ = find(path(STAND, *(rep() * 3), fps=fps), fps)
    assert [c.peak for c in candidates] == pytest.approx([0.12] * 3, abs=0.002)
    # From the rest before it up to the plateau, and no later than the rest after it.
    for number, c in enumerate(candidates):
        begin = 1.0 + 3.2 * number
        assert begin - 0.61 <= c.low_s <= begin + 0.15
        assert begin + 0.6 <= c.peak_s <= begin + 1.7
        assert begin + 2.3 <= c.bottom_s <= begin + 3.2


def test_follows_the_phases() -> None:
    finder = RepFinder(Counting())
    phases: list[Phase] = []
    for index, height in enumerate(path(STAND, *rep())):
        finder.update(index / FPS, float(height))
        if not phases or phases[-1] != finder.phase:
            phases.append(finder.phase)
    assert phases == [Phase.STANDING, Phase.RISING, Phase.TOP, Phase.LOWERING, Phase.STANDING]


def test_top_lasts_since_it_was_reached() -> None:
    _, finder = find(path(STAND, (0.8, 0.12), (1.0, 0.12)))
    assert finder.top_since_s == pytest.approx(1.0 + 0.8 * 0.753, abs=0.05)


def test_flush_gives_the_rep_that_was_on_its_way_down() -> None:
    _, finder = find(path(STAND, (0.8, 0.12), (0.5, 0.12), (0.4, 0.07)))
    candidate = finder.flush()
    assert candidate is not None
    assert not candidate.complete
    assert candidate.rise == pytest.approx(0.12, abs=0.002)
    assert finder.flush() is None


@pytest.mark.parametrize(
    "legs", [[STAND], [STAND, (0.8, 0.12)], [STAND, *rep()]], ids=["standing", "up", "done"]
)
def test_flush_gives_nothing_else(legs: list[tuple[float, float]]) -> None:
    _, finder = find(path(*legs))
    assert finder.flush() is None


def test_a_touch_in_mid_rep_ends_nothing() -> None:
    """The body sinks by half while the free foot touches, and comes up again."""
    heights = path(STAND, (0.8, 0.12), (0.4, 0.065), (0.4, 0.065), (0.4, 0.12), (0.9, 0.0), STAND)
    touching = range(round(1.9 * FPS), round(2.9 * FPS))
    finder = RepFinder(Counting())
    found = [
        finder.update(i / FPS, float(h), touching=i in touching) for i, h in enumerate(heights)
    ]
    assert sum(candidate is not None for candidate in found) == 1


@pytest.mark.parametrize(
    ("sinks_to", "hips_up", "back_s", "reps"),
    [
        (0.065, False, 0.4, 1),
        (0.060, False, 0.7, 1),  # more slowly back up, the foot up again
        (0.045, False, 0.4, 2),  # so far down: the heel may be
        (0.045, True, 0.4, 1),  # a trunk that leans, over hips that are up
        (0.045, True, 0.7, 1),
    ],
)
def test_a_body_that_sinks_over_a_heel_that_is_up_ends_nothing(
    sinks_to: float, hips_up: bool, back_s: float, reps: int
) -> None:
    """The heel is seen to be up while the body goes down and stays there, not on its way back."""
    low = [(0.4, sinks_to), (0.6, sinks_to)]
    heights = path(STAND, (0.8, 0.12), *low, (back_s, 0.12), (0.9, 0.0), STAND)
    sunk = range(round(1.9 * FPS), round(2.8 * FPS))
    finder = RepFinder(Counting())
    found = [
        finder.update(i / FPS, float(h), i in sunk, hips_up and i in sunk)
        for i, h in enumerate(heights)
    ]
    assert sum(candidate is not None for candidate in found) == reps


def test_a_rest_after_it_ends_the_rep() -> None:
    heights = path(STAND, (0.8, 0.12), (0.4, 0.045), (0.6, 0.045), (0.4, 0.07), (1.5, 0.07))
    sunk = range(round(1.9 * FPS), round(2.8 * FPS))
    finder = RepFinder(Counting())
    found = [finder.update(i / FPS, float(h), i in sunk, i in sunk) for i, h in enumerate(heights)]
    assert sum(candidate is not None for candidate in found) == 1


def test_least_rise_follows_the_person() -> None:
    finder = RepFinder(Counting())
    first = finder.least_rise
    assert finder.usual_rise is None
    for rise in (0.12, 0.20, 0.13):
        finder.learn(rise)
    assert finder.usual_rise == 0.13
    assert Counting().least_rise_body <= finder.least_rise <= first


def test_restart_keeps_the_range_and_forgets_the_rise() -> None:
    _, finder = find(path(STAND, (0.8, 0.12)))
    finder.learn(0.12)
    finder.restart()
    assert finder.phase is Phase.STANDING
    assert finder.usual_rise == 0.12
    assert finder.flush() is None
