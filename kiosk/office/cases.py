"""佐证: cases opened, proved and decided, and their pictures as the exam office wants them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from kiosk import idnumber
from kiosk.errors import KioskError
from kiosk.exchange.proof_pictures import ProofFile, ProofRule, proof_file
from kiosk.office.pictures import read_picture
from kiosk.records import PENDING, Case, CaseKind, CaseState, CaseStudent, Image, Message, Person, Student, name_key
from kiosk.store import Store
from kiosk.surrogate import number_of, surrogate

_PDF: Final = b"%PDF-"
_SCANS: Final = (b"\xff\xd8\xff", _PDF)


@dataclass(frozen=True)
class Named:
    """Somebody for a case: as the form has it. Sex and birth date (YYYYMMDD) where they are not those of the number."""

    name: str
    sex: str = ""
    birth_text: str = ""


class Cases:
    """What the school has to prove to the exam office."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> Sequence[Case]:
        """The newest first."""
        return self._store.cases.all()

    def of(self, number: int) -> Case | None:
        """One of them."""
        return self._store.cases.of(number)

    def of_student(self, id_number: str) -> Sequence[Case]:
        """Those about a student."""
        return self._store.cases.of_student(id_number)

    def open_shared(self, number: str, people: Sequence[Named], text: str, *, by: Person) -> int:
        """One number of two real people or more. Raises KioskError for a number that is no resident's, and as the store."""
        number = number.strip().upper()
        if (problem := idnumber.problem(number)) is not None:
            raise KioskError("case.number", problem=problem)
        sex, born = ("男" if number[16] in "13579" else "女"), number[6:14]
        named = [one for one in people if one.name.strip()]
        if len({name_key(one.name) for one in named}) < len(named):
            raise KioskError("case.same_name")
        students = [
            CaseStudent(one.name.strip(), number, surrogate(one.name, one.sex or sex, one.birth_text or born)) for one in named
        ]
        return self._store.cases.open(CaseKind.DUPLICATE_NUMBER, students, text, by=by)

    def open(self, kind: CaseKind, students: Sequence[Student], text: str, *, by: Person) -> int:
        """A case about students of the roster."""
        told = [CaseStudent(one.name, one.id_number, one.id_number, keeps=True) for one in students]
        return self._store.cases.open(kind, told, text, by=by)

    def move(self, number: int, state: CaseState, *, reason: str, by: Person, keeps: str = "") -> None:
        """The next step; raises StoreError as the store does."""
        self._store.cases.move(number, state, reason=reason, by=by, keeps=keeps)

    def attach(self, number: int, data: bytes, *, title: str, about: str = "", by: Person) -> None:
        """Keep a document (JPEG or PDF). Raises KioskError("web.scan_kind") for anything else."""
        if not data.startswith(_SCANS):
            raise KioskError("web.scan_kind")
        self._store.cases.attach(number, data, title=title, about=about, by=by)

    def paper(self, owner: str, *, by: str) -> bytes | None:
        """One document. That it was looked at is kept."""
        found = self._store.cases.paper(owner)
        if found is None:
            return None
        self._store.cases.note_look(found[0], by=by)
        return found[1]

    def pictures(self, number: int, rule: ProofRule, *, by: Person) -> list[ProofFile]:
        """The documents of a case by the naming rule, one file for each student; what can't be made says why. Only pictures can
        be made one: of a PDF it is told.

        Raises KioskError("case.no_papers") when there is nothing to make pictures of.
        """
        case = self._store.cases.of(number)
        if case is None or not case.papers:
            raise KioskError("case.no_papers")
        roster = {one.id_number: one for one in self._store.roster.students()}
        now, made = self._store.audit.now().astimezone(), []
        for one in case.students:
            scans = [self.paper(paper.owner, by=by.name) for paper in case.papers if paper.about in ("", one.name)]
            pages = [page for scan in scans if scan is not None and (page := _page(scan)) is not None]
            filed = number_of(one.filed_number if case.state in PENDING else one.key)
            student = roster.get(one.key) or Student(one.name, one.filed_number)
            file = proof_file(student, filed, pages, rule, now)
            left = len(scans) - len(pages)
            made.append(replace(file, problems=(*file.problems, Message("proof.pdf", {"count": left}))) if left else file)
        return made


def _page(scan: bytes) -> Image | None:
    """The picture of a scan; None for a PDF."""
    if scan.startswith(_PDF):
        return None
    with tempfile.TemporaryDirectory(prefix="kiosk-proof-") as folder:
        path = Path(folder) / "page.jpg"
        path.write_bytes(scan)
        return read_picture(path)
