"""A member of staff at work in a real browser: sign in, open the gravest case, move its referral. Pictures go
to results/.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from intake.rules.referral import ReferralStatus
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Referral
from tests.console.browsing import PICTURES
from tests.console.desk import PASSWORD
from tests.console.made_up_families import MadeUpCase, a_case

pytestmark = pytest.mark.browser
WIDTHS = (1280, 375)


def _five_families(store: Store) -> MadeUpCase:
    a_case(
        store,
        child_name="Ana Lucía",
        worry="no me contesta cuando le hablo, parece que no oye",
        language="es",
        waiting=timedelta(days=2, hours=5),
    )
    a_case(
        store,
        child_name="<script>document.title='taken'</script>",
        worry="<img src=x onerror=alert(1)> he hits a lot",
        channel="web",
        waiting=timedelta(minutes=12),
        status=ReferralStatus.SENT,
    )
    a_case(store, child_name="Noah", worry="can someone call me at 860 555 0142", waiting=timedelta(hours=27))
    a_case(
        store,
        urgency=Urgency.EMERGENCY,
        child_name="Jayden",
        worry="he cant breathe",
        waiting=timedelta(minutes=4),
    )
    return a_case(
        store,
        urgency=Urgency.URGENT,
        child_name="Mateo Luis",
        language="es",
        waiting=timedelta(hours=3),
        worry="antes decía mamá y agua y ya no dice nada, dejó de saludar con la mano",
    )


def _sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("E-mail").fill("ines@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(address + "/")


def test_a_member_of_staff_works_through_a_case_in_a_browser(
    browser: Browser, address: str, store: Store, ines: int
) -> None:
    case = _five_families(store)
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    _sign_in(page, address)
    assert page.locator("tbody tr").first.locator(".urgency").inner_text() == "Emergency"
    page.get_by_role("link", name=f"Open case {case.receipt}").press("Enter")
    assert page.get_by_role("heading", level=1).inner_text() == f"Case {case.receipt}"
    page.get_by_text("Change the status").press("Enter")
    page.get_by_label("New status").select_option("sent")
    page.get_by_label("I know it myself").check()
    page.get_by_label("Note for colleagues").fill("faxed to the program")
    page.get_by_role("button", name="Save the new status").press("Enter")
    page.wait_for_url("**#referral-*")
    assert page.locator(".status").inner_text() == "Sent"
    with store.reading() as session:
        assert session.get_one(Referral, case.referral).status == "sent"
    assert page.title() != "taken" and complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_screen(
    browser: Browser, address: str, store: Store, ines: int, scheme: str
) -> None:
    case = _five_families(store)
    page = browser.new_context(color_scheme="dark" if scheme == "dark" else "light").new_page()
    _take(page, address + "/login", f"sign-in-{scheme}", 1280)
    _sign_in(page, address)
    for width in WIDTHS:
        of_case = f"/cases/{case.conversation}"
        packet = f"{of_case}/referrals/{case.referral}/packet"
        for name, path in (("queue", "/"), ("case", of_case), ("phoned", "/cases/phoned"), ("packet", packet)):
            _take(page, address + path, f"{name}-{scheme}-{width}", width)
    page.context.close()


def _take(page: Page, address: str, name: str, width: int) -> None:
    """Opens a page at a width, checks that nothing sticks out, and keeps a picture to look at."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    _picture(page, PICTURES / f"{name}.png")


def _picture(page: Page, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=file, full_page=True)
