"""Which leg carried during a rise: what speaks for either, gathered over a set."""

from __future__ import annotations

import numpy as np

from heelrise.reps import Found
from heelrise.result import Side
from heelrise.running_median import RunningMedian
from heelrise.settings import Leg
from heelrise.settings import Stance as StanceLimits
from heelrise.stance import Stance
from heelrise.stretch import Stretch


class CarryingLeg:
    """Gathers the clues of a set, frame by frame, and names the leg of a rise in it.

    Parameters
    ----------
    leg : str
        ``left`` or ``right`` where the user said so, else ``auto``.
    limits : settings.Stance

    Attributes
    ----------
    since_s : float
        When the free foot left the ground after standing on both, seconds.
    """

    def __init__(self, leg: Leg, limits: StanceLimits) -> None:
        """Start with nothing gathered."""
        self._leg = leg
        self._s = limits
        # Clues since the free foot last left the ground: whether it is up, and which one it is.
        self._scores = RunningMedian(limits.carrying_s)
        self._legs = RunningMedian(limits.carrying_s)
        self._both_since_s: float | None = None
        self._other_since_s = 0.0
        self.since_s = 0.0

    def forget(self) -> None:
        """Forget what speaks for either leg: another person, or another place."""
        self._scores.clear()
        self._legs.clear()

    def follow(self, t_s: float, stance: Stance, rising: bool, before: Found | None = None) -> bool:
        """Gather what speaks for either leg; return whether the free foot touches down.

        Parameters
        ----------
        t_s : float
            Time of the frame, seconds.
        stance : Stance
            Of the frame.
        rising : bool
            A rise is under way.
        before : Found or None
            The last heel rise here.
        """
        if stance.side == "both":
            if self._both_since_s is None:
                self._both_since_s = t_s
            if t_s - self._both_since_s > self._s.new_leg_s:
                self.forget()
            if t_s - self._both_since_s > self._s.touch_s:
                self.since_s = t_s
                return False
            return True
        if stance.side is None:
            self.forget()
            self.since_s = t_s
            return False
        self._both_since_s = None
        self._change(t_s, stance.leg, rising)
        usual = self._scores.median if self._scores else 0.0
        self._scores.add(stance.score, t_s)
        self._legs.add(stance.leg, t_s)
        # Under a heel that is up the other foot, on the ground, is the lower one: as if it carried.
        # In a set, that is: when somebody walks either foot is the lower one now and then.
        leg = "left" if usual > 0 else "right"
        clear = abs(usual) > self._s.one_leg_off and before is not None and before.side == leg
        other = clear and usual * stance.score < 0
        return bool(other or abs(stance.score) < self._s.touch_share * abs(usual))

    def _change(self, t_s: float, leg: float, rising: bool) -> None:
        """Forget what spoke for the other leg when this one carries at rest for long enough.

        Not during a rise: a lean or an arm can swap the landmarks of the legs for its length.
        """
        same = not self._legs or sum(self._legs.values) * leg > 0
        if same or rising:
            self._other_since_s = t_s
        elif t_s - self._other_since_s > self._s.other_leg_s:
            self.forget()

    def side_of(
        self, stretch: Stretch, low_s: float, before: Found | None, in_set: bool
    ) -> Side | None:
        """Return who carried during a rise, from its own clues and the set's.

        Parameters
        ----------
        stretch : Stretch
            The rise, and the moment before it.
        low_s : float
            When it began, seconds.
        before : Found or None
            The heel rise before it.
        in_set : bool
            The person's own range is known: heel rises were seen before.
        """
        if stretch.on_floor.mean() > self._s.on_floor_share:
            return "both"
        own = float(np.median(stretch.score))
        goes_on = self.goes_on(low_s, before)
        # Nobody lifts the other foot during a rise, or puts it down and rises on it as well: who
        # stood when it began, stands.
        rested_on_both = stretch.both_feet[: stretch.at(low_s) + 1]
        began_on_both = rested_on_both.mean() > 0.5 and goes_on is None
        # Nor does anybody lift it between one rise on both feet and the next.
        both_go_on = before is not None and before.side == "both" and self._soon(low_s, before)
        began_on_one = in_set and not rested_on_both.any() and not both_go_on
        looks_both = stretch.both_feet.mean() > 0.5 or not self._scores
        # Nor does anybody raise both heels on feet that are crossed.
        crossed = bool(stretch.crossed.all()) and not stretch.both_feet.any()
        on_both = looks_both and not (began_on_one or crossed)
        alike = abs(own) < self._s.both_at_most and (on_both or began_on_both)
        at_rest = stretch.leg_at_both_ends(self._s.both_at_most)
        if alike and not (in_set and at_rest):
            return "both"
        if self._leg != "auto":
            return self._leg
        if goes_on is not None and not self._scores and abs(own) < self._s.one_leg_on:
            return goes_on
        gathered = float(np.sum(np.clip(self._legs.values, -1, 1))) if self._legs else own
        side: Side = "left" if gathered > 0 else "right"
        guessed = stretch.speaks_for(side) < self._s.leg_seen
        stands = goes_on is not None and self._stands(stretch, low_s, goes_on)
        if goes_on is not None and (guessed or stands or at_rest == goes_on):
            return goes_on  # a set that goes on changes no leg by a guess, or by its tops alone
        # A rise that looks a little like one on the other leg is none of this one's, unless the
        # set goes on or both its rests show this leg: a lean or a dark picture may hide the
        # carrying leg for the length of a rise.
        own = float(np.median(stretch.leg))
        doubtful = abs(own) < self._s.one_leg_on and np.sign(gathered) != np.sign(own)
        return None if doubtful and side not in (goes_on, at_rest) else side

    def _stands(self, stretch: Stretch, low_s: float, side: Side) -> bool:
        """Whether a leg carries as the rise begins, and the other foot comes down on no way up.

        So nobody has changed legs, whatever the top looks like.
        """
        top_s = float(stretch.t_s[np.argmax(stretch.height)])
        clue = stretch.clue_from(low_s, self._s.began_s) * (1.0 if side == "left" else -1.0)
        put_down = stretch.both_feet & stretch.between(low_s, top_s)
        return clue > self._s.one_leg_on and not put_down.any()

    def goes_on(self, low_s: float, before: Found | None) -> Side | None:
        """Return the leg of the rise before, if one comes so soon after it that the set goes on.

        A free foot on the ground is then a short rest, or hangs behind the other in a blurred
        picture.
        """
        if before is None or before.side == "both":
            return None
        return before.side if self._soon(low_s, before) else None

    def _soon(self, low_s: float, before: Found) -> bool:
        return low_s - before.candidate.bottom_s < self._s.rest_both_s
