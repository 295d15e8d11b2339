"""A running action app over the tests' database, and the calls an engine makes to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from actions.app import create_app
from intake.settings import ActionsSettings
from intake.store.connection import Store, open_store
from intake.store.encryption import new_key
from intake.store.models import Conversation
from intake.usecases.receiving import receive_sms

PHONE = "+18605550142"


@dataclass
class ActionBench:
    """The ``client`` of a running app and the ``store`` it writes to."""

    client: TestClient
    store: Store
    public_id: str = ""

    def hears(self, text: str) -> UUID:
        """A text of the family arrives."""
        sid = f"SM{abs(hash((text, self.public_id)))}"
        message = receive_sms(self.store, message_sid=sid, sender=PHONE, text=text).message_id
        with self.store.reading() as session:
            self.public_id = session.query(Conversation).one().public_id
        return message

    def calls(self, action: str, text: str, *, intent: str = "inform", expects: str = "none", message: UUID | None = None,
              entities: list[dict[str, Any]] | None = None, **more: Any) -> Response:
        """What the engine posts for one action: the tracker of this turn, without the domain."""
        slots = {"conversation": self.public_id, "message_id": str(message or self.hears(text)), "language": "en",
                 "channel": "sms", "expects_kind": expects, "expects_id": None, "today": "2026-11-22"}
        slots["conversation"] = self.public_id
        tracker = {"sender_id": slots["message_id"], "slots": slots, "events": [], "paused": False, "active_loop": {},
                   "latest_message": {"text": text, "intent": {"name": intent}, "entities": entities or []},
                   "latest_action_name": "action_listen", "latest_input_channel": "turn", "followup_action": None}
        answer: Response = self.client.post("/webhook", json={"next_action": action, "sender_id": slots["message_id"],
                                                              "tracker": tracker, **more})
        return answer


@pytest.fixture
def actions(store: Store, database_url: str) -> Iterator[ActionBench]:
    """The action app as it runs, over the emptied database, with keys of its own."""
    data_key, index_key = new_key(), new_key()
    settings = ActionsSettings(GROWLINE_DATABASE_URL=database_url, GROWLINE_DATA_KEYS=data_key, GROWLINE_INDEX_KEY=index_key,
                               _env_file=None)
    own_store = open_store(database_url, settings.key_ring())
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield ActionBench(client, own_store)
    own_store.close()
