"""A human's corrections of a result: reps accepted, deleted, added, changed; pure values.

The machine's version is never changed. The human's is a file of the same form beside it
(:func:`human_path`), so that it can be read by whatever reads a result, and be truth in benchmarks.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heelrise.result import SIDES, Side
from heelrise.words import ENGLISH

KINDS: tuple[str, ...] = tuple(ENGLISH.cues)
"""Kinds of faults in the order of the keys that toggle them: 1 is the first."""

ADDED_HALF_S = 1.0
"""An added rep reaches from so long before to so long after its moment; its ends can be moved."""

DIGITS = 4
"""Decimals of a time in a result (docs/json.md)."""

SAME_SET_S = 5.0
"""An added rep so near to one of its leg is in the same set: one missed between them fits in."""

NO_TEST = (
    "the heel-rise test is left out: it was judged on reps that a human has changed since; it "
    "stands in the machine's result"
)
"""Said in a human's version, for judging the test anew would take the landmarks."""

_ENDING = ".human.json"

_MEASURES = (
    *("rise_cm", "rise_shin", "rise_sd_cm", "rise_sd_shin"),
    *("peak_cm", "peak_shin", "bottom_cm", "bottom_shin"),
)


def human_path(machine: Path) -> Path:
    """Return where the human's version of a result stands: beside it."""
    return machine.with_name(f"{machine.stem}{_ENDING}")


def machine_path(human: Path) -> Path | None:
    """Return where the result stands that a human's version belongs to; None by another name."""
    stem = human.name.removesuffix(_ENDING)
    return None if stem == human.name else human.with_name(f"{stem}.json")


@dataclass
class Edited:
    """One rep under review.

    Attributes
    ----------
    values : dict
        As in the JSON.
    verdict : {"", "accepted", "added"}
        What the human said of it; "" when nothing yet.
    was : int or None
        Its number in the machine's version; None for one that was added.
    """

    values: dict[str, Any]
    verdict: str = ""
    was: int | None = None


@dataclass
class Review:
    """All reps of a result, one of them under the eye.

    Parameters
    ----------
    machine : dict
        The machine's result; it is not changed.
    human : dict or None
        An earlier version of the human's, to go on from.
    """

    machine: dict[str, Any]
    human: dict[str, Any] | None = None
    reps: list[Edited] = field(init=False)
    at: int = field(init=False, default=0)
    _past: list[tuple[list[Edited], int]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Start at the first rep."""
        source = self.human or self.machine
        review = source.get("review", {})
        accepted, added = set(review.get("accepted", ())), set(review.get("added", ()))
        was = review.get("was", {})
        self.reps = [
            Edited(
                copy.deepcopy(rep),
                "added"
                if rep["number"] in added
                else "accepted"
                if rep["number"] in accepted
                else "",
                None if rep["number"] in added else int(was.get(str(rep["number"]), rep["number"])),
            )
            for rep in source["reps"]
        ]

    @property
    def current(self) -> Edited | None:
        """The rep under the eye; None when there is none left."""
        return self.reps[self.at] if self.reps else None

    def step(self, by: int) -> None:
        """Go to another rep; stay at the first and the last."""
        self.at = min(max(self.at + by, 0), max(len(self.reps) - 1, 0))

    @property
    def edits(self) -> int:
        """How many edits there are to undo."""
        return len(self._past)

    def undo(self) -> None:
        """Take the last edit back; nothing happens when there is none."""
        if self._past:
            self.reps, self.at = self._past.pop()

    def accept(self) -> None:
        """Say that this rep is right, and go on to the next."""
        with self._edit():
            if self.current is not None:
                if self.current.verdict != "added":
                    self.current.verdict = "accepted"
                self.step(1)

    def delete(self) -> None:
        """Take this rep out."""
        with self._edit():
            if self.reps:
                del self.reps[self.at]
                self.step(0)

    def add(self, t_s: float, side: Side) -> bool:
        """Add a rep around a moment, seconds; how high it was is not known.

        Where the machine had one that was deleted, that one comes back, with all it measured.
        Inside a rep of the same leg nothing happens, and False is returned.
        """
        others = [rep.values for rep in self.reps]
        with self._edit():
            rep = self._deleted_at(t_s) or _added(t_s, side, others)
            beside = [other for other in others if other["side"] == rep.values["side"]]
            if any(other["start_s"] < t_s < other["end_s"] for other in beside):
                return False
            self.reps.append(rep)
            self._in_order(rep)
            return True

    def change_side(self) -> None:
        """Give this rep to the next side: left, right, both."""
        with self._edit():
            if self.current is not None:
                values = self.current.values
                values["side"] = SIDES[(SIDES.index(values["side"]) + 1) % len(SIDES)]

    def toggle_fault(self, kind: str) -> None:
        """Put a fault on this rep, or take it off."""
        with self._edit():
            if self.current is not None:
                faults = list(self.current.values["faults"])
                faults.remove(kind) if kind in faults else faults.append(kind)
                self.current.values["faults"] = faults

    def move_end(self, name: str, t_s: float) -> None:
        """Move ``start_s`` or ``end_s`` of this rep; its top stays between them."""
        with self._edit():
            if self.current is not None:
                _move_end(self.current.values, name, t_s)
                self._in_order(self.current)

    @contextmanager
    def _edit(self) -> Iterator[None]:
        """Remember how it was before, when anything changes."""
        before = copy.deepcopy(self.reps), self.at
        yield
        if self.reps != before[0]:
            self._past.append(before)

    def _deleted_at(self, t_s: float) -> Edited | None:
        kept = {edited.was for edited in self.reps}
        for rep in self.machine["reps"]:
            if rep["number"] not in kept and rep["start_s"] <= t_s <= rep["end_s"]:
                return Edited(copy.deepcopy(rep), was=rep["number"])
        return None

    def _in_order(self, rep: Edited) -> None:
        self.reps.sort(key=lambda edited: float(edited.values["start_s"]))
        self.at = self.reps.index(rep)

    def result(self) -> dict[str, Any]:
        """Return the human's version: of schema 1, with ``review`` saying what was done."""
        written = copy.deepcopy(self.machine)
        written["reps"] = []
        review: dict[str, Any] = {"accepted": [], "added": [], "was": {}}
        for number, edited in enumerate(self.reps, start=1):
            values = {**edited.values, "number": number}
            written["reps"].append(values)
            if edited.verdict:
                review[edited.verdict].append(number)
            if edited.was is not None:
                review["was"][str(number)] = edited.was
        kept = set(review["was"].values())
        numbers = [rep["number"] for rep in self.machine["reps"]]
        review["deleted"] = [number for number in numbers if number not in kept]
        written["counts"] = {
            side: sum(edited.values["side"] == side for edited in self.reps) for side in SIDES
        }
        written["sets"] = _sets(self.machine, self.reps)
        before, after = self.machine["sets"], written["sets"]
        faults = _faults(self.machine, self.reps)
        written["faults"] = [
            left
            for fault in faults
            for left in ([fault] if fault["rep"] is not None else _left(fault, before, after))
        ]
        if "tips" in written:
            written["tips"] = [
                left for tip in written["tips"] for left in _left(tip, before, after)
            ]
        written["review"] = review
        if "test" in written and written["reps"] != self.machine["reps"]:
            del written["test"]
            written["warnings"].append(NO_TEST)
        return written


def is_of(human: dict[str, Any], machine: dict[str, Any]) -> bool:
    """Whether a human's version was made of this result: of the same reps, each in its time.

    A human may have moved one out of its time: then it still has the heights that were measured.
    """
    found = {rep["number"]: rep for rep in machine["reps"]}
    kept = [(rep.values, rep.was) for rep in Review(machine, human).reps if rep.was is not None]
    deleted = human.get("review", {}).get("deleted", [])
    if {*deleted, *(was for _, was in kept)} != set(found):
        return False
    moved = [(rep, found[was]) for rep, was in kept if not _meets(rep, found[was])]
    # where most are elsewhere, it is the video that changed
    return 2 * len(moved) <= len(kept) + 1 and all(
        rep.get(name) == was.get(name) for rep, was in moved for name in _MEASURES
    )


def _added(t_s: float, side: Side, others: Sequence[Mapping[str, Any]]) -> Edited:
    """Return a rep that a human saw around a moment, seconds, between the others of that leg."""
    t_s = round(t_s, DIGITS)
    beside = [other for other in others if other["side"] == side]
    before_s = max((rep["end_s"] for rep in beside if rep["end_s"] <= t_s), default=0.0)
    after_s = min((rep["start_s"] for rep in beside if rep["start_s"] >= t_s), default=math.inf)
    start_s = round(max(before_s, t_s - ADDED_HALF_S), DIGITS)
    end_s = round(min(after_s, t_s + ADDED_HALF_S), DIGITS)
    values: dict[str, Any] = dict.fromkeys(_MEASURES)
    values |= {"number": 0, "side": side, "start_s": start_s, "end_s": end_s, "faults": []}
    values |= {"peak_s": t_s, "top_start_s": t_s, "top_end_s": t_s}
    _set_durations(values)
    return Edited(values, "added")


def _move_end(rep: dict[str, Any], name: str, t_s: float) -> None:
    """Move an end of a rep to a moment, seconds, unless that is beyond the other end."""
    if not (0 <= t_s < rep["end_s"] if name == "start_s" else t_s > rep["start_s"]):
        return
    rep[name] = round(t_s, DIGITS)
    for moment in ("top_start_s", "peak_s", "top_end_s"):
        rep[moment] = min(max(rep[moment], rep["start_s"]), rep["end_s"])
    _set_durations(rep)


def _set_durations(rep: dict[str, Any]) -> None:
    rep["hold_s"] = round(rep["top_end_s"] - rep["top_start_s"], DIGITS)
    rep["up_s"] = round(rep["top_start_s"] - rep["start_s"], DIGITS)
    rep["down_s"] = round(rep["end_s"] - rep["top_end_s"], DIGITS)


def _faults(machine: dict[str, Any], reps: list[Edited]) -> list[dict[str, Any]]:
    """Return the machine's faults that the human left, and those that were put on by hand."""
    faults = []
    now = {edited.was: number for number, edited in enumerate(reps, 1) if edited.was is not None}
    by_number = dict(enumerate(reps, start=1))
    for fault in machine["faults"]:
        number = now.get(fault["rep"]) if fault["rep"] is not None else None
        if fault["rep"] is None:
            faults.append(fault)
        elif number is not None and (
            fault["unsure"] or fault["kind"] in by_number[number].values["faults"]
        ):
            faults.append({**fault, "rep": number, "side": by_number[number].values["side"]})
    told = {(fault["rep"], fault["kind"]) for fault in faults if not fault["unsure"]}
    for number, edited in by_number.items():
        for kind in edited.values["faults"]:
            if (number, kind) not in told:
                faults.append(_by_hand(kind, number, edited.values))
    return sorted(faults, key=lambda fault: float(fault["start_s"]))


def _left(
    one: dict[str, Any], before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return a fault between reps, or a tip, as it is in what is left of its set; else nothing.

    A set that was given to the other leg takes it along.
    """
    own = [leg_set for leg_set in before if _meets(one, leg_set) and leg_set["side"] == one["side"]]
    sides = [leg_set["side"] for leg_set in after if _meets(one, leg_set)]
    if not own or one["side"] in sides:
        return [one]
    return [{**one, "side": sides[0]}] if sides else []


def _meets(one: dict[str, Any], leg_set: dict[str, Any]) -> bool:
    return bool(one["end_s"] > leg_set["start_s"] and one["start_s"] < leg_set["end_s"])


def _by_hand(kind: str, number: int, rep: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "side": rep["side"],
        "rep": number,
        "start_s": rep["start_s"],
        "end_s": rep["end_s"],
        "measured": None,
        "limit": None,
        "unit": "",
        "unsure": False,
        "message": "seen by a human",
    }


def _sets(machine: dict[str, Any], reps: list[Edited]) -> list[dict[str, Any]]:
    """Return the machine's sets with what the human made of them.

    A rep stays in its set as long as it stays on its leg. One that was added, or given to another
    leg, goes into the set around it or next to it, else into a new one.
    """
    was_in = {
        number: index for index, leg_set in enumerate(machine["sets"]) for number in leg_set["reps"]
    }
    origins = [None if edited.was is None else was_in.get(edited.was) for edited in reps]
    homes = _homes([leg_set["side"] for leg_set in machine["sets"]], origins, reps)
    sets: list[dict[str, Any]] = []
    for at, edited in enumerate(reps):
        rep = edited.values
        goes_on = bool(sets) and sets[-1]["side"] == rep["side"] and homes[at - 1] == homes[at]
        if goes_on and homes[at] is None:
            moved_along = origins[at] is not None and origins[at - 1] == origins[at]
            goes_on = moved_along or _apart_s(reps, at - 1, at) <= SAME_SET_S
        if goes_on:
            sets[-1]["end_s"] = max(sets[-1]["end_s"], rep["end_s"])
            sets[-1]["reps"].append(at + 1)
        else:
            span = {"start_s": rep["start_s"], "end_s": rep["end_s"]}
            sets.append({"side": rep["side"], **span, "reps": [at + 1]})
    return sets


def _homes(
    set_sides: list[Side], origins: list[int | None], reps: list[Edited]
) -> list[int | None]:
    """Return for each rep which of the machine's sets it is in; None where it is in none."""
    homes = [
        home if home is not None and set_sides[home] == edited.values["side"] else None
        for home, edited in zip(origins, reps, strict=True)
    ]
    for home, side in enumerate(set_sides):
        own = [at for at, its in enumerate(homes) if its == home]
        for at in range(own[0], own[-1]) if own else ():
            if homes[at] is None and reps[at].values["side"] == side:
                homes[at] = home
    # the nearest first: what lies between two sets goes to the nearer one
    while steps := [
        (_apart_s(reps, at, beside), at, beside)
        for at in range(len(reps))
        for beside in (at - 1, at + 1)
        if homes[at] is None and 0 <= beside < len(reps) and homes[beside] is not None
    ]:
        apart_s, at, beside = min(steps)
        if apart_s > SAME_SET_S:
            break
        homes[at] = homes[beside]
    return homes


def _apart_s(reps: list[Edited], at: int, beside: int) -> float:
    """Return the time between two reps in a row, seconds; endless between two legs."""
    first, second = reps[min(at, beside)].values, reps[max(at, beside)].values
    same_leg = first["side"] == second["side"]
    return float(second["start_s"] - first["end_s"]) if same_leg else math.inf
