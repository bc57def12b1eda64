"""What heelrise keeps to itself: no connection, private files, no names, nothing executed."""

from __future__ import annotations

import ast
import os
import shutil
import stat
import struct
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import pytest

import heelrise
from heelrise.cli import main
from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.live_command import live
from heelrise.recording import Recording, read, to_bytes
from heelrise.videofile import VideoWriter
from motion import Script
from runs import PROFILE_RIGHT
from screen import Screen, needs_screen, screen  # noqa: F401  (a fixture)

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_videos" / "floor_profile_clean.mp4"
NOWHERE = "http://127.0.0.1:9"
OUTPUTS = {
    "--json": "r.json",
    "--csv": "r.csv",
    "--report": "r.html",
    "--plot": "r.png",
    "--series": "s.csv",
}


# --- no connection ----------------------------------------------------------------------------

# Tells of every connection Python makes; where there is no strace, which sees native code's too.
AUDITED = """
import sys
log = open(sys.argv.pop(1), "a", buffering=1)
def hook(event, args):
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"):
        family = getattr(args[0], "family", None)
        if getattr(family, "name", "AF_INET") != "AF_UNIX":
            log.write(f"AF_INET: {event} {args[1:]}\\n")
sys.addaudithook(hook)
from heelrise.cli import main
sys.exit(main(sys.argv[1:]))
"""


def _works(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0


STRACE = ("strace", "-f", "-qq", "-e", "trace=%network")
TRACED = _works(*STRACE, "-o", os.devnull)
needs_strace = pytest.mark.skipif(not TRACED, reason="needs strace: apt-get install strace")
needs_namespace = pytest.mark.skipif(
    not _works("unshare", "-rn"), reason="needs unshare (util-linux), and leave to use it"
)


def heelrise_traced(log: Path, *arguments: str) -> list[str]:
    """Return the command that runs heelrise and writes its network calls down."""
    if TRACED:
        return [*STRACE, "-o", str(log), sys.executable, "-m", "heelrise", *arguments]
    log.touch()
    return [sys.executable, "-c", AUDITED, str(log), *arguments]


def run(
    command: Iterable[str], folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(command),
        cwd=folder,
        env={**os.environ, "HEELRISE_DATA": str(folder / "data"), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def connections(log: Path) -> list[str]:
    """Return every call about an internet socket, be it only made; X11 uses Unix's."""
    return [line for line in log.read_text().splitlines() if "AF_INET" in line]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with VideoFile(SAMPLE) as video:
        info = video.info
        with VideoWriter(path, info.width, info.height, info.fps) as writer:
            for frame in islice(video, 20):
                writer.write(frame.image, frame.t_s)
    return path


@pytest.mark.model
def test_analysing_opens_no_connection(clip: Path, tmp_path: Path) -> None:
    outputs = [part for pair in OUTPUTS.items() for part in pair]
    arguments = ["analyze", str(clip), *outputs, "--video", "r.mp4", "--keep"]
    log = tmp_path / "log"
    ran = run(heelrise_traced(log, *arguments), tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (tmp_path / "r.mp4").exists()
    assert connections(log) == []


@needs_namespace
@pytest.mark.model
def test_analysing_needs_no_network(clip: Path, tmp_path: Path) -> None:
    command = ["unshare", "-rn", sys.executable, "-m", "heelrise", "extract", str(clip)]
    ran = run([*command, "-o", "clip.npz"], tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(read(tmp_path / "clip.npz").poses) == 20


@needs_screen
@pytest.mark.model
def test_counting_live_opens_no_connection_and_records_nothing(
    screen: Screen,  # noqa: F811
    clip: Path,
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    arguments = ["live", "--camera", str(clip), "--save", "sessions", "--keep"]
    ran = run(heelrise_traced(log, *arguments), tmp_path, {"DISPLAY": screen.display})
    assert ran.returncode == 0, ran.stderr
    assert connections(log) == []
    saved = list((tmp_path / "sessions").iterdir())
    assert {path.suffix for path in saved} <= {".json", ".html"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in saved)


def test_the_video_of_a_live_session_is_asked_for() -> None:
    (record,) = [option for option in live.params if option.name == "record"]
    assert record.default is False


@needs_strace
def test_a_cameras_address_is_connected_to_and_never_given_to_a_shell(tmp_path: Path) -> None:
    log = tmp_path / "log"
    address = f"{NOWHERE}/$(touch touched);touch touched|touch touched"
    ran = run(
        heelrise_traced(log, "live", "--camera", address, "--mute", "--save", "sessions"), tmp_path
    )
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert any("connect(" in line and "htons(9)" in line for line in connections(log))
    assert not (tmp_path / "touched").exists()


@needs_strace
def test_fetching_a_model_connects(tmp_path: Path) -> None:
    log = tmp_path / "log"
    closed = {
        "HEELRISE_MODELS": str(tmp_path / "models"),
        "PATH": "",  # no npm, and no pip but this Python's
        "PIP_NO_INDEX": "1",
        **dict.fromkeys(("https_proxy", "HTTPS_PROXY"), NOWHERE),
    }
    command = heelrise_traced(log, "models", "fetch", "lite")
    ran = run([shutil.which(command[0]) or "", *command[1:]], tmp_path, closed)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert any("connect(" in line and "htons(9)" in line for line in connections(log))


def test_mediapipe_is_pinned_to_the_versions_that_send_nothing() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    needed = tomllib.loads(text)["project"]["dependencies"]
    assert [one for one in needed if one.startswith("mediapipe")] == ["mediapipe>=0.10.30,<0.10.34"]
    reason, _ = text.split('"mediapipe>=')
    assert "no telemetry client; later versions carry one" in reason.splitlines()[-2]
    installed = tuple(int(part) for part in version("mediapipe").split("."))
    assert (0, 10, 30) <= installed < (0, 10, 34)


# --- private files, and no name in what is shared -----------------------------------------------


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current directory whose path holds a secret, under a umask that lets everybody read."""
    folder = tmp_path / "Secret-folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HEELRISE_DATA", str(folder / "data"))
    before = os.umask(0)
    yield folder
    os.umask(before)


def landmarks(name: str) -> str:
    film = Script().stand(1.5).set_of("left", 2).film(PROFILE_RIGHT)
    Path(name).write_bytes(to_bytes(Recording(film.poses, 30.0, "full", "0" * 64, False)))
    return name


def test_every_file_is_readable_by_its_owner_alone(
    work: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = [part for pair in OUTPUTS.items() for part in pair]
    assert main(["analyze", landmarks("set.npz"), *outputs, "--keep"]) == 0
    assert main(["export", "--all", "exported"]) == 0
    assert main(["history", "--html", "h.html", "--plot", "h.png"]) == 0
    (work / "set.npz").unlink()
    made = {path: stat.S_IMODE(path.stat().st_mode) for path in work.rglob("*") if path.is_file()}
    assert len(made) >= len(OUTPUTS) + 5
    assert set(made.values()) == {0o600}, made


def _content(path: Path) -> bytes:
    """Return what is in a file; of a zip also what is in its members."""
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            content += b"".join(map(archive.read, archive.namelist()))
    return content


def test_what_is_shared_holds_no_path_and_no_name(work: Path) -> None:
    clip = landmarks("Secret-name.npz")
    shared = ["--csv", "r.csv", "--plot", "r.png", "--series", "s.csv"]
    assert main(["analyze", clip, *shared, "--report", "r.html", "--keep"]) == 0
    assert main(["export", "--all", "exported"]) == 0
    assert main(["history", "--html", "h.html", "--plot", "h.png"]) == 0
    files = [path for path in work.rglob("*") if path.is_file() and path.name != clip]
    assert len(files) > 8
    told = {path.name for path in files if b"Secret" in _content(path)}
    # a report is headed by the name of its video, unless a person is named
    assert told == {"r.html"}
    assert b"Secret-folder" not in (work / "r.html").read_bytes()
    assert b"Secret" not in _content(work / clip)


def test_a_name_that_is_given_is_where_it_was_asked_for(work: Path) -> None:
    clip = landmarks("set.npz")
    shared = ["--csv", "r.csv", "--plot", "r.png", "--series", "s.csv", "--json", "r.json"]
    named = ["--report", "r.html", "--keep", "--person", "Somebody"]
    assert main(["analyze", clip, *shared, *named]) == 0
    files = [path for path in work.rglob("*") if path.is_file()]
    holders = {path.name for path in files if b"Somebody" in _content(path)}
    assert holders == {"r.html", "history.sqlite"}


# --- nothing untrusted is executed (also in test_recording, _history, _page and _packages) -------

SOURCES = sorted(Path(heelrise.__file__).parent.glob("*.py"))
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "yaml", "xml"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_module_executes_what_it_reads(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
            assert not {name.split(".")[0] for name in names} & UNSAFE_MODULES
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        given = {word.arg: ast.unparse(word.value) for word in node.keywords}
        assert called not in {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
        assert given.get("shell", "False") == "False"
        assert called != "np.load" or given.get("allow_pickle") == "False"


def test_names_are_never_given_to_a_shell_and_are_text_in_a_report(work: Path) -> None:
    clip = landmarks("<script>touch touched<&script>;$(touch touched).npz")
    person = "<script>alert(1)</script>"
    assert main(["analyze", clip, "--report", "a.html"]) == 0
    assert main(["analyze", clip, "--report", "b.html", "--person", person]) == 0
    for name in ("a.html", "b.html"):
        text = Path(name).read_text()
        assert "<script" not in text
        assert "&lt;script&gt;" in text
    assert not Path("touched").exists()


def test_a_small_file_that_unpacks_to_gigabytes_is_not_unpacked(work: Path) -> None:
    path = Path(landmarks("set.npz"))
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")  # of the directory, which says how large a member is
    struct.pack_into("<I", data, entry + 24, 1_100_000_000)
    path.write_bytes(data)
    with pytest.raises(HeelriseError, match="too large"):
        read(path)
