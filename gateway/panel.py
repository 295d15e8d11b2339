"""The list of a family's answers so far, and a tap that asks to change one.

A tap is a message like any other: it is stored once under the browser's id, and the conversation asks that question again.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from gateway.chat import Accepted, Token
from gateway.conversing import ask_to_change
from gateway.edge import Edge
from gateway.problems import Problem, answers
from gateway.strict_json import StrictJsonRoute
from intake.usecases.panel import AnswersSoFar, PanelWords, answers_so_far
from intake.usecases.receiving import SessionUnknown


class Answered(BaseModel):
    """One answer: its ``item``, its ``question`` in short, and what was ``told``."""

    item: str
    question: str
    told: str


class AnsweredSoFar(BaseModel):
    """What the family has told, in the order of the questions."""

    answers: list[Answered]


class WishToChange(BaseModel):
    """A tap on an answer."""

    client_msg_id: str = Field(
        min_length=1, max_length=64, description="made by the browser; the same id is the same message"
    )


Item = Annotated[str, Path(max_length=80, description="the answer, as GET /chat/answers names it")]


def panel_router(edge: Edge) -> APIRouter:
    """The routes of the list of answers."""
    router = APIRouter(prefix="/chat", tags=["chat"], route_class=StrictJsonRoute)
    words = PanelWords(edge.words.answers)

    async def so_far(token: str) -> AnswersSoFar:
        try:
            return await run_in_threadpool(answers_so_far, edge.store, edge.content, words, token)
        except SessionUnknown:
            raise Problem(404, "unknown_session") from None

    @router.get("/answers", responses=answers(404, 422, 503))
    async def read_answers(token: Token) -> AnsweredSoFar:
        """What the family has told so far, in the conversation's language."""
        return AnsweredSoFar(answers=[Answered(**vars(answer)) for answer in (await so_far(token)).answers])

    @router.post("/answers/{item}", status_code=202, responses=answers(400, 404, 408, 409, 413, 422, 429, 503))
    async def change_answer(token: Token, item: Item, wish: WishToChange) -> Accepted:
        """Asks the question of ``item`` again, in the conversation; what was told before is kept until it is answered anew."""
        told = await so_far(token)
        answer = next((answer for answer in told.answers if answer.item == item), None)
        if answer is None:
            raise Problem(409, "nothing_to_change")
        said = words.of("asks_to_change", told.language).replace("{question}", answer.question)
        return Accepted(seq=(await ask_to_change(edge, token, wish.client_msg_id, item, said)).seq)

    return router
