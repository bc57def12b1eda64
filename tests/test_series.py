"""The time series: rows of a film, and the files they go to."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from heelrise import series
from heelrise.errors import HeelriseError
from heelrise.moment import Phase
from heelrise.recorded import settle
from heelrise.series import COLUMNS, Row, check_series, fitted, rows_of, write_series
from heelrise.settings import SessionOptions
from motion import Script
from motion_body import Camera
from runs import Run, run

BODY_CM = 178.0


@pytest.fixture(scope="module")
def ran() -> Run:
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(2).rep(lean=25.0)
    film = script.put_down().stand(1.0).leave(2.0).film(Camera(10.0))
    return run(film, SessionOptions(body_height_cm=BODY_CM))


@pytest.fixture(scope="module")
def found(ran: Run) -> list[Row]:
    return list(rows_of(settle(ran.moments, ran.result), BODY_CM))


def test_every_frame_has_its_row(ran: Run, found: list[Row]) -> None:
    assert len(found) == len(ran.moments)
    assert [row.t_s for row in found] == sorted({row.t_s for row in found})


def test_the_row_of_a_peak_says_what_the_rep_says(ran: Run, found: list[Row]) -> None:
    for rep in ran.result.reps[:2]:
        row = min(found, key=lambda one: abs(one.t_s - rep.peak_s))
        assert (row.side, row.phase, row.trusted) == ("left", "top", True)
        assert rep.peak_cm is not None
        assert row.level_cm == pytest.approx(rep.peak_cm, abs=1.0)
        assert row.level_shin is not None
        assert row.level_cm == pytest.approx(row.level_shin * BODY_CM * 0.246, abs=0.01)


def test_knee_and_trunk_are_angles_in_the_picture(ran: Run, found: list[Row]) -> None:
    straight, leaning = (
        min(found, key=lambda one: abs(one.t_s - rep.peak_s))
        for rep in (ran.result.reps[0], ran.result.reps[2])
    )
    assert straight.knee_deg is not None
    assert 0.0 <= straight.knee_deg < 20.0
    assert straight.trunk_deg is not None
    assert leaning.trunk_deg is not None
    assert abs(leaning.trunk_deg - straight.trunk_deg) == pytest.approx(25.0, abs=6.0)


def test_what_cannot_be_measured_is_empty(found: list[Row]) -> None:
    away = [row for row in found if not row.trusted]
    assert away
    assert {(row.level_shin, row.knee_deg, row.trunk_deg) for row in away} == {(None, None, None)}


def test_without_a_body_height_there_are_no_centimetres(ran: Run) -> None:
    assert {row.level_cm for row in rows_of(ran.moments)} == {None}


def test_fitted_heights_meet_the_reps_and_stay_so(ran: Run, found: list[Row]) -> None:
    off = [
        replace(row, level_shin=0.8 * row.level_shin) if row.level_shin else row for row in found
    ]
    once = fitted(off, ran.result)
    for rep in ran.result.reps[:2]:
        near = [row for row in once if abs(row.t_s - rep.peak_s) < 0.1]
        for row in near:
            assert row.level_shin == pytest.approx(rep.peak_shin, abs=0.01)
            assert row.level_cm == pytest.approx(rep.peak_cm, abs=0.5)
    for row, again in zip(once, fitted(once, ran.result), strict=True):
        assert row.level_shin == pytest.approx(again.level_shin, abs=0.02)


def test_fitting_leaves_what_is_far_from_a_rep_or_unknown(ran: Run, found: list[Row]) -> None:
    assert fitted(found, replace(ran.result, reps=())) == found
    last_s = ran.result.reps[-1].end_s
    for row, moved in zip(found, fitted(found, ran.result), strict=True):
        if row.t_s > last_s + 2.0 or row.level_shin is None:
            assert moved.level_shin == row.level_shin


def test_fitting_has_no_use_for_reps_without_a_level(ran: Run, found: list[Row]) -> None:
    blind = tuple(replace(rep, peak_shin=None, bottom_shin=None) for rep in ran.result.reps)
    assert fitted(found, replace(ran.result, reps=blind)) == found


def test_csv_has_units_in_its_header_and_empty_cells(tmp_path: Path, found: list[Row]) -> None:
    path = tmp_path / "series.csv"
    write_series(path, found)
    with path.open(newline="") as file:
        read = list(csv.DictReader(file))
    assert tuple(read[0]) == COLUMNS
    assert len(read) == len(found)
    assert [float(row["t_s"]) for row in read] == [row.t_s for row in found]
    away = next(row for row in read if row["trusted"] == "false")
    assert (away["level_shin"], away["knee_deg"]) == ("", "")


def test_csv_streams(tmp_path: Path) -> None:
    seen_at: list[int] = []

    def many() -> Iterator[Row]:
        for number in range(50_000):
            if number in (0, 49_999):
                part = next(tmp_path.glob(".heelrise-*"))
                seen_at.append(part.stat().st_size)
            yield Row(number / 30, "left", 0.1, None, "top", 3.0, 1.0, True)

    write_series(tmp_path / "long.csv", many())
    assert seen_at[0] == 0
    assert seen_at[1] > 500_000


def test_a_row_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def failing() -> Iterator[Row]:
        yield Row(0.0, None, None, None, "away", None, None, False)
        raise HeelriseError("the film tore")

    with pytest.raises(HeelriseError, match="tore"):
        write_series(tmp_path / "series.csv", failing())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(HeelriseError, match="cannot write"):
        write_series(tmp_path / "none" / "series.csv", [])


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    for call in (check_series, lambda path: write_series(path, [])):
        with pytest.raises(HeelriseError, match=r"pip install 'heelrise\[parquet\]'"):
            call(tmp_path / "series.PARQUET")
    assert list(tmp_path.iterdir()) == []
    check_series(tmp_path / "series.csv")


def test_parquet_holds_the_same_rows(
    tmp_path: Path, found: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    monkeypatch.setattr(series, "_BATCH", 100)
    path = tmp_path / "series.parquet"
    write_series(path, iter(found))
    table = parquet.read_table(path)
    assert table.column_names == list(COLUMNS)
    assert [Row(**values) for values in table.to_pylist()] == found


def test_parquet_of_nothing_has_its_columns(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    write_series(tmp_path / "series.parquet", [])
    assert parquet.read_table(tmp_path / "series.parquet").column_names == list(COLUMNS)


def test_every_column_is_described() -> None:
    told = (Path(__file__).parents[1] / "docs" / "json.md").read_text()
    table = told.split("# The series that")[1]
    named = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
    assert re.findall(r"`(\w+)`", " ".join(named)) == list(COLUMNS)
    assert {phase.value for phase in Phase} <= set(re.findall(r"`(\w+)`", table))
