"""What was kept over weeks, by hand: what the tests of trends and of their pictures share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from heelrise.history import KeptSet, Leg, Recording
from heelrise.result import Rep, Side
from heelrise.trends import SetPoint, set_points

START = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)


def rep(number: int, side: Side, rise_cm: float | None, *faults: str) -> Rep:
    start = 3.0 * number
    shin = 0.2 if rise_cm is None else rise_cm / 40
    return Rep(
        *(number, side, start, start + 0.6, start + 1.0, start + 1.6, start + 2.4),
        *(1.0, 0.6, 0.8, rise_cm, shin, None, None, None, None, faults),
    )


def kept_set(number: int, side: Side, reps: int, rise_cm: float | None, faulty: int = 0) -> KeptSet:
    own = tuple(
        rep(n, side, rise_cm, *(("no_pause",) if n <= faulty else ())) for n in range(1, reps + 1)
    )
    return KeptSet(number, side, 100.0 * number, 100.0 * number + 60, own)


def recording(
    number: int, day: int, *sets: KeptSet, load_kg: float | None = None, test: bool = False
) -> Recording:
    return Recording(number, START + timedelta(days=day), "Anna", load_kg, sets, test)


def point(
    side: Leg,
    day: int,
    reps: int,
    *,
    cm: float | None = 9.0,
    load: float = 0.0,
    test: bool = False,
) -> SetPoint:
    one = recording(day, day, kept_set(1, side, reps, cm), load_kg=load, test=test)
    return set_points([one])[0]
