"""What the directory and Open Referral HSDS have in common: ids, and the attributes for what HSDS has no field for.

HSDS 3.1 (https://docs.openreferral.org). A name or description there is in one language.
What is Spanish, and what only we have, stands in ``attributes`` with terms of a taxonomy of ours.
"""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, uuid5

TAXONOMY = "growline"
_OURS = uuid5(NAMESPACE_URL, "growline/hsds")

# What an attribute holds, by its code. Those with "es" are the Spanish of a field of HSDS; the others are ours alone, and
# where they are no plain text they are JSON, as in the program's own file.
TERMS: dict[str, str] = {
    "id": "id of the program",
    "kind": "kind of program",
    "need": "a need that is served",
    "name_es": "name, in Spanish",
    "short_name_es": "short name, in Spanish",
    "tell_es": "description, in Spanish",
    "hours_es": "description of the schedule, in Spanish",
    "what_es": "description of the phone, in Spanish",
    "ages": "ages in months, and whether from pregnancy",
    "places": "towns, districts and ZIP codes",
    "referral": "how a referral travels",
    "cautions": "what may stop being true",
    "evidence": "where each fact was seen, and when",
    "source": "a page on which the program was read",
    "unconfirmed": "facts that nobody has confirmed",
}


def hsds_id(*parts: str) -> str:
    """The UUID of what ``parts`` name; the same parts always have the same one."""
    return str(uuid5(_OURS, "/".join(parts)))


def attribute(entity: str, link: str, code: str, value: str, number: int = 0) -> dict[str, Any]:
    """One attribute of the ``entity`` whose id is ``link``; ``number`` tells several of one ``code`` apart."""
    term: dict[str, Any] = {"id": hsds_id("term", code), "code": code, "name": TERMS[code], "description": TERMS[code],
                            "taxonomy": TAXONOMY}
    if code.endswith("_es"):
        term["language"] = "es"
    return {"id": hsds_id(link, "attribute", code, str(number)), "link_id": link, "taxonomy_term_id": term["id"],
            "link_entity": entity, "label": TERMS[code], "value": value, "taxonomy_term": term}
