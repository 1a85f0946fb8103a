"""A travel document's files, turned into `CardData`."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from kiosk import codes
from kiosk.clock import day
from kiosk.devices.card.icao import mrz
from kiosk.devices.card.photo import PhotoDecoder
from kiosk.errors import DeviceError, KioskError
from kiosk.records import CardData, CardKind, ChipPhoto, Message

# 9303-3, 4.7: M, F or unspecified; GB/T 2261.1.
_SEX: Final = {"M": "1", "F": "2", "": "9"}
_MOST_PIXELS: Final = 4_000_000
# What Pillow raises for files that are none, are cut off, or claim to be enormous.
_UNDECODABLE: Final = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    Pillow.DecompressionBombError,
    Pillow.DecompressionBombWarning,
)


@dataclass(frozen=True, eq=False)
class TravelDocument:
    """What a passport's chip holds: the machine-readable zone (DG1) and the face picture's file (DG2, JPEG 2000 or JPEG).

    `problem` says why there is no picture; the zone alone is a reading.
    """

    mrz: str = field(repr=False)
    picture: bytes = field(repr=False)
    problem: Message | None = None
    fingerprints: bytes = field(default=b"", repr=False)

    def understand(self, today: date, _decoder: PhotoDecoder) -> CardData:
        """See `to_card`."""
        return to_card(self.mrz, self.picture, today, self.problem)


def to_card(zone: str, picture: bytes, today: date, no_picture: Message | None = None) -> CardData:
    """What the document says; `no_picture` is why it gave no picture.

    Two-digit years are completed so that a birth lies in the past and an expiry near today.

    Raises DeviceError("card.passport.mrz") for a zone of no known format. A bad picture is told, and is no failure.
    """
    fields = mrz.parse(zone)
    birth = _birth(fields.birth, today)
    name = ", ".join(part for part in (fields.surname, fields.given_names) if part)
    until = "20" + fields.expiry
    photo, problem = (None, no_picture) if no_picture else _photo(picture)
    return CardData(
        kind=CardKind.PASSPORT,
        name=name,
        sex_code=_SEX[fields.sex],
        sex=codes.sex_name(_SEX[fields.sex]),
        ethnicity_code="",
        ethnicity="",
        birth_text=birth,
        birth=day(birth),
        address="",
        id_number=fields.number,
        authority=fields.issuer,
        valid_from_text="",
        valid_until_text=until,
        warnings=_warnings(fields, birth, until, today),
        photo=photo,
        photo_problem=problem,
        english_name=name,
        nationality=fields.nationality,
    )


def _birth(yymmdd: str, today: date) -> str:
    this_century = f"20{yymmdd}"
    return this_century if this_century <= f"{today:%Y%m%d}" else f"19{yymmdd}"


def _warnings(fields: mrz.Mrz, birth: str, until: str, today: date) -> tuple[Message, ...]:
    warnings = []
    if not fields.sound:
        warnings.append(Message("card.warning.mrz_check"))
    if day(birth) is None:
        warnings.append(Message("card.warning.birth_unreadable", {"text": birth}))
    last = day(until)
    if last is None:
        warnings.append(Message("card.warning.validity_unreadable"))
    elif today > last:
        warnings.append(Message("card.warning.expired", {"date": last.isoformat()}))
    return tuple(warnings)


def _photo(picture: bytes) -> tuple[ChipPhoto | None, Message | None]:
    try:
        return decode(picture), None
    except KioskError as error:
        return None, error.message


def decode(picture: bytes) -> ChipPhoto:
    """A JPEG 2000 or JPEG file as uint8 (H, W, 3) BGR. Raises DeviceError("card.photo.damaged")."""
    try:
        with Pillow.open(io.BytesIO(picture), formats=("JPEG2000", "JPEG")) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise DeviceError("card.photo.damaged")
            pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]
    except _UNDECODABLE:
        raise DeviceError("card.photo.damaged") from None
    return ChipPhoto(np.ascontiguousarray(pixels))
