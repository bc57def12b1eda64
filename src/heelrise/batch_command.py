"""The command `batch`: thousands of videos, a JSON each and two tables (docs/batch.md)."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from heelrise.errors import EXIT_UNUSABLE, HeelriseError
from heelrise.options import (
    PATH,
    height_option,
    jobs_number,
    leg_option,
    lower_option,
    model_option,
    processor_count,
    surface_option,
    verbose_option,
)
from heelrise.terminal import complain, native_logs, printable

if TYPE_CHECKING:
    from heelrise.batch import Task
    from heelrise.batch_tables import TableKind

_REDRAW_EVERY_S = 0.2
_LINE_EVERY_S = 60.0
_SPEED_OVER_S = 600.0  # of a bar: a single video may take minutes


@click.command()
@click.argument("videos", metavar="DIR|LIST", type=PATH)
@click.option(
    "-o", "--out", metavar="OUT", type=PATH, required=True, help="Folder for the results."
)
@click.option(
    "--jobs",
    metavar="N",
    callback=jobs_number,
    help="Videos at a time; auto (default): the processors.",
)
@click.option("--resume", is_flag=True, help="Go on: keep results that are there and still hold.")
@click.option(
    "--force",
    is_flag=True,
    help="Begin anew: replace the results that are there, each when its new one is done. With "
    "--resume: go on, and replace those that were made with other options.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Work on the Dask cluster of this scheduler.")
@click.option(
    "--table",
    "kind",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="What the tables are; parquet needs pyarrow.",
)
@click.option("--root", metavar="DIR", type=PATH, help="Where the paths of LIST start from.")
@height_option
@surface_option
@leg_option
@lower_option
@model_option
@verbose_option
def batch(
    *,
    videos: Path,
    out: Path,
    jobs: int | None,
    resume: bool,
    force: bool,
    scheduler: str | None,
    kind: TableKind,
    root: Path | None,
    body_height: float | None,
    surface: Any,
    leg: Any,
    lower_for: float | None,
    model: str,
    verbose: bool,
) -> int:
    """Analyse a folder of videos with its sub-folders, or a list of them, many at a time.

    LIST is a text file with a path a line, or a CSV with the columns path, body_height_cm,
    surface, leg, lower_for_s (all but path optional). OUT gets a JSON a video, videos.csv with a
    row a video and reps.csv with a row a rep. A video that fails is a row with its reason.
    """
    from heelrise.batch import Task, claimed, is_done, record
    from heelrise.batch_list import find
    from heelrise.batch_tables import check_tables, write_tables
    from heelrise.cluster import check_scheduler, on_cluster
    from heelrise.crew import here
    from heelrise.models import ensure_model, sha256_of
    from heelrise.recording import is_recording
    from heelrise.settings import SessionOptions

    if scheduler is not None and jobs is not None:
        raise HeelriseError("--jobs is for this machine: leave it out with --scheduler")
    if scheduler is not None:
        check_scheduler(scheduler)
    check_tables(out, kind, videos)
    found = find(videos, root, SessionOptions(body_height, surface, leg, lower_for))
    failed: dict[str, str] = {}
    with native_logs(shown=verbose), claimed(out, over_results=resume or force):
        sha256 = None
        if not all(is_recording(video.source) for video in found):
            sha256 = sha256_of(ensure_model(model, progress=sys.stdout.isatty()))
        tasks = [Task(video, model, sha256) for video in found]
        if resume and not force:
            _refuse_other_options(tasks, out)
        anew = force and not resume
        undone = [task for task in tasks if anew or not is_done(task, out)]
        done = kept = len(tasks) - len(undone)
        if scheduler is None or not undone:
            outcomes = here(iter(undone), jobs or processor_count())
        else:
            outcomes = on_cluster(iter(undone), scheduler, model, sha256)
        try:
            with closing(outcomes), _progress(len(tasks), done) as tell:
                for outcome in outcomes:
                    if outcome is not None:
                        why = record(out, outcome, over=force)
                        if why is not None:
                            failed[outcome.name] = why
                        done += 1
                    tell(done, len(failed))
        except KeyboardInterrupt:
            # --resume alone refuses what the old batch made with other options
            how = "--resume --force" if force else "--resume"
            complain(f"{done} of {len(tasks)} videos are through: go on with {how}")
            raise
        refused = write_tables(out, kind, found, failed)
    _print_end(out, kind, len(tasks), kept, refused, len(failed))
    if undone:
        _tell_of_older_tables(out, kind)
    if failed:
        where = out / f"videos.{kind}"
        complain(f"{len(failed)} of {len(tasks)} videos failed: see {where}")
        return EXIT_UNUSABLE
    return 0


def _refuse_other_options(tasks: Sequence[Task], out: Path) -> None:
    """Refuse to replace results for the sake of an option that may only have been forgotten."""
    from heelrise.batch import other_options

    others = [names for names in (other_options(task, out) for task in tasks) if names]
    if not others:
        return
    many = "1 result" if len(others) == 1 else f"{len(others)} results"
    names = ", ".join(sorted({name for one in others for name in one}))
    raise HeelriseError(
        f"{out} holds {many} made with other options ({names}), which would be replaced: "
        "give the options they were made with, or replace them with --resume --force"
    )


def _print_end(
    out: Path, kind: TableKind, total: int, kept: int, refused: int, failed: int
) -> None:
    from heelrise.batch_tables import table_paths

    parts = [f"{total - refused - failed} done"]
    parts += [f"{refused} refused"] if refused else []
    parts += [f"{failed} failed"] if failed else []
    before = f" ({kept} of them before)" if kept else ""
    print(f"{total} {'video' if total == 1 else 'videos'}: {', '.join(parts)}{before}")
    print(f"tables: {', '.join(printable(str(path)) for path in table_paths(out, kind))}")


def _tell_of_older_tables(out: Path, kind: TableKind) -> None:
    """Say that tables of the other kind hold what was before: they may be a user's, and stay."""
    from heelrise.batch_tables import table_paths

    other: TableKind = "parquet" if kind == "csv" else "csv"
    older = [path.name for path in table_paths(out, other) if path.exists()]
    if older:
        complain(
            f"{' and '.join(older)} are out of date: delete them, or make them anew with "
            f"--resume --table {other}"
        )


@contextmanager
def _progress(total: int, done: int) -> Iterator[Callable[[int, int], None]]:
    """Show a bar over all videos on a terminal, elsewhere a line a minute.

    Yields
    ------
    callable
        To be told now and then how many videos are through, and how many of them failed.
    """
    if not sys.stderr.isatty():
        said_s = monotonic()

        def say(done: int, failed: int) -> None:
            nonlocal said_s
            if monotonic() - said_s >= _LINE_EVERY_S:
                said_s = monotonic()
                complain(f"{done} of {total} videos are through, {failed} failed")

        yield say
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("videos"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        speed_estimate_period=_SPEED_OVER_S,
    ) as bar:
        task = bar.add_task("", total=total, completed=done)
        bar.refresh()
        drawn_s = -math.inf

        def tell(done: int, failed: int) -> None:
            nonlocal drawn_s
            if monotonic() - drawn_s >= _REDRAW_EVERY_S:
                drawn_s = monotonic()
                words = f"{failed} failed" if failed else ""
                bar.update(task, completed=done, description=words, refresh=True)

        yield tell
