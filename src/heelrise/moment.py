"""What the core knows at one frame: the value that overlay, sound and live window read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from heelrise.landmarks import Pose
from heelrise.result import Fault, Rep, Side


class Phase(StrEnum):
    """Where in a heel rise the person is."""

    AWAY = "away"  # nobody to measure: out of the picture, or not measurable
    STANDING = "standing"  # there, but no rep under way
    RISING = "rising"
    TOP = "top"
    LOWERING = "lowering"


@dataclass(frozen=True)
class Counts:
    """Reps counted so far."""

    left: int = 0
    right: int = 0
    both: int = 0

    def of(self, side: Side) -> int:
        """Return the count of one side."""
        return {"left": self.left, "right": self.right, "both": self.both}[side]


@dataclass(frozen=True)
class Moment:
    """The state of the session at one frame.

    Attributes
    ----------
    pose : Pose
        The landmarks of this frame (its ``t_s`` and ``index`` are the moment's).
    side : {"left", "right", "both"} or None
        The leg that carries the body now; None while unknown.
    phase : Phase
        Where in a heel rise the person is.
    level_shin : float or None
        Height of the heel above the person's own flat foot, shin lengths; None when unknown.
    best_shin : float or None
        Highest peak level of this leg so far, shin lengths above flat foot.
    on_step : bool or None
        Whether the heel works over the edge of a step; None while unknown.
    hold_s : float
        How long the top has been held in the rep under way; 0 outside of a top.
    counts : Counts
        Reps counted so far, this frame's included.
    rep : Rep or None
        The rep that ended with this frame; what was wrong with it is not known yet.
    mended : Rep or None
        The rep before it, if only this one told that it was on the same leg (it was counted on
        both feet until then) or that it was one (a first low one is counted with the second).
    judged : Rep or None
        The rep on which the verdict came with this frame, its faults included.
    faults : tuple of Fault
        Faults that became known with this frame.
    warnings : tuple of str
        What keeps the picture from being measured now (framing, light, two people).
    facing : float or None
        1 facing the camera, 0 in profile, -1 seen from behind; None while nobody can be measured.
    """

    pose: Pose
    side: Side | None
    phase: Phase
    level_shin: float | None
    best_shin: float | None
    on_step: bool | None
    hold_s: float
    counts: Counts
    rep: Rep | None = None
    mended: Rep | None = None
    judged: Rep | None = None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[str, ...] = ()
    facing: float | None = None

    @property
    def t_s(self) -> float:
        """Time of the frame, seconds."""
        return self.pose.t_s
