"""Two hundred connections that never end their requests, and the operator, who notices nothing. Real sockets."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle

import pytest

from kiosk.web import Server, connections
from kiosk.web.assets import static_path

HALF_OPEN = 200
BEGINNINGS = (
    b"GET /operator HTTP/1.1\r\nHost: localhost\r\nX-A: ",
    b"POST /command HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n",
    b"",
)
SOON_S = 5.0
ROUNDS_S = 6.0  # of a byte a second


@contextmanager
def dawdlers(port: int, many: int, every_s: float = 1.0) -> Iterator[list[socket.socket]]:
    """Connections that send a byte now and then, and come back when they are thrown out."""
    stop, ready = threading.Event(), threading.Event()
    opened: list[socket.socket] = []

    def connect(beginning: bytes) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", port))
        made.settimeout(0.001)
        with suppress(OSError):  # thrown out already
            made.sendall(beginning)
        return made

    def run() -> None:
        opened.extend(connect(beginning) for beginning, _ in zip(cycle(BEGINNINGS), range(many), strict=False))
        ready.set()
        while not stop.wait(every_s):
            for place, beginning in zip(range(many), cycle(BEGINNINGS), strict=False):
                try:
                    opened[place].sendall(b"a" if beginning else b"")
                    if opened[place].recv(64) == b"":
                        raise ConnectionResetError
                except TimeoutError:
                    pass
                except OSError:
                    opened[place].close()
                    opened[place] = connect(beginning)

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(30)
    yield opened
    stop.set()
    thread.join()
    for one in opened:
        one.close()


def ask(port: int, path: str = "/operator") -> float:
    """Seconds until the whole page is there."""
    begun = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200
    return time.monotonic() - begun


def test_two_hundred_half_open_connections_hold_up_nobody(server: Server) -> None:
    ask(server.port)  # templates are compiled at the first
    times, until = [], time.monotonic() + ROUNDS_S
    with dawdlers(server.port, HALF_OPEN):
        while time.monotonic() < until:
            times += [ask(server.port, path) for path in ("/operator", "/state?after=0", f"{static_path()}/js/operator.js")]
            time.sleep(0.1)
    assert max(times) < SOON_S


def closed_after(sent: bytes, port: int, every_s: float = 0.1) -> float:
    """Seconds until the server hangs up on a connection that goes on byte by byte."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as made:
        made.settimeout(every_s)
        made.sendall(sent)
        while time.monotonic() - begun < 30:
            try:
                if made.recv(64) == b"":
                    break
            except TimeoutError:
                pass
            except OSError:
                break
            try:
                made.sendall(b"a" if sent else b"")
            except OSError:
                break
    return time.monotonic() - begun


@pytest.mark.parametrize(("beginning", "limit"), list(zip(BEGINNINGS, ("_HEADER_S", "_BODY_S", "_IDLE_S"), strict=True)))
def test_who_never_ends_a_request_is_hung_up_on(
    server: Server, monkeypatch: pytest.MonkeyPatch, beginning: bytes, limit: str
) -> None:
    if limit == "_BODY_S":
        beginning = beginning.replace(b": 9", b": 900000")
    monkeypatch.setattr(connections, limit, 0.5)
    assert 0.4 < closed_after(beginning, server.port) < 20


def test_who_takes_nothing_of_an_answer_is_hung_up_on(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_IDLE_S", 0.5)
    with ExitStack() as kept:
        made = kept.enter_context(socket.socket())
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        made.connect(("127.0.0.1", server.port))
        made.sendall(b"GET /operator HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200)
        deadline = time.monotonic() + 30
        while server.connections() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.connections() == 0


def test_a_browser_keeps_its_connection_between_two_requests(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/operator")
    connection.getresponse().read()
    kept = connection.sock
    with dawdlers(server.port, 40):
        connection.request("GET", "/operator")
        assert connection.getresponse().status == 200
    assert connection.sock is kept
    connection.close()
