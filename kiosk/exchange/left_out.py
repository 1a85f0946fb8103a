"""What of a file was not used, or not as it stands there: sheet by sheet, so that the rows add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kiosk.exchange.reading import ColumnReading, SheetReading
from kiosk.exchange.roster_file import RosterReading
from kiosk.records import Message

_MOST_ROWS = 20
_OVERLOOKED = (
    "roster.left.hidden",
    "roster.left.no_header",
    "roster.left.hidden_rows",
    "roster.left.struck_rows",
    "roster.left.gone_rows",
    "roster.left.unclear_titles",
)


def left_out(reading: RosterReading) -> list[Message]:
    """One line for each thing, the sheets in their order, then their columns."""
    lines = [line for sheet in reading.sheets for line in _sheet(sheet)]
    return lines + [line for column in reading.columns if (line := _column(column)) is not None]


def overlooked(sheets: Iterable[SheetReading], columns: Iterable[ColumnReading] = ()) -> tuple[Message, ...]:
    """Sheets that were not read although something stands in them, rows that were although nobody sees them, and columns that
    nobody understood."""
    told = [line for sheet in sheets for line in _sheet(sheet) if line.code in _OVERLOOKED]
    return (*told, *(line for column in columns if (line := _column(column)) is not None))


def _sheet(sheet: SheetReading) -> Iterator[Message]:
    name = {"sheet": sheet.name}
    if sheet.state == "read":
        counts = {"rows": sheet.rows, "above": sheet.above, "header": sheet.header, "students": sheet.students}
        others = {"blank": sheet.blank, "repeated": sheet.repeated_headers, "hints": sheet.hints}
        if sheet.encoding:
            yield Message("roster.left.encoding", {**name, "encoding": sheet.encoding})
        yield Message("roster.left.sum", {**name, **counts, **others})
        for title in sheet.titles[:_MOST_ROWS]:
            code = "roster.left.title" if title.row else "roster.left.sheet_name"
            yield Message(code, {**name, **title._asdict(), "group": f"{title.grade} {title.class_name}".strip()})
        listed = (
            ("unclear_titles", len(sheet.unclear_titles), sheet.unclear_titles),
            ("hints", sheet.hints, sheet.hint_places),
            ("blank", sheet.blank, sheet.places),
            ("comments", sheet.comment_count, sheet.comments),
        )
        for code, count, places in listed:
            if count:
                more = "…" if count > len(places) else ""
                yield Message(f"roster.left.{code}", {**name, "count": count, "places": "、".join(places) + more})
        of_rows = ("hidden", sheet.hidden_row_count, sheet.hidden_rows), ("struck", sheet.struck_row_count, sheet.struck_rows)
        for code, count, numbers in (*of_rows, ("gone", sheet.gone_row_count, sheet.gone_rows)):
            if count:
                rows = "、".join(map(str, numbers[:_MOST_ROWS])) + ("…" if count > _MOST_ROWS else "")
                words = {"words": "、".join(sheet.gone_words)} if code == "gone" else {}
                yield Message(f"roster.left.{code}_rows", {**name, "count": count, "rows": rows, **words})
        if sheet.merged:
            yield Message("roster.left.merged", {**name, "count": sheet.merged})
    elif sheet.rows:
        code = "roster.left.hidden" if sheet.state == "hidden" else "roster.left.no_header"
        yield Message(code, {**name, "rows": sheet.rows} | ({"found": sheet.found} if sheet.state == "no_header" else {}))


def _column(column: ColumnReading) -> Message | None:
    if column.note is not None or column.field or not column.cells:
        return column.note
    place = {"sheet": column.sheet, "column": column.column, "header": column.header}
    return Message("roster.column.unused", {**place, "count": column.cells})
