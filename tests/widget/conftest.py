"""A browser with a phone's and with a desk's width, and families who open the chat on the agency's site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from family import Widget
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from sqlalchemy import select

from growline.system import System
from intake.store.connection import Store
from intake.store.models import Conversation

CHROMIUM = "/usr/bin/chromium"  # Debian's; make test installs it, and without it these tests fail
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE = 15_000  # milliseconds; beside it, on the same core, a test may be starting an engine
expect.set_options(timeout=PATIENCE)
Opens = Callable[..., Widget]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def opens(browser: Browser, system: System, live_store: Store) -> Iterator[Opens]:
    """Opens the agency's page with the chat on it: ``language``, ``width``; further words go into the page's address."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []
    elsewhere: list[str] = []
    ours = tuple(f"http://127.0.0.1:{port}/" for port in (system.ports.gateway, system.ports.simulator))

    def opens(language: str = "en", width: int = 1280, context: BrowserContext | None = None, **query: str) -> Widget:
        known = _conversations(live_store)
        if context is None:
            context = browser.new_context(viewport={"width": width, "height": 720}, locale=language)
            contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: request.url.startswith((*ours, "data:")) or elsewhere.append(request.url))
        asked = "&".join(f"{name}={value}" for name, value in {"lang": language, **query}.items())
        page.goto(f"http://127.0.0.1:{system.ports.simulator}/agency?{asked}")
        return Widget(page, language, lambda: _open_question(live_store, known))

    yield opens
    for context in contexts:
        context.close()
    assert troubles == [] and [url for url in elsewhere if not url.startswith("https://www.weather.gov")] == []


def _conversations(store: Store) -> set[Any]:
    with store.reading() as session:
        return set(session.scalars(select(Conversation.id)))


def _open_question(store: Store, known: set[Any]) -> str | None:
    """The kind of the question open in the conversation that was begun since."""
    with store.reading() as session:
        query = select(Conversation).where(Conversation.channel == "web").order_by(Conversation.started_at.desc())
        newest = next((one for one in session.scalars(query) if one.id not in known), None)
        return None if newest is None else newest.expects_kind


@pytest.fixture
def newest(live_store: Store) -> Callable[[], str]:
    """The id of the conversation that was begun last."""
    def id_of_newest() -> str:
        with live_store.reading() as session:
            return str(session.scalars(select(Conversation.id).order_by(Conversation.started_at.desc()).limit(1)).one())

    return id_of_newest
