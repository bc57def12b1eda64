"""A body that sinks over a heel that is up ends no rep; a heel that comes half down does."""

from __future__ import annotations

import pytest

from heelrise.legs import LegSample
from heelrise.moment import Phase
from heelrise.result import Side
from heelrise.sinking import Sinking
from motion import Script
from motion_body import Camera
from runs import run, sides

VIEWS = [10.0, 45.0, 150.0, 172.0, 210.0, 300.0]


@pytest.mark.parametrize("hold_s", [2.0, 4.0])
@pytest.mark.parametrize("azimuth_deg", VIEWS)
def test_a_knee_that_bends_at_the_top_ends_no_rep(azimuth_deg: float, hold_s: float) -> None:
    story = Script().stand(1.5).stand_on("left").stand(0.6).reps(2)
    story.reps(2, hold_s=hold_s, sinks=24.0).rep().put_down().stand(1.0)
    film = story.film(Camera(azimuth_deg))
    ran = run(film)
    assert sides(ran.result) == ["left"] * 5
    for rep, true in zip(ran.result.reps, film.truth.reps, strict=True):
        assert rep.start_s == pytest.approx(true.start_s, abs=0.15)
        assert rep.end_s == pytest.approx(true.end_s, abs=0.2)


@pytest.mark.parametrize("azimuth_deg", VIEWS)
@pytest.mark.parametrize("lean_deg", [0.0, 12.0])
def test_a_heel_that_comes_half_down_ends_it(azimuth_deg: float, lean_deg: float) -> None:
    story = Script().stand(1.5).stand_on("left").stand(0.6).reps(2)
    story.reps(2, bottom=0.04, lean=lean_deg).rep().put_down().stand(1.0)
    ran = run(story.film(Camera(azimuth_deg)))
    assert sides(ran.result) == ["left"] * 5


def test_only_the_knee_of_the_leg_that_carries_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the first rise after a change of legs nothing is known of how that leg is held."""
    asked: list[tuple[float, Side | None]] = []
    follow = Sinking.follow

    def spy(self: Sinking, sample: LegSample, side: Side | None, phase: Phase) -> bool:
        asked.append((sample.t_s, side))
        return follow(self, sample, side, phase)

    monkeypatch.setattr(Sinking, "follow", spy)
    film = Script().stand(1.5).set_of("left", 2).set_of("right", 2).film(Camera(45.0))
    run(film)
    for number, legs in enumerate(({None}, {"left"}, {None}, {"right"})):
        rep = film.truth.reps[number]
        assert {side for t_s, side in asked if rep.start_s < t_s < rep.end_s - 0.3} == legs
