"""Makes `kiosk/variants.tsv`, which characters are written for each other, out of the Unicode Han Database (UAX #38).

    python -m bench.variants Unihan_Variants.txt

`Unihan_Variants.txt`: of the Unihan.zip of a version of Unicode, https://www.unicode.org/Public/. Of its properties
kSimplifiedVariant, kTraditionalVariant and kZVariant are one character in two writings, kSemanticVariant two characters that
mean the same (喆 and 哲); kSpecializedSemanticVariant and kSpoofingVariant are neither.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

TARGET: Final = Path(__file__).parents[1] / "kiosk" / "variants.tsv"
_CODE: Final = re.compile(r"U\+([0-9A-F]+)")
_KINDS: Final = {"kSimplifiedVariant": 0, "kTraditionalVariant": 0, "kZVariant": 0, "kSemanticVariant": 1}
# Of version 15.0, whose terms are these; with a later one, take those of its https://www.unicode.org/license.txt.
_NOTICE: Final = """An excerpt of the Unicode Han Database, modified in its form. COPYRIGHT AND PERMISSION NOTICE
Copyright © 1991-2022 Unicode, Inc. All rights reserved. Distributed under the Terms of Use in https://www.unicode.org/copyright.html.
Permission is hereby granted, free of charge, to any person obtaining a copy of the Unicode data files and any associated
documentation (the "Data Files") or Unicode software and any associated documentation (the "Software") to deal in the Data Files or
Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, and/or sell
copies of the Data Files or Software, and to permit persons to whom the Data Files or Software are furnished to do so, provided that
either (a) this copyright and permission notice appear with all copies of the Data Files or Software, or (b) this copyright and
permission notice appear in associated Documentation.
THE DATA FILES AND SOFTWARE ARE PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT OF THIRD PARTY RIGHTS. IN NO EVENT SHALL THE
COPYRIGHT HOLDER OR HOLDERS INCLUDED IN THIS NOTICE BE LIABLE FOR ANY CLAIM, OR ANY SPECIAL INDIRECT OR CONSEQUENTIAL DAMAGES, OR ANY
DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION,
ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THE DATA FILES OR SOFTWARE.
Except as contained in this notice, the name of a copyright holder shall not be used in advertising or otherwise to promote the sale,
use or other dealings in these Data Files or Software without prior written authorization of the copyright holder."""  # noqa: E501


def main(source: Path) -> None:
    """Write the table."""
    told = source.read_text(encoding="utf-8")
    version = re.search(r"Unicode [Vv]ersion: ([\d.]+)", told)
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for line in told.splitlines():
        if line.startswith("U+"):
            char, kind, others = line.split("\t")
            for other in _CODE.findall(others) if kind in _KINDS else ():
                first, second = sorted(chr(int(code, 16)) for code in (*_CODE.findall(char), other))
                if first != second:
                    found[first][_KINDS[kind]].add(second)
    lines = [
        f"{char}\t{''.join(sorted(same))}\t{''.join(sorted(alike - same))}" for char, (same, alike) in sorted(found.items())
    ]
    head = [
        f"# Unicode {version[1] if version else '?'}: a character, those that it is also written as, those that mean the same.",
        "# Each pair stands with the first of the two. Made by `python -m bench.variants`: not to be changed by hand.",
        *(f"# {line}" for line in _NOTICE.splitlines()),
    ]
    TARGET.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8", newline="\n")
    print(f"{sum(len(same) for same, _ in found.values())} writings, {sum(len(alike) for _, alike in found.values())} meanings")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
