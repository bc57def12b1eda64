"""A result read back: all that is used is there, and what is not is one line, never a traceback."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heelrise import jobs, window
from heelrise.cli import main
from heelrise.errors import HeelriseError
from heelrise.recording import Recording, to_bytes
from heelrise.result import VideoFacts, from_json, to_json
from heelrise.result_file import known_fields, read_result
from heelrise.review import Review, human_path
from motion import Script
from runs import PROFILE_RIGHT, run

FILM = Script().stand(2.0).set_of("left", 2, lean=20.0).stand(2.0).film(PROFILE_RIGHT)
RESULT = run(FILM).result
MACHINE = to_json(RESULT, VideoFacts("gone.mp4", 20.0, 30.0, 640, 480, 600), {})


def human() -> dict[str, Any]:
    review = Review(MACHINE)
    review.accept()
    review.add(1.0, "left")
    return json.loads(json.dumps(review.result()))


def saved(path: Path, values: Any) -> Path:
    path.write_text(values if isinstance(values, str) else json.dumps(values))
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert RESULT.faults, "the film was to show some"
    assert read_result(saved(tmp_path / "set.json", MACHINE)) == json.loads(json.dumps(MACHINE))
    assert read_result(saved(tmp_path / "set.human.json", human()))["review"]["added"] == [1]


def test_a_byte_order_mark_before_it_is_none_of_it(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps(MACHINE), encoding="utf-8-sig")
    assert read_result(path)["counts"] == MACHINE["counts"]


def test_a_result_from_before_there_were_errors_and_tips_is_read(tmp_path: Path) -> None:
    old = copy.deepcopy(MACHINE)
    del old["tips"], old["reps"][0]["rise_sd_cm"], old["reps"][0]["rise_sd_shin"]
    assert from_json(read_result(saved(tmp_path / "set.json", old))).reps[0].rise_sd_shin is None


def test_fields_of_a_later_heelrise_are_ignored(tmp_path: Path) -> None:
    later = copy.deepcopy(MACHINE)
    for one in (later, later["reps"][0], later["sets"][0], later["faults"][0]):
        one["new"] = 1
    assert from_json(known_fields(read_result(saved(tmp_path / "set.json", later)))) == from_json(
        MACHINE
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("nonsense", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no result"),
        ('{"schema_version": 9}', "no result"),
        ('{"schema_version": 1}', "video is missing"),
        ('{"schema_version": 1, "reps": []}', "video is missing"),
    ],
)
def test_what_is_no_result_is_refused_in_one_line(content: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(HeelriseError, match=why) as error:
        read_result(saved(tmp_path / "set.json", content))
    assert "\n" not in str(error.value)


Spoil = Callable[[dict[str, Any]], object]
SPOILT: dict[str, tuple[Spoil, str]] = {
    "no path": (lambda v: v["video"].pop("path"), "video.path is missing"),
    "a path that is none": (lambda v: v["video"].update(path=3), "video.path is not a text"),
    "no counts": (lambda v: v.pop("counts"), "counts is missing"),
    "a side without a count": (lambda v: v["counts"].pop("both"), "counts.both is missing"),
    "half a rep counted": (lambda v: v["counts"].update(left=1.5), "counts.left is not a whole"),
    "no faults": (lambda v: v.pop("faults"), "faults is missing"),
    "no sets": (lambda v: v.pop("sets"), "sets is missing"),
    "no warnings": (lambda v: v.pop("warnings"), "warnings is missing"),
    "a warning that is none": (lambda v: v["warnings"].append(None), "not a list of texts"),
    "tips that are none": (lambda v: v.update(tips=None), "tips is not a list"),
    "a rep that is none": (lambda v: v["reps"].append(7), r"reps\[3\] is not an object"),
    "a rep without a number": (lambda v: v["reps"][0].pop("number"), r"reps\[0\].number is m"),
    "a third leg": (lambda v: v["reps"][0].update(side="third"), "not left or right or both"),
    "a side in a list": (lambda v: v["reps"][0].update(side=["left"]), "not left or right or both"),
    "a time that is none": (lambda v: v["reps"][1].update(end_s=None), "end_s is not a number"),
    "a time without end": (lambda v: v["reps"][1].update(end_s=1e999), "end_s is not a number"),
    "a number no machine holds": (lambda v: v["reps"][1].update(end_s=10**400), "not a number"),
    "a truth for a time": (lambda v: v["reps"][1].update(end_s=True), "end_s is not a number"),
    "a height in words": (lambda v: v["reps"][1].update(peak_cm="9"), "not a number or null"),
    "faults in one word": (lambda v: v["reps"][1].update(faults="rushed"), "not a list of texts"),
    "a number twice": (lambda v: v["reps"][1].update(number=1), "the same number"),
    "a fault without a rep": (lambda v: v["faults"][0].pop("rep"), r"faults\[0\].rep is missing"),
    "a fault of no rep": (lambda v: v["faults"][0].update(rep=99), "a rep 99, which is not there"),
    "sure or not": (lambda v: v["faults"][0].update(unsure=None), "unsure is not true or false"),
    "a set without reps": (lambda v: v["sets"][0].pop("reps"), r"sets\[0\].reps is missing"),
    "a set of no rep": (lambda v: v["sets"][0]["reps"].append(99), "a rep 99"),
    "a review of nothing": (lambda v: v.update(review={}), "review.accepted is missing"),
    "a review in words": (lambda v: v["review"].update(was=[1]), "review.was is not an object"),
    "what was in words": (lambda v: v["review"].update(was={"1": "2"}), "not an object of numbers"),
}


@pytest.mark.parametrize(("spoil", "why"), SPOILT.values(), ids=SPOILT.keys())
def test_what_lacks_a_field_is_refused_by_its_name(spoil: Spoil, why: str, tmp_path: Path) -> None:
    values = human()
    spoil(values)
    with pytest.raises(HeelriseError, match=why) as error:
        read_result(saved(tmp_path / "set.human.json", values))
    assert "\n" not in str(error.value)
    assert str(error.value).endswith("remove it, or make it anew")


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_review_of_landmarks_says_so_before_anything_is_analysed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(window, "no_screen", lambda platform, environment: None)
    assert main(["review", str(tmp_path / "set.npz")]) == 2
    assert "--video" in one_line(capsys)
    assert not list(tmp_path.iterdir())


def test_review_of_a_video_that_is_not_there_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(window, "no_screen", lambda platform, environment: None)
    monkeypatch.setattr(jobs, "ensure_model", lambda name, **_: tmp_path / "model.task")
    assert main(["review", str(tmp_path / "nothere.mp4")]) == 2
    assert "there is no such file" in one_line(capsys)


@pytest.mark.parametrize("name", ["", "\0", "gone.mp4"])
def test_review_of_what_is_damaged_or_has_no_video_is_one_line(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(window, "no_screen", lambda platform, environment: None)
    path = saved(tmp_path / "set.json", {"schema_version": 1, "reps": []})
    assert main(["review", str(path)]) == 2
    assert "video is missing" in one_line(capsys)
    saved(path, {**MACHINE, "video": {**MACHINE["video"], "path": name}})
    assert main(["review", str(path)]) == 2
    said = one_line(capsys)
    assert ("cannot read" if name else "names no video") in said
    assert "--video" in said


@pytest.mark.parametrize("lost", ["faults", "sets"])
def test_a_damaged_human_version_is_one_line_of_analyze(
    lost: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    landmarks, json_path = tmp_path / "set.npz", tmp_path / "set.json"
    poses = tuple(FILM.poses)
    landmarks.write_bytes(to_bytes(Recording(poses, 30.0, "full", "0" * 64, truncated=False)))
    values = human()
    del values[lost]
    saved(human_path(json_path), values)
    page = str(tmp_path / "set.html")
    assert main(["analyze", str(landmarks), "--json", str(json_path), "--report", page]) == 2
    assert f"{lost} is missing" in one_line(capsys)
    assert not json_path.exists(), "it is read before the work"
