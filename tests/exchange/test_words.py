"""Every code that these rooms raise or say has words in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kiosk.words import LANGUAGES, catalogue

ROOMS = [path for room in ("store", "exchange") for path in Path("kiosk", room).rglob("*.py")]
AUDITED = re.compile(r'audit\.append\(\s*connection,\s*"([a-z_.]+)"')
RAISED = re.compile(r'(?:StoreError|ExchangeError)\(\s*"([a-z_.]+)"')
MAPPED = re.compile(r': "((?:store|export)\.[a-z_]+)"')
SAID = re.compile(r'"((?:roster|photo|report|document)\.[a-z_.]+)"(?!,? (?:file|reason)=)')


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language: str) -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in ROOMS)
    wanted = {f"error.{code}" for code in RAISED.findall(source) + MAPPED.findall(source)} | (
        set(SAID.findall(source)) - set(RAISED.findall(source)) - set(AUDITED.findall(source))
    )
    wanted |= {f"roster.idnumber.{rule}" for rule in ("length", "characters", "province", "date", "check")}
    assert len(wanted) > 30
    assert sorted(wanted - set(catalogue(language))) == []
