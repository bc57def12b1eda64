"""Keeps the newest picture of a camera at hand: who is slow misses pictures and never lags.

A thread reads picture after picture, and each replaces the one before. A camera that is lost is
opened again until it is back; time goes on meanwhile. A video file is played like a camera.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Condition, Event, Thread
from typing import Protocol

import numpy as np

from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile, open_camera
from heelrise.image import Frame, Image

RETRY_S = 1.0
"""Pause before a lost camera is opened again."""

FROZEN_S = 2.0
"""So long without a picture, or with the very same one, is no camera at work: even in a still
room its noise differs from picture to picture, and the slowest give several a second."""

GIVE_UP_S = 5.0
"""A read that hangs longer is given up."""

OPEN_GIVE_UP_S = 20.0
"""An opening that hangs longer is given up; a stream's own limit is half of it."""

BLACK_S = 1.0
"""Webcams begin with some black pictures; longer is a covered lens."""

BLACK_LEVEL = 3.0
"""Mean of the 0 to 255 below which a picture is black; a dark room's noise is above it."""

LEAST_STEP_S = 1e-4
"""Between the times of two pictures, should the clock not have moved."""

POLL_S = 0.1
"""How often the reading thread is looked after."""

CLOSE_S = 0.8
"""Longest wait for a reading thread on closing."""


class Source(Protocol):
    """What a camera is to the grabber."""

    name: str

    def read(self) -> Image:
        """Wait for the next picture; raise HeelriseError when none comes any more."""

    def close(self) -> None:
        """Give the camera back."""


@dataclass(frozen=True, eq=False)
class Grab:
    """A picture and when it was taken.

    Attributes
    ----------
    frame : Frame
        Its ``t_s`` counts from the first picture and strictly increases; a file's is the file's
        own. Its ``index`` counts the pictures never seen too.
    captured_s : float
        What the clock showed when the picture was there, seconds.
    """

    frame: Frame
    captured_s: float


class Trouble(StrEnum):
    """What is wrong with a camera."""

    LOST = "lost"
    """It is gone, and looked for again and again."""

    FROZEN = "frozen"
    """It gives no picture, or always the same one."""

    BLACK = "black"
    """Its pictures are black: the lens is covered, or it is dark."""


@dataclass(eq=False)
class _Turn:
    """One reading thread's work, from opening the camera to losing it.

    Attributes
    ----------
    since_s : float
        The clock at the last sign of life.
    opened : bool
        Whether the camera is open.
    over : Event
        The thread has closed the camera.
    image : ndarray or None
        The last picture.
    image_s, same_s : float
        The clock at the last picture, and at the first of those equal to it.
    black_s : float or None
        The clock at the first of the black pictures up to the last one.
    """

    since_s: float
    opened: bool = False
    over: Event = field(default_factory=Event)
    image: Image | None = None
    image_s: float = 0.0
    same_s: float = 0.0
    black_s: float | None = None


class Grabber:
    """The newest picture of a camera, stream or video file.

    A file is played at its own speed, from its own start to its end; it never is in trouble.

    Parameters
    ----------
    source : str
        A webcam's number, a stream's address, or the path of a video file.
    opener : callable
        Opens the camera or stream.
    clock : callable
        Seconds from any start.

    Attributes
    ----------
    name : str
        What to call the source to the user; known once started.
    ended : bool
        A file has been played to its end; a camera never ends.
    """

    name: str
    ended: bool

    def __init__(
        self,
        source: str,
        opener: Callable[[str], Source] = open_camera,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Prepare; nothing is opened before `start`."""
        self.name = ""
        self.ended = False
        # as Linux calls camera N: there it is in the file system, and no file for all that
        self._source = re.sub(r"^/dev/video([0-9]{1,3})$", r"\1", source)
        self._opener = opener
        self._clock = clock
        self._news = Condition()  # guards everything below
        self._closing = Event()
        self._turn = _Turn(0.0)
        self._lost = False
        self._fresh: Grab | None = None
        self._first_s: float | None = None
        self._last_t_s = 0.0
        self._count = 0
        self._size: tuple[int, int] | None = None

    def start(self) -> None:
        """Open the source, which may take seconds, and begin to read it.

        Raises
        ------
        HeelriseError
            It cannot be opened; the message says why and what to do.
        """
        turn = self._turn = _Turn(self._clock())
        if not self._source.isdecimal() and os.path.exists(self._source):
            video = VideoFile(self._source)
            self.name = os.path.basename(self._source)
            Thread(target=self._play, args=(turn, video), daemon=True).start()
            return
        camera = self._opener(self._source)
        self.name = camera.name
        Thread(target=self._keep_reading, args=(turn, camera), daemon=True).start()

    def latest(self, timeout_s: float) -> Grab | None:
        """Return the newest picture not yet given out.

        Parameters
        ----------
        timeout_s : float
            Longest wait for one, seconds.

        Returns
        -------
        Grab or None
            None: no new picture came in time, or none will ever come (ended, closed).
        """
        with self._news:
            self._news.wait_for(
                lambda: self._fresh is not None or self.ended or self._closing.is_set(), timeout_s
            )
            grab, self._fresh = self._fresh, None
            return grab

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong with the camera now; None when all is well."""
        with self._news:
            turn = self._turn
            if self._lost:
                return Trouble.LOST
            if turn.opened and self._clock() - turn.since_s > FROZEN_S:
                return Trouble.FROZEN
            # Black before frozen: covered lenses give the same picture again and again.
            if turn.black_s is not None and turn.image_s - turn.black_s > BLACK_S:
                return Trouble.BLACK
            if turn.image_s - turn.same_s > FROZEN_S:
                return Trouble.FROZEN
            return None

    def close(self) -> None:
        """Stop reading and close the source; closing twice does no harm.

        A read that hangs is left behind: its thread closes the camera if it ever returns.
        """
        self._closing.set()
        with self._news:
            self._fresh = None
            self._news.notify_all()
            turn = self._turn
        if self.name:
            turn.over.wait(CLOSE_S)

    # --- a file -------------------------------------------------------------------------------

    def _play(self, turn: _Turn, video: VideoFile) -> None:
        """Show a file's frames when it is their time; late ones at once."""
        try:
            start_s = self._clock()
            for frame in video:
                if self._closing.wait(max(0.0, start_s + frame.t_s - self._clock())):
                    return
                with self._news:
                    self._put(Grab(frame, self._clock()))
            with self._news:
                self.ended = True
                self._news.notify_all()
        finally:
            video.close()
            turn.over.set()

    # --- a camera -----------------------------------------------------------------------------

    def _keep_reading(self, turn: _Turn, camera: Source | None) -> None:
        """See to it that some thread reads the camera, until closing."""
        while True:
            # A thread of its own for each turn: nothing but the thread itself ends a read.
            Thread(target=self._read, args=(turn, camera), daemon=True).start()
            while not (turn.over.wait(POLL_S) or self._hangs(turn) or self._closing.is_set()):
                pass
            if self._closing.is_set():
                return
            camera = None
            with self._news:
                self._lost = True
                turn = self._turn = _Turn(self._clock())
            if self._closing.wait(RETRY_S):
                turn.over.set()
                return

    def _hangs(self, turn: _Turn) -> bool:
        with self._news:
            limit_s = GIVE_UP_S if turn.opened else OPEN_GIVE_UP_S
            return self._clock() - turn.since_s > limit_s

    def _read(self, turn: _Turn, camera: Source | None) -> None:
        """Read the camera, opening it if need be, until it is lost or this turn is given up."""
        try:
            with suppress(HeelriseError):  # lost again, or still: the next turn tries
                camera = camera or self._opener(self._source)
                with self._news:
                    turn.opened, turn.since_s = True, self._clock()
                while self._take(turn, camera.read()):
                    pass
        finally:
            if camera is not None:
                camera.close()
            turn.over.set()

    def _take(self, turn: _Turn, image: Image) -> bool:
        """Take in a picture; return whether to read on."""
        now_s = self._clock()
        with self._news:
            if turn is not self._turn or self._closing.is_set():
                return False
            _look_over(turn, image, now_s)
            self._lost = False
            height, width = image.shape[:2]
            self._size = self._size or (width, height)
            if self._first_s is None:
                self._first_s = now_s
                t_s = 0.0
            else:
                t_s = max(now_s - self._first_s, self._last_t_s + LEAST_STEP_S)
            self._last_t_s = t_s
            self._put(Grab(Frame(t_s, self._count, fitted(image, self._size)), now_s))
            self._count += 1
            return True

    def _put(self, grab: Grab) -> None:
        self._fresh = grab
        self._news.notify_all()


def _look_over(turn: _Turn, image: Image, now_s: float) -> None:
    """Note whether the picture is black or the one before again."""
    if turn.image is None or not np.array_equal(image, turn.image):
        turn.image = image.copy()  # the one given out may be drawn on
        turn.same_s = now_s
    if image[::4, ::4].mean() >= BLACK_LEVEL:
        turn.black_s = None
    elif turn.black_s is None:
        turn.black_s = now_s
    turn.image_s = turn.since_s = now_s


def fitted(image: Image, size: tuple[int, int]) -> Image:
    """Return a picture in another size, centred on black borders where the shape differs.

    Parameters
    ----------
    image : ndarray, shape (H, W, 3), uint8
        BGR.
    size : (int, int)
        Width and height wanted, pixels.
    """
    width, height = size
    rows, columns = image.shape[:2]
    if (columns, rows) == size:
        return image
    import cv2

    scale = min(width / columns, height / rows)
    inner = max(1, round(columns * scale)), max(1, round(rows * scale))
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    out = np.zeros((height, width, 3), np.uint8)
    out[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        image, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    return out
