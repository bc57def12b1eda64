"""What libav is kept from: other files and addresses, pictures that fill the memory."""

import struct
import zlib

import pytest

from heelrise.errors import HeelriseError
from heelrise.frames import open_camera
from small_videos import complaint, make


@pytest.mark.parametrize("name", ["a.m3u8", "a.mp4"])
def test_a_playlist_opens_nothing_else(tmp_path, name):
    make(tmp_path / "part.ts", "mpeg2video")
    (tmp_path / name).write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\npart.ts\n")
    assert "is not a video" in complaint(tmp_path / name)


def test_a_picture_of_10000_x_10000_is_never_decoded(tmp_path):
    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">2I5B", 10_000, 10_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(30_001 * 100))
    path = tmp_path / "a.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    assert "larger than 8192 x 4320 pixels" in complaint(path)


@pytest.mark.parametrize("source", ["file:///etc/passwd", f"file://{__file__}", "concat://a|b"])
def test_other_protocols_are_refused(source):
    with pytest.raises(HeelriseError, match="use an address that begins with http://"):
        open_camera(source)
