"""A store in a fresh folder, and students who don't exist."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.ciphers import INTERNATIONAL, SUITES, Suite
from kiosk.idnumber import check_character
from kiosk.records import CaptureRecord, CardData, Message, Person, RefusalReason, Student
from kiosk.store import Store
from tests.people import card_of

AT = datetime(2026, 9, 1, 8, 30, 15, 123456, tzinfo=UTC)


def student(number: int, class_name: str = "5") -> Student:
    first17 = f"63010320080101{number:03d}"
    return Student(f"考生{number}", first17 + check_character(first17), "高一", class_name, f"K{number:04d}")


def card(of: Student) -> CardData:
    return card_of(of, valid_until_text="长期", warnings=(Message("card.expires_soon", {"days": 20}),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "station data"


@pytest.fixture
def suite() -> Suite:
    """Files whose tests hold for both suites have them both here, as `both_suites`."""
    return INTERNATIONAL


@pytest.fixture(params=list(SUITES.values()), ids=list(SUITES))
def both_suites(request: pytest.FixtureRequest) -> Suite:
    chosen: Suite = request.param
    return chosen


@pytest.fixture
def store(folder: Path, suite: Suite) -> Iterator[Store]:
    """On a machine whose clock stands still."""
    with Store.open(folder, clock=lambda: AT, suite=suite) as opened:
        yield opened


@pytest.fixture
def begin(store: Store) -> Callable[..., CaptureRecord]:
    def _begin(number: int = 1, reason: str = "") -> CaptureRecord:
        who = student(number)
        return begin_in(store, who, reason)

    return _begin


def begin_in(store: Store, who: Student, reason: str = "") -> CaptureRecord:
    return store.captures.begin(
        who,
        card(who),
        station="采集点-01",
        operator="采集员",
        profile="qinghai-xuekao",
        profile_hash="0" * 64,
        at=AT,
        recapture_reason=reason,
    )


def turn_away(store: Store, at: datetime) -> None:
    """Somebody who is not on the roster comes."""
    who = student(99)
    store.refusals.add(RefusalReason.NOT_ON_ROSTER, by=Person("采集员"), at=at, name=who.name, id_number=who.id_number)
