"""Faces and thumbs of earlier days come back from the store, and so do those of a moment ago."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drivers_sim.finger import FingerCache, impression
from kiosk import weights
from kiosk.config import FaceSettings, FingerSettings
from kiosk.pipeline.face.compact import pack as pack_face
from kiosk.pipeline.face.verification import Embedding
from kiosk.pipeline.finger import Minutiae, MinutiaeExtractor, make_template
from kiosk.pipeline.finger.compact import pack as pack_finger
from kiosk.records import Biometric, BiometricKind, CaptureRecord, FingerPosition, Part, Person, Step, StepResult, Verdict, Why
from kiosk.station.known import Known
from kiosk.store import Store
from tests.store.conftest import AT, begin_in, student

FACE_LIMIT = FaceSettings().seen_before_at
THUMB_LIMIT = FingerSettings().seen_before_at
RIGHT, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB
ZHANG, LI = student(1), student(2)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        yield opened


def pressed(number: int) -> Minutiae:
    finger = FingerCache(weights.folder().parent / "simulated").finger(1)
    return MinutiaeExtractor(weights.path(weights.LEADER)).extract(impression(finger, number))


def face(seed: int) -> Embedding:
    found = np.random.default_rng(seed).normal(size=128)
    return np.asarray(found / np.linalg.norm(found), np.float32)


def keep(store: Store, step: Step, verdict: Verdict, *templates: Biometric, number: int = 1) -> CaptureRecord:
    record = store.captures.unfinished(student(number).id_number) or begin_in(store, student(number))
    return store.captures.save_step(record.id, StepResult(step, verdict, AT), templates)


def learned(store: Store) -> Known:
    known = Known(store)
    known.recall(threading.Event())
    return known


def test_thumbs_of_earlier_days_are_known_and_unreadable_ones_cost_only_themselves(store: Store) -> None:
    stored, fresh = pressed(1), [make_template(pressed(2))]
    kept = Biometric(BiometricKind.RIGHT_THUMB_TEMPLATE, pack_finger(stored))
    record = keep(store, Step.RIGHT_THUMB, Verdict.PASS, kept)
    store.captures.finish(record.id, AT)
    torn = Biometric(BiometricKind.RIGHT_THUMB_SECOND_TEMPLATE, b"torn")
    store.captures.finish(keep(store, Step.RIGHT_THUMB, Verdict.PASS, torn, number=2).id, AT)

    known = learned(store)
    assert known.same_thumb(ZHANG, RIGHT, fresh, THUMB_LIMIT) == ()  # one's own
    (other,) = known.same_thumb(LI, RIGHT, fresh, THUMB_LIMIT)
    assert (other.record_id, other.name, other.kind) == (record.id, ZHANG.name, BiometricKind.RIGHT_THUMB)
    assert ZHANG.id_number not in other.number
    assert other.score.value >= THUMB_LIMIT
    assert other.score.below
    assert known.same_thumb(LI, LEFT, fresh, THUMB_LIMIT) == ()


def test_whose_templates_were_deleted_is_not_known_any_more(store: Store) -> None:
    stored = Biometric(BiometricKind.FACE_TEMPLATE, pack_face(face(7)))
    record = keep(store, Step.FACE, Verdict.PASS, stored)
    store.captures.finish(record.id, AT)
    known = learned(store)
    assert [other.record_id for other in known.same_face(LI, face(7), FACE_LIMIT)] == [record.id]
    who: dict[str, Any] = {"asked_by": Person("采集员", "a"), "decided_by": Person("王主任", "b")}
    wanted = {ZHANG.id_number: frozenset({Part.TEMPLATES})}
    store.erasing.erase(wanted, why=Why.TERM, reason="期满", at=AT, **who)
    assert known.same_face(LI, face(7), FACE_LIMIT) == ()
    assert len(known._faces) == 0


def test_a_face_of_an_earlier_day_is_known_until_the_two_are_declared_twins(store: Store) -> None:
    record = keep(store, Step.FACE, Verdict.PASS, Biometric(BiometricKind.FACE_TEMPLATE, pack_face(face(1))))
    store.captures.finish(record.id, AT)
    known = learned(store)

    (other,) = known.same_face(LI, face(1), FACE_LIMIT)
    assert (other.record_id, other.kind) == (record.id, BiometricKind.PORTRAIT)
    assert other.score.value == pytest.approx(1, abs=1e-3)
    assert known.same_face(LI, face(2), FACE_LIMIT) == ()
    assert known.same_face(ZHANG, face(1), FACE_LIMIT) == ()
    store.lookalikes.declare((ZHANG.id_number, LI.id_number), reason="双胞胎", by="王主任")
    assert known.same_face(LI, face(1), FACE_LIMIT) == ()
    assert len(known.same_face(student(3), face(1), FACE_LIMIT)) == 1


def test_what_an_interrupted_capture_has_finished_is_known_and_what_was_refused_is_not(store: Store) -> None:
    keep(store, Step.FACE, Verdict.PASS, Biometric(BiometricKind.FACE_TEMPLATE, pack_face(face(1))))
    keep(store, Step.FACE, Verdict.FAIL, Biometric(BiometricKind.FACE_TEMPLATE, pack_face(face(2))), number=2)
    known = learned(store)
    assert len(known.same_face(student(3), face(1), FACE_LIMIT)) == 1
    assert known.same_face(student(3), face(2), FACE_LIMIT) == ()


INDEX, MIDDLE = FingerPosition.RIGHT_INDEX, FingerPosition.LEFT_MIDDLE


@pytest.mark.parametrize(("said", "asked"), [(RIGHT, INDEX), (INDEX, RIGHT), (INDEX, MIDDLE)])
def test_a_thumb_that_is_said_to_be_another_finger_is_known_all_the_same(
    store: Store, said: FingerPosition, asked: FingerPosition
) -> None:
    record = begin_in(store, ZHANG)
    result = StepResult(Step.RIGHT_THUMB, Verdict.PASS, AT, position=said)
    kept = Biometric(BiometricKind.RIGHT_THUMB_TEMPLATE, pack_finger(pressed(1)))
    store.captures.save_step(record.id, result, (kept,))
    (other,) = learned(store).same_thumb(LI, asked, [make_template(pressed(2))], THUMB_LIMIT)
    assert (other.name, other.kind) == (ZHANG.name, BiometricKind.RIGHT_THUMB)


def test_a_station_that_is_ending_stops_learning(store: Store) -> None:
    keep(store, Step.FACE, Verdict.PASS, Biometric(BiometricKind.FACE_TEMPLATE, pack_face(face(1))))
    ending = threading.Event()
    ending.set()
    known = Known(store)
    known.recall(ending)
    assert known.same_face(LI, face(1), FACE_LIMIT) == ()
