"""The page that answers before anything is loaded: that the station is starting, and what it is at.

It needs the standard library and the words only, and stands at the station's own address: a browser that waits here is led on
as soon as the station answers itself.
"""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from kiosk.languages import languages
from kiosk.words import say

# In this order; words: `starting.<name>`.
STAGES: Final = ("program", "data", "devices")
_AGAIN_S: Final = 1
_MOST_READ: Final = 1 << 16
_STYLE: Final = (
    ":root{color-scheme:light dark;font:1.25rem/1.6 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif}"
    "body{display:grid;place-content:center;min-height:90vh;margin:0}"
    "h1{font-size:1.6rem}ol{padding-left:1.2em}.done{opacity:.7}.done::after{content:' ✓'}.now{font-weight:700}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": f"default-src 'none'; frame-ancestors 'none'; style-src 'sha256-{_STYLE_HASH}'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Retry-After": str(_AGAIN_S),
}


class Starting:
    """What the page says; `now` may be called from any thread."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._stage = STAGES[0]

    def now(self, stage: str) -> None:
        """The station is at this."""
        self._stage = stage

    def page(self) -> bytes:
        """As HTML that asks again by itself."""
        language, at = self._language, STAGES.index(self._stage)
        title = escape(say(language, "starting.title"))
        stages = "".join(_line(language, stage, number - at) for number, stage in enumerate(STAGES))
        return (
            f'<!doctype html><html lang="{languages()[language].html}"><head><meta charset="utf-8">'
            f'<meta http-equiv="refresh" content="{_AGAIN_S}"><meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><style>{_STYLE}</style></head>"
            f'<body><main><h1>{title}</h1><ol role="status">{stages}</ol></main></body></html>'
        ).encode()


def _line(language: str, stage: str, later: int) -> str:
    kind = "now" if not later else "later" if later > 0 else "done"
    current = ' aria-current="step"' if not later else ""
    return f'<li class="{kind}"{current}>{escape(say(language, f"starting.{stage}"))}</li>'


@contextmanager
def shown(starting: Starting, at: socket.socket) -> Iterator[None]:
    """Answer with the page, whatever is asked for, where somebody listens already; whoever comes later is kept waiting for the
    next who answers there."""
    server = _Server(starting, at.dup())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="starting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, starting: Starting, at: socket.socket) -> None:
        super().__init__(at.getsockname(), _Answer, bind_and_activate=False)
        self.socket.close()
        self.socket = at
        self.starting = starting
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Browsers keep connections in store: what comes over one of these later is not for this server to answer."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up early misses nothing."""


class _Answer(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5.0

    def do_GET(self) -> None:
        self._tell(self.server.starting.page())

    def do_HEAD(self) -> None:
        self._tell(b"")

    def do_POST(self) -> None:
        """Nothing is taken yet, but read: who is hung up on while sending sees no answer."""
        length = self.headers.get("Content-Length", "")
        self.rfile.read(min(int(length), _MOST_READ) if length.isdecimal() else 0)
        self.do_GET()

    def _tell(self, page: bytes) -> None:
        self.send_response(HTTPStatus.SERVICE_UNAVAILABLE)
        for name, value in {**_HEADERS, "Content-Length": str(len(page))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def version_string(self) -> str:
        return "kiosk"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nobody needs to know."""
