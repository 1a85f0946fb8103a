"""The student's screen in words, as JSON: both languages, and personal data only while the student checks them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from kiosk.languages import voices_of
from kiosk.records import OWN_FINGER, STEPS, ChildState, Cue, Step, Student
from kiosk.snapshot import Command, Phase, Snapshot, StepView, Tone
from kiosk.surrogate import number_of
from kiosk.web.wording import birth_of, class_in_words, picture_addresses, whole_way
from kiosk.words import say, say_message, say_to_student

# Acts whose pictogram is the step's or the finger's; the file of every other one is named after it.
_OF_THE_STEP: Final = frozenset({Cue.WAIT, Cue.PRESS, Cue.READ, Cue.SIGN})
_NAMES: Final = {Cue.CALL: "operator"}
_NOBODY_SITS: Final = frozenset({Phase.WAITING, Phase.READING, Phase.REFUSED, Phase.TESTING})
# Of a photo run: nobody is called while the operator looks at something.
_NOT_CALLED: Final = frozenset({Phase.REFUSED, Phase.LINE_OVER})
_SHOWN_DIGITS: Final = 4  # of the number: who queues behind can't read it


def for_student(snapshot: Snapshot, workflow: Sequence[Step], tongues: Sequence[str]) -> dict[str, Any]:
    """What the student's screen shows; personal data only while the student checks them. `tongues`: the language of what is
    large and heard, and where there is one that of the small line below."""
    large = tongues[0]
    checking = snapshot.phase is Phase.CONFIRM
    return {
        "number": snapshot.number,
        "turn": snapshot.turn,
        "phase": snapshot.phase,
        "step": snapshot.step,
        "tone": snapshot.tone,
        "instruction": say_to_student(large, snapshot.instruction),
        "instructionSmall": "".join(say_to_student(small, snapshot.instruction) for small in tongues[1:]),
        "cue": snapshot.cue,
        "presses": snapshot.presses,
        "pictogram": _pictogram(snapshot),
        "name": _part_of_name(snapshot.student) if snapshot.line is None and snapshot.phase not in _NOBODY_SITS else "",
        "progress": [_progress(view, tongues) for view in whole_way(snapshot, workflow)],
        "live": snapshot.live,
        "data": _own_data(large, snapshot) if checking else [],
        "pictures": picture_addresses(snapshot) if checking else {},
        "panel": _panel(snapshot, tongues),
        "answerS": snapshot.answer_s,
        "voice": _heard(large, snapshot),
        "called": _called(large, snapshot),
    }


def _called(language: str, snapshot: Snapshot) -> dict[str, Any] | None:
    """Of a photo run: who is called, by the whole name, else the class; who comes then; how far the class is."""
    line = snapshot.line
    if line is None:
        return None
    nobody = snapshot.phase in _NOT_CALLED
    following = line.next_to_shoot()
    return {
        "name": class_in_words(language, line.student) if nobody else line.student.name,
        "next": say(language, "ui.run.then", name=following.student.name) if following is not None else "",
        "place": f"{line.at + 1} / {len(line.children)}",
        "share": round(1 - line.count(ChildState.TO_SHOOT) / len(line.children), 3),
    }


def student_pictures(snapshot: Snapshot) -> Collection[str]:
    """The keys of the pictures that the student may see: their own, while they check what will be saved."""
    return snapshot.pictures.values() if snapshot.phase is Phase.CONFIRM else ()


def _panel(snapshot: Snapshot, tongues: Sequence[str]) -> dict[str, Any] | None:
    """What the step's own panel says, part by part, in each language."""
    if not snapshot.panel:
        return None
    said = {part: [say_message(tongue, message) for tongue in tongues] for part, message in snapshot.panel.items()}
    return {"step": snapshot.step, "says": said}


def _heard(language: str, snapshot: Snapshot) -> dict[str, Any]:
    """The instruction to be spoken, which carries nobody's data, in the language itself and in those that stand in for it where
    no voice speaks it."""
    says = [{"text": say_to_student(one.tag, snapshot.instruction), "voices": one.voices} for one in voices_of(language)]
    return {"on": snapshot.voice, "tone": snapshot.tone, "says": says}


def _progress(view: StepView, tongues: Sequence[str]) -> dict[str, Any]:
    state = view.state
    return {
        "step": view.step,
        "name": _name_of(tongues[0], view),
        "nameSmall": "".join(_name_of(small, view) for small in tongues[1:]),
        "state": state,
    }


def _name_of(language: str, view: StepView) -> str:
    finger = view.position or view.wanted
    if finger is not None and OWN_FINGER.get(view.step, finger) is not finger:
        return say(language, f"position.{finger.name.lower()}")
    return say(language, f"progress.{view.step}")


def _pictogram(snapshot: Snapshot) -> str:
    if snapshot.cue not in _OF_THE_STEP:
        return _NAMES.get(snapshot.cue, snapshot.cue.replace("_", "-"))
    if snapshot.cue is Cue.PRESS and snapshot.finger is not None:
        return snapshot.finger.name.lower().replace("_", "-")
    if snapshot.tone is Tone.STOP or snapshot.phase is Phase.TESTING:
        return "operator"
    photos = snapshot.line is not None or Command.BEGIN_RUN in snapshot.commands
    return STEPS[snapshot.step or (Step.FACE if photos else Step.CARD)].pictogram


def _part_of_name(student: Student | None) -> str:
    """The name with its second character hidden: others stand in the queue and read along."""
    if student is None:
        return ""
    name = student.name
    return f"{name[:1]}＊{name[2:]}" if len(name) > 1 else name


def _own_data(language: str, snapshot: Snapshot) -> list[dict[str, Any]]:
    """What the student checks. `masked`: how many characters of the value are hidden before it."""
    card, student = snapshot.card, snapshot.student
    values: list[tuple[str, str, int]] = []
    if card:
        number = number_of(card.id_number)
        values += [
            ("name", card.name, 0),
            ("sex_alone", card.sex, 0),
            ("ethnicity", card.ethnicity, 0),
            ("birth", birth_of(card), 0),
        ]
        if number:
            values.append(("id_number", number[-_SHOWN_DIGITS:], max(len(number) - _SHOWN_DIGITS, 0)))
    if student:
        values.append(("class_name", class_in_words(language, student), 0))
    return [
        {"field": name, "label": say(language, f"field.{name}"), "value": value, "masked": masked}
        for name, value, masked in values
    ]
