"""A private pcscd with two virtual readers, beside whatever pcscd the machine runs.

pcscd's socket is a fixed path below /run, so the daemon gets a mount namespace of its own in which /run is a private folder;
clients find the socket there through PCSCLITE_CSOCK_NAME, which libpcsclite reads once, before its first call. That works for
root, and for users where the system lets them make user namespaces.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

SOCKET_SETTING: Final = "PCSCLITE_CSOCK_NAME"
READER: Final = "Virtual PCD"
DRIVER: Final = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
_START_S: Final = 5.0
_STOP_S: Final = 5.0
_ATTEMPTS: Final = 5  # somebody may take a free port before the driver does
_LISTENING: Final = "0A"  # proc(5), the state column of /proc/net/tcp
_CONFIG: Final = """FRIENDLYNAME "{reader}"
DEVICENAME   /dev/null:0x{port:04X}
LIBPATH      {driver}
CHANNELID    0x{port:04X}
"""


def missing() -> str:
    """What this machine lacks for a private pcscd, or nothing."""
    if not (shutil.which("pcscd", path=_path()) and DRIVER.exists()):
        return "apt-get install pcscd vsmartcard-vpcd"
    done = subprocess.run([*_namespace(), "true"], capture_output=True, check=False)
    return "" if done.returncode == 0 else f"a mount namespace ({done.stderr.decode(errors='replace').strip()})"


class PrivatePcscd:
    """pcscd with a reader of two slots, on `port` and `port + 1`. One at a time in a process."""

    def __init__(self) -> None:
        self.folder = _folder()
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket_path(self) -> Path:
        """Where clients reach this daemon."""
        return self.folder / "run" / "pcscd" / "pcscd.comm"

    def start(self, *, with_reader: bool = True) -> None:
        """Start the daemon and wait until it answers; without its reader it is as if that were unplugged.

        Raises TimeoutError when it does not come up.
        """
        for _ in range(_ATTEMPTS):
            self._write_config(with_reader)
            self._launch()
            if self._is_up(with_reader):
                return
            self.stop()
        raise TimeoutError(f"pcscd did not start: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")

    def pause(self) -> None:
        """Let it hang: every call of its clients waits until `resume`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End the daemon, as when the service stops. Idempotent."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def remove(self) -> None:
        """End the daemon and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write_config(self, with_reader: bool) -> None:
        config = self.folder / "config"
        shutil.rmtree(config, ignore_errors=True)
        config.mkdir(parents=True)
        (self.folder / "run" / "pcscd").mkdir(parents=True, exist_ok=True)
        if with_reader:
            self.port = _two_free_ports()
            (config / "vpcd").write_text(_CONFIG.format(reader=READER, port=self.port, driver=DRIVER), encoding="ascii")

    def _launch(self) -> None:
        self.socket_path.unlink(missing_ok=True)
        command = f'mount --bind "{self.folder}/run" /run && exec pcscd --foreground --config "{self.folder}/config"'
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*_namespace(), "sh", "-c", command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PATH": _path()},
                start_new_session=True,  # Ctrl-C in the terminal is for the station, which then ends the daemon
            )

    def _is_up(self, with_reader: bool) -> bool:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            ports = (self.port, self.port + 1) if with_reader else ()
            if self.socket_path.exists() and all(_listens(port) for port in ports):
                return True
            time.sleep(0.005)
        return False


@cache
def _folder() -> Path:
    """One for all daemons of this process, which come one after the other: clients never look for the socket elsewhere."""
    return Path(tempfile.mkdtemp(prefix="pcscd-"))


def _namespace() -> list[str]:
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


def _path() -> str:
    return os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def _two_free_ports() -> int:
    """The first of two free neighbouring ports."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("0.0.0.0", 0))
            port: int = first.getsockname()[1]
            with suppress(OSError, OverflowError):
                second.bind(("0.0.0.0", port + 1))
                return port


def _listens(port: int) -> bool:
    """Whether the driver listens, found out without connecting: a connection would be a card."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == _LISTENING for line in lines)
