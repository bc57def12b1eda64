"""Results to keep in a history, and a look into its file: what the tests of the history share."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from heelrise.result import LegSet, Rep, Result, Side, VideoFacts, to_json

VIDEO = VideoFacts("rtsp://user:secret@camera/1", 30.0, 30.0, 640, 480, 900)
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=timezone(timedelta(hours=1)))


def rep(number: int, side: Side = "left", *faults: str, rise_cm: float | None = 9.0) -> Rep:
    start = 3.0 * number
    return Rep(
        *(number, side, start, start + 0.6, start + 1.0, start + 1.6, start + 2.4),
        *(1.0, 0.6, 0.8, rise_cm, 0.225, rise_cm, 0.23, 0.1, 0.01, faults, 0.5, None),
    )


def result_json(left: int = 3, right: int = 2, *faults: str) -> dict[str, Any]:
    """Return a set of the left leg, then one of the right, and a rep of both that is in none."""
    sides: list[Side] = ["left"] * left + ["right"] * right
    reps = [rep(number, side, *faults) for number, side in enumerate(sides, start=1)]
    sets = []
    for side in ("left", "right"):
        own = [one for one in reps if one.side == side]
        if own:
            numbers = tuple(one.number for one in own)
            sets.append(LegSet(own[0].side, own[0].start_s, own[-1].end_s, numbers))
    reps.append(rep(len(reps) + 1, "both"))
    return to_json(Result(tuple(reps), (), tuple(sets), ("a warning",)), VIDEO, {"leg": "auto"})


def rows(path: Path, text: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(text).fetchall()
    finally:
        connection.close()
