"""Flask app, screens, streams."""

from kiosk.web.app import create_app
from kiosk.web.entrance import Entered, Entrance, admit
from kiosk.web.serve import Server, serve_app

__all__ = ["Entered", "Entrance", "Server", "admit", "create_app", "serve_app"]
