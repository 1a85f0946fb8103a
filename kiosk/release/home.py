"""An installation: where the versions lie, which one is started, which key updates must be signed by, and what the last update
left for the way back."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, Final, Self

from packaging.version import Version

from kiosk.errors import KioskError
from kiosk.release import install
from kiosk.release.manifest import Manifest, read_manifest

RESTART_STATUS: Final = 75  # of a program that wants to be started again, as `kiosk.sh` and `kiosk.bat` know it
_KEY: Final = "release-key"
_NOTE: Final = "update.json"
_MOUNTED_IN: Final = (Path("/media"), Path("/run/media"))
_DRIVE_REMOVABLE: Final = 2  # GetDriveTypeW
_ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True)
class Note:
    """What the last update left: the state of the data's files at the switch, and the backup that was made before."""

    data: Mapping[str, str]
    backup: str


@dataclass(frozen=True)
class Home:
    """The folder of an installation."""

    folder: Path

    @classmethod
    def here(cls, program: Path = _ROOT) -> Self | None:
        """The installation that this program belongs to; None where it was not installed from a bundle."""
        folder = program.parent.parent
        return cls(folder) if program.parent.name == install.VERSIONS and (folder / install.CURRENT).is_file() else None

    @classmethod
    def require_here(cls, program: Path = _ROOT) -> Self:
        """Raises KioskError("release.not_installed")."""
        found = cls.here(program)
        if found is None:
            raise KioskError("release.not_installed", folder=str(program))
        return found

    @property
    def current(self) -> str:
        """The version that is started; empty while nothing is installed."""
        return install.read_line(self.folder / install.CURRENT)

    @property
    def previous(self) -> str:
        """The version before, where it is still there."""
        name = install.read_line(self.folder / install.PREVIOUS)
        return name if name and install.python_of(self.program(name)).exists() else ""

    def program(self, version: str) -> Path:
        return self.folder / install.VERSIONS / version

    def manifest(self, version: str) -> Manifest:
        """As the bundle of a version had it; raises KioskError."""
        try:
            return read_manifest((self.program(version) / install.MANIFEST).read_bytes())
        except OSError:
            raise KioskError("release.unreadable") from None

    @cached_property
    def key(self) -> bytes:
        """Which updates are believed. Raises KioskError("release.no_key")."""
        try:
            return bytes.fromhex(install.read_line(self.folder / _KEY))
        except ValueError:
            raise KioskError("release.no_key", file=str(self.folder / _KEY)) from None

    def pin(self, manifest: Manifest) -> None:
        """From now on updates are believed that are signed by the manifest's key, or by the one that it says comes next."""
        install.write_line(self.folder / _KEY, (manifest.next_key or manifest.release_key).hex())

    def note(self, note: Note) -> None:
        content = json.dumps({"data": dict(note.data), "backup": note.backup}, ensure_ascii=False)
        install.write_whole(self.folder / _NOTE, content.encode(), 0o600)

    def noted(self) -> Note:
        """Empty where there was no update, or nobody can read it."""
        try:
            told: dict[str, Any] = json.loads((self.folder / _NOTE).read_text("utf-8"))
            return Note({str(name): str(state) for name, state in told["data"].items()}, str(told["backup"]))
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return Note({}, "")


def another_version_waits(program: Path = _ROOT) -> bool:
    """Whether the next start would begin another version than this program: whoever starts anew then leaves with
    `RESTART_STATUS`, and the start script begins the one that `current` names."""
    home = Home.here(program)
    return home is not None and home.current != program.name


def running_version() -> Version:
    """Of this program."""
    return Version(version_of("exam-capture-kiosk"))


def state_of(data: Path) -> dict[str, str]:
    """Changes whenever somebody has written to the databases of a data folder."""
    found = {}
    for path in sorted(data.glob("*.sqlite3*")):
        told = path.stat()
        if told.st_size:
            found[path.name] = f"{told.st_size} {told.st_mtime_ns}"
    return found


def removable() -> list[Path]:
    """Where disks that can be taken out are mounted."""
    if sys.platform == "win32":
        import ctypes

        kind = ctypes.windll.kernel32.GetDriveTypeW
        return [Path(f"{letter}:/") for letter in "DEFGHIJKLMNOPQRSTUVWXYZ" if kind(f"{letter}:/") == _DRIVE_REMOVABLE]
    return [place for root in _MOUNTED_IN for place in _folders_in(root)]


def _folders_in(root: Path) -> list[Path]:
    """`/media/stick` and `/media/somebody/stick`."""
    try:
        first = [one for one in root.iterdir() if one.is_dir()]
        return [*first, *(two for one in first for two in one.iterdir() if two.is_dir())]
    except OSError:
        return []
