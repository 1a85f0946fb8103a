"""Cables for the simulated security module: a TCP socket (everywhere) or a pseudo-terminal (Linux)."""

from __future__ import annotations

import os
import select
import shutil
import socket
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from drivers_sim.card.card import SOUND, CardFaults, SimulatedCard
from drivers_sim.card.sam import Requests, SimulatedSam

_BITS_PER_BYTE: Final = 10  # 8N1: a start and a stop bit
_LOOK_S: Final = 0.05  # how often a waiting cable looks whether it was pulled


class _Wire(Protocol):
    """An open end of a cable."""

    def fileno(self) -> int: ...

    def receive(self) -> bytes:
        """Some bytes; b"" when the other end has gone."""

    def send(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class SocketCable:
    """Listens on a port of this machine. The port stays the same when the cable is pulled and put back."""

    def __init__(self) -> None:
        self._listener: socket.socket | None = None
        self._port = 0

    @property
    def address(self) -> str:
        """For serial_for_url."""
        return f"socket://127.0.0.1:{self._port}"

    def put_in(self) -> None:
        """Begin to listen."""
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self._port))
        self._listener.listen(1)
        self._listener.settimeout(_LOOK_S)
        self._port = self._listener.getsockname()[1]

    def pull(self) -> None:
        """Refuse connections."""
        if self._listener is not None:
            self._listener.close()

    def discard(self) -> None:
        """Nothing is left behind."""

    def wire(self) -> _Wire | None:
        """A connection, if one comes now."""
        if self._listener is None:
            return None
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return None
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _SocketWire(connection)


class _SocketWire:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def fileno(self) -> int:
        return self._connection.fileno()

    def receive(self) -> bytes:
        return self._connection.recv(4096)

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def close(self) -> None:
        self._connection.close()


class PtyCable:
    """A pseudo-terminal under a name that stays when the cable is pulled and put back."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="sam-"))
        self._ends: tuple[int, int] | None = None

    @property
    def address(self) -> str:
        """The device file."""
        return str(self._folder / "ttySAM")

    def put_in(self) -> None:
        """Make the device file."""
        import tty

        main, other = os.openpty()
        tty.setraw(main)
        tty.setraw(other)
        Path(self.address).symlink_to(os.ttyname(other))
        self._ends = (main, other)

    def pull(self) -> None:
        """Take the device file away. Its ends close with the wire."""
        Path(self.address).unlink(missing_ok=True)

    def discard(self) -> None:
        """Delete the folder of the device file."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def wire(self) -> _Wire | None:
        """The one wire."""
        ends, self._ends = self._ends, None
        return None if ends is None else _PtyWire(*ends)


class _PtyWire:
    def __init__(self, main: int, other: int) -> None:
        self._main = main
        self._other = other  # held open, so that the wire lives while nobody has the port open

    def fileno(self) -> int:
        return self._main

    def receive(self) -> bytes:
        return os.read(self._main, 4096)

    def send(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._main, data) :]

    def close(self) -> None:
        os.close(self._main)
        os.close(self._other)


class SamReader:
    """A reader with a security module on a serial line. `baud` 0: as fast as it goes; `chunk` bytes leave at once."""

    def __init__(
        self,
        cable: SocketCable | PtyCable | None = None,
        sam: SimulatedSam | None = None,
        baud: int = 0,
        chunk: int = 64,
        wakes_s: float = 0.0,
    ) -> None:
        """`wakes_s`: how long the module hears nothing after its port was opened; on a socket only."""
        self._wakes_s = wakes_s
        self.opened = 0
        self.sam = sam or SimulatedSam()
        self._cable = cable or SocketCable()
        self._baud = baud
        self._chunk = chunk
        self._thread: threading.Thread | None = None
        self._pulled = threading.Event()

    def start(self) -> str:
        """Put the cable in; returns the port's address."""
        self.plug()
        return self._cable.address

    def lay(self, payload: bytes, faults: CardFaults = SOUND) -> None:
        """Lay a card with this payload down, taking away what lay there."""
        self.sam.lay(SimulatedCard(payload, faults))

    def take(self) -> None:
        """Take the card away."""
        self.sam.take()

    @property
    def plugged(self) -> bool:
        """Whether the cable is in."""
        return self._thread is not None

    def plug(self) -> None:
        """Put the cable in."""
        if self._thread is None:
            self._cable.put_in()
            self._pulled.clear()
            self._thread = threading.Thread(target=self._serve, name="simulated-sam", daemon=True)
            self._thread.start()

    def unplug(self) -> None:
        """Pull the cable."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._pulled.set()
            thread.join()

    def stop(self) -> None:
        """End everything."""
        self.unplug()
        self._cable.discard()

    def _serve(self) -> None:
        while not self._pulled.is_set():
            wire = self._cable.wire()
            if wire is not None:
                with suppress(OSError):
                    self._talk(wire)
                wire.close()
            else:
                self._pulled.wait(_LOOK_S)
        self._cable.pull()

    def _talk(self, wire: _Wire) -> None:
        requests, awake_s = Requests(), time.monotonic() + self._wakes_s
        self.opened += 1
        while not self._pulled.is_set():
            if not select.select([wire.fileno()], [], [], _LOOK_S)[0]:
                continue
            if not (data := wire.receive()):
                return
            if time.monotonic() < awake_s:
                continue
            for frame in requests.feed(data):
                self._pace(len(frame), time.monotonic())
                self._send(wire, self.sam.respond(frame))

    def _send(self, wire: _Wire, answer: bytes) -> None:
        started = time.monotonic()
        for start in range(0, len(answer), self._chunk):
            part = answer[start : start + self._chunk]
            self._pace(start + len(part), started)
            wire.send(part)

    def _pace(self, size: int, started: float) -> None:
        """Wait until that many bytes have had their time on the line."""
        if self._baud:
            left_s = started + size * _BITS_PER_BYTE / self._baud - time.monotonic()
            if left_s > 0:
                time.sleep(left_s)
