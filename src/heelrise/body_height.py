"""The body's height from the landmarks of its parts: the signal that is counted."""

from __future__ import annotations

from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from heelrise.landmarks import (
    LEFT_EAR,
    LEFT_HIP,
    LEFT_SHOULDER,
    NOSE,
    RIGHT_EAR,
    RIGHT_HIP,
    RIGHT_SHOULDER,
)
from heelrise.settings import Framing


class BodyHeight:
    """Height of the body from head, shoulders and hips, whatever the trunk does.

    Each part keeps a slow offset to the body. The three rise together in a heel rise; a trunk that
    leans lowers head and shoulders but not the hips, so beyond a little the hips alone count.
    """

    POINTS = (NOSE, LEFT_EAR, LEFT_SHOULDER, LEFT_HIP, RIGHT_EAR, RIGHT_SHOULDER, RIGHT_HIP)
    LEFT, RIGHT = slice(1, 4), slice(4, 7)

    def __init__(self, framing: Framing) -> None:
        self._f = framing
        self._offsets: NDArray[np.float64] | None = None  # head, shoulders, hips; shins
        self._sides: NDArray[np.float64] | None = None  # where the trunk's sides are, across, shins
        self._sides_fit_s = 0.0
        self._sides_kept_s = 0.0  # when they had not changed places
        self._moved_s = -np.inf  # when their middle was last away from its place
        self._last = (0.0, 0.0)  # (t_s, body px)
        self._last_x_px = 0.0  # and where its middle was, across
        self._unit_px = 0.0  # the shin in which the offsets are
        self._fits_s = 0.0  # when the parts last were where they belong
        self._bowed_s = 0.0  # when head and shoulders were last no higher than they belong
        self._leap_since_s: float | None = None
        self._seen_s = 0.0  # when a body was last held against the one before, believed or not
        # How often the film was cut, the pose model changed the person, or a bow was no posture.
        self.cuts = 0
        self.height = 0.0
        self.hips = 0.0  # the same height by the hips alone
        self.lean = 0.0  # head and shoulders below their place over the hips, in shins
        self.split = 0.0  # how far the sides of the trunk are out of their place, in shins

    def forget(self) -> None:
        """Start from new offsets at the next picture; the height goes on from where it was."""
        self._offsets = None
        self._sides = None
        self._leap_since_s = None

    def start_anew(self) -> None:
        """Forget the parts' places, and let all know that heights were others: they are a bow's."""
        self.forget()
        self.cuts += 1

    def update(
        self,
        t_s: float,
        xy_px: NDArray[np.float64],
        shin_px: float,
        bent: bool = False,
        early: bool = False,
    ) -> bool:
        """Take the next landmarks (33, 2); return whether they are one body's.

        While the legs are ``bent`` a lean belongs to the squat and is not learned as a posture.
        ``early``: the person has just come, and what is known of them may be a bow's.
        """
        across_px: list[float] = xy_px[list(self.POINTS), 0].tolist()
        if self._one_side_gone(t_s, across_px, shin_px):
            return False
        parts = -np.array(part_heights(xy_px)) / shin_px
        x_px = fmean(across_px)
        last_s, last_px = self._last
        if self._offsets is not None:
            # a person who has come nearer has another unit, and is no other body
            self._offsets = self._offsets * (self._unit_px / shin_px)
        self._unit_px = shin_px
        if self._offsets is None:
            self._offsets = parts - parts.mean()
            self._last, self._last_x_px = (t_s, float(parts.mean()) * shin_px), x_px
            self._fits_s = self._seen_s = self._bowed_s = t_s
            return True
        head, shoulders, hips = parts - self._offsets
        nod = min(max(float(head - shoulders), -self._f.nod_shin), self._f.nod_shin)
        lean = float(hips - shoulders - nod / 2)
        body = hips - 2 / 3 * self._trunk_part(lean)
        self.lean = lean
        if early and self._stood_up(t_s, float(head - hips), float(shoulders - hips)):
            self.start_anew()
            return True
        if bent or abs(lean) < self._f.lean_shin:
            self._fits_s = t_s
        elif t_s - self._fits_s > self._f.astray_s:
            self._offsets = parts - body
            self._fits_s = t_s
        step = float(body) - last_px / shin_px
        since_s, self._seen_s = t_s - self._seen_s, t_s
        if abs(step) > self._f.leap_shin + self._f.leap_shin_s * since_s:
            self._leap_since_s = t_s if self._leap_since_s is None else self._leap_since_s
            if t_s - self._leap_since_s < self._f.cut_s:
                return False
            across = abs(x_px - self._last_x_px) / shin_px
            if across > self._f.same_x_shin or abs(step) > self._f.same_y_shin:
                self.cuts += 1
                step = 0.0
        self._leap_since_s = None
        self.height += step
        pace = 1.0 - float(np.exp(-(t_s - last_s) / self._f.offset_s))
        self._offsets = self._offsets + pace * (parts - self._offsets - body)
        self.hips = self.height + 2 / 3 * self._trunk_part(lean)
        self._last, self._last_x_px = (t_s, float(body) * shin_px), x_px
        return True

    def _stood_up(self, t_s: float, head: float, shoulders: float) -> bool:
        """Whether somebody who was bowed, which was taken for their posture, stands upright now.

        Nobody grows between hips and head: the places that were learned, and the flat foot with
        them, are those of a bow. ``head``, ``shoulders``: how far above their places over the hips.
        """
        limits = self._f
        if head < limits.stood_up_head_shin or shoulders < limits.stood_up_shoulders_shin:
            self._bowed_s = t_s
        return t_s - self._bowed_s > limits.stood_up_s

    def _trunk_part(self, lean: float) -> float:
        """How much of a lean is taken for the trunk's say in the height, in shins.

        All of it up to a limit: then head, shoulders and hips count alike. From there it fades, and
        past twice the limit the hips alone count. The other way, hips below their place are the hip
        landmarks' doing, and head and shoulders count.
        """
        limit = self._f.lean_shin
        if lean < -limit:
            return 1.5 * lean + 0.5 * limit
        return lean if lean <= limit else max(2 * limit - lean, 0.0)

    def _one_side_gone(self, t_s: float, x_px: list[float], shin_px: float) -> bool:
        """Whether one side of the trunk has left the other: somebody else has caught it.

        One side's leaving takes the middle along by half of it. Where the middle stays, the sides
        have changed places, as they do when the model takes a front for a back: still one body.
        Unless it has just moved: who walks and turns changes them too.
        """
        sides = np.array([fmean(x_px[self.LEFT]), fmean(x_px[self.RIGHT])]) / shin_px
        if self._sides is None or t_s - self._sides_fit_s > self._f.bridge_s:
            self._sides = sides  # the first picture, or the person has turned
            self._sides_fit_s = self._sides_kept_s = t_s
        left, right = sides - self._sides
        middle = float(left + right) / 2
        if abs(middle) > self._f.split_shin:
            self._moved_s = t_s
        self.split = float(abs(left - right))
        if t_s - self._moved_s > self._f.turn_s:
            if self.split <= self._f.split_shin:
                self._sides_kept_s = t_s
            elif t_s - self._sides_kept_s > self._f.bridge_s:
                self._sides = sides  # they are so for good: a rise that takes them along is whole
            self.split = min(self.split, 2 * abs(middle))
        else:
            self._sides_kept_s = t_s
        if self.split > self._f.split_shin:
            return True
        pace = 1.0 - float(np.exp(-(t_s - self._sides_fit_s) / self._f.split_learn_s))
        self._sides = self._sides + pace * (sides - self._sides)
        self._sides_fit_s = t_s
        return False


def part_heights(xy_px: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return how far down head, shoulders and hips are in landmarks (33, 2)."""
    y = xy_px[:, 1].tolist()
    return (
        (y[NOSE] + y[LEFT_EAR] + y[RIGHT_EAR]) / 3,
        (y[LEFT_SHOULDER] + y[RIGHT_SHOULDER]) / 2,
        (y[LEFT_HIP] + y[RIGHT_HIP]) / 2,
    )
