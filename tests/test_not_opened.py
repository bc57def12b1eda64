"""What is refused, and why, in one line that says what to do."""

import os

import cv2
import numpy as np
import pytest

from heelrise.not_opened import address_shown, why_no_webcam
from small_videos import complaint, make

posix_only = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX file system")


def test_no_such_file(tmp_path):
    assert "there is no such file; check the name" in complaint(tmp_path / "a.mp4")


def test_the_message_is_one_line_whatever_the_name(tmp_path):
    assert "a\\nb\\x1b[31m" in complaint(tmp_path / "a\nb\x1b[31m.mp4")
    assert "\\udcff" in complaint(tmp_path / "a\udcff.mp4")
    assert "null" in complaint("a\0.mp4")


def test_a_folder(tmp_path):
    assert "is a folder; name the video" in complaint(tmp_path)


def test_an_empty_file(tmp_path):
    (tmp_path / "a.mp4").touch()
    assert "is empty (0 bytes); copy" in complaint(tmp_path / "a.mp4")


@posix_only
def test_a_pipe_is_refused_and_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "is not a file" in complaint(tmp_path / "pipe.mp4")
    assert "is not a file" in complaint("/dev/zero")


@posix_only
def test_no_permission(tmp_path):
    path = make(tmp_path / "a.mp4")
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        message = complaint(path)
    finally:
        os.seteuid(user)
    assert "permission denied; make it readable" in message


@pytest.mark.parametrize("content", [b"x", b"hello\n" * 200, bytes(5000), b"\x7fELF" + bytes(300)])
@pytest.mark.parametrize("name", ["a.mp4", "a.txt", "a.avi", "a.mkv"])
def test_something_else_named_like_a_video(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert "is not a video; use MP4" in complaint(tmp_path / name)


def test_a_recording_that_was_never_finished(tmp_path):
    path = make(tmp_path / "a.mp4")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 4])
    assert "incomplete (its index is missing); copy it from the camera" in complaint(path)


@pytest.mark.parametrize(
    ("start", "why"),
    [
        (b"\x1aE\xdf\xa3" + bytes(50), "it is damaged or was cut short"),
        (b"RIFF\0\0\0\0AVI LIST", "it is damaged or was cut short"),
        (b"RIFF\0\0\0\0WAVEfmt ", "it is not a video"),
    ],
)
def test_what_a_file_was_meant_to_be_is_told_by_its_start(tmp_path, start, why):
    (tmp_path / "a.bin").write_bytes(start)
    assert why in complaint(tmp_path / "a.bin")


def test_a_photo_is_called_by_its_name(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "a.jpg"), noise)
    assert "it is a still picture; choose a video" in complaint(tmp_path / "a.jpg")


def test_a_result_is_sent_to_its_video(tmp_path):
    (tmp_path / "a.json").write_text('{"schema_version": 1}')
    assert "name the video that this JSON belongs to" in complaint(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://10.0.0.2:554/live/ch0", "rtsp://10.0.0.2:554/live/ch0"),
        ("rtsp://admin:a@b/c@10.0.0.2/live", "rtsp://10.0.0.2/live"),
        ("http://u:p?w@h/video", "http://h/video"),
        ("http://h/video?user=u&pwd=p#x", "http://h/video"),
        ("http://h/a\nb", "http://h/a\\nb"),
    ],
)
def test_addresses_are_shown_without_secrets(url, shown):
    assert address_shown(url) == shown


@pytest.mark.parametrize(
    ("platform", "exists", "readable", "words"),
    [
        ("linux", False, False, "there is no camera 1: plug it in, heelrise live --list-cameras"),
        ("linux", True, False, "sudo usermod -aG video $USER, then log in again"),
        ("linux", True, True, "used by another program: close it (fuser /dev/video1 shows which)"),
        ("darwin", False, False, "System Settings > Privacy & Security > Camera"),
        ("win32", False, False, "Settings > Privacy > Camera"),
    ],
)
def test_why_a_webcam_does_not_open(platform, exists, readable, words):
    message = why_no_webcam(platform, 1, exists, readable)
    assert words in message
    assert "camera 1" in message
    assert message.isprintable()
