"""Pictures that are kept, on their way to a browser."""

from __future__ import annotations

from typing import Final

from flask import Response

_PNG: Final = b"\x89PNG"  # ISO/IEC 15948; what is no PNG is a JPEG


def picture_response(content: bytes) -> Response:
    """A PNG or JPEG file under its own type."""
    return Response(content, mimetype="image/png" if content.startswith(_PNG) else "image/jpeg")
