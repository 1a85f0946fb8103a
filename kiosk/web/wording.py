"""What every screen says of a step, a finger, a class and a birth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from kiosk.records import OWN_FINGER, CardData, FingerPosition, Means, Statement, Step, Student
from kiosk.snapshot import Phase, Snapshot, StepState, StepView
from kiosk.web import figures
from kiosk.words import say, say_message

# Where the card's step stands while nobody sits.
_CARD: Final = {
    Phase.WAITING: StepState.ACTIVE,
    Phase.READING: StepState.ACTIVE,
    Phase.REFUSED: StepState.DECISION,
    Phase.TESTING: StepState.TODO,
}


def step_in_words(language: str, view: StepView) -> dict[str, Any]:
    """One step: its state or verdict, scores and measures against their limits, what was wrong."""
    status = f"verdict.{view.verdict}" if view.verdict else f"stepstate.{view.state}"
    return {
        "step": view.step,
        "name": finger_in_words(language, view.step, view.position, view.wanted),
        "finger": view.position.name.lower() if view.position else None,
        "state": view.state,
        "verdict": view.verdict,
        "status": say(language, status),
        "attempts": _attempts(language, view),
        "presses": view.presses,
        "scores": [figures.score(language, found, of_step=True) for found in view.scores],
        "measures": [figures.measure(language, found) for found in view.measures],
        "problems": [say_message(language, problem) for problem in view.problems],
        "alike": [
            {
                "record": other.record_id or other.staff,
                "staff": bool(other.staff),
                "name": say(language, "ui.duplicate.staff", name=other.name) if other.staff else other.name,
                "kind": other.kind,
                "score": figures.score(language, other.score),
            }
            for other in view.alike
        ],
        "reason": view.reason,
        "statements": [statement_in_words(language, statement) for statement in view.statements],
    }


def _attempts(language: str, view: StepView) -> str:
    """How often it was tried; of presses also how many of those that are wanted have come."""
    if view.presses is not None:
        return say(language, "ui.presses", came=view.presses[0], wanted=view.presses[1])
    return say(language, "ui.attempt", number=view.attempts) if view.attempts > 1 else ""


def statement_in_words(language: str, statement: Statement) -> str:
    """Who said yes or no, how, and to which version of the text."""
    said = "told" if statement.means is Means.TOLD else "agreed" if statement.agreed else "declined"
    words = say(
        language,
        f"statement.{said}.{statement.party}",
        name=" ".join(filter(None, (statement.name, statement.relation, statement.phone))),
        how=say(language, f"statement.by.{statement.means}"),
    )
    words = " ".join(words.split())  # where no name is known
    return f"{words} · {say(language, 'statement.text', version=statement.text)}" if statement.text else words


def step_name(language: str, step: Step, wanted: FingerPosition | None = None) -> str:
    """What a step is called: of a finger step, the finger that it begins with (None: the thumb)."""
    of_another = wanted is not None and wanted is not OWN_FINGER.get(step)
    return say(language, f"position.{wanted.name.lower()}" if of_another and wanted is not None else f"step.{step}")


def finger_in_words(language: str, step: Step, position: FingerPosition | None, wanted: FingerPosition | None = None) -> str:
    """The step's name; where another finger stands in for the one that was wanted, which one."""
    own = step_name(language, step, wanted)
    if position is None or (wanted or OWN_FINGER.get(step, position)) is position:
        return own
    return say(language, "ui.finger.stands_in", finger=say(language, f"position.{position.name.lower()}"), step=own)


def class_in_words(language: str, student: Student) -> str:
    """`高一 3班`; a class that is named otherwise stays as it is."""
    return " ".join(filter(None, (student.grade, class_name_in_words(language, student.class_name))))


def class_name_in_words(language: str, name: str) -> str:
    """`3班`; a class that is named otherwise stays as it is."""
    return say(language, "ui.class", number=name) if name.isdigit() else name


def birth_of(card: CardData) -> str:
    """The day where there is one; else what the card says."""
    return card.birth.isoformat() if card.birth else card.birth_text


def whole_way(snapshot: Snapshot, workflow: Sequence[Step]) -> list[StepView]:
    """Every step from the card on, also those that the snapshot has nothing to say about."""
    told = {view.step: view for view in snapshot.steps if view.state is not StepState.TODO}
    if snapshot.phase is Phase.SAVED:
        card, later = StepState.DONE, StepState.DONE
    else:
        later = StepState.TODO
        card = _CARD.get(snapshot.phase, StepState.DONE)
    wanted = {view.step: view.wanted for view in snapshot.steps}
    way = (Step.CARD, *workflow)
    missing = {step: StepView(step, card if step is Step.CARD else later, wanted=wanted.get(step)) for step in way}
    return [told.get(step, missing[step]) for step in missing]


def picture_addresses(snapshot: Snapshot) -> dict[str, str]:
    """Where the pictures are that a snapshot names, by their kind."""
    return {kind: f"/picture/{key}" for kind, key in snapshot.pictures.items()}
