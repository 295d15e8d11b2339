"""Serves the console on this machine's loopback address; a TLS proxy stands in front of it."""

from __future__ import annotations

import gc
import logging

from waitress import serve

from console.app import create_app, registry_of
from console.metrics import serve_metrics
from console.settings import ConsoleServerSettings
from intake.settings import read_settings

_THREADS = 8  # more than may wait at the sign-in page (console.throttle), so that colleagues go on working
_FORWARDED = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}


def main() -> None:
    """Reads the settings, opens the store and serves until the process is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    # Each question about readiness would otherwise write two lines.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = read_settings(ConsoleServerSettings)
    app = create_app(settings)
    gc.freeze()  # what is loaded by now stays; to go through it with every collection makes some pages late
    serve_metrics(registry_of(app), settings.operations_port)
    trusted = (
        {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": _FORWARDED}
        if settings.trusted_proxy
        else {}
    )
    serve(
        app,
        host="127.0.0.1",
        port=settings.port,
        threads=_THREADS,
        ident=None,
        clear_untrusted_proxy_headers=True,
        **trusted,
    )


if __name__ == "__main__":
    main()
