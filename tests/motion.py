"""People doing heel rises as streams of poses, with the truth known by construction.

A :class:`Script` is written like a story, one segment after the other, and filmed::

    film = Script().stand(1.5).stand_on("left").reps(3).put_down().film(Camera(90.0))
    for pose in film.poses: ...
    film.truth.reps[0].start_s

The body and the camera are in tests/motion_body.py, what a pose model does to it in
tests/motion_model.py. Everything random is seeded.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from heelrise.landmarks import Pose
from heelrise.result import Side
from motion_body import Camera, Floats, body_points
from motion_model import PoseModel, seen_poses
from motion_tracks import KNEE, OTHER, Tracks
from motion_truth import Span, Truth, true_rep

TRIPOD, CLEAR = Camera(), PoseModel()
CROSSED = {"x": -0.22, "y": 0.08, "z": 0.07, "pitch": 45.0}  # from the foot's place, metres


@dataclass(frozen=True)
class Film:
    """What the pose model saw, and what was true."""

    poses: list[Pose]
    truth: Truth


class Script:
    """A story of segments; every method adds one and returns the script."""

    def __init__(self, seed: int = 1, step_m: float = 0.0) -> None:
        self._body = Tracks()
        self._rng = np.random.default_rng(seed)
        self._step_m = step_m
        self._side: Side = "both"
        self._reps: list[tuple[Side, float, float]] = []  # side, from, peak's earliest time
        self._events: list[Span] = []
        self._segments: list[Span] = []
        self._gone: list[tuple[float, float]] = []
        self._end: float | None = None

    def feet(self, apart_m: float, ahead_m: float = 0.0) -> Self:
        """Begin with the feet so far apart, the left one so far ahead of the right one."""
        for foot, sign in (("left", 0.5), ("right", -0.5)):
            self._body.begin(f"ball_{foot}_y", sign * apart_m)
            self._body.begin(f"ball_{foot}_x", sign * ahead_m)
        return self

    # ---- the plain segments -------------------------------------------------------------

    def stand(self, seconds: float) -> Self:
        """Stay as one is."""
        return self._pass("stand", seconds)

    def stand_on(
        self, side: Side, crossed: bool = True, seconds: float = 0.9, lift_m: float = 0.06
    ) -> Self:
        """Take the weight on one leg, lift the other foot and cross it behind the ankle, or not."""
        self._side = side
        free = OTHER[side]
        self._body.move("weight", 1.0 if side == "left" else 0.0, 0.0, 0.45 * seconds)
        self._body.place_foot(
            free, self._free_foot() if crossed else {"z": lift_m}, 0.4, 0.6, seconds
        )
        return self._pass("lift", seconds)

    def set_apart(self, apart_m: float) -> Self:
        """Set the right foot so far from the left one."""
        self._body.move("weight", 1.0, 0.0, 0.3)
        self._body.there_and_back("ball_right_z", 0.05, 0.3, 0.5)
        to = self._body.last("ball_left_y") - apart_m
        self._body.move("ball_right_y", to, 0.35, 0.4)
        self._body.move("weight", 0.5, 0.8, 0.4)
        return self._pass("set_apart", 1.3)

    def put_down(self, seconds: float = 0.8) -> Self:
        """Stand on both feet again, heels down."""
        if self._side != "both":
            free = OTHER[self._side]
            self._body.place_foot(free, {}, 0.0, 0.6, seconds)
            self._body.move(f"heel_{self._side}", 0.0, 0.0, 0.6 * seconds)
        self._body.move("weight", 0.5, 0.5 * seconds, 0.5 * seconds)
        self._side = "both"
        return self._pass("put_down", seconds)

    def rep(
        self,
        height: float = 0.09,
        *,
        up_s: float = 0.8,
        hold_s: float = 0.9,
        down_s: float = 1.0,
        rest_s: float = 0.5,
        bottom: float = 0.0,
        touch_s: float = 0.0,
        touch_at_s: float | None = None,
        lean: float = 0.0,
        knee: float = 0.0,
        sinks: float = 0.0,
        swings: float = 0.0,
    ) -> Self:
        """Raise the heel(s) that carry to ``height`` and lower to ``bottom`` (m above flat foot).

        ``touch_s``: the free foot takes the floor for so long and the standing knee gives way, at
        the top or ``touch_at_s`` after the start; ``lean``: the trunk leans forward (degrees);
        ``knee``: it stays bent; ``sinks``: at the top, the heel up, it bends by so many degrees
        and straightens again; ``swings``: so it does just before the rise, the heel down.
        """
        feet = ("left", "right") if self._side == "both" else (self._side,)
        whole = up_s + hold_s + down_s
        for foot in feet:
            self._body.move(f"heel_{foot}", height, 0.0, up_s)
            self._body.move(f"heel_{foot}", bottom, up_s + hold_s, down_s)
            if knee:
                self._body.there_and_back(f"knee_{foot}", KNEE + knee, 0.0, whole)
            if swings:
                self._body.there_and_back(f"knee_{foot}", KNEE + swings, -0.3, 0.6)
            if sinks:
                at_s, for_s = up_s + 0.1 * hold_s, 0.8 * hold_s
                self._body.there_and_back(f"knee_{foot}", KNEE + sinks, at_s, for_s)
        if lean:
            leaning_s = whole - 0.3 * up_s - 0.4 * down_s
            self._body.there_and_back("lean", lean, 0.3 * up_s, leaning_s)
        if touch_s:
            self._touch(up_s + 0.1 if touch_at_s is None else touch_at_s, touch_s)
        self._reps.append((self._side, self._body.now, self._body.now + whole + rest_s))
        return self._pass("rep", whole + rest_s)

    def reps(self, count: int, **how: float) -> Self:
        """Do several reps of one kind."""
        for _ in range(count):
            self.rep(**how)
        return self

    def set_of(self, side: Side, count: int, **how: float) -> Self:
        """Stand, lift, do reps, put down."""
        self.stand(1.5)
        if side != "both":
            self.stand_on(side).stand(0.6)
        self.reps(count, **how)
        return self.put_down().stand(1.0) if side != "both" else self.stand(1.0)

    def cut(self, seconds: float) -> Self:
        """End the film before the story's end."""
        self._end = self._body.now - seconds
        return self

    # ---- what goes wrong on one leg -----------------------------------------------------

    def touch(self, seconds: float) -> Self:
        """Put the free foot on the floor between reps for a moment."""
        self._touch(0.0, seconds)
        return self._pass("touch", seconds + 0.7)

    def hop(self, height: float = 0.04, aside: float = 0.05) -> Self:
        """Hop on the standing foot, a little to the side."""
        foot = self._side
        self._event("hop", 0.0, 0.35)
        self._body.there_and_back(f"ball_{foot}_z", height, 0.0, 0.35)
        self._body.shift(f"ball_{foot}_y", aside, 0.0, 0.35)
        self._body.shift(f"ball_{OTHER[foot]}_y", aside, 0.0, 0.5)
        return self._pass("hop", 0.8)

    def sway(self, degrees: float = 10.0, aside: float = 0.04) -> Self:
        """Lose the balance: trunk and hips go sideways and come back."""
        self._event("sway", 0.0, 0.8)
        self._body.there_and_back("tilt", degrees, 0.0, 0.8)
        self._body.there_and_back("sway", -aside, 0.0, 0.8)
        return self._pass("sway", 1.0)

    # ---- what is no heel rise -----------------------------------------------------------

    def lean(self, degrees: float) -> Self:
        """Lean forward from now on."""
        self._body.shift("lean", degrees, 0.0, 0.6)
        return self._pass("lean", 0.8)

    def idle(self, seconds: float) -> Self:
        """Keep the balance where one stands: knees, hips, trunk and the free foot wander."""
        at = 0.0
        rng = self._rng
        stands = ("left", "right") if self._side == "both" else (self._side,)
        while at < seconds - 1.2:
            step = rng.uniform(0.3, 0.8)
            bent = KNEE + rng.uniform(0, 18)
            for foot in stands:
                self._body.move(f"knee_{foot}", bent, at, step)
                self._body.move(f"heel_{foot}", rng.uniform(0, 0.012), at, step)
            for channel, width in (("sway", 0.015), ("tilt", 2.0), ("lean", 3.0)):
                self._body.move(channel, rng.uniform(-width, width), at, step)
            if self._side != "both":
                lifted = self._free_foot(wander=0.03)
                self._body.place_foot(
                    OTHER[self._side], lifted, at / seconds, 0.5 / seconds, seconds
                )
            at += step
        self._calm(at, stands)
        return self._pass("idle", seconds)

    def squat(self, knee: float = 80.0, seconds: float = 2.2, wait_s: float = 0.2) -> Self:
        """Bend both knees (or the one that carries) and come up again; the heels stay down."""
        stands = ("left", "right") if self._side == "both" else (self._side,)
        down = (seconds - wait_s) / 2
        for channel, value in (
            *((f"knee_{foot}", knee) for foot in stands),
            ("lean", 0.35 * knee),
            ("back", 0.0012 * knee),
        ):
            home = self._body.last(channel)
            self._body.move(channel, value, 0.0, down)
            self._body.move(channel, home, down + wait_s, down)
        return self._pass("squat", seconds + 0.4)

    def one_leg_knee_bend(self, knee: float = 45.0) -> Self:
        """Bend the knee that carries, heel down, and straighten it."""
        return self.squat(knee, 2.0)

    def knee_lift(self, seconds: float = 1.4) -> Self:
        """Raise the free knee to the hip and lower it to where it was."""
        free = OTHER[self._side]
        home = {
            axis: self._body.last(self._body.foot_channel(free, axis))
            for axis in ("x", "y", "z", "pitch")
        }
        self._body.place_foot(free, {"x": 0.25, "z": 0.45, "pitch": 20.0}, 0.0, 0.5, seconds)
        for axis, value in home.items():
            self._body.move(
                self._body.foot_channel(free, axis), value, 0.5 * seconds, 0.5 * seconds
            )
        return self._pass("knee_lift", seconds + 0.3)

    def toe_tap(self, seconds: float = 1.0) -> Self:
        """Tap the floor ahead with the free foot, which carries nothing, and lift it again."""
        free = OTHER[self._side]
        self._body.place_foot(free, {"x": 0.22, "z": 0.0}, 0.0, 0.45, seconds)
        self._body.place_foot(free, self._free_foot(), 0.55, 0.45, seconds)
        return self._pass("toe_tap", seconds + 0.2)

    def arm_raise(self, degrees: float = 150.0, seconds: float = 2.4) -> Self:
        """Raise both arms sideways and lower them."""
        self._body.there_and_back("arms", degrees, 0.0, seconds)
        return self._pass("arm_raise", seconds + 0.3)

    def bow(self, degrees: float = 50.0, seconds: float = 2.0) -> Self:
        """Bend at the hips, which go back, as for picking something up; come up again."""
        self._body.there_and_back("lean", degrees, 0.0, seconds)
        self._body.there_and_back("back", 0.002 * degrees, 0.0, seconds)
        return self._pass("bow", seconds + 0.4)

    def fidget(self, seconds: float) -> Self:
        """Shift the weight from leg to leg, move a foot a little, look about."""
        at, rng = 0.0, self._rng
        while at < seconds - 1.4:
            step = rng.uniform(0.4, 0.7)
            self._body.move("weight", rng.uniform(0.25, 0.75), at, step)
            for channel, width in (("sway", 0.02), ("tilt", 3.0), ("lean", 5.0), ("arms", 25.0)):
                self._body.move(channel, rng.uniform(-width, width), at, step)
            self._body.move(f"knee_{rng.choice(list(OTHER))}", KNEE + rng.uniform(0, 12), at, step)
            at += step
        self._body.move("weight", 0.5, at, 0.6)
        self._calm(at, ("left", "right"))
        return self._pass("fidget", seconds)

    def jump(self, height: float = 0.12) -> Self:
        """Dip and jump with both feet."""
        for foot in OTHER:
            self._body.there_and_back(f"knee_{foot}", 50.0, 0.0, 0.5)
            self._body.there_and_back(f"ball_{foot}_z", height, 0.45, 0.4)
            self._body.there_and_back(f"knee_{foot}", 40.0, 0.85, 0.4)
        return self._pass("jump", 1.6)

    # ---- going about --------------------------------------------------------------------

    def walk(self, ahead: float, aside: float, step_m: float = 0.5, step_s: float = 0.5) -> Self:
        """Walk to a place that far ahead and to the left of the world, then face as before."""
        facing = self._body.last("heading")
        towards = math.degrees(math.atan2(aside, ahead))
        self._body.move("heading", towards, 0.0, 0.5)
        count = max(2, round(math.hypot(ahead, aside) / step_m))
        at = 0.3
        direction = np.array([ahead, aside]) / count
        for number in range(count):
            self._body.stride(list(OTHER)[number % 2], direction, number == 0, at, step_s)
            at += step_s
        self._body.stride(list(OTHER)[count % 2], direction, True, at, step_s)
        self._body.move("heading", facing, at + 0.2, 0.7)
        self._body.move("weight", 0.5, at + step_s, 0.4)
        return self._pass("walk", at + step_s + 0.6)

    def turn(self, degrees: float, seconds: float = 1.6) -> Self:
        """Turn round on the spot with four small steps."""
        step = seconds / 4
        self._body.shift("heading", degrees, 0.0, seconds)
        places = {foot: self._body.place(foot) for foot in OTHER}
        centre = sum(places.values()) / 2
        for number, foot in enumerate((*OTHER, *OTHER)):
            lift_s = (number + 0.3) * step
            turned = cmath.rect(1.0, math.radians(degrees * (0.5 if number < 2 else 1.0)))
            target = centre + (places[foot] - centre) * turned
            self._body.move("weight", 0.1 if foot == "left" else 0.9, number * step, 0.3 * step)
            self._body.there_and_back(f"ball_{foot}_z", 0.04, lift_s, 0.7 * step)
            self._body.move(f"ball_{foot}_x", target.real, lift_s, 0.7 * step)
            self._body.move(f"ball_{foot}_y", target.imag, lift_s, 0.7 * step)
        self._body.move("weight", 0.5, seconds, 0.3)
        return self._pass("turn", seconds + 0.4)

    def leave(self, seconds: float) -> Self:
        """Be out of the picture for a while."""
        self._gone.append((self._body.now, self._body.now + seconds))
        return self._pass("leave", seconds)

    # ---- filming ------------------------------------------------------------------------

    @property
    def duration_s(self) -> float:
        """Length of the story, seconds."""
        return self._body.now if self._end is None else self._end

    def film(
        self,
        camera: Camera = TRIPOD,
        model: PoseModel = CLEAR,
        fps: float | None = None,
        times: Floats | None = None,
        seed: int = 7,
    ) -> Film:
        """Film the story, at the camera's rate or another, or with pictures at these times (s)."""
        if times is None:
            fps = fps or camera.fps
            times = np.arange(int(self.duration_s * fps) + 1) / fps
        times = times[times <= self.duration_s]
        points = body_points(self.posture(times), model.heel_shown)
        points[..., 2] += self._step_m
        model = replace(model, dropouts=(*model.dropouts, *self._gone))
        return Film(seen_poses(times, points, camera, model, seed), self.truth())

    def posture(self, times: Floats) -> dict[str, Floats]:
        """Return every channel at the times."""
        return self._body.at(times)

    def truth(self) -> Truth:
        """Return what is true, measured on the heel's own height every millisecond."""
        times = np.arange(0.0, self.duration_s, 0.001)
        heels = {side: self._body.at(times)[f"heel_{side}"] for side in OTHER}
        reps = [
            true_rep(side, times, heels["left" if side == "both" else side], first, last)
            for side, first, last in self._reps
            if first < self.duration_s
        ]
        return Truth(
            tuple(reps), tuple(self._events), tuple(self._segments), float(self.duration_s)
        )

    # ---- the bricks of the segments -------------------------------------------------

    def _pass(self, kind: str, seconds: float) -> Self:
        side = self._side
        self._segments.append(Span(kind, side, self._body.now, self._body.now + seconds))
        self._body.now += seconds
        return self

    def _event(self, kind: str, after_s: float, seconds: float) -> None:
        start = self._body.now + after_s
        self._events.append(Span(kind, self._side, start, start + seconds))

    def _calm(self, after_s: float, stands: tuple[str, ...]) -> None:
        for foot in stands:
            self._body.move(f"knee_{foot}", KNEE, after_s, 0.6)
            self._body.move(f"heel_{foot}", 0.0, after_s, 0.6)
        for channel in ("sway", "tilt", "lean", "arms"):
            self._body.move(channel, 0.0, after_s, 0.6)

    def _touch(self, after_s: float, seconds: float) -> None:
        """Put the free forefoot down beside for so long; the standing knee gives way by 20 degrees.

        The other heel stays up, so the hips are too high for a flat foot: it lands on its toes.
        """
        side = self._side
        free = OTHER[side]
        away = self._free_foot()
        whole = seconds + 0.5
        self._event("touch", after_s + 0.2, seconds)
        for axis in ("x", "y", "z", "pitch"):
            channel = self._body.foot_channel(free, axis)
            down = self._body.home(free, axis) + (-0.05 if axis == "x" else 0.0)
            self._body.move(channel, down, after_s, 0.25)
            self._body.move(
                channel,
                self._body.home(free, axis) + away.get(axis, 0.0),
                whole - 0.25 + after_s,
                0.25,
            )
        if self._body.last(f"heel_{side}") or after_s > 0:
            self._body.there_and_back(f"heel_{free}", 0.08, after_s, whole)
        self._body.there_and_back(f"knee_{side}", KNEE + 20.0, after_s, whole)
        self._body.there_and_back("weight", 0.9 if side == "left" else 0.1, after_s, whole)

    def _free_foot(self, wander: float = 0.0) -> dict[str, float]:
        """Return where the free foot goes, from its own place on the ground."""
        inward = -1.0 if OTHER[self._side] == "left" else 1.0
        jitter = self._rng.uniform(-wander, wander, 3) if wander else np.zeros(3)
        return {
            "x": CROSSED["x"] + jitter[0],
            "y": inward * CROSSED["y"] + jitter[1],
            "z": CROSSED["z"] + jitter[2],
            "pitch": CROSSED["pitch"],
        }


def variable_times(duration_s: float, seed: int = 3) -> Floats:
    """Return frame times as a phone writes them: 20 to 50 ms apart."""
    steps = np.random.default_rng(seed).uniform(0.020, 0.050, int(duration_s / 0.020))
    times = np.cumsum(steps)
    return np.asarray(times[times < duration_s])
