"""The student's screen in words, as JSON: both languages, and personal data only while the student checks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from kiosk.records import OWN_FINGER, STEPS, Cue, Step, Student
from kiosk.snapshot import Phase, Snapshot, StepView, Tone
from kiosk.web.wording import birth_of, class_in_words, picture_addresses, whole_way
from kiosk.words import say, say_message

# What to show the student for an act, where the step or the finger does not say it.
_PICTOGRAMS: Final = {
    Cue.LAY_CARD: "lay-card",
    Cue.TAKE_CARD: "take-card",
    Cue.LIFT: "lift",
    Cue.CALL: "operator",
    Cue.BLINK: "blink",
    Cue.TURN_LEFT: "turn-left",
    Cue.TURN_RIGHT: "turn-right",
    Cue.OPEN_MOUTH: "open-mouth",
}
_LANGUAGES: Final = ("zh-CN", "en")


def for_student(snapshot: Snapshot, workflow: Sequence[Step], spoken: str) -> dict[str, Any]:
    """What the student's screen shows: both languages; personal data only while the student checks them. `spoken`: the
    language of what is heard."""
    large, small = _LANGUAGES
    checking = snapshot.phase is Phase.CONFIRM
    return {
        "number": snapshot.number,
        "turn": snapshot.turn,
        "phase": snapshot.phase,
        "step": snapshot.step,
        "tone": snapshot.tone,
        "instruction": say_message(large, snapshot.instruction),
        "instructionSmall": say_message(small, snapshot.instruction),
        "cue": snapshot.cue,
        "presses": snapshot.presses,
        "pictogram": _pictogram(snapshot),
        "name": _part_of_name(snapshot.student),
        "progress": [_progress(view) for view in whole_way(snapshot, workflow)],
        "live": snapshot.live,
        "data": _own_data(large, snapshot) if checking else [],
        "pictures": picture_addresses(snapshot) if checking else {},
        "panel": _panel(snapshot),
        "answerS": snapshot.answer_s,
        "voice": _heard(spoken, snapshot),
    }


def _panel(snapshot: Snapshot) -> dict[str, Any] | None:
    """What the step's own panel says, part by part, in both languages."""
    if not snapshot.panel:
        return None
    large, small = _LANGUAGES
    said = {part: [say_message(large, message), say_message(small, message)] for part, message in snapshot.panel.items()}
    return {"step": snapshot.step, "says": said}


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
    if view.position is not None and OWN_FINGER.get(view.step, view.position) is not view.position:
        return say(language, f"position.{view.position.name.lower()}")
    return say(language, f"progress.{view.step}")


def _pictogram(snapshot: Snapshot) -> str:
    if special := _PICTOGRAMS.get(snapshot.cue):
        return special
    if snapshot.cue is Cue.PRESS and snapshot.finger is not None:
        return snapshot.finger.name.lower().replace("_", "-")
    if snapshot.tone is Tone.STOP:
        return "operator"
    return STEPS[snapshot.step or Step.CARD].pictogram


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
            ("id_number", f"{'•' * (len(card.id_number) - 4)}{card.id_number[-4:]}"),
        ]
    if student:
        values.append(("class_name", class_in_words(language, student)))
    return [{"field": name, "label": say(language, f"field.{name}"), "value": value} for name, value in values]
