"""Makes docs/overlay.png: one frame of the annotated copy of a sample video (`make picture`)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import cv2

from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.models import ensure_model
from heelrise.recorded import analyze
from heelrise.settings import SessionOptions
from heelrise.terminal import native_logs

ROOT = Path(__file__).resolve().parents[1]
CLIP = ROOT / "sample_videos" / "step_range_faults.mp4"
PICTURE = ROOT / "docs" / "overlay.png"
AT_S = 18.9  # just after the low top of the fifth rep, when its fault is named


def main() -> int:
    """Annotate the clip into a temporary file and keep the frame at AT_S as PNG."""
    with tempfile.TemporaryDirectory() as folder, native_logs():
        annotated = Path(folder) / "annotated.mp4"
        analyze(CLIP, SessionOptions(), ensure_model("full"), annotated)
        with VideoFile(annotated) as video:
            image = next((frame.image for frame in video if frame.t_s >= AT_S), None)
    if image is None:
        raise HeelriseError(f"{CLIP} ends before {AT_S} s: change AT_S")
    if not cv2.imwrite(str(PICTURE), image, [cv2.IMWRITE_PNG_COMPRESSION, 9]):
        raise HeelriseError(f"{PICTURE} cannot be written")
    print(PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
