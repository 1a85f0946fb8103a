"""Who may work at the station, and how each proves it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.records import Account, Right, Role
from kiosk.store import Accounts, Store
from tests.store.conftest import AT

PIN, WRONG = "204816", "204817"


class Clock:
    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(folder: Path, clock: Clock) -> Iterator[Store]:
    with Store.open(folder, clock=clock) as opened:
        yield opened


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return store.accounts


@pytest.fixture
def officer(accounts: Accounts) -> Account:
    return accounts.issue("王主任", Role.OFFICER, PIN, by=None)


def refused(code: str) -> pytest.RaisesExc[StoreError]:
    return pytest.raises(StoreError, match=rf"^account\.{code}\b")


def test_the_first_account_of_a_station_is_an_officers_and_nobody_else_makes_himself_one(accounts: Accounts) -> None:
    with refused("first_is_officer"):
        accounts.issue("张三", Role.OPERATOR, PIN, by=None)
    first = accounts.issue("王主任", Role.OFFICER, PIN, by=None)
    assert not first.issued  # its owner chose the PIN
    with refused("not_the_first"):
        accounts.issue("李四", Role.OFFICER, PIN, by=None)


def test_an_officer_issues_accounts_and_an_operator_does_not(accounts: Accounts, officer: Account) -> None:
    operator = accounts.issue("李老师", Role.OPERATOR, PIN, by=officer.person)
    assert operator.issued
    with refused("not_allowed"):
        accounts.issue("孙老师", Role.OPERATOR, PIN, by=operator.person)
    with refused("name_taken"):
        accounts.issue(" 李老师 ", Role.OPERATOR, PIN, by=officer.person)
    assert [one.name for one in accounts.open()] == ["王主任", "李老师"]


@pytest.mark.parametrize(
    ("pin", "code"), [("12345", "pin_length"), ("123456", "pin_easy"), ("000000", "pin_easy"), ("987654", "pin_easy")]
)
def test_pins_that_are_guessed_at_once_are_none(accounts: Accounts, pin: str, code: str) -> None:
    with refused(code):
        accounts.issue("王主任", Role.OFFICER, pin, by=None)
    assert accounts.all() == []


def test_a_pin_typed_with_full_width_digits_is_the_same_pin(accounts: Accounts, officer: Account) -> None:
    assert accounts.prove(officer.id, "２０４８１６") == officer


def test_five_wrong_pins_lock_for_half_an_hour_and_the_right_one_does_not_help(
    accounts: Accounts, officer: Account, clock: Clock
) -> None:
    for left in (4, 3, 2, 1):
        with pytest.raises(StoreError) as wrong:
            accounts.prove(officer.id, WRONG)
        assert (wrong.value.code, wrong.value.data["left"]) == ("account.wrong_pin", left)
    with refused("locked"):
        accounts.prove(officer.id, WRONG)
    with refused("locked"):
        accounts.prove(officer.id, PIN)
    clock.now += timedelta(minutes=30)
    assert accounts.prove(officer.id, PIN).id == officer.id


def test_setting_the_clock_back_and_forth_opens_no_lock_early(accounts: Accounts, officer: Account, clock: Clock) -> None:
    for _ in range(5):
        with pytest.raises(StoreError):
            accounts.prove(officer.id, WRONG)
    clock.now -= timedelta(days=2)
    with refused("locked"):
        accounts.prove(officer.id, PIN)


def test_a_right_pin_makes_earlier_wrong_ones_forgotten(accounts: Accounts, officer: Account) -> None:
    for _ in range(3):
        for _ in range(4):
            with refused("wrong_pin"):
                accounts.prove(officer.id, WRONG)
        accounts.prove(officer.id, PIN)


def test_tries_at_the_same_time_are_no_more_than_tries_one_after_the_other(accounts: Accounts, officer: Account) -> None:
    def attempt(_: int) -> str:
        with pytest.raises(StoreError) as refused_:
            accounts.prove(officer.id, WRONG)
        return refused_.value.code

    with ThreadPoolExecutor(12) as pool:
        told = list(pool.map(attempt, range(12)))
    assert told.count("account.wrong_pin") == 4


def test_a_forgotten_pin_is_given_anew_by_an_officer_and_changed_by_its_owner(accounts: Accounts, officer: Account) -> None:
    operator = accounts.issue("李老师", Role.OPERATOR, PIN, by=officer.person)
    accounts.give_pin(operator.id, "735192", by=officer.person)
    with refused("pin_same"):
        accounts.change_pin(operator.id, "735192", "735192")
    changed = accounts.change_pin(operator.id, "735192", "840261")
    assert not changed.issued
    with refused("wrong_pin"):
        accounts.prove(operator.id, "735192")
    accounts.prove(operator.id, "840261")


def test_an_ended_account_opens_nothing_and_the_last_officer_stays(accounts: Accounts, officer: Account) -> None:
    operator = accounts.issue("李老师", Role.OPERATOR, PIN, by=officer.person)
    accounts.end(operator.id, by=officer.person, reason="调离")
    with refused("unknown"):
        accounts.prove(operator.id, PIN)
    with refused("last_officer"):
        accounts.end(officer.id, by=officer.person, reason="调离")
    assert [(one.name, one.ended) for one in accounts.all()] == [("王主任", False), ("李老师", True)]


def test_the_trail_has_each_try_and_no_pin(store: Store, accounts: Accounts, officer: Account) -> None:
    with refused("wrong_pin"):
        accounts.prove(officer.id, WRONG)
    accounts.note("log_in", accounts.prove(officer.id, PIN))
    entries = list(store.audit.entries())
    assert [entry.action for entry in entries] == ["account.issue", "account.wrong_pin", "account.log_in"]
    assert not any(pin in repr(entries) for pin in (PIN, WRONG))


def test_an_auditor_changes_nothing_and_an_operator_answers_for_nothing() -> None:
    def rights(role: Role) -> set[Right]:
        return {right for right in Right if Account("1", "某", role, issued=False).may(right)}

    assert rights(Role.AUDITOR) == {Right.AUDIT}
    assert Right.DECIDE not in rights(Role.OPERATOR)
    assert rights(Role.OFFICER) == set(Right)
