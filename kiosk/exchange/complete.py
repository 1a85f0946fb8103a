"""Whether a row has what its registration system may not lack: asked before a form is signed, not after the day."""

from __future__ import annotations

from kiosk.exchange.fields import ExportRow
from kiosk.exchange.profile import Profile


def lacking(profile: Profile, row: ExportRow) -> tuple[str, ...]:
    """The headers of required columns that the row's data leave empty. Pictures have exceptions of their own."""
    return tuple(
        column.header
        for column in profile.columns
        if column.required and (column.field or column.text) and not column.value(row)
    )
