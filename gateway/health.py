"""Whether the gateway lives and can do its work, and for the operators alone, its counters."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from gateway.edge import Edge
from gateway.problems import Problem, answers


class Health(BaseModel):
    """The state asked about holds."""

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
        """The database can be reached."""
        if not await run_in_threadpool(edge.is_ready):
            raise Problem(503, "unavailable", retry_after=2)
        return Health(status="ready")

    return router


def add_metrics(operations: FastAPI, edge: Edge) -> None:
    """Serves the counters; only on the operators' own port."""

    @operations.get("/metrics")
    async def metrics() -> Response:
        """The counters, in Prometheus's text form."""
        return Response(generate_latest(edge.metrics.registry), media_type=CONTENT_TYPE_LATEST)
