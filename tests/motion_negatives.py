"""What is no heel rise, at the length and with the noise of real recordings.

:class:`Restless` adds segments to the stories of tests/motion.py; the functions below it change a
film as other people, a cut or a camera in the hand would. The figures are those of the field notes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from heelrise import landmarks as lm
from heelrise.landmarks import CameraMove, Pose, nobody
from heelrise.result import Side
from motion import CLEAR, TRIPOD, Film, Script
from motion_body import HEEL_POINT, Camera, Floats
from motion_model import PoseModel
from motion_tracks import KNEE, OTHER
from motion_truth import Truth

BOTH: tuple[Side, ...] = ("left", "right")
HEAD = tuple(range(11))
LEFT_HALF = (1, 2, 3, 7, 9, *range(11, 33, 2))
RIGHT_HALF = (4, 5, 6, 8, 10, *range(12, 33, 2))
FEET = tuple(range(27, 33))
ARMS = tuple(range(13, 23))
# The noise of a person who is never still, within what was measured on real ones; a foot that rocks
# blurs the toe.
UNSTEADY = PoseModel(0.008, 0.013, 0.014, 0.018, noise_s=0.15)
BACKGROUND_SHARE = 0.95  # of what a camera does to the person: the background is farther away
ROCKING = replace(UNSTEADY, toe_noise=0.026)


@dataclass(frozen=True)
class Leak:
    """Landmarks that go up and come back although what they stand for does not (shins)."""

    landmarks: tuple[int, ...]
    start_s: float
    end_s: float
    up_shin: float


class Restless(Script):
    """A script with the movements that people make between and instead of heel rises."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self._leaks: list[Leak] = []

    # ---- on one leg ---------------------------------------------------------------------

    def waver(self, seconds: float) -> Self:
        """Keep the balance as real people do, without ever being still, well or less well."""
        at, rng, foot = 0.0, self._rng, self._side
        width = rng.uniform(0.8, 1.1)
        while at < seconds - 0.8:
            step = rng.uniform(0.3, 0.8)
            self._body.move(f"knee_{foot}", KNEE + width * rng.uniform(0, 24), at, step)
            self._body.move(f"heel_{foot}", width * rng.uniform(0, 0.014), at, step)
            for channel, most in (("sway", 0.015), ("tilt", 2.5), ("lean", 3.0)):
                self._body.move(channel, width * rng.uniform(-most, most), at, step)
            self._body.move("arms", rng.uniform(0, 25), at, step)
            self._free_foot_to(self._free_foot(wander=0.03 * width), at, step)
            at += step
        return self._pass("waver", seconds)

    def settle(self, seconds: float = 0.8) -> Self:
        """Come to rest on the leg that carries."""
        self._calm(0.0, (self._side,))
        self._free_foot_to(self._free_foot(), 0.0, 0.6)
        return self._pass("settle", seconds)

    def fidgets(self, seconds: float) -> Self:
        """Balance on one leg and do what comes to mind: nod, bend, tap, reach, look about."""
        until = self._body.now + seconds
        acts: tuple[Callable[[], object], ...] = (
            self.nod,
            self.toe_tap,
            lambda: self.arm_raise(self._rng.uniform(40, 120), self._rng.uniform(0.8, 1.6)),
            lambda: self.squat(self._rng.uniform(20, 35), self._rng.uniform(1.0, 2.0)),
            lambda: self.bow(self._rng.uniform(8, 20), self._rng.uniform(1.0, 2.0)),
            lambda: self.sway(self._rng.uniform(3, 6), 0.02),
            lambda: self.touch(self._rng.uniform(0.2, 0.5)),
        )
        while until - self._body.now > 6.0:
            self.waver(self._rng.uniform(1.5, 4.0))
            acts[self._rng.integers(len(acts))]()
        return self.waver(max(until - self._body.now, 1.0))

    def nod(self, seconds: float = 1.0) -> Self:
        """Look down and up again."""
        self._leak(HEAD, 0.0, seconds, -self._rng.uniform(0.08, 0.16))
        return self._pass("nod", seconds)

    def catch(self, seconds: float = 2.2) -> Self:
        """Catch a ball: arms, trunk and knee give, the foot rocks to the heel and to the ball."""
        foot, rng = self._side, self._rng
        rock_s = rng.uniform(0.7, 1.0)
        back_deg = rng.uniform(12.0, 20.0)
        self._body.there_and_back("arms", rng.uniform(40, 110), 0.1, 1.2)
        self._body.there_and_back(f"knee_{foot}", KNEE + rng.uniform(10, 20), 0.2, 1.1)
        for channel, most in (("tilt", 4.0), ("lean", 6.0), ("sway", 0.02)):
            self._body.there_and_back(channel, rng.uniform(-most, most), 0.2, 1.2)
        # On the heel: the forefoot is off the floor and the heel where it was.
        lifted = -HEEL_POINT[0] * float(np.sin(np.radians(back_deg)))
        self._body.there_and_back(f"pitch_{foot}", -back_deg, 0.2, rock_s)
        self._body.there_and_back(f"ground_{foot}", lifted, 0.2, rock_s)
        self._body.there_and_back(
            f"heel_{foot}", rng.uniform(0.01, 0.025), 0.2 + rock_s, rng.uniform(0.4, 0.7)
        )
        self._free_foot_to(self._free_foot(wander=0.06), 0.2, 0.5)
        self._free_foot_to(self._free_foot(wander=0.02), 0.9, 0.6)
        return self._pass("catch", seconds)

    def high_knee(self, seconds: float = 1.4) -> Self:
        """Lift the free knee; the hips' landmarks go up with it, more on its own side."""
        free = OTHER[self._side]
        self._leak((lm.HIP[free],), 0.0, seconds, self._rng.uniform(0.15, 0.20))
        self._leak((lm.HIP[self._side],), 0.0, seconds, self._rng.uniform(0.05, 0.08))
        return self.knee_lift(seconds)

    # ---- on both feet -------------------------------------------------------------------

    def march(self, lifts: int, each_s: float = 1.1) -> Self:
        """Lift one knee after the other on the spot."""
        for number in range(lifts):
            foot = BOTH[number % 2]
            for side, low, high in ((foot, 0.15, 0.20), (OTHER[foot], 0.05, 0.08)):
                self._leak((lm.HIP[side],), 0.1, 0.9 * each_s, self._rng.uniform(low, high))
            self._body.move("weight", 0.0 if foot == "left" else 1.0, 0.0, 0.2 * each_s)
            ahead = self._body.last(f"ball_{foot}_x") + 0.2
            for channel, value in (
                (f"ball_{foot}_x", ahead),
                (f"ball_{foot}_z", 0.35),
                (f"pitch_{foot}", 25.0),
            ):
                self._body.there_and_back(channel, value, 0.15 * each_s, 0.8 * each_s)
            self._pass("knee up", each_s)
        self._body.move("weight", 0.5, 0.0, 0.4)
        return self._pass("march", 0.8)

    def deep_squat(self) -> Self:
        """Squat at one's own pace; the flat heels' landmarks rise with the depth."""
        knee, seconds = self._rng.uniform(60, 110), self._rng.uniform(1.6, 3.2)
        self._leak_heels(0.0, seconds, 0.12 * knee / 100)
        return self.squat(knee, seconds, self._rng.choice([0.0, 0.2, 0.8]))

    def squat_pulses(self, count: int = 8) -> Self:
        """Go down and bounce there, then come up; a pulse takes the knees to and fro by 20-30."""
        deep, shallow = self._rng.uniform(70, 95), self._rng.uniform(40, 65)
        pulse_s = self._rng.uniform(0.7, 1.2)
        at = 0.0
        for number in range(2 * count + 2):
            knee = KNEE if number > 2 * count else (deep, shallow)[number % 2]
            for channel, value in (
                ("knee_left", knee),
                ("knee_right", knee),
                ("lean", 0.35 * (knee - KNEE)),
                ("back", 0.0012 * (knee - KNEE)),
            ):
                self._body.move(channel, value, at, pulse_s / 2)
            if number % 2 == 0:
                self._leak_heels(at, 2 * pulse_s / 2, 0.12)
            at += pulse_s / 2
        return self._pass("squat pulses", at + 0.5)

    def sit(self, seconds: float, knee_deg: float = 95.0, down_s: float = 1.2) -> Self:
        """Sit down and stay there, on a chair, or on a stool with the knees less bent."""
        for foot in BOTH:
            self._body.move(f"knee_{foot}", knee_deg, 0.0, down_s)
        self._body.move("back", 0.1, 0.0, down_s)
        return self._pass("sitting", down_s + seconds)

    def get_up(self, seconds: float = 1.0) -> Self:
        """Stand up from a seat, with the trunk ahead on the way."""
        for foot in BOTH:
            self._body.move(f"knee_{foot}", KNEE, 0.0, seconds)
        self._body.move("back", 0.0, 0.0, seconds)
        self._body.there_and_back("lean", 35.0, -0.2, 1.2 * seconds)
        return self._pass("getting up", 1.1 * seconds)

    def arm_swings(self, count: int = 6) -> Self:
        """Swing both arms up and down, with a little spring of the knees and the trunk."""
        feet = BOTH if self._side == "both" else (self._side,)
        for _ in range(count):
            seconds = self._rng.uniform(0.8, 1.4)
            self._body.there_and_back("arms", self._rng.uniform(60, 150), 0.0, seconds)
            for foot in feet:
                bent = KNEE + self._rng.uniform(2, 12)
                self._body.there_and_back(f"knee_{foot}", bent, 0.0, seconds)
            self._body.there_and_back("lean", self._rng.uniform(-3, 5), 0.0, seconds)
            self._pass("arm swing", seconds)
        return self._pass("pause", 0.4)

    def jumping_jacks(self, count: int = 8) -> Self:
        """Jump with the arms up and the feet apart, and back, one in 0.9 to 1.8 s."""
        half_s = self._rng.uniform(0.45, 0.9)
        for number in range(2 * count):
            apart = number % 2 == 0
            up = self._rng.uniform(0.03, 0.08)
            self._body.move("arms", 160.0 if apart else 5.0, 0.0, 0.9 * half_s)
            for foot, sign in (("left", 1.0), ("right", -1.0)):
                self._body.there_and_back(f"ground_{foot}", up, 0.3 * half_s, 0.5 * half_s)
                self._body.shift(
                    f"ball_{foot}_y",
                    sign * (0.2 if apart else -0.2),
                    0.3 * half_s,
                    0.5 * half_s,
                )
                # The knees give at the landing and stretch for the next jump.
                self._body.move(f"knee_{foot}", KNEE, 0.15 * half_s, 0.25 * half_s)
                self._body.move(f"knee_{foot}", 25.0, 0.75 * half_s, 0.25 * half_s)
            self._pass("jumping jack", half_s)
        for foot in BOTH:
            self._body.move(f"knee_{foot}", KNEE, 0.0, 0.4)
        return self._pass("pause", 0.8)

    def on_and_off(self) -> Self:
        """Step on a block one foot after the other, stand there, step off backwards."""
        up, ahead = self._rng.choice([0.10, 0.15, 0.20]), self._rng.uniform(0.25, 0.35)
        step_s = self._rng.uniform(0.5, 0.8)
        lead = self._rng.choice(list(BOTH))
        for level, by in ((up, ahead), (0.0, -ahead)):
            for number, foot in enumerate((lead, OTHER[lead])):
                start = number * step_s
                self._body.move("weight", 0.0 if foot == "left" else 1.0, start, 0.25 * step_s)
                self._body.there_and_back(
                    f"ball_{foot}_z", 0.06, start + 0.2 * step_s, 0.75 * step_s
                )
                self._body.shift(f"ball_{foot}_x", by, start + 0.2 * step_s, 0.75 * step_s)
                self._body.move(f"ground_{foot}", level, start + 0.2 * step_s, 0.6 * step_s)
            self._body.move("weight", 0.5, 2 * step_s, 0.4)
            self._pass("step", 2 * step_s + 0.4 + self._rng.uniform(0.1, 1.2))
        return self

    # ---- going about --------------------------------------------------------------------

    def about(self, room_m: float = 0.5) -> Self:
        """Walk to some place in a square of twice that size."""
        here = (self._body.place("left") + self._body.place("right")) / 2
        there = complex(*self._rng.uniform(-room_m, room_m, 2))
        way = there - here
        return self.walk(way.real, way.imag, step_m=0.45, step_s=self._rng.uniform(0.45, 0.6))

    def turn_about(self) -> Self:
        """Turn by some angle on the spot, wait or not."""
        degrees = float(self._rng.choice([-180, -90, -45, 45, 90, 180]))
        self.turn(degrees, self._rng.uniform(1.2, 2.0))
        return self.stand(self._rng.uniform(0.0, 1.5))

    def cross(self, metres: float, from_m: float) -> Self:
        """Walk straight through, from a place ``from_m`` behind the middle."""
        for foot in BOTH:
            self._body.shift(f"ball_{foot}_x", -from_m, 0.0, 0.0)
        return self.walk(metres, 0.0, 0.6, 0.5)

    def again(self, seconds: float, act: Callable[[Self], object]) -> Self:
        """Repeat an act until the story is that much longer."""
        until = self._body.now + seconds
        while self._body.now < until:
            act(self)
        return self

    # ---- filming ------------------------------------------------------------------------

    def film(
        self,
        camera: Camera = TRIPOD,
        model: PoseModel = CLEAR,
        fps: float | None = None,
        times: Floats | None = None,
        seed: int = 7,
    ) -> Film:
        film = super().film(camera, model, fps, times, seed)
        up = np.zeros((len(film.poses), lm.LANDMARK_COUNT))
        at = np.array([pose.t_s for pose in film.poses])
        for leak in self._leaks:
            share = np.clip((at - leak.start_s) / (leak.end_s - leak.start_s), 0.0, 1.0)
            up[:, leak.landmarks] += leak.up_shin * np.sin(np.pi * share)[:, None] ** 2
        shift = np.stack([np.zeros_like(up), -up * shin_px(film)], axis=-1)
        return replace(film, poses=_moved(film.poses, lambda index, xy: xy + shift[index]))

    def _leak(
        self, landmarks: tuple[int, ...], after_s: float, seconds: float, up_shin: float
    ) -> None:
        start = self._body.now + after_s
        self._leaks.append(Leak(landmarks, start, start + seconds, up_shin))

    def _leak_heels(self, after_s: float, seconds: float, up_shin: float) -> None:
        self._leak((lm.LEFT_HEEL, lm.RIGHT_HEEL), after_s, seconds, up_shin)

    def _free_foot_to(self, offset: dict[str, float], after_s: float, seconds: float) -> None:
        free = OTHER[self._side]
        self._body.place_foot(free, offset, after_s / seconds, 1.0, seconds)


# ---- what is done to a film ---------------------------------------------------------------


def shin_px(film: Film) -> float:
    """Return the usual length of the shin in a film, pixels: a lifted one is foreshortened."""
    knees, ankles = [lm.LEFT_KNEE, lm.RIGHT_KNEE], [lm.LEFT_ANKLE, lm.RIGHT_ANKLE]
    shins = [
        np.linalg.norm(pose.xy_px[knees] - pose.xy_px[ankles], axis=1).max()
        for pose in film.poses
        if pose.found
    ]
    return float(np.median(shins)) if shins else 0.0


def collapses(duration_s: float, seed: int) -> tuple[tuple[float, int], ...]:
    """Return when the standing foot's landmarks jump, and for how many frames: 1 to 3."""
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.uniform(1.0, 4.0, int(duration_s)))
    return tuple((float(at), int(rng.integers(1, 4))) for at in times if at < duration_s)


def with_walkers(film: Film, camera: Camera, seed: int, until_s: float = np.inf) -> Film:
    """Let people walk through behind, one every 6 s or so, until a time (seconds).

    While one is behind the person followed, the model gives some landmarks of the walker for some
    frames: those of one side, the feet, an arm. In half of the passes it takes the walker for the
    person for up to 1.2 s.
    """
    rng = np.random.default_rng(seed)
    poses = list(film.poses)
    at = rng.uniform(2.0, 4.0)
    while at + 6.0 < min(poses[-1].t_s, until_s):
        azimuth_deg = float(rng.choice([0.0, 180.0]))
        distance = camera.distance + rng.uniform(0.8, 2.0)
        behind = replace(camera, azimuth_deg=azimuth_deg, distance=distance)
        walker = Restless(int(rng.integers(1000))).cross(6.0, 3.0).film(behind).poses
        first = next(index for index, pose in enumerate(poses) if pose.t_s >= at)
        taken = range(first, min(first + len(walker), len(poses)))
        _pass_behind(poses, {index: walker[index - first] for index in taken}, rng)
        at += rng.uniform(6.0, 9.0)
    return replace(film, poses=poses)


def _pass_behind(poses: list[Pose], walker: dict[int, Pose], rng: np.random.Generator) -> None:
    """Mix one walker into the poses, in place."""
    seen = [index for index, other in walker.items() if other.found and poses[index].found]
    close = [index for index in seen if _apart(poses[index], walker[index]) < 0.7]
    share = np.zeros((len(poses), lm.LANDMARK_COUNT))
    if close:
        for _ in range(rng.integers(2, 6)):
            start, frames = int(rng.choice(close)), int(rng.integers(2, 9))
            part = (LEFT_HALF, RIGHT_HALF, FEET, ARMS)[rng.integers(4)]
            share[start : start + frames, part] = 1.0
        if rng.random() < 0.5:
            share[close[0] : close[0] + int(rng.uniform(0.3, 1.2) * _fps(poses))] = 1.0
    # The model smooths: a jump takes it three frames.
    for column in range(lm.LANDMARK_COUNT):
        share[:, column] = np.convolve(share[:, column], (0.25, 0.5, 0.25), mode="same")
    for index in seen:
        weight = share[index][:, None]
        xy = (1.0 - weight) * poses[index].xy_px + weight * walker[index].xy_px
        poses[index] = replace(poses[index], xy_px=xy, people=2)


def _apart(one: Pose, other: Pose) -> float:
    """Return how far apart the hips of two people are, in trunks of the first."""
    hips, shoulders = (
        [pose.xy_px[[left, left + 1]].mean(axis=0) for pose in (one, other)]
        for left in (lm.LEFT_HIP, lm.LEFT_SHOULDER)
    )
    trunk = np.linalg.norm(hips[0] - shoulders[0])
    return float(abs(hips[0][0] - hips[1][0]) / trunk)


def spliced(films: Sequence[Film]) -> Film:
    """Cut films together: the time and the numbers of the frames go on."""
    poses: list[Pose] = []
    for film in films:
        start = poses[-1].t_s + 1 / _fps(film.poses) if poses else 0.0
        index = len(poses)
        poses += [
            replace(pose, t_s=start + pose.t_s - film.poses[0].t_s, index=index + number)
            for number, pose in enumerate(film.poses)
        ]
    return Film(poses, Truth((), (), (), poses[-1].t_s))


def shots(camera: Camera, seed: int, seconds: float = 60.0) -> Film:
    """Return a film cut from shots of 2 to 7 s.

    The first is the view asked for; later ones are of the same person, nearer or reframed, or of
    somebody else from elsewhere, or too near to see the feet, or of nobody. Each begins and ends
    in the middle of something.
    """
    rng = np.random.default_rng(seed)
    films: list[Film] = []
    length_s = 0.0
    while length_s < seconds:
        acts = Restless(int(rng.integers(10**6))).stand(1.0)
        match rng.integers(5):
            case 0:
                acts.stand(8.0)
            case 1:
                acts.stand_on("left").waver(7.0)
            case 2:
                acts.stand_on("right", crossed=False).waver(7.0)
            case 3:
                acts.again(8.0, Restless.deep_squat)
            case _:
                acts.again(8.0, Restless.arm_swings)
        shot = acts.film(_another_shot(camera, rng) if films else camera, seed=seed)
        fps = _fps(shot.poses)
        first = int(rng.uniform(0.0, 2.0) * fps)
        shot = replace(shot, poses=shot.poses[first : first + int(rng.uniform(2.0, 7.0) * fps)])
        if rng.random() < 0.1:
            shot = replace(shot, poses=[_nobody_in(pose) for pose in shot.poses])
        films.append(shot)
        length_s += len(shot.poses) / fps
    return spliced(films)


def _another_shot(camera: Camera, rng: np.random.Generator) -> Camera:
    if rng.random() < 0.5:  # the same place, reframed: an editor's zoom
        return replace(
            camera,
            focal_px=camera.focal_px * rng.uniform(0.95, 1.15),
            aim_height=camera.aim_height + rng.uniform(-0.06, 0.06),
        )
    return replace(
        camera,
        azimuth_deg=rng.uniform(0, 360),
        height=rng.uniform(0.5, 1.6),
        distance=1.2 if rng.random() < 0.2 else rng.uniform(2.6, 4.5),
    )


def carried(film: Film, seed: int) -> Film:
    """Carry the camera: steps at 1.5 to 2 Hz bounce the picture by 2 to 4 % of its height.

    That is peak to peak; the picture also rolls aside at half of that rate, drifts and zooms
    slowly (somebody walks towards the person and back).
    """
    rng = np.random.default_rng(seed)
    at = np.array([pose.t_s for pose in film.poses])
    step_hz = 1.75 + 0.25 * np.sin(2 * np.pi * at / rng.uniform(7, 13) + rng.uniform(0, 6))
    steps = 2 * np.pi * np.cumsum(step_hz) / _fps(film.poses)
    size = 0.03 + 0.01 * np.sin(2 * np.pi * at / rng.uniform(3, 6) + rng.uniform(0, 6))
    height, width = film.poses[0].height_px, film.poses[0].width_px
    up = height * size / 2 * np.sin(steps)
    up += 0.03 * height * np.sin(2 * np.pi * at / rng.uniform(9, 15) + rng.uniform(0, 6))
    aside = 0.01 * width * np.sin(steps / 2)
    aside += 0.05 * width * np.sin(2 * np.pi * at / rng.uniform(9, 15) + rng.uniform(0, 6))
    zoom = 1.0 + 0.08 * np.sin(2 * np.pi * at / rng.uniform(10, 20) + rng.uniform(0, 6))
    middle = np.array([width, height]) / 2
    shift = np.stack([aside, -up], axis=-1)
    moved = _moved(
        film.poses, lambda index, xy: middle + zoom[index] * (xy - middle) + shift[index]
    )
    # The background is followed as a rigid picture, without the zoom and with some scatter.
    seen = BACKGROUND_SHARE * shift + rng.normal(0.0, 0.3, shift.shape)
    return replace(
        film,
        poses=[
            replace(pose, camera=CameraMove(0.0, *(float(v) for v in at)))
            for pose, at in zip(moved, seen, strict=True)
        ],
    )


def empty_room(camera: Camera, seed: int, seconds: float = 60.0) -> Film:
    """Film nobody; now and then the model finds a body in the furniture for 1 to 6 frames."""
    rng = np.random.default_rng(seed)
    film = Script(seed).leave(seconds).film(camera)
    poses = list(film.poses)
    fps = _fps(poses)
    at = int(rng.uniform(1.0, 3.0) * fps)
    while at + 1.2 * fps < len(poses):
        frames = int(rng.integers(1, 7)) if rng.random() < 0.8 else int(rng.integers(10, 36))
        view = replace(
            camera,
            azimuth_deg=rng.uniform(0, 360),
            distance=rng.uniform(2.5, 7.0),
            aim_height=rng.uniform(0.5, 1.2),
        )
        posture = Restless(int(rng.integers(1000))).squat(rng.uniform(10, 90)).stand(1.0)
        blurred = PoseModel(0.03, 0.05, 0.05, 0.06)
        phantom = posture.film(view, blurred, seed=int(rng.integers(1000))).poses
        lies = rng.random() < 0.3
        for number in range(frames):
            xy = phantom[number].xy_px
            xy = xy[:, ::-1].copy() if lies else xy
            visibility = np.full(lm.LANDMARK_COUNT, 0.5)
            poses[at + number] = replace(
                poses[at + number], xy_px=xy, visibility=visibility, people=1
            )
        at += frames + int(rng.uniform(0.5, 5.0) * fps)
    return replace(film, poses=poses)


def _fps(poses: Sequence[Pose]) -> float:
    return (len(poses) - 1) / (poses[-1].t_s - poses[0].t_s)


def _nobody_in(pose: Pose) -> Pose:
    return nobody(pose.t_s, pose.index, pose.width_px, pose.height_px)


def _moved(poses: Sequence[Pose], to: Callable[[int, Floats], Floats]) -> list[Pose]:
    return [
        replace(pose, xy_px=to(number, pose.xy_px)) if pose.found else pose
        for number, pose in enumerate(poses)
    ]
