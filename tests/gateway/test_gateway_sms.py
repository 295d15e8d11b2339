"""Twilio's webhooks: what is let in, what is turned away, and what is left behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from database_door import wait_until
from fastapi.testclient import TestClient
from gateway_bench import (
    NEXT_TOKEN,
    OUR_NUMBER,
    PUBLIC_URL,
    SERVICE,
    TOKEN,
    Twilio,
    a_text,
    app_of,
    gateway_settings,
    messages,
    turns_waiting,
)
from sqlalchemy import select
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator

from gateway.sms import media_count
from intake.store.connection import Store
from intake.store.models import SystemTraffic


def without(name: str) -> dict[str, str]:
    return {field: value for field, value in a_text().items() if field != name}


def test_a_signed_text_is_stored_with_its_turn_and_answered_with_empty_twiml(
    twilio: Twilio, store: Store
) -> None:
    response = twilio.send_text(Body="No habla todavía")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert response.text == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    [message] = messages(store)
    assert (message.text, message.direction, message.state, message.seq) == (
        "No habla todavía",
        "inbound",
        "received",
        1,
    )
    assert turns_waiting(store) == 1


def test_the_same_message_sid_twice_is_one_message_and_one_turn(twilio: Twilio, store: Store) -> None:
    assert [twilio.send_text().status_code for _ in range(3)] == [200, 200, 200]
    assert (len(messages(store)), turns_waiting(store)) == (1, 1)


def test_texts_arriving_in_the_same_instant_are_each_stored_once_in_one_conversation(
    twilio: Twilio, store: Store
) -> None:
    sids = [f"SM{n}" for n in range(4)] * 2
    with ThreadPoolExecutor(len(sids)) as pool:
        statuses = list(pool.map(lambda sid: twilio.send_text(MessageSid=sid).status_code, sids))
    assert set(statuses) == {200}
    # On a machine that is busy some of them go by way of the spool, which is emptied within a second or two.
    wait_until(lambda: len(messages(store)) == 4)
    stored = messages(store)
    assert len({message.seq for message in stored}) == turns_waiting(store) == 4
    assert len({message.conversation_id for message in stored}) == 1


def test_a_webhook_caught_and_played_again_a_day_later_changes_nothing(twilio: Twilio, store: Store) -> None:
    """W3."""
    caught = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/sms/inbound", FormData(a_text()))
    twilio.post("/sms/inbound", a_text(), signature=caught)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        assert twilio.post("/sms/inbound", a_text(), signature=caught).status_code == 200
    assert (len(messages(store)), turns_waiting(store)) == (1, 1)


@pytest.mark.parametrize("words", ["", "👍", "e" + "\u0301" * 500, "\u202eabc"])
def test_an_empty_or_odd_text_is_kept_for_its_turn(twilio: Twilio, store: Store, words: str) -> None:
    """W8, W13 and W14: what is said to them is the turn's matter."""
    assert twilio.send_text(Body=words).status_code == 200
    assert turns_waiting(store) == 1 and len(messages(store)[0].text) <= 10


def test_two_texts_of_one_phone_are_one_conversation_in_order(twilio: Twilio, store: Store) -> None:
    twilio.send_text(MessageSid="SM1", Body="one")
    twilio.send_text(MessageSid="SM2", Body="two")
    first, second = messages(store)
    assert first.conversation_id == second.conversation_id and (first.seq, second.seq) == (1, 2)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(a_text(Body=""), id="an empty field is part of the signature"),
        pytest.param(a_text(Body="  hola \n "), id="blanks at the ends are part of the signature"),
        pytest.param(a_text(Body="¿Está bien? 👶🏽 + & % = ñ"), id="accents, emoji and signs"),
        pytest.param(a_text(BrandNewField="x", Another=""), id="fields Twilio adds without notice"),
        pytest.param(without("MessagingServiceSid"), id="a number without a messaging service"),
        pytest.param(a_text(To="+18605550199"), id="another number of our messaging service"),
        pytest.param(
            [*a_text().items(), ("Tag", "b"), ("Tag", "a"), ("Tag", "a")], id="a name that is repeated"
        ),
        pytest.param(a_text(Body="x" * 10_000), id="a text of 10,000 characters"),
    ],
)
def test_a_true_signature_lets_the_text_in(twilio: Twilio, store: Store, fields: Any) -> None:
    assert twilio.post("/sms/inbound", fields).status_code == 200
    assert len(messages(store)) == 1


def test_blanks_and_controls_go_from_what_is_kept(twilio: Twilio, store: Store) -> None:
    """W12 and W13."""
    twilio.send_text(Body="  a\x00b\u202ec\u200bd  ")
    assert messages(store)[0].text == "abcd"


def test_a_text_longer_than_is_kept_is_cut(twilio: Twilio, store: Store) -> None:
    """W6."""
    twilio.send_text(Body="x" * 12_000)
    assert len(messages(store)[0].text) == 10_000


def test_bytes_that_are_no_utf8_do_no_harm(client: TestClient, store: Store) -> None:
    """W12."""
    seen = a_text(Body="hola \ufffd\ufffd")
    body = (
        "&".join(f"{name}={value}" for name, value in seen.items() if name != "Body")
        .replace("+", "%2B")
        .replace(" ", "+")
    )
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/sms/inbound", FormData(seen))
    response = client.post(
        "/sms/inbound",
        content=body + "&Body=hola+%FF%FE",
        headers={"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature},
    )
    assert response.status_code == 200 and messages(store)[0].text == "hola \ufffd\ufffd"


def test_the_token_to_come_signs_as_well(client: TestClient, store: Store) -> None:
    assert Twilio(client, token=NEXT_TOKEN).send_text().status_code == 200
    assert len(messages(store)) == 1


def test_the_query_is_part_of_what_is_signed(twilio: Twilio, store: Store) -> None:
    assert twilio.post("/sms/inbound?rota=b%20c&a=", a_text()).status_code == 200
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/sms/inbound", a_text())
    assert (
        twilio.post("/sms/inbound?rota=d", a_text(MessageSid="SM2"), signature=signature).status_code == 403
    )


def test_a_public_address_with_a_port_and_a_path_is_signed_as_twilio_calls_it(
    database_url: str, keys: tuple[str, str], store: Store
) -> None:
    app = app_of(
        gateway_settings(database_url, keys, GROWLINE_PUBLIC_URL="https://growline.example:8443/line/")
    )
    with TestClient(app) as client:
        twilio = Twilio(client, public_url="https://growline.example:8443/line")
        assert twilio.send_text().status_code == 200


@pytest.mark.parametrize(
    ("fields", "signature"),
    [
        pytest.param(a_text(), "", id="no signature"),
        pytest.param(a_text(), "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", id="a wrong signature of the right length"),
        pytest.param(a_text(), "ñ", id="a signature that is no ASCII"),
        pytest.param(a_text(AccountSid="AC" + "9" * 32), None, id="another account"),
        pytest.param(without("AccountSid"), None, id="no account"),
        pytest.param(
            a_text(To="+18605550199", MessagingServiceSid="MG" + "9" * 32),
            None,
            id="another number and service",
        ),
        pytest.param(without("MessagingServiceSid") | {"To": ""}, None, id="no number"),
    ],
)
def test_what_is_not_ours_is_forbidden_and_not_stored(
    twilio: Twilio, store: Store, fields: Any, signature: str | None
) -> None:
    """W2 and W4."""
    response = twilio.post(
        "/sms/inbound", fields, signature=None if signature is None else signature.encode("latin-1")
    )  # type: ignore[arg-type]
    assert response.status_code == 403
    assert messages(store) == [] and turns_waiting(store) == 0


def test_without_the_signature_header_it_is_forbidden(client: TestClient, store: Store) -> None:
    """W1."""
    assert client.post("/sms/inbound", data=a_text()).status_code == 403
    assert messages(store) == []


def test_a_signature_of_another_token_is_forbidden(client: TestClient, store: Store) -> None:
    """W2."""
    assert Twilio(client, token="stolen").send_text().status_code == 403
    assert messages(store) == []


def test_a_field_changed_on_the_way_is_forbidden(twilio: Twilio, store: Store) -> None:
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/sms/inbound", a_text())
    assert twilio.post("/sms/inbound", a_text(Body="something else"), signature=signature).status_code == 403
    assert messages(store) == []


def test_what_a_proxy_says_of_scheme_and_host_changes_nothing(twilio: Twilio, client: TestClient) -> None:
    forged = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example", "Host": "evil.example"}
    assert twilio.post("/sms/inbound", a_text(), **forged).status_code == 200
    over_http = Twilio(client, public_url="http://growline.example")
    assert over_http.post("/sms/inbound", a_text(), **forged).status_code == 403


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ('{"MessageSid": "SM1"}', "application/json"),
        ("MessageSid=SM1", "text/plain"),
        ("--x\r\n", "multipart/form-data; boundary=x"),
    ],
)
def test_a_body_that_is_no_form_is_forbidden(
    client: TestClient, store: Store, content: str, kind: str
) -> None:
    """W7."""
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/sms/inbound", {})
    response = client.post(
        "/sms/inbound", content=content, headers={"Content-Type": kind, "X-Twilio-Signature": signature}
    )
    assert response.status_code == 403 and messages(store) == []


def test_get_is_no_way_to_send_a_text(client: TestClient) -> None:
    """W31."""
    response = client.get("/sms/inbound", params=a_text())
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


def test_a_large_body_is_refused_before_it_is_read(twilio: Twilio, store: Store) -> None:
    """W5."""
    assert twilio.send_text(Body="x" * 70_000).status_code == 413
    assert messages(store) == []


def test_a_large_body_without_its_length_is_refused(client: TestClient) -> None:
    response = client.post("/sms/inbound", content=(b"x" * 1000 for _ in range(70)))
    assert response.status_code == 413


def test_too_many_fields_are_refused(twilio: Twilio, store: Store) -> None:
    """W6."""
    assert twilio.post("/sms/inbound", a_text(**{f"F{n}": "" for n in range(300)})).status_code == 400
    assert messages(store) == []


def test_a_picture_without_words_is_stored_as_such(twilio: Twilio, store: Store) -> None:
    """W9 and W11: the picture is counted and never fetched."""
    assert (
        twilio.post(
            "/sms/inbound", without("Body") | {"NumMedia": "2", "MediaUrl0": "http://169.254.169.254/"}
        ).status_code
        == 200
    )
    [message] = messages(store)
    assert (message.text, message.media_count) == ("", 2)


@pytest.mark.parametrize(
    ("text", "count"),
    [("0", 0), ("3", 3), ("999", 10), ("9" * 5000, 10), ("-1", 0), ("abc", 0), ("", 0), ("²", 0)],
)
def test_the_number_of_pictures_is_read_safely(text: str, count: int) -> None:
    """W10."""
    assert media_count(text) == count


@pytest.mark.parametrize(
    "sender",
    [
        "32665",
        "HMGCT",
        "whatsapp:+18605550142",
        "+1000",
        "+447700900123",
        "+18005550142",
        "+18765550142",
        "+118605550142",
        "+18605550142\n",
        "",
    ],
)
def test_a_sender_that_is_no_person_here_is_kept_once_apart_without_a_conversation(
    twilio: Twilio, store: Store, sender: str
) -> None:
    """W15."""
    assert [twilio.send_text(From=sender, Body="I am driving").status_code for _ in range(2)] == [200, 200]
    assert messages(store) == [] and turns_waiting(store) == 0
    with store.reading() as session:
        [kept] = session.scalars(select(SystemTraffic))
    assert (kept.sender, kept.text) == (sender.strip(), "I am driving")


@pytest.mark.parametrize(
    ("told", "kept"),
    [("STOP", "STOP"), ("START", "START"), ("HELP", "HELP"), ("", None), ("stop", None), ("x" * 500, None)],
)
def test_what_twilio_itself_took_a_text_for_is_kept(
    twilio: Twilio, store: Store, told: str, kept: str | None
) -> None:
    twilio.send_text(Body="STOP", OptOutType=told)
    assert messages(store)[0].opt_out_type == kept


def test_a_signed_text_without_an_id_is_refused(twilio: Twilio, store: Store) -> None:
    assert twilio.send_text(MessageSid="").status_code == 400
    assert twilio.send_text(MessageSid="SM'; drop").status_code == 400
    assert messages(store) == []


def test_only_the_service_set_up_is_ours_when_there_is_no_number(
    database_url: str, keys: tuple[str, str], store: Store
) -> None:
    app = app_of(gateway_settings(database_url, keys, TWILIO_FROM=""))
    with TestClient(app) as client:
        twilio = Twilio(client)
        assert twilio.send_text(MessagingServiceSid=SERVICE, To="").status_code == 200
        assert (
            twilio.post("/sms/inbound", without("MessagingServiceSid") | {"To": OUR_NUMBER}).status_code
            == 403
        )
