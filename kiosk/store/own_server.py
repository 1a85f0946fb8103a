"""A PostgreSQL server of an office's own, beside its data: made once, running while anybody uses it, heard by nobody else.

It listens on a Unix socket in a folder that only its user enters, and asks for a generated password. Whoever opens the store
starts it or finds it running; the last one to close it stops it. When that one is killed, the server goes on, and the next
one finds it. PostgreSQL never runs as root: for root it runs as the user that its package made.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, Self
from urllib.parse import quote

from kiosk.durable import write_whole
from kiosk.errors import StoreError
from kiosk.locks import FileLock
from kiosk.private import make_folder
from kiosk.records import Message
from kiosk.store.folder import IDENTITY_FILE

if sys.platform != "win32":
    import fcntl
    import pwd

OLDEST: Final = 15  # major version
_BESIDE: Final = "-postgresql"
_CLUSTER, _DRAFT, _CONFIG, _PASSWORD = "cluster", "cluster.part", "kiosk.conf", "password"
_STARTING, _IN_USE = "starting.lock", "in-use.lock"
_USER, _PORT = "kiosk", 5432  # the port is but part of the socket's name
_DATABASES: Final = ("office", "office_vault")
_LONGEST_SOCKET: Final = 90  # characters of its folder: the whole has room for 107 bytes
_PATIENCE_S: Final = 120.0
_POLL_S: Final = 0.05
_SETTINGS: Final = """\
listen_addresses = ''
unix_socket_permissions = 0700
port = {port}
unix_socket_directories = '"{sockets}"'
logging_collector = on
log_directory = '../log'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_error_verbosity = terse  # the details of an error have what stands in a row
"""


class Urls(NamedTuple):
    """Of the two halves, as `Store.open` takes them."""

    identity: str
    vault: str


class _Installed(NamedTuple):
    version: int
    folder: Path


def folder_of(data: Path) -> Path:
    """Where the server of a data folder lies."""
    return data.absolute().with_name(data.name + _BESIDE)


def is_there(data: Path) -> bool:
    """Whether the data lie on a server of their own."""
    return (folder_of(data) / _CLUSTER / "PG_VERSION").exists()


def hindrance(data: Path) -> Message | None:
    """Why a new office can't begin on a server of its own here; None where it can."""
    if (data / IDENTITY_FILE).exists():
        return Message("server.files_there")
    if not _installed():
        return Message("server.none", {"oldest": OLDEST})
    if (user := _server_user()) is not None and not _reaches(folder_of(data).parent):
        return Message("server.out_of_reach", {"folder": str(folder_of(data).parent), "user": user.pw_name})
    return None


def make(data: Path) -> None:
    """Make the server's files; whole, or none that count. Raises StoreError("server.make") with PostgreSQL's own words."""
    folder, newest = folder_of(data), max(_installed())
    make_folder(folder)
    _give(folder)
    with FileLock.take(folder / _STARTING, patience_s=_PATIENCE_S):
        if is_there(data):
            return
        draft, password = folder / _DRAFT, folder / _PASSWORD
        shutil.rmtree(draft, ignore_errors=True)
        secret = secrets.token_hex(32)
        first = folder / f"{_PASSWORD}.first"
        write_whole(first, secret.encode())
        _give(first)
        options = (
            "--username",
            _USER,
            "--pwfile",
            str(first),
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
        )
        try:
            _run(newest.folder / "initdb", "--pgdata", str(draft), "--data-checksums", *options, code="server.make")
        finally:
            first.unlink()
        write_whole(password, f"*:*:*:{_USER}:{secret}\n".encode())
        password.chmod(stat.S_IRUSR | stat.S_IWUSR)
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"\ninclude '{_CONFIG}'\n")
        write_whole(draft / _CONFIG, b"")
        _give(draft / _CONFIG)
        draft.rename(folder / _CLUSTER)


class OwnServer:
    """A running server that is in use from here; `release` when it is not any more."""

    def __init__(self, data: Path) -> None:
        """Starts it unless it runs. Raises StoreError ("server.both", "server.version", "server.start")."""
        self._folder = folder_of(data)
        if (data / IDENTITY_FILE).exists():
            raise StoreError("server.both", file=str(data / IDENTITY_FILE), folder=str(self._folder))
        self._binaries = _of_version(self._folder)
        self._sockets = _sockets(self._folder)
        with self._alone():
            self._in_use: int | None = os.open(self._folder / _IN_USE, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._in_use, fcntl.LOCK_SH)
            try:
                self._start()
                self._make_databases()
            except BaseException:
                os.close(self._in_use)
                raise

    @classmethod
    def of(cls, data: Path) -> Self | None:
        """The server of a data folder; None where the data lie elsewhere."""
        return cls(data) if is_there(data) else None

    @property
    def urls(self) -> Urls:
        return Urls(*(f"postgresql+psycopg://{_USER}@/{name}?{self._where}" for name in _DATABASES))

    def release(self) -> None:
        """Stop it, unless somebody else uses it. Idempotent."""
        if self._in_use is None:
            return
        handle, self._in_use = self._in_use, None
        try:
            with self._alone():
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                if self._runs():  # a machine that is shut down ends everybody at once
                    self._control("stop", "-m", "fast")
        finally:
            os.close(handle)

    @property
    def _where(self) -> str:
        password = str(self._folder / _PASSWORD)
        return f"host={quote(str(self._sockets), safe='')}&port={_PORT}&passfile={quote(password, safe='')}"

    def _alone(self) -> FileLock:
        """Nobody else starts or stops it meanwhile."""
        try:
            return FileLock.take(self._folder / _STARTING, patience_s=_PATIENCE_S)
        except BlockingIOError:
            raise StoreError("store.busy") from None

    def _start(self) -> None:
        if self._runs():
            self._wait()
            return
        cluster = self._folder / _CLUSTER
        sockets = str(self._sockets).replace("'", "''")
        write_whole(cluster / _CONFIG, _SETTINGS.format(port=_PORT, sockets=sockets).encode())
        _give(cluster / _CONFIG)
        log = self._folder / "pg_ctl.log"
        log.touch(mode=0o600)
        _give(log)
        self._control("start", "-l", str(log))
        self._wait()

    def _runs(self) -> bool:
        status = [str(self._binaries / "pg_ctl"), "-D", str(self._folder / _CLUSTER), "status"]
        return subprocess.run(status, capture_output=True, check=False, **_as_user()).returncode == 0

    def _control(self, what: str, *options: str) -> None:
        arguments = ("-D", str(self._folder / _CLUSTER), "-w", "-t", str(int(_PATIENCE_S)), *options, what)
        _run(self._binaries / "pg_ctl", *arguments, code="server.start")

    def _wait(self) -> None:
        """Until it answers: after a kill it first puts right what was cut off."""
        import psycopg

        deadline_s = time.monotonic() + _PATIENCE_S
        while True:
            try:
                psycopg.connect(f"postgresql://{_USER}@/postgres?{self._where}").close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() >= deadline_s:
                    raise StoreError("server.start", reason=str(error).splitlines()[0]) from None
                time.sleep(_POLL_S)

    def _make_databases(self) -> None:
        import psycopg

        with psycopg.connect(f"postgresql://{_USER}@/postgres?{self._where}", autocommit=True) as admin:
            there = {name for (name,) in admin.execute("SELECT datname FROM pg_database")}
            for name in _DATABASES:
                if name not in there:
                    admin.execute(f"CREATE DATABASE {name}".encode())


def _installed() -> list[_Installed]:
    """The servers of this machine, new enough ones."""
    if sys.platform == "win32":
        return []
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    if (found := shutil.which("initdb")) is not None:
        places.append(Path(found).resolve().parent)
    servers = []
    for place in places:
        if all((place / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            said = subprocess.run([str(place / "postgres"), "--version"], capture_output=True, text=True, check=False).stdout
            version = re.search(r"(\d+)", said)
            if version is not None and int(version[1]) >= OLDEST:
                servers.append(_Installed(int(version[1]), place))
    return servers


def _of_version(folder: Path) -> Path:
    """The programs that the server's files were made by."""
    version = int((folder / _CLUSTER / "PG_VERSION").read_text("ascii").strip())
    found = next((one.folder for one in _installed() if one.version == version), None)
    if found is None:
        raise StoreError("server.version", version=version, folder=str(folder))
    return found


def _sockets(folder: Path) -> Path:
    """Where its socket lies: beside its files, or where paths are short. Raises StoreError("server.sockets") for a folder of
    somebody else's."""
    user = _server_user()
    owner = user.pw_uid if user is not None else os.geteuid()
    place = folder / "run"
    if len(os.fsencode(place)) > _LONGEST_SOCKET:
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()
        place = Path(tempfile.gettempdir()) / f"kiosk-{owner}-{digest[:16]}"
    try:
        place.mkdir(mode=0o700)
        _give(place)
    except FileExistsError:
        told = place.lstat()
        if not stat.S_ISDIR(told.st_mode) or told.st_uid != owner or told.st_mode & 0o077:
            raise StoreError("server.sockets", folder=str(place)) from None
    return place


def _server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as; None: as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise StoreError("server.no_user")


def _as_user() -> Mapping[str, Any]:
    user = _server_user()
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _give(path: Path) -> None:
    """It is the server's."""
    if (user := _server_user()) is not None:
        os.chown(path, user.pw_uid, user.pw_gid)


def _reaches(folder: Path) -> bool:
    """Whether somebody else may go through all folders down to this one."""
    return all(one.stat().st_mode & stat.S_IXOTH for one in (folder, *folder.parents) if one.exists())


def _run(program: Path, *arguments: str, code: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    done = subprocess.run(
        [str(program), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd="/",
        env=environment,
        **_as_user(),
    )
    if done.returncode:
        said = [line for line in done.stdout.splitlines() if line.strip()]
        raise StoreError(code, reason=" ".join(said[-3:]))
