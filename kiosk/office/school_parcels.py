"""名单包 at a station: whose it is and for whom, what taking it would change, taking it, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.ciphers.age import Opening
from kiosk.ciphers.certificates import Certificate, Revocations, fingerprint
from kiosk.clock import moment
from kiosk.errors import ExchangeError, StoreError
from kiosk.exchange.parcel import Head, Kind, head_of, reading
from kiosk.exchange.school_parcel import SchoolHead, SchoolParcel, SchoolWindow, read_school, school_head
from kiosk.office.account_lists import AccountLists
from kiosk.office.given_profile import ProfileChange, keep_profile, profile_change
from kiosk.office.rosters import Rosters
from kiosk.records import Account, AccountListPlan, KnownElsewhere, Person, SchoolName, Student, TakenParcel
from kiosk.store import RosterChange, Store, Window, read_list
from kiosk.store.elsewhere_rows import STAFF
from kiosk.store.offices import believed, known_offices

_KIND: Final = str(Kind.SCHOOL)
_TAKEN: Final = "parcel.school"


@dataclass(frozen=True)
class SchoolPlan:
    """What taking a 名单包 would do. `first`: the office is not known here; its fingerprint has to be compared. `profile` is
    the one that it wants, where the station has another, `definition` what of it changes here; `accounts` None where nothing
    about them changes, `staff` where nothing is said of them."""

    head: SchoolHead
    office_key: bytes
    digest: str
    first: bool
    before: int
    students: int
    roster: RosterChange
    corrected: tuple[Student, ...]
    windows_new: tuple[SchoolWindow, ...]
    windows_gone: tuple[Window, ...]
    deadline: datetime | None
    deadline_before: datetime | None
    profile: str
    accounts: AccountListPlan | None
    certificate: Certificate | None
    revocations: Revocations | None
    staff: tuple[KnownElsewhere, ...] | None = None  # of the school's other stations
    definition: ProfileChange | None = None

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.office_key)


@dataclass(frozen=True)
class BackPlan:
    """What going back would do."""

    now: TakenParcel
    then: TakenParcel
    students: tuple[Student, ...]
    roster: RosterChange
    windows_new: tuple[SchoolWindow, ...]
    windows_gone: tuple[Window, ...]
    definition: ProfileChange | None = None


@dataclass(frozen=True)
class _Read:
    head: Head
    parcel: SchoolParcel
    first: bool


class SchoolParcels:
    """Raises ExchangeError ("parcel.…", "package.…"), StoreError."""

    def __init__(self, store: Store, rosters: Rosters, account_lists: AccountLists, profile: str) -> None:
        """`profile` is the station's."""
        self._store = store
        self._rosters = rosters
        self._account_lists = account_lists
        self._profile = profile

    def plan(self, path: Path, *, office_key: str = "", password: str = "") -> SchoolPlan:
        """What taking one would do; nothing changes. `office_key`: hexadecimal, as the office told the school by another way,
        where the station knows none yet; `password` where it is sealed under one.

        Refused are: another office's, another school's, a version that is not newer, and what is damaged or can't be taken
        whole.
        """
        return self._plan(self._read(path, office_key, password))

    def take(self, path: Path, *, office_key: str = "", password: str = "", by: Person) -> tuple[SchoolPlan, list[Account]]:
        """Take one; what was done, and the accounts whose sessions end with it. Raises as `plan` does."""
        read = self._read(path, office_key, password)
        plan, parcel, store = self._plan(read), read.parcel, self._store
        head, office, at = plan.head, read.head.signer, store.audit.now()
        taken = TakenParcel(_KIND, head.version, office, read.head.digest, read.head.content, by.name, at)
        number = store.office_parcels.begin(taken, parcel.students)
        known = store.school.get()
        if not (known.name and known.code):
            name, code = known.name or head.school.name, known.code or head.school.code
            store.school.put(replace(known, name=name, code=code), by=by)
        opening = store.deadline.state().locked(self._now())  # a later deadline opens the list, a past one closes it
        if opening:
            self._set_deadline(plan, by)
        self._rosters.take_listed(parcel.students, head.told, actor=by.name)
        self._change_windows(plan.windows_new, plan.windows_gone, head.school, by.name)
        if not opening:
            self._set_deadline(plan, by)
        ended: list[Account] = []
        if plan.accounts is not None:
            ended = self._account_lists.take(parcel.accounts, office_key=office.hex(), by=by)
        if plan.certificate is not None:
            told = {"office_key": office, "school_code": head.school.code, "by": by.name}
            store.signing.take_certificate(plan.certificate.content, **told)  # type: ignore[arg-type]
        if plan.revocations is not None:
            store.signing.take_revocations(plan.revocations.content, by=by.name, offices=frozenset({office}))
        if plan.staff is not None:
            store.elsewhere.take(STAFF, plan.staff, head.issued_at)
        self._keep_profile(plan.definition, by.name)
        store.office_parcels.finish(number, at, by=by.name, version=head.version, action=_TAKEN)
        return plan, ended

    def _set_deadline(self, plan: SchoolPlan, by: Person) -> None:
        if plan.deadline is not None:
            told = {"school_code": plan.head.school.code, "office_key": plan.office_key}
            self._store.deadline.set_by_office(plan.deadline, **told, by=by.name)  # type: ignore[arg-type]

    def _now(self) -> datetime:
        return max(self._store.timekeeping.now(), datetime.now(UTC))

    def office_known(self) -> bool:
        """Whether the station knows whose packages it takes."""
        return bool(known_offices(self._store))

    def versions(self) -> Sequence[TakenParcel]:
        """Those that were taken, the newest first."""
        return self._store.office_parcels.all(_KIND)

    def plan_back(self) -> BackPlan:
        """What going back to the version before would do. Raises ExchangeError("parcel.no_earlier")."""
        standing = [one for one in self.versions() if one.left_at is None]
        if len(standing) < 2:
            raise ExchangeError("parcel.no_earlier")
        now, then = standing[0], standing[1]
        students, head = tuple(self._store.office_parcels.students(then.number)), _head(then)
        if not students:
            raise ExchangeError("parcel.no_earlier")
        change, _ = self._rosters.preview_listed(students, head.told)
        new, gone = self._windows(head, _head(now).windows)
        return BackPlan(now, then, students, change, new, gone, self._definition(head))

    def go_back(self, *, by: str) -> BackPlan:
        """Roster, windows and the profile's definition, where it had one, are as the version before had them; deadline,
        accounts and certificates stay. What was captured stays. Raises as `plan_back` does, StoreError after the deadline."""
        plan = self.plan_back()
        head = _head(plan.then)
        self._rosters.take_listed(plan.students, head.told, actor=by)
        self._change_windows(plan.windows_new, plan.windows_gone, head.school, by)
        self._keep_profile(plan.definition, by)
        self._store.office_parcels.leave(plan.now.number, self._store.audit.now(), by=by, version=plan.now.version)
        return plan

    def _read(self, path: Path, office_key: str, password: str) -> _Read:
        opening = Opening(passphrase=password) if password else self._store.signing.opening()
        with reading(path, opening) as parcel:
            school_head(parcel.head)  # another kind is told as such
            first = believed(self._store, parcel.head.signer, office_key)
            return _Read(parcel.head, read_school(parcel), first)

    def _plan(self, read: _Read) -> SchoolPlan:
        head, office, store = read.parcel.head, read.head.signer, self._store
        own = store.school.get()
        if own.code and own.code != head.school.code:
            raise ExchangeError("parcel.other_school", school=head.school.code, ours=own.code)
        standing = store.office_parcels.standing(_KIND)
        if standing is not None and head.version <= standing.version:
            same = standing.digest == read.head.digest
            raise ExchangeError("parcel.already" if same else "parcel.older", version=head.version, ours=standing.version)
        state, now = store.deadline.state(), self._now()
        before = state.deadline
        deadline = head.deadline if head.deadline is not None and head.deadline != before else None
        if deadline is not None:
            store.deadline.require_same_office(school_code=head.school.code, office_key=office)
        if state.locked(now) and (deadline is None or deadline <= now):
            raise StoreError("store.locked", deadline=moment(state.deadline))
        for window in head.windows:
            _require_sound(window, head.school, read.parcel.students)
        change, corrected = self._rosters.preview_listed(read.parcel.students, head.told)
        new, gone = self._windows(head, _head(standing).windows if standing is not None else ())
        return SchoolPlan(
            head,
            office,
            read.head.digest,
            read.first,
            standing.version if standing is not None else 0,
            len(read.parcel.students),
            change,
            corrected,
            new,
            gone,
            deadline,
            before,
            head.profile if head.profile != self._profile else "",
            self._accounts(read.parcel.accounts, office),
            self._certificate(read.parcel.certificates, office, head.school),
            self._revocations(read.parcel.revocations, office),
            self._staff(read.parcel.staff),
            self._definition(head),
        )

    def _definition(self, head: SchoolHead) -> ProfileChange | None:
        return profile_change(head, {_head(one).definition for one in self.versions()})

    def _keep_profile(self, change: ProfileChange | None, by: str) -> None:
        if change is not None and keep_profile(change):
            told = {"was": change.was, "now": change.now}
            self._store.audit.record("profile.take", actor=by, subject=change.name, **told)

    def _windows(
        self, wanted: SchoolHead, before: Sequence[SchoolWindow]
    ) -> tuple[tuple[SchoolWindow, ...], tuple[Window, ...]]:
        """Which of a version's windows are missing here, and which of those that the version `before` opened go; windows that
        the school opened itself stay."""
        standing = {_content(one): one for one in self._store.rounds.windows()}
        contents = {_content(_window(one, wanted.school)): one for one in wanted.windows}
        new = tuple(one for content, one in contents.items() if content not in standing)
        opened = (_content(_window(one, wanted.school)) for one in before)
        gone = tuple(standing[one] for one in opened if one in standing and one not in contents)
        return new, gone

    def _change_windows(self, new: Sequence[SchoolWindow], gone: Sequence[Window], school: SchoolName, by: str) -> None:
        for one in new:
            self._store.rounds.add(_window(one, school), by=by)
        for window in gone:
            self._store.rounds.withdraw(window.number, reason="名单包", by=by)

    def _accounts(self, content: bytes, office: bytes) -> AccountListPlan | None:
        if not content:
            return None
        listed, latest = read_list(content, office), self._store.account_lists.latest()
        if latest is not None and latest.version >= listed.version:
            return None
        return self._store.account_lists.plan(content, office_key=office)

    def _certificate(self, contents: Sequence[bytes], office: bytes, school: SchoolName) -> Certificate | None:
        """The one for this station, where it has not got it. Raises StoreError for one that could not be taken."""
        own, known = self._store.signing.key().public, self._store.signing.certificate()
        for found in map(Certificate.read, contents):
            if found.public_key != own or found.office_key != office or (known and known.serial == found.serial):
                continue
            if found.valid_until <= self._store.audit.now():
                raise StoreError("certificate.expired", until=moment(found.valid_until))
            if found.school_code not in ("", school.code):
                raise StoreError("certificate.other_school", school=found.school, number=found.school_code)
            return found
        return None

    def _staff(self, told: Sequence[KnownElsewhere] | None) -> tuple[KnownElsewhere, ...] | None:
        """But for those who gave their templates here: what of them was erased here does not come back."""
        return None if told is None else tuple(one for one in told if one.store != self._store.id())

    def _revocations(self, content: bytes, office: bytes) -> Revocations | None:
        """The list, where it is newer than the one here."""
        if not content:
            return None
        found, known = Revocations.read(content), self._store.signing.revocations(office)
        if found.office_key != office:
            raise StoreError("certificate.other_office")
        return found if known is None or known.number < found.number else None


def _head(taken: TakenParcel) -> SchoolHead:
    return school_head(head_of(taken.head))


def _window(one: SchoolWindow, school: SchoolName) -> Window:
    return Window(one.round, one.opens_at, one.closes_at, one.grade, one.class_name, school.key, one.category)


def _content(window: Window) -> tuple[object, ...]:
    return tuple(value for name, value in sorted(vars(window).items()) if name != "number")


def _require_sound(window: SchoolWindow, school: SchoolName, students: Sequence[Student]) -> None:
    """Nothing is half taken because of a window that can't be opened."""
    of = _window(window, school)
    if window.closes_at <= window.opens_at:
        raise StoreError("store.window_backwards")
    if not any(of.is_for(student) for student in students):
        raise ExchangeError("parcel.window_nobody", round=window.round, group=window.group)
