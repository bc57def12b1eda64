"""Gives `heelrise analyze` every bad input and writes down what it gets (`docs/robustness.md`).

Every case of bad_inputs.py is made in a folder of its own and run as a user runs it: one process,
one call. Whatever it gets, nothing may be left half-written and nothing that was there be changed.
tests/test_robustness.py holds the same cases, with a film that is faster to look at, and the page.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from bad_inputs import (
    FAST_FPS,
    FIRST_REP_S,
    FPS,
    GROUPS,
    LASTS_S,
    LEG,
    ONE_REP_S,
    ROOT,
    Case,
    Film,
    NotHereError,
    Place,
    write,
)
from devices import at_rate
from heelrise import __version__
from heelrise.errors import HeelriseError
from heelrise.frames import VideoFile
from heelrise.models import DEFAULT_MODEL, ensure_model
from heelrise.recorded import extract
from heelrise.recording import to_bytes
from heelrise.terminal import complain, native_logs

CLIP = ROOT / "sample_videos" / "floor_profile_clean.mp4"

LIMIT_S = 60.0
"""A case that takes longer hangs."""

LIMIT_MB = 1500
"""Most memory of any case; an everyday video takes 300."""


@dataclass(frozen=True)
class Outcome:
    """What a run of the program did.

    Attributes
    ----------
    status : int
    out, err : str
    took_s : float
    peak_mb : float
        Most memory; 0 where it was not measured.
    written, changed : tuple of str
        Files that are new, and files that were there and are not as they were.
    """

    status: int
    out: str
    err: str
    took_s: float
    peak_mb: float
    written: tuple[str, ...]
    changed: tuple[str, ...]


Run = Callable[[Sequence[str], Path, Mapping[str, str]], tuple[int, str, str, float]]
"""From arguments, folder and environment to status, stdout, stderr and the most memory (MB)."""


def outcome(case: Case, film: Film, run: Run) -> Outcome:
    """Make a case in a folder of its own, run it there and look at what it left.

    Raises
    ------
    NotHereError
        When this machine cannot make the case.
    """
    with tempfile.TemporaryDirectory(prefix="robust-") as name, ExitStack() as undo:
        folder = Path(name).resolve()
        place = Place(folder, film, undo)
        arguments = case.make(place)
        before = _files(folder)
        started_s = time.monotonic()
        status, out, err, peak_mb = run(["analyze", *arguments], folder, place.environment)
        took_s = time.monotonic() - started_s
        after = _files(folder)
        written = tuple(sorted(after.keys() - before.keys()))
        altered = tuple(sorted(name for name, old in before.items() if after.get(name) != old))
        out, err = (text.replace(f"{folder}/", "") for text in (out, err))
        return Outcome(status, out, err, took_s, peak_mb, written, altered)


def complaints(case: Case, got: Outcome) -> list[str]:
    """Say what is not as it must be; nothing when all is well."""
    wrong = []
    if got.took_s > LIMIT_S:
        wrong.append(f"it took {got.took_s:.0f} s")
    if got.peak_mb > LIMIT_MB:
        wrong.append(f"it took {got.peak_mb:.0f} MB")
    if re.search(r"Traceback|Usage:|made a mistake", got.out + got.err):
        wrong.append("a traceback, a usage dump or a mistake of heelrise's own")
    if set(got.changed) - set(case.replaces):
        wrong.append(f"changed: {', '.join(got.changed)}")
    wanted = case.writes if case.reps is not None else ()
    if set(got.written) != set(wanted):
        wrong.append(f"left {', '.join(got.written) or 'nothing'}")
    if case.reps is None:
        if got.status != 2:
            wrong.append(f"status {got.status}")
        if got.out or not re.fullmatch(r"heelrise: [^\n]+\n", got.err):
            wrong.append("not one line on stderr")
    elif got.status != 0 or got.err:
        wrong.append(f"status {got.status}, stderr {got.err!r}")
    elif counts(got.out) != ({LEG: case.reps} if case.reps else {}):
        wrong.append(f"counted {counts(got.out)}")
    if case.says not in got.out + got.err:
        wrong.append(f"nothing about {case.says!r}")
    return wrong


def counts(out: str) -> dict[str, int]:
    """Return the reps of each leg that the program printed, as a table or as JSON."""
    if out.startswith("{"):
        reported: dict[str, int] = json.loads(out)["counts"]
        return {side: count for side, count in reported.items() if count}
    found = re.findall(r"^(Left|Right|Both legs): (\d+) reps?\b", out, re.MULTILINE)
    return {side.lower(): int(count) for side, count in found}


def in_words(got: Outcome) -> str:
    """Say in one table cell what a case got."""
    if got.status or got.err:
        said = "; ".join(got.err.splitlines() or ["nothing"])
        return f"`{said}`" + f", status {got.status}" * (got.status != 2)
    reps = ", ".join(f"{n} rep{'s' * (n != 1)}, {side}" for side, n in counts(got.out).items())
    warnings = re.findall(r"^Warning: (.+)$", got.out, re.MULTILINE)
    return "; ".join([f"**{reps or 'no rep'}**", *(f"warning: {text}" for text in warnings)])


def page(rows: Iterable[tuple[str, Iterable[tuple[Case, str]]]], command: str) -> str:
    """Return the page: one table a group of cases, of each a case and the words of what it got."""
    tables = "\n".join(
        f"\n## {title}\n\n| input | what it gets |\n|---|---|\n"
        + "\n".join(f"| {case.name} | {_cell(words)} |" for case, words in cases)
        for title, cases in rows
    )
    return f"""# Every bad input, and what it gets

Each input gets the right result, or one line that says what is wrong and what to do. A line goes
with exit status 2; a result with 0, a view that shows nobody included. In no case is there a
traceback or a usage dump, no case takes more than {LIMIT_S:.0f} s or {LIMIT_MB:,} MB, and none
leaves a file half-written: an output is written beside its place and then renamed. An output that
is no regular file (a pipe, `/dev/stdout`) is written straight, never renamed over, and needs no
`--force`.

The film has two reps on the left leg, {LASTS_S:.0f} s at {FPS} pictures a second where nothing else
is said, cut out of a [sample video](../sample_videos/README.md). The folder's name is left out of
the lines.

Generated, not written: heelrise {__version__}, pose model `{DEFAULT_MODEL}`, by

```
{command}
```

`tests/test_robustness.py` runs the same cases and compares them with this page.
{tables}
"""


def read_page(text: str) -> dict[str, str]:
    """Return what the page says that each case gets."""
    cells = re.findall(r"^\| (.+?) \| (.+) \|$", text, re.MULTILINE)
    return {name: got.replace("\\|", "|") for name, got in cells if name != "input"}


def run_program(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> tuple[int, str, str, float]:
    """Run heelrise in a process of its own (a `Run`)."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "heelrise", *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        give_up_s, peak_mb = time.monotonic() + LIMIT_S + 5.0, 0.0
        while process.poll() is None:
            peak_mb = max(peak_mb, _peak_mb(process.pid))
            if time.monotonic() > give_up_s:
                process.kill()
            time.sleep(0.02)
        out.seek(0)
        err.seek(0)
        return process.returncode, out.read(), err.read(), peak_mb


def _peak_mb(process: int) -> float:
    """Return the most memory a process has taken (Linux); what wait4 says is its parent's too."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def real_film() -> Film:
    """Return the film of a sample video."""
    with VideoFile(CLIP) as video:
        every = [(frame.t_s, frame.image) for frame in takewhile(_in_film, video)]
    first = [shot for shot in every if FIRST_REP_S <= shot[0] <= ONE_REP_S]
    model = ensure_model()
    shots = every[::2]
    with tempfile.TemporaryDirectory() as folder, native_logs():
        clip = write(Path(folder) / "clip.mp4", shots)
        landmarks = to_bytes(extract(clip, DEFAULT_MODEL, model))
    return Film(shots, lambda: at_rate(iter(first), FAST_FPS), landmarks, model.read_bytes())


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page; 1 when a case does not get what it must, 2 when something cannot be done."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(
        description="Gives heelrise every bad input there is and shows what each gets."
    )
    parser.add_argument("--only", metavar="WORDS", help="only cases whose name holds these words")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the page too")
    options = parser.parse_args(given)
    wrong = False
    rows: list[tuple[str, list[tuple[Case, str]]]] = []
    try:
        film = real_film()
        for title, cases in GROUPS:
            chosen = [case for case in cases if (options.only or "") in case.name]
            rows.append((title, []))
            for case in chosen:
                got = outcome(case, film, run_program)
                against = complaints(case, got)
                wrong |= bool(against)
                words = "; ".join([in_words(got), *(f"**wrong: {text}**" for text in against)])
                rows[-1][1].append((case, words))
                print(
                    f"{case.name}: {words} ({got.took_s:.1f} s, {got.peak_mb:.0f} MB)", flush=True
                )
        if options.out:
            command = " ".join(["python benchmarks/robustness.py", *given])
            text = page([row for row in rows if row[1]], command)
            options.out.write_text(text, encoding="utf-8")
    except (HeelriseError, NotHereError, OSError) as error:
        complain(str(error))
        return 2
    return int(wrong)


def _files(folder: Path) -> dict[str, bytes]:
    """Return the content of every file in a folder; of what is no regular file nothing."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
        if not path.is_dir()
    }


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def _in_film(frame: Any) -> bool:
    return bool(frame.t_s < LASTS_S)


if __name__ == "__main__":
    sys.exit(main())
