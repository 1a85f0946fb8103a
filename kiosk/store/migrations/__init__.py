"""Brings a database up to the newest schema. Packaged, and run whenever the store is opened."""

from kiosk.store.migrations.run import data_forms, migrate

__all__ = ["data_forms", "migrate"]
