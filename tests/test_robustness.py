"""Every bad input gets a right result or one clear line: the cases of docs/robustness.md.

The cases are the page's own (benchmarks/bad_inputs.py), run in this process. Their film is drawn:
each picture carries its time as black and white fields, which a stand-in for the pose model reads.
So a picture that is turned, torn or not there is noticed like by the real one, at no cost.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from bad_inputs import (
    CASES,
    FAST_FPS,
    FIRST_REP_S,
    FPS,
    LASTS_S,
    ONE_REP_S,
    RESULT,
    Case,
    Film,
    NotHereError,
)
from devices import Shot
from heelrise import jobs, models
from heelrise.cli import main
from heelrise.errors import HeelriseError
from heelrise.image import Frame, Image
from heelrise.inputs import find_videos
from heelrise.landmarks import Pose, nobody
from heelrise.outputs import STDOUT, cannot_write, written
from heelrise.recorded import analyze_recording
from heelrise.recording import Recording, to_bytes
from heelrise.settings import SessionOptions
from motion import Script
from readers import StandIn
from robustness import Outcome, complaints, counts, outcome, page, read_page
from runs import PROFILE_RIGHT

PAGE = Path(__file__).parents[1] / "docs" / "robustness.md"
ROWS, COLUMNS, FIELD_PX = 4, 5, 16
FIELDS = ROWS * COLUMNS
MODEL = b"a pose model"

POSES = Script().stand(1.5).set_of("left", 2).film(PROFILE_RIGHT, fps=30.0).poses
TIMES = np.array([pose.t_s for pose in POSES])


def drawn(t_s: float) -> Image:
    """Draw a time, in ms: its bits, then white and black to tell the right way up."""
    bits = [(round(1000 * t_s) >> bit) & 1 for bit in range(FIELDS - 2)]
    small = np.array([*bits, 1, 0], np.uint8).reshape(ROWS, COLUMNS) * 255
    large = np.kron(small, np.ones((FIELD_PX, FIELD_PX), np.uint8))
    return np.repeat(large[..., None], 3, axis=2)


def time_of(image: Image) -> float | None:
    """Read a time off a picture; None where there is none."""
    lines = image[::2]  # the first of the two moments of an interlaced picture
    fields = cv2.resize(lines, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA).mean(axis=2)
    clear = np.abs(fields - 127.5) > 60
    *bits, white, black = (fields > 127.5).ravel()
    if not clear.all() or not white or black:
        return None
    return sum(1 << number for number, bit in enumerate(bits) if bit) / 1000


class Reader(StandIn):
    """Stands in for the pose model: what is drawn says whose pose it is."""

    def __init__(self, model: Path) -> None:
        pass

    def read(self, frame: Frame) -> Pose:
        height, width = frame.image.shape[:2]
        t_s = time_of(frame.image)
        if t_s is None or min(height, width) < 2 * FIELD_PX:
            return nobody(frame.t_s, frame.index, width, height)
        after = int(np.clip(np.searchsorted(TIMES, t_s), 1, len(TIMES) - 1))
        share = (t_s - TIMES[after - 1]) / (TIMES[after] - TIMES[after - 1])
        one, other = POSES[after - 1], POSES[after]
        return replace(
            one,
            t_s=frame.t_s,
            index=frame.index,
            xy_px=(1 - share) * one.xy_px + share * other.xy_px,
        )


def shots(fps: float, first_s: float, last_s: float) -> Iterator[Shot]:
    for number in range(round((last_s - first_s) * fps)):
        yield first_s + number / fps, drawn(first_s + number / fps)


def film() -> Film:
    poses = [
        replace(
            pose,
            xy_px=pose.xy_px.astype(np.float32).astype(np.float64),
            visibility=pose.visibility.astype(np.float32).astype(np.float64),
        )
        for pose in POSES
    ]
    landmarks = to_bytes(Recording(tuple(poses), 30.0, "full", "0" * 64, False))
    return Film(
        list(shots(FPS, 0.0, LASTS_S)),
        lambda: shots(FAST_FPS, FIRST_REP_S, ONE_REP_S),
        landmarks,
        MODEL,
    )


FILM = film()
ON_PAGE = read_page(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    """Return a `Run` that stays in this process and asks no network for a model."""

    def in_process(
        arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> tuple[int, str, str, float]:
        monkeypatch.chdir(folder)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        if not environment:
            monkeypatch.setattr(jobs, "ensure_model", lambda name, **_: folder / ".." / "model")
            monkeypatch.setattr(jobs, "sha256_of", lambda path: "0" * 64)
        else:
            monkeypatch.setattr(models, "places", lambda: (Path(environment["HEELRISE_MODELS"]),))
            monkeypatch.setattr(models, "SOURCES", ())
        monkeypatch.setattr("heelrise.poses.PoseReader", Reader)
        status = main(arguments)
        monkeypatch.undo()
        return status, *capfd.readouterr(), 0.0

    return in_process


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_input_gets_what_the_page_says(case: Case, run: Any) -> None:
    try:
        got = outcome(case, FILM, run)
    except NotHereError as why:
        pytest.skip(str(why))
    assert complaints(case, got) == [], got
    said = ON_PAGE[case.name]
    if case.reps is None:
        line = got.err.rstrip("\n")
        assert case.varies or said == f"`{line}`"
        assert said.startswith("`heelrise: ")
    else:
        reps = f"{case.reps} rep{'s' * (case.reps != 1)}, left" if case.reps else "no rep"
        assert said.startswith(f"**{reps}**")
    assert case.says in said


def test_the_page_lists_the_cases_and_nothing_else() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert list(ON_PAGE) == names
    assert "wrong:" not in PAGE.read_text(encoding="utf-8")


# --- the bench itself -------------------------------------------------------------------------

GOOD = Outcome(0, "Left: 2 reps, mean rise 21 % shin\nSet 1: left\n", "", 1.0, 300.0, (RESULT,), ())
REFUSED = Outcome(2, "", "heelrise: cannot read a.mp4: it is empty\n", 1.0, 90.0, (), ())


def a_case(reps: int | None = None, says: str = "") -> Case:
    return Case("a case", lambda place: (), reps, says)


def test_nothing_is_said_against_what_is_right() -> None:
    assert complaints(a_case(2), GOOD) == []
    assert complaints(a_case(says="it is empty"), REFUSED) == []


@pytest.mark.parametrize(
    ("case", "got"),
    [
        (a_case(3), GOOD),
        (a_case(0), GOOD),
        (a_case(None), GOOD),
        (a_case(2), REFUSED),
        (a_case(says="too large"), REFUSED),
        (a_case(2), replace(GOOD, took_s=61.0)),
        (a_case(2), replace(GOOD, peak_mb=4000.0)),
        (a_case(2), replace(GOOD, written=(RESULT, ".heelrise-x.json"))),
        (a_case(2), replace(GOOD, written=())),
        (a_case(2), replace(GOOD, changed=("mine.txt",))),
        (a_case(2), replace(GOOD, err="W0000 a line of the model's\n")),
        (a_case(), replace(REFUSED, err="heelrise: one\nheelrise: two\n")),
        (a_case(), replace(REFUSED, err="Traceback (most recent call last):\n")),
        (a_case(), replace(REFUSED, err="Usage: heelrise analyze\n")),
        (a_case(), replace(REFUSED, out="a.mp4: 640 x 480\n")),
        (a_case(), replace(REFUSED, status=1)),
        (a_case(), replace(REFUSED, written=(RESULT,))),
    ],
)
def test_whatever_is_wrong_is_noticed(case: Case, got: Outcome) -> None:
    assert len(complaints(case, got)) >= 1


def test_counts_are_read_from_a_table_and_from_json() -> None:
    assert counts("Left: 1 rep, so\nRight: 12 reps, so\n") == {"left": 1, "right": 12}
    assert counts('{"counts": {"left": 2, "right": 0, "both": 0}}\n') == {"left": 2}
    assert counts("No heel rise found.\n") == {}


def test_a_page_is_read_back() -> None:
    text = page([("A title", [(a_case(), "`heelrise: a | b`")])], "python x.py")
    assert read_page(text) == {"a case": "`heelrise: a | b`"}
    assert "python x.py" in text


def test_what_is_drawn_is_read_and_nothing_else() -> None:
    assert time_of(drawn(10.733)) == 10.733
    assert time_of(np.rot90(drawn(10.733), 2)) is None
    assert time_of(drawn(10.733) // 2) is None


# --- what the cases led to --------------------------------------------------------------------


def test_an_address_is_not_taken_for_a_misspelt_name() -> None:
    _, complaints_of = find_videos([Path("https://example.org/a.mp4"), Path("a:b.mp4")])
    assert "it is an address, not a file; save" in complaints_of[0]
    assert "there is no such file; check the name" in complaints_of[1]


def test_a_write_that_fails_in_the_block_is_said_of_the_output(tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    why = r"cannot write .*a\.json: no space.*make room"
    with pytest.raises(HeelriseError, match=why), written(place):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(FileNotFoundError), written(place):
        (tmp_path / "another").read_text()
    assert list(tmp_path.iterdir()) == []


def test_stdout_is_called_by_its_name() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert str(cannot_write(STDOUT, full)).startswith("cannot write to stdout: no space left")


def every(nth: int, path: Path, pause_s: float = 0.0) -> Path:
    """Save the landmarks of every n-th frame, with a pause in the middle."""
    chosen = [
        replace(pose, index=number, t_s=pose.t_s + (pause_s if number > 5 else 0.0))
        for number, pose in enumerate(POSES[::nth])
    ]
    path.write_bytes(to_bytes(Recording(chosen, 30.0, "full", "0" * 64, False)))
    return path


def test_too_few_pictures_a_second_are_said_or_refused(tmp_path: Path) -> None:
    path, options = tmp_path / "set.npz", SessionOptions()

    def warnings(nth: int, pause_s: float = 0.0) -> str:
        analysis, _ = analyze_recording(every(nth, path, pause_s), options)
        return " ".join(analysis.result.warnings)

    assert "fps" not in warnings(3)  # 10 a second
    assert "only 5 fps: reps may be missed" in warnings(6)
    assert "fps" not in warnings(1, pause_s=1000.0)
    with pytest.raises(HeelriseError, match="runs at 1 fps, too slow"):
        warnings(30)
    with pytest.raises(HeelriseError, match="a single picture: choose a video"):
        warnings(len(POSES))
