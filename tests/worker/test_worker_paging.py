"""Staff are paged: by the log, by e-mail to a real mail server and by a signed webhook; refused, slow, down, and never twice."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import logging
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from uuid import UUID

import pytest
from a_family import PHONE, AFamily
from pydantic import ValidationError
from receivers import Behaviour, mail_server, webhook
from sqlalchemy import text, update

from intake.content.library import Content
from intake.rules.interview import Kind
from intake.settings import PagingSettings, WorkerSettings
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Alarm, Conversation, Flag, Message, StaffPage
from intake.usecases.paging import PagingRules, page_again, page_once
from intake.usecases.taking import take
from intake.usecases.told_to_staff import flag_danger_told
from worker.app import Tools, create_app, paging_rules
from worker.paging import PageNotSent, Pager, page_staff, signature

Family = Callable[..., AFamily]
SECRET = "s3cret-for-tests"
WORDS = "my son Mateo is choking, i am Rosa"


def in_danger(family: Family) -> AFamily:
    """A family by text whose child has a name and who has just told of danger."""
    parent = family(until=Kind.WORRY)
    take(parent.store, parent.content, parent.writes(WORDS), today=parent.today)
    return parent


def pager(mail: int = 0, hook: int = 0, rules: PagingRules | None = None, timeout: float = 5) -> Pager:
    settings: dict[str, object] = {"GROWLINE_PAGE_TIMEOUT_SECONDS": timeout, "GROWLINE_PAGE_SMTP_SECURITY": "none"}
    if mail:
        settings |= {"GROWLINE_PAGE_SMTP_HOST": "127.0.0.1", "GROWLINE_PAGE_SMTP_PORT": mail,
                     "GROWLINE_PAGE_FROM": "growline@agency.example",
                     "GROWLINE_PAGE_TO": "on-call@agency.example,lead@agency.example"}
    if hook:
        settings |= {"GROWLINE_PAGE_WEBHOOK": f"http://127.0.0.1:{hook}/page", "GROWLINE_PAGE_WEBHOOK_SECRET": SECRET}
    return Pager(PagingSettings.model_validate(settings), "https://console.agency.example", rules or PagingRules(tries=3))


def pages(parent: AFamily) -> list[StaffPage]:
    return sorted(parent.all(StaffPage), key=lambda row: row.number)


def sends(parent: AFamily, way: Pager, page: UUID | None = None) -> None:
    page_staff(parent.store, parent.content, page or pages(parent)[0].id, way)


def alarms(parent: AFamily) -> list[str]:
    return [alarm.code for alarm in parent.all(Alarm) if alarm.cleared_at is None]


def jobs(store: Store, name: str) -> int:
    with store.reading() as session:
        return session.scalar(text("select count(*) from procrastinate_jobs where task_name = :name"), {"name": name}) or 0


def test_a_danger_writes_one_page_and_its_job_with_the_flag(family: Family) -> None:
    parent = in_danger(family)
    [page] = pages(parent)
    assert page.flag_id == parent.all(Flag)[0].id and jobs(parent.store, "page_staff") == 1
    take(parent.store, parent.content, parent.writes(WORDS), today=parent.today)
    assert len(pages(parent)) == 1 and jobs(parent.store, "page_staff") == 1, "one flag, one page, however often it is told"


def test_what_can_wait_and_what_staff_typed_page_nobody(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    take(parent.store, parent.content, parent.writes("i am exhausted and have no help at all"), today=parent.today)
    with parent.store.transaction() as session:
        flag_danger_told(session, parent.content, session.get_one(Conversation, parent.conversation().id), "she is choking")
    assert len(parent.all(Flag)) == 2 and pages(parent) == []


def test_without_settings_the_log_is_paged_and_holds_nothing_of_the_family(
        family: Family, caplog: pytest.LogCaptureFixture) -> None:
    parent = in_danger(family)
    with caplog.at_level(logging.INFO):
        sends(parent, pager())
        sends(parent, pager())
    lines = [record.getMessage() for record in caplog.records if record.name == "growline.page"]
    assert len(lines) == 1 and "emergency breathing_emergency" in lines[0] and str(parent.conversation().id) in lines[0]
    assert not any(word in lines[0] for word in ("Mateo", "Rosa", "choking", PHONE)) and pages(parent)[0].outcome == "logged"


def test_both_ways_get_the_page_once_and_nothing_of_the_family(family: Family) -> None:
    parent = in_danger(family)
    with mail_server(Behaviour()) as mail, webhook(Behaviour()) as hook:
        for _ in range(3):
            sends(parent, pager(mail.port, hook.port))
    [(envelope, raw)], [(headers, body)] = mail.received, hook.received
    assert pages(parent)[0].outcome == "sent" and "on-call@agency.example" in envelope["envelope"]
    link = f"https://console.agency.example/cases/{parent.conversation().id}"
    facts, letter = json.loads(body), email.message_from_bytes(raw, policy=email.policy.default)
    assert facts["link"] == link and (facts["category"], facts["urgency"], facts["language"], facts["number"]) == (
        "breathing_emergency", "emergency", "en", 1)
    told = letter.get_content() + str(letter["Subject"])
    assert link in told and "breathing emergency" in told and "peligro" in told
    assert str(letter["Message-ID"]).startswith(f"<page-{pages(parent)[0].id}@") and headers["Idempotency-Key"] == facts["page"]
    for private in ("Mateo", "Rosa", "choking", PHONE, PHONE[2:]):
        assert private not in told and private not in body.decode() and private not in raw.decode()


def test_the_webhook_is_signed_with_its_time(family: Family) -> None:
    parent = in_danger(family)
    with webhook(Behaviour()) as hook:
        sends(parent, pager(hook=hook.port))
    [(headers, body)] = hook.received
    moment = headers["X-Growline-Timestamp"]
    assert headers["X-Growline-Signature"] == signature(SECRET, moment, body)
    assert signature(SECRET, moment, body + b" ") != signature(SECRET, moment, body) != signature("other", moment, body)


@pytest.mark.parametrize("way", ["mail", "hook"])
def test_a_refusal_is_tried_again_and_what_was_told_is_not_told_twice(family: Family, way: str) -> None:
    parent = in_danger(family)
    refuses = {"mail": Behaviour(refuses=1 if way == "mail" else 0), "hook": Behaviour(refuses=1 if way == "hook" else 0)}
    with mail_server(refuses["mail"]) as mail, webhook(refuses["hook"]) as hook:
        with pytest.raises(PageNotSent):
            sends(parent, pager(mail.port, hook.port))
        assert pages(parent)[0].tries == 1 and pages(parent)[0].ended_at is None
        sends(parent, pager(mail.port, hook.port))
    assert (len(mail.received), len(hook.received), pages(parent)[0].outcome) == (1, 1, "sent")


@pytest.mark.parametrize("way", ["mail", "hook"])
def test_a_slow_receiver_is_not_waited_for(family: Family, way: str) -> None:
    parent, slow = in_danger(family), Behaviour(seconds=2)
    with ExitStack() as open_now:
        receiver = open_now.enter_context((mail_server if way == "mail" else webhook)(slow))
        port = {("mail" if way == "mail" else "hook"): receiver.port}
        with pytest.raises(PageNotSent):
            sends(parent, pager(**port, timeout=0.3))
    assert pages(parent)[0].tries == 1


def test_down_then_up_is_got_over_and_ends_the_alarm(family: Family) -> None:
    parent = in_danger(family)
    with webhook(Behaviour()) as gone:
        port = gone.port
    for _ in range(2):
        with pytest.raises(PageNotSent):
            sends(parent, pager(hook=port))
    sends(parent, pager(hook=port))
    assert pages(parent)[0].outcome == "failed" and alarms(parent) == ["page_failed"], "after the last try staff see an alarm"
    with parent.store.transaction() as session:
        page_once(session, pages(parent)[0].flag_id, 2)
    with webhook(Behaviour(), port) as hook:
        sends(parent, pager(hook=port), pages(parent)[1].id)
    assert len(hook.received) == 1 and alarms(parent) == []


def test_a_page_is_repeated_up_to_a_limit_while_nobody_looks(family: Family) -> None:
    parent, rules = in_danger(family), PagingRules(timedelta(minutes=5), most=2)
    sends(parent, pager(rules=rules))
    assert jobs(parent.store, "page_again") == 1
    assert page_again(parent.store, pages(parent)[0].flag_id, 2) is True
    assert page_again(parent.store, pages(parent)[0].flag_id, 2) is False, "once, though the job may run twice"
    sends(parent, pager(rules=rules), pages(parent)[1].id)
    assert jobs(parent.store, "page_again") == 1, "two were the most"


def test_nobody_is_paged_again_when_it_is_set_so(family: Family) -> None:
    parent = in_danger(family)
    sends(parent, pager(rules=PagingRules(None)))
    assert jobs(parent.store, "page_again") == 0


@pytest.mark.parametrize("look", ["opened", "cleared", "refused"])
def test_who_looks_at_the_case_ends_the_pages(family: Family, look: str) -> None:
    parent = in_danger(family)
    case, flag = parent.conversation().id, pages(parent)[0].flag_id
    with parent.store.transaction() as session:
        if look == "cleared":
            session.execute(update(Flag).values(cleared_at=Flag.raised_at))
        else:
            write_audit(session, "staff:1", "case.viewed" if look == "opened" else "access.refused", "conversation", case)
    assert page_again(parent.store, flag, 2) is (look == "refused")


def test_the_queue_pages_by_itself_and_tries_again(family: Family, content: Content, database_url: str, store: Store) -> None:
    parent, refuses = in_danger(family), Behaviour(refuses=1)
    with parent.store.transaction() as session:  # only the page is this test's
        session.execute(text("delete from procrastinate_jobs where task_name <> 'page_staff'"))
    with webhook(refuses) as hook:
        settings = WorkerSettings.model_validate({
            "GROWLINE_DATABASE_URL": database_url, "GROWLINE_DATA_KEYS": "unused", "GROWLINE_INDEX_KEY": "unused",
            "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token", "GROWLINE_PUBLIC_URL": "http://127.0.0.1",
            "GROWLINE_PAGE_WEBHOOK": f"http://127.0.0.1:{hook.port}/page", "GROWLINE_PAGE_WEBHOOK_SECRET": SECRET,
            "GROWLINE_PAGE_RETRY_SECONDS": 0.05, "GROWLINE_PAGE_AGAIN_MINUTES": 0})
        app = create_app(settings, Tools(store, content, None, None))  # type: ignore[arg-type]

        async def work() -> None:
            async with app.open_async():
                for _ in range(60):
                    await app.run_worker_async(wait=False, install_signal_handlers=False)
                    if pages(parent)[0].ended_at is not None:
                        return
                    await asyncio.sleep(0.1)

        asyncio.run(work())
    assert len(hook.received) == 1 and pages(parent)[0].outcome == "sent" and pages(parent)[0].tries == 1
    assert paging_rules(settings).again_after is None and not [m for m in parent.all(Message) if m.text == ""]


@pytest.mark.parametrize("wrong", [
    {"GROWLINE_PAGE_SMTP_HOST": "mail.agency.example"}, {"GROWLINE_PAGE_TO": "a@agency.example"},
    {"GROWLINE_PAGE_SMTP_HOST": "mail.agency.example", "GROWLINE_PAGE_FROM": "nobody", "GROWLINE_PAGE_TO": "a@agency.example"},
    {"GROWLINE_PAGE_SMTP_HOST": "mail.agency.example", "GROWLINE_PAGE_FROM": "g@agency.example",
    "GROWLINE_PAGE_TO": "a@agency.example",
     "GROWLINE_PAGE_SMTP_SECURITY": "none"},
    {"GROWLINE_PAGE_WEBHOOK": "http://hooks.agency.example/page", "GROWLINE_PAGE_WEBHOOK_SECRET": "x"},
    {"GROWLINE_PAGE_WEBHOOK": "https://hooks.agency.example/page"}])
def test_settings_that_would_page_nobody_or_in_the_open_stop_the_worker(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        PagingSettings.model_validate(wrong)
