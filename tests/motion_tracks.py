"""Channels of a posture over time: where the feet are, how the knees bend, which leg carries."""

from __future__ import annotations

import math

import numpy as np

from motion_body import Floats

KNEE = 6.0  # a knee that stands straight, degrees
OTHER = {"left": "right", "right": "left"}


class Tracks:
    """Each channel is a list of (time, value), joined by minimum-jerk curves.

    ``now`` is where the story has come to, seconds; movements start some time after it.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._keys: dict[str, list[tuple[float, float]]] = {
            f"{name}_{side}{axis}": [(0.0, value)]
            for side in OTHER
            for name, axis, value in (
                ("ball", "_x", 0.0),
                ("ball", "_y", 0.06 if side == "left" else -0.06),
                ("ball", "_z", 0.0),
                ("ground", "", 0.0),  # what is under the foot: floor, a block, the air of a jump
                ("heel", "", 0.0),
                ("pitch", "", 0.0),
                ("knee", "", KNEE),
            )
        }
        for name in ("heading", "back", "sway", "lean", "tilt", "arms"):
            self._keys[name] = [(0.0, 0.0)]
        self._keys["weight"] = [(0.0, 0.5)]

    def at(self, times: Floats) -> dict[str, Floats]:
        """Return every channel at the times."""
        return {name: _curve(keys, times) for name, keys in self._keys.items()}

    def last(self, channel: str) -> float:
        """Return the value that a channel is on its way to."""
        return self._keys[channel][-1][1]

    def begin(self, channel: str, value: float) -> None:
        """Let a channel be so from the first picture on."""
        self._keys[channel] = [(0.0, value)]

    def move(self, channel: str, value: float, after_s: float, seconds: float) -> None:
        """Take a channel from its last value to ``value``, starting ``after_s`` from now."""
        keys = self._keys[channel]
        start = max(self.now + after_s, keys[-1][0])
        keys.append((start, keys[-1][1]))
        keys.append((start + seconds, value))

    def shift(self, channel: str, by: float, after_s: float, seconds: float) -> None:
        self.move(channel, self.last(channel) + by, after_s, seconds)

    def there_and_back(self, channel: str, value: float, after_s: float, seconds: float) -> None:
        """Go to a value, keep it, and come back: a third, a third and a third of the time."""
        home = self.last(channel)
        self.move(channel, value, after_s, 0.35 * seconds)
        self.move(channel, home, after_s + 0.65 * seconds, 0.35 * seconds)

    @staticmethod
    def foot_channel(foot: str, axis: str) -> str:
        return f"pitch_{foot}" if axis == "pitch" else f"ball_{foot}_{axis}"

    def home(self, foot: str, axis: str) -> float:
        """Return where a foot belongs: beside the other one, on the ground."""
        if axis not in ("x", "y"):
            return 0.0
        heading = math.radians(self.last("heading"))
        side = 0.12 if foot == "left" else -0.12
        beside = -side * math.sin(heading) if axis == "x" else side * math.cos(heading)
        return self.last(f"ball_{OTHER[foot]}_{axis}") + beside

    def place_foot(
        self, foot: str, offset: dict[str, float], begin: float, length: float, seconds: float
    ) -> None:
        """Move a foot to an offset from its own place; a missing axis goes home."""
        heading = math.radians(self.last("heading"))
        ahead, left = offset.get("x", 0.0), offset.get("y", 0.0)
        turned = {
            "x": ahead * math.cos(heading) - left * math.sin(heading),
            "y": ahead * math.sin(heading) + left * math.cos(heading),
            "z": offset.get("z", 0.0),
            "pitch": offset.get("pitch", 0.0),
        }
        for axis, value in turned.items():
            target = self.home(foot, axis) + value
            self.move(self.foot_channel(foot, axis), target, begin * seconds, length * seconds)

    def stride(
        self, foot: str, direction: Floats, half: bool, after_s: float, seconds: float
    ) -> None:
        """Swing one foot past the other while that one carries."""
        length = 1.0 if half else 2.0
        self.move("weight", 0.0 if foot == "left" else 1.0, after_s - 0.15, 0.3)
        for axis, value in zip("xy", direction * length, strict=True):
            self.shift(f"ball_{foot}_{axis}", float(value), after_s, 0.9 * seconds)
        self.there_and_back(f"ball_{foot}_z", 0.06, after_s, 0.9 * seconds)
        self.there_and_back(f"knee_{foot}", 30.0, after_s, 0.9 * seconds)

    def place(self, foot: str) -> complex:
        """Return where a foot stands on the ground: x + iy."""
        return complex(self.last(f"ball_{foot}_x"), self.last(f"ball_{foot}_y"))


def _curve(keys: list[tuple[float, float]], times: Floats) -> Floats:
    """Join (time, value) keys by minimum-jerk curves."""
    moments, values = (np.array(column) for column in zip(*keys, strict=True))
    right = np.clip(np.searchsorted(moments, times, side="right"), 1, len(keys) - 1)
    if len(keys) == 1:
        return np.full(len(times), values[0])
    left = right - 1
    span = np.maximum(moments[right] - moments[left], 1e-9)
    share = np.clip((times - moments[left]) / span, 0.0, 1.0)
    share = share**3 * (10 - 15 * share + 6 * share**2)
    return np.asarray(values[left] + share * (values[right] - values[left]))
