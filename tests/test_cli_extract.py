"""`heelrise extract` and `analyze` of what it wrote: exit status, one line an error, files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from heelrise import jobs
from heelrise.cli import main
from heelrise.image import Frame
from heelrise.landmarks import Pose, nobody
from heelrise.models import sha256_of
from heelrise.recording import Recording, read, to_bytes
from heelrise.videofile import VideoWriter
from motion import Script
from readers import StandIn

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "result.schema.json").read_text())
POSES = [
    replace(
        pose,
        xy_px=pose.xy_px.astype(np.float32).astype(np.float64),
        visibility=pose.visibility.astype(np.float32).astype(np.float64),
    )
    for pose in Script().set_of("left", 3).film(fps=30.0).poses
]


class Model(StandIn):
    """Stands in for the model: sees nobody, or a set of three; counts what it looks at."""

    frames: int = 0
    sees_somebody: bool = False

    def __init__(self, model: Path) -> None:
        assert model.read_bytes() == b"model"

    def read(self, frame: Frame) -> Pose:
        type(self).frames += 1
        if self.sees_somebody:
            return replace(POSES[frame.index], t_s=frame.t_s)
        return nobody(frame.t_s, frame.index, 64, 48)


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundle = tmp_path / "model"
    bundle.write_bytes(b"model")
    monkeypatch.setattr(jobs, "ensure_model", lambda name, **_: bundle)
    monkeypatch.setattr("heelrise.poses.PoseReader", Model)
    monkeypatch.setattr(Model, "frames", 0)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def clip(path: str, frames: int = 5, fps: float = 10.0, size: tuple[int, int] = (64, 48)) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with VideoWriter(Path(path), *size, fps) as writer:
        for index in range(frames):
            writer.write(np.full((*size[::-1], 3), index % 200, np.uint8), index / fps)


def recorded(path: str) -> None:
    Path(path).write_bytes(to_bytes(Recording(tuple(POSES), 30.0, "heavy", "5" * 64, False)))


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_video_gets_its_landmarks(work: Path, capfd: Any) -> None:
    clip("a.mp4")
    assert main(["extract", "a.mp4", "-o", "a.npz"]) == 0
    out, err = capfd.readouterr()
    assert (out, err) == ("a.npz: landmarks of 5 frames, no picture\n", "")
    assert names(work) == ["a.mp4", "a.npz"]
    assert (work / "a.npz").stat().st_mode & 0o777 == 0o600
    recording = read(work / "a.npz")
    assert [round(pose.t_s, 2) for pose in recording.poses] == [0.0, 0.1, 0.2, 0.3, 0.4]
    assert recording.model_name == "full"
    assert recording.model_sha256 == sha256_of(work.parent / "model")


def test_several_videos_get_a_file_each_and_a_bad_one_a_line(work: Path, capfd: Any) -> None:
    clip("in/a.mp4")
    clip("in/c.mp4", 3)
    (work / "in" / "b.mp4").write_text("no video")
    assert main(["extract", "in", "gone.mp4", "-o", "out"]) == 2
    err = capfd.readouterr().err.splitlines()
    assert [("gone.mp4" in line, "b.mp4" in line) for line in err] == [(True, False), (False, True)]
    assert names(work / "out") == ["a.npz", "c.npz"]
    assert len(read(work / "out" / "c.npz").poses) == 3


REFUSED = {
    "a name of a video": (["extract", "a.mp4", "-o", "b.mp4"], "ends in .npz"),
    "no suffix": (["extract", "a.mp4", "-o", "b"], "ends in .npz"),
    "stdout": (["extract", "a.mp4", "-o", "-"], "ends in .npz"),
    "no output": (["extract", "a.mp4"], "--out"),
    "no video": (["extract", "-o", "b.npz"], "VIDEO"),
    "what exists": (["extract", "a.mp4", "-o", "mine.npz"], "--force"),
    "no folder": (["extract", "a.mp4", "-o", "no/b.npz"], "make it first"),
    "landmarks as input": (["extract", "set.npz", "-o", "b.npz"], "holds landmarks already"),
    "the input itself": (["extract", "set.npz", "-o", "set.npz", "--force"], "the input itself"),
    "a copy with lines drawn in": (
        ["analyze", "set.npz", "--video", "b.mp4"],
        "holds landmarks and no picture",
    ),
    "the same among videos": (
        ["analyze", "a.mp4", "set.npz", "--video", "folder"],
        "set.npz holds landmarks and no picture",
    ),
    "no landmarks in it": (["analyze", "text.npz", "--json", "b.json"], "no file of landmarks"),
    "no such recording": (["analyze", "gone.npz"], "gone.npz"),
}


@pytest.mark.parametrize(("arguments", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_call_gets_one_line_and_makes_no_file(
    work: Path, capfd: Any, arguments: list[str], words: str
) -> None:
    clip("a.mp4")
    recorded("set.npz")
    recorded("mine.npz")
    (work / "text.npz").write_text("no landmarks")
    before = {name: (work / name).read_bytes() for name in names(work)}
    assert main(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("heelrise: ")
    assert err.count("\n") == 1
    assert words in err
    assert {name: (work / name).read_bytes() for name in names(work)} == before
    assert Model.frames == 0, "found out before the work"


def test_force_overwrites(work: Path) -> None:
    clip("a.mp4")
    recorded("mine.npz")
    assert main(["extract", "a.mp4", "-o", "mine.npz", "--force"]) == 0
    assert len(read(work / "mine.npz").poses) == 5


def test_landmarks_are_analysed_without_the_model(
    work: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, **_: Any) -> Path:
        raise AssertionError("no model is needed")

    monkeypatch.setattr(jobs, "ensure_model", refuse)
    recorded("set.npz")
    arguments = ["set.npz", "--json", "r.json", "--csv", "r.csv", "--body-height", "163"]
    assert main(["analyze", *arguments]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert out.startswith("set.npz: 640 x 480, 30 fps, ")
    assert "Left: 3 reps" in out
    values = json.loads((work / "r.json").read_text())
    jsonschema.validate(values, SCHEMA)
    assert values["counts"] == {"left": 3, "right": 0, "both": 0}
    assert values["settings"]["model"] == {"name": "heavy", "sha256": "5" * 64}
    assert values["video"]["frames"] == len(POSES)
    assert (work / "r.csv").read_text().count("\n") == 4


def test_videos_and_landmarks_together(work: Path, capfd: Any) -> None:
    clip("a.mp4")
    recorded("set.npz")
    assert main(["analyze", "a.mp4", "set.npz", "--json", "-"]) == 0
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [line["video"]["path"] for line in lines] == ["a.mp4", "set.npz"]
    assert [line["counts"]["left"] for line in lines] == [0, 3]
    assert [line["settings"]["model"]["name"] for line in lines] == ["full", "heavy"]


def test_a_video_and_its_landmarks_give_the_same_result(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Model, "sees_somebody", True)
    clip("a.mp4", len(POSES), 30.0, (640, 480))
    assert main(["extract", "a.mp4", "-o", "a.npz"]) == 0
    assert main(["analyze", "a.mp4", "--json", "video.json"]) == 0
    assert main(["analyze", "a.npz", "--json", "landmarks.json"]) == 0
    video, landmarks = (
        json.loads((work / name).read_text()) for name in ("video.json", "landmarks.json")
    )
    assert video["video"].pop("path") == "a.mp4"
    assert landmarks["video"].pop("path") == "a.npz"
    assert video == landmarks
    assert video["counts"]["left"] == 3
