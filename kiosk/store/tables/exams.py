"""Exams and seats."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from kiosk.store.tables.base import Moment, identity

# An exam: its name, where it is, and who set it up. Numbers, rooms and seats hang on it; several are kept.
exams: Final = Table(
    "exams",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("title", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("undoable", Boolean, nullable=False),  # the last change of its seats can be taken back
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)

exam_sessions: Final = Table(
    "exam_sessions",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("exam", ForeignKey("exams.number"), nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("latest_entry", Moment, nullable=False),
)


def _seatings(name: str, *rules: UniqueConstraint) -> Table:
    """Who sits where. Nobody has two seats in a subject; where a subject is empty, the seat is for the whole exam."""
    return Table(
        name,
        identity,
        Column("exam", ForeignKey("exams.number"), primary_key=True),
        Column("id_number", String(32), primary_key=True, index=True),
        Column("subject", Text, primary_key=True),
        Column("exam_number", Text, nullable=False),
        Column("room", Text, nullable=False),
        Column("seat", Integer, nullable=False),
        Column("place", Text, nullable=False),  # where the room is, as the platform's list has it
        *rules,
    )


# Neither a number nor a seat has two people.
exam_seatings: Final = _seatings(
    "exam_seatings",
    UniqueConstraint("exam", "subject", "exam_number", name="one_candidate_per_number"),
    UniqueConstraint("exam", "subject", "room", "seat", name="one_candidate_per_seat"),
)

# The seats as they were before the last change of an exam, for one step back.
exam_seatings_before: Final = _seatings("exam_seatings_before")
