"""Makes docs/report.png: the report on a sample video, as Chromium shows it.

Needs chromium, chromium-browser or google-chrome on the PATH.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from heelrise.errors import HeelriseError
from heelrise.models import ensure_model
from heelrise.page import page, thumbnails
from heelrise.recorded import analyze_recording, extract, settle
from heelrise.recording import to_bytes
from heelrise.series import rows_of
from heelrise.session import Session
from heelrise.settings import SessionOptions
from heelrise.terminal import native_logs

ROOT = Path(__file__).resolve().parents[1]
CLIP = ROOT / "sample_videos" / "balance_and_touch_down.mp4"
PICTURE = ROOT / "docs" / "report.png"
BODY_HEIGHT_CM = 188.2  # of the rendered person: stature_m in the clip's truth
WIDTH_PX, TALLEST_PX = 900, 6000


def report_on(clip: Path, folder: Path) -> str:
    """Return the page of a clip, its landmarks read once."""
    options = SessionOptions(body_height_cm=BODY_HEIGHT_CM)
    landmarks = folder / "landmarks.npz"
    landmarks.write_bytes(to_bytes(extract(clip, "full", ensure_model("full"))))
    analysis, recording = analyze_recording(landmarks, options)
    session = Session(options)
    moments = [session.update(pose) for pose in recording.poses]
    rows = list(rows_of(settle(moments, analysis.result), options.body_height_cm))
    pictures = thumbnails(clip, analysis.result)
    facts = replace(analysis.facts, path=clip.name)
    return page(analysis.result, facts, rows, pictures, clip.name, "Sample person")


def shoot(html: Path, picture: Path) -> None:
    """Take a picture of a page in Chromium, cut to where the page ends."""
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        raise HeelriseError("no Chromium or Chrome found: install one (apt install chromium)")
    taken = html.with_suffix(".png")
    subprocess.run(
        [
            *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            f"--user-data-dir={html.parent / 'profile'}",
            *(f"--window-size={WIDTH_PX},{TALLEST_PX}", f"--screenshot={taken}", html.as_uri()),
        ],
        check=True,
        capture_output=True,
    )
    image = cv2.imread(str(taken))
    if image is None:
        raise HeelriseError("Chromium took no picture")
    filled = np.flatnonzero((image != image[-1, -1]).any(axis=(1, 2)))
    image = image[: int(filled[-1]) + 16]
    if not cv2.imwrite(str(picture), image, [cv2.IMWRITE_PNG_COMPRESSION, 9]):
        raise HeelriseError(f"{picture} cannot be written")


def main() -> int:
    """Analyse the clip in a temporary folder and keep the picture of its report."""
    with tempfile.TemporaryDirectory() as name, native_logs():
        folder = Path(name)
        html = folder / "report.html"
        html.write_text(report_on(CLIP, folder), encoding="utf-8")
        shoot(html, PICTURE)
    print(PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
