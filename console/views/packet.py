"""The packet for a program, as a page to print and as a PDF."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, Response, abort, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.case import read_case
from console.packet import Packet, packet_in_words
from console.packet_pdf import packet_pdf
from console.pages import words
from console.permissions import Permission, needs
from console.program_case import read_program_case
from console.services import services
from console.sight import sight
from console.wrong_numbers import numbers_of
from intake.usecases.casework import ReferralUnknown
from intake.usecases.own_contact import family_as_told
from intake.usecases.packet import NotToHandOn, PacketForm, open_packet

pages = Blueprint("packet", __name__)
# Stricter than other pages: this one runs nothing, sends nothing and loads its style alone.
_POLICY = "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


@pages.get("/cases/<uuid:conversation_id>/referrals/<uuid:referral_id>/packet")
@needs(Permission.SEE_PACKET, of_program=True)
def show(conversation_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """The packet as a page of its own, to read and to print; 409 without the family's yes."""
    packet = _packet(conversation_id, referral_id, PacketForm.PAGE)
    if packet is None:
        return _refused()
    page = render_template("packet.html", packet=packet, conversation_id=conversation_id, referral_id=referral_id)
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


@pages.get("/cases/<uuid:conversation_id>/referrals/<uuid:referral_id>/packet.pdf")
@needs(Permission.SEE_PACKET, of_program=True)
def pdf(conversation_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """The packet as a file; its name holds the receipt number alone."""
    packet = _packet(conversation_id, referral_id, PacketForm.PDF)
    if packet is None:
        return _refused()
    answer = Response(packet_pdf(packet, words().language), mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{packet.number}.pdf")
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


def _packet(conversation_id: UUID, referral_id: UUID, form: PacketForm) -> Packet | None:
    """The packet, or None when the family has not agreed that the program gets it."""
    store = services().store
    try:
        handed_on = open_packet(store, conversation_id, referral_id, current_user.id, form)
    except ReferralUnknown:
        abort(404)
    except NotToHandOn:
        return None
    case = read_program_case(store, conversation_id, sight()) if sight().limited else read_case(store, conversation_id)
    family = family_as_told(store, case.conversation)  # a yes counts for the contact told with it
    with store.reading() as session:
        case = replace(case, family=family, numbers=numbers_of(session, case.conversation, family))
    return packet_in_words(case, handed_on, words(), current_user.name, services().now())


def _refused() -> ResponseReturnValue:
    return render_template("error.html", message=words().text("packet.not_to_hand_on")), 409
