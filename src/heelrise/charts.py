"""Charts of a session: height of the heel over time, and bars of every rep. SVG text and PNG.

Beside their colours (:mod:`heelrise.chart_style`) legs differ in hatching, and faults in the shape
of their marker.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from heelrise.chart_style import LIGHT, WIDTH_IN, check_charts, new_figure, styled, svg_text
from heelrise.outputs import written
from heelrise.report import fault_words
from heelrise.result import SIDES, Fault, Rep, Result, Side
from heelrise.series import Row, fitted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STRIP_S = 60.0  # a longer recording is drawn in strips: 20 reps side by side can be told apart
_BARS_A_ROW = 30
_PNG_DPI = 110
_TALLEST_PX = 30_000  # few programs show a taller picture, and matplotlib draws none of 65,536
_HATCHES: dict[Side, str] = {"left": "", "right": "////", "both": "...."}
_LEGS: dict[Side, str] = {"left": "left", "right": "right", "both": "both legs"}
FAULT_MARKERS = {
    "incomplete_top": "v",
    "incomplete_bottom": "^",
    "no_pause": "s",
    "rushed": "P",
    "knee_bend": "<",
    "trunk_lean": ">",
    "foot_touchdown": "X",
    "lost_balance": "D",
}
FLAT_UNSEEN = "flat foot was not seen: heights are not known"
_LONGEST_LABEL = 40  # letters
_MARKER_CLEAR_S = 0.8  # markers nearer than this are put above each other


def height_svgs(result: Result, rows: Sequence[Row]) -> list[str]:
    """Return the height of the heel over time, one SVG a strip of at most a minute.

    Parameters
    ----------
    result : Result
        Reps and faults to mark.
    rows : sequence of Row
        One a frame, drawn as :func:`heelrise.series.fitted` to the reps; without any the reps'
        own heights are drawn.

    Returns
    -------
    list of str
        ``<svg>`` elements to put into a page that has :data:`heelrise.chart_style.CSS`; stretches
        of the recording in which nothing was counted are left out, and without a rep or a height
        there is none.
    """
    svgs = []
    rows = fitted(rows, result)
    with styled():
        for number, (start_s, end_s) in enumerate(_strips(result, rows)):
            figure = new_figure(3.3)
            _draw_height(figure.subplots(), result, rows, start_s, end_s)
            label = f"Height of the heel over time, {start_s:.0f} to {end_s:.0f} s"
            svgs.append(svg_text(figure, f"height{number}", label))
    return svgs


def bars_svg(result: Result) -> str:
    """Return bars of rise (with one standard deviation), hold and tempo of every rep as SVG.

    Empty without reps.
    """
    if not result.reps:
        return ""
    with styled():
        # as wide as it takes: a page scrolls
        width_in = WIDTH_IN * max(1.0, len(result.reps) / _BARS_A_ROW)
        figure = new_figure(7.4, width_in)
        _draw_bars(
            figure.subplots(3, 1, sharex=True), result.reps, len(result.reps), _in_cm(result)
        )
        return svg_text(figure, "bars", "Rise, hold and tempo of every rep")


def plot_png(path: Path, result: Result, rows: Sequence[Row]) -> None:
    """Write heights over time and the bars of all reps, in rows, as one PNG picture.

    Raises
    ------
    HeelriseError
        When matplotlib is missing or the file cannot be written.
    """
    check_charts()
    rows = fitted(rows, result)
    strips = _strips(result, rows)
    bars = _in_rows(result.reps)
    panels = max(len(strips) + 3 * len(bars), 1)
    with styled():
        figure = new_figure(2.5 * panels)
        axes = list(figure.subplots(panels, 1, squeeze=False)[:, 0])
        for one, (start_s, end_s) in zip(axes, strips, strict=False):
            _draw_height(one, result, rows, start_s, end_s)
        of_bars = axes[len(strips) :]
        for number, reps in enumerate(bars):
            three = of_bars[3 * number : 3 * number + 3]
            _draw_bars(three, reps, len(bars[0]), _in_cm(result))
        if bars:
            for kind in range(3):
                _to_one_scale(of_bars[kind::3])
        elif not strips:
            axes[0].set_axis_off()
            axes[0].text(0.5, 0.5, "No heel rise found.", ha="center", color=LIGHT["ink"])
        dpi = min(_PNG_DPI, _TALLEST_PX / (2.5 * panels))
        with written(path) as part:
            figure.savefig(part, format="png", dpi=dpi, facecolor="white")


def _in_rows(reps: Sequence[Rep]) -> list[Sequence[Rep]]:
    """Fold reps into rows of equal length."""
    if not reps:
        return []
    length = math.ceil(len(reps) / math.ceil(len(reps) / _BARS_A_ROW))
    return [reps[first : first + length] for first in range(0, len(reps), length)]


def _to_one_scale(axes: Sequence[Axes]) -> None:
    """Let bars of one kind be compared over all rows."""
    ends = [one.get_ylim() for one in axes]
    for one in axes:
        one.set_ylim(min(low for low, _ in ends), max(high for _, high in ends))


def _in_cm(result: Result) -> bool:
    return any(rep.rise_cm is not None for rep in result.reps)


def _strips(result: Result, rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Return the stretches to draw, seconds: of equal length, those in which something was done."""
    seen = [row.t_s for row in rows if row.level_shin is not None]
    done = [(rep.start_s, rep.end_s) for rep in result.reps]
    done += [(fault.start_s, fault.end_s) for fault in result.faults if not fault.unsure]
    if not seen and not result.reps:
        return []
    first = min([start for start, _ in done] + seen[:1])
    last = max([end for _, end in done] + seen[-1:])
    count = max(1, math.ceil((last - first) / STRIP_S))
    length = max((last - first) / count, 1.0)
    strips = [(first + n * length, first + (n + 1) * length) for n in range(count)]
    busy = [(a, b) for a, b in strips if any(start < b and end > a for start, end in done)]
    return busy or strips[:1]


def _draw_height(
    axes: Axes, result: Result, rows: Sequence[Row], start_s: float, end_s: float
) -> None:
    """Draw one strip: the curve, reps as bands with their hold as a thick line, faults above."""
    in_cm = _in_cm(result) or any(row.level_cm is not None for row in rows)
    reps = [rep for rep in result.reps if rep.start_s < end_s and rep.end_s > start_s]
    times, heights = _curve([row for row in rows if start_s <= row.t_s <= end_s], in_cm)
    axes.plot(times, heights, color=LIGHT["curve"], linewidth=1.6, zorder=3)
    known = [height for height in heights if math.isfinite(height)]
    known += [top for rep in reps if (top := _peak(rep, in_cm)) is not None]
    if known:
        axes.axhline(0.0, color=LIGHT["curve"], linewidth=0.9, linestyle=(0, (4, 3)))
    else:
        axes.set_yticks([])
        axes.text(0.5, 0.5, FLAT_UNSEEN, ha="center", transform=axes.transAxes, zorder=6)
    for rep in reps:
        colour, top = LIGHT[rep.side], _peak(rep, in_cm)
        axes.axvspan(rep.start_s, rep.end_s, color=colour, alpha=0.16, linewidth=0, zorder=1)
        hold = (rep.top_start_s, rep.top_end_s)
        if top is None:
            axes.text(
                *(sum(hold) / 2, 0.04, f"{rep.number}"),
                transform=axes.get_xaxis_transform(),
                ha="center",
                fontsize=10,
                clip_on=True,
            )
            continue
        axes.plot(hold, (top, top), color=colour, linewidth=4, solid_capstyle="butt", zorder=4)
        over = [h for t, h in zip(times, heights, strict=True) if hold[0] <= t <= hold[1]]
        clear = max([top, *filter(math.isfinite, over)])
        axes.annotate(
            *(f"{rep.number}", (sum(hold) / 2, clear), (0, 5)),
            textcoords="offset points",
            ha="center",
            fontsize=10,
            annotation_clip=True,
        )
    high, low = max([*known, 0.0]), min([*known, 0.0])
    room = high - low or 1.0
    faults = [f for f in result.faults if not f.unsure and start_s <= _middle_s(f) < end_s]
    lanes = _mark_faults(axes, faults, high, room)
    axes.set(
        xlim=(start_s, end_s),
        ylim=(low - 0.06 * room, high + (0.16 + 0.11 * lanes) * room),
        xlabel="time, s",
        # few words: beside a low panel more would be cut off
        ylabel=f"heel height, {'cm' if in_cm else '% of shin'}" if known else "",
    )
    _legend(axes, reps, faults)


def _mark_faults(axes: Axes, faults: Sequence[Fault], high: float, room: float) -> int:
    """Put a marker a fault above the curve, those at the same moment in lanes; return how many."""
    lanes: list[float] = []  # when the last marker of each lane is
    for fault in sorted(faults, key=_middle_s):
        at_s = _middle_s(fault)
        free = (lane for lane, last_s in enumerate(lanes) if at_s - last_s > _MARKER_CLEAR_S)
        lane = next(free, len(lanes))
        lanes[lane : lane + 1] = [at_s]
        axes.plot(
            *([at_s], [high + (0.21 + 0.11 * lane) * room]),
            color=LIGHT["fault"],
            marker=FAULT_MARKERS.get(fault.kind, "o"),
            markersize=7,
            linestyle="none",
            zorder=5,
        )
    return len(lanes)


def _legend(axes: Axes, reps: Sequence[Rep], faults: Sequence[Fault]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=LIGHT[side], linewidth=4, label=f"rep, hold: {_LEGS[side]}")
        for side in SIDES
        if any(rep.side == side for rep in reps)
    ]
    handles += [
        Line2D(
            *([], []),
            color=LIGHT["fault"],
            marker=FAULT_MARKERS.get(kind, "o"),
            markersize=7,
            linestyle="none",
            label=fault_words(kind)[:_LONGEST_LABEL],
        )
        for kind in sorted({fault.kind for fault in faults})
    ]
    if handles:
        axes.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=min(len(handles), 3),
            fontsize=10.5,
            borderaxespad=0.2,
            handlelength=1.4,
            columnspacing=1.4,
        )


def _draw_bars(axes: Sequence[Axes], reps: Sequence[Rep], room: int, in_cm: bool) -> None:
    """Draw rise, hold and tempo as three panels with room for so many reps, a bar or two each."""
    places = list(range(len(reps)))
    rise, hold, tempo = axes
    rises = [_known(rep.rise_cm if in_cm else _percent(rep.rise_shin)) for rep in reps]
    errors = [_known(rep.rise_sd_cm if in_cm else _percent(rep.rise_sd_shin)) for rep in reps]
    _bars(rise, places, rises, reps, 0.66)
    rise.errorbar(
        *(places, rises),
        yerr=errors,
        fmt="none",
        ecolor=LIGHT["ink"],
        elinewidth=1.2,
        capsize=3,
    )
    rise.set_title(f"Rise, {'cm' if in_cm else '% of the shin'} (line: one standard deviation)")
    _bars(hold, places, [rep.hold_s for rep in reps], reps, 0.66)
    hold.set_title("Hold at the top, s")
    _bars(tempo, [place - 0.19 for place in places], [rep.up_s for rep in reps], reps, 0.34)
    downs = [rep.down_s for rep in reps]
    _bars(tempo, [place + 0.19 for place in places], downs, reps, 0.34, faint=True)
    tempo.set_title("Tempo, s (full: up, pale: down)")
    step = max(1, math.ceil(len(reps) / (2 * _BARS_A_ROW)))
    for one in axes:
        one.set_xticks(places[::step], [str(rep.number) for rep in reps[::step]])
        one.tick_params(axis="x", labelbottom=True, length=0)
        one.set_xlim(-0.6, max(room, 6) - 0.4)
        one.set_ylim(bottom=min(0.0, one.get_ylim()[0]))
    tempo.set_xlabel("rep")
    _bar_legend(rise, reps)


def _bars(
    axes: Axes,
    places: Sequence[float],
    values: Sequence[float],
    reps: Sequence[Rep],
    width: float,
    *,
    faint: bool = False,
) -> None:
    for side in SIDES:
        chosen = [number for number, rep in enumerate(reps) if rep.side == side]
        axes.bar(
            [places[number] for number in chosen],
            [values[number] for number in chosen],
            width,
            facecolor=(LIGHT[side], 0.45 if faint else 0.9),
            hatch=_HATCHES[side],
        )


def _bar_legend(axes: Axes, reps: Sequence[Rep]) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(
            facecolor=(LIGHT[side], 0.9),
            hatch=_HATCHES[side],
            label=_LEGS[side],
        )
        for side in SIDES
        if any(rep.side == side for rep in reps)
    ]
    axes.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=len(handles),
        fontsize=10.5,
        borderaxespad=0.2,
    )


def _curve(rows: Sequence[Row], in_cm: bool) -> tuple[list[float], list[float]]:
    """Return times and heights; NaN where nothing was measured breaks the line."""
    heights = [_known(row.level_cm if in_cm else _percent(row.level_shin)) for row in rows]
    return [row.t_s for row in rows], heights


def _peak(rep: Rep, in_cm: bool) -> float | None:
    """Return how high the top is above flat foot; None where that was not seen."""
    known = rep.peak_cm if in_cm else _percent(rep.peak_shin)
    return known if known is not None and math.isfinite(known) else None


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _known(value: float | None) -> float:
    return math.nan if value is None else value


def _middle_s(fault: Fault) -> float:
    return (fault.start_s + fault.end_s) / 2
