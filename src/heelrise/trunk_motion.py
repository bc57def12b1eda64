"""How the trunk moves, by the texture of what it wears: steadier than any landmark.

Corners on the trunk are followed from one reference picture to every later one (Lucas-Kanade,
sub-pixel), so nothing adds up from frame to frame; a new reference is taken only when the old one
no longer shows enough. Landmarks say where the trunk is, not by how much it moves.
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
from heelrise.scene import trunk_px

_SIDE_PX = 640  # longest side of the picture the corners are followed on: 0.05 px is 0.4 mm there
_MOST_CORNERS = 60
_LEAST_CORNERS = 4  # of a dark shirt in profile there are hardly more; their median must do
_KEPT_SHARE = 0.5  # of the reference's corners: with fewer a new reference is taken
_CORNER_APART_PX = 3
_AROUND_TRUNK = 0.05  # of its length: the outline has corners where the cloth has none
_MARGIN_TRUNK = 0.5  # of its length around the trunk: how far it may go before a new reference
_WINDOW_TRUNK = 0.18  # of its length is a corner's window
_WINDOW_PX = (11, 31)
_AGREE_TRUNK = 0.02  # of its length: corners that go elsewhere are of an arm or the background
_AGREE_SHARE = 0.3  # of the corners: fewer agree by chance, as after a cut
_SMALLEST_TRUNK_PX = 20.0
_APART_TRUNK = 0.35  # of its length: landmarks that are so much elsewhere have changed the body

_CORNERS_OF_TRUNK = [LEFT_SHOULDER, RIGHT_SHOULDER, RIGHT_HIP, LEFT_HIP]

Points = NDArray[np.float64]
Grey = NDArray[np.uint8]


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
    place: Points
    beside: Points
    trunk_px: float


class TrunkMotion:
    """Follows a trunk through a video, one picture at a time."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._reference: _Reference | None = None
        self._off = np.zeros(2)  # of the trunk now against the reference
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
        if place is None:
            place, self._run = middle, index
            self._reference = None
        if self._reference is None:
            self._reference, self._off = _reference(rgb, share, body, place), np.zeros(2)
        return None if self._reference is None else TrunkPlace(self._run, *(place / share).tolist())

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
        moved, status, _ = cv2.calcOpticalFlowPyrLK(
            reference.grey,
            grey,
            reference.corners,
            (reference.corners + self._off).astype(np.float32),
            winSize=(size, size),
            maxLevel=1,
            criteria=(cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 20, 0.01),
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        )
        moves = (moved - reference.corners)[status[:, 0] == 1, 0]
        if len(moves) < _LEAST_CORNERS:
            return None
        off = np.median(moves, axis=0)
        agree = np.linalg.norm(moves - off, axis=1) < max(_AGREE_TRUNK * reference.trunk_px, 1.0)
        if agree.sum() < max(_LEAST_CORNERS, _AGREE_SHARE * len(reference.corners)):
            return None
        self._off = np.median(moves[agree], axis=0)
        place = reference.place + self._off
        if np.linalg.norm(place - reference.beside - middle) > _APART_TRUNK * reference.trunk_px:
            return None
        far = np.abs(self._off).max() > 0.8 * _MARGIN_TRUNK * reference.trunk_px
        if far or agree.sum() < _KEPT_SHARE * len(reference.corners):
            self._reference = None
        return np.asarray(place, dtype=np.float64)


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
        grey, _MOST_CORNERS, 0.01, _CORNER_APART_PX, mask=mask, blockSize=5
    )
    if corners is None or len(corners) < _LEAST_CORNERS:
        return None
    beside = place - trunk.mean(axis=0)
    found = corners.astype(np.float32)
    return _Reference(rgb.shape[:2], grey, left, top, found, place, beside, length)


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
