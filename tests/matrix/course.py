"""The course of one family, from its first word to the closed loop, with what must stand in the database at each step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from people import Coordinator
from sqlalchemy import select

from intake.content.outreach import CALLED_BACK, NOT_CALLED, NOT_NOW
from intake.rules.interview import Kind
from intake.rules.outreach import OutreachKind
from intake.rules.referral import ReferralStatus
from intake.rules.texting_hours import next_allowed
from intake.store.models import Answer, Concern, Consent, Flag, Outreach, Referral, ReferralMove
from intake.usecases.asking import FINISHED
from intake.usecases.outreach import zones_of
from tests.matrix.family import Family, Texter, wait_until
from tests.matrix.said import is_said, is_told
from tests.matrix.tables import ProgramRow, content

TYPED = {CALLED_BACK: {"en": "1", "es": "1"}, NOT_CALLED: {"en": "nobody called", "es": "nadie me llamo"},
         NOT_NOW: {"en": "not now", "es": "ahora no"}}
FLAGGED = {CALLED_BACK: "follow_up_yes", NOT_CALLED: "follow_up_no"}
A_LOOK = timedelta(seconds=1)


@dataclass
class Course:
    """One family of the table and how it fares."""

    row: ProgramRow
    family: Family
    asked: list[datetime] = field(default_factory=list)

    @property
    def referral(self) -> Referral:
        """The referral to the program of the table."""
        found = self.family.rows(Referral, Referral.program_id == self.row.program)
        assert found, f"no referral to {self.row.program}: {[one.program_id for one in self.family.rows(Referral)]}"
        return found[0]

    def talks(self) -> None:
        """The whole conversation, the need in own words."""
        self.family.begins()
        self.family.goes_on_until(Kind.FREE, FINISHED)

    def is_recognised(self) -> None:
        """The need is kept in the family's own words, sorted as the table says, and the right lines were said."""
        kept = self.family.rows(Concern, Concern.withdrawn_at.is_(None))
        assert {one.domain for one in kept} == set(self.row.concerns), [(one.domain, one.words) for one in kept]
        assert {one.words for one in kept} == ({self.family.worry} if self.family.worry else set())
        language, heard = self.family.language, self.family.all_heard
        missing = [name for name in self.row.lines if not is_said(name, language, heard)]
        assert missing == [], f"not said: {missing}; the last words: {self.family.heard[-8:]}"
        assert is_told(self.row.program, language, heard), f"{self.row.program} was not told: {self.family.heard[-12:]}"

    def has_consented(self) -> None:
        """Consent was asked and kept with the words that were shown: to talk, and that a person makes contact."""
        given = [one for one in self.family.rows(Consent) if one.given]
        assert {"conversation", "contact"} <= {one.kind for one in given}, given
        assert all(one.words_shown for one in given), "the words that were shown were not kept"
        asked = "ask_consent" if self.family.channel == "sms" else "ask_consent_web"
        for name in (asked, "ask_contact_consent"):
            assert is_said(name, self.family.language, self.family.all_heard), name
        assert self.referral.consent_id in {one.id for one in given if one.kind == "contact"}

    def stands_before_staff(self, queued: set[str]) -> None:
        """The referral stands by the table's rule, ready to be sent, or on its way where the family carries it itself; and
        whoever works the queue finds the case."""
        referral, row = self.referral, self.family.row()
        stands = ReferralStatus.READY if self.row.way == "staff" else ReferralStatus.SENT
        assert (referral.status, referral.reason_rule) == (stands, self.row.rule)
        assert row.receipt_number and row.receipt_number in self.family.all_heard
        assert row.flagged is (self.row.worry is not None)
        assert not row.flagged or str(row.id) in queued, "the case is not in the queue"

    def is_sent(self, staff: Coordinator) -> None:
        """Staff mark the referral as sent, where it is theirs; the worker plans its follow-ups for the days of the content."""
        if self.row.way == "staff":
            self._moves(staff, ReferralStatus.SENT, "staff")
        wait_until(lambda: len(self.planned()) == len(content().outreach.days), "the follow-ups were not planned")
        zones = zones_of(content(), self.family.row().phone)
        due = [next_allowed(self._sent_at() + timedelta(days=day), zones) for day in content().outreach.days]
        assert [one.due_at for one in self.planned()] == due, ([one.due_at for one in self.planned()], due)

    def _sent_at(self) -> datetime:
        with self.family.store.reading() as session:
            return session.scalars(select(ReferralMove.at).where(ReferralMove.referral_id == self.referral.id,
                                                                 ReferralMove.to_status == ReferralStatus.SENT)).one()

    def _moves(self, staff: Coordinator, to: ReferralStatus, source: str) -> None:
        referral = self.referral
        answer = staff.moves(str(self.family.conversation), str(referral.id), to, referral.version, source)
        assert answer.status_code == 200, (to, answer.status_code)
        assert self.referral.status == to

    def planned(self) -> list[Outreach]:
        """The follow-ups of this referral, in their order."""
        rows = self.family.rows(Outreach, Outreach.kind == OutreachKind.FOLLOW_UP, Outreach.referral_id == self.referral.id)
        return sorted(rows, key=lambda one: one.due_at)

    def next_due(self) -> datetime | None:
        """When the next follow-up of this family is due."""
        return min((one.due_at for one in self.planned() if one.state == "waiting"), default=None)

    def texts(self) -> int:
        """How many texts this family's phone has got; 0 at the web chat."""
        return len(self.family.parent.phone.received()) if isinstance(self.family.parent, Texter) else 0

    def is_asked(self, day: int) -> None:
        """On its day the follow-up comes and the family answers it; at the web chat a person is told to call instead."""
        if not self.row.answers[len(self.asked):] or (row := self._of_day(day)) is None:
            return
        self.asked.append(row.due_at)
        if self.family.channel == "web":
            self._is_left_to_a_person(row)
        else:
            self._answers(row, self.row.answers[len(self.asked) - 1])

    def _of_day(self, day: int) -> Outreach | None:
        due = self._sent_at() + timedelta(days=day)
        return next((one for one in self.planned() if abs(one.due_at - due) < timedelta(hours=14)), None)

    def _row(self, id_: object) -> Outreach:
        return next(one for one in self.planned() if one.id == id_)

    def _is_left_to_a_person(self, row: Outreach) -> None:
        wait_until(lambda: self._row(row.id).state == "canceled", "the follow-up of a web family still waits")
        assert self._row(row.id).why_canceled == "no_opt_in"
        assert self._flags("follow_up_by_phone"), "nobody was told to call the family"

    def _answers(self, row: Outreach, answer: str) -> None:
        texter, family = self.family.parent, self.family
        assert isinstance(texter, Texter)
        wait_until(lambda: self._row(row.id).message_id is not None, "the follow-up was not written")
        asked = content().outreach.follow_up.in_language(family.language)
        wait_until(lambda: self._is_asked_with(texter, asked), f"the last text is no follow-up: {texter.phone.received()[-1:]}")
        said = family.says(TYPED[answer][family.language])
        assert self._row(row.id).answer == answer, self._row(row.id).answer
        more = any(one.state == "waiting" for one in self.planned())
        reply = content().outreach.last_not_now if answer == NOT_NOW and not more else content().outreach.replies[answer]
        assert said == reply.in_language(family.language).format(
            affiliate="", phone=content().messages.affiliate.phone), said
        assert answer not in FLAGGED or self._flags(FLAGGED[answer]), f"staff were not told of '{answer}'"

    def _is_asked_with(self, texter: Texter, asked: str) -> bool:
        affiliate = content().messages.affiliate
        words = asked.format(affiliate=affiliate.short_name.in_language(self.family.language), phone=affiliate.phone)
        return texter.phone.received()[-1] == words

    def _flags(self, code: str) -> list[Flag]:
        return self.family.rows(Flag, Flag.code == code, Flag.item == self.row.program)

    def is_closed(self, staff: Coordinator) -> None:
        """Staff write down that the family has arrived, and close: nothing more is planned, and the family was asked whether
        it got what it needed."""
        self._moves(staff, ReferralStatus.CONNECTED, "family")
        assert [one.id for one in self.planned() if one.state == "waiting"] == [], "a follow-up is still planned"
        self._moves(staff, ReferralStatus.CLOSED, "staff")
        assert is_said("ask_needs_met", self.family.language, self.family.all_heard)
        assert [one.value for one in self.family.rows(Answer, Answer.item == Kind.NEEDS_MET)] == ["yes"]
        moves = [(one.from_status, one.to_status, one.source) for one in self._history()]
        sent_by = "staff" if self.row.way == "staff" else "agent"
        assert moves == [(None, "draft", "agent"), ("draft", "ready", "family"), ("ready", "sent", sent_by),
                         ("sent", "connected", "family"), ("connected", "closed", "staff")], moves

    def _history(self) -> list[ReferralMove]:
        with self.family.store.reading() as session:
            return list(session.scalars(select(ReferralMove).where(ReferralMove.referral_id == self.referral.id)
                                        .order_by(ReferralMove.at)))
