"""What keeps the picture from being measured is said once, plainly, and only when it lasts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from heelrise.framing import ADVICE, FramingWatch
from heelrise.landmarks import Pose, nobody
from heelrise.legs import LegSample
from heelrise.settings import Framing

FPS = 20.0
FEET, HEAD, SMALL = (
    "feet out of the picture",
    "head out of the picture",
    "too small in the picture",
)
NOBODY, DARK, TWO = "nobody in the picture", "too dark", "two people"


def sample(
    t_s: float, why: str = "", people: int = 1, brightness: float | None = 110.0
) -> LegSample:
    pose = nobody(t_s, round(t_s * FPS), 640, 480)
    if why != NOBODY:
        pose = Pose(t_s, pose.index, np.ones((33, 2)), np.ones(33), 640, 480, people)
    return LegSample(replace(pose, brightness=brightness), not why, why, 70.0)


def watched(
    *stretches: tuple[float, dict[str, object]],
) -> tuple[FramingWatch, list[tuple[str, ...]]]:
    """Show stretches of (seconds, what holds in them); return the watch and what it said."""
    watch = FramingWatch(Framing())
    said: list[tuple[str, ...]] = []
    index = 0
    for seconds, what in stretches:
        for _ in range(round(seconds * FPS)):
            said.append(watch.update(sample(index / FPS, **what)))  # type: ignore[arg-type]
            index += 1
    return watch, said


GOOD: dict[str, object] = {}


def test_a_good_view_says_nothing() -> None:
    watch, said = watched((10.0, GOOD))
    assert set(said) == {()}
    assert watch.summary() == ()


@pytest.mark.parametrize(
    ("trouble", "name"),
    [
        ({"why": FEET}, FEET),
        ({"why": HEAD}, HEAD),
        ({"why": SMALL}, SMALL),
        ({"why": NOBODY}, NOBODY),
        ({"why": "not a whole body"}, "not a whole body"),
        ({"why": "landmarks jump"}, "landmarks jump"),
        ({"people": 2}, TWO),
        ({"brightness": 15.0}, DARK),
    ],
)
def test_a_trouble_that_lasts_is_said_and_taken_back(trouble: dict[str, object], name: str) -> None:
    watch, said = watched((5.0, GOOD), (9.0, trouble), (3.0, GOOD))
    at = {round(index / FPS, 2): advice for index, advice in enumerate(said)}
    assert at[5.5] == ()
    assert at[6.5] == at[13.5] == (ADVICE[name],)
    assert at[15.5] == ()
    assert watch.summary() == (ADVICE[name],)


@pytest.mark.parametrize("seconds", [0.1, 0.5, 0.9])
def test_a_short_trouble_says_nothing(seconds: float) -> None:
    watch, said = watched((4.0, GOOD), (seconds, {"why": FEET}), (4.0, GOOD))
    assert set(said) == {()}
    assert watch.summary() == ()


def test_a_trouble_in_most_frames_is_said_though_it_comes_and_goes() -> None:
    flicker = [(0.3, {"why": FEET}), (0.1, GOOD)] * 12
    watch, said = watched((2.0, GOOD), *flicker)
    assert said[-1] == (ADVICE[FEET],)
    changes = sum(a != b for a, b in pairwise(said))
    assert changes == 1
    assert watch.summary() == (ADVICE[FEET],)


def test_the_summary_names_what_lasted_longest_first_and_each_once() -> None:
    watch, _ = watched(
        (3.0, {"why": FEET}), (5.0, {"why": HEAD}), (3.0, {"why": FEET}), (3.0, GOOD)
    )
    assert watch.summary() == (ADVICE[FEET], ADVICE[HEAD])


def test_walking_in_and_out_is_no_trouble() -> None:
    watch, said = watched((3.0, {"why": NOBODY}), (10.0, GOOD), (3.0, {"why": NOBODY}))
    assert watch.summary() == ()
    assert (ADVICE[NOBODY],) in said  # but while it lasts it is said


def test_two_people_all_the_time_is_the_only_thing_to_say_of_a_measured_recording() -> None:
    assert watched((10.0, {"people": 2}))[0].summary() == (ADVICE[TWO],)


@pytest.mark.parametrize("seconds", [0.05, 0.4, 3.0])
@pytest.mark.parametrize("why", [NOBODY, FEET, SMALL])
def test_a_recording_that_cannot_be_measured_always_has_a_warning(seconds: float, why: str) -> None:
    assert watched((seconds, {"why": why}))[0].summary() == (ADVICE[why],)
    with_others = watched((seconds, {"why": FEET, "people": 2}))[0].summary()
    assert ADVICE[FEET] in with_others


def test_one_good_frame_is_no_trouble() -> None:
    assert watched((0.05, GOOD))[0].summary() == ()


def test_no_frames_at_all_is_nobody_seen() -> None:
    assert FramingWatch(Framing()).summary() == (ADVICE[NOBODY],)


def test_in_the_dark_the_light_is_what_to_change() -> None:
    watch, said = watched((5.0, {"why": NOBODY, "brightness": 8.0}))
    assert watch.summary() == (ADVICE[DARK],)
    assert said[-1] == (ADVICE[DARK],)


def test_brightness_nobody_measured_is_not_dark() -> None:
    assert watched((5.0, {"brightness": None}))[0].summary() == ()


def test_one_frame_after_a_gap_does_not_stand_for_the_gap() -> None:
    watch = FramingWatch(Framing())
    assert watch.update(sample(0.0)) == ()
    assert watch.update(sample(20.0, FEET)) == ()
    assert watch.update(sample(20.0 + 1.0, FEET)) == (ADVICE[FEET],)


def test_every_advice_says_in_one_line_what_to_change() -> None:
    for advice in ADVICE.values():
        assert "\n" not in advice
        assert ": " in advice
        assert len(advice) <= 90
