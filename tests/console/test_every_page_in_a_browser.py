"""Every page that intake staff work on, in both themes, both languages and two widths: nothing stands in anybody's way, nothing
runs over the edge. Pictures go to results/, to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page

from console.content import ConsoleContent
from intake.store.connection import Store
from intake.usecases.merging import compare, merge, proposed
from intake.usecases.notes import write_note
from tests.console.browsing import picture, signed_in, what_axe_finds
from tests.console.desk import Desk
from tests.console.made_up_families import MadeUpCase, a_case

pytestmark = pytest.mark.browser
LOOKS = [("light", "en-US", 1280), ("dark", "es", 390)]
IN_PRACTICE = ("/", "/day")


@pytest.fixture
def families(store: Store, console_content: ConsoleContent, ines: int, desk: Desk) -> tuple[MadeUpCase, MadeUpCase]:
    """A family with a note and a wrong number, joined to another; and one that may be the same."""
    case, joined, other = a_case(store), a_case(store, child_name="Lucía"), a_case(store)
    write_note(store, console_content.intake, case.conversation, "Grandmother picks up after 3.", staff=ines, form_key=uuid4())
    pair = compare(store, case.conversation, joined.conversation, ines)
    merge(store, case.conversation, joined.conversation, proposed(pair), shown=pair.shown, staff=ines, form_key=uuid4())
    desk.post(f"/cases/{case.conversation}/calls", {"call": "family/wrong_number", "key": str(uuid4())})
    return case, other


def _paths(case: MadeUpCase, other: MadeUpCase) -> Iterator[str]:
    yield from ("/", "/day", "/search", "/programs", "/figures", "/exports", "/cases/phoned", "/account", "/account/password")
    of_case = f"/cases/{case.conversation}"
    yield from (of_case, f"{of_case}/trail", f"{of_case}/children", f"{of_case}/same-family/{other.conversation}")


def _faults(page: Page, width: int, name: str) -> list[str]:
    page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
    picture(page, name)
    over = page.evaluate("document.documentElement.scrollWidth")
    return [*what_axe_finds(page), *([f"{over} px wide"] if over > width else [])]


@pytest.mark.parametrize(("theme", "language", "width"), LOOKS)
def test_every_page_is_for_everybody(
    browser: Browser, address: str, families: tuple[MadeUpCase, MadeUpCase], theme: str, language: str, width: int
) -> None:
    page = signed_in(browser, address, width=width, color_scheme=theme, locale=language)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    found: dict[str, list[str]] = {}
    for number, path in enumerate(_paths(*families)):
        answer = page.goto(address + path)
        assert answer is not None and answer.status == 200, path
        assert page.locator("html").get_attribute("lang") == language[:2], path
        found[path] = _faults(page, width, f"every-{theme}-{number:02}")
    page.locator("header form[action$='/practice'] button").click()
    for number, path in enumerate(IN_PRACTICE):
        page.goto(address + path)
        found[f"practice {path}"] = _faults(page, width, f"every-{theme}-practice-{number}")
    page.goto(address + "/")
    page.locator("tbody a[href*='/cases/']").first.click()
    found["practice case"] = _faults(page, width, f"every-{theme}-practice-case")
    assert {path: faults for path, faults in found.items() if faults} == {}
    assert complaints == []
    page.context.close()
