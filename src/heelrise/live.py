"""The live loop: camera -> pose -> core -> workout -> picture and sound, hands-free.

The core is the one of :mod:`heelrise.recorded`, fed one frame at a time; only source and sink
differ. What was counted is written after every set, so that nothing is lost whatever ends it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from heelrise.coach import Coach
from heelrise.errors import HeelriseError
from heelrise.grabber import Grab, Grabber, Trouble
from heelrise.heel_rise_test import TestOptions, test_settings
from heelrise.image import Frame, Image
from heelrise.landmarks import Pose
from heelrise.live_overlay import LiveView, draw_live
from heelrise.live_test import LiveTest
from heelrise.moment import Moment
from heelrise.pose import PoseReader, Prepared, picture_of
from heelrise.recorder import Recorder
from heelrise.result import Result, VideoFacts, without
from heelrise.series import Row, rows_of
from heelrise.session import Session
from heelrise.settings import Live, SessionOptions, Settings, Surface
from heelrise.sound import Speaker
from heelrise.stages import StageTimes
from heelrise.stops import Terminated, stops_told
from heelrise.terminal import complain
from heelrise.window import Window
from heelrise.words import ENGLISH, Guide, Words
from heelrise.workout import Now, Stage, Workout

_WAIT_S = 0.03  # for a picture, before the keys are looked at again
# For the next one, before this one is drawn: a camera of 30 a second gives one every 33 ms, of
# which the model takes most, and without a picture in hand it would wait for the drawing.
_NEXT_S = 0.008
_NOTE_S = 2.0  # what a key has done stays on the picture
# Of a pause so much is left beyond what the core bridges: it ends the rep under way, as a camera
# that was lost does, and the set goes on.
_PAUSE_LEFT_S = 0.1
_IDLE_S = 1.0  # nothing was looked at for longer: paused, or no camera
_CAMERA_GUIDES = {
    Trouble.LOST: Guide.CAMERA_LOST,
    Trouble.FROZEN: Guide.CAMERA_FROZEN,
    Trouble.BLACK: Guide.CAMERA_BLACK,
}


@dataclass(frozen=True)
class LiveOptions:
    """What the user asked for.

    Attributes
    ----------
    source : str
        Number of a camera, address of a stream, or a video file played as if it were a camera.
    session : SessionOptions
        As for a recorded video.
    target_reps : int or None
        How many reps a leg are aimed at.
    mirror : bool
        Show the picture as a mirror would; left stays left.
    fullscreen : bool
    words : Words
        The language.
    video_out : Path or None
        Where the annotated video goes, if it is wanted.
    test : TestOptions or None
        Lead through the heel-rise test, with what is known of the person.
    """

    source: str
    session: SessionOptions = SessionOptions()
    target_reps: int | None = None
    mirror: bool = True
    fullscreen: bool = False
    words: Words = ENGLISH
    video_out: Path | None = None
    test: TestOptions | None = None


@dataclass(frozen=True)
class LiveSoFar:
    """What a live session has given so far, or in all at its end.

    The options are those it was judged with at last; of every frame there is one row of the time
    series.
    """

    result: Result
    options: SessionOptions
    facts: VideoFacts
    model_name: str
    thresholds: Settings
    times: StageTimes
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class _Look:
    """What the model saw in a picture, when that was taken, and how long the look took, seconds."""

    frame: Frame
    captured_s: float
    pose: Pose
    took_s: float
    inference_s: float


Save = Callable[[LiveSoFar], None]
LighterModel = Callable[[], Path | None]


class LiveSession:
    """One live session, from the first picture to the result.

    Parameters
    ----------
    options : LiveOptions
    model : Path
        A verified model, and its name.
    model_name : str
    speaker : Speaker
        What sounds and speaks.
    save : callable
        Given the result so far after every set and at the end.
    lighter : callable
        Returns a lighter verified model when there is one on this machine, else None.
    live : Live
        How long to wait for what.
    """

    def __init__(
        self,
        options: LiveOptions,
        model: Path,
        model_name: str,
        speaker: Speaker,
        save: Save,
        lighter: LighterModel,
        live: Live = Live(),
    ) -> None:
        """Remember what is wanted; nothing is opened."""
        self._options = options
        self._model, self._model_name = model, model_name
        self._speaker = speaker
        self._save = save
        self._lighter = lighter
        self._may_step_down = model_name != "lite"
        self._lighter_model: Path | None = None  # to be changed to before the next look
        self._live = live
        self._thresholds = Settings() if options.test is None else test_settings(Settings())
        self._session = Session(options.session, self._thresholds)
        self._test: LiveTest | None = None
        if options.test is not None:
            self._test = LiveTest(options.test, options.words, speaker)
        self._workout = Workout(options.target_reps, live)
        self._coach = Coach(options.words, quiet_s=live.quiet_s, praises=True)
        self._times = StageTimes()
        self._surface: Surface = options.session.surface
        self._mirror = options.mirror
        self._help = self._paused = self._over = False
        self._stop: type[KeyboardInterrupt] | None = None  # what ended it from outside
        self._paused_s = 0.0  # cut out of the session's time
        self._paused_at_s: float | None = None
        self._note: tuple[str, float] | None = None
        self._last: tuple[Image, Moment, Now, str | None] | None = None
        self._spoken: str | None = None
        self._stage = Stage.SETUP
        self._first_s = self._last_s = 0.0
        self._spent_s = 0.0  # on the frame of now, inference left out
        self._frames = self._looked_at = 0
        self._size = (0, 0)
        self._rows: list[Row] = []
        self._read_s: deque[tuple[float, float]] = deque()  # (when, how long) of reading poses

    def run(self) -> LiveSoFar:
        """Open camera and window and go on until the person, the file or Ctrl-C ends it.

        From the first picture on a stop is noted: until all is saved and closed, one more does
        nothing, and a third ends at once.

        Raises
        ------
        HeelriseError
            When camera, window or model cannot be opened. Whatever comes later ends nothing.
        Terminated
            After all is saved, when SIGTERM or SIGHUP ended it.
        KeyboardInterrupt
            When nothing was seen before Ctrl-C; and from the third stop on, wherever it is.
        """
        with ExitStack() as opened:
            grabber = Grabber(self._options.source)
            opened.callback(grabber.close)
            self._reader = opened.enter_context(PoseReader(self._model))
            grabber.start()
            first = self._first_picture(grabber)
            height, width = first.frame.image.shape[:2]
            self._size = (width, height)
            window = opened.enter_context(Window(width, height, self._options.fullscreen))
            recorder = None
            if self._options.video_out is not None:
                recorder = Recorder(self._options.video_out, width, height)
            with stops_told(self._be_stopped), opened.pop_all():
                try:
                    with recorder or nullcontext():
                        self._loop(grabber, window, recorder, first)
                finally:
                    end = self._conclude(grabber.name, recorder)
        if self._stop is not None and (self._stop is Terminated or not self._frames):
            raise self._stop
        return end

    def _be_stopped(self, stop: type[KeyboardInterrupt]) -> None:
        """End with this picture; of several stops the first says how."""
        self._over = True
        self._stop = self._stop or stop

    def _first_picture(self, grabber: Grabber) -> Grab:
        until_s = time.perf_counter() + 10.0
        while time.perf_counter() < until_s:
            grab = grabber.latest(0.2)
            if grab is not None:
                return grab
            if grabber.ended:
                break
        raise HeelriseError(
            f"{grabber.name} gives no picture: close other programs that use it, plug it in again"
        )

    def _conclude(self, name: str, recorder: Recorder | None) -> LiveSoFar:
        """End the session, whatever ended the loop; what was under way is counted."""
        if recorder is not None:
            _tell_losses(recorder)
        end = self._so_far(self._session.finish(), name)
        if self._frames:  # else nothing was seen yet: there is nothing to keep
            self._save(end)
        return end

    def _so_far(self, result: Result, name: str) -> LiveSoFar:
        return LiveSoFar(
            without(result, self._workout.taken_back),
            replace(self._options.session, surface=self._surface),
            self._facts(name),
            self._model_name,
            self._thresholds,
            self._times,
            tuple(self._rows),
        )

    def _loop(
        self, grabber: Grabber, window: Window, recorder: Recorder | None, first: Grab
    ) -> None:
        """Go from picture to picture; the model looks at the next while one is counted, drawn."""
        grab: Grab | None = first
        with ThreadPoolExecutor(1, "pose") as pool:
            while not self._over and not window.closed:
                if grab is None and grabber.ended:
                    break
                if grab is None or self._paused:
                    if grab is not None and self._paused_at_s is None:
                        self._paused_at_s = grab.frame.t_s
                    self._show(window, self._picture(grabber.trouble), None)
                    grab = grabber.latest(_WAIT_S)
                    continue
                looking: Future[_Look] | None = self._look(grab, pool)
                while looking is not None and not (self._over or window.closed):
                    look = looking.result()
                    grab = None if self._paused else grabber.latest(_NEXT_S)
                    looking = None if grab is None else self._look(grab, pool)
                    self._take(look, grabber.name)
                    picture = self._picture(grabber.trouble)
                    if recorder is not None:
                        recorder.write(picture, self._last_s)
                    self._show(window, picture, look)
                grab = grabber.latest(_WAIT_S)

    def _look(self, grab: Grab, pool: ThreadPoolExecutor) -> Future[_Look]:
        """Let the model look at a picture, in its own thread."""
        t_s = grab.frame.t_s
        if self._paused_at_s is not None:
            left_s = self._thresholds.framing.bridge_s + _PAUSE_LEFT_S
            self._paused_s += max(0.0, t_s - self._paused_at_s - left_s)
            self._paused_at_s = None
        frame = Frame(t_s - self._paused_s, self._looked_at, grab.frame.image)
        self._looked_at += 1
        if self._lighter_model is not None:  # no look is under way just now
            self._change_model(self._lighter_model)
            self._lighter_model = None
        # Prepared in this thread: two that run Python at once wait for each other.
        started_s = time.perf_counter()
        prepared = self._reader.prepare(picture_of(frame), self._reader.before_px)
        prepared_s = time.perf_counter() - started_s
        return pool.submit(_look_at, self._reader, prepared, prepared_s, grab.captured_s)

    def _take(self, look: _Look, name: str) -> None:
        """Take what the model saw through core, workout and sounds."""
        started_s = time.perf_counter()
        t_s = look.frame.t_s
        self._first_s = self._first_s if self._frames else t_s
        self._last_s = t_s
        self._frames += 1
        moment = self._session.update(look.pose)
        self._rows.extend(rows_of([moment], self._options.session.body_height_cm))
        moment = _without_verdicts(moment, self._workout.taken_back)
        now = self._workout.update(moment)
        if self._test is None:
            cue = self._coach.cue(moment)
        else:
            cue = self._test.update(moment, time.perf_counter())
        self._sound(moment, now, cue)
        self._last = (look.frame.image, moment, now, cue)
        if self._stage is Stage.SET and now.stage is not Stage.SET:
            self._save(self._so_far(self._session.so_far(), name))
        self._stage = now.stage
        ended_s = time.perf_counter()
        self._times.add("inference", look.inference_s)
        self._times.add("camera motion and colours", look.took_s - look.inference_s)
        self._times.add("core", ended_s - started_s)
        self._spent_s = look.took_s - look.inference_s + ended_s - started_s
        self._times.frame(started_s)
        self._step_down(ended_s, look.took_s)

    def _sound(self, moment: Moment, now: Now, cue: str | None) -> None:
        for sound in now.sounds:
            self._speaker.play(sound)
        words = []
        if moment.rep is not None and moment.rep.side != "both":
            words.append(str(now.counts.of(moment.rep.side)))
        if cue is not None and cue != self._spoken:
            words.append(cue)
        self._spoken = cue
        if words:
            self._speaker.say(". ".join(words))

    def _picture(self, trouble: Trouble | None) -> Image:
        """Return the last picture with all that is to be seen on it."""
        if self._last is None:
            raise ValueError("a picture comes before it can be drawn on")
        started_s = time.perf_counter()
        image, moment, now, cue = self._last
        view = LiveView(
            now=now,
            target=self._workout.target_reps,
            fps=self._times.fps,
            camera=_CAMERA_GUIDES.get(trouble) if trouble is not None else None,
            note=self._current_note(started_s),
            beat=None if self._test is None else self._test.beat(started_s),
            valid=None if self._test is None else self._test.valid,
            paused=self._paused,
            muted=self._speaker.muted,
            help=self._help,
            holds=self._test is None and not self._paused,
        )
        picture = np.ascontiguousarray(image.copy())
        draw_live(picture, moment, cue, view, self._options.words, self._mirror)
        drawn_s = time.perf_counter() - started_s
        self._spent_s += drawn_s
        self._times.add("drawing", drawn_s)
        return picture

    def _show(self, window: Window, picture: Image, look: _Look | None) -> None:
        # Work, not time: the window's loop also sleeps for 2 ms, in which the model works.
        started_s = time.thread_time()
        key = window.show(picture)
        worked_s = time.thread_time() - started_s
        ended_s = time.perf_counter()
        if look is not None:
            self._times.add("window", worked_s)
            self._spent_s += worked_s
            self._times.add("all but inference", self._spent_s)
            self._times.add("from capture to window", ended_s - look.captured_s)
        if key is not None:
            self._press(key, window)

    def _press(self, key: str, window: Window) -> None:
        words = self._options.words
        if key in ("q", "escape"):
            self._over = True
        elif key == " ":
            self._paused = not self._paused
            if self._test is not None:
                self._test.pause(self._paused)
        elif key == "r" and self._workout.reset():
            self._take_back(words.reset)
        elif key == "u" and self._workout.undo():
            self._take_back(words.undone)
        elif key == "m":
            self._mirror = not self._mirror
        elif key == "s":
            self._speaker.muted = not self._speaker.muted
            if self._test is not None:
                self._test.sound_again()
        elif key == "f":
            window.toggle_fullscreen()
        elif key == "b":
            self._surface = "floor" if self._is_on_step() else "step"
            self._session.stand_on(self._surface)
            self._tell(words.step if self._surface == "step" else words.floor)
        elif key == "h":
            self._help = not self._help
        elif key in "0123456789":  # a small 2 is a digit too, but no number
            self._workout.target_reps = int(key) or None
        self._refresh()

    def _is_on_step(self) -> bool:
        """Tell what holds now: the user's word, and without it what the core sees."""
        if self._surface == "auto" and self._last is not None:
            return self._last[1].on_step is True
        return self._surface == "step"

    def _take_back(self, note: str) -> None:
        """Let core and test know which reps the workout has taken back."""
        self._session.take_back(self._workout.taken_back)
        if self._test is not None:
            self._test.take_back(self._workout.taken_back)
        self._tell(note)

    def _refresh(self) -> None:
        """Let the last picture show what a key has changed."""
        if self._last is not None:
            image, moment, now, cue = self._last
            self._last = (image, moment, self._workout.again(now), cue)

    def _tell(self, note: str) -> None:
        self._note = (note, time.perf_counter() + _NOTE_S)

    def _current_note(self, now_s: float) -> str | None:
        if self._note is not None and now_s < self._note[1]:
            return self._note[0]
        if self._test is None or self._last is None:
            return None
        _, _, now, cue = self._last
        # What keeps the raises from being seen comes first, but who rests may do so elsewhere.
        right = now.guide in (None, Guide.READY, Guide.STAND_STILL) or self._test.waits
        return self._test.stage_words if right and cue is None else None

    def _step_down(self, now_s: float, took_s: float) -> None:
        """Change to the lighter model, once, when the machine cannot hold the pace."""
        if not self._may_step_down:
            return
        live, recent = self._live, self._read_s
        if recent and now_s - recent[-1][0] - took_s > _IDLE_S:
            recent.clear()
        recent.append((now_s, took_s))
        while len(recent) > 1 and now_s - recent[1][0] >= live.slow_for_s:
            recent.popleft()
        if now_s - recent[0][0] < live.slow_for_s:
            return
        if float(np.median([took for _, took in recent])) < 1 / live.slow_fps:
            return
        self._may_step_down = False
        self._lighter_model = self._lighter()

    def _change_model(self, lighter: Path) -> None:
        try:
            self._reader.change_model(lighter)
        except HeelriseError as error:
            complain(str(error))
            return
        self._model_name = "lite"
        self._tell(self._options.words.lighter_model)

    def _facts(self, name: str) -> VideoFacts:
        lasted_s = self._last_s - self._first_s
        fps = (self._frames - 1) / lasted_s if lasted_s > 0 else 0.0
        duration_s = self._last_s + (1 / fps if fps else 0.0)
        return VideoFacts(name, duration_s, fps, *self._size, self._frames)


def _tell_losses(recorder: Recorder) -> None:
    """Say in one line that the video is lost, or that pictures are missing in it."""
    if recorder.error is not None:
        complain(f"{recorder.error}; the session went on without its video")
    elif recorder.dropped:
        complain(
            f"the video could not be written fast enough: {recorder.dropped} pictures are missing"
        )


def _without_verdicts(moment: Moment, taken_back: Collection[int]) -> Moment:
    """Leave out what became known of reps that were taken back: a verdict comes after its rep."""
    judged = moment.judged
    if judged is not None and judged.number in taken_back:
        judged = None
    faults = tuple(fault for fault in moment.faults if fault.rep not in taken_back)
    return replace(moment, judged=judged, faults=faults)


def _look_at(reader: PoseReader, prepared: Prepared, prepared_s: float, captured_s: float) -> _Look:
    started_s = time.perf_counter()
    pose = reader.look(prepared)
    took_s = prepared_s + time.perf_counter() - started_s
    return _Look(prepared.picture.frame, captured_s, pose, took_s, reader.inference_s)
