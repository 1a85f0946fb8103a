"""The session without a time in it: a page that was open before the machine's clock was set works afterwards as before."""

from __future__ import annotations

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature


class Sessions(SecureCookieSessionInterface):
    """Signed as Flask's own; it ends with the server, whose key it is signed by, and not with a date."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        serializer, value = self.get_signing_serializer(app), request.cookies.get(self.get_cookie_name(app))
        if serializer is None:
            return None
        try:
            return self.session_class(serializer.loads(value) if value else None)
        except BadSignature:
            return self.session_class()
