"""The packet for a program: all it needs to call, nothing that judges, and a family's text stays text in page and PDF."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask
from pypdf import PdfReader
from werkzeug.test import TestResponse

from intake.rules.referral import ReferralStatus
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Child, Consent, Conversation, Family, Referral
from intake.usecases.consent_words import OFFER_OWN, WORDS_SHOWN
from intake.usecases.staff import StaffRole, add_staff
from tests.console.desk import PASSWORD, Desk, audit_lines
from tests.console.made_up_families import MadeUpCase, a_case

Reading = Callable[[Desk, MadeUpCase], str]


def _path(case: MadeUpCase, form: str = "packet") -> str:
    return f"/cases/{case.conversation}/referrals/{case.referral}/{form}"


def _page(desk: Desk, case: MadeUpCase) -> str:
    return _squeezed(unescape(re.sub(r"<[^>]+>", " ", _got(desk, _path(case)).text)))


def _pdf(desk: Desk, case: MadeUpCase) -> str:
    return _squeezed("\n".join(page.extract_text() for page in _reader(desk, case).pages))


def _reader(desk: Desk, case: MadeUpCase) -> PdfReader:
    return PdfReader(io.BytesIO(_got(desk, _path(case, "packet.pdf")).data))


def _got(desk: Desk, path: str) -> TestResponse:
    answer = desk.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer


def _squeezed(text: str) -> str:
    return " ".join(text.split())


in_both = pytest.mark.parametrize("read", [_page, _pdf], ids=["page", "pdf"])


@in_both
def test_the_packet_has_all_a_program_needs(desk: Desk, store: Store, read: Reading) -> None:
    case = a_case(store, urgency=Urgency.URGENT, worry="antes decía mamá y ya no dice nada", language="es")
    text = read(desk, case)
    for part in (
        "Referral to Birth to Three",
        case.receipt,
        "Help Me Grow Connecticut",
        "Ines Vega",
        "Mateo Luis",
        "March 4, 2025",
        "antes decía mamá y ya no dice nada",
        "points so that others look at something too",
        "has stopped doing something",
        "Rosa Delgado-Ortiz",
        "Parent or guardian",
        "(860) 555-0142",
        "Mornings",
        "Spanish",
        "Agreed to be contacted",
        "text messages",
    ):
        assert part in text, part


@in_both
def test_the_packet_holds_no_score_no_diagnosis_and_no_code_of_ours(desk: Desk, store: Store, read: Reading) -> None:
    text = read(desk, a_case(store)).lower()
    for part in ("score", "risk", "urgent", "standard", "language_communication", "not_yet", "rule", "autis", "delay"):
        assert part not in text, part
    assert "not a screening and not a diagnosis" in text


@in_both
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<script>document.title='taken'</script>", "<script>document.title='taken'</script>"),
        ("<svg/onload=alert(1)>", "<svg/onload=alert(1)>"),
        ('=HYPERLINK("http://a.example","x")', '=HYPERLINK("http://a.example","x")'),
        ("Ana\u202egnp.exe\u2066", "Ana[U+202E]gnp.exe[U+2066]"),
        ("**Ana** __B__ {nb} %s {0}", "**Ana** __B__ {nb} %s {0}"),
        ("Zoë Ñandú Łukasz Nguyễn", "Zoë Ñandú Łukasz Nguyễn"),
    ],
)
def test_s06_s07_s08_what_a_family_typed_is_text_and_nothing_else(
    desk: Desk, store: Store, read: Reading, name: str, shown: str
) -> None:
    case = a_case(store, child_name=name, worry=name)
    assert read(desk, case).count(shown) == 2, read(desk, case)


@in_both
def test_a_name_of_200_letters_is_shown_whole(desk: Desk, store: Store, read: Reading) -> None:
    name = "".join(chr(ord("a") + place % 26) for place in range(200))
    text = read(desk, a_case(store, child_name=name))
    assert name in text.replace(" ", "")


def test_s07_the_page_has_no_element_that_a_family_made(desk: Desk, store: Store) -> None:
    case = a_case(store, child_name="<img src=x onerror=alert(1)>", worry="</blockquote><script>alert(1)</script>")
    text = _got(desk, _path(case)).text
    assert "<script" not in text and "<img" not in text and "&lt;script&gt;" in text


@in_both
def test_a_paper_names_the_year_in_which_the_family_agreed(desk: Desk, store: Store, read: Reading) -> None:
    text = read(desk, a_case(store))
    assert re.search(rf"Agreed to be contacted: \w{{3}} \d+, {datetime.now(UTC).year}, ", text), text


def test_the_page_may_run_send_and_load_nothing(desk: Desk, store: Store) -> None:
    case = a_case(store)
    for form in ("packet", "packet.pdf"):
        headers = _got(desk, _path(case, form)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "form-action 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "script" not in policy and "connect" not in policy and "unsafe" not in policy
        assert headers["Cache-Control"] == "no-store"


def test_the_pdf_is_a_file_named_by_the_receipt_number_alone(desk: Desk, store: Store) -> None:
    case = a_case(store)
    answer = _got(desk, _path(case, "packet.pdf"))
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={case.receipt}.pdf"
    reader = PdfReader(io.BytesIO(answer.data))
    assert reader.metadata is not None and reader.metadata.title == case.receipt
    assert "Mateo" not in str(reader.metadata)


def test_the_pdf_runs_nothing_and_links_nowhere(desk: Desk, store: Store) -> None:
    reader = _reader(desk, a_case(store, worry="see http://a.example and javascript:alert(1)"))
    assert {"/OpenAction", "/AA", "/Names"} & {*reader.trailer["/Root"]} <= {"/OpenAction"}
    assert "/JavaScript" not in str(reader.trailer["/Root"])
    assert all("/Annots" not in page for page in reader.pages)


def test_an_ordinary_packet_is_one_page_and_a_long_story_goes_on_whole(desk: Desk, store: Store) -> None:
    assert len(_reader(desk, a_case(store)).pages) == 1
    story = " ".join(f"word{number}" for number in range(900))
    case = a_case(store, worry=story)
    pages = _reader(desk, case).pages
    assert len(pages) > 1 and "word899" in _pdf(desk, case) and case.receipt in pages[-1].extract_text()


def test_a_letter_that_the_font_does_not_have_is_named_and_no_log_holds_it(
    desk: Desk, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    case = a_case(store, child_name="陽 Ana", worry="mi hija 陽 no habla")
    text = _pdf(desk, case)
    assert "[U+967D] Ana" in text and "mi hija [U+967D] no habla" in text
    for private in ("陽", "967d", "Ana", "habla", "5550142"):
        assert private not in caplog.text, private


@pytest.mark.parametrize("status", [ReferralStatus.DRAFT, ReferralStatus.DECLINED])
def test_without_a_parents_yes_there_is_no_packet(desk: Desk, store: Store, status: ReferralStatus) -> None:
    case = a_case(store, status=status)
    for form in ("packet", "packet.pdf"):
        answer = desk.get(_path(case, form))
        assert answer.status_code == 409
        assert "no yes of the family" in answer.text and "Mateo" not in answer.text
    assert audit_lines(store, "packet.viewed") == []
    assert "/packet" not in desk.get(f"/cases/{case.conversation}").text


def test_a_yes_that_was_taken_back_counts_no_more(desk: Desk, store: Store) -> None:
    case = a_case(store)
    with store.transaction() as session:
        family = session.get_one(Conversation, case.conversation).family_id
        session.add(Consent(family_id=family, conversation_id=case.conversation, kind="contact", given=False, source="sms",
                            words_shown="contact-1", at=datetime.now(UTC)))
    assert desk.get(_path(case)).status_code == 409


@pytest.mark.parametrize("version", [WORDS_SHOWN[OFFER_OWN], "offer_own-99"])
def test_a_way_that_the_family_goes_by_itself_has_no_packet(desk: Desk, store: Store, version: str) -> None:
    case = a_case(store)
    with store.transaction() as session:
        family = session.get_one(Conversation, case.conversation).family_id
        own = Consent(family_id=family, conversation_id=case.conversation, kind="contact", given=True, source="sms",
                      words_shown=version, at=datetime.now(UTC))
        session.add(own)
        session.flush()
        session.get_one(Referral, case.referral).consent_id = own.id
    assert desk.get(_path(case)).status_code == 409
    assert "/packet" not in desk.get(f"/cases/{case.conversation}").text


def test_every_look_at_a_packet_leaves_its_line(desk: Desk, store: Store, ines: int) -> None:
    case = a_case(store)
    _got(desk, _path(case))
    _got(desk, _path(case, "packet.pdf"))
    lines = [(line.actor, line.object_id, line.detail) for line in audit_lines(store, "packet.viewed")]
    assert lines == [(f"staff:{ines}", str(case.referral), "page"), (f"staff:{ines}", str(case.referral), "pdf")]


def test_s03_a_referral_of_another_case_has_no_packet_here(desk: Desk, store: Store) -> None:
    case, other = a_case(store), a_case(store)
    assert desk.get(f"/cases/{case.conversation}/referrals/{other.referral}/packet").status_code == 404
    assert desk.get(f"/cases/{case.conversation}/referrals/{other.referral}/packet.pdf").status_code == 404


def test_an_administrator_sees_no_packet(app: Flask, store: Store) -> None:
    case = a_case(store)
    add_staff(store, "ada@example.org", "Ada Cruz", PASSWORD, StaffRole.ADMINISTRATOR)
    ada = Desk(app)
    ada.sign_in("ada@example.org")
    answers = [ada.get(_path(case)), ada.get(_path(case, "packet.pdf"))]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert audit_lines(store, "packet.viewed") == []


@in_both
def test_in_spanish_the_packet_is_whole_too(desk: Desk, store: Store, read: Reading) -> None:
    desk.client.set_cookie("console_language", "es", domain="console.example")
    text = read(desk, a_case(store))
    for part in ("Referido a", "con las palabras de la familia", "he only says two words", "Aceptó que le contacten"):
        assert part in text, part


@in_both
def test_a_child_of_whom_little_is_known_makes_a_packet_as_well(desk: Desk, store: Store, read: Reading) -> None:
    case = a_case(store, flagged=False)
    with store.transaction() as session:
        child, family = session.get_one(Child, case.child), session.query(Family).one()
        child.name = child.birth_date = None
        family.contact_name = family.best_time = family.place = family.relation = None
    text = read(desk, case)
    assert text.count("not told") == 5 and "age not known" in text and "No worry was told." in text
