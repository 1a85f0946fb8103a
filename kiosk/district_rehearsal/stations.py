"""What runs in processes of their own: a station's day, what it sends again, what it deletes; the office that is killed."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np

from kiosk import idnumber
from kiosk.ciphers import OfficeKey
from kiosk.ciphers.age import Sealing
from kiosk.ciphers.certificates import CertificateRequest, issue
from kiosk.ciphers.office_key import read_office_key
from kiosk.config import SIMULATED, Databases, DeliverySettings, RetentionSettings, TermSettings
from kiosk.district_rehearsal.plot import AT, DAY, Fate, Post, Sitting
from kiosk.errors import KioskError
from kiosk.exam_rehearsal import Body
from kiosk.exchange import load_profile
from kiosk.exchange.parcel import SUFFIX, Kind, piece, reading, write_parcel
from kiosk.exchange.shelf import look_in, path_of
from kiosk.office.account_lists import AccountLists
from kiosk.office.delivery import Delivery
from kiosk.office.intake import Intake
from kiosk.office.parcels import Parcels, Which
from kiosk.office.receipts import Receipts
from kiosk.office.retention import Retention
from kiosk.office.rosters import Rosters
from kiosk.office.school_parcels import SchoolParcels
from kiosk.pipeline.face.compact import pack as pack_face
from kiosk.records import (
    Biometric,
    BiometricKind,
    CardData,
    CardKind,
    Part,
    Person,
    Role,
    Step,
    StepResult,
    Student,
    Verdict,
)
from kiosk.store import Store
from kiosk.store.elsewhere_rows import STAFF, STUDENTS

_TERM: Final = timedelta(days=800)  # after which everything that was confirmed is due
_TERMS: Final = RetentionSettings(
    **{str(part): TermSettings(days=getattr(RetentionSettings(), part).days, start="receipt") for part in Part}
)
# TLS looks at the machine's clock, and at nobody else's.
_ALWAYS: Final = (datetime(2001, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC))
_PIN, _STAFF = "204816", 10_000_000  # the second: bodies of nobody who is captured
PROFILE: Final = "district"  # which no station has
PACKAGES: Final = "packages"
_PICTURE: Final = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
OPERATOR, DECIDER = Person("采集员", "0" * 32), Person("负责人", "1" * 32)
KEY: Final = "office.key"


@dataclass(frozen=True)
class Left:
    """What is left at a station at the end: records that the office has not confirmed, that are kept, that were deleted, that
    were due before the permission or the term; of how many the office told what was decided; whom of other stations' staff and
    of the students whom those captured it knows; and the digest of the profile that came with the 名单包."""

    unconfirmed: int
    kept: int
    deleted: int
    early: int
    told: int
    staff: frozenset[str]
    others: frozenset[str]
    profile: str


@dataclass(frozen=True)
class Delivered:
    """What came of a call to the office: packages that it took, answers of its that wait to be looked at, or the code of what
    it said instead."""

    taken: int = 0
    to_decide: int = 0
    refusal: str = ""


def capture(folder: Path, seed: int, post: Post) -> list[Path]:
    """A day: the office's certificate, then captures, and a package after each part of the day."""
    with station_store(folder, post, timedelta(0)) as store:
        office = office_key(folder)
        store.roster.replace_or_update([one.student for one in post.sittings])
        store.school.put(post.school, by=OPERATOR)
        asked = CertificateRequest.read(store.signing.request(station=post.name, school=post.school))
        found = issue(office, asked, valid_from=_ALWAYS[0], valid_until=_ALWAYS[1])
        store.signing.take_certificate(found.content, office_key=office.signing.public, school_code="", by=OPERATOR.name)
        (folder / post.name / "serial").write_text(found.serial)
        account = store.accounts.issue(post.staff, Role.OFFICER, _PIN, by=None)
        face = pack_face(Body(_chance(seed, _STAFF, post.number)).face)
        store.staff.keep(account.id, card=None, templates=[Biometric(BiometricKind.FACE_TEMPLATE, face)], by=account.person)
        files = []
        for part, fate in enumerate(post.fates):
            for sitting in post.sittings:
                if sitting.part == part:
                    _sit(store, sitting, seed, post)
            files += _write(store, folder, post, Which.NEW)
            if fate in _FORMS:
                _as_another_version_writes(files[-1], store, office, _FORMS[fate])
        return files


def send_again(folder: Path, seed: int, post: Post, others: Sequence[Sitting]) -> list[Path]:
    """The day after: what the receipt doesn't confirm goes once more, and somebody comes who was captured in vain."""
    with station_store(folder, post, DAY) as store:
        if (receipt := folder / post.name / f"receipt-False{SUFFIX}").exists():  # none where nothing arrived
            Receipts(store).take(receipt, by=OPERATOR.name)
        store.roster.replace_or_update([one.student for one in (*post.sittings, *others)])
        for sitting in others:
            _sit(store, Sitting(sitting.student, sitting.body, 1, 0), seed, post)
        return _write(store, folder, post, Which.UNCONFIRMED, PACKAGES)


def call(folder: Path, _: int, post: Post, address: str, later: timedelta) -> Delivered:
    """Deliver what was written for the network, and fetch what the office has for the station."""
    with station_store(folder, post, later) as store:
        place, receipts = folder / post.name / PACKAGES, Receipts(store)
        line = Delivery(store, Parcels(store, place, post.name), receipts, DeliverySettings(office=address), place)
        try:
            done = line.deliver()
        except KioskError as error:
            return Delivered(refusal=error.code)
        return Delivered(done.taken, done.to_decide)


def delete(folder: Path, _: int, post: Post) -> Left:
    """When the terms are over: what the office sent is taken, and what it permits is deleted by two people."""
    look_in(folder / post.name / "profiles")
    with station_store(folder, post, 3 * DAY) as store:
        early, receipts = _due(store, folder), Receipts(store)
        schools = SchoolParcels(store, Rosters(store), AccountLists(store), "qinghai-xuekao")
        for answer in _answers(folder / post.name):
            if receipts.kind_of(answer) is Kind.RECEIPT:
                receipts.take(answer, by=OPERATOR.name)
            else:
                schools.take(answer, by=OPERATOR)
        early += _due(store, folder)
        staff = frozenset(one.name for one in store.elsewhere.people(STAFF))
        others = frozenset(one.id_number for one in store.elsewhere.people(STUDENTS))
        standing, told = Parcels(store, folder, post.name).standing(), len(Receipts(store).words())
    with station_store(folder, post, _TERM) as store:
        retention = Retention(store, folder / post.name, _TERMS, post.name)
        before = store.captures.count()
        groups = {one.group for one in store.retention.holdings()}
        if retention.due(groups, set(Part)):
            who = {"asked_by": OPERATOR, "decided_by": DECIDER}
            retention.delete_due(groups, set(Part), reason="保存期满", **who)  # type: ignore[arg-type]
        kept = store.captures.count()
        profile = load_profile(PROFILE).hash if path_of(PROFILE) is not None else ""
        unconfirmed = standing.waiting + standing.unconfirmed
        return Left(unconfirmed, kept, before - kept, early, told, staff, others, profile)


def _answers(folder: Path) -> list[Path]:
    """What came by stick, and over the network."""
    by_stick = [one for one in (folder / f"receipt-True{SUFFIX}", folder / f"school{SUFFIX}") if one.exists()]
    return [*by_stick, *sorted(folder.glob(f"{PACKAGES}/*/*{SUFFIX}"))]


def _due(store: Store, folder: Path) -> int:
    groups = {one.group for one in store.retention.holdings()}
    return len(Retention(store, folder, _TERMS).due(groups, set(Part)))


_FORMS: Final = {Fate.OLD_VERSION: -1, Fate.NEWER_VERSION: 1}
KINDS: Final = frozenset(
    {
        BiometricKind.PORTRAIT,
        BiometricKind.FACE_TEMPLATE,
        BiometricKind.RIGHT_THUMB_TEMPLATE,
        BiometricKind.RIGHT_THUMB_SECOND_TEMPLATE,
        BiometricKind.LEFT_THUMB_TEMPLATE,
        BiometricKind.LEFT_THUMB_SECOND_TEMPLATE,
    }
)


def _sit(store: Store, sitting: Sitting, seed: int, post: Post) -> None:
    who, at = sitting.student, store.audit.now()
    right, left = _hands(sitting, seed)
    record = store.captures.begin(
        who,
        _card(who),
        station=post.name,
        operator=OPERATOR.name,
        profile="qinghai-xuekao",
        profile_hash="0" * 64,
        at=at,
    )
    kinds = BiometricKind
    pieces = {
        Step.FACE: {kinds.PORTRAIT: _PICTURE, kinds.FACE_TEMPLATE: pack_face(right.face)},
        Step.RIGHT_THUMB: {
            kinds.RIGHT_THUMB_TEMPLATE: right.enrolled_thumb(),
            kinds.RIGHT_THUMB_SECOND_TEMPLATE: right.enrolled_thumb(),
        },
        Step.LEFT_THUMB: {
            kinds.LEFT_THUMB_TEMPLATE: left.enrolled_thumb(),
            kinds.LEFT_THUMB_SECOND_TEMPLATE: left.enrolled_thumb(),
        },
    }
    for step, kept in pieces.items():
        given = [Biometric(kind, content) for kind, content in kept.items()]
        store.captures.save_step(record.id, StepResult(step, Verdict.PASS, at), given)
    store.captures.finish(record.id, at)


def _hands(sitting: Sitting, seed: int) -> tuple[Body, Body]:
    """Face and right thumb, and the left one, as they are at this sitting: the same person's at every one."""

    def body(number: int, hand: int) -> Body:
        twin = Body(_chance(seed, sitting.like, hand)) if sitting.like >= 0 and hand == 0 else None
        return Body(_chance(seed, number, hand), twin)

    now = [body(sitting.body, hand).again(_chance(seed, sitting.body, hand, sitting.take + 1)) for hand in (0, 1)]
    return now[0], now[1]


def _chance(*numbers: int) -> np.random.Generator:
    return np.random.default_rng(numbers)


def _write(store: Store, folder: Path, post: Post, which: Which, place: str = "stick") -> list[Path]:
    parcels = Parcels(store, folder / post.name / place, post.name, with_staff=True)
    to = Sealing(recipients=(office_key(folder).recipient, store.signing.recipient()))  # its own copy, too
    done = parcels.write(parcels.plan(which), to, actor=OPERATOR.name)
    return [folder / post.name / place / one.name for one in done.written]


def _as_another_version_writes(file: Path, store: Store, office: OfficeKey, step: int) -> None:
    """As the program before this one wrote it, or the one after: the shape of the data is another, and the oldest ones don't
    tell which program they are."""
    to = Sealing(recipients=(office.recipient, store.signing.recipient()))
    with reading(file, store.signing.opening()) as parcel:
        told = dict(parcel.head.told)
        key = store.signing.key()
        pieces = [piece(key, entry.name, content) for entry, content in parcel.pieces]
    told["formats"] = {room: f"{int(form) + step:04d}" for room, form in told["formats"].items()}
    if step < 0:
        del told["program"]
    for name in ("kind", "format", "files", "suite", "signature"):
        told.pop(name, None)
    file.unlink()
    write_parcel(file, to, key, Kind.CAPTURES, told, pieces)


def take_in(
    folder: Path, databases: Databases, files: list[Path], nth: int | None, parent: multiprocessing.connection.Connection
) -> None:
    """Lay everything in, and work it off; while the n-th is under way wait to be killed."""
    with office_store(folder, databases, AT + DAY / 2) as store:
        intake = Intake(store, office_key(folder), folder / "revoked.json")
        for file in files:
            intake.lay(file, by=OPERATOR.name)
        intake.recover()
        for number, waiting in enumerate(intake.waiting()):

            def tell(done: int, total: int = 0, number: int = number) -> None:  # noqa: ARG001
                if nth is not None and number >= nth and done:
                    parent.send("in the middle")
                    parent.poll(None)

            intake.take(waiting.number, tell)
    parent.send("done")


def office_key(folder: Path) -> OfficeKey:
    return read_office_key((folder / KEY).read_bytes(), KEY)


def office_store(folder: Path, databases: Databases, at: datetime) -> Store:
    """Its halves are files, or lie on a server."""
    return Store.open_station(folder / "office" / SIMULATED, clock=lambda: at, **databases)


def station_store(folder: Path, post: Post, later: timedelta) -> Store:
    """By the station's own clock, which runs, and may be wrong."""
    began_s, at = perf_counter(), AT + later + post.skew
    return Store.open_station(folder / post.name / SIMULATED, clock=lambda: at + timedelta(seconds=perf_counter() - began_s))


def _card(student: Student) -> CardData:
    sex, birth = idnumber.sex_code(student.id_number), idnumber.birth_date(student.id_number)
    told = ("04", "藏", f"{birth:%Y%m%d}", birth, "青海省西宁市城中区", student.id_number, "西宁市公安局")
    return CardData(CardKind.RESIDENT, student.name, sex, "男" if sex == "1" else "女", *told, "20200131", "20300131")
