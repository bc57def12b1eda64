"""What else a person's first rise must stand: nothing of their own tells yet what one looks like.

One small test each, in the form of :mod:`~heelrise.rejection`: it says why it is none, or nothing.
"""

from __future__ import annotations

import numpy as np

from heelrise.landmarks import ANKLE, HEEL
from heelrise.suspect import Suspect, up_on_both


def began_otherwise(suspect: Suspect) -> str:
    """A first rise on one leg that began on the other, or one on both that ends on one leg.

    So shots look that were cut together, where a part is not seen. Who changes legs quickly, or
    whose free foot is lost from sight, is seen all the time; and in a set the leg is kept.
    """
    limits, rejection = suspect.settings.stance, suspect.settings.rejection
    stretch, low_s = suspect.stretch, suspect.candidate.low_s
    if stretch.trusted_share > rejection.seen_whole_share:
        return ""
    before, after = stretch.clue_from(low_s, limits.began_s), stretch.ends[1]
    if suspect.side == "both":
        return "a foot was up as it ended" if abs(after) > rejection.both_end_clue else ""
    sign = 1.0 if suspect.side == "left" else -1.0
    other = sign * before < -limits.both_at_most and sign * after > limits.one_leg_off
    return "it began on the other leg" if suspect.usual_rise is None and other else ""


def first_up_on_both(suspect: Suspect) -> str:
    """A short first rise on one leg at whose top both feet stand, mostly: a jumping jack."""
    lasted_s = suspect.candidate.bottom_s - suspect.candidate.low_s
    long = lasted_s > suspect.settings.rejection.first_on_both_s
    if suspect.side == "both" or suspect.usual_rise is not None or long:
        return ""
    on_both = up_on_both(suspect) >= suspect.settings.rejection.first_on_both_share
    return "it was up on both feet" if on_both else ""


def heel_not_seen(suspect: Suspect) -> str:
    """Without a flat stance to compare with, the heel must be seen to rise, or one leg to carry."""
    if suspect.flat is not None or suspect.usual_rise is not None:
        return ""
    stretch, candidate = suspect.stretch, suspect.candidate
    sign = 1.0 if suspect.side == "left" else -1.0
    # With one foot crossed behind the other the clues are weak: then their sign is enough.
    least = np.where(stretch.crossed, 0.0, suspect.settings.stance.one_leg_on)
    steady = float((sign * stretch.score > least).mean())
    if suspect.side != "both" and steady > suspect.settings.rejection.steady_leg_share:
        return ""
    low, peak = stretch.at(candidate.low_s), stretch.at(candidate.peak_s)
    least_rise = suspect.settings.rejection.heel_share * candidate.rise
    for side in suspect.feet:
        rises = [
            stretch.xy[low, foot[side], 1] - stretch.xy[peak, foot[side], 1]
            for foot in (ANKLE, HEEL)
        ]
        if max(rises) < least_rise:
            return f"the {side} heel was not seen to rise"
    return ""


def straightened(suspect: Suspect) -> str:
    """A first, low rise that comes from the carrying knee: keeping the balance, not a heel rise."""
    if suspect.flat is None or suspect.usual_rise is not None or suspect.side == "both":
        return ""
    limits = suspect.settings.rejection
    if suspect.candidate.peak - suspect.flat > limits.doubtful_above_flat_body:
        return ""
    stretch, candidate = suspect.stretch, suspect.candidate
    flexion = stretch.knee_flexion_deg[:, 0 if suspect.side == "left" else 1]
    by = float(flexion[stretch.at(candidate.low_s)] - flexion[stretch.at(candidate.peak_s)])
    return f"the knee straightened by {by:.0f} degrees" if by > limits.first_knee_deg else ""


def began_high(suspect: Suspect) -> str:
    """A first rise that begins well above flat foot: the picture has moved, not the heel."""
    if suspect.flat is None or suspect.usual_rise is not None or suspect.side == "both":
        return ""
    limits, candidate = suspect.settings.rejection, suspect.candidate
    above = candidate.low - suspect.flat
    if above <= max(limits.first_low_body, limits.first_low_share * candidate.rise):
        return ""
    rest = suspect.stretch.height[suspect.stretch.t_s <= candidate.low_s]
    seen_s = candidate.low_s - suspect.stretch.t_s[0]
    rested = seen_s > limits.rested_s and np.ptp(rest) < limits.rested_share * candidate.rise
    back = candidate.bottom - candidate.low < limits.rested_share * candidate.rise
    if rested and back and above < limits.rested_low_body:
        return ""  # on this leg flat foot is there: in a dark picture its lift moves the landmarks
    return f"began {above:.3f} shins above flat foot"


def stayed_up(suspect: Suspect) -> str:
    """A first, low rise of which little is taken back: a camera that is carried."""
    if suspect.flat is None or suspect.usual_rise is not None or suspect.side == "both":
        return ""
    limits, candidate = suspect.settings.rejection, suspect.candidate
    if candidate.peak - suspect.flat > limits.doubtful_above_flat_body:
        return ""
    down = (candidate.peak - candidate.bottom) / candidate.rise
    return f"only {down:.0%} of it was taken back" if down < limits.first_down_share else ""
