"""Counts and times the console's requests for Prometheus, by the route's name; never by an address with an id
in it.
"""

from __future__ import annotations

import time
from wsgiref.simple_server import WSGIServer

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def set_up_metrics(app: Flask) -> CollectorRegistry:
    """Measures every request of ``app``; returns the registry with its figures."""
    registry = CollectorRegistry()
    requests = Counter(
        "growline_console_requests", "Requests answered", ("route", "status"), registry=registry
    )
    seconds = Histogram(
        "growline_console_request_seconds", "Time to answer", ("route",), buckets=_SECONDS, registry=registry
    )

    def begin() -> None:
        g.began = time.perf_counter()

    def end(response: Response) -> Response:
        route = request.endpoint or "unknown"
        requests.labels(route, str(response.status_code)).inc()
        if "began" in g:
            seconds.labels(route).observe(time.perf_counter() - g.began)
        return response

    app.before_request(begin)
    app.after_request(end)
    return registry


def serve_metrics(registry: CollectorRegistry, port: int) -> WSGIServer:
    """Serves /metrics on this machine's loopback address in a thread of its own; returns the server."""
    server, _ = start_http_server(port, addr="127.0.0.1", registry=registry)
    return server
