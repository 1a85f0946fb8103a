"""Addresses to listen at and to call: the port of this machine under which the screens are found, HOST:PORT in its parts."""

from __future__ import annotations

import errno
import os
import socket
from typing import Final

from kiosk.errors import KioskError

HOST: Final = "127.0.0.1"
_EVERYWHERE: Final = ("", "0.0.0.0", "::")  # noqa: S104 - compared, not listened at
_SOMEBODY: Final = "192.0.2.1"  # RFC 5737: nobody's


def host_and_port(address: str) -> tuple[str, int]:
    """HOST:PORT in its two parts. Raises ValueError where there is no port."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def reachable(address: str) -> str:
    """HOST:PORT under which others find what listens there: of all of a machine's addresses that of its way to others. Empty
    where it has none."""
    host, port = host_and_port(address)
    if host not in _EVERYWHERE:
        return address
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((_SOMEBODY, 9))  # nothing is sent: only the way is looked up
        except OSError:
            return ""
        return f"{asking.getsockname()[0]}:{port}"


def listen(port: int) -> socket.socket:
    """Take a port of this machine before anything is loaded; 0 takes any free one. Raises KioskError when it is taken."""
    listening = socket.socket()
    try:
        if os.name == "posix":  # elsewhere it would mean that two may have the same port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise KioskError("web.port_taken", port=port) from None
        raise
    return listening
