"""`heelrise batch`: nothing is lost, nothing is done twice, and a bad video stops no other."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import heelrise
from heelrise import cli
from heelrise.batch import Outcome, Task, claimed, work_on
from heelrise.batch_command import batch
from heelrise.batch_list import Video
from heelrise.crew import here
from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.landmarks import nobody
from heelrise.recording import Recording, to_bytes
from heelrise.settings import SessionOptions
from heelrise.videofile import VideoWriter
from motion import Script

SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "result.schema.json").read_text())
DEMO = Path(__file__).parents[1] / "src" / "heelrise" / "demo.mp4"
# As a program of its own, which can be killed.
PROGRAM = (
    *(sys.executable, "-c"),
    "import sys; from heelrise import batch_command, cli;"
    "cli.commands.add_command(batch_command.batch); sys.exit(cli.main())",
    "batch",
)
cli.commands.add_command(batch)


@cache
def landmarks(side: Any, reps: int) -> bytes:
    """Return a file of landmarks of a short set; of an empty room without reps."""
    if not reps:
        poses = tuple(nobody(index / 10, index, 640, 480) for index in range(50))
        return to_bytes(Recording(poses, 10.0, "full", "ab" * 32, False))
    poses = tuple(
        replace(
            pose,
            xy_px=pose.xy_px.astype(np.float32).astype(np.float64),
            visibility=pose.visibility.astype(np.float32).astype(np.float64),
        )
        for pose in Script().set_of(side, reps).film(fps=15.0).poses
    )
    return to_bytes(Recording(poses, 15.0, "full", "ab" * 32, False))


def filled(folder: Path, count: int) -> Path:
    """Fill a folder and a sub-folder with sets of one rep, left and right in turn."""
    (folder / "sub").mkdir(parents=True)
    for number in range(count):
        side = "right" if number % 2 else "left"
        place = folder / "sub" if number % 3 == 0 else folder
        (place / f"set-{number:02}.npz").write_bytes(landmarks(side, 1))
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def results(out: Path) -> dict[str, int]:
    """Return the results that are there, each whole, and when they were written."""
    found = {}
    for path in sorted((out / "json").rglob("*.json")):
        if path.name.startswith(".heelrise-"):
            continue  # the half-written one of a process that was killed
        assert json.loads(path.read_bytes())["schema_version"] == 1
        found[path.relative_to(out / "json").as_posix()] = path.stat().st_mtime_ns
    return found


def run(*arguments: str | Path) -> int:
    return cli.main(["batch", *map(str, arguments)])


def finished(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [*PROGRAM, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def children(pid: int) -> list[int]:
    """Return the processes a process started."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.is_file() else []


def gone(pids: list[int], within_s: float = 5.0) -> bool:
    """Whether processes end in time; a zombie has ended."""
    end_s = time.monotonic() + within_s
    while alive := [pid for pid in pids if _runs(pid)]:
        if time.monotonic() > end_s:
            return not alive
        time.sleep(0.05)
    return True


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_for(out: Path, count: int) -> None:
    end_s = time.monotonic() + 60
    while len(list((out / "json").rglob("*.npz.json"))) < count:
        assert time.monotonic() < end_s
        time.sleep(0.02)


def at_once(tasks: Iterator[Task], jobs: int) -> Iterator[Outcome | None]:
    """Stand in for the worker processes, of which each takes a second to start."""
    yield from map(work_on, tasks)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heelrise.crew.here", at_once)


def test_a_folder_gives_a_json_a_video_and_two_tables(tmp_path: Path) -> None:
    videos, out = filled(tmp_path / "in", 4), tmp_path / "out"
    (videos / "empty.npz").write_bytes(landmarks("left", 0))
    (videos / "broken.mp4").write_bytes(b"no video")
    (videos / "sub" / "notes.txt").write_text("no video either")
    (videos / ".hidden.mp4").write_bytes(b"")
    done = finished(videos, "-o", out, "--jobs", "2", "--body-height", "170")
    assert done.returncode == 2
    assert done.stderr == f"heelrise: 1 of 6 videos failed: see {out / 'videos.csv'}\n"
    assert done.stdout.startswith("6 videos: 4 done, 1 refused, 1 failed\ntables: ")
    names = ["empty.npz", "set-01.npz", "set-02.npz", "sub/set-00.npz", "sub/set-03.npz"]
    assert list(results(out)) == [f"{name}.json" for name in names]
    table = {row["path"]: row for row in rows(out / "videos.csv")}
    assert list(table) == ["broken.mp4", *names]
    assert [row["status"] for row in table.values()] == ["failed", "refused", *4 * ["ok"]]
    assert table["broken.mp4"]["reason"].startswith("cannot read broken.mp4: ")
    assert "Nobody" in table["empty.npz"]["reason"]
    left = table["set-02.npz"]
    assert [left[side] for side in ("left", "right", "both")] == ["1", "0", "0"]
    assert float(left["left_mean_rise_cm"]) > 3
    assert left["right_mean_rise_cm"] == ""
    assert (left["body_height_cm"], left["faults_no_pause"]) == ("170.0", "0")
    reps = rows(out / "reps.csv")
    assert [(rep["path"], rep["side"]) for rep in reps] == [
        (name, "right" if name[-5] in "13" else "left") for name in names[1:]
    ]
    made = json.loads((out / "json" / "set-02.npz.json").read_text())
    jsonschema.validate(made, SCHEMA)
    alone = heelrise.analyze(videos / "set-02.npz", body_height_cm=170).to_json()
    assert made.pop("source")["size_bytes"] == len(landmarks("left", 1))
    assert made.pop("video") == {**alone.pop("video"), "path": "set-02.npz"}
    assert made == alone
    for path in out.rglob("*"):
        assert path.is_dir() or str(tmp_path) not in path.read_text(), path


@pytest.mark.usefixtures("_quick")
def test_a_list_names_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    videos, out = filled(tmp_path / "in", 3), tmp_path / "out"
    listed = videos / "list.txt"
    listed.write_text(
        f"# chosen\n\nsub/set-00.npz\n{videos}/sub/../set-02.npz\r\nmissing.mp4\n", newline=""
    )
    assert run(listed, "-o", out) == 2
    assert "1 of 3 videos failed" in capsys.readouterr().err
    table = {row["path"]: row for row in rows(out / "videos.csv")}
    assert list(table) == ["sub/set-00.npz", "set-02.npz", "missing.mp4"]
    reason = table["missing.mp4"]["reason"]
    assert reason == "cannot read missing.mp4: no such file or directory"


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(("comma", "height"), [(",", "168.5"), (";", "168,5")])
def test_a_table_says_more_of_each(tmp_path: Path, comma: str, height: str) -> None:
    videos, out = filled(tmp_path / "in", 3), tmp_path / "out"
    listed = tmp_path / "list.csv"
    lines = [
        "path,body_height_cm,leg,patient",
        "sub/set-00.npz,HEIGHT,left,Ünal 7",
        "set-01.npz,,,8",
        "",
    ]
    text = "\ufeff" + "\r\n".join(lines).replace(",", comma).replace("HEIGHT", height)
    listed.write_bytes(text.encode())
    assert run(listed, "-o", out, "--root", videos, "--body-height", "180") == 0
    table = rows(out / "videos.csv")
    said = [(row["body_height_cm"], row["leg"], row["patient"], row["left"]) for row in table]
    assert said == [("168.5", "left", "Ünal 7", "1"), ("180.0", "auto", "8", "0")]


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.txt", "# nothing\n", "a.txt names no video"),
        ("a.txt", "x.mp4\n\n./x.mp4\n", "a.txt, line 3: x.mp4 stands in line 1 already"),
        ("a.txt", "x.mp4\n../y.mp4\n", "a.txt, line 2: ../y.mp4 lies outside of "),
        ("a.txt", "\0", "a.txt is no text in UTF-8, so no list of videos"),
        ("a.csv", "", "a.csv, line 1: the first line of a CSV names its columns"),
        ("a.csv", "video,leg\nx.mp4,left\n", "a.csv, line 1: the first line of a CSV names"),
        (
            "a.csv",
            "path,Leg\na.mp4,left\n",
            "a.csv, line 1: the column Leg means nothing here: write leg",
        ),
        ("a.csv", "Path\na.mp4\n", "a.csv, line 1: the column Path means nothing here: write path"),
        ("a.csv", "path,path\n", "a.csv, line 1: each column needs a name of its own"),
        ("a.csv", "path,status\n", "a.csv, line 1: status is a column of the results"),
        ("a.csv", "path,leg\nx.mp4\n", "a.csv, line 2: it has 1 cells, and the first line names 2"),
        ("a.csv", "path,leg\n,left\n", "a.csv, line 2: it names no path"),
        ("a.csv", "path,leg\nx.mp4,both\n", "a.csv, line 2: leg is 'both': it can be auto, left,"),
        ("a.csv", "path,surface\nx.mp4,bed\n", "a.csv, line 2: surface is 'bed': it can be auto,"),
        ("a.csv", "path,body_height_cm\nx.mp4,1.7\n", "line 2: body_height_cm is '1.7': it can be"),
        ("a.csv", "path,body_height_cm\nx.mp4,nan\n", "line 2: body_height_cm is 'nan': it can"),
        ("a.csv", 'path,leg\n"x.mp4" y,left\n', "a.csv, line 2: this is no CSV: "),
        ("a.mp4", "", "a.mp4 is no folder and no list of videos: for a single one, heelrise"),
    ],
)
def test_a_bad_list_is_one_line_with_its_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text)
    assert run(tmp_path / name, "-o", tmp_path / "out") == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("name", ["videos.csv", "reps.csv"])
def test_a_list_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    listed = filled(tmp_path / "in", 2) / name
    listed.write_text("path\nset-01.npz\n")
    assert run(listed, "-o", listed.parent, "--force") == 2
    assert f"{name} is the list itself, and a table goes there: name" in capsys.readouterr().err
    assert listed.read_text() == "path\nset-01.npz\n"
    assert run(listed, "-o", tmp_path / "out") == 0


@pytest.mark.usefixtures("_quick")
def test_what_cannot_be_used_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    videos, out = filled(tmp_path / "in", 1), tmp_path / "out"
    (tmp_path / "file").write_text("")
    (tmp_path / "nothing").mkdir()

    def refused(*arguments: str | Path) -> str:
        assert run(*arguments) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        return error

    assert "holds no video" in refused(tmp_path / "nothing", "-o", out)
    assert "cannot read" in refused(tmp_path / "missing", "-o", out)
    assert "file is no folder" in refused(videos, "-o", tmp_path / "file")
    assert "cannot use the folder" in refused(videos, "-o", tmp_path / "file" / "out")
    for jobs in ("0", "1000", "9" * 5000):
        assert "nor a number from 1 to 999" in refused(videos, "-o", out, "--jobs", jobs)
    assert "--root goes with a list" in refused(videos, "-o", out, "--root", tmp_path)
    assert "leave it out" in refused(videos, "-o", out, "--jobs", "2", "--scheduler", "x:1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "needs pyarrow" in refused(videos, "-o", out, "--table", "parquet")
    assert not out.exists()


@pytest.mark.usefixtures("_quick")
def test_only_what_no_longer_holds_is_done_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    videos, out = filled(tmp_path / "in", 6), tmp_path / "out"
    (videos / "late.npz").write_bytes(b"not copied to its end")
    assert run(videos, "-o", out) == 2
    first = results(out)
    assert len(first) == 6

    assert run(videos, "-o", out) == 2
    assert "add --resume to go on with them, or --force to begin anew" in capsys.readouterr().err
    assert results(out) == first

    (videos / "late.npz").write_bytes(landmarks("left", 1))  # failed, so it is tried again
    (videos / "set-01.npz").write_bytes(landmarks("right", 2))  # another video now
    (videos / "set-02.npz").unlink()
    os.utime(videos / "sub" / "set-03.npz", (1, 1))
    damaged, older = out / "json" / "set-04.npz.json", out / "json" / "set-05.npz.json"
    damaged.write_bytes(damaged.read_bytes()[:100])
    older.write_text(older.read_text().replace(heelrise.__version__, "0.0.1"))
    (out / "json" / "sub" / ".heelrise-x.json").write_text("{")
    assert run(videos, "-o", out, "--resume") == 0
    assert "6 videos: 6 done (1 of them before)\n" in capsys.readouterr().out
    second = results(out)
    redone = {name for name in first if second[name] != first[name]}
    assert redone == {f"{name}.npz.json" for name in ("set-01", "sub/set-03", "set-04", "set-05")}
    assert not list(out.rglob(".*"))
    assert "set-02.npz" not in {row["path"] for row in rows(out / "videos.csv")}

    assert run(videos, "-o", out, "--resume") == 0
    assert results(out) == second
    assert run(videos, "-o", out, "--resume", "--force", "--surface", "step") == 0
    third = results(out)
    assert [name for name in second if third[name] == second[name]] == ["set-02.npz.json"]
    assert run(videos, "-o", out, "--force", "--surface", "step") == 0
    assert all(stamp != third[name] for name, stamp in results(out).items() if "02" not in name)


def test_force_deletes_nothing_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    videos, out = filled(tmp_path / "in", 2), tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("heelrise.crew.here", at_once)
        assert run(videos, "-o", out) == 0
    before = {path: path.read_bytes() for path in out.rglob("*.*")}

    def unreachable(*_: object) -> Iterator[Outcome | None]:
        raise HeelriseError("cannot reach a Dask scheduler")
        yield None

    monkeypatch.setattr("heelrise.cluster.check_scheduler", lambda address: None)
    monkeypatch.setattr("heelrise.cluster.on_cluster", unreachable)
    assert run(videos, "-o", out, "--force", "--scheduler", "nowhere:1") == 2
    assert "cannot reach" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in out.rglob("*.*")} == before


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("resume", [[], ["--resume"]])
def test_force_leaves_no_old_result_of_a_video_that_fails(
    tmp_path: Path, resume: list[str]
) -> None:
    videos, out = filled(tmp_path / "in", 3), tmp_path / "out"
    assert run(videos, "-o", out) == 0
    (videos / "set-01.npz").write_bytes(b"damaged")
    assert run(videos, "-o", out, "--resume") == 2
    assert "set-01.npz.json" in results(out)  # nobody said that it may go
    assert run(videos, "-o", out, "--force", *resume, "--body-height", "170") == 2
    assert list(results(out)) == ["set-02.npz.json", "sub/set-00.npz.json"]
    # what is left was made with these options, so no forgotten one stands in the way
    (videos / "set-01.npz").write_bytes(landmarks("right", 1))
    assert run(videos, "-o", out, "--resume", "--body-height", "170") == 0


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_result_changed_by_hand_is_done_anew(tmp_path: Path, kind: str) -> None:
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    videos, out = filled(tmp_path / "in", 4), tmp_path / "out"
    assert run(videos, "-o", out, "--table", kind) == 0
    first = {name: (out / "json" / name).read_bytes() for name in results(out)}
    edits: list[tuple[str, Any, str, Any]] = [
        ("set-01", (), "warnings", None),
        ("set-02", ("reps", 0), "rise_cm", "7,5"),
        ("sub/set-00", ("video",), "duration_s", "long"),
        ("sub/set-03", ("reps", 0), "faults", "none"),
    ]
    for name, place, field, value in edits:
        path = out / "json" / f"{name}.npz.json"
        made = at = json.loads(path.read_bytes())
        for key in place:
            at = at[key]
        at[field] = value
        path.write_text(json.dumps(made))
    assert run(videos, "-o", out, "--resume", "--table", kind) == 0
    assert {name: (out / "json" / name).read_bytes() for name in results(out)} == first


@pytest.mark.skipif(os.name != "posix", reason="no such name elsewhere")
@pytest.mark.usefixtures("_quick")
def test_a_name_with_a_carriage_return_is_one_row(tmp_path: Path) -> None:
    videos, out = filled(tmp_path / "in", 1), tmp_path / "out"
    (videos / "a\rb.npz").write_bytes(landmarks("left", 1))
    assert run(videos, "-o", out) == 0
    with (out / "videos.csv").open(newline="", encoding="utf-8") as table:
        assert [row["path"] for row in csv.DictReader(table)] == ["a\rb.npz", "sub/set-00.npz"]


@pytest.mark.usefixtures("_quick")
def test_results_made_with_other_options_are_not_replaced_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    videos, out = filled(tmp_path / "in", 3), tmp_path / "out"
    (videos / "empty.npz").write_bytes(landmarks("left", 0))
    assert run(videos, "-o", out, "--body-height", "172") == 0
    assert "4 videos: 3 done, 1 refused\n" in capsys.readouterr().out
    first = results(out)
    (videos / "new.npz").write_bytes(landmarks("left", 1))
    for forgotten, names in (
        ([], "body_height_cm"),
        (["--body-height", "170", "--leg", "left"], "body_height_cm, leg"),
    ):
        assert run(videos, "-o", out, "--resume", *forgotten) == 2
        told = capsys.readouterr().err
        assert f"holds 4 results made with other options ({names}), which would be" in told
        assert "made with, or replace them with --resume --force" in told
        assert told.count("\n") == 1
        assert results(out) == first
    assert run(videos, "-o", out, "--resume", "--body-height", "172") == 0
    assert "5 videos: 4 done, 1 refused (4 of them before)\n" in capsys.readouterr().out
    second = results(out)
    assert {name: second[name] for name in first} == first

    # one patient's height was wrong: that result alone is made anew
    listed = videos / "list.csv"
    listed.write_text("path,body_height_cm\nset-01.npz,172\nset-02.npz,180\n")
    assert run(listed, "-o", out, "--resume") == 2
    assert "holds 1 result made with other options" in capsys.readouterr().err
    assert run(listed, "-o", out, "--resume", "--force") == 0
    assert {n for n, stamp in results(out).items() if stamp != second[n]} == {"set-02.npz.json"}


@pytest.mark.usefixtures("_quick")
def test_a_listed_video_that_was_moved_away_keeps_its_result(tmp_path: Path) -> None:
    videos, out = filled(tmp_path / "in", 2), tmp_path / "out"
    listed = videos / "list.txt"
    listed.write_text("sub/set-00.npz\nset-01.npz\n")
    assert run(listed, "-o", out) == 0
    first = results(out)
    (videos / "set-01.npz").unlink()
    assert run(listed, "-o", out, "--resume") == 0
    assert results(out) == first


@pytest.mark.usefixtures("_quick")
def test_tables_in_parquet_hold_the_same(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    videos, out = filled(tmp_path / "in", 3), tmp_path / "out"
    (videos / "broken.mp4").write_bytes(b"")
    assert run(videos, "-o", out, "--table", "parquet") == 2
    assert run(videos, "-o", out, "--resume") == 2
    for name in ("videos", "reps"):
        table = parquet.read_table(out / f"{name}.parquet")
        told = [
            {key: "" if cell is None else str(cell) for key, cell in row.items()}
            for row in table.to_pylist()
        ]
        assert told == rows(out / f"{name}.csv")


@pytest.mark.usefixtures("_quick")
def test_tables_of_another_kind_that_are_out_of_date_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyarrow")
    videos, out = filled(tmp_path / "in", 2), tmp_path / "out"
    assert run(videos, "-o", out) == 0
    assert run(videos, "-o", out, "--resume", "--table", "parquet") == 0
    assert capsys.readouterr().err == "", "both hold the same"
    (videos / "new.npz").write_bytes(landmarks("left", 1))
    assert run(videos, "-o", out, "--resume", "--table", "parquet") == 0
    told = capsys.readouterr().err
    assert told.startswith("heelrise: videos.csv and reps.csv are out of date")
    assert "--resume --table csv" in told


@pytest.mark.usefixtures("_quick")
def test_names_that_are_no_utf8_and_too_long_names_stop_nothing(tmp_path: Path) -> None:
    videos, out = filled(tmp_path / "in", 1), tmp_path / "out"
    odd = os.fsencode(videos) + b"/b\xffd.npz"
    try:
        Path(os.fsdecode(odd)).write_bytes(landmarks("left", 1))
    except (OSError, UnicodeError):
        pytest.skip("this file system takes no such name")
    (videos / f"{250 * 'x'}.npz").write_bytes(landmarks("left", 1))
    assert run(videos, "-o", out) == 2
    table = {row["path"]: row for row in rows(out / "videos.csv")}
    assert table["b\ufffdd.npz"]["status"] == "ok"
    assert table[f"{250 * 'x'}.npz"]["reason"] == "cannot write its result: file name too long"


def test_two_batches_do_not_share_a_folder(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    with (
        claimed(tmp_path, over_results=False),
        pytest.raises(HeelriseError, match="another heelrise batch is writing into"),
        claimed(tmp_path, over_results=True),
    ):
        pass
    with claimed(tmp_path, over_results=True):
        pass


def dies_over_some(task: Task) -> Outcome:
    """Stand in for the work: a crash of native code over one, no memory for another."""
    if task.video.name == "crash":
        os.kill(os.getpid(), signal.SIGABRT)
    if task.video.name == "memory":
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(task.video.name, json=str(os.getpid()))


def test_a_process_that_dies_fails_its_video_alone() -> None:
    names = ["a", "crash", "b", "memory", "c", "d"]
    options = SessionOptions()
    tasks = [Task(Video(name, Path(name), options, {}), "full", None) for name in names]
    with closing(here(iter(tasks), 2, dies_over_some)) as outcomes:
        found = [outcome for outcome in outcomes if outcome is not None]
    assert sorted(outcome.name for outcome in found) == sorted(names)
    died = {outcome.name: outcome.reason for outcome in found if outcome.reason}
    assert died == {
        "crash": "the worker process died (SIGABRT)",
        "memory": "the worker process died (SIGKILL, as when memory runs out)",
    }


def test_killed_at_any_moment_it_goes_on_where_it_was(tmp_path: Path) -> None:
    videos, out = filled(tmp_path / "in", 12), tmp_path / "out"
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    done: dict[str, int] = {}
    for least in (1, 6):
        process = started(videos, "-o", out, "--jobs", "2", "--resume")
        wait_for(out, least)
        time.sleep(chance.uniform(0.0, 0.2))
        workers = children(process.pid)
        process.kill()
        process.communicate()
        assert gone(workers), f"seed {seed}"
        found = results(out)
        assert found.items() >= done.items(), f"seed {seed}"
        done = found
    assert run(videos, "-o", out, "--jobs", "2", "--resume") == 0
    found = results(out)
    assert found.items() >= done.items(), f"seed {seed}"
    assert len(found) == 12
    assert not list(out.rglob(".*")), f"seed {seed}"
    table = rows(out / "videos.csv")
    assert sorted(f"{row['path']}.json" for row in table) == sorted(found)
    assert sorted(f"{row['path']}.json" for row in rows(out / "reps.csv")) == sorted(found)


@pytest.mark.parametrize(
    ("number", "status", "word"),
    [(signal.SIGINT, 130, "stopped"), (signal.SIGTERM, 143, "terminated")],
)
def test_a_stop_is_prompt_and_says_how_to_go_on(
    tmp_path: Path, number: int, status: int, word: str
) -> None:
    videos, out = filled(tmp_path / "in", 20), tmp_path / "out"
    process = started(videos, "-o", out, "--jobs", "1")
    wait_for(out, 1)
    workers = children(process.pid)
    process.send_signal(number)
    stopped_s = time.monotonic()
    _, error = process.communicate(timeout=30)
    assert time.monotonic() - stopped_s < 5
    assert process.returncode == status
    first, second = error.splitlines()
    assert " of 20 videos are through: go on with --resume" in first
    assert second == f"heelrise: {word}"
    assert gone(workers)
    assert results(out)
    assert not list(out.rglob(".*"))


def test_force_that_was_stopped_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    videos, out = filled(tmp_path / "in", 3), tmp_path / "out"

    def stopped(tasks: Iterator[Task], jobs: int) -> Iterator[Outcome | None]:
        yield work_on(next(tasks))
        raise KeyboardInterrupt

    monkeypatch.setattr("heelrise.crew.here", at_once)
    assert run(videos, "-o", out) == 0
    with monkeypatch.context() as patch:
        patch.setattr("heelrise.crew.here", stopped)
        assert run(videos, "-o", out, "--force", "--body-height", "170") == 130
    told = capsys.readouterr().err
    assert "1 of 3 videos are through: go on with --resume --force\n" in told
    assert run(videos, "-o", out, "--resume", "--force", "--body-height", "170") == 0
    assert "3 videos: 3 done (1 of them before)\n" in capsys.readouterr().out


class Terminal(io.StringIO):
    """Stands in for a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("_quick")
def test_a_terminal_shows_one_bar_over_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    videos, terminal = filled(tmp_path / "in", 3), Terminal()
    (videos / "broken.mp4").write_bytes(b"")
    monkeypatch.setattr("heelrise.batch_command._REDRAW_EVERY_S", 0.0)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    assert run(videos, "-o", tmp_path / "out") == 2
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.getvalue())
    assert "0/4" in shown
    assert "4/4 1 failed" in shown


@pytest.mark.usefixtures("_quick")
def test_a_log_gets_a_line_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("heelrise.batch_command._LINE_EVERY_S", 0.0)
    assert run(filled(tmp_path / "in", 2), "-o", tmp_path / "out") == 0
    assert capsys.readouterr().err.splitlines() == [
        "heelrise: 1 of 2 videos are through, 0 failed",
        "heelrise: 2 of 2 videos are through, 0 failed",
    ]


@pytest.mark.model
def test_a_video_gives_what_it_gives_alone(tmp_path: Path) -> None:
    clip, out = tmp_path / "in" / "clip.mp4", tmp_path / "out"
    clip.parent.mkdir()
    with VideoFile(DEMO) as source:
        info = source.info
        with VideoWriter(clip, info.width, info.height, info.fps) as writer:
            for frame in source:
                if frame.t_s > 0.5:
                    break
                writer.write(frame.image, frame.t_s)
    done = finished(clip.parent, "-o", out)
    assert (done.returncode, done.stderr) == (0, "")
    made = json.loads((out / "json" / "clip.mp4.json").read_text())
    alone = heelrise.analyze(clip).to_json()
    del made["source"]
    assert made == {**alone, "video": {**alone["video"], "path": "clip.mp4"}}
