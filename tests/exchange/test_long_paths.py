"""Paths that are too long for the system, as Windows says it and as Linux does."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.errors import ExchangeError, StoreError
from kiosk.exchange.folder import new_folder, write_file
from kiosk.store import prepare_folder

LONG = "/".join(["高中三年级学生身份信息采集导出"] * 20)  # 319 characters, each part short enough for any disk


def windows_error(winerror: int, number: int = 2, kind: type[OSError] = FileNotFoundError) -> OSError:
    error = kind(number, "The system cannot find the path specified.")
    error.winerror = winerror  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize("error", [windows_error(3), windows_error(206), windows_error(123, 22, OSError)], ids=str)
def test_a_long_path_of_windows_is_told_as_such_everywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: OSError
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ExchangeError) as exported:
        write_file(tmp_path / LONG / "a.jpg", b"")
    assert exported.value.code == "export.path_too_long"
    with pytest.raises(ExchangeError) as exported, new_folder(tmp_path / LONG):
        pass
    assert (exported.value.code, exported.value.data["length"]) == ("export.path_too_long", len(str(tmp_path / LONG)))
    with pytest.raises(StoreError, match=r"store\.path_too_long"):
        prepare_folder(tmp_path / LONG)


def test_a_short_path_that_is_not_there_is_no_long_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise windows_error(3)

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ExchangeError, match=r"export\.write_failed"):
        write_file(Path("D:/导出/a.jpg"), b"")
    with pytest.raises(StoreError, match=r"store\.folder "):
        prepare_folder(Path("D:/data"))


def test_a_name_that_is_too_long_for_the_disk_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=r"export\.path_too_long"):
        write_file(tmp_path / ("学" * 200), b"")
    with pytest.raises(StoreError, match=r"store\.path_too_long"):
        prepare_folder(tmp_path / ("学" * 200))
