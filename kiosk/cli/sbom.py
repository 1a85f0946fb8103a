"""`kiosk sbom`: what the program is made of, from the locks, as CycloneDX 1.6 (ECMA-424), the same for the same locks."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click

from kiosk.licences import LIST, PROGRAM, reviewed
from kiosk.weights import STATION, Weight

ROOT: Final = Path(__file__).parents[2]
LOCKS: Final = ("station", "pcsc", "office", "test")

_PINNED: Final = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\]+?))? \\$")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_NEWER_PYTHON: Final = "python_full_version >= '3.12'"  # a lock is for all Pythons, the program for 3.11 alone


@dataclass(frozen=True)
class Locked:
    """A package as a lock has it; `hashes`: SHA-256 of every file of the release that may be installed."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its name among all packages of the world (ECMA-427)."""
        return f"pkg:pypi/{self.name}@{self.version}"


def locked(lock: str, root: Path = ROOT) -> Iterator[Locked]:
    """The packages of one of `LOCKS`, for the Python that the program runs on. Raises OSError."""
    lines = (root / ".locks" / f"{lock}.txt").read_text("ascii").splitlines()
    for at, line in enumerate(lines):
        found = _PINNED.match(line)
        if found is None or _NEWER_PYTHON in (found["marker"] or ""):
            continue
        hashes = []
        for below in lines[at + 1 :]:
            if (known := _HASH.search(below)) is None:
                break
            hashes.append(known[1])
        yield Locked(found["name"], found["version"], tuple(hashes))


def bill(lock: str, root: Path = ROOT) -> dict[str, Any]:
    """The whole document: the lock's packages, and the networks' weights that are fetched beside them. Raises OSError."""
    known = reviewed(root / "kiosk" / LIST.name)
    components = [_library(package, known.get((package.name, package.version), "")) for package in locked(lock, root)] + [
        _network(weight) for weight in STATION
    ]
    body = {
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": PROGRAM,
                "name": PROGRAM,
                "version": version(PROGRAM),
                "licenses": [{"expression": "Apache-2.0"}],
            }
        },
        "components": components,
    }
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(body, sort_keys=True))
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{serial}", "version": 1, **body}


def _library(package: Locked, licence: str) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in package.hashes],
        **({"licenses": [{"expression": licence}]} if licence else {}),
    }


def _network(weight: Weight) -> dict[str, Any]:
    return {
        "type": "machine-learning-model",
        "bom-ref": weight.name,
        "name": weight.name,
        "publisher": weight.origin,
        "hashes": [{"alg": "SHA-256", "content": weight.sha256}],
        "licenses": [{"expression": weight.licence}],
    }


@click.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--lock", type=click.Choice(LOCKS), default="pcsc", show_default=True)
@click.option(
    "--source",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=ROOT,
)
def sbom(out: Path, lock: str, source: Path) -> None:
    """The bill of materials of this program."""
    try:
        out.write_text(json.dumps(bill(lock, source), indent=2, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise click.FileError(error.filename or str(out), error.strerror) from None
