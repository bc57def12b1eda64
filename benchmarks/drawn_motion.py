"""A drawn body in motion: from the postures of tests/motion.py to bones, and the heel's height.

World as in drawn_body.py. A foot is one stiff lever from the ball to the heel.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from drawn_body import BONES, Body, Floats

# Stories are told by the tests' own generator of motion. Modules that import it too import this
# one before, so the path is told in one place.
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from motion_body import HEEL_TO_BALL, SIGN

Leg = Literal["left", "right"]
LEGS: tuple[Leg, Leg] = ("left", "right")

AHEAD, LEFTWARD, UPWARD = np.eye(3)
HIPS_AHEAD_M = 0.03
"""How far the hips stand before the ankles."""

SHORTEST_LEG_M = 0.25
RIDING_M = 0.05
"""From this height on a lifted foot rises and sinks with the body that carries it."""

STEEPEST = 0.95
"""Most of its lever that a heel may stand above the ball."""


@dataclass(frozen=True)
class Manner:
    """How somebody holds head and arms, radians, each of shape (T,).

    Attributes
    ----------
    hands_on_hips : bool
        Otherwise the arms hang.
    head_pitch, head_yaw : ndarray
        Downward and to the left.
    arm_out, arm_ahead : mapping of leg to ndarray
        Of the upper arm.
    elbow : mapping of leg to ndarray
        Its bend.
    """

    hands_on_hips: bool
    head_pitch: Floats
    head_yaw: Floats
    arm_out: Mapping[Leg, Floats]
    arm_ahead: Mapping[Leg, Floats]
    elbow: Mapping[Leg, Floats]


@dataclass(frozen=True)
class Motion:
    """A body in T moments.

    Attributes
    ----------
    bones : ndarray, shape (T, B, 4, 4)
        Where each bone takes what it moves from where that rests.
    balls : mapping of leg to ndarray, shape (T, 3)
        The balls' joints, metres.
    """

    bones: Floats
    balls: Mapping[Leg, Floats]


@dataclass(frozen=True)
class _Foot:
    """Joints, shape (T, 3), and turns, shape (T, 3, 3), of a foot."""

    ball: Floats
    ankle: Floats
    turn: Floats
    toe_turn: Floats


def animate(body: Body, posture: Mapping[str, Floats], manner: Manner) -> Motion:
    """Return the body's bones in every moment of a posture.

    Parameters
    ----------
    body : Body
    posture : mapping of str to ndarray, shape (T,)
        The channels of tests/motion.py: metres and degrees.
    manner : Manner
    """
    return _Animation(body.joints, posture, manner).motion()


def heel_rise(heel_channel: Floats, heel_from_ball: Floats) -> Floats:
    """Return the true height of the sole's heel above flat foot, metres, shape (T,).

    Parameters
    ----------
    heel_channel : ndarray, shape (T,)
        The posture's, metres on the stick body's foot: an angle to a foot of another length.
    heel_from_ball : ndarray, shape (3,)
        From the ball's joint to the heel when the foot is flat, metres.
    """
    angle = _heel_angle(heel_channel)
    ahead, _, up = heel_from_ball
    return np.asarray(up * np.cos(angle) - ahead * np.sin(angle) - up)


def _heel_angle(heel_channel: Floats) -> Floats:
    return np.asarray(np.arcsin(np.clip(heel_channel / HEEL_TO_BALL, -STEEPEST, STEEPEST)))


def _turned(axis: Floats, angle: Floats) -> Floats:
    """Return turns by the angles (radians, shape (T,)) about one axis, shape (T, 3, 3)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sine, cosine = np.sin(angle)[:, None, None], np.cos(angle)[:, None, None]
    return np.asarray(np.eye(3) + sine * cross + (1 - cosine) * (cross @ cross))


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _dot(one: Floats, other: Floats) -> Floats:
    """Return the products of vectors, shape (T, 1)."""
    return np.asarray((one * other).sum(axis=-1, keepdims=True))


def _across(vectors: Floats, along: Floats) -> Floats:
    """Return the part of the vectors that is square to unit vectors, made one long."""
    return _unit(vectors - _dot(vectors, along) * along)


def _axes(along: Floats, side: Floats) -> Floats:
    """Return turns whose first axis is `along` and whose second is nearest to `side`."""
    first = _unit(along)
    second = _across(side, first)
    return np.stack([first, second, np.cross(first, second)], axis=-1)


def _from_to(rest: tuple[Floats, Floats], now: tuple[Floats, Floats]) -> Floats:
    """Return turns that take a resting direction and side, shape (3,), to others, (T, 3)."""
    at_rest = _axes(rest[0][None], rest[1][None])
    return np.asarray(_axes(*now) @ np.swapaxes(at_rest, -1, -2))


class _Animation:
    """Puts the bones together, from the feet upward; each has a turn and a place."""

    def __init__(
        self, joints: Mapping[str, Floats], posture: Mapping[str, Floats], manner: Manner
    ) -> None:
        self._joints = joints
        self._posture = posture
        self._manner = manner
        self._heading = _turned(UPWARD, np.radians(posture["heading"]))
        self._forward = self._heading @ AHEAD
        self._leftward = self._heading @ LEFTWARD
        self._hips_at_rest = (joints["thigh_l"] + joints["thigh_r"]) / 2
        self._thigh_m = float(np.linalg.norm(joints["calf_l"] - joints["thigh_l"]))
        self._shin_m = float(np.linalg.norm(joints["foot_l"] - joints["calf_l"]))
        self._turns: dict[str, Floats] = {}
        self._places: dict[str, Floats] = {}

    def motion(self) -> Motion:
        """Return the whole of it."""
        feet = self._feet()
        hips = self._hips(feet)
        self._put_trunk(hips)
        for leg in LEGS:
            self._put_leg(leg, feet[leg], hips)
            self._put_arm(leg)
        bones = np.zeros((len(hips), len(BONES), 4, 4))
        bones[..., 3, 3] = 1.0
        for number, bone in enumerate(BONES):
            turn = self._turns[bone]
            bones[:, number, :3, :3] = turn
            bones[:, number, :3, 3] = self._places[bone] - turn @ self._joints[bone]
        return Motion(bones, {leg: feet[leg].ball for leg in LEGS})

    # ---- feet and hips --------------------------------------------------------------

    def _feet(self) -> dict[Leg, _Foot]:
        """Return both feet; a lifted one rides on the body."""
        posture = self._posture
        feet = {leg: self._foot(leg) for leg in LEGS}
        ankle_m = self._joints["foot_l"][2]
        above = {leg: feet[leg].ankle[:, 2] - posture[f"ground_{leg}"] - ankle_m for leg in LEGS}
        weight = posture["weight"]
        carried = weight * above["left"] + (1 - weight) * above["right"]
        riding: dict[Leg, _Foot] = {}
        for leg, foot in feet.items():
            in_air = np.clip(posture[f"ball_{leg}_z"] / RIDING_M, 0, 1)
            lift = (in_air * carried)[:, None] * UPWARD
            riding[leg] = _Foot(foot.ball + lift, foot.ankle + lift, foot.turn, foot.toe_turn)
        return riding

    def _foot(self, leg: Leg) -> _Foot:
        """Return a foot turned about its ball, as if it stood by itself."""
        posture, joints = self._posture, self._joints
        ball = np.stack([posture[f"ball_{leg}_{axis}"] for axis in "xyz"], axis=-1)
        ball[:, 2] += posture[f"ground_{leg}"] + joints["ball_l"][2]
        pitch = np.radians(posture[f"pitch_{leg}"])
        turn = self._heading @ _turned(LEFTWARD, _heel_angle(posture[f"heel_{leg}"]) + pitch)
        ankle = ball + turn @ (joints[_bone("foot", leg)] - joints[_bone("ball", leg)])
        return _Foot(ball, ankle, turn, self._heading @ _turned(LEFTWARD, pitch))

    def _hips(self, feet: Mapping[Leg, _Foot]) -> Floats:
        """Return the middle of the hips: over the feet that carry, as high as knees allow."""
        posture = self._posture
        weights = {"left": posture["weight"], "right": 1 - posture["weight"]}
        hips = np.zeros_like(self._forward)
        for leg in LEGS:
            hips += weights[leg][:, None] * feet[leg].ankle
        hips += (HIPS_AHEAD_M - posture["back"])[:, None] * self._forward
        hips += posture["sway"][:, None] * self._leftward
        height = np.zeros(len(hips))
        for leg in LEGS:
            ankle = feet[leg].ankle
            aside = ((self._hip(leg, hips) - ankle)[:, :2] ** 2).sum(axis=1)
            square = np.maximum(self._reach_square(leg) - aside, SHORTEST_LEG_M**2)
            height += weights[leg] * (ankle[:, 2] + np.sqrt(square))
        hips[:, 2] = height
        return hips

    def _hip(self, leg: Leg, hips: Floats) -> Floats:
        at_rest = self._joints[_bone("thigh", leg)] - self._hips_at_rest
        return np.asarray(hips + self._heading @ at_rest)

    def _reach_square(self, leg: Leg) -> Floats:
        """Return the squared distance from hip to ankle for a knee bent as the posture says."""
        thigh, shin = self._thigh_m, self._shin_m
        bend = np.cos(np.radians(self._posture[f"knee_{leg}"]))
        return np.asarray(thigh**2 + shin**2 + 2 * thigh * shin * bend)

    # ---- the bones ------------------------------------------------------------------

    def _put(self, bone: str, turn: Floats, place: Floats) -> None:
        self._turns[bone], self._places[bone] = turn, place

    def _joint_on(self, parent: str, bone: str) -> Floats:
        """Return where a bone begins that hangs on another."""
        at_rest = self._joints[bone] - self._joints[parent]
        return np.asarray(self._places[parent] + self._turns[parent] @ at_rest)

    def _leaning(self, share: float) -> Floats:
        """Return the turn of the trunk, or of a part that follows it by a share."""
        lean, tilt = np.radians(self._posture["lean"]), np.radians(self._posture["tilt"])
        leaned = self._heading @ _turned(LEFTWARD, share * lean)
        return np.asarray(leaned @ _turned(AHEAD, -share * tilt))

    def _put_trunk(self, hips: Floats) -> None:
        lean = np.radians(self._posture["lean"])
        turn = self._heading @ _turned(LEFTWARD, 0.5 * lean)
        place = hips + turn @ (self._joints["pelvis"] - self._hips_at_rest)
        self._put("pelvis", turn, place)
        pitch, yaw = self._manner.head_pitch, self._manner.head_yaw
        neck = self._leaning(0.9) @ _turned(LEFTWARD, 0.5 * pitch)
        head = self._leaning(0.6) @ _turned(UPWARD, yaw) @ _turned(LEFTWARD, pitch)
        parent = "pelvis"
        for bone, turn in (
            ("spine_01", self._leaning(0.8)),
            ("spine_02", self._leaning(1.0)),
            ("spine_03", self._leaning(1.0)),
            ("neck_01", neck),
            ("head", head),
        ):
            self._put(bone, turn, self._joint_on(parent, bone))
            parent = bone

    def _put_leg(self, leg: Leg, foot: _Foot, hips: Floats) -> None:
        """Put thigh, shin and foot; the knee is ahead of the line from hip to ankle."""
        thigh, shin, ankle = (_bone(name, leg) for name in ("thigh", "calf", "foot"))
        hip = self._hip(leg, hips)
        knee = self._knee(hip, foot.ankle)
        for bone, below, start, end in ((thigh, shin, hip, knee), (shin, ankle, knee, foot.ankle)):
            at_rest = self._joints[below] - self._joints[bone]
            turn = _from_to((at_rest, LEFTWARD), (end - start, self._leftward))
            self._put(bone, turn, start)
        self._put(ankle, foot.turn, foot.ankle)
        self._put(_bone("ball", leg), foot.toe_turn, foot.ball)

    def _knee(self, hip: Floats, ankle: Floats) -> Floats:
        thigh, shin = self._thigh_m, self._shin_m
        length = np.linalg.norm(ankle - hip, axis=1, keepdims=True)
        along = (ankle - hip) / length
        length = np.clip(length, abs(thigh - shin) + 0.01, thigh + shin - 1e-4)
        down = (thigh**2 - shin**2 + length**2) / (2 * length)
        ahead = np.sqrt(np.maximum(thigh**2 - down**2, 0))
        return np.asarray(hip + down * along + ahead * _across(self._forward, along))

    def _put_arm(self, leg: Leg) -> None:
        """Put collarbone, arm and hand of the leg's side."""
        clavicle, upper, lower, hand = (
            _bone(name, leg) for name in ("clavicle", "upperarm", "lowerarm", "hand")
        )
        joints, raised = self._joints, np.radians(self._posture["arms"])
        shrug = self._leaning(1.0) @ _turned(AHEAD, SIGN[leg] * 0.15 * raised)
        self._put(clavicle, shrug, self._joint_on("spine_03", clavicle))
        upper_way, lower_way, side = self._arm_ways(leg)
        at_rest = joints[lower] - joints[upper]
        side_at_rest = np.cross(AHEAD, at_rest)
        turn = _from_to((at_rest, side_at_rest), (upper_way, side))
        self._put(upper, turn, self._joint_on(clavicle, upper))
        turn = _from_to((joints[hand] - joints[lower], side_at_rest), (lower_way, side))
        self._put(lower, turn, self._joint_on(upper, lower))
        self._put(hand, turn, self._joint_on(lower, hand))

    def _arm_ways(self, leg: Leg) -> tuple[Floats, Floats, Floats]:
        """Return where upper and lower arm point, and the elbow's axis, each (T, 3)."""
        manner, sign = self._manner, SIGN[leg]
        out = manner.arm_out[leg] + np.radians(self._posture["arms"])
        ahead, elbow = manner.arm_ahead[leg], manner.elbow[leg][:, None]
        upper = np.stack(
            [np.sin(ahead) * np.cos(out), sign * np.sin(out), -np.cos(out) * np.cos(ahead)], axis=-1
        )
        upper = _unit(upper)
        inward = (0.35, -sign, 0.0) if manner.hands_on_hips else (1.0, -0.2 * sign, 0.0)
        bend = _across(np.array([inward]), upper)
        lower = np.cos(elbow) * upper + np.sin(elbow) * bend
        # Arms that hang follow the ground more than the trunk.
        trunk = self._leaning(1.0 if manner.hands_on_hips else 0.3)
        upper, lower, side = (
            (trunk @ way[..., None])[..., 0] for way in (upper, lower, np.cross(bend, upper))
        )
        return upper, lower, side


def _bone(name: str, leg: Leg) -> str:
    return f"{name}_{leg[0]}"
