"""`heelrise live`: the command line of the live coach, and what becomes of a session."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from heelrise.errors import EXIT_UNUSABLE, HeelriseError
from heelrise.options import (
    PATH,
    About,
    age_option,
    height_option,
    involved_option,
    least_rise_option,
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
from heelrise.stops import Terminated, stops_told
from heelrise.terminal import complain, native_logs, printable

if TYPE_CHECKING:
    from heelrise.live import LiveOptions, LiveSoFar
    from heelrise.result import Result, VideoFacts
    from heelrise.sound import Speaker
    from heelrise.words import Words


@click.command()
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
@height_option
@surface_option
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
    "--save", metavar="DIR", type=PATH, help="Folder for the results; else your data folder."
)
@click.option(
    "--record/--no-record", default=False, show_default=True, help="Save the annotated video too."
)
@click.option("--fullscreen", is_flag=True, help="Start in full screen.")
@click.option("--stats", is_flag=True, help="Print how long each stage took, at the end.")
@click.option(
    "--keep/--no-keep", default=True, show_default=True, help="Keep the session in your history."
)
@person_option
@load_option
@test_option
@age_option
@sex_option
@mass_option
@least_rise_option
@involved_option
@lower_option
@model_option
@verbose_option
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
    involved: Any,
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

    if load is not None and not keep:
        raise HeelriseError("--load goes to your history: leave out --no-keep")
    tested = test_options(
        test, age, sex, body_mass, least_rise, involved=involved, lower_for=lower_for
    )
    options = LiveOptions(
        source=camera,
        session=SessionOptions(body_height, surface, "auto", lower_for),
        target_reps=target_reps,
        mirror=mirror,
        fullscreen=fullscreen,
        words=LANGUAGES[language],
        test=tested,
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


def _list_cameras(*, verbose: bool) -> int:
    from heelrise.camera_list import list_cameras

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
    from heelrise.heel_rise_result import evaluate
    from heelrise.live import LiveSession
    from heelrise.models import ensure_model, find_model, sha256_of
    from heelrise.outputs import session_files
    from heelrise.report import print_report, test_lines

    started = datetime.now()
    json_path, video_path = session_files(folder, started)
    options = replace(options, video_out=video_path if record else None)
    sha256s: dict[str, str] = {}  # known from the start: the file may be gone at a save

    def lighter() -> Path | None:
        found = find_model("lite")
        if found is not None:
            sha256s["lite"] = sha256_of(found)
        else:
            complain("this computer is slow for this model: 'heelrise models fetch lite' helps")
        return found

    stops: list[type[KeyboardInterrupt]] = []
    with ExitStack() as late:
        with native_logs(shown=verbose), ThreadPoolExecutor(1, "report") as reports:
            bundle = ensure_model(model, progress=sys.stdout.isatty())
            sha256s[model] = sha256_of(bundle)
            speaker = _open_speaker(options.words, sound=sound, voice=voice)
            saving = Saving(json_path, started, about, sha256s, reports)
            try:
                session = LiveSession(options, bundle, model, speaker, saving.save, lighter)
                end = session.run()
            finally:
                # All is over: Ctrl-C has nothing more to end, and a stop waits for the report, as
                # Python that is left while a thread draws crashes.
                late.enter_context(stops_told(stops.append, most=1))
                speaker.close()
                in_its_place = saving.unsaved is None
                if folder is not None:
                    saving.save_elsewhere()
        seconds = f"{end.facts.duration_s:.0f} s, {end.facts.fps:.1f} fps"
        print_report(end.result, f"{printable(end.facts.path)}: {seconds}", sys.stdout)
        if about.test is not None:
            print("\n".join(test_lines(evaluate(end.result, options=about.test))))
        if saving.unsaved is None:
            print(f"JSON: {printable(str(saving.json_path))}")
        recorded = record and video_path.exists()  # a full disk takes the video alone
        if recorded and in_its_place and end.result.reps:
            saving.report(end, video_path)
        if saving.report_path.exists():
            print(f"report: {printable(str(saving.report_path))}")
        if recorded:
            print(f"video: {printable(str(video_path))}")
        if stats:
            print(end.times.table())
    if Terminated in stops:
        raise Terminated
    return 0 if in_its_place else EXIT_UNUSABLE


def _open_speaker(words: Words, *, sound: bool, voice: bool) -> Speaker:
    """Open what is to be heard; say in one line what was asked for and is not there.

    Tones are at hand for the key s too, but not where the voice alone was asked for.
    """
    from heelrise.sound import Speaker, open_output
    from heelrise.voice import open_voice

    output = open_output() if sound or not voice else None
    if sound and output is None:
        complain(
            "no tones will be heard: there is no loudspeaker (or no PortAudio; on Debian and "
            "Ubuntu: apt install libportaudio2); --mute goes without"
        )
    talker = open_voice(words.code) if voice else None
    if voice and talker is None:
        complain(
            "no voice will be heard: there is no speech program (on Debian and Ubuntu: apt "
            "install espeak-ng); leave out --voice"
        )
    return Speaker(output, talker, muted=not (sound or voice))


class Saving:
    """Puts what was counted so far where it is safe: after every set, and at the end.

    JSON and history at once; the report takes a second of a core, so it is written in a thread of
    its own, and of several that wait only the last. Without a rep there is the JSON alone, but
    where all reps were taken back, history and report lose them as well. Nothing that goes wrong
    here ends the session.

    Parameters
    ----------
    json_path : Path
        The session's JSON; the report goes beside it.
    started : datetime
        What the session is known by in the history.
    about : About
        Whose it is, and whether it is kept.
    sha256s : mapping
        The SHA-256 of the model's file by its name.
    reports : ThreadPoolExecutor
        Of one thread: writes the reports.

    Attributes
    ----------
    json_path : Path
    unsaved : LiveSoFar or None
        What the JSON was to hold and could not be written.
    """

    def __init__(
        self,
        json_path: Path,
        started: datetime,
        about: About,
        sha256s: Mapping[str, str],
        reports: ThreadPoolExecutor,
    ) -> None:
        self.json_path, self._started = json_path, started
        self.unsaved: LiveSoFar | None = None
        self._about, self._sha256s = about, sha256s
        self._reports = reports
        self._waiting: Future[None] | None = None
        self._number: int | None = None  # in the history

    def save(self, so_far: LiveSoFar) -> None:
        """Write JSON and history; let the report follow."""
        from heelrise.jobs import test_of
        from heelrise.outputs import write_text
        from heelrise.recorded import settings_used
        from heelrise.report import json_text

        result, facts, about = so_far.result, so_far.facts, self._about
        name = so_far.model_name
        used = settings_used(so_far.options, name, self._sha256s[name], so_far.thresholds)
        more = test_of(result, about)
        # What goes wrong is told; the set goes on, and the end tries once more.
        self.unsaved = so_far
        try:
            write_text(self.json_path, json_text(result, facts, used, more=more))
            self.unsaved = None
        except HeelriseError as error:
            complain(str(error))
        try:
            if about.keep:
                self._keep(result, facts, used, more)
        except HeelriseError as error:
            complain(str(error))
        if self._waiting is not None:
            self._waiting.cancel()
        elif not result.reps:
            return
        self._waiting = self._reports.submit(self.report, so_far, None)

    def save_elsewhere(self) -> None:
        """Save in the data folder what the folder that was asked for did not take."""
        from heelrise.outputs import session_files

        if self.unsaved is None:
            return
        try:
            self.json_path, _ = session_files(None, self._started)
        except HeelriseError as error:
            complain(str(error))
        else:
            self.save(self.unsaved)

    @property
    def report_path(self) -> Path:
        """Where the report goes."""
        return self.json_path.with_suffix(".html")

    def _keep(
        self, result: Result, facts: VideoFacts, used: dict[str, Any], more: dict[str, Any]
    ) -> None:
        """Bring the history to what there is now."""
        from heelrise.history import take_out
        from heelrise.jobs import keep_result

        if result.reps:
            self._number = keep_result(
                result, facts, used, self._about, more, self._started, self._number
            )
        elif self._number is not None:
            take_out(self._number)
            self._number = None

    def report(self, so_far: LiveSoFar, video_path: Path | None) -> None:
        """Write the report beside the JSON; with pictures from the video when that is whole."""
        from heelrise.chart_style import check_charts
        from heelrise.heel_rise_result import evaluate
        from heelrise.outputs import write_text
        from heelrise.page import page
        from heelrise.thumbnails import thumbnails

        try:
            check_charts()
            pictures = {} if video_path is None else thumbnails(video_path, so_far.result)
            href = None if video_path is None else video_path.name
            person, test = self._about.person, self._about.test
            tested = None if test is None else evaluate(so_far.result, options=test)
            text = page(
                *(so_far.result, so_far.facts, so_far.rows, pictures),
                *(href, person, None, tested),
            )
            write_text(self.report_path, text)
        except HeelriseError as error:
            complain(str(error))
