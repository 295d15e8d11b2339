"""The team shares the queue: when each case is due, whose it is, filters that narrow it, views kept by name."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from console.services import attach
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Conversation, SavedView
from intake.usecases.assigning import AssignedMeanwhile, assign
from intake.usecases.saved_views import MOST_VIEWS
from intake.usecases.staff import StaffRole
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import MadeUpCase, a_case

ZONE = ZoneInfo("America/New_York")
TUESDAY_NOON = datetime(2026, 11, 24, 12, tzinfo=ZONE)


def _order(page: str) -> list[str]:
    return re.findall(r">(HMG-T\d+)<", page)


def _set(store: Store, conversation: UUID, **values: object) -> None:
    with store.transaction() as session:
        row = session.get_one(Conversation, conversation)
        for name, value in values.items():
            setattr(row, name, value)


def _assignee(store: Store, case: MadeUpCase) -> int | None:
    with store.reading() as session:
        return session.get_one(Conversation, case.conversation).assignee_id


def _give(desk: Desk, case: MadeUpCase, to: object, shown: object = "nobody", **fields: str) -> tuple[int, str]:
    answer = desk.post(f"/cases/{case.conversation}/assignee", {"to": to, "shown": shown, **fields})
    return answer.status_code, answer.text


@pytest.fixture
def tuesday_noon(app: Flask) -> None:
    attach(app, replace(app.extensions["growline"], now=lambda: TUESDAY_NOON))


@pytest.mark.usefixtures("tuesday_noon")
@pytest.mark.parametrize(
    ("urgency", "since", "words", "spanish"),
    [
        (Urgency.EMERGENCY, "2026-11-24 11:40", "now", "ahora"),
        (Urgency.EMERGENCY, "2026-11-24 10:40", "overdue by 20 min", "atrasado 20 min"),
        (Urgency.URGENT, "2026-11-24 09:00", "due today, 5:00 PM", "para hoy, 5:00 p. m."),
        (Urgency.URGENT, "2026-11-23 09:00", "overdue by 1 day", "atrasado 1 día"),
        (Urgency.STANDARD, "2026-11-23 15:00", "due tomorrow, 3:00 PM", "para mañana, 3:00 p. m."),
        (Urgency.STANDARD, "2026-11-24 11:00", "due Fri, Nov 27, 11:00 AM", "para el vie 27 de nov, 11:00 a. m."),
        (Urgency.STANDARD, "2026-11-20 10:00", "overdue by 2 h", "atrasado 2 h"),
        (Urgency.STANDARD, "2026-11-16 10:00", "overdue by 4 days", "atrasado 4 días"),
    ],
)
def test_each_row_says_when_it_is_due(
    desk: Desk, store: Store, urgency: Urgency, since: str, words: str, spanish: str
) -> None:
    case = a_case(store, urgency=urgency)
    _set(store, case.conversation, flagged_at=datetime.fromisoformat(since).replace(tzinfo=ZONE))
    page = desk.get("/").text
    assert f">{words}</b>" in page
    assert (' class="late"' in page) == words.startswith("overdue")
    assert f">{words}</b>" in desk.get(f"/cases/{case.conversation}").text
    desk.post("/language", {"language": "es", "back": "/"})
    assert f">{spanish}</b>" in desk.get("/").text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.usefixtures("tuesday_noon")
def test_the_overdue_filter_shows_exactly_the_rows_that_say_so(desk: Desk, store: Store) -> None:
    late = []
    for urgency in (Urgency.EMERGENCY, Urgency.URGENT, Urgency.STANDARD):
        for hours in (0.5, 2, 20, 30, 60, 100, 200):
            case = a_case(store, urgency=urgency)
            _set(store, case.conversation, flagged_at=TUESDAY_NOON - timedelta(hours=hours))
    page = desk.get("/").text
    for row in re.findall(r'<tr class="row.*?</tr>', page, re.DOTALL):
        late += _order(row) if 'class="late"' in row else []
    shown = desk.get("/?overdue=1").text
    assert _order(shown) == late and 0 < len(late) < 21
    assert re.search(rf'overdue=1" aria-current="true">Overdue <span class="count">{len(late)}<', shown)


def test_filters_by_channel_and_assignee_can_be_combined_in_plain_links(desk: Desk, store: Store, ines: int) -> None:
    omar = a_colleague(store)
    mine, his, nobodys = (a_case(store, channel=channel) for channel in ("web", "web", "sms"))
    _set(store, mine.conversation, assignee_id=ines)
    _set(store, his.conversation, assignee_id=omar)
    for query, cases in (
        ("assignee=me", [mine]),
        ("assignee=nobody", [nobodys]),
        ("channel=web&assignee=me", [mine]),
        ("channel=sms&assignee=me", []),
        ("channel=web", [mine, his]),
        ("channel=fax&assignee=them&overdue=yes", [mine, his, nobodys]),
    ):
        assert sorted(_order(desk.get(f"/?{query}").text)) == sorted(case.receipt for case in cases), query
    page = desk.get("/?channel=web&language=en").text
    assert 'href="/?language=en&amp;channel=web&amp;assignee=me"' in page
    assert "case of Omar Diaz" in page and "my case" in page


def test_a_row_shows_the_town(desk: Desk, store: Store) -> None:
    a_case(store)
    assert "06106" in desk.get("/").text


def test_taking_giving_and_giving_back_leave_lines(desk: Desk, app: Flask, store: Store, ines: int) -> None:
    omar, case = a_colleague(store), a_case(store)
    assert "Nobody has this case yet" in desk.get(f"/cases/{case.conversation}").text
    assert _give(desk, case, "me")[0] == 303 and _assignee(store, case) == ines
    assert "This is your case" in desk.get(f"/cases/{case.conversation}").text
    assert _give(desk, case, omar, ines)[0] == 303 and _assignee(store, case) == omar
    his = desk_of(app, "Omar")
    assert "This is your case" in his.get(f"/cases/{case.conversation}").text
    assert _give(his, case, "nobody", omar)[0] == 303 and _assignee(store, case) is None
    told = [(line.actor, line.action, line.detail) for line in audit_lines(store) if line.action.startswith("case.")
            and line.action != "case.viewed"]
    assert told == [
        (f"staff:{ines}", "case.taken", f"nobody to staff:{ines}"),
        (f"staff:{ines}", "case.given", f"staff:{ines} to staff:{omar}"),
        (f"staff:{omar}", "case.given_back", f"staff:{omar} to nobody"),
    ]


def test_of_two_who_take_a_case_at_once_the_second_sees_who_has_it(
    desk: Desk, app: Flask, store: Store, ines: int
) -> None:
    a_colleague(store)
    case, his = a_case(store), desk_of(app, "Omar")
    desk.get("/")
    his.get("/")
    assert _give(desk, case, "me", **{"from": "queue"})[0] == 303
    status, page = _give(his, case, "me", **{"from": "queue", "channel": "sms"})
    assert status == 409 and "Ines Vega has this case now" in page and "<h1>Queue</h1>" in page
    status, page = _give(his, case, "me")
    assert status == 409 and "Ines Vega has this case now" in page and "<h1>Case " in page
    assert _assignee(store, case) == ines


def test_whoever_has_a_case_already_may_press_twice(desk: Desk, store: Store, ines: int) -> None:
    case = a_case(store)
    desk.get("/")
    assert [_give(desk, case, "me")[0] for _ in range(2)] == [303, 303]
    assert len(audit_lines(store, "case.taken")) == 1 and _assignee(store, case) == ines


def test_a_case_given_back_meanwhile_is_told_so(store: Store, ines: int) -> None:
    case, omar = a_case(store), a_colleague(store)
    with pytest.raises(AssignedMeanwhile) as told:
        assign(store, case.conversation, omar, shown=ines, staff=ines)
    assert told.value.assignee is None and _assignee(store, case) is None


@pytest.mark.parametrize("to", ["", "0", "999999", "-1", "1.5", "drop table", "9" * 40])
def test_a_case_goes_only_to_somebody_who_works_on_cases(desk: Desk, store: Store, to: str) -> None:
    case = a_case(store)
    desk.get("/")
    assert _give(desk, case, to)[0] == 422 and _assignee(store, case) is None


def test_an_administrator_is_never_given_a_case(desk: Desk, store: Store) -> None:
    case, ada = a_case(store), a_colleague(store, "Ada Cruz", StaffRole.ADMINISTRATOR)
    page = desk.get(f"/cases/{case.conversation}").text
    assert "Ada Cruz" not in page and _give(desk, case, ada)[0] == 422


def test_a_view_is_kept_by_name_opened_by_a_link_and_deleted(desk: Desk, store: Store, ines: int) -> None:
    spanish = a_case(store, language="es")
    a_case(store, language="en")
    desk.get("/?language=es")
    assert desk.post("/views", {"name": " En  español <b>", "language": "es", "page": "3"}).status_code == 303
    page = desk.get("/").text
    assert '<a class="chip" href="/?language=es"><bdi>En español &lt;b&gt;</bdi></a>' in page
    assert _order(desk.get("/?language=es").text) == [spanish.receipt]
    with store.reading() as session:
        view = session.query(SavedView).one()
        assert (view.staff_id, view.filter) == (ines, {"language": "es"})
    assert desk.post(f"/views/{view.id}/delete").status_code == 303
    assert "En español" not in desk.get("/").text
    assert [line.action for line in audit_lines(store) if line.action.startswith("view.")] == ["view.saved", "view.deleted"]


def test_a_view_saved_again_under_its_name_takes_the_place_of_the_first(desk: Desk, store: Store) -> None:
    desk.get("/")
    desk.post("/views", {"name": "late", "overdue": "1"})
    desk.post("/views", {"name": "late", "overdue": "1", "assignee": "me"})
    with store.reading() as session:
        assert [view.filter for view in session.query(SavedView)] == [{"overdue": "1", "assignee": "me"}]


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "\u202e"])
def test_a_view_without_a_fitting_name_is_not_kept(desk: Desk, store: Store, name: str) -> None:
    desk.get("/")
    answer = desk.post("/views", {"name": name, "language": "es"})
    assert answer.status_code == 422 and "The view was not kept" in answer.text
    with store.reading() as session:
        assert session.query(SavedView).count() == 0


def test_there_is_a_most_of_views(desk: Desk, store: Store) -> None:
    desk.get("/")
    answers = [desk.post("/views", {"name": f"view {number}"}).status_code for number in range(MOST_VIEWS + 1)]
    assert answers == [303] * MOST_VIEWS + [422]


def test_a_persons_views_are_their_own(desk: Desk, app: Flask, store: Store) -> None:
    a_colleague(store)
    desk.get("/")
    desk.post("/views", {"name": "mine alone"})
    with store.reading() as session:
        view = session.query(SavedView).one().id
    his = desk_of(app, "Omar")
    assert "mine alone" not in his.get("/").text
    assert his.post(f"/views/{view}/delete").status_code == 404
    assert "mine alone" in desk.get("/").text
