"""What was understood stays open in a real browser while the talk refreshes itself, with the keyboard where it was."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from console.content import ConsoleContent
from intake.rules.interview import Kind
from intake.store.connection import Store
from intake.usecases import corrections, milestones
from intake.usecases.notes import notes_of, write_note
from tests.console.browsing import PICTURES, signed_in
from tests.console.talks import a_talk, hears
from tests.usecases.a_family import AFamily, milestone

pytestmark = pytest.mark.browser
SOON = 9_000  # milliseconds: the page looks every three seconds


@pytest.fixture
def family(store: Store, console_content: ConsoleContent, ines: int) -> AFamily:
    """A talk with an unclear answer, its read-back, a correction; and a note that was corrected."""
    talk = a_talk(store, console_content.intake, Kind.MILESTONE)
    first = talk.open()
    assert first is not None
    hears(talk, "yes", milestone("yes")[1], "yes")
    hears(talk, "her own way kind of", lambda scene: milestones.answer_milestone(scene, "sometimes", sure=False), "sometimes",
          sure=0.61)
    hears(talk, "yes", milestone("yes")[1], "yes")
    hears(talk, "no wait the first one not yet", lambda scene: corrections.correct(scene, "not_yet"), "correct_previous",
          step="correct")
    case = talk.conversation().id
    write_note(store, console_content.intake, case, "Grandmother picks up after 3.", staff=ines, form_key=uuid4())
    [note] = notes_of(store, case)
    write_note(store, console_content.intake, case, "Grandmother picks up after 4, not on Fridays.", staff=ines, form_key=uuid4(),
               replaces=note.id)
    return talk


def test_an_open_detail_stays_open_and_in_hand_while_the_talk_refreshes(
    browser: Browser, address: str, family: AFamily
) -> None:
    page = signed_in(browser, address)
    page.goto(f"{address}/cases/{family.conversation().id}")
    details = page.locator(".understood").last
    id_ = details.get_attribute("id")
    details.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(details).to_have_attribute("open", "")
    hears(family, *milestone("not_yet"), "not_yet")
    expect(page.locator(".understood")).to_have_count(page.locator(".said-you").count(), timeout=SOON)
    expect(page.locator("#news")).to_contain_text("The family wrote", timeout=SOON)
    expect(page.locator(f"#{id_}")).to_have_attribute("open", "")
    assert page.evaluate("document.activeElement.closest('details')?.id") == id_
    assert page.locator(".understood[open]").count() == 1


@pytest.mark.parametrize(("scheme", "language"), [("light", "en"), ("dark", "en"), ("light", "es")])
def test_the_case_page_with_everything_open_fits_its_width(
    browser: Browser, address: str, family: AFamily, scheme: str, language: str
) -> None:
    page = signed_in(browser, address, color_scheme=scheme, locale="es-US" if language == "es" else "en-US")
    case = f"{address}/cases/{family.conversation().id}"
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(case)
        page.evaluate("for (const one of [...document.querySelectorAll('.understood, .asked')].slice(-8)) one.open = true")
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"case-made-of-{scheme}-{language}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto(f"{case}/trail")
        page.screenshot(path=PICTURES / f"trail-{scheme}-{language}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
