"""Students whose card can't be read: typed in, marked as typed, never mixed with read data."""

from __future__ import annotations

from datetime import date

import pytest

from drivers_sim.classroom import Classroom
from kiosk import substitute
from kiosk.assembly import Kiosk
from kiosk.devices.card import AccessKey
from kiosk.errors import KioskError
from kiosk.exchange.fields import FIELDS, ExportRow
from kiosk.manual import EntryReason, TypedIn
from kiosk.records import CardEntry, Person, Step, Verdict
from kiosk.rehearsal import all_ready, wait_until
from kiosk.snapshot import Command, Order, Phase, Snapshot
from tests.conftest import StartKiosk


def _ready(kiosk: Kiosk) -> TypedIn:
    """What the operator types for the first student: the number, and what it does not tell."""
    wait_until(kiosk, all_ready)
    assert kiosk.simulator is not None
    return TypedIn("", kiosk.simulator.people[0].student.id_number, EntryReason.LOST, ethnicity_code="01")


def type_in(kiosk: Kiosk, typed: TypedIn, reason: str) -> None:
    kiosk.station.type_in(typed, Order(Command.TYPE_IN, kiosk.station.snapshot().turn, reason, Person("王老师")))


def open_document(kiosk: Kiosk, key: AccessKey) -> None:
    kiosk.station.open_document(key, Order(Command.OPEN_DOCUMENT, kiosk.station.snapshot().turn))


def situation(snapshot: Snapshot) -> str:
    return snapshot.situation.code if snapshot.situation else ""


def test_student_typed_in_is_captured_marked_and_left_to_a_person(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    typed = _ready(kiosk)
    assert kiosk.simulator is not None
    person = kiosk.simulator.people[0]
    type_in(kiosk, typed, "手工录入：证件遗失")
    wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.STEP)
    kiosk.simulator.sit_down(person.number)
    asked = wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.DECISION)

    assert asked.card is not None
    assert (asked.card.name, asked.card.entry, asked.card.entry_reason) == (person.student.name, CardEntry.TYPED, "lost")
    assert asked.step is Step.FACE
    record = kiosk.store.captures.unfinished(person.student.id_number)
    assert record is not None
    assert record.card is not None
    assert record.card.entry is CardEntry.TYPED
    result = record.result(Step.CARD)
    assert result is not None
    assert (result.verdict, result.decided_by, result.reason) == (Verdict.REVIEW, "王老师", "手工录入：证件遗失")
    row = ExportRow(record)
    assert FIELDS["remarks"](row) == "身份证：手工录入：证件遗失（王老师）"
    assert FIELDS["valid_period"](row) is None
    face = record.result(Step.FACE)
    assert face is not None
    assert (face.verdict, [problem.code for problem in face.problems]) == (Verdict.REVIEW, ["face.no_chip_photo"])


def test_student_typed_in_who_is_not_on_the_roster_is_refused(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    _ready(kiosk)
    number = substitute.number("0101", date(2008, 2, 29), 7)
    type_in(kiosk, TypedIn("", number, EntryReason.NO_MAINLAND_DOCUMENT), "无大陆证件")
    refused = wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.REFUSED)
    assert situation(refused) == "station.not_on_roster"
    wait_until(kiosk, lambda snapshot: snapshot.counts.turned_away == 1)
    assert Command.TYPE_IN in refused.commands


def test_card_laid_down_after_a_refusal_goes_first(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    _ready(kiosk)
    number = substitute.number("0101", date(2008, 2, 29), 7)
    type_in(kiosk, TypedIn("", number, EntryReason.NO_MAINLAND_DOCUMENT), "无大陆证件")
    wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.REFUSED)
    assert kiosk.simulator is not None
    kiosk.simulator.lay_card(1)
    seen = wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.STEP)
    assert seen.card is not None
    assert seen.card.entry is CardEntry.READ


def test_typing_mistake_is_told_at_once_and_nothing_begins(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    _ready(kiosk)
    with pytest.raises(KioskError, match=r"manual\.idnumber\.check"):
        type_in(kiosk, TypedIn("", "110101199001011238", EntryReason.LOST), "证件遗失")
    assert kiosk.station.snapshot().phase is Phase.WAITING


def test_nobody_is_typed_in_while_a_student_sits_there(start_kiosk: StartKiosk) -> None:
    kiosk = start_kiosk()
    typed = _ready(kiosk)
    assert kiosk.simulator is not None
    kiosk.simulator.lay_card(1)
    wait_until(kiosk, lambda snapshot: snapshot.phase is Phase.STEP)
    with pytest.raises(KioskError, match=r"station\.command_unavailable"):
        type_in(kiosk, typed, "证件遗失")


def test_passport_opens_with_what_is_printed_on_it(start_kiosk: StartKiosk) -> None:
    from drivers_sim.card.passport import SimulatedPassport, mrz, picture
    from tests.devices.card.people import portrait

    kiosk = start_kiosk()
    _ready(kiosk)
    assert isinstance(kiosk.simulator, Classroom)
    zone = mrz(number="L898902C", surname="ERIKSSON", given="ANNA", birth="080806", expiry="330623")
    with pytest.raises(KioskError, match=r"station\.command_unavailable"):
        open_document(kiosk, AccessKey("L898902C", "080806", "330623"))
    kiosk.simulator.lay_virtual_card(SimulatedPassport(zone, picture(portrait())))
    closed = wait_until(kiosk, lambda snapshot: Command.OPEN_DOCUMENT in snapshot.commands)
    assert situation(closed) == "error.card.passport.mrz_needed"
    open_document(kiosk, AccessKey("L898902D", "080806", "330623"))
    wait_until(kiosk, lambda snapshot: situation(snapshot) == "error.card.passport.wrong_mrz")
    open_document(kiosk, AccessKey("L898902C", "080806", "330623"))
    refused = wait_until(kiosk, lambda snapshot: situation(snapshot) == "station.not_on_roster")
    assert Command.OPEN_DOCUMENT not in refused.commands
