from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, update

from kiosk.ciphers import Suite
from kiosk.errors import StoreError
from kiosk.records import (
    Biometric,
    BiometricKind,
    CaptureRecord,
    Measure,
    Message,
    RecordState,
    Score,
    Step,
    StepResult,
    Verdict,
)
from kiosk.store import Store
from kiosk.store.tables import blobs
from tests.store.conftest import AT, begin_in, card, student

Begin = Callable[..., CaptureRecord]

FACE = StepResult(
    Step.FACE,
    Verdict.REVIEW,
    AT + timedelta(seconds=9),
    attempts=2,
    scores=(Score(0.371, "sface-2021dec cosine", 0.40),),
    measures=(Measure("sharpness", 55.0, 40.0, None, Verdict.PASS, Message("hint.face.closer", {"cm": 5})),),
    problems=(Message("face.unlike", {"score": 0.371}),),
    device_s=1.5,
    own_s=0.2,
)


@pytest.fixture
def suite(both_suites: Suite) -> Suite:
    return both_suites


def test_a_student_goes_through_and_the_record_says_everything(store: Store, begin: Begin) -> None:
    opened = begin()
    assert (opened.state, opened.version, opened.started_at) == (RecordState.OPEN, 1, AT)
    store.captures.save_step(opened.id, FACE, [Biometric(BiometricKind.PORTRAIT, b"portrait")])
    decided = StepResult(Step.FACE, Verdict.PASS, AT, decided_by="负责人", reason="证件照拍摄于儿童时期")
    record = store.captures.save_step(opened.id, decided)
    record = store.captures.finish(record.id, AT + timedelta(minutes=1))

    assert record.steps == (FACE, decided)
    assert (record.state, record.verdict) == (RecordState.COMPLETE, Verdict.PASS)
    assert record.card is not None
    assert vars(record.card) == vars(card(student(1)))
    assert store.captures.latest_complete(record.student.id_number).id == record.id  # type: ignore[union-attr]
    assert store.captures.biometric(record.id, BiometricKind.PORTRAIT) == b"portrait"
    assert store.captures.biometric(record.id, BiometricKind.LEFT_THUMB) is None


def test_pictures_of_many_come_together_and_each_record_has_its_own(store: Store, begin: Begin) -> None:
    records = [begin(number) for number in range(1, 36)]
    for number, record in enumerate(records):
        pictures = [Biometric(BiometricKind.PORTRAIT, b"portrait %d" % number), Biometric(BiometricKind.LIVE_FACE, b"live")]
        store.captures.save_step(record.id, FACE, pictures[: number % 3])
    expected = {BiometricKind.PORTRAIT, BiometricKind.LEFT_THUMB}
    for number, (record, picture) in enumerate(store.captures.with_pictures(records, expected)):
        assert record is records[number]
        assert picture(BiometricKind.PORTRAIT) == (b"portrait %d" % number if number % 3 else None)
        assert picture(BiometricKind.LIVE_FACE) == (b"live" if number % 3 == 2 else None)  # not expected, and there
        assert picture(BiometricKind.LEFT_THUMB) is None


def test_one_damaged_picture_costs_the_others_nothing(store: Store, begin: Begin) -> None:
    records = [begin(number) for number in (1, 2, 3)]
    for record in records:
        store.captures.save_step(record.id, FACE, [Biometric(BiometricKind.PORTRAIT, b"portrait")])
    with store._opened.vault.write() as vault:  # another blob of the same record would open: nothing of this one does
        first = vault.execute(select(blobs.c.id)).scalars().first()
        vault.execute(update(blobs).where(blobs.c.id == first).values(sealed=b"\0" * 40))
    found = []
    for _, pictures in store.captures.with_pictures(records, {BiometricKind.PORTRAIT}):
        try:
            found.append(pictures(BiometricKind.PORTRAIT))
        except StoreError as error:
            found.append(error.code.encode())
    assert sorted(map(str, found)) == sorted(map(str, (b"portrait", b"portrait", b"store.blob_tampered")))


def test_a_name_that_no_encoding_knows_comes_back_as_it_was(store: Store) -> None:
    who = student(1)
    strange = card(who).__class__(**{**vars(card(who)), "name": "\ue81e\U00020bb7\ud800"})
    record = store.captures.begin(who, strange, station="s", operator="o", profile="p", profile_hash="h", at=AT)
    again = store.captures.unfinished(who.id_number)
    assert again is not None
    assert again.card is not None
    assert again.card.name == strange.name
    assert again.id == record.id


def test_two_open_records_of_one_student_are_refused(store: Store, begin: Begin) -> None:
    begin()
    with pytest.raises(StoreError, match="already_open"):
        begin(1, "again")


def test_two_stations_threads_begin_at_once_and_one_wins(store: Store) -> None:
    who, start, outcomes = student(1), Barrier(4), []

    def station() -> None:
        start.wait(10)
        try:
            outcomes.append(begin_in(store, who).id)
        except StoreError as error:
            outcomes.append(error.code)

    threads = [Thread(target=station) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes.count("store.already_open") == 3
    assert len(outcomes) == 4


def test_a_recapture_needs_a_reason_and_leaves_the_old_version_alone(store: Store, begin: Begin) -> None:
    first = begin()
    store.captures.save_step(first.id, FACE, [Biometric(BiometricKind.PORTRAIT, b"first")])
    store.captures.finish(first.id, AT)
    with pytest.raises(StoreError, match="recapture_needs_reason"):
        begin(1, "  ")
    second = begin(1, "照片闭眼")
    assert second.version == 2
    assert store.captures.latest_complete(second.student.id_number).id == first.id  # type: ignore[union-attr]
    store.captures.save_step(second.id, FACE, [Biometric(BiometricKind.PORTRAIT, b"second")])
    store.captures.finish(second.id, AT)
    assert [record.id for record in store.captures.records()] == [second.id]
    assert store.captures.biometric(first.id, BiometricKind.PORTRAIT) == b"first"


def test_a_complete_record_takes_nothing_more(store: Store, begin: Begin) -> None:
    record = begin()
    store.captures.finish(record.id, AT)
    with pytest.raises(StoreError, match="record_closed"):
        store.captures.save_step(record.id, FACE)
    with pytest.raises(StoreError, match="record_closed"):
        store.captures.finish(record.id, AT)


def test_a_step_done_again_keeps_both_results_and_the_latest_picture(store: Store, begin: Begin) -> None:
    record = begin()
    store.captures.save_step(record.id, FACE, [Biometric(BiometricKind.PORTRAIT, b"blinking")])
    store.captures.save_step(record.id, FACE, [Biometric(BiometricKind.PORTRAIT, b"looking")])
    assert store.captures.biometric(record.id, BiometricKind.PORTRAIT) == b"looking"
    assert len(store.captures.unfinished(record.student.id_number).steps) == 2  # type: ignore[union-attr]


def test_a_failed_step_leaves_nothing_half_written(store: Store, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    record = begin()

    def power_cut(*_: object, **__: object) -> None:
        raise OSError("power")

    monkeypatch.setattr(store.audit, "append", power_cut)
    with pytest.raises(OSError, match="power"):
        store.captures.save_step(record.id, FACE, [Biometric(BiometricKind.PORTRAIT, b"lost")])
    assert store.captures.unfinished(record.student.id_number).steps == ()  # type: ignore[union-attr]
    assert store.captures.biometric(record.id, BiometricKind.PORTRAIT) is None


def test_records_come_in_the_rosters_order(store: Store, begin: Begin) -> None:
    store.roster.replace_or_update([student(3), student(1), student(2)])
    for number in (1, 2, 3, 4):
        store.captures.finish(begin(number).id, AT)
    assert [record.student.name for record in store.captures.records()] == ["考生3", "考生1", "考生2", "考生4"]
    assert [record.id for record in store.captures.records(day=AT.astimezone().date() + timedelta(days=1))] == []


def test_records_survive_closing_and_opening(folder: Path) -> None:
    with Store.open(folder) as store:
        record = begin_in(store, student(1))
        store.captures.save_step(record.id, FACE, [Biometric(BiometricKind.PORTRAIT, b"portrait")])
    with Store.open(folder) as store:
        again = store.captures.unfinished(student(1).id_number)
        assert again is not None
        assert again.steps == (FACE,)
        assert store.captures.biometric(again.id, BiometricKind.PORTRAIT) == b"portrait"
