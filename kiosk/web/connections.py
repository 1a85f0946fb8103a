"""Connections that can't hold up the operator: a request comes whole within a time, and who dawdles makes room for who doesn't.

Waitress gives a connection that sends a byte now and then all the time in the world, and takes no new one once its limit is
reached: two hundred half-open ones would block every screen. All times are by the clock that nobody sets.
"""

from __future__ import annotations

import time
from typing import Any, Final

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

MOST: Final = 200  # connections at a time, the answering ones with them
_WAITING: Final = 64  # without a whole request; screens, previews and a browser's spare ones together need a score
_HEADER_S: Final = 10.0  # from the first byte of a request to the end of its header
_BODY_S: Final = 120.0  # to the end of its body: 32 MB from a slow stick
_IDLE_S: Final = 60.0  # between two requests, or before the first


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """One connection, and since when it waits for what."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.idle_since_s = self.begun_s = self._left_since_s = time.monotonic()
        self._left = 0  # bytes of an answer that the other end has not taken
        super().__init__(*args, **options)

    def received(self, data: bytes) -> bool:
        """Bytes have come; the time of a request runs from its first."""
        if self.request is None:
            self.begun_s = time.monotonic()
        taken: bool = super().received(data)
        self.idle_since_s = time.monotonic()
        return taken

    @property
    def busy(self) -> bool:
        """A request is being answered, or its answer is on its way."""
        return bool(self.requests) or self.total_outbufs_len > 0

    @property
    def waiting_since_s(self) -> float:
        """Since when it owes a request, or the rest of one."""
        return self.idle_since_s if self.request is None else self.begun_s

    def overdue(self, now_s: float) -> bool:
        """Whether its time is up: it owes a request for too long, or takes nothing of its answer."""
        if self._left != self.total_outbufs_len:
            self._left, self._left_since_s = self.total_outbufs_len, now_s
        if self._left > 0 and now_s - self._left_since_s > _IDLE_S:
            return True
        if self.busy:
            return False
        request = self.request
        limit_s = _IDLE_S if request is None else _BODY_S if request.headers_finished else _HEADER_S
        return now_s - self.waiting_since_s > limit_s


class Listener(TcpWSGIServer):  # type: ignore[misc]
    """Weeds before it takes a new connection, so that there is always a place for it."""

    channel_class = Channel

    def handle_accept(self) -> None:
        super().handle_accept()
        self.weed()

    def weed(self) -> None:
        """Close what is overdue, and of those that wait the ones that have waited longest where there are too many."""
        now_s = time.monotonic()
        for channel in list(self.active_channels.values()):
            if channel.overdue(now_s):
                channel.handle_close()
        waiting = sorted((channel for channel in self.active_channels.values() if not channel.busy), key=_longest_first)
        for channel in waiting[: max(len(waiting) - _WAITING, 0)]:
            channel.handle_close()

    def maintenance(self, now: float) -> None:
        """Waitress's own weeding goes by the clock on the wall."""


def _longest_first(channel: Channel) -> tuple[bool, float]:
    """Half a request is a worse sign than a connection that a browser keeps for later."""
    return channel.request is None, channel.waiting_since_s
