"""Options that several commands share, and what the user said with them."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from heelrise.errors import HeelriseError
from heelrise.settings import BODY_HEIGHT_CM, LOWER_FOR_S, Leg, Surface

if TYPE_CHECKING:
    from heelrise.heel_rise_test import TestOptions

MODEL_NAMES = ("lite", "full", "heavy")
DEFAULT_MODEL = "full"
MOST_JOBS = 999
_NAMED_FOLDERS = f"{__name__}.folders"
_FOLDER_ENDS = tuple(mark + last for mark in {"/", os.sep} for last in ("", ".", ".."))


@dataclass(frozen=True)
class About:
    """What goes with a result: whether it is kept, whose it is, and the test it was."""

    keep: bool = False
    person: str | None = None
    load_kg: float | None = None
    test: TestOptions | None = None


def _body_height(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    least, most = BODY_HEIGHT_CM
    if value is None:
        return None
    try:
        height_cm = float(value)
    except ValueError:
        height_cm = math.nan
    if least <= height_cm <= most:
        return height_cm
    given = f"{height_cm:g} cm" if math.isfinite(height_cm) else repr(value)
    raise HeelriseError(
        f"a body height of {given} cannot be: give it in centimetres, "
        f"{least:g} to {most:g}, such as --body-height 172"
    )


class _Number(click.FloatRange):
    """A number in a range; what is no number lies in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if math.isnan(number):
            self.fail(f"{value!r} is not a number: write one without its unit", param, ctx)
        return super().convert(value, param, ctx)


class _Path(click.Path):
    """A file or folder; an empty name is a shell variable nobody set, not the current folder.

    A path itself does not know that it ended in a separator, or in a dot: the context remembers it.
    """

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Return the path."""
        if not os.fspath(value):
            self.fail("an empty name names nothing", param, ctx)
        path = super().convert(value, param, ctx)
        if ctx is not None and os.fspath(value).endswith(_FOLDER_ENDS):
            ctx.meta.setdefault(_NAMED_FOLDERS, set()).add(path)
        return path


def demand_files(paths: Iterable[Path]) -> None:
    """Refuse names that end as a folder's does, where each is the file to write."""
    for path in paths:
        if path in click.get_current_context().meta.get(_NAMED_FOLDERS, ()):
            raise HeelriseError(f"{path}{os.sep} is a folder: name a file in it")


PATH = _Path(path_type=Path)
model_option = click.option(
    "--model",
    type=click.Choice(MODEL_NAMES),
    default=DEFAULT_MODEL,
    show_default=True,
    help="Pose model: lite is faster, heavy slower; results are measured with full.",
)
height_option = click.option(
    "--body-height",
    metavar="CM",
    callback=_body_height,
    help="The person's height; without it rises are given in shin lengths.",
)
surface_option = click.option(
    "--surface",
    type=click.Choice(get_args(Surface)),
    default="auto",
    show_default=True,
    help="What the person stands on: step is heels over an edge.",
)
leg_option = click.option(
    "--leg",
    type=click.Choice(get_args(Leg)),
    default="auto",
    show_default=True,
    help="The leg that works, when it is known.",
)
lower_option = click.option(
    "--lower-for",
    metavar="S",
    type=_Number(*LOWER_FOR_S),
    help="Training: a way down of less than S seconds is a fault (coaches ask for 2 to 3).",
)
person_option = click.option("--person", metavar="NAME", help="Who it is, for report and history.")
load_option = click.option(
    "--load", metavar="KG", type=_Number(0, 200), help="Dumbbells: kept with the set."
)
test_option = click.option(
    "--test",
    type=click.Choice(["heel-rise"]),
    help="The heel-rise endurance test (60 beats a minute).",
)
age_option = click.option(
    "--age", metavar="YEARS", type=_Number(1, 120), help="Test: for the norm."
)
sex_option = click.option(
    "--sex", type=click.Choice(["female", "male"]), help="Test: for the norm."
)
mass_option = click.option(
    "--body-mass", metavar="KG", type=_Number(20, 300), help="Test: for work and power."
)
least_rise_option = click.option(
    "--least-rise",
    metavar="PERCENT",
    type=_Number(10, 100),
    help="Test: a rise under this share of the person's own first ones is a miss.",
)

involved_option = click.option(
    "--involved",
    type=click.Choice(["left", "right"]),
    help="Test: the injured leg; symmetry is then its share of the other one.",
)


def jobs_number(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    """Read a number of jobs; "auto" is that of the processors."""
    if value is None:
        return None
    if value == "auto":
        return processor_count()
    # the length first: Python reads no number of thousands of digits
    if value.isdecimal() and len(value) <= len(str(MOST_JOBS)) and int(value) >= 1:
        return int(value)
    raise click.BadParameter(f"{value!r} is neither auto nor a number from 1 to {MOST_JOBS}")


def processor_count() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))  # a job on a cluster is often given a few of many
    return os.cpu_count() or 1


verbose_option = click.option(
    "-v", "--verbose", is_flag=True, help="Show the log lines of MediaPipe and FFmpeg too."
)
jobs_option = click.option(
    "--jobs",
    metavar="N|auto",
    default="1",
    show_default=True,
    callback=jobs_number,
    help="Readers that share a video: faster, and off by less than between two phones.",
)


def test_options(
    test: str | None,
    age: float | None,
    sex: Any,
    body_mass: float | None,
    least_rise: float | None,
    *,
    involved: Any,
    lower_for: float | None,
) -> TestOptions | None:
    """Return what the user said for the test; None when there is none."""
    if test is None:
        if any(value is not None for value in (age, sex, body_mass, least_rise, involved)):
            raise HeelriseError(
                "--age, --sex, --body-mass, --least-rise and --involved go with --test heel-rise"
            )
        return None
    if lower_for is not None:
        raise HeelriseError(
            "--lower-for is for training, slow lowering is no part of the test: leave it out"
        )
    if (age is None) != (sex is None):
        given, missing = ("--sex", "--age") if age is None else ("--age", "--sex")
        raise HeelriseError(f"a norm needs age and sex: add {missing}, or leave out {given}")
    from heelrise.heel_rise_test import TestOptions

    share = None if least_rise is None else least_rise / 100
    return TestOptions(age, sex, body_mass, share, involved)
