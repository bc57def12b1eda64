"""`heelrise batch --scheduler`: a real scheduler and two real workers, one killed in mid-run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from heelrise import __version__, cluster
from heelrise.batch import Outcome, Task, model_here
from heelrise.batch_list import Video
from heelrise.errors import HeelriseError
from heelrise.settings import SessionOptions
from test_batch import at_once, filled, results, rows, run, started, wait_for

distributed = pytest.importorskip("distributed")

TASK = Task(Video("a.mp4", Path("a.mp4"), SessionOptions(), {}), "full", "ab")


@dataclass(frozen=True)
class Cluster:
    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


def dask(program: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{program}", *map(str, arguments)]
    return subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--no-dashboard"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def running(folder: Path, workers: int) -> Iterator[Cluster]:
    """Start a scheduler and workers of one thread each; end them in the end."""
    told = folder / "scheduler.json"
    processes = [dask("scheduler", "--port", "0", "--scheduler-file", told)]
    try:
        address = _address(told)
        for _ in range(workers):
            processes.append(dask("worker", address, "--nthreads", "1", "--no-nanny"))
        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
        yield Cluster(address, processes[0], processes[1:])
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _address(told: Path) -> str:
    end_s = time.monotonic() + 60
    while time.monotonic() < end_s:
        try:
            return str(json.loads(told.read_text())["address"])
        except (OSError, ValueError):
            time.sleep(0.05)
    raise TimeoutError("the scheduler did not start")


def test_a_killed_worker_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    videos, out, count = filled(tmp_path / "in", 20), tmp_path / "out", 21
    (videos / "broken.mp4").write_bytes(b"no video")
    with running(tmp_path, 2) as cluster_:
        process = started(videos, "-o", out, "--scheduler", cluster_.address)
        wait_for(out, 3)
        cluster_.workers[0].send_signal(signal.SIGKILL)
        before = results(out)
        said, error = process.communicate(timeout=120)
        assert error == f"heelrise: 1 of {count} videos failed: see {out / 'videos.csv'}\n"
        assert said.startswith("21 videos: 20 done, 1 failed\n")
        assert process.returncode == 2
        found = results(out)
        assert len(before) < len(found) == 20
        assert found.items() >= before.items()  # none was written twice
        table = [row["path"] for row in rows(out / "videos.csv")]
        assert table == sorted(set(table))
        assert len(table) == count
        assert [row["path"] for row in rows(out / "reps.csv")] == [
            path for path in table if path != "broken.mp4"
        ]
    # to this machine it is the same work, and but for the broken one nothing is left to do
    monkeypatch.setattr("heelrise.crew.here", at_once)
    assert run(videos, "-o", out, "--resume") == 2
    assert "21 videos: 20 done, 1 failed (20 of them before)\n" in capsys.readouterr().out
    assert results(out) == found


def test_a_lost_scheduler_is_one_line_and_the_work_goes_on_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    videos, out = filled(tmp_path / "in", 20), tmp_path / "out"
    with running(tmp_path, 1) as cluster_:
        process = started(videos, "-o", out, "--scheduler", cluster_.address)
        wait_for(out, 2)
        cluster_.scheduler.kill()
        _, error = process.communicate(timeout=60)
    assert process.returncode == 2
    assert error == (
        "heelrise: the connection to the scheduler was lost: what is done is kept, go on with "
        "--resume (after --force: --resume --force)\n"
    )
    before = results(out)
    monkeypatch.setattr("heelrise.crew.here", at_once)
    assert run(videos, "-o", out, "--resume") == 0
    assert len(results(out)) == 20
    assert results(out).items() >= before.items()


def one_line(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def test_what_cannot_be_reached_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT_S", 0.3)
    how = (filled(tmp_path / "in", 1), "-o", tmp_path / "out", "--scheduler")
    told = "heelrise: cannot reach a Dask scheduler at tcp://127.0.0.1:9: check the address"
    assert one_line(capsys, *how, "tcp://127.0.0.1:9").startswith(told)


@pytest.mark.parametrize(
    ("address", "dask", "told"),
    [
        *(
            (address, True, f"{address!r} is no address of a scheduler")
            for address in ("", "banana", "localhost", "http://localhost:1", "tcp://a b:1")
        ),
        ("tcp://127.0.0.1:9", False, "pip install 'heelrise[cluster]'"),
    ],
)
def test_what_is_no_cluster_is_one_line_and_leaves_no_folder(
    address: str,
    dask: bool,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not dask:
        monkeypatch.setitem(sys.modules, "distributed", None)
    out = tmp_path / "new" / "out"
    assert told in one_line(capsys, filled(tmp_path / "in", 1), "-o", out, "--scheduler", address)
    assert not out.parent.exists()


class Workers:
    """Stands in for a client: what its workers answer."""

    def __init__(self, **answers: object) -> None:
        self.answers = answers

    def run(self, *_: object, **__: object) -> dict[str, object]:
        return self.answers


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (("0.0.1", "ab"), f"the worker one has heelrise 0.0.1, and this is {__version__}"),
        ((__version__, "cd"), "the worker one has another file of the pose model 'full'"),
        (HeelriseError("its worker lacks the pose model"), "one: its worker lacks the pose model"),
        (ImportError("No module"), r"one cannot run heelrise \(ImportError: No module\): install"),
    ],
)
def test_workers_that_would_give_something_else_are_refused(answer: object, told: str) -> None:
    with pytest.raises(HeelriseError, match=told):
        cluster._check_workers(Workers(one=answer), "a:1", "full", "ab")


def test_no_worker_yet_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    cluster._check_workers(Workers(), "a:1", "full", "ab")
    assert capsys.readouterr().err == (
        "heelrise: the cluster at a:1 has no worker yet: waiting for one\n"
    )
    cluster._check_workers(Workers(one=(__version__, "ab")), "a:1", "full", "ab")
    assert cluster._about_worker(None) == (__version__, None)


class Ended:
    """Stands in for a task that ended on the cluster."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def result(self) -> Any:
        raise self.error


def test_a_video_that_kills_every_worker_fails_alone() -> None:
    modules = SimpleNamespace(KilledWorker=distributed.KilledWorker)
    killed = distributed.KilledWorker("work_on-1", None, 3)
    assert cluster._collected(modules, Ended(killed), TASK) == Outcome(
        "a.mp4", reason="the worker process died, each time it was tried"
    )
    alien = cluster._collected(modules, Ended(ImportError("No module named 'heelrise'")), TASK)
    assert alien.reason == "no worker could take it: ImportError: No module named 'heelrise'"
    with pytest.raises(HeelriseError, match="connection to the scheduler was lost"):
        cluster._collected(modules, Ended(OSError()), TASK)


def test_a_worker_never_fetches_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heelrise.batch.find_model", lambda name: None)
    with pytest.raises(HeelriseError, match="'heelrise models fetch heavy' there"):
        model_here("heavy")
