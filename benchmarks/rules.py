"""How other projects count calf raises, in our own words, on the landmarks that heelrise gets.

Nothing here is their code: each rule is its published landmarks and thresholds. Where a project
leaves something open the choice is the one that counts better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from heelrise.landmarks import ANKLE, HEEL, HIP, KNEE, TOE

Floats = NDArray[np.float64]

Views = tuple[Floats, ...]
"""Times of the peaks that a rule finds, once for each way in which it can look at the body."""

Rule = Callable[[Floats, Floats, tuple[int, int]], Views]
"""Called with the times of the frames (N,), seconds; their landmarks (N, 33, 2), pixels, y down,
NaN where nobody is seen; and width and height of the picture, pixels.

A rule that watches a leg looks at the left one, the right one and the mean of both, and the score
takes what comes out best for the video. That is generous: the projects themselves cannot choose
afterwards.
"""

# The published thresholds.
AIGYM_UP_DEG, AIGYM_DOWN_DEG = 145.0, 90.0
TOE_ANGLE_UP_DEG, TOE_ANGLE_DOWN_DEG = 135.0, 100.0
ANKLE_UP_PX, ANKLE_DOWN_PX = 12.0, 4.0
TOE_UP_SHARE, TOE_DOWN_SHARE = 0.05, 0.02  # of the picture's height
PROMINENCE_SHARE = 0.01  # of the picture's height

# Published counts on smoothed signals differ in how they smooth: a tenth of a second takes the
# jitter and leaves the rise, and nobody does two calf raises within 0.6 s.
SMOOTHING_S = 0.1
LEAST_APART_S = 0.6


def knee_angle(times: Floats, xy_px: Floats, size: tuple[int, int]) -> Views:
    """Count when the knee's angle falls under 90 degrees after it was over 145.

    Source: ``AIGym`` of ultralytics/ultralytics (``up_angle`` 145, ``down_angle`` 90), watching
    hip, knee and ankle, as its documentation does for legs.
    """
    bend = _each_side(-_angle_deg(xy_px, HIP[side], KNEE[side], ANKLE[side]) for side in HIP)
    return _risings(times, bend, -AIGYM_DOWN_DEG, -AIGYM_UP_DEG)


def toe_angle(times: Floats, xy_px: Floats, size: tuple[int, int]) -> Views:
    """Count when the knee-ankle-toe angle grows over 135 degrees after it was under 100.

    Source: Liammarwood/personal-trainer, ``api/exercises/calf_raise.py``. Its second clause, heel
    to ankle in parts of the picture, is left out: it keeps most feet from ever being down.
    """
    angle = _each_side(_angle_deg(xy_px, KNEE[side], ANKLE[side], TOE[side]) for side in HIP)
    return _risings(times, angle, TOE_ANGLE_UP_DEG, TOE_ANGLE_DOWN_DEG)


def ankle_over_toe(times: Floats, xy_px: Floats, size: tuple[int, int]) -> Views:
    """Count when the ankle is over the toe by 0.05 of the picture's height after under 0.02.

    Source: parkky21/Rehab-ai-python, ``exercises/heel_raises.py``.
    """
    over = _each_side((xy_px[:, TOE[side], 1] - xy_px[:, ANKLE[side], 1]) / size[1] for side in HIP)
    return _risings(times, over, TOE_UP_SHARE, TOE_DOWN_SHARE)


def ankle_rise(times: Floats, xy_px: Floats, size: tuple[int, int]) -> Views:
    """Count when the ankle is 12 pixels over where it was first seen, after it was within 4.

    Source: a ``CalfRaiseCoach`` found in public code, which takes the mean of both ankles; each
    ankle by itself is tried too, since on one leg only one of them rises.
    """
    ankles = _each_side(-xy_px[:, ANKLE[side], 1] for side in HIP)
    return _risings(
        times, tuple(ankle - _first(ankle) for ankle in ankles), ANKLE_UP_PX, ANKLE_DOWN_PX
    )


def heel_peaks(times: Floats, xy_px: Floats, size: tuple[int, int]) -> Views:
    """Count the peaks of heel over toe, found afterwards in the whole recording.

    Source: ``scipy.signal.find_peaks`` with a prominence of 0.01 of the picture's height, as it
    is used by many on MediaPipe's landmarks.
    """
    over = _each_side(xy_px[:, TOE[side], 1] - xy_px[:, HEEL[side], 1] for side in HIP)
    return tuple(_peaks(times, signal, PROMINENCE_SHARE * size[1]) for signal in over)


def hip_peaks(times: Floats, xy_px: Floats, size: tuple[int, int]) -> Views:
    """Count the peaks of the hips' height, found afterwards in the whole recording.

    Source: as :func:`heel_peaks`; on the hips it is the usual way to count jumps.
    """
    hips = -np.mean([xy_px[:, HIP[side], 1] for side in HIP], axis=0)
    return (_peaks(times, hips, PROMINENCE_SHARE * size[1]),)


RULES: tuple[tuple[str, Rule], ...] = (
    ("knee angle 145/90 (AIGym)", knee_angle),
    ("knee-ankle-toe angle 135/100", toe_angle),
    ("ankle over toe 0.05 of picture", ankle_over_toe),
    ("ankle 12 px over first frame", ankle_rise),
    ("peaks of heel over toe", heel_peaks),
    ("peaks of hip height", hip_peaks),
)


def _each_side(signals: Iterable[Floats]) -> Views:
    """Return the left signal, the right one and their mean."""
    left, right = signals
    return left, right, (left + right) / 2


def _risings(times: Floats, signals: Views, up: float, down: float) -> Views:
    """Find where each signal goes over ``up`` after it was under ``down``: the highest moments.

    The rules count at the crossing; the highest moment until the signal is down again is what
    they mean by it.
    """
    found = []
    for signal in signals:
        peaks: list[float] = []
        ready, highest = False, np.inf  # inf: it is not up
        for time_s, value in zip(*_seen(times, signal), strict=True):
            if value < down:
                ready, highest = True, np.inf
            elif value > up and ready:
                ready, highest = False, value
                peaks.append(time_s)
            elif value > highest:
                highest = value
                peaks[-1] = time_s
        found.append(np.array(peaks, dtype=np.float64))
    return tuple(found)


def _peaks(times: Floats, signal: Floats, prominence: float) -> Floats:
    times, signal = _seen(times, signal)
    if len(times) < 3:
        return np.empty(0)
    frame_s = float(np.median(np.diff(times)))
    smooth = gaussian_filter1d(signal, SMOOTHING_S / frame_s)
    apart = max(1.0, LEAST_APART_S / frame_s)
    found: Floats = times[find_peaks(smooth, prominence=prominence, distance=apart)[0]]
    return found


def _seen(times: Floats, signal: Floats) -> tuple[Floats, Floats]:
    """Leave out the frames without a person, as the projects do."""
    seen = np.isfinite(signal)
    return times[seen], signal[seen]


def _first(signal: Floats) -> float:
    """Return the first value that was seen, NaN when there is none."""
    seen = signal[np.isfinite(signal)]
    return float(seen[0]) if len(seen) else np.nan


def _angle_deg(xy_px: Floats, start: int, middle: int, end: int) -> Floats:
    """Return the angle at a landmark between two others, degrees, 0 to 180, frame by frame."""
    one, other = xy_px[:, start] - xy_px[:, middle], xy_px[:, end] - xy_px[:, middle]
    across = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    angle: Floats = np.degrees(np.arctan2(np.abs(across), (one * other).sum(axis=1)))
    return angle
