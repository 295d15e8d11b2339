"""Sends a page to staff: a line in the log always, an e-mail and a signed webhook where they are set."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from uuid import UUID

import httpx

from intake.content.bilingual import LANGUAGES
from intake.content.library import Content
from intake.settings import PagingSettings
from intake.store.connection import Store
from intake.usecases.paging import (
    Page,
    PageOutcome,
    PageWay,
    PagingRules,
    record_end,
    record_failed_page,
    record_way,
    take_up,
)

logger = logging.getLogger("growline.page")

SIGNATURE, TIMESTAMP, KEY = "X-Growline-Signature", "X-Growline-Timestamp", "Idempotency-Key"
_NOT_TAKEN = (OSError, smtplib.SMTPException, httpx.HTTPError)


class PageNotSent(Exception):
    """A way did not take the page; it is tried again after a pause."""


@dataclass(frozen=True)
class Pager:
    """Where pages go (``settings``), the ``console_url`` their links begin with, and when they are repeated and given up."""

    settings: PagingSettings
    console_url: str
    rules: PagingRules

    def ways(self, content: Content) -> dict[PageWay, Callable[[Page], None]]:
        """The ways that are set. Each raises what it fails with, and has told nobody then, as far as can be known."""
        ways: dict[PageWay, Callable[[Page], None]] = {}
        if self.settings.page_smtp_host:
            ways[PageWay.EMAIL] = lambda page: send_email(self.settings, as_email(self, content, page))
        if self.settings.page_webhook:
            ways[PageWay.WEBHOOK] = lambda page: post(self.settings, as_facts(self, page))
        return ways


def page_staff(store: Store, content: Content, page_id: UUID, pager: Pager) -> None:
    """Sends one page by every way that has not taken it yet. Raises PageNotSent when it is to be tried again."""
    page = take_up(store, page_id, pager.rules)
    if page is None:
        return
    if page.first_try:
        logger.error("page %d: %s %s, case %s", page.number, page.urgency, page.category, page.conversation_id)
    ways = pager.ways(content)
    failed = [way for way, send in ways.items() if way not in page.done and not _is_sent(store, page, way, send)]
    if not failed:
        record_end(store, page_id, PageOutcome.SENT if ways else PageOutcome.LOGGED)
    elif not record_failed_page(store, page_id, pager.rules):
        raise PageNotSent


def _is_sent(store: Store, page: Page, way: PageWay, send: Callable[[Page], None]) -> bool:
    try:
        send(page)
    except _NOT_TAKEN as error:
        logger.warning("page %s not taken by %s: %s", page.id, way, type(error).__name__)
        return False
    record_way(store, page.id, way)
    return True


def link_of(pager: Pager, page: Page) -> str:
    """Where staff open the case; who is not signed in comes to the sign-in page first."""
    return f"{pager.console_url}/cases/{page.conversation_id}"


def as_facts(pager: Pager, page: Page) -> dict[str, str | int]:
    """The page as a webhook gets it. No name, no phone, no word of a family."""
    return {"page": str(page.id), "case": page.case, "link": link_of(pager, page), "category": page.category,
            "urgency": page.urgency, "language": page.language, "at": page.raised_at.isoformat(timespec="seconds"),
            "number": page.number}


def as_email(pager: Pager, content: Content, page: Page) -> EmailMessage:
    """The page as an e-mail, in both languages. Its Message-ID is the page's, so that a second copy shows as one."""
    facts = {name: str(value) for name, value in as_facts(pager, page).items()}
    facts["category"], facts["spoken"], sender = page.category.replace("_", " "), facts.pop("language"), pager.settings.page_from
    mail = EmailMessage()
    mail["Subject"] = content.messages.system("page_subject", "en", **facts)
    mail["From"], mail["To"] = sender, ", ".join(pager.settings.page_to)
    mail["Message-ID"] = f"<page-{page.id}@{sender.rsplit('@', 1)[-1]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n\n".join(content.messages.system("page_body", language, **facts) for language in LANGUAGES))
    return mail


def send_email(settings: PagingSettings, mail: EmailMessage) -> None:
    """Hands ``mail`` to the mail server. Raises what smtplib raises; that one of several addresses is refused raises, too."""
    tls = ssl.create_default_context()
    with _server(settings, tls) as server:
        if settings.page_smtp_security == "starttls":
            server.starttls(context=tls)
        if settings.page_smtp_user:
            server.login(settings.page_smtp_user, settings.page_smtp_password.get_secret_value())
        refused = server.send_message(mail)
    if refused:
        raise smtplib.SMTPRecipientsRefused(refused)


def _server(settings: PagingSettings, tls: ssl.SSLContext) -> smtplib.SMTP:
    host, port, timeout = settings.page_smtp_host, settings.page_smtp_port, settings.page_timeout_seconds
    if settings.page_smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=timeout, context=tls)
    return smtplib.SMTP(host, port, timeout=timeout)


def post(settings: PagingSettings, facts: dict[str, str | int]) -> None:
    """Posts ``facts`` as JSON, signed. Raises what httpx raises, also for an answer that is no success."""
    body = json.dumps(facts, sort_keys=True).encode()
    moment = str(int(time.time()))
    headers = {"Content-Type": "application/json", TIMESTAMP: moment, KEY: str(facts["page"]),
               SIGNATURE: signature(settings.page_webhook_secret.get_secret_value(), moment, body)}
    answer = httpx.post(settings.page_webhook, content=body, headers=headers, timeout=settings.page_timeout_seconds)
    if not answer.is_success:  # a redirect is not followed: the address in the settings is the one that was meant
        raise httpx.HTTPStatusError("no success", request=answer.request, response=answer)


def signature(secret: str, moment: str, body: bytes) -> str:
    """HMAC-SHA256 over the time, a full stop and the body, so that an old page cannot be posted anew as a new one."""
    return "sha256=" + hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()
