"""An IP camera: MJPEG over HTTP (multipart/x-mixed-replace) on 127.0.0.1, as real ones serve it."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Final

_BOUNDARY: Final = b"frame"
_ANSWER: Final = (
    b"HTTP/1.0 200 OK\r\nCache-Control: no-store\r\nConnection: close\r\n"
    b"Content-Type: multipart/x-mixed-replace; boundary=" + _BOUNDARY + b"\r\n\r\n"
)
# A camera has little memory: a client that doesn't read loses pictures, it doesn't get old ones.
_SEND_BUFFER: Final = 256 * 1024


class MjpegServer:
    """Serves the newest picture to whoever is connected. Unplugged, it drops all connections and refuses new ones."""

    def __init__(self) -> None:
        self._new = threading.Condition()
        self._jpeg = b""
        self._number = 0
        self._clients: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._spare = _bound(0)  # holds the port while unplugged
        self.port: int = self._spare.getsockname()[1]

    @property
    def address(self) -> str:
        """What cv2.VideoCapture opens."""
        return f"http://127.0.0.1:{self.port}/camera.mjpg"

    @property
    def plugged(self) -> bool:
        return self._listener is not None

    def send(self, jpeg: bytes) -> None:
        """Hand the next picture to everybody who is connected."""
        with self._new:
            self._jpeg = jpeg
            self._number += 1
            self._new.notify_all()

    def plug(self) -> None:
        if self._listener is None:
            listener = self._listener = self._spare
            listener.listen()
            threading.Thread(target=self._accept, args=(listener,), name="sim-camera-accept", daemon=True).start()

    def unplug(self) -> None:
        if self._listener is not None:
            _close(self._listener)
            self._spare = _bound(self.port)
            with self._new:
                self._listener = None
                for client in self._clients:
                    _close(client)
                self._new.notify_all()

    def stop(self) -> None:
        self.unplug()
        _close(self._spare)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with self._new:
                if self._listener is not listener:
                    _close(client)
                    return
                self._clients.add(client)
            threading.Thread(target=self._serve, args=(client,), name="sim-camera-client", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
            client.recv(65536)  # the request: there is only one thing to ask for
            client.sendall(_ANSWER)
            sent = 0
            while (found := self._next(client, sent)) is not None:
                sent, jpeg = found
                head = b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (_BOUNDARY, len(jpeg))
                client.sendall(head + jpeg + b"\r\n")
        except OSError:
            pass  # gone: the plug was pulled on one side or the other
        finally:
            with self._new:
                self._clients.discard(client)
            client.close()

    def _next(self, client: socket.socket, sent: int) -> tuple[int, bytes] | None:
        with self._new:
            self._new.wait_for(lambda: self._number > sent or client.fileno() < 0 or not self.plugged)
            if client.fileno() < 0 or not self.plugged:
                return None
            return self._number, self._jpeg


def _bound(port: int) -> socket.socket:
    """A socket that holds the port and refuses connections until it listens."""
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", port))
    return holder


def _close(which: socket.socket) -> None:
    with contextlib.suppress(OSError):
        which.shutdown(socket.SHUT_RDWR)
    which.close()


class Streaming:
    """A camera that sends pictures from a thread of its own, from `start` to `stop`."""

    def __init__(self, name: str) -> None:
        self._server = MjpegServer()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> str:
        """Plug it in; returns the address for cv2.VideoCapture."""
        self._server.plug()
        self._thread.start()
        return self._server.address

    def stop(self) -> None:
        self._stopped.set()
        self._server.stop()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        """Send pictures until `_stopped`."""
        raise NotImplementedError
