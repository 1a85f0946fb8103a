"""The list of what an export wrote: each file with its size and SHA-256, so that the receiver can see that nothing changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

MANIFEST: Final = "manifest.json"
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What an export's list says of the whole. Older ones know nothing of `faulty` and `left_out`, locked ones of counts."""

    profile: str = ""
    made_at: str = ""
    files: int = 0
    rows: int | None = None
    pictures: int | None = None
    faulty: int = 0
    left_out: int = 0
    locked: bool = False
    simulated: bool = False


def read_manifest(folder: Path) -> Manifest | None:
    """The list of an export; None where there is none, or one that can't be read."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Manifest(
            profile=str(told.get("profile", "")),
            made_at=str(told.get("made_at", "")),
            files=len(told["files"]),
            rows=told.get("rows"),
            pictures=told.get("pictures"),
            faulty=int(told.get("faulty", 0)),
            left_out=int(told.get("left_out", 0)),
            locked="encrypted" in told,
            simulated=bool(told.get("simulated", False)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


class ManifestWriter:
    """Writes `manifest.json` entry by entry, one a line, in flat memory."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / MANIFEST
        self._folder = folder
        self._file: IO[str] = self.path.open("w", encoding="utf-8", newline="\n")
        self._file.write('{"files": [')
        self._first = True

    def add(self, path: Path, *, content: bytes | None = None, **more: object) -> None:
        """Enter a file of the folder; `content` spares reading it again."""
        if content is None:
            size, digest = path.stat().st_size, _sha256(path)
        else:
            size, digest = len(content), hashlib.sha256(content).hexdigest()
        entry = {"file": path.relative_to(self._folder).as_posix(), "size": size, "sha256": digest, **more}
        self._file.write(("\n" if self._first else ",\n") + json.dumps(entry, ensure_ascii=False))
        self._first = False

    def finish(self, summary: Mapping[str, Any]) -> None:
        """End the list with what holds for the whole export."""
        rest = json.dumps(dict(summary), ensure_ascii=False, indent=1)
        self._file.write("\n],\n" + rest.removeprefix("{\n") + "\n")
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
