"""The workout told from whole films: stages, guidance, aims, sounds, reps taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from heelrise.framing import ADVICE
from heelrise.landmarks import nobody
from heelrise.moment import Counts, Moment, Phase
from heelrise.result import Side
from heelrise.session import Session
from heelrise.settings import Live
from heelrise.sound import Sound
from heelrise.words import Guide
from heelrise.workout import Now, Stage, Workout
from motion import Film, Script
from runs import FRONT, PROFILE_RIGHT, run, with_free_foot_lost

LIVE = Live()


@dataclass(frozen=True)
class Told:
    """What a workout said, moment for moment."""

    at: list[tuple[float, Now]]
    workout: Workout

    def sounds(self) -> list[Sound]:
        return [sound for _, now in self.at for sound in now.sounds]

    def stages(self) -> list[Stage]:
        stages = [now.stage for _, now in self.at]
        return [s for i, s in enumerate(stages) if i == 0 or s is not stages[i - 1]]

    def when(self, sound: Sound) -> list[float]:
        return [t_s for t_s, now in self.at if sound in now.sounds]


def follow(film: Film, target: int | None = None) -> Told:
    session, workout = Session(), Workout(target)
    moments = [session.update(pose) for pose in film.poses]
    return Told([(m.t_s, workout.update(m)) for m in moments], workout)


def set_of(side: Side, reps: int, rest_s: float = 4.0) -> Script:
    return Script().stand(2.0).set_of(side, reps).stand(rest_s)


def test_a_workout_goes_from_setup_to_rest_hands_free() -> None:
    told = follow(set_of("left", 3).film(PROFILE_RIGHT))
    assert told.stages() == [Stage.SETUP, Stage.READY, Stage.SET, Stage.REST]
    assert told.at[-1][1].counts == Counts(left=3)
    assert told.sounds().count(Sound.REP) == 3
    assert told.sounds().count(Sound.READY) == 1


def test_the_count_rises_once_a_rep_and_at_its_end() -> None:
    film = set_of("right", 4).film(PROFILE_RIGHT)
    told = follow(film)
    ends = [rep.end_s for rep in film.truth.reps]
    for heard_s, end_s in zip(told.when(Sound.REP), ends, strict=True):
        assert -0.2 < heard_s - end_s < 1.0
    counts = [now.counts.right for _, now in told.at]
    assert sorted(counts) == counts


def test_top_and_hold_are_marked_before_the_rep_ends() -> None:
    film = Script().stand(2.0).stand_on("left").stand(0.6)
    film = film.rep(hold_s=2.0).rep(hold_s=0.3).put_down().stand(4.0)
    film = film.film(PROFILE_RIGHT)
    told = follow(film)
    tops, held = told.when(Sound.TOP), told.when(Sound.HELD)
    first = film.truth.reps[0]
    assert any(first.top_start_s - 0.1 < top < first.top_start_s + 0.5 for top in tops)
    assert len(held) == 1
    assert held[0] == pytest.approx(first.top_start_s + LIVE.held_s, abs=0.35)
    shares = [now.hold_share for t_s, now in told.at if first.top_start_s < t_s < held[0]]
    assert sorted(shares) == pytest.approx(shares, abs=0.15)


def test_the_rest_is_timed_from_when_both_feet_were_down() -> None:
    film = set_of("left", 2, rest_s=8.0).film(PROFILE_RIGHT)
    told = follow(film)
    resting = [(t_s, now.rest_s) for t_s, now in told.at if now.rest_s is not None]
    last_end_s = film.truth.reps[-1].end_s
    assert resting[0][0] - last_end_s < LIVE.feet_down_s + 2.0
    t_s, rest_s = resting[-1]
    assert rest_s == pytest.approx(t_s - last_end_s, abs=1.5)


def test_changing_legs_starts_the_other_set() -> None:
    film = Script().stand(2.0).set_of("left", 2).set_of("right", 3).stand(4.0).film(PROFILE_RIGHT)
    told = follow(film)
    assert told.at[-1][1].counts == Counts(left=2, right=3)


def test_a_second_set_of_a_leg_counts_from_one() -> None:
    film = set_of("left", 3).set_of("left", 2).stand(4.0).film(PROFILE_RIGHT)
    assert follow(film).at[-1][1].counts == Counts(left=2)


def test_an_aim_says_when_to_change_and_when_both_are_done() -> None:
    film = Script().stand(2.0).set_of("left", 2).stand(4.0).set_of("right", 2).stand(4.0)
    told = follow(film.film(PROFILE_RIGHT), target=2)
    sounds = told.sounds()
    assert sounds.count(Sound.CHANGE) == 1
    assert sounds.count(Sound.DONE) == 1
    assert sounds.index(Sound.CHANGE) < sounds.index(Sound.DONE)
    assert told.stages()[-1] is Stage.DONE
    asked = [t_s for t_s, now in told.at if now.change_legs]
    assert asked
    assert asked[-1] < told.when(Sound.DONE)[0]


def test_each_round_says_when_to_change_and_when_both_are_done() -> None:
    film = Script().stand(2.0)
    for side in ("left", "right", "right", "left"):
        film.set_of(side, 2).stand(4.0)
    told = follow(film.film(PROFILE_RIGHT), target=2)
    aims = [sound for sound in told.sounds() if sound in (Sound.CHANGE, Sound.DONE)]
    assert aims == [Sound.CHANGE, Sound.DONE] * 2
    rests = [stage for stage in told.stages() if stage in (Stage.REST, Stage.DONE)]
    assert rests == [Stage.REST, Stage.DONE] * 2
    asked = [t_s for t_s, now in told.at if now.change_legs]
    first_s, second_s = told.when(Sound.DONE)
    assert any(first_s < t_s < second_s for t_s in asked)


def test_no_aim_asks_for_nothing() -> None:
    told = follow(set_of("left", 3).film(PROFILE_RIGHT))
    assert not {Sound.CHANGE, Sound.DONE} & set(told.sounds())
    assert not any(now.change_legs for _, now in told.at)


def test_two_legged_raises_are_no_set() -> None:
    told = follow(Script().stand(2.0).reps(3).stand(3.0).film(PROFILE_RIGHT))
    assert Stage.SET not in told.stages()
    assert told.at[-1][1].counts == Counts(both=3)


def test_lifting_a_foot_without_a_rise_leaves_no_set() -> None:
    film = Script().stand(2.0).stand_on("left").stand(2.0).put_down().stand(5.0)
    told = follow(film.film(PROFILE_RIGHT))
    assert Stage.REST not in told.stages()
    assert told.at[-1][1].counts == Counts()


def test_a_foot_that_is_lifted_between_two_sets_keeps_the_count_of_its_leg() -> None:
    """No three seconds on both feet end the set that the lifted foot began."""
    film = Script().stand(2.0).set_of("right", 3).set_of("left", 2)
    film = film.stand_on("right").stand(0.6).rep(0.02).put_down().stand(0.5)
    told = follow(film.set_of("left", 2).stand(1.0).film(PROFILE_RIGHT))
    assert Stage.SET in told.stages()
    assert told.at[-1][1].counts.right == 3


@pytest.mark.parametrize(("target", "stage"), [(None, Stage.REST), (2, Stage.DONE)])
def test_a_foot_that_is_lifted_for_a_moment_ends_no_rest(target: int | None, stage: Stage) -> None:
    film = Script().stand(2.0).set_of("right", 2).set_of("left", 2).stand(10.0)
    told = follow(film.film(PROFILE_RIGHT), target)
    last, now = told.at[-1]
    assert now.stage is stage
    assert now.rest_s is not None
    lifted = replace(still(last), side="left", phase=Phase.RISING)
    during = told.workout.update(replace(lifted, pose=replace(lifted.pose, t_s=last + 0.1)))
    assert (during.stage, during.rest_s) == (Stage.SET, None)
    assert len(during.peaks_shin) == 2
    for tenth in range(2, 40):
        now_after = told.workout.update(still(last + tenth / 10))
    assert now_after.stage is stage
    assert now_after.rest_s == pytest.approx(now.rest_s + 3.9)
    assert now_after.counts == now.counts


def test_the_first_rep_ends_the_rest_and_its_peak_is_alone() -> None:
    film = set_of("left", 3).set_of("left", 1).stand(6.0).film(PROFILE_RIGHT)
    told = follow(film)
    t_s, now = told.at[-1]
    assert now.rest_s == pytest.approx(t_s - film.truth.reps[-1].end_s, abs=1.5)
    at_last_rep = told.when(Sound.REP)[-1]
    assert next(len(now.peaks_shin) for t_s, now in told.at if t_s == at_last_rep) == 1


@pytest.mark.parametrize(("times", "left"), [(1, 2), (2, 1), (5, 0)])
def test_undo_takes_back_the_last_reps(times: int, left: int) -> None:
    told = follow(set_of("left", 3).film(PROFILE_RIGHT))
    done = [told.workout.undo() for _ in range(times)]
    assert done == [True] * min(times, 3) + [False] * max(0, times - 3)
    assert told.workout.again(told.at[-1][1]).counts == Counts(left=left)
    assert len(told.workout.taken_back) == min(times, 3)


def test_undo_takes_back_raises_on_both_feet_in_their_turn() -> None:
    film = Script().stand(2.0).set_of("left", 2).stand(4.0).reps(2).stand(4.0).film(PROFILE_RIGHT)
    told = follow(film)
    shown = []
    while told.workout.undo():
        shown.append(told.workout.again(told.at[-1][1]).counts)
    assert shown == [Counts(2, 0, 1), Counts(2), Counts(1), Counts()]
    assert told.workout.taken_back == {1, 2, 3, 4}


def test_a_rep_taken_back_is_not_given_to_the_leg_later() -> None:
    film = set_of("left", 4).film(PROFILE_RIGHT)
    first = film.truth.reps[0]
    session, workout = Session(), Workout()
    for pose in with_free_foot_lost(film, first.start_s - 0.8, first.end_s + 0.1).poses:
        moment = session.update(pose)
        now = workout.update(moment)
        if moment.rep is not None and moment.rep.number == 1:
            assert moment.rep.side == "both"
            assert workout.undo()
    assert now.counts == Counts(left=3)


def test_reset_takes_back_the_set_and_no_other() -> None:
    film = Script().stand(2.0).set_of("left", 2).set_of("right", 3).stand(4.0).film(PROFILE_RIGHT)
    told = follow(film)
    assert told.workout.reset()
    assert not told.workout.reset()
    assert told.workout.again(told.at[-1][1]).counts == Counts(left=2)
    assert told.workout.taken_back == {3, 4, 5}


def test_a_set_taken_back_while_it_goes_on_stays_empty_in_the_rest() -> None:
    film = Script().stand(2.0).set_of("left", 3).set_of("left", 2).stand(3.0).film(PROFILE_RIGHT)
    session, workout = Session(), Workout(3)
    told = []
    for pose in film.poses:
        moment = session.update(pose)
        told.append(workout.update(moment))
        if moment.rep is not None and moment.rep.number == 5:
            assert workout.reset()
            told.append(workout.again(told[-1]))
            assert told[-1].peaks_shin == ()
    assert (told[-1].counts, told[-1].stage) == (Counts(), Stage.REST)
    assert not told[-1].change_legs
    assert told[-1].rest_s is not None


def test_a_peak_taken_back_is_shown_no_more() -> None:
    session, workout = Session(), Workout()
    for pose in set_of("left", 3).film(PROFILE_RIGHT).poses:
        moment = session.update(pose)
        now = workout.update(moment)
        if moment.rep is not None and moment.rep.number == 2:
            assert len(now.peaks_shin) == 2
            assert workout.undo()
            assert len(workout.again(now).peaks_shin) == 1
        if moment.rep is not None and moment.rep.number == 3:
            assert len(now.peaks_shin) == 2


def still(t_s: float, *warnings: str, facing: float | None = 0.0) -> Moment:
    """Somebody stands flat on both feet, seen from the side."""
    pose = Script().stand(1.0).film(PROFILE_RIGHT).poses[0]
    return Moment(
        pose=replace(pose, t_s=t_s),
        side="both",
        phase=Phase.STANDING,
        level_shin=0.0,
        best_shin=None,
        on_step=None,
        hold_s=0.0,
        counts=Counts(),
        warnings=warnings,
        facing=facing,
    )


@pytest.mark.parametrize(
    ("warnings", "guide"),
    [
        ((), Guide.READY),
        ((ADVICE["feet out of the picture"],), Guide.FEET),
        ((ADVICE["head out of the picture"],), Guide.HEAD),
        ((ADVICE["too small in the picture"],), Guide.NEARER),
        ((ADVICE["too dark"], ADVICE["feet out of the picture"]), Guide.DARK),
        ((ADVICE["two people"], ADVICE["head out of the picture"]), Guide.HEAD),
    ],
)
def test_the_most_important_trouble_is_shown(warnings: tuple[str, ...], guide: Guide) -> None:
    assert Workout().update(still(0.0, *warnings)).guide is guide


def test_every_advice_of_the_core_has_its_words() -> None:
    guides = {Workout().update(still(0.0, advice)).guide for advice in ADVICE.values()}
    assert Guide.READY not in guides
    assert len(guides) == len(ADVICE)


def test_nobody_is_asked_into_the_picture() -> None:
    moment = replace(still(0.0), pose=nobody(0.0, 0, 640, 480), phase=Phase.AWAY)
    assert Workout().update(moment).guide is Guide.NOBODY


def test_somebody_far_away_is_asked_nearer() -> None:
    near = still(0.0)
    far = replace(near, pose=replace(near.pose, xy_px=0.2 * near.pose.xy_px))
    assert Workout().update(far).guide is Guide.NEARER


def test_without_a_flat_foot_level_they_are_asked_to_stand_still() -> None:
    assert Workout().update(replace(still(0.0), level_shin=None)).guide is Guide.STAND_STILL


def test_a_front_view_is_asked_to_turn_for_a_while_and_then_taken() -> None:
    workout = Workout()
    guides = [workout.update(still(t / 10, facing=0.9)).guide for t in range(100)]
    assert guides[0] is Guide.SIDE_ON
    assert guides[-1] is Guide.READY
    assert guides.count(Guide.SIDE_ON) == pytest.approx(10 * LIVE.ask_side_s, abs=2)


def test_a_front_view_is_counted_all_the_same() -> None:
    told = follow(set_of("left", 3).film(FRONT))
    assert told.at[-1][1].counts == Counts(left=3)


def test_ready_needs_a_while_and_sounds_once() -> None:
    workout = Workout()
    told = [(t / 10, workout.update(still(t / 10))) for t in range(30)]
    ready = [t_s for t_s, now in told if Sound.READY in now.sounds]
    assert ready == [pytest.approx(LIVE.ready_s, abs=0.11)]


def test_the_last_five_peaks_are_kept() -> None:
    film = set_of("left", 7).film(PROFILE_RIGHT)
    told = follow(film)
    in_set = [now.peaks_shin for _, now in told.at if now.peaks_shin]
    assert max(len(peaks) for peaks in in_set) == 5


@pytest.mark.parametrize("target", [None, 2])
def test_a_first_rep_that_is_given_to_the_leg_later_counts(target: int | None) -> None:
    """The free foot was lost from sight in it, and only the next rep told that it was up."""
    film = set_of("left", 4).film(PROFILE_RIGHT)
    first = film.truth.reps[0]
    told = follow(with_free_foot_lost(film, first.start_s - 0.8, first.end_s + 0.1), target)
    counts = [now.counts.left for _, now in told.at]
    assert sorted(set(counts)) == [0, 2, 3, 4]
    assert told.sounds().count(Sound.CHANGE) == (0 if target is None else 1)


def test_it_says_what_the_result_says() -> None:
    film = Script().stand(2.0).set_of("right", 4).set_of("left", 3).stand(4.0).film(PROFILE_RIGHT)
    counts = follow(film).at[-1][1].counts
    result = run(film).result
    assert (counts.left, counts.right) == (result.count("left"), result.count("right"))
