"""The pictures of the history: they hold every set, and need nothing else."""

from __future__ import annotations

import re
import struct
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from heelrise.errors import HeelriseError
from heelrise.trends import SetPoint, both_lines, progress, set_points
from heelrise.trends_page import html_page, save_plot
from kept import kept_set, point, recording

WEEKS = [
    point(side, day, reps, cm=cm)
    for day, reps, cm in ((0, 8, 8.0), (7, 10, 8.4), (15, 12, 9.1))
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


def test_what_else_there_is_to_say_is_on_the_page() -> None:
    note = both_lines([recording(1, 0, kept_set(1, "both", 4, 9.0))])
    assert note[0] in html_page(WEEKS, None, progress(WEEKS), note)
