"""Cases W1 to W5: what is not truly Twilio's, or not ours, leaves nothing; what comes twice counts once."""

from __future__ import annotations

import pytest
from line import Line, nothing
from simulator_bench import PARENT

WRONG_PLACES = (0, 13, 26)


def test_w01_a_webhook_without_a_signature_is_forbidden_counted_and_leaves_nothing(line: Line) -> None:
    counted = line.gateway.refused("sms_no_signature")
    assert line.http.post("/sms/inbound", data=line.a_text()).status_code == 403
    assert line.gateway.refused("sms_no_signature") == counted + 1
    assert nothing(line)


@pytest.mark.parametrize("place", WRONG_PLACES)
def test_w02_a_signature_wrong_in_one_place_is_forbidden_wherever_that_is(line: Line, place: int) -> None:
    fields, counted = line.a_text(), line.gateway.refused("sms_wrong_signature")
    right = line.signature_of(fields)
    wrong = right[:place] + ("A" if right[place] != "A" else "B") + right[place + 1:]
    assert len(wrong) == len(right)
    assert line.twilio.post("/sms/inbound", fields, signature=wrong).status_code == 403
    assert line.gateway.refused("sms_wrong_signature") == counted + 1
    assert nothing(line)
    assert line.twilio.post("/sms/inbound", fields, signature=right).status_code == 200


def test_w03_a_webhook_caught_and_replayed_a_day_later_has_no_second_effect(line: Line) -> None:
    fields = line.a_text(Body="hi")
    signature = line.signature_of(fields)
    assert line.twilio.post("/sms/inbound", fields, signature=signature).status_code == 200
    line.works()
    assert len(line.shown()) == 1 and [row.state for row in line.heard()] == ["done"]
    line.ages(days=1)
    before = line.kept()
    assert line.twilio.post("/sms/inbound", fields, signature=signature).status_code == 200
    assert nothing(line, before)


@pytest.mark.parametrize(("changes", "reason"), [
    ({"AccountSid": "AC" + "9" * 32}, "sms_other_account"),
    ({"AccountSid": ""}, "sms_other_account"),
    ({"To": "+18605550199", "MessagingServiceSid": "MG" + "9" * 32}, "sms_other_number"),
    ({"To": "", "MessagingServiceSid": ""}, "sms_other_number"),
])
def test_w04_a_true_signature_for_another_account_or_number_is_forbidden_and_counted(
        line: Line, changes: dict[str, str], reason: str) -> None:
    counted = line.gateway.refused(reason)
    assert line.posts(**changes).status_code == 403
    assert line.gateway.refused(reason) == counted + 1
    assert nothing(line)


def test_w05_a_body_of_a_megabyte_is_refused_before_anything_of_it_is_read(line: Line) -> None:
    unsigned, with_length = line.gateway.refused("sms_no_signature"), line.http.post("/sms/inbound", content=b"x" * 2**20)
    without_length = line.http.post("/sms/inbound", content=(b"x" * 4096 for _ in range(256)))
    assert (with_length.status_code, without_length.status_code) == (413, 413)
    assert line.posts(Body="x" * 70_000).status_code == 413, "a true signature is no help"
    assert line.gateway.refused("sms_no_signature") == unsigned, "the signature was not looked at"
    assert nothing(line)
    assert line.says("hi", phone=PARENT) != [], "the next text is heard as ever"
