"""A gateway on an empty database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from gateway_bench import PUBLIC_URL, Twilio, app_of, gateway_settings, serving

from intake.settings import GatewaySettings
from intake.store.connection import Store, open_store
from intake.store.encryption import KeyRing, new_key


@pytest.fixture(autouse=True)
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which every gateway of this test keeps what the database cannot take."""
    folder = tmp_path / "spool"
    monkeypatch.setenv("GROWLINE_SPOOL", str(folder))
    return folder


@pytest.fixture(scope="session")
def keys() -> tuple[str, str]:
    return new_key(), new_key()


@pytest.fixture
def store(store: Store, database_url: str, keys: tuple[str, str]) -> Iterator[Store]:
    """The empty database, opened with the keys the gateway has."""
    opened = open_store(database_url, KeyRing([keys[0]], keys[1]))
    yield opened
    opened.close()


@pytest.fixture
def settings(database_url: str, keys: tuple[str, str]) -> GatewaySettings:
    return gateway_settings(database_url, keys)


@pytest.fixture
def app(settings: GatewaySettings, store: Store) -> FastAPI:
    return app_of(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    # Over the public address, so that the page's cookie, which needs TLS, comes back.
    with TestClient(
        app, base_url=PUBLIC_URL, raise_server_exceptions=False, follow_redirects=False
    ) as opened:
        yield opened


@pytest.fixture
def served(database_url: str, keys: tuple[str, str], store: Store) -> Iterator[str]:
    """The address of a gateway that really listens, without TLS, as in a demo."""
    with serving(database_url, keys) as url:
        yield url


@pytest.fixture
def twilio(client: TestClient) -> Twilio:
    return Twilio(client)
