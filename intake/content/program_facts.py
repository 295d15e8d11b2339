"""What the directory says of one program or crisis line, fact by fact, and which of it may be shown.

A fact that nobody has confirmed is named under ``unconfirmed`` and never comes out of the ``shown_…`` readers: what a parent
could act on is either known, or left out and the hub named instead.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from intake.content.bilingual import Bilingual

_PHONE_PATTERN = r"^(1-)?\d{3}-\d{3}-\d{4}$|^(211|911|988)$"
_URL_PATTERN = r"^https?://\S+$"
_CODE_PATTERN = r"^[a-z][a-z0-9_]*$"
NEVER = "never"  # a draft that nobody has checked yet
# Ours to choose, so there is nothing to check.
_NO_FACT = frozenset({"id", "kind", "short_name", "hsds", "reach", "recognised_by"})
# Ways that a family takes by itself: nobody of ours carries anything to anybody.
TAKEN_BY_FAMILY = frozenset({"link_only", "app", "ask_the_doctor", "bedside"})
LINKED = frozenset({"link_only", "app"})  # the way begins at the program's address

Code = Annotated[str, StringConstraints(pattern=_CODE_PATTERN)]
Phone = Annotated[str, StringConstraints(pattern=_PHONE_PATTERN)]
Address = Annotated[str, StringConstraints(pattern=_URL_PATTERN)]
Email = Annotated[str, StringConstraints(pattern=r"^\S+@\S+\.\S+$")]
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Zip = Annotated[str, StringConstraints(pattern=r"^\d{5}$")]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Words = Annotated[str, StringConstraints(min_length=1)]

Kind = Literal[
    "hub", "care_coordination", "early_intervention", "special_education", "screening", "home_safety", "injury_prevention",
    "violence_recovery", "asthma", "place_based",
]
Way = Literal["phone", "text", "online_form", "email", "fax", "letter", "app", "link_only", "hub", "ask_the_doctor", "bedside"]
Referrer = Literal["anyone", "parent", "doctor", "child_care", "preschool", "school", "hospital_team", "property_owner", "hub"]
Accepter = Literal["parent_or_guardian", "property_owner", "doctors_office", "family", "nobody"]
Day = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


class Strict(BaseModel):
    """A part of a file in which an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AgeBand(Strict):
    """True ages in completed months: from ``from_months`` up to, not including, ``to_months``."""

    from_months: int = Field(ge=0)
    to_months: int = Field(gt=0)
    from_pregnancy: bool = False

    @model_validator(mode="after")
    def _runs_forward(self) -> AgeBand:
        if self.to_months <= self.from_months:
            raise ValueError("'to_months' must be larger than 'from_months'")
        if self.from_pregnancy and self.from_months:
            raise ValueError("'from_pregnancy' goes with 'from_months: 0'")
        return self

    def holds(self, months: int) -> bool:
        """Whether a child of ``months`` completed months is in the band."""
        return self.from_months <= months < self.to_months


class Places(Strict):
    """Where a family must live: ``everywhere`` in the affiliate's area, or ``towns``, ``districts`` in words, ZIP codes.

    A ZIP code seldom has the borders of a program. Unless ``zip_is_only_a_hint`` is false, a match lets the program be offered
    and promises nothing. ``zip_codes_unconfirmed`` are never matched.
    """

    everywhere: bool = False
    towns: tuple[Words, ...] = ()
    districts: tuple[Words, ...] = ()
    zip_codes: tuple[Zip, ...] = ()
    zip_codes_unconfirmed: tuple[Zip, ...] = ()
    zip_is_only_a_hint: bool = True
    note: Words | None = None

    @model_validator(mode="after")
    def _says_where(self) -> Places:
        somewhere = bool(self.towns or self.districts or self.zip_codes)
        if self.everywhere == somewhere:
            raise ValueError("say either 'everywhere: true' or where: 'towns', 'districts', 'zip_codes'")
        if set(self.zip_codes) & set(self.zip_codes_unconfirmed):
            raise ValueError("a ZIP code stands under 'zip_codes' or under 'zip_codes_unconfirmed', not under both")
        return self


class HowReferred(Strict):
    """How a referral travels: the ``ways``, ``through`` which hub, who may make it and who must accept, ``steps`` for staff."""

    ways: tuple[Way, ...] = Field(min_length=1)
    through: Code | None = None
    may_refer: tuple[Referrer, ...] = Field(min_length=1)
    accepts: Accepter
    steps: Words | None = None

    @property
    def is_taken_by_family(self) -> bool:
        """Whether the family goes this way by itself: the first way decides, unless a hub is to connect the family."""
        return self.through is None and self.ways[0] in TAKEN_BY_FAMILY

    @model_validator(mode="after")
    def _names_the_hub(self) -> HowReferred:
        if ("hub" in self.ways) != (self.through is not None):
            raise ValueError("'through' names the program that refers on, and goes with the way 'hub'")
        return self


class NeedWords(Strict):
    """Phrases of parents that mark the need, in each language; all are looked for whatever language a family writes."""

    en: tuple[Words, ...] = Field(min_length=1)
    es: tuple[Words, ...] = Field(min_length=1)


class OpenTimes(Strict):
    """Days of the week with the time from ``opens`` to ``closes``."""

    days: tuple[Day, ...] = Field(min_length=1)
    opens: Clock
    closes: Clock


class Hours(Strict):
    """When somebody is there, as a family is told, and by the ``weekly`` clock where it is known."""

    said: Bilingual
    weekly: tuple[OpenTimes, ...] = ()


class FurtherPhone(Strict):
    """A second number and ``what`` it is for."""

    phone: Phone
    what: Bilingual


class Location(Strict):
    """A place families can go to."""

    name: Words
    address: Words
    city: Words
    state: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
    zip_code: Zip


class Caution(Strict):
    """What may stop being true: what to look at (``note``), ``since`` when, and which ``facts`` hang on it."""

    note: Words
    since: Month | None = None
    facts: tuple[str, ...] = ()


class Evidence(Strict):
    """The page on which some ``facts`` were seen, and when."""

    facts: tuple[str, ...] = Field(min_length=1)
    source: Words
    checked: Month
    note: Words | None = None


class HsdsIds(Strict):
    """The ids under which another directory knows this program."""

    service: UUID
    organization: UUID | None = None


class Checked(Strict):
    """What was seen where and when, and what was not."""

    source: tuple[Words, ...] = Field(min_length=1)
    checked: Month | Literal["never"]
    evidence: tuple[Evidence, ...] = ()
    cautions: tuple[Caution, ...] = ()
    unconfirmed: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_only_what_it_has(self) -> Checked:
        for where, names in self._fact_names().items():
            wrong = sorted({name for name in names if name not in self.facts()})
            if wrong:
                raise ValueError(f"'{where}' names no fact that stands here: {', '.join(wrong)}")
        if self.checked == NEVER and set(self.unconfirmed) != set(self.facts()):
            raise ValueError("'checked: never' is for a draft, and in a draft every fact is 'unconfirmed'")
        return self

    def _fact_names(self) -> dict[str, tuple[str, ...]]:
        return {
            "unconfirmed": self.unconfirmed,
            "evidence": tuple(fact for seen in self.evidence for fact in seen.facts),
            "cautions": tuple(fact for caution in self.cautions for fact in caution.facts),
        }

    @classmethod
    @cache
    def possible_facts(cls) -> tuple[str, ...]:
        """The names of the fields that tell a fact, which somebody can check."""
        return tuple(name for name in cls.model_fields if name not in {*_NO_FACT, *Checked.model_fields})

    def facts(self) -> tuple[str, ...]:
        """The names of the facts that are filled in here."""
        return tuple(name for name in self.possible_facts() if getattr(self, name))

    def shows(self, fact: str) -> bool:
        """Whether ``fact`` is known and confirmed."""
        return fact in self.possible_facts() and bool(getattr(self, fact)) and fact not in self.unconfirmed


class _Reached(Checked):
    """Somebody who can be called, texted or looked up."""

    phone: str | None = None
    text: str | None = None
    url: Address | None = None
    hours: Hours | None = None

    @property
    def shown_phone(self) -> str | None:
        """The number to call, unless it waits for confirmation."""
        return self.phone if self.shows("phone") else None

    @property
    def shown_text(self) -> str | None:
        """The number to text, unless it waits for confirmation."""
        return self.text if self.shows("text") else None

    @property
    def shown_url(self) -> str | None:
        """The web address, unless it waits for confirmation."""
        return self.url if self.shows("url") else None

    @property
    def shown_hours(self) -> Bilingual | None:
        """When somebody is there, unless that waits for confirmation."""
        return self.hours.said if self.hours is not None and self.shows("hours") else None


class Program(_Reached):
    """One program. ``tell`` says to the family what it is and what happens next, ``family_step`` what they can do by
    themselves, ``who`` to staff whom it serves."""

    id: Code
    name: Bilingual
    short_name: Bilingual | None = None
    kind: Kind
    operator: Words | None = None
    tell: Bilingual
    family_step: Bilingual | None = None
    recognised_by: NeedWords | None = None
    phone: Phone | None = None
    more_phones: tuple[FurtherPhone, ...] = ()
    text: Phone | None = None
    fax: Phone | None = None
    email: Email | None = None
    needs: tuple[Code, ...] = Field(min_length=1)
    who: Words | None = None
    ages: AgeBand
    places: Places
    referral: HowReferred
    locations: tuple[Location, ...] = ()
    hsds: HsdsIds | None = None

    @property
    def shown_fax(self) -> str | None:
        """The fax number, unless it waits for confirmation."""
        return self.fax if self.shows("fax") else None

    @property
    def shown_email(self) -> str | None:
        """The e-mail address, unless it waits for confirmation."""
        return self.email if self.shows("email") else None

    @property
    def shown_more_phones(self) -> tuple[FurtherPhone, ...]:
        """The further numbers, unless they wait for confirmation."""
        return self.more_phones if self.shows("more_phones") else ()

    @property
    def shown_step(self) -> Bilingual | None:
        """What the family can do by itself, unless it waits for confirmation."""
        return self.family_step if self.shows("family_step") else None

    @property
    def shown_link(self) -> str | None:
        """The address at which the family's own way begins, if it does and is confirmed."""
        return self.shown_url if LINKED & set(self.referral.ways) else None

    @property
    def called(self) -> Bilingual:
        """How a sentence names the program."""
        return self.short_name or self.name

    @property
    def may_be_told(self) -> bool:
        """Whether families may hear of it at all: not while it is a draft, whose name and words nobody has confirmed."""
        return self.shows("name") and self.shows("tell")


class CrisisLine(_Reached):
    """A line for danger: who answers, whom to call or text, and whether it serves the whole ``nation`` or the ``area``."""

    id: Code
    name: Bilingual
    operator: Words | None = None
    tell: Bilingual
    reach: Literal["nation", "area"]
    needs: tuple[Code, ...] = Field(min_length=1)
