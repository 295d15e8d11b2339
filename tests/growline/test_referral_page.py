"""The page about the life of a referral is what its command writes, and says what the rules say."""

from __future__ import annotations

from growline.referral_page import PAGE, referral_page
from intake.content.console_texts import load_console_texts
from intake.rules.referral import MOVES, ReferralStatus, needs_reason
from intake.settings import ROOT

TEXTS = load_console_texts(ROOT / "content")


def test_the_page_about_referrals_is_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == referral_page(TEXTS), "run: growline referrals diagram"


def test_every_move_stands_in_the_picture_and_no_other() -> None:
    arrows = [line.strip() for line in referral_page(TEXTS).splitlines() if "-->" in line and "[*]" not in line]
    wanted = [
        f"{before} --> {after}" + (" : reason" if needs_reason(before, after) else "")
        for before in ReferralStatus
        for after in ReferralStatus
        if after in MOVES[before]
    ]
    assert arrows == wanted


def test_the_picture_begins_at_the_draft_and_ends_where_nothing_follows() -> None:
    page = referral_page(TEXTS)
    assert page.count("[*] --> draft") == 1 and page.count("closed --> [*]") == 1 and page.count("[*]") == 2
