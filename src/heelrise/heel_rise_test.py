"""The heel-rise endurance test: raises of one leg to a beat until the form is lost.

How it is performed, and what one camera cannot see of it: docs/heel-rise-test.md. The core counts
and judges as ever; here it is decided where a leg's test stopped, from its raises alone. The same
rule serves a recording (:func:`evaluate`) and a live test
(:class:`~heelrise.guided_test.TestGuide`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import count, pairwise, takewhile
from math import inf
from statistics import fmean, median
from typing import Any

from heelrise import norms, work
from heelrise.result import Fault, Rep, Result, Side
from heelrise.settings import Settings

LEGS: tuple[Side, Side] = ("left", "right")
OTHER: Mapping[Side, Side] = {"left": "right", "right": "left"}

# The smallest change from test to test that is not noise: 1.96 x sqrt(2) x the retest SEM of 6.7
# reps, 0.8 cm and 419 J of the lab's own standard, a linear encoder (Byrne 2017).
MDC_REPS, MDC_CM, MDC_J = 18.6, 2.2, 1161

NOT_A_DEVICE = "Not a medical device."


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
    sex: norms.Sex | None = None
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


# ---- a recording --------------------------------------------------------------------------


@dataclass(frozen=True)
class LegResult:
    """What the test of one leg gave; all figures are of its valid raises.

    Attributes
    ----------
    run : Run
        The raises, raw and valid, and why it stopped.
    displacement_cm, displacement_shin : float
        Sum of the rises, centimetres (None without a body height) and shin lengths.
    highest_cm, mean_cm : float or None
        Highest and mean rise, centimetres.
    work_j, power_w : float or None
        Joules and watts (:mod:`heelrise.work`); None without body mass or body height.
    of_norm_percent : float or None
        Valid raises as a share of the norm; None without one.
    """

    run: Run
    displacement_cm: float | None
    displacement_shin: float
    highest_cm: float | None
    mean_cm: float | None
    work_j: float | None
    power_w: float | None
    of_norm_percent: float | None


@dataclass(frozen=True)
class Symmetry:
    """Limb symmetry index of one measure.

    Attributes
    ----------
    percent : float
        ``leg`` as a share of the other one.
    leg : {"left", "right"}
        The involved leg, if it was named; else the lower one.
    """

    percent: float
    leg: Side


@dataclass(frozen=True)
class TestResult:
    """The heel-rise endurance test as one recording shows it.

    Attributes
    ----------
    pace : Protocol
    options : TestOptions
    legs : tuple of LegResult
        In the order they were tested; a leg without a raise is missing.
    norm : Norm or None
        None without age and sex, or outside of its ages.
    symmetry : mapping of str to Symmetry or None
        ``reps``, ``displacement`` and ``work``; None where a leg, or the measure, is missing.
    warm_up_raises : int
        Raises on two legs before the first leg.
    rest_s : float or None
        From the last raise of the first leg to the first of the second, seconds.
    deviations : tuple of str
        What was seen to be done otherwise than the protocol says.
    """

    pace: Protocol
    options: TestOptions
    legs: tuple[LegResult, ...]
    norm: norms.Norm | None
    symmetry: Mapping[str, Symmetry | None]
    warm_up_raises: int
    rest_s: float | None
    deviations: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be read with the result: what is missing for which reason, the protocol."""
        work_known = any(leg.work_j is not None for leg in self.legs)
        return (*self._missing(), *protocol_lines(self.pace, work_known=work_known))

    def _missing(self) -> Iterator[str]:
        said = self.options
        if said.age_years is not None and said.sex is not None and self.norm is None:
            yield (
                f"No norm for an age of {said.age_years:g}: there is one for "
                f"{norms.LEAST_AGE_YEARS} to {norms.MOST_AGE_YEARS} years."
            )
        in_shins = any(leg.displacement_cm is None for leg in self.legs)
        if said.body_mass_kg is not None and in_shins:
            yield "No work and no power: they need rises in cm, which --body-height gives."

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, units in the names; to be stored under ``test``."""
        return {
            "protocol": _rounded(asdict(self.pace) | {"period_s": self.pace.period_s}),
            "options": _rounded(asdict(self.options)),
            "legs": {leg.run.side: _leg_json(leg) for leg in self.legs},
            "norm": None if self.norm is None else asdict(self.norm),
            "symmetry": {
                measure: None if lsi is None else _rounded(asdict(lsi))
                for measure, lsi in self.symmetry.items()
            },
            "warm_up_raises": self.warm_up_raises,
            "rest_s": None if self.rest_s is None else round(self.rest_s, 4),
            "deviations": list(self.deviations),
            "least_real_change": {"reps": MDC_REPS, "height_cm": MDC_CM, "work_j": MDC_J},
            "notes": list(self.notes),
        }


def evaluate(
    result: Result, pace: Protocol = PROTOCOL, options: TestOptions = NOTHING_SAID
) -> TestResult:
    """Return the test that a result shows.

    Parameters
    ----------
    result : Result
        Of a session with the thresholds of :func:`test_settings`.
    pace : Protocol
    options : TestOptions

    Returns
    -------
    TestResult
        A leg whose raises are followed by nothing has stopped with the last one: whether the
        person or the recording did, a result does not tell.
    """
    runs = [
        follow(side, result.reps, result.faults, pace, options.least_rise_share) for side in LEGS
    ]
    runs = sorted((run for run in runs if run.raw), key=lambda run: run.start_s)
    norm = None
    if options.age_years is not None and options.sex is not None:
        norm = norms.norm(options.age_years, options.sex)
    legs = tuple(_leg_result(run, norm, options.body_mass_kg) for run in runs)
    warm_up = sum(
        rep.side == "both" and bool(runs) and rep.end_s <= runs[0].start_s for rep in result.reps
    )
    rest_s = None
    if len(runs) == 2:
        second_s = runs[1].start_s
        ended_s = max(rep.end_s for rep in runs[0].raw if rep.start_s < second_s)
        rest_s = max(0.0, second_s - ended_s)
    return TestResult(
        pace,
        options,
        legs,
        norm,
        {
            "reps": _symmetry(legs, "reps", options.involved),
            "displacement": _symmetry(legs, "displacement", options.involved),
            "work": _symmetry(legs, "work", options.involved),
        },
        warm_up,
        rest_s,
        _deviations(legs, warm_up, rest_s, pace),
    )


def protocol_lines(pace: Protocol = PROTOCOL, *, work_known: bool = True) -> tuple[str, ...]:
    """Return what has to be read with every result of the test, a sentence or two a line.

    How work is computed is left out where there is none.
    """
    work_lines = (f"Work is body mass x 9.81 m/s2 x rise: {work.BIAS}.",) if work_known else ()
    return (
        f"Heel-rise endurance test: one leg, {pace.beats_per_min:.0f} beats a minute, up on one, "
        f"down on the next; {pace.rest_s:.0f} s rest between the legs.",
        f"Valid raises are those before {pace.prompts} misses in a row: too low, knee bent, trunk "
        f"leaning, foot down, or more than {pace.pace_tolerance_s:.1f} s off the pace of "
        f"{pace.period_s:.0f} s.",
        "One camera sees neither the 10 degree incline nor how hard the fingertips press.",
        *work_lines,
        f"From test to test, a change of less than {MDC_REPS} raises, {MDC_CM} cm or {MDC_J} J is "
        "noise even in the laboratory (Byrne 2017).",
        NOT_A_DEVICE,
    )


def _leg_result(run: Run, norm: norms.Norm | None, body_mass_kg: float | None) -> LegResult:
    rises_cm = [rep.rise_cm for rep in run.valid if rep.rise_cm is not None]
    return LegResult(
        run=run,
        displacement_cm=work.displacement_cm(run.valid),
        displacement_shin=work.displacement_shin(run.valid),
        highest_cm=max(rises_cm, default=None),
        mean_cm=fmean(rises_cm) if rises_cm else None,
        work_j=work.work_j(run.valid, body_mass_kg),
        power_w=work.mean_power_w(run.valid, body_mass_kg),
        of_norm_percent=None if norm is None else 100 * len(run.valid) / norm.median_reps,
    )


def _symmetry(legs: Sequence[LegResult], measure: str, involved: Side | None) -> Symmetry | None:
    values = {leg.run.side: _measure(leg, measure) for leg in legs}
    left, right = values.get("left"), values.get("right")
    if left is None or right is None:
        return None
    own: Side = involved or ("left" if left <= right else "right")
    value, other = (left, right) if own == "left" else (right, left)
    return None if other <= 0 else Symmetry(100 * value / other, own)


def _measure(leg: LegResult, measure: str) -> float | None:
    if measure == "reps":
        return float(len(leg.run.valid))
    return leg.displacement_shin if measure == "displacement" else leg.work_j


def _deviations(
    legs: Sequence[LegResult], warm_up: int, rest_s: float | None, pace: Protocol
) -> tuple[str, ...]:
    """Return what was done otherwise, in words."""
    said = []
    if legs and not warm_up:
        said.append("no warm-up on two legs was seen")
    if rest_s is not None and rest_s < pace.rest_s:
        said.append(f"rested for {rest_s:.0f} s between the legs (at least {pace.rest_s:.0f} s)")
    if len(legs) == 1:
        said.append(f"only the {legs[0].run.side} leg was tested: no symmetry")
    return tuple(said)


def _leg_json(leg: LegResult) -> dict[str, Any]:
    run = leg.run
    stop = run.stop
    return _rounded(
        {
            "raw_reps": len(run.raw),
            "practice_reps": run.practice,
            "valid_reps": len(run.valid),
            "valid_rep_numbers": [rep.number for rep in run.valid],
            "misses": [_rounded(asdict(miss)) for miss in run.misses],
            "stop": None if stop is None else _rounded(asdict(stop)) | {"why": stop.why},
            "of_norm_percent": leg.of_norm_percent,
            "displacement_cm": leg.displacement_cm,
            "displacement_shin": leg.displacement_shin,
            "highest_cm": leg.highest_cm,
            "mean_cm": leg.mean_cm,
            "work_j": leg.work_j,
            "power_w": leg.power_w,
        }
    )


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain JSON values; more than four decimals are noise."""
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, float):
            plain[name] = round(value, 4)
        elif isinstance(value, tuple):
            plain[name] = [str(entry) for entry in value]
        else:
            plain[name] = value
    return plain
