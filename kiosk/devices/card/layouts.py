"""Where each field lies in the 256-byte text block, for the four kinds of card. UTF-16LE, padded with spaces.

GA/T 450 (resident), GA/T 1011 and the notices on the residence permit for Hong Kong, Macao and Taiwan residents (J) and the
foreigner's permanent residence cards of 2017 (I) and 2023 (Y).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kiosk.records import CardKind

TEXT_SIZE: Final = 256
_MARKER: Final = slice(248, 250)  # the kind of card, one UTF-16 unit; a space on resident cards


@dataclass(frozen=True)
class Layout:
    """One kind of card: its marker and its fields in order, each a name and a size in bytes. Reserved areas start with `_`."""

    kind: CardKind
    marker: str
    fields: tuple[tuple[str, int], ...]

    def split(self, block: bytes) -> Iterator[tuple[str, bytes]]:
        """Each field's name and bytes."""
        offset = 0
        for name, size in self.fields:
            yield name, block[offset : offset + size]
            offset += size


RESIDENT: Final = Layout(
    CardKind.RESIDENT,
    " ",
    (
        ("name", 30),
        ("sex", 2),
        ("ethnicity", 4),
        ("birth", 16),
        ("address", 70),
        ("number", 36),
        ("authority", 30),
        ("valid_from", 16),
        ("valid_until", 16),
        ("_reserved", 36),
    ),
)
HMT_RESIDENCE: Final = Layout(
    CardKind.HMT_RESIDENCE,
    "J",
    (
        ("name", 30),
        ("sex", 2),
        ("_reserved_ethnicity", 4),
        ("birth", 16),
        ("address", 70),
        ("number", 36),
        ("authority", 30),
        ("valid_from", 16),
        ("valid_until", 16),
        ("permit_number", 18),
        ("issue_count", 4),
        ("_reserved", 6),
        ("marker", 2),
        ("_reserved_end", 6),
    ),
)
FOREIGNER_2017: Final = Layout(
    CardKind.FOREIGNER_2017,
    "I",
    (
        ("english_name", 120),
        ("sex", 2),
        ("number", 30),
        ("nationality", 6),
        ("name", 30),
        ("valid_from", 16),
        ("valid_until", 16),
        ("birth", 16),
        ("version", 4),
        ("authority", 8),
        ("marker", 2),
        ("_reserved", 6),
    ),
)
FOREIGNER_2023: Final = Layout(
    CardKind.FOREIGNER_2023,
    "Y",
    (
        ("name", 30),
        ("sex", 2),
        ("issue_count", 4),
        ("birth", 16),
        ("english_name", 70),
        ("number", 36),
        ("_reserved", 30),
        ("valid_from", 16),
        ("valid_until", 16),
        ("english_name_rest", 22),
        ("nationality", 6),
        ("marker", 2),
        ("former_link", 6),
    ),
)
_BY_MARKER: Final = {layout.marker: layout for layout in (HMT_RESIDENCE, FOREIGNER_2017, FOREIGNER_2023)}


def layout_of(block: bytes) -> Layout:
    """The layout that a block's marker names; any other marker than J, I and Y means a resident card."""
    return _BY_MARKER.get(block[_MARKER].decode("utf-16-le", "replace"), RESIDENT)
