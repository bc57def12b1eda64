"""Some damaged files through the reader in a process of its own; `benchmarks/fuzz.py` has many."""

from __future__ import annotations

from collections import Counter

import pytest

import fuzz

FILES = 60


@pytest.mark.skipif(not hasattr(fuzz.select, "poll"), reason="waits for pipes, which needs POSIX")
def test_a_damaged_file_is_read_cut_short_or_refused_in_one_line() -> None:
    found = list(fuzz.trials(FILES, seed=7))
    wrong = [
        f"{trial.sort}, {trial.damage}: {trial.end}, {trial.said}"
        for trial in found
        if trial.end not in fuzz.FINE
    ]
    assert not wrong
    assert len(found) == FILES
    # a fuzzer that damages nothing, or everything, would find nothing
    assert len(Counter(trial.end for trial in found)) == len(fuzz.FINE)
    assert len({trial.sort for trial in found}) == len(fuzz.SORTS)
