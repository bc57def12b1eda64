"""The trusted frames of a session as columns: what sets, holds and faults are measured on.

Some thirty numbers a frame, nothing of the picture: an hour is some 27 MB.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from heelrise.landmarks import (
    ANKLE,
    HEEL,
    LEFT_EAR,
    LEFT_HIP,
    LEFT_SHOULDER,
    LEFT_WRIST,
    NOSE,
    RIGHT_EAR,
    RIGHT_HIP,
    RIGHT_SHOULDER,
    RIGHT_WRIST,
    TOE,
)
from heelrise.legs import LegSample
from heelrise.stance import Stance

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Track:
    """Columns of a stretch of trusted frames, each of shape (N,).

    Attributes
    ----------
    t_s : ndarray
        Seconds.
    height : ndarray
        Of the body, in the shin lengths of its time (``shin_px``), up.
    hips, lean : ndarray
        The same by the hips alone, and how far head and shoulders are below their place; shins.
    shin_px, size_px : ndarray
        The unit of ``height``, and the shin as it measured just then; pixels.
    score : ndarray
        The stance's clue: positive, the right foot is free.
    left_up, right_up : ndarray
        Height of either foot (ankle and heel) against the body, shin lengths: a free foot that
        comes down falls, a foot that goes along with the body stays.
    left_x, right_x, hip_x : ndarray
        Where feet and hips are across the picture, shin lengths.
    trunk_deg : ndarray
        Lean of the trunk in the picture, degrees, positive to the right of the picture.
    left_hand_x, left_hand_y, right_hand_x, right_hand_y : ndarray
        Wrists from their shoulders, shin lengths.
    left_knee_deg, right_knee_deg : ndarray
        Knee flexion in the image plane, degrees.
    left_leg, right_leg : ndarray
        From the middle of the hips to the ankle, shin lengths.
    nose_low : ndarray
        How far the nose is below the ears, shin lengths.
    profile, facing, above, trunk_above, hips_above, split : ndarray
        As in :class:`~heelrise.legs.LegSample`.
    people : ndarray
        How many the picture is known to hold.
    texture, texture_run : ndarray
        Height of the trunk by its texture, shin lengths, of which only differences within one run
        mean anything; NaN where it was not followed.
    """

    t_s: Floats
    height: Floats
    hips: Floats
    lean: Floats
    shin_px: Floats
    size_px: Floats
    score: Floats
    left_up: Floats
    right_up: Floats
    left_x: Floats
    right_x: Floats
    hip_x: Floats
    trunk_deg: Floats
    left_hand_x: Floats
    left_hand_y: Floats
    right_hand_x: Floats
    right_hand_y: Floats
    left_knee_deg: Floats
    right_knee_deg: Floats
    left_leg: Floats
    right_leg: Floats
    nose_low: Floats
    profile: Floats
    facing: Floats
    above: Floats
    trunk_above: Floats
    hips_above: Floats
    split: Floats
    people: Floats
    texture: Floats
    texture_run: Floats

    def between(self, from_s: float, to_s: float) -> Track:
        """Return the part from one time to another, both included."""
        first = int(np.searchsorted(self.t_s, from_s - 1e-9, side="left"))
        last = int(np.searchsorted(self.t_s, to_s + 1e-9, side="right"))
        return Track(*(getattr(self, field.name)[first:last] for field in fields(self)))

    def gaps(self, longer_s: float) -> Floats:
        """Return where frames are missing for longer than usual.

        Parameters
        ----------
        longer_s : float
            By how much longer than the usual time between two frames, seconds.

        Returns
        -------
        ndarray, shape (M, 2)
            Seconds of the frame before and the frame after each gap.
        """
        steps = np.diff(self.t_s)
        if not len(steps):
            return np.empty((0, 2))
        before = np.flatnonzero(steps > longer_s + float(np.median(steps)))
        return np.stack((self.t_s[before], self.t_s[before + 1]), axis=1)


class TrackRecorder:
    """Gathers trusted samples into a :class:`Track`."""

    def __init__(self) -> None:
        self._columns = [array("d") for _ in fields(Track)]

    def add(self, sample: LegSample, stance: Stance) -> None:
        """Append one trusted sample."""
        for column, value in zip(self._columns, _row(sample, stance), strict=True):
            column.append(value)

    def between(self, from_s: float, to_s: float) -> Track:
        """Return what was gathered from one time to another, both included."""
        times = self._columns[0]
        part = slice(bisect_left(times, from_s - 1e-9), bisect_right(times, to_s + 1e-9))
        return Track(*(np.array(column[part]) for column in self._columns))


def _row(sample: LegSample, stance: Stance) -> tuple[float, ...]:
    shin = sample.shin_px
    xy = sample.xy_px / shin
    trunk = xy[LEFT_SHOULDER] + xy[RIGHT_SHOULDER] - xy[LEFT_HIP] - xy[RIGHT_HIP]
    left_hand = xy[LEFT_WRIST] - xy[LEFT_SHOULDER]
    right_hand = xy[RIGHT_WRIST] - xy[RIGHT_SHOULDER]
    hips = (xy[LEFT_HIP] + xy[RIGHT_HIP]) / 2
    up = {
        side: -float(xy[ANKLE[side], 1] + xy[HEEL[side], 1]) / 2 - sample.height
        for side in ("left", "right")
    }
    across = {side: float(xy[ANKLE[side], 0] + xy[TOE[side], 0]) / 2 for side in ("left", "right")}
    return (
        sample.t_s,
        sample.height,
        sample.hips,
        sample.lean,
        shin,
        sample.size_px,
        stance.score,
        up["left"],
        up["right"],
        across["left"],
        across["right"],
        float(hips[0]),
        math.degrees(math.atan2(trunk[0], -trunk[1])),
        float(left_hand[0]),
        float(left_hand[1]),
        float(right_hand[0]),
        float(right_hand[1]),
        sample.knee_flexion_deg[0],
        sample.knee_flexion_deg[1],
        math.dist(xy[ANKLE["left"]], hips),
        math.dist(xy[ANKLE["right"]], hips),
        float(xy[NOSE, 1] - (xy[LEFT_EAR, 1] + xy[RIGHT_EAR, 1]) / 2),
        sample.profile,
        sample.facing,
        sample.above,
        sample.trunk_above,
        sample.hips_above,
        sample.split,
        float(sample.pose.people),
        -float(sample.pose.steady_trunk_px[1]) / shin,
        np.nan if sample.pose.trunk is None else float(sample.pose.trunk.run),
    )
