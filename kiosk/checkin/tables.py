"""The one file of a 考场包 that was taken: who sits where, what they are compared with, and what happened at the doors."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

FORM: Final = 2  # of the tables: a file of another form is refused; nobody carries one over from one exam to the next
register: Final = MetaData()

facts: Final = Table("facts", register, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

# `told`: what the package says of a candidate, as JSON.
candidates: Final = Table(
    "candidates",
    register,
    Column("number", Integer, primary_key=True),
    Column("told", Text, nullable=False),
    Column("portrait", LargeBinary, nullable=False),
)

# Whose face a suspicious one may be besides: people of the district who sit elsewhere, where the office put them into the
# package. `face`: a compact file.
district: Final = Table(
    "district",
    register,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("school", Text, nullable=False),
    Column("face", LargeBinary, nullable=False),
)

# What happened at this door and, once they were merged, at others, in the order in which it came here. `seal`: over this one
# and the one before of its door.
events: Final = Table(
    "events",
    register,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("door", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("told", Text, nullable=False),
    Column("picture", LargeBinary, nullable=False),
    Column("seal", Text, nullable=False),
    UniqueConstraint("door", "sequence", name="one_event_per_number"),
)

APPEND_ONLY: Final = tuple(
    f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events "
    "BEGIN SELECT RAISE(ABORT, 'what happened at a door is append-only'); END"
    for verb in ("UPDATE", "DELETE")
)
