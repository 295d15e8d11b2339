"""What a family answers to the question after words of danger, in both languages, misspelled, and what is no answer."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.content.going_on import load_going_on
from intake.content.yaml_source import ContentError
from intake.rules.after_danger import AfterDangerWords, Asked, Told, read_after_danger, still_open

FOLDER = Path(__file__).parents[2] / "content" / "safety"
SAFE, NOW, READ = Asked.SAFE_NOW, Asked.HAPPENING_NOW, Asked.SAFE_TO_READ


@cache
def words() -> AfterDangerWords:
    return load_going_on(FOLDER).words


def read(text: str, asked: Asked = SAFE) -> Told | None:
    return read_after_danger(text, asked, words())


@pytest.mark.parametrize("text", ["yes", "Yes!", "yesss", "yep thank you", "ya", "👍", "👍🏽", "shes ok now",
    "he is safe with me", "everyone is ok",
                                  "yes she is at grandmas", "sí", "si gracias", "Sí, ya está bien", "esta a salvo",
                                  "ya esta mejor",
                                  "todos estamos bien", "claro que sí", "false alarm", "we are saf"])
def test_safe_is_understood(text: str) -> None:
    assert read(text) is Told.SAFE


@pytest.mark.parametrize("text", ["no", "NO", "nope", "noo", "not yet", "no hes still on the floor", "he is not ok",
    "she isnt better",
                                  "still bleeding", "its getting worse", "im scared", "the ambulance isnt coming",
                                  "nobody answers, not answering",
                                  "no, todavía no", "aun no", "no está bien", "sigue llorando", "está peor", "tengo miedo",
                                  "no contestan"])
def test_not_safe_is_understood(text: str) -> None:
    assert read(text) is Told.NOT_SAFE


@pytest.mark.parametrize("text", ["not sure", "idk", "i dont know", "maybe", "i hope so", "no se", "No sé", "nose",
    "no estoy segura", "tal vez",
                                  "yes but he looks pale", "sí pero está raro", "we dont know if she swallowed it", "??"])
def test_who_is_not_sure_or_says_yes_but_is_not_taken_for_safe(text: str) -> None:
    assert read(text) is Told.UNSURE


@pytest.mark.parametrize("text", ["we are at the hospital", "at the er", "were at the hopsital", "911 is coming",
    "the ambulance is on the way",
                                  "i called 911", "calling 911", "im on the phone with poison control", "paramedics are here",
                                  "yes we called 911", "we r going to the hospital",
                                  "estamos en el hospital", "ya viene la ambulancia", "la ambulancia viene en camino",
                                  "ya llamé al 911",
                                  "vamos para emergencias", "estoy hablando con el 911", "estamos en urgencias"])
def test_help_that_is_there_is_understood(text: str) -> None:
    assert read(text) is Told.HELP_IS_THERE


@pytest.mark.parametrize("text", ["go", "GO", "Go.", "go on please", "lets go on", "yes go on", "continue", "save my place",
    "siga", "SIGA",
                                  "sí, siga", "seguimos", "quiero seguir", "adelante", "dale"])
@pytest.mark.parametrize("asked", list(Asked))
def test_going_on_is_understood_after_each_question(text: str, asked: Asked) -> None:
    assert read(text, asked) is Told.GO_ON


@pytest.mark.parametrize(("text", "told"), [
    ("yes", Told.NOT_SAFE), ("si ahora mismo", Told.NOT_SAFE), ("yes its happening", Told.NOT_SAFE), ("no", Told.NOT_NOW),
    ("no it was last year", Told.NOT_NOW), ("yesterday", Told.NOT_NOW), ("fue ayer", Told.NOT_NOW), ("ya pasó, está bien",
    Told.NOT_NOW),
    ("no se", Told.UNSURE), ("not sure", Told.UNSURE), ("she is ok now", Told.NOT_NOW), ("still shaking", Told.NOT_SAFE)])
def test_a_yes_to_is_this_happening_now_is_no_good_news(text: str, told: Told) -> None:
    assert read(text, NOW) is told


@pytest.mark.parametrize("text", ["call me at 860-555-0134", "text my sister instead", "call me tomorrow",
    "use another number", "llámeme mañana",
                                  "escríbame a otro número", "llame a mi hermana, el teléfono de mi hermana",
                                  "call me after 5"])
def test_another_way_to_be_reached_is_understood_after_violence_at_home(text: str) -> None:
    assert read(text, READ) is Told.OTHER_WAY
    assert read(text, SAFE) is not Told.OTHER_WAY


@pytest.mark.parametrize("text", ["he does not talk", "she says mama", "my son is 2 years old", "what is this",
    "how much does it cost", "en español",
                                  "can i talk to a person", "is he safe?", "the car seat is safe?", "gracias", "thank you",
                                  "he is better at walking now",
                                  "¿cuánto cuesta?", "mi hijo no habla", "quiero hablar con una persona",
                                  "no me llamo rosa soy ana y vivo en la calle trece", ""])
def test_what_is_no_answer_stays_for_the_engine_and_for_staff(text: str) -> None:
    assert read(text) is None


@given(st.text(max_size=200), st.sampled_from(Asked))
def test_any_text_is_read_without_a_fault_and_the_same_way_twice(text: str, asked: Asked) -> None:
    told = read(text, asked)
    assert told is None or told in Told
    assert read(text, asked) == told


@given(st.sampled_from(["yes", "si", "she is safe", "esta bien", "we are fine"]),
       st.sampled_from(["not sure", "no se", "but she is pale", "pero está raro", "still bleeding", "getting worse",
       "está peor"]))
def test_a_doubt_beside_a_yes_is_never_taken_for_safe(good: str, doubt: str) -> None:
    for text in (f"{good} {doubt}", f"{good}. {doubt}", f"{doubt}, {good}"):
        assert read(text) in (Told.UNSURE, Told.NOT_SAFE, None), text


@given(st.sampled_from(["yes", "no", "go", "siga", "not sure", "no sé", "sí"]), st.sampled_from(["", " ", "!", "...",
    " please", " gracias"]),
       st.booleans(), st.sampled_from(Asked))
def test_capitals_and_courtesies_change_nothing(text: str, after: str, loud: bool, asked: Asked) -> None:
    assert read((text.upper() if loud else text) + after, asked) is read(text, asked)


def test_a_danger_stands_until_it_was_told_that_it_is_over() -> None:
    assert [told for told in (None, *Told) if still_open(told)] == [None, Told.NOT_SAFE, Told.UNSURE]


@pytest.mark.parametrize(("before", "after", "complaint"), [
    ("    not_safe:\n", "    not_saf:\n", "'patterns' needs exactly these"), ("  safe_now:", "  safe_noww:", "safe_now"),
    ("{helper} .. is|are here", "{helpr} .. is|are here", "names the set 'helpr'"), ("    go: [go", "    goes: [go",
    "'whole' needs exactly these")])
def test_a_mistake_in_the_file_is_named(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    text = (FOLDER / "going_on.yaml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "going_on.yaml").write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ContentError, match="going_on") as error:
        load_going_on(tmp_path)
    assert complaint in str(error.value)
