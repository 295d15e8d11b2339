"""Starts the simulator on this machine alone: `python -m simulator`."""

import os
import sys

import uvicorn

from simulator.app import create_app
from simulator.settings import SettingsError, read_settings


def main() -> None:
    """Read the environment and serve until stopped."""
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        sys.exit(str(error))
    # The access log would hold phone numbers, which stand in the paths. Cutting connections needs asyncio's
    # own loop, whose sockets can be told to reset. A request that hangs on purpose must not delay the end.
    uvicorn.run(
        create_app(settings),
        host="127.0.0.1",
        port=settings.port,
        loop="asyncio",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
