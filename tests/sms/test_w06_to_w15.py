"""Cases W6 to W15: whatever stands in the fields, it is kept as far as it can be, answered once, and nothing breaks."""

from __future__ import annotations

import socket
import sys
import unicodedata
from itertools import cycle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from line import Line, nothing
from simulator_bench import PARENT, FakeProgram, serve

from intake.rules.interview import Expects, Kind
from intake.rules.text import clean
from intake.store.models import Message, SystemTraffic
from intake.usecases.receiving import receive_sms

PHONES = cycle(f"+186055501{number:02d}" for number in range(10, 100))
FEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=12)
FEWER = settings(FEW, max_examples=6)
connected: list[str] = []
sys.addaudithook(lambda event, given: connected.append(repr(given[1])) if event == "socket.connect" else None)


def last_heard(line: Line) -> Message:
    return max(line.heard(), key=lambda row: row.created_at)


def system_words(line: Line, purpose: str) -> str:
    return line.content.messages.system(purpose, "en")


@pytest.mark.parametrize(("fields", "signed"), [(201, True), (10_000, False)])
def test_w06_more_than_two_hundred_fields_are_refused_before_anything_is_checked(
        line: Line, fields: int, signed: bool) -> None:
    first = line.a_text()
    form = {**first, **{f"{number:x}": "" for number in range(fields - len(first))}}
    signature = line.signature_of(form) if signed else "none"
    counted = line.gateway.refused("too_many_fields")
    assert line.twilio.post("/sms/inbound", form, signature=signature).status_code == 400
    assert line.gateway.refused("too_many_fields") == counted + 1
    assert nothing(line)


def test_w06_two_hundred_fields_are_still_read(line: Line) -> None:
    first = line.a_text(Body="hi")
    form = {**first, **{f"{number:x}": "" for number in range(200 - len(first))}}
    assert line.twilio.post("/sms/inbound", form).status_code == 200
    line.works()
    assert [row.text for row in line.heard()] == ["hi"] and len(line.shown()) == 1


@FEWER
@given(length=st.one_of(st.integers(1_601, 12_000), st.sampled_from([1_601, 9_999, 10_000, 10_001])))
def test_w06_a_very_long_text_is_kept_in_full_read_in_part_and_flagged(line: Line, length: int) -> None:
    phone, words = next(PHONES), ("he does not talk yet. " * 600)[:length - 1] + "x"
    assert line.posts(From=phone, Body=words).status_code == 200
    line.works()
    kept = last_heard(line)
    assert (kept.state, kept.text) == ("done", words[:10_000])
    read = line.engine.turns[-1]["text"]
    assert words.startswith(read) and 1_590 < len(read) <= 1_600
    assert [reason["code"] for reason in line.case(phone)["reasons"]] == ["long_text"]
    assert len([row for row in line.said() if row.in_reply_to == kept.id]) == 1


def test_w06_a_text_of_the_longest_length_that_is_read_in_full_gets_no_flag(line: Line) -> None:
    line.says(("he does not talk yet. " * 80)[:1_600].strip())
    assert line.flags() == [] and len(line.shown()) == 1


@pytest.mark.parametrize("path", ["/sms/inbound", "/sms/inbound?bodySHA256=" + "0" * 64])
def test_w07_a_json_body_is_forbidden_and_no_fault_of_ours(line: Line, path: str) -> None:
    failures = line.gateway.failures()
    headers = {"Content-Type": "application/json", "X-Twilio-Signature": line.signature_of({}, path)}
    assert line.http.post(path, content='{"MessageSid": "SM1", "Body": "hi"}', headers=headers).status_code == 403
    assert line.gateway.failures() == failures
    assert nothing(line)


@pytest.mark.parametrize("words", ["", "   ", "\u200b"])
def test_w08_an_empty_text_is_kept_and_told_of_once_with_the_open_question(line: Line, words: str) -> None:
    line.leads_to(Kind.RELATION)
    turns, before = len(line.engine.turns), len(line.shown())
    for number in range(3):
        assert line.posts(Body=words, MessageSid=f"SMempty{number}").status_code == 200
        line.works()
    [told] = line.shown()[before:]
    assert told.startswith(system_words(line, "empty_message")) and "ask_relation" in told
    assert [(row.text, row.state) for row in line.heard()][-3:] == [("", "done")] * 3
    assert line.flags() == [] and len(line.engine.turns) == turns and line.expects() == Expects(Kind.RELATION)


def test_w08_an_empty_text_as_the_very_first_is_told_of_once_too(line: Line) -> None:
    for number in range(2):
        assert line.posts(Body="", MessageSid=f"SMempty{number}").status_code == 200
        line.works()
    assert line.shown() == [system_words(line, "empty_message")]
    assert line.says("hi") != [], "words are answered afterwards"


def test_w08_an_empty_text_is_told_of_anew_when_something_was_said_in_between(line: Line) -> None:
    line.leads_to(Kind.RELATION)
    before = len(line.shown())
    for words in ("", "mom", ""):
        line.posts(Body=words)
        line.works()
    assert [told.startswith(system_words(line, "empty_message")) for told in line.shown()[before:]] == [True, False, True]


def test_w09_a_picture_without_any_body_gets_one_honest_line_and_a_flag_for_staff(line: Line) -> None:
    line.leads_to(Kind.RELATION)
    before, failures, turns = len(line.shown()), line.gateway.failures(), len(line.engine.turns)
    for _ in range(2):
        line.says(None, media=2)
    [told] = line.shown()[before:]
    assert told.startswith(system_words(line, "picture_received")) and "ask_relation" in told
    assert [(row.text, row.media_count, row.state) for row in line.heard()][-2:] == [("", 2, "done")] * 2
    assert line.flags() == [("picture", "W9")] and line.gateway.failures() == failures
    assert len(line.engine.turns) == turns


def test_w09_a_picture_as_the_very_first_text_is_told_of_once(line: Line) -> None:
    for _ in range(2):
        line.says(None, media=1)
    assert line.shown() == [system_words(line, "picture_received")]


@pytest.mark.parametrize(("told", "counted"), [("abc", 0), ("-1", 0), ("", 0), ("1e3", 0), ("²", 0), ("٣", 0), ("3", 3),
                                               ("999", 10), ("9" * 4_000, 10)])
def test_w10_a_number_of_pictures_that_makes_no_sense_is_read_safely(line: Line, told: str, counted: int) -> None:
    assert line.posts(NumMedia=told, Body="hi").status_code == 200
    line.works()
    assert [(row.media_count, row.state) for row in line.heard()] == [(counted, "done")]
    assert line.flags() == ([("picture", "W9")] if counted else []) and len(line.shown()) == 1


def test_w11_the_address_of_a_picture_is_never_asked_for_by_anybody(line: Line) -> None:
    trap = FakeProgram(port=0)
    with serve(lambda _: trap.app()) as trap.port:
        connected.clear()
        for words in ("", "see how he walks"):
            line.posts(Body=words, NumMedia="2", MediaUrl0="http://169.254.169.254/", MediaContentType0="image/jpeg",
                       MediaUrl1=f"{trap.url}/picture")
            line.works()
        assert connected, "the connections of this process are seen"
        assert trap.received == [] and not any(f"{trap.port}" in place or "169.254" in place for place in connected)
    assert line.flags() == [("picture", "W9")] and len(line.heard()) == 2
    with line.store.engine.begin() as connection:
        rows = connection.exec_driver_sql("select to_jsonb(message)::text from message").scalars()
        assert not any("169.254" in row for row in rows)


@FEW
@given(body=st.one_of(st.binary(max_size=40), st.sampled_from([b"hola \xff\xfe", b"a\x00b", b"\x00", b"\xed\xa0\x80 no"])))
def test_w12_whatever_bytes_come_they_are_cleaned_kept_and_answered(line: Line, body: bytes) -> None:
    phone, failures = next(PHONES), line.gateway.failures()
    came = body.decode("utf-8", "replace")
    assert line.posts_bytes(body, From=phone).status_code == 200
    line.works()
    kept = last_heard(line)
    assert kept.state in ("done", "suppressed") and kept.text == clean(came) and "\x00" not in kept.text
    assert kept.original == (None if came.strip() == kept.text else came), "what cleaning took away can be looked up"
    assert line.gateway.failures() == failures


def test_w12_a_signature_over_other_bytes_than_those_received_is_forbidden(line: Line) -> None:
    fields = line.a_text(Body="hola")
    signature = line.signature_of(fields)
    assert line.twilio.post("/sms/inbound", {**fields, "Body": "hola\x00"}, signature=signature).status_code == 403
    assert nothing(line)


odd = st.text(st.one_of(st.sampled_from("\u200b\u200d\u202e\u2066\ufeff\u00ad\u0301\u0489\U000e0041"), st.sampled_from("aéñ 👶")),
              min_size=1, max_size=60)


@FEW
@given(words=st.one_of(odd, st.sampled_from(["e" + "\u0301" * 200, "\u202eabc\u202c", "n\u0303o", "\u200byes\u200b"])))
def test_w13_unseen_characters_and_piled_up_marks_go_and_what_came_is_kept(line: Line, words: str) -> None:
    phone, turns = next(PHONES), len(line.engine.turns)
    assert line.posts(From=phone, Body=words).status_code == 200
    line.works()
    kept = last_heard(line)
    assert kept.text == unicodedata.normalize("NFC", kept.text)
    assert {unicodedata.category(char) for char in kept.text}.isdisjoint({"Cc", "Cf", "Cs"})
    runs = "".join("m" if unicodedata.combining(char) else " " for char in kept.text).split()
    assert max(map(len, runs), default=0) <= 8
    assert (kept.original or kept.text) == (words if kept.original else words.strip()) and kept.state in ("done", "suppressed")
    assert all(turn["text"] == " ".join(kept.text.split()).lstrip("/ ") for turn in line.engine.turns[turns:])


def test_w13_half_an_emoji_is_kept_readably_by_whichever_way_it_comes(line: Line) -> None:
    assert line.posts_bytes(b"no \xed\xa0\xbd").status_code == 200
    receive_sms(line.store, message_sid="SMlisted", sender=PARENT, text="no \ud83d")  # as Twilio's list may have it, in JSON
    line.works()
    assert [row.state for row in line.heard()] == ["done", "done"]
    assert all(row.text.startswith("no") and row.text.isprintable() for row in line.heard())


@pytest.mark.parametrize("emoji", ["👍", "👎", "👍🏽", "🤷‍♀️"])
def test_w14_an_emoji_alone_is_an_answer_to_read_and_never_an_empty_text(line: Line, emoji: str) -> None:
    line.leads_to(Kind.MILESTONE)
    before = line.expects()
    [told] = line.says(emoji)
    turn = line.engine.turns[-1]
    assert (turn["text"], turn["context"]["expects"]["kind"]) == (clean(emoji), "milestone")
    assert before is not None and turn["context"]["expects"]["id"] == before.id
    assert "ask_milestone" in told and line.expects() == before, "what is not understood brings the question back"
    assert not [answer for answer in line.case()["answers"] if answer["item"].startswith("m18")] and line.flags() == [
        ("worry", "T2")]


@pytest.mark.parametrize("sender", ["8605550142", "32665", "HMGCT", "whatsapp:+18605550142", "+1000", "+18005550142", "",
                                    "+18605550142;ext=1", " +18605550142x"])
def test_w15_a_sender_that_is_no_phone_is_kept_as_system_traffic_and_never_answered(line: Line, sender: str) -> None:
    fields = line.a_text(From=sender, Body="Msg&data rates may apply. Reply STOP to end")
    assert [line.twilio.post("/sms/inbound", fields).status_code for _ in range(2)] == [200, 200]
    line.works()
    assert +line.kept() == {"system_traffic": 1}
    [kept] = line.all(SystemTraffic)
    assert (kept.sender, kept.text) == (sender.strip(), fields["Body"])


def test_w15_two_programs_that_answer_each_other_stop_after_the_first_word(line: Line) -> None:
    for _ in range(3):
        line.writes("Thanks for your message! We are closed.", phone="32665")
        line.works()
    assert line.shown("32665") == [] and +line.kept() == {"system_traffic": 3}


def test_w11_the_watch_over_connections_sees_one(line: Line) -> None:
    connected.clear()
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
        assert any(f"{server.getsockname()[1]}" in place for place in connected)
    assert line.heard() == []
