"""Rounds, the deadline, absences, corrections and signatures: what surrounds a capture."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.ciphers import Domain
from kiosk.errors import StoreError
from kiosk.records import BiometricKind, CaptureRecord, Person, Step, StepResult, Verdict
from kiosk.store import Store, Window
from kiosk.store.authorisation import make_code, read_code
from tests.offices import office_key
from tests.store.conftest import AT, begin_in, student

Begin = Callable[..., CaptureRecord]
OFFICE, STRANGER = office_key(), office_key(1)
SCHOOL = "3163000001"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def window(opens: timedelta, closes: timedelta, name: str = "正式采集", class_name: str = "5") -> Window:
    return Window(name, AT + opens, AT + closes, "高一", class_name)


@pytest.fixture
def school(store: Store) -> Store:
    """Three classes of two grades."""
    others = [student(3, "6"), replace(student(4), grade="高二"), replace(student(5), grade="高二", class_name="16")]
    store.roster.replace_or_update([student(1), student(2), *others])
    return store


def test_while_no_window_is_set_everybody_may_come(store: Store) -> None:
    store.rounds.require_open(student(1), AT)


def test_outside_the_groups_window_nobody_is_captured(school: Store, begin: Begin) -> None:
    school.rounds.add(window(-HOUR, HOUR, class_name="6"), by="负责人")
    with pytest.raises(StoreError, match="window_over"):
        begin()
    school.rounds.add(window(HOUR, 2 * HOUR, "补采"), by="负责人")
    with pytest.raises(StoreError) as caught:
        begin()
    assert (caught.value.code, caught.value.data["round"]) == ("store.window_not_yet", "补采")
    school.rounds.add(window(-HOUR, HOUR), by="负责人")
    assert begin().version == 1


def test_a_window_without_class_is_for_the_whole_grade_and_can_be_taken_back(school: Store, begin: Begin) -> None:
    school.rounds.add(window(-HOUR, HOUR, class_name=""), by="负责人")
    school.rounds.require_open(student(1), AT)
    with pytest.raises(StoreError, match="window_over"):
        school.rounds.require_open(replace(student(1), grade="高二"), AT)
    (only,) = school.rounds.windows()
    school.rounds.withdraw(only.number, reason="改期", by="负责人")
    assert school.rounds.windows() == []


def test_a_supervisor_lets_one_student_in_with_a_reason(school: Store, begin: Begin) -> None:
    school.rounds.add(window(HOUR, 2 * HOUR), by="负责人")
    with pytest.raises(StoreError, match="reason_missing"):
        school.rounds.authorise(student(1), by="负责人", reason=" ", at=AT, until=AT + HOUR)
    school.rounds.authorise(student(1), by="负责人", reason="下午住院", at=AT, until=AT + HOUR)
    begin(1)
    with pytest.raises(StoreError, match="window_not_yet"):
        begin(2)
    assert [entry.actor for entry in school.audit.entries() if entry.action == "window.authorise"] == ["负责人"]


def test_a_window_that_closes_before_it_opens_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="window_backwards"):
        store.rounds.add(window(HOUR, HOUR), by="负责人")


@pytest.fixture
def locked(store: Store, begin: Begin) -> Store:
    """A school whose deadline has passed after one student was captured and another one begun."""
    store.roster.replace_or_update([student(1), student(2)])
    store.captures.finish(begin(1).id, AT)
    begin(2)
    store.deadline.set(AT - HOUR, school_code=SCHOOL, office_key=OFFICE.public, by="负责人")
    return store


def test_after_the_deadline_data_stand_still_and_can_be_read(locked: Store) -> None:
    record = locked.captures.latest_complete(student(1).id_number)
    assert record is not None
    for change in (
        lambda: begin_in(locked, student(3)),
        lambda: locked.roster.replace_or_update([student(1)]),
        lambda: locked.corrections.correct(
            record.student.id_number, "class_name", "6", reason="转班", by=Person("负责人"), at=AT
        ),
    ):
        with pytest.raises(StoreError, match=r"store\.locked"):
            change()
    assert len(list(locked.captures.records())) == 1


def test_a_student_begun_before_the_deadline_is_finished(locked: Store) -> None:
    record = locked.captures.unfinished(student(2).id_number)
    assert record is not None
    locked.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT))
    locked.captures.finish(record.id, AT)


def test_the_districts_code_unlocks_this_school_for_its_time(locked: Store) -> None:
    code = make_code(OFFICE, SCHOOL, AT + HOUR)
    assert locked.deadline.unlock(code.lower().replace("-", " "), by="负责人", at=AT) == AT.replace(microsecond=0) + HOUR
    locked.deadline.unlock(code, by="负责人", at=AT)  # again is no harm
    begin_in(locked, student(3))
    assert not locked.deadline.state().locked(AT)
    assert locked.deadline.state().locked(AT + HOUR)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (make_code(STRANGER, SCHOOL, AT + HOUR), "code_not_for_us"),
        (make_code(OFFICE, "3163000002", AT + HOUR), "code_not_for_us"),
        (make_code(OFFICE, SCHOOL, AT - HOUR), "code_run_out"),
        (make_code(OFFICE, SCHOOL, AT + HOUR)[:-3], "code_misread"),
        ("", "code_misread"),
        ("01189998819991197253", "code_misread"),
    ],
)
def test_any_other_code_unlocks_nothing(locked: Store, code: str, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        locked.deadline.unlock(code, by="负责人", at=AT)
    assert locked.deadline.state().locked(AT)


def test_a_code_whose_time_was_changed_by_hand_is_refused() -> None:
    letters = make_code(OFFICE, SCHOOL, AT + HOUR).replace("-", "")
    content = bytearray(base64.b32decode(letters + "=" * (-len(letters) % 8)))
    content[3] ^= 1
    forged = base64.b32encode(bytes(content)).decode()
    with pytest.raises(StoreError, match="code_not_for_us"):
        read_code(OFFICE.public, SCHOOL, forged)


def test_a_school_can_bring_its_deadline_forward_but_not_put_it_off(store: Store) -> None:
    key = OFFICE.public
    store.deadline.set(AT, school_code=SCHOOL, office_key=key, by="负责人")
    store.deadline.set(AT - HOUR, school_code=SCHOOL, office_key=key, by="负责人")
    for later, office in ((AT, key), (AT - HOUR, STRANGER.public)):
        with pytest.raises(StoreError, match="deadline_stands"):
            store.deadline.set(later, school_code=SCHOOL, office_key=office, by="负责人")
    assert store.deadline.state().deadline == AT - HOUR


def test_a_wrong_deadline_is_taken_back_within_a_day_and_the_one_before_counts_again(folder: Path) -> None:
    now = [AT]
    with Store.open(folder, clock=lambda: now[0]) as store:
        key = OFFICE.public
        store.deadline.set(AT + 9 * DAY, school_code=SCHOOL, office_key=key, by="负责人")
        now[0] += 2 * DAY
        store.deadline.set(AT + HOUR, school_code=SCHOOL, office_key=key, by="负责人")  # a slip: it has passed
        with pytest.raises(StoreError, match="reason_missing"):
            store.deadline.withdraw(reason=" ", by="负责人")
        store.deadline.withdraw(reason="日期打错", by="负责人")
        assert store.deadline.state().deadline == AT + 9 * DAY
        with pytest.raises(StoreError, match="deadline_final"):
            store.deadline.withdraw(reason="反悔", by="负责人")
        now[0] -= 2 * DAY  # the clock set back makes no new day
        with pytest.raises(StoreError, match="deadline_final"):
            store.deadline.withdraw(reason="反悔", by="负责人")
        assert [entry.actor for entry in store.audit.entries() if entry.action == "deadline.withdraw"] == ["负责人"]


def test_what_the_office_has_signed_is_not_taken_back(store: Store) -> None:
    store.deadline.set(AT + DAY, school_code=SCHOOL, office_key=OFFICE.public, by="负责人")
    code = make_code(OFFICE, SCHOOL, AT + DAY, Domain.DEADLINE)
    for wrong, told in (
        (make_code(OFFICE, SCHOOL, AT + 2 * DAY, Domain.DEADLINE), "code_other_deadline"),
        (make_code(OFFICE, SCHOOL, AT + DAY), "code_not_for_us"),
        (make_code(STRANGER, SCHOOL, AT + DAY, Domain.DEADLINE), "code_not_for_us"),
    ):
        with pytest.raises(StoreError, match=told):
            store.deadline.sign(wrong, by="负责人")
    with pytest.raises(StoreError, match="code_not_for_us"):
        store.deadline.unlock(code, by="负责人", at=AT)
    store.deadline.sign(code, by="负责人")
    with pytest.raises(StoreError, match="deadline_signed"):
        store.deadline.withdraw(reason="反悔", by="负责人")


@pytest.mark.parametrize(
    ("grade", "class_name", "near"),
    [("高一", "zz", "高一 6、高一 5"), ("高-", "5", "高一 5"), ("高2", "", "高二"), ("", "17", "16")],
)
def test_a_window_for_nobody_is_refused_and_the_near_groups_are_named(
    school: Store, grade: str, class_name: str, near: str
) -> None:
    with pytest.raises(StoreError) as caught:
        school.rounds.add(Window("正式采集", AT, AT + HOUR, grade, class_name), by="负责人")
    assert caught.value.code == "store.group_unknown"
    assert set(near.split("、")) & set(
        str(caught.value.data["near"]).replace("高一 16", "16").replace("高二 16", "16").split("、")
    )
    assert school.rounds.windows() == []


def test_before_there_is_a_roster_only_everybody_has_a_window(store: Store) -> None:
    with pytest.raises(StoreError, match="group_no_roster"):
        store.rounds.add(window(-HOUR, HOUR), by="负责人")
    store.rounds.add(Window("正式采集", AT, AT + HOUR), by="负责人")


@pytest.mark.parametrize("name", ["", " ", "r\0", "正式\u202e采集", "a\nb", "x" * 41, "\ud800"])
def test_a_round_is_called_so_that_it_can_be_read(store: Store, name: str) -> None:
    with pytest.raises(StoreError, match="round_name"):
        store.rounds.add(Window(name, AT, AT + HOUR), by="负责人")


def test_a_window_that_there_is_not_is_not_withdrawn(store: Store) -> None:
    with pytest.raises(StoreError, match="window_unknown"):
        store.rounds.withdraw(7, reason="改期", by="负责人")


def test_a_signed_record_is_changed_by_a_recapture_only(store: Store, begin: Begin) -> None:
    record = store.captures.finish(begin().id, AT)
    signed = store.aftercare.sign(record.id, by="采集员", at=AT, scan=b"%PDF-1.7 signed")
    assert signed.signed_at == AT
    assert store.captures.biometric(record.id, BiometricKind.FORM) == b"%PDF-1.7 signed"
    with pytest.raises(StoreError, match="record_signed"):
        store.corrections.correct(record.student.id_number, "class_name", "6", reason="转班", by=Person("负责人"), at=AT)
    with pytest.raises(StoreError, match="record_signed"):
        store.aftercare.sign(record.id, by="采集员", at=AT)
    assert begin(1, "姓名有误").version == 2
