"""A profile's file through its form: nothing that nobody touched is written anew, and what moves takes its comments along."""

from __future__ import annotations

import tomllib

import pytest

from kiosk.config import Key, Kind
from kiosk.config.toml_rows import rearranged
from kiosk.exchange.profile_form import Form, TypedForm, TypedRow, form_keys, form_of, place_of, typed_form, written
from kiosk.exchange.shelf import shelf

TEXT = """# of the notice
title = "本校"   # as the platform calls it

# the first column
# wants two lines
[[column]]
header = "姓名"  # 学籍
field = "name"

[column.codes]
"甲" = "1"

[photo]
width = 400
background = [100, 197, 255]  # blue

[[column]]
header = "班级"
text = "{grade}-{class_name}"
width = 14
"""


def typed(form: Form, **values: str) -> TypedForm:
    """The form as it is, but for these values."""
    rows = {name: [TypedRow(was=at, values=dict(row)) for at, row in enumerate(those, 1)] for name, those in form.rows.items()}
    told = {name.replace("__", "."): value for name, value in values.items()}
    return TypedForm(values={**form.values, **told}, rows=rows)


def form(text: str) -> Form:
    found = form_of(text)
    assert found is not None
    return found


def test_a_form_that_nobody_touched_changes_no_file_of_the_program() -> None:
    for one in shelf():
        text = one.path.read_text(encoding="utf-8")
        assert written(text, typed(form(text))) == text


def sample(key: Key) -> str:
    if key.kind is Kind.LIST:
        return "1, 2" if int in key.types else "x, y"
    if key.kind is Kind.LINES:
        return "两行 文字，逗号\n第二行" if str in key.types else "1, 2, 3\n4, 5, 6"
    return str(key.choices[-1]) if key.choices else {Kind.SWITCH: "true", Kind.NUMBER: "77", Kind.TEXT: "文字"}[key.kind]


@pytest.mark.parametrize("path", form_keys())
def test_every_key_is_written_where_it_belongs_and_nothing_else_changes(path: str) -> None:
    before, told = form(TEXT), sample(form_keys()[path])
    text = written(TEXT, typed(before, **{path.replace(".", "__"): told}))
    after = form(text)
    assert after.values == {**before.values, path: told}
    assert after.rows == before.rows
    assert all(comment in text for comment in ("# of the notice", "# as the platform calls it", "# wants two lines", "# 学籍"))
    assert form(written(text, typed(before))) == before  # and taken out again


def test_a_row_moves_with_its_comments_and_codes() -> None:
    before = form(TEXT)
    first, second = (TypedRow(was=at, values=dict(row)) for at, row in enumerate(before.rows["column"], 1))
    new = TypedRow(values={"header": "序号", "shows": "blank", "codes": "甲 = 1"})
    text = written(TEXT, TypedForm(values={}, rows={"column": [second, new, first]}))
    assert [one["header"] for one in tomllib.loads(text)["column"]] == ["班级", "序号", "姓名"]
    assert '# the first column\n# wants two lines\n[[column]]\nheader = "姓名"  # 学籍\n' in text
    assert tomllib.loads(text)["column"][2]["codes"] == {"甲": "1"}
    assert tomllib.loads(text)["photo"] == tomllib.loads(TEXT)["photo"]
    gone = written(text, TypedForm(values={}, rows={"column": []}))
    assert "column" not in tomllib.loads(gone)


def test_a_column_that_shows_something_else_says_nothing_of_what_it_showed() -> None:
    rows = [TypedRow(was=2, values={**form(TEXT).rows["column"][1], "shows": "picture:portrait"})]
    text = written(TEXT, TypedForm(values={}, rows={"column": rows}))
    assert tomllib.loads(text)["column"] == [{"header": "班级", "picture": "portrait", "width": 14}]


def test_what_can_t_be_a_value_stays_as_it_was_typed_to_be_told() -> None:
    text = written(TEXT, typed(form(TEXT), photo__width="breit", photo__background="1, x"))
    assert (form(text).values["photo.width"], form(text).values["photo.background"]) == ("breit", "1, x")


def test_a_list_in_one_line_becomes_tables() -> None:
    text = 'a = 1  # x\ncolumn = [{header = "a"}, {header = "b"}]\n[photo]\nwidth = 3\n'
    assert tomllib.loads(rearranged(text, "column", [2, 1])) == {
        "a": 1,
        "column": [{"header": "b"}, {"header": "a"}],
        "photo": {"width": 3},
    }


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("photo.width", "photo.width"),
        ("photo.background.1.2", "photo.background"),
        ("column.3.field", "column.3.shows"),
        ("column.3.text", "column.3.text"),
        ("column.3.codes.x", "column.3.codes"),
        ("column.3", "column.3"),
        ("column", "column"),
        ("picture.1.suffix", "picture.1.suffix"),
        ("no.such", ""),
    ],
)
def test_a_fault_is_told_at_the_field_that_it_belongs_to(path: str, place: str) -> None:
    assert place_of(path) == place


def test_what_a_page_sends_is_what_a_form_says() -> None:
    told = typed_form('{"values": {"title": "x"}, "rows": {"column": [{"was": null, "values": {}}]}}')
    assert told.values == {"title": "x"}
