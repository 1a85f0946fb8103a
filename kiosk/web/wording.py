"""Snapshots in words, as the JSON that the screens show. Nothing is decided here but what a reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from kiosk.clock import dotted
from kiosk.idnumber import masked
from kiosk.records import (
    OWN_FINGER,
    CardData,
    CardEntry,
    CardKind,
    DayCounts,
    DeviceStatus,
    FingerPosition,
    Step,
    Student,
)
from kiosk.snapshot import NEEDS_REASON, Command, Phase, Snapshot, StepState, StepView, Tone, needs_second_person
from kiosk.web import figures
from kiosk.words import say, say_message

# Keys that no browser needs on this page; the order is that of the buttons.
KEYS: Final = {
    Command.SHOOT: "F2",
    Command.RETRY: "F3",
    Command.ACCEPT: "F4",
    Command.DECLARE_LOOKALIKES: "F8",  # never possible together with saving
    Command.EXCEPTION: "F6",
    Command.NEXT_FINGER: "F7",
    Command.RECAPTURE: "F7",  # of a student who isn't sitting here yet
    Command.TYPE_IN: "F2",  # never possible together with a shot
    Command.OPEN_DOCUMENT: "F4",  # nor this with a decision
    Command.SAVE: "F8",
    Command.HOLD: "F9",
    Command.ABANDON: "F10",
}
_PRIMARY: Final = frozenset({Command.SHOOT, Command.ACCEPT, Command.SAVE, Command.RECAPTURE})

# Commands whose data are typed into a dialog of their own.
_DIALOGS: Final = {Command.TYPE_IN: "type-in", Command.OPEN_DOCUMENT: "open-document"}

# How many ready reasons there are in the catalogue, by what they are about.
_READY_REASONS: Final = {
    "accept.face": 4,
    "accept.finger": 3,
    "exception.face": 4,
    "exception.finger": 5,
    "next_finger": 5,
    "recapture": 4,
    "declare_lookalikes": 3,
}

# Phases in which somebody compares the whole number; at other times a bystander need not read it.
_NUMBER_MATTERS: Final = frozenset({Phase.REFUSED, Phase.DECISION, Phase.CONFIRM})

# What to show the student for an instruction, where the step alone does not say it.
_PICTOGRAMS: Final = {
    "station.lift_finger": "lift",
    "station.saved_take_card": "take-card",
    "station.next_please": "take-card",
    "station.call_operator": "operator",
    "station.not_on_roster": "operator",
    "station.already_captured": "take-card",
    "station.abandoned": "take-card",
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
_STUDENT_LANGUAGES: Final = ("zh-CN", "en")


def for_operator(snapshot: Snapshot, workflow: Sequence[Step], language: str) -> dict[str, Any]:
    """Everything that the operator's screen shows. `workflow`: the steps after the card, from the settings."""
    return {
        "number": snapshot.number,
        "phase": snapshot.phase,
        "phaseName": say(language, f"phase.{snapshot.phase}"),
        "step": snapshot.step,
        "tone": snapshot.tone,
        "toneName": say(language, f"tone.{snapshot.tone}"),
        "instruction": say_message(language, snapshot.instruction),
        "instructionCode": snapshot.instruction.code,
        "notice": say_message(language, snapshot.notice) if snapshot.notice else "",
        "resumed": say(language, "ui.resumed") if snapshot.resumed else "",
        "columns": _columns(language, snapshot),
        "warnings": [say_message(language, warning) for warning in _warnings(snapshot.card)],
        "steps": [step_in_words(language, view) for view in _whole_way(snapshot, workflow)],
        "devices": [_device(language, status) for status in snapshot.devices],
        "counts": _counts(language, snapshot.counts),
        "commands": [_command(language, command, snapshot) for command in KEYS if command in snapshot.commands],
        "pictures": _pictures(snapshot),
        "live": snapshot.live,
        "confirmS": snapshot.confirm_s,
        "voice": snapshot.voice,
    }


def for_student(snapshot: Snapshot, workflow: Sequence[Step], spoken: str) -> dict[str, Any]:
    """What the student's screen shows: both languages; personal data only while the student checks them. `spoken`: the
    language of what is heard."""
    large, small = _STUDENT_LANGUAGES
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
        "progress": [_progress(view) for view in _whole_way(snapshot, workflow)],
        "live": snapshot.live,
        "data": _own_data(large, snapshot) if checking else [],
        "pictures": _pictures(snapshot) if checking else {},
        "confirmS": snapshot.confirm_s if checking else None,
        "answerS": snapshot.answer_s,
        "voice": _heard(spoken, snapshot),
    }


def _heard(language: str, snapshot: Snapshot) -> dict[str, Any]:
    """The instruction to be spoken. Words that are filled with data are not: they could be somebody's; a tone tells of them."""
    instruction = snapshot.instruction
    text = "" if instruction.data else say_message(language, instruction)
    return {"on": snapshot.voice, "text": text, "tone": snapshot.tone, "language": language}


def _whole_way(snapshot: Snapshot, workflow: Sequence[Step]) -> list[StepView]:
    """Every step from the card on, also those that the snapshot has nothing to say about."""
    told = {view.step: view for view in snapshot.steps}
    if snapshot.phase is Phase.SAVED:
        card, later = StepState.DONE, StepState.DONE
    else:
        later = StepState.TODO
        card = {Phase.WAITING: StepState.ACTIVE, Phase.REFUSED: StepState.DECISION}.get(snapshot.phase, StepState.DONE)
    missing = {step: StepView(step, card if step is Step.CARD else later) for step in (Step.CARD, *workflow)}
    return [told.get(step, missing[step]) for step in missing]


def _columns(language: str, snapshot: Snapshot) -> dict[str, list[dict[str, Any]]]:
    """The card's column and the roster's, and what else the card says. `same` is None where there is nothing to compare."""
    card, student = snapshot.card, snapshot.student
    both = card is not None and student is not None
    whole = snapshot.phase in _NUMBER_MATTERS
    same_name = card.name == student.name if card and student and both else None
    same_number = card.id_number == student.id_number if card and student and both else None
    whole = whole or same_number is False
    rows: dict[str, list[dict[str, Any]]] = {"card": [], "roster": [], "more": []}

    def add(column: str, field: str, value: str, same: bool | None = None) -> None:
        rows[column].append({"field": field, "label": say(language, f"field.{field}"), "value": value, "same": same})

    if card:
        add("card", "name", card.name, same_name)
        add("card", "id_number", card.id_number if whole else masked(card.id_number), same_number)
        add("card", "sex", f"{card.sex} · {card.ethnicity}" if card.ethnicity else card.sex)
        add("card", "birth", _birth(card))
        if card.kind not in (CardKind.RESIDENT, CardKind.NONE):
            add("more", "kind", say(language, f"card.kind.{card.kind}"))
        if card.entry == CardEntry.TYPED:
            add("more", "entry", say(language, f"manual.reason.{card.entry_reason}"))
        for field in ("english_name", "nationality", "permit_number", "former_number", "additional_address"):
            if value := getattr(card, field):
                add("more", field, value)
        add("more", "address", card.address)
        add("more", "authority", card.authority)
        add("more", "valid", "–".join(dotted(end) for end in (card.valid_from_text, card.valid_until_text) if end))
    if student:
        add("roster", "name", student.name, same_name)
        add("roster", "id_number", student.id_number if whole else masked(student.id_number), same_number)
        add("roster", "class_name", class_in_words(language, student))
        add("roster", "registration_number", student.registration_number)
    return rows


def step_in_words(language: str, view: StepView) -> dict[str, Any]:
    """One step: its state or verdict, scores and measures against their limits, what was wrong."""
    status = f"verdict.{view.verdict}" if view.verdict else f"stepstate.{view.state}"
    return {
        "step": view.step,
        "name": finger_in_words(language, view.step, view.position),
        "finger": view.position.name.lower() if view.position else None,
        "state": view.state,
        "verdict": view.verdict,
        "status": say(language, status),
        "attempts": say(language, "ui.attempt", number=view.attempts) if view.attempts > 1 else "",
        "scores": [figures.score(language, found) for found in view.scores],
        "measures": [figures.measure(language, found) for found in view.measures],
        "problems": [say_message(language, problem) for problem in view.problems],
        "alike": [
            {"record": other.record_id, "name": other.name, "kind": other.kind, "score": figures.score(language, other.score)}
            for other in view.alike
        ],
        "reason": view.reason,
    }


def finger_in_words(language: str, step: Step, position: FingerPosition | None) -> str:
    """The step's name; where another finger stands in for the step's own, which one."""
    own = say(language, f"step.{step}")
    if position is None or position is OWN_FINGER.get(step):
        return own
    return say(language, "ui.finger.stands_in", finger=say(language, f"position.{position.name.lower()}"), step=own)


def _device(language: str, status: DeviceStatus) -> dict[str, Any]:
    return {
        "kind": status.kind,
        "name": say(language, f"device.{status.kind}"),
        "state": status.state,
        "stateName": say(language, f"devicestate.{status.state}"),
        "model": status.model,
        "problem": say_message(language, status.problem) if status.problem else "",
        "unverified": say(language, "ui.unverified") if status.unverified else "",
    }


def _counts(language: str, counts: DayCounts) -> list[dict[str, Any]]:
    names = ("roster", "captured", "review", "refused", "unfinished")
    return [{"name": name, "label": say(language, f"count.{name}"), "value": getattr(counts, name)} for name in names]


def _command(language: str, command: Command, snapshot: Snapshot) -> dict[str, Any]:
    needs_reason = command in NEEDS_REASON
    second = needs_second_person(command, snapshot.step)
    return {
        "command": command,
        "label": say(language, f"command.{command}"),
        "key": KEYS[command],
        "primary": command in _PRIMARY,
        "needsReason": needs_reason,
        "dialog": _DIALOGS.get(command),
        "question": _question(language, command, snapshot) if needs_reason else "",
        "by": say(language, "ui.reason.second" if second else "ui.reason.by"),
        "secondPerson": second,
        "reasons": _reasons(language, command, snapshot.step) if needs_reason else [],
    }


def _question(language: str, command: Command, snapshot: Snapshot) -> str:
    if needs_second_person(command, snapshot.step):
        return say(language, f"question.{command}.finger")
    return say(language, f"question.{command}")


def _reasons(language: str, command: Command, step: Step | None) -> list[str]:
    about = str(command)
    if command in {Command.ACCEPT, Command.EXCEPTION}:
        about += ".finger" if step in OWN_FINGER else ".face"
    return [say(language, f"reason.{about}.{number}") for number in range(1, _READY_REASONS[about] + 1)]


def _pictures(snapshot: Snapshot) -> dict[str, str]:
    return {kind: f"/picture/{key}" for kind, key in snapshot.pictures.items()}


def _warnings(card: CardData | None) -> list[Any]:
    if card is None:
        return []
    return [*card.warnings, *([card.photo_problem] if card.photo_problem else [])]


def _progress(view: StepView) -> dict[str, Any]:
    large, small = _STUDENT_LANGUAGES
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
            ("birth", _birth(card)),
            ("id_number", card.id_number),
        ]
    if student:
        values.append(("class_name", class_in_words(language, student)))
    return [{"field": name, "label": say(language, f"field.{name}"), "value": value} for name, value in values]


def class_in_words(language: str, student: Student) -> str:
    """`高一 3班`; a class that is named otherwise stays as it is."""
    number = student.class_name
    named = say(language, "ui.class", number=number) if number.isdigit() else number
    return " ".join(filter(None, (student.grade, named)))


def _birth(card: CardData) -> str:
    return card.birth.isoformat() if card.birth else card.birth_text
