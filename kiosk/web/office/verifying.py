"""核验: whether an export is as it was written, and who signed it; and the opening of sealed ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from kiosk.ciphers.age import Opening
from kiosk.errors import KioskError
from kiosk.office import Verdict
from kiosk.web.asking import asked
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import at_work, door, who_decides
from kiosk.web.office.export import known
from kiosk.web.office.shell import page, said
from kiosk.web.office.uploads import uploaded
from kiosk.words import say, say_message

views = Blueprint("verifying", __name__)


@views.get("/records/verify")
def screen() -> ResponseReturnValue:
    """A file of somebody's, or an export of this station's."""
    return page("verify.html", "verify", exports=[one.name for one in known()], chosen=request.args.get("export", ""))


@views.post("/office/verify")
@door()
def verify() -> ResponseReturnValue:
    """Look at it, and say everything that can be said. Whoever may look here may ask; nothing is changed."""
    with _asked_for() as (path, name):
        by = Opening(passphrase=asked().get("password", ""))
        return jsonify(_told(context().office.verifying.verify(path, by, name=name, actor=at_work().name)))


@views.post("/office/package/open")
def open_package() -> ResponseReturnValue:
    """Take out what is in a sealed export: it lies in the clear then, and somebody answers for it."""
    by = who_decides().name
    with uploaded("file", "web.package_missing") as path:
        opening = Opening(passphrase=asked().get("password", ""))
        target = context().office.files.open_package(path, opening, actor=by)
    return said("ui.verify.opened", folder=target)


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
