"""ZIPs that are written without holding their directory in memory, read by somebody else's reader."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from kiosk.errors import ExchangeError
from kiosk.exchange import zip_file
from kiosk.exchange.zip_file import GrowingZip, new_zip, zipped

FILES = {"照片1.jpg": b"\xff\xd8" * 40, "b.txt": b"", "c.bin": bytes(range(256)) * 3}


@pytest.mark.parametrize("large", [False, True])
def test_another_reader_finds_what_was_put_in_even_where_numbers_need_64_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    growing = GrowingZip(tmp_path / "photos.zip")
    if large:  # as if 16 and 32 bits were full
        monkeypatch.setattr(zip_file, "_MOST_16", 2)
        monkeypatch.setattr(zip_file, "_needs_64", lambda number: number >= 100)
    for name, content in FILES.items():
        growing.add(name, content)
        growing.shut()  # another class comes in between
    growing.finish()
    assert [path.name for path in tmp_path.iterdir()] == ["photos.zip"]
    with zipfile.ZipFile(growing.path) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == FILES


def test_a_folder_is_one_zip_while_it_is_sent_and_as_a_file(tmp_path: Path) -> None:
    with new_zip(tmp_path / "out" / "whole.zip", tmp_path / "drafts") as folder:
        (folder / "照片").mkdir()
        for name, content in FILES.items():
            (folder / "照片" / name).write_bytes(content)
        sent = b"".join(zipped(folder))
    assert (tmp_path / "out" / "whole.zip").read_bytes() == sent
    assert not list((tmp_path / "drafts").iterdir())
    with zipfile.ZipFile(io.BytesIO(sent)) as found:
        assert {name: found.read(name) for name in found.namelist()} == {
            f"whole/照片/{name}": content for name, content in FILES.items()
        }
        assert all(one.date_time[0] > 2020 for one in found.infolist())


def test_a_file_that_shrinks_while_it_is_sent_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 10)
    sending = zipped(tmp_path)
    next(sending)
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(ExchangeError, match="not_readable"):
        list(sending)
