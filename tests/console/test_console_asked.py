"""Beside each answer stands how it was asked: the very words, language, version and time, for old answers their own."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import update

from console.content import ConsoleContent
from intake.rules.interview import Kind
from intake.store.connection import Store
from intake.store.models import Answer, Message
from intake.usecases import corrections, milestones
from tests.console.desk import Desk
from tests.console.made_up_families import a_case
from tests.console.talks import a_talk, hears
from tests.usecases.a_family import AFamily, milestone

TAGS = re.compile(r"<[^>]+>")


def asked(page: str) -> list[str]:
    """The words of each "as it was asked" of the page, in order."""
    found = re.findall(r'<details class="asked">(.*?)</details>', page, re.S)
    return [" ".join(unescape(TAGS.sub(" ", one)).split()) for one in found]


def page_of(desk: Desk, family: AFamily) -> str:
    return desk.get(f"/cases/{family.conversation().id}").text


@pytest.fixture
def family(store: Store, console_content: ConsoleContent) -> AFamily:
    return a_talk(store, console_content.intake, Kind.MILESTONE)


def rewords(store: Store, message: Message, words: str, question: str | None = None) -> None:
    payload = {**(message.payload or {}), "question": question}
    with store.transaction() as session:
        session.execute(update(Message).where(Message.id == message.id).values(text=words, payload=payload))


def newest_of_ours(family: AFamily) -> Message:
    return max((row for row in family.all(Message) if row.direction == "outbound"), key=lambda row: row.seq)


def milestones_part(page: str) -> str:
    return page[page.index('<h3>Milestones</h3>'):page.index('<h3>Other questions</h3>')]


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "worked out for an older row"])
def test_an_answer_shows_the_words_that_asked_for_it(desk: Desk, family: AFamily, kept: bool) -> None:
    question = newest_of_ours(family)
    rewords(family.store, question, "Thank you.\n1 of 20 Does he look back?", "1 of 20 Does he look back?")
    hears(family, *milestone("yes"), "yes")
    if not kept:
        with family.store.transaction() as session:
            session.execute(update(Answer).values(asked_in=None))
    [shown] = asked(milestones_part(page_of(desk, family)))
    assert shown.startswith("As it was asked 1 of 20 Does he look back? English · wording version ")
    assert re.search(r"version \d+ · asked \w", shown) and "Thank you" not in shown
    assert f'href="#message-{question.seq}"' in page_of(desk, family)


def test_a_replaced_answer_shows_its_own_wording_and_language(desk: Desk, family: AFamily) -> None:
    rewords(family.store, newest_of_ours(family), "The first words?")
    first = family.open()
    hears(family, *milestone("yes"), "yes")
    assert first is not None
    hears(family, "no wait", lambda scene: corrections.reopen(scene, first), "correct_previous", step="correct")
    again = newest_of_ours(family)
    rewords(family.store, again, "¿Las segundas palabras?")
    with family.store.transaction() as session:
        session.execute(update(Message).where(Message.id == again.id).values(language="es"))
        session.execute(update(Answer).where(Answer.replaced_at.is_not(None)).values(wording_version=7))
    hears(family, *milestone("sometimes"), "sometimes")
    current, replaced = asked(milestones_part(page_of(desk, family)))
    assert "¿Las segundas palabras? Spanish" in current and "version 7" not in current
    assert "The first words? English · wording version 7" in replaced


def test_an_answer_told_unasked_says_so(desk: Desk, store: Store) -> None:
    case = a_case(store)  # its "not yet" answers no question of ours: made up without one
    assert any("No message asked for this before" in one for one in asked(desk.get(f"/cases/{case.conversation}").text))


def test_a_confirmed_read_back_shows_the_question_and_not_the_read_back(desk: Desk, family: AFamily) -> None:
    rewords(family.store, newest_of_ours(family), "Does he look back?")
    hears(family, "kind of", lambda scene: milestones.answer_milestone(scene, "sometimes", sure=False), "sometimes", sure=0.5)
    rewords(family.store, newest_of_ours(family), "I understood: sometimes. Right?")
    hears(family, *milestone("yes"), "yes")
    [shown] = asked(milestones_part(page_of(desk, family)))
    assert "Does he look back?" in shown and "Right?" not in shown


def test_the_familys_own_number_in_a_question_is_masked(desk: Desk, store: Store, console_content: ConsoleContent) -> None:
    family = a_talk(store, console_content.intake, Kind.PHONE)
    rewords(store, newest_of_ours(family), "May we call 860-555-0142?")
    hears(family, "yes", lambda scene: scene.answer(Kind.PHONE, "+18605550142") and None, "yes", step="phone")
    page = page_of(desk, family)
    assert any("May we call ••• ••• 0142?" in one for one in asked(page)) and "860-555-0142" not in page
