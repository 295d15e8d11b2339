"""The queue stays fresh in a real browser without taking focus, scroll or words away; it says so when it cannot."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Conversation, Staff
from tests.console.browsing import signed_in
from tests.console.made_up_families import MadeUpCase, a_case

pytestmark = pytest.mark.browser
SOON = 9_000  # milliseconds: the page looks every five seconds


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
    page = signed_in(browser, address, height=600)
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
    page = signed_in(browser, address, height=600)
    page.get_by_role("link", name=f"Open case {second.receipt}").focus()
    _clear(store, second)
    expect(page.locator(f"#case-{second.conversation}")).to_have_count(0, timeout=SOON)
    assert _focused(page) == third.receipt and page.locator("tbody tr").count() == 2
    assert page.locator("#queue-news").inner_text() == "" and first.receipt in page.content()
    page.context.close()


@pytest.mark.usefixtures("ines")
def test_while_the_server_cannot_be_reached_the_page_says_since_when(browser: Browser, address: str, store: Store) -> None:
    a_case(store)
    page = signed_in(browser, address, height=600)
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
    page = signed_in(browser, address, height=600)
    with store.transaction() as session:
        session.get_one(Staff, ines).fs_uniquifier = "somebody-else"
    expect(page.locator("#queue-news")).to_contain_text("You are signed out", timeout=SOON)
    assert page.locator("tbody tr").count() == 1
    page.context.close()


@pytest.mark.usefixtures("ines")
def test_without_scripts_filters_views_and_taking_a_case_all_work(browser: Browser, address: str, store: Store) -> None:
    spanish, english = a_case(store, language="es"), a_case(store)
    page = signed_in(browser, address, height=600, java_script_enabled=False)
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
    page = signed_in(browser, address, height=600)
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
