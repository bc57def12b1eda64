"""Looks at the whole picture: who is followed, how many people, is the head there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from heelrise.landmarks import Pose, nobody
from heelrise.scene import Points, Scene, Seen, implausible, same_person, shin_px, size_px
from heelrise.settings import Framing

WIDTH, HEIGHT = 1280, 720
FRAMING = Framing()


def body(x: float = 640.0, feet_y: float = 680.0, shin: float = 100.0) -> Points:
    """A person who stands upright, facing the camera, hands at the sides."""
    up = np.zeros(33)
    across = np.zeros(33)
    up[:11] = 3.9
    up[11:13] = 3.4
    up[13:15], up[15:23] = 2.7, 2.1
    up[23:25], up[25:27], up[27:29], up[29:31] = 2.1, 1.1, 0.1, 0.05
    across[1:23] = 0.4
    across[23:] = 0.2
    across[1::2] *= -1
    return np.stack([x + shin * across, feet_y - shin * up], axis=1)


def pose(t_s: float, xy: Points | None = None, fps: float = 30.0) -> Pose:
    index = round(t_s * fps)
    if xy is None:
        return nobody(t_s, index, WIDTH, HEIGHT)
    return Pose(t_s, index, xy, np.ones(33), WIDTH, HEIGHT)


def look(scene: Scene, t_s: float, followed: Points | None, *seen: Points | Seen) -> Points | None:
    """Let the scene see a frame and a look at it, due or not."""
    frame = pose(t_s, followed)
    scene.due(frame)
    return scene.update(frame, [s if isinstance(s, Seen) else Seen(s) for s in seen])


def settled(followed: Points) -> Scene:
    """A scene in which somebody was followed and seen for some time."""
    scene = Scene(FRAMING)
    assert look(scene, 0.0, followed, followed) is None
    assert look(scene, 2.5, followed, followed) is None
    return scene


SMALL, LARGE = body(300.0, shin=60.0), body(800.0, shin=100.0)


def looks_until_wanted(
    scene: Scene, followed: Points, others: Sequence[Points], start_s: float = 5.0
) -> float | None:
    """Show one other person a look, a second apart; return after how long one is wanted."""
    for count, other in enumerate(others):
        if look(scene, start_s + count, followed, followed, other) is not None:
            return float(count)
    return None


def test_a_larger_person_who_stays_is_followed_after_a_while() -> None:
    assert looks_until_wanted(settled(SMALL), SMALL, [LARGE] * 5) == FRAMING.takeover_s


@pytest.mark.parametrize(
    ("followed", "others"),
    [
        pytest.param(LARGE, [SMALL] * 6, id="a smaller one"),
        pytest.param(body(300, shin=85), [LARGE] * 6, id="a little larger"),
        pytest.param(SMALL, [LARGE] * 2 + [SMALL] * 4, id="gone again"),
        pytest.param(SMALL, [body(500 + 150 * n) for n in range(6)], id="walks through"),
        pytest.param(SMALL, [body(900, feet_y=1100)] * 6, id="larger but cut off by the border"),
    ],
)
def test_nobody_else_is_followed(followed: Points, others: list[Points]) -> None:
    assert looks_until_wanted(settled(followed), followed, others) is None


def test_one_missed_look_at_the_larger_one_starts_the_wait_again() -> None:
    scene = settled(SMALL)
    assert looks_until_wanted(scene, SMALL, [LARGE, LARGE, SMALL]) is None
    assert looks_until_wanted(scene, SMALL, [LARGE] * 5, 8.0) == FRAMING.takeover_s


def test_after_the_change_the_larger_one_stays_followed() -> None:
    scene = settled(SMALL)
    assert looks_until_wanted(scene, SMALL, [LARGE] * 5) is not None
    assert all(look(scene, 8.0 + n, LARGE, LARGE, SMALL) is None for n in range(10))


def test_of_two_people_at_the_start_the_larger_is_wanted_at_once() -> None:
    assert look(Scene(FRAMING), 0.0, SMALL, SMALL, LARGE) is LARGE


def test_somebody_seen_but_not_followed_is_wanted_at_once() -> None:
    assert look(Scene(FRAMING), 0.0, None, SMALL, LARGE) is LARGE
    assert look(Scene(FRAMING), 0.0, None) is None


@pytest.mark.parametrize(
    ("others", "people"),
    [
        ([], 1),
        ([SMALL], 2),
        ([SMALL, body(1100, shin=70)], 3),
        ([LARGE + 8.0], 1),
        ([body(805, feet_y=560, shin=45)], 1),
        ([SMALL, SMALL + 5.0], 2),
        ([body(300, shin=30)], 1),
        ([SMALL * (1, -1) + (0, 900)], 1),
    ],
    ids=[
        *("alone", "two", "three", "found twice", "phantom inside", "other found twice"),
        *("far away", "upside down"),
    ],
)
def test_people_are_counted_once_each(others: list[Points], people: int) -> None:
    scene = Scene(FRAMING)
    look(scene, 0.0, LARGE, LARGE, *others)
    assert scene.people == people


def test_looks_are_rare_and_the_same_share_of_the_time_at_any_rate() -> None:
    for fps, every_s in ((60.0, 2.5), (30.0, 2.5), (15.0, 4.0)):
        scene = Scene(FRAMING)
        times = []
        for index in range(int(12 * fps)):
            frame = pose(index / fps, LARGE, fps)
            if scene.due(frame):
                times.append(frame.t_s)
                scene.update(frame, [Seen(LARGE)])
        assert np.diff(times) == pytest.approx(every_s, abs=1.5 / fps)


def test_the_next_look_comes_sooner_after_news() -> None:
    scene = settled(LARGE)
    assert not scene.due(pose(4.0, LARGE))
    assert scene.due(pose(4.0))  # the one followed is gone
    look(scene, 5.0, LARGE, LARGE, SMALL)
    assert not scene.due(pose(5.9, LARGE))
    assert scene.due(pose(6.0, LARGE))


def cut(xy: Points, *wrists: float) -> Seen:
    """A body whose silhouette runs over the top edge, wrists at these heights."""
    xy = xy.copy()
    if wrists:
        xy[15:17, 1] = wrists
    return Seen(xy, reaches_top=True)


INVENTED = body(shin=100.0, feet_y=500.0)  # nose 1.1 shins below the top edge


def test_a_body_that_runs_over_the_top_edge_has_no_head_in_the_picture() -> None:
    scene = Scene(FRAMING)
    look(scene, 0.0, INVENTED, cut(INVENTED))
    assert scene.head_cut


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(Seen(INVENTED), id="whole"),
        pytest.param(cut(INVENTED, 30.0, 300.0), id="a raised hand runs over it"),
        pytest.param(cut(body(feet_y=440.0)), id="only the crown does"),
    ],
)
def test_the_head_is_there(seen: Seen) -> None:
    scene = Scene(FRAMING)
    for count in range(4):
        look(scene, 2.5 * count, seen.xy_px, seen)
        assert not scene.head_cut


def test_one_odd_look_neither_takes_the_head_nor_gives_it_back() -> None:
    scene = settled(INVENTED)
    said = []
    for count, odd in enumerate((True, False, True, True, False, True, False, False)):
        look(scene, 5.0 + count, INVENTED, Seen(INVENTED, reaches_top=odd))
        said.append(scene.head_cut)
    assert said == [False, False, False, True, True, True, True, False]


def test_the_head_stays_cut_through_a_dropout_but_not_for_the_next_person() -> None:
    scene = Scene(FRAMING)
    look(scene, 0.0, INVENTED, cut(INVENTED))
    look(scene, 1.0, None)
    scene.due(pose(2.0, INVENTED))
    assert scene.head_cut
    scene.due(pose(2.0 + FRAMING.lost_s + 0.1, INVENTED))
    assert not scene.head_cut


def test_a_body_no_look_confirms_is_doubted_where_the_head_may_be_missing() -> None:
    near = Scene(FRAMING)
    look(near, 0.0, INVENTED)
    assert not near.doubtful
    look(near, 1.0, INVENTED)
    assert near.doubtful
    look(near, 2.0, INVENTED, INVENTED)
    assert not near.doubtful
    for count, doubted in enumerate((False, False, True)):  # it was seen once
        look(near, 3.0 + count, INVENTED)
        assert near.doubtful == doubted

    far = Scene(FRAMING)
    low = body(feet_y=680.0, shin=60.0)
    for time_s in (0.0, 1.0, 2.0):
        look(far, time_s, low)
    assert not far.doubtful


def leaning(degrees: float) -> Points:
    """The trunk turned about the hips in the picture."""
    xy = LARGE.copy()
    hips = xy[23:25].mean(axis=0)
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    xy[:23] = (xy[:23] - hips) @ turn.T + hips
    return xy


def squatting(shins: float) -> Points:
    """Everything from the hips up lowered by so many shin lengths."""
    xy = LARGE.copy()
    xy[:25, 1] += 100.0 * shins
    return xy


def seen_as(visible: np.ndarray) -> Pose:
    return replace(pose(0.0, LARGE), visibility=visible)


@pytest.mark.parametrize(
    ("given", "shin", "why"),
    [
        (seen_as(np.ones(33)), 80.0, ""),
        (seen_as(np.full(33, 0.02)), 80.0, ""),
        (seen_as(np.r_[0.0, np.full(10, 0.3), np.ones(22)]), 80.0, ""),
        (seen_as(np.r_[np.zeros(11), np.ones(22)]), 80.0, "head out of the picture"),
        (seen_as(np.zeros(33)), 80.0, "not a whole body"),
        (seen_as(np.ones(33)), 0.0, "too small in the picture"),
        (pose(0.0, squatting(0.9)), 80.0, ""),
        (pose(0.0, leaning(45.0)), 80.0, ""),
        (pose(0.0, leaning(80.0)), 80.0, "not a whole body"),
        (pose(0.0, leaning(180.0)), 80.0, "not a whole body"),
        (pose(0.0, squatting(1.7)), 80.0, "not a whole body"),
    ],
)
def test_implausible(given: Pose, shin: float, why: str) -> None:
    assert implausible(given, shin) == why


def test_size_is_what_the_picture_shows_of_the_body() -> None:
    whole = size_px(LARGE, WIDTH, HEIGHT)
    assert whole == pytest.approx(330, rel=0.05)
    assert size_px(LARGE + np.array([0, 200]), WIDTH, HEIGHT) < 0.7 * whole
    squat = LARGE.copy()
    squat[:25, 1] += 65.0  # towards the camera: thighs foreshortened to a third
    assert size_px(squat, WIDTH, HEIGHT) * FRAMING.larger > whole


def test_same_person_goes_by_shoulders_and_hips_not_by_arms() -> None:
    waving = LARGE.copy()
    waving[13:23, 1] -= 300.0
    assert same_person(LARGE, waving, 0.5)
    assert not same_person(LARGE, LARGE + np.array([100, 0]), 0.5)


def test_shin_px_is_the_longer_one() -> None:
    bent = LARGE.copy()
    bent[27, 1] -= 60.0
    assert shin_px(bent) == pytest.approx(100.0)
