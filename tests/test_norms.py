"""The norms: the whole table, its edges, and the caveat that goes with each."""

from __future__ import annotations

import pytest

from heelrise.norms import Sex, norm

TABLE = [  # decade, men, women
    (20, 37, 30),
    (30, 32, 27),
    (40, 28, 24),
    (50, 23, 21),
    (60, 19, 19),
    (70, 14, 16),
    (80, 10, 13),
]


@pytest.mark.parametrize(("decade", "men", "women"), TABLE)
@pytest.mark.parametrize("years", [0, 5, 9.9])
def test_the_median_is_that_of_the_decade(decade: int, men: int, women: int, years: float) -> None:
    for sex, reps in (("male", men), ("female", women)):
        found = norm(decade + years, sex)
        assert found is not None
        assert (found.median_reps, found.sex) == (reps, sex)
        assert (found.from_age_years, found.to_age_years) == (decade, decade + 9)


@pytest.mark.parametrize("age_years", [0, 19, 19.9, 90, 104])
@pytest.mark.parametrize("sex", ["male", "female"])
def test_there_is_no_norm_for_other_ages(age_years: float, sex: Sex) -> None:
    assert norm(age_years, sex) is None


def test_a_norm_is_shown_with_its_source_and_its_uncertainty() -> None:
    found = norm(34, "female")
    assert found is not None
    assert "women aged 30-39: 27 raises" in found.text
    assert "Physiotherapy 2017" in found.text
    assert "one transcription differs by 1" in found.text
