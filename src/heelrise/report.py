"""What a person reads after a set, and the files a program reads: table, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from statistics import mean
from types import MappingProxyType
from typing import Any, TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from heelrise.heel_rise_result import TestResult
from heelrise.result import SIDES, Fault, LegSet, Rep, Result, Side, VideoFacts, to_json
from heelrise.terminal import many, printable, table_console

FAULT_WORDS = {
    "incomplete_top": "not high enough",
    "incomplete_bottom": "not lowered all the way",
    "no_pause": "no pause at the top",
    "rushed": "dropped, not lowered",
    "knee_bend": "standing knee bent",
    "trunk_lean": "trunk leaned",
    "foot_touchdown": "other foot touched down",
    "lost_balance": "lost balance",
}


def json_text(
    result: Result,
    video: VideoFacts,
    settings: Mapping[str, Any],
    *,
    one_line: bool = False,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    """Return the JSON of docs/json.md, with a line feed at its end.

    Parameters
    ----------
    result, video, settings
        What :func:`heelrise.result.to_json` takes.
    one_line : bool
        Leave out indentation, for a stream of one line a video.
    more : mapping
        Further fields of the object, such as ``test``.
    """
    values = {**to_json(result, video, settings), **more}
    indent = None if one_line else 2
    return json.dumps(values, indent=indent, ensure_ascii=False, allow_nan=False) + "\n"


def csv_text(result: Result) -> str:
    """Return one row a rep under the names of the JSON, units included; faults joined by ";"."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Rep)], lineterminator="\n")
    writer.writeheader()
    for rep in to_json(result, _NO_VIDEO, {})["reps"]:
        writer.writerow({**rep, "faults": ";".join(rep["faults"])})
    return text.getvalue()


def test_lines(tested: TestResult) -> list[str]:
    """Return what to print of a heel-rise test: the legs, symmetry, norm and the protocol."""
    lines = []
    for leg in tested.legs:
        run = leg.run
        work = "" if leg.work_j is None else f", work {leg.work_j:.0f} J"
        power = "" if leg.power_w is None else f", mean power {leg.power_w:.1f} W"
        moved = "" if leg.displacement_cm is None else f", {leg.displacement_cm:.0f} cm in total"
        of_norm = "" if leg.of_norm_percent is None else f" ({leg.of_norm_percent:.0f} % of norm)"
        raw, valid = len(run.raw), len(run.valid)
        lines.append(f"{run.side}: {valid} valid of {raw} raises{of_norm}{moved}{work}{power}")
        if run.stop is not None:
            lines.append(f"  {run.stop.why}")
    for measure, lsi in tested.symmetry.items():
        if lsi is not None:
            lines.append(f"symmetry, {measure}: {lsi.leg} {lsi.percent:.0f} % of the other leg")
    if tested.norm is not None:
        lines.append(tested.norm.text)
    lines += [f"not as the protocol says: {what}" for what in tested.deviations]
    return [*lines, *tested.notes]


def print_report(result: Result, title: str, stream: TextIO) -> None:
    """Print the table of reps, a summary line per leg, sets, doubts and warnings.

    Parameters
    ----------
    result : Result
        What was found.
    title : str
        First line, such as the video's name; control characters in it are made harmless.
    stream : text stream
        A terminal gets colours and rules; anything else plain text of a fixed width.
    """
    with table_console(stream) as console:
        console.print(Text(printable(title), style="bold"))
        if result.reps:
            _print_table(result.reps, console, boxed=console.is_terminal)
        else:
            console.print("No heel rise found.")
        for line in summary_lines(result):
            console.print(line, soft_wrap=True)
        for line in doubt_lines(result.faults):
            console.print(Text(line, style="dim"), soft_wrap=True)
        for tip in result.tips:
            console.print(f"Tip: {tip.message}, at {minutes(tip.start_s)}", soft_wrap=True)
        for warning in result.warnings:
            console.print(Text(f"Warning: {printable(warning)}", style="yellow"), soft_wrap=True)


def summary_lines(result: Result) -> list[str]:
    """Return a line per leg that did something, one per set, one per fault between reps."""
    lines = [_leg_line(side, result) for side in SIDES if result.count(side)]
    lines += [_set_line(number, leg_set) for number, leg_set in enumerate(result.sets, start=1)]
    lines += [
        f"Between reps: {fault_words(fault.kind)} at {minutes(fault.start_s)} ({fault.side})"
        for fault in result.faults
        if fault.rep is None and not fault.unsure
    ]
    return lines


def doubt_lines(faults: Sequence[Fault]) -> list[str]:
    """Return what could not be judged and why, reps of the same doubt together."""
    doubts: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        if fault.unsure:
            doubts.setdefault((fault.kind, fault.message), []).append(fault)
    lines = []
    for (kind, message), same in doubts.items():
        reps = sorted({fault.rep for fault in same if fault.rep is not None})
        between = [minutes(fault.start_s) for fault in same if fault.rep is None]
        where = [_reps_words(reps)] if reps else []
        where += [f"at {', '.join(between)}"] if between else []
        lines.append(
            f"Could not be judged: {fault_words(kind)}, {' and '.join(where)}: {printable(message)}"
        )
    return lines


def fault_words(kind: str) -> str:
    """Return a fault's kind in words."""
    return FAULT_WORDS.get(kind, kind.replace("_", " "))


def minutes(time_s: float) -> str:
    """Write a time as a player shows it, to the tenth: 1:05.3."""
    tenths = round(time_s * 10)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"


def _print_table(reps: Sequence[Rep], console: Console, *, boxed: bool) -> None:
    table = Table(box=box.SIMPLE_HEAD if boxed else None, pad_edge=False, header_style="bold")
    for name in ("rep", "leg", "rise", "hold", "up", "down"):
        table.add_column(name, justify="left" if name == "leg" else "right", no_wrap=True)
    table.add_column("faults")
    for rep in reps:
        faults = ", ".join(fault_words(kind) for kind in rep.faults)
        table.add_row(
            str(rep.number),
            rep.side,
            _height(rep.rise_cm, rep.rise_shin),
            f"{rep.hold_s:.2f} s",
            f"{rep.up_s:.2f} s",
            f"{rep.down_s:.2f} s",
            Text(faults, style="red"),
        )
    console.print(table)


def _leg_line(side: Side, result: Result) -> str:
    """Sum up one side: "Left: 6 reps, mean rise 8.9 cm, mean hold 1.10 s, 2 faults"."""
    reps = [rep for rep in result.reps if rep.side == side]
    in_cm = [rep.rise_cm for rep in reps if rep.rise_cm is not None]
    rise = _height(mean(in_cm) if in_cm else None, mean(rep.rise_shin for rep in reps))
    hold = mean(rep.hold_s for rep in reps)
    faults = sum(fault.side == side and not fault.unsure for fault in result.faults)
    name = {"left": "Left", "right": "Right", "both": "Both legs together"}[side]
    judged = "not judged" if side == "both" else many(faults, "fault")
    return f"{name}: {many(len(reps), 'rep')}, mean rise {rise}, mean hold {hold:.2f} s, {judged}"


def _set_line(number: int, leg_set: LegSet) -> str:
    return (
        f"Set {number}: {leg_set.side}, {minutes(leg_set.start_s)} to "
        f"{minutes(leg_set.end_s)}, {_reps_words(leg_set.reps)}"
    )


def _height(cm: float | None, shin: float) -> str:
    return f"{cm:.1f} cm" if cm is not None else f"{100 * shin:.0f} % shin"


def _reps_words(numbers: Sequence[int]) -> str:
    """Write rep numbers with runs shortened: "rep 4", "reps 1-3, 5"."""
    runs = [
        f"{first}-{last}" if last > first else f"{first}" for first, last in _runs(sorted(numbers))
    ]
    return f"rep{'s' if len(numbers) != 1 else ''} {', '.join(runs)}"


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    for place, number in enumerate(numbers):
        if place == 0 or number != numbers[place - 1] + 1:
            first = number
        if place == len(numbers) - 1 or numbers[place + 1] != number + 1:
            yield first, number


# The rows of a CSV hold nothing of the video: a shared table names no file.
_NO_VIDEO = VideoFacts("", 0.0, 0.0, 0, 0, 0)
