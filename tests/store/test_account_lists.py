"""Accounts that the office issues as a signed list: taken whole, in order, from the right office, for the right school."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.ciphers import INTERNATIONAL, SigningKey
from kiosk.cli import main
from kiosk.errors import StoreError
from kiosk.office import AccountLists
from kiosk.records import Account, AccountList, Biometric, BiometricKind, ListedAccount, Role
from kiosk.store import Store, read_list, verifier_of, write_list
from tests.store.conftest import AT

PIN, ONCE = "204816", "735192"
OFFICE, OTHER_OFFICE = INTERNATIONAL.new_signing_key(), INTERNATIONAL.new_signing_key()
KEY = OFFICE.public.hex()


def listed(number: str, name: str, role: Role = Role.OPERATOR, pin: str = ONCE) -> ListedAccount:
    return ListedAccount(number, name, role, verifier_of(pin, 6))


WANG, LI, SUN = (
    listed("T1", "王主任", Role.OFFICER),
    listed("T2", "李老师"),
    listed("T3", "孙老师", Role.SUPERVISOR),
)
FIRST = AccountList("6301001", 1, AT, AT + timedelta(days=300), (WANG, LI, SUN))


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with Store.open(folder, clock=lambda: AT) as opened:
        yield opened


@pytest.fixture
def officer(store: Store) -> Account:
    return store.accounts.issue("站长", Role.OFFICER, PIN, by=None)


@pytest.fixture
def lists(store: Store) -> AccountLists:
    return AccountLists(store)


def refused(code: str) -> pytest.RaisesExc[StoreError]:
    return pytest.raises(StoreError, match=rf"^accountlist\.{code}\b")


def signed(found: AccountList = FIRST, office: SigningKey = OFFICE) -> bytes:
    return write_list(found, office)


def of_office(store: Store) -> dict[str, Account]:
    return {one.office_id: one for one in store.accounts.open() if one.office_id}


def test_everybody_on_a_list_gets_an_account_and_changes_the_pin_first(
    store: Store, lists: AccountLists, officer: Account
) -> None:
    plan = lists.plan(signed(), office_key=KEY)
    assert ([one.name for one in plan.new], plan.first, plan.school_known) == (["王主任", "李老师", "孙老师"], True, False)
    assert of_office(store) == {}  # to look changes nothing
    lists.take(signed(), office_key=KEY, by=officer.person)
    found = of_office(store)
    assert {one.name: one.role for one in found.values()} == {one.name: one.role for one in FIRST.accounts}
    assert store.accounts.prove(found["T2"].id, ONCE).issued
    assert store.accounts.find(officer.id) is not None


def test_a_newer_list_changes_roles_ends_who_is_gone_and_leaves_chosen_pins(
    store: Store, lists: AccountLists, officer: Account
) -> None:
    lists.take(signed(), office_key=KEY, by=officer.person)
    before = of_office(store)
    store.accounts.change_pin(before["T2"].id, ONCE, PIN)
    store.staff.keep(before["T3"].id, card="A1", templates=[Biometric(BiometricKind.FACE_TEMPLATE, b"x")], by=officer.person)
    second = replace(FIRST, version=2, accounts=(WANG, replace(LI, role=Role.SUPERVISOR)))
    ended = lists.take(signed(second), by=officer.person)  # the office is known by now
    now = of_office(store)
    assert now["T2"].role is Role.SUPERVISOR
    assert store.accounts.prove(now["T2"].id, PIN).id == before["T2"].id
    assert {one.name for one in ended} == {"孙老师", "李老师"}
    assert "T3" not in now
    assert any(one.id == before["T3"].id and one.ended for one in store.accounts.all())  # and never deleted
    assert store.staff.enrolled() == {}
    third = replace(second, version=3, accounts=(WANG, listed("T2", "李老师", Role.SUPERVISOR, "902713")))
    lists.take(signed(third), by=officer.person)
    with pytest.raises(StoreError, match=r"^account\.wrong_pin\b"):
        store.accounts.prove(now["T2"].id, PIN)
    latest = store.account_lists.latest()
    assert latest is not None
    assert latest.version == 3


def test_lists_of_others_older_ones_and_those_that_ran_out_are_refused(
    store: Store, lists: AccountLists, officer: Account
) -> None:
    with refused("key_missing"):
        lists.plan(signed())
    with refused("not_signed"):
        lists.take(signed(office=OTHER_OFFICE), office_key=KEY, by=officer.person)
    lists.take(signed(), office_key=KEY, by=officer.person)
    with refused("older"):
        lists.take(signed(), by=officer.person)
    newer = replace(FIRST, version=2)
    with refused("not_signed"):
        lists.take(signed(newer, OTHER_OFFICE), by=officer.person)
    with refused("other_office"):
        lists.take(signed(newer, OTHER_OFFICE), office_key=OTHER_OFFICE.public.hex(), by=officer.person)
    with refused("other_school"):
        lists.take(signed(replace(newer, school_code="6301002")), by=officer.person)
    with refused("run_out"):
        lists.take(signed(replace(newer, valid_until=AT)), by=officer.person)
    assert len(of_office(store)) == 3
    assert [entry.action for entry in store.audit.entries()].count("accountlist.take") == 1


def test_a_byte_changed_anywhere_in_a_list_is_found(lists: AccountLists, officer: Account) -> None:
    file = json.loads(signed())
    content = bytearray(base64.b64decode(file["list"]))
    content[len(content) // 2] ^= 1
    for changed in (
        file | {"list": base64.b64encode(content).decode()},
        file | {"signature": base64.b64encode(bytes(64)).decode()},
    ):
        with refused("not_signed"):
            lists.take(json.dumps(changed).encode(), office_key=KEY, by=officer.person)


@pytest.mark.parametrize(
    "file", [b"", b"PK\x03\x04", b"[]", b"{}", b'{"format": "kiosk-accounts-1"}', b"[" * 100_000, b"\xff\xfe"]
)
def test_what_is_no_list_is_told_so(lists: AccountLists, file: bytes) -> None:
    with refused("unreadable"):
        lists.plan(file, office_key=KEY)


@pytest.mark.parametrize(
    "one",
    [
        replace(LI, verifier="204816"),
        replace(LI, verifier="$argon2id$v=19$m=9999999,t=1,p=1$AAAA$AAAA"),  # a log-in that takes all memory
        replace(LI, name="李\u202e老师"),
        replace(LI, name=""),
    ],
)
def test_a_list_that_no_station_may_take_is_refused_though_it_is_signed(lists: AccountLists, one: ListedAccount) -> None:
    with refused("unreadable"):
        lists.plan(signed(replace(FIRST, accounts=(WANG, one))), office_key=KEY)


def test_names_are_one_persons_and_an_officer_remains(store: Store, lists: AccountLists, officer: Account) -> None:
    with refused("twice"):
        lists.plan(signed(replace(FIRST, accounts=(WANG, LI, replace(SUN, name="李 老师")))), office_key=KEY)
    with refused("name_taken"):
        lists.plan(signed(replace(FIRST, accounts=(replace(WANG, name="站长"),))), office_key=KEY)
    lists.take(signed(), office_key=KEY, by=officer.person)
    wang = of_office(store)["T1"]
    store.accounts.end(officer.id, by=wang.person, reason="调离")
    with pytest.raises(StoreError, match=r"^account\.last_officer\b"):
        lists.plan(signed(replace(FIRST, version=2, accounts=(LI, SUN))))


def test_an_account_of_a_list_that_ran_out_opens_nothing(folder: Path) -> None:
    now = AT
    with Store.open(folder, clock=lambda: now) as store:
        officer = store.accounts.issue("站长", Role.OFFICER, PIN, by=None)
        AccountLists(store).take(signed(), office_key=KEY, by=officer.person)
        li = of_office(store)["T2"]
        now = FIRST.valid_until
        with pytest.raises(StoreError, match=r"^account\.run_out\b"):
            store.accounts.prove(li.id, ONCE)
        assert store.accounts.prove(officer.id, PIN).id == officer.id


def test_the_office_signs_on_its_machine_and_a_station_takes_it_on_the_command_line(tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), *words])
        assert done.exit_code == 0, done.output
        return done.output

    (tmp_path / "config.toml").touch()
    people, out, key = tmp_path / "people.csv", tmp_path / "list.json", tmp_path / "office.key"
    people.write_text("id,name,role\nT1,王主任,officer\nT2,李老师,operator\n", encoding="utf-8")
    office_key = run("office-key", "make", str(key)).splitlines()[0].partition("：")[2]
    sign = ["accounts", "sign", str(people), str(out), "--key", str(key), "--school", "6301001", "--until", "2099-07-01 12:00"]
    told = run(*sign)
    pins = [line.split()[-1] for line in told.splitlines()[1:]]
    assert len(pins) == 2
    assert not any(pin in out.read_text(encoding="utf-8") for pin in pins)
    told = run("accounts", "take", str(out), "--office-key", office_key, "--by", "站长", "--yes")
    assert "新建：王主任（考务管理员）" in told
    people.write_text("id,name,role\nT1,王主任,officer\n", encoding="utf-8")
    run(*sign, "--after", str(out))
    assert read_list(out.read_bytes(), bytes.fromhex(office_key)).version == 2
    assert "停用：李老师" in run("accounts", "take", str(out), "--by", "站长", "--yes")
    with Store.open(tmp_path / "data") as store:
        assert store.accounts.prove(of_office(store)["T1"].id, pins[0]).name == "王主任"
