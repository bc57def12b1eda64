"""Times the live loop stage by stage, with the real model and a real window (`make live-speed`).

A sample video is played as a camera, twice as fast as it is: a camera of 60 frames a second, so
that the loop and not the camera is the limit. Needs a screen; where nobody looks, `xvfb-run` gives
one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from heelrise.frames import VideoFile
from heelrise.videofile import VideoWriter

ROOT = Path(__file__).resolve().parents[1]
CLIP = ROOT / "sample_videos" / "floor_profile_clean.mp4"


def main(arguments: list[str] | None = None) -> int:
    """Run `heelrise live --stats` once a model and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", nargs="+", default=["full"], choices=["lite", "full", "heavy"])
    parser.add_argument("--camera", help="another source, as heelrise live takes it")
    parser.add_argument("--record", action="store_true", help="with the annotated video")
    chosen = parser.parse_args(arguments)
    print(f"cores: {os.cpu_count()}, source: {chosen.camera or f'{CLIP.name} at 60 fps'}")
    for model in chosen.model:
        with tempfile.TemporaryDirectory() as folder:
            camera = chosen.camera or str(_quick(Path(folder) / "quick.mp4"))
            command = [sys.executable, "-m", "heelrise", "live", "--camera", camera]
            command += ["--model", model, "--mute", "--no-keep", "--stats", "--save", folder]
            ran = subprocess.run(
                command + ["--record"] * chosen.record, capture_output=True, text=True, check=False
            )
        if ran.returncode:
            print(ran.stderr.strip() or f"it ended with {ran.returncode}", file=sys.stderr)
            return 2
        table = ran.stdout[ran.stdout.index("stage ") :]
        print(f"\nmodel {model}{', recording' * chosen.record}\n{table.strip()}")
    return 0


def _quick(path: Path) -> Path:
    """Write the clip with its pictures at half of their times."""
    with VideoFile(CLIP) as video:
        info = video.info
        with VideoWriter(path, info.width, info.height, 2 * info.fps) as writer:
            for frame in video:
                writer.write(frame.image, frame.t_s / 2)
    return path


if __name__ == "__main__":
    sys.exit(main())
