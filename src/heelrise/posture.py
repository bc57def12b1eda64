"""How knee, trunk and head are held through a set, against the person's own way of standing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heelrise.measure import Measured
from heelrise.result import Side
from heelrise.settings import PostureLimits
from heelrise.track import Track

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Posture:
    """How one rep was held: what is beyond the person's own in the set.

    Attributes
    ----------
    knee_deg : float
        How far the standing knee is bent beyond its usual most in a rep, degrees in the picture.
    knee_noise_deg : float
        How much that most varies from rep to rep in this set; infinite with fewer than three.
    leg_short : float
        How much shorter, as a share, the standing leg gets than it usually does in a rep.
    lean_deg : float
        How far the trunk leans beyond the start of the set, degrees along the person's own facing,
        for at least ``lean_s``; 0 where the view does not show it.
    lean_hint_shin : float
        How much lower head and shoulders come over the hips than usually in a rep, shin lengths:
        all that a view from the front shows of a lean.
    profile : float
        1 in pure profile, 0 facing the camera or away from it.
    top_low : float
        How far, as a share of it, the top stays below the set's usual one.
    """

    knee_deg: float = 0.0
    knee_noise_deg: float = np.inf
    leg_short: float = 0.0
    lean_deg: float = 0.0
    lean_hint_shin: float = 0.0
    profile: float = 1.0
    top_low: float = 0.0


@dataclass(frozen=True)
class Nod:
    """A head that was turned down: from when to when (seconds), and how far (degrees)."""

    start_s: float
    end_s: float
    down_deg: float


def postures(
    track: Track,
    reps: Sequence[Measured],
    side: Side,
    limits: PostureLimits,
    events_over_s: Sequence[float] = (),
) -> list[Posture]:
    """Return how each rep of a set was held.

    Parameters
    ----------
    track : Track
        The frames of the set, from before its first rep on.
    reps : sequence of Measured
        Its reps, in order.
    side : {"left", "right", "both"}
        The leg that carries; of both legs nothing is said.
    limits : PostureLimits
    events_over_s : sequence of float, optional
        When a foot that touched down had left the ground again, or balance was back (seconds): a
        knee that bends until then, before a rep, is no swing.

    Notes
    -----
    The pose model shows a third of a bend of the knee that carries, behind the crossed leg: 5 to 9
    degrees of 24 to 26 (measured). So a bend is read from the angle and from the leg's length
    together, each against the other reps of the set.
    """
    if side == "both" or not reps or len(track.t_s) < 3:
        return [Posture() for _ in reps]
    knee = track.left_knee_deg if side == "left" else track.right_knee_deg
    leg = track.left_leg if side == "left" else track.right_leg
    knee, leg, trunk, lean = (
        _calm(track.t_s, values, limits.calm_s)
        for values in (knee, leg, track.trunk_deg, track.lean)
    )
    early_s = reps[0].start_s - limits.start_s
    start = (track.t_s >= early_s) & (track.t_s <= reps[0].start_s)
    upright = float(np.median(trunk[start])) if start.any() else float(np.median(trunk))
    spans = [_during(track.t_s, rep, limits, events_over_s) for rep in reps]
    knees = [float(knee[span].max()) for span in spans]
    legs = [float(leg[span].min()) for span in spans]
    leans = [float(lean[span].max()) for span in spans]
    usual_knee, usual_leg = _low_middle(knees), -_low_middle([-length for length in legs])
    noise_deg = _spread(knees)
    usual_top = float(np.median([rep.peak for rep in reps]))
    held = []
    for number, span in enumerate(spans):
        profile = float(np.median(track.profile[span]))
        seen = profile >= limits.lean_profile
        tilt = np.abs(trunk[span] - upright)
        held.append(
            Posture(
                knees[number] - usual_knee,
                noise_deg,
                1.0 - legs[number] / usual_leg if usual_leg > 0 else 0.0,
                _lasting(track.t_s[span], tilt, limits.lean_s) / profile if seen else 0.0,
                leans[number] - _low_middle(leans),
                profile,
                1.0 - reps[number].peak / usual_top if usual_top > 0 else 0.0,
            )
        )
    return held


def nods(track: Track, start_s: float, end_s: float, limits: PostureLimits) -> list[Nod]:
    """Return when the head was turned down in a set, against how it was held at its start.

    The line from ear to nose turns by its height over its length, which is the same from every
    side; from behind there is no face to see, and nothing is said.
    """
    inside = track.between(start_s - limits.start_s, end_s)
    if len(inside.t_s) < 3 or float(np.median(inside.facing)) < limits.face_facing:
        return []
    share = np.clip(inside.nose_low / limits.ear_to_nose_shin, -1.0, 1.0)
    pitch = np.degrees(np.arcsin(_calm(inside.t_s, share, limits.calm_s)))
    before = inside.t_s <= start_s
    usual = float(np.median(pitch[before])) if before.any() else float(pitch[0])
    down = pitch - usual
    found = []
    low = np.flatnonzero(down > limits.nod_deg)
    for run in np.split(low, np.flatnonzero(np.diff(low) > 1) + 1):
        if len(run) and inside.t_s[run[-1]] - inside.t_s[run[0]] > limits.nod_s:
            first_s, last_s = float(inside.t_s[run[0]]), float(inside.t_s[run[-1]])
            found.append(Nod(first_s, last_s, float(np.median(down[run]))))
    return found


def _during(
    t_s: Floats, rep: Measured, limits: PostureLimits, events_over_s: Sequence[float]
) -> NDArray[np.intp]:
    """Return the indices of a rep's frames, with a moment before: knees bend to take a swing."""
    before = [over_s + limits.after_event_s for over_s in events_over_s if over_s < rep.start_s]
    from_s = max([rep.start_s - limits.swing_s, *(min(over_s, rep.start_s) for over_s in before)])
    inside = np.flatnonzero((t_s >= from_s) & (t_s <= rep.end_s))
    return inside if len(inside) else np.array([int(np.argmin(np.abs(t_s - rep.peak_s)))])


def _calm(t_s: Floats, values: Floats, span_s: float) -> Floats:
    """Take the median over a window of time, so that what is shorter than half of it is gone."""
    from scipy.ndimage import median_filter

    step_s = float(np.median(np.diff(t_s)))
    width = max(round(span_s / step_s), 1) if step_s > 0 else 1
    width = min(width, 2 * len(values) + 1)  # reaches over all of them from any one
    return np.asarray(median_filter(values, size=width, mode="nearest"))


def _lasting(t_s: Floats, values: Floats, lasting_s: float) -> float:
    """Return the highest level that values keep above for so long."""
    best = 0.0
    for first, from_s in enumerate(t_s):
        last = int(np.searchsorted(t_s, from_s + lasting_s))
        if last >= len(t_s):
            break
        best = max(best, float(values[first : last + 1].min()))
    return best


def _low_middle(values: Sequence[float]) -> float:
    """Return the median, the lower one of the two in the middle: of two reps the better."""
    return sorted(values)[(len(values) - 1) // 2]


def _spread(values: Sequence[float]) -> float:
    """Return a robust standard deviation; infinite with fewer than three values."""
    if len(values) < 3:
        return float(np.inf)
    return 1.4826 * float(np.median(np.abs(np.array(values) - np.median(values))))
