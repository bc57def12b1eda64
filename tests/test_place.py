"""Where the person stands: what is doubted while somebody else is about, and what is not."""

from __future__ import annotations

import numpy as np
import pytest

from heelrise.landmarks import LEFT_ANKLE, LEFT_SHOULDER, NOSE, RIGHT_SHOULDER
from heelrise.place import Place, apart, trunk_px, unlike
from heelrise.scene import Points
from heelrise.settings import Framing
from test_scene import body

FRAMING = Framing()
FPS = 30.0
ME = body(640.0, shin=100.0)
TRUNK = trunk_px(ME)
WALKER = body(900.0, shin=90.0)


def moved(right_px: float, down_px: float = 0.0) -> Points:
    """The person somewhere else."""
    return np.add(ME, (right_px, down_px))


def stood(place: Place, body_px: Points = ME, seconds: float = 2.0, from_s: float = 0.0) -> float:
    """Follow somebody who stands; return the time after it."""
    for n in range(round(seconds * FPS)):
        place.follow(from_s + n / FPS, body_px)
    return from_s + seconds


def beside_a_walker() -> tuple[Place, float]:
    """A place with somebody else seen just now, and the time."""
    place = Place(FRAMING)
    t_s = stood(place)
    assert place.look(t_s, ME, ME, [WALKER]) is None
    return place, t_s


def drawn(share: float) -> Points:
    """The person's landmarks, those of one shoulder on somebody else."""
    xy = ME.copy()
    xy[[LEFT_SHOULDER, NOSE]] += (share * TRUNK, 0.0)
    return xy


def leant(share: float) -> Points:
    """The person's landmarks with head and shoulders forward."""
    xy = ME.copy()
    xy[:13] += (share * TRUNK, 0.0)
    return xy


@pytest.mark.parametrize(
    ("followed", "doubted"),
    [
        pytest.param(ME, False, id="stands"),
        pytest.param(moved(0.0, -0.2 * TRUNK), False, id="heel raised, as high as heels go"),
        pytest.param(moved(0.15 * TRUNK), False, id="sways"),
        pytest.param(ME + np.eye(33)[:, [LEFT_ANKLE]] * (60.0, -80.0), False, id="lifts a foot"),
        pytest.param(WALKER, True, id="gone along with the other one"),
        pytest.param(drawn(0.4), True, id="spread over both"),
        pytest.param(leant(0.3), True, id="leans: a look must tell"),
    ],
)
def test_doubted_beside_somebody_else(followed: Points, doubted: bool) -> None:
    place, t_s = beside_a_walker()
    t_s = stood(place, from_s=t_s, seconds=FRAMING.vouched_s + 0.1)
    place.follow(t_s, followed)
    assert place.astray(t_s) is doubted
    alone = Place(FRAMING)
    alone.follow(stood(alone), followed)
    assert not alone.astray(2.0)


def test_nothing_is_doubted_before_somebody_has_stood() -> None:
    place = Place(FRAMING)
    for n in range(60):
        t_s, xy = n / FPS, moved(12.0 * n)
        place.follow(t_s, xy)
        place.look(t_s, xy, xy, [WALKER])
        assert not place.odd
        assert not place.astray(t_s)
        assert place.box(t_s) is None


def test_a_look_that_sees_the_same_vouches_for_a_while() -> None:
    place, t_s = beside_a_walker()
    t_s += FRAMING.vouched_s + 0.1
    place.follow(t_s, leant(0.3))
    assert place.astray(t_s)
    assert place.look(t_s, leant(0.3), leant(0.3) + 2.0, [WALKER]) is None
    assert not place.astray(t_s)
    place.follow(t_s + FRAMING.vouched_s + 0.1, leant(0.3))
    assert place.astray(t_s + FRAMING.vouched_s + 0.1)


def test_who_stands_there_is_wanted_when_the_model_went_along_with_somebody_else() -> None:
    place, t_s = beside_a_walker()
    place.follow(t_s + 0.5, WALKER)
    other = body(200.0)
    assert place.look(t_s + 0.5, WALKER, WALKER, [other, ME + 3.0]) is not None
    wanted = place.look(t_s + 0.5, WALKER, WALKER, [other, ME + 3.0])
    assert wanted is not None
    assert apart(wanted, ME) < 0.1


def test_who_stands_there_is_wanted_when_the_model_is_spread_over_both() -> None:
    place, t_s = beside_a_walker()
    place.follow(t_s + 0.5, drawn(0.4))
    wanted = place.look(t_s + 0.5, drawn(0.4), ME, [])
    assert wanted is ME
    assert place.look(t_s + 0.5, drawn(0.4), drawn(0.5), []) is None


def test_who_is_lost_is_looked_for_where_they_stand() -> None:
    place, t_s = beside_a_walker()
    assert place.look(t_s + 0.5, None, None, [WALKER, ME]) is ME
    assert place.look(t_s + 0.5, None, None, [WALKER]) is None


def test_who_has_moved_has_no_place_any_more() -> None:
    place, t_s = beside_a_walker()
    elsewhere = moved(-200.0)
    place.follow(t_s + 0.5, elsewhere)
    assert place.astray(t_s + 0.5)
    assert place.look(t_s + 0.5, elsewhere, elsewhere + 4.0, [WALKER]) is None
    assert not place.astray(t_s + 0.5)
    assert place.box(t_s + 0.5) is None
    stood(place, elsewhere, from_s=t_s + 0.6)
    assert not place.odd


def test_who_is_away_for_long_has_left_the_place_though_no_look_says_so() -> None:
    place, t_s = beside_a_walker()
    after_s = stood(place, WALKER, FRAMING.place_left_s + 0.2, t_s + 0.1)
    assert not place.odd
    assert not place.astray(after_s)


def test_the_box_holds_the_person_and_is_there_only_while_somebody_else_is_about() -> None:
    place = Place(FRAMING)
    t_s = stood(place)
    assert place.box(t_s) is None
    place.look(t_s, ME, ME, [WALKER])
    place.follow(t_s + 0.1, moved(10.0))
    box = place.box(t_s + 0.1)
    assert box is not None
    assert box[:, 0].min() <= ME[:, 0].min() + 2.0
    assert box[:, 0].max() == pytest.approx((ME[:, 0] + 10.0).max())
    assert place.box(t_s + FRAMING.about_s + 0.1) is None


def test_a_posture_taken_with_nobody_else_about_is_learned() -> None:
    place = Place(FRAMING)
    t_s = stood(place)
    place.follow(t_s, leant(0.3))
    assert place.odd
    stood(place, leant(0.3), 4.0, t_s)
    assert not place.odd


def test_unlike_goes_by_shape_and_not_by_place_or_limbs() -> None:
    assert unlike(ME, moved(50.0, -20.0)) == pytest.approx(0.0, abs=1e-9)
    arms = ME + np.eye(33)[:, [15, 16]].sum(axis=1, keepdims=True) * (80.0, 0.0)
    assert unlike(ME, arms) == pytest.approx(0.0, abs=1e-9)
    tilted = ME.copy()
    tilted[[LEFT_SHOULDER, RIGHT_SHOULDER]] += (0.2 * TRUNK, 0.0)
    assert unlike(ME, tilted) > FRAMING.odd_trunks
