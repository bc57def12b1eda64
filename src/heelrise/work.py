"""Displacement, work and power of a run of heel rises.

The formula, for a body of mass ``m`` whose heel rises by ``h_i`` in raise ``i``::

    displacement = h_1 + h_2 + ... + h_n
    work         = m * g * displacement
    mean power   = work / time under way

It is the one of the clinical heel-rise work test, and it has that test's bias: the heel rises
further than the body's centre of mass, so the work is overstated (:data:`OVERSTATED_PERCENT`). The
same on both legs, this leaves their comparison right.
"""

from __future__ import annotations

from collections.abc import Sequence

from heelrise.result import Rep

GRAVITY_M_S2 = 9.81  # standard gravity is 9.80665; the third digit of a heel's rise is noise
OVERSTATED_PERCENT = (21, 25)  # Andreasen 2021, n = 45
BIAS = (
    f"taking the heel's rise for that of the centre of mass overstates work by about "
    f"{OVERSTATED_PERCENT[0]}-{OVERSTATED_PERCENT[1]} % (Andreasen 2021); "
    "the comparison of left and right stays right"
)


def displacement_cm(reps: Sequence[Rep]) -> float | None:
    """Return the sum of the rises in cm; None where one has none for want of a body height."""
    total_cm = 0.0
    for rep in reps:
        if rep.rise_cm is None:
            return None
        total_cm += rep.rise_cm
    return total_cm


def displacement_shin(reps: Sequence[Rep]) -> float:
    """Return the sum of the rises in shin lengths, which needs no body height."""
    return sum(rep.rise_shin for rep in reps)


def work_j(reps: Sequence[Rep], body_mass_kg: float | None) -> float | None:
    """Return the work done against gravity on the way up.

    Parameters
    ----------
    reps : sequence of Rep
        Raises of one leg.
    body_mass_kg : float or None
        Mass that was lifted.

    Returns
    -------
    float or None
        Joules; None without a body mass, or without a body height and so without centimetres.
    """
    total_cm = displacement_cm(reps)
    if body_mass_kg is None or total_cm is None:
        return None
    return body_mass_kg * GRAVITY_M_S2 * total_cm / 100


def under_way_s(reps: Sequence[Rep]) -> float:
    """Return the seconds from the first raise's start to the last one's end, pauses included."""
    return reps[-1].end_s - reps[0].start_s if reps else 0.0


def mean_power_w(reps: Sequence[Rep], body_mass_kg: float | None) -> float | None:
    """Return the work over the time under way in watts; None where there is no work or no time."""
    work, time_s = work_j(reps, body_mass_kg), under_way_s(reps)
    return None if work is None or time_s <= 0 else work / time_s
