"""What keeps the picture from being measured: said once, plainly, with what to change."""

from __future__ import annotations

from collections.abc import Sequence

from heelrise.legs import LegSample
from heelrise.settings import Framing

NOBODY = "nobody in the picture"
TWO_PEOPLE = "two people"
TOO_DARK = "too dark"

ADVICE = {
    NOBODY: "Nobody to be seen: stand in the picture from head to floor, in good light",
    "feet out of the picture": (
        "Feet out of the picture: step back, stand in the middle or tilt the camera down"
    ),
    "head out of the picture": "Head out of the picture: step back or tilt the camera up",
    "not a whole body": (
        "Not a whole body to be seen: step back until head and feet show, in good light"
    ),
    "too small in the picture": "Too small to measure: come nearer to the camera",
    "landmarks jump": (
        "The body cannot be followed: more light, a plain background, nobody else near you"
    ),
    TOO_DARK: "Too dark: switch on more light or turn away from the window",
    TWO_PEOPLE: "Two people in the picture: the larger one is followed; better film one alone",
}
NO_FLAT = "Not seen standing on both feet: reps may be missing; stand still for two seconds first"


class FramingWatch:
    """Watches the reasons why frames cannot be measured.

    A trouble is said once it has outweighed the frames without it by ``say_after_s``, so that
    one that comes and goes from frame to frame is said too; it is taken back when the frames
    without it have made up for half of that.
    """

    def __init__(self, framing: Framing) -> None:
        """Start with nothing seen."""
        self._f = framing
        self._weight_s: dict[str, float] = {}  # time with a trouble less time without it
        self._said: set[str] = set()
        self._total_s: dict[str, float] = {}
        self._last_s: float | None = None
        self._watched_s = 0.0
        self._frames = 0
        self._measured = 0  # frames

    def update(self, sample: LegSample) -> tuple[str, ...]:
        """Take the next sample; return the advice that holds now."""
        step_s = 0.0 if self._last_s is None else max(sample.t_s - self._last_s, 0.0)
        step_s = min(step_s, self._f.say_after_s / 2)  # a gap is not filled by the frame after it
        self._last_s = sample.t_s
        self._watched_s += step_s
        self._frames += 1
        self._measured += sample.trusted
        troubles = self._troubles(sample)
        for name in troubles:
            self._total_s[name] = self._total_s.get(name, 0.0) + step_s
        for name in self._total_s:
            change_s = step_s if name in troubles else -step_s
            weight_s = self._weight_s.get(name, 0.0) + change_s
            self._weight_s[name] = min(max(weight_s, 0.0), self._f.say_after_s)
            if weight_s >= self._f.say_after_s - 1e-6:
                self._said.add(name)
            elif weight_s < self._f.say_after_s / 2:
                self._said.discard(name)
        return _advice(self._said, list(ADVICE))

    def summary(self) -> tuple[str, ...]:
        """Return the advice for the whole recording: what held for a good part of it.

        A recording of which next to nothing could be measured always gets one.
        """
        told = {name for name, total_s in self._total_s.items() if total_s >= self._least_s(name)}
        longest = sorted(self._total_s, key=lambda name: -self._total_s[name])
        if self._measured <= self._f.measured_share * self._frames and not told - {TWO_PEOPLE}:
            told.add(next((name for name in longest if name != TWO_PEOPLE), NOBODY))
        return _advice(told, longest or [NOBODY])

    def _troubles(self, sample: LegSample) -> set[str]:
        troubles = {sample.why} if sample.why else set()
        if sample.pose.people > 1:
            troubles.add(TWO_PEOPLE)
        brightness = sample.pose.brightness
        if brightness is not None and brightness < self._f.dark_level:
            troubles.add(TOO_DARK)
        return troubles

    def _least_s(self, name: str) -> float:
        """How long a trouble must have held to be worth a word in the summary.

        Nobody in the picture before and after the exercise is no trouble at all.
        """
        share = self._f.nobody_share if name == NOBODY else self._f.say_share
        return max(self._f.say_after_s, share * self._watched_s)


def _advice(names: set[str], order: Sequence[str]) -> tuple[str, ...]:
    """Return the advice for troubles, in this order."""
    if TOO_DARK in names:
        names = names - {NOBODY}  # whoever is there cannot be seen: light is what to change
    return tuple(ADVICE[name] for name in order if name in names)
