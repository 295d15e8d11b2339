"""Sealed columns: what the key ring opens and what it refuses, and what a look at the raw rows of a family shows."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text, update

from intake.store.connection import Store, open_store
from intake.store.encryption import DecryptionError, KeyRing, KeyRingError, new_key
from intake.store.models import Base, Child, Family, Message

PLACE = "family.contact_name"


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_again_and_is_not_to_be_seen(plain: bytes) -> None:
    ring = KeyRing([new_key()], new_key())
    sealed = ring.seal(plain, PLACE)
    assert ring.open(sealed, PLACE) == plain
    assert len(plain) < 4 or plain not in sealed


def test_the_same_words_are_never_sealed_to_the_same_bytes() -> None:
    ring = KeyRing([new_key()], new_key())
    assert ring.seal(b"Rosa", PLACE) != ring.seal(b"Rosa", PLACE)


def test_the_first_key_seals_and_every_key_opens() -> None:
    old, new, index = new_key(), new_key(), new_key()
    sealed_before = KeyRing([old], index).seal(b"Rosa", PLACE)
    rotated = KeyRing([new, old], index)
    sealed_after = rotated.seal(b"Rosa", PLACE)
    assert rotated.open(sealed_before, PLACE) == rotated.open(sealed_after, PLACE) == b"Rosa"
    assert KeyRing([new], index).open(sealed_after, PLACE) == b"Rosa"
    with pytest.raises(DecryptionError, match="GROWLINE_DATA_KEYS"):
        KeyRing([new], index).open(sealed_before, PLACE)


@given(st.integers(0), st.integers(1, 255))
def test_one_altered_byte_anywhere_is_noticed(position: int, change: int) -> None:
    ring = KeyRing([new_key()], new_key())
    sealed = bytearray(ring.seal(b"Rosa", PLACE))
    sealed[position % len(sealed)] ^= change
    with pytest.raises(DecryptionError):
        ring.open(bytes(sealed), PLACE)


@pytest.mark.parametrize("stump", [b"", b"\x01", b"\x01abcd", b"plain text"])
def test_bytes_that_were_never_sealed_do_not_open(stump: bytes) -> None:
    with pytest.raises(DecryptionError):
        KeyRing([new_key()], new_key()).open(stump, PLACE)


def test_a_value_moved_to_another_column_does_not_open() -> None:
    ring = KeyRing([new_key()], new_key())
    with pytest.raises(DecryptionError, match="another column"):
        ring.open(ring.seal(b"2024-03-04", "child.birth_date"), "child.name")


@pytest.mark.parametrize(("keys", "explained"), [([], "no data key"), (["not base64!"], "32|base64"), (["c2hvcnQ="], "5 bytes")])
def test_a_bad_data_key_is_explained_and_never_repeated(keys: list[str], explained: str) -> None:
    with pytest.raises(KeyRingError, match=explained) as told:
        KeyRing(keys, new_key())
    assert "growline key" in str(told.value)
    assert not any(key in str(told.value) for key in keys)


def test_a_phone_is_found_by_a_hash_that_needs_the_index_key() -> None:
    index = new_key()
    one, other = KeyRing([new_key()], index), KeyRing([new_key()], new_key())
    assert one.phone_index("+18605550142") == KeyRing([new_key()], index).phone_index("+18605550142")
    assert one.phone_index("+18605550142") not in (other.phone_index("+18605550142"), one.phone_index("+18605550143"))


def _a_child(store: Store) -> Child:
    with store.transaction() as session:
        child = Child(family=Family(contact_name="Rosa"), name="Mateo", birth_date=date(2024, 3, 4))
        session.add(child)
    return child


def test_a_sealed_value_pasted_into_another_column_of_the_database_is_refused(store: Store) -> None:
    child = _a_child(store)
    with store.engine.begin() as connection:
        connection.execute(text("update child set name = birth_date"))
    with store.reading() as session, pytest.raises(DecryptionError):
        session.get(Child, child.id)


def test_a_store_opened_with_another_key_reads_nothing(store: Store, database_url: str) -> None:
    child = _a_child(store)
    stranger = open_store(database_url, KeyRing([new_key()], new_key()))
    with stranger.reading() as session, pytest.raises(DecryptionError):
        session.get(Child, child.id)
    stranger.close()


def test_rows_stay_readable_while_keys_are_rotated(database_url: str, store: Store) -> None:
    old, new, index = new_key(), new_key(), new_key()
    with_old, with_both = open_store(database_url, KeyRing([old], index)), open_store(database_url, KeyRing([new, old], index))
    child = _a_child(with_old)
    with with_both.transaction() as session:
        session.get_one(Child, child.id).name = "Mateo Luis"
    with with_both.reading() as session:
        read = session.get_one(Child, child.id)
        assert (read.name, read.birth_date) == ("Mateo Luis", date(2024, 3, 4))
    with_old.close()
    with_both.close()


def test_a_connection_without_keys_cannot_read_or_write_a_familys_columns(store: Store, database_url: str) -> None:
    _a_child(store)
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        with pytest.raises(KeyRingError):
            connection.execute(select(Child.name)).all()
        with pytest.raises(Exception, match="no data keys"):
            connection.execute(update(Child).values(name="x"))
    engine.dispose()


def test_an_error_of_the_database_does_not_repeat_what_was_to_be_stored(store: Store) -> None:
    with pytest.raises(Exception) as told, store.transaction() as session:
        session.add(Child(name="Mateo Luis", birth_date=date(2024, 3, 4)))  # a child without a family
    assert "Mateo" not in str(told.value) and "2024-03-04" not in str(told.value)


def test_columns_that_hold_a_familys_words_are_all_of_a_sealed_type() -> None:
    plain_text_columns = {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns
                          if str(column.type).startswith(("VARCHAR", "TEXT"))}
    for column in ("family.contact_name", "family.phone", "child.name", "message.text", "answer.value", "answer.own_words",
                   "concern.words", "conversation.phone", "referral_move.note"):
        assert column not in plain_text_columns
    assert "message.state" in plain_text_columns, "the look at the columns itself must find something"
    assert {f"{Message.__tablename__}.{name}" for name in ("payload", "context", "understood")}.isdisjoint(plain_text_columns)
