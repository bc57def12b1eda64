"""People by chance: a body from MakeHuman's shapes, its bones, and what it wears.

World: x ahead, y to the left, z up, metres; the body stands on z = 0 and faces +x.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MIDDLE_BONES = ("pelvis", "spine_01", "spine_02", "spine_03", "neck_01", "head")
LIMB_BONES = ("clavicle", "upperarm", "lowerarm", "hand", "thigh", "calf", "foot", "ball")
BONES = (*MIDDLE_BONES, *(f"{bone}_{side}" for bone in LIMB_BONES for side in "lr"))
BONE = {name: number for number, name in enumerate(BONES)}
FINGERS = ("thumb", "index", "middle", "ring", "pinky")

EYES = ("helper-l-eye", "helper-r-eye")
DECIMETRES = 10
"""MakeHuman's unit, in one metre."""

MIRRORED = np.array([1.0, -1.0, 1.0])
SHIRT, TROUSERS = 1, 2
"""What a vertex of cloth belongs to; 0 is skin, shoes and hair."""

BONES_PER_VERTEX = 4
SMOOTHINGS = 25
"""How often a foot is smoothed until its toes are a shoe's."""

SKINS = {
    "african": (0.36, 0.23, 0.17),
    "asian": (0.80, 0.62, 0.48),
    "caucasian": (0.86, 0.66, 0.55),
}
TROUSERS_OFF_SKIN_M = {"tight": 0.004, "loose": 0.014, "shorts": 0.014, "wide": 0.026}
CUFF_OF_ANKLE = {"tight": 1.1, "loose": 0.9, "wide": 0.75}
"""Where long trousers end, as a share of the bare ankle's height."""


@dataclass(frozen=True)
class Mesh:
    """MakeHuman's base mesh: the body, and helpers that clothes are cut from.

    Attributes
    ----------
    points : ndarray, shape (V, 3)
        In MakeHuman's own axes: left, up, ahead; decimetres.
    faces : ndarray of int, shape (F, 3)
    groups : ndarray of str, shape (F,)
    """

    points: Floats
    faces: Ints
    groups: NDArray[np.str_]

    def part(self, *groups: str) -> Ints:
        """Return the faces of these groups, shape (F, 3)."""
        return np.asarray(self.faces[np.isin(self.groups, groups)])


@dataclass(frozen=True)
class Traits:
    """What a body is made from.

    Attributes
    ----------
    gender : {"female", "male"}
    race : {"african", "asian", "caucasian"}
        MakeHuman's words for its shapes.
    old : float
        0 is young, 1 is old.
    muscle, weight, height, foot, shin : float
        From -1 to 1; 0 is average. The height is one of proportions only.
    stature_m : float
    """

    gender: str
    race: str
    old: float
    muscle: float
    weight: float
    height: float
    foot: float
    shin: float
    stature_m: float


@dataclass(frozen=True)
class Outfit:
    """What somebody wears; colours are red, green and blue from 0 to 1.

    Attributes
    ----------
    shoe_m : float or None
        How far a shoe stands off the foot; without one there is no shoe.
    foot_colour : ndarray or None
        Of shoe or sock; without one the foot is bare.
    hair_m : float
        How far short hair stands off the scalp.
    sleeve, trousers : str
    sleeve_end : float
        Of short sleeves, from 0 at the shoulder to 1 at the elbow.
    waist_m, hem_m : float
        How far above the hip joint trousers end, and below that the shirt.
    shorts_m : float
        How far above the knee shorts end.
    shirt_m : float
        How far the shirt stands off the skin.
    long_hair : float or None
        Where long hair ends, from 0 at the neck to 1 at the chin.
    """

    shoe_m: float | None
    skin: Floats
    foot_colour: Floats | None
    sole_grey: float
    hair_colour: Floats
    hair_m: float
    sleeve: str
    sleeve_end: float
    trousers: str
    waist_m: float
    hem_m: float
    shorts_m: float
    shirt_colour: Floats
    trousers_colour: Floats
    shirt_m: float
    long_hair: float | None


@dataclass(frozen=True)
class Shape:
    """A body with its bones.

    Attributes
    ----------
    mesh : Mesh
        Its faces are the body's too.
    points : ndarray, shape (V, 3)
    joints : mapping of str to ndarray, shape (3,)
        Where each bone begins.
    weights : ndarray, shape (V, B)
        How much each bone moves each point; a row sums to 1.
    """

    mesh: Mesh
    points: Floats
    joints: Mapping[str, Floats]
    weights: Floats

    def on(self, *bones: str) -> Flags:
        """Return which points one of the bones moves most, shape (V,)."""
        return np.isin(self.weights.argmax(axis=1), [BONE[bone] for bone in bones])

    def among(self, faces: Ints) -> Flags:
        """Return which points belong to the faces, shape (V,)."""
        return np.isin(np.arange(len(self.points)), faces)

    def moved(self, points: Floats, shift: Floats, scale: float = 1.0) -> Shape:
        """Return the shape with other points, it and its joints shifted back and scaled."""
        joints = {name: (joint - shift) * scale for name, joint in self.joints.items()}
        return Shape(self.mesh, (points - shift) * scale, joints, self.weights)


@dataclass(frozen=True)
class Surface:
    """What is drawn: N points of skin and cloth at rest.

    Attributes
    ----------
    points, normals, colours : ndarray, shape (N, 3)
    bones, shares : ndarray, shape (N, 4)
        Numbers in BONES, and how much each moves the point.
    cloth : ndarray, shape (N,)
        SHIRT, TROUSERS or 0.
    faces : ndarray of int, shape (F, 3)
    """

    points: Floats
    normals: Floats
    colours: Floats
    bones: Ints
    shares: Floats
    cloth: Floats
    faces: Ints


@dataclass(frozen=True)
class Body:
    """A dressed person.

    Attributes
    ----------
    traits : Traits
    outfit : Outfit
    joints : mapping of str to ndarray, shape (3,)
        Where each bone begins when the person stands.
    heel : ndarray, shape (3,)
        The rearmost point of the left sole.
    surface : Surface
    """

    traits: Traits
    outfit: Outfit
    joints: Mapping[str, Floats]
    heel: Floats
    surface: Surface

    @property
    def heel_from_ball(self) -> Floats:
        """Return the way from the ball's joint to the sole's heel, metres, shape (3,)."""
        return np.asarray(self.heel - self.joints["ball_l"])


@dataclass(frozen=True)
class _Piece:
    """Some faces that stand off the skin; without a colour, each point has its own."""

    faces: Ints
    off_skin_m: float = 0.0
    colour: Floats | None = None
    cloth: int = 0
    folded: bool = False


def draw_body(rng: np.random.Generator, assets: Path) -> Body:
    """Draw a person by chance.

    Parameters
    ----------
    rng : Generator
    assets : Path
        The folder of MPFB2's data.
    """
    traits = draw_traits(rng)
    outfit = draw_outfit(rng, traits)
    bare = _shape(traits, assets)
    feet = bare.on("foot_l", "foot_r", "ball_l", "ball_r")
    feet &= bare.points[:, 2] < bare.joints["foot_l"][2] * 1.02
    shape = _shod(bare, feet, outfit)
    heel = _heel(shape, feet)
    colours = _colours(shape, feet, outfit)
    points = shape.points.copy()
    scalp = _scalp(shape)
    points[scalp] += _normals(points, shape.mesh.part("body"))[scalp] * outfit.hair_m
    shape = shape.moved(points, np.zeros(3))
    ankle_m = float(bare.joints["foot_l"][2])
    surface = _surface(shape, colours, _pieces(shape, outfit, ankle_m))
    return Body(traits, outfit, shape.joints, heel, surface)


# ---- what chance decides ----------------------------------------------------------------


def draw_traits(rng: np.random.Generator) -> Traits:
    """Draw what a body is made from."""
    return Traits(
        gender=str(rng.choice(["female", "male"])),
        race=str(rng.choice(list(SKINS))),
        old=rng.uniform(0, 0.7) if rng.random() < 0.4 else 0.0,
        muscle=rng.uniform(-0.6, 0.6),
        weight=rng.uniform(-0.7, 0.9),
        height=rng.uniform(-0.2, 0.8),
        foot=rng.uniform(-0.5, 0.5),
        shin=rng.uniform(-0.5, 0.5),
        stature_m=rng.uniform(1.5, 1.92),
    )


def draw_outfit(rng: np.random.Generator, traits: Traits) -> Outfit:
    """Draw skin, hair and clothes."""
    shoe_m = rng.uniform(0.006, 0.013) if rng.random() < 0.75 else None
    skin = np.array(SKINS[traits.race]) * rng.uniform(0.85, 1.08)
    foot_colour, sole_grey = None, 0.0
    if shoe_m is not None:
        foot_colour, sole_grey = _cloth_colour(rng), float(rng.choice([0.9, 0.15, 0.6]))
    elif rng.random() < 0.5:
        foot_colour = _cloth_colour(rng)
    hair_colour = rng.choice([0.06, 0.12, 0.25, 0.5, 0.7]) * np.array([1, 0.8, 0.6])
    if traits.old > 0.3 and rng.random() < 0.6:
        hair_colour = np.array([0.6, 0.6, 0.62])
    return Outfit(
        shoe_m=shoe_m,
        skin=skin,
        foot_colour=foot_colour,
        sole_grey=sole_grey,
        hair_colour=hair_colour,
        hair_m=rng.uniform(0.006, 0.02),
        sleeve=str(rng.choice(["none", "short", "long"])),
        trousers=str(rng.choice(["tight", "loose", "shorts", "wide"])),
        sleeve_end=rng.uniform(0.5, 0.85),
        waist_m=rng.uniform(0.03, 0.10),
        hem_m=rng.uniform(0.05, 0.16),
        shorts_m=rng.uniform(0.02, 0.2),
        shirt_colour=_cloth_colour(rng),
        trousers_colour=_cloth_colour(rng),
        shirt_m=rng.uniform(0.008, 0.02),
        long_hair=rng.random() if _has_long_hair(rng, traits) else None,
    )


def _cloth_colour(rng: np.random.Generator) -> Floats:
    if rng.random() < 0.4:
        grey = rng.uniform(0.05, 0.85)
        return np.asarray(grey * rng.uniform(0.92, 1.05, 3))
    return rng.uniform(0.05, 0.85, 3)


def _has_long_hair(rng: np.random.Generator, traits: Traits) -> bool:
    return (rng.random() < 0.5 and traits.gender == "female") or rng.random() < 0.1


# ---- the body ---------------------------------------------------------------------------


@cache
def read_mesh(assets: Path) -> Mesh:
    """Read the base mesh; its faces of four corners become two of three."""
    points: list[list[float]] = []
    faces: list[tuple[int, int, int]] = []
    groups: list[str] = []
    group = ""
    with (assets / "3dobjs" / "base.obj").open(encoding="utf-8") as lines:
        for line in lines:
            kind, _, rest = line.strip().partition(" ")
            if kind == "v":
                points.append([float(word) for word in rest.split()])
            elif kind == "g":
                group = rest.strip()
            elif kind == "f":
                first, *others = (int(word.split("/")[0]) - 1 for word in rest.split())
                for second, third in pairwise(others):
                    faces.append((first, second, third))
                    groups.append(group)
    return Mesh(np.array(points), np.array(faces), np.array(groups))


def _shape(traits: Traits, assets: Path) -> Shape:
    """Return the naked body, on its soles, its hips over x = 0."""
    mesh = read_mesh(assets)
    points = mesh.points.copy()
    for name, share in _morphs(traits):
        if abs(share) >= 1e-3:
            _morph(points, assets / "targets" / f"{name}.target.gz", share)
    points = points[:, [2, 0, 1]] / DECIMETRES
    joints = _joints(points, assets)
    own_m = points[np.unique(mesh.part("body")), 2]
    hips = (joints["thigh_l"] + joints["thigh_r"]) / 2
    shape = Shape(mesh, points, joints, _weights(mesh, assets))
    scale = traits.stature_m / float(np.ptp(own_m))
    return shape.moved(points, np.array([hips[0], 0.0, own_m.min()]), scale)


def _morphs(traits: Traits) -> Iterator[tuple[str, float]]:
    """Yield MakeHuman's targets and how much of each is in the body."""
    tall = "max" if traits.height > 0 else "min"
    for age, age_share in (("young", 1 - traits.old), ("old", traits.old)):
        yield f"macrodetails/{traits.race}-{traits.gender}-{age}", age_share
        for (muscle, muscle_share), (weight, weight_share) in product(
            _towards(traits.muscle, "muscle"), _towards(traits.weight, "weight")
        ):
            kind = f"{traits.gender}-{age}-{muscle}-{weight}"
            share = age_share * muscle_share * weight_share
            yield f"macrodetails/universal-{kind}", share
            yield f"macrodetails/height/{kind}-{tall}height", share * abs(traits.height)
    for part, amount in (
        ("feet/{}-foot-scale-{}", traits.foot),
        ("legs/{}-lowerleg-scale-horiz-{}", traits.shin),
    ):
        for side in "lr":
            yield part.format(side, "incr" if amount > 0 else "decr"), abs(amount)


def _morph(points: Floats, target: Path, share: float) -> None:
    """Move points of the mesh by a share of what a target's lines say; some have none."""
    with gzip.open(target, "rt", encoding="utf-8") as lines:
        rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    moved = np.array(rows, dtype=float).reshape(-1, 4)
    points[moved[:, 0].astype(int)] += share * moved[:, 1:]


def _towards(amount: float, what: str) -> tuple[tuple[str, float], tuple[str, float]]:
    """Return the average and the extreme that a trait lies between, each with its share."""
    extreme = "max" if amount > 0 else "min"
    return (f"average{what}", 1 - abs(amount)), (f"{extreme}{what}", abs(amount))


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _joints(points: Floats, assets: Path) -> dict[str, Floats]:
    """Return where the bones begin: in the middle of points of the mesh."""
    cubes = _read_json(assets / "mesh_metadata" / "basemesh_vertex_groups.json")
    rig = _read_json(assets / "rigs" / "standard" / "rig.game_engine.json")
    rig = rig.get("bones", rig)

    def middle(joint: dict[str, Any]) -> Floats:
        if joint["strategy"] != "CUBE":
            return np.asarray(points[joint["vertex_indices"]].mean(axis=0))
        spans = cubes[joint["cube_name"]]
        rows = [
            row
            for span in spans
            for row in (range(span[0], span[1] + 1) if isinstance(span, list) else [span])
        ]
        return np.asarray(points[rows].mean(axis=0))

    return {bone: middle(rig[bone]["head"]) for bone in BONES}


def _weights(mesh: Mesh, assets: Path) -> Floats:
    """Return how much each bone moves each point; fingers are part of the hand."""
    weights = np.zeros((len(mesh.points), len(BONES)))
    by_bone = _read_json(assets / "rigs" / "standard" / "weights.game_engine.json")["weights"]
    for bone, rows in by_bone.items():
        own = bone
        if bone not in BONE:
            finger = any(name in bone for name in FINGERS)
            own = f"hand{bone[-2:]}" if finger else "pelvis"
        if rows:
            table = np.array(rows)
            weights[table[:, 0].astype(int), BONE[own]] += table[:, 1]
    weights[weights.sum(axis=1) == 0, BONE["pelvis"]] = 1
    hair = np.unique(mesh.part("helper-hair"))
    weights[hair] = 0
    weights[hair, BONE["head"]] = 1
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _normals(points: Floats, faces: Ints) -> Floats:
    """Return the normals of the faces' points, shape (V, 3); zero for other points."""
    normals = np.zeros_like(points)
    first, second, third = (points[faces[:, corner]] for corner in range(3))
    across = np.cross(second - first, third - first)
    for corner in range(3):
        np.add.at(normals, faces[:, corner], across)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(normals / np.maximum(lengths, 1e-12))


# ---- what it wears ----------------------------------------------------------------------


def _shod(shape: Shape, feet: Flags, outfit: Outfit) -> Shape:
    """Return the shape in its shoes, if it wears any, with the soles on the ground."""
    points = shape.points.copy()
    faces = shape.mesh.part("body")
    if outfit.shoe_m is not None:
        _smooth(points, faces, feet)
        points[feet] += outfit.shoe_m * _normals(points, faces)[feet]
        up = points[feet, 2]
        flattened = np.minimum(up, up * 0.2 - 0.015)
        points[feet, 2] = np.where(up < 0.02, flattened, up)
    return shape.moved(points, np.array([0.0, 0.0, points[np.unique(faces), 2].min()]))


def _smooth(points: Floats, faces: Ints, rows: Flags) -> None:
    """Draw each of the points half way to the middle of its neighbours, many times."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    edges = edges[rows[edges].all(axis=1)]
    ends = np.concatenate([edges, edges[:, ::-1]])
    count = np.bincount(ends[:, 0], minlength=len(points))
    near = rows & (count > 0)
    for _ in range(SMOOTHINGS):
        total = np.zeros_like(points)
        np.add.at(total, ends[:, 0], points[ends[:, 1]])
        points[near] += 0.5 * (total[near] / count[near, None] - points[near])


def _heel(shape: Shape, feet: Flags) -> Floats:
    """Return the rearmost point of the left sole."""
    sole = feet & shape.among(shape.mesh.part("body")) & shape.on("foot_l")
    points = shape.points[sole & (shape.points[:, 1] > 0) & (shape.points[:, 2] < 0.035)]
    return np.asarray(points[np.argmin(points[:, 0])])


def _eye(shape: Shape) -> Floats:
    """Return the middle of the left eye."""
    return np.asarray(shape.points[np.unique(shape.mesh.part(EYES[0]))].mean(axis=0))


def _scalp(shape: Shape) -> Flags:
    """Return where hair grows: above the forehead, and behind the ears."""
    x, _, z = (shape.points - _eye(shape)).T
    return np.asarray(shape.on("head") & ((z > 0.055) | ((x < -0.095) & (z > -0.06))))


def _colours(shape: Shape, feet: Flags, outfit: Outfit) -> Floats:
    """Return the colour of every point of the body, shape (V, 3)."""
    points, head, left_eye = shape.points, shape.on("head"), _eye(shape)
    colours = np.tile(outfit.skin, (len(points), 1))
    if outfit.foot_colour is not None:
        colours[feet] = outfit.foot_colour
    if outfit.shoe_m is not None:
        colours[feet & (points[:, 2] < 0.022)] = outfit.sole_grey
    colours[_scalp(shape)] = outfit.hair_colour
    in_front = head & (points[:, 0] > left_eye[0] - 0.02)
    eyes = (left_eye, left_eye * MIRRORED)
    for eye in eyes:
        aside, up = np.abs(points - eye - [0.0, 0.0, 0.022])[:, 1:].T
        colours[in_front & (aside < 0.02) & (up < 0.005)] = outfit.hair_colour * 0.8
    mouth = head & (points[:, 0] > left_eye[0] - 0.01) & (np.abs(points[:, 1]) < 0.022)
    mouth &= np.abs(points[:, 2] - left_eye[2] + 0.068) < 0.008
    colours[mouth] = outfit.skin * [0.85, 0.55, 0.55]
    balls = shape.among(shape.mesh.part(*EYES))
    colours[balls] = 0.85
    for eye in eyes:
        colours[balls & (np.linalg.norm((points - eye)[:, 1:], axis=1) < 0.007)] = 0.1
    return colours


def _pieces(shape: Shape, outfit: Outfit, ankle_m: float) -> Iterator[_Piece]:
    """Yield skin, eyes and clothes; these are cut from MakeHuman's tights."""
    tights = shape.mesh.part("helper-tights")
    arms = shape.on(*(f"{bone}_{side}" for bone in LIMB_BONES[1:4] for side in "lr"))
    yield _Piece(shape.mesh.part("body"))
    yield _Piece(shape.mesh.part(*EYES))
    shirt = _shirt(shape, outfit, arms)
    yield _Piece(_inside(tights, shirt), outfit.shirt_m, outfit.shirt_colour, SHIRT)
    trousers = _trousers(shape, outfit, ankle_m) & ~arms
    yield _Piece(
        _inside(tights, trousers),
        TROUSERS_OFF_SKIN_M[outfit.trousers],
        outfit.trousers_colour,
        TROUSERS,
        folded=outfit.trousers in ("loose", "wide"),
    )
    if outfit.long_hair is not None:
        hair = _long_hair(shape, outfit.long_hair)
        yield _Piece(_inside(shape.mesh.part("helper-hair"), hair), colour=outfit.hair_colour)


def _inside(faces: Ints, points: Flags) -> Ints:
    """Return the faces all of whose corners are among the points."""
    return np.asarray(faces[points[faces].all(axis=1)])


def _shirt(shape: Shape, outfit: Outfit, arms: Flags) -> Flags:
    up = shape.points[:, 2]
    hem = shape.joints["thigh_l"][2] + outfit.waist_m - outfit.hem_m
    trunk = (up > hem) & (up < shape.joints["neck_01"][2] + 0.01) & ~shape.on("head")
    if outfit.sleeve == "long":
        return np.asarray(trunk & ~shape.on("hand_l", "hand_r"))
    shoulder = shape.joints["upperarm_l"]
    upper_arm = shape.joints["lowerarm_l"] - shoulder
    on_left = shape.points.copy()
    on_left[:, 1] = np.abs(on_left[:, 1])
    along = (on_left - shoulder) @ upper_arm / (upper_arm @ upper_arm)
    end = outfit.sleeve_end if outfit.sleeve == "short" else 0.12
    return np.asarray(trunk & (~arms | (along < end)))


def _trousers(shape: Shape, outfit: Outfit, ankle_m: float) -> Flags:
    up = shape.points[:, 2]
    if outfit.trousers == "shorts":
        end = shape.joints["calf_l"][2] + outfit.shorts_m
    else:
        end = ankle_m * CUFF_OF_ANKLE[outfit.trousers]
    return np.asarray((up < shape.joints["thigh_l"][2] + outfit.waist_m) & (up > end))


def _long_hair(shape: Shape, share: float) -> Flags:
    """Return where long hair hangs: down to its end, but not before the face."""
    points, eye = shape.points, _eye(shape)
    head = points[shape.on("head") & shape.among(shape.mesh.part("body"))]
    neck, chin = shape.joints["neck_01"][2] - 0.02, head[:, 2].min() + 0.06
    x, y, z = points.T
    face = (x > eye[0] - 0.045) & (np.abs(y) < 0.075) & (z < eye[2] + 0.045)
    return np.asarray((z > neck + share * (chin - neck)) & ~face)


def _surface(shape: Shape, colours: Floats, pieces: Iterator[_Piece]) -> Surface:
    """Return the pieces as one surface; each has points of its own."""
    parts: list[Surface] = []
    before = 0
    for piece in pieces:
        rows, faces = np.unique(piece.faces, return_inverse=True)
        normals = _normals(shape.points, piece.faces)[rows]
        points = shape.points[rows] + piece.off_skin_m * normals
        if piece.folded:
            x, z = points[:, :1], points[:, 2:]
            points = points + normals * (0.004 * np.sin(z * 60) + 0.003 * np.sin(z * 23 + x * 40))
        bones = np.argsort(-shape.weights[rows], axis=1)[:, :BONES_PER_VERTEX]
        shares = np.take_along_axis(shape.weights[rows], bones, axis=1)
        own = colours[rows] if piece.colour is None else np.tile(piece.colour, (len(rows), 1))
        parts.append(
            Surface(
                points,
                normals,
                own,
                bones,
                shares / shares.sum(axis=1, keepdims=True),
                np.full(len(rows), float(piece.cloth)),
                faces.reshape(-1, 3) + before,
            )
        )
        before += len(rows)
    names = (column.name for column in fields(Surface))
    return Surface(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
