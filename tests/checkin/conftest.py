"""An exam site of four candidates in two rooms, and what one candidate comes with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kiosk.records import Candidate, ExamDay, ExamSession, Seating

NINE = datetime(2027, 6, 7, 1, 0, tzinfo=UTC)
MATHS = ExamSession("数学", NINE, NINE + timedelta(hours=2), NINE + timedelta(minutes=15))
PHYSICS = ExamSession("物理", NINE, NINE + timedelta(hours=1), NINE + timedelta(minutes=15))
ENGLISH = ExamSession("英语", NINE + timedelta(hours=6), NINE + timedelta(hours=8), NINE + timedelta(hours=6, minutes=15))
DAY = ExamDay("期末考试", "第一中学考点", (MATHS, PHYSICS, ENGLISH), NINE - timedelta(days=1), NINE + timedelta(days=1))
EARLY = NINE - timedelta(minutes=20)


def candidate(
    number: int, *, room: str = "1", subject: str = "数学", alike: bool = False, faced: bool = True, thumbed: bool = True
) -> Candidate:
    id_number, exam_number = f"63010120090101{number:04d}", f"2027{number:05d}"
    seat = Seating(id_number, exam_number, room, number, "教学楼 101", subject)
    who = Candidate(number, id_number, exam_number, f"考生{number}", (seat,))
    return replace(who, alike=alike, faced=faced, thumbed=thumbed)
