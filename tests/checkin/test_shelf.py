"""A 考场包 from its maker to the door and back: sealed, taken, noted in, merged, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk.checkin import Door, Order, Policy, Register, Roll, Seated, Shelf, Shelved, Suspected
from kiosk.checkin.matching import Matcher
from kiosk.checkin.state import Note
from kiosk.ciphers import INTERNATIONAL, new_office_key
from kiosk.ciphers.age import Sealing
from kiosk.config import RetentionSettings
from kiosk.errors import ExchangeError, KioskError, StoreError
from kiosk.exam_rehearsal import Body, rehearse_exam
from kiosk.exchange.exam_parcel import write_exam
from kiosk.office.exam_parcels import ExamParcelPlan, ExamParcels
from kiosk.office.retention import Retention
from kiosk.pipeline.face import Embedding
from kiosk.pipeline.face.compact import pack, unpack
from kiosk.records import (
    BODILY,
    Biometric,
    BiometricKind,
    Decided,
    DoorAct,
    Enrolled,
    Exam,
    ExamDay,
    FoundBy,
    Person,
    Presence,
    Seating,
    Step,
    StepResult,
    Verdict,
)
from kiosk.store import Store
from tests.checkin.conftest import DAY, EARLY, MATHS, NINE, candidate
from tests.exchange.photographs import jpeg, png
from tests.store.conftest import AT, begin_in, student

OFFICE = new_office_key(INTERNATIONAL)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
TWO = (Person("监考甲"), Person("监考乙"))


class Clock:
    at = EARLY

    def __call__(self) -> datetime:
        return self.at


CLOCK = Clock()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("site") / "data") as opened:
        yield opened


@pytest.fixture
def shelf(store: Store) -> Iterator[Shelf]:
    CLOCK.at = EARLY
    shelf = Shelf(store, now=CLOCK)
    yield shelf
    for one in shelf.all():
        shelf._erase(one, by="", reason="next test")


def package(folder: Path, store: Store, *, name: str = "考场包.age", simulated: bool = False) -> Path:
    path, day = folder / name, replace(DAY, stations=(store.signing.key().public.hex(),))
    people = [Enrolled(candidate(number, faced=False, thumbed=False), JPEG) for number in range(1, 4)]
    to = Sealing(recipients=(store.signing.recipient(),))
    write_exam(path, to, OFFICE.signing, day, people, by_office=True, simulated=simulated)
    return path


@pytest.fixture
def taken(tmp_path: Path, store: Store, shelf: Shelf) -> Shelved:
    told = {"office_key": OFFICE.signing.public.hex(), "door": "东门", "by": "考务"}
    return shelf.take(package(tmp_path, store), **told)


@pytest.fixture
def register(shelf: Shelf, taken: Shelved) -> Iterator[Register]:
    opened = shelf.open(taken)
    yield opened
    opened.close()


def door(register: Register) -> Door:
    return Door(register, Matcher(), Policy())


def arrival(number: int, act: DoorAct = DoorAct.ARRIVED, picture: bytes = b"") -> Note:
    return Note(act, 0, number, picture=picture)


def test_a_package_is_looked_at_before_it_is_taken_and_taken_once(tmp_path: Path, store: Store, shelf: Shelf) -> None:
    path, key = package(tmp_path, store), OFFICE.signing.public.hex()
    with pytest.raises(ExchangeError) as unknown:
        shelf.plan(path)
    assert unknown.value.code == "parcel.office_unknown"
    plan = shelf.plan(path, office_key=key)
    assert (plan.first, plan.shelved.candidates, plan.shelved.day.title) == (True, 3, DAY.title)
    assert not shelf.all()
    shelf.take(path, office_key=key, door="东门", by="考务")
    with pytest.raises(ExchangeError) as twice:
        shelf.take(path, office_key=key, door="东门", by="考务")
    assert twice.value.code == "checkin.here_already"


def test_what_has_run_out_what_is_simulated_and_what_is_damaged_is_refused_and_leaves_nothing(
    tmp_path: Path, store: Store, shelf: Shelf
) -> None:
    path, told = package(tmp_path, store), {"office_key": OFFICE.signing.public.hex(), "door": "东门", "by": "考务"}
    CLOCK.at = DAY.expires_at
    with pytest.raises(ExchangeError, match=r"checkin\.expired_package"):
        shelf.take(path, **told)
    CLOCK.at = EARLY
    with pytest.raises(ExchangeError, match=r"checkin\.simulated"):
        shelf.take(package(tmp_path, store, name="b.age", simulated=True), **told)
    whole = path.read_bytes()
    path.write_bytes(whole[:-200])
    with pytest.raises(ExchangeError, match=r"parcel\.damaged"):
        shelf.take(path, **told)
    assert [one.name for one in (store.folder / "checkin").glob("*")] == []


def test_nothing_of_a_candidate_lies_readable_and_the_key_opens_in_its_own_store_only(
    tmp_path: Path, store: Store, shelf: Shelf, taken: Shelved, register: Register
) -> None:
    folder = store.folder / "checkin" / taken.id
    register.note([arrival(1)], EARLY)
    lying = b"".join(one.read_bytes() for one in folder.iterdir())
    assert "考生1".encode() not in lying
    assert b"63010120090101" not in lying
    with Store.open(tmp_path / "other") as other:
        stranger = Shelf(other, now=CLOCK)
        (tmp_path / "other" / "checkin").mkdir()
        (tmp_path / "other" / "checkin" / taken.id).symlink_to(folder, target_is_directory=True)
        with pytest.raises(StoreError, match=r"checkin\.key"):
            stranger.open(taken)
        (tmp_path / "other" / "checkin" / taken.id).unlink()


def test_what_happened_is_there_again_after_a_power_cut_and_cannot_be_changed(
    shelf: Shelf, taken: Shelved, register: Register
) -> None:
    register.note([arrival(1), arrival(2, DoorAct.SUSPECTED, JPEG)], EARLY)
    again = shelf.open(taken)  # the first was never closed
    assert [(one.act, one.candidate) for one in again.events()] == [
        (DoorAct.STARTED, None),
        (DoorAct.ARRIVED, 1),
        (DoorAct.SUSPECTED, 2),
    ]
    assert again.picture(again.door, 3) == JPEG
    assert again.is_whole()
    with pytest.raises(StoreError), again._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM events")
    with again._database.write() as connection:  # somebody with the key and patience
        connection.exec_driver_sql("DROP TRIGGER events_no_delete")
        connection.exec_driver_sql("DELETE FROM events WHERE sequence = 2")
    assert not again.is_whole()
    again.close()


def test_a_damaged_package_keeps_nobody_from_the_others(store: Store, shelf: Shelf, taken: Shelved) -> None:
    folder = store.folder / "checkin" / "0123456789abcdef"
    folder.mkdir()
    (folder / "register.key").write_bytes(b"{}")
    (folder / "head.json").write_bytes(b"torn")
    assert [one.id for one in shelf.all()] == [taken.id]
    (folder / "register.key").unlink()
    assert [one.id for one in shelf.all()] == [taken.id]
    assert not folder.exists()


def test_two_invigilators_decide_a_suspicion_once_and_with_a_reason(register: Register) -> None:
    at_door = door(register)
    event = register.note([arrival(2, DoorAct.SUSPECTED, JPEG)], EARLY)[0]
    about = (event.door, event.sequence)
    assert at_door.roll.attendance(0)[2].presence is Presence.SUSPECTED
    for by, reason, code in (
        (TWO[:1], "不像", "checkin.two_people"),
        ((TWO[0], TWO[0]), "不像", "checkin.two_people"),
        (TWO, " ", "checkin.reason"),
    ):
        with pytest.raises(KioskError) as refused:
            at_door.decide(about, Decided.SUBSTITUTE, reason, by, EARLY)
        assert refused.value.code == code
    at_door.decide(about, Decided.PASSED, "母亲到场确认", TWO, EARLY + timedelta(minutes=1))
    assert at_door.roll.attendance(0)[2].presence is Presence.IN
    assert [(one.name, event.picture, there.presence) for one, event, there in at_door.roll.suspicions(0)] == [
        ("考生2", b"", Presence.IN)
    ]
    with pytest.raises(KioskError, match=r"checkin\.no_suspicion"):
        at_door.decide(about, Decided.SUBSTITUTE, "不像", TWO, EARLY + timedelta(minutes=2))


def test_closing_after_the_latest_entry_makes_the_absent_and_rooms_add_up(register: Register) -> None:
    at_door = door(register)
    register.note([arrival(1), arrival(2, DoorAct.SUSPECTED)], EARLY)
    count = at_door.roll.counts(0)[0]
    assert (count.room, count.expected, count.came, count.suspected, count.absent, count.missing) == ("1", 3, 2, 1, 0, 1)
    with pytest.raises(KioskError, match=r"checkin\.not_yet"):
        at_door.close(0, EARLY, by="监考甲")
    late = MATHS.latest_entry + timedelta(minutes=1)
    assert [one.name for one in at_door.close(0, late, by="监考甲")] == ["考生3"]
    assert [one.name for one in at_door.close(0, late, by="监考甲")] == ["考生3"]
    assert sum(one.act is DoorAct.CLOSED for one in register.events()) == 1
    assert at_door.roll.counts(0)[0].absent == 1


def test_invigilators_confirm_seat_by_seat_and_note_who_leaves(register: Register) -> None:
    at_door = door(register)
    at_door.confirm(1, 0, EARLY, by="监考甲")
    at_door.confirm(2, 0, EARLY, by="监考甲", here=False)
    with pytest.raises(KioskError, match=r"checkin\.already_there"):
        at_door.confirm(1, 0, EARLY, by="监考甲")
    at_door.leave(1, 0, NINE, by="监考甲", reason="身体不适")
    there = at_door.roll.attendance(0)
    assert [there[number].presence for number in (1, 2, 3)] == [Presence.OUT, Presence.SUSPECTED, Presence.EXPECTED]
    assert {one.found_by for one in register.events() if one.act is DoorAct.ARRIVED} == {FoundBy.ROUND}


def test_a_finger_on_the_wrong_seat_is_taken_back_and_both_stay_in_the_record(register: Register) -> None:
    at_door = door(register)

    def presence(number: int) -> Presence:
        return at_door.roll.attendance(0)[number].presence

    register.note([arrival(1), arrival(2, DoorAct.TURNED)], EARLY)
    for number in (1, 2):  # what a door has found out is no slip of a finger
        with pytest.raises(KioskError, match=r"checkin\.nothing_to_take_back"):
            at_door.take_back(number, 0, EARLY, by="监考甲")
    for number, act, before, after in (
        (1, "leaves", Presence.IN, Presence.OUT),
        (1, "is somebody else", Presence.IN, Presence.SUSPECTED),
        (2, "is there", Presence.EXPECTED, Presence.IN),
    ):
        if act == "leaves":
            at_door.leave(number, 0, NINE, by="监考甲")
        else:
            at_door.confirm(number, 0, NINE, by="监考甲", here=act == "is there")
        assert presence(number) is after
        at_door.take_back(number, 0, NINE, by="监考乙")
        assert presence(number) is before
    assert at_door.roll.suspicions(0) == []
    assert at_door.roll.twice(0) == []  # whoever walks round lets nobody in
    assert sum(one.act is DoorAct.TAKEN_BACK for one in register.events()) == 3
    event = at_door.confirm(2, 0, NINE, by="监考甲", here=False)
    at_door.decide(event.id, Decided.PASSED, "当面核对", TWO, NINE)
    assert 2 not in at_door.roll.slips(0)  # two people have decided since


def test_the_trail_outlasts_the_package_with_whatever_people_answered_for(
    store: Store, shelf: Shelf, taken: Shelved, register: Register
) -> None:
    at_door = Door(register, Matcher(), Policy(), trail=shelf.trail(taken, register))
    at_door.card(candidate(1).id_number, "考生1", EARLY)
    at_door.ask(Order.LET_IN, EARLY, by="监考甲")
    event = at_door.confirm(2, 0, EARLY, by="监考甲", here=False)
    at_door.decide(event.id, Decided.SUBSTITUTE, "与照片不是同一人", TWO, EARLY)
    at_door.close(0, MATHS.latest_entry, by="监考甲")
    told = [one for one in store.audit.entries() if one.detail.get("exam") == taken.id and "session" in one.detail]
    assert [(one.action, one.actor) for one in told] == [
        (f"checkin.{act}", "监考甲") for act in ("arrived", "suspected", "decided", "closed")
    ]
    decided = told[2]
    assert decided.subject == store.audit.pseudonym(candidate(2).id_number)
    assert (decided.detail["second"], decided.detail["code"]) == ("监考乙", "substitute")


def test_somebody_is_found_by_seat_digits_or_name(register: Register) -> None:
    roll = Roll(register)
    for text, by in (("1-2", FoundBy.SEAT), ("00002", FoundBy.NUMBER), ("考生2", FoundBy.NAME)):
        assert [(one.name, how) for one, how in roll.look_up(text, 0)] == [("考生2", by)]
    assert len(roll.look_up("考生", 0)) == 3
    assert (roll.following(""), roll.following("考生"), roll.following("王")) == (["考"], ["1", "2", "3"], [])
    assert roll.look_up("2", 0) == []
    assert [(one.name, how) for one, how in roll.look_up("2", 0, here="1")] == [("考生2", FoundBy.SEAT)]


def test_results_go_out_signed_and_come_in_once(
    tmp_path: Path, store: Store, shelf: Shelf, register: Register, taken: Shelved
) -> None:
    register.note([arrival(1), arrival(2, DoorAct.SUSPECTED, JPEG)], EARLY)
    assert register.owed == 3
    path = tmp_path / "结果.age"
    to = Sealing(recipients=(store.signing.recipient(),))
    assert shelf.write_results(taken, register, path, to, station="东门", by="考务") == 3
    assert register.owed == 0
    assert shelf.merge(taken, register, path, by="考务") == 0  # its own
    other = replace(register.own_events()[1], door="西门 ff", sequence=1, at=EARLY + timedelta(minutes=1))
    assert register.merge([other]) == 1
    assert register.merge([other]) == 0
    assert [name for name, _ in Roll(register).attendance(0)[1].twice] == [register.door, "西门 ff"]
    assert Roll(register).counts(0)[0].twice == 1
    with pytest.raises(StoreError, match=r"checkin\.events_differ"):
        register.merge([replace(other, candidate=3)])
    with pytest.raises(StoreError, match=r"checkin\.events_unknown"):
        register.merge([replace(other, sequence=2, candidate=99)])
    assert register.is_whole()


def test_a_package_goes_with_its_key_when_it_has_run_out_and_its_results_are_out(
    tmp_path: Path, store: Store, shelf: Shelf, taken: Shelved, register: Register
) -> None:
    register.note([arrival(1)], EARLY)
    with pytest.raises(StoreError, match=r"checkin\.owed"):
        shelf.delete(taken, by="考务", reason="考试结束")
    CLOCK.at = DAY.expires_at + timedelta(days=2)
    assert [one.id for one in shelf.all()] == [taken.id]  # its results are waited for
    to = Sealing(recipients=(store.signing.recipient(),))
    shelf.write_results(taken, register, tmp_path / "结果.age", to, station="东门", by="考务")
    register.close()
    assert shelf.all() == []
    assert list((store.folder / "checkin").iterdir()) == []
    newest = max(store.audit.entries(action="checkin.delete"), key=lambda one: one.number)
    assert newest.detail["reason"] == "expired"


@dataclass
class Captured:
    """A store with an exam: the first of two with a seat was captured, and so was somebody without."""

    store: Store
    folder: Path
    exam: int
    seated: Body
    other: Body
    chips: int = 0

    def embed_chip(self, _photo: object) -> Embedding:
        self.chips += 1
        return self.seated.chip

    def package(self, name: str, *, office: bool = False, district: bool = False) -> tuple[Path, ExamParcelPlan]:
        out = self.folder / name
        to = Sealing(recipients=(self.store.signing.recipient(),))
        key = OFFICE.signing if office else None
        parcels = ExamParcels(self.store, self.folder)
        return out, parcels.write(self.exam, out, to, self.embed_chip, key=key, district=district, by="考务")


@pytest.fixture
def captured(tmp_path: Path) -> Iterator[Captured]:
    rng = np.random.default_rng(4)
    with Store.open(tmp_path / "data", clock=lambda: AT) as store:
        people = [student(number) for number in (1, 2, 3)]
        store.roster.replace_or_update(people)
        exam = store.exams.add(Exam("期末考试", "第一中学考点", (MATHS,)), by="考务")
        seats = [Seating(one.id_number, f"2027{place}", "1", place) for place, one in enumerate(people[:2], start=1)]
        store.exams.seat(exam.number, seats, how="made", by="考务")
        made = Captured(store, tmp_path, exam.number, Body(rng), Body(rng))
        for who, body in ((people[0], made.seated), (people[2], made.other)):
            record = begin_in(store, who)
            kept = [
                Biometric(BiometricKind.PORTRAIT, jpeg()),
                Biometric(BiometricKind.CHIP_PHOTO, png()),
                Biometric(BiometricKind.FACE_TEMPLATE, pack(body.face)),
                Biometric(BiometricKind.RIGHT_THUMB_TEMPLATE, body.enrolled_thumb()),
            ]
            store.captures.save_step(record.id, StepResult(Step.FACE, Verdict.PASS, AT), kept)
            store.captures.finish(record.id, AT)
        yield made


def test_the_package_is_made_of_stored_seats_and_stored_captures(captured: Captured) -> None:
    body = captured.seated
    out, plan = captured.package("考场包.age")
    assert (plan.candidates, plan.rooms, [one.name for one in plan.uncaptured]) == (2, 1, ["考生2"])
    shelf = Shelf(captured.store, now=lambda: EARLY)
    with_face = shelf.open(shelf.take(out, door="东门", by="考务"))  # signed by the station itself: no key is entered
    first, second = with_face.candidates
    assert (first.faced, first.thumbed, second.faced, second.thumbed) == (True, True, False, False)
    assert with_face.portrait(1) == jpeg()
    matcher = with_face.matcher()
    assert matcher.face(1, unpack(pack(body.face)))[1] is Verdict.PASS
    assert matcher.thumb(1, body.press())[1] is Verdict.PASS
    assert matcher.thumb(1, captured.other.press())[1] is Verdict.FAIL
    assert matcher.whose_elsewhere(captured.other.face) == []
    assert captured.chips == 1
    both = Door(with_face, matcher, Policy(thumb_always=True))
    looking = both.card(first.id_number, first.name, EARLY)
    assert (both.wants_face, both.wants_thumb) == (True, True)  # at the same time
    assert both.press_begun(captured.other.press(), EARLY) is looking  # the upper rows of a press say yes or nothing
    both.press_begun(body.press(), EARLY)
    assert (both.wants_face, both.wants_thumb) == (True, False)
    assert isinstance(both.face(body.live(0.7), JPEG, EARLY), Seated)
    with_face.close()
    assert [one.kind for one in captured.store.written.all()] == ["exam_parcel"]


def test_of_the_district_invigilators_hear_whose_a_suspicious_face_is(captured: Captured) -> None:
    with pytest.raises(ExchangeError) as no_office:
        captured.package("考场包.age", district=True)
    assert no_office.value.code == "checkin.district_office"
    out, _ = captured.package("考场包.age", office=True, district=True)
    shelf = Shelf(captured.store, now=lambda: EARLY)
    taken = shelf.take(out, office_key=OFFICE.signing.public.hex(), door="东门", by="考务")
    assert taken.district == 1
    with closing(shelf.open(taken)) as register:
        door = Door(register, register.matcher(), Policy())
        who = register.candidates[0]
        door.card(who.id_number, who.name, EARLY)
        for _ in range(3):
            state = door.face(captured.other.face, JPEG, EARLY)
        assert isinstance(state, Suspected)
        (suspicion,) = (one for one in register.own_events() if one.act is DoorAct.SUSPECTED)
        assert (suspicion.like, suspicion.elsewhere) == ((), ("考生3",))
        results = captured.folder / "结果.age"
        to = Sealing(recipients=(captured.store.signing.recipient(),))
        shelf.write_results(taken, register, results, to, station="东门", by="考务")
        assert shelf.merge(taken, register, results, by="考务") == 0  # it comes back as it went


def test_what_is_deleted_of_a_student_goes_from_the_packages_too(captured: Captured) -> None:
    store, (first, *_) = captured.store, [student(1)]
    asking, deciding = TWO
    who: dict[str, Any] = {"asked_by": asking, "decided_by": deciding, "reason": "撤回同意"}
    shelf = Shelf(store, now=lambda: EARLY)
    here = shelf.take(captured.package("考场包.age")[0], door="东门", by="考务")
    assert shelf.forget_erased() == 0
    done, _ = Retention(store, captured.folder, RetentionSettings()).delete_of(first.id_number, BODILY, **who)
    assert done.pieces == 4
    assert (shelf.forget_erased(), shelf.forget_erased()) == (1, 0)
    with closing(shelf.open(here)) as register:
        one = register.candidates[0]
        assert (one.name, one.faced, one.thumbed, register.portrait(1)) == ("考生1", False, False, b"")


def test_a_later_package_takes_back_what_an_earlier_one_had(tmp_path: Path, store: Store, shelf: Shelf) -> None:
    body, told = Body(np.random.default_rng(5)), {"office_key": OFFICE.signing.public.hex(), "door": "东门", "by": "考务"}

    def taken(name: str, people: list[Enrolled], day: ExamDay) -> Shelved:
        to = Sealing(recipients=(store.signing.recipient(),))
        write_exam(tmp_path / name, to, OFFICE.signing, day, people, by_office=True)
        return shelf.take(tmp_path / name, **told)

    faced = [Enrolled(candidate(number, thumbed=False), JPEG, pack(body.face)) for number in (1, 2, 3)]
    older = taken("1.age", faced, DAY)
    other = taken("2.age", [replace(faced[2], candidate=candidate(3, thumbed=False))], replace(DAY, title="另一场"))
    bare = Enrolled(candidate(2, faced=False, thumbed=False))
    taken("3.age", [faced[0], bare], replace(DAY, issued_at=EARLY - timedelta(hours=1)))
    with closing(shelf.open(older)) as register:
        assert [one.faced for one in register.candidates] == [True, False, False]  # one has nothing any more, one no seat
        assert [bool(register.portrait(number)) for number in (1, 2, 3)] == [True, False, False]
        assert register.is_whole()
    with closing(shelf.open(other)) as register:
        assert register.candidates[0].faced  # of another exam that word says nothing


def test_a_rehearsed_morning_at_two_doors_comes_out_as_it_was_planted(tmp_path: Path) -> None:
    done = rehearse_exam(tmp_path, candidates=29, doors=2)
    assert done.faults == ()
    assert [one for one in done.passages if not one.as_planted] == []
    assert len({one.player.plant for one in done.passages}) == 16
