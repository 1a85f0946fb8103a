"""核验: whether an export is as it was written, and who signed it; and the opening of sealed ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from kiosk.ciphers.age import Opening
from kiosk.errors import KioskError
from kiosk.office import Verdict
from kiosk.office.jobs import Telling
from kiosk.web.asking import asked
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door, who_decides
from kiosk.web.office import job_views
from kiosk.web.office.export import known
from kiosk.web.office.shell import page
from kiosk.web.office.uploads import uploaded
from kiosk.words import say, say_message

views = Blueprint("verifying", __name__)

_VERIFY, _OPEN = "verify", "open"


@views.get("/records/verify")
def screen() -> ResponseReturnValue:
    """A file of somebody's, or an export of this station's."""
    return page("verify.html", "verify", exports=[one.name for one in known()], chosen=request.args.get("export", ""))


@views.post("/office/verify")
@door()
def verify() -> ResponseReturnValue:
    """Look at it, and say everything that can be said. Whoever may look here may ask; nothing is changed."""
    by, actor, verifying = Opening(passphrase=asked().get("password", "")), at_work().name, context().office.verifying
    with ExitStack() as files:
        path, name = files.enter_context(_asked_for())

        def work(progress: Telling) -> Verdict:
            return verifying.verify(path, by, name=name, actor=actor, progress=progress)

        return job_views.answered(_VERIFY, work, files=files)


@views.post("/office/package/open")
def open_package() -> ResponseReturnValue:
    """Take out what is in a sealed export: it lies in the clear then, and somebody answers for it."""
    by, office = who_decides().name, context().office.files
    opening = Opening(passphrase=asked().get("password", ""))
    with ExitStack() as files:
        path = files.enter_context(uploaded("file", "web.package_missing"))

        def work(progress: Telling) -> Path:
            return office.open_package(path, opening, actor=by, progress=progress)

        return job_views.answered(_OPEN, work, files=files)


@contextmanager
def _asked_for() -> Iterator[tuple[Path, str]]:
    """The file that came along, or the export that was chosen; and how it is called."""
    name = asked().get("export", "")
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        with uploaded("file", "web.package_missing") as path:
            yield path, path.name
    elif name:
        yield next((one.path for one in known() if one.name == name), None) or abort(404), name
    else:
        raise KioskError("web.package_missing")


def _told(verdict: Verdict) -> dict[str, object]:
    tongue = language()
    return {
        "tone": verdict.tone,
        "summary": say(tongue, f"verdict.{verdict.tone}", file=verdict.name),
        "lines": [[line.tone, say_message(tongue, line.message)] for line in verdict.lines],
    }


job_views.TELLERS[_VERIFY] = _told
job_views.TELLERS[_OPEN] = lambda folder: {"message": say(language(), "ui.verify.opened", folder=folder)}
