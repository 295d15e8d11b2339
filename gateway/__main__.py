"""Starts the gateway on this machine: ``python -m gateway``. A proxy that ends TLS stands before it."""

from __future__ import annotations

import logging
import threading

import uvicorn
from fastapi import FastAPI

from gateway.app import create_app, create_operations_app
from intake import failpoints
from intake.settings import GatewaySettings, read_settings

_LOOPBACK = "127.0.0.1"
# A reader waiting for an answer asks again by itself; a message being stored is done well within this.
_SECONDS_TO_FINISH = 3


def main() -> None:
    """Reads the settings and serves until stopped; the operators' port is served beside the public one."""
    settings = read_settings(GatewaySettings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    failpoints.arm(settings.failpoints)
    app = create_app(settings)
    app.state.edge.spool.prepare()  # here and not only inside the server, which would print a page of its own instead
    operations = uvicorn.Server(_config(create_operations_app(app), settings.operations_port))
    beside = threading.Thread(target=operations.run, daemon=True)
    beside.start()
    try:
        uvicorn.Server(_config(app, settings.port)).run()
    finally:
        operations.should_exit = True
        beside.join(timeout=_SECONDS_TO_FINISH)


def _config(app: FastAPI, port: int) -> uvicorn.Config:
    # No access log: it would hold families' network addresses. X-Forwarded-For is believed of loopback only, or of
    # the addresses in FORWARDED_ALLOW_IPS.
    return uvicorn.Config(
        app,
        host=_LOOPBACK,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
    )


if __name__ == "__main__":
    main()
