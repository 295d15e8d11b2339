"""The SMS line as a test holds it: phones at the carrier, the gateway's webhooks, the worker's jobs, and the rows they leave.

A text goes the whole way: the simulator signs and posts it, the gateway stores it with its job, ``works`` runs the jobs with
the worker's own functions, and what is answered arrives on the simulator's phone. Only the reading is small: the engine
here knows the ready answers and nothing else, and what it says are the names of the lines with their variables.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any, TypeVar
from urllib.parse import quote_from_bytes, urlencode
from uuid import UUID

import httpx
from a_family import ORDINARY, AFamily, Deed
from fastapi import FastAPI
from gateway_bench import Twilio, a_text
from simulator_bench import ACCOUNT, PARENT, PROGRAM, TOKEN, Bench, wait_until
from small_engine import SmallEngine
from sqlalchemy import func, select, text, update
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator

from intake.content.library import Content
from intake.rules.choices import Option, pick
from intake.rules.interview import Expects, Kind
from intake.settings import TwilioSettings
from intake.store.connection import Store
from intake.store.jobs import DELIVER, TAKE_TURN
from intake.store.models import Alarm, Base, Consent, Conversation, Flag, Message, Suppression
from intake.usecases import consent, milestones
from intake.usecases.case_view import view_case
from intake.usecases.claiming import SendingRules
from intake.usecases.scene import Turn
from intake.usecases.taking import TakingRules
from intake.usecases.turns import Desk
from worker.clock import local_clock
from worker.deliver import deliver
from worker.engine import Engine
from worker.turns import take_turn
from worker.twilio import SendLater, SendUnclear, TwilioSender

Row = TypeVar("Row", bound=Base)
FORM = "application/x-www-form-urlencoded"
TIMES = {"message": ("created_at", "sent_at", "attempted_at", "done_at"), "conversation": ("started_at", "last_inbound_at"),
         "outreach": ("due_at", "created_at")}  # the ledger of consents is never changed


@dataclass
class Gateway:
    """A gateway that listens at ``url``."""

    url: str
    app: FastAPI

    def refused(self, reason: str) -> float:
        """How many requests were refused for this reason so far."""
        return self._figure("growline_gateway_refused_total", {"reason": reason})

    def failures(self) -> float:
        """How many requests failed by a fault of ours."""
        return self._figure("growline_gateway_failures_total", {})

    def is_settled(self) -> bool:
        """Whether nothing waits in the spool."""
        return bool(self.app.state.edge.spool.figures().waiting == 0)

    def _figure(self, name: str, labels: dict[str, str]) -> float:
        return self.app.state.edge.metrics.registry.get_sample_value(name, labels) or 0.0


@dataclass(repr=False)
class Line:
    """One line with its phones. ``taking`` and ``sending`` are what the operator has set."""

    gateway: Gateway
    carrier: Bench
    store: Store
    content: Content
    engine: SmallEngine
    taking: TakingRules = field(default_factory=lambda: TakingRules(texts_a_minute=30))
    sending: SendingRules = field(default_factory=SendingRules)
    put_off: list[str] = field(default_factory=list)  # why a text did not leave yet
    _jobs_done: set[int] = field(default_factory=set)
    _sids: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.gateway.url, trust_env=False, timeout=20)
        self.twilio = Twilio(self.http, token=TOKEN, public_url=self.gateway.url)
        self._client = Engine([self.engine.url])
        settings = TwilioSettings(TWILIO_ACCOUNT_SID=ACCOUNT, TWILIO_AUTH_TOKEN=TOKEN, TWILIO_API_URL=self.carrier.url,
                                  TWILIO_FROM=PROGRAM, _env_file=None)
        self.sender = TwilioSender(settings, self.gateway.url, seconds=10)
        self.engine.answering = self._acts

    def close(self) -> None:
        """Ends the connections."""
        self.http.close()
        self._client.close()

    # what comes in

    def a_text(self, **changes: str) -> dict[str, str]:
        """The fields of a parent's text with an id of its own."""
        return a_text(**{"AccountSid": ACCOUNT, "MessageSid": f"SM{'f' * 8}{next(self._sids):024x}", "From": PARENT, **changes})

    def posts(self, **changes: str) -> httpx.Response:
        """A webhook with these fields, truly signed, straight to the gateway."""
        return self.twilio.post("/sms/inbound", self.a_text(**changes))

    def posts_bytes(self, body: bytes, **changes: str) -> httpx.Response:
        """A webhook whose Body is ``body``, whatever bytes these are, signed over what a reader makes of them."""
        fields = self.a_text(**changes, Body=body.decode("utf-8", "replace"))
        others = urlencode({name: value for name, value in fields.items() if name != "Body"})
        headers = {"Content-Type": FORM, "X-Twilio-Signature": self.signature_of(fields)}
        return self.http.post("/sms/inbound", content=f"{others}&Body={quote_from_bytes(body, safe='')}", headers=headers)

    def signature_of(self, fields: dict[str, str], path: str = "/sms/inbound") -> str:
        """What Twilio puts into the header for these fields."""
        signer = RequestValidator(self.twilio.token)
        return str(signer.compute_signature(self.gateway.url + path, FormData(list(fields.items()))))

    def writes(self, words: str | None, *, phone: str = PARENT, **more: Any) -> None:
        """A text leaves a phone; the carrier obeys its own words and posts the webhook."""
        answer = self.carrier.text(words, phone=phone, **more)
        assert answer["webhook_status"] == 200, answer

    def says(self, words: str | None, *, phone: str = PARENT, **more: Any) -> list[str]:
        """Writes and lets the worker work; returns what arrived from us."""
        before = len(self.shown(phone))
        self.writes(words, phone=phone, **more)
        self.works()
        return self.shown(phone)[before:]

    def leads_to(self, kind: Kind) -> AFamily:
        """The parent's ordinary answers until the question of this ``kind`` is open; only that question is really sent."""
        parent = AFamily(self.store, self.content).goes_on_to(kind)
        *before, _ = self.said()
        with self.store.transaction() as session:
            session.execute(update(Message).where(Message.id.in_([row.id for row in before]))
                            .values(state="delivered", sent_at=func.now()))
        self.works()
        return parent

    # the worker

    def works(self) -> None:
        """Runs every job that is due, in the order of the queue, until there is none; then waits for the receipts."""
        wait_until(self.gateway.is_settled, seconds=20)
        while jobs := self._jobs(TAKE_TURN, DELIVER):
            self._runs(*jobs[0])
        wait_until(lambda: all(row.state != "sent" for row in self.said()), seconds=20)

    def takes_turns(self) -> None:
        """Takes the turns that are due; what is answered waits to be sent."""
        wait_until(self.gateway.is_settled, seconds=20)
        while jobs := self._jobs(TAKE_TURN):
            self._runs(*jobs[0])

    def takes(self, message_id: UUID) -> None:
        """One turn, as its job takes it."""
        take_turn(self.store, self.content, self._client, message_id, self.taking)

    def _jobs(self, *tasks: str) -> list[tuple[int, str, str]]:
        query = text("select id, task_name, args->>'message_id' from procrastinate_jobs"
                     " where coalesce(scheduled_at, now()) <= now() order by id")
        with self.store.reading() as session:
            rows = [(row[0], row[1], row[2]) for row in session.execute(query)]
        return [row for row in rows if row[0] not in self._jobs_done and row[1] in tasks]

    def _runs(self, job: int, task: str, message_id: str) -> None:
        self._jobs_done.add(job)
        (self.takes if task == TAKE_TURN else self.delivers)(UUID(message_id))

    def delivers(self, message_id: UUID) -> None:
        """One try to send this text; one that must wait is noted in ``put_off``."""
        try:
            deliver(self.store, self.sender, message_id, self.sending, clock=lambda: 0.0, now=local_clock)  # set by the tests
        except (SendLater, SendUnclear) as later:
            self.put_off.append(str(later))

    # the small engine with its actions

    def _acts(self, turn: dict[str, Any]) -> tuple[int, bytes]:
        context = turn["context"]
        open_now = context["expects"] and Expects(Kind(context["expects"]["kind"]), context["expects"]["id"])
        step = Turn(turn["conversation"], UUID(turn["message_id"]), turn["text"], context["language"], context["channel"],
                    open_now, date.fromisoformat(context["today"]))
        outcome = Desk(self.store, self.content).take_step(step, "a_step", self._deed(open_now, turn["text"]))
        after = outcome.expects
        receipt = {"receipt": turn["message_id"], "choices": [],
                   "expects": None if after is None else {"kind": after.kind.value, "id": after.id}}
        said = [{"text": " ".join([spoken.name, *map(str, spoken.variables.values())])} for spoken in outcome.lines]
        return 200, json.dumps({"replies": said, "receipt": receipt, "understood": {"intent": "inform"}}).encode()

    def _deed(self, open_now: Expects | None, words: str) -> Deed:
        """What a ready answer to the open question does; anything else only brings the question back."""
        if open_now is None:
            return lambda scene: consent.begin(scene, [])
        options = [Option(answer.code, (answer.label.en, answer.label.es, *answer.words))
                   for answer in self.content.messages.choices.get(open_now.kind, ())]
        picked = pick(words, options)
        if open_now.kind is Kind.MILESTONE and picked is not None:
            return lambda scene: milestones.answer_milestone(scene, picked)
        known = ORDINARY.get(open_now.kind)
        if known is not None and (picked is not None or words == known[0]):
            return known[1]
        return lambda scene: None

    # what stands

    def shown(self, phone: str = PARENT) -> list[str]:
        """The texts of ours on this phone, oldest first."""
        return [shown["text"] for shown in self.carrier.thread(phone)["messages"] if shown["from"] == "program"]

    def shown_by_carrier(self, phone: str = PARENT) -> int:
        """How many texts the carrier itself has sent to this phone."""
        return sum(shown["from"] == "carrier" for shown in self.carrier.thread(phone)["messages"])

    def all(self, table: type[Row]) -> list[Row]:
        """Every row of ``table``."""
        with self.store.reading() as session:
            return list(session.scalars(select(table)))

    def heard(self) -> list[Message]:
        """What came in, in the order of its places."""
        return sorted((row for row in self.all(Message) if row.direction == "inbound"), key=lambda row: row.seq)

    def said(self) -> list[Message]:
        """What we said, in the order of its places."""
        return sorted((row for row in self.all(Message) if row.direction == "outbound"), key=lambda row: row.seq)

    def conversation(self) -> Conversation:
        """The only conversation there is."""
        [conversation] = self.all(Conversation)
        return conversation

    def expects(self) -> Expects | None:
        """The question that is open in the only conversation."""
        conversation = self.conversation()
        kind = conversation.expects_kind
        return None if kind is None else Expects(Kind(kind), conversation.expects_id)

    def flags(self) -> list[tuple[str, str]]:
        """Code and rule of every standing flag."""
        return sorted((row.code, row.rule) for row in self.all(Flag) if row.cleared_at is None)

    def alarms(self) -> list[str]:
        """The codes of the alarms that stand."""
        return [row.code for row in self.all(Alarm) if row.cleared_at is None]

    def is_suppressed(self) -> bool:
        """Whether any phone stands on the list of those that get no text."""
        return any(row.lifted_at is None for row in self.all(Suppression))

    def ledger(self) -> list[bool]:
        """The yes and no to texts, in their order."""
        return [row.given for row in sorted(self.all(Consent), key=lambda row: row.at) if row.kind == "sms"]

    def case(self, phone: str = PARENT) -> dict[str, Any]:
        """The case as staff see it."""
        return view_case(self.store, actor="test", phone=phone)

    def kept(self) -> Counter[str]:
        """How many rows each table holds, jobs too, and how many texts were handed to the carrier."""
        tables = [*(table.name for table in Base.metadata.sorted_tables), "procrastinate_jobs"]
        with self.store.reading() as session:
            rows = {name: session.scalar(text(f'select count(*) from "{name}"')) or 0 for name in tables}
        return Counter({**rows, "sent": len(self.carrier.events("message_accepted"))})

    def ages(self, **age: float) -> None:
        """Everything that stands happened so much earlier (``days=1``)."""
        seconds = timedelta(**age).total_seconds()
        with self.store.engine.begin() as connection:
            for table, columns in TIMES.items():
                changes = ", ".join(f"{column} = {column} - make_interval(secs => {seconds})" for column in columns)
                connection.exec_driver_sql(f'update "{table}" set {changes}')


def nothing(line: Line, since: Counter[str] | None = None) -> bool:
    """Whether nothing stands, or nothing has been added or sent ``since``; a moment is given for it to show."""
    time.sleep(0.05)
    line.works()
    return +line.kept() == +(since or Counter())
