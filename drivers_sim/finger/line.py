"""Where the simulated sensor hangs: a TCP port (every system) or a pseudo-terminal (Linux). Both can be unplugged."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import tempfile
from pathlib import Path
from typing import Final, Protocol

_TCGETS2: Final = 0x802C542A  # Linux, asm-generic/ioctls.h
_TERMIOS2_BYTES: Final = 44  # asm-generic/termbits.h; the speeds are its last two words
_OVERFLOW_S: Final = 1.0  # how long an unread line holds what it can't hand over


class Line(Protocol):
    """One serial line. Calls come from the sensor's thread, but for `plug` and `unplug`, which the sensor guards."""

    opened: int  # how often the other end has opened it; 0 where that can't be seen

    def plug(self) -> str:
        """Connect; returns the address for `serial.serial_for_url`, the same one every time."""

    def unplug(self) -> None:
        """Tear the line off: whoever has it open gets an error. Idempotent."""

    def receive(self, timeout_s: float) -> bytes:
        """What came in, b"" for nothing; raises OSError when the line is off."""

    def send(self, data: bytes) -> None:
        """Raises OSError when the line is off; what nobody reads for a second is lost, as on a real line."""

    def speed(self) -> int | None:
        """The speed that the other end is set to, None where a line has none."""

    def close(self) -> None:
        """Unplug for good."""


class TcpLine:
    """`socket://127.0.0.1:port`. While unplugged the port is kept but refuses connections."""

    def __init__(self) -> None:
        self.opened = 0
        self._port = 0
        self._listener: socket.socket | None = None
        self._peer: socket.socket | None = None
        self._keeper: socket.socket | None = None

    def plug(self) -> str:
        self._close("_keeper")
        self._listener = self._bound()
        self._listener.listen(1)
        self._listener.setblocking(False)
        return f"socket://127.0.0.1:{self._port}"

    def unplug(self) -> None:
        self._close("_peer")
        self._close("_listener")
        if self._keeper is None:
            self._keeper = self._bound()

    def receive(self, timeout_s: float) -> bytes:
        listener, peer = self._listener, self._peer
        if listener is None:
            raise OSError("unplugged")
        ready, _, _ = select.select([listener, *([peer] if peer else [])], [], [], timeout_s)
        if listener in ready:
            with contextlib.suppress(BlockingIOError):
                newcomer, _ = listener.accept()
                newcomer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                newcomer.settimeout(_OVERFLOW_S)
                self._close("_peer")  # a port has one owner: the newest
                self.opened += 1
                self._peer = newcomer
            return b""
        if peer is None or peer not in ready:
            return b""
        data = peer.recv(4096)
        if not data:
            self._close("_peer")
        return data

    def send(self, data: bytes) -> None:
        peer = self._peer
        if peer is not None:
            with contextlib.suppress(TimeoutError):
                peer.sendall(data)

    def speed(self) -> int | None:
        return None

    def close(self) -> None:
        for name in ("_peer", "_listener", "_keeper"):
            self._close(name)

    def _bound(self) -> socket.socket:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # on Windows this option would let others take the port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", self._port))
        self._port = bound.getsockname()[1]
        return bound

    def _close(self, name: str) -> None:
        old: socket.socket | None = getattr(self, name)
        setattr(self, name, None)
        if old is not None:
            # A reset, not a farewell: a plug that is pulled says nothing, and no port is left waiting.
            with contextlib.suppress(OSError):
                old.shutdown(socket.SHUT_RDWR)
            old.close()


class PtyLine:
    """A pseudo-terminal behind a link of constant name, as /dev/serial/by-id gives to real ones.

    It starts at `baud`, for programs that leave the speed as they find it.
    """

    def __init__(self, baud: int) -> None:
        self.opened = 0
        self._baud = baud
        self._folder = tempfile.TemporaryDirectory(prefix="simulated-sensor-")
        self._link = Path(self._folder.name) / "ttyFINGER"
        self._master = self._slave = -1

    def plug(self) -> str:
        import pty
        import termios
        import tty

        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        state = termios.tcgetattr(self._slave)
        state[4] = state[5] = getattr(termios, f"B{self._baud}", state[5])
        termios.tcsetattr(self._slave, termios.TCSANOW, state)
        os.set_blocking(self._master, False)
        self._link.symlink_to(os.ttyname(self._slave))
        return str(self._link)

    def unplug(self) -> None:
        self._link.unlink(missing_ok=True)
        for end in (self._master, self._slave):
            if end >= 0:
                os.close(end)
        self._master = self._slave = -1

    def receive(self, timeout_s: float) -> bytes:
        if self._master < 0:
            raise OSError("unplugged")
        ready, _, _ = select.select([self._master], [], [], timeout_s)
        return os.read(self._master, 4096) if ready else b""

    def send(self, data: bytes) -> None:
        while data:
            if self._master < 0:
                raise OSError("unplugged")
            _, writable, _ = select.select([], [self._master], [], _OVERFLOW_S)
            if not writable:
                return
            data = data[os.write(self._master, data) :]

    def speed(self) -> int | None:
        import fcntl

        # Not tcgetattr: it has no number for the speeds that programs set by TCSETS2, as some always do.
        state = fcntl.ioctl(self._master, _TCGETS2, bytes(_TERMIOS2_BYTES))
        return int.from_bytes(state[-4:], sys.byteorder)

    def close(self) -> None:
        self.unplug()
        self._folder.cleanup()
