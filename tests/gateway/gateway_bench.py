"""How a gateway test speaks: as Twilio with a true signature, as a parent's text, and as the worker that answers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Client, Response
from sqlalchemy import select, text
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator

from gateway.app import create_app
from intake.content.library import Content, load_content
from intake.settings import GatewaySettings
from intake.store.connection import Store
from intake.store.models import Message
from intake.usecases.receiving import next_seq

ACCOUNT, TOKEN, NEXT_TOKEN = "AC" + "1" * 32, "token-in-force", "token-to-come"
OUR_NUMBER, SERVICE, PARENT = "+18605550100", "MG" + "2" * 32, "+18605550142"
PUBLIC_URL = "https://growline.example"


def gateway_settings(database: str, keys: tuple[str, str], **changes: Any) -> GatewaySettings:
    """The settings of a gateway under test."""
    given = {
        "GROWLINE_DATABASE_URL": database,
        "GROWLINE_DATA_KEYS": keys[0],
        "GROWLINE_INDEX_KEY": keys[1],
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": f"{TOKEN},{NEXT_TOKEN}",
        "TWILIO_FROM": OUR_NUMBER,
        "TWILIO_MESSAGING_SERVICE_SID": SERVICE,
        "GROWLINE_PUBLIC_URL": PUBLIC_URL,
    }
    return GatewaySettings(_env_file=None, **(given | changes))


@cache
def _content() -> Content:
    return load_content(Path(__file__).parents[2] / "content")


def app_of(settings: GatewaySettings) -> FastAPI:
    """The gateway of ``settings``; the content is read once for all."""
    return create_app(settings, _content())


@contextmanager
def serving(database: str, keys: tuple[str, str], **changes: Any) -> Iterator[str]:
    """The address of a gateway that really listens, without TLS, while the body runs."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = app_of(gateway_settings(database, keys, GROWLINE_PUBLIC_URL=url, **changes))
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield url
        server.should_exit = True
        thread.join(timeout=5)


@dataclass
class Twilio:
    """Posts forms to the gateway, signed with ``token`` over ``public_url``."""

    client: TestClient | Client
    token: str = TOKEN
    public_url: str = PUBLIC_URL

    def post(
        self,
        path: str,
        fields: Mapping[str, Any] | list[tuple[str, str]],
        *,
        signature: str | None = None,
        **headers: str,
    ) -> Response:
        pairs = list(fields.items()) if isinstance(fields, Mapping) else fields
        signed = RequestValidator(self.token).compute_signature(self.public_url + path, FormData(pairs))
        all_headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signed if signature is None else signature,
        } | headers
        return self.client.post(path, content=urlencode(pairs), headers=all_headers)

    def send_text(self, **changes: str) -> Response:
        return self.post("/sms/inbound", a_text(**changes))


def a_text(**changes: str) -> dict[str, str]:
    """What Twilio sends for a parent's text."""
    fields = {
        "MessageSid": "SM" + "a" * 32,
        "AccountSid": ACCOUNT,
        "MessagingServiceSid": SERVICE,
        "From": PARENT,
        "To": OUR_NUMBER,
        "Body": "He does not talk yet",
        "NumMedia": "0",
        "FromCity": "HARTFORD",
        "SmsStatus": "received",
    }
    return fields | changes


def messages(store: Store) -> list[Message]:
    """All messages that came in, in order."""
    with store.reading() as session:
        return list(session.scalars(select(Message).order_by(Message.created_at, Message.seq)))


def turns_waiting(store: Store) -> int:
    """How many turns wait for the worker."""
    with store.reading() as session:
        return (
            session.scalar(text("select count(*) from procrastinate_jobs where task_name = 'take_turn'")) or 0
        )


def answer(store: Store, words: str, *, speaker: str = "bot", payload: dict[str, Any] | None = None) -> int:
    """Says something in the newest conversation, as the worker or staff would; returns its seq."""
    with store.transaction() as session:
        row = session.scalars(select(Message).order_by(Message.created_at.desc()).limit(1)).one()
        seq = next_seq(session, row.conversation_id)
        session.add(
            Message(
                conversation_id=row.conversation_id,
                seq=seq,
                direction="outbound",
                speaker=speaker,
                text=words,
                state="delivered",
                payload=payload,
            )
        )
        return seq
