"""What reaches the user's terminal: our own lines and the progress bar, nothing of native code.

MediaPipe, TFLite, absl, FFmpeg and Qt print from C++, where Python's `sys.stderr` cannot stop them.
So file descriptor 2 itself is turned to the null device for a while, and what Python has to say
goes to a copy of the old one.
"""

from __future__ import annotations

import io
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[float | None], None]

_STDERR_FD = 2
# Wide enough that nothing wraps: what is written to a file or a pipe is the same everywhere.
_PLAIN_WIDTH = 200
# A bar that is drawn more often than this takes time from the inference.
_REDRAW_EVERY_S = 0.2


@contextmanager
def native_logs(*, shown: bool = False) -> Iterator[None]:
    """Hide what native code writes to stderr; `sys.stderr` itself keeps working.

    Parameters
    ----------
    shown : bool
        Leave everything as it is, so that the lines are seen.

    Notes
    -----
    Everything is put back on the way out, whatever ended the block. It may be nested. A child
    process started inside inherits the null device.
    """
    with ExitStack() as undo:
        if not shown:
            _hide(undo)
        yield


def _hide(undo: ExitStack) -> None:
    try:
        saved = os.dup(_STDERR_FD)
    except OSError:
        return  # the program was started with stderr closed: there is nothing to hide
    undo.callback(os.close, saved)
    own = sys.stderr
    if own is not None and _descriptor(own) == _STDERR_FD:
        own.flush()
        copy = open(  # noqa: SIM115  (closed by the stack, after sys.stderr is put back)
            saved, "w", encoding=own.encoding, errors=own.errors, buffering=1, closefd=False
        )
        undo.callback(_put_back, own, copy)
        sys.stderr = copy
    null = os.open(os.devnull, os.O_WRONLY)
    undo.callback(os.dup2, saved, _STDERR_FD)
    os.dup2(null, _STDERR_FD)
    os.close(null)


def _put_back(own: TextIO, copy: TextIO) -> None:
    if sys.stderr is copy:
        sys.stderr = own
    copy.close()


def _descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (OSError, ValueError, AttributeError):
        return None  # a test's or a notebook's stand-in, which has none


def printable(text: str) -> str:
    """Return text that cannot steer a terminal: one line without control characters."""
    return "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))


def many(number: int, thing: str) -> str:
    """Write a number of things: "no reps", "1 rep", "2 reps"."""
    if number == 0:
        return f"no {thing}s"
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def complain(message: str) -> None:
    """Print one line on stderr, whatever the message holds; a closed stderr stops nothing."""
    with suppress(OSError, ValueError, AttributeError):
        line = f"heelrise: {printable(message)}"
        encoding = sys.stderr.encoding or "utf-8"
        print(line.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)


def open_closed_streams() -> None:
    """Give a program that was started with stdout or stderr closed one that goes nowhere."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (until the end)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def forget_stdout() -> None:
    """Send what is still to be flushed to nowhere: Python would fail on it once more at exit."""
    with suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


@contextmanager
def table_console(stream: TextIO) -> Iterator[Console]:
    """Give a console for tables and lines on a stream.

    A terminal gets colours and rules (``console.is_terminal``), at once; anything else plain text
    of a fixed width when the block ends, without blanks at the ends of lines.
    """
    from rich.console import Console

    terminal = stream.isatty()
    text = io.StringIO()
    yield Console(
        file=stream if terminal else text,
        force_terminal=terminal,
        markup=False,
        highlight=False,
        emoji=False,
        color_system="auto" if terminal else None,
        width=None if terminal else _PLAIN_WIDTH,
    )
    if not terminal:
        stream.writelines(line.rstrip() + "\n" for line in text.getvalue().splitlines())


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """Show a bar with the time left on stderr; nothing when stdout is no terminal.

    Parameters
    ----------
    title : str
        What is being worked on.

    Yields
    ------
    callable
        To be told the share of the work done, 0 to 1, or None while it cannot be known.
    """
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield lambda share: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    # drawn from the loop: a thread of its own would spin beside the inference
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bar:
        task = bar.add_task(title, total=None)
        drawn_s = -math.inf

        def tell(share: float | None) -> None:
            nonlocal drawn_s
            if monotonic() - drawn_s >= _REDRAW_EVERY_S:
                drawn_s = monotonic()
                total = None if share is None else 1.0
                bar.update(task, completed=share or 0.0, total=total, refresh=True)

        yield tell
