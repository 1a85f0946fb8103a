"""Scripts, styles and signs: their addresses change with what is in them, so that browsers ask for each but once."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "static"
FOR_EVER: Final = "private, max-age=31536000, immutable"  # RFC 8246
_DIGITS: Final = 16  # of the digest: told apart are versions of one program


@cache
def static_path() -> str:
    """Where the static files of this very program are: after an update they are elsewhere, and no browser mixes the two."""
    digest = hashlib.sha256()
    for path in sorted(path for path in _FOLDER.rglob("*") if path.is_file()):
        digest.update(path.relative_to(_FOLDER).as_posix().encode() + b"\0" + path.read_bytes())
    return f"/static/{digest.hexdigest()[:_DIGITS]}"
