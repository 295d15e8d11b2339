"""The attacks on the console that come in a family's words, and two people at one case: S6 to S8, S12 of our list of bad inputs.

Of the others S3 is shown where sight is tested, S6 and S14 with the exports, S9 with the search, S15 with the audit trail, S17
with the talk and S18 with every form, all by their numbers; S1 to S16 of accounts in ``test_s_people``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from intake.store.connection import Store
from intake.store.models import Conversation, Family, Flag
from intake.usecases.staff import StaffRole
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk
from tests.console.made_up_families import MadeUpCase, a_case

SVG = "<svg/onload=alert(1)>Ana"
TURNED = "Ana \u202egnp.exe\u2066 \u0410na"  # turned round, and a Cyrillic letter that looks like an A
SHOWN = "Ana [U+202E]gnp.exe[U+2066] \u0410na"
LONG = "Wolfeschlegelstein" * 11 + "ab"
_TAGS = re.compile(r"<(?:svg(?![ >])|script(?! src=\"/static/)|img|iframe|object)[^>]*|\son\w+\s*=", re.I)


def a_family_called(store: Store, name: str) -> MadeUpCase:
    """A family whose every word is ``name``, referred three days ago, looked after by Ines."""
    case = a_case(store, child_name=name, worry=name, waiting=timedelta(days=3))
    with store.transaction() as session:
        conversation = session.get_one(Conversation, case.conversation)
        family = session.get_one(Family, conversation.family_id)
        family.contact_name = family.place = family.doctor = name
        conversation.assignee_id = 1
    return case


def pages_of(desk: Desk, case: MadeUpCase, looked_for: str = "Ana") -> dict[str, str]:
    """Every page that tells of a case, by name."""
    of_case = f"/cases/{case.conversation}"
    referral = f"{of_case}/referrals/{case.referral}"
    read = {"queue": "/", "rows": "/live/queue", "case": of_case, "day": "/day", "talk": f"{of_case}/talk",
            "packet": f"{referral}/packet", "exports": "/exports"}
    found = {name: desk.get(path) for name, path in read.items()}
    found["search"] = desk.post("/search", {"looked_for": looked_for})
    found["refused"] = desk.post(f"{referral}/moves", {"to": "sent", "version": "1", "note": looked_for})
    assert {name: answer.status_code for name, answer in found.items()} == {**dict.fromkeys(found, 200), "refused": 422}
    return {name: answer.text for name, answer in found.items()}


def pdf_of(desk: Desk, case: MadeUpCase) -> str:
    """The text of the packet as a PDF."""
    data = desk.get(f"/cases/{case.conversation}/referrals/{case.referral}/packet.pdf").data
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_s07_a_name_that_is_markup_is_text_on_every_page_and_in_the_packet(desk: Desk, store: Store, ines: int) -> None:
    case = a_family_called(store, SVG)
    pages = pages_of(desk, case)
    for name, page in pages.items():
        assert _TAGS.findall(page) == [], name
    for name in ("case", "packet", "talk", "refused"):
        assert "&lt;svg/onload=alert(1)&gt;Ana" in pages[name], name
    assert case.receipt in pages["search"] and "<bdi" in pages["search"]
    assert SVG in pdf_of(desk, case)


def test_s08_a_name_that_turns_letters_round_shows_what_it_does_on_every_page(desk: Desk, store: Store, ines: int) -> None:
    case = a_family_called(store, TURNED)
    pages = pages_of(desk, case)
    for name, page in pages.items():
        assert not {"\u202e", "\u2066"} & set(unescape(page)), name
    for name in ("case", "packet", "talk", "queue"):
        assert re.search(r"<bdi[^>]*>[^<]*\[U\+202E\]gnp\.exe\[U\+2066\] \u0410na", pages[name]), name
    assert SHOWN in re.sub(r"\s+", " ", pdf_of(desk, case))


def test_s08_a_name_of_200_letters_is_whole_where_it_is_read_and_short_where_one_chooses(
    desk: Desk, store: Store, ines: int
) -> None:
    assert len(LONG) == 200
    case = a_family_called(store, LONG)
    pages = pages_of(desk, case, LONG)
    assert all(LONG in pages[name] for name in ("case", "packet", "talk"))
    assert LONG not in pages["queue"] and case.receipt in pages["search"]
    assert LONG in re.sub(r"\s", "", pdf_of(desk, case))


# S12: Omar does the first deed, Ines the second from a page that she opened before his.
Answered = tuple[int, str]
Both = Callable[[Desk, Desk, MadeUpCase, Store], tuple[Answered, Answered]]


def _moves(desk: Desk, case: MadeUpCase, to: str, note: str) -> Answered:
    path = f"/cases/{case.conversation}/referrals/{case.referral}/moves"
    return _said(desk, path, {"to": to, "version": "1", "source": "staff", "note": note})


def _sorts(desk: Desk, case: MadeUpCase, domain: str) -> Answered:
    path = f"/cases/{case.conversation}/worries/{case.first_message}/domains"
    return _said(desk, path, {"domain": [domain], "shown": ["language_communication"]})


def _assigns(desk: Desk, case: MadeUpCase) -> Answered:
    return _said(desk, f"/cases/{case.conversation}/assignee", {"to": "me", "shown": "nobody"})


def _clears(desk: Desk, case: MadeUpCase, store: Store, because: str) -> Answered:
    with store.reading() as session:
        flag = session.scalars(select(Flag.id).where(Flag.conversation_id == case.conversation).order_by(Flag.code)).first()
    return _said(desk, f"/cases/{case.conversation}/flags/{flag}/clear", {"because": because})


def _notes(desk: Desk, text: str) -> Answered:
    return _said(desk, "/day/notes", {"to": "team", "shown": "", "text": text})


def _takes_over(desk: Desk, case: MadeUpCase) -> Answered:
    return _said(desk, f"/cases/{case.conversation}/take-over", {"shown": ""})


def _in_his_place(desk: Desk, case: MadeUpCase) -> Answered:
    """Takes over from whoever writes, as their page offered it."""
    shown = re.search(r'name="shown" value="(\d+)"', desk.get(f"/cases/{case.conversation}").text.partition('id="talk"')[2])
    return _said(desk, f"/cases/{case.conversation}/take-over", {"shown": shown[1] if shown else ""})


def _writes(desk: Desk, case: MadeUpCase, text: str) -> Answered:
    return _said(desk, f"/cases/{case.conversation}/texts", {"text": text, "key": str(uuid4()), "for_this_family": "yes"})


def _hands_back(desk: Desk, case: MadeUpCase) -> Answered:
    return _said(desk, f"/cases/{case.conversation}/hand-back", {})


def _said(desk: Desk, path: str, fields: dict[str, object]) -> Answered:
    answer = desk.post(path, fields)
    return answer.status_code, unescape(answer.text)


def _both_write(omar: Desk, ines: Desk, case: MadeUpCase, second: Callable[[], Answered]) -> tuple[Answered, Answered]:
    """Ines has taken over, Omar takes over from her, and she goes on as if he had not."""
    _takes_over(ines, case)
    return _in_his_place(omar, case), second()


FORMS: dict[str, tuple[Both, tuple[str, ...]]] = {
    "move": (lambda omar, ines, case, store: (_moves(omar, case, "sent", "faxed"), _moves(ines, case, "sent", "my own note")),
             ("changed this referral", "Omar Diaz", "Sent", "my own note")),
    "sorting": (lambda omar, ines, case, store: (_sorts(omar, case, "sleep"), _sorts(ines, case, "sensory")),
                ("sorted this worry", 'value="sensory" checked', "leep")),
    "assigning": (lambda omar, ines, case, store: (_assigns(omar, case), _assigns(ines, case)), ("Omar Diaz has this case now",)),
    "clearing": (lambda omar, ines, case, store: (_clears(omar, case, store, "safe_now"), _clears(ines, case, store, "misread")),
                 ("has been cleared meanwhile", "everybody is safe now")),
    "note": (lambda omar, ines, case, store: (_notes(omar, "call the Ortiz family"), _notes(ines, "fax is broken")),
             ("wrote a note meanwhile", "call the Ortiz family", "fax is broken</textarea>")),
    "take over": (lambda omar, ines, case, store: (_takes_over(omar, case), _takes_over(ines, case)),
                  ("Omar Diaz has taken over",)),
    "text": (lambda omar, ines, case, store: _both_write(omar, ines, case, lambda: _writes(ines, case, "my words")),
             ("my words</textarea>", "Omar Diaz writes with this family")),
    "hand back": (lambda omar, ines, case, store: _both_write(omar, ines, case, lambda: _hands_back(ines, case)),
                  ("Omar Diaz writes with this family",)),
}


@pytest.mark.parametrize("form", FORMS)
def test_s12_of_two_people_at_one_case_the_second_sees_what_changed_and_loses_nothing(
    app: Flask, desk: Desk, store: Store, form: str
) -> None:
    case = a_case(store)
    a_colleague(store)
    omar = desk_of(app, "Omar")
    for page in (desk, omar):
        page.get(f"/cases/{case.conversation}")
    both, expected = FORMS[form]
    first, (status, page) = both(omar, desk, case, store)
    assert first[0] == 303, first
    assert status == 409, page
    for part in expected:
        assert part in page, part


def test_s12_two_supervisors_at_one_export_are_told_too(app: Flask, desk: Desk, store: Store) -> None:
    for name in ("Luz Marin", "Ben Ortiz"):
        a_colleague(store, name, StaffRole.SUPERVISOR)
    day = str(datetime.now(UTC).date() - timedelta(days=1))
    desk.post("/exports", {"from_day": day, "to_day": day, "columns": "with_families", "purpose": "other_purpose", "line": "why",
                           "key": str(uuid4())})
    luz, ben = desk_of(app, "Luz"), desk_of(app, "Ben")
    found = re.search(r"/exports/[0-9a-f-]{36}/approve", ben.get("/exports").text)
    assert found is not None
    assert _said(luz, found[0], {})[0] == 303
    status, page = _said(ben, found[0].replace("approve", "refuse"), {})
    assert status == 409 and "decided meanwhile" in page and "Luz Marin" in page
