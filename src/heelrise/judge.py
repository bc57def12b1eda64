"""Found heel rises -> reps, sets and faults: on the spot, and once more with all that is known.

A rep is judged when it ends and again at the end of the session, by the same functions; only what
is known differs (the person's own best, whether the heel works over a step).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from heelrise.balance import Hop
from heelrise.judge_set import JudgedSet, judge_set, leg_seen
from heelrise.legs import LegSample
from heelrise.measure import Measured
from heelrise.measure_set import Kind, MeasuredSet, measure_set
from heelrise.moment import Counts
from heelrise.reps import Found
from heelrise.result import Fault, LegSet, Rep, Result, Side
from heelrise.settings import SessionOptions, Settings, Surface
from heelrise.stance import Stance
from heelrise.track import TrackRecorder

LEG_UNSURE = (
    "At {at:.0f} s the {side} leg is a guess: hold the free foot higher or name the leg (--leg)"
)


class Judge:
    """Turns found heel rises into the result.

    Parameters
    ----------
    options : SessionOptions
        Body height and surface, if the user gave them.
    settings : Settings
        Thresholds.
    """

    def __init__(self, options: SessionOptions, settings: Settings) -> None:
        self._options = options
        self._settings = settings
        self._recorder = TrackRecorder()
        self._sets: list[list[Found]] = []
        self._hops: list[Hop] = []
        self._open = False  # whether the last set may go on
        self._measured: list[Measured] = []  # its reps, as far as they were judged
        self._both_since_s: float | None = None
        self._told: set[tuple[str, float]] = set()
        self.on_step: bool | None = None
        self.stand_on(options.surface)
        self.counts = Counts()
        self._best: dict[Kind, float] = {}
        self._taken_back: frozenset[int] = frozenset()
        self._due: deque[tuple[int, float]] = deque()  # reps without a verdict, and when it is due

    def stand_on(self, surface: Surface) -> None:
        """Take the user's word for the surface, for all reps, those that were counted included."""
        self._options = replace(self._options, surface=surface)
        self.on_step = None if surface == "auto" else surface == "step"

    def best(self, side: Side | None) -> float | None:
        """Return the highest peak level of a leg so far, shin lengths above flat foot."""
        return self._best.get((side, True)) if side else None

    def update(self, sample: LegSample, stance: Stance) -> None:
        """Take the next sample; standing on both feet for long enough ends a set."""
        if sample.trusted:
            self._recorder.add(sample, stance)
        if stance.side != "both":
            self._both_since_s = None
        elif self._both_since_s is None:
            self._both_since_s = sample.t_s
        elif sample.t_s - self._both_since_s > self._settings.stance.rest_both_s:
            last = self._sets[-1][-1].side if self._sets else None
            if last != "both":
                self._open = False

    def leave(self) -> None:
        """End the set: the person is gone."""
        self._open = False

    def hop(self, hop: Hop) -> None:
        """Take a hop: no heel rise, but in a set a loss of balance."""
        self._hops.append(hop)

    def add(self, found: Found, t_s: float) -> tuple[Rep | None, Rep]:
        """Take a heel rise that was found at ``t_s``; return it measured, and one mended by it.

        The mended one comes first, None mostly: the rep before, on this leg too. What was wrong
        with the new one is known a little later (:meth:`verdict`).
        """
        mends = self._mend_lone_both(found)
        if self._sets and self._goes_on(self._sets[-1][-1], found, self._open):
            self._sets[-1].append(found)
        else:
            self._sets.append([found])
            self._measured.clear()
        self._open = True
        self.counts = _counted(self._sets)
        self.on_step = self._surface(self._sets[-1])
        *before, rep = self._judge_last(0.0).reps
        mended = before[-1] if mends else None
        for one in (mended, rep):
            if one is not None:
                level = one.rise_shin if one.peak_shin is None else one.peak_shin
                _raise(self._best, (one.side, one.peak_shin is not None), level)
        self._due.append((rep.number, t_s + self._settings.counting.verdict_s))
        return mended, rep

    def _mend_lone_both(self, found: Found) -> bool:
        """Give a lone rep on both feet to the leg that goes on at once, the one that is ``found``.

        Return whether there was one. Who changes from both feet to one shifts the weight first: so
        quick is only a set on one leg in whose first rep the free foot could not be told from the
        other.
        """
        if found.side == "both" or not self._sets:
            return False
        *others, lone = self._sets
        if lone[0].side != "both" or len(lone) > 1 or lone[0].place != found.place:
            return False
        if _rest_s(lone[0], found) >= self._settings.stance.shift_s:
            return False
        mended = [replace(lone[0], side=found.side, leg_seen=found.leg_seen)]
        if others and self._goes_on(others[-1][-1], mended[0]):
            mended = [*others.pop(), *mended]
        self._sets = [*others, mended]
        self._measured.clear()
        return True

    def _goes_on(self, last: Found, found: Found, still_open: bool = False) -> bool:
        """Whether a set goes on: on the same leg, not closed, or with no time to have been."""
        short = _rest_s(last, found) < self._settings.stance.rest_both_s
        near = last.side == found.side and last.place == found.place
        return near and (still_open or short)

    def verdict(self, t_s: float) -> tuple[Rep | None, tuple[Fault, ...]]:
        """Return a rep and the faults that are new with it, once it is over for a while.

        A touch-down in which a rep ends, or how far the heel goes down, shows only after its end.
        """
        if not self._due or t_s < self._due[0][1]:
            return None, ()
        number, _ = self._due.popleft()
        judged = self._judge_last(self._settings.counting.verdict_s)
        rep = next((rep for rep in judged.reps if rep.number == number), None)
        if rep is None:
            return None, ()  # of a set that is over: another leg carries already
        return rep, tuple(f for f in judged.faults if self._is_news(f, rep))

    def _judge_last(self, ahead_s: float) -> JudgedSet:
        """Judge the last reps with what is known now; the one before each tells its rests.

        A touch-down that began in the last is looked for until ``ahead_s`` after its bottom. The
        reps before them are measured already, and tell how this person holds themselves.
        """
        leg_set = self._sets[-1]
        from_rep = min(len(self._measured), max(0, len(leg_set) - 2 - len(self._due)))
        del self._measured[from_rep:]
        first = sum(len(one) for one in self._sets) - len(leg_set) + from_rep + 1
        measured = self._measure(leg_set[from_rep:], self.on_step, ahead_s)
        best = dict(self._best)
        self._raise_by(measured, first, best)
        judged = self._judge(measured, first, best, self._measured)
        self._measured.extend(measured.reps)
        return judged

    def _measure(
        self, leg_set: Sequence[Found], on_step: bool | None, ahead_s: float = 0.0
    ) -> MeasuredSet:
        return measure_set(leg_set, on_step, self._hops, self._recorder, self._settings, ahead_s)

    def _judge(
        self,
        measured: MeasuredSet,
        first_number: int,
        best: dict[Kind, float],
        before: Sequence[Measured] = (),
    ) -> JudgedSet:
        return judge_set(
            measured, first_number, best, self._recorder, self._options, self._settings, before
        )

    def _measure_all(self) -> list[tuple[int, MeasuredSet]]:
        """Measure every set with all that is known; each with the number of its first rep."""
        firsts = np.cumsum([1, *(len(leg_set) for leg_set in self._sets)])
        return [
            (int(first), self._measure(leg_set, self._surface(leg_set)))
            for first, leg_set in zip(firsts, self._sets, strict=False)
        ]

    def finish(self, warnings: tuple[str, ...]) -> Result:
        """Judge everything once more with all that is known; return the result."""
        sets = self._measure_all()
        best = self._own_best(sets)
        judged = [self._judge(measured, first, best) for first, measured in sets]
        return Result(
            tuple(rep for one in judged for rep in one.reps),
            tuple(sorted((f for one in judged for f in one.faults), key=lambda f: f.start_s)),
            tuple(
                LegSet(
                    one.side,
                    one.reps[0].start_s,
                    one.reps[-1].end_s,
                    tuple(r.number for r in one.reps),
                )
                for one in judged
            ),
            warnings + self._legs_unsure(),
            tuple(tip for one in judged for tip in one.tips),
        )

    def _legs_unsure(self) -> tuple[str, ...]:
        """Say of which sets the leg is a guess: the picture hardly shows which one carries."""
        if self._options.leg != "auto":
            return ()
        return tuple(
            LEG_UNSURE.format(at=leg_set[0].candidate.low_s, side=leg_set[0].side)
            for leg_set in self._sets
            if leg_seen(leg_set) < self._settings.stance.leg_seen
        )

    def take_back(self, numbers: Collection[int]) -> None:
        """Hold no rep against those of these numbers any more."""
        self._taken_back = frozenset(numbers)
        self._best = self._own_best(self._measure_all())

    def _own_best(self, sets: Sequence[tuple[int, MeasuredSet]]) -> dict[Kind, float]:
        """Return the person's own best, told from all their reps but those taken back."""
        best: dict[Kind, float] = {}
        for first, measured in sets:
            self._raise_by(measured, first, best)
        return best

    def _raise_by(self, measured: MeasuredSet, first: int, best: dict[Kind, float]) -> None:
        """Take the reps of a set into the best of their kinds, but those taken back."""
        for number, (kind, level) in enumerate(measured.levels, first):
            if number not in self._taken_back:
                _raise(best, kind, level)

    def _is_news(self, fault: Fault, rep: Rep) -> bool:
        """Whether a fault was not told before: those of the rep, and events since the last.

        What happened in the rep before may have been found only now: a hop as it ended.
        """
        key = (fault.kind, round(fault.start_s, 1))
        event = fault.kind in ("foot_touchdown", "lost_balance")
        late = event and fault.rep == rep.number - 1
        if not (fault.rep in (None, rep.number) or late) or key in self._told:
            return False
        self._told.add(key)
        return True

    def _surface(self, leg_set: Sequence[Found]) -> bool | None:
        """Whether the heel works over a step: its lows lie under flat foot."""
        if self._options.surface != "auto":
            return self._options.surface == "step"
        drops = [
            found.flat - min(found.candidate.low, found.candidate.bottom)
            for found in leg_set
            if found.flat is not None
        ]
        if not drops:
            return None
        return bool(np.median(drops) > self._settings.rejection.step_drop_body)


def _raise(best: dict[Kind, float], kind: Kind, level: float) -> None:
    """Take a level into the best of its kind."""
    best[kind] = max(best.get(kind, 0.0), level)


def _rest_s(before: Found, after: Found) -> float:
    return after.candidate.low_s - before.candidate.bottom_s


def _counted(sets: Sequence[Sequence[Found]]) -> Counts:
    """Return how many reps there are on either leg and on both."""
    sides = [found.side for leg_set in sets for found in leg_set]
    return Counts(*(sides.count(side) for side in ("left", "right", "both")))
