"""The case page shows what the agent made of each message, in words, and what became of what it read back."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, update

from console.content import ConsoleContent
from console.heard import NOTHING, Rows, read_hearing
from intake.rules.interview import Expects, Kind
from intake.settings import ROOT
from intake.store.connection import Store
from intake.store.models import Message
from intake.usecases import confirm, milestones, worry
from intake.usecases.interruptions import explain, not_understood
from intake.usecases.taking import take
from tests.console.desk import Desk
from tests.console.made_up_families import a_case
from tests.console.talks import a_talk, hears
from tests.usecases.a_family import AFamily, milestone

TAGS = re.compile(r"<[^>]+>")


def made_of(page: str, message: Message) -> str:
    """The words of one message's details."""
    found = re.search(rf'id="understood-{message.seq}">(.*?)</details>', page, re.S)
    assert found, "the message has no details"
    return " ".join(unescape(TAGS.sub(" ", found[1])).split())


def marks(page: str) -> list[str]:
    """The read-back marks of the page, in order."""
    found = re.findall(r'<p class="under read-back">(.*?)</p>', page, re.S)
    return [re.sub(r" ([:,])", r"\1", " ".join(unescape(TAGS.sub(" ", mark)).split())) for mark in found]


def page_of(desk: Desk, family: AFamily, live: bool = False) -> str:
    return desk.get(f"/cases/{family.conversation().id}{'/talk' if live else ''}").text


@pytest.fixture
def family(store: Store, console_content: ConsoleContent) -> AFamily:
    return a_talk(store, console_content.intake, Kind.MILESTONE)


@pytest.mark.parametrize("live", [False, True])
def test_a_message_shows_what_was_recorded_asked_and_how_sure(desk: Desk, family: AFamily, live: bool) -> None:
    message = hears(family, "not really", milestones_no, "not_yet", sure=0.934)
    shown = made_of(page_of(desk, family, live), message)
    assert "Recorded:" in shown and "Not yet" in shown and "Open question:" in shown
    assert "Taken to mean: no, or not yet (93 % sure)" in shown
    assert "took it as an answer to the milestone" in shown and "Language heard: English" in shown
    assert "{" not in shown and "not_yet" not in shown


def milestones_no(scene: Any) -> Expects | None:
    return milestones.answer_milestone(scene, "not_yet")


def unclear(scene: Any) -> Expects | None:
    return milestones.answer_milestone(scene, "sometimes", sure=False)


def test_a_read_back_is_marked_and_was_confirmed(desk: Desk, family: AFamily) -> None:
    message = hears(family, "her own way", unclear, "sometimes", sure=0.6)
    waiting = page_of(desk, family)
    assert "Not sure enough to record; read back as: Sometimes" in made_of(waiting, message)
    assert [mark.endswith("Sometimes · not answered yet") for mark in marks(waiting)] == [True]
    hears(family, *milestone("yes"), "yes")
    [mark] = marks(page_of(desk, family))
    assert mark.startswith("Read-back of an unclear answer:") and mark.endswith("Sometimes · confirmed: Sometimes")


@pytest.mark.parametrize(("reply", "ends"), [("not_yet", "not confirmed, asked again"), ("not_sure", "corrected: Not sure"),
                                             ("skip", "left out: Skip")])
def test_a_read_back_that_was_not_confirmed_says_so(desk: Desk, family: AFamily, reply: str, ends: str) -> None:
    hears(family, "her own way", unclear, "sometimes", sure=0.6)
    hears(family, *milestone(reply), reply)
    assert marks(page_of(desk, family))[0].endswith(ends)
    hears(family, *milestone("sometimes"), "sometimes")
    assert marks(page_of(desk, family))[0].endswith(ends), "what came later does not change it"


def test_the_read_back_of_all_answers_is_confirmed_or_corrected(
    desk: Desk, store: Store, console_content: ConsoleContent
) -> None:
    family = a_talk(store, console_content.intake, Kind.CONFIRM_ANSWERS)
    assert marks(page_of(desk, family)) == ["Read-back of all answers · not answered yet"]
    hears(family, "3", lambda scene: confirm.reopen_by_number(scene, 3), "inform", step="confirm_answers")
    hears(family, *milestone("sometimes"), "sometimes")
    hears(family, "yes", confirm.confirm_answers, "yes", step="confirm_answers")
    assert marks(page_of(desk, family)) == ["Read-back of all answers · corrected", "Read-back of all answers · confirmed"]


def test_a_worry_told_on_the_way_shows_its_domains_and_the_flag(desk: Desk, family: AFamily) -> None:
    def deed(scene: Any) -> Expects | None:
        return worry.note_worry(scene, ["sleep"])

    message = hears(family, "he never sleeps", deed, "out_of_scope", sure=0.5, step="not_understood",
                    entities=(("concern", "sleep"), ("fine", "feeding_eating")))
    shown = made_of(page_of(desk, family), message)
    assert "Worry about: sleep" in shown and "Said to be no worry: eating" in shown
    assert "Flagged: Worry: sleep" in shown


def test_what_was_not_understood_and_asked_again_says_so(desk: Desk, family: AFamily) -> None:
    first = hears(family, "blue", not_understood, "out_of_scope", sure=0.4, step="not_understood")
    second = hears(family, "is it free?", lambda scene: explain(scene, "ask_cost"), "ask_cost", step="explain")
    page = page_of(desk, family)
    assert "Not understood as an answer, so it was asked again." in made_of(page, first)
    assert "asks what it costs" in made_of(page, second)
    assert "asked again" not in made_of(page, second).replace("asked its own again", "")


@pytest.mark.parametrize(("text", "words"), [("STOP", "Command: no more texts (STOP)"), ("HELP", "Command: who we are"),
                                             ("", "Nothing to read in it"), ("he is not breathing", "Flagged: Safety words")])
def test_what_the_rules_took_before_the_engine_is_told(desk: Desk, family: AFamily, text: str, words: str) -> None:
    assert family.is_taken(text) is None
    with family.store.reading() as session:
        message = session.scalars(select(Message).where(Message.direction == "inbound").order_by(Message.seq.desc())).first()
    assert message is not None
    shown = made_of(page_of(desk, family), message)
    assert words in shown and "Nothing was kept" not in shown


def test_texts_read_together_name_each_other(desk: Desk, family: AFamily) -> None:
    first, second = family.writes("he does it"), family.writes("but only at home")
    assert take(family.store, family.content, first, today=family.today) is not None
    page = page_of(desk, family)
    with family.store.reading() as session:
        one, two = session.get_one(Message, first), session.get_one(Message, second)
    assert "Also read with it:" in made_of(page, one) and f'href="#message-{two.seq}"' in page
    assert "Read together with the message of" in made_of(page, two) and f'href="#message-{one.seq}"' in page


def test_a_phone_that_was_recorded_is_masked_there_too(desk: Desk, store: Store, console_content: ConsoleContent) -> None:
    family = a_talk(store, console_content.intake, Kind.PHONE)

    def keeps(scene: Any) -> None:
        scene.answer(Kind.PHONE, "860-555-0177")

    message = hears(family, "860-555-0177", keeps, "inform", step="phone")
    for live in (False, True):
        shown = made_of(page_of(desk, family, live), message)
        assert "••• ••• 0177" in shown and "860" not in shown


def test_in_spanish_it_is_told_in_spanish(desk: Desk, family: AFamily) -> None:
    message = hears(family, "todavía no", milestones_no, "not_yet")
    desk.client.set_cookie("console_language", "es", domain="console.example")
    shown = made_of(page_of(desk, family), message)
    assert "Se anotó:" in shown and "Todavía no" in shown and "seguridad: 97 %" in shown


def test_the_live_talk_asks_as_many_questions_of_the_database_however_long_it_is(desk: Desk, family: AFamily) -> None:
    path = f"/cases/{family.conversation().id}/talk"
    few = _queries(desk, family.store, path)
    for _ in range(6):
        hears(family, *milestone("yes"), "yes")
    assert _queries(desk, family.store, path) == few


def _queries(desk: Desk, store: Store, path: str) -> int:
    seen: list[str] = []

    def count(*arguments: Any) -> None:
        seen.append(str(arguments[2]))

    event.listen(store.engine, "before_cursor_execute", count)
    try:
        assert desk.get(path).status_code == 200
    finally:
        event.remove(store.engine, "before_cursor_execute", count)
    return len(seen)


def test_the_live_talk_comes_again_when_only_what_was_made_of_it_changes(desk: Desk, store: Store) -> None:
    case = a_case(store)
    path = f"/cases/{case.conversation}"
    etag = desk.get(f"{path}/talk").headers["ETag"]
    assert desk.get(f"{path}/talk", headers={"If-None-Match": etag}).status_code == 304
    desk.get(path)
    moved = desk.post(f"{path}/worries/{case.first_message}/domains", {"domain": "sleep", "shown": "language_communication"})
    assert moved.status_code == 303
    again = desk.get(f"{path}/talk", headers={"If-None-Match": etag})
    assert again.status_code == 200 and "<b>sleep</b> (sorted by: staff)" in again.text


def test_a_row_of_which_nothing_was_kept_says_so(desk: Desk, store: Store) -> None:
    case = a_case(store, flagged=False)
    assert "Nothing was kept of how this message was taken." in desk.get(f"/cases/{case.conversation}").text


def test_a_code_without_words_is_shown_as_its_code(desk: Desk, store: Store) -> None:
    case = a_case(store)
    with store.transaction() as session:
        session.execute(update(Message).where(Message.id == case.first_message).values(
            understood={"intent": "ask_something_newer", "confidence": "high", "entities": "none"}, context={"expects": [1]}))
    page = desk.get(f"/cases/{case.conversation}").text
    assert "Taken to mean: ask_something_newer" in page and "sure)" not in page


_JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=6),
                     lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                         st.sampled_from(["intent", "confidence", "entities", "entity", "value", "expects", "kind", "command"]),
                         inner))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@example(understood={"confidence": float("nan")}, context={})
@given(understood=st.dictionaries(st.sampled_from(["intent", "confidence", "entities", "rule"]), _JSON),
       context=st.dictionaries(st.sampled_from(["expects", "picked"]), _JSON))
def test_whatever_was_kept_is_read_without_failing(store: Store, understood: dict[str, Any], context: dict[str, Any]) -> None:
    message = Message(id=uuid4(), seq=1, direction="inbound", state="done", understood=understood, context=context)
    with store.reading() as session:
        heard = read_hearing(session, uuid4(), [message], Rows([], [], [])).of(message)
    assert heard.intent is None or isinstance(heard.intent, str)
    assert heard.sure is None or isinstance(heard.sure, int)
    assert NOTHING.is_empty


def test_every_intent_and_every_step_of_the_agent_has_words(console_content: ConsoleContent) -> None:
    domain = (ROOT / "domain.yml").read_text(encoding="utf-8")
    intents = re.findall(r'^  - "?(\w+)"?$', domain[domain.index("\nintents:"):domain.index("\nentities:")], re.M)
    steps = [step for path in (ROOT / "actions").glob("*.py")
             for step in re.findall(r'^    step = "(\w+)"', path.read_text(encoding="utf-8"), re.M)]
    assert len(intents) > 50 and len(steps) > 25
    names = [f"intent.{intent}" for intent in intents] + [f"step.{step}" for step in steps]
    assert [name for name in names if not console_content.texts.knows(name)] == []
