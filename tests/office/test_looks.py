"""Who looked at a stored capture can be told afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.office.looks import Looks
from kiosk.records import Biometric, BiometricKind, Step, StepResult, Verdict
from kiosk.store import Store
from tests.store.conftest import AT, begin_in, student

KINDS = (BiometricKind.PORTRAIT, BiometricKind.LIVE_FACE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        yield opened


def captured(store: Store, number: int) -> str:
    record = begin_in(store, student(number))
    store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT), [Biometric(kind, b"jpeg") for kind in KINDS])
    return record.id


def looks_kept(store: Store) -> list[tuple[str, str, str]]:
    return [(e.actor, e.subject, e.detail["why"]) for e in store.audit.entries() if e.action == "record.look"]


def test_a_viewing_is_one_entry_however_many_pictures_it_shows(store: Store) -> None:
    now_s = [0.0]
    looks = Looks(store, lambda: now_s[0])
    first, second = captured(store, 1), captured(store, 2)
    assert looks.record(first, by="采集员") is not None
    for kind in KINDS:
        assert looks.picture(first, kind, by="采集员") == b"jpeg"
    assert looks_kept(store) == [("采集员", first, "record")]

    looks.picture(second, KINDS[0], by="采集员")
    looks.picture(second, KINDS[1], by="采集员")
    looks.picture(first, KINDS[0], by="王主任")
    assert looks_kept(store)[1:] == [("采集员", second, "picture"), ("王主任", first, "picture")]

    now_s[0] = 601.0
    looks.picture(first, KINDS[0], by="采集员")
    assert looks_kept(store)[3:] == [("采集员", first, "picture")]


def test_what_is_not_there_was_not_looked_at(store: Store) -> None:
    looks = Looks(store)
    record_id = captured(store, 1)
    assert looks.record("0" * 32, by="采集员") is None
    assert looks.picture(record_id, BiometricKind.RIGHT_THUMB, by="采集员") is None
    assert looks_kept(store) == []
