"""Draws what the core knows onto a picture; reads only, decides nothing.

Each panel is drawn once for what it says and kept; a frame costs one blend the size of the
panel. That keeps drawing well under a millisecond at 640x480.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import isfinite
from typing import Literal

import cv2
import numpy as np

from heelrise.banner import Kind, banner
from heelrise.landmarks import ANKLE, HEEL, HIP, KNEE, TOE
from heelrise.layout import VIDEO_COUNT_SHARE, Box, Layout, gauge_range, gauge_y, layout
from heelrise.moment import Moment, Phase
from heelrise.panel import (
    BLACK,
    GREEN,
    GREY,
    ORANGE,
    SKY_BLUE,
    TRACK,
    WHITE,
    Colour,
    Image,
    Panel,
    Sprite,
    fit_line,
    line_width,
    paste,
)
from heelrise.result import SIDES, Side
from heelrise.words import ENGLISH, Words

Points = Sequence[tuple[int, int] | None]
PHASE_COLOURS = {
    Phase.AWAY: GREY,
    Phase.STANDING: GREY,
    Phase.RISING: SKY_BLUE,
    Phase.TOP: GREEN,
    Phase.LOWERING: SKY_BLUE,
}

# Long enough to read a warning of a dozen words before the next one's turn.
WARNING_TURN_S = 3.0

# The model puts landmarks it cannot see anywhere; the rest of the body is only for orientation.
_MIN_BODY_VISIBILITY = 0.3

_BODY_BONES = (
    *((11, 12), (11, 23), (12, 24), (23, 24)),  # trunk
    *((11, 13), (13, 15), (12, 14), (14, 16)),  # arms
    *((23, 25), (25, 27), (27, 29), (29, 31), (27, 31)),  # left leg
    *((24, 26), (26, 28), (28, 30), (30, 32), (28, 32)),  # right leg
)


def draw(
    image: Image,
    moment: Moment,
    cue: str | None = None,
    count_share: float = VIDEO_COUNT_SHARE,
    words: Words = ENGLISH,
) -> None:
    """Draw body and panels onto a picture, in place.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3)
        BGR picture; it may be of another size than the one the pose was found in.
    moment : Moment
        What is known at this frame.
    cue : str or None
        What to tell the person now; warnings are shown while there is none.
    count_share : float
        Size of the count, see :func:`heelrise.layout.layout`.
    words : Words
        The language.
    """
    draw_body(image, moment)
    draw_panels(image, moment, cue, count_share, words)


def draw_body(image: Image, moment: Moment) -> None:
    """Draw the standing leg clearly and the rest of the body faintly, in place.

    Apart from :func:`draw_panels`, so that a picture can be mirrored between the two.
    """
    height, width = image.shape[:2]
    unit = min(width, height) / 360
    points = _points(moment, width, height)
    visible = moment.pose.visibility > _MIN_BODY_VISIBILITY
    thin = max(1, round(unit))
    for start, end in _BODY_BONES:
        if visible[start] and visible[end]:
            _bone(image, points, (start, end), GREY, thin)
    if moment.side in ("left", "both"):
        _draw_leg(image, points, "left", unit)
    if moment.side in ("right", "both"):
        _draw_leg(image, points, "right", unit)


def _points(moment: Moment, width: int, height: int) -> Points:
    """Return landmarks in pixels of this picture, None for those that cannot be drawn."""
    pose = moment.pose
    xy = pose.xy_px * (width / max(1, pose.width_px), height / max(1, pose.height_px))
    reach = 2 * max(width, height)  # farther points overflow OpenCV's lines
    return [
        (round(x), round(y)) if abs(x) < reach and abs(y) < reach else None  # None for NaN, too
        for x, y in xy.tolist()
    ]


def _draw_leg(image: Image, points: Points, side: Literal["left", "right"], unit: float) -> None:
    """Draw one leg's bones and landmarks, dark-edged so that they show on any clothes."""
    hip, knee, ankle, heel, toe = (part[side] for part in (HIP, KNEE, ANKLE, HEEL, TOE))
    bones = ((hip, knee), (knee, ankle), (ankle, heel), (heel, toe), (ankle, toe))
    thick, edge = max(2, round(3 * unit)), max(1, round(unit))
    for colour, thickness in ((BLACK, thick + 2 * edge), (SKY_BLUE, thick)):
        for bone in bones:
            _bone(image, points, bone, colour, thickness)
    for joint in (hip, knee, ankle, toe, heel):
        point = points[joint]
        if point is not None:
            radius = round((4 if joint == heel else 3) * unit) + 1
            cv2.circle(image, point, radius + edge, BLACK, -1, cv2.LINE_AA)
            cv2.circle(image, point, radius, ORANGE if joint == heel else WHITE, -1, cv2.LINE_AA)


def _bone(
    image: Image, points: Points, bone: tuple[int, int], colour: Colour, thickness: int
) -> None:
    """Draw a line between two landmarks, if both can be drawn."""
    start, end = points[bone[0]], points[bone[1]]
    if start is not None and end is not None:
        cv2.line(image, start, end, colour, thickness, cv2.LINE_AA)


def draw_panels(
    image: Image,
    moment: Moment,
    cue: str | None = None,
    count_share: float = VIDEO_COUNT_SHARE,
    words: Words = ENGLISH,
) -> None:
    """Draw count, phase, heel gauge and message onto a picture, in place; see :func:`draw`."""
    places = layout(image.shape[1], image.shape[0], count_share)
    draw_state(image, places, moment, words)
    message = cue or _warning(moment)
    if message:
        panel = _message_panel(places, message, is_fault=bool(cue))
        paste(image, places.message.x, places.message.y, panel)


def draw_state(
    image: Image,
    places: Layout,
    moment: Moment,
    words: Words,
    goal: str = "",
    peaks_shin: Sequence[float] = (),
    with_phase: bool = True,
) -> None:
    """Draw all panels but the message onto a picture, in place.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3)
        BGR picture.
    places : Layout
        Where the panels stand.
    moment : Moment
        What is known at this frame.
    words : Words
        The language.
    goal : str
        What to write beside the count, as "of 12".
    peaks_shin : sequence of float
        Peaks to mark on the gauge, the newest last, shin lengths above flat foot.
    with_phase : bool
        Whether to draw the phase; its place stays free otherwise.
    """
    big, small = count_words(moment, words)
    paste(image, places.count.x, places.count.y, _count_panel(places, big, small, goal))
    if with_phase:
        phase = _phase_panel(places, moment.phase, *_phase_words(moment, words))
        paste(image, places.phase.x, places.phase.y, phase)
    _draw_gauge(image, places, moment, words, peaks_shin)


def _warning(moment: Moment) -> str | None:
    """Return the warning to show now: of several each has its turn."""
    if not moment.warnings:
        return None
    return moment.warnings[int(moment.t_s / WARNING_TURN_S) % len(moment.warnings)]


def count_words(moment: Moment, words: Words = ENGLISH) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return what the count panel says: one or two (label, number) pairs, and the small line.

    Big is the leg that works; between sets, with nobody on one leg, every leg that has reps.
    """
    counts = moment.counts
    working = moment.phase in (Phase.RISING, Phase.TOP, Phase.LOWERING)
    shown: tuple[Side, ...]
    if moment.side in ("left", "right") or (moment.side == "both" and working):
        shown = (moment.side,)
    else:
        shown = tuple(side for side in SIDES if side != "both" and counts.of(side))
        if not shown and counts.both:
            shown = ("both",)
    big = tuple((words.sides[side], str(counts.of(side))) for side in shown)
    rest = [side for side in SIDES if side not in shown and counts.of(side)]
    small = "   ".join(f"{words.sides[side].lower()} {counts.of(side)}" for side in rest)
    return big or ((words.reps, "0"),), small


def _phase_words(moment: Moment, words: Words) -> tuple[str, str]:
    """Return the words for the phase, and the longest there can be, which sets their size."""
    held = _finite(moment.hold_s)
    text = words.phases[moment.phase]
    if moment.phase is Phase.TOP and held is not None:
        text = f"{text} {held:.1f} s"
    return text, max([*words.phases.values(), f"{words.phases[Phase.TOP]} 88.8 s"], key=len)


def _finite(value: float | None) -> float | None:
    """Return a number that can be drawn, or None."""
    return value if value is not None and isfinite(value) else None


@lru_cache(maxsize=8)
def _count_panel(
    places: Layout, big: tuple[tuple[str, str], ...], small: str, goal: str = ""
) -> Sprite:
    """Draw the count: label above number, one or two of them side by side, and a small line.

    The goal stands right of the label, or of the small line where there are two labels.
    """
    box, u = places.count, places.unit_px
    panel = Panel(box.w, box.h, corner=round(6 * u))
    goal_cap = fit_line(goal, 0.4 * box.w, 14 * u)
    goal_w = line_width(goal, goal_cap) + 12 * u if goal else 0.0
    is_one, column = len(big) == 1, box.w / len(big)
    for i, (label, number) in enumerate(big):
        left, width = i * column + 8 * u, column - 16 * u
        cap = fit_line(label, width - goal_w * is_one, 14 * u)
        panel.text(label, left, 22 * u, cap, GREY)
        cap = fit_line(number, width, places.digit_px)
        panel.text(number, left, 30 * u + places.digit_px, cap, WHITE)
    goal_y = 22 * u if is_one else box.h - 9 * u
    panel.text(goal, box.w - goal_w + 4 * u, goal_y, goal_cap, WHITE)
    cap = fit_line(small, box.w - 16 * u - goal_w * (not is_one), 11 * u)
    panel.text(small, 8 * u, box.h - 9 * u, cap, GREY)
    return panel.finish()


@lru_cache(maxsize=16)
def _phase_panel(places: Layout, phase: Phase, text: str, longest: str) -> Sprite:
    """Draw the phase: a shape and colour of its own, and the word beside it."""
    box, u = places.phase, places.unit_px
    panel = Panel(box.w, box.h, corner=round(6 * u))
    colour = PHASE_COLOURS[phase]
    middle, r = box.h / 2, 0.28 * box.h
    x = 8 * u + r
    if phase is Phase.RISING:
        panel.polygon([(x - r, middle + r), (x, middle - r), (x + r, middle + r)], colour)
    elif phase is Phase.LOWERING:
        panel.polygon([(x - r, middle - r), (x, middle + r), (x + r, middle - r)], colour)
    elif phase is Phase.TOP:
        panel.rectangle(x - r, middle - r, 0.75 * r, 2 * r, colour)
        panel.rectangle(x + 0.25 * r, middle - r, 0.75 * r, 2 * r, colour)
    else:
        panel.disc(x, middle, 0.6 * r, colour)
    left = x + r + 8 * u
    cap = fit_line(longest, box.w - left - 6 * u, 0.5 * box.h)
    panel.text(text, left, middle + cap / 2, cap, WHITE)
    return panel.finish()


@lru_cache(maxsize=8)
def _message_panel(places: Layout, text: str, is_fault: bool) -> Sprite:
    """Draw a message: a warning triangle for a fault, a picture frame for the framing."""
    u = places.unit_px
    if is_fault:
        caps = (0.42 * places.digit_px, 10 * u)
        return banner(places.message, u, text, Kind.FAULT, caps)
    return banner(places.message, u, text, Kind.FRAME, (13 * u, 8 * u))


def _draw_gauge(
    image: Image, places: Layout, moment: Moment, words: Words, peaks_shin: Sequence[float] = ()
) -> None:
    """Draw the heel gauge: the scale from the store, this frame's level, the last peaks."""
    best, level = _finite(moment.best_shin), _finite(moment.level_shin)
    on_step = bool(moment.on_step)
    labels = (words.gauge, words.step if on_step else words.flat, words.best)
    flat_seen = best is not None or level is not None
    scale = _gauge_panel(places, labels, on_step, best, flat_seen)
    paste(image, places.gauge.x, places.gauge.y, scale)
    bar, u = places.bar, places.unit_px
    low, high = gauge_range(best, on_step)
    if level is not None:
        flat_y, level_y = gauge_y(0.0, bar, low, high), gauge_y(level, bar, low, high)
        colour = GREEN if moment.phase is Phase.TOP else SKY_BLUE
        top, bottom = min(flat_y, level_y), max(flat_y, level_y)
        cv2.rectangle(image, (bar.x, top), (bar.right - 1, bottom), colour, -1)
    rows = [gauge_y(peak, bar, low, high) for peak in peaks_shin if isfinite(peak)]
    _draw_peaks(image, bar, u, rows)
    if level is not None:
        tip, half = bar.right - round(3 * u), round(6 * u)
        x, y = tip + 2 * half, gauge_y(level, bar, low, high)
        pointer = np.array([(tip, y), (x, y - half), (x, y + half)], np.int32)
        cv2.fillConvexPoly(image, pointer, WHITE, cv2.LINE_AA)


def _draw_peaks(image: Image, bar: Box, u: float, rows: Sequence[int]) -> None:
    """Draw a tick for each peak, the newest last, longest and brightest."""
    half, edge = max(1, round(0.75 * u)), max(1, round(0.75 * u))
    for age, y in reversed(list(enumerate(reversed(rows)))):
        right = bar.x + round((0.9 - 0.13 * age) * (bar.w - 1))
        shade = 255 - 25 * age
        for grow, ink in ((edge, BLACK), (0, (shade, shade, shade))):
            low_y, high_y = y + half + grow, y - half - grow
            cv2.rectangle(image, (bar.x, high_y), (right + grow, low_y), ink, -1)


@lru_cache(maxsize=8)
def _gauge_panel(
    places: Layout,
    labels: tuple[str, str, str],
    on_step: bool,
    best: float | None,
    flat_seen: bool = True,
) -> Sprite:
    """Draw the gauge's scale: flat or step level, what lies below it, the person's own best.

    Where flat foot was not seen there is no level, and the bar stays empty.
    """
    box, u = places.gauge, places.unit_px
    bar = Box(places.bar.x - box.x, places.bar.y - box.y, places.bar.w, places.bar.h)
    title, flat, best_label = labels
    panel = Panel(box.w, box.h, corner=round(6 * u))
    panel.text(title, 8 * u, 20 * u, fit_line(title, box.w - 16 * u, 11 * u), GREY)
    panel.rectangle(bar.x, bar.y, bar.w, bar.h, TRACK)
    if not flat_seen:
        return panel.finish()
    low, high = gauge_range(best, on_step)
    flat_y = gauge_y(0.0, bar, low, high)
    if on_step:
        pitch = round(5 * u)
        for y in range(flat_y + pitch, bar.bottom - 1, pitch):
            panel.rectangle(bar.x, y, bar.w, max(1, u), GREY)
    else:
        panel.rectangle(bar.x, flat_y, bar.w, bar.bottom - flat_y, GREY)
    marks = [(flat, flat_y, flat_y, WHITE)]
    if best is not None:
        best_y = gauge_y(best, bar, low, high)
        marks.append((best_label, best_y, min(best_y, flat_y - round(18 * u)), ORANGE))
    line = max(2, round(2 * u))
    for label, y, label_y, colour in marks:
        panel.rectangle(bar.x - 4 * u, y - line // 2, bar.w + 4 * u, line, colour)
        cap = fit_line(label, bar.x - 12 * u, 11 * u)
        left = bar.x - 6 * u - line_width(label, cap)
        panel.text(label, left, label_y + cap / 2, cap, WHITE)
    return panel.finish()
