"""Who works at a station under test: an operator who is logged in, and whoever a test names to decide."""

from __future__ import annotations

from typing import Protocol

from flask import Flask

from kiosk.records import Account, Person, Role
from kiosk.web.context import Context

PIN = "258036"
OPERATOR = "采集员"
SUPERVISORS = ("王老师", "王主任", "李主任", "班主任")  # whom every page offers


class Issues(Protocol):
    def open(self) -> list[Account]: ...
    def issue(self, name: str, role: Role, pin: str, *, by: Person | None) -> Account: ...


def operator_of(accounts: Issues, role: Role = Role.OPERATOR) -> Account:
    """The operator, of a station that has no accounts yet; `role`: what else they are."""
    officer = accounts.issue("考务管理员", Role.OFFICER, PIN, by=None)
    for name in SUPERVISORS:
        accounts.issue(name, Role.SUPERVISOR, PIN, by=officer.person)
    return accounts.issue(OPERATOR, role, PIN, by=officer.person)


def supervisor(accounts: Issues, name: str) -> Account:
    """The account of somebody who decides, issued when it is first needed."""
    there = accounts.open()
    officer = next(one for one in there if one.role is Role.OFFICER)
    found = next((one for one in there if one.name == name), None)
    return found or accounts.issue(name, Role.SUPERVISOR, PIN, by=officer.person)


def decided_by(app: Flask, name: str) -> dict[str, str]:
    """What a form says of somebody who decides, by name."""
    return {"by": supervisor(accounts_of(app), name).id, "pin": PIN}


def accounts_of(app: Flask) -> Issues:
    here = next(found for found in app.extensions.values() if isinstance(found, Context))
    return here.office.accounts  # type: ignore[return-value]
