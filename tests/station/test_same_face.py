"""A face that comes under a second name: a duplicate, or twins."""

from __future__ import annotations

import pytest

from drivers_sim.classroom import Classroom
from drivers_sim.people.faces import FACES
from kiosk.assembly import Kiosk
from kiosk.records import BiometricKind, RefusalReason, Step, Verdict
from kiosk.rehearsal import Player, all_ready, wait_until
from kiosk.simulation import Intent, SimulatedPerson
from kiosk.snapshot import Command, Phase, Snapshot, StepView
from tests.conftest import StartKiosk
from tests.orders import give


@pytest.fixture
def kiosk(start_kiosk: StartKiosk, monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    """A class with more students than there are faces, and nobody declared to look like another."""
    monkeypatch.setattr(Classroom, "lookalikes", lambda _: [])
    kiosk = start_kiosk(students=len(FACES) + 3)
    wait_until(kiosk, all_ready)
    return kiosk


def sharing_a_face(kiosk: Kiosk) -> tuple[SimulatedPerson, SimulatedPerson]:
    assert kiosk.simulator is not None
    people = kiosk.simulator.people
    pairs = zip(people, people[len(FACES) :], strict=False)
    return next(pair for pair in pairs if {person.intent for person in pair} == {Intent.GENUINE})


def come(kiosk: Kiosk, person: SimulatedPerson) -> Player:
    assert kiosk.simulator is not None
    player = Player(kiosk, kiosk.simulator, person)
    player.lay_card()
    return player


def face_of(snapshot: Snapshot) -> StepView:
    return next(view for view in snapshot.steps if view.step is Step.FACE)


def test_a_supervisor_sees_that_a_face_was_here_under_another_name_and_declares_twins(kiosk: Kiosk) -> None:
    first, second = sharing_a_face(kiosk)
    player = come(kiosk, first)
    player.play_until(lambda snapshot: snapshot.step is Step.RIGHT_THUMB)  # interrupted: the face counts all the same
    give(kiosk, Command.ABORT, cause=RefusalReason.LEFT)
    player.leave()
    earlier = kiosk.store.captures.unfinished(first.student.id_number)
    assert earlier is not None

    player = come(kiosk, second)
    undecided = player.play_until(lambda snapshot: snapshot.phase is Phase.DECISION)
    assert undecided.step is Step.FACE
    view = face_of(undecided)
    assert (view.verdict, view.attempts) == (Verdict.REVIEW, 1)
    assert [problem.code for problem in view.problems] == ["face.seen_before"]
    (other,) = view.alike
    assert (other.record_id, other.name, other.kind) == (earlier.id, first.student.name, BiometricKind.PORTRAIT)
    assert other.score.value >= kiosk.settings.face.seen_before_at
    assert first.student.id_number not in str(view)

    give(kiosk, Command.DECLARE_LOOKALIKES, reason="双胞胎，已核对户口簿", by="王主任")
    player.play_until(lambda snapshot: snapshot.step is Step.RIGHT_THUMB)
    record = kiosk.store.captures.unfinished(second.student.id_number)
    assert record is not None
    face = record.result(Step.FACE)
    assert face is not None
    assert (face.verdict, face.decided_by, face.reason) == (Verdict.PASS, "王主任", "双胞胎，已核对户口簿")
    assert [alike.record_id for alike in face.alike] == [earlier.id]
    assert kiosk.store.captures.biometric(record.id, BiometricKind.FACE_TEMPLATE)
    numbers = {person.student.id_number for person in (first, second)}
    assert kiosk.store.lookalikes.of(first.student.id_number) == numbers
