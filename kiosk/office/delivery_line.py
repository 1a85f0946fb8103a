"""The station's line to its office: HTTPS by TLS 1.3, where each proves its signing key to the other (`kiosk.ciphers.tls`).

No address is believed and no public authority: who answers has the key of the office that the station's certificate is of.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from kiosk.ciphers.tls import DOOR
from kiosk.errors import ExchangeError, KioskError
from kiosk.exchange.file_names import plain
from kiosk.exchange.parcel import Kind
from kiosk.listening import host_and_port
from kiosk.records import ReceivedCounts, ReceivedState

PIECE: Final = 4 << 20  # bytes of a request: half of what the office takes
_TIMEOUT_S: Final = 30.0
_MOST_TOLD: Final = 1 << 20  # bytes of an answer that is JSON
_MOST_FETCHED: Final = 1 << 30
_CHUNK: Final = 1 << 16
_CODE: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_NAME: Final = re.compile(r"(?!code$|self$)[a-z_]{1,30}")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
# What TLS says of a certificate that the other side does not let in, by OpenSSL's names of the alerts (RFC 8446 §6.2).
_TURNED_AWAY: Final = {
    "ALERT_CERTIFICATE_EXPIRED": "delivery.expired",
    "ALERT_UNKNOWN_CA": "delivery.unknown_here",
    "ALERT_DECRYPT_ERROR": "delivery.unknown_here",
    "ALERT_BAD_CERTIFICATE": "delivery.unknown_here",
    "ALERT_UNSUPPORTED_CERTIFICATE": "delivery.unknown_here",
    "ALERT_CERTIFICATE_UNKNOWN": "delivery.unknown_here",
}


@dataclass(frozen=True)
class Answer:
    """What the office says of a file: how many bytes it has, and once it is whole, what became of it (None: not yet)."""

    offset: int
    state: ReceivedState | None = None
    reason: str = ""
    reason_data: Mapping[str, Any] | None = None
    counts: ReceivedCounts = field(default_factory=ReceivedCounts)


@dataclass(frozen=True)
class Waiting:
    """What lies ready at the office. `digest` is that of its head."""

    digest: str
    kind: Kind
    sha256: str
    size: int


class Line:
    """One conversation with the office, in one thread; `break_off` may be called from any.

    Raises ExchangeError: "delivery.unreachable" (nobody answers, or the line broke: try again), "delivery.stranger" (it is not
    the office that answers), "delivery.expired" and "delivery.unknown_here" (turned away), "delivery.speech" (an answer that
    makes no sense), and with what the office itself refuses by.
    """

    def __init__(self, address: str, context: ssl.SSLContext) -> None:
        self._address = address
        self._http = _Connection(*host_and_port(address), context)

    def break_off(self) -> None:
        """What is under way raises "delivery.unreachable", and so does whatever comes."""
        self._http.break_off()

    def close(self) -> None:
        self._http.close()

    def standing(self, digest: str) -> Answer:
        """How far a file is there."""
        return _answer(self._ask("GET", f"/files/{digest}"))

    def put(self, digest: str, name: str, content: bytes, *, offset: int, whole: int) -> Answer:
        """Send the piece of a file that begins at `offset`."""
        headers = {"Upload-Offset": str(offset), "Upload-Length": str(whole), "Upload-Name": quote(name)}
        return _answer(self._ask("PATCH", f"/files/{digest}", content, headers))

    def waiting(self) -> list[Waiting]:
        """What lies ready; what this program does not know is left out."""
        found = self._ask("GET", "/answers")
        try:
            kinds = [one for one in found if one["kind"] in (Kind.RECEIPT, Kind.SCHOOL)]
            told = [Waiting(str(one["digest"]), Kind(one["kind"]), str(one["sha256"]), int(one["size"])) for one in kinds]
            if not all(_HEX.fullmatch(one.digest) and _HEX.fullmatch(one.sha256) for one in told):
                raise ValueError("no digest")
        except (TypeError, KeyError, ValueError):
            raise ExchangeError("delivery.speech") from None
        return told

    def fetch(self, one: Waiting, target: Path) -> None:
        """One of them, into a file that is there whole or not at all."""
        draft = target.with_name(f".{target.name}.part")
        hasher = hashlib.sha256()

        def keep(answer: http.client.HTTPResponse) -> None:
            left = min(one.size, _MOST_FETCHED)
            with draft.open("wb") as file:
                while left and (content := answer.read(min(left, _CHUNK))):
                    hasher.update(content)
                    left -= file.write(content)
                if answer.read(1):
                    raise ExchangeError("delivery.speech")

        try:
            self._talk("GET", f"/answers/{one.digest}", None, {}, keep)
            if hasher.hexdigest() != one.sha256:
                raise ExchangeError("delivery.speech")
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    def _ask(self, method: str, path: str, content: bytes | None = None, headers: Mapping[str, str] | None = None) -> Any:
        told: list[Any] = []
        self._talk(method, path, content, headers or {}, lambda answer: told.append(_json(answer)))
        return told[0]

    def _talk(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: Mapping[str, str],
        take: Callable[[http.client.HTTPResponse], None],
    ) -> None:
        try:
            self._http.request(method, path, content, dict(headers))
            answer = self._http.getresponse()
            if answer.status != http.HTTPStatus.OK:
                raise _refusal(_json(answer))
            take(answer)
        except KioskError:
            self._http.close()  # not everything of the answer may have been read
            raise
        except ssl.SSLCertVerificationError:
            self._http.close()
            raise ExchangeError("delivery.stranger", address=self._address) from None
        except ssl.SSLError as error:
            self._http.close()
            reason = error.reason or ""
            code = next((code for alert, code in _TURNED_AWAY.items() if reason.endswith(alert)), "delivery.unreachable")
            raise _named(code, self._address, reason) from None
        except (OSError, http.client.HTTPException) as error:
            self._http.close()
            told = getattr(error, "strerror", None) or type(error).__name__
            raise _named("delivery.unreachable", self._address, told) from None


class _Connection(http.client.HTTPSConnection):
    """Asks for the office by its key, whatever its address is."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=_TIMEOUT_S, context=context)
        self._tls = context
        self._broken = False

    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), _TIMEOUT_S)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sock = self._tls.wrap_socket(plain, server_hostname=DOOR)
        except OSError:
            plain.close()
            raise
        if self._broken:
            raise ConnectionAbortedError("closed")

    def break_off(self) -> None:
        """From another thread too: a thread that waits for the socket comes back."""
        self._broken = True
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


def _json(answer: http.client.HTTPResponse) -> Any:
    content = answer.read(_MOST_TOLD + 1)
    try:
        if len(content) > _MOST_TOLD:
            raise ValueError("too much")
        return json.loads(content)
    except (ValueError, RecursionError):
        raise ExchangeError("delivery.speech") from None


def _answer(told: Any) -> Answer:
    try:
        state = ReceivedState(told["state"]) if told["state"] else None
        counted: dict[str, Any] = {name: int(count) for name, count in told.get("counts", {}).items()}
        counts = ReceivedCounts(**counted | {"whole": bool(counted.get("whole"))})
        code, data = _reason(told) if state is ReceivedState.REFUSED else ("", {})
        return Answer(int(told["offset"]), state, code, data, counts)
    except (TypeError, KeyError, ValueError, AttributeError):
        raise ExchangeError("delivery.speech") from None


def _reason(told: Any) -> tuple[str, dict[str, Any]]:
    """A message's code and data out of an answer: words that can be shown, whatever was sent."""
    code, data = told.get("code"), told.get("data")
    if not (isinstance(code, str) and _CODE.fullmatch(code) and len(code) <= 100 and isinstance(data, dict)):
        return "delivery.speech", {}
    values = {name: one if isinstance(one, int | float) else plain(str(one))[:300] for name, one in data.items()}
    return code, {name: value for name, value in values.items() if _NAME.fullmatch(name)}


def _refusal(told: Any) -> KioskError:
    code, data = _reason(told) if isinstance(told, dict) else ("delivery.speech", {})
    return ExchangeError(code, **data)


def _named(code: str, address: str, reason: str) -> ExchangeError:
    return ExchangeError(code, address=address, reason=reason)
