"""告知与同意: on what basis everybody on the roster is captured, who still lacks one, and the papers that prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from kiosk import idnumber
from kiosk.clock import day
from kiosk.config import Settings
from kiosk.errors import KioskError
from kiosk.exchange.consent_file import ConsentReading, read_consents
from kiosk.records import Basis, CaptureRecord, Consent, Notice, Person, Student, is_child
from kiosk.store import Store


@dataclass(frozen=True)
class Standing:
    """How it stands with one student. `lacking`: the capture would need a consent that nobody has entered; `told`: the
    version of the notice that was shown at the capture."""

    student: Student
    basis: Basis
    consent: Consent | None
    child: bool
    papers: int
    lacking: bool
    told: str = ""

    @property
    def said_no(self) -> bool:
        """Whether a no, or a consent that was taken back, is what counts."""
        return self.consent is not None and not self.consent.agreed


class Consents:
    """What the school enters before the day, and what it shows."""

    def __init__(self, store: Store, settings: Settings, notice: Notice, basis: Basis) -> None:
        """`basis` is that of whoever said nothing."""
        self._store = store
        self._always = settings.workflow.guardian_always
        self.notice = notice
        self.basis = basis
        self.filing_from = settings.consent.filing_from

    def standing(self, today: date | None = None) -> list[Standing]:
        """Everybody on the roster, in its order."""
        on = today or self._store.audit.now().astimezone().date()
        known, papers = self._store.consents.newest(), self._store.consents.papers()
        return [
            self._stand(student, known.get(student.id_number), papers.get(student.id_number, 0), on)
            for student in self._store.roster.students()
        ]

    def of(self, student: Student) -> Standing:
        """The same of one student."""
        newest = next(iter(self._store.consents.of(student.id_number)[-1:]), None)
        papers = len(self._store.consents.papers_of(student.id_number))
        return self._stand(student, newest, papers, self._store.audit.now().astimezone().date())

    def history(self, id_number: str) -> Sequence[Consent]:
        """All that was entered of a student, the oldest first."""
        return self._store.consents.of(id_number)

    def enter(self, students: Sequence[Student], consent: Consent, *, by: Person, paper: bytes = b"") -> int:
        """Enter a consent of each of these, with the signed paper where there is one; how many.

        Raises KioskError("consent.child") when one of them is too young to agree alone, and as `Store.consents.enter` does.
        """
        today = self._store.audit.now().astimezone().date()
        if consent.agreed and consent.basis is Basis.OWN:
            young = [student.name for student in students if self._always or is_child(birth_of(student), today)]
            if young:
                raise KioskError("consent.child", names="、".join(young[:5]), count=len(young))
        entered = replace(consent, notice=consent.notice or self.notice.version)
        self._store.consents.enter({student.id_number: entered for student in students}, by=by)
        if paper:
            self._store.consents.attach([student.id_number for student in students], paper, by=by)
        return len(students)

    def read(self, path: Path, columns: Mapping[str, str] | None = None) -> ConsentReading:
        """A list from the class: number, basis, yes or no, guardian, relation, telephone. Raises ExchangeError."""
        return read_consents(path, columns)

    def take(self, path: Path, columns: Mapping[str, str] | None = None, *, by: Person) -> tuple[int, list[str]]:
        """Enter a list; how many students, and the names or numbers of those who are not on the roster. All or none: raises
        KioskError("consent.list_refused") while a row is not sound."""
        reading = self.read(path, columns)
        if reading.problems:
            raise KioskError("consent.list_refused", count=len(reading.problems))
        roster = {student.id_number: student for student in self._store.roster.students()}
        unknown = [row.name or row.id_number for row in reading.rows if row.id_number not in roster]
        found = {
            row.id_number: replace(row.consent, notice=self.notice.version) for row in reading.rows if row.id_number in roster
        }
        today = self._store.audit.now().astimezone().date()
        young = [
            roster[number].name
            for number, one in found.items()
            if one.agreed and not one.suffices(birth_of(roster[number]), today, guardian_always=self._always)
        ]
        if young:
            raise KioskError("consent.child", names="、".join(young[:5]), count=len(young))
        self._store.consents.enter(found, by=by)
        return len(found), unknown

    def papers_of(self, id_number: str) -> Sequence[tuple[str, datetime]]:
        """A student's signed papers: their ids, and when they were added."""
        return self._store.consents.papers_of(id_number)

    def paper(self, owner: str, *, by: str) -> bytes | None:
        """One of them. That it was looked at is kept."""
        found = self._store.consents.paper(owner)
        if found is not None:
            self._store.audit.record("consent.look", actor=by, subject=owner)
        return found

    def bases(self, records: Sequence[CaptureRecord]) -> Mapping[str, str]:
        """By record's id, on what basis it was made, as the notice has it in Chinese; of a few records."""
        texts, known = self.notice.texts["zh-CN"], self._store.consents.newest({one.student.id_number for one in records})

        def basis(record: CaptureRecord) -> str:
            entered = known.get(record.student.id_number)
            if entered is not None:
                return texts[entered.basis] if entered.agreed else texts["undecided"]
            return texts["undecided" if any(result.statements for result in record.steps) else self.basis]

        return {record.id: basis(record) for record in records}

    def _stand(self, student: Student, consent: Consent | None, papers: int, on: date) -> Standing:
        child = self._always or is_child(birth_of(student), on)
        if consent is None and student.guardian_consent:
            consent = Consent(Basis.GUARDIAN, student.guardian_consent == "是")  # by the roster's own column
        basis = consent.basis if consent is not None else self.basis
        enough = consent is not None and consent.suffices(birth_of(student), on, guardian_always=self._always)
        lacking = not enough and (self.basis is not Basis.STATUTORY or (consent is not None and not consent.agreed))
        return Standing(student, basis, consent, child, papers, lacking)


def birth_of(student: Student) -> date | None:
    """By the roster, else by the number."""
    born = day(student.birth_text)
    known = idnumber.problem(student.id_number) is None
    return born or (idnumber.birth_date(student.id_number) if known else None)
