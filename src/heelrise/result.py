"""What was found in a recording: reps, faults, sets, and their written form (JSON, schema 1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from heelrise import __version__

SCHEMA_VERSION = 1

Side = Literal["left", "right", "both"]
SIDES: tuple[Side, ...] = ("left", "right", "both")


@dataclass(frozen=True)
class Rep:
    """One heel rise, from the rest before it to the rest after it.

    Times are seconds of the recording. ``rise``, ``peak`` and ``bottom`` are heights of the
    heel's sole: ``rise`` from the rep's start to its peak, ``peak`` and ``bottom`` relative to
    the flat foot (negative: below step level; None when no flat stance was seen). ``_shin`` is
    in shin lengths (knee to ankle), ``_cm`` in centimetres (None without a body height).
    ``rise_sd`` is the standard deviation of ``rise``: half of the errors lie within 0.67 of it.
    """

    number: int
    side: Side
    start_s: float
    top_start_s: float
    peak_s: float
    top_end_s: float
    end_s: float
    hold_s: float
    up_s: float
    down_s: float
    rise_cm: float | None
    rise_shin: float
    peak_cm: float | None
    peak_shin: float | None
    bottom_cm: float | None
    bottom_shin: float | None
    faults: tuple[str, ...] = ()
    rise_sd_cm: float | None = None
    rise_sd_shin: float | None = None


@dataclass(frozen=True)
class Fault:
    """Something that was wrong, or could not be told.

    ``rep`` is the number of the rep it belongs to, None between reps. ``measured`` and ``limit``
    share ``unit``. ``unsure`` means the picture cannot carry the claim; ``message`` says why.
    """

    kind: str
    side: Side
    rep: int | None
    start_s: float
    end_s: float
    measured: float | None
    limit: float | None
    unit: str
    unsure: bool
    message: str


@dataclass(frozen=True)
class Tip:
    """Something worth a word that is no fault: held against no rep, in no count of faults."""

    kind: str
    side: Side
    start_s: float
    end_s: float
    measured: float
    limit: float
    unit: str
    message: str


@dataclass(frozen=True)
class LegSet:
    """Reps of one leg done without putting the leg to rest: first start to last end."""

    side: Side
    start_s: float
    end_s: float
    reps: tuple[int, ...]


@dataclass(frozen=True)
class Result:
    """All that one recording or live session gave."""

    reps: tuple[Rep, ...]
    faults: tuple[Fault, ...]
    sets: tuple[LegSet, ...]
    warnings: tuple[str, ...]
    tips: tuple[Tip, ...] = ()

    def count(self, side: Side) -> int:
        """Return how many reps were done on a side."""
        return sum(rep.side == side for rep in self.reps)


@dataclass(frozen=True)
class VideoFacts:
    """The recording a result belongs to, as it was read to its end."""

    path: str
    duration_s: float
    fps: float
    width: int
    height: int
    frames: int


def from_json(values: Mapping[str, Any]) -> Result:
    """Return the result that :func:`to_json` wrote; what a human could not know of a rep is NaN."""
    reps = []
    for rep in values["reps"]:
        known = {**rep, "faults": tuple(rep["faults"])}
        known["rise_shin"] = float("nan") if rep["rise_shin"] is None else rep["rise_shin"]
        reps.append(Rep(**known))
    return Result(
        tuple(reps),
        tuple(Fault(**fault) for fault in values["faults"]),
        tuple(LegSet(**{**one, "reps": tuple(one["reps"])}) for one in values["sets"]),
        tuple(values["warnings"]),
        tuple(Tip(**tip) for tip in values.get("tips", ())),
    )


def without(result: Result, taken_back: Collection[int]) -> Result:
    """Return a result without the reps of these numbers, the others numbered anew from 1.

    Faults go with their rep, and a set goes with its last rep. What lies in a set and belongs to
    no rep, tips and the faults between reps, stays as long as it lies in what is left of the set.
    """
    kept = [rep for rep in result.reps if rep.number not in taken_back]
    anew = {rep.number: number for number, rep in enumerate(kept, start=1)}
    reps = {anew[rep.number]: replace(rep, number=anew[rep.number]) for rep in kept}
    sets = []
    for leg_set in result.sets:
        numbers = tuple(anew[number] for number in leg_set.reps if number in anew)
        if numbers:
            start_s, end_s = reps[numbers[0]].start_s, reps[numbers[-1]].end_s
            sets.append(LegSet(leg_set.side, start_s, end_s, numbers))
    faults = tuple(
        fault if fault.rep is None else replace(fault, rep=anew[fault.rep])
        for fault in result.faults
        if (_stays(fault, result.sets, sets) if fault.rep is None else fault.rep in anew)
    )
    tips = tuple(tip for tip in result.tips if _stays(tip, result.sets, sets))
    return Result(tuple(reps.values()), faults, tuple(sets), result.warnings, tips)


def to_json(result: Result, video: VideoFacts, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result as plain JSON values in the form of schema 1 (docs/json.md)."""
    return {
        "schema_version": SCHEMA_VERSION,
        "heelrise": __version__,
        "video": rounded(asdict(video)),
        "settings": dict(settings),
        "counts": {side: result.count(side) for side in SIDES},
        "reps": [rounded(asdict(rep)) for rep in result.reps],
        "faults": [rounded(asdict(fault)) for fault in result.faults],
        "sets": [rounded(asdict(leg_set)) for leg_set in result.sets],
        "warnings": list(result.warnings),
        "tips": [rounded(asdict(tip)) for tip in result.tips],
    }


def _stays(one: Fault | Tip, before: Iterable[LegSet], after: Iterable[LegSet]) -> bool:
    """Whether what belongs to no rep is in what is left of the sets, or was in none of them."""
    return any(_is_in(one, left) for left in after) or not any(_is_in(one, was) for was in before)


def _is_in(one: Fault | Tip, leg_set: LegSet) -> bool:
    meets = one.end_s > leg_set.start_s and one.start_s < leg_set.end_s
    return meets and one.side == leg_set.side


def rounded(values: dict[str, Any]) -> dict[str, Any]:
    """Round floats to what can be read: a tenth of a millisecond or millimetre is noise."""
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, float):
            plain[name] = round(value, 4)
        elif isinstance(value, tuple):
            plain[name] = list(value)
        else:
            plain[name] = value
    return plain
