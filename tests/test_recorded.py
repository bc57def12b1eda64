"""Recorded landmarks of two rendered clips through the core, against their exact truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heelrise.landmarks import Pose
from heelrise.result import Result
from heelrise.session import Session

DATA = Path(__file__).parent / "data"
NAMES = ("two_legs_then_right", "leaves_and_returns")


def poses(name: str, mirrored: bool = False, every: int = 1) -> Iterator[Pose]:
    with np.load(DATA / f"{name}.npz") as data:
        xy_all, width, height = data["xy_px"].astype(np.float64), *map(int, data["size_px"])
        times, visibility = data["t_s"], data["visibility"].astype(np.float64)
    if mirrored:
        pairs = [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9]
        pairs += [index + 1 if index % 2 else index - 1 for index in range(11, 33)]
        xy_all = xy_all[:, pairs] * (-1.0, 1.0) + (width, 0.0)
    for index in range(0, len(times), every):
        yield Pose(float(times[index]), index, xy_all[index], visibility[index], width, height)


def truth(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return loaded


def counted(name: str, **how: Any) -> Result:
    session = Session()
    for pose in poses(name, **how):
        session.update(pose)
    return session.finish()


@pytest.mark.parametrize("name", NAMES)
def test_counts_and_times(name: str) -> None:
    result, true = counted(name), truth(name)
    singles = [rep for rep in result.reps if rep.side != "both"]
    assert [rep.side for rep in singles] == [rep["side"] for rep in true["reps"]]
    assert result.count("both") == true["both"]
    off_s = []
    for rep, expected in zip(singles, true["reps"], strict=True):
        assert expected["start_s"] <= rep.peak_s <= expected["end_s"]
        off_s += [abs(rep.start_s - expected["start_s"]), abs(rep.end_s - expected["end_s"])]
        assert rep.hold_s == pytest.approx(expected["hold_s"], abs=0.2)
    assert np.median(off_s) <= 0.15


@pytest.mark.parametrize("name", NAMES)
def test_a_mirror_exchanges_the_legs(name: str) -> None:
    plain, mirrored = counted(name), counted(name, mirrored=True)
    assert (plain.count("left"), plain.count("right")) == (
        mirrored.count("right"),
        mirrored.count("left"),
    )
    assert plain.count("both") == mirrored.count("both")


@pytest.mark.parametrize("name", NAMES)
def test_half_the_frame_rate_gives_the_same_counts(name: str) -> None:
    plain, slow = counted(name), counted(name, every=2)
    assert [rep.side for rep in slow.reps] == [rep.side for rep in plain.reps]


def test_leaving_the_picture_ends_the_set() -> None:
    result = counted("leaves_and_returns")
    assert [leg_set.reps for leg_set in result.sets] == [(1, 2, 3), (4, 5, 6)]
