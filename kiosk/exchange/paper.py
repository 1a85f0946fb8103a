"""Typesets papers as PDF with typst. Nothing is loaded from outside: fonts and templates come with the program."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import segno
import typst
from PIL import Image

from kiosk.errors import ExchangeError
from kiosk.exchange import font

_FOLDER: Final = Path(__file__).parent / "papers"
# ISO/IEC 18004 §7.8: any of the eight reads the same. To find the prettiest takes longer than to set the whole page.
_MASK: Final = 4
_EDGE: Final = 4  # modules, ISO/IEC 18004 §6.3.8
_EMPTY: Final = b" "
_KEPT: Final = 10  # documents that Typst's cache remembers
_MISSING: Final = "〓"  # what Chinese printers set for a character that they lack

Template = Literal[
    "form",
    "class_list",
    "tickets",
    "seats",
    "check_sheet",
    "labels",
    "own_data",
    "day",
    "sections",
    "certificates",
    "slips",
    "particulars",
    "notices",
    "suspicion",
]


class Drawing(str):
    """An SVG picture's text. It goes to Typst beside the data, which name it: as a part of them each photo would be written and
    read as JSON."""

    __slots__ = ()


def typeset(template: Template, data: Mapping[str, Any], *, simulated: bool = False) -> bytes:
    """A PDF of a template filled with data (JSON values, pictures by `picture`). What the font lacks shows as 〓.

    `simulated` data are marked 模拟 across every page, and every piece that is cut out of one.
    """
    source = (_FOLDER / "common.typ").read_bytes() + (_FOLDER / f"{template}.typ").read_bytes()
    drawings: dict[str, str] = {}
    told = json.dumps({**_printable(data, drawings), "simulated": simulated})  # ASCII: half of the memory
    inputs = {"data": told, **drawings}
    try:
        compiler = typst.Compiler(source, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs)
        pdf = compiler.compile(source, format="pdf", pdf_tags=False)  # for readers of screens: a quarter of the time
    except typst.TypstError as error:
        raise ExchangeError("paper.failed", paper=template, reason=error.message) from None
    finally:
        _forget()
    if not isinstance(pdf, bytes):
        raise ExchangeError("paper.failed", paper=template, reason=type(pdf).__name__)
    return pdf


def _forget() -> None:
    """Typst keeps what a document was made of until ten others were set: whole classes of photos. Empty ones will do."""
    nothing = typst.Compiler(_EMPTY, font_paths=_fonts(), ignore_system_fonts=True)
    for _ in range(_KEPT + 1):
        nothing.compile(_EMPTY, format="pdf")


def picture(content: bytes | None) -> Drawing | None:
    """A JPEG or PNG as `typeset` takes it: as text, which typst reads far faster and smaller than a list of numbers."""
    if content is None:
        return None
    with Image.open(io.BytesIO(content)) as image:
        (width, height), kind = image.size, image.get_format_mimetype()
    data = f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
    size = f'width="{width}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size}>'
    return Drawing(f'{head}<image {size} href="{data}"/></svg>')


def qr_code(text: str, *, on_screen: bool = False) -> Drawing:
    """A QR code as an SVG picture, error correction M (15 %); `on_screen` with a ground and an edge of its own."""
    file = io.BytesIO()
    code = segno.make(text, error="m", micro=False, mask=_MASK)
    if on_screen:
        code.save(file, kind="svg", border=_EDGE, light="#ffffff", scale=4, xmldecl=False, svgns=True)
    else:
        code.save(file, kind="svg", border=0, xmldecl=False)
    return Drawing(file.getvalue().decode("ascii"))


def _printable(value: Any, drawings: dict[str, str]) -> Any:
    """The same data with every character that can be shown, and names where drawings were, which are gathered."""
    if isinstance(value, str):
        shown = str(value)
        if not shown.isascii():
            shown = "".join(char if char in font.known() or char.isspace() else _MISSING for char in shown)
        if not isinstance(value, Drawing):
            return shown
        name = f"drawing-{len(drawings)}"
        drawings[name] = shown
        return name
    if isinstance(value, Mapping):
        return {key: _printable(item, drawings) for key, item in value.items()}
    if isinstance(value, list):
        return [_printable(item, drawings) for item in value]
    return value


@cache
def _fonts() -> typst.Fonts:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font.folder())])
    if font.FAMILY not in fonts.families():  # typst would print blank pages without a word
        raise ExchangeError("paper.no_font", font=font.FAMILY)
    return fonts
