"""The list of what an export wrote: each file with its size and SHA-256, so that the receiver can see that nothing changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from kiosk.errors import ExchangeError

MANIFEST: Final = "manifest.json"
FORMAT: Final = 2  # of what the manifest says; one without a number is of the first
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What a manifest says of its export, whichever program wrote it. `rows` and `pictures` are None where it does not tell:
    that of a locked export lists packages, and theirs lies in them."""

    profile: str
    made_at: str  # ISO 8601
    files: tuple[str, ...]
    rows: int | None = None
    pictures: int | None = None
    locked: bool = False
    school: str = ""  # since format 2
    format: int = 1
    faulty: int = 0  # rows with problems that were written all the same
    left_out: int = 0  # rows with problems that were not
    simulated: bool = False


def read_manifest(path: Path) -> Manifest:
    """Raises ExchangeError("export.manifest_unreadable") for what is none, or one that a newer program wrote."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.get("format", 1) > FORMAT:
            raise ValueError(told["format"])
        return Manifest(
            told["profile"],
            told["made_at"],
            tuple(entry["file"] for entry in told["files"]),
            told.get("rows"),
            told.get("pictures"),
            "encrypted" in told,
            told.get("school", {}).get("name", ""),
            told.get("format", 1),
            int(told.get("faulty", 0)),
            int(told.get("left_out", 0)),
            bool(told.get("simulated", False)),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ExchangeError("export.manifest_unreadable", folder=path.parent.name) from error


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
        rest = json.dumps({"format": FORMAT, **summary}, ensure_ascii=False, indent=1)
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
