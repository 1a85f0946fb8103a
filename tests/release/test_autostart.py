"""The files by which a station begins by itself, held against what reads them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kiosk.errors import KioskError
from kiosk.release import Autostart
from kiosk.release.autostart import UNIT

NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
@pytest.mark.parametrize("name", ["考点 1", '考点 "1" 100% $HOME', "O'Brien ${HOME} & (1); !", "a\\b\tc"])
def test_systemd_takes_the_unit_and_the_shell_the_script_whatever_the_folder_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    script = folder / "kiosk.sh"
    script.write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n')
    script.chmod(0o755)
    text = Autostart((str(script), "serve"), folder, windows=False).text()
    unit = tmp_path / UNIT
    unit.write_text(text, "utf-8")
    runtime = tmp_path / "run"
    runtime.mkdir(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))  # without one systemd-analyze gives up before it reads any unit
    checked = subprocess.run(["systemd-analyze", "verify", "--user", str(unit)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    (line,) = (line for line in text.splitlines() if line.startswith("ExecStart="))
    assert subprocess.run(as_systemd(line), capture_output=True, text=True, check=True).stdout == f"{script}\nserve\n"


def as_systemd(line: str) -> list[str]:
    """The arguments of a command line in a unit (systemd.service(5), COMMAND LINES), for lines without variables."""
    return [part.replace("%%", "%").replace("$$", "$") for part in shlex.split(line.removeprefix("ExecStart="))]


def test_the_task_is_as_windows_schema_orders_it_and_names_the_script_with_its_own_characters() -> None:
    wanted = Autostart(("C:\\考点 & 1\\kiosk.bat", "serve"), Path("C:/考点 & 1"), windows=True)
    task = ET.fromstring(wanted.text().partition("?>")[2])
    assert [child.tag.removeprefix(NAMESPACE) for child in task] == [
        *("RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"),
    ]
    run = task.find(f"{NAMESPACE}Actions/{NAMESPACE}Exec")
    assert run is not None
    assert [child.text for child in run][:2] == ["C:\\考点 & 1\\kiosk.bat", "serve"]
    assert task.findtext(f".//{NAMESPACE}RunLevel") == "LeastPrivilege"
    assert task.findtext(f".//{NAMESPACE}ExecutionTimeLimit") == "PT0S", "Windows ends others after three days"


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What it was asked, line by line: the folder has no user's systemd that could answer."""
    asked = tmp_path / "asked"
    os.mkfifo(asked)
    fake = tmp_path / "bin" / "systemctl"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "$@" >"{asked}"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return asked


def read_beside(asked: Path, act: Callable[[], object]) -> str:
    """What systemctl was asked while something was done."""
    with ThreadPoolExecutor(1) as beside:
        told = beside.submit(asked.read_text)
        act()
        return told.result(timeout=30)


@pytest.mark.skipif(shutil.which("gio") is None, reason="nothing here starts programs as a desktop does")
def test_a_desktop_that_tells_systemd_nothing_starts_the_same_unit_and_no_second_station(
    tmp_path: Path, systemctl: Path
) -> None:
    wanted = Autostart(("/opt/kiosk.sh", "serve"), tmp_path, windows=False)
    assert read_beside(systemctl, wanted.turn_on) == f"--user enable {wanted.place}\n"
    entry = tmp_path / "config" / "autostart" / "exam-capture-kiosk.desktop"
    launch = ["gio", "launch", str(entry)]
    assert read_beside(systemctl, lambda: subprocess.run(launch, check=True)) == f"--user start {UNIT}\n"
    assert wanted.is_on()
    for file in (entry, wanted.place):
        assert f"# {file}\n{file.read_text('utf-8')}" in wanted.shown()
    wanted.turn_off()
    assert not wanted.is_on()
    assert [one for one in (tmp_path / "config").rglob("*") if not one.is_dir()] == []


def test_where_systemd_refuses_no_desktop_is_told_to_start_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "systemctl").write_text("#!/bin/sh\necho no bus >&2\nexit 1\n")
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    wanted = Autostart(("/opt/kiosk.sh", "serve"), tmp_path, windows=False)
    with pytest.raises(KioskError, match=r"autostart\.failed.*no bus"):
        wanted.turn_on()
    assert not wanted.is_on()


def test_it_is_turned_off_as_often_as_one_likes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    wanted = Autostart(("/opt/kiosk.sh", "serve"), tmp_path, windows=False)
    wanted.place.parent.mkdir(parents=True)
    wanted.place.write_text(wanted.text())
    wants = tmp_path / "systemd/user/graphical-session.target.wants"
    wants.mkdir()
    (wants / UNIT).symlink_to(wanted.place)
    assert wanted.is_on()
    wanted.turn_off()
    wanted.turn_off()
    assert not wanted.is_on()
    assert not wanted.place.exists()
