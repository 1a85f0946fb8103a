"""Reads who sits where in an exam, as the platform hands it out: the same reader with its own rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any, Final

from kiosk.tables import answers
from kiosk.tables.rules import load_rules
from kiosk.tables.table import Problem, TableRow, read_table

_ROOM: Final = re.compile(r"第?(.+?)(?:考场|试场)?")  # 第03考场
_SEAT: Final = re.compile(r"第?([0-9]{1,4})(?:号|座|座位|座号|号座)?")  # 05号
_ONE_EACH: Final = {
    "id_number": "roster.duplicate_number",
    "registration_number": "roster.duplicate_number",
    "student_number": "roster.duplicate_number",
    "exam_number": "roster.exam_number_twice",
}


def read_seats(file: IO[bytes], name: str, columns: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The task of the reading process. Nobody sits twice, and nobody on another's seat or under another's number."""
    rules = load_rules("seats")
    table = read_table(file, name, rules, columns)
    problems: list[Problem] = list(table.problems)
    first_seen: dict[tuple[str, str], TableRow] = {}
    sound: list[list[str]] = []
    fields = [rule.field for rule in rules.columns]
    for row in table.rows:
        found = []
        room, seat = _ROOM.fullmatch(row["room"]), _SEAT.fullmatch(row["seat"])
        if seat is None or not int(seat[1]):
            found.append(row.problem("seat", "roster.seat_number"))
        if not any(row[one] for one in _ONE_EACH):
            found.append(row.problem("id_number", "roster.seat_of_whom"))
        for field, code in _ONE_EACH.items():
            key = field, row[field].upper()
            if row[field] and (first := first_seen.setdefault(key, row)) is not row:
                found.append(row.problem(field, code, row=first.index + 1, sheet=first.place.sheet))
        if room is not None and seat is not None:
            key = _plain(room[1]), str(int(seat[1]))
            if (first := first_seen.setdefault(key, row)) is not row:
                found.append(row.problem("seat", "roster.seat_twice", row=first.index + 1, sheet=first.place.sheet))
        problems += found
        if not found and room is not None and seat is not None:
            told = {"room": room[1], "seat": str(int(seat[1])), "id_number": row["id_number"].upper()}
            sound.append([told.get(one, row[one]) for one in fields])
    _alike(sound, fields.index("room"))
    yield {"fields": fields}
    yield from answers.pieces("seats", sound)
    yield from answers.problems("problems", sorted(problems, key=lambda one: (one.sheet, one.row, one.entry, one.column)))
    yield from answers.uses(table)


def _plain(room: str) -> str:
    """`03` and `3` are one room."""
    return room.lstrip("0") or room


def _alike(rows: list[list[str]], at: int) -> None:
    """Each room is called the longest of its names."""
    names: dict[str, str] = {}
    for row in rows:
        names[_plain(row[at])] = max(names.get(_plain(row[at]), ""), row[at], key=len)
    for row in rows:
        row[at] = names[_plain(row[at])]
