"""Accounts of an office that are kept to some schools: they see the pages that know of areas, and no others."""

from __future__ import annotations

from typing import Final

from flask import g, request

from kiosk.errors import KioskError
from kiosk.web.context import context

_PAGES: Final = frozenset({"console.screen", "conflicts.screen", "duplicates.screen"})
_PAIRS: Final = frozenset(f"{pair}.{view}" for pair in ("conflicts", "duplicates") for view in ("one", "decide", "picture"))
_OPEN: Final = _PAGES | _PAIRS | {"conflicts.reopen", "console.sheet", "static"}
_OPEN_ROOMS: Final = frozenset({"login", "appearance", "help"})


def keep_to_areas() -> None:
    """Raises KioskError("account.not_allowed") for whatever else an account asks for that is kept to some schools: what is new
    is closed to it until it is named here."""
    if not areas() or request.endpoint is None:
        return
    if request.endpoint not in _OPEN and request.blueprint not in _OPEN_ROOMS:
        raise KioskError("account.not_allowed")


def areas() -> frozenset[str]:
    """To which schools whoever asks is kept; none at all: every school."""
    district, account = context().district, g.get("account")
    if district is None or account is None:
        return frozenset()
    if "areas" not in g:
        g.areas = district.areas_of(account.id)
    found: frozenset[str] = g.areas
    return found


def is_within_areas(view: str) -> bool:
    """Whether a page is open to whoever asks."""
    return not areas() or view in _PAGES
