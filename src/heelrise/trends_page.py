"""The pictures of the history: one HTML page that needs nothing else, and a PNG."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import product
from pathlib import Path
from typing import Any, Literal

from heelrise.chart_style import DARK, LIGHT, styled
from heelrise.errors import HeelriseError
from heelrise.html_parts import scroll
from heelrise.terminal import printable
from heelrise.trends import (
    LEGS,
    TABLE_NAMES,
    Progress,
    SetPoint,
    rule_lines,
    symmetries,
    table_rows,
    trend_lines,
)

_MINUTES = timedelta(minutes=4)  # from here on halves of a span differ by minutes
_SHORTEST = timedelta(seconds=4)  # and by seconds from here on

_Kind = Literal["left", "right", "symmetry"]


@dataclass(frozen=True)
class _Series:
    """One line of a picture: times and values of training, or of heel-rise tests."""

    kind: _Kind
    test: bool
    times: tuple[datetime, ...]
    values: tuple[float, ...]

    @property
    def name(self) -> str:
        """What the line shows, as the table of sets has it."""
        return f"{self.kind}, test" if self.test else self.kind


@dataclass(frozen=True)
class _Span:
    """The times that all panels of a page show, so that the same moment is above itself."""

    first: datetime
    last: datetime

    def share(self, time: datetime) -> float:
        """Return where a time lies: 0 at the left end, 1 at the right."""
        return (time - self.first) / (self.last - self.first)

    def words(self, time: datetime) -> str:
        """Write a time as exactly as it takes to tell the ends and the middle apart."""
        length = self.last - self.first
        if length > timedelta(days=2):
            return f"{time:%Y-%m-%d}"
        return f"{time:%Y-%m-%d %H:%M}" if length >= _MINUTES else f"{time:%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True)
class _Panel:
    """One picture: lines that share a title and, in it, a unit."""

    title: str
    series: tuple[_Series, ...]
    top: float | None = None

    @property
    def in_legend(self) -> tuple[_Series, ...]:
        """The lines to name: a lone one of training is what the title says already."""
        return self.series if len(self.series) > 1 or self.series[0].test else ()


def _panels(points: Sequence[SetPoint]) -> list[_Panel]:
    # one unit in one picture: centimetres only when every set has them
    in_cm = all(point.rise_cm is not None for point in points)
    days = symmetries(points)
    panels = [
        _Panel(
            f"Mean rise of a set, {'cm' if in_cm else '% of the shin'}",
            _leg_series(points, [p.rise_cm if in_cm else 100 * p.rise_shin for p in points]),
        ),
        _Panel(
            "Reps of a set",
            _leg_series(points, [point.reps for point in points]),
            # no halves of a rep on the axis
            top=max(5.0, *(point.reps for point in points)),
        ),
    ]
    if days:
        lines = [
            _line("symmetry", test, [(d.when, d.total_percent) for d in days if d.test == test])
            for test in (False, True)
        ]
        title = "Symmetry of the total rise, lower leg in % of the other"
        panels.append(_Panel(title, tuple(filter(None, lines)), top=100.0))
    return panels


def _leg_series(points: Sequence[SetPoint], values: Sequence[float | None]) -> tuple[_Series, ...]:
    lines = []
    # tests in lines of their own: they go on until the form is lost, and a set of training does not
    for test, leg in product((False, True), LEGS):
        own = [
            (point.when, value)
            for point, value in zip(points, values, strict=True)
            if (point.side, point.test) == (leg, test) and value is not None
        ]
        lines.append(_line(leg, test, own))
    return tuple(filter(None, lines))


def _line(kind: _Kind, test: bool, places: Sequence[tuple[datetime, float]]) -> _Series | None:
    """Return the line through some places; None without any."""
    if not places:
        return None
    return _Series(kind, test, tuple(when for when, _ in places), tuple(v for _, v in places))


# the legs as in the charts of a session, beside them the green of the same palette
_COLOURS = {"left": LIGHT["left"], "right": LIGHT["right"], "symmetry": "#009e73"}
_DARK_COLOURS = {"left": DARK["left"], "right": DARK["right"], "symmetry": "#009e73"}
_MARKERS = {"left": "o", "right": "s", "symmetry": "D"}


def save_plot(points: Sequence[SetPoint], person: str | None, file: Path) -> None:
    """Draw rise, reps and symmetry over time as a PNG.

    Parameters
    ----------
    points : sequence of SetPoint
        One person's sets, at least one.
    person : str or None
        For the title.
    file : Path
        Where the PNG goes, whatever its name ends in.
    """
    try:
        import matplotlib.dates
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise HeelriseError(
            "a plot needs matplotlib: pip install matplotlib, or use --html"
        ) from error
    dates: Any = matplotlib.dates  # which has no types
    # not in the settings of the user, which may want LaTeX
    with styled():
        panels = _panels(points)
        figure = Figure(figsize=(8, 0.6 + 2.6 * len(panels)), dpi=110, layout="constrained")
        FigureCanvasAgg(figure)
        figure.suptitle(_title(person))
        first = None
        for number, panel in enumerate(panels, start=1):
            axes = figure.add_subplot(len(panels), 1, number, sharex=first)
            first = first or axes
            for line in panel.series:
                axes.plot(
                    dates.date2num([_x(time) for time in line.times]),
                    line.values,
                    color=_COLOURS[line.kind],
                    marker=_MARKERS[line.kind],
                    linestyle="--" if line.test else "-",
                    markerfacecolor="white" if line.test else _COLOURS[line.kind],
                    label=line.name,
                )
            axes.set_title(panel.title, loc="left", fontsize="medium")
            axes.set_ylim(0, _top(panel))
            axes.set_yticks(_ticks(_top(panel)))
            axes.grid(alpha=0.3)
            locator = dates.AutoDateLocator(minticks=3, maxticks=8)
            axes.xaxis.set_major_locator(locator)
            axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
            if panel.in_legend:
                # beside the title: among the lines it hid some of them
                axes.legend(
                    loc="lower right",
                    bbox_to_anchor=(1.0, 1.0),
                    ncols=len(panel.in_legend),
                    fontsize="small",
                    frameon=False,
                    handlelength=2.6,  # a dash on either side of the marker
                    borderaxespad=0.2,
                )
        with warnings.catch_warnings():
            # a letter that the font lacks is drawn as a box: no reason for a warning
            warnings.simplefilter("ignore")
            figure.savefig(file, format="png")


def _x(time: datetime) -> datetime:
    """Return the time of the person's clock, without the zone: plots know one zone only."""
    return time.replace(tzinfo=None)


def _title(person: str | None) -> str:
    return f"Calf raises: {printable(person)}" if person else "Calf raises"


def _top(panel: _Panel) -> float:
    """Return where the value axis ends: above all values, with room for a marker."""
    highest = max(value for line in panel.series for value in line.values)
    return 1.08 * (panel.top or max(highest, 1e-3))


_WIDTH, _HEIGHT = 720.0, 220.0
_LEFT, _RIGHT, _UPPER, _LOWER = 44.0, 16.0, 12.0, 26.0

_STYLE = (
    ":root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--rule:#ccc;"
    + ";".join(f"--{name}:{colour}" for name, colour in _COLOURS.items())
    + "}@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--paper:#161616;--rule:#444;"
    + ";".join(f"--{name}:{colour}" for name, colour in _DARK_COLOURS.items())
    + "}}body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
    "max-width:48rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}"
    "h1{font-size:1.5rem}h2{font-size:1rem;margin:1.5rem 0 .25rem}"
    "svg{width:100%;height:auto}svg text{fill:var(--ink);font-size:12px}"
    # on a phone it scrolls: as narrow as that its words would be half as high
    f"svg.chart{{display:block;min-width:{_WIDTH:g}px}}@media print{{svg.chart{{min-width:0}}}}"
    "svg .rule{stroke:var(--rule)}.scroll{overflow-x:auto}table{border-collapse:collapse}"
    "th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid var(--rule);"
    "white-space:nowrap}"
    + "".join(
        f".{name}{{stroke:var(--{name});fill:var(--{name})}}polyline.{name}{{fill:none;"
        "stroke-width:2}"
        for name in _COLOURS
    )
    + "polyline.test{stroke-dasharray:6 4}circle.test,rect.test{fill:var(--paper);stroke-width:2}"
    "h2{display:flex;flex-wrap:wrap;gap:0 .9em}h2 span{white-space:nowrap}"
)


def html_page(
    points: Sequence[SetPoint], person: str | None, held: Progress, notes: Sequence[str] = ()
) -> str:
    """Return one page that needs nothing else: pictures, what changed, the rule, every set.

    Parameters
    ----------
    points : sequence of SetPoint
        One person's sets, at least one.
    person : str or None
        For the title.
    held : Progress
        The guide's rule, held against this person.
    notes : sequence of str
        What else there is to say of the sets, such as :func:`~heelrise.trends.both_lines`.
    """
    title = escape(_title(person))
    panels = _panels(points)
    span = _span(panels)
    pictures = "\n".join(
        f"<h2>{escape(panel.title)}{_legend(panel)}</h2>\n"
        + scroll(escape(panel.title), _svg(panel, span))
        for panel in panels
    )
    rows = "".join(f"<tr>{_cells(row, 'td')}</tr>\n" for row in table_rows(points))
    table = f"<table>\n<tr>{_cells(TABLE_NAMES, 'th')}</tr>\n{rows}</table>"
    lines = "\n".join(
        f"<p>{escape(line)}</p>" for line in (*trend_lines(points), *rule_lines(held))
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{title}</h1>
{pictures}
<h2>What changed</h2>
{lines}
<h2>Sets</h2>
{scroll("Sets", table)}
{"".join(f"<p>{escape(line)}</p>{chr(10)}" for line in notes)}</body>
</html>
"""


def _cells(words: Iterable[str], tag: str) -> str:
    return "".join(f"<{tag}>{escape(word)}</{tag}>" for word in words)


def _legend(panel: _Panel) -> str:
    return "".join(
        f' <span><svg viewBox="0 0 14 14" style="width:.9em" aria-hidden="true">'
        f"{_marker(line, 7, 7)}</svg> {line.name}</span>"
        for line in panel.in_legend
    )


def _span(panels: Sequence[_Panel]) -> _Span:
    """Return the times of all panels, with something around what would be a moment."""
    times = [_x(time) for panel in panels for line in panel.series for time in line.times]
    first, last = min(times), max(times)
    around = timedelta(0)
    if last == first:
        around = timedelta(days=1)
    elif last - first < _SHORTEST:
        around = _SHORTEST / 2
    return _Span(first - around, last + around)


def _svg(panel: _Panel, span: _Span) -> str:
    """Draw a panel; its colours come from the page, so that it follows light and dark."""
    top = _top(panel)

    def x(time: datetime) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * span.share(time)

    def y(value: float) -> float:
        return _HEIGHT - _LOWER - (_HEIGHT - _LOWER - _UPPER) * value / top

    parts = [
        f'<svg class="chart" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" '
        f'aria-label="{escape(panel.title)}">'
    ]
    for value in _ticks(top):
        parts.append(
            f'<line class="rule" x1="{_LEFT:g}" x2="{_WIDTH - _RIGHT:g}" y1="{y(value):.1f}" '
            f'y2="{y(value):.1f}"/><text x="{_LEFT - 12:g}" y="{y(value) + 4:.1f}" '
            f'text-anchor="end">{value:g}</text>'
        )
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        time = span.first + share * (span.last - span.first)
        parts.append(
            f'<text x="{x(time):.1f}" y="{_HEIGHT - 6:g}" text-anchor="{anchor}">'
            f"{span.words(time)}</text>"
        )
    for line in panel.series:
        places = [(x(_x(t)), y(v)) for t, v in zip(line.times, line.values, strict=True)]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
        parts.append(f'<polyline class="{_classes(line)}" points="{path}"/>')
        for (across, down), time, value in zip(places, line.times, line.values, strict=True):
            told = f"{line.name}, {span.words(time)}: {value:.1f}"
            parts.append(_marker(line, across, down, told))
    return "".join(parts) + "</svg>"


def _classes(line: _Series) -> str:
    return f"{line.kind} test" if line.test else line.kind


def _marker(line: _Series, x: float, y: float, told: str = "") -> str:
    """Draw a circle for left, a square for right, a diamond for both; open for a test."""
    title = f"<title>{escape(told)}</title>" if told else ""
    classes = _classes(line)
    if line.kind == "left":
        return f'<circle class="{classes}" cx="{x:.1f}" cy="{y:.1f}" r="5">{title}</circle>'
    turned = f' transform="rotate(45 {x:.1f} {y:.1f})"' if line.kind == "symmetry" else ""
    return (
        f'<rect class="{classes}" x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9"{turned}>'
        f"{title}</rect>"
    )


def _ticks(top: float) -> list[float]:
    """Return three to six round values from 0 to below the top."""
    steps = (base * 10.0**power for power in range(-4, 7) for base in (1, 2, 5))
    step = next(step for step in steps if top / step < 6)
    return [round(number * step, 6) for number in range(int(top / step) + 1)]
