"""What a killed or stopped export leaves behind: nothing, sooner or later."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from kiosk import durable
from kiosk.errors import ExchangeError
from kiosk.exchange import folder
from kiosk.exchange.folder import new_folder, sweep
from tests.killing import begun, pipe


def write(target: Path, told: Any, heard: Any) -> None:
    """An export that is half done until somebody says that it is whole."""
    with new_folder(target) as draft:
        (draft / "half.xlsx").write_bytes(b"half")
        told.send("writing")
        heard.recv()


@contextmanager
def writer(target: Path) -> Iterator[tuple[Any, Any]]:
    """A process that is at it, and what tells it to go on."""
    (hear, tell), (heard, done) = pipe(), pipe()
    process = begun(lambda told, heard: write(target, told, heard), tell, heard)
    tell.close()
    heard.close()
    with closing(hear), closing(done):
        assert hear.recv() == "writing"
        yield process, done


@pytest.mark.skipif(os.name != "posix", reason="kills a process as a power cut does")
def test_the_draft_of_a_killed_export_is_swept_by_the_next_one_and_that_of_a_running_one_stays(tmp_path: Path) -> None:
    with writer(tmp_path / "running") as (running, done), writer(tmp_path / "killed") as (killed, _):
        killed.kill()
        killed.join()
        assert len(list(tmp_path.glob(".killed.*.part"))) == 1
        with new_folder(tmp_path / "next"):
            pass
        assert list(tmp_path.glob(".killed.*")) == []
        assert len(list(tmp_path.glob(".running.*.part"))) == 1
        done.send("whole")
        running.join()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["next", "running"]
    assert (tmp_path / "running" / "half.xlsx").read_bytes() == b"half"


def test_folders_of_others_are_not_swept(tmp_path: Path) -> None:
    for name in (".download.part", "export.12345678.part", ".notes"):
        (tmp_path / name).mkdir()
    sweep(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("whole", "kind", "one_by_one"),
    [(True, "ext4", 0), (False, "ext4", 101), (True, "vfat", 101), (True, "", 101)],
    ids=["all at once", "something could not be written", "a stick", "a filesystem that nobody can name"],
)
def test_many_files_are_flushed_at_once_where_the_system_vouches_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool, kind: str, one_by_one: int
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(durable, "_sync_filesystem", lambda _: whole)  # no disk of a test fails, or is a stick
    monkeypatch.setattr(durable, "_filesystem", lambda _: kind)
    monkeypatch.setattr(durable, "_tells_failures", lambda: True)
    monkeypatch.setattr(folder, "sync_file", flushed.append)
    with new_folder(tmp_path / "export") as draft:
        for number in range(101):
            (draft / f"{number}").touch()
    assert len(flushed) == one_by_one


def test_a_stick_that_is_gone_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "stick").write_text("no folder any more")
    with pytest.raises(ExchangeError, match=r"export\.write_failed"), new_folder(tmp_path / "stick" / "export"):
        pass
