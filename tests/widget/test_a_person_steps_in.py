"""A coordinator steps into a talk in her browser while the family is at the chat window, or at a phone, and hands back."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from conftest import Opens
from family import Widget, barriers, until
from people import Phone
from playwright.sync_api import Browser, Page, expect

from growline.demo import DEMO_LOGIN
from growline.system import System
from intake.settings import ROOT

SCREENS = ROOT / "results/screens"
NAME = "Demo"  # the first name of the demo's coordinator


@pytest.fixture
def console(browser: Browser, system: System) -> Page:
    """The console, signed in."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en").new_page()
    page.set_default_timeout(15_000)
    page.goto(f"http://127.0.0.1:{system.ports.console}/login")
    page.get_by_label("E-mail").fill(DEMO_LOGIN)
    page.get_by_label("Password").fill(system.environment["GROWLINE_DEMO_PASSWORD"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    return page



def writes(console: Page, words: str) -> None:
    console.get_by_label("Your message to the family").fill(words)
    if "text messages" in console.locator(".say .to").inner_text():
        expect(console.locator("#size")).to_contain_text("text segment")
    console.get_by_label("This is meant for this family").check()
    console.get_by_role("button", name="Send").click()
    expect(console.get_by_text("Leaves in a few seconds")).to_be_visible()




def test_on_the_web_the_agent_keeps_quiet_while_a_person_writes(
    opens: Opens, console: Page, system: System, newest: Callable[[], str]
) -> None:
    family: Widget = opens("en")
    family.opens()
    until(lambda: family.answers() > 0, "no greeting came")
    family.goes_on_until("worry")
    asked = family.last_said()
    console.goto(f"http://127.0.0.1:{system.ports.console}/cases/{newest()}")
    family.field.fill("he does not")  # the parent is typing
    console.get_by_role("button", name="Take over").click()
    writes(console, "I have read what you told us. When can I call you?")
    expect(family.log).to_contain_text(f"{NAME}, a person from our team", timeout=20_000)
    expect(family.log).to_contain_text("When can I call you?")
    expect(family.field).to_have_value("he does not")
    family.has_no_barrier("a-person-writes")
    said = family.answers()
    family.field.press("Enter")
    expect(console.locator("#live-talk")).to_contain_text("he does not", timeout=15_000)
    time.sleep(2)
    assert family.answers() == said, "nobody but the person answers"
    SCREENS.mkdir(parents=True, exist_ok=True)
    console.screenshot(path=SCREENS / "console-taken-over-1280.png", full_page=True)
    assert barriers(console) == []
    console.get_by_role("button", name="Hand back to the agent").click()
    until(lambda: asked in family.last_said(), "the open question did not come back")
    assert f"{NAME} is done for now" in family.last_said()
    family.says("he does not say many words")
    assert family.expects() != "worry" or "else" in family.last_said()
    console.context.close()


def test_by_text_a_person_writes_takes_back_and_hands_back(
    phone: Phone, console: Page, system: System, newest: Callable[[], str]
) -> None:
    for words in ("hi", "yes", "mom", "Leo"):
        phone.says(words)
    console.goto(f"http://127.0.0.1:{system.ports.console}/cases/{newest()}")
    console.get_by_role("button", name="Take over").click()
    writes(console, "wrong family")
    console.get_by_role("button", name="Take it back").click()
    expect(console.get_by_label("Your message to the family")).to_have_value("wrong family")
    before = len(phone.received())
    phone.sends("born in March last year")
    expect(console.locator("#live-talk")).to_contain_text("born in March", timeout=15_000)
    writes(console, "Thank you, which day?")
    until(lambda: len(phone.received()) > before, "the text did not leave", seconds=25)
    assert phone.received()[before:] == [f"This is {NAME}, a person on the Help Me Grow CT team. Thank you, which day?"]
    console.get_by_role("button", name="Hand back to the agent").click()
    until(lambda: len(phone.received()) > before + 1, "the agent did not go on")
    assert "I am the computer helper again" in phone.received()[-1] and "When was Leo born" in phone.received()[-1]
    assert "2025" in phone.says("March 4 2025") or len(phone.received()) > before + 2
    console.context.close()
