"""The pages. They are empty frames: what they show comes by `/state`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from kiosk.codes import ETHNICITY
from kiosk.manual import EntryReason
from kiosk.records import Right, Step
from kiosk.simulation import DEMO_PIN
from kiosk.web import help_pages
from kiosk.web.appearance import page_values
from kiosk.web.context import context, in_student_window, language
from kiosk.web.doorkeeper import account_at_work, door, sit_down
from kiosk.web.operator_words import ABORT_CAUSES
from kiosk.words import say

views = Blueprint("screens", __name__)

_HERE: Final = Path(__file__).parent
_TEMPLATES: Final = _HERE / "templates"
# Those of the fingers are one drawing.
_PICTOGRAMS: Final = tuple(sorted(path.stem for path in (_TEMPLATES / "pictograms").glob("[!_]*.svg")))
# The steps with a panel of their own on both screens, and those whose panel has a script.
_PANELS: Final = tuple(step for step in Step if (_TEMPLATES / "steps" / f"{step}.html").is_file())
_PANEL_SCRIPTS: Final = tuple(step for step in _PANELS if (_HERE / "static" / "js" / "steps" / f"{step}.js").is_file())

# Words that the scripts say by themselves; everything else comes with the state.
_SCRIPT_WORDS: Final = (
    "ui.failed",
    "ui.lost",
    "ui.play.stop",
    "ui.redo",
    "ui.working",
)


@views.app_context_processor
def _common() -> dict[str, Any]:
    tongue, here = language(), context()
    return {
        **page_values(tongue),
        **help_pages.page_values(tongue),
        "simulated": here.simulator is not None,
        "demo_pin": DEMO_PIN if here.demonstrator is not None else "",
        "me": account_at_work(),
        "may_end": here.end is not None,
        "station": here.settings.station,
        "guide": here.guide,
        "entry_reasons": tuple(EntryReason),
        "panels": _PANELS,
        "panel_scripts": _PANEL_SCRIPTS,
        "script_words": {code: say(tongue, code) for code in _SCRIPT_WORDS},
    }


@views.get("/")
def home() -> ResponseReturnValue:
    return redirect(url_for("screens.operator"))


@views.get("/operator")
@door(Right.CAPTURE)
def operator() -> ResponseReturnValue:
    """The operator's screen."""
    here = context()
    sit_down()
    health = here.office.watch.latest
    return render_template(
        "operator.html",
        abort_causes=ABORT_CAUSES,
        ethnicities=ETHNICITY,
        required_fields=here.required_fields,
        damaged=health is not None and not health.sound,
        has_devices=here.checkup is not None,
    )


@views.get("/student")
@door(students=True)
def student() -> ResponseReturnValue:
    """The student's screen, for the second monitor."""
    tongues = context().settings.station.student_languages
    return render_template("student.html", pictograms=_PICTOGRAMS, tongues=tongues, own_window=in_student_window())
