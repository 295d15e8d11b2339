"""The trail of a case: who looked and did what, newest first, fifty at a time, in words; and the look at it is in it."""

from __future__ import annotations

import ast
import re
from html import unescape
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text

from console.content import ConsoleContent
from console.trail import newest_lines
from intake.rules.exporting import ExportState
from intake.rules.referral import ReferralStatus
from intake.settings import ROOT
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Flag
from intake.usecases.staff import StaffRole
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import MadeUpCase, a_case

TAGS = re.compile(r"<[^>]+>")


@pytest.fixture
def case(store: Store) -> MadeUpCase:
    return a_case(store)


def lines(page: str) -> list[str]:
    """Who and what of each line, newest first."""
    found = re.findall(r"<tr>\s*<td>.*?</td>(.*?)</tr>", page, re.S)
    return [" ".join(unescape(TAGS.sub(" ", one)).split()) for one in found]


def trail(desk: Desk, case: MadeUpCase, **query: str) -> str:
    answer = desk.get(f"/cases/{case.conversation}/trail", query_string=query)
    assert answer.status_code == 200
    return answer.text


def test_every_deed_and_look_stands_there_in_words(app: Flask, desk: Desk, case: MadeUpCase, store: Store) -> None:
    path = f"/cases/{case.conversation}"
    with store.reading() as session:
        flag = session.scalars(select(Flag)).first()
    assert flag is not None
    omar = a_colleague(store)
    page = desk.get(path).text
    assert f'href="{path}/trail"' in page
    desk.post(f"{path}/phone")
    desk.post(f"{path}/calls", {"key": str(uuid4()), "call": "family/no_answer"})
    desk.post(f"{path}/notes", {"key": str(uuid4()), "text": "hello"})
    desk.post(f"{path}/flags/{flag.id}/clear", {"because": "talked_with_family"})
    desk.post(f"{path}/worries/{case.first_message}/domains", {"domain": "sleep", "shown": "language_communication"})
    desk.post(f"{path}/assignee", {"to": str(omar), "shown": "nobody"})
    desk.post(f"{path}/take-over")
    desk.post(f"{path}/referrals/{case.referral}/moves", {"to": "sent", "source": "staff", "version": "1"})
    shown = lines(trail(desk, case))
    assert shown[0] == "Ines Vega Looked at this trail"
    for wanted in ("Looked at the case", "Had the phone number shown", "Logged a call Family · No answer", "Wrote a note",
                   "Sorted a worry anew talking and understanding → sleep", "Took over the conversation",
                   "Moved a referral to: sent: Birth to Three", "Cleared a reason talked with the family",
                   "Gave the case to a colleague nobody → Omar Diaz"):
        assert f"Ines Vega {wanted}" in shown, wanted


def test_what_belongs_to_another_case_does_not_stand_there(desk: Desk, case: MadeUpCase, store: Store) -> None:
    other = a_case(store)
    desk.get(f"/cases/{other.conversation}")
    desk.post(f"/cases/{other.conversation}/notes", {"key": str(uuid4()), "text": "hello"})
    assert lines(trail(desk, case)) == ["Ines Vega Looked at this trail"]


def test_who_was_refused_and_what_the_agent_did_stand_there_too(
    app: Flask, desk: Desk, case: MadeUpCase, store: Store
) -> None:
    a_colleague(store, "Ada Cruz", StaffRole.ADMINISTRATOR)
    assert desk_of(app, "Ada").get(f"/cases/{case.conversation}/trail").status_code == 404
    with store.transaction() as session:
        write_audit(session, "agent", "follow_up.answered", "referral", case.referral, detail="called_back")
        write_audit(session, "operator", "something.newer", "conversation", case.conversation)
    shown = lines(trail(desk, case))
    assert "Ada Cruz Was refused access see_trail" in shown
    assert "the agent The family answered a follow-up : Birth to Three yes, somebody has called" in [
        re.sub(r"up:", "up :", one) for one in shown]
    assert "an operator of the system something.newer" in shown, "a code without words is shown as its code"


def test_fifty_at_a_time_and_the_rest_behind_older(desk: Desk, case: MadeUpCase, store: Store) -> None:
    with store.transaction() as session:
        for number in range(120):
            write_audit(session, "agent", "opt_in" if number % 2 else "opt_out", "conversation", case.conversation)
    seen, path = [], f"/cases/{case.conversation}/trail"
    for _ in range(3):
        page = desk.get(path).text
        seen += lines(page)
        older = re.search(r'href="([^"]+before=\d+)">Older', page)
        assert len(lines(page)) <= 50
        path = unescape(older[1]) if older else ""
    assert path == "", "nothing is older"
    assert sum("texts" in one for one in seen) == 120
    assert seen.count("Ines Vega Looked at this trail") == 1, "the later looks are newer than what was shown"
    assert len(audit_lines(store, "trail.viewed")) == 3


@pytest.mark.parametrize("before", ["x", "-1", "1.5", "9" * 40, "١٢"])
def test_a_page_that_is_none_is_not_found(desk: Desk, case: MadeUpCase, before: str) -> None:
    assert desk.get(f"/cases/{case.conversation}/trail", query_string={"before": before}).status_code == 404


def test_before_the_first_line_there_is_nothing(desk: Desk, case: MadeUpCase) -> None:
    page = trail(desk, case, before="1")
    assert lines(page) == [] and "Nothing older." in page
    assert desk.get(f"/cases/{uuid4()}/trail").status_code == 404


def test_in_spanish_it_is_told_in_spanish(desk: Desk, case: MadeUpCase) -> None:
    desk.client.set_cookie("console_language", "es", domain="console.example")
    assert lines(trail(desk, case))[0] == "Ines Vega Vio este historial"


def test_the_trail_of_a_case_is_found_by_its_index_in_a_long_trail(desk: Desk, case: MadeUpCase, store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(
            "insert into audit (at, actor, action, object_type, object_id, previous_hash, hash) "
            "select now(), 'staff:1', 'case.viewed', 'conversation', gen_random_uuid()::text, '', '' "
            "from generate_series(1, 30000)"))
        connection.execute(text("analyze audit"))
    with store.reading() as session:
        query = newest_lines().compile(store.engine)
        given = {"case": case.conversation, "object": str(case.conversation), "before": 2**62}
        plan = session.connection().exec_driver_sql(f"explain {query}", query.construct_params(given)).scalars().all()
    assert any("ix_audit_object" in line for line in plan) and not any("Seq Scan on audit" in line for line in plan), plan
    assert lines(trail(desk, case)) == ["Ines Vega Looked at this trail"]


DECIDED = (ExportState.APPROVED, ExportState.REFUSED)


def actions_in_code() -> set[str]:
    """Every action that some module writes into the trail: what looks like one in a module that writes there."""
    found: set[str] = set()
    for path in [*(ROOT / "intake").rglob("*.py"), *(ROOT / "worker").rglob("*.py"), *(ROOT / "growline").rglob("*.py")]:
        source = path.read_text(encoding="utf-8")
        if "write_audit" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} if re.fullmatch(r"[a-z_]+\.[a-z_]+", node.value) else set()
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "write_audit" and len(node.args) > 2:
                action = node.args[2]
                found |= {action.value} if isinstance(action, ast.Constant) and isinstance(action.value, str) else set()
                if isinstance(action, ast.JoinedStr):  # "referral." or "export.", and what it was moved to
                    moved = {"f'referral.{step.to.value}'": ("referral", ReferralStatus),
                             "f'export.{to.value}'": ("export", DECIDED)}
                    of, states = moved[ast.unparse(action)]
                    found |= {f"{of}.{state}" for state in states}
    return found


def test_every_action_that_is_written_has_words(console_content: ConsoleContent) -> None:
    actions = actions_in_code()
    assert {"case.viewed", "opt_out", "call.logged", "note.done", "case.given_back", "referral.closed"} <= actions
    assert sorted(action for action in actions if not console_content.texts.knows(f"audit.{action}")) == []


def test_the_id_of_a_row_is_no_detail_for_a_reader(desk: Desk, store: Store, ines: int) -> None:
    case, row = a_case(store), uuid4()
    with store.transaction() as session:
        write_audit(session, f"staff:{ines}", "family.merged", "conversation", case.conversation, detail=str(row))
    page = desk.get(f"/cases/{case.conversation}/trail").text
    assert "Joined two families into one" in page and str(row) not in page
