"""A person at the console who is limited to a program: the guard of every case, what the pages show, who changes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from console.permissions import Permission, permission_of
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Call, Flag, HandOverNote, Message, Referral, ReferralMove, Staff
from intake.usecases.sight import limit_to, programs_of
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import PHONE, MadeUpCase, a_case

BIRTH_TO_THREE, OTHER = "birth_to_three", "easy_breathing"
NOT_OF_A_CASE = {"view_id", "export_id"}


@pytest.fixture
def omar(store: Store, ines: int) -> int:
    """Omar works for one program."""
    staff = a_colleague(store)
    _limit(store, staff, BIRTH_TO_THREE)
    return staff


@pytest.fixture
def his(app: Flask, omar: int) -> Desk:
    return desk_of(app, "Omar")


def _limit(store: Store, staff: int, *programs: str) -> None:
    with store.transaction() as session:
        limit_to(session, staff, programs)


def _refused(store: Store) -> list[tuple[str, str | None]]:
    return [(line.detail or "", line.object_id) for line in audit_lines(store, "access.refused")]


def _with_everything(store: Store, case: MadeUpCase, ines: int) -> tuple[UUID, UUID, UUID]:
    """A flag of the team's own, a note for another program, a call to the family; the ids of flag, referral, call."""
    with store.transaction() as session:
        flag = Flag(conversation_id=case.conversation, code="wants_person", rule="P1", urgency="standard")
        other = Referral(conversation_id=case.conversation, program_id=OTHER, reason_rule="R2", status="sent", moves=[
            ReferralMove(from_status=None, to_status="sent", actor="agent", source="agent", note="asthma since May")])
        call = Call(conversation_id=case.conversation, staff_id=ines, form_key=uuid4(), callee="family", outcome="reached",
                    note="mother is expecting again", at=datetime.now(UTC))
        session.add_all([flag, other, call])
        session.flush()
        return flag.id, other.id, call.id


# the guard


def test_every_route_of_a_case_is_refused_and_written_down_when_the_case_is_out_of_sight(
    app: Flask, store: Store, his: Desk
) -> None:
    case = a_case(store)
    with store.reading() as session:
        flag = session.scalars(select(Flag.id).where(Flag.conversation_id == case.conversation)).first()
    his_id = his_staff(store)
    _limit(store, his_id, OTHER)
    ids = {"conversation_id": case.conversation, "referral_id": case.referral, "message_id": case.first_message,
           "flag_id": flag}
    routes = [rule for rule in app.url_map.iter_rules() if "conversation_id" in rule.arguments]
    assert len(routes) >= 15
    for rule in routes:
        path = re.sub(r"<uuid:(\w+)>", lambda found: str(ids.get(found[1], uuid4())), rule.rule)
        before = len(_refused(store))
        answer = his.get(path) if "GET" in (rule.methods or set()) else his.post(path)
        assert answer.status_code == 404 and "Mateo" not in answer.text, rule.rule
        lines = audit_lines(store, "access.refused")[before:]
        assert [(line.actor, line.object_id) for line in lines] == [(f"staff:{his_id}", str(case.conversation))], rule.rule


def his_staff(store: Store) -> int:
    with store.reading() as session:
        return session.scalars(select(Staff.id).where(Staff.name == "Omar Diaz")).one()


def test_a_route_that_names_anything_of_a_case_names_the_case(app: Flask) -> None:
    """The guard reads the case from the address; what hangs on a case must stand under it."""
    bare = [rule.rule for rule in app.url_map.iter_rules() if "<uuid:" in rule.rule
            and "conversation_id" not in rule.arguments and not rule.arguments <= NOT_OF_A_CASE]
    assert bare == []


def test_a_route_of_a_case_is_closed_to_programs_unless_it_says_otherwise(app: Flask, store: Store, his: Desk) -> None:
    case = a_case(store)
    for path in (f"/cases/{case.conversation}/talk", f"/cases/{case.conversation}/take-over",
                 f"/cases/{case.conversation}/worries/{case.first_message}/domains"):
        answer = his.get(path) if path.endswith("/talk") else his.post(path)
        assert answer.status_code == 404, path
    assert len(_refused(store)) == 3
    open_to_programs = {rule.endpoint for rule in app.url_map.iter_rules() if "conversation_id" in rule.arguments
                        and getattr(app.view_functions[rule.endpoint], "of_program", False)}
    assert open_to_programs == {"cases.show", "cases.phone", "cases.move", "assigning.change", "calls.log", "packet.show",
                                "packet.pdf", "live.viewing"}


def test_a_case_that_does_not_exist_looks_the_same_as_one_out_of_sight(store: Store, his: Desk) -> None:
    _limit(store, his_staff(store), OTHER)
    case = a_case(store)
    pages = [his.get(f"/cases/{each}") for each in (case.conversation, uuid4())]
    assert pages[0].status_code == pages[1].status_code == 404
    without = [re.sub(r'value="[^"]*"', "", page.text) for page in pages]
    assert without[0] == without[1]


def test_s03_another_programs_case_is_opened_by_no_address(store: Store, his: Desk) -> None:
    """S3: by address, packet, PDF, talk, texts, calls, moves, phone; a search and the queue find nothing."""
    _limit(store, his_staff(store), OTHER)
    case = a_case(store, urgency=Urgency.URGENT)
    here, referral = f"/cases/{case.conversation}", f"/cases/{case.conversation}/referrals/{case.referral}"
    his.get("/")
    asked = [his.get(here), his.get(f"{referral}/packet"), his.get(f"{referral}/packet.pdf"), his.get(f"{here}/talk"),
             his.get(f"/live{here}/viewing"), his.post(f"{here}/texts", {"text": "hello", "for_this_family": "yes"}),
             his.post(f"{here}/take-over"), his.post(f"{here}/calls", {"call": "family/reached", "key": str(uuid4())}),
             his.post(f"{referral}/moves", {"to": "sent", "version": "1", "source": "staff"}), his.post(f"{here}/phone"),
             his.post(f"{here}/assignee", {"to": "me", "shown": "nobody"})]
    assert [answer.status_code for answer in asked] == [404] * len(asked)
    assert all(secret not in answer.text for answer in asked for secret in ("Mateo", "Delgado", "0142", "two words"))
    assert [case_id for _, case_id in _refused(store)] == [str(case.conversation)] * len(asked)
    for typed in (case.receipt, PHONE, "Mateo"):
        assert f"/cases/{case.conversation}" not in his.post("/search", {"looked_for": typed}).text, typed
    assert len(audit_lines(store, "case.searched")) == 3
    for path in ("/", "/live/queue", "/day", "/?urgency=urgent"):
        assert str(case.conversation) not in his.get(path).text, path
    with store.reading() as session:
        assert session.get_one(Referral, case.referral).version == 1 and session.query(Call).count() == 0


# what is shown


def test_a_program_sees_of_a_case_what_the_packet_tells(store: Store, his: Desk, ines: int) -> None:
    case = a_case(store)
    _with_everything(store, case, ines)
    page = his.get(f"/cases/{case.conversation}").text
    for shown in ("Mateo Luis", "he only says two words", "Birth to Three", "Rosa Delgado-Ortiz", "06106", case.receipt):
        assert shown in page, shown
    for hidden in ("no he does not do that", "What worries you", "Easy Breathing", "asthma", "expecting", "555-0142",
                   "Take over", "This has been dealt with", "wants_person", "family/reached"):
        assert hidden not in page, hidden
    assert "555-0142" in his.post(f"/cases/{case.conversation}/phone").text
    assert [line.action for line in audit_lines(store) if line.object_id == str(case.conversation)][:1] == ["case.viewed"]


def test_the_queue_the_search_and_the_day_tell_a_program_its_own_alone(
    store: Store, his: Desk, desk: Desk, ines: int, omar: int
) -> None:
    case, draft = a_case(store), a_case(store)
    _with_everything(store, case, ines)
    with store.transaction() as session:
        session.get_one(Referral, draft.referral).status = "draft"
    his.get("/")
    assert his.post(f"/cases/{case.conversation}/assignee", {"to": "me", "shown": "nobody"}).status_code == 303
    page, day = his.get("/").text, his.get("/day").text
    assert case.receipt in page and draft.receipt not in page and "1 " in page
    for text in (page, day):
        assert "Birth to Three" in text and "Easy Breathing" not in text and "Wants" not in text
    assert "Easy Breathing" in desk.get("/").text and draft.receipt in desk.get("/").text
    assert case.receipt in his.post("/search", {"looked_for": "Mateo"}).text
    assert draft.receipt not in his.post("/search", {"looked_for": "Mateo"}).text


def test_a_program_moves_its_own_referral_and_no_other(store: Store, his: Desk, ines: int) -> None:
    case = a_case(store)
    _, other, _ = _with_everything(store, case, ines)
    his.get(f"/cases/{case.conversation}")
    form = {"to": "sent", "version": "1", "source": "staff"}
    assert his.post(f"/cases/{case.conversation}/referrals/{other}/moves", form).status_code == 404
    assert _refused(store) == [("move_referral", str(case.conversation))]
    answer = his.post(f"/cases/{case.conversation}/referrals/{case.referral}/moves", form)
    assert answer.status_code == 303 and f"#referral-{case.referral}" in (answer.location or "")
    gone = {"to": "declined", "version": "2", "source": "program", "reason": "family_chose_not_to"}
    answer = his.post(f"/cases/{case.conversation}/referrals/{case.referral}/moves", gone)
    assert answer.status_code == 303 and answer.location == "/"
    assert his.get(f"/cases/{case.conversation}").status_code == 404


def test_a_program_sees_and_logs_the_calls_to_itself(store: Store, his: Desk, ines: int, omar: int) -> None:
    case = a_case(store)
    _with_everything(store, case, ines)
    his.get(f"/cases/{case.conversation}")
    here = f"/cases/{case.conversation}/calls"
    assert his.post(here, {"call": "family/reached", "key": str(uuid4())}).status_code == 404
    mine = {"call": f"program:{case.referral}/no_answer", "key": str(uuid4()), "note": "nobody there"}
    assert his.post(here, mine).status_code == 303
    page = his.get(f"/cases/{case.conversation}").text
    assert "nobody there" in page and "expecting" not in page


def test_the_packet_of_a_program_is_the_same_as_the_teams(store: Store, his: Desk, desk: Desk, ines: int) -> None:
    case = a_case(store)
    path = f"/cases/{case.conversation}/referrals/{case.referral}/packet"
    cut = re.compile(r"<p class=\"small\">.*?</p>", re.S)
    his_page, her_page = his.get(path), desk.get(path)
    assert his_page.status_code == 200 and cut.sub("", his_page.text) == cut.sub("", her_page.text)
    assert his.get(path + ".pdf").status_code == 200


def test_a_program_reads_only_the_notes_that_are_for_it(store: Store, his: Desk, ines: int, omar: int) -> None:
    with store.transaction() as session:
        for to, text in ((None, "call the Reyes family"), (ines, "about the twins"), (omar, "your packet is ready")):
            session.add(HandOverNote(for_staff_id=to, written_by=ines, text=text, written_at=datetime.now(UTC)))
    for path in ("/day", "/day?for=team", f"/day?for={ines}"):
        page = his.get(path).text
        assert "your packet is ready" in page and "Reyes" not in page and "twins" not in page, path
    assert his.post("/day/notes", {"to": "team", "text": "hello", "shown": ""}).status_code == 422


def test_a_program_opens_no_case_for_who_phones(store: Store, his: Desk) -> None:
    assert his.get("/cases/phoned").status_code == 404 and his.post("/cases/phoned").status_code == 404
    assert "/cases/phoned" not in his.get("/").text


@pytest.mark.parametrize("path", ["/exports", "/figures"])
def test_what_is_the_teams_alone_is_not_there_for_a_program(store: Store, his: Desk, path: str) -> None:
    assert his.get(path).status_code == 404 and f'href="{path}"' not in his.get("/").text
    assert [line.object_type for line in audit_lines(store, "access.refused")] == ["permission"]


def test_a_colleague_is_offered_a_case_only_when_they_may_see_it(store: Store, desk: Desk, omar: int) -> None:
    case = a_case(store)
    assert "Omar Diaz" in desk.get(f"/cases/{case.conversation}").text
    _limit(store, omar, OTHER)
    assert "Omar Diaz" not in desk.get(f"/cases/{case.conversation}").text
    assert desk.post(f"/cases/{case.conversation}/assignee", {"to": str(omar), "shown": "nobody"}).status_code == 422


# who changes it


def test_an_administrator_limits_a_person_and_it_is_in_force_at_the_next_request(
    app: Flask, store: Store, ada: int, his: Desk, omar: int
) -> None:
    case, hers = a_case(store), desk_of(app, "Ada")
    assert his.get(f"/cases/{case.conversation}").status_code == 200
    page = hers.get(f"/people/{omar}").text
    assert f'name="program_{BIRTH_TO_THREE}" value="yes" checked' in page
    answer = hers.post(f"/people/{omar}/programs", {f"program_{OTHER}": "yes"})
    assert answer.status_code == 302
    with store.reading() as session:
        assert programs_of(session, omar) == [OTHER]
    assert his.get(f"/cases/{case.conversation}").status_code != 200
    line = audit_lines(store, "staff.programs_changed")[0]
    assert (line.actor, line.object_id, line.detail) == (f"staff:{ada}", str(omar), OTHER)
    assert hers.post(f"/people/{omar}/programs", {"all_families": "yes"}).status_code == 302
    with store.reading() as session:
        assert programs_of(session, omar) == []
    assert audit_lines(store, "staff.programs_changed")[1].detail == "all"


def test_a_limit_to_a_program_that_is_gone_is_kept_until_somebody_says_otherwise(
    app: Flask, store: Store, ada: int, omar: int
) -> None:
    _limit(store, omar, "closed_last_year")
    hers = desk_of(app, "Ada")
    page = hers.get(f"/people/{omar}").text
    assert 'name="program_closed_last_year" value="yes" checked' in page
    answer = hers.post(f"/people/{omar}/programs", {})
    assert answer.status_code == 422 and "Tick a program" in answer.text
    both = hers.post(f"/people/{omar}/programs", {f"program_{OTHER}": "yes", "all_families": "yes"})
    assert both.status_code == 422 and f'name="program_{OTHER}" value="yes" checked' in both.text
    assert audit_lines(store, "staff.programs_changed") == []
    assert hers.post(f"/people/{omar}/programs", {"program_closed_last_year": "yes"}).status_code == 302
    with store.reading() as session:
        assert programs_of(session, omar) == ["closed_last_year"]


def test_no_program_that_there_is_none_of_and_nobody_else_changes_it(
    app: Flask, store: Store, ada: int, desk: Desk, his: Desk, omar: int
) -> None:
    hers = desk_of(app, "Ada")
    hers.get(f"/people/{omar}")
    assert hers.post(f"/people/{omar}/programs", {"program_nowhere": "yes"}).status_code == 400
    assert hers.post(f"/people/{ada}/programs", {f"program_{OTHER}": "yes"}).status_code == 409
    assert desk.post(f"/people/{omar}/programs", {}).status_code == 404
    assert his.post(f"/people/{omar}/programs", {}).status_code == 404
    with store.reading() as session:
        assert programs_of(session, omar) == [BIRTH_TO_THREE]


def test_the_permission_of_every_case_route_is_one_that_sees_families(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if "conversation_id" in rule.arguments:
            assert permission_of(app, rule.endpoint) not in (Permission.SIGNED_IN, Permission.EVERYBODY), rule.rule


def test_a_message_of_another_case_is_not_reached_through_ones_own(store: Store, desk: Desk) -> None:
    case, another = a_case(store), a_case(store)
    desk.get(f"/cases/{case.conversation}")
    answer = desk.post(f"/cases/{case.conversation}/worries/{another.first_message}/domains", {})
    assert answer.status_code == 404
    with store.reading() as session:
        assert session.get_one(Message, another.first_message).conversation_id == another.conversation
