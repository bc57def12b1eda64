"""Raises written down, and whose they are: what the tests of the heel-rise test share."""

from __future__ import annotations

from heelrise.heel_rise_test import TestOptions
from heelrise.result import Rep, Side

LOW = "incomplete_top"
PERSON = TestOptions(age_years=34, sex="female", body_mass_kg=70.0)


def rep(number: int, top_s: float, *faults: str, side: Side = "left", rise: float = 0.2) -> Rep:
    return Rep(
        number=number,
        side=side,
        start_s=top_s - 0.7,
        top_start_s=top_s,
        peak_s=top_s + 0.1,
        top_end_s=top_s + 0.2,
        end_s=top_s + 0.9,
        hold_s=0.2,
        up_s=0.7,
        down_s=0.7,
        rise_cm=rise * 42,
        rise_shin=rise,
        peak_cm=rise * 42,
        peak_shin=rise,
        bottom_cm=0.0,
        bottom_shin=0.0,
        faults=faults,
    )
