"""The public names, and the examples of docs/library.md as they stand there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import heelrise
from heelrise.frames import VideoFile
from heelrise.library import SetResult
from heelrise.recording import Recording, to_bytes
from heelrise.videofile import VideoWriter
from motion import Script
from runs import PROFILE_RIGHT

ROOT = Path(__file__).parents[1]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "library.md").read_text(), re.S)


@pytest.fixture(scope="module")
def landmarks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Landmarks of a built set: analysing them needs no model."""
    poses = Script().stand(2.0).set_of("left", 3).stand(2.0).film(PROFILE_RIGHT).poses
    path = tmp_path_factory.mktemp("landmarks") / "set.npz"
    path.write_bytes(to_bytes(Recording(tuple(poses), 30.0, "full", "0" * 64, False)))
    return path


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 3 seconds of the sample: the core's loop, and no rep yet."""
    path = tmp_path_factory.mktemp("video") / "set.mp4"
    with VideoFile(ROOT / "sample_videos" / "floor_profile_clean.mp4") as source:
        info = source.info
        with VideoWriter(path, info.width, info.height, info.fps) as writer:
            for frame in source:
                if frame.t_s > 3.0:
                    break
                writer.write(frame.image, frame.t_s)
    return path


def test_there_are_three_examples() -> None:
    assert len(EXAMPLES) == 3


@pytest.mark.model
@pytest.mark.parametrize("number", range(3))
def test_the_examples_run(
    number: int, landmarks: Path, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first two on landmarks, which give the same as the video; the third on the video."""
    monkeypatch.chdir(tmp_path)
    example = EXAMPLES[number]
    if number < 2:
        shutil.copy(landmarks, tmp_path / "set.npz")
        example = example.replace("set.mp4", "set.npz")
    else:
        shutil.copy(video, tmp_path / "set.mp4")
    ran = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()
    if number == 1:
        assert (tmp_path / "reps.csv").read_text().startswith("number,side,start_s")


@pytest.mark.parametrize("number", range(2))
def test_the_examples_run_on_a_video_without_a_rep(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    poses = tuple(Script().stand(4.0).film(PROFILE_RIGHT).poses)
    Path("set.npz").write_bytes(to_bytes(Recording(poses, 30.0, "full", "0" * 64, False)))
    exec(EXAMPLES[number].replace("set.mp4", "set.npz"), {})
    assert not Path("reps.csv").exists()


def test_rows_hold_what_the_result_holds(landmarks: Path) -> None:
    result = heelrise.analyze(landmarks, body_height_cm=172)
    assert isinstance(result, SetResult)
    assert [row["number"] for row in result.rep_rows()] == [rep.number for rep in result.reps]
    assert all(row["rise_cm"] > 0 for row in result.rep_rows())
    assert sum(row["reps"] for row in result.set_rows()) == len(result.reps)
    assert sum(result.counts.values()) == len(result.reps)
    assert len(result.fault_rows()) == len(result.faults)
    assert result.to_json()["settings"]["model"]["name"] == "full"


def test_what_cannot_be_read_is_one_line() -> None:
    with pytest.raises(heelrise.HeelriseError, match="no such file"):
        heelrise.analyze("there is none.mp4")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"body_height_cm": 1.72}, "body_height_cm is 1.72: it can be 100 to 230"),
        ({"body_height_cm": float("nan")}, "body_height_cm is nan"),
        ({"body_height_cm": "172"}, "body_height_cm is '172'"),
        ({"lower_for_s": -3}, "lower_for_s is -3: it can be 0.1 to 10"),
        ({"leg": "Right"}, "leg is 'Right': it can be auto, left, right"),
        ({"leg": None}, "leg is None"),
        ({"surface": "stairs"}, "surface is 'stairs': it can be auto, floor, step"),
    ],
)
def test_what_cannot_be_of_a_recording_is_refused(
    told: dict[str, Any], why: str, landmarks: Path
) -> None:
    with pytest.raises(ValueError, match=why):
        heelrise.analyze(landmarks, **told)
    with pytest.raises(ValueError, match=why):
        heelrise.SessionOptions(**told)


@pytest.mark.parametrize("name", heelrise.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(heelrise, name) is not None
    assert name in dir(heelrise)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        _ = heelrise.analyse  # type: ignore[attr-defined]


def test_importing_heelrise_imports_nothing_heavy() -> None:
    code = "import sys, heelrise; print([m for m in ('numpy', 'cv2', 'av') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
