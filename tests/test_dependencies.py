"""The lock files and docs/dependencies.md are true to pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
FOR_USERS = [*PROJECT["dependencies"], *EXTRAS["parquet"], *EXTRAS["cluster"]]
LOCKS = ("requirements-dev.lock", "requirements-oldest.lock")


def parts(requirement: str) -> tuple[str, str]:
    """Return name and versions of a requirement."""
    found = re.fullmatch(r"([A-Za-z0-9-]+)(.*)", requirement)
    assert found is not None
    return found[1], found[2]


def locked(name: str) -> dict[str, str]:
    lines = re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (ROOT / name).read_text(), re.MULTILINE)
    return dict(lines)


def numbers(version: str) -> list[int]:
    whole = [int(part) for part in version.split(".") if part.isdecimal()]
    return [*whole, 0, 0, 0, 0][:4]


@pytest.mark.parametrize("requirement", FOR_USERS)
def test_every_dependency_is_listed_with_versions_reason_and_licence(requirement: str) -> None:
    name, versions = parts(requirement)
    page = (ROOT / "docs" / "dependencies.md").read_text()
    (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1].startswith(f"`{versions}`")
    assert all(cells)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_everything_by_hash_and_no_place(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert {parts(one)[0] for one in [*FOR_USERS, *EXTRAS["dev"]]} <= set(locked(name))


@pytest.mark.parametrize("requirement", FOR_USERS)
def test_the_oldest_allowed_is_what_is_tested_as_the_oldest(requirement: str) -> None:
    name, versions = parts(requirement)
    least = re.match(r">=([0-9.]+)", versions)
    assert least is not None
    oldest = locked("requirements-oldest.lock")[name]
    # the least one that exists: its first parts are the bound's
    assert numbers(oldest) >= numbers(least[1])
    assert numbers(oldest)[0] == numbers(least[1])[0]
