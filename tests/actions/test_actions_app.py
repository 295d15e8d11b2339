"""The action app: each action of the domain exists, failures repeat nothing, the receipt is the last thing said."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor
from ruamel.yaml import YAML
from sqlalchemy import text

from actions.turn import StepAction
from intake.rules.interview import Kind
from intake.settings import ROOT
from intake.store.models import Answer, Child, Concern

DOMAIN: dict[str, Any] = YAML(typ="safe").load((ROOT / "domain.yml").read_text(encoding="utf-8"))
WORDS = "Anselmo no habla y vive en Willimantic"


def _actions() -> dict[str, Any]:
    executor = ActionExecutor()
    executor.register_package("actions")
    return dict(executor.actions)


def _begin(actions: Any, expects: str = "consent") -> None:
    assert actions.calls("action_begin", "hi").status_code == 200
    if expects != "consent":
        assert actions.calls("action_consent", "yes", intent="yes", expects="consent").status_code == 200


def test_every_action_of_the_domain_exists_and_no_other() -> None:
    assert set(_actions()) == set(DOMAIN["actions"])


def test_every_action_called_by_a_rule_stands_in_the_domain() -> None:
    called = {step["action"] for file in (ROOT / "data" / "rules").glob("*.yml")
              for rule in YAML(typ="safe").load(file.read_text(encoding="utf-8"))["rules"]
              for step in rule["steps"] if "action" in step}
    assert called <= set(DOMAIN["actions"]) and "action_milestone" in called


@pytest.mark.parametrize("call", [{}, {"domain": {}}, {"domain": None}, {"version": "3.6.21", "domain_digest": "x"}])
def test_a_call_works_with_and_without_the_domain(actions: Any, call: dict[str, Any]) -> None:
    answer = actions.calls("action_begin", "hi", **call)
    assert [said["response"] for said in answer.json()["responses"] if said.get("response")] == [
        "utter_introduction_sms", "utter_ask_consent"]


def test_the_receipt_is_the_last_custom_payload_and_names_its_own_message(actions: Any) -> None:
    message = actions.hears("hi")
    said = actions.calls("action_begin", "hi", message=message).json()["responses"]
    assert [bool(line.get("custom")) for line in said] == [False, False, True]
    assert said[-1]["custom"] == {"receipt": str(message), "expects": {"kind": "consent", "id": None},
                                  "choices": [{"label": "Yes", "text": "Yes"}, {"label": "No", "text": "No"}], "asks": 1,
                                  "progress": None}


def test_every_line_said_stands_in_the_domain_and_carries_the_words_its_sentence_needs(actions: Any) -> None:
    said = actions.calls("action_begin", "hi").json()["responses"]
    for line in said[:-1]:
        sentences = [variation["text"] for variation in DOMAIN["responses"][line["response"]]]
        assert sentences and all(sentence.format(**line) for sentence in sentences)


def test_the_context_of_the_next_turn_comes_back_as_slots_and_the_turn_ends(actions: Any) -> None:
    events = actions.calls("action_begin", "hi").json()["events"]
    slots = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
    assert slots == {"expects_kind": "consent", "expects_id": None, "language": "en", "child_name": None}
    assert events[-1] == {"event": "followup", "timestamp": None, "name": "action_listen"}
    assert set(slots) <= set(DOMAIN["slots"])


def test_a_question_what_to_do_at_home_is_answered_by_the_child_and_not_by_one_sentence_for_all(actions: Any) -> None:
    _begin(actions)
    asked = actions.calls("action_explain", "how do I help", intent="ask_at_home", expects="consent").json()["responses"]
    assert [line["response"] for line in asked[:-1]] == ["utter_faq_at_home", "utter_ask_consent"]
    assert "PLAY" in asked[0]["activities"], "no age is known yet, so it says how to ask again"


def test_a_turn_called_twice_is_done_once_and_answered_alike(actions: Any) -> None:
    _begin(actions, "relation")
    message = actions.hears("mom")
    first, again = (actions.calls("action_relation", "mom", expects="relation", message=message) for _ in range(2))
    assert first.json() == again.json()
    with actions.store.reading() as session:
        assert session.query(Answer).filter(Answer.item == Kind.RELATION).count() == 1


def test_what_the_engine_understood_reaches_the_case(actions: Any) -> None:
    _begin(actions, "worry")
    entities = [{"entity": "concern", "value": value} for value in ("sleep", "behavior", "sleep")]
    actions.calls("action_worry", "he bites and never sleeps", expects="worry", entities=entities)
    with actions.store.reading() as session:
        assert sorted(row.domain for row in session.query(Concern)) == ["behavior", "sleep"]


def test_a_birth_date_is_read_from_its_entity(actions: Any) -> None:
    _begin(actions, "birth_date")
    birth = {"dob": "2025-03-04", "months": 20, "weeks_early": None, "ambiguous": False, "reason": None}
    actions.calls("action_birth_date", "march 4 2025", expects="birth_date", entities=[{"entity": "birth", "value": birth}])
    with actions.store.reading() as session:
        assert session.query(Child).one().birth_date.isoformat() == "2025-03-04"


def _broken_calls(actions: Any) -> dict[str, Any]:
    message = actions.hears(WORDS)
    bad_birth = [{"entity": "birth", "value": {"dob": WORDS}}]
    return {
        "an entity that cannot be": actions.calls("action_birth_date", WORDS, expects="birth_date", message=message,
                                                  entities=bad_birth),
        "an unknown question": actions.calls("action_begin", WORDS, expects="no_such_question", message=message),
        "no tracker": actions.client.post("/webhook", json={"next_action": "action_begin", "text": WORDS}),
        "an unknown action": actions.calls("action_nobody_wrote", WORDS, message=message),
    }


def test_a_failing_action_answers_500_without_a_word_of_the_request_and_logs_none(
        actions: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    actions.hears("hi")
    for name, answer in _broken_calls(actions).items():
        assert answer.status_code == 500, name
        assert set(answer.json()) == {"error", "action_name"} and "Anselmo" not in answer.text, name
    assert "Anselmo" not in caplog.text and "Willimantic" not in caplog.text
    assert "action_birth_date failed: ValueError" in caplog.text


def test_a_database_error_does_not_carry_words_into_the_log(actions: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    message = actions.hears(WORDS)
    with actions.store.engine.begin() as connection:
        connection.execute(text("alter table concern rename column words to was_words"))
    try:
        answer = actions.calls("action_begin", WORDS, message=message, entities=[{"entity": "concern", "value": "sleep"}])
    finally:
        with actions.store.engine.begin() as connection:
            connection.execute(text("alter table concern rename column was_words to words"))
    assert answer.status_code == 500 and "Anselmo" not in answer.text + caplog.text
    assert actions.calls("action_begin", WORDS, message=message).status_code == 200, "the same turn may be tried again"


def test_a_body_that_is_no_json_is_an_error_and_the_app_lives_on(actions: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert actions.client.post("/webhook", content=WORDS.encode()).status_code >= 400
    assert "Anselmo" not in caplog.text
    assert actions.calls("action_begin", "hi").status_code == 200


def test_health_and_figures_tell_of_calls_and_of_nobody(actions: Any) -> None:
    actions.calls("action_begin", WORDS)
    actions.calls("action_nobody_wrote", WORDS)
    assert actions.client.get("/health/live").status_code == actions.client.get("/health/ready").status_code == 200
    figures = actions.client.get("/metrics").text
    assert 'growline_action_calls_total{action="action_begin",result="done"} 1.0' in figures
    assert 'action="unknown",result="failed"' in figures and "nobody_wrote" not in figures and "Anselmo" not in figures


def test_no_action_remembers_anything_between_turns() -> None:
    instances = _actions().values()
    assert all(isinstance(action.__self__, StepAction) and not vars(action.__self__) for action in instances)


def test_rasas_own_shell_can_talk_to_the_agent(actions: Any, store: Any) -> None:
    tracker = {"sender_id": "somebody at a terminal", "slots": {"language": "en"}, "events": [], "paused": False,
               "latest_message": {"text": "hi", "intent": {"name": "greet"}, "entities": [], "message_id": "abc123"},
               "latest_input_channel": "cmdline", "followup_action": None, "active_loop": {}, "latest_action_name": None}
    call = {"next_action": "action_begin", "sender_id": tracker["sender_id"], "tracker": tracker, "version": "3.6.21"}
    answer = actions.client.post("/webhook", json=call)
    assert answer.status_code == 200
    assert answer.json()["responses"][-1]["custom"]["expects"]["kind"] == "consent"
    slots = {event["name"]: event["value"] for event in answer.json()["events"] if event["event"] == "slot"}
    assert slots["expects_kind"] == "consent", "the shell's ordinary tracker carries the context to the next turn"
