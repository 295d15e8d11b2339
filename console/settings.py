"""Where the console listens, on top of the settings that open its database and sign its cookies."""

from __future__ import annotations

from pydantic import Field

from intake.settings import ConsoleSettings


class ConsoleServerSettings(ConsoleSettings):
    """The console as a program that serves HTTP on this machine's loopback address."""

    port: int = Field(8081, alias="CONSOLE_PORT", description="where the console listens, on loopback")
    operations_port: int = Field(
        9081, alias="CONSOLE_OPERATIONS_PORT", description="where /metrics is served, on loopback"
    )
    trusted_proxy: str = Field(
        "",
        alias="CONSOLE_TRUSTED_PROXY",
        description="the address of the TLS proxy in front, whose X-Forwarded-For is believed",
    )
