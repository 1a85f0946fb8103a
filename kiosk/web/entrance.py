"""Before the store is open: one page that asks for a PIN, and says what goes on while the station behind it starts.

It answers at the station's own address until the station does, so a browser that waits here goes on by itself, logged in.
"""

from __future__ import annotations

import logging
import math
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Flask, jsonify, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from kiosk.config import Settings
from kiosk.errors import KioskError, StoreError
from kiosk.store import (
    Backup,
    Keys,
    Ring,
    SlotKind,
    Unlock,
    backups_in,
    is_new,
    require_good_pin,
    restore,
    try_unlock,
    unlock_copy,
    unlock_pin,
    unlock_secret,
    who_may_unlock,
    wrong_tries,
)
from kiosk.web import appearance, help_pages
from kiosk.web.app import protect, web_settings
from kiosk.web.appearance import page_values
from kiosk.web.asking import asked
from kiosk.web.assets import static_path
from kiosk.web.context import context, language, speak_of
from kiosk.web.doorkeeper import TOKEN
from kiosk.web.origin import refuse_foreign_pages
from kiosk.web.ports import AccountsPort
from kiosk.web.session import Sessions
from kiosk.web.student_window import keep_student_windows_in
from kiosk.words import say, say_error, say_minute

_FIRST_SCREEN: Final = "/operator"
_PATIENCE_S: Final = 5.0  # so long the form waits for a restoring that may be over soon
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entered:
    """Somebody opened the store. `account` is empty after the recovery code, and `pin` then the officer's new one; `token` is
    their browser's, under `secret`."""

    keys: Keys
    account: str
    pin: str
    token: str
    secret: bytes

    @property
    def unlock(self) -> Unlock:
        return lambda _: self.keys


class Restoring:
    """A backup that is being put here, in a thread of its own: how far it is, and what came of it."""

    def __init__(self, folder: Path, data: Path, keys: Keys) -> None:
        self.done: Backup | None = None
        self.problem: KioskError | None = None
        self.progress = 0, 0  # blobs that are back, of how many
        self._thread = threading.Thread(target=self._run, args=(folder, data, keys), name="restore")
        self._thread.start()

    @property
    def under_way(self) -> bool:
        return self.done is None and self.problem is None

    def wait(self, timeout_s: float) -> None:
        """Until it is over, at most so long."""
        self._thread.join(timeout_s)

    def _run(self, folder: Path, data: Path, keys: Keys) -> None:
        try:
            self.done = restore(folder, data, lambda _: keys, self._tell)
        except KioskError as error:
            self.problem = error
        except Exception:
            _log.exception("a backup could not be restored")
            self.problem = KioskError("web.failed")

    def _tell(self, done: int, total: int) -> None:
        self.progress = done, total


class Entrance:
    """The page, as an app of its own. `wait` for somebody who has the PIN."""

    def __init__(self, settings: Settings, folder: Path, now_s: Callable[[], float] = time.monotonic) -> None:
        """`folder` is the sealed store's, or where none is yet: then the page offers to begin, or to restore a backup."""
        self._settings = settings
        self._folder = folder
        self._now_s = now_s
        self._tried_s = now_s()
        self._trying = threading.Lock()
        self._inside = threading.Event()
        self._entered: Entered | None = None
        self._problem: KioskError | None = None
        self.begins_new = False  # somebody wishes for a new station
        self._restoring: Restoring | None = None
        self.app = self._app()

    def wait(self, stopped: threading.Event, poll_s: float = 0.2) -> Entered | None:
        """Who opened it; None when the program is to end first, or the station is to begin as a new one."""
        while not stopped.is_set():
            if self._inside.wait(poll_s):
                return self._entered
        return None

    def fail(self, problem: KioskError) -> None:
        """Tell whoever waits that the store can't be opened, though the PIN was right."""
        self._problem = problem

    def _app(self) -> Flask:
        app = Flask("kiosk.web", static_url_path=static_path())
        web_settings(app, secrets.token_bytes(32))
        app.session_interface = Sessions()
        speak_of(app, self._settings.station)
        app.context_processor(self._common)
        app.add_template_global(lambda code, **data: say(language(), code, **data), "t")
        app.before_request(refuse_foreign_pages)
        keep_student_windows_in(app)
        CSRFProtect(app)
        app.after_request(protect)
        app.register_blueprint(appearance.views)
        app.register_blueprint(help_pages.views)
        app.add_url_rule("/", "entrance", self._page, defaults={"path": ""})
        app.add_url_rule("/<path:path>", "entrance", self._page)
        app.add_url_rule("/entrance/pin", "by_pin", self._by_pin, methods=["POST"])
        app.add_url_rule("/entrance/code", "by_code", self._by_code, methods=["POST"])
        app.add_url_rule("/entrance/new", "begin_new", self._begin_new, methods=["POST"])
        app.add_url_rule("/entrance/restore", "restore", self._restore, methods=["POST"])
        app.register_error_handler(KioskError, lambda error: (self._shown(error), 409))
        return app

    def _page(self, path: str) -> ResponseReturnValue:  # noqa: ARG002 - whatever was asked for waits behind this
        if "text/html" not in request.headers.get("Accept", ""):
            return jsonify(code="web.login_needed", message=say(language(), "error.web.login_needed")), 401
        return self._shown(self._problem)

    def _by_pin(self) -> ResponseReturnValue:
        """A form with `by` and `pin`."""
        values = asked()
        account, pin = values.get("by", ""), values.get("pin", "")
        if not account:
            raise KioskError("web.name_missing")
        return self._enter(lambda ring: unlock_pin(ring, account, pin), account, pin)

    def _by_code(self) -> ResponseReturnValue:
        """A form with `code`, the office's identity or the recovery code, and the officer's new `pin`, also as `again`."""
        values = asked()
        code, pin = values.get("code", ""), values.get("pin", "")
        if pin != values.get("again", ""):
            raise KioskError("account.pin_differs")
        require_good_pin(pin, self._settings.accounts.shortest_pin)
        return self._enter(lambda ring: unlock_secret(ring, code), "", pin)

    def _begin_new(self) -> ResponseReturnValue:
        """A new station: its first visitor becomes its officer."""
        with self._trying:
            if is_new(self._folder):
                self.begins_new = True
                self._inside.set()
        return redirect(_FIRST_SCREEN, 303)

    def _restore(self) -> ResponseReturnValue:
        """Put a backup here: a form with its `folder`, and whose PIN of that day opens it (`name` and `secret`), or the
        recovery code or the office's identity in `secret` alone. Afterwards the page asks for a PIN, as of any sealed store."""
        values = asked()
        found = backups_in(Path(values.get("folder", "")))
        if not found or not values.get("folder"):
            raise KioskError("backup.none", folder=values.get("folder", ""))
        name, secret, chosen = values.get("name", ""), values.get("secret", ""), found[0]

        def unlock(ring: Ring) -> Keys:
            if not name:
                return unlock_secret(ring, secret)
            account = next((slot.id for slot in ring.of(SlotKind.PIN) if slot.name == name), "")
            return unlock_pin(ring, account, secret)

        with self._trying:
            if self._restoring is None or self._restoring.problem is not None:
                keys = unlock_copy(chosen.folder, unlock)
                self._restoring = Restoring(chosen.folder, self._folder, keys)
        self._restoring.wait(_PATIENCE_S)
        if self._restoring.problem is not None:
            raise self._restoring.problem
        return redirect(_FIRST_SCREEN, 303)

    @property
    def restored(self) -> Backup | None:
        """The backup that was put here."""
        return self._restoring.done if self._restoring is not None else None

    def _enter(self, unlock: Unlock, account: str, pin: str) -> ResponseReturnValue:
        with self._trying:
            if self._inside.is_set():
                return redirect(_FIRST_SCREEN, 303)
            self._require_patience()
            try:
                keys = try_unlock(self._folder, unlock)
            finally:
                self._tried_s = self._now_s()
            token = secrets.token_urlsafe(24)
            session[TOKEN] = token
            self._entered = Entered(keys, account, pin, token, self.app.config["SECRET_KEY"])
            self._inside.set()
        return redirect(_FIRST_SCREEN, 303)

    def _require_patience(self) -> None:
        """After some wrong tries each further handful waits, counted by a clock that nobody sets; a new start waits anew."""
        rules, wrong = self._settings.accounts, wrong_tries(self._folder)
        left_s = rules.locked_minutes * 60 - (self._now_s() - self._tried_s)
        if wrong and wrong % rules.tries == 0 and left_s > 0:
            raise StoreError("store.door_wait", minutes=math.ceil(left_s / 60))

    def _shown(self, problem: KioskError | None) -> str:
        tongue, values = language(), asked() if request.method == "POST" else {}
        restoring = self._restoring
        new = is_new(self._folder) or (restoring is not None and restoring.under_way)
        if restoring is not None and not problem:
            problem = restoring.problem
        slots = [] if new else who_may_unlock(self._folder)
        return render_template(
            "entrance.html",
            restoring=restoring.progress if restoring is not None and restoring.under_way else None,
            slots=slots,
            new=new,
            restored=say_minute(tongue, self.restored.at if self.restored is not None else None),
            values=values,
            chosen=values.get("by", "") or (slots[0].id if len(slots) == 1 else ""),
            opening=self._inside.is_set(),
            failed=self._problem is not None,
            shortest=self._settings.accounts.shortest_pin,
            by_code=not slots or "code" in values,
            problem=say_error(tongue, problem) if problem else "",
        )

    def _common(self) -> dict[str, Any]:
        tongue, station = language(), self._settings.station
        return {**page_values(tongue), **help_pages.page_values(tongue), "script_words": {}, "station": station}


def admit(app: Flask, entered: Entered, accounts: AccountsPort) -> None:
    """Whoever opened the store is logged in to the station's app, unless their PIN must be changed first; after the recovery
    code it is the officer, with the new PIN. Raises StoreError."""
    account = accounts.prove(entered.account, entered.pin) if entered.account else accounts.recover(entered.pin)
    if account.issued:
        return
    accounts.note("log_in", account)
    with app.app_context():
        context().presence.begin(account, entered.token)
