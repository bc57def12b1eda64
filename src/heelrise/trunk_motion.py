"""How the trunk moves, by the texture of what it wears: steadier than any landmark.

Corners on the trunk are followed from one reference picture to every later one (Lucas-Kanade,
sub-pixel), so nothing adds up from frame to frame; a new reference is taken only when the old one
no longer shows enough. What they did is described as one move, turn and growth of the trunk: in a
lean the shoulders go further than the hips, and seen from the front the chest rises more than the
belly, so the move of the middle cannot be had from whichever corners there are. Landmarks say
where the trunk is, not by how much it moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from heelrise.landmarks import (
    LEFT_HIP,
    LEFT_SHOULDER,
    RIGHT_HIP,
    RIGHT_SHOULDER,
    TrunkPlace,
)
from heelrise.place import trunk_px

_SIDE_PX = 640  # longest side of the picture the corners are followed on: 0.05 px is 0.4 mm there
_MOST_CORNERS = 200  # with 60 a rise differs by a fifth more from one camera to the next
_CORNER_STRENGTH = 0.002  # of the strongest: folds of cloth are weak beside a belt or a sleeve
_LEAST_CORNERS = 4  # of a dark shirt in profile there are hardly more
_KEPT_SHARE = 0.5  # of the reference's corners: with fewer a new reference is taken
_CORNER_APART_PX = 5  # nearer ones see the same folds
_AROUND_TRUNK = 0.10  # of its length: the outline has corners where the cloth has none
_MARGIN_TRUNK = 0.5  # of its length around the trunk: how far it may go before a new reference
_WINDOW_TRUNK = 0.18  # of its length is a corner's window
_WINDOW_PX = (11, 31)
_AGREE_TRUNK = 0.02  # of its length: corners that go elsewhere are an arm's or the background's
_LOST_FRAMES = 6  # an arm swings by: the trunk is looked for with the same reference so long
_STIFFNESS = 0.05  # against turning and growing, of the corners' own leverage: few are easily led
_ROUNDS = 4  # of weighing the corners anew by how far they are off; ten are no better
_AGREE_SHARE = 0.3  # of the corners: fewer agree by chance, as after a cut
_SMALLEST_TRUNK_PX = 20.0
_APART_TRUNK = 0.35  # of its length: landmarks that are so much elsewhere have changed the body

_CORNERS_OF_TRUNK = [LEFT_SHOULDER, RIGHT_SHOULDER, RIGHT_HIP, LEFT_HIP]

Points = NDArray[np.float64]
Grey = NDArray[np.uint8]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class _Reference:
    """A picture of the trunk and what is followed on it; pixels of the picture made smaller.

    Attributes
    ----------
    size : tuple of int
        Height and width of the whole picture as it came.
    grey : ndarray, shape (h, w), uint8
        The part of the picture around the trunk.
    left, top : int
        Where that part is.
    corners : ndarray, shape (N, 1, 2), float32
        In the part.
    beside_middle : ndarray, shape (N,), complex
        The corners from the middle of the trunk's landmarks, x + iy: a complex factor turns and
        grows them.
    place : ndarray, shape (2,)
        Of the trunk in this picture.
    beside : ndarray, shape (2,)
        From the middle of the landmarks to the place.
    trunk_px : float
        Its length.
    """

    size: tuple[int, ...]
    grey: Grey
    left: int
    top: int
    corners: NDArray[np.float32]
    beside_middle: Complex
    place: Points
    beside: Points
    trunk_px: float


class TrunkMotion:
    """Follows a trunk through a video, one picture at a time."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._reference: _Reference | None = None
        # Of the trunk now against the reference: what a corner moves by is turn * place + off.
        self._turn, self._off = 0j, 0j
        self._lost_frames = 0
        self._run = 0

    def update(
        self, rgb: NDArray[np.uint8], body_px: Points | None, index: int
    ) -> TrunkPlace | None:
        """Return where the trunk is in this picture, or None when it cannot be told.

        Parameters
        ----------
        rgb : ndarray, shape (H, W, 3), uint8
            A run ends where its size changes.
        body_px : ndarray, shape (33, 2), or None
            The person's landmarks a picture or two before, pixels: where a trunk is looked for.
        index : int
            Number of the picture: a run goes by that of its first.
        """
        if body_px is None or not np.isfinite(body_px).all():
            self._reference = None
            return None
        share = min(1.0, _SIDE_PX / max(rgb.shape[:2]))
        body = share * body_px
        middle = body[_CORNERS_OF_TRUNK].mean(axis=0)
        place = self._follow(rgb, share, middle)
        if place is None and self._may_come_back(rgb):
            self._lost_frames += 1
            return None
        self._lost_frames = 0
        if place is None:
            place, self._run = middle, index
            self._reference = None
        if self._reference is None:
            self._reference, self._turn, self._off = _reference(rgb, share, body, place), 0j, 0j
        return None if self._reference is None else TrunkPlace(self._run, *(place / share).tolist())

    def _may_come_back(self, rgb: NDArray[np.uint8]) -> bool:
        """Whether a trunk that was not found in this picture may be in the next ones."""
        reference = self._reference
        same = reference is not None and reference.size == rgb.shape[:2]
        return same and self._lost_frames < _LOST_FRAMES

    def _follow(self, rgb: NDArray[np.uint8], share: float, middle: Points) -> Points | None:
        """Return the trunk's place by the reference, None when lost; let go one that is used up.

        ``middle`` is where the landmarks have the trunk.
        """
        reference = self._reference
        if reference is None or reference.size != rgb.shape[:2]:
            return None
        height, width = reference.grey.shape
        grey = _part(rgb, share, (reference.left, reference.top, width, height))
        size = int(np.clip(_WINDOW_TRUNK * reference.trunk_px, *_WINDOW_PX)) | 1
        guess = _points(self._turn * reference.beside_middle + self._off)
        moved, status, _ = cv2.calcOpticalFlowPyrLK(
            reference.grey,
            grey,
            reference.corners,
            reference.corners + guess,
            winSize=(size, size),
            maxLevel=1,
            criteria=(cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 20, 0.01),
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        )
        seen = status[:, 0] == 1
        if seen.sum() < _LEAST_CORNERS:
            return None
        moves = _complex(moved - reference.corners)[seen]
        at = reference.beside_middle[seen]
        near_px = max(_AGREE_TRUNK * reference.trunk_px, 1.0)
        turn, off = _motion(at, moves, self._turn, near_px)
        agree = np.abs(moves - turn * at - off) < near_px
        if agree.sum() < max(_LEAST_CORNERS, _AGREE_SHARE * len(reference.corners)):
            return None
        place = reference.place + np.array([off.real, off.imag])
        if np.linalg.norm(place - reference.beside - middle) > _APART_TRUNK * reference.trunk_px:
            return None
        self._turn, self._off = turn, off
        far = max(abs(off.real), abs(off.imag)) > 0.8 * _MARGIN_TRUNK * reference.trunk_px
        if far or agree.sum() < _KEPT_SHARE * len(reference.corners):
            self._reference = None
        return np.asarray(place, dtype=np.float64)


def _points(numbers: Complex) -> NDArray[np.float32]:
    """Return complex numbers (N,) as points (N, 1, 2)."""
    return np.stack([numbers.real, numbers.imag], axis=-1).astype(np.float32)[:, None]


def _complex(points: NDArray[np.float32]) -> Complex:
    """Return points (N, 1, 2) as complex numbers (N,)."""
    return np.asarray(points[:, 0, 0] + 1j * points[:, 0, 1], dtype=np.complex128)


def _motion(at: Complex, moves: Complex, turn: complex, near_px: float) -> tuple[complex, complex]:
    """Return turn and move of the whole by least squares, corners that go elsewhere left out.

    Parameters
    ----------
    at, moves : ndarray, shape (N,), complex
        Where corners are, from the middle of the trunk, and by how much they moved; pixels.
    turn : complex
        What it was in the picture before: to start from.
    near_px : float
        At half of it a corner counts half, at two and a half times of it not at all.

    Returns
    -------
    turn, off : complex
        A corner moves by ``turn * at + off``: the imaginary part of ``turn`` is an angle (radians),
        its real part a growth.
    """
    left = moves - turn * at
    off = complex(np.median(left.real), np.median(left.imag))
    stiffness = _STIFFNESS * float((np.abs(at) ** 2).sum()) + 1e-9
    for _ in range(_ROUNDS):
        apart = np.abs(moves - turn * at - off) / near_px
        weights = np.where(apart < 2.5, 1.0 / (1.0 + (2 * apart) ** 2), 0.0)
        total = float(weights.sum())
        if total == 0.0:
            break
        middle, mean = weights @ at / total, weights @ moves / total
        arms = at - middle
        leverage = weights @ np.abs(arms) ** 2 + stiffness
        turn = complex(weights @ (arms.conj() * (moves - mean)) / leverage)
        off = complex(mean - turn * middle)
    return turn, off


def _reference(
    rgb: NDArray[np.uint8], share: float, body: Points, place: Points
) -> _Reference | None:
    """Return what is to be followed, or None when the body's trunk is too small or too plain."""
    trunk, length = body[_CORNERS_OF_TRUNK], trunk_px(body)
    if length < _SMALLEST_TRUNK_PX:
        return None
    margin = _MARGIN_TRUNK * length
    low = np.maximum(trunk.min(axis=0) - margin, 0).astype(int)
    sides = np.array([int(rgb.shape[1] * share), int(rgb.shape[0] * share)])
    high = np.minimum((trunk.max(axis=0) + margin).astype(int), sides)
    if (high - low < _SMALLEST_TRUNK_PX).any():
        return None
    (left, top), (width, height) = low.tolist(), (high - low).tolist()
    grey = _part(rgb, share, (left, top, width, height))
    outline = np.round(trunk - low).astype(np.int32)
    mask = np.zeros(grey.shape, np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(outline), 255)
    cv2.polylines(mask, [outline], True, 255, max(round(2 * _AROUND_TRUNK * length), 1))
    corners = cv2.goodFeaturesToTrack(
        grey, _MOST_CORNERS, _CORNER_STRENGTH, _CORNER_APART_PX, mask=mask, blockSize=5
    )
    if corners is None or len(corners) < _LEAST_CORNERS:
        return None
    beside = place - trunk.mean(axis=0)
    found = corners.astype(np.float32)
    middle = trunk.mean(axis=0) - low
    around = _complex(found - middle.astype(np.float32))
    return _Reference(rgb.shape[:2], grey, left, top, found, around, place, beside, length)


def _part(rgb: NDArray[np.uint8], share: float, box: tuple[int, int, int, int]) -> Grey:
    """Return a part of the picture made smaller, grey; the box is in pixels of the smaller one."""
    left, top, width, height = box
    if share == 1.0:
        part = rgb[top : top + height, left : left + width]
    else:
        first_x, first_y = round(left / share), round(top / share)
        last_x, last_y = round((left + width) / share), round((top + height) / share)
        part = rgb[first_y:last_y, first_x:last_x]
        smaller = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
        part = np.asarray(smaller, dtype=np.uint8)
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
