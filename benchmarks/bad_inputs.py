"""Every bad input that heelrise must bear, and what each must get; robustness.py runs them.

An input is made of a film: real pictures for the page, pictures that a test can look at faster for
tests/test_robustness.py. What a case must get is part of it: a right result, or one line and exit
status 2.
"""

from __future__ import annotations

import io
import os
import struct
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from devices import Shot
from heelrise.image import Image
from heelrise.model_sources import MODELS

ROOT = Path(__file__).resolve().parents[1]

REPS, LEG = 2, "left"
"""What there is to count in the film."""

LASTS_S, ONE_REP_S, FIRST_REP_S = 11.0, 7.2, 4.0
"""How long the film is, when its first rep is over, and when a short film of that may begin."""

FPS, FAST_FPS = 15, 240
TICKS_PER_S = 90_000
NEAR_LOSSLESS = {"preset": "veryfast", "crf": "12"}
PACKETS_IN_ORDER = {**NEAR_LOSSLESS, "bf": "0"}
RESULT = "result.json"


@dataclass(frozen=True)
class Film:
    """What the good parts of the inputs show: two reps on the left leg, the first over at 7.2 s.

    Attributes
    ----------
    shots : sequence of (float, ndarray)
        Seconds and picture, 15 a second.
    fast : callable
        The first rep, 240 pictures a second.
    landmarks : bytes
        The film as `heelrise extract` saves it.
    model : bytes
        A pose model's file.
    """

    shots: Sequence[Shot]
    fast: Callable[[], Iterator[Shot]]
    landmarks: bytes
    model: bytes


@dataclass
class Place:
    """Where a case is made and run.

    Attributes
    ----------
    folder : Path
    film : Film
    undo : ExitStack
        Closed after the run.
    environment : dict
        Variables that the program is given.
    """

    folder: Path
    film: Film
    undo: ExitStack
    environment: dict[str, str] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """Return the place of a file in the folder."""
        return self.folder / name


class NotHereError(Exception):
    """This machine cannot make a case."""


Make = Callable[[Place], Sequence[str]]


@dataclass(frozen=True)
class Case:
    """One input, and what it must get.

    Attributes
    ----------
    name : str
        For the reader of the page.
    make : callable
        Makes the input in a place; returns the arguments after ``heelrise analyze``.
    reps : int or None
        How many are counted, all on the left leg; None when it gets one line and status 2.
    says : str
        Words that the line, or the result's warnings, must hold.
    writes : tuple of str
        New files that a result leaves; names in the folder.
    replaces : tuple of str
        Files that were there and may be changed.
    varies : bool
        Whether the wording depends on the machine, so that the page's need not be a test's.
    """

    name: str
    make: Make
    reps: int | None = None
    says: str = ""
    writes: tuple[str, ...] = (RESULT,)
    replaces: tuple[str, ...] = ()
    varies: bool = False


# --- making videos ----------------------------------------------------------------------------


def write(
    path: Path,
    shots: Iterable[Shot],
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    *,
    fps: float = FPS,
    options: Mapping[str, str] = NEAR_LOSSLESS,
    file_options: Mapping[str, str] | None = None,
    file_format: str | None = None,
    colour: tuple[int, int, int] | None = None,
) -> Path:
    """Write shots to a video file with the options of PyAV; times are the shots' own."""
    import av

    av.logging.set_level(None)
    rate = Fraction(fps).limit_denominator(1000)
    with av.open(str(path), "w", format=file_format, options=dict(file_options or {})) as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.pix_fmt, stream.options = pix_fmt, dict(options)
        codec_context = stream.codec_context
        if codec not in _RATE_IS_CLOCK:
            codec_context.time_base = Fraction(1, TICKS_PER_S)
        if colour is not None:
            codec_context.color_primaries, codec_context.color_trc, codec_context.colorspace = (
                colour
            )
        for number, (t_s, image) in enumerate(shots):
            if not number:
                stream.height, stream.width = image.shape[:2]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
            clock = 1 / rate if codec in _RATE_IS_CLOCK else Fraction(1, TICKS_PER_S)
            frame.pts, frame.time_base = round(t_s / clock), clock
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


# These encoders take only a frame's length as their clock's tick.
_RATE_IS_CLOCK = {"mpeg2video", "mpeg4", "gif"}

BT2020_PQ = (9, 16, 9)
"""BT.2020's primaries, PQ's transfer, BT.2020's matrix."""


def changed(path: Path, *changes: tuple[bytes, int, str, Sequence[float]]) -> None:
    """Write numbers into a file: each at a distance after a mark that is found first."""
    data = bytearray(path.read_bytes())
    for mark, distance, form, values in changes:
        struct.pack_into(form, data, data.index(mark) + len(mark) + distance, *values)
    path.write_bytes(data)


def turned(path: Path, shots: Sequence[Shot], quarters: int) -> Path:
    """Write a video whose pictures lie on their side, and whose header says so."""
    write(path, ((t_s, np.rot90(image, quarters)) for t_s, image in shots))
    cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarters]
    matrix = (cos, sin, 0, -sin, cos, 0, 0, 0)
    fixed = [65536 * value for value in matrix]
    changed(path, (b"tkhd", 40, ">9i", [*fixed, 1 << 30]))
    return path


def restamped(path: Path, shots: Sequence[Shot], stamp: Callable[[int, int], int]) -> Path:
    """Write an FLV and give its pictures other time stamps.

    Parameters
    ----------
    stamp : callable
        From a picture's number and its true time, in ms, to the time that is written.
    """
    no_reordering = {**NEAR_LOSSLESS, "bf": "0"}
    write(path, shots, options=no_reordering, file_options={"flvflags": "no_sequence_end"})
    data = bytearray(path.read_bytes())
    at, number = 13, 0
    while at + 11 <= len(data):
        kind, size = data[at], int.from_bytes(data[at + 1 : at + 4], "big")
        if kind == 9 and data[at + 12] == 1:  # a picture, not the decoder's configuration
            now = int.from_bytes(data[at + 4 : at + 7], "big")
            ms = stamp(number, now) & 0xFFFFFFFF
            data[at + 4 : at + 8] = (ms & 0xFFFFFF).to_bytes(3, "big") + bytes([ms >> 24])
            number += 1
        at += 11 + size + 4
    path.write_bytes(data)
    return path


def woven(shots: Sequence[Shot]) -> Iterator[Shot]:
    """Make each picture of two moments, as interlaced cameras do: odd lines come later."""
    for (t_s, image), (_, after) in zip(shots, [*shots[1:], shots[-1]], strict=True):
        both = image.copy()
        both[1::2] = after[1::2]
        yield t_s, both


def scaled(image: Image, width: int, height: int) -> Image:
    """Scale a picture."""
    import cv2

    return np.asarray(cv2.resize(image, (width, height), None, 0, 0, cv2.INTER_AREA), np.uint8)


# --- the inputs -------------------------------------------------------------------------------

MKV = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01"
X265 = {"preset": "ultrafast", "crf": "12", "x265-params": "log-level=none"}
VPX = {"deadline": "realtime", "cpu-used": "8", "b": "4M"}
AMPLE = {"b": "8M"}
FIELDS = {**AMPLE, "flags": "+ildct+ilme"}
UNICODE, LONG = "Übung 左 'a\"b;$(touch x)", "x" * 200
IN_CM = "give it in centimetres, 100 to 230"
NO_ROOM = "no space left on device; make room, or name another place"


def _call(name: str, *more: str) -> Sequence[str]:
    return (name, "--json", RESULT, *more)


def _bytes(content: bytes, name: str = "clip.mp4") -> Make:
    """Make a file of certain bytes."""

    def make(place: Place) -> Sequence[str]:
        place.path(name).write_bytes(content)
        return _call(name)

    return make


def _made(name: str, what: Callable[[Path, Sequence[Shot]], object]) -> Make:
    """Make a file out of the film."""

    def make(place: Place) -> Sequence[str]:
        what(place.path(name), place.film.shots)
        return _call(name)

    return make


def _video(
    name: str, change: Callable[[Sequence[Shot]], Iterable[Shot]] = iter, **how: Any
) -> Make:
    """Write the film, or what is made of it, as a certain kind of video."""
    return _made(name, lambda path, shots: write(path, change(shots), **how))


def _missing(place: Place) -> Sequence[str]:
    return _call("clip.mp4")


def _address(place: Place) -> Sequence[str]:
    return _call("http://127.0.0.1:9/clip.mp4")


def _folder(place: Place) -> Sequence[str]:
    place.path("clips").mkdir()
    return ("clips", "--json", "clips")


def _pipe(place: Place) -> Sequence[str]:
    os.mkfifo(place.path("clip.mp4"))
    return _call("clip.mp4")


def _without_index(path: Path, shots: Sequence[Shot]) -> None:
    write(path, shots)
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 4])


def _cut(path: Path, shots: Sequence[Shot]) -> None:
    """Cut a file off in the middle of the picture that follows the first rep."""
    import av

    write(path, shots, file_options={"movflags": "+faststart"})
    with av.open(str(path)) as container:
        packets: Iterator[Any] = container.demux(video=0)
        packet = next(p for p in packets if p.pts is not None and p.pts * p.time_base >= ONE_REP_S)
        length = packet.pos + packet.size // 2
    path.write_bytes(path.read_bytes()[:length])


def _no_samples(path: Path, shots: Sequence[Shot]) -> None:
    write(path, shots[:20], options=PACKETS_IN_ORDER)
    changed(path, *((mark, 4, ">I", [0]) for mark in (b"stts", b"stsc", b"stco")))
    changed(path, (b"stsz", 8, ">I", [0]))


def _sound(path: Path, shots: Sequence[Shot]) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("aac", rate=44100)
        for number in range(10):
            silence = np.zeros((1, 1024), np.float32)
            frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
            frame.rate, frame.pts = 44100, 1024 * number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _still(path: Path, shots: Sequence[Shot]) -> None:
    import cv2

    cv2.imwrite(str(path), shots[0][1])


def _huge(path: Path, shots: Sequence[Shot]) -> None:
    """Write one picture of 10,000 x 10,000."""
    import av

    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=FPS)
        stream.width = stream.height = 10_000
        # more threads would hold a picture each
        stream.options = {"preset": "ultrafast", "qp": "51", "threads": "1"}
        frame = av.VideoFrame(10_000, 10_000, "yuv420p")
        frame.pts, frame.time_base = 0, Fraction(1, FPS)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _grows(path: Path, shots: Sequence[Shot]) -> None:
    """Write pictures that say, after the first rep, that they are of 10,000 x 10,000."""
    write(path, shots, "mjpeg", "yuvj420p", options=AMPLE)
    data, size = bytearray(path.read_bytes()), b"\xff\xc0\x00\x11\x08"
    at = -1
    for t_s, _ in shots:
        at = data.index(size, at + 1)
        if t_s > ONE_REP_S:
            struct.pack_into(">2H", data, at + len(size), 10_000, 10_000)
    path.write_bytes(data)


def _first(shots: Sequence[Shot]) -> Iterable[Shot]:
    return shots[:1]


def _tiny(shots: Sequence[Shot]) -> Iterable[Shot]:
    return ((t_s, scaled(image, 16, 16)) for t_s, image in shots)


def _strip(shots: Sequence[Shot]) -> Iterable[Shot]:
    return ((t_s, scaled(image, 4000, 16)) for t_s, image in shots[:FPS])


def _odd(shots: Sequence[Shot]) -> Iterable[Shot]:
    return ((t_s, image[1:, 1:]) for t_s, image in shots)


def _slow(shots: Sequence[Shot]) -> Iterable[Shot]:
    return shots[::FPS]


def _fast(place: Place) -> Sequence[str]:
    write(place.path("clip.mp4"), place.film.fast(), fps=FAST_FPS)
    return _call("clip.mp4")


def _mp4_endless(path: Path, shots: Sequence[Shot]) -> None:
    """Let an index say that there are so many pictures, all of one size."""
    frames = 60_000_000
    write(path, shots[:20], options=PACKETS_IN_ORDER)
    changed(path, (b"stsz", 4, ">2I", (40, frames)), (b"stsc", 12, ">I", [frames]))
    changed(path, (b"stts", 8, ">I", [frames]))


def _mp4_hollow(path: Path, shots: Sequence[Shot]) -> None:
    write(path, shots[:20])
    changed(path, (b"stsz", 8, ">I", [4_000_000]))


def _fragment_endless(path: Path, shots: Sequence[Shot]) -> None:
    write(path, shots[:20], file_options={"movflags": "frag_keyframe+empty_moov"})
    changed(path, (b"trun", 0, ">2I", (0, 60_000_000)))


def _avi(path: Path, shots: Sequence[Shot]) -> None:
    write(path, shots, "mpeg4", options=AMPLE)


def _avi_zero(path: Path, shots: Sequence[Shot]) -> None:
    _avi(path, shots)
    changed(path, (b"strh", 24, "<2I", (0, 0)), (b"avih", 4, "<I", [0]))


def _avi_endless(path: Path, shots: Sequence[Shot]) -> None:
    _avi(path, shots)
    changed(path, (b"avih", 20, "<I", [2**32 - 1]), (b"strh", 36, "<I", [2**32 - 1]))


def _flv_nan(path: Path, shots: Sequence[Shot]) -> None:
    write(path, shots, options=PACKETS_IN_ORDER)
    names = (b"framerate", b"duration", b"width", b"height")
    changed(path, *((name, 1, ">d", [float("nan")]) for name in names))


def _negative(number: int, ms: int) -> int:
    return ms - 5000


def _repeated(number: int, ms: int) -> int:
    return ms - 67 if number % 3 == 2 else ms


def _backward(number: int, ms: int) -> int:
    return ms - 150 if number % 10 == 5 else ms


def _resized(path: Path, shots: Sequence[Shot]) -> None:
    """Join two transport streams with one clock; the pictures of the second are larger."""
    height, width = shots[0][1].shape[:2]
    half = len(shots) // 2
    larger = [(t_s, scaled(image, 3 * width // 2, 3 * height // 2)) for t_s, image in shots[half:]]
    data = b""
    for part in (shots[:half], larger):
        write(path, part, options=PACKETS_IN_ORDER)
        data += path.read_bytes()
    path.write_bytes(data)


def _arrays(content: bytes, **new: Any) -> bytes:
    """Return a file of landmarks with arrays changed."""
    with np.load(io.BytesIO(content)) as good:
        values = {**{name: good[name] for name in good}, **new}
    out = io.BytesIO()
    np.savez_compressed(out, **values)
    return out.getvalue()


def _landmarks(change: Callable[[bytes], bytes]) -> Make:
    def make(place: Place) -> Sequence[str]:
        place.path("set.npz").write_bytes(change(place.film.landmarks))
        return _call("set.npz")

    return make


def _of_version_2(content: bytes) -> bytes:
    return _arrays(content, version=np.array(2))


def _nan_rate(content: bytes) -> bytes:
    return _arrays(content, fps=np.array(np.nan))


def _nan_in_part(content: bytes) -> bytes:
    with np.load(io.BytesIO(content)) as good:
        xy = np.array(good["xy_px"])
    xy[10, 5] = np.nan
    return _arrays(content, xy_px=xy)


def _pickled(content: bytes) -> bytes:
    return _arrays(content, people=np.array([{"a": 1}, None], dtype=object))


def _nothing(place: Place) -> None:
    pass


def _existing(place: Place) -> None:
    place.path(RESULT).write_text("mine\n")


def _set(*arguments: str, before: Callable[[Place], None] = _nothing) -> Make:
    """Analyse the film's landmarks with certain options."""

    def make(place: Place) -> Sequence[str]:
        place.path("set.npz").write_bytes(place.film.landmarks)
        before(place)
        return ("set.npz", *arguments)

    return make


def _named(name: str) -> Make:
    def make(place: Place) -> Sequence[str]:
        place.path(f"{name}.npz").write_bytes(place.film.landmarks)
        return (f"{name}.npz", "--json", f"{name}.json", "--csv", f"{name}.csv")

    return make


def _read_only(place: Place) -> Sequence[str]:
    """Name a folder that takes no file; in Linux's /sys not even the super-user can make one."""
    closed = Path("/sys/kernel")
    if not closed.is_dir():
        if os.geteuid() == 0:
            raise NotHereError("the super-user may write everywhere")
        closed = place.path("closed")
        closed.mkdir(0o500)
    return _set("--json", str(closed / "r.json"))(place)


def _full(*arguments: str) -> Make:
    """Give the program a disk of one block to write to."""

    def make(place: Place) -> Sequence[str]:
        disk = place.path("disk")
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "small", str(disk)]
        try:
            subprocess.run(mount, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            raise NotHereError("only the super-user can mount a small disk") from None
        place.undo.callback(subprocess.run, ["umount", str(disk)], check=True)
        write(place.path("clip.mp4"), place.film.shots[: 2 * FPS])
        return _set(*arguments[1:])(place) if arguments[0] == "set.npz" else arguments

    return make


def _device(path: str) -> Make:
    def make(place: Place) -> Sequence[str]:
        if not Path(path).exists():
            raise NotHereError(f"there is no {path}")
        return _set("--json", path)(place)

    return make


def _into_pipe(place: Place) -> Sequence[str]:
    os.mkfifo(place.path("pipe"))
    # opening a pipe for writing waits for somebody who reads
    reader = os.open(place.path("pipe"), os.O_RDONLY | os.O_NONBLOCK)
    place.undo.callback(os.close, reader)
    return _set("--json", "pipe")(place)


def _onto_input(output: str) -> Make:
    def make(place: Place) -> Sequence[str]:
        write(place.path("clip.mp4"), place.film.shots[:FPS])
        if output != "clip.mp4":
            place.path(output).symlink_to("clip.mp4")
        return ("clip.mp4", "--video", output, "--force")

    return make


def _whole(model: bytes) -> bytes:
    return model


def _half(model: bytes) -> bytes:
    return model[: len(model) // 2]


def _model(content: Callable[[bytes], bytes] | None) -> Make:
    """Ask for a model that is not here, or is another file, with no network to fetch it by."""

    def make(place: Place) -> Sequence[str]:
        at_hand = {path.name for path in (ROOT / "models").glob("*.task")}
        model = next((m for m in MODELS if m.file_name not in at_hand), None)
        if model is None:
            raise NotHereError("every model lies in models/")
        folder = place.path("models")
        folder.mkdir()
        if content is not None:
            (folder / model.file_name).write_bytes(content(place.film.model))
        nowhere = "http://127.0.0.1:9"
        place.environment.update(
            HEELRISE_MODELS=str(folder),
            XDG_CACHE_HOME=str(place.path("cache")),
            PIP_NO_INDEX="1",
            npm_config_offline="true",
            https_proxy=nowhere,
            HTTPS_PROXY=nowhere,
        )
        write(place.path("clip.mp4"), place.film.shots[:FPS])
        return _call("clip.mp4", "--model", model.name)

    return make


# --- the cases --------------------------------------------------------------------------------


def _line(name: str, make: Make, says: str, varies: bool = False) -> Case:
    return Case(name, make, says=says, varies=varies)


def _result(
    name: str,
    make: Make,
    reps: int = REPS,
    says: str = "",
    writes: tuple[str, ...] = (RESULT,),
    replaces: tuple[str, ...] = (),
) -> Case:
    return Case(name, make, reps, says, writes, replaces)


NO_VIDEO = (
    _line("a file that is not there", _missing, "there is no such file"),
    _line("a folder without videos", _folder, "without video files"),
    _line("an empty file", _bytes(b""), "it is empty"),
    _line("a text named `.mp4`", _bytes(b"no video\n" * 50), "it is not a video"),
    _line("a pipe as the video", _pipe, "it is not a file"),
    _line("an address as the video", _address, "save the video as a file"),
    _line("MP4 without its index (`moov`)", _made("clip.mp4", _without_index), "index is missing"),
    _result("MP4 cut off in the middle of a picture", _made("clip.mp4", _cut), 1, "cut off"),
    _line("a stream of no length, MP4", _made("clip.mp4", _no_samples), "no picture in it"),
    _line("MKV that ends after its first bytes", _bytes(MKV, "clip.mkv"), "was cut short"),
    _line("sound only", _made("clip.mp4", _sound), "a sound recording?"),
    _line("a video of one picture", _video("clip.mp4", change=_first), "a single picture"),
    _line("a photo, PNG", _made("photo.png", _still), "picture: choose a video"),
    _line("a photo, JPEG", _made("photo.jpg", _still), "choose a video", varies=True),
)

SIZES = (
    _line("10,000 x 10,000 pixels", _made("clip.mp4", _huge), "too large"),
    _result("pictures that grow to 10,000 x 10,000", _made("clip.avi", _grows), 1, "damaged"),
    _result("16 x 16 pixels", _video("clip.mp4", change=_tiny), 0, "Nobody"),
    _line("a strip of 4,000 x 16 pixels", _video("clip.mp4", change=_strip), "too thin a strip"),
    _result("odd numbers of pixels", _video("clip.mp4", change=_odd, pix_fmt="yuv444p")),
    _result("a stream that changes its size", _made("clip.ts", _resized)),
    _line("1 picture a second", _video("clip.mp4", change=_slow, fps=1), "too slow"),
    _result("240 pictures a second, one rep", _fast, 1),
)

TIMES = (
    _result("negative time stamps", _made("clip.flv", partial(restamped, stamp=_negative))),
    _result("repeated time stamps", _made("clip.flv", partial(restamped, stamp=_repeated))),
    _result("time stamps that go back", _made("clip.flv", partial(restamped, stamp=_backward))),
    _result("a rate, length and size of NaN", _made("clip.flv", _flv_nan)),
    _result("a rate of 0 pictures in 0 seconds", _made("clip.avi", _avi_zero)),
    _result("a header of 4,294,967,295 pictures, AVI", _made("clip.avi", _avi_endless)),
    _line("an index of 60,000,000 pictures, MP4", _made("clip.mp4", _mp4_endless), "5,000,000"),
    _line("a fragment of 60,000,000 pictures", _made("clip.mp4", _fragment_endless), "5,000,000"),
    _line("an index without its pictures, MP4", _made("clip.mp4", _mp4_hollow), "it is damaged"),
)

KINDS = (
    *(
        _result(f"rotation {90 * turns}", _made("clip.mp4", partial(turned, quarters=turns)))
        for turns in (1, 2, 3)
    ),
    _result(
        "HDR: HEVC, 10 bits, BT.2020, PQ",
        _video("clip.mov", codec="libx265", pix_fmt="yuv420p10le", options=X265, colour=BT2020_PQ),
    ),
    _result("10 bits, H.264", _video("clip.mp4", pix_fmt="yuv420p10le")),
    _result(
        "interlaced, MPEG-2",
        _video("clip.mpg", change=woven, codec="mpeg2video", options=FIELDS, fps=30),
    ),
    _result(
        "alpha, WebM (VP9)",
        _video("clip.webm", codec="libvpx-vp9", pix_fmt="yuva420p", options=VPX),
    ),
    _result(
        "alpha, MOV (QuickTime Animation)",
        _video("clip.mov", codec="qtrle", pix_fmt="argb", options={}),
    ),
    _result("GIF", _video("clip.gif", codec="gif", pix_fmt="rgb8", options={})),
    _result("WebM (VP8)", _video("clip.webm", codec="libvpx", options=VPX)),
    _result("MOV (H.264)", _video("clip.mov")),
    _result("AVI (MPEG-4)", _made("clip.avi", _avi)),
)

SAID = (
    _line("a body height of 17", _set("--body-height", "17"), IN_CM),
    _line("a body height of 1700", _set("--body-height", "1700"), IN_CM),
    _line("a body height of nan", _set("--body-height", "nan"), IN_CM),
    _result(
        "a name in Unicode, with quotes and a shell's signs",
        _named(UNICODE),
        writes=(f"{UNICODE}.json", f"{UNICODE}.csv"),
    ),
    _result("a name of 200 letters", _named(LONG), writes=(f"{LONG}.json", f"{LONG}.csv")),
)

OUTPUTS = (
    _line("its folder is missing", _set("--json", "results/r.json"), "make it first"),
    _line("its folder is read-only", _read_only, "cannot write into the folder", varies=True),
    _line("the disk is full, JSON", _full("set.npz", "--json", "disk/r.json"), NO_ROOM),
    _line("the disk is full, video", _full("clip.mp4", "--video", "disk/r.mp4"), NO_ROOM),
    _line("the disk is full, report", _full("set.npz", "--report", "disk/r.html"), NO_ROOM),
    _line("the disk is full, plot", _full("set.npz", "--plot", "disk/r.png"), NO_ROOM),
    _line("the disk is full, series", _full("set.npz", "--series", "disk/r.csv"), NO_ROOM),
    _line("a device that takes nothing", _device("/dev/full"), NO_ROOM),
    _line("a file that exists", _set("--json", RESULT, before=_existing), "add --force"),
    _result(
        "a file that exists, with `--force`",
        _set("--json", RESULT, "--force", before=_existing),
        writes=(),
        replaces=(RESULT,),
    ),
    _line("a folder", _set("--json", "."), "is a folder"),
    _line("the input itself", _onto_input("clip.mp4"), "is the input itself"),
    _line("a link to the input", _onto_input("link.mp4"), "is the input itself"),
    _line("one file twice", _set("--json", RESULT, "--csv", RESULT), "named for two outputs"),
    _result("`/dev/stdout`, without `--force`", _set("--json", "/dev/stdout"), writes=()),
    _result("a pipe, without `--force`", _into_pipe, writes=()),
    _result("`/dev/null`, without `--force`", _device("/dev/null"), writes=()),
)

LANDMARKS = (
    _line("of another version", _landmarks(_of_version_2), "version 2, this heelrise reads 1"),
    _line("with NaN in a frame", _landmarks(_nan_in_part), "landmarks are missing"),
    _line("with a rate of NaN", _landmarks(_nan_rate), "its rate of pictures is none"),
    _line("cut off", _landmarks(lambda content: content[:5000]), "or damaged"),
    _line("with a pickled object", _landmarks(_pickled), "or damaged"),
    _line("that are none", _bytes(b"no zip", "set.npz"), "no file of landmarks"),
    _line("with `--video`", _set("--video", "copy.mp4"), "no picture"),
)

NO_MODEL = (
    _line("no model", _model(None), "could not be made ready", varies=True),
    _line("another model under its name", _model(_whole), "not this model", varies=True),
    _line("a model cut short", _model(_half), "not this model", varies=True),
)

GROUPS = (
    ("No video, or none any more", NO_VIDEO),
    ("Sizes and rates", SIZES),
    ("Times and headers", TIMES),
    ("Good videos of every kind", KINDS),
    ("What is said of them", SAID),
    ("Outputs", OUTPUTS),
    ("Recorded landmarks", LANDMARKS),
    ("Pose models, without a network", NO_MODEL),
)
"""What the page shows: a title and its cases."""

CASES = tuple(case for _, cases in GROUPS for case in cases)
