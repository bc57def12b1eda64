"""Found heel rises -> reps, sets and faults: on the spot, and once more with all that is known.

The same functions judge a rep when it ends and at the end of the session; only what they know
differs (the person's own best, whether the heel works over a step).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from heelrise.balance import LEAN_LOOKS_SO, Event, Hop, lost_balances, touch_downs
from heelrise.faults import RepView, event_fault, knee_bend, rep_faults
from heelrise.legs import LegSample
from heelrise.level import rise_sd
from heelrise.measure import Measured
from heelrise.measure_set import measure_rep
from heelrise.moment import Counts
from heelrise.posture import nods, postures
from heelrise.reps import Found
from heelrise.result import Fault, LegSet, Rep, Result, Side, Tip
from heelrise.settings import SessionOptions, Settings, Surface
from heelrise.stance import Stance
from heelrise.track import Track, TrackRecorder

# Whose best, and of what: levels above flat foot where that was seen, rises where it was not.
_Kind = tuple[Side, bool]
LEG_UNSURE = (
    "At {at:.0f} s the {side} leg is a guess: hold the free foot higher or name the leg (--leg)"
)


@dataclass(frozen=True)
class JudgedSet:
    """One set with all its reps measured and judged."""

    side: Side
    reps: tuple[Rep, ...]
    faults: tuple[Fault, ...]
    tips: tuple[Tip, ...]
    measured: tuple[Measured, ...]


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
        self._best: dict[_Kind, float] = {}
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
                _raise(self._best, one)
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
        tail = leg_set[from_rep:]
        number = sum(len(leg_set) for leg_set in self._sets)
        judged = self._judge(
            tail, number - len(tail) + 1, self.on_step, None, ahead_s, self._measured
        )
        self._measured.extend(judged.measured)
        return judged

    def finish(self, warnings: tuple[str, ...]) -> Result:
        """Judge everything once more with all that is known; return the result."""
        best = self._own_best()
        judged = []
        first = 1
        for leg_set in self._sets:
            judged.append(self._judge(leg_set, first, self._surface(leg_set), best))
            first += len(leg_set)
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
            if _leg_seen(leg_set) < self._settings.stance.leg_seen
        )

    def take_back(self, numbers: Collection[int]) -> None:
        """Hold no rep against those of these numbers any more."""
        self._taken_back = frozenset(numbers)
        self._best = self._own_best()

    def _own_best(self) -> dict[_Kind, float]:
        """Return the person's own best, told from all their reps but those taken back."""
        best: dict[_Kind, float] = {}
        first = 1
        for leg_set in self._sets:
            for rep in self._judge(leg_set, first, self._surface(leg_set), None).reps:
                if rep.number not in self._taken_back:
                    _raise(best, rep)
            first += len(leg_set)
        return best

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

    def _judge(
        self,
        leg_set: Sequence[Found],
        first_number: int,
        on_step: bool | None,
        best: dict[_Kind, float] | None,
        ahead_s: float = 0.0,
        before: Sequence[Measured] = (),
    ) -> JudgedSet:
        side = leg_set[0].side
        around_s = self._settings.counting.around_set_s
        from_s = leg_set[0].candidate.low_s - around_s
        to_s = leg_set[-1].candidate.bottom_s + around_s
        track = self._recorder.between(from_s, to_s)
        events = self._events(track, leg_set, side, ahead_s)
        measured = [
            measure_rep(track, leg_set, index, on_step, events, ahead_s, self._settings)
            for index in range(len(leg_set))
        ]
        events_over_s = [event.end_s for event in events]
        # Faults are judged inside the set only: from its first start to its last end.
        events = tuple(
            event
            for event in events
            if event.end_s > measured[0].start_s and event.start_s < measured[-1].end_s
        )
        flat_seen = [found.flat is not None or on_step is False for found in leg_set]
        levels = [m.peak if seen else m.rise for m, seen in zip(measured, flat_seen, strict=True)]
        if best is None:
            best = dict(self._best)
            for index, (seen, level) in enumerate(zip(flat_seen, levels, strict=True)):
                if first_number + index not in self._taken_back:
                    best[side, seen] = max(best.get((side, seen), 0.0), level)
        shin_cm = self._shin_cm()
        whole = self._recorder.between(before[0].start_s - around_s, to_s) if before else track
        posture_limits = self._settings.posture
        held = postures(whole, [*before, *measured], side, posture_limits, events_over_s)
        held = held[len(before) :]
        alike = abs(_leg_seen(leg_set)) < self._settings.stance.leg_seen
        usual_s = np.median([_phases_s(rep) for rep in (*before, *measured)], axis=0)
        reps: list[Rep] = []
        faults: list[Fault] = []
        for index, numbers in enumerate(measured):
            number = first_number + index
            within = [event for event in events if _overlap(event, numbers)]
            view = RepView(
                number,
                side,
                numbers,
                best.get((side, flat_seen[index]), levels[index]),
                flat_seen[index],
                on_step,
                shin_cm,
                bool(within),
                any(event.kind == "lost_balance" for event in within),
                self._settings.faults,
                held[index],
                self._settings.posture,
                self._options.lower_for_s,
                alike,
                self._settings.balance,
                bool(within) and all(event.why == LEAN_LOOKS_SO for event in within),
                float((_phases_s(numbers) - usual_s)[:2].max()),
                float(usual_s[2]),
            )
            if side != "both":
                faults.extend(rep_faults(view))
            reps.append(_rep(view, self._rise_sd(view)))
        if side != "both":
            spans = [(rep.number, rep.start_s, rep.end_s) for rep in reps]
            faults.extend(event_fault(event, side, spans) for event in events)
        sure = {
            rep.number: tuple(
                dict.fromkeys(f.kind for f in faults if f.rep == rep.number and not f.unsure)
            )
            for rep in reps
        }
        return JudgedSet(
            side,
            tuple(replace(rep, faults=sure[rep.number]) for rep in reps),
            tuple(faults),
            self._tips(track, measured, side),
            tuple(measured),
        )

    def _rise_sd(self, view: RepView) -> float:
        """Return the standard deviation of a rep's rise, shin lengths."""
        rep, posture, error = view.measured, self._settings.posture, self._settings.rise_error
        bent = view.posture.leg_short >= posture.bent_leg_short or knee_bend(view) is not None
        parted = view.disturbed or view.posture.lean_deg > posture.lean_deg
        parted_shin = error.bent_shin if bent else error.disturbed_shin * parted
        return rise_sd(rep.rise, rep.facing, parted_shin, rep.unseen, rep.refused, error)

    def _tips(self, track: Track, reps: Sequence[Measured], side: Side) -> tuple[Tip, ...]:
        """Return what is worth a word although nothing is wrong with a rep."""
        limits = self._settings.posture
        if side == "both":
            return ()
        return tuple(
            Tip(
                "head_down",
                side,
                nod.start_s,
                nod.end_s,
                nod.down_deg,
                limits.nod_deg,
                "deg",
                f"head turned down by {nod.down_deg:.0f} degrees: head up, eyes forward",
            )
            for nod in nods(track, reps[0].start_s, reps[-1].end_s, limits)
        )

    def _shin_cm(self) -> float | None:
        height_cm = self._options.body_height_cm
        return None if height_cm is None else height_cm * self._settings.lever.shin_of_stature

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

    def _events(
        self, track: Track, leg_set: Sequence[Found], side: Side, ahead_s: float
    ) -> tuple[Event, ...]:
        """Return touch-downs and losses of balance from a set's first rep to after its last."""
        if side == "both":
            return ()
        to_s = leg_set[-1].candidate.bottom_s + ahead_s
        inside = track.between(leg_set[0].candidate.low_s, to_s)
        if len(inside.t_s) < 5:
            return ()
        sign = 1.0 if side == "left" else -1.0
        touches = touch_downs(inside, sign, self._settings.balance)
        hops = [hop for hop in self._hops if hop.side == side]
        lost = lost_balances(inside, touches, sign, self._settings.balance, hops)
        return (*touches, *lost)


def _raise(best: dict[_Kind, float], rep: Rep) -> None:
    """Take a rep into the best of its kind."""
    kind = (rep.side, rep.peak_shin is not None)
    level = rep.rise_shin if rep.peak_shin is None else rep.peak_shin
    best[kind] = max(best.get(kind, 0.0), level)


def _rest_s(before: Found, after: Found) -> float:
    return after.candidate.low_s - before.candidate.bottom_s


def _leg_seen(leg_set: Sequence[Found]) -> float:
    """Return how clearly the feet spoke for the leg of a set, 1 to -1: for the other one."""
    return fmean(found.leg_seen for found in leg_set)


def _counted(sets: Sequence[Sequence[Found]]) -> Counts:
    """Return how many reps there are on either leg and on both."""
    sides = [found.side for leg_set in sets for found in leg_set]
    return Counts(*(sides.count(side) for side in ("left", "right", "both")))


def _phases_s(rep: Measured) -> NDArray[np.float64]:
    """Return how long the way up, the way down and the hold lasted, seconds, shape (3,)."""
    moments_s = (rep.start_s, rep.top_start_s, rep.top_end_s, rep.end_s)
    up_s, hold_s, down_s = np.diff(moments_s)
    return np.array([up_s, down_s, hold_s])


def _overlap(event: Event, rep: Measured) -> bool:
    return event.end_s > rep.start_s and event.start_s < rep.end_s


def _rep(view: RepView, sd: float) -> Rep:
    """Return the numbers of a rep in their written form, faults still missing."""
    m, cm = view.measured, view.shin_cm
    peak = m.peak if view.flat_seen else None
    bottom = m.bottom if view.flat_seen else None
    return Rep(
        number=view.number,
        side=view.side,
        start_s=m.start_s,
        top_start_s=m.top_start_s,
        peak_s=m.peak_s,
        top_end_s=m.top_end_s,
        end_s=m.end_s,
        hold_s=m.top_end_s - m.top_start_s,
        up_s=m.top_start_s - m.start_s,
        down_s=m.end_s - m.top_end_s,
        rise_cm=None if cm is None else m.rise * cm,
        rise_shin=m.rise,
        rise_sd_cm=None if cm is None else sd * cm,
        rise_sd_shin=sd,
        peak_cm=None if cm is None or peak is None else peak * cm,
        peak_shin=peak,
        bottom_cm=None if cm is None or bottom is None else bottom * cm,
        bottom_shin=bottom,
    )
