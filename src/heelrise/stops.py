"""What ends a run from outside: Ctrl-C, SIGTERM and SIGHUP, where they do no harm."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import CodeType, FrameType
from typing import Any

_AGAIN_S = 0.05
_TOLD = 2  # stops: who asks a third time waits for something that hangs
# On the stack, what no stop may cut short. An import would make another error of it; a pool that
# starts a thread would not know of it, and the run would wait for that thread for ever.
_IMPORTING = "<frozen importlib._bootstrap>"
_STARTING = "ThreadPoolExecutor.submit"


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP came: clean up as after Ctrl-C."""


# What each of them raises; Windows has no SIGHUP.
_ERRORS: dict[str, type[KeyboardInterrupt]] = {
    "SIGINT": KeyboardInterrupt,
    "SIGTERM": Terminated,
    "SIGHUP": Terminated,
}


class _Stop:
    """Raises what ends the run when a signal asks for it: once, and where that does no harm.

    Not within an import, nor where a thread starts; while Python tidies up, it would be dropped.
    """

    def __init__(self, outermost: CodeType) -> None:
        self._outermost = outermost  # what called that, an import perhaps, is not looked at
        self.due: type[KeyboardInterrupt] | None = None  # what waits to be raised
        self._timer: threading.Timer | None = None

    def asked(self, error: type[KeyboardInterrupt], number: int, frame: FrameType | None) -> None:
        """Handle a signal; one that comes while another waits says nothing new."""
        if self.due is not None:
            return
        while frame is not None and frame.f_code is not self._outermost:
            code = frame.f_code
            if code.co_filename == _IMPORTING or code.co_qualname == _STARTING:
                self._ask_again(error, signal.Signals(number))
                return
            frame = frame.f_back
        raise error

    def dropped(self, unraisable: sys.UnraisableHookArgs) -> None:
        """Take what was raised while Python tidied up."""
        error = unraisable.exc_value
        if not isinstance(error, KeyboardInterrupt):
            sys.__unraisablehook__(unraisable)
        elif self.due is None:
            terminated = isinstance(error, Terminated)
            self._ask_again(type(error), signal.SIGTERM if terminated else signal.SIGINT)

    def over(self) -> None:
        """Ask no more: the run is over."""
        if self._timer is not None:
            self._timer.cancel()

    def _ask_again(self, error: type[KeyboardInterrupt], number: signal.Signals) -> None:
        self.due = error
        self._timer = threading.Timer(_AGAIN_S, self._ask, (number,))
        self._timer.daemon = True
        self._timer.start()

    def _ask(self, number: signal.Signals) -> None:
        self.due = None
        if os.name == "posix":
            os.kill(os.getpid(), number)  # a real signal also ends a wait
        else:
            _thread.interrupt_main(number)


@contextmanager
def terminating_cleanly(outermost: CodeType) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and SIGHUP unwind alike, so that no half-written file is left.

    Parameters
    ----------
    outermost : code
        Of the function that calls this one: where the run begins.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stop = _Stop(outermost)
    changed: list[tuple[int, Callable[..., Any] | int | None]] = []
    unraisable = sys.unraisablehook
    sys.unraisablehook = stop.dropped
    for name, error in _ERRORS.items():
        number = getattr(signal, name, None)
        usual = signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL
        # what was ignored on purpose (nohup) stays ignored
        if number is not None and signal.getsignal(number) is usual:
            changed.append((number, signal.signal(number, partial(stop.asked, error))))
    try:
        yield
    finally:
        stop.over()
        sys.unraisablehook = unraisable
        for number, before in changed:
            signal.signal(number, before)
    if stop.due is not None:
        raise stop.due  # asked for in the last import of a run that was over before it was due


@contextmanager
def stops_told(
    tell: Callable[[type[KeyboardInterrupt]], None], most: int = _TOLD
) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and SIGHUP be told and not raised: the block ends by itself.

    Raised, the second of two would cut short what the first one's end has to save. From the third
    on they are raised: what hangs must not keep the run for good.

    Parameters
    ----------
    tell : callable
        Given what a stop would have raised, for the first ``most`` that come.
    most : int
        Two, unless there may have been one before.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}
    asked = 0

    def ask(error: type[KeyboardInterrupt], number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked += 1
        if asked <= most:
            tell(error)
        else:
            before[number](number, frame)

    try:
        for name, error in _ERRORS.items():
            number = getattr(signal, name, None)
            if number is not None and callable(signal.getsignal(number)):
                before[number] = signal.getsignal(number)
                signal.signal(number, partial(ask, error))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
