"""材料与存档, and what the school hands out about students without a resident's number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.exchange.material_list import print_boxes, print_materials, write_materials
from kiosk.exchange.school_letters import Certified, certificates, slips
from kiosk.records import BiometricKind, Leaving, Material, Person, Student, StudentMaterials
from kiosk.store import Store

Of = Callable[[Student], bool]


class Materials:
    """The check-list of every student."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def kinds(self) -> Sequence[str]:
        """What is asked of everybody."""
        return self._store.materials.kinds()

    def set_kinds(self, names: Sequence[str], *, by: Person) -> None:
        """Ask for these; raises StoreError for none."""
        self._store.materials.set_kinds(names, by=by)

    def all(self, of: Of = bool) -> list[StudentMaterials]:
        """Everybody on the roster whom `of` picks, in its order."""
        kinds, there = self.kinds(), self._store.materials.all()
        return [_standing(one, there.get(one.id_number, {}), kinds) for one in self._store.roster.students() if of(one)]

    def hand_in(self, students: Sequence[Student], kinds: Sequence[str], *, handed_by: str, by: Person) -> int:
        """Enter papers as handed in; how many are new."""
        _require_kinds(kinds)
        return self._store.materials.hand_in([one.id_number for one in students], kinds, handed_by=handed_by, by=by)

    def put_in_box(self, students: Sequence[Student], kinds: Sequence[str], box: str, *, by: Person) -> int:
        """These papers lie in a box; how many."""
        _require_kinds(kinds)
        return self._store.materials.put_in_box([one.id_number for one in students], kinds, box, by=by)

    def give_back(self, student: Student, kind: str, *, by: Person) -> None:
        """A paper went back to the student."""
        self._store.materials.give_back(student.id_number, kind, by=by)

    def write(self, path: Path, of: Of = bool) -> None:
        """As .xlsx."""
        write_materials(self.all(of), self.kinds(), path, simulated=self._store.simulated)

    def paper(self, of: Of = bool) -> bytes:
        """What is missing, by class, as a PDF. Raises KioskError("paper.nobody")."""
        found = self._some(of)
        return print_materials(found, self.kinds(), footer=self._store.school.get().name, simulated=self._store.simulated)

    def boxes_paper(self, of: Of = bool) -> bytes:
        """What lies in which box, as a PDF. Raises KioskError("paper.nobody")."""
        found = [one for one in self._some(of) if one.there]
        if not found:
            raise KioskError("paper.nobody")
        return print_boxes(found, footer=self._store.school.get().name, simulated=self._store.simulated)

    def certificates(self, of: Of = bool, *, by: str) -> bytes:
        """在校就读证明 of those without a resident's number, as a PDF. That it was made is kept. Raises KioskError."""
        others = {key for shared in self._store.cases.shared_numbers() for _, key in shared.others}  # they have a number
        people = self._certified(lambda one: of(one) and one.id_number not in others)
        self._store.audit.record("letter.certificates", actor=by, students=len(people))
        return certificates(people, self._store.school.get(), simulated=self._store.simulated)

    def slips(self, of: Of = bool, *, by: str) -> bytes:
        """The slips that tell students their substitute number, as a PDF. That they were made is kept. Raises KioskError."""
        people = [one for one in self._certified(of) if one.substitute]
        if not people:
            raise KioskError("letter.no_numbers")
        self._store.audit.record("letter.slips", actor=by, students=len(people))
        return slips(people, self._store.school.get(), simulated=self._store.simulated)

    def leavings(self) -> Mapping[str, tuple[Leaving, str]]:
        """Why students left the roster, as somebody said."""
        return self._store.materials.leavings()

    def say_why_left(self, student: Student, cause: Leaving, note: str, *, by: Person) -> None:
        """Enter why one of them left."""
        self._store.materials.say_why_left(student.id_number, cause, note, by=by)

    def _some(self, of: Of) -> list[StudentMaterials]:
        found = self.all(of)
        if not found:
            raise KioskError("paper.nobody")
        return found

    def _certified(self, of: Of) -> list[Certified]:
        given = self._store.substitutes.of([one for one in self._store.roster.students() if of(one)])
        if not given:
            raise KioskError("letter.nobody")
        return [Certified(one.student, self._portrait(one.student), one.number) for one in given]

    def _portrait(self, student: Student) -> bytes | None:
        record = self._store.captures.latest_complete(student.id_number)
        return self._store.captures.biometric(record.id, BiometricKind.PORTRAIT) if record else None


def _standing(student: Student, there: Mapping[str, Material], kinds: Sequence[str]) -> StudentMaterials:
    return StudentMaterials(student, there, tuple(kind for kind in kinds if kind not in there))


def _require_kinds(kinds: Sequence[str]) -> None:
    if not kinds:
        raise KioskError("material.no_kind")
