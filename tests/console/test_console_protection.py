"""What holds for every route: a named permission, headers, words in both languages, nothing private in the
log.
"""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from flask import Flask

from console.app import create_app, registry_of
from console.content import ConsoleContent
from console.figures import AGES, NO_ANSWER
from console.metrics import serve_metrics
from console.permissions import ALLOWED, Permission, permission_of
from console.read_back import Became, ReadBackOf
from intake.content.console_texts import load_console_texts
from intake.content.outreach import ANSWERS
from intake.content.program_facts import Accepter, Program, Referrer, Way
from intake.content.yaml_source import ContentError
from intake.rules.calls import CallOutcome, CallTo
from intake.rules.clearing import ClearedBecause
from intake.rules.concerns import ConcernDomain
from intake.rules.exporting import Column, ExportColumns, ExportPurpose, ExportState
from intake.rules.interview import Kind
from intake.rules.keywords import Keyword
from intake.rules.outreach import OutreachKind, WhyNot
from intake.rules.phoned import HowAgreed, PhonedProblem
from intake.rules.promised import PartOfDay, PromiseProblem
from intake.rules.referral import BarrierCode, GapCode, MoveSource, ReferralStatus
from intake.rules.safety import SafetyCategory, SafetyLevel
from intake.rules.same_family import SameReason
from intake.rules.taken import Taken
from intake.rules.triage import Urgency
from intake.settings import ROOT, ConsoleSettings
from intake.store.connection import Store, open_store
from intake.store.encryption import KeyRing
from intake.usecases.discretion import Discretion
from intake.usecases.family_facts import CHILD_FACTS
from intake.usecases.outreach_answers import OWN_WORDS
from intake.usecases.staff import StaffRole, add_staff
from tests.console.desk import ADDRESS, PASSWORD, Desk, audit_lines
from tests.console.made_up_families import a_case

CONSOLE = ROOT / "console"
TEXT_IN_PYTHON = re.compile(
    r"(format|waiting|age|reason|move|worry|error|actor|call|phoned|packet|due|assign|view|note|talk|clear"
    r"|export"
    r"|promised|wrong|spoken"
    r"|kin"
    r"|practice"
    r"|figures"
    r"|directory"
    r"|task|case(?=\.wants_)"
    r"|case_note|follow_up|trail"
    r")\.(?!html$|live$|logged$)[a-z_0-9]+"
)
GROUPS: dict[str, Any] = {
    "discreet": Discretion,
    "status": ReferralStatus,
    "barrier": BarrierCode,
    "gap": GapCode,
    "source": MoveSource,
    "call_to": CallTo,
    "call_outcome": CallOutcome,
    "agreed": HowAgreed,
    "phoned_problem": PhonedProblem,
    "cleared": ClearedBecause,
    "part_of_day": PartOfDay,
    "promise": PartOfDay,
    "promise_problem": PromiseProblem,
    "waited": AGES,
    "figure_answer": ("called_back", "not_called", "not_now", "own_words", NO_ANSWER),
    "concern": ConcernDomain,
    "urgency": Urgency,
    "item": Kind,
    "safety": [*SafetyCategory, *SafetyLevel],
    "role": StaffRole,
    "export_state": ExportState,
    "export_purpose": ExportPurpose,
    "export_columns": ExportColumns,
    "export_about": ExportColumns,
    "export_column": Column,
    "same_reason": SameReason,
    "child_fact": CHILD_FACTS,
    "taken": Taken,
    "command": Keyword,
    "read_back": ReadBackOf,
    "became": Became,
    "follow_up_kind": OutreachKind,
    "follow_up_answer": [*ANSWERS, OWN_WORDS],
    "why_canceled": WhyNot,
    "fact": sorted({*Program.possible_facts()} - {"name", "tell", "needs", "referral"}),
    "way": get_args(Way),
    "may_refer": get_args(Referrer),
    "accepts": get_args(Accepter),
}


def test_every_route_names_the_permission_it_needs(app: Flask) -> None:
    nameless = [rule.rule for rule in app.url_map.iter_rules() if permission_of(app, rule.endpoint) is None]
    assert nameless == []


def test_a_route_that_names_none_is_closed(app: Flask, ines: int) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "all our secrets")
    desk = Desk(app)
    assert desk.sign_in("ines@example.org").status_code == 302
    assert desk.get("/forgotten").status_code == 404


def test_without_signing_in_only_the_open_routes_answer(app: Flask, store: Store) -> None:
    case = a_case(store)
    for rule in app.url_map.iter_rules():
        if permission_of(app, rule.endpoint) in (Permission.EVERYBODY, Permission.CLOSED):
            continue
        path = rule.rule.replace("<uuid:conversation_id>", str(case.conversation)).replace(
            "<uuid:referral_id>", str(case.referral)
        ).replace("<uuid:message_id>", str(case.first_message))
        path = re.sub(r"<int[^>]*>", "1", re.sub(r"<uuid:\w+>", str(case.conversation), path))
        desk = Desk(app)
        answer = desk.get(path) if "GET" in (rule.methods or set()) else desk.post(path)
        assert answer.status_code == 302 and answer.location.startswith("/login"), rule.rule


def test_an_administrator_sees_no_family_and_each_attempt_leaves_a_line(app: Flask, store: Store) -> None:
    case = a_case(store)
    ada = add_staff(store, "ada@example.org", "Ada Cruz", PASSWORD, StaffRole.ADMINISTRATOR)
    desk = Desk(app)
    desk.sign_in("ada@example.org")
    assert desk.get("/start").location == "/account"
    tried = [
        desk.get("/"),
        desk.get(f"/cases/{case.conversation}"),
        desk.post(f"/cases/{case.conversation}/phone"),
        desk.post(
            f"/cases/{case.conversation}/referrals/{case.referral}/moves", {"to": "sent", "version": 1}
        ),
    ]
    assert [answer.status_code for answer in tried] == [404, 404, 404, 404]
    assert all("Mateo" not in answer.text for answer in tried)
    lines = audit_lines(store, "access.refused")
    assert [(line.actor, line.detail, line.object_id) for line in lines] == [
        (f"staff:{ada}", "see_queue", None),
        (f"staff:{ada}", "see_case", str(case.conversation)),
        (f"staff:{ada}", "see_phone", str(case.conversation)),
        (f"staff:{ada}", "move_referral", str(case.conversation)),
    ]


def test_every_role_has_its_permissions() -> None:
    assert set(ALLOWED) == {role.value for role in StaffRole}


def test_no_page_may_load_run_frame_or_keep_anything(desk: Desk, store: Store) -> None:
    case = a_case(store)
    for path in ("/", f"/cases/{case.conversation}", "/account", "/nowhere"):
        headers = desk.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Strict-Transport-Security"].startswith("max-age=")


def test_the_templates_hold_no_inline_script_no_inline_style_and_no_foreign_address() -> None:
    for template in (CONSOLE / "templates").glob("*.html"):
        text = template.read_text(encoding="utf-8")
        text = re.sub(r"""<script src="{{ url_for\('static', filename='\w+\.js'\) }}" defer></script>""", "", text)
        assert not re.search(r"<script|<style| style=| on[a-z]+=|https?://|\|\s*safe", text), template.name
    assert not re.search(
        r"https?://|@import", (CONSOLE / "static" / "console.css").read_text(encoding="utf-8")
    )


def test_health_and_figures_hold_nothing_about_families(app: Flask, desk: Desk, store: Store) -> None:
    case = a_case(store)
    desk.get(f"/cases/{case.conversation}")
    assert (desk.get("/health/live").json, desk.get("/health/ready").json) == (
        {"live": True},
        {"ready": True},
    )
    server = serve_metrics(registry_of(app), 0)
    try:
        figures = httpx.get(f"http://127.0.0.1:{server.server_port}/metrics").text
    finally:
        server.shutdown()
        server.server_close()
    assert 'growline_console_requests_total{route="cases.show",status="200"} 1.0' in figures
    assert str(case.conversation) not in figures and "/cases/" not in figures
    assert desk.get("/metrics").status_code == 404


def test_without_its_database_the_console_says_so_and_keeps_running(
    settings: ConsoleSettings,
    console_content: ConsoleContent,
    key_ring: KeyRing,
    caplog: pytest.LogCaptureFixture,
) -> None:
    away = open_store("postgresql://nobody@127.0.0.1:1/away", key_ring)
    desk = Desk(create_app(settings, store=away, content=console_content))
    with desk.client.session_transaction(base_url=ADDRESS) as session:
        session.update({"_user_id": "somebody", "_fresh": True, "began": time.time(), "seen": time.time()})
    answer = desk.get("/")
    assert answer.status_code == 503 and "The database does not answer right now." in answer.text
    stranger = Desk(desk.client.application)
    assert stranger.get("/health/live").status_code == 200
    assert stranger.get("/health/ready").status_code == 503
    assert stranger.sign_in("ines@example.org").status_code == 503
    assert "ines@example.org" not in caplog.text


def test_the_log_of_a_whole_visit_names_nobody(
    desk: Desk, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    case = a_case(store)
    desk.get("/")
    desk.get(f"/cases/{case.conversation}")
    desk.post(f"/cases/{case.conversation}/phone")
    for private in ("Mateo", "Delgado", "5550142", "555-0142", "two words", "ines@example.org", PASSWORD):
        assert private not in caplog.text, private


def test_nothing_here_calls_a_child_normal(console_content: ConsoleContent) -> None:
    for key, text in console_content.texts.texts.items():
        assert not re.search(
            r"normal|on track|don't worry|no se preocupe|va bien", f"{text.en} {text.es}", re.I
        ), key


@pytest.mark.parametrize("group", GROUPS)
def test_every_code_has_words(console_content: ConsoleContent, group: str) -> None:
    missing = [code for code in GROUPS[group] if not console_content.texts.knows(f"{group}.{code}")]
    assert missing == []


def test_every_flag_the_agent_can_raise_has_words(console_content: ConsoleContent) -> None:
    raised = {"safety", "lost_skill", "worry", "not_yet"}
    for path in (ROOT / "intake" / "usecases").glob("*.py"):
        raised |= set(re.findall(r'raise_flag\([\w.]+, [\w.]+, "(\w+)"', path.read_text(encoding="utf-8")))
    assert "wants_person" in raised
    assert [code for code in raised if not console_content.texts.knows(f"reason.{code}")] == []


def test_every_text_the_pages_ask_for_exists_and_none_is_left_over(console_content: ConsoleContent) -> None:
    asked = _texts_in_templates() | _texts_in_python()
    groups = {
        key.split(".")[0] + "."
        for key in console_content.texts.texts
        if key.split(".")[0]
        in {
            *GROUPS,
            "language",
            "channel",
            "reason",
            "consent",
            "speaker",
            "coded_by",
            "state",
            "inbound_state",
            "searched",
            "answer",
            "error",
            "actor",
            "people_problem",
            "password_problem",
            "intent",
            "step",
            "reading",
            "heard_language",
            "follow_up_state",
            "audit",
            "key_problem",
        }
    }
    known = set(console_content.texts.texts)
    assert asked - known == set()
    assert {key for key in known - asked if not key.startswith(tuple(groups))} == set()


def _texts_in_templates() -> set[str]:
    found: set[str] = set()
    for template in (CONSOLE / "templates").glob("*.html"):
        found |= set(re.findall(r"""\bt\(\s*["']([a-z0-9_.]+)["']""", template.read_text(encoding="utf-8")))
    return found


def _texts_in_python() -> set[str]:
    found: set[str] = set()
    for path in [*CONSOLE.glob("*.py"), *(CONSOLE / "views").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= (
                    {node.value}
                    if TEXT_IN_PYTHON.fullmatch(node.value)
                    else set()
                )
    return found


def test_a_text_without_spanish_or_with_another_placeholder_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    file = tmp_path / "messages" / "console.yaml"
    file.write_text('version: 1\nmessages:\n  a.b: {en: "{n} left", es: "quedan {m}"}\n', encoding="utf-8")
    with pytest.raises(ContentError, match=r"console.yaml:3: 'a.b'.*placeholders"):
        load_console_texts(tmp_path)
    file.write_text('version: 1\nmessages:\n  a.b: {en: "left"}\n', encoding="utf-8")
    with pytest.raises(ContentError, match=r"console\.yaml:3"):
        load_console_texts(tmp_path)
    file.write_text('version: 1\nmessages:\n  a.b: {en: "left {n", es: "quedan {n"}\n', encoding="utf-8")
    with pytest.raises(ContentError, match=r"console.yaml:3: 'a.b'.*not closed"):
        load_console_texts(tmp_path)


def test_a_text_that_stands_in_two_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "messages").mkdir()
    for name in ("console.yaml", "console_more.yaml"):
        text = 'version: 1\nmessages:\n  a.b: {en: "left", es: "quedan"}\n'
        (tmp_path / "messages" / name).write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=r"console_more.yaml:3: 'a.b' stands in another file"):
        load_console_texts(tmp_path)
