"""A family beyond one case at the console: children side by side, suggestions with reasons, joining two by hand, parting them."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from werkzeug.test import TestResponse

from intake.rules.referral import ReferralStatus
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Answer, Child, Conversation, Family, FamilyApart, FamilyMerge, Message
from intake.usecases.staff import StaffRole
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import PHONE, MadeUpCase, a_case

OTHER_PHONE = "+18605550177"


@pytest.fixture
def mateo(store: Store) -> MadeUpCase:
    return a_case(store)


@pytest.fixture
def again(store: Store, mateo: MadeUpCase) -> MadeUpCase:
    """The same mother about the same child once more, on the web, with another number."""
    case = a_case(store, child_name="mateo luis", channel="web", worry="he hits", urgency=Urgency.URGENT)
    change(store, case, phone=OTHER_PHONE, phone_index=store.keys.phone_index(OTHER_PHONE), place="Hartford")
    return case


def change(store: Store, case: MadeUpCase, **facts: object) -> None:
    with store.transaction() as session:
        family = session.get_one(Conversation, case.conversation).family
        for fact, value in facts.items():
            setattr(family, fact, value)


def change_child(store: Store, case: MadeUpCase, **facts: object) -> None:
    with store.transaction() as session:
        session.execute(update(Child).where(Child.id == case.child).values(facts))


def words(answer: TestResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def path(case: MadeUpCase, rest: str = "") -> str:
    return f"/cases/{case.conversation}{rest}"


def both(case: MadeUpCase, other: MadeUpCase) -> str:
    return path(case, f"/same-family/{other.conversation}")


def hidden(answer: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', answer.text)
    assert found, name
    return found[1]


def fields(answer: TestResponse, **more: object) -> dict[str, object]:
    """The form of the page as it stands, with what a person chose beside it."""
    chosen = dict(re.findall(r'name="(fact_\w+)" value="(\w+)"[^>]*checked', answer.text))
    same = re.findall(r'name="same" value="([^"]+)" checked', answer.text)
    return {"key": hidden(answer, "key"), "shown": hidden(answer, "shown"), **chosen, "same": same, **more}


def joins(desk: Desk, case: MadeUpCase, other: MadeUpCase, **more: object) -> TestResponse:
    return desk.post(both(case, other), fields(desk.get(both(case, other)), **more))


def conversations(store: Store) -> dict[UUID, Conversation]:
    with store.reading() as session:
        return {row.id: row for row in session.scalars(select(Conversation))}


def one_merge(store: Store) -> FamilyMerge:
    with store.reading() as session:
        return session.scalars(select(FamilyMerge)).one()


def undo(case: MadeUpCase, merge: UUID) -> str:
    return path(case, f"/merges/{merge}/undo")


def test_a_case_says_which_may_be_the_same_family_and_why(desk: Desk, mateo: MadeUpCase, again: MadeUpCase) -> None:
    page = words(desk.get(path(mateo)))
    assert (f"Very likely the same family as {again.receipt} : the same child's name and birth date; "
            "the same name of the person to ask for.") in page
    assert mateo.receipt in words(desk.get(path(again)))


def test_a_case_by_itself_says_nothing_of_kin(desk: Desk, mateo: MadeUpCase) -> None:
    assert 'id="kin"' not in desk.get(path(mateo)).text


def test_at_most_five_are_shown_and_the_queries_do_not_grow(desk: Desk, store: Store, mateo: MadeUpCase,
                                                            again: MadeUpCase) -> None:
    few = queries(desk, store, path(mateo))
    for _ in range(6):
        a_case(store)
    assert queries(desk, store, path(mateo)) == few
    assert desk.get(path(mateo)).text.count(">Compare<") == 5


def queries(desk: Desk, store: Store, address: str) -> int:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    assert desk.get(address).status_code == 200
    event.remove(store.engine, "before_cursor_execute", note)
    return len(seen)


def test_the_page_to_join_shows_both_with_what_differs(desk: Desk, store: Store, mateo: MadeUpCase, again: MadeUpCase,
                                                       ines: int) -> None:
    answer = desk.get(both(mateo, again))
    page = words(answer)
    for told in ("Rosa Delgado-Ortiz", "06106", "Hartford", mateo.receipt, again.receipt, "Mateo Luis", "0142", "0177"):
        assert told in page
    assert answer.text.count('class="differs"') == 2 == page.count("differs")
    assert "555-0142" not in page and PHONE not in answer.text
    assert 'name="fact_phone" value="other"' in answer.text and fields(answer)["fact_phone"] == "other"
    lines = {(line.actor, line.object_id) for line in audit_lines(store, "family.compared")}
    assert lines == {(f"staff:{ines}", str(case.conversation)) for case in (mateo, again)}


def test_children_are_ticked_as_one_only_by_name_and_birth_date(desk: Desk, store: Store, mateo: MadeUpCase,
                                                                again: MadeUpCase) -> None:
    assert fields(desk.get(both(mateo, again)))["same"] == [f"{mateo.child}:{again.child}"]
    change_child(store, again, birth_is_exact=False)
    assert fields(desk.get(both(mateo, again)))["same"] == []
    change_child(store, again, birth_is_exact=True, birth_date=date(2025, 3, 5))
    assert fields(desk.get(both(mateo, again)))["same"] == []


def test_joined_a_case_says_with_which_by_whom_and_is_undone(desk: Desk, store: Store, mateo: MadeUpCase, again: MadeUpCase,
                                                             ines: int) -> None:
    before = {id_: (row.family_id, row.child_id) for id_, row in conversations(store).items()}
    assert joins(desk, mateo, again, fact_phone="this").status_code == 303
    assert len({(row.family_id, row.child_id) for row in conversations(store).values()}) == 1
    page = words(desk.get(path(mateo)))
    assert f"Merged with {again.receipt} by Ines Vega on" in page and "Possibly" not in page and "Very likely" not in page
    assert f"Merged with {mateo.receipt} by Ines Vega on" in words(desk.get(path(again)))
    assert desk.post(undo(again, one_merge(store).id)).status_code == 303
    assert {id_: (row.family_id, row.child_id) for id_, row in conversations(store).items()} == before
    assert "Very likely the same family" in words(desk.get(path(mateo)))
    for action in ("family.merged", "family.merge_undone"):
        assert {line.object_id for line in audit_lines(store, action)} == {str(id_) for id_ in before}


def test_what_changed_meanwhile_is_shown_again_with_what_was_chosen(desk: Desk, store: Store, mateo: MadeUpCase,
                                                                   again: MadeUpCase) -> None:
    form = fields(desk.get(both(mateo, again)), fact_phone="this", same=[])
    change(store, again, doctor="Dr. Okafor")
    answer = desk.post(both(mateo, again), form)
    assert answer.status_code == 409 and "Nothing was merged" in words(answer) and "Okafor" in answer.text
    kept = fields(answer)
    assert (kept["fact_phone"], kept["same"], kept["fact_doctor"]) == ("this", [], "other")
    assert desk.post(both(mateo, again), kept).status_code == 303


def test_two_people_who_join_at_once_join_once(app: Flask, desk: Desk, store: Store, mateo: MadeUpCase,
                                               again: MadeUpCase) -> None:
    a_colleague(store)
    omar = desk_of(app, "Omar")
    mine, his = fields(desk.get(both(mateo, again))), fields(omar.get(both(again, mateo)))
    assert desk.post(both(mateo, again), mine).status_code == 303
    late = omar.post(both(again, mateo), his)
    assert late.status_code == 409 and "one family already" in words(late)
    assert desk.post(both(mateo, again), mine).status_code == 303  # the button pressed twice
    assert one_merge(store).undone_at is None and omar.get(both(mateo, again)).status_code == 409


@pytest.mark.parametrize("wrong", [{"fact_phone": "theirs"}, {"same": ["x"]}, {"same": ["a:b:c"]}, {"key": "1"}, {"key": ""},
                                   {"same": [str(uuid4())]}, {"same": [f"{uuid4()}:{uuid4()}"]}])
def test_a_form_that_our_page_did_not_make_joins_nothing(desk: Desk, store: Store, mateo: MadeUpCase, again: MadeUpCase,
                                                         wrong: dict[str, object]) -> None:
    answer = joins(desk, mateo, again, **wrong)
    assert answer.status_code == 422 and "Nothing was merged" in words(answer)
    assert len({row.family_id for row in conversations(store).values()}) == 2


def test_a_case_that_is_not_there_or_a_strangers_phone_cannot_be_joined(desk: Desk, store: Store, mateo: MadeUpCase,
                                                                       again: MadeUpCase) -> None:
    assert desk.get(path(mateo, f"/same-family/{uuid4()}")).status_code == 404
    assert desk.get(both(mateo, mateo)).status_code == 409
    form = fields(desk.get(both(mateo, again)))
    with store.transaction() as session:
        session.get_one(Conversation, again.conversation).asked_for = mateo.conversation
    for answer in (desk.get(both(mateo, again)), desk.post(both(mateo, again), form)):
        assert answer.status_code == 409 and "cannot be merged" in words(answer)
    assert "Compare" not in desk.get(path(mateo)).text


def test_what_was_told_since_is_named_before_it_is_undone(desk: Desk, store: Store, mateo: MadeUpCase, again: MadeUpCase) -> None:
    joins(desk, mateo, again)
    change(store, mateo, doctor="Dr. Okafor")
    answer = desk.post(undo(mateo, one_merge(store).id))
    assert answer.status_code == 409 and "Since the merge this has changed: Doctor" in words(answer)
    assert one_merge(store).undone_at is None
    assert desk.post(undo(mateo, one_merge(store).id), {"anyway": "x"}).status_code == 409
    assert desk.post(undo(mateo, one_merge(store).id), {"anyway": hidden(answer, "anyway")}).status_code == 303
    assert one_merge(store).undone_at is not None


def test_a_merge_of_other_cases_is_not_found(desk: Desk, store: Store, mateo: MadeUpCase, again: MadeUpCase) -> None:
    joins(desk, mateo, again)
    third = a_case(store)
    assert desk.post(undo(third, one_merge(store).id)).status_code == 404
    assert desk.post(undo(mateo, uuid4())).status_code == 404
    joins(desk, third, mateo)
    with store.reading() as session:
        first = session.scalars(select(FamilyMerge).order_by(FamilyMerge.merged_at)).first()
    assert first is not None and desk.post(undo(mateo, first.id)).status_code == 409
    assert words(desk.get(path(again))).count("Undo the merge") == 1


def test_not_the_same_family_is_kept_and_taken_back(desk: Desk, store: Store, mateo: MadeUpCase, again: MadeUpCase) -> None:
    desk.get(path(mateo))
    assert desk.post(both(mateo, again) + "/apart").status_code == 303
    page = words(desk.get(path(again)))
    assert f"Said not to be the same family as {mateo.receipt} by Ines Vega on" in page and "Very likely" not in page
    with store.reading() as session:
        row = session.scalars(select(FamilyApart)).one()
    assert desk.post(path(a_case(store, child_name="Noah"), f"/apart/{row.id}/undo")).status_code == 404
    assert desk.post(path(again, f"/apart/{row.id}/undo")).status_code == 303
    assert "Very likely" in words(desk.get(path(mateo)))
    assert desk.post(path(mateo, f"/same-family/{uuid4()}/apart")).status_code == 404


def test_a_packet_has_the_contact_of_its_own_case(desk: Desk, mateo: MadeUpCase, again: MadeUpCase) -> None:
    joins(desk, mateo, again, fact_phone="other")
    assert "0177" in words(desk.get(path(mateo)))
    for case, mine, other in ((mateo, "555-0142", "555-0177"), (again, "555-0177", "555-0142")):
        packet = words(desk.get(path(case, f"/referrals/{case.referral}/packet")))
        assert mine in packet and other not in packet


# children side by side


def siblings(store: Store, *names: str, born: date = date(2025, 3, 4)) -> list[MadeUpCase]:
    """Cases of one family, one for each child."""
    cases = [a_case(store, child_name=name, worry=f"about {name}") for name in names]
    family = conversations(store)[cases[0].conversation].family_id
    for case in cases[1:]:
        change_child(store, case, family_id=family, birth_date=born)
        with store.transaction() as session:
            session.execute(update(Conversation).where(Conversation.id == case.conversation).values(family_id=family))
    return cases


def test_children_stand_side_by_side_with_what_was_told_of_each(desk: Desk, store: Store, ines: int) -> None:
    ana, luis = siblings(store, "Ana", "Luis", born=date(2023, 1, 9))
    assert "side by side" in words(desk.get(path(ana)))
    page = words(desk.get(path(ana, "/children")))
    for told in ("Ana", "Luis", "about Ana", "about Luis", ana.receipt, luis.receipt, "points so that", "January 9, 2023",
                 "Ready to send"):
        assert told in page, told
    assert "Twin of" not in page
    seen = {line.object_id for line in audit_lines(store, "case.viewed") if line.detail == "children"}
    assert seen == {str(case.conversation) for case in (ana, luis)}


def test_twins_are_named_as_such(desk: Desk, store: Store) -> None:
    ana, _ = siblings(store, "Ana", "Luis")
    page = words(desk.get(path(ana, "/children")))
    assert "Twin of Luis" in page and "Twin of Ana" in page


def test_the_queries_are_as_many_for_five_children_as_for_two(desk: Desk, store: Store) -> None:
    two = siblings(store, "Ana", "Luis")
    few = queries(desk, store, path(two[0], "/children"))
    five = siblings(store, "Ana", "Luis", "Noah", "Ines", "Mateo")
    assert queries(desk, store, path(five[0], "/children")) == few < 20
    assert 'class="children of-4"' in desk.get(path(five[0], "/children")).text


def test_a_second_case_of_one_child_stands_in_its_column_with_the_latest_answer(desk: Desk, store: Store, mateo: MadeUpCase,
                                                                               again: MadeUpCase) -> None:
    joins(desk, mateo, again)
    with store.transaction() as session:
        line = session.scalars(select(Message).where(Message.conversation_id == again.conversation)).first()
        assert line is not None
        session.execute(update(Answer).where(Answer.conversation_id == mateo.conversation).values(value="not_sure"))
    page = desk.get(path(mateo, "/children")).text
    assert page.count('class="card child-column"') == 1 and mateo.receipt in page and again.receipt in page
    assert len(re.findall(r'class="value value-\w+"', page)) == 1


def test_a_child_not_told_of_yet_has_a_column_and_what_families_wrote_stays_text(desk: Desk, store: Store) -> None:
    ana, nobody = siblings(store, "<script>alert(1)</script>", "Luis")
    with store.transaction() as session:
        row = session.get_one(Conversation, nobody.conversation)
        row.child_id = None
        session.execute(update(Answer).where(Answer.child_id == nobody.child).values(child_id=None))
    page = desk.get(path(ana, "/children")).text
    assert "No child told of yet" in page and "<script>alert" not in page


def test_who_may_not_see_cases_sees_no_family(app: Flask, store: Store, mateo: MadeUpCase, again: MadeUpCase) -> None:
    a_colleague(store, "Ada Cruz", StaffRole.ADMINISTRATOR)
    ada = desk_of(app, "Ada")
    assert ada.get(path(mateo, "/children")).status_code == ada.get(both(mateo, again)).status_code == 404
    assert ada.post(both(mateo, again)).status_code == ada.post(both(mateo, again) + "/apart").status_code == 404
    assert desk_of(app, "Ada").get(path(a_case(store, status=ReferralStatus.SENT), "/children")).status_code == 404


def test_a_supervisor_may_join_too_and_reads_it_in_spanish(app: Flask, store: Store, mateo: MadeUpCase,
                                                           again: MadeUpCase) -> None:
    a_colleague(store, "Sol Paz", StaffRole.SUPERVISOR)
    sol = desk_of(app, "Sol")
    sol.client.set_cookie("console_language", "es", domain="console.example")
    page = words(sol.get(path(mateo)))
    assert f"Muy probablemente es la misma familia que {again.receipt}" in page
    assert "¿Son la misma familia?" in words(sol.get(both(mateo, again)))
    assert joins(sol, mateo, again).status_code == 303
    assert "Unida con" in words(sol.get(path(again)))


def test_a_case_of_another_family_says_no_children(desk: Desk, store: Store, mateo: MadeUpCase) -> None:
    assert desk.get(f"/cases/{uuid4()}/children").status_code == 404
    with store.reading() as session:
        assert len(list(session.scalars(select(Family)))) == 1
    assert words(desk.get(path(mateo, "/children"))).count("Mateo Luis") == 1
