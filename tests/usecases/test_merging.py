"""Families that may be one are suggested with reasons, joined by hand, and made two again; nothing that was told is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from a_family import OLDER, OTHER_PHONE, PHONE, AFamily, birth, born, rows
from sqlalchemy import update
from two_families import HER_OTHER_NUMBER, THE_SAME_NUMBER, a_person, dump, joins, relatives, undoes

from intake.rules.interview import Kind
from intake.store.connection import Store
from intake.store.models import (
    Answer,
    Audit,
    Child,
    Concern,
    Consent,
    Conversation,
    Family,
    FamilyApart,
    FamilyMerge,
    Flag,
    Message,
    Outreach,
    Referral,
    Suppression,
    Turn,
)
from intake.usecases import about_child
from intake.usecases.casework import CaseUnknown, FormUsed
from intake.usecases.going_on_by_text import ask_phone
from intake.usecases.merging import (
    AlreadyOneFamily,
    ChangedSinceShown,
    ChildTwice,
    Choice,
    NotToBeMerged,
    compare,
    merge,
    proposed,
)
from intake.usecases.receiving import WRONG_PERSON
from intake.usecases.replying import REFUSED
from intake.usecases.same_family import relatives_of, say_apart, take_back_apart
from intake.usecases.searching import SearchKind, search
from intake.usecases.unmerging import MergedAgainSince

Making = Callable[..., AFamily]
TOLD = (Answer, Concern, Consent, Message, Flag, Referral, Suppression, Turn, Outreach)
OWNED = (Family, Child, Conversation)
ANA = ("Ana", about_child.tell_child_name)


@pytest.fixture
def texting(family: Making) -> AFamily:
    """Rosa texts about Mateo and told all."""
    return family(until=Kind.NEEDS_MET, answers=OLDER)


@pytest.fixture
def on_the_web(family: Making, texting: AFamily) -> AFamily:
    """Rosa on the web, about Mateo too, with another number to call."""
    return family(until=Kind.NEEDS_MET, channel="web", answers={**OLDER, Kind.PHONE: HER_OTHER_NUMBER})


@pytest.fixture
def luz(store: Store) -> int:
    return a_person(store)


def reasons(one: AFamily) -> list[set[str]]:
    return [set(suggestion.likeness.reasons) for suggestion in relatives(one).suggested]


def test_the_same_child_is_suggested_from_either_side_with_its_case(texting: AFamily, on_the_web: AFamily) -> None:
    assert reasons(texting) == reasons(on_the_web) == [{"child_and_birth", "contact_name"}]
    [found] = relatives(texting).suggested
    assert found.case.conversation_id == on_the_web.conversation().id
    assert found.case.receipt_number == on_the_web.conversation().receipt_number is not None


def test_a_number_to_call_that_texts_to_us_is_a_reason_and_a_sibling_no_hindrance(family: Making, texting: AFamily) -> None:
    sibling = family(until=Kind.NEEDS_MET, channel="web", answers={
        Kind.CHILD_NAME: ANA, Kind.BIRTH_DATE: birth(born(90)), Kind.PHONE: THE_SAME_NUMBER})
    assert reasons(sibling) == [{"phone_to_call", "contact_name"}]


def test_the_same_names_with_another_birth_date_are_another_family(family: Making, texting: AFamily) -> None:
    other = family(until=Kind.NEEDS_MET, channel="web", answers={Kind.BIRTH_DATE: birth(born(90)), Kind.PHONE: HER_OTHER_NUMBER})
    assert reasons(other) == reasons(texting) == []


def test_a_number_that_turned_out_to_be_somebody_elses_is_no_reason(family: Making, store: Store) -> None:
    wrong = family(until=Kind.WORRY, answers={Kind.CHILD_NAME: ANA})
    with store.transaction() as session:
        session.execute(update(Conversation).values(status=WRONG_PERSON))
    web = family(until=Kind.NEEDS_MET, channel="web", answers={**OLDER, Kind.PHONE: THE_SAME_NUMBER})
    assert reasons(web) == [] == reasons(wrong)


def test_who_did_not_agree_is_not_named(texting: AFamily, on_the_web: AFamily, store: Store) -> None:
    with store.transaction() as session:
        session.execute(update(Conversation).where(Conversation.channel == "web").values(status=REFUSED))
    assert reasons(texting) == []
    with pytest.raises(NotToBeMerged):
        compare(store, texting.conversation().id, on_the_web.conversation().id, 1)


def test_a_made_up_family_is_joined_to_none_whoever_asks(texting: AFamily, store: Store, luz: int) -> None:
    real = texting.conversation().id
    with store.transaction() as session:
        family = Family(language="en", practice=True)
        session.add(family)
        session.flush()
        talk = Conversation(public_id="made-up", family_id=family.id, channel="web", practice=True)
        session.add(talk)
        session.flush()
        made_up = talk.id
    for one, other in ((real, made_up), (made_up, real)):
        with pytest.raises(NotToBeMerged):
            compare(store, one, other, luz)
        with pytest.raises(NotToBeMerged):
            merge(store, one, other, Choice(), shown="", staff=luz, form_key=uuid4())
    assert rows(store, FamilyMerge) == []


def test_a_phone_asked_about_a_strangers_chat_is_neither_suggested_nor_joined(
        texting: AFamily, on_the_web: AFamily, store: Store, luz: int) -> None:
    with store.transaction() as session:
        session.execute(update(Conversation).where(Conversation.channel == "web").values(status="open"))
    ask_phone(store, on_the_web.content, token=on_the_web.token, typed=OTHER_PHONE)
    [asked] = [row for row in rows(store, Conversation) if row.asked_for is not None]
    assert len(relatives(on_the_web).suggested) == 1
    with pytest.raises(NotToBeMerged):
        compare(store, texting.conversation().id, asked.id, luz)
    with pytest.raises(CaseUnknown):
        say_apart(store, texting.conversation().id, asked.id, luz)
    with store.reading() as session:
        assert relatives_of(session, asked, texting.today).suggested == ()


def test_joined_nothing_that_was_told_changes_and_undone_everything_stands_as_before(
        texting: AFamily, on_the_web: AFamily, store: Store, luz: int) -> None:
    told, owned = dump(store, *TOLD), dump(store, *OWNED)
    done = joins(on_the_web, texting, luz)
    assert dump(store, *TOLD) == told and dump(store, *OWNED) != owned
    one, other = rows(store, Conversation)
    assert one.family_id == other.family_id and one.child_id == other.child_id
    undoes(texting, done, luz)
    undoes(on_the_web, done, luz)
    assert dump(store, *TOLD) == told
    assert dump(store, *OWNED) == owned
    assert [row.before for row in rows(store, FamilyMerge)] == [{}]


def test_the_facts_are_those_that_were_chosen(texting: AFamily, on_the_web: AFamily, store: Store, luz: int) -> None:
    pair = compare(store, texting.conversation().id, on_the_web.conversation().id, luz)
    assert proposed(pair).facts["phone"] == "other"  # told later
    joins(texting, on_the_web, luz, Choice({"phone": "this", "best_time": "other"}))
    family = texting.case()["family"]
    assert (family["phone"], family["best_time"]) == (PHONE, "morning")
    assert len({row.child_id for row in rows(store, Conversation)}) == 2  # nobody said that they are one child


def test_children_are_proposed_as_one_only_by_name_and_birth_date(family: Making, texting: AFamily, luz: int) -> None:
    sibling = family(until=Kind.NEEDS_MET, channel="web", answers={**OLDER, Kind.CHILD_NAME: ANA, Kind.PHONE: THE_SAME_NUMBER})
    pair = compare(texting.store, texting.conversation().id, sibling.conversation().id, luz)
    assert proposed(pair).same == frozenset()


def test_both_cases_get_their_lines(texting: AFamily, on_the_web: AFamily, store: Store, luz: int) -> None:
    done = joins(texting, on_the_web, luz)
    undoes(texting, done, luz)
    both = {str(row.id) for row in rows(store, Conversation)}
    for action in ("family.compared", "family.merged", "family.merge_undone"):
        lines = [row for row in rows(store, Audit) if row.action == action]
        assert {line.object_id for line in lines} == both and {line.actor for line in lines} == {f"staff:{luz}"}


def test_a_form_sent_twice_joins_once(texting: AFamily, on_the_web: AFamily, store: Store, luz: int) -> None:
    this, other, key = texting.conversation().id, on_the_web.conversation().id, uuid4()
    pair = compare(store, this, other, luz)
    made = {merge(store, this, other, proposed(pair), shown=pair.shown, staff=luz, form_key=key) for _ in range(2)}
    assert len(made) == 1 == len(rows(store, FamilyMerge))
    with pytest.raises(FormUsed):
        merge(store, this, uuid4(), proposed(pair), shown=pair.shown, staff=luz, form_key=key)


def test_two_who_join_at_once_join_once(texting: AFamily, on_the_web: AFamily, store: Store, luz: int) -> None:
    this, other = texting.conversation().id, on_the_web.conversation().id
    shown = {sides: compare(store, *sides, luz) for sides in ((this, other), (other, this))}

    def joining(sides: tuple[UUID, UUID]) -> str:
        pair = shown[sides]
        try:
            merge(store, *sides, proposed(pair), shown=pair.shown, staff=luz, form_key=uuid4())
        except AlreadyOneFamily:
            return "already"
        return "joined"

    with ThreadPoolExecutor() as both:
        said = sorted(both.map(joining, shown))
    assert said == ["already", "joined"] and len(rows(store, FamilyMerge)) == 1


def test_what_changed_since_it_was_shown_is_not_joined(texting: AFamily, on_the_web: AFamily, store: Store, luz: int) -> None:
    this, other = texting.conversation().id, on_the_web.conversation().id
    pair = compare(store, this, other, luz)
    with store.transaction() as session:
        session.execute(update(Family).values(place="06106"))
    before = dump(store, *OWNED)
    with pytest.raises(ChangedSinceShown):
        merge(store, this, other, proposed(pair), shown=pair.shown, staff=luz, form_key=uuid4())
    assert dump(store, *OWNED) == before


def test_a_child_is_the_same_as_one_other_child_of_these_families(texting: AFamily, on_the_web: AFamily, luz: int) -> None:
    mine, theirs = texting.conversation().child_id, on_the_web.conversation().child_id
    assert mine and theirs
    for same in ({(mine, uuid4())}, {(theirs, mine)}, {(mine, theirs), (mine, mine)}):
        with pytest.raises(ChildTwice):
            joins(texting, on_the_web, luz, Choice(same=frozenset(same)))
    assert rows(texting.store, FamilyMerge) == []


def test_what_is_one_family_or_none_is_not_compared(texting: AFamily, on_the_web: AFamily, luz: int) -> None:
    this = texting.conversation().id
    with pytest.raises(CaseUnknown):
        compare(texting.store, this, uuid4(), luz)
    joins(texting, on_the_web, luz)
    with pytest.raises(AlreadyOneFamily):
        compare(texting.store, this, on_the_web.conversation().id, luz)
    assert reasons(texting) == reasons(on_the_web) == []


def test_a_third_family_is_undone_before_the_second(family: Making, texting: AFamily, on_the_web: AFamily, store: Store,
                                                    luz: int) -> None:
    third = family(until=Kind.NEEDS_MET, channel="web", answers={**OLDER, Kind.PHONE: THE_SAME_NUMBER})
    before = dump(store, *OWNED)
    first = joins(texting, on_the_web, luz)
    second = joins(third, texting, luz)
    assert len({(row.family_id, row.child_id) for row in rows(store, Conversation)}) == 1
    with pytest.raises(MergedAgainSince):
        undoes(on_the_web, first, luz)
    undoes(third, second, luz)
    undoes(on_the_web, first, luz)
    assert dump(store, *OWNED) == before


def test_a_merge_is_undone_from_its_own_cases_only(family: Making, texting: AFamily, on_the_web: AFamily, luz: int) -> None:
    done = joins(texting, on_the_web, luz)
    third = family(until=Kind.WORRY, channel="web")
    with pytest.raises(CaseUnknown):
        undoes(third, done, luz)
    with pytest.raises(CaseUnknown):
        undoes(texting, uuid4(), luz)
    assert [row.undone_at for row in rows(texting.store, FamilyMerge)] == [None]


def test_families_said_apart_are_not_suggested_until_it_is_taken_back(texting: AFamily, on_the_web: AFamily, store: Store,
                                                                     luz: int) -> None:
    this, other = texting.conversation().id, on_the_web.conversation().id
    for _ in range(2):
        say_apart(store, other, this, luz)
    assert len(rows(store, FamilyApart)) == 1 and reasons(texting) == reasons(on_the_web) == []
    [said] = relatives(texting).apart
    assert (said.case.conversation_id, said.by) == (other, "Luz Mora")
    take_back_apart(store, this, said.id, luz)
    take_back_apart(store, other, said.id, luz)
    assert relatives(texting).apart == () and len(reasons(texting)) == 1
    assert len([row for row in rows(store, Audit) if row.action == "family.said_apart"]) == 2
    with pytest.raises(CaseUnknown):
        take_back_apart(store, this, uuid4(), luz)


def test_what_was_said_of_a_family_holds_for_what_it_was_joined_to(family: Making, texting: AFamily, on_the_web: AFamily,
                                                                  store: Store, luz: int) -> None:
    third = family(until=Kind.NEEDS_MET, channel="web", answers={**OLDER, Kind.PHONE: THE_SAME_NUMBER})
    say_apart(store, on_the_web.conversation().id, third.conversation().id, luz)
    joins(texting, on_the_web, luz)
    assert reasons(third) == [] and len(relatives(texting).apart) == 1


def test_what_was_told_before_a_merge_still_finds_the_case(family: Making, texting: AFamily, store: Store, luz: int) -> None:
    other = family(until=Kind.NEEDS_MET, channel="web", answers={
        **OLDER, Kind.PHONE: HER_OTHER_NUMBER, Kind.CHILD_NAME: ("Teo", about_child.tell_child_name)})
    mine, theirs = texting.conversation().child_id, other.conversation().child_id
    assert mine and theirs
    joins(texting, other, luz, Choice(dict.fromkeys(("phone", "contact_name"), "this"), frozenset({(mine, theirs)})))
    both = {row.id for row in rows(store, Conversation)}
    for typed, kind in ((OTHER_PHONE, SearchKind.PHONE), ("Teo", SearchKind.NAME), ("Mateo", SearchKind.NAME)):
        found = search(store, typed, luz, "HMG")
        assert (found.kind, {case.conversation_id for case in found.cases}) == (kind, both), typed
