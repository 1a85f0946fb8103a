"""Fingers go out in the forms that other systems read, each under the name of the finger that was captured."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from drivers_sim.finger import FingerCache, impression
from kiosk import weights
from kiosk.exchange import FingerFile
from kiosk.office.derived import Derived
from kiosk.pipeline.finger.images import PictureFormat, decoded, encoded
from kiosk.pipeline.finger.iso import read_image_record, read_minutiae_record
from kiosk.records import BiometricKind, CaptureRecord, FingerPosition, Image, Measure, Step, StepResult, Student, Verdict

AT = datetime(2026, 9, 1, 8, 30, 15, 250_000, tzinfo=UTC)
INDEX = FingerPosition.RIGHT_INDEX
KIND = BiometricKind.RIGHT_THUMB


@pytest.fixture(scope="module")
def pixels() -> Image:
    return impression(FingerCache(weights.folder().parent / "simulated").finger(1), 1)


def captured(*, quality: float | None = 0.834, position: FingerPosition | None = INDEX) -> CaptureRecord:
    measures = () if quality is None else (Measure("leader-mq", quality, 0.7, None, Verdict.PASS),)
    result = StepResult(Step.RIGHT_THUMB, Verdict.REVIEW, AT, measures=measures, position=position)
    return CaptureRecord("1", Student("张三", "1"), 1, AT, "", "", "", "", steps=(result,))


def files(pixels: Image, record: CaptureRecord, dpi: int = 508) -> Callable[[BiometricKind, FingerFile], bytes | None]:
    return Derived().finger_files(record, {KIND: encoded(pixels, PictureFormat.PNG, dpi)}.get)


def test_an_image_record_is_laid_out_as_the_standard_says_and_names_the_finger(pixels: Image) -> None:
    record = files(pixels, captured())(KIND, FingerFile.FIR)
    assert record is not None
    head = bytes.fromhex(
        "46 49 52 00 30 32 30 00"  # FIR, version 020
        "00 01 20 3E"  # length: 16 + 46 + 256 x 288
        "00 01 00 01"  # one representation, no certification, one finger
        "00 01 20 2E"  # length of the representation
        "07 EA 09 01 08 1E 0F 00 FA"  # 2026-09-01 08:30:15.250 UTC
        "01 00 00 00 00"  # optical; vendor and device unknown
        "01 53 00 00 00 00"  # one quality block: 83, vendor and algorithm unknown
        "02 00 01"  # right index finger, first view, pixels per inch
        "01 FC 01 FC 01 FC 01 FC"  # scanned and stored at 508
        "08 00 00"  # 8 bits, uncompressed, live plain
        "01 00 01 20 00 01 20 00"  # 256 x 288, 73728 bytes
    )
    assert record[: len(head)] == head
    assert record[len(head) :] == pixels.tobytes()
    (read,) = read_image_record(record)
    assert (read.position, read.dpi, read.taken_at) == (INDEX, 508, AT)


def test_a_quality_that_nobody_measured_is_not_made_up(pixels: Image) -> None:
    record = files(pixels, captured(quality=None))(KIND, FingerFile.FIR)
    assert record is not None
    assert read_image_record(record)[0].quality == 255


def test_a_minutiae_record_names_the_finger_that_was_captured(pixels: Image) -> None:
    record = files(pixels, captured(), 500)(KIND, FingerFile.FMR)
    assert record is not None
    (view,) = read_minutiae_record(record)
    assert view.position is INDEX
    assert len(view.minutiae) > 20


def test_wsq_shows_the_same_ridges(pixels: Image) -> None:
    pytest.importorskip("wsq")
    file = files(pixels, captured())(KIND, FingerFile.WSQ)
    assert file is not None
    assert file.startswith(b"\xff\xa0")
    assert len(file) < pixels.size / 4
    again, _ = decoded(file, PictureFormat.WSQ)
    assert again.shape == pixels.shape
    assert np.corrcoef(again.ravel(), pixels.ravel())[0, 1] > 0.97


def test_a_hand_without_a_finger_has_no_file(pixels: Image) -> None:
    made = files(pixels, captured(position=None))
    assert [made(KIND, form) for form in FingerFile] == [None, None, None]
    empty = Derived().finger_files(captured(), lambda _: None)
    assert [empty(KIND, form) for form in FingerFile] == [None, None, None]
