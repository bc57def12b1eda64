"""The running median against numpy's, whatever comes and goes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heelrise.running_median import RunningMedian

VALUES = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6), st.just(1.0)), min_size=1)


@given(VALUES, st.integers(1, 5))
def test_it_is_the_median_of_what_is_kept(steps: list[float | None], most: int) -> None:
    """None drops the oldest."""
    running, free = RunningMedian(most - 1.0), RunningMedian()
    kept: list[float] = []
    whole: list[float] = []
    for second, step in enumerate(steps):
        if step is not None:
            running.add(step, float(second))
            free.add(step)
            kept = [one for one in steps[: second + 1][-most:] if one is not None]
            whole.append(step)
        elif whole:
            free.drop()
            whole.pop(0)
        for one, values in ((running, kept), (free, whole)):
            assert list(one.values) == values
            assert len(one) == len(values)
            if values:
                assert one.median == pytest.approx(float(np.median(values)))


def test_nothing_is_left_after_clearing() -> None:
    running = RunningMedian()
    running.add(1.0)
    running.clear()
    assert not len(running)
    with pytest.raises(IndexError):
        _ = running.median
