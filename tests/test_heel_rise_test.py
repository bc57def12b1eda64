"""The heel-rise test: what must stop it and what must not, on raises written down and on films."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import pytest

from heelrise import guided_test as gt
from heelrise import heel_rise_test as hrt
from heelrise.heel_rise_result import evaluate
from heelrise.heel_rise_test import PROTOCOL, Criterion, Prompt, Protocol, Run, follow
from heelrise.moment import Moment
from heelrise.result import Fault, Rep, Result
from heelrise.session import Session
from heelrise.settings import SessionOptions, Settings
from motion import Film, Script
from motion_body import Camera
from raises import LOW, PERSON, rep
from runs import BEHIND, FRONT, OBLIQUE, PROFILE_RIGHT, with_free_foot_lost

KNEE, LEAN, TOUCH = "knee_bend", "trunk_lean", "foot_touchdown"
TOLD = SessionOptions(body_height_cm=175.0)
STAGE = gt.TestStage

# ---- raises written down --------------------------------------------------------------------


def to_beat(*faults: tuple[str, ...], gaps: dict[int, float] | None = None) -> tuple[Rep, ...]:
    """Return raises with these faults, each 2 s after the last one, or ``gaps[number]``."""
    reps, top_s = [], 10.0
    for number, broken in enumerate(faults, start=1):
        reps.append(rep(number, top_s, *broken))
        top_s += (gaps or {}).get(number + 1, 2.0)
    return tuple(reps)


def touch(at_s: float, unsure: bool = False) -> Fault:
    return Fault(TOUCH, "left", None, at_s, at_s + 0.1, 0.2, 0.11, "shin", unsure, "")


def decided(
    reps: tuple[Rep, ...], *faults: Fault, share: float | None = None, pace: Protocol = PROTOCOL
) -> Run:
    return follow("left", reps, faults, pace, share)


OK: tuple[str, ...] = ()
H, K, L, T = (LOW,), (KNEE,), (LEAN,), (TOUCH,)
C = Criterion

MUST_STOP = {
    "two low": (to_beat(OK, OK, OK, H, H, OK), 3, {C.HEIGHT}),
    "two bent knees": (to_beat(OK, OK, OK, OK, K, K, OK), 4, {C.KNEE}),
    "two leans": (to_beat(OK, OK, L, L), 2, {C.TRUNK}),
    "two touches": (to_beat(OK, T, T, OK), 1, {C.FOOT}),
    "a low one and a bent knee": (to_beat(OK, OK, OK, H, K, OK), 3, {C.HEIGHT, C.KNEE}),
    "several in one, then one": (to_beat(OK, OK, (LOW, KNEE), L), 2, {C.HEIGHT, C.KNEE, C.TRUNK}),
    "the first two": (to_beat(H, H, OK, OK), 0, {C.HEIGHT}),
    "twice too slow": (to_beat(OK, OK, OK, OK, OK, gaps={4: 2.6, 5: 2.6}), 3, {C.PACE}),
    "twice too fast": (to_beat(OK, OK, OK, OK, OK, gaps={4: 1.4, 5: 1.4}), 3, {C.PACE}),
    "too slow, then low": (to_beat(OK, OK, OK, OK, H, gaps={4: 3.0}), 3, {C.PACE, C.HEIGHT}),
    "a pause of two raises": (to_beat(OK, OK, OK, OK, OK, gaps={5: 4.6}), 4, {C.PACE}),
    "a long rest": (to_beat(OK, OK, OK, OK, OK, gaps={5: 60.0}), 4, {C.PACE}),
    "low, then a late one": (to_beat(OK, OK, OK, H, OK, OK, gaps={5: 2.7}), 3, {C.HEIGHT, C.PACE}),
    "after one that was answered": (to_beat(OK, H, OK, OK, H, H), 4, {C.HEIGHT}),
}

MUST_NOT_STOP = {
    "nothing wrong": to_beat(*[OK] * 30),
    "one low": to_beat(OK, OK, H, OK, OK),
    "every other one low": to_beat(OK, H, OK, H, OK, H, OK),
    "different ones, each answered": to_beat(OK, H, OK, K, OK, L, OK, T, OK),
    "one late": to_beat(OK, OK, OK, OK, OK, gaps={4: 3.9}),
    "one early": to_beat(OK, OK, OK, OK, OK, gaps={4: 1.2}),
    "within the tolerance": to_beat(*[OK] * 6, gaps={2: 2.45, 3: 1.55, 4: 2.4, 5: 1.6, 6: 2.4}),
    "no pause, dropped": to_beat(*[("no_pause", "rushed")] * 8),
    "heel that stays up a little": to_beat(*[("incomplete_bottom",)] * 6),
    "sways": to_beat(*[("lost_balance",)] * 6),
}


@pytest.mark.parametrize("story", MUST_STOP)
def test_must_stop(story: str) -> None:
    reps, valid, criteria = MUST_STOP[story]
    run = decided(reps)
    assert run.stop is not None
    assert len(run.valid) == valid
    assert set(run.stop.criteria) == criteria
    assert run.raw == reps


@pytest.mark.parametrize("story", MUST_NOT_STOP)
def test_must_not_stop(story: str) -> None:
    reps = MUST_NOT_STOP[story]
    still_going = follow("left", reps, (), PROTOCOL, None, until_s=reps[-1].end_s)
    assert still_going.stop is None
    assert still_going.valid == reps
    ended = decided(reps)
    assert ended.valid == reps
    assert ended.stop is not None
    assert ended.stop.no_raise
    assert ended.stop.why == "no further raise came"


def test_a_low_last_raise_was_not_answered() -> None:
    run = decided(to_beat(OK, OK, OK, H))
    assert len(run.valid) == 3
    assert run.stop is not None
    assert run.stop.why == "the heel did not rise high enough, no further raise came"


def test_three_prompts_can_be_asked_for() -> None:
    pace = replace(PROTOCOL, prompts=3)
    assert len(decided(to_beat(OK, OK, H, H, OK, OK), pace=pace).valid) == 6
    assert len(decided(to_beat(OK, OK, H, K, H, OK), pace=pace).valid) == 2
    assert len(decided(to_beat(*[OK] * 6, gaps={5: 4.6}), pace=pace).valid) == 6


def test_a_touch_between_raises_counts_for_the_next_one() -> None:
    reps = to_beat(OK, OK, OK, OK, OK)
    between = [reps[n].end_s + 0.1 for n in range(4)]
    one = decided(reps, touch(between[1]))
    assert [(miss.rep, miss.criteria) for miss in one.misses if miss.rep] == [(3, (C.FOOT,))]
    assert len(one.valid) == 5
    assert len(decided(reps, touch(between[1]), touch(between[2])).valid) == 2


def test_an_unsure_touch_or_one_of_the_other_leg_counts_for_nothing() -> None:
    reps = to_beat(OK, OK, OK, OK, OK)
    unsure = [touch(rep.end_s + 0.1, unsure=True) for rep in reps]
    assert len(decided(reps, *unsure).valid) == 5
    others = [replace(touch(rep.end_s + 0.1), side="right") for rep in reps]
    assert len(decided(reps, *others).valid) == 5


def heights(*rises: float) -> tuple[Rep, ...]:
    return tuple(rep(n, 8.0 + 2 * n, rise=rise) for n, rise in enumerate(rises, start=1))


@pytest.mark.parametrize(
    ("share", "valid"), [(None, 7), (0.7, 7), (0.8, 4), (0.95, 3)], ids=["off", "70", "80", "95"]
)
def test_the_height_limit_is_a_share_of_the_first_raises(share: float | None, valid: int) -> None:
    reps = heights(0.20, 0.21, 0.19, 0.18, 0.155, 0.15, 0.145)
    assert len(decided(reps, share=share).valid) == valid


def test_the_height_limit_needs_raises_to_compare_with() -> None:
    assert len(decided(heights(0.20, 0.05, 0.05), share=0.9).valid) == 3


def test_a_short_run_before_a_longer_one_was_practice() -> None:
    run = decided(to_beat(*[OK] * 8, gaps={3: 20.0}))
    assert (run.practice, len(run.valid), len(run.raw)) == (2, 6, 8)


def test_a_weak_leg_that_does_no_more_than_two_is_tested_all_the_same() -> None:
    run = decided(to_beat(OK, OK))
    assert (run.practice, len(run.valid)) == (0, 2)


def test_a_second_run_after_the_stop_is_raw_only() -> None:
    run = decided(to_beat(*[OK] * 9, gaps={6: 40.0}))
    assert (run.practice, len(run.valid), len(run.raw)) == (0, 5, 9)


def test_live_waits_for_a_raise_that_is_due() -> None:
    reps = to_beat(OK, OK, OK, OK)
    top_s = reps[-1].top_start_s
    misses = {}
    for after_s in (2.4, 2.6, 4.4):
        run = follow("left", reps, (), until_s=top_s + after_s)
        assert run.stop is None
        misses[after_s] = len(run.misses)
    assert misses == {2.4: 0, 2.6: 1, 4.4: 1}
    stop = follow("left", reps, (), until_s=top_s + 4.6).stop
    assert stop is not None
    assert stop.t_s == pytest.approx(top_s + 4.5)


def test_live_waits_longer_after_what_may_be_practice() -> None:
    reps = to_beat(OK, OK)
    assert follow("left", reps, (), until_s=reps[-1].end_s + 14.0).stop is None
    assert follow("left", reps, (), until_s=reps[-1].end_s + 15.1).stop is not None


def test_a_leg_without_raises_has_no_test() -> None:
    run = follow("right", to_beat(OK, OK, OK), ())
    assert (run.raw, run.valid, run.misses, run.stop) == ((), (), (), None)


def test_the_settings_ask_for_no_pause_and_no_slow_lowering() -> None:
    usual = Settings()
    limits = hrt.test_settings(usual).faults
    assert (limits.least_hold_s, limits.least_down_s) == (0.0, 0.0)
    assert replace(limits, least_hold_s=0.5, least_down_s=0.35) == usual.faults
    assert replace(hrt.test_settings(usual), faults=usual.faults) == usual


# ---- films ------------------------------------------------------------------------------------

BEAT = {"up_s": 0.8, "hold_s": 0.2, "down_s": 0.8, "rest_s": 0.2}  # 2 s a raise
QUICK_REST = Protocol(rest_s=10.0)


@dataclass(frozen=True)
class Ran:
    result: Result
    moments: list[Moment]


def filmed(film: Film) -> Ran:
    session = Session(TOLD, hrt.test_settings(Settings()))
    moments = [session.update(pose) for pose in film.poses]
    return Ran(session.finish(), moments)


def on_left() -> Script:
    return Script().stand(2.0).stand_on("left").stand(0.6)


def down(script: Script, camera: Camera = PROFILE_RIGHT) -> Ran:
    return filmed(script.put_down().stand(6.0).film(camera))


@pytest.mark.parametrize("camera", [PROFILE_RIGHT, OBLIQUE, FRONT, BEHIND])
def test_a_clean_test_to_the_beat_is_valid_to_its_end(camera: Camera) -> None:
    ran = down(on_left().reps(15, **BEAT), camera)
    (found,) = evaluate(ran.result, options=PERSON).legs
    assert (len(found.run.raw), len(found.run.valid)) == (15, 15)
    assert found.run.stop is not None
    assert found.run.stop.no_raise
    assert found.mean_cm == pytest.approx(9.0, abs=1.0)
    assert found.work_j == pytest.approx(70 * 9.81 * 15 * 0.09, rel=0.12)
    assert not {"no_pause", "rushed"} & {fault.kind for fault in ran.result.faults}


FILMS = {
    "two low": (on_left().reps(6, **BEAT).reps(2, height=0.03, **BEAT).reps(2, **BEAT), 10, 6),
    "one low": (on_left().reps(6, **BEAT).rep(0.03, **BEAT).reps(3, **BEAT), 10, 10),
    "leaning": (on_left().reps(6, **BEAT).reps(3, lean=22.0, **BEAT), 9, 6),
    "one lean": (on_left().reps(6, **BEAT).rep(lean=22.0, **BEAT).reps(3, **BEAT), 10, 10),
    "too slow": (on_left().reps(5, **BEAT).reps(4, **{**BEAT, "rest_s": 1.0}), 9, 6),
    "too fast": (
        on_left().reps(5, **BEAT).reps(5, up_s=0.5, hold_s=0.1, down_s=0.5, rest_s=0.2),
        10,
        6,
    ),
    "a pause": (on_left().reps(5, **BEAT).stand(4.0).reps(5, **BEAT), 10, 5),
    "a short pause": (on_left().reps(5, **BEAT).stand(1.0).reps(5, **BEAT), 10, 10),
    "touches": (on_left().reps(5, **BEAT).touch(0.4).rep(**BEAT).touch(0.4).rep(**BEAT), 7, 5),
}


@pytest.mark.parametrize("story", FILMS)
def test_films_stop_where_they_must(story: str) -> None:
    script, raw, valid = FILMS[story]
    (found,) = evaluate(down(script).result).legs
    assert (len(found.run.raw), len(found.run.valid)) == (raw, valid), found.run.misses


# ---- live -------------------------------------------------------------------------------------


@cache
def whole_test() -> Ran:
    story = Script().stand(2.0).reps(5, **BEAT).stand(2.0)
    story = story.set_of("left", 8, **BEAT).stand(12.0)
    story = story.stand_on("right").stand(0.6).reps(6, **BEAT).rep(0.03, **BEAT)
    return filmed(story.rep(0.03, **BEAT).put_down().stand(6.0).film(PROFILE_RIGHT))


def guided(ran: Ran, pace: Protocol = QUICK_REST) -> list[tuple[float, gt.TestNow]]:
    guide = gt.TestGuide(pace)
    return [(moment.t_s, guide.update(moment)) for moment in ran.moments]


def test_reps_taken_back_are_no_part_of_the_test() -> None:
    guide, told = gt.TestGuide(QUICK_REST), []
    for moment in whole_test().moments:
        told.append(guide.update(moment))
        if moment.rep is not None and moment.rep.number == 2:
            guide.take_back({1, 2})
            assert guide.update(replace(moment, rep=None, judged=moment.rep)).raw.both == 0
    assert told[-1].raw.both == 3


def test_a_whole_test_goes_from_warm_up_to_done() -> None:
    told = guided(whole_test())
    stages = [now.stage for _, now in told]
    order = [s for i, s in enumerate(stages) if i == 0 or s is not stages[i - 1]]
    assert order == [
        STAGE.WARM_UP, STAGE.FIRST_LEG, STAGE.REST, STAGE.SECOND_LEG, STAGE.DONE
    ]  # fmt: skip
    last = told[-1][1]
    assert (last.raw.left, last.raw.right, last.raw.both) == (8, 8, 5)
    assert (last.valid.left, last.valid.right) == (8, 6)
    assert last.warm_up_left == 0


def test_live_decides_as_the_recording_does() -> None:
    ran = whole_test()
    last = guided(ran)[-1][1]
    legs = {leg.run.side: leg.run for leg in evaluate(ran.result, QUICK_REST).legs}
    assert last.valid.left == len(legs["left"].valid)
    assert last.valid.right == len(legs["right"].valid)


def test_live_takes_over_a_first_raise_that_is_given_to_the_leg_later() -> None:
    film = Script().set_of("left", 5).stand(4.0).film(PROFILE_RIGHT)
    first = film.truth.reps[0]
    ran = filmed(with_free_foot_lost(film, first.start_s - 0.8, first.end_s + 0.1))
    assert any(moment.counts.both == 1 for moment in ran.moments)
    last = guided(ran)[-1][1]
    assert (last.raw.left, last.raw.both) == (5, 0)


def test_the_stop_of_each_leg_is_told_once() -> None:
    stops = [(t_s, now.stopped) for t_s, now in guided(whole_test()) if now.stopped]
    assert len(stops) == 2
    (first_s, first), (_, second) = stops
    assert first.no_raise
    assert first_s - first.t_s < 1.5
    assert second.criteria[0] is Criterion.HEIGHT


def test_prompts_come_with_what_was_missed() -> None:
    prompts = [(now.stage, prompt) for _, now in guided(whole_test()) for prompt in now.prompts]
    assert prompts.count((STAGE.SECOND_LEG, Prompt.HIGHER)) == 1
    assert (STAGE.FIRST_LEG, Prompt.HIGHER) not in prompts


def test_one_late_raise_is_one_prompt_given_while_it_is_due() -> None:
    ran = down(on_left().reps(4, **BEAT).stand(1.7).reps(4, **BEAT))
    told = [(t_s, now.prompts) for t_s, now in guided(ran) if now.prompts]
    # the second is for the raise that does not come at the end
    assert [prompts for _, prompts in told] == [(Prompt.KEEP_THE_PACE,), (Prompt.KEEP_THE_PACE,)]
    assert told[0][0] < ran.result.reps[4].end_s
    assert told[1][0] > ran.result.reps[-1].end_s


def test_the_rest_counts_down_from_the_last_raise() -> None:
    ran = whole_test()
    ended_s = max(rep.end_s for rep in ran.result.reps if rep.side == "left")
    resting = [(t_s, now) for t_s, now in guided(ran) if now.rest_left_s is not None]
    for t_s, now in resting:
        assert now.stage is STAGE.REST
        assert now.side == "right"
        assert now.rest_left_s == pytest.approx(max(0.0, 10.0 - (t_s - ended_s)), abs=0.2)
    assert resting[-1][1].rest_left_s == pytest.approx(0.0, abs=0.3)


def test_the_warm_up_may_be_skipped_and_the_rest_cut_short() -> None:
    story = Script().stand(2.0).set_of("right", 4, **BEAT).stand(4.0)
    story = story.set_of("left", 4, **BEAT).stand(6.0)
    told = guided(filmed(story.film(PROFILE_RIGHT)), PROTOCOL)
    assert told[0][1].warm_up_left == 5
    assert told[-1][1].stage is STAGE.DONE
    assert (told[-1][1].valid.left, told[-1][1].valid.right) == (4, 4)


def test_a_rest_on_both_feet_lasts_two_minutes() -> None:
    told = guided(filmed(Script().stand(2.0).set_of("left", 4, **BEAT).stand(125.0).film(
        PROFILE_RIGHT, fps=15.0)), PROTOCOL)  # fmt: skip
    resting = [t_s for t_s, now in told if now.stage is STAGE.REST]
    stop_s = next(t_s for t_s, now in told if now.stopped)
    assert resting[0] == stop_s
    assert resting[-1] - stop_s == pytest.approx(120.0, abs=6.0)
    assert told[-1][1].stage is STAGE.SECOND_LEG
    assert told[-1][1].side == "right"
