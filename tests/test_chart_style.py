"""How charts look: colours of their page, nothing outside, and matplotlib's settings left alone."""

from __future__ import annotations

import re
import sys

import pytest

from heelrise.chart_style import CSS, DARK, LIGHT, check_charts, new_figure, styled, svg_text
from heelrise.errors import HeelriseError


def drawn(prefix: str) -> str:
    """Return a chart with a bar, a marker and a word in each colour."""
    with styled():
        figure = new_figure(2.0)
        axes = figure.subplots()
        for place, colour in enumerate(LIGHT.values()):
            axes.bar(place, 1.0, facecolor=colour, hatch="//")
            axes.plot(place, 2.0, color=colour, marker="v")
            axes.text(place, 3.0, "word", color=colour)
        return svg_text(figure, prefix, "words")


def test_a_chart_has_the_colours_of_its_page_and_needs_nothing_outside() -> None:
    svg = drawn("one")
    assert set(re.findall(r"var\(--chart-(\w+)\)", svg)) == {*LIGHT}
    assert not re.search(r"(fill|stroke): ?#", svg)
    assert not re.search(r"https?:|xmlns|<style|<metadata|<!", svg)
    assert svg.startswith('<svg class="chart" role="img" aria-label="words"')


def test_a_page_knows_every_colour_in_light_and_dark() -> None:
    assert {*LIGHT} == {*DARK}
    for colours in (LIGHT, DARK):
        for name, colour in colours.items():
            assert f"--chart-{name}: {colour};" in CSS


def test_two_charts_of_a_page_share_no_id() -> None:
    one, other = (set(re.findall(r'\bid="([^"]+)"', drawn(prefix))) for prefix in ("one", "two"))
    assert one
    assert not one & other


def test_matplotlib_keeps_its_settings() -> None:
    import matplotlib
    from matplotlib._pylab_helpers import Gcf

    before = dict(matplotlib.rcParams)
    drawn("one")
    assert dict(matplotlib.rcParams) == before
    assert Gcf.get_all_fig_managers() == []


def test_without_matplotlib_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(HeelriseError, match="pip install matplotlib"):
        check_charts()
