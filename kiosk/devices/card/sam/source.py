"""Cards on a reader that is nothing but a security module on a line: it has to be asked again and again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Final

from kiosk.devices.card.payload import Payload
from kiosk.devices.card.sam.module import SecurityModule
from kiosk.devices.card.sam.states import LINE
from kiosk.devices.card.sam.stream import ByteStream, StreamOpener
from kiosk.devices.card.slot import SlotChange
from kiosk.devices.facts import Way
from kiosk.errors import DeviceError, TemporaryFault

_POLL_S: Final = 0.3
# One damaged answer to a harmless question is noise, several in a row are a fault of the line.
_MOST_DAMAGED: Final = 3


class SamSource:
    """Asks a module for cards.

    The module can't tell that a card was taken away: "no card" after a reading means that it still lies there or has gone. So a
    card's removal is told only when the next one comes.
    """

    unverified = True
    way = Way.MODULE

    def __init__(
        self, open_stream: StreamOpener, *, fingerprints: bool = False, address: bool = False, poll_s: float = _POLL_S
    ) -> None:
        self._open_stream = open_stream
        self._fingerprints = fingerprints
        self._address = address
        self._poll_s = poll_s
        self._stream: ByteStream | None = None
        self._module: SecurityModule | None = None
        self._interrupted = threading.Event()

    def open(self) -> str:
        """Open the line and ask the module whether it is well; returns the line's name and the module's number."""
        self._stream, name = self._open_stream()
        self._module = SecurityModule(self._stream)
        self._module.check()
        return f"{name} · SAM {self._module.identity()}"

    def changes(self) -> Iterator[SlotChange]:
        """Whether a card lies there, then every card that comes."""
        present = self._find(doubtful=True)
        yield SlotChange(present)
        while not self._interrupted.wait(self._poll_s):
            if self._find(doubtful=False):
                yield SlotChange(present=True, swapped=present)
                present = True
        self._interrupted.clear()

    def read(self, _change: SlotChange, _deadline: float) -> Payload:
        """Select and read. The module's own time limits keep any deadline of some seconds."""
        return self._opened().read(fingerprints=self._fingerprints, address=self._address)

    def interrupt(self) -> None:
        """End a blocked `changes` at once."""
        self._interrupted.set()

    def close(self) -> None:
        """Let the line go."""
        stream, self._stream, self._module = self._stream, None, None
        if stream is not None:
            stream.close()

    def _find(self, *, doubtful: bool) -> bool:
        """Whether a card has come.

        `doubtful`: one may have been found already without our knowing, its answer damaged on the way, and is not found twice;
        then selecting shows whether it lies there.
        """
        module = self._opened()
        for _ in range(_MOST_DAMAGED):
            try:
                return module.find() or (doubtful and module.select())
            except DeviceError as error:
                if error.code != LINE:
                    raise
                doubtful = True
        raise TemporaryFault("card.sam.noise")

    def _opened(self) -> SecurityModule:
        if self._module is None:
            raise TemporaryFault("card.sam.silent")
        return self._module
