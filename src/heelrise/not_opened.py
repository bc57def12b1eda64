"""Why a video, a webcam or a stream does not open, and what to do: in one line, without secrets.

Nothing is opened here.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import NoReturn

from heelrise.errors import HeelriseError

# What MKV and WebM, FLV, Ogg, GIF and WMV files start with, and what still pictures do.
_VIDEO_STARTS = (b"\x1aE\xdf\xa3", b"FLV\x01", b"OggS", b"GIF8", b"0&\xb2u")
_PICTURE_STARTS = (b"\xff\xd8\xff", b"\x89PNG", b"BM", b"II*\0", b"MM\0*")

NO_PICTURE = (
    "no picture in it can be decoded; it is damaged, or larger than 8192 x 4320 pixels: export it "
    "again as MP4 (H.264) of at most 4K"
)


def shown(text: str) -> str:
    """Return a name fit to stand in a one-line message, whatever bytes it is made of."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def address_shown(url: str) -> str:
    """Return an address without user name, password and query, which may hold a password too."""
    scheme, _, rest = url.partition("://")
    # The last @: passwords with a bare @, / or ? do not work, but are typed.
    return shown(f"{scheme}://{re.split('[?#]', rest.rpartition('@')[2])[0]}")


def refuse(path: str, reason: str) -> NoReturn:
    """Refuse a file.

    Parameters
    ----------
    path : str
        As it was given.
    reason : str
        What is wrong with it; what to do.

    Raises
    ------
    HeelriseError
        Always.
    """
    raise HeelriseError(f"cannot read {shown(path)}: {reason}") from None


def why_no_file(mode: int) -> str | None:
    """Say why what is at a path is no file and what to do; None: it is one.

    Parameters
    ----------
    mode : int
        As `os.stat` gives it.
    """
    if stat.S_ISDIR(mode):
        return "it is a folder; name the video file in it"
    if not stat.S_ISREG(mode):
        # A pipe cannot be read twice and may never end; opening it may block for ever.
        return "it is not a file; save the video as a file first"
    return None


def why_not_read(error: OSError | ValueError) -> str:
    """Say why the system does not let a file be read and what to do.

    Parameters
    ----------
    error : OSError or ValueError
        What came of trying; ValueError: a NUL in the name.
    """
    if isinstance(error, FileNotFoundError):
        return "there is no such file; check the name and the folder"
    if isinstance(error, PermissionError):
        return "permission denied; make it readable for you"
    why = getattr(error, "strerror", None) or str(error)
    return f"{why.lower()}; check the name, or copy it to this computer's disk"


def why_no_video(path: str, start: bytes) -> str:
    """Say why a file that libav does not open is no video and what to do.

    Parameters
    ----------
    path : str
        As it was given.
    start : bytes
        Its first bytes, 12 at least if it has them: what it was meant to be.
    """
    if start[4:8] == b"ftyp":
        return (
            "the recording is incomplete (its index is missing); copy it from the camera again, "
            "or record it again"
        )
    if start.startswith(_VIDEO_STARTS) or start[8:12] == b"AVI ":
        return "it is damaged or was cut short; copy or record it again"
    if start.startswith(_PICTURE_STARTS):
        return "it is a still picture; choose a video"
    if Path(path).suffix.lower() == ".json":
        return "it is not a video; name the video that this JSON belongs to"
    return "it is not a video; use MP4, MOV, MKV, WebM or AVI"


def why_no_webcam(platform: str, number: int, exists: bool, readable: bool) -> str:
    """Say why a webcam did not open and what to do.

    Parameters
    ----------
    platform : str
        As `sys.platform` names it.
    number : int
        The camera's number.
    exists, readable : bool
        Whether its device is there and may be used; asked of Linux alone.
    """
    if platform == "darwin":
        return (
            f"camera {number} cannot be opened: allow it under System Settings > Privacy & "
            "Security > Camera (switch the terminal on), or choose another with --camera"
        )
    if platform == "win32":
        return (
            f"camera {number} cannot be opened: allow it under Settings > Privacy > Camera, close "
            "other programs that use it, and check that it is plugged in"
        )
    if not exists:
        return (
            f"there is no camera {number}: plug it in, heelrise live --list-cameras shows those "
            "there are"
        )
    if not readable:
        return (
            f"camera {number} may not be used by you: add yourself to the group video: sudo "
            "usermod -aG video $USER, then log in again"
        )
    return (
        f"camera {number} is used by another program: close it (fuser /dev/video{number} shows "
        "which)"
    )


def why_no_stream(error: Exception, waited_s: float) -> str:
    """Say why a stream did not open and what to do.

    Parameters
    ----------
    error : Exception
        libav's.
    waited_s : float
        How long it was waited for at most, seconds.
    """
    from av import error as av_error

    if isinstance(error, av_error.HTTPUnauthorizedError | av_error.HTTPForbiddenError):
        return "it asks for a user name and password: write http://user:password@ before the host"
    if isinstance(error, av_error.HTTPNotFoundError):
        return "the device has no such page: check what stands after the host"
    if isinstance(error, av_error.ExitError):
        return f"no picture came within {waited_s:.0f} s: check that it runs, and the network"
    if isinstance(error, av_error.ConnectionRefusedError):
        return "nothing answers there: start the camera, and check the number after the colon"
    if isinstance(error, av_error.InvalidDataError | av_error.ArgumentError):
        return "what it sends is no video that is known here: check the address"
    return "no video comes from there: check the address, and that both are in the same network"
