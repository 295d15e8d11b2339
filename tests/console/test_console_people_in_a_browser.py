"""Accounts in a real browser: the second factor is set up and used, a colleague is added. Pictures go to results/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from console.app import create_app
from console.content import ConsoleContent
from intake.settings import ConsoleSettings
from intake.store.connection import Store
from intake.usecases import people
from tests.console.authenticator import Authenticator
from tests.console.browsing import PICTURES, served
from tests.console.desk import PASSWORD

pytestmark = pytest.mark.browser
INES, ADA = "ines@example.org", "ada@example.org"
# Who types before a page has put the focus on its first field keeps theirs, and Chromium says so.
TYPED_FIRST = "Autofocus processing was blocked"


@pytest.fixture
def address(settings: ConsoleSettings, store: Store, console_content: ConsoleContent) -> Iterator[str]:
    """The console as in production, over plain HTTP under a name."""
    changed = settings.model_copy(update={"cookies_over_http": True, "second_factor": "required"})
    with served(create_app(changed, store=store, content=console_content), name="localhost") as address:
        yield address


class Person:
    """Somebody at a browser of their own, with everything the page complained of."""

    def __init__(self, browser: Browser, address: str, scheme: str = "light") -> None:
        self.page: Page = browser.new_context(color_scheme="dark" if scheme == "dark" else "light", locale="en-US").new_page()
        self.address, self.complaints = address, list[str]()
        self.page.on("console", lambda message: self._heard(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, said: str) -> None:
        if not said.startswith(TYPED_FIRST):
            self.complaints.append(said)

    def give_password(self, email: str, password: str = PASSWORD) -> None:
        self.page.goto(self.address + "/login")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def set_up(self, email: str, password: str = PASSWORD) -> Authenticator:
        self.give_password(email, password)
        self.page.get_by_role("button", name="Go on").click()
        phone = Authenticator(self.page.locator("code.secret").inner_text())
        return phone

    def confirm(self, phone: Authenticator) -> None:
        self.page.get_by_label("The six digits the app shows now").fill(phone.code())
        self.page.get_by_role("button", name="Confirm").click()
        self.page.get_by_role("button", name="Make and show new codes").click()

    def picture(self, name: str, width: int = 1280) -> None:
        """Nothing sticks out; the picture is kept to look at."""
        self.page.set_viewport_size({"width": width, "height": 900})
        assert self.page.evaluate("document.documentElement.scrollWidth") <= width, name
        file: Path = PICTURES / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=file, full_page=True)



@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_second_factor_is_set_up_on_pages_that_fit_the_screen(
    browser: Browser, address: str, ines: int, scheme: str
) -> None:
    person = Person(browser, address, scheme)
    phone = person.set_up(INES)
    drawn = person.page.locator("svg.qr").bounding_box()
    assert drawn is not None and drawn["width"] > 150 and abs(drawn["width"] - drawn["height"]) < 1
    for width in (1280, 375):
        person.picture(f"second-factor-set-up-{scheme}-{width}", width)
    person.confirm(phone)
    assert person.page.locator("ul.secrets code").count() == 10
    person.picture(f"recovery-codes-{scheme}", 375)
    person.page.get_by_role("link", name="I have kept them").click()
    assert person.page.url == address + "/" and person.complaints == []
    person.page.context.close()


def test_a_colleague_is_added_by_a_link_and_gets_in(browser: Browser, address: str, ada: int, store: Store) -> None:
    admin = Person(browser, address)
    admin.confirm(admin.set_up(ADA))
    admin.page.goto(address + "/people")
    admin.picture("people")
    admin.picture("people-375", 375)
    admin.page.get_by_label("Name").fill("Luz Marin")
    admin.page.get_by_label("E-mail").fill("luz@example.org")
    admin.page.get_by_role("button", name="Add and show the link").click()
    link = admin.page.locator("#link").inner_text()
    admin.picture("one-time-link", 375)
    luz = Person(browser, address)
    luz.page.goto(link)
    luz.page.get_by_label("New password").fill("nine loud herons sing")
    luz.page.get_by_label("The same once more").fill("nine loud herons sing")
    luz.picture("choose-password", 375)
    luz.page.get_by_role("button", name="Keep this password").click()
    luz.confirm(luz.set_up("luz@example.org", "nine loud herons sing"))
    admin.page.goto(address + "/people")
    admin.page.get_by_role("link", name="Luz Marin").click()
    admin.picture("person", 375)
    admin.page.get_by_role("button", name="Lock the account").click()
    luz.page.goto(address + "/account")
    assert "/login" in luz.page.url
    assert admin.complaints == [] and luz.complaints == []
    found = next(person for person in people.people(store) if person.name == "Luz Marin")
    assert not found.active and found.second_factor
