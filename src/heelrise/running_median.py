"""The median of a window of values that moves on one at a time."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque


class RunningMedian:
    """Keeps values in order of coming and of size: a frame costs little, however long the window.

    Parameters
    ----------
    window_s : float or None
        Values go once they are older than the newest by more, seconds; None keeps them until they
        are dropped.
    """

    def __init__(self, window_s: float | None = None) -> None:
        """Start empty."""
        self._window_s = window_s
        self._times_s: deque[float] = deque()  # of the values, where they go by themselves
        self._values: deque[float] = deque()
        self._ordered: list[float] = []

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self._values)

    def add(self, value: float, t_s: float = 0.0) -> None:
        """Take the newest value and its time; it must be a number, or order has no meaning."""
        self._values.append(value)
        insort(self._ordered, value)
        if self._window_s is None:
            return
        self._times_s.append(t_s)
        while self._times_s[0] < t_s - self._window_s:
            self._times_s.popleft()
            self.drop()

    def drop(self) -> None:
        """Forget the oldest value."""
        del self._ordered[bisect_left(self._ordered, self._values.popleft())]

    def clear(self) -> None:
        """Forget all values."""
        self._times_s.clear()
        self._values.clear()
        self._ordered.clear()

    @property
    def values(self) -> deque[float]:
        """The values, the oldest first."""
        return self._values

    @property
    def median(self) -> float:
        """The median.

        Raises
        ------
        IndexError
            Without any value.
        """
        count = len(self._ordered)
        return (self._ordered[count // 2] + self._ordered[(count - 1) // 2]) / 2
