"""Keeps what families write out of the log.

Rasa logs tracebacks with the exception's message, and a message may carry a parent's words (an answer of the
action server, a value that could not be read). Log records keep the exception's type and the places in the
code it passed through, which is what an operator needs, and lose its message.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

import structlog

# Loggers that write message texts at INFO or below; nothing of theirs is needed to run the engine.
CHATTY_LOGGERS = (
    "rasa.core.processor",
    "rasa.shared.core.training_data",
    "rasa.core.channels",
    "sanic.access",
)


def without_messages(error: BaseException) -> str:
    """The chain of an exception as types and code locations, without any message."""
    parts: list[str] = []
    link: BaseException | None = error
    while link is not None:
        parts.append("".join(traceback.format_tb(link.__traceback__)) + type(link).__name__)
        link = link.__cause__ or link.__context__
    return "\nraised from:\n".join(parts)


def _private_factory(make: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def make_private(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = without_messages(record.exc_info[1])
            record.exc_info = None
        if any(isinstance(arg, BaseException) for arg in record.args or ()):
            record.args = tuple(_type_name(arg) for arg in record.args or ())
        return record

    make_private.is_private = True  # type: ignore[attr-defined]
    return make_private


def _type_name(value: Any) -> Any:
    return type(value).__name__ if isinstance(value, BaseException) else value


def keep_messages_out_of_logs() -> None:
    """Make every log record private, and turn off Rasa's structured log of message contents."""
    factory = logging.getLogRecordFactory()
    if not getattr(factory, "is_private", False):
        logging.setLogRecordFactory(_private_factory(factory))
    for name in CHATTY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
