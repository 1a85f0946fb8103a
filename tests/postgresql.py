"""A PostgreSQL server where one is installed here; it runs in a folder of its own as an unprivileged user."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A server's URL without the database's name."""
    if os.name != "posix":
        pytest.skip("starts a server the Unix way")
    if _initdb() is None:
        pytest.skip("no PostgreSQL server under /usr/lib/postgresql (apt-get install postgresql)")
    with running_server() as url:
        yield url


def _initdb() -> Path | None:
    return max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), default=None)


@contextmanager
def running_server() -> Iterator[str]:
    """The same for a bench; raises AssertionError where none is installed."""
    binaries = _initdb()
    assert binaries is not None
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    os.chown(folder, user.pw_uid, user.pw_gid)
    identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=60, **identity)  # type: ignore[call-overload]

    control = str(binaries.with_name("pg_ctl"))
    try:
        run(str(binaries), "-D", f"{folder}/data", "-U", "kiosk", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        run(control, "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://kiosk@127.0.0.1:{port}/"
        finally:
            run(control, "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def urls(server: str) -> dict[str, Any]:
    return new_urls(server)


def new_urls(server: str) -> dict[str, Any]:
    """Two empty databases."""
    with psycopg.connect(f"{server.replace('+psycopg', '')}postgres", autocommit=True) as admin:
        for name in ("identity", "vault"):
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
            admin.execute(f"CREATE DATABASE {name}".encode())
    return {"identity_url": f"{server}identity", "vault_url": f"{server}vault"}
