"""A person at the console: a browser that carries form tokens, a clock, a look at the audit trail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from intake.store.connection import Store
from intake.store.models import Audit

PASSWORD = "seven quiet otters"
ADDRESS = "https://console.example"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Clock:
    """Time that passes only when a test says so, or when somebody sleeps."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


class Desk:
    """A person's browser at the console: keeps cookies, sends the form token of the page it last saw."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.token = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._seen(self.client.get(path, base_url=ADDRESS, **options))

    def post(self, path: str, fields: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        form = {"csrf_token": self.token, **(fields or {})}
        options.setdefault("headers", {"Referer": ADDRESS + "/"})
        return self._seen(self.client.post(path, base_url=ADDRESS, data=form, **options))

    def sign_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        self.get("/login")
        answer = self.post("/login", {"email": email, "password": password})
        if answer.status_code == 302:
            self.get("/account")
        return answer

    def _seen(self, answer: TestResponse) -> TestResponse:
        found = _TOKEN.search(answer.text) if answer.mimetype == "text/html" else None
        self.token = found[1] if found else self.token
        return answer


def audit_lines(store: Store, action: str | None = None) -> list[Audit]:
    """The audit trail, or the lines of one action."""
    query = select(Audit).order_by(Audit.seq)
    with store.reading() as session:
        return list(session.scalars(query if action is None else query.where(Audit.action == action)))
