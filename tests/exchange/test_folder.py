"""What a killed or stopped export leaves behind: nothing, sooner or later."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.errors import ExchangeError
from kiosk.exchange.folder import new_folder, sweep

WRITER = """
import sys
from pathlib import Path
from kiosk.exchange.folder import new_folder
with new_folder(Path(sys.argv[1])) as draft:
    (draft / "half.xlsx").write_bytes(b"half")
    print("writing", flush=True)
    sys.stdin.read()
"""


def writer(target: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", WRITER, str(target)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ})
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    return process


@pytest.mark.skipif(os.name != "posix", reason="kills a process as a power cut does")
def test_the_draft_of_a_killed_export_is_swept_by_the_next_one_and_that_of_a_running_one_stays(tmp_path: Path) -> None:
    running, killed = writer(tmp_path / "running"), writer(tmp_path / "killed")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert len(list(tmp_path.glob(".killed.*.part"))) == 1
    with new_folder(tmp_path / "next"):
        pass
    assert list(tmp_path.glob(".killed.*")) == []
    assert len(list(tmp_path.glob(".running.*.part"))) == 1
    running.communicate("")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["next", "running"]
    assert (tmp_path / "running" / "half.xlsx").read_bytes() == b"half"


def test_folders_of_others_are_not_swept(tmp_path: Path) -> None:
    for name in (".download.part", "export.12345678.part", ".notes"):
        (tmp_path / name).mkdir()
    sweep(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_stick_that_is_gone_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "stick").write_text("no folder any more")
    with pytest.raises(ExchangeError, match=r"export\.write_failed"), new_folder(tmp_path / "stick" / "export"):
        pass
