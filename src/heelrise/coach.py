"""Chooses what to tell the person: one cue at a time, the most important first, praise rarely."""

from __future__ import annotations

from heelrise.moment import Moment, Phase
from heelrise.result import Rep
from heelrise.words import ENGLISH, Words

# Long enough to read six words between two raises, short enough to be gone before the next
# fault of a slow set (2-3 s down, 1-2 s held).
CUE_DURATION_S = 2.5
# A quick next rise reaches its top sooner: a cue on the last one would then contradict the picture.
CUE_LEAST_S = 1.0

_PRAISE = "praise"
_PRAISED_HOLD_S = 1.0  # coaches ask for a pause of 1-2 s
_PRAISED_SHARE = 0.95  # of the own best
_PRAISE_EVERY = 4  # reps: praise for each one is worth nothing


class Coach:
    """Chooses the one cue to show or say at each moment.

    Parameters
    ----------
    words : Words
        The language to speak.
    duration_s : float
        How long a cue stays, seconds of the recording (never of the wall clock).
    quiet_s : float
        A cue is not given again for so long, seconds.
    praises : bool
        Praise a rep now and then that was without fault, held for a second and near the own best.
    """

    def __init__(
        self,
        words: Words = ENGLISH,
        duration_s: float = CUE_DURATION_S,
        quiet_s: float = 0.0,
        praises: bool = False,
    ) -> None:
        """Start with nothing to say."""
        self._words = words
        self._duration_s = duration_s
        self._quiet_s = quiet_s
        self._praises = praises
        self._order = [*words.cues, _PRAISE]
        self._kind: str | None = None
        self._since_s = 0.0
        self._at_top = False
        self._last_s: dict[str, float] = {}  # kind -> when it was given
        self._reps_since_praise = _PRAISE_EVERY

    def cue(self, moment: Moment) -> str | None:
        """Return the cue to show now, or None; call once a frame, in the order of time.

        A new fault takes the place of the cue that is on unless that one matters more: a cue
        that had to wait would speak of a rep long past. It goes early when the next top is reached,
        and praise when the next rise begins.
        Unsure faults, and faults of a rep before the one that just ended, say nothing.
        """
        shown_s = moment.t_s - self._since_s
        at_top, self._at_top = self._at_top, moment.phase is Phase.TOP
        on_to_next = self._at_top and not at_top
        on_to_next |= self._kind == _PRAISE and moment.phase is Phase.RISING
        over = on_to_next and shown_s >= CUE_LEAST_S
        if over or not 0 <= shown_s < self._duration_s:
            self._kind = None
        fresh = [
            fault.kind
            for fault in moment.faults
            if fault.kind in self._order and not fault.unsure and not _is_past(fault.rep, moment)
        ]
        if self._praises and moment.judged is not None:
            self._reps_since_praise += 1
            if not fresh and self._deserved(moment.judged, moment.best_shin):
                fresh = [_PRAISE]
        fresh = [kind for kind in fresh if self._due(kind, moment.t_s)]
        if fresh:
            first = min(fresh, key=self._rank)
            if self._kind is None or self._rank(first) <= self._rank(self._kind):
                self._kind, self._since_s = first, moment.t_s
                self._last_s[first] = moment.t_s
                self._reps_since_praise *= first != _PRAISE
        if self._kind is None:
            return None
        return self._words.praise if self._kind == _PRAISE else self._words.cues[self._kind]

    def _due(self, kind: str, t_s: float) -> bool:
        """Tell whether a cue was not given lately."""
        last_s = self._last_s.get(kind)
        return last_s is None or not 0 <= t_s - last_s < self._quiet_s

    def _deserved(self, rep: Rep, best_shin: float | None) -> bool:
        if rep.side == "both" or rep.faults or self._reps_since_praise < _PRAISE_EVERY:
            return False
        high = rep.peak_shin is None or rep.peak_shin >= _PRAISED_SHARE * (best_shin or 0.0)
        return high and rep.hold_s >= _PRAISED_HOLD_S

    def _rank(self, kind: str) -> int:
        """Return how important a kind is: 0 comes first."""
        return self._order.index(kind)


def _is_past(rep: int | None, moment: Moment) -> bool:
    """Tell whether a fault's rep came before the rep that ended with this frame."""
    newest = moment.judged or moment.rep
    return rep is not None and newest is not None and rep < newest.number
