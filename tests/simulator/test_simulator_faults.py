"""Every failure that can be asked for, seen from the real client and from the program."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from simulator_bench import ACCOUNT, PARENT, PROGRAM, TOKEN, Bench, wait_until
from twilio.base.exceptions import TwilioRestException

from simulator.faults import Faults, FaultScript


def send(bench: Bench, *, timeout: float = 5, path: str | None = None) -> Any:
    callback = f"{bench.program.url}{path}" if path else None
    more = {"status_callback": callback} if callback else {}
    return bench.twilio(timeout=timeout).messages.create(to=PARENT, from_=PROGRAM, body="hola", **more)


def accepted(bench: Bench) -> int:
    return len(bench.twilio().messages.list())


@pytest.mark.parametrize(("kind", "taken"), [("error_before", 0), ("error_after", 1)])
def test_an_error_answer_tells_nothing_about_whether_the_message_was_taken(
    bench: Bench, kind: str, taken: int
) -> None:
    bench.faults({"send": [{"kind": kind, "status": 502}]})
    with pytest.raises(TwilioRestException) as failed:
        send(bench)
    assert failed.value.status == 502
    assert accepted(bench) == taken
    send(bench)
    assert accepted(bench) == taken + 1


def test_a_fault_happens_as_often_as_asked(bench: Bench) -> None:
    bench.faults({"send": [{"kind": "error_before", "times": 3}, {"kind": "throttle"}]})
    statuses = []
    for _ in range(4):
        with pytest.raises(TwilioRestException) as failed:
            send(bench)
        statuses.append(failed.value.status)
    assert statuses == [500, 500, 500, 429]
    assert send(bench).status == "queued"


def test_an_error_can_carry_one_of_twilios_codes(bench: Bench) -> None:
    bench.faults({"send": [{"kind": "error_before", "status": 400, "code": 30034}]})
    with pytest.raises(TwilioRestException) as failed:
        send(bench)
    assert (failed.value.status, failed.value.code) == (400, 30034)


def test_throttling_says_when_to_come_back(bench: Bench) -> None:
    bench.faults({"send": [{"kind": "throttle", "retry_after": 7}]})
    account = ACCOUNT
    answer = bench.http.post(
        f"/2010-04-01/Accounts/{account}/Messages.json",
        data={"To": PARENT, "From": PROGRAM, "Body": "hola"},
        auth=(account, TOKEN),
    )
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, 20429, "7")
    assert accepted(bench) == 0


@pytest.mark.parametrize(("kind", "taken"), [("hang_before", 0), ("hang_after", 1)])
def test_a_hanging_send_times_out(bench: Bench, kind: str, taken: int) -> None:
    bench.faults({"send": [{"kind": kind, "seconds": 30}]})
    with pytest.raises(requests.exceptions.ReadTimeout):
        send(bench, timeout=0.2)
    assert accepted(bench) == taken


def test_a_client_that_waits_long_enough_gets_its_answer(bench: Bench) -> None:
    bench.faults({"send": [{"kind": "hang_after", "seconds": 0.2}]})
    began = time.monotonic()
    assert send(bench).status in {"queued", "sent", "delivered"}
    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize(("kind", "taken"), [("reset", 0), ("reset_after", 1)])
def test_a_reset_connection_has_no_answer_at_all(bench: Bench, kind: str, taken: int) -> None:
    bench.faults({"send": [{"kind": kind}]})
    with pytest.raises(requests.exceptions.ConnectionError, match="reset"):
        send(bench)
    assert accepted(bench) == taken
    assert send(bench).sid


def test_a_message_may_never_reach_the_handset(bench: Bench) -> None:
    bench.faults({"handset": [{"status": "undelivered", "error_code": 30003}]})
    sid = send(bench, path="/status/unreachable").sid
    receipts = bench.program.at("/status/unreachable", 2)
    ends = [(each.form["MessageStatus"], each.form.get("ErrorCode")) for each in receipts]
    assert ends == [("sent", None), ("undelivered", "30003")]
    assert bench.twilio().messages(sid).fetch().error_code == 30003


def test_receipts_can_come_twice(bench: Bench) -> None:
    bench.faults({"callbacks": {"duplicate": True}})
    send(bench, path="/status/twice")
    receipts = bench.program.at("/status/twice", 4)
    assert [each.form["MessageStatus"] for each in receipts] == ["sent", "sent", "delivered", "delivered"]


def test_receipts_can_come_in_the_wrong_order(bench: Bench) -> None:
    bench.faults({"callbacks": {"shuffle": True}})
    send(bench, path="/status/shuffled")
    receipts = bench.program.at("/status/shuffled", 2)
    assert [each.form["MessageStatus"] for each in receipts] == ["delivered", "sent"]


@pytest.mark.parametrize("seed", range(8))
def test_shuffling_two_receipts_always_swaps_them(seed: int) -> None:
    faults = Faults()
    faults.replace(FaultScript.model_validate({"callbacks": {"shuffle": True}, "seed": seed}))
    assert faults.shuffled(["sent", "delivered"]) == ["delivered", "sent"]


def test_receipts_can_be_lost_while_the_message_arrives(bench: Bench) -> None:
    bench.faults({"callbacks": {"drop": 1.0}})
    sid = send(bench, path="/status/lost").sid
    wait_until(lambda: len(bench.events("callback_dropped")) == 2)
    assert [event["status"] for event in bench.events("callback_dropped")] == ["sent", "delivered"]
    assert bench.twilio().messages(sid).fetch().status == "delivered"
    assert bench.program.received == []


def test_receipts_can_come_late(bench: Bench) -> None:
    bench.faults({"callbacks": {"late_seconds": 0.3}})
    began = time.monotonic()
    send(bench, path="/status/late")
    receipts = bench.program.at("/status/late", 2)
    assert time.monotonic() - began >= 0.3
    assert [each.form["MessageStatus"] for each in receipts] == ["sent", "delivered"]


def test_a_lost_webhook_leaves_the_message_in_the_list(bench: Bench) -> None:
    bench.faults({"webhooks": {"drop": 1.0}})
    answer = bench.text("please read this")
    assert (answer["webhook_status"], answer["attempts"]) == (None, 0)
    assert bench.program.received == []
    assert [message.body for message in bench.twilio().messages.list(to=PROGRAM)] == ["please read this"]
    assert len(bench.events("webhook_dropped")) == 1


def test_a_webhook_can_come_twice(bench: Bench) -> None:
    bench.faults({"webhooks": {"duplicate": True}})
    sid = bench.text("once")["sid"]
    assert [each.form["MessageSid"] for each in bench.program.at("/sms/inbound", 2)] == [sid, sid]


def test_clearing_ends_all_faults(bench: Bench) -> None:
    bench.faults({"send": [{"kind": "error_before", "times": 1000}], "webhooks": {"drop": 1.0}})
    assert bench.thread()["faults"] is True
    assert bench.http.delete("/simulator/faults").status_code == 204
    assert bench.thread()["faults"] is False
    assert send(bench).status == "queued"
    assert bench.text("hola")["webhook_status"] == 200


@pytest.mark.parametrize(
    "script",
    [
        {"send": [{"kind": "eror_before"}]},
        {"sends": []},
        {"webhooks": {"drop": 1.5}},
        {"send": [{"kind": "reset", "times": 0}]},
    ],
)
def test_a_misspelt_script_is_refused(bench: Bench, script: dict[str, Any]) -> None:
    assert bench.http.put("/simulator/faults", json=script).status_code == 422


def test_a_seed_repeats_the_lots() -> None:
    script = FaultScript.model_validate({"webhooks": {"drop": 0.5}, "seed": 7})

    def lots(faults: Faults) -> list[int]:
        faults.replace(script)
        return [faults.webhook_copies() for _ in range(40)]

    first = lots(Faults())
    assert first == lots(Faults())
    assert set(first) == {0, 1}


def test_a_slow_receipt_does_not_hold_up_other_messages(bench_with: Callable[..., Any]) -> None:
    with bench_with() as bench:
        bench.faults({"callbacks": {"late_seconds": 30}})
        send(bench, path="/status/slow")
        bench.http.delete("/simulator/faults")
        send(bench, path="/status/quick")
        assert len(bench.program.at("/status/quick", 2)) == 2
