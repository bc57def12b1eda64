"""The state machine: body height in, the phase now and a candidate for a rep when one ends.

It only finds rises that come down again. Whether one was a heel rise is decided by
:mod:`heelrise.rejection`, how well it was done by :mod:`heelrise.faults`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from heelrise.moment import Phase
from heelrise.result import Side
from heelrise.settings import Counting


@dataclass(frozen=True)
class Candidate:
    """A rise of the body that came down again: times in seconds, heights in shin lengths.

    ``complete`` is False when the recording or the person went away before it came to rest. The
    rest before it is not looked for before ``rest_s``: until then the other leg was being lifted.
    """

    low_s: float
    peak_s: float
    bottom_s: float
    low: float
    peak: float
    bottom: float
    complete: bool = True
    rest_s: float | None = None

    @property
    def rise(self) -> float:
        """Height of the peak above the low it started from."""
        return self.peak - self.low


@dataclass(frozen=True)
class Found:
    """A heel rise that was found: which leg, where, and the flat-foot level it was found with.

    Heights are comparable within one ``place`` only: they are numbered, a walk or a cut apart.
    ``leg_seen`` is how clearly the picture spoke for this leg, at most 1 (:class:`Stretch`).
    """

    side: Side
    candidate: Candidate
    flat: float | None
    place: int = 0
    leg_seen: float = 1.0


class RepFinder:
    """Finds rises with hysteresis on the body's height, fed one value at a time.

    Parameters
    ----------
    counting : Counting
        Thresholds; the least rise adapts to the person's own (:meth:`learn`).
    """

    def __init__(self, counting: Counting) -> None:
        self._c = counting
        self._own: deque[float] = deque(maxlen=7)
        self._rest: tuple[float, float] | None = None
        # A rise that was left for another one from its rest: its low and that rest.
        self._before: tuple[tuple[float, float], tuple[float, float]] | None = None
        self._touched = False
        self._held_at: float | None = None  # how low the body was while the hips were up
        self._sunk_s = 0.0  # when the body was last sunk over a heel that is up
        self._recent: deque[tuple[float, float]] = deque()
        self._top_s: float | None = None  # since when the rise under way is at its top
        self.restart()

    def restart(self) -> None:
        """Forget the rise under way (the person's own range stays known)."""
        self._recent.clear()
        self._high = self._bottom = (0.0, 0.0)  # (t_s, height)
        self._start_over((0.0, 0.0))

    def learn(self, rise: float) -> None:
        """Take an accepted rep's body rise (shin lengths) into the person's own range."""
        self._own.append(rise)

    @property
    def usual_rise(self) -> float | None:
        """The person's own median body rise, shin lengths; None before the first rep."""
        return sorted(self._own)[len(self._own) // 2] if self._own else None

    @property
    def least_rise(self) -> float:
        """How far the body must rise to be looked at, shin lengths."""
        c = self._c
        own = self.usual_rise
        if own is None:
            return c.first_rise_body
        return min(max(c.least_rise_body, c.own_share * own), c.first_rise_body)

    @property
    def top_since_s(self) -> float:
        """When the rise under way came into the top tenth of its height so far."""
        return self._high[0] if self._top_s is None else self._top_s

    def update(
        self, t_s: float, height: float, touching: bool = False, held: bool = False
    ) -> Candidate | None:
        """Take the next height (shin lengths, up); return a candidate when one has ended.

        While the free foot is ``touching`` the carrying knee gives way and the body dips with the
        heel still up: such a dip ends no rep unless the body goes nearly all the way down. Where
        the hips are seen ``held`` up, by a trunk that leans, not even then.
        """
        recent = self._recent
        if not recent:
            self._low = self._high = self._bottom = (t_s, height)
        recent.append((t_s, height))
        while recent[0][0] < t_s - self._c.longest_flank_s:
            recent.popleft()
        if self._fallen:
            return self._lower(t_s, height, touching, held)
        if self.phase == Phase.STANDING:
            self._top_s = None
            self._seek(t_s, height)
        else:
            self._rise(t_s, height)
            self._follow_top()
        return None

    def _follow_top(self) -> None:
        """Note since when the body is in the top tenth of its rise; holds outlast what is kept."""
        low, high = self._low[1], self._high[1]
        level = high - self._c.top_share * (high - low)
        since = self._high[0]
        for t_s, height in reversed(self._recent):
            if height < level:
                self._top_s = since
                return
            since = t_s
        self._top_s = since if self._top_s is None else min(since, self._top_s)

    def flush(self) -> Candidate | None:
        """End what is under way: the recording is over, or the person is gone."""
        candidate = None
        if self.phase != Phase.STANDING and self._recent:
            last = self._recent[-1]
            fallen = self._high[1] - last[1]
            if self._fallen or fallen > self._c.top_share * (self._high[1] - self._low[1]):
                bottom = self._bottom if self._fallen else last
                candidate = Candidate(
                    self._low[0],
                    self._high[0],
                    bottom[0],
                    self._low[1],
                    self._high[1],
                    bottom[1],
                    complete=False,
                )
        self.restart()
        return candidate

    def _seek(self, t_s: float, height: float) -> None:
        if height <= self._low[1]:
            self._low = (t_s, height)
        elif self._low[0] < t_s - self._c.longest_flank_s:
            # A low so long ago is drift (a hand-held camera), not where this rise started.
            self._low = min(self._recent, key=lambda seen: seen[1])
        if height - self._low[1] >= self.least_rise:
            self.phase = Phase.RISING
            self._high = (t_s, height)

    def _rise(self, t_s: float, height: float) -> None:
        if height > self._high[1]:
            self._high = (t_s, height)
        rise = self._high[1] - self._low[1]
        if rise > self._c.most_rise_body:
            # Up from a squat or a chair, or nearer to the camera: a rise may start from here, or
            # has started from where the body rested on its way.
            self._start_over(self._rest or (t_s, height))
        elif self._rest is not None and height - self._rest[1] >= self.least_rise:
            # What looked like the top was a rest (the end of a knee bend, a stop on the way).
            low = self._rest
            before = (self._before[0] if self._before else self._low, low)
            self._start_over(low)
            self._before = before
            self._high = (t_s, height)
            self.phase = Phase.RISING
        elif height <= self._high[1] - self._c.fall_share * rise:
            self.phase = Phase.LOWERING
            self._fallen = True
            self._bottom = (t_s, height)
            self._touched, self._held_at = False, None
        else:
            self.phase = self._phase_up(height, rise)
            if self._steady(self._c.plateau_s, self._c.top_share * rise):
                self._rest = (t_s, height)

    def _phase_up(self, height: float, rise: float) -> Phase:
        """Name the phase above the middle of a rise: on the way up, at the top, or leaving it."""
        near = self._c.top_share * rise
        if self._steady(self._c.at_top_s, near):
            return Phase.TOP
        leaving = height < self._high[1] - near and self.phase in (Phase.TOP, Phase.LOWERING)
        return Phase.LOWERING if leaving else Phase.RISING

    def _start_over(self, low: tuple[float, float]) -> None:
        self.phase = Phase.STANDING
        self._low = low
        self._rest = None
        self._before = None
        self._fallen = False

    def _lower(self, t_s: float, height: float, touching: bool, held: bool) -> Candidate | None:
        rise = self._high[1] - self._low[1]
        if height < self._bottom[1]:
            self._bottom = (t_s, height)
        turned = height - self._bottom[1] >= self._c.turn_share * rise
        self._touched = self._touched or touching
        if held:
            self._held_at = self._bottom[1]
        level = self._low[1] + self._c.left_share * rise
        if self._held_at is not None:  # from there on it may go no further down
            level = min(level, self._held_at - self._c.turn_share * rise)
        if (self._touched or self._held_at is not None) and self._bottom[1] > level:
            if touching:
                self._sunk_s = t_s
                return None
            if turned and height > self._high[1] - self._c.fall_share * rise:
                self.phase = Phase.RISING
                self._fallen = self._touched = False
                self._held_at = None
                return None
            if t_s - self._sunk_s < self._c.rest_s:
                return None
            turned = False  # on its way back up, unless it rests here
        if not turned and not self._steady(self._c.rest_s, self._c.rest_share * rise):
            return None
        low, high = self._before_leap() or (self._low, self._high)
        bottom = self._bottom
        self._start_over(bottom)
        return Candidate(low[0], high[0], bottom[0], low[1], high[1], bottom[1])

    def _before_leap(self) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """Return low and high of the rise whose top was taken for a rest because of a leap.

        Somebody who walks by lifts the landmarks for a moment. When the body then comes down
        under the "rest" it was the top of a rise after all.
        """
        if self._before is None or self._bottom[0] - self._low[0] > self._c.leap_most_s:
            return None
        low, rest = self._before
        came_down = self._bottom[1] < rest[1] - self._c.fall_share * (rest[1] - low[1])
        return (low, rest) if came_down else None

    def _steady(self, span_s: float, within: float) -> bool:
        """Whether the last ``span_s`` seconds stayed within a band."""
        now_s = self._recent[-1][0]
        heights = []
        for t_s, height in reversed(self._recent):
            heights.append(height)
            if now_s - t_s >= span_s:
                return max(heights) - min(heights) <= within
        return False
