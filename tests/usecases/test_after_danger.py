"""How it goes on after words of danger, by rules alone: no engine takes part in any of these, and none is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import AFamily, said
from outbox import change, flags, makes_older, queued, row
from sqlalchemy import update

from intake.content.bilingual import Language
from intake.rules.after_danger import Asked, Told
from intake.rules.interview import Expects, Kind
from intake.store.models import Conversation, DangerTold, Flag, Message, Staff
from intake.usecases import interruptions
from intake.usecases.claiming import claim
from intake.usecases.delivery import record_failure
from intake.usecases.discretion import Discretion, discretion, keeps_us_from_starting
from intake.usecases.replying import record_failed_try
from intake.usecases.taking import EngineTurn, TakingRules, take

Family = Callable[..., AFamily]
AFTER = Expects(Kind.FREE, "after_safety")
BATTERY = {"en": "my son swallowed a battery", "es": "mi hijo se tragó una pila"}
CHOKED = {"en": "he had a seizure earlier", "es": "tuvo una convulsión esta mañana"}
AT_HOME = {"en": "my husband hits me, i am scared", "es": "mi esposo me pega y tengo miedo"}


def hears(parent: AFamily, text: str) -> EngineTurn | None:
    """The family writes, on its own channel, and the rules take it up."""
    return take(parent.store, parent.content, parent.writes(text), today=parent.today)


def told(parent: AFamily) -> str:
    """The last thing said to the family."""
    return max((m for m in parent.all(Message) if m.direction == "outbound"), key=lambda m: m.seq).text


def line(parent: AFamily, name: str, language: Language = "en") -> str:
    """A line of content/safety/going_on.yaml as it is said."""
    text = getattr(parent.content.safety.going_on.lines, name).in_language(language)
    return str(text.format(phone=parent.content.messages.affiliate.phone))


def danger(parent: AFamily) -> DangerTold:
    return max(parent.all(DangerTold), key=lambda row: row.said_at)


@pytest.mark.parametrize("channel", ["sms", "web"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_lines_end_with_one_question(family: Family, language: Language, channel: str) -> None:
    parent = family(until=Kind.WORRY, channel=channel)
    assert hears(parent, BATTERY[language]) is None
    assert told(parent).endswith(line(parent, "safe_now", language)) and parent.open() == AFTER
    assert told(parent).split("\n")[0].count("?") == 0, "one question, and never more than one"
    assert (danger(parent).asked, danger(parent).before_kind, danger(parent).told) == ("safe_now", "worry", None)


@pytest.mark.parametrize("channel", ["sms", "web"])
@pytest.mark.parametrize(("language", "answer", "means", "lines", "number"), [
    ("en", "yes", Told.SAFE, ("heard_safe", "go_on"), False), ("es", "si gracias", Told.SAFE, ("heard_safe", "go_on"), False),
    ("en", "we are at the hopsital", Told.HELP_IS_THERE, ("heard_help", "go_on"), False),
    ("es", "ya viene la ambulancia", Told.HELP_IS_THERE, ("heard_help", "go_on"), False),
    ("en", "no", Told.NOT_SAFE, ("staff_told", "safe_now"), True), ("es", "todavía no", Told.NOT_SAFE, ("staff_told",
    "safe_now"), True),
    ("en", "idk", Told.UNSURE, ("staff_told", "safe_now"), True), ("es", "no sé", Told.UNSURE, ("staff_told", "safe_now"),
    True)])
def test_each_answer_is_understood_and_answered_on_each_channel(
        family: Family, channel: str, language: Language, answer: str, means: Told, lines: tuple[str, str], number: bool) -> None:
    parent = family(until=Kind.WORRY, channel=channel, language=language)
    hears(parent, BATTERY[language])
    assert hears(parent, answer) is None
    assert danger(parent).told == means and danger(parent).told_in is not None
    assert all(line(parent, name, language) in told(parent) for name in lines)
    assert ("1-800-498-8666" in told(parent)) is number and parent.open() == AFTER
    assert ("safety", "battery_or_poison") in parent.reasons(), "only staff clear it"


@pytest.mark.parametrize(("language", "word"), [("en", "GO"), ("es", "siga")])
@pytest.mark.parametrize("kind", [Kind.CONSENT, Kind.WORRY, Kind.MILESTONE])
def test_go_comes_back_to_the_very_question_that_was_open(family: Family, kind: Kind, language: Language, word: str) -> None:
    parent = family(until=kind)
    before = parent.open()
    hears(parent, BATTERY[language])
    hears(parent, "yes" if language == "en" else "sí")
    assert hears(parent, word) is None
    assert parent.open() == before and f"ask_{kind.value}" in told(parent)
    assert danger(parent).told == Told.SAFE, "going on takes nothing back of what was told"


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_button_under_the_question_is_understood(family: Family, language: Language) -> None:
    parent = family(until=Kind.WORRY, channel="web", language=language)
    for place, means in enumerate((Told.SAFE, Told.NOT_SAFE, Told.UNSURE)):
        hears(parent, BATTERY[language])
        last = max((m for m in parent.all(Message) if m.direction == "outbound"), key=lambda m: m.seq)
        assert last.payload is not None
        hears(parent, last.payload["choices"][place]["text"])
        assert danger(parent).told == means


def test_a_yes_to_write_go_goes_on_too(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, BATTERY["en"])
    hears(parent, "yes")
    hears(parent, "yes")
    assert parent.open() == Expects(Kind.WORRY)


def test_danger_as_the_very_first_words_is_followed_up_before_any_consent(family: Family) -> None:
    parent = family()
    hears(parent, BATTERY["en"])
    assert hears(parent, "no") is None and line(parent, "staff_told") in told(parent)
    assert hears(parent, "shes ok now") is None and danger(parent).told == Told.SAFE
    going_on = hears(parent, "go")
    assert going_on is not None and going_on.context["expects"] == {"kind": "free", "id": "after_safety"}, "the engine begins"


def test_after_the_end_going_on_asks_nothing_that_was_answered(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET)
    for _ in ("needs met", "the next age"):
        parent.say(*parent.answer_to(parent.open()))
    hears(parent, BATTERY["en"])
    going_on = hears(parent, "go")
    assert going_on is not None and going_on.context["expects"] == {"kind": "free", "id": "finished"}


@pytest.mark.parametrize(("answer", "means"), [("yes", Told.NOT_SAFE), ("not sure", Told.UNSURE)])
def test_a_yes_to_is_this_happening_now_gets_everything_again(family: Family, answer: str, means: Told) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, CHOKED["en"])
    assert danger(parent).asked == Asked.HAPPENING_NOW
    hears(parent, answer)
    lines = parent.content.safety.lines[danger(parent).situation]
    assert told(parent).startswith(lines.first.en) and told(parent).endswith(line(parent, "safe_now"))
    assert (danger(parent).asked, danger(parent).told) == (Asked.SAFE_NOW, means)
    hears(parent, "yes")
    assert danger(parent).told == Told.SAFE, "now a yes is good news"


@pytest.mark.parametrize(("language", "answer"), [("en", "no it was last year"), ("es", "no, fue ayer")])
def test_a_no_to_is_this_happening_now_gives_the_number_once_and_goes_on(family: Family, language: Language, answer: str) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, CHOKED[language])
    assert hears(parent, answer) is None and danger(parent).told == Told.NOT_NOW
    assert line(parent, "heard_not_now", language) in told(parent) and "911" in told(parent) and "ask_worry" in told(parent)
    assert parent.open() == Expects(Kind.WORRY)


def test_danger_told_a_second_time_is_answered_again_in_full(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, BATTERY["en"])
    first = told(parent)
    hears(parent, "yes")
    hears(parent, BATTERY["en"])
    assert told(parent) == first and len(parent.all(DangerTold)) == 2
    hears(parent, "yes")
    hears(parent, "GO")
    assert parent.open() == Expects(Kind.WORRY), "what was open before the first danger"


def test_an_answer_that_brings_more_danger_is_answered_as_danger(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, BATTERY["en"])
    hears(parent, "no he is not breathing now")
    assert told(parent).startswith(parent.content.safety.lines["not_breathing"].first.en)
    assert {("safety", "battery_or_poison"), ("safety", "breathing_emergency")} <= parent.reasons()


def test_what_is_no_answer_goes_to_the_engine_and_holds_the_questions_back_twice(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, BATTERY["en"])
    assert hears(parent, "he plays with his truck") is not None
    for _ in range(2):
        outcome = parent.say("he plays with his truck", interruptions.resume, AFTER)
        assert said(outcome) == ["safety"] and outcome.expects == AFTER
        assert line(parent,
        "heard_else") in outcome.lines[0].variables["lines"] and "1-800" in outcome.lines[0].variables["lines"]
    assert parent.say("he plays with his truck", interruptions.resume, AFTER).expects == Expects(Kind.WORRY)


def test_a_wish_beside_the_danger_is_heard_and_the_danger_asked_about_again(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, BATTERY["en"])
    outcome = parent.say("can i talk to a person", interruptions.ask_for_person, AFTER)
    assert said(outcome) == ["person_please", "safety"] and ("wants_person", None) in parent.reasons()


def test_once_it_is_over_whatever_is_written_goes_on(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, BATTERY["en"])
    hears(parent, "yes")
    assert parent.say("he plays with his truck", interruptions.resume, AFTER).expects == Expects(Kind.WORRY)


def test_the_same_message_taken_twice_is_answered_once(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, BATTERY["en"])
    message = parent.writes("no")
    for _ in range(2):
        take(parent.store, parent.content, message, today=parent.today)
    answers = [m for m in parent.all(Message) if m.in_reply_to == message]
    assert len(answers) == 1 and len(parent.all(DangerTold)) == 1


def test_a_yes_that_was_on_its_way_before_the_question_is_no_good_news(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, BATTERY["en"])
    early = take(parent.store, parent.content, parent.writes("yes"), today=parent.today, rules=TakingRules(crossing_seconds=60))
    assert early is not None and danger(parent).told is None, "the engine takes it, and the question is asked again"
    late = take(parent.store, parent.content, parent.writes("no"), today=parent.today, rules=TakingRules(crossing_seconds=60))
    assert late is None and danger(parent).told == Told.NOT_SAFE, "a no is heard at once"


def _staff_write(parent: AFamily) -> None:
    with parent.store.transaction() as session:
        staff = Staff(email="ana@example.org", name="Ana", fs_uniquifier="a")
        session.add(staff)
        session.flush()
        session.execute(update(Conversation).values(staff_id=staff.id))


def test_while_staff_write_a_no_still_gets_the_number_and_a_yes_is_left_to_them(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, BATTERY["en"])
    _staff_write(parent)
    hears(parent, "no")
    assert line(parent, "staff_told") in told(parent)
    before = told(parent)
    assert hears(parent, "she is safe now") is None and told(parent) == before
    assert danger(parent).told == Told.SAFE, "staff see what was told"


def test_a_phone_that_stopped_gets_no_text_but_its_no_is_kept_and_flagged(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, BATTERY["en"])
    hears(parent, "STOP")
    with parent.store.transaction() as session:
        session.execute(update(Flag).values(cleared_at=Flag.raised_at))
    before = len([m for m in parent.all(Message) if m.direction == "outbound"])
    hears(parent, "not yet, still on the floor")
    assert len([m for m in parent.all(Message) if m.direction == "outbound"]) == before
    assert danger(parent).told == Told.NOT_SAFE and ("safety", "battery_or_poison") in parent.reasons()


def test_a_no_after_staff_cleared_the_flag_raises_it_again(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, BATTERY["en"])
    with parent.store.transaction() as session:
        session.execute(update(Flag).values(cleared_at=Flag.raised_at))
    hears(parent, "no")
    assert ("safety", "battery_or_poison") in parent.reasons()


def test_when_the_engine_is_away_the_honest_line_after_danger_carries_the_numbers(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, BATTERY["en"])
    message = parent.writes("he plays with his truck")
    for _ in range(3):
        record_failed_try(parent.store, parent.content, message)
    assert all(number in told(parent) for number in ("911", "988", "1-800-222-1222"))


def test_a_worn_out_parent_is_told_of_help_once_beside_the_next_question(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    turn = hears(parent, "i am exhausted and have no help at all")
    assert turn is not None and turn.first_line is not None and "988" in turn.first_line
    assert parent.open() == Expects(Kind.WORRY) and ("safety", "parent_crisis") in parent.reasons()
    again = hears(parent, "i am so exhausted and have no help")
    assert again is None or again.first_line is None


# violence at home


@pytest.mark.parametrize("language", ["en", "es"])
def test_violence_at_home_asks_one_question_and_ends_without_a_word_of_it(family: Family, language: Language) -> None:
    parent = family(until=Kind.WORRY, language=language)
    hears(parent, AT_HOME[language])
    assert danger(parent).asked == Asked.SAFE_TO_READ and told(parent).count("?") == 1
    assert told(parent).endswith(line(parent, "discreet_go", language))
    hears(parent, "STOP")
    hears(parent, "START")
    assert "888" not in told(parent) and told(parent).endswith(line(parent, "discreet_go", language)), "START repeats nothing"


@pytest.mark.parametrize(("language", "answer", "means", "name"), [
    ("en", "yes", Discretion.SAFE_TO_TEXT, "discreet_yes"), ("es", "sí", Discretion.SAFE_TO_TEXT, "discreet_yes"),
    ("en", "no", Discretion.NOT_SAFE_TO_TEXT, "discreet_no"), ("es", "no", Discretion.NOT_SAFE_TO_TEXT, "discreet_no"),
    ("en", "not sure", Discretion.NOT_SAFE_TO_TEXT, "discreet_no"), ("en", "call me at work tomorrow", Discretion.OTHER_WAY,
    "discreet_other_way"),
    ("es", "llámeme mañana al otro número", Discretion.OTHER_WAY, "discreet_other_way")])
def test_whether_we_may_text_is_the_familys_to_say(
        family: Family, language: Language, answer: str, means: Discretion, name: str) -> None:
    parent = family(until=Kind.WORRY, language=language)
    hears(parent, AT_HOME[language])
    assert hears(parent, answer) is None
    assert told(parent).startswith(line(parent, name, language)) and not any(
        word in told(parent).lower() for word in ("888", "safe connect", "violen", "hits", "pega"))
    with parent.store.reading() as session:
        assert discretion(session, parent.conversation().id) is means
    assert (("wants_person", None) in parent.reasons()) is (means is Discretion.OTHER_WAY), "staff see the other way at once"


def test_a_yes_to_being_texted_can_be_taken_back(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, AT_HOME["en"])
    hears(parent, "yes")
    hears(parent, "no")
    with parent.store.reading() as session:
        assert discretion(session, parent.conversation().id) is Discretion.NOT_SAFE_TO_TEXT


@pytest.mark.parametrize(("answer", "may_text"), [("yes", True), ("no", False), ("GO", False), ("call me tomorrow at work",
    False)])
def test_only_a_family_that_chose_it_is_texted_by_us_in_any_of_its_conversations(
        family: Family, answer: str, may_text: bool) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, AT_HOME["en"])
    hears(parent, answer)
    with parent.store.transaction() as session:
        here = session.get_one(Conversation, parent.conversation().id)
        other = Conversation(public_id="another", family_id=here.family_id, channel="sms", phone=here.phone,
                             phone_index=here.phone_index)
        session.add(other)
        session.flush()
        assert [keeps_us_from_starting(session, each) for each in (here, other)] == [not may_text] * 2


def test_silence_about_it_is_no_choice_and_a_case_without_it_has_none(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    with parent.store.reading() as session:
        assert discretion(session, parent.conversation().id) is None
    hears(parent, AT_HOME["en"])
    hears(parent, "GO")
    with parent.store.reading() as session:
        assert discretion(session, parent.conversation().id) is Discretion.NOT_ASKED


def test_lines_about_violence_are_never_sent_anew_and_staff_are_told(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, AT_HOME["en"])
    message = queued(parent)[-1]
    record_failure(parent.store, message, "30003")
    assert not [m for m in parent.all(Message) if m.resend_of] and "not_delivered" in flags(parent)


def test_lines_about_violence_that_waited_too_long_do_not_leave(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    hears(parent, AT_HOME["en"])
    message = queued(parent)[-1]
    leaving = claim(parent.store, message)
    assert leaving is not None and getattr(leaving, "validity_seconds", 0) <= 600, "nor does the provider keep them for hours"
    change(parent, message, state="queued")
    makes_older(parent, message, minutes=11)
    assert claim(parent.store, message) is None and row(parent, message).state == "failed"


def test_what_the_engine_sees_of_violence_is_as_discreet(family: Family) -> None:
    from intake.usecases.danger import heeding

    parent = family(until=Kind.MILESTONE)
    parent.say("words that no rule knows", heeding(interruptions.not_understood, "abuse_violence/urgent_same_day", []))
    assert danger(parent).category == "abuse_violence"
    last = max((m for m in parent.all(Message) if m.direction == "outbound"), key=lambda m: m.seq)
    assert last.payload is not None and last.payload["discreet"] is True
