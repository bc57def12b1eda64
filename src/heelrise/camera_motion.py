"""How the camera itself moves, from the background of the picture: hand-held becomes a tripod.

Corners of the background are followed from frame to frame (Lucas-Kanade, sub-pixel) on a small
grey copy of the picture; those that agree on one rigid move tell where the camera points now.
The corners keep the place they were first seen at, so a camera that stands still reads as still
after any time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from heelrise.landmarks import STILL, CameraMove

_SIDE_PX = 320  # of the small copy: half a pixel of it is under 2 % of a shin
_MOST_CORNERS = 80  # 1 ms a frame; 40 that agree give 0.05 px
_FEW_CORNERS = 40  # with fewer, new ones are looked for
_LEAST_CORNERS = 8  # with fewer that agree nothing is believed
_LEAST_SPREAD = 0.25  # of the picture's diagonal: a walker's corners are near to each other
_CORNER_APART_PX = 6
_CORNER_STRENGTH = (
    0.0003  # smallest eigenvalue; sensor noise reaches 0.00016, dim rooms have 0.0005
)
_AGREE_PX = 0.7  # rendered hand-held clips: 0.3 px of scatter
_AGREE_SHARE = 0.6  # of the corners on one new move: fewer agree when somebody walks through
_GOES_ON_PX = 1.2  # a hand shakes by less from frame to frame
_GOES_ON_SHARE = 0.35  # of the corners where the last move has them: it goes on from there
_STAYS_PX = 0.35  # of still corners in noise, dim rooms included: 0.1-0.2 px
_STAYS_SHARE = 0.5  # of the corners where the last move has them: the camera has not moved
_SURE_PX = 0.15  # a corner that is this far off counts half
_ROUNDS = 4  # of weighing the corners anew by how far they are off
_BODY_MARGIN = 0.12  # of the body's height: arms, hair, loose trousers
_LOOK_AGAIN_FRAMES = 8  # a bare wall has no corners: looking for them costs 1 ms

Points = NDArray[np.float32]
Grey = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Small:
    """A small copy of a picture.

    Attributes
    ----------
    grey : ndarray, shape (h, w), uint8
    share : float
        Of the picture's size.
    """

    grey: Grey
    share: float


def small_grey(image: NDArray[np.uint8]) -> Small:
    """Return the small copy of a BGR picture (H, W, 3) on which its background is followed."""
    share = _SIDE_PX / max(image.shape[:2])
    small = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return Small(np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), dtype=np.uint8), share)


class CameraMotion:
    """Follows the background of a video, one picture at a time."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._last: Grey | None = None
        self._places = np.zeros((0, 2), np.float32)  # of the corners in the first picture
        self._corners = np.zeros((0, 2), np.float32)  # of the same ones in the last picture
        self._move = STILL
        self._frames_until_look = 0

    def update(self, small: Small, body_px: NDArray[np.float64] | None) -> CameraMove:
        """Return where the background is in this picture, against the first one.

        Parameters
        ----------
        small : Small
            Of the picture (:func:`small_grey`); every one of one size.
        body_px : ndarray, shape (33, 2), or None
            The person's landmarks a picture or two before, pixels: their corners are not looked at.

        Returns
        -------
        CameraMove
            As it was before where the background cannot be seen well enough.
        """
        grey, share = small.grey, small.share
        body = None if body_px is None else body_px * share
        if self._last is not None and self._last.shape == grey.shape and len(self._corners):
            self._follow(self._last, grey, share, body)
        self._frames_until_look -= 1
        if len(self._corners) < _FEW_CORNERS and self._frames_until_look <= 0:
            self._look(grey, body, share)
            self._frames_until_look = _LOOK_AGAIN_FRAMES
        self._last = grey
        return self._move

    def _follow(
        self, last: Grey, grey: Grey, share: float, body: NDArray[np.float64] | None
    ) -> None:
        moved, status, _ = cv2.calcOpticalFlowPyrLK(
            last,
            grey,
            self._corners,
            np.empty_like(self._corners),
            winSize=(15, 15),
            maxLevel=2,
            criteria=(cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 15, 0.02),
        )
        found: Points = np.asarray(moved, dtype=np.float32)
        kept = (status[:, 0] == 1) & ~_within(found, _box(body))
        places, corners = self._places[kept], found[kept]
        off_px = self._off_px(places, corners, grey, share)
        expected = off_px < _GOES_ON_PX
        if expected.any() and expected.mean() >= _GOES_ON_SHARE:
            places, corners, off_px = places[expected], corners[expected], off_px[expected]
        stays = off_px < _STAYS_PX
        if stays.sum() >= _LEAST_CORNERS and stays.mean() >= _STAYS_SHARE:
            # No vote: a shadow's corners leave by less than a vote's limit, and won it bit by bit.
            agree = off_px < _AGREE_PX
        else:
            agree = _agreeing(places, corners)
        spread = float(np.hypot(*np.ptp(corners[agree], axis=0))) if agree.any() else 0.0
        believed = (
            agree.sum() >= _LEAST_CORNERS
            and agree.mean() >= _AGREE_SHARE
            and spread >= _LEAST_SPREAD * math.hypot(*grey.shape)
        )
        if not believed:
            # A cut, a blank wall, somebody in front of it: start from what is seen next.
            self._places = self._corners = np.zeros((0, 2), np.float32)
            self._frames_until_look = 0
            return
        self._places, self._corners = places[agree], corners[agree]
        centre = np.array(grey.shape[::-1]) / 2
        self._move = _rigid(self._places - centre, self._corners - centre, off_px[agree], share)

    def _off_px(self, places: Points, corners: Points, grey: Grey, share: float) -> Floats:
        """Return how far corners are from where the last move has them.

        A camera goes on from where it was; without this, a limb in front of the few corners of a
        plain wall can outvote them once, and a camera that stands still is turned for good.
        """
        if not len(places):
            return np.zeros(0)
        height, width = grey.shape
        expected = self._move.apply(places / share, width / share, height / share) * share
        return np.asarray(np.linalg.norm(corners - expected, axis=1), dtype=np.float64)

    def _look(self, grey: Grey, body: NDArray[np.float64] | None, share: float) -> None:
        """Find corners of the background where none are followed yet."""
        mask = np.full(grey.shape, 255, np.uint8)
        left, top, right, bottom = (max(int(edge), 0) for edge in _box(body))
        mask[top:bottom, left:right] = 0
        for x, y in self._corners:
            cv2.circle(mask, (round(float(x)), round(float(y))), _CORNER_APART_PX, 0, -1)
        wanted = _MOST_CORNERS - len(self._corners)
        new = cv2.goodFeaturesToTrack(grey, wanted, 0.01, _CORNER_APART_PX, mask=mask)
        if new is None:
            return
        corners = new[:, 0].astype(np.float32)
        strength = cv2.cornerMinEigenVal(grey, 3)
        columns, rows = corners.astype(int).T
        corners = corners[strength[rows, columns] > _CORNER_STRENGTH]
        if not len(corners):
            return
        height, width = grey.shape
        places = self._move.undo(corners / share, width / share, height / share) * share
        self._places = np.vstack([self._places, places.astype(np.float32)])
        self._corners = np.vstack([self._corners, corners])


def _box(body: NDArray[np.float64] | None) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the box around a body; an empty one without it."""
    if body is None or not np.isfinite(body).all():
        return (0.0, 0.0, 0.0, 0.0)
    low, high = body.min(axis=0), body.max(axis=0)
    margin = _BODY_MARGIN * float((high - low).max())
    return (*(low - margin), *(high + margin))


def _within(points: Points, box: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    left, top, right, bottom = box
    x, y = points.T
    return np.asarray((x > left) & (x < right) & (y > top) & (y < bottom))


def _agreeing(places: Points, corners: Points) -> NDArray[np.bool_]:
    """Return which corners (N, 2) moved from their places as one rigid picture would."""
    if len(places) < _LEAST_CORNERS:
        return np.zeros(len(places), dtype=bool)
    _, inliers = cv2.estimateAffinePartial2D(
        places, corners, method=cv2.RANSAC, ransacReprojThreshold=_AGREE_PX
    )
    if inliers is None:
        return np.zeros(len(places), dtype=bool)
    return np.asarray(inliers[:, 0] == 1)


def _rigid(places: Floats, corners: Floats, off_px: Floats, share: float) -> CameraMove:
    """Return the rigid move between points (N, 2) around the picture's centre.

    Those count most that are where they are expected: first by the last move (``off_px``, of the
    small copy), then by the move that is found. A shadow that goes with the body takes the corners
    it falls on along by so little from one picture to the next that a limit alone believes them.

    No zoom: on hand-held clips it was fitted to noise and took half of the vertical accuracy.
    """
    first, now = (points[:, 0] + 1j * points[:, 1] for points in (places, corners))
    for _ in range(_ROUNDS):
        weights = 1.0 / (1.0 + (off_px / _SURE_PX) ** 2)
        weights = weights / weights.sum()
        mean, to_mean = weights @ first, weights @ now
        turn = np.angle(weights @ ((first - mean).conj() * (now - to_mean)))
        move = to_mean - np.exp(1j * turn) * mean
        off_px = np.abs(now - np.exp(1j * turn) * first - move)
    return CameraMove(float(turn), float(move.real) / share, float(move.imag) / share)
