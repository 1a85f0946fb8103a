"""The machines that bundles are made for, and whether a bundle has everything that the program needs there: known from the
names and the metadata of its wheels, on any machine."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Final

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, platform_tags
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

_PYTHON: Final = (3, 11)
_ENVIRONMENT: Final = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.9",
    "platform_python_implementation": "CPython",
    "python_version": "3.11",
    "python_full_version": "3.11.9",
    "platform_release": "",
    "platform_version": "",
}


@dataclass(frozen=True)
class Platform:
    """A kind of machine. `built` are packages without a wheel for it, which are built on such a machine when the bundle is
    made."""

    name: str
    markers: Mapping[str, str]
    wheel_platforms: tuple[str, ...]  # empty: those of the machine where the bundle is made
    scripts: tuple[str, ...]
    suffix: str
    built: tuple[str, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """For markers (PEP 508)."""
        return {**_ENVIRONMENT, **self.markers}

    def tags(self) -> frozenset[Tag]:
        """Of the wheels that install there (PEP 425)."""
        places = list(self.wheel_platforms or platform_tags())
        return frozenset((*cpython_tags(_PYTHON, platforms=places), *compatible_tags(_PYTHON, "cp311", places)))


WINDOWS: Final = Platform(
    "windows-x86_64",
    {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
    ("win_amd64",),
    ("install.bat",),
    ".zip",
)
LINUX: Final = Platform(
    "linux-x86_64",
    {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    (),
    ("install.sh",),
    ".tar.gz",
    built=("pyscard",),
)
PLATFORMS: Final = {"windows": WINDOWS, "linux": LINUX}


@dataclass(frozen=True)
class Wheel:
    """A wheel's name and what it says it needs."""

    name: str
    version: Version
    tags: frozenset[Tag]
    needs: tuple[Requirement, ...] = ()


def read_wheel(path: Path) -> Wheel:
    """Raises ValueError for what is no wheel, KeyError without metadata."""
    name, version, _, tags = parse_wheel_filename(path.name)
    with zipfile.ZipFile(path) as archive:
        inside = next(one for one in archive.namelist() if one.endswith(".dist-info/METADATA") and one.count("/") == 1)
        said = BytesHeaderParser().parsebytes(archive.read(inside))
    return Wheel(name, version, tags, tuple(Requirement(line) for line in said.get_all("Requires-Dist") or ()))


def lacking(wanted: Iterable[Requirement], wheels: Sequence[Wheel], platform: Platform) -> list[str]:
    """What the wheels don't satisfy on a machine of this kind, for everything that is wanted and all that this needs in turn:
    each as `who: what`. Nothing is missing where the list is empty."""
    fitting, tags = {}, platform.tags()
    for wheel in wheels:
        if wheel.tags & tags:
            fitting[canonicalize_name(wheel.name)] = wheel
    faults, seen, open_ones = [], set(), [("", one, frozenset[str]()) for one in wanted]
    while open_ones:
        who, requirement, extras = open_ones.pop()
        if not _applies(requirement.marker, platform, extras):
            continue
        name = canonicalize_name(requirement.name)
        found = fitting.get(name)
        if found is None or not requirement.specifier.contains(found.version, prereleases=True):
            faults.append(f"{who or 'exam-capture-kiosk'}: {requirement.name}{requirement.specifier}")
            continue
        asked = frozenset(requirement.extras)
        if (name, asked) not in seen:
            seen.add((name, asked))
            open_ones += [(found.name, one, asked) for one in found.needs]
    return sorted(set(faults))


def _applies(marker: Marker | None, platform: Platform, extras: Iterable[str]) -> bool:
    return marker is None or any(marker.evaluate({**platform.environment, "extra": extra}) for extra in (*extras, ""))


def locked_lines(lock: str, platform: Platform) -> Iterator[tuple[str, list[str]]]:
    """The packages of a lock's text that a machine of this kind needs: `name==version`, and its SHA-256 digests."""
    name, digests = "", list[str]()
    for line in [*lock.splitlines(), "end=="]:
        if not line.startswith(" "):
            if name and digests:
                yield name, digests
            pinned, _, marker = line.removesuffix("\\").strip().partition(" ; ")
            name = pinned if not marker or Marker(marker).evaluate(platform.environment) else ""
            digests = []
        elif name:
            digests.append(line.strip().removesuffix("\\").strip().removeprefix("--hash=sha256:"))
