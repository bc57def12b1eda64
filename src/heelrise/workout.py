"""A live workout: set-up, ready, sets, rests and aims, told from the moments of the core.

It counts and judges nothing: it says where in the workout the person is, what they should change
before they start, and which sound a moment deserves. Time is the moments' own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from heelrise.framing import ADVICE, NOBODY, TOO_DARK, TWO_PEOPLE
from heelrise.landmarks import Pose
from heelrise.moment import Counts, Moment, Phase
from heelrise.result import Side
from heelrise.scene import shin_px
from heelrise.settings import Live
from heelrise.sound import Sound
from heelrise.words import Guide

# What the core says keeps it from measuring, the most important first, -> what to show.
_GUIDES: Mapping[str, Guide] = {
    ADVICE[TOO_DARK]: Guide.DARK,
    ADVICE[NOBODY]: Guide.NOBODY,
    ADVICE["feet out of the picture"]: Guide.FEET,
    ADVICE["head out of the picture"]: Guide.HEAD,
    ADVICE["not a whole body"]: Guide.BODY,
    ADVICE["too small in the picture"]: Guide.NEARER,
    ADVICE["landmarks jump"]: Guide.UNSTEADY,
    ADVICE[TWO_PEOPLE]: Guide.TWO_PEOPLE,
}
_PEAKS_SHOWN = 5


class Stage(StrEnum):
    """Where in a workout the person is."""

    SETUP = "setup"  # something about the picture or the stance is to be changed first
    READY = "ready"  # waiting for the first rise
    SET = "set"
    REST = "rest"  # both feet down, or away, after a set
    DONE = "done"  # both legs have done what was aimed at


@dataclass(frozen=True)
class Now:
    """What the workout knows at one moment.

    Attributes
    ----------
    stage : Stage
    guide : Guide or None
        What to change, or that all is ready; None in a set.
    counts : Counts
        Reps of the latest set of each leg, and all on both feet; those taken back left out.
    peaks_shin : tuple of float
        The last five peaks of the working leg, the newest last, shin lengths above flat foot.
    rest_s : float or None
        How long the rest has lasted, seconds; None when there is none.
    hold_share : float
        Share of the wanted hold that the top has been held, 0 to 1.
    sounds : tuple of Sound
        What to sound with this moment.
    change_legs : bool
        Whether this leg has done what was aimed at and the other one has not.
    """

    stage: Stage
    guide: Guide | None
    counts: Counts
    peaks_shin: tuple[float, ...]
    rest_s: float | None
    hold_share: float
    sounds: tuple[Sound, ...]
    change_legs: bool


@dataclass
class _LegSet:
    """The reps of one set as they come in: their numbers in the session."""

    side: Side
    reps: list[int] = field(default_factory=list)
    begun: bool = False  # it has had a rep, maybe taken back since


class Workout:
    """Follows a live session from set to set.

    Parameters
    ----------
    target_reps : int or None
        How many reps a leg are aimed at.
    live : Live
        How long to wait for what.
    """

    def __init__(self, target_reps: int | None = None, live: Live = Live()) -> None:
        """Start with nobody seen."""
        self.target_reps = target_reps
        self._live = live
        self._stage = Stage.SETUP
        self._sets: list[_LegSet] = []
        self._set: _LegSet | None = None  # the one that goes on
        self._counted: list[int] = []  # numbers of all reps, in order
        self._on_both: set[int] = set()  # ... of those on both feet
        self._taken_back: set[int] = set()
        self._peaks: dict[Side, deque[tuple[int, float]]] = {}  # with the numbers of their reps
        self._side: Side | None = None
        self._ready_since_s: float | None = None
        self._down_since_s: float | None = None
        self._rest_since_s: float | None = None
        self._not_side_on_since_s: float | None = None
        self._phase = Phase.AWAY
        self._told_held = False

    @property
    def taken_back(self) -> frozenset[int]:
        """Numbers of the reps that the person took back."""
        return frozenset(self._taken_back)

    def undo(self) -> bool:
        """Take back the last rep; return whether there was one."""
        left = [number for number in self._counted if number not in self._taken_back]
        self._take_back(left[-1:])
        return bool(left)

    def reset(self) -> bool:
        """Take back the whole set that goes on, or the last one; return whether there was one."""
        if not self._sets or not self._sets[-1].reps:
            return False
        self._take_back(self._sets[-1].reps)
        return True

    def _take_back(self, numbers: list[int]) -> None:
        self._taken_back.update(numbers)
        for leg_set in self._sets:
            leg_set.reps = [one for one in leg_set.reps if one not in self._taken_back]

    def update(self, moment: Moment) -> Now:
        """Take the next moment; return what is to be shown and heard."""
        sounds: list[Sound] = []
        guide = self._guide(moment)
        self._follow_stage(moment, guide, sounds)
        change = self._count(moment, sounds)
        if any(not fault.unsure for fault in moment.faults):
            sounds.append(Sound.FAULT)
        sounds += self._marks(moment)
        self._phase = moment.phase
        self._side = moment.side
        rest_s = None
        if self._rest_since_s is not None and self._stage is not Stage.SET:
            rest_s = moment.t_s - self._rest_since_s
        return Now(
            stage=self._stage,
            guide=None if self._stage is Stage.SET else guide,
            counts=self._counts(),
            peaks_shin=self._peaks_shin(),
            rest_s=rest_s,
            hold_share=self._hold_share(moment),
            sounds=tuple(sounds),
            change_legs=change,
        )

    def again(self, now: Now) -> Now:
        """Return what is known now with the counts as a key has left them, and no sound."""
        change = self._is_time_to_change()
        peaks_shin = self._peaks_shin()
        counts = self._counts()
        return replace(now, counts=counts, peaks_shin=peaks_shin, sounds=(), change_legs=change)

    def _peaks_shin(self) -> tuple[float, ...]:
        """Return the last peaks of the leg that carries now, without those taken back."""
        known = self._peaks.get(self._side, ()) if self._side else ()
        return tuple(peak for number, peak in known if number not in self._taken_back)

    def _guide(self, moment: Moment) -> Guide:
        """Return the most important thing to change, or that all is ready."""
        named = [_GUIDES[warning] for warning in moment.warnings if warning in _GUIDES]
        if named:
            return min(named, key=list(Guide).index)
        if moment.phase is Phase.AWAY or not moment.pose.found:
            return Guide.NOBODY
        if shin_px(moment.pose.xy_px) < _least_shin_px(moment.pose, self._live):
            return Guide.NEARER
        if self._turned_away(moment):
            return Guide.SIDE_ON
        return Guide.STAND_STILL if moment.level_shin is None else Guide.READY

    def _turned_away(self, moment: Moment) -> bool:
        """Whether to ask for a side view: it measures most, but no view is refused for ever."""
        if moment.facing is None or abs(moment.facing) < self._live.side_on:
            self._not_side_on_since_s = None
            return False
        if self._not_side_on_since_s is None:
            self._not_side_on_since_s = moment.t_s
        return moment.t_s - self._not_side_on_since_s < self._live.ask_side_s

    def _follow_stage(self, moment: Moment, guide: Guide, sounds: list[Sound]) -> None:
        if self._stage in (Stage.SETUP, Stage.READY):
            self._get_ready(moment, guide, sounds)
        one_leg = moment.side in ("left", "right")
        if one_leg and moment.phase is Phase.RISING:
            started = self._set is None or (self._set.side != moment.side and not moment.rep)
            if started and (self._set is None or self._set.begun):
                self._open_set(moment.side)
        self._follow_rest(moment)

    def _get_ready(self, moment: Moment, guide: Guide, sounds: list[Sound]) -> None:
        if guide is not Guide.READY:
            self._ready_since_s = None
            self._stage = Stage.SETUP
        elif self._ready_since_s is None:
            self._ready_since_s = moment.t_s
        elif self._stage is Stage.SETUP and self._long_enough(moment.t_s, self._ready_since_s):
            self._stage = Stage.READY
            sounds.append(Sound.READY)

    def _long_enough(self, t_s: float, since_s: float) -> bool:
        return t_s - since_s >= self._live.ready_s

    def _open_set(self, side: Side | None) -> None:
        if side is None:
            return
        if self._set is not None and not self._set.begun:
            self._sets.pop()  # of the other leg, and nothing came of it
        self._set = _LegSet(side)
        self._sets.append(self._set)
        self._stage = Stage.SET
        self._down_since_s = None

    def _follow_rest(self, moment: Moment) -> None:
        """End the set when both feet stay down, or when the person leaves."""
        resting = moment.phase is Phase.AWAY or (
            moment.side == "both" and moment.phase is Phase.STANDING
        )
        if self._set is None or not resting:
            self._down_since_s = None
            return
        if self._down_since_s is None:
            self._down_since_s = moment.t_s
        if moment.t_s - self._down_since_s < self._live.feet_down_s:
            return
        if self._set.begun:
            self._rest_since_s = self._down_since_s
        else:
            self._sets.pop()  # the other foot was lifted, and nothing came of it
        if self._rest_since_s is None:
            self._stage = Stage.READY
        else:
            self._stage = Stage.DONE if self._reached_by_both() else Stage.REST
        self._set = None

    def _count(self, moment: Moment, sounds: list[Sound]) -> bool:
        """Take a rep that ended; return whether it is time to change legs."""
        rep = moment.rep
        if rep is None:
            return self._is_time_to_change()
        if rep.side == "both":
            self._counted.append(rep.number)
            self._on_both.add(rep.number)
            return self._is_time_to_change()
        if self._set is None or self._set.side != rep.side:
            self._open_set(rep.side)
        if self._set is None:
            return False
        before = len(self._set.reps)
        if not self._set.begun:
            # Not when the foot was lifted: a rest goes on when nothing comes of it.
            self._rest_since_s = None
            self._peaks[rep.side] = deque(maxlen=_PEAKS_SHOWN)
            self._set.begun = True
        for one in (moment.mended, rep):
            if one is None or one.number in self._taken_back:
                continue
            if one.number in self._on_both:
                self._on_both.remove(one.number)
            else:
                self._counted.append(one.number)
            self._set.reps.append(one.number)
            if one.peak_shin is not None:
                self._peaks[one.side].append((one.number, one.peak_shin))
        sounds.append(Sound.REP)
        if self.target_reps is not None and before < self.target_reps <= len(self._set.reps):
            done = self._reached_by_both()
            sounds.append(Sound.DONE if done else Sound.CHANGE)
        return self._is_time_to_change()

    def _is_time_to_change(self) -> bool:
        if self.target_reps is None or not self._sets or self._reached_by_both():
            return False
        return len(self._sets[-1].reps) >= self.target_reps

    def _reached_by_both(self) -> bool:
        """Tell whether both legs have what is aimed at; the set after that begins a new round."""
        if self.target_reps is None:
            return False
        in_round: dict[Side, int] = {}
        for leg_set in self._sets:
            if len(in_round) == 2 and min(in_round.values()) >= self.target_reps:
                in_round.clear()
            in_round[leg_set.side] = len(leg_set.reps)
        return len(in_round) == 2 and min(in_round.values()) >= self.target_reps

    def _marks(self, moment: Moment) -> list[Sound]:
        """Return the provisional marks: the top is reached, the hold is long enough."""
        if self._stage is not Stage.SET or moment.side == "both":
            return []
        if moment.phase is not Phase.TOP:
            self._told_held = False
            return []
        marks = [] if self._phase is Phase.TOP else [Sound.TOP]
        if not self._told_held and moment.hold_s >= self._live.held_s:
            self._told_held = True
            marks.append(Sound.HELD)
        return marks

    def _hold_share(self, moment: Moment) -> float:
        if moment.phase is not Phase.TOP:
            return 0.0
        return min(1.0, moment.hold_s / self._live.held_s)

    def _counts(self) -> Counts:
        latest = {leg_set.side: len(leg_set.reps) for leg_set in self._sets}
        both = len(self._on_both - self._taken_back)
        return Counts(latest.get("left", 0), latest.get("right", 0), both)


def _least_shin_px(pose: Pose, live: Live) -> float:
    return max(live.least_shin_px, live.least_shin_share * pose.height_px)
