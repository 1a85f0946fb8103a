"""A virtual card for the vpcd driver of pcscd: a TCP connection is a card in the field, closing it takes the card away.

Frames both ways: two bytes big-endian length, then the bytes. One byte from vpcd is a control (off, on, reset, get ATR; only
the last is answered), anything longer a command APDU.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress
from typing import Final

from drivers_sim.card.card import CardLeft, CardSilent, VirtualCard

_GET_ATR: Final = 4
_CONNECT_S: Final = 5.0
_QUICKACK: Final = getattr(socket, "TCP_QUICKACK", None)  # Linux only, like vpcd


class CardOnWire:
    """A card laid on the virtual reader that listens on `port` of this machine, until `take`."""

    def __init__(self, card: VirtualCard, port: int) -> None:
        self._card = card
        self._socket = _connect(port)
        self._thread = threading.Thread(target=self._serve, name=f"virtual-card-{port}", daemon=True)
        self._thread.start()

    def take(self) -> None:
        """Take the card away. Idempotent."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _serve(self) -> None:
        with self._socket, suppress(OSError, EOFError, CardLeft):
            while True:
                (size,) = struct.unpack(">H", self._receive(2))
                message = self._receive(size)
                if size > 1:
                    with suppress(CardSilent):
                        self._send(self._card.answer(message))
                elif message[0] == _GET_ATR:
                    self._send(self._card.atr)

    def _receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            if not (part := self._socket.recv(size - len(data))):
                raise EOFError
            data += part
            if _QUICKACK is not None:  # without it the kernel holds back the acknowledgement: 43 ms an APDU, not 0.2
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        return data

    def _send(self, data: bytes) -> None:
        self._socket.sendall(struct.pack(">H", len(data)) + data)


def _connect(port: int) -> socket.socket:
    """A connection to vpcd, which may be just starting."""
    deadline = time.monotonic() + _CONNECT_S
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=_CONNECT_S)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            connection.settimeout(None)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
