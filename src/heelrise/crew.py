"""The processes of this machine that work on a batch: each video once, whatever happens to them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from heelrise.batch import Outcome, Task, work_on

Work = Callable[[Task], Outcome]
Outcomes = Generator[Outcome | None, None, None]
TICK_S = 1.0
# What MediaPipe and FFmpeg keep of each video, about half a megabyte, is given back so.
_VIDEOS_A_PROCESS = 200
END_S = 5.0  # a process that is told to end has this long to do so


@dataclass
class _Worker:
    """A process with the pipe to it, the task it has in hand, and how many it had."""

    process: BaseProcess
    pipe: Connection[Any, Any]
    task: Task | None = None
    tasks: int = 0


def here(tasks: Iterator[Task], jobs: int, work: Work = work_on) -> Outcomes:
    """Work on this machine.

    Not by a pool of the standard library: there the death of one process ends all of them, and
    nobody knows over which video it died.

    Parameters
    ----------
    tasks : iterator of Task
        Taken as processes become free.
    jobs : int
        How many processes.
    work : callable
        What each does with a task.

    Yields
    ------
    Outcome or None
        What became of a video, in the order of their ends; None about once a second, so that
        the caller can show that time goes on. Closing the iterator ends the processes.
    """
    crew: list[_Worker] = []
    try:
        while True:
            idle = [worker for worker in crew if worker.task is None]
            for task in islice(tasks, jobs - len(crew) + len(idle)):
                if not idle:
                    idle = [_hired(work)]
                    crew += idle
                _hand(idle.pop(), task)
            busy = {id(worker.pipe): worker for worker in crew if worker.task is not None}
            if not busy:
                return
            ready = wait([worker.pipe for worker in busy.values()], TICK_S)
            if not ready:
                yield None
            for pipe in ready:
                worker = busy[id(pipe)]
                outcome = _outcome_of(worker)
                if not worker.process.is_alive() or worker.tasks >= _VIDEOS_A_PROCESS:
                    crew.remove(worker)
                    _dismiss(worker)
                yield outcome
    finally:
        for worker in crew:
            worker.process.terminate()
        for worker in crew:
            _dismiss(worker)


def _hired(work: Work) -> _Worker:
    # a fork of a process in which native threads run may hang
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work), daemon=True)
    process.start()
    theirs.close()  # so that the pipe ends with the process
    return _Worker(process, ours)


def _serve(pipe: Connection[Any, Any], work: Work) -> None:
    """Be a worker: take tasks until the pipe ends."""
    # Ctrl-C goes to every process of a terminal; the one that shows the bar ends the others
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            pipe.send(work(pipe.recv()))


def _end_with_parent() -> None:
    """End at once when the parent was killed: nobody waits for the video under way."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _hand(worker: _Worker, task: Task) -> None:
    worker.task = task
    worker.tasks += 1
    with suppress(OSError):  # it died, which the end of its pipe will tell
        worker.pipe.send(task)


def _outcome_of(worker: _Worker) -> Outcome | None:
    """Take what a worker sent, or say how it died."""
    task, worker.task = worker.task, None
    try:
        outcome: Outcome = worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join(END_S)
        why = _death(worker.process.exitcode)
        return None if task is None else Outcome(task.video.name, reason=why)
    return outcome


def _death(exit_code: int | None) -> str:
    how = f"exit status {exit_code}"
    if exit_code is not None and exit_code < 0:
        with suppress(ValueError):
            how = signal.Signals(-exit_code).name
    hint = ", as when memory runs out" if how == "SIGKILL" else ""
    return f"the worker process died ({how}{hint})"


def _dismiss(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.join(END_S)
    if worker.process.is_alive():
        worker.process.kill()
        worker.process.join()
