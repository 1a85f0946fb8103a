"""本站签名与证书: what the station signs with, on the page of the school's data."""

from __future__ import annotations

from typing import Final

from flask import Blueprint
from flask.typing import ResponseReturnValue

from kiosk.records import Right
from kiosk.web.asking import asked
from kiosk.web.context import context, language, moment
from kiosk.web.doorkeeper import door, who_decides
from kiosk.web.office.shell import attachment, said
from kiosk.web.office.uploads import uploaded
from kiosk.words import say

views = Blueprint("certificate", __name__)

_MOST: Final = 1 << 20


@views.get("/records/certificate-request.json")
@door(Right.WORK)
def request_file() -> ResponseReturnValue:
    """What the office makes a certificate from."""
    name = say(language(), "ui.certificate.request_name", school=context().office.school.current().name)
    return attachment(context().office.certificates.request(), name, "application/json")


@views.post("/office/certificate")
def take() -> ResponseReturnValue:
    """Take the certificate that the office issued."""
    by = who_decides().name
    with uploaded("file", "web.certificate_missing") as path:
        content = path.read_bytes()[:_MOST]
    taken = context().office.certificates.take(content, office_key=asked().get("office_key", ""), by=by)
    return said("ui.certificate.taken", until=moment(taken.valid_until))


@views.post("/office/certificate/revocations")
def take_revocations() -> ResponseReturnValue:
    """Take the office's list of revoked certificates."""
    by = who_decides().name
    with uploaded("file", "web.certificate_missing") as path:
        content = path.read_bytes()[:_MOST]
    taken = context().office.certificates.take_revocations(content, by=by)
    return said("ui.certificate.list_taken", number=taken.number, count=len(taken.revoked))
