"""佐证: cases opened, proved and decided, and their pictures as the exam office wants them."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from kiosk import idnumber
from kiosk.errors import KioskError
from kiosk.exchange.file_names import file_name, marked
from kiosk.exchange.folder import write_file
from kiosk.exchange.proof_pictures import ProofFile, ProofRule, proof_file
from kiosk.office.jobs import Telling, untold
from kiosk.office.pictures import read_pages
from kiosk.records import PENDING, Case, CaseKind, CaseState, CaseStudent, Image, Message, Person, Refusal, Student, name_key
from kiosk.store import Store
from kiosk.surrogate import is_surrogate, number_of, surrogate
from kiosk.words import say, say_message

_PDF: Final = b"%PDF-"
_PAPER: Final = "zh-CN"
_PROOFS: Final = "proofs"  # what was written
_SCANS: Final = (b"\xff\xd8\xff", _PDF)


@dataclass(frozen=True)
class Named:
    """Somebody for a case: as the form has it. Sex and birth date (YYYYMMDD) where they are not those of the number; the key
    of the school where the roster doesn't tell it."""

    name: str
    sex: str = ""
    birth_text: str = ""
    school: str = ""


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
        """One number of two real people or more. Raises KioskError for a number that is no resident's, for somebody of whom
        nobody knows the school, and as the store."""
        number = number.strip().upper()
        if (problem := idnumber.problem(number)) is not None:
            raise KioskError("case.number", problem=problem)
        named = [one for one in people if one.name.strip()]
        if len({name_key(one.name) for one in named}) < len(named):
            raise KioskError("case.same_name")
        roster, schools = self._store.roster.students(), self._store.roster.schools()
        only = schools[0].key if len(schools) == 1 else ""
        students = [_sharing(number, one, roster, one.school or only) for one in named]
        if len(schools) > 1 and (unknown := next((one.name for one in students if not one.school), "")):
            raise KioskError("case.school", name=unknown)
        return self._store.cases.open(CaseKind.DUPLICATE_NUMBER, students, text, by=by)

    def meant(self, told: str) -> Student:
        """The student of the roster with this name or number. Raises KioskError("case.which") for none, or for several."""
        wanted = told.strip()
        found = [one for one in self._store.roster.students() if wanted and wanted in (one.name, one.id_number)]
        if len(found) != 1:
            raise KioskError("case.which", count=len(found))
        return found[0]

    def open(self, kind: CaseKind, students: Sequence[Student], text: str, *, by: Person) -> int:
        """A case about students of the roster."""
        told = [CaseStudent(one.name, one.id_number, one.id_number, True, one.group.school) for one in students]
        return self._store.cases.open(kind, told, text, by=by)

    def open_refused(self, refusal: Refusal, text: str, *, by: Person) -> int:
        """A case of whoever was sent away because somebody came with their card, be they on the roster or not. Raises
        KioskError("case.which") where nobody read whose card it was, and as the store."""
        if not refusal.name or not refusal.id_number:
            raise KioskError("case.which", count=0)
        student = self._store.roster.find(refusal.id_number)
        school = student.group.school if student else ""
        told = CaseStudent(refusal.name, refusal.id_number, refusal.id_number, True, school)
        return self._store.cases.open(CaseKind.IMPERSONATION, [told], text, by=by)

    def move(self, number: int, state: CaseState, *, reason: str, by: Person, keeps: str = "") -> None:
        """The next step. Raises KioskError("case.captured") where the number is to go on with another than whom it was
        captured of, and as the store does."""
        if keeps and state is CaseState.ACCEPTED:
            self._refuse_another_s_capture(number, keeps)
        self._store.cases.move(number, state, reason=reason, by=by, keeps=keeps)

    def attach(self, number: int, data: bytes, *, title: str, about: str = "", by: Person) -> None:
        """Keep a document (JPEG or PDF). Raises KioskError("web.scan_kind") for anything else, ("pdf.broken") and
        ("pdf.too_many_pages") for a PDF that nobody could look at or make a picture of."""
        if not data.startswith(_SCANS):
            raise KioskError("web.scan_kind")
        if data.startswith(_PDF) and (problems := _pages(data)[1]):
            raise KioskError(problems[0].code, **problems[0].data)
        self._store.cases.attach(number, data, title=title, about=about, by=by)

    def paper(self, owner: str, *, by: str) -> bytes | None:
        """One document. That it was looked at is kept."""
        found = self._store.cases.paper(owner)
        if found is None:
            return None
        self._store.cases.note_look(found[0], by=by)
        return found[1]

    def pack(self, number: int, rule: ProofRule, path: Path, told: Telling = untold, *, by: Person) -> Path:
        """The same files in a ZIP, and in a text within, in Chinese, what could not be made. Raises as `pictures`."""
        path = path.with_name(marked(path.name, simulated=self._store.simulated))
        content, taken, wrong = io.BytesIO(), set[str](), list[str]()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as packed:
            for one in self.pictures(number, rule, told, by=by):
                wrong += [f"{one.student.name}：{say_message(_PAPER, problem)}" for problem in one.problems]
                if one.content:  # two who have one number have one name: each lies in a folder of their own
                    name = one.name if one.name not in taken else f"{file_name(one.student.name)}/{one.name}"
                    taken.add(one.name)
                    packed.writestr(zipfile.ZipInfo(name), one.content)
            if wrong:
                packed.writestr(zipfile.ZipInfo(say(_PAPER, "case.wrong_name")), "\r\n".join(wrong).encode("utf-8-sig"))
        write_file(path, content.getvalue())
        case = self._store.cases.of(number)
        whose = [one.key for one in case.students] if case is not None else []
        self._store.written.note(_PROOFS, path, whose, by=by.name)
        return path

    def pictures(self, number: int, rule: ProofRule, told: Telling = untold, *, by: Person) -> list[ProofFile]:
        """The documents of a case by the naming rule, one file for each student with all pages below one another; what can't
        be made says why.

        Raises KioskError("case.no_papers") when there is nothing to make pictures of.
        """
        case = self._store.cases.of(number)
        if case is None or not case.papers:
            raise KioskError("case.no_papers")
        roster = {one.id_number: one for one in self._store.roster.students()}
        scans = {one.owner: self.paper(one.owner, by=by.name) or b"" for one in case.papers}
        read = {owner: _pages(scan) for owner, scan in scans.items()}
        now, made = self._store.audit.now().astimezone(), list[ProofFile]()
        for one in case.students:
            told(len(made), len(case.students))
            mine = [read[paper.owner] for paper in case.papers if paper.about in ("", one.name)]
            filed = number_of(one.filed_number if case.state in PENDING else one.key)
            student = roster.get(one.key) or Student(one.name, one.filed_number)
            file = proof_file(student, filed, [page for pages, _ in mine for page in pages], rule, now)
            made.append(replace(file, problems=(*file.problems, *(problem for _, found in mine for problem in found))))
        return made

    def _refuse_another_s_capture(self, number: int, keeps: str) -> None:
        case = self._store.cases.of(number)
        filed = {one.filed_number for one in case.students} if case is not None else set()
        for entry in self._store.progress.students():
            if entry.captured and entry.student.id_number in filed and name_key(entry.student.name) != name_key(keeps):
                raise KioskError("case.captured", name=entry.student.name, keeps=keeps)


def _sharing(number: str, one: Named, roster: Sequence[Student], school: str) -> CaseStudent:
    """One of those who have a number. Without it they are known as the roster knows them already, else by a key that is nobody
    else's: it is made of the number and the school too."""
    called = [who for who in roster if name_key(who.name) == name_key(one.name)]
    school = school or next((who.group.school for who in called if who.id_number == number), "")
    sex, born = one.sex or ("男" if number[16] in "13579" else "女"), one.birth_text or number[6:14]
    told = (school, sex, born)
    known = (
        who.id_number for who in called if is_surrogate(who.id_number) and (who.group.school, who.sex, who.birth_text) == told
    )
    key = next(known, "") or surrogate(one.name, sex, f"{born} {number} {school}")
    return CaseStudent(one.name.strip(), number, key, school=school)


def _pages(scan: bytes) -> tuple[list[Image], list[Message]]:
    """The pages of a document, and why it could not be read."""
    with tempfile.TemporaryDirectory(prefix="kiosk-proof-") as folder:
        path = Path(folder) / "scan"
        path.write_bytes(scan)
        try:
            return read_pages(path), []
        except KioskError as error:
            return [], [Message(error.code, error.data)]
