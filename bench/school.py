"""A school of people who don't exist, in the middle of its capture: for the office's screens at their usual size.

python -m bench.school --folder DIR [--students 3000]     makes it once and serves its screens until Ctrl-C
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from drivers_sim.finger import FingerCache, impression
from drivers_sim.people.cohort import CardHolder, cohort
from drivers_sim.people.faces import FACES, Look, chip_photo, live_picture
from kiosk import weights
from kiosk.config import Settings
from kiosk.exchange import load_profile
from kiosk.office import Office
from kiosk.pipeline.face.mesh import FaceMesh
from kiosk.pipeline.face.portrait import cut_out, encode
from kiosk.records import (
    Account,
    Biometric,
    BiometricKind,
    CaptureRecord,
    CardData,
    Frame,
    Image,
    Message,
    Role,
    Score,
    Step,
    StepResult,
    Student,
    Verdict,
)
from kiosk.simulation import DEMO_PIN
from kiosk.snapshot import Phase, Snapshot
from kiosk.store import Store
from kiosk.web import Server, create_app, serve_app
from kiosk.web.no_station import NoStation

PROFILE: Final = "qinghai-xuekao"
DECIDER: Final = "负责人"  # another than who asks
_AT: Final = datetime(2026, 9, 1, 0, 30, tzinfo=UTC)
_CLASS_SIZE: Final = 50
_GRADES: Final = ("高一", "高二", "高三")
_FINGERS: Final = 6
_SCALE: Final = "sface-2021dec cosine"
_MEMORY: Final = Path("/dev/shm")
_BACKGROUND: Final = (236, 214, 186)  # BGR of a pale wall
# Of a hundred students: how many were never seen, are absent, unfinished, to review, let pass by a person.
_SHARES: Final = {"unseen": 4, "absent": 2, "unfinished": 1, "review": 3, "decided": 4}


def students(count: int, seed: int = 1) -> list[tuple[CardHolder, Student]]:
    """Cards and rows of the roster: classes of fifty over three grades."""
    holders = cohort(seed, [FACES[number % len(FACES)].sex for number in range(count)])
    per_grade = -(-count // len(_GRADES))
    rows = []
    for number, holder in enumerate(holders):
        grade, place = divmod(number, per_grade)
        row = replace(
            holder.student,
            grade=_GRADES[grade],
            class_name=str(place // _CLASS_SIZE + 1),
            sex={"1": "男", "2": "女"}[holder.sex_code],
            student_number=f"G{holder.student.id_number}",
            school="某市第一中学",
            school_code="3663000001",
        )
        rows.append((holder, row))
    return rows


def make(store: Store, count: int, seed: int = 1) -> None:
    """Fill an empty store: everybody on the roster, and most of them captured."""
    rows = students(count, seed)
    store.roster.replace_or_update([student for _, student in rows], actor="教务处")
    chance = random.Random(seed)
    faces, thumbs = _faces(), _thumbs()
    kinds = list(_SHARES)
    for number, (holder, student) in enumerate(rows):
        at = _AT + timedelta(seconds=40 * number)
        what = chance.choices([*kinds, ""], weights=[*_SHARES.values(), 100 - sum(_SHARES.values())])[0]
        if what == "absent":
            store.progress.report_absent(student, reason=chance.choice(("因病请假", "事假")), by="班主任", at=at)
        elif what != "unseen":
            _capture(store, holder, student, at, what, faces[number % len(FACES)], thumbs[number % _FINGERS])


def _capture(
    store: Store, holder: CardHolder, student: Student, at: datetime, what: str, face: Sequence[Biometric], thumb: bytes
) -> None:
    profile = load_profile(PROFILE)
    record = store.captures.begin(
        student, _card(holder), station="采集点-01", operator="采集员", profile=PROFILE, profile_hash=profile.hash, at=at
    )
    store.captures.save_step(record.id, StepResult(Step.CARD, Verdict.PASS, at), face[:1])
    if what == "unfinished":
        return
    score = Score(0.36 if what in {"decided", "review"} else 0.62, _SCALE, 0.40)
    decided = {"decided_by": "王老师", "reason": "人工比对，确认为本人"} if what == "decided" else {}
    verdict = Verdict.REVIEW if what in {"decided", "review"} else Verdict.PASS
    unlike = (Message("face.unlike_chip_photo"),) if verdict is Verdict.REVIEW else ()
    result = StepResult(Step.FACE, verdict, at, scores=(score,), problems=unlike, **decided)  # type: ignore[arg-type]
    store.captures.save_step(record.id, result, face[1:])
    for step, kind in ((Step.RIGHT_THUMB, BiometricKind.RIGHT_THUMB), (Step.LEFT_THUMB, BiometricKind.LEFT_THUMB)):
        store.captures.save_step(record.id, StepResult(step, Verdict.PASS, at), [Biometric(kind, thumb)])
    store.captures.finish(record.id, at + timedelta(seconds=35))


def _card(holder: CardHolder) -> CardData:
    of, birth = holder.student, holder.birth
    sex = {"1": "男", "2": "女"}[holder.sex_code]
    names = {"01": "汉", "02": "蒙古", "03": "回", "04": "藏", "30": "土", "35": "撒拉"}
    return CardData(
        kind="resident",
        name=of.name,
        sex_code=holder.sex_code,
        sex=sex,
        ethnicity_code=holder.ethnicity_code,
        ethnicity=names[holder.ethnicity_code],
        birth_text=f"{birth:%Y%m%d}",
        birth=birth,
        address=holder.address,
        id_number=of.id_number,
        authority=holder.authority,
        valid_from_text=f"{holder.valid_from:%Y%m%d}",
        valid_until_text=f"{holder.valid_until:%Y%m%d}",
    )


def _faces() -> list[list[Biometric]]:
    """Chip photo, portrait and live face of each simulated face."""
    mesh, photo = FaceMesh(tracking=False), load_profile(PROFILE).photo
    found = []
    for face in FACES:
        person = cv2.resize(live_picture(face.number, Look.FRONT), (728, 602), interpolation=cv2.INTER_AREA).astype(np.float32)
        alpha = person[..., 3:] / 255
        live = np.full((720, 1280, 3), _BACKGROUND, np.float32)
        live[118:, 276:1004] = live[118:, 276:1004] * (1 - alpha) + person[..., :3] * alpha
        pixels = live.astype(np.uint8)
        portrait = encode(cut_out(pixels, mesh.find(pixels)[0], photo), photo).jpeg
        chip = cv2.imencode(".png", chip_photo(face.number))[1].tobytes()
        frame = cv2.imencode(".jpg", pixels)[1].tobytes()
        kinds = (BiometricKind.CHIP_PHOTO, BiometricKind.PORTRAIT, BiometricKind.LIVE_FACE)
        found.append([Biometric(kind, data) for kind, data in zip(kinds, (chip, portrait, frame), strict=True)])
    return found


def _thumbs() -> list[bytes]:
    cache = FingerCache(weights.folder().parent / "simulated")
    return [cv2.imencode(".png", impression(cache.finger(number), 1))[1].tobytes() for number in range(_FINGERS)]


class Idle(NoStation):
    """A station at which nobody stands; its camera sees a card on a table."""

    def __init__(self) -> None:
        self._picture = _card_on_a_table()

    def snapshot(self) -> Snapshot:
        return Snapshot(1, Phase.WAITING, Message("station.lay_card"))

    def preview(self, after: int, timeout_s: float) -> Frame | None:
        if after:
            time.sleep(min(timeout_s, 0.2))
        return Frame(self._picture, after + 1, 0.0)


def _card_on_a_table() -> Image:
    noise = np.random.default_rng(3)
    card = np.clip(np.array((222, 214, 205)) + noise.normal(0, 6, (540, 856, 1)), 0, 255).astype(np.uint8)
    for line, words in enumerate(("NAME  SPECIMEN", "SEX  F   GROUP  HAN", "BORN  2010-03-12", "632801201003124426")):
        cv2.putText(card, words, (40, 110 + 110 * line), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (60, 50, 40), 3, cv2.LINE_AA)
    cv2.rectangle(card, (600, 90), (810, 360), (150, 160, 190), -1)
    table = np.clip(np.array((60, 70, 60)) + noise.normal(0, 4, (720, 1280, 1)), 0, 255).astype(np.uint8)
    corners = np.array([(250, 130), (1010, 160), (990, 640), (235, 605)], np.float32)
    source = np.array([(0, 0), (856, 0), (856, 540), (0, 540)], np.float32)
    warp = cv2.getPerspectiveTransform(source, corners)
    seen = cv2.warpPerspective(card, warp, (1280, 720), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((540, 856), 255, np.uint8), warp, (1280, 720))
    table[mask > 127] = seen[mask > 127]
    return table


def open_school(folder: Path, count: int, say: Callable[[str], None] = print) -> Store:
    """The school of a folder, made where there is none yet: in memory where that can be had, for tens of thousands of commits
    wait for the disk each."""
    data = folder / "data"
    if not data.exists():
        before = time.perf_counter()
        with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as scratch:
            with Store.open(Path(scratch) / "data") as store:
                make(store, count)
            shutil.copytree(Path(scratch) / "data", data)
        say(f"{count:,} students made in {time.perf_counter() - before:.0f} s")
    return Store.open(data)


def serve(store: Store, folder: Path, port: int = 0) -> tuple[Server, Office]:
    """The school's screens."""
    office = Office(store, folder / "export")
    settings = Settings()
    school = settings.station.model_copy(update={"school": "某市第一中学"})
    settings = settings.model_copy(update={"station": school})
    app = create_app(station=Idle(), office=office, settings=settings, demonstrator=_operator(store))
    return serve_app(app, port), office


def _operator(store: Store) -> Account:
    """Who needs no log-in."""
    if not store.accounts.open():
        officer = store.accounts.issue("考务管理员", Role.OFFICER, DEMO_PIN, by=None)
        store.accounts.issue(DECIDER, Role.SUPERVISOR, DEMO_PIN, by=officer.person)
    return store.accounts.open()[0]


def captured(store: Store) -> CaptureRecord:
    """Somebody who was captured."""
    return next(iter(store.captures.records()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--students", type=int, default=3000)
    parser.add_argument("--port", type=int, default=8211)
    asked = parser.parse_args()
    with open_school(asked.folder, asked.students) as store:
        server, office = serve(store, asked.folder, asked.port)
        print(f"{server.url}/records", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            server.stop()
            office.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
