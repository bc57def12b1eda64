"""The command line's reports, plots, series, history and test: every option does what it says."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from heelrise import jobs
from heelrise.cli import main
from heelrise.jobs import video_beside
from heelrise.outputs import Job, Outputs
from heelrise.recording import Recording, to_bytes
from heelrise.report import test_lines as lines_of_the_test
from heelrise.result import from_json
from heelrise.review import Review, human_path
from motion import Script
from runs import PROFILE_RIGHT, run


@pytest.fixture(scope="module")
def landmarks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    film = Script().stand(2.0).set_of("left", 4).set_of("right", 3).stand(2.0).film(PROFILE_RIGHT)
    path = tmp_path_factory.mktemp("landmarks") / "set.npz"
    path.write_bytes(to_bytes(Recording(tuple(film.poses), 30.0, "full", "0" * 64, False)))
    return path


@pytest.fixture(autouse=True)
def own_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEELRISE_DATA", str(tmp_path / "history"))


def test_all_outputs_are_written(
    landmarks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = {"--report": "a.html", "--plot": "a.png", "--series": "s.csv", "--json": "a.json"}
    arguments = [part for name, file in named.items() for part in (name, str(tmp_path / file))]
    assert main(["analyze", str(landmarks), "--body-height", "170", *arguments]) == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "a.html").read_text()
    assert "Not a medical device" in page
    rows = list(csv.DictReader((tmp_path / "s.csv").open()))
    assert {"t_s", "side", "level_shin", "level_cm", "phase", "trusted"} <= set(rows[0])
    assert len(rows) > 500
    told = capsys.readouterr().out
    assert all(f"{what}: " in told for what in ("report", "plot", "series", "JSON"))


@pytest.mark.parametrize(
    ("report", "videos", "linked"),
    [
        ("a/set.html", ["a/copy.mp4", "a/set.mp4"], "copy.mp4"),
        ("a/set.html", ["b/copy.mp4", "a/set.mp4"], "set.mp4"),
        ("a/set.html", [None, "a/../a/set.mp4"], "set.mp4"),
        ("a/set.html", [None, "b/set.mp4"], None),
        ("a/set.html", [None, "a/set.npz"], None),
        ("-", [None, "set.mp4"], None),
        ("set.html", ["-", "a/set.mp4"], None),
    ],
)
def test_the_report_links_to_a_video_in_its_folder(
    report: str, videos: list[str | None], linked: str | None
) -> None:
    paths = [None if video is None else Path(video) for video in videos]
    assert video_beside(Path(report), paths) == linked


def test_a_human_version_beside_the_json_is_in_the_report(landmarks: Path, tmp_path: Path) -> None:
    json_path, report = tmp_path / "a.json", tmp_path / "a.html"
    main(["analyze", str(landmarks), "--json", str(json_path)])
    review = Review(json.loads(json_path.read_text()))
    review.delete()
    human_path(json_path).write_text(json.dumps(review.result()))
    arguments = ["--json", str(json_path), "--report", str(report), "--force"]
    assert main(["analyze", str(landmarks), *arguments]) == 0
    assert "Counted by a human" in report.read_text()


@pytest.mark.parametrize("json_too", [False, True])
def test_a_human_version_beside_what_was_analysed_is_in_the_report(
    json_too: bool, landmarks: Path, tmp_path: Path
) -> None:
    source, report, elsewhere = tmp_path / "set.npz", tmp_path / "a.html", tmp_path / "b.json"
    source.write_bytes(landmarks.read_bytes())
    json_path = tmp_path / "set.json"
    arguments = ["--json", str(elsewhere)] if json_too else []
    main(["analyze", str(source), "--json", str(json_path)])
    assert main(["analyze", str(source), "--report", str(report)]) == 0
    assert "Counted by a human" not in report.read_text()
    review = Review(json.loads(json_path.read_text()))
    review.delete()
    human_path(json_path).write_text(json.dumps(review.result()))
    assert main(["analyze", str(source), "--report", str(report), "--force", *arguments]) == 0
    assert "Counted by a human" in report.read_text()


def test_a_human_version_of_another_video_of_that_name_is_passed_over(
    landmarks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    json_path = tmp_path / "set.json"
    main(["analyze", str(landmarks), "--json", str(json_path)])
    human = Review(json.loads(json_path.read_text())).result()
    job = Job(tmp_path / "set.mp4", Outputs(report=tmp_path / "set.html"))
    capsys.readouterr()
    for path, taken in (
        ("elsewhere/set.mov", False),
        ("before_it_was_renamed.mp4", False),
        ("elsewhere/set.mp4", True),
        ("C:\\Videos\\set.mp4", True),
        ("C:\\Videos\\set.mov", False),
        ("elsewhere/set.npz", True),
        ("", True),
    ):
        human["video"]["path"] = path
        human_path(json_path).write_text(json.dumps(human))
        assert (jobs._human_version(job) is not None) == taken
        told = capsys.readouterr().err
        assert told.count("\n") == (0 if taken else 1)
        assert taken or "set.human.json is a human's version of" in told


def test_a_person_in_the_report_is_escaped(landmarks: Path, tmp_path: Path) -> None:
    report = tmp_path / "a.html"
    name = "<script>alert(1)</script>"
    assert main(["analyze", str(landmarks), "--report", str(report), "--person", name]) == 0
    assert "<script>" not in report.read_text()


def test_keep_goes_to_the_history_and_forget_takes_it_out(
    landmarks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", str(landmarks), "--keep", "--person", "Ada", "--load", "5"]) == 0
    told = capsys.readouterr().out
    assert told.endswith("kept in your history: recording 1 of Ada; see 'heelrise history'\n")
    assert main(["history", "--person", "Ada"]) == 0
    told = capsys.readouterr().out
    assert "Ada" in told
    assert "5" in told
    assert main(["export", "--all", str(tmp_path / "out")]) == 0
    (kept,) = (tmp_path / "out").glob("recording-*.json")
    assert json.loads(kept.read_text())["counts"] == {"left": 4, "right": 3, "both": 0}
    assert main(["forget", "--yes"]) == 0
    capsys.readouterr()
    assert main(["history"]) == 0
    assert "empty" in capsys.readouterr().out


def test_with_json_on_stdout_nothing_is_said_of_what_was_kept(
    landmarks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", str(landmarks), "--keep", "--json", "-"]) == 0
    json.loads(capsys.readouterr().out)


def test_without_keep_nothing_is_kept(
    landmarks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", str(landmarks)]) == 0
    assert "kept" not in capsys.readouterr().out
    assert not (tmp_path / "history").exists()


def test_the_heel_rise_test_is_judged_printed_and_written(
    landmarks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    json_path, report = tmp_path / "a.json", tmp_path / "a.html"
    about = ["--age", "40", "--sex", "female", "--body-mass", "60", "--body-height", "170"]
    outputs = ["--json", str(json_path), "--report", str(report)]
    arguments = ["--test", "heel-rise", *about, *outputs]
    assert main(["analyze", str(landmarks), *arguments]) == 0
    told = capsys.readouterr().out
    for word in ("Hébert-Losier", "one transcription differs", "Not a medical device"):
        assert word in told
        assert word in report.read_text()
    assert "valid of" in told
    assert "valid raise" in report.read_text()
    written = json.loads(json_path.read_text())
    assert set(written["test"]["legs"]) == {"left", "right"}
    assert "no_pause" not in {fault["kind"] for fault in written["faults"]}


def test_questions_of_the_test_need_the_test(
    landmarks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", str(landmarks), "--age", "40"]) == 2
    assert "--test heel-rise" in capsys.readouterr().err


@pytest.mark.parametrize("involved", ["left", "right"])
def test_the_involved_leg_is_held_against_the_other_one(
    landmarks: Path, tmp_path: Path, involved: str
) -> None:
    json_path = tmp_path / "a.json"
    arguments = ["--test", "heel-rise", "--involved", involved, "--json", str(json_path)]
    assert main(["analyze", str(landmarks), *arguments]) == 0
    tested = json.loads(json_path.read_text())["test"]
    assert tested["options"]["involved"] == involved
    assert {tested["symmetry"][name]["leg"] for name in ("reps", "displacement")} == {involved}


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["--load", "5"], "add --keep"),
        (["--person", "Ada"], "add --report or --keep"),
        (["--test", "heel-rise", "--age", "40"], "add --sex"),
        (["--test", "heel-rise", "--sex", "male"], "add --age"),
        (["--test", "heel-rise", "--lower-for", "2"], "leave it out"),
        (["--involved", "left"], "go with --test heel-rise"),
        (["--model", "heavy"], "leave out --model"),
        (["--jobs", "4", "--model", "full"], "leave out --model and --jobs"),
    ],
)
def test_what_would_silently_do_nothing_is_refused_in_one_line(
    landmarks: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    advice: str,
) -> None:
    json_path = tmp_path / "a.json"
    assert main(["analyze", str(landmarks), *arguments, "--json", str(json_path)]) == 2
    told = capsys.readouterr()
    assert advice in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert not json_path.exists()


def test_a_written_result_is_read_back() -> None:
    from heelrise.result import VideoFacts, to_json

    film = Script().stand(2.0).set_of("left", 2).stand(2.0).film(PROFILE_RIGHT)
    result = run(film).result
    again = from_json(to_json(result, VideoFacts("", 1, 1, 1, 1, 1), {}))
    assert [rep.number for rep in again.reps] == [1, 2]
    assert again.sets[0].reps == (1, 2)
    assert again.reps[0].rise_shin == pytest.approx(result.reps[0].rise_shin, abs=1e-3)


def test_a_test_of_nobody_prints_the_protocol() -> None:
    from heelrise.heel_rise_result import evaluate
    from heelrise.result import Result

    told = lines_of_the_test(evaluate(Result((), (), (), ())))
    assert any("60 beats a minute" in line for line in told)
