"""Columns of trusted frames: where some are missing."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from heelrise.track import Track


def track(times_s: list[float]) -> Track:
    nothing = np.zeros(len(times_s))
    return Track(np.array(times_s), *(nothing for _ in fields(Track)[1:]))


@pytest.mark.parametrize(
    ("times_s", "gaps"),
    [
        ([0.0, 0.1, 0.2, 0.5, 0.6, 0.7], [(0.2, 0.5)]),
        ([0.0, 0.1, 0.2, 0.3, 0.4], []),
        ([0.0, 0.1, 0.31, 0.41, 0.51], []),  # one frame of every so many is dropped
        ([0.0, 0.4, 0.5, 0.6, 0.7, 1.1], [(0.0, 0.4), (0.7, 1.1)]),
        ([0.0], []),
        ([], []),
    ],
)
def test_gaps(times_s: list[float], gaps: list[tuple[float, float]]) -> None:
    found = track(times_s).gaps(0.12)
    assert found.shape == (len(gaps), 2)
    assert [tuple(gap) for gap in found.tolist()] == gaps
