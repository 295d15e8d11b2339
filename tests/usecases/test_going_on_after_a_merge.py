"""A family goes on writing after staff joined it to another, and after they made it two again: a yes, a no, a phone and what
somebody is to the child count where they were said and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import OLDER, OTHER_PHONE, PHONE, WALKS, AFamily, birth, born, milestone, rows, said
from two_families import HER_OTHER_NUMBER, THE_SAME_NUMBER, a_person, dump, joins, undoes

from intake.rules.interview import Expects, Kind
from intake.store.connection import Store
from intake.store.models import Answer, Child, Consent, Conversation, Family, FamilyMerge, Message, Referral
from intake.usecases import about_child, consent, contact, interruptions
from intake.usecases.merging import Choice
from intake.usecases.own_contact import family_as_told
from intake.usecases.suppression import is_suppressed, suppress
from intake.usecases.texting_consent import may_start_texts
from intake.usecases.unmerging import ChangedSinceMerge

Making = Callable[..., AFamily]


@pytest.fixture
def texting(family: Making) -> AFamily:
    """Rosa texts about Mateo and told all."""
    return family(until=Kind.NEEDS_MET, answers=OLDER)


@pytest.fixture
def luz(store: Store) -> int:
    return a_person(store)


def kept_facts() -> Choice:
    """The facts of the family from which the two were looked at."""
    return Choice(dict.fromkeys(("phone", "contact_name", "relation", "best_time"), "this"))


def status_of_referral(one: AFamily) -> str:
    return str(one.case()["referrals"][0]["status"])


def as_told(one: AFamily) -> Family:
    return family_as_told(one.store, one.conversation())


def test_an_open_talk_goes_on_with_its_next_question_to_its_end(family: Making, store: Store, luz: int) -> None:
    texting = family(until=Kind.NEEDS_MET)
    web = family(until=Kind.MILESTONE, channel="web", answers={Kind.PHONE: HER_OTHER_NUMBER})
    before = web.open()
    done = joins(texting, web, luz)
    assert web.conversation().child_id == texting.conversation().child_id is not None
    assert web.open() == before
    outcome = web.say("yes", milestone("yes")[1])
    assert outcome.expects is not None and outcome.expects.kind is Kind.MILESTONE and outcome.expects != before
    web.goes_on_to(Kind.NEEDS_MET)
    assert status_of_referral(web) == "ready" and web.value(Kind.PHONE) == OTHER_PHONE
    assert texting.value(Kind.PHONE) == PHONE and texting.value(WALKS) == "yes"
    with pytest.raises(ChangedSinceMerge) as told:
        undoes(texting, done, luz)
    undoes(texting, done, luz, told.value.token)
    assert texting.case()["family"]["phone"] == PHONE and web.case()["family"]["phone"] == OTHER_PHONE
    about = {row.child_id for row in rows(store, Answer) if row.conversation_id == web.conversation().id}
    assert about - {None} == {web.conversation().child_id}


def test_a_number_told_elsewhere_is_not_offered_and_not_released_to(family: Making, texting: AFamily, luz: int) -> None:
    web = family(until=Kind.CONTACT_NAME, channel="web", answers=OLDER)
    joins(texting, web, luz, kept_facts())
    assert web.case()["family"]["phone"] == PHONE
    assert said(web.say("Rosa", contact.tell_contact_name)) == ["ask_phone"]
    assert "phone_not_understood" in said(web.say("yes", contact.keep_phone))
    assert "no_phone_call_us" in said(web.say("skip", lambda scene: contact.skip_contact_detail(scene, Kind.PHONE)))
    assert status_of_referral(web) == "draft" and as_told(web).phone is None


def test_a_number_told_later_is_the_one_to_call_and_each_yes_keeps_its_own(family: Making, texting: AFamily, luz: int) -> None:
    web = family(until=Kind.PHONE, channel="web", answers=OLDER)
    joins(texting, web, luz, kept_facts())
    web.say(OTHER_PHONE, lambda scene: contact.tell_phone(scene, OTHER_PHONE))
    assert texting.case()["family"]["phone"] == OTHER_PHONE
    assert (as_told(texting).phone, as_told(web).phone) == (PHONE, OTHER_PHONE)
    assert status_of_referral(web) == "ready"


def test_who_said_nothing_of_themselves_may_not_accept_because_a_parent_is_in_the_family(
        family: Making, texting: AFamily, luz: int) -> None:
    web = family(until=Kind.CONTACT_CONSENT, channel="web", answers={
        **OLDER, Kind.RELATION: ("skip", interruptions.skip), Kind.PHONE: HER_OTHER_NUMBER})
    assert web.value(Kind.RELATION) == "skip"
    joins(texting, web, luz, kept_facts())
    assert web.case()["family"]["relation"] == "parent"
    assert "contact_thanks_parent_must_agree" in said(web.say("yes", contact.agree_to_contact))
    web.goes_on_to(Kind.BEST_TIME)
    assert status_of_referral(web) == "draft" and as_told(web).relation != "parent"


def test_a_stop_and_a_yes_to_texts_stay_with_their_phone(family: Making, texting: AFamily, store: Store, luz: int) -> None:
    web = family(until=Kind.NEEDS_MET, channel="web", answers={**OLDER, Kind.PHONE: HER_OTHER_NUMBER})
    mine, other = store.keys.phone_index(PHONE), store.keys.phone_index(OTHER_PHONE)
    for stopped in (False, True):
        if stopped:
            with store.transaction() as session:
                suppress(session, mine, "stop", None)
        done = joins(texting, web, luz)
        with store.reading() as session:
            assert may_start_texts(session, mine) is not stopped and not may_start_texts(session, other)
            assert is_suppressed(session, mine) is stopped and not is_suppressed(session, other)
        talks = {row.channel: row.phone_index for row in rows(store, Conversation)}
        assert talks == {"sms": mine, "web": None}
        undoes(web, done, luz)


def test_who_takes_a_yes_back_takes_back_their_own_contact_only(family: Making, texting: AFamily, store: Store, luz: int) -> None:
    web = family(until=Kind.BEST_TIME, channel="web", answers={**OLDER, Kind.PHONE: HER_OTHER_NUMBER})
    joins(texting, web, luz, kept_facts())
    web.say("no", consent.refuse_consent, Expects(Kind.CONSENT))
    assert texting.case()["family"]["phone"] == PHONE
    [merge] = rows(store, FamilyMerge)
    assert OTHER_PHONE not in str(merge.before) and PHONE in str(merge.before)
    assert OTHER_PHONE not in str(dump(store, Family))


def test_the_kept_familys_refusal_leaves_what_the_other_told(family: Making, texting: AFamily, store: Store, luz: int) -> None:
    web = family(until=Kind.BEST_TIME, channel="web", answers={**OLDER, Kind.PHONE: HER_OTHER_NUMBER})
    done = joins(web, texting, luz, kept_facts())  # the phone told on the web is the family's
    texting.say("no", consent.refuse_consent, Expects(Kind.CONSENT))
    assert web.case()["family"]["phone"] == OTHER_PHONE
    undoes(web, done, luz)
    assert web.case()["family"]["phone"] == OTHER_PHONE and texting.case()["family"]["phone"] is None


def test_what_was_told_since_is_named_and_goes_with_its_talk(family: Making, texting: AFamily, store: Store, luz: int) -> None:
    web = family(until=Kind.PHONE, channel="web", answers=OLDER)
    done = joins(texting, web, luz, kept_facts())
    web.say(OTHER_PHONE, lambda scene: contact.tell_phone(scene, OTHER_PHONE))
    before = dump(store, Family, Child, Conversation)
    with pytest.raises(ChangedSinceMerge) as told:
        undoes(web, done, luz)
    assert [(change.kind, change.fact) for change in told.value.changes] == [("family", "phone")]
    with pytest.raises(ChangedSinceMerge):
        undoes(web, done, luz, "guessed")
    assert dump(store, Family, Child, Conversation) == before
    undoes(web, done, luz, told.value.token)
    assert (texting.case()["family"]["phone"], web.case()["family"]["phone"]) == (PHONE, OTHER_PHONE)


def test_what_is_told_after_one_was_shown_the_changes_is_shown_too(family: Making, texting: AFamily, luz: int) -> None:
    web = family(until=Kind.PHONE, channel="web", answers=OLDER)
    done = joins(texting, web, luz, kept_facts())
    web.say(OTHER_PHONE, lambda scene: contact.tell_phone(scene, OTHER_PHONE))
    with pytest.raises(ChangedSinceMerge) as first:
        undoes(web, done, luz)
    web.say("evenings", lambda scene: contact.tell_best_time(scene, "inform"))
    with pytest.raises(ChangedSinceMerge) as then:
        undoes(web, done, luz, first.value.token)
    assert {change.fact for change in then.value.changes} == {"phone", "best_time"}


def test_a_child_first_told_of_since_goes_with_its_talk(family: Making, texting: AFamily, store: Store, luz: int) -> None:
    web = family(until=Kind.CHILD_NAME, channel="web")
    done = joins(texting, web, luz)
    web.say("Ana", about_child.tell_child_name)
    with pytest.raises(ChangedSinceMerge) as told:
        undoes(texting, done, luz)
    assert [change.kind for change in told.value.changes] == ["new_child"]
    undoes(texting, done, luz, told.value.token)
    assert web.case()["child"]["name"] == "Ana" and texting.case()["child"]["name"] == "Mateo"
    families = {row.name: row.family_id for row in rows(store, Child)}
    assert families == {"Ana": web.conversation().family_id, "Mateo": texting.conversation().family_id}
    assert families["Ana"] != families["Mateo"]


def test_a_birth_date_corrected_since_is_the_corrected_talks_alone(family: Making, texting: AFamily, luz: int) -> None:
    web = family(until=Kind.PHONE, channel="web", answers=OLDER)
    done = joins(texting, web, luz)
    web.say("actually 90 months", birth(born(90))[1], Expects(Kind.BIRTH_DATE))
    with pytest.raises(ChangedSinceMerge) as told:
        undoes(web, done, luz)
    undoes(web, done, luz, told.value.token)
    assert web.case()["child"]["birth_date"] == born(90).isoformat()
    assert texting.case()["child"]["birth_date"] == born(84).isoformat()


def test_a_child_that_was_told_of_better_stands_and_lacks_nothing(family: Making, store: Store, luz: int) -> None:
    texting = family(until=Kind.BIRTH_DATE)  # a name and no birth date yet
    web = family(until=Kind.WORRY, channel="web", answers={
        Kind.EARLY_BIRTH: ("yes, 5 weeks", lambda scene: about_child.tell_early_birth(scene, "yes", 5))})
    mine, theirs = texting.conversation().child_id, web.conversation().child_id
    assert mine and theirs
    done = joins(texting, web, luz, Choice(same=frozenset({(mine, theirs)})))
    assert {row.child_id for row in rows(store, Conversation)} == {theirs}
    assert texting.case()["child"]["weeks_early"] == 5
    undoes(web, done, luz)
    assert texting.conversation().child_id == mine and texting.case()["child"]["birth_date"] is None


def test_a_new_text_after_a_merge_still_finds_its_talk(family: Making, texting: AFamily, store: Store, luz: int) -> None:
    web = family(until=Kind.NEEDS_MET, channel="web", answers={**OLDER, Kind.PHONE: THE_SAME_NUMBER})
    joins(web, texting, luz)
    message = texting.writes("one more thing")
    [row] = [row for row in rows(store, Message) if row.id == message]
    assert row.conversation_id == texting.conversation().id
    assert len(rows(store, Conversation)) == 2 and len(rows(store, Referral)) >= 1 and rows(store, Consent)
