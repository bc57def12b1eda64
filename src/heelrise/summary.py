"""What a set says beyond its reps: means, fatigue with its error band, left against right.

All of it is computed from a :class:`~heelrise.result.Result` alone. A measure that is missing in a
rep (a rise without a body height, a rep a human put in) is left out, never filled in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Literal

from heelrise.result import SIDES, Rep, Result, Side

FATIGUE_REPS = 6  # the fewest that give a first and a last third of two reps each
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Middle:
    """Mean, median and sum of a measure over the reps in which it is known.

    Attributes
    ----------
    mean, median : float
        In the unit of the measure.
    total : float or None
        None where the measure is unknown in any of the reps.
    known : int
        In how many reps the measure is known.
    """

    mean: float
    median: float
    total: float | None
    known: int


@dataclass(frozen=True)
class Fatigue:
    """Height lost from the first to the last third of the longest set of a leg.

    Attributes
    ----------
    reps : tuple of int
        Numbers of the reps of that set.
    third : int
        How many reps a third holds.
    lost_shin, lost_cm : float or None
        Mean rise of the first third minus that of the last; positive: the rises got lower.
    band_shin, band_cm : float or None
        The true loss lies this far to either side of it, with 95 % confidence.
    lost_share : float or None
        The loss as a share of the mean rise of the first third.
    told : bool
        Whether the loss (or gain) is outside of its band.
    why_not : str
        Why it cannot be told; empty when it can.
    """

    reps: tuple[int, ...]
    third: int = 0
    lost_shin: float | None = None
    lost_cm: float | None = None
    band_shin: float | None = None
    band_cm: float | None = None
    lost_share: float | None = None
    told: bool = False
    why_not: str = ""


@dataclass(frozen=True)
class LegSummary:
    """The reps of one side, summed up.

    Attributes
    ----------
    side : {"left", "right", "both"}
    reps : int
    rise_shin, rise_cm : Middle or None
        Rises in shin lengths and centimetres; None where no rep has one.
    hold_s, up_s, down_s : Middle or None
        Hold, way up and way down, seconds.
    faults, unsure : int
        Faults that are sure, and those that could not be judged, between reps included.
    fatigue : Fatigue or None
        None for reps on both legs.
    """

    side: Side
    reps: int
    rise_shin: Middle | None
    rise_cm: Middle | None
    hold_s: Middle | None
    up_s: Middle | None
    down_s: Middle | None
    faults: int
    unsure: int
    fatigue: Fatigue | None


@dataclass(frozen=True)
class Symmetry:
    """One measure of the left leg against the right one (limb symmetry index).

    Attributes
    ----------
    measure : {"reps", "mean rise", "total rise"}
    unit : {"", "cm", "shin"}
    left, right : float
        The measure itself.
    left_right_pct : float
        100 * left / right. With an involved left leg this is the LSI of the field; with an
        involved right leg it is 100 * right / left.
    lower_higher_pct : float
        100 * lower / higher: the LSI where no leg is known to be the involved one; 100 is equal.
    lower : {"left", "right"} or None
        The leg with the lower value; None when they are equal.
    """

    measure: str
    unit: str
    left: float
    right: float
    left_right_pct: float
    lower_higher_pct: float
    lower: Literal["left", "right"] | None


@dataclass(frozen=True)
class Summary:
    """Both legs, and how they compare; ``symmetry`` is None when only one leg has reps."""

    legs: tuple[LegSummary, ...]
    symmetry: tuple[Symmetry, ...] | None


def summarize(result: Result) -> Summary:
    """Sum up a result leg by leg; legs without reps are left out."""
    legs = tuple(_leg(side, result) for side in SIDES if result.count(side))
    return Summary(legs, symmetry(legs))


def symmetry(legs: Sequence[LegSummary]) -> tuple[Symmetry, ...] | None:
    """Compare left and right; None when only one of them has reps.

    A measure that is unknown on a leg is left out. Rises compare in centimetres where both legs
    have them, which gives the same percentages as shin lengths.
    """
    sides = {leg.side: leg for leg in legs}
    if "left" not in sides or "right" not in sides:
        return None
    left, right = sides["left"], sides["right"]
    unit, rises = _comparable_rises(left, right)
    found = [_compared("reps", "", left.reps, right.reps)]
    if rises is not None:
        found.append(_compared("mean rise", unit, rises[0].mean, rises[1].mean))
        found.append(_compared("total rise", unit, rises[0].total, rises[1].total))
    return tuple(one for one in found if one is not None)


def fatigue(result: Result, side: Side) -> Fatigue:
    """Return the height lost from the first to the last third of a leg's longest set.

    Its standard error has two parts, added as squares: how much the rises scatter about a
    straight line through the set (so that a steady loss is not taken for scatter), and how far off
    each rise may be (``rise_sd``). What a view gets wrong by the same share in every rep scales
    the loss, but makes none of it.
    """
    by_number = {rep.number: rep for rep in result.reps}
    sets = [leg_set for leg_set in result.sets if leg_set.side == side]
    if not sets:
        return Fatigue((), why_not="no set of this leg was found")
    longest = max(sets, key=lambda leg_set: len(leg_set.reps))
    reps = [by_number[number] for number in longest.reps if number in by_number]
    return _fatigue_of(reps)


def fatigue_words(lost: Fatigue) -> str:
    """Say in one sentence what is known of the height lost."""
    if lost.lost_shin is None or lost.band_shin is None or lost.lost_share is None:
        return f"Cannot be told: {lost.why_not}."
    if lost.lost_cm is not None and lost.band_cm is not None:
        amount, band = f"{abs(lost.lost_cm):.1f} cm", f"\u00b1 {lost.band_cm:.1f} cm"
    else:
        amount = f"{100 * abs(lost.lost_shin):.1f} % of a shin"
        band = f"\u00b1 {100 * lost.band_shin:.1f}"
    way = "lost" if lost.lost_shin >= 0 else "gained"
    measured = f"{amount} {way} ({band}, 95 %)"
    if not lost.told:
        return f"Cannot be told: {measured}, {lost.why_not}."
    share = f"{abs(lost.lost_share):.0%}".replace("%", " %")
    return (
        f"{measured}: the last {lost.third} reps of {len(lost.reps)} rise {share} "
        f"{'less' if way == 'lost' else 'more'} than the first {lost.third}."
    )


def _leg(side: Side, result: Result) -> LegSummary:
    reps = [rep for rep in result.reps if rep.side == side]
    faults = [fault for fault in result.faults if fault.side == side]
    return LegSummary(
        side=side,
        reps=len(reps),
        rise_shin=_middle(reps, lambda rep: rep.rise_shin),
        rise_cm=_middle(reps, lambda rep: rep.rise_cm),
        hold_s=_middle(reps, lambda rep: rep.hold_s),
        up_s=_middle(reps, lambda rep: rep.up_s),
        down_s=_middle(reps, lambda rep: rep.down_s),
        faults=sum(not fault.unsure for fault in faults),
        unsure=sum(fault.unsure for fault in faults),
        fatigue=None if side == "both" else fatigue(result, side),
    )


def _middle(reps: Sequence[Rep], measure: Callable[[Rep], float | None]) -> Middle | None:
    values = [value for rep in reps if (value := measure(rep)) is not None and math.isfinite(value)]
    if not values:
        return None
    total = sum(values) if len(values) == len(reps) else None
    return Middle(mean(values), median(values), total, len(values))


def _comparable_rises(
    left: LegSummary, right: LegSummary
) -> tuple[str, tuple[Middle, Middle] | None]:
    if left.rise_cm is not None and right.rise_cm is not None:
        return "cm", (left.rise_cm, right.rise_cm)
    if left.rise_shin is not None and right.rise_shin is not None:
        return "shin", (left.rise_shin, right.rise_shin)
    return "", None


def _compared(measure: str, unit: str, left: float | None, right: float | None) -> Symmetry | None:
    if left is None or right is None or left <= 0 or right <= 0:
        return None
    lower: Literal["left", "right"] | None = None
    if left != right:
        lower = "left" if left < right else "right"
    low, high = sorted((left, right))
    return Symmetry(measure, unit, left, right, 100 * left / right, 100 * low / high, lower)


def _fatigue_of(reps: Sequence[Rep]) -> Fatigue:
    numbers = tuple(rep.number for rep in reps)
    if len(reps) < FATIGUE_REPS:
        return Fatigue(
            numbers, why_not=f"the longest set has {len(reps)} reps, {FATIGUE_REPS} are needed"
        )
    rises = [rep.rise_shin for rep in reps]
    sds = [rep.rise_sd_shin for rep in reps]
    known_sds = [sd for sd in sds if sd is not None and math.isfinite(sd)]
    if not all(map(math.isfinite, rises)) or len(known_sds) < len(reps):
        return Fatigue(numbers, why_not="the rise of a rep in the set, or its error, is not known")
    third = len(reps) // 3
    first = mean(rises[:third])
    lost = first - mean(rises[-third:])
    if first <= 0:
        return Fatigue(numbers, why_not="the first reps have no height")
    band = _t_quantile(len(reps) - 2) * _loss_error(rises, known_sds, third)
    told = abs(lost) > band
    cm = _cm_per_shin(reps)
    return Fatigue(
        reps=numbers,
        third=third,
        lost_shin=lost,
        lost_cm=None if cm is None else lost * cm,
        band_shin=band,
        band_cm=None if cm is None else band * cm,
        lost_share=lost / first,
        told=told,
        why_not="" if told else "which is inside the band",
    )


def _loss_error(rises: Sequence[float], sds: Sequence[float], third: int) -> float:
    """Return the standard error of the loss, shin lengths."""
    scatter = _scatter(rises) ** 2 * 2 / third
    measuring = sum(sd**2 for sd in (*sds[:third], *sds[-third:])) / third**2
    return math.sqrt(scatter + measuring)


def _scatter(values: Sequence[float]) -> float:
    """Return the standard deviation about the straight line through values in a row."""
    middle, level = (len(values) - 1) / 2, mean(values)
    across = sum((place - middle) ** 2 for place in range(len(values)))
    slope = sum((place - middle) * value for place, value in enumerate(values)) / across
    rest = (value - level - slope * (place - middle) for place, value in enumerate(values))
    return math.sqrt(sum(off**2 for off in rest) / (len(values) - 2))


def _t_quantile(freedom: int) -> float:
    """Return how many standard errors the band is wide to either side (Student's t)."""
    from scipy.stats import t

    return float(t.ppf(0.5 + _CONFIDENCE / 2, freedom))


def _cm_per_shin(reps: Sequence[Rep]) -> float | None:
    """Return the length of the shin in cm, which a body height gave; None without one."""
    for rep in reps:
        if rep.rise_cm is not None and rep.rise_shin > 0:
            return rep.rise_cm / rep.rise_shin
    return None
