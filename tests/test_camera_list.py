"""Which webcams there are, as Linux lists them and where numbers are tried."""

import sys

from heelrise.camera_list import list_cameras
from test_cameras import FakeCapture


def test_a_list_of_webcams_from_linux(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "platform", "linux")
    nodes = [("video10", "1", "Meta"), ("video2", "0", "Logi C920"), ("video0", "0", "In\x1bside")]
    for node, index, name in nodes:
        (tmp_path / node).mkdir()
        (tmp_path / node / "index").write_text(f"{index}\n")
        (tmp_path / node / "name").write_text(f"{name}\n")
    (tmp_path / "video3").mkdir()
    (tmp_path / "v4l-subdev0").mkdir()
    assert list_cameras(str(tmp_path)) == [(0, "In\\x1bside"), (2, "Logi C920")]
    assert list_cameras(str(tmp_path / "none")) == []


def test_a_list_of_webcams_by_trying(monkeypatch):
    import cv2

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(cv2, "VideoCapture", lambda n, b: FakeCapture(n, b, opens=n in (0, 4)))
    assert list_cameras() == [(0, "camera 0"), (4, "camera 4")]
