"""The chat's published interface against the gateway itself: no answer is a failure of ours, none is undocumented."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from gateway_bench import app_of, gateway_settings, serving
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from intake.store.encryption import new_key

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LONGEST_WAIT = 0.05  # seconds; who asks for more is a patient reader, and has tests of its own


@pytest.fixture(scope="module")
def gateway(database_url: str, keys: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a gateway that really listens, and begins as many chats as it is asked to."""
    given = {"GROWLINE_CHAT_SESSIONS_PER_HOUR": 100_000, "GROWLINE_SPOOL": str(tmp_path_factory.mktemp("spool"))}
    with serving(database_url, keys, **given) as url:
        yield url


@pytest.fixture(scope="module")
def token(gateway: str) -> str:
    return _begun(gateway)


def _begun(gateway: str) -> str:
    return str(httpx.post(f"{gateway}/chat/sessions", json={}, trust_env=False).json()["token"])


def _published() -> Any:
    """What a gateway publishes, without the stream of events, which does not end by itself, and the plain form, which waits
    for an answer that nobody gives here."""
    app = app_of(gateway_settings("postgresql://nobody@127.0.0.1:9/none", (new_key(), new_key())))
    schema = schemathesis.openapi.from_dict(app.openapi())
    return schema.include(path_regex="^/(chat|l|widget)").exclude(path=["/chat/events", "/chat/form"])


@_published().parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_a_documented_one(case: Any, gateway: str, token: str) -> None:
    waits = (case.query or {}).get("wait")
    if isinstance(waits, (int, float)):
        case.query["wait"] = min(waits, LONGEST_WAIT)
    if case.method == "DELETE":  # the chat that is ended must not be the one of all other calls
        token = _begun(gateway)
    response = case.call(base_url=gateway, headers={"Authorization": f"Bearer {token}"})
    case.validate_response(response, checks=CHECKS)
    assert response.status_code < 500
