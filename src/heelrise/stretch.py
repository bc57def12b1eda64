"""A stretch of samples as arrays: what a rep is judged and measured on once it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heelrise.legs import LegSample
from heelrise.stance import Stance

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stretch:
    """Trusted samples of a stretch of time; all arrays have one entry a sample.

    ``height`` is the body's (shin lengths, up), ``lean`` as in
    :class:`~heelrise.legs.LegSample`; ``xy`` is (N, 33, 2) in shin lengths, y down.
    ``trusted_share`` is the share of the frames of the stretch that could be used.
    """

    t_s: Floats
    height: Floats
    lean: Floats
    xy: Floats
    score: Floats
    knee_flexion_deg: Floats
    both_feet: NDArray[np.bool_]
    shin_px: float
    trusted_share: float

    def at(self, t_s: float) -> int:
        """Return the index of the sample nearest to a time."""
        return int(np.argmin(np.abs(self.t_s - t_s)))

    def between(self, start_s: float, end_s: float) -> NDArray[np.bool_]:
        """Return which samples lie in a span of time, its ends included."""
        return (self.t_s >= start_s - 1e-9) & (self.t_s <= end_s + 1e-9)


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
        np.array([s.knee_flexion_deg for s, _ in good]),
        np.array([stance.side == "both" for _, stance in good]),
        shin,
        len(good) / len(kept),
    )
