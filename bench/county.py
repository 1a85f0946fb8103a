"""An office of many schools whose students were all captured: rows and sealed pictures, put into a store in bulk."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import numpy as np
from PIL import Image
from sqlalchemy import insert

from kiosk.exchange import load_profile
from kiosk.idnumber import check_character
from kiosk.records import (
    Biometric,
    BiometricKind,
    CaptureRecord,
    CardData,
    RecordState,
    Score,
    Step,
    StepResult,
    Student,
    Verdict,
)
from kiosk.store import Store, codec, pairing, rows, tables
from kiosk.store.roster_rows import student_values

PROFILE: Final = "qinghai-xuekao"
OF_A_SCHOOL: Final = 500
_OF_A_CLASS: Final = 50
_AT: Final = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
_TOGETHER: Final = 500


def student(number: int) -> Student:
    """One of a county, school by school."""
    school, place = divmod(number, OF_A_SCHOOL)
    day, order = divmod(number, 999)
    first17 = f"630103{2008 + day // 336}{day // 28 % 12 + 1:02d}{day % 28 + 1:02d}{order + 1:03d}"
    return Student(
        f"考生{number}",
        first17 + check_character(first17),
        "高一",
        str(place // _OF_A_CLASS + 1),
        f"K{number:07d}",
        sex="男",
        school=f"某县第{school + 1}中学",
        school_code=f"36630{school:05d}",
    )


def pictures() -> Mapping[Step, tuple[Biometric, ...]]:
    """A photo of some 30 kB, and thumbs that are nearly empty; everybody's, each time sealed anew."""
    noise = np.random.default_rng(1)
    photo, thumb = np.clip(noise.normal(150, 5, (640, 480, 1)) + np.zeros(3), 0, 255), np.full((288, 256), 200)
    portrait, press = _encoded(photo, "JPEG"), _encoded(thumb, "PNG")
    return {
        Step.FACE: (Biometric(BiometricKind.PORTRAIT, portrait),),
        Step.RIGHT_THUMB: (Biometric(BiometricKind.RIGHT_THUMB, press),),
        Step.LEFT_THUMB: (Biometric(BiometricKind.LEFT_THUMB, press),),
    }


def _encoded(pixels: Any, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, kind, quality=80, dpi=(300, 300))
    return file.getvalue()


def fill(store: Store, students: int) -> None:
    """So many students into an empty store, all of them captured."""
    kept, identity, vault = pictures(), store._opened.identity, store._vault
    for start in range(0, students, _TOGETHER):
        records = [_captured(number) for number in range(start, min(start + _TOGETHER, students))]
        named = [(record, step, vault.name(record.id, one), one) for record in records for step in kept for one in kept[step]]
        generation = vault.put_named([(stored, one) for _, _, stored, one in named])
        with identity.write() as connection:
            pairing.hear_of_vault(connection, generation)
            places = enumerate((record.student for record in records), start)
            roster = [student_values(who) | {"position": _position(number)} for number, who in places]
            connection.execute(insert(tables.students), roster)
            connection.execute(insert(tables.records), [_record_values(record) for record in records])
            results = [(record.id, result) for record in records for result in record.steps]
            numbers = {(record_id, one.step): 4 * start + at for at, (record_id, one) in enumerate(results, 1)}
            told = [rows.step_values(record_id, one) | {"number": numbers[record_id, one.step]} for record_id, one in results]
            connection.execute(insert(tables.steps), told)
            pieces = [vars(stored) | {"step": numbers[record.id, step]} for record, step, stored, _ in named]
            connection.execute(insert(tables.biometrics), pieces)


def _position(number: int) -> int:
    school, place = divmod(number, OF_A_SCHOOL)
    return 1_000_000 * school + place


def _captured(number: int) -> CaptureRecord:
    who = student(number)
    born = date.fromisoformat(who.id_number[6:14])
    of = (f"{born:%Y%m%d}", born, "青海省西宁市", who.id_number, "西宁市公安局", "20200101", "20300101")
    card = CardData("resident", who.name, "1", "男", "01", "汉", *of)
    steps = (
        StepResult(Step.CARD, Verdict.PASS, _AT),
        StepResult(Step.FACE, Verdict.PASS, _AT, scores=(Score(0.61, "sface-2021dec cosine", 0.4),)),
        StepResult(Step.RIGHT_THUMB, Verdict.PASS, _AT),
        StepResult(Step.LEFT_THUMB, Verdict.PASS, _AT),
    )
    profile = load_profile(PROFILE).hash
    record_id = UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128)).hex  # as scattered as random ones
    told = (record_id, who, 1, _AT, "采集点-01", "采集员", PROFILE, profile)
    return CaptureRecord(*told, RecordState.COMPLETE, _AT, card=card, steps=steps)


def _record_values(record: CaptureRecord) -> dict[str, Any]:
    names = ("id", "version", "state", "started_at", "finished_at", "station", "operator", "profile", "profile_hash")
    told = {name: getattr(record, name) for name in (*names, "recapture_reason")}
    texts = {"student": codec.dump_student(record.student), "card": codec.dump_card(record.card) if record.card else None}
    return told | texts | {"id_number": record.student.id_number, "verdict": Verdict.PASS}
