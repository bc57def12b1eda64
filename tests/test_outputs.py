"""Outputs: which files, and that a file appears whole or not at all."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from heelrise.errors import HeelriseError
from heelrise.outputs import STDOUT, Job, Outputs, check, plan, write_text, written


def _touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def _job(tmp_path: Path, **outputs: Path) -> Job:
    return Job(_touch(tmp_path / "clip.mp4"), Outputs(**outputs))


@pytest.mark.parametrize(
    ("videos", "stems"),
    [
        (["a.mp4", "b.mp4"], ["a", "b"]),
        (["x/clip.mp4", "y/clip.mov", "clip-2.mp4"], ["clip", "clip-3", "clip-2"]),
        (["Clip.mp4", "clip.mov"], ["Clip", "clip-2"]),
        (["\u00e9.mp4", "e\u0301.mov"], ["\u00e9", "e\u0301-2"]),
        (["c.mp4", "c.mov", "c.avi"], ["c", "c-2", "c-3"]),
    ],
)
def test_several_videos_get_a_file_each_in_the_folder(
    tmp_path: Path, videos: list[str], stems: list[str]
) -> None:
    out = tmp_path / "new" / "out"
    jobs = plan([Path(v) for v in videos], Outputs(json=out, video=out), folders=True)
    assert not out.parent.exists()
    assert [job.source for job in jobs] == [Path(v) for v in videos]
    assert [job.outputs.json for job in jobs] == [out / f"{stem}.json" for stem in stems]
    assert [job.outputs.video for job in jobs] == [out / f"{stem}.mp4" for stem in stems]
    assert {job.outputs.csv for job in jobs} == {None}


def test_several_videos_can_only_stream_json() -> None:
    videos = [Path("a.mp4"), Path("b.mp4")]
    jobs = plan(videos, Outputs(json=Path("/dev/stdout")), folders=True)
    assert [job.outputs.json for job in jobs] == [STDOUT, STDOUT]
    with pytest.raises(HeelriseError, match="name a folder"):
        plan(videos, Outputs(csv=STDOUT), folders=True)


def test_a_file_cannot_be_the_folder_of_several(tmp_path: Path) -> None:
    taken = _touch(tmp_path / "out.json")
    with pytest.raises(HeelriseError, match=r"out\.json is a file"):
        plan([Path("a.mp4"), Path("b.mp4")], Outputs(json=taken), folders=True)


def test_outputs_of_two_videos_that_meet_want_a_folder_more(tmp_path: Path) -> None:
    videos = [_touch(tmp_path / name) for name in ("a.npz", "a-series.npz")]
    wanted = Outputs(csv=tmp_path / "out", series=tmp_path / "out")
    with pytest.raises(HeelriseError, match=r"a-series\.csv is named for .*: name two folders"):
        check(plan(videos, wanted, folders=True), force=False, make_folders=True)
    wanted = Outputs(csv=tmp_path / "out", series=tmp_path / "series")
    check(plan(videos, wanted, folders=True), force=False, make_folders=True)


def test_each_video_is_looked_at_a_few_times_however_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    videos = [_touch(tmp_path / f"{number}.mp4") for number in range(60)]
    jobs = plan(videos, Outputs(json=tmp_path / "out", csv=tmp_path / "out"), folders=True)
    looks: list[Path] = []
    look = Path.stat
    monkeypatch.setattr(Path, "stat", lambda path, **how: looks.append(path) or look(path, **how))
    check(jobs, force=False, make_folders=True)
    assert len(looks) < 15 * len(videos)


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_folders_are_made_when_all_is_well_and_a_refusal_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = _touch(tmp_path / "in" / "a.mp4")
    out, taken = tmp_path / "new" / "out", tmp_path / "taken"
    wanted = Outputs(json=out, csv=taken)
    _touch(taken / "a.csv")
    with pytest.raises(HeelriseError, match="exists already"):
        check(plan([video], wanted, folders=True), force=False, make_folders=True)
    assert not out.parent.exists()
    with monkeypatch.context() as disk:
        disk.setattr("tempfile.TemporaryFile", _full)
        with pytest.raises(HeelriseError, match="cannot write into the folder"):
            check(plan([video], wanted, folders=True), force=True, make_folders=True)
    assert not out.parent.exists()
    check(plan([], wanted, folders=True), force=False, make_folders=True)
    assert not out.parent.exists()
    check(plan([video], wanted, folders=True), force=True, make_folders=True)
    assert out.is_dir()


def test_an_existing_file_is_only_overwritten_by_force(tmp_path: Path) -> None:
    job = _job(tmp_path, json=_touch(tmp_path / "a.json"), csv=_touch(tmp_path / "a.csv"))
    with pytest.raises(HeelriseError, match=r"a\.json \(and 1 more\) exists already.*--force"):
        check([job], force=False)
    check([job], force=True)


@pytest.mark.parametrize("name", ["clip.mp4", "link.mp4", "sub/../clip.mp4", "hard.mp4"])
def test_the_input_is_never_an_output(tmp_path: Path, name: str) -> None:
    job = _job(tmp_path, video=tmp_path / name)
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.mp4").symlink_to("clip.mp4")
    (tmp_path / "hard.mp4").hardlink_to(tmp_path / "clip.mp4")
    with pytest.raises(HeelriseError, match="is the input itself"):
        check([job], force=True)


def test_another_video_of_the_run_is_no_output_either(tmp_path: Path) -> None:
    first, second = _touch(tmp_path / "a.mp4"), _touch(tmp_path / "b.mp4")
    jobs = [Job(first, Outputs(video=second)), Job(second, Outputs())]
    with pytest.raises(HeelriseError, match="is the input itself"):
        check(jobs, force=True)


@pytest.mark.parametrize(
    ("kind", "name", "good"),
    [
        ("plot", "x.jpg", False),
        ("series", "x.foo", False),
        ("plot", "x.PNG", True),
        ("series", "x.csv", True),
        ("series", "x.parquet", True),
        ("plot", "x", True),
        *(("video", name, False) for name in ("x.avi", "x.MKV", "x.mov", "x.webm", "x.foo")),
        *(("video", name, True) for name in ("x.mp4", "x.MP4", "x.m4v", "x")),
        *(("json", name, False) for name in ("x.csv", "x.mp4", "x.html", "x.jsonl")),
        *(("json", name, True) for name in ("x.json", "x.txt", "set.v2", "x")),
        *(("csv", name, False) for name in ("x.json", "x.parquet", "x.xlsx", "x.tsv")),
        *(("csv", name, True) for name in ("x.csv", "x.txt")),
        *(("report", name, False) for name in ("x.pdf", "x.png", "x.json")),
        *(("report", name, True) for name in ("x.html", "x.HTM", "x.part")),
    ],
)
def test_a_name_promises_no_other_format(tmp_path: Path, kind: str, name: str, good: bool) -> None:
    job = _job(tmp_path, **{kind: tmp_path / name})
    if good:
        check([job], force=False)
    else:
        with pytest.raises(HeelriseError, match="name it"):
            check([job], force=False)


def test_two_outputs_need_two_files(tmp_path: Path) -> None:
    with pytest.raises(HeelriseError, match="two outputs"):
        check([_job(tmp_path, json=tmp_path / "o", csv=tmp_path / "." / "o")], force=True)
    with pytest.raises(HeelriseError, match="only one output can go to stdout"):
        check([_job(tmp_path, json=STDOUT, csv=STDOUT)], force=True)


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("missing/a.json", "missing does not exist"),
        ("folder", "is a folder"),
        ("clip.mp4/a.json", "cannot write .*not a directory"),
        ("x" * 300, "cannot write .*too long"),
    ],
)
def test_a_place_that_takes_no_file_is_found_out_before(
    tmp_path: Path, place: str, why: str
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(HeelriseError, match=why):
        check([_job(tmp_path, json=tmp_path / place)], force=True)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs Linux's /proc")
def test_a_folder_that_takes_no_files_is_found_out_before(tmp_path: Path) -> None:
    # even for the super-user, to whom permissions say nothing
    with pytest.raises(HeelriseError, match="cannot write into the folder"):
        check([_job(tmp_path, json=Path("/proc/self/a.json"))], force=False)


def test_checking_leaves_nothing_behind(tmp_path: Path) -> None:
    check([_job(tmp_path, json=tmp_path / "a.json")], force=False)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_written_file_is_private_and_alone(tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    write_text(place, "\u00e9\n")
    assert place.read_bytes() == "\u00e9\n".encode()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_fails_half_way_leaves_the_old_file(
    tmp_path: Path, error: type[BaseException]
) -> None:
    place = tmp_path / "a.json"
    place.write_text("old")
    with pytest.raises(error), written(place) as part:  # noqa: PT012
        part.write_text("half")
        raise error
    assert place.read_text() == "old"
    assert list(tmp_path.iterdir()) == [place]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = _touch(tmp_path / "real.json"), tmp_path / "link.json"
    link.symlink_to(real)
    write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_pipe_is_written_straight_without_force(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    check([_job(tmp_path, json=pipe)], force=False)
    reader.start()
    write_text(pipe, "through")
    reader.join()
    assert got == ["through"]
    assert pipe.is_fifo()


def test_a_device_stays_a_device(tmp_path: Path) -> None:
    null = Path(os.devnull)
    check([_job(tmp_path, json=null, csv=null, video=null)], force=False)
    write_text(null, "gone")
    assert not null.is_file()


def test_an_open_descriptor_is_added_to_never_renamed_over(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    with log.open("a") as stream:
        place = Path(f"/dev/fd/{stream.fileno()}")
        check([_job(tmp_path, json=place)], force=False)
        write_text(place, "after\n")
        assert os.fstat(stream.fileno()).st_ino == log.stat().st_ino
    assert log.read_text() == "before\nafter\n"


def test_stdout_takes_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    write_text(STDOUT, "{}\n")
    assert capsys.readouterr().out == "{}\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_is_one_line() -> None:
    with pytest.raises(HeelriseError, match="cannot write /dev/full: no space left on device"):
        write_text(Path("/dev/full"), "x")
