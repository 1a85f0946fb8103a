"""A roster with students in every state, for the tests of all places that count or name them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from kiosk.idnumber import masked
from kiosk.pipeline.face.verification import SCALE
from kiosk.records import (
    Biometric,
    BiometricKind,
    CaptureRecord,
    FingerPosition,
    Message,
    Person,
    ProgressState,
    RefusalReason,
    Resemblance,
    Score,
    Step,
    StepResult,
    Student,
    Verdict,
)
from kiosk.store import Store, Window
from tests.store.conftest import card, student

REVIEWER: Final = Person("李主任")
DECIDER: Final = "王老师"
HOUR: Final = timedelta(hours=1)
MASKED: Final = masked(student(1).id_number)

# Student by student: what became of them. Class 5's time is over, class 6's is still open.
STATES: Final = {
    1: ProgressState.CAPTURED,
    2: ProgressState.CAPTURED,
    3: ProgressState.REVIEW,  # let pass by a person
    4: ProgressState.REVIEW,  # the right index for the thumb
    5: ProgressState.REVIEW,  # resembles the first
    6: ProgressState.EXCEPTION,  # a finger left out, and approved
    7: ProgressState.CAPTURING,
    8: ProgressState.CAPTURING,  # went away
    9: ProgressState.TO_CAPTURE,  # sent back by a review
    10: ProgressState.REFUSED,  # an attempt at impersonation
    11: ProgressState.REFUSED,  # came too late
    12: ProgressState.ABSENT,
    13: ProgressState.NOT_SEEN,
    14: ProgressState.NOT_SEEN,
    15: ProgressState.TO_CAPTURE,  # class 6
    16: ProgressState.TO_CAPTURE,  # class 6, came before its time
    17: ProgressState.PHOTO,  # by the class list, and nothing but a photo
}
CLASS_6: Final = {15, 16}
ACCEPTED: Final = {
    "scores": (Score(0.36, SCALE, 0.40),),
    "problems": (Message("face.unlike_chip_photo"),),
    "decided_by": DECIDER,
    "reason": "人工比对，确认为本人",
}

Pictures = Callable[[int], list[Biometric]]


def no_pictures(_: int) -> list[Biometric]:
    return []


def somebody(number: int) -> Student:
    return replace(student(number), class_name="6" if number in CLASS_6 else "5", sex="女")


def fill(store: Store, now: datetime, pictures: Pictures = no_pictures) -> None:
    """Everybody of `STATES`, as they stand at `now`; a stranger was turned away, too."""
    store.roster.replace_or_update([somebody(number) for number in STATES])
    start = now - 2 * HOUR
    store.rounds.add(Window("正式采集", start - HOUR, now + HOUR, "高一", "6"), by="负责人")
    store.rounds.add(Window("正式采集", start - HOUR, now + HOUR, "高一", "5"), by="负责人")
    passed = StepResult(Step.FACE, Verdict.PASS, start)
    accepted = StepResult(Step.FACE, Verdict.REVIEW, start, 3, **ACCEPTED)  # type: ignore[arg-type]
    thumb = StepResult(Step.RIGHT_THUMB, Verdict.PASS, start, position=FingerPosition.RIGHT_THUMB)
    decided = {"decided_by": DECIDER, "reason": "手指受伤"}

    first = _begin(store, 1, start)
    _finish(store, first, [passed, thumb], start, pictures(1))
    _finish(store, _begin(store, 2, start), [accepted, passed], start, pictures(2))  # done again: needs no review
    _finish(store, _begin(store, 3, start), [accepted, thumb], start, pictures(3))
    given_up = replace(thumb, verdict=Verdict.FAIL, **decided)  # type: ignore[arg-type]
    index = replace(thumb, position=FingerPosition.RIGHT_INDEX, **decided)  # type: ignore[arg-type]
    _finish(store, _begin(store, 4, start), [passed, given_up, index], start, pictures(4))
    alike = Resemblance(first.id, BiometricKind.PORTRAIT, "考生1", MASKED, Score(0.97, SCALE, 0.5, below=True))
    suspected = replace(accepted, alike=(alike,), problems=(Message("face.seen_before", {"name": "考生1", "number": MASKED}),))
    _finish(store, _begin(store, 5, start), [suspected], start, pictures(5))
    left_out = replace(thumb, verdict=Verdict.REVIEW, position=None, **decided)  # type: ignore[arg-type]
    exception = _finish(store, _begin(store, 6, start), [passed, left_out], start, pictures(6))
    store.reviews.approve(exception.id, by=REVIEWER, at=start)
    _begin(store, 7, start)
    store.refusals.add(**_about(store, 8, RefusalReason.LEFT, start))
    _finish(store, _begin(store, 17, start), [StepResult(Step.FACE, Verdict.PASS, start)], start, pictures(17))
    back = _finish(store, _begin(store, 9, start), [accepted], start, pictures(9))
    store.reviews.send_back(back.id, by=REVIEWER, at=start, reason="现场照片逆光")
    store.refusals.add(**_about(store, 10, RefusalReason.IMPERSONATION, start))
    late = somebody(11)
    by = Person("采集员")
    store.refusals.add(RefusalReason.WINDOW_OVER, by=by, at=now, name=late.name, id_number=late.id_number)
    store.progress.report_absent(somebody(12), reason="住院", by="班主任", at=start)
    early, stranger = somebody(16), student(99)
    store.refusals.add(RefusalReason.WINDOW_NOT_YET, by=by, at=start, name=early.name, id_number=early.id_number)
    store.refusals.add(RefusalReason.NOT_ON_ROSTER, by=by, at=now, name=stranger.name, id_number=stranger.id_number)
    store.refusals.add(RefusalReason.ALREADY_CAPTURED, by=by, at=now, name="考生1", id_number=student(1).id_number)
    (class_5,) = (one for one in store.rounds.windows() if one.class_name == "5")
    store.rounds.withdraw(class_5.number, reason="改时间", by="负责人")
    store.rounds.add(Window("正式采集", start - HOUR, now - HOUR, "高一", "5"), by="负责人")


def _about(store: Store, number: int, reason: RefusalReason, at: datetime) -> dict[str, Any]:
    """A capture is begun and broken off."""
    record, who = _begin(store, number, at - HOUR / 2), somebody(number)
    whose = {"name": who.name, "id_number": who.id_number, "record_id": record.id}
    return {"reason": reason, "by": Person(DECIDER), "at": at, **whose}


def _begin(store: Store, number: int, at: datetime) -> CaptureRecord:
    who = somebody(number)
    return store.captures.begin(
        who,
        card(who) if STATES[number] is not ProgressState.PHOTO else None,
        station="采集点-01",
        operator="采集员",
        profile="qinghai-xuekao",
        profile_hash="0" * 64,
        at=at,
    )


def _finish(
    store: Store, record: CaptureRecord, results: list[StepResult], at: datetime, pictures: list[Biometric]
) -> CaptureRecord:
    for result in results:
        store.captures.save_step(record.id, result, pictures if result.step is Step.FACE else ())
    return store.captures.finish(record.id, at)
