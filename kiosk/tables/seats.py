"""Reads who sits where in an exam, as the platform hands it out: the same reader with its own rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Final

from kiosk.records import name_key
from kiosk.tables import answers
from kiosk.tables.headers import header_key
from kiosk.tables.rules import load_rules
from kiosk.tables.table import Problem, TableRow, read_table

_ROOM: Final = re.compile(r"第?(.+?)(?:考场|试场)?")  # 第03考场
_SEAT: Final = re.compile(r"第?([0-9]{1,4})(?:号|座|座位|座号|号座)?")  # 05号
_KNOWN_BY: Final = ("id_number", "registration_number", "student_number", "exam_number")  # the surest first
_EVERY: Final = frozenset({"", "全部", "全科", "全部科目", "所有科目", "各科"})  # no subject in particular


def read_seats(file: IO[bytes], name: str, columns: dict[str, str], subjects: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """The task of the reading process. `subjects`: of the exam. In each of them nobody sits twice, and nobody on another's
    seat; a number is one person's. A sheet without a column for it may be called after its subject, or have columns for each
    (语文考场, 语文座号, 物理考场 …): who has nothing in a subject's doesn't take it."""
    rules = load_rules("seats")
    table = read_table(file, name, rules, columns, subjects)
    fields = [rule.field for rule in rules.columns]
    checks = _Checks(subjects)
    told = ((row, checks.values(row)) for row in table.rows)
    sound = [(row, [values.get(one, row[one]) for one in fields]) for row, values in told if values is not None]
    _alike([values for _, values in sound], fields.index("room"))
    problems = list(_once([*table.problems, *checks.problems]))
    placed = [[*values, row.place.sheet, str(row.index + 1)] for row, values in sound]
    yield from answers.records("seats", [*fields, "sheet", "row"], placed)
    yield from answers.problems("problems", sorted(problems, key=lambda one: (one.sheet, one.row, one.entry, one.column)))
    yield from answers.uses(table)


class _Checks:
    """What a row is held against: the rows before it."""

    def __init__(self, subjects: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self._subjects: Mapping[str, str] = {name_key(one): one for one in subjects}
        self._groups: Mapping[str, str] = {header_key(one): one for one in subjects}
        self._taken: dict[tuple[str, ...], TableRow] = {}  # by what a row alone may have
        self._people: dict[str, tuple[str, TableRow]] = {}  # the exam number of each
        self._holders: dict[str, tuple[str, TableRow]] = {}  # whose each exam number is
        self._whole: bool | None = None  # whether seats are for the whole exam, as the first row has it

    def values(self, row: TableRow) -> dict[str, str] | None:
        """What a sound row says; None where something is wrong with it."""
        before = len(self.problems)
        room, seat, subject = _ROOM.fullmatch(row["room"]), _SEAT.fullmatch(row["seat"]), self._subject(row)
        if seat is None or not int(seat[1]):
            self._tell(row, "seat", "roster.seat_number")
        self._person(row, subject)
        if room is not None and seat is not None:
            self._alone(row, "seat", "roster.seat_twice", subject, _plain(room[1]), str(int(seat[1])))
        if len(self.problems) > before or room is None or seat is None:
            return None
        return {"room": room[1], "seat": str(int(seat[1])), "id_number": row["id_number"].upper(), "subject": subject}

    def _person(self, row: TableRow, subject: str) -> None:
        before = len(self.problems)
        who = next((row[one].upper() for one in _KNOWN_BY if row[one]), "")
        if not who:
            self._tell(row, "id_number", "roster.seat_of_whom")
        for field in _KNOWN_BY[:-1]:
            if row[field]:
                self._alone(row, field, "roster.duplicate_number", subject, field, row[field].upper())
        if len(self.problems) == before and (number := row["exam_number"].upper()):
            holder, first = self._holders.setdefault(number, (who, row))
            if holder != who:
                self._tell(row, "exam_number", "roster.exam_number_twice", first)
            elif who == number:  # known by nothing else
                self._alone(row, "exam_number", "roster.exam_number_twice", subject, "exam_number", number)
            known, first = self._people.setdefault(who, (number, row))
            if known != number:
                self._tell(row, "exam_number", "roster.exam_number_other", first)

    def _subject(self, row: TableRow) -> str:
        """The exam's own name of it; empty for a seat in the whole exam. All rows are alike in that."""
        group = row.place.block.group
        told = group or row["subject"].strip()
        found = self._groups.get(group) if group else "" if told in _EVERY else self._subjects.get(name_key(told))
        if not told and "subject" not in row.place.block.columns:
            named = [one for key, one in self._subjects.items() if key in name_key(row.place.sheet)]
            found = max(named, key=len, default="")  # 数学（文） rather than 数学
        if found is None:
            self._tell(row, "room" if group else "subject", "roster.seat_subject", known="、".join(self._subjects.values()))
            return told
        if self._whole is None:
            self._whole = not found
        if self._whole is bool(found):
            self._tell(row, "subject", "roster.seat_subject_mixed")
        return found

    def _alone(self, row: TableRow, field: str, code: str, *what: str) -> None:
        if (first := self._taken.setdefault((code, *what), row)) is not row:
            self._tell(row, field, code, first)

    def _tell(self, row: TableRow, field: str, code: str, first: TableRow | None = None, **data: object) -> None:
        place = {"row": first.index + 1, "sheet": first.place.sheet} if first is not None else {}
        self.problems.append(row.problem(field, code, **place, **data))


def _once(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Of a row that is in several subjects' lists, what is wrong with a cell that they share is told once."""
    told: set[tuple[str, int, str, str]] = set()
    for one in problems:
        place = (one.sheet, one.row, one.column, one.message.code)
        if place not in told:
            yield one
        told.add(place)


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
