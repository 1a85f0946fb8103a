"""What a request asks for, who decides it and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from kiosk.errors import KioskError


def asked() -> Mapping[str, str]:
    """The fields of the request, JSON or form, as stripped texts; none of what is no object."""
    body: Any = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    return {str(name): str(value or "").strip() for name, value in body.items()} if isinstance(body, dict) else {}


def who_decides() -> str:
    """The name that goes with a decision; raises KioskError without one."""
    by = asked().get("by", "")
    if not by:
        raise KioskError("web.name_missing")
    return by


def why() -> str:
    """The reason of a decision; raises KioskError without one."""
    reason = asked().get("reason", "")
    if not reason:
        raise KioskError("web.reason_missing")
    return reason
