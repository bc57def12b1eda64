from itertools import combinations

import pytest

from heelrise.layout import (
    LIVE_COUNT_SHARE,
    VIDEO_COUNT_SHARE,
    Box,
    gauge_range,
    gauge_y,
    layout,
)

SIZES = [
    (640, 360),
    (360, 640),
    (640, 480),
    (480, 854),
    (480, 480),
    (576, 480),
    (854, 480),
    (1080, 1920),
    (1920, 1080),
    (3840, 2160),
    (2160, 3840),
    (2560, 1080),
    (160, 120),
]
SHARES = [VIDEO_COUNT_SHARE, LIVE_COUNT_SHARE]


def overlap(a: Box, b: Box) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("size", SIZES)
def test_boxes_stay_inside_and_apart_and_off_the_feet(size, share):
    places = layout(*size, share)
    boxes = [places.count, places.phase, places.message, places.gauge, places.feet]
    for box in boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= size[0]
        assert box.bottom <= size[1]
    for a, b in combinations(boxes, 2):
        assert not overlap(a, b), (a, b)
    for panel in boxes[:-1]:  # the feet of somebody off the middle
        assert panel.bottom <= 0.75 * size[1]


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("size", SIZES)
def test_the_bar_is_inside_the_gauge_and_long_enough_to_read(size, share):
    places = layout(*size, share)
    assert places.gauge.x < places.bar.x
    assert places.gauge.y < places.bar.y
    assert places.bar.right < places.gauge.right
    assert places.bar.bottom < places.gauge.bottom
    assert places.bar.h >= min(size) / 10


@pytest.mark.parametrize("size", [(640, 360), (640, 480), (1920, 1080), (3840, 2160), (1080, 1920)])
def test_the_count_takes_an_eighth_of_the_height(size):
    assert layout(*size, VIDEO_COUNT_SHARE).digit_px == size[1] / 8


@pytest.mark.parametrize("size", [(640, 360), (640, 480), (1920, 1080), (3840, 2160)])
def test_the_live_count_takes_a_quarter_of_a_lying_picture(size):
    assert layout(*size, LIVE_COUNT_SHARE).digit_px == size[1] / 4


def test_sizes_grow_with_the_picture():
    small, large = layout(640, 360), layout(3840, 2160)
    assert large.unit_px == 6 * small.unit_px
    for box in ("count", "phase", "message", "gauge"):
        assert getattr(large, box).w == pytest.approx(6 * getattr(small, box).w, rel=0.05)


def test_the_gauge_shows_below_flat_on_a_step_only():
    assert gauge_range(None, on_step=True) == (-0.2, 0.35)
    assert gauge_range(None, on_step=False)[0] == -0.05


def test_the_gauge_grows_with_a_best_beyond_it():
    assert gauge_range(0.25, on_step=False)[1] == 0.35
    assert gauge_range(0.45, on_step=False)[1] == pytest.approx(0.5)


def test_gauge_rows_rise_with_the_level_and_stop_at_the_ends():
    bar = Box(10, 20, 8, 101)
    assert gauge_y(-0.2, bar, -0.2, 0.3) == 120
    assert gauge_y(0.3, bar, -0.2, 0.3) == 20
    assert gauge_y(0.05, bar, -0.2, 0.3) == 70
    assert gauge_y(-9.0, bar, -0.2, 0.3) == 120
    assert gauge_y(9.0, bar, -0.2, 0.3) == 20
