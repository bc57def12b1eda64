"""A rep on its track: which frames say how low the heel went."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from heelrise.balance import Event
from heelrise.measure_set import measure_rep
from heelrise.reps import Candidate, Found
from heelrise.settings import Settings
from heelrise.track import Track

SETTINGS = Settings()
DROP, TOP = -0.06, 0.11  # of the body, over the edge of a step
T_S = np.arange(0.0, 9.0, 1 / 30)
RISE = Found("left", Candidate(2.0, 3.5, 6.0, DROP, TOP, DROP), 0.0)


def track() -> Track:
    """Return a heel that comes up from below the step and goes back there."""
    nothing = np.zeros((len(fields(Track)), len(T_S)))
    height = np.interp(T_S, [2.0, 3.0, 4.5, 6.0], [DROP, TOP, TOP, DROP])
    columns = {"height": height, "hips": height, "shin_px": 80 * np.ones(len(T_S))}
    return replace(
        Track(*nothing),
        t_s=T_S,
        texture=height,
        size_px=columns["shin_px"],
        people=np.ones(len(T_S)),
        **columns,
    )


@pytest.mark.parametrize(
    ("why", "counts"),
    [
        ("the feet are seen too unsteadily", True),  # the free foot hangs beside the heel
        ("", False),  # a knee that gives way takes the body down with the heel up
    ],
)
def test_below_the_step_the_heel_is_down_but_in_a_sure_touch(why: str, counts: bool) -> None:
    touch = Event("foot_touchdown", 5.5, 8.5, 0.2, 0.11, "shin", "the free foot took it", why)
    rep = measure_rep(track(), [RISE], 0, True, [touch], 2.0, SETTINGS)
    plain = measure_rep(track(), [RISE], 0, True, [], 2.0, SETTINGS)
    assert plain.bottom < -0.07
    assert (rep.bottom == pytest.approx(plain.bottom, abs=0.005)) is counts
