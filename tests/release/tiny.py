"""Bundles of a program that is three files long: it sets itself up, tests itself as it was told, and is started by nobody."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.ciphers import INTERNATIONAL, SigningKey
from kiosk.release import Home, install
from kiosk.release.archive import write_archive
from kiosk.release.gathering import ROOT
from kiosk.release.manifest import File, sign_manifest

AT: Final = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
KEY: Final = INTERNATIONAL.new_signing_key()

_SCRIPTS: Final = ("kiosk.sh", "uninstall.sh", "kiosk.bat", "uninstall.bat")
_WORDS: Final = tuple(f"{install.WORDS}/{path.name}" for path in (ROOT / install.SCRIPTS / install.WORDS).iterdir())
# The program's run.py: it knows of no system packages, and its Python writes down what it is asked.
_RUN: Final = """
import pathlib
import sys

PICTURES, READERS = [], []


def missing_packages(packages):
    return list(packages)


if __name__ == "__main__":
    SET_UP
    root = pathlib.Path(__file__).parent
    (root / "wheels" / "seen").touch()
    python = root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('''#!/bin/sh
echo "$@" >>"$(dirname "$0")/../../asked"
SELF_TEST
''')
    python.chmod(0o755)
"""


@dataclass
class Tiny:
    """What goes into a bundle."""

    folder: Path
    version: str = "1.0.0"
    platform: str = install.this_platform()
    key: SigningKey = KEY
    data: dict[str, str] = field(default_factory=lambda: {"identity": "v0001", "vault": "v0001"})
    sets_up: bool = True
    passes: bool = True
    next_key: bytes = b""

    def files(self) -> dict[str, bytes]:
        scripts = {
            f"program/{install.SCRIPTS}/{name}": (ROOT / install.SCRIPTS / name).read_bytes() for name in (*_SCRIPTS, *_WORDS)
        }
        run = _RUN.replace("SET_UP", "" if self.sets_up else "sys.exit('no space for the wheels')")
        run = run.replace("SELF_TEST", "" if self.passes else "echo the camera is upside down >&2; exit 3")
        return {
            **scripts,
            "install.py": (ROOT / "kiosk" / "release" / "install.py").read_bytes(),
            "install.sh": (ROOT / install.SCRIPTS / "install.sh").read_bytes(),
            "program/run.py": run.encode(),
            "program/config.toml": b"# nothing is set\n",
            "program/wheels/pip-1-py3-none-any.whl": b"no wheel",
            "program/CHANGELOG.md": f"# Changelog\n\n## {self.version}\n\nNew.\n\n## 1.0.0\n\nFirst.\n".encode(),
        }

    def archive(self, name: str = "") -> Path:
        """Packed, as a stick brings it; ends as the name does."""
        out = self.folder / (name or f"kiosk-{self.version}.tar.gz")
        unpacked = self.unpacked()
        paths = {str(path.relative_to(unpacked).as_posix()): path for path in unpacked.rglob("*") if path.is_file()}
        write_archive(out, f"kiosk-{self.version}", paths, AT)
        return out

    def unpacked(self) -> Path:
        """As somebody's file manager leaves it."""
        folder = self.folder / f"unpacked-{self.version}"
        told = {name: File(len(content), hashlib.sha256(content).hexdigest()) for name, content in self.files().items()}
        for name, content in self.files().items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        manifest = sign_manifest(
            self.key,
            told,
            version=self.version,
            platform=self.platform,
            made_at=AT,
            commit="",
            data=self.data,
            next_key=self.next_key,
        )
        (folder / install.MANIFEST).write_bytes(manifest.content)
        return folder

    def installed(self) -> Home:
        """A station that has it."""
        home = Home(self.folder / "采集 站")
        unpacked = self.unpacked()
        program = install.put_beside(unpacked, home.folder, install.read_manifest(unpacked))
        install.set_up(program)
        home.pin(home.manifest(self.version))
        install.switch(home.folder, self.version)
        return home
