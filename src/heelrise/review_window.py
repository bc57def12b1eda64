"""Steps through the reps of a result in the window, for a human to correct."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.image import Image
from heelrise.panel import GREEN, GREY, ORANGE, WHITE, YELLOW, Panel, fit_line, paste
from heelrise.report import fault_words
from heelrise.result import Side
from heelrise.review import KINDS, Review
from heelrise.review_keys import KEYS
from heelrise.terminal import complain, many
from heelrise.window import Window

_WIDEST_PX = 960  # larger pictures are kept smaller: a whole video is held in memory
_JPEG_QUALITY = 80
# The words stand beside the picture, where they hide nobody.
_LEAST_HEIGHT_PX = 480  # smaller pictures are enlarged: the words beside them must be read
_COLUMN_SHARE = 0.6  # of the height: room for the longest line in letters of its pitch
_LINES = 6 + len(KINDS) + 1 + len(KEYS) + 1
_TAB_SHARE = 0.17  # of the column: where what a key does begins
_BEFORE_S, _AFTER_S = 0.5, 0.5  # of a rep that is played
_IDLE_S = 0.03
_ROUNDED_S = 1e-4

Colour = tuple[int, int, int]
# A line of the column: a key or nothing, words, their colour.
Line = tuple[str, str, Colour]
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
        # a result's times are rounded: its own picture may be a little later
        return max(bisect_right(self.times_s, t_s + _ROUNDED_S) - 1, 0)

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
        self._waited_s = 0.0  # since the picture that is played came
        self._over = False
        self._kept: bool | None = None  # as q or Esc said; without either, edits are kept
        self._asked = False
        self._trouble = ""  # why the last key did nothing
        self._go_to_rep()

    def run(self) -> bool:
        """Go on until q, Esc or the closed window; return whether anything was saved.

        Only Esc loses edits: a closed window or a stop keeps them.
        """
        height, width = self._drawn().shape[:2]
        with Window(width, height) as window:
            try:
                while not self._over and not window.closed:
                    started_s = time.perf_counter()
                    key = window.show(self._drawn())
                    if key is not None:
                        self.press(key)
                    self._play(window_s=time.perf_counter() - started_s)
            finally:
                kept = self._kept
                if kept is None:
                    kept = self._review.edits > 0
                    if kept:
                        self._save(self._review.result())
        return kept

    def press(self, key: str) -> None:
        """Do what a key asks for."""
        review, now_s = self._review, self._reel.times_s[self._index]
        self._play_until_s = None
        asked, self._asked = self._asked, False
        self._trouble = ""
        if key == "q":
            self._save_and_leave()
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
            if not review.add(now_s, self._side()):
                self._trouble = "a rep is here already; u undoes"
        elif key == "s":
            review.change_side()
        elif key in ("[", "]"):
            review.move_end("start_s" if key == "[" else "end_s", now_s)
        elif key in (",", "."):
            step = 1 if key == "." else -1
            self._index = min(max(self._index + step, 0), len(self._reel.times_s) - 1)
        elif key in "123456789" and int(key) <= len(KINDS):
            review.toggle_fault(KINDS[int(key) - 1])

    def _save_and_leave(self) -> None:
        """Leave when all is saved; else stay, and say so: the edits are nowhere else."""
        try:
            self._save(self._review.result())
        except HeelriseError as error:
            complain(str(error))
            self._trouble = "not saved: see the terminal"
        else:
            self._over = self._kept = True

    def _leave(self, asked: bool) -> None:
        """Leave without saving; where that loses edits, only when asked for twice."""
        if self._review.edits and not asked:
            self._asked = True
        else:
            self._over, self._kept = True, False

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
            self._waited_s = 0.0

    def _play(self, window_s: float) -> None:
        """Go on at the video's own pace, not past a gap behind the rep; look for keys meanwhile."""
        times_s, until_s = self._reel.times_s, self._play_until_s
        last = self._index + 1 >= len(times_s)
        if until_s is None or last or times_s[self._index + 1] > until_s:
            self._play_until_s = None
            time.sleep(_IDLE_S)
            return
        self._waited_s += window_s
        left_s = times_s[self._index + 1] - times_s[self._index] - self._waited_s
        nap_s = min(max(0.0, left_s), _IDLE_S)
        time.sleep(nap_s)
        self._waited_s += nap_s
        if nap_s >= left_s:
            self._index, self._waited_s = self._index + 1, 0.0

    def _drawn(self) -> Image:
        return _beside(self._reel.picture(self._index), self._lines())

    def _lines(self) -> list[Line]:
        """Return what stands beside the picture: the rep, its faults and the keys."""
        edits = self._review.edits
        lost = f"Esc again loses {many(edits, 'edit')}" if self._asked else ""
        keys = [(key, does, GREY) for key, does in KEYS]
        rep = _rep_lines(self._review, self._reel.times_s[self._index])
        return [*rep, ("", "", GREY), *keys, ("", self._trouble or lost, ORANGE)]


def _rep_lines(review: Review, now_s: float) -> list[Line]:
    """Return the rep under the eye, its moments, and its faults by key."""
    rep = review.current
    if rep is None:
        return [("", "no rep", YELLOW), ("", f"now {now_s:.2f} s", WHITE)]
    values = rep.values
    inside = values["start_s"] <= now_s <= values["end_s"]
    faults = [
        (f"{number} {'[x]' if kind in values['faults'] else '[ ]'}", fault_words(kind), WHITE)
        for number, kind in enumerate(KINDS, start=1)
    ]
    return [
        ("", f"rep {review.at + 1} of {len(review.reps)}, {values['side']}", WHITE),
        ("", rep.verdict or "not yet judged", GREEN if rep.verdict else YELLOW),
        ("", f"{values['start_s']:.2f} - {values['end_s']:.2f} s", WHITE),
        ("", f"top {values['peak_s']:.2f} s", WHITE),
        ("", f"now {now_s:.2f} s", WHITE if inside else ORANGE),
        ("", "", GREY),
        *faults,
    ]


def _beside(picture: Image, lines: Sequence[Line]) -> Image:
    """Return the picture with lines of words left of it, all in letters of one size."""
    share = max(1.0, _LEAST_HEIGHT_PX / picture.shape[0])
    if share > 1:
        picture = np.asarray(cv2.resize(picture, None, fx=share, fy=share), dtype=np.uint8)
    height, width = picture.shape[:2]
    column = round(_COLUMN_SHARE * height)
    pitch = height / (_LINES + 1)
    margin, tab = 0.5 * pitch, 0.5 * pitch + _TAB_SHARE * column
    cap = min(
        fit_line(words, column - margin - (tab if key else margin), 0.6 * pitch)
        for key, words, _ in lines
    )
    panel = Panel(column, height, corner=0)
    for number, (key, words, colour) in enumerate(lines, start=1):
        panel.text(key, margin, number * pitch, cap, colour)
        panel.text(words, tab if key else margin, number * pitch, cap, colour)
    canvas = np.zeros((height, column + width, 3), dtype=np.uint8)
    canvas[:, column:] = picture
    paste(canvas, 0, 0, panel.finish())
    return canvas
