"""Single sign-on in a real Chromium, across sites: the policy for forms, the cookies and the going on are the browser's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from intake.store.connection import Store
from tests.console.browsing import PICTURES, served
from tests.console.conftest import WithProvider
from tests.console.desk import audit_lines
from tests.console.identity_provider import IdentityProvider

pytestmark = pytest.mark.browser


@pytest.fixture
def address(with_provider: WithProvider) -> Iterator[str]:
    """The console over plain HTTP under a name; the provider has a bare address, which is another site."""
    with served(with_provider(cookies_over_http=True), name="localhost") as address:
        yield address


def _picture(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 375, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375, name
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_person_goes_to_the_provider_and_comes_backsigned_in(
    browser: Browser, address: str, ines: int, store: Store, provider: IdentityProvider, scripts: bool
) -> None:
    page = browser.new_context(locale="en-US", java_script_enabled=scripts).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(address + "/")
    if scripts:
        _picture(page, "single-sign-on")
    page.get_by_role("button", name="Sign in with Agency Login").click()
    page.wait_for_url(address + "/")
    assert "Nobody is waiting." in page.locator("main").inner_text()
    assert [line.detail for line in audit_lines(store, "staff.signed_in")] == ["oidc"]
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail").wait_for()
    page.go_back()
    assert "code=" not in page.url and complaints == []
    page.context.close()


def test_somebody_unknown_reads_why_and_the_address_holds_nothing_of_the_answer(
    browser: Browser, address: str, ines: int, provider: IdentityProvider
) -> None:
    provider.person["email"] = "nobody@example.org"
    page = browser.new_context(locale="en-US").new_page()
    page.goto(address + "/login")
    page.get_by_role("button", name="Sign in with Agency Login").click()
    page.get_by_role("alert").wait_for()
    assert "You cannot sign in here" in page.get_by_role("alert").inner_text()
    assert page.url == address + "/login"
    _picture(page, "single-sign-on-refused")
    page.context.close()
