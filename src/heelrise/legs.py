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

from heelrise.body_height import BodyHeight, part_heights
from heelrise.camera_turn import TRUNK, CameraTurn
from heelrise.landmarks import (
    LEFT_ANKLE,
    LEFT_HEEL,
    LEFT_HIP,
    LEFT_KNEE,
    LEFT_SHOULDER,
    LEFT_TOE,
    NOSE,
    RIGHT_ANKLE,
    RIGHT_HEEL,
    RIGHT_HIP,
    RIGHT_KNEE,
    RIGHT_SHOULDER,
    RIGHT_TOE,
    Pose,
)
from heelrise.running_median import RunningMedian
from heelrise.scene import implausible
from heelrise.settings import Settings
from heelrise.walks import WalkWatch

LEGS = ((LEFT_HIP, LEFT_KNEE, LEFT_ANKLE), (RIGHT_HIP, RIGHT_KNEE, RIGHT_ANKLE))
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
    walks : int
        How often the person has walked to another place so far.
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
    walks: int = 0
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


class LegReader:
    """Turns poses into leg samples, remembering only the body's size and place."""

    def __init__(self, settings: Settings) -> None:
        self._framing = settings.framing
        self._stance = settings.stance
        self._lever = settings.lever
        self._perspective = settings.perspective
        self._sizes_s: deque[float] = deque()  # when the sizes were seen
        self._shins_px, self._torsos_px = RunningMedian(), RunningMedian()
        self._legs_px = RunningMedian()
        self._bowed_s = 0.0  # when the trunk was last no longer than usual
        self._turn = CameraTurn(settings.stance)
        self._cuts = 0  # between shots, so far
        self._shin_px = 0.0
        self._size_px = 0.0
        self._size_fits_s = -np.inf
        self._walks = WalkWatch(settings.framing)
        self._leg_over_torso = 0.0  # usual length of the longer leg, in trunks
        self._straight_s = 0.0  # when the legs were last seen straight
        self._bent = False
        self._body = BodyHeight(settings.framing)
        self._trusted_s = -np.inf
        self._since_s = 0.0  # when this person came into the picture, or walked to another place

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
        early = self._is_early(pose.t_s)
        if not why and not self._body.update(pose.t_s, xy, shin_px, self._bent, early):
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
        if self._body.cuts != self._cuts:
            self._cuts = self._body.cuts
            self._turn.forget()
        level = self._turn.levelled(pose.t_s, xy, facing)
        middle_px = float(sum(level[point, 0] for point in TRUNK)) / len(TRUNK)
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
            walks=self._walks.count,
            cuts=self._body.cuts,
            xy_px=xy,
        )

    def _forget_sizes(self) -> None:
        self._sizes_s.clear()
        self._shins_px.clear()
        self._torsos_px.clear()
        self._legs_px.clear()

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
        if self._walks.update(pose.t_s, pose.steady_px, shin_px, self._size_px):
            self._forget_sizes()
            self._since_s = pose.t_s
        if self._stood_up(pose.t_s, max(legs_px), torso_px):
            self._forget_sizes()
            self._leg_over_torso = 0.0
            self._since_s = pose.t_s
            self._body.start_anew()
        if not self._bent_leg(pose.t_s, max(legs_px) / max(torso_px, 1e-6), shin_px):
            times_s.append(pose.t_s)
            self._shins_px.add(shin_px)
            self._torsos_px.add(torso_px)
            self._legs_px.add(max(legs_px))
        while len(times_s) > 1 and times_s[0] < pose.t_s - self._framing.scale_window_s:
            times_s.popleft()
            self._shins_px.drop()
            self._torsos_px.drop()
            self._legs_px.drop()
        shin, torso = self._shins_px.median, self._torsos_px.median
        young = self._shin_px == 0 or pose.t_s - self._since_s < self._framing.scale_first_s
        if young or abs(shin / self._shin_px - 1.0) < self._framing.scale_change:
            self._size_fits_s = pose.t_s
        if young or pose.t_s - self._size_fits_s > self._framing.scale_after_s:
            self._shin_px = shin
        self._size_px = shin
        return self._shin_px, torso

    def _is_early(self, t_s: float) -> bool:
        """Whether the person has come so lately that they may have been bowed so far."""
        return t_s - self._since_s < self._framing.stood_up_within_s

    def _stood_up(self, t_s: float, leg_px: float, torso_px: float) -> bool:
        """Whether the trunk has become longer on the same legs: its length so far was a bow's.

        Early on only: later somebody who walks by may stretch a trunk.
        """
        framing = self._framing
        grown = False
        if self._is_early(t_s) and self._sizes_s:
            leg = leg_px / max(self._legs_px.median, 1e-6)
            trunk = torso_px / max(self._torsos_px.median, 1e-6)
            grown = leg > framing.stood_up_leg and trunk > framing.stood_up_trunk * max(leg, 1.0)
        if not grown:
            self._bowed_s = t_s
        return t_s - self._bowed_s > framing.stood_up_s

    def _bent_leg(self, t_s: float, leg_over_torso: float, shin_px: float) -> bool:
        """Whether the body is bent or foreshortened just now: a squat says nothing of its size."""
        usual, framing = self._leg_over_torso, self._framing
        arrived = not self._sizes_s or t_s - self._walks.last_s < framing.scale_window_s
        bent = not arrived and (
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
            for height_px in part_heights(pose.xy_px)
        ]
