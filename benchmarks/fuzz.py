"""Damaged video files through heelrise's reader: no crash, no hang, one line for what is refused.

Small films of many containers and codecs are made, and each is damaged in many ways: flipped
bytes, parts cut off, zeroed, doubled or moved, wrong numbers in the header, two files in one.
Child processes read them, one after the other, so that a crash or a hang ends only the child.
The same seed makes the same files.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import av
import numpy as np

from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile

SEED = 1
LIMIT_S = 20.0
"""Longest a file may take, opening and reading to its end."""

MEMORY_BYTES = 4 << 30
"""Most a child may map: a reader that wants more than that for such a file has believed it."""

ENDS = ("read to the end", "refused in one line", "cut short", "crashed", "hung", "other exception")
FINE = ENDS[:3]

SIZE = (64, 48)
EXTREME = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

Field = tuple[int, int]
"""Offset and length of a number in a file."""


@dataclass(frozen=True)
class Sort:
    """A kind of file to damage: container, codec, and what else is in it."""

    name: str
    suffix: str
    codec: str
    pix_fmt: str = "yuv420p"
    frames: int = 20
    turned: bool = False
    sound: str | None = None
    options: tuple[tuple[str, str], ...] = ()


SORTS = (
    Sort("MP4, H.264", ".mp4", "libx264"),
    Sort("MP4, H.264, turned, with sound", ".mp4", "libx264", turned=True, sound="aac"),
    Sort("MP4 in fragments, H.264", ".mp4", "libx264", options=(("movflags", "frag_every_frame"),)),
    Sort("MP4, MPEG-4", ".mp4", "mpeg4"),
    Sort("MOV, H.264, index in front", ".mov", "libx264", options=(("movflags", "faststart"),)),
    Sort("MOV, Motion JPEG", ".mov", "mjpeg", "yuvj420p", 10),
    Sort("MKV, H.264", ".mkv", "libx264"),
    Sort("WebM, VP8", ".webm", "libvpx"),
    Sort("WebM, VP9", ".webm", "libvpx-vp9"),
    Sort("AVI, MPEG-4", ".avi", "mpeg4"),
    Sort("AVI, Motion JPEG", ".avi", "mjpeg", "yuvj420p", 10),
    Sort("MPEG-TS, H.264", ".ts", "libx264"),
    Sort("FLV", ".flv", "flv1"),
    Sort("GIF", ".gif", "gif", "rgb8", 10),
)


# --- films and their damage -------------------------------------------------------------------


def film(sort: Sort, path: Path) -> bytes:
    """Make a small film of a moving, noisy picture and return the file's content."""
    rng = np.random.default_rng(SEED)
    with av.open(str(path), "w", options=dict(sort.options)) as container:
        stream: Any = container.add_stream(sort.codec, rate=Fraction(30))
        stream.width, stream.height, stream.pix_fmt = *SIZE, sort.pix_fmt
        sound: Any = container.add_stream(sort.sound, rate=44_100) if sort.sound else None
        for number in range(sort.frames):
            picture = rng.integers(0, 60, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
            picture[10:30, number : number + 20] += 150
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
            if sound is not None:
                silence: Any = np.zeros((1, 1024), np.float32)
                note = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
                note.sample_rate, note.pts = 44_100, 1024 * number
                container.mux(sound.encode(note))
        for one in filter(None, (stream, sound)):
            container.mux(one.encode(None))
    content = path.read_bytes()
    if sort.turned:
        # Where the track's header keeps its matrix; a quarter turn.
        matrix = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
        at = content.index(b"tkhd") + 44
        content = content[:at] + matrix + content[at + 36 :]
    return content


def flipped(rng: Random, data: bytes, _: bytes) -> bytes:
    """Flip single bits, or replace bytes."""
    out = bytearray(data)
    reach = len(out) if rng.random() < 0.6 else min(len(out), 1500)
    for _time in range(rng.choice((1, 3, 10, 50))):
        at = rng.randrange(reach)
        out[at] = out[at] ^ (1 << rng.randrange(8)) if rng.random() < 0.5 else rng.randrange(256)
    return bytes(out)


def truncated(rng: Random, data: bytes, _: bytes) -> bytes:
    """Cut off the end; now and then nearly all."""
    return data[: rng.randrange(len(data) if rng.random() < 0.7 else min(len(data), 600))]


def zeroed(rng: Random, data: bytes, _: bytes) -> bytes:
    """Overwrite a part with one value, as a bad disk does."""
    start, end = _part(rng, data)
    return data[:start] + bytes([rng.choice((0, 0, 255))]) * (end - start) + data[end:]


def deleted(rng: Random, data: bytes, _: bytes) -> bytes:
    """Leave a part out."""
    start, end = _part(rng, data)
    return data[:start] + data[end:]


def doubled(rng: Random, data: bytes, _: bytes) -> bytes:
    """Have a part in it twice, or many times."""
    start, end = _part(rng, data)
    return data[:end] + data[start:end] * rng.choice((1, 1, 20)) + data[end:]


def moved(rng: Random, data: bytes, _: bytes) -> bytes:
    """Put a part somewhere else."""
    start, end = _part(rng, data)
    rest = data[:start] + data[end:]
    at = rng.randrange(len(rest) + 1)
    return rest[:at] + data[start:end] + rest[at:]


def joined(_: Random, data: bytes, other: bytes) -> bytes:
    """Append another file."""
    return data + other


def spliced(rng: Random, data: bytes, other: bytes) -> bytes:
    """Go on as another file from somewhere."""
    return data[: rng.randrange(len(data))] + other[rng.randrange(len(other)) :]


def misnumbered(rng: Random, data: bytes, _: bytes) -> bytes:
    """Write wrong numbers into header fields: sizes, counts, times, names of parts."""
    out = bytearray(data)
    places = fields_of(data)
    for _time in range(rng.choice((1, 1, 2, 5))):
        at, length = rng.choice(places)
        was = int.from_bytes(out[at : at + length], "big")
        value = rng.choice((*EXTREME, was + 1, was - 1, 2 * was, rng.getrandbits(8 * length)))
        order: Any = rng.choice(("big", "little"))
        out[at : at + length] = (value % (1 << 8 * length)).to_bytes(length, order)
    return bytes(out)


Damage = Callable[[Random, bytes, bytes], bytes]
# Wrong numbers find most: a third of all.
DAMAGES: tuple[Damage, ...] = (
    *(misnumbered, misnumbered, misnumbered, misnumbered, flipped, flipped),
    *(truncated, zeroed, deleted, doubled, moved, joined, spliced),
)


def _part(rng: Random, data: bytes) -> tuple[int, int]:
    start = rng.randrange(len(data))
    return start, min(len(data), start + rng.choice((1, 4, 16, 188, 1000, len(data) // 3)))


# --- where headers keep their numbers -----------------------------------------------------------

_BOXES_OF_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"moof", b"traf"}
_MASTERS = {
    0x1A45DFA3,
    0x18538067,
    0x1549A966,
    0x1654AE6B,
    0xAE,
    0xE0,
    0x1F43B675,
    0xA0,
    0x1C53BB6B,
}
_MOST_WORDS = 24  # of one part: fields come first, pictures after them


def fields_of(data: bytes) -> list[Field]:
    """Return where a file keeps numbers that say how to read it."""
    if data[4:8] == b"ftyp":
        found = list(_box_fields(data, 0, len(data)))
    elif data[:4] == b"RIFF":
        found = list(_riff_fields(data, 0, len(data)))
    elif data[:4] == b"\x1a\x45\xdf\xa3":
        found = list(_matroska_fields(data, 0, len(data)))
    elif data[:1] == b"G" and data[188:189] == b"G":
        found = [
            (at, 4) for start in range(0, len(data) - 32, 188) for at in range(start, start + 32, 4)
        ]
    else:
        found = [(at, 2) for at in range(0, min(len(data), 400) - 2, 2)]
    return [(at, length) for at, length in found if at + length <= len(data)] or [(0, 1)]


def _words(start: int, end: int) -> Iterator[Field]:
    yield from ((at, 4) for at in range(start, min(end, start + 4 * _MOST_WORDS), 4))


def _box_fields(data: bytes, start: int, end: int) -> Iterator[Field]:
    """Walk through the boxes of MP4 and MOV."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        yield from ((start, 4), (start + 4, 4))
        stop = min(end, start + max(size, 8))
        if kind in _BOXES_OF_BOXES:
            yield from _box_fields(data, start + 8, stop)
        elif kind != b"mdat":
            yield from _words(start + 8, stop)
        start = stop


def _riff_fields(data: bytes, start: int, end: int) -> Iterator[Field]:
    """Walk through the chunks of AVI."""
    while start + 12 <= end:
        kind, size = struct.unpack_from("<4sI", data, start)
        yield from ((start, 4), (start + 4, 4))
        stop = min(end, start + 8 + size + size % 2)
        if kind in (b"RIFF", b"LIST"):
            yield from _riff_fields(data, start + 12, stop)
        else:
            yield from _words(start + 8, min(stop, start + 8 + (8 if kind[2:] == b"dc" else 96)))
        start = stop


def _matroska_fields(data: bytes, start: int, end: int) -> Iterator[Field]:
    """Walk through the elements of Matroska and WebM."""
    while start + 2 <= end and data[start]:
        id_length = 9 - data[start].bit_length()
        name = int.from_bytes(data[start : start + id_length], "big")
        at = start + id_length
        if at >= end or not data[at]:
            return
        size_length = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + size_length], "big") - (1 << 7 * size_length)
        yield from ((start, id_length), (at, size_length))
        body = at + size_length
        stop = min(end, body + size)
        if name in _MASTERS:
            yield from _matroska_fields(data, body, stop)
        elif size:
            yield body, min(size, 8)
        start = max(stop, body)


# --- reading ------------------------------------------------------------------------------------


def read(path: Path) -> tuple[str, str]:
    """Read a file to its end; return how that ended (one of `ENDS`), and what was said.

    What the reader promises of every frame is held against it, too.
    """
    try:
        with VideoFile(path) as video:
            shape, last_s = (video.info.height, video.info.width, 3), -1.0
            for number, frame in enumerate(video):
                kept = frame.image.shape == shape and frame.image.flags.c_contiguous
                if not (kept and frame.t_s > last_s and frame.index == number):
                    return ENDS[5], f"frame {number} breaks a promise: {frame.t_s}"
                last_s = frame.t_s
            return ENDS[2 if video.truncated else 0], ""
    except HeelriseError as error:
        line = str(error)
        return (ENDS[1] if len(line.splitlines()) == 1 else ENDS[5]), line
    except Exception as error:
        return ENDS[5], f"{type(error).__name__}: {error}"


class Child:
    """A process that reads files for this one; started anew after a crash or a hang."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, path: Path) -> tuple[str, str]:
        """Let the child read a file; return how that ended, and what was said."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, __file__, "--child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(os.fsencode(path) + b"\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], LIMIT_S)
        answer = process.stdout.readline() if ready else b""
        if answer:
            end, said = json.loads(answer)
            return end, said
        self.close()
        return (ENDS[3], f"exit status {process.returncode}") if ready else (ENDS[4], "")

    def close(self) -> None:
        """Stop the child, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def serve() -> None:
    """Read the files named on stdin, one a line; answer each with a line of JSON."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for line in sys.stdin.buffer:
        print(json.dumps(read(Path(os.fsdecode(line.rstrip(b"\n"))))), flush=True)


@dataclass(frozen=True)
class Trial:
    """One damaged file and how reading it ended."""

    sort: str
    damage: str
    end: str
    said: str
    took_s: float
    content: bytes


def trials(count: int, seed: int = SEED) -> Iterator[Trial]:
    """Damage `count` files and read them, each sort of file in its turn."""
    rng = Random(seed)
    child = Child()
    with tempfile.TemporaryDirectory() as folder:
        films = [film(sort, Path(folder) / f"film{sort.suffix}") for sort in SORTS]
        try:
            for number in range(count):
                which = number % len(SORTS)
                sort, content = SORTS[which], films[which]
                damages = rng.choices(DAMAGES, k=rng.choice((1, 1, 1, 2, 3)))
                for damage in damages:
                    content = damage(rng, content, rng.choice(films)) or b"\0"
                path = Path(folder) / f"damaged{sort.suffix}"
                path.write_bytes(content)
                started_s = time.monotonic()
                end, said = child.read(path)
                took_s = time.monotonic() - started_s
                name = " ".join(damage.__name__ for damage in damages)
                yield Trial(sort.name, name, end, said, took_s, content)
        finally:
            child.close()


def table(found: Sequence[Trial]) -> str:
    """Return the trials, counted, as a Markdown table."""
    lines = [
        f"| container | files | {' | '.join(ENDS)} | longest, s |",
        f"| --- |{' ---: |' * (2 + len(ENDS))}",
    ]
    for name in [*(sort.name for sort in SORTS), "all"]:
        some = [trial for trial in found if name in (trial.sort, "all")]
        ends = [sum(trial.end == end for trial in some) for end in ENDS]
        longest_s = max((trial.took_s for trial in some), default=0.0)
        lines.append(f"| {name} | {len(some)} | {' | '.join(map(str, ends))} | {longest_s:.1f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 when a file made the reader crash, hang or raise."""
    parser = argparse.ArgumentParser(description="Reads damaged video files with heelrise.")
    parser.add_argument("--files", type=int, default=2800, help="how many (default 2800)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--keep", type=Path, metavar="DIR", help="for the files that ended badly")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        serve()
        return 0
    found = []
    for number, trial in enumerate(trials(options.files, options.seed)):
        found.append(trial)
        if trial.end not in FINE or trial.took_s > 2:
            print(
                f"{number}: {trial.sort}, {trial.damage}: {trial.end}, {trial.said}",
                file=sys.stderr,
            )
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                suffix = next(sort.suffix for sort in SORTS if sort.name == trial.sort)
                (options.keep / f"{options.seed}-{number}{suffix}").write_bytes(trial.content)
    print(table(found))
    return 0 if all(trial.end in FINE for trial in found) else 1


if __name__ == "__main__":
    sys.exit(main())
