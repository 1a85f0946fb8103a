"""Impressions as picture files: PNG and BMP always, WSQ where the extra `wsq` is installed."""

from __future__ import annotations

import importlib
import io
from enum import StrEnum

import numpy as np
from PIL import Image as Pillow

from kiosk.errors import KioskError
from kiosk.records import Image


class PictureFormat(StrEnum):
    PNG = "png"
    BMP = "bmp"
    WSQ = "wsq"  # FBI Wavelet Scalar Quantization, IAFIS-IC-0110 v3.1; lossy


def encoded(pixels: Image, form: PictureFormat, dpi: int) -> bytes:
    """A file of uint8 (H, W), its resolution noted in it where the format can.

    Raises KioskError("finger.wsq_missing") for WSQ without the extra `wsq`.
    """
    if form is PictureFormat.WSQ:
        _load_wsq()
    file = io.BytesIO()
    options = {} if form is PictureFormat.WSQ else {"dpi": (dpi, dpi)}
    Pillow.fromarray(pixels).save(file, form.name, **options)
    return file.getvalue()


def decoded(file: bytes, form: PictureFormat = PictureFormat.PNG) -> tuple[Image, int | None]:
    """uint8 (H, W) of a file, and its resolution in dpi where the file says it.

    Raises OSError for a file that is none, and as `encoded` does.
    """
    if form is PictureFormat.WSQ:
        _load_wsq()
    with Pillow.open(io.BytesIO(file), formats=[form.name]) as picture:
        dpi = round(picture.info["dpi"][0]) if "dpi" in picture.info else None
        return np.array(picture.convert("L"), np.uint8), dpi


def _load_wsq() -> None:
    """The package registers itself with Pillow when it is imported."""
    try:
        importlib.import_module("wsq")
    except ImportError:
        raise KioskError("finger.wsq_missing") from None
