"""What a receiving system that is stricter than a picture viewer refuses in a JPEG file: its markers, one after the other.

ISO/IEC 10918-1 B.1 (markers), ISO/IEC 10918-5 (JFIF 1.02: APP0 first, density), CIPA DC-008 (Exif orientation).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PIL import Image, UnidentifiedImageError

from kiosk.records import Message

_SOI, _EOI, _SOS, _APP0, _APP1 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})  # without a length
_BASELINE: Final = frozenset({0xC0, 0xC1})
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = 1
_GREY, _COLOUR, _CMYK = 1, 3, 4  # components
_PER_INCH, _PER_CM = 1, 2
_INCH_CM: Final = 2.54
_SUFFIX: Final = ".jpg"
_MARKER: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")  # behind a scan: neither of what stands alone, nor a fill


@dataclass(frozen=True)
class _Segment:
    marker: int
    content: bytes


def check_markers(file: bytes, image: Image.Image, dpi: int = 0) -> Iterator[Message]:
    """What is unusual in a JPEG file, opened as `image`; nothing for a file of another kind. `dpi` that its JFIF header has to
    say, 0: any."""
    if not file.startswith(b"\xff\xd8\xff"):
        return
    segments, rest = _segments(file)
    if rest is None:
        yield Message("photo.no_end")
    elif rest:
        yield Message("photo.trailing", {"bytes": rest})
    yield from _check_jfif(segments, dpi)
    frames = [segment for segment in segments if segment.marker in _FRAMES]
    for frame in frames[:1]:
        yield from _check_frame(frame)
    turned = _orientation(image)
    if turned != _UPRIGHT:
        yield Message("photo.rotated", {"orientation": turned})


def check_name(name: str, file: bytes) -> Iterator[Message]:
    """Whether a file is called what it is: systems that match by name want `.jpg`, in small letters."""
    suffix = name[name.rfind(".") :] if "." in name else ""
    if not file.startswith(b"\xff\xd8\xff"):
        if suffix.lower() in (_SUFFIX, ".jpeg"):
            yield Message("photo.named_wrongly", {"suffix": suffix, "is_": _kind(file)})
    elif suffix != _SUFFIX:
        yield Message("photo.suffix", {"suffix": suffix or "—"})


def _check_jfif(segments: list[_Segment], dpi: int) -> Iterator[Message]:
    first = segments[0] if segments else None
    if first is None or first.marker != _APP0 or not first.content.startswith(b"JFIF\0") or len(first.content) < 12:
        yield Message("photo.no_jfif")
        return
    unit, across, down = first.content[7], int.from_bytes(first.content[8:10]), int.from_bytes(first.content[10:12])
    per_inch = {_PER_INCH: 1.0, _PER_CM: _INCH_CM}.get(unit, 0.0)
    if dpi and round(min(across, down) * per_inch) < dpi:
        yield Message("photo.jfif_dpi", {"wanted": dpi})


def _check_frame(frame: _Segment) -> Iterator[Message]:
    if frame.marker in _PROGRESSIVE:
        yield Message("photo.progressive")
    elif frame.marker not in _BASELINE or frame.content[:1] != b"\x08":
        yield Message("photo.not_baseline")
    components = frame.content[5] if len(frame.content) > 5 else 0
    if components == _CMYK:
        yield Message("photo.cmyk")
    elif components != _COLOUR:
        yield Message("photo.not_colour")


def _segments(file: bytes) -> tuple[list[_Segment], int | None]:
    """The segments up to the first scan, and how many bytes follow the end; None where the end is missing."""
    found: list[_Segment] = []
    at = 2
    while at + 4 <= len(file) and file[at] == 0xFF:
        marker = file[at + 1]
        if marker == 0xFF:  # fill
            at += 1
            continue
        if marker in _ALONE:
            at += 2
            continue
        length = int.from_bytes(file[at + 2 : at + 4])
        found.append(_Segment(marker, file[at + 4 : at + 2 + length]))
        at += 2 + max(length, 2)
        if marker == _SOS:
            return found, _after_the_scans(file, at)
    return found, None


def _after_the_scans(file: bytes, at: int) -> int | None:
    """Entropy-coded data hold 0xFF only before 0x00 and restart markers, so that the first EOI behind a scan is the end."""
    while (found := _MARKER.search(file, at)) is not None:
        at = found.end()
        if file[at - 1] == _EOI:
            return len(file) - at
        at += int.from_bytes(file[at : at + 2])  # tables between the scans of a progressive file
    return None


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, _UPRIGHT) or _UPRIGHT)
    except (OSError, SyntaxError, ValueError):
        return _UPRIGHT


def _kind(file: bytes) -> str:
    try:
        with Image.open(io.BytesIO(file)) as image:
            return image.format or "?"
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return "?"
