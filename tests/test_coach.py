from dataclasses import replace

import pytest

from heelrise.coach import CUE_DURATION_S, CUE_LEAST_S, Coach
from heelrise.landmarks import nobody
from heelrise.moment import Counts, Moment, Phase
from heelrise.result import SIDES, Fault, Rep
from heelrise.words import ENGLISH


def fault(kind: str, *, rep: int | None = None, unsure: bool = False) -> Fault:
    return Fault(kind, "left", rep, 0.0, 0.0, None, None, "s", unsure, "")


def rep(number: int) -> Rep:
    return Rep(
        *(number, "left", 0.0, 1.0, 1.5, 2.0, 3.0, 1.0, 1.0, 1.0),
        *(None, 0.2, None, 0.2, None, 0.0),
    )


def moment(t_s: float, *faults: Fault, ended: Rep | None = None) -> Moment:
    return Moment(
        pose=nobody(t_s, round(30 * t_s), 640, 480),
        side="left",
        phase=Phase.STANDING,
        level_shin=0.0,
        best_shin=None,
        on_step=None,
        hold_s=0.0,
        counts=Counts(),
        rep=ended,
        faults=faults,
    )


@pytest.mark.parametrize("kind", ENGLISH.cues)
def test_every_cue_has_at_most_six_plain_words(kind):
    assert 1 <= len(ENGLISH.cues[kind].split()) <= 6
    assert ENGLISH.cues[kind].isascii()


def test_every_phase_and_side_has_a_word():
    assert set(ENGLISH.phases) == set(Phase)
    assert set(ENGLISH.sides) == set(SIDES)


@pytest.mark.parametrize(
    "kinds",
    [
        ("foot_touchdown", "lost_balance"),
        ("foot_touchdown", "incomplete_top"),
        ("lost_balance", "incomplete_bottom"),
        ("lost_balance", "no_pause"),
        ("incomplete_top", "no_pause"),
        ("incomplete_bottom", "no_pause"),
        ("incomplete_top", "incomplete_bottom"),
    ],
)
def test_of_two_faults_the_first_named_is_shown(kinds):
    first, second = (fault(kind) for kind in kinds)
    assert Coach().cue(moment(1.0, first, second)) == ENGLISH.cues[kinds[0]]
    assert Coach().cue(moment(1.0, second, first)) == ENGLISH.cues[kinds[0]]


MUST_SHOW = {
    "a fault, at once": [(1.0, "no_pause")],
    "a while later": [(1.0, "no_pause"), (1.0 + CUE_DURATION_S - 0.1, None)],
    "after what matters as much or less": [(1.0, "no_pause"), (2.0, "no_pause")],
    "still on, for it came again": [(1.0, "no_pause"), (3.0, "no_pause"), (5.0, None)],
    "after a gap in the frames": [(1.0, "incomplete_top"), (20.0, "no_pause")],
    "in place of what matters less": [(1.0, "no_pause"), (1.5, "foot_touchdown")],
}


@pytest.mark.parametrize("story", MUST_SHOW.values(), ids=MUST_SHOW)
def test_must_show_the_last_fault(story):
    coach = Coach()
    for t_s, kind in story:
        shown = coach.cue(moment(t_s, *([fault(kind)] if kind else [])))
    last = [kind for _, kind in story if kind][-1]
    assert shown == ENGLISH.cues[last]


def at_top(t_s: float) -> Moment:
    return replace(moment(t_s), phase=Phase.TOP)


MUST_NOT_SHOW = {
    "nothing wrong": [moment(1.0)],
    "unsure": [moment(1.0, fault("no_pause", unsure=True))],
    "no words for it": [moment(1.0, fault("something_else"))],
    "time is up": [moment(1.0, fault("no_pause")), moment(1.0 + CUE_DURATION_S)],
    "a rep before the one that ended": [moment(9.0, fault("no_pause", rep=1), ended=rep(2))],
    "the next top is reached": [moment(1.0, fault("no_pause")), at_top(1.0 + CUE_LEAST_S)],
    "time went back": [moment(9.0, fault("no_pause")), moment(2.0)],
}


@pytest.mark.parametrize("story", MUST_NOT_SHOW.values(), ids=MUST_NOT_SHOW)
def test_must_not_show(story):
    coach = Coach()
    for now in story:
        shown = coach.cue(now)
    assert shown is None


@pytest.mark.parametrize("number", [2, None])
def test_a_fault_of_the_rep_that_ended_or_of_none_is_shown(number):
    now = moment(9.0, fault("no_pause", rep=number), ended=rep(2))
    assert Coach().cue(now) == ENGLISH.cues["no_pause"]


def test_a_cue_goes_on_through_the_top_it_came_in_and_long_enough_to_be_read():
    coach = Coach()
    for t_s in (1.0, 1.0 + CUE_LEAST_S):
        fresh = [fault("foot_touchdown")] if t_s == 1.0 else []
        at = replace(moment(t_s, *fresh), phase=Phase.TOP)
        assert coach.cue(at) == ENGLISH.cues["foot_touchdown"]
    coach = Coach()
    coach.cue(moment(1.0, fault("no_pause")))
    assert coach.cue(at_top(1.0 + CUE_LEAST_S / 2)) == ENGLISH.cues["no_pause"]


def test_what_matters_less_waits_for_nobody():
    coach = Coach()
    coach.cue(moment(1.0, fault("foot_touchdown")))
    assert coach.cue(moment(2.0, fault("no_pause"))) == ENGLISH.cues["foot_touchdown"]
    assert coach.cue(moment(1.0 + CUE_DURATION_S)) is None


def test_the_same_cue_waits_before_it_comes_again():
    coach = Coach(quiet_s=6.0)
    assert coach.cue(moment(1.0, fault("no_pause"))) == ENGLISH.cues["no_pause"]
    assert coach.cue(moment(5.0, fault("no_pause"))) is None
    assert coach.cue(moment(7.1, fault("no_pause"))) == ENGLISH.cues["no_pause"]


def test_another_cue_need_not_wait():
    coach = Coach(quiet_s=6.0)
    coach.cue(moment(1.0, fault("no_pause")))
    assert coach.cue(moment(4.0, fault("rushed"))) == ENGLISH.cues["rushed"]


def praised(reps, **changes):
    """Give reps one after the other to a coach that praises; return what it said."""
    coach = Coach(praises=True)
    said = []
    for number in range(1, reps + 1):
        done = replace(rep(number), **{"hold_s": 1.2, **changes})
        said.append(coach.cue(replace(moment(5.0 * number), judged=done, best_shin=0.2)))
    return said


def test_praise_is_rare():
    said = praised(8)
    assert said[0] == ENGLISH.praise
    assert said.count(ENGLISH.praise) == 2


@pytest.mark.parametrize(
    "changes",
    [{"hold_s": 0.8}, {"peak_shin": 0.15}, {"faults": ("rushed",)}, {"side": "both"}],
)
def test_praise_is_true(changes):
    assert not any(praised(4, **changes))


@pytest.mark.parametrize(
    ("after_s", "phase", "still_on"),
    [
        (CUE_LEAST_S + 0.1, Phase.STANDING, True),
        (CUE_LEAST_S + 0.1, Phase.RISING, False),  # it would stand beside the next one's faults
        (CUE_LEAST_S - 0.1, Phase.RISING, True),
    ],
)
def test_praise_goes_when_the_next_rise_begins(after_s, phase, still_on):
    coach = Coach(praises=True)
    done = replace(rep(1), hold_s=1.2)
    assert coach.cue(replace(moment(5.0), judged=done, best_shin=0.2)) == ENGLISH.praise
    said = coach.cue(replace(moment(5.0 + after_s), phase=phase))
    assert (said == ENGLISH.praise) is still_on


def test_nobody_is_praised_in_a_recorded_video():
    coach = Coach()
    done = replace(rep(1), hold_s=2.0)
    assert coach.cue(replace(moment(5.0), judged=done, best_shin=0.2)) is None
