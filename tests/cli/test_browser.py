"""The station's browser leaves nothing of a student behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import webbrowser
from pathlib import Path

import pytest

from kiosk.cli import browser

# A browser's stand-in: keeps what it was shown in its profile, as history is kept.
STAND_IN = """
import sys, time
from pathlib import Path
profile = next(Path(one.split("=", 1)[1]) for one in sys.argv if one.startswith("--user-data-dir="))
(profile / "History").write_text(sys.argv[-1])
time.sleep(60)
"""
PATIENCE_S = 20


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(os.name != "posix", reason="the stand-in is a script")
def test_the_profile_goes_with_the_station(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = scratch / "browser"
    program.write_text(f"#!{sys.executable}\n{STAND_IN}")
    program.chmod(0o700)
    monkeypatch.setattr(browser, "find", lambda: str(program))
    (scratch / "kiosk-browser-killed").mkdir()
    (scratch / "kiosk-browser-killed" / "History").write_text("of a killed station")
    with browser.opened("http://127.0.0.1:1/operator"):
        deadline = time.monotonic() + PATIENCE_S
        while not (kept := [path.read_text() for path in scratch.glob("kiosk-browser-*/History")]):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert kept in (["http://127.0.0.1:1/operator"], [""])
    assert list(scratch.glob("kiosk-browser-*")) == []


def test_without_such_a_browser_the_usual_one_is_asked(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(browser, "find", lambda: None)
    monkeypatch.setattr(webbrowser, "open", asked.append)
    with browser.opened("http://127.0.0.1:1/operator"):
        assert asked == ["http://127.0.0.1:1/operator"]


@pytest.mark.skipif(os.name != "posix", reason="ends a group of processes")
def test_a_real_browser_starts_with_the_profile_and_writes_it_there_only(scratch: Path) -> None:
    program = browser.find() or shutil.which("chromium-headless-shell")
    assert program is not None
    profile = scratch / "profile"
    command = [*browser.command(program, profile, "about:blank"), "--headless=new", "--remote-debugging-port=0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while not (profile / "DevToolsActivePort").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # a wrapper may have started it
        process.wait(30)
