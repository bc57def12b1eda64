"""Messages: a block of colour with a sign in it, and the text beside or below."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from math import ceil

from heelrise.layout import Box
from heelrise.panel import (
    BLACK,
    GREEN,
    LINE_PITCH,
    SKY_BLUE,
    VERMILLION,
    WHITE,
    YELLOW,
    Colour,
    Panel,
    Sprite,
    fit_lines,
    lines_height,
)

# Draws a sign onto a panel: its centre and half its width, pixels.
Sign = Callable[[Panel, tuple[float, float], float], None]


class Kind(Enum):
    """Kinds of messages, each with a colour and a sign of its own."""

    FAULT = auto()
    FRAME = auto()
    GOOD = auto()
    NOTE = auto()
    PAUSED = auto()
    CHANGE = auto()


def banner(box: Box, u: float, text: str, kind: Kind, caps: tuple[float, float]) -> Sprite:
    """Draw a message: a block of colour with a sign in it, and the text beside it.

    Parameters
    ----------
    box : Box
        Room there is; the panel takes its top, as much as the text needs.
    u : float
        Unit, pixels.
    text : str
        The message.
    kind : Kind
        Of the message: says colour and sign.
    caps : tuple of float
        Largest and smallest cap height, pixels.
    """
    colour, draw_sign = _SIGNS[kind]
    icon, margin = 26 * u, 8 * u
    left = icon + 2 * margin
    lines, cap = fit_lines(text, box.w - left - margin, box.h - 2 * margin, *caps)
    text_h = lines_height(len(lines), cap)
    height = min(box.h, ceil(max(icon, text_h) + 2 * margin))
    panel = Panel(box.w, height, corner=round(6 * u))
    panel.rectangle(0, 0, icon + margin, height, colour)
    draw_sign(panel, ((icon + margin) / 2, height / 2), icon / 2)
    for i, line in enumerate(lines):
        baseline = (height - text_h) / 2 + cap + i * LINE_PITCH * cap
        panel.text(line, left, baseline, cap, WHITE)
    return panel.finish()


def tall_banner(box: Box, u: float, text: str, kind: Kind, caps: tuple[float, float]) -> Sprite:
    """Draw a message with its sign above: in a narrow box that leaves larger letters.

    The parameters are those of :func:`banner`.
    """
    margin, head = 8 * u, 44 * u
    colour, draw_sign = _SIGNS[kind]
    room = box.h - head - 2 * margin
    lines, cap = fit_lines(text, box.w - 2 * margin, room, *caps)
    height = min(box.h, ceil(head + lines_height(len(lines), cap) + 2 * margin))
    panel = Panel(box.w, height, corner=round(6 * u))
    panel.rectangle(0, 0, box.w, head, colour)
    draw_sign(panel, (margin + 18 * u, head / 2), 18 * u)
    for i, line in enumerate(lines):
        panel.text(line, margin, head + margin + cap + i * LINE_PITCH * cap, cap, WHITE)
    return panel.finish()


def _draw_triangle(panel: Panel, centre: tuple[float, float], r: float) -> None:
    """Draw the sign of a fault: an exclamation mark in a triangle, ``r`` half its width."""
    x, y = centre
    panel.polygon([(x - r, y + 0.8 * r), (x, y - r), (x + r, y + 0.8 * r)], BLACK)
    _draw_mark(panel, (x, y + 0.1 * r), r, WHITE)


def _draw_frame(panel: Panel, centre: tuple[float, float], r: float) -> None:
    """Draw the sign of a framing warning: an exclamation mark in a picture frame."""
    x, y = centre
    panel.rectangle(x - r, y - 0.8 * r, 2 * r, 1.6 * r, BLACK)
    panel.rectangle(x - 0.8 * r, y - 0.6 * r, 1.6 * r, 1.2 * r, YELLOW)
    _draw_mark(panel, (x, y - 0.05 * r), r, BLACK)


def _draw_mark(panel: Panel, centre: tuple[float, float], r: float, colour: Colour) -> None:
    """Draw an exclamation mark that fits into a sign of half width ``r``."""
    x, y = centre
    panel.rectangle(x - 0.1 * r, y - 0.45 * r, 0.2 * r, 0.6 * r, colour)
    panel.disc(x, y + 0.4 * r, 0.13 * r, colour)


def _draw_tick(panel: Panel, centre: tuple[float, float], r: float) -> None:
    """Draw a tick, ``r`` half its width."""
    stroke_tick(panel, centre, r, BLACK)


def stroke_tick(panel: Panel, centre: tuple[float, float], r: float, colour: Colour) -> None:
    """Draw a tick in a colour, ``r`` half its width."""
    x, y = centre
    points = [(x - 0.7 * r, y), (x - 0.2 * r, y + 0.5 * r), (x + 0.7 * r, y - 0.5 * r)]
    panel.stroke(points, 0.3 * r, colour)


def _draw_info(panel: Panel, centre: tuple[float, float], r: float) -> None:
    """Draw the sign of a note: an i in a disc."""
    x, y = centre
    panel.disc(x, y, 0.9 * r, BLACK)
    panel.disc(x, y - 0.45 * r, 0.15 * r, WHITE)
    panel.rectangle(x - 0.12 * r, y - 0.15 * r, 0.24 * r, 0.7 * r, WHITE)


def _draw_pause(panel: Panel, centre: tuple[float, float], r: float) -> None:
    """Draw the sign of a pause: two bars."""
    x, y = centre
    for left in (-0.6, 0.15):
        panel.rectangle(x + left * r, y - 0.7 * r, 0.45 * r, 1.4 * r, BLACK)


def _draw_change(panel: Panel, centre: tuple[float, float], r: float) -> None:
    """Draw the sign of changing legs: two arrows, one each way."""
    x, y = centre
    for way, middle in ((1, y - 0.4 * r), (-1, y + 0.4 * r)):
        panel.rectangle(x - 0.8 * r, middle - 0.1 * r, 1.6 * r, 0.2 * r, BLACK)
        tip, back = x + way * 0.9 * r, x + way * 0.3 * r
        panel.polygon([(tip, middle), (back, middle - 0.35 * r), (back, middle + 0.35 * r)], BLACK)


_SIGNS: dict[Kind, tuple[Colour, Sign]] = {
    Kind.FAULT: (VERMILLION, _draw_triangle),
    Kind.FRAME: (YELLOW, _draw_frame),
    Kind.GOOD: (GREEN, _draw_tick),
    Kind.NOTE: (SKY_BLUE, _draw_info),
    Kind.PAUSED: (WHITE, _draw_pause),
    Kind.CHANGE: (SKY_BLUE, _draw_change),
}
