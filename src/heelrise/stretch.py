"""A stretch of samples as arrays: what a rep is judged and measured on once it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heelrise.legs import LegSample
from heelrise.reps import Candidate
from heelrise.result import Side
from heelrise.settings import Stance as StanceLimits
from heelrise.stance import Stance

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stretch:
    """Trusted samples of a stretch of time; all arrays have one entry a sample.

    ``height`` is the body's (shin lengths, up), ``lean`` as in
    :class:`~heelrise.legs.LegSample`; ``xy`` is (N, 33, 2) in shin lengths, y down.
    ``score`` and ``leg`` are the clues of :class:`~heelrise.stance.Stance`.
    ``people`` is how many the picture was known to hold;
    ``trusted_share`` is the share of the frames of the stretch that could be used.
    """

    t_s: Floats
    height: Floats
    lean: Floats
    xy: Floats
    score: Floats
    leg: Floats
    knee_flexion_deg: Floats
    both_feet: NDArray[np.bool_]
    crossed: NDArray[np.bool_]
    on_floor: NDArray[np.bool_]
    people: NDArray[np.int_]
    trusted_share: float

    def at(self, t_s: float) -> int:
        """Return the index of the sample nearest to a time."""
        return int(np.argmin(np.abs(self.t_s - t_s)))

    def between(self, start_s: float, end_s: float) -> NDArray[np.bool_]:
        """Return which samples, (N,), lie in a span of time (seconds), its ends included."""
        return (self.t_s >= start_s - 1e-9) & (self.t_s <= end_s + 1e-9)

    def speaks_for(self, side: Side) -> float:
        """Return how clearly the feet show that this leg carried: 1 at most, -1 for the other.

        The mean of the clues, none of which counts more than 1; for both feet, which nobody doubts
        when they look alike, 1.
        """
        sign = {"left": 1.0, "right": -1.0, "both": 0.0}[side]
        return sign * float(np.clip(self.leg, -1.0, 1.0).mean()) if sign else 1.0

    @property
    def ends(self) -> tuple[float, float]:
        """The clue before and after it: medians of the first and of the last tenth."""
        count = max(1, len(self.score) // 10)
        return float(np.median(self.score[:count])), float(np.median(self.score[-count:]))

    def clue_from(self, start_s: float, for_s: float) -> float:
        """Return the clue from a moment on, the median of so many seconds; or the nearest one."""
        seen = self.between(start_s, start_s + for_s)
        return float(np.median(self.score[seen]) if seen.any() else self.score[self.at(start_s)])

    def leg_at_both_ends(self, least: float) -> Side | None:
        """Return the leg whose other foot is clearly up, by a clue of so much, before and after.

        In between the landmarks of the free foot may come to lie on the carrying one's.
        """
        first, last = self.ends
        if min(first, last) > least:
            return "left"
        return "right" if max(first, last) < -least else None


def stretch_of(kept: Sequence[tuple[LegSample, Stance]]) -> Stretch:
    """Gather samples, with their stances, into arrays.

    Raises
    ------
    ValueError
        When no sample is trusted.
    """
    good = [(sample, stance) for sample, stance in kept if sample.trusted]
    if not good:
        raise ValueError("a stretch needs at least one trusted sample")
    shin = float(np.median([sample.shin_px for sample, _ in good]))
    return Stretch(
        np.array([sample.t_s for sample, _ in good]),
        np.array([sample.height for sample, _ in good]),
        np.array([sample.lean for sample, _ in good]),
        np.array([s.xy_px for s, _ in good]) / shin,
        np.array([stance.score for _, stance in good]),
        np.array([stance.leg for _, stance in good]),
        np.array([s.knee_flexion_deg for s, _ in good]),
        np.array([stance.side == "both" for _, stance in good]),
        np.array([stance.crossed for _, stance in good]),
        np.array([stance.on_floor for _, stance in good]),
        np.array([sample.pose.people for sample, _ in good]),
        len(good) / len(kept),
    )


def rest_after_lift(stretch: Stretch, candidate: Candidate, limits: StanceLimits) -> float | None:
    """Return when the other foot had come up, if that was after the low and the body then rested.

    The lift of a leg takes up to a second and raises the body: with it, a first rise begins too
    early and is centimetres too high.
    """
    seen = stretch.between(candidate.low_s, candidate.peak_s)
    t_s, height, score = stretch.t_s[seen], stretch.height[seen], stretch.score[seen]
    usual = float(np.median(stretch.score))
    lifting = np.flatnonzero(np.abs(score - usual) > limits.lifting_share * abs(usual))
    if not len(lifting) or lifting[-1] + 1 >= len(t_s):
        return None
    over = int(lifting[-1]) + 1
    rest = (t_s >= t_s[over]) & (t_s <= t_s[over] + limits.lifted_rest_s)
    on_the_way = height[over] > candidate.low + limits.lifted_low_share * candidate.rise
    if on_the_way or np.ptp(height[rest]) > limits.lifted_still_share * candidate.rise:
        return None
    return float(t_s[over])
