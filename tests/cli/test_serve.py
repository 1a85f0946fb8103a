"""What `kiosk serve` sees to before the screens open."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.cli import main
from kiosk.cli.running import keep_temporary_files_in


def test_temporary_files_lie_among_the_station_s_data_and_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    folder = tmp_path / "data" / "temporary"
    folder.mkdir(parents=True)
    (folder / "roster.xlsx").write_bytes(b"of a killed program")
    keep_temporary_files_in(folder)
    assert list(folder.iterdir()) == []
    with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as made:
        assert {Path(file.name).parent, Path(made).parent} == {folder}
    if os.name == "posix":
        assert folder.stat().st_mode & 0o077 == 0


def test_a_start_that_would_begin_another_version_is_left_to_the_start_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class AskedForAnother:
        def __init__(self, *_: object) -> None:
            pass

        def until_the_end(self) -> bool:
            return True

    (tmp_path / "config.toml").write_text("[web]\nport = 0\n")
    monkeypatch.setattr("signal.signal", lambda *_: None)  # the test's own process goes on
    monkeypatch.setattr("kiosk.cli.running.Run", AskedForAnother)
    monkeypatch.setattr("kiosk.release.another_version_waits", lambda: True)
    done = CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), "serve", "--no-browser"])
    assert done.exit_code == 75
