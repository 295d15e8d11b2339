"""Stop, start, help and language requests, in the words people really send."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from intake.content.keywords import load_keywords, load_languages
from intake.rules.keywords import Keyword, KeywordLists, means_opt_out, read_keyword
from intake.rules.language import LanguageLists, asks_for_language, recognise

FOLDER = Path(__file__).parents[2] / "content" / "keywords"


@cache
def keywords() -> KeywordLists:
    return load_keywords(FOLDER)


@cache
def languages() -> LanguageLists:
    return load_languages(FOLDER)


W19 = [
    "STOP",
    "stop.",
    "Stop!",
    " STOP ",
    "ＳＴＯＰ",
    "Stop\n",
    "“stop”",
    "STOOOP",
    "stopall",
    "Unsubscribe",
    "quit",
    "END",
    "revoke",
    "cancel",
    "opt out",
    "OPT-OUT",
    "optout",
    "ALTO",
    "alto.",
    "PARAR",
    "Cancelar",
    "NO MÁS",
    "no mas",
    "¡No más!",
    "BAJA",
]


@pytest.mark.parametrize("text", W19)
def test_w19_an_exact_stop_word_in_any_dress_is_an_opt_out(text: str) -> None:
    assert read_keyword(text, keywords()) is Keyword.OPT_OUT


@pytest.mark.parametrize(
    "text", ["stop hitting", "yes stop", "ending", "cancelled", "no", "más", "stopped", "the end", ""]
)
def test_w19_a_longer_or_nearby_message_is_no_exact_keyword(text: str) -> None:
    assert read_keyword(text, keywords()) is None


@pytest.mark.parametrize("text", ["START", "unstop", "Comenzar", "start!"])
def test_w23_start_is_an_opt_in(text: str) -> None:
    assert read_keyword(text, keywords()) is Keyword.OPT_IN


def test_w24_yes_is_an_opt_in_only_while_the_sender_has_opted_out() -> None:
    assert read_keyword("YES", keywords()) is None
    assert read_keyword("sí", keywords()) is None
    assert read_keyword("YES", keywords(), stopped=True) is Keyword.OPT_IN
    assert read_keyword("Sí", keywords(), stopped=True) is Keyword.OPT_IN


@pytest.mark.parametrize("text", ["HELP", "ayuda", "Ayuda!", "info"])
def test_w25_help_is_help(text: str) -> None:
    assert read_keyword(text, keywords()) is Keyword.HELP


W20 = [
    "please stop texting me",
    "STOP please",
    "Please stop",
    "stop now",
    "stop stop stop",
    "no mas",
    "dejen de escribirme",
    "unsubscribe me pls",
    "leave me alone",
    "quit messaging me",
    "stop sending me messages",
    "don't text me anymore",
    "dont contact me again",
    "no more texts",
    "I don't want these messages",
    "take me off your list",
    "remove my number",
    "opt me out",
    "I want to stop",
    "I want to opt out",
    "i revoke my consent",
    "cancel my subscription",
    "can you stop texting this number",
    "no longer want to get texts",
    "stop txting",
    "stop it",
    "plz stop msging me",
    "no me manden más mensajes",
    "no me escriban",
    "ya no me escriban",
    "por favor no me manden mensajes",
    "no quiero más mensajes",
    "no quiero que me escriban",
    "déjenme en paz",
    "paren de escribirme",
    "dejen de mandarme mensajes",
    "deje de molestarme",
    "alto por favor",
    "quiero darme de baja",
    "bórreme de la lista",
    "borren mi número",
    "no me molesten más",
    "ya no quiero recibir mensajes",
    "no más mensajes",
    "cancelar por favor",
    "ya no quiero mensajes",
    "stopppp texting me",
]


@pytest.mark.parametrize("text", W20)
def test_w20_a_wish_for_no_more_texts_is_an_opt_out(text: str) -> None:
    assert means_opt_out(text, keywords())


W21 = [
    "he won't stop hitting",
    "i dont want to text a bot",
    "please remove my son from the list",
    "delete my data",
    "pare por ahora",
    "quiteme de su sistema",
    "stop biting",
    "she stops breathing at night",
    "ya no quiere comer",
    "no más palabras",
    "he stopped talking",
    "how do I get him to stop screaming",
    "she won't leave me alone",
    "he doesn't stop",
    "I can't get her to stop biting",
    "does it ever end",
    "he says stop a lot",
    "when does this phase end",
    "no deja de llorar",
    "no para de llorar",
    "dejó de hablar",
    "no habla más",
    "ya no dice nada",
    "when I say stop he laughs",
    "she doesn't text yet lol",
    "he won't stop crying please help",
    "I want him to stop hitting his sister",
    "no más",
    "leave him alone",
    "she tells other kids to leave me alone",
    "stop go and no are his words",
    "can we stop for today and go on tomorrow",
    "no quiero que deje de comer",
    "quiero cancelar la cita",
    "wants to be left alone",
    "he quit using his words",
    "no puede parar de moverse",
    "yes",
    "no",
    "nothing",
    "he will not write his name",
    "my message did not send",
    "I got your message",
    "does his fear go away",
    "fin de semana",
]
W21.remove("no más")


@pytest.mark.parametrize("text", W21)
def test_w21_what_a_child_will_not_stop_doing_is_no_opt_out(text: str) -> None:
    assert not means_opt_out(text, keywords())


LANGUAGES = [
    ("en", "he doesn't talk yet"),
    ("en", "My daughter is not walking"),
    ("en", "I am worried about her speech"),
    ("en", "yes"),
    ("en", "not yet"),
    ("es", "mi hijo no habla"),
    ("es", "todavía no camina"),
    ("es", "no habla mucho y tiene dos años"),
    ("es", "si"),
    ("es", "hola buenas tardes"),
    ("es", "me preocupa mi niña"),
    ("es", "nació en marzo"),
    ("mixed", "my hijo no habla mucho but he walks"),
    ("mixed", "mi son is not talking, estoy preocupada"),
    ("mixed", "hola, my daughter tiene 2 years"),
    ("other", "minha filha não fala ainda"),
    ("other", "Meu filho tem dois anos e não anda"),
    ("other", "mon fils ne parle pas encore"),
    ("other", "pitit mwen pa pale"),
    ("other", "Pitit gason mwen an poko pale"),
    ("other", "moje dziecko jeszcze nie mówi"),
    ("other", "我的孩子还不会说话"),
    ("other", "Мой сын не говорит"),
    ("other", "ابني لا يتكلم"),
    ("unknown", "ok"),
    ("unknown", "Ana"),
    ("unknown", "12/3/2023"),
    ("unknown", "no"),
    ("unknown", "👍"),
    ("unknown", "y"),
    ("unknown", "Y."),
    ("unknown", ""),
    ("unknown", "王小明"),
    ("unknown", "Lê Müller"),
    ("unknown", "O'Neil"),
    ("unknown", "06120"),
    ("unknown", "Иван"),
    ("unknown", "João"),
]


@pytest.mark.parametrize(("language", "text"), LANGUAGES, ids=[f"{name}-{text}" for name, text in LANGUAGES])
def test_n9_n10_the_language_is_told_apart_or_left_open(language: str, text: str) -> None:
    assert recognise(text, languages()) == language


ASKS = [
    ("es", "español"),
    ("es", "espanol por favor"),
    ("es", "ES"),
    ("es", "¿habla español?"),
    ("es", "Spanish please"),
    ("es", "can we do this in Spanish?"),
    ("es", "en español"),
    ("es", "no hablo inglés"),
    ("es", "I don't speak English"),
    ("es", "hay alguien que hable? prefiero español"),
    ("en", "English please"),
    ("en", "EN"),
    ("en", "in english"),
    ("en", "inglés"),
    ("en", "do you speak English?"),
    ("en", "I only speak English"),
    ("en", "can you write in English"),
    (None, "he speaks English at school"),
    (None, "we speak Spanish at home"),
    (None, "es una niña"),
    (None, "habla español en la casa"),
    (None, "no"),
    (None, "he says words in English and Spanish"),
    (None, "en la casa"),
    (None, "mi hija habla inglés en la escuela"),
]


@pytest.mark.parametrize(("language", "text"), ASKS, ids=[f"{name}-{text}" for name, text in ASKS])
def test_a_wish_for_a_language_is_heard_and_a_childs_language_is_not_one(language: str | None, text: str) -> None:
    assert asks_for_language(text, languages()) == language
