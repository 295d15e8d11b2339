"""Stop, start and help: words by which a person rules the channel itself. They are obeyed at once, without the engine."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.library import Content
from intake.rules.carrier import carrier_answers
from intake.rules.keywords import Keyword
from intake.rules.language import recognise
from intake.store.audit import write_audit
from intake.store.models import Consent, Conversation, Message
from intake.usecases.links import Purpose, TooManyLinks, make_link
from intake.usecases.replying import Reply, last_question, mark_done, reply_plainly
from intake.usecases.sendings import DANGER
from intake.usecases.suppression import CONFIRMS_OPT_OUT, OPT_OUT, is_suppressed, lift_suppression, suppress

OPT_OUT_WORDS = "opted_out-2"


def opt_out(session: Session, content: Content, conversation: Conversation, message: Message) -> None:
    """No text goes to this phone any more; one confirmation is sent, unless Twilio itself sends one or it was sent before.

    At most one confirmation: 47 CFR 64.1200(a)(12).
    """
    confirmed_before = is_suppressed(session, conversation.phone_index)
    record_opt_out(session, conversation, message)
    if confirmed_before or _answered_by_carrier(conversation, message):
        mark_done(message)
        return
    said = content.messages.system("opted_out", _language(content, conversation, message))
    reply_plainly(session, conversation, message, Reply(said), payload={CONFIRMS_OPT_OUT: True}, purpose=OPT_OUT)


def record_opt_out(session: Session, conversation: Conversation, message: Message) -> None:
    """What is queued for this phone is withdrawn, it goes on the list of those that get no text, the ledger gets a row.

    An answer to danger that waits is let go: it was asked for before the wish to stop, and a life may hang on it.
    """
    assert conversation.phone_index is not None
    message.understood = {**(message.understood or {}), "command": Keyword.OPT_OUT.value}
    of_this_phone = select(Conversation.id).where(Conversation.phone_index == conversation.phone_index)
    session.execute(update(Message).where(Message.conversation_id.in_(of_this_phone), Message.direction == "outbound",
                                          Message.state == "queued", func.coalesce(Message.purpose, "") != DANGER)
                    .values(state="canceled", error_code="opted_out"))
    suppress(session, conversation.phone_index, "asked", message.id)
    session.add(_consent(conversation, message, given=False))
    conversation.status = "opted_out"
    write_audit(session, "agent", "opt_out", "conversation", conversation.id)


def opt_in(session: Session, content: Content, conversation: Conversation, message: Message) -> None:
    """The person's own START: the phone may be texted again, and the open question is asked once more."""
    assert conversation.phone_index is not None
    lift_suppression(session, conversation.phone_index)
    message.understood = {"command": Keyword.OPT_IN.value}
    session.add(_consent(conversation, message, given=True))
    conversation.status = "open"
    write_audit(session, "agent", "opt_in", "conversation", conversation.id)
    said = content.messages.system("opted_in", _language(content, conversation, message))
    _answer_and_ask_again(session, conversation, message, said)


def send_help(session: Session, content: Content, conversation: Conversation, message: Message) -> None:
    """Who we are and how to stop, then the open question again; nothing is lost."""
    language = _language(content, conversation, message)
    said = "" if _answered_by_carrier(conversation, message) else content.messages.system("help", language)
    message.understood = {"command": Keyword.HELP.value}
    _answer_and_ask_again(session, conversation, message, said)


def send_link(session: Session, content: Content, conversation: Conversation, message: Message, public_url: str,
              purpose: Purpose) -> None:
    """A link of one use to this conversation on the web, or to its page for the doctor; the open question stays open."""
    language = _language(content, conversation, message)
    message.understood = {"command": (Keyword.VISIT if purpose is Purpose.VISIT else Keyword.WEB).value}
    try:
        code = make_link(session, conversation, purpose)
    except TooManyLinks:
        said = content.messages.system("web_link_later", language)
    else:
        before = content.messages.system("visit_link" if purpose is Purpose.VISIT else "web_link", language)
        said = f"{before} {public_url}/l/{code}"
    reply_plainly(session, conversation, message, Reply(said))


def _answered_by_carrier(conversation: Conversation, message: Message) -> bool:
    as_it_came = message.original or message.text
    return conversation.channel == "sms" and (message.opt_out_type is not None or carrier_answers(as_it_came))


def _answer_and_ask_again(session: Session, conversation: Conversation, message: Message, said: str) -> None:
    question = last_question(session, conversation)
    if question is not None:
        reply_plainly(session, conversation, message, question.again_after(said))
    elif said:
        reply_plainly(session, conversation, message, Reply(said))
    else:
        mark_done(message)


def _consent(conversation: Conversation, message: Message, *, given: bool) -> Consent:
    return Consent(family_id=conversation.family_id, conversation_id=conversation.id, kind="sms", given=given,
                   source=conversation.channel, words_shown=OPT_OUT_WORDS, phone_index=conversation.phone_index,
                   message_id=message.id)


def _language(content: Content, conversation: Conversation, message: Message) -> Language:
    written = recognise(message.text, content.languages)
    return "es" if "es" in (written, conversation.language) else "en"
