"""A headless Chromium for the tests of the screens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from bench.browser import find, launch

# A busy machine draws late; what never comes fails all the same.
PATIENCE_MS = 90_000
expect.set_options(timeout=PATIENCE_MS)

# Finds what is wrong with a screen's layout: a list of faults.
LAYOUT_FAULTS = (Path(__file__).parent / "layout.js").read_text(encoding="utf-8")


class Watched:
    """A page whose errors and requests are kept."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.addresses: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def _request(self, request: Request) -> None:
        self.addresses.append(request.url)

    def open(self, address: str) -> Page:
        self.page.goto(address, wait_until="load")
        return self.page


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium; skips the test where there is none."""
    if find() is None:
        pytest.skip("no Chromium here: `run.py test` installs it")
    with sync_playwright() as playwright, launch(playwright.chromium) as browser:
        yield browser


@contextmanager
def watched(browser: Browser, **context: Any) -> Iterator[Watched]:
    """A page of its own, closed afterwards."""
    own = browser.new_context(**context)
    own.set_default_timeout(PATIENCE_MS)
    yield Watched(own.new_page())
    own.close()
