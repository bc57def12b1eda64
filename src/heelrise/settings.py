"""Every threshold of the core: unit in the name, one line of reason each.

"Body" figures are heights of the body (head, shoulders, hips) in shin lengths (knee to ankle);
"heel" figures are heights of the heel's sole in shin lengths, about 1.8 times the body's.
Sources: docs/sources.md, where "at the start" and "the owner's figure" have sections of their own.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

Surface = Literal["auto", "floor", "step"]
Leg = Literal["auto", "left", "right"]

BODY_HEIGHT_CM = (100.0, 230.0)  # less and more is a height in metres, in inches, or mistyped
LOWER_FOR_S = (0.1, 10.0)  # nobody lowers a heel faster, or slower


@dataclass(frozen=True)
class Framing:
    """When a picture can be measured at all."""

    min_shin_px: float = 24.0  # VGA clips with shins of 45 px carry a rep; half of it is noise
    edge_margin_px: float = 2.0  # a landmark this near the border, or beyond it, is a guess
    torso_change: float = 0.22  # a torso that changes length so much at once is not one person's
    lean_shin: float = 0.05  # head and shoulders lower against the hips by more: a lean
    nod_shin: float = 0.08  # the head lower against the shoulders by more: a nod
    split_shin: float = 0.14  # one side of the trunk this far from its place: usual is 0.03-0.11
    squat_leg_share: float = 0.88  # of the usual leg over trunk: shorter is a bent leg
    squat_learn_share: float = 0.02  # a frame's weight in the usual leg over trunk
    squat_size_share: float = 0.92  # of the usual leg and trunk: shorter is bent or foreshortened
    squat_most_s: float = 5.0  # for longer it is another body, or another view
    leap_shin: float = 0.06  # a body that changes its height by more at once, and by more than ...
    leap_shin_s: float = 1.2  # ... so much a second (fast heel rises: 0.6), is another one's ...
    cut_s: float = 0.4  # ... and when it stays there so long, the film was cut
    same_x_shin: float = 0.2  # who is then not further across than this from where they were ...
    same_y_shin: float = 0.3  # ... and not higher or lower than a heel can lift them, is the same
    split_learn_s: float = 4.0  # its place is learned this slowly
    turn_s: float = 2.0  # who moved from the place so short a time ago may turn round
    stood_up_head_shin: float = 0.25  # bowed by 40 degrees the head is down by 0.4; a step up: 0.22
    stood_up_shoulders_shin: float = 0.14  # ... and the shoulders by 0.23; a step up: 0.13
    stood_up_trunk: float = 1.2  # ... from the front it makes the trunk a quarter shorter ...
    stood_up_leg: float = 0.93  # ... and leaves the leg as long as it was, unlike a squat
    stood_up_within_s: float = 8.0  # who came so long ago may still have been bowed
    stood_up_s: float = 0.3  # higher than before for so long: they had been bowed
    astray_s: float = 4.0  # a lean that lasts longer is a new posture
    offset_s: float = 20.0  # a part's place on the body is learned this slowly
    bridge_s: float = 1.0  # shorter dropouts are bridged; a longer one ends the rep under way
    lost_s: float = 2.5  # longer without a person: the set is over
    scale_window_s: float = 3.0  # lengths are medians over it: single frames are noise
    start_s: float = 0.3  # the pose model settles on a body it has just found
    scale_first_s: float = 1.0  # the first look at a person's size
    walked_shin: float = 0.5  # both feet as far from where they stood: a walk (a hop is 0.4), ...
    walked_trunk_shin: float = 1.0  # ... or the trunk: a camera near the floor sees feet move less
    walking_shin: float = 0.2  # and by so much at least; enough with another size, or when they ...
    walking_s: float = 1.5  # ... have walked so short a time ago: the walk goes on
    walked_trunk_share: float = 0.6  # of the feet's limit; a heel rise moves the trunk by 0.25
    walked_s: float = 0.6  # for longer: a cut film is told first, and who walks by has gone on
    place_feet_s: float = 2.0  # where they stand is followed this slowly: hops do not add up
    scale_change: float = 0.12  # a size that differs by more ...
    scale_after_s: float = 2.0  # ... for so long is a new one: the person came nearer
    drift_within_s: float = 8.0  # reps further apart tell nothing of each other
    dark_level: float = 28.0  # mean grey level (0-255) under which landmarks become guesses
    look_every_s: float = 2.5  # a look at the whole picture costs 40-60 ms: 2-3 % of the time
    look_every_frames: int = 60  # the same share of the time at 15 frames a second
    look_again_s: float = 1.0  # after a look that said something new, or somebody came or went
    same_person_trunks: float = (
        0.5  # two bodies nearer than this are one; a walker does it in 0.3 s
    )
    smallest_person: float = 0.4  # of the largest: somebody smaller is far away, or a phantom
    larger: float = 1.3  # clearly larger; a squat shortens a body by a fifth
    place_s: float = 1.0  # who stays for so long ...
    place_trunks: float = 0.25  # ... nearer to one place than this, stands there
    place_learn_s: float = 1.0  # it is followed this slowly
    place_left_s: float = 3.0  # who is away from it for longer has left it
    odd_trunks: float = 0.045  # head and trunk of another shape: 0.01-0.03 if upright (measured)
    vouch_trunks: float = 0.06  # the following and a look see the same: usual is 0.01-0.04
    vouched_s: float = 0.3  # and need not be compared again for so long
    about_s: float = 3.0  # somebody else who was seen so short a time ago is still about
    look_odd_s: float = 0.2  # between looks while a body is odd
    takeover_s: float = 2.0  # a larger one who stays in place so long is the one to follow
    crown_shin: float = 0.6  # nose to crown is 0.37 shins, with a bun or a child's head 0.5
    hand_shin: float = 0.45  # a raised hand can reach the edge with the wrist this far below
    near_top_shin: float = 1.6  # a head further below the top edge is not cut off by it
    no_flat_s: float = 4.0  # measured for longer without a flat stance: that is worth a word
    say_after_s: float = 1.0  # a trouble that lasts shorter is not worth a word
    say_share: float = 0.10  # of the recording: what lasted shorter is not in the summary
    nobody_share: float = 0.5  # the same for an empty picture: walking in and out is no trouble
    measured_share: float = 0.1  # of the recording: with less the view is refused


@dataclass(frozen=True)
class Stance:
    """Which leg carries the body. Scales: a clear lift and cross of the free foot is 2 to 4."""

    ankle_shin: float = 0.12  # free ankle above the standing one; crossed on the shin: 0.3-0.45
    heel_shin: float = 0.15  # free heel above the standing one
    toe_shin: float = 0.15  # free toe above the standing one
    knee_shin: float = 0.06  # the free knee rises when its leg is lifted
    flexion_deg: float = 12.0  # the free knee is bent: 15-50 degrees in profile
    support_shin: float = 0.20  # the standing foot is under the body, the free one beside
    clip: float = 2.5  # no single clue may decide alone
    ahead_deg: float = 4.2  # seen from the side, the trunk's middle is ahead of the feet (measured)
    turn_facing: float = 0.8  # the camera's turn is told by who faces it so much, or turns the back
    turn_doubt_deg: float = 1.2  # who stands is upright to this; what is more, the camera is turned
    turn_remembered_s: float = 30.0  # ... the median of it so long: a lean or a reach is outvoted
    turn_steadied_s: float = 3.0  # who bends foreshortens the trunk, and seems to face more
    turn_change_deg: float = 0.6  # less makes no other turn of it: no leg's clue is to drift
    travel_shin: float = 0.20  # a free foot leaves its place by 0.15-0.5, the carrying one by 0.1
    travel_weight: float = 0.50  # of that beside the mean of the other clues
    travelled: float = 0.4  # of it: so much further than the other, a foot has left its place
    one_leg_on: float = 0.19  # mean clue above it: one leg
    one_leg_off: float = 0.11  # below it: both feet
    both_at_most: float = 0.24  # a rise in which the clues stay below may be one on both feet
    began_s: float = 0.2  # who stands on a leg for so long as a rise begins has changed none
    carrying_s: float = 30.0  # so much of what was seen since the foot was lifted tells the leg
    other_leg_s: float = 0.7  # the other leg carries at rest for so long: the legs were changed
    off_share: float = 0.25  # of the leg's usual clue: below it both feet stand
    unlike_share: float = 0.6  # of the leg's usual mean |clue|: above it both feet do not stand
    unlike_least: float = 0.25  # noisy feet look this unlike both by themselves
    first_usual: float = 0.5  # the lift itself gives a stronger clue than the leg will later
    usual_share: float = 0.05  # a frame's weight in the leg's usual clue
    unknown_foot_shin: float = (
        0.18  # nearer feet stand so much lower in profile: until both were ...
    )
    unknown_knee_shin: float = 0.10  # ... seen on the floor so much, of knees this, says nothing
    unknown_support_shin: float = 0.40  # nor does the trunk's place: a camera turned by 3 degrees
    both_place_shin: float = (
        1.5  # feet this far from where both stood: how that looked is unknown ...
    )
    both_turn_profile: float = 0.45  # ... and so it is in another view
    about_facing: float = 0.25  # facing now times then, below minus this: a front taken for a back
    both_facing: float = 0.9  # seen straight from front or back, ...
    crossing_apart_shin: float = 0.17  # ankles that come nearer than this: one foot went behind
    both_apart_shin: float = 0.2  # ... ankles of both feet are 0.28-0.36 apart, crossed 0-0.2
    beside_facing: float = 0.8  # ... and seen less straight too, feet further apart than that, ...
    beside_clue: float = 0.45  # ... no foot higher by so much of a clue ...
    beside_leg_clue: float = 0.5  # ... and knees and support alike but for this: both stand
    on_floor_share: float = 0.5  # of a rise in which both feet are clearly on the ground: on both
    between_apart_shin: float = 0.3  # feet so far apart across the picture ...
    between_share: float = 0.3  # ... with the trunk this share of it from either: both carry
    farther_profile: float = 0.5  # seen more from the side: a bent knee shows
    farther_shin: float = 0.06  # an ankle so much higher in the picture ...
    farther_leg_share: float = 0.6  # ... on a leg that is shorter by so much of it ...
    farther_bent_share: float = 0.2  # ... and bent by less of what a lift takes (measured), ...
    farther_even_shin: float = 0.12  # ... heel and toe as much higher: it stands farther away
    farther_straight_deg: float = 15.0  # the nearer leg is straight
    left_travel: float = 0.9  # of it: so much further a foot has left its place ...
    left_bent_clue: float = 1.5  # ... on a knee that is bent by 18 degrees more: it is lifted
    settle_s: float = 0.25  # a stance must last so long to be believed
    still_shin: float = 0.035  # body within this range over still_s: standing still (jitter: 0.02)
    still_px: float = 2.0  # the same for small pictures, where it is the pose model's own jitter
    still_s: float = 0.4
    shaky_s: float = 1.2  # with a hand-held camera: so long on both feet ...
    shaky_shin: float = 0.10  # ... within this range is flat (shake: 0.06-0.08)
    flat_frames: int = 4  # still frames on one leg that make a flat-foot level
    flat_within_s: float = 3.0  # after the lift: later the heel may have dropped below a step
    flat_near_shin: float = 0.035  # below both feet's level by more is a dropped heel (0.05)
    flat_lift_shin: float = 0.055  # lifting the other leg raises the body by 0.04 at most
    flat_same_shin: float = 0.020  # of the first rest on one leg: the same rest
    lifting_share: float = 0.35  # the clue is off its usual by more: the other leg moves still
    lifted_rest_s: float = 0.3  # a body that then stays for so long ...
    lifted_still_share: float = 0.10  # ... within this share of the rise ...
    lifted_low_share: float = 0.40  # ... in the lower part of it rests before the rise
    new_leg_s: float = 0.4  # both feet down this long: the next leg may be the other one
    touch_s: float = 1.0  # both feet down for longer is a stance, for less a touch
    touch_share: float = 0.5  # of the leg's usual clue: below it the free foot is coming down
    leg_seen: float = 0.2  # mean clue of a set: below it a leg is a guess (wrong: 1 of 9; 1 of 225)
    rest_both_s: float = 1.5  # both feet down for longer: the set is over (a touch is under 1 s)
    shift_s: float = 0.9  # from a rise on both feet to one on one leg: no one is so quick
    flat_bent_deg: float = 25.0  # a knee bent by more on both feet is a squat, not flat stance
    flat_change_shin: float = 0.04  # still on both feet, off by more: a squat, a dropped heel ...
    flat_change_s: float = 2.5  # ... or, when it lasts so long, another place or camera
    flat_both_s: float = 0.8  # on both feet for less after a leg: a touch-down, maybe in a rise
    baseline_s: float = 1.0  # time constant with which "both feet" is learned
    place_s: float = 0.3  # ... and where the feet stand
    baseline_step_s: float = 0.2  # ... and a picture that is lower, however late, for no more


@dataclass(frozen=True)
class Counting:
    """What makes a rise and fall of the body a heel rise."""

    first_rise_body: float = 0.050  # before the person's range is known; a full rise is 0.11-0.15
    lift_rise_body: float = 0.080  # lifting the other leg raises the body 0.03-0.06 (at the start)
    least_rise_body: float = 0.035  # noise of one-leg stance at the hip: 0.03-0.08 (at the start)
    most_rise_body: float = 0.36  # a 16 cm heel rise from a step lifts the body 0.25; more is none
    before_low_s: float = 0.3  # the moment before a rise belongs to what is looked at
    at_top_s: float = 0.15  # a body that stays for so long near the highest is at the top
    plateau_s: float = 0.5  # a level kept this long may turn out to be a rest, not the top
    own_share: float = 0.30  # of the person's own median rise; the lowest true reps are at 0.39
    fall_share: float = (
        0.36  # of the body's rise, half of the heel's (lever): taken back, it is over ...
    )
    turn_share: float = 0.12  # ... and the heel turns up again by this share of the rise
    left_share: float = 0.40  # of the rise left in a touch, or while it sinks: the heel may be up
    held_s: float = 0.2  # how a body is held is the middle of so long
    sunk_knee_deg: float = 5.0  # a knee bent by more than at the top, and by ...
    sunk_from_rest_deg: float = 8.0  # ... more than at rest, takes the body down, not the heel
    sunk_lean_shin: float = 0.03  # so does a trunk that leans by more than at the top, ...
    sunk_hips_share: float = 0.30  # ... the hips down by less of their rise (heels: 0.36 to 0.8)
    sunk_still_share: float = 0.6  # of these bounds: what has sunk is up again within them
    rest_s: float = 0.25  # ... or rests for this long
    rest_share: float = 0.08  # rest: the body stays within this share of the rise
    smooth_s: float = 0.12  # the pose model smooths already; this takes the rest of the jitter
    model_lag_s: float = 0.06  # the pose model's filter lags 30-70 ms in VIDEO mode (measured)
    verdict_s: float = 0.7  # after a rep's end: a touch-down in which it ends is over, or known
    around_set_s: float = 2.5  # of track around a set: the rests before and after it
    beside_rep_s: float = 0.5  # around a rep, where its own rest is
    start_share: float = 0.05  # of the rise: start and end lie so far from the rests (definition)
    top_share: float = 0.10  # of the rise: the time within so much of the peak is held (definition)
    leaned_top_share: float = 0.18  # in a lean the hips, which alone tell the height, wander so far
    still_up_share: float = (
        0.30  # of the rise: while the free foot touches, the heel is up above it
    )
    near_peak_s: float = 0.25  # the highest moment is no further from the one the finder saw
    near_low_share: float = 0.4  # of the height: below it the low next to a rise is looked for
    lower_share: float = 0.04  # of the height: less than this is not clearly lower
    flank_from: float = 0.30  # from this share of the rise ...
    flank_to: float = 0.70  # ... to this a flank is steepest, and its moments surest; ...
    flank_on: float = 0.65  # ... to 90 % of a minimum-jerk movement it is so much of that time more
    flank_trust: float = 0.8  # of the way from where 90 % is crossed: nearer than either (measured)
    landing_from: float = 0.15  # from this share of the rise to the end ...
    landing_share: float = 0.46  # ... a minimum-jerk movement takes so much of the flank; ...
    sinks_on_s: float = 0.15  # ... what takes so much longer is the body, not the heel
    rest_look_s: float = 0.6  # the rest before and after a rise is looked for this far away
    spike_s: float = 0.17  # the shortest tops last 0.2 s: what is shorter on top of one ...
    spike_share: float = 0.04  # ... may stick out by this share of the rise and no more
    peak_s: float = 0.3  # the peak is the mean of so long at the highest, ...
    held_share: float = 0.4  # ... of a long hold of this share: a nod at its end is no peak ...
    held_from: float = 0.8  # ... (held is for this what is above this share of the rise), ...
    peak_look_s: float = 1.5  # ... not further from the highest sample than this
    rest_level_s: float = 0.4  # the level of a rest is the median of so much of it next to the rise
    floor_noise_shin: float = 0.025  # no heel is lower than the floor: more than 1 cm is no noise
    quick_flank_s: float = 0.30  # 30 to 70 % of a movement of 1.1 s: one that runs by itself ...
    slow_flank_s: float = 0.60  # ... and of one of 2.2 s, which is steered all the way
    flank_most_s: float = 0.3  # a flank's middle may move the moment of the top by no more
    dropped_shin: float = 0.02  # over a step; so far below flat foot an unsure touch-down is none
    dip_share: float = (
        0.10  # of the top's level: nearer to flat foot the heel is down, on the floor
    )
    dip_s: float = 0.15  # a dip out of the top shorter than this is jitter
    least_s: float = 0.6  # bounce floor: real reps of 0.80 s exist, less is a bounce (at the start)
    leap_most_s: float = 0.8  # what rises from a top for less may be somebody walking by
    longest_flank_s: float = 6.0  # up or down for longer: drift, no rep; slow training takes 4


@dataclass(frozen=True)
class Rejection:
    """What a candidate must show to be a heel rise and nothing else."""

    kept_s: float = 40.0  # of samples to judge it on: two long flanks and a long hold
    trusted_share: float = 0.35  # of the frames between start and end: behind a walker 0.37-0.57
    high_share: float = 0.8  # of the rise: from there a way down begins, and a way up ends
    peak_above_flat_body: float = 0.030  # a squat comes back to flat foot, a heel rise goes above
    first_above_flat_body: float = 0.045  # the first rep of a person: idling rises by 0.02-0.04
    raised_foot_share: float = 0.07  # of the body's rise on both feet: 0.1-0.35, in squats under
    raised_knee_share: float = 0.48  # of the hips' rise: 0.46-0.86; 0.2-0.54 in squats ...
    raised_trunk_times: float = 1.5  # ... and the shoulders' 1.0-1.45 times; 1.6-1.8
    raised_straightened_deg: float = 8.0  # no knee straightens: by 3 at most (squats: 20-38)
    both_lean_shin: float = 0.25  # on both feet: a trunk that goes down so far has bowed
    one_above_share: float = 0.2  # of the rise: more of it was below flat foot, a knee straightened
    both_above_share: float = 0.55  # of the rise: on a step 0.65 is above flat, in a squat little
    both_straightened_deg: float = 14.0  # a squat straightens both knees; a raise neither
    both_heel_down_share: float = (
        0.12  # of the rise: 0.09 at most in 163; built squats 0.15-0.47 ...
    )
    both_heel_down_shin: float = 0.06  # ... and so far: heels that are seen badly wander by 0.03
    both_above_flat_body: float = 0.075  # two-leg raises are no place for doubts
    stays_up_body: float = 0.02  # a rest higher than flat foot by more is a heel that stays up, ...
    swings_body: float = 0.03  # ... one so much lower a knee that bends for a swing (0.05 to 0.12)
    flat_follow_share: float = 0.3  # of the way to a rest: drifts are slower, bent knees shorter
    usual_peak_share: float = 0.33  # of the person's own peak; the lowest true ones are at 0.39
    usual_rise_share: float = 0.60  # with a bent knee the body stays low, but it rises all the way
    squat_deeper_share: float = 0.80  # of the own rise deeper than usual: up from a squat
    squat_peak_share: float = 0.45  # lower than this, and ...
    squat_fall: float = 2.5  # ... down by so many times the rise: the end of a set, then a squat
    step_drop_body: float = 0.030  # lows under flat foot by more: over a step (flat is +-0.02)
    put_down_clue_share: float = 0.5  # of the leg's clue left at the end: the free foot is down
    put_down_share: float = 0.25  # of the person's own rise, above both feet; on a step over 0.4
    up_on_both_share: float = 0.9  # both feet on the ground for so much of its upper half ...
    stood_up_share: float = 0.2  # ... and more of the rise than this not taken back ...
    stood_up_peak_share: float = 0.6  # ... or no higher than this share of the person's own
    first_on_both_share: float = 0.5  # of the upper half of a first rise: 0.43 at most in 402
    first_on_both_s: float = 1.6  # in a longer one the other foot may have touched down
    both_end_clue: float = 0.5  # of one leg, at an end of a rise on both feet; none of 163 was so
    seen_whole_share: float = 0.95  # of its frames; a cut costs the landmarks more
    put_down_peak_share: float = 0.65  # lower ones that end so are the shift of weight
    flank_gap_share: float = 0.6  # of the way up in one gap: nobody saw it rise
    steady_leg_share: float = 0.8  # of the frames with one and the same leg carrying, else ...
    heel_share: float = 0.25  # of the body's rise, seen at heel or ankle, when no flat is known
    foot_shift_shin: float = 0.70  # a foot or body that travels further has walked; hops are 0.4
    away_share: float = 0.35  # of the frames with the foot away from its place: it walked
    hop_s: float = 0.8  # a forefoot that goes along in less is a hop, however low
    hop_high_s: float = 0.36  # so is what is above half of it for less (hops 0.33, reps from 0.42)
    hop_toe_share: float = 0.40  # of the body's rise ...
    hop_peak_share: float = 1.25  # ... of one so much higher than the person's own ...
    high_hop_toe_share: float = 0.20  # ... this: what was seen of its feet is less
    flew_toe_share: float = 0.70  # a leg seen clearly whose own forefoot went so far along hopped
    moment_s: float = 0.2  # landmarks at the low are medians over it ...
    top_share: float = 0.75  # ... and those at the top over the frames above it
    toe_shin: float = 0.15  # a forefoot's landmark wanders by so much with the heel above it
    toe_share: float = 0.50  # of the body's rise: a forefoot that goes along does not carry
    toe_all_shin: float = 0.08  # a forefoot that rises more, and by ...
    toe_all_share: float = (
        0.90  # ... so much of the body's rise, stands on nothing (heel rises: 0.75)
    )
    crossed_share: float = (
        0.8  # seen from front or back with feet crossed for so much of it, or ...
    )
    one_foot_shin: float = 0.12  # ankles as close: one foot's landmarks lie on the other's ...
    no_jump_s: float = 1.5  # ... and in so long a rise that is no jump (at most 0.9, measured)
    astride_s: float = 1.05  # a jumping jack's jump takes up to 1.0 s; a rep that loses balance 1.1
    astride_shin: float = 0.20  # in it the feet part by over 0.21 (in heel rises as short 0.15)
    astride_clue: float = 0.5  # mean clue that the free foot is up at both ends all the same
    both_toe_shin: float = 0.06  # on both feet no foot hides the other: up to 0.035 (measured)
    both_toe_share: float = 0.25  # on both feet: jumping jacks 0.5-0.9
    both_slow_toe_share: float = 0.7  # ... in no jump; seen from behind up to 0.6 (drawn)
    both_knee_share: float = 0.38  # of the hips' rise: 0.46-0.86; in squats from front or back 0.2
    both_heel_share: float = 0.08  # an ankle or a heel goes up by 0.14 and more of the body's rise
    both_shift_shin: float = 0.20  # two-leg raises leave the feet where they are: 0.01-0.06
    rigid_share: float = 0.70  # of the body's rise: shoulders or knee rise as well (over 0.8) ...
    rigid_in_set_share: float = 0.60  # ... in a set on one leg, where a knee bends or a trunk leans
    clear_leg: float = 0.80  # a first rise on a leg so clearly seen (at most 1), ...
    clear_flat_body: float = 0.020  # ... from flat foot, to within this, ...
    clear_back_share: float = 0.15  # ... and back to it, to within this share of it, ...
    clear_above_body: float = 0.08  # ... so high, is one however the shoulders moved
    lifted_knee_share: float = 2.0  # of the body's rise: a knee that rises more is lifted
    leaned_shin: float = 0.10  # head and shoulders down by more in a rise: a lean (0.12-0.15)
    leaned_hips_share: float = 0.6  # of the body's rise: in a lean the hips do (0.68-0.80)
    hips_share: float = 0.35  # of the body's rise: the hips do (over 0.4, in clear views 0.6)
    both_hips_share: float = 0.52  # ... on both feet by 0.64 and more, by 0.45 where arms go up
    no_flat_rise_body: float = 0.095  # a first rise without a flat level to hold it against
    no_flat_shift_shin: float = 0.35  # ... in which both feet went somewhere: a walk
    most_above_flat_body: float = 0.26  # a heel of 16 cm lifts the body by 0.20: a step was climbed
    elsewhere_body: float = 0.10  # ... unless it also begins and ends higher by more (reps 0.07)
    no_flat_share: float = 0.45  # ... and a later one, of the person's own
    doubtful_above_flat_body: float = 0.060  # first reps so low are looked at twice, and count ...
    second_within_s: float = 8.0  # ... with a second one after a rest no longer than this
    first_down_share: float = 0.6  # of the rise: a heel rise comes down, a carried camera drifts
    first_low_body: float = 0.05  # above flat foot a first rise may begin, and by ...
    first_low_share: float = 0.65  # ... so much of itself (0.54 measured; carried cameras 0.73-3.6)
    came_up_share: float = 0.5  # of the own rise lower than before: over a step flat foot is 0.7
    rested_s: float = 0.2  # who just before it, for so long, moved by less than ...
    rested_share: float = 0.25  # ... so much of it has stood still there, where that is ...
    rested_low_body: float = (
        0.12  # ... not higher than a lifted leg may seem to lift a body in the dark
    )
    first_knee_deg: float = 10.0  # keeping the balance bends the knee by 20 and straightens it
    sure_above_flat_body: float = 0.070  # a rep that tells the person's own range
    flat_travel_shin: float = 0.70  # feet that went further away stand on another flat level
    flat_travel_s: float = 0.5  # ... for so long
    flat_place_s: float = 1.5  # how slowly a foot's place is learned: in a step it goes up for 0.5
    flat_place_step_s: float = 0.25  # one picture, after a gap, tells of no longer time
    flat_aside_shin: float = 0.20  # feet that are both so far from it have a new place at once
    flat_step_shin: float = 0.07  # both forefeet higher or lower by so much, and by ...
    flat_step_share: float = 0.5  # ... so much of what the body is, stand on another place
    flat_step_body_share: float = 0.7  # ... where the body is so much of what they are, or more
    flat_step_most_s: float = 1.5  # on one leg for longer is no step up, ...
    flat_off_leg_s: float = 1.0  # ... nor is what is seen on both feet for less after it
    flat_moved_shin: float = 0.35  # feet that both went as far, the same way, ...
    flat_against_shin: float = 0.09  # ... or so far down the picture while the body went up, ...
    flat_moved_share: float = 0.5  # ... each off their middle by less than so much of it, ...
    flat_moved_body: float = 0.03  # ... with the body off flat by more, stand nearer or further
    flat_camera_shin: float = 0.05  # a camera on a table moves less
    flat_leg_times: float = 2.5  # one foot alone must have gone so many times as far
    straightened_deg: float = 18.0  # a knee bend of the depth of a heel rise bends about 20 degrees
    knee_share: float = 0.60  # the knee goes up with the body on a lever; in a squat a third of it
    like_least: float = 0.6  # of the person's own rise, with somebody else about: more than this
    like_most: float = 1.5  # ... and less than this is like the rises before
    as_high_share: float = 0.35  # of the own rise: a squat ends at flat foot, on a step 0.5 below
    ankle_share: float = 0.15  # the ankle goes up in a heel rise, not in a knee bend


@dataclass(frozen=True)
class FootLever:
    """The foot as a lever about the ball, in parts of the shin length (knee to ankle)."""

    # From the shoe's own proportions (a foot is 0.62 shins long, its ball at two thirds), fitted to
    # 600 rendered reps within that range: the body on top moves a little less than the ankle joint.
    heel_to_ball: float = 0.46
    ankle_to_ball: float = 0.31
    ankle_height: float = 0.08
    shin_of_leg_and_torso: float = 0.322  # of hip-knee-ankle and hips-shoulders, as seen
    shin_of_stature: float = 0.246  # knee to ankle over body height (Winter 2009, table 4.1)


@dataclass(frozen=True)
class Perspective:
    """What an unknown camera does to heights, as far as it can be told."""

    # The body goes forward over the ball as the heel rises. Towards the camera, what is above the
    # camera's own height then seems to rise more, what is below it less; away from it, less.
    forward_share: float = 0.70  # of the body's rise: fitted to rendered reps, all views
    # Two guesses of the lens, their geometric mean is taken: the first goes wrong where a film was
    # cropped or given stripes, the second where somebody stands unusually near or far.
    focal_share: float = 0.90  # of the picture's longer side: webcams and phones are 0.75 to 1.0
    away_shins: float = 7.3  # 3 m: as far as a whole body and a usual room allow
    farthest: float = 1.4  # of that (4 m): a picture that has people further away was widened
    horizon_tan: float = 0.037  # above the picture's middle: cameras look down on people by 2 deg
    across_facing: float = 0.70  # shoulders seen from the front, in trunk lengths (measured)


@dataclass(frozen=True)
class Texture:
    """How far the trunk's texture is believed beside the landmarks (docs/accuracy.md)."""

    share: float = 0.85  # of the way from the landmarks to the texture: least error against truth
    least_frames: int = 10  # of one run: fewer do not tell how texture and landmarks go together
    most_share: float = 0.7  # of the range seen: further apart, one does not follow the trunk
    goes_along: float = 0.8  # of the motion of the landmarks: one that moves less is held back
    stands: float = 0.3  # of it: one that moves by less stands still, whatever its noise does
    held_back: float = 0.6  # of it: one that moves no more than this is not believed at all


@dataclass(frozen=True)
class RiseError:
    """What makes up the standard deviation of a rise (docs/accuracy.md)."""

    body_share: float = 0.080  # of the rise: feet are no equal levers, and bodies sway on them
    view_share: float = 0.045  # of the rise, facing the camera: its height is not known
    least_shin: float = 0.010  # the landmarks' own unrest
    disturbed_shin: float = 0.030  # balance lost, other foot down, a lean: body and heel part
    bent_shin: float = 0.080  # a knee that bends lowers the body, by 2 to 7 cm of heel (drawn)
    unseen_shin: float = 0.100  # times the share of the rep that was not seen
    refused: float = 0.25  # of the rise: texture and landmarks disagree on how far it went


@dataclass(frozen=True)
class FaultLimits:
    """Limits of the form checker: the defaults of the exercise guide and the heel-rise test."""

    low_peak_share: float = 0.62  # of the person's own best peak on that leg
    low_peak_doubt: float = 0.68  # below it is unsure: low tops are read too high by up to a tenth
    step_bottom_cm: float = 1.0  # the lowest level on a step may stay this far above it: no more
    step_bottom_shin: float = 0.025  # the same without a body height
    step_doubt_cm: float = 0.5  # half of all bottoms are measured to 0.5 cm: nearer is unsure
    step_doubt_shin: float = 0.0125  # the same without a body height
    floor_bottom_share: float = 0.20  # of the rise left at the bottom on the floor
    floor_doubt_shin: float = 0.045  # a heel that stayed up by less may be down: levels err by 0.02
    least_hold_s: float = 0.5  # coaches ask for 1-2 s; under half a second there is no pause
    hold_doubt_s: float = 0.05  # half of all holds are measured to 0.04 s: nearer is unsure
    sank_s: float = 0.4  # up or down longer by this than usual is a sunk top: 0.45 to 2.5; 0.2 else
    sank_low: float = 0.15  # facing the camera a top lower by so much may be one too
    least_down_s: float = 0.35  # down in less is dropped, not lowered


@dataclass(frozen=True)
class PostureLimits:
    """Knee, trunk and head against the person's own in the set."""

    start_s: float = 1.5  # before the first rep: how the trunk and the head are held
    calm_s: float = 0.35  # single landmarks leap for 1-3 frames
    swing_s: float = 0.4  # a knee is bent so long before the rise that it helps ...
    after_event_s: float = 0.12  # ... but for a touch it is until so long after it
    knee_deg: float = 4.5  # of the angle seen: a third of the 15 degrees that are meant
    knee_noise_times: float = 2.5  # ... and by so much more than it varies from rep to rep
    knee_doubt_deg: float = 9.0  # an angle so large without a shorter leg is unsure
    knee_clear_deg: float = 9.0  # so much, the body so much lower at the top: no leg need be ...
    knee_clear_times: float = 4.0  # ... seen shorter, where it varies by less than a fourth of it
    knee_top_low: float = 0.15  # drawn knees bent by 24 to 30 degrees: 0.15 to 0.6
    leg_short: float = 0.004  # a knee bent by 15 degrees shortens the leg by 0.5-3 % as seen ...
    leg_clearly_short: float = 0.015  # ... and in one quiet rep of thirty it looks so short too
    knee_profile: float = 0.62  # seen more from front or back, a bend shows as a shorter leg alone
    front_leg_short: float = 0.012  # ... by 1.2-2.9 %, mostly; so it does in a quiet rep of thirty
    bent_leg_short: float = 0.03  # a leg so much shorter is bent, from whichever side it is seen
    lean_deg: float = 10.0  # the coaches' "body upright"; sways of quiet reps stay under 4
    lean_s: float = 0.3  # shorter is a sway
    lean_profile: float = 0.5  # seen more from the front, a lean does not show as a tilt
    lean_hint_shin: float = 0.04  # quiet reps seen from the front: up to 0.03
    nod_deg: float = 25.0  # "head up, eyes forward"
    nod_s: float = 1.0  # a glance down is none
    ear_to_nose_shin: float = 0.22  # length of the line from the ears to the nose (measured)
    face_facing: float = -0.5  # seen more from behind, the face is a guess


@dataclass(frozen=True)
class BalanceLimits:
    """Touch-downs and lost balance; distances in shin lengths (a shin is some 42 cm)."""

    touch_drop_shin: float = 0.11  # the free foot falls by 0.13-0.44 when it touches, 0.04 if not
    touch_sure_shin: float = 0.14  # less may be the landmarks' doing ...
    touch_sure_s: float = 0.2  # ... and so may be something shorter
    noise_times: float = 3.5  # and by more than its own noise in this set
    touch_clue_share: float = 0.75  # the legs look alike: this share of the leg's usual clue
    swap_share: float = 0.4  # a clue this far on the other side: the model swaps the legs
    touch_least_s: float = 0.12  # shorter is a landmark's leap
    touch_most_s: float = 1.6  # longer is standing on both feet
    dip_before_s: float = 0.35  # the knee gives way so long before the foot is down: the heel is up
    dip_after_s: float = 0.12  # ... and so long after it has left again
    touch_near_s: float = 0.5  # so near to a touch no sway is needed for arms that fly out
    touch_up_s: float = 0.3  # the free foot is up for so long before and after a touch
    clean_split_shin: float = 0.09  # measured only on frames with the trunk's sides in place ...
    clean_gap_s: float = 0.25  # ... and not so near to frames that could not be used
    others_about_s: float = 3.0  # ... where others were about within so long; walkers take 1 to 3
    # 5 % of the body's rise would be 10 % of the heel's.
    clean_low_share: float = 0.03  # ... but on all of them where none is so low in the rise
    drawn_refused: float = 0.9  # texture refused by so much: who passes draws the landmarks along
    join_s: float = 0.35  # two runs nearer than this are one event
    lost_join_s: float = 0.7  # arms fly out and come back: one loss of balance
    gap_s: float = 0.12  # frames missing for longer ...
    gap_near_s: float = 0.5  # ... so near to an event make it doubtful
    arms_shin: float = 0.43  # both hands fly this far (18 cm)
    arms_doubt_shin: float = 0.38  # less far it is unsure; leaning moves them by 0.35
    arms_noise_times: float = 6.0  # less than so many times their usual unrest is unsure (true: 7)
    arms_quiet_share: float = 0.2  # ... where so much of the set is without the event
    arms_from_s: float = 1.1  # against where they hung from so long ...
    arms_to_s: float = 0.3  # ... to so long ago
    arms_trunk_deg: float = 1.5  # with the arms, a swing of the trunk of this much counts
    arms_hip_shin: float = 0.03  # or of the hips (1.3 cm)
    sway_deg: float = 7.0  # a sway there and back is lost balance by itself (the owner's figure)
    sway_quick_deg: float = 4.5  # ten that last 0.8 s are read as 5 to 6.5; enough where ...
    sway_hip_shin: float = 0.045  # ... the hips go the other way: 3 cm (the owner's), read as 2
    sway_s: float = 1.0  # there and back within so long; a lean stays for longer
    sway_from_s: float = 1.5  # where the trunk was is the median from so long ...
    sway_to_s: float = 0.5  # ... to so long before
    sway_profile: float = 0.6  # seen more from the side than this, a tilt is a lean ...
    sway_aslant_profile: float = 0.85  # ... or a sway, if the hips go the other way: unsure
    sway_lean_profile: float = (
        0.3  # from so far beside the front on a lean shows as a tilt as well ...
    )
    sway_lean_shin: float = 0.05  # ... and takes head and shoulders down by more than this, ...
    sway_lean_up_shin: float = 0.043  # ... or up: sways do by 0.04, leans by 0.05 (measured)
    sway_lean_deep_shin: float = 0.14  # from everywhere, down by more is a lean (0.13-0.18)
    hop_longest_s: float = 0.9  # with the knee that bends before and after (drawn: 0.50 to 0.75)
    hop_shin: float = 0.07  # the body goes up by more: hops of 4 cm by 0.09, drawn ones by 0.13
    most_hops: int = 2  # in one set: more of them are a camera that shakes, or a very bad day
    lost_least_s: float = 0.1  # shorter is a landmark's leap
    split_shin: float = 0.13  # sides of the trunk out of place: somebody else in the way
    swing_s: float = 0.45  # half the length of a swing
    foot_shin: float = 0.35  # a standing foot that lands so far away has hopped (quiet: 0.1-0.3)
    foot_from_s: float = 0.9  # its place is the median from so long ...
    foot_to_s: float = 0.3  # ... to so long before and after


@dataclass(frozen=True)
class Live:
    """How long the live coach waits for what, and what it asks for."""

    ready_s: float = 0.7  # a stance that was right for so long is meant
    feet_down_s: float = 3.0  # both feet down for so long: the set is over (the owner's figure)
    held_s: float = 1.0  # the hold ring is full: coaches ask for 1-2 s
    side_on: float = 0.6  # facing the camera by more (sine): a side view shows more
    ask_side_s: float = 6.0  # asked for so long; clinics film from behind, and that counts too
    least_shin_px: float = 32.0  # 24 can be counted (Framing); some room for moving away
    least_shin_share: float = 0.08  # of the picture: 40 px at VGA; 45-80 carry reps (at the start)
    quiet_s: float = 6.0  # the same cue again after so long: once or twice in a set of ten
    slow_fps: float = 15.0  # below it a hold of half a second has under eight frames
    slow_for_s: float = 4.0  # ... for so long, before the lighter model takes over


@dataclass(frozen=True)
class Settings:
    """All thresholds of the core."""

    framing: Framing = field(default_factory=Framing)
    stance: Stance = field(default_factory=Stance)
    counting: Counting = field(default_factory=Counting)
    rejection: Rejection = field(default_factory=Rejection)
    lever: FootLever = field(default_factory=FootLever)
    perspective: Perspective = field(default_factory=Perspective)
    texture: Texture = field(default_factory=Texture)
    rise_error: RiseError = field(default_factory=RiseError)
    faults: FaultLimits = field(default_factory=FaultLimits)
    posture: PostureLimits = field(default_factory=PostureLimits)
    balance: BalanceLimits = field(default_factory=BalanceLimits)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain values for the written result."""
        return asdict(self)


@dataclass(frozen=True)
class SessionOptions:
    """What the user said about the recording.

    Raises
    ------
    ValueError
        When a height or time is out of its range, or a surface or leg none of those there are.
    """

    body_height_cm: float | None = None
    surface: Surface = "auto"
    leg: Leg = "auto"
    lower_for_s: float | None = None  # coaches ask for 2-3 s in training: less is then "rushed"

    def __post_init__(self) -> None:
        """Check what was said."""
        for name, value, (least, most) in (
            ("body_height_cm", self.body_height_cm, BODY_HEIGHT_CM),
            ("lower_for_s", self.lower_for_s, LOWER_FOR_S),
        ):
            if value is not None and not _between(least, value, most):
                raise ValueError(f"{name} is {value!r}: it can be {least:g} to {most:g}, or None")
        for name, word, words in (
            ("surface", self.surface, get_args(Surface)),
            ("leg", self.leg, get_args(Leg)),
        ):
            if word not in words:
                raise ValueError(f"{name} is {word!r}: it can be {', '.join(words)}")


def _between(least: float, value: float, most: float) -> bool:
    try:
        return least <= value <= most
    except TypeError:
        return False  # no number at all
