"""Compare ways to measure the heel's rise on labelled videos, with the true times of the reps.

    python benchmarks/heights.py FOLDER [...] [--cache DIR] [--model full]

A FOLDER holds videos, each with its truth beside it as NAME.json in frames, with ``per_frame``
heel heights, ``camera.azimuth`` and ``stature_m``. Prints one Markdown table.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from accuracy import CACHE, recorded
from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.image import Image
from heelrise.inputs import find_videos
from heelrise.landmarks import (
    ANKLE,
    HEEL,
    HIP,
    LEFT_HIP,
    LEFT_SHOULDER,
    RIGHT_HIP,
    RIGHT_SHOULDER,
    TOE,
    Pose,
)
from heelrise.legs import LegReader, LegSample
from heelrise.level import heel_level, true_share
from heelrise.models import DEFAULT_MODEL, ensure_model
from heelrise.recording import read
from heelrise.settings import Settings
from truth import TrueRep, TruthError, read_truth

Floats = NDArray[np.float64]
Window = tuple[float, float]
Known = NDArray[np.bool_]
Estimate = Callable[[Known], Floats]

SETTINGS = Settings()
LAG_S = SETTINGS.counting.model_lag_s
VIEWS = ("profile", "oblique", "front or back")

START_S: Window = (-0.10, 0.05)
"""Around a rep's start: over this the low level is averaged, in the truth too."""

TOP_S: Window = (-0.10, 0.10)
"""Around the middle of the hold: the same for the top."""

FLAT_M, FLAT_NEAR_S = 0.003, 12.0
"""The standing heel is flat when it is this near the surface, and was 0.2 s ago."""

CORNERS, LEAST_CORNERS = 80, 5
LUCAS_KANADE: dict[str, Any] = {
    "winSize": (13, 13),
    "maxLevel": 2,
    "criteria": (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 0.005),
}
BACK_PX = 0.5
"""A point that, followed back to the last picture, misses itself by more is lost."""

REAR_SHIN, SHOE_SHIN, BODY_SHIN = 0.14, 0.08, 0.06
"""Radius around heel and ankle, and around the lines of the shoe and of the trunk and thigh."""

STILL_SHIN = 0.02
"""A point that goes less far is on the ground, or on what stands in front of the body."""

FORWARD_SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)
"""Other shares of the body's rise by which the trunk's surface may come forward."""

MOST_PERCENT = 85  # of the points' shifts: the heel rises most

TURN_PX = 0.03  # of a shin: points of a shoe that turns agree to within this
TURN_PROFILE = 0.6  # facing the camera more than this, a foot's turn is not seen

HEEL_OF_BODY = 1.8
"""What the heel rises for one of the body, when no geometry is asked."""

HEEL_POINT, ANKLE_POINT = "heel landmark", "ankle landmark, lever"
HIPS, BODY, LEVER = "hips x 1.8", "body x 1.8", "body, lever"
TIMES = " x constant"
BASE = "body, lever, perspective"
FLOW_REAR, FLOW_TURN = "flow of the shoe's rear", "flow: turn of the shoe"
FLOW_MOST = "flow of the shoe's rear, what rises most"
FLOW_TRUNK = "flow of the trunk, lever, perspective"
FLOW_BODY = "flow of trunk and thigh, lever, perspective"
FUSED = "fused: landmarks' body + flow of "
COMPARED = (FLOW_TRUNK, f"{FUSED}the trunk", f"{FUSED}all three")
SOWN = ", sown at the true foot"
_LOW = "low"


@dataclass(frozen=True)
class Clip:
    """A labelled video with the landmarks it gave, frame by frame.

    Attributes
    ----------
    name : str
        Of the file.
    video : Path
        The pictures.
    view : str
        One of `VIEWS`, by the camera's true azimuth.
    shin_cm : float
        Knee to ankle, from the body height.
    heel_m : dict of str to ndarray, shape (N,)
        True height of the heels' soles, by leg.
    points_px : dict of str to ndarray, shape (N, 2)
        Where heels, ankles and toes truly are: ``left_heel`` and so on.
    standing : list of str
        Which leg really carries.
    reps : tuple of TrueRep
    samples : list of LegSample
        What heelrise makes of the landmarks of each frame.
    """

    name: str
    video: Path
    view: str
    shin_cm: float
    heel_m: dict[str, Floats]
    points_px: dict[str, Floats]
    standing: list[str]
    reps: tuple[TrueRep, ...]
    samples: list[LegSample]

    @property
    def t_s(self) -> Floats:
        """Time of every frame, seconds."""
        return np.array([sample.t_s for sample in self.samples])


@dataclass
class Reading:
    """One rep: the truth and what each measure makes of it, centimetres; NaN when nothing."""

    clip: str
    view: str
    true_cm: float
    by: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Moments:
    """The frames (indices) of one rep that are compared: at its start, at its top, all between."""

    start: NDArray[np.intp]
    top: NDArray[np.intp]

    @property
    def all(self) -> range:
        """Every frame from the first to the last."""
        return range(int(self.start[0]), int(self.top[-1]) + 1)


def load(video: Path, landmarks: Path) -> Clip:
    """Read a clip's truth and landmarks.

    Raises
    ------
    TruthError
        When the truth lacks what is needed here.
    """
    path = video.with_suffix(".json")
    truth = read_truth(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    reader = LegReader(SETTINGS)
    samples = [reader.read(pose) for pose in read(landmarks).poses]
    try:
        frames = content["per_frame"]
        facing = abs(math.cos(math.radians(content["camera"]["azimuth"])))
        heel_m = {side: np.array(frames[f"heel_height_{side}"]) for side in ("left", "right")}
        points_px = {name: np.array(at) for name, at in frames["keypoints"].items()}
        standing = frames["standing"]
    except KeyError as error:
        raise TruthError(f"{path}: {error} is missing") from error
    if truth.body_height_cm is None or len(standing) != len(samples):
        raise TruthError(f"{path}: no body height, or not as many frames as in the video")
    view = VIEWS[0] if facing > 0.9 else VIEWS[2] if facing < 0.4 else VIEWS[1]
    shin_cm = truth.body_height_cm * SETTINGS.lever.shin_of_stature
    return Clip(video.stem, video, view, shin_cm, heel_m, points_px, standing, truth.reps, samples)


def moments(clip: Clip, rep: TrueRep, late_s: float = 0.0) -> Moments:
    """Return the frames of a rep that are compared, ``late_s`` after the truth's."""

    def around(at_s: float, window: Window) -> NDArray[np.intp]:
        from_s, to_s = at_s + late_s + window[0], at_s + late_s + window[1]
        inside = np.flatnonzero((clip.t_s > from_s - 1e-6) & (clip.t_s < to_s + 1e-6))
        return inside if len(inside) else np.array([np.argmin(abs(clip.t_s - at_s - late_s))])

    return Moments(around(rep.start_s, START_S), around(rep.middle_s, TOP_S))


def flat_frames(clip: Clip, rep: TrueRep) -> NDArray[np.intp]:
    """Return the frames near a rep in which the foot that carries is flat and still, by truth."""
    heel, fifth = clip.heel_m[rep.side], max(round(0.2 / float(np.median(np.diff(clip.t_s)))), 1)
    before = np.concatenate([np.full(fifth, np.inf), heel[:-fifth]])
    flat = (abs(heel) < FLAT_M) & (abs(before) < FLAT_M)
    flat &= abs(clip.t_s - rep.middle_s) < FLAT_NEAR_S
    carries = np.array([leg == rep.side for leg in clip.standing])
    both = np.array([leg == "both" for leg in clip.standing])
    return np.flatnonzero(flat & carries if (flat & carries).sum() >= 5 else flat & both)


def from_landmarks(clip: Clip, rep: TrueRep) -> dict[str, float]:
    """Return the rise in shin lengths by the measures that need the landmarks alone."""
    seen = moments(clip, rep, LAG_S)
    shin_px = _shin_px(clip, seen)
    flat = np.clip(flat_frames(clip, rep) + seen.start[0] - moments(clip, rep).start[0], 0, None)
    flat = flat[flat < len(clip.samples)]
    y_px = np.array([-sample.xy_px[:, 1] for sample in clip.samples])
    body = _body(clip, seen)

    def levels(heights: Floats, share: float = 1.0) -> tuple[float, float]:
        """Low and top above flat foot, shins."""
        rest = _median(heights[flat])
        low, top = (_median(heights[frames]) - rest for frames in (seen.start, seen.top))
        return share * low, share * top

    def rise(heights: Floats) -> float:
        low, top = (_median(heights[frames]) for frames in (seen.start, seen.top))
        return top - low

    def levered(low_top: tuple[float, float]) -> float:
        low, top = heel_level(np.array(low_top), SETTINGS.lever)
        return float(top - low)

    ankle = y_px[:, ANKLE[rep.side]] / shin_px
    hips = y_px[:, [LEFT_HIP, RIGHT_HIP]].mean(axis=1) / shin_px
    # The body's heights are in the unit that was held still; the size seen in the rep is better.
    scale = _median(np.array([clip.samples[i].shin_px for i in seen.all])) / shin_px
    above = _median(np.array([clip.samples[i].above for i in seen.all]))
    share = true_share(_facing(clip, seen), above, SETTINGS.perspective)
    return {
        HEEL_POINT: rise(y_px[:, HEEL[rep.side]]) / shin_px,
        ANKLE_POINT: levered(levels(ankle)),
        HIPS: HEEL_OF_BODY * rise(hips),
        BODY: HEEL_OF_BODY * rise(body) * scale,
        LEVER: levered(levels(body, scale)),
        BASE: levered(levels(body, scale * share)),
        _LOW: scale * levels(body)[0],
    }


def _body(clip: Clip, seen: Moments) -> Floats:
    """Return heelrise's height of the body, by the hips alone in a rep in which the trunk leans."""
    lean = np.array([s.lean if s.trusted else np.nan for s in clip.samples])
    usual, most = _median(lean), lean[list(seen.all)]
    leaned = np.isfinite(most).any() and np.nanmax(most) - usual > SETTINGS.framing.lean_shin
    return np.array(
        [
            np.nan if not s.trusted else s.hips - usual * 2 / 3 if leaned else s.height
            for s in clip.samples
        ]
    )


def _shin_px(clip: Clip, seen: Moments) -> float:
    return _median(np.array([clip.samples[i].size_px for i in seen.all]))


def _facing(clip: Clip, seen: Moments) -> float:
    return _median(np.array([clip.samples[i].facing for i in seen.all]))


def _median(values: Floats) -> float:
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else math.nan


def _thick(shape: tuple[int, int], lines: Sequence[Floats], width_px: float) -> Image:
    """Return a mask of lines (K, 2) or areas (more than two points) with so much around them."""
    mask = np.zeros(shape, np.uint8)
    for line in lines:
        corners = np.round(line).astype(np.int32)
        cv2.fillConvexPoly(mask, cv2.convexHull(corners), 255)
        cv2.polylines(mask, [corners], False, 255, max(round(2 * width_px), 1))
    return mask


def regions(xy: Floats, side: str, shin_px: float, shape: tuple[int, int]) -> dict[str, Image]:
    """Return where the points of each flow are looked for: one mask each."""
    heel, ankle, toe = xy[HEEL[side]], xy[ANKLE[side]], xy[TOE[side]]
    hip, knee = xy[HIP[side]], xy[HIP[side] + 2]
    ball = heel + 0.6 * (toe - heel)  # the toes stay on the floor and do not turn
    thigh = np.array([hip, 0.8 * knee + 0.2 * hip])
    trunk = xy[[LEFT_SHOULDER, RIGHT_SHOULDER, RIGHT_HIP, LEFT_HIP]]
    return {
        FLOW_REAR: _thick(shape, [np.array([heel, ankle])], REAR_SHIN * shin_px),
        FLOW_TURN: _thick(shape, [np.array([heel, ankle, ball])], SHOE_SHIN * shin_px),
        FLOW_TRUNK: _thick(shape, [trunk], BODY_SHIN * shin_px),
        FLOW_BODY: _thick(shape, [trunk, thigh], BODY_SHIN * shin_px),
    }


def follow(greys: Sequence[Image], mask: Image) -> Floats:
    """Follow corners inside the mask of the first picture through all (Lucas-Kanade, sub-pixel).

    Returns
    -------
    ndarray, shape (pictures, corners, 2)
        Pixels; only corners that were never lost, each picture checked forwards and backwards.
    """
    nothing = np.zeros((len(greys), 0, 2))
    corners = cv2.goodFeaturesToTrack(greys[0], CORNERS, 0.01, 3, mask=mask, blockSize=5)
    if corners is None:
        return nothing
    places = [corners]
    kept = np.ones(len(corners), dtype=bool)
    for last, grey in pairwise(greys):
        there, found, _ = cv2.calcOpticalFlowPyrLK(last, grey, places[-1], None, **LUCAS_KANADE)
        back, found_back, _ = cv2.calcOpticalFlowPyrLK(grey, last, there, None, **LUCAS_KANADE)
        miss = np.linalg.norm((back - places[-1])[:, 0], axis=1)
        kept &= (found[:, 0] == 1) & (found_back[:, 0] == 1) & (miss < BACK_PX)
        places.append(there)
    return np.array(places, dtype=np.float64)[:, kept, 0]


def from_pictures(
    clip: Clip, rep: TrueRep, pictures: Sequence[Image], low: float
) -> dict[str, float]:
    """Return the rise in shin lengths by the measures that follow the picture's texture.

    Parameters
    ----------
    clip, rep
        Where the pictures are from.
    pictures : sequence of ndarray
        Grey, one for each frame of the rep's `moments`.
    low : float
        The body's level above flat foot at the start, by the landmarks, shins: the lever needs it.
    """
    there, seen = moments(clip, rep), moments(clip, rep, LAG_S)
    shin_px, facing = _shin_px(clip, seen), _facing(clip, seen)
    poses = [clip.samples[i].pose for i in there.all]
    if not math.isfinite(shin_px) or not poses[0].found:
        return {}
    at_start, at_top = there.start - there.start[0], there.top - there.start[0]
    body = np.array([p.xy_px for p in poses if p.found]).reshape(-1, 2)
    box = _box(body, 0.3 * shin_px, poses[0])
    greys = [picture[box[1] : box[3], box[0] : box[2]] for picture in pictures]
    corner = np.array(box[:2])
    shape: tuple[int, int] = greys[0].shape[:2]
    xy = poses[0].xy_px
    masks = regions(xy - corner, rep.side, shin_px, shape)
    true_xy = _with_true_foot(clip, rep, there.all[0])
    on_truth = regions(true_xy - corner, rep.side, shin_px, shape)
    masks |= {name + SOWN: on_truth[name] for name in (FLOW_REAR, FLOW_TURN)}
    shifts: dict[str, float] = {}
    for name, mask in masks.items():
        points = follow(greys, mask)
        if points.shape[1] < LEAST_CORNERS:
            continue
        steady = np.array(
            [
                pose.camera.undo(of_frame + corner, pose.width_px, pose.height_px)
                for pose, of_frame in zip(poses, points, strict=True)
            ]
        )
        low_px, top_px = steady[at_start].mean(axis=0), steady[at_top].mean(axis=0)
        goes = np.linalg.norm(top_px - low_px, axis=1) > STILL_SHIN * shin_px
        low_px, top_px = low_px[goes], top_px[goes]
        if goes.sum() < LEAST_CORNERS:
            continue
        if name.startswith(FLOW_TURN):
            foot_px = (true_xy if name.endswith(SOWN) else xy)[[HEEL[rep.side], TOE[rep.side]]]
            shifts[name] = turn(low_px, top_px, facing, foot_px[1] - foot_px[0], shin_px)
            continue
        ups = (low_px[:, 1] - top_px[:, 1]) / shin_px
        up = float(np.median(ups))
        shifts[name] = up
        if name.startswith(FLOW_REAR):
            most = name.replace(FLOW_REAR, FLOW_MOST)
            shifts[most] = float(np.percentile(ups, MOST_PERCENT))
        if name in (FLOW_TRUNK, FLOW_BODY):
            above = _above(low_px, poses[0])
            for forward in (SETTINGS.perspective.forward_share, *FORWARD_SHARES):
                usual = replace(SETTINGS.perspective, forward_share=forward)
                share = true_share(facing, above, usual)
                levels = heel_level(share * np.array([low, low + up]), SETTINGS.lever)
                shifts[_forward(name, forward)] = float(levels[1] - levels[0])
    return shifts


def turn(low_px: Floats, top_px: Floats, facing: float, foot_px: Floats, shin_px: float) -> float:
    """Return the heel's rise by the turn of the shoe about its ball, in shins.

    Parameters
    ----------
    low_px, top_px : ndarray, shape (K, 2)
        Points of the shoe at the start and at the top.
    facing : float
        1 facing the camera, 0 in profile, -1 from behind: a foot seen askew seems to turn more.
    foot_px : ndarray, shape (2,)
        From the heel to the toe.
    shin_px : float
        Length of the shin.
    """
    profile = math.sqrt(1 - facing**2)
    if profile < TURN_PROFILE:
        return math.nan
    move, agree = cv2.estimateAffinePartial2D(
        low_px, top_px, method=cv2.RANSAC, ransacReprojThreshold=TURN_PX * shin_px
    )
    if move is None or agree.sum() < LEAST_CORNERS:
        return math.nan
    seen = math.copysign(1.0, foot_px[0]) * math.atan2(move[1, 0], move[0, 0])
    return SETTINGS.lever.heel_to_ball * math.sin(math.atan(math.tan(seen) * profile))


def _forward(name: str, share: float) -> str:
    """Return the name of a body's flow with another forward share of the perspective."""
    return name if share == SETTINGS.perspective.forward_share else f"{name} {share}"


def _with_true_foot(clip: Clip, rep: TrueRep, index: int) -> Floats:
    """Return a frame's landmarks (33, 2) with the standing foot where it truly is."""
    xy = clip.samples[index].pose.xy_px.copy()
    for landmark, name in ((HEEL, "heel"), (ANKLE, "ankle"), (TOE, "foot_index")):
        xy[landmark[rep.side]] = clip.points_px[f"{rep.side}_{name}"][index]
    return xy


def _above(points: Floats, pose: Pose) -> float:
    """Return how far points are above the camera's height (tangent), as `LegReader` does."""
    focal_px = SETTINGS.perspective.focal_share * max(pose.width_px, pose.height_px)
    middle = pose.height_px / 2 - float(np.median(points[:, 1]))
    return middle / focal_px + SETTINGS.perspective.horizon_tan


def _box(points: Floats, margin: float, pose: Pose) -> tuple[int, int, int, int]:
    left, top = np.maximum(points.min(axis=0) - margin, 0).astype(int)
    right, bottom = (points.max(axis=0) + margin).astype(int)
    return int(left), int(top), min(int(right), pose.width_px), min(int(bottom), pose.height_px)


def greys_of(clip: Clip) -> Iterator[tuple[TrueRep, list[Image]]]:
    """Decode a clip once; yield each rep with the grey pictures of its frames."""
    waiting = [(rep, moments(clip, rep).all, list[Image]()) for rep in clip.reps]
    with VideoFile(clip.video) as video:
        for index, frame in enumerate(video):
            wanted = [entry for entry in waiting if index in entry[1]]
            if wanted:
                grey = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
                for rep, frames, kept in wanted:
                    kept.append(grey)
                    if index == frames[-1]:
                        yield rep, kept
                        kept.clear()


def readings(clip: Clip) -> list[Reading]:
    """Measure every rep of a clip in every way; constants are not fitted yet."""
    found = []
    for rep, pictures in greys_of(clip):
        truth_m, there = clip.heel_m[rep.side], moments(clip, rep)
        true_m = truth_m[there.top].mean() - truth_m[there.start].mean()
        by = from_landmarks(clip, rep)
        by |= from_pictures(clip, rep, pictures, by.pop(_LOW))
        in_cm = {name: rise * clip.shin_cm for name, rise in by.items()}
        found.append(Reading(clip.name, clip.view, 100 * float(true_m), in_cm))
    return found


def left_out(all_readings: Sequence[Reading], estimate: Estimate) -> Floats:
    """Return for every clip's reps what an estimate gives that was fitted on the other clips.

    ``estimate`` is given which reps it may learn from and returns all reps' rises.
    """
    clips = np.array([reading.clip for reading in all_readings])
    result = np.full(len(clips), np.nan)
    for clip in np.unique(clips):
        result[clips == clip] = estimate(clips != clip)[clips == clip]
    return result


def times_constant(
    true_cm: Floats, raw_cm: Floats, views: NDArray[np.str_] | None = None
) -> Estimate:
    """Return an estimate: a measure times the median of truth over it, of all or of each view."""

    def estimate(known: Known) -> Floats:
        use = known & (raw_cm > 0.5)
        if views is None:
            return raw_cm * float(np.median(true_cm[use] / raw_cm[use]))
        result = np.full(len(raw_cm), np.nan)
        for view in np.unique(views):
            mine = use & (views == view)
            if mine.sum() >= 5:
                ratio = float(np.median(true_cm[mine] / raw_cm[mine]))
                result[views == view] = ratio * raw_cm[views == view]
        return result

    return estimate


def fused(true_cm: Floats, views: NDArray[np.str_], parts: Sequence[Floats]) -> Estimate:
    """Return an estimate: the mean of measures by inverse mean squared errors in the view."""

    def estimate(known: Known) -> Floats:
        total, weight = np.zeros(len(true_cm)), np.zeros(len(true_cm))
        for part in parts:
            for view in np.unique(views):
                mine = known & (views == view) & np.isfinite(part)
                if mine.sum() < 5:
                    continue
                one = 1 / float(np.mean((part[mine] - true_cm[mine]) ** 2))
                here = (views == view) & np.isfinite(part)
                total[here] += one * part[here]
                weight[here] += one
        return np.where(weight > 0, total / np.where(weight > 0, weight, 1), np.nan)

    return estimate


def best_of(true_cm: Floats, choices: Sequence[Floats]) -> Estimate:
    """Return an estimate: that of several which has the least median error."""

    def estimate(known: Known) -> Floats:
        return min(choices, key=lambda one: float(np.nanmedian(abs(one - true_cm)[known])))

    return estimate


def estimates(all_readings: Sequence[Reading]) -> dict[str, Floats]:
    """Return every measure's rises, constants and weights fitted without the clip they are for."""
    true_cm = np.array([reading.true_cm for reading in all_readings])
    views = np.array([reading.view for reading in all_readings])

    def raw(name: str) -> Floats:
        return np.array([reading.by.get(name, math.nan) for reading in all_readings])

    def fitted(name: str, by_view: bool = False) -> Floats:
        estimate = times_constant(true_cm, raw(name), views if by_view else None)
        return left_out(all_readings, estimate)

    as_they_are = (HEEL_POINT, ANKLE_POINT, HIPS, BODY, LEVER, BASE)
    table = {name: raw(name) for name in as_they_are}
    table |= {f"{name}{TIMES}": fitted(name) for name in (HEEL_POINT, BASE)}
    for name in (FLOW_REAR, FLOW_MOST):
        table |= {f"{name}{TIMES}": fitted(name)}
        table |= {f"{name}{TIMES} of the view": fitted(name, by_view=True)}
        table |= {f"{name}{SOWN}{TIMES}": fitted(name + SOWN)}
    table[FLOW_TURN] = raw(FLOW_TURN)
    table |= {f"{name}{TIMES}": fitted(name) for name in (FLOW_TURN, FLOW_TURN + SOWN)}
    for name in (FLOW_BODY, FLOW_TRUNK):
        choices = [raw(_forward(name, share)) for share in FORWARD_SHARES]
        table[name] = raw(name)
        table[f"{name} fitted"] = left_out(all_readings, best_of(true_cm, choices))
    shoe, turned = table[f"{FLOW_MOST}{TIMES} of the view"], table[f"{FLOW_TURN}{TIMES}"]
    trunk = table[f"{FLOW_TRUNK} fitted"]
    for name, flows in {
        "the shoe's rear": [shoe],
        "the shoe's turn": [turned],
        "the trunk": [trunk],
        "all three": [shoe, turned, trunk],
    }.items():
        estimate = fused(true_cm, views, [table[BASE], *flows])
        table[f"{FUSED}{name}"] = left_out(all_readings, estimate)
    return table


def markdown(all_readings: Sequence[Reading]) -> str:
    """Return the table: errors in cm over all reps a measure could measure, medians by view."""
    true_cm = np.array([reading.true_cm for reading in all_readings])
    views = np.array([reading.view for reading in all_readings])
    head = " | ".join(f"{view} ({(views == view).sum()})" for view in VIEWS)
    lines = [
        f"| measure | median | 90th pct. | bias | within clip | {head} | reps of {len(true_cm)} |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, rises in estimates(all_readings).items():
        error = rises - true_cm
        known = np.isfinite(error)
        if not known.any():
            continue
        by_view = [_cm(abs(error[known & (views == view)])) for view in VIEWS]
        cells = [
            *(_cm(abs(error[known])), f"{np.percentile(abs(error[known]), 90):.2f}"),
            *(f"{np.mean(error[known]):+.2f}", _cm(own_errors(all_readings, rises))),
            *(*by_view, str(known.sum())),
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def own_errors(all_readings: Sequence[Reading], rises: Floats) -> Floats:
    """Return the errors left when every clip had the constant that fits its own truth best."""
    true_cm = np.array([reading.true_cm for reading in all_readings])
    clips = np.array([reading.clip for reading in all_readings])
    errors: list[Floats] = []
    for clip in np.unique(clips):
        mine = (clips == clip) & (rises > 0.5)
        if mine.sum() >= 3:
            own = float(np.median(true_cm[mine] / rises[mine]))
            errors.append(abs(own * rises[mine] - true_cm[mine]))
    return np.concatenate(errors) if errors else np.zeros(0)


def gain(all_readings: Sequence[Reading], name: str) -> str:
    """Return how the median error of a measure compares with the program's, in a sentence.

    The interval is of 2000 draws of whole clips: reps of one clip err alike.
    """
    true_cm = np.array([reading.true_cm for reading in all_readings])
    clips = np.array([reading.clip for reading in all_readings])
    rises = estimates(all_readings)
    both = np.isfinite(rises[name]) & np.isfinite(rises[BASE])
    errors = abs(np.array([rises[name], rises[BASE]]) - true_cm)
    of_clip = [errors[:, both & (clips == clip)] for clip in np.unique(clips)]
    chance = np.random.default_rng(0)
    gains = []
    for _ in range(2000):
        drawn = chance.integers(len(of_clip), size=len(of_clip))
        new, old = np.median(np.concatenate([of_clip[clip] for clip in drawn], axis=1), axis=1)
        gains.append(new - old)
    low, high = np.percentile(gains, [5, 95])
    new, old = np.median(errors[:, both], axis=1)
    interval = f"90 % interval {low:+.2f} to {high:+.2f}"
    return f"{name}: median {new - old:+.2f} cm against {BASE}, {interval}"


def _cm(errors: Floats) -> str:
    return f"{np.median(errors):.2f}" if len(errors) else "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when a table was printed, 2 when an input cannot be used."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where landmarks are kept")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="pose model (default: %(default)s)")
    asked = parser.parse_args(arguments)
    try:
        videos, complaints = find_videos(asked.folders)
        if complaints:
            raise TruthError(complaints[0])
        model = ensure_model(asked.model)
        asked.cache.mkdir(parents=True, exist_ok=True)
        all_readings = []
        for video in videos:
            print(f"heights: {video}", file=sys.stderr)
            landmarks = recorded(video, asked.model, model, asked.cache)
            all_readings += readings(load(video, landmarks))
        if not all_readings:
            raise TruthError("no video has a rep")
    except (HeelriseError, TruthError, OSError) as error:
        print(f"heights: {error}", file=sys.stderr)
        return 2
    print(markdown(all_readings))
    print()
    for name in COMPARED:
        print(gain(all_readings, name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
