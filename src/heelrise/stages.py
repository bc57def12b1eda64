"""How long each stage of the live loop takes: for `--stats`, and for the rate on the picture."""

from __future__ import annotations

from collections import deque

import numpy as np

_RATE_OVER = 30  # frames
_FIRST_FRAMES = 10  # everything is slower while it starts


class StageTimes:
    """Gathers durations by the stage they belong to.

    Memory does not grow: of each stage the last `kept` durations are kept.
    """

    def __init__(self, kept: int = 20_000) -> None:
        """Start with nothing measured."""
        self._kept = kept
        self._spent_s: dict[str, deque[float]] = {}
        self._seen: dict[str, int] = {}
        self._frames_s: deque[float] = deque(maxlen=kept)

    def add(self, stage: str, spent_s: float) -> None:
        """Take how long a stage took for one frame, seconds."""
        self._seen[stage] = self._seen.get(stage, 0) + 1
        if self._seen[stage] > _FIRST_FRAMES:
            self._spent_s.setdefault(stage, deque(maxlen=self._kept)).append(spent_s)

    def frame(self, at_s: float) -> None:
        """Take when a frame began, seconds of any clock."""
        self._frames_s.append(at_s)

    @property
    def fps(self) -> float | None:
        """Frames a second lately; None before two frames."""
        recent = list(self._frames_s)[-_RATE_OVER:]
        if len(recent) < 2 or recent[-1] <= recent[0]:
            return None
        return (len(recent) - 1) / (recent[-1] - recent[0])

    @property
    def overall_fps(self) -> float | None:
        """Frames a second over all that is kept; None before two frames."""
        if len(self._frames_s) < 2 or self._frames_s[-1] <= self._frames_s[0]:
            return None
        return (len(self._frames_s) - 1) / (self._frames_s[-1] - self._frames_s[0])

    def median_s(self, stage: str) -> float:
        """Return the median of a stage, seconds; NaN when it was never measured."""
        return float(np.median(self._spent_s[stage])) if stage in self._spent_s else float("nan")

    def table(self) -> str:
        """Return one line a stage: median and 95th percentile, milliseconds."""
        lines = [f"{'stage':28} {'median ms':>9} {'95 % ms':>9}"]
        for stage, spent_s in self._spent_s.items():
            median, high = 1000 * np.percentile(spent_s, [50, 95])
            lines.append(f"{stage:28} {median:9.2f} {high:9.2f}")
        rate = self.overall_fps
        lines.append(f"frames: {len(self._frames_s)}, {rate or 0.0:.1f} a second")
        return "\n".join(lines)
