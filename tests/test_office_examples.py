"""What `docs/examples/office` has is sound: the service by systemd's own word, the container's databases on a server."""

from __future__ import annotations

import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import psycopg
import pytest

from kiosk.config import OfficeSettings
from kiosk.store import Store
from tests.postgresql import server

__all__ = ["server"]  # fixture
ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "docs" / "examples" / "office"


def test_systemd_takes_the_service_and_it_starts_what_there_is() -> None:
    unit = ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(EXAMPLES / "kiosk-office.service", encoding="utf-8")
    service = unit["Service"]
    assert service["ExecStart"].split()[1:] == ["run.py", "office"]
    assert (ROOT / "run.py").exists()
    assert service["ReadWritePaths"] == service["WorkingDirectory"]  # everything else is closed to it
    if (program := shutil.which("systemd-analyze")) is None:
        pytest.skip("no systemd-analyze here")
    told = subprocess.run(
        [program, "verify", EXAMPLES / "kiosk-office.service"], capture_output=True, text=True, timeout=60, check=False
    )
    ours = [line for line in told.stderr.splitlines() if "kiosk-office" in line and "not executable" not in line]
    assert ours == []  # the program may lie elsewhere on this machine


def test_the_container_has_the_databases_that_its_comment_names(server: str, tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    text = (EXAMPLES / "docker-compose.yml").read_text(encoding="utf-8")
    told = yaml.safe_load(text)
    (service,) = told["services"].values()
    user, name = (service["environment"][key] for key in ("POSTGRES_USER", "POSTGRES_DB"))
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert set(service["secrets"]) == set(told["secrets"])
    volumes = [one.split(":")[0] for one in service["volumes"]]
    assert all(one in told["volumes"] or (EXAMPLES / one).is_file() for one in volumes)
    admin, _, _ = server.replace("+psycopg", "").rpartition("/")
    with psycopg.connect(f"{admin}/postgres", autocommit=True) as connection:  # what the image does with them
        assert user == connection.info.user
        for each in (name, f"{name}_vault"):
            connection.execute(f"DROP DATABASE IF EXISTS {each} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
        connection.execute((EXAMPLES / "vault.sql").read_bytes())
    url = f"postgresql://{user}@127.0.0.1:5432/{name}"
    assert f'"{url}"' in text
    places = OfficeSettings(database=url.replace("127.0.0.1:5432", admin.partition("@")[2])).databases()
    with Store.open_station(tmp_path / "office", **places) as store:
        assert store.check().sound
        assert store.inbox.lay("0" * 64, name="captures.age", size=4_000_000_000, by="王主任").size == 4_000_000_000
