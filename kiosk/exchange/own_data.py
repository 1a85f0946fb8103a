"""个人信息副本: all that the station keeps about one student, to be read and taken home."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image

from kiosk.exchange import paper

Section = tuple[str, Sequence[tuple[str, str]]]
_LARGEST: Final = 1200  # pixels of a picture's longer side: read well, and no file of 20 MB


def own_data(
    title: str, sections: Sequence[Section], pictures: Sequence[tuple[str, bytes]], *, note: str, simulated: bool = False
) -> bytes:
    """A PDF: each section's rows (name, value), then the pictures (name, JPEG or PNG). Raises ExchangeError."""
    told = [{"title": name, "rows": [list(row) for row in rows]} for name, rows in sections if rows]
    shown = [{"name": name, "picture": paper.picture(_smaller(content))} for name, content in pictures]
    return paper.typeset("own_data", {"title": title, "note": note, "sections": told, "pictures": shown}, simulated=simulated)


def _smaller(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as image:
        if max(image.size) <= _LARGEST:
            return content
        image.thumbnail((_LARGEST, _LARGEST))
        file = io.BytesIO()
        image.convert("RGB").save(file, "JPEG", quality=85)
        return file.getvalue()
