"""Ctrl-C, SIGTERM and kill -9 at random moments: what was finished is there, and nothing by half.

The moments are others in every run, and the seed is told when something fails. To look for more:
``HEELRISE_MOMENTS=100 pytest tests/test_signals.py``; ``HEELRISE_SEED`` has the same ones again.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from clips import SAMPLES, copy_start
from heelrise.recording import Recording, to_bytes
from motion import Script
from screen import Screen, needs_screen

ROOT = Path(__file__).parents[1]
SAMPLE = SAMPLES / "floor_profile_clean.mp4"
SCHEMA = ROOT / "docs" / "result.schema.json"
SEED = int(os.environ.get("HEELRISE_SEED", random.SystemRandom().randrange(10_000)))
MANY = int(os.environ.get("HEELRISE_MOMENTS", "0"))
AT_A_TIME = 2
LIMIT_S = 60.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="needs Linux: /proc tells when a run has begun"
)


@dataclass(frozen=True)
class Command:
    """A command to be stopped.

    ``arguments`` are made of the inputs' folder and of the folder for its outputs; ``ctrl_c`` is
    how it ends then.
    """

    arguments: Callable[[Path, Path], list[str]]
    moments: int
    ctrl_c: int = 130


def analyze_videos(inputs: Path, out: Path) -> list[str]:
    wanted = [f"--{what}={out / what}" for what in ("json", "csv", "video")]
    return ["analyze", *map(str, sorted(inputs.glob("*.mp4"))), *wanted]


def analyze_landmarks(inputs: Path, out: Path) -> list[str]:
    wanted = [f"--{what}={out / what}" for what in ("json", "csv", "series", "plot", "report")]
    return ["analyze", *map(str, sorted((inputs / "landmarks").glob("*.npz"))), *wanted]


def batch(inputs: Path, out: Path) -> list[str]:
    # one at a time: then the order in which results come is known
    return ["batch", str(inputs / "landmarks"), "-o", str(out), "--jobs", "1"]


COMMANDS = {
    "analyze videos": Command(analyze_videos, 4),
    "analyze landmarks": Command(analyze_landmarks, 3),
    "batch": Command(batch, 5),
}
LIVE_MOMENTS = 2


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two short videos, and three recordings of landmarks."""
    folder = tmp_path_factory.mktemp("inputs")
    for name, seconds in (("one.mp4", 0.3), ("two.mp4", 0.4)):
        copy_start(SAMPLE, folder / name, seconds)
    quick = {"up_s": 0.5, "hold_s": 0.5, "down_s": 0.5, "rest_s": 0.3}
    for name in ("one", "two", "three"):
        script = Script().stand(1.0).stand_on("left").stand(0.4).reps(2, **quick).put_down()
        poses = tuple(script.film(fps=15.0).poses)
        content = to_bytes(Recording(poses, 15.0, "full", "0" * 64, truncated=False))
        (folder / "landmarks").mkdir(exist_ok=True)
        (folder / "landmarks" / f"{name}.npz").write_bytes(content)
    return folder


# ---- a run, and how it ends ----


@dataclass(frozen=True)
class End:
    """How a run ended: its exit status as a shell shows it, what it said, and how long it took."""

    status: int
    said: str
    took_s: float


def is_listening(pid: int) -> bool:
    """Whether a process has reached `main`, where it takes SIGTERM into its own hands."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    return False


def start(arguments: list[str], environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "heelrise", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def stopped(
    process: subprocess.Popen[str], how: signal.Signals | None = None, after_s: float = 0.0
) -> End:
    """Wait until the run has begun, and so long more; stop it; return how it ended.

    What comes before, Python's own start, has made nothing that could be lost.
    """
    until_s = time.monotonic() + LIMIT_S
    while process.poll() is None and not is_listening(process.pid):
        assert time.monotonic() < until_s
        time.sleep(0.005)
    started_s = time.monotonic()
    try:
        if how is not None:
            time.sleep(after_s)
            process.send_signal(how)
        _, said = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
    status = process.returncode
    return End(status if status >= 0 else 128 - status, said, time.monotonic() - started_s)


def moments(count: int, within_s: float, name: str) -> Iterator[tuple[signal.Signals, float]]:
    chance = random.Random(f"{SEED} {name}")
    for number in range(MANY or count):
        yield SIGNALS[number % len(SIGNALS)], chance.uniform(0.0, within_s)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def assert_ended(end: End, how: signal.Signals, ctrl_c: int, found: dict[str, bytes]) -> None:
    expected = {signal.SIGINT: ctrl_c, signal.SIGTERM: 143, signal.SIGKILL: 137}[how]
    assert end.status in (expected, 0), end
    assert "Traceback" not in end.said
    if how is not signal.SIGKILL:
        assert not [name for name in found if Path(name).name.startswith(".")]


# ---- analyze and batch ----


@pytest.mark.model
@pytest.mark.parametrize("name", COMMANDS)
def test_what_was_finished_is_there(name: str, inputs: Path, tmp_path: Path) -> None:
    command = COMMANDS[name]
    undisturbed = tmp_path / "undisturbed"
    end = stopped(start(command.arguments(inputs, undisturbed)))
    assert end.status == 0, end
    whole = contents(undisturbed)
    assert whole
    in_order = sorted(whole, key=lambda file: (undisturbed / file).stat().st_mtime_ns)

    def attempt(number: int, how: signal.Signals, after_s: float) -> str:
        out = tmp_path / str(number)
        end = stopped(start(command.arguments(inputs, out)), how, after_s)
        found = contents(out) if out.exists() else {}
        try:
            assert_ended(end, how, command.ctrl_c, found)
            named = {file: content for file, content in found.items() if file in whole}
            parts = found.keys() - named.keys()
            assert all(Path(file).name.startswith(".heelrise-") for file in parts), parts
            # The same to the last byte as in a run that nobody disturbed, and none left out.
            assert named == {file: whole[file] for file in in_order[: len(named)]}
            assert end.status or len(named) == len(whole)
        except AssertionError as error:
            return f"{how.name} after {after_s:.3f} s: {error}"
        return ""

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        tried = [
            pool.submit(attempt, number, how, after_s)
            for number, (how, after_s) in enumerate(moments(command.moments, end.took_s, name))
        ]
    wrong = [text for text in (one.result() for one in tried) if text]
    assert not wrong, f"HEELRISE_SEED={SEED}\n" + "\n".join(wrong)


# ---- live ----


@needs_screen
@pytest.mark.model
def test_a_live_set_is_there_whatever_ends_the_session(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    copy_start(SAMPLE, clip, 8.5)  # with one rep, and a second begun
    schema = json.loads(SCHEMA.read_text())

    def attempt(number: int, how: signal.Signals, after_s: float) -> None:
        out = tmp_path / str(number)
        about = f"HEELRISE_SEED={SEED}: {how.name} after {after_s:.3f} s"
        with Screen() as screen:
            arguments = ["live", "--camera", str(clip), "--save", str(out), "--mute"]
            environment = {**screen.environment, "HEELRISE_DATA": str(out / "own")}
            end = stopped(start(arguments, environment), how, after_s)
        found = contents(out) if out.exists() else {}
        assert_ended(end, how, 0 if any(name.endswith(".json") for name in found) else 130, found)
        for name, content in found.items():
            if name.startswith("."):
                continue
            if name.endswith(".json"):
                jsonschema.validate(json.loads(content), schema)
            if name.endswith(".html"):
                assert content.rstrip().endswith(b"</html>"), about

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        tried = [
            pool.submit(attempt, number, how, after_s)
            for number, (how, after_s) in enumerate(moments(LIVE_MOMENTS, 11.0, "live"))
        ]
    for one in tried:
        one.result()
