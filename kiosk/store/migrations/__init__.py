"""Brings a database up to the newest schema. Packaged, and run whenever the store is opened."""

from kiosk.store.migrations.newest import data_forms, head, migrate

__all__ = ["data_forms", "head", "migrate"]
