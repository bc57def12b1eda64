"""Stories by chance: sets of heel rises with what goes wrong in them, and what is no heel rise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from drawn_body import Floats
from drawn_motion import LEGS, Leg, heel_rise
from heelrise.result import Side
from motion import Script
from motion_truth import Span, TrueRep, true_rep

PAUSE_S = 0.5
"""A rep whose top is held for less is labelled no_pause."""

TRUTH_STEP_S = 0.001

KINDS = ("floor", "floor", "floor", "step", "neg", "mixed")
OFTEN_BETWEEN = ("stand", "walk", "arms", "fidget", "squats")
ALL_BETWEEN = (
    "squats",
    "walk",
    "knee lift",
    "fidget",
    "bow",
    "turn",
    "arms",
    "double",
    "idle",
    "leave",
    "kb",
    "toe",
)
FAULTS = {
    "": 0.62,
    "low_peak": 0.06,
    "knee_bend": 0.06,
    "lean_forward": 0.06,
    "no_pause": 0.05,
    "touch": 0.06,
    "balance": 0.05,
    "no_bottom": 0.04,
}
"""How often a rep, but a set's first, is done with a fault."""

Range = tuple[float, float]


@dataclass(frozen=True)
class Tempo:
    """How fast somebody goes: from and to how many seconds each part of a rep takes."""

    share: float
    up_s: Range
    hold_s: Range
    down_s: Range
    rest_s: Range


TEMPOS = (
    Tempo(0.55, (0.6, 1.1), (0.5, 1.5), (0.7, 1.3), (0.2, 0.9)),
    Tempo(0.10, (0.4, 0.55), (0.35, 0.5), (0.4, 0.55), (0.1, 0.3)),
    Tempo(0.12, (1.4, 2.4), (1.0, 2.0), (1.6, 3.0), (0.3, 1.0)),
    Tempo(0.10, (0.7, 1.0), (2.0, 4.0), (0.8, 1.2), (0.5, 1.0)),
    Tempo(0.13, (0.5, 0.8), (0.3, 0.5), (0.5, 0.9), (0.2, 0.8)),
)


@dataclass(frozen=True)
class Segment:
    """A part of a story.

    Attributes
    ----------
    kind : str
        "set", "double_leg_raises", "stand" or another pastime.
    start_s, end_s : float
    side : {"left", "right"} or None
        The leg of a set.
    reps : int or None
        How many a set has.
    n : int or None
        How many raises on two legs there are.
    """

    kind: str
    start_s: float
    end_s: float
    side: Leg | None = None
    reps: int | None = None
    n: int | None = None


@dataclass(frozen=True)
class LabelledRep:
    """A single-leg rep as it was on a body, and what was wrong with it."""

    truth: TrueRep
    faults: tuple[str, ...]


class DrawnScript(Script):
    """A script that also lowers heels over an edge, and tells where its reps and events are."""

    def lower_heel(self, side: Leg, height_m: float, seconds: float, wait_s: float) -> None:
        """Bring a heel to a height and wait, counted from the beginning."""
        self._body.move(f"heel_{side}", height_m, 0.0, seconds)
        self.stand(wait_s)

    @property
    def rep_spans(self) -> tuple[tuple[Side, float, float], ...]:
        """Side, earliest and latest moment of every rep, seconds."""
        return tuple(self._reps)

    @property
    def events(self) -> tuple[Span, ...]:
        """Touches of the free foot, hops and sways."""
        return tuple(self._events)


@dataclass(frozen=True)
class Story:
    """What somebody does before the camera.

    Attributes
    ----------
    kind : str
        One of KINDS.
    script : DrawnScript
    step_m : float
        The height of the step one stands on; 0 on the floor.
    tags : tuple of str
    faults : tuple of tuple of str
        Those of every single-leg rep that are done on purpose; no_pause comes with a body.
    segments : tuple of Segment
    """

    kind: str
    script: DrawnScript
    step_m: float
    tags: tuple[str, ...]
    faults: tuple[tuple[str, ...], ...]
    segments: tuple[Segment, ...]

    def reps(self, heel_from_ball: Floats) -> tuple[LabelledRep, ...]:
        """Return the single-leg reps as they are on a foot.

        Parameters
        ----------
        heel_from_ball : ndarray, shape (3,)
            From the ball's joint to the heel when the foot is flat, metres.
        """
        times = np.arange(0, self.script.duration_s, TRUTH_STEP_S)
        posture = self.script.posture(times)
        heels = {leg: heel_rise(posture[f"heel_{leg}"], heel_from_ball) for leg in LEGS}
        truths = [
            true_rep(side, times, heels[side], first, last)
            for side, first, last in self.script.rep_spans
            if side != "both"
        ]
        return tuple(
            LabelledRep(truth, faults if truth.hold_s >= PAUSE_S else (*faults, "no_pause"))
            for truth, faults in zip(truths, self.faults, strict=True)
        )


def draw_story(seed: int) -> Story:
    """Draw a story; a seed gives the same one every time."""
    return _Teller(seed).story()


@dataclass(frozen=True)
class _Set:
    """How the reps of a set are done, each up to a few per cent."""

    side: Leg
    height_m: float
    bottom_m: float
    up_s: float
    hold_s: float
    down_s: float
    rest_s: float


class _Teller:
    """Tells a story part by part."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._kind = str(self._rng.choice(KINDS))
        self._step_m = self._within(0.10, 0.20) if self._kind == "step" else 0.0
        self._script = DrawnScript(seed)
        self._tags = ["step" if self._step_m else "floor"]
        self._faults: list[tuple[str, ...]] = []
        self._segments: list[Segment] = []

    def story(self) -> Story:
        """Tell it from beginning to end."""
        self._stand(0.6, 2.2)
        side: Leg = "left" if self._chance(0.5) else "right"
        if self._kind == "neg":
            for _ in range(5):
                self._between(side, ALL_BETWEEN)
        else:
            self._sets(side)
        self._stand(0.6, 1.6)
        return Story(
            self._kind,
            self._script,
            self._step_m,
            tuple(self._tags),
            tuple(self._faults),
            tuple(self._segments),
        )

    def _within(self, low: float, high: float) -> float:
        return float(self._rng.uniform(low, high))

    def _chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)

    def _count(self, low: int, high: int) -> int:
        """Return a number from low to high, both among them."""
        return int(self._rng.integers(low, high + 1))

    # ---- between the sets -----------------------------------------------------------

    def _stand(self, low_s: float, high_s: float) -> None:
        start_s = self._script.duration_s
        self._script.stand(self._within(low_s, high_s))
        self._segments.append(Segment("stand", start_s, self._script.duration_s))

    def _between(self, side: Leg, pastimes: tuple[str, ...]) -> None:
        kind = str(self._rng.choice(pastimes))
        self._tags.append(kind)
        segment = Segment(kind, self._script.duration_s, self._script.duration_s)
        if kind == "double":
            segment = replace(segment, kind="double_leg_raises", n=self._double())
        elif kind in ("knee lift", "idle", "kb", "toe"):
            self._on_one_leg(kind, side)
        else:
            self._on_two_legs(kind)
        self._script.stand(self._within(0.5, 1.5))
        self._segments.append(replace(segment, end_s=self._script.duration_s))

    def _double(self) -> int:
        count, within = self._count(2, 4), self._within
        self._script.stand(0.5).reps(
            count,
            up_s=within(0.6, 1),
            hold_s=within(0.3, 1),
            down_s=within(0.7, 1.1),
            rest_s=within(0.3, 0.8),
        )
        return count

    def _on_one_leg(self, kind: str, side: Leg) -> None:
        script = self._script
        if kind == "knee lift":
            script.stand_on(side, crossed=False).knee_lift().put_down()
        elif kind == "idle":
            script.stand_on(side).idle(self._within(4, 8)).put_down()
        elif kind == "kb":
            script.stand_on(side).one_leg_knee_bend().put_down()
        else:
            script.stand_on(side).toe_tap().put_down()

    def _on_two_legs(self, kind: str) -> None:
        script, within = self._script, self._within
        if kind == "squats":
            for _ in range(2):
                script.squat(within(50, 90), within(1.8, 2.6))
        elif kind == "walk":
            script.walk(within(-0.4, 0.4), within(-0.4, 0.4)).stand(0.5)
        elif kind == "leave":
            script.walk(0, within(-0.5, 0.5)).stand(0.5)
        elif kind == "fidget":
            script.fidget(within(2, 4))
        elif kind == "bow":
            script.bow()
        elif kind == "turn":
            script.turn(within(-20, 20)).stand(0.5)
        elif kind == "arms":
            script.arm_raise()
        else:
            script.stand(within(0.5, 1.5))

    # ---- sets -----------------------------------------------------------------------

    def _sets(self, side: Leg) -> None:
        mixed = self._kind == "mixed"
        pastimes = ALL_BETWEEN if mixed else OFTEN_BETWEEN
        # From a step one steps down between sets, which no script can do.
        count = 1 if self._step_m else self._count(1, 2)
        for number in range(count):
            if number:
                self._between(side, pastimes)
                if self._chance(0.6):
                    side = "right" if side == "left" else "left"
            self._set(side)
        if mixed:
            self._between(side, pastimes)

    def _set(self, side: Leg) -> None:
        script, within = self._script, self._within
        start_s = script.duration_s
        tempo = TEMPOS[self._rng.choice(len(TEMPOS), p=[tempo.share for tempo in TEMPOS])]
        parts = (tempo.up_s, tempo.hold_s, tempo.down_s, tempo.rest_s)
        times_s = [within(*part) for part in parts]
        crossed = self._chance(0.75)
        script.stand_on(side, crossed, within(0.7, 1.3), within(0.06, 0.13))
        script.stand(within(0.4, 1.2))
        height_m, bottom_m = within(0.075, 0.12), 0.0
        if self._step_m:
            bottom_m = -within(0.025, 0.045)
            script.lower_heel(side, bottom_m, 0.7, within(0.8, 1.2))
        count = self._count(3, 6)
        how = _Set(side, height_m, bottom_m, *times_s)
        for number in range(count):
            self._rep(how, self._fault(how) if number else "")
        if self._step_m:
            script.lower_heel(side, 0.0, 0.6, 0.7)
        script.stand(within(0.2, 0.6)).put_down(within(0.6, 1.1))
        self._segments.append(Segment("set", start_s, script.duration_s, side=side, reps=count))

    def _fault(self, how: _Set) -> str:
        """Draw what goes wrong, out of what can."""
        fault = str(self._rng.choice(list(FAULTS), p=list(FAULTS.values())))
        impossible = {
            "no_bottom": not self._step_m,
            "no_pause": how.hold_s < PAUSE_S,
            "touch": self._step_m > 0,
        }
        return "" if impossible.get(fault, False) else fault

    def _rep(self, how: _Set, fault: str) -> None:
        """Do a rep; touches and losses of balance without a label of the rep's come after it."""
        within = self._within
        parts = {
            "up_s": how.up_s * within(0.93, 1.07),
            "hold_s": how.hold_s * within(0.9, 1.1),
            "down_s": how.down_s * within(0.93, 1.07),
            "rest_s": how.rest_s,
            "bottom": how.bottom_m,
        }
        height_m = how.height_m * within(0.94, 1.04)
        label: tuple[str, ...] = ()
        if fault == "low_peak":
            height_m *= within(0.45, 0.6)
            label = (fault,)
        elif fault == "knee_bend":
            parts["knee"] = within(24, 30)
            label = (fault,)
        elif fault == "lean_forward":
            parts["lean"] = within(21, 26)
            label = (fault,)
        elif fault == "no_pause":
            # The label comes from the true hold.
            parts |= {"hold_s": 0.0, "up_s": how.up_s * 0.7, "down_s": how.down_s * 0.7}
        elif fault == "no_bottom":
            parts["bottom"] = within(0.012, 0.02)
            label = (fault,)
        elif fault == "touch" and how.hold_s > 0.8 and self._chance(0.5):
            parts["touch_s"] = 0.4
            label = (fault,)
        self._script.rep(height_m, **parts)
        self._faults.append(label)
        if fault == "touch" and not label:
            self._script.touch(within(0.4, 0.8))
        elif fault == "balance":
            self._lose_balance()

    def _lose_balance(self) -> None:
        if self._chance(0.5) and not self._step_m:
            self._script.hop()
        else:
            self._script.sway()
