"""What the operator asks for: judged against the state as it is now, then carried out.

An order names the turn that it was given for. When that has passed, the student, the step or the question is another one, and
the order is refused: nothing lands in the wrong place, however late a click comes.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.errors import KioskError
from kiosk.records import (
    STEPS,
    ClassKey,
    Line,
    Message,
    Person,
    RefusalKind,
    RefusalReason,
    Resemblance,
    Step,
    StepResult,
    Verdict,
)
from kiosk.snapshot import NEEDS_NAME, NEEDS_REASON, NEEDS_SECOND_PERSON, Command, Order
from kiosk.station.arrival import Arrival, typed_in
from kiosk.station.events import OrderGiven
from kiosk.station.known import seen_before
from kiosk.station.state import Called, LineOver, Refused, Seated, State, Undecided, UnderWay, Unsaved, line_of, redoable
from kiosk.station.steps.base import Outcome, Sitting
from kiosk.station.usher import Usher
from kiosk.store import declared_as
from kiosk.store.elsewhere_rows import STUDENTS

_ABORTING = frozenset(reason for reason in RefusalReason if reason.kind is RefusalKind.ABORTED)


_IN_LINE = frozenset(
    {
        Command.BEGIN_RUN,
        Command.NEXT_CHILD,
        Command.PREVIOUS_CHILD,
        Command.SKIP_CHILD,
        Command.ABSENT_CHILD,
        Command.PRESENT_CHILD,
        Command.FIND_CHILD,
        Command.END_RUN,
    }
)
# What lets a student pass who is suspected to be somebody else.
_CLEARING = frozenset({Command.ACCEPT, Command.DECLARE_LOOKALIKES, Command.EXCEPTION})


def judge(order: Order, state: State, turn: int, operator: Person) -> None:
    """Whether an order may be carried out.

    Raises KioskError: "station.order_late" when it was given for another turn, "station.command_unavailable",
    "station.reason_missing", "station.second_person" when somebody else than the operator must decide, "station.steps_missing",
    "station.name_missing" without the guardian's name, "station.own_likeness" when somebody would clear themselves.
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
    if order.by is not None and order.by.account and command in _CLEARING and order.by.account in _resembled(state):
        raise KioskError("station.own_likeness", name=order.by.name)
    if command in NEEDS_NAME and not order.name.strip():
        raise KioskError("station.name_missing")
    nameless = order.cause not in _ABORTING or (order.cause is RefusalReason.OTHER and not order.reason.strip())
    if command is Command.ABORT and nameless:
        raise KioskError("station.reason_missing")
    if command is Command.REDO and not (order.steps and set(order.steps) <= set(redoable(state))):
        raise KioskError("station.steps_missing")


def carry_out(given: OrderGiven, state: State, usher: Usher) -> State:  # noqa: C901, PLR0911, PLR0912 - a table
    """The state that an order leads to. Raises KioskError when it could not be done: then nothing was."""
    order = given.order
    if order.command in _IN_LINE or isinstance(state, Called | LineOver):
        return _in_line(order, state, usher)
    match order.command, state:
        case Command.TYPE_IN, _ if given.typed is not None:
            arrival = typed_in(given.typed, order.reason, _who(order, usher).name, usher.crew.store.roster.find)
            usher.leave()
            return usher.admit(arrival)
        case Command.OPEN_DOCUMENT, _ if given.key is not None:
            given.key.information()
            usher.crew.give_key(given.key)
        case ((Command.RECAPTURE | Command.ADMIT), Refused()):
            found = _begin_anyway(order, state, usher)
            usher.leave()
            return usher.seat(found)
        case Command.RETRY, Refused(arrival=Arrival() as arrival):
            usher.leave()
            return usher.admit(arrival)
        case Command.RETRY, Unsaved(sitting, None):
            return usher.proceed(sitting)
        case Command.RETRY, Unsaved(sitting, Outcome() as outcome):
            return usher.keep(sitting, outcome)
        case Command.RETRY, Seated(sitting) | Undecided(sitting):
            return usher.at(_step_of(state), sitting)
        case Command.ABORT, Seated() | Undecided() | Unsaved():
            return _abort(order, state, usher)
        case Command.REDO, Seated(sitting) | Undecided(sitting):
            return _redo(order, sitting, order.steps, usher)
        case Command.OWN_FINGER, Seated(sitting) | Undecided(sitting):
            return _redo(order, sitting, (_step_of(state),), usher)
        case Command.ACCEPT, Undecided(sitting, outcome):
            return usher.keep(sitting, _decided(outcome, Verdict.REVIEW, order, usher))
        case Command.DECLARE_LOOKALIKES, Undecided():
            return _declare_lookalikes(order, state, usher)
        case Command.EXCEPTION, Seated() | Undecided():
            left_out = replace(_so_far(state), scores=(), measures=(), alike=(), position=None)
            return usher.keep(state.sitting, _decided(Outcome(left_out), Verdict.REVIEW, order, usher))
        case Command.NEXT_FINGER, Seated() | Undecided():
            # How it went is kept, the presses are not: this finger can't be had.
            return usher.keep(state.sitting, _decided(Outcome(_so_far(state)), Verdict.FAIL, order, usher))
        case _, Seated(sitting, run):
            if (over := run.obey(order)) is not None:
                return usher.keep(sitting, over)
    return state


def _in_line(order: Order, state: State, usher: Usher) -> State:  # noqa: C901, PLR0911, PLR0912 - a table
    """Of a photo run: which class, whose turn it is, and what becomes of them."""
    if order.command is Command.BEGIN_RUN:
        if not isinstance(order.given, ClassKey):
            raise KioskError("station.command_unavailable", command=order.command.value)
        return usher.call(usher.caller.begin(order.given))
    line = line_of(state)
    assert line is not None
    match order.command, state:
        case Command.NEXT_CHILD, _ if line.at == len(line.children) - 1:
            usher.leave()
            return LineOver(line)
        case Command.NEXT_CHILD, _:
            return usher.call(line.to(line.at + 1))
        case Command.PREVIOUS_CHILD, LineOver():
            return usher.call(line)
        case Command.PREVIOUS_CHILD, _:
            return usher.call(line.to(line.at - 1))
        case Command.SKIP_CHILD, _:
            return usher.call_next(usher.caller.skip(line))
        case Command.ABSENT_CHILD, _:
            return usher.call_next(usher.caller.absent(line))
        case Command.PRESENT_CHILD, _:
            return usher.call(usher.caller.present(line))
        case Command.FIND_CHILD, _:
            return usher.call(line.to(_place(order, line)))
        case Command.END_RUN, _:
            usher.caller.end(line)
            usher.leave()
            return usher.waiting()
        case Command.RETRY, Called():
            return usher.call(line)
        case ((Command.RETAKE | Command.RECAPTURE), Called()):
            return usher.seat_called(usher.caller.begun(line, order.reason.strip(), _who(order, usher)))
        case Command.ADMIT, Called():
            usher.admission.authorise(line.student, state.reason, by=_who(order, usher), reason=order.reason.strip())
            return usher.call(line)
    return state


def _place(order: Order, line: Line) -> int:
    found = line.place_of(order.given) if isinstance(order.given, str) else None
    if found is None:
        raise KioskError("station.run.not_in_class")
    return found


def _who(order: Order, usher: Usher) -> Person:
    return order.by or usher.crew.duty.operator


def _decided(outcome: Outcome, verdict: Verdict, order: Order, usher: Usher) -> Outcome:
    return outcome.decided(verdict, at=usher.crew.now(), by=_who(order, usher).name, reason=order.reason.strip())


def _step_of(state: Seated | Undecided) -> Step:
    return state.run.step if isinstance(state, Seated) else state.step


def _so_far(state: Seated | Undecided) -> StepResult:
    """What a step that a person ends leaves behind."""
    return state.outcome.result if isinstance(state, Undecided) else state.run.so_far()


def _begin_anyway(order: Order, refused: Refused, usher: Usher) -> Sitting | Refused:
    if order.command is Command.RECAPTURE:
        return usher.admission.recapture(refused, by=_who(order, usher), reason=order.reason.strip())
    return usher.admission.let_in(refused, by=_who(order, usher), reason=order.reason.strip())


def _abort(order: Order, state: UnderWay, usher: Usher) -> State:
    """Break off, with a trace: the record stays open, and the list of the refused says why."""
    assert order.cause is not None
    record, card, now = state.sitting.record, state.sitting.card, usher.crew.now()
    who = card or record.student
    usher.crew.store.refusals.add(
        order.cause,
        by=_who(order, usher),
        at=now,
        name=who.name,
        id_number=who.id_number,
        record_id=record.id,
        note=order.reason.strip(),
    )
    usher.leave()
    to_student = Message("station.ask_teacher" if order.cause is RefusalReason.IMPERSONATION else "station.aborted_take_card")
    return usher.refuse(Refused(Message(f"station.aborted.{order.cause}"), to_student))


def _redo(order: Order, sitting: Sitting, steps: tuple[Step, ...], usher: Usher) -> State:
    """Finished steps again: what they brought stays in the record and counts no more."""
    crew, by = usher.crew, _who(order, usher).name
    record = crew.store.captures.redo(sitting.record.id, steps, by=by, reason=order.reason.strip(), at=crew.now())
    for step in steps:
        for kind in STEPS[step].pictures:
            usher.view.show_picture(kind, None)
    return usher.proceed(replace(sitting, record=record))


def _resembled(state: State) -> set[str]:
    """The accounts of those of the staff whom the student at hand resembles."""
    return {other.staff for other in state.outcome.result.alike if other.staff} if isinstance(state, Undecided) else set()


def _declared(other: Resemblance, usher: Usher) -> str:
    """How whoever the student resembles stands in a declaration."""
    if other.staff:
        return declared_as(other.staff)
    if other.station:
        told = usher.crew.store.elsewhere.people(STUDENTS)
        number = next((one.id_number for one in told if one.id == other.record_id), "")
        if not number:
            raise KioskError("station.other_record_gone")
        return number
    found = usher.crew.store.captures.find(other.record_id)
    if found is None:
        raise KioskError("station.other_record_gone")
    return found.student.id_number


def _declare_lookalikes(order: Order, state: Undecided, usher: Usher) -> State:
    """Keep that this student and those whom the face resembles are different people. It passes when nothing else was wrong."""
    store, result = usher.crew.store, state.outcome.result
    for other in result.alike:
        pair = (state.sitting.record.student.id_number, _declared(other, usher))
        store.lookalikes.declare(pair, reason=order.reason.strip(), by=_who(order, usher).name)
    suspicions = seen_before(result.step, result.alike)
    problems = tuple(problem for problem in result.problems if problem not in suspicions)
    if problems:
        still_open = replace(result, problems=problems, alike=())
        return usher.keep(state.sitting, replace(state.outcome, result=still_open, biometrics=()))
    cleared = replace(state.outcome, result=replace(result, problems=()))
    return usher.keep(state.sitting, _decided(cleared, Verdict.PASS, order, usher))
