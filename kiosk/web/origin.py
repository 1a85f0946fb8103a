"""A second line behind the token: requests that a page of somebody else makes are refused before anything is done.

Browsers say where a request comes from (Fetch Metadata, `Origin`), and a page can't make them say otherwise. What says
nothing is no browser, and needs the token all the same.
"""

from __future__ import annotations

from typing import Final

from flask import request

from kiosk.errors import KioskError

_OURS: Final = frozenset({"same-origin", "none"})  # none: typed in, or from a bookmark
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_foreign_pages() -> None:
    """Raises KioskError for a request of another origin; following a link to a page of ours is nobody's harm."""
    came_from = request.headers.get("Sec-Fetch-Site", "same-origin")
    if came_from not in _OURS and not _is_visit():
        raise KioskError("web.foreign_page")
    origin = request.headers.get("Origin")
    if origin is not None and request.method not in _READING and origin != request.host_url.rstrip("/"):
        raise KioskError("web.foreign_page")


def _is_visit() -> bool:
    headers = request.headers
    return (
        request.method == "GET" and headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"
    )
