"""Text me the rest: a family types a phone number, and the chat goes on there once that phone has said yes."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from gateway.chat import Token, address_of
from gateway.edge import Edge
from gateway.problems import Problem, answers
from gateway.strict_json import StrictJsonRoute
from intake.usecases.going_on_by_text import AskedTooOften, CannotGoOnByText, NoPhone, ask_phone
from intake.usecases.receiving import SessionUnknown

_A_DAY = 24 * 3600


class TypedPhone(BaseModel):
    """The number as the family typed it."""

    phone: str = Field(min_length=1, max_length=60)


class Asked(BaseModel):
    """The phone is asked by one text, if it may be. Whether it may is not told to whoever typed its number."""


def going_on_by_text_router(edge: Edge) -> APIRouter:
    """The one route."""
    router = APIRouter(prefix="/chat", tags=["chat"], route_class=StrictJsonRoute)

    @router.post("/phone", status_code=202, responses=answers(400, 404, 408, 409, 413, 422, 429, 503))
    async def ask(request: Request, token: Token, typed: TypedPhone) -> Asked:
        """Asks the phone whether this chat goes on there by text."""
        pause = edge.phone_rate.take(address_of(request)) or edge.message_rate.take(token)
        if pause:
            raise Problem(429, "too_fast", retry_after=pause)
        try:
            await run_in_threadpool(ask_phone, edge.store, edge.content, token=token, typed=typed.phone)
        except SessionUnknown:
            edge.message_rate.forget(token)
            raise Problem(404, "unknown_session") from None
        except NoPhone:
            raise Problem(422, "not_a_phone") from None
        except CannotGoOnByText:
            raise Problem(409, "goes_by_text") from None
        except AskedTooOften:
            raise Problem(429, "asked_too_often", retry_after=_A_DAY) from None
        return Asked()

    return router
