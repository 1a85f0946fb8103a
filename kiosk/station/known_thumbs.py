"""Everybody's thumbs that this station has captured, so that one that comes under a second name is noticed."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Final

from kiosk.errors import StoreError
from kiosk.idnumber import masked
from kiosk.pipeline.finger.compact import unpack
from kiosk.pipeline.finger.index import DuplicateIndex, IndexEntry, entry_of, make_entry
from kiosk.pipeline.finger.template import Template
from kiosk.records import BiometricKind, FingerPosition, Score, Student
from kiosk.store.captures import Captures

log = logging.getLogger(__name__)

TEMPLATE_KINDS: Final = {
    FingerPosition.RIGHT_THUMB: (BiometricKind.RIGHT_THUMB_TEMPLATE, BiometricKind.RIGHT_THUMB_SECOND_TEMPLATE),
    FingerPosition.LEFT_THUMB: (BiometricKind.LEFT_THUMB_TEMPLATE, BiometricKind.LEFT_THUMB_SECOND_TEMPLATE),
}


@dataclass(frozen=True)
class SeenBefore:
    """Another student with the same thumb; the number is masked."""

    name: str
    number: str
    score: Score


class KnownThumbs:
    """Thumbs by student. May be used from any thread; nothing in it is written anywhere."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index = DuplicateIndex()
        self._names: dict[str, str] = {}

    def meet(
        self, student: Student, position: FingerPosition, presses: list[tuple[Template, bytes]], limit: float
    ) -> tuple[SeenBefore, ...]:
        """Other students with this thumb, the likest first; from now on the thumb is known as this student's.

        `presses`: templates and their compact files. About 0.4 s among 20,000 students, next to nothing on a school's day.
        """
        entries = [entry_of(template, file) for template, file in presses]
        with self._lock:
            templates = [template for template, _ in presses]
            suspects = self._index.search(position, templates, limit, besides=student.id_number)
            self._remember(student, position, entries)
            return tuple(SeenBefore(self._names[suspect.owner], masked(suspect.owner), suspect.score) for suspect in suspects)

    def recall(self, captures: Captures, stop: threading.Event) -> None:
        """Learn the thumbs that lie in the store, until `stop`; a template that can't be read costs only itself."""
        for record in captures.records():
            for position, kinds in TEMPLATE_KINDS.items():
                for kind in kinds:
                    if stop.is_set():
                        return
                    try:
                        file = captures.biometric(record.id, kind)
                        entry = make_entry(unpack(file)) if file is not None else None
                    except (StoreError, ValueError):
                        log.warning("a stored template can't be read: %s of record %s", kind, record.id)
                        continue
                    if entry is not None:
                        with self._lock:
                            self._remember(record.student, position, [entry])

    def _remember(self, student: Student, position: FingerPosition, entries: list[IndexEntry]) -> None:
        self._names[student.id_number] = student.name
        for entry in entries:
            self._index.add(student.id_number, position, entry)
