"""Deletion: two people, nothing left in any file, and a record that says what is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.idnumber import masked
from kiosk.records import (
    BODILY,
    PARTS,
    Biometric,
    BiometricKind,
    CaptureRecord,
    Message,
    Part,
    Person,
    RefusalReason,
    Resemblance,
    Score,
    Step,
    StepResult,
    Verdict,
    Why,
    part_of,
)
from kiosk.store import Store, erasing, tables
from kiosk.store.folder import Places
from tests.store.conftest import AT, begin_in, student
from tests.store.within import everything, identities

ASKING, DECIDING = Person("采集员", "a1"), Person("王主任", "b2")
PIXELS = b"\xff\xd8" + bytes(range(256)) * 40  # larger than a page
EVERYTHING = frozenset({Part.IDENTITY})


def captured(store: Store, number: int, alike: tuple[Resemblance, ...] = ()) -> CaptureRecord:
    """Somebody with every piece, a correction, a review, a refusal, an absence and a lookalike; the reasons name them."""
    who = student(number)
    record = begin_in(store, who)
    of_no_record = (BiometricKind.CONSENT_PAPER, BiometricKind.LIKENESSES)
    pieces = [Biometric(kind, PIXELS + str(kind).encode()) for kind in BiometricKind if kind not in of_no_record]
    told = (Message("face.seen_before", {"name": alike[0].name, "number": alike[0].number}),) if alike else ()
    face = StepResult(Step.FACE, Verdict.REVIEW, AT, problems=told, alike=alike, decided_by="王主任", reason=f"{who.name}本人")
    store.captures.save_step(record.id, face, pieces)
    store.captures.finish(record.id, AT)
    store.corrections.correct(who.id_number, "student_number", f"学籍{who.name}", reason=f"{who.name}转学", by=DECIDING, at=AT)
    store.refusals.add(RefusalReason.NOT_ON_ROSTER, by=ASKING, at=AT, name=who.name, id_number=who.id_number, note=who.name)
    store.progress.report_absent(who, reason=f"{who.name}生病", by="王主任", at=AT)
    return record


@pytest.fixture
def filed(store: Store) -> Store:
    store.roster.replace_or_update([student(number) for number in (1, 2, 3)])
    return store


def erase(store: Store, numbers: tuple[int, ...], parts: frozenset[Part], why: Why = Why.TERM) -> None:
    wanted = {student(number).id_number: parts for number in numbers}
    done = store.erasing.erase(wanted, asked_by=ASKING, decided_by=DECIDING, why=why, reason="期满", at=AT)
    assert done.cleaned


def test_every_kind_goes_with_one_part() -> None:
    assert sorted(kind for kinds in PARTS.values() for kind in kinds) == sorted(BiometricKind)
    assert part_of(BiometricKind.LIVE_FACE) is Part.RAW


def test_every_table_that_names_a_student_is_emptied_of_whom_is_deleted() -> None:
    """A new table that forgets the erasure fails here."""
    naming = {table.name for table in tables.identity.sorted_tables if "id_number" in table.c}
    in_other_ways = {"students", "records", "papers", "lookalikes", "substitutes", "case_students"}
    assert naming == {table.name for table in erasing._OF_STUDENT} | in_other_ways


def test_of_a_deleted_student_no_file_holds_anything_any_more(filed: Store, folder: Path) -> None:
    gone = captured(filed, 1)
    likeness = Resemblance(gone.id, BiometricKind.PORTRAIT, "考生1", masked(student(1).id_number), Score(0.9, "sface", 0.4))
    stays = captured(filed, 2, alike=(likeness,))
    filed.lookalikes.declare([student(1).id_number, student(2).id_number], reason="考生1和考生2是双胞胎", by="王主任")
    blobs = [blob for blob, _ in sealed(folder, gone.id)]
    secrets = [sealed for _, sealed in sealed_of(folder, blobs)]
    before = everything(folder)
    assert all(secret[:64] in before for secret in secrets)
    assert student(1).id_number.encode() in before

    erase(filed, (1,), EVERYTHING)

    after = everything(folder)
    assert [secret for secret in secrets if secret[:64] in after or secret[-64:] in after] == []
    for told in (student(1).id_number, "考生1", masked(student(1).id_number)):
        assert told.encode() not in after
        assert told.encode("ascii", "backslashreplace") not in after
        assert told.encode("unicode-escape") not in after
    assert filed.captures.find(gone.id) is None
    assert [one.part for one in filed.retention.erased_of(gone.id) if one.part is Part.IDENTITY] == [Part.IDENTITY]
    kept = filed.captures.find(stays.id)
    assert kept is not None
    assert [other.name for result in kept.steps for other in result.alike] == [""]
    assert filed.captures.biometric(stays.id, BiometricKind.PORTRAIT) == PIXELS + b"portrait"
    assert filed.audit.first_broken() is None
    assert filed.check().hurt == ()


def sealed(folder: Path, record_id: str) -> list[tuple[str, str]]:
    with identities(folder) as identity:
        return identity.execute("SELECT blob_id, kind FROM biometrics WHERE record_id = ?", (record_id,)).fetchall()


def sealed_of(folder: Path, blobs: list[str]) -> list[tuple[str, bytes]]:
    with closing(sqlite3.connect(Places(folder).vault)) as vault:
        marks = ", ".join("?" * len(blobs))
        return vault.execute(f"SELECT id, sealed FROM blobs WHERE id IN ({marks})", blobs).fetchall()


def test_a_record_without_its_pictures_is_read_and_says_what_is_gone(filed: Store) -> None:
    record = captured(filed, 1)
    erase(filed, (1,), frozenset({Part.RAW, Part.SECOND}))
    erase(filed, (1,), BODILY, Why.WITHDRAWN)
    told = [(one.part, one.pieces, one.why) for one in filed.retention.erased_of(record.id)]
    assert sorted(told) == sorted(
        [
            (Part.RAW, 1, Why.TERM),
            (Part.SECOND, 2, Why.TERM),
            (Part.TEMPLATES, 6, Why.WITHDRAWN),
            (Part.PICTURES, 4, Why.WITHDRAWN),
        ]
    )
    found = filed.captures.find(record.id)
    assert found is not None
    assert found.student.name == "考生1"
    assert filed.captures.biometric(record.id, BiometricKind.PORTRAIT) is None
    assert filed.captures.biometric(record.id, BiometricKind.DOCUMENT) is not None
    assert filed.check().sound
    assert filed.retention.faces() == 0


def test_two_people_and_a_reason_are_needed_and_nobody_under_way_is_touched(
    filed: Store, begin: Callable[..., CaptureRecord]
) -> None:
    captured(filed, 1)
    begin(2)
    wanted = {student(1).id_number: EVERYTHING}
    asked = {"why": Why.TERM, "at": AT, "asked_by": ASKING}
    with pytest.raises(StoreError, match=r"retention\.same_person"):
        filed.erasing.erase(wanted, decided_by=replace(ASKING, name="另名"), reason="期满", **asked)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=r"store\.reason_missing"):
        filed.erasing.erase(wanted, decided_by=DECIDING, reason=" ", **asked)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=r"retention\.under_way"):
        filed.erasing.erase(
            wanted | {student(2).id_number: EVERYTHING},
            decided_by=DECIDING,
            reason="期满",
            **asked,  # type: ignore[arg-type]
        )
    with pytest.raises(StoreError, match=r"retention\.nothing"):
        filed.erasing.erase({student(3).id_number: BODILY}, decided_by=DECIDING, reason="期满", **asked)  # type: ignore[arg-type]
    assert filed.captures.count() == 1
    assert filed.retention.deletions() == []


def test_a_capture_that_was_begun_and_left_goes_like_any_other(folder: Path) -> None:
    now = AT
    with Store.open(folder, clock=lambda: now) as store:
        store.roster.replace_or_update([student(1)])
        begin_in(store, student(1))
        assert [one.under_way for one in store.retention.holdings()] == [True]
        now = AT + timedelta(days=2)
        assert [one.under_way for one in store.retention.holdings()] == [False]
        erase(store, (1,), EVERYTHING)
        assert store.retention.holdings() == []


def test_the_trail_names_who_asked_and_who_decided_and_stays_whole(filed: Store) -> None:
    captured(filed, 1)
    erase(filed, (1,), EVERYTHING)
    entry = next(one for one in filed.audit.entries() if one.action == "retention.delete")
    assert (entry.actor, entry.detail["asked_by"], entry.detail["students"]) == ("王主任", "采集员", 1)
    assert entry.subject == filed.audit.pseudonym(student(1).id_number)
    steps = [one for one in filed.audit.entries() if one.action == "capture.step"]
    assert [one.detail["reason"] for one in steps] == [""]
    assert filed.audit.first_broken() is None


def test_a_kill_before_the_blobs_went_is_made_good_at_the_next_start(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.roster.replace_or_update([student(1)])
    record = captured(store, 1)
    blobs = [blob for blob, _ in sealed(folder, record.id)]
    with monkeypatch.context() as patch:
        patch.setattr("kiosk.store.erasing.finish", _killed)
        with pytest.raises(RuntimeError):
            erase(store, (1,), EVERYTHING)
    assert store.check().hurt == ()
    assert len(sealed_of(folder, blobs)) == len(blobs)
    store.close()
    with Store.open_station(folder) as again:
        assert sealed_of(folder, blobs) == []
        assert again.quarantined() == []
        assert again.retention.deletions()[0].cleaned
    assert student(1).id_number.encode() not in everything(folder)


def _killed(*_: object) -> int:
    raise RuntimeError


def test_a_reader_holds_the_cleaning_up_and_it_is_owed_until_it_is_done(filed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    captured(filed, 1)
    identity = filed._opened.identity
    honest = identity.clean
    monkeypatch.setattr(identity, "clean", lambda *, sealed: honest(sealed=sealed, patience_ms=50))
    with identity.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM students").scalar()
        wanted = {student(1).id_number: EVERYTHING}
        done = filed.erasing.erase(wanted, asked_by=ASKING, decided_by=DECIDING, why=Why.TERM, reason="期满", at=AT)
    assert not done.cleaned
    assert filed.erasing.clean()
    assert filed.retention.deletions()[0].cleaned


def test_a_text_of_the_trail_that_was_changed_is_found(filed: Store) -> None:
    captured(filed, 1)
    assert filed.audit.first_broken() is None
    with filed._opened.identity.write() as connection:
        connection.exec_driver_sql("UPDATE audit_texts SET text = '另一原因' WHERE name = 'reason'")
    assert filed.audit.first_broken() is not None
