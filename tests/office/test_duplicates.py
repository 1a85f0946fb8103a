"""疑似重复 at an office: new ones against everybody, asked once, decided by two, forgotten with the record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import StoreError
from kiosk.exam_rehearsal import Body
from kiosk.office.duplicates import Duplicates, Searched
from kiosk.pipeline.face.compact import pack
from kiosk.records import Biometric, BiometricKind, Part, Person, Step, StepResult, SuspicionState, Verdict, Why
from kiosk.store import Store
from tests.exchange.photographs import jpeg, png
from tests.store.conftest import AT, begin_in, student

LI, ZHAO = Person("李主任", "0" * 32), Person("赵主任", "1" * 32)
SAME, DIFFERENT, TWINS = SuspicionState.SAME, SuspicionState.DIFFERENT, SuspicionState.TWINS


@dataclass
class Town:
    """An office's store; people by name, each the same at every capture."""

    store: Store
    bodies: dict[str, Body] = field(default_factory=dict)
    takes: int = 0

    def body(self, name: str, like: str = "") -> Body:
        self.takes += 1
        chance = np.random.default_rng(self.takes)
        if name not in self.bodies:
            self.bodies[name] = Body(chance, self.bodies[like] if like else None)
        return self.bodies[name].again(chance)

    def capture(self, number: int, body: Body | None, reason: str = "") -> str:
        record = begin_in(self.store, student(number), reason)
        kinds = BiometricKind
        face = [Biometric(kinds.PORTRAIT, jpeg())]
        thumb = [Biometric(kinds.RIGHT_THUMB, png())]
        if body is not None:
            face.append(Biometric(kinds.FACE_TEMPLATE, pack(body.face)))
            thumb += [
                Biometric(kind, body.enrolled_thumb())
                for kind in (kinds.RIGHT_THUMB_TEMPLATE, kinds.RIGHT_THUMB_SECOND_TEMPLATE)
            ]
        self.store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT), face)
        self.store.captures.save_step(record.id, StepResult(Step.RIGHT_THUMB, Verdict.PASS, AT), thumb)
        self.store.captures.finish(record.id, AT)
        return record.id


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Store.open(tmp_path / "office", clock=lambda: AT) as store:
        store.roster.replace_or_update([student(number) for number in range(1, 7)])
        yield Town(store)


def test_who_comes_twice_is_asked_about_once_and_two_people_decide(town: Town) -> None:
    duplicates = Duplicates(town.store)
    first, _ = town.capture(1, town.body("甲")), town.capture(2, town.body("乙"))
    town.capture(3, None)
    assert duplicates.waiting() == 3
    assert duplicates.search() == Searched(students=3, fresh=3, bare=1, pairs=0)
    again = town.capture(4, town.body("甲"))  # the same person, under another number
    assert duplicates.search() == Searched(4, 1, 1, 1)
    assert duplicates.search() == Searched(4, 0, 1, 0)
    (found,) = duplicates.all()
    assert {found.suspicion.first, found.suspicion.second} == {first, again}
    assert {like.modality for like in found.suspicion.likenesses} == {"face", "finger"}
    assert all(like.score >= like.limit for like in found.suspicion.likenesses)
    number = found.suspicion.number
    for state, by, code in ((SAME, LI, "same_person"), (SuspicionState.OPEN, ZHAO, "choice")):
        with pytest.raises(StoreError, match=rf"suspect\.{code}"):
            duplicates.decide(number, state, reason="同一人", asked_by=LI, decided_by=by)
    with pytest.raises(StoreError, match=r"suspect\.unknown"):
        duplicates.decide(99, SAME, reason="同一人", asked_by=LI, decided_by=ZHAO)
    done = duplicates.decide(number, SAME, reason="同一人", asked_by=LI, decided_by=ZHAO)
    assert (done.state, done.asked_by, done.decided_by, done.decided_at) == (SAME, LI, ZHAO, AT)
    with pytest.raises(StoreError, match=r"suspect\.decided"):
        duplicates.decide(number, DIFFERENT, reason="不同", asked_by=ZHAO, decided_by=LI)
    assert town.store.captures.count() == 4  # nothing is overwritten
    assert town.store.audit.first_broken() is None
    # what is deleted is forgotten
    who = {"asked_by": LI, "decided_by": ZHAO, "why": Why.TERM, "reason": "到期", "at": AT}
    town.store.erasing.erase({student(4).id_number: frozenset(Part)}, **who)  # type: ignore[arg-type]
    assert town.store.suspects.all() == []
    assert again not in town.store.suspects.compared()


def test_twins_are_declared_once_and_whoever_is_captured_again_is_compared_again(town: Town) -> None:
    duplicates = Duplicates(town.store)
    for number, body in enumerate((town.body("甲"), town.body("乙", like="甲")), start=1):
        town.capture(number, body)
    assert duplicates.search().pairs == 1
    (found,) = duplicates.all()
    assert [like.modality for like in found.suspicion.likenesses] == ["face"]
    duplicates.decide(found.suspicion.number, TWINS, reason="双胞胎", asked_by=LI, decided_by=ZHAO)
    numbers = {student(number).id_number for number in (1, 2)}
    assert town.store.lookalikes.of(student(1).id_number) == numbers
    town.capture(2, town.body("乙"), reason="照片模糊")
    assert duplicates.search() == Searched(2, 1, 0, 0)  # by the face nobody is asked again
    town.capture(2, town.body("甲"), reason="照片模糊")  # one twin stands for the other: the thumb tells
    assert duplicates.search().pairs == 1
    assert [like.modality for like in duplicates.all()[0].suspicion.likenesses] == ["finger"]


def test_whoever_stops_a_search_finds_everything_as_it_was(town: Town) -> None:
    for number in (1, 2):
        town.capture(number, town.body("甲"))

    def stop(done: int, total: int = 0) -> None:
        if total:
            raise StoreError("store.busy")

    duplicates = Duplicates(town.store)
    with pytest.raises(StoreError, match=r"store\.busy"):
        duplicates.search(stop)
    assert (duplicates.waiting(), duplicates.all()) == (2, [])
    assert duplicates.search().pairs == 1
