"""A new emergency is heard by who has switched sound on, seen in the title by everybody, and off means off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from intake.rules.triage import Urgency
from intake.store.connection import Store
from tests.console.browsing import signed_in
from tests.console.made_up_families import a_case
from tests.console.test_console_live_in_a_browser import SOON

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("ines")]
# Counts the tones that begin, and plays them all the same.
COUNTING = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };
"""
NAME = "Sound for new urgent cases"


def _at_the_queue(browser: Browser, address: str) -> Page:
    page = signed_in(browser, address)
    page.add_init_script(COUNTING)
    page.reload()
    return page


def _tones(page: Page) -> int:
    return int(page.evaluate("window.tones"))


def _comes(store: Store, page: Page, urgency: Urgency) -> None:
    """A case comes in, and the page shows it."""
    case = a_case(store, urgency=urgency)
    expect(page.locator(f"#case-{case.conversation}")).to_have_count(1, timeout=SOON)


def test_off_by_default_the_title_counts_and_nothing_sounds(browser: Browser, address: str, store: Store) -> None:
    page = _at_the_queue(browser, address)
    expect(page.get_by_role("button", name=NAME)).to_have_attribute("aria-pressed", "false")
    case = a_case(store, urgency=Urgency.EMERGENCY)
    a_case(store, urgency=Urgency.URGENT)
    expect(page.locator(f"#case-{case.conversation}")).to_have_count(1, timeout=SOON)
    expect(page).to_have_title(re.compile(r"^\(2\) Queue"), timeout=SOON)
    expect(page.get_by_role("status")).to_contain_text("A new urgent case")
    assert _tones(page) == 0
    page.context.close()


def test_switched_on_it_sounds_once_for_a_grave_case_and_not_for_another(browser: Browser, address: str, store: Store) -> None:
    page = _at_the_queue(browser, address)
    page.get_by_role("button", name=NAME).click()
    expect(page.get_by_role("button", name=NAME)).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("window.tones === 2")  # heard once when it is switched on
    _comes(store, page, Urgency.STANDARD)
    assert _tones(page) == 2
    _comes(store, page, Urgency.URGENT)
    assert _tones(page) == 4
    page.get_by_role("button", name=NAME).click()
    _comes(store, page, Urgency.EMERGENCY)
    assert _tones(page) == 4
    page.context.close()


def test_the_choice_is_remembered_and_says_when_it_waits_for_a_touch(browser: Browser, address: str, store: Store) -> None:
    page = _at_the_queue(browser, address)
    page.get_by_role("button", name=NAME).click()
    page.reload()
    button = page.get_by_role("button", name=NAME)
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#sound-waits")).to_contain_text("once you have clicked or pressed a key")
    page.keyboard.press("Tab")
    expect(page.locator("#sound-waits")).to_have_text("")
    _comes(store, page, Urgency.URGENT)
    assert _tones(page) == 2
    page.context.close()


def test_without_scripts_there_is_no_button_that_does_nothing(browser: Browser, address: str, store: Store) -> None:
    page = signed_in(browser, address, java_script_enabled=False)
    assert page.get_by_role("button", name=NAME).count() == 0 and page.locator("h1").inner_text() == "Queue"
    page.context.close()
