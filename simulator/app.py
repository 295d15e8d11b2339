"""The simulator as one web application: Twilio's API, the phone's page, and the controls of a test.

The controls are `PUT` and `DELETE /simulator/faults` (what goes wrong), `GET /simulator/history` (all that
happened, in order) and `POST /simulator/reset`. Everything lives in memory and is for one machine.
"""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from simulator.agency import Agency
from simulator.carrier import Carrier
from simulator.connection import CuttableApp
from simulator.faults import Faults, FaultScript
from simulator.messages_api import MessagesApi
from simulator.phone import Phones
from simulator.receipts import Deliveries
from simulator.settings import Settings
from simulator.webhooks import Webhooks


def create_app(settings: Settings) -> FastAPI:
    """Build the application; nothing is kept outside it, so several can live in one process."""
    # Each post opens its own connection, as Twilio's do: a kept one would fail when the program restarts.
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=0)
    client = httpx.AsyncClient(trust_env=False, limits=limits)
    carrier, faults, webhooks = Carrier(settings.program_number), Faults(), Webhooks(settings, client)
    deliveries = Deliveries(settings, carrier, faults, webhooks)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await deliveries.stop()
        await client.aclose()

    app = CuttableApp(title="Twilio simulator", docs_url=None, redoc_url=None, lifespan=lifespan)
    # Other web pages in the same browser must not reach the controls through a name of their own.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    app.add_exception_handler(RequestValidationError, _refuse)
    app.include_router(MessagesApi(settings, carrier, faults, deliveries).router())
    app.include_router(Phones(settings, carrier, faults, webhooks).router())
    app.include_router(Agency(settings).router())
    app.include_router(_controls(carrier, faults, deliveries))
    app.include_router(_health(carrier))
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")))
    return app


async def _refuse(_: Request, error: Exception) -> JSONResponse:
    # FastAPI's own answer repeats what was sent, and breaks on half an emoji (JSON can hold it, UTF-8 not).
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    return JSONResponse({"detail": [{"loc": p["loc"], "msg": p["msg"]} for p in problems]}, status_code=422)


def _controls(carrier: Carrier, faults: Faults, deliveries: Deliveries) -> APIRouter:
    router = APIRouter(prefix="/simulator")

    @router.get("/faults")
    async def read_faults() -> FaultScript:
        """What is left of the script in force."""
        return faults.script

    @router.put("/faults")
    async def put_faults(script: FaultScript) -> FaultScript:
        """Put a script in force, in place of the one before."""
        faults.replace(script)
        carrier.note("faults_set", script=script.model_dump(mode="json", exclude_defaults=True))
        return faults.script

    @router.delete("/faults", status_code=204)
    async def clear_faults() -> None:
        """From now on nothing goes wrong."""
        faults.clear()
        carrier.note("faults_cleared")

    @router.get("/history")
    async def read_history(after: int = 0, limit: int | None = None) -> JSONResponse:
        """Every event since number `after`, in order, at most `limit`. Whoever polls asks for what is new only."""
        first = max(after, 0)
        # Straight to JSON: the events are plain values, and a framework that looks at each again takes seconds for many.
        return JSONResponse({"events": carrier.history[first : None if limit is None else first + max(limit, 0)]})

    @router.post("/reset", status_code=204)
    async def reset() -> None:
        """Forget every message, block, fault and event; stop the deliveries under way."""
        await deliveries.stop()
        faults.clear()
        carrier.reset()

    return router


def _health(carrier: Carrier) -> APIRouter:
    router = APIRouter()

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        """The process answers."""
        return {"status": "live"}

    @router.get("/health/ready")
    async def ready() -> dict[str, str]:
        """The simulator leans on nothing else, so once it answers it is ready."""
        return {"status": "ready"}

    @router.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> str:
        """How many events of each kind the history holds, for Prometheus."""
        counts = Counter(str(event["event"]) for event in carrier.history)
        lines = [f'simulator_events{{event="{event}"}} {count}' for event, count in sorted(counts.items())]
        return "\n".join(["# TYPE simulator_events gauge", *lines, ""])

    return router
