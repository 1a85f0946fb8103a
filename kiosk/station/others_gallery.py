"""The students whom the school's other stations captured, as a receipt of the office told of them by their templates."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kiosk.pipeline.face import compact as face_file
from kiosk.pipeline.face.gallery import Gallery
from kiosk.pipeline.finger import compact as finger_file
from kiosk.pipeline.finger.index import DuplicateIndex, IndexEntry, make_entry
from kiosk.records import KnownElsewhere, KnownTemplate
from kiosk.store import Store
from kiosk.store.elsewhere_rows import STUDENTS

log: Final = logging.getLogger(__name__)


@dataclass
class Others:
    """All of them, by their numbers; is not changed once it was made."""

    stamp: str = ""
    people: Mapping[str, KnownElsewhere] = field(default_factory=dict)
    faces: Gallery = field(default_factory=Gallery)
    thumbs: DuplicateIndex = field(default_factory=DuplicateIndex)
    entries: dict[bytes, IndexEntry] = field(default_factory=dict)  # a template takes 2 ms; most were there before


class OthersGallery:
    """May be used from any thread. What `refresh` found last is what is known, but for those who were deleted since."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.known = Others()

    def refresh(self, stop: threading.Event) -> None:
        """Learn whom the last receipt told of, unless they are known; until `stop`. Raises StoreError."""
        stamp = self._store.elsewhere.stamp(STUDENTS)
        if stamp == self.known.stamp:
            return
        people = {one.id_number: one for one in self._store.elsewhere.people(STUDENTS)}
        made = Others(stamp, people)
        for number, one in people.items():
            if stop.is_set():
                return
            for template in one.templates:
                self._put(made, number, template)
        self.known = made

    def is_kept(self, id_number: str) -> bool:
        """Whether the store still has somebody's: who was deleted is forgotten at once."""
        if self._store.elsewhere.stamp(STUDENTS) == self.known.stamp:
            return True
        return any(one.id_number == id_number for one in self._store.elsewhere.people(STUDENTS))

    def _put(self, made: Others, number: str, template: KnownTemplate) -> None:
        try:
            if template.position is None:
                made.faces.put(number, face_file.unpack(template.data))
                return
            entry = self.known.entries.get(template.data) or make_entry(finger_file.unpack(template.data))
        except ValueError:
            log.warning("a template from another station can't be read: %s", template.kind)
            return
        made.entries[template.data] = entry
        made.thumbs.add(number, template.position, entry)
