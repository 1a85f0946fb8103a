"""What a form sends along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import request

from kiosk.errors import KioskError
from kiosk.web.context import context


@contextmanager
def uploaded(field: str, missing: str) -> Iterator[Path]:
    """The file of a form's field, gone afterwards. Raises KioskError with the code `missing` when there is none."""
    upload = request.files.get(field)
    if upload is None or not upload.filename:
        raise KioskError(missing)
    with context().uploads.held(upload.filename, upload.save) as path:
        yield path
