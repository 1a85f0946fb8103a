"""A client that a page has given its token."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/operator").text)
    assert found
    return found[1]


def post(client: FlaskClient, address: str, body: Any = None) -> TestResponse:
    return client.post(address, json=body or {}, headers={"X-CSRFToken": token(client)})
