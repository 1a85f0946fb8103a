"""Pictures of documents that were made and not yet kept: they stay with the server until a person has looked at them."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from kiosk.pipeline.document import DocumentImage

_DRAFTS: Final = 8


@dataclass(frozen=True)
class Draft:
    """A picture that was made and not yet kept."""

    profile: str
    made: DocumentImage


class Drafts:
    """The last few. They are the server's: what a browser sends back is never taken for the picture."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drafts: OrderedDict[str, Draft] = OrderedDict()

    def add(self, draft: Draft) -> str:
        key = secrets.token_hex(12)
        with self._lock:
            self._drafts[key] = draft
            while len(self._drafts) > _DRAFTS:
                self._drafts.popitem(last=False)
        return key

    def get(self, key: str) -> Draft | None:
        with self._lock:
            return self._drafts.get(key)

    def drop(self, key: str) -> None:
        with self._lock:
            self._drafts.pop(key, None)
