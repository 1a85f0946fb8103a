"""A recorded scanner or security module at the end of a real line: a pseudo-terminal, or a TCP port."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Final

from drivers_sim.finger.line import Line, PtyLine, TcpLine
from drivers_sim.replay.script import Exchange, Manner, Script, Tongue, exchanges, unasked
from kiosk.devices.card.sam.frames import Command
from kiosk.devices.finger.codes import Instruction
from kiosk.devices.finger.packets import PacketKind
from kiosk.devices.recording.cut import EF01, SAM, Framing, pieces
from kiosk.devices.recording.file import FROM, Entry, Recording, Wire

_IDLE_S: Final = 0.02
_AWAY_S: Final = 0.3  # how long a plug that was pulled in the recording stays out, if it is not played at its own pace
_TORN_S: Final = 0.5


class ReplayedLine:
    """Plays a recording of the wires `sam` and `ef01`. A line that went in it goes again, and comes back.

    `pace` 1 keeps the recorded times between question and answer, 0 answers at once. `check` says in the end whether everything
    that was asked had been recorded.
    """

    def __init__(self, recording: Recording, *, pty: bool = False, pace: float = 0.0) -> None:
        """Raises ValueError for the recording of another wire."""
        if recording.wire not in _WIRES:
            raise ValueError(f"a recording of {recording.wire} has no line")
        self._framing, tongue = _WIRES[recording.wire]
        made = exchanges(recording.entries)
        self._script = Script(made, tongue)
        self._unasked = unasked(recording.entries)
        self._pace = pace
        self._line: Line = PtyLine(next((exchange.baud for exchange in made if exchange.baud), 115_200)) if pty else TcpLine()
        self._running = threading.Event()
        self._thread = threading.Thread(target=self._run, name="replayed-line", daemon=True)

    def start(self) -> str:
        """Plug it in; returns the port."""
        port = self._line.plug()
        self._running.set()
        self._thread.start()
        return port

    def stop(self) -> None:
        """Idempotent."""
        self._running.clear()
        if self._thread.is_alive():
            self._thread.join(5)
        self._line.close()

    @property
    def is_over(self) -> bool:
        """Whether everything was asked that the recording has."""
        return self._script.is_over

    def check(self) -> None:
        """Raises NotRecorded when something was asked that the recording has no answer to."""
        self._script.check()

    def _run(self) -> None:
        said = b""
        if self._unasked:
            with contextlib.suppress(OSError):
                self._line.send(self._unasked)
        heard_s = time.monotonic()
        while self._running.is_set():
            try:
                data = self._line.receive(_IDLE_S)
                if not data and time.monotonic() - heard_s > _TORN_S:
                    said = b""
                if data:
                    heard_s = time.monotonic()
                    said = self._take(said + data)
            except (OSError, ValueError):
                time.sleep(_IDLE_S)

    def _take(self, said: bytes) -> bytes:
        """Answer every whole question; returns what is left over."""
        used = 0
        for piece in pieces([Entry(0.0, FROM, said)], self._framing):
            used += len(piece.data)
            if piece.whole:
                exchange = self._script.answer(piece.data, self._line.speed())
                if exchange is not None:
                    self._play(exchange)
            elif used == len(said):
                return piece.data  # it may go on
        return b""

    def _play(self, exchange: Exchange) -> None:
        began_s = time.monotonic()
        for after_s, data in exchange.answers:
            left_s = self._pace * after_s - (time.monotonic() - began_s)
            if left_s > 0:
                time.sleep(left_s)
            self._line.send(data)
        if exchange.ends_line:
            self._line.unplug()
            time.sleep(_AWAY_S)
            self._line.plug()


_EF01_MANNERS: Final = {
    Instruction.VERIFY_PASSWORD: Manner.STEADY,
    Instruction.READ_SYS_PARA: Manner.LOOK,  # tells what was set before
    Instruction.PRODUCT_INFO: Manner.STEADY,
    Instruction.HANDSHAKE_R503: Manner.STEADY,
    Instruction.HANDSHAKE_ZFM: Manner.STEADY,
    Instruction.TEMPLATE_COUNT: Manner.LOOK,
    Instruction.GEN_IMG: Manner.LOOK,
}
_SECRETS: Final = (Instruction.VERIFY_PASSWORD, Instruction.SET_PASSWORD, Instruction.WRITE_NOTEPAD)
_SAM_MANNERS: Final = {
    Command.STATUS.value: Manner.STEADY,
    Command.IDENTITY.value: Manner.STEADY,
    Command.FIND.value: Manner.LOOK,
}


def _ef01_key(packet: bytes) -> bytes:
    """Kind and content; of data packets and of what holds a secret only what it is."""
    if packet[6] != PacketKind.COMMAND:
        return packet[6:7]
    content = packet[9:-2]
    return content[:1] if content[:1] and content[0] in _SECRETS else content


def _ef01_manner(packet: bytes) -> Manner:
    if packet[6] != PacketKind.COMMAND or len(packet) <= 11:
        return Manner.DEED
    return _EF01_MANNERS.get(Instruction(packet[9]), Manner.DEED) if packet[9] in set(Instruction) else Manner.DEED


_WIRES: Final[dict[Wire, tuple[Framing, Tongue]]] = {
    Wire.EF01: (EF01, Tongue(_ef01_key, _ef01_manner)),
    Wire.SAM: (SAM, Tongue(lambda frame: frame[7:-1], lambda frame: _SAM_MANNERS.get(frame[7:9], Manner.DEED))),
}
