"""The browser that the station opens, with a profile of its own that is thrown away: nothing of a student stays behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = "kiosk-browser-"
_GOODBYE_S: Final = 5.0
# Browsers of one engine, which take the same options.
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge", "msedge", "chrome")
_WINDOWS: Final = ("Microsoft/Edge/Application/msedge.exe", "Google/Chrome/Application/chrome.exe")
_OPTIONS: Final = (
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disk-cache-size=1",
    "--start-maximized",
)


def has_display() -> bool:
    """Whether anybody would see it."""
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def opened(url: str) -> Iterator[None]:
    """Show a page while the block runs. Where only another browser is found, that one shows it, with its own history."""
    program = find()
    if program is None:
        webbrowser.open(url)
        yield
        return
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    process = subprocess.Popen(command(program, folder, url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GOODBYE_S)
        shutil.rmtree(folder, ignore_errors=True)


def command(program: str, folder: Path, url: str) -> Sequence[str]:
    """How a browser is started with a profile in this folder."""
    as_root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    return (program, f"--user-data-dir={folder}", *_OPTIONS, *as_root, url)


def find() -> str | None:
    """A browser that takes a profile to throw away."""
    if sys.platform == "win32":
        roots = filter(None, map(os.environ.get, ("PROGRAMFILES(X86)", "PROGRAMFILES", "LOCALAPPDATA")))
        paths = (Path(root) / name for root in roots for name in _WINDOWS)
        return next((str(path) for path in paths if path.is_file()), None)
    return next(filter(None, map(shutil.which, _NAMES)), None)


def sweep() -> None:
    """Remove the profiles of stations that were killed. One that is in use stays: its browser holds it by a lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if not (folder / "SingletonLock").is_symlink() and not (folder / "lockfile").exists():
            shutil.rmtree(folder, ignore_errors=True)
