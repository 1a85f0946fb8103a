"""Workbooks as schools write them, and records of students who don't exist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from kiosk.exchange import ExportRow
from kiosk.idnumber import check_character
from kiosk.records import (
    BiometricKind,
    CaptureRecord,
    RecordState,
    Score,
    Step,
    StepResult,
    Student,
    Verdict,
)
from tests.people import card_of

AT = datetime(2026, 9, 1, 8, 30, 15, tzinfo=UTC)
PICTURES = {
    BiometricKind.PORTRAIT: b"\xff\xd8\xff portrait",
    BiometricKind.RIGHT_THUMB: b"\x89PNG\r\n\x1a\n right",
    BiometricKind.LEFT_THUMB: b"\x89PNG\r\n\x1a\n left",
}


def number(order: int, birth: str = "20080101", area: str = "630103") -> str:
    first17 = f"{area}{birth}{order:03d}"
    return first17 + check_character(first17)


def record(order: int = 1, *, name: str | None = None, steps: Sequence[StepResult] = (), **changes: Any) -> CaptureRecord:
    who = Student(name or f"考生{order}", number(order), "高一", "5", f"K{order:04d}")
    card = card_of(who)
    face = StepResult(Step.FACE, Verdict.PASS, AT, scores=(Score(0.61234, "sface-2021dec cosine", 0.40),))
    values = {
        "id": f"{order:032x}",
        "student": who,
        "version": 1,
        "started_at": AT,
        "station": "采集点-01",
        "operator": "采集员",
        "profile": "qinghai-xuekao",
        "profile_hash": "0" * 64,
        "state": RecordState.COMPLETE,
        "finished_at": AT,
        "card": card,
        "steps": tuple(steps) or (face,),
    }
    return CaptureRecord(**{**values, **changes})


def row(of: CaptureRecord) -> ExportRow:
    return ExportRow(of, PICTURES.get)


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Writes sheets (name → rows) with each value in the cell type that it has."""

    def write(**sheets: Sequence[Sequence[object]]) -> Path:
        path = tmp_path / "花名册.xlsx"
        with xlsxwriter.Workbook(path) as book:
            dates = book.add_format({"num_format": "yyyy-mm-dd"})
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for line, cells in enumerate(rows):
                    for column, cell in enumerate(cells):
                        if isinstance(cell, str):
                            sheet.write_string(line, column, cell)
                        elif isinstance(cell, date):
                            sheet.write_datetime(line, column, cell, dates)
                        else:
                            sheet.write(line, column, cell)
        return path

    return write
