"""The chat page in a real Chromium: a family opens it, writes, is answered, goes offline, comes back, and leaves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from gateway_bench import answer, messages
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from intake.store.connection import Store

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
CHROMIUM = "/usr/bin/chromium"  # Debian's; make test installs it, and without it these tests fail

pytestmark = [
    pytest.mark.browser,
]


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser.new_context(viewport={"width": 320, "height": 640}, locale="en-US")
        browser.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    opened = context.new_page()
    opened.set_default_timeout(8000)
    yield opened
    context.set_offline(False)
    opened.close()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 8
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def stored(store: Store) -> list[str]:
    return [message.text for message in messages(store) if message.speaker == "you" and message.text]


def test_a_conversation_on_a_small_phone(page: Page, served: str, store: Store) -> None:
    elsewhere: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: request.url.startswith(served) or elsewhere.append(request.url))
    page.on("console", lambda said: said.type == "error" and troubles.append(said.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{served}/chat?lang=es")
    page.get_by_role("button", name="No, solo yo").click()
    until(lambda: len(messages(store)) == 1)
    answer(
        store,
        "Hola. Soy un programa de computadora. ¿Empezamos?",
        payload={"choices": [{"label": "Sí", "text": "sí"}, {"label": "No", "text": "no"}]},
    )
    log = page.get_by_role("log")
    expect(log).to_contain_text("Soy un programa")

    page.get_by_role("button", name="Sí", exact=True).click()
    until(lambda: stored(store) == ["sí"])
    answer(store, "¿Qué le preocupa?")
    expect(log).to_contain_text("¿Qué le preocupa?")
    expect(page.get_by_role("button", name="No", exact=True)).to_have_count(0)

    page.get_by_label("Su mensaje").fill("No habla <b>todavía</b> " + "a" * 60)
    page.keyboard.press("Enter")
    until(lambda: len(stored(store)) == 2)
    answer(store, "Gracias por contarme.", speaker="staff")
    expect(log).to_contain_text("Una persona del equipo")
    expect(log.locator("b")).to_have_count(0)
    expect(log.locator(".from-you")).to_have_count(2)

    page.reload()
    expect(log.locator(".message")).to_have_count(5)
    expect(log).to_contain_text("Gracias por contarme.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert elsewhere == [] and troubles == []


def test_words_written_offline_are_kept_said_to_be_unsent_and_sent_once(
    page: Page, served: str, store: Store, context: BrowserContext
) -> None:
    page.goto(f"{served}/chat?lang=en")
    page.get_by_role("button", name="No, only me").click()
    until(lambda: len(messages(store)) == 1)
    answer(store, "Hi.")
    log = page.get_by_role("log")
    expect(log).to_contain_text("Hi.")
    context.set_offline(True)
    page.get_by_label("Your message").fill("He does not talk")
    page.get_by_role("button", name="Send").click()
    expect(log).to_contain_text("Not sent yet, trying again")
    assert stored(store) == []
    context.set_offline(False)
    until(lambda: stored(store) == ["He does not talk"])
    expect(log).not_to_contain_text("Not sent yet")
    expect(log.locator(".from-you")).to_have_count(1)
    time.sleep(1)
    assert stored(store) == ["He does not talk"]


def test_leaving_takes_the_chat_with_it(page: Page, served: str, store: Store) -> None:
    page.route("https://**", lambda route: route.fulfill(body="elsewhere"))
    page.goto(f"{served}/chat?lang=en")
    page.get_by_role("button", name="No, only me").click()
    until(lambda: len(messages(store)) == 1)
    answer(store, "Hi.")
    expect(page.get_by_role("log")).to_contain_text("Hi.")
    assert page.evaluate("localStorage.getItem('growline-chat')")
    page.get_by_role("link", name="Leave this page").click()
    expect(page.locator("body")).to_contain_text("elsewhere")
    page.goto(f"{served}/chat?lang=en")
    page.get_by_role("button", name="No, only me").click()
    until(lambda: len(messages(store)) == 3)
    expect(page.get_by_role("log")).not_to_contain_text("Hi.")


@pytest.mark.parametrize(("language", "alone", "leave"), [
    ("en", "No, only me", "Leave this page"), ("es", "No, solo yo", "Salir de esta página")])
def test_the_quick_way_out_works_by_keyboard_and_empties_the_browser(
        page: Page, served: str, store: Store, language: str, alone: str, leave: str) -> None:
    page.route("https://**", lambda route: route.fulfill(body="elsewhere"))
    page.goto(f"{served}/chat?lang={language}")
    page.get_by_role("button", name=alone).click()
    until(lambda: len(messages(store)) == 1)
    answer(store, "Hi.")
    expect(page.get_by_role("log")).to_contain_text("Hi.")
    page.get_by_role("link", name=leave).focus()
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_have_text("elsewhere")
    page.go_back()
    assert page.url == "about:blank", "the way back leads past the chat"
    page.goto(f"{served}/chat?lang={language}")
    expect(page.locator("growline-chat .message")).to_have_count(0)
    assert page.evaluate("[localStorage.getItem('growline-chat'), sessionStorage.length]") == [None, 0]


@pytest.mark.parametrize(("language", "begin", "leave"), [
    ("en", "Start the chat", "Leave this page"), ("es", "Empezar el chat", "Salir de esta página")])
def test_the_quick_way_out_of_the_plain_page_needs_no_script(
        context: BrowserContext, served: str, store: Store, language: str, begin: str, leave: str) -> None:
    browser = context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False)
    try:
        page = plain.new_page()
        page.route("https://**", lambda route: route.fulfill(body="elsewhere"))
        page.goto(f"{served}/chat?lang={language}")
        page.get_by_role("button", name=begin).click()
        expect(page.get_by_role("link", name=leave)).to_be_visible()
        assert plain.cookies()
        page.get_by_role("link", name=leave).press("Enter")
        expect(page.locator("body")).to_have_text("elsewhere")
        assert plain.cookies() == []
        page.goto(f"{served}/chat?lang={language}")
        expect(page.get_by_role("button", name=begin)).to_be_visible()
    finally:
        plain.close()
