"""The beat of the heel-rise test: up on one, down on the next, at 60 a minute.

Beat ``k`` is at ``start + k * period``: computed from the start each time, never by adding up
waits, so that no error can grow. Heard beats are counted in samples of the sound card: then its
own clock keeps the beat, whatever the program is busy with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

PERIOD_S = 1.0  # 60 beats a minute (Sleeswijk Visser 2025)

CLICK_S = 0.03  # long enough to have a pitch, far shorter than a beat
_UP_HZ, _DOWN_HZ = 1760.0, 880.0  # an octave apart: told apart by ear at once
_UP_AMPLITUDE, _DOWN_AMPLITUDE = 0.5, 0.3  # the accent; a fault's tone stays audible beside it
_DECAY_S = 0.006  # five of them in a click: what is cut off at its end is not heard


@dataclass(frozen=True)
class Beat:
    """One beat: the ``number``-th from 0 at ``t_s`` seconds; ``up``: the accent, the heel rises."""

    number: int
    t_s: float
    up: bool


@dataclass(frozen=True)
class Metronome:
    """When the beats are.

    Attributes
    ----------
    period_s : float
        From beat to beat, seconds.
    start_s : float
        Time of beat 0, an up beat, on the clock that all times here are of.
    """

    period_s: float = PERIOD_S
    start_s: float = 0.0

    def beat(self, number: int) -> Beat:
        """Return a beat by its number."""
        return Beat(number, self.start_s + number * self.period_s, is_up(number))

    def phase(self, now_s: float) -> float:
        """Return how much of the beat under way is over, 0 to 1; 0 before the first beat."""
        beats = (now_s - self.start_s) / self.period_s
        return 0.0 if beats < 0 else beats % 1.0

    def current(self, now_s: float) -> Beat | None:
        """Return the beat under way; None before the first."""
        number = self._first_from(math.nextafter(now_s, math.inf)) - 1
        return None if number < 0 else self.beat(number)

    def _first_from(self, t_s: float) -> int:
        """Return the number of the first beat not before ``t_s``."""
        # The division rounds; the beat's own time decides, as it does for everybody else.
        number = max(0, math.floor((t_s - self.start_s) / self.period_s) - 1)
        while self.start_s + number * self.period_s < t_s:
            number += 1
        return number


def is_up(number: int) -> bool:
    """Whether the heel rises on the beat of this number: the even ones, from 0."""
    return number % 2 == 0


def click_sample(number: int, period_s: float, rate_hz: int) -> int:
    """Return the sample on which the click of a beat begins: off its time by half a sample."""
    return round(number * period_s * rate_hz)


def click_track(period_s: float, rate_hz: int, from_sample: int, count: int) -> NDArray[np.float32]:
    """Return a part of the sound of the metronome.

    Parts that follow each other are the same as one whole, however they are cut.

    Parameters
    ----------
    period_s : float
        From beat to beat, seconds; longer than a click (:data:`CLICK_S`).
    rate_hz : int
        Samples a second.
    from_sample : int
        First sample wanted, counted from beat 0; silent before it (negative).
    count : int
        How many samples.

    Returns
    -------
    array of float32, shape (count,)
        Silence, and clicks between -0.5 and 0.5 that begin on their loudest sample.
    """
    part = np.zeros(count, dtype=np.float32)
    clicks = {up: _click(up, rate_hz) for up in (True, False)}
    length = len(clicks[True])
    first = max(0, math.floor((from_sample - length) / (period_s * rate_hz)))
    last = math.ceil((from_sample + count) / (period_s * rate_hz))
    for number in range(first, last + 1):
        at = click_sample(number, period_s, rate_hz) - from_sample
        begin, end = max(at, 0), min(at + length, count)
        if begin < end:
            part[begin:end] += clicks[is_up(number)][begin - at : end - at]
    return part


@cache  # a sound card asks for a part a hundred times a second, and does not wait
def _click(up: bool, rate_hz: int) -> NDArray[np.float32]:
    """Return one click. It starts at its loudest: the ear takes the onset for the beat."""
    t_s = np.arange(round(CLICK_S * rate_hz)) / rate_hz
    frequency_hz, amplitude = (_UP_HZ, _UP_AMPLITUDE) if up else (_DOWN_HZ, _DOWN_AMPLITUDE)
    wave = amplitude * np.cos(2 * np.pi * frequency_hz * t_s) * np.exp(-t_s / _DECAY_S)
    click = np.asarray(wave, dtype=np.float32)
    click.setflags(write=False)
    return click
