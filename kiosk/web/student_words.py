"""The student's screen in words, as JSON: both languages, and personal data only while the student checks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from kiosk.records import OWN_FINGER, Step, Student
from kiosk.snapshot import Phase, Snapshot, StepView, Tone
from kiosk.web.wording import birth_of, class_in_words, picture_addresses, whole_way
from kiosk.words import say, say_message

# What to show the student for an instruction, where the step alone does not say it.
_PICTOGRAMS: Final = {
    "station.lift_finger": "lift",
    "station.saved_take_card": "take-card",
    "station.next_please": "take-card",
    "station.call_operator": "operator",
    "station.not_on_roster": "operator",
    "station.already_captured": "take-card",
    "station.abandoned": "take-card",
    "ui.deadline.over_student": "operator",
    "hint.liveness.blink": "blink",
    "hint.liveness.turn_left": "turn-left",
    "hint.liveness.turn_right": "turn-right",
    "hint.liveness.open_mouth": "open-mouth",
}
_STEP_PICTOGRAMS: Final = {
    Step.CARD: "lay-card",
    Step.FACE: "look",
    Step.RIGHT_THUMB: "right-thumb",
    Step.LEFT_THUMB: "left-thumb",
    Step.CONFIRM: "check",
}
_LANGUAGES: Final = ("zh-CN", "en")


def for_student(snapshot: Snapshot, workflow: Sequence[Step], spoken: str) -> dict[str, Any]:
    """What the student's screen shows: both languages; personal data only while the student checks them. `spoken`: the
    language of what is heard."""
    large, small = _LANGUAGES
    checking = snapshot.phase is Phase.CONFIRM
    return {
        "number": snapshot.number,
        "phase": snapshot.phase,
        "step": snapshot.step,
        "tone": snapshot.tone,
        "instruction": say_message(large, snapshot.instruction),
        "instructionSmall": say_message(small, snapshot.instruction),
        "pictogram": _pictogram(snapshot),
        "name": _part_of_name(snapshot.student),
        "progress": [_progress(view) for view in whole_way(snapshot, workflow)],
        "live": snapshot.live,
        "data": _own_data(large, snapshot) if checking else [],
        "pictures": picture_addresses(snapshot) if checking else {},
        "confirmS": snapshot.confirm_s if checking else None,
        "answerS": snapshot.answer_s,
        "voice": _heard(spoken, snapshot),
    }


def _heard(language: str, snapshot: Snapshot) -> dict[str, Any]:
    """The instruction to be spoken. Words that are filled with data are not: they could be somebody's; a tone tells of them."""
    instruction = snapshot.instruction
    text = "" if instruction.data else say_message(language, instruction)
    return {"on": snapshot.voice, "text": text, "tone": snapshot.tone, "language": language}


def _progress(view: StepView) -> dict[str, Any]:
    large, small = _LANGUAGES
    state = view.state
    return {
        "step": view.step,
        "name": _name_of(large, view),
        "nameSmall": _name_of(small, view),
        "state": state,
    }


def _name_of(language: str, view: StepView) -> str:
    if view.position is not None and view.position is not OWN_FINGER.get(view.step):
        return say(language, f"position.{view.position.name.lower()}")
    return say(language, f"progress.{view.step}")


def _pictogram(snapshot: Snapshot) -> str:
    special = _PICTOGRAMS.get(snapshot.instruction.code)
    if special:
        return special
    if snapshot.tone is Tone.STOP or snapshot.phase in {Phase.DECISION, Phase.REFUSED}:
        return "operator"
    if snapshot.phase is Phase.SAVED:
        return "take-card"
    if snapshot.phase is Phase.CONFIRM:
        return "check"
    asked = next((view.position for view in snapshot.steps if view.step is snapshot.step), None)
    return asked.name.lower().replace("_", "-") if asked else _STEP_PICTOGRAMS[snapshot.step or Step.CARD]


def _part_of_name(student: Student | None) -> str:
    """The name with its second character hidden: others stand in the queue and read along."""
    if student is None:
        return ""
    name = student.name
    return f"{name[:1]}＊{name[2:]}" if len(name) > 1 else name


def _own_data(language: str, snapshot: Snapshot) -> list[dict[str, str]]:
    card, student = snapshot.card, snapshot.student
    values: list[tuple[str, str]] = []
    if card:
        values += [
            ("name", card.name),
            ("sex_alone", card.sex),
            ("ethnicity", card.ethnicity),
            ("birth", birth_of(card)),
            ("id_number", card.id_number),
        ]
    if student:
        values.append(("class_name", class_in_words(language, student)))
    return [{"field": name, "label": say(language, f"field.{name}"), "value": value} for name, value in values]
