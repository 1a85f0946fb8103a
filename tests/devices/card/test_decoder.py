"""A vendor's library for chip photos, in its own process. The library is a stand-in, compiled here."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kiosk.config import PhotoDecoderSettings
from kiosk.devices.card.decoder import pixels
from kiosk.devices.card.decoder.library import LibraryDecoder, photo_decoder
from kiosk.devices.card.decoder.pixels import RawFormat
from kiosk.devices.card.photo import NoDecoder
from kiosk.errors import DeviceError

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
CALLS = ("unpack", "Unpack", "_Unpack", "GetBmp")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("vendor") / "libvendor.so"
    source = Path(__file__).with_name("vendor.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-w", "-o", made, source], check=True)
    return made


@pytest.fixture(params=CALLS)
def decoder(request: pytest.FixtureRequest, library: Path) -> Iterator[LibraryDecoder]:
    decoder = LibraryDecoder(PhotoDecoderSettings(library=library, call=request.param, code=7, timeout_s=0.5))
    yield decoder
    decoder.close()


def _photo(what: str) -> bytes:
    return what.encode().ljust(1024, b"\x11")


def _is_right_way_round(picture: np.ndarray) -> bool:
    """The stand-in's picture in BGR: red top left, green top right, blue bottom left, black elsewhere."""
    wanted = np.zeros((126, 102, 3), np.uint8)
    wanted[:40, :30, 2] = 250
    wanted[:40, 80:, 1] = 240
    wanted[100:, :30, 0] = 230
    return bool((picture == wanted).all())


def test_picture_has_its_colours_and_sides_right(decoder: LibraryDecoder) -> None:
    assert _is_right_way_round(decoder.decode(_photo("S")).pixels)


def test_library_that_refuses_is_told_with_its_number(decoder: LibraryDecoder) -> None:
    with pytest.raises(DeviceError, match=r"card\.photo\.refused"):
        decoder.decode(_photo("R"))
    assert _is_right_way_round(decoder.decode(_photo("S")).pixels)


def test_library_that_crashes_costs_one_photo(decoder: LibraryDecoder) -> None:
    with pytest.raises(DeviceError, match=r"card\.photo\.crashed"):
        decoder.decode(_photo("C"))
    assert _is_right_way_round(decoder.decode(_photo("S")).pixels)


def test_library_that_hangs_is_ended_in_time(decoder: LibraryDecoder) -> None:
    began = time.monotonic()
    with pytest.raises(DeviceError, match=r"card\.photo\.timeout"):
        decoder.decode(_photo("H"))
    assert time.monotonic() - began < 2
    assert _is_right_way_round(decoder.decode(_photo("S")).pixels)


def test_picture_of_a_wrong_size_is_refused(decoder: LibraryDecoder) -> None:
    with pytest.raises(DeviceError, match=r"card\.photo\.size"):
        decoder.decode(_photo("W"))


def test_padded_rows_do_not_slant_the_picture(library: Path) -> None:
    decoder = LibraryDecoder(PhotoDecoderSettings(library=library, call="wlt2bmp", symbol="unpack", code=7))
    try:
        assert _is_right_way_round(decoder.decode(_photo("P")).pixels)
    finally:
        decoder.close()


def test_no_photo_stays_on_the_disk(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    decoder = LibraryDecoder(PhotoDecoderSettings(library=library, call="GetBmp", code=7, timeout_s=0.3))
    decoder.decode(_photo("S"))
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
    with pytest.raises(DeviceError):
        decoder.decode(_photo("H"))
    decoder.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "symbol"), [("libnone.so", ""), ("libvendor.so", "no_such_call")])
def test_library_that_cannot_be_loaded_is_told(library: Path, name: str, symbol: str) -> None:
    decoder = LibraryDecoder(PhotoDecoderSettings(library=library.with_name(name), symbol=symbol))
    try:
        with pytest.raises(DeviceError, match=r"card\.photo\.not_loaded"):
            decoder.decode(_photo("S"))
    finally:
        decoder.close()


def test_other_python_runs_the_library(library: Path) -> None:
    decoder = LibraryDecoder(PhotoDecoderSettings(library=library, code=7, python=sys.executable))
    try:
        assert _is_right_way_round(decoder.decode(_photo("S")).pixels)
    finally:
        decoder.close()
    missing = LibraryDecoder(PhotoDecoderSettings(library=library, python="/nowhere/python32"))
    with pytest.raises(DeviceError, match=r"card\.photo\.not_loaded"):
        missing.decode(_photo("S"))


@pytest.mark.parametrize("colours", ["rgb", "bgr"])
@pytest.mark.parametrize("rows", ["bottom-up", "top-down"])
@pytest.mark.parametrize("mirrored", [False, True])
def test_every_order_of_pixels_can_be_put_right(colours: Any, rows: Any, mirrored: bool) -> None:
    wanted = np.random.default_rng(0).integers(0, 255, (126, 102, 3), dtype=np.uint8)
    made = wanted[:, ::-1] if mirrored else wanted
    made = made[:, :, ::-1] if colours == "rgb" else made
    made = made[::-1] if rows == "bottom-up" else made
    raw = RawFormat(colours, rows, mirrored)
    assert (pixels.picture(made.tobytes(), raw) == wanted).all()


def test_station_without_a_library_says_so() -> None:
    assert isinstance(photo_decoder(PhotoDecoderSettings()), NoDecoder)
