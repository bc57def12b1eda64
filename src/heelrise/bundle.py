"""Makes MediaPipe's `.task` bundle out of two tflite files, the same bytes on every machine.

MediaPipe refuses a model that does not say how its input image is normalised. The detector says
so; the bare landmark models do not, and the note must be added inside the model, which is a
FlatBuffer. The `flatbuffers` package would write the whole model anew, and two of its versions that
MediaPipe allows (25.9.23 and 25.12.19) lay the bytes out differently: a bundle made that way has
no SHA-256 to check it by. So the model is kept byte for byte and a new root is put before it.
FlatBuffer offsets point forward, hence a root in front can use every part of the old one.

The format: https://flatbuffers.dev/internals/. The fields are those of MediaPipe's `schema.fbs` and
`metadata_schema.fbs`, written as their slots, counted from 0.
"""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import dataclass
from typing import Any

DETECTOR_MEMBER = "pose_detector.tflite"
LANDMARKS_MEMBER = "pose_landmarks_detector.tflite"

# slots of tflite's Model
_VERSION, _BUFFERS, _METADATA, _MODEL_SLOTS = 0, 4, 6, 8

# tensors must keep the alignment that their model was written with
_TENSOR_ALIGNMENT = 16
# the earliest time a zip can hold: the bytes must not tell when a bundle was made
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_ZIP_MADE_ON_UNIX = 3


@dataclass(frozen=True)
class _Old:
    """A part of the old model, by its position there."""

    position: int


def make_bundle(detector: bytes, landmarks: bytes) -> bytes:
    """Pack a pose detector and a landmark model into a `.task` bundle.

    Parameters
    ----------
    detector : bytes
        tflite file that carries its image metadata.
    landmarks : bytes
        tflite file without image metadata; its input pixels are scaled to 0..1
        (mean 0, std 255).

    Returns
    -------
    bytes
        An uncompressed zip, the same for the same two files on every system.
    """
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_STORED) as archive:
        for name, model in (
            (DETECTOR_MEMBER, detector),
            (LANDMARKS_MEMBER, add_image_metadata(landmarks, mean=0.0, std=255.0)),
        ):
            member = zipfile.ZipInfo(name, _ZIP_EPOCH)
            member.create_system = _ZIP_MADE_ON_UNIX
            archive.writestr(member, model)
    return bundle.getvalue()


def add_image_metadata(model: bytes, *, mean: float, std: float) -> bytes:
    """Add to a tflite model how the pixels of its one input image are normalised.

    Parameters
    ----------
    model : bytes
        A tflite file of known content (its SHA-256 is checked by the caller: a damaged
        one is not told apart here).
    mean, std : float
        The network is fed (pixel - mean) / std, pixels 0..255.

    Returns
    -------
    bytes
        The model with the metadata in front of its unchanged bytes.
    """
    note = _flatbuffer(_image_metadata(mean, std), b"M001")
    root = _root_fields(model)
    buffers = [*_elements(model, root[_BUFFERS]), {0: note}]
    root[_BUFFERS] = buffers
    root[_METADATA] = [
        *(_elements(model, root[_METADATA]) if _METADATA in root else ()),
        {0: "TFLITE_METADATA", 1: len(buffers) - 1},
    ]
    return _flatbuffer(root, b"TFL3", model)


def _image_metadata(mean: float, std: float) -> dict[int, Any]:
    image = {0: 1}  # ImageProperties: colour space RGB
    content = {0: 2, 1: image}  # Content: the union's ImageProperties
    normalisation = {0: (mean,), 1: (std,)}  # NormalizationOptions
    process = {0: 1, 1: normalisation}  # ProcessUnit: the union's NormalizationOptions
    tensor = {0: "image", 3: content, 4: [process]}  # TensorMetadata
    return {3: [{2: [tensor]}]}  # ModelMetadata: one SubGraphMetadata with one input


def _root_fields(model: bytes) -> dict[int, Any]:
    """The slots of a tflite model's root table: its version, and where the rest lies."""
    table = _u32(model, 0)
    vtable = table - struct.unpack_from("<i", model, table)[0]
    slots = (struct.unpack_from("<H", model, vtable)[0] - 4) // 2
    fields: dict[int, Any] = {}
    for slot in range(min(slots, _MODEL_SLOTS)):
        offset = struct.unpack_from("<H", model, vtable + 4 + 2 * slot)[0]
        if offset:
            field = table + offset
            value = _u32(model, field)
            fields[slot] = value if slot == _VERSION else _Old(field + value)
    return fields


def _elements(model: bytes, vector: _Old) -> list[_Old]:
    """The tables a vector of the old model points to."""
    fields = range(vector.position + 4, vector.position + 4 + 4 * _u32(model, vector.position), 4)
    return [_Old(field + _u32(model, field)) for field in fields]


def _flatbuffer(root: dict[int, Any], identifier: bytes, old: bytes = b"") -> bytes:
    """Write a FlatBuffer: header, what `root` holds, then `old` unchanged."""
    out = bytearray(4) + identifier
    into_old: list[tuple[int, int]] = []
    _point(out, 0, _write(out, root, into_old))
    out += bytes(-len(out) % _TENSOR_ALIGNMENT)
    for field, position in into_old:
        _point(out, field, len(out) + position)
    return bytes(out) + old


def _write(out: bytearray, value: Any, into_old: list[tuple[int, int]]) -> int:
    """Append a value and all it holds, and return its position.

    A table is a dict of slots, a vector of tables a list, a vector of floats a tuple, a
    vector of bytes is bytes, a string is str. An int is a scalar of its table, of whatever
    width: padded to four bytes, little-endian, it reads the same as one byte or as four.
    """
    if isinstance(value, bytes):  # tensors' bytes, after their length, start on 16
        out += bytes((12 - len(out)) % 16)
        return _append(out, struct.pack("<I", len(value)) + value)
    out += bytes(-len(out) % 4)
    if isinstance(value, str):
        return _append(out, struct.pack("<I", len(value)) + value.encode("ascii") + b"\0")
    if isinstance(value, tuple):
        return _append(out, struct.pack(f"<I{len(value)}f", len(value), *value))
    if isinstance(value, list):
        held = value
        position = _append(out, struct.pack("<I", len(held)))
    else:
        held = list(value.values())
        position = _append_table_head(out, list(value))
    first = _append(out, bytes(4 * len(held)))
    for field, child in zip(range(first, len(out), 4), held, strict=True):
        if isinstance(child, int):
            struct.pack_into("<I", out, field, child)
        elif isinstance(child, _Old):
            into_old.append((field, child.position))
        else:
            _point(out, field, _write(out, child, into_old))
    return position


def _append_table_head(out: bytearray, slots: list[int]) -> int:
    """Append a table's vtable and the offset back to it; its fields come after, 4 bytes each."""
    offsets = {slot: 4 + 4 * number for number, slot in enumerate(slots)}
    by_slot = [offsets.get(slot, 0) for slot in range(max(slots) + 1)]
    sizes = (4 + 2 * len(by_slot), 4 + 4 * len(slots))
    vtable = _append(out, struct.pack(f"<{2 + len(by_slot)}H", *sizes, *by_slot))
    out += bytes(-len(out) % 4)
    return _append(out, struct.pack("<i", len(out) - vtable))


def _append(out: bytearray, data: bytes) -> int:
    position = len(out)
    out += data
    return position


def _point(out: bytearray, field: int, position: int) -> None:
    struct.pack_into("<I", out, field, position - field)


def _u32(data: bytes, position: int) -> int:
    return int(struct.unpack_from("<I", data, position)[0])
