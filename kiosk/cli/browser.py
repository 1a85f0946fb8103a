"""Windows of a browser, each with a profile of its own that is thrown away: nothing of a student stays behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kiosk.cli.monitors import Monitor

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
    "--disable-background-mode",
    "--disable-component-update",
    "--disable-session-crashed-bubble",
    "--disk-cache-size=1",
)
_ORDINARY: Final = ("--start-maximized",)
# Without bars. A link that opens another page opens it in an ordinary window above, which can be closed.
_OPERATOR: Final = ("--start-fullscreen",)
STUDENT: Final = (
    "--kiosk",
    "--autoplay-policy=no-user-gesture-required",  # holds for speech, too
    "--block-new-web-contents",
    "--deny-permission-prompts",
    "--disable-backgrounding-occluded-windows",
    "--disable-extensions",
    "--disable-pinch",
    "--noerrdialogs",
    "--overscroll-history-navigation=0",
)


def has_display() -> bool:
    """Whether anybody would see it."""
    return sys.platform in {"win32", "darwin"} or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class Window:
    """A browser that was started for one page, and its profile. `close` it, whoever ended it."""

    def __init__(self, program: str, *arguments: str) -> None:
        """`arguments`: the page, or the options that lead to it. Raises OSError."""
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        told = command(program, self._folder, *arguments)
        self._process = subprocess.Popen(told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @property
    def ended(self) -> int | None:
        """None while it is open; then 0 where a person closed it, anything else where it crashed."""
        return self._process.poll()

    def close(self) -> None:
        """Idempotent."""
        self._process.terminate()
        try:
            self._process.wait(_GOODBYE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def opened(url: str) -> Iterator[Window | None]:
    """Show a page while the block runs. Where only another browser is found, that one shows it, with its own history."""
    program = find()
    if program is None:
        webbrowser.open(url)
        yield None
        return
    sweep()
    window = Window(program, *_ORDINARY, url)
    try:
        yield window
    finally:
        window.close()


def operators(program: str, url: str, at: Monitor | None) -> Window:
    """The operator's window, over a whole monitor. Raises OSError."""
    return Window(program, *_OPERATOR, *_placed(at), f"--app={url}")


def students(program: str, url: str, at: Monitor) -> Window:
    """The student's window, over a whole monitor, without a way out. Raises OSError."""
    return Window(program, *STUDENT, *_placed(at), f"--app={url}")


def command(program: str, folder: Path, *arguments: str) -> Sequence[str]:
    """How a browser is started with a profile in this folder."""
    # --test-type: without it, a bar over the page tells of --no-sandbox
    as_root = ("--no-sandbox", "--test-type") if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    return (program, f"--user-data-dir={folder}", *_OPTIONS, *as_root, *arguments)


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


def _placed(at: Monitor | None) -> Sequence[str]:
    if at is None:
        return ()
    # On Wayland nobody places a window; its X server does, as `xrandr` tells where.
    on_x = ("--ozone-platform=x11",) if sys.platform.startswith("linux") and os.environ.get("DISPLAY") else ()
    return (f"--window-position={at.x},{at.y}", f"--window-size={at.width},{at.height}", *on_x)
