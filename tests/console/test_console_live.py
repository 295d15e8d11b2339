"""What open pages ask for by themselves: the queue as it is now, who else has a case open. It keeps nobody signed in."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from console.sessions import IDLE_SECONDS
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import CaseViewing, Conversation
from intake.usecases.assigning import VIEWING_LASTS
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import ADDRESS, Desk, audit_lines
from tests.console.made_up_families import a_case


def _again(desk: Desk, answer: TestResponse, path: str = "/live/queue") -> TestResponse:
    return desk.get(path, headers={"If-None-Match": answer.headers["ETag"]})


def test_the_fragment_is_what_the_page_holds(desk: Desk, store: Store) -> None:
    case = a_case(store, urgency=Urgency.URGENT)
    page, part = desk.get("/?urgency=urgent").text, desk.get("/live/queue?urgency=urgent").text
    assert case.receipt in part and "<html" not in part
    assert f'id="case-{case.conversation}"' in page and f'id="case-{case.conversation}"' in part
    assert 'data-source="/live/queue?page=1&amp;urgency=urgent"' in page


def test_nothing_new_is_answered_without_a_body(desk: Desk, store: Store) -> None:
    a_case(store)
    first = desk.get("/live/queue")
    while datetime.now(UTC).second > 57:  # the waiting times change with the minute
        time.sleep(0.5)
    first = desk.get("/live/queue")
    second = _again(desk, first)
    assert (second.status_code, second.text) == (304, "") and second.headers["ETag"] == first.headers["ETag"]


def test_a_new_case_a_flag_an_assignee_and_a_look_of_a_colleague_change_the_etag(
    desk: Desk, app: Flask, store: Store, ines: int
) -> None:
    case, omar = a_case(store), a_colleague(store)
    answer = desk.get("/live/queue")
    a_case(store, urgency=Urgency.EMERGENCY)
    newer = _again(desk, answer)
    assert newer.status_code == 200
    with store.transaction() as session:
        session.execute(update(Conversation).where(Conversation.id == case.conversation).values(assignee_id=omar))
    assigned = _again(desk, newer)
    assert assigned.status_code == 200 and "case of Omar Diaz" in assigned.text
    desk_of(app, "Omar").get(f"/cases/{case.conversation}")
    seen = _again(desk, assigned)
    assert seen.status_code == 200 and "Open now: Omar Diaz" in seen.text


def test_only_news_about_families_leave_a_line(desk: Desk, app: Flask, store: Store) -> None:
    case, _ = a_case(store), a_colleague(store)
    answer = desk.get("/live/queue")
    assert len(audit_lines(store, "queue.viewed")) == 1
    _again(desk, answer)
    desk_of(app, "Omar").get(f"/cases/{case.conversation}")
    seen = _again(desk, answer)
    assert seen.status_code == 200 and len(audit_lines(store, "queue.viewed")) == 1
    a_case(store)
    assert _again(desk, seen).status_code == 200 and len(audit_lines(store, "queue.viewed")) == 2


def test_a_made_up_etag_does_not_spare_the_line(desk: Desk, store: Store) -> None:
    a_case(store)
    for etag in ('"', '""', "*", '"0"', 'W/"x"'):
        assert desk.get("/live/queue", headers={"If-None-Match": etag}).status_code == 200
    assert len(audit_lines(store, "queue.viewed")) == 5


def test_who_else_has_a_case_open_is_shown_for_half_a_minute(desk: Desk, app: Flask, store: Store) -> None:
    a_colleague(store)
    case, his = a_case(store), desk_of(app, "Omar")
    path = f"/live/cases/{case.conversation}/viewing"
    assert desk.get(path).text.strip() == ""
    his.get(f"/cases/{case.conversation}")
    assert desk.get(path).text.strip() == "Open now: Omar Diaz"
    assert "Open now: Omar Diaz" in desk.get(f"/cases/{case.conversation}").text
    assert "Open now: Ines Vega" in his.get(f"/cases/{case.conversation}").text
    with store.transaction() as session:
        session.execute(update(CaseViewing).values(seen_at=CaseViewing.seen_at - VIEWING_LASTS))
    assert desk.get(path).text.strip() == "" and "Open now" not in desk.get("/").text


def test_looks_that_are_over_do_not_pile_up(desk: Desk, store: Store) -> None:
    cases = [a_case(store) for _ in range(3)]
    for case in cases:
        desk.get(f"/cases/{case.conversation}")
        with store.transaction() as session:
            session.execute(update(CaseViewing).values(seen_at=CaseViewing.seen_at - timedelta(minutes=1)))
    desk.get(f"/cases/{cases[0].conversation}")
    with store.reading() as session:
        assert list(session.scalars(select(CaseViewing.conversation_id))) == [cases[0].conversation]


def test_a_case_that_does_not_exist_has_no_viewers(desk: Desk) -> None:
    answer = desk.get("/live/cases/00000000-0000-4000-8000-000000000000/viewing")
    assert answer.status_code == 404


def test_a_page_left_open_signs_out_all_the_same(desk: Desk, store: Store) -> None:
    case = a_case(store)
    with desk.client.session_transaction(base_url=ADDRESS) as session:
        session["seen"] = time.time() - IDLE_SECONDS + 60
    for path in ("/live/queue", f"/live/cases/{case.conversation}/viewing", f"/cases/{case.conversation}/talk"):
        assert desk.get(path).status_code == 200, path
    with desk.client.session_transaction(base_url=ADDRESS) as session:
        assert session["seen"] < time.time() - IDLE_SECONDS + 70
        session["seen"] = time.time() - IDLE_SECONDS - 1
    answer = desk.get("/live/queue")
    assert answer.status_code == 302 and answer.location.startswith("/login")
