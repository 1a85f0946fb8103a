"""Pictures of ID documents: shot or scanned, straightened, looked at by a person, kept with the record."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kiosk.errors import ExchangeError
from kiosk.exchange import load_profile
from kiosk.exchange.profile import DocumentTable
from kiosk.office.pictures import read_picture
from kiosk.pipeline.document import DocumentImage, make_document
from kiosk.records import BiometricKind, CaptureRecord, Image
from kiosk.store import Store
from kiosk.surrogate import NO_NUMBER, number_of


class Documents:
    """For a profile that wants them (`[document]`)."""

    def __init__(self, store: Store, profile: str) -> None:
        """Raises ExchangeError when the profile asks for no picture of the document."""
        wanted = load_profile(profile).document
        if wanted is None:
            raise ExchangeError("document.not_wanted", profile=profile)
        self._spec: DocumentTable = wanted
        self._store = store

    def make(self, pixels: Image, *, upside_down: bool = False) -> DocumentImage:
        """Find the card in a shot; raises KioskError with what the operator should do. Nothing is kept yet."""
        spec = self._spec
        return make_document(
            pixels, width=spec.width, height=spec.height, dpi=spec.dpi, max_kb=spec.max_kb, upside_down=upside_down
        )

    def read(self, path: Path) -> Image:
        """A picture file as uint8 (H, W, 3) BGR; raises KioskError as `read_picture` does."""
        return read_picture(path)

    def keep(self, record: CaptureRecord, made: DocumentImage, number_on_it: str, *, by: str) -> CaptureRecord:
        """Keep a picture whose number a person has read off it; raises ExchangeError when it is not the record's."""
        if number_on_it.strip().upper() != (number_of(record.student.id_number) or NO_NUMBER):
            raise ExchangeError("document.other_number")
        return self._store.aftercare.attach(record.id, BiometricKind.DOCUMENT, made.jpeg, by=by, at=datetime.now(UTC))
