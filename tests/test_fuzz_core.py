"""The core fed what no camera gives: it never raises, and never counts what nobody can do.

A run of the suite tries a few hundred streams, the same ones every time. To look for more:
``HEELRISE_FUZZ=3000 pytest tests/test_fuzz_core.py``, and other ones each time.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from heelrise import landmarks as lm
from heelrise.coach import Coach
from heelrise.landmarks import CameraMove, Pose, TrunkPlace, nobody
from heelrise.moment import Moment
from heelrise.overlay import draw as draw_on
from heelrise.recorded import settings_used, settle
from heelrise.report import csv_text, json_text
from heelrise.result import Result, VideoFacts
from heelrise.series import fitted, rows_of
from heelrise.session import Session
from heelrise.settings import SessionOptions
from heelrise.summary import summarize
from heelrise.workout import Workout
from motion import Script
from motion_body import Camera
from runs import FRONT, OBLIQUE, PROFILE_RIGHT

MANY = int(os.environ.get("HEELRISE_FUZZ", "0"))
FPS = 15.0
LEAST_APART_S = 0.4
SCHEMA = Path(__file__).parents[1] / "docs" / "result.schema.json"
VALID = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))

Draw = Callable[[st.SearchStrategy[Any]], Any]


class Stream(list[Pose]):
    """Poses, in the order of coming; shown without their thousands of numbers."""

    def __repr__(self) -> str:
        return f"{len(self)} poses"


def fuzzed(few: int) -> settings:
    return settings(
        max_examples=MANY or few,
        derandomize=not MANY,
        database=None,
        deadline=None,
        phases=[Phase.generate, *([Phase.shrink] if MANY else [])],
        suppress_health_check=list(HealthCheck),
    )


# ---- streams -----------------------------------------------------------------------------------


@cache
def film(name: str) -> tuple[Pose, ...]:
    quick = {"up_s": 0.5, "hold_s": 0.5, "down_s": 0.5, "rest_s": 0.3}
    left = Script().stand(1.0).stand_on("left").stand(0.4)
    stories: dict[str, tuple[Script, Camera]] = {
        "profile": (left.reps(3, **quick).put_down().stand(0.6), PROFILE_RIGHT),
        "oblique": (
            Script()
            .stand(1.0)
            .stand_on("right")
            .reps(2, **quick)
            .put_down()
            .stand_on("left")
            .rep(),
            OBLIQUE,
        ),
        "front": (Script().stand(1.0).reps(2, **quick).stand_on("left").touch(0.5).rep(), FRONT),
        "step": (
            Script(step_m=0.16).stand(1.0).stand_on("left").reps(2, bottom=-0.03, **quick),
            PROFILE_RIGHT,
        ),
        "quiet": (Script().stand(1.0).stand_on("left").stand(12.0), OBLIQUE),
        "quiet in front": (Script().stand(1.0).stand_on("left").stand(12.0), FRONT),
    }
    script, camera = stories[name]
    return tuple(with_trunk(pose) for pose in script.film(camera, fps=FPS).poses)


def with_trunk(pose: Pose) -> Pose:
    """Add the trunk's texture, as if it were followed all the time."""
    x_px, y_px = pose.xy_px[[lm.LEFT_SHOULDER, lm.RIGHT_SHOULDER, lm.LEFT_HIP, lm.RIGHT_HIP]].mean(
        axis=0
    )
    return replace(pose, trunk=TrunkPlace(0, float(x_px), float(y_px)))


def filmed(draw: Draw) -> Stream:
    return Stream(film(draw(st.sampled_from(["profile", "oblique", "front", "step"]))))


def bouncing(draw: Draw) -> Stream:
    """Somebody on one leg whose body goes up and down by any height in any time."""
    poses = film(draw(st.sampled_from(["quiet", "quiet in front"])))
    spans = st.floats(0.07, draw(st.sampled_from([0.3, 0.8, 2.0])))
    anywhere = st.tuples(spans, st.floats(-0.1, 0.4))
    up_and_down = st.tuples(spans, st.floats(0.05, 0.25), spans, st.floats(-0.05, 0.03))
    paired = st.lists(up_and_down, min_size=4, max_size=20)
    legs = draw(
        st.lists(anywhere, min_size=6, max_size=25)
        | paired.map(lambda pairs: [leg for a, b, c, d in pairs for leg in ((a, b), (c, d))])
    )
    times = np.cumsum([2.0, *(span_s for span_s, _ in legs)])
    shin_px = float(np.linalg.norm(poses[0].xy_px[lm.LEFT_KNEE] - poses[0].xy_px[lm.LEFT_ANKLE]))
    heights = shin_px * np.array([0.0, *(height for _, height in legs)])
    still = [lm.LEFT_TOE, lm.RIGHT_TOE]
    moved = Stream()
    for pose in poses:
        xy = pose.xy_px.copy()
        xy[:, 1] -= np.interp(pose.t_s, times, heights)
        xy[still] = pose.xy_px[still]
        moved.append(replace(pose, xy_px=xy))
    return moved


NUMBERS = st.floats(width=64)
ODD = st.sampled_from(
    [math.nan, math.inf, -math.inf, 1e300, -1e300, 5e-324, 0.0, -0.0, 1e6, -1e6, 1e15, 0.5]
)
SIZES = st.sampled_from([0, 1, -5, 3, 640, 100_000, 2**40])


def rubbish(draw: Draw) -> Stream:
    """Numbers, and no body in them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    odd = np.array(draw(st.lists(st.one_of(ODD, NUMBERS), min_size=1, max_size=8)))
    share = draw(st.sampled_from([0.0, 0.01, 0.3, 1.0]))
    scale = draw(st.sampled_from([1e-320, 1e-3, 1.0, 500.0, 1e9, 1e308]))
    width, height = draw(st.tuples(SIZES, SIZES))
    times = odd if share == 1.0 else np.arange(40) / FPS
    poses = Stream()
    for index, t_s in enumerate(np.resize(times, 40)):
        xy = scale * rng.random((lm.LANDMARK_COUNT, 2))
        xy = np.where(rng.random(xy.shape) < share, rng.choice(odd, xy.shape), xy)
        visibility = rng.choice(odd, lm.LANDMARK_COUNT) if share else np.ones(lm.LANDMARK_COUNT)
        poses.append(Pose(float(t_s), index, xy, visibility, width, height))
    return poses


# ---- what happens to them ----------------------------------------------------------------------

Change = Callable[[Draw, Pose], Pose]


def odd_landmarks(draw: Draw, pose: Pose) -> Pose:
    which = draw(st.lists(st.integers(0, lm.LANDMARK_COUNT - 1), min_size=1, max_size=6))
    xy = pose.xy_px.copy()
    xy[which, draw(st.integers(0, 1))] = draw(st.one_of(ODD, NUMBERS))
    return replace(pose, xy_px=xy)


def one_point(draw: Draw, pose: Pose) -> Pose:
    return replace(pose, xy_px=np.full_like(pose.xy_px, draw(st.one_of(ODD, st.just(200.0)))))


def swapped(draw: Draw, pose: Pose) -> Pose:
    xy = pose.xy_px.copy()
    pairs = draw(st.sampled_from([range(7, 32, 2), range(23, 32, 2), range(27, 32, 2)]))
    for left in pairs:
        xy[[left, left + 1]] = xy[[left + 1, left]]
    return replace(pose, xy_px=xy)


def moved(draw: Draw, pose: Pose) -> Pose:
    which = draw(st.sampled_from([range(33), range(25), [0, 7, 8], [29, 30, 31, 32], [23, 24]]))
    by = [draw(st.floats(-400, 400)), draw(st.floats(-60, 60))]
    xy = pose.xy_px.copy()
    xy[list(which)] += by
    return replace(pose, xy_px=xy)


def scaled(draw: Draw, pose: Pose) -> Pose:
    share = draw(st.sampled_from([0.0, 1e-9, 0.05, 0.5, 0.95, 1.1, 3.0, 1e9]))
    return replace(pose, xy_px=pose.xy_px * share)


def flattened(draw: Draw, pose: Pose) -> Pose:
    xy = pose.xy_px.copy()
    part = draw(st.sampled_from([[11, 12, 23, 24], [25, 27], [0, 7, 8], list(range(23, 33))]))
    xy[part] = xy[part].mean(axis=0)
    return replace(pose, xy_px=xy)


def resized(draw: Draw, pose: Pose) -> Pose:
    return replace(pose, width_px=draw(SIZES), height_px=draw(SIZES))


def gone(_: Draw, pose: Pose) -> Pose:
    return nobody(pose.t_s, pose.index, pose.width_px, pose.height_px)


def odd_picture(draw: Draw, pose: Pose) -> Pose:
    return replace(
        pose,
        people=draw(st.integers(-2, 300)),
        brightness=draw(st.one_of(st.none(), ODD)),
        visibility=np.full(lm.LANDMARK_COUNT, draw(ODD)),
    )


def odd_camera(draw: Draw, pose: Pose) -> Pose:
    return replace(pose, camera=CameraMove(draw(ODD), draw(ODD), draw(ODD)))


def odd_trunk(draw: Draw, pose: Pose) -> Pose:
    place = st.one_of(ODD, NUMBERS, st.floats(-100.0, 600.0))
    trunk = TrunkPlace(draw(st.integers(0, 3)), draw(place), draw(place))
    return replace(pose, trunk=draw(st.sampled_from([None, trunk])))


def odd_time(draw: Draw, pose: Pose) -> Pose:
    return replace(pose, t_s=draw(st.one_of(ODD, NUMBERS, st.floats(-10, 20))))


CHANGES: list[Change] = [
    *(odd_landmarks, one_point, swapped, moved, scaled, flattened, resized, gone),
    *(odd_picture, odd_camera, odd_trunk, odd_time),
]


def some_changed(draw: Draw, poses: Stream) -> Stream:
    """Change frames of a stretch, all in the same way or each in another."""
    change = draw(st.sampled_from(CHANGES))
    start = draw(st.integers(0, len(poses) - 1))
    span = range(start, len(poses))[: draw(st.sampled_from([1, 2, 5, 20, 1000]))]
    span = span[:: draw(st.sampled_from([1, 2, 7]))]
    alike = len(span) > 5 or draw(st.booleans())
    drawn: list[Any] = []
    changed = Stream(poses)
    for index in span:
        answers = iter(list(drawn) if alike else [])

        def same(strategy: st.SearchStrategy[Any], answers: Iterator[Any] = answers) -> Any:
            for answer in answers:
                return answer
            drawn.append(draw(strategy))
            return drawn[-1]

        changed[index] = change(same, poses[index])
    return changed


def cut_out(draw: Draw, poses: Stream) -> Stream:
    """Take a stretch away: a gap, or a cut when the clock goes on."""
    start = draw(st.integers(0, len(poses) - 1))
    end = start + draw(st.integers(1, 60))
    return Stream([*poses[:start], *poses[end:]] or poses[:1])


def late(draw: Draw, poses: Stream) -> Stream:
    """Let the clock leap, forward or back, from some frame on."""
    start = draw(st.integers(0, len(poses) - 1))
    by = draw(st.one_of(st.floats(-20, 20), ODD))
    after = [replace(pose, t_s=pose.t_s + by) for pose in poses[start:]]
    return Stream([*poses[:start], *after])


def faster(draw: Draw, poses: Stream) -> Stream:
    """Let the clock run at another rate, backward too."""
    share = draw(st.sampled_from([0.0, 1e-9, 0.01, 0.2, 0.5, 2.0, 30.0, 1e6, -1.0]))
    return Stream(replace(pose, t_s=pose.t_s * share) for pose in poses)


def shuffled(draw: Draw, poses: Stream) -> Stream:
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    return Stream(poses[index] for index in rng.permutation(len(poses)))


def repeated(draw: Draw, poses: Stream) -> Stream:
    """Show every frame several times, at the same time or a little later."""
    by = draw(st.sampled_from([0.0, 1e-12, 1e-3]))
    return Stream(
        replace(pose, t_s=pose.t_s + number * by) for pose in poses[:150] for number in range(2)
    )


STREAM_CHANGES = [*[some_changed] * 6, cut_out, cut_out, late, faster, shuffled, repeated]


@st.composite
def streams(draw: Draw, sources: Sequence[Callable[[Draw], Stream]]) -> Stream:
    poses = draw(st.sampled_from(sources))(draw)
    for change in draw(st.lists(st.sampled_from(STREAM_CHANGES), max_size=4)):
        poses = change(draw, poses)
    return poses


OPTIONS = st.builds(
    SessionOptions,
    body_height_cm=st.sampled_from([None, 100.0, 178.0, 230.0]),
    surface=st.sampled_from(["auto", "floor", "step"]),
    leg=st.sampled_from(["auto", "left", "right"]),
    lower_for_s=st.sampled_from([None, 2.0]),
)


# ---- what must hold ----------------------------------------------------------------------------


def moments_of(session: Session, poses: Stream) -> list[Moment]:
    return [session.update(pose) for pose in poses]


def told(moments: list[Moment]) -> list[str]:
    return [repr(vars(moment) | {"pose": moment.t_s}) for moment in moments]


def assert_counted_no_faster(ends: Sequence[float]) -> None:
    apart = np.diff(sorted(ends))
    assert not len(apart) or apart.min() > LEAST_APART_S - 1e-9, ends


def assert_story(moments: list[Moment], result: Result) -> None:
    times = [moment.t_s for moment in moments]
    assert all(math.isfinite(t_s) for t_s in times)
    assert all(np.diff(times) > 0)
    assert_counted_no_faster([rep.end_s for rep in result.reps])
    assert_counted_no_faster([moment.t_s for moment in moments if moment.rep is not None])
    for before, after in pairwise(sorted(result.reps, key=lambda rep: rep.start_s)):
        assert before.start_s < before.end_s <= after.start_s + 1e-9, (before, after)
    last = moments[-1].counts
    assert len(result.reps) - (last.left + last.right + last.both) in (0, 1)


def assert_written(result: Result, options: SessionOptions, frames: int) -> None:
    facts = VideoFacts("film.mp4", 10.0, FPS, 640, 480, frames)
    text = json_text(result, facts, settings_used(options, "full", "0" * 64))
    VALID.validate(json.loads(text))
    assert len(csv_text(result).splitlines()) == len(result.reps) + 1
    summarize(result)


def assert_shown(moments: list[Moment], result: Result, options: SessionOptions) -> None:
    workout, coach = Workout(target_reps=2), Coach(quiet_s=2.0, praises=True)
    blank = np.zeros((120, 160, 3), np.uint8)
    for number, moment in enumerate(moments):
        now, cue = workout.update(moment), coach.cue(moment)
        if number % 10 == 0:
            draw_on(blank, replace(moment, counts=now.counts), cue)
    settled = list(settle(moments, result))
    teller = Coach()
    for number, moment in enumerate(settled):
        cue = teller.cue(moment)
        if number % 10 == 0:
            draw_on(blank, moment, cue)
    rows = fitted(list(rows_of(settled, options.body_height_cm)), result)
    assert len(rows) == len(moments)
    json.dumps([vars(row) for row in rows], allow_nan=False)


def assert_holds(poses: Stream, options: SessionOptions) -> None:
    session = Session(options)
    moments = moments_of(session, poses)
    result = session.finish()
    assert_story(moments, result)
    assert_written(result, options, len(poses))
    assert_shown(moments, result, options)


@fuzzed(30)
@given(streams([filmed]), OPTIONS)
def test_a_film_that_is_spoiled(poses: Stream, options: SessionOptions) -> None:
    assert_holds(poses, options)


@fuzzed(30)
@given(streams([bouncing]), OPTIONS)
def test_a_body_that_goes_up_and_down(poses: Stream, options: SessionOptions) -> None:
    assert_holds(poses, options)


@fuzzed(30)
@given(streams([rubbish]), OPTIONS)
def test_rubbish(poses: Stream, options: SessionOptions) -> None:
    assert_holds(poses, options)


@fuzzed(20)
@given(streams([filmed, bouncing]), OPTIONS, st.lists(st.integers(1, 60), max_size=20))
def test_counts_do_not_depend_on_the_calls(
    poses: Stream, options: SessionOptions, cuts: list[int]
) -> None:
    """Whether somebody asks for what was counted so far, and when, changes nothing."""
    plain, asked = Session(options), Session(options)
    whole = moments_of(plain, poses)
    parts: list[Moment] = []
    rest = poses
    for size in [*cuts, len(poses)]:
        parts += moments_of(asked, rest[:size])
        rest = rest[size:]
        so_far = asked.so_far()
        assert repr(asked.so_far()) == repr(so_far)
    assert told(parts) == told(whole)
    assert repr(asked.finish()) == repr(plain.finish())
