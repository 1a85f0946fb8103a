"""The app under waitress, in threads of its own."""

from __future__ import annotations

import socket
import threading
from typing import Any, Final

from flask import Flask
from waitress import wasyncore

from kiosk.listening import HOST, listen
from kiosk.web.app import WAITING_PLACES
from kiosk.web.connections import MOST, Listener
from kiosk.web.context import let_go

_THREADS: Final = WAITING_PLACES + 8  # the waiting ones, and always some for commands and pictures
_LOOP_S: Final = 0.2


class Server:
    """A running server; `stop` ends it."""

    def __init__(self, app: Flask, server: Any, sockets: dict[int, Any]) -> None:
        self.port = int(server.effective_port)
        self.url = f"http://{HOST}:{self.port}"
        self._app = app
        self._server = server
        self._sockets = sockets
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        self._thread.start()

    def connections(self) -> int:
        """How many there are."""
        return len(self._server.active_channels)

    def stop(self) -> None:
        """Answer who waits, then close everything. Idempotent."""
        let_go(self._app)
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        # Rounds of our own instead of the server's `run`: that one only ends by an exception in its own thread.
        while not self._stopping.is_set():
            wasyncore.loop(timeout=_LOOP_S, map=self._sockets, count=1)
            self._server.weed()
        self._server.task_dispatcher.shutdown()
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()  # lets go of files that are half sent, which closing the socket alone does not
        wasyncore.close_all(self._sockets, ignore_all=True)


def serve_app(app: Flask, at: socket.socket | int) -> Server:
    """Serve the app on this machine only, on a port or where `listen` took one."""
    sockets: dict[int, Any] = {}
    sock = listen(at) if isinstance(at, int) else at
    server = Listener(
        app,
        map=sockets,
        _sock=sock,
        bind_socket=False,
        sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
        threads=_THREADS,
        ident=None,
        connection_limit=MOST,
        clear_untrusted_proxy_headers=True,
    )
    return Server(app, server, sockets)
