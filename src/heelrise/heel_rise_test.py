"""The heel-rise endurance test: raises of one leg to a beat until the form is lost.

How it is performed, and what one camera cannot see of it: docs/heel-rise-test.md. The core counts
and judges as ever; here it is decided where a leg's test stopped, from its raises alone. The same
rule serves a recording (:func:`heelrise.heel_rise_result.evaluate`) and a live test
(:class:`~heelrise.guided_test.TestGuide`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count, pairwise, takewhile
from math import inf
from statistics import median
from typing import TYPE_CHECKING

from heelrise.result import Fault, Rep, Side
from heelrise.settings import Settings

if TYPE_CHECKING:
    from heelrise.norms import Sex

LEGS: tuple[Side, Side] = ("left", "right")
OTHER: Mapping[Side, Side] = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Protocol:
    """How the test is performed, and when it stops.

    Attributes
    ----------
    beats_per_min : float
        Of the metronome; up on one beat, down on the next (Sleeswijk Visser 2025).
    warm_up_raises : int
        On two legs before the first leg. The sources say "a few"; the number is ours.
    rest_s : float
        Between the legs, seconds: two minutes, as clinics are said to do (docs/sources.md).
    pace_tolerance_s : float
        How far the time from one top to the next may be off the period, seconds. Ours: half a
        beat, for who is further off is nearer the wrong beat. A top's time is known to 0.15 s.
    prompts : int
        So many prompts in a row without an answer stop the test (Sleeswijk Visser 2025).
    least_raises : int
        Fewer, then a pause and a longer run of the same leg: that was practice. Ours.
    practice_s : float
        So long after fewer raises, seconds, the live test waits for that longer run. Ours.
    first_raises : int
        So many of a leg's first raises tell its own height, for the height limit. Ours.
    """

    beats_per_min: float = 60.0
    warm_up_raises: int = 5
    rest_s: float = 120.0
    pace_tolerance_s: float = 0.5
    prompts: int = 2
    least_raises: int = 3
    practice_s: float = 15.0
    first_raises: int = 3

    @property
    def beat_s(self) -> float:
        """Seconds from beat to beat."""
        return 60.0 / self.beats_per_min

    @property
    def period_s(self) -> float:
        """Seconds from raise to raise: one beat up, one down."""
        return 2 * self.beat_s


@dataclass(frozen=True)
class TestOptions:
    """What the user said about the person, and how strict the test is to be.

    Attributes
    ----------
    age_years, sex : float, {"male", "female"}
        For the norm; None shows none.
    body_mass_kg : float or None
        For work and power, kilograms.
    least_rise_share : float or None
        The height limit: a raise is too low under this share of the median of the leg's own
        first raises. None: off, and the core's ``incomplete_top`` alone tells a low raise.
    involved : {"left", "right"} or None
        The injured leg: symmetry is then its share of the other one, else the lower's.
    """

    age_years: float | None = None
    sex: Sex | None = None
    body_mass_kg: float | None = None
    least_rise_share: float | None = None
    involved: Side | None = None


PROTOCOL = Protocol()
NOTHING_SAID = TestOptions()


class Criterion(StrEnum):
    """What a raise has to keep; the first matters most where one prompt alone can be given."""

    FOOT = "foot"
    HEIGHT = "height"
    KNEE = "knee"
    TRUNK = "trunk"
    PACE = "pace"


class Prompt(StrEnum):
    """What the person is told: a key of the words, no text."""

    FREE_FOOT_UP = "free_foot_up"
    HIGHER = "higher"
    KNEE_STRAIGHT = "knee_straight"
    BODY_UPRIGHT = "body_upright"
    KEEP_THE_PACE = "keep_the_pace"


PROMPTS: Mapping[Criterion, Prompt] = {
    Criterion.FOOT: Prompt.FREE_FOOT_UP,
    Criterion.HEIGHT: Prompt.HIGHER,
    Criterion.KNEE: Prompt.KNEE_STRAIGHT,
    Criterion.TRUNK: Prompt.BODY_UPRIGHT,
    Criterion.PACE: Prompt.KEEP_THE_PACE,
}
# Sure faults of the core that break a criterion. A pause at the top and slow lowering are no part
# of the test, a heel that stays up a little is in no stop rule, and a sway is an answer to losing
# the balance, not support.
_BREAKS: Mapping[str, Criterion] = {
    "foot_touchdown": Criterion.FOOT,
    "incomplete_top": Criterion.HEIGHT,
    "knee_bend": Criterion.KNEE,
    "trunk_lean": Criterion.TRUNK,
}
_WHY: Mapping[Criterion, str] = {
    Criterion.FOOT: "the free foot took the ground",
    Criterion.HEIGHT: "the heel did not rise high enough",
    Criterion.KNEE: "the knee did not stay straight",
    Criterion.TRUNK: "the trunk did not stay upright",
    Criterion.PACE: "the pace was lost",
}


@dataclass(frozen=True)
class Miss:
    """A raise that did not keep the criteria, or did not come: each is worth a prompt.

    Attributes
    ----------
    t_s : float
        When it was due or over, seconds.
    rep : int or None
        Number of the raise in the recording; None where none came in time.
    criteria : tuple of Criterion
        What was not kept.
    done : int
        Raises of the run before it.
    """

    t_s: float
    rep: int | None
    criteria: tuple[Criterion, ...]
    done: int


@dataclass(frozen=True)
class Stop:
    """Where the test of a leg ended.

    Attributes
    ----------
    t_s : float
        Time of the last prompt without an answer, seconds.
    criteria : tuple of Criterion
        What was not kept in the end.
    no_raise : bool
        Whether no raise came any more: the person stopped, or the recording did.
    """

    t_s: float
    criteria: tuple[Criterion, ...]
    no_raise: bool

    @property
    def why(self) -> str:
        """The reason in words."""
        kept = [_WHY[c] for c in self.criteria if not (self.no_raise and c is Criterion.PACE)]
        return ", ".join([*kept, "no further raise came"] if self.no_raise else kept)


@dataclass(frozen=True)
class Run:
    """The test of one leg as far as it is known.

    Attributes
    ----------
    side : {"left", "right"}
    raw : tuple of Rep
        All raises of the leg, practice and those after the stop included.
    practice : int
        How many of them came before the run.
    valid : tuple of Rep
        Raises of the run before the stop; all of them while there is none.
    misses : tuple of Miss
        What was worth a prompt, up to the stop.
    stop : Stop or None
        None while the test goes on.
    """

    side: Side
    raw: tuple[Rep, ...]
    practice: int
    valid: tuple[Rep, ...]
    misses: tuple[Miss, ...]
    stop: Stop | None

    @property
    def start_s(self) -> float:
        """When the test of a leg that has raises began, seconds."""
        return self.raw[self.practice].start_s


def test_settings(settings: Settings) -> Settings:
    """Return the thresholds of the core for the test: neither a pause nor slow lowering is due."""
    limits = replace(settings.faults, least_hold_s=0.0, least_down_s=0.0)
    return replace(settings, faults=limits)


def follow(
    side: Side,
    reps: Sequence[Rep],
    faults: Sequence[Fault],
    pace: Protocol = PROTOCOL,
    least_rise_share: float | None = None,
    until_s: float | None = None,
) -> Run:
    """Return the test of one leg.

    A raise is a miss when it breaks a criterion, and so is one that does not come: its top is due
    a period and the tolerance after the last one. ``pace.prompts`` misses in a row stop the test,
    whichever criteria they break; a raise that keeps all of them answers the prompts before it.
    Valid are the raises before the misses that stopped it.

    Parameters
    ----------
    side : {"left", "right"}
    reps : sequence of Rep
        Raises in the order of time, other legs' among them.
    faults : sequence of Fault
        The recording's: a touch-down between two raises counts for the second.
    pace : Protocol
    least_rise_share : float or None
        The height limit, see :class:`TestOptions`.
    until_s : float or None
        Up to when it is known that no further raise came, seconds; None: none will come.
    """
    raw = tuple(rep for rep in reps if rep.side == side)
    practice = _run_start(raw, pace)
    raises = raw[practice:]
    own = [fault for fault in faults if fault.side == side]
    broken = _broken(raises, own, least_rise_share, pace)
    misses: list[Miss] = []
    row = 0  # misses in a row up to now
    for miss in _answers(raises, broken, pace, until_s):
        row = 0 if miss is None else row + 1
        if miss is not None:
            misses.append(miss)
        if row == pace.prompts:
            last = misses[-row:]
            stop = _stop(last)
            return Run(side, raw, practice, raises[: last[0].done], tuple(misses), stop)
    return Run(side, raw, practice, raises, tuple(misses), None)


def _run_start(raw: Sequence[Rep], pace: Protocol) -> int:
    """Return with which raise of a leg its test begins: what is short and before it was practice.

    It is the first run of enough raises; where none has so many, the longest: a weak leg may do
    no more than two.
    """
    pause_s = pace.prompts * pace.period_s + pace.pace_tolerance_s
    starts = [
        index
        for index, rep in enumerate(raw)
        if not index or rep.top_start_s - raw[index - 1].top_start_s > pause_s
    ]
    lengths = {start: end - start for start, end in pairwise([*starts, len(raw)])}
    enough = [start for start in starts if lengths[start] >= pace.least_raises]
    return enough[0] if enough else max(starts, key=lengths.__getitem__, default=0)


def _broken(
    raises: Sequence[Rep], faults: Sequence[Fault], least_rise_share: float | None, pace: Protocol
) -> dict[int, set[Criterion]]:
    """Return which criteria each raise breaks by itself, by its number."""
    broken = {rep.number: {_BREAKS[k] for k in rep.faults if k in _BREAKS} for rep in raises}
    for fault in faults:
        if fault.kind == "foot_touchdown" and fault.rep is None and not fault.unsure:
            after = next((i for i, rep in enumerate(raises) if rep.start_s > fault.start_s), 0)
            if after:
                broken[raises[after].number].add(Criterion.FOOT)
    if least_rise_share is not None and len(raises) > pace.first_raises:
        own = median(rep.rise_shin for rep in raises[: pace.first_raises])
        for rep in raises[pace.first_raises :]:
            if rep.rise_shin < least_rise_share * own:
                broken[rep.number].add(Criterion.HEIGHT)
    return broken


def _answers(
    raises: Sequence[Rep],
    broken: Mapping[int, set[Criterion]],
    pace: Protocol,
    until_s: float | None,
) -> Iterator[Miss | None]:
    """Yield every miss in the order of time, and None for a raise that keeps all criteria."""
    for done, rep in enumerate(raises):
        criteria = set(broken[rep.number])
        if done:
            last_s = raises[done - 1].top_start_s
            due_s = list(_due(last_s, rep.top_start_s, pace))
            # a late raise is one miss, its own: it stands for the last one that was due
            yield from (Miss(t_s, None, (Criterion.PACE,), done) for t_s in due_s[:-1])
            too_soon = rep.top_start_s - last_s < pace.period_s - pace.pace_tolerance_s
            if due_s or too_soon:
                criteria.add(Criterion.PACE)
        yield Miss(rep.end_s, rep.number, ordered(criteria), done) if criteria else None
    if raises and not _is_practice(raises, pace, until_s):
        end_s = inf if until_s is None else until_s
        for t_s in _due(raises[-1].top_start_s, end_s, pace):
            yield Miss(t_s, None, (Criterion.PACE,), len(raises))


def _due(top_s: float, until_s: float, pace: Protocol) -> Iterator[float]:
    """Yield when the next top, and those after it, are overdue; without an end if there is none."""
    overdue_s = (top_s + number * pace.period_s + pace.pace_tolerance_s for number in count(1))
    return takewhile(lambda t_s: t_s < until_s, overdue_s)


def _is_practice(raises: Sequence[Rep], pace: Protocol, until_s: float | None) -> bool:
    """Whether so few raises may yet turn out to be practice."""
    if until_s is None or len(raises) >= pace.least_raises:
        return False
    return until_s - raises[-1].end_s < pace.practice_s


def ordered(criteria: Iterable[Criterion]) -> tuple[Criterion, ...]:
    """Return criteria in the order in which they are told: the most important first."""
    return tuple(sorted(criteria, key=list(Criterion).index))


def _stop(last: Sequence[Miss]) -> Stop:
    criteria = ordered({criterion for miss in last for criterion in miss.criteria})
    return Stop(last[-1].t_s, criteria, last[-1].rep is None)
