"""People by their templates, as parts of 采集包, 名单包 and 回执包 have them."""

from __future__ import annotations

from kiosk.errors import ExchangeError
from kiosk.exchange.parcel import Parcel
from kiosk.records import KnownElsewhere, read_known


def known_in(content: bytes, parcel: Parcel, name: str) -> tuple[KnownElsewhere, ...]:
    """Who is in a part of this `name`; raises ExchangeError("parcel.damaged") naming the line."""
    try:
        return read_known(content)
    except ValueError as error:
        raise ExchangeError("parcel.damaged", file=parcel.name, at=f"{name}:{error}") from None
