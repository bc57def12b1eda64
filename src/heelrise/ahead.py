"""Lets one stage of the flow work ahead of the next, in a thread of its own.

Decoding and inference are native code that lets Python go on meanwhile: with them ahead, the core
costs next to nothing. The order stays the same, and so does the result.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")

_LOOK_S = 0.1  # how often a thread that waits looks whether anybody still wants something


class Ahead(Generic[T]):
    """An iterator over what an iterable yields, taken from it in a thread of its own.

    Parameters
    ----------
    items : iterable
        Touched by that thread alone, from now on until this is closed. What it raises is raised
        here, in its place.
    most : int
        How many items may wait.
    """

    def __init__(self, items: Iterable[T], most: int) -> None:
        """Start at once."""
        self._items = items
        self._waiting: Queue[tuple[T] | BaseException | None] = Queue(most)
        self._unwanted = Event()
        self._ended = False
        self._thread = Thread(target=self._work, name="ahead", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        """Return the iterator."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def __iter__(self) -> Self:
        """Return the iterator: good for one pass."""
        return self

    def __next__(self) -> T:
        """Return the next item, waiting for it."""
        if self._ended:
            raise StopIteration
        entry = self._next()
        if isinstance(entry, tuple):
            return entry[0]
        self._ended = True
        if entry is not None:
            raise entry
        raise StopIteration

    def close(self) -> None:
        """Stop the thread after its item of now; closing twice does no harm."""
        self._ended = True
        self._unwanted.set()
        self._thread.join()

    def _next(self) -> tuple[T] | BaseException | None:
        # in pieces: on Windows a wait without end cannot be interrupted
        while True:
            with suppress(Empty):
                return self._waiting.get(timeout=_LOOK_S)

    def _work(self) -> None:
        end: BaseException | None = None
        try:
            for item in self._items:
                if not self._put((item,)):
                    return
        except BaseException as error:  # whatever it is, it belongs to who asked for the items
            end = error
        finally:
            if isinstance(self._items, Generator):
                self._items.close()  # its clean-up belongs to this thread, too
        self._put(end)

    def _put(self, entry: tuple[T] | BaseException | None) -> bool:
        while not self._unwanted.is_set():
            with suppress(Full):
                self._waiting.put(entry, timeout=_LOOK_S)
                return True
        return False
