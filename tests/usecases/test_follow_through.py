"""What follows an answer: the referral moves on, staff get a task, later the family is asked whether it got what it needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from a_family import OLDER, AFamily
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from test_follow_ups import DAY, PROGRAMS, SENT, AFollowUp

from intake.content.library import Content
from intake.rules.interview import Kind
from intake.rules.outreach import Carried, OutreachKind, due_after
from intake.rules.referral import BarrierCode, ReferralStatus
from intake.rules.texting_hours import allowed
from intake.store.models import Answer, Conversation, Flag, Message, Outreach, Referral, ReferralMove
from intake.usecases.casework import move_referral
from intake.usecases.follow_through import arrived_unasked, plan_after_arrival
from intake.usecases.outreach import answer_follow_up, start
from intake.usecases.replying import Reply, mark_done, reply_plainly, say_unasked
from intake.usecases.sendings import DANGER
from intake.usecases.staff import StaffRole, add_staff
from intake.usecases.taking import take
from worker.outreach import send_due_outreach

Family = Callable[..., AFamily]


@pytest.fixture
def follow_up(family: Family) -> AFollowUp:
    return AFollowUp(family(until=Kind.NEEDS_MET, answers=OLDER))


def of_kind(follow_up: AFollowUp, kind: str, state: str | None = None) -> list[Outreach]:
    rows = [row for row in follow_up.parent.all(Outreach) if row.kind == kind and state in (None, row.state)]
    return sorted(rows, key=lambda row: row.due_at)


def asked_about(follow_up: AFollowUp, program: str = PROGRAMS[0]) -> AFollowUp:
    follow_up.sends(program)
    follow_up.plans()
    row = follow_up.rows("waiting")[0]
    assert follow_up.asks(row.due_at, row)
    return follow_up


def last_text(follow_up: AFollowUp) -> str:
    return max((row for row in follow_up.parent.all(Message) if row.purpose), key=lambda row: row.seq).text


# by the way a referral travels


def familys_way(content: Content) -> str:
    return next(id_ for id_, program in content.programs.programs.items()
                if set(program.referral.ways) <= content.outreach.familys_ways)


def test_a_referral_that_the_family_brings_itself_is_asked_about_in_its_own_words_and_days(
        follow_up: AFollowUp, content: Content) -> None:
    follow_up.sends(familys_way(content))
    follow_up.plans()
    assert [row.due_at - SENT for row in follow_up.rows()] == [5 * DAY, 19 * DAY]
    assert follow_up.asks(SENT + 5 * DAY)
    assert last_text(follow_up) == content.outreach.following[Carried.FAMILY].text.en.format(affiliate="Help Me Grow CT")
    reply = follow_up.answered("2")
    assert reply is not None and reply.text.startswith("Thank you. I told our team, so that they can help.")
    assert follow_up.flags() == {("follow_up_not_asked", familys_way(content))}


def test_what_the_agent_marked_as_sent_is_the_familys_to_bring(follow_up: AFollowUp) -> None:
    follow_up.sends(PROGRAMS[0])
    with follow_up.parent.store.transaction() as session:
        session.execute(update(ReferralMove).where(ReferralMove.to_status == "sent").values(actor="agent", source="agent"))
    follow_up.plans()
    assert [row.due_at - SENT for row in follow_up.rows()] == [5 * DAY, 19 * DAY]


def test_one_text_asks_for_referrals_of_both_kinds(follow_up: AFollowUp, content: Content) -> None:
    follow_up.sends(familys_way(content))
    follow_up.sends(PROGRAMS[0])
    follow_up.plans()
    assert follow_up.asks(SENT + 5 * DAY)  # the one of day 7 comes due within the days that are asked together
    assert last_text(follow_up) == content.outreach.for_both.en.format(affiliate="Help Me Grow CT")
    reply = follow_up.answered("2")
    assert reply is not None and "you need a call" in reply.text
    assert follow_up.flags() == {("follow_up_not_asked", familys_way(content)), ("follow_up_no", PROGRAMS[0])}


# the case moves


@pytest.mark.parametrize(("status", "after"), [
    ("sent", "received"), ("could_not_reach", "received"), ("received", "received"), ("wait_listed", "wait_listed"),
    ("evaluated", "evaluated"), ("declined", "declined")])
def test_a_yes_makes_the_move_that_the_table_allows_and_no_other(follow_up: AFollowUp, status: str, after: str) -> None:
    asked_about(follow_up)
    with follow_up.parent.store.transaction() as session:
        session.execute(update(Referral).where(Referral.id == follow_up.referrals[0]).values(status=status))
    assert follow_up.answered("1") is not None
    referral = next(row for row in follow_up.parent.all(Referral) if row.id == follow_up.referrals[0])
    assert referral.status == after
    assert len(of_kind(follow_up, "needs_met")) == (0 if status == "declined" else 1)


@pytest.mark.parametrize("words", ["2", "3", "they called but hung up"])
def test_anything_but_a_yes_moves_nothing_and_plans_no_last_question(follow_up: AFollowUp, words: str) -> None:
    asked_about(follow_up)
    follow_up.answered(words)
    assert next(row for row in follow_up.parent.all(Referral) if row.id == follow_up.referrals[0]).status == "sent"
    assert of_kind(follow_up, "needs_met") == []


def test_own_words_are_read_by_a_person_and_a_number_after_them_still_answers(follow_up: AFollowUp) -> None:
    asked_about(follow_up)
    assert follow_up.answered("well it is complicated") is None
    assert follow_up.flags() == {("follow_up_words", PROGRAMS[0])}
    assert follow_up.answered("my cousin knows them") is None
    assert follow_up.answered("2") is not None
    assert follow_up.flags() == {("follow_up_words", PROGRAMS[0]), ("follow_up_no", PROGRAMS[0])}


# did you get what you needed


def wrote_last(follow_up: AFollowUp, at: datetime) -> None:
    """All that the family wrote is answered, and the last of it was written ``at``."""
    follow_up.changes(last_inbound_at=at)
    with follow_up.parent.store.transaction() as session:
        session.execute(update(Message).where(Message.direction == "inbound").values(state="done"))


def asked_for_needs(follow_up: AFollowUp) -> AFollowUp:
    asked_about(follow_up)
    assert follow_up.answered("yes") is not None
    (row,) = of_kind(follow_up, "needs_met")
    wrote_last(follow_up, row.due_at - DAY)
    assert start(follow_up.parent.store, follow_up.parent.content, row.id, row.due_at)
    with follow_up.parent.store.transaction() as session:
        session.execute(update(Message).where(Message.state == "queued").values(state="delivered"))
    return follow_up


def test_after_a_yes_the_family_is_asked_once_some_days_on_whether_it_got_what_it_needed(follow_up: AFollowUp) -> None:
    asked_for_needs(follow_up)
    assert last_text(follow_up).startswith("Help Me Grow CT: Did you get what you needed?")
    (row,) = of_kind(follow_up, "needs_met")
    assert row.due_at - datetime.now(UTC) > 13 * DAY
    assert follow_up.rows("waiting") == []


@pytest.mark.parametrize(("words", "code", "flag"), [
    ("1", "yes", None), ("más o menos", "partly", None), ("2", "partly", None), ("3", "no", "follow_up_unmet"),
    ("not really", "no", "follow_up_unmet")])
def test_the_answer_is_kept_as_the_needs_met_of_the_case_with_its_message_and_time(
        follow_up: AFollowUp, words: str, code: str, flag: str | None) -> None:
    asked_for_needs(follow_up)
    reply = follow_up.answered(words)
    assert reply is not None and reply.text.startswith("Thank you for telling us.")
    (row,) = of_kind(follow_up, "needs_met")
    assert (row.state, row.answer, row.referral_id) == ("answered", code, follow_up.referrals[0])
    (answer,) = [one for one in follow_up.parent.all(Answer) if one.item == "needs_met" and one.replaced_at is None]
    assert (answer.value, answer.own_words, answer.message_id) == (code, words, row.answered_in)
    assert answer.asked_in == row.message_id
    assert [one.code for one in follow_up.parent.all(Flag) if one.rule == "O4"] == ([flag] if flag else [])


def test_what_was_told_at_the_end_of_the_talk_is_replaced_and_stays_in_the_record(follow_up: AFollowUp) -> None:
    follow_up.parent.say(*follow_up.parent.answer_to(follow_up.parent.open()))
    asked_for_needs(follow_up)
    follow_up.answered("3")
    told = [one for one in follow_up.parent.all(Answer) if one.item == "needs_met"]
    before, after = sorted(told, key=lambda one: one.created_at)
    assert (before.value, before.replaced_by, after.value) == ("yes", after.id, "no")


def test_own_words_about_it_are_read_by_a_person_and_keep_no_code(follow_up: AFollowUp) -> None:
    asked_for_needs(follow_up)
    assert follow_up.answered("the lady was nice but the speech part never came") is None
    assert ("follow_up_words", PROGRAMS[0]) in follow_up.flags()
    assert [one for one in follow_up.parent.all(Answer) if one.item == "needs_met"] == []


def test_a_referral_that_staff_connected_is_asked_about_that_once_and_nothing_else(follow_up: AFollowUp) -> None:
    store, content = follow_up.parent.store, follow_up.parent.content
    staff = add_staff(store, "ines@example.org", "Ines", "a long enough phrase", StaffRole.INTAKE)
    referral = follow_up.parent.all(Referral)[0]
    version = move_referral(store, referral.id, ReferralStatus.SENT, staff, referral.version)
    now = datetime.now(UTC)
    send_due_outreach(store, content, now)
    version = move_referral(store, referral.id, ReferralStatus.CONNECTED, staff, version)
    for _ in range(2):
        assert send_due_outreach(store, content, now) == 0
    (row,) = of_kind(follow_up, "needs_met")
    assert timedelta(days=14) <= row.due_at - now < timedelta(days=15, hours=1)
    assert {one.why_canceled for one in follow_up.rows()} == {"referral_ended"}
    move_referral(store, referral.id, ReferralStatus.CLOSED, staff, version)
    follow_up.changes(last_inbound_at=row.due_at - DAY)
    assert start(store, content, row.id, row.due_at)  # closed after it was connected: asked all the same
    assert arrived_unasked(store, content, now) == []


def test_a_referral_that_ended_otherwise_is_not_asked_about_at_all(follow_up: AFollowUp) -> None:
    asked_about(follow_up)
    follow_up.answered("1")
    store = follow_up.parent.store
    staff = add_staff(store, "ines@example.org", "Ines", "a long enough phrase", StaffRole.INTAKE)
    referral = next(row for row in follow_up.parent.all(Referral) if row.id == follow_up.referrals[0])
    move_referral(store, referral.id, ReferralStatus.DECLINED, staff, referral.version, BarrierCode.FAMILY_CHOSE_NOT_TO)
    assert [(row.state, row.why_canceled) for row in of_kind(follow_up, "needs_met")] == [("canceled", "referral_ended")]


def test_planning_after_an_arrival_twice_or_for_another_referral_changes_nothing(follow_up: AFollowUp) -> None:
    referral = follow_up.sends(PROGRAMS[0])
    plan_after_arrival(follow_up.parent.store, follow_up.parent.content, referral, SENT)
    assert of_kind(follow_up, "needs_met") == []  # it never arrived
    plan_after_arrival(follow_up.parent.store, follow_up.parent.content, follow_up.parent.conversation().id, SENT)
    assert of_kind(follow_up, "needs_met") == []


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)))
def test_the_last_question_comes_in_the_allowed_hours_also_when_the_clocks_change(at: datetime) -> None:
    zones = ("America/New_York", "America/Los_Angeles")
    due = due_after(at.replace(tzinfo=UTC), 14, zones)
    assert allowed(due, zones) and due >= at.replace(tzinfo=UTC) + 14 * DAY


# what lies between a question and its answer


def replies(follow_up: AFollowUp, words: str, reply: Reply, **more: Any) -> None:
    """The family writes something else, and is answered with ``reply``."""
    message_id = follow_up.parent.writes(words)
    with follow_up.parent.store.transaction() as session:
        message = session.get_one(Message, message_id)
        reply_plainly(session, session.get_one(Conversation, message.conversation_id), message, reply, **more)
        session.flush()
        session.execute(update(Message).where(Message.state == "queued").values(state="delivered"))


@pytest.mark.parametrize("words", ["HELP", "PLAY", "AYUDA", "JUGAR", "ideas", "what can I do at home"])
@pytest.mark.parametrize("finished", [True, False])
def test_a_command_between_the_question_and_its_answer_costs_no_answer(
        follow_up: AFollowUp, words: str, finished: bool) -> None:
    asked_about(follow_up)
    if finished:
        follow_up.changes(expects_kind="free", expects_id="finished")
    message_id = follow_up.parent.writes(words)
    assert take(follow_up.parent.store, follow_up.parent.content, message_id) is None
    with follow_up.parent.store.transaction() as session:
        session.execute(update(Message).where(Message.state == "queued").values(state="delivered"))
    assert follow_up.answered("2") is not None
    assert follow_up.flags() == {("follow_up_no", PROGRAMS[0])}


def test_help_asks_the_follow_up_again_and_not_the_question_before_it(follow_up: AFollowUp) -> None:
    asked_about(follow_up)
    take(follow_up.parent.store, follow_up.parent.content, follow_up.parent.writes("HELP"))
    said = max(follow_up.parent.all(Message), key=lambda row: row.seq)
    assert "Has someone called you back?" in said.text and (said.payload or {})["expects"] is None


@pytest.mark.parametrize("words", ["thanks", "ok thank you", "Gracias", "hola"])
def test_a_thank_you_is_no_answer_and_costs_none(follow_up: AFollowUp, words: str) -> None:
    asked_about(follow_up)
    reply = follow_up.answered(words)
    assert reply is not None and reply.text == follow_up.parent.content.outreach.asking[OutreachKind.FOLLOW_UP].still_open.en
    assert follow_up.flags() == set()
    assert follow_up.answered("1") is not None
    assert follow_up.flags() == {("follow_up_yes", PROGRAMS[0])}


def test_a_colleagues_word_that_asks_nothing_costs_no_answer_and_their_question_does(follow_up: AFollowUp) -> None:
    asked_about(follow_up)
    for text, counts in (("I left them a message for you.", True), ("Can I call you tomorrow?", False)):
        with follow_up.parent.store.transaction() as session:
            conversation = session.scalars(select(Conversation)).one()
            said = say_unasked(session, conversation, Reply(text), speaker="staff")
            said.state = "delivered"
        assert (follow_up.answered("what?" if counts else "yes") is None) is True
        assert bool(follow_up.flags()) is True
    assert follow_up.flags() == {("follow_up_words", PROGRAMS[0])}


def test_after_words_of_danger_a_yes_is_none_to_the_question_before(follow_up: AFollowUp) -> None:
    asked_about(follow_up)
    replies(follow_up, "he is not breathing", Reply("Call 911 now."), purpose=DANGER)
    assert follow_up.answered("yes") is None and follow_up.flags() == set()


def test_a_question_of_ours_that_came_later_is_the_one_that_is_answered(follow_up: AFollowUp) -> None:
    asked_about(follow_up)
    outcome = follow_up.parent.say("hi", lambda scene: None)
    assert outcome.expects is not None and outcome.expects.kind is Kind.NEEDS_MET
    with follow_up.parent.store.transaction() as session:
        session.execute(update(Message).where(Message.state == "queued").values(state="delivered"))
    assert follow_up.answered("1") is None and follow_up.flags() == set()


def test_a_message_that_nobody_answered_lies_between_and_costs_no_answer(follow_up: AFollowUp) -> None:
    asked_about(follow_up)
    message_id = follow_up.parent.writes("...")
    with follow_up.parent.store.transaction() as session:
        mark_done(session.get_one(Message, message_id))
    assert follow_up.answered("1") is not None


def test_a_worker_that_dies_between_plan_and_text_leaves_a_plan_that_the_next_one_carries_out_once(follow_up: AFollowUp) -> None:
    asked_about(follow_up)
    follow_up.answered("1")
    (row,) = of_kind(follow_up, "needs_met", "waiting")
    wrote_last(follow_up, row.due_at - DAY)
    store, content = follow_up.parent.store, follow_up.parent.content

    class Dies(Exception):
        pass

    with pytest.raises(Dies), store.transaction() as session:
        session.execute(update(Outreach).where(Outreach.id == row.id).values(state="sent"))
        raise Dies
    assert [send_due_outreach(store, content, row.due_at) for _ in range(3)] == [1, 0, 0]
    assert len([one for one in follow_up.parent.all(Message) if one.purpose == "needs_met"]) == 1


def test_an_answer_taken_twice_moves_and_plans_once(follow_up: AFollowUp) -> None:
    asked_about(follow_up)
    message_id = follow_up.parent.writes("1")
    for _ in range(2):
        assert take(follow_up.parent.store, follow_up.parent.content, message_id) is None
    moves = [one for one in follow_up.parent.all(ReferralMove) if one.to_status == "received"]
    assert len(moves) == 1 and len(of_kind(follow_up, "needs_met")) == 1


def test_deleting_data_ends_what_is_planned_without_a_task(follow_up: AFollowUp) -> None:
    follow_up.sends(PROGRAMS[0])
    follow_up.plans()
    with follow_up.parent.store.transaction() as session:
        session.add(Flag(conversation_id=follow_up.parent.conversation().id, code="delete_data", rule="privacy",
                         urgency="standard"))
    assert not follow_up.asks()
    assert follow_up.rows()[0].why_canceled == "deletion" and follow_up.flags() == set()


def test_the_follow_up_is_asked_as_the_rule_reads_it_in_both_languages(follow_up: AFollowUp) -> None:
    follow_up.changes(language="es")
    asked_about(follow_up)
    assert "¿Ya le llamaron?" in last_text(follow_up)
    with follow_up.parent.store.transaction() as session:
        message = session.get_one(Message, follow_up.parent.writes("ya me llamaron"))
        conversation = session.get_one(Conversation, message.conversation_id)
        reply = answer_follow_up(session, follow_up.parent.content, conversation, message)
    assert reply is not None and reply.text.startswith("Gracias")
