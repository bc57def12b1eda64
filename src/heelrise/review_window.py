"""Steps through the reps of a result in the window, for a human to correct."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from heelrise.frames import Image, VideoFile
from heelrise.overlay import GREEN, GREY, ORANGE, WHITE, YELLOW
from heelrise.panel import Panel, fit_line, paste
from heelrise.result import Side
from heelrise.review import KINDS, Review
from heelrise.window import Window

HELP = (
    "n p next, previous   space play   a accept   d delete   i add   s side   [ ] start, end   "
    ", . frame   1-8 fault   u undo   q save   Esc leave"
)
_WIDEST_PX = 960  # larger pictures are kept smaller: a whole video is held in memory
_JPEG_QUALITY = 80
_BEFORE_S, _AFTER_S = 0.5, 0.5  # of a rep that is played
_IDLE_S = 0.03

Save = Callable[[dict[str, Any]], None]


class Reel:
    """All pictures of a video, small and compressed, to go to and fro in.

    A minute of 30 frames a second takes some 50 MB at 640x480.
    """

    def __init__(self, path: Path) -> None:
        """Read the video to its end; HeelriseError when it cannot be read."""
        self.times_s: list[float] = []
        self._pictures: list[np.ndarray] = []
        with VideoFile(path) as video:
            for frame in video:
                share = min(1.0, _WIDEST_PX / frame.image.shape[1])
                small = cv2.resize(frame.image, None, fx=share, fy=share) if share < 1 else None
                image = frame.image if small is None else small
                packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1]
                self._pictures.append(packed)
                self.times_s.append(frame.t_s)

    def at(self, t_s: float) -> int:
        """Return the number of the picture shown at a time, seconds."""
        return min(max(bisect_left(self.times_s, t_s - 1e-6), 0), len(self.times_s) - 1)

    def picture(self, index: int) -> Image:
        """Return a picture, BGR."""
        image: Any = cv2.imdecode(self._pictures[index], cv2.IMREAD_COLOR)
        return np.asarray(image, dtype=np.uint8)


class Reviewing:
    """One review in the window, from the first rep to the key that saves."""

    def __init__(self, review: Review, reel: Reel, save: Save) -> None:
        """Start at the first rep's top."""
        self._review, self._reel, self._save = review, reel, save
        self._index = 0
        self._play_until_s: float | None = None
        self._over = False
        self._keep: bool | None = None  # as q or Esc said; without either, edits are kept
        self._asked = False
        self._go_to_rep()

    def run(self) -> bool:
        """Go on until q, Esc or the closed window; return whether anything was saved.

        Only Esc loses edits: a closed window or a stop keeps them.
        """
        height, width = self._reel.picture(0).shape[:2]
        with Window(width, height) as window:
            try:
                while not self._over and not window.closed:
                    started_s = time.perf_counter()
                    key = window.show(self._drawn())
                    if key is not None:
                        self.press(key)
                    self._play(window_s=time.perf_counter() - started_s)
            finally:
                kept = self._review.edits > 0 if self._keep is None else self._keep
                if kept:
                    self._save(self._review.result())
        return kept

    def press(self, key: str) -> None:
        """Do what a key asks for."""
        review, now_s = self._review, self._reel.times_s[self._index]
        self._play_until_s = None
        asked, self._asked = self._asked, False
        if key == "q":
            self._over = self._keep = True
        elif key == "escape":
            self._leave(asked)
        elif key == "u":
            review.undo()
            self._go_to_rep()
        elif key in ("n", "p"):
            review.step(1 if key == "n" else -1)
            self._go_to_rep()
        elif key == " ":
            self._start_playing()
        elif key == "a":
            review.accept()
            self._go_to_rep()
        elif key == "d":
            review.delete()
            self._go_to_rep()
        elif key == "i":
            review.add(now_s, self._side())
        elif key == "s":
            review.change_side()
        elif key in ("[", "]"):
            review.move_end("start_s" if key == "[" else "end_s", now_s)
        elif key in (",", "."):
            step = 1 if key == "." else -1
            self._index = min(max(self._index + step, 0), len(self._reel.times_s) - 1)
        elif key.isdigit() and 1 <= int(key) <= len(KINDS):
            review.toggle_fault(KINDS[int(key) - 1])

    def _leave(self, asked: bool) -> None:
        """Leave without saving; where that loses edits, only when asked for twice."""
        if self._review.edits and not asked:
            self._asked = True
        else:
            self._over, self._keep = True, False

    def _side(self) -> Side:
        rep = self._review.current
        side: Side = "left" if rep is None else rep.values["side"]
        return side

    def _go_to_rep(self) -> None:
        if self._review.current is not None:
            self._index = self._reel.at(self._review.current.values["peak_s"])

    def _start_playing(self) -> None:
        rep = self._review.current
        if rep is not None:
            self._index = self._reel.at(rep.values["start_s"] - _BEFORE_S)
            self._play_until_s = rep.values["end_s"] + _AFTER_S

    def _play(self, window_s: float) -> None:
        """Go on to the next picture at the video's own pace."""
        last = self._index + 1 >= len(self._reel.times_s)
        if self._play_until_s is None or last:
            time.sleep(_IDLE_S)
            return
        step_s = self._reel.times_s[self._index + 1] - self._reel.times_s[self._index]
        time.sleep(max(0.0, step_s - window_s))
        self._index += 1
        if self._reel.times_s[self._index] >= self._play_until_s:
            self._play_until_s = None

    def _drawn(self) -> Image:
        image = self._reel.picture(self._index)
        lines = _lines(self._review, self._reel.times_s[self._index])
        height, width = image.shape[:2]
        unit = min(width, height) / 360
        pitch = 20 * unit
        panel = Panel(width, round(pitch * len(lines) + 8 * unit), corner=0)
        for number, (text, colour) in enumerate(lines):
            cap = fit_line(text, width - 16 * unit, 11 * unit)
            panel.text(text, 8 * unit, (number + 1) * pitch - 4 * unit, cap, colour)
        paste(image, 0, 0, panel.finish())
        foot = Panel(width, round(20 * unit), corner=0)
        foot.text(HELP, 8 * unit, 14 * unit, fit_line(HELP, width - 16 * unit, 9 * unit), GREY)
        paste(image, 0, height - round(20 * unit), foot.finish())
        return image


def _lines(review: Review, now_s: float) -> list[tuple[str, tuple[int, int, int]]]:
    """Return what stands above the picture: the rep, its moments, its faults by key."""
    rep = review.current
    if rep is None:
        return [(f"no rep   {now_s:.2f} s   i adds one here", WHITE)]
    values = rep.values
    inside = values["start_s"] <= now_s <= values["end_s"]
    verdict = rep.verdict or "not yet judged"
    head = f"rep {review.at + 1} of {len(review.reps)}   {values['side']}   {verdict}"
    span = f"{values['start_s']:.2f} - {values['end_s']:.2f} s, top {values['peak_s']:.2f} s"
    faults = "   ".join(
        f"{number} {'[x]' if kind in values['faults'] else '[ ]'} {kind}"
        for number, kind in enumerate(KINDS, start=1)
    )
    half = len(KINDS) // 2
    first, second = "   ".join(faults.split("   ")[:half]), "   ".join(faults.split("   ")[half:])
    return [
        (head, GREEN if rep.verdict else YELLOW),
        (f"{span}   now {now_s:.2f} s", WHITE if inside else ORANGE),
        (first, WHITE),
        (second, WHITE),
    ]
