"""The recorded loop: a video file through the same core as the live one, and its annotated copy."""

from __future__ import annotations

import math
import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import numpy as np

from heelrise.ahead import Ahead
from heelrise.coach import Coach
from heelrise.errors import HeelriseError
from heelrise.fitted_levels import fit_levels
from heelrise.frames import VideoFile
from heelrise.image import Frame
from heelrise.landmarks import Pose
from heelrise.models import sha256_of
from heelrise.moment import Counts, Moment, Phase
from heelrise.overlay import draw
from heelrise.poses import PoseStream, pictures_ahead
from heelrise.recording import Recording, read
from heelrise.result import Rep, Result, Side, VideoFacts
from heelrise.session import Session
from heelrise.settings import SessionOptions, Settings
from heelrise.terminal import Progress
from heelrise.videofile import VideoWriter

T = TypeVar("T")

# Of a run that also writes a video, what the first pass takes: decoding and inference, about
# 25 ms a frame, against decoding, drawing and encoding, about 10 ms.
_FIRST_PASS = 0.7
# With fewer pictures a second a rep may pass between two of them.
_LEAST_FPS = 3.0
# With fewer a hold is a tenth of a second off and more (recorded landmarks, every n-th frame).
_SURE_FPS = 8.0
# A warning that only the whole recording shows opens the video for as long as it takes to read.
_OPENING_WARNING_S = 4.0


@dataclass(frozen=True)
class Analysis:
    """What was found in a recording, and the recording as it was read."""

    result: Result
    facts: VideoFacts


def analyze(
    path: Path,
    options: SessionOptions,
    model: Path,
    video_out: Path | None = None,
    on_progress: Progress | None = None,
    moments: list[Moment] | None = None,
    settings: Settings = Settings(),
    jobs: int = 1,
) -> Analysis:
    """Count and judge the heel rises in a video file.

    Parameters
    ----------
    path : Path
        The video; read twice when an annotated copy is wanted.
    options : SessionOptions
        What the user said about the recording.
    model : Path
        A verified model (:func:`heelrise.models.ensure_model`).
    video_out : Path, optional
        Where the annotated copy goes: H.264 in MP4, overwritten if there.
    on_progress : callable, optional
        Told the share of the work done, 0 to 1, or None while it cannot be known.
    moments : list of Moment, optional
        Takes every moment of the recording, for :func:`settle`.
    settings : Settings
        Thresholds.
    jobs : int
        How many readers share the video (:mod:`heelrise.poses`).

    Raises
    ------
    HeelriseError
        When the video cannot be read, or the copy not be written.
    """
    tell = on_progress or _nobody_asks
    if moments is None and video_out is not None:
        moments = []
    session = Session(options, settings)
    with PoseStream(path, model, jobs) as poses:
        told = _part(tell, 0.0, _FIRST_PASS, video_out)
        times = _feed(session, _telling(poses, told), moments)
        info, truncated = poses.info, poses.truncated
    usual_fps = _usual_fps(path, times)
    facts = _facts(path, times, (info.width, info.height))
    analysis = _concluded(session, facts, usual_fps, truncated)
    if video_out is not None and moments is not None:
        _annotate(path, settle(moments, analysis.result), analysis, video_out, tell)
    return analysis


def settings_used(
    options: SessionOptions,
    model_name: str,
    model_sha256: str,
    settings: Settings = Settings(),
) -> dict[str, Any]:
    """Return what a result was made with: options, model with its SHA-256, every threshold."""
    return {
        **asdict(options),
        "model": {"name": model_name, "sha256": model_sha256},
        "thresholds": settings.as_dict(),
    }


def settle(moments: Sequence[Moment], result: Result) -> Iterator[Moment]:
    """Replace what was provisional in the moments by what the whole recording showed.

    A count rises at the frame where a final rep ends, a fault shows at the frame where it ends;
    phase and hold timer inside a rep are those of the final rep, and no rep is under way
    elsewhere; the leg inside a set is the set's; heights meet those of the reps
    (:func:`heelrise.fitted_levels.fit_levels`). A video made of these moments says what the
    JSON says.

    Parameters
    ----------
    moments : sequence of Moment
        All moments of the recording, in order.
    result : Result
        What the session gave at its end.

    Yields
    ------
    Moment
        One for each that was given.
    """
    times = [moment.t_s for moment in moments]
    levels = _levels(times, moments, result)
    reps = sorted(result.reps, key=lambda rep: rep.start_s)
    starts = [rep.start_s for rep in reps]
    ended = _by_frame(times, [(rep.end_s, rep) for rep in reps])
    faults = _by_frame(times, [(fault.end_s, fault) for fault in result.faults])
    said = {warning for moment in moments for warning in moment.warnings}
    opening = tuple(warning for warning in result.warnings if warning not in said)
    counts: dict[Side, int] = {"left": 0, "right": 0, "both": 0}
    best: dict[Side, float] = {}
    for index, moment in enumerate(moments):
        for rep in ended.get(index, ()):
            counts[rep.side] += 1
        latest = bisect_right(starts, moment.t_s) - 1
        current = reps[latest] if latest >= 0 and moment.t_s < reps[latest].end_s else None
        if latest >= 0 and moment.t_s >= reps[latest].peak_s:
            _raise_best(best, reps[latest])
        side = current.side if current else _set_side(result, moment)
        phase, hold_s = _phase_in(current, moment)
        yield replace(
            moment,
            side=side,
            phase=phase,
            hold_s=hold_s,
            level_shin=levels[index],
            best_shin=None if side is None else best.get(side),
            counts=Counts(**counts),
            rep=ended[index][-1] if index in ended else None,
            faults=tuple(faults.get(index, ())),
            warnings=moment.warnings + opening
            if moment.t_s < times[0] + _OPENING_WARNING_S
            else moment.warnings,
        )


def analyze_recording(
    path: Path,
    options: SessionOptions,
    moments: list[Moment] | None = None,
    settings: Settings = Settings(),
) -> tuple[Analysis, Recording]:
    """Count and judge the heel rises in recorded landmarks: the same result as of their video.

    Raises
    ------
    HeelriseError
        When the file cannot be read or holds no landmarks of this version.
    """
    recording = read(path)
    session = Session(options, settings)
    times = _feed(session, recording.poses, moments)
    usual_fps = _usual_fps(path, times)
    facts = _facts(path, times, recording.size_px)
    return _concluded(session, facts, usual_fps, recording.truncated), recording


def extract(
    path: Path,
    model_name: str,
    model: Path,
    on_progress: Progress | None = None,
    jobs: int = 1,
) -> Recording:
    """Return the landmarks of a video, for :func:`heelrise.recording.to_bytes`.

    Raises
    ------
    HeelriseError
        When the video cannot be read.
    """
    tell = on_progress or _nobody_asks
    with PoseStream(path, model, jobs) as stream:
        poses = tuple(_telling(stream, tell))
        info, truncated = stream.info, stream.truncated
    _usual_fps(path, [pose.t_s for pose in poses])
    return Recording(poses, info.fps, model_name, sha256_of(model), truncated)


def _telling(poses: PoseStream, tell: Progress) -> Iterator[Pose]:
    for pose in poses:
        yield pose
        tell(_share(pose.t_s, poses.info.duration_s))


def _feed(session: Session, poses: Iterable[Pose], moments: list[Moment] | None) -> list[float]:
    """Take poses through the session; return their times in seconds."""
    times = []
    for pose in poses:
        moment = session.update(pose)
        if moments is not None:
            moments.append(moment)
        times.append(pose.t_s)
    return times


def _usual_fps(path: Path, times: Sequence[float]) -> float:
    """Return how many frames a second there usually are; refuse what is no film of a heel rise.

    The median tells a slide show from a recording with a pause in it, which the mean does not.
    """
    if not times:
        raise HeelriseError(f"{path} holds no picture that can be decoded")
    if len(times) == 1:
        raise HeelriseError(f"{path} holds a single picture: choose a video")
    fps = 1 / median(after - before for before, after in pairwise(times))
    if fps < _LEAST_FPS:
        raise HeelriseError(
            f"{path} runs at {fps:.2g} fps, too slow to see a heel rise: film at 15 fps or more"
        )
    return fps


def _facts(path: Path, times: Sequence[float], size_px: tuple[int, int]) -> VideoFacts:
    fps = (len(times) - 1) / (times[-1] - times[0])
    duration_s = times[-1] + 1 / fps
    # names that are no UTF-8 exist on disk, but cannot stand in JSON
    name = os.fsencode(path).decode("utf-8", "replace")
    return VideoFacts(name, duration_s, fps, *size_px, len(times))


def _concluded(session: Session, facts: VideoFacts, usual_fps: float, truncated: bool) -> Analysis:
    result = session.finish()
    warnings = list(result.warnings)
    if usual_fps < _SURE_FPS:
        warnings.append(
            f"only {usual_fps:.2g} fps: reps may be missed, times and heights are unsure; "
            "film at 15 fps or more"
        )
    if truncated:
        warnings.append(
            f"the file is damaged or cut off: only its first {facts.duration_s:.1f} s could be read"
        )
    return Analysis(replace(result, warnings=tuple(warnings)), facts)


def _annotate(
    path: Path, moments: Iterator[Moment], analysis: Analysis, video_out: Path, tell: Progress
) -> None:
    facts = analysis.facts
    with (
        VideoFile(path) as video,
        VideoWriter(video_out, facts.width, facts.height, facts.fps) as writer,
        Ahead(_drawn(video, moments), pictures_ahead(facts.width, facts.height)) as frames,
    ):
        for number, frame in enumerate(frames, start=1):
            writer.write(frame.image, frame.t_s)
            tell(_FIRST_PASS + (1 - _FIRST_PASS) * number / facts.frames)


def _drawn(video: VideoFile, moments: Iterator[Moment]) -> Iterator[Frame]:
    """Draw what was found onto every picture."""
    coach = Coach()
    for frame, moment in zip(video, moments, strict=False):
        draw(frame.image, moment, coach.cue(moment))
        yield frame


def _by_frame(times: Sequence[float], items: Sequence[tuple[float, T]]) -> dict[int, list[T]]:
    """Sort items to the first frame at or after their time, the last frame at the latest."""
    found: dict[int, list[T]] = {}
    for time_s, item in sorted(items, key=lambda pair: pair[0]):
        if times:
            found.setdefault(min(bisect_left(times, time_s), len(times) - 1), []).append(item)
    return found


def _levels(
    times: Sequence[float], moments: Sequence[Moment], result: Result
) -> list[float | None]:
    """Return the heights of the heel that meet the reps', one for each moment."""
    seen = [moment.level_shin for moment in moments]
    known = np.array([math.nan if level is None else level for level in seen], dtype=np.float64)
    fitted = fit_levels(np.array(times), known, result)
    if fitted is None:
        return seen
    return [level if math.isfinite(level) else None for level in fitted.tolist()]


def _phase_in(rep: Rep | None, moment: Moment) -> tuple[Phase, float]:
    """Return phase and hold time: the final rep's inside of one, none under way outside."""
    if rep is None:
        return (Phase.AWAY if moment.phase is Phase.AWAY else Phase.STANDING), 0.0
    if moment.t_s < rep.top_start_s:
        return Phase.RISING, 0.0
    if moment.t_s <= rep.top_end_s:
        return Phase.TOP, moment.t_s - rep.top_start_s
    return Phase.LOWERING, 0.0


def _set_side(result: Result, moment: Moment) -> Side | None:
    for leg_set in result.sets:
        if leg_set.start_s <= moment.t_s <= leg_set.end_s:
            return leg_set.side
    return moment.side


def _raise_best(best: dict[Side, float], rep: Rep) -> None:
    if rep.peak_shin is not None:
        best[rep.side] = max(rep.peak_shin, best.get(rep.side, rep.peak_shin))


def _share(done_s: float, whole_s: float | None) -> float | None:
    """Return the share done; None when the container does not say how long it is."""
    if whole_s is None or not math.isfinite(whole_s) or whole_s <= 0:
        return None
    return min(1.0, max(0.0, done_s / whole_s))


def _part(tell: Progress, start: float, length: float, video_out: Path | None) -> Progress:
    """Make the first pass a part of the whole when a second one follows."""
    if video_out is None:
        return tell
    return lambda share: tell(None if share is None else start + length * share)


def _nobody_asks(share: float | None) -> None:
    pass
