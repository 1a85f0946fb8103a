"""Makes the golden stores of today's schema, one of each suite, once."""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from kiosk.ciphers import INTERNATIONAL, SUITES
from kiosk.store import Store
from kiosk.store.migrations import head
from tests.store.golden.reading import read, shape
from tests.store.golden.students import write

HERE = Path(__file__).parent


def main() -> None:
    version = head("identity")
    for suite in SUITES.values():
        archive = HERE / f"{version}{'' if suite is INTERNATIONAL else f'-{suite.name}'}.zip"
        if archive.exists():
            sys.exit(f"{archive.name} is there and stays as it is: a new shape needs a migration of its own")
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), suite)
            pack(Path(folder), archive)
        expect(archive)
    _write(HERE / "shape.json", {"version": version, **shape()})


def pack(folder: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_LZMA) as packed:
        for path in sorted(path for path in folder.iterdir() if path.suffix in {".sqlite3", ".key"}):
            packed.write(path, path.name)


def expect(archive: Path) -> None:
    """Write down what is read from a golden store: to be looked at by a person before it is committed."""
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(archive).extractall(folder)
        with Store.open(Path(folder)) as store:
            _write(archive.with_suffix(".json"), read(store))


def _write(path: Path, told: dict[str, Any]) -> None:
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
