"""Templates and pictures on their way out, byte by byte, and back."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from kiosk.errors import KioskError
from kiosk.pipeline.finger import Minutiae, compare, make_template
from kiosk.pipeline.finger.compact import pack, unpack
from kiosk.pipeline.finger.images import PictureFormat, decoded, encoded
from kiosk.pipeline.finger.iso import (
    Compression,
    FingerImage,
    FingerView,
    image_record,
    minutiae_record,
    raw_image,
    read_image_record,
    read_minutiae_record,
)
from kiosk.records import FingerPosition, Image

AT = datetime(2026, 9, 1, 8, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=8)))


def two_minutiae() -> Minutiae:
    return Minutiae(
        np.array([[10, 20], [200, 287]], np.float32),
        np.array([np.pi / 2, -np.pi / 4], np.float32),
        np.array([True, False]),
        np.array([0.97, 0.31], np.float32),
        256,
        288,
    )


def test_a_minutiae_record_is_laid_out_as_the_standard_says() -> None:
    record = minutiae_record([FingerView(FingerPosition.LEFT_THUMB, two_minutiae(), 83)])
    assert record.hex(" ") == (
        "46 4d 52 00 20 32 30 00 "  # FMR, version 2.0
        "00 00 00 2a "  # 42 bytes: 24 + 6 + 6 * 2
        "00 00 01 00 01 20 "  # device, 256 x 288
        "00 c5 00 c5 01 00 "  # 197 pixels per cm, one view, reserved
        "06 00 53 02 "  # left thumb, view 0 live plain, quality 83, two minutiae
        "40 0a 00 14 40 61 "  # ending at (10, 20), 64 x 360/256 = 90 degrees, 97
        "80 c8 01 1f e0 1f "  # bifurcation at (200, 287), 315 degrees, 31
        "00 00"  # no extended data
    )


def test_a_minutiae_record_of_both_thumbs_comes_back(minutiae_of: Callable[..., Minutiae]) -> None:
    views = [
        FingerView(FingerPosition.RIGHT_THUMB, minutiae_of(1), 90),
        FingerView(FingerPosition.LEFT_THUMB, minutiae_of(2), 70),
    ]
    back = read_minutiae_record(minutiae_record(views))
    assert [(view.position, view.quality) for view in back] == [
        (FingerPosition.RIGHT_THUMB, 90),
        (FingerPosition.LEFT_THUMB, 70),
    ]
    for before, after in zip(views, back, strict=True):
        assert np.array_equal(before.minutiae.xy, after.minutiae.xy)
        assert np.array_equal(before.minutiae.ending, after.minutiae.ending)
        turn = (before.minutiae.direction - after.minutiae.direction + np.pi) % (2 * np.pi) - np.pi
        assert np.abs(turn).max() <= np.pi / 256 + 1e-6
        assert compare(make_template(before.minutiae), make_template(after.minutiae)).value > 0.9


@pytest.mark.parametrize("cut", [0, 3, 23, 27, 40])
def test_a_torn_minutiae_record_is_refused(cut: int) -> None:
    record = minutiae_record([FingerView(FingerPosition.LEFT_THUMB, two_minutiae(), 83)])
    with pytest.raises(ValueError, match=r"torn|not a"):
        read_minutiae_record(record[:cut])


def test_records_without_content_are_refused() -> None:
    with pytest.raises(ValueError, match="view"):
        minutiae_record([])
    with pytest.raises(ValueError, match="representation"):
        image_record([])


def test_an_image_record_is_laid_out_as_the_standard_says() -> None:
    pixels = np.array([[0, 128, 255], [1, 2, 3]], np.uint8)
    record = image_record([raw_image(pixels, 500, FingerPosition.RIGHT_THUMB, 77, AT)])
    assert record.hex(" ") == (
        "46 49 52 00 30 32 30 00 "  # FIR, version 020
        "00 00 00 44 00 01 00 01 "  # 68 bytes, one representation, not certified, one finger
        "00 00 00 34 "  # 52 bytes
        "07 ea 09 01 00 1e 0f 00 fa "  # 2026-09-01 00:30:15.250 UTC
        "01 00 00 00 00 "  # optical, vendor and device unknown
        "01 4d 00 00 00 00 "  # one quality block: 77
        "01 00 01 "  # right thumb, view 0, pixels per inch
        "01 f4 01 f4 01 f4 01 f4 "  # 500 dpi
        "08 00 00 "  # 8 bits, uncompressed, live plain
        "00 03 00 02 00 00 00 06 "  # 3 x 2, 6 bytes
        "00 80 ff 01 02 03"
    )


def test_an_image_record_comes_back_raw_and_compressed(pressed: Callable[..., Image]) -> None:
    pixels = pressed(1)
    height, width = pixels.shape
    png = FingerImage(
        FingerPosition.LEFT_THUMB, encoded(pixels, PictureFormat.PNG, 500), width, height, 500, Compression.PNG, 60, AT
    )
    raw, packed = read_image_record(image_record([raw_image(pixels, 500, FingerPosition.RIGHT_THUMB, 90, AT), png]))
    assert np.array_equal(np.frombuffer(raw.data, np.uint8).reshape(raw.height, raw.width), pixels)
    assert np.array_equal(decoded(packed.data)[0], pixels)
    assert (packed.position, packed.quality, packed.compression) == (FingerPosition.LEFT_THUMB, 60, Compression.PNG)
    assert raw.taken_at == AT.astimezone(UTC)
    with pytest.raises(ValueError, match=r"torn|not an"):
        read_image_record(image_record([png])[:-1])


@pytest.mark.parametrize("form", [PictureFormat.PNG, PictureFormat.BMP])
def test_pictures_are_read_by_an_independent_reader(pressed: Callable[..., Image], form: PictureFormat) -> None:
    pixels = pressed(1)
    file = encoded(pixels, form, 500)
    assert np.array_equal(cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_GRAYSCALE), pixels)  # type: ignore[arg-type]
    read, dpi = decoded(file, form)
    assert np.array_equal(read, pixels)
    assert dpi == 500
    assert Pillow.open(io.BytesIO(file)).info["dpi"] == pytest.approx((500, 500), abs=0.1)


def test_wsq_keeps_what_matters(pressed: Callable[..., Image]) -> None:
    pytest.importorskip("wsq")
    pixels = pressed(1)
    file = encoded(pixels, PictureFormat.WSQ, 500)
    assert file[:2] == b"\xff\xa0"  # start of image
    assert len(file) < pixels.size / 3
    assert np.abs(decoded(file, PictureFormat.WSQ)[0].astype(int) - pixels).mean() < 12


def test_wsq_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("kiosk.pipeline.finger.images.importlib.import_module", missing)
    with pytest.raises(KioskError, match=r"finger\.wsq_missing"):
        encoded(np.zeros((8, 8), np.uint8), PictureFormat.WSQ, 500)


def test_a_compact_template_is_small_and_matches_as_well(minutiae_of: Callable[..., Minutiae]) -> None:
    whole, other = minutiae_of(1), minutiae_of(1, 2)
    file = pack(whole)
    assert len(file) == 9 + 7 * len(whole) + 4
    assert file[:4] == b"KFT\x01"
    back = unpack(file)
    assert np.array_equal(back.xy, whole.xy)
    assert np.array_equal(back.ending, whole.ending)
    before = compare(make_template(whole), make_template(other)).value
    assert compare(make_template(back), make_template(other)).value == pytest.approx(before, abs=0.01)


def test_a_torn_or_foreign_template_is_refused(minutiae_of: Callable[..., Minutiae]) -> None:
    file = pack(minutiae_of(1))
    for wrong in (b"", file[:-1], file[:20], b"XXX" + file[3:], file[:40] + bytes([file[40] ^ 1]) + file[41:]):
        with pytest.raises(ValueError, match=r"torn|no template"):
            unpack(wrong)
    with pytest.raises(ValueError, match="version 9"):
        unpack(file[:3] + struct.pack(">B", 9) + file[4:])
