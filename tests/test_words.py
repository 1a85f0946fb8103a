"""Whatever the station can say, it can say in both languages."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import drivers_sim
import kiosk
from kiosk import idnumber
from kiosk.pipeline.face import verification
from kiosk.pipeline.finger import quality, template
from kiosk.words import LANGUAGES, catalogue

ROOT = Path(kiosk.__file__).parent
CODE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
NO_CODE = re.compile(r".+\.(html|jsonl?|key|lock|screen|sqlite3|toml|wlt|xlsx)")  # files and views


@dataclass(frozen=True)
class Said:
    """A code in the source, and the data that go with it (None: not known from the text)."""

    code: str
    data: frozenset[str] | None
    place: str


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    """Of the source: its calls, and its constants."""
    wanted = (ast.Call, ast.Constant)
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, wanted)]


def said_in(path: Path) -> Iterator[Said]:
    for node in nodes_of(path):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first, place = node.args[0], f"{path.relative_to(ROOT)}:{node.lineno}"
        if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
            continue
        if name.endswith(("Error", "Fault")) and CODE.fullmatch(first.value):
            names = [keyword.arg for keyword in node.keywords]
            data = None if None in names else frozenset(name for name in names if name)
            yield Said(f"error.{first.value}", data, place)
        elif name == "Message":
            yield Said(first.value, _keys(node.args[1]) if len(node.args) > 1 else frozenset(), place)


def _keys(node: ast.expr) -> frozenset[str] | None:
    if not isinstance(node, ast.Dict):
        return None
    keys = [key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return frozenset(keys) if len(keys) == len(node.keys) else None


def written_in(path: Path) -> Iterator[str]:
    """Every text that reads like a code; what goes into the audit trail or names a view needs no words."""
    calls = [node for node in nodes_of(path) if isinstance(node, ast.Call)]
    silent = [call for call in calls if "url_for" in (called := _names(call.func)) or any("audit" in name for name in called)]
    audited = {id(argument) for call in silent for argument in call.args}
    texts = [node for node in nodes_of(path) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    for text in texts:
        if id(text) not in audited and CODE.fullmatch(str(text.value)) and not NO_CODE.fullmatch(str(text.value)):
            yield str(text.value)


def _names(called: ast.expr) -> list[str]:
    """`store`, `audit` and `record` of `store.audit.record`."""
    nodes = list(ast.walk(called))
    attributes = [node.attr for node in nodes if isinstance(node, ast.Attribute)]
    return [node.id for node in nodes if isinstance(node, ast.Name)] + attributes


@cache
def all_said() -> list[Said]:
    return [said for path in sorted(ROOT.rglob("*.py")) for said in said_in(path)]


def test_both_languages_know_the_same_codes() -> None:
    chinese, english = (set(catalogue(language)) for language in LANGUAGES)
    assert chinese - english == set()
    assert english - chinese == set()


def test_both_languages_fill_in_the_same_data() -> None:
    chinese, english = (catalogue(language) for language in LANGUAGES)
    differing = {code for code in chinese if placeholders(chinese[code]) != placeholders(english.get(code, ""))}
    assert differing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language: str) -> None:
    words = catalogue(language)
    assert [code for code, text in words.items() if not text.strip()] == []
    assert [f"{said.place}: {said.code}" for said in all_said() if said.code not in words] == []


def test_a_code_that_gets_its_words_elsewhere_has_them_too() -> None:
    words = set(catalogue("zh-CN"))
    families = {code.removeprefix("error.").split(".")[0] for code in words}
    folders = [ROOT, Path(drivers_sim.__path__[0])]
    written = {code for folder in folders for path in folder.rglob("*.py") for code in written_in(path)}
    known = {code for code in written if code.split(".")[0] in families}
    assert {"roster.sex", "report.no_portrait", "store.busy", "simulator.pcscd"} <= known
    assert sorted(code for code in known if code not in words and f"error.{code}" not in words) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("where", ["roster", "card.warning", "error.manual"])
def test_every_fault_of_a_number_has_words_wherever_it_is_met(language: str, where: str) -> None:
    faults = set(re.findall(r'"(idnumber\.[a-z]+)"', Path(idnumber.__file__).read_text(encoding="utf-8")))
    assert len(faults) == 5
    assert sorted(fault for fault in faults if f"{where}.{fault}" not in catalogue(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_ask_for_data_that_nobody_gives(language: str) -> None:
    words = catalogue(language)
    asking = [
        f"{said.place}: {said.code} {sorted(missing)}"
        for said in all_said()
        if said.data is not None and (missing := placeholders(words.get(said.code, "")) - said.data)
    ]
    assert asking == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_has_words_in_two_files(language: str) -> None:
    found: Counter[str] = Counter()
    for path in (ROOT / "translations" / language).glob("*.po"):
        with path.open("rb") as file:
            found.update(str(entry.id) for entry in read_po(file) if entry.id)
    assert [code for code, times in found.items() if times > 1] == []


def test_the_screens_use_the_words_that_they_have() -> None:
    web = ROOT / "web"
    source = "\n".join(
        path.read_text(encoding="utf-8") for suffix in ("*.html", "*.js", "*.py") for path in sorted(web.rglob(suffix))
    )
    used = set(re.findall(r"[\"'](ui\.[a-z_.]+[a-z_])[\"']", source))
    known = {code for code in catalogue("zh-CN") if code.startswith("ui.")}
    assert used - known == set()
    assert known - used == set()


def test_the_scan_finds_what_it_looks_for() -> None:
    path = ROOT / "listening.py"
    assert Said("error.web.port_taken", frozenset({"port"}), "listening.py") in {
        Said(said.code, said.data, said.place.split(":")[0]) for said in said_in(path)
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scale", [verification.SCALE, quality.SCALE, template.SCALE])
def test_every_scale_has_a_name_on_the_screens(language: str, scale: str) -> None:
    assert f"scale.{scale}" in catalogue(language)
