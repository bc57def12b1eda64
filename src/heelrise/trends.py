"""What the history shows over weeks: each leg's sets, their symmetry, and what is only noise.

The rise of a set is the mean of its reps, its total rise their sum: the height climbed. Rises in
centimetres exist only where a body height was given; those in shin lengths always do. A load that
was not given counts as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from statistics import mean
from typing import Literal

from heelrise.heel_rise_result import MDC_CM, MDC_REPS
from heelrise.history import Leg, Recording
from heelrise.terminal import many

LEGS: tuple[Leg, ...] = ("left", "right")

WANTED_REPS = 12

Since = Literal["first", "one before"]
Verdict = Literal["within noise", "more than noise", "cannot be told"]

# the total rise has no such figure: that of work needs a body mass
NOISE_NOTE = (
    f"Within noise: less than {MDC_REPS:g} reps or {MDC_CM:g} cm, the smallest change "
    "that a linear encoder could tell from its own noise (computed from Byrne 2017)."
)
RULE = (
    "The guide's rule: add load only when whole bodyweight sets on both legs are done with "
    "good form"
)


@dataclass(frozen=True)
class SetPoint:
    """One set of one leg.

    ``when`` is its recording's start, ``rise_`` the mean and ``total_`` the sum of its reps' rises:
    ``_cm`` in centimetres (None unless every rep has it), ``_shin`` in shin lengths. ``clean`` is
    how many reps have no sure fault. ``load_kg`` is 0 when none was given; ``test`` says whether it
    belongs to a heel-rise test.
    """

    recording: int
    number: int
    when: datetime
    side: Leg
    load_kg: float
    reps: int
    clean: int
    rise_cm: float | None
    rise_shin: float
    total_cm: float | None
    total_shin: float
    test: bool = False


@dataclass(frozen=True)
class DaySymmetry:
    """One day's best sets of the two legs under one load: the lower in percent of the higher.

    Sets of tests are compared among themselves.

    The best set of a leg is the one of the most reps, the first of equals. ``lower`` is the leg
    whose total rise is lower, None when they are equal.
    """

    when: datetime
    load_kg: float
    reps_percent: float
    rise_percent: float
    total_percent: float
    lower: Leg | None
    test: bool = False


@dataclass(frozen=True)
class Change:
    """How a leg's best sets of two recordings differ; ``rise_`` of the mean rise, later - before.

    Verdicts say whether a change is smaller than the smallest that is not noise. ``since`` says
    which recording the earlier one is: the leg's first, or the one before its latest.
    """

    side: Leg
    before: SetPoint
    later: SetPoint
    reps: int
    reps_verdict: Verdict
    rise_cm: float | None
    rise_verdict: Verdict
    since: Since = "first"


@dataclass(frozen=True)
class LegProgress:
    """A leg's latest bodyweight set held against the guide's rule; ``lacking`` is empty if met."""

    side: Leg
    latest: SetPoint | None
    lacking: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """The guide's rule for adding load, held against both legs.

    ``tested``: there are sets of tests, which were left out.
    """

    wanted_reps: int
    legs: tuple[LegProgress, ...]
    tested: bool = False

    @property
    def met(self) -> bool:
        """Whether both legs fulfil the rule."""
        return not any(leg.lacking for leg in self.legs)

    @property
    def verdict(self) -> str:
        """The verdict in words: "the rule is met" or "not yet, because ..."."""
        if self.met:
            return "the rule is met"
        return "not yet, because " + "; ".join(why for leg in self.legs for why in leg.lacking)


def set_points(recordings: Iterable[Recording]) -> list[SetPoint]:
    """Return every set of one leg, recordings in order of their start, sets in order within.

    A video is known by when it was analysed: where a set lies in it says nothing of the others.
    """
    points = []
    for recording in sorted(recordings, key=lambda one: (one.started, one.id)):
        for leg_set in recording.sets:
            reps = leg_set.reps
            if leg_set.side == "both" or not reps:
                continue
            in_cm = [rep.rise_cm for rep in reps if rep.rise_cm is not None]
            whole = len(in_cm) == len(reps)
            points.append(
                SetPoint(
                    recording=recording.id,
                    number=leg_set.number,
                    when=recording.started,
                    side=leg_set.side,
                    load_kg=recording.load_kg or 0.0,
                    reps=len(reps),
                    clean=sum(not rep.faults for rep in reps),
                    rise_cm=mean(in_cm) if whole else None,
                    rise_shin=mean(rep.rise_shin for rep in reps),
                    total_cm=sum(in_cm) if whole else None,
                    total_shin=sum(rep.rise_shin for rep in reps),
                    test=recording.test,
                )
            )
    return points


def symmetries(points: Iterable[SetPoint]) -> list[DaySymmetry]:
    """Return the symmetry of each day and load on which both legs worked, in order of time."""
    days: dict[tuple[date, float, bool], list[SetPoint]] = {}
    for point in points:
        days.setdefault((point.when.date(), point.load_kg, point.test), []).append(point)
    found = []
    for (_, load_kg, test), same in days.items():
        left, right = (_best(point for point in same if point.side == leg) for leg in LEGS)
        if left is None or right is None:
            continue
        lower: Leg | None = "left" if left.total_shin < right.total_shin else "right"
        found.append(
            DaySymmetry(
                when=max(left.when, right.when),
                load_kg=load_kg,
                reps_percent=_percent(left.reps, right.reps),
                rise_percent=_percent(left.rise_shin, right.rise_shin),
                total_percent=_percent(left.total_shin, right.total_shin),
                lower=None if left.total_shin == right.total_shin else lower,
                test=test,
            )
        )
    return sorted(found, key=lambda symmetry: symmetry.when)


def changes(points: Sequence[SetPoint]) -> list[Change]:
    """Return each leg's change since its first recording, and since the one before the latest.

    Only recordings with the load of the leg's latest set are compared, and tests with tests alone:
    a load changes the reps without any noise, and so does going on until the form is lost.
    """
    found = []
    for leg, test in product(LEGS, (False, True)):
        own = [point for point in points if (point.side, point.test) == (leg, test)]
        if not own:
            continue
        by_recording: dict[int, list[SetPoint]] = {}
        for point in own:
            if point.load_kg == own[-1].load_kg:
                by_recording.setdefault(point.recording, []).append(point)
        best = [max(same, key=lambda point: point.reps) for same in by_recording.values()]
        if len(best) > 1:
            found.append(change(best[0], best[-1]))
        if len(best) > 2:
            # with two recordings the first is also the one before
            found.append(change(best[-2], best[-1], "one before"))
    return found


def change(before: SetPoint, later: SetPoint, since: Since = "first") -> Change:
    """Hold the difference of two sets of one leg against the smallest that is not noise."""
    reps = later.reps - before.reps
    rise_cm = None
    if before.rise_cm is not None and later.rise_cm is not None:
        rise_cm = later.rise_cm - before.rise_cm
    return Change(
        side=later.side,
        before=before,
        later=later,
        reps=reps,
        reps_verdict=_verdict(reps, MDC_REPS),
        rise_cm=rise_cm,
        rise_verdict=_verdict(rise_cm, MDC_CM),
        since=since,
    )


def progress(points: Sequence[SetPoint], wanted_reps: int = WANTED_REPS) -> Progress:
    """Hold each leg's latest bodyweight set against the guide's rule for adding load.

    The rule is one of training: a test has neither its pause nor its slow way down.

    Parameters
    ----------
    points : sequence of SetPoint
        One person's sets, in order of time.
    wanted_reps : int
        Reps of a whole set.
    """
    legs = []
    for leg in LEGS:
        own = [p for p in points if p.side == leg and not p.load_kg and not p.test]
        latest = own[-1] if own else None
        legs.append(LegProgress(leg, latest, tuple(_lacking(leg, latest, wanted_reps))))
    return Progress(wanted_reps, tuple(legs), any(point.test for point in points))


def trend_lines(points: Sequence[SetPoint]) -> list[str]:
    """Return what changed and how symmetric the legs were last, in one line each."""
    found = changes(points)
    lines = [_change_line(one) for one in found]
    if any(one.rise_verdict == "cannot be told" for one in found):
        lines.append("A rise is compared in cm alone: --body-height gives it.")
    if found:
        lines.append(NOISE_NOTE)
    if days := symmetries(points):
        lines.append(_symmetry_line(days[-1]))
    return lines


def both_lines(recordings: Iterable[Recording]) -> list[str]:
    """Return one note on the raises on both legs, which are in no row; none without them."""
    counts = [
        sum(len(leg_set.reps) for leg_set in recording.sets if leg_set.side == "both")
        for recording in recordings
    ]
    some = [count for count in counts if count]
    if not some:
        return []
    return [
        f"On both legs together: {many(sum(some), 'rep')} in {many(len(some), 'recording')}, "
        "in no row and in no comparison."
    ]


def rule_lines(held: Progress) -> list[str]:
    """Return the guide's rule, what each leg did last, and the verdict."""
    lines = [f"{RULE} (here {many(held.wanted_reps, 'rep')}, none with a fault)."]
    if held.tested:
        lines.append("A heel-rise test is not held against it: the rule is one of training.")
    for leg in held.legs:
        if leg.latest is not None:
            lines.append(
                f"{leg.side.capitalize()}, latest bodyweight set ({_day(leg.latest)}): "
                f"{many(leg.latest.reps, 'rep')}, {_share(leg.latest)} without a fault"
            )
    return [*lines, f"Add load? {held.verdict[0].upper()}{held.verdict[1:]}."]


def _best(points: Iterable[SetPoint]) -> SetPoint | None:
    return max(points, key=lambda point: point.reps, default=None)


def _percent(one: float, other: float) -> float:
    return 100 * min(one, other) / max(one, other) if max(one, other) > 0 else 100.0


def _verdict(difference: float | None, limit: float) -> Verdict:
    if difference is None:
        return "cannot be told"
    # rounded as the JSON is: 2.2 cm must not be less than 2.2 cm
    return "within noise" if round(abs(difference), 4) < limit else "more than noise"


def _lacking(leg: Leg, latest: SetPoint | None, wanted_reps: int) -> Iterator[str]:
    if latest is None:
        yield f"there is no bodyweight set of the {leg} leg"
        return
    if latest.reps < wanted_reps:
        yield f"the {leg} leg did {latest.reps} of {many(wanted_reps, 'rep')}"
    if latest.clean < latest.reps:
        faulty = latest.reps - latest.clean
        have = "has" if faulty == 1 else "have"
        yield (
            f"{faulty} of {many(latest.reps, 'rep')} of the {leg} leg {have} a fault "
            f"({_share(latest)} without)"
        )


def _change_line(one: Change) -> str:
    if one.rise_cm is not None:
        rise, apart = _rise(one.later), f"{one.rise_cm:+.1f} cm"
    else:
        # in the unit that both have
        rise = _percent_shin(one.later.rise_shin)
        apart = f"{100 * (one.later.rise_shin - one.before.rise_shin):+.0f} % shin"
    return (
        f"{one.side.capitalize()}{', test' * one.later.test}, latest against the {one.since} "
        f"({_day(one.before)}): {many(one.later.reps, 'rep')}, {one.reps:+d} "
        f"({one.reps_verdict}); mean rise {rise}, {apart} ({one.rise_verdict})"
    )


def _symmetry_line(day: DaySymmetry) -> str:
    lower = f"; the {day.lower} leg climbed less" if day.lower else ""
    return (
        f"Symmetry on {day.when:%Y-%m-%d}{', test' * day.test} (lower leg in % of the other): reps "
        f"{day.reps_percent:.0f} %, mean rise {day.rise_percent:.0f} %, total rise "
        f"{day.total_percent:.0f} %{lower}"
    )


def table_rows(points: Iterable[SetPoint]) -> Iterator[tuple[str, ...]]:
    """Yield a row of words a set, under :data:`TABLE_NAMES`."""
    for point in points:
        in_cm = point.total_cm is not None
        yield (
            f"{point.when:%Y-%m-%d %H:%M}",
            f"{point.side}, test" if point.test else point.side,
            f"{point.load_kg:g} kg" if point.load_kg else "body",
            str(point.reps),
            _share(point),
            _rise(point),
            f"{point.total_cm:.0f} cm" if in_cm else _percent_shin(point.total_shin),
        )


TABLE_NAMES = ("when", "leg", "load", "reps", "no fault", "mean rise", "total rise")


def _rise(point: SetPoint) -> str:
    if point.rise_cm is None:
        return _percent_shin(point.rise_shin)
    return f"{point.rise_cm:.1f} cm"


def _percent_shin(shins: float) -> str:
    return f"{100 * shins:.0f} % shin"


def _share(point: SetPoint) -> str:
    if point.clean in (0, point.reps):
        return "100 %" if point.clean else "0 %"
    # never rounded to what is said of all of them, or of none
    return f"{min(max(round(100 * point.clean / point.reps), 1), 99)} %"


def _day(point: SetPoint) -> str:
    return f"{point.when:%Y-%m-%d}"
