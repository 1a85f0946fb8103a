"""How long a candidate takes at a door of an exam with realistic devices, and how much of it is ours.

    python -m bench.door [--candidates 12] [--thumb] [--json FILE]

Simulated people of a class lay down their cards, look into the camera and, with `--thumb`, press: over the wires that real
devices speak, at their speed. The package is made of their faces and thumbs as a capture would have left them.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click
import cv2
import numpy as np

from bench.figures import json_option, kept, note
from drivers_sim.classroom import Classroom, _press
from drivers_sim.people.faces import FACES, chip_photo, portrait_jpeg
from kiosk import weights
from kiosk.assembly import ExamDoor, judges_of
from kiosk.checkin import Looking, Pressing, Seated, Shelf, State, Waiting
from kiosk.ciphers.age import Sealing
from kiosk.config import Settings
from kiosk.exchange.exam_parcel import write_exam
from kiosk.pipeline.face.compact import pack as pack_face
from kiosk.records import (
    Candidate,
    ChipPhoto,
    DeviceKind,
    DeviceState,
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
from kiosk.simulation import Intent
from kiosk.store import Store

FPS: Final = 15
_FINGERS: Final = 16


def classroom(students: int = 3, *, realistic: bool = False) -> Classroom:
    cache = weights.folder().parent / "simulated"
    return Classroom(students=students, seed=1, realistic=realistic, pcsc=False, cache=cache, fps=FPS)


def exam_day(store: Store) -> ExamDay:
    now = datetime.now(UTC)
    maths = ExamSession("数学", now + timedelta(minutes=20), now + timedelta(hours=2), now + timedelta(minutes=35))
    english = ExamSession("英语", now + timedelta(hours=4), now + timedelta(hours=6), now + timedelta(hours=4, minutes=15))
    key = store.signing.key().public.hex()
    return ExamDay("期末考试", "第一中学考点", (maths, english), now, now + timedelta(days=1), stations=(key,))


def enrolled(number: int, student: Student, judges: Judges, *, thumb: bool, room: str, alike: bool = False) -> Enrolled:
    """What the capture of a simulated person would have left. `alike`: declared to look like somebody else."""
    face = number - 1
    portrait = portrait_jpeg(FACES[face % len(FACES)].number)
    pixels = np.asarray(cv2.imdecode(np.frombuffer(portrait, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    chip = pack_face(judges.embed_chip(ChipPhoto(chip_photo(FACES[face % len(FACES)].number))))
    files: list[tuple[FingerPosition, bytes]] = []
    if thumb:
        seed = (100_000 + number) * _FINGERS + FingerPosition.RIGHT_THUMB
        press = _press(weights.folder().parent / "simulated", seed, 900)
        judged = judges.judge_press(Impression(press, 500, FingerPosition.RIGHT_THUMB, "simulated"))
        files.append((FingerPosition.RIGHT_THUMB, judged.file))
    seat = Seating(student.id_number, f"2027{number:05d}", room, number, "教学楼 101")
    named = Candidate(number, student.id_number, seat.exam_number, student.name, (seat,), student.sex, "第一中学", "5班")
    who = replace(named, thumbed=thumb, alike=alike)
    return Enrolled(who, portrait, pack_face(judges.embed_face([Frame(pixels, 1, 0.0)])), chip, tuple(files))


@contextmanager
def door(
    folder: Path,
    students: int = 3,
    settings: Settings | None = None,
    *,
    thumbs: Collection[int] = (2,),
    alike: Collection[int] = (),
    realistic: bool = False,
    thumb_always: bool = False,
) -> Iterator[ExamDoor]:
    """A started door; everybody of the class sits in room 1, the last in room 2. `thumbs`: who was captured with one, `alike`:
    of whom both are wanted."""
    people = classroom(students, realistic=realistic)
    settings = settings or Settings()
    data = settings.store.within(folder, simulated=True)
    with Store.open(data) as store:
        judges = judges_of(settings)
        told = [
            enrolled(
                one.number,
                one.student,
                judges,
                thumb=one.number in thumbs,
                room="2" if one.number == students else "1",
                alike=one.number in alike,
            )
            for one in people.people
        ]
        path = folder / "考场包.age"
        to = Sealing(recipients=(store.signing.recipient(),))
        write_exam(path, to, store.signing.key(), exam_day(store), told, by_office=False, simulated=True)
        Shelf(store).take(path, door="东门", by="考务")
    with ExamDoor(settings, folder, people, thumb_always=thumb_always) as opened:
        yield opened


def until(at: ExamDoor, kinds: type[State] | tuple[type[State], ...], patience_s: float = 30.0) -> State:
    """The next state of a kind; raises TimeoutError."""
    seen = at.desk.snapshot()
    while not isinstance(seen.state, kinds):
        newer = at.desk.wait(seen.number, patience_s)
        if newer.number == seen.number:
            raise TimeoutError(f"stuck at {seen.state} {seen.guide}")
        seen = newer
    return seen.state


@click.command()
@click.option("--candidates", default=12, show_default=True, type=click.IntRange(1, len(FACES)))
@click.option("--thumb", is_flag=True, help="Want the thumb of everybody.")
@json_option
def main(candidates: int, thumb: bool, json_to: str | None) -> None:
    """Time a class at a door."""
    rooms = ("kiosk/checkin", "kiosk/seeing", "kiosk/devices", "kiosk/pipeline")
    with kept("door", json_to, *rooms), tempfile.TemporaryDirectory() as scratch:
        _time(Path(scratch), candidates, thumb=thumb)


def _time(scratch: Path, candidates: int, *, thumb: bool) -> None:
    everybody = range(1, candidates + 1)
    with door(scratch, candidates, thumbs=everybody if thumb else (), realistic=True, thumb_always=thumb) as at:
        people, own, card, whole = at.simulator, _Own(at), list[float](), list[float]()
        assert people is not None
        while sum(one.state is DeviceState.READY for one in at.desk.snapshot().devices) < len(DeviceKind):
            at.desk.wait(at.desk.snapshot().number, 1.0)
        for number in (one.number for one in people.people if one.intent is not Intent.IMPOSTOR):
            own.begin()
            started_s = time.monotonic()
            people.lay_card(number)
            until(at, Looking)
            card.append(time.monotonic() - started_s)
            people.sit_down(number)
            if at.desk.door.wants_thumb or isinstance(until(at, (Seated, Pressing)), Pressing):
                people.press(number, FingerPosition.RIGHT_THUMB)
                until(at, Seated)
            whole.append(time.monotonic() - started_s)
            people.lift()
            people.stand_up()
            people.take_card()
            until(at, Waiting)
        for name, seconds in (("card to name and seat", card), ("card to 请入座", whole), ("of it ours", own.seconds)):
            click.echo(f"{name}: median {np.median(seconds):.2f} s, at most {max(seconds):.2f} s")
            what = f"{name}, with everybody's thumb" if thumb else name
            note(what, float(np.median(seconds)), "s", f"median of {len(seconds)}, at most {max(seconds):.2f} s")


class _Own:
    """What the door itself takes for each candidate: rules, comparisons and the disk; networks run while the camera goes on."""

    def __init__(self, at: ExamDoor) -> None:
        self.seconds: list[float] = []
        for name in ("card", "face", "press"):
            setattr(at.desk.door, name, self._timed(getattr(at.desk.door, name)))

    def begin(self) -> None:
        self.seconds.append(0.0)

    def _timed(self, work: Callable[..., State]) -> Callable[..., State]:
        def timed(*given: object) -> State:
            started_s = time.perf_counter()
            try:
                return work(*given)
            finally:
                self.seconds[-1] += time.perf_counter() - started_s

        return timed


if __name__ == "__main__":
    main()
