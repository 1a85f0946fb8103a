"""How far long work is, and the button that stops it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, Response, abort, jsonify
from flask.typing import ResponseReturnValue

from kiosk.office import JobState
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import door
from kiosk.words import say_error

views = Blueprint("jobs", __name__, url_prefix="/office/jobs")

# What a finished job of a kind tells the page.
TELLERS: Final[dict[str, Callable[[Any], dict[str, Any]]]] = {}


@views.get("/<int:number>")
@door(news=True)
def job(number: int) -> ResponseReturnValue:
    """A job's state, how much of it is done, and what came of it."""
    found = context().office.jobs.job(number)
    if found is None:
        abort(404)
    told: dict[str, Any] = {"kind": found.kind, "state": found.state, "done": found.done, "total": found.total}
    if found.error is not None:
        told["message"] = say_error(language(), found.error)
    if found.state is JobState.DONE:
        told["result"] = TELLERS[found.kind](found.result)
    return jsonify(told)


@views.post("/<int:number>/stop")
def stop(number: int) -> ResponseReturnValue:
    """Ask it to stop."""
    context().office.jobs.stop(number)
    return Response(status=204)


def started(number: int) -> ResponseReturnValue:
    """The answer to a request that began a job."""
    return jsonify(job=number)


def under_way(*kinds: str) -> int:
    """The number of a running job of these kinds, for a page that was loaded anew; 0 for none."""
    found = context().office.jobs.running()
    return found.number if found is not None and found.kind in kinds else 0
