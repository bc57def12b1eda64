"""Inputs: which videos are read of what the user named."""

from __future__ import annotations

from pathlib import Path

from heelrise.inputs import find_videos


def _touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_a_folder_gives_its_own_visible_video_files_sorted(tmp_path: Path) -> None:
    names = ["b.MOV", "a.mp4", "notes.txt", ".heelrise-x.mp4", "sub/c.mp4"]
    for name in names:
        _touch(tmp_path / name)
    (tmp_path / "folder.mp4").mkdir()
    assert find_videos([tmp_path]) == ([tmp_path / "a.mp4", tmp_path / "b.MOV"], [])


def test_a_folder_gives_landmarks_too_where_they_can_be_used(tmp_path: Path) -> None:
    videos, alone = tmp_path / "videos", tmp_path / "alone"
    for name in ("a.mp4", "b.npz", ".c.npz"):
        _touch(videos / name)
    recorded = _touch(alone / "d.NPZ")
    assert find_videos([videos], landmarks=True)[0] == [videos / "a.mp4", videos / "b.npz"]
    assert find_videos([alone], landmarks=True) == ([recorded], [])
    assert find_videos([videos])[0] == [videos / "a.mp4"]


def test_a_video_named_twice_is_read_once_where_it_came_first(tmp_path: Path) -> None:
    a, b = _touch(tmp_path / "a.mp4"), _touch(tmp_path / "b.mp4")
    (tmp_path / "again.mp4").symlink_to(a)
    found, complaints = find_videos([b, a, tmp_path, tmp_path / "again.mp4"])
    assert found == [b, a]
    assert complaints == []


def test_what_holds_no_video_is_complained_about_and_the_rest_is_found(tmp_path: Path) -> None:
    good, empty = _touch(tmp_path / "a.mp4"), tmp_path / "empty"
    empty.mkdir()
    long_name = tmp_path / ("x" * 300)
    found, complaints = find_videos([tmp_path / "no.mp4", good, empty, long_name])
    assert found == [good]
    assert ["no.mp4" in c or "empty" in c or "xxx" in c for c in complaints] == [True] * 3
    assert not any("\n" in c for c in complaints)
