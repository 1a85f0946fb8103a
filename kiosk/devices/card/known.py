"""The readers and cards that the station knows by sight, from readers.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, field_validator

_FILE: Final = Path(__file__).with_name("readers.toml")
ProtocolName = Literal["blocks", "travel", "plain"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KnownCard(_Table):
    """A card's reset answer on some reader."""

    atr: str
    protocol: ProtocolName

    @field_validator("atr")
    @classmethod
    def _is_pattern(cls, text: str) -> str:
        if not re.fullmatch(r"(?:(?:[0-9A-F]{2}|\.\.) )*(?:[0-9A-F]{2}|\.\.|\*)", text):
            raise ValueError("must be hex bytes in upper case, .. for any, * at the end for any rest")
        return text

    def fits(self, atr: bytes) -> bool:
        """Whether a reset answer is of this kind."""
        parts = self.atr.split()
        open_ended = parts[-1] == "*"
        wanted = parts[:-1] if open_ended else parts
        if len(atr) < len(wanted) or (len(atr) > len(wanted) and not open_ended):
            return False
        return all(part == ".." or int(part, 16) == byte for part, byte in zip(wanted, atr, strict=False))


class SkippedReader(_Table):
    """A PC/SC reader that is none for cards."""

    reader: str


class PreferredReader(_Table):
    """A PC/SC reader, or a slot of one, that ID cards are laid on rather than others."""

    reader: str


class Probe(_Table):
    """How unknown cards are asked."""

    protocols: tuple[ProtocolName, ...]


class _File(_Table):
    card: tuple[KnownCard, ...]
    skip: tuple[SkippedReader, ...]
    prefer: tuple[PreferredReader, ...]
    probe: Probe


@cache
def table() -> _File:
    """The file, checked."""
    return _File.model_validate(tomllib.loads(_FILE.read_text(encoding="utf-8")))


def card_of(atr: bytes) -> KnownCard | None:
    """The first entry that a reset answer fits."""
    return next((card for card in table().card if card.fits(atr)), None)


def suitable(readers: Sequence[str], wanted: str) -> list[str]:
    """The readers whose names contain `wanted`; without a wish those that cards are laid on. Contactless ones come first."""
    skipped = [entry.reader for entry in table().skip]
    found = [name for name in readers if (wanted in name if wanted else not any(part in name for part in skipped))]
    return sorted(found, key=lambda name: not any(entry.reader in name for entry in table().prefer))
