"""The parent's side: the thread, the carrier's own words, the page, the history, and the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gsm0338
import pytest
from simulator_bench import PARENT, PROGRAM, Bench
from twilio.base.exceptions import TwilioRestException

from simulator.phone import read_number
from simulator.segments import GSM_BASIC, GSM_EXTENSION, count_segments
from simulator.settings import SettingsError, read_settings

ENVIRONMENT = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "new, old",
    "TWILIO_FROM": PROGRAM,
    "SIMULATOR_WEBHOOK_URL": "http://127.0.0.1:8080/sms/inbound",
}


def send(bench: Bench, body: str = "hola", to: str = PARENT) -> Any:
    return bench.twilio().messages.create(to=to, from_=PROGRAM, body=body)


def test_the_thread_shows_both_sides_of_one_phone_only(bench: Bench) -> None:
    bench.text("hi, my son is 2")
    send(bench, "Hello. ¿Español?")
    bench.text("other family", phone="+18605550143")
    shown = [(message["from"], message["text"]) for message in bench.thread()["messages"]]
    assert shown == [("parent", "hi, my son is 2"), ("program", "Hello. ¿Español?")]
    assert bench.http.get("/simulator/phones").json() == {"phones": ["+18605550143", PARENT]}


def test_asking_again_brings_only_what_is_new_or_changed(bench: Bench) -> None:
    bench.text("one")
    first = bench.thread()
    assert bench.thread(after=first["next"])["messages"] == []
    sid = send(bench).sid
    seen: list[str] = []
    after = first["next"]
    while "delivered" not in seen:
        answer = bench.thread(after=after)
        seen += [message["status"] for message in answer["messages"] if message["sid"] == sid]
        assert {message["sid"] for message in answer["messages"]} <= {sid}
        after = answer["next"]
    assert bench.thread(after=after)["messages"] == []


def test_the_thread_tells_how_the_program_took_a_text(bench: Bench) -> None:
    bench.program.answers[:] = [403]
    bench.text("hola")
    (message,) = bench.thread()["messages"]
    assert (message["webhook_done"], message["webhook_status"]) == (True, 403)


@pytest.mark.parametrize("word", ["STOP", "stop", " Stop ", "CANCEL", "end", "Unsubscribe"])
def test_an_opt_out_word_alone_blocks_the_phone_and_is_passed_on(bench: Bench, word: str) -> None:
    bench.text(word)
    form = bench.program.at("/sms/inbound", 1)[0].form
    assert form["Body"] == word
    assert "OptOutType" not in form
    with pytest.raises(TwilioRestException) as refused:
        send(bench)
    assert (refused.value.status, refused.value.code) == (400, 21610)
    assert bench.thread()["blocked"] is True
    send(bench, to="+18605550143")


@pytest.mark.parametrize("text", ["STOP PLEASE", "stop.", "he won't stop hitting", "the end", "PARAR", ""])
def test_other_texts_block_nobody(bench: Bench, text: str) -> None:
    bench.text(text)
    assert send(bench).status == "queued"


@pytest.mark.parametrize("word", ["START", "yes", "Unstop"])
def test_an_opt_in_word_lifts_the_block(bench: Bench, word: str) -> None:
    bench.text("STOP")
    bench.text(word)
    assert send(bench).status == "queued"


def test_the_carrier_answers_its_words_on_the_phone_and_not_in_the_api(bench: Bench) -> None:
    for word in ("STOP", "STOP", "START", "HELP"):
        bench.text(word)
    froms = [message["from"] for message in bench.thread()["messages"]]
    assert froms == ["parent", "carrier", "parent", "parent", "carrier", "parent", "carrier"]
    assert {message.direction for message in bench.twilio().messages.list()} == {"inbound"}


def test_yes_is_an_ordinary_answer_while_nothing_is_blocked(bench_with: Callable[..., Any]) -> None:
    with bench_with(advanced_opt_out=True) as bench:
        for word in ("YES", "STOP", "YES", "info", "hola"):
            bench.text(word)
        forms = [received.form for received in bench.program.at("/sms/inbound", 5)]
        kinds = [form.get("OptOutType") for form in forms]
        assert kinds == [None, "STOP", "START", "HELP", None]


def test_the_page_shows_the_phone_asked_for_and_runs_only_its_own_script(bench: Bench) -> None:
    page = bench.http.get("/", params={"number": "(860) 555-0177"})
    assert page.status_code == 200
    assert 'data-phone="+18605550177"' in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert PARENT in bench.http.get("/").text
    script = bench.http.get("/static/phone.js")
    assert script.status_code == 200
    assert "innerHTML" not in script.text
    assert bench.http.get("/static/phone.css").status_code == 200


def test_a_number_that_is_markup_is_not_shown(bench: Bench) -> None:
    assert "<img" not in bench.http.get("/", params={"number": '"><img src=x onerror=alert(1)>'}).text


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+18605550142", "+18605550142"),
        (" 18605550142", "+18605550142"),
        ("860-555-0142", "+18605550142"),
        ("32665", "32665"),
        ("whatsapp:+18605550142", "whatsapp:+18605550142"),
        ("", None),
        ("<b>", None),
    ],
)
def test_numbers_are_read_the_way_people_write_them(written: str, number: str | None) -> None:
    assert read_number(written) == number


def test_half_an_emoji_is_refused_without_breaking(bench: Bench) -> None:
    answer = bench.http.post(
        f"/simulator/phones/{PARENT}/messages",
        content=b'{"text": "\\ud83d secret"}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 422
    assert "secret" not in answer.text


def test_another_host_name_does_not_reach_the_controls(bench: Bench) -> None:
    answer = bench.http.get("/simulator/history", headers={"host": "evil.example.org"})
    assert answer.status_code == 400


def test_the_history_keeps_everything_in_order(bench: Bench) -> None:
    sid = bench.text("private worry")["sid"]
    bench.twilio().messages(sid).update(body="")
    bench.twilio().messages(sid).delete()
    events = bench.http.get("/simulator/history").json()["events"]
    names = [event["event"] for event in events]
    assert names == ["inbound_received", "webhook_posted", "message_redacted", "message_deleted"]
    assert [event["seq"] for event in events] == [1, 2, 3, 4]
    assert events[0]["body"] == "private worry"
    assert bench.http.get("/simulator/history", params={"after": 3}).json()["events"] == events[3:]


def test_a_reset_forgets_everything_and_gives_the_page_a_sign(bench: Bench) -> None:
    bench.text("STOP")
    before = bench.thread()["run"]
    bench.faults({"webhooks": {"drop": 1.0}})
    assert bench.http.post("/simulator/reset").status_code == 204
    thread = bench.thread()
    assert (thread["messages"], thread["blocked"], thread["faults"]) == ([], False, False)
    assert thread["run"] != before
    assert bench.http.get("/simulator/history").json() == {"events": []}


def test_health_and_metrics_answer_without_a_word_of_anybody(bench: Bench) -> None:
    bench.text("private worry")
    assert bench.http.get("/health/live").json() == {"status": "live"}
    assert bench.http.get("/health/ready").json() == {"status": "ready"}
    metrics = bench.http.get("/metrics").text
    assert 'simulator_events{event="inbound_received"} 1' in metrics
    assert "private" not in metrics and "0142" not in metrics


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        pytest.param("", "GSM-7", 1, id="an empty text is still one"),
        pytest.param("a" * 160, "GSM-7", 1, id="the most one segment holds"),
        pytest.param("a" * 161, "GSM-7", 2, id="one more"),
        pytest.param("a" * 306, "GSM-7", 2, id="two full ones"),
        pytest.param("a" * 307, "GSM-7", 3, id="two full ones and one more"),
        pytest.param("€" * 80, "GSM-7", 1, id="extension characters count twice"),
        pytest.param("a" * 152 + "€" + "a" * 152, "GSM-7", 3, id="an escape is never split off"),
        pytest.param("ñ" * 160, "GSM-7", 1, id="ñ is in the alphabet"),
        pytest.param("í" + "a" * 69, "UCS-2", 1, id="í is not"),
        pytest.param("í" + "a" * 70, "UCS-2", 2, id="so 71 are two"),
        pytest.param("😟" * 35, "UCS-2", 1, id="an emoji takes two places"),
        pytest.param("😟" * 67, "UCS-2", 3, id="and is never split"),
    ],
)
def test_segments_are_counted_as_carriers_do(text: str, encoding: str, segments: int) -> None:
    counted = count_segments(text)
    assert (counted.encoding, counted.segments) == (encoding, segments)


def test_the_alphabet_is_the_standards() -> None:
    standard = gsm0338.Codec()
    for character in map(chr, range(0x2FFF)):
        try:
            places = len(standard.encode(character)[0])
        except UnicodeError:
            places = 0
        if character == "\x1b":
            # The escape announces an extension character; by itself no text can hold it.
            continue
        expected = 1 if character in GSM_BASIC else 2 if character in GSM_EXTENSION else 0
        assert places == expected, f"U+{ord(character):04X}"


def test_settings_are_read_from_the_environment() -> None:
    settings = read_settings(ENVIRONMENT | {"SIMULATOR_SIGNING_URL": "https://grow.example.org/"})
    assert settings.auth_tokens == ("new", "old")
    assert (settings.port, settings.signing_url) == (8090, "https://grow.example.org")


def test_missing_settings_are_all_named_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"TWILIO_FROM": PROGRAM})
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SIMULATOR_WEBHOOK_URL"):
        assert name in str(refused.value)
    assert "TWILIO_FROM" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"SIMULATOR_PORT": "0"},
        {"SIMULATOR_PORT": "eighty"},
        {"SIMULATOR_WEBHOOK_URL": "127.0.0.1:8080"},
        {"SIMULATOR_ADVANCED_OPT_OUT": "maybe"},
        {"SIMULATOR_RECEIPT_DELAY": "-1"},
        {"SIMULATOR_RECEIPT_DELAY": "nan"},
        {"TWILIO_AUTH_TOKEN": " , "},
        {"TWILIO_API_KEY_SID": "SK1"},
    ],
)
def test_an_unusable_setting_is_named(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        read_settings(ENVIRONMENT | wrong)
