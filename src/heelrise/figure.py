"""Somebody standing, seen from the side: where to stand before the first rise."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from heelrise.layout import Box
from heelrise.panel import BLACK, Colour, Image, Sprite

# Parts of the height, x from the middle, y from the crown.
_HEAD = ((0.0, 0.066), (0.05, 0.066))  # centre, half axes
# fmt: off
_BODY = (
    (-0.034, 0.1), (-0.036, 0.145), (-0.06, 0.175), (-0.078, 0.25), (-0.066, 0.38), (-0.086, 0.48),
    (-0.076, 0.55), (-0.045, 0.7), (-0.056, 0.78), (-0.028, 0.92), (-0.046, 0.965), (-0.046, 1),
    (0.112, 1), (0.104, 0.976), (0.034, 0.93), (0.034, 0.78), (0.046, 0.7), (0.066, 0.57),
    (0.07, 0.47), (0.062, 0.39), (0.078, 0.27), (0.056, 0.19), (0.03, 0.155), (0.034, 0.125),
    (0.054, 0.115), (0.066, 0.08),
)
# fmt: on
_ARM = ((-0.004, 0.22), (-0.016, 0.36), (0.014, 0.5))
HALF_WIDTH = 0.14


@lru_cache(maxsize=4)
def figure(box: Box, u: float, colour: Colour) -> Sprite:
    """Draw the outline of somebody standing: a light line with a dark edge, the inside faint."""
    body, arm = _masks(box)
    outlines = [
        outline
        for mask in (body, arm)
        for outline in cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    ]
    ink = np.zeros((box.h, box.w, 3), np.uint8)
    cover = np.zeros((box.h, box.w), np.uint8)
    ink[body > 0] = [round(0.15 * part) for part in colour]
    cover[body > 0] = round(0.15 * 255)
    for thickness, share, shade in ((5 * u, 0.6, BLACK), (3 * u, 0.9, colour)):
        light = tuple(round(share * part) for part in shade)
        for image, value in ((ink, light), (cover, (round(share * 255),))):
            cv2.drawContours(image, outlines, -1, value, max(1, round(thickness)), cv2.LINE_AA)
    return ink, np.repeat(255 - cover[..., None], 3, axis=2)


def _masks(box: Box) -> tuple[Image, Image]:
    """Return where somebody standing is in the figure's box: body and arm, 255 inside."""
    margin = max(1, box.h // 60)  # for the thickness of the outline
    height = box.h - 2 * margin

    def pixels(points: tuple[tuple[float, float], ...]) -> np.ndarray:
        return np.array([(box.w / 2 + x * height, margin + y * height) for x, y in points]).astype(
            np.int32
        )

    body, arm = (np.zeros((box.h, box.w), np.uint8) for _ in range(2))
    cv2.fillPoly(body, [pixels(_BODY)], (255,))
    (centre,), axes = pixels((_HEAD[0],)), [round(part * height) for part in _HEAD[1]]
    cv2.ellipse(body, centre.tolist(), axes, 0, 0, 360, (255,), -1)
    cv2.polylines(arm, [pixels(_ARM)], False, (255,), max(1, round(0.045 * height)))
    soft = max(0.5, 0.009 * height)
    smooth = [cv2.GaussianBlur(mask, (0, 0), soft) for mask in (body, arm)]
    body, arm = (np.where(mask > 127, 255, 0).astype(np.uint8) for mask in smooth)
    return body, arm
