"""Turns what the core knows into words: the one cue of the moment, and every word on the picture.

All words a user reads on the picture stand here, one :class:`Words` a language, so that another
language is one more value and no other change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from heelrise.moment import Moment, Phase
from heelrise.result import Side

# Kind of fault -> what to do about it; the most important first. A fall comes before a low heel,
# and the range before the pause: half a rise held for long is still half a rise.
CUES: Mapping[str, str] = {
    "foot_touchdown": "Free foot touched down",
    "lost_balance": "Keep your balance",
    "incomplete_top": "Rise higher",
    "incomplete_bottom": "Heel lower at the bottom",
    "knee_bend": "Keep the knee straight",
    "trunk_lean": "Body upright",
    "no_pause": "Pause at the top",
    "rushed": "Lower slowly",
}

# Long enough to read six words between two raises, short enough to be gone before the next
# fault of a slow set (2-3 s down, 1-2 s held).
CUE_DURATION_S = 2.5


@dataclass(frozen=True)
class Words:
    """Every word of one language that is shown on the picture.

    Attributes
    ----------
    cues : mapping of str to str
        Kind of fault -> at most six words, most important kind first.
    phases : mapping of Phase to str
        What the person is doing, in a word or two.
    sides : mapping of Side to str
        Whose count it is.
    reps : str
        Name of the count while no leg is known.
    gauge, flat, step, best : str
        Labels of the heel gauge: its title, floor level, step level, own highest peak.
    """

    cues: Mapping[str, str]
    phases: Mapping[Phase, str]
    sides: Mapping[Side, str]
    reps: str
    gauge: str
    flat: str
    step: str
    best: str


ENGLISH = Words(
    cues=CUES,
    phases={
        Phase.AWAY: "NOT SEEN",
        Phase.STANDING: "READY",
        Phase.RISING: "UP",
        Phase.TOP: "HOLD",
        Phase.LOWERING: "DOWN",
    },
    sides={"left": "LEFT", "right": "RIGHT", "both": "TWO LEGS"},
    reps="REPS",
    gauge="HEEL",
    flat="flat",
    step="step",
    best="best",
)


class Coach:
    """Chooses the one cue to show or say at each moment.

    Parameters
    ----------
    words : Words
        The language to speak.
    duration_s : float
        How long a cue stays, seconds of the recording (never of the wall clock).
    """

    def __init__(self, words: Words = ENGLISH, duration_s: float = CUE_DURATION_S) -> None:
        """Start with nothing to say."""
        self._words = words
        self._duration_s = duration_s
        self._order = list(words.cues)
        self._kind: str | None = None
        self._since_s = 0.0

    def cue(self, moment: Moment) -> str | None:
        """Return the cue to show now, or None; call once a frame, in the order of time.

        A new fault takes the place of the cue that is on unless that one matters more: a cue
        that had to wait would speak of a rep long past. Unsure faults, and faults of a rep
        before the one that just ended, say nothing.
        """
        if not 0 <= moment.t_s - self._since_s < self._duration_s:
            self._kind = None
        fresh = [
            fault.kind
            for fault in moment.faults
            if fault.kind in self._order and not fault.unsure and not _is_past(fault.rep, moment)
        ]
        if fresh:
            first = min(fresh, key=self._rank)
            if self._kind is None or self._rank(first) <= self._rank(self._kind):
                self._kind, self._since_s = first, moment.t_s
        return None if self._kind is None else self._words.cues[self._kind]

    def _rank(self, kind: str) -> int:
        """Return how important a kind is: 0 comes first."""
        return self._order.index(kind)


def _is_past(rep: int | None, moment: Moment) -> bool:
    """Tell whether a fault's rep came before the rep that ended with this frame."""
    return rep is not None and moment.rep is not None and rep < moment.rep.number
