"""Score heelrise and the rules of other projects on the same landmarks of labelled videos.

    python benchmarks/accuracy.py [FOLDER ...] [--cache DIR] [--model full]

A FOLDER holds videos, each with its truth beside it as NAME.json (README.md: the forms).
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from heelrise.errors import HeelriseError
from heelrise.inputs import find_videos
from heelrise.models import DEFAULT_MODEL, ensure_model, sha256_of
from heelrise.outputs import write_bytes
from heelrise.recorded import analyze_recording, extract
from heelrise.recording import VERSION, to_bytes
from heelrise.result import Rep
from heelrise.settings import SessionOptions
from heelrise.terminal import native_logs, progress_bar
from rules import RULES, Views
from truth import TrueRep, Truth, TruthError, read_truth

HERE = Path(__file__).resolve().parent
CACHE = HERE / ".landmarks"
SAMPLES = HERE.parent / "sample_videos"

READING = 3
"""Counts up when a video gives other landmarks than before: with 2 the trunk's texture came."""

ON_TIME, ON_LEG = "heelrise", "heelrise, leg right too"


@dataclass(frozen=True)
class Tally:
    """What a rule made of one clip: reps there are, reps it found, and how many are the same."""

    true: int
    found: int
    matched: int

    @property
    def exact(self) -> bool:
        """Whether every rep was found and nothing else."""
        return self.true == self.found == self.matched

    @property
    def off_by(self) -> int:
        """How far the count is from the truth, whatever was counted."""
        return abs(self.found - self.true)


@dataclass(frozen=True)
class Errors:
    """How far heelrise was off on reps it found: times and holds in seconds, rises in cm.

    ``rise_in_sd`` is the error of the rise in standard deviations, where the rep says its own.
    """

    time_s: list[float] = field(default_factory=list)
    hold_s: list[float] = field(default_factory=list)
    rise_cm: list[float] = field(default_factory=list)
    rise_in_sd: list[float] = field(default_factory=list)

    def add(self, true: TrueRep, rep: Rep) -> None:
        """Take in a rep with the true one that it is; what the truth leaves out is left out."""
        for known_s, told_s in (
            (true.start_s, rep.start_s),
            (true.top_start_s, rep.top_start_s),
            (true.top_end_s, rep.top_end_s),
            (true.end_s, rep.end_s),
        ):
            if known_s is not None:
                self.time_s.append(abs(told_s - known_s))
        if true.hold_s is not None:
            self.hold_s.append(abs(rep.hold_s - true.hold_s))
        if true.rise_cm is not None and rep.rise_cm is not None:
            self.rise_cm.append(abs(rep.rise_cm - true.rise_cm))
            # A heelrise from before this field existed can be scored as well.
            sd_cm = getattr(rep, "rise_sd_cm", None)
            if sd_cm:
                self.rise_in_sd.append(self.rise_cm[-1] / sd_cm)


def match(reps: Sequence[TrueRep], peaks_s: Sequence[float]) -> list[tuple[int, int]]:
    """Pair true reps with peaks inside of them, each once, the peak nearest the middle first.

    Parameters
    ----------
    reps : sequence of TrueRep
        In order of time.
    peaks_s : sequence of float
        Times of the peaks, seconds.

    Returns
    -------
    list of (int, int)
        Index of the rep and of its peak.
    """
    pairs: list[tuple[int, int]] = []
    free = set(range(len(peaks_s)))
    for number, rep in enumerate(reps):
        inside = [peak for peak in free if rep.holds(peaks_s[peak])]
        if inside:
            nearest = min(inside, key=lambda peak: (abs(peaks_s[peak] - rep.middle_s), peak))
            free.remove(nearest)
            pairs.append((number, nearest))
    return pairs


def tally(reps: Sequence[TrueRep], peaks_s: Sequence[float]) -> Tally:
    """Score the peaks of one clip."""
    return Tally(len(reps), len(peaks_s), len(match(reps, peaks_s)))


def best_tally(reps: Sequence[TrueRep], views: Views) -> Tally:
    """Score a rule by the view in which it does best on this clip."""
    tallies = [tally(reps, peaks_s.tolist()) for peaks_s in views]
    return max(tallies, key=lambda one: 2 * one.matched - one.found)


def on_leg(truth: Truth, reps: Sequence[Rep], errors: Errors) -> Tally:
    """Score reps that must also be on the right leg, and note how far off they are."""
    true = found = matched = 0
    for side in ("left", "right"):
        there = [rep for rep in truth.reps if rep.side == side]
        told = [rep for rep in reps if rep.side == side]
        pairs = match(there, [rep.peak_s for rep in told])
        for number, peak in pairs:
            errors.add(there[number], told[peak])
        true, found, matched = true + len(there), found + len(told), matched + len(pairs)
    return Tally(true, found, matched)


def score(truth: Truth, landmarks: Path, errors: Errors) -> dict[str, Tally]:
    """Run heelrise and every rule on one clip's landmarks; a tally each."""
    options = SessionOptions(body_height_cm=truth.body_height_cm)
    analysis, recording = analyze_recording(landmarks, options)
    singles = [rep for rep in analysis.result.reps if rep.side in ("left", "right")]
    tallies = {
        ON_TIME: tally(truth.reps, [rep.peak_s for rep in singles]),
        ON_LEG: on_leg(truth, singles, errors),
    }
    times = np.array([pose.t_s for pose in recording.poses])
    xy_px = np.array([pose.xy_px for pose in recording.poses])
    for name, rule in RULES:
        tallies[name] = best_tally(truth.reps, rule(times, xy_px, recording.size_px))
    return tallies


def recorded(video: Path, model_name: str, model: Path, cache: Path) -> Path:
    """Return the landmarks of a video: those in the cache, else made now and kept there.

    A changed video, model or format of landmarks has another name in the cache.
    """
    try:
        with video.open("rb") as file:
            of_video = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise HeelriseError(f"cannot read {video}: {error.strerror or error}") from error
    key = hashlib.sha256(f"{of_video} {sha256_of(model)}".encode()).hexdigest()[:20]
    kept = cache / f"{model_name}-{key}.v{VERSION}-{READING}.npz"
    if not kept.is_file():
        print(f"finding the landmarks of {video}", file=sys.stderr)
        with native_logs(), progress_bar(video.name) as tell:
            recording = extract(video, model_name, model, tell)
        write_bytes(kept, to_bytes(recording))
    return kept


def table(clips: Sequence[dict[str, Tally]]) -> str:
    """Return one line a rule, in the order in which they were scored."""
    width = max(len(name) for name in clips[0])
    lines = [f"{'':{width}}  exact  within 1   MAE  precision  recall"]
    for name in clips[0]:
        tallies = [clip[name] for clip in clips]
        found, true, matched = (
            sum(getattr(one, part) for one in tallies) for part in ("found", "true", "matched")
        )
        lines.append(
            f"{name:{width}}  {sum(one.exact for one in tallies):5}"
            f"  {sum(one.off_by <= 1 for one in tallies):8}"
            f"  {sum(one.off_by for one in tallies) / len(tallies):4.2f}"
            f"  {_share(matched, found):>9}  {_share(matched, true):>6}"
        )
    return "\n".join(lines)


def error_lines(errors: Errors) -> list[str]:
    """Return a line for every kind of error that the truth allows to measure."""
    lines = [
        f"{name}: off by {np.median(values):.2f} {unit} (median), "
        f"{np.percentile(values, 90):.2f} {unit} (90th percentile), n = {len(values)}"
        for name, values, unit in (
            ("start, top and end", errors.time_s, "s"),
            ("hold", errors.hold_s, "s"),
            ("rise", errors.rise_cm, "cm"),
        )
        if values
    ]
    if errors.rise_in_sd:
        in_sd = np.array(errors.rise_in_sd)
        lines.append(
            f"rise_sd_cm: {np.mean(in_sd <= 0.67):.2f} of the rises are within 0.67 sd of the "
            f"truth (0.50 if normal), {np.mean(in_sd <= 2):.2f} within 2 sd (0.95)"
        )
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when a table was printed, 2 when an input cannot be used."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folders", nargs="*", type=Path, default=[SAMPLES], metavar="FOLDER")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where landmarks are kept")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="pose model (default: %(default)s)")
    asked = parser.parse_args(arguments)
    try:
        # Truth first: a slip in a label is told before minutes of work.
        labelled = _labelled_videos(asked.folders)
        model = ensure_model(asked.model)
        asked.cache.mkdir(parents=True, exist_ok=True)
        errors = Errors()
        clips = [
            score(truth, recorded(video, asked.model, model, asked.cache), errors)
            for video, truth in labelled
        ]
    except (HeelriseError, TruthError, OSError) as error:
        print(f"accuracy: {error}", file=sys.stderr)
        return 2
    reps = sum(len(truth.reps) for _, truth in labelled)
    print(f"clips: {len(clips)}, single-leg reps: {reps}\n\n{table(clips)}")
    for line in error_lines(errors):
        print(f"\n{line}", end="")
    print()
    return 0


def _labelled_videos(folders: Sequence[Path]) -> list[tuple[Path, Truth]]:
    videos, complaints = find_videos(folders)
    if complaints:
        raise TruthError(complaints[0])
    labelled = []
    for video in videos:
        label = video.with_suffix(".json")
        if label.is_file():
            labelled.append((video, read_truth(label)))
        else:
            print(f"accuracy: {video} is left out: {label.name} is missing", file=sys.stderr)
    if not labelled:
        raise TruthError("no video has its truth beside it")
    return labelled


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"


if __name__ == "__main__":
    sys.exit(main())
