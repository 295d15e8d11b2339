"""While the database cannot take what Twilio sends, it waits sealed on the disk, and is stored once, in order, afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from database_door import Door, wait_until
from fastapi.testclient import TestClient
from gateway_bench import PARENT, Twilio, app_of, gateway_settings, messages, turns_waiting
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from gateway.app import create_operations_app
from gateway.incoming import InboundText, Incoming, Receipt, from_bytes, name_of, to_bytes
from gateway.spool import Spool
from intake.settings import SettingsError
from intake.store.connection import Store
from intake.store.encryption import KeyRing, new_key
from intake.store.models import DeliveryReceipt, SystemTraffic

Keys = tuple[str, str]
OTHER_PARENT = "+18605550143"
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@pytest.fixture
def door(database_url: str, store: Store) -> Iterator[Door]:
    with Door(database_url) as door:
        yield door


@contextmanager
def a_gateway(url: str, keys: Keys) -> Iterator[Twilio]:
    with TestClient(app_of(gateway_settings(url, keys)), raise_server_exceptions=False) as client:
        yield Twilio(client)


@pytest.fixture
def twilio(door: Door, keys: Keys) -> Iterator[Twilio]:
    """Twilio before a gateway that reaches its database through the door."""
    with a_gateway(door.url, keys) as twilio:
        yield twilio


def sealed(spool: Path) -> list[Path]:
    return sorted(spool.glob("*.sealed"))


def figure(twilio: Twilio, name: str) -> float:
    page = TestClient(create_operations_app(twilio.client.app)).get("/metrics").text  # type: ignore[union-attr]
    return float(next(line.split()[-1] for line in page.splitlines() if line.startswith(f"growline_gateway_{name}")))


def texts_of(store: Store, words: str = "") -> list[str]:
    return [message.text for message in messages(store) if message.text.startswith(words)]


def test_while_the_database_is_down_a_text_is_taken_in_all_the_same(twilio: Twilio, door: Door, spool: Path) -> None:
    door.shut()
    response = twilio.send_text()
    assert (response.status_code, response.text) == (200, EMPTY_TWIML)
    assert len(sealed(spool)) == figure(twilio, "spool_waiting") == 1
    assert figure(twilio, "spool_oldest_seconds") > 0


def test_a_spooled_file_holds_nothing_readable_and_is_for_its_owner_alone(twilio: Twilio, door: Door, spool: Path) -> None:
    door.shut()
    twilio.send_text(Body="He does not talk yet", MessageSid="SM1234567890")
    [file] = sealed(spool)
    for private in ("talk", PARENT[2:], "SM1234567890", "text", "sender"):
        assert private.encode() not in file.read_bytes() and private not in file.name
    assert (file.stat().st_mode & 0o777, spool.stat().st_mode & 0o777) == (0o600, 0o700)


def test_what_waited_is_stored_once_and_in_order_though_twilio_repeated_it(twilio: Twilio, door: Door, store: Store,
                                                                           spool: Path) -> None:
    door.shut()
    for number in range(6):
        for _ in range(2):
            sender = (PARENT, OTHER_PARENT)[number % 2]
            assert twilio.send_text(MessageSid=f"SM{number}", From=sender, Body=f"{number}").status_code == 200
    assert len(sealed(spool)) == 6
    door.open()
    wait_until(lambda: not sealed(spool))
    told = sorted(messages(store), key=lambda message: message.seq)
    by_family = {m.conversation_id: [other.text for other in told if other.conversation_id == m.conversation_id] for m in told}
    assert sorted(by_family.values()) == [["0", "2", "4"], ["1", "3", "5"]]
    assert twilio.send_text(MessageSid="SM0").status_code == 200
    assert len(messages(store)) == turns_waiting(store) == 6


def test_a_text_that_comes_while_others_wait_does_not_overtake_them(door: Door, keys: Keys, store: Store, spool: Path) -> None:
    with a_gateway(door.url, keys) as twilio:
        door.shut()
        for number in range(30):
            twilio.send_text(MessageSid=f"SM{number:02}", Body=f"{number:02}")
        door.open()
        for number in range(30, 40):
            twilio.send_text(MessageSid=f"SM{number}", Body=f"{number}")
        wait_until(lambda: len(messages(store)) == 40)
    assert [m.text for m in sorted(messages(store), key=lambda m: m.seq)] == [f"{number:02}" for number in range(40)]


def test_a_database_that_hangs_holds_no_webhook(twilio: Twilio, door: Door, store: Store, spool: Path) -> None:
    twilio.send_text(MessageSid="SM1", Body="before")
    door.hang()  # connections that stand, too
    assert twilio.send_text(MessageSid="SM2", Body="in it").status_code == 200
    assert len(sealed(spool)) == 1
    assert twilio.client.get("/health/ready").json() == {"status": "spooling"}
    door.open()
    wait_until(lambda: not sealed(spool))
    assert texts_of(store) == ["before", "in it"]


def test_a_gateway_that_starts_while_its_database_hangs_takes_texts(door: Door, keys: Keys, spool: Path) -> None:
    door.hang()
    with a_gateway(door.url, keys) as twilio:
        assert twilio.send_text().status_code == 200
        assert len(sealed(spool)) == 1


def test_receipts_wait_too(twilio: Twilio, door: Door, store: Store, spool: Path) -> None:
    door.shut()
    id = uuid4()
    for _ in range(2):
        response = twilio.post(f"/sms/status/{id}", {"MessageSid": "SM5", "MessageStatus": "delivered"})
        assert (response.status_code, response.content) == (204, b"")
    assert len(sealed(spool)) == 1
    door.open()
    wait_until(lambda: not sealed(spool))
    with store.reading() as session:
        assert [(row.told_of, row.state, row.known) for row in session.scalars(select(DeliveryReceipt))] == [
            (str(id), "delivered", False)]


def test_what_no_person_sent_waits_as_such(twilio: Twilio, door: Door, store: Store, spool: Path) -> None:
    door.shut()
    twilio.send_text(From="32665", Body="Your code is 1")
    door.open()
    wait_until(lambda: not sealed(spool))
    with store.reading() as session:
        assert [row.sender for row in session.scalars(select(SystemTraffic))] == ["32665"]
    assert messages(store) == []


def test_the_gateway_is_ready_while_it_can_keep_texts_and_red_when_nothing_works(twilio: Twilio, door: Door,
                                                                                 spool: Path) -> None:
    door.shut()
    assert twilio.client.get("/health/ready").json() == {"status": "spooling"}
    spool.rename(spool.with_name("away"))
    assert twilio.client.get("/health/ready").status_code == 503
    response = twilio.send_text()
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert "He does not talk" not in response.text
    spool.with_name("away").rename(spool)
    assert twilio.send_text().status_code == 200


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_owned_up_to_leaves_no_half_file_and_is_got_over(
        door: Door, keys: Keys, store: Store, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = small_disk / "spool"
    monkeypatch.setenv("GROWLINE_SPOOL", str(spool))
    with a_gateway(door.url, keys) as twilio:
        door.shut()
        filling = small_disk / "filling"
        filling.write_bytes(bytes(64 * 1024 - 12 * 1024))
        answers = [twilio.send_text(MessageSid=f"SM{n}", Body="x" * 6000).status_code for n in range(4)]
        kept = answers.count(200)
        assert answers == [200] * kept + [503] * (4 - kept) and kept < 4
        assert len(sealed(spool)) == kept and not list(spool.glob("*.new"))
        assert twilio.client.get("/health/ready").status_code == 503
        filling.unlink()
        assert twilio.send_text(MessageSid="SM9", Body="x").status_code == 200
        door.open()
        wait_until(lambda: len(messages(store)) == kept + 1)


def test_a_gateway_whose_spool_cannot_be_written_to_does_not_start(keys: Keys, spool: Path, tmp_path: Path) -> None:
    spool.write_text("a file, not a folder")
    with pytest.raises(SettingsError) as stopped:
        Spool(spool, KeyRing([keys[0]], keys[1])).prepare()
    assert "GROWLINE_SPOOL" in str(stopped.value) and "\n" not in str(stopped.value)
    with a_process("postgresql://nobody@127.0.0.1:9/none", keys, spool, tmp_path) as gateway:
        _, said = gateway.communicate(timeout=60)
    assert gateway.returncode == 1 and said.startswith("Growline cannot start; GROWLINE_SPOOL") and said.count("\n") == 1


def test_a_gateway_that_dies_between_storing_a_file_and_removing_it_stores_nothing_twice(
        keys: Keys, database_url: str, store: Store, spool: Path, tmp_path: Path) -> None:
    waiting = Spool(spool, KeyRing([keys[0]], keys[1]))
    waiting.prepare()
    text = InboundText(message_sid="SM1", sender=PARENT, text="hola", media_count=0, opt_out_type="STOP")
    waiting.put(name_of(text), to_bytes(text), 1)
    (tmp_path / "received").touch()
    with a_process(database_url, keys, spool, tmp_path) as dies:
        assert dies.wait(timeout=60) == -signal.SIGKILL
    assert len(messages(store)) == len(sealed(spool)) == 1
    with a_process(database_url, keys, spool, tmp_path):
        wait_until(lambda: not sealed(spool), seconds=60)
    assert [(m.text, m.opt_out_type) for m in messages(store)] == [("hola", "STOP")] and turns_waiting(store) == 1


@contextmanager
def a_process(database: str, keys: Keys, spool: Path, failpoints: Path) -> Iterator[subprocess.Popen[str]]:
    """The gateway as its own program, on ports nobody else has."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [str(listener.getsockname()[1]) for listener in (one, other)]
    settings = {"GROWLINE_DATABASE_URL": database, "GROWLINE_DATA_KEYS": keys[0], "GROWLINE_INDEX_KEY": keys[1],
                "GROWLINE_SPOOL": str(spool), "GROWLINE_FAILPOINTS": str(failpoints), "TWILIO_ACCOUNT_SID": "AC1",
                "TWILIO_AUTH_TOKEN": "t", "GROWLINE_PUBLIC_URL": "https://growline.example", "GATEWAY_PORT": ports[0],
                "GATEWAY_OPERATIONS_PORT": ports[1]}
    process = subprocess.Popen([sys.executable, "-m", "gateway"], env=settings, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def test_files_that_do_not_open_are_set_aside_and_hold_up_nothing(twilio: Twilio, door: Door, store: Store,
                                                                  spool: Path, keys: Keys) -> None:
    door.shut()
    twilio.send_text(MessageSid="SM1", Body="altered")
    [altered] = sealed(spool)
    altered.write_bytes(altered.read_bytes()[:-1] + b"x")
    stranger = Spool(spool, KeyRing([new_key()], keys[1]))
    stranger.put("of-another-key", b"{}", 1)
    Spool(spool, KeyRing([keys[0]], keys[1])).put("of-another-version", b'{"kind": "voice"}', 2)
    twilio.send_text(MessageSid="SM2", Body="good")
    door.open()
    wait_until(lambda: texts_of(store) == ["good"] and not sealed(spool))
    assert len(list(spool.glob("*.unreadable"))) == figure(twilio, "spool_unreadable") == 3
    assert twilio.send_text(MessageSid="SM3", Body="later").status_code == 200
    wait_until(lambda: texts_of(store) == ["good", "later"])  # at once, or from the spool where the disk is busy


def test_a_file_of_a_key_that_was_missing_is_stored_by_the_next_gateway_that_has_it(door: Door, keys: Keys, store: Store,
                                                                                    spool: Path) -> None:
    new = new_key()
    door.shut()
    with a_gateway(door.url, (new, keys[1])) as twilio:
        twilio.send_text()
    door.open()
    with a_gateway(door.url, keys):
        wait_until(lambda: bool(list(spool.glob("*.unreadable"))))
    with a_gateway(door.url, (f"{keys[0]},{new}", keys[1])):
        wait_until(lambda: len(messages(store)) == 1 and not list(spool.glob("*.*able")))


@contextmanager
def a_column_missing(store: Store) -> Iterator[None]:
    rename = "alter table message rename column {} to {}"
    with store.transaction() as session:
        session.connection().exec_driver_sql(rename.format("opt_out_type", "gone"))
    try:
        yield
    finally:
        with store.transaction() as session:
            session.connection().exec_driver_sql(rename.format("gone", "opt_out_type"))


def test_a_text_our_own_fault_keeps_out_waits_until_it_is_mended_and_holds_up_nothing(twilio: Twilio, store: Store,
                                                                                      spool: Path) -> None:
    with a_column_missing(store):
        assert twilio.send_text(Body="mended").status_code == 200
        wait_until(lambda: figure(twilio, "failures_total") >= 2)  # at the webhook, and when it was tried again
        assert len(sealed(spool)) == 1
        assert twilio.send_text(MessageSid="SM2", From="32665").status_code == 200  # straight into its own table
        assert len(sealed(spool)) == 1
    wait_until(lambda: texts_of(store) == ["mended"])


def test_two_gateways_share_a_folder_and_one_at_a_time_empties_it(twilio: Twilio, door: Door, store: Store, spool: Path,
                                                                  keys: Keys) -> None:
    door.shut()
    for number in range(5):
        twilio.send_text(MessageSid=f"SM{number}", Body=f"{number}")
    other = Spool(spool, KeyRing([keys[0]], keys[1]))
    wait_until(lambda: _takes_turn(other, lambda: door.open(), lambda: twilio.send_text(MessageSid="SM5", Body="5")))
    with a_gateway(door.url, keys):
        wait_until(lambda: len(messages(store)) == 6)
    assert texts_of(store) == [f"{number}" for number in range(6)]


def _takes_turn(other: Spool, *meanwhile: Callable[[], object]) -> bool:
    with other.draining() as mine:
        if mine:
            for one in meanwhile:
                one()
            assert len(other.waiting()) == 6
        return mine


def test_what_a_gateway_left_half_written_when_it_died_is_swept_away_in_time(tmp_path: Path, keys: Keys) -> None:
    spool = Spool(tmp_path, KeyRing([keys[0]], keys[1]))
    fresh, old = tmp_path / "a.1.new", tmp_path / "b.2.new"
    for half in (fresh, old):
        half.write_bytes(b"half")
    os.utime(old, (1, 1))
    spool.sweep()
    assert sorted(path.name for path in tmp_path.iterdir()) == [fresh.name]


def test_what_is_spooled_anew_keeps_the_place_of_the_first(tmp_path: Path, keys: Keys) -> None:
    spool = Spool(tmp_path, KeyRing([keys[0]], keys[1]))
    for name, arrived in (("b", 1_000), ("a", 2_000), ("b", 3_000)):
        spool.put(name, name.encode(), arrived)
    assert [spool.open(path) for path in spool.waiting()] == [b"b", b"a"]


anything = st.builds(InboundText, message_sid=st.text(), sender=st.text(), text=st.text(), media_count=st.integers(0, 10),
                     opt_out_type=st.none() | st.just("STOP")) | st.builds(
    Receipt, told_of=st.text(), provider_sid=st.text(), state=st.text(), error_code=st.none() | st.text())


@given(incoming=anything)
def test_whatever_is_spooled_is_read_again_as_it_was(incoming: Incoming) -> None:
    assert from_bytes(to_bytes(incoming)) == incoming
    assert len(name_of(incoming)) == 64


@given(plain=st.binary() | st.text().map(str.encode))
def test_what_is_no_spooled_text_is_refused_and_nothing_else(plain: bytes) -> None:
    with pytest.raises(ValueError):
        from_bytes(plain)


def test_a_receipt_of_another_state_is_another_file() -> None:
    one = Receipt(told_of=str(UUID(int=1)), provider_sid="SM1", state="sent", error_code=None)
    assert name_of(one) != name_of(one.model_copy(update={"state": "delivered"}))
