"""How the rooms hang together: imports form no circle; pictures and libraries have one door."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "heelrise"
ROOMS = {path.stem: ast.parse(path.read_text()) for path in sorted(SOURCE.glob("*.py"))}


def imported(room: ast.Module) -> set[str]:
    """Return what is imported anywhere in a module, also within functions and for types alone."""
    names: set[str] = set()
    for node in ast.walk(room):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def test_imports_form_no_circle() -> None:
    inner = {
        name: {one.split(".")[1] for one in imported(room) if one.startswith("heelrise.")}
        & {*ROOMS}
        for name, room in ROOMS.items()
    }
    order = list(TopologicalSorter(inner).static_order())  # CycleError names a circle
    assert order.index("settings") < order.index("session") < order.index("live")


@pytest.mark.parametrize(
    ("library", "doors"),
    [
        ("mediapipe", {"pose"}),
        ("sqlite3", {"history_file"}),
        ("sounddevice", {"sound"}),
    ],
)
def test_a_library_is_imported_in_its_own_rooms_alone(library: str, doors: set[str]) -> None:
    users = {
        name
        for name, room in ROOMS.items()
        if any(one.split(".")[0] == library for one in imported(room))
    }
    assert users
    assert users <= doors


@pytest.mark.parametrize(
    ("opener", "doors"),
    [
        ("cv2.VideoCapture", {"frames"}),
        ("av.open", {"frames", "videofile"}),  # videofile opens what it writes
        ("cv2.imread", set()),
    ],
)
def test_videos_and_cameras_are_opened_in_one_room(opener: str, doors: set[str]) -> None:
    users = {
        name
        for name, room in ROOMS.items()
        for node in ast.walk(room)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == opener
    }
    assert users == doors
