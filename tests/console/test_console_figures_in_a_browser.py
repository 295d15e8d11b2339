"""The figures in a real browser: nothing is refused, nothing runs over the edge of a phone, in light and dark. Pictures go to
results/.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from playwright.sync_api import Browser

from intake.rules.referral import ReferralStatus
from intake.rules.triage import Urgency
from intake.store.connection import Store
from tests.console.browsing import PICTURES, signed_in
from tests.console.made_up_families import a_case
from tests.console.test_console_figures import _came, _connected, _followed_up, _left

pytestmark = pytest.mark.browser
OVER_THE_EDGE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def _some_weeks(store: Store) -> None:
    now = datetime.now(UTC)
    for days in range(0, 24, 2):
        urgency = (Urgency.STANDARD, Urgency.URGENT, Urgency.EMERGENCY)[days // 2 % 3]
        case = _came(store, now - timedelta(days=days), urgency, "es" if days % 4 else "en")
        if days % 6 == 0:
            _left(store, case, now - timedelta(days=days // 2))
    for status in (ReferralStatus.SENT, ReferralStatus.COULD_NOT_REACH):
        a_case(store, status=status)
    for days in (3, 9):
        _connected(store, days, made=now - timedelta(days=30))
        _followed_up(store, "called_back", at=now - timedelta(days=days))


@pytest.mark.usefixtures("ines")
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("light", 390), ("dark", 390)])
def test_the_figures_are_readable(
    browser: Browser, address: str, store: Store, theme: Literal["light", "dark"], width: int
) -> None:
    _some_weeks(store)
    page = signed_in(browser, address)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address + "/figures")
    assert page.get_by_role("img", name="Cases that wait, by business days").count() == 1
    assert page.evaluate(OVER_THE_EDGE) is False
    heights = page.locator(".chart text").evaluate_all("nodes => nodes.map((each) => each.getBoundingClientRect().height)")
    assert min(heights) >= 11
    page.screenshot(path=str(PICTURES / f"figures-{theme}-{width}.png"), full_page=True)
    for summary in page.get_by_text("The numbers as a table").all():
        summary.click()
    assert page.locator("table").first.is_visible() and page.evaluate(OVER_THE_EDGE) is False
    assert complaints == []
    page.context.close()
