"""Cases W26 to W31: receipts, true and forged; floods and what they may cost; whoever holds a phone that is no longer ours."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from line import Line, nothing
from sqlalchemy import select, update

from intake.rules.interview import Kind
from intake.rules.outreach import Carried
from intake.store.models import Conversation, DeliveryReceipt, Message, Outreach, Referral, ReferralMove
from intake.usecases.claiming import SendingRules
from worker.outreach import send_due_outreach

CHILD = "Mateo"
DAY = timedelta(days=1)


def system_words(line: Line, purpose: str, language: str = "en") -> str:
    return line.content.messages.system(purpose, "es" if language == "es" else "en")


def receipt(line: Line, told_of: object, state: str, sid: str = "SM" + "7" * 32, **more: str) -> int:
    return line.twilio.post(f"/sms/status/{told_of}", {"MessageSid": sid, "MessageStatus": state, **more}).status_code


@pytest.mark.parametrize("told_of", ["7f1f3f0e-5a52-4c53-9a0e-2f5f4f6d1b10", "not-an-id", "x" * 300])
def test_w26_a_receipt_for_a_text_that_is_not_ours_is_kept_and_changes_nothing(line: Line, told_of: object) -> None:
    line.says("hi")
    before = line.kept()
    assert [receipt(line, told_of, "delivered") for _ in range(2)] == [204, 204]
    assert line.kept() - before == {"delivery_receipt": 1} and line.flags() == []
    assert [row.known for row in line.all(DeliveryReceipt)].count(False) == 1


@pytest.mark.parametrize("state", ["sent", "queued", "failed", "undelivered", "a_state_of_the_future", ""])
def test_w26_after_delivered_no_receipt_moves_a_text_back_or_on(line: Line, state: str) -> None:
    line.says("hi")
    [text] = line.said()
    assert text.state == "delivered"
    before, error = line.kept(), {"ErrorCode": "30003"} if state in ("failed", "undelivered") else {}
    assert receipt(line, text.id, state, **error) == 204
    [after] = line.said()
    assert (after.state, after.error_code, after.twilio_sid) == ("delivered", None, text.twilio_sid)
    assert line.kept() - before == {"delivery_receipt": 1} and line.flags() == []


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_w26_in_whatever_order_its_receipts_come_a_text_ends_as_delivered(line: Line, order: tuple[str, ...]) -> None:
    line.carrier.faults({"callbacks": {"drop": 1.0}})
    line.posts(Body="hi")
    line.takes_turns()
    [text] = line.said()
    line.delivers(text.id)
    sid = line.said()[0].twilio_sid
    assert sid is not None and line.said()[0].state == "sent"
    assert [receipt(line, text.id, state, sid) for state in (*order, *order)] == [204] * 6
    assert line.said()[0].state == "delivered" and len(line.all(DeliveryReceipt)) == 3, "each telling is kept once"


def test_w27_a_forged_receipt_is_forbidden_counted_and_changes_nothing(line: Line) -> None:
    line.says("hi")
    [text] = line.said()
    before, counted = line.kept(), line.gateway.refused("sms_wrong_signature")
    forged = {"MessageSid": text.twilio_sid or "", "MessageStatus": "failed", "ErrorCode": "30007"}
    path = f"/sms/status/{text.id}"
    assert line.twilio.post(path, forged, signature="A" * 27 + "=").status_code == 403
    for_another = line.signature_of(forged, f"/sms/status/{uuid4()}")
    assert line.twilio.post(path, forged, signature=for_another).status_code == 403, "signed for another text"
    assert line.http.post(path, data=forged).status_code == 403
    assert line.gateway.refused("sms_wrong_signature") == counted + 2
    assert nothing(line, before) and line.flags() == [] and line.said()[0].state == "delivered"


def test_w28_five_hundred_texts_in_a_minute_are_all_kept_and_told_of_once(line: Line) -> None:
    with ThreadPoolExecutor(4) as pool:
        forms = [line.a_text(Body=f"text number {number}") for number in range(500)]
        statuses = list(pool.map(lambda form: line.twilio.post("/sms/inbound", form).status_code, forms))
    assert set(statuses) == {200}
    line.works()
    heard = line.heard()
    assert {row.text for row in heard} == {f"text number {number}" for number in range(500)}
    silent = [row.seq for row in heard if row.state == "silent"]
    assert len(silent) > 450 and silent == list(range(501 - len(silent), 501)), "from then on kept for staff, not answered"
    notice = system_words(line, "flood")
    assert line.shown().count(notice) == 1 and line.shown()[-1] == notice and len(line.shown()) <= 31
    assert line.flags() == [("flood", "W28")]
    before = line.kept()["sent"]
    assert line.says("hello?") == [] and line.kept()["sent"] == before, "no second notice"


def test_w28_thirty_texts_in_a_minute_are_answered_one_by_one_and_the_next_is_not(line: Line) -> None:
    answered = [line.says(f"text {number}") for number in range(33)]
    assert all(len(told) == 1 for told in answered[:31]) and answered[31:] == [[], []]
    assert answered[30] == [system_words(line, "flood")] and len(line.engine.turns) == 30
    line.ages(minutes=2)
    assert line.says("sorry about that") != [], "a minute later the phone is heard again"


def test_w28_the_cap_on_a_days_texts_raises_an_alarm_and_lets_words_about_danger_leave(line: Line) -> None:
    line.sending = SendingRules(daily_segments=2)
    assert [len(line.says(words)) for words in ("hi", "what is this", "hello?")] == [1, 1, 0]
    assert line.alarms() == ["spend_cap"] and set(line.put_off) == {"spend_cap"}
    assert line.said()[-1].state == "queued", "it waits for tomorrow's amount"
    [told] = line.says("my son swallowed a battery")
    assert "1-800-498-8666" in told or "911" in told
    [held] = line.says("hi again")
    assert "911" in held or "1-800-498-8666" in held, "the question about the danger comes once more"
    assert line.says("yes he is safe") == [] and line.alarms() == ["spend_cap"]
    line.sending = SendingRules(daily_segments=100)
    for row in [row for row in line.said() if row.state == "queued"]:
        line.delivers(row.id)
    line.works()
    assert {row.state for row in line.said()} == {"delivered"} and line.alarms() == []


def noon() -> datetime:
    """Noon in Connecticut, two days from now."""
    return datetime.now(UTC).replace(hour=17, minute=0, second=0, microsecond=0) + 2 * DAY


def starts(line: Line, at: datetime) -> int:
    """The worker's look for texts that are due ``at`` this moment, and their sending; how many were written."""
    with time_machine.travel(at, tick=True):
        written = send_due_outreach(line.store, line.content, datetime.now(UTC))
        line.works()
    return written


def changes(line: Line, **values: Any) -> None:
    with line.store.transaction() as session:
        session.execute(update(Conversation).values(values))


def stops_at_a_question(line: Line, language: str, at: datetime) -> None:
    """A family that told a name and a worry, and wrote for the last time the day before."""
    line.leads_to(Kind.MILESTONE)
    [told] = line.says("a veces" if language == "es" else "sometimes")
    assert CHILD in told, "an ordinary answer names the child"
    changes(line, language=language, last_inbound_at=at - DAY - timedelta(minutes=1))
    with line.store.transaction() as session:
        session.execute(update(Outreach).values(due_at=at - timedelta(minutes=1)))


def has_finished_and_been_referred(line: Line, language: str, at: datetime) -> None:
    """A family whose referral staff sent a week before."""
    stops_at_a_question(line, language, at)
    changes(line, expects_kind="free", expects_id="finished")
    with line.store.transaction() as session:
        conversation = session.scalars(select(Conversation)).one()
        referral = Referral(conversation_id=conversation.id, program_id="birth_to_three", reason_rule="R1", status="sent")
        session.add(referral)
        session.flush()
        session.add(ReferralMove(referral_id=referral.id, from_status="ready", to_status="sent", actor="staff:1",
                                 source="staff", at=at - 7 * DAY))


Situation = Callable[[Line, str, datetime], None]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("situation", [stops_at_a_question, has_finished_and_been_referred])
def test_w29_a_text_that_we_start_shows_whoever_holds_the_phone_nothing_of_a_child(
        line: Line, situation: Situation, language: str) -> None:
    situation(line, language, noon())
    before = len(line.shown())
    assert starts(line, noon()) == 1
    [told] = line.shown()[before:]
    outreach = line.content.outreach
    words = outreach.reminder if situation is stops_at_a_question else outreach.following[Carried.STAFF].text
    affiliate = line.content.messages.affiliate
    spoken = "es" if language == "es" else "en"
    assert told == words.in_language(spoken).format(affiliate=affiliate.short_name.in_language(spoken), phone=affiliate.phone)
    assert CHILD not in told and "Birth to Three" not in told


def test_w29_a_new_holder_who_says_so_ends_it_and_the_case_stays_with_staff_alone(line: Line) -> None:
    stops_at_a_question(line, "en", noon())
    assert starts(line, noon()) == 1
    before, answers = len(line.shown()), line.case()["answers"]
    assert line.says("sorry, wrong number") == [system_words(line, "wrong_number")]
    first = line.conversation()
    assert first.status == "wrong_person" and ("wrong_number", "W30") in line.flags()
    assert line.case()["answers"] == answers, "nothing is lost to staff"
    turns = len(line.engine.turns)
    assert line.says("what is this about?") != [] and line.says("who is the child") != []
    assert all(turn["context"]["child_name"] is None and turn["conversation"] != first.public_id
               for turn in line.engine.turns[turns:])
    assert not any(CHILD in told or "milestone" in told for told in line.shown()[before:])
    assert starts(line, noon() + 5 * DAY) == 0, "nothing more is started"


def test_w29_a_number_silent_for_so_long_that_it_may_be_anothers_gets_no_text_that_we_start(line: Line) -> None:
    has_finished_and_been_referred(line, "en", noon())
    changes(line, last_inbound_at=noon() - 46 * DAY)
    before = line.kept()["sent"]
    assert starts(line, noon()) == 0
    assert line.kept()["sent"] == before and "follow_up_by_phone" in [code for code, _ in line.flags()]


@pytest.mark.parametrize(("words", "language"), [
    ("Wrong number", "en"), ("new phone who dis", "en"), ("número equivocado", "es")])
def test_w30_a_wrong_number_is_answered_without_a_word_of_the_case_and_ends_it(
        line: Line, words: str, language: str) -> None:
    line.leads_to(Kind.MILESTONE)
    line.posts(Body="sometimes")
    line.takes_turns()
    assert CHILD in line.said()[-1].text and line.said()[-1].state == "queued"
    before = len(line.shown())
    line.posts(Body=words)
    line.takes_turns()
    line.works()
    [told] = line.shown()[before:]
    affiliate = line.content.messages.affiliate.short_name.in_language("es" if language == "es" else "en")
    assert told == system_words(line, "wrong_number", language) and affiliate in told
    assert line.conversation().status == "wrong_person" and line.ledger() == [True, False]
    assert ("wrong_number", "W30") in line.flags() and line.said()[-2].state == "canceled"


@pytest.mark.parametrize(("words", "then", "language", "stop"), [
    ("who is this", "does he talk yet", "en", "STOP"), ("¿Quién es?", "¿y de qué se trata esto?", "es", "ALTO")])
def test_w30_who_asks_out_of_the_blue_is_told_the_program_and_how_to_stop_and_no_more(
        line: Line, words: str, then: str, language: str, stop: str) -> None:
    line.leads_to(Kind.MILESTONE)
    line.ages(hours=3)
    turns = len(line.engine.turns)
    [told] = line.says(words)
    affiliate = line.content.messages.affiliate.short_name.in_language("es" if language == "es" else "en")
    assert told == system_words(line, "who_we_are", language) and affiliate in told and stop in told
    [again] = line.says(then)
    assert again == told, "nothing but a plain yes brings a question about the child"
    assert len(line.engine.turns) == turns and ("who_is_this", "W30") in line.flags()
    [question] = line.says("yes")
    assert "ask_milestone" in question and line.conversation().status == "open"


def test_w30_who_asks_and_then_stops_gets_no_more_texts(line: Line) -> None:
    line.leads_to(Kind.MILESTONE)
    line.ages(hours=3)
    line.says("who is this")
    assert line.says("STOP") == [] and line.is_suppressed() and line.says("who is this") == []


@pytest.mark.parametrize("path", ["/sms/inbound", "/sms/status/7f1f3f0e-5a52-4c53-9a0e-2f5f4f6d1b10"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_w31_nothing_but_a_post_reaches_the_webhooks(line: Line, path: str, method: str) -> None:
    fields = line.a_text()
    headers = {"X-Twilio-Signature": line.signature_of(fields, path)}
    response = line.http.request(method, path, params=fields, headers=headers)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert nothing(line)


def test_w31_what_stands_in_the_address_of_a_get_is_not_taken_for_a_text(line: Line) -> None:
    fields = line.a_text(Body="hi")
    signed = line.signature_of({}, "/sms/inbound")
    assert line.http.get("/sms/inbound", params=fields, headers={"X-Twilio-Signature": signed}).status_code == 405
    assert nothing(line) and line.all(Message) == []
