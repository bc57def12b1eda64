"""Times the live loop stage by stage, with the real model and a real window (`make live-speed`).

A sample video is played as a camera. Needs a screen; where nobody looks, `xvfb-run` gives one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CLIP = ROOT / "sample_videos" / "floor_profile_clean.mp4"


def main(arguments: list[str] | None = None) -> int:
    """Run `heelrise live --stats` once a model and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", nargs="+", default=["full"], choices=["lite", "full", "heavy"])
    parser.add_argument("--camera", default=str(CLIP), help="what to film: as heelrise live takes")
    parser.add_argument("--record", action="store_true", help="with the annotated video")
    chosen = parser.parse_args(arguments)
    print(f"cores: {os.cpu_count()}, source: {Path(chosen.camera).name}")
    for model in chosen.model:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "heelrise", "live", "--camera", chosen.camera]
            command += ["--model", model, "--mute", "--stats", "--save", folder]
            ran = subprocess.run(
                command + ["--record"] * chosen.record, capture_output=True, text=True, check=False
            )
        if ran.returncode:
            print(ran.stderr.strip() or f"it ended with {ran.returncode}", file=sys.stderr)
            return 2
        table = ran.stdout[ran.stdout.index("stage ") :]
        print(f"\nmodel {model}{', recording' * chosen.record}\n{table.strip()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
