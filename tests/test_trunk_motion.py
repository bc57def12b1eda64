"""The trunk's texture: pictures of a patterned trunk, moved by known shares of a pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from heelrise.landmarks import (
    LEFT_HIP,
    LEFT_SHOULDER,
    RIGHT_HIP,
    RIGHT_SHOULDER,
    TrunkPlace,
)
from heelrise.trunk_motion import TrunkMotion
from motion_body import Floats

WIDTH, HEIGHT = 640, 480
TRUNK = (100, 150)  # width and height, pixels
LEFT, TOP = 260.0, 120.0
FLESH = 0.12 * TRUNK[1]  # shoulders and hips are joints: the body is so much wider
Picture = np.ndarray


def blots(width: int, height: int, seed: int) -> Picture:
    """Return random grey blots, RGB."""
    noise = np.random.default_rng(seed).normal(0.0, 1.0, (height, width)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.0)
    grey = np.clip(128 + 40 * soft / soft.std(), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB))


SHIRT, ROOM = blots(*TRUNK, 1), blots(WIDTH, HEIGHT, 2)
PLAIN = np.full_like(SHIRT, 70)


def filmed(left: float, top: float, shirt: Picture = SHIRT, share: float = 1.0) -> Picture:
    """Return the room with a shirt in front of it, larger or smaller by ``share``."""
    size = (round(WIDTH * share), round(HEIGHT * share))
    to = share * np.array([[1.0, 0.0, left], [0.0, 1.0, top]])
    picture = cv2.resize(ROOM, size, interpolation=cv2.INTER_LINEAR)
    cv2.warpAffine(
        shirt, to, size, dst=picture, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )
    return np.asarray(picture)


def body_at(left: float, top: float, share: float = 1.0) -> Floats:
    """Return landmarks (33, 2) of which shoulders and hips are near the shirt's corners."""
    xy = np.full((33, 2), 300.0)
    right, bottom = left + TRUNK[0] - FLESH, top + TRUNK[1] - FLESH
    left, top = left + FLESH, top + FLESH
    for index, corner in (
        (LEFT_SHOULDER, (right, top)),
        (RIGHT_SHOULDER, (left, top)),
        (LEFT_HIP, (right, bottom)),
        (RIGHT_HIP, (left, bottom)),
    ):
        xy[index] = corner
    return xy * share


BODY = body_at(LEFT, TOP)


def rise(places: list[TrunkPlace | None]) -> Floats:
    """Return how far up (pixels) the trunk is against the first picture, in one run."""
    found = [place for place in places if place is not None]
    assert len(found) == len(places)
    assert len({place.run for place in found}) == 1
    return np.array([found[0].y_px - place.y_px for place in found])


@pytest.mark.parametrize("share", [1.0, 0.6, 2.5])
def test_a_trunk_is_followed_by_shares_of_a_pixel_whatever_the_landmarks_do(share: float) -> None:
    up = 24.0 * np.sin(np.linspace(0.0, np.pi, 60)) ** 2
    noise = np.random.default_rng(5)
    motion = TrunkMotion()
    places = [
        motion.update(
            filmed(LEFT, TOP - by, share=share),
            share * (BODY - np.array([0.0, by]) + noise.normal(0.0, 3.0, (33, 2))),
            index,
        )
        for index, by in enumerate(up)
    ]
    assert rise(places) == pytest.approx(share * up, abs=0.15 * max(share, 1.0))


def test_nothing_adds_up_over_a_hundred_sways() -> None:
    motion = TrunkMotion()
    sway = 3.0 * np.sin(np.arange(600) / 3.0)
    places = [
        motion.update(filmed(LEFT + by, TOP - by / 2), BODY, index) for index, by in enumerate(sway)
    ]
    assert rise(places) == pytest.approx(sway / 2, abs=0.15)


def test_it_goes_on_over_new_references_when_somebody_walks() -> None:
    motion = TrunkMotion()
    lefts = np.linspace(60.0, 460.0, 120)
    places = [
        motion.update(filmed(left, TOP), body_at(left, TOP), i) for i, left in enumerate(lefts)
    ]
    assert rise(places) == pytest.approx(0.0, abs=1.0)
    assert places[0] is not None
    assert places[-1] is not None
    assert places[-1].x_px - places[0].x_px == pytest.approx(400.0, abs=2.0)


def test_nothing_is_said_of_a_plain_shirt_a_small_body_or_nobody() -> None:
    grey = np.full((HEIGHT, WIDTH, 3), 70, np.uint8)
    assert TrunkMotion().update(grey, BODY, 0) is None
    far = 300.0 + (BODY - 300.0) * 0.1
    assert TrunkMotion().update(ROOM, far, 0) is None
    assert TrunkMotion().update(ROOM, None, 0) is None
    assert TrunkMotion().update(ROOM, np.full((33, 2), np.nan), 0) is None
    beside = BODY + np.array([2000.0, 0.0])
    assert TrunkMotion().update(ROOM, beside, 0) is None


def test_a_run_ends_with_the_texture_with_the_person_and_with_a_picture_of_another_size() -> None:
    motion = TrunkMotion()

    def run(picture: Picture, body: Floats | None, index: int) -> int | None:
        place = motion.update(picture, body, index)
        return None if place is None else place.run

    def until_found(picture: Picture, body: Floats | None, index: int) -> int:
        """Return the next run, which must begin within a quarter of a second."""
        for later in range(index, index + 8):
            if (found := run(picture, body, later)) is not None:
                assert found == later
                return later
        pytest.fail("never found again")

    here = filmed(LEFT, TOP)
    assert [run(here, BODY, index) for index in (3, 4)] == [3, 3]
    after_cut = until_found(blots(WIDTH, HEIGHT, 9), BODY, 5)
    back = until_found(here, BODY, after_cut + 1)
    elsewhere = body_at(60.0, TOP)  # the landmarks have changed to somebody else
    now = until_found(here, elsewhere, back + 1)
    assert run(here, None, now + 1) is None
    assert run(here, BODY, now + 2) == now + 2
    smaller = filmed(LEFT, TOP, share=0.5)
    assert run(smaller, 0.5 * BODY, now + 3) == now + 3


def test_it_is_the_same_run_after_an_arm_has_swung_by() -> None:
    motion = TrunkMotion()
    places = []
    for index in range(30):
        picture = filmed(LEFT, TOP - index / 3)
        if 10 <= index < 14:
            picture[round(TOP) - 40 : round(TOP) + 170] = blots(WIDTH, 210, index)
        places.append(motion.update(picture, BODY, index))
    seen = [index for index, place in enumerate(places) if place is not None]
    assert seen == [*range(10), *range(14, 30)]
    up = rise([places[index] for index in seen])
    assert up == pytest.approx(np.array(seen) / 3, abs=0.2)


@pytest.mark.parametrize(
    ("most_deg", "growth"), [(12.0, 0.0), (-12.0, 0.0), (0.0, 0.08), (8.0, -0.05)]
)
def test_the_middle_is_told_however_the_trunk_leans_and_grows(
    most_deg: float, growth: float
) -> None:
    """About the hips: the shoulders go furthest, the middle of the trunk half as far."""
    hips = BODY[[LEFT_HIP, RIGHT_HIP]].mean(axis=0)
    joints = [LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP]
    motion, places, true = TrunkMotion(), [], []
    start = filmed(LEFT, TOP)
    for index, share in enumerate(np.sin(np.linspace(0.0, np.pi, 50)) ** 2):
        move = cv2.getRotationMatrix2D(hips.tolist(), most_deg * share, 1.0 + growth * share)
        body = np.column_stack([BODY, np.ones(33)]) @ move.T
        picture = np.asarray(cv2.warpAffine(start, move, (WIDTH, HEIGHT)))
        places.append(motion.update(picture, body, index))
        true.append(move @ [*BODY[joints].mean(axis=0), 1.0])
    at = np.array(true) - true[0]
    assert rise(places) == pytest.approx(-at[:, 1], abs=0.3)
    found = [place.x_px for place in places if place is not None]
    assert np.array(found) - found[0] == pytest.approx(at[:, 0], abs=0.3)


def test_a_large_picture_may_turn_on_its_side() -> None:
    motion = TrunkMotion()
    right = 520.0
    upright = filmed(right, TOP, share=2.0)
    assert motion.update(upright, body_at(right, TOP, 2.0), 0) is not None
    turned = np.ascontiguousarray(np.rot90(upright))
    place = motion.update(turned, body_at(100.0, 400.0, 2.0), 1)
    assert place is None or place.run == 1


def test_a_hand_in_front_of_it_does_not_move_it() -> None:
    motion = TrunkMotion()
    places = []
    for index in range(40):
        picture = filmed(LEFT, TOP)
        top = round(TOP + 3 * index)
        picture[top : top + 30, round(LEFT) + 20 : round(LEFT) + 60] = blots(40, 30, 7)
        places.append(motion.update(picture, BODY, index))
    assert rise(places) == pytest.approx(0.0, abs=0.2)
