"""The operator's screen in words, as JSON. Nothing is decided here but what a reader may see."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Final

from kiosk.clock import dotted
from kiosk.idnumber import masked
from kiosk.records import (
    STEPS,
    CardData,
    CardEntry,
    CardKind,
    ChildState,
    DayCounts,
    DeviceKind,
    DeviceStatus,
    ProgressState,
    RefusalKind,
    RefusalReason,
    Step,
)
from kiosk.snapshot import MAY_NAME, NEEDS_NAME, NEEDS_REASON, NEEDS_SECOND_PERSON, Command, Phase, Snapshot
from kiosk.surrogate import number_of
from kiosk.variants import Likeness, likeness
from kiosk.web import figures
from kiosk.web.keys import DESK, LOOKED_FOR
from kiosk.web.marking import marked
from kiosk.web.photo_run import line_in_words
from kiosk.web.wording import birth_of, class_in_words, picture_addresses, step_in_words, step_name, whole_way
from kiosk.words import has_words, say, say_message

# What nobody regrets: a decision is never among them (`Snapshot.advised` says what is advised there).
_PRIMARY: Final = frozenset({Command.SHOOT, Command.SAVE, Command.AGREE, Command.BEGIN_RUN})

# Why a capture is broken off.
ABORT_CAUSES: Final = tuple(reason for reason in RefusalReason if reason.kind is RefusalKind.ABORTED)

# Commands whose data are typed into a dialog of their own.
_DIALOGS: Final = {
    Command.TYPE_IN: "type-in",
    Command.OPEN_DOCUMENT: "open-document",
    Command.ABORT: "abort",
    Command.REDO: "redo",
    Command.BEGIN_RUN: "photo-run",
    Command.FIND_CHILD: "find",
}

_ALWAYS_COUNTED: Final = frozenset({ProgressState.CAPTURED, ProgressState.REVIEW, ProgressState.TO_CAPTURE})

# Phases in which somebody compares the whole number; at other times a bystander need not read it.
_NUMBER_MATTERS: Final = frozenset({Phase.REFUSED, Phase.DECISION, Phase.CONFIRM})


def for_operator(snapshot: Snapshot, workflow: Sequence[Step], language: str) -> dict[str, Any]:
    """Everything that the operator's screen shows. `workflow`: the steps after the card, from the settings."""
    wanted = {view.step: view.wanted for view in snapshot.steps}
    return {
        "number": snapshot.number,
        "turn": snapshot.turn,
        "phase": snapshot.phase,
        "phaseName": _phase(language, snapshot),
        "step": snapshot.step,
        "tone": snapshot.tone,
        "cue": snapshot.cue,
        "instruction": say_message(language, snapshot.situation or snapshot.instruction),
        "notice": say_message(language, snapshot.notice) if snapshot.notice else "",
        "resumed": say(language, "ui.resumed") if snapshot.resumed else "",
        "cardHeading": say(language, "ui.column.typed" if _typed(snapshot.card) else "ui.column.card"),
        "rosterEmpty": say(language, "ui.column.none" if snapshot.card else "ui.column.empty"),
        "columns": _columns(language, snapshot),
        "near": _near(language, snapshot),
        "warnings": [say_message(language, warning) for warning in _warnings(snapshot.card)],
        "steps": [step_in_words(language, view) for view in whole_way(snapshot, workflow)],
        "devices": [_device(language, status) for status in snapshot.devices if _matters(status, snapshot)],
        "counts": _counts(language, snapshot.counts),
        "commands": [_command(language, command, snapshot) for command in DESK if command in snapshot.commands],
        "pictures": picture_addresses(snapshot),
        "panel": _panel(language, snapshot),
        "live": snapshot.live,
        "redoable": [{"step": step, "name": step_name(language, step, wanted.get(step))} for step in snapshot.redoable],
        "causes": [{"cause": cause, "label": say(language, f"refusal.{cause}")} for cause in ABORT_CAUSES],
        "voice": snapshot.voice,
        "looks": _looks(language, snapshot),
        "line": line_in_words(language, snapshot.line) if snapshot.line is not None else None,
    }


def _looks(language: str, snapshot: Snapshot) -> list[dict[str, Any]]:
    """What a person looks for on the photo, each with its key."""
    here = next((view for view in snapshot.steps if view.step is snapshot.step), None)
    if here is None or Command.MARK not in snapshot.commands:
        return []
    return [
        {
            "what": what,
            "label": figures.looked_for(language, what),
            "key": key,
            "seen": seen,
            "said": say(language, f"looked.{'nobody' if seen is None else 'seen' if seen else 'clear'}"),
        }
        for key, (what, seen) in zip(LOOKED_FOR, here.looked.items(), strict=False)
    ]


def _phase(language: str, snapshot: Snapshot) -> str:
    """Where the station stands; of a photo run, that the child has a photo already is no refusal."""
    line = snapshot.line
    if line is not None and snapshot.phase is Phase.REFUSED and line.child.state is ChildState.SHOT:
        return say(language, f"childstate.{line.child.state}")
    return say(language, f"phase.{snapshot.phase}")


def _panel(language: str, snapshot: Snapshot) -> dict[str, Any] | None:
    """What the step's own panel says, part by part, as the student has it beside."""
    if not snapshot.panel:
        return None
    said = {part: [say_message(language, message)] for part, message in snapshot.panel.items()}
    return {"step": snapshot.step, "says": said}


def _columns(language: str, snapshot: Snapshot) -> dict[str, list[dict[str, Any]]]:
    """The card's column and the roster's, and what else the card says. `same` is None where there is nothing to compare;
    `variant`: the same name, in other characters."""
    card, student = snapshot.card, snapshot.student
    whole = snapshot.phase in _NUMBER_MATTERS
    read = card if not _typed(card) else None  # what was taken from the roster is not held against it
    alike = likeness(read.name, student.name) if read and student else None
    same_name = None if alike is None else alike is Likeness.SAME
    variant = alike in (Likeness.WRITING, Likeness.MEANING)
    same_number = read.id_number == student.id_number if read and student else None
    whole = whole or same_number is False
    rows: dict[str, list[dict[str, Any]]] = {"card": [], "roster": [], "more": []}

    def add(column: str, field: str, value: str, same: bool | None = None, *, variant: bool = False) -> None:
        label = say(language, f"field.{field}")
        rows[column].append({"field": field, "label": label, "value": value, "same": same, "variant": variant})

    if card:
        add("card", "name", card.name, same_name, variant=variant)
        add("card", "id_number", _number(card.id_number, whole=whole), same_number)
        add("card", "sex", f"{card.sex} · {card.ethnicity}" if card.ethnicity else card.sex)
        add("card", "birth", birth_of(card))
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
        add("roster", "name", student.name, same_name, variant=variant)
        add("roster", "id_number", _number(student.id_number, whole=whole), same_number)
        add("roster", "class_name", class_in_words(language, student))
        add("roster", "registration_number", student.registration_number)
    return rows


def _number(number: str, *, whole: bool) -> str:
    return number if whole and number_of(number) else masked(number)


def _typed(card: CardData | None) -> bool:
    return card is not None and card.entry == CardEntry.TYPED


def _near(language: str, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Whom the roster has that may be meant, with what differs from the card marked."""
    card = snapshot.card
    return [
        {
            "name": marked(almost.name, card.name if card else ""),
            "number": marked(number_of(almost.id_number), card.id_number if card else ""),
            "class": class_in_words(language, almost),
        }
        for almost in snapshot.near
    ]


def _matters(status: DeviceStatus, snapshot: Snapshot) -> bool:
    """Photos by the class list want the camera only: what else is missing is no alarm."""
    return snapshot.line is None or status.kind is DeviceKind.CAMERA


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
    """The roster, every state that anybody is in, under the names that the office's lists have, and strangers of the day."""
    shown = [state for state in ProgressState if counts[state] or state in _ALWAYS_COUNTED]
    found = [{"name": "roster", "label": say(language, "count.roster"), "value": counts.roster}]
    found += [{"name": state, "label": say(language, f"progressstate.{state}"), "value": counts[state]} for state in shown]
    if counts.turned_away:
        found.append({"name": "turned_away", "label": say(language, "count.turned_away"), "value": counts.turned_away})
    return found


def _command(language: str, command: Command, snapshot: Snapshot) -> dict[str, Any]:
    needs_reason = command in NEEDS_REASON
    second = command in NEEDS_SECOND_PERSON
    primary = snapshot.advised is command if snapshot.advised else command in _PRIMARY
    return {
        "command": command,
        "label": say(language, f"command.{command}"),
        "key": DESK[command],
        "primary": primary,
        "needsReason": needs_reason,
        "dialog": _DIALOGS.get(command),
        "mayName": command in MAY_NAME,
        "needsName": command in NEEDS_NAME,
        "question": _question(language, command, snapshot.step) if needs_reason or command in MAY_NAME else "",
        "secondPerson": second,
        "reasons": _reasons(language, command, snapshot.step) if needs_reason else [],
    }


def _question(language: str, command: Command, step: Step | None) -> str:
    """Some orders ask another question at each step."""
    own = f"question.{command}.{STEPS[step].family}" if step is not None else ""
    return say(language, own if has_words(own) else f"question.{command}")


def _reasons(language: str, command: Command, step: Step | None) -> list[str]:
    about = str(command)
    if command in {Command.ACCEPT, Command.EXCEPTION} and step is not None:
        about += f".{STEPS[step].family}"
    codes = (f"reason.{about}.{number}" for number in itertools.count(1))
    return [say(language, code) for code in itertools.takewhile(has_words, codes)]


def _warnings(card: CardData | None) -> list[Any]:
    if card is None:
        return []
    return [*card.warnings, *([card.photo_problem] if card.photo_problem else [])]
