"""The office's door for stations: a few addresses that speak JSON, under TLS by its own key (docs/reference/delivery.md).

Nobody logs in here, and there is no page: who comes was named in the handshake, and sees nothing but what is his.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final
from urllib.parse import unquote

from flask import Flask, abort, g, jsonify, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from kiosk.ciphers import OfficeKey
from kiosk.ciphers.tls import Proven, at_the_door
from kiosk.errors import KioskError
from kiosk.listening import host_and_port
from kiosk.office.delivery_door import DeliveryDoor, Standing
from kiosk.records import ReceivedState
from kiosk.web.tls_serving import CLIENT, serve_under_tls, taken

_THREADS: Final = 12
_IDLE_S: Final = 20  # between two words of a request: then the line is dead
_FORBIDDEN, _CONFLICT, _TOO_MUCH, _LATER, _NO_ROOM, _UNSOUND = 403, 409, 413, 429, 507, 422
_STATUS: Final = {
    "delivery.revoked": _FORBIDDEN,
    "delivery.elsewhere": _CONFLICT,
    "delivery.busy": _CONFLICT,
    "delivery.too_large": _TOO_MUCH,
    "delivery.too_many": _LATER,
    "delivery.no_room": _NO_ROOM,
    "delivery.changed": _UNSOUND,
    "delivery.no_package": _UNSOUND,
}
_SLACK: Final = 1 << 16  # bytes of a request's head
_log: Final = logging.getLogger(__name__)


def create_delivery_app(door: DeliveryDoor) -> Flask:
    """As a WSGI app, for `serve_deliveries` alone: it believes what the handshake says."""
    app = Flask("kiosk.deliveries", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = door.limits.piece

    @app.before_request
    def name_visitor() -> None:
        certificate = request.environ.get(CLIENT) or abort(_FORBIDDEN)
        g.visitor = door.visitor(certificate)

    @app.get("/files/<digest>")
    def standing(digest: str) -> ResponseReturnValue:
        return jsonify(_told(door.standing(_visitor(), digest)))

    @app.patch("/files/<digest>")
    def put(digest: str) -> ResponseReturnValue:
        """A piece: `Upload-Offset`, `Upload-Length` as tus 1.0 has them, `Upload-Name`."""
        try:
            offset, whole = int(request.headers["Upload-Offset"]), int(request.headers["Upload-Length"])
        except (KeyError, ValueError):
            abort(400)
        size, name = request.content_length or abort(411), unquote(request.headers.get("Upload-Name", ""))
        piece = {"offset": offset, "whole": whole, "size": size}
        return jsonify(_told(door.put(_visitor(), digest, name=name, read=request.stream.read, **piece)))

    @app.get("/answers")
    def answers() -> ResponseReturnValue:
        told = ("digest", "kind", "sha256", "size")
        return jsonify([{name: getattr(one, name) for name in told} for one in door.offered(_visitor())])

    @app.get("/answers/<digest>")
    def answer(digest: str) -> ResponseReturnValue:
        found = next((one for one in door.offered(_visitor()) if one.digest == digest), None) or abort(404)
        return send_file(found.path, mimetype="application/octet-stream")

    app.register_error_handler(KioskError, _refusal)
    app.register_error_handler(Exception, _failure)
    return app


@contextmanager
def serve_deliveries(address: str, key: OfficeKey) -> Iterator[Door]:
    """Take an address, HOST:PORT. Raises KioskError: "office.address", "office.no_library", StoreError("tls.suite")."""
    context = at_the_door(key.signing)
    with ExitStack() as begun:
        yield Door(address, context, begun)


class Door:
    """A place that is taken; whoever comes is answered from `open` on, until the block of `serve_deliveries` ends."""

    def __init__(self, address: str, context: ssl.SSLContext, begun: ExitStack) -> None:
        self._socket = taken(*host_and_port(address))
        begun.callback(self._socket.close)
        self._begun = begun
        self._context = context
        host, self.port = self._socket.getsockname()[:2]
        self.address = f"{host}:{self.port}"

    def open(self, door: DeliveryDoor) -> None:
        """Begin."""
        app, largest = create_delivery_app(door), door.limits.piece + _SLACK
        stop = serve_under_tls(app, self._socket, self._context, threads=_THREADS, largest=largest, idle_s=_IDLE_S)
        self._begun.callback(stop)

    def close(self) -> None:
        """Answer nobody any more. Idempotent."""
        self._begun.close()


def _visitor() -> Proven:
    visitor: Proven = g.visitor
    return visitor


def _told(standing: Standing) -> dict[str, Any]:
    parcel = standing.parcel
    if parcel is None:
        return {"offset": standing.offset, "state": ""}
    told = {"offset": standing.offset, "state": parcel.state}
    if parcel.state is ReceivedState.REFUSED:
        told |= {"code": parcel.reason, "data": dict(parcel.reason_data)}
    return told | ({"counts": vars(parcel.counts)} if parcel.state is ReceivedState.TAKEN else {})


def _refusal(error: KioskError) -> ResponseReturnValue:
    if error.code != "delivery.cut":
        with suppress(OSError):  # who still sends hears no answer: a piece is taken to its end before it is refused
            while request.stream.read(_SLACK):
                pass
    data = {name: one if isinstance(one, int | float) else str(one) for name, one in error.data.items()}
    return jsonify(code=error.code, data=data), _STATUS.get(error.code, 400)


def _failure(error: Exception) -> ResponseReturnValue:
    if isinstance(error, HTTPException):
        return jsonify(code="", data={}), error.code or 500
    _log.exception("a station could not be answered")
    return jsonify(code="", data={}), 500
