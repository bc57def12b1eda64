"""The heel-rise test at the camera: the guide's stages and prompts as words, and the beat."""

from __future__ import annotations

from collections.abc import Collection

from heelrise.coach import CUE_DURATION_S
from heelrise.guided_test import TestGuide, TestNow, TestStage
from heelrise.heel_rise_test import OTHER, PROTOCOL, TestOptions
from heelrise.metronome import Metronome
from heelrise.moment import Moment
from heelrise.sound import Speaker
from heelrise.words import Words

_WITHOUT_BEAT = (TestStage.REST, TestStage.DONE)


class LiveTest:
    """Leads one person through the test, hands-free.

    Parameters
    ----------
    options : TestOptions
        How strict it is.
    words : Words
        The language.
    speaker : Speaker
        Sounds the beat; the picture shows it too.
    """

    def __init__(self, options: TestOptions, words: Words, speaker: Speaker) -> None:
        """Start before the warm-up, silent."""
        self._guide = TestGuide(PROTOCOL, options.least_rise_share)
        self._words = words
        self._speaker = speaker
        self._metronome: Metronome | None = None
        self._paused = False
        self._cue: tuple[str, float] | None = None  # and until when, of the session's time
        self._now: TestNow | None = None

    def update(self, moment: Moment, clock_s: float) -> str | None:
        """Take the next moment; return what to tell the person now.

        Parameters
        ----------
        moment : Moment
        clock_s : float
            The clock that :meth:`beat` is asked with, seconds.
        """
        now = self._guide.update(moment)
        self._now = now
        self._keep_beat(not self._paused and now.stage not in _WITHOUT_BEAT, clock_s)
        fresh = None
        if now.stopped is not None:
            fresh = self._words.stop
        elif now.prompts:
            fresh = self._words.prompts[now.prompts[0]]
        if fresh is not None:
            self._cue = (fresh, moment.t_s + CUE_DURATION_S)
        if self._cue is not None and moment.t_s >= self._cue[1]:
            self._cue = None
        return None if self._cue is None else self._cue[0]

    def take_back(self, numbers: Collection[int]) -> None:
        """Forget the reps of these numbers: the user says that they are none."""
        self._guide.take_back(numbers)

    def beat(self, clock_s: float) -> tuple[float, bool] | None:
        """Return how much of the beat has passed, 0 to 1, and whether it is one to rise on."""
        if self._metronome is None:
            return None
        beat = self._metronome.current(clock_s)
        return None if beat is None else (self._metronome.phase(clock_s), beat.up)

    @property
    def stage_words(self) -> str | None:
        """What comes next, with what is left of it; None before the first moment."""
        if self._now is None:
            return None
        text = self._words.test_stages[self._now.stage]
        if self._now.stage is TestStage.WARM_UP:
            return f"{text}: {self._now.warm_up_left}"
        if self._now.rest_left_s is not None:
            minutes, seconds = divmod(int(self._now.rest_left_s), 60)
            return f"{text} {minutes}:{seconds:02d}"
        return text

    @property
    def valid(self) -> int | None:
        """How many raises of the last leg tested are valid so far; None before its first."""
        now = self._now
        if now is None or now.side is None:
            return None
        side = now.side if now.raw.of(now.side) else OTHER[now.side]
        return now.valid.of(side) if now.raw.of(side) else None

    @property
    def waits(self) -> bool:
        """Whether no raise is due now: in the rest, and when the test is done."""
        return self._now is not None and self._now.stage in _WITHOUT_BEAT

    def pause(self, paused: bool) -> None:
        """Stop the beat; or let it start anew with the next moment."""
        self._paused = paused
        self.sound_again()

    def sound_again(self) -> None:
        """Start the beat anew with the next moment, to be heard or not as it is wanted now."""
        self._metronome = None
        self._speaker.beat(None)

    def _keep_beat(self, wanted: bool, clock_s: float) -> None:
        if wanted == (self._metronome is not None):
            return
        self._metronome = Metronome(PROTOCOL.beat_s, clock_s) if wanted else None
        self._speaker.beat(PROTOCOL.beat_s if wanted else None)
