"""The command line: parse, call, print, exit status.

Nothing heavy is imported before a command needs it: `heelrise --help` must answer at once. Exit
status: 0 done (also when a view was refused or nothing was counted), 2 something that the user
gave cannot be used, 1 a mistake of heelrise itself, 130 stopped by Ctrl-C, 143 by SIGTERM, 141
when the reader of stdout went away.
"""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from heelrise import __version__
from heelrise.batch_command import batch
from heelrise.errors import EXIT_UNUSABLE, HeelriseError
from heelrise.history_commands import export, forget, history
from heelrise.live_command import live
from heelrise.options import (
    DEFAULT_MODEL,
    MODEL_NAMES,
    PATH,
    About,
    age_option,
    demand_files,
    height_option,
    involved_option,
    jobs_option,
    least_rise_option,
    leg_option,
    load_option,
    lower_option,
    mass_option,
    model_option,
    person_option,
    sex_option,
    surface_option,
    test_option,
    test_options,
    verbose_option,
)
from heelrise.review_command import review
from heelrise.stops import Terminated, terminating_cleanly
from heelrise.terminal import complain, forget_stdout, open_closed_streams

EXIT_STOPPED = 130
EXIT_PIPE_CLOSED = 141
EXIT_TERMINATED = 143
DEMO_CLIP = "demo.mp4"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the program's name; those of the process by default.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    open_closed_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # a file name that the terminal cannot show is no reason to fail
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with terminating_cleanly(main.__code__):
            status = _invoke(arguments)
            # here, where a reader of stdout that went away can still be met
            sys.stdout.flush()
        return status
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "heelrise"
        complain(f"{error.format_message().rstrip('.')} (see '{where} --help')")
    except HeelriseError as error:
        complain(str(error))
    except BrokenPipeError:
        forget_stdout()
        return EXIT_PIPE_CLOSED
    except OSError as error:
        forget_stdout()
        what = "cannot write to stdout" if error.filename is None else str(error.filename)
        complain(f"{what}: {error.strerror or error}")
    except Terminated:
        complain("terminated")
        return EXIT_TERMINATED
    except KeyboardInterrupt:
        complain("stopped")
        return EXIT_STOPPED
    return EXIT_UNUSABLE


def program(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line as a process of its own, and end it.

    All is written and said then: a Ctrl-C that comes while Python tidies up changes nothing.

    Parameters
    ----------
    argv : sequence of str, optional
        As of `main`.
    """
    status = main(argv)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(status)


def _invoke(arguments: list[str]) -> int:
    # not click's own main(): it ends Ctrl-C with an empty line
    try:
        with commands.make_context("heelrise", arguments) as context:
            return int(commands.invoke(context) or 0)
    except click.exceptions.Exit as stop:
        return stop.exit_code


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="heelrise", message="%(prog)s %(version)s")
@click.pass_context
def commands(context: click.Context) -> None:
    """Count and coach the single-leg calf raise from one ordinary camera."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@commands.command()
@click.argument("videos", metavar="VIDEO...", type=PATH, nargs=-1, required=True)
@click.option(
    "--json", "json_path", metavar="F", type=PATH, help="Write the result as JSON; - is stdout."
)
@click.option("--csv", "csv_path", metavar="F", type=PATH, help="Write one row a rep as CSV.")
@click.option("--video", "video_path", metavar="F", type=PATH, help="Write an annotated MP4.")
@click.option("--report", metavar="F", type=PATH, help="Write a report: one HTML page.")
@click.option("--plot", metavar="F", type=PATH, help="Draw heel height and reps as a PNG.")
@click.option(
    "--series", metavar="F", type=PATH, help="Write one row a frame: .csv, or .parquet (pyarrow)."
)
@height_option
@surface_option
@leg_option
@lower_option
@click.option("--keep", is_flag=True, help="Keep the result in your history.")
@person_option
@load_option
@test_option
@age_option
@sex_option
@mass_option
@least_rise_option
@involved_option
@model_option
@jobs_option
@click.option("--force", is_flag=True, help="Overwrite outputs that exist.")
@verbose_option
def analyze(
    *,
    videos: tuple[Path, ...],
    json_path: Path | None,
    csv_path: Path | None,
    video_path: Path | None,
    report: Path | None,
    plot: Path | None,
    series: Path | None,
    body_height: float | None,
    surface: Any,
    leg: Any,
    lower_for: float | None,
    keep: bool,
    person: str | None,
    load: float | None,
    test: str | None,
    age: float | None,
    sex: Any,
    body_mass: float | None,
    least_rise: float | None,
    involved: Any,
    model: str,
    jobs: int,
    force: bool,
    verbose: bool,
) -> int:
    """Count and judge the calf raises in VIDEO: files, or folders of them.

    VIDEO may also be landmarks that were recorded with 'heelrise extract': the same result, faster.

    With several videos or a folder, --json, --csv, --video, --report, --plot and --series name
    folders, which are made, and one file a video goes there, named after it. What cannot be read
    is reported, the rest goes on, and the exit status is 2 at the end.

    With an output on stdout (--json -) nothing else goes there: no table is printed. With several
    videos it is then one line of JSON a video.
    """
    from heelrise.inputs import find_videos
    from heelrise.jobs import demand_pictures, run
    from heelrise.outputs import Outputs, check, plan
    from heelrise.settings import SessionOptions

    options = SessionOptions(body_height, surface, leg, lower_for)
    tested = test_options(
        test, age, sex, body_mass, least_rise, involved=involved, lower_for=lower_for
    )
    if load is not None and not keep:
        raise HeelriseError("--load goes to your history: add --keep")
    if person is not None and not (keep or report):
        raise HeelriseError("--person goes to report and history: add --report or --keep")
    found, complaints = find_videos(videos, landmarks=True)
    _refuse_for_landmarks(found, "model", "jobs")
    folders = len(videos) > 1 or videos[0].is_dir()
    wanted = Outputs(json_path, csv_path, video_path, series=series, plot=plot, report=report)
    if not folders:
        demand_files(wanted.paths())
    if series is not None:
        from heelrise.series import check_series

        check_series(series)
    if plot is not None or report is not None:
        from heelrise.chart_style import check_charts

        check_charts()
    planned = plan(found, wanted, folders=folders)
    demand_pictures(planned)
    check(planned, force=force, make_folders=folders)
    about = About(keep, person, load, tested)
    for complaint in complaints:
        complain(complaint)
    status = 0
    if planned:
        status = run(planned, options, model, about, jobs, verbose=verbose, one_line=folders)
    return EXIT_UNUSABLE if complaints else status


def _refuse_for_landmarks(found: Sequence[Path], *names: str) -> None:
    """Refuse options of this command that say how landmarks are found where all are recorded."""
    from click.core import ParameterSource

    from heelrise.recording import is_recording

    context = click.get_current_context()
    given = [
        name for name in names if context.get_parameter_source(name) != ParameterSource.DEFAULT
    ]
    if given and found and all(is_recording(path) for path in found):
        options = " and ".join(f"--{name}" for name in given)
        raise HeelriseError(
            f"{found[0]} holds landmarks already: leave out {options}, or name the video"
        )


@commands.command()
@click.argument("videos", metavar="VIDEO...", type=PATH, nargs=-1, required=True)
@click.option(
    "-o", "--out", metavar="F", type=PATH, required=True, help="File to write, such as set.npz."
)
@model_option
@jobs_option
@click.option("--force", is_flag=True, help="Overwrite outputs that exist.")
@verbose_option
def extract(
    *, videos: tuple[Path, ...], out: Path, model: str, jobs: int, force: bool, verbose: bool
) -> int:
    """Save the landmarks of VIDEO: times and 33 points of the body a frame, no picture.

    'heelrise analyze F.npz' gives the same result as the video, in a fraction of the time, and the
    file can be shared without showing anybody. With several videos or a folder, -o names a folder.
    """
    from heelrise.inputs import find_videos
    from heelrise.jobs import run
    from heelrise.outputs import Outputs, check, plan

    found, complaints = find_videos(videos)
    folders = len(videos) > 1 or videos[0].is_dir()
    if not folders:
        demand_files([out])
        if out.suffix.lower() != ".npz":
            raise HeelriseError(f"{out}: name a file that ends in .npz, by which it is known")
    planned = plan(found, Outputs(landmarks=out), folders=folders)
    check(planned, force=force, make_folders=folders)
    for complaint in complaints:
        complain(complaint)
    status = 0
    if planned:
        status = run(planned, None, model, readers=jobs, verbose=verbose, one_line=False)
    return EXIT_UNUSABLE if complaints else status


@commands.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """List the pose models and which of them are on this machine."""
    if context.invoked_subcommand is None:
        from heelrise.models import list_models

        for status in list_models():
            model, default = status.model, " (default)" * (status.model.name == DEFAULT_MODEL)
            print(f"{model.name}{default}")
            print(f"  present  {status.path or 'no: heelrise models fetch ' + model.name}")
            for path in status.damaged:
                print(f"  damaged  {path}: not used")
            print(f"  SHA-256  {model.sha256}")
            print(f"  size     {model.size / 1e6:.1f} MB")
            print(f"  licence  {model.licence}")
            print(f"  source   {model.url}")


@models.command()
@click.argument("name", type=click.Choice(MODEL_NAMES), default=DEFAULT_MODEL)
def fetch(name: str) -> None:
    """Get a pose model and verify it (the first analysis does so by itself)."""
    from heelrise.models import fetch_model

    print(fetch_model(name, progress=sys.stdout.isatty()))


@commands.command()
@click.option(
    "-o",
    "--out",
    metavar="DIR",
    type=PATH,
    default=Path("heelrise-demo"),
    show_default=True,
    help="Folder for the annotated video and the JSON; what an earlier demo wrote is replaced.",
)
@model_option
@verbose_option
def demo(out: Path, model: str, verbose: bool) -> int:
    """Analyse the small clip that comes with heelrise: a table, a video and a JSON file."""
    from importlib.resources import as_file, files

    from heelrise.jobs import run
    from heelrise.outputs import Outputs, check, plan
    from heelrise.settings import SessionOptions

    clip = files("heelrise") / DEMO_CLIP
    if not clip.is_file():
        raise HeelriseError("this installation lacks its sample clip: install heelrise again")
    with as_file(clip) as path:
        planned = plan([path], Outputs(json=out, video=out), folders=True)
        check(planned, force=True, make_folders=True)
        return run(planned, SessionOptions(), model, verbose=verbose, one_line=False)


for command in (live, review, batch, history, export, forget):
    commands.add_command(command)
