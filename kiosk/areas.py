"""行政区划: the codes of GB/T 2260 to county level, valid and withdrawn, out of `areas.tsv`, which says of what day it is.

Statistical codes of twelve digits (统计用区划代码) go on with three digits for the township and three for the village. Of these
only the form is checked: no list of them comes with the program.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final

from kiosk.codes import ETHNICITY

_FILE: Final = Path(__file__).with_name("areas.tsv")
COUNTY: Final = 6  # digits
STATISTICAL: Final = 12
_NO_TOWNSHIP: Final = "000"
# The first two digits of every code; `areas.tsv` has one line for each. Residence permits have 83 besides (GB 11643).
PROVINCES: Final = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82".split()
)


@dataclass(frozen=True)
class Areas:
    """The whole list. `withdrawn` has the last name of each code and the year from which no list has it."""

    as_of: str
    names: Mapping[str, str]
    withdrawn: Mapping[str, tuple[str, int]]
    parents: frozenset[str]  # codes with counties below them


@cache
def load() -> Areas:
    """The list that comes with the program; some milliseconds the first time."""
    names: dict[str, str] = {}
    withdrawn: dict[str, tuple[str, int]] = {}
    head, *lines = _FILE.read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("#"):
            continue
        code, name, until = line.split("\t")
        if until:
            withdrawn[code] = name, int(until)
        else:
            names[code] = name
    # `东莞市` and `香港特别行政区` have none below them, and are as exact as a code can be.
    provinces, cities = Counter(code[:2] for code in names), Counter(code[:4] for code in names)
    parents = {f"{one}0000" for one, count in provinces.items() if count > 1}
    parents |= {f"{one}00" for one, count in cities.items() if count > 1}
    return Areas(head.split()[3].rstrip(":"), names, withdrawn, frozenset(parents))


def problem(code: str) -> tuple[str, dict[str, Any]] | None:
    """What is wrong with a code of 6 or 12 digits, as a message's code and data; None for nothing.

    The first six digits are held against the whole list: known, not withdrawn, a county or what has none below it. Of twelve
    the other six are digits, with no village where there is no township.
    """
    if not (code.isascii() and code.isdigit() and len(code) in (COUNTY, STATISTICAL)):
        return "area.shape", {}
    county, rest = code[:COUNTY], code[COUNTY:]
    listed = load()
    if county in listed.withdrawn:
        name, year = listed.withdrawn[county]
        return "area.withdrawn", {"name": _within(county, name), "year": year}
    if county not in listed.names:
        return "area.unknown", {"as_of": listed.as_of}
    if county in listed.parents and not rest.strip("0"):
        return "area.too_wide", {"name": name_of(county)}
    if rest and rest[:3] == _NO_TOWNSHIP and rest[3:] != _NO_TOWNSHIP:
        return "area.village_alone", {}
    return None


def name_of(code: str) -> str:
    """`青海省西宁市城中区` for 630103 and for codes that begin so; what is not listed has no name."""
    county = code[:COUNTY]
    listed = load()
    if county in listed.names:
        return _within(county, listed.names[county])
    return _within(county, listed.withdrawn[county][0]) if county in listed.withdrawn else ""


def areas_of(code: str) -> tuple[str, ...]:
    """The areas that a school lies in whose code begins with theirs: province, city, county, by 2, 4 and 6 digits, as far as
    they are listed. Six digits are a county's only where at least two of the school's own follow: in 6301031 they are not."""
    county = code[:COUNTY]
    found = [code[:digits] for digits in (2, 4) if len(code) >= digits and _whole(code[:digits]) in load().names]
    if (len(code) >= COUNTY + 2 or len(code) == COUNTY) and not county.endswith("00") and name_of(county):
        found.append(county)
    return tuple(found)


def area_name(area: str) -> str:
    """`西宁市` for 6301, `城中区` for 630103, 青海省 for 63: its own name, without those above; empty for what is no area."""
    listed, code = load(), _whole(area)
    if len(area) not in (2, 4, COUNTY):
        return ""
    return listed.names.get(code, "") or (listed.withdrawn[code][0] if code in listed.withdrawn else "")


def area_meant(text: str) -> tuple[str, ...]:
    """The areas that somebody may mean by a code or by words: 6301 for 630100 and for 西宁市. What is no area, a whole school's
    code for instance, stays as it is; several where a name stands for several places."""
    if text.isascii() and text.isdigit():
        return (_short_of(text),) if text in load().names else (text,)
    return tuple(dict.fromkeys(map(_short_of, codes_named(text))))


def _whole(area: str) -> str:
    return area.ljust(COUNTY, "0")


def _short_of(code: str) -> str:
    return code.removesuffix("00").removesuffix("00")


def _within(county: str, name: str) -> str:
    names = load().names
    above = (names.get(f"{county[:2]}0000", ""), names.get(f"{county[:4]}00", ""))
    return "".join(dict.fromkeys((*above, name)))


def codes_named(words: str) -> tuple[str, ...]:
    """The codes that words may mean: `青海省西宁市城中区`, `西宁市城中区`, `青海城中区`, a bare `城中区`, `江苏昆山`, `大通县`.

    Several where the same name stands for several places, a withdrawn one where it stands for none any more.
    """
    return _by_name().get(_plain(words), ())


@cache
def _by_name() -> Mapping[str, tuple[str, ...]]:
    """Whole names first; then, of what is no whole name, those that people shorten; then places that are no more."""
    listed = load()
    now = [*listed.names.items()]
    gone = [(code, name) for code, (name, _) in sorted(listed.withdrawn.items(), key=lambda one: -one[1][1])]
    found: dict[str, dict[str, None]] = {}
    for places, shortened in ((now, False), (now, True)):
        more: dict[str, dict[str, None]] = defaultdict(dict)
        for code, name in places:
            for words in _ways(code, _colloquial(name) if shortened else (name,)):
                more[words][code] = None
        found |= {words: codes for words, codes in more.items() if words not in found}
    for code, name in gone:
        for words in _ways(code, (name,)):
            found.setdefault(words, {code: None})  # no place has the name any more: the last that had it
    return {words: tuple(codes) for words, codes in found.items()}


def _ways(code: str, names: Iterable[str]) -> Iterator[str]:
    """A place with what is above it, in the ways that people write it."""
    listed = load()
    province, city = listed.names.get(f"{code[:2]}0000", ""), listed.names.get(f"{code[:4]}00", "")
    provinces, cities = dict.fromkeys((province, _short(province), "")), dict.fromkeys((city, _short(city), ""))
    for name in names:
        for above in product(provinces, cities):
            yield _plain("".join(dict.fromkeys((*above, name))))


def _colloquial(name: str) -> Iterator[str]:
    """大通县 and 大通 for 大通回族土族自治县, 湟源 for 湟源县; never one character alone."""
    own = _PEOPLES.sub("", name)
    if own != name:
        yield own
    if len(short := own.removesuffix(own[-1]) if own[-1] in "县区市旗州" else own) > 1 and short != name:
        yield short


# An autonomous county or banner, and the peoples in its name.
_PEOPLES: Final = re.compile(rf"(?:(?:各|{'|'.join(sorted(ETHNICITY.values(), key=len, reverse=True))})族)+自治(?=[县旗]$)")


def _short(name: str) -> str:
    """`青海` for 青海省, `西宁` for 西宁市; autonomous regions go by their first two or three characters."""
    if name.endswith("自治区"):
        return name[:3] if name.startswith("内蒙古") else name[:2]
    return name.removesuffix("特别行政区").removesuffix("省").removesuffix("市")


def _plain(words: str) -> str:
    return "".join(char for char in words if char.isalnum())
