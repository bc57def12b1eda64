"""Which webcams there are: the system is asked where it knows, else numbers are tried."""

from __future__ import annotations

import sys
from pathlib import Path

from heelrise.errors import HeelriseError
from heelrise.frames import Camera
from heelrise.not_opened import shown

PROBED = range(6)
"""Camera numbers tried where the system keeps no list of cameras that can be read."""

SYSFS = "/sys/class/video4linux"
"""Where Linux lists its video devices."""


def list_cameras(sysfs: str = SYSFS) -> list[tuple[int, str]]:
    """List the webcams there are.

    Linux knows their names. Elsewhere the first few numbers are tried, which switches every
    camera on for a moment.

    Parameters
    ----------
    sysfs : str
        Where Linux lists its video devices.

    Returns
    -------
    list of (int, str)
        Number and name, by number.
    """
    if sys.platform == "linux":
        return _listed_cameras(Path(sysfs))
    found = []
    for number in PROBED:
        try:
            camera = Camera(number)
        except HeelriseError:
            continue
        camera.close()
        found.append((number, camera.name))
    return found


def _listed_cameras(sysfs: Path) -> list[tuple[int, str]]:
    found = []
    for node in sysfs.glob("video*"):
        number = node.name.removeprefix("video")
        try:
            # A camera has several nodes; those after the first carry its metadata.
            if number.isdecimal() and (node / "index").read_text().strip() == "0":
                name = (node / "name").read_text(errors="replace").strip()
                found.append((int(number), shown(name)))
        except OSError:
            continue  # unplugged this very moment
    return sorted(found)
