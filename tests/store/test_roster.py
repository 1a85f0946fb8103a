from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kiosk.errors import StoreError
from kiosk.records import CaptureRecord
from kiosk.store import RosterChange, Store
from tests.store.conftest import AT, student


def test_the_first_roster_is_all_new_and_keeps_its_order(store: Store) -> None:
    filed = [student(3), student(1), student(2)]
    change = store.roster.replace_or_update(filed)
    assert change == RosterChange(added=tuple(filed))
    assert store.roster.students() == filed
    assert store.roster.count() == 3
    assert store.roster.find(student(1).id_number) == student(1)
    assert store.roster.find(student(4).id_number) is None


def test_a_later_roster_is_previewed_then_done(store: Store) -> None:
    store.roster.replace_or_update([student(1), student(2)])
    moved = replace(student(2), class_name="6")
    preview = store.roster.preview([moved, student(3)])
    assert store.roster.students() == [student(1), student(2)]
    assert store.roster.replace_or_update([moved, student(3)]) == preview
    assert [s.name for s in preview.added] == ["考生3"]
    assert [(c.before.class_name, c.after.class_name) for c in preview.changed] == [("5", "6")]
    assert preview.gone == (student(1),)
    assert store.roster.students() == [moved, student(3)]


def test_a_withdrawn_student_leaves_the_roster_and_the_record_stays(store: Store, begin: Callable[..., CaptureRecord]) -> None:
    store.roster.replace_or_update([student(1)])
    record = store.captures.finish(begin(1).id, AT)
    store.roster.replace_or_update([student(2)])
    assert store.roster.find(student(1).id_number) is None
    assert [kept.id for kept in store.captures.records()] == [record.id]
    back = store.roster.replace_or_update([student(1), student(2)])
    assert back.added == (student(1),)


def test_a_number_twice_changes_nothing(store: Store) -> None:
    store.roster.replace_or_update([student(1)])
    with pytest.raises(StoreError, match="duplicate_student"):
        store.roster.replace_or_update([student(2), replace(student(2), name="双胞胎")])
    assert store.roster.students() == [student(1)]


def test_students_are_found_by_a_part_of_their_name_or_number(store: Store) -> None:
    store.roster.replace_or_update([student(1), student(2), replace(student(12), name="Ａ%_")])
    assert [found.name for found in store.roster.search("考生", 8)] == ["考生1", "考生2"]
    assert [found.name for found in store.roster.search("考生", 1)] == ["考生1"]
    assert store.roster.search(student(2).id_number[-6:].lower(), 8) == [student(2)]
    assert store.roster.search("k0001", 8) == [student(1)]
    assert [found.name for found in store.roster.search("%_", 8)] == ["Ａ%_"]  # no wildcards
    store.roster.replace_or_update([student(1)])
    assert store.roster.search("考生2", 8) == []
