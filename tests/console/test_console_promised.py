"""A call that was promised for a day or a time: kept as it was said, listed by it, overdue first, and kept by a later call."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from intake.store.connection import Store
from intake.store.models import Call
from tests.console.desk import Desk
from tests.console.made_up_families import MadeUpCase, a_case

NEW_YORK = ZoneInfo("America/New_York")


def _press(desk: Desk, case: MadeUpCase, call: str = "family/call_back_later", **fields: str) -> TestResponse:
    return desk.post(f"/cases/{case.conversation}/calls", {"key": str(uuid4()), "call": call, **fields})


def _day(days: int) -> str:
    return (datetime.now(NEW_YORK) + timedelta(days=days)).date().isoformat()


def _promised(desk: Desk) -> str:
    found = re.search(r'aria-labelledby="my-calls">(.*?)</section>', desk.get("/day").text, re.DOTALL)
    assert found
    return found[1]


def _call(store: Store) -> Call:
    with store.reading() as session:
        return session.scalars(select(Call)).one()


def _is_past(store: Store, case: MadeUpCase) -> None:
    with store.transaction() as session:
        past = datetime.now(UTC) - timedelta(hours=1)
        session.execute(update(Call).where(Call.conversation_id == case.conversation).values(promised_for=past))


def test_a_time_is_kept_and_shown_on_the_case_and_in_my_day(desk: Desk, store: Store) -> None:
    case = a_case(store)
    assert _press(desk, case, promised_day=_day(2), promised_time="14:30").status_code == 303
    call = _call(store)
    assert call.promised_part is None and call.promised_for is not None
    assert call.promised_for.astimezone(NEW_YORK).strftime("%H:%M") == "14:30"
    page = desk.get(f"/cases/{case.conversation}").text
    assert re.search(r"Call again: \w{3}, \w{3} \d+, 2:30.PM", page) and "Overdue" not in page
    assert re.search(r"2:30.PM", _promised(desk)) and 'class="late"' not in _promised(desk)


def test_a_part_of_a_day_is_said_as_it_was_promised_in_both_languages(desk: Desk, store: Store) -> None:
    case = a_case(store)
    _press(desk, case, promised_day=_day(1), promised_part="morning")
    assert "in the morning" in _promised(desk) and "12:00" not in _promised(desk)
    desk.client.set_cookie("console_language", "es", domain="console.example")
    assert "en la mañana" in _promised(desk)


def test_promises_stand_by_their_time_overdue_ones_first_and_marked_those_without_a_time_last(
    desk: Desk, store: Store
) -> None:
    timeless, later, sooner, overdue = (a_case(store) for _ in range(4))
    _press(desk, timeless)
    _press(desk, later, promised_day=_day(9), promised_part="morning")
    _press(desk, sooner, promised_day=_day(1), promised_time="09:00")
    _press(desk, overdue, promised_day=_day(3))
    _is_past(store, overdue)
    listed = _promised(desk)
    assert re.findall(r">(HMG-T\d+)<", listed) == [case.receipt for case in (overdue, sooner, later, timeless)]
    assert listed.count('class="late"') == 1 and listed.index("Overdue:") < listed.index(overdue.receipt)
    assert "Overdue:" in desk.get(f"/cases/{overdue.conversation}").text


def test_a_later_call_keeps_the_promise(desk: Desk, store: Store) -> None:
    case = a_case(store)
    _press(desk, case, promised_day=_day(1))
    _is_past(store, case)
    _press(desk, case, "family/no_answer")
    assert case.receipt in _promised(desk)
    _press(desk, case, "family/reached")
    assert "You promised no call." in _promised(desk)
    page = desk.get(f"/cases/{case.conversation}").text
    assert "Call again:" in page and "Overdue:" not in page


def test_a_new_promise_takes_the_place_of_the_old_one(desk: Desk, store: Store) -> None:
    case = a_case(store)
    _press(desk, case, promised_day=_day(1), promised_time="09:00")
    _press(desk, case, promised_day=_day(2), promised_part="evening")
    assert "in the evening" in _promised(desk) and "9:00" not in _promised(desk)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"promised_day": "2020-01-02"}, "has passed already"),
        ({"promised_day": _day(91)}, "more than 90 days ahead"),
        ({"promised_day": "soon"}, "cannot be read"),
        ({"promised_day": _day(1), "promised_time": "26:00"}, "cannot be read"),
        ({"promised_time": "14:30"}, "say the day"),
        ({"promised_part": "morning"}, "say the day"),
    ],
)
def test_a_promise_that_cannot_be_kept_is_refused_and_nothing_typed_is_lost(
    desk: Desk, store: Store, fields: dict[str, str], words: str
) -> None:
    case = a_case(store)
    answer = _press(desk, case, note="her sister calls", **fields)
    assert answer.status_code == 422 and words in answer.text and "her sister calls" in answer.text
    for typed in fields.values():
        assert f'value="{typed}"' in answer.text
    assert '<option value="morning" selected>' in answer.text or "promised_part" not in fields
    assert re.search(r"<details open>\s*<summary>Calling back later", answer.text)
    with store.reading() as session:
        assert session.scalars(select(Call)).all() == []


def test_a_day_to_call_again_with_another_outcome_is_not_swallowed(desk: Desk, store: Store) -> None:
    case = a_case(store)
    answer = _press(desk, case, "family/reached", promised_day=_day(1))
    assert answer.status_code == 422 and "goes only with" in answer.text and f'value="{_day(1)}"' in answer.text


def test_the_same_form_sent_twice_promises_once_and_another_day_is_another_call(desk: Desk, store: Store) -> None:
    case, key = a_case(store), str(uuid4())
    for _ in range(2):
        assert _press(desk, case, key=key, promised_day=_day(1), promised_time="09:00").status_code == 303
    assert _press(desk, case, key=key, promised_day=_day(2), promised_time="09:00").status_code == 409
    assert _call(store).promised_for is not None
