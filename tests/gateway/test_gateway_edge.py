"""What goes around every answer: headers, health, counters, silence in the logs, and a description that tells the truth."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from gateway_bench import PARENT, Twilio, answer
from prometheus_client.parser import text_string_to_metric_families

from gateway.app import create_operations_app
from gateway.limits import Rate, WaitingPlaces
from gateway.problems import Problem
from intake.store.connection import Store

EVERYWHERE = [
    "/chat",
    "/chat/messages",
    "/health/live",
    "/nowhere",
    "/sms/inbound",
    "/openapi.json",
    "/chat/static/scripted.js",
]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_has_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert (
        "frame-ancestors 'none'" in headers["content-security-policy"]
        and "unsafe" not in headers["content-security-policy"]
    )
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert headers["strict-transport-security"].startswith("max-age=")
    assert headers["cache-control"] == ("no-cache" if "static" in path else "no-store")


def test_refusals_of_the_outer_layers_have_them_too(client: TestClient) -> None:
    response = client.post("/chat/sessions", content="x" * 20_000)
    assert (response.status_code, response.headers["cache-control"], response.headers["x-frame-options"]) == (
        413,
        "no-store",
        "DENY",
    )


def test_health_says_live_and_ready(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").json() == {"status": "ready"}


def counters(app: FastAPI) -> dict[str, float]:
    text = TestClient(create_operations_app(app)).get("/metrics").text
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_counters_are_on_the_operations_port_alone(app: FastAPI, client: TestClient, twilio: Twilio) -> None:
    twilio.send_text()
    twilio.send_text()
    twilio.send_text(From="32665")
    twilio.post("/sms/inbound", {}, signature="x")
    token = client.post("/chat/sessions").json()["token"]
    client.post(
        "/chat/messages",
        json={"client_msg_id": "1", "text": "hola"},
        headers={"Authorization": f"Bearer {token}"},
    )
    seen = counters(app)
    assert (
        seen["growline_gateway_sms_inbound_total['new']"]
        == seen["growline_gateway_sms_inbound_total['repeated']"]
        == 1
    )
    assert seen["growline_gateway_sms_inbound_total['not_a_person']"] == 1
    assert seen["growline_gateway_refused_total['sms_wrong_signature']"] == 1
    assert (
        seen["growline_gateway_chat_sessions_total[]"]
        == seen["growline_gateway_chat_messages_total['new']"]
        == 1
    )
    assert client.get("/metrics").status_code == 404


@contextmanager
def a_column_missing(store: Store) -> Iterator[None]:
    """A fault of ours: the schema is not the one the program was written for."""
    rename = "alter table message rename column {} to {}"
    with store.transaction() as session:
        session.connection().exec_driver_sql(rename.format("media_count", "media_gone"))
    try:
        yield
    finally:
        with store.transaction() as session:
            session.connection().exec_driver_sql(rename.format("media_gone", "media_count"))


def test_neither_logs_nor_counters_hold_what_a_family_wrote(
    app: FastAPI, client: TestClient, twilio: Twilio, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    twilio.send_text(Body="un secreto de Ana")
    token = client.post("/chat/sessions").json()["token"]
    with a_column_missing(store):
        response = client.post(
            "/chat/messages",
            json={"client_msg_id": "1", "text": "el secreto de Ana"},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert twilio.send_text(MessageSid="SM2", Body="otro secreto de Ana").status_code == 200
    assert response.status_code == 500 and "secreto" not in response.text
    assert "unhandled ProgrammingError at" in caplog.text
    assert "not stored, ProgrammingError at" in caplog.text
    written = caplog.text + TestClient(create_operations_app(app)).get("/metrics").text
    assert "secreto" not in written and PARENT not in written and PARENT[2:] not in written
    assert counters(app)["growline_gateway_failures_total[]"] >= 2


def test_a_database_error_does_not_repeat_the_values(store: Store) -> None:
    with pytest.raises(Exception) as caught, store.transaction() as session:
        session.connection().exec_driver_sql("select 1 / %s, %s", (0, "un secreto de Ana"))
    assert "secreto" not in str(caught.value)


def test_the_description_names_every_answer(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    stated = {
        f"{method} {path}": set(operation["responses"])
        for path, methods in paths.items()
        for method, operation in methods.items()
    }
    assert stated["post /sms/inbound"] == {"200", "400", "403", "408", "413", "503"}
    assert stated["post /sms/status/{id}"] == {"204", "400", "403", "408", "413", "503"}
    assert stated["post /chat/sessions"] == {"201", "400", "408", "413", "422", "429", "503"}
    assert stated["post /chat/messages"] == {"202", "400", "404", "408", "409", "413", "422", "429", "503"}
    assert stated["get /chat/messages"] == stated["get /chat/events"] == {"200", "404", "422", "429", "503"}
    for operation in (operation for methods in paths.values() for operation in methods.values()):
        refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert all(
            set(answer["content"]) <= {"application/json", "text/html"} for answer in refusals.values()
        )
    inbound = paths["/sms/inbound"]["post"]
    assert list(inbound["responses"]["200"]["content"]) == [
        "text/xml"
    ] and "application/x-www-form-urlencoded" in str(inbound["requestBody"])


def test_a_rate_gives_a_burst_then_one_at_a_time() -> None:
    now = [0.0]
    rate = Rate(per_second=0.5, burst=2, clock=lambda: now[0])
    assert [rate.take("a"), rate.take("a"), rate.take("a")] == [0.0, 0.0, 2.0]
    assert rate.take("b") == 0.0
    now[0] = 2.0
    assert [rate.take("a"), rate.take("a")] == [0.0, 2.0]


def test_places_are_given_back_when_the_waiting_ends() -> None:
    places = WaitingPlaces(each=1, all_together=2)
    with places.place("a"), places.place("b"):
        for key in ("a", "c"):
            with pytest.raises(Problem), places.place(key):
                pass
    with places.place("a"):
        pass


def test_an_answer_of_the_team_and_of_the_system_keep_their_speaker(client: TestClient, store: Store) -> None:
    token = client.post("/chat/sessions").json()["token"]
    answer(store, "Soy Marta del equipo", speaker="staff")
    answer(store, "Aviso", speaker="system")
    said = client.get("/chat/messages", headers={"Authorization": f"Bearer {token}"}).json()["messages"]
    assert [m["from"] for m in said] == ["staff", "system"]
