"""Who makes a request, and whether they may: asked before every view, and by every decision.

A page without a session shows nothing. The student's screen goes on while the operator's is locked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import quote

from flask import current_app, g, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.records import RIGHTS, Account, Decision, Message, Person, Right, Role, is_enough
from kiosk.snapshot import Phase
from kiosk.web.asking import asked
from kiosk.web.context import context, in_student_window, language
from kiosk.words import say

TOKEN: Final = "who"
_KEPT_AS: Final = "_door"
AT_DESK: Final = frozenset({Phase.STEP, Phase.CONFIRM, Phase.DECISION, Phase.UNSAVED})
_ELSEWHERE: Final = ("//", "/\\")
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True)
class Door:
    """Who is let in to a view. `needs`: the right, where it is another than to change something (POST) or to look (GET).

    `news`: a screen asks for it by itself, over and over. `students`: what the student's screen is made of, which goes on while
    the operator's is locked.
    """

    needs: Right | None = None
    open_to_all: bool = False
    news: bool = False
    students: bool = False


def door(
    needs: Right | None = None, *, open_to_all: bool = False, news: bool = False, students: bool = False
) -> Callable[[View], View]:
    """Give a view a door of its own."""

    def put(view: View) -> View:
        setattr(view, _KEPT_AS, Door(needs, open_to_all, news, students))
        return view

    return put


def guard() -> ResponseReturnValue | None:
    """Let a request through, or send its reader to the log-in. Raises KioskError("account.not_allowed_here")."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    at = _door_of(request.endpoint)
    if at.open_to_all:
        return None
    if in_student_window():
        return None
    here = context()
    if here.demonstrator is not None and TOKEN not in session:
        enter(here.demonstrator)
    at_desk = here.busy() if here.busy is not None else here.station.snapshot().phase in AT_DESK
    found = here.presence.find(session.get(TOKEN, ""), active=at_desk or not at.news)
    if found is None or (found.locked and not (at.students and request.args.get("screen", "student") == "student")):
        return _to_the_door()
    g.account, g.locked = found.account, found.locked
    if at.needs is not None and not found.account.may(at.needs):
        if not at.news:  # a screen that asks by itself would fill the trail
            _note_refused(found.account)
        raise KioskError("account.not_allowed_here", roles=_roles_with(at.needs))
    return None


def _roles_with(right: Right) -> Message:
    """Whose that right is, in words."""
    *others, last = (Message(f"role.{role}") for role in Role if right in RIGHTS[role])
    for one in reversed(others):
        last = Message("role.either", {"first": one, "second": last})
    return last


def for_students_alone() -> bool:
    """Whether nobody of the staff sees the answer: the student's own window asks, or one that is locked."""
    return in_student_window() or bool(g.get("locked", False))


def _door_of(endpoint: str) -> Door:
    view = current_app.view_functions[endpoint]
    usual = Door(Right.WORK if request.method == "POST" else None)
    return getattr(view, _KEPT_AS, usual)


def enter(account: Account) -> None:
    """The browser is the account's from now on."""
    here = context()
    here.presence.end(session.get(TOKEN, ""))
    session[TOKEN] = here.presence.begin(account)


def leave_elsewhere() -> None:
    """Every other browser that is logged in with the same account is logged out."""
    context().presence.end_all_of(at_work().id, but=session.get(TOKEN, ""))


def leave() -> None:
    """The browser is nobody's any more."""
    context().presence.end(session.get(TOKEN, ""))
    session[TOKEN] = ""


def lock() -> None:
    """The browser shows nothing until its person is back."""
    context().presence.lock(session.get(TOKEN, ""))


def locked() -> Account | None:
    """Whose browser this is while it is locked."""
    found = context().presence.find(session.get(TOKEN, ""), active=False)
    return found.account if found is not None and found.locked else None


def sit_down() -> None:
    """Whoever opened the operator's screen is on duty, for as long as their session is awake."""
    presence, token = context().presence, session.get(TOKEN, "")
    context().station.go_on_duty(at_work().person, lambda: presence.is_awake(token))


def at_work() -> Account:
    """Who makes this request."""
    account: Account = g.account
    return account


def account_at_work() -> Account | None:
    """The same, for pages that are shown to nobody in particular, too."""
    found: Account | None = g.get("account")
    return found


def who_decides(decision: Decision = Decision.OTHER) -> Person:
    """Who answers for a decision, and has proved here and now who they are: fields `by` (an account) and `pin`, or `thumb` (a
    grant of `kiosk.web.grants`).

    Raises KioskError: "web.name_missing", "account.pin_missing", "account.press_again", "account.not_allowed", what
    `Accounts.prove` says, and where the profile demands it "account.officer_needed" and "account.other_person".
    """
    account, rule = _proved(), context().decisions[decision]
    if not account.may(Right.DECIDE):
        _note_refused(account)
        raise KioskError("account.not_allowed")
    if not is_enough(account.role, rule.role):
        raise KioskError("account.officer_needed")
    if rule.other_person and account.person.same_as(at_work().person):
        raise KioskError("account.other_person", name=account.name)
    return account.person


def who_may(right: Right) -> Person:
    """Who answers for what only some may do, and has proved it as for `who_decides`. Raises KioskError as that does."""
    account = _proved()
    if not account.may(right):
        _note_refused(account)
        raise KioskError("account.officer_needed")
    return account.person


def _note_refused(account: Account) -> None:
    context().office.accounts.note("refused", account)


def _proved() -> Account:
    values, here = asked(), context()
    if values.get("thumb"):
        purpose = f"{request.path} {values.get('command', '')}".strip()
        fields = values if request.is_json else request.form.to_dict(flat=False)  # a field may be there more than once
        account_id = here.grants.take(values["thumb"], browser=session.get(TOKEN, ""), purpose=purpose, fields=fields)
        account = here.office.accounts.find(account_id)
        if account is None:
            raise KioskError("account.unknown")
        return account
    if not values.get("by"):
        raise KioskError("web.name_missing")
    if not values.get("pin"):
        raise KioskError("account.pin_missing")
    return here.office.accounts.prove(values["by"], values["pin"])


def deciders(right: Right | str = Right.DECIDE) -> list[Account]:
    """Whom the pages offer to answer for a decision, or for what needs another right."""
    if "open_accounts" not in g:  # a page may have several forms
        g.open_accounts = list(context().office.accounts.open())
    found: list[Account] = g.open_accounts
    return [account for account in found if account.may(Right(right))]


def within(address: str) -> str:
    """An address that a form brought along, where it is one of ours; else empty."""
    return address if address.startswith("/") and not address.startswith(_ELSEWHERE) else ""


def _to_the_door() -> ResponseReturnValue:
    if request.method == "GET" and request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html":
        return redirect(url_for("login.screen") + f"?next={quote(request.full_path.rstrip('?'))}")
    return jsonify(code="web.login_needed", message=say(language(), "error.web.login_needed")), 401
