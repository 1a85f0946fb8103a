from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.exchange.behind import Behind


def test_every_file_is_there_and_told_in_order_once_the_block_has_ended(tmp_path: Path) -> None:
    told: list[str] = []
    with Behind(tmp_path, lambda path, content: told.append(f"{path} {content.decode()}")) as files:
        for number in range(100):
            files.write([(f"{number % 7}/{number}.{name}", name.encode()) for name in "ab"])
    found = {path.name: path.read_text() for path in tmp_path.rglob("*.?")}
    assert found == {f"{number}.{name}": name for number in range(100) for name in "ab"}
    assert told == [f"{number % 7}/{number}.{name} {name}" for number in range(100) for name in "ab"]


@pytest.mark.parametrize("lots", [1, 10_000], ids=["at the end", "while there is more to write"])
def test_what_cannot_be_written_is_told(tmp_path: Path, lots: int) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(OSError, match="taken"):
        _write(lots, tmp_path, "taken/one")


def test_what_cannot_be_entered_is_told(tmp_path: Path) -> None:
    def enter(path: str, _: bytes) -> None:
        raise OSError(path)

    with pytest.raises(OSError, match="one"), Behind(tmp_path, enter) as files:
        files.write([("one", b"1")])


def _write(lots: int, folder: Path, path: str) -> None:
    with Behind(folder, lambda *_: None) as files:
        for _ in range(lots):
            files.write([(path, b"1")])
