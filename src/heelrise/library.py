"""`heelrise.analyze(path)`: the command line's work as a function, and its result as tables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heelrise.models import ensure_model, sha256_of
from heelrise.recorded import analyze as analyze_video
from heelrise.recorded import analyze_recording, settings_used
from heelrise.recording import is_recording
from heelrise.result import SIDES, Fault, LegSet, Rep, Result, Side, Tip, VideoFacts, to_json
from heelrise.settings import Leg, SessionOptions, Surface

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class SetResult:
    """What was found in one recording.

    Attributes
    ----------
    result : Result
        Reps, faults, sets, tips and warnings (docs/json.md says what each means).
    video : VideoFacts
        The recording, as it was read to its end.
    settings : mapping
        What the result was made with: options, model with its SHA-256, every threshold.
    """

    result: Result
    video: VideoFacts
    settings: Mapping[str, Any]

    @property
    def reps(self) -> tuple[Rep, ...]:
        """Every heel rise, in order of time."""
        return self.result.reps

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was wrong, or could not be told."""
        return self.result.faults

    @property
    def sets(self) -> tuple[LegSet, ...]:
        """Reps of one leg done without putting the leg to rest."""
        return self.result.sets

    @property
    def tips(self) -> tuple[Tip, ...]:
        """What is worth a word and is no fault."""
        return self.result.tips

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the picture, and what to change."""
        return self.result.warnings

    @property
    def counts(self) -> dict[Side, int]:
        """Reps by side; ``both`` are raises on two legs, which are no single-leg reps."""
        return {side: self.result.count(side) for side in SIDES}

    def rep_rows(self) -> Rows:
        """Return one row a rep, units in the names: ``pandas.DataFrame(result.rep_rows())``."""
        return [{**rep, "faults": ";".join(rep["faults"])} for rep in self.to_json()["reps"]]

    def fault_rows(self) -> Rows:
        """Return one row a fault."""
        return list(self.to_json()["faults"])

    def set_rows(self) -> Rows:
        """Return one row a set, with the number of its reps in place of their list."""
        return [{**row, "reps": len(row["reps"])} for row in self.to_json()["sets"]]

    def to_json(self) -> dict[str, Any]:
        """Return what ``heelrise analyze --json`` writes, as plain values."""
        return to_json(self.result, self.video, self.settings)


def analyze(
    path: str | os.PathLike[str],
    *,
    body_height_cm: float | None = None,
    surface: Surface = "auto",
    leg: Leg = "auto",
    lower_for_s: float | None = None,
    model: str = "full",
) -> SetResult:
    """Count and judge the calf raises in a video, or in landmarks recorded from one.

    Parameters
    ----------
    path : str or PathLike
        A video file, or an ``.npz`` of ``heelrise extract``.
    body_height_cm : float, optional
        The person's height, 100 to 230; without it rises are given in shin lengths alone.
    surface : {"auto", "floor", "step"}
        What the person stands on; ``step`` is heels over an edge.
    leg : {"auto", "left", "right"}
        The leg that works, when it is known.
    lower_for_s : float, optional
        A way down in less is a fault, 0.1 to 10; off by default.
    model : {"lite", "full", "heavy"}
        Made ready on first use, which may download it; nothing else here uses the network.

    Raises
    ------
    HeelriseError
        When the file cannot be read, or the model not be made ready.
    ValueError
        When a height or time is out of its range, or a surface or leg none of those above.
    """
    source = Path(path)
    options = SessionOptions(body_height_cm, surface, leg, lower_for_s)
    if is_recording(source):
        analysis, recording = analyze_recording(source, options)
        used = settings_used(options, recording.model_name, recording.model_sha256)
    else:
        bundle = ensure_model(model, progress=False)
        analysis = analyze_video(source, options, bundle)
        used = settings_used(options, model, sha256_of(bundle))
    return SetResult(analysis.result, analysis.facts, used)
