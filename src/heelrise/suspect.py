"""A candidate for a heel rise with all that is known of it, and what its landmarks did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heelrise.landmarks import (
    ANKLE,
    HEEL,
    KNEE,
    LEFT_HIP,
    LEFT_SHOULDER,
    RIGHT_HIP,
    RIGHT_SHOULDER,
    TOE,
)
from heelrise.reps import Candidate
from heelrise.result import Side
from heelrise.settings import Settings
from heelrise.stretch import Floats, Stretch


@dataclass(frozen=True)
class Suspect:
    """A candidate with all that is known about it.

    ``flat`` is the body's height on the flat foot; ``usual_peak`` and ``usual_rise`` are the
    person's own median height above it at the top and median rise; ``peak_before`` is how high the
    body came in the heel rise just before (shin lengths, None while unknown).
    """

    candidate: Candidate
    stretch: Stretch
    side: Side
    flat: float | None
    usual_peak: float | None
    usual_rise: float | None
    peak_before: float | None
    settings: Settings

    @property
    def feet(self) -> tuple[str, ...]:
        """The legs that carry: one, or both."""
        return ("left", "right") if self.side == "both" else (self.side,)

    @property
    def as_high_as_before(self) -> bool:
        """Whether it comes up to where the heel rise just before it came: no squat ends there."""
        if self.peak_before is None or self.usual_rise is None:
            return False
        below = self.peak_before - self.candidate.peak
        return below < self.settings.rejection.as_high_share * self.usual_rise

    @property
    def clear_first(self) -> bool:
        """Whether a person's first rise is seen from flat foot and back, on a leg seen clearly."""
        limits, candidate = self.settings.rejection, self.candidate
        if self.usual_rise is not None or self.flat is None or self.side == "both":
            return False
        above = candidate.peak - self.flat
        from_flat = abs(candidate.low - self.flat) < limits.clear_flat_body
        back = abs(candidate.bottom - candidate.low) < limits.clear_back_share * candidate.rise
        leg = self.stretch.leg_at_both_ends(self.settings.stance.both_at_most) == self.side
        clear = leg and self.stretch.speaks_for(self.side) > limits.clear_leg
        high = limits.clear_above_body < above < limits.most_above_flat_body
        return clear and from_flat and back and high

    @property
    def others_about(self) -> bool:
        """Whether somebody else was in the picture."""
        return bool((self.stretch.people > 1).any())

    @property
    def walked_by(self) -> bool:
        """Whether it is like the rises before, with somebody else about who may pass by.

        Landmarks of feet and knees go along with who passes; the body's height says enough.
        """
        if self.usual_rise is None or not self.others_about:
            return False
        limits, share = self.settings.rejection, self.candidate.rise / self.usual_rise
        return self.as_high_as_before and limits.like_least < share < limits.like_most

    @property
    def put_down(self) -> bool:
        """Whether it ends with the other foot on the ground again."""
        if self.walked_by or (self.others_about and self.stretch.trusted_share < 1.0):
            return False  # the foot may be of somebody who passed by
        if self.stretch.leg_at_both_ends(self.settings.stance.both_at_most):
            return False  # it was held higher for a while, and is up still
        score, share = self.stretch.score, self.settings.rejection.put_down_clue_share
        return self.side != "both" and bool(abs(score[-1]) < share * abs(np.median(score)))


def _lift(suspect: Suspect, y: Floats) -> float:
    """How far a point whose place down the picture is ``y`` rises from the low to the top.

    Medians over a moment at the low and over the top: single landmarks leap.
    """
    stretch, candidate = suspect.stretch, suspect.candidate
    limits = suspect.settings.rejection
    low = stretch.between(
        candidate.low_s - limits.moment_s / 2, candidate.low_s + limits.moment_s / 2
    )
    top = stretch.between(candidate.low_s, candidate.bottom_s)
    top &= stretch.height >= candidate.low + limits.top_share * candidate.rise
    return float(np.median(y[low]) - np.median(y[top])) if low.any() and top.any() else 0.0


def rise_of(suspect: Suspect, *landmarks: int) -> float:
    """How far landmarks rise on average from the low to the top, shin lengths."""
    return _lift(suspect, suspect.stretch.xy[:, list(landmarks), 1].mean(axis=1))


def support_lift(suspect: Suspect) -> float:
    """How far the forefoot that carries rises from the low to the top, shin lengths.

    On both feet the one that rises more. On one leg the one that rises less, or the lower one in
    the picture: the model mixes up crossed feet, and over a step the free foot hangs lower.
    """
    lifts = [rise_of(suspect, TOE[side]) for side in ("left", "right")]
    if suspect.side == "both":
        return max(lifts)
    lower = suspect.stretch.xy[:, [TOE["left"], TOE["right"]], 1].max(axis=1)
    return min(*lifts, _lift(suspect, lower))


def forefoot_hidden(suspect: Suspect) -> bool:
    """Whether both feet's landmarks lie on one foot, in a rise on one leg too slow for a jump.

    From the side the model may put both on the free foot, which rides on the lever.
    """
    limits, candidate = suspect.settings.rejection, suspect.candidate
    if suspect.side == "both" or candidate.bottom_s - candidate.low_s < limits.no_jump_s:
        return False
    xy = suspect.stretch.xy
    apart = np.linalg.norm(xy[:, ANKLE["left"]] - xy[:, ANKLE["right"]], axis=1)
    crossed = suspect.stretch.crossed.mean() > limits.crossed_share
    return bool(crossed or np.median(apart) < limits.one_foot_shin)


def high_s(suspect: Suspect) -> float:
    """How long the body was above half of the rise around its peak, seconds."""
    stretch, candidate = suspect.stretch, suspect.candidate
    half = candidate.low + candidate.rise / 2
    at, t_s, height = stretch.at(candidate.peak_s), stretch.t_s, stretch.height
    low = np.flatnonzero(height < half)

    def crossed_s(below: int, above: int) -> float:
        share = (half - height[below]) / (height[above] - height[below])
        return float(t_s[below] + share * (t_s[above] - t_s[below]))

    before, after = low[low < at], low[low > at]
    from_s = crossed_s(before[-1], before[-1] + 1) if len(before) else float(t_s[0])
    to_s = crossed_s(after[0], after[0] - 1) if len(after) else float(t_s[-1])
    return to_s - from_s


def feet_parted(suspect: Suspect, start_s: float, end_s: float) -> float:
    """How far the feet are from where the low had them to each other, most of a span of time.

    Shin lengths, 0 where that was not seen; by ankles or by toes, whichever says less.
    """
    stretch, low_s = suspect.stretch, suspect.candidate.low_s
    half_s = suspect.settings.rejection.moment_s / 2
    low, seen = stretch.between(low_s - half_s, low_s + half_s), stretch.between(start_s, end_s)
    if not (low.any() and seen.any()):
        return 0.0
    shifts = []
    for part in (ANKLE, TOE):
        apart = stretch.xy[:, part["right"]] - stretch.xy[:, part["left"]]
        off = np.linalg.norm(apart[seen] - np.median(apart[low], axis=0), axis=1)
        shifts.append(float(np.percentile(off, 80)))
    return min(shifts)


def leaned_in_a_set(suspect: Suspect) -> bool:
    """Whether the trunk leaned in a rise as high as the one before, on the same leg all along.

    A knee lift looks like it: the hips come up towards shoulders that stay; but so does a knee.
    """
    limits = suspect.settings.rejection
    leaned = float(np.ptp(suspect.stretch.lean)) > limits.leaned_shin
    on_one_leg = suspect.stretch.leg_at_both_ends(suspect.settings.stance.both_at_most)
    knees = max(rise_of(suspect, knee) for knee in KNEE.values())
    lifted = knees > limits.lifted_knee_share * suspect.candidate.rise
    return leaned and on_one_leg is not None and suspect.as_high_as_before and not lifted


def raised_on_both(suspect: Suspect) -> bool:
    """Whether both heels clearly rose and both knees went along, neither of them straightening.

    So a rise on both feet is told from a squat where no flat stance was seen.
    """
    limits, stretch, candidate = suspect.settings.rejection, suspect.stretch, suspect.candidate
    hips = rise_of(suspect, LEFT_HIP, RIGHT_HIP)
    knees = rise_of(suspect, *KNEE.values())
    feet = [rise_of(suspect, ANKLE[side], HEEL[side]) for side in ("left", "right")]
    low, peak = stretch.at(candidate.low_s), stretch.at(candidate.peak_s)
    bent_deg = stretch.knee_flexion_deg[low] - stretch.knee_flexion_deg[peak]
    return (
        suspect.side == "both"
        and limits.no_flat_rise_body < candidate.rise < limits.most_above_flat_body
        and min(feet) > limits.raised_foot_share * candidate.rise
        and knees > limits.raised_knee_share * hips
        and rise_of(suspect, LEFT_SHOULDER, RIGHT_SHOULDER) < limits.raised_trunk_times * hips
        and float(np.abs(bent_deg).max()) < limits.raised_straightened_deg
    )


def up_on_both(suspect: Suspect) -> float:
    """Return the share of its upper half in which both feet stand."""
    stretch, candidate = suspect.stretch, suspect.candidate
    up = stretch.between(candidate.low_s, candidate.bottom_s)
    up &= stretch.height > candidate.low + candidate.rise / 2
    return float(stretch.both_feet[up].mean()) if up.any() else 0.0
