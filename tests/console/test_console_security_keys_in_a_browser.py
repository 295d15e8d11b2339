"""Security keys in a real Chromium, with a key that the browser itself plays: set up, signed in with, removed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from console.app import create_app
from console.content import ConsoleContent
from intake.settings import ConsoleSettings
from intake.store.connection import Store
from tests.console.browsing import PICTURES, served
from tests.console.desk import PASSWORD, audit_lines

pytestmark = pytest.mark.browser
INES = "ines@example.org"
A_KEY = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": False, "automaticPresenceSimulation": True}


@pytest.fixture
def address(settings: ConsoleSettings, store: Store, console_content: ConsoleContent) -> Iterator[str]:
    """The console as in production, over plain HTTP under a name."""
    changed = settings.model_copy(update={"cookies_over_http": True, "second_factor": "required"})
    with served(create_app(changed, store=store, content=console_content), name="localhost") as address:
        yield address


class Person:
    """Somebody at a browser with a key in it, and everything the page complained of."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.page: Page = browser.new_context(locale="en-US", **options).new_page()
        self.address, self.complaints = address, list[str]()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.devices: CDPSession = self.page.context.new_cdp_session(self.page)
        self.devices.send("WebAuthn.enable")

    def plug_in(self) -> str:
        return str(self.devices.send("WebAuthn.addVirtualAuthenticator", {"options": A_KEY})["authenticatorId"])

    def pull_out(self, key: str) -> None:
        self.devices.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})

    def give_password(self) -> None:
        self.page.goto(self.address + "/login")
        self.page.get_by_label("E-mail").fill(INES)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(re.compile(r"/(tf-setup|wan-signin)"))

    def set_key_up(self, name: str) -> None:
        self.page.get_by_label("A name to tell it by").fill(name)
        self.page.keyboard.press("Enter")

    def picture(self, name: str) -> None:
        self.page.set_viewport_size({"width": 375, "height": 900})
        assert self.page.evaluate("document.documentElement.scrollWidth") <= 375, name
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def test_a_key_is_set_up_used_at_the_next_sign_in_and_removed(browser: Browser, address: str, ines: int, store: Store) -> None:
    person = Person(browser, address)
    page = person.page
    person.plug_in()
    person.give_password()
    page.get_by_role("link", name="Set up a security key or passkey instead").click()
    person.picture("security-key-first")
    person.set_key_up("blue key")
    page.get_by_role("button", name="Make and show new codes").click()
    page.get_by_role("link", name="I have kept them").click()
    assert page.url == address + "/"
    page.get_by_role("button", name="Sign out").click()
    person.give_password()
    person.picture("security-key-asked")
    page.get_by_role("button", name="Use my security key or passkey").click()
    page.wait_for_url(address + "/")
    page.goto(address + "/security-keys")
    person.picture("security-keys")
    assert person.complaints == []
    page.get_by_role("button", name="Remove blue key").click()
    assert "your only second factor" in page.get_by_role("alert").inner_text()
    for action in ("staff.key_added", "staff.key_used"):
        assert len(audit_lines(store, action)) == 1, action
    page.context.close()


def test_another_key_is_added_and_the_first_one_removed(browser: Browser, address: str, ines: int, store: Store) -> None:
    person = Person(browser, address)
    page = person.page
    first = person.plug_in()
    person.give_password()
    page.goto(address + "/security-keys")
    person.set_key_up("blue key")
    page.wait_for_url(address + "/mf-recovery-codes")
    person.pull_out(first)
    person.plug_in()
    page.goto(address + "/security-keys")
    person.set_key_up("red key")
    page.wait_for_url("**/security-keys?added=1")
    page.get_by_role("button", name="Remove blue key").click()
    page.wait_for_url("**/security-keys?removed=1")
    page.get_by_role("button", name="Sign out").click()
    person.give_password()
    page.get_by_role("button", name="Use my security key or passkey").click()
    page.wait_for_url(address + "/mf-recovery-codes")
    assert person.complaints == [] and len(audit_lines(store, "staff.key_removed")) == 1
    page.context.close()


def test_a_key_that_is_not_there_leaves_the_person_a_clear_page_and_other_ways(
    browser: Browser, address: str, ines: int
) -> None:
    person = Person(browser, address)
    page = person.page
    key = person.plug_in()
    person.give_password()
    page.goto(address + "/security-keys")
    person.set_key_up("blue key")
    page.wait_for_url(address + "/mf-recovery-codes")
    page.get_by_role("button", name="Sign out").click()
    person.pull_out(key)
    person.plug_in()
    person.give_password()
    page.get_by_role("button", name="Use my security key or passkey").click()
    page.locator("[data-key-says=failed]").wait_for()
    assert page.get_by_role("button", name="Try again").is_visible()
    page.get_by_role("link", name="Use a recovery code").click()
    assert page.get_by_label("One of your recovery codes").is_visible()
    page.context.close()


def test_without_scripts_the_page_says_what_to_use_instead(browser: Browser, address: str, ines: int) -> None:
    person = Person(browser, address, java_script_enabled=False)
    person.give_password()
    person.page.get_by_role("link", name="Set up a security key or passkey instead").click()
    person.set_key_up("blue key")
    assert "needs a newer browser, with scripts" in person.page.locator("main").inner_text()
    person.page.get_by_role("link", name="Back to the keys").click()
    person.page.get_by_role("link", name="Use a code of an app instead").click()
    assert person.page.url == address + "/tf-setup"
    person.page.context.close()
