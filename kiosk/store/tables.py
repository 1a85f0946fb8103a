"""The tables. Identity and biometrics live in two databases; a random record id is all that links them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC (SQLite has no time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Room = Literal["identity", "vault"]  # each is a database of its own
identity: Final = MetaData()
vault: Final = MetaData()

students: Final = Table(
    "students",
    identity,
    Column("id_number", String(32), primary_key=True),
    Column("position", Integer, nullable=False),  # the roster's own order
    Column("name", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("school", Text, nullable=False, server_default=""),
    Column("school_code", Text, nullable=False, server_default=""),  # a school is spelt in one way in all of its rows
    Column("category", Text, nullable=False, server_default=""),
    Column("registration_number", Text, nullable=False),
    Column("more", Text, nullable=False, server_default="{}"),  # JSON: what is neither searched nor sorted by
    Column("gone_at", Moment),  # no longer on the roster; kept, because records refer to the student
    Index("ix_students_name", "name"),
    Index("ix_students_school", "school_code", "school", "position"),
)

# Whom the last import added, changed or took off the roster: JSON of a student before and after, empty for not on it.
roster_undo: Final = Table(
    "roster_undo",
    identity,
    Column("id_number", String(32), ForeignKey("students.id_number"), primary_key=True),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)

# Numbers by the exam office's rule, for students without a resident's number. Nothing here is ever taken out; where the
# student's data are deleted, what stands for the number stays: it is never given again.
substitutes: Final = Table(
    "substitutes",
    identity,
    Column("number", String(18), primary_key=True),
    Column("id_number", String(32), nullable=False),
    Column("person", Text, nullable=False),  # name, sex and birth date; empty where one of them was not known
    Column("given_at", Moment, nullable=False),
    Column("given_by", Text, nullable=False),
)

records: Final = Table(
    "records",
    identity,
    Column("id", String(32), primary_key=True),
    Column("id_number", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("verdict", String(16)),  # set when complete
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment, index=True),
    Column("station", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("profile_hash", Text, nullable=False),
    Column("recapture_reason", Text, nullable=False),
    Column("signed_at", Moment),
    Column("student", Text, nullable=False),  # JSON: the roster's row as it was on that day
    Column("card", Text),  # JSON, raw codes included
    UniqueConstraint("id_number", "version", name="one_record_per_version"),
    Index(
        "one_open_record_per_student",
        "id_number",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

steps: Final = Table(
    "steps",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("record_id", ForeignKey("records.id"), nullable=False, index=True),
    Column("step", String(16), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("device_s", Float, nullable=False),
    Column("own_s", Float, nullable=False),
    Column("detail", Text, nullable=False),  # JSON: scores, measures, problems
    Index("ix_steps_decided", "record_id", sqlite_where=text("decided_by != ''"), postgresql_where=text("decided_by != ''")),
)

biometrics: Final = Table(
    "biometrics",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),  # the highest of a kind is the latest
    Column("record_id", ForeignKey("records.id"), nullable=False, index=True),
    Column("step", ForeignKey("steps.number"), nullable=True),  # none: a form, which belongs to the whole record
    Column("kind", String(32), nullable=False),
    Column("blob_id", String(32), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), key="digest", nullable=False),  # by the store's suite; named after the first
)

refusals: Final = Table(
    "refusals",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("id_number", Text, nullable=False, index=True),  # masked in entries of earlier programs
    Column("kind", String(16), nullable=False, server_default="turned_away"),
    Column("name", Text, nullable=False, server_default=""),
    Column("record_id", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False, server_default=""),
    Column("account", Text, nullable=False, server_default=""),
)

reviews: Final = Table(
    "reviews",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("record_id", ForeignKey("records.id"), nullable=False, unique=True),
    Column("outcome", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

corrections: Final = Table(
    "corrections",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id_number", String(32), nullable=False, index=True),
    Column("record_id", ForeignKey("records.id"), index=True),  # the student's newest one then, where there was any
    Column("field", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False, server_default=""),
    Column("at", Moment, nullable=False),
)

prints: Final = Table(
    "prints",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("record_id", ForeignKey("records.id"), nullable=False, index=True),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

absences: Final = Table(
    "absences",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id_number", String(32), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# A class before the camera: whose turn it is, and who was skipped. `ended_at` none: under way.
photo_runs: Final = Table(
    "photo_runs",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("school", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("id_number", String(32), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("ended_at", Moment),
)

photo_skips: Final = Table(
    "photo_skips",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run", Integer, nullable=False),
    Column("id_number", String(32), nullable=False, index=True),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

windows: Final = Table(
    "windows",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("round", Text, nullable=False),
    Column("grade", Text, nullable=False),  # empty: every grade
    Column("class_name", Text, nullable=False),  # empty: every class
    Column("school", Text, nullable=False, server_default=""),  # its key; empty: every school
    Column("category", Text, nullable=False, server_default=""),  # 考生类别; empty: every one
    Column("opens_at", Moment, nullable=False),
    Column("closes_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)

# What a 报名点 may capture: JSON of a `Point`.
point: Final = Table(
    "point",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("told", Text, nullable=False),
)

admissions: Final = Table(
    "admissions",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id_number", String(32), nullable=False, index=True),
    Column("kind", String(16), nullable=False, server_default="window"),  # or school: of another one
    Column("until", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

deadlines: Final = Table(
    "deadlines",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("school_code", Text, nullable=False),
    Column("office_key", LargeBinary, nullable=False),  # Ed25519 public key of who may unlock
    Column("by", Text, nullable=False),
    Column("set_at", Moment),  # none: set by a version that could not take it back
    Column("signed_at", Moment),  # the office has signed it: it stands
    Column("withdrawn_at", Moment),
)

unlockings: Final = Table(
    "unlockings",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("until", Moment, nullable=False),
    Column("code", Text, nullable=False, unique=True),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

declarations: Final = Table(
    "declarations",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)

lookalikes: Final = Table(
    "lookalikes",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("declaration", ForeignKey("declarations.number"), nullable=False, index=True),
    Column("id_number", String(32), nullable=False, index=True),
)

accounts: Final = Table(
    "accounts",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("verifier", Text, nullable=False),  # Argon2id in PHC notation
    Column("issued", Boolean, nullable=False),  # the PIN is another person's choice
    Column("failures", Integer, nullable=False),  # wrong PINs in a row
    Column("locked_until", Moment),
    Column("since", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("office_id", Text, nullable=False, server_default=""),  # who it is on the office's lists; empty: issued here
    Column("valid_until", Moment),  # as the office's list says
)

# The card that chooses an account at the log-in: its number is kept as a pseudonym, under the store's key.
staff_cards: Final = Table(
    "staff_cards",
    identity,
    Column("account_id", String(32), primary_key=True),
    Column("pseudonym", String(64), nullable=False, unique=True),
    Column("since", Moment, nullable=False),
)

# Thumbs and faces of the staff: templates only, sealed in the vault.
staff_biometrics: Final = Table(
    "staff_biometrics",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("account_id", String(32), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("blob_id", String(32), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), key="digest", nullable=False),
    Column("since", Moment, nullable=False),
)

# Every list of accounts that was taken, as the office signed it. The highest version stands.
account_lists: Final = Table(
    "account_lists",
    identity,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("school_code", Text, nullable=False),
    Column("office_key", LargeBinary, nullable=False),  # Ed25519 public key
    Column("valid_until", Moment, nullable=False),
    Column("file", LargeBinary, nullable=False),
    Column("by", Text, nullable=False),
    Column("taken_at", Moment, nullable=False),
)

# What the station signs with; the newest counts.
signing_keys: Final = Table(
    "signing_keys",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the private key, bound to the public one
    Column("since", Moment, nullable=False),
)


def _from_an_office(name: str) -> Table:
    """Signed texts that an office issued."""
    return Table(
        name,
        identity,
        Column("number", Integer, primary_key=True, autoincrement=True),
        Column("office_key", LargeBinary, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("taken_at", Moment, nullable=False),
        Column("taken_by", Text, nullable=False),
    )


certificates: Final = _from_an_office("certificates")
revocations: Final = _from_an_office("revocations")

audit: Final = Table(
    "audit",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),  # as it was sealed, to the character
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("detail", Text, nullable=False),
    Column("seal", String(64), nullable=False),
)

# What people wrote into the trail by their own words. The entry holds its salted digest, so that a text may go and the trail
# stays verifiable.
audit_texts: Final = Table(
    "audit_texts",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=False),  # of the entry
    Column("name", String(16), primary_key=True),
    Column("salt", String(32), nullable=False),
    Column("text", Text, nullable=False),
)

# The texts that were shown to students, by version; kept for good.
notices: Final = Table(
    "notices",
    identity,
    Column("version", String(64), primary_key=True),
    Column("told", Text, nullable=False),  # JSON of a `Notice`
    Column("since", Moment, nullable=False),
)

# On what basis a student is captured; the newest of a student counts.
consents: Final = Table(
    "consents",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id_number", String(32), nullable=False, index=True),
    Column("basis", String(16), nullable=False),
    Column("agreed", Boolean, nullable=False),
    Column("guardian", Text, nullable=False),
    Column("relation", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("notice", Text, nullable=False),  # the version that it is about
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# Signed consents as they were scanned, in the vault under an owner of their own: there may be no record yet.
papers: Final = Table(
    "papers",
    identity,
    Column("owner", String(32), primary_key=True),
    Column("id_number", String(32), nullable=False, index=True),
    Column("blob_id", String(32), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), key="digest", nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# 学生信息 as it was filled in: what was told last of an item counts. A file's rows have a batch, a correction's none.
particulars: Final = Table(
    "particulars",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("batch", String(32), nullable=False, index=True),
    Column("id_number", String(32), nullable=False, index=True),
    Column("told", Text, nullable=False),  # JSON: items by field
    Column("source", Text, nullable=False),  # the file's name
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("undone_at", Moment),
)

receipts: Final = Table(
    "receipts",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("on", Moment, nullable=False),
    Column("grade", Text, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("school", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

deletions: Final = Table(
    "deletions",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_account", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_account", Text, nullable=False),
    Column("why", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("students", Integer, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("cleaned_at", Moment),  # none: the files may still hold some of it
)

# What is gone, under pseudonyms. The record's id stays where the record does, and where it went whole.
erased: Final = Table(
    "erased",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("deletion", ForeignKey("deletions.number"), nullable=False, index=True),
    Column("pseudonym", String(40), nullable=False, index=True),
    Column("record_id", String(32), nullable=False, index=True),  # empty: of the student
    Column("part", String(16), nullable=False),
    Column("pieces", Integer, nullable=False),
)

# Blobs whose rows are gone and that have to follow: a kill in between is made good at the next start.
doomed: Final = Table("doomed", identity, Column("blob_id", String(32), primary_key=True))

# Exports and papers that the station wrote.
written: Final = Table(
    "written",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("people", Integer, nullable=False),
    Column("about", Text, nullable=False),  # pseudonyms, one a line
    Column("deleted_at", Moment),
)

# What went wrong with the devices: one row for each kind of fault, device and hour. Nothing of a student.
device_faults: Final = Table(
    "device_faults",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),  # the beginning of the hour
    Column("last", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("station", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("model", Text, nullable=False),
    Column("code", Text, nullable=False),
)

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

# Nobody has two seats in a subject, and neither a number nor a seat has two people. Where a subject is empty, the seat is for
# the whole exam.
exam_seatings: Final = Table(
    "exam_seatings",
    identity,
    Column("exam", ForeignKey("exams.number"), primary_key=True),
    Column("id_number", String(32), primary_key=True, index=True),
    Column("subject", Text, primary_key=True),
    Column("exam_number", Text, nullable=False),
    Column("room", Text, nullable=False),
    Column("seat", Integer, nullable=False),
    Column("place", Text, nullable=False),  # where the room is, as the platform's list has it
    UniqueConstraint("exam", "subject", "exam_number", name="one_candidate_per_number"),
    UniqueConstraint("exam", "subject", "room", "seat", name="one_candidate_per_seat"),
)

# The seats as they were before the last change of an exam, for one step back.
exam_seatings_before: Final = Table(
    "exam_seatings_before",
    identity,
    Column("exam", ForeignKey("exams.number"), primary_key=True),
    Column("id_number", String(32), primary_key=True, index=True),
    Column("subject", Text, primary_key=True),
    Column("exam_number", Text, nullable=False),
    Column("room", Text, nullable=False),
    Column("seat", Integer, nullable=False),
    Column("place", Text, nullable=False),
)

# When which student comes to be captured: a window cut into slots.
capture_slots: Final = Table(
    "capture_slots",
    identity,
    Column("window", ForeignKey("windows.number"), primary_key=True),
    Column("id_number", String(32), primary_key=True, index=True),
    Column("position", Integer, nullable=False),  # in the queue of the window, from 1
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
)

# When the register takes registrations (考籍注册), apart from the windows in which students are captured. The newest counts.
registration_windows: Final = Table(
    "registration_windows",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("opens_at", Moment, nullable=False),
    Column("closes_at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)

# Versions of a school's roster as it signed them: what each was is told by its digest, not kept a second time.
filings: Final = Table(
    "filings",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("school", Text, nullable=False),  # its key
    Column("version", Integer, nullable=False),
    Column("sha256", String(64), key="digest", nullable=False),
    Column("students", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)


def _heard_of_students(name: str) -> Table:
    """What somebody found out about students; the newest of a student counts."""
    return Table(
        name,
        identity,
        Column("number", Integer, primary_key=True, autoincrement=True),
        Column("id_number", String(32), nullable=False, index=True),
        Column("outcome", String(16), nullable=False),
        Column("note", Text, nullable=False),
        Column("by", Text, nullable=False),
        Column("at", Moment, nullable=False),
    )


roll_calls: Final = _heard_of_students("roll_calls")
id_checks: Final = _heard_of_students("id_checks")

# 采集包: each part that was written for the office, with where the trail stood.
parcels: Final = Table(
    "parcels",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),  # of the sealed file
    Column("size", Integer, nullable=False),
    Column("entry", Integer, nullable=False),  # the last of the trail that is in it, and its seal
    Column("seal", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# Which records went into one, as they were: by the digest of what was told of them.
parcel_records: Final = Table(
    "parcel_records",
    identity,
    Column("parcel", ForeignKey("parcels.number"), primary_key=True),
    Column("record_id", String(32), primary_key=True, index=True),
    Column("digest", String(64), nullable=False),
)

# 名单包 and 回执包 that were taken: the head as the office signed it, which names no student.
office_parcels: Final = Table(
    "office_parcels",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("office_key", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False, index=True),
    Column("head", LargeBinary, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("done_at", Moment),  # none: it was broken off while it was taken
    Column("left_at", Moment),  # somebody went back to the one before
)

# Whom a 名单包 lists, so that the school can go back to it: JSON of a student.
parcel_students: Final = Table(
    "parcel_students",
    identity,
    Column("parcel", ForeignKey("office_parcels.number"), primary_key=True),
    Column("id_number", String(32), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
    Column("told", Text, nullable=False),
)

# Records that the office has, in which state, and whether they may be deleted here.
confirmed: Final = Table(
    "confirmed",
    identity,
    Column("parcel", ForeignKey("office_parcels.number"), primary_key=True),
    Column("record_id", String(32), primary_key=True, index=True),
    Column("digest", String(64), primary_key=True),
    Column("may_delete", Boolean, nullable=False),
)

# What the office says of records: which to capture again and why, what it decided.
office_words: Final = Table(
    "office_words",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("parcel", ForeignKey("office_parcels.number"), nullable=False),
    Column("record_id", String(32), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
)

# One row, number 1: JSON of a `School`.
school: Final = Table(
    "school",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("told", Text, nullable=False),
)

# Contacts beside the school's own: vendors by kind of device, and the district's.
help_lines: Final = Table(
    "help_lines",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("whose", String(16), nullable=False),
    Column("subject", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("note", Text, nullable=False),
)

# Who does what on which day.
duties: Final = Table(
    "duties",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("day", String(10), nullable=False, index=True),  # ISO 8601
    Column("task", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("account", Text, nullable=False),
    UniqueConstraint("day", "task", "name", name="one_duty_of_a_kind"),
)

cases: Final = Table(
    "cases",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(24), nullable=False),
    Column("state", String(16), nullable=False),
    Column("text", Text, nullable=False),
)

# Whom a case is about: by the number that was filed and the name, for two may have one number.
case_students: Final = Table(
    "case_students",
    identity,
    Column("case", ForeignKey("cases.number"), primary_key=True),
    Column("id_number", String(32), primary_key=True, index=True),
    Column("name", Text, primary_key=True),
    Column("key", String(32), nullable=False, index=True),  # the roster's for them, once the case is accepted
    Column("keeps", Boolean, nullable=False),
    Column("school", Text, nullable=False, server_default=""),
)

case_acts: Final = Table(
    "case_acts",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("case", ForeignKey("cases.number"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# Documents of a case as they were scanned, in the vault.
case_papers: Final = Table(
    "case_papers",
    identity,
    Column("owner", String(32), primary_key=True),
    Column("case", ForeignKey("cases.number"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("about", Text, nullable=False),  # the student's name; empty: all of them
    Column("blob_id", String(32), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), key="digest", nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# The papers that are asked of everybody, in their order.
material_kinds: Final = Table(
    "material_kinds",
    identity,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
)

materials: Final = Table(
    "materials",
    identity,
    Column("id_number", String(32), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("handed_by", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("box", Text, nullable=False, server_default=""),
)

# Why somebody left the roster, as somebody said.
leavings: Final = Table(
    "leavings",
    identity,
    Column("id_number", String(32), primary_key=True),
    Column("cause", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# How this half knows the other: see `kiosk.store.pairing`. One row, number 1.
identity_pair: Final = Table(
    "pair",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("store_id", String(32), nullable=False),
    Column("generation", Integer, nullable=False),  # of this half
    Column("heard", Integer, nullable=False),  # the other half's generation, as this half last knew it
    Column("in_session", Boolean, nullable=False),  # a station has it open, or was cut off
)

blobs: Final = Table(
    "blobs",
    vault,
    Column("id", String(32), primary_key=True),
    Column("nonce", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

key_check: Final = Table(
    "key_check",
    vault,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("value", LargeBinary, nullable=False),
)

vault_pair: Final = Table(
    "pair",
    vault,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("store_id", String(32), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("heard", Integer, nullable=False),
    Column("in_session", Boolean, nullable=False),
)

quarantine: Final = Table(
    "quarantine",
    vault,
    Column("blob_id", ForeignKey("blobs.id"), primary_key=True),
    Column("since", Moment, nullable=False),
)
