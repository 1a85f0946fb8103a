"""The list of what an export wrote: each file with its size and digest, who wrote it, and a signature over every byte of it.

Since format 3 a manifest is a signed text (`kiosk.ciphers.signed`), and says how far the station's audit trail was when it was
written: whoever sets the trail back afterwards is found out by any package that left before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from kiosk.ciphers import INTERNATIONAL, SUITES, Digest, Domain, SigningKey, Suite
from kiosk.ciphers.signed import read_json, signature_line
from kiosk.errors import ExchangeError

MANIFEST: Final = "manifest.json"
FORMAT: Final = 3  # of what the manifest says; one without a number is of the first
_CHUNK: Final = 1 << 20
_SUMMARY: Final = 1 << 18  # bytes, in which what is said of the whole export lies
_END_OF_FILES: Final = b"\n],\n"  # nothing else of a manifest stands at the beginning of a line


@dataclass(frozen=True)
class TrailHead:
    """The last entry of a trail: its number, seal and time; number 0 before the first."""

    number: int
    seal: str
    at: str  # ISO 8601


@dataclass(frozen=True)
class Stamp:
    """Who writes a manifest, when by the station's clock, and how far the station was. `store` is the random id of its data,
    `certificate` the office's text, empty without one; `trail` the last entry of the audit trail, and `counters` what only ever
    grows."""

    key: SigningKey
    at: datetime
    station: str
    store: str
    certificate: str
    trail: TrailHead
    counters: Mapping[str, int]

    def told(self) -> dict[str, Any]:
        return {
            "suite": self.key.suite.name,
            "station": {
                "name": self.station,
                "store": self.store,
                "public_key": self.key.public.hex(),
                "certificate": self.certificate,
            },
            "trail": asdict(self.trail),
            "counters": dict(self.counters),
        }


@dataclass(frozen=True)
class Entry:
    """A file of an export. `digest` is hexadecimal, by the manifest's suite."""

    file: str
    size: int
    digest: str


@dataclass(frozen=True)
class Signer:
    """Who signed a manifest, by its own word."""

    station: str
    store: str
    public_key: bytes
    certificate: str
    trail: TrailHead


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
    suite: Suite = INTERNATIONAL
    entries: tuple[Entry, ...] = field(default=(), compare=False)
    signer: Signer | None = field(default=None, compare=False)  # since format 3


def read_summary(path: Path) -> Manifest:
    """What one says, without its files: of a list of a hundred thousand, which stands before it, nothing is read. Raises
    ExchangeError("export.manifest_unreadable") for what is none, or one that a newer program wrote."""
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - _SUMMARY, 0))
            told = file.read()
        _, end, summary = told.rpartition(_END_OF_FILES)
        whole = parse_manifest(b'{"files": [],\n' + summary if end else path.read_bytes())
        return replace(whole, files=(), entries=())
    except (OSError, ValueError) as error:
        raise ExchangeError("export.manifest_unreadable", folder=path.parent.name) from error


def parse_manifest(content: bytes) -> Manifest:
    """Raises ValueError, as `read_manifest` says. It believes what it reads."""
    try:
        told = read_json(content)
        if told.get("format", 1) > FORMAT:
            raise ValueError(told["format"])
        suite = SUITES[told.get("suite", INTERNATIONAL.name)]
        return Manifest(
            str(told["profile"]),
            _moment(told["made_at"]),
            tuple(entry["file"] for entry in told["files"]),
            told.get("rows"),
            told.get("pictures"),
            "encrypted" in told,
            told.get("school", {}).get("name", ""),
            told.get("format", 1),
            int(told.get("faulty", 0)),
            int(told.get("left_out", 0)),
            bool(told.get("simulated", False)),
            suite,
            tuple(Entry(str(one["file"]), int(one["size"]), str(one[suite.hash_name])) for one in told["files"]),
            _signer(told),
        )
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("no manifest") from error


def _moment(text: str) -> str:
    """The text, which must be a time with its zone."""
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(text)
    return text


def _signer(told: Mapping[str, Any]) -> Signer | None:
    if "station" not in told:
        return None
    station, trail = told["station"], told["trail"]
    return Signer(
        str(station["name"]),
        str(station["store"]),
        bytes.fromhex(station["public_key"]),
        str(station["certificate"]),
        TrailHead(int(trail["number"]), str(trail["seal"]), _moment(trail["at"]) if trail["at"] else ""),
    )


class ManifestWriter:
    """Writes `manifest.json` entry by entry, one a line, in flat memory, and signs it at the end; without a stamp it is
    nobody's."""

    def __init__(self, folder: Path, stamp: Stamp | None = None) -> None:
        self.path = folder / MANIFEST
        self._folder = folder
        self._stamp = stamp
        self._suite = stamp.key.suite if stamp is not None else INTERNATIONAL
        self._digest = self._suite.hasher()
        self._file: IO[str] = self.path.open("w", encoding="utf-8", newline="\n")
        self._write('{"files": [')
        self._first = True

    @property
    def digest(self) -> str:
        """Of what is signed: names the manifest in the trail."""
        return self._digest.hexdigest()

    def add(self, name: str, *, content: bytes | None = None, **more: object) -> None:
        """Enter a file by its path within the folder, with `/`; `content` spares reading it again."""
        if content is None:
            path = self._folder / name
            size, digest = path.stat().st_size, _digest_of(path, self._suite.hasher())
        else:
            size, digest = len(content), self._suite.digest(content)
        entry = {"file": name, "size": size, self._suite.hash_name: digest, **more}
        self._write(("\n" if self._first else ",\n") + json.dumps(entry, ensure_ascii=False))
        self._first = False

    def finish(self, summary: Mapping[str, Any]) -> None:
        """End the list with what holds for the whole export."""
        told = {"format": FORMAT, **summary} | (self._stamp.told() if self._stamp is not None else {})
        rest = _END_OF_FILES.decode() + json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).removeprefix("{\n")
        if self._stamp is None:
            self._write(rest + "\n")
        else:
            self._write(rest.removesuffix("\n}") + ",\n")
            self._file.write(signature_line(self._stamp.key, Domain.MANIFEST, self._digest))
        self._file.close()

    def _write(self, text: str) -> None:
        self._file.write(text)
        self._digest.update(text.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()


def _digest_of(path: Path, digest: Digest) -> str:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
