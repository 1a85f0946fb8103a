"""What comes with a card: warnings that the station adds, and what of the chip is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.config import Settings
from kiosk.devices import CardPresented
from kiosk.exchange.profile import Profile, read_profile
from kiosk.records import BiometricKind, CaseKind, CaseState, CaseStudent, Message, Person, Verdict
from kiosk.station.admission import Admission
from kiosk.station.arrival import open_record, read_from
from kiosk.station.crew import Crew
from kiosk.station.state import Refused
from kiosk.station.steps.base import Sitting
from kiosk.store import Store
from kiosk.surrogate import surrogate
from tests.store.conftest import AT, card, student

TEMPLATES = b"C\x01" + bytes(range(256)) * 3 + bytes(254)
SHEET = """
title = "x"
[[column]]
header = "姓名"
field = "name"
"""
FINGERPRINTS = """
[[picture]]
kind = "card_fingerprints"
file = "{id_number}"
suffix = "bin"
"""


def _profile(folder: Path, text: str) -> Profile:
    path = folder / "wanted.toml"
    path.write_text(text, encoding="utf-8")
    return read_profile(path)


@pytest.mark.parametrize(("text", "kept"), [(SHEET + FINGERPRINTS, TEMPLATES), (SHEET, None)])
def test_the_chips_fingerprints_are_kept_only_for_a_profile_that_wants_them(
    tmp_path: Path, text: str, kept: bytes | None
) -> None:
    who = student(1)
    arrival = read_from(CardPresented(card(who), 0.1, fingerprints=TEMPLATES))
    with Store.open(tmp_path / "data") as store:
        store.roster.replace_or_update([who])
        nobody: Any = None  # neither devices nor networks have a part in it
        crew = Crew(Settings(), _profile(tmp_path, text), store, *[nobody] * 6, lambda: AT)  # type: ignore[call-arg]
        record = open_record(arrival, who, crew)
        assert store.captures.biometric(record.id, BiometricKind.CARD_FINGERPRINTS) == kept


def test_characters_that_the_form_cannot_show_are_told_at_the_card() -> None:
    name = "张\U00020bb7\ue81e三"
    arrival = read_from(CardPresented(replace(card(student(1)), name=name), 0.1))
    told = [warning for warning in arrival.card.warnings if warning.code == "card.warning.unprintable"]
    assert [warning.data["characters"] for warning in told] == ["\ue81e\U00020bb7"]
    assert arrival.card.name == name


def test_a_name_that_the_form_can_show_brings_no_warning() -> None:
    plain = card(student(1))
    assert read_from(CardPresented(plain, 0.1)).card is plain


def test_row_3_2_while_a_case_is_open_nobody_of_the_number_is_captured_and_afterwards_each_with_their_card(
    tmp_path: Path,
) -> None:
    first, by = replace(student(1), name="张伟"), Person("王主任")
    second = replace(first, name="张玮", id_number=surrogate("张玮", "男", "20080101"), sex="男", birth_text="20080101")
    laid = {who.name: read_from(CardPresented(card(replace(who, id_number=first.id_number)), 0.1)) for who in (first, second)}
    with Store.open(tmp_path / "data") as store:
        nobody: Any = None
        crew = Crew(Settings(), _profile(tmp_path, SHEET), store, *[nobody] * 6, lambda: AT)  # type: ignore[call-arg]
        crew.duty.begin(Person("采集员"), lambda: True)
        desk = Admission(crew)
        people = [CaseStudent(who.name, first.id_number, surrogate(who.name, "男", "20080101")) for who in (first, second)]
        store.roster.replace_or_update([first])  # as it was filed before anybody knew of the other
        case = store.cases.open(CaseKind.DUPLICATE_NUMBER, people, "两人同号", by=by)
        for arrival in laid.values():
            refused = desk.admit(arrival)
            assert isinstance(refused, Refused)
            assert refused.reason == Message("station.case_pending", {"number": case})
        store.cases.move(case, CaseState.SUBMITTED, reason="材料齐", by=by)
        store.cases.move(case, CaseState.ACCEPTED, reason="张伟保留", by=by, keeps="张伟")
        store.roster.replace_or_update([first, second])
        for who in (second, first):
            sitting = desk.admit(laid[who.name])
            assert isinstance(sitting, Sitting)
            assert (sitting.record.student.id_number, sitting.record.steps[0].verdict) == (who.id_number, Verdict.PASS)
