"""The machine-readable zone, ICAO 9303-3 to -6, and the access key that is made of it (9303-11, 4.3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from kiosk.devices.card.foreigner import check_digit
from kiosk.errors import DeviceError

_FILLER: Final = "<"
_NUMBER_SIZE: Final = 9
_DATE: Final = re.compile("[0-9]{6}")


@dataclass(frozen=True)
class AccessKey:
    """What opens a chip: document number, birth and expiry date (YYMMDD) as printed on the document. Kept out of logs."""

    number: str = field(repr=False)
    birth: str = field(repr=False)
    expiry: str = field(repr=False)

    def information(self) -> bytes:
        """MRZ information: the three with their check digits, 9303-11, 4.3.2. Raises DeviceError("card.passport.mrz").

        Parts of a birth date that nobody knows are printed as `<`, 9303-3, 4.8.
        """
        if not (_DATE.fullmatch(self.birth.replace(_FILLER, "0")) and _DATE.fullmatch(self.expiry)):
            raise DeviceError("card.passport.mrz")
        parts = (self.number.upper().ljust(_NUMBER_SIZE, _FILLER), self.birth, self.expiry)
        try:
            return "".join(part + check_digit(part) for part in parts).encode("ascii")
        except ValueError:
            raise DeviceError("card.passport.mrz") from None


@dataclass(frozen=True)
class Mrz:
    """The fields of a machine-readable zone. `sound` is False when a check digit is wrong."""

    code: str
    issuer: str
    surname: str
    given_names: str
    number: str
    nationality: str
    birth: str  # YYMMDD
    sex: str  # M, F or empty
    expiry: str  # YYMMDD
    sound: bool

    @property
    def key(self) -> AccessKey:
        """The key that this zone makes."""
        return AccessKey(self.number, self.birth, self.expiry)


def parse(text: str) -> Mrz:
    """A zone of format TD1 (3 × 30), TD2 (2 × 36) or TD3 (2 × 44), with or without line breaks.

    Raises DeviceError("card.passport.mrz") when it is none of these.
    """
    zone = "".join(text.split()).upper()
    match len(zone):
        case 88:
            return _two_lines(zone, 44)
        case 72:
            return _two_lines(zone, 36)
        case 90:
            return _three_lines(zone)
    raise DeviceError("card.passport.mrz")


def _two_lines(zone: str, width: int) -> Mrz:
    first, second = zone[:width], zone[width:]
    number, is_sound = _number(second[:9], second[9], second[28:35] if width == 36 else "")
    return _mrz(_Cut(first[:5], first[5:], second[10:13], second[13:20], second[20], second[21:28]), number, is_sound)


def _three_lines(zone: str) -> Mrz:
    first, second, third = zone[:30], zone[30:60], zone[60:]
    number, is_sound = _number(first[5:14], first[14], first[15:30])
    return _mrz(_Cut(first[:5], third, second[15:18], second[:7], second[7], second[8:15]), number, is_sound)


class _Cut(NamedTuple):
    """Pieces of a zone as they stand there; dates with their check digits."""

    document: str
    names: str
    nationality: str
    birth: str
    sex: str
    expiry: str


def _number(start: str, digit: str, optional: str) -> tuple[str, bool]:
    """A number of more than nine characters goes on in the optional data, followed there by its check digit."""
    if digit == _FILLER and (rest := optional.split(_FILLER, maxsplit=1)[0]):
        return start + rest[:-1], _is_sound(start + rest)
    return start.rstrip(_FILLER), _is_sound(start + digit)


def _mrz(cut: _Cut, number: str, is_number_sound: bool) -> Mrz:
    surname, _, given = cut.names.partition(_FILLER * 2)
    return Mrz(
        code=_words(cut.document[:2]),
        issuer=_words(cut.document[2:]),
        surname=_words(surname),
        given_names=_words(given),
        number=number,
        nationality=_words(cut.nationality),
        birth=cut.birth[:6],
        sex=cut.sex if cut.sex in "MF" else "",
        expiry=cut.expiry[:6],
        sound=is_number_sound and _is_sound(cut.birth) and _is_sound(cut.expiry),
    )


def _is_sound(text_and_digit: str) -> bool:
    try:
        return check_digit(text_and_digit[:-1]) == text_and_digit[-1]
    except ValueError:
        return False


def _words(text: str) -> str:
    return " ".join(text.replace(_FILLER, " ").split())
