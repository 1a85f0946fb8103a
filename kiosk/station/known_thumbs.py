"""Everybody's thumbs that this station has captured, so that one that comes under a second name is noticed.

A thumb is looked for among thumbs of its hand. A finger that stands in for one may be said to be another than it is, so it is
looked for among all fingers, and all that stand in are looked at when a thumb comes.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Final

from kiosk.errors import StoreError
from kiosk.idnumber import masked
from kiosk.pipeline.finger.compact import unpack
from kiosk.pipeline.finger.index import DuplicateIndex, IndexEntry, Suspect, entry_of, make_entry
from kiosk.pipeline.finger.template import Template
from kiosk.records import OWN_FINGER, FingerPosition, Score, Student
from kiosk.station.fingers import TEMPLATE_KINDS
from kiosk.store.captures import Captures

log = logging.getLogger(__name__)

_THUMBS: Final = frozenset(OWN_FINGER.values())


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
            suspects = self._search(position, templates, limit, besides=student.id_number)
            self._remember(student, position, entries)
            return tuple(SeenBefore(self._names[suspect.owner], masked(suspect.owner), suspect.score) for suspect in suspects)

    def recall(self, captures: Captures, stop: threading.Event) -> None:
        """Learn the thumbs that lie in the store, until `stop`; a template that can't be read costs only itself."""
        for record in captures.records():
            for step, kinds in TEMPLATE_KINDS.items():
                result = record.result(step)
                position = result.position if result else None
                for kind in kinds if position else ():
                    if stop.is_set():
                        return
                    try:
                        file = captures.biometric(record.id, kind)
                        entry = make_entry(unpack(file)) if file is not None else None
                    except (StoreError, ValueError):
                        log.warning("a stored template can't be read: %s of record %s", kind, record.id)
                        continue
                    if entry is not None and position is not None:
                        with self._lock:
                            self._remember(record.student, position, [entry])

    def _search(self, position: FingerPosition, presses: list[Template], limit: float, *, besides: str) -> tuple[Suspect, ...]:
        """Suspects of all places where this finger may be known, the likeliest first, each owner once."""
        best: dict[str, Suspect] = {}
        for where in FingerPosition:
            if where is position or position not in _THUMBS or where not in _THUMBS:
                for suspect in self._index.search(where, presses, limit, besides=besides):
                    if suspect.owner not in best or suspect.score.value > best[suspect.owner].score.value:
                        best[suspect.owner] = suspect
        return tuple(sorted(best.values(), key=lambda suspect: -suspect.score.value))

    def _remember(self, student: Student, position: FingerPosition, entries: list[IndexEntry]) -> None:
        self._names[student.id_number] = student.name
        for entry in entries:
            self._index.add(student.id_number, position, entry)
