"""What the live coach lets be heard: short tones, the beat, and lines that a voice speaks.

Nothing here may hold up the picture or end the session: playing and saying return at once, and a
machine without a loudspeaker is a silent one, no error.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from heelrise.metronome import click_track
from heelrise.voice import Voice


class Sound(StrEnum):
    """What a tone tells."""

    READY = "ready"
    TOP = "top"
    HELD = "held"
    REP = "rep"
    FAULT = "fault"
    CHANGE = "change"
    DONE = "done"


# Notes one after the other: frequency in Hz, length in seconds. The two ticks come in the middle
# of a movement and must be over at once; only a fault is low.
_NOTES: Mapping[Sound, tuple[tuple[float, float], ...]] = {
    Sound.READY: ((523, 0.12), (659, 0.12), (784, 0.16)),
    Sound.TOP: ((880, 0.06),),
    Sound.HELD: ((1319, 0.08),),
    Sound.REP: ((784, 0.09), (1047, 0.17)),
    Sound.FAULT: ((196, 0.4),),
    Sound.CHANGE: ((523, 0.13), (784, 0.13), (523, 0.13), (784, 0.13)),
    Sound.DONE: ((523, 0.11), (659, 0.11), (784, 0.11), (1047, 0.25)),
}
# Strength of the note and its overtones: a laptop's loudspeaker hardly gives 196 Hz itself.
_OVERTONES = (1.0, 0.3, 0.15)
_AMPLITUDE = 0.45
# A tone that starts or ends at once is heard as a click.
_RAMP_S = 0.005

# More at a time is noise; it also bounds what waits for a device that has gone.
_MOST_TONES = 8


def tone(sound: Sound, rate_hz: int) -> NDArray[np.float32]:
    """Return the samples of a sound.

    Parameters
    ----------
    sound : Sound
        What to tell.
    rate_hz : int
        Samples a second.

    Returns
    -------
    array of float32, shape (n,)
        At most 0.6 s, between -0.5 and 0.5, from silence to silence.
    """
    notes = [_note(frequency_hz, length_s, rate_hz) for frequency_hz, length_s in _NOTES[sound]]
    samples = np.concatenate(notes)
    loudest = float(np.abs(samples).max())
    return (samples * (_AMPLITUDE / loudest)).astype(np.float32)


def _note(frequency_hz: float, length_s: float, rate_hz: int) -> NDArray[np.float64]:
    index = np.arange(round(length_s * rate_hz))
    phase = 2 * np.pi * frequency_hz * index / rate_hz
    wave = np.zeros(len(index))
    for number, strength in enumerate(_OVERTONES, start=1):
        wave += strength * np.sin(number * phase)
    to_the_edge = np.minimum(index, index[::-1]) / (_RAMP_S * rate_hz)
    ramp: NDArray[np.float64] = np.sin(np.pi / 2 * np.minimum(to_the_edge, 1.0)) ** 2
    return wave * ramp


class Output(Protocol):
    """Where tones are played.

    Attributes
    ----------
    rate_hz : int
        Samples a second of what it plays.
    """

    rate_hz: int

    def play(self, samples: NDArray[np.float32]) -> None:
        """Start a tone, beside those that still sound; return at once and never raise.

        ``samples``: shape (N,), -1 to 1, ``rate_hz`` of them a second.
        """

    def beat(self, period_s: float | None) -> None:
        """Start the metronome, seconds from beat to beat, or stop it (None)."""

    def close(self) -> None:
        """Fall silent and give the device back."""


class Mixer:
    """Adds up the tones that sound at the same time.

    One thread adds, one other fills; what they share is a deque, so that neither ever waits.
    """

    def __init__(self) -> None:
        """Start silent."""
        self._added: deque[NDArray[np.float32]] = deque(maxlen=_MOST_TONES)
        self._sounding: list[NDArray[np.float32]] = []
        self._beat: tuple[float, int] | None = None  # period (s) and rate (Hz) of the metronome
        self._beat_sample = 0

    def beat(self, period_s: float | None, rate_hz: int) -> None:
        """Start the metronome with the next block, or stop it (None).

        The beat is counted in samples of the device's own clock, so it cannot drift against it.
        """
        self._beat_sample = 0
        self._beat = None if period_s is None else (period_s, rate_hz)

    def add(self, samples: NDArray[np.float32]) -> None:
        """Start a tone, shape (N,), with the next block; of too many waiting, the oldest goes."""
        self._added.append(samples)

    def fill(self, block: NDArray[np.float32]) -> None:
        """Write the next samples.

        Parameters
        ----------
        block : array of float32, shape (frames, channels)
            Written in place, the same in every channel, clipped to -1 to 1.
        """
        while self._added:
            self._sounding.append(self._added.popleft())
        frames = len(block)
        block.fill(0.0)
        for samples in self._sounding:
            part = samples[:frames]
            block[: len(part)] += part[:, np.newaxis]
        beat = self._beat
        if beat is not None:
            block += click_track(*beat, self._beat_sample, frames)[:, np.newaxis]
            self._beat_sample += frames
        np.clip(block, -1.0, 1.0, out=block)
        self._sounding = [samples[frames:] for samples in self._sounding if len(samples) > frames]


class _DeviceOutput:
    """The default loudspeaker, kept open: opening one takes far longer than a tick lasts."""

    def __init__(self, sounddevice: Any) -> None:
        """Open it; raises what `sounddevice` raises."""
        device = sounddevice.query_devices(kind="output")
        # at another rate than its own some systems refuse a device, and many refuse mono
        self.rate_hz = round(device["default_samplerate"])
        self._mixer = Mixer()
        self._stream = sounddevice.OutputStream(
            samplerate=self.rate_hz,
            channels=min(2, device["max_output_channels"]),
            dtype="float32",
            latency="low",
            callback=self._fill,
        )
        try:
            self._stream.start()
        except BaseException:
            self._stream.close()
            raise

    def play(self, samples: NDArray[np.float32]) -> None:
        # a device that has gone asks for no more blocks: nothing here can fail with it
        self._mixer.add(samples)

    def beat(self, period_s: float | None) -> None:
        self._mixer.beat(period_s, self.rate_hz)

    def close(self) -> None:
        self._stream.close()

    def _fill(self, block: NDArray[np.float32], frames: int, time: object, status: object) -> None:
        self._mixer.fill(block)


def open_output() -> Output | None:
    """Open the default loudspeaker; None where there is none, or no PortAudio."""
    try:
        import sounddevice  # type: ignore[import-untyped]
    except (ImportError, OSError):
        return None
    try:
        return _DeviceOutput(sounddevice)
    except (OSError, sounddevice.PortAudioError):
        return None


class Speaker:
    """Plays the tones and says the lines, unless muted.

    Parameters
    ----------
    output : Output or None
        Where tones are played; None plays none.
    voice : Voice or None
        Who speaks; None says nothing.
    muted : bool
        Start silent.

    Attributes
    ----------
    muted : bool
        Neither play nor say from now on; what has begun ends by itself.
    """

    def __init__(self, output: Output | None, voice: Voice | None, muted: bool = False) -> None:
        """Prepare all tones: none is computed while a person moves."""
        self.muted = muted
        self._output = output
        self._voice = voice
        self._tones: dict[Sound, NDArray[np.float32]] = {}
        if output is not None:
            self._tones = {sound: tone(sound, output.rate_hz) for sound in Sound}

    def play(self, sound: Sound) -> None:
        """Play the tone of a sound."""
        if self._output is not None and not self.muted:
            self._output.play(self._tones[sound])

    def beat(self, period_s: float | None) -> None:
        """Start the metronome, seconds from beat to beat; None stops it."""
        if self._output is not None:
            self._output.beat(None if self.muted else period_s)

    def say(self, text: str) -> None:
        """Speak a line."""
        if self._voice is not None and not self.muted:
            self._voice.say(text)

    def close(self) -> None:
        """Fall silent, and leave no device open and no program running."""
        if self._output is not None:
            self._output.close()
        if self._voice is not None:
            self._voice.close()
