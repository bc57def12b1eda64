"""The result of a heel-rise test: each leg's figures, norm, symmetry, and what is read with them.

Where a leg's test stopped is decided in :mod:`heelrise.heel_rise_test`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from heelrise import norms, work
from heelrise.heel_rise_test import LEGS, NOTHING_SAID, PROTOCOL, Protocol, Run, TestOptions, follow
from heelrise.result import Result, Side, rounded

# The smallest change from test to test that is not noise: 1.96 x sqrt(2) x the retest SEM of 6.7
# reps, 0.8 cm and 419 J of the lab's own standard, a linear encoder in healthy adults (Byrne 2017,
# docs/sources.md).
MDC_REPS, MDC_CM, MDC_J = 18.6, 2.2, 1161

NOT_A_DEVICE = "Not a medical device."


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
class LimbSymmetry:
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
    symmetry : mapping of str to LimbSymmetry or None
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
    symmetry: Mapping[str, LimbSymmetry | None]
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
            "protocol": rounded(asdict(self.pace) | {"period_s": self.pace.period_s}),
            "options": rounded(asdict(self.options)),
            "legs": {leg.run.side: _leg_json(leg) for leg in self.legs},
            "norm": None if self.norm is None else asdict(self.norm),
            "symmetry": {
                measure: None if lsi is None else rounded(asdict(lsi))
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
        Of a session with the thresholds of :func:`heelrise.heel_rise_test.test_settings`.
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
    # A leg without a valid raise has worked nothing; without a body height nobody knows.
    in_cm = work.displacement_cm(run.raw) is not None
    return LegResult(
        run=run,
        displacement_cm=work.displacement_cm(run.valid) if in_cm else None,
        displacement_shin=work.displacement_shin(run.valid),
        highest_cm=max(rises_cm, default=None),
        mean_cm=fmean(rises_cm) if rises_cm else None,
        work_j=work.work_j(run.valid, body_mass_kg) if in_cm else None,
        power_w=work.mean_power_w(run.valid, body_mass_kg),
        of_norm_percent=None if norm is None else 100 * len(run.valid) / norm.median_reps,
    )


def _symmetry(
    legs: Sequence[LegResult], measure: str, involved: Side | None
) -> LimbSymmetry | None:
    values = {leg.run.side: _measure(leg, measure) for leg in legs}
    left, right = values.get("left"), values.get("right")
    if left is None or right is None:
        return None
    own: Side = involved or ("left" if left <= right else "right")
    value, other = (left, right) if own == "left" else (right, left)
    return None if other <= 0 else LimbSymmetry(100 * value / other, own)


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
        rested_s = min(rest_s, pace.rest_s - 1)  # what fell short does not read as enough
        said.append(f"rested for {rested_s:.0f} s between the legs (at least {pace.rest_s:.0f} s)")
    if len(legs) == 1:
        said.append(f"only the {legs[0].run.side} leg was tested: no symmetry")
    return tuple(said)


def _leg_json(leg: LegResult) -> dict[str, Any]:
    run = leg.run
    stop = run.stop
    return rounded(
        {
            "raw_reps": len(run.raw),
            "practice_reps": run.practice,
            "valid_reps": len(run.valid),
            "valid_rep_numbers": [rep.number for rep in run.valid],
            "misses": [rounded(asdict(miss)) for miss in run.misses],
            "stop": None if stop is None else rounded(asdict(stop)) | {"why": stop.why},
            "of_norm_percent": leg.of_norm_percent,
            "displacement_cm": leg.displacement_cm,
            "displacement_shin": leg.displacement_shin,
            "highest_cm": leg.highest_cm,
            "mean_cm": leg.mean_cm,
            "work_j": leg.work_j,
            "power_w": leg.power_w,
        }
    )
