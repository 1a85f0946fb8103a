"""采集包: everything that the office has not had, in files that lose nothing and tell nothing to anybody else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.ciphers import SM, new_office_key
from kiosk.ciphers.age import Opening, Sealing
from kiosk.cli import main
from kiosk.errors import ExchangeError
from kiosk.exchange import parcel
from kiosk.exchange.captures_parcel import ReceivedRecord, captures_head, received
from kiosk.exchange.parcel import reading
from kiosk.exchange.verifying import inspect
from kiosk.office import Office, Tone, Verdict
from kiosk.office.parcel_look import Belief, look, look_here
from kiosk.office.parcels import LEAST_PART, Which, bytes_of
from kiosk.records import Biometric, BiometricKind, Part, Step, StepResult, Why
from kiosk.records import Verdict as Judged
from kiosk.store import Store
from tests.exchange.photographs import jpeg
from tests.killing import killed_at
from tests.parcels.conftest import BY_OFFICE, OFFICE, SCHOOL, SEALED, STRANGER, WANG, Station, capture, certify, spoilt
from tests.store.conftest import AT, begin_in, student

BELIEF = Belief(frozenset({OFFICE.signing.public}))


def arrived(file: Path) -> dict[str, ReceivedRecord]:
    with reading(file, BY_OFFICE) as parcel:
        return {one.id: one for one in received(parcel)}


def codes(found: Verdict) -> list[str]:
    return [line.message.code for line in found.lines]


def test_the_office_gets_every_record_with_its_pictures_and_its_steps(station: Station) -> None:
    (file,) = station.send()
    found = arrived(file)
    assert list(found) == list(station.records.values())
    one = found[station.records[1]]
    assert one.blobs[0] == jpeg()
    assert one.told["record"]["student"]["name"] == "考生1"
    assert [(blob["kind"], blob["step"]) for blob in one.told["blobs"]] == [("portrait", 0), ("right_thumb", 0)]
    assert [step["step"] for step in one.told["steps"]] == ["face"]
    verdict = look(file, BY_OFFICE, BELIEF)
    assert verdict.tone is Tone.GOOD
    assert codes(verdict) == ["certificate.is.valid", "parcel.captures", "parcel.trail", "parcel.whole"]


def test_nothing_can_be_read_outside(station: Station) -> None:
    (file,) = station.send()
    content = file.read_bytes()
    for told in ("考生1", student(1).id_number, "西宁", "portrait", station.records[1]):
        assert told.encode() not in content
        assert told not in file.name
    assert jpeg()[100:200] not in content
    with pytest.raises(ExchangeError, match=r"package\.no_key"):
        look(file, Opening(identities=(STRANGER.identity,)), BELIEF)
    assert not list((station.folder / "data").rglob("drafts/*"))


def test_the_next_one_has_only_what_changed(station: Station) -> None:
    (first,) = station.send()
    assert arrived(station.send()[0]) == {}
    third = capture(station.store, 3)
    station.store.corrections.correct(student(1).id_number, "class_name", "6", reason="错字", by=WANG, at=AT)
    (later,) = station.send()
    assert list(arrived(later)) == [station.records[1], third]
    assert arrived(later)[station.records[1]].digest != arrived(first)[station.records[1]].digest
    with reading(later, BY_OFFICE) as parcel:
        assert captures_head(parcel.head).before == station.store.parcels.all()[1].id


def test_whatever_was_not_confirmed_goes_again_and_is_the_same_record(station: Station) -> None:
    (first,) = station.send()
    (again,) = station.send(which=Which.UNCONFIRMED)
    assert {one.id: one.digest for one in arrived(again).values()} == {one.id: one.digest for one in arrived(first).values()}


def test_what_was_deleted_here_never_takes_the_place_of_the_whole(station: Station) -> None:
    station.send()
    who, what = station.records[1], frozenset({Part.PICTURES})
    number = station.store.captures.find(who).student.id_number  # type: ignore[union-attr]
    asked = {"asked_by": WANG, "decided_by": type(WANG)("李老师"), "why": Why.REQUEST, "reason": "申请", "at": AT}
    station.store.erasing.erase({number: what}, **asked)  # type: ignore[arg-type]
    assert station.office.parcels.plan().records == 0
    assert station.office.parcels.plan(Which.ALL).records == 2


def test_it_is_split_into_parts_that_are_each_whole(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.office.parcels.LEAST_PART", 0)
    parts = station.send(part_size=80_000)
    assert len(parts) == 2
    assert all(part.stat().st_size < 80_000 for part in parts)
    assert list(arrived(parts[1])) == [station.records[2]]  # without the first
    assert look(parts[1], BY_OFFICE, BELIEF).tone is Tone.GOOD


def test_a_size_is_understood_or_told() -> None:
    assert [bytes_of(text) for text in ("4GB", "700 mb", "2g", "12345678")] == [4 * 10**9, 7 * 10**8, 2 * 10**9, 12345678]
    for text in ("", "GB", "4,5GB", "-1", "4TB", "9" * 20):
        with pytest.raises(ExchangeError, match=r"parcel\.size_unreadable"):
            bytes_of(text)


def test_a_part_that_holds_nothing_is_refused(station: Station) -> None:
    with pytest.raises(ExchangeError, match=r"parcel\.part_small"):
        station.office.parcels.plan(part_size=LEAST_PART - 1)


def test_a_damaged_picture_keeps_only_its_record_back(station: Station) -> None:
    with station.store._opened.vault.write() as connection:
        connection.exec_driver_sql("UPDATE blobs SET sealed = zeroblob(20) WHERE rowid = 1")
    plan = station.office.parcels.plan()
    done = station.office.parcels.write(plan, SEALED, actor="王主任")
    assert done.hurt == (station.records[1],)
    assert station.office.parcels.plan().records == 1  # it is tried again
    assert list(arrived(station.office.parcels.path_of(done.written[0].name))) == [station.records[2]]  # type: ignore[arg-type]


def test_an_open_record_waits(station: Station) -> None:
    begin_in(station.store, student(3))
    assert len(arrived(station.send()[0])) == 2


def test_the_trail_goes_along_without_a_gap(station: Station) -> None:
    numbers: list[int] = []
    for _ in range(2):
        with reading(station.send()[0], BY_OFFICE) as parcel:
            _, content = next(parcel.pieces)
        numbers += [json.loads(line)["number"] for line in content.splitlines()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_station_knows_its_own_file_and_nobody_else_s(station: Station) -> None:
    (file,) = station.send()
    assert codes(look_here(station.store, file)) == ["parcel.own"]
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ExchangeError, match=r"package\.no_key"):
        look_here(station.store, file)


def test_a_station_without_a_certificate_or_of_another_office_is_doubted(station: Station) -> None:
    (file,) = station.send()
    assert look(file, BY_OFFICE, Belief()).tone is Tone.DOUBT
    with station.store._opened.identity.write() as connection:
        connection.exec_driver_sql("DELETE FROM certificates")
    assert codes(look(station.send()[0], BY_OFFICE, BELIEF))[0] == "verify.uncertified"


def test_a_station_of_the_other_suite_sends_and_takes_as_well(tmp_path: Path) -> None:
    key = new_office_key(SM)
    with Store.open(tmp_path / "data", clock=lambda: AT, suite=SM) as store:
        store.roster.replace_or_update([student(1)])
        store.school.put(SCHOOL, by=WANG)
        certify(store, key)
        record = capture(store, 1)
        office = Office(store, tmp_path / "export")
        to = Sealing(recipients=(key.recipient,))
        (written,) = office.parcels.write(office.parcels.plan(), to, actor="王主任").written
        file, by = tmp_path / "export" / "packages" / written.name, Opening(identities=(key.identity,))
        assert look(file, by, Belief(frozenset({key.signing.public}))).tone is Tone.GOOD
        with reading(file, by) as parcel:
            assert [one.id for one in received(parcel)] == [record]
        with pytest.raises(ExchangeError, match=r"verify\.is_parcel"):
            inspect(file, by)
        office.close()


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("sent")
    with Store.open(folder / "data", clock=lambda: AT) as store:
        store.roster.replace_or_update([student(1)])
        record = begin_in(store, student(1))
        piece = Biometric(BiometricKind.FACE_TEMPLATE, b"t" * 150_000)
        store.captures.save_step(record.id, StepResult(Step.FACE, Judged.PASS, AT), [piece])
        store.captures.finish(record.id, AT)
        office = Office(store, folder / "export")
        done = office.parcels.write(office.parcels.plan(), SEALED, actor="王主任")
        office.close()
        return (folder / "export" / "packages" / done.written[0].name).read_bytes()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_not_one_bit_changes_and_not_one_byte_is_cut_unnoticed(sent: bytes, tmp_path: Path, data: st.DataObject) -> None:
    file = tmp_path / "x.age"
    file.write_bytes(spoilt(sent, data))
    try:
        verdict = look(file, BY_OFFICE, BELIEF)
    except ExchangeError as error:  # in the header: nobody can say whose it is
        told = [error.code]
    else:
        told = [verdict.lines[0].message.code]
        assert (verdict.tone, bool(verdict.lines[0].message.data["at"])) == (Tone.BAD, True)
    assert told[0] in {"package.no_package", "package.no_key", "error.parcel.damaged", "error.package.damaged"}


@pytest.mark.skipif(os.name != "posix", reason="kills a process as a power cut does")
def test_a_kill_leaves_nothing_half_and_the_next_call_sends_the_rest(tmp_path: Path, station: Station) -> None:
    """The process dies between two parts and within one: no file without its end, and no record is lost."""
    sealing = Sealing(recipients=(OFFICE.recipient,))

    def write() -> None:
        pytest.MonkeyPatch().setattr("kiosk.office.parcels.LEAST_PART", 0)
        with Store.open(tmp_path / "data") as store:
            office = Office(store, tmp_path / "export")
            office.parcels.write(office.parcels.plan(part_size=80_000), sealing, tmp_path / "stick", actor="王")

    station.store.close()
    killed_at(parcel, "_add", 8, write, after=True)
    whole = [path for path in (tmp_path / "stick").iterdir() if path.suffix == ".age"]
    assert [list(arrived(path)) for path in whole] == [[station.records[1]]]
    with Store.open(tmp_path / "data", clock=lambda: AT) as store:
        office = Office(store, tmp_path / "export")
        done = office.parcels.write(office.parcels.plan(), SEALED, tmp_path / "stick", actor="王主任")
        office.close()
        assert list(arrived(tmp_path / "stick" / done.written[0].name)) == [station.records[2]]
        assert not [path for path in (tmp_path / "stick").iterdir() if path.suffix == ".part"]


def test_the_commands_write_and_look(tmp_path: Path, station: Station) -> None:
    station.store.close()
    config = tmp_path / "config.toml"
    config.write_text('[store]\nfolder = "data"\n', encoding="utf-8")
    key = tmp_path / "office.key"
    key.write_text(OFFICE.text(), encoding="ascii")

    def kiosk(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--config", str(config), "package", *arguments])
        return done.exit_code, done.output

    status, told = kiosk("captures", "--out", str(tmp_path / "stick"))
    assert (status, "2 条记录" in told) == (0, True), told
    (file,) = (tmp_path / "stick").iterdir()
    status, told = kiosk("look", str(file), "--key", str(key))
    assert (status, "完好" in told, "西宁第一中学" in told) == (0, True, True), told
    assert kiosk("look", str(file))[0] == 0
    file.write_bytes(file.read_bytes()[:-40])
    status, told = kiosk("look", str(file), "--key", str(key))
    assert (status, "截断" in told, "000-portrait" in told) == (1, True, True), told
