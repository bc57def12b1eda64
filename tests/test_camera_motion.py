"""How the camera moves: pictures of random texture, moved by known shares of a pixel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from heelrise.camera_motion import CameraMotion, small_grey
from heelrise.landmarks import STILL, CameraMove
from motion_body import Floats

WIDTH, HEIGHT, PAD = 640, 480, 80
PERSON = (120, 340)  # width and height, pixels
Picture = np.ndarray


def texture(width: int, height: int, seed: int, blur_px: float = 3.0) -> Picture:
    """Return random grey blots, BGR."""
    noise = np.random.default_rng(seed).normal(0.0, 1.0, (height, width)).astype(np.float32)
    blots = cv2.GaussianBlur(noise, (0, 0), blur_px)
    grey = np.clip(128 + 45 * blots / blots.std(), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))


ROOM = texture(WIDTH + 2 * PAD, HEIGHT + 2 * PAD, 1)
SOMEBODY = texture(*PERSON, 2)


def filmed(
    move: CameraMove, room: Picture = ROOM, noise: np.random.Generator | None = None
) -> Picture:
    """Return the picture of a room when the camera has moved so."""
    cos, sin = math.cos(move.turn_rad), math.sin(move.turn_rad)
    turn = np.array([[cos, -sin], [sin, cos]])
    centre = np.array([WIDTH, HEIGHT]) / 2
    shift = centre - turn @ (centre + PAD) + np.array([move.x_px, move.y_px])
    picture = cv2.warpAffine(
        room, np.column_stack([turn, shift]), (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC
    )
    return seen_with(picture, noise)


def seen_with(picture: Picture, noise: np.random.Generator | None) -> Picture:
    """Add a sensor's noise."""
    if noise is None:
        return np.asarray(picture)
    grain = noise.normal(0.0, 2.0, picture.shape[:2])[..., None]
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def with_somebody(picture: Picture, left: float, top: float = 100.0) -> tuple[Picture, Floats]:
    """Put a person-sized thing into a picture; return its landmarks too, (33, 2) pixels."""
    picture = picture.copy()
    first, last = max(round(left), 0), min(round(left) + PERSON[0], WIDTH)
    if last > first:
        part = SOMEBODY[:, first - round(left) : last - round(left)]
        picture[round(top) : round(top) + PERSON[1], first:last] = part
    share = np.random.default_rng(4).uniform(0.0, 1.0, (33, 2))
    share[:2] = (0.0, 0.0), (1.0, 1.0)
    return picture, (left, top) + share * PERSON


def off_px(found: CameraMove, true: CameraMove) -> float:
    """Return how far apart two moves put the corners of the picture at most."""
    corners = np.array([[0, 0], [WIDTH, 0], [0, HEIGHT], [WIDTH, HEIGHT]], dtype=np.float64)
    apart = found.apply(corners, WIDTH, HEIGHT) - true.apply(corners, WIDTH, HEIGHT)
    return float(np.linalg.norm(apart, axis=1).max())


def in_the_middle_px(found: CameraMove, true: CameraMove) -> float:
    """Return how far apart two moves put the middle of the picture, where people stand."""
    return math.hypot(found.x_px - true.x_px, found.y_px - true.y_px)


# ---- the move itself -----------------------------------------------------------------------

MOVES = {
    "none": STILL,
    "a shift": CameraMove(0.0, 12.3, -4.5),
    "a turn": CameraMove(0.2),
    "both": CameraMove(-0.7, -31.0, 250.5),
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES.keys())
def test_undo_takes_back_apply(move: CameraMove) -> None:
    points = np.random.default_rng(1).uniform(-100.0, 900.0, (33, 2))
    there = move.apply(points, WIDTH, HEIGHT)
    assert move.undo(there, WIDTH, HEIGHT) == pytest.approx(points, abs=1e-9)
    assert move.apply(move.undo(points, WIDTH, HEIGHT), WIDTH, HEIGHT) == pytest.approx(points)
    assert np.allclose(there, points) == (move == STILL)


def test_a_turn_is_clockwise_about_the_middle_and_the_shift_comes_after_it() -> None:
    move = CameraMove(math.pi / 2, 10.0, 1.0)
    points = np.array([[320.0, 240.0], [420.0, 240.0]])
    assert move.apply(points, WIDTH, HEIGHT) == pytest.approx(np.array([[330, 241], [330, 341]]))


# ---- following it --------------------------------------------------------------------------


def test_a_camera_that_stands_still_reads_as_still_whoever_moves_in_front() -> None:
    motion, noise = CameraMotion(), np.random.default_rng(9)
    body: Floats | None = None
    worst = 0.0
    for number in range(200):
        left = 260.0 + 60.0 * math.sin(number / 9)
        picture, now = with_somebody(filmed(STILL), left, 100.0 - 20.0 * (number % 40 < 20))
        found = motion.update(small_grey(seen_with(picture, noise)), body)
        body = now
        worst = max(worst, off_px(found, STILL))
    assert worst < 0.1


def shake(number: int) -> CameraMove:
    """Return a hand's unrest: 4 px, 3 px and half a degree, from the first picture on."""
    t_s = number / 30
    return CameraMove(
        math.radians(0.5) * math.sin(2 * math.pi * 0.9 * t_s),
        4.0 * math.sin(2 * math.pi * 1.3 * t_s),
        3.0 * (1 - math.cos(2 * math.pi * 1.7 * t_s)) / 2,
    )


def drift(number: int) -> CameraMove:
    """Return an arm that sinks by 30 px in 5 s."""
    return CameraMove(0.0, 0.1 * number, 0.2 * number)


@pytest.mark.parametrize("path", [shake, drift], ids=["shake", "drift"])
def test_a_camera_in_the_hand_is_followed(path: Callable[[int], CameraMove]) -> None:
    motion, noise = CameraMotion(), np.random.default_rng(9)
    body: Floats | None = None
    wrong, moved = [], 0.0
    for number in range(150):
        true = path(number)
        picture, now = with_somebody(filmed(true), 260.0 + true.x_px, 100.0 + true.y_px)
        found = motion.update(small_grey(seen_with(picture, noise)), body)
        body = now
        wrong.append(in_the_middle_px(found, true))
        moved = max(moved, off_px(true, STILL))
        assert off_px(found, true) < 0.6
    assert moved > 4.0
    assert max(wrong) < 0.3


def walkers() -> Iterator[float]:
    """Yield the left edge of somebody who walks through the picture, and back."""
    there = np.arange(-PERSON[0], WIDTH, 6.0)
    yield from there
    yield from there[::-1]


@pytest.mark.parametrize("known", [False, True], ids=["a stranger", "the one who is followed"])
def test_somebody_who_walks_through_does_not_turn_it(known: bool) -> None:
    motion, noise = CameraMotion(), np.random.default_rng(9)
    room = filmed(STILL)
    body: Floats | None = None
    for _ in range(10):
        motion.update(small_grey(seen_with(room, noise)), None)
    for left in walkers():
        picture, now = with_somebody(room, left)
        found = motion.update(small_grey(seen_with(picture, noise)), body)
        body = now if known else None
        assert off_px(found, STILL) < 0.3


def test_a_shadow_that_goes_along_with_somebody_does_not_take_a_still_camera_along() -> None:
    """It moves by little enough from picture to picture to be taken for the camera's own move."""
    motion = CameraMotion()
    shadow = texture(260, HEIGHT, 6)
    for number in range(120):
        by = 8.0 * math.sin(number / 30.0 * math.pi) ** 2
        picture = filmed(STILL)
        move = np.array([[1.0, 0.0, by], [0.0, 1.0, by]])
        picture[:, :260] = cv2.warpAffine(shadow, move, (260, HEIGHT), flags=cv2.INTER_CUBIC)
        found = motion.update(small_grey(picture), None)
        assert in_the_middle_px(found, STILL) < 0.3, number


@pytest.mark.parametrize("noisy", [False, True], ids=["clean", "noisy"])
def test_a_blank_wall_gives_no_motion(noisy: bool) -> None:
    motion, noise = CameraMotion(), np.random.default_rng(9) if noisy else None
    wall = np.full((HEIGHT, WIDTH, 3), 170, np.uint8)
    body: Floats | None = None
    for number in range(100):
        picture, now = with_somebody(wall, 200.0 + 1.5 * number)
        assert motion.update(small_grey(seen_with(picture, noise)), body) == STILL
        body = now


def test_a_cut_keeps_the_last_move_and_goes_on_from_there() -> None:
    motion, noise = CameraMotion(), np.random.default_rng(9)
    elsewhere = texture(WIDTH + 2 * PAD, HEIGHT + 2 * PAD, 3)
    for number in range(11):
        before = CameraMove(0.0, 0.8 * number, -0.5 * number)
        found = motion.update(small_grey(filmed(before, noise=noise)), None)
    kept = found
    assert off_px(kept, CameraMove(0.0, 8.0, -5.0)) < 0.3
    assert motion.update(small_grey(filmed(STILL, elsewhere, noise)), None) == kept
    for number in range(1, 11):
        found = motion.update(
            small_grey(filmed(CameraMove(0.0, -0.6 * number, 0.4 * number), elsewhere, noise)), None
        )
    assert off_px(found, CameraMove(0.0, kept.x_px - 6.0, kept.y_px + 4.0)) < 0.3


def test_what_is_seen_for_a_while_only_is_looked_for_again() -> None:
    """Pan by more than a picture: every corner of the first one is gone, others took over."""
    motion = CameraMotion()
    street = texture(3 * WIDTH, HEIGHT + 2 * PAD, 5)
    for number in range(201):
        move = CameraMove(0.0, -5.0 * number, 0.0)
        found = motion.update(small_grey(filmed(move, street)), None)
    assert found.x_px == pytest.approx(-1000.0, abs=3.0)
    assert off_px(found, move) < 4.0


def test_the_size_of_the_picture_is_the_unit() -> None:
    """The same scene at twice the size moves by twice the pixels."""
    motion = CameraMotion()
    for number in range(20):
        small = filmed(CameraMove(0.0, 0.3 * number, 0.2 * number))
        found = motion.update(small_grey(cv2.resize(small, None, fx=2.0, fy=2.0)), None)
    assert (found.x_px, found.y_px) == pytest.approx((11.4, 7.6), abs=0.5)
