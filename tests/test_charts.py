"""The charts: what is drawn, as SVG that stands alone in a page and as PNG."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import pytest

from heelrise import charts
from heelrise.charts import FAULT_MARKERS, FLAT_UNSEEN, bars_svg, height_svgs, plot_png
from heelrise.errors import HeelriseError
from heelrise.report import FAULT_WORDS
from heelrise.result import Fault, Rep, Result, Side
from heelrise.series import Row


def rep(number: int, side: Side = "left", start_s: float | None = None) -> Rep:
    start = 3.0 * number if start_s is None else start_s
    return Rep(
        *(number, side, start, start + 0.6, start + 1.0, start + 1.6, start + 2.4),
        *(1.0, 0.6, 0.8, 9.0, 0.225, 9.2, 0.23, 0.1, 0.01, ()),
        rise_sd_cm=0.5,
        rise_sd_shin=0.0125,
    )


def fault(kind: str, start_s: float, *, unsure: bool = False) -> Fault:
    return Fault(kind, "left", None, start_s, start_s + 0.5, 0.3, 0.5, "s", unsure, "why")


def rows(seconds: float, level: float | None = 0.1) -> list[Row]:
    cm = None if level is None else 40 * level
    count = int(seconds * 10)
    return [
        Row(n / 10, "left", level, cm, "top", 3.0, 1.0, level is not None) for n in range(count)
    ]


RESULT = Result((rep(1), rep(2, "right"), rep(3, "both")), (fault("no_pause", 4.0),), (), ())


def parsed(svg: str) -> ET.Element:
    """Parse an element that leaves its namespaces to the HTML around it."""
    return ET.fromstring(f'<div xmlns:xlink="http://www.w3.org/1999/xlink">{svg}</div>')


def texts(svg: str) -> list[str]:
    return [text for element in parsed(svg).iter("text") if (text := "".join(element.itertext()))]


def test_a_height_chart_names_reps_legs_and_faults() -> None:
    (svg,) = height_svgs(RESULT, rows(15.0))
    words = texts(svg)
    assert {"1", "2", "3", "no pause at the top"} <= set(words)
    assert {"rep, hold: left", "rep, hold: right", "rep, hold: both legs"} <= set(words)
    assert "heel height, cm" in words


def test_bars_have_a_panel_each_for_rise_hold_and_tempo() -> None:
    words = " ".join(texts(bars_svg(RESULT)))
    for title in ("Rise, cm", "Hold at the top, s", "Tempo, s"):
        assert title in words


def test_without_a_body_height_heights_are_in_shins() -> None:
    plain = replace(rep(1), rise_cm=None, peak_cm=None, rise_sd_cm=None)
    result = Result((plain,), (), (), ())
    assert "heel height, % of shin" in texts(height_svgs(result, rows(8.0))[0])
    assert "% of the shin" in " ".join(texts(bars_svg(result)))


def test_without_a_rep_heights_are_in_the_unit_of_the_rows() -> None:
    nothing = Result((), (), (), ())
    assert "heel height, cm" in texts(height_svgs(nothing, rows(8.0))[0])
    in_shins = [replace(row, level_cm=None) for row in rows(8.0)]
    assert "heel height, % of shin" in texts(height_svgs(nothing, in_shins)[0])


@pytest.mark.parametrize("kinds", [[], list(FAULT_WORDS)])
def test_the_label_of_the_lowest_panel_is_whole(
    kinds: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = []
    figure = charts.new_figure
    monkeypatch.setattr(
        charts, "new_figure", lambda *args: figures.append(figure(*args)) or figures[-1]
    )
    faults = tuple(fault(kind, 3.5 + 0.1 * number) for number, kind in enumerate(kinds))
    reps = tuple(replace(one, rise_cm=None, peak_cm=None) for one in RESULT.reps) if kinds else ()
    seen = [replace(row, level_cm=None) for row in rows(15.0)]
    plot_png(tmp_path / "plot.png", Result(reps, faults, (), ()), seen)
    label = figures[0].axes[0].yaxis.label
    assert label.get_text() == "heel height, % of shin"
    whole, shown = figures[0].bbox, label.get_window_extent()
    assert whole.y0 <= shown.y0
    assert shown.y1 <= whole.y1
    assert whole.x0 <= shown.x0


@pytest.mark.parametrize("svg", [height_svgs(RESULT, rows(15.0))[0], bars_svg(RESULT)])
def test_an_svg_needs_nothing_outside_and_has_no_colour_of_its_own(svg: str) -> None:
    assert not re.search(r"https?:|xmlns|<style|<metadata|<!", svg)
    assert set(re.findall(r"url\((.)", svg)) == {"#"}
    assert not re.search(r"(fill|stroke): ?#", svg)
    ids = {element.get("id") for element in parsed(svg).iter() if element.get("id")}
    used = re.findall(r"(?:url\(|href=\")#([^)\"]+)", svg)
    assert set(used) <= ids


def test_charts_of_one_page_share_no_id() -> None:
    many = Result(tuple(rep(n, start_s=4.0 * n) for n in range(1, 41)), (), (), ())
    svgs = [*height_svgs(many, rows(165.0)), bars_svg(many)]
    ids = [found for svg in svgs for found in re.findall(r'\bid="([^"]+)"', svg)]
    assert len(ids) == len(set(ids))


def test_a_long_recording_is_drawn_in_strips_where_something_was_done() -> None:
    early = tuple(rep(n, start_s=4.0 * n) for n in range(1, 5))
    late = tuple(rep(n, start_s=270.0 + 4.0 * n) for n in range(5, 7))
    svgs = height_svgs(Result((*early, *late), (), (), ()), rows(300.0))
    assert len(svgs) == 2
    assert "1" in texts(svgs[0])
    assert "6" in texts(svgs[1])


def test_every_fault_has_a_marker_of_its_own() -> None:
    assert set(FAULT_MARKERS) == set(FAULT_WORDS)
    assert len(set(FAULT_MARKERS.values())) == len(FAULT_MARKERS)


def test_two_faults_of_one_moment_do_not_hide_each_other() -> None:
    faults = (fault("no_pause", 4.0), fault("knee_bend", 4.1), fault("rushed", 6.0))
    (svg,) = height_svgs(Result((rep(1),), faults, (), ()), rows(8.0))
    colour = "stroke: var(--chart-fault)"
    places = re.findall(
        rf'<use [^>]*x="([\d.]+)" y="([\d.]+)" style="[^"]*{re.escape(colour)}', svg
    )
    heights = sorted({float(y) for x, y in places if float(x) > 0})
    assert len(set(places)) == 6, "three in the curve, three in the legend"
    assert len(heights) >= 2


def test_unsure_faults_are_not_marked() -> None:
    (svg,) = height_svgs(Result((rep(1),), (fault("rushed", 4.0, unsure=True),), (), ()), rows(8.0))
    assert "dropped, not lowered" not in texts(svg)


def test_nothing_gives_no_chart() -> None:
    nothing = Result((), (), (), ())
    assert height_svgs(nothing, []) == []
    assert height_svgs(nothing, rows(8.0, level=None)) == []
    assert bars_svg(nothing) == ""


def test_reps_are_drawn_without_a_height_curve() -> None:
    assert "2" in texts(height_svgs(RESULT, [])[0])
    assert len(height_svgs(RESULT, rows(15.0, level=None))) == 1


def unseen(one: Rep) -> Rep:
    return replace(one, peak_cm=None, peak_shin=None, bottom_cm=None, bottom_shin=None)


def dashes(svg: str) -> int:
    return svg.count("stroke-dasharray")


def test_without_a_flat_foot_no_height_and_no_flat_line_is_drawn() -> None:
    result = replace(RESULT, reps=tuple(unseen(one) for one in RESULT.reps))
    (svg,) = height_svgs(result, rows(15.0, level=None))
    words = texts(svg)
    assert FLAT_UNSEEN in words
    assert {"1", "2", "3", "no pause at the top"} <= set(words)
    assert "heel height, cm" not in words
    assert "ytick_" not in svg, "the axis has no heights"
    (known,) = height_svgs(RESULT, rows(15.0))
    assert dashes(known) == dashes(svg) + 1
    assert FLAT_UNSEEN not in texts(known)


def test_a_rep_before_the_flat_foot_was_seen_has_a_number_and_no_height() -> None:
    some = replace(RESULT, reps=(unseen(RESULT.reps[0]), *RESULT.reps[1:]))
    (svg,), (known,) = height_svgs(some, rows(15.0)), height_svgs(RESULT, rows(15.0))
    assert FLAT_UNSEEN not in texts(svg)
    assert {"1", "2", "3"} <= set(texts(svg))
    thick = r"stroke-width: 4(?![\d.])"
    assert len(re.findall(thick, svg)) == len(re.findall(thick, known)) - 1


@pytest.mark.parametrize("result", [RESULT, Result((), (), (), ())])
def test_a_png_is_a_picture(tmp_path: Path, result: Result) -> None:
    path = tmp_path / "plot.png"
    plot_png(path, result, rows(15.0) if result.reps else [])
    image = cv2.imread(str(path))
    assert image is not None
    assert image.shape[1] > 900
    assert (image == 255).mean() > 0.4
    assert len(set(map(tuple, image.reshape(-1, 3)[::7].tolist()))) > 5


def test_bars_of_many_reps_are_folded_into_rows_of_one_scale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = []
    figure = charts.new_figure
    monkeypatch.setattr(
        charts, "new_figure", lambda *args: figures.append(figure(*args)) or figures[-1]
    )
    many = tuple(replace(rep(n), rise_cm=9.0 + n / 10, rise_sd_cm=None) for n in range(1, 66))
    path = tmp_path / "plot.png"
    plot_png(path, Result(many, (), (), ()), [])
    assert cv2.imread(str(path)).shape[1] == 990
    rises = [one for one in figures[0].axes if one.get_title(loc="left").startswith("Rise")]
    labels = [[label for label in one.get_xticklabels() if label.get_text()] for one in rises]
    assert [label.get_text() for row in labels for label in row] == [str(r.number) for r in many]
    for row in labels:
        boxes = [label.get_window_extent() for label in row]
        assert all(left.x1 < right.x0 for left, right in pairwise(boxes))
    assert len({one.get_ylim() for one in rises}) == 1
    monkeypatch.setattr(charts, "_TALLEST_PX", 1000)
    plot_png(path, Result(many, (), (), ()), [])
    assert cv2.imread(str(path)).shape[0] == 1000


def test_a_folder_that_is_missing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(HeelriseError, match="cannot write"):
        plot_png(tmp_path / "none" / "plot.png", RESULT, [])
