from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.exchange.behind import Behind


def test_every_file_is_there_once_the_block_has_ended(tmp_path: Path) -> None:
    with Behind(tmp_path) as files:
        for number in range(100):
            files.write([(f"{tmp_path}/{number % 7}/{number}.{name}", name.encode()) for name in "ab"])
    found = {path.name: path.read_text() for path in tmp_path.rglob("*.?")}
    assert found == {f"{number}.{name}": name for number in range(100) for name in "ab"}


@pytest.mark.parametrize("lots", [1, 10_000], ids=["at the end", "while there is more to write"])
def test_what_cannot_be_written_is_told(tmp_path: Path, lots: int) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(OSError, match="taken"):
        _write(lots, tmp_path / "taken" / "one")


def _write(lots: int, path: Path) -> None:
    with Behind(path.parent) as files:
        for _ in range(lots):
            files.write([(str(path), b"1")])
