"""cheroot under TLS, so that nobody who dawdles holds up the others: a connection waits for its first word without a thread,
and shakes hands in a thread of its own, where cheroot itself does both in the one that accepts."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from flask import Flask

from kiosk.errors import KioskError

CLIENT: Final = "kiosk.client_certificate"  # in a request's environment: DER, where the context asks for one
_IDLE_S: Final = 60
_FAREWELL_S: Final = 1.0  # for a client to read why it was turned away
_MOST_UNREAD: Final = 1 << 16  # bytes: more than a client sends that waits for an answer
_log: Final = logging.getLogger(__name__)


def taken(host: str, port: int) -> socket.socket:
    """An address of ours from now on. Raises KioskError("office.address")."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        told = getattr(error, "strerror", None) or str(error)
        raise KioskError("office.address", address=f"{host}:{port}", reason=told) from None


def serve_under_tls(
    app: Flask, at: socket.socket, context: ssl.SSLContext, *, threads: int, largest: int, idle_s: int = _IDLE_S
) -> Callable[[], None]:
    """Answer where `at` listens, which is closed; what stops it. `largest`: bytes of a request. Raises
    KioskError("office.no_library")."""
    server = _server(at.getsockname()[:2], app, threads, idle_s)
    server.ssl_adapter = _adapter(context)
    server.max_request_body_size = largest
    at.close()  # cheroot opens its own: the port was free until now
    server.prepare()
    thread = threading.Thread(target=server.serve, name="web under TLS")
    thread.start()

    def stop() -> None:
        server.stop()
        thread.join()

    return stop


def _server(at: Any, app: Flask, threads: int, idle_s: int) -> Any:
    try:
        from cheroot.server import HTTPConnection
        from cheroot.wsgi import Server
    except ImportError:
        raise KioskError("office.no_library", library="cheroot") from None

    class Connection(HTTPConnection):
        """One that shakes hands when it first speaks."""

        def communicate(self) -> bool:
            if self.ssl_env is None and not self._shake_hands():
                return False
            with suppress(OSError):  # cheroot has said so, and answers whoever it could not read, even if nobody hears it
                return bool(super().communicate())  # type: ignore[no-untyped-call]
            return False

        def _shake_hands(self) -> bool:
            try:
                self.socket.do_handshake()
            except OSError as error:
                _log.info("turned away at the handshake: %s", error)
                _say_farewell(self.socket)
                return False
            self.ssl_env = {"wsgi.url_scheme": "https", "HTTPS": "on"}
            if (client := self.socket.getpeercert(binary_form=True)) is not None:
                self.ssl_env[CLIENT] = client
            return True

    class Quiet(Server):
        ConnectionClass = Connection

        def process_conn(self, conn: Any) -> None:
            if conn.last_used is None:
                conn.ssl_env = None
                self._connections.put(conn)  # type: ignore[attr-defined]
            else:
                super().process_conn(conn)

        def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
            _log.log(level, "%s", msg, exc_info=traceback)

    return Quiet(at, app, numthreads=threads, max=4 * threads, timeout=idle_s)


def _adapter(context: ssl.SSLContext) -> Any:
    from cheroot.ssl.builtin import BuiltinSSLAdapter

    class Adapter(BuiltinSSLAdapter):
        """Wraps, and leaves the handshake to the connection."""

        def __init__(self, context: ssl.SSLContext) -> None:
            self.context = context

        def wrap(self, sock: socket.socket) -> tuple[ssl.SSLSocket, dict[str, Any]]:
            return self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), {}

    return Adapter(context)


def _say_farewell(sock: ssl.SSLSocket) -> None:
    """A socket that is closed while something unread lies in it takes its last word back: TLS has just said why."""
    with suppress(OSError), socket.fromfd(sock.fileno(), sock.family, sock.type) as plain:
        plain.settimeout(_FAREWELL_S)
        plain.shutdown(socket.SHUT_WR)
        left = _MOST_UNREAD
        while left > 0 and (content := plain.recv(4096)):
            left -= len(content)
