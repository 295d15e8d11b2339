"""What follows a failed text: every code that Twilio may answer or report, in one table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from intake.rules.sms_errors import TABLE, Next, meaning_of, pause_before_resending

MINUTES, HOURS = (lambda number: timedelta(minutes=number)), (lambda number: timedelta(hours=number))


@pytest.mark.parametrize(("code", "follows"), [
    ("21610", Next.SUPPRESS),
    ("30003", Next.RESEND_LATER), ("30008", Next.RESEND_LATER),
    ("429", Next.RETRY_SOON), ("20429", Next.RETRY_SOON), ("30001", Next.RETRY_SOON),
    ("21211", Next.NEVER), ("21408", Next.NEVER), ("21612", Next.NEVER), ("21614", Next.NEVER), ("21635", Next.NEVER),
    ("30005", Next.NEVER), ("30006", Next.NEVER),
    ("30007", Next.DO_NOT_REPEAT), ("30450", Next.DO_NOT_REPEAT),
    ("20003", Next.HALT), ("30002", Next.HALT), ("30034", Next.HALT),
    ("21606", Next.HALT), ("21701", Next.HALT),  # a wrong setting of ours must lose no text
    ("30610", Next.RESCHEDULE), ("30640", Next.STOP),
    ("99999", Next.NEVER), (None, Next.NEVER), ("", Next.NEVER),
])
def test_each_code_has_its_consequence(code: str | None, follows: Next) -> None:
    assert meaning_of(code).next is follows


@pytest.mark.parametrize(("code", "pauses"), [
    ("30003", [MINUTES(15), HOURS(2), HOURS(12), None]), ("30008", [MINUTES(15), None]),
    ("30610", [HOURS(12), None]), ("30007", [None]), ("21610", [None]), ("20003", [None]), (None, [None]),
])
def test_a_text_is_sent_anew_after_growing_pauses_and_not_for_ever(code: str | None, pauses: list[timedelta | None]) -> None:
    assert [pause_before_resending(code, resent) for resent in range(len(pauses))] == pauses


def test_only_what_may_pass_is_ever_sent_anew() -> None:
    again = {meaning.next for meaning in TABLE.values() if meaning.pauses}
    assert again == {Next.RESEND_LATER, Next.RETRY_SOON, Next.RESCHEDULE}
