"""A human's corrections: what each key does, and that the machine's version stays as it was."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import cv2
import jsonschema
import numpy as np
import pytest

import truth
from clips import copy_start
from heelrise import jobs, review_window, window
from heelrise.cli import main
from heelrise.errors import HeelriseError
from heelrise.image import Image
from heelrise.result import Result, Tip, VideoFacts, to_json
from heelrise.review import DIGITS, KINDS, NO_TEST, Review, human_path, is_of
from heelrise.review_keys import KEYS as REVIEW_KEYS
from heelrise.review_window import Reel, Reviewing
from motion import Script
from runs import OBLIQUE, PROFILE_RIGHT, run
from screen import Screen, needs_screen

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_videos" / "floor_profile_clean.mp4"
SCHEMA = json.loads((ROOT / "docs" / "result.schema.json").read_text())


@cache
def counted() -> Result:
    film = Script().stand(2.0).set_of("left", 3).set_of("right", 2).stand(2.0).film(PROFILE_RIGHT)
    return run(film).result


def machine(path: str = "set.mp4") -> dict[str, Any]:
    settings = {"body_height_cm": None, "surface": "auto", "leg": "auto", "thresholds": {}}
    settings["model"] = {"name": "full", "sha256": "0" * 64}
    return to_json(counted(), VideoFacts(path, 40.0, 30.0, 640, 480, 1200), settings)


def test_nothing_done_changes_nothing_but_the_review() -> None:
    given = machine()
    left = Review(given).result()
    jsonschema.validate(left, SCHEMA)
    review = left.pop("review")
    assert left["reps"] == given["reps"]
    assert left["sets"] == given["sets"]
    assert left["counts"] == given["counts"]
    assert review["deleted"] == review["added"] == review["accepted"] == []


def test_the_machines_version_is_never_changed() -> None:
    given = machine()
    before = copy.deepcopy(given)
    review = Review(given)
    review.delete()
    review.change_side()
    review.toggle_fault("no_pause")
    review.add(30.0, "left")
    review.result()
    assert given == before


def test_a_deleted_rep_leaves_counts_sets_and_numbers() -> None:
    review = Review(machine())
    review.step(1)
    review.delete()
    left = review.result()
    assert left["counts"] == {"left": 2, "right": 2, "both": 0}
    assert [rep["number"] for rep in left["reps"]] == [1, 2, 3, 4]
    assert [leg_set["reps"] for leg_set in left["sets"]] == [[1, 2], [3, 4]]
    assert left["review"]["deleted"] == [2]


def two_sets_of_one_leg() -> dict[str, Any]:
    """Return reps 1 to 3, half a minute on both feet, reps 4 to 6, and 7 and 8 of the other leg."""
    script = Script().stand(2.0).set_of("left", 3).stand(30.0).set_of("left", 3)
    result = run(script.set_of("right", 2).stand(2.0).film(PROFILE_RIGHT)).result
    settings = {"body_height_cm": None, "surface": "auto", "leg": "auto", "thresholds": {}}
    given = to_json(result, VideoFacts("set.mp4", 90.0, 30.0, 640, 480, 2700), settings)
    assert reps_of_sets(given) == [[1, 2, 3], [4, 5, 6], [7, 8]]
    return given


def reps_of_sets(values: dict[str, Any]) -> list[list[int]]:
    return [leg_set["reps"] for leg_set in values["sets"]]


def test_a_rest_between_two_sets_of_one_leg_stays() -> None:
    given = two_sets_of_one_leg()
    review = Review(given)
    assert review.result()["sets"] == given["sets"]
    review.move_end("start_s", given["reps"][0]["start_s"] - 0.2)
    review.step(3)
    review.delete()
    left = review.result()
    assert reps_of_sets(left) == [[1, 2, 3], [4, 5], [6, 7]]
    assert left["sets"][0]["start_s"] == left["reps"][0]["start_s"]
    assert left["sets"][1]["start_s"] == left["reps"][3]["start_s"]
    assert Review(given, json.loads(json.dumps(left))).result() == left
    review.delete()
    review.delete()
    assert reps_of_sets(review.result()) == [[1, 2, 3], [4, 5]]


def test_an_added_rep_goes_into_the_set_around_or_beside_it() -> None:
    given = two_sets_of_one_leg()
    first, second = given["sets"][:2]
    for t_s, sets in (
        (first["end_s"] + 2.0, [[1, 2, 3, 4], [5, 6, 7], [8, 9]]),
        (second["start_s"] - 3.0, [[1, 2, 3], [4, 5, 6, 7], [8, 9]]),
        (first["end_s"] + 15.0, [[1, 2, 3], [4], [5, 6, 7], [8, 9]]),
        (given["reps"][1]["end_s"], [[1, 2, 3, 4], [5, 6, 7], [8, 9]]),
    ):
        review = Review(given)
        review.add(t_s, "left")
        assert reps_of_sets(review.result()) == sets
    review = Review(given)
    review.add(first["end_s"] + 14.0, "left")
    review.add(first["end_s"] + 18.0, "left")
    review.add(first["end_s"] + 2.0, "right")
    assert reps_of_sets(review.result()) == [[1, 2, 3], [4], [5, 6], [7, 8, 9], [10, 11]]


def test_an_added_rep_keeps_to_the_gap_between_its_neighbours() -> None:
    review = Review(two_sets_of_one_leg())
    before, after = (rep.values for rep in review.reps[:2])
    between_s = (before["end_s"] + after["start_s"]) / 2
    assert review.add(between_s, "left")
    added = review.reps[1].values
    assert added["start_s"] >= before["end_s"]
    assert added["end_s"] <= after["start_s"]
    assert added["start_s"] < between_s < added["end_s"]
    assert not review.add(before["peak_s"], "left"), "a rep is there"


def test_a_rep_added_in_a_long_pause_on_one_leg_is_in_the_set_around_it() -> None:
    given = two_sets_of_one_leg()
    given["sets"][:2] = [{**given["sets"][0], "reps": [1, 2, 3, 4, 5, 6]}]
    review = Review(given)
    review.add(given["sets"][0]["start_s"] + 25.0, "left")
    assert reps_of_sets(review.result()) == [[1, 2, 3, 4, 5, 6, 7], [8, 9]]


def test_a_rep_given_to_another_leg_leaves_its_set() -> None:
    given = two_sets_of_one_leg()
    review = Review(given)
    review.step(1)
    review.change_side()
    assert reps_of_sets(review.result()) == [[1], [2], [3], [4, 5, 6], [7, 8]]
    review = Review(given)
    for _ in range(3):
        review.change_side()
        review.step(1)
    assert [one["side"] for one in review.result()["sets"]] == ["right", "left", "right"]
    assert reps_of_sets(review.result()) == reps_of_sets(given)


def test_an_added_rep_claims_no_height() -> None:
    review = Review(machine())
    review.add(1.5, "left")
    first = review.result()["reps"][0]
    assert (first["number"], first["side"], first["peak_s"]) == (1, "left", 1.5)
    assert first["rise_shin"] is None
    assert review.result()["review"]["added"] == [1]


def test_side_fault_and_ends_can_be_changed() -> None:
    review = Review(machine())
    review.change_side()
    review.toggle_fault("no_pause")
    start_s = review.reps[0].values["start_s"]
    review.move_end("start_s", start_s - 0.3)
    left = review.result()
    rep = left["reps"][0]
    assert (rep["side"], rep["faults"]) == ("right", ["no_pause"])
    assert rep["start_s"] == pytest.approx(start_s - 0.3)
    assert [f["message"] for f in left["faults"] if f["rep"] == 1] == ["seen by a human"]
    review.toggle_fault("no_pause")
    assert not [f for f in review.result()["faults"] if f["rep"] == 1]


@pytest.mark.parametrize(("name", "by_s"), [("start_s", 20.0), ("end_s", -20.0)])
def test_an_end_cannot_pass_the_other(name: str, by_s: float) -> None:
    review = Review(machine())
    before = review.reps[0].values[name]
    review.move_end(name, before + by_s)
    assert review.reps[0].values[name] == before


def test_what_lies_between_reps_goes_with_its_set_and_changes_legs_with_it() -> None:
    script = Script(2).stand(1.5).stand_on("left").stand(0.6).reps(2).touch(0.5).reps(2)
    script.put_down().stand(4.0).stand_on("left").stand(0.6).reps(3).put_down().stand(1.0)
    result = run(script.film(OBLIQUE)).result
    values = to_json(result, VideoFacts("set.mp4", 10.0, 30.0, 640, 480, 300), {})
    tip = Tip("head_down", "left", result.reps[0].start_s, result.reps[1].end_s, 30, 25, "deg", "")
    values["tips"] = [asdict(tip)]
    assert [(f["kind"], f["rep"]) for f in values["faults"]] == [("foot_touchdown", None)]

    deleted = Review(values)
    for _ in range(4):
        deleted.delete()
    assert (deleted.result()["faults"], deleted.result()["tips"]) == ([], [])

    given = Review(values)
    for _ in range(4):
        given.change_side()
        given.step(1)
    assert [fault["side"] for fault in given.result()["faults"]] == ["right"]
    assert [tip["side"] for tip in given.result()["tips"]] == ["right"]
    assert Review(values).result()["faults"] == values["faults"]
    assert Review(values).result()["tips"] == values["tips"]


def test_accepting_goes_on_to_the_next_and_stops_at_the_last() -> None:
    review = Review(machine())
    for _ in range(9):
        review.accept()
    assert review.result()["review"]["accepted"] == [1, 2, 3, 4, 5]
    assert review.at == 4


def test_a_review_goes_on_where_it_was_left() -> None:
    given = machine()
    review = Review(given)
    review.delete()
    review.accept()
    review.add(1.5, "left")
    human = json.loads(json.dumps(review.result()))
    again = Review(given, human)
    assert [rep.verdict for rep in again.reps] == ["added", "accepted", "", "", ""]
    assert again.result() == human
    again.at = 1
    again.delete()
    assert again.result()["review"]["deleted"] == [1, 2]


def test_every_edit_can_be_undone_one_by_one() -> None:
    review = Review(machine())
    edits: list[Callable[[], None]] = [
        review.accept,
        review.delete,
        review.change_side,
        lambda: review.toggle_fault("no_pause"),
        lambda: review.move_end("end_s", review.reps[review.at].values["end_s"] + 0.1),
        lambda: review.add(1.5, "left"),
    ]
    states = [review.result()]
    for number, edit in enumerate(edits, start=1):
        edit()
        assert review.edits == number
        states.append(review.result())
    review.step(1)
    review.move_end("start_s", 1e6)
    assert review.edits == len(edits), "a step and a refused move are no edits"
    for state in reversed(states[:-1]):
        review.undo()
        assert review.result() == state
    review.undo()
    assert (review.edits, review.result()) == (0, states[0])


def test_a_rep_deleted_in_an_earlier_session_comes_back_with_its_height() -> None:
    given = machine()
    review = Review(given)
    review.step(1)
    review.delete()
    again = Review(given, json.loads(json.dumps(review.result())))
    again.add(given["reps"][1]["peak_s"] - 0.1, "right")
    left = again.result()
    assert left["reps"] == given["reps"]
    assert left["review"]["deleted"] == left["review"]["added"] == []


@pytest.mark.parametrize(
    ("edit", "stays"),
    [
        (Review.accept, True),
        (Review.delete, False),
        (Review.change_side, False),
        (lambda review: review.toggle_fault("knee_bend"), False),
        (lambda review: review.add(1.5, "left"), False),
    ],
)
def test_a_test_stays_only_as_long_as_its_reps_do(
    edit: Callable[[Review], None], stays: bool
) -> None:
    given = {**machine(), "test": {"legs": {"left": {"valid_rep_numbers": [1, 2, 3]}}}}
    review = Review(given)
    edit(review)
    left = review.result()
    assert ("test" in left) is stays
    assert left["warnings"] == given["warnings"] + [NO_TEST] * (not stays)
    again = Review(given, json.loads(json.dumps(left)))
    assert again.result() == left


def test_moved_and_added_times_are_rounded_as_all_are() -> None:
    review = Review(machine())
    review.move_end("start_s", review.reps[0].values["start_s"] - 1 / 3)
    review.add(4 / 3, "left")
    for rep in review.result()["reps"][:2]:
        times = [value for name, value in rep.items() if name.endswith("_s")]
        assert times == [round(value, 4) for value in times]


def test_no_rep_is_added_inside_one_of_its_leg() -> None:
    given = machine()
    review = Review(given)
    for t_s in (given["reps"][0]["peak_s"], 1.5, 1.5, 1.6):
        review.add(t_s, "left")
    assert review.edits == 1
    assert review.result()["counts"] == {"left": 4, "right": 2, "both": 0}
    review.delete()
    for _ in range(2):
        review.add(1.5, "left")
    assert review.result()["counts"]["left"] == 4
    review.add(given["reps"][0]["peak_s"], "right")
    assert review.result()["counts"]["right"] == 3


def test_all_deleted_can_be_filled_again() -> None:
    review = Review(machine())
    for _ in range(7):
        review.delete()
    assert review.current is None
    review.accept()
    review.change_side()
    review.toggle_fault("no_pause")
    assert review.result()["counts"] == {"left": 0, "right": 0, "both": 0}
    review.add(5.0, "both")
    assert review.result()["counts"]["both"] == 1


def test_the_humans_version_keeps_the_schema_and_is_truth_in_benchmarks(tmp_path: Path) -> None:
    review = Review(machine())
    review.delete()
    review.add(1.5, "left")
    written = review.result()
    jsonschema.validate(written, SCHEMA)
    path = tmp_path / "set.human.json"
    path.write_text(json.dumps(written))
    known = truth.read_truth(path)
    assert len(known.reps) == 5
    first = known.reps[0]
    assert first.rise_cm is first.hold_s is first.top_start_s is first.top_end_s is None
    assert known.reps[1].hold_s is not None


def test_the_humans_file_stands_beside_the_machines() -> None:
    assert human_path(Path("a/set.json")) == Path("a/set.human.json")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first seconds of the demo: a reel packs every picture."""
    demo = ROOT / "src" / "heelrise" / "demo.mp4"
    return copy_start(demo, tmp_path_factory.mktemp("clip") / "demo.mp4", 10.0)


@pytest.fixture(scope="module")
def reel(clip: Path) -> Reel:
    return Reel(clip)


def test_the_keys_do_what_they_say(reel: Reel) -> None:
    given = machine()
    given["reps"] = [rep for rep in given["reps"] if rep["end_s"] < reel.times_s[-1] - 1]
    saved: list[dict[str, Any]] = []
    reviewing = Reviewing(Review(given), reel, saved.append)
    for key in ("a", "s", "1", "n", "p", "d", ".", ",", "i", "[", "]", " ", "\N{SUPERSCRIPT TWO}"):
        reviewing.press(key)
        picture = reviewing._drawn()
        assert picture.std() > 5
    reviewing.press("q")
    assert reviewing._over


class Pictureless(Reel):
    """A reel of times alone."""

    def __init__(self, times_s: list[float]) -> None:
        self.times_s = times_s


def test_a_moment_of_a_result_finds_its_own_picture() -> None:
    times_s = [number * 1001 / 30_000 for number in range(300)]
    reel = Pictureless(times_s)
    assert [reel.at(round(t_s, DIGITS)) for t_s in times_s] == list(range(300))
    between = [(a + b) / 2 for a, b in pairwise(times_s)]
    assert [reel.at(t_s) for t_s in between] == list(range(299))
    assert (reel.at(-1.0), reel.at(99.0)) == (0, 299)


@pytest.mark.parametrize("gap_at", ["in the rep", "after it"])
def test_a_gap_in_the_video_keeps_no_key_waiting(
    gap_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a lost camera leaves in the video of a live session."""
    slept: list[float] = []
    monkeypatch.setattr(review_window.time, "sleep", slept.append)
    given = machine()
    rep = given["reps"][0]
    from_s = rep["peak_s"] if gap_at == "in the rep" else rep["end_s"]
    by_s = 0.3 if gap_at == "in the rep" else 60.0
    times_s = [number / 25 for number in range(1000)]
    reel = Pictureless([t_s if t_s <= from_s else t_s + by_s for t_s in times_s])
    reviewing = Reviewing(Review(given), reel, lambda human: None)
    reviewing.press(" ")
    first_s = reel.times_s[reviewing._index]
    while reviewing._play_until_s is not None:
        reviewing._play(window_s=0.002)
    assert max(slept) <= review_window._IDLE_S
    last_s = reel.times_s[reviewing._index]
    end_s = from_s if gap_at == "after it" else rep["end_s"] + review_window._AFTER_S
    assert end_s - 0.04 <= last_s <= end_s
    assert sum(slept) <= last_s - first_s + review_window._IDLE_S


def test_the_words_stand_beside_the_picture_and_hide_nobody(reel: Reel) -> None:
    reviewing = Reviewing(Review(machine()), reel, lambda human: None)
    drawn, picture = reviewing._drawn(), reel.picture(reviewing._index)
    share = drawn.shape[0] / picture.shape[0]
    width = round(share * picture.shape[1])
    shown = cv2.resize(picture, (width, drawn.shape[0]))
    assert np.array_equal(drawn[:, -width:], shown)
    assert drawn[:, :-width].std() > 5


def test_faults_are_in_words_and_every_line_has_room(reel: Reel) -> None:
    review = Review(machine())
    review.toggle_fault("incomplete_bottom")
    lines = review_window._rep_lines(review, 0.0)
    assert ("4 [x]", "not lowered all the way") in [line[:2] for line in lines]
    assert not any("_" in words for _, words, _ in lines)
    all_lines = Reviewing(review, reel, lambda human: None)._lines()
    assert len(all_lines) == review_window._LINES


def test_every_key_is_in_the_help_the_readme_and_the_window(
    reel: Reel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["review", "--help"]) == 0
    told, readme = capsys.readouterr().out, (ROOT / "README.md").read_text()
    reviewing = Reviewing(Review(machine()), reel, lambda human: None)
    lines = [line[:2] for line in reviewing._lines()]
    for key, does in REVIEW_KEYS:
        assert f"  {key:7}{does}\n" in told
        assert f"| `{key}` | {does} |" in readme
        assert (key, does) in lines
    reviewing.press("d")
    reviewing.press("escape")
    assert reviewing._lines()[-1][1] == "Esc again loses 1 edit"


class NoWindow:
    """A window in which somebody presses keys, and that is closed after them."""

    keys: tuple[str, ...] = ()

    def __init__(self, width: int, height: int) -> None:
        self._left = list(self.keys)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *trouble: object) -> None:
        pass

    @property
    def closed(self) -> bool:
        return not self._left

    def show(self, image: Image) -> str:
        return self._left.pop(0)


@pytest.mark.parametrize(
    ("keys", "saved"),
    [
        (("q",), True),
        (("d", "q"), True),
        (("d",), True),  # the window was closed: what was done is kept
        ((), False),
        (("n",), False),
        (("escape", "d"), False),
        (("d", "escape", "escape"), False),
        (("d", "escape", "n", "escape", "escape"), False),
        (("d", "escape", "q"), True),
        (("d", "escape", "n"), True),
        (("d", "u", "escape"), False),
        (("d", "u"), False),
    ],
)
def test_only_escape_loses_edits_and_asks_first(
    keys: tuple[str, ...], saved: bool, reel: Reel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NoWindow, "keys", keys)
    monkeypatch.setattr(review_window, "Window", NoWindow)
    monkeypatch.setattr(review_window, "_IDLE_S", 0.0)
    written: list[dict[str, Any]] = []
    assert Reviewing(Review(machine()), reel, written.append).run() is saved
    assert bool(written) is saved


@pytest.mark.parametrize(
    ("keys", "tries", "saved"),
    [
        (("d", "q", "q"), 2, True),
        (("d", "q", "n", "q"), 2, True),
        (("d", "q"), 2, True),  # the window was closed then
        (("d", "q", "escape", "escape"), 1, False),
    ],
)
def test_what_cannot_be_saved_stays_in_the_window(
    keys: tuple[str, ...],
    tries: int,
    saved: bool,
    reel: Reel,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(NoWindow, "keys", keys)
    monkeypatch.setattr(review_window, "Window", NoWindow)
    monkeypatch.setattr(review_window, "_IDLE_S", 0.0)
    tried: list[dict[str, Any]] = []

    def save(human: dict[str, Any]) -> None:
        tried.append(human)
        if len(tried) == 1:
            raise HeelriseError("cannot write set.human.json: the disk is full")

    reviewing = Reviewing(Review(machine()), reel, save)
    assert reviewing.run() is saved
    assert len(tried) == tries
    assert capsys.readouterr().err == "heelrise: cannot write set.human.json: the disk is full\n"


def test_the_window_says_what_was_not_saved(reel: Reel) -> None:
    def save(human: dict[str, Any]) -> None:
        raise HeelriseError("cannot write set.human.json: the disk is full")

    reviewing = Reviewing(Review(machine()), reel, save)
    reviewing.press("q")
    assert reviewing._lines()[-1][1] == "not saved: see the terminal"
    assert len(reviewing._lines()) == review_window._LINES
    reviewing.press("n")
    assert reviewing._lines()[-1][1] == ""


def test_a_review_that_cannot_be_saved_opens_no_window(
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "set.json").write_text(json.dumps(machine(str(clip))))
    (tmp_path / "set.human.json").mkdir()
    monkeypatch.setattr(window, "no_screen", lambda platform, environment: None)
    monkeypatch.setattr(review_window, "Reel", lambda path: pytest.fail("read in vain"))
    assert main(["review", str(tmp_path / "set.json")]) == 2
    assert "set.human.json is a folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["set.json", "set.mp4"])
def test_no_screen_no_work_and_no_version_of_a_human(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    video = tmp_path / "set.mp4"
    video.write_bytes(SAMPLE.read_bytes())
    if name == "set.json":
        (tmp_path / name).write_text(json.dumps(machine(str(video))))
    monkeypatch.setattr(window, "no_screen", lambda platform, environment: "no screen here")
    monkeypatch.setattr(jobs, "run", lambda *args, **named: pytest.fail("analysed in vain"))
    there = sorted(tmp_path.iterdir())
    assert main(["review", str(tmp_path / name)]) == 2
    assert "no screen here" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == there


def test_a_window_that_does_not_open_saves_nothing(
    reel: Reel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(width: int, height: int) -> None:
        raise HeelriseError("this OpenCV cannot open a window")

    monkeypatch.setattr(review_window, "Window", refuse)
    saved: list[dict[str, Any]] = []
    with pytest.raises(HeelriseError):
        Reviewing(Review(machine()), reel, saved.append).run()
    assert not saved


@pytest.mark.parametrize("named", ["set.json", "set.human.json"])
def test_a_humans_version_opens_the_review_it_came_from(
    named: str,
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = machine(str(clip))
    review = Review(given)
    review.delete()
    (tmp_path / "set.json").write_text(json.dumps(given))
    (tmp_path / "set.human.json").write_text(json.dumps(review.result()))
    monkeypatch.setattr(window, "no_screen", lambda platform, environment: None)
    monkeypatch.setattr(review_window, "Window", NoWindow)
    monkeypatch.setattr(NoWindow, "keys", ("d", "q"))
    assert main(["review", str(tmp_path / named)]) == 0
    told = capsys.readouterr().out
    assert "machine  left 3, right 2" in told
    assert "human    left 1, right 2" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set.human.json", "set.json"]


@pytest.mark.parametrize("only", [False, True])
def test_a_rep_moved_out_of_its_time_does_not_end_the_review(only: bool) -> None:
    given = machine()
    review = Review(given)
    if only:
        for _ in given["reps"][1:]:
            review.delete()
    review.step(len(given["reps"]))
    end_s = review.reps[-1].values["end_s"]
    review.move_end("end_s", end_s + 2.0)
    review.move_end("start_s", end_s + 0.2)
    assert is_of(review.result(), given)


def one_more(at: int) -> dict[str, Any]:
    """Return what a later analysis found: a rep more, before the others or after them."""
    later = machine()
    reps, by_s = later["reps"], -9.0 if at == 0 else 9.0
    more = {**reps[at], "start_s": reps[at]["start_s"] + by_s, "end_s": reps[at]["end_s"] + by_s}
    reps.insert(at if at == 0 else len(reps), more)
    for number, rep in enumerate(reps, start=1):
        rep["number"] = number
    return later


def shifted() -> dict[str, Any]:
    later = machine()
    for rep in later["reps"]:
        rep["start_s"] += 9.0
        rep["end_s"] += 9.0
    return later


def another_last() -> dict[str, Any]:
    later = machine()
    later["reps"][-1]["start_s"] += 9.0
    later["reps"][-1]["end_s"] += 9.0
    later["reps"][-1]["rise_shin"] += 0.01
    return later


@pytest.mark.parametrize(
    "later", [lambda: one_more(0), lambda: one_more(-1), shifted, another_last]
)
def test_a_humans_version_of_another_result_is_not_laid_over(
    later: Callable[[], dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    review = Review(machine())
    review.delete()
    review.accept()
    own, text = tmp_path / "set.human.json", json.dumps(review.result())
    own.write_text(text)
    (tmp_path / "set.json").write_text(json.dumps(later()))
    monkeypatch.setattr(window, "no_screen", lambda platform, environment: None)
    assert main(["review", str(tmp_path / "set.json")]) == 2
    told = capsys.readouterr().err
    assert "set.human.json corrects another result than" in told
    assert "move it away" in told
    assert told.count("\n") == 1
    assert own.read_text() == text


@pytest.mark.parametrize("named", ["set.human.json", "mine.json"])
def test_a_humans_version_without_its_machines_is_refused(
    named: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / named).write_text(json.dumps(Review(machine()).result()))
    monkeypatch.setattr(window, "no_screen", lambda platform, environment: None)
    assert main(["review", str(tmp_path / named)]) == 2
    assert "is a human's version" in capsys.readouterr().err


@needs_screen
def test_keys_in_the_real_window_are_saved_beside(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps(machine(str(SAMPLE))))
    before = path.read_bytes()
    command = [sys.executable, "-m", "heelrise", "review", str(path)]
    with Screen() as screen:
        process = subprocess.Popen(
            command,
            env=screen.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        screen.wait_for_window()
        screen.wait_for_picture(darkest=10)  # a busy machine shows its first one late
        screen.press("Right", "Print")  # their last bytes are those of s and a
        screen.press("a", "d", "2", wait_s=10.0)
        screen.press("q")
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    human = json.loads(human_path(path).read_text())
    assert human["review"]["accepted"] == [1]
    assert human["review"]["deleted"] == [2]
    assert human["counts"] == {"left": 2, "right": 2, "both": 0}
    assert human["reps"][1]["faults"] == [KINDS[1]]
    assert path.read_bytes() == before
