"""Pictures of paper proof by the exam office's rule: `420528201101011234-2011-XX.jpg`, at most 100 KB.

The name is 学籍识别码 - year of entry - kind of school (XX 小学, CZ 初中, GZ 高中). The national register's 学籍号 is that code
behind a letter; without one it is the number of the ID card.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image as Pictures

from kiosk.exchange.fields import entry_of
from kiosk.exchange.jpeg_file import check_markers
from kiosk.records import Image, Message, Student

MAX_KB: Final = 100
LEVELS: Final = ("XX", "CZ", "GZ")  # by stage 1, 2, 3
_MAKE_TO: Final = MAX_KB * 1000  # bytes: fits however somebody counts
_ACCEPTED: Final = MAX_KB * 1024
_NAME: Final = re.compile(r"\d{17}[\dX]-(?:19|20)\d\d-(?:XX|CZ|GZ)\.jpg", re.ASCII)
_CODE: Final = re.compile(r"[A-Za-z]?(\d{17}[\dXx])", re.ASCII)
_WIDEST: Final = 1600  # pixels
_READABLE: Final = 700  # pixels of width: of less nobody reads a household book
_QUALITIES: Final = (85, 75, 65, 55, 45)
_SMALLER: Final = 0.85


@dataclass(frozen=True)
class ProofRule:
    """What the grade does not tell: the year of entry and the kind of school; empty where it does."""

    year: str = ""
    level: str = ""


@dataclass(frozen=True, eq=False)
class ProofFile:
    """A student's picture, or what keeps it from being made."""

    student: Student
    name: str
    content: bytes
    problems: tuple[Message, ...] = ()


def proof_file(student: Student, filed_number: str, pages: Sequence[Image], rule: ProofRule, on: datetime) -> ProofFile:
    """The pages (uint8 (H, W, 3) BGR) below one another in one file, named by the rule."""
    number = next((found[1].upper() for text in (student.student_number, filed_number) if (found := _CODE.fullmatch(text))), "")
    year, level = entry_of(student, on) or ("", 0)
    year, kind = rule.year or year, rule.level or (LEVELS[level - 1] if level else "")
    lacking = []
    if not number:
        lacking.append(Message("proof.no_code"))
    if not re.fullmatch(r"(?:19|20)\d\d", year, re.ASCII) or kind not in LEVELS:
        lacking.append(Message("proof.no_entry"))
    if not pages:
        lacking.append(Message("proof.no_picture"))
    content = b"" if lacking else _within(pages)
    if not lacking and not content:
        lacking.append(Message("proof.too_much", {"max": MAX_KB}))
    return ProofFile(student, f"{number}-{year}-{kind}.jpg", content, tuple(lacking))


def check_proof(name: str, content: bytes) -> list[Message]:
    """What of a file breaks the rule: its name, its kind, its size."""
    found = [] if _NAME.fullmatch(name) else [Message("proof.name", {"name": name})]
    if not content.startswith(b"\xff\xd8\xff"):
        return [*found, Message("proof.not_jpeg")]
    if len(content) > _ACCEPTED:
        found.append(Message("proof.too_large", {"kb": round(len(content) / 1024, 1), "max": MAX_KB}))
    try:
        with Pictures.open(io.BytesIO(content)) as image:
            found += check_markers(content, image)
    except OSError:
        found.append(Message("proof.not_jpeg"))
    return found


def check_folder(folder: Path) -> Iterator[tuple[str, list[Message]]]:
    """Every file of a folder with what is wrong about it, by name."""
    for path in sorted(folder.iterdir()):
        if path.is_file():
            yield path.name, check_proof(path.name, path.read_bytes())


def _within(pages: Sequence[Image]) -> bytes:
    """A JPEG within the limit as large and as fine as that allows; empty where it would not be readable any more."""
    width = min(_WIDEST, max(page.shape[1] for page in pages))
    scaled = [_to_width(page, width) for page in pages]
    whole = Pictures.fromarray(np.ascontiguousarray(np.vstack([page[:, :, ::-1] for page in scaled])))
    while True:
        for quality in _QUALITIES:
            file = io.BytesIO()
            whole.save(file, "JPEG", quality=quality, optimize=True)
            if file.tell() <= _MAKE_TO:
                return file.getvalue()
        if whole.width * _SMALLER < min(_READABLE, width):
            return b""
        whole = whole.resize((round(whole.width * _SMALLER), round(whole.height * _SMALLER)), Pictures.Resampling.LANCZOS)


def _to_width(page: Image, width: int) -> Image:
    if page.shape[1] == width:
        return page
    height = max(1, round(page.shape[0] * width / page.shape[1]))
    return np.asarray(Pictures.fromarray(page).resize((width, height), Pictures.Resampling.LANCZOS))
