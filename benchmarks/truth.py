"""What really happens in a labelled video, read from the JSON beside it (README.md: the forms)."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Leg = Literal["left", "right"]

SLACK_S = 0.2
"""A peak this far outside of a true rep still belongs to it: filters lag, labels are by eye."""


class TruthError(Exception):
    """A file of truth that cannot be used: one line that names the file."""


@dataclass(frozen=True)
class TrueRep:
    """One single-leg rep as it happened.

    Attributes
    ----------
    side : {"left", "right"}
        The person's own leg.
    start_s, end_s : float
        From where to where, seconds of the video.
    top_start_s, top_end_s : float or None
        When the heel entered and left the top of the rise, seconds.
    hold_s : float or None
        How long the top was held, seconds.
    rise_cm : float or None
        How far the heel's sole rose, centimetres.
    """

    side: Leg
    start_s: float
    end_s: float
    top_start_s: float | None = None
    top_end_s: float | None = None
    hold_s: float | None = None
    rise_cm: float | None = None

    @property
    def middle_s(self) -> float:
        """The middle of the top where it is known, of the whole rep where not, seconds."""
        if self.top_start_s is None or self.top_end_s is None:
            return (self.start_s + self.end_s) / 2
        return (self.top_start_s + self.top_end_s) / 2

    def holds(self, peak_s: float) -> bool:
        """Whether a peak at this time may be this rep's."""
        return self.start_s - SLACK_S <= peak_s <= self.end_s + SLACK_S


@dataclass(frozen=True)
class Truth:
    """The truth of one video.

    Attributes
    ----------
    reps : tuple of TrueRep
        The single-leg reps by time; raises on both legs are no reps here.
    body_height_cm : float or None
        Of the person; without it no centimetre is compared.
    """

    reps: tuple[TrueRep, ...]
    body_height_cm: float | None = None


def read_truth(path: Path) -> Truth:
    """Read labels in frames (as in sample_videos) or a result of heelrise, put right by hand.

    Raises
    ------
    TruthError
        When the file cannot be read, is in neither form, or says what cannot be.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("it holds no object")
        truth = _from_result(content) if "schema_version" in content else _from_frames(content)
        _check(truth)
    except OSError as error:
        raise TruthError(f"cannot read {path}: {error.strerror or error}") from error
    except KeyError as error:
        raise TruthError(f"{path} is no truth: {error} is missing") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise TruthError(f"{path} is no truth: {error}") from error
    return truth


def _from_frames(content: dict[str, Any]) -> Truth:
    """Labels in frame numbers; a frame lasts 1 / fps."""
    fps = _number(content["fps"])
    if fps <= 0:
        raise ValueError(f"its fps is {fps:g}")
    stature_m = _optional(content, "stature_m")
    return Truth(
        _in_order([_labelled(rep, fps) for rep in _objects(content["reps"])]),
        None if stature_m is None else 100 * stature_m,
    )


def _labelled(rep: dict[str, Any], fps: float) -> TrueRep:
    def seconds(name: str) -> float | None:
        frame = _optional(rep, name)
        return None if frame is None else frame / fps

    rise_m = _optional(rep, "rise_m")
    return TrueRep(
        _leg(rep["side"]),
        _number(rep["start"]) / fps,
        _number(rep["end"]) / fps,
        seconds("hold_start"),
        seconds("hold_end"),
        _optional(rep, "hold_s"),
        None if rise_m is None else 100 * rise_m,
    )


def _from_result(content: dict[str, Any]) -> Truth:
    """What `heelrise analyze --json` writes, schema 1 (docs/json.md)."""
    if content["schema_version"] != 1:
        raise ValueError(f"its schema_version is {content['schema_version']}, this reads 1")
    options, review = content.get("settings", {}), content.get("review", {})
    if not isinstance(options, dict):
        raise ValueError("its settings are no object")
    if not isinstance(review, dict):
        raise ValueError("its review is no object")
    added = review.get("added", ())
    reps = [
        _in_result(rep, added=rep.get("number") in added)
        for rep in _objects(content["reps"])
        if rep["side"] != "both"
    ]
    return Truth(_in_order(reps), _optional(options, "body_height_cm"))


def _in_result(rep: dict[str, Any], *, added: bool) -> TrueRep:
    """A rep of a result; of one that a human added, nobody measured the top."""
    side, start_s, end_s = _leg(rep["side"]), _number(rep["start_s"]), _number(rep["end_s"])
    if added:
        return TrueRep(side, start_s, end_s)
    measures = ("top_start_s", "top_end_s", "hold_s", "rise_cm")
    return TrueRep(side, start_s, end_s, *(_optional(rep, name) for name in measures))


def _check(truth: Truth) -> None:
    for number, rep in enumerate(truth.reps, start=1):
        times = [rep.start_s, rep.top_start_s, rep.top_end_s, rep.end_s]
        known = [time_s for time_s in times if time_s is not None]
        if known != sorted(known) or rep.start_s < 0 or rep.start_s == rep.end_s:
            raise ValueError(f"the moments of its rep {number} are not in order")


def _in_order(reps: list[TrueRep]) -> tuple[TrueRep, ...]:
    return tuple(sorted(reps, key=lambda rep: rep.start_s))


def _objects(reps: object) -> list[dict[str, Any]]:
    if not isinstance(reps, list) or not all(isinstance(rep, dict) for rep in reps):
        raise ValueError("its reps are no list of objects")
    return reps


def _leg(side: object) -> Leg:
    if side not in ("left", "right"):
        raise ValueError(f"a rep's side is {side!r}, not 'left' or 'right'")
    return side


def _optional(values: dict[str, Any], name: str) -> float | None:
    return None if values.get(name) is None else _number(values[name])


def _number(value: object) -> float:
    # JSON's true and false are numbers to Python.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} stands where a number belongs")
    return float(value)
