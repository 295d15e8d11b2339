"""The invitation at the next age: asked for once at the end, texted on that day, begun with a GO; strangers learn nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from a_family import OLDER, AFamily, birth, born, said
from sqlalchemy import update

from intake.rules.age import add_months
from intake.rules.interview import NEXT_CHECK, Expects, Kind
from intake.store.models import Child, Consent, Conversation, Flag, Message, Outreach, Referral
from intake.usecases import about_child, contact, next_check
from intake.usecases.outreach import start
from intake.usecases.receiving import WHO_ASKED
from intake.usecases.scene import Scene
from intake.usecases.taking import take
from worker.outreach import send_due_outreach

Family = Callable[..., AFamily]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
INVITED = Expects(Kind.CONTACT_CONSENT, NEXT_CHECK)
HOME = ZoneInfo("America/New_York")


@pytest.fixture(params=["en", "es"])
def parent(request: pytest.FixtureRequest, family: Family) -> AFamily:
    """A family with a child of 18 months that has told everything and is asked whether we may write again."""
    parent = family(until=Kind.NEEDS_MET, language=request.param)
    parent.say(*parent.answer_to(parent.open()))
    assert parent.open() == INVITED
    return parent


def invitations(parent: AFamily) -> list[Outreach]:
    return [row for row in parent.all(Outreach) if row.kind == "next_check"]


def born_on_day(parent: AFamily) -> date:
    (child,) = parent.all(Child)
    assert child.birth_date is not None
    return child.birth_date


def agrees(parent: AFamily) -> Outreach:
    parent.say("yes", next_check.agree_to_next_check)
    (row,) = invitations(parent)
    return row


def time_passes(parent: AFamily, until: datetime, silent: timedelta) -> None:
    """Everything is answered, and nobody has written for ``silent`` before ``until``."""
    with parent.store.transaction() as session:
        session.execute(update(Message).where(Message.direction == "inbound").values(state="done", created_at=until - silent))
        session.execute(update(Message).where(Message.state == "queued").values(state="delivered"))
        session.execute(update(Conversation).values(last_inbound_at=until - silent))


def is_texted(parent: AFamily, silent: timedelta = 180 * DAY) -> str:
    row = invitations(parent)[0]
    time_passes(parent, row.due_at, silent)
    assert send_due_outreach(parent.store, parent.content, row.due_at) == 1
    with parent.store.transaction() as session:
        session.execute(update(Message).where(Message.state == "queued").values(state="delivered"))
    return max((one for one in parent.all(Message) if one.purpose), key=lambda one: one.seq).text


# the question


def test_the_next_age_is_named_and_a_yes_is_a_consent_of_its_own(parent: AFamily) -> None:
    row = agrees(parent)
    born_on = born_on_day(parent)
    (consent,) = [one for one in parent.all(Consent) if one.kind == "next_check"]
    assert (consent.given, consent.words_shown) == (True, "next_check-1") and consent.message_id is not None
    local = row.due_at.astimezone(HOME)
    assert (row.number, local.date(), local.hour) == (24, add_months(born_on, 24), 10)
    assert parent.value("next_check") == "yes" and parent.value(Kind.CONTACT_CONSENT) == "yes"


def test_the_question_names_child_and_age_and_its_yes_moves_no_referral(parent: AFamily) -> None:
    parent.say("why?", lambda scene: None)
    statuses = [one["status"] for one in parent.case()["referrals"]]
    outcome = parent.say("yes", next_check.agree_to_next_check)
    assert said(outcome)[0] == "next_check_thanks" and outcome.expects == Expects(Kind.FREE, "finished")
    assert [one["status"] for one in parent.case()["referrals"]] == statuses


def test_the_talk_is_closed_before_that_question_and_not_once_more_after_it(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET)
    assert said(parent.say(*parent.answer_to(parent.open()))) == ["finished_by_text", "ask_next_check"]
    assert said(parent.say("yes", next_check.agree_to_next_check)) == ["next_check_thanks"]


def test_a_no_is_kept_and_plans_nothing_and_it_is_asked_once(parent: AFamily) -> None:
    outcome = parent.say("no", next_check.refuse_next_check)
    assert "next_check_refused" in said(outcome) and invitations(parent) == []
    assert [one.given for one in parent.all(Consent) if one.kind == "next_check"] == [False]
    assert parent.say("hi", lambda scene: None).expects == Expects(Kind.FREE, "finished")


def test_who_leaves_it_unanswered_has_finished_and_is_not_reminded(parent: AFamily) -> None:
    assert parent.conversation().finished_at is not None
    assert [row for row in parent.all(Outreach) if row.kind == "reminder" and row.state == "waiting"] == []


def test_a_yes_that_is_taken_back_takes_back_the_text_and_said_again_plans_it_again(parent: AFamily) -> None:
    agrees(parent)
    parent.say("no wait", next_check.refuse_next_check)
    assert [(row.state, row.why_canceled) for row in invitations(parent)] == [("canceled", "refused")]
    for _ in range(2):
        parent.say("yes", next_check.agree_to_next_check)
    assert [(row.state, row.why_canceled) for row in invitations(parent)] == [("waiting", None)]


@pytest.mark.parametrize("answers", [OLDER, {Kind.BIRTH_DATE: birth(born(61))}])
def test_after_the_last_list_nobody_is_asked(family: Family, answers: dict[Kind, tuple[str, object]]) -> None:
    parent = family(until=Kind.NEEDS_MET, answers=answers)
    assert parent.say(*parent.answer_to(parent.open())).expects == Expects(Kind.FREE, "finished")


@pytest.mark.parametrize("relation", ["doctor", "daycare teacher"])
def test_who_is_no_family_is_not_asked(family: Family, relation: str) -> None:
    parent = family(until=Kind.NEEDS_MET, answers={Kind.RELATION: (relation, about_child.tell_relation)})
    assert parent.say(*parent.answer_to(parent.open())).expects == Expects(Kind.FREE, "finished")


def test_on_the_web_nobody_is_asked(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET, channel="web", answers={Kind.PHONE: ("skip", _skips_phone)})
    assert parent.say(*parent.answer_to(parent.open())).expects == Expects(Kind.FREE, "finished")


def _skips_phone(scene: Scene) -> Expects | None:
    return contact.skip_contact_detail(scene, Kind.PHONE)


def test_a_child_born_early_is_invited_by_the_corrected_age(family: Family) -> None:
    early = ("10 weeks early", lambda scene: about_child.tell_early_birth(scene, "yes", 10))
    parent = family(until=Kind.NEEDS_MET, answers={Kind.BIRTH_DATE: birth(born(14)), Kind.EARLY_BIRTH: early})
    parent.say(*parent.answer_to(parent.open()))
    row = agrees(parent)
    born_on = born_on_day(parent)
    assert (row.number, row.due_at.astimezone(HOME).date()) == (15, add_months(born_on + timedelta(weeks=10), 15))


# the text


def test_the_text_comes_after_half_a_year_of_silence_and_names_nothing(parent: AFamily) -> None:
    agrees(parent)
    text = is_texted(parent)
    assert "Mateo" not in text and "develop" not in text and ("STOP" in text or "ALTO" in text)
    assert send_due_outreach(parent.store, parent.content, invitations(parent)[0].due_at + DAY) == 0


def test_after_a_longer_silence_a_person_calls_instead(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET)
    parent.say(*parent.answer_to(parent.open()))
    row = agrees(parent)
    time_passes(parent, row.due_at, 401 * DAY)
    assert not start(parent.store, parent.content, row.id, row.due_at)
    assert invitations(parent)[0].why_canceled == "number_unsure"
    assert "next_check_by_phone" in {flag.code for flag in parent.all(Flag)}


@pytest.mark.parametrize(("months", "why"), [(24 + 9 * 12, "over_age"), (6, None)])
def test_a_birth_date_that_was_corrected_moves_the_text_or_ends_it(family: Family, months: int, why: str | None) -> None:
    parent = family(until=Kind.NEEDS_MET)
    parent.say(*parent.answer_to(parent.open()))
    row = agrees(parent)
    time_passes(parent, row.due_at, 100 * DAY)
    corrected: date = born(months)
    with parent.store.transaction() as session:
        session.execute(update(Child).values(birth_date=corrected))
    assert not start(parent.store, parent.content, row.id, row.due_at)
    (after,) = invitations(parent)
    assert after.why_canceled == why
    if why is None:
        assert after.due_at.astimezone(HOME).date() == add_months(corrected, 24)


def test_stop_and_deleting_data_end_it(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET)
    parent.say(*parent.answer_to(parent.open()))
    row = agrees(parent)
    parent.is_taken("STOP")
    time_passes(parent, row.due_at, 100 * DAY)
    assert not start(parent.store, parent.content, row.id, row.due_at)
    assert invitations(parent)[0].why_canceled in ("no_opt_in", "not_open")
    assert "next_check_by_phone" not in {flag.code for flag in parent.all(Flag)}


# coming back


def test_within_some_weeks_a_go_begins_at_once(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET)
    parent.say(*parent.answer_to(parent.open()))
    agrees(parent)
    is_texted(parent, silent=40 * DAY)
    with parent.store.transaction() as session:  # the talk was lately, as the database's clock tells it
        session.execute(update(Message).where(Message.direction == "inbound").values(created_at=datetime.now(UTC) - 40 * DAY))
    turn = take(parent.store, parent.content, parent.writes("GO"), today=parent.today)
    assert turn is not None and turn.context["picked"] is True
    assert turn.context["expects"] == {"kind": "free", "id": "next_check"}


def test_after_a_long_silence_the_one_who_answers_first_says_that_it_is_them(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET)
    parent.say(*parent.answer_to(parent.open()))
    agrees(parent)
    is_texted(parent)
    with parent.store.transaction() as session:
        session.execute(update(Message).where(Message.direction == "inbound").values(created_at=datetime.now(UTC) - 180 * DAY))
    assert take(parent.store, parent.content, parent.writes("GO"), today=parent.today) is None
    asked = max(parent.all(Message), key=lambda row: row.seq)
    assert parent.conversation().status == WHO_ASKED and "Mateo" not in asked.text
    with parent.store.transaction() as session:
        session.execute(update(Message).where(Message.state == "queued").values(state="delivered"))
    turn = take(parent.store, parent.content, parent.writes("yes"), today=parent.today)
    assert turn is not None and turn.context["expects"] == {"kind": "free", "id": "next_check"}


def test_a_stranger_who_says_so_learns_nothing(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET)
    parent.say(*parent.answer_to(parent.open()))
    agrees(parent)
    is_texted(parent)
    assert take(parent.store, parent.content, parent.writes("wrong number"), today=parent.today) is None
    said_last = max(parent.all(Message), key=lambda row: row.seq)
    assert parent.conversation().status == "wrong_person" and "Mateo" not in said_last.text


def comes_back(parent: AFamily, months: int = 24) -> AFamily:
    """The GO on the day the child is ``months`` old, as the engine hands it to the use case."""
    parent.today = add_months(born_on_day(parent), months)
    outcome = parent.say("go", next_check.begin_next_check, Expects(Kind.FREE, NEXT_CHECK))
    assert said(outcome)[0] == "next_check_begins"
    return parent


def test_a_go_begins_the_next_list_and_asks_nothing_that_is_known(parent: AFamily) -> None:
    agrees(parent)
    is_texted(parent)
    comes_back(parent)
    assert parent.open() == Expects(Kind.WORRY)
    assert [row.answer for row in invitations(parent)] == ["go"]
    asked = []
    for _ in range(60):
        expects = parent.open()
        if expects is None or expects.kind is Kind.FREE:
            break
        asked.append(expects)
        parent.say(*parent.answer_to(expects))
    kinds = [expects.kind for expects in asked]
    assert Kind.CHILD_NAME not in kinds and Kind.RELATION not in kinds and Kind.PHONE not in kinds
    milestones = [expects.id or "" for expects in asked if expects.kind is Kind.MILESTONE]
    assert milestones and all(item.startswith("m24.") for item in milestones)
    assert kinds[-1] is Kind.CONTACT_CONSENT and asked[-1] == INVITED and kinds.count(Kind.NEEDS_MET) == 1


def test_what_was_told_for_the_younger_age_stays(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET)
    before = {one["item"]: one["value"] for one in parent.case()["answers"] if one["item"].startswith("m18.")}
    parent.say(*parent.answer_to(parent.open()))
    agrees(parent)
    reasons = parent.reasons()
    comes_back(parent)
    after = {one["item"]: one["value"] for one in parent.case()["answers"] if one["item"].startswith("m18.")}
    assert before == after and before and parent.reasons() == reasons


def test_a_yes_to_be_contacted_stands_while_a_referral_is_on_its_way_and_is_asked_for_anew_after_that(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET)
    parent.say(*parent.answer_to(parent.open()))
    comes_back(parent)
    assert parent.value(Kind.CONTACT_CONSENT) == "yes"
    with parent.store.transaction() as session:
        session.execute(update(Referral).values(status="connected"))
    comes_back(parent)
    assert parent.value(Kind.CONTACT_CONSENT) is None
