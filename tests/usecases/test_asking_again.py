"""A milestone that a parent wants to watch: kept as not sure, asked once more after two weeks, by text or on the web."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from a_family import AFamily, milestone, said
from sqlalchemy import update

from intake.rules.interview import Expects, Kind
from intake.store.models import Conversation, Flag, Message, Outreach, Suppression
from intake.usecases import asking_again, interruptions
from intake.usecases.outcome import Outcome
from intake.usecases.outreach import due, start, started_by_us_may_leave
from intake.usecases.taking import take
from worker.outreach import send_due_outreach

Family = Callable[..., AFamily]
DAY = timedelta(days=1)
WORDS = {"en": "I'll watch for it", "es": "Lo voy a observar"}


@pytest.fixture(params=["en", "es"])
def parent(request: pytest.FixtureRequest, family: Family) -> AFamily:
    return family(until=Kind.MILESTONE, language=request.param)


def watches(parent: AFamily) -> tuple[str, Outcome]:
    """The parent wants to watch for the open milestone; returns its id and what is said."""
    expects = parent.open()
    assert expects is not None and expects.milestone is not None
    outcome = parent.say(WORDS[parent.language], milestone("not_sure")[1])
    return expects.milestone, outcome


def planned(parent: AFamily, state: str | None = None) -> list[Outreach]:
    rows = [row for row in parent.all(Outreach) if row.kind == "ask_again" and state in (None, row.state)]
    return sorted(rows, key=lambda row: row.number)


def time_passes(parent: AFamily, row: Outreach) -> None:
    """All is answered and has arrived, and the parent wrote last two weeks before the row is due."""
    with parent.store.transaction() as session:
        session.execute(update(Message).where(Message.direction == "inbound").values(state="done"))
        session.execute(update(Message).where(Message.state == "queued").values(state="delivered"))
        session.execute(update(Conversation).values(last_inbound_at=row.due_at - 14 * DAY))


def is_texted(parent: AFamily) -> str:
    """The text of the rows that wait is written and arrives."""
    row = planned(parent, "waiting")[0]
    time_passes(parent, row)
    assert send_due_outreach(parent.store, parent.content, row.due_at) == 1
    (text,) = [one for one in parent.all(Message) if one.purpose == "ask_again"]
    with parent.store.transaction() as session:
        assert started_by_us_may_leave(session, session.get_one(Message, text.id), row.due_at)
        session.execute(update(Message).where(Message.state == "queued").values(state="delivered"))
    return text.text


def goes(parent: AFamily, words: str = "") -> Outcome:
    """GO, as the worker hands it to the engine and the engine to the use case."""
    text = words or {"en": "GO", "es": "Seguir"}[parent.language]
    turn = take(parent.store, parent.content, parent.writes(text), today=parent.today)
    assert turn is not None and turn.context["picked"] is True
    assert turn.context["expects"] == {"kind": "free", "id": "ask_again"}
    return parent.say(text, asking_again.asked_again, Expects(Kind.FREE, "ask_again"))


def finished(parent: AFamily) -> AFamily:
    """To the end of the talk, where nothing is open any more."""
    parent.goes_on_to(Kind.NEEDS_MET)
    for _ in range(2):
        expects = parent.open()
        if expects is not None and expects.kind is not Kind.FREE:
            parent.say(*parent.answer_to(expects))
    return parent


def test_who_will_watch_is_not_sure_in_own_words_and_is_told_when_it_comes_back(parent: AFamily) -> None:
    item, outcome = watches(parent)
    (row,) = planned(parent)
    assert parent.value(item) == "not_sure" and "watch_by_text" in said(outcome)
    answer = next(one for one in parent.case()["answers"] if one["item"] == item)
    assert answer["own_words"] == WORDS[parent.language]
    assert (row.item, row.state) == (item, "waiting") and 13 * DAY < row.due_at - datetime.now(UTC) < 15 * DAY
    assert outcome.expects is not None and outcome.expects.milestone not in (None, item)


def test_not_sure_in_other_words_plans_nothing(parent: AFamily) -> None:
    parent.say("not sure", milestone("not_sure")[1])
    assert planned(parent) == []


def test_the_text_is_neutral_and_a_go_shows_exactly_that_question(parent: AFamily) -> None:
    item, _ = watches(parent)
    finished(parent)
    text = is_texted(parent)
    assert ("asked us to ask you one thing again" in text) or ("Nos pidió preguntarle algo otra vez" in text)
    assert "Mateo" not in text
    outcome = goes(parent)
    assert said(outcome)[-1] == "ask_milestone_alone" and "ask_milestone" not in said(outcome)
    assert outcome.expects == Expects(Kind.MILESTONE, item)
    assert outcome.choices[0].label in ("Yes", "Sí") and len(outcome.choices) == 5


@pytest.mark.parametrize(("reply", "flagged"), [("not_yet", True), ("yes", False), ("sometimes", False), ("lost_skill", True)])
def test_its_answer_goes_the_way_of_every_answer_and_what_was_open_is_open_again(
        family: Family, reply: str, flagged: bool) -> None:
    parent = family(until=Kind.MILESTONE)
    item, outcome = watches(parent)
    is_texted(parent)
    was_open = outcome.expects
    goes(parent)
    after = parent.say(reply, milestone(reply)[1])
    assert parent.value(item) == ("not_yet" if reply == "lost_skill" else reply)
    assert (("not_yet", item) in parent.reasons()) is flagged
    (row,) = planned(parent)
    assert (row.state, row.answer) == ("answered", reply) and row.answered_in is not None
    assert after.expects == was_open


def test_after_the_end_the_answer_ends_the_talk_again(parent: AFamily) -> None:
    watches(parent)
    finished(parent)
    is_texted(parent)
    goes(parent)
    after = parent.say("yes", milestone("yes")[1])
    assert after.expects is not None and after.expects.kind is Kind.FREE


def test_several_are_texted_about_once_and_shown_one_after_another(parent: AFamily) -> None:
    first, _ = watches(parent)
    second, _ = watches(parent)
    assert [row.item for row in planned(parent)] == [first, second]
    finished(parent)
    is_texted(parent)
    assert len({row.message_id for row in planned(parent, "sent")}) == 1
    assert goes(parent).expects == Expects(Kind.MILESTONE, first)
    assert parent.say("yes", milestone("yes")[1]).expects == Expects(Kind.MILESTONE, second)
    parent.say("not yet", milestone("not_yet")[1])
    assert {row.state for row in planned(parent)} == {"answered"}
    assert send_due_outreach(parent.store, parent.content, planned(parent)[0].due_at + DAY) == 0


def test_one_is_asked_again_once_and_so_many_at_most(parent: AFamily) -> None:
    outcomes = [watches(parent)[1] for _ in range(4)]
    assert [name for outcome in outcomes for name in said(outcome) if name.startswith("watch_")] == [
        *["watch_by_text"] * 3, "watch_any_time"]
    assert len(planned(parent)) == 3
    finished(parent)
    is_texted(parent)
    goes(parent)
    again = parent.say(WORDS[parent.language], milestone("not_sure")[1])
    assert "watch_any_time" in said(again) and len(planned(parent)) == 3


def test_a_phone_that_gets_no_texts_is_told_that_it_can_write_at_any_time(parent: AFamily) -> None:
    with parent.store.transaction() as session:
        session.add(Suppression(phone_index=parent.conversation().phone_index, reason="asked"))
    _, outcome = watches(parent)
    assert "watch_any_time" in said(outcome) and planned(parent) == []


@pytest.mark.parametrize(("change", "why"), [({"status": "opted_out"}, "not_open"), ({"staff_id": None}, None)])
def test_stop_ends_it(family: Family, change: dict[str, Any], why: str | None) -> None:
    parent = family(until=Kind.MILESTONE)
    watches(parent)
    (row,) = planned(parent)
    time_passes(parent, row)
    with parent.store.transaction() as session:
        session.execute(update(Conversation).values(**change))
    assert start(parent.store, parent.content, row.id, row.due_at) is (why is None)
    assert planned(parent)[0].why_canceled == why


def test_an_answer_that_came_before_its_day_ends_it(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    item, _ = watches(parent)

    def corrects(scene: Any) -> None:
        scene.answer(item, "yes")

    parent.say("actually she does", corrects)
    (row,) = planned(parent)
    time_passes(parent, row)
    assert not start(parent.store, parent.content, row.id, row.due_at)
    assert planned(parent)[0].why_canceled == "nothing_open"


def test_deleting_data_ends_it(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    watches(parent)
    with parent.store.transaction() as session:
        session.add(Flag(conversation_id=parent.conversation().id, code="delete_data", rule="privacy", urgency="standard"))
    (row,) = planned(parent)
    time_passes(parent, row)
    assert not start(parent.store, parent.content, row.id, row.due_at)
    assert planned(parent)[0].why_canceled == "deletion"


def test_words_that_are_no_go_leave_everything_as_it_was(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    watches(parent)
    is_texted(parent)
    before = parent.open()
    turn = take(parent.store, parent.content, parent.writes("not now"), today=parent.today)
    assert turn is not None and "picked" not in turn.context and parent.open() == before


def test_a_go_that_is_taken_twice_has_the_same_context(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    watches(parent)
    is_texted(parent)
    message = parent.writes("go")
    contexts = [take(parent.store, parent.content, message, today=parent.today) for _ in range(2)]
    assert contexts[0] == contexts[1] and contexts[0] is not None


def test_what_is_written_to_watch_is_read_before_the_engine_and_only_at_a_milestone(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    turn = take(parent.store, parent.content, parent.writes("ill wacth for it"), today=parent.today)
    assert turn is not None and turn.context["read_as"] == "not_sure"
    elsewhere = family(until=Kind.WORRY, channel="web")
    turn = take(elsewhere.store, elsewhere.content, elsewhere.writes("I'll watch for it"), today=elsewhere.today)
    assert turn is not None and "read_as" not in turn.context


# on the web


def comes_back_later(parent: AFamily) -> Outcome:
    with parent.store.transaction() as session:
        session.execute(update(Outreach).values(due_at=datetime.now(UTC) - DAY))
    return parent.say("hi", lambda scene: None)


def test_on_the_web_it_is_asked_when_the_family_comes_back_after_that_day(family: Family) -> None:
    parent = family(until=Kind.MILESTONE, channel="web")
    item, outcome = watches(parent)
    assert "watch_on_web" in said(outcome)
    assert parent.say("hi", lambda scene: None).expects != Expects(Kind.MILESTONE, item)  # too early
    back = comes_back_later(parent)
    assert back.expects == Expects(Kind.MILESTONE, item)
    assert said(back)[-2:] == ["watched_enough", "ask_milestone_alone"]
    parent.say("not yet", milestone("not_yet")[1])
    assert ("not_yet", item) in parent.reasons() and planned(parent)[0].state == "answered"
    assert comes_back_later(parent).expects != Expects(Kind.MILESTONE, item)


def test_on_the_web_no_text_is_ever_looked_for(family: Family) -> None:
    parent = family(until=Kind.MILESTONE, channel="web")
    watches(parent)
    (row,) = planned(parent)
    assert due(parent.store, row.due_at + DAY, 10) == []
    assert planned(parent)[0].state == "waiting"


def test_on_the_web_nothing_is_brought_up_while_danger_is_the_subject(family: Family) -> None:
    parent = family(until=Kind.MILESTONE, channel="web")
    item, _ = watches(parent)
    with parent.store.transaction() as session:
        session.execute(update(Outreach).values(due_at=datetime.now(UTC) - DAY))
    outcome = parent.say("ok", interruptions.resume, Expects(Kind.FREE, "after_safety"))
    assert outcome.expects != Expects(Kind.MILESTONE, item) and planned(parent)[0].state == "waiting"
