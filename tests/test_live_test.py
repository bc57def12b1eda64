"""The heel-rise test at the camera: stages in words, prompts, and a beat that keeps its time."""

from __future__ import annotations

import numpy as np
import pytest

from heelrise import guided_test as gt
from heelrise import heel_rise_test as hrt
from heelrise.live_test import LiveTest
from heelrise.session import Session
from heelrise.settings import SessionOptions, Settings
from heelrise.sound import Mixer, Speaker
from heelrise.words import ENGLISH, LANGUAGES
from motion import Film, Script
from runs import PROFILE_RIGHT

RATE_HZ = 8000


class Beats:
    """A loudspeaker that remembers when the metronome was started and stopped."""

    rate_hz = RATE_HZ

    def __init__(self) -> None:
        self.told: list[float | None] = []

    def play(self, samples: np.ndarray) -> None:
        pass

    def beat(self, period_s: float | None) -> None:
        self.told.append(period_s)

    def close(self) -> None:
        pass


def led(film: Film) -> tuple[LiveTest, Beats, list[str | None], list[str | None]]:
    """Lead a film through the test; return what was said and which stage was shown."""
    output = Beats()
    test = LiveTest(hrt.TestOptions(), ENGLISH, Speaker(output, None))
    session = Session(SessionOptions(), hrt.test_settings(Settings()))
    said, stages = [], []
    for pose in film.poses:
        said.append(test.update(session.update(pose), pose.t_s))
        stages.append(test.stage_words)
    return test, output, said, stages


@pytest.fixture(scope="module")
def one_leg() -> tuple[LiveTest, Beats, list[str | None], list[str | None]]:
    """Five warm-up raises, eight at the pace of two seconds, then nothing more."""
    script = Script().stand(2.0).reps(5).stand(1.0).stand_on("left").stand(0.5)
    for _ in range(8):
        script.rep(up_s=0.8, hold_s=0.2, down_s=0.8, rest_s=0.2)
    return led(script.put_down().stand(6.0).film(PROFILE_RIGHT))


def test_the_stages_are_told_in_words(
    one_leg: tuple[LiveTest, Beats, list[str | None], list[str | None]],
) -> None:
    _, _, _, stages = one_leg
    words = ENGLISH.test_stages
    assert str(stages[0]).startswith(words[gt.TestStage.WARM_UP])
    assert words[gt.TestStage.FIRST_LEG] in stages
    assert str(stages[-1]).startswith(words[gt.TestStage.REST])


def test_a_leg_without_raises_is_stopped_and_the_beat_with_it(
    one_leg: tuple[LiveTest, Beats, list[str | None], list[str | None]],
) -> None:
    test, output, said, _ = one_leg
    assert ENGLISH.stop in said
    assert output.told == [1.0, None]
    assert test.beat(1000.0) is None


def test_raises_after_the_stop_are_no_valid_ones() -> None:
    """After the fifth nothing comes for five seconds: the test is over before the next two."""
    script = Script().stand(2.0).stand_on("left").stand(0.5)
    for rest_s in (0.2, 0.2, 0.2, 0.2, 5.0, 0.2, 0.2):
        script.rep(up_s=0.8, hold_s=0.2, down_s=0.8, rest_s=rest_s)
    test, *_ = led(script.put_down().stand(1.0).film(PROFILE_RIGHT))
    assert test.valid == 5
    before, *_ = led(Script().stand(2.0).film(PROFILE_RIGHT))
    assert before.valid is None


def test_the_picture_shows_the_beat_that_is_heard() -> None:
    film = Script().stand(2.0).film(PROFILE_RIGHT)
    test, _, _, _ = led(film)
    start_s = film.poses[0].t_s
    shares = [test.beat(start_s + t_s) for t_s in (0.0, 0.5, 1.0, 1.5, 2.0)]
    assert shares == [
        (pytest.approx(0.0), True),
        (pytest.approx(0.5), True),
        (pytest.approx(0.0), False),
        (pytest.approx(0.5), False),
        (pytest.approx(0.0), True),
    ]


def test_the_clicks_of_the_mixer_do_not_drift_in_ten_minutes() -> None:
    """Blocks of odd sizes, as devices ask for: onsets are found in what would be heard."""
    mixer, rng = Mixer(), np.random.default_rng(3)
    mixer.beat(1.0, RATE_HZ)
    blocks = []
    for _ in range(13_000):
        blocks.append(np.zeros((int(rng.integers(50, 700)), 1), np.float32))
        mixer.fill(blocks[-1])
    loud = np.flatnonzero(np.abs(np.concatenate(blocks)[:, 0]) > 0.25)
    onsets = loud[np.flatnonzero(np.diff(loud, prepend=-RATE_HZ) > RATE_HZ // 2)]
    off_s = onsets / RATE_HZ - np.arange(len(onsets))
    assert len(onsets) >= 590
    assert np.abs(off_s).max() < 0.005


def test_a_mixer_told_to_stop_is_silent() -> None:
    mixer = Mixer()
    mixer.beat(1.0, RATE_HZ)
    mixer.beat(None, RATE_HZ)
    block = np.ones((RATE_HZ, 1), np.float32)
    mixer.fill(block)
    assert not block.any()


def test_muting_stops_the_clicks_and_not_the_picture() -> None:
    output = Beats()
    speaker = Speaker(output, None, muted=True)
    speaker.beat(1.0)
    assert output.told == [None]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_prompt_and_stage_has_words(code: str) -> None:
    words = LANGUAGES[code]
    assert set(words.prompts) == set(hrt.Prompt)
    assert set(words.test_stages) == set(gt.TestStage)
    assert all(len(text.split()) <= 6 for text in words.prompts.values())
