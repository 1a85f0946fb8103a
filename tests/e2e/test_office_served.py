"""An office in a process of its own, open to stations; a station's command sends to it over real TLS. Killed, it goes on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.cli import main
from tests.e2e.served import ROOT
from tests.parcels.conftest import OFFICE
from tests.parcels.offices import Site, centre, one, stations
from tests.parcels.test_delivery import certified

__all__ = ["one", "stations"]  # fixtures


@contextmanager
def office_served(config: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and where stations deliver."""
    command = [sys.executable, "-m", "kiosk", "--config", str(config), "office", "serve"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout is not None
            said = ""
            while not (found := re.search(r"采集站报送到：(127\.0\.0\.1:\d+)", said)):
                line = process.stdout.readline()
                assert line, f"the office ended: {said}"
                said += line
            yield process, found[1]
        finally:
            process.kill()


@pytest.mark.skipif(os.name != "posix", reason="ends the office by Unix signals")
def test_a_station_s_command_delivers_to_the_office_that_is_served(one: Site, tmp_path: Path) -> None:
    one.store.signing.take_certificate(certified(one.store).content, office_key=b"", school_code="", by="王主任")
    one.store.close()
    with centre(tmp_path, {}):
        pass
    (tmp_path / "office.key").write_text(OFFICE.text(), encoding="ascii")
    config = tmp_path / "office.toml"
    config.write_text(
        '[store]\nfolder = "office"\n[office]\nkey = "office.key"\nlisten = "127.0.0.1:0"\ndeliveries = "127.0.0.1:0"\n',
        "utf-8",
    )

    def deliver(address: str) -> tuple[int, str]:
        station = tmp_path / "one" / "config.toml"
        station.write_text(f'[store]\nfolder = "data"\n[delivery]\noffice = "{address}"\n', encoding="utf-8")
        done = CliRunner().invoke(main, ["--config", str(station), "package", "deliver"])
        return done.exit_code, done.output

    assert (deliver("")[0], "没有设置上级办公室的地址" in deliver("")[1]) == (2, True)
    with office_served(config) as (process, address):
        process.send_signal(signal.SIGKILL)
        process.wait(20)
        status, words = deliver(address)  # what was written waits here
        assert (status, "连不上上级办公室" in words) == (2, True), words
    with office_served(config) as (process, address):
        status, words = deliver(address)
        assert (status, "办公室采用 1" in words, "办公室已采用：新 2" in words) == (0, True, True), words
        assert "发送 0 个文件" in deliver(address)[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    with centre(tmp_path, {}, fresh=False) as office:
        assert len(office.counting()) == 2
