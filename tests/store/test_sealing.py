"""The key ring: who opens a store after a start, who does no more, and that a copy of its disk tells nobody anything."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from kiosk.ciphers import INTERNATIONAL
from kiosk.errors import StoreError
from kiosk.records import Account, AccountList, Biometric, BiometricKind, ListedAccount, Role
from kiosk.store import (
    Store,
    Unlock,
    change_key,
    is_sealed,
    keyring,
    try_unlock,
    unlock_code,
    unlock_office,
    unlock_pin,
    verifier_of,
    who_may_unlock,
    write_list,
    wrong_tries,
)
from kiosk.store.folder import KEY_FILE
from tests.store.conftest import student
from tests.store.test_swapped_files import PICTURES, capture
from tests.store.within import identities

PIN = "258036"


class Sealed:
    """A store that was sealed by its officer, with one student in it; closed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with Store.open_station(folder) as store:
            store.roster.replace_or_update([student(1), student(2)])
            self.officer = store.accounts.issue("王考务", Role.OFFICER, PIN, by=None)
            self.other = store.accounts.issue("李采集", Role.OPERATOR, "147025", by=self.officer.person)
            capture(store, 1)
            store.consents.attach([student(1).id_number], b"%PDF signed", by=self.officer.person)
            self.code = store.slots.seal(by=self.officer)

    def by_pin(self, account: Account | None = None, pin: str = PIN) -> Unlock:
        return lambda ring: unlock_pin(ring, (account or self.officer).id, pin)

    def by_code(self, code: str) -> Unlock:
        return lambda ring: unlock_code(ring, code)

    def opens(self, unlock: Unlock) -> None:
        with Store.open_station(self.folder, unlock=unlock) as store:
            record = store.captures.latest_complete(student(1).id_number)
            assert record is not None
            assert all(store.captures.biometric(record.id, kind) for kind in PICTURES)
            ((paper, _),) = store.consents.papers_of(student(1).id_number)
            assert store.consents.paper(paper) == b"%PDF signed"
            assert store.check().sound
            assert store.audit.first_broken() is None


@pytest.fixture
def sealed(folder: Path) -> Sealed:
    return Sealed(folder)


def test_who_has_the_files_alone_opens_nothing_and_who_has_a_pin_everything(sealed: Sealed) -> None:
    assert is_sealed(sealed.folder)
    with pytest.raises(StoreError, match="sealed"):
        Store.open(sealed.folder)
    for pin in ("258037", ""):
        with pytest.raises(StoreError, match="pin_wrong"):
            Store.open(sealed.folder, unlock=sealed.by_pin(pin=pin))
    sealed.opens(sealed.by_pin())
    sealed.opens(sealed.by_pin(sealed.other, "147025"))
    sealed.opens(sealed.by_pin(pin="２５８０３６"))
    assert [slot.name for slot in who_may_unlock(sealed.folder)] == ["王考务", "李采集"]


def test_no_file_holds_a_name_a_number_or_a_key_in_the_clear(sealed: Sealed) -> None:
    with Store.open_station(sealed.folder, unlock=sealed.by_pin()) as store:
        capture(store, 2)
        files = {path.name: path.read_bytes() for path in sealed.folder.iterdir() if path.is_file()}
    files |= {f"closed {path.name}": path.read_bytes() for path in sealed.folder.iterdir() if path.is_file()}
    assert any(name.endswith("identity.sqlite3-wal") for name in files)
    keys = try_unlock(sealed.folder, sealed.by_pin())
    for who in (student(1), student(2)):
        for needle in (who.name.encode(), who.id_number.encode(), keys.data, keys.trail, b"AGE-SECRET-KEY"):
            assert [name for name, content in files.items() if needle in content] == []


def test_a_new_pin_opens_and_the_one_before_does_no_more(sealed: Sealed) -> None:
    with Store.open(sealed.folder, unlock=sealed.by_pin()) as store:
        store.accounts.change_pin(sealed.officer.id, PIN, "975310")
        store.accounts.give_pin(sealed.other.id, "864209", by=sealed.officer.person)
    for unlock in (sealed.by_pin(), sealed.by_pin(sealed.other, "147025")):
        with pytest.raises(StoreError, match="pin_wrong"):
            Store.open(sealed.folder, unlock=unlock)
    sealed.opens(sealed.by_pin(pin="975310"))
    sealed.opens(sealed.by_pin(sealed.other, "864209"))


def test_an_account_that_was_ended_opens_nothing(sealed: Sealed) -> None:
    with Store.open(sealed.folder, unlock=sealed.by_pin()) as store:
        store.accounts.end(sealed.other.id, by=sealed.officer.person, reason="调走")
    with pytest.raises(StoreError, match="no_slot"):
        Store.open(sealed.folder, unlock=sealed.by_pin(sealed.other, "147025"))


def test_everybody_s_pin_forgotten_the_printed_code_gives_the_officer_a_new_one(sealed: Sealed) -> None:
    typed = sealed.code.lower().replace("-", "　")
    with pytest.raises(StoreError, match="code_wrong"):
        Store.open(sealed.folder, unlock=sealed.by_code(sealed.code[:-1] + ("A" if sealed.code[-1] != "A" else "B")))
    with Store.open(sealed.folder, unlock=sealed.by_code(typed)) as store:
        assert store.accounts.recover("975310").id == sealed.officer.id
        assert [entry.action for entry in store.audit.entries()][-1] == "account.recover"
        newer = store.slots.new_code(by="王考务")
    sealed.opens(sealed.by_pin(pin="975310"))
    sealed.opens(sealed.by_code(newer))
    with pytest.raises(StoreError, match="code_wrong"):
        Store.open(sealed.folder, unlock=sealed.by_code(sealed.code))


def test_the_office_opens_with_its_own_identity_until_it_loses_it_and_has_another(sealed: Sealed) -> None:
    lost, found = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    with Store.open(sealed.folder, unlock=sealed.by_pin()) as store:
        with pytest.raises(StoreError, match="no_recipient"):
            store.slots.set_office("age1nonsense", by="王考务")
        store.slots.set_office(str(lost.to_public()), by="王考务")
    sealed.opens(lambda ring: unlock_office(ring, f" {lost}\n"))
    with Store.open(sealed.folder, unlock=sealed.by_pin()) as store:
        store.slots.set_office(str(found.to_public()), by="王考务")
    sealed.opens(lambda ring: unlock_office(ring, str(found)))
    for wrong in (str(lost), "AGE-SECRET-KEY-1", ""):
        with pytest.raises(StoreError, match="office_identity_wrong"):
            Store.open(sealed.folder, unlock=lambda ring, wrong=wrong: unlock_office(ring, wrong))  # type: ignore[misc]


def test_a_changed_key_leaves_copies_of_the_ring_with_nothing_to_open(sealed: Sealed) -> None:
    sealed.opens(sealed.by_pin())  # since it was sealed the key has been changed once
    ring = (sealed.folder / KEY_FILE).read_bytes()
    before = try_unlock(sealed.folder, sealed.by_pin())
    change_key(sealed.folder, sealed.by_pin())
    after = try_unlock(sealed.folder, sealed.by_pin())
    assert (after.data != before.data, after.trail == before.trail, after.older) == (True, True, ())
    sealed.opens(sealed.by_pin(sealed.other, "147025"))
    (sealed.folder / KEY_FILE).write_bytes(ring)
    with pytest.raises(StoreError, match="key_wrong"):
        Store.open(sealed.folder, unlock=sealed.by_pin())


def test_what_the_staff_gave_opens_after_a_change_of_the_key_and_their_cards_are_known(sealed: Sealed) -> None:
    with Store.open(sealed.folder, unlock=sealed.by_pin()) as store:
        officer = sealed.officer
        given = [Biometric(BiometricKind.FACE_TEMPLATE, b"face")]
        store.staff.keep(officer.id, card="110101199003077715", templates=given, by=officer.person)
    change_key(sealed.folder, sealed.by_pin())
    assert try_unlock(sealed.folder, sealed.by_pin()).older == ()
    with Store.open(sealed.folder, unlock=sealed.by_pin()) as store:
        assert [one.data for one in store.staff.templates()] == [b"face"]
        assert store.staff.of_card("110101199003077715") == officer.id


def test_a_list_of_the_office_lets_its_people_open_the_store_and_those_who_are_gone_no_more(sealed: Sealed) -> None:
    office = INTERNATIONAL.new_signing_key()
    one = ListedAccount("T1", "赵老师", Role.OFFICER, verifier_of(PIN, 6), once=False)
    now = datetime.now(UTC)
    first = AccountList("6301001", 1, now, now + timedelta(days=9), (one,))
    with Store.open(sealed.folder, unlock=sealed.by_pin()) as store:
        officer = sealed.officer
        store.account_lists.take(write_list(first, office), office_key=office.public, by=officer.person)
        listed = next(other for other in store.accounts.open() if other.office_id)
        assert all(slot.id != listed.id for slot in who_may_unlock(sealed.folder))
        store.accounts.prove(listed.id, PIN)  # the first log-in, while the store is open
    assert any(slot.id == listed.id for slot in who_may_unlock(sealed.folder))
    with Store.open(sealed.folder, unlock=sealed.by_pin()) as store:
        second = replace(first, version=2, accounts=(replace(one, id="T2", name="钱老师"),))
        store.account_lists.take(write_list(second, office), by=officer.person)
    assert all(slot.id != listed.id for slot in who_may_unlock(sealed.folder))


class Cut(Exception):
    """The plug."""


@pytest.mark.parametrize("where", ["identity", "vault", "half the vault", "ring"])
def test_a_change_of_the_key_that_was_cut_off_is_done_at_the_next_opening(
    sealed: Sealed, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed.opens(sealed.by_pin())

    def cut(*_: object, **__: object) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        match where:
            case "identity":
                patch.setattr("kiosk.store.database.Database.change_key", cut)
            case "vault":
                patch.setattr("kiosk.store.vault.reseal", cut)
            case "half the vault":
                patch.setattr("kiosk.store.vault._BATCH", 1)
                done = iter([True, True])
                real = keyring.vault._reseal
                patch.setattr("kiosk.store.vault._reseal", lambda *given: real(*given) if next(done, False) else cut())
            case _:
                patch.setattr("kiosk.store.opening._complete", cut)
        with pytest.raises(Cut):
            change_key(sealed.folder, sealed.by_pin())
    sealed.opens(sealed.by_pin())
    assert try_unlock(sealed.folder, sealed.by_pin()).older == ()


def test_what_lies_in_quarantine_keeps_the_key_that_it_was_sealed_with(sealed: Sealed) -> None:

    sealed.opens(sealed.by_pin())
    with identities(sealed.folder, sealed.by_pin()) as by_hand:
        rows = by_hand.execute("SELECT * FROM biometrics").fetchall()
        by_hand.execute("DELETE FROM biometrics")
    with Store.open_station(sealed.folder, unlock=sealed.by_pin()) as store:
        assert len(store.quarantined()) == len(rows)
    change_key(sealed.folder, sealed.by_pin())
    assert len(try_unlock(sealed.folder, sealed.by_pin()).older) == 1
    with identities(sealed.folder, sealed.by_pin()) as by_hand:
        by_hand.executemany(f"INSERT INTO biometrics VALUES ({', '.join('?' * len(rows[0]))})", rows)
    sealed.opens(sealed.by_pin())
    sealed.opens(sealed.by_pin())


@pytest.mark.parametrize("change", ["recipient", "name", "another slot"])
def test_nobody_gives_himself_a_slot_without_the_keys(sealed: Sealed, change: str) -> None:
    ring = json.loads((sealed.folder / KEY_FILE).read_bytes())
    match change:
        case "recipient":
            ring["slots"][0]["recipient"] = str(pyrage.x25519.Identity.generate().to_public())
        case "name":
            ring["slots"][0]["name"] = "别人"
        case _:
            ring["slots"].append({**ring["slots"][0], "id": "0" * 16})
    (sealed.folder / KEY_FILE).write_text(json.dumps(ring), encoding="utf-8")
    with pytest.raises(StoreError, match="key_tampered"):
        Store.open(sealed.folder, unlock=sealed.by_pin(sealed.other, "147025"))


def test_wrong_tries_are_counted_on_the_disk_until_a_right_one(sealed: Sealed) -> None:
    for count in (1, 2):
        with pytest.raises(StoreError):
            try_unlock(sealed.folder, sealed.by_pin(pin="111222"))
        assert wrong_tries(sealed.folder) == count
    try_unlock(sealed.folder, sealed.by_pin())
    assert wrong_tries(sealed.folder) == 0


def test_commands_work_beside_the_station_that_was_sealed_just_now(folder: Path) -> None:
    with Store.open_station(folder) as store:
        officer = store.accounts.issue("王考务", Role.OFFICER, PIN, by=None)
        capture(store, 1)
        store.slots.seal(by=officer)
        with Store.open(folder, unlock=lambda ring: unlock_pin(ring, officer.id, PIN)) as beside:
            beside.accounts.issue("李采集", Role.OPERATOR, "147025", by=officer.person)
            assert beside.check().sound
        capture(store, 2)
        assert store.slots.seal(by=officer) == ""
    with Store.open_station(folder, unlock=lambda ring: unlock_pin(ring, officer.id, PIN)) as store:
        assert store.check().sound
        record = store.captures.latest_complete(student(2).id_number)
        assert record is not None
        assert store.captures.biometric(record.id, BiometricKind.PORTRAIT)
