"""Flask app, screens, streams."""

from kiosk.web.app import create_app
from kiosk.web.serve import Server, serve_app

__all__ = ["Server", "create_app", "serve_app"]
