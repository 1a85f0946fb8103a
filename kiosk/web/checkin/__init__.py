"""The screens of a door on exam day."""

from kiosk.web.checkin.app import create_door_app

__all__ = ["create_door_app"]
