"""What keeps the picture from being measured: said once, plainly."""

from __future__ import annotations

from heelrise.legs import LegSample
from heelrise.settings import Framing

ADVICE = {
    "nobody in the picture": "Nobody to be seen: stand in the picture from head to floor",
    "feet out of the picture": "Feet out of the picture: step back or tilt the camera down",
    "head out of the picture": "Head out of the picture: step back or tilt the camera up",
    "too small in the picture": "Too small to measure: come nearer to the camera",
    "landmarks jump": "The picture is unclear: more light, and nobody else near you",
    "not a whole body": "Not the whole body to be seen: step back until head and feet show",
    "too dark": "Too dark to see the feet: more light",
    "two people": "Two people in the picture: the larger one is followed",
}


class FramingWatch:
    """Watches the reasons why frames cannot be measured."""

    def __init__(self, framing: Framing) -> None:
        self._f = framing
        self._since: dict[str, float] = {}
        self._total: dict[str, float] = {}
        self._last_s: float | None = None
        self._seen_s = 0.0

    def update(self, sample: LegSample) -> tuple[str, ...]:
        """Take the next sample; return the advice that holds now."""
        now_s = sample.t_s
        step_s = 0.0 if self._last_s is None else max(now_s - self._last_s, 0.0)
        self._last_s = now_s
        troubles = [sample.why] if sample.why else []
        if sample.pose.people > 1:
            troubles.append("two people")
        brightness = sample.pose.brightness
        if brightness is not None and brightness < self._f.dark_level:
            troubles.append("too dark")
        self._seen_s += step_s if sample.trusted else 0.0
        for trouble in troubles:
            self._total[trouble] = self._total.get(trouble, 0.0) + step_s
        self._since = {name: self._since.get(name, now_s) for name in troubles}
        return tuple(
            ADVICE[name]
            for name, since_s in self._since.items()
            if now_s - since_s >= self._f.say_after_s
        )

    def summary(self) -> tuple[str, ...]:
        """Return the advice for the whole recording: what held for a good part of it."""
        watched_s = self._seen_s + sum(self._total.values())
        least_s = max(self._f.say_after_s, self._f.say_share * watched_s)
        lasting = [(total, name) for name, total in self._total.items() if total >= least_s]
        return tuple(ADVICE[name] for _, name in sorted(lasting, reverse=True))
