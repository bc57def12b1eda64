import pytest

from heelrise.coach import CUE_DURATION_S, CUES, ENGLISH, Coach
from heelrise.landmarks import nobody
from heelrise.moment import Counts, Moment, Phase
from heelrise.result import SIDES, Fault, Rep


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


@pytest.mark.parametrize("kind", CUES)
def test_every_cue_has_at_most_six_plain_words(kind):
    assert 1 <= len(CUES[kind].split()) <= 6
    assert CUES[kind].isascii()


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
    assert Coach().cue(moment(1.0, first, second)) == CUES[kinds[0]]
    assert Coach().cue(moment(1.0, second, first)) == CUES[kinds[0]]


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
    assert shown == CUES[last]


MUST_NOT_SHOW = {
    "nothing wrong": [moment(1.0)],
    "unsure": [moment(1.0, fault("no_pause", unsure=True))],
    "no words for it": [moment(1.0, fault("something_else"))],
    "time is up": [moment(1.0, fault("no_pause")), moment(1.0 + CUE_DURATION_S)],
    "a rep before the one that ended": [moment(9.0, fault("no_pause", rep=1), ended=rep(2))],
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
    assert Coach().cue(now) == CUES["no_pause"]


def test_what_matters_less_waits_for_nobody():
    coach = Coach()
    coach.cue(moment(1.0, fault("foot_touchdown")))
    assert coach.cue(moment(2.0, fault("no_pause"))) == CUES["foot_touchdown"]
    assert coach.cue(moment(1.0 + CUE_DURATION_S)) is None
