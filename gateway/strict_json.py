"""Reads JSON bodies so that one body has one meaning: no name twice, no NaN, no number beyond a float, no endless depth."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

from gateway.problems import Problem


class StrictJsonRoute(APIRoute):
    """A route whose JSON body is read by ``read_json``; a broken one is answered with Problem 400."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The usual handler, given a request that reads JSON strictly."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            strict_request = _StrictRequest(request.scope, request.receive)
            await strict_request.check()
            return await handle(strict_request)

        return strict


class _StrictRequest(Request):
    async def check(self) -> None:
        # Here and not inside the framework's own reading, which would turn our refusal into words of its own.
        if "json" in self.headers.get("content-type", "").lower() and await self.body():
            self._json = read_json(await self.body())


def read_json(body: bytes) -> Any:
    """The value of ``body`` (UTF-8). Raises Problem 400."""
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite
        )
    except (ValueError, RecursionError):
        raise Problem(400, "not_json") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("too large for a float")
    return value
