"""What a form sends along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from flask import request

from kiosk.errors import KioskError
from kiosk.web.context import context

_HELD: Final = "kiosk.held"  # in the request's environment: the files that are on the disk already, by field


@contextmanager
def hold_uploads() -> Iterator[ExitStack]:
    """Keep what came along on the disk: the request's own copies are gone once it is answered. They go with the stack."""
    with ExitStack() as files:
        held = {
            field: files.enter_context(context().uploads.held(upload.filename, upload.save))
            for field, upload in request.files.items()
            if upload.filename
        }
        request.environ[_HELD] = held
        yield files


def uploads(field: str, missing: str) -> Iterator[Path]:
    """The files of a form's field, one after the other, each gone when the next is asked for. Raises KioskError with the code
    `missing` when there is none."""
    files = [one for one in request.files.getlist(field) if one.filename]
    if not files:
        raise KioskError(missing)
    for one in files:
        with context().uploads.held(str(one.filename), one.save) as path:
            yield path


@contextmanager
def uploaded(field: str, missing: str) -> Iterator[Path]:
    """The file of a form's field, gone afterwards. Raises KioskError with the code `missing` when there is none."""
    if (held := request.environ.get(_HELD, {}).get(field)) is not None:
        yield held
        return
    upload = request.files.get(field)
    if upload is None or not upload.filename:
        raise KioskError(missing)
    with context().uploads.held(upload.filename, upload.save) as path:
        yield path
