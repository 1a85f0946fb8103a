"""An exam site of simulated people with a door that has all its devices: the package is made of their faces and thumbs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from drivers_sim.classroom import Classroom, _press
from drivers_sim.people.faces import FACES, chip_photo, portrait_jpeg
from kiosk import weights
from kiosk.assembly import ExamDoor, judges_of
from kiosk.checkin import Shelf
from kiosk.ciphers.age import Sealing
from kiosk.config import Settings
from kiosk.exchange.exam_parcel import write_exam
from kiosk.pipeline.face.compact import pack as pack_face
from kiosk.records import (
    Candidate,
    ChipPhoto,
    Enrolled,
    ExamDay,
    ExamSession,
    FingerPosition,
    Frame,
    Impression,
    Seating,
    Student,
)
from kiosk.seeing import Judges
from kiosk.store import Store

FPS: Final = 15
_FINGERS: Final = 16


def classroom(students: int = 3) -> Classroom:
    cache = weights.folder().parent / "simulated"
    return Classroom(students=students, seed=1, realistic=False, pcsc=False, cache=cache, fps=FPS)


def exam_day(store: Store) -> ExamDay:
    now = datetime.now(UTC)
    maths = ExamSession("数学", now + timedelta(minutes=20), now + timedelta(hours=2), now + timedelta(minutes=35))
    english = ExamSession("英语", now + timedelta(hours=4), now + timedelta(hours=6), now + timedelta(hours=4, minutes=15))
    key = store.signing.key().public.hex()
    return ExamDay("期末考试", "第一中学考点", (maths, english), now, now + timedelta(days=1), stations=(key,))


def enrolled(number: int, student: Student, judges: Judges, *, thumbs: bool, room: str) -> Enrolled:
    """What the capture of a simulated person would have left."""
    face = number - 1
    portrait = portrait_jpeg(FACES[face % len(FACES)].number)
    pixels = np.asarray(cv2.imdecode(np.frombuffer(portrait, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    chip = pack_face(judges.embed_chip(ChipPhoto(chip_photo(FACES[face % len(FACES)].number))))
    files: list[tuple[FingerPosition, bytes]] = []
    if thumbs:
        seed = (100_000 + number) * _FINGERS + FingerPosition.RIGHT_THUMB
        press = _press(weights.folder().parent / "simulated", seed, 900)
        judged = judges.judge_press(Impression(press, 500, FingerPosition.RIGHT_THUMB, "simulated"))
        files.append((FingerPosition.RIGHT_THUMB, judged.file))
    seat = Seating(student.id_number, f"2027{number:05d}", room, number, "教学楼 101")
    who = Candidate(
        number, student.id_number, seat.exam_number, student.name, (seat,), student.sex, "第一中学", "5班", thumbed=thumbs
    )
    return Enrolled(who, portrait, pack_face(judges.embed_face([Frame(pixels, 1, 0.0)])), chip, tuple(files))


@contextmanager
def door(folder: Path, students: int = 3, settings: Settings | None = None) -> Iterator[ExamDoor]:
    """A started door; everybody of the class sits in room 1, the last in room 2; the second has a thumb, too."""
    people = classroom(students)
    settings = settings or Settings()
    data = settings.store.within(folder, simulated=True)
    with Store.open(data) as store:
        judges = judges_of(settings)
        told = [
            enrolled(one.number, one.student, judges, thumbs=one.number == 2, room="2" if one.number == students else "1")
            for one in people.people
        ]
        path = folder / "考场包.age"
        to = Sealing(recipients=(store.signing.recipient(),))
        write_exam(path, to, store.signing.key(), exam_day(store), told, by_office=False, simulated=True)
        Shelf(store).take(path, door="东门", by="考务")
    with ExamDoor(settings, folder, people) as opened:
        yield opened
