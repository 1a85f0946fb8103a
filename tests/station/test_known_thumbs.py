"""Thumbs of earlier days come back from the store."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from drivers_sim.finger import FingerCache, impression
from kiosk import weights
from kiosk.config import FingerSettings
from kiosk.errors import StoreError
from kiosk.pipeline.finger import Minutiae, MinutiaeExtractor, make_template
from kiosk.pipeline.finger.compact import pack
from kiosk.records import OWN_FINGER, BiometricKind, FingerPosition, Step, StepResult, Student, Verdict
from kiosk.station.known_thumbs import KnownThumbs

LIMIT = FingerSettings().seen_before_at
RIGHT, INDEX = FingerPosition.RIGHT_THUMB, FingerPosition.RIGHT_INDEX
ZHANG, LI = Student("张三", "630102200801011234"), Student("李四", "630102200802022345")


@dataclass(frozen=True)
class Record:
    id: str
    student: Student

    def result(self, step: Step) -> StepResult:
        return StepResult(step, Verdict.PASS, datetime(2026, 9, 1, tzinfo=UTC), position=OWN_FINGER[step])


@dataclass
class Captures:
    """A store with two students: Zhang's templates are whole, one of Li's was tampered with and one is torn."""

    blobs: dict[tuple[str, BiometricKind], bytes] = field(default_factory=dict)

    def records(self) -> Iterator[Record]:
        yield Record("li", LI)
        yield Record("zhang", ZHANG)

    def biometric(self, record_id: str, kind: BiometricKind) -> bytes | None:
        if (record_id, kind) == ("li", BiometricKind.RIGHT_THUMB_TEMPLATE):
            raise StoreError("store.tampered")
        return self.blobs.get((record_id, kind))


def pressed(number: int) -> Minutiae:
    finger = FingerCache(weights.folder().parent / "simulated").finger(1)
    return MinutiaeExtractor(weights.path(weights.LEADER)).extract(impression(finger, number))


def test_thumbs_of_earlier_days_are_known_and_unreadable_ones_cost_only_themselves() -> None:
    stored, fresh = pressed(1), pressed(2)
    captures = Captures()
    captures.blobs["zhang", BiometricKind.RIGHT_THUMB_TEMPLATE] = pack(stored)
    captures.blobs["li", BiometricKind.RIGHT_THUMB_SECOND_TEMPLATE] = b"torn"
    known = KnownThumbs()
    known.recall(captures, threading.Event())  # type: ignore[arg-type]

    presses = [(make_template(fresh), pack(fresh))]
    assert known.meet(ZHANG, RIGHT, presses, LIMIT) == ()  # one's own
    (seen,) = known.meet(LI, RIGHT, presses, LIMIT)
    assert seen.name == "张三"
    assert seen.number != ZHANG.id_number
    assert seen.score.value >= LIMIT
    assert known.meet(LI, FingerPosition.LEFT_THUMB, presses, LIMIT) == ()


def test_a_station_that_is_ending_stops_learning() -> None:
    ending = threading.Event()
    ending.set()
    captures = Captures()
    captures.blobs["zhang", BiometricKind.RIGHT_THUMB_TEMPLATE] = b"never looked at"
    KnownThumbs().recall(captures, ending)  # type: ignore[arg-type]


@pytest.mark.parametrize(("first", "second"), [(RIGHT, INDEX), (INDEX, RIGHT), (INDEX, FingerPosition.LEFT_MIDDLE)])
def test_a_thumb_that_is_said_to_be_another_finger_is_known_all_the_same(first: FingerPosition, second: FingerPosition) -> None:
    known = KnownThumbs()
    one, two = pressed(1), pressed(2)
    known.meet(ZHANG, first, [(make_template(one), pack(one))], LIMIT)
    (seen,) = known.meet(LI, second, [(make_template(two), pack(two))], LIMIT)
    assert seen.name == "张三"
