"""The door: log in, change of shift, lock. Plain forms, so that nothing has to be loaded before somebody is let in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.records import Account, Right, Role
from kiosk.web import doorkeeper
from kiosk.web.asking import asked
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import door
from kiosk.web.office.setup_steps import undone
from kiosk.words import say_error

views = Blueprint("login", __name__)


@views.get("/login")
@door(open_to_all=True)
def screen() -> ResponseReturnValue:
    """Who are you? On a station without accounts: who will be the first?"""
    return _page()


@views.post("/login")
@door(open_to_all=True)
def log_in() -> ResponseReturnValue:
    """A form with `by` and `pin`, and with `new` and `again` from somebody whose PIN was another's choice."""
    values, accounts = asked(), context().office.accounts
    try:
        account = accounts.prove(values.get("by", ""), values.get("pin", ""))
        if account.issued:
            if not values.get("new"):
                return _page(chosen=account.id, changing=True)
            account = accounts.change_pin(account.id, values["pin"], _twice(values["new"], values.get("again", "")))
    except KioskError as error:
        return _page(chosen=values.get("by", ""), problem=error, changing="new" in values), 409
    return _enter(account)


@views.post("/login/first")
@door(open_to_all=True)
def first() -> ResponseReturnValue:
    """The first account of a station is its officer's: a form with `name`, `pin` and `again`."""
    values = asked()
    try:
        pin = _twice(values.get("pin", ""), values.get("again", ""))
        account = context().office.accounts.issue(values.get("name", ""), Role.OFFICER, pin, by=None)
    except KioskError as error:
        return _page(problem=error, name=values.get("name", "")), 409
    return _enter(account)


@views.post("/logout")
@door(open_to_all=True)
def log_out() -> ResponseReturnValue:
    """The next one, please: a form, with `next` where that one is to go on."""
    doorkeeper.leave()
    return redirect(url_for("login.screen", next=doorkeeper.within(asked().get("next", "")) or None))


@views.post("/lock")
@door()
def lock() -> ResponseReturnValue:
    """Back in a moment."""
    doorkeeper.lock()
    return redirect(url_for("login.screen"))


def _enter(account: Account) -> ResponseReturnValue:
    """Whoever proved it by PIN goes on; an officer's closes a store that was open, and sees the recovery code once."""
    there = let_in(account)
    if account.may(Right.ACCOUNTS) and (code := context().office.slots.seal(by=account)):
        return render_template("sealed.html", code=code, next=there)
    return redirect(there, 303)


def let_in(account: Account, how: str = "log_in") -> str:
    """The browser is the account's, which the trail has; where to go from here."""
    doorkeeper.enter(account)
    context().office.accounts.note(how, account)
    home = context().home or ("screens.operator" if account.may(Right.CAPTURE) else "records.everybody")
    if not context().home and undone(context(), account):
        home = "setup.screen"
    return doorkeeper.within(asked().get("next", "")) or url_for(home)


def _twice(pin: str, again: str) -> str:
    """A new PIN, typed twice; raises KioskError."""
    if pin != again:
        raise KioskError("account.pin_differs")
    return pin


def _page(*, problem: KioskError | None = None, chosen: str = "", name: str = "", changing: bool = False) -> str:
    here, locked = context(), doorkeeper.locked()
    accounts = here.office.accounts.open()
    return render_template(
        "login.html",
        accounts=accounts,
        chosen=chosen or (locked.id if locked else accounts[0].id if len(accounts) == 1 else ""),
        locked=locked,
        changing=changing,
        name=name,
        has_desk=context().staff_desk is not None,
        shortest=here.settings.accounts.shortest_pin,
        next=request.args.get("next", "") or asked().get("next", ""),
        problem=say_error(language(), problem) if problem else "",
    )
