"""Touch-downs and losses of balance: films of built motion, and tracks built by hand."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from heelrise.balance import Hop, lost_balances, touch_downs
from heelrise.faults import event_fault
from heelrise.settings import BalanceLimits
from heelrise.track import Track
from motion import Script
from runs import FRONT, OBLIQUE, PROFILE_RIGHT, run

LIMITS = BalanceLimits()
VIEWS = {"profile": PROFILE_RIGHT, "45 degrees": OBLIQUE, "front": FRONT}


def quiet(seconds: float = 10.0, fps: float = 30.0) -> Track:
    """Return the track of somebody who stands on the left leg and does nothing."""
    count = int(seconds * fps)
    noise = np.random.default_rng(3).normal(0.0, 0.004, (len(fields(Track)), count))
    track = Track(*noise)
    t_s = np.arange(count) / fps
    sizes = np.full(count, 70.0)
    return replace(
        track,
        t_s=t_s,
        shin_px=sizes,
        size_px=sizes,
        score=2.0 + track.score,
        split=0 * t_s,
        people=1 + 0 * t_s,
    )


def bump(track: Track, from_s: float, to_s: float, height: float) -> np.ndarray:
    """Return a smooth bump between two times."""
    share = np.clip((track.t_s - from_s) / (to_s - from_s), 0.0, 1.0)
    return height * np.sin(np.pi * share) ** 2


def with_touch(drop: float = 0.3, clue: float = 0.2, lasts_s: float = 0.6) -> Track:
    track = quiet()
    down = (track.t_s > 5.0) & (track.t_s < 5.0 + lasts_s)
    return replace(
        track,
        right_up=track.right_up - drop * down,
        score=np.where(down, clue, track.score),
    )


TOUCHES = {
    "a clear one": with_touch(),
    "a short one": with_touch(lasts_s=0.3),
    "shallow": with_touch(0.18),
}
NO_TOUCHES = {
    "nothing": quiet(),
    "the foot sinks but the legs stay apart": with_touch(clue=1.8),
    "the legs look alike, the foot stays up": with_touch(drop=0.03),
    "a leap of one frame": with_touch(lasts_s=0.04),
    "put down for good": with_touch(lasts_s=9.0),
}


@pytest.mark.parametrize("track", TOUCHES.values(), ids=TOUCHES.keys())
def test_touch_down_fires(track: Track) -> None:
    (event,) = touch_downs(track, 1.0, LIMITS)
    assert event.sure
    assert event.start_s == pytest.approx(5.0, abs=0.1)


@pytest.mark.parametrize("track", NO_TOUCHES.values(), ids=NO_TOUCHES.keys())
def test_touch_down_stays_quiet(track: Track) -> None:
    assert touch_downs(track, 1.0, LIMITS) == ()


def test_touch_down_is_unsure_where_frames_are_missing() -> None:
    track = with_touch()
    kept = (track.t_s < 5.1) | (track.t_s > 5.4)
    holed = Track(*(getattr(track, field.name)[kept] for field in fields(Track)))
    events = touch_downs(holed, 1.0, LIMITS)
    assert [event.sure for event in events] == [False] * len(events)
    assert events


@pytest.mark.parametrize("clue", [-0.6, -1.4])
def test_a_foot_that_comes_down_below_a_heel_that_is_up_is_at_least_unsure(clue: float) -> None:
    """Then the free foot is the lower one, as if it carried: so it is where landmarks swap."""
    (event,) = touch_downs(with_touch(clue=clue), 1.0, LIMITS)
    assert event.sure == (clue > -LIMITS.swap_share * float(np.median(quiet().score)))


def thrown(arms: float, trunk_deg: float, from_s: float = 5.0, to_s: float = 5.9) -> Track:
    track = quiet()
    out = bump(track, from_s, to_s, arms)
    return replace(
        track,
        left_hand_x=track.left_hand_x + out,
        right_hand_x=track.right_hand_x - out,
        trunk_deg=track.trunk_deg + bump(track, from_s, to_s, trunk_deg),
    )


LOST = {
    "arms and trunk": thrown(0.9, 6.0),
    "a sway of ten degrees with quiet arms, seen from the front": thrown(0.0, 10.0, 5.0, 5.8),
}
KEPT = {
    "nothing": quiet(),
    "arms raised with a quiet body": thrown(0.9, 0.0),
    "a small sway": thrown(0.1, 3.0),
    "arms that move as in a lean": thrown(0.35, 3.0),
    "a lean that stays for two seconds": replace(
        quiet(),
        trunk_deg=14.0 * np.clip(np.minimum(quiet().t_s - 4.0, 7.5 - quiet().t_s) / 0.7, 0.0, 1.0),
    ),
}


def swayed(trunk_deg: float, hips: float, back_s: float = 0.8) -> Track:
    """Return one whose trunk tilts and whose hips go aside, until so long after."""
    track = quiet()
    tilt = bump(track, 5.0, 5.0 + back_s, trunk_deg)
    aside = bump(track, 5.0, 5.0 + back_s, hips)
    return replace(track, trunk_deg=track.trunk_deg + tilt, hip_x=track.hip_x + aside)


@pytest.mark.parametrize(
    ("track", "fires"),
    [
        (swayed(6.0, -0.07), True),
        (swayed(-6.0, 0.07), True),
        (swayed(6.0, 0.07), False),
        (swayed(6.0, -0.02), False),
        (swayed(3.0, -0.07), False),
        (swayed(6.0, -0.07, 4.0), False),
        (replace(swayed(6.0, -0.07), profile=np.ones(300)), False),
    ],
    ids=["hips against", "mirrored", "hips along", "still hips", "small", "slow", "in profile"],
)
def test_a_small_sway_counts_where_the_hips_go_against_it(track: Track, fires: bool) -> None:
    """So balance is kept; a weight that is shifted takes trunk and hips along."""
    events = lost_balances(track, (), 1.0, LIMITS)
    assert [event.message for event in events] == ["swayed by 6 degrees"] * fires
    assert all(event.sure and event.limit == LIMITS.sway_quick_deg for event in events)


@pytest.mark.parametrize(
    ("profile", "lower", "sure"),
    [
        (0.45, 0.12, False),
        (0.45, -0.06, False),  # seen from below a lean takes them up
        (0.1, 0.17, False),  # so far down no sway takes them
        (0.45, 0.0, True),
        (0.45, -0.03, True),
        (0.1, 0.12, True),
    ],
)
def test_a_sway_that_may_be_a_lean_seen_aslant_is_unsure(
    profile: float, lower: float, sure: bool
) -> None:
    track = thrown(0.0, 10.0, 5.0, 5.8)
    aslant = replace(
        track,
        profile=np.full(len(track.t_s), profile),
        lean=track.lean + bump(track, 5.0, 5.8, lower),
    )
    (event,) = lost_balances(aslant, (), 1.0, LIMITS)
    assert event.sure is sure


@pytest.mark.parametrize(
    ("profile", "hips", "told"),
    [(0.7, -0.07, True), (0.7, 0.07, False), (0.7, 0.0, False), (0.9, -0.07, False)],
    ids=["hips against", "hips along", "still hips", "nearly from the side"],
)
def test_seen_aslant_a_sway_is_unsure_and_told_by_the_hips_alone(
    profile: float, hips: float, told: bool
) -> None:
    track = swayed(10.0, hips)
    events = lost_balances(replace(track, profile=np.full(300, profile)), (), 1.0, LIMITS)
    assert [event.sure for event in events] == [False] * told


@pytest.mark.parametrize("track", LOST.values(), ids=LOST.keys())
def test_lost_balance_fires(track: Track) -> None:
    (event,) = lost_balances(track, (), 1.0, LIMITS)
    assert event.sure
    assert 4.9 < event.start_s < 5.9


def test_arms_that_move_hardly_further_than_in_a_lean_are_unsure() -> None:
    (event,) = lost_balances(thrown(0.42, 6.0), (), 1.0, LIMITS)
    assert (event.sure, event.why) == (False, "the arms moved hardly further than in a lean")
    (swayed,) = lost_balances(thrown(0.42, 10.0, 5.0, 5.8), (), 1.0, LIMITS)
    assert (swayed.sure, swayed.unit) == (True, "deg")


@pytest.mark.parametrize(("unrest", "sure"), [(0.0, True), (0.15, False)])
def test_arms_that_fly_out_of_unsteady_hands_are_unsure(unrest: float, sure: bool) -> None:
    """In a small, dark picture the hands' landmarks wander by themselves."""
    track = thrown(0.6, 6.0)
    there = unrest * np.sign(np.sin(9.0 * track.t_s))
    track = replace(
        track, left_hand_y=track.left_hand_y + there, right_hand_y=track.right_hand_y + there
    )
    event = next(one for one in lost_balances(track, (), 1.0, LIMITS) if 4.5 < one.start_s < 5.9)
    assert event.sure is sure
    assert (event.why == "the hands are seen too unsteadily") is not sure


def hopped(by: float) -> Track:
    track = quiet()
    return replace(track, left_x=track.left_x + by * (track.t_s > 5.0))


def tilted(deg: float, lasts_s: float) -> Track:
    """Return one who tilts, stays there for a while, and comes back."""
    track = quiet()
    at_s = [0.0, 4.0, 4.15, 4.15 + lasts_s, 4.3 + lasts_s, 10.0]
    return replace(track, trunk_deg=np.interp(track.t_s, at_s, [0.0, 0.0, deg, deg, 0.0, 0.0]))


@pytest.mark.parametrize(
    ("track", "measured", "limit", "unit", "sure"),
    [
        (thrown(0.9, 6.0), 0.9, LIMITS.arms_shin, "shin", True),
        (tilted(9.0, 0.5), 9.0, LIMITS.sway_deg, "deg", True),
        (tilted(9.0, 0.8), 9.0, LIMITS.sway_deg, "deg", True),
        (hopped(0.5), 0.5, LIMITS.foot_shin, "shin", False),
    ],
    ids=["arms", "a sway", "a longer sway", "a hop"],
)
def test_what_told_of_a_lost_balance_is_what_is_measured(
    track: Track, measured: float, limit: float, unit: str, sure: bool
) -> None:
    (event,) = lost_balances(track, (), 1.0, LIMITS)
    fault = event_fault(event, "left", [(1, 0.0, 3.0), (2, 3.5, 6.0)])
    assert fault.measured == pytest.approx(measured, rel=0.1)
    assert fault.measured is not None
    assert fault.measured > limit
    assert (fault.kind, fault.rep, fault.limit, fault.unit) == ("lost_balance", 2, limit, unit)
    assert fault.unsure is not sure
    assert event_fault(event, "left", [(1, 0.0, 3.0)]).rep is None


@pytest.mark.parametrize("arms", [0.0, 0.42])
def test_a_hop_that_was_seen_is_a_lost_balance(arms: float) -> None:
    """However far the arms fly: alone they might be unsure."""
    hop = Hop("left", 5.1, 5.7, 0.16)
    (event,) = lost_balances(thrown(arms, 3.0), (), 1.0, LIMITS, [hop])
    assert (event.message, event.measured, event.sure) == (
        "hopped on the standing foot",
        0.16,
        True,
    )


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
@pytest.mark.parametrize("loss", ["hop", "stand"])
def test_a_hop_between_reps_is_told_of_from_every_side(view: object, loss: str) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(2)
    script = script.hop() if loss == "hop" else script.stand(1.2)
    result = run(script.reps(2).put_down().stand(1.0).film(view)).result
    lost = [fault for fault in result.faults if fault.kind == "lost_balance"]
    assert [(fault.side, fault.unsure) for fault in lost] == [("left", False)] * (loss == "hop")
    assert len(result.reps) == 4


@pytest.mark.parametrize(("count", "sure"), [(2, True), (3, False)])
def test_more_hops_than_anybody_does_may_be_a_camera_that_shakes(count: int, sure: bool) -> None:
    others = [Hop("left", at_s, at_s + 0.6, 0.16) for at_s in (-9.0, -5.0, 15.0)]
    hops = [Hop("left", at_s, at_s + 0.6, 0.16) for at_s in (2.0, 5.0, 8.0)[:count]]
    hops.extend(others)  # in the sets before and after
    events = lost_balances(quiet(), (), 1.0, LIMITS, hops)
    assert [event.sure for event in events] == [sure] * count


@pytest.mark.parametrize("rest_s", [0.0, 0.05, 0.1])
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_a_hop_right_after_a_rep_leaves_it_its_end_and_is_told_live(
    view: object, rest_s: float
) -> None:
    script = Script().stand(1.5).stand_on("left").stand(0.6).reps(3, rest_s=rest_s).hop()
    film = script.reps(2).put_down().stand(1.5).film(view)
    ran = run(film)
    told = [fault for moment in ran.moments for fault in moment.faults]
    for faults in (ran.result.faults, told):
        assert {fault.kind for fault in faults if not fault.unsure} == {"lost_balance"}
    assert ran.result.reps[2].end_s == pytest.approx(film.truth.reps[2].end_s, abs=0.15)


@pytest.mark.parametrize("track", KEPT.values(), ids=KEPT.keys())
def test_lost_balance_stays_quiet(track: Track) -> None:
    assert [event for event in lost_balances(track, (), 1.0, LIMITS) if event.sure] == []


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_a_touch_with_a_quiet_body_is_a_touch_only(view: object) -> None:
    script = (
        Script().stand(1.5).stand_on("left").rep().rep(hold_s=1.6, touch_s=0.6).rep().put_down()
    )
    result = run(script.film(view)).result
    sure = [fault.kind for fault in result.faults if not fault.unsure]
    assert sure.count("foot_touchdown") == 1
    assert "lost_balance" not in sure
    assert result.reps[1].faults == ("foot_touchdown",)


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_a_clean_set_has_no_faults(view: object) -> None:
    result = run(Script().stand(1.5).set_of("left", 4).film(view)).result
    assert [fault for fault in result.faults if not fault.unsure] == []
    assert [leg_set.reps for leg_set in result.sets] == [(1, 2, 3, 4)]
