"""Touch-downs of the free foot and losses of balance, found in the track of one set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from heelrise.result import Side
from heelrise.settings import BalanceLimits
from heelrise.track import Track

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAN_LOOKS_SO = "a lean forward looks so too, seen from here"
GRID_S = 1 / 30  # half of the shortest time that matters here is a dozen of these


@dataclass(frozen=True)
class Hop:
    """A hop on the leg that carries, as the counting saw it: from when to when, and how high.

    ``rise`` is the body's, shin lengths.
    """

    side: Side
    start_s: float
    end_s: float
    rise: float


@dataclass(frozen=True)
class Event:
    """Something that happened in a set.

    Attributes
    ----------
    kind : str
        ``foot_touchdown`` or ``lost_balance``, as in a fault.
    start_s, end_s : float
        From when to when, seconds.
    measured, limit : float
        What told of it, and what that was held against, in ``unit``.
    unit : str
        ``shin`` for shin lengths, or ``deg``.
    message : str
        What is said of it.
    why : str
        Why it is not sure; empty when it is.
    from_rest : bool
        It begins where the heel was down, as a hop does: no knee has given way before it.
    """

    kind: str
    start_s: float
    end_s: float
    measured: float
    limit: float
    unit: str
    message: str
    why: str = ""
    from_rest: bool = False

    @property
    def sure(self) -> bool:
        """Whether the picture carries it."""
        return not self.why


def touch_downs(track: Track, sign: float, limits: BalanceLimits) -> tuple[Event, ...]:
    """Return when the free foot came down and went up again.

    The free foot falls against the body by 0.13-0.44 shin lengths and the legs look alike for a
    moment (measured). Either alone may be the landmarks' doing.

    Parameters
    ----------
    track : Track
        The frames of one set on one leg.
    sign : float
        +1 when the left leg carries, -1 when the right one does.
    limits : BalanceLimits
    """
    free = track.right_up if sign > 0 else track.left_up
    clue = sign * track.score
    usual = float(np.median(clue))
    if usual <= 0:
        return ()
    drop = np.median(free) - free
    noise = 1.4826 * float(np.median(np.abs(drop - np.median(drop))))
    alike = clue < limits.touch_clue_share * usual
    events = []
    for first, last in _runs((drop > limits.touch_drop_shin) & alike, track.t_s, limits.join_s):
        lasted_s = float(track.t_s[last] - track.t_s[first])
        if not limits.touch_least_s <= lasted_s <= limits.touch_most_s:
            continue
        if not (_up_for(track.t_s[:first], limits) and _up_for(track.t_s[last + 1 :], limits)):
            continue  # the foot has not left the ground yet, or is put down for good
        fell = float(drop[first : last + 1].max())
        swapped = float(np.min(clue[first : last + 1])) < -limits.swap_share * usual
        why = _doubt(track, first, last, limits)
        if swapped:
            why = why or "the landmarks of the legs swap here"
        small = fell < limits.touch_sure_shin or lasted_s < limits.touch_sure_s
        if small or fell < limits.noise_times * noise:
            why = why or "the feet are seen too unsteadily"
        start_s, end_s = float(track.t_s[first]), float(track.t_s[last])
        limit, message = limits.touch_drop_shin, "the free foot took the ground"
        events.append(Event("foot_touchdown", start_s, end_s, fell, limit, "shin", message, why))
    return tuple(events)


def lost_balances(
    track: Track,
    touches: tuple[Event, ...],
    sign: float,
    limits: BalanceLimits,
    hops: Sequence[Hop] = (),
) -> tuple[Event, ...]:
    """Return when the body was thrown off: arms fly out, a hop, a sway, the foot shifts.

    Both arms reacting within half a second is how people save their balance, seen from every
    view; the trunk's own sway is only seen across the view, and a lean must not pass for it.
    """
    if len(track.t_s) < 5:
        return ()
    signs = _signs(track, touches, sign, limits, hops)
    any_sign = signs.thrown | signs.swayed | signs.shifted | (signs.leap > 0)
    events = []
    for first, last in _runs(any_sign, track.t_s, limits.lost_join_s):
        lasted_s = float(track.t_s[last] - track.t_s[first])
        if lasted_s >= limits.lost_least_s or signs.shifted[first : last + 1].any():
            event = _told_by(signs, track, first, last, limits)
            events.append(replace(event, why=_doubt(track, first, last, limits) or event.why))
    return tuple(events)


@dataclass(frozen=True, eq=False)
class _Signs:
    """What tells of a lost balance in each frame of a set, shape (N,) each.

    Attributes
    ----------
    arms : ndarray of float
        How far both hands are from where they hung, shin lengths; ``thrown`` where that counts:
        something else moved too.
    sway : ndarray of float
        Degrees; ``swayed`` where it is one.
    foot : ndarray of float
        How far the standing one has moved, shin lengths; ``shifted`` where that is far.
    leap : ndarray of float
        How high a hop went, shin lengths; 0 where there was none.
    hops : int
        How many there were.
    """

    arms: Floats
    thrown: Flags
    sway: Floats
    swayed: Flags
    foot: Floats
    shifted: Flags
    leap: Floats
    hops: int


def _signs(
    track: Track,
    touches: tuple[Event, ...],
    sign: float,
    limits: BalanceLimits,
    hops: Sequence[Hop],
) -> _Signs:
    """Return what tells of a lost balance, frame by frame."""
    arms = np.minimum(
        _flung(track, track.left_hand_x, track.left_hand_y, limits),
        _flung(track, track.right_hand_x, track.right_hand_y, limits),
    )
    trunk = _swing(track.t_s, track.trunk_deg, limits.swing_s)
    hips = _swing(track.t_s, track.hip_x, limits.swing_s)
    body_moves = (trunk > limits.arms_trunk_deg) | (hips > limits.arms_hip_shin)
    near_touch = np.zeros(len(track.t_s), dtype=bool)
    for touch in touches:
        near_touch |= (track.t_s > touch.start_s - limits.touch_near_s) & (
            track.t_s < touch.end_s + limits.touch_near_s
        )
    foot = _shift(track.t_s, track.left_x if sign > 0 else track.right_x, limits)
    # A body that rolls: the sway must turn back within the swing, a lean stays.
    thrown = (arms > limits.arms_doubt_shin) & (
        body_moves | near_touch | (foot > limits.foot_shin / 2)
    )
    # Across the view a tilt is sideways sway; along it, it is a lean; in between, either.
    facing = track.profile < limits.sway_profile
    tilt = _leaves(track.t_s, track.trunk_deg, limits)
    sway, countered = np.abs(tilt), _countered(track, tilt, limits)
    swayed = (facing & (sway > limits.sway_deg)) | countered
    leap = np.zeros(len(track.t_s))
    hops = [hop for hop in hops if hop.end_s >= track.t_s[0] and hop.start_s <= track.t_s[-1]]
    for hop in hops:
        leap[(track.t_s >= hop.start_s) & (track.t_s <= hop.end_s)] = hop.rise
    shifted = foot > limits.foot_shin
    return _Signs(arms, thrown, sway, swayed, foot, shifted, leap, len(hops))


def _told_by(signs: _Signs, track: Track, first: int, last: int, limits: BalanceLimits) -> Event:
    """Return what the signs of a run say was lost balance, by the one that says it best."""
    part = slice(first, last + 1)
    times = float(track.t_s[first]), float(track.t_s[last])
    swayed, leap = signs.swayed[part], signs.leap[part]
    flown = float(signs.arms[part][signs.thrown[part]].max(initial=0.0))
    if flown > limits.arms_shin or (flown and not (swayed | (leap > 0)).any()):
        why = ""
        if flown <= limits.arms_shin:
            why = "the arms moved hardly further than in a lean"
        elif flown < limits.arms_noise_times * _unrest(track.t_s, signs.arms, first, last, limits):
            why = "the hands are seen too unsteadily"
        message = "balance lost: both arms flew out"
        return Event("lost_balance", *times, flown, limits.arms_shin, "shin", message, why)
    if leap.any():
        why = "so many may be a camera that shakes" if signs.hops > limits.most_hops else ""
        rise, message = float(leap.max()), "hopped on the standing foot"
        return Event("lost_balance", *times, rise, limits.hop_shin, "shin", message, why, True)
    if swayed.any():
        sway_deg = float(signs.sway[part][swayed].max())
        clear = sway_deg > limits.sway_deg
        limit = limits.sway_deg if clear else limits.sway_quick_deg
        why = LEAN_LOOKS_SO if _leaned(track, part, limits) else ""
        message = f"swayed by {sway_deg:.0f} degrees"
        return Event("lost_balance", *times, sway_deg, limit, "deg", message, why)
    moved = float(signs.foot[part].max())
    message = f"the standing foot shifted by {moved:.2f} shin lengths"
    why = "only the foot's landmarks moved"
    return Event("lost_balance", *times, moved, limits.foot_shin, "shin", message, why)


def _countered(track: Track, tilt: Floats, limits: BalanceLimits) -> Flags:
    """Whether the hips go to the other side of a sway and back: so balance is kept.

    The landmarks follow so quick a sway by half to two thirds (measured on drawn people).
    """
    hips = _leaves(track.t_s, track.hip_x, limits)
    tilts = np.abs(tilt) > limits.sway_quick_deg
    seen = track.profile < limits.sway_aslant_profile
    return seen & (hips * tilt < 0) & tilts & (np.abs(hips) > limits.sway_hip_shin)


def _leaned(track: Track, part: slice, limits: BalanceLimits) -> bool:
    """Whether a tilt may be a lean.

    Seen aslant, any may. Else one in which head and shoulders leave their place over the hips: a
    little where the view shows some of a lean as a tilt, down, or up where it is seen from below;
    by much, wherever it seems to be seen from.
    """
    off = track.lean[part] - np.median(track.lean)
    down, up = float(off.max()), float(-off.min())
    profile = float(np.median(track.profile[part]))
    slanted, aslant = profile > limits.sway_lean_profile, profile > limits.sway_profile
    a_little = down > limits.sway_lean_shin or up > limits.sway_lean_up_shin
    return aslant or (slanted and a_little) or down > limits.sway_lean_deep_shin


def _up_for(t_s: Floats, limits: BalanceLimits) -> bool:
    """Whether there is time enough before or after a touch for the foot to have been up."""
    return len(t_s) > 1 and float(t_s[-1] - t_s[0]) >= limits.touch_up_s


def _runs(flags: Flags, t_s: Floats, join_s: float) -> list[tuple[int, int]]:
    """Return first and last index of each run of true flags, runs nearer than ``join_s`` joined."""
    runs: list[tuple[int, int]] = []
    for index in np.flatnonzero(flags):
        if runs and t_s[index] - t_s[runs[-1][1]] <= join_s:
            runs[-1] = (runs[-1][0], int(index))
        else:
            runs.append((int(index), int(index)))
    return runs


def _doubt(track: Track, first: int, last: int, limits: BalanceLimits) -> str:
    """Say why the landmarks in or near a run are not to be trusted; empty when they are."""
    from_s, to_s = track.t_s[first] - limits.gap_near_s, track.t_s[last] + limits.gap_near_s
    near = (track.t_s >= from_s) & (track.t_s <= to_s)
    steps = np.diff(track.t_s[near])
    usual = float(np.median(np.diff(track.t_s)))
    if len(steps) and steps.max() > limits.gap_s + usual:
        return "part of it was not seen"
    if track.split[near].max() > limits.split_shin or track.people[near].max() > 1:
        return "somebody else may be in the way"
    return ""


def _before(t_s: Floats, values: Floats, from_s: float, to_s: float) -> Floats:
    """Return, for each frame, the median of the values from ``from_s`` to ``to_s`` before it.

    On an even grid, so that the frame rate, and a rate that varies, make no difference; before the
    first frame its own value is taken to have lasted.
    """
    from scipy.ndimage import median_filter

    grid_s = np.arange(t_s[0], t_s[-1] + GRID_S, GRID_S)
    width = max(round((from_s - to_s) / GRID_S), 1)
    middles = median_filter(np.interp(grid_s, t_s, values), size=width, mode="nearest")
    return np.asarray(np.interp(t_s - (from_s + to_s) / 2, grid_s, middles))


def _flung(track: Track, x: Floats, y: Floats, limits: BalanceLimits) -> Floats:
    """How far a hand is from where it hung from 1.1 to 0.3 s ago, shin lengths."""
    from_s, to_s = limits.arms_from_s, limits.arms_to_s
    dx = x - _before(track.t_s, x, from_s, to_s)
    dy = y - _before(track.t_s, y, from_s, to_s)
    return np.asarray(np.hypot(dx, dy))


def _unrest(t_s: Floats, arms: Floats, first: int, last: int, limits: BalanceLimits) -> float:
    """How far the hands are from where they hung without an event, shin lengths; 0 if unknown."""
    away_s = limits.arms_from_s  # so long what has flown stands out against
    quiet = (t_s < t_s[first] - away_s) | (t_s > t_s[last] + away_s)
    return float(np.median(arms[quiet])) if quiet.mean() > limits.arms_quiet_share else 0.0


def _swing(t_s: Floats, values: Floats, half_s: float) -> Floats:
    """How far a value is off the middle between itself before and after: a swing, not a move."""
    before = np.interp(t_s - half_s, t_s, values)
    after = np.interp(t_s + half_s, t_s, values)
    return np.abs(values - (before + after) / 2)


def _leaves(t_s: Floats, values: Floats, limits: BalanceLimits) -> Floats:
    """How far, and which way, a value leaves both its past and its near future."""
    past = values - _before(t_s, values, limits.sway_from_s, limits.sway_to_s)
    back = values - np.interp(t_s + limits.sway_s, t_s, values)
    least = np.where(np.abs(past) < np.abs(back), past, back)
    return np.where(np.sign(past) == np.sign(back), least, 0.0)


def _shift(t_s: Floats, x: Floats, limits: BalanceLimits) -> Floats:
    """How far a foot has moved for good, from just before to just after each frame."""
    before = _before(t_s, x, limits.foot_from_s, limits.foot_to_s)
    mirrored = _before(-t_s[::-1], x[::-1], limits.foot_from_s, limits.foot_to_s)[::-1]
    return np.asarray(np.abs(mirrored - before))
