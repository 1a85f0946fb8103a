"""How far long work is, and the button that stops it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from typing import Any, Final, ParamSpec

from flask import Blueprint, Response, abort, copy_current_request_context, current_app, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from kiosk.office import Job, JobState
from kiosk.office.jobs import Telling, Work
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import door
from kiosk.web.office.uploads import hold_uploads
from kiosk.words import say, say_error

views = Blueprint("jobs", __name__, url_prefix="/office/jobs")

_LOOK_S: Final = 0.3  # so long a look at a running job waits for its end
_PATIENCE_S: Final = 5.0  # so long a request waits for work that may be over soon
_REFUSED: Final = 400
GIVES_WAY: Final = "report"  # the kind that is stopped by whatever else comes
_TO_THE_END: Final[set[str]] = set()  # kinds that nobody can stop
P = ParamSpec("P")
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
    told["stops"] = found.kind not in _TO_THE_END
    if found.error is not None:
        told |= {"code": found.error.code, "message": say_error(language(), found.error)}
    if found.state is JobState.DONE and isinstance(found.result, Response):
        told |= _answer_of(found.result)
    elif found.state is JobState.DONE:
        told["result"] = TELLERS[found.kind](found.result)
    return jsonify(told)


def _answer_of(response: Response) -> dict[str, Any]:
    """What a view answered that was done as a job; a refusal is a job that failed."""
    body = response.get_json(silent=True)
    if response.status_code < _REFUSED:
        return {"result": body}
    told = body or {"code": "office.failed", "message": say(language(), "error.office.failed")}
    return {"state": JobState.FAILED, "code": told["code"], "message": told["message"]}


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
        return found.result if isinstance(found.result, Response) else jsonify(TELLERS[kind](found.result))
    return started(number)


def may_take_long(kind: str) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """For a view that reads what came along, say: it is done as a job, with the request about it, and its answer is the page's
    where it is quick, else what the bar ends with. While another job runs it is done at once, without a bar."""
    _TO_THE_END.add(kind)

    def wrap(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def begun(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            running = context().office.jobs.running()
            if running is not None and running.kind != GIVES_WAY:
                return view(*args, **kwargs)
            carried = {name: g.get(name) for name in g}

            @copy_current_request_context
            def there() -> Response:
                for name, value in carried.items():
                    setattr(g, name, value)
                try:
                    return make_response(view(*args, **kwargs))
                except HTTPException as error:
                    return make_response(current_app.handle_http_exception(error))

            request.get_data(parse_form_data=True)  # nothing is left to be read by then
            with hold_uploads() as files:
                return answered(kind, lambda _: there(), files=files)

        return begun

    return wrap


def elsewhere(own: int) -> Job | None:
    """The job that another page, or this one before it was loaded anew, has begun and that is not `own`; for every page to
    show. A report makes way for whatever comes, and is begun anew by its page."""
    found = context().office.jobs.running()
    return found if found is not None and found.number != own and found.kind != GIVES_WAY else None


def under_way(*kinds: str) -> int:
    """The number of a running job of these kinds, for a page that was loaded anew; 0 for none."""
    found = context().office.jobs.running()
    return found.number if found is not None and found.kind in kinds else 0
