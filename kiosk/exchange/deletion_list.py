"""删除清单: what was deleted, for whoever has to prove it. It names no student: pseudonyms, counts, times, who decided.

It lies in a folder of its own beside a signed manifest, as every export does: `kiosk verify` says whose it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from kiosk.exchange.file_names import file_name, free_name, marked
from kiosk.exchange.folder import new_folder
from kiosk.exchange.manifest import ManifestWriter, Stamp
from kiosk.records import Deletion

FORMAT: Final = 1
_NAME: Final = "删除清单"


def write_deletion_list(
    folder: Path, entries: Sequence[Deletion], stamp: Stamp, *, simulated: bool = False
) -> tuple[Path, str]:
    """The list, in a new folder `删除清单-<time>` beside its manifest, signed with the stamp; and the manifest's digest. Raises
    ExchangeError."""
    now = stamp.at.astimezone()
    content = json.dumps(deletion_list(entries, now, simulated=simulated), ensure_ascii=False, indent=1).encode()
    target = free_name(folder, file_name(marked(f"{_NAME}-{now:%Y%m%d-%H%M%S}", simulated=simulated), ""))
    with new_folder(target) as draft, ManifestWriter(draft, stamp) as manifest:
        path = draft / file_name(marked(_NAME, simulated=simulated), ".json")
        path.write_bytes(content)
        manifest.add(path.name, content=content)
        told = {"profile": _NAME, "made_at": now.isoformat(timespec="seconds")}
        manifest.finish(told | ({"simulated": True} if simulated else {}))
    return target / path.name, manifest.digest


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
