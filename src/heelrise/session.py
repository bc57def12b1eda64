"""The core: poses in, one at a time; moments out; and the result at the end.

Live and recorded use this very class. It asks no clock, draws nothing, opens nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from heelrise.balance import Hop
from heelrise.carrying_leg import CarryingLeg
from heelrise.flat_place import FlatPlace
from heelrise.framing import NO_FLAT, FramingWatch
from heelrise.judge import Judge
from heelrise.landmarks import LANDMARK_COUNT, MOST_PX, MOST_S, STILL, Pose
from heelrise.legs import LegReader, LegSample
from heelrise.level import FlatLevel, heel_level
from heelrise.measure import nearest_low
from heelrise.moment import Moment, Phase
from heelrise.rejection import is_hop, why_not
from heelrise.reps import Candidate, Found, RepFinder
from heelrise.result import Rep, Result
from heelrise.settings import SessionOptions, Settings, Surface
from heelrise.sinking import Sinking
from heelrise.stance import Stance, StanceTracker
from heelrise.stretch import Stretch, rest_after_lift, stretch_of
from heelrise.suspect import Suspect, raised_on_both

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
        self._flat_place = FlatPlace(settings.rejection)
        self._flat_seen = False
        self._measured_s = 0.0
        self._elsewhere = (0, 0)  # cuts and walks so far
        self._place = 0  # number of the place where the person is
        self._kept: deque[tuple[LegSample, Stance]] = deque()
        self._leg = CarryingLeg(options.leg, settings.stance)
        self._sinking = Sinking(settings.counting)
        self._last_found: Found | None = None
        self._waiting: Found | None = None  # a first low one, which counts with a second
        self._counted = False  # whether this person has a rep
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
        found = self._miss(away_s) if gone else ()
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
        for one in found:
            waited = rep
            mended, rep = self._judge.add(one, sample.t_s)
            mended = mended or waited
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

    def take_back(self, numbers: Collection[int]) -> None:
        """Let no rep be held against those of these numbers: the user says that they are none.

        They stay in the result, to be left out of it by :func:`~heelrise.result.without`.
        """
        self._judge.take_back(numbers)

    def finish(self) -> Result:
        """End the session: what was under way is counted, what only the end shows is judged."""
        for found in self._accept(self._finder.flush()):
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
        while self._kept[0][0].t_s < sample.t_s - self._settings.rejection.kept_s:
            self._kept.popleft()

    def _miss(self, away_s: float) -> tuple[Found, ...]:
        """The person cannot be measured for some time: end the rep, then the set."""
        framing = self._settings.framing
        if away_s <= framing.bridge_s:
            return ()
        found = self._accept(self._finder.flush())
        if away_s > framing.lost_s:
            self._forget_person()
            self._trusted_s = None
        return found

    def _forget_person(self) -> None:
        self._stances.reset()
        self._forget_flat()
        self._leg.forget()
        self._peaks.clear()
        self._last_found = self._waiting = None
        self._counted = False

    def _follow(self, sample: LegSample, stance: Stance) -> tuple[Found, ...]:
        if (sample.cuts, sample.walks) != self._elsewhere:
            self._elsewhere = (sample.cuts, sample.walks)
            self._place += 1
            self._finder.restart()
            self._forget_person()
        rising = self._finder.phase != Phase.STANDING
        touching = self._leg.follow(sample.t_s, stance, rising, self._last_found)
        leg = None if self._last_found is None else self._last_found.side
        changed = stance.side in ("left", "right") and stance.side != leg
        sunk = self._sinking.follow(sample, None if changed else leg, self._finder.phase)
        held = self._sinking.hips_up
        candidate = self._finder.update(sample.t_s, sample.height, touching or sunk, held)
        self._leave_flat(sample, stance)
        raised = self._finder.phase != Phase.STANDING
        bent = max(sample.knee_flexion_deg) > self._settings.stance.flat_bent_deg
        self._flat.update(sample.t_s, sample.height, stance, raised, bent)
        flat, near = self._flat.body, self._settings.stance.flat_change_shin
        there = flat is not None and abs(sample.height - flat) <= near
        if there and stance.side == "both" and stance.still and not raised and not bent:
            self._flat_place.learn(sample)
        return self._accept(candidate)

    def _leave_flat(self, sample: LegSample, stance: Stance) -> None:
        """Forget the flat level once the feet have left the place where it was learned."""
        if self._flat.body is None:
            return
        above = sample.height - self._flat.body
        elsewhere = self._flat_place.elsewhere(sample, stance, above)
        left = self._flat_place.left(sample, stance.still, elsewhere)
        # Nobody stands higher than a heel lifts: that level was a seat's, or the camera has moved.
        high = above > self._settings.rejection.most_above_flat_body
        stands = stance.side == "both" and stance.still
        stood_up = high and stands and self._flat_place.camera_stayed(sample)
        if left or stood_up:
            self._place += 1
            self._forget_flat()
            self._last_found = None  # the next rep is not held against one from elsewhere
            # On one leg a rep may be under way there.
            if (elsewhere or stood_up) and stance.side == "both":
                self._finder.restart()

    def _forget_flat(self) -> None:
        self._flat.forget()
        self._flat_place.forget()

    def _accept(self, candidate: Candidate | None) -> tuple[Found, ...]:
        """Return the heel rise a candidate turns out to be, behind one that waited for it."""
        if candidate is None:
            return ()
        stretch = self._stretch(candidate)
        candidate = self._from_nearest_low(candidate, stretch)
        stretch = self._stretch(candidate)
        in_set = self._finder.usual_rise is not None
        side = self._leg.side_of(stretch, candidate.low_s, self._last_found, in_set)
        if side is None:
            self.rejected.append((candidate, "cannot tell the leg"))
            return ()
        own_peak = float(np.median(self._peaks)) if self._peaks else None
        before = self._rep_before(candidate)
        self._forget_flat_of_a_top(candidate, before)
        self._forget_flat_of_elsewhere(candidate)
        suspect = Suspect(
            candidate,
            stretch,
            side,
            self._flat.body,
            own_peak,
            self._finder.usual_rise,
            None if before is None else before.peak,
            self._settings,
        )
        if self._began_on_both_below(suspect):
            self._forget_flat()
            suspect = replace(suspect, flat=None)
        flat = suspect.flat
        reason = why_not(suspect)
        leg = self._leg.goes_on(candidate.low_s, self._last_found)
        if reason and side == "both" and leg is not None:
            side = leg  # no rise on both feet, but in the set there may be one on its own leg
            reason = why_not(replace(suspect, side=leg))
        lifted = candidate.low_s < self._leg.since_s and side != "both"
        small = candidate.rise < self._settings.counting.lift_rise_body
        if not reason and (candidate.rise < self._finder.least_rise or (lifted and small)):
            reason = "only the other foot was lifted"
        if reason:
            self.rejected.append((candidate, reason))
            if is_hop(replace(suspect, side=side)):
                self._judge.hop(Hop(side, candidate.low_s, candidate.bottom_s, candidate.rise))
            return ()
        above = None if flat is None else candidate.peak - flat
        sure = candidate.rise > self._sure_rise if above is None else above > self._sure_above
        if self._finder.usual_rise is not None or sure:
            # A first rep that is low may be none: it does not make the next ones easier.
            self._finder.learn(candidate.rise)
        self._follow_drift(candidate)
        if flat is not None:
            self._peaks.append(candidate.peak - flat)
        leg_seen = stretch.speaks_for(side)
        self._last_found = Found(side, candidate, flat, self._place, leg_seen)
        return self._with_waiting(self._last_found)

    def _with_waiting(self, found: Found) -> tuple[Found, ...]:
        """Return a heel rise behind the first one, if that waited; nothing if this one must wait.

        Who keeps their balance on one leg may go up as high as in the lowest heel rise, but hardly
        twice in a row.
        """
        waiting, self._waiting = self._waiting, None
        if waiting is not None and self._is_second(waiting, found):
            self._counted = True
            return waiting, found
        if not self._counted and found.side != "both" and found.flat is not None:
            above = found.candidate.peak - found.flat
            if above <= self._settings.rejection.doubtful_above_flat_body:
                self._waiting = found
                self.rejected.append((found.candidate, "so low a first one needs a second"))
                return ()
        self._counted = True
        return (found,)

    def _is_second(self, first: Found, found: Found) -> bool:
        rest_s = found.candidate.low_s - first.candidate.bottom_s
        near = first.side == found.side and first.place == found.place
        return near and rest_s <= self._settings.rejection.second_within_s

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
            self._forget_flat()

    def _began_on_both_below(self, suspect: Suspect) -> bool:
        """Whether a film that begins with both heels up has taught that level as the flat one."""
        flat, candidate = suspect.flat, suspect.candidate
        if flat is None or self._last_found is not None:
            return False
        above = candidate.peak - flat
        too_low = above < self._settings.rejection.both_above_flat_body
        return too_low and raised_on_both(suspect)

    def _forget_flat_of_elsewhere(self, candidate: Candidate) -> None:
        """Forget a flat level caught on a walk: far below both ends of a rise higher than any heel.

        Whoever walks nearer is higher in the picture. Where the place of the level is known, it
        is the camera that has moved.
        """
        flat, limits = self._flat.body, self._settings.rejection
        if flat is None or self._flat_place.known:
            return
        if candidate.peak - flat < limits.most_above_flat_body:
            return
        if min(candidate.low, candidate.bottom) - flat > limits.elsewhere_body:
            self._forget_flat()

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

    def _from_nearest_low(self, candidate: Candidate, stretch: Stretch) -> Candidate:
        """Start the rise at the rest next to it, and after the other foot has left the ground.

        The finder knows only the lowest point so far: a walk, a step nearer or the lift of the
        other leg may have come between.
        """
        from_s = candidate.low_s
        clear = abs(np.median(stretch.score)) > 2 * self._settings.stance.one_leg_on
        if clear and candidate.low_s < self._leg.since_s < candidate.peak_s:
            # High up no other leg is lifted any more: there the clue came late.
            share = self._settings.stance.lifted_low_share
            at = stretch.at(self._leg.since_s)
            if stretch.height[at] - candidate.low <= share * candidate.rise:
                from_s = self._leg.since_s
        rest_s = rest_after_lift(stretch, candidate, self._settings.stance) if clear else None
        from_s = from_s if rest_s is None else max(from_s, rest_s)
        up = stretch.between(from_s, candidate.peak_s)
        times, heights = stretch.t_s[up][::-1], stretch.height[up][::-1]
        if not len(times):
            return candidate
        at = nearest_low(times, heights, self._settings.counting)
        return replace(candidate, low_s=float(times[at]), low=float(heights[at]), rest_s=rest_s)
