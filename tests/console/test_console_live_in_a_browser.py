"""The queue stays fresh in a real browser without taking focus, scroll or words away; it says so when it cannot."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import update
from waitress.server import create_server

from console.app import create_app
from console.content import ConsoleContent
from intake.rules.triage import Urgency
from intake.settings import ConsoleSettings
from intake.store.connection import Store
from intake.store.models import Conversation, Staff
from tests.console.desk import PASSWORD
from tests.console.made_up_families import MadeUpCase, a_case
from tests.console.test_console_in_a_browser import ARGUMENTS

pytestmark = pytest.mark.browser
SOON = 9_000  # milliseconds: the page looks every five seconds


@pytest.fixture
def address(settings: ConsoleSettings, store: Store, console_content: ConsoleContent) -> Iterator[str]:
    """The console served as in production, over plain HTTP on this machine."""
    app = create_app(settings.model_copy(update={"cookies_over_http": True}), store=store, content=console_content)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


def _signed_in(browser: Browser, address: str, **options: bool) -> Page:
    page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
    page.set_viewport_size({"width": 1280, "height": 600})
    page.goto(address)
    page.get_by_label("E-mail").fill("ines@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(address + "/")
    return page


def _top(page: Page, case: MadeUpCase) -> float:
    box = page.locator(f"#case-{case.conversation}").bounding_box()
    assert box is not None
    return box["y"]


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def _clear(store: Store, case: MadeUpCase) -> None:
    with store.transaction() as session:
        session.execute(update(Conversation).where(Conversation.id == case.conversation).values(flagged=False))


@pytest.mark.usefixtures("ines")
def test_a_new_emergency_comes_in_while_the_person_stays_where_they_are(
    browser: Browser, address: str, store: Store
) -> None:
    cases = [a_case(store, waiting=timedelta(hours=number + 1)) for number in range(8)]
    page = _signed_in(browser, address)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    link = page.get_by_role("link", name=f"Open case {cases[3].receipt}")
    link.focus()
    link.evaluate("node => window.scrollTo(0, node.getBoundingClientRect().top + scrollY - 200)")
    page.get_by_text("Keep this view").evaluate("node => { node.parentElement.open = true }")
    before = _top(page, cases[3])
    new = a_case(store, urgency=Urgency.EMERGENCY, child_name="Jayden", worry="<img src=x onerror=alert(1)> he cant breathe")
    expect(page.locator(f"#case-{new.conversation}")).to_have_count(1, timeout=SOON)
    assert page.locator("tbody tr").first.get_attribute("id") == f"case-{new.conversation}"
    assert abs(_top(page, cases[3]) - before) <= 1 and _focused(page) == cases[3].receipt
    expect(page.locator("#queue-news")).to_have_text("A new urgent case. Urgent or emergency cases now: 1.")
    assert page.title() == "(1) Queue · Growline" and page.locator("details[open]").count() == 1
    page.keyboard.press("Tab")
    assert page.title() == "Queue · Growline" and complaints == []
    page.context.close()


@pytest.mark.usefixtures("ines")
def test_when_the_row_in_hand_goes_the_focus_goes_to_the_one_in_its_place(
    browser: Browser, address: str, store: Store
) -> None:
    first, second, third = (a_case(store, waiting=timedelta(hours=hours)) for hours in (3, 2, 1))
    page = _signed_in(browser, address)
    page.get_by_role("link", name=f"Open case {second.receipt}").focus()
    _clear(store, second)
    expect(page.locator(f"#case-{second.conversation}")).to_have_count(0, timeout=SOON)
    assert _focused(page) == third.receipt and page.locator("tbody tr").count() == 2
    assert page.locator("#queue-news").inner_text() == "" and first.receipt in page.content()
    page.context.close()


@pytest.mark.usefixtures("ines")
def test_while_the_server_cannot_be_reached_the_page_says_since_when(browser: Browser, address: str, store: Store) -> None:
    a_case(store)
    page = _signed_in(browser, address)
    page.context.set_offline(True)
    news = page.locator("#queue-news")
    expect(news).to_have_text(re.compile(r"Not up to date since \d+:\d\d [AP]M"), timeout=SOON)
    assert page.locator("tbody tr").count() == 1
    missed = a_case(store)
    page.context.set_offline(False)
    expect(news).to_have_text("Up to date again.", timeout=2 * SOON)
    expect(page.locator(f"#case-{missed.conversation}")).to_have_count(1, timeout=SOON)
    page.context.close()


@pytest.mark.usefixtures("desk")
def test_a_page_whose_session_has_ended_says_so(browser: Browser, address: str, store: Store, ines: int) -> None:
    a_case(store)
    page = _signed_in(browser, address)
    with store.transaction() as session:
        session.get_one(Staff, ines).fs_uniquifier = "somebody-else"
    expect(page.locator("#queue-news")).to_contain_text("You are signed out", timeout=SOON)
    assert page.locator("tbody tr").count() == 1
    page.context.close()


@pytest.mark.usefixtures("ines")
def test_without_scripts_filters_views_and_taking_a_case_all_work(browser: Browser, address: str, store: Store) -> None:
    spanish, english = a_case(store, language="es"), a_case(store)
    page = _signed_in(browser, address, java_script_enabled=False)
    page.get_by_role("navigation", name="Language").get_by_role("link", name="Spanish").click()
    assert page.locator("tbody tr").count() == 1
    page.get_by_text("Keep this view").click()
    page.get_by_label("Name of the view").fill("en español")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_role("button", name=f"Take this case, {spanish.receipt}").click()
    assert page.url.endswith("/?language=es") and page.get_by_text("my case").count() == 1
    page.goto(address + "/")
    assert english.receipt in page.content()
    page.get_by_role("link", name="en español").click()
    assert english.receipt not in page.content() and spanish.receipt in page.content()
    page.context.close()


@pytest.mark.usefixtures("ines")
@pytest.mark.parametrize("width", [1280, 375])
def test_search_and_day_are_no_wider_than_the_screen(browser: Browser, address: str, store: Store, ines: int, width: int) -> None:
    case = a_case(store, child_name="Mateo Luis", worry="he only says two words and points at everything he wants")
    with store.transaction() as session:
        session.get_one(Conversation, case.conversation).assignee_id = ines
    page = _signed_in(browser, address)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address + "/search")
    page.get_by_label("Phone, case number or name").fill("mateo")
    page.keyboard.press("Enter")
    page.wait_for_selector("tbody tr")
    for path in (None, "/day", "/"):
        if path:
            page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert case.receipt in page.content()
    page.context.close()
