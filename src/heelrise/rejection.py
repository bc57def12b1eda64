"""Is a candidate a heel rise? One small test each; the first that says why not, wins.

A bad rep passes (it is judged later); a squat, a step, a jump or somebody else's shoulder does not.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from heelrise.first_rise import (
    began_high,
    began_otherwise,
    first_up_on_both,
    heel_not_seen,
    stayed_up,
    straightened,
)
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
from heelrise.suspect import (
    Suspect,
    feet_parted,
    forefoot_hidden,
    high_s,
    leaned_in_a_set,
    raised_on_both,
    rise_of,
    support_lift,
    up_on_both,
)


def too_little_seen(suspect: Suspect) -> str:
    """Too many frames of it could not be measured."""
    limits = suspect.settings.rejection
    seen = suspect.stretch.trusted_share
    if seen < limits.trusted_share:
        return f"only {seen:.0%} could be seen"
    candidate = suspect.candidate
    rising = suspect.stretch.between(candidate.low_s, candidate.peak_s)
    if not rising.any():
        return "the way up was not seen"  # or is so long ago that nothing is kept of it
    gap_s = float(np.diff(suspect.stretch.t_s[rising], prepend=candidate.low_s).max())
    if gap_s > limits.flank_gap_share * (candidate.peak_s - candidate.low_s):
        return "the way up was not seen"
    return ""


def too_quick(suspect: Suspect) -> str:
    """A bounce or a leap of the landmarks."""
    lasted_s = suspect.candidate.bottom_s - suspect.candidate.low_s
    return f"lasted {lasted_s:.2f} s" if lasted_s < suspect.settings.counting.least_s else ""


def too_slow(suspect: Suspect) -> str:
    """A camera or a weight that drifts: the way up or down takes longer than any heel rise's."""
    stretch, candidate = suspect.stretch, suspect.candidate
    share = suspect.settings.rejection.high_share
    high = stretch.t_s[stretch.height >= candidate.low + share * candidate.rise]
    if not len(high):
        return ""
    longest_s = suspect.settings.counting.longest_flank_s
    if max(high[0] - candidate.low_s, candidate.bottom_s - high[-1]) > longest_s:
        return f"up or down took over {longest_s:.0f} s"
    return ""


def not_above_flat(suspect: Suspect) -> str:
    """Back up to flat foot from a squat, a knee bend or a dropped heel: no heel has risen."""
    if suspect.flat is None:
        if suspect.side == "both":
            return "" if raised_on_both(suspect) else "no flat stance was seen before"
        least = suspect.settings.rejection.no_flat_rise_body
        if suspect.usual_rise is not None:
            least = min(least, suspect.settings.rejection.no_flat_share * suspect.usual_rise)
        if suspect.candidate.rise < least:
            return "too small to tell without a flat stance"
        if not suspect.put_down:
            return ""
        # The other foot was put down in the end: so the end is the flat stance.
        above = suspect.candidate.peak - suspect.candidate.bottom
        least = suspect.settings.rejection.peak_above_flat_body
        if suspect.usual_rise is not None:
            least = max(least, suspect.settings.rejection.put_down_share * suspect.usual_rise)
        return f"body only {above:.3f} shins above both feet" if above < least else ""
    above = suspect.candidate.peak - suspect.flat
    if above > suspect.settings.rejection.most_above_flat_body:
        return f"body {above:.3f} shins above flat foot: higher than any heel"
    least = suspect.settings.rejection.peak_above_flat_body
    if suspect.side == "both":
        least = suspect.settings.rejection.both_above_flat_body
    elif suspect.usual_rise is None:
        least = suspect.settings.rejection.first_above_flat_body
    if above < least:
        return f"body only {above:.3f} shins above flat foot"
    share = suspect.settings.rejection.one_above_share
    if suspect.side == "both":
        share = suspect.settings.rejection.both_above_share
    if above < share * suspect.candidate.rise:
        return "most of the rise was below flat foot"
    return ""


def down_into_a_squat(suspect: Suspect) -> str:
    """Low at the top against the person's own, and from there much further down than it came up."""
    if suspect.flat is None or suspect.usual_peak is None or suspect.usual_rise is None:
        return ""
    limits, candidate = suspect.settings.rejection, suspect.candidate
    peak_share = (candidate.peak - suspect.flat) / suspect.usual_peak
    fell = candidate.peak - candidate.bottom
    if peak_share < limits.squat_peak_share and fell > limits.squat_fall * candidate.rise:
        return f"only {peak_share:.0%} of the person's own height, and down into a squat"
    return ""


def too_small_for_this_person(suspect: Suspect) -> str:
    """Low at the top and short in the rise, against the person's own: a shift of weight."""
    if suspect.flat is None or suspect.usual_peak is None or suspect.usual_rise is None:
        return ""
    limits = suspect.settings.rejection
    peak_share = (suspect.candidate.peak - suspect.flat) / suspect.usual_peak
    rise_share = suspect.candidate.rise / suspect.usual_rise
    usual_low = suspect.flat + suspect.usual_peak - suspect.usual_rise
    deeper = usual_low - suspect.candidate.low
    from_below = deeper > limits.squat_deeper_share * suspect.usual_rise
    if rise_share > limits.usual_rise_share and not from_below:
        return ""
    if peak_share < limits.usual_peak_share:
        return f"only {peak_share:.0%} of the person's own height"
    if suspect.put_down and peak_share < limits.put_down_peak_share:
        return "the other foot was put down"
    return ""


def stood_up(suspect: Suspect) -> str:
    """It began on one leg, is up on both feet and stays higher, or low: the other foot is down.

    On one leg the body sinks a little; both feet bring it back up to flat foot. Or arms go up then.
    """
    stretch, candidate = suspect.stretch, suspect.candidate
    limits = suspect.settings.rejection
    higher = candidate.bottom - candidate.low > limits.stood_up_share * candidate.rise
    low = False
    if suspect.flat is not None and suspect.usual_peak is not None:
        above = candidate.peak - suspect.flat
        low = above < limits.stood_up_peak_share * suspect.usual_peak
    if suspect.side == "both" or suspect.walked_by or not (higher or low):
        return ""
    least = suspect.settings.stance.both_at_most
    before = np.abs(stretch.score[: stretch.at(candidate.low_s) + 1])
    put_down = before.max() > least > abs(stretch.score[-1])
    on_both = put_down and up_on_both(suspect) > limits.up_on_both_share
    return "it was up on both feet" if on_both else ""


def leg_changed(suspect: Suspect) -> str:
    """It began on one leg, and from then on the clues speak for the other: the foot is down."""
    if suspect.side == "both" or suspect.stretch.speaks_for(suspect.side) > 0.0:
        return ""
    sign = 1.0 if suspect.side == "left" else -1.0
    limits = suspect.settings.stance
    before, after = (sign * clue for clue in suspect.stretch.ends)
    # Where the model swaps the legs for all of a rise, no moment looks as on both feet.
    candidate, stretch = suspect.candidate, suspect.stretch
    stood = (stretch.both_feet & stretch.between(candidate.low_s, candidate.peak_s)).any()
    changed = stood and before > limits.both_at_most and after < -limits.one_leg_off
    return "the other foot was put down" if changed else ""


def walked(suspect: Suspect) -> str:
    """The carrying forefoot did not stay where it was."""
    stretch, candidate = suspect.stretch, suspect.candidate
    limit = suspect.settings.rejection.foot_shift_shin
    left, right = np.percentile(stretch.xy[:, [TOE["left"], TOE["right"]], 0], (10, 90), axis=0)
    shifts = right - left
    if suspect.side == "both" and shifts.max() > suspect.settings.rejection.both_shift_shin:
        return "a foot moved"
    first = suspect.flat is None and suspect.usual_rise is None
    if first and shifts.min() > suspect.settings.rejection.no_flat_shift_shin:
        return "both feet moved"
    for side in suspect.feet:
        toe_x = stretch.xy[:, TOE[side], 0]
        away = np.abs(toe_x - np.median(toe_x)) > limit / 2
        if away.mean() > suspect.settings.rejection.away_share:
            return f"the {side} foot travelled"
    middle = stretch.xy[:, [LEFT_SHOULDER, RIGHT_SHOULDER], 0].mean(axis=1)
    span = abs(middle[stretch.at(candidate.bottom_s)] - middle[stretch.at(candidate.low_s)])
    return f"the body travelled {span:.2f} shins" if span > limit else ""


def jumped(suspect: Suspect) -> str:
    """The forefoot went along with the body: a jump, a step up, a camera that moved."""
    if forefoot_hidden(suspect):
        return ""
    limits = suspect.settings.rejection
    limit = max(limits.toe_shin, limits.toe_share * suspect.candidate.rise)
    if suspect.side == "both":
        slow = suspect.candidate.bottom_s - suspect.candidate.low_s > limits.no_jump_s
        share = limits.both_slow_toe_share if slow else limits.both_toe_share
        limit = max(limits.both_toe_shin, share * suspect.candidate.rise)
    lasted_s = suspect.candidate.bottom_s - suspect.candidate.low_s
    if lasted_s < limits.hop_s or high_s(suspect) < limits.hop_high_s:
        share = limits.hop_toe_share
        if suspect.flat is not None and suspect.usual_peak is not None:
            above = suspect.candidate.peak - suspect.flat
            if above > limits.hop_peak_share * suspect.usual_peak:
                share = limits.high_hop_toe_share
        limit = min(limit, share * suspect.candidate.rise)
    # In a set the forefoot wanders as in the reps before, however little a bent knee lets it rise.
    rise = max(suspect.candidate.rise, suspect.usual_rise or 0.0)
    whole = max(limits.toe_all_shin, limits.toe_all_share * rise)
    limit = min(limit, whole)
    if support_lift(suspect) > limit or _foot_flew(suspect):
        return "the forefoot went along"
    return ""


def _foot_flew(suspect: Suspect) -> bool:
    """Whether, in so short a top, the foot that clearly carries went up with the body."""
    limits, rise = suspect.settings.rejection, suspect.candidate.rise
    if suspect.side == "both" or high_s(suspect) > limits.hop_high_s:
        return False
    clear = suspect.stretch.speaks_for(suspect.side) > limits.clear_leg
    return clear and rise_of(suspect, TOE[suspect.side]) > limits.flew_toe_share * rise


def is_hop(suspect: Suspect) -> bool:
    """Return whether a candidate that is no heel rise is a hop on the leg that carries."""
    limits, candidate = suspect.settings.balance, suspect.candidate
    if candidate.bottom_s - candidate.low_s > limits.hop_longest_s:
        return False
    least = suspect.settings.stance.both_at_most
    one_leg = suspect.stretch.leg_at_both_ends(least) == suspect.side
    return one_leg and candidate.rise > limits.hop_shin and bool(jumped(suspect))


def jumped_astride(suspect: Suspect) -> str:
    """Both feet came together or apart in a short rise: a jumping jack.

    Seen from the side the foot that is farther away looks raised, so that one leg seems to carry.
    """
    limits, candidate = suspect.settings.rejection, suspect.candidate
    lasted_s = candidate.bottom_s - candidate.low_s
    if suspect.side == "both" or lasted_s > limits.astride_s:
        return ""
    # A free foot that is up at both ends may swing about, but not come to rest elsewhere so soon.
    swings = suspect.stretch.leg_at_both_ends(limits.astride_clue)
    if not swings:
        parted = feet_parted(suspect, candidate.low_s, candidate.bottom_s)
    elif lasted_s < limits.hop_s:
        parted = feet_parted(suspect, candidate.bottom_s - limits.moment_s / 2, candidate.bottom_s)
    else:
        return ""
    return "the feet came together or apart" if parted > limits.astride_shin else ""


def not_rigid(suspect: Suspect) -> str:
    """Only a part of the body rose: the other knee was lifted, arms went up, somebody walked.

    In a heel rise hips, shoulders and the carrying knee ride on one lever. A lean keeps the
    shoulders down and a crossed leg can hide the knee, so one of these two is enough; where both
    happen to somebody who is in a set, the hips are.
    """
    limits, rise = suspect.settings.rejection, suspect.candidate.rise
    shoulders = rise_of(suspect, LEFT_SHOULDER, RIGHT_SHOULDER)
    knees = max(rise_of(suspect, KNEE[side]) for side in suspect.feet)
    if knees > limits.lifted_knee_share * rise:
        knees = 0.0  # that one is lifted, and carries nothing
    hips = rise_of(suspect, LEFT_HIP, RIGHT_HIP)
    if leaned_in_a_set(suspect) and hips > limits.leaned_hips_share * rise:
        return ""
    in_set = suspect.usual_rise is not None and suspect.side != "both"
    known = in_set or suspect.clear_first
    least = limits.rigid_in_set_share if known else limits.rigid_share
    if max(shoulders, knees) < least * rise:
        return f"shoulders rose by {shoulders:.3f} shins only, the knee by {knees:.3f}"
    share = limits.both_hips_share if suspect.side == "both" else limits.hips_share
    return f"hips rose by {hips:.3f} shins only" if hips < share * rise else ""


def came_back_up(suspect: Suspect) -> str:
    """Up from a dropped heel to a flat foot that was never seen, as after the last rep of a set.

    It comes not half as high as the rep before, and stays up. Where the film ends on the way down
    nobody knows how far it would have gone.
    """
    candidate, before, own = suspect.candidate, suspect.peak_before, suspect.usual_rise
    if suspect.flat is not None or suspect.side == "both" or not candidate.complete:
        return ""
    limits = suspect.settings.rejection
    if before is None or own is None or before - candidate.peak < limits.came_up_share * own:
        return ""
    down = (candidate.peak - candidate.bottom) / candidate.rise
    return f"only {down:.0%} of it was taken back" if down < limits.first_down_share else ""


def bowed(suspect: Suspect) -> str:
    """On both feet the trunk went down and the hips moved with it: a bow, a pick-up, a squat."""
    lean = suspect.stretch.lean
    limit = suspect.settings.rejection.both_lean_shin
    if suspect.side == "both" and float(lean.max() - lean.min()) > limit:
        return "the trunk bowed"
    return ""


def squatted(suspect: Suspect) -> str:
    """The carrying knee straightened: in a heel rise it goes up with the body on one lever."""
    stretch, candidate = suspect.stretch, suspect.candidate
    low, peak = stretch.at(candidate.low_s), stretch.at(candidate.peak_s)
    if suspect.side == "both":
        by = float((stretch.knee_flexion_deg[low] - stretch.knee_flexion_deg[peak]).min())
        limits, heels = suspect.settings.rejection, rise_of(suspect, *HEEL.values())
        if by > limits.both_straightened_deg:
            return f"both knees straightened by {by:.0f} degrees"
        # Seen straight from the front a knee that bends hardly shows.
        least = max(limits.both_heel_down_share * candidate.rise, limits.both_heel_down_shin)
        went_down = heels < -least
        return "the heels went down as the body rose" if went_down else ""
    if suspect.flat is not None or suspect.as_high_as_before:
        return ""  # then the level tells a squat better than the knee's landmarks
    side, limits = suspect.side, suspect.settings.rejection
    flexion = stretch.knee_flexion_deg[:, 0 if side == "left" else 1]
    straightened = float(flexion[low] - flexion[peak])
    knee = stretch.xy[low, KNEE[side], 1] - stretch.xy[peak, KNEE[side], 1]
    ankle = stretch.xy[low, ANKLE[side], 1] - stretch.xy[peak, ANKLE[side], 1]
    if (
        straightened > limits.straightened_deg
        and knee < limits.knee_share * candidate.rise
        and ankle < limits.ankle_share * candidate.rise
    ):
        return f"the {side} knee straightened by {straightened:.0f} degrees"
    return ""


def heels_stayed(suspect: Suspect) -> str:
    """On both feet no heel or ankle was seen to go up, or no knee as far as the hips: a squat."""
    if suspect.side != "both":
        return ""
    limits = suspect.settings.rejection
    heels = [rise_of(suspect, part[side]) for part in (ANKLE, HEEL) for side in suspect.feet]
    if max(heels) < limits.both_heel_share * suspect.candidate.rise:
        return "no heel was seen to rise"
    knees, hips = rise_of(suspect, *KNEE.values()), rise_of(suspect, LEFT_HIP, RIGHT_HIP)
    stayed = knees < limits.both_knee_share * hips
    return "the knees stayed down as the hips rose" if stayed else ""


TESTS: tuple[Callable[[Suspect], str], ...] = (
    too_little_seen,
    too_quick,
    too_slow,
    not_above_flat,
    down_into_a_squat,
    too_small_for_this_person,
    stood_up,
    leg_changed,
    began_otherwise,
    first_up_on_both,
    heel_not_seen,
    walked,
    jumped,
    jumped_astride,
    not_rigid,
    straightened,
    began_high,
    stayed_up,
    came_back_up,
    bowed,
    squatted,
    heels_stayed,
)


# What they go by is drawn along by somebody who passes.
BY_FEET = (walked, jumped, jumped_astride, not_rigid)


def why_not(suspect: Suspect) -> str:
    """Return why a candidate is no heel rise; empty when it is one."""
    walked_by = suspect.walked_by
    for test in TESTS:
        if walked_by and test in BY_FEET:
            continue
        reason = test(suspect)
        if reason:
            return reason
    return ""
