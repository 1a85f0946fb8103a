"""What a bundle says it holds, signed by whoever made it: every file with its size and digest, the version, whom it is for.

It is a signed text (`kiosk.ciphers.signed`) that installers read as plain JSON before anything of ours is there. Whether the
key is believed is decided by the installation (`kiosk.release.home`), whether the files are these by whoever reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from packaging.version import InvalidVersion, Version

from kiosk.ciphers import Domain, SigningKey
from kiosk.ciphers.certificates import fingerprint
from kiosk.ciphers.signed import NotSigned, read_signed, sign_text
from kiosk.errors import KioskError
from kiosk.release import install

LARGEST: Final = 4 << 20  # bytes of a manifest's text
_LARGEST_FILE: Final = 1 << 30


@dataclass(frozen=True)
class File:
    """One file of a bundle; `sha256` is hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A bundle in its own words. `platform` is as `install.this_platform` says it; `data` the newest revision of each
    database's form that the program writes; `next_key` the key of later bundles, where it is another; `content` the text
    itself."""

    version: Version
    platform: str
    made_at: datetime
    commit: str
    data: Mapping[str, str]
    release_key: bytes
    next_key: bytes
    files: Mapping[str, File]
    content: bytes

    @property
    def fingerprint(self) -> str:
        """Of the key that signed it."""
        return fingerprint(self.release_key)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())


def sign_manifest(
    key: SigningKey,
    files: Mapping[str, File],
    *,
    version: str,
    platform: str,
    made_at: datetime,
    commit: str,
    data: Mapping[str, str],
    next_key: bytes = b"",
) -> Manifest:
    """The text with its signature."""
    told = {
        "kind": install.KIND,
        "format": install.FORMAT,
        "version": version,
        "platform": platform,
        "made_at": made_at.isoformat(),
        "commit": commit,
        "data": dict(data),
        "release_key": key.public.hex(),
        "next_key": next_key.hex(),
        "files": {name: {"size": file.size, "sha256": file.sha256} for name, file in files.items()},
    }
    return read_manifest(sign_text(key, Domain.RELEASE, told))


def read_manifest(content: bytes) -> Manifest:
    """Raises KioskError: "release.unreadable", and "release.tampered" where the key that it names did not sign it."""
    try:
        text = read_signed(content)
        found = _read(text.told, content)
    except (NotSigned, InvalidVersion, ValueError, KeyError, TypeError, AttributeError):
        raise KioskError("release.unreadable") from None
    if not text.is_signed_by(found.release_key, Domain.RELEASE):
        raise KioskError("release.tampered")
    return found


def _read(told: Mapping[str, Any], content: bytes) -> Manifest:
    if (told["kind"], told["format"]) != (install.KIND, install.FORMAT):
        raise ValueError("another kind")
    files = {name: File(int(file["size"]), str(file["sha256"])) for name, file in told["files"].items()}
    for name, file in files.items():
        install.require_inside(name)
        if not 0 <= file.size <= _LARGEST_FILE:
            raise ValueError(name)
    return Manifest(
        version=Version(told["version"]),
        platform=str(told["platform"]),
        made_at=datetime.fromisoformat(told["made_at"]),
        commit=str(told["commit"]),
        data={str(room): str(head) for room, head in told["data"].items()},
        release_key=bytes.fromhex(told["release_key"]),
        next_key=bytes.fromhex(told["next_key"]),
        files=files,
        content=content,
    )
