"""佐证: cases with documents that nobody reads without the store, and what goes when a student's data go."""

from __future__ import annotations

import pytest

from kiosk.errors import StoreError
from kiosk.records import CaseKind, CaseState, CaseStudent, Part, Person, Why
from kiosk.store import Store
from kiosk.surrogate import surrogate
from tests.store.conftest import AT, student

BY, OTHER = Person("王主任", "a1"), Person("李老师", "a2")
ONE = student(1)
FIRST = CaseStudent("张伟", ONE.id_number, surrogate("张伟", "男", "20080101"))
SECOND = CaseStudent("张玮", ONE.id_number, surrogate("张玮", "男", "20080101"))
SCAN = b"\xff\xd8\xff scan of the household book"


@pytest.fixture
def case(store: Store) -> int:
    return store.cases.open(CaseKind.DUPLICATE_NUMBER, [FIRST, SECOND], "两人身份证号相同，派出所已受理。", by=BY)


def test_row_3_2_a_case_goes_its_steps_with_reasons_and_a_keeper(store: Store, case: int) -> None:
    for state, reason, code in (
        (CaseState.ACCEPTED, "同意", "store.case_step"),
        (CaseState.SUBMITTED, " ", "store.reason_missing"),
    ):
        with pytest.raises(StoreError, match=code):
            store.cases.move(case, state, reason=reason, by=BY)
    with pytest.raises(StoreError, match=r"store\.case_under_way"):
        store.cases.open(CaseKind.DUPLICATE_NUMBER, [FIRST, SECOND], "再报一次", by=BY)
    with pytest.raises(StoreError, match=r"store\.case_two_people"):
        store.cases.open(CaseKind.DUPLICATE_NUMBER, [FIRST], "一人", by=BY)
    store.cases.move(case, CaseState.SUBMITTED, reason="材料齐", by=BY)
    with pytest.raises(StoreError, match=r"store\.case_keeper"):
        store.cases.move(case, CaseState.ACCEPTED, reason="同意", by=OTHER, keeps="没有此人")
    assert store.cases.shared_numbers() == []
    store.cases.move(case, CaseState.ACCEPTED, reason="派出所证明", by=OTHER, keeps="张伟")
    found = store.cases.of(case)
    assert found is not None
    told = [(act.state, act.reason, act.by.name) for act in found.acts]
    assert told[1:] == [(CaseState.SUBMITTED, "材料齐", "王主任"), (CaseState.ACCEPTED, "派出所证明", "李老师")]
    (shared,) = store.cases.shared_numbers()
    assert (shared.number, shared.keeper, shared.others) == (ONE.id_number, "张伟", (("张玮", SECOND.key),))
    steps = [entry.action for entry in store.audit.entries() if entry.subject == f"case-{case}"]
    assert sorted(steps) == ["case.accepted", "case.open", "case.submitted"]
    with pytest.raises(StoreError, match=r"store\.case_closed"):
        store.cases.attach(case, SCAN, title="户口本", by=BY)


def test_row_3_2_documents_lie_sealed_and_are_checked_and_kept_through_a_new_key(store: Store, case: int) -> None:
    owner = store.cases.attach(case, SCAN, title="户口本", about="张伟", by=BY)
    assert store.cases.paper(owner) == (case, SCAN)
    assert store.cases.paper("0" * 32) is None
    store.cases.note_look(case, by="李老师")
    health = store.check()
    assert (health.sound, health.opened) == (True, 1)
    assert "case.look" in [entry.action for entry in store.audit.entries()]
    assert not any(SCAN in path.read_bytes() for path in store.folder.rglob("*") if path.is_file())


def test_row_3_2_who_is_deleted_takes_their_documents_along_and_the_last_one_the_case(store: Store, case: int) -> None:
    theirs = store.cases.attach(case, SCAN, title="户口本", about="张伟", by=BY)
    common = store.cases.attach(case, SCAN + b"2", title="派出所证明", by=BY)
    store.cases.move(case, CaseState.SUBMITTED, reason="材料齐", by=BY)
    store.cases.move(case, CaseState.ACCEPTED, reason="张伟保留号码", by=OTHER, keeps="张伟")
    held = {one.id_number: one.counts for one in store.retention.holdings()}
    assert (held[ONE.id_number][Part.PROOF], held[SECOND.key][Part.PROOF]) == (2, 1)
    how = {"asked_by": BY, "decided_by": OTHER, "why": Why.REQUEST, "reason": "申请删除", "at": AT}
    store.erasing.erase({ONE.id_number: frozenset({Part.IDENTITY})}, **how)  # type: ignore[arg-type]
    assert (store.cases.paper(theirs), store.cases.paper(common)) == (None, (case, SCAN + b"2"))
    (left,) = store.cases.all()
    assert ([one.name for one in left.students], left.text) == (["张玮"], "")
    assert "张伟" not in str(left)
    store.erasing.erase({SECOND.key: frozenset({Part.IDENTITY})}, **how)  # type: ignore[arg-type]
    assert store.cases.all() == []
    assert store.audit.first_broken() is None
