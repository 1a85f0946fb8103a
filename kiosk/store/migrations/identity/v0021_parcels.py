"""采集包 that were written, 名单包 and 回执包 that were taken, and what they say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "parcels",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
    op.create_table(
        "parcel_records",
        sa.Column("parcel", sa.Integer, sa.ForeignKey("parcels.number"), primary_key=True),
        sa.Column("record_id", sa.String(32), primary_key=True, index=True),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_table(
        "office_parcels",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("office_key", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, index=True),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("done_at", _MOMENT),
        sa.Column("left_at", _MOMENT),
    )
    op.create_table(
        "parcel_students",
        sa.Column("parcel", sa.Integer, sa.ForeignKey("office_parcels.number"), primary_key=True),
        sa.Column("id_number", sa.String(32), primary_key=True, index=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.create_table(
        "confirmed",
        sa.Column("parcel", sa.Integer, sa.ForeignKey("office_parcels.number"), primary_key=True),
        sa.Column("record_id", sa.String(32), primary_key=True, index=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("may_delete", sa.Boolean, nullable=False),
    )
    op.create_table(
        "office_words",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("parcel", sa.Integer, sa.ForeignKey("office_parcels.number"), nullable=False),
        sa.Column("record_id", sa.String(32), nullable=False, index=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
