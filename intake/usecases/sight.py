"""What a person at the console may see: the one place that decides it, for the queue, the search, a case and all under it.

Most see every family. Somebody who works for one program alone is limited to it (45 CFR 164.502(b), minimum necessary): they see
a case once the family has agreed that their program gets it, and of that case what the packet tells. A person who practices sees
their own made-up families and nobody else's; whoever does not sees none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from intake.rules.referral import NOT_TO_HAND_ON
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Call, Consent, Conversation, Flag, PracticeCase, Referral, Staff, StaffProgram
from intake.usecases.consent_words import SHARES_NOTHING
from intake.usecases.staff import actor_of

# What a program is told of why a child should be looked at; other reasons are the team's own.
TOLD_TO_PROGRAMS = ("lost_skill", "worry", "not_yet")
_CONTACT = "contact"  # the kind of consent that a referral stands on
_OF_REFERRALS = "follow_up_"  # such a flag names the program that it is about


@dataclass(frozen=True)
class Sight:
    """What ``staff`` may see: the cases of ``programs`` (None: of all), made-up families while they ``practice``, else real ones.

    Each condition is for a query on the table that its name says.
    """

    staff: int
    programs: frozenset[str] | None = None
    practice: bool = False

    @property
    def limited(self) -> bool:
        """Whether this person is limited to programs."""
        return self.programs is not None

    def conversations(self) -> ColumnElement[bool]:
        """The conversations that are seen."""
        mine = select(PracticeCase.conversation_id).where(PracticeCase.staff_id == self.staff)
        made_up = and_(Conversation.practice, Conversation.id.in_(mine)) if self.practice else Conversation.practice.is_(False)
        if self.programs is None:
            return made_up
        theirs = aliased(Referral)
        shown = exists().where(theirs.conversation_id == Conversation.id, self._shows(theirs))
        return and_(made_up, shown.correlate_except(theirs))

    def referrals(self) -> ColumnElement[bool]:
        """The referrals that are seen, of a conversation that is."""
        return self._shows(Referral)

    def flags(self) -> ColumnElement[bool]:
        """The reasons that are seen, of a conversation that is."""
        if self.programs is None:
            return true()
        about_theirs = and_(Flag.code.startswith(_OF_REFERRALS), Flag.item.in_(self.programs))
        return or_(Flag.code.in_(TOLD_TO_PROGRAMS), about_theirs)

    def calls(self) -> ColumnElement[bool]:
        """The calls that are seen, of a conversation that is."""
        theirs = aliased(Referral)
        return true() if self.programs is None else exists().where(theirs.id == Call.referral_id, self._shows(theirs))

    def _shows(self, referral: type[Referral]) -> ColumnElement[bool]:
        return true() if self.programs is None else and_(referral.program_id.in_(self.programs), _agreed(referral))


def sight_of(session: Session, staff: int, *, practice: bool = False) -> Sight:
    """What a person may see now."""
    return Sight(staff, frozenset(programs_of(session, staff)) or None, practice)


def programs_of(session: Session, staff: int) -> list[str]:
    """The programs that a person is limited to; none: they see all."""
    query = select(StaffProgram.program_id).where(StaffProgram.staff_id == staff).order_by(StaffProgram.program_id)
    return list(session.scalars(query))


def may_see(session: Session, sight: Sight, conversation_id: UUID, referral_id: UUID | None = None) -> bool:
    """Whether this conversation, and this referral of it, is seen; not, when there is no such."""
    query = select(Conversation.id).where(Conversation.id == conversation_id, sight.conversations())
    if referral_id is not None:
        query = query.where(exists().where(Referral.id == referral_id, Referral.conversation_id == Conversation.id,
                                           sight.referrals()))
    return session.scalar(query) is not None


def sees_case(conversation: Conversation) -> ColumnElement[bool]:
    """The members of staff who may see one case: a condition on Staff."""
    if conversation.practice:
        return exists().where(PracticeCase.conversation_id == conversation.id, PracticeCase.staff_id == Staff.id)
    theirs = exists().where(StaffProgram.staff_id == Staff.id, StaffProgram.program_id == Referral.program_id,
                            Referral.conversation_id == conversation.id, _agreed(Referral))
    return or_(~exists().where(StaffProgram.staff_id == Staff.id), theirs)


def limit_to(session: Session, staff: int, programs: Iterable[str]) -> None:
    """Limits a person to ``programs``; to none: they see all again."""
    session.execute(delete(StaffProgram).where(StaffProgram.staff_id == staff))
    rows = [{"staff_id": staff, "program_id": program} for program in sorted(set(programs))]
    if rows:
        session.execute(insert(StaffProgram).values(rows))


def record_out_of_sight(store: Store, staff: int, permission: str, conversation_id: object) -> None:
    """Writes down that a person asked for a case, or a part of one, that they may not see."""
    with store.transaction() as session:
        write_audit(session, actor_of(staff), "access.refused", "conversation", conversation_id, detail=permission)


def _agreed(referral: type[Referral]) -> ColumnElement[bool]:
    """The family's yes stands for a referral, as it must before a packet is handed on (``intake.usecases.packet``): it was
    given to words that speak of sharing, and their newest word about being contacted is no refusal."""
    refusal, since = aliased(Consent), aliased(Consent)
    # Asked for by refusals, of which there are few and an index: the yes of every family would have to be gone through.
    again = exists().where(since.conversation_id == refusal.conversation_id, since.kind == _CONTACT, since.given,
                           since.at > refusal.at)
    refused = exists().where(refusal.conversation_id == referral.conversation_id, refusal.kind == _CONTACT, ~refusal.given,
                             ~again)
    handed_on = referral.status.not_in([status.value for status in NOT_TO_HAND_ON])
    agreed = aliased(Consent)
    shared = exists().where(agreed.id == referral.consent_id, ~agreed.words_shown.startswith(SHARES_NOTHING, autoescape=True))
    return and_(handed_on, referral.consent_id.is_not(None), shared, ~refused)
