"""The time series: one row a frame, as CSV or Parquet, for a notebook or a spreadsheet."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from heelrise.fitted_levels import fit_levels
from heelrise.landmarks import (
    ANKLE,
    HIP,
    KNEE,
    LEFT_SHOULDER,
    RIGHT_SHOULDER,
    Pose,
)
from heelrise.legs import flexion_deg
from heelrise.moment import Moment
from heelrise.outputs import pyarrow_for, written
from heelrise.result import Result, Side
from heelrise.settings import Settings

_BATCH = 10_000  # rows of a Parquet row group: a few MB at most in memory


@dataclass(frozen=True)
class Row:
    """One frame.

    Attributes
    ----------
    t_s : float
        Seconds of the recording.
    side : {"left", "right", "both"} or None
        The leg that carries the body; None while unknown.
    level_shin, level_cm : float or None
        Height of the heel's sole above flat foot, shin lengths and centimetres; negative below
        step level. None where it cannot be measured, centimetres also without a body height.
    phase : str
        Where in a heel rise the person is (:class:`heelrise.moment.Phase`).
    knee_deg : float or None
        How far the standing knee is bent in the image plane, degrees, 0 straight; on both legs
        their mean.
    trunk_deg : float or None
        How far the trunk leans off the vertical in the image plane, degrees, positive to the
        right of the picture.
    trusted : bool
        Whether the frame can be measured.
    """

    t_s: float
    side: Side | None
    level_shin: float | None
    level_cm: float | None
    phase: str
    knee_deg: float | None
    trunk_deg: float | None
    trusted: bool


COLUMNS = tuple(field.name for field in fields(Row))


def rows_of(moments: Iterable[Moment], body_height_cm: float | None = None) -> Iterator[Row]:
    """Turn moments into rows, one by one.

    Parameters
    ----------
    moments : iterable of Moment
        In order; those of :func:`heelrise.recorded.settle` say what the result says.
    body_height_cm : float, optional
        The person's height, for the centimetres.
    """
    shin_cm = None
    if body_height_cm is not None:
        shin_cm = body_height_cm * Settings().lever.shin_of_stature
    for moment in moments:
        yield _row(moment, shin_cm)


def fitted(rows: Sequence[Row], result: Result) -> list[Row]:
    """Return rows whose heights meet those of the result's reps.

    Rows that meet the reps already stay as they are (:func:`heelrise.fitted_levels.fit_levels`).

    Parameters
    ----------
    rows : sequence of Row
        Of the whole recording, in order.
    result : Result
        What was found in it. Reps without a level above flat foot change nothing.
    """
    times = np.array([row.t_s for row in rows])
    seen = [np.nan if row.level_shin is None else row.level_shin for row in rows]
    levels = fit_levels(times, np.array(seen, dtype=np.float64), result)
    in_cm = (rep.rise_cm / rep.rise_shin for rep in result.reps if rep.rise_cm and rep.rise_shin)
    shin_cm = next(in_cm, None)
    if levels is None:
        return list(rows)
    moved = []
    for row, level in zip(rows, levels.tolist(), strict=True):
        cm = None if row.level_cm is None or shin_cm is None else _rounded(level * shin_cm)
        moved.append(replace(row, level_shin=_rounded(level), level_cm=cm))
    return moved


def check_series(path: Path) -> None:
    """Find out before the work whether :func:`write_series` has what it needs.

    Raises
    ------
    HeelriseError
        When the file is to be Parquet and pyarrow is not installed.
    """
    if _is_parquet(path):
        pyarrow_for("a .parquet file")


def write_series(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as they come: Parquet into a file named .parquet, CSV into any other.

    The columns are the fields of :class:`Row`, units in the names; None is an empty cell.

    Raises
    ------
    HeelriseError
        When pyarrow is missing for Parquet, or the file cannot be written.
    """
    check_series(path)
    with written(path) as part:
        if _is_parquet(path):
            _write_parquet(part, rows)
        else:
            _write_csv(part, rows)


def _row(moment: Moment, shin_cm: float | None) -> Row:
    trusted = moment.facing is not None and moment.pose.found
    level = moment.level_shin
    return Row(
        t_s=round(moment.t_s, 4),
        side=moment.side,
        level_shin=_rounded(level),
        level_cm=None if level is None or shin_cm is None else _rounded(level * shin_cm),
        phase=moment.phase.value,
        knee_deg=_knee_deg(moment.pose, moment.side) if trusted else None,
        trunk_deg=_trunk_deg(moment.pose.steady_px) if trusted else None,
        trusted=trusted,
    )


def _knee_deg(pose: Pose, side: Side | None) -> float | None:
    if side is None:
        return None
    xy = pose.steady_px
    legs = ("left", "right") if side == "both" else (side,)
    bent = [flexion_deg(xy[HIP[leg]], xy[KNEE[leg]], xy[ANKLE[leg]]) for leg in legs]
    return _rounded(sum(bent) / len(bent), 1)


def _trunk_deg(xy_px: NDArray[np.float64]) -> float | None:
    shoulders = (xy_px[LEFT_SHOULDER] + xy_px[RIGHT_SHOULDER]) / 2
    x, y = shoulders - (xy_px[HIP["left"]] + xy_px[HIP["right"]]) / 2
    return _rounded(math.degrees(math.atan2(x, -y)), 1)


def _rounded(value: float | None, digits: int = 4) -> float | None:
    """Round to what can be read; what is no number is unknown."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), digits)


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def _write_csv(part: Path, rows: Iterable[Row]) -> None:
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            *values, trusted = astuple(row)
            writer.writerow((*values, "true" if trusted else "false"))


def _write_parquet(part: Path, rows: Iterable[Row]) -> None:
    pyarrow = pyarrow_for("a .parquet file")
    number, text = pyarrow.float64(), pyarrow.string()
    kinds = {"side": text, "phase": text, "trusted": pyarrow.bool_()}
    schema = pyarrow.schema([(name, kinds.get(name, number)) for name in COLUMNS])
    with pyarrow.parquet.ParquetWriter(part, schema) as writer:
        rows = iter(rows)
        while batch := list(islice(rows, _BATCH)):
            columns = dict(zip(COLUMNS, zip(*map(astuple, batch), strict=True), strict=True))
            writer.write_table(pyarrow.table(columns, schema=schema))
