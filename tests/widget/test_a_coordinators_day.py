"""A coordinator's whole day in a real browser, with the whole system and real families: from the code to signing out."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator

import pytest
from conftest import Opens
from family import SCREENS, barriers, until
from people import Phone
from playwright.sync_api import Browser, Locator, Page, expect
from walking import born, in_words, walks_checklist

from growline.system import System
from intake.settings import ROOT
from intake.store.connection import Store
from intake.usecases.staff import add_staff

sys.path.insert(0, str(ROOT))
from tests.console.authenticator import STEP, Authenticator

LOGIN, PASSWORD = "luz@example.org", "seven quiet otters"


class Coordinator:
    """Luz at the console."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address

    def gives_password(self) -> None:
        self.page.goto(self.address + "/login")
        self.page.get_by_label("E-mail").fill(LOGIN)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.keyboard.press("Enter")

    def sets_up_the_app(self) -> Authenticator:
        self.page.goto(self.address + "/account")
        self.page.get_by_role("link", name="Set up a second factor").click()
        self.page.get_by_role("button", name="Go on").click()
        app = Authenticator(self.page.locator("code.secret").inner_text())
        self.page.get_by_label("The six digits the app shows now").fill(app.code())
        self.page.get_by_role("button", name="Confirm").click()
        self.page.get_by_role("button", name="Make and show new codes").click()
        expect(self.page.locator("ul.secrets code")).to_have_count(10)
        self.page.get_by_role("link", name="I have kept them").click()
        return app

    def signs_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").click()
        expect(self.page.get_by_label("Password")).to_be_visible()

    def signs_in(self, app: Authenticator) -> None:
        self.gives_password()
        self.page.get_by_label("The six digits your app shows now").fill(app.code(STEP))  # the next one: this one is used up
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(self.address + "/")

    def opens(self, conversation: str) -> None:
        self.page.goto(f"{self.address}/cases/{conversation}")

    def finds_in_queue(self, conversation: str) -> Locator | None:
        """The row of a case, on whatever page of the queue it stands; None when it is on none."""
        self.page.goto(self.address + "/")
        row = self.page.locator(f'tr:has(a[href$="/cases/{conversation}"])')
        while not row.count() and (further := self.page.locator("#queue-pages [rel=next]")).count():
            further.click()
            self.page.wait_for_load_state("load")
        return row if row.count() else None

    def writes(self, words: str) -> None:
        self.page.get_by_label("Your message to the family").fill(words)
        self.page.get_by_label("This is meant for this family").check()
        self.page.get_by_role("button", name="Send", exact=True).click()

    def moves_to(self, status: str, source: str) -> None:
        self.page.get_by_text("Change the status").click()
        self.page.get_by_label("New status").select_option(status)
        self.page.get_by_label(source).check()
        self.page.get_by_role("button", name="Save the new status").click()
        self.page.wait_for_url("**#referral-*")

    def clears(self, because: str) -> None:
        while (summary := self.page.get_by_text("This has been dealt with")).count():
            summary.first.click()
            self.page.get_by_label("What was done about it").first.select_option(because)
            self.page.get_by_role("button", name="Clear this reason").first.click()
            self.page.wait_for_url("**#why")

    def has_no_barrier(self, state: str) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"day-{state}-1280.png", full_page=True)
        assert barriers(self.page) == [], state


@pytest.fixture
def luz(browser: Browser, system: System, live_store: Store) -> Iterator[Coordinator]:
    add_staff(live_store, LOGIN, "Luz Marin", PASSWORD, "intake")
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US").new_page()
    page.set_default_timeout(20_000)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    yield Coordinator(page, f"http://127.0.0.1:{system.ports.console}")
    page.context.close()
    assert troubles == []


def a_family_by_text(phone: Phone) -> None:
    """A screening by text up to a referral that waits to be sent."""
    for words in ("hi", "yes", "mom", "Mateo", in_words(born(40))):
        phone.says(words)
    phone.says("he doesn't talk much")
    phone.says("no that's all")
    said = walks_checklist(phone, phone.says("no"), {1: "not yet"}, "yes")
    for words in ("yes", "yes", "Rosa Diaz", "yes", "mornings"):
        said = phone.says(words)
    assert said


def test_from_the_code_to_signing_out(
    luz: Coordinator, phone: Phone, opens: Opens, newest: Callable[[], str]
) -> None:
    a_family_by_text(phone)
    by_text = newest()
    family = opens("en", width=320)
    family.opens()
    until(lambda: family.answers() > 0, "no greeting came")
    family.goes_on_until("worry")
    by_web = newest()

    luz.gives_password()
    luz.page.wait_for_url(luz.address + "/")
    app = luz.sets_up_the_app()
    luz.signs_out()
    luz.signs_in(app)
    luz.has_no_barrier("queue")

    row = luz.finds_in_queue(by_text)
    assert row is not None
    expect(row).to_contain_text("he doesn't talk much")
    row.get_by_role("button", name=re.compile("Take this case")).click()
    taken = luz.finds_in_queue(by_text)
    assert taken is not None
    expect(taken).to_contain_text("my case")

    luz.opens(by_web)
    family.field.fill("he does not sa")
    luz.page.get_by_role("button", name="Take over").click()
    luz.writes("Hello, I read what you told us.")
    expect(family.log).to_contain_text("Luz, a person from our team", timeout=25_000)
    family.field.press("Enter")
    expect(luz.page.locator("#live-talk")).to_contain_text("he does not sa", timeout=15_000)
    luz.has_no_barrier("web-talk")
    luz.page.get_by_role("button", name="Hand back to the agent").click()
    until(lambda: "What worries you" in family.last_said(), "the open question did not come back")

    luz.opens(by_text)
    luz.page.get_by_role("button", name="Take over").click()
    before = len(phone.received())
    luz.writes("I will call you tomorrow morning.")
    until(lambda: len(phone.received()) > before, "no text left", seconds=25)
    assert "Luz, a person on the Help Me Grow CT team" in phone.received()[-1]
    phone.sends("ok thank you")
    expect(luz.page.locator("#live-talk")).to_contain_text("ok thank you", timeout=15_000)
    luz.page.get_by_role("button", name="Hand back to the agent").click()
    luz.moves_to("sent", "I know it myself")
    luz.page.get_by_role("group", name="Family").get_by_role("button", name="Reached").click()
    expect(luz.page.locator(".calls")).to_contain_text("Reached")
    luz.has_no_barrier("case")
    luz.moves_to("connected", "Program")
    luz.moves_to("closed", "I know it myself")
    luz.clears("referral_under_way")
    expect(luz.page.locator("body")).to_contain_text("Not flagged")
    assert luz.finds_in_queue(by_text) is None
    luz.page.goto(luz.address + "/day")
    luz.has_no_barrier("my-day")
    luz.signs_out()
    luz.opens(by_text)
    assert re.search(r"/login", luz.page.url)
