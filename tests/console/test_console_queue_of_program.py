"""The queue narrowed to the program of an open referral: by its form, in a kept view, and never beyond what a person sees."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from console.queue_filter import QueueFilter, filter_from
from intake.rules.referral import ENDED, ReferralStatus
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Referral
from intake.usecases.sight import limit_to
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk
from tests.console.made_up_families import MadeUpCase, a_case

EARLY, OTHER = "birth_to_three", "easy_breathing"
OPEN = [status for status in ReferralStatus if status not in ENDED]


def _to(store: Store, case: MadeUpCase, program: str, status: str = "sent", *, agreed: bool = True) -> None:
    """A further referral of the family, which stands on the same yes when it was agreed to."""
    with store.transaction() as session:
        consent = session.get_one(Referral, case.referral).consent_id if agreed else None
        session.add(Referral(conversation_id=case.conversation, program_id=program, reason_rule="R2", status=status,
                             consent_id=consent))


def _shown(desk: Desk, path: str, *cases: MadeUpCase) -> list[bool]:
    """Which of ``cases`` stand on the page."""
    page = desk.get(path).text
    return [case.receipt in page for case in cases]


def test_only_families_with_an_open_referral_to_the_program_are_shown_and_the_counts_stay(desk: Desk, store: Store) -> None:
    here, both = a_case(store), a_case(store, urgency=Urgency.URGENT)
    _to(store, both, OTHER)
    assert _shown(desk, f"/?program={OTHER}", here, both) == [False, True]
    assert _shown(desk, f"/?program={EARLY}", here, both) == [True, True]
    assert _shown(desk, f"/?program={EARLY}&urgency=urgent", here, both) == [False, True]
    nothing = desk.get("/?program=hvip").text
    assert "Nobody is waiting with this filter." in nothing and "2 flagged conversations" in nothing


@pytest.mark.parametrize("status", ReferralStatus)
def test_a_referral_counts_while_something_is_to_be_done_about_it(desk: Desk, store: Store, status: ReferralStatus) -> None:
    case = a_case(store, status=status)
    assert _shown(desk, f"/?program={EARLY}", case) == [status in OPEN]


def test_the_form_offers_every_program_and_keeps_the_other_filters(desk: Desk, store: Store) -> None:
    a_case(store)
    page = desk.get("/?urgency=standard&program=birth_to_three").text
    form = re.search(r'<form method="get".*?</form>', page, re.S)
    assert form is not None
    assert '<option value="birth_to_three" selected>' in form[0] and f'<option value="{OTHER}">' in form[0]
    assert 'name="urgency" value="standard"' in form[0] and form[0].count('name="program"') == 1
    assert "program=birth_to_three" in (re.search(r'data-source="([^"]*)"', page) or [""])[0]


def test_a_view_keeps_the_program(desk: Desk, store: Store) -> None:
    here, there = a_case(store), a_case(store)
    _to(store, there, OTHER)
    desk.get(f"/?program={OTHER}")
    answer = desk.post("/views", {"name": "Asthma", "program": OTHER})
    assert answer.status_code == 303 and answer.location == f"/?program={OTHER}"
    page = desk.get("/").text
    assert f'href="/?program={OTHER}"' in page and "Asthma" in page
    assert _shown(desk, answer.location or "", here, there) == [False, True]


def test_what_is_kept_fresh_keeps_to_the_program(desk: Desk, store: Store) -> None:
    here, there = a_case(store), a_case(store)
    _to(store, there, OTHER)
    assert _shown(desk, f"/live/queue?program={OTHER}", here, there) == [False, True]


def test_a_program_that_is_gone_still_narrows_and_is_named_by_its_id(desk: Desk, store: Store) -> None:
    here, there = a_case(store), a_case(store)
    _to(store, there, "closed_last_year")
    page = desk.get("/?program=closed_last_year").text
    assert there.receipt in page and here.receipt not in page and '<option value="closed_last_year" selected>' in page


def test_somebody_limited_to_a_program_finds_out_nothing_about_another(app: Flask, store: Store, ines: int) -> None:
    case, refused = a_case(store), a_case(store)
    _to(store, case, OTHER)
    _to(store, refused, "hvip", agreed=False)
    with store.transaction() as session:
        limit_to(session, a_colleague(store), [EARLY, "hvip"])
    his = desk_of(app, "Omar")
    assert _shown(his, f"/?program={EARLY}", case, refused) == [True, True]
    for unseen in (OTHER, "hvip"):
        assert _shown(his, f"/?program={unseen}", case, refused) == [False, False], unseen
    offered = set(re.findall(r'<option value="(\w+)"', his.get("/").text))
    assert {EARLY, "hvip"} <= offered and OTHER not in offered


@pytest.mark.parametrize("limited", [False, True], ids=["team", "program"])
def test_the_filter_costs_no_query_more_and_none_for_a_row(app: Flask, store: Store, ines: int, limited: bool) -> None:
    if limited:
        with store.transaction() as session:
            limit_to(session, ines, [EARLY])
    desk = desk_of(app, "Ines")
    a_case(store)
    bare = _queries(desk, store, "/")
    assert _queries(desk, store, f"/?program={EARLY}") == bare
    for _ in range(12):
        a_case(store)
    assert _queries(desk, store, f"/?program={EARLY}") == bare


def _queries(desk: Desk, store: Store, path: str) -> int:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    assert desk.get(path).status_code == 200
    event.remove(store.engine, "before_cursor_execute", note)
    return len(seen)


@given(st.text(max_size=60))
def test_whatever_an_address_says_a_program_is_an_id_or_nothing(typed: str) -> None:
    wanted = filter_from({"program": typed})
    assert wanted.program is None or re.fullmatch(r"[a-z][a-z0-9_]{0,47}", wanted.program)
    assert filter_from({name: str(value) for name, value in wanted.parts().items()}) == wanted


def test_a_filter_is_read_again_from_what_it_writes() -> None:
    wanted = QueueFilter(urgency=Urgency.URGENT, overdue=True, program=EARLY)
    assert filter_from(wanted.parts()) == wanted
