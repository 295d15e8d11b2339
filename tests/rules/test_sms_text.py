"""A text as it leaves: typography made plain, letters kept, and accents dropped only where an operator asks for it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.sms_text import Accents, as_sms

# 3GPP TS 23.038, written out here anew: what is in it must never be touched.
GSM = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
       "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€")
ANY = st.text(max_size=60)
TYPOGRAPHY = st.text(st.sampled_from("‘’“”–—…• \u00a0\u200b\u200d\u2060ñáe\u0301😀?"), max_size=40)
both = pytest.mark.parametrize("accents", ["keep", "drop"])


@pytest.mark.parametrize(("written", "leaves"), [
    ("“It’s a ‘word’”", "\"It's a 'word'\""),
    ("one – two — three", "one - two - three"),
    ("wait… • point", "wait... - point"),
    ("1\u00a0of\u202f15", "1 of 15"),
    ("in\u200bvisi\u2060ble\ufeff", "invisible"),
    ("so\u00adft", "soft"),
    ("nin\u0303o", "niño"),
    ("a\u200db", "ab"),
    ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ("Él sí habló", "Él sí habló"),
])
def test_what_only_looks_better_is_made_plain(written: str, leaves: str) -> None:
    assert as_sms(written) == leaves


@pytest.mark.parametrize(("written", "leaves"), [
    ("¿Habló en español este año?", "¿Hablo en español este año?"),
    ("Él camina allí, ÁÍÓÚ", "Él camina alli, AIOU"),
    ("pingüino, bebé, ÑÉÜ ¡sí!", "pingüino, bebé, ÑÉÜ ¡si!"),
    ("2ª calle, 3º piso", "2a calle, 3o piso"),
    ("José e\u0301l, a\u0301rbol", "José él, arbol"),
])
def test_dropping_takes_only_the_accents_that_gsm_lacks(written: str, leaves: str) -> None:
    assert as_sms(written, "drop") == leaves


@both
@given(text=ANY | TYPOGRAPHY)
def test_made_plain_twice_is_made_plain_once(text: str, accents: Accents) -> None:
    assert as_sms(as_sms(text, accents), accents) == as_sms(text, accents)


@both
@given(text=st.text(st.sampled_from(GSM), max_size=60))
def test_a_text_that_is_in_the_alphabet_stays_as_it_is(text: str, accents: Accents) -> None:
    assert as_sms(text, accents) == text


@both
@given(text=ANY | TYPOGRAPHY)
def test_no_character_ever_becomes_a_question_mark(text: str, accents: Accents) -> None:
    assert as_sms(text, accents).count("?") == text.count("?")


@both
@given(text=ANY)
def test_every_letter_leaves_as_itself_or_as_its_base_letter(text: str, accents: Accents) -> None:
    letters = [character for character in unicodedata.normalize("NFC", text) if character.isalpha()]
    left = [character for character in as_sms(text, accents) if character.isalpha()]
    plain = dict(zip("áíóúÁÍÓÚªº", "aiouAIOUao", strict=True)) if accents == "drop" else {}
    assert left == [plain.get(letter, letter) for letter in letters]
