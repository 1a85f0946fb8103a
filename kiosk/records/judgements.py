"""What checks say: verdicts, scores, measures, and messages to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

_NO_DATA: Final[Mapping[str, Any]] = MappingProxyType({})


class Verdict(StrEnum):
    """What a check says."""

    PASS = "pass"
    REVIEW = "review"
    FAIL = "fail"

    @staticmethod
    def worst(verdicts: "list[Verdict] | tuple[Verdict, ...]") -> "Verdict":
        """FAIL before REVIEW before PASS; PASS of nothing."""
        return next((one for one in (Verdict.FAIL, Verdict.REVIEW) if one in verdicts), Verdict.PASS)


@dataclass(frozen=True)
class Message:
    """Something to say to a person: words are found under `code`, `data` fills their placeholders."""

    code: str
    data: Mapping[str, Any] = field(default_factory=lambda: _NO_DATA)


@dataclass(frozen=True)
class Score:
    """A number with its scale and version (`sface-2021dec cosine`) and the limit that it was held against.

    It must be at least the limit, or with `below` under it.
    """

    value: float
    scale: str
    limit: float | None = None
    below: bool = False

    @property
    def met(self) -> bool:
        """Whether the limit is kept to; always without one."""
        return self.limit is None or (self.value < self.limit if self.below else self.value >= self.limit)


@dataclass(frozen=True)
class Measure:
    """One property that was measured: its standard's name, value, limits (inclusive), verdict, and what to do about it."""

    name: str
    value: float
    low: float | None
    high: float | None
    verdict: Verdict
    hint: Message | None = None
