"""Writes the annotated video of a live session beside the loop, so that encoding delays nothing."""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from heelrise.errors import HeelriseError
from heelrise.outputs import cannot_write
from heelrise.videofile import VideoWriter

_QUEUE_PICTURES = 30  # a second: what a slow disk delays; then pictures are left out
_RATE_HINT = 30.0
# For the end, which moves the whole file once over: an hour's 60 MB take a slow stick or network
# some 20 s. A disk that takes longer has hung, and the session's JSON waits behind it.
_END_S = 30.0

Item = tuple[NDArray[np.uint8], float]


class Recorder:
    """A video file that is written in a thread of its own.

    Parameters
    ----------
    path : Path
        The MP4 to make; it takes its place when the ``with`` block ends.
    width, height : int
        Size of the pictures, pixels.

    Attributes
    ----------
    dropped : int
        Pictures that were left out because writing was too slow.
    error : HeelriseError or None
        Why the writing stopped (a full disk, or one that hangs), if it did; the session goes on
        without it.
    """

    def __init__(self, path: Path, width: int, height: int) -> None:
        """Remember what is wanted; the file is made on entering the block."""
        self._path = path
        self._writer = VideoWriter(path, width, height, _RATE_HINT)
        self._items: queue.Queue[Item | None] = queue.Queue(_QUEUE_PICTURES)
        self._thread = threading.Thread(target=self._write_all, name="recorder", daemon=True)
        self.dropped = 0
        self.error: HeelriseError | None = None

    def __enter__(self) -> Self:
        """Make the file; HeelriseError when it cannot be."""
        self._writer.__enter__()
        self._thread.start()
        return self

    def write(self, image: NDArray[np.uint8], t_s: float) -> None:
        """Take a picture (H, W, 3), BGR, and its time in seconds; never waits."""
        try:
            self._items.put_nowait((image, t_s))
        except queue.Full:
            self.dropped += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is waiting and finish the file: whatever ended the session, it is kept.

        A disk that hangs is left to the thread, which keeps no process from ending.
        """
        until_s = time.monotonic() + _END_S
        with suppress(queue.Full):
            self._items.put(None, timeout=_END_S)
        self._thread.join(max(0.0, until_s - time.monotonic()))
        if self._thread.is_alive() and self.error is None:
            self.error = cannot_write(self._path, TimeoutError("the disk does not answer"))

    def _write_all(self) -> None:
        """Write picture after picture, and finish the file; it goes when that fails."""
        while (item := self._items.get()) is not None:
            if self.error is not None:
                continue
            try:
                self._writer.write(*item)
            except Exception as error:
                # a thread that died would leave the queue full, and the end waiting for ever
                self.error = _told(error)
                # at once: what the disk has left is the session's
                self._writer.__exit__(HeelriseError, self.error, None)
        if self.error is None:
            try:
                self._writer.__exit__(None, None, None)
            except Exception as error:
                self.error = _told(error)


def _told(error: Exception) -> HeelriseError:
    """Return why the video cannot be written, also where nobody foresaw it."""
    if isinstance(error, HeelriseError):
        return error
    return HeelriseError(f"cannot write the video: {type(error).__name__}: {error}")
