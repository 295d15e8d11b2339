"""A console over an empty store, and a member of staff who is signed in to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser
from pydantic import SecretStr

from console.app import create_app
from console.content import ConsoleContent, load_console_content
from console.throttle import SignInThrottle
from intake.settings import ROOT, ConsoleSettings
from intake.store.connection import Store
from intake.store.encryption import KeyRing, new_key
from intake.usecases.staff import StaffRole, hash_password
from tests.console.browsing import chromium, served
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import PASSWORD, Clock, Desk
from tests.console.identity_provider import CLIENT, SECRET, IdentityProvider, running

WithProvider = Callable[..., Flask]


@pytest.fixture(scope="session")
def console_content() -> ConsoleContent:
    return load_console_content(ROOT / "content")


@pytest.fixture(scope="session")
def settings() -> ConsoleSettings:
    secrets = ("DATA_KEYS", "INDEX_KEY", "CONSOLE_SECRET", "PASSWORD_SALT")
    given = {f"GROWLINE_{name}": new_key() for name in secrets}
    return ConsoleSettings.model_validate(
        {
            "GROWLINE_DATABASE_URL": "postgresql://not/used",
            "GROWLINE_CONSOLE_URL": "https://console.example/",
            "GROWLINE_SECOND_FACTOR": "optional",
            **given,
        }
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Where the pages are kept compiled: each test has a console of its own, and compiling them anew takes longer than most."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("pages")))


@pytest.fixture
def app(settings: ConsoleSettings, store: Store, console_content: ConsoleContent, clock: Clock,
        compiled: FileSystemBytecodeCache) -> Flask:
    throttle = SignInThrottle(clock.now, clock.sleep)
    app = create_app(settings, store=store, content=console_content, throttle=throttle)
    app.jinja_env.bytecode_cache = compiled
    return app


@pytest.fixture
def address(settings: ConsoleSettings, store: Store, console_content: ConsoleContent) -> Iterator[str]:
    """Where a browser finds the console; nobody needs a second factor there."""
    app = create_app(settings.model_copy(update={"cookies_over_http": True}), store=store, content=console_content)
    with served(app) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def guarded(settings: ConsoleSettings, store: Store, console_content: ConsoleContent, clock: Clock,
        compiled: FileSystemBytecodeCache) -> Flask:
    """The console as in production: nobody gets in without a second factor."""
    strict = settings.model_copy(update={"second_factor": "required"})
    throttle = SignInThrottle(clock.now, clock.sleep)
    app = create_app(strict, store=store, content=console_content, throttle=throttle)
    app.jinja_env.bytecode_cache = compiled
    return app


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with running() as provider:
        yield provider


@pytest.fixture
def with_provider(
    settings: ConsoleSettings, store: Store, console_content: ConsoleContent, clock: Clock, provider: IdentityProvider
) -> WithProvider:
    """Makes a console where staff may sign in with the provider, with other settings as asked."""
    known = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SecretStr(SECRET)}

    def made(**others: object) -> Flask:
        changed = settings.model_copy(update={**known, "oidc_name": "Agency Login", **others})
        return create_app(changed, store=store, content=console_content, throttle=SignInThrottle(clock.now, clock.sleep))

    return made


@pytest.fixture(scope="session")
def password_hash(key_ring: KeyRing) -> str:
    """Made once: a good hash is slow on purpose."""
    return hash_password(key_ring, PASSWORD)


@pytest.fixture
def ines(store: Store, password_hash: str) -> int:
    """Ines works in intake."""
    return a_colleague(store, "Ines Vega", StaffRole.INTAKE, password_hash)


@pytest.fixture
def ada(store: Store, password_hash: str, ines: int) -> int:
    """Ada looks after the accounts; Ines was there before her."""
    return a_colleague(store, "Ada Cruz", StaffRole.ADMINISTRATOR, password_hash)


@pytest.fixture
def desk(app: Flask, ines: int) -> Desk:
    """Ines's desk with a session that has just begun; how one gets there is tested with the sign-in page."""
    return desk_of(app, "Ines")
