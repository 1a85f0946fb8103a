"""How the screens look to a reader: language, theme and size of the text. Kept in cookies, so that the first answer is right.

The student's screen has its own, as it lights the face and is nobody's to operate: they are chosen on the operator's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from kiosk.languages import STAFF, languages, shown_on
from kiosk.web.asking import asked
from kiosk.web.context import LANGUAGE_COOKIE, STUDENT_SCREEN
from kiosk.web.doorkeeper import door, within
from kiosk.words import say

views = Blueprint("appearance", __name__)

# auto: as the machine is set, by `prefers-color-scheme` and `prefers-contrast`; the student's screen stays light then.
THEMES: Final = ("auto", "light", "dark", "contrast")
SIZES: Final = ("normal", "large", "larger")
_STUDENT: Final = "student_"
_YEAR_S: Final = 365 * 24 * 3600


def _choices() -> Mapping[str, tuple[str, ...]]:
    """What each cookie may say."""
    looks = {"theme": THEMES, "size": SIZES}
    return {LANGUAGE_COOKIE: tuple(shown_on(STAFF)), **looks, **{_STUDENT + name: values for name, values in looks.items()}}


# What the scripts of every page say.
_FRAME_WORDS: Final = (
    "ui.date.clock",
    "ui.date.day",
    "ui.date.earlier",
    "ui.date.later",
    "ui.date.minute",
    "ui.date.open",
    "ui.file.choose",
    "ui.file.none",
    "ui.form.missing",
    "ui.form.wrong",
)


def page_values(tongue: str) -> dict[str, Any]:
    """What every page's frame wants to know, in a language."""
    return {
        "language": tongue,
        "frame_words": {code: say(tongue, code) for code in _FRAME_WORDS},
        "html_lang": lambda tag: languages()[tag].html,
        "staff_languages": shown_on(STAFF).values(),
        "themes": THEMES,
        "sizes": SIZES,
        "looks": {name: _chosen(name) for name in _choices()},
        "on_student": request.endpoint == STUDENT_SCREEN,
        "theme": _of_the_page("theme"),
        "size": _of_the_page("size"),
    }


@views.post("/appearance")
@door(open_to_all=True)
def choose() -> ResponseReturnValue:
    """A form with `language`, `theme`, `size`, `student_theme` or `student_size`, and `next`, the page to go back to."""
    values, answer = asked(), redirect(within(asked().get("next", "")) or "/", 303)
    for name, allowed in _choices().items():
        if values.get(name) in allowed:
            answer.set_cookie(name, values[name], max_age=_YEAR_S, samesite="Strict", httponly=True)
    return answer


def _of_the_page(name: str) -> str:
    on_student = request.endpoint == STUDENT_SCREEN
    chosen = _chosen(_STUDENT + name if on_student else name)
    return "light" if on_student and chosen == "auto" else chosen


def _chosen(name: str) -> str:
    """What the reader's browser was told; the first of the choices where it was told nothing."""
    allowed, wish = _choices()[name], request.cookies.get(name, "")
    return wish if wish in allowed else allowed[0]
