"""Flask app, screens, streams."""
