"""The course of one family, from its first word to the closed loop, with what must stand in the database at each step."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from people import Coordinator
from sqlalchemy import select

from intake.content.bilingual import Bilingual
from intake.content.outreach import CALLED_BACK, NOT_CALLED, NOT_NOW
from intake.rules.clearing import ClearedBecause
from intake.rules.interview import Kind
from intake.rules.outreach import OF_REFERRALS, Carried, OutreachKind, WhyNot
from intake.rules.referral import ReferralStatus
from intake.rules.texting_hours import next_allowed
from intake.store.models import Answer, Concern, Consent, Flag, Message, Outreach, Referral, ReferralMove
from intake.usecases.asking import FINISHED
from intake.usecases.follow_through import zones_of
from intake.usecases.outreach_answers import FLAGS
from tests.matrix.family import YES, Family, Texter, wait_until
from tests.matrix.said import is_said, is_told
from tests.matrix.tables import ProgramRow, content

TYPED = {CALLED_BACK: {"en": "1", "es": "1"}, NOT_CALLED: {"en": "not yet", "es": "todavia no"},
         NOT_NOW: {"en": "not now", "es": "ahora no"}}
# Nobody answers within a moment. The programs see a moved clock a second apart, and what seems older than the text is no answer.
READS_SECONDS = 2.5


@dataclass
class Course:
    """One family of the table and how it fares; ``due``: the planned texts whose time has come, ``had``: how many came before."""

    row: ProgramRow
    family: Family
    due: list[UUID] = field(default_factory=list)
    had: int = 0
    answers: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self.answers = iter(self.row.answers)

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
        assert {one.domain for one in kept} >= set(self.row.concerns), [(one.domain, one.words) for one in kept]
        assert {one.words for one in kept} <= {self.family.worry}, kept
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
        for flag in self.family.rows(Flag, Flag.code == "safety", Flag.cleared_at.is_(None)):
            staff.clears(str(self.family.conversation), str(flag.id), ClearedBecause.SAFE_NOW)  # who is in danger is not texted
        if self.row.way == "staff":
            self._moves(staff, ReferralStatus.SENT, "staff")
        days = content().outreach.following[Carried(self.row.way)].days
        wait_until(lambda: len(self.planned()) == len(days), "the follow-ups were not planned")
        assert [one.due_at for one in self.planned()] == [self._after(self._sent_at(), day) for day in days]

    def _after(self, moment: datetime, days: int) -> datetime:
        return next_allowed(moment + timedelta(days=days), zones_of(content(), self.family.row().phone))

    def _sent_at(self) -> datetime:
        return next(one.at for one in self._history() if one.to_status == ReferralStatus.SENT)

    def _moves(self, staff: Coordinator, to: ReferralStatus, source: str) -> None:
        referral = self.referral
        answer = staff.moves(str(self.family.conversation), str(referral.id), to, referral.version, source)
        assert answer.is_redirect, (to, answer.status_code)
        assert self.referral.status == to

    def planned(self) -> list[Outreach]:
        """The texts that are or were planned for this referral, in their order."""
        rows = self.family.rows(Outreach, Outreach.kind.in_(OF_REFERRALS), Outreach.referral_id == self.referral.id)
        return sorted(rows, key=lambda one: one.due_at)

    def next_due(self) -> datetime | None:
        """When this family is next to be asked something; None when nothing is planned."""
        return min((one.due_at for one in self.planned() if one.state == "waiting"), default=None)

    def texts(self) -> int:
        """How many texts this family's phone has got; 0 at the web chat."""
        return len(self.family.parent.phone.received()) if isinstance(self.family.parent, Texter) else 0

    def awaits(self, moment: datetime) -> None:
        """What is planned for this family until ``moment``, and how many texts have come before it."""
        self.due = [one.id for one in self.planned() if one.state == "waiting" and one.due_at <= moment]
        self.had = self.texts()

    def sleeps(self, night: datetime) -> None:
        """What is found due at night is moved to the morning, and nothing comes before that; a person is told at once."""
        if self.family.channel == "web":
            self.is_asked()
            return
        wait_until(lambda: (self.next_due() or night) >= night, "a text that is due at night was not moved")
        assert self.texts() == self.had, "a text came at night"
        assert not self.due or self.next_due() == self._after(night, 0), self.next_due()

    def is_asked(self) -> None:
        """What was due comes, once, and is answered; at the web chat a person is told to call instead. Who had nothing due gets
        nothing."""
        if not self.due:
            assert self.texts() == self.had, "a text came that was not due"
        elif self.family.channel == "web":
            for id_ in self.due:
                self._is_left_to_a_person(self._row(id_))
        elif (row := self._row(self.due[0])).kind == OutreachKind.NEEDS_MET:
            self._says_needs_are_met(row)
        else:
            self._answers(row, next(self.answers))

    def _row(self, id_: UUID) -> Outreach:
        return next(one for one in self.planned() if one.id == id_)

    def _is_left_to_a_person(self, row: Outreach) -> None:
        wait_until(lambda: self._row(row.id).state == "canceled", "the follow-up of a web family still waits")
        assert self._row(row.id).why_canceled == WhyNot.NO_OPT_IN
        assert self._flags("follow_up_by_phone"), "nobody was told to call the family"

    def _answers(self, row: Outreach, answer: str) -> None:
        said = self._is_asked_and_says(row, content().outreach.following[Carried(self.row.way)].text, TYPED[answer])
        assert self._row(row.id).answer == answer, self._row(row.id).answer
        more = any(one.state == "waiting" and one.kind == OutreachKind.FOLLOW_UP for one in self.planned())
        words = content().outreach
        replies = words.asking[OutreachKind.FOLLOW_UP].replies
        alone = answer == NOT_CALLED and self.row.way == "family"
        reply = words.last_not_now if answer == NOT_NOW and not more else words.not_asked if alone else replies[answer]
        assert said == self._filled(reply), said
        flag = FLAGS.get((Carried(self.row.way), answer))
        assert flag is None or self._flags(flag), f"staff were not told of '{answer}'"
        if answer == CALLED_BACK:
            self._is_on_its_way(row)

    def _is_on_its_way(self, row: Outreach) -> None:
        assert self.referral.status == ReferralStatus.RECEIVED, self.referral.status
        waiting = [one for one in self.planned() if one.state == "waiting"]
        assert [one.kind for one in waiting] == [OutreachKind.NEEDS_MET], [(one.kind, one.due_at) for one in waiting]
        answered = self._message(self._row(row.id).answered_in).created_at
        assert waiting[0].due_at == self._after(answered, content().outreach.needs_met_after_days)

    def _says_needs_are_met(self, row: Outreach) -> None:
        said = self._is_asked_and_says(row, content().outreach.needs_met, YES)
        assert said == self._filled(content().outreach.asking[OutreachKind.NEEDS_MET].replies["yes"]), said
        assert self._row(row.id).answer == "yes"

    def _is_asked_and_says(self, row: Outreach, asked: Bilingual, words: Mapping[str, str]) -> str:
        """The text that is due comes, once and in the content's own words, and is answered; returns what is said to that."""
        texter, family = self.family.parent, self.family
        assert isinstance(texter, Texter)
        wait_until(lambda: self._row(row.id).message_id is not None, f"{row.kind} was not written: {self._row(row.id).state}")
        wait_until(lambda: self.texts() > self.had, f"{row.kind} did not come")
        assert texter.phone.received()[self.had:] == [self._filled(asked)]
        time.sleep(READS_SECONDS)
        return family.says(words[family.language])

    def _filled(self, words: Bilingual) -> str:
        affiliate, language = content().messages.affiliate, self.family.language
        return words.in_language(language).format(affiliate=affiliate.short_name.in_language(language), phone=affiliate.phone)

    def _message(self, id_: UUID | None) -> Message:
        return self.family.rows(Message, Message.id == id_)[0]

    def _flags(self, code: str) -> list[Flag]:
        return self.family.rows(Flag, Flag.code == code, Flag.item == self.row.program)

    def is_closed(self, staff: Coordinator) -> None:
        """Staff write down that the family has arrived, and close: nothing more is planned, and the family was asked whether
        it got what it needed."""
        by_text = self.family.channel == "sms"
        unasked = [(one.kind, one.state, one.why_canceled) for one in self.planned()]
        assert not by_text or list(self.answers) == [], f"the family was asked less often than it answers: {unasked}"
        self._moves(staff, ReferralStatus.CONNECTED, "family")
        self._moves(staff, ReferralStatus.CLOSED, "staff")
        assert [one.kind for one in self.planned() if one.state == "waiting"] == [], "something is still planned"
        assert is_said("ask_needs_met", self.family.language, self.family.all_heard)
        met = self.family.rows(Answer, Answer.item == Kind.NEEDS_MET)
        assert [one.value for one in met if one.replaced_at is None] == ["yes"] and len(met) == (2 if by_text else 1)
        received = [("sent", "received", "family"), ("received", "connected", "family")]
        sent_by = "staff" if self.row.way == "staff" else "agent"
        assert [(one.from_status, one.to_status, one.source) for one in self._history()] == [
            (None, "draft", "agent"), ("draft", "ready", "family"), ("ready", "sent", sent_by),
            *(received if by_text else [("sent", "connected", "family")]), ("connected", "closed", "staff")]

    def _history(self) -> list[ReferralMove]:
        with self.family.store.reading() as session:
            return list(session.scalars(select(ReferralMove).where(ReferralMove.referral_id == self.referral.id)
                                        .order_by(ReferralMove.at)))
