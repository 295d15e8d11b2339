"""Cutting a connection in the middle of a request, as a failing network does.

A web framework always answers; a reset connection has no answer at all. So the application keeps hold of the
server's transport, and a handler can abort it.
"""

import asyncio
import socket
import struct

from fastapi import FastAPI, Request
from starlette.types import Receive, Scope, Send

_TRANSPORT = "simulator.transport"
# Lingering for zero seconds makes the system send a reset instead of a polite end.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class CuttableApp(FastAPI):
    """An application whose handlers can cut the connection they are called on."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Remember uvicorn's transport (its `send` is a method of the object that owns it), then go on."""
        scope[_TRANSPORT] = getattr(getattr(send, "__self__", None), "transport", None)
        await super().__call__(scope, receive, send)


async def cut_connection(request: Request) -> None:
    """Reset the connection of `request`; whatever the handler returns afterwards goes nowhere."""
    transport = request.scope.get(_TRANSPORT)
    if not isinstance(transport, asyncio.Transport):
        raise RuntimeError("Connections can only be cut when uvicorn serves the application.")
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
    while not await request.is_disconnected():
        await asyncio.sleep(0.01)
