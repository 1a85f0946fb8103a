"""What devices say of themselves to whoever looks."""

from __future__ import annotations

import pytest

from kiosk.devices.facts import ReaderFacts, Transfer


@pytest.mark.parametrize(
    ("atr", "contactless"),
    [
        ("3B8F80018031806549544A3442121BFF829000", True),
        ("3B8880010000000000000000", True),
        ("3B6D00000073C80012640000009000", False),
        ("", False),
    ],
)
def test_a_contactless_reader_is_known_by_the_answer_that_it_makes_up(atr: str, contactless: bool) -> None:
    assert ReaderFacts(atr=bytes.fromhex(atr)).contactless is contactless


def test_a_transfer_is_held_against_its_line() -> None:
    slow = Transfer(36_864, 6.7, 3.35)
    assert (round(slow.bytes_per_s), round(slow.line_bytes_per_s)) == (5502, 11_004)
    assert Transfer(36_864, 0.5).line_bytes_per_s == 0
