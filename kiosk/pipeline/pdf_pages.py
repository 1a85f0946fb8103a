"""The pages of a scanned PDF as pictures: drawn by typst, which the papers are set with as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final

import cv2
import typst

from kiosk.errors import KioskError
from kiosk.pipeline.pictures import decode, in_pieces
from kiosk.records import Image

PDF: Final = b"%PDF-"
_MOST: Final = 12  # pages of one document
_PPI: Final = 150.0  # every page is made as wide as A4: 1240 pixels, whatever size the scanner gave it
_SOURCE: Final = '#set page(width: 210mm, height: auto, margin: 0pt)\n#image("/%s", format: "pdf", page: %d, width: 100%%)'


def pages(folder: str, name: str) -> Iterator[Image]:
    """Each page of a file as uint8 (H, W, 3) BGR; typst reads it by its place, and nothing outside its folder.

    Raises KioskError("pdf.broken"), ("pdf.too_many_pages").
    """
    for number in range(1, _MOST + 2):
        source = (_SOURCE % (name, number)).encode()
        try:
            page = typst.Compiler(source, root=folder, ignore_system_fonts=True).compile(format="png", ppi=_PPI)
        except typst.TypstError:
            if number == 1:
                raise KioskError("pdf.broken") from None
            return  # there is none of this number
        if number > _MOST:
            raise KioskError("pdf.too_many_pages", most=_MOST)
        assert isinstance(page, bytes)
        yield decode(page)


def decoded_in_pieces(file: IO[bytes], folder: str, name: str) -> Iterator[tuple[int, int] | memoryview]:
    """The task of the reading process (`kiosk.arms_length`): for each page of a PDF, or for a picture, height and width, then
    its bytes."""
    cv2.setNumThreads(1)
    data = file.read()
    for page in pages(folder, name) if data.startswith(PDF) else (decode(data),):
        yield from in_pieces(page)
