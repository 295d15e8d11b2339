"""Practice: made-up families as in life, and nothing that ever leaves for one, even when somebody sets the state by hand."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner
from walks import walks_of

from growline.cli import app
from intake.content.agent_lines import load_agent_lines
from intake.content.bilingual import Bilingual
from intake.content.library import Content
from intake.content.practice import load_practice
from intake.content.yaml_source import ContentError
from intake.rules.referral import MoveSource, ReferralStatus
from intake.settings import ROOT
from intake.store.connection import Store
from intake.store.models import (
    Audit,
    Base,
    Consent,
    Conversation,
    Family,
    Flag,
    Message,
    Outreach,
    PracticeCase,
    Referral,
    StaffText,
)
from intake.usecases.assigning import colleagues
from intake.usecases.case_view import cases_of_staff
from intake.usecases.claiming import claim
from intake.usecases.outreach import due, plan_follow_ups, sent_without_plan, start
from intake.usecases.practice import has_families, start_afresh
from intake.usecases.referral_steps import Step, take_step
from intake.usecases.sight import Sight, may_see
from intake.usecases.sms_cost import sms_cost
from intake.usecases.stepping_in import hand_back, send_staff_text, take_over, write
from intake.usecases.sweeping import sweep
from tests.console.made_up_families import a_case
from tests.usecases.test_sight import a_person

NOW = datetime.now(UTC)
TODAY = NOW.astimezone(ZoneInfo("America/New_York")).date()


@pytest.fixture(scope="session")
def lines() -> Mapping[str, Bilingual]:
    return load_agent_lines(ROOT / "domain.yml")


@pytest.fixture
def ines(store: Store, content: Content, lines: Mapping[str, Bilingual]) -> int:
    """Ines practices."""
    walks = walks_of(store, content)
    known = walks.put_back("practice")
    if known is None:
        known = {"staff": a_person(store, "Ines")}
        start_afresh(store, content, lines, known["staff"], TODAY)
        walks.was_walked("practice", known)
    return int(known["staff"])


def _case(store: Store, family: str, staff: int) -> Conversation:
    with store.reading() as session:
        query = (select(Conversation).join(PracticeCase, PracticeCase.conversation_id == Conversation.id)
                 .where(PracticeCase.family == family, PracticeCase.staff_id == staff))
        return session.scalars(query).one()


def _jobs(store: Store) -> int:
    with store.reading() as session:
        return session.scalar(text("select count(*) from procrastinate_jobs")) or 0


def _counts(store: Store) -> dict[str, int]:
    with store.reading() as session:
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in Base.metadata.sorted_tables
                if table.name not in ("audit", "staff", "role", "staff_role")}


def test_made_up_families_are_flagged_and_referred_as_in_life(store: Store, content: Content, ines: int) -> None:
    urgencies = {name: _case(store, name, ines).urgency for name in content.practice}
    assert urgencies["kite"] == "emergency" and urgencies["bubble"] == "urgent" and urgencies["globo"] == "standard"
    finished = {name for name in content.practice if _case(store, name, ines).finished_at}
    assert finished == {"bubble", "globo", "marble_1", "rocket"}
    assert _case(store, "marble_1", ines).family_id == _case(store, "marble_2", ines).family_id
    with store.reading() as session:
        statuses = {referral.conversation_id: referral.status for referral in session.scalars(select(Referral))}
        assert statuses[_case(store, "globo", ines).id] == "ready" and statuses[_case(store, "rocket", ines).id] == "draft"
        assert {flag.code for flag in session.scalars(select(Flag))} >= {"safety", "lost_skill", "worry", "not_yet"}
        words = session.scalars(select(Message.text).where(Message.direction == "outbound")).all()
        assert not any("{" in said for said in words) and any("Casi no" in told for told in session.scalars(
            select(Message.text).where(Message.direction == "inbound")))
        waited = NOW - _case(store, "rocket", ines).started_at
        assert waited > timedelta(days=3)


def test_each_person_has_a_set_of_their_own_and_starting_afresh_touches_no_other(
    store: Store, content: Content, lines: Mapping[str, Bilingual], ines: int
) -> None:
    real, omar = a_case(store), a_person(store, "Omar")
    start_afresh(store, content, lines, omar, TODAY)
    hers, his = _case(store, "globo", ines), _case(store, "globo", omar)
    before = _counts(store)
    start_afresh(store, content, lines, omar, TODAY)
    assert _counts(store) == before and _case(store, "globo", omar).id != his.id
    with store.reading() as session:
        asked = (hers.id, _case(store, "globo", omar).id, real.conversation)
        for sight, seen in ((Sight(ines, practice=True), [True, False, False]), (Sight(ines), [False, False, True])):
            assert [may_see(session, sight, each) for each in asked] == seen
        assert [colleague.id for colleague in colleagues(session, session.get_one(Conversation, hers.id))] == [ines]
        actions = session.scalars(select(Audit.action).where(Audit.action == "practice.started_afresh")).all()
        assert len(actions) == 3


def test_nothing_was_put_into_the_queue_of_the_worker(store: Store, ines: int) -> None:
    assert _jobs(store) == 0 and has_families(store, ines)
    with store.reading() as session:
        states = set(session.scalars(select(Message.state)))
    assert states == {"done", "practice"}


# nothing leaves


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_a_text_to_a_made_up_family_never_leaves_even_when_its_state_is_set_by_hand(store: Store, ines: int, state: str) -> None:
    case = _case(store, "bubble", ines)
    with store.transaction() as session:
        said = select(Message).where(Message.conversation_id == case.id, Message.direction == "outbound")
        message = session.scalars(said).first()
        assert message is not None
        message.state, message.created_at = state, NOW - timedelta(minutes=5)
    assert not sweep(store, NOW)
    assert claim(store, message.id) is None
    with store.reading() as session:
        after = session.get_one(Message, message.id)
        assert (after.state, after.error_code) == ("canceled", "practice")
        assert not session.scalars(select(Flag).where(Flag.code == "not_delivered")).all()
    assert _jobs(store) == 0


REFUSED = (
    "update conversation set phone = '\\x00' where practice", "update conversation set phone_index = '\\x00' where practice",
    "update family set phone_index = '\\x00' where practice", "update conversation set practice = false where practice",
    "update family set practice = false where practice", "update conversation set practice = true where not practice",
    "update family set practice = true where not practice",
    "update conversation set family_id = (select id from family where not practice limit 1) where practice",
    "update conversation set asked_for = (select id from conversation where not practice limit 1) where practice",
)


def test_the_database_refuses_what_would_make_a_made_up_family_reachable(store: Store, ines: int) -> None:
    a_case(store)
    for change in REFUSED:
        with pytest.raises(DBAPIError), store.transaction() as session:
            session.execute(text(change))


def test_a_real_consent_still_never_changes(store: Store, ines: int) -> None:
    case = a_case(store)
    for change in ("update consent set given = false", "delete from consent"):
        with pytest.raises(DBAPIError, match="never changed"), store.transaction() as session:
            session.execute(text(f"{change} where conversation_id = :case"), {"case": case.conversation})


def test_no_text_is_started_for_a_made_up_family(store: Store, content: Content, ines: int) -> None:
    case = _case(store, "globo", ines)
    with store.transaction() as session:
        referral = session.scalars(select(Referral).where(Referral.conversation_id == case.id)).one()
        take_step(session, referral, Step(ReferralStatus.SENT, "staff:1", MoveSource.STAFF))
        row = Outreach(conversation_id=case.id, kind="reminder", due_at=NOW - timedelta(hours=1))
        session.add(row)
    assert sent_without_plan(store, content, NOW + timedelta(minutes=1)) == [] and due(store, NOW, 10) == []
    plan_follow_ups(store, content, referral.id, NOW)
    assert start(store, content, row.id, NOW) is False
    with store.reading() as session:
        assert session.query(Outreach).count() == 1 and _jobs(store) == 0


def test_exports_and_costs_leave_made_up_families_out(store: Store, ines: int) -> None:
    real = a_case(store)
    with store.reading() as session:
        public_id = session.get_one(Conversation, real.conversation).public_id
    assert cases_of_staff(store) == [public_id]
    cost = sms_cost(store, since=NOW - timedelta(days=30), today=TODAY)
    assert cost.finished == {} and cost.sent_out.texts == 0 and cost.came_in.texts == 2


# writing to one


@pytest.mark.parametrize("name", ["bubble", "globo"])
def test_what_staff_write_is_shown_as_sent_in_practice_and_the_family_answers(
    store: Store, content: Content, ines: int, name: str
) -> None:
    case, keys = _case(store, name, ines), [uuid4() for _ in range(len(content.practice[name].answers) + 1)]
    take_over(store, case.id, ines)
    for number, key in enumerate(keys):
        write(store, content, case.id, ines, key, f"line {number}")
        _send(store, content, key)
    with store.reading() as session:
        said = [(message.speaker, message.text) for message in session.scalars(
            select(Message).where(Message.conversation_id == case.id, Message.seq > case.last_seq).order_by(Message.seq))]
        assert [text for speaker, text in said if speaker == "you"] == list(content.practice[name].answers)
        assert said[-1][0] == "staff" and said[-1][1].endswith(f"line {len(keys) - 1}")
        assert not session.scalars(select(Message).where(Message.state.in_(("queued", "sent", "delivered", "received")))).all()
    hand_back(store, content, case.id, ines)
    with store.reading() as session:
        assert not session.query(Outreach).count()
        names = set(session.scalars(text("select task_name from procrastinate_jobs")))
    assert names == {"send_staff_text"}


def _send(store: Store, content: Content, key: UUID) -> None:
    send_staff_text(store, content, key)
    send_staff_text(store, content, key)


def test_starting_afresh_takes_what_was_written_with_it(
    store: Store, content: Content, lines: Mapping[str, Bilingual], ines: int
) -> None:
    case, key = _case(store, "bubble", ines), uuid4()
    take_over(store, case.id, ines)
    write(store, content, case.id, ines, key, "about to leave")
    start_afresh(store, content, lines, ines, TODAY)
    send_staff_text(store, content, key)
    with store.reading() as session:
        assert session.get(Conversation, case.id) is None and session.query(StaffText).count() == 0
        assert session.scalar(select(func.count()).select_from(Consent).where(Consent.conversation_id == case.id)) == 0
        assert session.query(Family).count() == len({f.same_family_as or n for n, f in content.practice.items()})


# the content


@pytest.mark.parametrize(("wrong", "complaint"), [
    (f'phone: "+1860{555}1234"', "phone"), ("milestones: {m99.no.such: {says: no}}", "no milestone"),
    ("told: {start: {says: hi}, shoe_size: {says: big}}", "shoe_size"), ("told: {start: {says: ' '}}", "nothing is said"),
    ("same_family_as: nobody", "names no file"), ("channel: fax", "channel"),
])
def test_a_made_up_family_that_could_be_real_or_is_wrong_is_refused_with_its_line(
    content: Content, tmp_path: Path, wrong: str, complaint: str
) -> None:
    good = {"version": "version: 1", "language": "language: en", "channel": "channel: sms", "waited": "waited_minutes: 5",
            "phone": 'phone: "+18605550121"', "told": "told: {start: {says: hi}}", "answers": "answers: [hello]"}
    good[wrong.split(":")[0]] = wrong
    for number in range(6):
        (tmp_path / f"f{number}.yaml").write_text("\n".join(good.values()), encoding="utf-8")
    with pytest.raises(ContentError, match=complaint):
        load_practice(tmp_path, content.questions)


def test_an_affiliate_without_made_up_families_runs_and_the_check_says_so(content: Content, tmp_path: Path) -> None:
    assert load_practice(tmp_path, content.questions) == {}
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "content", folder)
    shutil.rmtree(folder / "practice")
    checked = CliRunner().invoke(app, ["content", "check", "--folder", str(folder)])
    assert checked.exit_code == 1 and "0 made-up families; practicing needs 6" in checked.output
    assert CliRunner().invoke(app, ["content", "check"]).exit_code == 0


def test_every_made_up_phone_is_of_the_range_that_nobody_has(content: Content) -> None:
    assert {family.phone[5:10] for family in content.practice.values()} == {"55501"}
    assert {family.language for family in content.practice.values()} == {"en", "es"}
    assert {family.channel for family in content.practice.values()} == {"sms", "web"}
