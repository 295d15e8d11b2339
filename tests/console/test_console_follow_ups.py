"""The case page shows the texts that we start, and staff call off one that is planned; whoever is first decides."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from console.content import ConsoleContent
from intake.rules.interview import Kind
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Consent, Conversation, Message, Outreach, Referral, ReferralMove
from intake.usecases.calling_off import FollowUpGone, call_off
from intake.usecases.flags import raise_flag
from intake.usecases.outreach import due, plan_follow_ups, schedule_reminder, start
from intake.usecases.staff import StaffRole
from intake.usecases.taking import take
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk, audit_lines
from tests.console.talks import a_talk
from tests.usecases.a_family import AFamily

SENT = datetime(2026, 11, 24, 17, tzinfo=UTC)  # noon in Connecticut
WEEK = timedelta(days=7)
TAGS = re.compile(r"<[^>]+>")


@pytest.fixture
def family(store: Store, console_content: ConsoleContent) -> AFamily:
    """A family with a referral that was sent, and three follow-ups planned."""
    talk = a_talk(store, console_content.intake, Kind.WORRY)
    conversation = talk.conversation()
    with store.transaction() as session:
        session.add(Consent(family_id=conversation.family_id, conversation_id=conversation.id, kind="sms", given=True,
                            source="sms", words_shown="introduction-1", phone_index=conversation.phone_index))
        referral = Referral(conversation_id=conversation.id, program_id="birth_to_three", reason_rule="R1", status="sent",
                            status_at=SENT, moves=[ReferralMove(from_status="ready", to_status="sent", actor="agent",
                                                                source="staff", at=SENT)])
        session.add(referral)
        session.execute(update(Conversation).values(last_inbound_at=SENT))
        session.flush()
        referral_id = referral.id
    plan_follow_ups(store, console_content.intake, referral_id, SENT)
    return talk


def planned(family: AFamily) -> list[Outreach]:
    return sorted((row for row in family.all(Outreach) if row.kind == "follow_up"), key=lambda row: row.due_at)


def part(page: str) -> list[str]:
    """The words of each follow-up on the page."""
    found = re.findall(r'<li id="follow-up-[^>]*>(.*?)</li>', page, re.S)
    return [" ".join(unescape(TAGS.sub(" ", re.sub(r"<form.*?</form>", "", one, flags=re.S))).split()) for one in found]


def page_of(desk: Desk, family: AFamily) -> str:
    return desk.get(f"/cases/{family.conversation().id}").text


def stop(desk: Desk, family: AFamily, row: UUID) -> tuple[int, str]:
    answer = desk.post(f"/cases/{family.conversation().id}/follow-ups/{row}/call-off")
    return answer.status_code, answer.text


def test_what_is_planned_stands_in_local_time_with_channel_and_language(desk: Desk, family: AFamily) -> None:
    shown = part(page_of(desk, family))
    assert len(shown) == 3
    assert shown[0].startswith("Has somebody called you? · Birth to Three planned for Dec 1, 12:00 PM · text messages, English")


@pytest.mark.parametrize(("said", "code"), [("1", "yes, somebody has called"), ("2", "no, nobody has called"),
                                            ("they called but hung up on me", "in their own words")])
def test_what_was_sent_and_answered_says_so_with_the_familys_words(
    desk: Desk, family: AFamily, said: str, code: str
) -> None:
    assert start(family.store, family.content, planned(family)[0].id, SENT + WEEK)
    assert "written" in part(page_of(desk, family))[0] and "waiting to go out" in part(page_of(desk, family))[0]
    with family.store.transaction() as session:
        session.execute(update(Message).where(Message.direction == "outbound").values(state="delivered"))
    message = family.writes(said)
    take(family.store, family.content, message, today=family.today)
    first, second, _ = (one for one in part(page_of(desk, family)) if one.startswith("Has somebody"))
    assert "answered, written" in first and f"The family's answer: {code} {said}" in first
    assert ("The family said that somebody has called." in second) == (said == "1")


def test_a_planned_text_is_called_off_once_and_never_sent(desk: Desk, family: AFamily, ines: int) -> None:
    row = planned(family)[0]
    page = page_of(desk, family)
    assert page.count("Call it off") == 3
    assert [stop(desk, family, row.id)[0] for _ in range(2)] == [303, 303]
    assert (planned(family)[0].state, planned(family)[0].why_canceled) == ("canceled", "called_off")
    assert row.id not in due(family.store, SENT + 60 * WEEK, 10) and not start(family.store, family.content, row.id, SENT + WEEK)
    shown = page_of(desk, family)
    assert "ended" in part(shown)[0] and "Called off by a person of the team." in part(shown)[0]
    assert shown.count("Call it off") == 2
    [line] = audit_lines(family.store, "outreach.called_off")
    assert (line.actor, line.object_type, line.object_id) == (f"staff:{ines}", "outreach", str(row.id))


def test_one_that_the_worker_has_written_meanwhile_is_not_called_off(desk: Desk, family: AFamily) -> None:
    row = planned(family)[0]
    page_of(desk, family)
    assert start(family.store, family.content, row.id, SENT + WEEK)
    status, page = stop(desk, family, row.id)
    assert status == 409 and "It was not called off" in page and 'role="alert"' in page
    assert planned(family)[0].state == "sent" and audit_lines(family.store, "outreach.called_off") == []


def race(family: AFamily, row: Outreach, staff: int) -> tuple[bool, bool]:
    """Staff call ``row`` off while the worker starts it: whether staff did, whether the worker did."""
    barrier = threading.Barrier(2)

    def calls_off() -> bool:
        barrier.wait()
        try:
            call_off(family.store, row.conversation_id, row.id, staff)
        except FollowUpGone:
            return False
        return True

    def starts() -> bool:
        barrier.wait()
        return start(family.store, family.content, row.id, row.due_at)

    with ThreadPoolExecutor(2) as pool:
        of_staff, of_worker = pool.submit(calls_off), pool.submit(starts)
        return of_staff.result(), of_worker.result()


def test_staff_and_worker_at_the_same_moment_one_of_them_has_it(family: AFamily, ines: int) -> None:
    for row in planned(family)[:2]:
        by_staff, by_worker = race(family, row, ines)
        assert by_staff != by_worker, "exactly one"
        now = next(one for one in planned(family) if one.id == row.id)
        assert now.state == ("canceled" if by_staff else "sent")


def test_a_reminder_that_was_called_off_is_not_planned_again_when_the_family_writes(
    desk: Desk, family: AFamily, ines: int
) -> None:
    def plans() -> Outreach:
        with family.store.transaction() as session:
            conversation = session.get_one(Conversation, family.conversation().id)
            schedule_reminder(session, family.content, conversation)
        return next(row for row in family.all(Outreach) if row.kind == "reminder")

    row = plans()
    assert row.state == "waiting"
    call_off(family.store, row.conversation_id, row.id, ines)
    with family.store.transaction() as session:
        session.execute(update(Conversation).values(last_inbound_at=SENT + WEEK))
    assert (plans().state, plans().why_canceled) == ("canceled", "called_off")


def test_a_text_of_another_case_and_an_administrator_get_nothing(app: Flask, desk: Desk, family: AFamily, store: Store) -> None:
    row = planned(family)[0]
    page_of(desk, family)
    assert stop(desk, family, uuid4())[0] == 404
    assert desk.post(f"/cases/{uuid4()}/follow-ups/{row.id}/call-off").status_code == 404
    a_colleague(store, "Ada Cruz", StaffRole.ADMINISTRATOR)
    assert stop(desk_of(app, "Ada"), family, row.id)[0] == 404
    with store.reading() as session:
        assert session.scalars(select(Outreach.state)).all().count("waiting") == len(family.all(Outreach))


@pytest.mark.parametrize(("best_time", "shown"), [
    ("evening", "Evenings"), ("after my shift at 3", "after my shift at 3"), (None, "not told")])
def test_a_no_shows_when_to_call_the_family_and_which_program_is_meant(
        desk: Desk, family: AFamily, store: Store, best_time: str | None, shown: str) -> None:
    with store.transaction() as session:
        conversation = session.scalars(select(Conversation)).one()
        conversation.family.best_time = best_time
        raise_flag(session, conversation, "follow_up_no", "O2", Urgency.STANDARD, item="birth_to_three")
    line = f"Good time to call: {shown}. Program: Birth to Three, 1-800-505-7000"
    assert line in unescape(page_of(desk, family)) and line in unescape(desk.get("/").text)


def test_the_kinds_of_texts_that_we_start_have_their_words_and_a_milestone_its_label(
        desk: Desk, family: AFamily, store: Store) -> None:
    with store.transaction() as session:
        conversation = session.scalars(select(Conversation)).one()
        for kind, item in (("needs_met", None), ("ask_again", "m18.social.points_to_show"), ("next_check", None)):
            session.add(Outreach(conversation_id=conversation.id, kind=kind, item=item, due_at=SENT + WEEK))
    shown = " | ".join(part(page_of(desk, family)))
    assert "Did you get what you needed?" in shown and "Invitation at the next age" in shown
    assert re.search(r"A milestone to ask again · [a-z]", shown)
