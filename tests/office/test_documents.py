from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from kiosk.errors import ExchangeError, KioskError, StoreError
from kiosk.office import Documents
from kiosk.records import BiometricKind, CaptureRecord
from kiosk.store import Store
from tests.pipeline.test_document import shot
from tests.store.conftest import AT, begin_in, student


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def record(store: Store) -> CaptureRecord:
    return store.captures.finish(begin_in(store, student(1)).id, AT)


def test_a_scanned_card_is_kept_once_a_person_has_read_its_number(store: Store, record: CaptureRecord, tmp_path: Path) -> None:
    documents = Documents(store, "henan-zhongkao")
    path = tmp_path / "扫描.png"
    path.write_bytes(cv2.imencode(".png", shot()[0])[1].tobytes())
    made = documents.make(documents.read(path))
    with pytest.raises(ExchangeError, match="other_number"):
        documents.keep(record, made, student(2).id_number, by="采集员")
    assert store.captures.biometric(record.id, BiometricKind.DOCUMENT) is None
    documents.keep(record, made, f" {student(1).id_number.lower()} ", by="采集员")
    assert store.captures.biometric(record.id, BiometricKind.DOCUMENT) == made.jpeg
    store.aftercare.sign(record.id, by="采集员", at=AT)
    with pytest.raises(StoreError, match="record_signed"):
        documents.keep(record, made, student(1).id_number, by="采集员")


def test_a_profile_without_documents_and_a_file_without_a_picture_are_told(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="not_wanted"):
        Documents(store, "cmis-5")
    for content in (b"no picture", b""):
        (tmp_path / "letter.jpg").write_bytes(content)
        with pytest.raises(KioskError, match=r"photo\.broken"):
            Documents(store, "henan-zhongkao").read(tmp_path / "letter.jpg")
