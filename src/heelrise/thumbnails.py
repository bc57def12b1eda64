"""Pictures of the faults, for the report's page."""

from __future__ import annotations

from pathlib import Path

from heelrise.frames import VideoFile
from heelrise.image import Image
from heelrise.result import Result

_JPEG_QUALITY = 80


def thumbnails(path_of_video: Path, result: Result, max_width_px: int = 320) -> dict[int, bytes]:
    """Return a JPEG of the middle of every sure fault, by its index in ``result.faults``.

    The video is decoded once, up to the last fault; a fault beyond its end has its last picture.

    Raises
    ------
    HeelriseError
        When the video cannot be read.
    """
    wanted = sorted(
        ((fault.start_s + fault.end_s) / 2, index)
        for index, fault in enumerate(result.faults)
        if not fault.unsure
    )
    found: dict[int, bytes] = {}
    if not wanted:
        return found
    with VideoFile(path_of_video) as video:
        last: Image | None = None
        for frame in video:
            last = frame.image
            while wanted and frame.t_s >= wanted[0][0]:
                found[wanted.pop(0)[1]] = _jpeg(frame.image, max_width_px)
            if not wanted:
                break
    for _, index in wanted:
        if last is not None:
            found[index] = _jpeg(last, max_width_px)
    return found


def _jpeg(image: Image, max_width_px: int) -> bytes:
    import cv2

    height, width = image.shape[:2]
    if width > max_width_px:
        size = (max_width_px, max(1, round(height * max_width_px / width)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(image.dtype)
    coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1]
    return bytes(coded.tobytes())
