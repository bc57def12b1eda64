"""What a pose model does to a body it sees: noise, lag, collapses, swaps, dropouts; the camera's
own unrest is here too. Lengths are shares of the shin in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heelrise import landmarks as lm
from heelrise.landmarks import CameraMove, Pose, nobody
from motion_body import Camera, Floats

FEET = (lm.LEFT_ANKLE, lm.RIGHT_ANKLE, lm.LEFT_HEEL, lm.RIGHT_HEEL, lm.LEFT_TOE, lm.RIGHT_TOE)
Spans = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class PoseModel:
    """How well it sees. The defaults are what was measured on clear pictures.

    ``collapses``: (time, frames) at which the standing foot jumps up and the other one down;
    ``swaps``: spans with the feet's left and right exchanged; ``dropouts``: spans with nobody.
    """

    body_noise: float = 0.003
    ankle_noise: float = 0.010
    heel_noise: float = 0.012
    toe_noise: float = 0.018
    noise_s: float = 0.10  # how long a deviation lasts: the model smooths
    lag_s: float = 0.05
    heel_shown: float = 0.6
    collapses: tuple[tuple[float, int], ...] = ()
    swaps: Spans = ()
    dropouts: Spans = ()
    drift_shin: float = 0.0  # a slow wander of the camera, peak to peak
    background: float = 0.0  # the share of it that the background shows; 0: a blank wall
    shake_shin: float = 0.0  # its hand-held unrest, one standard deviation

    def noise_of(self) -> Floats:
        """Return the standard deviation of every landmark, shins."""
        noise = np.full(lm.LANDMARK_COUNT, self.body_noise)
        noise[[lm.LEFT_ANKLE, lm.RIGHT_ANKLE]] = self.ankle_noise
        noise[[lm.LEFT_HEEL, lm.RIGHT_HEEL]] = self.heel_noise
        noise[[lm.LEFT_TOE, lm.RIGHT_TOE]] = self.toe_noise
        return noise


PERFECT = PoseModel(0.0, 0.0, 0.0, 0.0, lag_s=0.0, heel_shown=1.0)


def seen_poses(
    times: Floats, points: Floats, camera: Camera, model: PoseModel, seed: int
) -> list[Pose]:
    """Return what the model gives for points (T, 33, 3) in metres, one pose a time."""
    rng = np.random.default_rng(seed)
    xy = camera.project(points)
    shins = xy[:, [lm.LEFT_KNEE, lm.RIGHT_KNEE]] - xy[:, [lm.LEFT_ANKLE, lm.RIGHT_ANKLE]]
    # A lifted shin is foreshortened from the front; the longer one is the true size.
    shin = float(np.median(np.linalg.norm(shins, axis=-1), axis=0).max())
    middle = xy[:, [lm.LEFT_HIP, lm.RIGHT_HIP]].mean(axis=1)
    size = np.array([camera.width_px, camera.height_px])
    absent = ((middle < 0) | (middle > size)).any(axis=1)
    for start, end in model.dropouts:
        absent |= (times >= start) & (times <= end)
    xy = _smoothed(times, xy, model.lag_s)
    xy += shin * model.noise_of()[:, None] * _wander(times, (33, 2), model.noise_s, rng)
    xy += shin * model.shake_shin * _wander(times, (1, 2), 0.4, rng)
    drift_px = shin * model.drift_shin / 2 * np.sin(2 * np.pi * times / 9.0)
    xy += drift_px[:, None, None]
    seen_px = model.background * drift_px
    for start, end in model.swaps:
        during = (times >= start) & (times < end)
        for left, right in (FEET[0:2], FEET[2:4], FEET[4:6]):
            xy[during, left], xy[during, right] = xy[during, right], xy[during, left]
    for at, frames in model.collapses:
        first = int(np.searchsorted(times, at))
        _collapse(xy[first : first + frames], 0.45 * shin)
    visibility = np.full(lm.LANDMARK_COUNT, 0.9)
    return [
        nobody(float(t), index, camera.width_px, camera.height_px)
        if absent[index]
        else Pose(
            float(t),
            index,
            xy[index],
            visibility,
            camera.width_px,
            camera.height_px,
            camera=CameraMove(0.0, float(seen_px[index]), float(seen_px[index])),
        )
        for index, t in enumerate(times)
    ]


def _collapse(xy: Floats, by_px: float) -> None:
    """Throw the lower foot up and the upper one down, in place."""
    for frame in xy:
        lower = int(frame[lm.RIGHT_ANKLE, 1] > frame[lm.LEFT_ANKLE, 1])
        for number, index in enumerate(FEET):
            frame[index, 1] += -by_px if number % 2 == lower else by_px


def _smoothed(times: Floats, xy: Floats, lag_s: float) -> Floats:
    """Follow the truth with a first-order lag, as a causal filter does."""
    if lag_s <= 0:
        return xy
    followed = xy.copy()
    for index in range(1, len(times)):
        share = 1.0 - np.exp(-(times[index] - times[index - 1]) / lag_s)
        followed[index] = followed[index - 1] + share * (xy[index] - followed[index - 1])
    return followed


def _wander(
    times: Floats, shape: tuple[int, int], lasting_s: float, rng: np.random.Generator
) -> Floats:
    """Return unit noise whose deviations last for a while, whatever the frame rate."""
    fresh = rng.standard_normal((len(times), *shape))
    for index in range(1, len(times)):
        kept = np.exp(-(times[index] - times[index - 1]) / lasting_s)
        fresh[index] = kept * fresh[index - 1] + np.sqrt(1 - kept**2) * fresh[index]
    return fresh
