"""The workers of a Dask cluster that work on a batch.

They run :func:`heelrise.batch.work_on` like the processes of this machine and give what became of
each video as it comes; the caller alone writes.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from importlib import import_module
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any

from heelrise import __version__
from heelrise.batch import Outcome, Task, model_here, work_on
from heelrise.crew import END_S, TICK_S, Outcomes
from heelrise.errors import HeelriseError
from heelrise.terminal import complain

# A thread of the cluster never waits for its next video, and few results wait for the client.
_TASKS_A_THREAD = 2
_LEAST_IN_HAND = 16
# An exception that reaches the cluster is the worker's trouble, not the video's.
_RETRIES = 2
_CONNECT_S = 10
# checked here: over some others Dask leaves half a client behind, which waits at exit
_ADDRESS = re.compile(r"(?:(?:tcp|tls|wss?)://)?[^\s/]+:[0-9]{1,5}")
_LOST = (
    "the connection to the scheduler was lost: what is done is kept, go on with --resume "
    "(after --force: --resume --force)"
)


def check_scheduler(address: str) -> None:
    """Find out before the work whether there is Dask, and whether this can be an address.

    Raises
    ------
    HeelriseError
        When Dask is not installed, or `address` is none.
    """
    try:
        import_module("distributed")
    except ImportError:
        raise HeelriseError("--scheduler needs Dask: pip install 'heelrise[cluster]'") from None
    if _ADDRESS.fullmatch(address) is None:
        raise HeelriseError(
            f"{address!r} is no address of a scheduler, such as tcp://10.0.0.1:8786"
        )


def on_cluster(
    tasks: Iterator[Task], address: str, model: str, model_sha256: str | None
) -> Outcomes:
    """Work on a Dask cluster, whose workers read the videos under the same paths.

    Parameters
    ----------
    tasks : iterator of Task
        Taken as workers become free.
    address : str
        Of the scheduler, such as ``tcp://10.0.0.1:8786``; :func:`check_scheduler` took it.
    model, model_sha256
        What every worker must have; None when no model is needed.

    Yields
    ------
    Outcome or None
        As :func:`here`.

    Raises
    ------
    HeelriseError
        When the scheduler cannot be reached or is lost, or a worker has another heelrise or
        model.
    """
    distributed: Any = import_module("distributed")
    _hush()
    client = _connected(distributed, address)
    try:
        _check_workers(client, address, model, model_sha256)
        yield from _in_turn(distributed, client, tasks)
    except OSError as error:
        raise HeelriseError(_LOST) from error
    finally:
        with suppress(OSError):
            client.close(timeout=END_S)


def _hush() -> None:
    """Leave out the log lines of Dask: what they tell is said in one line."""
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _connected(distributed: Any, address: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other versions of Python packages than here
            return distributed.Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError, RuntimeError) as error:
        raise HeelriseError(
            f"cannot reach a Dask scheduler at {address}: check the address, and that it runs"
        ) from error


def _check_workers(client: Any, address: str, model: str, model_sha256: str | None) -> None:
    wanted = model if model_sha256 is not None else None
    answers = client.run(_about_worker, wanted, on_error="return")
    if not answers:
        complain(f"the cluster at {address} has no worker yet: waiting for one")
    for worker, answer in answers.items():
        if isinstance(answer, HeelriseError):
            raise HeelriseError(f"{worker}: {answer}")
        if isinstance(answer, BaseException):
            raise HeelriseError(
                f"the worker {worker} cannot run heelrise ({type(answer).__name__}: {answer}): "
                f"install heelrise {__version__} there"
            )
        version, sha256 = answer
        if version != __version__:
            raise HeelriseError(
                f"the worker {worker} has heelrise {version}, and this is {__version__}: "
                "install the same on both"
            )
        if sha256 != model_sha256:
            raise HeelriseError(f"the worker {worker} has another file of the pose model {model!r}")


def _about_worker(model: str | None) -> tuple[str, str | None]:
    """Return a worker's version of heelrise and the SHA-256 of its model."""
    return __version__, None if model is None else model_here(model)[1]


def _in_turn(distributed: Any, client: Any, tasks: Iterator[Task]) -> Outcomes:
    """Submit tasks, a bounded number at a time, and give their outcomes as they come."""
    ended: SimpleQueue[Any] = SimpleQueue()
    in_hand: dict[str, tuple[Any, Task]] = {}
    while True:
        if client.status != "running":
            raise HeelriseError(_LOST)
        threads = sum(client.nthreads().values())
        room = max(_LEAST_IN_HAND, _TASKS_A_THREAD * threads) - len(in_hand)
        for task in islice(tasks, max(room, 0)):
            # not pure: two videos are two tasks, whatever they have in common
            future = client.submit(work_on, task, pure=False, retries=_RETRIES)
            in_hand[future.key] = (future, task)
            future.add_done_callback(ended.put)
        if not in_hand:
            return
        try:
            future = ended.get(timeout=TICK_S)
        except Empty:
            yield None
            continue
        # let go of, so that the cluster does too
        _, task = in_hand.pop(future.key)
        yield _collected(distributed, future, task)


def _collected(distributed: Any, future: Any, task: Task) -> Outcome:
    try:
        outcome: Outcome = future.result()
    except distributed.KilledWorker:
        return Outcome(task.video.name, reason="the worker process died, each time it was tried")
    except (CancelledError, OSError) as error:
        raise HeelriseError(_LOST) from error
    except Exception as error:
        return Outcome(
            task.video.name, reason=f"no worker could take it: {type(error).__name__}: {error}"
        )
    return outcome
