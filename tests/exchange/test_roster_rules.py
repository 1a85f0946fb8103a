"""The rules of tables, which come with the program: every fault of the file is told with its place."""

from __future__ import annotations

import tomllib

import pytest

from kiosk.tables.rules import Kind, load_rules, parse_rules

GOOD = '[[column]]\nfield = "name"\nheader = "姓名"\nkind = "name"\nrequired = true\n'


@pytest.mark.parametrize("name", ["students", "teachers"])
def test_the_rules_that_come_with_the_program_are_sound(name: str) -> None:
    rules = load_rules(name)
    assert rules.required
    assert rules.column("name").kind is Kind.NAME
    assert {column.kind for column in rules.columns} <= set(Kind)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("姓名", ""), "column 1: header: a text"),
        (('"name"\nheader', '"Name"\nheader'), "column 1: field: small letters"),
        (("required = true", 'required = "yes"'), "column 1: required: true or false"),
        (('kind = "name"', 'kind = "nome"'), "column 1: kind: one of text name"),
        (('kind = "name"', 'kind = "choice"'), "column 1: choices belong to the kinds"),
        (("required", "requierd"), "column 1: requierd: unknown"),
        (('header = "姓名"\n', ""), "column 1: header: missing"),
        (('kind = "name"', 'synonyms = ["姓名"]'), "姓名: stands for two columns"),
        (('kind = "name"', "synonyms = [1]"), "column 1: synonyms: a list of texts"),
        (("[[column]]", "[column]"), "column: one or more tables"),
    ],
)
def test_a_fault_is_told_with_its_place(changed: tuple[str, str], told: str) -> None:
    text = f'title = "x"\n{GOOD}'
    assert parse_rules(tomllib.loads(text)).required == ("name",)
    with pytest.raises(ValueError, match=told):
        parse_rules(tomllib.loads(text.replace(*changed)))
