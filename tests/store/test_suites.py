"""A store is sealed and signed by the suite that it was made with, whatever the settings say later."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.ciphers import INTERNATIONAL, SM, SUITES, Domain, Suite
from kiosk.errors import StoreError
from kiosk.records import Biometric, BiometricKind, Step, StepResult, Verdict
from kiosk.store import Store, adopt
from kiosk.store.authorisation import make_code
from kiosk.store.folder import VAULT_FILE
from tests.store.conftest import AT, begin_in, student

PICTURE = b"\xff\xd8\xff a portrait"
DAY = timedelta(days=1)


def _with_a_student(folder: Path, suite: Suite) -> str:
    with Store.open(folder, suite=suite) as store:
        record = begin_in(store, student(1))
        pieces = [Biometric(BiometricKind.PORTRAIT, PICTURE)]
        store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT), pieces)
        return record.id


@pytest.mark.parametrize(("made_with", "wanted"), [(INTERNATIONAL, SM), (SM, INTERNATIONAL)], ids=["international", "sm"])
def test_a_store_keeps_the_suite_that_it_was_made_with_and_says_that_another_is_wanted(
    folder: Path, made_with: Suite, wanted: Suite
) -> None:
    record = _with_a_student(folder, made_with)
    with Store.open(folder, suite=wanted) as store:
        assert store.suite is made_with
        assert store.captures.biometric(record, BiometricKind.PORTRAIT) == PICTURE
        assert store.audit.first_broken() is None
        assert store.other_suite(made_with) is None
        told = store.other_suite(wanted)
        assert told is not None
        assert told.data == {"made_with": made_with.name, "wanted": wanted.name}
        assert store.check().sound


@pytest.mark.parametrize("made_with", SUITES.values(), ids=SUITES)
def test_a_vault_that_says_another_suite_opens_no_store(folder: Path, made_with: Suite) -> None:
    _with_a_student(folder, made_with)
    with closing(sqlite3.connect(folder / VAULT_FILE)) as vault, vault:
        (check,) = vault.execute("SELECT value FROM key_check").fetchone()
        vault.execute("UPDATE key_check SET value = ?", (check[3:] if made_with is SM else b"sm:" + check,))
    with pytest.raises(StoreError, match="key_wrong"):
        Store.open(folder)


def test_a_store_whose_vault_is_lost_goes_on_with_the_suite_of_its_trail(folder: Path) -> None:
    _with_a_student(folder, SM)
    (folder / VAULT_FILE).unlink()
    adopt(folder, suite=INTERNATIONAL, by="考务", reason="库文件丢失", now=AT)
    with Store.open(folder) as store:
        assert store.suite is SM
        assert store.audit.first_broken() is None


def test_an_sm_school_takes_the_word_of_an_sm_office_only(folder: Path) -> None:
    office, stranger = SM.new_signing_key(), SM.new_signing_key()
    with Store.open(folder, clock=lambda: AT, suite=SM) as store:
        with pytest.raises(StoreError, match="office_key_wrong"):
            store.deadline.set(AT, school_code="1", office_key=INTERNATIONAL.new_signing_key().public, by="负责人")
        store.deadline.set(AT - DAY, school_code="1", office_key=office.public, by="负责人")
        with pytest.raises(StoreError, match="code_not_for_us"):
            store.deadline.unlock(make_code(stranger, "1", AT + DAY), by="负责人", at=AT)
        assert store.deadline.unlock(make_code(office, "1", AT + DAY), by="负责人", at=AT) == (AT + DAY).replace(microsecond=0)
        store.deadline.sign(make_code(office, "1", AT - DAY, Domain.DEADLINE), by="负责人")
        assert store.deadline.state().signed_at == AT
