"""What a picture says about the body: one :class:`Pose` a frame, in pixels.

This is the value that flows from the pose model (or a recorded landmark file, or a test's
generated motion) into the core. Nothing here knows MediaPipe.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Indices into the 33 landmarks of the BlazePose topology that MediaPipe's pose models give.
NOSE = 0
LEFT_EAR, RIGHT_EAR = 7, 8
LEFT_SHOULDER, RIGHT_SHOULDER = 11, 12
LEFT_WRIST, RIGHT_WRIST = 15, 16
LEFT_HIP, RIGHT_HIP = 23, 24
LEFT_KNEE, RIGHT_KNEE = 25, 26
LEFT_ANKLE, RIGHT_ANKLE = 27, 28
LEFT_HEEL, RIGHT_HEEL = 29, 30
LEFT_TOE, RIGHT_TOE = 31, 32
LANDMARK_COUNT = 33

MOST_S = 1e9  # a later time is none: 30 years, in which microseconds are still told apart
MOST_PX = 1e6  # landmarks outside of the picture are guesses; so far outside they are none

HIP = {"left": LEFT_HIP, "right": RIGHT_HIP}
KNEE = {"left": LEFT_KNEE, "right": RIGHT_KNEE}
ANKLE = {"left": LEFT_ANKLE, "right": RIGHT_ANKLE}
HEEL = {"left": LEFT_HEEL, "right": RIGHT_HEEL}
TOE = {"left": LEFT_TOE, "right": RIGHT_TOE}


@dataclass(frozen=True)
class CameraMove:
    """Where the background of a picture is, against the first picture: a turn and a shift.

    Attributes
    ----------
    turn_rad : float
        Turn about the picture's centre, radians, clockwise as seen.
    x_px, y_px : float
        Shift after the turn, pixels, x right, y down.
    """

    turn_rad: float = 0.0
    x_px: float = 0.0
    y_px: float = 0.0

    def apply(
        self, xy_px: NDArray[np.floating], width_px: float, height_px: float
    ) -> NDArray[np.float64]:
        """Return where points (N, 2) of the first picture's background are now."""
        centre, (cos, sin) = self._about(width_px, height_px)
        x, y = (xy_px - centre).T
        turned = np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)
        return np.asarray(turned + centre + (self.x_px, self.y_px))

    def undo(
        self, xy_px: NDArray[np.floating], width_px: float, height_px: float
    ) -> NDArray[np.float64]:
        """Return where points (N, 2) would be had the camera not moved."""
        if self == STILL:
            return np.asarray(xy_px, dtype=np.float64)
        centre, (cos, sin) = self._about(width_px, height_px)
        x, y = (xy_px - centre - (self.x_px, self.y_px)).T
        return np.asarray(np.stack([cos * x + sin * y, cos * y - sin * x], axis=-1) + centre)

    def after(self, first: CameraMove) -> CameraMove:
        """Return both moves as one: ``first``, then this one."""
        cos, sin = math.cos(self.turn_rad), math.sin(self.turn_rad)
        return CameraMove(
            self.turn_rad + first.turn_rad,
            cos * first.x_px - sin * first.y_px + self.x_px,
            sin * first.x_px + cos * first.y_px + self.y_px,
        )

    def inverse(self) -> CameraMove:
        """Return the move back."""
        cos, sin = math.cos(self.turn_rad), math.sin(self.turn_rad)
        return CameraMove(
            -self.turn_rad,
            -cos * self.x_px - sin * self.y_px,
            sin * self.x_px - cos * self.y_px,
        )

    def _about(
        self, width_px: float, height_px: float
    ) -> tuple[NDArray[np.float64], tuple[float, float]]:
        centre = np.array([width_px, height_px]) / 2
        return centre, (math.cos(self.turn_rad), math.sin(self.turn_rad))


STILL = CameraMove()


@dataclass(frozen=True)
class TrunkPlace:
    """Where the trunk is by its texture: only differences within one run mean anything.

    Attributes
    ----------
    run : int
        Number of the frame since which it was not lost.
    x_px, y_px : float
        Pixels of the picture.
    """

    run: int
    x_px: float
    y_px: float


@dataclass(frozen=True)
class Pose:
    """The landmarks of the person followed in one frame.

    Attributes
    ----------
    t_s : float
        Time of the frame, seconds from the start of the recording.
    index : int
        Number of the frame, from 0.
    xy_px : ndarray, shape (33, 2)
        Landmarks in pixels of the picture, x right, y down; all NaN when nobody is seen.
    visibility : ndarray, shape (33,)
        The model's own 0..1 guess that a landmark is visible; zeros when nobody is seen.
    width_px, height_px : int
        Size of the picture the pixels belong to.
    people : int
        How many people the picture is known to hold (0, 1, or more when someone looked).
    brightness : float or None
        Mean grey level of the picture, 0..255; None when no picture was there to measure.
    camera : CameraMove
        How the camera has moved since the first picture.
    trunk : TrunkPlace or None
        Where the trunk is by its texture; None when no picture showed it.
    """

    t_s: float
    index: int
    xy_px: NDArray[np.float64]
    visibility: NDArray[np.float64]
    width_px: int
    height_px: int
    people: int = 1
    brightness: float | None = None
    camera: CameraMove = STILL
    trunk: TrunkPlace | None = None

    @property
    def steady_px(self) -> NDArray[np.float64]:
        """The landmarks where they would be had the camera stood still, pixels, (33, 2)."""
        return self.camera.undo(self.xy_px, self.width_px, self.height_px)

    @property
    def steady_trunk_px(self) -> NDArray[np.float64]:
        """Where the trunk's texture would be had the camera stood still, pixels, (2,); or NaN."""
        if self.trunk is None:
            return np.full(2, np.nan)
        place = np.array([[self.trunk.x_px, self.trunk.y_px]])
        return self.camera.undo(place, self.width_px, self.height_px).reshape(2)

    @property
    def found(self) -> bool:
        """Whether somebody is seen: every landmark has finite coordinates."""
        return bool(np.isfinite(self.xy_px).all())


def nobody(t_s: float, index: int, width_px: int, height_px: int) -> Pose:
    """Return the pose of an empty picture: a value, not an error."""
    return Pose(
        t_s,
        index,
        np.full((LANDMARK_COUNT, 2), np.nan),
        np.zeros(LANDMARK_COUNT),
        width_px,
        height_px,
        people=0,
    )
