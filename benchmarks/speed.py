"""Holds heelrise's time and memory against what the pose model alone costs (`make speed`).

Whole processes are timed, one after the other in turn, and each is compared with the bare loop of
its own round: decode, infer, nothing else. So what else the machine does meets both alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from heelrise import recording as landmarks
from heelrise.frames import VideoFile
from heelrise.models import DEFAULT_MODEL, ensure_model
from heelrise.videofile import VideoWriter

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "sample_videos"
CLIP = SAMPLES / "floor_profile_clean.mp4"
SIZE_720P = (1280, 720)
# What two readers may give otherwise than one: no more than nine in ten holds are off by anyway.
HOLD_S, RISE_CM = 0.2, 0.5
_LOOK_S = 0.5  # how often a running process is asked for its memory


@dataclass(frozen=True)
class Ran:
    """How long a process took, seconds, and the most memory it held, MB."""

    took_s: float
    peak_mb: float


def run(command: Sequence[str | Path]) -> Ran:
    """Run a process to its end; raise when it fails."""
    started_s = time.perf_counter()
    peak_mb = 0.0
    with subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None:
            # not ru_maxrss: a child begins with the most that its parent ever held
            peak_mb = max(peak_mb, _peak_mb(process.pid))
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_S)
    took_s = time.perf_counter() - started_s
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return Ran(took_s, peak_mb)


def _peak_mb(pid: int) -> float:
    """Return the most memory a running process has held, MB (Linux)."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def bare(video: Path, model: Path) -> None:
    """Decode and infer, nothing else: as short as MediaPipe's own example."""
    landmarker, image_of = _landmarker(model)
    for time_ms, picture in _pictures(video):
        landmarker.detect_for_video(image_of(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)), time_ms)


def peers(video: Path, model: Path, out: Path) -> None:
    """Do what a usual project does: one loop, skeleton and a text drawn on, mp4v written."""
    from mediapipe.tasks.python import vision

    landmarker, image_of = _landmarker(model)
    bones = [(c.start, c.end) for c in vision.PoseLandmarksConnections.POSE_LANDMARKS]
    writer: cv2.VideoWriter | None = None
    for time_ms, picture in _pictures(video):
        height, width = picture.shape[:2]
        rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        found = landmarker.detect_for_video(image_of(rgb), time_ms).pose_landmarks
        for body in found:
            points = [(int(p.x * width), int(p.y * height)) for p in body]
            for start, end in bones:
                cv2.line(picture, points[start], points[end], (255, 255, 255), 2)
            for point in points:
                cv2.circle(picture, point, 4, (0, 0, 255), -1)
        cv2.putText(picture, "reps 0", (20, 50), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 255, 0), 2)
        if writer is None:
            code = cv2.VideoWriter.fourcc(*"mp4v")
            writer = cv2.VideoWriter(str(out), code, 30.0, (width, height))
        writer.write(picture)
    if writer is not None:
        writer.release()


def _landmarker(model: Path) -> tuple[Any, Callable[[Any], Any]]:
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(model)), running_mode=vision.RunningMode.VIDEO
    )
    format_ = mediapipe.ImageFormat.SRGB
    return (
        vision.PoseLandmarker.create_from_options(options),
        lambda rgb: mediapipe.Image(image_format=format_, data=rgb),
    )


def _pictures(video: Path) -> Any:
    source = cv2.VideoCapture(str(video))
    number = 0
    while True:
        there, picture = source.read()
        if not there:
            return
        yield round(number * 1000 / 30), picture
        number += 1


def ratios(video: Path, model: Path, rounds: int, scratch: Path) -> str:
    """Return the table of whole runs against the bare loop of their round."""
    own: list[str | Path] = [sys.executable, Path(__file__)]
    analyze: list[str | Path] = [sys.executable, "-m", "heelrise", "analyze", video, "--force"]
    to_json: list[str | Path] = ["--json", scratch / "r.json"]
    to_video: list[str | Path] = ["--video", scratch / "r.mp4"]
    two: list[str | Path] = ["--jobs", "2"]
    commands: dict[str, list[str | Path]] = {
        "bare loop: decode and infer": [*own, "bare", video, model],
        "heelrise analyze --json": [*analyze, *to_json],
        "heelrise analyze --json --video": [*analyze, *to_json, *to_video],
        "heelrise analyze --json --jobs 2": [*analyze, *to_json, *two],
        "heelrise analyze --json --video --jobs 2": [*analyze, *to_json, *to_video, *two],
        "usual serial loop with mp4v": [*own, "peers", video, model, scratch / "p.mp4"],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    shares: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds):
        names = list(commands)
        if number % 2:
            names.reverse()
        seconds = {name: run(commands[name]).took_s for name in names}
        alone_s = seconds["bare loop: decode and infer"]
        for name, spent_s in seconds.items():
            took[name].append(spent_s)
            shares[name].append(spent_s / alone_s)
    rows = [
        f"| {name} | {statistics.median(took[name]):.1f} | {statistics.median(shares[name]):.2f} "
        f"| {min(shares[name]):.2f}-{max(shares[name]):.2f} |"
        for name in commands
    ]
    head = "| what | seconds | of the bare loop | range |\n|---|---|---|---|\n"
    return head + "\n".join(rows)


def start_up(rounds: int = 15) -> str:
    """Return how long `heelrise --help` takes."""
    command: list[str | Path] = [sys.executable, "-m", "heelrise", "--help"]
    took = [run(command).took_s for _ in range(rounds)]
    return f"`heelrise --help`: {statistics.median(took):.3f} s (median of {rounds})"


def same(videos: Sequence[Path], scratch: Path) -> str:
    """Return the table of what two readers give that one does not."""
    rows = []
    for video in videos:
        results = []
        for jobs in ("1", "2"):
            out = scratch / f"{jobs}.json"
            options: list[str | Path] = ["--body-height", "175", "--jobs", jobs, "--force"]
            run([sys.executable, "-m", "heelrise", "analyze", video, "--json", out, *options])
            results.append(json.loads(out.read_text()))
        one, two = results
        alike = one["counts"] == two["counts"]
        cells = ["same" if alike else f"{one['counts']} / {two['counts']}"]
        worst = {"hold_s": 0.0, "rise_cm": 0.0}
        for names in (("start_s", "peak_s", "end_s"), ("hold_s",), ("rise_cm",)):
            off = [
                abs(a[name] - b[name])
                for a, b in zip(one["reps"], two["reps"], strict=False)
                for name in names
                if a[name] is not None and b[name] is not None
            ]
            cells.append(f"{statistics.median(off):.2f}, {max(off):.2f}" if off else "-")
            worst[names[0]] = max(off, default=0.0)
        sure = [
            sorted((f["rep"] or 0, f["kind"]) for f in result["faults"] if not f["unsure"])
            for result in results
        ]
        cells.append("same" if sure[0] == sure[1] else "differ")
        kept = alike and sure[0] == sure[1]
        kept = kept and worst["hold_s"] <= HOLD_S and worst["rise_cm"] <= RISE_CM
        cells.append("yes" if kept else "**no**")
        rows.append(f"| {video.name} | {' | '.join(cells)} |")
    head = (
        "| video | counts | start, peak, end s | hold s | rise cm | sure faults | kept |\n"
        "|---|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows)


def memory(scratch: Path, minutes: int) -> str:
    """Return the table of the most memory held, for short and for long recordings."""
    analyze: list[str | Path] = [sys.executable, "-m", "heelrise", "analyze"]
    rows = []
    peaks = []
    for length in (1, minutes):
        video = _long_video(scratch / f"{length}.mp4", length * 60.0)
        peaks.append(run([*analyze, video, "--json", scratch / f"memory-{length}.json"]).peak_mb)
    rows.append(("720p video", "1 min", peaks[0], f"{minutes} min", peaks[1]))
    recording = scratch / "clip.npz"
    run([sys.executable, "-m", "heelrise", "extract", CLIP, "-o", recording])
    peaks = []
    for length in (1, 60):
        poses = _long_recording(recording, scratch / f"{length}.npz", length * 60.0)
        peaks.append(run([*analyze, poses, "--json", scratch / f"memory-{length}p.json"]).peak_mb)
    rows.append(("recorded landmarks, 30 fps", "1 min", peaks[0], "60 min", peaks[1]))
    head = "| what | short | MB | long | MB | more |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(
        f"| {what} | {short} | {a:.0f} | {long} | {b:.0f} | {b - a:.0f} |"
        for what, short, a, long, b in rows
    )


def _long_video(path: Path, length_s: float) -> Path:
    """Write the sample over and over, made larger."""
    with VideoFile(CLIP) as video:
        pictures = [
            cv2.resize(frame.image, SIZE_720P, interpolation=cv2.INTER_LINEAR)
            for frame in video
            if frame.index % 2 == 0
        ]
    # to and fro, so that nobody leaps
    order = cycle([*range(len(pictures)), *reversed(range(len(pictures)))])
    with VideoWriter(path, *SIZE_720P, 30.0) as writer:
        for number in range(round(length_s * 30)):
            writer.write(np.asarray(pictures[next(order)], dtype=np.uint8), number / 30)
    return path


def _long_recording(source: Path, path: Path, length_s: float) -> Path:
    one = landmarks.read(source)
    order = cycle([*range(len(one.poses)), *reversed(range(len(one.poses)))])
    poses = tuple(
        replace(one.poses[next(order)], t_s=number / 30, index=number)
        for number in range(round(length_s * 30))
    )
    path.write_bytes(landmarks.to_bytes(replace(one, poses=poses)))
    return path


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--video", type=Path, default=CLIP)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--minutes", type=int, default=10, help="of the long video; 0: no memory")
    parser.add_argument("--only-memory", action="store_true", help="times are not taken")
    parser.add_argument("--out", type=Path, help="the Markdown page to write")
    chosen = parser.parse_args(arguments)
    model = ensure_model(DEFAULT_MODEL, progress=False)
    parts = [f"# Speed\n\nMade by `make speed` on {os.cpu_count()} cores without a graphics card."]
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        samples = sorted(SAMPLES.glob("*.mp4"))
        tables: list[tuple[str, Callable[[], str]]] = [
            (
                f"## Time, {chosen.video.name}",
                partial(ratios, chosen.video, model, chosen.rounds, scratch),
            ),
            ("## Start-up", start_up),
            (
                "## Two readers against one\n\nMedian and largest difference. The bound: the same "
                f"counts and sure faults, holds within\n{HOLD_S} s and rises within {RISE_CM} cm. "
                "(A peak may lie anywhere on a top that is held.)",
                partial(same, samples, scratch),
            ),
        ]
        if chosen.only_memory:
            tables.clear()
        if chosen.minutes:
            tables.append(("## Memory", partial(memory, scratch, chosen.minutes)))
        for title, table in tables:
            text = f"{title}\n\n{table()}"
            print(text, flush=True)
            parts.append(text)
    if chosen.out is not None:
        chosen.out.write_text("\n\n".join(parts) + "\n")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        bare(*(Path(name) for name in sys.argv[2:]))
    elif sys.argv[1:2] == ["peers"]:
        peers(*(Path(name) for name in sys.argv[2:]))
    else:
        sys.exit(main())
