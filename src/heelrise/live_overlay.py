"""Draws the live picture: what somebody on one foot must read from three metres away.

It adds to the panels of an annotated video what only a live session has: guidance before the
first rise, the hold, the rest, the aim and what the keys did. It decides nothing about the reps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil

import cv2

from heelrise.banner import Kind, banner, stroke_tick, tall_banner
from heelrise.figure import HALF_WIDTH, figure
from heelrise.layout import LIVE_COUNT_SHARE, Box, Layout, layout, whole_box
from heelrise.moment import Counts, Moment, Phase
from heelrise.overlay import draw_body, draw_state
from heelrise.panel import (
    GREEN,
    GREY,
    LINE_PITCH,
    ORANGE,
    SKY_BLUE,
    TRACK,
    WHITE,
    YELLOW,
    Image,
    Panel,
    Sprite,
    fit_line,
    fit_lines,
    line_width,
    lines_height,
    paste,
)
from heelrise.words import ENGLISH, Guide, Words
from heelrise.workout import Now, Stage

# A ring's steps: a fortieth of a second of hold each, and few enough sprites to keep.
_RING_STEPS = 40
_BEAT_STEPS = 20  # of a second: a twentieth is a frame and a half


@dataclass(frozen=True)
class LiveView:
    """What the live picture shows beyond the moment.

    Attributes
    ----------
    now : Now
        Where in the workout the person is.
    target : int or None
        How many reps a leg are aimed at.
    fps : float or None
        Pictures a second.
    camera : Guide or None
        What is wrong with the camera: shown in place of everything else.
    note : str or None
        What a key has just done.
    paused, muted, help : bool
        Whether the session stands still, is silent, and shows its keys.
    beat : (float, bool) or None
        Metronome: share of the beat that has passed, and whether it is one to rise on.
    valid : int or None
        In the test: how many raises of a leg are valid, in place of what is aimed at.
    holds : bool
        Whether phase and hold are shown: a pause at the top is no part of the heel-rise test.
    """

    now: Now
    target: int | None
    fps: float | None
    camera: Guide | None = None
    note: str | None = None
    paused: bool = False
    muted: bool = False
    help: bool = False
    beat: tuple[float, bool] | None = None
    valid: int | None = None
    holds: bool = True


@dataclass(frozen=True)
class LivePlaces:
    """Where everything stands in a live picture of one size.

    Attributes
    ----------
    panels : Layout
        Count, phase, message and gauge, and where the feet are.
    ring : Box
        The hold; kept free while there is none.
    rest : Box
        The rest timer, in place of the phase.
    status : Box
        The small lines; they take the bottom of their box only.
    guide : Box
        What to do before the first rise; it takes the top of its box only.
    figure : Box
        The outline of somebody standing, crown to floor.
    tick : Box
        The sign beside the figure that all is ready.
    beat : Box
        The test's beat before the first raise; later it stands in place of the ring.
    trouble : Box
        What is wrong with the camera; it takes the top of its box only.
    keys : Box
        The help.
    """

    panels: Layout
    ring: Box
    rest: Box
    status: Box
    guide: Box
    figure: Box
    tick: Box
    beat: Box
    trouble: Box
    keys: Box


def draw_live(
    image: Image,
    moment: Moment,
    cue: str | None,
    view: LiveView,
    words: Words = ENGLISH,
    mirrored: bool = False,
) -> None:
    """Draw body and panels of a live session onto a picture, in place.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3)
        BGR picture.
    moment : Moment
        What is known at this frame.
    cue : str or None
        What to tell the person now.
    view : LiveView
        What else there is to show.
    words : Words
        The language.
    mirrored : bool
        Turn the picture into a mirror: left and right of the body change, the panels do not.
    """
    places = live_places(image.shape[1], image.shape[0])
    if view.camera is None:
        draw_body(image, moment)
    if mirrored:
        image[:] = cv2.flip(image, 1)
    if view.camera is not None:
        trouble = _banner(places.trouble, places.panels, words.guides[view.camera], Kind.FRAME)
        _paste_in(image, places.trouble, trouble)
    if view.help:
        _paste_in(image, places.keys, _keys_panel(places, words.keys))
    if view.camera is not None or view.help:
        return
    is_guiding = _is_before_first_set(view.now)
    message = _message(cue, view, words, is_guiding)
    if is_guiding:
        _draw_guidance(image, places, message, view.now.stage is Stage.READY)
        _draw_beat(image, places, places.beat, view, words)
    else:
        _draw_workout(image, places, moment, message, view, words)
    status = _status_panel(places, _status(view, words))
    paste(image, places.status.x, places.status.bottom - status[0].shape[0], status)


@lru_cache(maxsize=8)
def live_places(width: int, height: int) -> LivePlaces:
    """Return where everything stands in a live picture of this size, pixels.

    The ring stands below phase and rest in the left column, the small lines below the ring. A wide
    picture has room for the guidance beside the figure, an upright one only above it.
    """
    panels = layout(width, height, LIVE_COUNT_SHARE)
    feet, phase, margin = panels.feet, panels.phase, 8 * panels.unit_px
    wide = width >= 1.2 * height
    rest_h = max(phase.h, min(0.36 * phase.w, feet.y - margin - phase.y))
    ring_y = phase.y + rest_h + margin
    ring_d = (0.17 if wide else 0.14) * height
    status_y = ring_y + ring_d + margin
    figure_y = 0.06 * height if wide else 0.23 * height + margin
    figure_h = 0.94 * height - figure_y
    figure_x = width / 2 - HALF_WIDTH * figure_h
    beside_x = width / 2 + HALF_WIDTH * figure_h
    guide_w = (figure_x if wide else width) - 2 * margin
    guide_h = (0.58 if wide else 0.23) * height - margin
    keys_y = 0.27 * height
    tick_d = 0.15 * figure_h
    return LivePlaces(
        panels=panels,
        ring=whole_box(margin, ring_y, ring_d, ring_d),
        rest=whole_box(phase.x, phase.y, phase.w, rest_h),
        status=whole_box(margin, status_y, feet.x - 2 * margin, height - margin - status_y),
        guide=whole_box(margin, margin, guide_w, guide_h),
        figure=whole_box(figure_x, figure_y, 2 * HALF_WIDTH * figure_h, figure_h),
        tick=whole_box(beside_x, figure_y, tick_d, tick_d),
        beat=whole_box(
            min(beside_x, width - margin - ring_d), figure_y + tick_d + margin, ring_d, ring_d
        ),
        trouble=whole_box(margin, margin, width - 2 * margin, keys_y - 2 * margin),
        keys=whole_box(margin, keys_y, width - 2 * margin, height - margin - keys_y),
    )


def _is_before_first_set(now: Now) -> bool:
    """Tell whether the person is still to be guided: nothing was counted yet."""
    return now.stage in (Stage.SETUP, Stage.READY) and now.counts == Counts()


def _message(
    cue: str | None, view: LiveView, words: Words, is_guiding: bool
) -> tuple[str, Kind] | None:
    """Return the one message to show and its kind: what was done by hand comes first."""
    now = view.now
    if view.paused:
        return words.paused, Kind.PAUSED
    if view.note:
        return view.note, Kind.NOTE
    if cue:
        return cue, Kind.GOOD if cue == words.praise else Kind.FAULT
    if now.stage is Stage.DONE:
        return words.both_done, Kind.GOOD
    if now.change_legs:
        return words.change_legs, Kind.CHANGE
    if now.stage is Stage.SET or now.guide is None:
        return None
    if not is_guiding and now.guide in (Guide.READY, Guide.STAND_STILL):
        return None  # between sets nobody need be told how to stand
    return words.guides[now.guide], Kind.GOOD if now.guide is Guide.READY else Kind.FRAME


def _draw_guidance(
    image: Image, places: LivePlaces, message: tuple[str, Kind] | None, is_ready: bool
) -> None:
    """Draw what to do before the first rise, and where to stand."""
    _paste_in(
        image,
        places.figure,
        figure(places.figure, places.panels.unit_px, GREEN if is_ready else WHITE),
    )
    if is_ready:
        _paste_in(image, places.tick, _tick_panel(places))
    if message is not None:
        text, kind = message
        wide = places.guide.bottom > places.figure.y  # it stands beside the figure
        panel = _banner(places.guide, places.panels, text, kind, is_tall=wide)
        _paste_in(image, places.guide, panel)


def _draw_workout(
    image: Image,
    places: LivePlaces,
    moment: Moment,
    message: tuple[str, Kind] | None,
    view: LiveView,
    words: Words,
) -> None:
    """Draw count, phase or rest, gauge, hold and message."""
    now = view.now
    rest_s = now.rest_s if now.stage is Stage.REST else None
    goal = "" if view.target is None else f"{words.goal} {view.target}"
    if view.valid is not None:
        goal = f"{words.valid} {view.valid}"
    draw_state(
        *(image, places.panels, replace(moment, counts=now.counts), words),
        goal=goal,
        peaks_shin=now.peaks_shin,
        with_phase=rest_s is None and view.holds,
    )
    if rest_s is not None:
        minutes, seconds = divmod(int(rest_s), 60)
        rest = _rest_panel(places, words.rest, f"{minutes}:{seconds:02d}")
        _paste_in(image, places.rest, rest)
    if view.beat is not None:
        _draw_beat(image, places, places.ring, view, words)
    elif moment.phase is Phase.TOP and view.holds:
        step = int(_RING_STEPS * now.hold_share)
        _paste_in(image, places.ring, _ring_panel(places, step))
    if message is not None:
        box = places.panels.message
        _paste_in(image, box, _banner(box, places.panels, *message))


def _draw_beat(image: Image, places: LivePlaces, box: Box, view: LiveView, words: Words) -> None:
    """Draw the test's beat, if there is one."""
    if view.beat is not None:
        share, is_up = view.beat
        step = int(_BEAT_STEPS * share)
        _paste_in(image, box, _beat_panel(box, step, is_up, words.beat))


def _status(view: LiveView, words: Words) -> str:
    """Return the small lines."""
    fps = "" if view.fps is None else f"{view.fps:.0f} fps"
    return ", ".join(part for part in (fps, words.muted * view.muted, words.privacy) if part)


def _paste_in(image: Image, box: Box, sprite: Sprite) -> None:
    """Blend a panel into its box's top left corner."""
    paste(image, box.x, box.y, sprite)


@lru_cache(maxsize=16)
def _banner(box: Box, panels: Layout, text: str, kind: Kind, *, is_tall: bool = False) -> Sprite:
    """Draw a message in letters that suit the count beside it."""
    u, draw = panels.unit_px, tall_banner if is_tall else banner
    return draw(box, u, text, kind, (0.42 * panels.digit_px, 9 * u))


@lru_cache(maxsize=_RING_STEPS + 1)
def _ring_panel(places: LivePlaces, step: int) -> Sprite:
    """Draw the hold: a ring that fills clockwise, closed with a tick when held long enough."""
    size = min(places.ring.w, places.ring.h)  # they may differ by a pixel
    middle, radius, thickness = size / 2, 0.4 * size, 0.15 * size
    panel = Panel(size, size, corner=size // 2)
    panel.arc(middle, middle, radius, thickness, 1.0, TRACK)
    is_full = step >= _RING_STEPS
    if step > 0:
        colour = GREEN if is_full else YELLOW
        panel.arc(middle, middle, radius, thickness, step / _RING_STEPS, colour)
    if is_full:
        stroke_tick(panel, (middle, middle), 0.33 * size, WHITE)
    return panel.finish()


@lru_cache(maxsize=2 * (_BEAT_STEPS + 1))
def _beat_panel(box: Box, step: int, is_up: bool, names: tuple[str, str]) -> Sprite:
    """Draw the beat: the way to go in words, in a ring that closes until the next beat."""
    size = min(box.w, box.h)
    panel = Panel(size, size, corner=size // 2)
    colour = SKY_BLUE if is_up else ORANGE
    panel.arc(size / 2, size / 2, 0.42 * size, 0.1 * size, 1.0, TRACK)
    if step > 0:
        panel.arc(size / 2, size / 2, 0.42 * size, 0.1 * size, step / _BEAT_STEPS, colour)
    name = names[0] if is_up else names[1]
    cap = fit_line(name, 0.6 * size, 0.3 * size)
    panel.text(name, (size - line_width(name, cap)) / 2, (size + cap) / 2, cap, WHITE)
    return panel.finish()


@lru_cache(maxsize=4)
def _tick_panel(places: LivePlaces) -> Sprite:
    """Draw the sign that all is ready."""
    size = min(places.tick.w, places.tick.h)
    panel = Panel(size, size, corner=size // 2)
    panel.disc(size / 2, size / 2, 0.45 * size, GREEN)
    stroke_tick(panel, (size / 2, size / 2), 0.4 * size, WHITE)
    return panel.finish()


@lru_cache(maxsize=8)
def _rest_panel(places: LivePlaces, label: str, time: str) -> Sprite:
    """Draw the rest timer: its name, and minutes and seconds in large."""
    box, u = places.rest, places.panels.unit_px
    panel = Panel(box.w, box.h, corner=round(6 * u))
    cap = fit_line(label, 0.34 * box.w, 18 * u)
    panel.text(label, 8 * u, (box.h + cap) / 2, cap, GREY)
    left = line_width(label, cap) + 20 * u
    cap = fit_line(time, box.w - left - 8 * u, 0.66 * box.h)
    panel.text(time, left, (box.h + cap) / 2, cap, WHITE)
    return panel.finish()


@lru_cache(maxsize=16)
def _status_panel(places: LivePlaces, text: str) -> Sprite:
    """Draw the small lines, for somebody at the desk."""
    box, u = places.status, places.panels.unit_px
    margin = 5 * u
    lines, cap = fit_lines(text, box.w - 2 * margin, box.h - 2 * margin, 7.5 * u, 6 * u)
    width = max(line_width(line, cap) for line in lines)
    height = lines_height(len(lines), cap)
    panel = Panel(
        min(box.w, ceil(width + 2 * margin)),
        min(box.h, ceil(height + 2 * margin)),
        corner=round(4 * u),
    )
    for i, line in enumerate(lines):
        panel.text(line, margin, margin + cap + i * LINE_PITCH * cap, cap, WHITE)
    return panel.finish()


@lru_cache(maxsize=4)
def _keys_panel(places: LivePlaces, keys: tuple[tuple[str, str], ...]) -> Sprite:
    """Draw the help: keys in one column, what they do in the other."""
    box, u = places.keys, places.panels.unit_px
    margin, gap = 12 * u, 16 * u
    pitch = (box.h - 2 * margin) / len(keys)
    # Both columns in letters of one size: as if the longest of each stood in one line.
    longest = [max(column, key=len) for column in zip(*keys, strict=True)]
    cap = fit_line("W".join(longest), box.w - 2 * margin - gap, 0.55 * pitch)
    second = margin + max(line_width(key, cap) for key, _ in keys) + gap
    panel = Panel(box.w, box.h, corner=round(6 * u))
    for i, (key, text) in enumerate(keys):
        baseline = margin + (i + 0.5) * pitch + cap / 2
        panel.text(key, margin, baseline, cap, YELLOW)
        panel.text(text, second, baseline, cap, WHITE)
    return panel.finish()
