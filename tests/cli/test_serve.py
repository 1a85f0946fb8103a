"""What `kiosk serve` sees to before the screens open."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from kiosk.cli.running import _keep_temporary_files_in


def test_temporary_files_lie_among_the_station_s_data_and_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    folder = tmp_path / "data" / "temporary"
    folder.mkdir(parents=True)
    (folder / "roster.xlsx").write_bytes(b"of a killed program")
    _keep_temporary_files_in(folder)
    assert list(folder.iterdir()) == []
    with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as made:
        assert {Path(file.name).parent, Path(made).parent} == {folder}
    if os.name == "posix":
        assert folder.stat().st_mode & 0o077 == 0
