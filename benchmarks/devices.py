"""Holds heelrise to the same answer on every device (`make devices`).

Each video is filmed again, so to speak: at other frame rates and sizes, upright, mirrored, with
frames missing, recompressed hard. The answer to each of these is compared with the answer to the
video as it is. Truth plays no part in it: what is wrong must only be equally wrong everywhere.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from heelrise import __version__
from heelrise.errors import HeelriseError
from heelrise.image import Image
from heelrise.models import DEFAULT_MODEL, ensure_model
from heelrise.recorded import analyze
from heelrise.result import SIDES, Rep, Result, Side
from heelrise.settings import SessionOptions, Surface
from heelrise.terminal import complain, native_logs

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "sample_videos"

HOLD_S = 0.1
"""Most by which a hold may differ from the original's."""

RISE_CM = 0.5
"""Most by which a rise may differ from the original's."""

SEED = 1
"""Of all that is random here, so that two runs film the same."""

SAME_INSTANT_S = 1e-3
"""Pictures nearer in time are one: stamps are rounded to the container's ticks."""

TICKS_PER_S = 90_000
NEAR_LOSSLESS_CRF, HARD_CRF = 12, 40
NOISE_LEVELS = 3.0
DIM_SIZE, DIM_LIGHT = 0.8, 0.85

EXACT_COLOURS = 0x2 | 0x2000 | 0x40000
"""FFmpeg's SWS_BILINEAR, SWS_FULL_CHR_H_INT, SWS_ACCURATE_RND: PyAV names the latter since 18."""

Shot = tuple[float, Image]
Shots = Iterator[Shot]
Change = Callable[[Shots], Shots]


def at_rate(shots: Shots, fps: float, repeated: bool = False) -> Shots:
    """Show a video at another frame rate.

    Parameters
    ----------
    shots : iterator of (float, ndarray)
        Seconds and picture.
    fps : float
        The new rate; frames come at whole multiples of its interval.
    repeated : bool
        Show the latest picture there is, as phones and converters do. Otherwise a picture between
        two others is blended of both by their distance in time: nearest to a camera that exposes
        at that moment, since a heel moves less than its own blur between two frames.
    """
    before = next(shots, None)
    if before is None:
        return
    start_s, count = before[0], 0
    for after in shots:
        while (t_s := start_s + count / fps) < after[0] - SAME_INSTANT_S:
            yield t_s, before[1] if repeated else _between(before, after, t_s)
            count += 1
        before = after
    if (t_s := start_s + count / fps) <= before[0] + SAME_INSTANT_S:
        yield t_s, before[1]


def scaled(shots: Shots, short_px: int) -> Shots:
    """Scale to a short side; a larger picture shows no more than the one it was made of."""
    for t_s, image in shots:
        height, width = image.shape[:2]
        share = short_px / min(height, width)
        size = (_even(width * share), _even(height * share))
        way = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
        yield (
            t_s,
            image if size == (width, height) else _image(cv2.resize(image, size, None, 0, 0, way)),
        )


def widened(shots: Shots, aspect: float) -> Shots:
    """Pad to a width of `aspect` heights, above and below or at the sides; nothing is cut off.

    The border is repeated outward: a camera that sees more of the room sees more of its wall and
    floor, and black bars would make the scene darker than it is.
    """
    for t_s, image in shots:
        height, width = image.shape[:2]
        rows = max(0, _even(width / aspect) - height)
        columns = max(0, _even(height * aspect) - width)
        edges = (rows // 2, rows - rows // 2, columns // 2, columns - columns // 2)
        yield t_s, _image(cv2.copyMakeBorder(image, *edges, borderType=cv2.BORDER_REPLICATE))


def mirrored(shots: Shots) -> Shots:
    """Exchange left and right, as front cameras do."""
    for t_s, image in shots:
        yield t_s, np.ascontiguousarray(image[:, ::-1])


def irregular(shots: Shots) -> Shots:
    """Keep every first to third frame at random, with their times: two of three on average."""
    chance = random.Random(SEED)
    while (shot := next(shots, None)) is not None:
        yield shot
        skipped = chance.choices((0, 1, 2), (0.6, 0.3, 0.1))[0]
        next(islice(shots, skipped, skipped), None)


def with_drops(shots: Shots) -> Shots:
    """Leave out one frame of every ten, at random which; the others keep their times."""
    chance = random.Random(SEED)
    while ten := list(islice(shots, 10)):
        lost = chance.randrange(10)
        yield from ten[:lost]
        yield from ten[lost + 1 :]


def noisy(shots: Shots) -> Shots:
    """Add a small sensor's noise, anew in every picture."""
    chance = np.random.default_rng(SEED)
    for t_s, image in shots:
        grain = chance.normal(0.0, NOISE_LEVELS, image.shape).astype(np.float32)
        yield t_s, _image(np.clip(image + grain, 0, 255))


def dim(shots: Shots) -> Shots:
    """Show it smaller and with less light."""
    for t_s, image in shots:
        height, width = image.shape[:2]
        size = (_even(width * DIM_SIZE), _even(height * DIM_SIZE))
        small = cv2.resize(image, size, None, 0, 0, cv2.INTER_AREA)
        yield t_s, _image(cv2.convertScaleAbs(small, alpha=DIM_LIGHT))


def unchanged(shots: Shots) -> Shots:
    """Leave every frame as it is."""
    return shots


@dataclass(frozen=True)
class Variant:
    """One way of filming the same.

    Attributes
    ----------
    name : str
    what : str
        What is done to the frames, for the reader of the page.
    change : callable
        From frames to frames, each a time in seconds and a picture.
    mirrors : bool
        Whether left becomes right.
    crf : int
        x264's quality: lower is better.
    """

    name: str
    what: str
    change: Change
    mirrors: bool = False
    crf: int = NEAR_LOSSLESS_CRF


BLENDED = "in between, a blend of the two neighbouring pictures"
UPSCALED = "scaled to a short side of {} pixels"

VARIANTS = (
    Variant("15fps", f"15 frames a second; {BLENDED}", partial(at_rate, fps=15)),
    Variant("24fps", f"24 frames a second; {BLENDED}", partial(at_rate, fps=24)),
    Variant("30fps", f"30 frames a second; {BLENDED}", partial(at_rate, fps=30)),
    Variant("60fps", f"60 frames a second; {BLENDED}", partial(at_rate, fps=60)),
    Variant(
        "60fps-repeated",
        "60 frames a second by showing pictures twice, as phones and converters do",
        partial(at_rate, fps=60, repeated=True),
    ),
    Variant("360p", UPSCALED.format(360), partial(scaled, short_px=360)),
    Variant("480p", UPSCALED.format(480), partial(scaled, short_px=480)),
    Variant("720p", UPSCALED.format(720), partial(scaled, short_px=720)),
    Variant("1080p", UPSCALED.format(1080), partial(scaled, short_px=1080)),
    Variant(
        "portrait",
        "9:16, the picture's border repeated above and below",
        partial(widened, aspect=9 / 16),
    ),
    Variant(
        "landscape",
        "16:9, the picture's border repeated at the sides",
        partial(widened, aspect=16 / 9),
    ),
    Variant("mirrored", "left and right exchanged, as front cameras do", mirrored, mirrors=True),
    Variant(
        "variable",
        "variable frame rate: every first to third frame at random, at its true time",
        irregular,
    ),
    Variant("dropped", "one frame of every ten left out at random", with_drops),
    Variant("noisy", "a sensor's noise: 3 grey levels (one standard deviation)", noisy),
    Variant("dim", "four fifths of the size, a seventh of the light gone", dim),
    Variant("recompressed", f"compressed hard (x264, crf {HARD_CRF})", unchanged, crf=HARD_CRF),
)


@dataclass(frozen=True)
class Difference:
    """How far the answer to a variant of a video is from the answer to the video.

    Attributes
    ----------
    video : str
    counts : str
        The variant's, in words, when a rep is too many, missing, or on the other leg; else empty.
    hold_s, rise_cm : float
        Largest difference over the reps that are in both answers.
    hold_rep, rise_rep : int or None
        Number of the rep that differs most.
    reps, near : int
        How many reps the two answers have, and how many of them are in both, within the bounds.
    """

    video: str
    counts: str
    hold_s: float
    hold_rep: int | None
    rise_cm: float
    rise_rep: int | None
    reps: int = 0
    near: int = 0

    @property
    def within(self) -> bool:
        """Whether it is within the bounds."""
        return not self.counts and self._share <= 1 + 1e-9

    @property
    def badness(self) -> tuple[bool, float]:
        """What orders differences from good to bad."""
        return bool(self.counts), self._share

    @property
    def where(self) -> str:
        """The video, with what differs most in it."""
        if self.counts:
            return f"{self.video} ({self.counts})"
        holds = self.hold_s / HOLD_S >= self.rise_cm / RISE_CM
        rep = self.hold_rep if holds else self.rise_rep
        return self.video if rep is None else f"{self.video}, rep {rep}"

    @property
    def _share(self) -> float:
        return max(self.hold_s / HOLD_S, self.rise_cm / RISE_CM)


def compare(video: str, original: Result, variant: Result, mirrors: bool) -> Difference:
    """Compare two answers, rep by rep.

    Equal counts are not enough to be identical: a rep that is found at another time is another
    rep, so each needs its counterpart.

    Parameters
    ----------
    video : str
        Its name.
    original, variant : Result
        Made with a body height, so that rises are in centimetres.
    mirrors : bool
        Whether a left rep of the one is a right rep of the other.
    """
    pairs = matched(original.reps, variant.reps, mirrors)
    hold_s, hold_rep = _largest((abs(a.hold_s - b.hold_s), a.number) for a, b in pairs)
    rise_cm, rise_rep = _largest(
        (abs(a.rise_cm - b.rise_cm), a.number)
        for a, b in pairs
        if a.rise_cm is not None and b.rise_cm is not None
    )
    same = len(pairs) == len(original.reps) == len(variant.reps)
    reps = len(original.reps) + len(variant.reps) - len(pairs)
    near = sum(_near(a, b) for a, b in pairs)
    counts = "" if same else f"{_counts(variant)}; original: {_counts(original)}"
    return Difference(video, counts, hold_s, hold_rep, rise_cm, rise_rep, reps, near)


def _near(a: Rep, b: Rep) -> bool:
    """Whether two answers to one rep are within the bounds."""
    if a.rise_cm is None or b.rise_cm is None:
        return False
    off = max(abs(a.hold_s - b.hold_s) / HOLD_S, abs(a.rise_cm - b.rise_cm) / RISE_CM)
    return off <= 1 + 1e-9


def matched(
    original: Sequence[Rep], variant: Sequence[Rep], mirrors: bool
) -> list[tuple[Rep, Rep]]:
    """Pair the reps of one leg that lie over each other in time, the most overlapping first."""
    overlaps = sorted(
        (
            (min(a.end_s, b.end_s) - max(a.start_s, b.start_s), i, j)
            for i, a in enumerate(original)
            for j, b in enumerate(variant)
            if b.side == (_other(a.side) if mirrors else a.side)
        ),
        reverse=True,
    )
    pairs: dict[int, int] = {}
    for overlap_s, i, j in overlaps:
        if overlap_s > 0 and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return [(original[i], variant[j]) for i, j in sorted(pairs.items())]


def table(rows: Iterable[tuple[str, Sequence[Difference]]]) -> str:
    """Return the Markdown table, one row a variant."""
    lines = [
        "| variant | counts identical | hold off by at most | rise off by at most | "
        f"within {HOLD_S} s and {RISE_CM} cm | reps within | worst |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, differences in rows:
        same = sum(not difference.counts for difference in differences)
        hold_s = max(difference.hold_s for difference in differences)
        rise_cm = max(difference.rise_cm for difference in differences)
        within = "yes" if all(difference.within for difference in differences) else "**no**"
        near = sum(difference.near for difference in differences)
        reps = sum(difference.reps for difference in differences)
        worst = max(differences, key=lambda difference: difference.badness)
        lines.append(
            f"| {name} | {same} of {len(differences)} | {hold_s:.3f} s | {rise_cm:.2f} cm | "
            f"{within} | {near} of {reps} | {worst.where} |"
        )
    return "\n".join(lines)


def page(table_text: str, videos: Sequence[str], variants: Sequence[Variant], command: str) -> str:
    """Return the page that publishes a table."""
    what = "\n".join(f"- **{variant.name}**: {variant.what}" for variant in variants)
    return f"""# The same answer on every device

Each video is made anew in every variant and analysed like the original; the table says how far the
answers are apart. Identical counts are the same reps on the same legs (mirrored: on the other leg);
holds may differ by {HOLD_S} s and rises by {RISE_CM} cm, in the worst rep of all videos.

Generated, not written: heelrise {__version__}, pose model `{DEFAULT_MODEL}`, by

```
{command}
```

{table_text}

Videos: {", ".join(videos)}.

The variants, all H.264 (x264, crf {NEAR_LOSSLESS_CRF} where nothing else is said), frames at their
true times:

{what}
"""


def true_colours(video: Path) -> Shots:
    """Yield times and pictures of a sample video, in its true colours.

    heelrise itself decodes faster and a grey level darker; here that would come on top, once for
    what is written from it and once more when that is read.
    """
    with av.open(str(video)) as container:
        first_s: float | None = None
        for picture in container.decode(video=0):
            first_s = picture.time if first_s is None else first_s
            yield (
                picture.time - first_s,
                _image(picture.to_ndarray(format="bgr24", interpolation=EXACT_COLOURS)),
            )


def write(path: Path, shots: Shots, crf: int) -> None:
    """Write frames to an MP4 file at their own times.

    Raises
    ------
    HeelriseError
        When there is no frame.
    """
    first = next(shots, None)
    if first is None:
        raise HeelriseError(f"{path.stem}: the variant has no frames")
    height, width = (side - side % 2 for side in first[1].shape[:2])
    with av.open(str(path), "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": str(crf)}
        stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
        for t_s, image in _chain(first, shots):
            # Not by the encoder: it rounds down, and pictures would darken by a grey level.
            yuv = cv2.cvtColor(image[:height, :width], cv2.COLOR_BGR2YUV_I420)
            frame = av.VideoFrame.from_ndarray(_image(yuv), format="yuv420p")
            frame.pts, frame.time_base = round(t_s * TICKS_PER_S), Fraction(1, TICKS_PER_S)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def options_for(video: Path) -> SessionOptions:
    """Return what is known of a video from the JSON beside it."""
    truth = json.loads(video.with_suffix(".json").read_text(encoding="utf-8"))
    surface: Surface = "step" if truth["step_height_m"] > 0 else "floor"
    return SessionOptions(body_height_cm=round(100 * truth["stature_m"]), surface=surface)


def answer(video: Path, name: str | None, model: Path) -> Result:
    """Analyse a video, or the variant of it with that name."""
    options = options_for(video)
    with native_logs():
        if name is None:
            return analyze(video, options, model).result
        variant = _named(name)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / f"{video.stem}-{name}.mp4"
            write(copy, variant.change(true_colours(video)), variant.crf)
            return analyze(copy, options, model).result


def keep_variants(videos: Sequence[Path], variants: Sequence[Variant], folder: Path) -> None:
    """Write the variants of labelled videos, with their labels: a folder each, to be scored."""
    for variant in variants:
        place = folder / variant.name
        place.mkdir(parents=True, exist_ok=True)
        for video in videos:
            truth = json.loads(video.with_suffix(".json").read_text(encoding="utf-8"))
            truth = exchanged(truth) if variant.mirrors else truth
            (place / f"{video.stem}.json").write_text(json.dumps(truth), encoding="utf-8")
            shots = variant.change(true_colours(video))
            write(place / f"{video.stem}.mp4", shots, variant.crf)
            print(place / f"{video.stem}.mp4", flush=True)


def exchanged(labels: Any) -> Any:
    """Return labels of a video with left and right exchanged, in names and in values."""
    if isinstance(labels, dict):
        return {exchanged(name): exchanged(value) for name, value in labels.items()}
    if isinstance(labels, list):
        return [exchanged(value) for value in labels]
    if not isinstance(labels, str):
        return labels
    return re.sub("left|right", lambda side: {"left": "right"}.get(side[0], "left"), labels)


def differences(
    videos: Sequence[Path], variants: Sequence[Variant], jobs: int
) -> Iterator[tuple[str, list[Difference]]]:
    """Analyse everything; tell on stderr what each variant of each video gave.

    Yields
    ------
    tuple of str and list of Difference
        For each variant, one difference a video.
    """
    model = ensure_model()
    # MediaPipe's threads do not survive a fork.
    pool: Any = ProcessPoolExecutor(jobs, get_context("spawn")) if jobs > 1 else nullcontext()
    with pool as executor:
        originals = _answers(executor, videos, None, model)
        for variant in variants:
            found = []
            answers = _answers(executor, videos, variant.name, model)
            for video, original, result in zip(videos, originals, answers, strict=True):
                found.append(compare(video.stem, original, result, variant.mirrors))
                _tell(variant, found[-1], original, result)
            yield variant.name, found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 when something is out of bounds, 2 when something cannot be done."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(
        description="Compares what heelrise says of videos with what it says of variants of them."
    )
    parser.add_argument(
        "videos",
        metavar="VIDEO",
        nargs="*",
        type=Path,
        help="with a JSON beside it; all sample videos when none is named",
    )
    names = [variant.name for variant in VARIANTS]
    parser.add_argument("--only", metavar="NAME", nargs="+", choices=names, help=", ".join(names))
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time (default 1)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the page too")
    parser.add_argument(
        "--write",
        type=Path,
        metavar="DIR",
        help="only write the variants and their labels, to be scored",
    )
    options = parser.parse_args(given)
    videos = options.videos or [
        video for video in sorted(SAMPLES.glob("*.mp4")) if video.with_suffix(".json").exists()
    ]
    variants = [_named(name) for name in options.only or names]
    try:
        if options.write:
            keep_variants(videos, variants, options.write)
            return 0
        rows = list(differences(videos, variants, options.jobs))
        text = table(rows)
        print(text)
        if options.out:
            command = " ".join(["python benchmarks/devices.py", *given])
            stems = [video.stem for video in videos]
            options.out.write_text(page(text, stems, variants, command), encoding="utf-8")
    except (HeelriseError, OSError) as error:
        complain(str(error))
        return 2
    return 0 if all(found.within for _, row in rows for found in row) else 1


def _between(before: Shot, after: Shot, t_s: float) -> Image:
    """Return the picture of a moment between two others."""
    if t_s - before[0] < SAME_INSTANT_S:
        return before[1]
    share = (t_s - before[0]) / (after[0] - before[0])
    return _image(cv2.addWeighted(before[1], 1 - share, after[1], share, 0))


def _image(array: Any) -> Image:
    return np.asarray(array, dtype=np.uint8)


def _even(length: float) -> int:
    """H.264 in 4:2:0 needs even sides."""
    return 2 * round(length / 2)


def _chain(first: Shot, rest: Shots) -> Shots:
    yield first
    yield from rest


def _other(side: Side) -> Side:
    swapped: dict[Side, Side] = {"left": "right", "right": "left", "both": "both"}
    return swapped[side]


def _largest(values: Iterable[tuple[float, int]]) -> tuple[float, int | None]:
    return max(values, default=(0.0, None))


def _counts(result: Result) -> str:
    return ", ".join(f"{result.count(side)} {side}" for side in SIDES if result.count(side)) or "0"


def _named(name: str) -> Variant:
    return next(variant for variant in VARIANTS if variant.name == name)


def _answers(
    executor: Executor | None, videos: Sequence[Path], name: str | None, model: Path
) -> list[Result]:
    run = partial(answer, name=name, model=model)
    return list(map(run, videos) if executor is None else executor.map(run, videos))


def _tell(variant: Variant, found: Difference, original: Result, result: Result) -> None:
    """Say rep by rep what differs: the table has room for the worst only."""
    print(
        f"{variant.name}: {found.where}{'' if found.within else ': out of bounds'}", file=sys.stderr
    )
    for a, b in matched(original.reps, result.reps, variant.mirrors):
        hold_s = b.hold_s - a.hold_s
        rise_cm = (b.rise_cm or 0.0) - (a.rise_cm or 0.0)
        print(
            f"  rep {a.number}: hold {a.hold_s:.3f} {hold_s:+.3f} s, "
            f"rise {a.rise_cm or 0.0:.2f} {rise_cm:+.2f} cm",
            file=sys.stderr,
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
