"""Normal values of the heel-rise endurance test: how many raises others of the same age do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sex = Literal["male", "female"]

SOURCE = (
    "Hébert-Losier K et al. Updated reliability and normative values for the standing heel-rise "
    "test in healthy adults. Physiotherapy 2017;103(4):446-452 (n = 566)"
)
UNCERTAINTY = (
    "known to this program from two secondary pages, not from the paper; "
    "one transcription differs by 1"
)

# Median repetitions of one leg by decade of age, men and women (SOURCE, and mind UNCERTAINTY).
_MEDIAN_REPS: dict[Sex, dict[int, int]] = {
    "male": {20: 37, 30: 32, 40: 28, 50: 23, 60: 19, 70: 14, 80: 10},
    "female": {20: 30, 30: 27, 40: 24, 50: 21, 60: 19, 70: 16, 80: 13},
}
# Nobody else was tested.
LEAST_AGE_YEARS, MOST_AGE_YEARS = 20, 89
_GROUPS: dict[Sex, str] = {"male": "men", "female": "women"}


@dataclass(frozen=True)
class Norm:
    """The normal value for one person.

    Attributes
    ----------
    sex : {"male", "female"}
    from_age_years, to_age_years : int
        Ages of the group it holds for, both included.
    median_reps : int
        Half of the group did fewer repetitions on one leg, half more.
    source : str
        Where it comes from.
    uncertainty : str
        What is not certain about it; belongs to it wherever it is shown.
    """

    sex: Sex
    from_age_years: int
    to_age_years: int
    median_reps: int
    source: str = SOURCE
    uncertainty: str = UNCERTAINTY

    @property
    def text(self) -> str:
        """The norm as it is to be shown: never without what is uncertain about it."""
        group = f"{_GROUPS[self.sex]} aged {self.from_age_years}-{self.to_age_years}"
        return f"median of {group}: {self.median_reps} raises. {self.source}; {self.uncertainty}."


def norm(age_years: float, sex: Sex) -> Norm | None:
    """Return the normal value for a person.

    Parameters
    ----------
    age_years : float
        Age; birthdays count, parts of a year do not.
    sex : {"male", "female"}
        The groups of the source.

    Returns
    -------
    Norm or None
        None outside of 20 to 89 years: nobody else was tested.
    """
    if not LEAST_AGE_YEARS <= age_years < MOST_AGE_YEARS + 1:
        return None
    decade = int(age_years) // 10 * 10
    return Norm(sex, decade, decade + 9, _MEDIAN_REPS[sex][decade])
