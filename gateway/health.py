"""Whether the gateway lives and can do its work, and for the operators alone, its counters."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from gateway.edge import Edge
from gateway.problems import Problem, answers
from gateway.storing import within

_SECONDS = 2.5


class Health(BaseModel):
    """The state asked about holds; ``status`` is live, ready, or spooling."""

    status: str


def health_router(edge: Edge) -> APIRouter:
    """Liveness and readiness."""
    router = APIRouter(prefix="/health", tags=["health"])

    @router.get("/live")
    async def live() -> Health:
        """The process answers."""
        return Health(status="live")

    @router.get("/ready", responses=answers(503))
    async def ready() -> Health:
        """A text that comes now would be kept: in the database (ready), or on the disk until it is back (spooling).

        While it is spooling the web chat answers 503; taking the gateway out of service would lose the texts as well.
        """
        if edge.is_running and await _holds(edge.store.is_reachable):
            return Health(status="ready")
        if edge.is_running and await _holds(edge.spool.works):
            return Health(status="spooling")
        raise Problem(503, "unavailable", retry_after=2)

    return router


async def _holds(question: Callable[[], bool]) -> bool:
    try:
        return await within(_SECONDS, question)
    except TimeoutError:
        return False


def add_metrics(operations: FastAPI, edge: Edge) -> None:
    """Serves the counters; only on the operators' own port."""

    @operations.get("/metrics")
    async def metrics() -> Response:
        """The counters, in Prometheus's text form."""
        return Response(generate_latest(edge.metrics.registry), media_type=CONTENT_TYPE_LATEST)
