"""Turns a container's time stamps, good or broken, into times that only go forward."""

from __future__ import annotations

from fractions import Fraction

LONGEST_GAP_S = 3600.0
"""A time stamp that leaps further ahead is taken for a broken one, not for a pause."""

STALLED_FRAMES = 5
"""So many time stamps in a row that do not advance are a clock that was set back (a joined
recording) or stands still, not a hiccup; B-frames put out of order reach back by four at most."""


class FrameClock:
    """Turns the container's time stamps into seconds that always increase, starting at 0.

    A good file's times come out as they are. A frame without a stamp comes one average interval
    after the one before. One whose stamp does not advance (repeated, backward, or a leap of over
    an hour) comes an eighth of an interval after it, so that the next good stamp is ahead again;
    after `STALLED_FRAMES` such in a row the stamps are taken for a clock that was set back, and
    their count goes on from there.

    Parameters
    ----------
    time_base : Fraction or None
        Seconds a tick.
    fps : float
        Average rate, for frames without a stamp.
    """

    def __init__(self, time_base: Fraction | None, fps: float) -> None:
        """Start before the first frame."""
        self._tick_s = time_base if time_base and time_base > 0 else None
        self._step_s = 1.0 / fps
        self._last_s: float | None = None
        self._zero: tuple[int, float] | None = None  # a stamp, and the second it stands for
        self._stalled = 0

    def time_of(self, stamp: int | None) -> float:
        """Return the time of the next frame in seconds.

        Parameters
        ----------
        stamp : int or None
            Its time stamp in ticks, None where the container gives it none.
        """
        self._last_s = self._next_s(stamp)
        return self._last_s

    def _next_s(self, stamp: int | None) -> float:
        last_s = self._last_s
        expected_s = 0.0 if last_s is None else last_s + self._step_s
        if stamp is None or self._tick_s is None:
            return expected_s
        if self._zero is None or last_s is None:
            self._zero = (stamp, expected_s)
            return expected_s
        t_s = self._zero[1] + float((stamp - self._zero[0]) * self._tick_s)
        if last_s < t_s <= last_s + LONGEST_GAP_S:
            self._stalled = 0
            return t_s
        self._stalled += 1
        if self._stalled < STALLED_FRAMES:
            return last_s + self._step_s / 8
        self._zero = (stamp, expected_s)
        return expected_s
