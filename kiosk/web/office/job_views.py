"""How far long work is, and the button that stops it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final

from flask import Blueprint, Response, abort, jsonify
from flask.typing import ResponseReturnValue

from kiosk.office import Job, JobState
from kiosk.office.jobs import Telling, Work
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import door
from kiosk.words import say_error

views = Blueprint("jobs", __name__, url_prefix="/office/jobs")

_LOOK_S: Final = 0.3  # so long a look at a running job waits for its end
_PATIENCE_S: Final = 5.0  # so long a request waits for work that may be over soon
# What a finished job of a kind tells the page.
TELLERS: Final[dict[str, Callable[[Any], dict[str, Any]]]] = {}


@views.get("/<int:number>")
@door(news=True)
def job(number: int) -> ResponseReturnValue:
    """A job's state, how much of it is done, and what came of it; of a running one a moment later, or as soon as it ends."""
    found = context().office.jobs.wait(number, _LOOK_S)
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


def answered(kind: str, work: Work, *, total: int = 0, files: ExitStack | None = None) -> ResponseReturnValue:
    """Do it as a job: what came of it where that is quick, else the job's number for the page to watch. `files` go when the
    work is over. Raises what the work does."""
    jobs, kept = context().office.jobs, files.pop_all() if files is not None else ExitStack()

    def reading(progress: Telling) -> object:
        with kept:
            return work(progress)

    try:
        number = jobs.start(kind, total, reading)
    except BaseException:
        kept.close()
        raise
    found = jobs.wait(number, _PATIENCE_S)
    if found is not None and found.error is not None:
        raise found.error
    if found is not None and found.state is JobState.DONE:
        return jsonify(TELLERS[kind](found.result))
    return started(number)


def elsewhere(own: int) -> Job | None:
    """The job that another page, or this one before it was loaded anew, has begun and that is not `own`; for every page to
    show. A report makes way for whatever comes, and is begun anew by its page."""
    found = context().office.jobs.running()
    return found if found is not None and found.number != own and found.kind != "report" else None


def under_way(*kinds: str) -> int:
    """The number of a running job of these kinds, for a page that was loaded anew; 0 for none."""
    found = context().office.jobs.running()
    return found.number if found is not None and found.kind in kinds else 0
