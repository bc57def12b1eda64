"""The command line: exit status, one line an error, and what is left on disk."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import jsonschema
import numpy as np
import pytest

import heelrise
from heelrise import jobs, models, options
from heelrise import recorded as analysis_module
from heelrise.cli import main
from heelrise.errors import HeelriseError
from heelrise.image import Frame
from heelrise.landmarks import Pose, nobody
from heelrise.moment import Counts, Moment, Phase
from heelrise.result import Rep, Result
from heelrise.settings import SessionOptions
from heelrise.videofile import VideoWriter
from readers import StandIn

REP = Rep(
    *(1, "left", 0.2, 0.4, 0.5, 0.6, 0.8, 0.2, 0.2, 0.2),
    *(None, 0.22, None, 0.2, None, 0.0, ("no_pause",)),
)
SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "result.schema.json").read_text())


class Model(StandIn):
    """Stands in for the model; `when_read` may do mischief at a frame."""

    when_read: Callable[[int], None] = staticmethod(lambda index: None)

    def __init__(self, model: Path) -> None:
        os.write(2, b"W0000 native line of the model\n")

    def read(self, frame: Frame) -> Pose:
        type(self).when_read(frame.index)
        return nobody(frame.t_s, frame.index, 64, 48)


class Core:
    """Stands in for the session: one rep; `options` is what it was last given."""

    options: SessionOptions | None = None
    result = Result((REP,), (), (), ())

    def __init__(self, options: SessionOptions, settings: object = None) -> None:
        type(self).options = options

    def update(self, pose: Pose) -> Moment:
        return Moment(pose, "left", Phase.STANDING, None, None, None, 0.0, Counts())

    def finish(self) -> Result:
        return self.result


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundle = tmp_path / "model"
    bundle.write_bytes(b"model")
    monkeypatch.setattr(jobs, "ensure_model", lambda name, **_: bundle)
    monkeypatch.setattr("heelrise.poses.PoseReader", Model)
    monkeypatch.setattr(analysis_module, "Session", Core)
    monkeypatch.setattr(Model, "when_read", staticmethod(lambda index: None))
    monkeypatch.setattr(Core, "result", Core.result)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def clip(path: str | Path, frames: int = 10) -> Path:
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    with VideoWriter(place, 64, 48, 10.0) as writer:
        for index in range(frames):
            writer.write(np.full((48, 64, 3), 20 * index, np.uint8), index / 10)
    return place


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def one_line(captured: Any) -> str:
    """The error line, which is all there is."""
    assert captured.out == ""
    assert captured.err.startswith("heelrise: ")
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    assert "Usage:" not in captured.err
    return str(captured.err)


def test_a_video_gets_its_table_and_its_files(work: Path, capfd: Any) -> None:
    clip("a.mp4")
    arguments = ["a.mp4", "--json", "r.json", "--csv", "r.csv", "--video", "r.mp4"]
    assert main(["analyze", *arguments]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert out.startswith("a.mp4: 64 x 48, 10 fps, 1.0 s\n")
    assert "Left: 1 rep" in out
    assert out.endswith("JSON: r.json\nCSV: r.csv\nvideo: r.mp4\n")
    assert names(work) == ["a.mp4", "r.csv", "r.json", "r.mp4"]
    values = json.loads((work / "r.json").read_text())
    jsonschema.validate(values, SCHEMA)
    assert values["counts"] == {"left": 1, "right": 0, "both": 0}
    assert values["settings"]["model"]["name"] == "full"
    assert {(work / name).stat().st_mode & 0o777 for name in ("r.json", "r.csv", "r.mp4")} == {
        0o600
    }


def test_options_reach_the_core(work: Path) -> None:
    clip("a.mp4")
    given = ["--body-height", "171.5", "--surface", "step", "--leg", "right"]
    assert main(["analyze", "a.mp4", *given]) == 0
    assert Core.options == SessionOptions(body_height_cm=171.5, surface="step", leg="right")
    assert main(["analyze", "a.mp4"]) == 0
    assert Core.options == SessionOptions()


def test_json_on_stdout_is_all_that_is_on_stdout(work: Path, capfd: Any) -> None:
    clip("a.mp4")
    assert main(["analyze", "a.mp4", "--json", "-"]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["counts"]["left"] == 1
    assert err == ""


def test_several_videos_stream_a_line_of_json_each(work: Path, capfd: Any) -> None:
    clip("a.mp4")
    clip("b.mp4")
    assert main(["analyze", ".", "--json", "-"]) == 0
    paths = [json.loads(line)["video"]["path"] for line in capfd.readouterr().out.splitlines()]
    assert paths == ["a.mp4", "b.mp4"]


def test_a_bad_input_is_reported_and_the_rest_goes_on(work: Path, capfd: Any) -> None:
    clip("in/a.mp4")
    (work / "in" / "b.mp4").write_text("no video")
    clip("in/c.mp4")
    outputs = ["--json", "out", "--csv", "tables", "--video", "copies"]
    assert main(["analyze", "in", "gone.mp4", *outputs]) == 2
    out, err = capfd.readouterr()
    lines = err.splitlines()
    assert len(lines) == 2
    assert "gone.mp4" in lines[0]
    assert "b.mp4" in lines[1]
    assert "a.mp4: 64 x 48" in out
    assert "c.mp4: 64 x 48" in out
    assert names(work / "out") == ["a.json", "c.json"]
    assert names(work / "tables") == ["a.csv", "c.csv"]
    assert names(work / "copies") == ["a.mp4", "c.mp4"]


def test_a_refused_view_is_no_error(
    work: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Core, "result", Result((), (), (), ("the feet are cut off: step back",)))
    clip("a.mp4")
    assert main(["analyze", "a.mp4"]) == 0
    out = capfd.readouterr().out
    assert "No heel rise found." in out
    assert "Warning: the feet are cut off: step back" in out


@pytest.mark.parametrize("jobs", ["0", "-1", "two", "1000", "9" * 5000])
def test_a_number_of_jobs_that_cannot_be_is_one_line(work: Path, capfd: Any, jobs: str) -> None:
    clip("a.mp4")
    assert main(["analyze", "a.mp4", "--jobs", jobs]) == 2
    assert "neither auto nor a number from 1 to 999" in one_line(capfd.readouterr())


def test_auto_is_the_number_of_processors_that_may_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0, 5, 7}, raising=False)
    parameter = click.Option(["--jobs"])
    context = click.Context(click.Command("analyze"))
    assert options.jobs_number(context, parameter, "auto") == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze", "a.mp4", "--json", "res/"],
        ["analyze", "a.mp4", "--json", "res/."],
        ["analyze", "a.mp4", "--json", "res/.."],
        ["analyze", "a.mp4", "--csv", "r.csv", "--report", "res/"],
        ["extract", "a.mp4", "-o", "res.npz/"],
        ["history", "--html", "res/"],
    ],
)
def test_a_name_that_ends_as_a_folders_is_no_file(
    work: Path, capfd: Any, arguments: list[str]
) -> None:
    clip("a.mp4")
    assert main(arguments) == 2
    folder = arguments[-1].removesuffix("/.").rstrip("/")
    assert f"{folder}/ is a folder: name a file in it" in one_line(capfd.readouterr())
    assert names(work) == ["a.mp4"]


@pytest.mark.parametrize("option", ["--load", "--lower-for", "--age", "--body-mass"])
def test_what_is_no_number_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "any.npz", option, "nan"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert option in line
    assert "not a number" in line


@pytest.mark.parametrize(
    "value", ["17", "1700", "1.72", "172cm", "nan", "inf", "-172", "0", "99.9"]
)
def test_a_body_height_that_cannot_be_is_refused(work: Path, capfd: Any, value: str) -> None:
    clip("a.mp4")
    assert main(["analyze", "a.mp4", "--body-height", value]) == 2
    assert "in centimetres, 100 to 230" in one_line(capfd.readouterr())


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze"],
        ["analyze", "a.mp4", "--leg", "middle"],
        ["analyze", "a.mp4", "--body-height", "tall"],
        ["analyze", "a.mp4", "--jsn", "x"],
        ["analyze", "a.mp4", "--json"],
        ["analyse", "a.mp4"],
        ["models", "fetch", "huge"],
        ["analyze", "no\nsuch\x1b[2J.mp4"],
        ["analyze", "."],
        ["analyze", "a.mp4", "--json", "no/such/folder.json"],
        ["analyze", "a.mp4", "--json", "a.mp4", "--force"],
        ["analyze", "a.mp4", "--json", "-", "--csv", "-"],
        ["analyze", "a.mp4", "--video", "r.avi"],
        ["analyze", "a.mp4", "--json", "r.csv"],
        ["analyze", "a.mp4", "--report", "r.pdf"],
        ["analyze", "text.mp4", "--json", "r.json"],
        ["analyze", "empty.mp4", "--video", "r.mp4"],
    ],
)
def test_a_wrong_call_gets_one_line_and_makes_no_file(
    work: Path, capfd: Any, arguments: list[str]
) -> None:
    if "." not in arguments:
        clip("a.mp4")
        (work / "text.mp4").write_text("no video")
        (work / "empty.mp4").touch()
    before = names(work)
    assert main(arguments) == 2
    one_line(capfd.readouterr())
    assert names(work) == before


def test_what_exists_is_kept_without_force_and_found_out_before_the_work(
    work: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip("a.mp4")
    (work / "r.csv").write_text("mine")
    frames: list[int] = []
    monkeypatch.setattr(Model, "when_read", staticmethod(frames.append))
    assert main(["analyze", "a.mp4", "--json", "r.json", "--csv", "r.csv"]) == 2
    assert "--force" in one_line(capfd.readouterr())
    assert (frames, names(work), (work / "r.csv").read_text()) == ([], ["a.mp4", "r.csv"], "mine")
    assert main(["analyze", "a.mp4", "--json", "r.json", "--csv", "r.csv", "--force"]) == 0
    assert (work / "r.csv").read_text().startswith("number,")


def test_a_model_that_cannot_be_had_is_one_line(
    work: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, **_: Any) -> Path:
        raise HeelriseError(f"the pose model {name!r} could not be made ready")

    monkeypatch.setattr(jobs, "ensure_model", refuse)
    clip("a.mp4")
    assert main(["analyze", "a.mp4", "--model", "lite", "--json", "r.json"]) == 2
    assert "'lite'" in one_line(capfd.readouterr())
    assert names(work) == ["a.mp4"]


def _at_frame_5(act: Callable[[], object]) -> Any:
    return staticmethod(lambda index: act() if index == 5 else None)


def _interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("act", "status"),
    [(_interrupt, 130), (lambda: os.kill(os.getpid(), signal.SIGTERM), 143)],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_stopping_keeps_what_is_finished_and_nothing_half_done(
    work: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None], status: int
) -> None:
    clip("1.mp4", frames=3)
    clip("2.mp4", frames=10)
    monkeypatch.setattr(Model, "when_read", _at_frame_5(act))
    handler = signal.getsignal(signal.SIGTERM)
    assert main(["analyze", "1.mp4", "2.mp4", "--json", "out", "--video", "out"]) == status
    assert capfd.readouterr().err.count("\n") == 1
    assert names(work / "out") == ["1.json", "1.mp4"]
    assert signal.getsignal(signal.SIGTERM) == handler


@pytest.mark.parametrize("rest_s", [5.0, 0.0], ids=["in the middle", "at the end"])
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
def test_stopped_in_an_import_ends_as_anywhere_else(
    work: Path,
    capfd: Any,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    status: int,
    rest_s: float,
) -> None:
    # Python up to 3.11 makes a RuntimeError of whatever is raised where a class is made.
    clip("1.mp4", frames=10)
    (work / f"stopped_by_{number.name}.py").write_text(
        "import os\n"
        "class Field:\n"
        "    def __set_name__(self, owner, name):\n"
        f"        os.kill(os.getpid(), {int(number)})\n"
        f"        os.kill(os.getpid(), {int(number)})\n"
        "class Made:\n"
        "    field = Field()\n"
    )
    monkeypatch.syspath_prepend(work)
    monkeypatch.delitem(sys.modules, f"stopped_by_{number.name}", raising=False)

    def be_stopped() -> Result:  # in the main thread, where Python handles signals
        __import__(f"stopped_by_{number.name}")
        time.sleep(rest_s)
        return Core.result

    monkeypatch.setattr(Core, "finish", lambda self: be_stopped())
    started_s = time.monotonic()
    assert main(["analyze", "1.mp4", "--json", "r.json"]) == status
    assert time.monotonic() - started_s < 4.0
    assert capfd.readouterr().err.count("\n") == 1
    assert (work / "r.json").exists() == (rest_s == 0.0)
    time.sleep(0.1)  # nothing comes after it


def test_a_mistake_of_ours_is_one_line_and_spares_the_other_videos(
    work: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("by zero")

    clip("1.mp4", frames=10)
    clip("2.mp4", frames=3)
    monkeypatch.setattr(Model, "when_read", _at_frame_5(fail))
    assert main(["analyze", "1.mp4", "2.mp4", "--json", "out"]) == 1
    err = capfd.readouterr().err
    assert err.count("\n") == 1
    assert "1.mp4: heelrise made a mistake: ZeroDivisionError: by zero" in err
    assert names(work / "out") == ["2.json"]
    assert main(["analyze", "1.mp4", "-v"]) == 1
    assert "Traceback" in capfd.readouterr().err


def test_native_lines_show_only_with_v(work: Path, capfd: Any) -> None:
    clip("a.mp4")
    assert main(["analyze", "a.mp4"]) == 0
    assert "native line" not in capfd.readouterr().err
    assert main(["analyze", "a.mp4", "-v"]) == 0
    assert "native line" in capfd.readouterr().err


def test_unicode_and_long_names(work: Path, capfd: Any) -> None:
    name = "\u8eca-\u00e9 " + "x" * 190
    clip(f"{name}.mp4")
    outputs = ["--json", f"{name}.json", "--video", f"{name}-.mp4"]
    assert main(["analyze", f"{name}.mp4", *outputs]) == 0
    assert capfd.readouterr().out.startswith(name)
    assert json.loads((work / f"{name}.json").read_text())["video"]["path"] == f"{name}.mp4"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems want names in Unicode")
def test_a_name_that_is_no_unicode(work: Path, capfd: Any) -> None:
    os.rename(clip("a.mp4"), b"\xff.mp4")
    assert main(["analyze", os.fsdecode(b"\xff.mp4"), "--json", "r.json"]) == 0
    assert capfd.readouterr().out.startswith("?.mp4: ")
    assert json.loads((work / "r.json").read_text())["video"]["path"] == "\ufffd.mp4"


def test_models_says_what_there_is(capfd: Any) -> None:
    assert main(["models"]) == 0
    out = capfd.readouterr().out
    for model in models.MODELS:
        assert model.name in out
        assert model.sha256 in out
    assert out.count("(default)") == 1


def test_models_fetch_gets_the_one_that_is_named(
    capfd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "fetch_model", lambda name, **_: Path(f"{name}.task"))
    assert [main(["models", "fetch"]), main(["models", "fetch", "lite"])] == [0, 0]
    assert capfd.readouterr().out.split() == ["full.task", "lite.task"]


def test_the_models_to_choose_from_are_those_there_are() -> None:
    assert set(options.MODEL_NAMES) == {model.name for model in models.MODELS}
    assert options.DEFAULT_MODEL == models.DEFAULT_MODEL == "full"


def test_the_demo_writes_its_folder_and_can_be_run_again(
    work: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clip(tmp_path / "package" / "demo.mp4")
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path / "package")
    for _ in range(2):
        assert main(["demo"]) == 0
        out = capfd.readouterr().out
        assert "Left: 1 rep" in out
        assert f"JSON: {Path('heelrise-demo', 'demo.json')}" in out
        assert f"video: {Path('heelrise-demo', 'demo.mp4')}" in out
    assert names(work) == ["heelrise-demo/demo.json", "heelrise-demo/demo.mp4"]
    assert main(["demo", "-o", "there"]) == 0
    assert names(work / "there") == ["demo.json", "demo.mp4"]


def test_a_demo_without_its_clip_says_so(
    work: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    assert main(["demo"]) == 2
    assert "install heelrise again" in one_line(capfd.readouterr())


def test_version_and_help(capfd: Any) -> None:
    assert main(["--version"]) == 0
    assert capfd.readouterr().out == f"heelrise {heelrise.__version__}\n"
    for arguments in ([], ["--help"], ["analyze", "--help"]):
        assert main(arguments) == 0
        assert "Usage: heelrise" in capfd.readouterr().out


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], stderr=subprocess.PIPE, text=True, check=False, **options
    )


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom heelrise.cli import main\nmain(['--help'])\nmain(['analyze', '-h'])\n"
        "heavy = {'numpy', 'cv2', 'av', 'mediapipe', 'scipy', 'rich', 'platformdirs'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()"
    )
    done = run("-c", code, stdout=subprocess.DEVNULL)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name != "posix", reason="os.kill ends a process on Windows")
def test_a_stop_while_python_tidies_up_changes_nothing() -> None:
    code = (
        "import atexit, os, signal\nfrom heelrise.cli import program\n"
        "atexit.register(os.kill, os.getpid(), signal.SIGINT)\nprogram(['--version'])"
    )
    done = run("-c", code, stdout=subprocess.DEVNULL)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_goes_away_is_met_in_silence() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = run("-m", "heelrise", "--help", stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(os.name != "posix", reason="a POSIX shell closes them")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_stops_nothing(closed: str) -> None:
    command = f'"$0" -m heelrise models {closed}'
    done = subprocess.run(["sh", "-c", command, sys.executable], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_stdout_that_takes_nothing_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        done = run("-m", "heelrise", "--help", stdout=full)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "cannot write to stdout" in done.stderr


def test_the_exit_status_reaches_the_shell(tmp_path: Path) -> None:
    done = run("-m", "heelrise", "analyze", str(tmp_path / "no.mp4"), stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("outputs", [[], ["--json", "-"]], ids=["table", "json"])
def test_a_name_that_stdout_cannot_encode(
    work: Path, monkeypatch: pytest.MonkeyPatch, outputs: list[str]
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "ascii"))
    clip("\u00e9.mp4")
    assert main(["analyze", "\u00e9.mp4", *outputs]) == 0
    if outputs:
        assert json.loads(raw.getvalue().decode("utf-8"))["video"]["path"] == "\u00e9.mp4"
    else:
        assert raw.getvalue().startswith(rb"\xe9.mp4: ")


def assert_stopped(code: str) -> None:
    """Run a program with an ``invoke`` of its own, in which Ctrl-C comes, to its end."""
    run_it = "from heelrise import cli\ncli._invoke = invoke\nsys.exit(cli.main([]))\n"
    ran = subprocess.run(
        [sys.executable, "-c", code + run_it],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 130
    assert ran.stderr == "heelrise: stopped\n"


def test_ctrl_c_while_python_tidies_up_still_stops(work: Path) -> None:
    code = (
        "import signal, sys, time\n"
        "class Untidy:\n"
        "    def __del__(self):\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "def invoke(arguments):\n"
        "    Untidy()\n"
        "    time.sleep(5)\n"
        "    return 0\n"
    )
    assert_stopped(code)


def test_ctrl_c_while_a_pool_starts_its_thread_still_ends(work: Path) -> None:
    # A pool that is never closed, as MediaPipe's whose model was being loaded: it ends with the
    # run, but only when it knows of its thread.
    code = (
        "import signal, sys, threading, time\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "pool = ThreadPoolExecutor(1, 'pool')\n"
        "start = threading.Thread.start\n"
        "def interrupted(thread):\n"
        "    start(thread)\n"
        "    if thread.name.startswith('pool'):\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "threading.Thread.start = interrupted\n"
        "def invoke(arguments):\n"
        "    pool.submit(int)\n"
        "    time.sleep(5)\n"
        "    return 0\n"
    )
    assert_stopped(code)
