"""Times as people read and write them: on this machine's clock, to the minute."""

from __future__ import annotations

from datetime import datetime
from typing import Final

MINUTES: Final = "%Y-%m-%d %H:%M"


def moment(at: datetime | None) -> str:
    """`2026-09-30 18:00`; empty for none."""
    return f"{at.astimezone():{MINUTES}}" if at else ""
