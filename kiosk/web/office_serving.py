"""An office's pages: on this machine alone under waitress, for others under cheroot with TLS 1.2 and later."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from flask import Flask

from kiosk.checkin import Shelf
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.listening import HOST, host_and_port
from kiosk.office import District, Office
from kiosk.web.app import OWN_NAMES, create_app
from kiosk.web.context import let_go
from kiosk.web.no_station import NoStation, lead_away_from_the_desk
from kiosk.web.serve import serve_app
from kiosk.web.tls_serving import serve_under_tls, taken

_THREADS: Final = 24
_LARGEST: Final = 1 << 30  # bytes of a request: what the app allows of any


@dataclass(frozen=True)
class Tls:
    """PEM files: a certificate with its chain, and its key."""

    certificate: Path
    key: Path

    @classmethod
    def of(cls, certificate: Path | None, key: Path | None) -> Tls | None:
        return cls(certificate, key) if certificate is not None and key is not None else None

    def names(self) -> list[str]:
        """What the certificate is for: names and addresses. Raises KioskError("office.tls")."""
        try:
            found = x509.load_pem_x509_certificate(self.certificate.read_bytes())
            told = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (OSError, ValueError, x509.ExtensionNotFound) as error:
            raise KioskError("office.tls", reason=str(error)[:200]) from None
        addresses = [str(one) for one in told.get_values_for_type(x509.IPAddress)]
        return [*(one.removeprefix("*") for one in told.get_values_for_type(x509.DNSName)), *addresses]

    def context(self) -> ssl.SSLContext:
        """Raises KioskError("office.tls") where the two don't fit together."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            made.load_cert_chain(self.certificate, self.key)
        except OSError as error:
            raise KioskError("office.tls", reason=error.strerror or str(error)) from None
        return made


class Serving:
    """A place that is taken; whoever asks is answered from `answer` on."""

    def __init__(self, host: str, port: int, tls: Tls | None, begun: ExitStack) -> None:
        self.tls = tls
        self.names = tls.names() if tls is not None else list(OWN_NAMES)
        self._begun = begun
        self._socket = taken(host, port)
        begun.callback(self._socket.close)
        self.port = int(self._socket.getsockname()[1])
        name = host if tls is None else next(iter(self.names), host)
        self.url = f"{'http' if tls is None else 'https'}://{name}:{self.port}"

    def close(self) -> None:
        """Answer nobody any more. Idempotent; the block of `serve_office` does it at its end."""
        self._begun.close()

    def answer(self, app: Flask) -> None:
        """Begin."""
        if self.tls is None:
            self._begun.callback(serve_app(app, self._socket).stop)
            return
        stop = serve_under_tls(app, self._socket, self.tls.context(), threads=_THREADS, largest=_LARGEST)
        self._begun.callback(stop)
        self._begun.callback(let_go, app)


@contextmanager
def serve_office(address: str, tls: Tls | None) -> Iterator[Serving]:
    """Take an address, HOST:PORT. Raises KioskError: "office.needs_tls" for one that other machines reach, "office.tls",
    "office.address"."""
    host, port = host_and_port(address)
    if tls is None and not _is_loopback(host):
        raise KioskError("office.needs_tls", host=host)
    if tls is not None:
        tls.context()
    with ExitStack() as begun:
        yield Serving(HOST if host == "localhost" else host, port, tls, begun)


def create_office(office: Office, district: District, settings: Settings, at: Serving, uploads: Path, shelf: Shelf) -> Flask:
    """The office's pages as a WSGI app."""
    app = create_app(station=NoStation(), office=office, district=district, settings=settings, uploads=uploads, shelf=shelf)
    app.config.update(TRUSTED_HOSTS=at.names, SESSION_COOKIE_NAME="kiosk_office", SESSION_COOKIE_SECURE=at.tls is not None)
    app.before_request_funcs.setdefault(None, []).insert(0, lead_away_from_the_desk)
    return app


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
