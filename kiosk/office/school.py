"""The school's own data and its contacts: shown, changed, and as the sheet that exam offices collect."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from kiosk.clock import day
from kiosk.errors import KioskError
from kiosk.exchange.point_sheet import lines, print_point, write_point
from kiosk.exchange.school_sheet import write_school
from kiosk.records import CATEGORIES, Contact, Person, Point, School
from kiosk.store import Store

_CODE: Final = re.compile(r"[0-9A-Za-z]{4,20}")
_POSTCODE: Final = re.compile(r"\d{6}", re.ASCII)
_MOBILE: Final = re.compile(r"1\d{10}", re.ASCII)
_LINE: Final = re.compile(r"[\d+()（） -]{5,30}(?: ?(?:转|x|#) ?\d{1,6})?", re.ASCII)
_WIDE: Final = {ord("－"): "-", ord("—"): "-", **{0xFF10 + digit: str(digit) for digit in range(10)}}


class Schools:
    """One school: the station's own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def current(self) -> School:
        """Empty where nobody has entered anything."""
        return self._store.school.get()

    def change(self, school: School, *, by: Person) -> School:
        """Enter it anew; raises KioskError naming what can't be: a code, postcode or number of another shape, a contact without
        a name or without any number."""
        clean = replace(
            school,
            code=_checked("code", school.code, _CODE),
            postcode=_checked("postcode", school.postcode, _POSTCODE),
            phone=_checked("phone", school.phone, _LINE),
            contacts=tuple(_contact(number, one) for number, one in enumerate(school.contacts, start=1)),
        )
        self._store.school.put(clean, by=by)
        return clean

    def point(self) -> Point:
        """What the station takes as a 报名点."""
        return self._store.points.get()

    def change_point(self, point: Point, *, by: Person) -> Point:
        """Enter it anew. Raises KioskError for a school without a name, one that nobody permitted, or a day that is none."""
        if set(point.categories) - set(CATEGORIES):
            raise KioskError("school.category", known="、".join(CATEGORIES))
        for one in point.schools:
            if not any(one.school) or not one.permitted_by or day(one.permitted_on.replace("-", "")) is None:
                raise KioskError("school.permission", school=one.school.name or one.school.code)
        return self._store.points.put(point, by=by)

    def write_point(self, path: Path) -> None:
        """报名点信息表 as .xlsx, or as .pdf where the path says so."""
        school, point = self.current(), self.point()
        found, made_up = lines(point, school, self._store.progress.students()), self._store.simulated
        if path.suffix == ".pdf":
            path.write_bytes(print_point(school, point, found, simulated=made_up))
        else:
            write_point(school, point, found, path, simulated=made_up)

    def write(self, path: Path) -> None:
        """学校信息表 as .xlsx."""
        write_school(self.current(), path, simulated=self._store.simulated)


def _contact(number: int, one: Contact) -> Contact:
    mobile = _checked("mobile", "".join(one.mobile.split()), _MOBILE)
    phone = _checked("phone", one.phone, _LINE)
    if bool(one.name) != bool(mobile or phone):
        raise KioskError("school.contact_half", number=number)
    return replace(one, mobile=mobile, phone=phone)


def _checked(field: str, text: str, shape: re.Pattern[str]) -> str:
    text = text.translate(_WIDE)
    if text and not shape.fullmatch(text):
        raise KioskError(f"school.{field}", value=text)
    return text
