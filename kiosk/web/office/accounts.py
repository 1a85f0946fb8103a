"""帐号: who may work at the station; officers issue accounts, everybody changes their own PIN."""

from __future__ import annotations

from hashlib import sha256

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.office import area_words, list_in_words
from kiosk.records import Account, Right, Role
from kiosk.web.asking import asked, why
from kiosk.web.confirming import to_confirm
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door, leave_elsewhere
from kiosk.web.office.shell import page, said
from kiosk.web.office.uploads import uploaded
from kiosk.words import say

views = Blueprint("accounts", __name__)


@views.get("/records/accounts")
def screen() -> ResponseReturnValue:
    """Everybody with an account, and what may be done about it."""
    here, me = context(), at_work()
    return page(
        "accounts.html",
        "accounts",
        accounts=here.office.accounts.all(),
        office_list=here.office.account_lists.latest(),
        office_known=here.office.account_lists.office_known(),
        enrolled=here.office.staff.enrolled(),
        me=me,
        roles=tuple(Role),
        issuing=me.may(Right.ACCOUNTS),
        rules=here.settings.accounts,
        now=here.office.schedule.now(),
        district=here.district is not None,
        places=here.district.places() if here.district is not None else (),
        kept_to=_kept_to(),
    )


@views.post("/office/accounts/issue")
@door(Right.ACCOUNTS)
def issue() -> ResponseReturnValue:
    """Form or JSON with `name`, `role` and a first `pin`."""
    values = asked()
    try:
        role = Role(values.get("role", ""))
    except ValueError:
        raise KioskError("account.role_missing") from None
    account = context().office.accounts.issue(values.get("name", ""), role, values.get("pin", ""), by=at_work().person)
    return said("ui.accounts.issued", name=account.name)


@views.post("/office/accounts/pin")
@door(Right.ACCOUNTS)
def give_pin() -> ResponseReturnValue:
    """A new `pin` for the `account` of somebody who forgot theirs."""
    account, here = _asked_account(), context()
    here.office.accounts.give_pin(account.id, asked().get("pin", ""), by=at_work().person)
    here.presence.end_all_of(account.id)
    return said("ui.accounts.pin_given", name=account.name)


@views.post("/office/accounts/end")
@door(Right.ACCOUNTS)
def end() -> ResponseReturnValue:
    """End an `account`, with a `reason`."""
    account, here = _asked_account(), context()
    here.office.accounts.end(account.id, by=at_work().person, reason=why())
    here.office.staff.erase_ended()
    here.presence.end_all_of(account.id)
    return said("ui.accounts.ended", name=account.name)


@views.post("/office/accounts/areas")
@door(Right.ACCOUNTS)
def keep_to() -> ResponseReturnValue:
    """Keep an `account` to the areas and schools of the form's `places`; to all of them where it has none."""
    account, here = _asked_account(), context()
    district = here.district or abort(404)
    kept = district.keep_to(account.id, request.form.getlist("places"), by=at_work().name)
    here.presence.end_all_of(account.id)
    where = "、".join(map(area_words, kept)) or say(language(), "ui.areas.all")
    return said("ui.areas.kept", name=account.name, where=where)


@views.post("/office/accounts/list")
@door(Right.ACCOUNTS)
def take_list() -> ResponseReturnValue:
    """Take the office's signed list: a form with the `file`, and the first time the office's public `key`. Told before."""
    here, key = context(), asked().get("key", "")
    with uploaded("file", "accountlist.missing") as path:
        content = path.read_bytes()
    words = list_in_words(language(), here.office.account_lists.plan(content, office_key=key))
    if (question := to_confirm("ui.confirm.accounts", words, sha256(content).hexdigest(), key)) is not None:
        return question
    for account in here.office.account_lists.take(content, office_key=key, by=at_work().person):
        here.presence.end_all_of(account.id)
    return said("ui.accounts.list_taken")


@views.post("/office/accounts/code")
@door(Right.ACCOUNTS)
def new_code() -> ResponseReturnValue:
    """Another recovery code, for an officer with their `pin`: the page that shows it once."""
    me, here = at_work(), context()
    here.office.accounts.prove(me.id, asked().get("pin", ""))
    return render_template("sealed.html", code=here.office.slots.new_code(by=me.name), next=url_for("accounts.screen"))


@views.post("/office/accounts/own-pin")
@door()
def change_pin() -> ResponseReturnValue:
    """One's own: `pin` as it is, `new` and `again`."""
    values = asked()
    if values.get("new", "") != values.get("again", ""):
        raise KioskError("account.pin_differs")
    context().office.accounts.change_pin(at_work().id, values.get("pin", ""), values.get("new", ""))
    leave_elsewhere()
    return said("ui.accounts.pin_changed")


def _kept_to() -> dict[str, str]:
    """By account, where each is kept to, in words."""
    here = context()
    if here.district is None:
        return {}
    found = {one.id: sorted(here.district.areas_of(one.id)) for one in here.office.accounts.all()}
    return {account: "、".join(map(area_words, kept)) for account, kept in found.items() if kept}


def _asked_account() -> Account:
    found = context().office.accounts.find(asked().get("account", ""))
    if found is None:
        raise KioskError("account.unknown")
    return found
