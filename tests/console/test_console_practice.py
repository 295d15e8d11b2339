"""Practice at the console: made-up families alone, plainly marked, and nothing that mixes them with real ones."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select
from walks import walks_of

from console.content import ConsoleContent
from console.figures import read_figures
from console.sessions import PRACTICE
from intake.rules.due import Calendar
from intake.rules.exporting import ExportColumns, ExportPurpose
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Conversation, Family, FamilyApart, FamilyMerge, Message, PracticeCase, Referral, Staff
from intake.usecases.export_rows import Wanted, count_rows
from intake.usecases.sight import limit_to
from intake.usecases.stepping_in import send_staff_text
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import ADDRESS, Desk, audit_lines
from tests.console.made_up_families import PHONE, a_case

PHONED = {"child_name": "Comet", "age_months": "30", "worry": "He does not talk", "contact_name": "Uma Sample",
          "relation": "parent", "phone": "860-555-0188", "language": "en", "agreed": "yes", "how_agreed": "phone"}
AT_THE_DESK = "practice at the desk"


@pytest.fixture
def practice(app: Flask, store: Store, console_content: ConsoleContent, password_hash: str) -> Desk:
    """Ines's desk; she has just begun to practice. Her families are made twice at most, then copied."""
    walks = walks_of(store, console_content.intake)
    known = walks.put_back(AT_THE_DESK)
    if known is None:
        a_colleague(store, "Ines Vega", password_hash=password_hash)
    desk = desk_of(app, "Ines")
    if known is None:
        assert desk.post("/practice", {"to": "on"}).status_code == 303
        walks.was_walked(AT_THE_DESK, {})
    else:
        with desk.client.session_transaction(base_url=ADDRESS) as session:
            session[PRACTICE] = True
    desk.get("/")
    return desk


def _case(store: Store, family: str) -> Conversation:
    with store.reading() as session:
        query = (select(Conversation).join(PracticeCase, PracticeCase.conversation_id == Conversation.id)
                 .where(PracticeCase.family == family))
        return session.scalars(query).one()


def _receipts(page: str) -> set[str]:
    return set(re.findall(r"HMG-\w+", page))


def test_practice_shows_made_up_families_alone_and_its_end_real_ones_alone(store: Store, desk: Desk, ines: int) -> None:
    real = a_case(store, urgency=Urgency.EMERGENCY)
    assert _receipts(desk.get("/").text) == {real.receipt}
    desk.post("/practice", {"to": "on"})
    page = desk.get("/").text
    assert real.receipt not in page and "Casi no habla" in page
    mine = _case(store, "globo")
    assert mine.receipt_number in page
    assert desk.get(f"/cases/{mine.id}").status_code == 200
    assert desk.get(f"/cases/{real.conversation}").status_code == 404
    desk.post("/practice", {"to": "off"})
    assert _receipts(desk.get("/").text) == {real.receipt}
    assert desk.get(f"/cases/{mine.id}").status_code == 404
    refused = [line.object_id for line in audit_lines(store, "access.refused")]
    assert refused == [str(real.conversation), str(mine.id)]
    told = [(line.actor, line.action) for line in audit_lines(store) if line.action.startswith("practice.")]
    assert told == [(f"staff:{ines}", action) for action in ("practice.on", "practice.started_afresh", "practice.off")]


def test_every_page_in_practice_says_so_in_words(store: Store, practice: Desk) -> None:
    case = _case(store, "globo")
    for path in ("/", "/day", "/search", "/cases/phoned", "/account", "/nowhere", f"/cases/{case.id}"):
        page = practice.get(path).text
        assert "<title>Practice · " in page and "Made-up families only" in page and "End practice" in page, path
    page = practice.get("/", headers={"Accept-Language": "es"}).text
    assert "<title>Práctica · " in page and "Solo familias inventadas" in page
    practice.post("/practice", {"to": "off"})
    assert "Made-up" not in practice.get("/").text


def test_a_packet_of_practice_says_on_each_page_that_there_is_no_such_family(store: Store, practice: Desk) -> None:
    case = _case(store, "globo")
    with store.reading() as session:
        referral = session.scalars(select(Referral).where(Referral.conversation_id == case.id)).one()
    path = f"/cases/{case.id}/referrals/{referral.id}/packet"
    page = practice.get(path).text
    assert '<p class="practice">PRACTICE, not a real family</p>' in page and "<title>Practice · " in page
    pages = PdfReader(io.BytesIO(practice.get(path + ".pdf").data)).pages
    assert pages and all("PRACTICE, not a real family" in each.extract_text() for each in pages)


def test_a_program_practices_with_the_families_it_would_see(store: Store, practice: Desk) -> None:
    with store.transaction() as session:
        limit_to(session, session.scalars(select(Staff.id)).one(), ["birth_to_three"])
    page = practice.get("/").text
    seen, draft = _case(store, "globo"), _case(store, "rocket")
    assert seen.receipt_number in page and draft.receipt_number not in page and "kite" not in page
    assert practice.get(f"/cases/{seen.id}").status_code == 200 and practice.get(f"/cases/{draft.id}").status_code == 404


def test_a_real_packet_says_nothing_of_practice(store: Store, desk: Desk) -> None:
    case = a_case(store)
    assert "PRACTICE" not in desk.get(f"/cases/{case.conversation}/referrals/{case.referral}/packet").text


def test_search_and_day_keep_made_up_and_real_apart(store: Store, desk: Desk) -> None:
    real = a_case(store, child_name="Globo")
    desk.get("/")
    assert real.receipt in desk.post("/search", {"looked_for": "Globo"}).text
    desk.post("/practice", {"to": "on"})
    mine = _case(store, "globo")
    assert mine.receipt_number is not None
    found = desk.post("/search", {"looked_for": "Globo"}).text
    assert mine.receipt_number in found and real.receipt not in found
    assert real.receipt not in desk.post("/search", {"looked_for": PHONE}).text
    desk.post(f"/cases/{mine.id}/assignee", {"to": "me", "shown": "nobody"})
    assert mine.receipt_number in desk.get("/day").text
    desk.post("/practice", {"to": "off"})
    assert mine.receipt_number not in desk.get("/day").text
    assert mine.receipt_number not in desk.post("/search", {"looked_for": mine.receipt_number}).text.replace("value", "")


def test_a_phoned_case_in_practice_is_a_made_up_one(store: Store, practice: Desk) -> None:
    page = practice.get("/cases/phoned").text
    assert 'name="mode" value="practice"' in page
    answer = practice.post("/cases/phoned", {**PHONED, "key": str(uuid4()), "mode": "practice"})
    assert answer.status_code == 303
    with store.reading() as session:
        row = session.get_one(Conversation, UUID((answer.location or "").split("/")[-1]))
        assert row.practice and session.get_one(Family, row.family_id).phone_index is None
    assert practice.get(answer.location or "").status_code == 200


@pytest.mark.parametrize("sent", ["", "practice"])
def test_a_family_typed_before_the_switch_is_kept_on_neither_side(store: Store, desk: Desk, sent: str) -> None:
    desk.get("/")
    if not sent:
        desk.post("/practice", {"to": "on"})
    with store.reading() as session:
        before = session.query(Conversation).count()
    answer = desk.post("/cases/phoned", {**PHONED, "key": str(uuid4()), "mode": sent})
    assert answer.status_code == 409 and "He does not talk" in answer.text and "Nothing was saved" in answer.text
    with store.reading() as session:
        assert session.query(Conversation).count() == before


def test_a_page_opened_before_the_switch_is_not_filled_with_the_other_families(store: Store, desk: Desk) -> None:
    case = a_case(store)
    page = desk.get("/").text
    source = re.findall(r'data-source="([^"]+)"', page)[0]
    assert desk.get(source).status_code == 200
    desk.post("/practice", {"to": "on"})
    assert desk.get(source).status_code == 409 and "Globo" not in desk.get(source).text
    for path in (f"/live/cases/{case.conversation}/viewing", f"/cases/{case.conversation}/talk"):
        answer = desk.get(path)
        assert answer.status_code == 409 and "Mateo" not in answer.text
    assert audit_lines(store, "access.refused") == []
    source = re.findall(r'data-source="([^"]+)"', desk.get("/").text)[0]
    assert "mode=practice" in source and desk.get(source.replace("&amp;", "&")).status_code == 200


def test_what_is_written_in_practice_goes_the_usual_way_and_is_marked(store: Store, app: Flask, practice: Desk) -> None:
    case, key = _case(store, "bubble"), uuid4()
    practice.get(f"/cases/{case.id}")
    assert practice.post(f"/cases/{case.id}/take-over").status_code == 303
    text = {"text": "Hello, this is the team", "key": str(key), "for_this_family": "yes"}
    assert "segment" in practice.post(f"/cases/{case.id}/texts/size", text).text
    assert practice.post(f"/cases/{case.id}/texts", text).status_code == 303
    assert "Take it back" in practice.get(f"/cases/{case.id}").text
    assert practice.post(f"/cases/{case.id}/texts/{key}/take-back").status_code == 200
    again = {**text, "key": str(uuid4())}
    assert practice.post(f"/cases/{case.id}/texts", again).status_code == 303
    content = app.extensions["growline"].content.intake
    send_staff_text(store, content, UUID(again["key"]))
    page = practice.get(f"/cases/{case.id}/talk").text
    assert "sent (practice)" in page and "Hello, this is the team" in page and "Oh good, a real person" in page
    with store.reading() as session:
        assert not session.scalars(select(Message).where(Message.state.in_(("queued", "sending", "sent")))).all()


def test_nobody_sees_or_touches_the_made_up_families_of_another(store: Store, app: Flask, practice: Desk) -> None:
    a_colleague(store)
    case, his = _case(store, "globo"), desk_of(app, "Omar")
    his.get("/")
    assert his.post("/practice/afresh").status_code == 404
    his.post("/practice", {"to": "on"})
    assert his.get(f"/cases/{case.id}").status_code == 404 and case.receipt_number not in his.get("/").text
    assert "Omar Diaz" not in practice.get(f"/cases/{case.id}").text
    his.post("/practice/afresh")
    assert practice.get(f"/cases/{case.id}").status_code == 200


def test_starting_afresh_puts_the_families_back_to_the_beginning(store: Store, practice: Desk) -> None:
    case = _case(store, "globo")
    practice.post(f"/cases/{case.id}/assignee", {"to": "me", "shown": "nobody"})
    assert practice.post("/practice/afresh").status_code == 303
    assert practice.get(f"/cases/{case.id}").status_code == 404
    assert _case(store, "globo").assignee_id is None


def test_hand_over_notes_are_left_out_of_practice(store: Store, practice: Desk) -> None:
    answer = practice.post("/day/notes", {"to": "team", "text": "call Globo", "shown": ""})
    assert answer.status_code == 409 and "call Globo" in answer.text
    assert audit_lines(store, "note.written") == []


def test_a_new_sign_in_begins_with_real_families(app: Flask, practice: Desk) -> None:
    practice.post("/logout")
    practice.sign_in("ines@example.org")
    assert "Made-up families" not in practice.get("/").text


def test_only_who_works_with_families_practices(app: Flask, store: Store, ada: int, desk: Desk) -> None:
    hers = desk_of(app, "Ada")
    page = hers.get("/account").text
    assert "/practice" not in page and hers.post("/practice", {"to": "on"}).status_code == 404
    desk.get("/")
    assert desk.post("/practice", {"to": "sideways"}).status_code == 400
    assert desk.post("/practice", {"to": "on", "role": "administrator"}).status_code == 400


@pytest.mark.parametrize("path", ["/exports", "/figures"])
def test_what_counts_or_takes_out_real_families_is_not_there_in_practice(practice: Desk, path: str) -> None:
    assert f'href="{path}"' not in practice.get("/").text and practice.get(path).status_code == 404
    practice.post("/practice", {"to": "off"})
    assert f'href="{path}"' in practice.get("/").text and practice.get(path).status_code == 200


def test_a_made_up_family_is_neither_exported_nor_counted(store: Store, practice: Desk) -> None:
    zone = ZoneInfo("America/New_York")
    today = datetime.now(zone).date()
    wanted = Wanted(ExportColumns.WITHOUT_NAMES, today - timedelta(days=365), today, ExportPurpose.FUNDER_REPORT, "x")
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Referral))
        assert count_rows(session, wanted, zone) == 0
    figures = read_figures(store, datetime.now(UTC), Calendar(zone))
    assert not any(figures.referrals.values()) and not any(figures.languages.values())


def test_a_made_up_family_is_never_suggested_as_a_real_one(store: Store, desk: Desk) -> None:
    desk.post("/practice", {"to": "on"})
    mine = _case(store, "globo")
    desk.post("/practice", {"to": "off"})
    with store.transaction() as session:
        made_up = session.get_one(Conversation, mine.id)
        assert made_up.child is not None
        name, born = made_up.child.name, made_up.child.birth_date
    real = a_case(store)
    with store.transaction() as session:
        child = session.get_one(Conversation, real.conversation).child
        assert child is not None
        child.name, child.birth_date = name, born
    assert mine.receipt_number is not None
    assert mine.receipt_number not in desk.get(f"/cases/{real.conversation}").text


def test_a_made_up_family_is_neither_shown_beside_nor_joined_to_nor_kept_apart_from_a_real_one(
    store: Store, practice: Desk
) -> None:
    real, made_up = a_case(store).conversation, _case(store, "globo").id
    practice.post("/practice", {"to": "off"})
    practice.get("/")
    both = f"/cases/{real}/same-family/{made_up}"
    answers = [practice.get(both), practice.post(both, {"key": str(uuid4()), "shown": "x"}), practice.post(f"{both}/apart")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert [line.object_id for line in audit_lines(store, "access.refused")] == [str(made_up)] * 3
    with store.reading() as session:
        assert session.scalars(select(FamilyMerge)).all() == [] == session.scalars(select(FamilyApart)).all()
