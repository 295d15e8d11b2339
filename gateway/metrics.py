"""Counts what passes the edge: numbers and reasons only, never a phone, a word or an id of a family."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram


class Metrics:
    """The counters of one running gateway, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.sms = Counter(
            "growline_gateway_sms_inbound",
            "Signed inbound texts by what became of them (new, repeated, not_a_person).",
            ["outcome"],
            registry=self.registry,
        )
        self.receipts = Counter(
            "growline_gateway_sms_receipts",
            "Signed delivery receipts (known, unknown).",
            ["outcome"],
            registry=self.registry,
        )
        self.sessions = Counter("growline_gateway_chat_sessions", "Web chats begun.", registry=self.registry)
        self.messages = Counter(
            "growline_gateway_chat_messages",
            "Web messages taken in (new, repeated).",
            ["outcome"],
            registry=self.registry,
        )
        self.refused = Counter(
            "growline_gateway_refused", "Requests refused, by reason.", ["reason"], registry=self.registry
        )
        self.failures = Counter(
            "growline_gateway_failures", "Requests that failed by a fault of ours.", registry=self.registry
        )
        self.seconds = Histogram(
            "growline_gateway_request_seconds",
            "Time to the first byte of an answer.",
            ["method", "route", "status"],
            registry=self.registry,
        )
