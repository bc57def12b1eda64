"""The commands that show, export and forget what was kept (docs/history.md)."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from heelrise.errors import HeelriseError
from heelrise.options import PATH, demand_files
from heelrise.terminal import complain, many, printable, table_console

if TYPE_CHECKING:
    from rich.console import Console

    from heelrise.history import Recording
    from heelrise.trends import Progress, SetPoint

EMPTY = "The history is empty: nothing was kept yet."
_NO_SET = "No set of one leg in them."


def _moment(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """Read "2026-01-31" as that day's beginning, "30d" as the moment 30 days ago."""
    if value is None:
        return None
    try:
        if days := re.fullmatch(r"([0-9]+)d", value):
            return (datetime.now() - timedelta(days=int(days[1]))).astimezone()
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return datetime.fromisoformat(value).astimezone()
    except (ValueError, OverflowError, OSError):
        pass
    raise click.BadParameter(f"{value!r} is no date such as 2026-01-31 and no time such as 30d")


_person_option = click.option(
    "--person", metavar="NAME", help="Only this person's; '' is what was kept without a name."
)
_force_option = click.option("--force", is_flag=True, help="Overwrite outputs that exist.")


@click.command()
@click.option(
    "--since",
    metavar="DATE",
    callback=_moment,
    help="Only from this day on, such as 2026-01-31, or of the last days, such as 30d.",
)
@click.option("--leg", type=click.Choice(["left", "right"]), help="Only this leg.")
@_person_option
@click.option("--plot", metavar="F", type=PATH, help="Draw rise, reps and symmetry as a PNG.")
@click.option("--html", metavar="F", type=PATH, help="Write one page with pictures and table.")
@click.option(
    "--target-reps",
    "wanted_reps",
    metavar="N",
    type=click.IntRange(1, 999),
    default=12,
    show_default=True,
    help="Reps of a whole set, for the rule when to add load.",
)
@_force_option
def history(
    *,
    since: datetime | None,
    leg: Any,
    person: str | None,
    plot: Path | None,
    html: Path | None,
    wanted_reps: int,
    force: bool,
) -> int:
    """Show what was kept: sets, changes, symmetry, and whether it is time to add load.

    With an output on stdout (--html -) nothing else goes there; stderr says when there is nothing.
    """
    from heelrise.history import owners, recordings
    from heelrise.history_file import history_path
    from heelrise.outputs import STDOUT, Job, Outputs, check, write_text, written
    from heelrise.trends import both_lines, progress, set_points

    outputs = Outputs(report=html, plot=plot)
    demand_files(outputs.paths())
    # the history itself is the input, which is never written over
    check([Job(history_path(), outputs)], force=force)
    talking = STDOUT not in outputs.paths()
    say = print if talking else complain
    chosen = recordings(since, leg, person)
    if not chosen:
        say(_nothing_there(owners()))
        return 0
    people = sorted({recording.person or "" for recording in chosen})
    if outputs.paths() and len(people) > 1:
        raise HeelriseError(
            f"the history holds several people ({_names(people)}): choose one with --person"
        )
    for number, name in enumerate(people):
        # the rule needs both legs and the latest sets, whatever is shown
        held = progress(set_points(recordings(person=name)), wanted_reps)
        own = [recording for recording in chosen if (recording.person or "") == name]
        points = set_points(own)
        if talking:
            print("\n" * bool(number), end="")
            _print_person(name, own, points, held, sys.stdout)
        if not points:
            if not talking:
                say(_NO_SET)
            continue
        if plot is not None:
            from heelrise.trends_page import save_plot

            with written(plot) as part:
                save_plot(points, name, part)
        if html is not None:
            from heelrise.trends_page import html_page

            write_text(html, html_page(points, name, held, both_lines(own)))
        for what, path in (("plot", plot), ("page", html)):
            if talking and path is not None:
                print(f"{what}: {printable(str(path))}")
    return 0


@click.command()
@click.option(
    "--all", "folder", metavar="DIR", type=PATH, required=True, help="Folder, made when missing."
)
@_force_option
def export(*, folder: Path, force: bool) -> int:
    """Write all that was kept into a folder: the JSON of each recording, and tables as CSV."""
    from heelrise.history_export import export_all

    files = export_all(folder, force=force)
    print(f"{printable(str(folder))}: {len(files)} files written" if files else EMPTY)
    return 0


@click.command()
@_person_option
@click.option(
    "--before",
    metavar="DATE",
    callback=_moment,
    help="Only what is older: than a day such as 2026-01-31, or than 30d.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(*, person: str | None, before: datetime | None, yes: bool) -> int:
    """Delete what was kept, for good: everything, or what --person and --before choose."""
    from heelrise.history import forget as delete
    from heelrise.history import owners

    everything, chosen = owners(), owners(person, before)
    if not chosen:
        print(_nothing_there(everything))
        return 0
    what = f"{_recordings(len(chosen))} of {len(everything)}"
    if not yes and not _agreed(f"Delete {what} ({_names(chosen)}) for good? [y/N] "):
        print("Nothing was deleted.")
        return 0
    gone = _recordings(delete(person, before))
    print(f"{gone} deleted. Files that you saved elsewhere are still there.")
    return 0


def _agreed(question: str) -> bool:
    """Ask; not click's own way, which turns Ctrl-C into another exception."""
    print(question, end="", flush=True)
    answer = sys.stdin.readline() if sys.stdin is not None else ""
    if not answer:
        print()
        raise HeelriseError("nothing was deleted: there is nobody to ask; add --yes")
    return answer.strip().lower() in {"y", "yes"}


def _print_person(
    person: str,
    own: Sequence[Recording],
    points: Sequence[SetPoint],
    held: Progress,
    stream: TextIO,
) -> None:
    """Print one person's table of sets, what changed, and the guide's rule."""
    from rich.text import Text

    from heelrise.trends import both_lines, rule_lines, trend_lines

    with table_console(stream) as console:
        first, last = own[0].started, own[-1].started
        title = f"{_name(person)}: {_recordings(len(own))}, {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        console.print(Text(title, style="bold"), soft_wrap=True)
        if points:
            _print_table(points, console, boxed=console.is_terminal)
        else:
            console.print(_NO_SET)
        for line in (*both_lines(own), *trend_lines(points), *rule_lines(held)):
            console.print(line, soft_wrap=True)


def _print_table(points: Sequence[SetPoint], console: Console, *, boxed: bool) -> None:
    from rich import box
    from rich.table import Table

    from heelrise.trends import TABLE_NAMES, table_rows

    table = Table(box=box.SIMPLE_HEAD if boxed else None, pad_edge=False, header_style="bold")
    for name in TABLE_NAMES:
        left = name in {"when", "leg"}
        table.add_column(name, justify="left" if left else "right", no_wrap=True)
    for row in table_rows(points):
        table.add_row(*row)
    console.print(table)


def _nothing_there(everything: Sequence[str]) -> str:
    """Say that nothing was found among the recordings of these people."""
    if not everything:
        return EMPTY
    held = f"{_recordings(len(everything))} ({_names(everything)})"
    return f"Nothing of that kind was kept; the history holds {held}."


def _names(people: Sequence[str]) -> str:
    return ", ".join(_name(person) for person in sorted(set(people)))


def _name(person: str) -> str:
    return printable(person) if person else "no name"


def _recordings(number: int) -> str:
    return many(number, "recording")
