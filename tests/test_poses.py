"""A video in parts: each picture once, in order, of one person, the camera from one start."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from heelrise import poses as module
from heelrise.errors import HeelriseError
from heelrise.image import Frame
from heelrise.landmarks import STILL, CameraMove, Pose, nobody
from heelrise.pose import Picture, picture_of
from heelrise.poses import WARM_UP_S, PoseStream, looked_at, pictures_ahead, video_parts
from heelrise.videofile import VideoWriter
from motion import Script
from readers import StandIn
from runs import PROFILE_RIGHT

FPS = 10.0
BODY_PX = Script().stand(1.0).film(PROFILE_RIGHT).poses[0].xy_px


@dataclass
class Reader(StandIn):
    """Stands in for the model: where the body is, is written into the picture's first pixel."""

    model: Path
    first: int | None = None

    def __post_init__(self) -> None:
        READERS.append(self)

    def close(self) -> None:
        CLOSED.append(self)

    def read(self, frame: Frame) -> Pose:
        self.first = frame.index if self.first is None else self.first
        place = camera_at(frame.index).after(camera_at(self.first).inverse())
        xy_px = BODY_PX + np.array([3.0 * self._person(frame.index), 0.0])
        pose = nobody(frame.t_s, frame.index, 64, 48)
        return replace(pose, xy_px=xy_px, people=1, camera=place)

    def _person(self, index: int) -> float:
        # a reader that starts in mid-video may take somebody far away for the person
        stray = any(self.first in span for span in STRAY)
        return 1000.0 if stray else float(index % 7) / 7


READERS: list[Reader] = []
CLOSED: list[Reader] = []
STRAY: list[range] = []  # readers that begin at these pictures follow somebody else


def camera_at(index: int) -> CameraMove:
    """Return where the camera is at a picture, of a hand that wanders and turns."""
    return CameraMove(0.01 * math.sin(index / 9), 0.1 * index, 3 * math.cos(index / 5) - 3)


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    READERS.clear()
    CLOSED.clear()
    STRAY.clear()
    monkeypatch.setattr(module, "PoseReader", Reader)
    path = tmp_path / "clip.mp4"
    with VideoWriter(path, 64, 48, FPS) as writer:
        for index in range(400):
            writer.write(np.full((48, 64, 3), 90, np.uint8), index / FPS)
    return path


@pytest.mark.parametrize("duration_s", [8.0, 16.0, 40.0, 61.0, 600.0, 3600.0])
@pytest.mark.parametrize("jobs", [1, 2, 3, 8])
def test_the_parts_cover_the_video_once_and_take_equally_long(duration_s: float, jobs: int) -> None:
    parts = video_parts(duration_s, jobs)
    assert [part.number for part in parts] == list(range(len(parts)))
    assert parts[0].start_s == -math.inf
    assert parts[-1].end_s == math.inf
    for one, two in pairwise(parts):
        assert one.end_s == two.start_s == two.from_s + WARM_UP_S
    if len(parts) > 1:
        assert len(parts) % jobs == 0
        work_s = [
            min(part.end_s, duration_s) - max(part.from_s, 0.0 if part.number == 0 else -math.inf)
            for part in parts
        ]
        assert max(work_s) - min(work_s) < 1e-6
        assert max(work_s) < 60.0 + WARM_UP_S + 1e-6


@pytest.mark.parametrize("duration_s", [None, 3.0])
def test_what_is_short_or_of_unknown_length_is_read_in_one(duration_s: float | None) -> None:
    assert len(video_parts(duration_s, 4)) == 1


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_every_picture_comes_once_and_in_order(clip: Path, jobs: int) -> None:
    with PoseStream(clip, Path("model"), jobs) as stream:
        poses = list(stream)
        assert not stream.truncated
    assert [pose.index for pose in poses] == list(range(400))
    assert len(READERS) == jobs
    assert len(CLOSED) >= jobs
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]


def test_the_camera_is_told_against_the_first_picture_of_the_video(clip: Path) -> None:
    with PoseStream(clip, Path("model"), 3) as stream:
        for pose in stream:
            at = camera_at(pose.index).after(camera_at(0).inverse())
            assert pose.camera.turn_rad == pytest.approx(at.turn_rad, abs=1e-9)
            assert (pose.camera.x_px, pose.camera.y_px) == pytest.approx((at.x_px, at.y_px))


@pytest.mark.parametrize(
    ("jobs", "stray", "readers"),
    [
        (2, range(1, 400), 3),
        (3, range(1, 400), 4),
        (5, range(1, 400), 6),
        (3, range(200, 400), 4),  # the second reader is right, and is what goes on
        (4, range(1, 150), 5),  # the third one is right again
        (5, range(60, 80), 6),
    ],
)
def test_readers_that_follow_somebody_else_are_not_believed(
    clip: Path, jobs: int, stray: range, readers: int
) -> None:
    with PoseStream(clip, Path("model"), 1) as stream:
        serial = list(stream)
    STRAY.append(stray)
    READERS.clear()
    with PoseStream(clip, Path("model"), jobs) as stream:
        poses = list(stream)
    assert [pose.index for pose in poses] == list(range(400))
    assert max(np.abs(a.xy_px - b.xy_px).max() for a, b in zip(poses, serial, strict=True)) < 1e-6
    for pose, true in zip(poses, serial, strict=True):
        assert pose.camera.turn_rad == pytest.approx(true.camera.turn_rad, abs=1e-9)
        found, expected = pose.camera, true.camera
        assert (found.x_px, found.y_px) == pytest.approx((expected.x_px, expected.y_px))
    assert any(reader.first in stray for reader in READERS), "nobody went astray"
    assert len(READERS) == readers
    assert len([reader for reader in READERS if reader in CLOSED]) == readers


def test_a_part_without_a_picture_of_its_own_is_passed_over(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "pause.mp4"
    with VideoWriter(path, 64, 48, FPS) as writer:
        for index in range(400):
            if not 140 <= index < 300:
                writer.write(np.full((48, 64, 3), 90, np.uint8), index / FPS)
    with PoseStream(path, Path("model"), 1) as stream:
        serial = [(pose.t_s, pose.camera) for pose in stream]
    with PoseStream(path, Path("model"), 3) as stream:
        assert [(pose.t_s, pose.camera) for pose in stream] == serial
    assert len(serial) == 240


def test_closing_in_mid_video_leaves_no_thread(clip: Path) -> None:
    with PoseStream(clip, Path("model"), 2) as stream:
        assert next(iter(stream)).index == 0
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]


def test_a_model_that_does_not_start_is_told(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(model: Path) -> Reader:
        raise HeelriseError("the pose model cannot be started")

    monkeypatch.setattr(module, "PoseReader", refuse)
    for jobs in (1, 2):
        with (
            pytest.raises(HeelriseError, match="cannot be started"),
            PoseStream(clip, Path("model"), jobs) as stream,
        ):
            list(stream)


def test_moves_of_a_camera_add_up_and_go_back() -> None:
    points = np.array([[3.0, 4.0], [50.0, 7.0]])
    one, two = CameraMove(0.1, 3.0, -2.0), CameraMove(-0.3, 1.0, 5.0)
    both = two.after(one).apply(points, 64, 48)
    assert both == pytest.approx(two.apply(one.apply(points, 64, 48), 64, 48))
    back = one.inverse().after(one)
    assert (back.turn_rad, back.x_px, back.y_px) == pytest.approx((0.0, 0.0, 0.0))
    assert one.inverse().apply(points, 64, 48) == pytest.approx(one.undo(points, 64, 48))
    assert STILL.after(one) == one


@pytest.mark.parametrize(("size", "most"), [((640, 480), 4), ((3840, 2160), 2), ((7680, 4320), 1)])
def test_large_pictures_do_not_pile_up(size: tuple[int, int], most: int) -> None:
    assert pictures_ahead(*size) == most


def test_the_next_picture_is_prepared_and_the_last_pose_counted_while_the_model_looks() -> None:
    done: list[str] = []
    prepared = [threading.Event() for _ in range(4)]

    class Noting(StandIn):
        def prepare(self, picture: Picture, body_px: object) -> Picture:
            prepared[picture.frame.index].set()
            return picture

        def read(self, frame: Frame) -> Pose:
            assert frame.index == 2 or prepared[frame.index + 1].wait(5.0)
            done.append(f"look {frame.index}")
            return nobody(frame.t_s, frame.index, 64, 48)

    blank = np.zeros((48, 64, 3), np.uint8)
    pictures = (picture_of(Frame(index / FPS, index, blank)) for index in range(3))
    for pose in looked_at(Noting(), pictures):  # type: ignore[arg-type]
        done.append(f"count {pose.index}")
    assert done == ["look 0", "count 0", "look 1", "count 1", "look 2", "count 2"]
