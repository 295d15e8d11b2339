"""Activities for home, on request: which ones, in which order, by text and on the web; the open question stays what it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from a_family import OLDER, AFamily, birth, born, said, worries
from outbox import change, queued

from intake.content.bilingual import as_language
from intake.rules.at_home import AT_A_TIME
from intake.rules.interview import Expects, Kind
from intake.store.models import Answer, Concern, Message, Staff
from intake.usecases import about_child, consent, contact, interruptions
from intake.usecases.outcome import Outcome
from intake.usecases.sms_size import fits
from intake.usecases.stepping_in import take_over
from intake.usecases.taking import EngineTurn, take

Family = Callable[..., AFamily]
CHANNELS = ("sms", "web")


def _asks(parent: AFamily, words: str = "PLAY") -> str:
    """Everything that is answered to a message which needs no engine, one message a paragraph."""
    message = parent.writes(words)
    assert take(parent.store, parent.content, message, today=parent.today) is None, words
    answers = sorted((row for row in parent.all(Message) if row.in_reply_to == message), key=lambda row: row.seq)
    return "\n\n".join(row.text for row in answers)


def _goes_to_the_engine(parent: AFamily, words: str) -> EngineTurn | None:
    return take(parent.store, parent.content, parent.writes(words), today=parent.today)


def _told(parent: AFamily, text: str, months: int | None = None) -> list[str]:
    """The ids of the activities in a text, in the order in which they stand there; of one age, or of all."""
    language, name = as_language(parent.conversation().language), "Mateo"
    found = {}
    for age, activities in parent.content.activities.items():
        for activity in activities if months in (None, age) else ():
            place = text.find(activity.text.in_language(language).format(child=name))
            found |= {activity.id: place} if place >= 0 else {}
    return sorted(found, key=lambda name: found[name])


def _speaks(parent: AFamily, language: str) -> AFamily:
    parent.language = language  # type: ignore[assignment]
    parent.say("español" if language == "es" else "english", interruptions.change_language)
    return parent


def _heading(parent: AFamily, purpose: str) -> str:
    language = as_language(parent.conversation().language)
    monitoring = parent.content.programs.monitoring
    assert monitoring is not None
    named = {"monitoring": monitoring.called.in_language(language)}
    return parent.content.messages.system(purpose, language, child="Mateo", **named)


def _asked(text: str) -> str:
    return text.splitlines()[-1]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(("language", "words"), [
    ("en", "PLAY"), ("en", "ideas please"), ("en", "What can I do at home with my son?"),
    ("es", "JUGAR"), ("es", "Más ideas, por favor"), ("es", "¿Qué puedo hacer en casa?")])
def test_three_activities_of_the_childs_age_are_told_and_the_open_milestone_is_asked_again(
        family: Family, channel: str, language: str, words: str) -> None:
    parent = _speaks(family(until=Kind.MILESTONE, channel=channel), language)
    before, question = parent.open(), max(parent.all(Message), key=lambda row: row.seq)
    text = _asks(parent, words)
    assert len(_told(parent, text, 18)) == AT_A_TIME and _told(parent, text) == _told(parent, text, 18)
    assert text.startswith(_heading(parent, "at_home_first")) and _asked(text) == question.text.splitlines()[-1]
    assert parent.open() == before
    last = max(parent.all(Message), key=lambda row: row.seq)
    assert before is not None and (last.payload or {})["expects"] == {"kind": before.kind.value, "id": before.id}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_asking_again_tells_the_next_ones_and_then_begins_anew_and_says_so(family: Family, channel: str, language: str) -> None:
    parent = _speaks(family(until=Kind.MILESTONE, channel=channel), language)
    word = {"en": "PLAY", "es": "JUGAR"}[language]
    texts = [_asks(parent, word) for _ in range(4)]
    told = [_told(parent, text, 18) for text in texts]
    assert sorted(told[0] + told[1]) == sorted(activity.id for activity in parent.content.activities[18])
    assert told[2] == told[0] and told[3] == told[1]
    headings = ["at_home_first", "at_home_more", "at_home_again", "at_home_more"]
    assert [text.startswith(_heading(parent, heading)) for text, heading in zip(texts, headings, strict=True)] == [True] * 4


def test_what_was_withdrawn_before_it_left_was_not_told(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    first = _asks(parent)
    change(parent, queued(parent)[-1], state="canceled")
    assert _asks(parent) == first


def test_what_was_told_in_the_other_language_is_not_told_as_new(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    first = _told(parent, _asks(parent), 18)
    second = _told(parent, _asks(_speaks(parent, "es"), "jugar"), 18)
    assert set(first).isdisjoint(second)


@pytest.mark.parametrize(("domain", "wanted"), [
    ("movement_physical", "movement_physical"), ("cognitive_learning", "cognitive"), ("behavior", "social_emotional")])
def test_what_the_family_worries_about_comes_first(family: Family, domain: str, wanted: str) -> None:
    parent = family(until=Kind.MILESTONE, answers={Kind.WORRY: worries("It worries me.", domain)})
    activities = {activity.id: activity.domains for activity in parent.content.activities[18]}
    expected = [id_ for id_, domains in activities.items() if wanted in domains]
    assert _told(parent, _asks(parent), 18)[:len(expected)] == expected[:AT_A_TIME]


def test_a_child_born_early_gets_the_list_of_the_corrected_age(family: Family) -> None:
    early = ("8 weeks", lambda scene: about_child.tell_early_birth(scene, "yes", 8))
    parent = family(until=Kind.WORRY, answers={Kind.BIRTH_DATE: birth(born(12)), Kind.EARLY_BIRTH: early})
    assert _told(parent, _asks(parent), 9) and not _told(parent, _asks(parent), 12)


def test_a_child_who_has_had_a_birthday_since_gets_the_list_of_today(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    parent.today += timedelta(days=200)
    assert _told(parent, _asks(parent), 24)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(("language", "word"), [("en", "PLAY"), ("es", "jugar")])
@pytest.mark.parametrize("kind", [Kind.CONSENT, Kind.BIRTH_DATE])
def test_without_an_age_it_says_that_it_needs_it_and_goes_on_with_the_open_question(
        family: Family, kind: Kind, language: str, word: str, channel: str) -> None:
    parent = _speaks(family(until=kind, channel=channel), language)
    before, text = parent.open(), _asks(parent, word)
    name = "Mateo" if kind is Kind.BIRTH_DATE else parent.content.messages.system("child_unnamed", as_language(language))
    assert text.startswith(parent.content.messages.system("at_home_no_age", as_language(language), child=name))
    assert _asked(text) != text.splitlines()[0] and parent.open() == before and _told(parent, text) == []


@pytest.mark.parametrize("months", [1, 84])
def test_an_age_without_a_list_gets_no_activities_of_another_age(family: Family, months: int) -> None:
    parent = family(until=Kind.WORRY, answers={Kind.BIRTH_DATE: birth(born(months))})
    text = _asks(parent)
    assert text.startswith(_heading(parent, "at_home_no_list")) and _told(parent, text) == []


@pytest.mark.parametrize("channel", CHANNELS)
def test_after_the_end_only_the_activities_are_told_and_the_end_stays_the_end(family: Family, channel: str) -> None:
    parent = family(until=Kind.NEEDS_MET, channel=channel, answers={Kind.CONTACT_CONSENT: ("no", contact.refuse_contact)})
    for _ in ("needs met", "the next age") if channel == "sms" else ("needs met",):
        parent.say(*parent.answer_to(parent.open()))
    ended = parent.open()
    text = _asks(parent)
    assert ended == Expects(Kind.FREE, "finished") == parent.open()
    assert text.splitlines()[-1].startswith("- ") and len(_told(parent, text, 18)) == AT_A_TIME


def test_after_a_pause_the_conversation_stays_paused(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    parent.say("later", interruptions.pause)
    assert _asked(_asks(parent)).startswith("- ") and parent.open() == Expects(Kind.FREE, "paused")


def test_nothing_is_kept_about_it_but_the_texts(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    case, answers, concerns = parent.case(), len(parent.all(Answer)), len(parent.all(Concern))
    _asks(parent)
    assert (len(parent.all(Answer)), len(parent.all(Concern))) == (answers, concerns)
    after = parent.case()
    assert (after["answers"], after["reasons"], after["flagged"]) == (case["answers"], case["reasons"], case["flagged"])


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_answer_leaves_as_one_text(family: Family, language: str) -> None:
    parent = _speaks(family(until=Kind.MILESTONE), language)
    for word in ("PLAY", "ideas", "play"):
        text = _asks(parent, word)
        assert "\n\n" not in text and fits(text)


def test_a_message_taken_twice_is_answered_once(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    message = parent.writes("PLAY")
    for _ in range(2):
        take(parent.store, parent.content, message, today=parent.today)
    assert len([row for row in parent.all(Message) if row.in_reply_to == message]) == 1


# where it gives way


@pytest.mark.parametrize(("kind", "word"), [(Kind.CHILD_NAME, "Play"), (Kind.LOST_SKILLS, "jugar"), (Kind.LOST_SKILLS, "play")])
def test_a_word_that_answers_the_open_question_is_its_answer(family: Family, kind: Kind, word: str) -> None:
    assert _goes_to_the_engine(family(until=kind), word) is not None


@pytest.mark.parametrize("words", ["PLAY", "what can I do at home"])
def test_after_danger_no_play_is_offered(family: Family, words: str) -> None:
    parent = family(until=Kind.WORRY)
    assert _goes_to_the_engine(parent, "my baby is not breathing") is None
    assert _goes_to_the_engine(parent, words) is not None


def test_danger_beside_the_question_is_answered_as_danger(family: Family) -> None:
    text = _asks(family(until=Kind.WORRY), "she swallowed a button battery, what can I do at home")
    assert "- " not in text and "911" in text


def test_who_has_stopped_the_texts_gets_none(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    _asks(parent, "STOP")
    assert _asks(parent) == ""


def test_a_first_word_is_greeted_before_anything_else(family: Family) -> None:
    assert _goes_to_the_engine(family(), "PLAY") is not None


def test_who_did_not_agree_is_left_to_the_engine_which_forgets_the_words(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    parent.say("no", consent.refuse_consent)
    assert _goes_to_the_engine(parent, "PLAY") is not None


def test_a_question_in_the_other_language_is_left_to_the_engine_which_changes_it(family: Family) -> None:
    turn = _goes_to_the_engine(family(until=Kind.MILESTONE), "¿Qué puedo hacer en casa?")
    assert turn is not None and turn.context["language"] == "es"


def test_while_a_person_of_the_team_writes_the_program_is_quiet(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    with parent.store.transaction() as session:
        staff = Staff(email=f"{uuid4()}@example.org", name="Inés Vega", fs_uniquifier=str(uuid4()))
        session.add(staff)
        session.flush()
        colleague = staff.id
    take_over(parent.store, parent.conversation().id, colleague)
    assert _asks(parent) == ""


# what only the engine understands


def _through_the_engine(parent: AFamily, words: str = "how do I help him talk", *heard: str) -> Outcome:
    return parent.say(words, lambda scene: interruptions.suggest_activities(scene, heard))


def test_a_question_that_the_engine_understood_gets_the_same_answer(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    before, outcome = parent.open(), _through_the_engine(parent)
    assert said(outcome) == ["faq_at_home", "ask_milestone"] and outcome.expects == before
    assert len(_told(parent, outcome.lines[0].variables["activities"], 18)) == AT_A_TIME


def test_a_worry_of_the_same_message_counts(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    outcome = _through_the_engine(parent, "he falls a lot, what can I do", "movement_physical")
    first = _told(parent, outcome.lines[0].variables["activities"], 18)[0]
    assert first in {one.id for one in parent.content.activities[18] if "movement_physical" in one.domains}


def test_the_engine_after_danger_speaks_of_the_doctor_and_not_of_play(family: Family) -> None:
    parent = family(until=Kind.WORRY, answers=OLDER)
    parent.is_taken("my baby is not breathing")
    assert said(_through_the_engine(parent))[0] == "faq_medical_advice"
