"""Starts that can't be: told in words, at once, with exit status 2, and with nothing touched."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli import main
from tests.e2e.served import ROOT, served

SERVE = ("serve", "--simulate", "--no-browser", "--port")


def kiosk(folder: Path, *arguments: str, before: Sequence[str] = (), **more: str) -> "subprocess.CompletedProcess[str]":
    """A command of the kiosk on a folder, in a process of its own; `more`: of its environment."""
    command = [*before, sys.executable, "-m", "kiosk", "--config", str(folder / "config.toml"), *arguments]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **more}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def said(folder: Path, *arguments: str) -> Result:
    """A command of the kiosk on a folder, in this process: for what needs none of its own."""
    return CliRunner().invoke(main, ["--config", str(folder / "config.toml"), *arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text("")
    return tmp_path


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_taken_port_is_told_before_anything_is_loaded_or_made(folder: Path, taken_port: int) -> None:
    told = kiosk(folder, *SERVE, str(taken_port))
    assert told.returncode == 2
    assert f"端口 {taken_port} 已被占用" in told.stderr
    assert [path.name for path in folder.iterdir()] == ["config.toml"]


@pytest.fixture
def desktop(folder: Path) -> dict[str, str]:
    """Two monitors and a browser: its stand-in notes in `shown` what it was to show, and closes an ordinary window at once."""
    programs = folder / "bin"
    programs.mkdir()
    there = "A connected primary 1366x768+0+0 (normal)\nB connected 1920x1080+1366+0 (normal)"
    browser = f'echo "$@" >> "{folder}/shown"; case "$*" in *--start-maximized*) exit 0;; esac; exec sleep 1000'
    for name, does in (("xrandr", f"echo '{there}'"), ("chromium", browser)):
        (programs / name).write_text(f"#!/bin/sh\n{does}\n")
        (programs / name).chmod(0o700)
    return {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "DISPLAY": ":9"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the desktop's stand-ins are scripts")
def test_a_second_station_is_told_who_has_the_data_and_the_first_one_goes_on(folder: Path, desktop: dict[str, str]) -> None:
    with served(folder, full=True, env=desktop) as first:
        second = kiosk(folder, *SERVE, "0")
        assert second.returncode == 2
        assert f"进程 {first.process.pid}" in second.stderr
        assert first.url in second.stderr
        deadline = time.monotonic() + 60
        while "ticket=" not in (shown := (folder / "shown").read_text()):
            assert time.monotonic() < deadline, shown
            time.sleep(0.1)
        operator, student = shown.splitlines()
        assert operator.endswith(
            f"--window-position=0,0 --window-size=1366,768 --ozone-platform=x11 --app={first.url}/operator"
        )
        assert "--kiosk --autoplay-policy=no-user-gesture-required" in student
        assert (
            f"--window-position=1366,0 --window-size=1920,1080 --ozone-platform=x11 --app={first.url}/student/window" in student
        )
        brought_up = kiosk(folder, "serve", "--simulate", "--kiosk", "--port", first.url.rpartition(":")[2], **desktop)
        assert (brought_up.returncode, first.url in brought_up.stdout) == (0, True), brought_up.stderr
        assert (folder / "shown").read_text().splitlines()[2:][0].endswith(f"--start-maximized {first.url}/operator")
        assert said(folder, "store", "adopt", "--simulate", "--reason", "试", "--by", "某人").exit_code == 2
        beside = said(folder, "progress", "--simulate")
        assert beside.exit_code == 0, beside.output
        checked = said(folder, "store", "check", "--simulate")
        assert (checked.exit_code, "数据完好" in checked.output) == (0, True), checked.output
        assert "Traceback" not in first.press_ctrl_c()
        assert first.process.returncode == 0


def test_refused_starts_end_with_status_2_every_time(folder: Path, taken_port: int) -> None:
    (folder / "data" / "simulated").mkdir(parents=True)
    (folder / "data" / "simulated" / "station.key").write_bytes(bytes(32))  # a key alone: its databases are lost
    for port in (0, taken_port, 0):
        told = kiosk(folder, *SERVE, str(port))
        assert told.returncode == 2, told.stderr
        assert ("已被占用" if port else "没有新建任何文件") in told.stderr.splitlines()[-1]
        assert "Traceback" not in told.stderr
    assert sorted(path.name for path in (folder / "data" / "simulated").iterdir() if path.suffix != ".lock") == ["station.key"]


@pytest.mark.skipif(os.name != "posix", reason="takes rights away the Unix way")
def test_a_data_folder_that_cannot_be_written_is_told_in_words(folder: Path) -> None:
    (folder / "data").mkdir(mode=0o555)
    # root may write everywhere, unless it gives that up
    before = ("setpriv", "--bounding-set=-dac_override") if os.getuid() == 0 else ()
    for arguments in ((*SERVE, "0"), ("progress",)):
        told = kiosk(folder, *arguments, before=before)
        assert told.returncode == 2, told.stderr
        assert "不可写" in told.stderr
        assert "Traceback" not in told.stderr


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_nobody_else_can_read_anything_that_the_program_writes(folder: Path) -> None:
    data = folder / "data"
    (data / "simulated").mkdir(parents=True)
    data.chmod(0o755)
    (data / "simulated").chmod(0o755)
    (data / "kiosk.log").touch(mode=0o644)
    roster = folder / "roster.csv"
    roster.write_text("姓名,身份证号,年级,班级\n考生甲,630103200801010013,高一,5\n", encoding="utf-8")
    before = set(folder.iterdir())
    with served(folder) as station:
        assert said(folder, "import-roster", str(roster), "--simulate").exit_code == 0
        for command, out in (("export", "export"), ("class-list", "export/名单.pdf")):
            told = said(folder, command, "--simulate", "--out", str(folder / out))
            assert told.exit_code in {0, 1}, told.output
        assert [path for path in (folder / "export").rglob("*") if path.suffix in {".xlsx", ".pdf"}]
        readable = [str(path) for path in folder.rglob("*") if path not in before and path.stat().st_mode & 0o077]
        assert readable == []
        assert {"kiosk.log", "identity.sqlite3-wal", "vault.sqlite3-wal", "station.key"} <= {
            path.name for path in data.rglob("*")
        }
        assert data.stat().st_mode & 0o777 == 0o700
        station.press_ctrl_c()
