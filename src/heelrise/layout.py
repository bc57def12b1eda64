"""Says where on a picture the panels stand: rectangles from a size, no pixel touched.

Everything is counted in a 360th of the picture's shorter side, so that a picture looks the same
at 360p and at 4K.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

# Share of the picture's height that a digit of the count takes: an eighth reads well in a video,
# a quarter from three metres away.
VIDEO_COUNT_SHARE = 1 / 8
LIVE_COUNT_SHARE = 1 / 4

# Room for one digit in a row of them, in cap heights (the wider of OpenCV 4 and 5).
DIGIT_PITCH = 0.96

# The gauge's range in shin lengths above flat foot. A full raise is about 0.22, and on a step good
# reps end up to 5 cm (0.13) below it; on the floor nothing goes below flat.
GAUGE_TOP_SHIN = 0.35
GAUGE_BOTTOM_SHIN = {"step": -0.2, "floor": -0.05}
# Room kept above the person's own best.
GAUGE_HEADROOM_SHIN = 0.05


@dataclass(frozen=True)
class Box:
    """A rectangle of a picture, pixels: left, top, width, height."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        """Return the first column beyond the box."""
        return self.x + self.w

    @property
    def bottom(self) -> int:
        """Return the first row beyond the box."""
        return self.y + self.h


@dataclass(frozen=True)
class Layout:
    """Where everything stands in a picture of one size.

    Attributes
    ----------
    unit_px : float
        What sizes are counted in: a 360th of the picture's shorter side.
    digit_px : float
        Cap height of the big count.
    count, phase, message, gauge : Box
        The panels; a message takes the top of its box only, as much as it needs.
    bar : Box
        The part of the gauge's panel, in pixels of the picture, that moves.
    feet : Box
        Where the feet of somebody framed from head to floor are: no panel comes here.
    """

    unit_px: float
    digit_px: float
    count: Box
    phase: Box
    message: Box
    gauge: Box
    bar: Box
    feet: Box


@lru_cache(maxsize=8)
def layout(width: int, height: int, count_share: float = VIDEO_COUNT_SHARE) -> Layout:
    """Return where the panels go in a picture of this size.

    Count and phase stand in the left column, the gauge at the right edge, messages between them
    at the top; in a picture too narrow for three columns the gauge goes below the messages.

    Parameters
    ----------
    width, height : int
        Size of the picture, pixels.
    count_share : float
        Share of the height that a digit of the count takes, 1/8 to 1/4; in an upright picture
        two digits may take half of the width and no more.
    """
    u = min(width, height) / 360
    margin = 8 * u
    digit = min(count_share * height, (width / 2 - 3 * margin) / (2 * DIGIT_PITCH))
    column = max(150 * u, 2 * DIGIT_PITCH * digit + 2 * margin)
    count_h = digit + 60 * u
    below_y = count_h + 2 * margin
    gauge_w = 80 * u
    gauge_x = width - margin - gauge_w
    message_x = column + 2 * margin
    if width < 1.2 * height:
        message_w = width - message_x - margin
        gauge_y, gauge_h = below_y, min(0.68 * height - below_y, 320 * u)
    else:
        message_w = gauge_x - message_x - margin
        gauge_y, gauge_h = margin, 0.7 * height
    bar_y = gauge_y + 28 * u
    return Layout(
        unit_px=u,
        digit_px=digit,
        count=whole_box(margin, margin, column, count_h),
        phase=whole_box(margin, below_y, column, max(34 * u, 0.45 * digit)),
        message=whole_box(message_x, margin, message_w, count_h),
        gauge=whole_box(gauge_x, gauge_y, gauge_w, gauge_h),
        bar=whole_box(gauge_x + 48 * u, bar_y, 16 * u, gauge_h - 38 * u),
        feet=whole_box(0.25 * width, 0.6 * height, 0.5 * width, 0.4 * height),
    )


def whole_box(x: float, y: float, w: float, h: float) -> Box:
    """Return the whole pixels inside a rectangle, one at least."""
    left, top = ceil(x), ceil(y)
    return Box(left, top, max(1, int(x + w) - left), max(1, int(y + h) - top))


def gauge_range(best_shin: float | None, on_step: bool) -> tuple[float, float]:
    """Return the lowest and highest level the gauge shows, shin lengths above flat foot."""
    best = 0.0 if best_shin is None else best_shin
    bottom = GAUGE_BOTTOM_SHIN["step" if on_step else "floor"]
    return bottom, max(GAUGE_TOP_SHIN, best + GAUGE_HEADROOM_SHIN)


def gauge_y(level_shin: float, bar: Box, low_shin: float, high_shin: float) -> int:
    """Return the row of a level on the gauge's bar; levels beyond its range stand at its ends."""
    share = (level_shin - low_shin) / (high_shin - low_shin)
    return bar.bottom - 1 - round(min(1.0, max(0.0, share)) * (bar.h - 1))
