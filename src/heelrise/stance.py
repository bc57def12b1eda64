"""LegSample -> Stance: which leg carries the body, from clues about both feet.

MediaPipe's left and right feet are evidence, not fact: no clue decides alone, each is compared
with how this person looks on both feet from this view, and a stance must last to be believed.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from heelrise.camera_turn import TRUNK
from heelrise.landmarks import ANKLE, HEEL, LEFT_ANKLE, LEFT_TOE, RIGHT_ANKLE, RIGHT_TOE, TOE
from heelrise.legs import LEGS, LegSample
from heelrise.result import Side
from heelrise.settings import Settings


@dataclass(frozen=True)
class Stance:
    """Who carries the body at one frame.

    Attributes
    ----------
    side : {"left", "right", "both"} or None
        The carrying leg; None while nothing can be said.
    score : float
        Mean clue against the stance on both feet: positive, the right foot is free (left
        carries); negative, the left is free; near 0, both stand. NaN without a person.
    still : bool
        The person stands still: body and feet stay where they are.
    crossed : bool
        Seen straight from front or back, the feet are nearer to each other than both are put: one
        is crossed behind the other, hidden or hiding it, and looks as low as it.
    leg : float
        The clue by which a leg is named, signed like ``score``: that, and which foot has left its
        place. It tells the legs apart where the feet hide each other, but not whether a foot that
        was moved is up.
    on_floor : bool
        Both feet are seen to stand in this very picture, whatever was learned so far.
    """

    side: Side | None
    score: float
    still: bool
    crossed: bool = False
    leg: float = 0.0
    on_floor: bool = False


FEET = [[part[side] for part in (ANKLE, HEEL, TOE)] for side in ("left", "right")]


@dataclass(frozen=True, eq=False)
class _Recent:
    """A sample of just now, its clues against the stance on both feet and their mean, where its
    toes are, and how much further the right foot is from its place than the left one."""

    sample: LegSample
    clues: NDArray[np.float64]
    score: float
    toes_px: NDArray[np.float64]
    travel: float
    on_floor: bool


class StanceTracker:
    """Follows the stance from sample to sample."""

    def __init__(self, settings: Settings) -> None:
        self._s = settings.stance
        self._both: NDArray[np.float64] | None = None  # clues on both feet from this view
        # Profile, foot x in shins, facing: where and how that was.
        self._both_place: tuple[float, float, float] = (0.0, 0.0, 0.0)
        self._feet_px = np.full((2, 3, 2), np.nan)  # where they are while both stand
        self._recent: deque[_Recent] = deque()
        self._side: Side | None = None
        self._wanted: tuple[Side | None, float] = (None, 0.0)
        self._usual = 0.0  # the clue that the leg carrying now usually gives
        self._usual_unlike = 0.0  # how unlike both feet it usually looks
        self._both_since_s = 0.0

    def reset(self) -> None:
        """Forget everything: the person is gone, or another one."""
        self._both = None
        self._recent.clear()
        self._side = None
        self._wanted = (None, 0.0)
        self._usual = self._usual_unlike = 0.0

    def update(self, sample: LegSample) -> Stance:
        """Return the stance of the next sample."""
        if not sample.trusted or sample.clues is None:
            return Stance(self._side, np.nan, False)
        clues = self._clues(sample)
        recent = self._recent
        toes_px = sample.xy_px[[LEFT_TOE, RIGHT_TOE]]
        travel, floor = self._travel(sample), self._on_floor(sample)
        recent.append(_Recent(sample, clues, float(clues.mean()), toes_px, travel, floor))
        while (old_s := sample.t_s - recent[0].sample.t_s) > self._s.still_s + 1e-9:
            if len(recent) <= 3 and old_s < 2 * self._s.still_s:
                break  # a slow camera: two pictures say too little
            recent.popleft()
        since = sample.t_s - self._s.settle_s
        late = [kept for kept in recent if kept.sample.t_s >= since]
        score = median(kept.score for kept in late)
        unlike = float(np.abs(_median_row(np.array([kept.clues for kept in late]))).mean())
        travel = median(kept.travel for kept in late)
        leg = score + self._s.travel_weight * abs(sample.facing) * travel
        still = self._still(sample)
        crossed = self._crossed(sample, self._s.both_apart_shin)
        on_floor = all(kept.on_floor for kept in recent)
        crosses = self._crossed(sample, self._s.crossing_apart_shin)
        crossing = leg if crosses and abs(travel) > self._s.travelled else 0.0
        bent = float(median(kept.clues[4] for kept in late))
        away = travel if abs(travel) > self._s.left_travel and not floor else 0.0
        # A foot that left its place for one nearer or farther looks as low as before, lifted.
        left = bent if away * bent > self._s.left_travel * self._s.left_bent_clue else 0.0
        self._decide(sample.t_s, score, unlike, crossed, on_floor, crossing or left)
        self._learn_both(sample, score, still, crossed, on_floor)
        return Stance(self._side, score, still, crossed, leg, floor)

    def _travel(self, sample: LegSample) -> float:
        """Return how much further the right foot is from where both stood than the left one.

        In units of ``travel_shin``, clipped; 0 while that place is not known. The foot that carries
        stays where it is, whichever of the two the model takes for the higher one.
        """
        if self._both is None:
            return 0.0
        away = np.linalg.norm(sample.xy_px[FEET] - self._feet_px, axis=2).mean(axis=1)
        further = (away[1] - away[0]) / (sample.shin_px * self._s.travel_shin)
        return float(np.clip(further, -1.0, 1.0))

    def _clues(self, sample: LegSample) -> NDArray[np.float64]:
        """Return the clues against the stance on both feet, each clipped."""
        assert sample.clues is not None
        clues = sample.clues
        if self._both is not None:
            clues = clues - self._both
        else:
            scale = self._s
            # In profile what is nearer to the camera stands lower in the picture.
            foot, knee = scale.unknown_foot_shin, scale.unknown_knee_shin
            beside = scale.unknown_support_shin
            slack = sample.profile * np.array(
                [
                    foot / scale.ankle_shin,
                    foot / scale.heel_shin,
                    foot / scale.toe_shin,
                    knee / scale.knee_shin,
                    0.0,
                    beside / scale.support_shin,
                ]
            )
            clues = np.sign(clues) * np.maximum(np.abs(clues) - slack, 0.0)
        return np.asarray(np.clip(clues, -self._s.clip, self._s.clip))

    def _still(self, sample: LegSample) -> bool:
        if sample.t_s - self._recent[0].sample.t_s < 0.75 * self._s.still_s:
            return False
        body = [kept.sample.height for kept in self._recent]
        feet = np.array([kept.toes_px for kept in self._recent])
        feet_moved = float(np.ptp(feet, axis=0).max()) / sample.shin_px
        limit = max(self._s.still_shin, self._s.still_px / sample.shin_px)
        return max(body) - min(body) < limit and feet_moved < 3 * limit

    @property
    def _off(self) -> float:
        """Clue below which both feet stand: the leg's own usual clue sets it, if that is strong."""
        return max(self._s.one_leg_off, self._s.off_share * abs(self._usual))

    def _decide(
        self,
        t_s: float,
        score: float,
        unlike: float,
        crossed: bool,
        on_floor: bool,
        crossing: float,
    ) -> None:
        """Change the believed stance once another one has lasted.

        Clues that contradict each other (a foot crossed behind, seen from behind) cancel out in
        the score, but still look unlike both feet: then the leg stays as it was. So it does while
        the feet are crossed.
        """
        sign: Side = "left" if score > 0 else "right"
        now: Side | None
        if on_floor:
            now = "both"
        elif self._side == "both" and crossing:
            now = "left" if crossing > 0 else "right"
        elif abs(score) < self._off:
            usual = self._s.unlike_share * self._usual_unlike
            unlike_both = unlike > max(usual, self._s.unlike_least)
            on_leg = self._side in ("left", "right")
            keeps = on_leg and (unlike_both or crossed)
            now = self._side if self._both is None or keeps else "both"
        elif abs(score) > self._s.one_leg_on:
            now = sign
        else:
            known = self._side in ("both", sign) or (self._side != "both" and crossed)
            now = self._side if known else "both"
        if now in ("left", "right") and now == self._side:
            self._usual += self._s.usual_share * (score - self._usual)
            self._usual_unlike += self._s.usual_share * (unlike - self._usual_unlike)
        if now == self._side or now != self._wanted[0]:
            self._wanted = (now, t_s)
        elif t_s - self._wanted[1] >= self._s.settle_s:
            if now == "both" and on_floor and abs(score) > self._off:
                self._both = None  # what was learned of how both feet look has kept a leg
            self._side = now
            if now == "both":
                self._both_since_s = t_s
            else:
                self._usual = float(np.clip(score, -self._s.first_usual, self._s.first_usual))
                self._usual_unlike = min(unlike, self._s.first_usual)

    def _crossed(self, sample: LegSample, apart_shin: float) -> bool:
        """Whether the feet are so near to each other that one is crossed behind the other."""
        facing = abs(sample.facing)
        apart_px = abs(float(sample.xy_px[LEFT_ANKLE, 0] - sample.xy_px[RIGHT_ANKLE, 0]))
        near = apart_px < apart_shin * facing * sample.shin_px
        return facing > self._s.both_facing and near

    def _side_by_side(self, sample: LegSample) -> bool:
        """Whether both feet are seen on the ground, straight from front or back.

        No other look is so clear: a foot that is crossed behind is not beside the other one, and a
        foot that hangs beside it is higher up, or its knee is bent and the body over the other one
        (on one leg 1 % of frames look so, on both 50-100 %).
        """
        assert sample.clues is not None
        limits, clues = self._s, np.abs(sample.clues)
        apart_px = abs(float(sample.xy_px[LEFT_ANKLE, 0] - sample.xy_px[RIGHT_ANKLE, 0]))
        return (
            abs(sample.facing) > limits.beside_facing
            and apart_px > limits.both_apart_shin * sample.shin_px
            and float(clues[:3].max()) < limits.beside_clue
            and float(clues[3:].mean()) < limits.beside_leg_clue
        )

    def _on_floor(self, sample: LegSample) -> bool:
        """Whether both feet are clearly on the ground, whatever was learned of how that looks."""
        return self._side_by_side(sample) or self._between(sample) or self._one_farther(sample)

    def _between(self, sample: LegSample) -> bool:
        """Whether the trunk is between feet that are apart: over one of them it would fall.

        On one leg 1 frame in 1000 looks so (measured), and ones of a camera that stands crooked,
        where the free knee is bent.
        """
        assert sample.clues is not None
        limits = self._s
        if abs(float(sample.clues[4])) * limits.flexion_deg > limits.farther_straight_deg:
            return False
        x: list[float] = sample.xy_px[:, 0].tolist()
        left_px = (x[LEFT_ANKLE] + x[LEFT_TOE]) / 2
        right_px = (x[RIGHT_ANKLE] + x[RIGHT_TOE]) / 2
        apart_px = abs(left_px - right_px)
        if apart_px < limits.between_apart_shin * sample.shin_px:
            return False
        # Not levelled: where somebody stands on one leg for long, the camera's turn is told from
        # a trunk that is not over the middle of the feet.
        off_px = abs(fmean(x[point] for point in TRUNK) - (left_px + right_px) / 2)
        return off_px < (0.5 - limits.between_share) * apart_px

    def _one_farther(self, sample: LegSample) -> bool:
        """Whether both feet are seen on the ground, one of them farther from the camera.

        What is farther away stands higher in the picture, as if it were lifted. But then its whole
        leg looks smaller and stays straight; lifted so high the foot would bend the knee.
        """
        assert sample.clues is not None
        limits = self._s
        near, far = (
            sample.knee_flexion_deg if sample.clues[0] > 0 else sample.knee_flexion_deg[::-1]
        )
        if sample.profile < limits.farther_profile or near > limits.farther_straight_deg:
            return False
        sign = math.copysign(1.0, float(sample.clues[0]))
        ankle = sign * float(sample.clues[0]) * limits.ankle_shin
        heel = sign * float(sample.clues[1]) * limits.heel_shin
        toe = sign * float(sample.clues[2]) * limits.toe_shin
        if ankle < limits.farther_shin or abs(toe - heel) > limits.farther_even_shin:
            return False
        # Thigh and shin of a leg that is shorter by so many shins than when it is straight.
        lifted_deg = math.degrees(2 * math.acos(max(0.0, 1.0 - ankle / 2)))
        if far - near > limits.farther_bent_share * lifted_deg * sample.profile:
            return False
        xy = sample.xy_px
        left_px, right_px = (math.dist(xy[hip], xy[end]) for hip, _, end in LEGS)
        return sign * (left_px - right_px) > limits.farther_leg_share * ankle * sample.shin_px

    def _learn_both(
        self, sample: LegSample, score: float, still: bool, crossed: bool, on_floor: bool
    ) -> None:
        """Learn how this person looks on both feet; forget it when the view has changed."""
        assert sample.clues is not None
        feet_px = float(sample.xy_px[LEFT_TOE, 0] + sample.xy_px[RIGHT_TOE, 0])
        foot_x = feet_px / 2 / sample.shin_px
        if self._both is not None:
            profile, place, facing = self._both_place
            on_one_leg = self._side in ("left", "right")
            turned = abs(sample.profile - profile) > self._s.both_turn_profile
            moved = turned or abs(foot_x - place) > self._s.both_place_shin
            if moved and not on_one_leg:
                self._both = None
                self._side = None
                return
            about = [kept.sample.facing * facing < -self._s.about_facing for kept in self._recent]
            if on_floor and still and all(about):
                self._both = None  # the model takes a front for a back now, and left for right
                return
            if about[-1]:
                return  # for a moment, so far
        if not still:
            return
        if self._both is None:
            bent = abs(float(np.subtract(*sample.knee_flexion_deg)))
            limit = max(self._s.one_leg_on, self._off)
            alike = (on_floor or abs(score) < limit) and bent < self._s.flexion_deg
            if alike and not crossed:
                kept = [recent.sample.clues for recent in self._recent]
                self._both = np.median(np.array(kept), axis=0)
                places = [recent.sample.xy_px[FEET] for recent in self._recent]
                self._feet_px = np.median(np.array(places), axis=0)
                self._both_place = (sample.profile, foot_x, sample.facing)
                self._side = "both"
                self._both_since_s = sample.t_s
            return
        stood_s = sample.t_s - self._both_since_s
        sure = self._side == "both" and stood_s > self._s.touch_s and abs(score) < self._off
        if sure and len(self._recent) > 1:
            step_s = sample.t_s - self._recent[-2].sample.t_s
            weight = 1.0 - np.exp(-step_s / self._s.baseline_s)
            self._both = self._both + weight * (sample.clues - self._both)
            weight = 1.0 - np.exp(-step_s / self._s.place_s)
            self._feet_px = self._feet_px + weight * (sample.xy_px[FEET] - self._feet_px)
            self._both_place = (sample.profile, foot_x, sample.facing)


def _median_row(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of each column of (N, K): of few rows five times as fast as numpy's."""
    ordered, middle = np.sort(rows, axis=0), len(rows) // 2
    return np.asarray((ordered[(len(rows) - 1) // 2] + ordered[middle]) / 2)
