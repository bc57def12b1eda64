from dataclasses import replace

import numpy as np
import pytest

from heelrise import overlay
from heelrise.landmarks import HEEL, LANDMARK_COUNT, Pose, nobody
from heelrise.layout import LIVE_COUNT_SHARE, VIDEO_COUNT_SHARE, gauge_range, gauge_y, layout
from heelrise.moment import Counts, Moment, Phase
from heelrise.panel import Panel
from heelrise.words import ENGLISH

SIZES = [
    (640, 360),
    (360, 640),
    (480, 854),
    (640, 480),
    (480, 480),
    (1920, 1080),
    (1080, 1920),
    (3840, 2160),
]
SHARES = [VIDEO_COUNT_SHARE, LIVE_COUNT_SHARE]
WARNING = "The feet are outside of the picture: step back or tilt the camera down a little."
GREY_LEVEL = 128


def standing(width: int, height: int) -> Pose:
    """Return somebody upright in the middle, feet a fifth of the width apart."""
    xy = np.zeros((LANDMARK_COUNT, 2))
    rows = {11: 0.3, 13: 0.4, 15: 0.5, 23: 0.5, 25: 0.65, 27: 0.8, 29: 0.84, 31: 0.86}
    for left, row in rows.items():
        xy[left] = (0.6 * width, row * height)
        xy[left + 1] = (0.4 * width, row * height)
    return Pose(0.0, 0, xy, np.ones(LANDMARK_COUNT), width, height)


def moment(size=(640, 480), **changes) -> Moment:
    now = Moment(
        pose=standing(*size),
        side="left",
        phase=Phase.TOP,
        level_shin=0.2,
        best_shin=0.24,
        on_step=False,
        hold_s=0.83,
        counts=Counts(left=5, right=12, both=2),
    )
    return replace(now, **changes)


def picture(size=(640, 480)) -> np.ndarray:
    return np.full((size[1], size[0], 3), GREY_LEVEL, np.uint8)


def changed(image: np.ndarray, box) -> bool:
    return bool((image[box.y : box.bottom, box.x : box.right] != GREY_LEVEL).any())


def near(image: np.ndarray, point, colour) -> bool:
    x, y = (round(value) for value in point)
    return bool((image[y - 1 : y + 2, x - 1 : x + 2] == colour).all(axis=2).any())


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("cue", "warnings"), [("Keep your balance", ()), (None, (WARNING,))])
def test_panels_are_drawn_in_their_places_and_nowhere_else(size, share, cue, warnings):
    image, places = picture(size), layout(*size, share)
    overlay.draw_panels(image, moment(size, warnings=warnings), cue, share)
    for box in (places.count, places.phase, places.message, places.gauge):
        assert changed(image, box)
        image[box.y : box.bottom, box.x : box.right] = GREY_LEVEL
    assert (image == GREY_LEVEL).all()


def test_no_message_without_cue_and_warning():
    image = picture()
    overlay.draw_panels(image, moment())
    assert not changed(image, layout(640, 480).message)


def test_a_cue_comes_before_a_warning():
    both, cue_only, warning_only = picture(), picture(), picture()
    overlay.draw(both, moment(warnings=(WARNING,)), "Rise higher")
    overlay.draw(cue_only, moment(), "Rise higher")
    overlay.draw(warning_only, moment(warnings=(WARNING,)))
    assert (both == cue_only).all()
    assert (both != warning_only).any()


def test_of_several_warnings_each_has_its_turn():
    pictures = []
    for t_s in (0.1, 0.2, 3.1):
        image = picture()
        pose = replace(standing(640, 480), t_s=t_s)
        overlay.draw(image, moment(pose=pose, warnings=(WARNING, "It is too dark.")))
        pictures.append(image)
    assert (pictures[0] == pictures[1]).all()
    assert (pictures[0] != pictures[2]).any()


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("size", SIZES)
def test_no_letter_touches_the_edge_of_its_panel(size, share):
    places = layout(*size, share)
    texts = [*ENGLISH.cues.values(), WARNING]
    longest = f"{ENGLISH.phases[Phase.TOP]} 88.8 s"
    sprites = {
        "one": overlay._count_panel(places, (("TWO LEGS", "88"),), "left 188   right 188"),
        "two": overlay._count_panel(places, (("LEFT", "188"), ("RIGHT", "188")), "two legs 88"),
        "phase": overlay._phase_panel(places, Phase.TOP, longest, longest),
        "flat": overlay._gauge_panel(places, ("HEEL", "flat", "best"), False, 0.9),
        "step": overlay._gauge_panel(places, ("HEEL", "step", "best"), True, 0.01),
    }
    for text in texts:
        sprites[text] = overlay._message_panel(places, text, is_fault=text != WARNING)
    edge = max(1, round(2 * places.unit_px))
    for name, (ink, _) in sprites.items():
        inside = ink[:, round(40 * places.unit_px) :] if name in texts else ink
        assert inside.any(), name
        assert not inside[:edge].any(), name
        assert not inside[-edge:].any(), name
        assert not inside[:, -edge:].any(), name
        assert name in texts or not inside[:, :edge].any(), name


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", [*ENGLISH.cues.values(), WARNING])
def test_messages_are_whole_and_large_enough_to_read(text, size, share, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        Panel, "text", lambda self, text, x, baseline, cap, colour: drawn.append((text, cap))
    )
    places = layout(*size, share)
    is_fault = text != WARNING
    overlay._message_panel.__wrapped__(places, text, is_fault)
    assert " ".join(line for line, _ in drawn) == text
    assert min(cap for _, cap in drawn) >= (12 if is_fault else 8.5) * places.unit_px


@pytest.mark.parametrize(
    ("changes", "big", "small"),
    [
        ({"side": "left"}, (("LEFT", "5"),), "right 12   two legs 2"),
        ({"side": "right"}, (("RIGHT", "12"),), "left 5   two legs 2"),
        ({"side": "both"}, (("TWO LEGS", "2"),), "left 5   right 12"),
        (
            {"side": "both", "phase": Phase.STANDING},
            (("LEFT", "5"), ("RIGHT", "12")),
            "two legs 2",
        ),
        ({"side": None}, (("LEFT", "5"), ("RIGHT", "12")), "two legs 2"),
        ({"side": None, "counts": Counts(right=3)}, (("RIGHT", "3"),), ""),
        ({"side": None, "counts": Counts(both=3)}, (("TWO LEGS", "3"),), ""),
        ({"side": None, "counts": Counts()}, (("REPS", "0"),), ""),
        ({"side": "left", "counts": Counts()}, (("LEFT", "0"),), ""),
        ({"side": "left", "counts": Counts(left=1)}, (("LEFT", "1"),), ""),
    ],
)
def test_what_the_count_says(changes, big, small):
    assert overlay.count_words(moment(**changes)) == (big, small)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"hold_s": 0.8}, {"hold_s": 0.9}),
        ({"phase": Phase.RISING}, {"phase": Phase.LOWERING}),
        ({"phase": Phase.STANDING}, {"phase": Phase.AWAY}),
    ],
)
def test_the_phase_panel_tells_phases_and_holds_apart(first, second):
    images = [picture(), picture()]
    for image, changes in zip(images, (first, second), strict=True):
        overlay.draw_panels(image, moment(**changes))
    box = layout(640, 480).phase
    a, b = (image[box.y : box.bottom, box.x : box.right] for image in images)
    assert (a != b).any()


def test_hold_time_is_shown_at_the_top_only():
    images = [picture(), picture()]
    for image, hold_s in zip(images, (0.2, 0.9), strict=True):
        overlay.draw_panels(image, moment(phase=Phase.LOWERING, hold_s=hold_s))
    assert (images[0] == images[1]).all()


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_standing_heel_is_marked_and_the_other_is_not(side):
    image, now = picture(), moment(side=side)
    overlay.draw_body(image, now)
    other = "right" if side == "left" else "left"
    assert near(image, now.pose.xy_px[HEEL[side]], overlay.ORANGE)
    assert not near(image, now.pose.xy_px[HEEL[other]], overlay.ORANGE)


@pytest.mark.parametrize(("side", "marked"), [("both", True), (None, False)])
def test_both_heels_or_none_are_marked(side, marked):
    image, now = picture(), moment(side=side)
    overlay.draw_body(image, now)
    for heel in HEEL.values():
        assert near(image, now.pose.xy_px[heel], overlay.ORANGE) is marked


def test_the_body_is_scaled_to_the_picture_it_is_drawn_on():
    image, now = picture((1280, 960)), moment((640, 480))
    overlay.draw_body(image, now)
    assert near(image, 2 * now.pose.xy_px[HEEL["left"]], overlay.ORANGE)


def test_a_hidden_arm_is_not_drawn():
    now = moment(side=None)
    visibility = now.pose.visibility.copy()
    visibility[[11, 13, 15]] = 0.1
    hidden = replace(now, pose=replace(now.pose, visibility=visibility))
    for shown, drawn in ((now, True), (hidden, False)):
        image = picture()
        overlay.draw_body(image, shown)
        x, y = now.pose.xy_px[13].astype(int)
        assert (image[y, x] != GREY_LEVEL).any() == drawn


@pytest.mark.parametrize("on_step", [False, True])
@pytest.mark.parametrize("level", [-0.1, -0.03, 0.1, 0.3])
def test_the_gauge_is_filled_from_flat_to_the_level(level, on_step):
    image, bar = picture(), layout(640, 480).bar
    overlay.draw_panels(
        image, moment(level_shin=level, on_step=on_step, phase=Phase.RISING, best_shin=None)
    )
    low, high = gauge_range(None, on_step)
    flat_y, level_y = gauge_y(0.0, bar, low, high), gauge_y(level, bar, low, high)
    filled = (image[bar.y : bar.bottom, bar.x + 1] == overlay.SKY_BLUE).all(axis=1)
    rows = bar.y + np.flatnonzero(filled)
    assert rows[0] == min(flat_y, level_y)
    assert rows[-1] == max(flat_y, level_y)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("best", [-0.02, 0.01, 0.05, 0.24, 0.6])
@pytest.mark.parametrize(("on_step", "ground"), [(True, "step"), (False, "flat"), (None, "flat")])
def test_the_gauge_is_labelled_and_its_labels_stay_apart(size, best, on_step, ground, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        Panel, "text", lambda self, text, x, baseline, cap, colour: drawn.append((text, baseline))
    )
    monkeypatch.setattr(overlay, "_gauge_panel", overlay._gauge_panel.__wrapped__)
    overlay._draw_gauge(
        picture(size), layout(*size), moment(best_shin=best, on_step=on_step), ENGLISH
    )
    rows = dict(drawn)
    assert list(rows) == ["HEEL", ground, "best"]
    assert rows[ground] - rows["best"] >= 12 * layout(*size).unit_px
    assert rows["best"] - rows["HEEL"] >= 12 * layout(*size).unit_px


def test_where_flat_foot_was_not_seen_the_gauge_shows_no_level(monkeypatch):
    drawn = []
    monkeypatch.setattr(Panel, "text", lambda self, text, *rest: drawn.append(text))
    monkeypatch.setattr(overlay, "_gauge_panel", overlay._gauge_panel.__wrapped__)
    for on_step in (None, False, True):
        overlay._draw_gauge(
            image := picture(),
            layout(640, 480),
            moment(level_shin=None, best_shin=None, on_step=on_step, phase=Phase.TOP),
            ENGLISH,
        )
        bar = layout(640, 480).bar
        inside = image[bar.y + 1 : bar.bottom - 1, bar.x + 1 : bar.right - 1]
        assert len(np.unique(inside.reshape(-1, 3), axis=0)) == 1
    assert drawn == ["HEEL"] * 3


def test_the_gauge_marks_the_persons_own_best():
    bar = layout(640, 480).bar
    low, high = gauge_range(0.24, on_step=False)
    row = gauge_y(0.24, bar, low, high)
    for best, marked in ((0.24, True), (None, False)):
        image = picture()
        overlay.draw_panels(image, moment(level_shin=None, best_shin=best))
        assert near(image, (bar.x + bar.w // 2, row), overlay.ORANGE) is marked


def broken(xy_px: float) -> Pose:
    pose = standing(640, 480)
    xy = pose.xy_px.copy()
    xy[[HEEL["left"], 11, 25]] = xy_px
    return replace(pose, xy_px=xy)


ODD = {
    "nobody": {"pose": nobody(0.0, 0, 640, 480), "side": None, "phase": Phase.AWAY},
    "nobody, leg still known": {"pose": nobody(0.0, 0, 640, 480)},
    "a point is NaN": {"pose": broken(np.nan)},
    "a point is infinite": {"pose": broken(-np.inf)},
    "a point is far out": {"pose": broken(1e12)},
    "a point is just out": {"pose": broken(-300.0)},
    "no size": {"pose": replace(standing(640, 480), width_px=0, height_px=0)},
    "nothing known": {"level_shin": None, "best_shin": None, "on_step": None, "side": None},
    "level NaN": {"level_shin": np.nan, "best_shin": np.nan, "hold_s": np.nan},
    "level infinite": {"level_shin": np.inf, "best_shin": -np.inf, "hold_s": np.inf},
    "level beyond the gauge": {"level_shin": 7.0, "best_shin": 6.0},
    "best below flat": {"level_shin": -7.0, "best_shin": -6.0},
    "a thousand reps": {"counts": Counts(1000, 1000, 1000)},
    "long hold": {"hold_s": 1234.5},
    "an empty warning": {"warnings": ("",)},
    "an endless warning": {"warnings": (WARNING * 20,)},
    "one endless word": {"warnings": ("W" * 500,)},
    "no ASCII": {"warnings": ("Füße außerhalb — zurücktreten",)},
}


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("changes", ODD.values(), ids=ODD)
def test_odd_moments_never_raise_and_leave_the_feet_free(changes, phase):
    image, feet = picture(), layout(640, 480).feet
    now = moment(**{"phase": phase, **changes})
    overlay.draw_panels(image, now)
    assert not changed(image, feet)
    overlay.draw(image, now)


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (64, 48), (1000, 30), (31, 999)])
def test_pictures_too_small_or_too_thin_do_not_raise(size):
    overlay.draw(picture(size), moment(warnings=(WARNING,)))
    overlay.draw(picture(size), moment(), "Keep your balance", LIVE_COUNT_SHARE)
