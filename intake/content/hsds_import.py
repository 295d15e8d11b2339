"""Makes drafts for the directory out of HSDS services: everything is unconfirmed until a person has checked it.

Nothing is guessed. What HSDS does not say, the Spanish first of all, is named as missing, and the draft does not load before
somebody has written it.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_args
from uuid import UUID

from pydantic import BaseModel, TypeAdapter, ValidationError
from ruamel.yaml import YAML

from intake.content.hsds_read import HsdsAddress, HsdsPhone, HsdsSchedule, HsdsService
from intake.content.program_facts import (
    NEVER,
    Address,
    AgeBand,
    Caution,
    Code,
    Email,
    Evidence,
    HowReferred,
    Kind,
    Location,
    Month,
    OpenTimes,
    Phone,
    Places,
    Program,
)
from intake.content.programs import NO_PROGRAM
from intake.rules.text import clean

_Part = TypeVar("_Part", bound=BaseModel)
_LONGEST_ID = 60
_RESERVED = frozenset(name.removesuffix(".yaml") for name in NO_PROGRAM)
# What a program cannot be without, and the parts of it that HSDS may not have told.
_NEEDED = {"name": ("en", "es"), "short_name": ("en", "es"), "kind": (), "tell": ("en", "es"), "needs": (), "ages": (),
           "places": (), "referral": ("ways", "may_refer", "accepts"), "hours": ("said",)}
_ONLY_IF_THERE = frozenset({"short_name", "hours"})


@dataclass
class Draft:
    """A program as it will stand in its file: its ``data``, what is ``missing``, and ``notes`` on what was not taken over."""

    id: str
    data: dict[str, Any]
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_yaml(self, source: str) -> str:
        """The text of the draft's file; ``source`` names the file it came from."""
        yaml, written = YAML(), io.StringIO()
        yaml.width = 4096
        yaml.dump(self.data, written)
        head = [f"# A draft from {one_line(source)}. Check each fact, take it out of 'unconfirmed', and set 'checked'."]
        head += [f"# Missing: {', '.join(self.missing)}"] if self.missing else []
        head += [f"# Not taken over: {one_line(note)}" for note in self.notes]
        return "\n".join(head) + "\n" + written.getvalue()


def drafts_of(services: Iterable[HsdsService], source: str) -> tuple[list[Draft], list[str]]:
    """A draft for every active service, each with an id of its own, and a word on each service that gave none."""
    drafts, passed_over, taken = [], [], set(_RESERVED)
    for service in services:
        if service.status != "active":
            passed_over.append(f"{one_line(service.name)}: its status is {one_line(service.status)}")
            continue
        draft = _Drafting(service, source).draft()
        draft.id = draft.data["id"] = _free(draft.id, taken)
        taken.add(draft.id)
        drafts.append(draft)
    return drafts, passed_over


def write_draft(draft: Draft, folder: Path, source: str) -> Path | None:
    """Writes the draft's file into ``folder``; None, and nothing written, when a file of that name is there already."""
    path = folder / f"{draft.id}.yaml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(draft.as_yaml(source))
    except FileExistsError:
        return None
    return path


def one_line(text: str | None) -> str:
    """``text`` as a content file holds it: cleaned, on one line."""
    return " ".join(clean(text or "").split())


def _free(wanted: str, taken: set[str]) -> str:
    number, free = 1, wanted
    while free in taken:
        number += 1
        free = f"{wanted}_{number}"
    return free


class _Drafting:
    """One service on its way to a draft."""

    def __init__(self, service: HsdsService, source: str) -> None:
        self.service = service
        self.source = source
        self.notes: list[str] = []

    def draft(self) -> Draft:
        """The draft, with what is missing in it."""
        service = self.service
        data: dict[str, Any] = {
            "id": self._id(), "name": self._bilingual(service.name, "name_es"),
            "short_name": self._bilingual(service.alternate_name, "short_name_es"), "kind": self._kind(),
            "operator": one_line(service.organization.name) if service.organization else None,
            "tell": self._bilingual(service.description, "tell_es"), **self._phones(),
            "email": self._valid(Email, service.email, "email"), "url": self._valid(Address, service.url, "url"),
            "hours": self._hours(), "needs": [need for need in service.ours("need") if self._valid(Code, need, "need")],
            "who": one_line(service.eligibility_description), "ages": self._ages(), "places": self._places(),
            "referral": self._referral(), "locations": list(self._locations()), "cautions": [],
            "source": [text for found in service.ours("source") if (text := one_line(found))] or [self._where_from()],
            "checked": self._checked(), "evidence": [], "hsds": self._ids(),
        }
        data = {name: value for name, value in data.items() if value not in (None, "", [], {})}
        facts = [name for name in Program.possible_facts() if name in data]
        judged = {"cautions": self._cautions(facts), "evidence": self._evidence(facts)}
        data |= {name: parts for name, parts in judged.items() if parts}
        data["unconfirmed"] = facts
        return Draft(data["id"], data, list(_missing(data)), self.notes)

    # names and codes

    def _id(self) -> str:
        own = next(iter(self.service.ours("id")), "")
        if re.fullmatch(r"[a-z][a-z0-9_]*", own) and len(own) <= _LONGEST_ID:
            return own
        plain = unicodedata.normalize("NFKD", one_line(self.service.name)).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST_ID].strip("_")
        return slug if slug[:1].isalpha() else f"program_{slug}".rstrip("_")

    def _kind(self) -> str | None:
        kind = next(iter(self.service.ours("kind")), None)
        return kind if kind in get_args(Kind) else None

    def _ids(self) -> dict[str, str]:
        organization = self.service.organization
        found = {"service": _uuid(self.service.id), "organization": _uuid(organization.id) if organization else None}
        return {name: value for name, value in found.items() if value is not None} if found["service"] else {}

    def _where_from(self) -> str:
        return f"HSDS, {one_line(self.source)}, service {one_line(self.service.id)}"

    def _bilingual(self, english: str | None, spanish: str) -> dict[str, str]:
        """Both languages, as far as they are told."""
        told = {"en": one_line(english), "es": one_line(next(iter(self.service.ours(spanish)), None))}
        return {language: text for language, text in told.items() if text}

    # how to reach it

    def _phones(self) -> dict[str, Any]:
        found: dict[str, Any] = {"phone": None, "more_phones": [], "text": None, "fax": None}
        for phone in self.service.phones or ():
            number = self._number(phone)
            fact = {"fax": "fax", "text": "text", "sms": "text"}.get(phone.type or "", "phone")
            if number is None:
                continue
            if fact == "phone" and (found["phone"] is not None or phone.ours("what_es")):
                found["more_phones"].append({"phone": number, "what": self._what_for(phone)})
            elif found[fact] is None:
                found[fact] = number
            else:
                self.notes.append(f"a second {fact} number, {number}")
        return found

    def _what_for(self, phone: HsdsPhone) -> dict[str, str]:
        told = {"en": one_line(phone.description), "es": one_line(next(iter(phone.ours("what_es")), None))}
        return {language: text for language, text in told.items() if text}

    def _number(self, phone: HsdsPhone) -> str | None:
        digits = re.sub(r"\D", "", phone.number)
        written = phone.number if _fits(Phone, phone.number) else digits
        if re.fullmatch(r"1?\d{10}", digits) and written == digits:
            written = "-".join(filter(None, (digits[:-10], digits[-10:-7], digits[-7:-4], digits[-4:])))
        return self._valid(Phone, written, "phone number")

    def _hours(self) -> dict[str, Any]:
        schedules = self.service.schedules or []
        english = next((schedule.description for schedule in schedules if schedule.description), None)
        said = self._bilingual(english, "hours_es")
        weekly = [times for schedule in schedules if (times := self._times(schedule)) is not None]
        return {name: value for name, value in (("said", said), ("weekly", weekly)) if value}

    def _times(self, schedule: HsdsSchedule) -> dict[str, Any] | None:
        if not (schedule.byday and schedule.opens_at and schedule.closes_at):
            return None
        told = {"days": schedule.byday.split(","), "opens": schedule.opens_at[:5], "closes": schedule.closes_at[:5]}
        if schedule.freq not in (None, "WEEKLY") or _read(OpenTimes, told) is None:
            self.notes.append("a schedule that is not weekly by the clock")
            return None
        return told

    # whom it serves, and where

    def _ages(self) -> dict[str, Any]:
        exact = self._own(AgeBand, "ages")
        if exact is not None:
            return _plain(exact)
        youngest, oldest = self.service.minimum_age, self.service.maximum_age
        if oldest is None:
            return {}
        to_months = (int(oldest) + 1) * 12 if oldest == int(oldest) else round(oldest * 12) + 1
        ages = _read(AgeBand, {"from_months": round((youngest or 0) * 12), "to_months": to_months})
        if ages is None:
            self.notes.append("ages that run backwards")
        return _plain(ages) if ages is not None else {}

    def _places(self) -> dict[str, Any]:
        exact = self._own(Places, "places")
        if exact is not None:
            return _plain(exact)
        named = [name for area in self.service.service_areas or () if (name := one_line(area.name))]
        return {"districts": list(dict.fromkeys(named))} if named else {}

    def _referral(self) -> dict[str, Any]:
        exact = self._own(HowReferred, "referral")
        if exact is not None:
            return _plain(exact)
        steps = one_line(self.service.application_process)
        return {"steps": steps} if steps else {}

    def _locations(self) -> Iterator[dict[str, str]]:
        for place in self.service.service_at_locations or ():
            for address in (place.location.addresses or ())[:1] if place.location is not None else ():
                told = self._address(one_line(place.location.name) if place.location else "", address)
                if _read(Location, told) is None:
                    self.notes.append("an address without street, city, state or ZIP code")
                else:
                    yield told

    def _address(self, name: str, address: HsdsAddress) -> dict[str, str]:
        street = one_line(address.address_1)
        return {"name": name or street, "address": street, "city": one_line(address.city),
                "state": one_line(address.state_province).upper(), "zip_code": one_line(address.postal_code)[:5]}

    # what was checked

    def _checked(self) -> str:
        dated = self.service.assured_date or self.service.last_modified or ""
        return dated[:7] if _fits(Month, dated[:7]) else NEVER

    def _cautions(self, facts: list[str]) -> list[dict[str, Any]]:
        """Our own cautions, with those of their facts that the draft has; else the alert."""
        read = [caution for text in self.service.ours("cautions") if (caution := self._json(Caution, text)) is not None]
        own = [_plain(c.model_copy(update={"facts": tuple(fact for fact in c.facts if fact in facts)})) for c in read]
        alert = one_line(self.service.alert)
        return own or ([{"note": alert}] if alert else [])

    def _evidence(self, facts: list[str]) -> list[dict[str, Any]]:
        """What was seen of the facts that the draft has."""
        read = [seen for text in self.service.ours("evidence") if (seen := self._json(Evidence, text)) is not None]
        return [_plain(seen) for seen in read if set(seen.facts) <= set(facts)]

    # reading

    def _own(self, model: type[_Part], code: str) -> _Part | None:
        return next((part for text in self.service.ours(code) if (part := self._json(model, text)) is not None), None)

    def _json(self, model: type[_Part], text: str) -> _Part | None:
        try:
            return model.model_validate_json(text)
        except ValidationError:
            self.notes.append(f"an attribute for {model.__name__} that cannot be read")
            return None

    def _valid(self, kind: Any, text: str | None, what: str) -> str | None:
        """``text`` when it is a ``kind``; otherwise nothing, and a note."""
        written = one_line(text)
        if not written or _fits(kind, written):
            return written or None
        self.notes.append(f"{what} {written[:80]}")
        return None


def _missing(data: dict[str, Any]) -> Iterator[str]:
    """What a program needs and the draft does not have."""
    for name, parts in _NEEDED.items():
        told = data.get(name)
        if told is None and name not in _ONLY_IF_THERE:
            yield name
        elif isinstance(told, dict):
            yield from (f"{name}.{part}" for part in parts if part not in told)
    for further in data.get("more_phones", ()):
        yield from (f"more_phones.what.{language}" for language in ("en", "es") if language not in further["what"])
    said = data.get("hours", {}).get("said", {"en": "", "es": ""})
    yield from (f"hours.said.{language}" for language in ("en", "es") if language not in said)


def _fits(kind: Any, text: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return False
    return True


def _read(model: type[_Part], data: dict[str, Any]) -> _Part | None:
    try:
        return model.model_validate(data)
    except ValidationError:
        return None


def _plain(part: BaseModel) -> dict[str, Any]:
    return part.model_dump(mode="json", exclude_defaults=True)


def _uuid(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None
