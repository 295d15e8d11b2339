"""Starts the action server on loopback: ``python -m actions``."""

import uvicorn

from actions.app import create_app
from intake import failpoints
from intake.settings import ActionsSettings, read_settings


def main() -> None:
    """Serves the actions until the process is told to stop."""
    settings = read_settings(ActionsSettings)
    failpoints.arm(settings.failpoints)
    uvicorn.run(create_app(settings), host="127.0.0.1", port=settings.port, log_level="warning", access_log=False)


if __name__ == "__main__":  # rasa-sdk imports every module of the package to find the actions, this one too
    main()
