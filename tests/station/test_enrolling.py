"""An officer enrols somebody of the staff: card, thumbs, face, each once and of one person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from bench.played_station import Played, PlayedImpression, face_of
from bench.sequences import card_of, person
from kiosk.config import Settings
from kiosk.devices import CardPresented, FingerLifted, ImageHeld, ImpressionReady
from kiosk.errors import KioskError
from kiosk.pipeline.face.verification import Embedding
from kiosk.records import Account, FingerPosition, Frame, Impression, Role
from kiosk.snapshot import Snapshot
from kiosk.station import Enroller, Part
from kiosk.station.events import Check, CheckAsked
from kiosk.store import Store

RIGHT, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB
TEACHER, OTHER = 8, 9


class Chair:
    """A played station at which somebody is enrolled. Work is done at once."""

    def __init__(self, store: Store) -> None:
        self.played, self.store = Played(store), store
        self.officer = store.accounts.issue("刘主任", Role.OFFICER, "204816", by=None)
        self.before_camera = TEACHER
        self.enroller = Enroller(store, cast("Any", self), Settings(), cast("Any", self))
        self.enroller._work.shutdown()
        self.enroller._work = cast("Any", self)

    # -- the pool, the networks and the station

    def submit(self, work: Callable[..., None], *arguments: object) -> None:
        work(*arguments)

    def shutdown(self, **_: object) -> None:
        pass

    def judge_press(self, impression: Impression) -> object:
        return self.played.judge_press(impression)

    def embed_face(self, frames: list[Frame]) -> Embedding:
        return face_of(self.before_camera)

    def snapshot(self) -> Snapshot:
        return self.played.board.newest()

    def preview(self, after: int, timeout_s: float) -> Frame | None:
        return Frame(np.zeros((2, 2, 3), np.uint8), after + 1, 0.0)

    def begin_test(self) -> None:
        self._ask(CheckAsked(Check.BEGIN))

    def keep_testing(self) -> None:
        self.played.happen(CheckAsked(Check.KEEP))

    def ask_press(self, number: int, position: FingerPosition) -> None:
        self._ask(CheckAsked(Check.PRESS, number, position))

    def end_test(self) -> None:
        self._ask(CheckAsked(Check.END))

    def _ask(self, asked: CheckAsked) -> None:
        self.played.happen(asked)
        asked.answer.result(0)

    # -- what happens

    def account(self, name: str) -> Account:
        made = self.store.accounts.issue(name, Role.SUPERVISOR, "735192", by=self.officer.person)
        return self.store.accounts.change_pin(made.id, "735192", "204816")

    def press(self, body: int, finger: FingerPosition) -> None:
        assert self.played.press is not None
        number, position = self.played.press
        self.enroller.take(ImageHeld(number, position))
        impression = cast("Impression", PlayedImpression(b"", body, finger))
        self.enroller.take(ImpressionReady(number, impression, 0.1, 0.1))
        self.enroller.take(FingerLifted())

    def lay(self, number: int) -> None:
        self.enroller.take(CardPresented(card_of(person(number)), 0.1))

    def problem(self, part: Part) -> str:
        status = self.enroller.status()
        assert status is not None
        found = status.parts[part].problem
        return found.code if found is not None else ""


@pytest.fixture
def chair(tmp_path: Path) -> Iterator[Chair]:
    with Store.open(tmp_path / "data") as store:
        store.roster.replace_or_update([person(1)])
        yield Chair(store)


def enrol(chair: Chair, name: str, body: int, card: int) -> Account:
    account = chair.account(name)
    chair.enroller.begin(account)
    chair.lay(card)
    chair.enroller.press(Part.RIGHT_THUMB)
    for finger in (RIGHT, RIGHT, LEFT, LEFT):
        chair.press(body, finger)
    chair.before_camera = body
    chair.enroller.shoot()
    chair.enroller.keep(chair.officer.person)
    return account


def test_card_both_thumbs_and_face_are_kept_when_the_officer_says_so(chair: Chair) -> None:
    account = enrol(chair, "王主任", TEACHER, card=5)
    known = chair.store.staff.enrolled()[account.id]
    assert (known.card, known.thumbs, known.face, len(known.kinds)) == (True, True, True, 5)
    assert chair.enroller.status() is None
    assert chair.store.staff.of_card(person(5).id_number) == account.id


def test_nobody_is_enrolled_twice(chair: Chair) -> None:
    enrol(chair, "王主任", TEACHER, card=5)
    chair.enroller.begin(chair.account("王主任乙"))
    chair.lay(5)
    assert chair.problem(Part.CARD) == "error.staff.card_taken"
    chair.enroller.press(Part.LEFT_THUMB)
    chair.press(TEACHER, RIGHT)  # the other hand's, even
    assert chair.problem(Part.LEFT_THUMB) == "staff.known_thumb"
    chair.enroller.shoot()
    assert chair.problem(Part.FACE) == "staff.known_face"
    with pytest.raises(KioskError, match=r"^staff\.nothing_given\b"):
        chair.enroller.keep(chair.officer.person)


def test_two_presses_are_of_one_thumb_and_the_hands_of_two(chair: Chair) -> None:
    chair.enroller.begin(chair.account("王主任"))
    chair.enroller.press(Part.RIGHT_THUMB)
    chair.press(TEACHER, RIGHT)
    chair.press(OTHER, RIGHT)
    assert chair.problem(Part.RIGHT_THUMB) == "finger.presses_differ"
    for _ in range(2):
        chair.press(TEACHER, RIGHT)
    chair.press(TEACHER, RIGHT)  # for the left one
    assert chair.problem(Part.LEFT_THUMB) == "checkup.same_thumb"


def test_a_students_card_is_no_card_of_the_staff_and_a_student_under_way_is_not_disturbed(chair: Chair) -> None:
    chair.enroller.begin(chair.account("王主任"))
    chair.lay(1)
    assert chair.problem(Part.CARD) == "error.staff.card_of_student"
    chair.enroller.stop()
    chair.played.happen(CardPresented(card_of(person(1)), 0.1))
    with pytest.raises(KioskError, match=r"^station\.occupied\b"):
        chair.enroller.begin(chair.account("李主任"))


def test_an_enrolment_that_nobody_looks_at_any_more_is_over_and_keeps_nothing(chair: Chair) -> None:
    account = chair.account("王主任")
    chair.enroller.begin(account)
    chair.lay(5)
    chair.played.time_up()
    assert chair.enroller.status() is None
    with pytest.raises(KioskError, match=r"^station\.test_over\b"):
        chair.enroller.keep(chair.officer.person)
    assert chair.store.staff.enrolled() == {}
