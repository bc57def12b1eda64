"""Bundles made out of bare tflite files, read back through MediaPipe's own schemas."""

from __future__ import annotations

import hashlib
import io
import zipfile

import flatbuffers
import numpy as np
import pytest
from mediapipe.tasks.metadata import metadata_schema_py_generated as notes
from mediapipe.tasks.metadata import schema_py_generated as tflite

from heelrise.bundle import (
    DETECTOR_MEMBER,
    LANDMARKS_MEMBER,
    add_image_metadata,
    make_bundle,
)
from heelrise.models import MODELS, find_model

WEIGHTS = bytes(range(40))


def written(model: tflite.ModelT) -> bytes:
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def bare_model(*, with_metadata: bool, spare_buffers: int = 0) -> bytes:
    empty, weights, version = tflite.BufferT(), tflite.BufferT(), tflite.BufferT()
    weights.data = np.frombuffer(WEIGHTS, np.uint8)
    version.data = np.frombuffer(b"1.5.0", np.uint8)
    tensor = tflite.TensorT()
    tensor.name, tensor.shape, tensor.buffer = "input_1", [1, 256, 256, 3], 1
    graph = tflite.SubGraphT()
    graph.tensors, graph.inputs, graph.outputs, graph.operators = [tensor], [0], [0], []
    model = tflite.ModelT()
    model.version, model.description = 3, "for a test"
    model.subgraphs, model.operatorCodes = [graph], []
    model.buffers = [empty, weights, version, *[empty] * spare_buffers]
    if with_metadata:
        entry = tflite.MetadataT()
        entry.name, entry.buffer = "min_runtime_version", 2
        model.metadata = [entry]
    return written(model)


def metadata_of(model: tflite.Model) -> dict[str, bytes]:
    entries = [model.Metadata(number) for number in range(model.MetadataLength())]
    return {
        entry.Name().decode(): model.Buffers(entry.Buffer()).DataAsNumpy().tobytes()
        for entry in entries
    }


@pytest.mark.parametrize(
    ("with_metadata", "kept"), [(True, {"min_runtime_version": b"1.5.0"}), (False, {})]
)
def test_the_old_model_is_kept_and_the_note_is_added(with_metadata, kept):
    bare = bare_model(with_metadata=with_metadata)
    noted = add_image_metadata(bare, mean=0.0, std=255.0)

    assert noted.endswith(bare)
    assert (len(noted) - len(bare)) % 16 == 0, "the tensors lose their alignment"
    assert noted[4:8] == b"TFL3"
    model = tflite.Model.GetRootAsModel(noted, 0)
    assert model.Version() == 3
    assert model.Description() == b"for a test"
    assert model.BuffersLength() == 4
    assert model.Buffers(1).DataAsNumpy().tobytes() == WEIGHTS
    tensor = model.Subgraphs(0).Tensors(0)
    assert tensor.Name() == b"input_1"
    assert tensor.ShapeAsNumpy().tolist() == [1, 256, 256, 3]
    metadata = metadata_of(model)
    note = metadata.pop("TFLITE_METADATA")
    assert metadata == kept
    assert note


@pytest.mark.parametrize("spare_buffers", range(4))
def test_the_note_is_aligned_as_tflite_wants_its_buffers(spare_buffers):
    bare = bare_model(with_metadata=True, spare_buffers=spare_buffers)
    noted = add_image_metadata(bare, mean=0.0, std=255.0)
    note = metadata_of(tflite.Model.GetRootAsModel(noted, 0))["TFLITE_METADATA"]
    assert noted.index(note) % 16 == 0


@pytest.mark.parametrize(("mean", "std"), [(0.0, 255.0), (127.5, 127.5)])
def test_the_note_says_how_pixels_are_normalised(mean, std):
    noted = add_image_metadata(bare_model(with_metadata=True), mean=mean, std=std)
    note = metadata_of(tflite.Model.GetRootAsModel(noted, 0))["TFLITE_METADATA"]

    assert note[4:8] == b"M001"
    read = notes.ModelMetadataT.InitFromObj(notes.ModelMetadata.GetRootAsModelMetadata(note, 0))
    (graph,) = read.subgraphMetadata
    (tensor,) = graph.inputTensorMetadata
    assert tensor.content.contentPropertiesType == notes.ContentProperties.ImageProperties
    assert tensor.content.contentProperties.colorSpace == notes.ColorSpaceType.RGB
    (unit,) = tensor.processUnits
    assert unit.optionsType == notes.ProcessUnitOptions.NormalizationOptions
    assert list(unit.options.mean) == [mean]
    assert list(unit.options.std) == [std]


def test_a_bundle_holds_the_two_models_uncompressed_and_undated():
    bare = bare_model(with_metadata=True)
    bundle = make_bundle(b"the detector", bare)

    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        members = archive.infolist()
        assert [member.filename for member in members] == [DETECTOR_MEMBER, LANDMARKS_MEMBER]
        assert all(member.compress_type == zipfile.ZIP_STORED for member in members)
        assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
        assert {member.create_system for member in members} == {3}
        assert archive.read(DETECTOR_MEMBER) == b"the detector"
        assert archive.read(LANDMARKS_MEMBER) == add_image_metadata(bare, mean=0.0, std=255.0)


@pytest.mark.model
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_real_parts_give_the_pinned_bundle(model):
    path = find_model(model.name)
    if path is None or hashlib.sha256(path.read_bytes()).hexdigest() != model.sha256:
        pytest.skip(f"no {model.name} bundle made from packages is on this machine")
    with zipfile.ZipFile(path) as archive:
        detector, noted = archive.read(DETECTOR_MEMBER), archive.read(LANDMARKS_MEMBER)
    landmarks = noted[-model.landmarks.size :]

    assert hashlib.sha256(landmarks).hexdigest() == model.landmarks.sha256
    assert hashlib.sha256(make_bundle(detector, landmarks)).hexdigest() == model.sha256
