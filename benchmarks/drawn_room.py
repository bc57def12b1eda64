"""Rooms by chance, and the pictures of somebody in one: OpenGL without a window.

World as in drawn_body.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from drawn_body import BONES, BONES_PER_VERTEX, Floats, Surface

if TYPE_CHECKING:
    import moderngl

Image = NDArray[np.uint8]
Corners = NDArray[np.float32]

WOOD, TILES, CARPET, WALL, MARBLED = range(5)
"""Patterns, as the room's shader numbers them."""

SAMPLES = 4
"""Samples a pixel: edges are smooth."""

NEAR_M, FAR_M = 0.1, 20.0
FLOOR_HALF_M, WALL_HEIGHT_M = 6, 2.6
STEP_EDGE_M = -0.045
"""The step begins so far behind the balls of the feet: the heels stand over its edge."""

SHADOW_HALF_M, SHADOW_UP_M = 1.2, 0.004
"""The sheet that contact shadows are drawn on lies just over the floor."""

ROOM_FORMAT = "3f 3f 3f 1f"
BODY_FORMAT = "3f 3f 3f 4f 4f 1f"

BODY_VERTEX = f"""#version 330
uniform mat4 bones[{len(BONES)}];
uniform mat4 view;
in vec3 point; in vec3 normal; in vec3 colour; in vec4 bone; in vec4 share; in float cloth;
out vec3 facing; out vec3 paint; out vec3 rest; flat out float part;
void main() {{
  mat4 moved = mat4(0.);
  for (int i = 0; i < {BONES_PER_VERTEX}; i++) moved += share[i] * bones[int(bone[i])];
  facing = mat3(moved) * normal;
  paint = colour; rest = point; part = cloth;
  gl_Position = view * (moved * vec4(point, 1));
}}"""

NOISE = """
float hash(vec3 p) {
  p = fract(p * .3183099 + vec3(.1, .2, .3)) * 17.;
  return fract(p.x * p.y * p.z * (p.x + p.y + p.z));
}
float noise(vec3 at) {
  vec3 cell = floor(at), f = fract(at);
  f = f * f * (3. - 2. * f);
  return mix(
    mix(mix(hash(cell), hash(cell + vec3(1, 0, 0)), f.x),
        mix(hash(cell + vec3(0, 1, 0)), hash(cell + vec3(1, 1, 0)), f.x), f.y),
    mix(mix(hash(cell + vec3(0, 0, 1)), hash(cell + vec3(1, 0, 1)), f.x),
        mix(hash(cell + vec3(0, 1, 1)), hash(cell + vec3(1, 1, 1)), f.x), f.y), f.z);
}
"""

LIGHT = """
uniform vec3 towards_light; uniform vec3 lamp; uniform vec3 ambient;
vec3 lit(vec3 n) {
  return ambient * (.6 + .4 * (.5 + .5 * n.z)) + lamp * max(dot(n, towards_light), 0.);
}
"""

# Cloth is woven, and striped, blotched or printed on the chest by its pattern's last number.
BODY_FRAGMENT = f"""#version 330
in vec3 facing; in vec3 paint; in vec3 rest; flat in float part;
out vec4 pixel;
uniform vec4 patterns[2];
{NOISE}{LIGHT}
vec3 woven(vec3 k, vec4 pattern) {{
  k *= .88 + .24 * noise(rest * 260.);
  k *= .9 + .2 * noise(rest * 14.);
  if (pattern.w > .66) return mix(k, pattern.rgb, step(.5, fract(rest.z * 14.)));
  if (pattern.w > .4) return mix(k, pattern.rgb, step(.62, noise(rest * 32.)));
  if (pattern.w > .3) return mix(k, pattern.rgb, step(length(rest.yz - vec2(0, 1.12)), .08));
  return k;
}}
void main() {{
  vec3 n = normalize(facing);
  bool is_cloth = part > .5;
  if (is_cloth && !gl_FrontFacing) n = -n;
  vec3 k = is_cloth ? woven(paint, patterns[int(part - .5)])
                    : paint * (.94 + .12 * noise(rest * 120.));
  pixel = vec4(k * lit(n), 1);
}}"""

ROOM_VERTEX = """#version 330
uniform mat4 view;
in vec3 point; in vec3 normal; in vec3 colour; in float pattern;
out vec3 place; out vec3 facing; out vec3 paint; flat out float kind;
void main() {
  place = point; facing = normal; paint = colour; kind = pattern;
  gl_Position = view * vec4(point, 1);
}"""

ROOM_FRAGMENT = f"""#version 330
in vec3 place; in vec3 facing; in vec3 paint; flat in float kind;
out vec4 pixel;
{NOISE}{LIGHT}
void main() {{
  vec3 k = paint;
  if (kind < {WOOD}.5) {{
    k *= .85 + .3 * noise(place * vec3(6, 60, 60));
    k *= .75 + .25 * step(.03, fract(place.y * 7.));
  }} else if (kind < {TILES}.5) {{
    vec2 tile = fract(place.xy * 3.);
    k *= .8 + .2 * step(.04, min(tile.x, tile.y));
    k *= .9 + .2 * noise(place * 9.);
  }} else if (kind < {CARPET}.5) {{
    k *= .8 + .4 * noise(place * 70.);
    k *= .9 + .2 * noise(place * 5.);
  }} else if (kind < {WALL}.5) {{
    k *= .95 + .1 * noise(place * 25.);
  }} else {{
    k *= .75 + .5 * noise(place * vec3(18., 18., 30.));
  }}
  pixel = vec4(k * lit(normalize(facing)), 1);
}}"""

SHADOW_VERTEX = """#version 330
uniform mat4 view;
in vec3 point;
out vec3 place;
void main() { place = point; gl_Position = view * vec4(point, 1); }"""

# A dark spot under each foot that fades as it is lifted, and a wide one away from the lamp.
SHADOW_FRAGMENT = """#version 330
in vec3 place;
out vec4 pixel;
uniform vec3 towards_light; uniform vec3 feet[2];
void main() {
  float light = 1.;
  for (int i = 0; i < 2; i++) {
    vec3 away = place - feet[i];
    float up = max(-away.z, 0.);
    light *= 1. - .55 * exp(-dot(away.xy, away.xy) / (.012 + .05 * up)) * exp(-up * 3.);
    vec2 thrown = away.xy + towards_light.xy * .25;
    light *= 1. - .18 * exp(-dot(thrown, thrown) / .12);
  }
  pixel = vec4(vec3(light), 1);
}"""


class GraphicsError(Exception):
    """There is no OpenGL to draw with: one line that says what to do."""


@dataclass(frozen=True)
class Light:
    """One lamp, and light from everywhere.

    Attributes
    ----------
    towards : ndarray, shape (3,)
        Direction of the lamp, of length 1.
    lamp, ambient : ndarray, shape (3,)
        Red, green and blue.
    """

    towards: Floats
    lamp: Floats
    ambient: Floats


# ---- the room ---------------------------------------------------------------------------


def draw_room(rng: np.random.Generator, camera_m: Floats, step_m: float) -> Corners:
    """Draw a room by chance: floor, walls, furniture along them, and a step to stand on.

    Parameters
    ----------
    rng : Generator
    camera_m : ndarray, shape (2,)
        Where on the ground the camera stands; nothing stands before it.
    step_m : float
        Height of the step; 0 is none.

    Returns
    -------
    ndarray, shape (N, 10)
        The corners of triangles: place, normal, colour, pattern.
    """
    half_m = rng.uniform(2.4, 3.4) if rng.random() < 0.7 else rng.uniform(1.3, 2.4)
    pattern = int(rng.choice([WOOD, TILES, CARPET]))
    size = FLOOR_HALF_M
    low, high = np.array([-size, -size, -0.1]), np.array([size, size, 0.0])
    boxes = [_box(low, high, _colour(rng, 0.25, 0.75), pattern)]
    wall_colour = _colour(rng, 0.3, 0.95)
    behind_m = max(half_m, float(np.hypot(*camera_m)) + 0.6) + 0.5
    for axis, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
        # On the camera's side the wall is behind the camera.
        away_m = half_m if camera_m[axis] * sign < 0.5 else behind_m
        low, high = np.array([-size, -size, 0.0]), np.array([size, size, WALL_HEIGHT_M])
        low[axis], high[axis] = sorted((sign * away_m, sign * (away_m + 0.1)))
        boxes.append(_box(low, high, wall_colour * rng.uniform(0.85, 1.1), WALL))
        boxes.extend(_furniture(rng, camera_m, axis, sign * away_m))
    if step_m:
        low = np.array([STEP_EDGE_M, -0.5, 0.0])
        high = np.array([STEP_EDGE_M + rng.uniform(0.3, 0.5), 0.5, step_m])
        colour = _colour(rng)
        boxes.append(_box(low, high, colour, int(rng.choice([WALL, MARBLED]))))
    return np.concatenate(boxes).astype(np.float32)


def _colour(rng: np.random.Generator, darkest: float = 0.1, lightest: float = 0.9) -> Floats:
    light = rng.uniform(darkest, lightest)
    return np.asarray(np.clip(light + rng.uniform(-0.18, 0.18, 3), 0.03, 0.97))


def _furniture(
    rng: np.random.Generator, camera_m: Floats, axis: int, wall_m: float
) -> Iterator[Floats]:
    """Yield boxes on or before the wall that is square to the axis."""
    for _ in range(rng.integers(0, 5)):
        along, up = rng.uniform(-2.2, 2.2), rng.uniform(0, 1.6)
        width, height, depth = (
            rng.uniform(*span) for span in ((0.2, 1.1), (0.2, 1.2), (0.02, 0.6))
        )
        if rng.random() < 0.5:
            up, height = 0.0, rng.uniform(0.4, 2.0)
        low, high = np.full(3, along - width / 2), np.full(3, along + width / 2)
        low[2], high[2] = up, up + height
        low[axis], high[axis] = sorted((wall_m, wall_m - np.sign(wall_m) * depth))
        if not _in_the_way((low + high)[:2] / 2, camera_m):
            colour = _colour(rng)
            yield _box(low, high, colour, int(rng.choice([WALL, MARBLED, CARPET])))


def _in_the_way(place: Floats, camera_m: Floats) -> bool:
    """Whether something at this place would touch the person or the camera, or hide the one."""
    if np.linalg.norm(place) < 1.0 or np.linalg.norm(place - camera_m) < 1.2:
        return True
    share = np.clip(place @ camera_m / (camera_m @ camera_m), 0, 1)
    return bool(share > 0.05 and np.linalg.norm(place - share * camera_m) < 0.9)


def _box(low: Floats, high: Floats, colour: Floats, pattern: int) -> Floats:
    """Return the corners of a box's twelve triangles, shape (36, 10)."""
    ends = np.array([low, high])
    corners = []
    for axis in range(3):
        across, over = (other for other in range(3) if other != axis)
        for end in (0, 1):
            normal = np.zeros(3)
            normal[axis] = 2 * end - 1
            for first, second in ((0, 0), (1, 0), (1, 1), (0, 0), (1, 1), (0, 1)):
                corner = ends[end].copy()
                corner[across], corner[over] = ends[first, across], ends[second, over]
                corners.append([*corner, *normal, *colour, pattern])
    return np.array(corners)


# ---- the picture ------------------------------------------------------------------------


def view_matrix(
    eye: Floats, aim: Floats, roll_rad: float, focal_px: float, size: tuple[int, int]
) -> Floats:
    """Return the way from the world into the picture, shape (4, 4).

    Parameters
    ----------
    eye, aim : ndarray, shape (3,)
        Where the camera is and what it looks at, metres.
    roll_rad : float
        How far it is turned about its own axis.
    focal_px : float
        Focal length.
    size : tuple of int
        The picture's width and height, pixels.
    """
    ahead = (aim - eye) / np.linalg.norm(aim - eye)
    right = np.cross(ahead, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    cosine, sine = np.cos(roll_rad), np.sin(roll_rad)
    from_world = np.eye(4)
    from_world[:3, :3] = cosine * right + sine * up, cosine * up - sine * right, -ahead
    from_world[:3, 3] = -from_world[:3, :3] @ eye
    width, height = size
    depth_m = FAR_M - NEAR_M
    lens = np.zeros((4, 4))
    lens[0, 0], lens[1, 1] = 2 * focal_px / width, 2 * focal_px / height
    lens[2, 2:] = -(FAR_M + NEAR_M) / depth_m, -2 * FAR_M * NEAR_M / depth_m
    lens[3, 2] = -1.0
    return np.asarray(lens @ from_world)


@contextmanager
def graphics() -> Iterator[moderngl.Context]:
    """Open OpenGL without a window for a while; what is drawn with it goes with it.

    Raises
    ------
    GraphicsError
        When the system has no EGL or no driver for it.
    """
    import moderngl

    try:
        context = moderngl.create_context(
            standalone=True, backend="egl", libgl="libGL.so.1", libegl="libEGL.so.1"
        )
    # What is raised is the loader's or the driver's own: nothing narrower is common to them.
    except Exception as error:
        raise GraphicsError(
            f"there is no OpenGL to draw with ({error}): install libegl1 and libgl1, or Mesa"
        ) from error
    try:
        yield context
    finally:
        context.release()


class Renderer:
    """Draws somebody in a room, picture by picture.

    Parameters
    ----------
    context : moderngl.Context
    size : tuple of int
        Width and height, pixels.
    surface : Surface
        The person at rest.
    room : ndarray, shape (N, 10)
    light : Light
    patterns : ndarray, shape (2, 4)
        Of shirt and trousers: a colour, and which pattern there is in it, from 0 to 1.
    """

    def __init__(
        self,
        context: moderngl.Context,
        size: tuple[int, int],
        surface: Surface,
        room: Corners,
        light: Light,
        patterns: Floats,
    ) -> None:
        self._context, self._size = context, size
        context.enable(context.DEPTH_TEST)
        self._empty_room, self._picture = self._buffer(SAMPLES), self._buffer(SAMPLES)
        self._plain = self._buffer(0)
        self._room = self._vertices(
            context.program(ROOM_VERTEX, ROOM_FRAGMENT),
            room,
            ROOM_FORMAT,
            ("point", "normal", "colour", "pattern"),
        )
        self._body = self._vertices(
            context.program(BODY_VERTEX, BODY_FRAGMENT),
            _columns(surface),
            BODY_FORMAT,
            ("point", "normal", "colour", "bone", "share", "cloth"),
            surface.faces,
        )
        shadow = context.program(SHADOW_VERTEX, SHADOW_FRAGMENT)
        self._shadow = self._vertices(shadow, _sheet(), "3f", ("point",))
        self._seen: Floats | None = None
        self._tell(
            {"towards_light": light.towards, "lamp": light.lamp, "ambient": light.ambient}
            | {"patterns": patterns}
        )

    def picture(self, bones: Floats, feet: Floats, view: Floats) -> Image:
        """Draw one picture.

        Parameters
        ----------
        bones : ndarray, shape (B, 4, 4)
        feet : ndarray, shape (2, 3)
            Where the feet's shadows belong, metres.
        view : ndarray, shape (4, 4)
            As :func:`view_matrix` gives it; while it stays the same, the room is not drawn anew.

        Returns
        -------
        ndarray of uint8, shape (height, width, 3)
            Red, green, blue.
        """
        context = self._context
        # OpenGL's matrices lie by columns.
        self._tell({"view": view.T, "bones": np.swapaxes(bones, -1, -2), "feet": feet})
        if self._seen is None or not np.array_equal(self._seen, view):
            self._empty_room.use()
            self._empty_room.clear(0.1, 0.1, 0.1, 1.0, depth=1.0)
            self._room.render()
            self._seen = view
        context.copy_framebuffer(self._picture, self._empty_room)
        self._picture.use()
        context.enable(context.BLEND)
        context.blend_func = context.DST_COLOR, context.ZERO
        self._shadow.render()
        context.disable(context.BLEND)
        self._body.render()
        context.copy_framebuffer(self._plain, self._picture)
        width, height = self._size
        pixels = np.frombuffer(self._plain.read(components=3, alignment=1), np.uint8)
        return pixels.reshape(height, width, 3)[::-1]

    def _buffer(self, samples: int) -> Any:
        context, size = self._context, self._size
        depth = context.depth_renderbuffer(size, samples=samples)
        return context.framebuffer([context.renderbuffer(size, 3, samples=samples)], depth)

    def _vertices(
        self,
        program: Any,
        rows: NDArray[Any],
        layout: str,
        names: tuple[str, ...],
        faces: NDArray[Any] | None = None,
    ) -> Any:
        buffer = self._context.buffer(rows.astype("f4").tobytes())
        index = None if faces is None else self._context.buffer(faces.astype("i4").tobytes())
        return self._context.vertex_array(program, [(buffer, layout, *names)], index)

    def _tell(self, values: Mapping[str, Floats]) -> None:
        """Write values to every shader that asks for them."""
        for vertices in (self._room, self._shadow, self._body):
            for name, value in values.items():
                if name in vertices.program:
                    vertices.program[name].write(np.asarray(value, "f4").tobytes())


def _columns(surface: Surface) -> Floats:
    """Return the surface's points as the body's shader reads them, shape (N, 18)."""
    return np.concatenate(
        [
            surface.points,
            surface.normals,
            surface.colours,
            surface.bones,
            surface.shares,
            surface.cloth[:, None],
        ],
        axis=1,
    )


def _sheet() -> Floats:
    """Return two triangles just over the floor, shape (6, 3)."""
    half = SHADOW_HALF_M
    corners = ((-1, -1), (1, -1), (1, 1), (-1, -1), (1, 1), (-1, 1))
    return np.array([(x * half, y * half, SHADOW_UP_M) for x, y in corners])
