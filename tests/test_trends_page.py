"""The pictures of the history: they hold every set, and need nothing else."""

from __future__ import annotations

import re
import struct
import sys
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from heelrise.errors import HeelriseError
from heelrise.history import Leg
from heelrise.trends import SetPoint, both_lines, progress, set_points
from heelrise.trends_page import html_page, save_plot
from kept import kept_set, point, recording
from test_page import needs_chromium, overflows

WEEKS = [
    point(side, day, reps, cm=cm)
    for day, reps, cm in ((0, 8, 8.0), (7, 10, 8.4), (15, 12, 9.1))
    for side in ("left", "right")
]


TESTED = [
    point(side, day, reps, test=test)
    for day, reps, test in ((0, 8, False), (3, 22, True), (7, 10, False), (10, 25, True))
    for side in ("left", "right")
]


ONE_SESSION = set_points([recording(1, 0, *(kept_set(n, "left", n, 9.0) for n in (1, 2, 3)))])


@pytest.mark.parametrize("points", [WEEKS, WEEKS[:1], [point("left", 0, 1, cm=None)], ONE_SESSION])
@pytest.mark.parametrize("person", ["Anna", None, "$x^$ <script> 你好"])
def test_a_plot_is_a_png_and_leaves_no_state(
    tmp_path: Path, points: list[SetPoint], person: str | None, recwarn: pytest.WarningsRecorder
) -> None:
    file = tmp_path / ".heelrise-x.part"
    had_pyplot = "matplotlib.pyplot" in sys.modules  # mediapipe brings it into the process
    save_plot(points, person, file)
    content = file.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    assert width > 600
    assert height > 400
    assert ("matplotlib.pyplot" in sys.modules) == had_pyplot
    assert not recwarn.list


def test_a_plot_knows_nothing_of_the_settings_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_plot(WEEKS, "$x^$", tmp_path / "plain.png")
    own = {"text.usetex": True, "figure.facecolor": "red", "lines.linewidth": 9.0}
    for name, value in own.items():
        monkeypatch.setitem(matplotlib.rcParams, name, value)
    save_plot(WEEKS, "$x^$", tmp_path / "own.png")
    assert (tmp_path / "own.png").read_bytes() == (tmp_path / "plain.png").read_bytes()
    assert {name: matplotlib.rcParams[name] for name in own} == own


def test_without_matplotlib_a_plot_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.dates", None)
    with pytest.raises(HeelriseError, match="pip install matplotlib"):
        save_plot(WEEKS, None, tmp_path / "a.png")


class _Page(HTMLParser):
    """Collects what a page holds, and that every element is closed."""

    VOID = ("meta", "br", "link", "img")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("points", [WEEKS, WEEKS[:1], [point("left", 0, 1, cm=None)]])
def test_the_page_needs_nothing_else(points: list[SetPoint]) -> None:
    name = "\"><script>alert('x')</script><img src=x onerror=y>"
    text = html_page(points, name, progress(points))
    page = _Page()
    page.feed(text)
    assert page.open == []
    assert not {"script", "img", "link", "iframe", "object", "a", "use", "image"} & {*page.tags}
    assert not {"src", "href", "xlink:href", "onerror"} & {name for name, _ in page.attributes}
    assert not re.search(r"https?:|url\(|@import|//", text)
    assert f"Calf raises: {name}" in page.text
    assert "prefers-color-scheme:dark" in text
    assert not re.search(r"\bnan\b|\binf\b", text)


def test_the_page_shows_every_set_and_the_verdict() -> None:
    page = _Page()
    page.feed(html_page(WEEKS, "Anna", progress(WEEKS)))
    assert page.tags.count("tr") == len(WEEKS) + 1
    assert "The rule is met." in page.text
    assert "within noise" in page.text
    # three sets a leg in two panels and in the legends, three days of symmetry
    assert page.tags.count("circle") == 3 * 2 + 2
    assert page.tags.count("rect") == 3 * 2 + 2 + 3


def test_markers_are_inside_the_picture() -> None:
    text = html_page(WEEKS, None, progress(WEEKS))
    places = re.findall(r'cx="([-\d.]+)" cy="([-\d.]+)"', text)
    assert len(places) == 3 * 2 + 2
    for x, y in places:
        assert 0 <= float(x) <= 720
        assert 0 <= float(y) <= 220


def at(side: Leg, reps: int, **after: float) -> SetPoint:
    """Return a set that was done so long after the first day's training began."""
    one = point(side, 0, reps)
    return replace(one, when=one.when + timedelta(**after))


@pytest.mark.parametrize(
    ("after", "labels", "told"),
    [
        ({"days": 9}, ["2026-01-05", "2026-01-10", "2026-01-14"], "2026-01-14"),
        (
            {"hours": 30},
            ["2026-01-05 18:00", "2026-01-06 09:00", "2026-01-07 00:00"],
            "2026-01-07 00:00",
        ),
        (
            {"minutes": 10},
            ["2026-01-05 18:00", "2026-01-05 18:05", "2026-01-05 18:10"],
            "2026-01-05 18:10",
        ),
        # videos that were analysed one after the other
        (
            {"seconds": 10},
            ["2026-01-05 18:00:00", "2026-01-05 18:00:05", "2026-01-05 18:00:10"],
            "2026-01-05 18:00:10",
        ),
        (
            {"seconds": 0.2},
            ["2026-01-05 17:59:58", "2026-01-05 18:00:00", "2026-01-05 18:00:02"],
            "2026-01-05 18:00:00",
        ),
        (
            {},
            ["2026-01-04 18:00", "2026-01-05 18:00", "2026-01-06 18:00"],
            "2026-01-05 18:00",
        ),
    ],
)
def test_times_are_told_apart(after: dict[str, float], labels: list[str], told: str) -> None:
    points = [at("left", 8), at("left", 9, **after)]
    text = html_page(points, None, progress(points))
    shown = re.findall(r"<text [^>]*>(\d{4}-[^<]*)</text>", text)
    assert shown == [*labels, *labels], "of rise and reps"
    assert f"<title>left, {told}: 9.0</title>" in text


def test_the_same_time_is_at_the_same_place_in_every_panel() -> None:
    # symmetry is of the second day alone
    points = [at("left", 8), at("left", 9, days=1), at("right", 9, days=1, hours=2)]
    points.append(at("left", 9, days=3))
    text = html_page(points, None, progress(points))
    assert text.count("<polyline") == 2 + 2 + 1
    places = [
        re.findall(rf'<polyline class="{name}" points="([-\d.]+),[-\d.]+"/>', text)
        for name in ("right", "symmetry")
    ]
    assert places[0] == 2 * places[1]
    axes = re.findall(r'<svg class="chart".*?</svg>', text)
    days = [re.findall(r"<text x=[^>]*>(\d{4}-[^<]*)</text>", svg) for svg in axes]
    assert days == 3 * [["2026-01-05", "2026-01-07", "2026-01-08"]]


def test_pictures_keep_the_size_of_their_letters_and_scroll_on_a_phone() -> None:
    text = html_page(TESTED, None, progress(TESTED))
    assert "svg.chart{display:block;min-width:720px}" in text
    charts = text.count('<svg class="chart" viewBox="0 0 720 220"')
    assert charts == len(re.findall(r'<div class="scroll"[^>]* tabindex="0"><svg', text)) == 3


@needs_chromium
def test_the_page_is_no_wider_than_a_phone_or_a_screen(tmp_path: Path) -> None:
    for person in ("Anna", "Donaudampfschifffahrtsgesellschaft" * 6):
        text = html_page(TESTED, person, progress(TESTED))
        assert max(overflows(tmp_path, text).values()) <= 0


def drawn(points: list[SetPoint], file: Path, monkeypatch: pytest.MonkeyPatch) -> Figure:
    """Return what :func:`save_plot` draws."""
    figures: list[Figure] = []
    save = Figure.savefig

    def keep(figure: Figure, *args: Any, **named: Any) -> None:
        save(figure, *args, **named)
        figures.append(figure)

    monkeypatch.setattr(Figure, "savefig", keep)
    save_plot(points, None, file)
    return figures[0]


def test_no_line_of_the_page_joins_training_with_tests() -> None:
    text = html_page(TESTED, None, progress(TESTED))
    lines = re.findall(r'<polyline class="([\w ]+)" points="([^"]*)"', text)
    legs = ["left", "right", "left test", "right test"]
    assert [name for name, _ in lines] == [*legs, *legs, "symmetry", "symmetry test"]
    assert {len(places.split()) for _, places in lines} == {2}
    (legend,) = re.findall(r"<h2>Reps of a set(.*)</h2>", text)
    words = re.sub(r"<[^>]*>", "\n", legend).split("\n")
    assert [word.strip() for word in words if word.strip()] == [
        *("left", "right", "left, test", "right, test")
    ]
    assert "<title>left, test, 2026-01-08: 22.0</title>" in text


def test_no_line_of_the_plot_joins_training_with_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reps = drawn(TESTED, tmp_path / "a.png", monkeypatch).axes[1]
    values = {str(line.get_label()): [*line.get_ydata()] for line in reps.lines}
    assert values == {
        "left": [8, 10],
        "right": [8, 10],
        "left, test": [22, 25],
        "right, test": [22, 25],
    }
    looks = {(line.get_linestyle(), line.get_markerfacecolor()) for line in reps.lines}
    assert len(looks) == 3, "two legs, and the tests of both dashed and open"


@pytest.mark.parametrize("points", [WEEKS, WEEKS[:1]])
def test_without_a_test_none_is_named(
    points: list[SetPoint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    svgs = html_page(points, None, progress(points)).split("<body>")[1].split("What changed")[0]
    assert "test" not in svgs
    for axes in drawn(points, tmp_path / "a.png", monkeypatch).axes:
        assert not any("test" in str(line.get_label()) for line in axes.lines)


def test_a_lone_test_is_named_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [point("left", 0, 22, test=True)]
    assert "</svg> left, test</span>" in html_page(points, None, progress(points))
    legend = drawn(points, tmp_path / "a.png", monkeypatch).axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["left, test"]


@pytest.mark.parametrize("points", [WEEKS, TESTED, [replace(p, rise_cm=None) for p in TESTED]])
def test_a_legend_of_the_plot_hides_nothing(
    points: list[SetPoint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = drawn(points, tmp_path / "a.png", monkeypatch)
    legends = [(axes, legend) for axes in figure.axes if (legend := axes.get_legend())]
    assert len(legends) >= 2
    for axes, legend in legends:
        shown = legend.get_window_extent()
        words = [text for text in figure.findobj(Text) if text.get_text()]
        others = [text for text in words if text not in legend.get_texts()]
        assert len(others) > 10
        for other in (axes.patch, *others):
            assert not shown.overlaps(other.get_window_extent()), other
        assert shown.x1 <= figure.bbox.x1


def test_what_else_there_is_to_say_is_on_the_page() -> None:
    note = both_lines([recording(1, 0, kept_set(1, "both", 4, 9.0))])
    assert note[0] in html_page(WEEKS, None, progress(WEEKS), note)
