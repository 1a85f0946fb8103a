"""The browser that pages are looked at with when nobody watches."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserType

# The shell draws the same pages without a window's own parts, with two thirds of the processor time.
_NAMES: Final = ("chromium-headless-shell", "chromium", "google-chrome", "chrome")


def find() -> str | None:
    """The program's path; None where there is none (`run.py test` installs it)."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def launch(kind: BrowserType, *arguments: str) -> Browser:
    """Started without a window, with `arguments` of its own. Close it, or use it in a `with`."""
    return kind.launch(executable_path=find(), args=["--no-sandbox", "--disable-dev-shm-usage", *arguments])
