"""A screen nobody sees (Xvfb), with keys to press and pictures to take of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import numpy as np
import pytest

WIDTH, HEIGHT = 1300, 1000
EMPTY_LEVELS = 64  # an empty window with its frame has fewer grey levels, a picture nearly all

needs_screen = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="needs Xvfb and xdotool: apt-get install xvfb xdotool",
)


class Screen:
    """An X server of its own; leave the ``with`` block to stop it."""

    def __enter__(self) -> Self:
        reading, writing = os.pipe()
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as told:
            self.display = f":{told.readline().strip()}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.terminate()
        self._server.wait(10)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self.display}

    def wait_for_window(self, limit_s: float = 30.0) -> None:
        until_s = time.monotonic() + limit_s
        while time.monotonic() < until_s:
            if self._xdotool("search", "--name", "^heelrise$").returncode == 0:
                return
            time.sleep(0.2)
        raise TimeoutError("no window came up")

    def press(self, *keys: str, wait_s: float = 0.15) -> None:
        """Press keys one by one; ``wait_s`` is the longest wait for what a key changes.

        OpenCV keeps the last key only: one that comes before the one before it was read is lost.
        """
        self._xdotool("search", "--name", "^heelrise$", "windowfocus")
        for key in keys:
            before, until_s = self.picture(), time.monotonic() + wait_s
            self._xdotool("key", key)
            time.sleep(0.15)
            while time.monotonic() < until_s and np.array_equal(before, self.picture()):
                time.sleep(0.05)

    def close_window(self) -> None:
        """Do what a click on the window's cross does."""
        from Xlib import X, display, protocol

        connection = display.Display(self.display)
        window = _named(connection.screen().root, "heelrise")
        kinds = (connection.intern_atom(f"WM_{name}") for name in ("PROTOCOLS", "DELETE_WINDOW"))
        wanted, delete = kinds
        data = (32, [delete, X.CurrentTime, 0, 0, 0])
        window.send_event(
            protocol.event.ClientMessage(window=window, client_type=wanted, data=data)
        )
        connection.sync()
        connection.close()

    def picture(self) -> np.ndarray:
        """Return what the screen shows, BGR."""
        from Xlib import X, display

        connection = display.Display(self.display)
        root = connection.screen().root
        image = root.get_image(0, 0, WIDTH, HEIGHT, X.ZPixmap, 0xFFFFFFFF)
        connection.close()
        return np.frombuffer(image.data, np.uint8).reshape(HEIGHT, WIDTH, 4)[..., :3].copy()

    def wait_for_picture(self, limit_s: float = 30.0, darkest: float = 20.0) -> np.ndarray:
        """Return what the screen shows once its grey levels are many: the window is not empty.

        Where no window manager runs, Qt loses now and then what X says while a window opens (on a
        busy machine every seventh time, with OpenCV 4.10 to 5.1; never in 80 beside a window
        manager), and leaves it black: it is taken away and brought back, as a person would do.
        """
        until_s = time.monotonic() + limit_s
        while time.monotonic() < until_s:
            for _ in range(10):
                shot = self.picture()
                # an empty window may also be white, on a black screen
                if shot.std() > darkest and len(np.unique(shot)) > EMPTY_LEVELS:
                    return shot
                time.sleep(0.5)
            self._xdotool("search", "--name", "^heelrise$", "windowunmap", "windowmap")
        raise TimeoutError("the window stays empty")

    def _xdotool(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, check=False
        )


def _named(window: Any, name: str) -> Any:
    for child in window.query_tree().children:
        if child.get_wm_name() == name:
            return child
        found = _named(child, name)
        if found is not None:
            return found
    return None


@pytest.fixture
def screen() -> Iterator[Screen]:
    with Screen() as one:
        yield one
