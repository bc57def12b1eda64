"""Stories drawn by chance: one to three sets, what lies between them, a view and a frame rate."""

from __future__ import annotations

import numpy as np

from heelrise.result import Side
from motion import Film, Script
from motion_body import Camera
from motion_model import PoseModel

FPS = (12.0, 15.0, 20.0, 24.0, 25.0, 30.0, 30.0, 50.0, 60.0)
# Seconds up, held, down and at rest, from and to, and how often.
TEMPOS = (
    (((0.6, 1.1), (0.4, 1.5), (0.7, 1.3), (0.2, 0.9)), 0.50),  # as guides ask for it
    (((0.35, 0.5), (0.0, 0.2), (0.35, 0.5), (0.05, 0.3)), 0.15),  # quick
    (((1.5, 2.5), (1.0, 2.0), (2.0, 3.5), (0.3, 1.0)), 0.10),  # slow
    (((0.5, 0.8), (0.0, 0.0), (0.5, 0.9), (0.2, 0.8)), 0.15),  # without a hold
    (((0.7, 1.0), (3.0, 6.0), (0.8, 1.2), (0.5, 1.0)), 0.10),  # with a long one
)
BETWEEN = ("stand", "squat", "walk", "knee lift", "fidget", "bow", "turn", "leave", "arms", "")


class Story:
    """A story by its seed: the same one every time."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rng = np.random.default_rng(seed)
        self._script = Script(seed)

    def film(self) -> Film:
        """Tell it, and film it from anywhere round the person."""
        script = self._script.stand(self._from(0.3, 2.5))
        side: Side = "left" if self._rng.random() < 0.5 else "right"
        for number in range(self._rng.integers(1, 4)):
            if number:
                self._between(side)
                if self._rng.random() < 0.6:
                    side = "left" if side == "right" else "right"
            self._set(side)
        script.stand(self._from(0.3, 2.0))
        azimuth_deg, height = self._from(0.0, 360.0), self._from(0.4, 1.4)
        camera = Camera(azimuth_deg, height, self._from(2.6, 4.0), fps=self._rng.choice(FPS))
        unsteady = self._from(1.0, 1.8) if self._rng.random() < 0.3 else 1.0
        noise = (unsteady * share for share in (0.003, 0.010, 0.012, 0.018))
        shake = 0.01 if self._rng.random() < 0.15 else 0.0
        return script.film(camera, PoseModel(*noise, shake_shin=shake), seed=self._seed)

    def _from(self, low: float, high: float) -> float:
        return float(self._rng.uniform(low, high))

    def _between(self, side: Side) -> None:
        script, kind = self._script, self._rng.choice(BETWEEN)
        if kind == "squat":
            script.squat(self._from(50.0, 90.0), self._from(1.8, 2.6))
        elif kind == "walk":
            script.walk(self._from(-0.5, 0.5), self._from(-0.5, 0.5)).stand(0.5)
        elif kind == "knee lift":
            script.stand_on(side, crossed=False).knee_lift().put_down()
        elif kind == "fidget":
            script.fidget(self._from(2.0, 4.0))
        elif kind == "bow":
            script.bow()
        elif kind == "turn":
            script.turn(self._from(-20.0, 20.0)).stand(0.5)
        elif kind == "leave":
            script.leave(self._from(2.0, 6.0))
        elif kind == "arms":
            script.arm_raise()
        if kind:
            script.stand(self._from(0.3, 2.0))

    def _set(self, side: Side) -> None:
        script = self._script
        shares = [share for _, share in TEMPOS]
        spans, _ = TEMPOS[self._rng.choice(len(TEMPOS), p=shares)]
        up_s, hold_s, down_s, rest_s = (self._from(*span) for span in spans)
        if self._rng.random() < 0.07:
            script.stand(1.2)
            script.reps(2, up_s=up_s, hold_s=hold_s, down_s=down_s, rest_s=rest_s).stand(1.0)
            return
        crossed = bool(self._rng.random() < 0.75)
        script.stand_on(side, crossed, self._from(0.7, 1.3), self._from(0.06, 0.15))
        script.stand(self._from(0.3, 1.2))
        height = self._from(0.06, 0.12)
        for _ in range(self._rng.integers(1, 7)):
            fault = self._rng.random()
            script.rep(
                height * self._from(0.85, 1.1),
                up_s=up_s,
                hold_s=hold_s,
                down_s=down_s,
                rest_s=rest_s,
                lean=self._from(8.0, 20.0) if fault < 0.05 else 0.0,
                knee=self._from(10.0, 20.0) if 0.05 < fault < 0.10 else 0.0,
                touch_s=0.4 if 0.10 < fault < 0.15 and hold_s > 1.0 else 0.0,
            )
            self._after_a_rep()
        script.stand(self._from(0.0, 0.6)).put_down(self._from(0.6, 1.1))

    def _after_a_rep(self) -> None:
        chance = self._rng.random()
        if chance < 0.05:
            self._script.touch(self._from(0.3, 0.8))
        elif chance < 0.08:
            self._script.sway()
        elif chance < 0.10:
            self._script.hop()
        elif chance < 0.15:
            self._script.stand(self._from(0.5, 3.0))
