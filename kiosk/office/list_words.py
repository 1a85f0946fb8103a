"""What a list that comes in says of its rows, in words, on screen and command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from kiosk.exchange import RowProblem
from kiosk.exchange.finding_file import FindingRow
from kiosk.exchange.seat_file import SeatRow
from kiosk.records import Message
from kiosk.words import say, say_list, say_message

MOST_TOLD: Final = 10  # of a kind, on a screen


class ListImport(Protocol):
    """A list held against the roster."""

    @property
    def problems(self) -> Sequence[RowProblem]:
        """Cells that can't be taken."""

    @property
    def overlooked(self) -> Sequence[Message]:
        """Sheets that were not read, rows that nobody sees."""

    @property
    def doubts(self) -> Mapping[str, Sequence[SeatRow | FindingRow]]:
        """Rows that don't fit the roster, by the code of the words for them."""


def list_in_words(language: str, found: ListImport, most: int = MOST_TOLD) -> list[str]:
    """What is wrong and what was left out, each with its sheet and row; the first of a kind."""
    lines = [
        say(
            language,
            "importlist.cell",
            place=say(language, "roster.place", sheet=one.sheet, row=one.row),
            column=one.column,
            value=one.value,
            problem=say_message(language, one.message),
        )
        for one in found.problems[:most]
    ]
    if (more := len(found.problems) - most) > 0:
        lines.append(say(language, "importlist.more", count=more))
    lines += [
        say(language, code, count=len(rows), names=_names(language, rows, most)) for code, rows in found.doubts.items() if rows
    ]
    return [*lines, *(say_message(language, one) for one in found.overlooked)]


def _names(language: str, rows: Sequence[SeatRow | FindingRow], most: int) -> str:
    told = [
        say(
            language,
            "importlist.row",
            name=row.name or row.id_number[-4:],
            place=say(language, "roster.place", sheet=row.sheet, row=row.row),
        )
        for row in rows[:most]
    ]
    return say_list(language, told) + ("…" if len(rows) > most else "")
