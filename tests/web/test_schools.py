"""Where several schools are, every page of the office tells their classes apart."""

from __future__ import annotations

import pytest
from flask import Flask, g

from kiosk.records import ClassKey, SchoolName, Student
from kiosk.web.office import groups

GREEN, RED = SchoolName("青山中学", "1"), SchoolName("红旗/中学")


def student(school: SchoolName) -> Student:
    return Student("考生", "1", "高一", "1", school=school.name, school_code=school.code)


@pytest.mark.parametrize("school", [GREEN, RED, SchoolName()])
def test_row_2_7_a_class_in_an_address_is_one_of_its_school(school: SchoolName) -> None:
    with Flask("test").app_context():
        g.schools = [GREEN, RED, SchoolName()]
        key = groups.class_key(student(school).group)
        assert groups.group_of(key) == student(school).group
    others = [one for one in (GREEN, RED, SchoolName()) if groups.looked_for(student(one), key)]
    assert others == [school]


def test_row_2_7_with_one_school_addresses_are_as_they_were() -> None:
    with Flask("test").app_context():
        g.schools = [GREEN]
        assert groups.class_key(student(GREEN).group) == "高一/1"
        assert groups.group_of("高一/1") == ClassKey("1", "高一", "1")
    assert groups.looked_for(student(GREEN), "高一/1")
    assert groups.looked_for(student(RED), "@" + "%E7%BA%A2") is False
