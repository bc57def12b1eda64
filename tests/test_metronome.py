"""The beat: where it is, and that it stays there for ten minutes, in the picture and in the ear."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from heelrise.metronome import CLICK_S, PERIOD_S, Metronome, click_sample, click_track

MINUTES = 10
DRIFT_S = 0.005  # a minute


def rendered(
    seconds: float, rate_hz: int, blocks: list[int], period_s: float = PERIOD_S
) -> NDArray[np.float32]:
    """Render as a sound card asks for it: block after block, the sizes in turn."""
    parts, at, number = [], 0, 0
    while at < seconds * rate_hz:
        size = blocks[number % len(blocks)]
        parts.append(click_track(period_s, rate_hz, at, size))
        at, number = at + size, number + 1
    return np.concatenate(parts)[: round(seconds * rate_hz)]


def onsets(track: NDArray[np.float32], rate_hz: int) -> NDArray[np.int64]:
    """Return the first loud sample after each silence, as a tick detector finds them."""
    loud = np.flatnonzero(np.abs(track) > 0.1)
    return loud[np.diff(loud, prepend=-rate_hz) > 2 * CLICK_S * rate_hz]


@pytest.mark.parametrize(
    ("rate_hz", "blocks"),
    [(44100, [1023, 4801]), (48000, [1024]), (48000, [1, 4999, 1447]), (22050, [997])],
)
def test_ten_minutes_in_odd_blocks_have_every_click_on_its_sample(
    rate_hz: int, blocks: list[int]
) -> None:
    found = onsets(rendered(60 * MINUTES, rate_hz, blocks), rate_hz)
    np.testing.assert_array_equal(found, np.arange(60 * MINUTES) * rate_hz)


@pytest.mark.parametrize("period_s", [PERIOD_S, 60 / 59, 0.7])
def test_ticks_drift_by_less_than_5_ms_a_minute(period_s: float) -> None:
    rate_hz = 44100
    found = onsets(rendered(60 * MINUTES, rate_hz, [997, 1024], period_s), rate_hz) / rate_hz
    off_s = found - np.arange(len(found)) * period_s
    slope = np.polyfit(found / 60, off_s, 1)[0]
    assert abs(slope) < DRIFT_S / 1000  # seconds a minute
    assert np.abs(off_s).max() <= 0.5 / rate_hz + 1e-9  # the last as good as the first


def test_parts_are_the_same_as_the_whole() -> None:
    whole = click_track(PERIOD_S, 44100, 0, 5 * 44100)
    np.testing.assert_array_equal(rendered(5, 44100, [7, 1301]), whole)


def test_it_can_be_taken_up_anywhere() -> None:
    far = 3600 * 48000
    track = click_track(PERIOD_S, 48000, far - 100, 200)
    assert onsets(track, 48000).tolist() == [100]


def test_before_beat_0_is_silence() -> None:
    track = click_track(PERIOD_S, 48000, -48000, 48000 + 10)
    assert not track[:48000].any()
    assert track[48000] != 0


def test_the_up_beat_is_accented_and_higher() -> None:
    track = click_track(PERIOD_S, 48000, 0, 4 * 48000)
    clicks = [track[48000 * k : 48000 * k + 1440] for k in range(4)]
    up, down = clicks[0], clicks[1]
    assert np.abs(up).max() > 1.4 * np.abs(down).max()
    assert crossings(up) > 1.5 * crossings(down)
    np.testing.assert_array_equal(up, clicks[2])
    np.testing.assert_array_equal(down, clicks[3])


def crossings(click: NDArray[np.float32]) -> int:
    return int(np.count_nonzero(np.diff(np.sign(click))))


def test_clicks_stay_within_what_other_tones_leave_them() -> None:
    track = click_track(PERIOD_S, 48000, 0, 96000)
    assert track.dtype == np.float32
    assert np.abs(track).max() <= 0.5


def test_nothing_is_an_empty_part() -> None:
    assert click_track(PERIOD_S, 48000, 17, 0).shape == (0,)


def test_a_click_is_within_half_a_sample_of_its_beat() -> None:
    for number in range(0, 3600, 7):
        assert abs(click_sample(number, 0.7, 44100) - number * 0.7 * 44100) <= 0.5


def test_beats_are_at_start_plus_number_times_period() -> None:
    metronome = Metronome(1.0, 2.5)
    beats = [metronome.beat(number) for number in range(4)]
    assert [(b.number, b.t_s, b.up) for b in beats] == [
        (0, 2.5, True),
        (1, 3.5, False),
        (2, 4.5, True),
        (3, 5.5, False),
    ]


@pytest.mark.parametrize("period_s", [1.0, 0.1, 1 / 3])
def test_a_beat_is_under_way_from_its_own_time_on(period_s: float) -> None:
    metronome = Metronome(period_s, 0.3)
    for number in range(1, 1000):
        at_s = metronome.beat(number).t_s
        assert metronome.current(at_s) == metronome.beat(number)
        assert metronome.current(np.nextafter(at_s, 0.0)) == metronome.beat(number - 1)


@pytest.mark.parametrize(
    ("now_s", "phase", "number"),
    [(0.0, 0.0, None), (2.0, 0.0, 0), (2.25, 0.25, 0), (3.0, 0.0, 1), (64.75, 0.75, 62)],
)
def test_the_phase_is_the_share_of_the_beat_that_is_over(
    now_s: float, phase: float, number: int | None
) -> None:
    metronome = Metronome(1.0, 2.0)
    current = metronome.current(now_s)
    assert metronome.phase(now_s) == pytest.approx(phase)
    assert (None if current is None else current.number) == number
