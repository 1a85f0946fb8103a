"""The station begins by itself: a unit of systemd, or a task of Windows' scheduler, for whoever logs in to the machine.

Both start what a person would start, in that person's session: the screens need its display, and the data are that person's.
Desktops that tell systemd nothing of their session never reach its `graphical-session.target`: an entry that every desktop
looks for starts the same unit, which is no second station where it runs already.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from kiosk.errors import KioskError
from kiosk.release import install
from kiosk.release.home import Home

UNIT: Final = "exam-capture-kiosk.service"
TASK: Final = "ExamCaptureKiosk"
_ENTRY_NAME: Final = "exam-capture-kiosk.desktop"
_ROOT: Final = Path(__file__).parents[2]
_LAST_WORDS: Final = 300

# Started by a shell: systemd takes no program whose path has quotation marks or a backslash, nor one with `$$` for a `$`.
_SERVICE: Final = """\
[Unit]
Description=Exam capture station
After=graphical-session.target
PartOf=graphical-session.target

[Service]
ExecStart=/bin/sh -c 'exec "$$0" "$$@"' {command}
WorkingDirectory={folder}
Restart=on-failure
RestartSec=5
TimeoutStopSec=60

[Install]
WantedBy=graphical-session.target
"""

# Desktop Application Autostart Specification 0.5.
_ENTRY: Final = f"""\
[Desktop Entry]
Type=Application
Name=考生信息采集站
Name[en]=Exam capture station
Exec=systemctl --user start {UNIT}
Terminal=false
NoDisplay=true
"""

# The order of the elements is the schema's (Task Scheduler 1.2).
_TASK: Final = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Exam capture station</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>{user}</UserId>
      <Delay>PT10S</Delay>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{command}</Command>
      <Arguments>serve</Arguments>
      <WorkingDirectory>{folder}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


@dataclass(frozen=True)
class Autostart:
    """What begins by itself: the installation's own start script, or the source tree's `run.py`. `windows`: how it is told."""

    command: tuple[str, ...]
    folder: Path
    windows: bool = sys.platform == "win32"

    @classmethod
    def of_this_program(cls) -> Autostart:
        """As it is started by hand."""
        home = Home.here()
        if home is not None:
            return cls((str(home.folder / install.STARTER), "serve"), home.folder)
        return cls((install.base_python(), str(_ROOT / "run.py"), "serve"), _ROOT)

    def text(self) -> str:
        """The unit, or the task."""
        if self.windows:
            program, *arguments = self.command
            user = f"{os.environ.get('USERDOMAIN', '.')}\\{os.environ.get('USERNAME', '')}"
            line = subprocess.list2cmdline(arguments)
            told = {"command": program, "folder": str(self.folder), "user": user}
            text = _TASK.format_map({name: escape(value) for name, value in told.items()})
            return text.replace("<Arguments>serve<", f"<Arguments>{escape(line)}<")
        folder = str(self.folder).replace("%", "%%")
        return _SERVICE.format(command=" ".join(map(_quoted, self.command)), folder=folder)

    @property
    def place(self) -> Path:
        """Where the unit lies; a task lies in Windows' own store."""
        return _config() / "systemd" / "user" / UNIT

    @property
    def entry(self) -> Path:
        """Where a desktop looks for what it starts."""
        return _config() / "autostart" / _ENTRY_NAME

    def shown(self) -> str:
        """All that is written, each file below its path."""
        if self.windows:
            return self.text()
        return f"# {self.place}\n{self.text()}\n# {self.entry}\n{_ENTRY}"

    def turn_on(self) -> None:
        """From the next log-in on. Idempotent; raises KioskError("autostart.failed")."""
        if self.windows:
            with tempfile.TemporaryDirectory() as scratch:
                task = Path(scratch) / "task.xml"
                task.write_text(self.text(), "utf-16")
                _run("schtasks", "/Create", "/F", "/TN", TASK, "/XML", str(task))
            return
        try:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            install.write_whole(self.place, self.text().encode(), 0o644)
            _run("systemctl", "--user", "enable", str(self.place))
            self.entry.parent.mkdir(parents=True, exist_ok=True)
            install.write_whole(self.entry, _ENTRY.encode(), 0o644)
        except OSError as error:
            raise KioskError("autostart.failed", details=error.strerror or str(error)) from None

    def turn_off(self) -> None:
        """No longer. Idempotent; raises KioskError("autostart.failed")."""
        if self.windows:
            if self.is_on():
                _run("schtasks", "/Delete", "/F", "/TN", TASK)
            return
        for file in (self.entry, self.place, *_wants(self.place)):
            file.unlink(missing_ok=True)

    def is_on(self) -> bool:
        if self.windows:
            return subprocess.run(["schtasks", "/Query", "/TN", TASK], capture_output=True, check=False).returncode == 0
        return self.place.exists() and (self.entry.exists() or any(link.is_symlink() for link in _wants(self.place)))


def _config() -> Path:
    """Of the person (XDG Base Directory Specification 0.8)."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def _wants(place: Path) -> list[Path]:
    """What `systemctl enable` makes of the unit."""
    return [place.parent / "graphical-session.target.wants" / place.name]


def _quoted(argument: str) -> str:
    """As systemd takes one argument that means nothing but itself (systemd.service(5), COMMAND LINES)."""
    plain = argument.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"'


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise KioskError("autostart.failed", details=error.strerror or str(error)) from None
    if done.returncode:
        raise KioskError("autostart.failed", details=(done.stderr or done.stdout).strip()[-_LAST_WORDS:])
