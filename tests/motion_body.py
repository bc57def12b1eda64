"""A body of sticks in metres, and the camera that films it: the geometry behind tests/motion.py.

World: x and y on the ground, z up. A body that heads for 0 degrees faces +x with its left at +y.
A posture is a mapping from channel to an array with one value a time; every foot stands on the
ball, the heel turns about it, the pelvis rides on the legs that carry and knees follow from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heelrise import landmarks as lm

Floats = NDArray[np.float64]

# Metres. Where the pose model puts the joints of rendered people of 1.63 m: it sees the shin a
# twentieth shorter than the bone's 0.40 m. The foot is one on which the body rises by 0.60 of the
# heel, which was 0.52 to 0.66 on those people.
STATURE_M, TRUE_SHIN_M = 1.63, 0.40
SHIN = THIGH = 0.38
HEEL_TO_BALL, ANKLE_TO_BALL, ANKLE_HEIGHT = 0.165, 0.12, 0.07
HEEL_POINT = (-0.155, 0.03)  # ahead of and above the ball: back of the shoe
TOE_POINT = (0.04, 0.02)
STANCE_HALF = 0.06  # the feet stand 12 cm apart
HIP_HALF, SHOULDER_HALF = 0.10, 0.18
SHOULDERS_UP, HIPS_AHEAD = 0.50, 0.04
HEAD = {  # ahead of the shoulders, left of the middle, above the shoulders
    lm.NOSE: (0.14, 0.0, 0.27),
    lm.LEFT_EAR: (0.06, 0.05, 0.28),
    lm.RIGHT_EAR: (0.06, -0.05, 0.28),
}
FACE = {(1, 2, 3, 9): 0.015, (4, 5, 6, 10): -0.015}  # eyes and mouth: near the nose
SIGN = {"left": 1.0, "right": -1.0}


def body_points(posture: Mapping[str, Floats], heel_shown: float = 1.0) -> Floats:
    """Return the landmarks of the body, shape (T, 33, 3), metres.

    ``heel_shown`` is the share of a heel's rise that its landmark follows.
    """
    heading = np.radians(posture["heading"])
    forward = np.stack([np.cos(heading), np.sin(heading), np.zeros_like(heading)], axis=-1)
    leftward = np.stack([-np.sin(heading), np.cos(heading), np.zeros_like(heading)], axis=-1)
    upward = np.zeros_like(forward)
    upward[:, 2] = 1.0
    frame = (forward, leftward, upward)
    points = np.zeros((len(heading), lm.LANDMARK_COUNT, 3))

    feet = {side: _foot(posture, side, frame, heel_shown) for side in SIGN}
    ankles = {side: foot[0] for side, foot in feet.items()}
    pelvis = _pelvis(posture, ankles, frame)
    weight = posture["weight"]
    above = {side: ankles[side][:, 2] - posture[f"ground_{side}"] for side in SIGN}
    carried = weight * above["left"] + (1 - weight) * above["right"] - ANKLE_HEIGHT
    for side, (ankle, heel, toe) in feet.items():
        in_air = np.clip(posture[f"ball_{side}_z"] / 0.05, 0.0, 1.0)
        with_body = (in_air * carried)[:, None] * upward  # a lifted foot rides on the body
        hip = pelvis + SIGN[side] * HIP_HALF * leftward
        points[:, lm.HIP[side]] = hip
        points[:, lm.ANKLE[side]] = ankle + with_body
        points[:, lm.HEEL[side]] = heel + with_body
        points[:, lm.TOE[side]] = toe + with_body
        points[:, lm.KNEE[side]] = _knee(hip, ankle + with_body, forward)
    _trunk(points, posture, pelvis, frame)
    return points


def _foot(
    posture: Mapping[str, Floats], side: str, frame: tuple[Floats, ...], shown: float
) -> tuple[Floats, Floats, Floats]:
    """Return ankle, heel and toe points: the foot turned about its ball."""
    forward, _, upward = frame
    ball = np.stack([posture[f"ball_{side}_{axis}"] for axis in "xyz"], axis=-1)
    ball = ball + posture[f"ground_{side}"][:, None] * upward
    heel_up = np.arcsin(posture[f"heel_{side}"] / HEEL_TO_BALL)
    pitch = np.radians(posture[f"pitch_{side}"])

    def turned(ahead: float, above: float, angle: Floats) -> Floats:
        along = ahead * np.cos(angle) + above * np.sin(angle)
        over = above * np.cos(angle) - ahead * np.sin(angle)
        return ball + along[:, None] * forward + over[:, None] * upward

    ankle = turned(-ANKLE_TO_BALL, ANKLE_HEIGHT, heel_up + pitch)
    heel_flat, heel = turned(*HEEL_POINT, pitch), turned(*HEEL_POINT, heel_up + pitch)
    return ankle, heel_flat + shown * (heel - heel_flat), turned(*TOE_POINT, pitch)


def reach(flexion_deg: Floats) -> Floats:
    """Return the distance from hip to ankle for a knee bent by so much, metres."""
    return np.asarray(2 * SHIN * np.cos(np.radians(flexion_deg) / 2))


def _pelvis(
    posture: Mapping[str, Floats], ankles: Mapping[str, Floats], frame: tuple[Floats, ...]
) -> Floats:
    """Return the middle of the hips: over the feet that carry, as high as their knees allow."""
    forward, leftward, _ = frame
    weights = {"left": posture["weight"], "right": 1.0 - posture["weight"]}
    middle = sum(weights[side][:, None] * ankles[side] for side in SIGN)
    middle = middle + (HIPS_AHEAD - posture["back"])[:, None] * forward
    middle = np.asarray(middle + posture["sway"][:, None] * leftward)
    height = np.zeros(len(middle))
    for side, sign in SIGN.items():
        hip = middle + sign * HIP_HALF * leftward
        across = ((hip - ankles[side])[:, :2] ** 2).sum(axis=1)
        leg = np.sqrt(np.maximum(reach(posture[f"knee_{side}"]) ** 2 - across, 0.25**2))
        height += weights[side] * (ankles[side][:, 2] + leg)
    middle[:, 2] = height
    return middle


def _knee(hip: Floats, ankle: Floats, forward: Floats) -> Floats:
    """Return where the knee is: in front of the line from hip to ankle, bones of fixed length."""
    leg = ankle - hip
    length = np.linalg.norm(leg, axis=1, keepdims=True)
    ahead = forward - (forward * leg).sum(axis=1, keepdims=True) * leg / length**2
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    middle = (hip + ankle) / 2
    return np.asarray(middle + ahead * np.sqrt(np.maximum(SHIN**2 - length**2 / 4, 0.0)))


def _trunk(
    points: Floats, posture: Mapping[str, Floats], pelvis: Floats, frame: tuple[Floats, ...]
) -> None:
    """Put shoulders, head and arms on the pelvis."""
    forward, leftward, upward = frame
    lean, tilt = np.radians(posture["lean"])[:, None], np.radians(posture["tilt"])[:, None]
    spine = np.cos(lean) * np.cos(tilt) * upward + np.sin(lean) * forward + np.sin(tilt) * leftward
    neck = pelvis + SHOULDERS_UP * spine
    for index, (ahead, left, up) in HEAD.items():
        points[:, index] = neck + ahead * forward + left * leftward + up * spine
    for indices, left in FACE.items():
        for index in indices:
            points[:, index] = points[:, lm.NOSE] + left * leftward - 0.01 * forward
    arms = np.radians(posture["arms"])[:, None]
    for side, (shoulder, elbow, wrist, fingers) in {
        "left": (11, 13, 15, (17, 19, 21)),
        "right": (12, 14, 16, (18, 20, 22)),
    }.items():
        out = SIGN[side] * leftward
        # Raised arms take the shoulders along by 3 cm.
        points[:, shoulder] = neck + SHOULDER_HALF * out + 0.015 * (1 - np.cos(arms)) * upward
        reaching = np.sin(arms) * out - np.cos(arms) * upward
        points[:, elbow] = points[:, shoulder] + 0.27 * reaching
        points[:, wrist] = points[:, shoulder] + 0.51 * reaching
        points[:, fingers] = (points[:, shoulder] + 0.60 * reaching)[:, None]


@dataclass(frozen=True)
class Camera:
    """A pinhole on a tripod.

    ``azimuth_deg`` is where it stands, seen from a body that heads for 0 degrees: 0 at its right
    side, 90 in front, 180 at its left side, 270 behind. Metres; pixels; pictures a second.
    """

    azimuth_deg: float = 15.0
    height: float = 1.0
    distance: float = 3.0
    focal_px: float = 579.0
    width_px: int = 640
    height_px: int = 480
    aim_height: float = 0.86
    fps: float = 20.0

    def project(self, points: Floats) -> Floats:
        """Return the pixels, shape (..., 2), of points of shape (..., 3)."""
        angle = np.radians(self.azimuth_deg)
        place = np.array([np.sin(angle), -np.cos(angle), 0.0]) * self.distance
        place[2] = self.height
        ahead = np.array([0.0, 0.0, self.aim_height]) - place
        ahead /= np.linalg.norm(ahead)
        right = np.cross(ahead, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        down = np.cross(ahead, right)
        seen = points - place
        scale = self.focal_px / np.maximum(seen @ ahead, 0.1)
        centre = np.array([self.width_px, self.height_px]) / 2
        return np.asarray(
            centre + np.stack([seen @ right, seen @ down], axis=-1) * scale[..., None]
        )
