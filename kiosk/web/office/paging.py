"""A long list in pages; which one is wanted comes in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

T = TypeVar("T")


@dataclass(frozen=True)
class Paged(Generic[T]):
    """The page that is shown: its rows, its number from 1, and how many pages there are."""

    rows: Sequence[T]
    number: int
    pages: int


def paged(found: Sequence[T], per_page: int) -> Paged[T]:
    """The page that the request asks for; the nearest one there is."""
    pages = max(1, -(-len(found) // per_page))
    number = min(max(request.args.get("page", 1, int), 1), pages)
    return Paged(found[(number - 1) * per_page : number * per_page], number, pages)
