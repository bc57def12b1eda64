"""Recorded landmarks: what is read is what was written, and a bad file is one line."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heelrise.errors import HeelriseError
from heelrise.landmarks import LANDMARK_COUNT, CameraMove, Pose, TrunkPlace, nobody
from heelrise.recorded import analyze_recording
from heelrise.recording import Recording, is_recording, read, to_bytes
from heelrise.session import Session
from heelrise.settings import SessionOptions
from motion import Script
from motion_body import Camera
from motion_model import PoseModel

OPTIONS = SessionOptions(body_height_cm=170.0)


def as_the_model_gives(pose: Pose) -> Pose:
    """Round what a pose model gives in single precision."""
    return replace(
        pose,
        xy_px=pose.xy_px.astype(np.float32).astype(np.float64),
        visibility=pose.visibility.astype(np.float32).astype(np.float64),
    )


def built() -> Recording:
    """Return a short recording with everything in it: nobody, people, brightness, a camera."""
    rng = np.random.default_rng(1)
    poses = []
    for index in range(20):
        t_s = index / 29.97 + 0.0123
        pose = Pose(
            t_s,
            index,
            rng.uniform(-20.0, 660.0, (LANDMARK_COUNT, 2)),
            rng.uniform(0.0, 1.0, LANDMARK_COUNT),
            640,
            480,
            people=1 + index % 3,
            brightness=None if index % 4 == 0 else float(rng.uniform(0.0, 255.0)),
            camera=CameraMove(*rng.normal(0.0, 1.0, 3)),
            trunk=None if index == 12 else TrunkPlace(3, *rng.uniform(0.0, 480.0, 2).tolist()),
        )
        gone = replace(nobody(t_s, index, 640, 480), brightness=31.7, camera=pose.camera)
        poses.append(gone if 5 <= index < 9 else as_the_model_gives(pose))
    return Recording(tuple(poses), 30000 / 1001, "full", "ab" * 32, True)


FPS = Camera().fps
WHOLE = built()
CONTENT = to_bytes(WHOLE)


def saved(folder: Path, content: bytes, name: str = "set.npz") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def assert_same(found: Pose, true: Pose) -> None:
    """Compare every field, exactly."""
    for name, value in vars(true).items():
        other = getattr(found, name)
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(other, value)
            assert other.dtype == np.float64
        else:
            assert other == value, name
            assert type(other) is type(value), name


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    recording = read(saved(tmp_path, CONTENT))
    assert len(recording.poses) == 20
    for found, true in zip(recording.poses, WHOLE.poses, strict=True):
        assert_same(found, true)
    for name in ("fps", "model_name", "model_sha256", "truncated", "size_px"):
        assert getattr(recording, name) == getattr(WHOLE, name)


def test_nobody_stays_nobody(tmp_path: Path) -> None:
    recording = read(saved(tmp_path, CONTENT))
    assert [pose.found for pose in recording.poses] == [not 5 <= n < 9 for n in range(20)]
    empty = recording.poses[6]
    assert (empty.people, empty.brightness) == (0, 31.7)
    assert np.isnan(empty.xy_px).all()
    assert not empty.visibility.any()


def test_written_again_it_is_the_same_recording(tmp_path: Path) -> None:
    again = read(saved(tmp_path, to_bytes(read(saved(tmp_path, CONTENT)))))
    for found, true in zip(again.poses, WHOLE.poses, strict=True):
        assert_same(found, true)


FILMS: dict[str, Callable[[], list[Pose]]] = {
    "a set in profile": lambda: Script().set_of("left", 3).film(Camera(10.0)).poses,
    "leaving between two sets, seen obliquely, camera in the hand": lambda: (
        Script()
        .set_of("right", 2)
        .leave(4.0)
        .set_of("left", 2, lean=14.0)
        .film(Camera(45.0), PoseModel(drift_shin=0.1, background=1.0, shake_shin=0.01))
        .poses
    ),
    "nothing": lambda: Script().stand(2.0).leave(2.0).film().poses,
}


@pytest.mark.parametrize("filmed", FILMS.values(), ids=FILMS.keys())
def test_the_result_is_the_one_of_the_poses_themselves(
    tmp_path: Path, filmed: Callable[[], list[Pose]]
) -> None:
    poses = tuple(as_the_model_gives(pose) for pose in filmed())
    session = Session(OPTIONS)
    for pose in poses:
        session.update(pose)
    path = saved(tmp_path, to_bytes(Recording(poses, FPS, "full", "0" * 64, False)))
    analysis, recording = analyze_recording(path, OPTIONS)
    assert analysis.result == session.finish()
    assert (analysis.facts.width, analysis.facts.height) == recording.size_px == (640, 480)
    assert analysis.facts.frames == len(poses)
    assert analysis.facts.fps == pytest.approx(FPS)


def test_a_video_that_was_cut_off_says_so_here_too(tmp_path: Path) -> None:
    analysis, _ = analyze_recording(saved(tmp_path, CONTENT), OPTIONS)
    assert "damaged or cut off" in analysis.result.warnings[-1]
    whole = saved(tmp_path, to_bytes(replace(WHOLE, truncated=False)))
    assert not any(
        "cut off" in line for line in analyze_recording(whole, OPTIONS)[0].result.warnings
    )


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("a.npz", True), ("A.NPZ", True), ("a.mp4", False), ("npz", False), ("a.npz.mp4", False)],
)
def test_a_recording_is_known_by_its_name(name: str, is_one: bool) -> None:
    assert is_recording(Path(name)) == is_one


# ---- bad files -----------------------------------------------------------------------------


def arrays(**changed: Any) -> bytes:
    """Return the good file with some of its arrays replaced; None leaves one out."""
    with np.load(io.BytesIO(CONTENT)) as good:
        values = {**{name: good[name] for name in good}, **changed}
    content = io.BytesIO()
    np.savez_compressed(content, **{k: v for k, v in values.items() if v is not None})
    return content.getvalue()


def array(name: str) -> np.ndarray:
    with np.load(io.BytesIO(CONTENT)) as good:
        return np.array(good[name])


def spoilt(name: str, index: Any, value: float) -> bytes:
    """Return the good file with one value of an array changed."""
    values = array(name).astype(np.float64)
    values[index] = value
    return arrays(**{name: values})


def members(change: Callable[[dict[str, bytes]], object]) -> bytes:
    """Return the good file with its members changed as bytes, under right check sums."""
    with zipfile.ZipFile(io.BytesIO(CONTENT)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def bytes_changed(at: int, value: int) -> bytes:
    return CONTENT[:at] + bytes([value]) + CONTENT[at + 1 :]


def with_bad_data() -> bytes:
    """Return the good file with compressed data that is none, in the middle of an array."""
    at = CONTENT.index(b"xy_px.npy") + 200
    return CONTENT[:at] + b"\xff" * 64 + CONTENT[at + 64 :]


def in_directory(offset: int, value: int) -> bytes:
    """Change a byte of the directory entry of the first array."""
    return bytes_changed(CONTENT.index(b"PK\x01\x02") + offset, value)


def unpicklable() -> np.ndarray:
    return np.array([{"a": 1}, None], dtype=object)


BAD: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "not a zip": lambda: b"no zip at all" * 100,
    "another zip": lambda: members(lambda parts: parts.clear()),
    "another npz": lambda: members(
        lambda parts: [parts.pop(name) for name in list(parts) if name != "t_s.npy"]
    ),
    "another format": lambda: arrays(format=np.array("somebody's landmarks")),
    "a pickled format": lambda: arrays(format=unpicklable()),
    "version 2": lambda: arrays(version=np.array(2)),
    "no version": lambda: arrays(version=None),
    "two versions": lambda: arrays(version=np.array([1, 1])),
    "no camera": lambda: arrays(camera=None),
    "no frame": lambda: arrays(t_s=np.zeros(0)),
    "one bare time": lambda: arrays(t_s=np.array(1.0)),
    "times in two dimensions": lambda: arrays(t_s=array("t_s").reshape(2, 10)),
    "times that do not rise": lambda: spoilt("t_s", 4, float(array("t_s")[3])),
    "times from before the first picture": lambda: arrays(t_s=array("t_s") - 100.0),
    "times of another age": lambda: arrays(t_s=array("t_s") + 1e12),
    "a time that is none": lambda: spoilt("t_s", 4, np.nan),
    "times that are words": lambda: arrays(t_s=np.array(["then"] * 20)),
    "NaN in part of a frame": lambda: spoilt("xy_px", (3, 17, 1), np.nan),
    "infinite landmarks": lambda: spoilt("xy_px", (3, 17, 1), np.inf),
    "landmarks miles away": lambda: spoilt("xy_px", (3, 17, 1), 1e7),
    "32 landmarks": lambda: arrays(xy_px=array("xy_px")[:, :32]),
    "a frame too few": lambda: arrays(xy_px=array("xy_px")[:-1]),
    "visibility over 1": lambda: spoilt("visibility", (2, 5), 1.5),
    "visibility under 0": lambda: spoilt("visibility", (2, 5), -0.1),
    "visibility that is none": lambda: spoilt("visibility", (2, 5), np.nan),
    "visibility of no shape": lambda: arrays(visibility=np.array(1.0)),
    "people uncounted": lambda: arrays(people=array("people")[:-1]),
    "infinitely many people": lambda: spoilt("people", 3, np.inf),
    "no brightness for a frame": lambda: arrays(brightness=array("brightness")[:-1]),
    "a camera infinitely far": lambda: spoilt("camera", (3, 1), np.inf),
    "a camera miles away": lambda: spoilt("camera", (3, 1), 1e7),
    "a camera that is none": lambda: spoilt("camera", (3, 1), np.nan),
    "a camera in two numbers": lambda: arrays(camera=array("camera")[:, :2]),
    "a trunk half seen": lambda: spoilt("trunk", (3, 1), np.nan),
    "a trunk infinitely far": lambda: spoilt("trunk", (3, 1), np.inf),
    "a trunk miles away": lambda: spoilt("trunk", (3, 1), 1e7),
    "a trunk in two numbers": lambda: arrays(trunk=array("trunk")[:, :2]),
    "pictures of no size": lambda: arrays(size_px=np.array([0, 480])),
    "pictures of a square mile": lambda: arrays(size_px=np.array([2_000_000, 480])),
    "pictures of infinite size": lambda: arrays(size_px=np.array([np.inf, 480.0])),
    "one side of the pictures": lambda: arrays(size_px=np.array([640])),
    "two rates": lambda: arrays(fps=np.array([30.0, 25.0])),
    "a rate under 0": lambda: arrays(fps=np.array(-30.0)),
    "a rate that is none": lambda: arrays(fps=np.array(np.nan)),
    "an infinite rate": lambda: arrays(fps=np.array(np.inf)),
    "a rate that is a word": lambda: arrays(fps=np.array("fast")),
    "no model": lambda: arrays(model=np.array("full")),
    "a pickled object array": lambda: arrays(people=unpicklable()),
    "people that are no array": lambda: members(lambda parts: parts.update({"people.npy": b"1"})),
    "an array without a header": lambda: members(lambda parts: parts.update({"t_s.npy": b"x" * 9})),
    "an array with half a header": lambda: members(
        lambda parts: parts.update({"t_s.npy": parts["t_s.npy"].replace(b"), }", b"(((((")})
    ),
    "an array larger than any memory": lambda: members(
        lambda parts: parts.update(
            {"t_s.npy": parts["t_s.npy"].replace(b"(20,), }          ", b"(20000000000000,), }")}
        )
    ),
    "cut short": lambda: CONTENT[: len(CONTENT) // 2],
    "the last byte missing": lambda: CONTENT[:-1],
    "a byte of the data changed": lambda: bytes_changed(CONTENT.index(b"xy_px.npy") + 900, 0x55),
    "data that cannot be unpacked": with_bad_data,
    "packed by an unknown method": lambda: in_directory(10, 99),
    "of a zip of the future": lambda: in_directory(6, 99),
    "under a password": lambda: in_directory(8, 1),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_one_line(tmp_path: Path, content: Callable[[], bytes]) -> None:
    path = saved(tmp_path, content())
    with pytest.raises(HeelriseError) as error:
        read(path)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)


SAID: Mapping[str, str] = {
    "version 2": "version 2, this heelrise reads 1",
    "another format": "holds no landmarks",
    "times that do not rise": "times do not rise",
    "times from before the first picture": "begin before 0",
    "times of another age": "end after 30 years",
    "pictures of a square mile": "size of its pictures cannot be",
    "an infinite rate": "rate of pictures is none",
    "NaN in part of a frame": "missing from some",
    "visibility over 1": "not 0 to 1",
    "32 landmarks": "(20, 32, 2), not (20, 33, 2)",
    "cut short": "damaged",
    "not a zip": "no file of landmarks",
}


@pytest.mark.parametrize(("bad", "words"), SAID.items(), ids=SAID.keys())
def test_the_line_says_what_is_wrong_and_what_to_do(tmp_path: Path, bad: str, words: str) -> None:
    with pytest.raises(HeelriseError) as error:
        read(saved(tmp_path, BAD[bad]()))
    assert words in str(error.value)
    assert str(error.value).endswith("make it anew with 'heelrise extract'")


def test_a_missing_file_and_a_folder_are_one_line(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.npz", tmp_path):
        with pytest.raises(HeelriseError, match="cannot read") as error:
            read(path)
        assert "\n" not in str(error.value)


def test_a_file_that_would_fill_the_memory_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, CONTENT)
    monkeypatch.setattr("heelrise.recording._MOST_BYTES", 1000)
    with pytest.raises(HeelriseError, match="too large"):
        read(path)


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    bomb = np.array([Bomb(trace)], dtype=object)
    contents = [arrays(**{name: bomb}) for name in ("format", "version", "t_s", "people", "fps")]
    contents.append(pickle.dumps(bomb))
    contents.append(members(lambda parts: parts.update({"t_s.npy": pickle.dumps(bomb)})))
    pickle.loads(pickle.dumps(bomb))
    assert trace.exists(), "the bomb works"
    trace.unlink()
    for content in contents:
        with pytest.raises(HeelriseError):
            read(saved(tmp_path, content))
        assert not trace.exists()


def line_of(path: Path) -> str:
    """Return what is said against a file; nothing when all of it can be read."""
    try:
        assert len(read(path).poses) == 20
    except HeelriseError as error:
        return str(error)
    return ""


def test_a_file_spoilt_anywhere_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    """Change single bytes all over the file, and cut it off at many lengths."""
    rng = np.random.default_rng(3)
    spoils = [
        bytes_changed(int(at), int(rng.integers(256)))
        for at in rng.integers(len(CONTENT), size=300)
    ]
    spoils += [CONTENT[:length] for length in range(0, len(CONTENT), len(CONTENT) // 50)]
    said = {line_of(saved(tmp_path, content)) for content in spoils}
    assert len(said) > 1
    assert not any("\n" in line for line in said)
