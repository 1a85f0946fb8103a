"""采集包 in at the office, on SQLite and on a PostgreSQL server: nothing twice, nothing half, nothing overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.ciphers.certificates import Certificate, revoke
from kiosk.errors import StoreError
from kiosk.exchange.captures_parcel import ReceivedRecord, received
from kiosk.exchange.parcel import Parcel
from kiosk.office import intake
from kiosk.office.parcels import Which
from kiosk.records import (
    BiometricKind,
    ConflictKind,
    Part,
    ReceivedCounts,
    ReceivedParcel,
    ReceivedState,
    RecordState,
    Why,
)
from tests.parcels.conftest import OFFICE, WANG
from tests.parcels.offices import LI, ZHAO, Centre, Site, centre, copied, office, one, site, stations, two, urls
from tests.postgresql import server
from tests.store.conftest import AT, student

__all__ = ["office", "one", "server", "stations", "two", "urls"]  # fixtures


def refused(parcel: ReceivedParcel, code: str) -> bool:
    return (parcel.state, parcel.reason) == (ReceivedState.REFUSED, code)


def test_a_day_comes_in_and_the_office_has_what_the_station_has(one: Site, office: Centre) -> None:
    (taken,) = office.take(one.send())
    assert (taken.state, taken.counts) == (ReceivedState.TAKEN, ReceivedCounts(new=2))
    assert office.counting() == {"考生1": one.records[1], "考生2": one.records[2]}
    for number in (1, 2):
        here, there = (store.captures.find(one.records[number]) for store in (office.store, one.store))
        assert here is not None
        assert there is not None
        assert vars(here.card) == vars(there.card)
        assert replace(here, student=there.student, card=None) == replace(there, card=None)
        for kind in (BiometricKind.PORTRAIT, BiometricKind.RIGHT_THUMB):
            assert office.store.captures.biometric(here.id, kind) == one.store.captures.biometric(there.id, kind)
    counts = office.store.progress.counts(AT)
    assert (counts.roster, counts.captured) == (3, 2)
    (station,) = office.store.inbox.stations()
    assert (station.name, station.store, station.figures["captured"]) == ("采集点-one", one.store.id(), 2)
    assert office.store.check().sound
    assert not list(office.intake.folder.iterdir())


def test_twice_late_and_out_of_order_say_the_same(one: Site, office: Centre, tmp_path: Path) -> None:
    first = one.send()
    one.store.corrections.correct(student(1).id_number, "class_name", "6", reason="转班", by=WANG, at=AT)
    second = one.send()
    one.capture(3)
    third = one.send()
    wanted: Any = None
    for number, order in enumerate(((third, first, second), (second, third, first))):
        if number:  # the first order in this office, the others in offices of their own
            with centre(tmp_path / f"{number}", {}) as other:
                assert _taken(other, order) == wanted
        else:
            wanted = _taken(office, order)
    assert wanted[0] == {f"考生{number}": one.records[number] for number in (1, 2, 3)}
    assert wanted[1] == ["6"]


def _taken(office: Centre, order: tuple[Path, ...]) -> Any:
    assert {parcel.state for parcel in office.take(*order, *order)} == {ReceivedState.TAKEN}
    records = {record.filed.name: record for record in office.store.captures.records()}
    assert office.store.conflicts.all() == []
    assert office.store.check().sound
    assert not any(parcel.missing for parcel in office.store.inbox.all())
    return {name: record.id for name, record in records.items()}, [one.after for one in records["考生1"].corrections]


def test_what_the_office_added_stays_when_a_newer_state_comes(one: Site, office: Centre) -> None:
    office.take(one.send())
    record = one.records[1]
    office.store.corrections.correct(student(1).id_number, "grade", "高二", reason="打错", by=LI, at=AT)
    one.store.corrections.correct(student(1).id_number, "class_name", "6", reason="转班", by=WANG, at=AT)
    (taken,) = office.take(one.send())
    assert taken.counts == ReceivedCounts(newer=1)
    found = office.store.captures.find(record)
    assert {(one.field, one.after, one.by.name) for one in found.corrections} == {
        ("grade", "高二", "李主任"),
        ("class_name", "6", "王主任"),
    }


def test_what_was_cut_off_or_is_no_stations_of_ours_is_refused_and_what_never_came_is_missed(
    one: Site, office: Centre, tmp_path: Path
) -> None:
    whole, certificate = one.send(), one.store.signing.certificate()
    part = tmp_path / "cut.age"
    part.write_bytes(whole.read_bytes()[:-2000])
    (parcel,) = office.take(part)
    assert refused(parcel, "parcel.damaged"), parcel
    assert isinstance(certificate, Certificate)
    (tmp_path / "revoked.json").write_bytes(revoke(OFFICE, None, certificate.serial, at=AT, reason="丢失").content)
    office.intake._revocations = tmp_path / "revoked.json"
    (parcel,) = office.take(whole)
    assert refused(parcel, "intake.revoked"), parcel
    assert parcel.reason_data["reason"] == "丢失"
    assert office.counting() == {}
    assert office.store.check().sound
    assert office.store.quarantined() == []
    office.intake._revocations = None  # a newer list without it, say
    one.capture(3)
    (parcel,) = office.take(one.send())
    assert (parcel.missing, parcel.counts) == (True, ReceivedCounts(new=1))
    (parcel,) = office.take(whole)
    assert parcel.counts == ReceivedCounts(new=2)
    assert not any(parcel.missing for parcel in office.store.inbox.all())


def test_what_no_database_takes_is_refused_for_good_and_leaves_nothing(
    one: Site, office: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = one.send()

    def strange(parcel: Parcel, *told: Callable[[Iterable[Any]], object]) -> Iterator[ReceivedRecord]:
        for record in received(parcel, *told):
            for step in record.told["steps"]:
                del step["step"]
            yield record

    monkeypatch.setattr(intake, "received", strange)
    (parcel,) = office.take(file)
    assert refused(parcel, "intake.unfit"), parcel
    assert office.counting() == {}
    assert office.store.check().sound
    assert office.store.quarantined() == []


def test_a_student_captured_at_two_stations_counts_once_until_two_people_decide(one: Site, two: Site, office: Centre) -> None:
    first, second = one.records[2], two.records[2]
    parcels = office.take(one.send(), two.send())
    assert [parcel.counts for parcel in parcels] == [ReceivedCounts(new=2), ReceivedCounts(new=2, aside=1)]
    (conflict,) = office.store.conflicts.all(only_open=True)
    assert (conflict.kind, conflict.first, conflict.second) == (ConflictKind.TWO_STATIONS, first, second)
    assert office.counting()["考生2"] == first
    assert office.store.captures.find(second).state is RecordState.SET_ASIDE
    assert office.store.captures.biometric(second, BiometricKind.PORTRAIT)
    for by in (LI, replace(LI, name="李主任 ")):
        with pytest.raises(StoreError, match=r"conflict\.same_person"):
            office.store.conflicts.decide(conflict.number, second, reason="照片清楚", asked_by=LI, decided_by=by)
    with pytest.raises(StoreError, match=r"conflict\.choice"):
        office.store.conflicts.decide(conflict.number, "", reason="照片清楚", asked_by=LI, decided_by=ZHAO)
    office.store.conflicts.decide(conflict.number, second, reason="照片清楚", asked_by=LI, decided_by=ZHAO)
    assert office.counting()["考生2"] == second
    assert office.store.captures.find(second).version == 1
    with pytest.raises(StoreError, match=r"conflict\.decided"):
        office.store.conflicts.decide(conflict.number, first, reason="不对", asked_by=LI, decided_by=ZHAO)
    # what the first station captures anew contradicts the decision, and is asked about again
    one.capture(2, reason="照片模糊")
    (parcel,) = office.take(one.send())
    assert parcel.counts.aside == 1
    (conflict,) = office.store.conflicts.all(only_open=True)
    office.store.conflicts.decide(conflict.number, one.records[2], reason="重采", asked_by=ZHAO, decided_by=LI)
    assert office.counting()["考生2"] == one.records[2]
    assert [record.version for record in office.store.captures.versions(student(2).id_number)][:2] == [2, 1]
    assert office.store.audit.first_broken() is None


@pytest.mark.parametrize("urls", [{}])
def test_another_name_for_the_number_waits_until_the_roster_is_put_right_or_two_people_decide(
    one: Site, two: Site, office: Centre
) -> None:
    married = replace(student(3), name="张三丰")
    one.capture(3, as_who=married)
    (parcel,) = office.take(one.send())
    assert parcel.counts == ReceivedCounts(new=3, aside=1)
    (conflict,) = office.store.conflicts.all()
    assert (conflict.kind, conflict.first, conflict.second) == (ConflictKind.NAME, one.records[3], "")
    assert set(office.counting()) == {"考生1", "考生2"}
    assert office.store.conflicts.refresh() == 0
    office.store.roster.replace_or_update([student(1), student(2), married])
    assert office.store.conflicts.refresh() == 1
    assert office.store.conflicts.count() == 0
    assert set(office.counting()) == {"考生1", "考生2", "张三丰"}
    office.take(two.send())  # who captured the same number under the old name, and the second student as well
    for conflict in office.store.conflicts.all(only_open=True):
        office.store.conflicts.decide(conflict.number, conflict.first, reason="前者对", asked_by=LI, decided_by=ZHAO)
    assert set(office.counting().values()) == set(one.records.values())


@pytest.mark.parametrize("urls", [{}])
def test_a_name_that_was_decided_for_neither_can_be_asked_anew(one: Site, office: Centre) -> None:
    one.capture(3, as_who=replace(student(3), name="张三丰"))
    office.take(one.send())
    conflicts, told = office.store.conflicts, {"asked_by": LI, "decided_by": ZHAO}
    (first,) = conflicts.all()
    with pytest.raises(StoreError, match=r"conflict\.not_neither"):  # nobody has decided yet
        conflicts.reopen(first.number, reason="查清了", by=LI)
    conflicts.decide(first.number, "", reason="不是本人", **told)
    assert "考生3" not in office.counting()
    again = conflicts.reopen(first.number, reason="查清了，是本人改名", by=LI)
    assert (again.is_open, again.first, again.number > first.number) == (True, first.first, True)
    assert (conflicts.find(first.number).reason, "考生3" in office.counting()) == ("不是本人", False)
    with pytest.raises(StoreError, match=r"conflict\.not_neither"):  # it is asked already
        conflicts.reopen(first.number, reason="查清了", by=LI)
    conflicts.decide(again.number, again.first, reason="改名", **told)
    assert office.counting()["张三丰"] == one.records[3]
    assert office.store.audit.first_broken() is None


def test_data_that_were_set_back_and_went_on_are_noticed(one: Site, office: Centre, tmp_path: Path) -> None:
    office.take(one.send())
    one.store.close()
    copied(tmp_path / "one", tmp_path / "older")
    with site(tmp_path / "one") as original:
        original.store.corrections.correct(student(1).id_number, "class_name", "6", reason="转班", by=WANG, at=AT)
        original.capture(3)
        office.take(original.send())
    with site(tmp_path / "older") as older:  # a backup that was put back, or a cloned disk
        older.store.corrections.correct(student(1).id_number, "class_name", "7", reason="转班", by=WANG, at=AT)
        older.capture(3)
        (parcel,) = office.take(older.send())
    assert parcel.counts == ReceivedCounts(new=2, aside=2)
    found = {conflict.kind: conflict for conflict in office.store.conflicts.all(only_open=True)}
    assert set(found) == {ConflictKind.TWO_STATES, ConflictKind.TWO_STATIONS}
    states = found[ConflictKind.TWO_STATES]
    assert office.counting()["考生1"] == states.first == original.records[1]
    assert office.store.captures.find(states.first).corrections[0].after == "6"
    office.store.conflicts.decide(states.number, states.second, reason="后者对", asked_by=LI, decided_by=ZHAO)
    assert office.store.captures.latest_complete(student(1).id_number).corrections[0].after == "7"
    assert office.store.check().sound


@pytest.mark.parametrize("urls", [{}])
def test_what_was_deleted_here_does_not_come_back(one: Site, office: Centre) -> None:
    file = one.send()
    office.take(file)
    wanted = {student(1).id_number: frozenset(Part), student(2).id_number: frozenset({Part.PICTURES})}
    office.store.erasing.erase(wanted, asked_by=LI, decided_by=ZHAO, why=Why.TERM, reason="到期", at=AT)
    pieces = len(office.store.captures.kept(one.records[2]))
    for number in (1, 2):
        one.store.corrections.correct(student(number).id_number, "class_name", "6", reason="转班", by=WANG, at=AT)
    for again in (file, one.send(), one.send(which=Which.ALL)):
        (parcel,) = office.take(again)
        assert parcel.state is ReceivedState.TAKEN
    assert set(office.counting()) == {"考生2"}
    assert len(office.store.captures.kept(one.records[2])) == pieces
