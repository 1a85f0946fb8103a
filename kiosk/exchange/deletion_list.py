"""删除清单: what was deleted, for whoever has to prove it. It names no student: pseudonyms, counts, times, who decided."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from kiosk.exchange.file_names import file_name, free_name, marked
from kiosk.exchange.folder import write_file
from kiosk.records import Deletion

FORMAT: Final = 1
_NAME: Final = "删除清单"


def write_deletion_list(folder: Path, entries: Sequence[Deletion], *, simulated: bool = False) -> Path:
    """`删除清单-<time>.json` in the folder, with its SHA-256 beside it as `sha256sum -c` reads it. Raises ExchangeError."""
    now = datetime.now().astimezone()
    content = json.dumps(deletion_list(entries, now, simulated=simulated), ensure_ascii=False, indent=1).encode()
    path = free_name(folder, file_name(marked(f"{_NAME}-{now:%Y%m%d-%H%M%S}", simulated=simulated), ".json"))
    write_file(path, content)
    write_file(path.with_suffix(".json.sha256"), f"{hashlib.sha256(content).hexdigest()}  {path.name}\n".encode())
    return path


def deletion_list(entries: Sequence[Deletion], made_at: datetime, *, simulated: bool = False) -> dict[str, Any]:
    """The same as a value. Reasons stay out: anybody's name may stand in them."""
    return {
        "format": FORMAT,
        "made_at": made_at.isoformat(timespec="seconds"),
        **({"simulated": True} if simulated else {}),
        "deletions": [
            {
                "number": one.number,
                "at": one.at.isoformat(timespec="seconds"),
                "why": one.why,
                "asked_by": {"name": one.asked_by.name, "account": one.asked_by.account},
                "decided_by": {"name": one.decided_by.name, "account": one.decided_by.account},
                "students": one.students,
                "pieces": one.pieces,
                "files_rewritten": one.cleaned,
                "deleted": [{"student": pseudonym, **parts} for pseudonym, parts in one.entries],
            }
            for one in entries
        ],
    }
