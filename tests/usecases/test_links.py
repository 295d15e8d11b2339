"""Links of one use: each opens once, in time, what it was made for; a text asks for one, and the answers follow the screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from a_family import AFamily
from outbox import queued, row
from sqlalchemy import update

from intake.rules.interview import Kind
from intake.store.models import ChatLink, Conversation, Message
from intake.usecases.links import (
    MOST_AN_HOUR,
    LinkSpent,
    Purpose,
    TooManyLinks,
    is_open,
    link_of_chat,
    session_of_cookie,
    use_link,
)
from intake.usecases.receiving import WRONG_PERSON, SessionUnknown, chat_messages, end_chat, receive_chat
from intake.usecases.taking import TakingRules, take
from intake.usecases.visit import visit_page

Family = Callable[..., AFamily]
RULES = TakingRules(public_url="https://chat.example")


def _asks_for_a_link(parent: AFamily, words: str = "LINK") -> str:
    """The link that is texted back."""
    message = parent.writes(words)
    assert take(parent.store, parent.content, message, today=parent.today, rules=RULES) is None
    said = row(parent, queued(parent)[-1]).text
    assert "https://chat.example/l/" in said, said
    return said.rpartition("/l/")[2]


@pytest.mark.parametrize("words", ["LINK", "link please", "enlace", "Mándeme el enlace"])
def test_a_text_asks_for_a_link_and_the_open_question_stays_open(family: Family, words: str) -> None:
    parent = family(until=Kind.WORRY)
    assert is_open(parent.store, _asks_for_a_link(parent, words))
    assert parent.open() is not None and parent.open().kind is Kind.WORRY  # type: ignore[union-attr]


@pytest.mark.parametrize("words", ["PAGE", "hoja", "La hoja del doctor", "Mándeme la hoja", "doctor page"])
def test_a_text_asks_for_the_page_for_the_doctor(family: Family, words: str) -> None:
    parent = family(until=Kind.WORRY)
    opened = use_link(parent.store, _asks_for_a_link(parent, words), hours=1)
    assert opened.purpose is Purpose.VISIT and opened.chat is None, "the page, and no way into the talk"
    assert visit_page(parent.store, parent.content, opened.conversation_id).child == "Mateo"


@pytest.mark.parametrize("name", ["Link", "Page"])
def test_a_child_may_be_called_link(family: Family, name: str) -> None:
    parent = family(until=Kind.CHILD_NAME)
    message = parent.writes(name)
    assert take(parent.store, parent.content, message, today=parent.today, rules=RULES) is not None


def test_a_link_opens_the_same_conversation_once(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    code = _asks_for_a_link(parent)
    opened = use_link(parent.store, code, hours=1)
    assert opened.chat is not None and opened.chat.conversation == parent.public_id
    assert len(chat_messages(parent.store, token=opened.chat.token, after=0)) > 5
    assert not is_open(parent.store, code)
    with pytest.raises(LinkSpent):
        use_link(parent.store, code, hours=1)


def test_a_link_that_is_too_old_opens_nothing(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    code = _asks_for_a_link(parent)
    with parent.store.transaction() as session:
        session.execute(update(ChatLink).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    with pytest.raises(LinkSpent):
        use_link(parent.store, code, hours=1)


def test_a_link_of_a_phone_that_is_somebody_elses_opens_nothing(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    code = _asks_for_a_link(parent)
    with parent.store.transaction() as session:
        session.execute(update(Conversation).values(status=WRONG_PERSON))
    with pytest.raises(LinkSpent):
        use_link(parent.store, code, hours=1)


@pytest.mark.parametrize("code", ["", "x", "' or 1=1 --", "\ud800", "a" * 64])
def test_a_code_that_nobody_made_opens_nothing(family: Family, code: str) -> None:
    parent = family(until=Kind.CONSENT)
    assert not is_open(parent.store, code)
    with pytest.raises(LinkSpent):
        use_link(parent.store, code, hours=1)


def test_only_so_many_links_an_hour(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    for _ in range(MOST_AN_HOUR):
        _asks_for_a_link(parent)
    message = parent.writes("LINK")
    assert take(parent.store, parent.content, message, today=parent.today, rules=RULES) is None
    assert "/l/" not in row(parent, queued(parent)[-1]).text


def test_what_is_written_on_the_web_is_answered_there_and_not_by_text(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    opened = use_link(parent.store, _asks_for_a_link(parent), hours=1)
    assert opened.chat is not None
    texts = len(queued(parent))
    written = receive_chat(parent.store, token=opened.chat.token, client_msg_id="a", text="hello?")
    turn = take(parent.store, parent.content, written.message_id, today=parent.today, rules=TakingRules(crossing_seconds=2))
    assert turn is not None and turn.context["channel"] == "web"
    from intake.usecases.replying import finish_turn

    receipt = {"receipt": str(written.message_id), "choices": [], "expects": {"kind": "worry", "id": None}}
    finish_turn(parent.store, written.message_id, ["What worries you?"], receipt, {})
    assert len(queued(parent)) == texts
    answer = next(m for m in parent.all(Message) if m.in_reply_to == written.message_id)
    assert answer.state == "delivered"
    # And back: a text answers the question that was asked on the web.
    message = parent.writes("he does not talk")
    turn = take(parent.store, parent.content, message, today=parent.today, rules=TakingRules(crossing_seconds=2))
    assert turn is not None and turn.context["channel"] == "sms" and turn.context["expects"]["kind"] == "worry"


def test_a_cookies_session_is_exchanged_for_one_of_the_page(family: Family) -> None:
    parent = family(until=Kind.CONSENT, channel="web")
    mine = session_of_cookie(parent.store, token=parent.token, hours=1)
    assert chat_messages(parent.store, token=mine.token, after=0)
    with pytest.raises(SessionUnknown):
        chat_messages(parent.store, token=parent.token, after=0)


def test_a_closed_chat_gives_no_links(family: Family) -> None:
    parent = family(until=Kind.CONSENT, channel="web")
    end_chat(parent.store, token=parent.token)
    with pytest.raises(SessionUnknown):
        link_of_chat(parent.store, token=parent.token, purpose=Purpose.VISIT)


def test_too_many_links_of_a_chat_are_refused(family: Family) -> None:
    parent = family(until=Kind.CONSENT, channel="web")
    for _ in range(MOST_AN_HOUR):
        link_of_chat(parent.store, token=parent.token, purpose=Purpose.VISIT)
    with pytest.raises(TooManyLinks):
        link_of_chat(parent.store, token=parent.token, purpose=Purpose.VISIT)


# the page for the doctor


def test_the_page_for_the_doctor_has_what_was_told_in_both_languages_and_nothing_made_of_it(family: Family) -> None:
    parent = family(until=Kind.CONTACT_CONSENT, channel="web")
    code = link_of_chat(parent.store, token=parent.token, purpose=Purpose.VISIT)
    opened = use_link(parent.store, code, hours=1)
    assert opened.chat is None and opened.purpose is Purpose.VISIT
    page = visit_page(parent.store, parent.content, opened.conversation_id)
    assert page.child and page.age is not None and "month" in page.age.en + "year" and page.worries
    labels = [label for _, items in page.milestones for label in items]
    assert len(labels) == len([item for item in parent.case()["answers"] if parent.content.questions.knows(item["item"])])
    assert all(label.en and label.es and label.en != label.es for label in labels)
    order = [value.value for value, _ in page.milestones]
    assert order == [value for value in ("not_yet", "sometimes", "not_sure", "yes", "skip") if value in order]
    assert page.asks_about_lead, "a worry about talking, under six (T7)"


def test_the_page_bears_the_day_in_connecticut(family: Family) -> None:
    parent = family(until=Kind.CONTACT_CONSENT, channel="web")
    with parent.store.engine.begin() as connection:
        connection.exec_driver_sql("update conversation set last_inbound_at = '2026-11-27 01:30+00'")
    assert visit_page(parent.store, parent.content, parent.conversation().id).told_on.en == "November 26, 2026"


def test_the_page_is_there_before_anything_was_told(family: Family) -> None:
    parent = family(until=Kind.CONSENT, channel="web")
    page = visit_page(parent.store, parent.content, parent.conversation().id)
    assert (page.child, page.age, page.worries, page.milestones, page.lost_skills) == (None, None, (), (), False)
    assert not page.asks_about_lead


@pytest.mark.parametrize("words", ["PAGE", "link"])
def test_a_phone_that_may_be_anothers_gets_no_link(family: Family, words: str) -> None:
    parent = family(until=Kind.WORRY)
    with parent.store.engine.begin() as connection:
        connection.exec_driver_sql("update message set created_at = created_at - interval '46 days'")
    message = parent.writes(words)
    assert take(parent.store, parent.content, message, today=parent.today, rules=RULES) is None
    assert parent.all(ChatLink) == [] and parent.conversation().status == "who_asked"
