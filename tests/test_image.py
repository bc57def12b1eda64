"""What a decoded picture becomes: upright, of square pixels, BGR, nobody else's memory."""

import struct
from fractions import Fraction

import numpy as np
import pytest

from heelrise import image as module
from heelrise.frames import VideoFile
from heelrise.image import square_pixels
from small_videos import make, read


def test_frames_are_upright_contiguous_bgr(tmp_path):
    def blue(number, width, height):
        return np.full((height, width, 3), (200, 60, 20), np.uint8)

    info, found, _ = read(make(tmp_path / "a.mp4", count=1, picture=blue))
    image = found[0].image
    assert (info.width, info.height, len(found)) == (64, 48, 1)
    assert (image.shape, image.dtype) == ((48, 64, 3), np.uint8)
    assert image.flags.c_contiguous
    assert image.flags.writeable
    assert image.mean(axis=(0, 1)) == pytest.approx([200, 60, 20], abs=8)


CORNERS = np.zeros((48, 64, 3), np.uint8)
CORNERS[:24, :32], CORNERS[:24, 32:], CORNERS[24:, :32] = (0, 0, 250), (0, 250, 0), (250, 0, 0)


@pytest.mark.parametrize(
    ("matrix", "stored"),
    [
        # a, b, c, d as QuickTime writes them; what the camera stored for an upright CORNERS
        ((1, 0, 0, 1), CORNERS),
        ((0, 1, -1, 0), np.rot90(CORNERS, 1)),
        ((-1, 0, 0, -1), np.rot90(CORNERS, 2)),
        ((0, -1, 1, 0), np.rot90(CORNERS, 3)),
        ((-1, 0, 0, 1), CORNERS[:, ::-1]),
        ((1, 0, 0, -1), CORNERS[::-1]),
        ((0, 1, 1, 0), CORNERS.transpose(1, 0, 2)),
        ((0, -1, -1, 0), np.rot90(CORNERS, 2).transpose(1, 0, 2)),
    ],
    ids=["none", "90", "180", "270", "mirror", "upside-down mirror", "mirror 90", "mirror 270"],
)
def test_rotation_and_mirror_flags(tmp_path, matrix, stored):
    height, width = stored.shape[:2]
    stored = np.ascontiguousarray(stored)
    path = make(tmp_path / "a.mp4", size=(width, height), picture=lambda *_: stored, count=2)
    data = bytearray(path.read_bytes())
    a, b, c, d = (65536 * v for v in matrix)
    struct.pack_into(">9i", data, data.index(b"tkhd") + 44, a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    info, found, _ = read(path)
    assert (info.width, info.height) == (64, 48)
    image = found[1].image
    assert image.flags.c_contiguous
    for row, column in ((12, 16), (12, 48), (36, 16), (36, 48)):
        assert image[row, column] == pytest.approx(CORNERS[row, column].astype(int), abs=20)


def test_pixels_that_are_not_square_are_made_square(tmp_path):
    path = make(tmp_path / "dv.mp4", aspect=Fraction(4, 3), size=(48, 48), count=2)
    info, found, _ = read(path)
    assert (info.width, info.height) == (64, 48)
    assert found[0].image.shape == (48, 64, 3)


def test_pixels_that_are_not_square_never_make_a_picture_larger_than_is_decoded(monkeypatch):
    assert square_pixels(48, 48, Fraction(4, 3)) == (64, 48)
    monkeypatch.setattr(module, "MAX_PIXELS", 50 * 50)
    assert square_pixels(48, 48, Fraction(4, 3)) == (48, 36)
    assert square_pixels(48, 48, Fraction(3, 4)) == (36, 48)


def test_drawing_on_a_frame_leaves_the_next_ones_alone(tmp_path):
    path = make(tmp_path / "a.flv", "flashsv", "bgr24", picture=lambda *_: CORNERS, count=4)
    with VideoFile(path) as video:
        for frame in video:
            assert (frame.image == CORNERS).all()
            frame.image[:] = 77
