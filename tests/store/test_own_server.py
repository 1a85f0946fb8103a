"""An office on a PostgreSQL server of its own: made once, there while it is used, and never in the place of older data."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kiosk.errors import StoreError
from kiosk.records import School
from kiosk.store import Store, own_server
from tests.killing import killed_at
from tests.parcels.conftest import WANG

pytestmark = pytest.mark.skipif(not own_server._installed(), reason="no PostgreSQL 15 or later is installed")


@pytest.fixture
def data() -> Iterator[Path]:
    """Where an office's data are to lie; the server's user gets there."""
    memory = Path("/dev/shm")  # where fifty megabytes of files are quick
    folder = Path(tempfile.mkdtemp(prefix="own-", dir=memory if memory.is_dir() else None))
    folder.chmod(0o755)
    yield folder / "data"
    shutil.rmtree(folder)


def runs(data: Path) -> bool:
    return (own_server.folder_of(data) / "cluster" / "postmaster.pid").exists()


def test_it_outlives_a_killed_office_and_ends_with_the_last_one_that_uses_it(data: Path) -> None:
    assert own_server.hindrance(data) is None
    own_server.make(data)
    own_server.make(data)  # once more changes nothing

    def work() -> None:
        store = Store.open_station(data)
        store.school.put(School("西宁第一中学", "6301001"), by=WANG)
        store.close()

    killed_at(Store, "close", 1, work)
    assert runs(data)
    with Store.open_station(data) as office:
        assert office.school.get().code == "6301001"
        assert office.server_url.startswith("postgresql+psycopg://kiosk@/office?")
        with Store.open(data) as beside:  # another command
            assert beside.id() == office.id()
        assert runs(data)
        assert office.check().sound
        somebody = office.server_url.replace("+psycopg", "").partition("&passfile=")[0]
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(somebody, passfile=os.devnull)
    assert not runs(data)
    with Store.open_station(data):  # a machine that is shut down ends the server and the office at once
        folder = own_server.folder_of(data)
        control = [str(own_server._of_version(folder) / "pg_ctl"), "-D", str(folder / "cluster"), "-w", "-m", "fast", "stop"]
        subprocess.run(control, check=True, capture_output=True, cwd="/", **own_server._as_user())
    assert not list(data.glob("*.sqlite3"))


def test_data_in_files_are_never_passed_over_for_an_empty_server(data: Path) -> None:
    with Store.open(data):
        pass
    hindrance = own_server.hindrance(data)
    assert hindrance is not None
    assert hindrance.code == "server.files_there"
    cluster = own_server.folder_of(data) / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("15\n", encoding="ascii")
    with pytest.raises(StoreError, match=r"server\.both"):
        Store.open(data)
    (data / "identity.sqlite3").unlink()
    (cluster / "PG_VERSION").write_text("9\n", encoding="ascii")
    with pytest.raises(StoreError, match=r"server\.version"):
        Store.open(data)


def test_where_none_is_installed_or_its_user_has_no_way_it_is_said(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setattr(own_server, "_installed", list)
        hindrance = own_server.hindrance(data)
        assert hindrance is not None
        assert hindrance.code == "server.none"
    monkeypatch.setattr(own_server, "_server_user", lambda: __import__("pwd").getpwuid(os.getuid()))
    data.parent.chmod(0o700)
    hindrance = own_server.hindrance(data)
    assert hindrance is not None
    assert hindrance.code == "server.out_of_reach"
