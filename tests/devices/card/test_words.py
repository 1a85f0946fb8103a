"""Whatever the card room says has words in every language."""

import re
from pathlib import Path

import pytest

import drivers_sim.card
import kiosk.devices.card
from kiosk import words

_ERROR = re.compile(r'(?:Fault|Error)\(\s*"([a-z_]+(?:\.[a-z_0-9]+)+)"')
_MESSAGE = re.compile(r'Message\(\s*"([a-z_]+(?:\.[a-z_0-9]+)+)"')


def _codes() -> set[str]:
    folders = [Path(package.__path__[0]) for package in (kiosk.devices.card, drivers_sim.card)]
    source = "\n".join(file.read_text(encoding="utf-8") for folder in folders for file in folder.rglob("*.py"))
    return {f"error.{code}" for code in _ERROR.findall(source)} | set(_MESSAGE.findall(source))


def test_codes_are_found_at_all() -> None:
    assert {"error.card.gone", "card.warning.reserved"} <= _codes()


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_code_has_words(language: str) -> None:
    assert _codes() - words.catalogue(language).keys() == set()


@pytest.mark.parametrize("problem", ["length", "characters", "province", "date", "check"])
def test_every_problem_of_a_number_has_words(problem: str) -> None:
    for language in words.LANGUAGES:
        assert f"card.warning.idnumber.{problem}" in words.catalogue(language)
