"""Flask app, screens, streams."""

from kiosk.web.app import create_app
from kiosk.web.ending import obstacle
from kiosk.web.entrance import Entered, Entrance, admit
from kiosk.web.serve import Server, serve_app
from kiosk.web.student_window import address_of_window

__all__ = ["Entered", "Entrance", "Server", "address_of_window", "admit", "create_app", "obstacle", "serve_app"]
