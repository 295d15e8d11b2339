"""Builds the console from its settings: store, content, accounts, guard, pages."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]
from prometheus_client import CollectorRegistry

from console.accounts import set_up_accounts
from console.addresses import CONSOLE_URL
from console.content import ConsoleContent, load_console_content
from console.headers import comes_from_elsewhere, set_up_headers
from console.metrics import set_up_metrics
from console.oidc import Provider
from console.pages import set_up_pages
from console.permissions import guard, guard_of_case
from console.services import Services, attach
from console.sessions import set_up_sessions
from console.throttle import SignInThrottle
from console.views import (
    account,
    assigning,
    calls,
    cases,
    clearing,
    day,
    exports,
    family,
    figures,
    follow_ups,
    health,
    language,
    live,
    notes,
    packet,
    people,
    phoned,
    practice,
    programs,
    queue,
    search,
    security_keys,
    single_sign_on,
    talk,
    trail,
    wrong_numbers,
)
from intake.settings import ConsoleSettings
from intake.store.connection import Store, open_store

_BODY_LIMIT = 64 * 1024  # bytes; the longest form is a note
REGISTRY = "growline.registry"
_PAGES = (
    account,
    assigning,
    calls,
    cases,
    clearing,
    day,
    exports,
    family,
    figures,
    follow_ups,
    health,
    language,
    live,
    notes,
    packet,
    people,
    phoned,
    practice,
    programs,
    queue,
    search,
    security_keys,
    single_sign_on,
    talk,
    trail,
    wrong_numbers,
)


def create_app(
    settings: ConsoleSettings,
    *,
    store: Store | None = None,
    content: ConsoleContent | None = None,
    throttle: SignInThrottle | None = None,
) -> Flask:
    """The console as a WSGI application; what is not given is opened or read as the settings say."""
    app = Flask(__name__)
    app.config.update(_configuration(settings))
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    store = store or open_store(settings.database_url, settings.key_ring())
    content = content or load_console_content(settings.content_folder)
    attach(
        app,
        Services(
            store,
            content,
            throttle or SignInThrottle(),
            settings.cookies_over_http,
            provider=Provider(settings) if settings.oidc_issuer else None,
            passwords=settings.passwords == "on",
        ),
    )
    app.extensions[REGISTRY] = set_up_metrics(app)
    _set_up_protection(app, over_http=settings.cookies_over_http)
    for module in _PAGES:
        app.register_blueprint(module.pages)
    set_up_accounts(app, store, second_factor_required=settings.second_factor == "required")
    set_up_pages(app)
    return app


def _configuration(settings: ConsoleSettings) -> dict[str, Any]:
    # A form token lives as long as its session: a note typed slowly must not be refused after an hour.
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "MAX_CONTENT_LENGTH": _BODY_LIMIT,
        CONSOLE_URL: settings.console_url,
        "WTF_CSRF_TIME_LIMIT": None,
    }


def registry_of(app: Flask) -> CollectorRegistry:
    """The figures of an application made here."""
    return app.extensions[REGISTRY]  # type: ignore[no-any-return]


def _set_up_protection(app: Flask, *, over_http: bool) -> None:
    """Everything that is checked before a view runs, in this order: age of the session, permission, origin,
    form token, whether the case may be seen.
    """
    set_up_headers(app, over_http=over_http)
    set_up_sessions(app, cookies_over_http=over_http)
    app.before_request(guard)
    app.before_request(_refuse_other_sites)
    CSRFProtect(app)
    app.before_request(guard_of_case)


def _refuse_other_sites() -> None:
    if comes_from_elsewhere():
        abort(400)
