"""Whether the console runs, and whether it can serve: its database answers and has the newest schema."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from console.permissions import Permission, needs
from console.services import services
from intake.store.schema import is_current

pages = Blueprint("health", __name__)


@pages.get("/health/live")
@needs(Permission.EVERYBODY)
def live() -> ResponseReturnValue:
    """The process answers."""
    return {"live": True}


@pages.get("/health/ready")
@needs(Permission.EVERYBODY)
def ready() -> ResponseReturnValue:
    """The database answers and its schema is the one this program knows; 503 otherwise."""
    try:
        current = is_current(services().store.engine)
    except SQLAlchemyError:
        current = False
    return {"ready": current}, 200 if current else 503
