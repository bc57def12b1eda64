"""The command line: parse, call, print, exit status.

Nothing heavy is imported before a command needs it: `heelrise --help` must answer at once. Exit
status: 0 done (also when a view was refused or nothing was counted), 2 something that the user
gave cannot be used, 1 a mistake of heelrise itself, 130 stopped by Ctrl-C, 143 by SIGTERM, 141
when the reader of stdout went away.
"""

from __future__ import annotations

import io
import math
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from heelrise import __version__
from heelrise.errors import HeelriseError
from heelrise.terminal import complain, forget_stdout, native_logs, printable, progress_bar

if TYPE_CHECKING:
    from heelrise.heel_rise_test import TestOptions
    from heelrise.live import LiveEnd, LiveOptions
    from heelrise.moment import Moment
    from heelrise.outputs import Job
    from heelrise.recorded import Analysis
    from heelrise.result import Result, VideoFacts
    from heelrise.settings import SessionOptions

EXIT_MISTAKE = 1
EXIT_UNUSABLE = 2
EXIT_STOPPED = 130
EXIT_PIPE_CLOSED = 141
EXIT_TERMINATED = 143

MODEL_NAMES = ("lite", "full", "heavy")
DEFAULT_MODEL = "full"
LEAST_BODY_HEIGHT_CM, MOST_BODY_HEIGHT_CM = 100.0, 230.0
DEMO_CLIP = "demo.mp4"


@dataclass(frozen=True)
class About:
    """What goes with a result: whether it is kept, whose it is, and the test it was."""

    keep: bool = False
    person: str | None = None
    load_kg: float | None = None
    test: TestOptions | None = None


class _Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP came: clean up as after Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the program's name; those of the process by default.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # a file name that the terminal cannot show is no reason to fail
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with _terminating_cleanly():
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
    except _Terminated:
        complain("terminated")
        return EXIT_TERMINATED
    except KeyboardInterrupt:
        complain("stopped")
        return EXIT_STOPPED
    return EXIT_UNUSABLE


def _invoke(arguments: list[str]) -> int:
    # not click's own main(): it ends Ctrl-C with an empty line
    try:
        with commands.make_context("heelrise", arguments) as context:
            return int(commands.invoke(context) or 0)
    except click.exceptions.Exit as stop:
        return stop.exit_code


def _body_height(_: click.Context, __: click.Parameter, value: float | None) -> float | None:
    if value is None or LEAST_BODY_HEIGHT_CM <= value <= MOST_BODY_HEIGHT_CM:
        return value
    given = f"{value:g} cm" if math.isfinite(value) else "not a number"
    raise HeelriseError(
        f"a body height of {given} cannot be: give it in centimetres, "
        f"{LEAST_BODY_HEIGHT_CM:g} to {MOST_BODY_HEIGHT_CM:g}, such as --body-height 172"
    )


_path = click.Path(path_type=Path)
_model_option = click.option(
    "--model",
    type=click.Choice(MODEL_NAMES),
    default=DEFAULT_MODEL,
    show_default=True,
    help="Pose model: lite is faster, heavy slower; results are measured with full.",
)
_height_option = click.option(
    "--body-height",
    metavar="CM",
    type=float,
    callback=_body_height,
    help="The person's height; without it rises are given in shin lengths.",
)
_surface_option = click.option(
    "--surface",
    type=click.Choice(["auto", "floor", "step"]),
    default="auto",
    show_default=True,
    help="What the person stands on: step is heels over an edge.",
)
_lower_option = click.option(
    "--lower-for",
    metavar="S",
    type=click.FloatRange(min=0.1, max=10.0),
    help="Training: a way down of less than S seconds is a fault (coaches ask for 2 to 3).",
)
_person_option = click.option("--person", metavar="NAME", help="Who it is, for report and history.")
_load_option = click.option(
    "--load", metavar="KG", type=click.FloatRange(0, 200), help="Dumbbells: kept with the set."
)
_test_option = click.option(
    "--test",
    type=click.Choice(["heel-rise"]),
    help="The heel-rise endurance test (60 beats a minute).",
)
_age_option = click.option(
    "--age", metavar="YEARS", type=click.FloatRange(1, 120), help="Test: for the norm."
)
_sex_option = click.option(
    "--sex", type=click.Choice(["female", "male"]), help="Test: for the norm."
)
_mass_option = click.option(
    "--body-mass", metavar="KG", type=click.FloatRange(20, 300), help="Test: for work and power."
)
_least_rise_option = click.option(
    "--least-rise",
    metavar="PERCENT",
    type=click.FloatRange(10, 100),
    help="Test: a rise under this share of the person's own first ones is a miss.",
)
_verbose_option = click.option(
    "-v", "--verbose", is_flag=True, help="Show the log lines of MediaPipe and FFmpeg too."
)


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
@click.argument("videos", metavar="VIDEO...", type=_path, nargs=-1, required=True)
@click.option(
    "--json", "json_path", metavar="F", type=_path, help="Write the result as JSON; - is stdout."
)
@click.option("--csv", "csv_path", metavar="F", type=_path, help="Write one row a rep as CSV.")
@click.option("--video", "video_path", metavar="F", type=_path, help="Write an annotated MP4.")
@click.option("--report", metavar="F", type=_path, help="Write a report: one HTML page.")
@click.option("--plot", metavar="F", type=_path, help="Draw heel height and reps as a PNG.")
@click.option(
    "--series", metavar="F", type=_path, help="Write one row a frame: .csv, or .parquet (pyarrow)."
)
@_height_option
@_surface_option
@click.option(
    "--leg",
    type=click.Choice(["auto", "left", "right"]),
    default="auto",
    show_default=True,
    help="The leg that works, when it is known.",
)
@_lower_option
@click.option("--keep", is_flag=True, help="Keep the result in your history.")
@_person_option
@_load_option
@_test_option
@_age_option
@_sex_option
@_mass_option
@_least_rise_option
@_model_option
@click.option("--force", is_flag=True, help="Overwrite outputs that exist.")
@_verbose_option
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
    model: str,
    force: bool,
    verbose: bool,
) -> int:
    """Count and judge the calf raises in VIDEO: files, or folders of video files.

    VIDEO may also be landmarks that were recorded with 'heelrise extract': the same result, faster.

    With several videos or a folder, --json, --csv, --video, --report, --plot and --series name
    folders, which are made, and one file a video goes there, named after it. What cannot be read
    is reported, the rest goes on, and the exit status is 2 at the end.

    With an output on stdout (--json -) nothing else goes there: no table is printed. With several
    videos it is then one line of JSON a video.
    """
    from heelrise.outputs import Outputs, check, find_videos, plan
    from heelrise.settings import SessionOptions

    options = SessionOptions(body_height, surface, leg, lower_for)
    found, complaints = find_videos(videos)
    folders = len(videos) > 1 or videos[0].is_dir()
    wanted = Outputs(json_path, csv_path, video_path, series=series, plot=plot, report=report)
    if series is not None:
        from heelrise.series import check_series

        check_series(series)
    if plot is not None or report is not None:
        from heelrise.charts import check_charts

        check_charts()
    jobs = plan(found, wanted, folders=folders)
    check(jobs, force=force)
    _demand_pictures(jobs)
    about = About(keep, person, load, _test_options(test, age, sex, body_mass, least_rise))
    for complaint in complaints:
        complain(complaint)
    status = _run(jobs, options, model, about, verbose=verbose, one_line=folders) if jobs else 0
    return EXIT_UNUSABLE if complaints else status


@commands.command()
@click.argument("videos", metavar="VIDEO...", type=_path, nargs=-1, required=True)
@click.option(
    "-o", "--out", metavar="F", type=_path, required=True, help="File to write, such as set.npz."
)
@_model_option
@click.option("--force", is_flag=True, help="Overwrite outputs that exist.")
@_verbose_option
def extract(*, videos: tuple[Path, ...], out: Path, model: str, force: bool, verbose: bool) -> int:
    """Save the landmarks of VIDEO: times and 33 points of the body a frame, no picture.

    'heelrise analyze F.npz' gives the same result as the video, in a fraction of the time, and the
    file can be shared without showing anybody. With several videos or a folder, -o names a folder.
    """
    from heelrise.outputs import Outputs, check, find_videos, plan

    found, complaints = find_videos(videos)
    folders = len(videos) > 1 or videos[0].is_dir()
    if not folders and out.suffix.lower() != ".npz":
        raise HeelriseError(f"{out}: name a file that ends in .npz, by which it is known")
    jobs = plan(found, Outputs(landmarks=out), folders=folders)
    check(jobs, force=force)
    for complaint in complaints:
        complain(complaint)
    status = _run(jobs, None, model, verbose=verbose, one_line=False) if jobs else 0
    return EXIT_UNUSABLE if complaints else status


@commands.command()
@click.option(
    "--camera",
    metavar="N|URL|FILE",
    default="0",
    show_default=True,
    help="A webcam's number, a stream's address (http, rtsp), or a video played as a camera.",
)
@click.option("--list-cameras", is_flag=True, help="List the webcams and stop.")
@click.option(
    "--mirror/--no-mirror",
    default=True,
    show_default=True,
    help="Show the picture as a mirror would; left stays left.",
)
@_height_option
@_surface_option
@click.option(
    "--target-reps",
    metavar="N",
    type=click.IntRange(1, 999),
    help="Reps a leg to aim at: says when to change legs, and when both are done.",
)
@click.option("--sound/--mute", default=True, show_default=True, help="Ticks and tones.")
@click.option("--voice", is_flag=True, help="Say the number and the cue aloud.")
@click.option(
    "--language",
    type=click.Choice(["en", "de"]),
    default="en",
    show_default=True,
    help="Of the words on the picture and of the voice.",
)
@click.option(
    "--save", metavar="DIR", type=_path, help="Folder for the results; else your data folder."
)
@click.option(
    "--record/--no-record", default=False, show_default=True, help="Save the annotated video too."
)
@click.option("--fullscreen", is_flag=True, help="Start in full screen.")
@click.option("--stats", is_flag=True, help="Print how long each stage took, at the end.")
@click.option(
    "--keep/--no-keep", default=True, show_default=True, help="Keep the session in your history."
)
@_person_option
@_load_option
@_test_option
@_age_option
@_sex_option
@_mass_option
@_least_rise_option
@_lower_option
@_model_option
@_verbose_option
def live(
    *,
    camera: str,
    list_cameras: bool,
    mirror: bool,
    body_height: float | None,
    surface: Any,
    target_reps: int | None,
    sound: bool,
    voice: bool,
    language: str,
    save: Path | None,
    record: bool,
    fullscreen: bool,
    stats: bool,
    keep: bool,
    person: str | None,
    load: float | None,
    test: str | None,
    age: float | None,
    sex: Any,
    body_mass: float | None,
    least_rise: float | None,
    lower_for: float | None,
    model: str,
    verbose: bool,
) -> int:
    """Count and coach at the webcam, hands-free; h shows the keys, q or Ctrl-C ends and saves."""
    from heelrise.settings import SessionOptions

    if list_cameras:
        return _list_cameras(verbose=verbose)
    from heelrise.live import LiveOptions
    from heelrise.words import LANGUAGES

    options = LiveOptions(
        source=camera,
        session=SessionOptions(body_height, surface, "auto", lower_for),
        target_reps=target_reps,
        mirror=mirror,
        fullscreen=fullscreen,
        words=LANGUAGES[language],
        test=_test_options(test, age, sex, body_mass, least_rise),
    )
    about = About(keep, person, load, options.test)
    return _run_live(
        options,
        model,
        save,
        about,
        record=record,
        sound=sound,
        voice=voice,
        stats=stats,
        verbose=verbose,
    )


@commands.command()
@click.argument("result", metavar="VIDEO|RESULT.json", type=_path)
@click.option("--video", "video_path", metavar="F", type=_path, help="The video, if it has moved.")
@_model_option
@_verbose_option
def review(*, result: Path, video_path: Path | None, model: str, verbose: bool) -> int:
    """Step through the reps of a result and put right what is wrong: the human has the last word.

    The human's version goes to RESULT.human.json, beside the machine's, which stays as it is. A
    video is analysed first, unless its result lies beside it (set.mp4, set.json).
    """
    from heelrise.outputs import write_text
    from heelrise.review import Review, human_path, read_result
    from heelrise.review_window import Reel, Reviewing

    machine_path = result
    if result.suffix.lower() != ".json":
        machine_path, video_path = result.with_suffix(".json"), result
        if not machine_path.exists():
            _analyze_beside(result, machine_path, model, verbose=verbose)
    machine = read_result(machine_path)
    own = human_path(machine_path)
    video = video_path or Path(machine["video"]["path"])

    def save(human: dict[str, Any]) -> None:
        import json

        write_text(own, json.dumps(human, indent=2, ensure_ascii=False) + "\n")

    with native_logs(shown=verbose):
        reviewing = Review(machine, read_result(own) if own.exists() else None)
        Reviewing(reviewing, Reel(video), save).run()
    counts = reviewing.result()["counts"]
    for name, found in (("machine", machine["counts"]), ("human", counts)):
        print(
            f"{name:8} " + ", ".join(f"{side} {found[side]}" for side in ("left", "right", "both"))
        )
    print(f"human's version: {printable(str(own))}")
    return 0


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
    """Get a pose model and verify it (the one thing heelrise uses the network for)."""
    from heelrise.models import fetch_model

    print(fetch_model(name, progress=sys.stdout.isatty()))


@commands.command()
@click.option(
    "-o",
    "--out",
    metavar="DIR",
    type=_path,
    default=Path("heelrise-demo"),
    show_default=True,
    help="Folder for the annotated video and the JSON; what an earlier demo wrote is replaced.",
)
@_model_option
@_verbose_option
def demo(out: Path, model: str, verbose: bool) -> int:
    """Analyse the small clip that comes with heelrise: a table, a video and a JSON file."""
    from importlib.resources import as_file, files

    from heelrise.outputs import Outputs, check, plan
    from heelrise.settings import SessionOptions

    clip = files("heelrise") / DEMO_CLIP
    if not clip.is_file():
        raise HeelriseError("this installation lacks its sample clip: install heelrise again")
    with as_file(clip) as path:
        jobs = plan([path], Outputs(json=out, video=out), folders=True)
        check(jobs, force=True)
        return _run(jobs, SessionOptions(), model, verbose=verbose, one_line=False)


def _demand_pictures(jobs: Sequence[Job]) -> None:
    """Refuse to draw on recorded landmarks."""
    from heelrise.recording import is_recording

    for job in jobs:
        if job.outputs.video is not None and is_recording(job.source):
            raise HeelriseError(
                f"{job.source} holds landmarks and no picture: leave out --video, or name the video"
            )


def _run(
    jobs: Sequence[Job],
    options: SessionOptions | None,
    model: str,
    about: About = About(),
    *,
    verbose: bool,
    one_line: bool,
) -> int:
    """Analyse one video after the other; return the worst exit status.

    Without options only the landmarks are saved.
    """
    from heelrise.models import ensure_model
    from heelrise.outputs import STDOUT
    from heelrise.recording import is_recording

    status = 0
    with native_logs(shown=verbose):
        bundle = None
        if options is None or not all(is_recording(job.source) for job in jobs):
            bundle = ensure_model(model, progress=sys.stdout.isatty())
        for number, job in enumerate(jobs, start=1):
            count = f" ({number}/{len(jobs)})" if len(jobs) > 1 else ""
            try:
                if options is None:
                    _extract_one(job, model, bundle, count=count)
                else:
                    _run_one(job, options, model, bundle, about, one_line=one_line, count=count)
                if count and STDOUT not in job.outputs.paths():
                    print(flush=True)
            except HeelriseError as error:
                complain(str(error))
                status = EXIT_UNUSABLE
            except BrokenPipeError:
                raise
            except OSError as error:
                complain(f"{job.source}: {error}")
                status = EXIT_UNUSABLE
            except Exception as error:
                _admit(job.source, error, verbose=verbose)
                status = status or EXIT_MISTAKE
    return status


def _run_one(
    job: Job,
    options: SessionOptions,
    model: str,
    bundle: Path | None,
    about: About,
    *,
    one_line: bool,
    count: str,
) -> None:
    from heelrise.outputs import STDOUT, write_text
    from heelrise.recorded import analyze as analyze_video
    from heelrise.recorded import analyze_recording, settings_used, sha256_of
    from heelrise.recording import is_recording
    from heelrise.report import csv_text, json_text, print_report, test_lines
    from heelrise.settings import Settings

    outputs = job.outputs
    name = printable(job.source.name)
    thresholds = Settings()
    if about.test is not None:
        from heelrise.heel_rise_test import test_settings

        thresholds = test_settings(thresholds)
    moments: list[Moment] | None = [] if outputs.need_moments else None
    if bundle is None or is_recording(job.source):
        analysis, recording = analyze_recording(job.source, options, moments, thresholds)
        made_by = (recording.model_name, recording.model_sha256)
    else:
        with progress_bar(f"{name}{count}") as tell:
            analysis = analyze_video(
                job.source, options, bundle, outputs.video, tell, moments, thresholds
            )
        made_by = (model, sha256_of(bundle))
    settings = settings_used(options, *made_by, thresholds)
    result, facts = analysis.result, analysis.facts
    more = _test_of(result, about)
    if outputs.json is not None:
        on_one_line = one_line and outputs.json == STDOUT
        text = json_text(result, facts, settings, one_line=on_one_line, more=more)
        write_text(outputs.json, text)
    if outputs.csv is not None:
        write_text(outputs.csv, csv_text(result))
    if moments is not None:
        _write_pages(job, analysis, moments, options, about)
    if about.keep:
        _keep(analysis.result, facts, settings, about, more)
    if STDOUT in outputs.paths():
        return
    size = f"{facts.width} x {facts.height}, {facts.fps:.4g} fps, {facts.duration_s:.1f} s"
    print_report(result, f"{name}: {size}", sys.stdout)
    if about.test is not None:
        from heelrise.heel_rise_test import evaluate

        print("\n".join(test_lines(evaluate(result, options=about.test))))
    named = ("JSON", "CSV", "video", "report", "plot", "series")
    for what in named:
        path = getattr(outputs, what.lower())
        if path is not None:
            print(f"{what}: {printable(str(path))}")
    sys.stdout.flush()


def _write_pages(
    job: Job, analysis: Analysis, moments: list[Moment], options: SessionOptions, about: About
) -> None:
    """Write what shows every frame: series, plot and report."""
    from heelrise.charts import plot_png
    from heelrise.outputs import write_text, written
    from heelrise.page import page, thumbnails
    from heelrise.recorded import settle
    from heelrise.recording import is_recording
    from heelrise.series import fitted, rows_of, write_series

    outputs, result = job.outputs, analysis.result
    rows = fitted(list(rows_of(settle(moments, result), options.body_height_cm)), result)
    if outputs.series is not None:
        write_series(outputs.series, rows)
    if outputs.plot is not None:
        with written(outputs.plot) as part:
            plot_png(part, result, rows)
    if outputs.report is not None:
        pictures = {} if is_recording(job.source) else thumbnails(job.source, result)
        href = None
        if outputs.video is not None and outputs.video.parent == outputs.report.parent:
            href = outputs.video.name
        human = _human_version(outputs.json)
        text = page(result, analysis.facts, rows, pictures, href, about.person, human)
        write_text(outputs.report, text)


def _human_version(json_path: Path | None) -> Result | None:
    """Return what a human made of this result, if they have (heelrise review)."""
    from heelrise.result import from_json
    from heelrise.review import human_path, read_result

    if json_path is None or not human_path(json_path).is_file():
        return None
    return from_json(read_result(human_path(json_path)))


def _keep(
    result: Result,
    facts: VideoFacts,
    settings: dict[str, Any],
    about: About,
    more: dict[str, Any],
) -> None:
    """Keep a result in the history; what it was filmed from is left out."""
    from datetime import datetime

    from heelrise.history import keep
    from heelrise.result import to_json

    keep({**to_json(result, facts, settings), **more}, datetime.now(), about.person, about.load_kg)


def _analyze_beside(video: Path, json_path: Path, model: str, *, verbose: bool) -> None:
    """Analyse a video into a result beside it."""
    from heelrise.outputs import Outputs, check, plan
    from heelrise.settings import SessionOptions

    jobs = plan([video], Outputs(json=json_path), folders=False)
    check(jobs, force=False)
    if _run(jobs, SessionOptions(), model, verbose=verbose, one_line=False):
        raise HeelriseError(f"{video} cannot be analysed, so there is nothing to review")


def _test_options(
    test: str | None,
    age: float | None,
    sex: Any,
    body_mass: float | None,
    least_rise: float | None,
) -> TestOptions | None:
    """Return what the user said for the test; None when there is none."""
    if test is None:
        if any(value is not None for value in (age, sex, body_mass, least_rise)):
            raise HeelriseError(
                "--age, --sex, --body-mass and --least-rise go with --test heel-rise"
            )
        return None
    from heelrise.heel_rise_test import TestOptions

    return TestOptions(age, sex, body_mass, None if least_rise is None else least_rise / 100)


def _list_cameras(*, verbose: bool) -> int:
    from heelrise.frames import list_cameras

    with native_logs(shown=verbose):
        found = list_cameras()
    for number, name in found:
        print(f"{number}  {printable(name)}")
    if not found:
        complain("no camera found: plug one in, or name an address or a file with --camera")
    return 0 if found else EXIT_UNUSABLE


def _run_live(
    options: LiveOptions,
    model: str,
    folder: Path | None,
    about: About,
    *,
    record: bool,
    sound: bool,
    voice: bool,
    stats: bool,
    verbose: bool,
) -> int:
    """Run a live session, save it and print its summary."""
    from datetime import datetime

    from heelrise.heel_rise_test import evaluate
    from heelrise.live import LiveSession
    from heelrise.models import ensure_model, find_model
    from heelrise.outputs import session_files, write_text
    from heelrise.recorded import settings_used, sha256_of
    from heelrise.report import json_text, print_report, test_lines
    from heelrise.sound import Speaker, open_output, open_voice

    json_path, video_path = session_files(folder, datetime.now())
    options = replace(options, video_out=video_path if record else None)
    bundles: dict[str, Path] = {}

    def lighter() -> Path | None:
        found = find_model("lite")
        if found is not None:
            bundles["lite"] = found
        else:
            complain("this computer is slow for this model: 'heelrise models fetch lite' helps")
        return found

    def write(result: Result, facts: VideoFacts, model_name: str) -> None:
        sha256 = sha256_of(bundles[model_name])
        used = settings_used(options.session, model_name, sha256, session.thresholds)
        try:
            write_text(json_path, json_text(result, facts, used, more=_test_of(result, about)))
        except HeelriseError as error:
            complain(str(error))  # the set goes on, and the end tries once more

    with native_logs(shown=verbose):
        bundles[model] = ensure_model(model, progress=sys.stdout.isatty())
        output = open_output() if sound else None
        speaker = Speaker(output, open_voice(options.words.code) if voice else None)
        speaker.muted = not (sound or voice)
        try:
            session = LiveSession(options, bundles[model], model, speaker, write, lighter)
            end = session.run()
        finally:
            speaker.close()
    seconds = f"{end.facts.duration_s:.0f} s, {end.facts.fps:.1f} fps"
    print_report(end.result, f"{printable(end.facts.path)}: {seconds}", sys.stdout)
    if about.test is not None:
        print("\n".join(test_lines(evaluate(end.result, options=about.test))))
    print(f"JSON: {printable(str(json_path))}")
    if end.result.reps:
        _after_live(end, json_path, video_path if record else None, options, about, bundles)
    if record:
        print(f"video: {printable(str(video_path))}")
    if stats:
        print(end.times.table())
    return 0


def _test_of(result: Result, about: About) -> dict[str, Any]:
    """Return the field ``test`` of a result, when there was a test."""
    if about.test is None:
        return {}
    from heelrise.heel_rise_test import evaluate

    return {"test": evaluate(result, options=about.test).to_json()}


def _after_live(
    end: LiveEnd,
    json_path: Path,
    video_path: Path | None,
    options: LiveOptions,
    about: About,
    bundles: dict[str, Path],
) -> None:
    """Write the report of a live session and keep it in the history; neither can undo the set."""
    from heelrise.charts import check_charts
    from heelrise.outputs import write_text
    from heelrise.page import page, thumbnails
    from heelrise.recorded import settings_used, sha256_of

    try:
        if about.keep:
            sha256 = sha256_of(bundles[end.model_name])
            used = settings_used(options.session, end.model_name, sha256)
            _keep(end.result, end.facts, used, about, _test_of(end.result, about))
        check_charts()
        pictures = {} if video_path is None else thumbnails(video_path, end.result)
        href = None if video_path is None else video_path.name
        report = json_path.with_suffix(".html")
        text = page(end.result, end.facts, end.rows, pictures, href, about.person)
        write_text(report, text)
        print(f"report: {printable(str(report))}")
    except HeelriseError as error:
        complain(str(error))


def _extract_one(job: Job, model: str, bundle: Path | None, *, count: str) -> None:
    from heelrise.outputs import STDOUT, write_bytes
    from heelrise.recorded import extract as extract_landmarks
    from heelrise.recording import is_recording, to_bytes

    out = job.outputs.landmarks
    if out is None or bundle is None:
        raise ValueError("a job to extract landmarks needs a model and an output")
    if is_recording(job.source):
        raise HeelriseError(f"{job.source} holds landmarks already")
    with progress_bar(f"{printable(job.source.name)}{count}") as tell:
        recording = extract_landmarks(job.source, model, bundle, tell)
    write_bytes(out, to_bytes(recording))
    if out != STDOUT:
        frames = len(recording.poses)
        print(f"{printable(str(out))}: landmarks of {frames} frames, no picture", flush=True)


def _admit(source: Path, error: Exception, *, verbose: bool) -> None:
    """Report a mistake of heelrise itself: in one line, with -v with where it was made."""
    if verbose:
        traceback.print_exception(error)
    advice = "" if verbose else "; -v shows where, please report it"
    complain(f"{source}: heelrise made a mistake: {type(error).__name__}: {error}{advice}")


@contextmanager
def _terminating_cleanly() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind like Ctrl-C, so that no half-written file is left."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_: int, __: FrameType | None) -> NoReturn:
        raise _Terminated

    changed: list[tuple[int, Callable[..., Any] | int | None]] = []
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # what was ignored on purpose (nohup) stays ignored
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            changed.append((number, signal.signal(number, stop)))
    try:
        yield
    finally:
        for number, before in changed:
            signal.signal(number, before)


def _register() -> None:
    from heelrise.history_commands import export, forget, history

    for command in (history, export, forget):
        commands.add_command(command)


_register()
