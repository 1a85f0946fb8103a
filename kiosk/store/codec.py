"""Records as JSON text and back. ASCII only: what a card holds (lone surrogates, private use) survives any database."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from kiosk.records import (
    OWN_FINGER,
    BiometricKind,
    CardData,
    CardEntry,
    Contact,
    FingerPosition,
    Means,
    Measure,
    Message,
    Party,
    Press,
    Resemblance,
    School,
    Score,
    Statement,
    Step,
    StepResult,
    Student,
    Verdict,
)


def dump(value: object) -> str:
    """Canonical JSON: the same value is the same text."""
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=str)


def dump_student(student: Student) -> str:
    return dump(asdict(student))


def load_student(text: str) -> Student:
    return Student(**json.loads(text))


def dump_school(school: School) -> str:
    return dump(asdict(school))


def load_school(text: str) -> School:
    values = json.loads(text)
    return School(**{**values, "contacts": tuple(Contact(**contact) for contact in values["contacts"])})


def dump_card(card: CardData) -> str:
    """Everything but the photo, which belongs in the vault."""
    values = {name: value for name, value in vars(card).items() if name != "photo"}
    values["birth"] = card.birth.isoformat() if card.birth else None
    values["warnings"] = [_message(warning) for warning in card.warnings]
    values["photo_problem"] = _message(card.photo_problem) if card.photo_problem else None
    return dump(values)


def load_card(text: str) -> CardData:
    values: dict[str, Any] = json.loads(text)
    values["birth"] = date.fromisoformat(values["birth"]) if values["birth"] else None
    values["warnings"] = tuple(Message(**warning) for warning in values["warnings"])
    values["photo_problem"] = Message(**values["photo_problem"]) if values["photo_problem"] else None
    values["entry"] = CardEntry(values.get("entry", CardEntry.READ))
    return CardData(**values)


def dump_detail(result: StepResult) -> str:
    """The parts of a step's result that have no column of their own."""
    return dump(
        {
            "scores": [vars(score) for score in result.scores],
            "measures": [
                {**vars(measure), "hint": _message(measure.hint) if measure.hint else None} for measure in result.measures
            ],
            "problems": [_message(problem) for problem in result.problems],
            "position": result.position,
            "alike": [_dump_resemblance(other) for other in result.alike],
            **({"wanted": result.wanted} if result.wanted is not None else {}),
            **({"redo": True} if result.redo else {}),
            **({"statements": [asdict(one) for one in result.statements]} if result.statements else {}),
            **({"presses": [asdict(one) for one in result.presses]} if result.presses else {}),
            **({"device": result.device} if result.device else {}),
        }
    )


def load_detail(text: str, step: Step) -> dict[str, Any]:
    """`scores`, `measures`, `problems`, `alike`, `position`, `wanted`, `redo`, `statements`, `presses` and `device` as
    StepResult takes them.

    A detail that names no finger was written when only a step's own could be captured.
    """
    values = json.loads(text)
    position, redo = _place(values, step)
    return {
        "position": position,
        "redo": redo,
        "scores": tuple(Score(**score) for score in values["scores"]),
        "measures": tuple(_load_measure(measure) for measure in values["measures"]),
        "problems": tuple(Message(**problem) for problem in values["problems"]),
        "wanted": FingerPosition(wanted) if (wanted := values.get("wanted")) else None,
        "alike": tuple(_load_resemblance(other) for other in values.get("alike", ())),  # not in results of earlier programs
        "statements": tuple(_load_statement(one) for one in values.get("statements", ())),
        "presses": tuple(Press(Verdict(one["verdict"]), one["quality"], one["problem"]) for one in values.get("presses", ())),
        "device": values.get("device", ""),
    }


def load_place(text: str, step: Step) -> tuple[FingerPosition | None, bool]:
    """`position` and `redo` alone, which say what of a step's pictures stands."""
    return _place(json.loads(text), step)


def _place(values: dict[str, Any], step: Step) -> tuple[FingerPosition | None, bool]:
    position = values.get("position", OWN_FINGER.get(step))
    return FingerPosition(position) if position else None, values.get("redo", False)


def _load_measure(values: dict[str, Any]) -> Measure:
    hint = Message(**values["hint"]) if values["hint"] else None
    return Measure(**{**values, "verdict": Verdict(values["verdict"]), "hint": hint})


def _load_statement(values: dict[str, Any]) -> Statement:
    return Statement(**{**values, "party": Party(values["party"]), "means": Means(values["means"])})


def _dump_resemblance(other: Resemblance) -> dict[str, Any]:
    """As it was before there were staff and other stations' students among them, where nobody of them is meant."""
    return {name: value for name, value in asdict(other).items() if value or name not in ("staff", "station")}


def _load_resemblance(values: dict[str, Any]) -> Resemblance:
    return Resemblance(**{**values, "kind": BiometricKind(values["kind"]), "score": Score(**values["score"])})


def _message(message: Message) -> dict[str, Any]:
    return {"code": message.code, "data": dict(message.data)}
