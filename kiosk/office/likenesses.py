"""Everybody who counts, as the search for duplicates wants them: the templates that the stations kept."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Final

from kiosk.errors import StoreError
from kiosk.pipeline.deduplication import Press, Subject
from kiosk.pipeline.face import compact as face_file
from kiosk.pipeline.face.verification import Embedding
from kiosk.pipeline.finger import compact as finger_file
from kiosk.records import OWN_FINGER, STEPS, BiometricKind, CaptureRecord, KnownTemplate, Step
from kiosk.store import Pictures, Store

_log: Final = logging.getLogger(__name__)
TEMPLATES: Final = frozenset(template for spec in STEPS.values() for template in spec.templates)


def subjects(store: Store, record_ids: Iterable[str] | None = None) -> Iterator[Subject]:
    """Of each student the record that counts, or these (`packed`), by its id. A template that can't be read costs only itself;
    who has none at all comes without any."""
    records = store.captures.records() if record_ids is None else store.captures.load(record_ids)
    for record, pictures in store.captures.with_pictures(records, TEMPLATES):
        faces: list[Embedding] = []
        presses: list[Press] = []
        for kind, position, file in opened_templates(record, pictures):
            if kind is BiometricKind.FACE_TEMPLATE:
                faces.append(face_file.unpack(file))
            elif position is not None:
                presses.append(Press(position, file))
        yield Subject(record.id, record.student.school_code or record.student.school, tuple(faces), tuple(presses))


def opened_templates(record: CaptureRecord, pictures: Pictures) -> Iterator[KnownTemplate]:
    """Of each settled step the templates that stand. What can't be read costs only itself."""
    for step, spec in STEPS.items():
        if record.is_settled(step):
            for kind in spec.templates:
                try:
                    if (file := pictures(kind)) is not None:
                        yield _template(record, step, kind, file)
                except (StoreError, ValueError):
                    _log.warning("a stored template can't be read: %s of record %s", kind, record.id)


def _template(record: CaptureRecord, step: Step, kind: BiometricKind, file: bytes) -> KnownTemplate:
    """Raises ValueError for a torn one, which would stop a whole search."""
    if step is Step.FACE:
        face_file.unpack(file)
        return KnownTemplate(kind, None, file)
    finger_file.unpack(file)
    result = record.result(step)
    return KnownTemplate(kind, (result.position if result else None) or OWN_FINGER[step], file)
