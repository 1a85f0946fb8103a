"""A client that a page has given its token."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from tests.staff import PIN, decided_by


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/operator").text)
    assert found
    return found[1]


def post(client: FlaskClient, address: str, body: Any = None) -> TestResponse:
    """Send JSON; `by` is the name of somebody who decides, and gives the right PIN."""
    return client.post(address, json=proven(client, body or {}), headers={"X-CSRFToken": token(client)})


def proven(client: FlaskClient, body: dict[str, Any]) -> dict[str, Any]:
    """What a form says, with whoever decides by their account and PIN instead of by name."""
    name = body.get("by", "") if isinstance(body, dict) else ""
    if not name.strip() or "pin" in body:
        return body
    return body | decided_by(client.application, name)


def decide(screen: Page, form: str, name: str) -> None:
    """Choose who decides in a form whose fields' ids begin so, and give their PIN."""
    chosen = screen.locator(f"#{form}-by option", has_text=name).get_attribute("value")
    screen.select_option(f"#{form}-by", chosen)
    line = screen.locator(".decider").filter(has=screen.locator(f"#{form}-by")).locator(".thumb-line")
    assert line.evaluate("line => line.offsetHeight") > 0, "the button would move away when the scanner answers"
    screen.fill(f"#{form}-pin", PIN)


def follow(screen: Page, link: str) -> None:
    """Click a link, and wait for the page that it leads to: until its script has taken the forms over they do nothing."""
    with screen.expect_navigation():
        screen.click(link)
