"""The whole SMS line for the W cases: one gateway that listens, the simulator as Twilio, the worker's own functions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The benches of the programs live beside their tests; each folder of tests stands alone on the path.
sys.path[:0] = [str(Path(__file__).parent.parent / folder) for folder in ("gateway", "simulator", "usecases", "worker")]

from gateway_bench import app_of, gateway_settings  # noqa: E402
from line import Gateway, Line  # noqa: E402
from simulator_bench import ACCOUNT, PROGRAM, SERVICE, TOKEN, Bench, running_bench, serve  # noqa: E402
from small_engine import SmallEngine  # noqa: E402

from intake.content.library import Content  # noqa: E402
from intake.store.connection import Store, open_store  # noqa: E402
from intake.store.encryption import KeyRing, new_key  # noqa: E402


@pytest.fixture(scope="session")
def keys() -> tuple[str, str]:
    return new_key(), new_key()


@pytest.fixture(scope="session")
def quick_database(database_url: str) -> str:
    """The same database; no test here pulls the plug, so nothing waits for the disk."""
    separator = "&" if "?" in database_url else "?"
    return f"{database_url}{separator}options=-csynchronous_commit%3Doff"


@pytest.fixture(scope="session")
def gateway(quick_database: str, keys: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The public edge on a real socket; the simulator's account and number are its own."""
    running: list[Gateway] = []

    def build(port: int) -> object:
        url = f"http://127.0.0.1:{port}"
        app = app_of(gateway_settings(
            quick_database, keys, GROWLINE_PUBLIC_URL=url, GROWLINE_SPOOL=str(tmp_path_factory.mktemp("spool")),
            TWILIO_ACCOUNT_SID=ACCOUNT, TWILIO_AUTH_TOKEN=TOKEN, TWILIO_FROM=PROGRAM, TWILIO_MESSAGING_SERVICE_SID=SERVICE))
        running.append(Gateway(url, app))
        return app

    with serve(build):  # type: ignore[arg-type]
        yield running[0]


@pytest.fixture(scope="session")
def carrier(gateway: Gateway) -> Iterator[Bench]:
    """The simulated carrier, whose webhooks and receipts go to the gateway."""
    with running_bench(webhook_url=f"{gateway.url}/sms/inbound", messaging_service_sid=SERVICE) as bench:
        yield bench


@pytest.fixture
def store(carrier: Bench, store: Store, quick_database: str, keys: tuple[str, str]) -> Iterator[Store]:
    """The empty database, opened with the gateway's keys; whatever was under way at the carrier is given up before."""
    carrier.http.post("/simulator/reset")
    opened = open_store(quick_database, KeyRing([keys[0]], keys[1]))
    yield opened
    carrier.http.post("/simulator/reset")
    opened.close()


@pytest.fixture
def line(gateway: Gateway, carrier: Bench, store: Store, content: Content) -> Iterator[Line]:
    """Everything between a parent's phone and the rows, at rest."""
    with SmallEngine() as engine:
        line = Line(gateway, carrier, store, content, engine)
        yield line
        line.close()
