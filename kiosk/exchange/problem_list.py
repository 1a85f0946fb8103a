"""The report before an export as a sheet, to be handed to those who can mend what is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.exchange.file_names import marked
from kiosk.exchange.forms import class_title
from kiosk.exchange.report import Faulty
from kiosk.exchange.sheet_style import OPTIONS, Style, write_head
from kiosk.idnumber import masked
from kiosk.records import Message

_WIDTHS: Final = (12, 14, 24, 70)


def write_problems(
    entries: Sequence[Faulty],
    out: Path,
    headers: tuple[str, str, str, str],
    say: Callable[[Message], str],
    *,
    ends: str = "",
    simulated: bool = False,
) -> None:
    """One line a problem: class, name, masked number, what is wrong and how to mend it. `say` turns messages into words;
    `ends`: what is said below, of others who are not on the list."""
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        style, page = Style(book), book.add_worksheet(marked("Sheet1", simulated=simulated))
        write_head(page, zip(headers, _WIDTHS, strict=True), style, landscape=True)
        line, schools = 0, tuple(dict.fromkeys(entry.who.school_name for entry in entries if entry.who))
        for entry in entries:
            who = entry.who
            place = (class_title(who.group, schools), who.name, masked(who.id_number)) if who else ("", "", "")
            for problem in entry.problems:
                line += 1
                for column, cell in enumerate((*place, say(problem))):
                    page.write_string(line, column, cell, style.wrapped)
        if ends:
            page.write_string(line + 1, len(headers) - 1, ends, style.wrapped)
        page.autofilter(0, 0, max(line, 1), len(headers) - 1)
