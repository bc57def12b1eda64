"""Makes one dark panel with letters and shapes on it, ready to be blended into pictures.

Text goes through ``cv2.putText`` with its Hershey names and nothing else: OpenCV 5 draws these
with a smooth TrueType font of its own, OpenCV 4 with single-stroke letters that are plain but
legible, and neither needs a font file or a further dependency. Widths differ by a third between
the two, so every text is measured and made to fit its box.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]
# What to add to the picture, and how much of the picture to keep before that (0..255).
Sprite = tuple[Image, Image]

# Okabe and Ito's palette (Color Universal Design, 2008), as BGR: told apart by colour-blind eyes.
ORANGE: Colour = (0, 159, 230)
SKY_BLUE: Colour = (233, 180, 86)
GREEN: Colour = (115, 158, 0)
YELLOW: Colour = (66, 228, 240)
VERMILLION: Colour = (0, 94, 213)
WHITE: Colour = (255, 255, 255)
GREY: Colour = (215, 215, 215)
TRACK: Colour = (70, 70, 70)
BLACK: Colour = (0, 0, 0)

# From one line of text to the next, in cap heights: descenders take 0.35 of it.
LINE_PITCH = 1.75
_DESCENT = 0.35
# One line less covers less of the picture and is worth letters that much smaller.
_PRICE_OF_A_LINE = 0.85

# How much of the picture a panel hides, 0..255: over a white wall white text keeps a contrast of
# 6:1 (WCAG asks for 4.5), and a head behind a panel can still be seen.
_OPACITY = 160
# Cap height of OpenCV's letters at font scale 1, pixels; the same in OpenCV 4 and 5.
_CAP_AT_SCALE_1 = 21
# Only OpenCV 5 has letters beyond ASCII.
_HAS_TRUETYPE = hasattr(cv2, "FontFace")
# How German is written where its own letters are missing.
_IN_ASCII = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)


class Panel:
    """A dark panel with round corners while it is drawn.

    Parameters
    ----------
    width, height : int
        Size, pixels.
    corner : int
        Radius of the corners, pixels.
    """

    def __init__(self, width: int, height: int, corner: int) -> None:
        """Start an empty panel."""
        self._ink = np.zeros((height, width, 3), np.uint8)
        self._cover = np.zeros((height, width), np.uint8)
        r = min(corner, width // 2, height // 2)
        self._cover[:, r : width - r] = _OPACITY
        self._cover[r : height - r] = _OPACITY
        for x in (r, width - 1 - r):
            for y in (r, height - 1 - r):
                cv2.circle(self._cover, (x, y), r, (_OPACITY,), -1, cv2.LINE_AA)

    def text(self, text: str, x: float, baseline: float, cap: float, colour: Colour) -> None:
        """Draw one line of text with its left end, its baseline and its cap height given."""
        font, scale, stroke = _font(cap)
        rise = 0 if _HAS_TRUETYPE else stroke / 2
        start = (round(x), round(baseline - rise))
        for image, ink in ((self._ink, colour), (self._cover, (255,))):
            cv2.putText(image, _drawable(text), start, font, scale, ink, stroke, cv2.LINE_AA)

    def polygon(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        """Fill a convex polygon."""
        corners = np.array(points).round().astype(np.int32)
        cv2.fillConvexPoly(self._ink, corners, colour, cv2.LINE_AA)
        cv2.fillConvexPoly(self._cover, corners, (255,), cv2.LINE_AA)

    def rectangle(self, x: float, y: float, w: float, h: float, colour: Colour) -> None:
        """Fill a rectangle."""
        corners = (round(x), round(y)), (round(x + w) - 1, round(y + h) - 1)
        cv2.rectangle(self._ink, *corners, colour, -1)
        cv2.rectangle(self._cover, *corners, (255,), -1)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Fill a circle."""
        for image, ink in ((self._ink, colour), (self._cover, (255,))):
            cv2.circle(image, (round(x), round(y)), round(radius), ink, -1, cv2.LINE_AA)

    def arc(
        self, x: float, y: float, radius: float, thickness: float, share: float, colour: Colour
    ) -> None:
        """Draw a part of a circle (0 to 1), clockwise from its top; ``radius`` is the middle's."""
        centre, size = (round(x), round(y)), (round(radius), round(radius))
        for image, ink in ((self._ink, colour), (self._cover, (255,))):
            cv2.ellipse(
                *(image, centre, size, -90, 0, 360 * share),
                *(ink, max(1, round(thickness)), cv2.LINE_AA),
            )

    def stroke(
        self, points: Sequence[tuple[float, float]], thickness: float, colour: Colour
    ) -> None:
        """Draw a line through points."""
        corners = np.array(points).round().astype(np.int32)
        for image, ink in ((self._ink, colour), (self._cover, (255,))):
            cv2.polylines(image, [corners], False, ink, max(1, round(thickness)), cv2.LINE_AA)

    def finish(self) -> Sprite:
        """Return the panel as :func:`paste` takes it."""
        return self._ink, np.repeat(255 - self._cover[..., None], 3, axis=2)


def paste(image: Image, x: int, y: int, sprite: Sprite) -> None:
    """Blend a panel into a picture, in place; what reaches beyond the picture is left out."""
    ink, keep = sprite
    region = image[y : y + ink.shape[0], x : x + ink.shape[1]]
    if region.size:
        ink, keep = (part[: region.shape[0], : region.shape[1]] for part in sprite)
        cv2.multiply(region, keep, dst=region, scale=1 / 255)
        cv2.add(region, ink, dst=region)


def _font(cap: float) -> tuple[int, float, int]:
    """Return OpenCV's font, scale and stroke for a cap height in pixels.

    Large letters are bold, to read from afar; small ones are not, for OpenCV 4 smears them. Its
    strokes reach beyond the cap height by half on either side, OpenCV 5's do not.
    """
    stroke = max(1, round(0.13 * cap - 0.7))
    body = cap if _HAS_TRUETYPE else max(1.0, cap - stroke)
    return cv2.FONT_HERSHEY_SIMPLEX, body / _CAP_AT_SCALE_1, stroke


def _drawable(text: str) -> str:
    """Return a text in letters that the font has, with question marks where it has none."""
    if _HAS_TRUETYPE:
        return text
    return text.translate(_IN_ASCII).encode("ascii", "replace").decode()


def line_width(text: str, cap: float) -> int:
    """Return the width of one line of text, pixels."""
    font, scale, stroke = _font(cap)
    size, _ = cv2.getTextSize(_drawable(text), font, scale, stroke)
    return int(size[0])


def lines_height(count: int, cap: float) -> float:
    """Return the height of lines of text from the first's caps to the last's descenders."""
    return ((count - 1) * LINE_PITCH + 1 + _DESCENT) * cap


def fit_line(text: str, width: float, cap: float) -> float:
    """Return the largest cap height up to ``cap`` at which a line is no wider than ``width``."""
    while cap > 1 and line_width(text, cap) > width:
        cap *= 0.95
    return cap


def fit_lines(
    text: str, width: float, height: float, cap: float, min_cap: float
) -> tuple[list[str], float]:
    """Wrap a text into a box, in letters as large as fit; a little smaller for a line less.

    Parameters
    ----------
    text : str
        Words between spaces.
    width, height : float
        Size of the box, pixels.
    cap, min_cap : float
        Largest and smallest cap height, pixels.

    Returns
    -------
    lines : list of str
        The text broken between words; its end is cut off with three dots where it does not fit
        even in the smallest letters.
    cap : float
        The cap height; under ``min_cap`` only where one word is wider than the box.
    """
    lines = _wrapped(text, width, cap)
    while cap > min_cap and not _fit(lines, width, height, cap):
        cap = max(min_cap, 0.95 * cap)
        lines = _wrapped(text, width, cap)
    smaller = max(min_cap, _PRICE_OF_A_LINE * cap)
    if len(fewer := _wrapped(text, width, smaller)) < len(lines):
        lines, cap = fewer, smaller
    while len(lines) > 1 and lines_height(len(lines), cap) > height:
        lines = [*lines[:-2], f"{lines[-2].rstrip('.')}..."]
    return lines, min(fit_line(line, width, cap) for line in lines)


def _fit(lines: Sequence[str], width: float, height: float, cap: float) -> bool:
    """Tell whether lines stay inside a box."""
    widest = max(line_width(line, cap) for line in lines)
    return widest <= width and lines_height(len(lines), cap) <= height


def _wrapped(text: str, width: float, cap: float) -> list[str]:
    """Break a text between words so that lines are no wider than asked, single words aside."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and line_width(longer, cap) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]
