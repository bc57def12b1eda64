"""Pose -> LegSample: what one frame says about the body's height and the carrying leg.

The body (head, shoulders, hips) rises with the heel on the lever of the foot, clean from every
view; the feet say which leg. So the body's height is the signal, and the feet are evidence.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from heelrise.landmarks import (
    LEFT_ANKLE,
    LEFT_EAR,
    LEFT_HEEL,
    LEFT_HIP,
    LEFT_KNEE,
    LEFT_SHOULDER,
    LEFT_TOE,
    NOSE,
    RIGHT_ANKLE,
    RIGHT_EAR,
    RIGHT_HEEL,
    RIGHT_HIP,
    RIGHT_KNEE,
    RIGHT_SHOULDER,
    RIGHT_TOE,
    Pose,
)
from heelrise.running_median import RunningMedian
from heelrise.scene import implausible
from heelrise.settings import Framing, Settings

LEGS = ((LEFT_HIP, LEFT_KNEE, LEFT_ANKLE), (RIGHT_HIP, RIGHT_KNEE, RIGHT_ANKLE))
TRUNK = (LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP)
GROUND = (LEFT_ANKLE, RIGHT_ANKLE, LEFT_TOE, RIGHT_TOE)
FEET = (LEFT_ANKLE, RIGHT_ANKLE, LEFT_HEEL, RIGHT_HEEL, LEFT_TOE, RIGHT_TOE)


@dataclass(frozen=True)
class LegSample:
    """One frame in the terms of the exercise.

    Attributes
    ----------
    pose : Pose
        Where it comes from.
    trusted : bool
        Whether the frame can be measured; ``why`` says why not.
    shin_px : float
        Length of the shin: the unit of heights, held still while the person's size hardly changes.
    size_px : float
        The same as it is just now: for the measures of a rep.
    height : float
        Height of the body, shin lengths, up is positive: the signal that is counted. Its zero
        is wherever the body was at the first frame. NaN in frames that are not trusted.
    hips, lean : float
        The same height by the hips alone, and how far head and shoulders are below their place
        over the hips; shin lengths.
    split : float
        How far one side of the trunk has left the other, shin lengths: near the limit of
        :class:`~heelrise.settings.Framing` somebody else is catching landmarks. Sides that only
        change places have not.
    clues : ndarray, shape (6,)
        Right minus left leg, each in units of its scale in :class:`~heelrise.settings.Stance`:
        ankle, heel, toe, knee height, knee flexion, distance from the body's middle.
        Positive: the right foot is the free one.
    profile : float
        0 facing the camera or away from it, 1 in pure profile.
    facing : float
        1 facing the camera, 0 in profile, -1 seen from behind.
    above, trunk_above, hips_above : float
        How far the body's points (head, shoulders and hips; shoulders and hips; hips alone) are
        above the camera's height, as the tangent of the angle at the camera, for a usual lens,
        distance and tilt.
    knee_flexion_deg : tuple of float
        Left and right knee, 0 straight, in the image plane.
    cuts : int
        How often the film was cut so far: heights from before a cut say nothing of those after it.
    xy_px : ndarray, shape (33, 2)
        The landmarks with the camera's own motion taken out: what every measure is made on.
    """

    pose: Pose
    trusted: bool
    why: str
    shin_px: float
    size_px: float = np.nan
    height: float = np.nan
    hips: float = np.nan
    lean: float = 0.0
    split: float = 0.0
    clues: NDArray[np.float64] | None = None
    profile: float = np.nan
    facing: float = np.nan
    above: float = np.nan
    trunk_above: float = np.nan
    hips_above: float = np.nan
    knee_flexion_deg: tuple[float, float] = (np.nan, np.nan)
    cuts: int = 0
    xy_px: NDArray[np.float64] = field(default_factory=lambda: np.full((33, 2), np.nan))

    @property
    def t_s(self) -> float:
        """Time of the frame, seconds."""
        return self.pose.t_s


def flexion_deg(
    hip: NDArray[np.float64], knee: NDArray[np.float64], ankle: NDArray[np.float64]
) -> float:
    """Return how far a knee is bent in the image plane, degrees, 0 straight; points (2,) px."""
    thigh, shin = hip - knee, ankle - knee
    lengths = math.hypot(*thigh) * math.hypot(*shin)
    if lengths == 0.0:
        return 0.0
    return 180.0 - math.degrees(math.acos(min(max(float(thigh @ shin) / lengths, -1.0), 1.0)))


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
        self._moved_s = -np.inf  # when their middle was last away from its place
        self._last = (0.0, 0.0)  # (t_s, body px)
        self._last_x_px = 0.0  # and where its middle was, across
        self._unit_px = 0.0  # the shin in which the offsets are
        self._fits_s = 0.0  # when the parts last were where they belong
        self._leap_since_s: float | None = None
        self._seen_s = 0.0  # when a body was last held against the one before, believed or not
        self.cuts = 0  # how often the film was cut, or the pose model changed the person
        self.height = 0.0
        self.hips = 0.0  # the same height by the hips alone
        self.lean = 0.0  # head and shoulders below their place over the hips, in shins
        self.split = 0.0  # how far the sides of the trunk are out of their place, in shins

    def forget(self) -> None:
        """Start from new offsets at the next picture; the height goes on from where it was."""
        self._offsets = None
        self._sides = None
        self._leap_since_s = None

    def update(
        self, t_s: float, xy_px: NDArray[np.float64], shin_px: float, bent: bool = False
    ) -> bool:
        """Take the next landmarks (33, 2); return whether they are one body's.

        While the legs are ``bent`` a lean belongs to the squat and is not learned as a posture.
        """
        across_px: list[float] = xy_px[list(self.POINTS), 0].tolist()
        if self._one_side_gone(t_s, across_px, shin_px):
            return False
        parts = -np.array(_part_heights(xy_px)) / shin_px
        x_px = fmean(across_px)
        last_s, last_px = self._last
        if self._offsets is not None:
            # a person who has come nearer has another unit, and is no other body
            self._offsets = self._offsets * (self._unit_px / shin_px)
        self._unit_px = shin_px
        if self._offsets is None:
            self._offsets = parts - parts.mean()
            self._last, self._last_x_px = (t_s, float(parts.mean()) * shin_px), x_px
            self._fits_s = self._seen_s = t_s
            return True
        head, shoulders, hips = parts - self._offsets
        nod = min(max(float(head - shoulders), -self._f.nod_shin), self._f.nod_shin)
        lean = float(hips - shoulders - nod / 2)
        body = hips - 2 / 3 * self._trunk_part(lean)
        self.lean = lean
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
            self._sides_fit_s = t_s
        left, right = sides - self._sides
        middle = float(left + right) / 2
        if abs(middle) > self._f.split_shin:
            self._moved_s = t_s
        self.split = float(abs(left - right))
        if t_s - self._moved_s > self._f.turn_s:
            self.split = min(self.split, 2 * abs(middle))
        if self.split > self._f.split_shin:
            return True
        pace = 1.0 - float(np.exp(-(t_s - self._sides_fit_s) / self._f.split_learn_s))
        self._sides = self._sides + pace * (sides - self._sides)
        self._sides_fit_s = t_s
        return False


class LegReader:
    """Turns poses into leg samples, remembering only the body's size and place."""

    def __init__(self, settings: Settings) -> None:
        self._framing = settings.framing
        self._stance = settings.stance
        self._lever = settings.lever
        self._perspective = settings.perspective
        self._sizes_s: deque[float] = deque()  # when the sizes were seen
        self._shins_px, self._torsos_px = RunningMedian(), RunningMedian()
        self._tilts_deg = RunningMedian(most=900)
        self._shin_px = 0.0
        self._size_px = 0.0
        self._size_fits_s = -np.inf
        self._leg_over_torso = 0.0  # usual length of the longer leg, in trunks
        self._straight_s = 0.0  # when the legs were last seen straight
        self._bent = False
        self._body = BodyHeight(settings.framing)
        self._trusted_s = -np.inf
        self._since_s = 0.0  # when this person came into the picture

    def read(self, pose: Pose) -> LegSample:
        """Return the sample of the next frame."""
        if not pose.found:
            return LegSample(pose, False, "nobody in the picture", self._shin_px)
        away_s = pose.t_s - self._trusted_s
        if away_s > self._framing.lost_s:
            self._body.forget()
            self._forget_sizes()
            self._leg_over_torso = 0.0
            self._trusted_s = self._since_s = pose.t_s
        xy = pose.steady_px
        shoulders = (xy[LEFT_SHOULDER] + xy[RIGHT_SHOULDER]) / 2
        hips = (xy[LEFT_HIP] + xy[RIGHT_HIP]) / 2
        torso_px = math.dist(shoulders, hips)
        shin_px, usual_torso_px = self._usual_size(pose, torso_px)
        why = self._why_not(pose, shin_px, torso_px / usual_torso_px if usual_torso_px else 0.0)
        if pose.t_s - self._since_s < self._framing.start_s:
            self._body.forget()
        if not why and not self._body.update(pose.t_s, xy, shin_px, self._bent):
            why = "landmarks jump"
        if why:
            return LegSample(pose, False, why, shin_px)
        self._trusted_s = pose.t_s
        facing = self._facing(xy, torso_px)
        flexion = (
            flexion_deg(xy[LEFT_HIP], xy[LEFT_KNEE], xy[LEFT_ANKLE]),
            flexion_deg(xy[RIGHT_HIP], xy[RIGHT_KNEE], xy[RIGHT_ANKLE]),
        )
        above = self._above(pose)
        profile = float(np.sqrt(1.0 - facing**2))
        self._tilts_deg.add(self._tilt_deg(xy, profile))
        level = self._levelled(xy, facing)
        middle_px = float(level[list(TRUNK), 0].mean())
        return LegSample(
            pose,
            True,
            "",
            shin_px,
            size_px=self._size_px,
            height=self._body.height,
            hips=self._body.hips,
            lean=self._body.lean,
            split=self._body.split,
            clues=self._clues(level, shin_px, middle_px, flexion),
            profile=profile,
            facing=facing,
            above=fmean(above),
            trunk_above=fmean(above[1:]),
            hips_above=above[-1],
            knee_flexion_deg=flexion,
            cuts=self._body.cuts,
            xy_px=xy,
        )

    def _forget_sizes(self) -> None:
        self._sizes_s.clear()
        self._shins_px.clear()
        self._torsos_px.clear()

    def _usual_size(self, pose: Pose, torso_px: float) -> tuple[float, float]:
        """Usual shin and torso lengths in pixels.

        The shin's is the unit of all heights, so it stays the same until the person is clearly
        nearer or farther for a while: a squat foreshortens a leg and must not rescale itself. It
        is taken from the longer leg and the torso together, which vary less between bodies and
        views (2.5 %) than the shin's own two landmarks (5 %, measured).
        """
        xy, times_s = pose.xy_px, self._sizes_s
        legs_px = [
            math.dist(xy[hip], xy[knee]) + math.dist(xy[knee], xy[ankle])
            for hip, knee, ankle in LEGS
        ]
        shin_px = self._lever.shin_of_leg_and_torso * (max(legs_px) + torso_px)
        if not self._bent_leg(pose.t_s, max(legs_px) / max(torso_px, 1e-6), shin_px):
            times_s.append(pose.t_s)
            self._shins_px.add(shin_px)
            self._torsos_px.add(torso_px)
        while len(times_s) > 1 and times_s[0] < pose.t_s - self._framing.scale_window_s:
            times_s.popleft()
            self._shins_px.drop()
            self._torsos_px.drop()
        shin, torso = self._shins_px.median, self._torsos_px.median
        young = self._shin_px == 0 or pose.t_s - self._since_s < self._framing.scale_first_s
        if young or abs(shin / self._shin_px - 1.0) < self._framing.scale_change:
            self._size_fits_s = pose.t_s
        if young or pose.t_s - self._size_fits_s > self._framing.scale_after_s:
            self._shin_px = shin
        self._size_px = shin
        return self._shin_px, torso

    def _bent_leg(self, t_s: float, leg_over_torso: float, shin_px: float) -> bool:
        """Whether the body is bent or foreshortened just now: a squat says nothing of its size."""
        usual, framing = self._leg_over_torso, self._framing
        bent = bool(self._sizes_s) and (
            leg_over_torso < framing.squat_leg_share * usual
            or shin_px < framing.squat_size_share * self._size_px
        )
        self._bent = bent and t_s - self._straight_s < framing.squat_most_s
        if not self._bent:
            pace = framing.squat_learn_share if usual else 1.0
            self._leg_over_torso = usual + pace * (leg_over_torso - usual)
        if not bent:
            self._straight_s = t_s
        return self._bent

    def _why_not(self, pose: Pose, shin_px: float, torso_share: float) -> str:
        """Say why a frame with somebody in it cannot be measured; empty when it can."""
        framing = self._framing
        xy, edge = pose.xy_px, framing.edge_margin_px
        feet = xy[list(FEET)]
        if shin_px < framing.min_shin_px:
            return "too small in the picture"
        if (feet > np.array([pose.width_px, pose.height_px]) - edge).any() or (feet < edge).any():
            return "feet out of the picture"
        if xy[NOSE, 1] < edge:
            return "head out of the picture"
        if abs(torso_share - 1.0) > framing.torso_change:
            return "landmarks jump"
        return implausible(pose, shin_px)

    def _tilt_deg(self, xy: NDArray[np.float64], profile: float) -> float:
        """Return how far a picture seems turned, degrees clockwise: who stands is upright.

        Whoever stands has the middle of the trunk over the feet; seen from the side it is a
        little ahead of them.
        """
        up = xy[list(TRUNK)].mean(axis=0) - xy[list(GROUND)].mean(axis=0)
        ahead = np.sign(xy[[LEFT_TOE, RIGHT_TOE], 0].sum() - xy[[LEFT_HEEL, RIGHT_HEEL], 0].sum())
        seen_deg = math.degrees(math.atan2(up[0], -up[1]))
        return float(seen_deg - self._stance.ahead_deg * profile**2 * ahead)

    def _levelled(self, xy: NDArray[np.float64], facing: float) -> NDArray[np.float64]:
        """Return landmarks (33, 2) as a camera that stands upright would see them, pixels.

        Seen from the side a body that leans is no camera that tilts, and feet side by side are as
        low as each other whatever the camera does.
        """
        tilt_deg, limits = self._tilts_deg.median, self._stance
        told = (limits.tilt_from_facing, limits.tilt_all_facing)
        share = float(np.interp(abs(facing), told, (0.0, 1.0)))
        most_deg = max(abs(tilt_deg) - limits.tilt_doubt_deg, 0.0)
        turn = math.radians(math.copysign(share * most_deg, tilt_deg))
        cos, sin = math.cos(turn), math.sin(turn)
        return np.stack([cos * xy[:, 0] + sin * xy[:, 1], cos * xy[:, 1] - sin * xy[:, 0]], axis=-1)

    def _clues(
        self,
        xy: NDArray[np.float64],
        shin_px: float,
        middle_px: float,
        flexion_deg: tuple[float, float],
    ) -> NDArray[np.float64]:
        scale = self._stance
        height = -xy[:, 1] / shin_px
        off_left = abs(middle_px - (xy[LEFT_ANKLE, 0] + xy[LEFT_TOE, 0]) / 2) / shin_px
        off_right = abs(middle_px - (xy[RIGHT_ANKLE, 0] + xy[RIGHT_TOE, 0]) / 2) / shin_px
        bent = flexion_deg[1] - flexion_deg[0]
        return np.array(
            [
                (height[RIGHT_ANKLE] - height[LEFT_ANKLE]) / scale.ankle_shin,
                (height[RIGHT_HEEL] - height[LEFT_HEEL]) / scale.heel_shin,
                (height[RIGHT_TOE] - height[LEFT_TOE]) / scale.toe_shin,
                (height[RIGHT_KNEE] - height[LEFT_KNEE]) / scale.knee_shin,
                bent / scale.flexion_deg,
                (off_right - off_left) / scale.support_shin,
            ]
        )

    def _facing(self, xy: NDArray[np.float64], torso_px: float) -> float:
        """Return 1 facing the camera, 0 in profile, -1 from behind, from the shoulders' width."""
        if torso_px <= 0:
            return 0.0
        across = float(xy[LEFT_SHOULDER, 0] - xy[RIGHT_SHOULDER, 0]) / torso_px
        return min(max(across / self._perspective.across_facing, -1.0), 1.0)

    def _above(self, pose: Pose) -> list[float]:
        """Return how far head, shoulders and hips are above the horizon, tangents of angles."""
        lens = self._perspective
        by_body_px = lens.away_shins * self._size_px
        by_picture_px = lens.focal_share * max(pose.width_px, pose.height_px)
        by_picture_px = min(by_picture_px, lens.farthest * by_body_px)
        focal_px = float(np.sqrt(by_picture_px * by_body_px))
        return [
            (pose.height_px / 2 - height_px) / focal_px - lens.horizon_tan
            for height_px in _part_heights(pose.xy_px)
        ]


def _part_heights(xy_px: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return how far down head, shoulders and hips are in landmarks (33, 2)."""
    y = xy_px[:, 1].tolist()
    return (
        (y[NOSE] + y[LEFT_EAR] + y[RIGHT_EAR]) / 3,
        (y[LEFT_SHOULDER] + y[RIGHT_SHOULDER]) / 2,
        (y[LEFT_HIP] + y[RIGHT_HIP]) / 2,
    )
