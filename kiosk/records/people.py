"""Who is on the lists of the school."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Student:
    """考生: one row of the roster."""

    name: str
    id_number: str
    grade: str = ""
    class_name: str = ""
    registration_number: str = ""  # 考籍号
    sex: str = ""  # 男, 女 or unknown to the roster
    birth_text: str = ""  # YYYYMMDD
    ethnicity: str = ""
    document_type: str = ""  # code of the national student register; empty and 1: resident ID card
    stream: str = ""  # 文科, 理科
    student_number: str = ""  # 学籍号
    exam_number: str = ""  # 考号
    school: str = ""
    school_code: str = ""  # 学校标识码


@dataclass(frozen=True)
class Teacher:
    """One row of the teachers' sheet, in the values of the notice."""

    name: str
    sex: str
    id_number: str
    birth_month: str  # YYYYMM
    classes: str  # numbers separated by commas
    subject: str
    former_subjects: str
    years: str
    title: str
    first_degree: str
    first_major: str
    highest_degree: str
    highest_major: str
