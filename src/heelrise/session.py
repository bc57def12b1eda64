"""The core: poses in, one at a time; moments out; and the result at the end.

Live and recorded use this very class. It asks no clock, draws nothing, opens nothing.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from heelrise.framing import NO_FLAT, FramingWatch
from heelrise.judge import Judge
from heelrise.landmarks import LANDMARK_COUNT, LEFT_TOE, MOST_PX, MOST_S, RIGHT_TOE, STILL, Pose
from heelrise.legs import LegReader, LegSample
from heelrise.level import FlatLevel, heel_level
from heelrise.measure import nearest_low
from heelrise.moment import Moment, Phase
from heelrise.rejection import Suspect, why_not
from heelrise.reps import Candidate, Found, RepFinder
from heelrise.result import Rep, Result, Side
from heelrise.settings import SessionOptions, Settings, Surface
from heelrise.stance import Stance, StanceTracker
from heelrise.stretch import Stretch, rest_after_lift, stretch_of

KEPT_S = 40.0  # samples kept to judge a rep on: two long flanks and a long hold
STEP_S = 1e-3  # a frame without a time of its own comes so much after the one before


class Session:
    """Counts and judges one recording or one live session.

    Parameters
    ----------
    options : SessionOptions
        What the user said about it.
    settings : Settings
        Thresholds.

    Examples
    --------
    >>> session = Session()
    >>> for pose in poses:  # doctest: +SKIP
    ...     moment = session.update(pose)
    >>> result = session.finish()
    """

    def __init__(
        self, options: SessionOptions = SessionOptions(), settings: Settings = Settings()
    ) -> None:
        self._options = options
        self._settings = settings
        self._legs = LegReader(settings)
        self._stances = StanceTracker(settings)
        self._flat = FlatLevel(settings.stance)
        self._finder = RepFinder(settings.counting)
        self._framing = FramingWatch(settings.framing)
        self._judge = Judge(options, settings)
        self._sure_above = settings.rejection.sure_above_flat_body
        self._sure_rise = settings.rejection.no_flat_rise_body
        self._flat_place: NDArray[np.float64] | None = None  # of the toes, pixels
        self._flat_near_s = 0.0
        self._flat_seen = False
        self._measured_s = 0.0
        self._cuts = 0
        self._kept: deque[tuple[LegSample, Stance]] = deque()
        # Clues since the free foot last left the ground; half a minute says which leg it is.
        self._leg_scores: deque[float] = deque(maxlen=900)
        self._both_since_s: float | None = None
        self._leg_since_s = 0.0  # when the free foot left the ground after standing on both
        self._other_leg_since_s = 0.0
        self._last_found: Found | None = None
        self._drift = self._pending = 0.0  # of the last rep, and what waits for a second to agree
        self._last_s: float | None = None
        self._trusted_s: float | None = None
        self._peaks: deque[float] = deque(maxlen=9)  # body heights above flat foot
        self.rejected: list[tuple[Candidate, str]] = []

    def update(self, pose: Pose) -> Moment:
        """Take the pose of the next frame; return what is known now.

        A time that does not come after the last one's is put just behind it, and where no picture
        can have shown such landmarks, nobody was seen: the moment's pose says what was taken.
        """
        last_s = self._last_s
        pose = self._believable(pose)
        step_s = 0.0 if last_s is None else pose.t_s - last_s
        sample = self._legs.read(pose)
        away_s = 0.0 if self._trusted_s is None else sample.t_s - self._trusted_s
        lost = away_s > self._settings.framing.lost_s
        # Where the camera was gone, no frame said that nobody was there.
        gone = sample.trusted and step_s > self._settings.balance.gap_s
        found = self._miss(away_s) if gone else None
        stance = self._stances.update(sample)
        warnings = self._framing.update(sample)
        if not sample.trusted:
            found = self._miss(away_s)
        self._keep(sample, stance)
        if sample.trusted:
            found = self._follow(sample, stance) or found
            self._flat_seen = self._flat_seen or self._flat.body is not None
            self._measured_s += min(away_s, self._settings.framing.bridge_s)
            self._trusted_s = sample.t_s
        self._judge.update(sample, stance)
        mended: Rep | None = None
        rep: Rep | None = None
        judged, faults = self._judge.verdict(sample.t_s)
        if found is not None:
            mended, rep = self._judge.add(found, sample.t_s)
        if lost:
            self._judge.leave()
        phase = self._finder.phase if self._trusted_s is not None else Phase.AWAY
        flat = self._flat.body
        level = None
        if sample.trusted and flat is not None:
            level = float(heel_level(np.array(sample.height - flat), self._settings.lever))
        hold_s = sample.t_s - self._finder.top_since_s if phase == Phase.TOP else 0.0
        return Moment(
            pose=pose,
            side=stance.side,
            phase=phase,
            level_shin=level,
            best_shin=self._judge.best(stance.side),
            on_step=self._judge.on_step,
            hold_s=hold_s,
            counts=self._judge.counts,
            rep=rep,
            mended=mended,
            judged=judged,
            faults=faults,
            warnings=warnings,
            facing=sample.facing if sample.trusted else None,
        )

    def stand_on(self, surface: Surface) -> None:
        """Take the user's word for what they stand on, for all that was and will be counted."""
        self._options = replace(self._options, surface=surface)
        self._judge.stand_on(surface)

    def so_far(self) -> Result:
        """Judge what has been counted until now; the session goes on."""
        return self._judge.finish(self._warnings())

    def finish(self) -> Result:
        """End the session: what was under way is counted, what only the end shows is judged."""
        found = self._accept(self._finder.flush())
        if found is not None:
            self._judge.add(found, found.candidate.bottom_s)
        return self._judge.finish(self._warnings())

    def _warnings(self) -> tuple[str, ...]:
        """Return the advice for the whole recording."""
        unknown = not self._flat_seen and self._measured_s > self._settings.framing.no_flat_s
        return (*self._framing.summary(), *((NO_FLAT,) if unknown else ()))

    def _believable(self, pose: Pose) -> Pose:
        """Return the pose as a camera can have seen it; what can be so is returned as it is."""
        last_s, t_s = self._last_s, pose.t_s
        if last_s is None:
            t_s = t_s if 0.0 <= t_s < MOST_S else 0.0
        elif not last_s < t_s < MOST_S:
            t_s = last_s + STEP_S
        self._last_s = t_s
        if t_s != pose.t_s:
            pose = replace(pose, t_s=t_s)
        sizes = (pose.width_px, pose.height_px)
        move = (pose.camera.turn_rad, pose.camera.x_px, pose.camera.y_px)
        possible = (
            all(0 < size < MOST_PX for size in sizes)
            and all(abs(by) < MOST_PX for by in move)
            and bool((np.abs(pose.xy_px) < MOST_PX).all())
        )
        if possible or not pose.found:
            return pose
        nowhere = np.full((LANDMARK_COUNT, 2), np.nan)
        return replace(pose, xy_px=nowhere, visibility=np.zeros(LANDMARK_COUNT), camera=STILL)

    def _keep(self, sample: LegSample, stance: Stance) -> None:
        self._kept.append((sample, stance))
        while self._kept[0][0].t_s < sample.t_s - KEPT_S:
            self._kept.popleft()

    def _miss(self, away_s: float) -> Found | None:
        """The person cannot be measured for some time: end the rep, then the set."""
        framing = self._settings.framing
        if away_s <= framing.bridge_s:
            return None
        found = self._accept(self._finder.flush())
        if away_s > framing.lost_s:
            self._forget_person()
            self._trusted_s = None
        return found

    def _forget_person(self) -> None:
        self._stances.reset()
        self._flat.forget()
        self._flat_place = None
        self._leg_scores.clear()
        self._peaks.clear()
        self._last_found = None

    def _follow(self, sample: LegSample, stance: Stance) -> Found | None:
        if sample.cuts != self._cuts:
            self._cuts = sample.cuts
            self._finder.restart()
            self._forget_person()
        touching = self._follow_leg(sample.t_s, stance)
        candidate = self._finder.update(sample.t_s, sample.height, touching)
        self._forget_flat_elsewhere(sample, stance)
        raised = self._finder.phase != Phase.STANDING
        bent = max(sample.knee_flexion_deg) > self._settings.stance.flat_bent_deg
        self._flat.update(sample.t_s, sample.height, stance, raised, bent)
        flat, near = self._flat.body, self._settings.stance.flat_change_shin
        there = flat is not None and abs(sample.height - flat) <= near
        if there and stance.side == "both" and stance.still and not raised and not bent:
            self._flat_place = _toes(sample)
        return self._accept(candidate)

    def _forget_flat_elsewhere(self, sample: LegSample, stance: Stance) -> None:
        """Forget the flat level once the feet have gone away from where it was learned.

        Or stand on a step now, or on the floor beside it: both forefeet higher or lower than they
        were. Then what looked like a rise was the way there.
        """
        limits, flat = self._settings.rejection, self._flat.body
        if self._flat_place is None or flat is None:
            return
        gone = (_toes(sample) - self._flat_place) / sample.shin_px
        travelled = min(math.hypot(*foot) for foot in gone)
        least = max(limits.flat_step_shin, limits.flat_step_share * abs(sample.height - flat))
        down = gone[:, 1]
        same_way = bool(down.min() > least or down.max() < -least)
        stepped = stance.side == "both" and stance.still and same_way
        if travelled < limits.flat_travel_shin and not stepped:
            self._flat_near_s = sample.t_s
        elif sample.t_s - self._flat_near_s > limits.flat_travel_s:
            self._flat.forget()
            self._flat_place = None
            self._last_found = None  # the next rep is not held against one from elsewhere
            if stepped:
                self._finder.restart()

    def _follow_leg(self, t_s: float, stance: Stance) -> bool:
        """Gather what speaks for either leg; return whether the free foot touches down."""
        limits = self._settings.stance
        if stance.side == "both":
            if self._both_since_s is None:
                self._both_since_s = t_s
            if t_s - self._both_since_s > limits.new_leg_s:
                self._leg_scores.clear()
            if t_s - self._both_since_s > limits.touch_s:
                self._leg_since_s = t_s
                return False
            return True
        if stance.side is None:
            self._leg_scores.clear()
            self._leg_since_s = t_s
            return False
        self._both_since_s = None
        self._change_leg(t_s, stance)
        usual = float(np.median(self._leg_scores)) if self._leg_scores else 0.0
        self._leg_scores.append(stance.score)
        return bool(abs(stance.score) < limits.touch_share * abs(usual))

    def _change_leg(self, t_s: float, stance: Stance) -> None:
        """Forget what spoke for the other leg when this one carries at rest for long enough.

        Not during a rise: a lean or an arm can swap the landmarks of the legs for its length.
        """
        same = not self._leg_scores or np.sum(self._leg_scores) * stance.score > 0
        if same or self._finder.phase != Phase.STANDING:
            self._other_leg_since_s = t_s
        elif t_s - self._other_leg_since_s > self._settings.stance.other_leg_s:
            self._leg_scores.clear()

    def _accept(self, candidate: Candidate | None) -> Found | None:
        """Return the heel rise a candidate turns out to be; None when it is none."""
        if candidate is None:
            return None
        stretch = self._stretch(candidate)
        candidate = self._from_nearest_low(candidate, stretch)
        stretch = self._stretch(candidate)
        side = self._side_of(stretch, candidate.low_s)
        if side is None:
            self.rejected.append((candidate, "cannot tell the leg"))
            return None
        own_peak = float(np.median(self._peaks)) if self._peaks else None
        before = self._rep_before(candidate)
        self._forget_flat_of_a_top(candidate, before)
        flat = self._flat.body
        suspect = Suspect(
            candidate,
            stretch,
            side,
            flat,
            own_peak,
            self._finder.usual_rise,
            None if before is None else before.peak,
            self._settings,
        )
        reason = why_not(suspect)
        leg = self._leg_that_goes_on(candidate.low_s)
        if reason and side == "both" and leg is not None:
            side = leg  # no rise on both feet, but in the set there may be one on its own leg
            reason = why_not(replace(suspect, side=leg))
        lifted = candidate.low_s < self._leg_since_s and side != "both"
        small = candidate.rise < self._settings.counting.lift_rise_body
        if not reason and (candidate.rise < self._finder.least_rise or (lifted and small)):
            reason = "only the other foot was lifted"
        if reason:
            self.rejected.append((candidate, reason))
            return None
        above = None if flat is None else candidate.peak - flat
        sure = candidate.rise > self._sure_rise if above is None else above > self._sure_above
        if self._finder.usual_rise is not None or sure:
            # A first rep that is low may be none: it does not make the next ones easier.
            self._finder.learn(candidate.rise)
        self._follow_drift(candidate)
        if flat is not None:
            self._peaks.append(candidate.peak - flat)
        self._last_found = Found(side, candidate, flat)
        return self._last_found

    def _rep_before(self, candidate: Candidate) -> Candidate | None:
        """Return the heel rise just before; None when it is long ago."""
        last = None if self._last_found is None else self._last_found.candidate
        if last is None or candidate.low_s - last.bottom_s > self._settings.framing.drift_within_s:
            return None
        return last

    def _forget_flat_of_a_top(self, candidate: Candidate, before: Candidate | None) -> None:
        """Forget a flat level that was learned with the heel up: the rep before would be none.

        A level learned on a higher place is no lower than the rises that start there.
        """
        flat, least = self._flat.body, self._settings.rejection.peak_above_flat_body
        if flat is None or before is None:
            return
        if before.peak - flat < least and candidate.low < flat - least:
            self._flat.forget()
            self._flat_place = None

    def _follow_drift(self, candidate: Candidate) -> None:
        """Move the flat-foot level with the camera: when lows and peaks have moved alike.

        A low peak or a heel that does not come down moves one of the two; a drift moves both.
        """
        last = self._rep_before(candidate)
        if last is None:
            self._drift = self._pending = 0.0
            return
        low, peak = candidate.low - last.low, candidate.peak - last.peak
        drift = float(np.copysign(min(abs(low), abs(peak)), low)) if low * peak > 0 else 0.0
        if drift * self._drift > 0:
            self._flat.shift(drift + self._pending)
            self._pending = 0.0
        else:
            self._pending = drift  # one rep alone may have started from a bent knee
        self._drift = drift

    def _stretch(self, candidate: Candidate) -> Stretch:
        """Return the samples of a candidate, and the moment before it."""
        first_s = candidate.low_s - self._settings.counting.before_low_s
        return stretch_of([(s, q) for s, q in self._kept if first_s <= s.t_s <= candidate.bottom_s])

    def _side_of(self, stretch: Stretch, low_s: float) -> Side | None:
        """Return who carried during a candidate, from its own clues and the set's."""
        own = float(np.median(stretch.score))
        limits = self._settings.stance
        goes_on = self._leg_that_goes_on(low_s)
        # Nobody lifts the other foot during a rise, or puts it down and rises on it as well: who
        # stood when it began, stands.
        rested_on_both = stretch.both_feet[: stretch.at(low_s) + 1]
        began_on_both = rested_on_both.mean() > 0.5 and goes_on is None
        began_on_one = self._finder.usual_rise is not None and not rested_on_both.any()
        looks_both = stretch.both_feet.mean() > 0.5 or not self._leg_scores
        on_both = looks_both and not began_on_one
        alike = abs(own) < limits.both_at_most and (on_both or began_on_both)
        if alike and not self._goes_on_on_one(stretch):
            return "both"
        if self._options.leg != "auto":
            return self._options.leg
        if goes_on is not None and not self._leg_scores and abs(own) < limits.one_leg_on:
            return goes_on
        gathered = float(np.sum(np.clip(self._leg_scores, -1, 1))) if self._leg_scores else own
        if abs(own) < limits.one_leg_on and np.sign(gathered) != np.sign(own):
            return None
        return "left" if gathered > 0 else "right"

    def _leg_that_goes_on(self, low_s: float) -> Side | None:
        """Return the leg of the rep just before, if a rise comes so soon after it that it goes on.

        A free foot on the ground is then a short rest, or hangs behind the other in a blurred
        picture.
        """
        last = self._last_found
        if last is None or last.side == "both":
            return None
        rest_s = low_s - last.candidate.bottom_s
        return last.side if rest_s < self._settings.stance.rest_both_s else None

    def _goes_on_on_one(self, stretch: Stretch) -> bool:
        """Whether a set on one leg goes on: before and after it the other foot is clearly up.

        At the top the landmarks of the free foot may come to lie on the carrying one's.
        """
        least = self._settings.stance.both_at_most
        first, last = _at_ends(stretch.score)
        return self._finder.usual_rise is not None and (
            min(first, last) > least or max(first, last) < -least
        )

    def _from_nearest_low(self, candidate: Candidate, stretch: Stretch) -> Candidate:
        """Start the rise at the rest next to it, and after the other foot has left the ground.

        The finder knows only the lowest point so far: a walk, a step nearer or the lift of the
        other leg may have come between.
        """
        from_s = candidate.low_s
        clear = abs(np.median(stretch.score)) > 2 * self._settings.stance.one_leg_on
        if clear and candidate.low_s < self._leg_since_s < candidate.peak_s:
            from_s = self._leg_since_s
        rest_s = rest_after_lift(stretch, candidate, self._settings.stance) if clear else None
        from_s = from_s if rest_s is None else max(from_s, rest_s)
        up = stretch.between(from_s, candidate.peak_s)
        times, heights = stretch.t_s[up][::-1], stretch.height[up][::-1]
        if not len(times):
            return candidate
        at = nearest_low(times, heights, self._settings.counting)
        return replace(candidate, low_s=float(times[at]), low=float(heights[at]), rest_s=rest_s)


def _at_ends(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the medians of the first and of the last tenth of some values."""
    count = max(1, len(values) // 10)
    return float(np.median(values[:count])), float(np.median(values[-count:]))


def _toes(sample: LegSample) -> NDArray[np.float64]:
    """Return where the toes are, pixels, shape (2, 2)."""
    return np.asarray(sample.xy_px[[LEFT_TOE, RIGHT_TOE]])
