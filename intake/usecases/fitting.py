"""Which programs fit a family as it stands now, and which of them it is still to be offered, one at a time.

Only reads. A family's need is known from the kind of its worry, from its own words anywhere in the conversation (those of a
message about danger too, which was answered before any question), and from where it lives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.content.library import Content
from intake.rules.concerns import ConcernDomain
from intake.rules.interview import OF_PROGRAM, SKIP, YES, Kind
from intake.rules.places import is_elsewhere
from intake.rules.routing import ProgramFit, further_offers, offers_to_make, programs_for
from intake.store.models import Answer, Conversation, Message, Referral
from intake.usecases.told import answered_offers, standing_concerns, triage_of

# Their answers name people and places of others: "my sister told me of Safe Kids" is no need.
_NAMES_OTHERS = (Kind.CHILD_NAME, Kind.CONTACT_NAME, Kind.DOCTOR, Kind.INSURANCE, Kind.HEARD_FROM, Kind.RACE_ETHNICITY)


@dataclass(frozen=True)
class FurtherPrograms:
    """The programs beside the first: those ``offered`` in this conversation, in order, answered or not, and what is ``left`` to
    staff because a family is asked so many times at most."""

    offered: tuple[str, ...]
    left: tuple[ProgramFit, ...]


@dataclass(frozen=True)
class Fitting:
    """What a family has told on ``day``, for finding what fits: its ``conversation`` and the ``answers`` that stand."""

    session: Session
    content: Content
    conversation: Conversation
    answers: Mapping[str, str]
    day: date

    def programs(self) -> tuple[ProgramFit, ...]:
        """All that fit by true age, words, worry and place, the best door first."""
        child, programs = self.conversation.child, self.content.programs
        concerns = standing_concerns(self.session, self.conversation)
        domains = frozenset(ConcernDomain(concern.domain) for concern in concerns if concern.domain)
        texts = [*(concern.words for concern in concerns), *self._texts()]
        return programs_for(child.birth_date if child else None, self.day, doors=programs.doors, in_area=None, concerns=domains,
                            flagged=triage_of(self.content, self.answers, concerns).flagged, named=programs.named_in(texts),
                            near_programs=programs.near(self._place()))

    def beside_the_first(self) -> tuple[ProgramFit, ...]:
        """What fits besides the program that the family was told of first; nothing for who lives elsewhere."""
        if is_elsewhere(self._place(), self.content.messages.affiliate.zip_area):
            return ()
        fits = self.programs()
        return further_offers(fits, self.content.programs.doors, self._referred() or {fit.program_id for fit in fits[:1]})

    def further(self) -> FurtherPrograms:
        """The offers of this conversation; none before the family agreed to be contacted about the first."""
        answered = answered_offers(self.answers)
        if self.answers.get(Kind.CONTACT_CONSENT) != YES:
            return FurtherPrograms(answered, ())
        return FurtherPrograms(*offers_to_make(answered, self.beside_the_first()))

    def _place(self) -> str:
        told = self.answers.get(Kind.PLACE, SKIP)
        return "" if told == SKIP else told

    def _texts(self) -> list[str]:
        """What the family wrote, but for the answers that name others."""
        about_others = select(Answer.message_id).where(Answer.conversation_id == self.conversation.id,
                                                       Answer.item.in_(_NAMES_OTHERS))
        query = select(Message.text).where(Message.conversation_id == self.conversation.id, Message.direction == "inbound",
                                           Message.id.not_in(about_others))
        return [text for text in self.session.scalars(query.order_by(Message.seq)) if text]

    def _referred(self) -> set[str]:
        """The programs that the family is referred to otherwise than by an offer: told of first, or by staff."""
        referred = set(self.session.scalars(select(Referral.program_id).where(
            Referral.conversation_id == self.conversation.id)))
        offered = self.session.scalars(select(Answer.item).where(Answer.conversation_id == self.conversation.id,
                                                                 Answer.item.startswith(OF_PROGRAM, autoescape=True)))
        return referred - {item.removeprefix(OF_PROGRAM) for item in offered}
