"""Writes the directory as Open Referral HSDS 3.1: one page of services, each with its organization, phones, times and places.

What nobody has confirmed stays at home unless it is asked for, because who reads HSDS takes what it says for certain.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from intake.content.hsds import attribute, hsds_id
from intake.content.messages import Affiliate
from intake.content.program_facts import NEVER, AgeBand, Program, Strict

Json = dict[str, Any]


def to_hsds(programs: Iterable[Program], affiliate: Affiliate, *, with_unconfirmed: bool = False) -> Json:
    """The page with all ``programs``. Without ``with_unconfirmed`` drafts and unconfirmed facts are left out."""
    contents = [_Service(program, affiliate, with_unconfirmed).as_json() for program in sorted(programs, key=lambda p: p.id)
                if with_unconfirmed or program.may_be_told]
    return {"total_items": len(contents), "total_pages": 1, "page_number": 1, "size": len(contents), "first_page": True,
            "last_page": True, "empty": not contents, "contents": contents}


class _Service:
    """One program on its way to a service."""

    def __init__(self, program: Program, affiliate: Affiliate, with_unconfirmed: bool) -> None:
        self.program = program
        self.affiliate = affiliate
        self.told = frozenset(fact for fact in program.facts() if with_unconfirmed or program.shows(fact))
        self.owner = f"{affiliate.state}-{affiliate.receipt_prefix}"
        self.id = str(program.hsds.service) if program.hsds is not None else hsds_id(self.owner, "service", program.id)

    def fact(self, name: str) -> Any:
        """The fact, or None where it is not told."""
        return getattr(self.program, name) if name in self.told else None

    def as_json(self) -> Json:
        program, ages = self.program, self.fact("ages")
        referral = self.fact("referral")
        service: Json = {
            "id": self.id, "name": program.name.en, "alternate_name": program.short_name.en if program.short_name else None,
            "description": program.tell.en, "url": self.fact("url"), "email": self.fact("email"), "status": "active",
            "application_process": referral.steps if referral is not None else None,
            "eligibility_description": self.fact("who"),
            "minimum_age": minimum_age(ages) if ages is not None else None,
            "maximum_age": maximum_age(ages) if ages is not None else None,
            "assured_date": None if program.checked == NEVER else f"{program.checked}-01",
            "alert": " ".join(caution.note for caution in program.cautions) or None,
            "organization": self._organization(), "phones": list(self._phones()), "schedules": list(self._schedules()),
            "service_areas": list(self._areas()), "service_at_locations": list(self._locations()),
            "attributes": list(self._attributes()),
        }
        return {name: value for name, value in service.items() if value not in (None, [])}

    def _organization(self) -> Json | None:
        operator, ids = self.fact("operator"), self.program.hsds
        if operator is None:
            return None
        known = ids.organization if ids is not None else None
        return {"id": str(known or hsds_id(self.owner, "organization", operator)), "name": operator, "description": operator}

    def _phones(self) -> Iterator[Json]:
        for fact, kind in (("phone", "voice"), ("fax", "fax"), ("text", "text")):
            if (number := self.fact(fact)) is not None:
                yield {"id": hsds_id(self.id, fact), "number": number, "type": kind}
        for at, further in enumerate(self.fact("more_phones") or ()):
            key = hsds_id(self.id, "more_phones", str(at))
            yield {"id": key, "number": further.phone, "type": "voice", "description": further.what.en,
                   "attributes": [attribute("phone", key, "what_es", further.what.es)]}

    def _schedules(self) -> Iterator[Json]:
        hours = self.fact("hours")
        if hours is None:
            return
        if not hours.weekly:
            yield {"id": hsds_id(self.id, "schedule", "0"), "description": hours.said.en}
        for at, times in enumerate(hours.weekly):
            yield {"id": hsds_id(self.id, "schedule", str(at)), "freq": "WEEKLY", "byday": ",".join(times.days),
                   "opens_at": times.opens, "closes_at": times.closes, "description": hours.said.en}

    def _areas(self) -> Iterator[Json]:
        places = self.fact("places")
        if places is None:
            return
        codes = [f"ZIP {code}" for code in places.zip_codes]
        named = [self.affiliate.area.en] if places.everywhere else [*places.towns, *places.districts, *codes]
        for at, name in enumerate(named):
            area = {"id": hsds_id(self.id, "area", str(at)), "name": name, "extent": name, "extent_type": "text"}
            yield area | ({"description": places.note} if places.note else {})

    def _locations(self) -> Iterator[Json]:
        for at, place in enumerate(self.fact("locations") or ()):
            key = hsds_id(self.id, "location", str(at))
            address = {"id": hsds_id(key, "address"), "address_1": place.address, "city": place.city,
                       "state_province": place.state, "postal_code": place.zip_code, "country": "US", "address_type": "physical"}
            yield {"id": hsds_id(key, "service"), "location": {"id": key, "location_type": "physical", "name": place.name,
                                                              "addresses": [address]}}

    def _attributes(self) -> Iterator[Json]:
        numbers: dict[str, int] = {}
        for code, value in self._values():
            numbers[code] = numbers.get(code, -1) + 1
            yield attribute("service", self.id, code, value, numbers[code])

    def _values(self) -> Iterator[tuple[str, str]]:
        program, hours = self.program, self.fact("hours")
        yield from [("id", program.id), ("kind", program.kind), ("name_es", program.name.es), ("tell_es", program.tell.es)]
        if program.short_name is not None:
            yield "short_name_es", program.short_name.es
        if hours is not None:
            yield "hours_es", hours.said.es
        for fact in ("ages", "places", "referral"):
            if (told := self.fact(fact)) is not None:
                yield fact, _as_text(told)
        yield from (("need", need) for need in self.fact("needs") or ())
        yield from (("source", source) for source in program.source)
        yield from (("cautions", self._about_told(caution)) for caution in program.cautions)
        yield from (("evidence", self._about_told(seen)) for seen in program.evidence if self.told & set(seen.facts))
        yield from (("unconfirmed", fact) for fact in program.unconfirmed)

    def _about_told(self, part: Any) -> str:
        """A caution or evidence, with the facts that are told."""
        return _as_text(part.model_copy(update={"facts": tuple(fact for fact in part.facts if fact in self.told)}))


def _as_text(part: Strict) -> str:
    return json.dumps(part.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False, sort_keys=True)


# Ages in HSDS are years. A whole maximum is the last year of life that is served, as directories print it: "0 to 2" is up to
# the third birthday.


def minimum_age(ages: AgeBand) -> float:
    """The youngest age in years; whole years as whole numbers."""
    return _years(ages.from_months)


def maximum_age(ages: AgeBand) -> float:
    """The oldest age in years: the last whole year, or the last month that is served as a part of a year."""
    whole = ages.to_months % 12 == 0
    return ages.to_months // 12 - 1 if whole else round((ages.to_months - 1) / 12, 2)


def _years(months: int) -> float:
    return months // 12 if months % 12 == 0 else round(months / 12, 2)
