"""The report before an export as a sheet, to be handed to those who can mend what is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter

from kiosk.exchange import ReportEntry
from kiosk.exchange.forms import class_title
from kiosk.idnumber import masked
from kiosk.records import Message

_WIDTHS: Final = (12, 14, 24, 70)
_A4: Final = 9  # ECMA-376 18.3.1.63


def write_problems(
    entries: Sequence[ReportEntry], out: Path, headers: tuple[str, str, str, str], say: Callable[[Message], str]
) -> None:
    """One line a problem: class, name, masked number, what is wrong and how to mend it. `say` turns messages into words."""
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        heading = book.add_format({"num_format": "@", "bold": True, "bg_color": "#E8EEF4", "bottom": 1})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        page = book.add_worksheet()
        for column, (header, width) in enumerate(zip(headers, _WIDTHS, strict=True)):
            page.set_column(column, column, width)
            page.write_string(0, column, header, heading)
        line = 0
        for entry in entries:
            who = entry.row.who
            place = (class_title(who.grade, who.class_name), who.name, masked(who.id_number)) if who else ("", "", "")
            for problem in entry.problems:
                line += 1
                for column, cell in enumerate((*place, say(problem))):
                    page.write_string(line, column, cell, text)
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, max(line, 1), len(headers) - 1)
        page.repeat_rows(0)
        page.set_paper(_A4)
        page.set_landscape()
        page.fit_to_pages(1, 0)
