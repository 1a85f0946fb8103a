"""An office: its stations, packages that came in, what they brought, what contradicts each other; areas of accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

_MOMENT = sa.DateTime(timezone=True)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _id(name: str, **more: object) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=False, **more)  # type: ignore[arg-type]


def upgrade() -> None:
    op.create_table(
        "stations",
        sa.Column("store", sa.String(32), primary_key=True),
        *(_text(name) for name in ("name", "school", "school_code", "certificate", "recipient")),
        _id("parcel"),
        sa.Column("entry", sa.Integer, nullable=False),
        _text("seal"),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        _text("figures"),
        sa.Column("skew_s", sa.Float, nullable=False),
    )
    op.create_table(
        "received",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        _text("name"),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        _text("by"),
        sa.Column("at", _MOMENT, nullable=False),
        _id("id", server_default="", index=True),
        _id("store", server_default="", index=True),
        sa.Column("chain", sa.String(48), nullable=False, server_default=""),
        sa.Column("part", sa.Integer, nullable=False, server_default="0"),
        sa.Column("parts", sa.Integer, nullable=False, server_default="0"),
        _id("before", server_default=""),
        sa.Column("entry", sa.Integer, nullable=False, server_default="0"),
        _text("seal", ""),
        sa.Column("made_at", _MOMENT),
        _text("reason", ""),
        _text("counts", "{}"),
        sa.Column("done_at", _MOMENT),
    )
    op.create_table(
        "received_records",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        _id("record_id", index=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("chain", sa.String(48), nullable=False),
        _id("stored_as", index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("parcel", sa.Integer, sa.ForeignKey("received.number"), nullable=False, index=True),
        sa.Column("state", sa.String(16), nullable=False),
        _text("adopted"),
        sa.UniqueConstraint("record_id", "digest", name="one_row_per_state_of_a_record"),
    )
    op.create_table(
        "conflicts",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(16), nullable=False),
        _id("first", index=True),
        _id("second", index=True),
        sa.Column("found_at", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT),
        _id("chosen", server_default=""),
        *(_text(name, "") for name in ("reason", "asked_by", "asked_account", "decided_by", "decided_account")),
    )
    op.create_table(
        "arriving",
        sa.Column("blob_id", sa.String(32), primary_key=True),
        sa.Column("parcel", sa.Integer, sa.ForeignKey("received.number"), nullable=False, index=True),
    )
    op.create_table(
        "account_areas",
        sa.Column("account", sa.String(32), primary_key=True),
        sa.Column("area", sa.String(32), primary_key=True),
    )
