"""Practice: switching it on and off, and starting afresh with made-up families of one's own."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.forms import only_fields
from console.permissions import Permission, needs
from console.services import services
from console.sessions import PRACTICE
from console.sight import in_practice
from intake.content.agent_lines import load_agent_lines
from intake.settings import ROOT
from intake.usecases.local_day import local_today
from intake.usecases.practice import has_families, record_switch, start_afresh

pages = Blueprint("practice", __name__, url_prefix="/practice")
_ON, _OFF = "on", "off"


@pages.post("")
@needs(Permission.SEE_QUEUE)
def switch() -> ResponseReturnValue:
    """Shows made-up families alone from now on, or real ones alone. Whoever has none yet gets a set."""
    wanted = only_fields("to")["to"]
    if wanted not in (_ON, _OFF):
        abort(400)
    if (wanted == _ON) != in_practice():
        record_switch(services().store, current_user.id, on=wanted == _ON)
    session.pop(PRACTICE, None)
    if wanted == _ON:
        session[PRACTICE] = True
        if not has_families(services().store, current_user.id):
            _make_anew()
    return redirect(url_for("queue.show"), 303)


@pages.post("/afresh")
@needs(Permission.SEE_QUEUE)
def afresh() -> ResponseReturnValue:
    """Removes the person's own made-up families and makes them anew; 404 for who does not practice."""
    only_fields()
    if not in_practice():
        abort(404)
    _make_anew()
    return redirect(url_for("queue.show"), 303)


def _make_anew() -> None:
    intake = services().content.intake
    start_afresh(services().store, intake, load_agent_lines(ROOT / "domain.yml"), current_user.id, local_today(intake))
