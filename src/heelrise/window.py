"""The one window: shows pictures, gives keys, knows when it was closed."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from heelrise.errors import HeelriseError

TITLE = "heelrise"

_ESCAPE = 27
_PRINTABLE = range(32, 127)  # ASCII; the keys that write nothing are above it
_CODE_BITS = 0xFFFF  # above them some toolkits say which of Shift, Caps and Num Lock are on
_LARGEST_START_PX = (1280, 800)  # fits on a laptop's screen; f makes it full


class Window:
    """A window for pictures of one size.

    Parameters
    ----------
    width, height : int
        Size of the pictures, pixels; large ones are shown smaller.
    fullscreen : bool
        Start in full screen.

    Raises
    ------
    HeelriseError
        When there is no screen to open a window on.
    """

    def __init__(self, width: int, height: int, fullscreen: bool = False) -> None:
        """Open the window."""
        demand_screen()
        if sys.platform.startswith("linux"):
            # the Qt in OpenCV's wheel brings no plugin for Wayland, which runs X programs too
            os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
        try:
            cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        except cv2.error as error:
            raise HeelriseError(
                "this OpenCV cannot open a window: uninstall opencv-python-headless and install "
                "opencv-python again"
            ) from error
        # Not larger than the picture: Qt takes 4 ms a frame to enlarge one, and f is at hand.
        share = min(1.0, _LARGEST_START_PX[0] / width, _LARGEST_START_PX[1] / height)
        cv2.resizeWindow(TITLE, max(1, int(width * share)), max(1, int(height * share)))
        self._shown = False
        self._full = False
        if fullscreen:
            self.toggle_fullscreen()

    def __enter__(self) -> Self:
        """Return the window."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def show(self, image: NDArray[np.uint8]) -> str | None:
        """Show a picture (H, W, 3), BGR; return the key pressed since the last one, or None."""
        cv2.imshow(TITLE, image)
        self._shown = True
        return key_of(cv2.waitKeyEx(1))

    @property
    def closed(self) -> bool:
        """Whether the person has closed it."""
        if not self._shown:
            return False
        try:
            return cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1
        except cv2.error:
            return True

    def toggle_fullscreen(self) -> None:
        """Change between full screen and a window."""
        self._full = not self._full
        value = cv2.WINDOW_FULLSCREEN if self._full else cv2.WINDOW_NORMAL
        cv2.setWindowProperty(TITLE, cv2.WND_PROP_FULLSCREEN, value)

    def close(self) -> None:
        """Close it; closing twice does no harm."""
        try:
            cv2.destroyWindow(TITLE)
            cv2.waitKey(1)
        except cv2.error:
            pass  # the person was faster


def key_of(code: int) -> str | None:
    """Return the key of a code of ``cv2.waitKeyEx``; None for none, and for keys without a letter.

    An arrow has the last byte of a letter: taken for that, it would end a session.
    """
    if code < 0:
        return None
    code &= _CODE_BITS
    if code == _ESCAPE:
        return "escape"
    return chr(code).lower() if code in _PRINTABLE else None


def demand_screen() -> None:
    """Find out before the work whether there is a screen to open a window on.

    Raises
    ------
    HeelriseError
        When there is none.
    """
    trouble = no_screen(sys.platform, os.environ)
    if trouble:
        raise HeelriseError(trouble)


def no_screen(platform: str, environment: Mapping[str, str]) -> str | None:
    """Say in one line why no window can be opened, or None when one can be tried.

    Qt would end the whole program over it.
    """
    if not platform.startswith("linux"):
        return None
    display = environment.get("DISPLAY", "")
    advice = "start heelrise from a desktop session (or with xvfb-run, where nobody looks)"
    if not display:
        return f"there is no screen to show the picture on (DISPLAY is not set): {advice}"
    if display.startswith(":"):
        number = display[1:].split(".")[0]
        abstract = f"@/tmp/.X11-unix/X{number}"
        sockets = Path("/proc/net/unix")
        listed = sockets.is_file() and abstract in sockets.read_text(errors="replace")
        if not listed and not Path(f"/tmp/.X11-unix/X{number}").exists():
            return f"there is no screen {display} (DISPLAY): {advice}"
    return None
