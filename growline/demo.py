"""The settings of the demo: fresh keys and a made-up Twilio account, written once to ``var/demo.env`` and kept.

Nothing here reaches a real phone: TWILIO_API_URL is the simulator's address, and the numbers are of the 555-01xx range that
no phone has.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from growline.free_ports import free_ports
from intake.store.encryption import new_key

DEMO_NUMBER = "+18605550100"
DEMO_LOGIN = "demo@growline.example"
DEMO_ADMINISTRATOR = "admin@growline.example"


@dataclass(frozen=True)
class Ports:
    """The loopback ports of the programs. Further workers and engines take the ports after the first one's."""

    gateway: int = 8080
    console: int = 8081
    simulator: int = 8090
    engine: int = 5005
    actions: int = 5055
    gateway_operations: int = 9080
    console_operations: int = 9081
    worker_operations: int = 9082

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Ports:
        """Each port can be changed by NAME_PORT, e.g. GATEWAY_PORT or WORKER_OPERATIONS_PORT."""
        names = cls.__dataclass_fields__
        return cls(**{name: int(environment[f"{name.upper()}_PORT"]) for name in names if f"{name.upper()}_PORT" in environment})

    @classmethod
    def free(cls) -> Ports:
        """Ports on which nothing listens now, for a system beside others."""
        return cls(*free_ports(len(cls.__dataclass_fields__)))

    def environment(self) -> dict[str, str]:
        """The ports as the programs read them."""
        return {f"{name.upper()}_PORT": str(getattr(self, name)) for name in self.__dataclass_fields__}


def demo_secrets(var: Path) -> dict[str, str]:
    """The demo's keys and passwords, made on the first call and read from ``var``/demo.env afterwards."""
    path = var / "demo.env"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("".join(f"{name}={value}\n" for name, value in _fresh().items()))
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)


def _fresh() -> dict[str, str]:
    return {
        "GROWLINE_DATA_KEYS": new_key(), "GROWLINE_INDEX_KEY": new_key(), "GROWLINE_CONSOLE_SECRET": new_key(),
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16), "TWILIO_FROM": DEMO_NUMBER,
        "GROWLINE_DEMO_PASSWORD": secrets.token_urlsafe(9),
    }


def demo_environment(var: Path, ports: Ports, *, engines: int = 1) -> dict[str, str]:
    """Everything the programs need in demo mode, but for the database."""
    gateway = f"http://127.0.0.1:{ports.gateway}"
    return {
        **demo_secrets(var), **ports.environment(),
        "GROWLINE_PUBLIC_URL": gateway,
        "TWILIO_API_URL": f"http://127.0.0.1:{ports.simulator}",
        "SIMULATOR_WEBHOOK_URL": f"{gateway}/sms/inbound",
        "GROWLINE_COOKIES_OVER_HTTP": "true",
        "GROWLINE_CONSOLE_URL": f"http://127.0.0.1:{ports.console}",
        "GROWLINE_SECOND_FACTOR": "optional",
        "GROWLINE_SPOOL": str(var / "spool"),
        "GROWLINE_WIDGET_ORIGINS": ",".join(f"http://{host}:{ports.simulator}" for host in ("127.0.0.1", "localhost")),
        **internal_addresses(ports, engines=engines),
    }


def internal_addresses(ports: Ports, *, engines: int = 1) -> dict[str, str]:
    """Where the programs find one another; the second engine has the port after the first one's."""
    return {
        "GROWLINE_ENGINE_URL": ",".join(f"http://127.0.0.1:{ports.engine + number}" for number in range(engines)),
        "GROWLINE_ACTIONS_URL": f"http://127.0.0.1:{ports.actions}/webhook",
    }
