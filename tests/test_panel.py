import numpy as np
import pytest

from heelrise import panel
from heelrise.panel import Panel, fit_line, fit_lines, line_width, lines_height, paste

LONG = "The feet are outside of the picture: step back or tilt the camera down a little."


@pytest.mark.parametrize("cap", [10.0, 18.0, 45.0, 270.0])
def test_letters_are_as_high_as_asked(cap):
    sheet = Panel(int(8 * cap), int(3 * cap), corner=0)
    sheet.text("HEX", cap, 2 * cap, cap, (255, 255, 255))
    rows = np.flatnonzero((sheet.finish()[0] > 127).any(axis=(1, 2)))
    assert rows[-1] - rows[0] + 1 == pytest.approx(cap, rel=0.15, abs=2)
    assert rows[-1] == pytest.approx(2 * cap, rel=0.05, abs=2)


@pytest.mark.parametrize("text", ["LEFT", "HOLD 0.8 s", "Heel lower at the bottom"])
@pytest.mark.parametrize("cap", [10.0, 18.0, 90.0])
def test_a_line_is_as_wide_as_measured(text, cap):
    width = line_width(text, cap)
    sheet = Panel(width + 40, int(2 * cap), corner=0)
    sheet.text(text, 20, 1.5 * cap, cap, (255, 255, 255))
    columns = np.flatnonzero(sheet.finish()[0].any(axis=(0, 2)))
    assert columns[0] >= 18
    assert columns[-1] <= 20 + width + 2


def test_fit_line_shrinks_only_what_is_too_wide():
    assert fit_line("UP", 500, 20) == 20
    cap = fit_line(LONG, 200, 20)
    assert cap < 20
    assert line_width(LONG, cap) <= 200


@pytest.mark.parametrize(("width", "height"), [(400, 60), (200, 120), (120, 160)])
def test_fit_lines_keeps_every_word_where_there_is_room(width, height):
    lines, cap = fit_lines(LONG, width, height, cap=20, min_cap=6)
    assert " ".join(lines) == LONG
    assert max(line_width(line, cap) for line in lines) <= width
    assert lines_height(len(lines), cap) <= height


def test_fit_lines_takes_the_largest_letters_that_fit():
    assert fit_lines("Rise higher", 1000, 100, cap=20, min_cap=6) == (["Rise higher"], 20)


def test_fit_lines_takes_a_little_smaller_letters_for_a_line_less():
    text = "Pause at the top"
    width = line_width(text, 20) - 4
    lines, cap = fit_lines(text, width, 200, cap=20, min_cap=6)
    assert lines == [text]
    assert 16 < cap < 20
    assert len(fit_lines(text, width / 2 + 10, 200, cap=20, min_cap=6)[0]) == 2


def test_fit_lines_cuts_with_dots_where_there_is_no_room():
    lines, cap = fit_lines(LONG * 4, 150, 60, cap=20, min_cap=10)
    assert lines[-1].endswith("...")
    assert lines_height(len(lines), cap) <= 60
    assert max(line_width(line, cap) for line in lines) <= 150


@pytest.mark.parametrize("text", ["", " ", "Unbreakablylongword" * 5])
def test_fit_lines_takes_any_text(text):
    lines, cap = fit_lines(text, 100, 40, cap=20, min_cap=8)
    assert len(lines) == 1
    assert line_width(lines[0], cap) <= 100


def test_letters_the_font_lacks_become_question_marks(monkeypatch):
    monkeypatch.setattr(panel, "_HAS_TRUETYPE", False)
    assert line_width("5 — 7", 20) == line_width("5 ? 7", 20)


def test_german_letters_the_font_lacks_are_written_out(monkeypatch):
    monkeypatch.setattr(panel, "_HAS_TRUETYPE", False)
    assert panel._drawable("Füße höher, prüfen: Ärmel, Öl, Übung") == (
        "Fuesse hoeher, pruefen: Aermel, Oel, Uebung"
    )


def test_paste_darkens_the_picture_and_covers_it_with_ink():
    sheet = Panel(20, 10, corner=0)
    sheet.rectangle(0, 0, 5, 10, (10, 20, 30))
    image = np.full((40, 60, 3), 200, np.uint8)
    paste(image, 8, 4, sheet.finish())
    assert (image[4:14, 8:13] == (10, 20, 30)).all()
    assert (image[4:14, 13:28] < 120).all()
    assert (image[4:14, 13:28] > 0).all()
    image[4:14, 8:28] = 200
    assert (image == 200).all()


@pytest.mark.parametrize("corner", [(55, 35), (60, 0), (0, 100)])
def test_paste_leaves_out_what_is_beyond_the_picture(corner):
    image = np.full((40, 60, 3), 200, np.uint8)
    paste(image, *corner, Panel(20, 10, corner=2).finish())
    assert (image[:30, :50] == 200).all()
