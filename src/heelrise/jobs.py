"""Works through recordings one after the other: analyse each, write what was asked for, print."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path, PureWindowsPath
from typing import Any

from heelrise.errors import EXIT_MISTAKE, EXIT_UNUSABLE, HeelriseError
from heelrise.heel_rise_result import evaluate
from heelrise.heel_rise_test import test_settings
from heelrise.models import ensure_model, sha256_of
from heelrise.moment import Moment
from heelrise.options import About
from heelrise.outputs import STDOUT, Job, write_bytes, write_text
from heelrise.recorded import (
    Analysis,
    analyze,
    analyze_recording,
    extract,
    settings_used,
    settle,
)
from heelrise.recording import is_recording, to_bytes
from heelrise.report import csv_text, json_text, print_report, test_lines
from heelrise.result import Result, VideoFacts, from_json, to_json
from heelrise.settings import SessionOptions, Settings
from heelrise.terminal import complain, native_logs, printable, progress_bar


def demand_pictures(jobs: Sequence[Job]) -> None:
    """Refuse to draw on recorded landmarks."""
    for job in jobs:
        if job.outputs.video is not None and is_recording(job.source):
            raise HeelriseError(
                f"{job.source} holds landmarks and no picture: leave out --video, or name the video"
            )


def run(
    jobs: Sequence[Job],
    options: SessionOptions | None,
    model: str,
    about: About = About(),
    readers: int = 1,
    *,
    verbose: bool,
    one_line: bool,
) -> int:
    """Analyse one video after the other; return the worst exit status.

    Without options only the landmarks are saved. ``readers`` share each video.
    """
    status = 0
    with native_logs(shown=verbose):
        bundle = None
        if options is None or not all(is_recording(job.source) for job in jobs):
            bundle = ensure_model(model, progress=sys.stdout.isatty())
        for number, job in enumerate(jobs, start=1):
            count = f" ({number}/{len(jobs)})" if len(jobs) > 1 else ""
            try:
                if options is None:
                    _extract_one(job, model, bundle, readers, count=count)
                else:
                    _run_one(
                        job, options, model, bundle, about, readers, one_line=one_line, count=count
                    )
                if count and options is not None and STDOUT not in job.outputs.paths():
                    print(flush=True)
            except HeelriseError as error:
                complain(str(error))
                status = EXIT_UNUSABLE
            except BrokenPipeError:
                raise
            except OSError as error:
                if error.filename is None:
                    raise  # stdout takes nothing more: of no video's making
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
    readers: int,
    *,
    one_line: bool,
    count: str,
) -> None:
    outputs = job.outputs
    name = printable(job.source.name)
    # before the work: a damaged one must not cost it
    human = _human_version(job) if outputs.report is not None else None
    thresholds = Settings()
    if about.test is not None:
        thresholds = test_settings(thresholds)
    moments: list[Moment] | None = [] if outputs.need_moments else None
    if bundle is None or is_recording(job.source):
        analysis, recording = analyze_recording(job.source, options, moments, thresholds)
        made_by = (recording.model_name, recording.model_sha256)
    else:
        with progress_bar(f"{name}{count}") as tell:
            analysis = analyze(
                job.source, options, bundle, outputs.video, tell, moments, thresholds, readers
            )
        made_by = (model, sha256_of(bundle))
    settings = settings_used(options, *made_by, thresholds)
    result, facts = analysis.result, analysis.facts
    more = test_of(result, about)
    if outputs.json is not None:
        on_one_line = one_line and outputs.json == STDOUT
        text = json_text(result, facts, settings, one_line=on_one_line, more=more)
        write_text(outputs.json, text)
    if outputs.csv is not None:
        write_text(outputs.csv, csv_text(result))
    if moments is not None:
        _write_pages(job, analysis, moments, options, about, human)
    kept = None
    if about.keep:
        kept = keep_result(result, facts, settings, about, more, datetime.now(), once=True)
    if STDOUT in outputs.paths():
        return
    size = f"{facts.width} x {facts.height}, {facts.fps:.4g} fps, {facts.duration_s:.1f} s"
    print_report(result, f"{name}: {size}", sys.stdout)
    if about.test is not None:
        print("\n".join(test_lines(evaluate(result, options=about.test))))
    named = ("JSON", "CSV", "video", "report", "plot", "series")
    for what in named:
        path = getattr(outputs, what.lower())
        if path is not None:
            print(f"{what}: {printable(str(path))}")
    if kept is not None:
        whose = f" of {printable(about.person)}" if about.person else ""
        print(f"kept in your history: recording {kept}{whose}; see 'heelrise history'")
    sys.stdout.flush()


def _write_pages(
    job: Job,
    analysis: Analysis,
    moments: list[Moment],
    options: SessionOptions,
    about: About,
    human: Result | None,
) -> None:
    """Write what shows every frame: series, plot and report."""
    from heelrise.charts import plot_png
    from heelrise.page import page
    from heelrise.series import fitted, rows_of, write_series
    from heelrise.thumbnails import thumbnails

    outputs, result = job.outputs, analysis.result
    rows = fitted(list(rows_of(settle(moments, result), options.body_height_cm)), result)
    if outputs.series is not None:
        write_series(outputs.series, rows)
    if outputs.plot is not None:
        plot_png(outputs.plot, result, rows)
    if outputs.report is not None:
        pictures = {} if is_recording(job.source) else thumbnails(job.source, result)
        href = video_beside(outputs.report, [outputs.video, job.source])
        tested = None if about.test is None else evaluate(result, options=about.test)
        text = page(result, analysis.facts, rows, pictures, href, about.person, human, tested)
        write_text(outputs.report, text)


def video_beside(report: Path, videos: Sequence[Path | None]) -> str | None:
    """Return the name of the first video that lies in the report's folder: links find it there."""
    for video in videos:
        if video is None or STDOUT in (video, report) or is_recording(video):
            continue
        if os.path.realpath(video.parent) == os.path.realpath(report.parent):
            return video.name
    return None


def _human_version(job: Job) -> Result | None:
    """Return what a human made of this result: beside its JSON, else beside what was analysed."""
    from heelrise.result_file import known_fields, read_result
    from heelrise.review import human_path

    results = [job.source.with_suffix(".json")]
    if job.outputs.json not in (None, STDOUT):
        results.insert(0, job.outputs.json)
    passed: dict[Path, str] = {}
    for path in map(human_path, results):
        if path.is_file():
            found = read_result(path)
            named = _name_of(found["video"]["path"])
            if _are_one(named, _name_of(str(job.source))):
                return from_json(known_fields(found))
            passed[path] = named
    for path, named in passed.items():
        complain(
            f"{path} is a human's version of {named} and is passed over; if {job.source.name} is "
            "that video under a new name, write it under video.path there"
        )
    return None


def _name_of(path: str) -> str:
    return PureWindowsPath(path).name  # it takes both separators: a result may come from Windows


def _are_one(named: str, source: str) -> bool:
    """Whether a result can be of this recording: set.mp4 and set.mov are two, set.npz is either."""
    return is_recording(Path(named)) or is_recording(Path(source)) or named in ("", source)


def keep_result(
    result: Result,
    facts: VideoFacts,
    settings: dict[str, Any],
    about: About,
    more: dict[str, Any],
    when: datetime,
    number: int | None = None,
    *,
    once: bool = False,
) -> int:
    """Keep a result in the history, or what has become of it since; return its number there.

    What it was filmed from is left out.
    """
    from heelrise.history import keep

    values = {**to_json(result, facts, settings), **more}
    return keep(values, when, about.person, about.load_kg, number=number, once=once)


def test_of(result: Result, about: About) -> dict[str, Any]:
    """Return the field ``test`` of a result, when there was a test."""
    if about.test is None:
        return {}
    return {"test": evaluate(result, options=about.test).to_json()}


def _extract_one(job: Job, model: str, bundle: Path | None, readers: int, *, count: str) -> None:
    out = job.outputs.landmarks
    if out is None or bundle is None:
        raise ValueError("a job to extract landmarks needs a model and an output")
    if is_recording(job.source):
        raise HeelriseError(f"{job.source} holds landmarks already")
    with progress_bar(f"{printable(job.source.name)}{count}") as tell:
        recording = extract(job.source, model, bundle, tell, readers)
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
