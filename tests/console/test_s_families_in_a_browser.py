"""What a family typed, in a real browser: nothing of it runs (S7), nothing of it breaks a page (S8). Pictures go to results/."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from intake.rules.exporting import ExportState
from intake.store.connection import Store
from intake.store.models import Export
from intake.usecases.exporting import decide
from intake.usecases.staff import StaffRole
from tests.console.browsing import picture, signed_in, what_axe_finds
from tests.console.colleagues import a_colleague
from tests.console.made_up_families import MadeUpCase
from tests.console.test_s_families import LONG, TURNED, a_family_called

pytestmark = pytest.mark.browser
MARKUP = ["<svg/onload=alert(1)>Ana", "<script>document.title='taken'</script>Ana", '"><img src=x onerror=alert(1)>Ana',
          "</textarea></bdi><iframe src='javascript:alert(1)'>Ana", "{{7*7}}<a href=javascript:alert(1)>Ana"]
FORMULA = '=HYPERLINK("http://a.example","Ana")'
WATCH = "window.refused = []; addEventListener('securitypolicyviolation', told => window.refused.push(told.violatedDirective));"
NOT_OURS = "main svg[onload], main img, main iframe, main script:not([src]), main a[href^=javascript]"
WIDTHS = (1280, 390)


def _paths(case: MadeUpCase) -> dict[str, str]:
    of_case = f"/cases/{case.conversation}"
    return {"queue": "/", "case": of_case, "day": "/day", "packet": f"{of_case}/referrals/{case.referral}/packet",
            "exports": "/exports", "search": "/search"}


def _open(page: Page, address: str, path: str, looked_for: str = "Ana") -> None:
    page.goto(address + path)
    if path == "/search":
        page.locator("#looked-for").fill(looked_for)
        page.keyboard.press("Enter")
        page.get_by_role("status").first.wait_for()


@pytest.mark.parametrize("name", MARKUP)
def test_s07_nothing_that_a_family_typed_runs_and_no_page_asks_for_what_it_may_not(
    browser: Browser, address: str, store: Store, ines: int, name: str
) -> None:
    case = a_family_called(store, name)
    page = signed_in(browser, address, script=WATCH)
    heard: list[str] = []
    page.on("dialog", lambda dialog: (heard.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    for shown, path in _paths(case).items():
        _open(page, address, path)
        page.wait_for_load_state("load")
        assert page.evaluate("window.refused") == [], shown
        assert page.title() != "taken", shown
        assert page.locator(NOT_OURS).count() == 0, shown
    assert heard == []
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_s08_a_name_of_200_letters_breaks_no_page(
    browser: Browser, address: str, store: Store, ines: int, width: int
) -> None:
    case = a_family_called(store, LONG)
    page = signed_in(browser, address, script=WATCH)
    page.set_viewport_size({"width": width, "height": 900})
    for shown, path in _paths(case).items():
        _open(page, address, path, case.receipt)
        picture(page, f"long-name-{shown}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, shown
    page.close()


def test_s08_turned_letters_change_nothing_beside_them(browser: Browser, address: str, store: Store, ines: int) -> None:
    case = a_family_called(store, TURNED)
    page = signed_in(browser, address, script=WATCH)
    for shown, path in _paths(case).items():
        _open(page, address, path)
        assert page.evaluate("/[\\u202e\\u2066]/.test(document.documentElement.innerHTML)") is False, shown
    _open(page, address, f"/cases/{case.conversation}")
    picture(page, "turned-name-case")
    assert page.get_by_text("[U+202E]").first.is_visible()
    page.close()


def test_s06_a_file_that_a_browser_downloads_holds_the_name_as_text(
    browser: Browser, address: str, store: Store, ines: int
) -> None:
    a_family_called(store, FORMULA)
    luz = a_colleague(store, "Luz Marin", StaffRole.SUPERVISOR)
    page = signed_in(browser, address, script=WATCH)
    page.get_by_role("link", name="Exports").press("Enter")
    page.get_by_label("Referrals made from").fill(f"{datetime.now(UTC) - timedelta(days=9):%Y-%m-%d}")
    page.get_by_label("With families").check()
    page.get_by_label("What it is for").select_option("follow_up_list")
    page.get_by_label("In one line").fill("calls of this week")
    page.get_by_role("button", name="Ask for it").press("Enter")
    page.get_by_text("Waits for a supervisor.").wait_for()
    with store.reading() as session:
        export = session.scalars(select(Export.id)).one()
    decide(store, export, luz, ExportState.APPROVED, now=datetime.now(UTC))
    page.reload()
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        picture(page, f"exports-{width}")
        assert what_axe_finds(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as XLSX Export").press("Enter")
    assert download.value.suggested_filename.startswith("growline-")
    (sheet,) = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).worksheets
    cells = [cell for row in sheet for cell in row if cell.value is not None]
    assert any(cell.value == FORMULA for cell in cells) and {cell.data_type for cell in cells} == {"s"}
    page.reload()
    assert page.get_by_text("Rows: 1").is_visible() and page.get_by_role("button", name="Download").count() == 0
    page.close()
