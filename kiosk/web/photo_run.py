"""学籍照相 on the operator's screen: which class, its list, and whose turn it is."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.records import Child, ChildState, ClassKey, Line, Right, school_words
from kiosk.surrogate import number_of
from kiosk.web.asking import asked, number
from kiosk.web.context import context, language
from kiosk.web.doorkeeper import door
from kiosk.web.wording import class_in_words, class_name_in_words
from kiosk.words import say

views = Blueprint("photo_run", __name__, url_prefix="/photo-run")

_SHOWN_DIGITS: Final = 4  # of a number: tells two of one name apart, and can be searched for


@views.get("/classes")
@door(Right.CAPTURE)
def classes() -> ResponseReturnValue:
    """The classes of the roster: `key` of the school, grade and class, what they are called, how many have their photo."""
    found = context().station.classes()
    schools = list(dict.fromkeys(one.school for one in found))
    return jsonify(
        [
            {
                "key": list(one.group),
                "school": school_words(one.school, schools),
                "grade": one.group.grade or say(language(), "ui.run.no_grade"),
                "name": class_name_in_words(language(), one.group.class_name) or say(language(), "ui.run.no_class"),
                "shot": one.shot,
                "children": one.children,
            }
            for one in found
        ]
    )


@views.post("/begin")
@door(Right.CAPTURE)
def begin() -> ResponseReturnValue:
    """Have a class stand before the camera: JSON with `about` (the state's `turn`), `school` (its key), `grade`, `class`."""
    values = asked()
    group = ClassKey(*(values.get(part, "") for part in ("school", "grade", "class")))
    context().station.begin_run(group, number("about"))
    return Response(status=204)


@views.post("/call")
@door(Right.CAPTURE)
def call() -> ResponseReturnValue:
    """Call whoever stands at a place of the list: JSON with `about` and `place`, from 1."""
    line, place = context().station.snapshot().line, number("place")
    if line is None or not 0 < place <= len(line.children):
        raise KioskError("station.run.not_in_class")
    context().station.call_child(line.children[place - 1].student.id_number, number("about"))
    return Response(status=204)


def line_in_words(tongue: str, line: Line) -> dict[str, Any]:
    """The list, whose turn it is, and how far it is."""
    states = {state: line.count(state) for state in ChildState}
    return {
        "class": class_in_words(tongue, line.student),
        "school": line.student.school,
        "at": line.at,
        "place": say(tongue, "ui.run.place", place=line.at + 1, of=len(line.children)),
        "counts": [{"state": state, "label": _state(tongue, state), "value": count} for state, count in states.items()],
        "share": round(1 - states[ChildState.TO_SHOOT] / len(line.children), 3),
        "children": [_child(tongue, child) for child in line.children],
    }


def _child(tongue: str, child: Child) -> dict[str, Any]:
    known = number_of(child.student.id_number)
    return {
        "name": child.student.name,
        "ends": known[-_SHOWN_DIGITS:] if known else "",
        "state": child.state,
        "stateName": _state(tongue, child.state),
    }


def _state(tongue: str, state: ChildState) -> str:
    return say(tongue, f"childstate.{state}")
