from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from heelrise import live_overlay, overlay
from heelrise.banner import _SIGNS, Kind
from heelrise.landmarks import HEEL, LANDMARK_COUNT, Pose, nobody
from heelrise.layout import gauge_range, gauge_y
from heelrise.live_overlay import LiveView, draw_live, live_places
from heelrise.moment import Counts, Moment, Phase
from heelrise.panel import GREEN, ORANGE, YELLOW, Panel
from heelrise.words import ENGLISH, LANGUAGES, Guide
from heelrise.workout import Now, Stage

SIZES = [(640, 480), (1280, 720), (1920, 1080), (480, 640), (720, 1280)]
WIDE = [size for size in SIZES if size[0] > size[1]]
CAMERA = [Guide.CAMERA_LOST, Guide.CAMERA_FROZEN, Guide.CAMERA_BLACK]
GREY_LEVEL = 128

STAGES = {
    "setup": {"stage": Stage.SETUP, "guide": Guide.SIDE_ON, "counts": Counts()},
    "ready": {"stage": Stage.READY, "guide": Guide.READY, "counts": Counts()},
    "test setup": {
        **{"stage": Stage.SETUP, "guide": Guide.SIDE_ON, "counts": Counts()},
        "beat": (0.4, True),
    },
    "set": {"stage": Stage.SET, "hold_share": 0.5},
    "held": {"stage": Stage.SET, "hold_share": 1.0, "change_legs": True},
    "rest": {"stage": Stage.REST, "guide": Guide.NOBODY, "rest_s": 83.0},
    "ready again": {"stage": Stage.READY, "guide": Guide.READY},
    "done": {"stage": Stage.DONE, "guide": Guide.READY, "rest_s": 4.0},
}


def now(**changes) -> Now:
    plain = Now(
        stage=Stage.SET,
        guide=None,
        counts=Counts(left=10, right=12),
        peaks_shin=(),
        rest_s=None,
        hold_share=0.0,
        sounds=(),
        change_legs=False,
    )
    return replace(plain, **changes)


def view(target=12, fps=30.6, **changes) -> LiveView:
    mine = {name: changes.pop(name) for name in list(changes) if name in LiveView.__annotations__}
    return LiveView(now=now(**changes), target=target, fps=fps, **mine)


def moment(size=(640, 480), pose=None, **changes) -> Moment:
    plain = Moment(
        pose=pose or nobody(0.0, 0, *size),
        side="left",
        phase=Phase.TOP,
        level_shin=0.2,
        best_shin=0.24,
        on_step=False,
        hold_s=0.5,
        counts=Counts(),
    )
    return replace(plain, **changes)


def leg(size, column) -> Pose:
    """Return somebody whose left leg stands in one column of the picture."""
    rows = np.linspace(0.3, 0.9, LANDMARK_COUNT)
    xy = np.stack([np.full(LANDMARK_COUNT, column), rows * size[1]], axis=1)
    return Pose(0.0, 0, xy, np.ones(LANDMARK_COUNT), *size)


def picture(size=(640, 480)) -> np.ndarray:
    return np.full((size[1], size[0], 3), GREY_LEVEL, np.uint8)


def drawn(shown, size=(640, 480), cue=None, words=ENGLISH, mirrored=False, **changes):
    image = picture(size)
    draw_live(image, moment(size, **changes), cue, shown, words, mirrored)
    return image


def part(image, box) -> np.ndarray:
    return image[box.y : box.bottom, box.x : box.right]


def changed(image, box) -> bool:
    return bool((part(image, box) != GREY_LEVEL).any())


def overlap(a, b) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


def boxes_of(places, name):
    """Return the boxes that a stage draws into."""
    panels = places.panels
    if name in ("setup", "ready", "test setup"):
        ready = (places.tick,) if name == "ready" else ()
        ready = (places.beat,) if name == "test setup" else ready
        return [places.guide, places.figure, places.status, *ready]
    phase = [places.rest] if name == "rest" else [panels.phase]
    message = [] if name in ("set", "ready again") else [panels.message]
    return [panels.count, panels.gauge, places.status, places.ring, *phase, *message]


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("size", SIZES)
def test_a_stage_draws_its_panels_in_their_places_and_nowhere_else(size, name, words):
    places = live_places(*size)
    image = drawn(view(**STAGES[name]), size, words=words)
    figure = part(image, places.figure)
    for box in boxes_of(places, name):
        assert changed(image, box)
    if name in ("setup", "ready", "test setup"):
        figure[:] = GREY_LEVEL  # where to put the feet: the one thing drawn there
    assert not changed(image, places.panels.feet)
    for box in boxes_of(places, name):
        part(image, box)[:] = GREY_LEVEL
    assert (image == GREY_LEVEL).all()


@pytest.mark.parametrize("size", [*SIZES, (640, 360), (480, 480), (854, 480), (480, 854)])
@pytest.mark.parametrize("name", [*STAGES, "camera and help"])
def test_boxes_stay_inside_and_apart_and_off_the_feet(size, name):
    places = live_places(*size)
    camera = [places.trouble, places.keys]
    boxes = camera if name == "camera and help" else boxes_of(places, name)
    for box in boxes:
        assert min(box.x, box.y) >= 0
        assert box.right <= size[0]
        assert box.bottom <= size[1]
        if box not in (places.figure, places.keys):
            assert not overlap(box, places.panels.feet)
    for a, b in combinations(boxes, 2):
        assert not overlap(a, b), (a, b)


@pytest.mark.parametrize("size", WIDE)
def test_the_count_takes_a_quarter_of_a_lying_picture(size):
    box = live_places(*size).panels.count
    for reps in (8, 88):
        shown = view(counts=Counts(left=reps), target=None)
        white = (part(drawn(shown, size), box) > 127).all(axis=2)
        rows = np.flatnonzero(white.any(axis=1))
        assert rows[-1] - rows[0] + 1 >= 0.245 * size[1]  # the font's caps are that exact
    assert live_places(*size).panels.digit_px == size[1] / 4


@pytest.mark.parametrize("size", SIZES)
def test_the_ring_is_large_and_fills_clockwise(size):
    box = live_places(*size).ring
    filled = []
    for share in (0.1, 0.3, 0.6, 0.9):
        ring = part(drawn(view(hold_share=share), size), box)
        yellow = (np.abs(ring.astype(int) - YELLOW) < 20).all(axis=2)
        filled.append(int(yellow.sum()))
        if share == 0.3:
            assert yellow[:, box.w // 2 :].sum() > 10 * yellow[:, : box.w // 2 - 4].sum()
    assert filled == sorted(filled)
    assert filled[0] > 0
    assert filled[-1] > 5 * filled[0]
    ring = part(drawn(view(hold_share=1.0), size), box)
    green = (ring == GREEN).all(axis=2)
    rows = np.flatnonzero(green.any(axis=1))
    assert rows[-1] - rows[0] + 1 >= 0.12 * size[1]
    assert (ring[box.h // 4 : -box.h // 4, box.w // 4 : -box.w // 4] == 255).all(axis=2).any()


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.TOP])
def test_the_ring_is_shown_at_the_top_only(phase):
    assert not changed(drawn(view(hold_share=0.5), phase=phase), live_places(640, 480).ring)


@pytest.mark.parametrize("on_step", [False, True])
@pytest.mark.parametrize("best", [0.24, 0.6])
def test_the_last_peaks_are_ticks_on_the_gauge_and_the_newest_is_the_longest(best, on_step):
    peaks = (0.08, 0.16, 0.24)
    bar = live_places(640, 480).panels.bar
    changes = {"level_shin": None, "best_shin": best, "on_step": on_step}
    without = drawn(view(), **changes)
    image = drawn(view(peaks_shin=peaks), **changes)
    ticks = (part(image, bar) != part(without, bar)).any(axis=2)
    low, high = gauge_range(best, on_step)
    rows = [gauge_y(peak, bar, low, high) - bar.y for peak in peaks]
    lengths = [int(ticks[row].sum()) for row in rows]
    assert lengths == sorted(set(lengths))
    assert lengths[0] >= bar.w // 2
    shades = [int(part(image, bar)[row, 2].sum()) for row in rows]
    assert shades == sorted(set(shades))
    far = [y for y in range(bar.h) if min(abs(y - row) for row in rows) > 3]
    assert not ticks[far].any()


def test_a_peak_that_is_no_number_is_left_out():
    assert (drawn(view(peaks_shin=(np.nan,))) == drawn(view())).all()


def test_mirrored_the_body_changes_sides_and_the_panels_do_not():
    size, shown = (640, 480), view()
    plain = drawn(shown, size, pose=leg(size, 200.0))
    mirror = drawn(shown, size, pose=leg(size, 200.0), mirrored=True)
    other = drawn(shown, size, pose=leg(size, 439.0))
    places = live_places(*size)
    for box in (places.panels.count, places.panels.gauge, places.status):
        assert (part(mirror, box) == part(drawn(shown, size), box)).all()
    feet = places.panels.feet
    assert (part(mirror, feet) != part(plain, feet)).any()
    heel = round(leg(size, 439.0).xy_px[HEEL["left"], 1])
    orange = [
        np.flatnonzero((image[heel] == ORANGE).all(axis=1)).mean()
        for image in (plain, mirror, other)
    ]
    assert orange == pytest.approx([200, 439, 439], abs=1)


def test_a_part_of_a_larger_picture_is_mirrored_in_place():
    whole = np.zeros((480, 1280, 3), np.uint8)
    whole[300, 10] = 255
    draw_live(whole[:, :640], moment(), None, view(), mirrored=True)
    assert (whole[300, 629] == 255).all()
    assert not whole[300, 10:11].all()


def said(cue=None, guiding=False, **changes):
    return live_overlay._message(cue, view(**changes), ENGLISH, guiding)


def test_of_all_messages_the_first_that_matters_is_shown():
    everything = {
        "paused": True,
        "note": "Undone",
        "cue": "Rise higher",
        "change_legs": True,
        "stage": Stage.REST,
        "guide": Guide.DARK,
    }
    expected = [
        ("paused", ENGLISH.paused, Kind.PAUSED),
        ("note", "Undone", Kind.NOTE),
        ("cue", "Rise higher", Kind.FAULT),
        ("change_legs", ENGLISH.change_legs, Kind.CHANGE),
        ("guide", ENGLISH.guides[Guide.DARK], Kind.FRAME),
    ]
    for name, text, kind in expected:
        assert said(**everything) == (text, kind)
        del everything[name]
    assert said(**everything) is None


def test_praise_and_the_end_look_good_and_not_like_faults():
    assert said(ENGLISH.praise) == (ENGLISH.praise, Kind.GOOD)
    assert said(stage=Stage.DONE, guide=Guide.DARK) == (ENGLISH.both_done, Kind.GOOD)


@pytest.mark.parametrize("guide", [Guide.READY, Guide.STAND_STILL])
def test_how_to_stand_is_told_before_the_first_set_only(guide):
    stage = Stage.READY if guide is Guide.READY else Stage.SETUP
    assert said(stage=stage, guide=guide) is None
    assert said(stage=stage, guide=guide, guiding=True) is not None


def test_every_kind_of_message_has_a_colour_and_a_sign_of_its_own():
    looks = list(_SIGNS.values())
    assert set(_SIGNS) == set(Kind)
    assert len({sign for _, sign in looks}) == len(looks)


@pytest.mark.parametrize("guide", CAMERA)
def test_trouble_with_the_camera_is_shown_in_place_of_everything_else(guide):
    image, places = drawn(view(camera=guide, paused=True)), live_places(640, 480)
    assert changed(image, places.trouble)
    part(image, places.trouble)[:] = GREY_LEVEL
    assert (image == GREY_LEVEL).all()


def test_help_leaves_trouble_with_the_camera_to_be_seen():
    image, places = drawn(view(camera=Guide.CAMERA_LOST, help=True)), live_places(640, 480)
    assert changed(image, places.trouble)
    assert changed(image, places.keys)


@pytest.mark.parametrize(("rest_s", "time"), [(0.4, "0:00"), (83.9, "1:23"), (4000.0, "66:40")])
def test_the_rest_is_told_in_minutes_and_seconds(rest_s, time, texts):
    drawn(view(stage=Stage.REST, rest_s=rest_s), phase=Phase.STANDING)
    assert ENGLISH.rest in texts
    assert time in texts


@pytest.mark.parametrize("side", ["left", None])  # one count, and one for each leg
@pytest.mark.parametrize(("target", "told"), [(12, True), (None, False)])
def test_the_aim_stands_at_the_count(side, target, told, texts):
    drawn(view(target=target), side=side)
    assert ("of 12" in texts) is told


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "31 fps, nothing leaves this computer"),
        ({"fps": None}, "nothing leaves this computer"),
        ({"muted": True}, "31 fps, sound off, nothing leaves this computer"),
    ],
)
def test_what_the_small_lines_say(changes, text):
    assert live_overlay._status(view(**changes), ENGLISH) == text


@pytest.fixture
def texts(monkeypatch):
    """Collect every text drawn; what is kept from before is drawn anew."""
    written: list[str] = []
    monkeypatch.setattr(
        Panel, "text", lambda self, text, x, baseline, cap, colour: written.append(text)
    )
    forget()
    yield written
    forget()


def forget() -> None:
    for module in (overlay, live_overlay):
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_no_text_is_cut_off(size, words, texts):
    notes = [words.undone, words.reset, words.muted, words.lighter_model]
    by_view = [(text, {"cue": text}) for text in [*words.cues.values(), words.praise]]
    by_view += [(text, {"note": text}) for text in notes]
    by_view += [(text, {"paused": True}) for text in [words.paused]]
    for stages in ("setup", "set"):
        for text, changes in by_view:
            whole(text, size, words, texts, **STAGES[stages], **changes)
    for guide, text in words.guides.items():
        whole(text, size, words, texts, **{**STAGES["setup"], "guide": guide})
        if guide not in (Guide.READY, Guide.STAND_STILL):
            whole(text, size, words, texts, **{**STAGES["rest"], "guide": guide})
    for guide in CAMERA:
        whole(words.guides[guide], size, words, texts, camera=guide)
    whole(words.change_legs, size, words, texts, change_legs=True)
    whole(words.both_done, size, words, texts, **STAGES["done"])
    whole(f"{words.valid} 27", size, words, texts, **STAGES["set"], valid=27)
    for muted in (True, False):
        whole(words.privacy, size, words, texts, muted=muted)
    for row in words.keys:
        whole(" ".join(row), size, words, texts, help=True)


def whole(text, size, words, texts, cue=None, **changes) -> None:
    texts.clear()
    forget()
    drawn(view(**changes), size, cue, words)
    assert text in " ".join(texts)


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_no_letter_touches_the_edge_of_its_panel(size, words):
    places = live_places(*size)
    panels, edge = places.panels, max(1, round(2 * places.panels.unit_px))
    sides = tuple((words.sides[side], "88") for side in ("left", "right"))
    goal = f"{words.goal} 99"
    sprites = [
        live_overlay._rest_panel(places, words.rest, "88:88"),
        live_overlay._keys_panel(places, words.keys),
        live_overlay._status_panel(places, f"60 fps, {words.muted}, {words.privacy}"),
        overlay._count_panel(panels, ((words.sides["both"], "88"),), "x 12", goal),
        overlay._count_panel(panels, ((words.sides["right"], "88"),), "x 12", f"{words.valid} 88"),
        overlay._count_panel(panels, sides, f"{words.sides['both'].lower()} 8", goal),
        live_overlay._ring_panel(places, 0),
    ]
    for ink, _ in sprites:
        inside = ink > 100  # the ring's track and soft edges aside
        assert not inside[:edge].any()
        assert not inside[-edge:].any()
        assert not inside[:, :edge].any()
        assert not inside[:, -edge:].any()
    for text in [*words.cues.values(), *words.guides.values(), words.lighter_model]:
        banner, _ = live_overlay._banner(panels.message, panels, text, Kind.FAULT)
        tall, _ = live_overlay._banner(places.guide, panels, text, Kind.FRAME, is_tall=True)
        assert not banner[-edge:, round(36 * panels.unit_px) :].any()
        assert not banner[:, -edge:].any()
        assert not tall[-edge:].any()
        assert not tall[round(46 * panels.unit_px) :, -edge:].any()


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_guidance_is_large_enough_to_read_from_afar(size, words, monkeypatch):
    caps: list[float] = []
    monkeypatch.setattr(
        Panel, "text", lambda self, text, x, baseline, cap, colour: caps.append(cap)
    )
    places = live_places(*size)
    draw = live_overlay._banner.__wrapped__
    for guide, text in words.guides.items():
        if guide not in CAMERA:
            draw(places.guide, places.panels, text, Kind.FRAME, is_tall=size in WIDE)
    assert min(caps) >= min(size) / 21


@pytest.mark.parametrize("size", SIZES)
def test_a_hold_is_shown_only_where_one_is_asked_for(size):
    """In the heel-rise test, and in a pause, it would ask for something else than the beat."""
    places = live_places(*size)
    shown, hidden = (drawn(view(**STAGES["set"], holds=holds), size) for holds in (True, False))
    for box in (places.ring, places.panels.phase):
        assert changed(shown, box)
        assert not changed(hidden, box)


@pytest.mark.parametrize("size", SIZES)
def test_the_figure_stands_in_the_middle_from_head_to_floor(size):
    image = drawn(view(**STAGES["setup"]), size)
    box = live_places(*size).figure
    rows = box.y + np.flatnonzero((part(image, box) != GREY_LEVEL).any(axis=(1, 2)))
    assert rows[-1] == pytest.approx(0.94 * size[1], abs=0.02 * size[1])
    top = 0.06 if size in WIDE else 0.25
    assert rows[0] == pytest.approx(top * size[1], abs=0.02 * size[1])
    assert box.x + box.w / 2 == pytest.approx(size[0] / 2, abs=2)
    ready = drawn(view(**STAGES["ready"]), size)
    assert (part(ready, box) != part(image, box)).any()


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (64, 48), (1000, 30), (31, 999)])
@pytest.mark.parametrize("name", STAGES)
def test_pictures_too_small_or_too_thin_do_not_raise(size, name):
    for changes in ({}, {"help": True}, {"camera": Guide.CAMERA_LOST}, {"paused": True}):
        drawn(view(**STAGES[name], **changes), size, mirrored=True)
