"""Reads a written result back; whatever lacks a field that is used is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from heelrise.errors import HeelriseError
from heelrise.result import SCHEMA_VERSION, SIDES, Fault, LegSet, Rep, Tip, VideoFacts

_MOST = 1e12  # no time, height or number of a recording comes near it
_LISTS: dict[str, type] = {"reps": Rep, "faults": Fault, "sets": LegSet, "tips": Tip}
_LATER = ("rise_sd_cm", "rise_sd_shin")  # of a rep: results made before they were do without
_TOP: dict[str, Any] = {
    **dict.fromkeys(("video", "counts"), dict),
    **dict.fromkeys(("reps", "faults", "sets"), list),
    "warnings": tuple[str, ...],
}
_MAYBE = {"tips": list, "review": dict}
_REVIEW = {**dict.fromkeys(("accepted", "added", "deleted"), tuple[int, ...]), "was": dict}
_KINDS: dict[Any, str] = {
    **{int: "a whole number", float: "a number", str: "a text", bool: "true or false"},
    **{list: "a list", dict: "an object"},
}


def read_result(path: Path) -> dict[str, Any]:
    """Read a result of schema 1.

    Raises
    ------
    HeelriseError
        When it cannot be read or is none, or lacks what is used of it.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))  # editors may put a BOM first
    except OSError as error:
        raise HeelriseError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise HeelriseError(f"{path} is no result of heelrise: it is no JSON") from error
    if not isinstance(content, dict) or content.get("schema_version") != SCHEMA_VERSION:
        raise HeelriseError(
            f"{path} is no result of this heelrise: make one with 'heelrise analyze --json'"
        )
    wrong = next(_wrongs(content), None)
    if wrong is not None:
        raise HeelriseError(f"{path} is damaged: {wrong}; remove it, or make it anew")
    return content


def known_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result without what a later heelrise has added to its reps, faults, sets and tips.

    Fields may be added within a version, and whoever does not know them ignores them.
    """
    known = dict(values)
    for name, kind in _LISTS.items():
        names = {field.name for field in fields(kind)}
        known[name] = [
            {key: value for key, value in one.items() if key in names}
            for one in values.get(name, ())
        ]
    return known


def _wrongs(content: Mapping[str, Any]) -> Iterator[str]:
    """Name what is missing or of another kind than docs/json.md says, the first things first."""
    top = {**_TOP, **{name: kind for name, kind in _MAYBE.items() if name in content}}
    yield from _wrong_fields(content, top, "")
    yield from _wrong_fields(content["video"], get_type_hints(VideoFacts), "video.")
    yield from _wrong_fields(content["counts"], dict.fromkeys(SIDES, int), "counts.")
    for name, kind in _LISTS.items():
        hints = get_type_hints(kind)
        if kind is Rep:
            hints["rise_shin"] = float | None  # a human cannot know it
        for index, item in enumerate(content.get(name, ())):
            if not isinstance(item, dict):
                yield f"{name}[{index}] is not an object"
            needed = {key: hint for key, hint in hints.items() if key in item or key not in _LATER}
            yield from _wrong_fields(item, needed, f"{name}[{index}].")
    yield from _wrong_numbers(content)
    if "review" in content:
        yield from _wrong_fields(content["review"], _REVIEW, "review.")
        if not all(_fits(number, int) for number in content["review"]["was"].values()):
            yield "review.was is not an object of numbers"


def _wrong_fields(values: Mapping[str, Any], hints: Mapping[str, Any], where: str) -> Iterator[str]:
    for name, hint in hints.items():
        if name not in values:
            yield f"{where}{name} is missing"
        elif not _fits(values[name], hint):
            yield f"{where}{name} is not {_kind(hint)}"


def _wrong_numbers(content: Mapping[str, Any]) -> Iterator[str]:
    """Name reps that are counted twice, and sets and faults of reps that are not there."""
    numbers = [rep["number"] for rep in content["reps"]]
    if len(set(numbers)) < len(numbers):
        yield "two of its reps have the same number"
    told = [number for one in content["sets"] for number in one["reps"]]
    told += [fault["rep"] for fault in content["faults"] if fault["rep"] is not None]
    for number in told:
        if number not in numbers:
            yield f"its sets or faults name a rep {number}, which is not there"


def _fits(value: object, hint: Any) -> bool:
    """Tell whether a value read from JSON is what a field of a dataclass holds."""
    if isinstance(hint, UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) is tuple:
        return isinstance(value, list) and all(_fits(one, get_args(hint)[0]) for one in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = hint is int and isinstance(value, int)
        return (whole or hint is float) and abs(value) < _MOST
    return hint not in (int, float) and isinstance(value, hint)


def _kind(hint: Any) -> str:
    """Say what a field holds, in words."""
    if isinstance(hint, UnionType):
        return " or ".join(map(_kind, get_args(hint)))
    if get_origin(hint) is Literal:
        return " or ".join(get_args(hint))
    if get_origin(hint) is tuple:
        return "a list of texts" if get_args(hint)[0] is str else "a list of numbers"
    return _KINDS.get(hint, "null")
