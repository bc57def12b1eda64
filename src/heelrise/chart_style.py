"""How charts look: colours, matplotlib's settings, and SVG that is part of a page.

Colours are those of Okabe and Ito, told apart by colour-blind people. In SVG they are CSS
variables (:data:`CSS`), so that a page can be light or dark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any

from heelrise.errors import HeelriseError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH_IN = 9.0  # 648 units wide: letters of 11 units are 11 px where a narrow page scrolls

# Drawn in these colours; in SVG each becomes the variable of its name.
LIGHT = {
    "ink": "#1c2024",
    "paper": "#fefefe",
    "rule": "#c9ced4",
    "curve": "#5b6470",
    "left": "#0072b2",
    "right": "#d55e00",
    "both": "#6f7782",
    "fault": "#b0206f",
}
DARK = {
    "ink": "#e8eaed",
    "paper": "#1e2228",
    "rule": "#434a53",
    "curve": "#aab2bd",
    "left": "#56b4e9",
    "right": "#e69f00",
    "both": "#99a1ab",
    "fault": "#ff8cc6",
}


def _css(colours: Mapping[str, str]) -> str:
    return " ".join(f"--chart-{name}: {value};" for name, value in colours.items())


CSS = (
    f":root {{ {_css(LIGHT)} }}\n"
    f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_css(DARK)} }} }}\n"
    "svg.chart * { stroke-linejoin: round; stroke-linecap: butt; }\n"
)


def check_charts() -> None:
    """Find out before the work whether charts can be drawn.

    Raises
    ------
    HeelriseError
        When matplotlib is not installed.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise HeelriseError("charts need matplotlib: pip install matplotlib") from None


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the colours of the charts, and leave matplotlib's settings as they were.

    Raises
    ------
    HeelriseError
        When matplotlib is not installed.
    """
    check_charts()
    import matplotlib

    ink, rule = LIGHT["ink"], LIGHT["rule"]
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "svg.fonttype": "none",
                "svg.hashsalt": "heelrise",
                "text.parse_math": False,
                "axes.prop_cycle": f"cycler('color', ['{ink}'])",
                "font.size": 11,
                "axes.titlesize": 12,
                "axes.titlelocation": "left",
                "axes.edgecolor": rule,
                "axes.labelcolor": ink,
                "axes.titlecolor": ink,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.axisbelow": True,
                "axes.grid": True,
                "axes.grid.axis": "y",
                "grid.color": rule,
                "grid.linewidth": 0.7,
                # without an edge of its own a bar is hatched in this colour
                "hatch.color": LIGHT["paper"],
                "hatch.linewidth": 0.9,
                "text.color": ink,
                "xtick.color": ink,
                "ytick.color": ink,
                "legend.frameon": False,
                "legend.labelcolor": ink,
            }
        )
        yield


def new_figure(height_in: float, width_in: float = WIDTH_IN) -> Figure:
    """Return an empty figure of a size in inches; to be drawn on while :func:`styled` holds."""
    from matplotlib.figure import Figure as Canvas

    # A figure of its own, not pyplot's: nothing to close, no window, any thread
    return Canvas(figsize=(width_in, height_in), layout="constrained", facecolor="none")


def svg_text(figure: Figure, prefix: str, label: str) -> str:
    """Return a figure as an <svg> element: colours as variables, ids its own, nothing outside.

    Parameters
    ----------
    figure : Figure
        What :func:`new_figure` gave, drawn while :func:`styled` holds.
    prefix : str
        What its ids begin with: another one for each figure of a page.
    label : str
        What it shows, for those who do not see it; put in as it is, so without ``"``, ``<`` or
        ``&``.

    Returns
    -------
    str
        For a page that has :data:`CSS`.
    """
    text = StringIO()
    nothing: dict[str, Any] = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(text, format="svg", metadata=nothing, transparent=True)
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)  # it would style the page
    svg = re.sub(r"<!--.*?-->\n?", "", svg, flags=re.DOTALL)
    # inside HTML the parser knows the namespaces itself
    svg = re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", svg)
    svg = re.sub(r"\bid=\"", f'id="{prefix}-', svg)
    svg = re.sub(r"(href=\"|url\()#", rf"\1#{prefix}-", svg)
    for name, value in LIGHT.items():
        svg = svg.replace(value, f"var(--chart-{name})")
    svg = re.sub(r"'DejaVu Sans'[^;\"]*", "system-ui, sans-serif", svg)
    width, height = figure.get_size_inches() * 72
    head = (
        f'<svg class="chart" role="img" aria-label="{label}" viewBox="0 0 {width:g} {height:g}" '
        f'style="min-width: {width:g}px"'
    )
    return re.sub(r"<svg[^>]*", head, svg, count=1).strip()
