"""Leads through the heel-rise test while it is done: where in it one is, what to say now.

The rule that decides is :func:`heelrise.heel_rise_test.follow`, the same as for a recording.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from heelrise.heel_rise_test import (
    LEGS,
    OTHER,
    PROMPTS,
    PROTOCOL,
    Criterion,
    Prompt,
    Protocol,
    Run,
    Stop,
    follow,
    ordered,
)
from heelrise.moment import Counts, Moment, Phase
from heelrise.result import Fault, Rep, Side

_SEEN_S = 0.5  # a rise shows in the phase so long after it began: 0.2-0.3 s (measured), and room


class TestStage(StrEnum):
    """Where in the test the person is."""

    WARM_UP = "warm-up"
    FIRST_LEG = "first leg"
    REST = "rest"
    SECOND_LEG = "second leg"
    DONE = "done"


@dataclass(frozen=True)
class TestNow:
    """What the test knows at one moment.

    Attributes
    ----------
    stage : TestStage
    side : {"left", "right"} or None
        The leg under test, or the one to come; None while either may come.
    raw, valid : Counts
        Raises so far, all and valid ones; ``both`` are those of the warm-up.
    warm_up_left : int
        Raises on two legs still to do.
    rest_left_s : float or None
        Seconds of the rest still to come; None outside of it.
    prompts : tuple of Prompt
        What to tell the person with this moment, the most important first.
    stopped : Stop or None
        The stop of a leg that became known with this moment: "stop" is to be said.
    """

    stage: TestStage
    side: Side | None
    raw: Counts
    valid: Counts
    warm_up_left: int
    rest_left_s: float | None
    prompts: tuple[Prompt, ...]
    stopped: Stop | None


class TestGuide:
    """Leads through a live test, hands-free; time is the moments' own.

    Nothing is refused: who skips the warm-up or cuts the rest short is tested all the same, and
    :func:`~heelrise.heel_rise_result.evaluate` says so. What it says of a leg may still change with
    the next raise, and with the judgement at the end, which knows the whole leg; the written test
    is that function's.

    Parameters
    ----------
    pace : Protocol
    least_rise_share : float or None
        The height limit, see :class:`~heelrise.heel_rise_test.TestOptions`.
    """

    def __init__(self, pace: Protocol = PROTOCOL, least_rise_share: float | None = None) -> None:
        """Start with the warm-up."""
        self._pace = pace
        self._least_rise_share = least_rise_share
        self._reps: dict[int, Rep] = {}
        self._faults: list[Fault] = []
        self._unjudged: Rep | None = None
        self._taken_back: set[int] = set()
        self._quiet_s = 0.0  # until when no rise was under way
        self._told: set[tuple[Side, int, int, int, Criterion]] = set()
        self._stopped: set[tuple[Side, int]] = set()  # leg and its practice: the run that stopped

    def update(self, moment: Moment) -> TestNow:
        """Take the next moment; return what is to be shown and said."""
        self._take(moment)
        runs = {side: self._follow(side) for side in LEGS}
        stage, side = self._stage(runs, moment.t_s)
        warm_up = sum(rep.side == "both" for rep in self._reps.values())
        prompts, stopped = self._news(runs)
        return TestNow(
            stage=stage,
            side=side,
            raw=Counts(len(runs["left"].raw), len(runs["right"].raw), warm_up),
            valid=Counts(len(runs["left"].valid), len(runs["right"].valid), warm_up),
            warm_up_left=max(0, self._pace.warm_up_raises - warm_up),
            rest_left_s=self._rest_left_s(runs, moment.t_s) if stage is TestStage.REST else None,
            prompts=prompts,
            stopped=stopped,
        )

    def take_back(self, numbers: Collection[int]) -> None:
        """Forget the reps of these numbers: the user says that they are none."""
        self._taken_back.update(numbers)
        self._reps = {n: rep for n, rep in self._reps.items() if n not in self._taken_back}
        self._faults = [fault for fault in self._faults if fault.rep not in self._taken_back]
        if self._unjudged is not None and self._unjudged.number in self._taken_back:
            self._unjudged = None

    def _take(self, moment: Moment) -> None:
        if moment.phase in (Phase.STANDING, Phase.AWAY):
            self._quiet_s = moment.t_s
        for rep in (moment.mended, moment.rep, moment.judged):
            if rep is not None and rep.number not in self._taken_back:
                self._reps[rep.number] = rep
        if moment.rep is not None:
            self._unjudged = moment.rep
        elif moment.judged is not None:
            self._unjudged = None
        self._faults += [f for f in moment.faults if f.rep not in self._taken_back]

    def _follow(self, side: Side) -> Run:
        until_s = self._quiet_s - _SEEN_S
        known = [self._reps[number] for number in sorted(self._reps)]
        if self._unjudged is not None:
            # what was wrong with it is not known yet: neither is whether it answers a prompt
            until_s = min(until_s, self._unjudged.start_s)
        return follow(side, known, self._faults, self._pace, self._least_rise_share, until_s)

    def _stage(self, runs: Mapping[Side, Run], t_s: float) -> tuple[TestStage, Side | None]:
        begun = sorted((run for run in runs.values() if run.raw), key=lambda run: run.start_s)
        if not begun:
            warm = sum(rep.side == "both" for rep in self._reps.values())
            ready = warm >= self._pace.warm_up_raises
            return (TestStage.FIRST_LEG if ready else TestStage.WARM_UP), None
        first, second = begun[0], begun[1] if len(begun) == 2 else None
        if first.stop is None and (second is None or len(first.raw) >= self._pace.least_raises):
            return TestStage.FIRST_LEG, first.side
        if second is None:
            resting = self._rest_left_s(runs, t_s) > 0
            return (TestStage.REST if resting else TestStage.SECOND_LEG), OTHER[first.side]
        return (TestStage.DONE if second.stop else TestStage.SECOND_LEG), second.side

    def _rest_left_s(self, runs: Mapping[Side, Run], t_s: float) -> float:
        ended_s = max(run.raw[-1].end_s for run in runs.values() if run.raw)
        return max(0.0, self._pace.rest_s - (t_s - ended_s))

    def _news(self, runs: Mapping[Side, Run]) -> tuple[tuple[Prompt, ...], Stop | None]:
        """Return what to tell with this moment: prompts, or instead of the last one the stop."""
        criteria: set[Criterion] = set()
        stopped = None
        for side, run in runs.items():
            # By place, not by time: a raise that is late takes the place of the one that was due,
            # and the same prompt is not given twice for it.
            fresh = {
                (side, run.practice, place, miss.done, criterion)
                for place, miss in enumerate(run.misses)
                for criterion in miss.criteria
            } - self._told
            self._told |= fresh
            criteria.update(criterion for *_, criterion in fresh)
            if run.stop is not None and (side, run.practice) not in self._stopped:
                self._stopped.add((side, run.practice))
                stopped = run.stop
        if stopped is not None:
            return (), stopped
        return tuple(PROMPTS[criterion] for criterion in ordered(criteria)), None
