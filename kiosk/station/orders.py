"""What the operator asks for: judged against the state as it is now, then carried out.

An order names the turn that it was given for. When that has passed, the student, the step or the question is another one, and
the order is refused: nothing lands in the wrong place, however late a click comes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from kiosk.errors import KioskError
from kiosk.records import STEPS, Message, Person, RefusalKind, RefusalReason, Step, StepResult, Verdict
from kiosk.snapshot import NEEDS_NAME, NEEDS_REASON, NEEDS_SECOND_PERSON, Command, Order
from kiosk.station.admission import Admission
from kiosk.station.arrival import Arrival, typed_in
from kiosk.station.crew import Crew
from kiosk.station.events import OrderGiven
from kiosk.station.known import seen_before
from kiosk.station.state import Refused, Seated, State, Undecided, UnderWay, Unsaved, redoable
from kiosk.station.steps.base import Outcome, Sitting
from kiosk.station.view import View

_ABORTING = frozenset(reason for reason in RefusalReason if reason.kind is RefusalKind.ABORTED)


class House(Protocol):
    """What orders may do, as the conductor offers it."""

    crew: Crew
    admission: Admission
    view: View

    def keep(self, sitting: Sitting, outcome: Outcome) -> State: ...

    def proceed(self, sitting: Sitting) -> State: ...

    def at(self, step: Step, sitting: Sitting) -> Seated: ...

    def admit(self, arrival: Arrival) -> State: ...

    def seat(self, found: Sitting | Refused) -> State: ...

    def refuse(self, refused: Refused) -> Refused: ...

    def leave(self) -> None: ...


def judge(order: Order, state: State, turn: int, operator: Person) -> None:
    """Whether an order may be carried out.

    Raises KioskError: "station.order_late" when it was given for another turn, "station.command_unavailable",
    "station.reason_missing", "station.second_person" when somebody else than the operator must decide, "station.steps_missing",
    "station.name_missing" without the guardian's name.
    """
    command = order.command
    if order.about != turn:
        raise KioskError("station.order_late")
    if command not in state.orders:
        raise KioskError("station.command_unavailable", command=command.value)
    if command in NEEDS_REASON and not order.reason.strip():
        raise KioskError("station.reason_missing")
    if command in NEEDS_SECOND_PERSON and (order.by is None or not order.by.name.strip() or order.by.same_as(operator)):
        raise KioskError("station.second_person", operator=operator.name)
    if command in NEEDS_NAME and not order.name.strip():
        raise KioskError("station.name_missing")
    nameless = order.cause not in _ABORTING or (order.cause is RefusalReason.OTHER and not order.reason.strip())
    if command is Command.ABORT and nameless:
        raise KioskError("station.reason_missing")
    if command is Command.REDO and not (order.steps and set(order.steps) <= set(redoable(state))):
        raise KioskError("station.steps_missing")


def carry_out(given: OrderGiven, state: State, house: House) -> State:  # noqa: C901, PLR0911, PLR0912 - a table
    """The state that an order leads to. Raises KioskError when it could not be done: then nothing was."""
    order = given.order
    match order.command, state:
        case Command.TYPE_IN, _ if given.typed is not None:
            arrival = typed_in(given.typed, order.reason, _who(order, house).name, house.crew.store.roster.find)
            house.leave()
            return house.admit(arrival)
        case Command.OPEN_DOCUMENT, _ if given.key is not None:
            given.key.information()
            house.crew.give_key(given.key)
        case ((Command.RECAPTURE | Command.ADMIT), Refused()):
            found = _begin_anyway(order, state, house)
            house.leave()
            return house.seat(found)
        case Command.RETRY, Refused(arrival=Arrival() as arrival):
            house.leave()
            return house.admit(arrival)
        case Command.RETRY, Unsaved(sitting, None):
            return house.proceed(sitting)
        case Command.RETRY, Unsaved(sitting, Outcome() as outcome):
            return house.keep(sitting, outcome)
        case Command.RETRY, Seated(sitting) | Undecided(sitting):
            return house.at(_step_of(state), sitting)
        case Command.ABORT, Seated() | Undecided() | Unsaved():
            return _abort(order, state, house)
        case Command.REDO, Seated(sitting) | Undecided(sitting):
            return _redo(order, sitting, order.steps, house)
        case Command.OWN_FINGER, Seated(sitting) | Undecided(sitting):
            return _redo(order, sitting, (_step_of(state),), house)
        case Command.ACCEPT, Undecided(sitting, outcome):
            return house.keep(sitting, _decided(outcome, Verdict.REVIEW, order, house))
        case Command.DECLARE_LOOKALIKES, Undecided():
            return _declare_lookalikes(order, state, house)
        case Command.EXCEPTION, Seated() | Undecided():
            left_out = replace(_so_far(state, house), scores=(), measures=(), alike=(), position=None)
            return house.keep(state.sitting, _decided(Outcome(left_out), Verdict.REVIEW, order, house))
        case Command.NEXT_FINGER, Seated() | Undecided():
            # How it went is kept, the presses are not: this finger can't be had.
            return house.keep(state.sitting, _decided(Outcome(_so_far(state, house)), Verdict.FAIL, order, house))
        case _, Seated(sitting, run):
            if (over := run.obey(order)) is not None:
                return house.keep(sitting, over)
    return state


def _who(order: Order, house: House) -> Person:
    return order.by or house.crew.operator


def _decided(outcome: Outcome, verdict: Verdict, order: Order, house: House) -> Outcome:
    return outcome.decided(verdict, at=house.crew.now(), by=_who(order, house).name, reason=order.reason.strip())


def _step_of(state: Seated | Undecided) -> Step:
    return state.run.step if isinstance(state, Seated) else state.step


def _so_far(state: Seated | Undecided, house: House) -> StepResult:
    """What a step that a person ends leaves behind."""
    if isinstance(state, Undecided):
        return state.outcome.result
    view = state.run.view()
    return StepResult(
        view.step,
        Verdict.FAIL,
        house.crew.now(),
        view.attempts,
        view.scores,
        view.measures,
        view.problems,
        position=view.position,
    )


def _begin_anyway(order: Order, refused: Refused, house: House) -> Sitting | Refused:
    if order.command is Command.RECAPTURE:
        return house.admission.recapture(refused, order.reason.strip())
    return house.admission.let_in(refused, by=_who(order, house), reason=order.reason.strip())


def _abort(order: Order, state: UnderWay, house: House) -> State:
    """Break off, with a trace: the record stays open, and the list of the refused says why."""
    assert order.cause is not None
    record, card, now = state.sitting.record, state.sitting.card, house.crew.now()
    house.crew.store.refusals.add(
        order.cause,
        by=_who(order, house),
        at=now,
        name=card.name,
        id_number=card.id_number,
        record_id=record.id,
        note=order.reason.strip(),
    )
    house.leave()
    to_student = Message("station.ask_teacher" if order.cause is RefusalReason.IMPERSONATION else "station.aborted_take_card")
    return house.refuse(Refused(Message(f"station.aborted.{order.cause}"), to_student))


def _redo(order: Order, sitting: Sitting, steps: tuple[Step, ...], house: House) -> State:
    """Finished steps again: what they brought stays in the record and counts no more."""
    crew, by = house.crew, _who(order, house).name
    record = crew.store.captures.redo(sitting.record.id, steps, by=by, reason=order.reason.strip(), at=crew.now())
    for step in steps:
        for kind in STEPS[step].pictures:
            house.view.show_picture(kind, None)
    return house.proceed(replace(sitting, record=record))


def _declare_lookalikes(order: Order, state: Undecided, house: House) -> State:
    """Keep that this student and those whom the face resembles are different people. It passes when nothing else was wrong."""
    store, result = house.crew.store, state.outcome.result
    for other in result.alike:
        found = store.captures.find(other.record_id)
        if found is None:
            raise KioskError("station.other_record_gone")
        pair = (state.sitting.record.student.id_number, found.student.id_number)
        store.lookalikes.declare(pair, reason=order.reason.strip(), by=_who(order, house).name)
    suspicions = seen_before(result.step, result.alike)
    problems = tuple(problem for problem in result.problems if problem not in suspicions)
    if problems:
        still_open = replace(result, problems=problems, alike=())
        return house.keep(state.sitting, replace(state.outcome, result=still_open, biometrics=()))
    cleared = replace(state.outcome, result=replace(result, problems=()))
    return house.keep(state.sitting, _decided(cleared, Verdict.PASS, order, house))
