"""Counts what passes the edge: numbers and reasons only, never a phone, a word or an id of a family."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from gateway.spool import Spool


class Metrics:
    """The counters of one running gateway, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.sms = Counter(
            "growline_gateway_sms_inbound",
            "Signed inbound texts by what became of them (new, repeated, not_a_person, spooled).",
            ["outcome"],
            registry=self.registry,
        )
        self.receipts = Counter(
            "growline_gateway_sms_receipts",
            "Signed delivery receipts (known, unknown, spooled).",
            ["outcome"],
            registry=self.registry,
        )
        self.drained = Counter(
            "growline_gateway_spool_drained",
            "Files of the spool that were stored (new, repeated, not_a_person, known, unknown).",
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

    def watch(self, spool: Spool) -> None:
        """Shows what waits in ``spool`` at each look; gateways that share a folder all show the same."""
        Gauge(
            "growline_gateway_spool_waiting",
            "Texts and receipts that wait for the database.",
            registry=self.registry,
        ).set_function(lambda: spool.figures().waiting)
        Gauge(
            "growline_gateway_spool_oldest_seconds",
            "How long the oldest of them has waited.",
            registry=self.registry,
        ).set_function(lambda: spool.figures().oldest_seconds)
        Gauge(
            "growline_gateway_spool_unreadable",
            "Spooled files set aside because they do not open.",
            registry=self.registry,
        ).set_function(lambda: spool.figures().unreadable)
