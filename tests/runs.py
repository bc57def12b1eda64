"""Running a film through the core: what the tests of whole sessions share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from _pytest.mark.structures import ParameterSet

from heelrise import landmarks as lm
from heelrise.moment import Moment
from heelrise.result import Rep, Result
from heelrise.session import Session
from heelrise.settings import SessionOptions
from motion import Film
from motion_body import Camera
from motion_truth import TrueRep

UNTOLD = SessionOptions()
TIME_S = 0.15  # how far a time or a hold may be off

PROFILE_RIGHT, OBLIQUE, FRONT = Camera(10.0), Camera(45.0), Camera(90.0)
FRONT_OBLIQUE, PROFILE_LEFT = Camera(135.0), Camera(172.0)
REAR_LEFT, BEHIND, REAR_RIGHT = Camera(235.0, 1.2), Camera(270.0, 1.2), Camera(310.0)


@dataclass(frozen=True)
class Run:
    result: Result
    moments: list[Moment]
    rejected: list[str]


def run(film: Film, options: SessionOptions = UNTOLD) -> Run:
    session = Session(options)
    moments = [session.update(pose) for pose in film.poses]
    result = session.finish()
    return Run(result, moments, [why for _, why in session.rejected])


def with_free_foot_lost(film: Film, from_s: float, to_s: float, share: float = 1.0) -> Film:
    """Put the free right leg where it is when both feet stand: the model does not see it.

    Or a share of the way there.
    """
    on_both = film.poses[20].xy_px
    poses = []
    for pose in film.poses:
        xy = pose.xy_px.copy()
        if from_s < pose.t_s < to_s:
            for carrying in (lm.LEFT_KNEE, lm.LEFT_ANKLE, lm.LEFT_HEEL, lm.LEFT_TOE):
                standing = xy[carrying] + on_both[carrying + 1] - on_both[carrying]
                xy[carrying + 1] += share * (standing - xy[carrying + 1])
        poses.append(replace(pose, xy_px=xy))
    return replace(film, poses=tuple(poses))


def sunk(film: Film, from_s: float, to_s: float, by_shin: float) -> Film:
    """Let the body down by so much, and up again; the feet stay where they are."""
    feet = [*lm.ANKLE.values(), *lm.HEEL.values(), *lm.TOE.values()]
    above = [number for number in range(lm.LANDMARK_COUNT) if number not in feet]
    poses = []
    for pose in film.poses:
        xy = pose.xy_px.copy()
        shin_px = float(np.linalg.norm(xy[lm.LEFT_KNEE] - xy[lm.LEFT_ANKLE]))
        inside_s = min(pose.t_s - from_s, to_s - pose.t_s)
        xy[above, 1] += float(np.clip(inside_s / 0.2, 0.0, 1.0)) * by_shin * shin_px
        poses.append(replace(pose, xy_px=xy))
    return replace(film, poses=tuple(poses))


def turned(film: Film, degrees: float) -> Film:
    """Turn the camera about where it looks: the picture's content goes clockwise."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    poses = []
    for pose in film.poses:
        middle = np.array([pose.width_px, pose.height_px]) / 2
        # Into a larger picture: no corner is to cut off a foot.
        xy = (pose.xy_px - middle) @ turn + 1.2 * middle
        width_px, height_px = round(1.2 * pose.width_px), round(1.2 * pose.height_px)
        poses.append(replace(pose, xy_px=xy, width_px=width_px, height_px=height_px))
    return replace(film, poses=tuple(poses))


def with_step(film: Film, from_s: float, height_shin: float) -> Film:
    """Let the person step up in 1.2 s, or down: left foot, body, right foot, to stay there."""
    first = film.poses[0].xy_px
    shin_px = float(np.linalg.norm(first[lm.RIGHT_KNEE] - first[lm.RIGHT_ANKLE]))
    left_leg = [lm.LEFT_KNEE, lm.LEFT_ANKLE, lm.LEFT_HEEL, lm.LEFT_TOE]
    right_leg = [lm.RIGHT_KNEE, lm.RIGHT_ANKLE, lm.RIGHT_HEEL, lm.RIGHT_TOE]
    poses = []
    for pose in film.poses:
        left, body, right = (
            height_shin * shin_px * np.clip((pose.t_s - from_s - after_s) / lasts_s, 0.0, 1.0)
            for after_s, lasts_s in ((0.0, 0.5), (0.4, 0.6), (0.7, 0.5))
        )
        up = np.full(lm.LANDMARK_COUNT, body)
        up[left_leg], up[right_leg] = left, right
        poses.append(replace(pose, xy_px=pose.xy_px - np.outer(up, (0.0, 1.0))))
    return replace(film, poses=tuple(poses))


def sides(result: Result) -> list[str]:
    return [rep.side for rep in result.reps]


def assert_times(reps: tuple[Rep, ...], true: tuple[TrueRep, ...], ended: bool = True) -> None:
    """Compare rep for rep; ``ended``: the last one came down before the film was over."""
    for number, (rep, truth) in enumerate(zip(reps, true, strict=True), 1):
        pairs = {
            "start": (rep.start_s, truth.start_s),
            "top start": (rep.top_start_s, truth.top_start_s),
            "top end": (rep.top_end_s, truth.top_end_s),
            "hold": (rep.hold_s, truth.hold_s),
        }
        if ended or number < len(true):
            pairs["end"] = (rep.end_s, truth.end_s)
        off = {name: round(a - b, 3) for name, (a, b) in pairs.items() if abs(a - b) > TIME_S}
        assert not off, f"rep {number}: {off}"
        assert truth.top_start_s - TIME_S <= rep.peak_s <= truth.top_end_s + TIME_S


def assert_counted(film: Film, ended: bool = True, options: SessionOptions = UNTOLD) -> Run:
    ran = run(film, options)
    assert sides(ran.result) == film.truth.sides(), ran.rejected
    assert_times(ran.result.reps, film.truth.reps, ended)
    return ran


VIEWS = {
    "profile": PROFILE_RIGHT,
    "45 degrees": OBLIQUE,
    "front": FRONT,
    "45 degrees from the left": FRONT_OBLIQUE,
    "profile from the left": PROFILE_LEFT,
    "rear oblique": REAR_LEFT,
    "behind": BEHIND,
    "rear oblique from the right": REAR_RIGHT,
    "low camera": Camera(140.0, 0.35),
    "high camera": Camera(20.0, 1.8),
    "portrait": Camera(55.0, 1.0, 2.7, 800.0, 480, 854),
    "small: shins of 50 px": Camera(15.0, 1.0, 4.6),
    "full HD": Camera(30.0, 1.0, 3.0, 1300.0, 1920, 1080),
}


def cases(stories: Iterable[str], views: Iterable[str]) -> list[ParameterSet]:
    """Return every story in every view."""
    return [
        pytest.param(story, VIEWS[view], id=f"{story}, {view}")
        for story in stories
        for view in views
    ]
